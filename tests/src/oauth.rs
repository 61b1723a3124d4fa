//! Who tells a server whose an OAuth token is (RFC 7662), as small as can be.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The token by which `user` may log in. Each other is valid for nobody.
pub fn token(user: &str) -> String {
    format!("token-of-{user}")
}

/// A server of HTTP on loopback that is asked `GET /?token=…`. Dropping it stops it.
#[derive(Debug)]
pub struct Introspection {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Introspection {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If there is no loopback network.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for socket in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // Who asks may ask again over the same connection, or leave it open and silent.
                thread::spawn(|| socket.map(answer));
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Introspection {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers requests until the other side closes or has been silent for a minute.
fn answer(socket: TcpStream) -> Option<()> {
    socket.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let mut lines = BufReader::new(&socket).lines();
    loop {
        let request = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let user = request
            .split_whitespace()
            .nth(1)
            .and_then(|target| target.split_once("token=token-of-"))
            .map(|(_, user)| user.split('&').next().unwrap_or(user));
        let body = match user {
            Some(user) => format!(r#"{{"active":true,"username":"{user}"}}"#),
            None => r#"{"active":false}"#.into(),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        (&socket).write_all([head, body].concat().as_bytes()).ok()?;
    }
}
