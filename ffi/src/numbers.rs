//! Rows of sequence numbers and UIDs.

use crate::args::Args;
use crate::bytes::Out;
use crate::guard;
use crate::opaque::{filled, load, store};
use core::ffi::c_char;
use core::mem::MaybeUninit;
use mailwire::imap::{Number, NumbersIter, Ranges, SequenceSet};

/// Stands for `*`, the largest number, in a range.
pub const MW_STAR: u32 = 0xFFFF_FFFF;

/// Stands for a number that was not told.
pub const MW_UNKNOWN: u64 = 0xFFFF_FFFF_FFFF_FFFF;

/// Sequence numbers or UIDs, as a row of ranges: a cursor. Copy it to walk more than once. Valid
/// as long as the event it came with. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_numbers {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 4],
}

const NONE: u32 = 0;
const RANGES: u32 = filled("ranges");
const NUMBERS: u32 = filled("numbers");
const SEARCH_RESULT: u32 = filled("search result");

/// The numbers from `first` to `last`, both included; one number if they are equal. `*` is
/// `MW_STAR`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_range {
    /// The first.
    pub first: u32,
    /// The last, never below the first.
    pub last: u32,
}

impl mw_numbers {
    pub(crate) const NONE: Self = Self { kind: NONE, opaque: [MaybeUninit::zeroed(); 4] };

    pub(crate) fn set(set: SequenceSet<'_>) -> Self {
        let kind = if set.is_search_result() { SEARCH_RESULT } else { RANGES };
        Self { kind, opaque: store(set.iter()) }
    }

    pub(crate) fn maybe(set: Option<SequenceSet<'_>>) -> Self {
        set.map_or(Self::NONE, Self::set)
    }

    pub(crate) fn list(numbers: NumbersIter<'_>) -> Self {
        Self { kind: NUMBERS, opaque: store(numbers) }
    }

    fn next(&mut self) -> Option<mw_range> {
        let plain = |number| match number {
            Number::Value(value) => value,
            Number::Star => MW_STAR,
        };
        match self.kind {
            RANGES => {
                // SAFETY: of this kind; the header says how long it is valid.
                let mut ranges: Ranges<'static> = unsafe { load(&self.opaque) };
                let range = ranges.next()?;
                self.opaque = store(ranges);
                Some(mw_range { first: plain(range.start), last: plain(range.end) })
            }
            NUMBERS => {
                // SAFETY: as above.
                let mut numbers: NumbersIter<'static> = unsafe { load(&self.opaque) };
                let number = numbers.next()?;
                self.opaque = store(numbers);
                Some(mw_range { first: number, last: number })
            }
            _ => None,
        }
    }
}

/// Takes the next range. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_next(
    numbers: *mut mw_numbers,
    out_range: *mut mw_range,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(numbers) = args.handle(numbers) else { return false };
        numbers.next().map(|range| args.give(out_range, range)).is_some()
    })
}

/// Writes what is left of a cursor as a sequence set for a command, such as "1:3,7:*". Like
/// snprintf: as many whole ranges as fit, ended by NUL if `len` is not 0, and returned is how many
/// bytes all of them have. Nothing is taken from the cursor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_copy(
    numbers: *const mw_numbers,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        let Some(numbers) = args.maybe(numbers) else { return out.finish() };
        if numbers.kind == SEARCH_RESULT {
            out.push(b"$");
        }
        let mut rest = *numbers;
        let mut joined = rest.next();
        let mut first = true;
        while let Some(mut range) = joined {
            joined = rest.next();
            while let Some(next) = joined
                && range.last.checked_add(1) == Some(next.first)
                && next.first != MW_STAR
            {
                range.last = next.last;
                joined = rest.next();
            }
            let mut piece = Piece::new();
            if !first {
                piece.push(b',');
            }
            first = false;
            piece.range(range.first, range.last);
            out.push(piece.text());
        }
        out.finish()
    })
}

/// How many numbers are left in a cursor; MW_UNKNOWN if that depends on a `*` or on what the
/// server keeps ("$"). 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_count(numbers: *const mw_numbers) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Some(numbers) = args.maybe(numbers) else { return 0 };
        if numbers.kind == SEARCH_RESULT {
            return MW_UNKNOWN;
        }
        let mut rest = *numbers;
        let mut sum = 0_u64;
        while let Some(range) = rest.next() {
            if range.last == MW_STAR {
                return MW_UNKNOWN;
            }
            sum = sum.saturating_add(u64::from(range.last.saturating_sub(range.first)) + 1);
        }
        sum
    })
}

/// Writes numbers as a sequence set for a command, such as "1:3,7", joining those that follow
/// each other: as many of the `count` as fit into `len` bytes with the NUL. Returns how many were
/// written, so that the others can be sent with another command; 0 if there is no room for one,
/// or at a number 0, which is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_set_write(
    numbers: *const u32,
    count: usize,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let numbers = args.slice(numbers, count).unwrap_or_default();
        let room = args.room(buffer.cast(), len);
        let mut at = 0;
        let mut written = 0;
        while let Some(&first) = numbers.get(written) {
            let mut end = written + 1;
            while let (Some(&last), Some(&next)) = (numbers.get(end - 1), numbers.get(end)) {
                if last.checked_add(1) != Some(next) {
                    break;
                }
                end += 1;
            }
            let last = numbers.get(end - 1).copied().unwrap_or(first);
            let mut piece = Piece::new();
            if written > 0 {
                piece.push(b',');
            }
            piece.range(first, last);
            let text = piece.text();
            match room.get_mut(at..at + text.len()) {
                Some(to) if first > 0 && at + text.len() < len => to.copy_from_slice(text),
                _ => break,
            }
            at += text.len();
            written = end;
        }
        if let Some(end) = room.get_mut(at) {
            *end = 0;
        }
        written
    })
}

/// Up to two numbers and what is between them.
pub(crate) struct Piece {
    bytes: [u8; 24],
    len: usize,
}

impl Piece {
    pub(crate) fn new() -> Self {
        Self { bytes: [0; 24], len: 0 }
    }

    pub(crate) fn push(&mut self, byte: u8) {
        if let Some(to) = self.bytes.get_mut(self.len) {
            *to = byte;
            self.len += 1;
        }
    }

    pub(crate) fn number(&mut self, number: u32) {
        let mut scale = 1_000_000_000;
        while scale > 1 && number < scale {
            scale /= 10;
        }
        while scale > 0 {
            self.push(b'0' + (number / scale % 10) as u8);
            scale /= 10;
        }
    }

    fn range(&mut self, first: u32, last: u32) {
        for (index, number) in [first, last].into_iter().enumerate() {
            if index > 0 && first == last {
                break;
            }
            if index > 0 {
                self.push(b':');
            }
            if number == MW_STAR { self.push(b'*') } else { self.number(number) }
        }
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}
