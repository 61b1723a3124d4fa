//! The standard library's clock and sockets.

use super::Clock;
use crate::Instant;
use std::time;

/// The standard library's monotonic clock, counted from when it was made.
#[derive(Debug, Clone, Copy)]
pub struct StdClock(time::Instant);

impl StdClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self(time::Instant::now())
    }
}

impl Default for StdClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for StdClock {
    fn now(&mut self) -> Instant {
        Instant::from_millis(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// A [`std::io`] socket with the traits of `embedded-io`: a `TcpStream`, a `rustls::Stream`.
///
/// A read timeout set on the socket comes as `TimedOut`, also where the system says
/// `WouldBlock`, so that the machine's timeouts work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Std<T>(
    /// The socket.
    pub T,
);

#[cfg(feature = "embedded-io")]
mod traits {
    use super::Std;
    use std::io::{Error, ErrorKind, Read, Write};

    impl<T> embedded_io::ErrorType for Std<T> {
        type Error = Error;
    }

    impl<T: Read> embedded_io::Read for Std<T> {
        fn read(&mut self, room: &mut [u8]) -> Result<usize, Error> {
            self.0.read(room).map_err(|error| match error.kind() {
                ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
                _ => error,
            })
        }
    }

    impl<T: Write> embedded_io::Write for Std<T> {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> Result<(), Error> {
            self.0.flush()
        }
    }
}
