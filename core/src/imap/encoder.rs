//! How a command's bytes get into Tx.

use super::syntax::flag::is_flag_char;
use super::syntax::is_atom_char;
use super::syntax::mailbox::encode_utf7;
use super::syntax::number::Digits;
use super::{Date, DateTime, Flag, Mailbox, SequenceSet};
use crate::error::{Error, ResourceError, UsageError};
use crate::Tx;

/// Which literals need no `+` from the server (RFC 7888).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Literals {
    /// All of them wait.
    #[default]
    Synchronising,
    /// LITERAL-, and IMAP4rev2: those of up to 4096 bytes do not wait.
    Minus,
    /// LITERAL+: none waits.
    Plus,
}

impl Literals {
    const fn waits(self, size: u64) -> bool {
        match self {
            Self::Synchronising => true,
            Self::Minus => size > 4096,
            Self::Plus => false,
        }
    }
}

/// A literal whose bytes do not go through the encoder: the message of an APPEND.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamedLiteral {
    /// How many bytes are to come.
    pub(crate) size: u64,
    /// Whether the server's `+` must come first. No gate is set for it.
    pub(crate) gated: bool,
    tail: [u8; 4],
    tail_length: usize,
}

impl StreamedLiteral {
    /// What ends the command behind the literal, its CRLF included.
    pub(crate) fn tail(&self) -> &[u8] {
        self.tail.get(..self.tail_length).unwrap_or_default()
    }
}

/// Writes the arguments of a [`Command`](super::Command) so that none of them can be taken
/// for anything else.
///
/// Errors are remembered, so that calls can be chained; the command is then not sent, and
/// nothing of it stays in Tx. Text that cannot be quoted goes as a literal.
#[derive(Debug)]
pub struct Encoder<'t, 'b> {
    tx: &'t mut Tx<'b>,
    mark: usize,
    literals: Literals,
    utf8: bool,
    /// Bytes so far, whether they had room or not.
    needed: usize,
    full: bool,
    error: Option<Error>,
    streamed: Option<StreamedLiteral>,
}

impl<'t, 'b> Encoder<'t, 'b> {
    /// An encoder for one command. `utf8`: whether IMAP4rev2 or UTF8=ACCEPT is enabled.
    pub(crate) fn new(tx: &'t mut Tx<'b>, literals: Literals, utf8: bool) -> Self {
        let mark = tx.mark();
        Self { tx, mark, literals, utf8, needed: 0, full: false, error: None, streamed: None }
    }

    /// Ends the command: all of it is in Tx, or nothing.
    pub(crate) fn finish(self) -> Result<Option<StreamedLiteral>, Error> {
        let error = match self.error {
            Some(error) => error,
            None if self.full => Error::Resource(ResourceError::TxFull {
                needed: self.needed,
                capacity: self.tx.capacity(),
            }),
            None => return Ok(self.streamed),
        };
        self.tx.truncate(self.mark);
        Err(error)
    }

    /// Whether strings and names may go as UTF-8 in quotes.
    pub fn is_utf8(&self) -> bool {
        self.utf8
    }

    /// Refuses the command: an argument is invalid, and this says which or why. The first
    /// one counts.
    pub fn invalid(&mut self, why: &'static str) -> &mut Self {
        self.fail(UsageError::InvalidArgument(why).into())
    }

    fn fail(&mut self, error: Error) -> &mut Self {
        self.error.get_or_insert(error);
        self
    }

    /// Bytes, unchecked.
    fn push(&mut self, bytes: &[u8]) -> &mut Self {
        if self.error.is_some() {
            return self;
        }
        if let Some(streamed) = &mut self.streamed {
            for &byte in bytes {
                let Some(place) = streamed.tail.get_mut(streamed.tail_length) else {
                    return self.invalid("too much behind a streamed literal");
                };
                *place = byte;
                streamed.tail_length = streamed.tail_length.wrapping_add(1);
            }
            return self;
        }
        self.needed = self.needed.saturating_add(bytes.len());
        self.full = self.full || !self.tx.push(bytes);
        self
    }

    /// The end of a line.
    pub(crate) fn crlf(&mut self) -> &mut Self {
        self.push(b"\r\n")
    }

    /// What follows waits for the server's `+`.
    pub(crate) fn gate(&mut self) -> &mut Self {
        if self.error.is_none()
            && !self.full
            && let Err(error) = self.tx.push_gate()
        {
            self.fail(error.into());
        }
        self
    }

    /// All that was written so far is wiped once it is sent.
    pub(crate) fn secret(&mut self) -> &mut Self {
        self.tx.mark_secret();
        self
    }

    /// Text of the grammar's own: words, spaces, parentheses. It must not hold CR, LF or
    /// NUL nor end in `}`, and must not come from outside of the program.
    pub fn raw(&mut self, text: &[u8]) -> &mut Self {
        if text.last() == Some(&b'}') || text.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return self.invalid("raw text with CR, LF, NUL or an announced literal");
        }
        self.push(text)
    }

    /// A space.
    pub fn sp(&mut self) -> &mut Self {
        self.push(b" ")
    }

    /// `atom = 1*ATOM-CHAR` (RFC 9051 section 9).
    pub fn atom(&mut self, word: &str) -> &mut Self {
        let valid = word.bytes().all(|byte| byte.is_ascii() && is_atom_char(byte));
        if word.is_empty() || !valid {
            return self.invalid("not an atom");
        }
        self.push(word.as_bytes())
    }

    /// `number` or `number64` (RFC 9051 section 9).
    pub fn number(&mut self, value: u64) -> &mut Self {
        self.push(Digits::new(value).as_bytes())
    }

    /// A number with at least so many digits, up to twenty.
    fn padded(&mut self, value: u64, width: usize) -> &mut Self {
        let digits = Digits::new(value);
        for _ in digits.as_bytes().len()..width {
            self.push(b"0");
        }
        self.push(digits.as_bytes())
    }

    /// `astring = 1*ASTRING-CHAR / string` (RFC 9051 section 9). Always a string here.
    pub fn astring(&mut self, value: &[u8]) -> &mut Self {
        self.string(value)
    }

    /// ```abnf
    /// string = quoted / literal
    /// ```
    /// RFC 9051 section 9. A literal if it must be one: for CR and LF, and for 8-bit bytes
    /// unless they are UTF-8 and that [may be quoted](Self::is_utf8). NUL is invalid.
    pub fn string(&mut self, value: &[u8]) -> &mut Self {
        let quotable = if self.utf8 { core::str::from_utf8(value).is_ok() } else { value.is_ascii() };
        if !quotable || value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return self.literal(value);
        }
        if value.contains(&0) {
            return self.invalid("a string with NUL");
        }
        self.push(b"\"");
        for byte in value {
            self.quoted_char(*byte);
        }
        self.push(b"\"")
    }

    fn quoted_char(&mut self, byte: u8) {
        if matches!(byte, b'"' | b'\\') {
            self.push(b"\\");
        }
        self.push(&[byte]);
    }

    /// `nstring = string / nil` (RFC 9051 section 9).
    pub fn nstring(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => self.string(value),
            None => self.push(b"NIL"),
        }
    }

    /// A [`string`](Self::string) that is wiped once it is sent.
    pub fn secret_string(&mut self, value: &[u8]) -> &mut Self {
        self.string(value).secret()
    }

    /// [`raw`](Self::raw) text that is wiped once it is sent.
    pub fn secret_raw(&mut self, text: &[u8]) -> &mut Self {
        self.raw(text).secret()
    }

    /// `mailbox = "INBOX" / astring` (RFC 9051 section 9): the name as people read it. It
    /// goes as UTF-8 if that [may be](Self::is_utf8), else as modified UTF-7 (RFC 3501
    /// section 5.1.3).
    pub fn mailbox(&mut self, name: &str) -> &mut Self {
        if self.utf8 {
            return self.string(name.as_bytes());
        }
        if name.contains('\0') {
            return self.invalid("a mailbox name with NUL");
        }
        self.push(b"\"");
        encode_utf7(name, |byte| self.quoted_char(byte));
        self.push(b"\"")
    }

    /// `list-mailbox = 1*list-char / string` (RFC 9051 section 9): a
    /// [mailbox](Self::mailbox) name in which `*` and `%` match others.
    pub fn list_mailbox(&mut self, pattern: &str) -> &mut Self {
        self.mailbox(pattern)
    }

    /// A [`mailbox`](Self::mailbox) name just as it was received: for names whose encoding
    /// is broken.
    pub fn mailbox_as_received(&mut self, name: &Mailbox<'_>) -> &mut Self {
        let name = name.as_received();
        if let Some(bytes) = name.as_bytes() {
            return self.string(bytes);
        }
        // It came quoted, so it can go quoted, but for what is not allowed in quotes.
        if name.bytes().any(|byte| matches!(byte, 0 | b'\r' | b'\n') || (byte >= 0x80 && !self.utf8)) {
            return self.invalid("a mailbox name that cannot be quoted");
        }
        self.push(b"\"");
        for byte in name.bytes() {
            self.quoted_char(byte);
        }
        self.push(b"\"")
    }

    /// `flag-list = "(" [flag *(SP flag)] ")"` (RFC 9051 section 9). `\Recent` and `\*`
    /// are not among them.
    pub fn flags(&mut self, flags: &[Flag<'_>]) -> &mut Self {
        self.push(b"(");
        for (index, flag) in flags.iter().enumerate() {
            if index > 0 {
                self.sp();
            }
            self.flag(flag);
        }
        self.push(b")")
    }

    /// `flag` (RFC 9051 section 9).
    pub fn flag(&mut self, flag: &Flag<'_>) -> &mut Self {
        let (slash, name) = match *flag {
            Flag::Seen => (true, "Seen"),
            Flag::Answered => (true, "Answered"),
            Flag::Flagged => (true, "Flagged"),
            Flag::Deleted => (true, "Deleted"),
            Flag::Draft => (true, "Draft"),
            Flag::Extension(name) => (true, name),
            Flag::Keyword(name) => (false, name),
            Flag::Recent | Flag::Wildcard | Flag::Other(_) => {
                return self.invalid("a flag that cannot be set");
            }
        };
        if !name.bytes().all(is_flag_char) {
            return self.invalid("a flag's name that is no atom");
        }
        if slash {
            self.push(b"\\");
        }
        self.atom(name)
    }

    /// `sequence-set` (RFC 9051 section 9).
    pub fn sequence_set(&mut self, set: &SequenceSet<'_>) -> &mut Self {
        if !set.is_valid() {
            return self.invalid("a set that is empty or holds zero");
        }
        if set.is_search_result() {
            return self.push(b"$");
        }
        for (index, range) in set.iter().enumerate() {
            if index > 0 {
                self.push(b",");
            }
            self.sequence_number(range.start);
            if range.start != range.end {
                self.push(b":").sequence_number(range.end);
            }
        }
        self
    }

    fn sequence_number(&mut self, number: super::Number) -> &mut Self {
        match number {
            super::Number::Value(value) => self.number(value.into()),
            super::Number::Star => self.push(b"*"),
        }
    }

    /// `date-text = date-day "-" date-month "-" date-year` (RFC 9051 section 9).
    pub fn date(&mut self, date: &Date) -> &mut Self {
        if !date.is_valid() {
            return self.invalid("no such date");
        }
        self.number(date.day.into()).push(b"-").push(date.month_name()).push(b"-");
        self.padded(date.year.into(), 4)
    }

    /// `date-time`, with its quotes (RFC 9051 section 9).
    pub fn date_time(&mut self, moment: &DateTime) -> &mut Self {
        if !moment.is_valid() {
            return self.invalid("no such date");
        }
        let (sign, hours, minutes) = moment.zone();
        self.push(if moment.date.day < 10 { b"\" " } else { b"\"" }).date(&moment.date);
        self.sp().padded(moment.hour.into(), 2);
        self.push(b":").padded(moment.minute.into(), 2);
        self.push(b":").padded(moment.second.into(), 2);
        self.sp().push(&[sign as u8]).padded(hours.into(), 2).padded(minutes.into(), 2);
        self.push(b"\"")
    }

    /// `literal = "{" number64 ["+"] "}" CRLF *CHAR8` (RFC 9051 section 9). NUL is invalid.
    pub fn literal(&mut self, value: &[u8]) -> &mut Self {
        if value.contains(&0) {
            return self.invalid("a string with NUL");
        }
        let size = value.len() as u64;
        if self.literal_head(size) {
            self.gate();
        }
        self.push(value)
    }

    /// A literal whose bytes are given to Tx later, as room allows: the message of an
    /// APPEND, or with `literal8` one that may hold NUL (RFC 3516). Only a closing
    /// parenthesis may follow it.
    pub fn stream_literal(&mut self, size: u64, literal8: bool) -> &mut Self {
        if self.streamed.is_some() {
            return self.invalid("two streamed literals");
        }
        if literal8 {
            self.push(b"~");
        }
        let gated = self.literal_head(size);
        self.streamed = Some(StreamedLiteral { size, gated, tail: [0; 4], tail_length: 0 });
        self
    }

    /// Announces a literal; whether it has to wait.
    fn literal_head(&mut self, size: u64) -> bool {
        let waits = self.literals.waits(size);
        self.push(b"{").number(size).push(if waits { b"}\r\n" } else { b"+}\r\n" });
        waits
    }
}
