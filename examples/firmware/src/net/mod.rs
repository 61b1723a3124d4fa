//! TCP, as sockets of `embedded-io` that return from reading now and then.

#[cfg(feature = "embassy")]
pub mod asynch;
pub mod blocking;
mod records;

use embedded_io::ErrorKind;

/// The device's address in QEMU's network, which has no other device.
const ADDRESS: [u8; 4] = [10, 0, 2, 15];
/// Of the network's bits, how many are the same for all in it.
const PREFIX: u8 = 24;
/// Where all else is.
const GATEWAY: [u8; 4] = [10, 0, 2, 2];

/// How long a peer may keep us waiting for a connection, or for the rest of what it began to
/// send, or for taking what we send: milliseconds.
const STALLED: u32 = 10_000;
/// How long a record may take, however it drips, and a handshake: milliseconds. embedded-tls waits
/// for all of either, and mailwire does not see to its deadlines meanwhile.
const RECORD: u32 = 20_000;
/// How long reading waits before it returns with `TimedOut`, where that does no harm, so that
/// mailwire sees to its own deadlines: milliseconds.
const TICK: u32 = 500;

/// Why a socket failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, defmt::Format)]
pub enum Error {
    /// Nobody answers there, or the port is closed.
    NotConnected,
    /// Nothing came so far; reading again may bring more.
    TimedOut,
    /// The peer stopped in the middle of something.
    Stalled,
    /// The connection is gone.
    Reset,
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NotConnected => "not connected",
            Self::TimedOut => "timed out",
            Self::Stalled => "stalled",
            Self::Reset => "reset",
        })
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotConnected => ErrorKind::NotConnected,
            Self::TimedOut => ErrorKind::TimedOut,
            // Not `TimedOut`, after which one reads on.
            Self::Stalled | Self::Reset => ErrorKind::ConnectionReset,
        }
    }
}
