//! DEFLATE (RFC 1951) as IMAP's COMPRESS wants it (RFC 4978): without a socket and without a
//! heap, one direction each.
//!
//! What the server sends is decompressed by an [`Inflater`], whose 43 KiB are the price of
//! compression in RAM: DEFLATE may refer back to anything in the last 32 KiB. What the client
//! sends is [stored](store), which is DEFLATE without compression: commands are short, so
//! little could be gained, and the state of a compressor is several times as large.
//!
//! `mailwire::io::Deflate` puts both around a socket.
//!
//! ```
//! use mailwire::compress::{Inflater, store};
//!
//! let mut wire = [0; 64];
//! let (taken, written) = store(b"A1 NOOP\r\n", &mut wire);
//! assert_eq!((taken, written), (9, 14));
//!
//! let mut inflater = Inflater::new();
//! let fed = inflater.feed(&wire[..written])?;
//! assert_eq!(fed, written);
//! let mut text = [0; 64];
//! let count = inflater.read(&mut text);
//! assert_eq!(&text[..count], b"A1 NOOP\r\n");
//! # Ok::<(), mailwire::PeerError>(())
//! ```

use crate::PeerError;
use core::fmt;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// How far back DEFLATE may refer (RFC 1951 section 2), in bytes.
const WINDOW: usize = 32 * 1024;

/// The bytes before the data of a stored block.
const HEADER: usize = 5;

/// What ends a flush, as zlib's `Z_SYNC_FLUSH` writes it: the lengths of an empty stored block.
const FLUSHED: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// Decompresses a stream as it comes.
///
/// [Feed](Self::feed) what was received, [read](Self::read) until there is nothing more, feed
/// again. However much a stream swells, it takes no more memory than this; what is broken is
/// [`PeerError::BadCompression`].
///
/// It is 43 KiB large: put it where there is room, not on a small stack.
pub struct Inflater {
    state: DecompressorOxide,
    window: [u8; WINDOW],
    /// What is decompressed and not yet read: a range of the window.
    start: usize,
    end: usize,
    status: Status,
    /// The last bytes that were fed.
    last: [u8; 4],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    NeedsInput,
    /// There is more to be decompressed in what was fed already.
    HasMore,
    Ended,
    Broken,
}

impl Inflater {
    /// One at the beginning of a stream.
    pub fn new() -> Self {
        Self {
            state: DecompressorOxide::new(),
            window: [0; WINDOW],
            start: 0,
            end: 0,
            status: Status::NeedsInput,
            last: [0xAA; 4],
        }
    }

    /// Begins a new stream.
    pub fn reset(&mut self) {
        self.state.init();
        (self.start, self.end) = (0, 0);
        self.status = Status::NeedsInput;
        self.last = [0xAA; 4];
    }

    /// Decompresses as much of `input` as there is room for, and returns how many bytes of it
    /// were taken. None, while there is something to be [read](Self::read), or once the stream
    /// has [ended](Self::has_ended).
    ///
    /// With nothing to be read, either some bytes are taken or something can be read.
    ///
    /// # Errors
    ///
    /// [`PeerError::BadCompression`], sticky: what comes is no DEFLATE. What came before can be
    /// read.
    pub fn feed(&mut self, input: &[u8]) -> Result<usize, PeerError> {
        if self.status == Status::Broken {
            return Err(PeerError::BadCompression);
        }
        if self.start != self.end || self.status == Status::Ended {
            return Ok(0);
        }
        if self.end >= WINDOW {
            self.end = 0;
        }
        self.start = self.end;
        let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
        let (status, taken, written) =
            decompress(&mut self.state, input, &mut self.window, self.end, flags);
        self.end = self.end.saturating_add(written).min(WINDOW);
        for &byte in input.get(..taken).unwrap_or_default().iter().rev().take(4).rev() {
            let [_, b, c, d] = self.last;
            self.last = [b, c, d, byte];
        }
        self.status = match status {
            TINFLStatus::Done => Status::Ended,
            TINFLStatus::HasMoreOutput => Status::HasMore,
            TINFLStatus::NeedsMoreInput => Status::NeedsInput,
            _ => Status::Broken,
        };
        if self.status == Status::Broken && written == 0 {
            return Err(PeerError::BadCompression);
        }
        Ok(taken)
    }

    /// Moves what was decompressed into `room`, as much as fits, and returns how much.
    ///
    /// 0 into an empty room aside, 0 means that more has to be [fed](Self::feed).
    pub fn read(&mut self, room: &mut [u8]) -> usize {
        let mut count = 0;
        while count < room.len() {
            let ready = self.window.get(self.start..self.end).unwrap_or_default();
            if ready.is_empty() {
                // What the window had no room for.
                if self.status != Status::HasMore || self.feed(&[]).is_err() {
                    break;
                }
                continue;
            }
            let rest = room.get_mut(count..).unwrap_or_default();
            let moved = rest.len().min(ready.len());
            for (to, from) in rest.iter_mut().zip(ready) {
                *to = *from;
            }
            self.start = self.start.saturating_add(moved);
            count = count.saturating_add(moved);
        }
        count
    }

    /// Whether the stream said that it ends. IMAP servers do not end theirs before the
    /// connection, or not at all.
    pub fn has_ended(&self) -> bool {
        self.status == Status::Ended && self.start == self.end
    }

    /// Whether the last that was fed is a place where the other side flushed, so that nothing
    /// of what it wrote is missing; or the end.
    ///
    /// Where compression ends by UNAUTHENTICATE, what comes behind this is in clear.
    pub fn is_flushed(&self) -> bool {
        self.start == self.end
            && match self.status {
                Status::Ended => true,
                Status::NeedsInput => self.last == FLUSHED,
                Status::HasMore | Status::Broken => false,
            }
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows how much there is, and none of it: it is mail.
impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater")
            .field("ready", &self.end.saturating_sub(self.start))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Writes as much of `input` into `output` as fits, as one stored block (RFC 1951 section
/// 3.2.4), and returns how many bytes were taken and how many written: five more. Neither, if
/// `input` is empty or `output` has no room for six.
///
/// A stored block ends at a byte, so the other side can read all of it at once: nothing needs
/// to be flushed.
///
/// ```text
/// BFINAL=0 BTYPE=00 pad   LEN (16 bits, little endian)   NLEN (its complement)   data
/// ```
pub fn store(input: &[u8], output: &mut [u8]) -> (usize, usize) {
    let Some((header, room)) = output.split_first_chunk_mut::<HEADER>() else { return (0, 0) };
    let most = input.len().min(room.len()).min(usize::from(u16::MAX));
    let Ok(len) = u16::try_from(most) else { return (0, 0) };
    if len == 0 {
        return (0, 0);
    }
    let ([low, high], [not_low, not_high]) = (len.to_le_bytes(), (!len).to_le_bytes());
    *header = [0, low, high, not_low, not_high];
    for (to, from) in room.iter_mut().zip(input).take(most) {
        *to = *from;
    }
    (most, most.saturating_add(HEADER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    /// What Dovecot 2.3 sends, flushed: `c OK NOOP completed (0.001 + 0.000 secs).`
    const NOOP: &[u8] =
        b"JV\xf0\xf7V\xf0\xf3\xf7\x0fPH\xce\xcf-\xc8I-IMQ\xd00\xd0300T\xd0V\x00\xd1\
        \x06\n\xc5\xa9\xc9\xc5\x9az\xbc\\\x00\x00\x00\x00\xff\xff";
    const SAID: &[u8] = b"c OK NOOP completed (0.001 + 0.000 secs).\r\n";

    fn inflate(inflater: &mut Inflater, wire: &[u8], cut: usize, room: usize) -> Vec<u8> {
        let (mut text, mut room) = (Vec::new(), vec![0; room]);
        for mut piece in wire.chunks(cut) {
            while !piece.is_empty() {
                piece = &piece[inflater.feed(piece).unwrap()..];
                loop {
                    let count = inflater.read(&mut room);
                    if count == 0 {
                        break;
                    }
                    text.extend_from_slice(&room[..count]);
                }
            }
        }
        text
    }

    #[test]
    fn cut_anywhere() {
        for cut in 1..=NOOP.len() {
            for room in [1, 7, 64] {
                let mut it = Inflater::new();
                assert_eq!(inflate(&mut it, NOOP, cut, room), SAID, "{cut} {room}");
                assert!(it.is_flushed() && !it.has_ended());
                it.reset();
                assert!(!it.is_flushed());
                assert_eq!(inflate(&mut it, &NOOP[..NOOP.len() - 1], cut, room), SAID);
                assert!(!it.is_flushed());
            }
        }
        assert!(size_of::<Inflater>() <= 44 * 1024);
    }

    #[test]
    fn a_bomb_takes_no_more_memory() {
        // 4 MiB of NULs.
        let mut bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; 1 << 22], 6);
        let mut it = Inflater::new();
        let (mut room, mut total, mut rest) = ([1; 4096], 0, &bomb[..]);
        while !it.has_ended() {
            rest = &rest[it.feed(rest).unwrap()..];
            loop {
                let count = it.read(&mut room);
                assert!(room[..count].iter().all(|&byte| byte == 0));
                total += count;
                if count == 0 {
                    break;
                }
            }
        }
        assert_eq!((total, rest.len()), (1 << 22, 0));
        assert!(it.is_flushed());
        // What comes behind its end is not taken.
        assert_eq!(it.feed(b"* OK"), Ok(0));
        bomb.truncate(9);
        let mut it = Inflater::new();
        assert_eq!(it.feed(&bomb), Ok(9));
        assert!(!it.has_ended());
    }

    #[test]
    fn broken_streams() {
        for wire in [
            &b"* OK in clear\r\n"[..],
            b"\x07",                             // no such block type
            b"\x00\x01\x00\x01\x00",             // a length that is not confirmed
            b"\x4b\x04\x62\x60\x00\x00\x00\xff", // refers to before the beginning
            b"\xff\xff\xff\xff",
        ] {
            let mut it = Inflater::new();
            let mut room = [0; 64];
            let mut rest = wire;
            let error = loop {
                match it.feed(rest) {
                    Ok(0) => break None,
                    Ok(taken) => rest = &rest[taken..],
                    Err(error) => break Some(error),
                }
                while it.read(&mut room) > 0 {}
            };
            if let Some(error) = error {
                assert_eq!(error, PeerError::BadCompression);
                assert_eq!(it.feed(NOOP), Err(error));
                assert_eq!(it.read(&mut room), 0);
                it.reset();
                assert_eq!(inflate(&mut it, NOOP, 9, 9), SAID);
            } else {
                assert!(wire[0] == b'*' || wire[0] == 0x4b, "{wire:?}");
            }
        }
    }

    #[test]
    fn stored() {
        let mut wire = vec![0xEE; 70_000];
        assert_eq!(store(b"", &mut wire), (0, 0));
        assert_eq!(store(b"x", &mut wire[..5]), (0, 0));
        assert_eq!(store(b"xy", &mut wire[..6]), (1, 6));
        assert_eq!(&wire[..7], b"\x00\x01\x00\xfe\xffx\xee");
        let text: Vec<u8> = (0..100_000_u32).map(|i| (i % 251) as u8).collect();
        for room in [6, 100, 70_000] {
            let (mut it, mut rest, mut got) = (Inflater::new(), &text[..], Vec::new());
            while !rest.is_empty() {
                let (taken, written) = store(rest, &mut wire[..room]);
                assert_eq!(written, taken + 5);
                rest = &rest[taken..];
                got.extend(inflate(&mut it, &wire[..written], 999, 999));
            }
            assert!(got == text);
        }
    }
}
