//! Strings and atoms (RFC 9051 section 4.1 and 4.3).

use super::{Parsed, fail, scan::find};
use core::fmt::{self, Write};

/// The value of a string: quoted, literal, or a bare atom where the grammar admits one
/// (RFC 9051 section 4.3).
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

    /// The inside of a quoted string, which holds escapes if `escaped`.
    #[inline]
    pub(crate) const fn from_raw(raw: &'a [u8], escaped: bool) -> Self {
        Self { raw, escapes: if escaped { Escapes::Some } else { Escapes::None } }
    }

    #[inline]
    const fn is_escaped(&self) -> bool {
        matches!(self.escapes, Escapes::Some)
    }

    /// What [`from_raw`](Self::from_raw) was given.
    #[inline]
    pub(crate) const fn into_raw(self) -> (&'a [u8], bool) {
        (self.raw, self.is_escaped())
    }

    /// The bytes of the value, one by one.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + Clone + 'a {
        self.segments().flatten().copied()
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
            self.raw.eq_ignore_ascii_case(other.as_bytes())
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

/// `SP`, one or more: some servers send two (DavMail, GMX).
#[inline]
pub(crate) fn sp(i: &[u8]) -> Parsed<'_, ()> {
    match i {
        [b' ', rest @ ..] => sp0(rest),
        _ => fail(),
    }
}

/// `SP`, none or more: before a `)` (QQ), between addresses (Outlook.com), at a line's end.
#[inline]
pub(crate) fn sp0(mut i: &[u8]) -> Parsed<'_, ()> {
    while let [b' ', rest @ ..] = i {
        i = rest;
    }
    Ok((i, ()))
}

/// One given byte.
#[inline]
pub(crate) fn byte(i: &[u8], wanted: u8) -> Parsed<'_, ()> {
    match i {
        [first, rest @ ..] if *first == wanted => Ok((rest, ())),
        _ => fail(),
    }
}

/// A word of the grammar in capitals or not (RFC 9051 section 9 (1)), and not the mere
/// beginning of a longer atom.
#[inline]
pub(crate) fn keyword<'a>(i: &'a [u8], word: &[u8]) -> Parsed<'a, ()> {
    match i.split_at_checked(word.len()) {
        Some((found, rest))
            if found.eq_ignore_ascii_case(word)
                && !rest.first().is_some_and(|&next| is_atom_char(next)) =>
        {
            Ok((rest, ()))
        }
        _ => fail(),
    }
}

/// ```abnf
/// ATOM-CHAR       = <any CHAR except atom-specials>
/// atom-specials   = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
/// ```
/// RFC 9051 section 9; and 8-bit bytes, which servers do send.
#[inline]
pub(crate) const fn is_atom_char(byte: u8) -> bool {
    !matches!(byte, 0..=0x20 | 0x7f | b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// `ASTRING-CHAR = ATOM-CHAR / resp-specials` (RFC 9051 section 9).
#[inline]
pub(crate) const fn is_astring_char(byte: u8) -> bool {
    is_atom_char(byte) || byte == b']'
}

/// The bytes at the front that `wanted` is true of; at least one.
#[inline]
pub(crate) fn run(i: &[u8], wanted: impl Fn(u8) -> bool) -> Parsed<'_, &[u8]> {
    let end = i.iter().position(|&byte| !wanted(byte)).unwrap_or(i.len());
    match i.split_at_checked(end) {
        Some((found, rest)) if !found.is_empty() => Ok((rest, found)),
        _ => fail(),
    }
}

/// ```abnf
/// string   = quoted / literal
/// quoted   = DQUOTE *QUOTED-CHAR DQUOTE
/// literal  = "{" number64 ["+"] "}" CRLF *CHAR8
/// literal8 = "~{" number64 ["+"] "}" CRLF *OCTET
/// ```
/// RFC 9051 section 9. Quoted strings may hold any 8-bit byte (Proton Bridge).
#[inline]
pub(crate) fn string(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i {
        [b'"', rest @ ..] => quoted(rest),
        [b'{', rest @ ..] | [b'~', b'{', rest @ ..] => literal(rest),
        _ => fail(),
    }
}

/// The rest of a quoted string, behind its first quote.
#[inline]
fn quoted(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i.split_at_checked(quote_or_backslash(i)) {
        Some((raw, [b'"', after @ ..])) => Ok((after, Str::new(raw))),
        Some((plain, _)) => quoted_escaped(i, plain.len()),
        None => fail(),
    }
}

#[inline]
fn quote_or_backslash(i: &[u8]) -> usize {
    find(i, |word| word.is(b'"') | word.is(b'\\'))
}

/// The same, with a backslash at `at`.
#[cold]
fn quoted_escaped(i: &[u8], at: usize) -> Parsed<'_, Str<'_>> {
    let mut escaped = false;
    let mut rest = i.get(at..).unwrap_or_default();
    loop {
        match rest.split_at_checked(quote_or_backslash(rest)) {
            Some((_, [b'"', after @ ..])) => {
                let length = i.len().wrapping_sub(after.len()).wrapping_sub(1);
                let raw = i.get(..length).unwrap_or_default();
                return Ok((after, Str::from_raw(raw, escaped)));
            }
            Some((_, [b'\\', next, after @ ..])) => {
                escaped |= matches!(next, b'"' | b'\\');
                rest = after;
            }
            _ => return fail(),
        }
    }
}

/// The rest of a literal, behind its brace.
fn literal(i: &[u8]) -> Parsed<'_, Str<'_>> {
    let (i, length) = super::number64(i)?;
    let i = i.strip_prefix(b"+").unwrap_or(i);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    match i.strip_prefix(b"}\r\n").and_then(|i| i.split_at_checked(length)) {
        Some((value, rest)) => Ok((rest, Str::new(value))),
        None => fail(),
    }
}

/// `nstring = string / nil` (RFC 9051 section 9).
///
/// A bare atom counts as a string: Exchange sends encodings so.
#[inline]
pub(crate) fn nstring(i: &[u8]) -> Parsed<'_, Option<Str<'_>>> {
    match i {
        [b'"', rest @ ..] => quoted(rest).map(|(rest, string)| (rest, Some(string))),
        [b'N', b'I', b'L', rest @ ..] if matches!(rest, [b' ' | b')', ..]) => Ok((rest, None)),
        _ => {
            let (rest, string) = astring(i)?;
            let nil = matches!(i, [b'N' | b'n', ..]) && string.eq_ignore_ascii_case("NIL");
            Ok((rest, (!nil).then_some(string)))
        }
    }
}

/// `astring = 1*ASTRING-CHAR / string` (RFC 9051 section 9).
pub(crate) fn astring(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i {
        [b'"' | b'{', ..] | [b'~', b'{', ..] => string(i),
        _ => run(i, is_astring_char).map(|(rest, word)| (rest, Str::new(word))),
    }
}

/// One value of any form, as it came: an atom, a string, or a list to any depth.
///
/// ```abnf
/// value = atom / string / "(" [value *(SP value)] ")"
/// ```
/// What unknown extension data is made of (`tagged-ext-val`, `body-extension`, …, RFC 9051
/// section 9), and more loosely than any of them.
pub(crate) fn value(i: &[u8]) -> Parsed<'_, &[u8]> {
    let rest = match i {
        [b'(', rest @ ..] => list(rest)?.0,
        [b'"' | b'{', ..] | [b'~', b'{', ..] => match (string(i), i) {
            (Ok((rest, _)), _) => rest,
            // A brace that announces nothing is a part of a word.
            (Err(_), [b'{', rest @ ..] | [b'~', b'{', rest @ ..]) => rest,
            (Err(error), _) => return Err(error),
        },
        _ => run(i, |byte| !matches!(byte, b' ' | b'(' | b')' | b'"' | b'{' | b'\r' | b'\n'))?.0,
    };
    let length = i.len().wrapping_sub(rest.len());
    Ok((rest, i.get(..length).unwrap_or_default()))
}

/// The rest of a list, behind its parenthesis.
fn list(i: &[u8]) -> Parsed<'_, ()> {
    let mut depth = 1_usize;
    let mut rest = i;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'"' => rest = quoted(after)?.0,
            b'(' => depth = depth.wrapping_add(1),
            b')' => {
                depth = depth.wrapping_sub(1);
                if depth == 0 {
                    return Ok((rest, ()));
                }
            }
            b'{' => rest = literal(after).map_or(after, |(after, _)| after),
            b'\r' | b'\n' => break,
            _ => {}
        }
    }
    fail()
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn bytes(string: Str<'_>) -> Vec<u8> {
        string.bytes().collect()
    }

    #[test]
    fn quoted_strings() {
        let (rest, s) = string(b"\"plain\" next").unwrap();
        assert_eq!((rest, s.as_str()), (&b" next"[..], Some("plain")));
        let (rest, s) = string(br#""a \"q\" \\ b" x"#).unwrap();
        assert_eq!(rest, b" x");
        assert_eq!(s.as_bytes(), None);
        assert_eq!(s, r#"a "q" \ b"#);
        assert_eq!(s.to_string(), r#"a "q" \ b"#);
        assert_eq!(s.len(), 9);
        let mut out = [0; 9];
        assert_eq!(s.copy_to(&mut out), Some(&br#"a "q" \ b"#[..]));
        assert_eq!(s.copy_to(&mut [0; 8]), None);
        for text in [&br#""\"""#[..], br#""\\""#, br#""\\\"""#, br#""\"\\x""#] {
            assert!(string(text).unwrap().0.is_empty());
        }
        assert_eq!(bytes(string(br#""\\\"""#).unwrap().1), br#"\""#);
        // A backslash that escapes nothing stays.
        assert_eq!(string(br#""C:\dir""#).unwrap().1.as_str(), Some(r"C:\dir"));
        // An empty one.
        assert!(string(b"\"\")").unwrap().1.is_empty());
        // QQ: the backslash eats the quote; there is no end.
        assert!(string(br#""qq.com\""#).is_err());
        assert!(string(b"\"open").is_err());
        assert!(string(b"atom").is_err());
    }

    #[test]
    fn quotes_at_every_offset() {
        for length in 0..40 {
            let mut text = std::vec![b'"'];
            text.resize(length + 1, b'x');
            text.extend_from_slice(b"\"\xa2\xdc\"\\");
            assert_eq!(string(&text).unwrap().1.len(), length);
        }
    }

    #[test]
    fn literals() {
        assert_eq!(string(b"{3}\r\na\"\\ x").unwrap(), (&b" x"[..], Str::new(b"a\"\\")));
        assert_eq!(string(b"~{2+}\r\n\0\xff)").unwrap(), (&b")"[..], Str::new(b"\0\xff")));
        assert_eq!(string(b"{003}\r\nabc").unwrap().1, "abc");
        assert_eq!(string(b"{0}\r\n").unwrap().1, "");
        for bad in [
            &b"{4}\r\nabc"[..],
            b"{-1}\r\n",
            b"{}\r\n",
            b"{3} \r\nabc",
            b"{3}abc",
            b"{99999999999999999999}\r\n",
        ] {
            assert!(string(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn nil_and_atoms() {
        assert_eq!(nstring(b"nil)").unwrap(), (&b")"[..], None));
        assert_eq!(nstring(b"NILS ").unwrap().1.unwrap(), "NILS");
        assert_eq!(nstring(b"7BIT 5").unwrap().1.unwrap(), "7BIT");
        assert_eq!(nstring(b"\"NIL\"").unwrap().1.unwrap(), "NIL");
        assert!(nstring(b")").is_err());
        assert_eq!(astring(b"[Gmail]/x y").unwrap().1, "[Gmail]/x");
        assert!(keyword(b"nil)", b"NIL").is_ok());
        assert!(keyword(b"NILS", b"NIL").is_err());
        assert!(sp(b"x").is_err());
        assert_eq!(sp(b"  x").unwrap().0, b"x");
    }

    #[test]
    fn lossy() {
        let s = string(b"\"caf\xe9 \\\"\xc3\xa9\"").unwrap().1;
        assert_eq!(s.to_string(), "caf\u{fffd} \"é");
        assert_eq!(s.chars().collect::<String>(), s.to_string());
        assert_eq!(std::format!("{s:?}"), "\"caf\\xe9 \\\"é\"");
        assert!(Str::from("InBox").eq_ignore_ascii_case("INBOX"));
    }

    #[test]
    fn values() {
        for (text, wanted) in [
            (&b"atom rest"[..], &b"atom"[..]),
            (b"\"a )\" x", b"\"a )\""),
            (b"(a (b \")\" {2}\r\n)( c) d) e", b"(a (b \")\" {2}\r\n)( c) d)"),
            (b"() x", b"()"),
            (b"((()))", b"((()))"),
            (b"(a{b c) x", b"(a{b c)"),
            (b"5)", b"5"),
        ] {
            assert_eq!(value(text).unwrap().1, wanted);
        }
        for bad in [&b""[..], b")", b"(a", b"(a\r\n)", b"(\"a)", b" a"] {
            assert!(value(bad).is_err(), "{bad:?}");
        }
        let deep: Vec<u8> =
            std::iter::repeat_n(b'(', 100_000).chain(std::iter::repeat_n(b')', 100_000)).collect();
        assert!(value(&deep).unwrap().0.is_empty());
    }
}
