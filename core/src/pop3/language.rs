//! In which letters and in which language the server speaks: UTF8 and LANG (RFC 6856).

use super::Str;
use super::capability::word;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `UTF8`: messages and names may be UTF-8 from here on (RFC 6856 section 2.1).
    Utf8Command = Utf8, b"UTF8";
}

/// `LANG`: asks for texts in a language, or for a list of languages (RFC 6856 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LangCommand<'a> {
    /// A language range such as `de-AT`; `*` for what the server prefers; `None` for a list.
    pub language: Option<&'a str>,
}

impl Command for LangCommand<'_> {
    fn kind(&self) -> Kind {
        if self.language.is_some() { Kind::Lang } else { Kind::LangList }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LANG");
        if let Some(language) = self.language {
            out.sp().word(language);
        }
    }
}

/// A language that the server speaks (RFC 6856 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Language<'r> {
    /// Its tag, such as `de-AT`.
    pub tag: Str<'r>,
    /// Its name in the language itself; may be empty.
    pub description: Str<'r>,
}

impl<'r> Language<'r> {
    /// ```abnf
    /// language-listing = lang-tag [SP lang-desc]
    /// ```
    pub(crate) fn parse(line: &'r [u8]) -> Option<Self> {
        let (tag, description) = word(line);
        (!tag.is_empty()).then_some(Self { tag: Str::new(tag), description: Str::new(description) })
    }
}
