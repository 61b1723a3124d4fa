//! A command whose set of messages is too long for one line, sent as several (RFC 7162
//! section 4: servers take lines of 8000 octets at least, some less).
//!
//! What stands around the set is kept at the end of Tx while the parts are sent, so that no
//! copy of the command is needed, and none of its arguments but the set must live on.

use super::connection::Connection;
use super::syntax::sequence_set::{Number, Ranges, SequenceRange, SequenceSet};
use super::{Command, Kind, Tag};
use crate::writer::Digits;
use crate::{Error, ResourceError, Tx, UsageError};

/// The longest range, with a comma behind it: `4294967295:4294967295,`.
const RANGE: usize = 22;

/// CRLF, and the space behind the tag.
const AROUND: usize = 3;

/// What is left to be sent of such a command.
#[derive(Debug, Clone)]
pub(crate) struct LongSet<'a> {
    rest: Ranges<'a>,
    kind: Kind,
    /// How many bytes are kept, and how many of them stand before the set.
    kept: usize,
    hole: usize,
    /// How often messages had got other numbers when the first part was sent.
    renumbered: u32,
}

impl LongSet<'_> {
    /// Whether it only reads: a NO that some messages are gone is no failure.
    pub(crate) const fn is_fetch(&self) -> bool {
        matches!(self.kind, Kind::Fetch | Kind::UidFetch)
    }

    fn is_by_number(&self) -> bool {
        matches!(self.kind, Kind::Fetch | Kind::Store)
    }

    /// Whether all was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.clone().next().is_none()
    }
}

impl Connection {
    /// Sends `command`, or if it is too long for the server or for Tx, as much of its `set` as
    /// can go at once. `once`: whether it matters if the server does it to a message twice.
    pub(crate) fn send_in_parts<'a, C: Command + ?Sized>(
        &mut self,
        command: &C,
        set: SequenceSet<'a>,
        once: bool,
        tx: &mut Tx<'_>,
    ) -> Result<(Tag, Option<LongSet<'a>>), Error> {
        // The numbers change while COPY and MOVE go on.
        let splits = !matches!(command.kind(), Kind::Copy | Kind::Move)
            && set.iter().nth(1).is_some()
            && (!once || is_ascending(set));
        match splits {
            true => self.write_parts(command.kind(), &|out| command.encode(out), set, tx),
            false => Ok((self.send(command, tx)?, None)),
        }
    }

    fn write_parts<'a>(
        &mut self,
        kind: Kind,
        encode: &dyn Fn(&mut super::Encoder<'_, '_>),
        set: SequenceSet<'a>,
        tx: &mut Tx<'_>,
    ) -> Result<(Tag, Option<LongSet<'a>>), Error> {
        self.admit(kind, tx)?;
        let mark = tx.mark();
        let mut encoder = self.encoder(tx).hollow();
        encode(&mut encoder);
        let hole = encoder.hole();
        encoder.finish()?;
        let around = tx.mark().saturating_sub(mark).saturating_add(AROUND);
        let around = around.saturating_add(self.next_tag().as_str().len());
        let most = self.quirks().longest_command().min(tx.capacity().saturating_sub(mark));
        let whole = set_fits(set, most.saturating_sub(around));
        // What waits for the server in the middle is not sent again and again.
        let hole = hole.filter(|_| !whole && !tx.is_gated());
        let Some(hole) = hole else {
            tx.truncate(mark);
            return Ok((self.write(kind, encode, tx)?, None));
        };
        let kept = tx.keep(mark);
        let renumbered = self.renumbered();
        let mut parts = LongSet { rest: set.iter(), kind, kept, hole, renumbered };
        match self.send_part(&mut parts, tx) {
            Ok(tag) => Ok((tag, Some(parts))),
            Err(error) => {
                tx.release();
                Err(error)
            }
        }
    }

    /// Sends the next part.
    pub(crate) fn send_part(
        &mut self,
        parts: &mut LongSet<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<Tag, Error> {
        self.admit(parts.kind, tx)?;
        if parts.is_by_number() && parts.renumbered != self.renumbered() {
            return Err(UsageError::NumbersChanged.into());
        }
        let tag = self.next_tag();
        let mark = tx.mark();
        let around = tag
            .as_str()
            .len()
            .saturating_add(AROUND)
            .saturating_add(parts.kept)
            .saturating_add(mark);
        let room = tx.capacity().saturating_sub(parts.kept).min(self.quirks().longest_command());
        let mut room = room.saturating_sub(around);
        let mut rest = parts.rest.clone();
        let mut whole = tx.push(tag.as_bytes()) && tx.push(b" ") && tx.push_kept(0, parts.hole);
        let mut first = true;
        while let Some(range) = rest.next() {
            let text = RangeText::new(range, first);
            let Some(left) = room.checked_sub(text.as_bytes().len()) else { break };
            room = left;
            first = false;
            whole = whole && tx.push(text.as_bytes());
            parts.rest = rest.clone();
        }
        whole = whole && !first && tx.push_kept(parts.hole, parts.kept) && tx.push(b"\r\n");
        if !whole {
            tx.truncate(mark);
            let needed = around.saturating_add(parts.kept).saturating_add(RANGE);
            return Err(ResourceError::TxFull { needed, capacity: tx.capacity() }.into());
        }
        self.begin(tag, parts.kind);
        Ok(tag)
    }
}

/// Whether the text of `set` takes no more than `room`.
fn set_fits(set: SequenceSet<'_>, room: usize) -> bool {
    let mut left = room.checked_add(1);
    for range in set.iter() {
        let length = RangeText::new(range, false).as_bytes().len();
        left = left.and_then(|left| left.checked_sub(length));
        if left.is_none() {
            return false;
        }
    }
    left.is_some()
}

/// Whether no number is in it twice, and none depends on what is in the mailbox.
fn is_ascending(set: SequenceSet<'_>) -> bool {
    let mut last = 0;
    set.iter().all(|range| match (range.start, range.end) {
        (Number::Value(start), Number::Value(end)) => {
            let after = start > last;
            last = end;
            after
        }
        _ => false,
    })
}

/// A range as it is sent, with a comma before it unless it is the first.
struct RangeText {
    bytes: [u8; RANGE],
    length: usize,
}

impl RangeText {
    fn new(range: SequenceRange, first: bool) -> Self {
        let mut this = Self { bytes: [0; RANGE], length: 0 };
        if !first {
            this.push(b",");
        }
        this.number(range.start);
        if range.start != range.end {
            this.push(b":");
            this.number(range.end);
        }
        this
    }

    fn number(&mut self, number: Number) {
        match number {
            Number::Value(value) => self.push(Digits::new(value.into()).as_bytes()),
            Number::Star => self.push(b"*"),
        }
    }

    fn push(&mut self, text: &[u8]) {
        let places = self.bytes.iter_mut().skip(self.length);
        for (place, byte) in places.zip(text) {
            *place = *byte;
        }
        self.length = self.length.saturating_add(text.len());
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
