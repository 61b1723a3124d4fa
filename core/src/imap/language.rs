//! LANGUAGE and COMPARATOR: the tongue of texts and the order of strings (RFC 5255).

use super::Str;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::raw::Parse;
use super::sequence::Strings;
use super::syntax::astring;

/// `LANGUAGE`: asks for the server's texts in a language, or which ones it has (RFC 5255
/// section 3.2). [`Event::Language`](super::Event::Language) answers, and perhaps
/// [`Event::Namespace`](super::Event::Namespace) with translated prefixes.
///
/// ```abnf
/// language-cmd = "LANGUAGE" *(SP lang-range-quoted)
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct LanguageCommand<'a> {
    /// Language ranges of RFC 4647 such as `de-AT` or `*`, the best first, or `default`. None
    /// asks for a list of all.
    pub ranges: &'a [&'a str],
}

impl Command for LanguageCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Language
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LANGUAGE");
        for range in self.ranges {
            out.sp().astring(range.as_bytes());
        }
    }
}

/// The response LANGUAGE (RFC 5255 section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Language<'a> {
    /// Language tags of RFC 5646. One alone is the language that the server speaks from now
    /// on; several are those that it could speak.
    pub languages: Strings<'a>,
}

impl<'a> Parse<'a> for Language<'a> {
    /// ```abnf
    /// language-data = "LANGUAGE" SP "(" lang-tag-quoted *(SP lang-tag-quoted) ")"
    /// ```
    /// RFC 5255 section 3.5.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        Strings::whole(text).map(|languages| Self { languages })
    }
}

/// `COMPARATOR`: asks by which rules the server compares and sorts strings, or for others
/// (RFC 5255 section 4.7; needs I18NLEVEL=2).
/// [`Event::Comparator`](super::Event::Comparator) answers.
///
/// ```abnf
/// comparator-cmd = "COMPARATOR" *(SP comp-order-quoted)
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ComparatorCommand<'a> {
    /// Collations of RFC 4790 such as `i;unicode-casemap`, the best first, or `default`. None
    /// asks for the one in use.
    pub orders: &'a [&'a str],
}

impl Command for ComparatorCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Comparator
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"COMPARATOR");
        for order in self.orders {
            out.sp().astring(order.as_bytes());
        }
    }
}

/// The response COMPARATOR (RFC 5255 section 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Comparator<'a> {
    /// The collation in use.
    pub active: Str<'a>,
    /// All that match what was asked for, if there are several.
    pub matching: Strings<'a>,
}

impl<'a> Parse<'a> for Comparator<'a> {
    /// ```abnf
    /// comparator-data = "COMPARATOR" SP comp-sel-quoted
    ///                   [SP "(" comp-id-quoted *(SP comp-id-quoted) ")"]
    /// ```
    /// RFC 5255 section 4.10.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        let (i, active) = astring(text).ok()?;
        let i = i.trim_ascii();
        let matching = Strings::whole(if i.is_empty() { b"()" } else { i })?;
        Some(Self { active, matching })
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::says;
    use super::*;

    #[test]
    fn commands() {
        says(&LanguageCommand::default(), "LANGUAGE");
        says(&LanguageCommand { ranges: &["fr-CA", "*"] }, r#"LANGUAGE "fr-CA" "*""#);
        says(&ComparatorCommand::default(), "COMPARATOR");
        says(&ComparatorCommand { orders: &["cz;*", "i;basic"] }, r#"COMPARATOR "cz;*" "i;basic""#);
    }

    #[test]
    fn responses() {
        let it = Language::parse(b"(EN DE \"i-default\") ", false).unwrap();
        assert!(it.languages.iter().eq(["EN", "DE", "i-default"]));
        for bad in [&b""[..], b"EN", b"(EN", b"(EN) x"] {
            assert_eq!(Language::parse(bad, false), None);
        }
        let it = Comparator::parse(b"i;basic", false).unwrap();
        assert!(it.active == "i;basic" && it.matching.is_empty());
        let it = Comparator::parse(b"\"i;basic\" (i;basic \"i;ascii-casemap\")", false).unwrap();
        assert!(it.matching.iter().eq(["i;basic", "i;ascii-casemap"]));
        for bad in [&b""[..], b"a b", b"a (b"] {
            assert_eq!(Comparator::parse(bad, false), None);
        }
    }
}
