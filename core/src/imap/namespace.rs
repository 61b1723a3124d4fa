//! NAMESPACE: where mailboxes of whom are found (RFC 9051 sections 6.3.10 and 7.3.2, RFC 2342).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::list::delimiter;
use super::raw::Parse;
use super::sequence::{Strings, list_of, sequence};
use super::syntax::{Parsed, astring, byte, keyword, nstring, sp0};
use super::{Mailbox, Str};
use crate::writer::word_command;

word_command! {
    /// `NAMESPACE`: asks for the prefixes of mailbox names (RFC 9051 section 6.3.10). Exchange
    /// 2003 closes the connection on it.
    NamespaceCommand = Namespace, b"NAMESPACE";
}

/// The response NAMESPACE (RFC 9051 section 7.3.2).
///
/// ```abnf
/// namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
/// ```
///
/// ```
/// use mailwire::imap::{Namespace, Parse};
///
/// let text = br##"(("INBOX." ".")) NIL (("#shared." ".")("shared." "."))"##;
/// let namespace = Namespace::parse(text, false).unwrap();
/// assert_eq!(namespace.personal.iter().next().unwrap().prefix, "INBOX.");
/// assert!(namespace.other_users.is_empty());
/// assert_eq!(namespace.shared.iter().count(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Namespace<'a> {
    /// The user's own mailboxes.
    pub personal: NamespaceList<'a>,
    /// Those of other users.
    pub other_users: NamespaceList<'a>,
    /// Those that several users share.
    pub shared: NamespaceList<'a>,
}

impl<'a> Parse<'a> for Namespace<'a> {
    /// Lists that are missing at the end are empty.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, personal) = NamespaceList::parse(text, utf8)?;
        let (i, other_users) = NamespaceList::parse(i, utf8)?;
        let (i, shared) = NamespaceList::parse(i, utf8)?;
        i.trim_ascii().is_empty().then_some(Self { personal, other_users, shared })
    }
}

/// The namespaces of one sort.
#[derive(Clone, Copy)]
pub struct NamespaceList<'a> {
    text: &'a [u8],
    utf8: bool,
}

impl<'a> NamespaceList<'a> {
    /// ```abnf
    /// namespace = nil / "(" 1*namespace-descr ")"
    /// ```
    /// RFC 9051 section 9. Also an empty list, or nothing.
    fn parse(i: &'a [u8], utf8: bool) -> Option<(&'a [u8], Self)> {
        let i = i.trim_ascii_start();
        let (i, text) = if i.is_empty() {
            (i, i)
        } else if let Ok((i, ())) = keyword(i, b"NIL") {
            (i, Default::default())
        } else {
            list_of(i, |i| NamespaceDescription::parse(i, utf8)).ok()?
        };
        Some((i, Self { text, utf8 }))
    }

    fn pop(&mut self) -> Option<NamespaceDescription<'a>> {
        let (rest, description) =
            NamespaceDescription::parse(self.text.trim_ascii_start(), self.utf8).ok()?;
        self.text = rest;
        Some(description)
    }
}

sequence!(NamespaceList, NamespaceListIter, NamespaceDescription<'a>);

/// One namespace: how its mailboxes' names begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct NamespaceDescription<'a> {
    /// How all the names begin, the delimiter mostly included; may be empty.
    pub prefix: Mailbox<'a>,
    /// What stands between the levels of a name; none where there are no levels.
    pub delimiter: Option<char>,
    /// Extension data; mostly none.
    pub extensions: NamespaceExtensions<'a>,
}

impl<'a> NamespaceDescription<'a> {
    /// ```abnf
    /// namespace-descr = "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil)
    ///                   [namespace-response-extensions] ")"
    /// ```
    /// RFC 9051 section 9. The prefix may be NIL, which is empty, and the delimiter may be
    /// missing.
    fn parse(i: &'a [u8], utf8: bool) -> Parsed<'a, Self> {
        let (i, ()) = byte(i, b'(')?;
        let (i, ()) = sp0(i)?;
        let (i, prefix) = nstring(i)?;
        let (mut i, ()) = sp0(i)?;
        let mut separator = None;
        if i.first() != Some(&b')') {
            (i, separator) = delimiter(i)?;
        }
        let start = i;
        let (after, length) = loop {
            (i, ()) = sp0(i)?;
            if let [b')', after @ ..] = i {
                break (after, start.len().wrapping_sub(i.len()));
            }
            (i, _) = NamespaceExtension::parse(i)?;
        };
        let description = Self {
            prefix: Mailbox::new(prefix.unwrap_or_default(), utf8),
            delimiter: separator,
            extensions: NamespaceExtensions(start.get(..length).unwrap_or_default()),
        };
        Ok((after, description))
    }
}

impl<'a> NamespaceDescription<'a> {
    /// The prefix in the language that LANGUAGE chose, to be shown to the user in its place
    /// (RFC 5255 section 3.4).
    pub fn translation(&self) -> Option<Mailbox<'a>> {
        let is_it = |it: &NamespaceExtension<'_>| it.name.eq_ignore_ascii_case("TRANSLATION");
        let name = self.extensions.iter().find(is_it)?.values.iter().next()?;
        Some(Mailbox::new(name, self.prefix.is_utf8()))
    }
}

/// The extension data of a namespace (RFC 9051 section 7.3.2).
#[derive(Clone, Copy)]
pub struct NamespaceExtensions<'a>(&'a [u8]);

impl<'a> NamespaceExtensions<'a> {
    fn pop(&mut self) -> Option<NamespaceExtension<'a>> {
        let (rest, extension) = NamespaceExtension::parse(self.0.trim_ascii_start()).ok()?;
        self.0 = rest;
        Some(extension)
    }
}

sequence!(NamespaceExtensions, NamespaceExtensionsIter, NamespaceExtension<'a>);

/// One extension of a namespace, such as `"TRANSLATION"` (RFC 5255 section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct NamespaceExtension<'a> {
    /// Its name.
    pub name: Str<'a>,
    /// Its values.
    pub values: Strings<'a>,
}

impl<'a> NamespaceExtension<'a> {
    /// ```abnf
    /// namespace-response-extension = SP string SP "(" string *(SP string) ")"
    /// ```
    /// RFC 9051 section 9, without the first SP.
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        let (i, name) = astring(i)?;
        let (i, ()) = sp0(i)?;
        let (i, values) = Strings::parse(i)?;
        Ok((i, Self { name, values }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::{format, vec::Vec};

    /// `prefix:delimiter` of each.
    fn show(list: NamespaceList<'_>) -> Vec<String> {
        list.iter().map(|it| format!("{}:{:?}", it.prefix, it.delimiter)).collect()
    }

    #[test]
    fn real_servers() {
        // Courier
        let text = br##"(("INBOX." ".")) NIL (("#shared." ".")("shared." "."))"##;
        let it = Namespace::parse(text, false).unwrap();
        assert_eq!(show(it.personal), ["INBOX.:Some('.')"]);
        assert!(it.other_users.is_empty());
        assert_eq!(show(it.shared), ["#shared.:Some('.')", "shared.:Some('.')"]);
        // Dovecot, Cyrus
        let it = Namespace::parse(br#"(("" "/")) (("Other Users/" "/")) NIL"#, false).unwrap();
        assert_eq!(show(it.personal), [":Some('/')"]);
        assert_eq!(show(it.other_users), ["Other Users/:Some('/')"]);
    }

    #[test]
    fn extensions() {
        let text = br#"(("" "/" "X-PARAM" ("FLAG1" "FLAG2") "Y" ())) nil nil"#;
        let it = Namespace::parse(text, false).unwrap();
        let first = it.personal.iter().next().unwrap();
        let extensions: Vec<_> = first.extensions.iter().collect();
        assert_eq!(extensions.len(), 2);
        assert_eq!(extensions[0].name, "X-PARAM");
        assert_eq!(format!("{:?}", extensions[0].values), r#"["FLAG1", "FLAG2"]"#);
        assert!(extensions[1].values.is_empty());
        // RFC 5255 section 3.4.3
        let text =
            br#"(("" "/"))(("Other Users/" "/" "TRANSLATION" ("Andere Ben&APw-tzer/"))) NIL"#;
        let it = Namespace::parse(text, false).unwrap();
        let other = it.other_users.iter().next().unwrap();
        assert_eq!(other.extensions.iter().count(), 1);
        assert_eq!(other.translation().unwrap(), "Andere Benützer/");
        assert_eq!(it.personal.iter().next().unwrap().translation(), None);
    }

    #[test]
    fn lenient() {
        for (text, personal) in [
            (&br#"(("" NIL)) NIL NIL"#[..], ":None"),
            (br#"((NIL NIL)) NIL NIL"#, ":None"),
            (br#"(("INBOX."))"#, "INBOX.:None"),
            (br#"((INBOX. .  ))  NIL NIL "#, "INBOX.:Some('.')"),
            (br#"( ("A&AOk-" "\\") ) () ()"#, "Aé:Some('\\\\')"),
            (b"(({3}\r\na)b \"\"))", "a)b:None"),
        ] {
            let it = Namespace::parse(text, false).unwrap();
            assert_eq!(show(it.personal), [personal]);
            assert!(it.other_users.is_empty() && it.shared.is_empty());
        }
    }

    #[test]
    fn bad() {
        for text in [
            &br#"(("" "/")"#[..],
            br#"(("" "/")) NIL NIL NIL"#,
            br#"(("" "/" "X")) NIL NIL"#,
            br#"(""#,
            b"((((((((",
            b"x",
        ] {
            assert!(Namespace::parse(text, false).is_none(), "{text:?}");
        }
        assert!(Namespace::parse(b"", false).is_some());
        assert!(size_of::<Namespace<'_>>() <= 96);
    }
}
