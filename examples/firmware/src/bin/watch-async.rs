//! The same as `watch`, with an executor: while it waits, nothing runs.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use embassy_executor::{Executor, Spawner};
use embassy_net::Stack;
use embassy_time::{Instant as Moment, Timer};
use firmware::board::{self, Nic, Uptime};
use firmware::device::{self, ConnectError, end};
use firmware::net::asynch::{self as net, Socket};
use firmware::pager::{Pager, RX, TEXT, TX};
use firmware::settings::Settings;
use firmware::tls::{self, Trust, asynch::Tls};
use mailwire::io::asynch::Driver;
use mailwire::watch::{ImapWatch, Watched};
use mailwire::{Buffers, Instant, Progress};
use static_cell::{ConstStaticCell, StaticCell};

/// All that a session needs to have its place.
struct Memory {
    net: net::Memory,
    tls: tls::Memory,
    rx: [u8; RX],
    tx: [u8; TX],
    text: [u8; TEXT],
}

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let (settings, trust) = device::start();
    EXECUTOR.init(Executor::new()).run(|spawner: Spawner| {
        let [a, b, c, d, e, f, g, h, ..] = board::entropy();
        let (stack, task) = net::start(Nic::new(), u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        spawner.spawn(task);
        spawner.spawn(net::feed().expect("it is called once"));
        spawner.spawn(watch(stack, settings, trust).expect("it is called once"));
    })
}

#[embassy_executor::task]
async fn watch(stack: Stack<'static>, settings: Settings, trust: Trust<'static>) {
    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
        net: net::Memory::new(),
        tls: tls::Memory::new(),
        rx: [0; RX],
        tx: [0; TX],
        text: [0; TEXT],
    });
    let Memory { net, tls, rx, tx, text } = MEMORY.take();
    let mut pager = Pager::new(settings);
    let mut mailboxes = [Watched::new(settings.mailbox, pager.cursor())];
    let mut watch = ImapWatch::new(pager.config(), &mut mailboxes, text);
    loop {
        let mut buffers = Buffers::new(rx, tx);
        let again = match connect(stack, &settings, &trust, net, tls).await {
            Ok(tls) => session(&mut watch, &mut pager, buffers, tls).await,
            Err(error) => {
                defmt::error!("Connect({})", error);
                pager.lost(&mut watch, &mut buffers)
            }
        };
        if pager.gives_up() {
            end(1);
        }
        Timer::at(Moment::from_millis(again.as_millis())).await;
        watch.reconnect(&mut Buffers::new(rx, tx));
    }
}

async fn connect<'m>(
    stack: Stack<'m>,
    settings: &Settings,
    trust: &Trust<'_>,
    net: &'m mut net::Memory,
    tls: &'m mut tls::Memory,
) -> Result<Tls<'m>, ConnectError> {
    let socket = Socket::connect(stack, net, settings.address, settings.port);
    let socket = socket.await.map_err(ConnectError::Net)?;
    let tls = Tls::open(socket, tls, trust, settings, board::entropy());
    let tls = tls.await.map_err(ConnectError::Tls)?;
    defmt::info!("TLS");
    Ok(tls)
}

/// Until the connection is of no more use. Returns when to make another.
async fn session(
    watch: &mut ImapWatch<'_>,
    pager: &mut Pager,
    buffers: Buffers<'_>,
    tls: Tls<'_>,
) -> Instant {
    let mut driver = Driver::new(watch, buffers, tls, Uptime);
    loop {
        let progress = driver.advance().await;
        let (watch, buffers) = driver.split();
        match progress {
            Ok(Progress::Event) => {
                if let Some(again) = pager.hear(watch, buffers) {
                    return again;
                }
            }
            // It was asked to stop.
            Ok(_) => end(0),
            Err(error) => {
                defmt::error!("{}", error);
                return pager.lost(watch, buffers);
            }
        }
    }
}
