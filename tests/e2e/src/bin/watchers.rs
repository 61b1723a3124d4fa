//! Many watchers in one process, on one thread: `watchers [HOW MANY]`. Prints what each takes of
//! memory, what all take of the processor while nothing comes, and how long mail takes from the
//! mailbox to the alert.
//!
//! All watch one mailbox, so that one delivery is as many alerts.

use anyhow::{Context, Result, bail};
use embedded_io_adapters::tokio_1::FromTokio;
use mailwire::io::asynch::Driver;
use mailwire::io::{Clock as _, StdClock};
use mailwire::watch::{Cursor, Event, ImapConfig, ImapWatch, Login, Start, Watched};
use mailwire::{Buffers, Machine as _, Progress, Secret};
use mailwire_tests::dovecot::Dovecot;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// The buffers of a watcher.
const RX: usize = 2048;
const TX: usize = 512;
const TEXT: usize = 512;

/// How long nothing comes.
const IDLE: Duration = Duration::from_secs(60);
/// How many messages come, one by one.
const MESSAGES: u32 = 10;

/// Dovecot looks each second whether mail came: there are not enough inotify instances.
const SETTINGS: &str = "
mail_max_userip_connections = 100000
mailbox_idle_check_interval = 1s
default_process_limit = 20000
default_client_limit = 40000
default_vsz_limit = 512M
";

/// What the watchers have seen so far.
#[derive(Default)]
struct Seen {
    caught_up: Cell<usize>,
    alerts: Cell<usize>,
    failures: Cell<usize>,
    changed: Notify,
}

impl Seen {
    fn add(&self, to: &Cell<usize>) {
        to.set(to.get() + 1);
        self.changed.notify_one();
    }

    /// Waits until there are so many of `what`.
    async fn wait(&self, what: &Cell<usize>, count: usize) -> Result<()> {
        let all = async {
            while what.get() < count {
                self.changed.notified().await;
            }
        };
        let waited = timeout(Duration::from_secs(300), all).await;
        waited.with_context(|| format!("{} of {count}", what.get()))
    }
}

fn main() -> Result<()> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1000), |it| it.parse())?;
    let Some(server) = Dovecot::start_with(SETTINGS) else { bail!("no Dovecot") };
    server.deliver("alice", b"Subject: there before\r\n\r\nx\r\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, run(&server, count))
}

async fn run(server: &Dovecot, count: usize) -> Result<()> {
    let seen = Rc::new(Seen::default());
    let (memory, began) = (resident()?, Instant::now());
    for number in 0..count {
        tokio::task::spawn_local(watch(server.imap, Rc::clone(&seen)));
        // Not more at once than Dovecot's login processes take well.
        if number % 50 == 49 {
            seen.wait(&seen.caught_up, number + 1).await?;
        }
    }
    seen.wait(&seen.caught_up, count).await?;
    let connected = began.elapsed();
    let each = (resident()? - memory) / count as u64;
    println!("| {count} watchers in one process, on one thread | |");
    println!("|---|---|");
    println!("| `ImapWatch` | {} bytes |", size_of::<ImapWatch<'_>>());
    println!("| its buffers (Rx, Tx, text) | {} bytes |", RX + TX + TEXT);
    println!("| resident memory for each, with its task, socket and buffers | {each} bytes |");
    println!("| until all are connected, logged in and wait | {} ms |", connected.as_millis());

    let before = cpu_time()?;
    sleep(IDLE).await;
    let taken = cpu_time()? - before;
    println!("| CPU in {} s of waiting, of all | {} ms |", IDLE.as_secs(), taken.as_millis());

    let (mut first, mut last) = (Vec::new(), Vec::new());
    for number in 1..=MESSAGES as usize {
        let alerts = seen.alerts.get();
        let text = format!("From: a@example.org\r\nSubject: number {number}\r\n\r\nText.\r\n");
        server.deliver("alice", text.as_bytes());
        let delivered = Instant::now();
        seen.wait(&seen.alerts, alerts + 1).await?;
        first.push(delivered.elapsed());
        seen.wait(&seen.alerts, alerts + count).await?;
        last.push(delivered.elapsed());
    }
    first.sort();
    last.sort();
    let (first, last) = (first[first.len() / 2], last[last.len() / 2]);
    println!("| delivery to the first alert, median | {} ms |", first.as_millis());
    println!("| delivery to the last of {count} alerts, median | {} ms |", last.as_millis());
    println!("| alerts | {} |", seen.alerts.get());
    println!("| failures | {} |", seen.failures.get());
    if seen.failures.get() > 0 || seen.alerts.get() != count * MESSAGES as usize {
        bail!("not each alert came once");
    }
    Ok(())
}

/// Watches for ever.
async fn watch(address: SocketAddr, seen: Rc<Seen>) -> Result<()> {
    let (mut rx, mut tx, mut text) = ([0; RX], [0; TX], [0; TEXT]);
    let mut mailboxes = [Watched::new("INBOX", Cursor::new())];
    let mut config =
        ImapConfig::new(Login::Password { user: "alice", password: Secret::new(b"password") });
    config.start = Start::Now;
    let clock = StdClock::new();
    // Until that moment on the clock.
    let until = |at: mailwire::Instant| {
        let mut clock = clock;
        Duration::from_millis(at.as_millis().saturating_sub(clock.now().as_millis()))
    };
    let mut watch = ImapWatch::new(config, &mut mailboxes, &mut text);
    loop {
        let socket = FromTokio::new(TcpStream::connect(address).await?);
        let buffers = Buffers::new(&mut rx, &mut tx);
        let mut driver = Driver::new(&mut watch, buffers, socket, clock);
        let again = loop {
            let deadline = driver.machine().deadline();
            let left = deadline.map_or(Duration::MAX, until);
            let Ok(progress) = timeout(left, driver.advance()).await else { continue };
            if progress? != Progress::Event {
                return Ok(());
            }
            let (watch, buffers) = driver.split();
            match watch.event(buffers) {
                Event::Alert(alert) => {
                    let (mailbox, uid) = (alert.mailbox, alert.uid);
                    watch.acknowledge(mailbox, uid);
                    seen.add(&seen.alerts);
                }
                Event::CaughtUp if watch.mailboxes()[0].cursor.next_uid == 2 => {
                    seen.add(&seen.caught_up);
                }
                Event::Retry { at, .. } => break at,
                _ => {}
            }
        };
        seen.add(&seen.failures);
        sleep(until(again)).await;
        watch.reconnect(&mut Buffers::new(&mut rx, &mut tx));
    }
}

/// This process's memory, in bytes.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib * 1024)
}

/// What this process took of the processor.
fn cpu_time() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").context("no name")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<Result<u64, _>>()?;
    // There are 100 in a second on every Linux.
    Ok(Duration::from_millis(ticks * 10))
}
