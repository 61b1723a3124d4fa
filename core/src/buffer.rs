//! Rx and Tx: caller-owned memory with a read end and a write end.

use crate::error::ResourceError;
use heapless::Deque;
use zeroize::Zeroize;

/// Received bytes that are not yet consumed.
///
/// The caller reads into [`unfilled`](Self::unfilled) and [`commit`](Self::commit)s; the
/// protocol takes from the front.
#[derive(Debug)]
pub struct Rx<'b> {
    memory: &'b mut [u8],
    start: usize,
    end: usize,
    closed: bool,
    received: u64,
}

impl<'b> Rx<'b> {
    /// An empty buffer over `memory`.
    pub fn new(memory: &'b mut [u8]) -> Self {
        Self { memory, start: 0, end: 0, closed: false, received: 0 }
    }

    /// Where the next input goes. After [`Progress::NeedInput`](crate::Progress::NeedInput)
    /// it is never empty.
    ///
    /// Moves what is left to the front when there is no room behind it.
    pub fn unfilled(&mut self) -> &mut [u8] {
        if self.end >= self.memory.len() && self.start > 0 {
            self.end = move_to_front(self.memory, self.start, self.end);
            self.start = 0;
        }
        self.memory.get_mut(self.end..).unwrap_or_default()
    }

    /// Says that `count` bytes of [`unfilled`](Self::unfilled) were filled. More than there
    /// was room for counts as all of it.
    pub fn commit(&mut self, count: usize) {
        let end = self.end.saturating_add(count).min(self.memory.len());
        self.received = self.received.wrapping_add(end.saturating_sub(self.end) as u64);
        self.end = end;
    }

    /// How many bytes were committed so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Says that no more input will come.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether [`close`](Self::close) was called.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The bytes that are here and not yet consumed.
    pub fn filled(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    /// The same, to be changed in place.
    pub(crate) fn filled_mut(&mut self) -> &mut [u8] {
        self.memory.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// The size of the memory: what the largest unit may take.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// Whether the bytes not yet consumed take all of the memory.
    pub(crate) fn is_full(&self) -> bool {
        self.filled().len() >= self.memory.len()
    }

    /// Drops `count` bytes from the front.
    pub(crate) fn discard(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Moves bytes out of the front into `room`, as many as fit, and returns how many. For
    /// bytes that belong to a layer below: those behind the OK to COMPRESS. At any other time
    /// it breaks the protocol.
    pub fn take(&mut self, room: &mut [u8]) -> usize {
        let count = self.filled().len().min(room.len());
        for (to, from) in room.iter_mut().zip(self.filled()) {
            *to = *from;
        }
        self.discard(count);
        count
    }

    /// Forgets all, and that the input was closed: for a new connection.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
        self.closed = false;
    }

    /// Copies `bytes` in, as far as there is room, and returns how many were taken. For
    /// callers whose input comes as slices.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let room = self.unfilled();
        let count = room.len().min(bytes.len());
        for (to, from) in room.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.commit(count);
        count
    }
}

/// Moves `memory[start..end]` to the front and returns where it ends now. The guard spares
/// the program a panic that cannot be.
fn move_to_front(memory: &mut [u8], start: usize, end: usize) -> usize {
    match memory.get_mut(..end) {
        Some(live) if start <= live.len() => {
            live.copy_within(start.., 0);
            live.len().saturating_sub(start)
        }
        _ => 0,
    }
}

/// Copies a few bytes to a place behind them, or to one that they do not overlap; bytewise, since
/// `copy_within` could panic as far as the compiler knows.
#[cfg(all(feature = "imap", any(feature = "embedded-io", feature = "embedded-io-async")))]
fn copy(memory: &mut [u8], from: usize, to: usize, count: usize) {
    for at in (0..count).rev() {
        let byte = memory.get(from.saturating_add(at)).copied();
        if let (Some(byte), Some(place)) = (byte, memory.get_mut(to.saturating_add(at))) {
            *place = byte;
        }
    }
}

/// How many closed gates a command may hold.
pub(crate) const GATES: usize = 16;

/// Bytes to be sent, some of them held back behind gates until the server agrees.
///
/// The caller sends [`pending`](Self::pending) and [`consume`](Self::consume)s what was
/// sent; the protocol's commands write at the back.
pub struct Tx<'b> {
    memory: &'b mut [u8],
    start: usize,
    end: usize,
    /// Offsets in `memory` that `pending` does not go past, in order.
    gates: Deque<usize, GATES>,
    /// Up to here the bytes are wiped when they are consumed.
    secret_end: usize,
    /// How many bytes at the end of the memory are kept for later.
    kept: usize,
}

/// Shows how much there is, and none of it: it may be a password.
impl core::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tx")
            .field("pending", &self.pending().len())
            .field("gates", &self.gates.len())
            .finish_non_exhaustive()
    }
}

impl<'b> Tx<'b> {
    /// An empty buffer over `memory`.
    pub fn new(memory: &'b mut [u8]) -> Self {
        Self { memory, start: 0, end: 0, gates: Deque::new(), secret_end: 0, kept: 0 }
    }

    /// What can be sent now. Empty while the server's `+` is awaited.
    pub fn pending(&self) -> &[u8] {
        let stop = self.gates.front().copied().unwrap_or(self.end);
        self.memory.get(self.start..stop).unwrap_or_default()
    }

    /// Says that the first `count` bytes of [`pending`](Self::pending) were sent. Passwords
    /// among them are wiped.
    pub fn consume(&mut self, count: usize) {
        let to = self.start.saturating_add(count.min(self.pending().len()));
        self.wipe(self.start, to);
        self.start = to;
        if self.start == self.end {
            self.reset();
        }
    }

    /// Forgets all that was to be sent: for a new connection. Passwords among it are wiped.
    pub fn clear(&mut self) {
        self.truncate(0);
        self.kept = 0;
    }

    /// The size of the memory: what the largest command may take.
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// Whether nothing waits to be sent, neither before nor behind a gate.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether something waits for the server's `+`.
    pub(crate) fn is_gated(&self) -> bool {
        !self.gates.is_empty()
    }

    /// Whether all that comes before the first gate is sent, so that a `+` can answer it.
    pub(crate) fn is_at_gate(&self) -> bool {
        self.gates.front() == Some(&self.start)
    }

    /// Lets the bytes up to the next gate go.
    pub(crate) fn open_gate(&mut self) {
        self.gates.pop_front();
    }

    /// Drops all that is behind the first gate, the gate included.
    pub(crate) fn drop_gated(&mut self) {
        if let Some(&gate) = self.gates.front() {
            self.truncate(gate);
        }
    }

    /// Makes room at the back for `wanted` bytes if that can be, moving what is left only if
    /// it must be moved, and returns how much room there is now.
    pub(crate) fn make_room(&mut self, wanted: usize) -> usize {
        if self.room() < wanted {
            self.mark();
        }
        self.room()
    }

    fn room(&self) -> usize {
        self.memory.len().saturating_sub(self.kept).saturating_sub(self.end)
    }

    /// Takes what was written since `mark` back, but keeps it at the end of the memory, to be
    /// written [again](Self::push_kept) later, until [`release`](Self::release). How many bytes
    /// those are.
    #[cfg(all(feature = "imap", any(feature = "embedded-io", feature = "embedded-io-async")))]
    pub(crate) fn keep(&mut self, mark: usize) -> usize {
        let count = self.end.saturating_sub(mark);
        let place = self.memory.len().saturating_sub(count);
        if self.kept == 0 && mark <= place && self.end <= self.memory.len() {
            copy(self.memory, mark, place, count);
            self.kept = count;
        }
        self.truncate(mark);
        self.kept
    }

    /// Appends some of what is kept; `false`, and nothing written, if there is no room.
    #[cfg(all(feature = "imap", any(feature = "embedded-io", feature = "embedded-io-async")))]
    pub(crate) fn push_kept(&mut self, from: usize, to: usize) -> bool {
        let place = self.memory.len().saturating_sub(self.kept);
        let (from, to) = (place.saturating_add(from), place.saturating_add(to));
        let count = to.saturating_sub(from);
        if from > to || to > self.memory.len() || count > self.room() {
            return false;
        }
        copy(self.memory, from, self.end, count);
        self.end = self.end.saturating_add(count);
        true
    }

    /// Nothing is kept any more.
    #[cfg(all(feature = "imap", any(feature = "embedded-io", feature = "embedded-io-async")))]
    pub(crate) fn release(&mut self) {
        self.kept = 0;
    }

    /// Where the next byte goes; to be given to [`truncate`](Self::truncate). Moves what is
    /// left to the front first, so that all of the room is behind it.
    pub(crate) fn mark(&mut self) -> usize {
        if self.start > 0 {
            let moved = self.start;
            let end = move_to_front(self.memory, self.start, self.end);
            // The old tail may hold a secret that was moved.
            self.wipe(end, self.end);
            self.secret_end = self.secret_end.saturating_sub(moved);
            for gate in self.gates.iter_mut() {
                *gate = gate.saturating_sub(moved);
            }
            self.start = 0;
            self.end = end;
        }
        self.end
    }

    /// Takes back all that was written since `mark`.
    pub(crate) fn truncate(&mut self, mark: usize) {
        self.wipe(mark, self.end);
        self.end = self.end.min(mark);
        while self.gates.back().is_some_and(|&gate| gate >= mark) {
            self.gates.pop_back();
        }
        if self.start >= self.end {
            self.reset();
        }
    }

    /// Appends `bytes` whole; `false`, and nothing written, if there is no room.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > self.room() {
            return false;
        }
        let end = self.end.saturating_add(bytes.len());
        match self.memory.get_mut(self.end..end) {
            // The comparison spares the program a panic that cannot be.
            Some(room) if room.len() == bytes.len() => {
                room.copy_from_slice(bytes);
                self.end = end;
                true
            }
            _ => false,
        }
    }

    /// Puts a gate at the back.
    pub(crate) fn push_gate(&mut self) -> Result<(), ResourceError> {
        self.gates.push_back(self.end).map_err(|_| ResourceError::TooManyLiterals)
    }

    /// Says that all that was written so far must be wiped when it is sent.
    pub(crate) fn mark_secret(&mut self) {
        self.secret_end = self.end;
    }

    fn wipe(&mut self, from: usize, to: usize) {
        if from < self.secret_end
            && let Some(bytes) = self.memory.get_mut(from..to.min(self.secret_end))
        {
            bytes.zeroize();
        }
    }

    fn reset(&mut self) {
        self.start = 0;
        self.end = 0;
        self.secret_end = 0;
        self.gates.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rx_moves_what_is_left_only_when_it_is_full() {
        let mut memory = [0; 8];
        let mut rx = Rx::new(&mut memory);
        assert_eq!(rx.fill(b"abcdefghij"), 8);
        assert!(rx.is_full() && rx.unfilled().is_empty());
        rx.discard(6);
        assert_eq!(rx.fill(b"klm"), 3);
        assert_eq!(rx.filled(), b"ghklm");
        assert_eq!((rx.take(&mut []), rx.take(&mut [0; 2])), (0, 2));
        assert_eq!(rx.filled(), b"klm");
        rx.discard(99);
        assert!(rx.filled().is_empty() && rx.unfilled().len() == 8);
        rx.commit(99);
        assert_eq!((rx.filled().len(), rx.received()), (8, 19));
    }

    #[test]
    fn tx_stops_at_gates() {
        let mut memory = [0; 16];
        let mut tx = Tx::new(&mut memory);
        assert!(tx.push(b"ab"));
        tx.push_gate().unwrap();
        assert!(tx.push(b"cd"));
        assert_eq!(tx.pending(), b"ab");
        assert!(!tx.is_at_gate());
        tx.consume(99);
        assert!(tx.is_at_gate() && tx.pending().is_empty() && !tx.is_empty());
        tx.open_gate();
        assert_eq!(tx.pending(), b"cd");
        let mark = tx.mark();
        tx.push_gate().unwrap();
        assert!(tx.push(b"ef") && !tx.push(&[0; 16]));
        tx.truncate(mark);
        assert!(!tx.is_gated());
        assert_eq!(tx.pending(), b"cd");
    }

    #[cfg(all(feature = "imap", feature = "embedded-io"))]
    #[test]
    fn tx_keeps_what_is_sent_again() {
        let mut memory = [0; 16];
        let mut tx = Tx::new(&mut memory);
        assert!(tx.push(b"0123456789"));
        // It overlaps the place where it is kept.
        assert_eq!(tx.keep(0), 10);
        assert!(
            tx.is_empty() && !tx.push(b"1234567") && !tx.push_kept(0, 7) && !tx.push_kept(5, 11)
        );
        assert!(tx.push_kept(2, 5) && tx.push(b"-") && tx.push_kept(9, 10));
        assert_eq!(tx.pending(), b"234-9");
        tx.consume(99);
        assert!(tx.push_kept(5, 10));
        assert_eq!(tx.pending(), b"56789");
        tx.release();
        assert!(tx.push(b"abcdefghijk"));
        assert_eq!(tx.pending(), b"56789abcdefghijk");
    }

    #[test]
    fn secrets_are_wiped_when_they_are_sent_moved_or_taken_back() {
        let holds = |memory: &[u8]| memory.windows(6).any(|bytes| bytes == b"secret");

        let mut memory = [0; 32];
        let mut tx = Tx::new(&mut memory);
        assert!(tx.push(b"A1 secret"));
        tx.mark_secret();
        assert!(tx.push(b"\r\n"));
        tx.consume(99);
        assert!(tx.is_empty() && !holds(&memory));

        let mut tx = Tx::new(&mut memory);
        assert!(tx.push(b"0123456789secret"));
        tx.mark_secret();
        tx.consume(10);
        tx.mark(); // moves it to the front
        tx.consume(6);
        assert!(!holds(&memory));

        let mut tx = Tx::new(&mut memory);
        let mark = tx.mark();
        assert!(tx.push(b"secret"));
        tx.mark_secret();
        tx.truncate(mark);
        assert!(!holds(&memory));
    }
}
