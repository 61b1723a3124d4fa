//! POP3: RFC 1939, with what RFC 2449, 2595, 3206, 5034 and 6856 added.
//!
//! # What to read first
//!
//! - [`Connection`] is the state machine: [`send`](Connection::send) a command, and
//!   [`advance`](crate::Machine::advance) to the next [`Event`].
//! - [`command`] has every command, a struct each.
//! - [`Event`] is what the server says.
//!
//! # RFC by RFC
//!
//! | | here |
//! |---|---|
//! | RFC 1939 section 3: lines, dots | inside; [`Event::Malformed`], [`Event::Oversized`] when lines are not so |
//! | RFC 1939 sections 3 to 6: states | [`State`], [`Connection::send`] |
//! | RFC 1939 sections 5 and 7: commands | [`command`] |
//! | RFC 2449 section 5 and 6: CAPA | [`Capability`], [`CapabilitySet`] |
//! | RFC 2449 section 6.6: PIPELINING | [`Connection::send`] |
//! | RFC 2449 section 8, RFC 3206: response codes | [`StatusResponse`], [`RespText`], [`Code`] |
//! | RFC 2595 section 4: STLS | [`Event::StartTls`] |
//! | RFC 5034: AUTH | [`command::AuthCommand`], [`Event::Challenge`] |
//! | RFC 6856: UTF8, LANG | [`command::Utf8Command`], [`command::LangCommand`] |

mod auth;
mod capability;
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
mod client;
mod connection;
mod encoder;
mod event;
mod frame;
#[cfg(feature = "serde")]
mod json;
mod language;
mod listing;
mod message;
mod session;
mod state;
mod status;

pub mod command;

pub use crate::text::Str;
#[cfg(feature = "apop")]
pub use auth::ApopChallenge;
pub use auth::ApopDigest;
pub use capability::{Capability, CapabilitySet, Expire, LoginDelay, Mechanisms, MechanismsIter};
#[cfg(feature = "embedded-io-async")]
pub use client::asynch;
#[cfg(feature = "embedded-io")]
pub use client::blocking::{self, Client};
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
pub use client::{ClientError, Refused};
pub use command::{Command, Kind};
pub use connection::{Config, Connection};
pub use encoder::Encoder;
pub use event::{Event, Message};
pub use language::Language;
pub use listing::{ListItem, Stat, UidlItem};
pub use state::State;
pub use status::{Code, RespText, Status, StatusResponse};
