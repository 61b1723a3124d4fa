//! The SEARCH response (RFC 3501 section 7.2.5), and SORT's (RFC 5256 section 4), which looks
//! like it.

use crate::imap::Str;
use crate::imap::syntax::number64;
use crate::scan::SHORT_WAYS;
use core::fmt;

/// The numbers of a SEARCH (or SORT) response, whole or a part of one that is longer
/// than Rx.
///
/// They are in any order for SEARCH, and in the order asked for in SORT.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    /// Takes what stands behind `SEARCH SP`, or any part of it that was cut at a space.
    ///
    /// ```abnf
    /// "SEARCH" *(SP nz-number) [SP search-sort-mod-seq]
    /// search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"
    /// ```
    /// RFC 3501 section 9, RFC 7162 section 7. It never fails.
    pub const fn parse(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    /// The numbers, in the server's order. Words that are no numbers are left out, and
    /// zeros, which are none of a message (DavMail); so is a space at the end (Outlook.com).
    #[inline]
    pub const fn iter(&self) -> NumbersIter<'a> {
        NumbersIter(self.0)
    }

    /// Whether there are no numbers.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.5). It comes
    /// last: in the last part if there are several.
    pub fn mod_seq(&self) -> Option<u64> {
        let raw = self.0.trim_ascii().strip_suffix(b")")?.trim_ascii_end();
        let digits = raw.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (before, digits) = raw.split_at_checked(raw.len().checked_sub(digits)?)?;
        let before = before.trim_ascii_end();
        // All that is missing may stand at the end of the part before.
        let known = match before.len().checked_sub(b"(MODSEQ".len()) {
            Some(start) => before.get(start..)?.eq_ignore_ascii_case(b"(MODSEQ"),
            None => before.is_empty(),
        };
        let (_, mod_seq) = number64(digits).ok()?;
        known.then_some(mod_seq)
    }
}

/// The numbers of a [`Numbers`].
#[derive(Debug, Clone)]
pub struct NumbersIter<'a>(&'a [u8]);

impl Iterator for NumbersIter<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if SHORT_WAYS && let Some((value, rest)) = short_number(self.0) {
            self.0 = rest;
            return Some(value);
        }
        let mut rest = self.0;
        loop {
            let mut value = 0_u64;
            let mut digits = 0_u32;
            while let [digit @ b'0'..=b'9', after @ ..] = rest {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit & 0x0f));
                digits = digits.wrapping_add(1);
                rest = after;
            }
            match rest {
                [] | [b' ', ..] => {
                    rest = rest.get(1..).unwrap_or_default();
                    if let (1..=10, Ok(value @ 1..)) = (digits, u32::try_from(value)) {
                        self.0 = rest;
                        return Some(value);
                    }
                    if rest.is_empty() {
                        self.0 = rest;
                        return None;
                    }
                }
                // What a mod-sequence stands in, `(MODSEQ 917 )`, comes last.
                [b'(', ..] => {
                    self.0 = &[];
                    return u32::try_from(value).ok().filter(|&value| digits <= 10 && value > 0);
                }
                _ => {
                    let junk = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
                    rest = rest.get(junk..).unwrap_or_default();
                }
            }
        }
    }
}

/// The number at the front and what is behind the space that ends it, if eight bytes are there and
/// it is of the usual form; all digits in one go.
#[inline(always)]
fn short_number(i: &[u8]) -> Option<(u32, &[u8])> {
    const ZEROS: u64 = u64::MAX / 0xff * (b'0' as u64);
    const SIXES: u64 = u64::MAX / 0xff * 6;
    const HIGH: u64 = u64::MAX / 0xff * 0xf0;
    let digits = u64::from_le_bytes(*i.first_chunk()?) ^ ZEROS;
    // A byte above nine has a high half, or gets one.
    let bits = ((digits | digits.wrapping_add(SIXES)) & HIGH).trailing_zeros() & !7;
    let end = i.get((bits / 8) as usize..)?;
    // In front of a `1` come as many zeros as there are places left.
    let tens = digits.checked_shl(u64::BITS.wrapping_sub(bits)).unwrap_or_default();
    let tens = tens.wrapping_mul(10).wrapping_add(tens >> 8) & 0x00ff_00ff_00ff_00ff;
    let tens = tens.wrapping_mul(100).wrapping_add(tens >> 16) & 0x0000_ffff_0000_ffff;
    let value = tens.wrapping_mul(10_000).wrapping_add(tens >> 32) as u32;
    match end {
        [b' ', rest @ ..] if value > 0 => Some((value, rest)),
        _ => None,
    }
}

impl<'a> IntoIterator for Numbers<'a> {
    type Item = u32;
    type IntoIter = NumbersIter<'a>;

    fn into_iter(self) -> NumbersIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Str::new(self.0).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Numbers<'_> {
    /// `{"numbers": [2, 5], "mod_seq": null}`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Seq<'a>(Numbers<'a>);
        impl serde::Serialize for Seq<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0)
            }
        }
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Numbers", 2)?;
        out.serialize_field("numbers", &Seq(*self))?;
        out.serialize_field("mod_seq", &self.mod_seq())?;
        out.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Numbers<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", Str::new(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn numbers(raw: &[u8]) -> Vec<u32> {
        Numbers::parse(raw).iter().collect()
    }

    #[test]
    fn search_responses() {
        assert_eq!(numbers(b"2 84 882"), [2, 84, 882]);
        assert_eq!(numbers(b""), []);
        assert_eq!(numbers(b" "), []);
        assert!(Numbers::parse(b" ").is_empty());
        assert_eq!(numbers(b"4294967295 1"), [u32::MAX, 1]);
        // Outlook.com, DavMail
        assert_eq!(numbers(b"7456 "), [7456]);
        assert_eq!(numbers(b"0  5"), [5]);
        // Junk, and what is too large.
        assert_eq!(
            numbers(b"1 x 2y 3 -4 4294967296 99999999999999999999999999 18446744073709551617 5"),
            [1, 3, 5]
        );
        let it = Numbers::parse(b"2 5 6 (MODSEQ 917162500)");
        assert_eq!(it.iter().collect::<Vec<_>>(), [2, 5, 6]);
        assert_eq!(it.mod_seq(), Some(917_162_500));
        assert_eq!(Numbers::parse(b"(modseq  18446744073709551615 )").mod_seq(), Some(u64::MAX));
        assert_eq!(Numbers::parse(b"(modseq  18446744073709551615) ").mod_seq(), Some(u64::MAX));
        for raw in [&b"2 5 (MODSEQ 917 )"[..], b"2 5(MODSEQ 917)", b"2 5 ( MODSEQ 917 )"] {
            assert_eq!(numbers(raw), [2, 5]);
        }
        assert_eq!(numbers(b"(MODSEQ 917 )"), []);
        for none in [&b"2 5"[..], b"", b")", b"(MODSEQ )", b"5)x", b"7 5)", b"MODSEQ 5)"] {
            assert_eq!(Numbers::parse(none).mod_seq(), None);
        }
    }

    #[test]
    fn search_parts() {
        let raw = b"2 84 882 4294967295 (MODSEQ 917162500)";
        for at in (1..raw.len()).filter(|&at| raw[at - 1] == b' ') {
            let (a, b) = raw.split_at(at);
            let parts = [Numbers::parse(a), Numbers::parse(b)];
            let all: Vec<_> = parts.into_iter().flatten().collect();
            assert_eq!(all, [2, 84, 882, u32::MAX]);
            assert_eq!(parts[1].mod_seq(), Some(917_162_500));
        }
    }
}
