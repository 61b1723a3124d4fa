//! Which messages of a maildrop were acknowledged.

use super::cursor::check;

/// Bytes before the entries: a check of what follows (4), how many entries (3), flags (1).
const HEAD: usize = 8;

/// A mark in an entry's first byte: acknowledged, and to be deleted wherever it is met.
const DOOMED: u8 = 1;

/// A flag: the maildrop was looked at.
const BEGUN: u8 = 1;
/// A flag: there were more messages than entries.
const FORGETFUL: u8 = 2;

/// Which messages of a POP3 maildrop were acknowledged: what a watcher must find again after a
/// restart, as IMAP's [`Cursor`](super::Cursor) is. It is in memory of the caller's, who also
/// keeps its [bytes](Self::as_bytes) in flash or in a file: 8, and 8 for each message.
///
/// An entry is a hash of a unique-id (RFC 1939 section 7). What is no longer in the maildrop is
/// forgotten. So as many entries are enough as the maildrop has messages.
///
/// # When the maildrop has more messages than the record has entries
///
/// Then it holds the newest of those that were acknowledged, and the place in the maildrop decides
/// about the others: before the first message that is known they were told once, behind it they
/// are new. That is right as long as the server puts new messages behind the old ones, and as long
/// as one of the known ones is left. If somebody deletes just those and leaves older ones, these
/// are told once more: rather that than to miss one.
///
/// # Without good unique-ids
///
/// Of messages with the same unique-id, or with a blank one, as many count as known as were
/// acknowledged. None is missed, unless one of them goes and another comes between two looks.
#[derive(Debug)]
pub struct Record<'m> {
    /// The head, written by [`as_bytes`](Self::as_bytes), and the entries.
    memory: &'m mut [u8],
    /// How many of the entries are used: in the order of the messages in the maildrop.
    len: usize,
    /// How many of these were met in this pass through the maildrop; they come first.
    met: usize,
    flags: u8,
}

/// The entry of a unique-id: FNV-1a of 64 bits, without its lowest.
pub(super) fn hash(unique_id: impl Iterator<Item = u8>) -> [u8; 8] {
    let hash = unique_id.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash & !u64::from(DOOMED)).to_le_bytes()
}

/// Of the maildrop, what the record makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    No,
    Yes,
    /// And it is to be deleted.
    Doomed,
}

impl<'m> Record<'m> {
    /// A record of a maildrop that was never watched. Of `memory` 8 bytes are for itself, and 8
    /// for each entry; it must have room for one.
    pub const fn new(memory: &'m mut [u8]) -> Self {
        Self { memory, len: 0, met: 0, flags: 0 }
    }

    /// Takes over what was kept, and says whether that was a record: erased flash is none, nor is
    /// a write that was cut short, and the maildrop then counts as never watched. What stands
    /// behind a record does not matter. If there are more entries than this one has room for, the
    /// oldest are forgotten.
    pub fn restore(&mut self, kept: &[u8]) -> bool {
        self.clear();
        let Some((old_check, rest)) = kept.split_first_chunk::<4>() else { return false };
        let Some(&[a, b, c, flags]) = rest.first_chunk::<4>() else { return false };
        let len = u32::from_le_bytes([a, b, c, 0]) as usize;
        let body = rest.get(..len.saturating_mul(8).saturating_add(4)).unwrap_or_default();
        if body.is_empty() || check(body) != u32::from_le_bytes(*old_check) {
            return false;
        }
        let (entries, _) = body.get(4..).unwrap_or_default().as_chunks::<8>();
        let over = len.saturating_sub(self.capacity());
        self.flags = if over > 0 { flags | FORGETFUL } else { flags };
        self.len = len.saturating_sub(over);
        self.met = self.len;
        for (to, from) in self.entries().iter_mut().zip(entries.iter().skip(over)) {
            *to = *from;
        }
        true
    }

    /// The record, to be kept: 8 bytes, and 8 for each entry that is used.
    pub fn as_bytes(&mut self) -> &[u8] {
        let used = self.len.saturating_mul(8).saturating_add(HEAD);
        let [a, b, c, _] = (self.len as u32).to_le_bytes();
        if let Some((place, rest)) = self.memory.split_first_chunk_mut::<4>()
            && let Some(counted) = rest.first_chunk_mut::<4>()
        {
            *counted = [a, b, c, self.flags];
            *place = check(rest.get(..used.saturating_sub(4)).unwrap_or_default()).to_le_bytes();
        }
        self.memory.get(..used).unwrap_or_default()
    }

    /// How many messages it can hold.
    pub const fn capacity(&self) -> usize {
        let entries = self.memory.len().saturating_sub(HEAD) / 8;
        // As many as can be counted.
        if entries > 0xff_ffff { 0xff_ffff } else { entries }
    }

    /// How many messages it holds.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn entries(&mut self) -> &mut [[u8; 8]] {
        let entries = self.memory.get_mut(HEAD..).unwrap_or_default();
        entries.as_chunks_mut().0
    }

    pub(super) fn clear(&mut self) {
        (self.len, self.met, self.flags) = (0, 0, 0);
    }

    /// Whether the maildrop was ever looked at.
    pub(super) const fn is_begun(&self) -> bool {
        self.flags & BEGUN != 0
    }

    /// Whether there may be messages that were acknowledged and are not in here.
    pub(super) const fn is_forgetful(&self) -> bool {
        self.flags & FORGETFUL != 0
    }

    /// A pass through the maildrop begins.
    pub(super) const fn begin(&mut self) {
        self.met = 0;
    }

    /// Of this pass's next message: whether it is known. Each entry stands for one message.
    pub(super) fn meet(&mut self, entry: [u8; 8]) -> Known {
        let (met, len) = (self.met, self.len);
        let unmet = self.entries().get_mut(met..len).unwrap_or_default();
        let same = |other: &[u8; 8]| unmark(*other) == entry;
        let Some(at) = unmet.iter().position(same) else { return Known::No };
        // It comes behind those that were met; what is between moves up.
        let mut found = entry;
        for place in unmet.iter_mut().take(at.saturating_add(1)) {
            core::mem::swap(&mut found, place);
        }
        if let Some(place) = unmet.first_mut() {
            *place = found;
        }
        self.met = met.saturating_add(1);
        if found == entry { Known::Yes } else { Known::Doomed }
    }

    /// The pass has ended: what was not met is gone. `older`: whether messages were passed over
    /// that are not in here.
    pub(super) fn end(&mut self, older: bool) {
        self.len = self.met;
        self.flags = if older { BEGUN | FORGETFUL } else { BEGUN };
    }

    /// The pass has ended, but messages may be hidden that are there all the same.
    pub(super) const fn end_and_keep(&mut self) {
        self.met = self.len;
    }

    /// A message was acknowledged. Counts as met in this pass.
    pub(super) fn add(&mut self, entry: [u8; 8], doomed: bool) {
        if self.len >= self.capacity() {
            let len = self.len;
            let mut rest = self.entries().get_mut(..len).unwrap_or_default();
            while let [first, behind @ ..] = rest {
                if let [next, ..] = behind {
                    *first = *next;
                }
                rest = behind;
            }
            self.len = len.saturating_sub(1);
            self.met = self.met.saturating_sub(1);
            self.flags |= FORGETFUL;
        }
        let (met, len) = (self.met, self.len.saturating_add(1));
        let mut carried = if doomed { mark(entry) } else { entry };
        for place in self.entries().get_mut(met..len).unwrap_or_default() {
            core::mem::swap(&mut carried, place);
        }
        self.met = met.saturating_add(1);
        self.len = len;
    }
}

fn mark([first, rest @ ..]: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g] = rest;
    [first | DOOMED, a, b, c, d, e, f, g]
}

fn unmark([first, rest @ ..]: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g] = rest;
    [first & !DOOMED, a, b, c, d, e, f, g]
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn id(text: &str) -> [u8; 8] {
        hash(text.bytes())
    }

    /// What is not known of these.
    fn pass<'i>(record: &mut Record<'_>, ids: &[&'i str]) -> Vec<&'i str> {
        record.begin();
        let new = ids.iter().copied().filter(|it| record.meet(id(it)) == Known::No).collect();
        record.end(false);
        new
    }

    #[test]
    fn what_goes_is_forgotten_and_the_order_is_the_maildrops() {
        let mut memory = [0; 64];
        let mut record = Record::new(&mut memory);
        assert_eq!((record.capacity(), record.is_begun()), (7, false));
        for it in ["a", "b", "c", "d"] {
            record.add(id(it), false);
        }
        assert_eq!(pass(&mut record, &["x", "d", "b", "a"]), ["x"]);
        assert_eq!((record.len(), record.is_begun()), (3, true));
        assert_eq!(record.entries().get(..3), Some(&[id("d"), id("b"), id("a")][..]));
        assert_eq!(pass(&mut record, &["c", "a"]), ["c"]);
        assert!(pass(&mut record, &[]).is_empty() && record.is_empty());
    }

    #[test]
    fn the_same_twice_is_two_messages() {
        let mut memory = [0; 64];
        let mut record = Record::new(&mut memory);
        record.add(id(""), false);
        assert_eq!(pass(&mut record, &["", ""]).len(), 1);
        record.add(id(""), true);
        assert_eq!(pass(&mut record, &["", ""]).len(), 0);
        record.begin();
        assert_eq!([(); 3].map(|()| record.meet(id(""))), [Known::Yes, Known::Doomed, Known::No]);
    }

    #[test]
    fn a_full_one_forgets_the_oldest_and_says_so() {
        let mut memory = [0; 8 + 3 * 8 + 7];
        let mut record = Record::new(&mut memory);
        for it in ["a", "b", "c"] {
            record.add(id(it), false);
        }
        assert!(!record.is_forgetful());
        record.add(id("d"), false);
        assert!(record.is_forgetful());
        assert_eq!(pass(&mut record, &["a", "b", "c", "d"]), ["a"]);
        assert!(!record.is_forgetful());
        // In the middle of a pass.
        record.begin();
        assert_eq!(record.meet(id("b")), Known::Yes);
        record.add(id("e"), false);
        assert_eq!([record.meet(id("c")), record.meet(id("e"))], [Known::Yes, Known::No]);
        record.end(true);
        assert_eq!(record.entries().get(..2), Some(&[id("e"), id("c")][..]));
        assert!(record.is_forgetful());
    }

    #[test]
    fn kept() {
        let mut memory = [0xff; 48];
        let mut record = Record::new(&mut memory);
        let empty = record.as_bytes().to_vec();
        for it in ["a", "b", "c"] {
            record.add(id(it), it == "b");
        }
        record.begin();
        assert_eq!(record.meet(id("c")), Known::Yes);
        let mut bytes = record.as_bytes().to_vec();
        assert_eq!(bytes.len(), 32);
        bytes.extend([0xff; 9]);
        let mut again = [0; 100];
        let mut again = Record::new(&mut again);
        assert!(again.restore(&bytes) && again.as_bytes() == &bytes[..32]);
        assert!(again.restore(&empty) && again.is_empty());
        let mut small = [0; 24];
        let mut small = Record::new(&mut small);
        assert!(small.restore(&bytes) && small.is_forgetful());
        assert_eq!(pass(&mut small, &["c", "a", "b"]), ["c"]);
        for at in 0..32 {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x10;
            }
            assert!(!again.restore(&bytes) && again.is_empty(), "{at}");
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x10;
            }
        }
        for none in [&bytes[..31], &[0xff; 64], &[0; 64], b""] {
            assert!(!again.restore(none));
        }
    }

    #[test]
    fn no_room() {
        let mut record = Record::new(&mut []);
        record.add(id("a"), false);
        assert!(record.is_forgetful() && record.as_bytes().is_empty());
    }
}
