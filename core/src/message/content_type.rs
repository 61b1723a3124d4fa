//! What a body is (RFC 2045 section 5).

use super::cursor::{comment, quoted};
use super::{Charset, Text};
use crate::Str;

/// The value of a Content-Type field, or of another field of that form, such as
/// Content-Disposition. Cheap to copy.
///
/// ```abnf
/// content   = type "/" subtype *(";" parameter)
/// parameter = attribute "=" value
/// value     = token / quoted-string
/// ```
/// RFC 2045 section 5.1. Comments and folds may stand between all of these; a quote that does
/// not end does so at a semicolon; parameters of RFC 2231 section 3 and 4 (`name*0*=…`) are as they stand.
///
/// ```
/// # use mailwire::message::{Charset, ContentType};
/// let it = ContentType::new(b"Text/HTML; format=flowed;\r\n charset=\"latin1\"");
/// assert!(it.is("text", "html"));
/// assert_eq!(it.parameter("Charset").unwrap(), "latin1");
/// assert_eq!(it.charset(), Some(Charset::WINDOWS_1252));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ContentType<'a> {
    raw: &'a [u8],
}

impl<'a> ContentType<'a> {
    /// Of that value, be it folded or not. If there is no such field, the value is empty, which
    /// counts as `text/plain` (section 5.2).
    pub const fn new(value: &'a [u8]) -> Self {
        Self { raw: value }
    }

    /// Whether it is that type and subtype, in any case.
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        let first = cut(self.raw, b';').0;
        let (of, sub) = cut(first, b'/');
        let (of, sub) = match sub {
            Some(sub) => (token(of), token(sub)),
            None => (&b"text"[..], &b"plain"[..]),
        };
        of.eq_ignore_ascii_case(kind.as_bytes()) && sub.eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// The first parameter of that name, in any case; without its quotes.
    pub fn parameter(&self, name: &str) -> Option<Str<'a>> {
        let mut rest = cut(self.raw, b';').1;
        while let Some(start) = rest {
            let (parameter, after) = cut(start, b';');
            rest = after;
            if let (attribute, Some(value)) = cut(parameter, b'=')
                && token(attribute).eq_ignore_ascii_case(name.as_bytes())
            {
                let value = blanks(value);
                return Some(match value {
                    [b'"', inside @ ..] => match quoted(inside) {
                        Some((inside, _)) => Str::from_raw(inside, inside.contains(&b'\\')),
                        None => Str::new(inside.split(|&byte| byte == b';').next()?.trim_ascii()),
                    },
                    _ => Str::new(token(value)),
                });
            }
        }
        None
    }

    /// The charset that the parameter of that name tells; [`Charset::UNLABELLED`] if there is
    /// none, `None` if it is not known here.
    pub fn charset(&self) -> Option<Charset> {
        self.parameter("charset").map_or(Some(Charset::UNLABELLED), Charset::for_label)
    }

    /// The name that the sender gave a file: the parameter `name`, or `filename` in a
    /// Content-Disposition.
    pub fn file_name(&self) -> Option<Text<'a>> {
        self.parameter("filename").or_else(|| self.parameter("name")).map(Text::new)
    }
}

/// What is before and behind the first `at` that is in no comment and no quotes. Those that do
/// not end take all there is, so that it is looked at but once.
fn cut(i: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let mut rest = i;
    while let [byte, after @ ..] = rest {
        if *byte == at {
            let before = i.get(..i.len().wrapping_sub(rest.len())).unwrap_or_default();
            return (before, Some(after));
        }
        rest = match byte {
            b'"' => quoted(after).map_or(&[], |(_, behind)| behind),
            b'(' => comment(after).map_or(&[], |(_, behind)| behind),
            _ => after,
        };
    }
    (i, None)
}

/// `i` from behind the blanks and comments at its front.
fn blanks(mut i: &[u8]) -> &[u8] {
    loop {
        i = match i.trim_ascii_start() {
            [b'(', after @ ..] => comment(after).map_or(&[], |(_, behind)| behind),
            i => return i,
        };
    }
}

/// The word at the front.
fn token(i: &[u8]) -> &[u8] {
    let i = blanks(i);
    let end = i.iter().position(|&byte| byte == b'(' || byte.is_ascii_whitespace());
    i.get(..end.unwrap_or(i.len())).unwrap_or_default()
}
