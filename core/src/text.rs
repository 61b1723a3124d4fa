//! Text as it was received.

use core::fmt::{self, Write};

/// A piece of what a server said. In IMAP the value of a string: quoted, literal, or a bare
/// atom where the grammar admits one (RFC 9051 section 4.3); in POP3 a word or a text.
///
/// It borrows the bytes as they came. The backslashes of a quoted string are left out on
/// the fly, so a value that holds some is not one slice: see [`as_bytes`](Self::as_bytes).
/// The bytes may be of any charset; [`Display`](fmt::Display) shows them as UTF-8, with
/// `\u{fffd}` for what is not.
#[derive(Clone, Copy, Default)]
pub struct Str<'a> {
    raw: &'a [u8],
    escapes: Escapes,
}

/// Whether a string's bytes hold `\"` or `\\`, to be read as `"` and `\`.
///
/// It takes a word, as it would with padding: that leaves no padding, which compilers copy
/// byte by byte when they move an `Option<Str>`.
#[derive(Clone, Copy, Default, PartialEq)]
#[repr(usize)]
enum Escapes {
    #[default]
    None,
    Some,
}

impl<'a> Str<'a> {
    /// A string of just these bytes.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { raw: bytes, escapes: Escapes::None }
    }

    /// The inside of a quoted string as it came, which holds escapes if `escaped`.
    #[inline]
    pub const fn from_raw(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, escapes: if escaped { Escapes::Some } else { Escapes::None } }
    }

    #[inline]
    const fn is_escaped(&self) -> bool {
        matches!(self.escapes, Escapes::Some)
    }

    /// What [`from_raw`](Self::from_raw) takes: the bytes as they came, and whether they hold
    /// escapes. For bindings, which carry it as a pointer and a length.
    #[inline]
    pub const fn into_raw(self) -> (&'a [u8], bool) {
        (self.raw, self.is_escaped())
    }

    /// The bytes of the value, one by one.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + Clone + 'a {
        let Self { raw: mut rest, .. } = *self;
        let escaped = self.is_escaped();
        core::iter::from_fn(move || match rest {
            [b'\\', byte @ (b'"' | b'\\'), after @ ..] if escaped => {
                rest = after;
                Some(*byte)
            }
            [byte, after @ ..] => {
                rest = after;
                Some(*byte)
            }
            [] => None,
        })
    }

    /// The value as slices, to be read one after the other: one slice, but for quoted
    /// strings that hold escapes.
    pub fn segments(&self) -> impl Iterator<Item = &'a [u8]> + Clone + 'a {
        Segments::new(*self)
    }

    /// The characters of the value, read as UTF-8, with `\u{fffd}` for what is not.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + 'a {
        self.segments().flat_map(<[u8]>::utf8_chunks).flat_map(|chunk| {
            let bad = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
            chunk.valid().chars().chain(bad)
        })
    }

    /// The value as one slice; `None` if it came quoted and with escapes in it. Then
    /// [`bytes`](Self::bytes) or [`copy_to`](Self::copy_to) helps.
    #[inline]
    pub const fn as_bytes(&self) -> Option<&'a [u8]> {
        if self.is_escaped() { None } else { Some(self.raw) }
    }

    /// The value as one `str`; `None` if [`as_bytes`](Self::as_bytes) is, or if it is not
    /// UTF-8.
    pub fn as_str(&self) -> Option<&'a str> {
        self.as_bytes().and_then(|bytes| core::str::from_utf8(bytes).ok())
    }

    /// Whether the value has no bytes.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The length of the value in bytes.
    pub fn len(&self) -> usize {
        if self.is_escaped() {
            self.segments().fold(0, |sum, part| sum.saturating_add(part.len()))
        } else {
            self.raw.len()
        }
    }

    /// Whether it says the same as `other`, letters A to Z being equal to a to z.
    pub fn eq_ignore_ascii_case(&self, other: &str) -> bool {
        if self.is_escaped() {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            self.bytes().map(lower).eq(other.bytes().map(lower))
        } else {
            // Most are equal as they are, which is faster to see.
            self.raw == other.as_bytes() || self.raw.eq_ignore_ascii_case(other.as_bytes())
        }
    }

    /// Copies the value to the front of `out` and returns it there; `None` if there is not
    /// enough room.
    pub fn copy_to<'o>(&self, out: &'o mut [u8]) -> Option<&'o [u8]> {
        let mut end = 0_usize;
        for part in self.segments() {
            let next = end.checked_add(part.len())?;
            out.get_mut(end..next)?.copy_from_slice(part);
            end = next;
        }
        out.get(..end)
    }

    /// The value, owned.
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> alloc::vec::Vec<u8> {
        self.bytes().collect()
    }
}

/// The pieces of a string between its escapes.
#[derive(Debug, Clone)]
pub(crate) struct Segments<'a> {
    rest: &'a [u8],
    escaped: bool,
    /// Bytes at the front of `rest` that no escape can begin at: one that was escaped.
    plain: usize,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(string: Str<'a>) -> Self {
        Self { rest: string.raw, escaped: string.is_escaped(), plain: 0 }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while self.escaped {
            // A backslash before anything else was sent by a server that does not escape
            // at all: it stays.
            let backslash = self
                .rest
                .get(self.plain..)?
                .windows(2)
                .position(|pair| matches!(pair, [b'\\', b'"' | b'\\']))
                .map(|at| at.wrapping_add(self.plain));
            let Some((before, [_, after @ ..])) =
                backslash.and_then(|at| self.rest.split_at_checked(at))
            else {
                self.escaped = false;
                break;
            };
            self.rest = after;
            self.plain = 1;
            if !before.is_empty() {
                return Some(before);
            }
        }
        Some(core::mem::take(&mut self.rest)).filter(|rest| !rest.is_empty())
    }
}

impl PartialEq for Str<'_> {
    fn eq(&self, other: &Str<'_>) -> bool {
        if self.is_escaped() || other.is_escaped() {
            self.bytes().eq(other.bytes())
        } else {
            self.raw == other.raw
        }
    }
}

impl Eq for Str<'_> {}

impl PartialEq<str> for Str<'_> {
    fn eq(&self, other: &str) -> bool {
        *self == Str::new(other.as_bytes())
    }
}

impl PartialEq<&str> for Str<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == Str::new(other.as_bytes())
    }
}

impl PartialEq<[u8]> for Str<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        *self == Str::new(other)
    }
}

impl PartialEq<&[u8]> for Str<'_> {
    fn eq(&self, other: &&[u8]) -> bool {
        *self == Str::new(other)
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Str<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Display for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_str() {
            return f.pad(text);
        }
        for part in self.segments() {
            for chunk in part.utf8_chunks() {
                f.write_str(chunk.valid())?;
                if !chunk.invalid().is_empty() {
                    f.write_char(char::REPLACEMENT_CHARACTER)?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for part in self.segments() {
            for chunk in part.utf8_chunks() {
                write!(f, "{}", chunk.valid().escape_debug())?;
                for byte in chunk.invalid() {
                    write!(f, "\\x{byte:02x}")?;
                }
            }
        }
        f.write_char('"')
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Str<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_str() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(self),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Str<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        for part in self.segments() {
            for chunk in part.utf8_chunks() {
                defmt::write!(f, "{=str}", chunk.valid());
                if !chunk.invalid().is_empty() {
                    defmt::write!(f, "\u{fffd}");
                }
            }
        }
    }
}
