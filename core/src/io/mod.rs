//! Adapters: a [`Machine`](crate::Machine), its [`Buffers`](crate::Buffers), a socket and a
//! clock, tied together. There is no protocol in here.
//!
//! `blocking` drives a socket of the `embedded-io` traits, `asynch` one of the
//! `embedded-io-async` traits. Both are made of the same text, so what is true of one is true
//! of the other.

#[cfg(feature = "embedded-io-async")]
pub mod asynch;
#[cfg(feature = "embedded-io")]
pub mod blocking;
#[cfg(all(
    any(feature = "embedded-io", feature = "embedded-io-async"),
    any(feature = "imap", feature = "pop3")
))]
mod client;
#[cfg(all(feature = "compress", any(feature = "embedded-io", feature = "embedded-io-async")))]
mod deflate;
#[cfg(feature = "std")]
mod std_io;

#[cfg(all(
    any(feature = "embedded-io", feature = "embedded-io-async"),
    any(feature = "imap", feature = "pop3")
))]
pub use client::ClientError;
#[cfg(all(
    any(feature = "embedded-io", feature = "embedded-io-async"),
    any(feature = "imap", feature = "pop3")
))]
pub(crate) use client::{Words, words};

#[cfg(all(feature = "compress", any(feature = "embedded-io", feature = "embedded-io-async")))]
pub use deflate::{Deflate, DeflateError};
#[cfg(feature = "std")]
pub use std_io::{Std, StdClock};

use crate::Instant;
use core::fmt;

/// Tells the time to a driver.
///
/// Any `FnMut() -> Instant` is one: `|| Instant::from_millis(uptime_ms())`.
pub trait Clock {
    /// The time now. It must not run backwards.
    fn now(&mut self) -> Instant;
}

impl<F: FnMut() -> Instant> Clock for F {
    fn now(&mut self) -> Instant {
        self()
    }
}

/// A clock that stands still: there are no timeouts but those of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoClock;

impl Clock for NoClock {
    fn now(&mut self) -> Instant {
        Instant::ZERO
    }
}

/// Why a driver cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The socket failed, in the socket's own words.
    Io(E),
    /// The socket takes no more bytes.
    WriteZero,
    /// The protocol failed.
    Connection(crate::Error),
}

impl<E> From<crate::Error> for Error<E> {
    fn from(error: crate::Error) -> Self {
        Self::Connection(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::WriteZero => f.write_str("the socket takes no more bytes"),
            Self::Connection(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::WriteZero => None,
            Self::Connection(error) => Some(error),
        }
    }
}

/// The driver, written once and made twice: `driver!(async .await)` and `driver!()`.
///
/// A procedural macro (`bisync`, `maybe-async`) would do the same for one more dependency in
/// every firmware's build; the two variables are all that is needed.
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
macro_rules! driver {
    ($($async:ident $($await:tt)+)?) => {
        /// A machine, its buffers, a socket and a clock.
        ///
        /// [`next`](Self::next) does all there is to do: it sends what is pending, lets the
        /// machine work, and reads. The machine's own calls (such as sending a command) are
        /// open through [`split`](Self::split).
        #[derive(Debug)]
        pub struct Driver<'b, M, S, C> {
            machine: M,
            buffers: Buffers<'b>,
            socket: S,
            clock: C,
            /// The socket took bytes since it was last flushed: a future was dropped.
            unflushed: bool,
        }

        impl<'b, M, S, C> Driver<'b, M, S, C> {
            /// A driver for `machine` over a connected `socket`.
            pub const fn new(machine: M, buffers: Buffers<'b>, socket: S, clock: C) -> Self {
                Self { machine, buffers, socket, clock, unflushed: false }
            }

            /// The machine, to look at.
            pub const fn machine(&self) -> &M {
                &self.machine
            }

            /// The buffers, to look at.
            pub const fn buffers(&self) -> &Buffers<'b> {
                &self.buffers
            }

            /// The machine and its buffers, to work with: most calls of a machine need both.
            pub const fn split(&mut self) -> (&mut M, &mut Buffers<'b>) {
                (&mut self.machine, &mut self.buffers)
            }

            /// The socket. Reading or writing behind the machine's back breaks the protocol.
            pub const fn socket_mut(&mut self) -> &mut S {
                &mut self.socket
            }

            /// The machine, its buffers and the socket, for a change of the transport.
            pub const fn split_all(&mut self) -> (&mut M, &mut Buffers<'b>, &mut S) {
                (&mut self.machine, &mut self.buffers, &mut self.socket)
            }

            /// The clock.
            pub const fn clock_mut(&mut self) -> &mut C {
                &mut self.clock
            }

            /// The same connection over another transport: what wraps the old one in TLS or
            /// compression.
            pub fn map_socket<T>(self, wrap: impl FnOnce(S) -> T) -> Driver<'b, M, T, C> {
                let Self { machine, buffers, socket, clock, unflushed } = self;
                Driver { machine, buffers, socket: wrap(socket), clock, unflushed }
            }

            /// Takes the driver apart.
            pub fn into_parts(self) -> (M, Buffers<'b>, S, C) {
                (self.machine, self.buffers, self.socket, self.clock)
            }
        }

        impl<'b, M: Machine, S: Read + Write, C: Clock> Driver<'b, M, S, C> {
            /// The next event; `None` once the connection has ended in order.
            ///
            /// # Errors
            ///
            /// Of the socket and of the machine. A socket's `TimedOut` is none unless the
            /// clock stands still: the machine is told the time, and waits on or gives up.
            #[allow(clippy::should_implement_trait)] // What it lends, no Iterator can.
            pub $($async)? fn next(
                &mut self,
            ) -> Result<Option<M::Event<'_>>, Error<S::Error>> {
                Ok(match self.advance()$($($await)+)?? {
                    Progress::Event => Some(self.event()),
                    _ => None,
                })
            }

            /// What [`advance`](Self::advance) came upon, if it returned
            /// [`Progress::Event`].
            pub fn event(&self) -> M::Event<'_> {
                self.machine.event(&self.buffers)
            }

            /// Like [`next`](Self::next), without building the event. Never
            /// [`Progress::NeedInput`].
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn advance(&mut self) -> Result<Progress, Error<S::Error>> {
                loop {
                    match self.advance_until(Instant::NEVER)$($($await)+)?? {
                        Progress::NeedInput => {}
                        progress => return Ok(progress),
                    }
                }
            }

            /// Like [`advance`](Self::advance), but not much longer than until `at`; then it
            /// returns [`Progress::NeedInput`]. The socket must return from reading now and
            /// then, by `TimedOut`.
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn advance_until(
                &mut self,
                at: Instant,
            ) -> Result<Progress, Error<S::Error>> {
                loop {
                    self.flush()$($($await)+)??;
                    let now = self.clock.now();
                    match self.machine.advance(&mut self.buffers, now)? {
                        Progress::NeedInput if now >= at => return Ok(Progress::NeedInput),
                        Progress::NeedInput => {}
                        progress => return Ok(progress),
                    }
                    self.flush()$($($await)+)??;
                    match self.socket.read(self.buffers.rx.unfilled())$($($await)+)? {
                        Ok(0) => self.buffers.rx.close(),
                        Ok(count) => self.buffers.rx.commit(count),
                        Err(error) => match error.kind() {
                            ErrorKind::Interrupted => {}
                            ErrorKind::TimedOut if self.clock.now() > now => {}
                            _ => return Err(Error::Io(error)),
                        },
                    }
                }
            }

            /// Sends what is pending. The other calls do so by themselves, before they wait.
            ///
            /// # Errors
            ///
            /// Of the socket.
            pub $($async)? fn flush(&mut self) -> Result<(), Error<S::Error>> {
                let tx = &mut self.buffers.tx;
                while !tx.pending().is_empty() {
                    match self.socket.write(tx.pending())$($($await)+)? {
                        Ok(0) => return Err(Error::WriteZero),
                        Ok(count) => {
                            tx.consume(count);
                            self.unflushed = true;
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(Error::Io(error)),
                    }
                }
                if self.unflushed {
                    self.socket.flush()$($($await)+)?.map_err(Error::Io)?;
                    self.unflushed = false;
                }
                Ok(())
            }
        }
    };
}
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
use driver;
