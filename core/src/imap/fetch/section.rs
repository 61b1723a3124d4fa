//! Sections: which bytes of a message (RFC 9051 section 6.4.5.1).

use core::fmt;

use super::value;
use crate::imap::Encoder;
use crate::imap::body_structure::PartNumber;
use crate::imap::syntax::{astring, is_atom_char, number, number64, sp0, string::Str};

/// Which bytes of a message: what stands between the brackets of `BODY[…]`
/// (RFC 9051 section 6.4.5.1).
///
/// The same type says what to fetch and what came. Two are equal if they mean the same,
/// however they are written.
///
/// ```
/// # use mailwire::imap::{PartNumber, Section, SectionText};
/// let section = Section::from("1.2.header.fields (From TO)");
/// assert!(section.part.numbers().eq([1, 2]));
/// let SectionText::HeaderFields(names) = section.text else { panic!() };
/// assert_eq!(names.iter().count(), 2);
/// assert_eq!(Section::from(&PartNumber::new(&[3]).unwrap()), Section::from("3"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Section<'a> {
    /// Of which part.
    pub part: SectionPart<'a>,
    /// What of it.
    pub text: SectionText<'a>,
}

impl<'a> Section<'a> {
    /// The whole message.
    pub const WHOLE: Section<'static> =
        Section { part: SectionPart::WHOLE, text: SectionText::All };

    /// What stands between the brackets. What cannot be understood is
    /// [`SectionText::Other`], which is never sent.
    ///
    /// ```abnf
    /// section-spec = section-msgtext / (section-part ["." section-text])
    /// section-part = nz-number *("." nz-number)
    /// section-text = section-msgtext / "MIME"
    /// ```
    /// RFC 9051 section 9.
    pub fn parse(inside: &'a [u8]) -> Self {
        let inside = inside.trim_ascii();
        // Behind the numbers and their dots; and how long the numbers are without the last dot.
        let mut rest = inside;
        let mut numbers = 0;
        while let Ok((after, 1..)) = number(rest) {
            numbers = value::consumed(inside, after).len();
            match after {
                [b'.', after @ ..] => rest = after,
                _ => {
                    rest = after;
                    break;
                }
            }
        }
        let part = SectionPart(Part::Text(inside.get(..numbers).unwrap_or_default()));
        match rest {
            [] if numbers == inside.len() => Self { part, text: SectionText::All },
            [b'.', ..] => Self::other(inside),
            _ => match section_text(rest) {
                Some(text) => Self { part, text },
                None => Self::other(inside),
            },
        }
    }

    fn other(inside: &'a [u8]) -> Self {
        Self { part: SectionPart::WHOLE, text: SectionText::Other(Str::new(inside)) }
    }

    /// The named header fields of the whole message.
    pub fn header_fields(names: &'a [&'a str]) -> Self {
        Self {
            part: SectionPart::WHOLE,
            text: SectionText::HeaderFields(HeaderList(List::Names(names))),
        }
    }

    /// All header fields of the whole message, but for the named ones.
    pub fn header_fields_not(names: &'a [&'a str]) -> Self {
        Self {
            part: SectionPart::WHOLE,
            text: SectionText::HeaderFieldsNot(HeaderList(List::Names(names))),
        }
    }

    /// The same of a part.
    #[must_use]
    pub fn of(self, part: impl Into<SectionPart<'a>>) -> Self {
        Self { part: part.into(), ..self }
    }

    /// `section = "[" [section-spec] "]"`
    pub(crate) fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"[");
        self.part.encode(out);
        let word: &[u8] = match self.text {
            SectionText::All => b"",
            SectionText::Header => b"HEADER",
            SectionText::HeaderFields(_) => b"HEADER.FIELDS ",
            SectionText::HeaderFieldsNot(_) => b"HEADER.FIELDS.NOT ",
            SectionText::Text => b"TEXT",
            SectionText::Mime => b"MIME",
            SectionText::Other(_) => {
                out.invalid("a section that is not of the grammar's form");
                return;
            }
        };
        if self.part.is_whole() {
            if matches!(self.text, SectionText::Mime) {
                out.invalid("MIME of no part");
            }
        } else if !word.is_empty() {
            out.raw(b".");
        }
        out.raw(word);
        if let SectionText::HeaderFields(names) | SectionText::HeaderFieldsNot(names) = self.text {
            names.encode(out);
        }
        out.raw(b"]");
    }
}

impl<'a> From<&'a str> for Section<'a> {
    fn from(inside: &'a str) -> Self {
        Self::parse(inside.as_bytes())
    }
}

impl<'a> From<&'a PartNumber> for Section<'a> {
    fn from(number: &'a PartNumber) -> Self {
        Self { part: number.into(), text: SectionText::All }
    }
}

/// As it is written between the brackets.
impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.part.fmt(f)?;
        if !self.part.is_whole() && !matches!(self.text, SectionText::All) {
            f.write_str(".")?;
        }
        match self.text {
            SectionText::All => Ok(()),
            SectionText::Header => f.write_str("HEADER"),
            SectionText::HeaderFields(names) => write!(f, "HEADER.FIELDS {names}"),
            SectionText::HeaderFieldsNot(names) => write!(f, "HEADER.FIELDS.NOT {names}"),
            SectionText::Text => f.write_str("TEXT"),
            SectionText::Mime => f.write_str("MIME"),
            SectionText::Other(text) => text.fmt(f),
        }
    }
}

/// The number of a part in a section, or none for the whole message (RFC 9051
/// section 6.4.5.1).
#[derive(Clone, Copy)]
pub struct SectionPart<'a>(Part<'a>);

#[derive(Clone, Copy)]
enum Part<'a> {
    /// Numbers and dots; from a caller, perhaps anything.
    Text(&'a [u8]),
    Number(&'a PartNumber),
}

impl<'a> SectionPart<'a> {
    /// No part: the whole message.
    pub const WHOLE: SectionPart<'static> = SectionPart(Part::Text(b""));

    /// The numbers between the dots.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + Clone + use<'a> {
        static NONE: PartNumber = PartNumber::WHOLE;
        let (text, path): (&'a [u8], &'a PartNumber) = match self.0 {
            Part::Text(text) => (text, &NONE),
            Part::Number(path) => (b"", path),
        };
        let text = text.split(|&b| b == b'.').filter_map(|n| number(n).ok()).map(|(_, n)| n);
        path.iter().chain(text)
    }

    /// Whether it stands for the whole message.
    pub fn is_whole(&self) -> bool {
        match self.0 {
            Part::Text(text) => text.is_empty(),
            Part::Number(number) => number.is_whole(),
        }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if let Part::Text(text) = self.0
            && !text.is_empty()
            && !text.split(|&b| b == b'.').all(|n| matches!(number(n), Ok(([], 1..))))
        {
            out.invalid("a part number that is not numbers and dots");
        }
        for (index, number) in self.numbers().enumerate() {
            if index > 0 {
                out.raw(b".");
            }
            out.number(number.into());
        }
    }

    /// `section-binary = "[" [section-part] "]"`
    pub(crate) fn encode_binary(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"[");
        self.encode(out);
        out.raw(b"]");
    }
}

impl Default for SectionPart<'_> {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl PartialEq for SectionPart<'_> {
    fn eq(&self, other: &SectionPart<'_>) -> bool {
        self.numbers().eq(other.numbers())
    }
}

impl Eq for SectionPart<'_> {}

impl PartialEq<PartNumber> for SectionPart<'_> {
    fn eq(&self, other: &PartNumber) -> bool {
        self.numbers().eq(other.iter())
    }
}

impl<'a> From<&'a str> for SectionPart<'a> {
    fn from(text: &'a str) -> Self {
        Self(Part::Text(text.as_bytes()))
    }
}

impl<'a> From<&'a PartNumber> for SectionPart<'a> {
    fn from(number: &'a PartNumber) -> Self {
        Self(Part::Number(number))
    }
}

impl fmt::Display for SectionPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for number in self.numbers() {
            write!(f, "{dot}{number}")?;
            dot = ".";
        }
        Ok(())
    }
}

impl fmt::Debug for SectionPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SectionPart<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SectionPart<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// What of a message or a part (RFC 9051 section 6.4.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SectionText<'a> {
    /// All: a message with its header, a part without.
    #[default]
    All,
    /// `HEADER`: the header of a message, up to and with the empty line.
    Header,
    /// `HEADER.FIELDS`: these fields of it, and the empty line.
    HeaderFields(HeaderList<'a>),
    /// `HEADER.FIELDS.NOT`: all but these.
    HeaderFieldsNot(HeaderList<'a>),
    /// `TEXT`: a message without its header.
    Text,
    /// `MIME`: the header of a part.
    Mime,
    /// The whole of a section that is none of these, as it came.
    Other(Str<'a>),
}

/// ```abnf
/// section-msgtext = "HEADER" /
///                   "HEADER.FIELDS" [".NOT"] SP header-list /
///                   "TEXT"
/// ```
/// or `MIME`. RFC 9051 section 9.
fn section_text(i: &[u8]) -> Option<SectionText<'_>> {
    let end = i.iter().position(|b| matches!(b, b' ' | b'(')).unwrap_or(i.len());
    let (word, rest) = i.split_at_checked(end)?;
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    let (rest, ()) = sp0(rest).ok()?;
    let names = match rest {
        [b'(', names @ .., b')'] => Some(HeaderList(List::Wire(names))),
        _ => None,
    };
    match (names, rest) {
        (None, []) if is(b"HEADER") => Some(SectionText::Header),
        (None, []) if is(b"TEXT") => Some(SectionText::Text),
        (None, []) if is(b"MIME") => Some(SectionText::Mime),
        (Some(names), _) if is(b"HEADER.FIELDS") => Some(SectionText::HeaderFields(names)),
        (Some(names), _) if is(b"HEADER.FIELDS.NOT") => Some(SectionText::HeaderFieldsNot(names)),
        _ => None,
    }
}

/// Names of header fields, to be asked for or as they came.
#[derive(Clone, Copy)]
pub struct HeaderList<'a>(List<'a>);

#[derive(Clone, Copy)]
enum List<'a> {
    /// Between the parentheses.
    Wire(&'a [u8]),
    Names(&'a [&'a str]),
}

impl<'a> HeaderList<'a> {
    /// The names in their order.
    ///
    /// ```abnf
    /// header-list     = "(" header-fld-name *(SP header-fld-name) ")"
    /// header-fld-name = astring
    /// ```
    /// RFC 9051 section 9.
    pub fn iter(&self) -> HeaderListIter<'a> {
        let (wire, names): (&[u8], &[&str]) = match self.0 {
            List::Wire(wire) => (wire, &[]),
            List::Names(names) => (b"", names),
        };
        HeaderListIter { wire, names: names.iter() }
    }

    /// An atom where that does: there are servers that do not understand others. Names with
    /// anything but what a field's name may hold (RFC 5322 section 2.2) are not sent.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"(");
        let mut first = true;
        for name in self.iter() {
            if !first {
                out.sp();
            }
            first = false;
            match name.as_str() {
                Some(name) if !name.is_empty() && name.bytes().all(is_field_char) => {
                    if name.bytes().all(is_atom_char) {
                        out.atom(name);
                    } else {
                        out.astring(name.as_bytes());
                    }
                }
                _ => {
                    out.invalid("not the name of a header field");
                }
            }
        }
        if first {
            out.invalid("no header fields");
        }
        out.raw(b")");
    }
}

/// The names of a [`HeaderList`], one by one.
#[derive(Debug, Clone)]
pub struct HeaderListIter<'a> {
    wire: &'a [u8],
    names: core::slice::Iter<'a, &'a str>,
}

impl<'a> Iterator for HeaderListIter<'a> {
    type Item = Str<'a>;

    fn next(&mut self) -> Option<Str<'a>> {
        if let Ok((rest, name)) = sp0(self.wire).and_then(|(rest, ())| astring(rest)) {
            self.wire = rest;
            return Some(name);
        }
        self.names.next().map(|name| Str::from(*name))
    }
}

/// `ftext` of RFC 5322 section 3.6.8.
fn is_field_char(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b':'
}

impl<'a> From<&'a [&'a str]> for HeaderList<'a> {
    fn from(names: &'a [&'a str]) -> Self {
        Self(List::Names(names))
    }
}

/// Equal if the same names stand in the same order; letters of both cases are equal.
impl PartialEq for HeaderList<'_> {
    fn eq(&self, other: &HeaderList<'_>) -> bool {
        let same = |a: Str<'_>, b: Str<'_>| {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            a.bytes().map(lower).eq(b.bytes().map(lower))
        };
        let mut others = other.iter();
        self.iter().all(|name| others.next().is_some_and(|other| same(name, other)))
            && others.next().is_none()
    }
}

impl Eq for HeaderList<'_> {}

impl fmt::Display for HeaderList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        let mut space = "";
        for name in self.iter() {
            write!(f, "{space}{name}")?;
            space = " ";
        }
        f.write_str(")")
    }
}

impl fmt::Debug for HeaderList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for HeaderList<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for HeaderList<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// By what name a section was fetched (RFC 9051 section 6.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SectionKind {
    /// `BODY[…]`: the bytes as they stand in the message.
    Body,
    /// `BINARY[…]`: the transfer encoding is undone.
    Binary,
    /// `RFC822`, `RFC822.HEADER` or `RFC822.TEXT` (RFC 3501 section 6.4.5), which are the
    /// whole message, its `HEADER` and its `TEXT`.
    Rfc822,
}

/// The name of a FETCH response's item that holds a section: `BODY[1.TEXT]<0>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionName<'a> {
    /// By what name it was fetched.
    pub kind: SectionKind,
    /// Which bytes of the message.
    pub section: Section<'a>,
    /// The offset in octets of the first of them, if only some were asked for. (Exchange and
    /// hMailServer may answer with all, and without this.)
    pub origin: Option<u64>,
}

impl<'a> SectionName<'a> {
    /// Reads the name. `None` if it is not that of a section.
    ///
    /// ```abnf
    /// msg-att-static =/ "BODY" section ["<" number ">"] SP nstring /
    ///                   "BINARY" section-binary SP (nstring / literal8) /
    ///                   "RFC822" [".HEADER" / ".TEXT"] SP nstring
    /// ```
    /// RFC 9051 section 9, RFC 3501 section 9. If what is behind the opening bracket is of
    /// another form, it is all of it [`SectionText::Other`]: Cyrus 3.6 cuts long names, and
    /// what is left of a part's number may be another's.
    pub fn parse(name: &'a [u8]) -> Option<Self> {
        let is = |word: &[u8], wanted: &[u8]| word.eq_ignore_ascii_case(wanted);
        let Some(open) = name.iter().position(|&b| b == b'[') else {
            let text = match () {
                () if is(name, b"RFC822") => SectionText::All,
                () if is(name, b"RFC822.HEADER") => SectionText::Header,
                () if is(name, b"RFC822.TEXT") => SectionText::Text,
                () => return None,
            };
            let section = Section { part: SectionPart::WHOLE, text };
            return Some(Self { kind: SectionKind::Rfc822, section, origin: None });
        };
        let (word, inside) = name.split_at_checked(open)?;
        let kind = match word {
            word if is(word, b"BODY") || is(word, b"BODY.PEEK") => SectionKind::Body,
            word if is(word, b"BINARY") || is(word, b"BINARY.PEEK") => SectionKind::Binary,
            _ => return None,
        };
        let inside = inside.get(1..)?;
        let closed = inside.iter().rposition(|&b| b == b']').and_then(|close| {
            let origin = match inside.get(close..)? {
                [_] => None,
                [_, b'<', origin @ ..] => Some(number64(origin).ok()?.1),
                _ => return None,
            };
            Some((Section::parse(inside.get(..close)?), origin))
        });
        let (section, origin) = closed.unwrap_or((Section::other(inside), None));
        Some(Self { kind, section, origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn sections() {
        for (text, part, wanted) in [
            ("", &[][..], SectionText::All),
            ("1", &[1], SectionText::All),
            ("1.22.3", &[1, 22, 3], SectionText::All),
            ("HEADER", &[], SectionText::Header),
            ("text", &[], SectionText::Text),
            ("4294967295.1.MIME", &[u32::MAX, 1], SectionText::Mime),
            ("4.2.HEADER", &[4, 2], SectionText::Header),
        ] {
            let section = Section::from(text);
            assert!(section.part.numbers().eq(part.iter().copied()), "{text}");
            assert_eq!(section.text, wanted);
            assert_eq!(section.to_string(), text.to_uppercase());
        }
        for bad in [
            "1.",
            "0",
            "1.0.2",
            ".1",
            "1..2",
            "1.FOO",
            "HEADER.FIELDS",
            "1 2",
            "HEADERS",
            "1]",
            "HEADER.FIELDS (A",
            "HEADER (A)",
            "4294967296",
        ] {
            let section = Section::from(bad);
            assert_eq!(section.text, SectionText::Other(bad.into()), "{bad}");
            assert_eq!(section.to_string(), bad);
        }
    }

    #[test]
    fn header_lists() {
        // Courier echoes quotes, Cyrus and Dovecot what was asked for.
        let section = Section::from("2.HEADER.FIELDS.NOT (FROM \"To\" {2}\r\nCC  x[])");
        let SectionText::HeaderFieldsNot(names) = section.text else { panic!() };
        assert!(names.iter().eq(["FROM", "To", "CC", "x[]"].map(Str::from)));
        assert_eq!(names, HeaderList::from(&["from", "to", "cc", "X[]"][..]));
        assert_ne!(names, HeaderList::from(&["from", "to", "cc"][..]));
        assert_ne!(names, HeaderList::from(&["from", "to", "cc", "X[]", "y"][..]));
        assert_eq!(section.to_string(), "2.HEADER.FIELDS.NOT (FROM To CC x[])");
        assert_eq!(section, Section::header_fields_not(&["From", "To", "Cc", "X[]"]).of("2"));
        assert_ne!(section, Section::header_fields(&["From", "To", "Cc", "X[]"]).of("2"));
    }

    #[test]
    fn names() {
        let name = SectionName::parse(b"BODY[1.2.HEADER.FIELDS (FROM \"T]o\")]<1024>").unwrap();
        assert_eq!(name.kind, SectionKind::Body);
        assert_eq!(name.origin, Some(1024));
        assert!(name.section.part.numbers().eq([1, 2]));
        assert_eq!(name.section.to_string(), "1.2.HEADER.FIELDS (FROM T]o)");
        let name = SectionName::parse(b"body[]").unwrap();
        assert_eq!((name.section, name.origin), (Section::WHOLE, None));
        let name = SectionName::parse(b"BINARY[3]<0>").unwrap();
        assert_eq!((name.kind, name.origin), (SectionKind::Binary, Some(0)));
        let name = SectionName::parse(b"RFC822.HEADER").unwrap();
        assert_eq!(name.section, Section::from("HEADER"));
        for bad in [&b"RFC822.SIZE"[..], b"BODY", b"BINARY.SIZE[1]", b"BODY][", b"BODYX[]"] {
            assert!(SectionName::parse(bad).is_none(), "{bad:?}");
        }
        // A number that is cut, as Cyrus does, is another's.
        for odd in ["BODY[", "BODY[]x", "BODY[1.1.1", "BODY[1.1.MI", "BODY[1]<x>"] {
            let name = SectionName::parse(odd.as_bytes()).unwrap();
            let (_, inside) = odd.split_once('[').unwrap();
            assert_eq!(name.section.text, SectionText::Other(inside.into()), "{odd}");
            assert!(name.section.part.is_whole() && name.origin.is_none());
        }
    }
}
