//! What is known of the message that is to be told next.

use super::Alert;
use crate::imap::{FlagSet, Path, Piece, TextPart};
use crate::message::{Charset, Encoding, HeaderScanner, Preview, Wanted};
use crate::{DateTime, Str};

/// The fields that an alert shows.
const FIELDS: [&str; 3] = ["From", "Subject", "Date"];

/// What is known of a message so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    fields: [Wanted<'static, 'a>; 3],
    scanner: HeaderScanner,
    preview: Preview<'a>,
    has_preview: bool,
    /// The bytes that come now.
    body: Bytes,
    /// How often it was begun and not ended.
    begun: u8,
    uid: u32,
    facts: Facts,
    /// What the response that is being read says, of whatever message.
    incoming: Facts,
    /// The text part whose beginning is to be shown.
    pub(super) part: Option<Path>,
}

/// What comes in small items.
#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    uid: Option<u32>,
    flags: Option<FlagSet>,
    size: Option<u64>,
    arrived: Option<DateTime>,
    /// Whether a header came.
    header: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    Ignored,
    Header,
    Text,
}

impl<'a> Draft<'a> {
    /// Of the memory the Date field gets 40 bytes or an eighth, From and Subject a quarter each,
    /// and the preview what is left.
    pub(super) fn new(text: &'a mut [u8]) -> Self {
        let size = text.len();
        let (from, rest) = text.split_at_mut_checked(size >> 2).unwrap_or_default();
        let (subject, rest) = rest.split_at_mut_checked(size >> 2).unwrap_or_default();
        let (date, preview) = rest.split_at_mut_checked((size >> 3).min(40)).unwrap_or_default();
        let [from_name, subject_name, date_name] = FIELDS;
        Self {
            fields: [
                Wanted::new(from_name, from),
                Wanted::new(subject_name, subject),
                Wanted::new(date_name, date),
            ],
            scanner: HeaderScanner::new(),
            preview: Preview::new(preview),
            has_preview: false,
            body: Bytes::Ignored,
            begun: 0,
            uid: 0,
            facts: Facts::default(),
            incoming: Facts::default(),
            part: None,
        }
    }

    /// Of this message nothing is known yet.
    pub(super) fn begin(&mut self, uid: u32) {
        self.forget_header();
        self.preview.clear();
        self.has_preview = false;
        self.begun = if self.uid == uid { self.begun.wrapping_add(1) } else { 1 };
        self.uid = uid;
        self.facts = Facts::default();
        self.part = None;
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// Whether the connection died twice of asking for it.
    pub(super) fn is_deadly(&self) -> bool {
        self.begun > 2
    }

    /// Whether the server told anything of it.
    pub(super) fn is_known(&self) -> bool {
        self.facts.uid.is_some() || self.facts.header
    }

    /// A piece of a FETCH response. It may be of another message: the server tells what it
    /// likes.
    #[inline(never)] // Flash and stack.
    pub(super) fn hear(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Start { uid } => self.incoming = Facts { uid, ..Facts::default() },
            Piece::Uid(uid) => self.incoming.uid = Some(uid),
            Piece::Flags(flags) => self.incoming.flags = Some(flags),
            Piece::Rfc822Size(size) => self.incoming.size = Some(size),
            Piece::InternalDate(moment) => self.incoming.arrived = Some(moment),
            Piece::Preview(text) if self.is_ours() => self.shown(text),
            Piece::Text(part) if self.is_ours() => self.choose(&part),
            Piece::Header if self.is_ours() => {
                self.body = Bytes::Header;
                self.forget_header();
                self.incoming.header = true;
            }
            Piece::Body if self.is_ours() && !self.has_preview => {
                self.body = Bytes::Text;
                self.has_preview = true;
            }
            Piece::Header | Piece::Body | Piece::Other => self.body = Bytes::Ignored,
            Piece::Chunk(bytes) => match self.body {
                Bytes::Header => {
                    self.scanner.feed(bytes, &mut self.fields);
                }
                Bytes::Text => {
                    self.preview.feed(bytes);
                }
                Bytes::Ignored => {}
            },
            Piece::End => {
                let Facts { uid, flags, size, arrived, header } = self.incoming;
                if uid.map_or(header, |uid| uid == self.uid) {
                    self.facts = Facts {
                        uid: Some(self.uid),
                        flags: flags.or(self.facts.flags),
                        size: size.or(self.facts.size),
                        arrived: arrived.or(self.facts.arrived),
                        header: header || self.facts.header,
                    };
                } else if header {
                    // Its UID came behind it.
                    self.forget_header();
                }
            }
            _ => {}
        }
    }

    /// Whether the response that is being read may be of the message that was asked for.
    fn is_ours(&self) -> bool {
        self.incoming.uid.is_none_or(|uid| uid == self.uid)
    }

    fn forget_header(&mut self) {
        self.fields.iter_mut().for_each(Wanted::clear);
        self.scanner = HeaderScanner::new();
    }

    /// The server's own preview.
    fn shown(&mut self, text: Str<'_>) {
        self.has_preview = true;
        self.preview.charset(Charset::UTF_8);
        for byte in text.bytes() {
            if !self.preview.feed(&[byte]) {
                break;
            }
        }
    }

    /// Its beginning is to be shown.
    fn choose(&mut self, part: &TextPart<'_>) {
        let is_in = |name| part.encoding.is_some_and(|it| it.eq_ignore_ascii_case(name));
        let encoding = match () {
            () if is_in("base64") => Encoding::Base64,
            () if is_in("quoted-printable") => Encoding::QuotedPrintable,
            () => Encoding::Identity,
        };
        let charset = part.charset.and_then(Charset::for_label);
        self.preview.encoding(encoding);
        self.preview.charset(charset.unwrap_or(Charset::UNLABELLED));
        if part.html {
            self.preview.html();
        }
        self.part = Some(part.path);
    }

    /// How much of the text to ask for: three octets for each that is shown, since HTML and base64
    /// say little with many.
    pub(super) fn preview_octets(&self) -> u64 {
        (self.preview.capacity() as u64).saturating_mul(3).max(256)
    }

    /// Nothing more is awaited.
    pub(super) fn end(&mut self) {
        self.begun = 0;
        self.preview.finish();
    }

    pub(super) fn alert(&self, mailbox: usize) -> Alert<'_> {
        let [from, subject, date] = &self.fields;
        Alert {
            mailbox,
            uid: self.uid,
            unique_id: Str::default(),
            from: from.addresses(),
            subject: subject.text(),
            date: date.date_time().or(self.facts.arrived),
            size: self.facts.size,
            flags: self.facts.flags.unwrap_or_default(),
            preview: self.has_preview.then(|| self.preview.as_str()),
        }
    }
}
