//! BODY and BODYSTRUCTURE: the MIME structure of a message.
//!
//! RFC 9051 section 7.5.2, and `body` with what it stands on in section 9.

use core::fmt;

use super::envelope::Envelope;
use super::fetch::value::{self, Values};
use super::syntax::string::Str;

/// How deep [`Walk`] goes: that many multiparts and messages in each other.
pub const MAX_DEPTH: u8 = 128;

/// The MIME structure of a message (RFC 9051 section 7.5.2), at any depth.
///
/// A view of the raw bytes. [`walk`](Self::walk) goes through the parts:
///
/// ```
/// # use mailwire::imap::BodyStructure;
/// let structure = BodyStructure::parse(
///     br#"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1)("IMAGE" "PNG" ("NAME" "a.png") NIL NIL "BASE64" 400) "MIXED")"#,
/// ).unwrap();
/// let image = structure.walk().find(|part| part.is("image", "*")).unwrap();
/// assert_eq!(*image.number(), [2]);
/// assert_eq!(image.size(), Some(400));
/// assert_eq!(image.params().get("name").unwrap().as_str(), Some("a.png"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BodyStructure<'a> {
    raw: &'a [u8],
}

impl<'a> BodyStructure<'a> {
    /// Reads a structure, from its opening to its closing parenthesis. `None` if it is not
    /// one list whose parentheses and strings are all closed. What is odd within shows when
    /// its part is reached.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        value::open(raw).ok()?;
        value::whole(value::skip(raw)).map(|raw| Self { raw })
    }

    /// The bytes that this was read from.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// All parts, each before those that are in it.
    pub fn walk(&self) -> Walk<'a> {
        Walk {
            rest: self.raw,
            number: PartNumber::WHOLE,
            depth: 0,
            multiparts: 0,
            expect_one: true,
        }
    }
}

impl fmt::Debug for BodyStructure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.walk()).finish()
    }
}

/// A flat list of the parts; their numbers tell how they nest.
#[cfg(feature = "serde")]
impl serde::Serialize for BodyStructure<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.walk())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for BodyStructure<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        for part in self.walk() {
            defmt::write!(f, "{}, ", part);
        }
        defmt::write!(f, "]");
    }
}

/// The number of a part, such as 1.2.3, by which FETCH asks for it (RFC 9051 section 6.4.5).
///
/// The multipart that makes up a whole message has the message's number: none at all if it
/// is the message that was asked about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartNumber {
    len: u8,
    /// The numbers one after the other, each in base 128, highest digit first, with the top
    /// bit set in all but the last: a number below 128 takes one byte.
    bytes: [u8; 127],
}

impl PartNumber {
    /// No number: the message itself.
    pub const WHOLE: Self = Self { len: 0, bytes: [0; 127] };

    /// A number made of these. `None` if there are too many to hold (127 below 128).
    pub fn new(numbers: &[u32]) -> Option<Self> {
        let mut new = Self::WHOLE;
        numbers.iter().try_for_each(|&n| new.push(n)).map(|()| new)
    }

    /// Whether this stands for the message itself.
    pub fn is_whole(&self) -> bool {
        self.len == 0
    }

    /// The numbers between the dots.
    pub fn iter(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        let mut digits = self.encoded().iter();
        core::iter::from_fn(move || {
            let mut number = 0u32;
            loop {
                let digit = *digits.next()?;
                number = number.wrapping_shl(7) | u32::from(digit & 0x7F);
                if digit < 0x80 {
                    return Some(number);
                }
            }
        })
    }

    fn encoded(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn push(&mut self, number: u32) -> Option<()> {
        let digits = (u32::BITS.saturating_sub((number | 1).leading_zeros())).div_ceil(7);
        let end = self.len.checked_add(u8::try_from(digits).ok()?)?;
        let room = self.bytes.get_mut(usize::from(self.len)..usize::from(end))?;
        let mut left = number;
        let mut top = 0;
        for byte in room.iter_mut().rev() {
            *byte = (left & 0x7F) as u8 | top;
            left >>= 7;
            top = 0x80;
        }
        self.len = end;
        Some(())
    }

    /// Takes the last number off. What is behind `len` stays 0, so that equality holds.
    fn pop(&mut self) -> Option<u32> {
        let mut number = 0u32;
        let mut shift = 0;
        loop {
            let last = self.len.checked_sub(1)?;
            let byte = self.bytes.get_mut(usize::from(last))?;
            if shift > 0 && *byte < 0x80 {
                return Some(number);
            }
            number |= u32::from(*byte & 0x7F).wrapping_shl(shift);
            shift = shift.saturating_add(7);
            *byte = 0;
            self.len = last;
            if last == 0 {
                return Some(number);
            }
        }
    }

    /// Counts the last number up.
    fn advance(&mut self) -> Option<()> {
        let last = self.pop()?;
        self.push(last.saturating_add(1))
    }
}

impl PartialEq<[u32]> for PartNumber {
    fn eq(&self, other: &[u32]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

impl<const N: usize> PartialEq<[u32; N]> for PartNumber {
    fn eq(&self, other: &[u32; N]) -> bool {
        *self == other[..]
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for number in self.iter() {
            write!(f, "{dot}{number}")?;
            dot = ".";
        }
        Ok(())
    }
}

impl fmt::Debug for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PartNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for PartNumber {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// What a [`Part`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PartKind {
    /// A part without parts.
    Single,
    /// Its children come next.
    Multipart,
    /// A message in the message (`message/rfc822`, `message/global`), whose body comes next.
    Message,
    /// Nothing that can be understood; see [`raw`](Part::raw). The other parts are not
    /// touched by it.
    Malformed,
    /// This is nested deeper than [`MAX_DEPTH`]; see [`raw`](Part::raw). It is not looked
    /// into.
    TooDeep,
}

/// The parts of a [`BodyStructure`], each before those that are in it.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    rest: &'a [u8],
    /// Of the multipart or message that we are in; a multipart's is followed by the number
    /// of its child that was read last.
    number: PartNumber,
    depth: u8,
    /// A bit for each level that we are in, the lowest for the innermost: whether it is a
    /// multipart. Else it is a message, or the root, which is like a message.
    multiparts: u128,
    /// We are in a message and its body is still to be read.
    expect_one: bool,
}

impl<'a> Walk<'a> {
    fn in_multipart(&self) -> bool {
        self.multiparts & 1 != 0
    }

    fn enter(&mut self, multipart: bool) {
        self.depth = self.depth.saturating_add(1);
        self.multiparts = self.multiparts << 1 | u128::from(multipart);
        self.expect_one = !multipart;
    }

    /// Leaves the multipart or message that we are in, skipping what comes behind its parts.
    fn leave(&mut self) -> Option<()> {
        let mut rest = self.rest;
        while let Some(start) = value::more(rest).ok()? {
            rest = value::skip(start).ok()?.0;
        }
        self.rest = value::close(rest).ok()?.0;
        if self.in_multipart() {
            self.number.pop();
        }
        self.multiparts >>= 1;
        self.depth = self.depth.checked_sub(1)?;
        Some(())
    }

    /// Reads the part that begins at `start`.
    fn part(&mut self, start: &'a [u8]) -> Option<Part<'a>> {
        let nested = value::spaces(value::open(start).ok()?.0);
        let has_children = matches!(nested, [b'(', ..]);
        let in_multipart = self.in_multipart();
        let mut part = Part {
            number: self.number,
            raw: start,
            at: [0; FIELDS],
            kind: PartKind::Multipart,
            depth: self.depth,
        };
        // Where to go on if this part has others in it.
        let mut inner = nested;
        if !has_children {
            inner = part.read_single(nested)?;
        }
        // The body of a message is the message's part 1, unless it is a multipart
        // (RFC 9051 section 6.4.5).
        let numbered = if in_multipart {
            self.number.advance()
        } else if part.kind == PartKind::Multipart {
            Some(())
        } else {
            self.number.push(1)
        };
        part.number = self.number;
        if has_children || part.kind == PartKind::Message {
            let mut number = self.number;
            let deeper = if has_children { number.push(0) } else { Some(()) };
            if self.depth < MAX_DEPTH && numbered.is_some() && deeper.is_some() {
                self.number = number;
                self.enter(has_children);
                self.rest = inner;
                return Some(part);
            }
            part.kind = PartKind::TooDeep;
            let (rest, raw) = value::skip(start).ok()?;
            part.raw = raw;
            self.rest = rest;
        } else {
            // `read_single` came to the end.
            self.rest = inner;
        }
        if numbered.is_none() {
            part.kind = PartKind::TooDeep;
        } else if !in_multipart && part.kind != PartKind::Multipart {
            self.number.pop();
        }
        Some(part)
    }
}
