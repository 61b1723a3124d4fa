//! A link to a server that breaks when it is told to: a TCP proxy on loopback.

use socket2::SockRef;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often a connection looks whether something changed.
const TICK: Duration = Duration::from_millis(10);

/// A proxy. Dropping it closes all of its connections.
#[derive(Debug)]
pub struct Proxy {
    /// Where to connect to.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: Mutex<SocketAddr>,
    stalls: AtomicBool,
    drips: AtomicBool,
    refuses: AtomicBool,
    ended: AtomicBool,
    /// How many connections were made.
    made: AtomicUsize,
    /// How often all were cut, and whether by RST the last time.
    cuts: AtomicUsize,
    resets: AtomicBool,
    /// How many bytes of the server's may still pass; then the connection is cut, and all pass
    /// again. Negative: no limit.
    left: AtomicI64,
}

impl Proxy {
    /// Starts one in front of `server`.
    ///
    /// # Panics
    ///
    /// If loopback has no free port.
    pub fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        let shared = Arc::new(Shared {
            server: Mutex::new(server),
            stalls: AtomicBool::new(false),
            drips: AtomicBool::new(false),
            refuses: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            made: AtomicUsize::new(0),
            cuts: AtomicUsize::new(0),
            resets: AtomicBool::new(false),
            left: AtomicI64::new(-1),
        });
        let this = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { continue };
                if shared.ended.load(Ordering::SeqCst) {
                    return;
                }
                let server = *shared.server.lock().expect("no thread panics");
                if shared.refuses.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else { continue };
                shared.made.fetch_add(1, Ordering::SeqCst);
                for (from, to, limited) in [(&client, &server, false), (&server, &client, true)] {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.carry(&from, &to, limited));
                }
            }
        });
        this
    }

    /// From now on no byte passes, in either direction, and nobody is told.
    pub fn stall(&self) {
        self.shared.stalls.store(true, Ordering::SeqCst);
    }

    /// From now on one byte of the server's passes in two seconds.
    pub fn drip(&self) {
        self.shared.drips.store(true, Ordering::SeqCst);
    }

    /// From now on connections are closed as soon as they are made.
    pub fn refuse(&self) {
        self.shared.refuses.store(true, Ordering::SeqCst);
    }

    /// All is well again. What was held back by [`stall`](Self::stall) passes.
    pub fn mend(&self) {
        self.shared.stalls.store(false, Ordering::SeqCst);
        self.shared.drips.store(false, Ordering::SeqCst);
        self.shared.refuses.store(false, Ordering::SeqCst);
    }

    /// Cuts all connections. New ones can be made.
    pub fn cut(&self) {
        self.shared.resets.store(false, Ordering::SeqCst);
        self.shared.cuts.fetch_add(1, Ordering::SeqCst);
    }

    /// The same, by RST in place of FIN, as when the peer has forgotten them.
    pub fn reset(&self) {
        self.shared.resets.store(true, Ordering::SeqCst);
        self.shared.cuts.fetch_add(1, Ordering::SeqCst);
    }

    /// Cuts a connection once so many more bytes have come from the server; the next ones not.
    pub fn cut_after(&self, bytes: u32) {
        self.shared.left.store(bytes.into(), Ordering::SeqCst);
    }

    /// Whether what [`cut_after`](Self::cut_after) asked for has not happened yet.
    pub fn is_about_to_cut(&self) -> bool {
        self.shared.left.load(Ordering::SeqCst) >= 0
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.made.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.cut();
        // So that it looks.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn carry(&self, mut from: &TcpStream, mut to: &TcpStream, limited: bool) {
        let cuts = self.cuts.load(Ordering::SeqCst);
        let _ = from.set_read_timeout(Some(TICK));
        let _ = to.set_nodelay(true);
        let mut bytes = [0; 4096];
        while cuts == self.cuts.load(Ordering::SeqCst) {
            if self.stalls.load(Ordering::SeqCst) {
                thread::sleep(TICK);
                continue;
            }
            let drips = limited && self.drips.load(Ordering::SeqCst);
            let room = if drips { 1 } else { bytes.len() };
            let mut count = match from.read(&mut bytes[..room]) {
                Ok(0) => break,
                Ok(count) => count,
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    continue;
                }
                Err(_) => break,
            };
            let mut last = false;
            if limited && self.left.load(Ordering::SeqCst) >= 0 {
                let left = self.left.fetch_sub(count as i64, Ordering::SeqCst);
                last = left <= count as i64;
                count = count.min(left.max(0) as usize);
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
            // Not so long that it is not seen that all is well again.
            for _ in 0..200 {
                if drips && self.drips.load(Ordering::SeqCst) {
                    thread::sleep(TICK);
                }
            }
            if last {
                self.left.store(-1, Ordering::SeqCst);
                break;
            }
        }
        if cuts != self.cuts.load(Ordering::SeqCst) && self.resets.load(Ordering::SeqCst) {
            // What is closed without lingering is reset.
            let _ = SockRef::from(to).set_linger(Some(Duration::ZERO));
            return;
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_and_resets() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap());
        let connect = || (TcpStream::connect(proxy.address).unwrap(), server.accept().unwrap().0);
        let mut room = [0; 8];
        let (mut near, mut far) = connect();
        near.write_all(b"hello").unwrap();
        assert_eq!(far.read(&mut room).unwrap(), 5);
        proxy.cut();
        assert_eq!(near.read(&mut room).unwrap(), 0);
        assert_eq!(far.read(&mut room).unwrap(), 0);
        let (mut near, mut far) = connect();
        // So that both directions are carried.
        near.write_all(b"hello").unwrap();
        far.write_all(b"there").unwrap();
        assert_eq!(far.read(&mut room).unwrap(), 5);
        assert_eq!(near.read(&mut room).unwrap(), 5);
        proxy.reset();
        assert_eq!(near.read(&mut room).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(far.read(&mut room).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
