//! From reset to a connection in TLS.

use crate::board::{self, Nic};
use crate::net::blocking::{self, Net};
use crate::settings::Settings;
use crate::store::provisioned;
use crate::tls::{self, CertificateDer, Trust, blocking::Tls};
use crate::{net, stack};
use embedded_tls::TlsError;
use mailwire::io::ClientError;
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

/// Why a session ended. `R` is what the protocol calls a refusal.
#[derive(Debug, defmt::Format)]
pub enum Failure<R> {
    /// There was none.
    Connect(ConnectError),
    /// The connection failed, or the server refused.
    Mail(ClientError<TlsError, R>),
}

impl<R> From<ConnectError> for Failure<R> {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}

impl<R> From<ClientError<TlsError, R>> for Failure<R> {
    fn from(error: ClientError<TlsError, R>) -> Self {
        Self::Mail(error)
    }
}

/// How long to wait between two tries: milliseconds.
pub const RETRY: u32 = 5000;

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

    /// Runs sessions, until one ends well or as many as are allowed have failed.
    pub fn run<R: defmt::Format>(
        mut self,
        mut session: impl FnMut(&mut Self) -> Result<(), Failure<R>>,
    ) -> ! {
        let mut tries = 0;
        loop {
            match session(&mut self) {
                Ok(()) => end(0),
                Err(failure) => defmt::error!("{}", failure),
            }
            tries += 1;
            if tries == self.settings.tries {
                end(1);
            }
            board::sleep(RETRY);
        }
    }
}

/// Says how much RAM was used, and ends.
pub fn end(code: i32) -> ! {
    defmt::info!("{}", stack::used());
    board::exit(code)
}
