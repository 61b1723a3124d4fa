//! The same as `watch`, in short, with an executor: while it waits, nothing runs.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use embassy_executor::{Executor, Spawner};
use embassy_net::Stack;
use embassy_time::Timer;
use firmware::board::{self, Nic, Uptime};
use firmware::device::{self, ConnectError, Failure, RETRY, end};
use firmware::net::asynch::{self as net, Socket};
use firmware::settings::Settings;
use firmware::tls::{self, Trust, asynch::Tls};
use mailwire::Duration;
use mailwire::imap::asynch::Client;
use mailwire::imap::{Config, Event, Refused};
use mailwire::io::Clock as _;
use static_cell::{ConstStaticCell, StaticCell};

/// IDLE is begun anew so often.
const RENEW: Duration = Duration::from_secs(9 * 60);

/// All that a session needs to have its place.
struct Memory {
    net: net::Memory,
    tls: tls::Memory,
    rx: [u8; 1024],
    tx: [u8; 256],
}

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let (settings, trust) = device::start();
    EXECUTOR.init(Executor::new()).run(|spawner: Spawner| {
        let [a, b, c, d, e, f, g, h, ..] = board::entropy();
        let (stack, task) = net::start(Nic::new(), u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        spawner.spawn(task);
        spawner.spawn(watch(stack, settings, trust).expect("it is called once"));
    })
}

#[embassy_executor::task]
async fn watch(stack: Stack<'static>, settings: Settings, trust: Trust<'static>) {
    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
        net: net::Memory::new(),
        tls: tls::Memory::new(),
        rx: [0; 1024],
        tx: [0; 256],
    });
    let memory = MEMORY.take();
    let mut alerts = 0;
    let mut tries = 0;
    loop {
        match session(stack, &settings, &trust, memory, &mut alerts).await {
            Ok(()) => end(0),
            Err(failure) => defmt::error!("{}", failure),
        }
        tries += 1;
        if tries == settings.tries {
            end(1);
        }
        Timer::after_millis(RETRY.into()).await;
    }
}

/// Ends well after as many alerts as are wanted.
async fn session(
    stack: Stack<'_>,
    settings: &Settings,
    trust: &Trust<'_>,
    memory: &mut Memory,
    alerts: &mut u32,
) -> Result<(), Failure<Refused>> {
    let Memory { net, tls, rx, tx } = memory;
    let socket = Socket::connect(stack, net, settings.address, settings.port);
    let socket = socket.await.map_err(ConnectError::Net)?;
    let tls = Tls::open(socket, tls, trust, settings, board::entropy());
    let tls = tls.await.map_err(ConnectError::Tls)?;
    defmt::info!("TLS");
    let mut mail = Client::connect_with(Config::new(), Uptime, tls, rx, tx).await?;
    mail.login(settings.user, settings.password).await?;
    let mailbox = mail.examine(settings.mailbox).await?;
    defmt::info!("EXISTS {=u32}", mailbox.exists);
    loop {
        let renew = Uptime.now().saturating_add(RENEW);
        let mut idle = mail.idle().await?;
        defmt::info!("IDLE");
        while let Some(event) = idle.next_until(renew).await? {
            if let Event::Exists(count) = event {
                defmt::info!("EXISTS {=u32}", count);
                board::blink();
                *alerts += 1;
                break;
            }
        }
        idle.done().await?;
        if settings.alerts != 0 && *alerts >= settings.alerts {
            mail.logout().await?;
            return Ok(());
        }
    }
}
