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

/// The bytes of a message, by [`write`](Upload::write); so `std::io::copy` sends a file. It takes no
/// more than what [remains](Upload::remaining), and then nothing.
#[cfg(feature = "std")]
impl<S, C> std::io::Write for Upload<'_, '_, S, C>
where
    S: Read + Write,
    S::Error: core::error::Error + Send + Sync + 'static,
    C: Clock,
{
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let most = usize::try_from(self.remaining()).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get(..most).unwrap_or_default();
        Upload::write(self, bytes).map_err(std::io::Error::other)?;
        Ok(most)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = self.0.client.driver.flush().map_err(ClientError::<_>::from);
        flushed.map_err(std::io::Error::other)
    }
}
