//! The watcher: tells, reliably, that mail came.
//!
//! [`ImapWatch`] and [`Pop3Watch`] are [`Machine`](crate::Machine)s. They need bytes, a clock,
//! and somewhere to keep a cursor: they log in, look for what came since the cursor, wait for
//! more, and begin anew when the connection breaks.
//!
//! ```text
//!   connect ─▶ log in ─▶ open the mailbox ─▶ catch up ─▶ wait (IDLE, NOTIFY, or poll)
//!      ▲                                        │  ▲              │
//!      │                                      Alert└──────────────┘
//!      └────── Retry { at } ◀── whatever goes wrong
//! ```
//!
//! # What is promised
//!
//! - **At least once**: a message that matches the filter and stays in the mailbox is alerted
//!   until it is acknowledged, however the connection dies and whenever the program is
//!   restarted. Alerts come in the order of UIDs; by POP3, in that of the maildrop.
//! - **No gap**: nor is a message missed that comes while another is told, between a search and
//!   IDLE, while IDLE ends, or while there is no connection.
//! - **None hides another**: a message of which the connection died twice, while it was fetched, is
//!   alerted without what would have been fetched, and by POP3 not deleted.
//! - **Nothing changes** on the server unless that is asked for: the mailbox is opened by
//!   EXAMINE, and all is fetched by PEEK; by POP3, by TOP if the server has it.
//!
//! # The order of calls
//!
//! The one of [`Machine`](crate::Machine), and:
//!
//! - on [`Event::Alert`], do what is to be done, then `acknowledge`, then keep the cursor;
//! - on [`Event::Retry`], close the transport, wait until its moment, connect anew, and call
//!   `reconnect`; if no connection can be made, call `unreachable`, and the next event is another
//!   [`Event::Retry`];
//! - on [`Event::StartTls`], do the handshake, then call `tls_started`.

mod backoff;
mod cursor;
mod draft;
mod either;
mod filter;
mod found;
mod imap;
#[cfg(test)]
mod imap_tests;
mod letter;
mod marks;
mod pop3;
#[cfg(test)]
mod pop3_tests;
mod record;

pub use backoff::Backoff;
pub use cursor::Cursor;
pub use either::Watch;
pub use filter::Filter;
pub use imap::{ImapConfig, ImapWatch, Watched};
pub use pop3::{Pop3Config, Pop3Watch};
pub use record::Record;

use crate::imap::{FlagSet, Tag};
use crate::message::{Addresses, Text};
use crate::{DateTime, Error, Instant, Secret, Str};
use core::fmt;

/// What a watcher tells. It borrows from the watcher and from Rx.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'r> {
    /// The server agreed to TLS: do the handshake now, then call `tls_started`.
    StartTls,
    /// It is for the caller to log in ([`Login::Caller`]): send LOGIN or AUTHENTICATE, by POP3
    /// AUTH, APOP or USER, by `connection_mut`. It comes again when USER was accepted: send PASS.
    LogIn,
    /// The server awaits the next SASL response: answer by `connection_mut`. The challenge is in
    /// base64, as it came.
    Challenge {
        /// The challenge.
        challenge: &'r [u8],
        /// Whether it was longer than Rx, and this is its beginning: cancel.
        truncated: bool,
    },
    /// The caller is logged in. A mechanism that has the last word, has it now.
    LoggedIn {
        /// The server's text.
        text: Str<'r>,
    },
    /// The mailbox is open.
    Open {
        /// Its place among those that are watched.
        mailbox: usize,
        /// How many messages it holds.
        exists: u32,
        /// Whether the cursor was of no use: the mailbox was never watched, or its UIDVALIDITY
        /// has changed (RFC 9051 section 2.3.1.1). By [`Start`], the cursor begins anew. Or
        /// UIDNEXT is below the cursor, as after a restore: it begins there. By POP3: whether the
        /// maildrop was never watched.
        reset: bool,
    },
    /// A message came.
    Alert(Alert<'r>),
    /// There is nothing more to tell for now. Keep the cursor.
    CaughtUp,
    /// The server awaits the literal of the caller's own command: give it by `connection_mut`.
    SendLiteral {
        /// The command.
        tag: Tag,
        /// Bytes that are still to be given.
        remaining: u64,
    },
    /// The server awaits the next message, or part of one, of the caller's own APPEND: give it by
    /// `connection_mut`.
    NextPart {
        /// The command.
        tag: Tag,
    },
    /// The caller's own command has ended.
    Completed {
        /// The command.
        tag: Tag,
        /// Whether the server did it.
        ok: bool,
        /// The server's text.
        text: Str<'r>,
    },
    /// The server refused something that the watcher cannot do without, in these words;
    /// [`Retry`](Self::Retry) follows; but if it is one of several mailboxes that it does not
    /// open, the others are watched all the same.
    Refused {
        /// Whether it was the login. Trying again and again may lock the account. No if the server
        /// said that it is not the login's fault (RFC 5530 section 3; by POP3 RFC 2449 section 8,
        /// RFC 3206).
        login: bool,
        /// The place of the mailbox among those that are watched, if it is about one.
        mailbox: usize,
        /// The server's text.
        text: Str<'r>,
    },
    /// The connection is of no more use. Connect anew, not before `at`.
    Retry {
        /// When.
        at: Instant,
        /// What went wrong.
        cause: Cause,
    },
}

/// Why a watcher needs a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// The connection failed. If the [error](Error) is one of usage, or says that memory is too
    /// small, the same will come of the next one: end, or change what the watcher was told.
    /// Those are:
    ///
    /// - [`InvalidArgument`](crate::UsageError::InvalidArgument): no mailbox, or a name or a key
    ///   that cannot be sent;
    /// - [`NotOffered`](crate::UsageError::NotOffered): the server has no STARTTLS, STLS or LOGIN.
    ///   That may be another one's doing, or pass, if it was once offered;
    /// - [`TxFull`](crate::ResourceError::TxFull) with more needed than Tx holds: of the filter or
    ///   the names, say;
    /// - [`TooManyLiterals`](crate::ResourceError::TooManyLiterals).
    Connection(Error),
    /// No connection could be made, as the caller said.
    Unreachable,
    /// The server refused something: [`Event::Refused`] told its words.
    Refused,
    /// The server ended the connection in order, by BYE.
    Bye,
    /// The server let in without the TLS that was asked for: by PREAUTH (RFC 9051
    /// section 7.1.4). Somebody may sit in between.
    InClear,
    /// None: POP3 shows what came only to a new connection.
    Poll,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => error.fmt(f),
            Self::Unreachable => f.write_str("there is no connection"),
            Self::Refused => f.write_str("the server refused"),
            Self::Bye => f.write_str("the server ended the connection"),

            Self::InClear => f.write_str("the connection began logged in, and without TLS"),
            Self::Poll => f.write_str("it is time to look again"),
        }
    }
}

/// A message that came.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Alert<'r> {
    /// The place of its mailbox among those that are watched.
    pub mailbox: usize,
    /// Its UID; by POP3, its number on this connection.
    pub uid: u32,
    /// Its POP3 unique-id; empty by IMAP.
    pub unique_id: Str<'r>,
    /// Whom it is from, as the field says: usually one address.
    pub from: Addresses<'r>,
    /// Its subject.
    pub subject: Text<'r>,
    /// When it was sent, by its Date field; else, by IMAP, when the server got it.
    pub date: Option<DateTime>,
    /// Its size in octets.
    pub size: Option<u64>,
    /// Its system flags; POP3 knows none.
    pub flags: FlagSet,
    /// The beginning of its text, on one line. `None` if it has none, or none that can be shown.
    pub preview: Option<&'r str>,
}

/// Where a mailbox begins that was never watched before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Start {
    /// With the mail that comes from now on.
    #[default]
    Now,
    /// With all that is there.
    Everything,
}

/// How to log in.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Login<'a> {
    /// By user name and password: LOGIN, or USER and PASS. Only inside TLS, or on a link that is
    /// safe by other means.
    Password {
        /// The user's name.
        user: &'a str,
        /// The password.
        password: Secret<'a>,
    },
    /// By the caller, on [`Event::LogIn`]: with any SASL mechanism, or a token of that hour.
    Caller,
}

impl<'a> Login<'a> {
    /// By user name and password.
    pub fn password(user: &'a str, password: impl Into<Secret<'a>>) -> Self {
        Self::Password { user, password: password.into() }
    }
}
