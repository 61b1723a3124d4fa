//! METADATA: annotations of mailboxes and of the server (RFC 5464).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::raw::Parse;
use super::sequence::{Strings, list_of, ntext, sequence, text};
use super::syntax::{Parsed, mailbox, sp, sp0};
use super::{Capability, Mailbox, Str};

/// How far below the entries GETMETADATA looks (RFC 5464 section 4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MetadataDepth {
    /// The entries themselves.
    #[default]
    Zero,
    /// And those right below them.
    One,
    /// And all below them.
    Infinity,
}

/// `GETMETADATA`: asks for annotations (RFC 5464 section 4.2).
/// [`Event::Metadata`](super::Event::Metadata) answers, once or several times.
///
/// ```abnf
/// getmetadata         = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
/// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
/// maxsize-opt         = "MAXSIZE" SP number
/// scope-opt           = "DEPTH" SP ("0" / "1" / "infinity")
/// entries             = entry / "(" entry *(SP entry) ")"
/// ```
///
/// A response that is longer than Rx is [`Event::Oversized`](super::Event::Oversized): limit
/// it by [`max_size`](Self::max_size), and ask for one entry at a time.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct GetMetadataCommand<'a> {
    /// The mailbox, in UTF-8; empty for the server's own annotations.
    pub mailbox: &'a str,
    /// Names such as `/private/comment` or `/shared/admin`; at least one.
    pub entries: &'a [&'a str],
    /// No value of more bytes is sent. The size of the largest that was left out comes as
    /// [`Code::MetadataLongEntries`](super::Code::MetadataLongEntries).
    pub max_size: Option<u32>,
    /// Whether entries below these are sent too.
    pub depth: MetadataDepth,
}

impl<'a> GetMetadataCommand<'a> {
    /// These entries, of any size, and none below them.
    #[must_use]
    pub const fn new(mailbox: &'a str, entries: &'a [&'a str]) -> Self {
        Self { mailbox, entries, max_size: None, depth: MetadataDepth::Zero }
    }

    /// No value of more bytes.
    #[must_use]
    pub const fn max_size(self, bytes: u32) -> Self {
        Self { max_size: Some(bytes), ..self }
    }

    /// Entries below these too.
    #[must_use]
    pub const fn depth(self, depth: MetadataDepth) -> Self {
        Self { depth, ..self }
    }
}

impl Command for GetMetadataCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::GetMetadata
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        needs(out, self.mailbox);
        out.raw(b"GETMETADATA ");
        let depth: &[u8] = match self.depth {
            MetadataDepth::Zero => b"",
            MetadataDepth::One => b"DEPTH 1",
            MetadataDepth::Infinity => b"DEPTH infinity",
        };
        match self.max_size {
            Some(size) => {
                out.raw(b"(MAXSIZE ").number(size.into());
                out.raw(if depth.is_empty() { b"" } else { b" " }).raw(depth).raw(b") ");
            }
            None if depth.is_empty() => {}
            None => {
                out.raw(b"(").raw(depth).raw(b") ");
            }
        }
        out.mailbox(self.mailbox).sp();
        encode_entries(out, self.entries);
    }
}

/// What a command about the mailbox, or about the server, needs.
fn needs(out: &mut Encoder<'_, '_>, mailbox: &str) {
    out.needs(match mailbox {
        "" => Capability::MetadataServer,
        _ => Capability::Metadata,
    });
}

/// ```abnf
/// "(" entry *(SP entry) ")"
/// ```
pub(super) fn encode_entries<'e, 't, 'b>(
    out: &'e mut Encoder<'t, 'b>,
    entries: &[&str],
) -> &'e mut Encoder<'t, 'b> {
    if entries.is_empty() {
        out.invalid("no entry");
    }
    out.list(b"(", entries, b")", |out, name| encode_entry(out, name))
}

/// ```abnf
/// entry = astring
///         ; slash-separated path to entry
///         ; MUST NOT contain "*" or "%"
/// ```
fn encode_entry(out: &mut Encoder<'_, '_>, name: &str) {
    let ends = name.ends_with('/') || !name.starts_with('/');
    // Not by `contains`, in which the compiler sees a panic.
    let empty = name.as_bytes().windows(2).any(|pair| pair == b"//");
    if ends || empty || name.contains(['*', '%']) || !name.is_ascii() {
        out.invalid("not the name of an entry");
    }
    out.astring(name.as_bytes());
}

/// `SETMETADATA`: sets or removes annotations, all of them or none (RFC 5464 section 4.3).
///
/// ```abnf
/// setmetadata  = "SETMETADATA" SP mailbox SP entry-values
/// entry-values = "(" entry-value *(SP entry-value) ")"
/// entry-value  = entry SP value
/// value        = nstring / literal8
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SetMetadataCommand<'a> {
    /// The mailbox, in UTF-8; empty for the server's own annotations.
    pub mailbox: &'a str,
    /// Names such as `/private/comment`, each with its value, or with `None` to remove it. A
    /// value with NUL in it goes as a literal8.
    pub entries: &'a [(&'a str, Option<&'a [u8]>)],
}

impl Command for SetMetadataCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::SetMetadata
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        needs(out, self.mailbox);
        out.raw(b"SETMETADATA ").mailbox(self.mailbox).sp();
        if self.entries.is_empty() {
            out.invalid("no entry");
        }
        out.list(b"(", self.entries, b")", |out, &(name, value)| {
            encode_entry(out, name);
            out.sp();
            match value {
                Some(value) if value.contains(&0) => out.literal8(value),
                value => out.nstring(value),
            };
        });
    }
}

/// The response METADATA: annotations (RFC 5464 section 4.4). LIST brings it too (RFC 9590).
///
/// ```
/// use mailwire::imap::{Metadata, Parse};
///
/// let text = br#"INBOX ("/private/comment" "My own" "/shared/comment" NIL)"#;
/// let metadata = Metadata::parse(text, false).unwrap();
/// assert_eq!(metadata.values.iter().next().unwrap().value.unwrap(), "My own");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// The mailbox; empty for the server's own annotations.
    pub mailbox: Mailbox<'a>,
    /// Entries and their values, if they were asked for.
    pub values: MetadataValues<'a>,
    /// Entries whose values have changed: the server says so unasked if METADATA was enabled.
    pub changed: Strings<'a>,
}

impl<'a> Parse<'a> for Metadata<'a> {
    /// ```abnf
    /// metadata-resp = "METADATA" SP mailbox SP (entry-values / entry-list)
    /// entry-list    = entry *(SP entry)
    /// ```
    /// RFC 5464 section 5.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, mailbox) = mailbox(text, utf8).ok()?;
        let (i, ()) = sp(i).ok()?;
        if i.starts_with(b"(") {
            let (rest, values) = list_of(i, MetadataValue::parse).ok()?;
            let (values, changed) = (MetadataValues(values), Strings::to_end(b"")?);
            return rest.trim_ascii().is_empty().then_some(Self { mailbox, values, changed });
        }
        let changed = Strings::to_end(i).filter(|names| !names.is_empty())?;
        Some(Self { mailbox, values: MetadataValues(b""), changed })
    }
}

/// An annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MetadataValue<'a> {
    /// The entry's name.
    pub entry: Str<'a>,
    /// Its value, of any bytes; none if there is no such entry.
    pub value: Option<Str<'a>>,
}

impl<'a> MetadataValue<'a> {
    /// ```abnf
    /// entry-value = entry SP value
    /// ```
    /// What is no string stands as it came, and a last entry without a value has none.
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        let (i, entry) = text(i)?;
        let (i, value) = ntext(sp0(i)?.0)?;
        Ok((i, Self { entry, value }))
    }
}

/// Annotations.
#[derive(Clone, Copy)]
pub struct MetadataValues<'a>(&'a [u8]);

impl<'a> MetadataValues<'a> {
    fn pop(&mut self) -> Option<MetadataValue<'a>> {
        let (rest, value) = MetadataValue::parse(self.0.trim_ascii_start()).ok()?;
        self.0 = rest;
        Some(value)
    }
}

sequence!(MetadataValues, MetadataValuesIter, MetadataValue<'a>);

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::string::String;
    use std::{format, vec::Vec};

    #[test]
    fn commands() {
        let get = GetMetadataCommand::new("INBOX", &["/private/comment", "/shared/x y"]);
        says(&get, r#"GETMETADATA "INBOX" ("/private/comment" "/shared/x y")"#);
        let get = GetMetadataCommand::new("", &["/shared/admin"]).max_size(1024);
        says(&get, r#"GETMETADATA (MAXSIZE 1024) "" ("/shared/admin")"#);
        let get = get.depth(MetadataDepth::Infinity);
        says(&get, r#"GETMETADATA (MAXSIZE 1024 DEPTH infinity) "" ("/shared/admin")"#);
        let get = GetMetadataCommand::new("a", &["/b"]).depth(MetadataDepth::One);
        says(&get, r#"GETMETADATA (DEPTH 1) "a" ("/b")"#);
        for bad in ["", "a", "/a*", "/%", "/a//b", "/a/", "/é"] {
            assert!(encode(&GetMetadataCommand::new("a", &[bad]), false).is_err(), "{bad}");
        }
        assert!(encode(&GetMetadataCommand::new("a", &[]), false).is_err());
        let entries: &[(_, Option<&[u8]>)] = &[
            ("/private/a", Some(b"My \"own\"")),
            ("/private/b", None),
            ("/private/c", Some(b"two\r\nlines")),
            ("/private/d", Some(b"\0")),
        ];
        says(
            &SetMetadataCommand { mailbox: "INBOX", entries },
            "SETMETADATA \"INBOX\" (\"/private/a\" \"My \\\"own\\\"\" \"/private/b\" NIL \
             \"/private/c\" {10}\r\n|two\r\nlines \"/private/d\" ~{1}\r\n|\0)",
        );
        assert!(encode(&SetMetadataCommand { mailbox: "", entries: &[] }, false).is_err());
    }

    fn show(text: &[u8]) -> Vec<String> {
        let it = Metadata::parse(text, false).unwrap();
        let values = it.values.iter().map(|it| format!("{}={:?}", it.entry, it.value));
        values.chain(it.changed.iter().map(|name| format!("{name}"))).collect()
    }

    #[test]
    fn responses() {
        // Dovecot
        assert_eq!(
            show(b"\"\" (/shared/admin NIL /private/vendor/x {1}\r\ny)"),
            ["/shared/admin=None", "/private/vendor/x=Some(\"y\")"],
        );
        assert_eq!(
            show(b"INBOX (\"/a\" ~{3}\r\n\0)\" /b \"x\") "),
            ["/a=Some(\"\\0)\\\"\")", "/b=Some(\"x\")"]
        );
        // RFC 5464 section 4.4.2
        assert_eq!(
            show(b"\"INBOX\" /shared/comment /private/comment"),
            ["/shared/comment", "/private/comment"],
        );
        assert!(show(b"INBOX ()").is_empty());
        let it = Metadata::parse(b"\"Gr&APwA3w-e\" (/a NIL)", false).unwrap();
        assert_eq!(it.mailbox, "Grüße");
        // One that is odd costs no more than itself.
        assert_eq!(
            show(b"INBOX (\"/private/a\" \"x\" \"/private/b\" (odd) \"/private/c\" \"y\" /d)"),
            [
                "/private/a=Some(\"x\")",
                "/private/b=Some(\"(odd)\")",
                "/private/c=Some(\"y\")",
                "/d=None"
            ],
        );
        assert_eq!(show(b"INBOX /a (odd) /b"), ["/a", "(odd)", "/b"]);
        for bad in [&b""[..], b"INBOX", b"INBOX ", b"INBOX (/a b", b"a (/a b) c"] {
            assert_eq!(Metadata::parse(bad, false), None);
        }
    }
}
