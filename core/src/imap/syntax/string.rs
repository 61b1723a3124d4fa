//! Strings and atoms (RFC 9051 section 4.1 and 4.3).

use super::{Parsed, fail};
use crate::scan::{SHORT_WAYS, find};
pub(crate) use crate::text::{Segments, Str};

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

/// Whether this, behind a quote, says that the string ends there. Where servers do not escape
/// quotes (Domino, iCloud), what follows them goes on with the string.
#[inline]
pub(crate) const fn ends_quoted(next: u8) -> bool {
    !(is_atom_char(next) || matches!(next, b'"' | b'\\' | b'%' | b'*')) || matches!(next, b'[')
}

/// The rest of a quoted string, behind its first quote.
#[inline]
fn quoted(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i.split_at_checked(quote_or_backslash(i)) {
        Some((raw, [b'"', after @ ..])) if matches!(after, [] | [b' ' | b')', ..]) => {
            Ok((after, Str::new(raw)))
        }
        Some((plain, _)) => quoted_escaped(i, plain.len()),
        None => fail(),
    }
}

#[inline]
fn quote_or_backslash(i: &[u8]) -> usize {
    find(i, |word| word.is(b'"') | word.is(b'\\'))
}

/// The same, with a backslash at `at`, or a quote that need not be the last.
#[cold]
fn quoted_escaped(i: &[u8], at: usize) -> Parsed<'_, Str<'_>> {
    let mut escaped = false;
    let mut rest = i.get(at..).unwrap_or_default();
    loop {
        match rest.split_at_checked(quote_or_backslash(rest)) {
            Some((_, [b'"', after @ ..]))
                if after.first().is_none_or(|&next| ends_quoted(next)) =>
            {
                let length = i.len().wrapping_sub(after.len()).wrapping_sub(1);
                let raw = i.get(..length).unwrap_or_default();
                return Ok((after, Str::from_raw(raw, escaped)));
            }
            Some((_, [b'"', after @ ..])) => rest = after,
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
    // Where spaces may stand here (Domino) is for the frame to say.
    let (i, ()) = sp0(i.strip_prefix(b"}").unwrap_or_default())?;
    match i.strip_prefix(b"\r\n").and_then(|i| i.split_at_checked(length)) {
        Some((value, rest)) => Ok((rest, Str::new(value))),
        None => fail(),
    }
}

/// `nstring = string / nil` (RFC 9051 section 9).
///
/// A bare atom counts as a string: Exchange sends encodings so.
pub(crate) fn nstring(i: &[u8]) -> Parsed<'_, Option<Str<'_>>> {
    if let Some((rest, string)) = usual_nstring(i) {
        return Ok((rest, string));
    }
    let (rest, string) = astring(i)?;
    let nil = matches!(i, [b'N' | b'n', ..]) && string.eq_ignore_ascii_case("NIL");
    Ok((rest, (!nil).then_some(string)))
}

/// One that is quoted, without backslashes, or NIL, if SP or `)` is behind it.
#[inline(always)]
pub(crate) fn usual_nstring(i: &[u8]) -> Option<(&[u8], Option<Str<'_>>)> {
    let (rest, string) = match i {
        _ if !SHORT_WAYS => return None,
        [b'"', rest @ ..] => match rest.split_at_checked(quote_or_backslash(rest))? {
            (raw, [b'"', after @ ..]) => (after, Some(Str::new(raw))),
            _ => return None,
        },
        [b'N', b'I', b'L', rest @ ..] => (rest, None),
        _ => return None,
    };
    matches!(rest, [b' ' | b')', ..]).then_some((rest, string))
}

/// `astring = 1*ASTRING-CHAR / string` (RFC 9051 section 9).
pub(crate) fn astring(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i {
        [b'"' | b'{', ..] | [b'~', b'{', ..] => string(i),
        _ => run(i, is_astring_char).map(|(rest, word)| (rest, Str::new(word))),
    }
}

/// A string, or a word of whatever is no space, quote or parenthesis: what flags and labels are
/// made of (Gmail: `\\Sent`, `[x]`).
#[inline]
pub(crate) fn word(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match (i, string(i)) {
        (_, Ok(read)) => Ok(read),
        ([b'"', ..], Err(error)) => Err(error),
        _ => run(i, |byte| !matches!(byte, b' ' | b'(' | b')' | b'"' | b'\r' | b'\n'))
            .map(|(rest, name)| (rest, Str::new(name))),
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
        [b'(', rest @ ..] => list(rest, |_, _| {})?.0,
        [b'"', rest @ ..] => quoted(rest)?.0,
        [b'N', b'I', b'L', rest @ ..] if matches!(rest, [b' ' | b')', ..]) => rest,
        // A brace that announces nothing is a part of a word.
        [b'{', rest @ ..] | [b'~', b'{', rest @ ..] => literal(rest).map_or(rest, |(rest, _)| rest),
        _ => run(i, |byte| !matches!(byte, b' ' | b'(' | b')' | b'"' | b'{' | b'\r' | b'\n'))?.0,
    };
    let length = i.len().wrapping_sub(rest.len());
    Ok((rest, i.get(..length).unwrap_or_default()))
}

/// A byte of a list that is not in a string.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// A list in it begins here.
    Open,
    /// A list in it ends here.
    Close,
    /// A string is here, or a byte of an atom.
    Text,
}

/// The rest of a list, behind its parenthesis. `see` is told of each token, and the bytes
/// from there on.
#[inline]
pub(crate) fn list<'a>(i: &'a [u8], mut see: impl FnMut(Token, &'a [u8])) -> Parsed<'a, ()> {
    let mut depth = 1_usize;
    let mut rest = i;
    loop {
        rest = match rest {
            [b'"', after @ ..] => {
                see(Token::Text, rest);
                let after = quoted(after)?.0;
                after.strip_prefix(b" ").unwrap_or(after)
            }
            [b' ', after @ ..] => after,
            [b'N', b'I', b'L', b' ', after @ ..] => {
                see(Token::Text, rest);
                after
            }
            [b'(', after @ ..] => {
                see(Token::Open, rest);
                depth = depth.wrapping_add(1);
                after
            }
            [b')', after @ ..] => {
                depth = depth.wrapping_sub(1);
                if depth == 0 {
                    return Ok((after, ()));
                }
                see(Token::Close, rest);
                after
            }
            [b'{', after @ ..] => {
                see(Token::Text, rest);
                literal(after).map_or(after, |(after, _)| after)
            }
            [] | [b'\r' | b'\n', ..] => return fail(),
            [_, after @ ..] => {
                see(Token::Text, rest);
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
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
            text.extend_from_slice(b"\")\xa2\xdc\"\\");
            assert_eq!(string(&text).unwrap().1.len(), length);
        }
    }

    #[test]
    fn literals() {
        assert_eq!(string(b"{3}\r\na\"\\ x").unwrap(), (&b" x"[..], Str::new(b"a\"\\")));
        assert_eq!(string(b"~{2+}\r\n\0\xff)").unwrap(), (&b")"[..], Str::new(b"\0\xff")));
        assert_eq!(string(b"{003}\r\nabc").unwrap().1, "abc");
        assert_eq!(string(b"{0}\r\n").unwrap().1, "");
        // Domino, where the frame took it for one.
        assert_eq!(string(b"{3}  \r\nabc").unwrap().1, "abc");
        for bad in [
            &b"{4}\r\nabc"[..],
            b"{3} abc",
            b"{-1}\r\n",
            b"{}\r\n",
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
