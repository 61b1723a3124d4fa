//! Over a blocking socket: `embedded-io`.
//!
//! A socket whose `read` comes back with `TimedOut` every second or so, together with a
//! [`Clock`], makes the machine's own timeouts work.

//!
//! ```
//! use mailwire::imap::{Config, Connection, Event};
//! use mailwire::io::{NoClock, blocking::Driver};
//! use mailwire::Buffers;
//!
//! # struct Socket(&'static [u8]);
//! # impl embedded_io::ErrorType for Socket { type Error = core::convert::Infallible; }
//! # impl embedded_io::Read for Socket {
//! #     fn read(&mut self, room: &mut [u8]) -> Result<usize, Self::Error> { self.0.read(room).map_err(|e| match e {}) }
//! # }
//! # impl embedded_io::Write for Socket {
//! #     fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> { Ok(bytes.len()) }
//! #     fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) }
//! # }
//! # let socket = Socket(b"* OK [CAPABILITY IMAP4rev1] hello\r\n* BYE bye\r\n");
//! let (mut rx, mut tx) = ([0; 256], [0; 128]);
//! let connection = Connection::new(Config::default());
//! let mut driver = Driver::new(connection, Buffers::new(&mut rx, &mut tx), socket, NoClock);
//! let mut events = 0;
//! while let Some(event) = driver.next()? {
//!     println!("{event:?}");
//!     events += 1;
//! }
//! assert_eq!(events, 2);
//! # Ok::<(), mailwire::io::Error<core::convert::Infallible>>(())
//! ```

#![allow(
    clippy::should_implement_trait,
    reason = "what `next` returns borrows from the receiver, which no iterator can lend"
)]

use super::{Clock, Error};
use crate::{Buffers, Instant, Machine, Progress};
use embedded_io::{Error as _, ErrorKind, Read, Write};

super::driver!();
