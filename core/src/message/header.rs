//! Header fields (RFC 5322 section 2.2).

use super::{Addresses, Text, date_time};
use crate::DateTime;
use core::fmt;

/// The header of a message, whole in memory: cheap to copy.
///
/// Lines may end in a bare LF. A line that is no field (no colon, or no name before it, as in
/// mbox's `From ann Mon …`) is passed over, with its continuations.
///
/// ```
/// # use mailwire::message::Headers;
/// let (headers, body) = Headers::split(b"Subject: one\r\n two\r\nTo: ann\r\n\r\nHello");
/// assert_eq!(headers.first("subject").unwrap().text(), "one two");
/// assert_eq!(headers.fields().count(), 2);
/// assert_eq!(body, b"Hello");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    raw: &'a [u8],
}

impl<'a> Headers<'a> {
    /// The header at the front of `message`; what is behind its empty line, if it has one, is
    /// not looked at.
    pub const fn new(message: &'a [u8]) -> Self {
        Self { raw: message }
    }

    /// The header at the front of `message` and the body behind its empty line.
    pub fn split(message: &'a [u8]) -> (Self, &'a [u8]) {
        let mut rest = message;
        while let Some((line, after)) = line(rest) {
            if line.is_empty() {
                return (Self::new(message), after);
            }
            rest = after;
        }
        (Self::new(message), &[])
    }

    /// The fields in order.
    pub const fn fields(&self) -> Fields<'a> {
        Fields { rest: self.raw }
    }

    /// The first field of that name, in any case.
    pub fn first(&self, name: &str) -> Option<Field<'a>> {
        self.fields().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The last field of that name.
    pub fn last(&self, name: &str) -> Option<Field<'a>> {
        self.all(name).last()
    }

    /// The fields of that name in order.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = Field<'a>> + Clone + use<'a, 'n> {
        self.fields().filter(move |field| field.name.eq_ignore_ascii_case(name))
    }
}

/// The fields of a header.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    /// ```abnf
    /// fields         = *(field-name ":" unstructured CRLF)
    /// field-name     = 1*(%d33-57 / %d59-126)
    /// obs-optional   = field-name *WSP ":" unstructured CRLF
    /// ```
    /// RFC 5322 sections 3.6 and 4.5.
    fn next(&mut self) -> Option<Field<'a>> {
        loop {
            let start = self.rest;
            let (first, mut rest) =
                line(start).filter(|(line, _)| !line.is_empty()).or_else(|| {
                    self.rest = &[];
                    None
                })?;
            let mut end = first.len();
            while let [b' ' | b'\t', ..] = rest {
                let (more, after) = line(rest)?;
                end = start.len().wrapping_sub(rest.len()).wrapping_add(more.len());
                rest = after;
            }
            self.rest = rest;
            if let Some(colon) = first.iter().position(|&byte| byte == b':')
                && let Some((name, [_, raw @ ..])) =
                    start.get(..end).and_then(|field| field.split_at_checked(colon))
                && let Some(name) = field_name(name)
            {
                return Some(Field { name, raw: raw.trim_ascii() });
            }
        }
    }
}

impl core::iter::FusedIterator for Fields<'_> {}

/// A line without its end, and what is behind that. `None` if there is nothing.
fn line(i: &[u8]) -> Option<(&[u8], &[u8])> {
    if i.is_empty() {
        return None;
    }
    let (mut line, rest) = match i.iter().position(|&byte| byte == b'\n') {
        Some(at) => (i.get(..at)?, i.get(at.wrapping_add(1)..)?),
        None => (i, Default::default()),
    };
    while let [before @ .., b'\r'] = line {
        line = before;
    }
    Some((line, rest))
}

fn field_name(i: &[u8]) -> Option<&str> {
    let mut name = i;
    while let [before @ .., b' ' | b'\t'] = name {
        name = before;
    }
    let is_name = !name.is_empty() && name.iter().all(|byte| matches!(byte, b'!'..=b'~'));
    core::str::from_utf8(name).ok().filter(|_| is_name)
}

/// A header field (RFC 5322 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name, in the case that the sender chose.
    pub name: &'a str,
    /// Its value as it came, with its folds, but without blanks at its ends.
    pub raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// The value as text for people.
    pub fn text(&self) -> Text<'a> {
        Text::new(self.raw)
    }

    /// The value as a list of addresses.
    pub const fn addresses(&self) -> Addresses<'a> {
        Addresses::new(self.raw)
    }

    /// The value as a date; `None` if it is none.
    pub fn date_time(&self) -> Option<DateTime> {
        date_time(self.raw)
    }

    /// The value without folds, and nothing decoded: for identifiers and the like.
    pub const fn unfolded(&self) -> Unfolded<'a> {
        Unfolded { rest: self.raw }
    }
}

/// A field's value without its folds (RFC 5322 section 2.2.3): an iterator over the slices
/// between them.
#[derive(Debug, Clone, Copy)]
pub struct Unfolded<'a> {
    rest: &'a [u8],
}

impl Unfolded<'_> {
    /// Copies the value to the front of `out` and returns it there; `None` if there is not
    /// enough room.
    pub fn copy_to<'o>(&self, out: &'o mut [u8]) -> Option<&'o [u8]> {
        let mut end = 0_usize;
        for part in *self {
            let next = end.checked_add(part.len())?;
            out.get_mut(end..next)?.copy_from_slice(part);
            end = next;
        }
        out.get(..end)
    }
}

impl<'a> Iterator for Unfolded<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while let [b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (part, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = rest;
        Some(part).filter(|part| !part.is_empty())
    }
}

impl core::iter::FusedIterator for Unfolded<'_> {}

impl fmt::Display for Unfolded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.into_iter().try_for_each(|part| crate::Str::new(part).fmt(f))
    }
}

/// A field that a [`HeaderScanner`] looks out for, and the memory that its value goes to.
#[derive(Debug)]
pub struct Wanted<'n, 'b> {
    name: &'n str,
    value: &'b mut [u8],
    len: usize,
    is_found: bool,
    is_truncated: bool,
    /// Whether the name of this line is it, so far.
    is_candidate: bool,
}

impl<'n, 'b> Wanted<'n, 'b> {
    /// A field of that name, in any case. Of its value as much is kept as `memory` has room
    /// for: 100 bytes hold nearly all names, addresses and dates; subjects may take 300, since
    /// they are kept as they came, not decoded.
    pub const fn new(name: &'n str, memory: &'b mut [u8]) -> Self {
        Self {
            name,
            value: memory,
            len: 0,
            is_found: false,
            is_truncated: false,
            is_candidate: false,
        }
    }

    /// Whether the header has had such a field.
    pub const fn is_found(&self) -> bool {
        self.is_found
    }

    /// Whether the value is longer than the memory, and [`value`](Self::value) is its beginning.
    pub const fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// The value of the first such field, unfolded, and without blanks at its ends. If it is
    /// truncated, then not within a character of UTF-8. Empty if there was none.
    pub fn value(&self) -> &[u8] {
        let mut value = self.value.get(..self.len).unwrap_or_default();
        if self.is_truncated {
            let tail = value.get(value.len().saturating_sub(4)..).unwrap_or_default();
            let back = tail.iter().rev().position(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
            let start = value.len().saturating_sub(back).saturating_sub(1);
            if let Some((whole, last)) = value.split_at_checked(start)
                && core::str::from_utf8(last).is_err_and(|error| error.error_len().is_none())
            {
                value = whole;
            }
        }
        value.trim_ascii()
    }

    /// The value as text for people.
    pub fn text(&self) -> Text<'_> {
        Text::new(self.value())
    }

    /// The value as a list of addresses.
    pub fn addresses(&self) -> Addresses<'_> {
        Addresses::new(self.value())
    }

    /// The value as a date; `None` if it is none.
    pub fn date_time(&self) -> Option<DateTime> {
        date_time(self.value())
    }

    /// Forgets what was found, for the next message.
    pub const fn clear(&mut self) {
        self.len = 0;
        self.is_found = false;
        self.is_truncated = false;
        self.is_candidate = false;
    }

    fn push(&mut self, byte: u8) {
        match self.value.get_mut(self.len) {
            _ if self.len == 0 && matches!(byte, b' ' | b'\t') => {}
            Some(place) => {
                *place = byte;
                self.len = self.len.wrapping_add(1);
            }
            // Blanks may be the last ones.
            None => self.is_truncated |= !matches!(byte, b' ' | b'\t'),
        }
    }
}

/// Picks fields out of a header that comes in pieces and may be of any length: what POP3's
/// `TOP n 0` or the chunks of a `BODY[HEADER]` bring. What it finds does not depend on how the
/// header was cut; it reads lines as [`Headers`] does.
///
/// ```
/// # use mailwire::message::{HeaderScanner, Wanted};
/// let (mut from, mut subject) = ([0; 64], [0; 64]);
/// let mut fields = [Wanted::new("From", &mut from), Wanted::new("Subject", &mut subject)];
/// let mut scanner = HeaderScanner::new();
/// let mut body = &b""[..];
/// for chunk in [&b"Subject: =?utf-8?Q?"[..], b"caf=C3=A9?=\r", b"\nFrom: ann@x\r\n\r\nHello"] {
///     let used = scanner.feed(chunk, &mut fields);
///     body = &chunk[used..];
/// }
/// assert!(scanner.is_done());
/// assert_eq!(fields[0].addresses().next().unwrap().spec, "ann@x");
/// assert_eq!(fields[1].text(), "café");
/// assert_eq!(body, b"Hello");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderScanner {
    place: Place,
    /// How much of the name was read.
    name_len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// At the start of a line.
    #[default]
    Start,
    /// Behind CRs at the start of a line.
    StartCr,
    /// In what may be a name.
    Name,
    /// In blanks behind it.
    BehindName,
    /// In a value, or in a line that is no field: some, or none, are its takers.
    Value,
    /// Behind the empty line.
    Done,
}

impl HeaderScanner {
    /// A scanner at the start of a header.
    pub const fn new() -> Self {
        Self { place: Place::Start, name_len: 0 }
    }

    /// Whether the header has ended. If its bytes end without an empty line, nothing is lost.
    pub const fn is_done(&self) -> bool {
        matches!(self.place, Place::Done)
    }

    /// Reads on, and returns how many bytes of `chunk` belong to the header, its empty line
    /// included: all, until it has ended.
    ///
    /// `fields` must be the same each time. For each byte of a name the work is one comparison
    /// a field.
    pub fn feed(&mut self, chunk: &[u8], fields: &mut [Wanted<'_, '_>]) -> usize {
        let mut rest = chunk;
        while !self.is_done()
            && let [byte, after @ ..] = rest
        {
            rest = after;
            self.push(*byte, fields);
        }
        chunk.len().wrapping_sub(rest.len())
    }

    fn push(&mut self, byte: u8, fields: &mut [Wanted<'_, '_>]) {
        self.place = match (self.place, byte) {
            (Place::Done, _) => Place::Done,
            (Place::Start | Place::StartCr, b'\n') => Place::Done,
            (Place::Start | Place::StartCr, b'\r') => Place::StartCr,
            (Place::Start | Place::Value, b' ' | b'\t') => {
                fields.iter_mut().filter(|it| it.is_candidate).for_each(|it| it.push(byte));
                Place::Value
            }
            (Place::Value, b'\n') => Place::Start,
            (Place::Value, b'\r') => Place::Value,
            (Place::Value, _) => {
                fields.iter_mut().filter(|it| it.is_candidate).for_each(|it| it.push(byte));
                Place::Value
            }
            (Place::Name | Place::BehindName, b':') => {
                for it in fields {
                    it.is_candidate = it.is_candidate && it.name.len() == self.name_len;
                    it.is_found |= it.is_candidate;
                }
                Place::Value
            }
            (Place::Name | Place::BehindName, b' ' | b'\t') => Place::BehindName,
            (Place::StartCr, _)
            | (Place::Start, b':')
            | (Place::Name, b'\n')
            | (Place::BehindName, _) => {
                // No field, and what continues it is none either.
                fields.iter_mut().for_each(|it| it.is_candidate = false);
                if byte == b'\n' { Place::Start } else { Place::Value }
            }
            (Place::Start | Place::Name, _) => {
                if self.place == Place::Start {
                    self.name_len = 0;
                    fields.iter_mut().for_each(|it| it.is_candidate = !it.is_found);
                }
                for it in fields {
                    it.is_candidate = it.is_candidate
                        && it
                            .name
                            .as_bytes()
                            .get(self.name_len)
                            .is_some_and(|wanted| wanted.eq_ignore_ascii_case(&byte));
                }
                self.name_len = self.name_len.wrapping_add(1);
                Place::Name
            }
        };
    }
}
