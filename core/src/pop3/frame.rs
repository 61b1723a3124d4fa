//! Where does a unit end? (RFC 1939 sections 3 and 11)
//!
//! A *unit* is what becomes one event: a line, or a piece of a message. What a line is (a
//! reply, a line of a list, a part of a message) only the connection knows, by the command
//! that it answers; it asks for the one or for the other.
//!
//! A line ends with LF, whether a CR comes before it or not. Servers that pass a message on
//! as it lies on their disk, with bare LFs, also put the second dot at the start of *those*
//! lines, and their own `.` behind such a one (Cyrus); to take only CR LF for a line's end
//! would leave dots in the text and miss the end.

use crate::Rx;

/// One unit at the front of Rx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) kind: Kind,
    /// How many bytes of Rx it takes.
    pub(crate) len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line, with its end.
    Line,
    /// The beginning of a line that does not fit Rx; the rest is skipped.
    Cut,
    /// Bytes of a message, without the dots that were put in for the journey.
    Chunk,
    /// The dot behind the last line.
    End,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A line that begins with `+` or `-`.
    Reply,
    /// Lines, up to a dot.
    Lines,
    /// A message, up to a dot.
    Message,
}

/// Reads units off Rx.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// How many bytes at the front of Rx were looked at.
    scanned: usize,
    /// The line does not fit Rx: it was reported, and its rest is thrown away.
    skipping: bool,
    /// The next byte begins a line of a message.
    line_start: bool,
}

impl Frame {
    pub(crate) const fn new() -> Self {
        Self { scanned: 0, skipping: false, line_start: true }
    }

    /// Whether the input may end here, as far as lines go.
    pub(crate) fn is_between_lines(&self) -> bool {
        !self.skipping && self.line_start
    }

    /// The unit at the front of Rx, once its end is there. The caller discards its bytes
    /// before the next call.
    pub(crate) fn next(&mut self, rx: &mut Rx<'_>, reading: Reading) -> Option<Unit> {
        match reading {
            Reading::Reply => self.line(rx),
            Reading::Lines => self.line(rx).map(|unit| {
                let line = rx.filled().get(..unit.len).unwrap_or_default();
                if unit.kind == Kind::Line && matches!(line, b".\r\n" | b".\n") {
                    return Unit { kind: Kind::End, ..unit };
                }
                unit
            }),
            Reading::Message => self.message(rx),
        }
    }

    fn line(&mut self, rx: &mut Rx<'_>) -> Option<Unit> {
        if !self.skip(rx) {
            return None;
        }
        let bytes = rx.filled();
        let new = bytes.get(self.scanned..).unwrap_or_default();
        if let Some(at) = memchr::memchr(b'\n', new) {
            let len = self.scanned.saturating_add(at).saturating_add(1);
            self.scanned = 0;
            return Some(Unit { kind: Kind::Line, len });
        }
        self.scanned = bytes.len();
        if !rx.is_full() {
            return None;
        }
        self.skipping = true;
        Some(Unit { kind: Kind::Cut, len: core::mem::take(&mut self.scanned) })
    }

    /// Throws away the rest of a line that did not fit; whether its end was there.
    fn skip(&mut self, rx: &mut Rx<'_>) -> bool {
        if self.skipping {
            let end = memchr::memchr(b'\n', rx.filled());
            rx.discard(end.map_or(usize::MAX, |at| at.saturating_add(1)));
            self.skipping = end.is_none();
        }
        !self.skipping
    }

    /// ```text
    /// message = *(["."] *octet CRLF) "." CRLF
    /// ```
    /// (RFC 1939 section 3: a line that begins with a dot has another put before it.)
    fn message(&mut self, rx: &mut Rx<'_>) -> Option<Unit> {
        if !self.skip(rx) {
            return None;
        }
        if self.line_start
            && let [b'.', behind @ ..] = rx.filled()
        {
            match behind {
                [b'\n', ..] => return Some(Unit { kind: Kind::End, len: 2 }),
                [b'\r', b'\n', ..] => {
                    return Some(Unit { kind: Kind::End, len: 3 });
                }
                // Not yet known, unless Rx is too small for anything.
                [] | [b'\r'] if !rx.is_full() => return None,
                _ => {}
            }
            self.line_start = false;
            rx.discard(1);
        }
        let bytes = rx.filled();
        let last = bytes.last()?;
        // Up to the next dot at the start of a line.
        let mut len = bytes.len();
        let mut begins = *last == b'\n';
        let mut from = 1;
        while let Some(at) = bytes.get(from..).and_then(|rest| memchr::memchr(b'.', rest)) {
            let at = at.saturating_add(from);
            if bytes.get(at.wrapping_sub(1)) == Some(&b'\n') {
                len = at;
                begins = true;
                break;
            }
            from = at.saturating_add(1);
        }
        self.line_start = begins;
        Some(Unit { kind: Kind::Chunk, len })
    }

    /// A message is about to begin.
    pub(crate) fn begin_message(&mut self) {
        self.line_start = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    /// What a message holds, and how many bytes it took, once it has come in `pieces`.
    fn unstuff<'a>(
        capacity: usize,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<u8>, Option<usize>) {
        let mut memory = vec![0; capacity];
        let mut rx = Rx::new(&mut memory);
        let mut frame = Frame::new();
        let mut message = Vec::new();
        for piece in pieces {
            let mut rest = piece;
            loop {
                let taken = rx.fill(rest);
                rest = &rest[taken..];
                while let Some(unit) = frame.next(&mut rx, Reading::Message) {
                    message.extend_from_slice(&rx.filled()[..unit.len]);
                    rx.discard(unit.len);
                    if unit.kind == Kind::End {
                        let dot = message.len() - unit.len;
                        message.truncate(dot);
                        let left = rx.filled().len() + rest.len();
                        return (message, Some(left));
                    }
                }
                if rest.is_empty() {
                    break;
                }
            }
        }
        (message, None)
    }

    /// By the letter of the RFC, with all bytes at hand.
    fn reference(bytes: &[u8]) -> (Vec<u8>, Option<usize>) {
        let mut message = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            rest = after;
            if line == b".\r\n" || line == b".\n" {
                return (message, Some(rest.len()));
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
        (message, None)
    }

    #[test]
    fn messages() {
        for (wire, message, left) in [
            (&b"a\r\n.\r\n+OK"[..], &b"a\r\n"[..], 3),
            (b".\r\n", b"", 0),
            (b"..\r\n.\r\n", b".\r\n", 0),
            (b"...a\r\n....\r\n.\r\n", b"..a\r\n...\r\n", 0),
            (b"a.b\r\n.c\r\n.\r\n", b"a.b\r\nc\r\n", 0),
            // Bare LF, in the text and at the end.
            (b"a\n..b\n.\n+OK", b"a\n.b\n", 3),
            (b"a\r\n..b\n.\r\n", b"a\r\n.b\n", 0),
            // A CR that ends no line.
            (b".\rx\r\n.\r\n", b"\rx\r\n", 0),
            (b"a\r.\r\n.\r\n", b"a\r.\r\n", 0),
            (b"\r\n.\r\n", b"\r\n", 0),
        ] {
            for capacity in [4, 5, 8, 256] {
                for size in 1..=wire.len() {
                    let found = unstuff(capacity, wire.chunks(size));
                    assert_eq!(found.0, message, "{wire:?} by {size} into {capacity}");
                    assert!(found.1.unwrap() <= left);
                }
                assert_eq!(unstuff(capacity, [wire]), (message.to_vec(), Some(left)));
            }
        }
    }

    #[test]
    fn lines_longer_than_rx_are_skipped_to_their_end() {
        let mut memory = [0; 8];
        let mut rx = Rx::new(&mut memory);
        let mut frame = Frame::new();
        let mut found = Vec::new();
        for piece in b"+OK\r\n1 234567890\r\n2 3\r\n.\r\n".chunks(1) {
            assert_eq!(rx.fill(piece), piece.len());
            while let Some(unit) = frame.next(&mut rx, Reading::Lines) {
                found.push((unit.kind, rx.filled()[..unit.len].to_vec()));
                rx.discard(unit.len);
            }
        }
        let wanted = [
            (Kind::Line, &b"+OK\r\n"[..]),
            (Kind::Cut, b"1 234567"),
            (Kind::Line, b"2 3\r\n"),
            (Kind::End, b".\r\n"),
        ];
        assert_eq!(found, wanted.map(|(kind, line)| (kind, line.to_vec())));
    }

    proptest! {
        #[test]
        fn unstuffing_is_exact(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    &b"."[..], b"..", b"\r", b"\n", b"\r\n", b"a", b"From: x", b".\r", b"\0\xff",
                ]),
                0..40,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            capacity in 4usize..40,
        ) {
            let wire = parts.concat();
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(wire.len() + 1)).collect();
            at.extend([0, wire.len()]);
            at.sort();
            let found = unstuff(capacity, at.windows(2).map(|ends| &wire[ends[0]..ends[1]]));
            let (message, left) = reference(&wire);
            prop_assert_eq!(left.is_some(), found.1.is_some());
            if left.is_some() {
                prop_assert_eq!(found.0, message);
            } else {
                // A dot or two may still be undecided.
                prop_assert!(message.starts_with(&found.0));
                prop_assert!(message.len() - found.0.len() <= 1);
            }
        }

        #[test]
        fn what_was_stuffed_comes_back(message in prop::collection::vec(
            prop::sample::select(b".a\r\n\0".to_vec()), 0..200,
        )) {
            let mut message = message;
            if message.last().is_some_and(|&last| last != b'\n') {
                message.extend_from_slice(b"\r\n");
            }
            let mut wire = Vec::new();
            for line in message.split_inclusive(|&byte| byte == b'\n') {
                if line.starts_with(b".") {
                    wire.push(b'.');
                }
                wire.extend_from_slice(line);
            }
            wire.extend_from_slice(b".\r\n+OK");
            prop_assert_eq!(unstuff(16, [&wire[..]]), (message, Some(3)));
        }
    }
}
