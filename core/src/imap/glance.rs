//! What a watcher has to know of what came. It has readers of its own, which read that and nothing
//! else: so a program that watches, and no more, does without those of the events.

use super::fetch::value::{self, Values};
use super::mailbox_status::MailboxStatus;
use super::search::{Esearch, Numbers};
use super::syntax::{flag_list, nstring, number, number64, sp0, value as skip};
use super::{FlagSet, Status, Str, Tag};
use crate::{DateTime, message};

/// What came.
pub(crate) enum Glance<'r> {
    /// The end of a command.
    Completed { tag: Tag, status: Status },
    /// The server awaits a SASL response.
    Challenge { challenge: &'r [u8], truncated: bool },
    /// The server agreed to TLS.
    StartTls,
    /// The server awaits the literal of the caller's command.
    SendLiteral { tag: Tag, remaining: u64 },
    /// The server awaits the next part of the caller's APPEND.
    NextPart { tag: Tag },
    /// IDLE is on.
    Idling,
    /// EXISTS
    Exists,
    /// STATUS
    MailboxStatus(MailboxStatus<'r>),
    /// SEARCH
    Search(Numbers<'r>),
    /// ESEARCH
    Esearch(Esearch<'r>),
    /// A response that could not be read, or that did not fit Rx.
    Unreadable,
    /// A piece of a FETCH response.
    Fetch(Piece<'r>),
    /// Anything else.
    Other,
}

/// A piece of a FETCH response.
pub(crate) enum Piece<'r> {
    Start {
        uid: Option<u32>,
    },
    Uid(u32),
    Flags(FlagSet),
    Rfc822Size(u64),
    InternalDate(DateTime),
    Preview(Str<'r>),
    /// Of BODYSTRUCTURE, the part whose beginning is to be shown.
    Text(TextPart<'r>),
    /// The fields of the header come.
    Header,
    /// The text comes.
    Body,
    /// Some other section comes, or an item that was not asked for.
    Other,
    Chunk(&'r [u8]),
    End,
}

impl<'r> Piece<'r> {
    /// An item, whole: see [`Item::parse`](super::Item::parse).
    pub(super) fn item(raw: &'r [u8]) -> Self {
        Self::known_item(raw).unwrap_or(Self::Other)
    }

    fn known_item(raw: &'r [u8]) -> Option<Self> {
        let end = raw.iter().position(|byte| matches!(byte, b' ' | b'(' | b'[' | b'"' | b'{'))?;
        let (name, rest) = raw.split_at_checked(end)?;
        let (value, ()) = sp0(rest).ok()?;
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        Some(match name.len() {
            3 if is(b"UID") => Self::Uid(number(value).ok()?.1),
            5 if is(b"FLAGS") => Self::Flags(flag_list(value).ok()?.1.to_set()),
            7 if is(b"PREVIEW") => Self::Preview(nstring(value).ok()?.1?),
            11 if is(b"RFC822.SIZE") => Self::Rfc822Size(number64(value).ok()?.1),
            12 if is(b"INTERNALDATE") => {
                Self::InternalDate(message::date_time(nstring(value).ok()?.1?)?)
            }
            13 if is(b"BODYSTRUCTURE") => Self::Text(TextPart::find(value)?),
            _ => return None,
        })
    }

    /// The name of a section whose bytes come: see
    /// [`SectionName::parse`](super::SectionName::parse).
    pub(super) fn section(name: &[u8]) -> Self {
        let bracket = name.iter().position(|&byte| byte == b'[').unwrap_or(name.len());
        let inside = name.get(bracket..).unwrap_or_default();
        let end = inside.iter().position(|byte| !matches!(byte, b'[' | b'0'..=b'9' | b'.'));
        let text = inside.get(end.unwrap_or(0)..).unwrap_or_default();
        let fields = b"HEADER.FIELDS";
        match text {
            [b']', ..] => Self::Body,
            _ if text.get(..fields.len()).is_some_and(|it| it.eq_ignore_ascii_case(fields)) => {
                Self::Header
            }
            _ => Self::Other,
        }
    }
}

/// The number of a part (RFC 9051 section 6.4.5). Of those nested deeper than this has room for
/// nothing is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    /// The first counts the outermost part, which has no number unless it has no parts.
    numbers: [u8; 9],
    len: u8,
}

impl Path {
    const OUTSIDE: Self = Self { numbers: [0; 9], len: 1 };

    /// Before the parts of this one.
    fn enter(&mut self) -> Option<()> {
        *self.numbers.get_mut(usize::from(self.len))? = 0;
        self.len = self.len.wrapping_add(1);
        Some(())
    }

    /// To the next part here.
    fn advance(&mut self) -> Option<()> {
        let last = self.numbers.get_mut(usize::from(self.len.checked_sub(1)?))?;
        *last = last.checked_add(1)?;
        Some(())
    }

    pub(crate) fn numbers(&self) -> &[u8] {
        match self.numbers.get(..usize::from(self.len)).unwrap_or_default() {
            [_, inner @ ..] if !inner.is_empty() => inner,
            outermost => outermost,
        }
    }
}

/// A text part that is meant to be read.
#[derive(Clone, Copy)]
pub(crate) struct TextPart<'a> {
    pub(crate) path: Path,
    /// Whether it is HTML, not plain.
    pub(crate) html: bool,
    pub(crate) charset: Option<Str<'a>>,
    pub(crate) encoding: Option<Str<'a>>,
}

impl<'a> TextPart<'a> {
    /// The first plain text of a message, else the first HTML. Texts of a message in the message
    /// are none of its own.
    ///
    /// ```abnf
    /// body            = "(" (body-type-1part / body-type-mpart) ")"
    /// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    /// ```
    /// RFC 9051 section 9.
    fn find(structure: &'a [u8]) -> Option<Self> {
        let mut rest = structure;
        let mut path = Path::OUTSIDE;
        let mut html = None;
        while let Ok(([first, inner @ ..], ())) = sp0(rest) {
            if *first == b'(' {
                if path.advance().is_none() {
                    break;
                }
                if inner.trim_ascii_start().starts_with(b"(") && path.enter().is_some() {
                    rest = inner;
                    continue;
                }
                let Ok((after, part)) = skip(sp0(rest).ok()?.0) else { break };
                rest = after;
                match Self::read(part, path) {
                    Some(part) if !part.html => return Some(part),
                    part => html = html.or(part),
                }
            } else {
                // What is behind the parts of a multipart.
                let mut values = Values::from(rest);
                values.by_ref().for_each(drop);
                let Ok((after, ())) = value::close(values.rest()) else { break };
                rest = after;
                path.len = path.len.saturating_sub(1);
            }
        }
        html
    }

    /// ```abnf
    /// body-type-text = DQUOTE "TEXT" DQUOTE SP media-subtype SP body-fields SP body-fld-lines
    /// body-fields    = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP
    ///                  body-fld-octets
    /// body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang …]]
    /// body-fld-dsp   = "(" string SP body-fld-param ")" / nil
    /// ```
    /// RFC 9051 section 9. Exchange sends the disposition as a mere string. `None` if it is no
    /// text, or one that is attached.
    fn read(part: &'a [u8], path: Path) -> Option<Self> {
        let mut fields = Values::of(part);
        let kind = value::text(fields.next()?)?;
        let subtype = value::text(fields.next()?)?;
        let html = subtype.eq_ignore_ascii_case("html");
        if !kind.eq_ignore_ascii_case("text") || !(html || subtype.eq_ignore_ascii_case("plain")) {
            return None;
        }
        let mut params = Values::of(fields.next().unwrap_or_default());
        let mut charset = None;
        while let (None, Some(name), Some(of)) = (charset, params.next(), params.next()) {
            charset = value::text(name)
                .filter(|name| name.eq_ignore_ascii_case("charset"))
                .and_then(|_| value::text(of));
        }
        let encoding = fields.nth(2).and_then(value::text);
        let attached = fields.any(|field| {
            value::text(field.strip_prefix(b"(").unwrap_or(field))
                .is_some_and(|kind| kind.eq_ignore_ascii_case("attachment"))
        });
        (!attached).then_some(Self { path, html, charset, encoding })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn the_text_that_is_meant_to_be_read() {
        const PLAIN: &str = r#"("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "BASE64" 9 1)"#;
        const HTML: &str = r#"("text" "html" ("x" "y" "charset" "latin1") NIL NIL "7bit" 9 1)"#;
        const FILE: &str =
            r#"("text" "plain" NIL NIL NIL "7bit" 9 1 NIL ("attachment" ("filename" "a")) NIL)"#;
        // Exchange.
        const FILE_TOO: &str = r#"("text" "plain" NIL NIL NIL 7BIT 9 1 NIL "ATTACHMENT" NIL)"#;
        const IMAGE: &str = r#"("image" "png" ("name" "((\"") NIL NIL "base64" 9)"#;
        let message = format!(
            r#"("message" "rfc822" NIL NIL NIL "7bit" 9 ({}) {PLAIN} 5)"#,
            ["NIL"; 10].join(" ")
        );
        for (structure, wanted) in [
            (PLAIN.into(), Some((&[1][..], false))),
            (format!(" {HTML} "), Some((&[1], true))),
            (
                format!(r#"({HTML}{PLAIN} "ALTERNATIVE" ("boundary" "x)") NIL)"#),
                Some((&[2], false)),
            ),
            (
                format!(r#"(({HTML} "related")({IMAGE}{PLAIN} "x") "mixed")"#),
                Some((&[2, 2], false)),
            ),
            (
                format!(r#"({FILE} {FILE_TOO} {IMAGE} ({HTML}{IMAGE} "x") "mixed")"#),
                Some((&[4, 1], true)),
            ),
            (format!(r#"({message}{HTML} "mixed")"#), Some((&[2], true))),
            (format!(r#"({message} {FILE} "mixed")"#), None),
            (format!("({HTML}{FILE}"), Some((&[1], true))),
            (
                format!("{}{PLAIN}{}", "(".repeat(8), r#" "mixed")"#.repeat(8)),
                Some((&[1; 8], false)),
            ),
            (format!("{}{PLAIN}{}", "(".repeat(9), r#" "mixed")"#.repeat(9)), None),
            (format!("({}{PLAIN})", IMAGE.repeat(254)), Some((&[255], false))),
            (format!("({}{PLAIN})", IMAGE.repeat(255)), None),
            ("(".repeat(1000), None),
            (r#"("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)"#.into(), None),
            ("()".into(), None),
            ("NIL".into(), None),
            (std::string::String::new(), None),
        ] {
            let found = TextPart::find(structure.as_bytes());
            let found = found.as_ref().map(|part| (part.path.numbers(), part.html));
            assert_eq!(found, wanted, "{structure}");
        }
        let part = TextPart::find(HTML.as_bytes()).unwrap();
        assert_eq!(
            (part.charset.unwrap(), part.encoding.unwrap()),
            ("latin1".into(), "7bit".into())
        );
    }

    #[test]
    fn names_of_sections() {
        for (name, header, body) in [
            ("BODY[HEADER.FIELDS (FROM)]", true, false),
            ("BODY[1.header.fields (from)]<0>", true, false),
            // Cyrus cuts them.
            ("BODY[HEADER.FIELDS (FROM SUBJ", true, false),
            ("BODY[1.2]<0>", false, true),
            ("BODY[]", false, true),
            ("BODY[1.2", false, false),
            ("BODY[1.MIME]", false, false),
            ("RFC822", false, false),
        ] {
            let piece = Piece::section(name.as_bytes());
            let is = (matches!(piece, Piece::Header), matches!(piece, Piece::Body));
            assert_eq!(is, (header, body), "{name}");
        }
    }
}
