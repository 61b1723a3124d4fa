//! Mailbox names and modified UTF-7 (RFC 9051 section 5.1, RFC 3501 section 5.1.3).

use super::Parsed;
use super::string::{Segments, Str, astring};
use core::fmt::{self, Write};

/// `mailbox = "INBOX" / astring` (RFC 9051 section 9).
pub(crate) fn mailbox(i: &[u8], utf8: bool) -> Parsed<'_, Mailbox<'_>> {
    astring(i).map(|(rest, name)| (rest, Mailbox::new(name, utf8)))
}

/// The name of a mailbox as it came, shown as it is meant.
///
/// On the wire a name is modified UTF-7 (RFC 3501 section 5.1.3), or UTF-8 once IMAP4rev2
/// or UTF8=ACCEPT is enabled (RFC 9051 section 5.1, RFC 6855 section 3).
/// [`Display`](fmt::Display) and [`chars`](Self::chars) decode either; what is not
/// well-formed they show as it came. `INBOX` equals itself in any case.
///
/// Dovecot 2.4.1 goes on with modified UTF-7 though UTF8=ACCEPT is enabled: a name of it is then
/// shown as it came, and can be used so in commands.
///
/// ```
/// use mailwire::imap::Mailbox;
/// let sent = Mailbox::new("Envoy&AOk-s".into(), false);
/// assert_eq!(sent.to_string(), "Envoyés");
/// assert_eq!(sent, "Envoyés");
/// ```
#[derive(Clone, Copy)]
pub struct Mailbox<'a> {
    raw: &'a [u8],
    escaped: bool,
    utf8: bool,
}

impl<'a> Mailbox<'a> {
    /// A name as on the wire: UTF-8 if `utf8`, else modified UTF-7.
    pub const fn new(name: Str<'a>, utf8: bool) -> Self {
        let (raw, escaped) = name.into_raw();
        Self { raw, escaped, utf8 }
    }

    /// The name as on the wire, not decoded.
    pub const fn as_received(&self) -> Str<'a> {
        Str::from_raw(self.raw, self.escaped)
    }

    /// Whether it is UTF-8 on the wire.
    pub const fn is_utf8(&self) -> bool {
        self.utf8
    }

    /// Whether this is INBOX (RFC 9051 section 5.1).
    pub fn is_inbox(&self) -> bool {
        self.as_received().eq_ignore_ascii_case("INBOX")
    }

    /// Whether this is how we send `name`: so it is equal to it, though it may be equal in other
    /// spellings. It takes less flash than the decoder.
    #[cfg(feature = "watch")]
    pub(crate) fn is_sent_for(&self, name: &str) -> bool {
        if self.is_inbox() {
            return name.eq_ignore_ascii_case("INBOX");
        }
        let mut bytes = self.as_received().bytes();
        let mut same = true;
        if self.utf8 {
            same = bytes.by_ref().eq(name.bytes());
        } else {
            encode_utf7(name, &mut |byte| same &= bytes.next() == Some(byte));
        }
        same && bytes.next().is_none()
    }

    /// The decoded name.
    pub fn chars(&self) -> MailboxChars<'a> {
        MailboxChars {
            segments: Segments::new(self.as_received()),
            rest: &[],
            utf8: self.utf8,
            section: Section::default(),
        }
    }

    /// Copies the decoded name to the front of `out` and returns it there; `None` if there
    /// is not enough room. Three bytes for two of the wire's are always enough.
    pub fn copy_to<'o>(&self, out: &'o mut [u8]) -> Option<&'o str> {
        let mut end = 0_usize;
        for c in self.chars() {
            let mut utf8 = [0; 4];
            let bytes = c.encode_utf8(&mut utf8).as_bytes();
            let next = end.checked_add(bytes.len())?;
            out.get_mut(end..next)?.copy_from_slice(bytes);
            end = next;
        }
        core::str::from_utf8(out.get(..end)?).ok()
    }
}

impl PartialEq for Mailbox<'_> {
    fn eq(&self, other: &Mailbox<'_>) -> bool {
        (self.is_inbox() && other.is_inbox()) || self.chars().eq(other.chars())
    }
}

impl Eq for Mailbox<'_> {}

impl PartialEq<str> for Mailbox<'_> {
    fn eq(&self, other: &str) -> bool {
        if self.is_inbox() {
            other.eq_ignore_ascii_case("INBOX")
        } else {
            self.chars().eq(other.chars())
        }
    }
}

impl PartialEq<&str> for Mailbox<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| f.write_char(c))
    }
}

impl fmt::Debug for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|c| f.write_char(c))?;
        f.write_char('"')
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Mailbox<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Mailbox<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// The characters of a decoded [`Mailbox`] name.
#[derive(Debug, Clone)]
pub struct MailboxChars<'a> {
    segments: Segments<'a>,
    rest: &'a [u8],
    utf8: bool,
    section: Section<'a>,
}

impl Iterator for MailboxChars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(c) = self.section.next() {
                return Some(c);
            }
            // An escaped byte is never part of an encoded section, so that segments can be
            // looked at one by one.
            match self.rest {
                [] => self.rest = self.segments.next()?,
                [b'&', b'-', after @ ..] if !self.utf8 => {
                    self.rest = after;
                    return Some('&');
                }
                [b'&', after @ ..] if !self.utf8 => match Section::read(after) {
                    Some((section, after)) => {
                        self.section = section;
                        self.rest = after;
                    }
                    None => {
                        self.rest = after;
                        return Some('&');
                    }
                },
                [ascii @ 0..0x80, after @ ..] => {
                    self.rest = after;
                    return Some(char::from(*ascii));
                }
                // 8-bit bytes: UTF-8, which some servers send without being asked.
                rest => {
                    let chunk = rest.get(..4).unwrap_or(rest).utf8_chunks().next()?;
                    let (c, length) = match chunk.valid().chars().next() {
                        Some(c) => (c, c.len_utf8()),
                        None => (char::REPLACEMENT_CHARACTER, chunk.invalid().len()),
                    };
                    self.rest = rest.get(length..).unwrap_or_default();
                    return Some(c);
                }
            }
        }
    }
}

/// What is left of one section of modified base64: UTF-16 between `&` and `-`.
#[derive(Debug, Clone, Default)]
struct Section<'a> {
    digits: &'a [u8],
    bits: u32,
    count: u32,
}

impl<'a> Section<'a> {
    /// The section behind a `&`, and what follows it; `None` if it is not well-formed.
    fn read(i: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let end = i.iter().position(|&byte| digit_value(byte).is_none())?;
        let (digits, [b'-', after @ ..]) = i.split_at_checked(end)? else { return None };
        let section = Self { digits, bits: 0, count: 0 };
        let mut units = section.clone();
        let well_formed =
            char::decode_utf16(core::iter::from_fn(|| units.unit())).all(|c| c.is_ok());
        // What is left are fewer bits than a digit has, and all of them zero.
        (well_formed && units.count < 6 && units.bits == 0 && end > 0).then_some((section, after))
    }

    /// The next 16 bits.
    fn unit(&mut self) -> Option<u16> {
        while self.count < 16 {
            let (&digit, rest) = self.digits.split_first()?;
            self.digits = rest;
            self.bits = self.bits << 6 | digit_value(digit)?;
            self.count = self.count.wrapping_add(6);
        }
        self.count = self.count.wrapping_sub(16);
        let unit = self.bits.wrapping_shr(self.count);
        self.bits &= 1_u32.wrapping_shl(self.count).wrapping_sub(1);
        Some(unit as u16)
    }

    fn next(&mut self) -> Option<char> {
        if self.digits.is_empty() {
            return None;
        }
        let first = self.unit()?;
        let second = if (0xd800..0xdc00).contains(&first) { self.unit() } else { None };
        let units = [Some(first), second];
        char::decode_utf16(units.into_iter().flatten()).next()?.ok()
    }
}

/// What a digit of modified base64 stands for (RFC 3501 section 5.1.3: `,` in place of `/`).
const fn digit_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b',' => 63,
        _ => return None,
    };
    Some(value as u32)
}

/// The digit for the lowest six bits.
const fn digit(bits: u32) -> u8 {
    let value = (bits & 63) as u8;
    match value {
        0..26 => value.wrapping_add(b'A'),
        26..52 => value.wrapping_sub(26).wrapping_add(b'a'),
        52..62 => value.wrapping_sub(52).wrapping_add(b'0'),
        62 => b'+',
        _ => b',',
    }
}

/// Writes a name in modified UTF-7 (RFC 3501 section 5.1.3), which is printable ASCII.
pub(crate) fn encode_utf7(name: &str, put: &mut dyn FnMut(u8)) {
    let mut inside = false;
    let (mut bits, mut count) = (0_u32, 0_u32);
    let close = |bits: u32, count: u32, put: &mut dyn FnMut(u8)| {
        if count > 0 {
            put(digit(bits.wrapping_shl(6_u32.wrapping_sub(count))));
        }
        put(b'-');
    };
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            if inside {
                close(bits, count, put);
                (inside, bits, count) = (false, 0, 0);
            }
            put(c as u8);
            if c == '&' {
                put(b'-');
            }
            continue;
        }
        if !inside {
            inside = true;
            put(b'&');
        }
        for unit in c.encode_utf16(&mut [0; 2]).iter() {
            bits = bits << 16 | u32::from(*unit);
            count = count.wrapping_add(16);
            while count >= 6 {
                count = count.wrapping_sub(6);
                put(digit(bits.wrapping_shr(count)));
            }
        }
    }
    if inside {
        close(bits, count, put);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn show(name: &str) -> String {
        Mailbox::new(name.into(), false).to_string()
    }

    fn encode(name: &str) -> String {
        let mut out = Vec::new();
        encode_utf7(name, &mut |byte| out.push(byte));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names() {
        let name = |wire: &'static [u8], utf8| Mailbox::new(Str::new(wire), utf8);
        assert_eq!(name(b"a &AOk-", false).copy_to(&mut [0; 4]), Some("a é"));
        assert_eq!(name(b"a &AOk-", false).copy_to(&mut [0; 3]), None);
        assert!(name(b"inbox", false).is_inbox());
        assert_eq!(name(b"inbox", false), "INBOX");
        // UTF-8: the ampersand is one.
        assert_eq!(name(b"&AOk- \xc3\xa9", true), "&AOk- é");
        assert_eq!(name(b"\xc3\xa9\xff\xe2\x82", false), "é\u{fffd}\u{fffd}");
        assert_eq!(core::mem::size_of::<Mailbox<'_>>(), 24);
    }

    #[test]
    fn utf7() {
        for (wire, name) in [
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
            ("Envoy&AOk-s", "Envoyés"),
            ("Tom &- Jerry", "Tom & Jerry"),
            ("&2D3eAA-", "😀"),
            ("a&2D3eANg93gE-b", "a😀😁b"),
            ("&AAoADQ-", "\n\r"),
            ("&-&-", "&&"),
            ("&AOk-&-", "é&"),
            ("&,,8-", "\u{ffff}"),
        ] {
            assert_eq!(show(wire), name);
            assert_eq!(encode(name), wire);
        }
        // Not as one should, but plain.
        assert_eq!(show("&AEE-"), "A");
        assert_eq!(show("&U,A-&UxcACg-"), "台北\n");
        // Broken: shown as it came.
        for broken in [
            "&", "a&", "&AOk", "&A-", "&AO-", "&AOl-", "&2D0-", "&3gDYPQ-", "&AOk x-", "&&-x",
            "&/-", "&AOkA-",
        ] {
            assert_eq!(show(broken), broken.replace("&-", "&"), "{broken}");
        }
    }
}
