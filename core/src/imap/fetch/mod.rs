//! FETCH: the command (RFC 9051 section 6.4.5) and the response (section 7.5.2).

pub(crate) mod event;
pub(crate) mod section;
pub(crate) mod value;

pub use section::{HeaderList, Section, SectionKind, SectionName, SectionPart, SectionText};

use super::body_structure::BodyStructure;
use super::envelope::Envelope;
use super::syntax::{
    byte, date_time, flag_list, number, number64, sp0, string::Str, value as skip,
};
use super::{Command, DateTime, Encoder, Flags, Kind, SequenceSet};

/// One thing to fetch of a message (RFC 9051 section 6.4.5).
///
/// ```
/// # use mailwire::imap::Fetch;
/// let items = [
///     Fetch::Envelope,
///     Fetch::peek("HEADER.FIELDS (LIST-ID)"),
///     Fetch::peek("1").partial(0, 512),
/// ];
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fetch<'a> {
    /// `ALL`: FLAGS, INTERNALDATE, RFC822.SIZE and ENVELOPE. It stands alone.
    All,
    /// `FAST`: FLAGS, INTERNALDATE and RFC822.SIZE. It stands alone.
    Fast,
    /// `FULL`: as ALL, and BODY. It stands alone.
    Full,
    /// `FLAGS`
    Flags,
    /// `UID`
    Uid,
    /// `ENVELOPE`
    Envelope,
    /// `INTERNALDATE`: when the server got the message.
    InternalDate,
    /// `RFC822.SIZE`: the message's size in octets.
    Rfc822Size,
    /// `BODY`: the MIME structure without extension data.
    Body,
    /// `BODYSTRUCTURE`: the MIME structure.
    BodyStructure,
    /// `RFC822`: the message (RFC 3501); sets `\Seen`.
    Rfc822,
    /// `RFC822.HEADER`: the header (RFC 3501).
    Rfc822Header,
    /// `RFC822.TEXT`: the message without header (RFC 3501); sets `\Seen`.
    Rfc822Text,
    /// `BODY[…]` or `BODY.PEEK[…]`; see [`body`](Self::body) and [`peek`](Self::peek).
    BodySection {
        /// Which bytes.
        section: Section<'a>,
        /// Whether `\Seen` stays as it is.
        peek: bool,
        /// Only some of them.
        partial: Option<Partial>,
    },
    /// `BINARY[…]` or `BINARY.PEEK[…]`: a part with its transfer encoding undone; needs
    /// IMAP4rev2 or BINARY (RFC 3516).
    Binary {
        /// Which part.
        part: SectionPart<'a>,
        /// Whether `\Seen` stays as it is.
        peek: bool,
        /// Only some of it.
        partial: Option<Partial>,
    },
    /// `BINARY.SIZE[…]`: the size of such a part in octets.
    BinarySize {
        /// Which part.
        part: SectionPart<'a>,
    },
    /// Any other item of which the name, an atom, is all: `X-GM-MSGID`.
    Other(&'a str),
}

/// Some of a section's octets (RFC 9051 section 6.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Partial {
    /// The first one, counted from 0.
    pub offset: u64,
    /// How many at most; not 0.
    pub length: u64,
}

impl<'a> Fetch<'a> {
    /// `BODY[section]`, which marks the message as read. The section is a text such as
    /// `"1.2"`, `"HEADER"` or `""`, a [`PartNumber`](super::PartNumber), or made by
    /// [`Section::header_fields`].
    pub fn body(section: impl Into<Section<'a>>) -> Self {
        Self::BodySection { section: section.into(), peek: false, partial: None }
    }

    /// `BODY.PEEK[section]`: the same, but the message is not marked as read.
    pub fn peek(section: impl Into<Section<'a>>) -> Self {
        Self::BodySection { section: section.into(), peek: true, partial: None }
    }

    /// `BINARY[part]`, which marks the message as read.
    pub fn binary(part: impl Into<SectionPart<'a>>) -> Self {
        Self::Binary { part: part.into(), peek: false, partial: None }
    }

    /// `BINARY.PEEK[part]`: the same, but the message is not marked as read.
    pub fn binary_peek(part: impl Into<SectionPart<'a>>) -> Self {
        Self::Binary { part: part.into(), peek: true, partial: None }
    }

    /// `BINARY.SIZE[part]`
    pub fn binary_size(part: impl Into<SectionPart<'a>>) -> Self {
        Self::BinarySize { part: part.into() }
    }

    /// Only `length` octets from `offset` on. Changes nothing in an item that is not
    /// `BODY[…]` or `BINARY[…]`.
    #[must_use]
    pub fn partial(mut self, offset: u64, length: u64) -> Self {
        if let Self::BodySection { partial, .. } | Self::Binary { partial, .. } = &mut self {
            *partial = Some(Partial { offset, length });
        }
        self
    }

    fn is_macro(&self) -> bool {
        matches!(self, Self::All | Self::Fast | Self::Full)
    }

    /// ```abnf
    /// fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" /
    ///             "RFC822.SIZE" /
    ///             "BODY" ["STRUCTURE"] / "UID" /
    ///             "BODY" section [partial] /
    ///             "BODY.PEEK" section [partial] /
    ///             "BINARY" [".PEEK"] section-binary [partial] /
    ///             "BINARY.SIZE" section-binary
    /// partial   = "<" number64 "." nz-number64 ">"
    /// ```
    /// RFC 9051 section 9.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let word: &[u8] = match self {
            Self::All => b"ALL",
            Self::Fast => b"FAST",
            Self::Full => b"FULL",
            Self::Flags => b"FLAGS",
            Self::Uid => b"UID",
            Self::Envelope => b"ENVELOPE",
            Self::InternalDate => b"INTERNALDATE",
            Self::Rfc822Size => b"RFC822.SIZE",
            Self::Body => b"BODY",
            Self::BodyStructure => b"BODYSTRUCTURE",
            Self::Rfc822 => b"RFC822",
            Self::Rfc822Header => b"RFC822.HEADER",
            Self::Rfc822Text => b"RFC822.TEXT",
            Self::BodySection { peek: false, .. } => b"BODY",
            Self::BodySection { peek: true, .. } => b"BODY.PEEK",
            Self::Binary { peek: false, .. } => b"BINARY",
            Self::Binary { peek: true, .. } => b"BINARY.PEEK",
            Self::BinarySize { .. } => b"BINARY.SIZE",
            Self::Other(name) => {
                out.atom(name);
                return;
            }
        };
        out.raw(word);
        let partial = match self {
            Self::BodySection { section, partial, .. } => {
                section.encode(out);
                partial
            }
            Self::Binary { part, partial, .. } => {
                part.encode_binary(out);
                partial
            }
            Self::BinarySize { part } => {
                part.encode_binary(out);
                &None
            }
            _ => &None,
        };
        if let Some(Partial { offset, length }) = *partial {
            if length == 0 {
                out.invalid("a partial fetch of no octets");
            }
            out.raw(b"<").number(offset).raw(b".").number(length).raw(b">");
        }
    }
}

/// FETCH and UID FETCH (RFC 9051 sections 6.4.5 and 6.4.9).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FetchCommand<'a> {
    /// Whether `set` holds UIDs.
    pub uid: bool,
    /// Of which messages.
    pub set: SequenceSet<'a>,
    /// What: at least one item; a macro stands alone.
    pub items: &'a [Fetch<'a>],
}

impl<'a> FetchCommand<'a> {
    /// FETCH: `set` holds sequence numbers.
    pub fn new(set: impl Into<SequenceSet<'a>>, items: &'a [Fetch<'a>]) -> Self {
        Self { uid: false, set: set.into(), items }
    }

    /// UID FETCH: `set` holds UIDs.
    pub fn uid(set: impl Into<SequenceSet<'a>>, items: &'a [Fetch<'a>]) -> Self {
        Self { uid: true, ..Self::new(set, items) }
    }
}

impl Command for FetchCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidFetch } else { Kind::Fetch }
    }

    /// ```abnf
    /// fetch = "FETCH" SP sequence-set SP (
    ///         "ALL" / "FULL" / "FAST" /
    ///         fetch-att / "(" fetch-att *(SP fetch-att) ")")
    /// ```
    /// RFC 9051 section 9.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID FETCH " } else { b"FETCH " });
        out.sequence_set(&self.set).sp();
        match self.items {
            [] => {
                out.invalid("nothing to fetch");
            }
            [item] => item.encode(out),
            items => {
                for (index, item) in items.iter().enumerate() {
                    if item.is_macro() {
                        out.invalid("a FETCH macro among other items");
                    }
                    out.raw(if index == 0 { b"(" } else { b" " });
                    item.encode(out);
                }
                out.raw(b")");
            }
        }
    }
}

/// One item of a FETCH response, whole (RFC 9051 section 7.5.2).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Item<'a> {
    /// `FLAGS`
    Flags(Flags<'a>),
    /// `UID`
    Uid(u32),
    /// `ENVELOPE`
    Envelope(Envelope<'a>),
    /// `INTERNALDATE`: when the server got the message.
    InternalDate(DateTime),
    /// `RFC822.SIZE`: the message's size in octets.
    Rfc822Size(u64),
    /// `BODY`: the MIME structure without extension data.
    Body(BodyStructure<'a>),
    /// `BODYSTRUCTURE`: the MIME structure.
    BodyStructure(BodyStructure<'a>),
    /// `BINARY.SIZE[…]` (RFC 9051 section 7.5.2).
    BinarySize {
        /// Of which part.
        part: SectionPart<'a>,
        /// Octets once the transfer encoding is undone.
        size: u64,
    },
    /// `MODSEQ` (RFC 7162 section 3.1.4).
    ModSeq(u64),
    /// An item that is not known here.
    Other {
        /// Its name as it came.
        name: Str<'a>,
        /// Its value as it came.
        value: Str<'a>,
    },
}

impl<'a> Item<'a> {
    /// Reads one item: name, space, value, literals with their bytes. `None` if the value is
    /// not of the form that the name calls for.
    ///
    /// ```abnf
    /// msg-att-dynamic = "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"
    /// msg-att-static  = "ENVELOPE" SP envelope /
    ///                   "INTERNALDATE" SP date-time /
    ///                   "RFC822.SIZE" SP number64 /
    ///                   "BODY" ["STRUCTURE"] SP body /
    ///                   "BINARY.SIZE" section-binary SP number /
    ///                   "UID" SP uniqueid
    /// fetch-mod-resp  = "MODSEQ" SP "(" permsg-modsequence ")"
    /// ```
    /// RFC 9051 section 9, RFC 7162 section 7. The items with a section's bytes are not
    /// among them: see [`SectionName`].
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        // Behind a bracket the name goes on to the bracket's end.
        let end = raw.iter().position(|b| matches!(b, b' ' | b'(' | b'[' | b'"' | b'{'))?;
        let (name, rest) = raw.split_at_checked(end)?;
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        if rest.starts_with(b"[") {
            let close = rest.iter().position(|&b| b == b']')?;
            let (section, value) = rest.split_at_checked(close.checked_add(1)?)?;
            let (value, ()) = sp0(value).ok()?;
            if let [b'[', part @ .., b']'] = section
                && is(b"BINARY.SIZE")
            {
                let part = Section::parse(part);
                let size = value::whole(number64(value))?;
                return (part.text == SectionText::All)
                    .then_some(Self::BinarySize { part: part.part, size });
            }
            return Self::other(value::consumed(raw, value).trim_ascii_end(), value);
        }
        let (value, ()) = sp0(rest).ok()?;
        Some(match name.len() {
            3 if is(b"UID") => Self::Uid(value::whole(number(value))?),
            4 if is(b"BODY") => Self::Body(BodyStructure::parse(value)?),
            5 if is(b"FLAGS") => Self::Flags(value::whole(flag_list(value))?),
            6 if is(b"MODSEQ") => {
                let (value, ()) = byte(value, b'(').ok()?;
                let (value, mod_seq) = number64(sp0(value).ok()?.0).ok()?;
                value::whole(value::close(value))?;
                Self::ModSeq(mod_seq)
            }
            8 if is(b"ENVELOPE") => Self::Envelope(Envelope::parse(value)?),
            11 if is(b"RFC822.SIZE") => Self::Rfc822Size(value::whole(number64(value))?),
            12 if is(b"INTERNALDATE") => Self::InternalDate(value::whole(date_time(value))?),
            13 if is(b"BODYSTRUCTURE") => Self::BodyStructure(BodyStructure::parse(value)?),
            _ => return Self::other(name, value),
        })
    }

    fn other(name: &'a [u8], value: &'a [u8]) -> Option<Self> {
        let value = value::whole(skip(value))?;
        (!name.is_empty()).then_some(Self::Other { name: Str::new(name), value: Str::new(value) })
    }
}
