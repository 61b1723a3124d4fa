//! embassy-net: the controller's interrupt wakes up who waits for it.

use super::records::Records;
use super::{ADDRESS, Error, GATEWAY, PREFIX, RECORD, STALLED, TICK};
use crate::board::{MTU, Nic, feed_watchdog, millis};
use core::cell::{Cell, RefCell};
use core::task::Waker;
use critical_section::Mutex;
use embassy_executor::SpawnToken;
use embassy_net::tcp::TcpSocket;
use embassy_net::{Config, Ipv4Address, Ipv4Cidr, Runner, Stack, StackResources, StaticConfigV4};
use embassy_time::{Duration, Timer, with_timeout};
use embassy_time_queue_utils::Queue;
use static_cell::StaticCell;

/// Who waits for which millisecond.
struct Timers {
    now: Mutex<Cell<u64>>,
    queue: Mutex<RefCell<Queue>>,
}

embassy_time_driver::time_driver_impl!(static TIMERS: Timers = Timers {
    now: Mutex::new(Cell::new(0)),
    queue: Mutex::new(RefCell::new(Queue::new())),
});

impl embassy_time_driver::Driver for Timers {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.now.borrow(cs).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            self.queue.borrow(cs).borrow_mut().schedule_wake(at, waker);
        });
    }
}

/// A millisecond has passed.
pub(crate) fn tick() {
    critical_section::with(|cs| {
        let now = TIMERS.now.borrow(cs);
        now.set(now.get() + 1);
        // It wakes up those whose time has come.
        TIMERS.queue.borrow(cs).borrow_mut().next_expiration(now.get());
    });
}

/// A network, and the task that must run for it to do anything.
pub type Net<S> = (Stack<'static>, SpawnToken<S>);

/// Starts the network. To be called once. The seed keeps others from guessing our ports and
/// sequence numbers.
///
/// # Panics
///
/// If called twice.
pub fn start(nic: Nic, seed: u64) -> Net<impl Sized> {
    static RESOURCES: StaticCell<StackResources<2>> = StaticCell::new();
    let config = Config::ipv4_static(StaticConfigV4 {
        address: Ipv4Cidr::new(Ipv4Address::from(ADDRESS), PREFIX),
        gateway: Some(Ipv4Address::from(GATEWAY)),
        dns_servers: Default::default(),
    });
    let (stack, runner) =
        embassy_net::new(nic, config, RESOURCES.init(StackResources::new()), seed);
    (stack, task(runner).expect("it is called once"))
}

#[embassy_executor::task]
async fn task(mut runner: Runner<'static, Nic>) -> ! {
    runner.run().await
}

/// Feeds the watchdog, as long as the executor comes to it. What the other tasks wait for has an
/// end.
#[embassy_executor::task]
pub async fn feed() -> ! {
    loop {
        feed_watchdog();
        Timer::after_secs(1).await;
    }
}

/// The memory of a socket.
#[derive(Debug)]
pub struct Memory {
    /// No more than one segment, so that its ACK is sent at once: embassy-net has no way to turn
    /// off that ACKs are held back.
    rx: [u8; MTU - 54],
    tx: [u8; 1024],
    impatient: Cell<bool>,
}

impl Memory {
    /// Empty.
    pub const fn new() -> Self {
        Self { rx: [0; MTU - 54], tx: [0; 1024], impatient: Cell::new(false) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// A TCP connection. It ends when this is dropped.
pub struct Socket<'m> {
    tcp: TcpSocket<'m>,
    records: Records,
    /// When the record began that is being read, or the handshake.
    since: u32,
    impatient: &'m Cell<bool>,
}

impl<'m> Socket<'m> {
    /// Connects.
    ///
    /// # Errors
    ///
    /// [`Error::NotConnected`].
    pub async fn connect(
        stack: Stack<'m>,
        memory: &'m mut Memory,
        address: Ipv4Address,
        port: u16,
    ) -> Result<Self, Error> {
        memory.impatient.set(false);
        let mut tcp = TcpSocket::new(stack, &mut memory.rx, &mut memory.tx);
        tcp.set_nagle_enabled(false);
        tcp.set_keep_alive(Some(Duration::from_secs(60)));
        tcp.set_timeout(Some(Duration::from_secs(120)));
        with_timeout(Duration::from_millis(STALLED.into()), tcp.connect((address, port)))
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(Error::NotConnected)?;
        Ok(Self { tcp, records: Records::default(), since: 0, impatient: &memory.impatient })
    }

    /// Here TLS begins, perhaps after STARTTLS: what is read from now on is records.
    pub(crate) fn start_records(&mut self) {
        self.impatient.set(false);
        self.records = Records::default();
        self.since = millis();
    }

    /// Whether reading may return with `TimedOut` between two TLS records.
    pub(crate) const fn impatient(&self) -> &'m Cell<bool> {
        self.impatient
    }
}

impl embedded_io_async::ErrorType for Socket<'_> {
    type Error = Error;
}

impl embedded_io_async::Read for Socket<'_> {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, Error> {
        let impatient = self.impatient.get();
        let (limit, late) = if self.records.between() && impatient {
            (TICK, Error::TimedOut)
        } else {
            let left = RECORD.saturating_sub(millis().wrapping_sub(self.since));
            (left.min(STALLED), Error::Stalled)
        };
        let read = with_timeout(Duration::from_millis(limit.into()), self.tcp.read(room));
        let count = read.await.map_err(|_| late)?.map_err(|_| Error::Reset)?;
        if self.records.pass(&room[..count]) && impatient {
            self.since = millis();
        }
        Ok(count)
    }
}

impl embedded_io_async::Write for Socket<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let write = with_timeout(Duration::from_millis(STALLED.into()), self.tcp.write(bytes));
        write.await.map_err(|_| Error::Stalled)?.map_err(|_| Error::Reset)
    }

    /// What was written goes out by itself.
    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
