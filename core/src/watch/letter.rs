//! What is known of a message that comes as a whole, or as its beginning: by TOP or RETR.

use super::Alert;
use crate::Str;
use crate::imap::FlagSet;
use crate::message::{Charset, ContentType, Encoding, HeaderScanner, Preview, Wanted};
use heapless::Vec;

/// The longest boundary between parts (RFC 2046 section 5.1.1).
const BOUNDARY: usize = 70;

const FIELDS: [&str; 6] =
    ["From", "Subject", "Date", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"];

/// How many of the fields are those of the message, not of a part.
const OF_MESSAGE: usize = 3;

/// Reads a message as it comes: the fields that an alert shows, and the beginning of its first
/// text.
#[derive(Debug)]
pub(super) struct Letter<'a> {
    fields: [Wanted<'static, 'a>; 6],
    scanner: HeaderScanner,
    preview: Preview<'a>,
    /// Whether there is a text to be shown.
    has_text: bool,
    place: Place,
    /// What stands between the parts; empty if there are none.
    boundary: Vec<u8, BOUNDARY>,
    /// How much of `--` and the boundary stands at the start of this line; `None` behind what is
    /// another.
    matched: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    /// Before a boundary.
    Between,
    /// In the line of a boundary, behind so many hyphens.
    Boundary {
        hyphens: u8,
    },
    PartHeader,
    /// In the text that is shown.
    Text,
    /// There is nothing more to be read.
    Done,
}

impl<'a> Letter<'a> {
    /// Of the memory the Date field gets 40 bytes or a sixteenth, From, Subject and Content-Type
    /// three sixteenths each, two others 16 bytes, and the preview what is left.
    pub(super) fn new(text: &'a mut [u8]) -> Self {
        let size = text.len();
        let sixteenths = size >> 4;
        let large = sixteenths.saturating_mul(3);
        let small = if size < 128 { 0 } else { 16 };
        let (from, rest) = text.split_at_mut_checked(large).unwrap_or_default();
        let (subject, rest) = rest.split_at_mut_checked(large).unwrap_or_default();
        let (kind, rest) = rest.split_at_mut_checked(large).unwrap_or_default();
        let (date, rest) = rest.split_at_mut_checked(sixteenths.min(40)).unwrap_or_default();
        let (encoding, rest) = rest.split_at_mut_checked(small).unwrap_or_default();
        let (disposition, preview) = rest.split_at_mut_checked(small).unwrap_or_default();
        let [a, b, c, d, e, f] = FIELDS;
        Self {
            fields: [
                Wanted::new(a, from),
                Wanted::new(b, subject),
                Wanted::new(c, date),
                Wanted::new(d, kind),
                Wanted::new(e, encoding),
                Wanted::new(f, disposition),
            ],
            scanner: HeaderScanner::new(),
            preview: Preview::new(preview),
            has_text: false,
            place: Place::Header,
            boundary: Vec::new(),
            matched: None,
        }
    }

    /// Of this message nothing is known yet.
    pub(super) fn begin(&mut self) {
        self.fields.iter_mut().for_each(Wanted::clear);
        self.scanner = HeaderScanner::new();
        self.preview.clear();
        self.has_text = false;
        self.place = Place::Header;
        self.boundary.clear();
        self.matched = None;
    }

    /// The next bytes.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while !rest.is_empty() && self.place != Place::Done {
            let used = match self.place {
                Place::Header => self.header(rest, 0),
                Place::PartHeader => self.header(rest, OF_MESSAGE),
                Place::Text if self.boundary.is_empty() => self.text(rest),
                _ => {
                    if let Some(&byte) = rest.first() {
                        self.line(byte);
                    }
                    1
                }
            };
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    /// The message, or as much of it as was asked for, has come.
    pub(super) fn end(&mut self) {
        self.preview.finish();
    }

    pub(super) fn alert<'r>(
        &'r self,
        number: u32,
        unique_id: &'r [u8],
        size: Option<u64>,
    ) -> Alert<'r> {
        let [from, subject, date, ..] = &self.fields;
        let preview = self.preview.as_str();
        Alert {
            mailbox: 0,
            uid: number,
            unique_id: Str::new(unique_id),
            from: from.addresses(),
            subject: subject.text(),
            date: date.date_time(),
            size,
            flags: FlagSet::default(),
            preview: (self.has_text && !preview.is_empty()).then_some(preview),
        }
    }

    /// A piece of a header, of which the fields from `first` on are wanted. How much of it was
    /// that.
    fn header(&mut self, bytes: &[u8], first: usize) -> usize {
        let fields = self.fields.get_mut(first..).unwrap_or_default();
        let used = self.scanner.feed(bytes, fields);
        if self.scanner.is_done() {
            self.place = self.choose();
            self.matched = Some(0);
        }
        used
    }

    /// A header has ended: what is to be done with what is behind it.
    fn choose(&mut self) -> Place {
        let [.., kind, encoding, disposition] = &self.fields;
        let value = kind.value();
        let kind = ContentType::new(value);
        let multipart = b"multipart/";
        if value.get(..multipart.len()).is_some_and(|it| it.eq_ignore_ascii_case(multipart)) {
            // The innermost that has begun is the one that is walked through: a text is sought,
            // not the end.
            self.boundary.clear();
            let boundary = kind.parameter("boundary").unwrap_or_default();
            let fits = boundary.bytes().all(|byte| self.boundary.push(byte).is_ok());
            return if fits && !boundary.is_empty() { Place::Between } else { Place::Done };
        }
        let html = kind.is("text", "html");
        let attachment = b"attachment";
        let attached = disposition.value().get(..attachment.len());
        let attached = attached.is_some_and(|it| it.eq_ignore_ascii_case(attachment));
        let encoding = match encoding.is_found() {
            true => Encoding::for_name(Str::new(encoding.value())),
            false => Some(Encoding::Identity),
        };
        match encoding {
            Some(encoding) if (html || kind.is("text", "plain")) && !attached => {
                self.preview.encoding(encoding);
                self.preview.charset(kind.charset().unwrap_or(Charset::UNLABELLED));
                if html {
                    self.preview.html();
                }
                self.has_text = true;
                Place::Text
            }
            _ if self.boundary.is_empty() => Place::Done,
            _ => Place::Between,
        }
    }

    fn text(&mut self, bytes: &[u8]) -> usize {
        if !self.preview.feed(bytes) {
            self.place = Place::Done;
        }
        bytes.len()
    }

    /// ```abnf
    /// dash-boundary = "--" boundary
    /// delimiter     = CRLF dash-boundary
    /// close-delimiter = delimiter "--"
    /// ```
    /// RFC 2046 section 5.1.1. Lines may end in a bare LF.
    fn line(&mut self, byte: u8) {
        if let Place::Boundary { hyphens } = self.place {
            self.place = match byte {
                b'\n' => {
                    for field in self.fields.iter_mut().skip(OF_MESSAGE) {
                        field.clear();
                    }
                    self.scanner = HeaderScanner::new();
                    Place::PartHeader
                }
                // What is behind the last part is no text.
                b'-' if hyphens > 0 => Place::Done,
                b'-' => Place::Boundary { hyphens: 1 },
                _ => Place::Boundary { hyphens: 0 },
            };
            return;
        }
        let is_text = self.place == Place::Text;
        if let Some(matched) = self.matched {
            let wanted = match matched {
                0 | 1 => Some(b'-'),
                _ => self.boundary.get(matched.saturating_sub(2)).copied(),
            };
            if wanted == Some(byte) {
                let matched = matched.saturating_add(1);
                self.matched = Some(matched);
                if matched == self.boundary.len().saturating_add(2) {
                    self.place = if is_text { Place::Done } else { Place::Boundary { hyphens: 0 } };
                }
                return;
            }
            if is_text {
                // It is no boundary, but text.
                let inside = self.boundary.get(..matched.saturating_sub(2)).unwrap_or_default();
                self.preview.feed(b"--".get(..matched).unwrap_or(b"--"));
                self.preview.feed(inside);
            }
        }
        self.matched = (byte == b'\n').then_some(0);
        if is_text {
            self.text(&[byte]);
        }
    }
}
