//! smoltcp, polled by whoever waits for the socket.

use super::records::Records;
use super::{ADDRESS, Error, GATEWAY, PREFIX, RECORD, STALLED, TICK};
use crate::board::{self, Nic, Uptime, millis};
use core::cell::{Cell, RefCell};
use mailwire::io::Clock as _;
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp;
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr, Ipv4Address};
use static_cell::StaticCell;

/// The memory of a [`Net`].
#[derive(Debug)]
pub struct Memory {
    rx: [u8; 2 * 1460],
    tx: [u8; 1024],
}

impl Memory {
    /// Empty.
    pub const fn new() -> Self {
        Self { rx: [0; 2 * 1460], tx: [0; 1024] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// The network, with one socket.
pub struct Net {
    stack: RefCell<Stack>,
    /// Whether reading may return with `TimedOut` between two records.
    impatient: Cell<bool>,
}

struct Stack {
    nic: Nic,
    interface: Interface,
    sockets: SocketSet<'static>,
    tcp: SocketHandle,
    port: u16,
}

/// The time for smoltcp.
fn now() -> Instant {
    Instant::from_millis(Uptime.now().as_millis() as i64)
}

impl Net {
    /// Starts the network. To be called once. The seed keeps others from guessing our ports and
    /// sequence numbers.
    ///
    /// # Panics
    ///
    /// If called twice.
    pub fn new(mut nic: Nic, memory: &'static mut Memory, seed: u64) -> Self {
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(nic.address())));
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut nic, now());
        let [a, b, c, d] = ADDRESS;
        interface.update_ip_addrs(|addresses| {
            // There is room for one.
            let _ = addresses.push(IpCidr::new(Ipv4Address::new(a, b, c, d).into(), PREFIX));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(Ipv4Address::from(GATEWAY));
        static SOCKETS: StaticCell<[SocketStorage<'static>; 1]> = StaticCell::new();
        let mut sockets = SocketSet::new(&mut SOCKETS.init([SocketStorage::EMPTY])[..]);
        let mut socket = tcp::Socket::new(
            tcp::SocketBuffer::new(&mut memory.rx[..]),
            tcp::SocketBuffer::new(&mut memory.tx[..]),
        );
        socket.set_nagle_enabled(false);
        // A server whose window is full waits for the ACK that smoltcp would hold back.
        socket.set_ack_delay(None);
        socket.set_keep_alive(Some(Duration::from_secs(60)));
        socket.set_timeout(Some(Duration::from_secs(120)));
        let tcp = sockets.add(socket);
        // Ephemeral ports (RFC 6335 section 6), each once.
        let port = 0xc000 | (seed >> 32) as u16 & 0x3fff;
        Self {
            stack: RefCell::new(Stack { nic, interface, sockets, tcp, port }),
            impatient: Cell::new(false),
        }
    }

    /// Connects. The socket before must have been dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NotConnected`].
    pub fn connect(&self, address: Ipv4Address, port: u16) -> Result<Socket<'_>, Error> {
        self.impatient.set(false);
        let mut stack = self.stack.borrow_mut();
        stack.port = 0xc000 | stack.port.wrapping_add(1) & 0x3fff;
        let Stack { interface, sockets, tcp, port: from, .. } = &mut *stack;
        sockets
            .get_mut::<tcp::Socket<'_>>(*tcp)
            .connect(interface.context(), (address, port), *from)
            .map_err(|_| Error::NotConnected)?;
        drop(stack);
        let socket = Socket { net: self, records: Records::default(), since: 0 };
        socket.wait(STALLED, Error::NotConnected, |tcp| {
            if !tcp.is_active() {
                return Some(Err(Error::NotConnected));
            }
            tcp.may_send().then_some(Ok(()))
        })?;
        Ok(socket)
    }

    /// From now on reading returns with `TimedOut` when nothing came for a while; but not in the
    /// middle of a TLS record.
    pub(crate) fn be_impatient(&self) {
        self.impatient.set(true);
    }
}

impl Stack {
    fn poll(&mut self) {
        self.interface.poll(now(), &mut self.nic, &mut self.sockets);
    }

    fn tcp(&mut self) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(self.tcp)
    }
}

/// A TCP connection. It ends when this is dropped.
pub struct Socket<'n> {
    net: &'n Net,
    records: Records,
    /// When the record began that is being read, or the handshake.
    since: u32,
}

impl<'n> Socket<'n> {
    /// The network that this is a socket of.
    pub(crate) const fn net(&self) -> &'n Net {
        self.net
    }

    /// Here TLS begins, perhaps after STARTTLS: what is read from now on is records.
    pub(crate) fn start_records(&mut self) {
        self.net.impatient.set(false);
        self.records = Records::default();
        self.since = millis();
    }

    /// Polls until `look` returns something, which it must within `limit` milliseconds.
    fn wait<T>(
        &self,
        limit: u32,
        late: Error,
        mut look: impl FnMut(&mut tcp::Socket<'static>) -> Option<Result<T, Error>>,
    ) -> Result<T, Error> {
        let start = millis();
        loop {
            let mut stack = self.net.stack.borrow_mut();
            stack.poll();
            if let Some(result) = look(stack.tcp()) {
                // What was read makes room to tell of, what was written is to go out.
                stack.poll();
                return result;
            }
            drop(stack);
            if millis().wrapping_sub(start) > limit {
                return Err(late);
            }
            board::wait();
        }
    }
}

impl Drop for Socket<'_> {
    fn drop(&mut self) {
        // What is still to be sent goes first, then the end; who does not take them is cut off.
        let mut stack = self.net.stack.borrow_mut();
        stack.tcp().close();
        drop(stack);
        let _ = self.wait(500, Error::TimedOut, |tcp| {
            use tcp::State::{Closed, FinWait2, TimeWait};
            matches!(tcp.state(), Closed | FinWait2 | TimeWait).then_some(Ok(()))
        });
        let mut stack = self.net.stack.borrow_mut();
        stack.tcp().abort();
        stack.poll();
    }
}

impl embedded_io::ErrorType for Socket<'_> {
    type Error = Error;
}

impl embedded_io::Read for Socket<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Error> {
        let impatient = self.net.impatient.get();
        let (limit, late) = if self.records.between() && impatient {
            (TICK, Error::TimedOut)
        } else {
            let left = RECORD.saturating_sub(millis().wrapping_sub(self.since));
            (left.min(STALLED), Error::Stalled)
        };
        let count = self.wait(limit, late, |tcp| {
            if tcp.can_recv() {
                return Some(tcp.recv_slice(room).map_err(|_| Error::Reset));
            }
            if tcp.may_recv() {
                return None;
            }
            // The peer has closed its side, or the connection is gone.
            Some(if tcp.is_active() { Ok(0) } else { Err(Error::Reset) })
        })?;
        if self.records.pass(&room[..count]) && impatient {
            self.since = millis();
        }
        Ok(count)
    }
}

impl embedded_io::Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.wait(STALLED, Error::Stalled, |tcp| {
            if !tcp.may_send() {
                return Some(Err(Error::Reset));
            }
            tcp.can_send().then(|| tcp.send_slice(bytes).map_err(|_| Error::Reset))
        })
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.net.stack.borrow_mut().poll();
        Ok(())
    }
}
