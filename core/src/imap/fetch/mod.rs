//! FETCH: the command (RFC 9051 section 6.4.5) and the response (section 7.5.2).

pub(crate) mod event;
pub(crate) mod section;
pub(crate) mod value;

pub use section::{
    HeaderList, HeaderListIter, Section, SectionKind, SectionName, SectionPart, SectionText,
};

use super::body_structure::BodyStructure;
use super::envelope::Envelope;
use super::syntax::{
    byte, date_time, flag_list, keyword, nstring, number, number64, sp0, string::Str, value as skip,
};
use super::{
    Capability, Command, DateTime, Encoder, Flags, Kind, PartialRange, SequenceSet, Strings,
    XGmLabels,
};

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
    /// `RFC822`: the message (RFC 3501); sets `\Seen`. This and the next two go and come as
    /// `BODY[…]` where the server [wants that](super::Quirks::NO_RFC822).
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
    /// `MODSEQ`: the message's mod-sequence (RFC 7162 section 3.1.4.2).
    ModSeq,
    /// `EMAILID`: what names the message wherever it is, for as long as its bytes are the same
    /// (RFC 8474 section 5.1).
    EmailId,
    /// `THREADID`: what names the messages that belong together (RFC 8474 section 5.2).
    ThreadId,
    /// `SAVEDATE`: when the message came into this mailbox (RFC 8514 section 4.2).
    SaveDate,
    /// `PREVIEW`: the first words of the message, at most 200 characters (RFC 8970 section 3.1).
    Preview {
        /// `(LAZY)`: only if the server has it at hand.
        lazy: bool,
    },
    /// `X-GM-MSGID`: what names the message all over a Gmail account.
    XGmMsgId,
    /// `X-GM-THRID`: what names its conversation.
    XGmThrId,
    /// `X-GM-LABELS`: its Gmail labels.
    XGmLabels,
    /// Any other item of which the name, an atom, is all.
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

    /// In a list, where the macros are no items.
    pub(super) fn encode_among(&self, out: &mut Encoder<'_, '_>) {
        if matches!(self, Self::All | Self::Fast | Self::Full) {
            out.invalid("a FETCH macro among other items");
        }
        self.encode(out);
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
    /// fetch-att =/ "MODSEQ"                        ; RFC 7162
    /// fetch-att =/ "EMAILID" / "THREADID"          ; RFC 8474
    /// fetch-att =/ "SAVEDATE"                      ; RFC 8514
    /// fetch-att =/ "PREVIEW" [SP "(" "LAZY" ")"]   ; RFC 8970
    /// ```
    /// RFC 9051 section 9.
    pub(super) fn encode(&self, out: &mut Encoder<'_, '_>) {
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
            Self::Rfc822 if out.avoids_rfc822() => b"BODY[]",
            Self::Rfc822Header if out.avoids_rfc822() => b"BODY.PEEK[HEADER]",
            Self::Rfc822Text if out.avoids_rfc822() => b"BODY[TEXT]",
            Self::Rfc822 => b"RFC822",
            Self::Rfc822Header => b"RFC822.HEADER",
            Self::Rfc822Text => b"RFC822.TEXT",
            Self::BodySection { peek: false, .. } => b"BODY",
            Self::BodySection { peek: true, .. } => b"BODY.PEEK",
            Self::Binary { peek: false, .. } => b"BINARY",
            Self::Binary { peek: true, .. } => b"BINARY.PEEK",
            Self::BinarySize { .. } => b"BINARY.SIZE",
            Self::ModSeq => b"MODSEQ",
            Self::EmailId => b"EMAILID",
            Self::ThreadId => b"THREADID",
            Self::SaveDate => b"SAVEDATE",
            Self::Preview { lazy: false } => b"PREVIEW",
            Self::Preview { lazy: true } => b"PREVIEW (LAZY)",
            Self::XGmMsgId => b"X-GM-MSGID",
            Self::XGmThrId => b"X-GM-THRID",
            Self::XGmLabels => b"X-GM-LABELS",
            Self::Other(name) => {
                out.atom(name);
                return;
            }
        };
        let needed = match self {
            Self::ModSeq => Some(Capability::CondStore),
            Self::EmailId | Self::ThreadId => Some(Capability::ObjectId),
            Self::SaveDate => Some(Capability::SaveDate),
            Self::Preview { .. } => Some(Capability::Preview),
            Self::XGmMsgId | Self::XGmThrId | Self::XGmLabels => Some(Capability::XGmExt1),
            _ => None,
        };
        if let Some(needed) = needed {
            out.needs(needed);
        }
        if matches!(self, Self::Binary { .. } | Self::BinarySize { .. }) {
            out.needs_unless_rev2(Capability::Binary);
        }
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
    modifiers: Modifiers,
    /// What writes these, if there are any: so it is linked only then.
    encode_modifiers: Option<fn(Modifiers, bool, &mut Encoder<'_, '_>)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Modifiers {
    changed_since: Option<u64>,
    vanished: bool,
    partial: Option<PartialRange>,
}

impl<'a> FetchCommand<'a> {
    /// FETCH: `set` holds sequence numbers.
    pub fn new(set: impl Into<SequenceSet<'a>>, items: &'a [Fetch<'a>]) -> Self {
        Self {
            uid: false,
            set: set.into(),
            items,
            modifiers: Modifiers::default(),
            encode_modifiers: None,
        }
    }

    /// UID FETCH: `set` holds UIDs.
    pub fn uid(set: impl Into<SequenceSet<'a>>, items: &'a [Fetch<'a>]) -> Self {
        Self { uid: true, ..Self::new(set, items) }
    }

    fn modified(self, modifiers: Modifiers) -> Self {
        Self { modifiers, encode_modifiers: Some(Modifiers::encode), ..self }
    }

    /// Only of messages that changed since this mod-sequence: `CHANGEDSINCE`. The answer tells
    /// each message's MODSEQ too (RFC 7162 section 3.1.4.1).
    #[must_use]
    pub fn changed_since(self, mod_seq: u64) -> Self {
        self.modified(Modifiers { changed_since: Some(mod_seq), ..self.modifiers })
    }

    /// Tell also which of the messages are gone, as
    /// [`Event::Vanished`](super::Event::Vanished): `VANISHED` (RFC 7162 section 3.2.6). For UID
    /// FETCH with [`changed_since`](Self::changed_since) only, once QRESYNC was enabled.
    #[must_use]
    pub fn vanished(self) -> Self {
        self.modified(Modifiers { vanished: true, ..self.modifiers })
    }

    /// Only of these of the messages: `PARTIAL` (RFC 9394 section 3.4). For UID FETCH only.
    #[must_use]
    pub fn partial(self, range: PartialRange) -> Self {
        self.modified(Modifiers { partial: Some(range), ..self.modifiers })
    }
}

impl Modifiers {
    /// ```abnf
    /// fetch-modifiers     = SP "(" fetch-modifier *(SP fetch-modifier) ")"   ; RFC 4466
    /// fetch-modifier      =/ "CHANGEDSINCE" SP mod-sequence-value           ; RFC 7162
    /// rexpunges-fetch-mod = "VANISHED"
    /// fetch-modifier      =/ "PARTIAL" SP partial-range                     ; RFC 9394
    /// ```
    fn encode(self, uid: bool, out: &mut Encoder<'_, '_>) {
        if self.vanished && !(uid && self.changed_since.is_some()) {
            out.invalid("VANISHED without UID FETCH and CHANGEDSINCE");
        }
        if self.partial.is_some() && !uid {
            out.invalid("PARTIAL without UID FETCH");
        }
        let mut before: &[u8] = b" (";
        if let Some(mod_seq) = self.changed_since {
            out.needs(Capability::CondStore).raw(before).raw(b"CHANGEDSINCE ").number(mod_seq);
            before = b" ";
        }
        if self.vanished {
            out.needs_enabled(Capability::QResync).raw(before).raw(b"VANISHED");
        }
        if let Some(range) = self.partial {
            out.needs(Capability::Partial).raw(before).raw(b"PARTIAL ");
            range.encode(out);
            before = b" ";
        }
        if before == b" " {
            out.raw(b")");
        }
    }
}

impl Command for FetchCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidFetch } else { Kind::Fetch }
    }

    /// ```abnf
    /// fetch = "FETCH" SP sequence-set SP (
    ///         "ALL" / "FULL" / "FAST" /
    ///         fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
    /// ```
    /// RFC 9051 section 9, RFC 4466 section 6.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID FETCH " } else { b"FETCH " });
        out.sequence_set(&self.set).sp();
        match self.items {
            [] => {
                out.invalid("nothing to fetch");
            }
            [item] => item.encode(out),
            items => {
                out.list(b"(", items, b")", |out, item| item.encode_among(out));
            }
        }
        if let Some(encode) = self.encode_modifiers {
            encode(self.modifiers, self.uid, out);
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
    /// `EMAILID` (RFC 8474 section 5.1).
    EmailId(Str<'a>),
    /// `THREADID` (RFC 8474 section 5.2); `None` if the server does not know threads.
    ThreadId(Option<Str<'a>>),
    /// `SAVEDATE` (RFC 8514 section 4.2); `None` if the mailbox does not keep it.
    SaveDate(Option<DateTime>),
    /// `PREVIEW` (RFC 8970 section 3.1), in UTF-8; `None` if it was asked for lazily and is not
    /// at hand. Empty if there is no text to show.
    Preview(Option<Str<'a>>),
    /// `X-GM-MSGID` (Gmail).
    XGmMsgId(u64),
    /// `X-GM-THRID` (Gmail).
    XGmThrId(u64),
    /// `X-GM-LABELS` (Gmail).
    XGmLabels(XGmLabels<'a>),
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
    /// fetch-emailid-resp  = "EMAILID" SP "(" objectid ")"
    /// fetch-threadid-resp = "THREADID" SP ( "(" objectid ")" / nil )
    /// fetch-savedate      = "SAVEDATE" SP (date-time / nil)
    /// fetch-preview       = "PREVIEW" SP nstring
    /// ```
    /// RFC 9051 section 9, RFC 7162 section 7, RFC 8474 section 7, RFC 8514 section 5, RFC 8970
    /// section 6. The items with a section's bytes are not
    /// among them: see [`SectionName`].
    ///
    /// `utf8` says whether names are in UTF-8 (IMAP4rev2 or UTF8=ACCEPT is enabled), not in modified
    /// UTF-7: those of Gmail's labels.
    pub fn parse(raw: &'a [u8], utf8: bool) -> Option<Self> {
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
                return matches!(part.text, SectionText::All)
                    .then_some(Self::BinarySize { part: part.part, size });
            }
            return Self::other(value::consumed(raw, value).trim_ascii_end(), value);
        }
        let (value, ()) = sp0(rest).ok()?;
        Some(match name.len() {
            3 if is(b"UID") => Self::Uid(value::whole(number(value))?),
            5 if is(b"FLAGS") => Self::Flags(value::whole(flag_list(value))?),
            7 if is(b"PREVIEW") => Self::Preview(value::whole(nstring(value))?),
            11 if is(b"RFC822.SIZE") => Self::Rfc822Size(value::whole(number64(value))?),
            12 if is(b"INTERNALDATE") => Self::InternalDate(value::whole(date_time(value))?),
            13 if is(b"BODYSTRUCTURE") => Self::BodyStructure(BodyStructure::parse(value)?),
            4 if is(b"BODY") => Self::Body(BodyStructure::parse(value)?),
            6 if is(b"MODSEQ") => {
                let (value, ()) = byte(value, b'(').ok()?;
                let (value, mod_seq) = number64(sp0(value).ok()?.0).ok()?;
                value::whole(value::close(value))?;
                Self::ModSeq(mod_seq)
            }
            7 if is(b"EMAILID") => Self::EmailId(object_id(value)?),
            8 if is(b"ENVELOPE") => Self::Envelope(Envelope::parse(value)?),
            8 if is(b"THREADID") && is_nil(value) => Self::ThreadId(None),
            8 if is(b"THREADID") => Self::ThreadId(Some(object_id(value)?)),
            8 if is(b"SAVEDATE") && is_nil(value) => Self::SaveDate(None),
            8 if is(b"SAVEDATE") => Self::SaveDate(Some(value::whole(date_time(value))?)),
            10 if is(b"X-GM-MSGID") => Self::XGmMsgId(value::whole(number64(value))?),
            10 if is(b"X-GM-THRID") => Self::XGmThrId(value::whole(number64(value))?),
            11 if is(b"X-GM-LABELS") => {
                Self::XGmLabels(value::whole(XGmLabels::parse(value, utf8))?)
            }
            _ => return Self::other(name, value),
        })
    }

    #[inline(never)] // Flash.
    fn other(name: &'a [u8], value: &'a [u8]) -> Option<Self> {
        let value = value::whole(skip(value))?;
        (!name.is_empty()).then_some(Self::Other { name: Str::new(name), value: Str::new(value) })
    }
}

/// ```abnf
/// "(" objectid ")"    objectid = 1*255(ALPHA / DIGIT / "_" / "-")
/// ```
/// RFC 8474 section 7.
fn object_id(i: &[u8]) -> Option<Str<'_>> {
    value::whole(Strings::parse(i))?.iter().next().filter(|id| !id.is_empty())
}

fn is_nil(i: &[u8]) -> bool {
    value::whole(keyword(i, b"NIL")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::{encode, says};
    use crate::imap::{Date, Flag, PartNumber};
    use std::string::{String, ToString};

    fn fetch(items: &[Fetch<'_>]) -> Option<String> {
        let text = encode(&FetchCommand::new(1, items), false).ok()?;
        Some(text.strip_prefix("FETCH 1 ").unwrap().to_string())
    }

    #[test]
    fn commands() {
        let items = [Fetch::Uid, Fetch::Flags, Fetch::Envelope];
        let command = FetchCommand::new(1..=5, &items);
        assert_eq!(command.kind(), Kind::Fetch);
        says(&command, "FETCH 1:5 (UID FLAGS ENVELOPE)");
        let command = FetchCommand::uid(7.., &[Fetch::All]);
        assert_eq!(command.kind(), Kind::UidFetch);
        says(&command, "UID FETCH 7:* ALL");

        assert_eq!(fetch(&[Fetch::BodyStructure]).unwrap(), "BODYSTRUCTURE");
        assert_eq!(fetch(&[Fetch::Body]).unwrap(), "BODY");
        assert_eq!(fetch(&[Fetch::body("")]).unwrap(), "BODY[]");
        assert_eq!(fetch(&[Fetch::peek("1.2.mime")]).unwrap(), "BODY.PEEK[1.2.MIME]");
        assert_eq!(
            fetch(&[Fetch::peek("TEXT").partial(0, 512)]).unwrap(),
            "BODY.PEEK[TEXT]<0.512>"
        );
        assert_eq!(
            fetch(&[Fetch::peek("header.fields (from \"To\")")]).unwrap(),
            "BODY.PEEK[HEADER.FIELDS (from To)]"
        );
        let not = Section::header_fields_not(&["Received", "x(y)"]).of("2.1");
        assert_eq!(
            fetch(&[Fetch::body(not)]).unwrap(),
            "BODY[2.1.HEADER.FIELDS.NOT (Received \"x(y)\")]"
        );
        let number = PartNumber::new(&[1, 300, 2]).unwrap();
        assert_eq!(fetch(&[Fetch::peek(&number)]).unwrap(), "BODY.PEEK[1.300.2]");
        assert_eq!(fetch(&[Fetch::peek(&PartNumber::WHOLE)]).unwrap(), "BODY.PEEK[]");
        let mime = Section { part: (&number).into(), text: SectionText::Mime };
        assert_eq!(fetch(&[Fetch::peek(mime)]).unwrap(), "BODY.PEEK[1.300.2.MIME]");
        assert_eq!(
            fetch(&[
                Fetch::binary("1"),
                Fetch::binary_peek(&number).partial(5, 6),
                Fetch::binary_size("")
            ])
            .unwrap(),
            "(BINARY[1] BINARY.PEEK[1.300.2]<5.6> BINARY.SIZE[])"
        );
        assert_eq!(fetch(&[Fetch::Other("X-GM-MSGID")]).unwrap(), "X-GM-MSGID");
    }

    #[test]
    fn what_is_never_sent() {
        for bad in [
            "1.",
            "0",
            "FOO",
            "]\r\nA1 LOGOUT\r\n",
            "MIME",
            "HEADER.FIELDS",
            "HEADER.FIELDS ()",
            "HEADER.FIELDS (A:)",
            "HEADER.FIELDS (\"A B\")",
            "HEADER.FIELDS (\"\")",
            "1] BODY[2",
        ] {
            assert_eq!(fetch(&[Fetch::peek(bad)]), None, "{bad}");
        }
        for bad in ["x", "1.", "0", "1.x", "1]\r\nA1 LOGOUT\r\n"] {
            assert_eq!(fetch(&[Fetch::binary(bad)]), None, "{bad}");
            assert_eq!(fetch(&[Fetch::peek(Section::WHOLE.of(bad))]), None, "{bad}");
        }
        for bad in ["", "A\r\nB", "A B", "A:", "é", "A\0"] {
            assert_eq!(fetch(&[Fetch::peek(Section::header_fields(&[bad]))]), None, "{bad}");
        }
        assert_eq!(fetch(&[Fetch::peek(Section::header_fields(&[]))]), None);
        assert_eq!(fetch(&[]), None);
        assert_eq!(fetch(&[Fetch::All, Fetch::Uid]), None);
        assert_eq!(fetch(&[Fetch::peek("").partial(0, 0)]), None);
        assert_eq!(fetch(&[Fetch::Other("X Y")]), None);
        assert!(encode(&FetchCommand::new(0, &[Fetch::Uid]), false).is_err());
    }

    #[test]
    fn items() {
        assert_eq!(Item::parse(b"UID 4827313", false), Some(Item::Uid(4_827_313)));
        let Some(Item::Flags(flags)) = Item::parse(br"FLAGS (\Seen $Junk)", false) else {
            panic!()
        };
        assert!(flags.contains(Flag::Seen) && flags.contains(Flag::JUNK));
        assert_eq!(
            Item::parse(b"RFC822.SIZE 5000000000", false),
            Some(Item::Rfc822Size(5_000_000_000))
        );
        let Some(Item::InternalDate(moment)) =
            Item::parse(b"INTERNALDATE \" 7-Feb-1994 21:52:25 -0800\"", false)
        else {
            panic!()
        };
        assert_eq!(moment.date, Date { year: 1994, month: 2, day: 7 });
        assert!(matches!(
            Item::parse(b"ENVELOPE (\"d\" {2}\r\n() NIL)", false),
            Some(Item::Envelope(_))
        ));
        let body = b"BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 12 1)";
        assert!(matches!(Item::parse(body, false), Some(Item::Body(_))));
        let body = b"BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 12 1)";
        assert!(matches!(Item::parse(body, false), Some(Item::BodyStructure(_))));
        let size = Item::BinarySize { part: "1.2".into(), size: 4096 };
        assert_eq!(Item::parse(b"BINARY.SIZE[1.2] 4096", false), Some(size));
        assert_eq!(Item::parse(b"MODSEQ (624140003)", false), Some(Item::ModSeq(624_140_003)));
    }

    #[test]
    fn items_of_extensions() {
        let text = |text: &'static str| Str::from(text);
        for (raw, wanted) in [
            (&b"EMAILID (M6d99ac3275bb4e)"[..], Item::EmailId(text("M6d99ac3275bb4e"))),
            (b"THREADID (T64b478a75b7ea9)", Item::ThreadId(Some(text("T64b478a75b7ea9")))),
            (b"THREADID NIL", Item::ThreadId(None)),
            (b"savedate nil", Item::SaveDate(None)),
            (b"PREVIEW NIL", Item::Preview(None)),
            (b"PREVIEW \"\"", Item::Preview(Some(text("")))),
            (b"PREVIEW {5}\r\nHello", Item::Preview(Some(text("Hello")))),
            (b"X-GM-MSGID 1278455344230334865", Item::XGmMsgId(1_278_455_344_230_334_865)),
            (b"X-GM-THRID 18446744073709551615", Item::XGmThrId(u64::MAX)),
        ] {
            assert_eq!(Item::parse(raw, false), Some(wanted));
        }
        let Some(Item::SaveDate(Some(date))) =
            Item::parse(b"SAVEDATE \"01-Jan-1970 00:00:01 +0000\"", false)
        else {
            panic!()
        };
        assert_eq!(date.to_unix(), 1);
        let labels = b"X-GM-LABELS (\"\\\\Inbox\" \\Sent Important \"Muy Importante\" [x])";
        let Some(Item::XGmLabels(labels)) = Item::parse(labels, false) else { panic!() };
        let wanted = ["\\Inbox", "\\Sent", "Important", "Muy Importante", "[x]"];
        assert!(
            labels.iter().eq(wanted.map(|name| crate::imap::Mailbox::new(name.into(), false))),
            "{labels:?}"
        );
        for bad in [
            &b"EMAILID NIL"[..],
            b"EMAILID ()",
            b"THREADID x",
            b"SAVEDATE x",
            b"PREVIEW (a)",
            b"X-GM-MSGID x",
            b"X-GM-LABELS x",
        ] {
            assert_eq!(Item::parse(bad, false), None, "{bad:?}");
        }
    }

    #[test]
    fn commands_of_extensions() {
        let items = [
            Fetch::ModSeq,
            Fetch::EmailId,
            Fetch::ThreadId,
            Fetch::SaveDate,
            Fetch::Preview { lazy: false },
            Fetch::Preview { lazy: true },
            Fetch::XGmMsgId,
            Fetch::XGmThrId,
            Fetch::XGmLabels,
        ];
        assert_eq!(
            fetch(&items).unwrap(),
            "(MODSEQ EMAILID THREADID SAVEDATE PREVIEW PREVIEW (LAZY) X-GM-MSGID X-GM-THRID \
             X-GM-LABELS)"
        );
        let command = FetchCommand::uid(1.., &[Fetch::Flags]);
        says(
            &command.changed_since(12345).vanished(),
            "UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)",
        );
        says(
            &command.partial(PartialRange::last(1, 30)).changed_since(98305),
            "UID FETCH 1:* FLAGS (CHANGEDSINCE 98305 PARTIAL -1:-30)",
        );
        let by_number = FetchCommand::new(1.., &[Fetch::Flags]);
        says(&by_number.changed_since(7), "FETCH 1:* FLAGS (CHANGEDSINCE 7)");
        for bad in [
            by_number.changed_since(7).vanished(),
            command.vanished(),
            by_number.partial(PartialRange::first(1, 2)),
            command.partial(PartialRange::first(0, 2)),
        ] {
            assert!(encode(&bad, false).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn odd_items() {
        // QQ; DavMail; a server in lower case; GreenMail's missing space.
        assert_eq!(Item::parse(b"UID 19436 ", false), Some(Item::Uid(19436)));
        assert_eq!(Item::parse(b"UID  0", false), Some(Item::Uid(0)));
        assert_eq!(Item::parse(b"uid 1", false), Some(Item::Uid(1)));
        assert!(matches!(Item::parse(b"flags(\\Seen)", false), Some(Item::Flags(_))));
        assert_eq!(Item::parse(b"MODSEQ ( 1 ) ", false), Some(Item::ModSeq(1)));
        for bad in [
            &b""[..],
            b"UID",
            b"UID ",
            b"UID x",
            b"UID 4294967296",
            b"UID 1 2",
            b" 1",
            b"FLAGS \\Seen",
            b"FLAGS (",
            b"ENVELOPE NIL",
            b"BODY NIL",
            b"BODYSTRUCTURE (\"TEXT\"",
            b"INTERNALDATE NIL",
            b"RFC822.SIZE -1",
            b"BINARY.SIZE[1.TEXT] 5",
            b"BINARY.SIZE[1] NIL",
            b"MODSEQ 5",
            b"X-Y (",
        ] {
            assert_eq!(Item::parse(bad, false), None, "{bad:?}");
        }
    }

    #[test]
    fn unknown_items() {
        for (raw, name, value) in [
            (&b"X-MSGID 1278455344230334865"[..], "X-MSGID", "1278455344230334865"),
            (b"X-LABELS (\"\\\\Inbox\" \"a)\" (b))", "X-LABELS", "(\"\\\\Inbox\" \"a)\" (b))"),
            (b"X-VIEW {3}\r\n a)", "X-VIEW", "{3}\r\n a)"),
            (b"X-VIEW NIL", "X-VIEW", "NIL"),
            (b"X[1 2] (a)", "X[1 2]", "(a)"),
        ] {
            let wanted = Item::Other { name: name.into(), value: value.into() };
            assert_eq!(Item::parse(raw, false), Some(wanted));
        }
    }

    #[test]
    fn sizes() {
        assert!(size_of::<Item<'_>>() <= 96, "{}", size_of::<Item<'_>>());
        assert!(size_of::<event::Fetch<'_>>() <= 96, "{}", size_of::<event::Fetch<'_>>());
    }

    /// Every prefix of an item is an item or none, and no panic.
    #[test]
    fn cut_anywhere() {
        let raw = b"BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"A\" \"B\") NIL NIL \"7BIT\" 12 1)(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 ({1}\r\nd \"s\" ((NIL NIL \"a\" \"b\"))) (\"A\" \"B\") 1) \"MIXED\" NIL)";
        for end in 0..raw.len() {
            for start in 0..end {
                if let Some(structure) = BodyStructure::parse(&raw[start..end]) {
                    for part in structure.walk() {
                        let _ = std::format!("{part:?} {:?} {:?}", part.envelope(), part.raw());
                    }
                }
                let _ = std::format!("{:?}", Envelope::parse(&raw[start..end]));
                assert!(start != 0 || Item::parse(&raw[..end], false).is_none());
            }
        }
    }
}
