//! The bytes of a header's value, one by one, as the place where they stand has them read.

use crate::Str;

/// How bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Dialect {
    /// As they are.
    #[default]
    Plain,
    /// As the inside of IMAP's quoted strings: `\"` and `\\` are one byte each.
    Imap,
    /// As a phrase (RFC 5322 section 3.2.5): without quotes and comments, and each run of
    /// blanks is one space.
    Phrase,
    /// As the inside of a quoted string in a phrase.
    Quoted,
    /// As the inside of a comment: without the backslash of quoted pairs.
    Comment,
    /// As an address: without blanks and comments.
    Spec,
    /// As a quoted string in an address: with its quotes and backslashes.
    SpecQuoted,
    /// As what is behind a backslash in such a string.
    SpecEscaped,
}

/// What is left to be read. Line ends inside a value are folds, and are left out (RFC 5322
/// section 2.2.3); one without a blank behind it counts as a space.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    pub(super) dialect: Dialect,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(rest: &'a [u8], dialect: Dialect) -> Self {
        Self { rest, dialect }
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The byte that comes next.
    pub(super) fn peek(mut self) -> Option<u8> {
        self.next()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        loop {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match (self.dialect, byte) {
                (Dialect::Phrase, b' ' | b'\t' | b'\r' | b'\n' | b'(') => {
                    self.rest = skip_cfws(rest, byte);
                    return (!self.rest.is_empty()).then_some(b' ');
                }
                (Dialect::Spec, b' ' | b'\t' | b'\r' | b'\n' | b'(') => {
                    self.rest = skip_cfws(rest, byte);
                }
                (_, b'\r' | b'\n') => {
                    while let [b'\r' | b'\n', rest @ ..] = self.rest {
                        self.rest = rest;
                    }
                    if !matches!(self.rest, [] | [b' ' | b'\t', ..]) {
                        return Some(b' ');
                    }
                }
                (Dialect::Imap, b'\\') => {
                    if let [escaped @ (b'"' | b'\\'), rest @ ..] = rest {
                        self.rest = rest;
                        return Some(*escaped);
                    }
                    return Some(byte);
                }
                (Dialect::Quoted | Dialect::Comment, b'\\') => {
                    let (&escaped, rest) = rest.split_first()?;
                    self.rest = rest;
                    return Some(escaped);
                }
                (Dialect::Phrase, b'"') => self.dialect = Dialect::Quoted,
                (Dialect::Quoted, b'"') => self.dialect = Dialect::Phrase,
                _ => {
                    self.dialect = match (self.dialect, byte) {
                        (Dialect::Spec, b'"') | (Dialect::SpecEscaped, _) => Dialect::SpecQuoted,
                        (Dialect::SpecQuoted, b'"') => Dialect::Spec,
                        (Dialect::SpecQuoted, b'\\') => Dialect::SpecEscaped,
                        (same, _) => same,
                    };
                    return Some(byte);
                }
            }
        }
    }
}

impl<'a> From<Str<'a>> for Cursor<'a> {
    fn from(string: Str<'a>) -> Self {
        let (rest, escaped) = string.into_raw();
        Self::new(rest, if escaped { Dialect::Imap } else { Dialect::Plain })
    }
}

/// ```abnf
/// CFWS    = (1*([FWS] comment) [FWS]) / FWS
/// ```
/// RFC 5322 section 3.2.2. What is behind it, `first` being its first byte and `rest` what is
/// behind that one. A comment that does not end takes all that there is.
pub(super) fn skip_cfws(mut rest: &[u8], first: u8) -> &[u8] {
    let mut byte = first;
    loop {
        if byte == b'(' {
            rest = comment(rest).map_or(&[], |(_, rest)| rest);
        }
        match rest {
            [next @ (b' ' | b'\t' | b'\r' | b'\n' | b'('), after @ ..] => {
                byte = *next;
                rest = after;
            }
            _ => return rest,
        }
    }
}

/// ```abnf
/// comment       = "(" *([FWS] ccontent) [FWS] ")"
/// ccontent      = ctext / quoted-pair / comment
/// quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]
/// ```
/// RFC 5322 section 3.2.2. What is inside and what is behind, from what is behind the opening
/// parenthesis; `None` if it does not end.
pub(super) fn comment(i: &[u8]) -> Option<(&[u8], &[u8])> {
    enclosed(i, b'(', b')')
}

/// The same for a quoted string (section 3.2.4), from what is behind the opening quote.
pub(super) fn quoted(i: &[u8]) -> Option<(&[u8], &[u8])> {
    enclosed(i, b'"', b'"')
}

fn enclosed(i: &[u8], open: u8, close: u8) -> Option<(&[u8], &[u8])> {
    let mut depth = 0_usize;
    let mut rest = i;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte == b'\\' {
            rest = rest.get(1..)?;
        } else if *byte == close {
            if depth == 0 {
                let inside = i.len().wrapping_sub(rest.len()).wrapping_sub(1);
                return Some((i.get(..inside)?, rest));
            }
            depth = depth.saturating_sub(1);
        } else if *byte == open {
            depth = depth.saturating_add(1);
        }
    }
    None
}
