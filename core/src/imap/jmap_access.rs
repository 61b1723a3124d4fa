//! JMAPACCESS: where the same mail is found by JMAP (RFC 9698).

use super::Str;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::raw::Parse;
use super::syntax::astring;
use crate::writer::word_command;

word_command! {
    /// `GETJMAPACCESS`: asks where the same mail is found by JMAP (RFC 9698 section 4).
    /// [`Event::JmapAccess`](super::Event::JmapAccess) answers.
    GetJmapAccessCommand = GetJmapAccess, b"GETJMAPACCESS";
}

/// The response JMAPACCESS (RFC 9698 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct JmapAccess<'a> {
    /// The URL of the JMAP session resource. The server says so: before a password is sent
    /// there, see that it is a place that the user trusts.
    pub url: Str<'a>,
}

impl<'a> Parse<'a> for JmapAccess<'a> {
    /// ```abnf
    /// "JMAPACCESS" SP DQUOTE url DQUOTE
    /// ```
    /// RFC 9698 section 4. Also without quotes.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        let (rest, url) = astring(text).ok()?;
        rest.trim_ascii().is_empty().then_some(Self { url })
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::says;
    use super::*;

    #[test]
    fn jmap() {
        says(&GetJmapAccessCommand, "GETJMAPACCESS");
        for text in [&b"\"https://example.com/.s/[jmap]\" "[..], b"https://example.com/.s/[jmap]"] {
            let it = JmapAccess::parse(text, false).unwrap();
            assert_eq!(it.url, "https://example.com/.s/[jmap]");
        }
        for bad in [&b""[..], b"a b", b"\"a"] {
            assert_eq!(JmapAccess::parse(bad, false), None);
        }
    }
}
