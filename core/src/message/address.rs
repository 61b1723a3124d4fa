//! Addresses in headers (RFC 5322 section 3.4).

use super::Text;
use super::cursor::{Cursor, Dialect, comment, quoted, skip_cfws};
use super::encoded_word;

/// The addresses of a From, To, Cc, … field: an iterator, and cheap to copy before it is
/// walked.
///
/// Reads what [RFC 5322 sections 3.4 and 4.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)
/// have, and what people make of it: a name in a comment, no `>`, semicolons between addresses,
/// encoded words with commas in them.
///
/// ```
/// # use mailwire::message::Addresses;
/// let from = Addresses::new(b"=?utf-8?Q?Ren=C3=A9e?= (work) <renee@example.org>, root");
/// let (first, second) = (from.clone().next().unwrap(), from.clone().nth(1).unwrap());
/// assert_eq!(first.name, "Renée");
/// assert_eq!(first.spec, "renee@example.org");
/// assert_eq!(second.spec, "root");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Addresses<'a> {
    rest: &'a [u8],
    group: Option<Text<'a>>,
    /// Whether the group has no member so far.
    is_bare: bool,
    /// Whether quotes and parentheses from here on have no other half, and so mean nothing.
    lone_quotes: bool,
    lone_parentheses: bool,
}

/// A mailbox (RFC 5322 section 3.4), or a group without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Address<'a> {
    /// The person's name, decoded; else a comment beside the address; else empty.
    pub name: Text<'a>,
    /// The address proper (section 3.4.1), without blanks, comments or route; of old, or within
    /// one system, without `@`. Empty if there is none but a name or a group.
    pub spec: Text<'a>,
    /// The name of the group that it stands in.
    pub group: Option<Text<'a>>,
}

impl<'a> Address<'a> {
    /// What is left of the `@`; all of the address if there is no `@`.
    pub fn local_part(&self) -> Text<'a> {
        self.parts().0
    }

    /// What is right of the `@`; empty if there is none.
    pub fn domain(&self) -> Text<'a> {
        self.parts().1
    }

    fn parts(&self) -> (Text<'a>, Text<'a>) {
        let whole = self.spec.source();
        let (mut at, mut parts) = (whole, (self.spec, Text::default()));
        loop {
            let before = at;
            match at.next() {
                None => return parts,
                Some(b'@') if before.dialect == Dialect::Spec => {
                    let local = until(whole.rest(), before.rest());
                    parts = (Text::of(Cursor::new(local, Dialect::Spec)), Text::of(at));
                }
                Some(_) => {}
            }
        }
    }
}

/// The address proper, or else the name.
impl core::fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.spec.is_empty() { self.name.fmt(f) } else { self.spec.fmt(f) }
    }
}

impl<'a> Addresses<'a> {
    /// The addresses of that value, be it folded or not.
    pub const fn new(value: &'a [u8]) -> Self {
        Self {
            rest: value,
            group: None,
            is_bare: false,
            lone_quotes: false,
            lone_parentheses: false,
        }
    }

    /// One element of the list, or what is before a group's members.
    fn element(&mut self) -> Element<'a> {
        let start = self.rest;
        let mut element = Element { all: start, ..Element::default() };
        let mut word = start;
        let (mut is_blank, mut before) = (true, b' ');
        let mut is_route = false;
        let mut i = start;
        while let [byte, after @ ..] = i {
            let at = i;
            i = after;
            let is_angle = element.angle.is_some() && element.closed.is_none();
            match *byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    is_blank = true;
                    continue;
                }
                b'(' if !self.lone_parentheses => match comment(after) {
                    Some((inside, after)) => {
                        element.comment.get_or_insert(inside);
                        i = after;
                        is_blank = true;
                        continue;
                    }
                    None => self.lone_parentheses = true,
                },
                b'"' if !self.lone_quotes => match quoted(after) {
                    Some((_, after)) => i = after,
                    None => self.lone_quotes = true,
                },
                b'=' if !is_angle => i = encoded_word::skip(after).unwrap_or(after),
                b'<' => {
                    element.before_angle.get_or_insert(until(start, at));
                    (element.angle, element.closed) = (Some(after), None);
                    is_route = false;
                }
                b'>' if is_angle => {
                    element.closed = element.angle.map(|angle| until(angle, at));
                }
                // obs-route = obs-domain-list ":"
                b'@' if is_angle => {
                    let behind = element.angle.map(|angle| until(angle, at));
                    is_route |= behind.is_some_and(|it| it.trim_ascii().is_empty());
                }
                b':' if is_angle && is_route => {
                    element.angle = Some(after);
                    is_route = false;
                }
                b':' if element.angle.is_none() && element.spec.is_none() => {
                    element.left = at.len();
                    element.end = End::Colon;
                    self.rest = after;
                    return element;
                }
                b',' if !(is_angle && is_route) => {
                    element.left = at.len();
                    self.rest = after;
                    return element;
                }
                b';' => {
                    element.left = at.len();
                    element.end = End::Semicolon;
                    self.rest = after;
                    return element;
                }
                _ => {}
            }
            // Blanks around dots and @ divide nothing (obs-local-part, obs-domain).
            let is_joint = |byte| matches!(byte, b'.' | b'@');
            if is_blank && !is_joint(before) && !is_joint(*byte) {
                word = at;
                element.words = element.words.wrapping_add(1);
                if element.spec.is_some() {
                    element.behind_spec.get_or_insert(at);
                }
            }
            if element.first == 0 {
                element.first = *byte;
            }
            if *byte == b'@' {
                element.spec.get_or_insert(word);
            }
            (is_blank, before) = (false, *byte);
        }
        self.rest = &[];
        element
    }
}

impl<'a> Iterator for Addresses<'a> {
    type Item = Address<'a>;

    fn next(&mut self) -> Option<Address<'a>> {
        loop {
            let is_last = self.rest.is_empty();
            let element = self.element();
            if element.end == End::Colon {
                self.group = Some(phrase(element.cut(element.all)));
                self.is_bare = true;
                continue;
            }
            let mut address = element.address();
            address.group = self.group;
            let is_address = !address.spec.is_empty() || !address.name.is_empty();
            let is_bare = self.is_bare;
            let ends = element.end == End::Semicolon || is_last;
            self.is_bare = is_bare && !is_address && !ends;
            if ends {
                self.group = None;
            }
            if is_address {
                return Some(address);
            }
            if is_bare && ends {
                return Some(Address { group: address.group, ..Address::default() });
            }
            if is_last {
                return None;
            }
        }
    }
}

impl core::iter::FusedIterator for Addresses<'_> {}

/// What an element was found to have.
#[derive(Default)]
struct Element<'a> {
    /// The element and all behind it, of which so many bytes are not its own.
    all: &'a [u8],
    left: usize,
    end: End,
    /// Its first byte that is no blank or comment; 0 if there is none.
    first: u8,
    /// How many words it has.
    words: usize,
    comment: Option<&'a [u8]>,
    before_angle: Option<&'a [u8]>,
    /// What is behind the `<`.
    angle: Option<&'a [u8]>,
    /// What is between `<` and `>`.
    closed: Option<&'a [u8]>,
    /// From where the word begins that has an `@`, and from where the next one does.
    spec: Option<&'a [u8]>,
    behind_spec: Option<&'a [u8]>,
}

#[derive(Default, PartialEq)]
enum End {
    #[default]
    Comma,
    Semicolon,
    Colon,
}

impl<'a> Element<'a> {
    /// What of `tail`, which begins in the element, is in it.
    fn cut(&self, tail: &'a [u8]) -> &'a [u8] {
        tail.get(..tail.len().wrapping_sub(self.left)).unwrap_or_default()
    }

    fn address(&self) -> Address<'a> {
        let (name, spec) = if let Some(angle) = self.angle {
            let spec = self.closed.unwrap_or_else(|| self.cut(angle));
            (self.before_angle.unwrap_or_default(), spec)
        } else if let Some(spec) = self.spec {
            let behind = self.behind_spec.map(|behind| until(spec, behind));
            (until(self.all, spec), behind.unwrap_or_else(|| self.cut(spec)))
        } else if self.words > 1 || matches!(self.first, 0 | b'"' | b'=') {
            (self.cut(self.all), Default::default())
        } else {
            (Default::default(), self.cut(self.all))
        };
        let mut name = phrase(name);
        if let Some(comment) = self.comment
            && name.is_empty()
            && self.first != 0
        {
            name = Text::of(Cursor::new(comment, Dialect::Comment));
        }
        Address { name, spec: Text::of(Cursor::new(spec, Dialect::Spec)), group: None }
    }
}

/// `phrase = 1*word / obs-phrase` (RFC 5322 section 3.2.5).
fn phrase(i: &[u8]) -> Text<'_> {
    let i = match i.trim_ascii_end() {
        [first @ (b' ' | b'\t' | b'\r' | b'\n' | b'('), rest @ ..] => skip_cfws(rest, *first),
        i => i,
    };
    Text::of(Cursor::new(i, Dialect::Phrase))
}

/// What of `all` is before its tail `rest`.
fn until<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len().wrapping_sub(rest.len())).unwrap_or_default()
}
