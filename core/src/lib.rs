//! IMAP and POP3 for programs that read mail: `no_std`, sans-IO, without a heap.
//!
//! ```text
//!   socket ──▶ Rx ──▶ frame ──▶ connection ──▶ Event      what the server says
//!   socket ◀── Tx ◀── Encoder ◀─────────────── Command    what the program asks
//! ```
//!
//! The core never touches a socket, a clock or an allocator. [`Buffers`] is the caller's
//! memory, [`Machine`] is the contract by which bytes get in and out of it, and time is an
//! argument. A message of any size passes through any [`Rx`]; what a program must hold at
//! once is the largest line or FETCH item that it wants whole.
//!
//! # Where to begin
//!
//! - A program with blocking sockets: `imap::blocking::Client` (feature `embedded-io`).
//! - One with async sockets: `imap::asynch::Client` (feature `embedded-io-async`).
//! - One that moves the bytes by itself: `imap::Connection`, a [`Machine`].
//! - The same for POP3, in `pop3`.
//! - What is in a mail, enough to tell somebody of it: [`message`].
//! - Signing in by something better than LOGIN: [`sasl`].
//!
//! # Features
//!
//! None is on by default; each adds, and none changes what is there.
//!
//! | feature | what it adds |
//! |---|---|
//! | `imap` | IMAP: RFC 9051 and RFC 3501 |
//! | `pop3` | POP3: RFC 1939 |
//! | `compress` | the decompression that IMAP's COMPRESS needs |
//! | `watch` | the mailbox watcher, over both |
//! | `apop` | the digest that POP3's APOP needs |
//! | `cram-md5`, `scram-sha-1`, `scram-sha-256` | the SASL mechanisms that need a hash |
//! | `charsets` | in [`message`], every charset of the web beside UTF-8 and the Latin ones |
//! | `embedded-io`, `embedded-io-async` | drivers and clients over sockets with those traits |
//! | `alloc` | owned forms of strings |
//! | `std` | the standard library's clock and sockets |
//! | `serde` | events as data |
//! | `defmt`, `log` | what happens, as log lines; never a secret or the text of a mail |
//!
//! # Errors
//!
//! They are sorted by who has to act: [`PeerError`] (reconnect), [`ResourceError`] (give more
//! memory), [`UsageError`] (fix the call). That a server says NO is an event.
// `contains` of a byte links a search by words: flash that short values do not pay back.
#![allow(clippy::manual_contains)]
// What must not be in the core is how a test fails.
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]
#![no_std]
// Which feature an item needs, beside its name on docs.rs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// Of what the protocols share, some parts serve IMAP alone.
#![cfg_attr(not(feature = "imap"), allow(dead_code))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod buffer;
#[cfg(feature = "compress")]
pub mod compress;
mod date;
mod error;
#[cfg(any(feature = "imap", feature = "pop3"))]
mod fmt;
#[cfg(feature = "imap")]
pub mod imap;
pub mod io;
#[cfg(feature = "serde")]
mod json;
mod machine;
pub mod message;
mod names;
#[cfg(feature = "pop3")]
pub mod pop3;
pub mod sasl;
mod scan;
mod secret;
mod text;
mod time;
#[cfg(feature = "watch")]
pub mod watch;
#[cfg(any(feature = "imap", feature = "pop3"))]
mod writer;

pub use buffer::{Rx, Tx};
pub use date::{Date, DateTime};
pub use error::{Error, PeerError, ResourceError, UsageError};
pub use machine::{Buffers, Machine, Progress};
pub use secret::Secret;
pub use text::Str;
pub use time::{Duration, Instant};

/// The README's programs compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
