//! What a connection tells.

use super::Kind;
use super::Str;
use super::capability::Capability;
use super::language::Language;
use super::listing::{ListItem, Stat, UidlItem};
use super::status::StatusResponse;

/// One thing that the server said, or that the caller has to do.
///
/// It borrows from [`Rx`](crate::Rx) and is valid until the next
/// [`advance`](crate::Machine::advance).
///
/// Every command comes to one [`Completed`](Self::Completed), in the order in which they
/// were sent. What it was sent for comes before that.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'r> {
    /// The first line from the server (RFC 1939 section 4), perhaps with a
    /// [`timestamp`](StatusResponse::timestamp). A `-ERR` ends with
    /// [`PeerError::Refused`](crate::PeerError::Refused) after this event.
    Greeting(StatusResponse<'r>),
    /// An answer that no command asked for: most likely why the server is about to close the
    /// connection.
    Status(StatusResponse<'r>),
    /// A command succeeded, and there is more to its answer than the text here (RFC 1939
    /// section 3); it follows. Instead of this, RETR and TOP have [`Message::Start`].
    Started {
        /// The command.
        kind: Kind,
        /// The server's words.
        response: StatusResponse<'r>,
    },
    /// A command has ended. `-ERR` is an answer, not an error of the connection.
    Completed {
        /// The command.
        kind: Kind,
        /// The message that it was about.
        number: Option<u32>,
        /// How it ended. Without words if they came with [`Started`](Self::Started) or
        /// [`Message::Start`].
        response: StatusResponse<'r>,
    },
    /// Something that the server can do (RFC 2449 section 5).
    Capability(Capability<'r>),
    /// How much mail there is (RFC 1939 section 5).
    Stat(Stat),
    /// The size of a message (RFC 1939 section 5).
    ListItem(ListItem),
    /// The unique-id of a message (RFC 1939 section 7).
    UidlItem(UidlItem<'r>),
    /// A language that the server speaks (RFC 6856 section 3.2).
    Language(Language<'r>),
    /// A piece of what RETR or TOP asked for.
    Message(Message<'r>),
    /// A line of the answer to a [`Kind::CustomLines`], without its end.
    Line(Str<'r>),
    /// The server awaits the next SASL response (RFC 5034 section 4). Answer by
    /// [`respond`](super::Connection::respond) or [`cancel`](super::Connection::cancel).
    Challenge {
        /// The challenge in base64, as it came: some servers send what is none.
        challenge: &'r [u8],
    },
    /// The server agreed to STLS (RFC 2595 section 4), and Rx is empty: do the handshake
    /// now, then call [`tls_started`](super::Connection::tls_started).
    StartTls,
    /// A line that cannot be understood, without its end.
    Malformed(&'r [u8]),
    /// The beginning of a line of a list that is longer than Rx. The rest was or will be
    /// skipped.
    Oversized(&'r [u8]),
}

/// A piece of a message (RFC 1939 section 5, RETR and TOP).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'r> {
    /// It begins.
    Start {
        /// Its number, if that is known: it is what was asked for.
        number: Option<u32>,
        /// The server's words; often they tell a size.
        response: StatusResponse<'r>,
    },
    /// Its next bytes, exactly as they are: the dots that were put before others for the
    /// journey (RFC 1939 section 3) are gone.
    Chunk(&'r [u8]),
    /// It is complete.
    End,
}
