//! A link that can be cut: TCP on loopback, passed on to a server.

use socket2::SockRef;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Passes connections on, as long as it is let. Dropping it ends them all.
#[derive(Debug)]
pub struct Proxy {
    /// Where to connect to.
    pub address: SocketAddr,
    link: Arc<Link>,
}

#[derive(Debug)]
struct Link {
    server: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    does: Does,
    /// Both ends of each connection.
    sockets: Vec<TcpStream>,
    /// How many connections were made.
    made: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Does {
    #[default]
    Pass,
    /// Connections are kept, and made, but no byte goes on.
    Stall,
    /// New connections are reset at once.
    Refuse,
    /// It is dropped.
    End,
}

impl Link {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, does: Does) {
        self.state().does = does;
        self.changed.notify_all();
    }

    /// Waits as long as nothing may go on.
    fn wait(&self) {
        let stalls = |state: &mut State| state.does == Does::Stall;
        drop(self.changed.wait_while(self.state(), stalls));
    }

    /// Ends all connections.
    fn end(&self, how: fn(&TcpStream)) {
        let sockets = std::mem::take(&mut self.state().sockets);
        sockets.iter().for_each(how);
    }
}

/// Has the kernel send RST in place of FIN. (Other clones of the socket are to be closed, too;
/// what reads from them returns then.)
fn reset(socket: &TcpStream) {
    let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
    let _ = socket.shutdown(Shutdown::Read);
}

fn end(socket: &TcpStream) {
    let _ = socket.shutdown(Shutdown::Both);
}

impl Proxy {
    /// Passes connections on to `server`.
    ///
    /// # Panics
    ///
    /// If loopback has no free port.
    pub fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let link = Link { server, state: Mutex::default(), changed: Condvar::new() };
        let link = Arc::new(link);
        let this = Self { address, link: link.clone() };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let does = link.state().does;
                match does {
                    Does::End => return,
                    Does::Refuse => reset(&client),
                    Does::Pass | Does::Stall => connect(&link, client),
                }
            }
        });
        this
    }

    /// From now on no byte goes on, either way, though nobody is told: as if the cable was
    /// pulled.
    pub fn stall(&self) {
        self.link.set(Does::Stall);
    }

    /// All goes on again, also what waited.
    pub fn pass(&self) {
        self.link.set(Does::Pass);
    }

    /// Ends all connections by FIN.
    pub fn close(&self) {
        self.link.end(end);
    }

    /// Ends all connections by RST.
    pub fn reset(&self) {
        self.link.end(reset);
    }

    /// New connections are reset at once, until [`pass`](Self::pass).
    pub fn refuse(&self) {
        self.link.set(Does::Refuse);
    }

    /// How many connections were made so far.
    pub fn made(&self) -> usize {
        self.link.state().made
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.link.set(Does::End);
        self.close();
        // The listener must see it, too.
        let _ = TcpStream::connect(self.address);
    }
}

fn connect(link: &Arc<Link>, client: TcpStream) {
    link.state().made += 1;
    let Ok(server) = TcpStream::connect(link.server) else { return reset(&client) };
    let clones = [&client, &server, &client, &server].map(TcpStream::try_clone);
    let [Ok(a), Ok(b), Ok(to_client), Ok(to_server)] = clones else { return };
    link.state().sockets.extend([a, b]);
    let (up, down) = (link.clone(), link.clone());
    thread::spawn(move || pass_on(&up, client, to_server));
    thread::spawn(move || pass_on(&down, server, to_client));
}

fn pass_on(link: &Link, mut from: TcpStream, mut to: TcpStream) {
    let mut chunk = [0; 4096];
    loop {
        let read = from.read(&mut chunk);
        link.wait();
        match read {
            Ok(count @ 1..) if to.write_all(&chunk[..count]).is_ok() => {}
            _ => break,
        }
    }
    // The end goes on as well, but no FIN where a reset was asked for.
    let resets = SockRef::from(&to).linger().is_ok_and(|linger| linger.is_some());
    if !resets {
        let _ = to.shutdown(Shutdown::Write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    fn pair(proxy: &Proxy, server: &TcpListener) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(proxy.address).unwrap();
        let (server, _) = server.accept().unwrap();
        (client, server)
    }

    #[test]
    fn passes_stalls_and_ends() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap());
        let (mut client, mut server) = pair(&proxy, &listener);
        let mut room = [0; 8];
        client.write_all(b"hello").unwrap();
        assert_eq!(server.read(&mut room).unwrap(), 5);

        proxy.stall();
        server.write_all(b"there").unwrap();
        client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let error = client.read(&mut room).unwrap_err().kind();
        assert!(matches!(error, ErrorKind::WouldBlock | ErrorKind::TimedOut));
        proxy.pass();
        client.set_read_timeout(None).unwrap();
        assert_eq!(client.read(&mut room).unwrap(), 5);

        proxy.close();
        assert_eq!(client.read(&mut room).unwrap(), 0);
        assert_eq!(server.read(&mut room).unwrap(), 0);

        let (mut client, _server) = pair(&proxy, &listener);
        proxy.reset();
        assert_eq!(client.read(&mut room).unwrap_err().kind(), ErrorKind::ConnectionReset);
        proxy.refuse();
        let mut client = TcpStream::connect(proxy.address).unwrap();
        assert_eq!(client.read(&mut room).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(proxy.made(), 2);
    }
}
