//! The contract between a protocol and whatever moves its bytes.

use crate::{Duration, Error, Instant, Rx, Tx};

/// The caller's memory that a protocol works in.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// What was received and not yet consumed.
    pub rx: Rx<'b>,
    /// What is to be sent.
    pub tx: Tx<'b>,
}

impl<'b> Buffers<'b> {
    /// Buffers over the caller's memory. `rx` bounds the largest response (or FETCH item)
    /// that arrives whole, `tx` the largest command.
    ///
    /// What is larger is cut or skipped and says so, at any size of `rx`. From 64 bytes on,
    /// number lists, capabilities and the text of messages come through whole, in parts.
    /// Envelopes take 0.3 to 1 KiB, the MIME structure of a mail with attachments 1 to 3 KiB,
    /// a challenge of OAuth or Kerberos 2 KiB: one KiB is the least for a mail program, four
    /// are enough for nearly all.
    pub fn new(rx: &'b mut [u8], tx: &'b mut [u8]) -> Self {
        Self { rx: Rx::new(rx), tx: Tx::new(tx) }
    }

    /// Empties both, for a new connection.
    pub fn clear(&mut self) {
        self.rx.clear();
        self.tx.clear();
    }
}

/// What [`Machine::advance`] came to. Output may be pending in any of the cases, so send
/// [`Tx::pending`] before waiting for input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Progress {
    /// [`Machine::event`] has something to tell.
    Event,
    /// Nothing happens until more input is committed, the input is closed, a command is
    /// sent, or [`Machine::deadline`] is reached.
    NeedInput,
    /// The connection has ended in order. Close the transport.
    Closed,
}

/// A protocol as a state machine: bytes and time in, events and bytes out.
///
/// The order of calls, over and over:
///
/// 1. send [`Tx::pending`] and [`Tx::consume`] it: what is not consumed counts as not sent, so
///    that nothing which arrives can be its answer;
/// 2. [`advance`](Self::advance);
/// 3. on [`Progress::Event`], look at [`event`](Self::event), and go to 1;
/// 4. on [`Progress::NeedInput`], read into [`Rx::unfilled`] and [`Rx::commit`], or
///    [`Rx::close`] at the end of input; not longer than until
///    [`deadline`](Self::deadline).
///
/// `advance` moves and borrows nothing, `event` borrows and moves nothing: so an adapter
/// can return an event that borrows from the buffer out of its loop.
pub trait Machine {
    /// What this protocol tells. It borrows from Rx and is valid until the next `advance`.
    type Event<'r>
    where
        Self: 'r;

    /// Discards the last event's bytes, then works until there is something to tell.
    ///
    /// `now` must not run backwards. Calling it early or twice is harmless.
    ///
    /// # Errors
    ///
    /// Sticky: after one, the connection is of no more use, except that bytes may still be
    /// sent.
    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error>;

    /// What the last [`advance`](Self::advance) came upon, if it returned
    /// [`Progress::Event`].
    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Self::Event<'r>;

    /// When to call [`advance`](Self::advance) at the latest though no input came.
    fn deadline(&self) -> Option<Instant>;
}

/// So a machine that outlives its connections can be lent to a driver for each.
impl<M: Machine> Machine for &mut M {
    type Event<'r>
        = M::Event<'r>
    where
        Self: 'r;

    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        M::advance(self, buffers, now)
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> M::Event<'r> {
        M::event(self, buffers)
    }

    fn deadline(&self) -> Option<Instant> {
        M::deadline(self)
    }
}

/// When something was last heard while an answer was owed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    at: Option<Instant>,
    received: u64,
}

impl Heard {
    pub(crate) const fn new() -> Self {
        Self { at: None, received: 0 }
    }

    /// There is nothing to do but to wait. `received`: [`Rx::received`].
    pub(crate) fn listen(&mut self, owed: bool, received: u64, now: Instant) {
        let heard = self.received != received;
        self.received = received;
        self.at = match self.at {
            _ if !owed => None,
            Some(at) if !heard => Some(at),
            _ => Some(now),
        };
    }

    /// It was our turn until now.
    #[cfg(feature = "imap")]
    pub(crate) const fn restart(&mut self) {
        self.at = None;
    }

    /// When to give up.
    pub(crate) fn deadline(&self, timeout: Option<Duration>) -> Option<Instant> {
        Some(self.at?.saturating_add(timeout?))
    }
}
