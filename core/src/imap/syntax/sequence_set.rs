//! Sets of message numbers or UIDs (RFC 9051 section 9, `sequence-set`).

use super::{Parsed, fail, number};
use crate::UsageError;
use core::fmt;
use core::ops::{RangeFrom, RangeInclusive};

/// A set of message sequence numbers or of UIDs: `1:5,7,9:*`.
///
/// ```abnf
/// sequence-set     = (seq-number / seq-range) ["," sequence-set]
/// sequence-set     =/ seq-last-command
/// seq-number       = nz-number / "*"
/// seq-range        = seq-number ":" seq-number
/// seq-last-command = "$"
/// ```
/// RFC 9051 section 9. It borrows what it was made from and is `Copy`. Two are equal if they
/// name the same numbers in the same order, in whatever form.
///
/// ```
/// use mailwire::imap::SequenceSet;
/// let some = SequenceSet::from(&[1, 2, 3, 9]);
/// assert_eq!(some.to_string(), "1:3,9");
/// assert_eq!(SequenceSet::from(7..).to_string(), "7:*");
/// assert!(SequenceSet::try_from("1:5,*").unwrap().contains(30, 30));
/// assert!(SequenceSet::try_from("1:5,A1 LOGOUT").is_err());
/// ```
#[derive(Clone, Copy)]
pub struct SequenceSet<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Range(SequenceRange),
    Numbers(&'a [u32]),
    Ranges(&'a [RangeInclusive<u32>]),
    /// Valid text.
    Text(&'a [u8]),
    SearchResult,
}

/// A number in a set, or `*`, the largest in use (RFC 9051 section 9, `seq-number`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Number {
    /// A message sequence number or a UID.
    Value(u32),
    /// `*`: the largest number in use.
    Star,
}

impl Number {
    /// The number, `*` being `max`.
    pub const fn resolve(self, max: u32) -> u32 {
        match self {
            Self::Value(value) => value,
            Self::Star => max,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Star => f.write_str("*"),
        }
    }
}

/// A part of a set, both ends included (RFC 9051 section 9, `seq-range`). A single number
/// has `start == end`; `start` is never larger than `end`, `*` being the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SequenceRange {
    /// The first.
    pub start: Number,
    /// The last.
    pub end: Number,
}

impl SequenceRange {
    /// From one to the other, whichever is larger: `2:4` and `4:2` are the same (RFC 9051
    /// section 9), but some servers refuse the second (QQ).
    fn new(a: Number, b: Number) -> Self {
        Self { start: a.min(b), end: a.max(b) }
    }
}

impl fmt::Display for SequenceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start.fmt(f)?;
        if self.start != self.end {
            write!(f, ":{}", self.end)?;
        }
        Ok(())
    }
}

impl<'a> SequenceSet<'a> {
    /// `1:*`, every message.
    pub const ALL: SequenceSet<'static> =
        SequenceSet(Form::Range(SequenceRange { start: Number::Value(1), end: Number::Star }));

    /// `*`, the last message.
    pub const LAST: SequenceSet<'static> =
        SequenceSet(Form::Range(SequenceRange { start: Number::Star, end: Number::Star }));

    /// `$`, what the last SEARCH with RETURN (SAVE) found (RFC 9051 section 6.4.4.1).
    pub const SEARCH_RESULT: SequenceSet<'static> = SequenceSet(Form::SearchResult);

    /// Whether this is `$`. Its numbers are not known here: [`iter`](Self::iter) is empty.
    pub const fn is_search_result(&self) -> bool {
        matches!(self.0, Form::SearchResult)
    }

    /// The ranges in their order. Numbers that follow each other in a slice are joined.
    pub fn iter(&self) -> Ranges<'a> {
        Ranges(self.0)
    }

    /// Whether `number` is in it, `*` being `max`.
    pub fn contains(&self, number: u32, max: u32) -> bool {
        self.iter().any(|range| {
            let (start, end) = (range.start.resolve(max), range.end.resolve(max));
            (start.min(end)..=start.max(end)).contains(&number)
        })
    }

    /// How many numbers it names, one that is named twice being counted twice; `None` if
    /// that depends on a `*` or is `$`.
    pub fn count(&self) -> Option<u64> {
        let mut sum = 0_u64;
        if self.is_search_result() {
            return None;
        }
        for range in self.iter() {
            let (Number::Value(start), Number::Value(end)) = (range.start, range.end) else {
                return (range.start == range.end && self.iter().nth(1).is_none()).then_some(1);
            };
            sum = sum.saturating_add(u64::from(end.saturating_sub(start))).saturating_add(1);
        }
        Some(sum)
    }

    /// The numbers, one by one; `None` if there is a `*` in it or it is `$`. A short text
    /// can name all of the four milliard numbers: ask [`count`](Self::count) first.
    pub fn numbers(&self) -> Option<impl Iterator<Item = u32> + Clone + use<'a>> {
        let known = !self.is_search_result() && self.iter().all(|range| range.end != Number::Star);
        known.then(|| self.iter().flat_map(|range| range.start.resolve(0)..=range.end.resolve(0)))
    }

    /// Whether the grammar admits it: not empty, and no zero.
    pub(crate) fn is_valid(&self) -> bool {
        self.is_search_result()
            || self.iter().next().is_some()
                && self.iter().all(|range| range.start != Number::Value(0))
    }
}

/// The ranges of a [`SequenceSet`].
#[derive(Debug, Clone)]
pub struct Ranges<'a>(Form<'a>);

impl Iterator for Ranges<'_> {
    type Item = SequenceRange;

    fn next(&mut self) -> Option<SequenceRange> {
        match &mut self.0 {
            Form::SearchResult => None,
            Form::Range(range) => {
                let range = *range;
                self.0 = Form::Numbers(&[]);
                Some(range)
            }
            Form::Numbers(numbers) => {
                let (&start, mut rest) = numbers.split_first()?;
                let mut end = start;
                while let [next, after @ ..] = rest
                    && end.checked_add(1) == Some(*next)
                {
                    end = *next;
                    rest = after;
                }
                *numbers = rest;
                Some(SequenceRange { start: Number::Value(start), end: Number::Value(end) })
            }
            Form::Ranges(ranges) => {
                let (range, rest) = ranges.split_first()?;
                *ranges = rest;
                Some(SequenceRange::new(Number::Value(*range.start()), Number::Value(*range.end())))
            }
            Form::Text(text) => {
                let (rest, range) = sequence_range(text).ok()?;
                *text = rest.strip_prefix(b",").unwrap_or(rest);
                Some(range)
            }
        }
    }
}

impl PartialEq for SequenceSet<'_> {
    fn eq(&self, other: &SequenceSet<'_>) -> bool {
        // Ranges that follow each other are one: `1,2` is `1:2`.
        fn joined(set: SequenceSet<'_>) -> impl Iterator<Item = SequenceRange> {
            let mut ranges = set.iter().peekable();
            core::iter::from_fn(move || {
                let mut range = ranges.next()?;
                while let Some(next) = ranges.next_if(|next| match (range.end, next.start) {
                    (Number::Value(end), Number::Value(start)) => end.checked_add(1) == Some(start),
                    _ => false,
                }) {
                    range.end = next.end;
                }
                Some(range)
            })
        }
        self.is_search_result() == other.is_search_result() && joined(*self).eq(joined(*other))
    }
}

impl Eq for SequenceSet<'_> {}

impl<'a> IntoIterator for SequenceSet<'a> {
    type Item = SequenceRange;
    type IntoIter = Ranges<'a>;

    fn into_iter(self) -> Ranges<'a> {
        self.iter()
    }
}

impl From<u32> for SequenceSet<'_> {
    fn from(number: u32) -> Self {
        (number..=number).into()
    }
}

impl From<RangeInclusive<u32>> for SequenceSet<'_> {
    fn from(range: RangeInclusive<u32>) -> Self {
        let (start, end) = range.into_inner();
        Self(Form::Range(SequenceRange::new(Number::Value(start), Number::Value(end))))
    }
}

/// `n:*`. The last message is always in it, even if its number is below `n` (RFC 9051
/// section 6.4.9).
impl From<RangeFrom<u32>> for SequenceSet<'_> {
    fn from(range: RangeFrom<u32>) -> Self {
        Self(Form::Range(SequenceRange { start: Number::Value(range.start), end: Number::Star }))
    }
}

impl<'a> From<&'a [u32]> for SequenceSet<'a> {
    fn from(numbers: &'a [u32]) -> Self {
        Self(Form::Numbers(numbers))
    }
}

impl<'a, const N: usize> From<&'a [u32; N]> for SequenceSet<'a> {
    fn from(numbers: &'a [u32; N]) -> Self {
        Self(Form::Numbers(numbers))
    }
}

impl<'a> From<&'a [RangeInclusive<u32>]> for SequenceSet<'a> {
    fn from(ranges: &'a [RangeInclusive<u32>]) -> Self {
        Self(Form::Ranges(ranges))
    }
}

impl<'a, const N: usize> From<&'a [RangeInclusive<u32>; N]> for SequenceSet<'a> {
    fn from(ranges: &'a [RangeInclusive<u32>; N]) -> Self {
        Self(Form::Ranges(ranges))
    }
}

impl<'a> TryFrom<&'a str> for SequenceSet<'a> {
    type Error = UsageError;

    fn try_from(text: &'a str) -> Result<Self, UsageError> {
        match sequence_set(text.as_bytes()) {
            Ok((b"", set)) if set.is_valid() => Ok(set),
            _ => Err(UsageError::InvalidArgument("not a sequence set")),
        }
    }
}

impl fmt::Display for SequenceSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_search_result() {
            return f.write_str("$");
        }
        for (index, range) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SequenceSet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SequenceSet(*self).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SequenceSet<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SequenceSet<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

#[inline]
fn sequence_number(i: &[u8]) -> Parsed<'_, Number> {
    match i {
        [b'*', rest @ ..] => Ok((rest, Number::Star)),
        _ => number(i).map(|(rest, value)| (rest, Number::Value(value))),
    }
}

#[inline]
fn sequence_range(i: &[u8]) -> Parsed<'_, SequenceRange> {
    let (i, start) = sequence_number(i)?;
    match i {
        [b':', rest @ ..] => {
            let (rest, end) = sequence_number(rest)?;
            Ok((rest, SequenceRange::new(start, end)))
        }
        _ => Ok((i, SequenceRange { start, end: start })),
    }
}

/// `sequence-set` (RFC 9051 section 9): see [`SequenceSet`]. Zero is let through: DavMail
/// sends UID 0.
pub(crate) fn sequence_set(i: &[u8]) -> Parsed<'_, SequenceSet<'_>> {
    if let [b'$', rest @ ..] = i {
        return Ok((rest, SequenceSet::SEARCH_RESULT));
    }
    let (mut rest, _) = sequence_range(i)?;
    while let [b',', after @ ..] = rest {
        rest = sequence_range(after)?.0;
    }
    match i.split_at_checked(i.len().wrapping_sub(rest.len())) {
        Some((text, rest)) => Ok((rest, SequenceSet(Form::Text(text)))),
        None => fail(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    #[test]
    fn made() {
        assert_eq!(SequenceSet::from(5).to_string(), "5");
        assert_eq!(SequenceSet::from(5..=9).to_string(), "5:9");
        assert_eq!(SequenceSet::from(5..).to_string(), "5:*");
        assert_eq!(SequenceSet::from(&[5, 6, 7, 1, 3, u32::MAX]).to_string(), "5:7,1,3,4294967295");
        assert_eq!(SequenceSet::from(&[1..=2, 4..=4]).to_string(), "1:2,4");
        #[allow(clippy::reversed_empty_ranges)]
        let reversed = SequenceSet::from(9..=5);
        assert_eq!(reversed.to_string(), "5:9");
        assert_eq!(SequenceSet::ALL.to_string(), "1:*");
        assert_eq!(SequenceSet::SEARCH_RESULT.to_string(), "$");
        assert!(!SequenceSet::from(0).is_valid());
        assert!(!SequenceSet::from(&[] as &[u32]).is_valid());
        assert!(!SequenceSet::from(&[3, 0]).is_valid());
    }

    #[test]
    fn equal() {
        let text = |text| SequenceSet::try_from(text).unwrap();
        for (text, same) in [
            (text("1:3,7"), SequenceSet::from(&[1, 2, 3, 7])),
            (text("1,2,3:4"), SequenceSet::from(1..=4)),
            (text("4:2"), SequenceSet::from(&[2..=3, 4..=4])),
            (text("5:*"), SequenceSet::from(5..)),
            (text("1,2:*"), SequenceSet::ALL),
            (text("*"), SequenceSet::LAST),
            (text("$"), SequenceSet::SEARCH_RESULT),
            (text("4294967295,1"), SequenceSet::from(&[u32::MAX, 1])),
        ] {
            assert_eq!((text, same), (same, text));
        }
        for (one, other) in [
            (text("1,3"), SequenceSet::from(1..=3)),
            (text("2,1"), SequenceSet::from(1..=2)),
            (text("1:3"), SequenceSet::from(1..=2)),
            (SequenceSet::SEARCH_RESULT, SequenceSet::from(&[] as &[u32])),
        ] {
            assert_ne!(one, other);
            assert_ne!(other, one);
        }
    }

    #[test]
    fn read() {
        let (rest, set) = sequence_set(b"304,319:320 3956").unwrap();
        assert_eq!(rest, b" 3956");
        assert_eq!(set.numbers().unwrap().collect::<Vec<_>>(), [304, 319, 320]);
        assert_eq!(set.count(), Some(3));
        assert!(set.contains(319, 0) && !set.contains(318, 0));
        let open = SequenceSet::try_from("1,*:4").unwrap();
        assert_eq!(open.to_string(), "1,4:*");
        assert_eq!(open.count(), None);
        assert!(open.numbers().is_none());
        assert!(open.contains(2, 2) && open.contains(3, 2) && !open.contains(5, 4));
        assert_eq!(SequenceSet::LAST.count(), Some(1));
        assert_eq!(sequence_set(b"1:4294967295").unwrap().1.count(), Some(4_294_967_295));
        for bad in ["", ",", "1,", "1:", ":1", "0", "1,,2", "1 2", "4294967296", "1\r\n", "$,1"] {
            assert!(SequenceSet::try_from(bad).is_err(), "{bad}");
        }
    }
}
