//! A watcher over either protocol.

use super::{Event, ImapWatch, Pop3Watch};
use crate::{Buffers, Error, Instant, Machine, Progress, Rx, Tx};

/// A watcher over IMAP or POP3, for programs that learn which only when they run. Its methods are
/// those of the two.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the larger one on")]
pub enum Watch<'a> {
    /// Over IMAP.
    Imap(ImapWatch<'a>),
    /// Over POP3.
    Pop3(Pop3Watch<'a>),
}

impl Watch<'_> {
    /// The alert of this UID (by POP3, number), and those before it, need not come again. POP3 has
    /// one mailbox only.
    pub fn acknowledge(&mut self, mailbox: usize, uid: u32) {
        match self {
            Self::Imap(watch) => watch.acknowledge(mailbox, uid),
            Self::Pop3(watch) => watch.acknowledge(uid),
        }
    }

    /// Says that the handshake that [`Event::StartTls`] asked for is done.
    ///
    /// # Errors
    ///
    /// As [`imap::Connection::tls_started`](crate::imap::Connection::tls_started).
    pub fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        match self {
            Self::Imap(watch) => watch.tls_started(rx),
            Self::Pop3(watch) => watch.tls_started(rx),
        }
    }

    /// Begins on a new transport. What is left in the buffers is dropped.
    pub fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        match self {
            Self::Imap(watch) => watch.reconnect(buffers),
            Self::Pop3(watch) => watch.reconnect(buffers),
        }
    }

    /// Says that no transport could be had, or that it failed: [`Event::Retry`] comes next. What
    /// is left to be sent is dropped.
    pub fn unreachable(&mut self, buffers: &mut Buffers<'_>) {
        match self {
            Self::Imap(watch) => watch.unreachable(buffers),
            Self::Pop3(watch) => watch.unreachable(buffers),
        }
    }

    /// Ends it in order, with [`Progress::Closed`].
    ///
    /// # Errors
    ///
    /// [`ResourceError::TxFull`](crate::ResourceError::TxFull): send what is pending, and try
    /// again.
    pub fn stop(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match self {
            Self::Imap(watch) => watch.stop(tx),
            Self::Pop3(watch) => {
                watch.stop();
                Ok(())
            }
        }
    }
}

impl Machine for Watch<'_> {
    type Event<'r>
        = Event<'r>
    where
        Self: 'r;

    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        match self {
            Self::Imap(watch) => watch.advance(buffers, now),
            Self::Pop3(watch) => watch.advance(buffers, now),
        }
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        match self {
            Self::Imap(watch) => watch.event(buffers),
            Self::Pop3(watch) => watch.event(buffers),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Imap(watch) => watch.deadline(),
            Self::Pop3(watch) => watch.deadline(),
        }
    }
}
