//! The client over a blocking socket (`embedded-io`).
//!
//! ```no_run
//! # #[cfg(feature = "std")]
//! # fn read_mail() -> Result<(), Box<dyn std::error::Error>> {
//! use mailwire::imap::{self, Fetch, Item, Search, event};
//! use mailwire::io::Std;
//!
//! let (mut rx, mut tx) = ([0; 2048], [0; 512]);
//! let socket = Std(std::net::TcpStream::connect("localhost:143")?);
//! let mut mail = imap::Client::connect(socket, &mut rx, &mut tx)?;
//! mail.login("alice", "secret")?;
//! mail.examine("INBOX")?;
//!
//! let mut uids = Vec::new();
//! let mut found = mail.uid_search(&[Search::Unseen, Search::From("pager")])?;
//! while let Some(batch) = found.next()? {
//!     uids.extend(batch.numbers());
//! }
//! if !uids.is_empty() {
//!     let mut messages = mail.uid_fetch(&uids[..], &[Fetch::Envelope, Fetch::peek("TEXT")])?;
//!     while let Some(mut message) = messages.next()? {
//!         while let Some(piece) = message.next()? {
//!             match piece {
//!                 event::Fetch::Item(Item::Envelope(envelope)) => {
//!                     println!("{:?}", envelope.subject());
//!                 }
//!                 event::Fetch::Chunk(bytes) => print!("{}", String::from_utf8_lossy(bytes)),
//!                 _ => {}
//!             }
//!         }
//!     }
//! }
//! mail.logout()?;
//! # Ok(())
//! # }
//! ```

#![allow(
    clippy::should_implement_trait,
    reason = "what `next` returns borrows from the receiver, which no iterator can lend"
)]

use super::*;
use crate::io::blocking::Driver;
use embedded_io::{Read, Write};

super::client!();
