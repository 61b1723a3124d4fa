//! What the clients of all protocols have in common.

use super::Error;
use crate::{UsageError, sasl};
use core::fmt::{self, Write as _};
use heapless::String;

/// Why a call of a client failed. `E` is the socket's error, `R` what the protocol calls a
/// refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClientError<E, R> {
    /// The socket failed, in the socket's own words.
    Io(E),
    /// The socket takes no more bytes.
    WriteZero,
    /// The protocol failed, or the call is not possible.
    Connection(crate::Error),
    /// The server refused: NO, BAD or BYE in IMAP, `-ERR` in POP3.
    Refused(R),
    /// The SASL mechanism gave up. The connection is not authenticated, or not to be
    /// trusted.
    Sasl(sasl::Error),
    /// The connection has ended.
    Closed,
}

impl<E, R> From<Error<E>> for ClientError<E, R> {
    fn from(error: Error<E>) -> Self {
        match error {
            Error::Io(error) => Self::Io(error),
            Error::WriteZero => Self::WriteZero,
            Error::Connection(error) => Self::Connection(error),
        }
    }
}

impl<E, R> From<crate::Error> for ClientError<E, R> {
    fn from(error: crate::Error) -> Self {
        Self::Connection(error)
    }
}

impl<E, R> From<UsageError> for ClientError<E, R> {
    fn from(error: UsageError) -> Self {
        Self::Connection(error.into())
    }
}

impl<E, R> From<sasl::Error> for ClientError<E, R> {
    fn from(error: sasl::Error) -> Self {
        Self::Sasl(error)
    }
}

impl<E: fmt::Display, R: fmt::Display> fmt::Display for ClientError<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::WriteZero => f.write_str("the socket takes no more bytes"),
            Self::Connection(error) => error.fmt(f),
            Self::Refused(refused) => refused.fmt(f),
            Self::Sasl(error) => error.fmt(f),
            Self::Closed => f.write_str("the connection has ended"),
        }
    }
}

impl<E, R> core::error::Error for ClientError<E, R>
where
    E: core::error::Error + 'static,
    R: fmt::Debug + fmt::Display,
{
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Connection(error) => Some(error),
            Self::Sasl(error) => Some(error),
            Self::WriteZero | Self::Refused(_) | Self::Closed => None,
        }
    }
}

/// The server's words, as far as they are kept.
pub(crate) type Words = String<80>;

/// Keeps as much of a text as there is room for.
pub(crate) fn words(text: &dyn fmt::Display) -> Words {
    let mut words = Truncated(Words::new());
    // An error means that it is full.
    let _ = write!(words, "{text}");
    words.0
}

/// Takes as much of a text as there is room for.
struct Truncated(Words);

impl fmt::Write for Truncated {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| self.0.push(char).map_err(|_| fmt::Error))
    }
}
