//! Errors, sorted by who has to do something about them.

use core::fmt;

/// Why a [`Machine`](crate::Machine) cannot go on. Sticky: once returned, every later
/// call returns the same, and only a new connection helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The other side, or the link to it, misbehaved. Reconnect; report it if it repeats.
    Peer(PeerError),
    /// A buffer or a fixed table of this program is too small. Give more memory.
    Resource(ResourceError),
    /// The program asked for what cannot be. Change the call.
    Usage(UsageError),
}

/// What the other side did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PeerError {
    /// The input ended in the middle of a response, or while an answer was still owed.
    UnexpectedEof,
    /// Where the responses begin and end can no longer be known: a literal whose length is
    /// wrong, or one announced inside a quoted string that never ended. Going on could take
    /// the text of a mail for a response, so nothing more is read.
    FrameLost,
    /// Input arrived in clear between the server's agreement to STARTTLS or STLS and the
    /// handshake. Somebody may have injected it (RFC 9051 section 6.2.1); nothing of it is
    /// believed.
    DataBeforeTls,
    /// The first thing that the server said is no greeting.
    BadGreeting,
    /// The server greeted with BYE: it does not want this connection.
    Refused,
    /// The server said goodbye and ended the connection while commands were in flight.
    Bye,
    /// The server completed a command of which not all was sent, and would take what comes
    /// next for the rest of it.
    AnsweredEarly,
    /// What came compressed cannot be decompressed (RFC 1951), or goes on where compression
    /// must have ended (RFC 8437 section 4.1).
    BadCompression,
    /// AUTHENTICATE brought more challenges than any mechanism needs.
    TooManyChallenges,
    /// Nothing was heard for longer than the configured time while an answer was owed.
    Timeout,
}

/// Which room was too small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ResourceError {
    /// The command does not fit the free part of Tx; nothing of it was written. If `needed`
    /// is at most `capacity`, send what is pending and try again; else give Tx more memory.
    TxFull {
        /// Bytes that this command takes.
        needed: usize,
        /// Bytes that Tx could hold when empty.
        capacity: usize,
    },
    /// A challenge of the server does not fit Rx, so that it cannot be answered.
    RxFull {
        /// Bytes that Rx holds.
        capacity: usize,
    },
    /// The command holds more synchronising literals than Tx has gates for.
    TooManyLiterals,
    /// As many commands are in flight as the connection can remember. Read events until one
    /// of them is completed.
    TooManyInFlight,
}

/// What the caller did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UsageError {
    /// The command is not allowed in the state that the connection is in (RFC 9051 section 3),
    /// or it names messages by sequence numbers after UIDONLY was enabled (RFC 9586 section 3) or
    /// NOTIFY let the server change them at any time (RFC 5465 section 5.3).
    WrongState,
    /// The command may not be sent while others are in flight, or one that is in flight
    /// admits no other beside it (RFC 9051 section 5.5). Wait for their completion.
    Busy,
    /// The server does not offer what the command needs, named here.
    NotOffered(&'static str),
    /// The command needs what has to be enabled first, named here (RFC 9051 section 6.3.1).
    NotEnabled(&'static str),
    /// What the server offers is not known yet, and so not whether the command can be sent.
    /// Send it again once the connection's own CAPABILITY or CAPA was completed
    /// (`Connection::knows_capabilities`).
    CapabilitiesUnknown,
    /// An argument cannot be sent in any form: it holds a NUL, or a CR or LF where no
    /// literal is allowed, or it is not of the grammar's form. The text says which.
    InvalidArgument(&'static str),
    /// The message is larger than the server takes (RFC 7889), by
    /// `CapabilitySet::append_limit`. Nothing of it was sent.
    TooBig,
    /// Rx holds compressed bytes, to be taken out first ([`Rx::take`](crate::Rx::take)).
    CompressedInRx,
    /// The server removed a message in the middle of a client's FETCH or STORE that was sent in
    /// parts, so that the sequence numbers that were left named others. It must not (RFC 9051
    /// section 7.5.1). The rest was not sent: ask again, better by UIDs.
    NumbersChanged,
    /// A literal was announced and given up (`Connection::abandon_literal`). Sticky: the
    /// server takes whatever comes for the rest of it.
    LiteralAbandoned,
    /// The connection has ended; make a new one.
    Closed,
}

impl From<PeerError> for Error {
    fn from(e: PeerError) -> Self {
        Self::Peer(e)
    }
}

impl From<ResourceError> for Error {
    fn from(e: ResourceError) -> Self {
        Self::Resource(e)
    }
}

impl From<UsageError> for Error {
    fn from(e: UsageError) -> Self {
        Self::Usage(e)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(e) => e.fmt(f),
            Self::Resource(e) => e.fmt(f),
            Self::Usage(e) => e.fmt(f),
        }
    }
}

impl fmt::Display for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnexpectedEof => "the server closed the connection unexpectedly",
            Self::FrameLost => "the server's framing is broken: a literal's length or a quote",
            Self::DataBeforeTls => "data arrived in clear before the TLS handshake",
            Self::BadGreeting => "the server's greeting is not of this protocol",
            Self::Refused => "the server refused the connection",
            Self::Bye => "the server said goodbye while commands were in flight",
            Self::AnsweredEarly => "the server answered before all of the command was sent",
            Self::BadCompression => "the server's compressed data is broken",
            Self::TooManyChallenges => "the server never stops asking while authenticating",
            Self::Timeout => "the server did not answer in time",
        })
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TxFull { needed, capacity } => {
                write!(f, "the command needs {needed} bytes of Tx, which has {capacity}")
            }
            Self::RxFull { capacity } => {
                write!(f, "a challenge does not fit Rx, which has {capacity} bytes")
            }
            Self::TooManyLiterals => f.write_str("too many literals in one command"),
            Self::TooManyInFlight => f.write_str("too many commands in flight"),
        }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongState => f.write_str("not allowed in this state"),
            Self::Busy => f.write_str("not allowed while another command is in flight"),
            Self::NotOffered(what) => write!(f, "the server does not offer {what}"),
            Self::NotEnabled(what) => write!(f, "{what} has not been enabled"),
            Self::CapabilitiesUnknown => f.write_str("it is not known yet what the server offers"),
            Self::TooBig => f.write_str("the message is larger than the server takes"),
            Self::CompressedInRx => f.write_str("compressed bytes are left in Rx"),
            Self::NumbersChanged => f.write_str("the messages' numbers changed between two parts"),
            Self::LiteralAbandoned => f.write_str("a literal was begun and given up"),
            Self::InvalidArgument(what) => write!(f, "invalid argument: {what}"),
            Self::Closed => f.write_str("the connection has ended"),
        }
    }
}

impl core::error::Error for Error {}
impl core::error::Error for PeerError {}
impl core::error::Error for ResourceError {}
impl core::error::Error for UsageError {}
