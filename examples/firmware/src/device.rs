//! From reset to a connection in TLS.

use crate::board::{self, Nic};
use crate::net::blocking::{self, Net};
use crate::settings::Settings;
use crate::store::provisioned;
use crate::tls::{self, CertificateDer, Trust, blocking::Tls};
use crate::{net, stack};
use static_cell::{ConstStaticCell, StaticCell};

/// A device that has started, with the polled network.
pub struct Device {
    /// What it was told.
    pub settings: Settings,
    net: &'static Net,
    tls: &'static mut tls::Memory,
    trust: Trust<'static>,
}

/// Why there is no connection.
#[derive(Debug, defmt::Format)]
pub enum ConnectError {
    /// The network.
    Net(net::Error),
    /// The handshake, or whom it was done with.
    Tls(tls::Error),
}

/// Starts the clock, reads the settings. To be called once, first of all.
///
/// # Panics
///
/// If called twice, and without settings or an authority to trust.
pub fn start() -> (Settings, Trust<'static>) {
    stack::paint();
    let core = cortex_m::Peripherals::take().expect("we start once");
    board::init(core.SYST);
    let settings = Settings::read();
    defmt::info!("{=str} watches {=str} on {=str}", board::NAME, settings.mailbox, settings.host);
    (settings, trust(settings.host))
}

fn trust(host: &'static str) -> Trust<'static> {
    static ROOM: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
    static AUTHORITY: StaticCell<CertificateDer<'static>> = StaticCell::new();
    let authority = provisioned(c"ca.der", ROOM.take()).expect("ca.der, of at most 1 KiB");
    let authority = AUTHORITY.init(CertificateDer::from_slice(authority));
    Trust::new(authority, host).expect("an authority's certificate, and a host's name")
}

impl Device {
    /// Starts. To be called once, first of all.
    ///
    /// # Panics
    ///
    /// As [`start`].
    #[inline(never)]
    pub fn start() -> Self {
        static NET_MEMORY: ConstStaticCell<blocking::Memory> =
            ConstStaticCell::new(blocking::Memory::new());
        static NET: StaticCell<Net> = StaticCell::new();
        static TLS_MEMORY: ConstStaticCell<tls::Memory> = ConstStaticCell::new(tls::Memory::new());
        let (settings, trust) = start();
        let [a, b, c, d, e, f, g, h, ..] = board::entropy();
        let seed = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let net = NET.init_with(|| Net::new(Nic::new(), NET_MEMORY.take(), seed));
        Self { settings, net, tls: TLS_MEMORY.take(), trust }
    }

    /// Connects to the server, and sees to it that it is the right one.
    ///
    /// # Errors
    ///
    /// [`ConnectError`].
    #[inline(never)]
    pub fn connect(&mut self) -> Result<Tls<'_>, ConnectError> {
        let Settings { address, port, .. } = self.settings;
        let start = board::millis();
        let socket = self.net.connect(address, port).map_err(ConnectError::Net)?;
        let tls = Tls::open(socket, self.tls, &self.trust, &self.settings, board::entropy())
            .map_err(ConnectError::Tls)?;
        defmt::info!("TLS after {=u32} ms", board::millis().wrapping_sub(start));
        Ok(tls)
    }
}

/// Says how much RAM was used, and ends.
pub fn end(code: i32) -> ! {
    defmt::info!("{}", stack::used());
    board::exit(code)
}
