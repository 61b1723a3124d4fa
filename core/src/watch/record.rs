//! Which messages of a maildrop were acknowledged.

use super::cursor::check;

/// Bytes before the entries: a check of what follows (4), how many entries (3), flags (1).
const HEAD: usize = 8;

/// A mark in an entry's first byte: acknowledged, and to be deleted. Its second half is a
/// fingerprint of what was told, not of the unique-id.
const DOOMED: u8 = 1;
/// A mark of a doomed one: the server said that it deletes it at the end of this session.
const GONE: u8 = 2;
/// A mark: met in this pass through the maildrop.
const MET: u8 = 4;
/// What is not of the hash.
const MARKS: u8 = DOOMED | GONE | MET;

/// Bytes of an entry, and with its place in the index.
const ENTRY: usize = 8;
const INDEXED: usize = ENTRY + 2;

/// A flag: the maildrop was looked at.
const BEGUN: u8 = 1;
/// A flag: there were more messages than entries.
const FORGETFUL: u8 = 2;
/// A flag: at the last look none of the messages was there.
const DOUBTED: u8 = 4;

/// Which messages of a POP3 maildrop were acknowledged: what a watcher must find again after a
/// restart, as IMAP's [`Cursor`](super::Cursor) is. It is in memory of the caller's, who also
/// keeps its [bytes](Self::as_bytes) in flash or in a file: 8, and 8 for each message. In memory
/// it takes 10 for each.
///
/// An entry is a hash of a unique-id (RFC 1939 section 7). What is no longer in the maildrop is
/// forgotten. So as many entries are enough as the maildrop has messages.
///
/// A look costs a step for each message as long as the server lists them in the same order, and
/// else as many as it takes to find one in a sorted list: whatever a server says.
///
/// # When the maildrop has more messages than the record has entries
///
/// Then it holds those that were acknowledged last, and the place in the maildrop decides
/// about the others: before the first message that is known they were told once, behind it they
/// are new. That is right as long as the server puts new messages behind the old ones, and as long
/// as one of the known ones is left. If somebody deletes just those and leaves older ones, these
/// are told once more: rather that than to miss one.
///
/// # Without good unique-ids
///
/// Of messages with the same unique-id, or with a blank one, as many count as known as were
/// acknowledged. None is missed, unless one of them goes and another comes between two looks.
/// None is deleted for having the unique-id of another: the beginning of it must be what was told
/// and acknowledged, too.
///
/// # When all that was known has gone
///
/// That is believed at the second look in a row: a server that is being repaired may show nothing
/// for a while.
#[derive(Debug)]
pub struct Record<'m> {
    /// The head, written by [`as_bytes`](Self::as_bytes), the entries, and the index: places of
    /// entries, by [`key`].
    memory: &'m mut [u8],
    /// How many of the entries are used: in the order in which they were acknowledged.
    len: usize,
    /// How many of these were not met in this pass through the maildrop.
    unmet: usize,
    /// The one behind that which was met last.
    next: usize,
    /// How many places are in the index, if there is one.
    indexed: Option<usize>,
    /// Whether a pass goes on.
    passes: bool,
    flags: u8,
}

/// The entry of a unique-id: FNV-1a of 64 bits, without the lowest three.
pub(super) fn hash(unique_id: impl Iterator<Item = u8>) -> [u8; 8] {
    let hash = unique_id.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash & !u64::from(MARKS)).to_le_bytes()
}

/// Of the maildrop, what the record makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    No,
    Yes,
    /// And it is to be deleted, if it is what an entry stands for.
    Doomed,
}

impl<'m> Record<'m> {
    /// A record of a maildrop that was never watched. Of `memory` 8 bytes are for itself, and 10
    /// for each entry; it must have room for one, and has use for 65 535.
    pub const fn new(memory: &'m mut [u8]) -> Self {
        Self { memory, len: 0, unmet: 0, next: 0, indexed: None, passes: false, flags: 0 }
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
        let body = rest.get(..len.saturating_mul(ENTRY).saturating_add(4)).unwrap_or_default();
        if body.is_empty() || check(body) != u32::from_le_bytes(*old_check) {
            return false;
        }
        let (entries, _) = body.get(4..).unwrap_or_default().as_chunks::<ENTRY>();
        let over = len.saturating_sub(self.capacity());
        self.flags = if over > 0 { flags | FORGETFUL } else { flags };
        self.len = len.saturating_sub(over);
        for (to, from) in self.parts().0.iter_mut().zip(entries.iter().skip(over)) {
            *to = without(*from, MET);
        }
        true
    }

    /// The record, to be kept: 8 bytes, and 8 for each entry that is used.
    pub fn as_bytes(&mut self) -> &[u8] {
        let used = self.len.saturating_mul(ENTRY).saturating_add(HEAD);
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
        let entries = self.memory.len().saturating_sub(HEAD) / INDEXED;
        // As many as the index can tell apart.
        if entries > 0xffff { 0xffff } else { entries }
    }

    /// How many messages it holds.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entries, of which `len` are used, and the room of the index.
    fn parts(&mut self) -> (&mut [[u8; ENTRY]], &mut [[u8; 2]]) {
        let entries = self.capacity().saturating_mul(ENTRY);
        let body = self.memory.get_mut(HEAD..).unwrap_or_default();
        let (entries, index) = body.split_at_mut_checked(entries).unwrap_or_default();
        (entries.as_chunks_mut().0, index.as_chunks_mut().0)
    }

    /// Those that are used.
    #[inline(never)]
    fn entries(&mut self) -> &mut [[u8; ENTRY]] {
        let len = self.len;
        self.parts().0.get_mut(..len).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        (self.len, self.unmet, self.flags) = (0, 0, 0);
        (self.indexed, self.passes) = (None, false);
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
    pub(super) fn begin(&mut self) {
        self.end_and_keep();
        self.passes = true;
        self.unmet = self.len;
        self.next = 0;
    }

    /// Of this pass's next message: whether it is known. Each entry stands for one message.
    pub(super) fn meet(&mut self, hash: [u8; ENTRY]) -> Known {
        if self.unmet == 0 {
            return Known::No;
        }
        let (at, unordered) = (self.next, self.indexed.is_some());
        // Mostly they come in the order in which they came before. (The index has one of its own.)
        let next = self.entries().get(at).filter(|it| !has(**it, MET) && is_of(**it, hash));
        let at = if next.is_some() && !unordered { Some(at) } else { self.find(hash) };
        let Some(at) = at else { return Known::No };
        let Some(found) = self.entries().get_mut(at) else { return Known::No };
        let [first, ..] = found;
        *first = *first & !GONE | MET;
        let known = if has(*found, DOOMED) { Known::Doomed } else { Known::Yes };
        self.next = at.saturating_add(1);
        self.unmet = self.unmet.saturating_sub(1);
        known
    }

    /// Where an entry is that may stand for that message, and was not met.
    fn find(&mut self, hash: [u8; ENTRY]) -> Option<usize> {
        let count = self.indexed.unwrap_or_else(|| self.make_index());
        let (entries, index) = self.parts();
        let index = index.get(..count)?;
        for wanted in [key(hash), key(doom(hash, 0))] {
            let first = index.partition_point(|place| key_at(entries, *place) < wanted);
            if let Some(place) = index.get(first)
                && key_at(entries, *place) == wanted
            {
                return Some(at(*place));
            }
        }
        None
    }

    /// Of what was not met. What is met then stays in it, in order. Returns how many there are.
    fn make_index(&mut self) -> usize {
        let len = self.len;
        let (entries, index) = self.parts();
        let unmet = entries.iter().zip(0_u16..).take(len).filter(|(it, _)| !has(**it, MET));
        let mut count = 0_usize;
        for ((_, at), place) in unmet.zip(index.iter_mut()) {
            *place = at.to_le_bytes();
            count = count.saturating_add(1);
        }
        sort(index.get_mut(..count).unwrap_or_default(), entries);
        self.indexed = Some(count);
        count
    }

    /// Whether this pass met none of the messages that were to stay.
    pub(super) fn is_lost(&mut self) -> bool {
        let met_none = self.unmet == self.len;
        met_none && self.entries().iter().any(|it| !has(*it, DOOMED))
    }

    /// The pass has ended: what was not met is gone. `older`: whether messages were passed over
    /// that are not in here. `empty`: there was none.
    pub(super) fn end(&mut self, older: bool, empty: bool) {
        let doubted = self.flags & DOUBTED != 0;
        if !doubted && (empty || !self.is_forgetful()) && self.is_lost() {
            self.flags |= BEGUN | DOUBTED;
        } else {
            self.retain(&mut |entry| has(entry, MET));
            self.flags = if older { BEGUN | FORGETFUL } else { BEGUN };
        }
        self.end_and_keep();
    }

    /// The pass has ended, but messages may be hidden that are there all the same.
    pub(super) fn end_and_keep(&mut self) {
        self.entries().iter_mut().for_each(|it| *it = without(*it, MET));
        (self.indexed, self.passes) = (None, false);
    }

    /// How many messages this entry stands for, which is doomed.
    pub(super) fn count(&mut self, entry: [u8; ENTRY]) -> usize {
        self.entries().iter().filter(|it| without(**it, MET) == entry).count()
    }

    /// The server said that it deletes this one, which is doomed.
    pub(super) fn set_gone(&mut self, entry: [u8; ENTRY]) {
        let mut found = self.entries().iter_mut().filter(|it| without(**it, MET) == entry);
        if let Some([first, ..]) = found.next() {
            *first |= GONE;
        }
    }

    /// The session has ended in order: what the server said it deletes is no more.
    pub(super) fn drop_gone(&mut self) {
        self.retain(&mut |entry| !has(entry, GONE));
    }

    /// One that was not told has this unique-id, and not the one that is doomed.
    pub(super) fn drop_doomed(&mut self, hash: [u8; ENTRY]) {
        let mut dropped = false;
        self.retain(&mut |it| {
            let drops = !dropped && has(it, DOOMED) && !has(it, GONE) && is_of(it, hash);
            dropped |= drops;
            !drops
        });
    }

    fn retain(&mut self, keeps: &mut dyn FnMut([u8; ENTRY]) -> bool) {
        let len = self.len;
        let (mut left, mut unmet) = (0_usize, 0_usize);
        let entries = self.entries();
        for at in 0..len {
            let Some(&entry) = entries.get(at) else { break };
            if keeps(entry) {
                if let Some(place) = entries.get_mut(left) {
                    *place = entry;
                }
                left = left.saturating_add(1);
                unmet = unmet.saturating_add(usize::from(!has(entry, MET)));
            }
        }
        (self.len, self.unmet, self.indexed) = (left, unmet, None);
    }

    /// A message was acknowledged. Counts as met in this pass.
    pub(super) fn add(&mut self, entry: [u8; ENTRY]) {
        if self.len >= self.capacity() {
            // Some at once, so that the rest is not moved for each.
            let mut some = (self.capacity() / 16).max(1);
            self.retain(&mut |_| {
                let keeps = some == 0;
                some = some.saturating_sub(1);
                keeps
            });
            self.flags |= FORGETFUL;
        }
        let (at, [first, rest @ ..]) = (self.len, entry);
        let [a, b, c, d, e, f, g] = rest;
        let first = if self.passes { first | MET } else { first };
        if let Some(place) = self.parts().0.get_mut(at) {
            *place = [first, a, b, c, d, e, f, g];
            self.len = at.saturating_add(1);
        }
    }
}

/// What the index is sorted by: the same for all entries that may stand for the same messages, and
/// one more where they were not met. The first of these is met next, so the order stays.
fn key(entry: [u8; ENTRY]) -> u64 {
    let value = u64::from_le_bytes(entry);
    let class = match has(entry, DOOMED) {
        // The rest is a fingerprint.
        true => value & 0xffff_ffff & !u64::from(MARKS) | 2,
        false => value & !u64::from(MARKS),
    };
    class | u64::from(!has(entry, MET))
}

/// What a place in the index says.
fn at(place: [u8; 2]) -> usize {
    u16::from_le_bytes(place).into()
}

/// The key of the entry there.
#[inline(never)]
fn key_at(entries: &[[u8; ENTRY]], place: [u8; 2]) -> u64 {
    entries.get(at(place)).map_or(0, |it| key(*it))
}

/// Heap sort: it needs no memory, and no order is bad for it.
fn sort(mut places: &mut [[u8; 2]], entries: &[[u8; ENTRY]]) {
    for at in (0..places.len() / 2).rev() {
        sink(places, at, entries);
    }
    while let [first, .., last] = places {
        core::mem::swap(first, last);
        let end = places.len().saturating_sub(1);
        places = places.get_mut(..end).unwrap_or_default();
        sink(places, 0, entries);
    }
}

/// Moves a place down a heap to where none below it is larger.
#[inline(never)]
fn sink(heap: &mut [[u8; 2]], mut at: usize, entries: &[[u8; ENTRY]]) {
    loop {
        let left = at.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let key = |at: usize| heap.get(at).map(|place| key_at(entries, *place));
        let (one, other) = (key(left), key(right));
        let (child, below) = if other > one { (right, other) } else { (left, one) };
        if key(at) >= below {
            return;
        }
        if let Ok([above, below]) = heap.get_disjoint_mut([at, child]) {
            core::mem::swap(above, below);
        }
        at = child;
    }
}

/// The entry of a message that is to be deleted, of which was told what has this fingerprint.
pub(super) fn doom([first, a, b, c, ..]: [u8; 8], fingerprint: u32) -> [u8; 8] {
    let [d, e, f, g] = fingerprint.to_le_bytes();
    [first & !MARKS | DOOMED, a, b, c, d, e, f, g]
}

const fn has([first, ..]: [u8; 8], mark: u8) -> bool {
    first & mark != 0
}

const fn without([first, a, b, c, d, e, f, g]: [u8; 8], mark: u8) -> [u8; 8] {
    [first & !mark, a, b, c, d, e, f, g]
}

/// Whether an entry of the record may stand for the message whose unique-id has this hash.
fn is_of(known: [u8; 8], hash: [u8; 8]) -> bool {
    if !has(known, DOOMED) {
        return known == hash;
    }
    let ([a, b, c, d, ..], [e, f, g, h, ..]) = (known, hash);
    [a & !MARKS, b, c, d] == [e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn id(text: &str) -> [u8; 8] {
        hash(text.bytes())
    }

    /// What is not known of these.
    fn pass<'i>(record: &mut Record<'_>, ids: &[&'i str]) -> Vec<&'i str> {
        record.begin();
        let new = ids.iter().copied().filter(|it| record.meet(id(it)) == Known::No).collect();
        record.end(false, ids.is_empty());
        new
    }

    #[test]
    fn what_goes_is_forgotten_and_the_order_is_the_maildrops() {
        let mut memory = [0; 64];
        let mut record = Record::new(&mut memory);
        assert_eq!((record.capacity(), record.is_begun()), (5, false));
        for it in ["a", "b", "c", "d"] {
            record.add(id(it));
        }
        assert_eq!(pass(&mut record, &["x", "d", "b", "a"]), ["x"]);
        assert_eq!((record.len(), record.is_begun()), (3, true));
        assert_eq!(record.entries(), [id("a"), id("b"), id("d")]);
        assert_eq!(pass(&mut record, &["c", "a"]), ["c"]);
        record.add(id("c"));
        // None is there: that is believed the second time.
        assert!(pass(&mut record, &[]).is_empty() && record.len() == 2);
        assert!(pass(&mut record, &["c", "a"]).is_empty() && record.len() == 2);
        assert!(pass(&mut record, &[]).is_empty() && record.len() == 2);
        assert!(pass(&mut record, &[]).is_empty() && record.is_empty());
    }

    #[test]
    fn the_same_twice_is_two_messages() {
        let mut memory = [0; 64];
        let mut record = Record::new(&mut memory);
        record.add(id(""));
        assert_eq!(pass(&mut record, &["", ""]).len(), 1);
        record.add(doom(id(""), 7));
        assert_eq!(pass(&mut record, &["", ""]).len(), 0);
        record.begin();
        assert_eq!([(); 3].map(|()| record.meet(id(""))), [Known::Yes, Known::Doomed, Known::No]);
    }

    #[test]
    fn a_full_one_forgets_the_oldest_and_says_so() {
        let mut memory = [0; 8 + 3 * 10 + 9];
        let mut record = Record::new(&mut memory);
        for it in ["a", "b", "c"] {
            record.add(id(it));
        }
        assert!(!record.is_forgetful());
        record.add(id("d"));
        assert!(record.is_forgetful());
        assert_eq!(pass(&mut record, &["a", "b", "c", "d"]), ["a"]);
        assert!(!record.is_forgetful());
        // In the middle of a pass.
        record.begin();
        assert_eq!(record.meet(id("b")), Known::Yes);
        record.add(id("e"));
        assert_eq!([record.meet(id("c")), record.meet(id("e"))], [Known::Yes, Known::No]);
        record.end(true, false);
        assert_eq!(record.entries(), [id("c"), id("e")]);
        assert!(record.is_forgetful());
    }

    #[test]
    fn kept() {
        let mut memory = [0xff; 48];
        let mut record = Record::new(&mut memory);
        let empty = record.as_bytes().to_vec();
        for it in ["a", "b", "c"] {
            record.add(if it == "b" { doom(id(it), 7) } else { id(it) });
        }
        record.begin();
        assert_eq!(record.meet(id("c")), Known::Yes);
        record.end_and_keep();
        let mut bytes = record.as_bytes().to_vec();
        assert_eq!(bytes.len(), 32);
        bytes.extend([0xff; 9]);
        let mut again = [0; 100];
        let mut again = Record::new(&mut again);
        assert!(again.restore(&bytes) && again.as_bytes() == &bytes[..32]);
        assert!(again.restore(&empty) && again.is_empty());
        let mut small = [0; 28];
        let mut small = Record::new(&mut small);
        assert!(small.restore(&bytes) && small.is_forgetful());
        assert_eq!(pass(&mut small, &["c", "a", "b"]), ["a"]);
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

    /// Some are gone, some are new, some are equal, some are doomed, all is in another order: the
    /// same as if each was looked for among all.
    #[test]
    fn in_any_order() {
        let mut random = 7_u32;
        let mut next = |below: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % below
        };
        for round in 0..300 {
            let mut memory = [0; 8 + 60 * 10];
            let mut record = Record::new(&mut memory);
            let mut known: Vec<(u32, bool)> =
                (0..next(60)).map(|_| (next(40), next(4) == 0)).collect();
            for &(it, doomed) in &known {
                let hash = hash(it.to_le_bytes().into_iter());
                record.add(if doomed { doom(hash, it) } else { hash });
            }
            record.begin();
            let mut met = Vec::new();
            for _ in 0..next(80) {
                let it = next(50);
                let said = record.meet(hash(it.to_le_bytes().into_iter()));
                let at = known.iter().position(|(other, _)| *other == it);
                assert_eq!(said == Known::No, at.is_none(), "{round}");
                // Which of several is not said.
                let same = (it, said == Known::Doomed);
                if let Some(at) = known.iter().position(|other| *other == same) {
                    met.push(known.remove(at));
                }
            }
            assert_eq!((record.unmet, record.len()), (known.len(), known.len() + met.len()));
            if !met.is_empty() {
                record.end(false, false);
                assert_eq!(record.len(), met.len());
            }
        }
    }

    /// A server that lists without end, and one that lists nothing that is known: each took as
    /// many steps as there are entries, for each line.
    #[test]
    fn a_line_costs_little() {
        const COUNT: u32 = 20_000;
        let mut memory = std::vec![0; 8 + 10 * COUNT as usize];
        let mut record = Record::new(&mut memory);
        let of = |number: u32| hash(number.to_le_bytes().into_iter());
        // A baseline of more than there is room for.
        record.begin();
        for number in 0..10 * COUNT {
            record.add(of(number));
        }
        record.end(true, false);
        assert!(record.len() > COUNT as usize * 15 / 16);
        let (start, before) = (std::time::Instant::now(), record.len());
        record.begin();
        for number in 0..10 * COUNT {
            assert_eq!(record.meet(of(u32::MAX - number)), Known::No);
        }
        // All of them backwards.
        for number in (0..before as u32).map(|it| 10 * COUNT - 1 - it) {
            assert_eq!(record.meet(of(number)), Known::Yes);
        }
        record.end(false, false);
        assert_eq!(record.len(), before);
        // Without a build for speed, it took 200 s.
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn no_room() {
        let mut record = Record::new(&mut []);
        record.add(id("a"));
        assert!(record.is_forgetful() && record.as_bytes().is_empty());
    }
}
