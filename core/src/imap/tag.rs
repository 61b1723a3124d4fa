//! Tags (RFC 9051 section 2.2.1).

use crate::writer::Digits;
use core::fmt;

/// The longest tag that is remembered; a response with a longer one is none of ours.
const MAX: usize = 15;

/// What ties a command to its completion (RFC 9051 section 2.2.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    bytes: [u8; MAX],
    len: u8,
}

impl Tag {
    /// The tag of the `count`th command: a letter first, since some servers (163.com)
    /// demand one.
    pub fn numbered(count: u32) -> Self {
        let digits = Digits::new(count.into());
        let mut bytes = [0; MAX];
        let [first, behind @ ..] = &mut bytes;
        *first = b'A';
        let mut len = 1_u8;
        for (to, from) in behind.iter_mut().zip(digits.as_bytes()) {
            *to = *from;
            len = len.wrapping_add(1);
        }
        Self { bytes, len }
    }

    /// ```abnf
    /// tag = 1*<any ASTRING-CHAR except "+">
    /// ```
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let special = |byte| matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b'+');
        let valid = |byte: &u8| byte.is_ascii_graphic() && !special(*byte);
        if text.is_empty() || text.len() > MAX || !text.iter().all(valid) {
            return None;
        }
        let mut bytes = [0; MAX];
        for (to, from) in bytes.iter_mut().zip(text) {
            *to = *from;
        }
        Some(Self { bytes, len: u8::try_from(text.len()).ok()? })
    }

    /// What [`numbered`](Self::numbered) takes; `None` if it is not a tag of that kind.
    pub fn number(&self) -> Option<u32> {
        let number = self.as_str().strip_prefix('A')?.parse().ok()?;
        (Self::numbered(number) == *self).then_some(number)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The tag as it is sent.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Tag {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers_begin_with_a_letter() {
        assert_eq!(Tag::numbered(0).to_string(), "A0");
        assert_eq!(Tag::numbered(1).to_string(), "A1");
        assert_eq!(Tag::numbered(90210).to_string(), "A90210");
        assert_eq!(Tag::numbered(u32::MAX).to_string(), "A4294967295");
        assert_eq!(Tag::numbered(90210).number(), Some(90210));
        for foreign in ["A07", "a7", "A", "A+7", "A4294967296"] {
            assert_eq!(Tag::parse(foreign.as_bytes()).and_then(|tag| tag.number()), None);
        }
    }

    #[test]
    fn foreign_tags_are_kept_exactly() {
        assert_eq!(Tag::parse(b"t1").unwrap().as_str(), "t1");
        assert_eq!(Tag::parse(b"A7"), Some(Tag::numbered(7)));
        assert_eq!(Tag::parse(b"BODY[TEXT]").unwrap().as_str(), "BODY[TEXT]");
        for odd in [&b""[..], b"a b", b"a+", b"sixteen-letters-", b"\xe4", b"a*"] {
            assert_eq!(Tag::parse(odd), None);
        }
    }
}
