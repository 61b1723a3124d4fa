//! How a command's bytes get into Tx.

use super::capability::{Capability, Offer};
use super::quirks::Quirks;
use super::syntax::is_atom_char;
use super::syntax::mailbox::encode_utf7;
use super::upload::{Upload, Work};
use super::{Date, DateTime, Flag, Mailbox, SequenceSet};
use crate::sasl::Response;
use crate::writer::{Digits, Writer};
use crate::{Error, Tx, UsageError};

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
    pub(crate) tail: Tail,
}

/// What is sent behind a streamed literal: of `)` and CRLF both, one or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tail {
    bytes: [u8; 3],
    length: u8,
}

impl Tail {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length.into()).unwrap_or_default()
    }

    /// `false` if there is no room.
    fn push(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| {
            let place = self.bytes.get_mut(usize::from(self.length));
            self.length = self.length.wrapping_add(u8::from(place.is_some()));
            place.map(|place| *place = byte).is_some()
        })
    }

    /// The line does not end here.
    pub(crate) fn keep_line_open(&mut self) {
        self.length = self.as_bytes().trim_ascii_end().len() as u8;
    }
}

/// What may follow what was encoded of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct GoesOn {
    /// Further messages (RFC 3502).
    pub(crate) messages: bool,
    /// Further parts of a message, up to a `)` (RFC 4469).
    pub(crate) parts: bool,
}

impl GoesOn {
    pub(crate) const fn at_all(self) -> bool {
        self.messages || self.parts
    }
}

/// Writes the arguments of a [`Command`](super::Command) so that none of them can be taken
/// for anything else.
///
/// Errors are remembered, so that calls can be chained; the command is then not sent, and
/// nothing of it stays in Tx. Text that cannot be quoted goes as a literal.
#[derive(Debug)]
pub struct Encoder<'t, 'b> {
    out: Writer<'t, 'b>,
    literals: Literals,
    utf8: bool,
    /// What commands need is looked for in here, if it is given.
    offer: Option<Offer<'t>>,
    streamed: Option<StreamedLiteral>,
    goes_on: GoesOn,
    work: Option<Work>,
    /// Leave out the first set, and where it was.
    hole: Option<Option<usize>>,
    /// Messages were named by their sequence numbers where UIDs were not needed.
    numbers: bool,
    /// Once this is done the server may say EXPUNGE at any time.
    unsettles: bool,
}

impl<'t, 'b> Encoder<'t, 'b> {
    /// An encoder for one command. `utf8`: whether IMAP4rev2 or UTF8=ACCEPT is enabled.
    pub(crate) fn new(tx: &'t mut Tx<'b>, literals: Literals, utf8: bool) -> Self {
        let goes_on = GoesOn::default();
        let out = Writer::new(tx);
        Self {
            out,
            literals,
            utf8,
            offer: None,
            streamed: None,
            goes_on,
            work: None,
            hole: None,
            numbers: false,
            unsettles: false,
        }
    }

    /// An encoder that refuses what the server does not offer.
    pub(crate) fn offered(self, offer: Offer<'t>) -> Self {
        Self { offer: Some(offer), ..self }
    }

    /// For one that never uses literals for what can be quoted somehow.
    pub(crate) fn quoting(self, quoting: bool) -> Self {
        Self { utf8: self.utf8 || quoting, ..self }
    }

    /// For one that leaves out the first set, to be written in parts.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn hollow(self) -> Self {
        Self { hole: Some(None), ..self }
    }

    /// How many bytes stand before the set that was left out, if one was.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn hole(&self) -> Option<usize> {
        self.hole.flatten()
    }

    /// Whether the server answers the RFC822 items by nothing (iCloud).
    pub fn avoids_rfc822(&self) -> bool {
        self.offer.is_some_and(|offer| offer.quirks.contains(Quirks::NO_RFC822))
    }

    /// Ends the command: all of it is in Tx, or nothing.
    pub(crate) fn finish(self) -> Result<Option<StreamedLiteral>, Error> {
        self.out.finish().map(|()| self.streamed)
    }

    /// Whether strings and names may go as UTF-8 in quotes.
    pub fn is_utf8(&self) -> bool {
        self.utf8
    }

    /// Refuses the command: an argument is invalid, and this says which or why. The first
    /// one counts.
    pub fn invalid(&mut self, why: &'static str) -> &mut Self {
        self.out.invalid(why);
        self
    }

    /// Refuses the command unless the server offers `capability`, or
    /// [`Config::send_unoffered`](super::Config::send_unoffered) is set: for what not every
    /// server understands. [`Capability::Other`] is never known to be offered.
    pub fn needs(&mut self, capability: Capability<'static>) -> &mut Self {
        self.check(capability, |offer, it| offer.includes(it))
    }

    /// [`needs`](Self::needs) what IMAP4rev2 has too, though not all of the capability.
    pub fn needs_unless_rev2(&mut self, capability: Capability<'static>) -> &mut Self {
        self.check(capability, |offer, it| offer.is_rev2() || offer.includes(it))
    }

    /// [`needs`](Self::needs) what IMAP4rev2 has not, though it has most of the capability.
    pub fn needs_by_name(&mut self, capability: Capability<'static>) -> &mut Self {
        self.check(capability, |offer, it| offer.capabilities.names(it))
    }

    /// [`needs`](Self::needs) any one of these; the first is what is named if there is none.
    pub fn needs_one_of(&mut self, capabilities: &[Capability<'static>]) -> &mut Self {
        if let Some(offer) = &self.offer
            && let Some(first) = capabilities.first()
            && let Err(error) =
                offer.check(capabilities.iter().any(|it| offer.includes(it)), first.name())
        {
            self.out.fail(error.into());
        }
        self
    }

    /// [`needs`](Self::needs) what has to be enabled beside (RFC 9051 section 6.3.1).
    pub fn needs_enabled(&mut self, capability: Capability<'static>) -> &mut Self {
        self.needs(capability);
        self.refuse_unless(UsageError::NotEnabled(capability.name()), |offer| {
            offer.unchecked || offer.enabled.names(&capability)
        })
    }

    /// Refuses the command once this has been enabled.
    pub fn not_beside(&mut self, capability: Capability<'static>) -> &mut Self {
        self.refuse_unless(UsageError::WrongState, |offer| !offer.enabled.names(&capability))
    }

    /// Refuses the command where only IMAP4rev2 is spoken, for it is no part of that.
    pub fn needs_rev1(&mut self) -> &mut Self {
        let rev1 = UsageError::NotOffered(Capability::Imap4rev1.name());
        self.refuse_unless(rev1, |offer| offer.unchecked || !offer.is_rev2())
    }

    /// Refuses the command unless a mailbox is selected.
    pub fn needs_selected(&mut self) -> &mut Self {
        self.refuse_unless(UsageError::WrongState, |offer| offer.selected)
    }

    fn refuse_unless(
        &mut self,
        error: UsageError,
        may: impl FnOnce(&Offer<'_>) -> bool,
    ) -> &mut Self {
        if self.offer.as_ref().is_some_and(|offer| !may(offer)) {
            self.out.fail(error.into());
        }
        self
    }

    fn check(
        &mut self,
        capability: Capability<'static>,
        is_there: fn(&Offer<'_>, &Capability<'_>) -> bool,
    ) -> &mut Self {
        if let Some(offer) = &self.offer
            && let Err(error) = offer.check(is_there(offer, &capability), capability.name())
        {
            self.out.fail(error.into());
        }
        self
    }

    /// Bytes, unchecked.
    fn push(&mut self, bytes: &[u8]) -> &mut Self {
        if self.out.has_failed() {
            return self;
        }
        if let Some(streamed) = &mut self.streamed {
            if !streamed.tail.push(bytes) {
                self.invalid("too much behind a streamed literal");
            }
            return self;
        }
        self.out.push(bytes);
        self
    }

    /// The end of a line.
    pub(crate) fn crlf(&mut self) -> &mut Self {
        self.push(b"\r\n")
    }

    /// The command does not end here: messages follow (RFC 3502).
    pub fn goes_on_with_messages(&mut self) -> &mut Self {
        self.goes_on.messages = true;
        self.work = Some(Upload::work);
        self
    }

    /// The command does not end here: parts of a message follow, then a `)` (RFC 4469).
    pub(crate) fn goes_on_with_parts(&mut self) -> &mut Self {
        self.goes_on.parts = true;
        self.work = Some(Upload::work);
        self
    }

    /// What may follow.
    pub(crate) fn goes_on(&self) -> GoesOn {
        self.goes_on
    }

    /// What does the rest of the command, if it is not all in Tx. That it is said here spares
    /// programs that upload nothing the code for it.
    pub(crate) fn work(&self) -> Option<Work> {
        self.work
    }

    /// What follows waits for the server's `+`.
    pub(crate) fn gate(&mut self) -> &mut Self {
        self.out.gate();
        self
    }

    /// All that was written so far is wiped once it is sent.
    pub(crate) fn secret(&mut self) -> &mut Self {
        self.out.secret();
        self
    }

    /// `base64` (RFC 9051 section 9), to be wiped once it is sent.
    pub fn base64(&mut self, response: &Response<'_>) -> &mut Self {
        self.out.base64(response);
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
        let quotable =
            if self.utf8 { core::str::from_utf8(value).is_ok() } else { value.is_ascii() };
        if !quotable || value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
            return self.literal(value);
        }
        if value.iter().any(|byte| matches!(byte, 0)) {
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
        if name.bytes().any(|byte| byte == 0) {
            return self.invalid("a mailbox name with NUL");
        }
        self.push(b"\"");
        encode_utf7(name, &mut |byte| self.quoted_char(byte));
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
        if name
            .bytes()
            .any(|byte| matches!(byte, 0 | b'\r' | b'\n') || (byte >= 0x80 && !self.utf8))
        {
            return self.invalid("a mailbox name that cannot be quoted");
        }
        self.push(b"\"");
        for byte in name.bytes() {
            self.quoted_char(byte);
        }
        self.push(b"\"")
    }

    /// `open`, the `items` with spaces between them, and `close`; nothing if there are none.
    pub(crate) fn list<T>(
        &mut self,
        open: &[u8],
        items: impl IntoIterator<Item = T>,
        close: &[u8],
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        let mut before = open;
        let mut after: &[u8] = b"";
        for item in items {
            self.raw(before);
            write(self, item);
            before = b" ";
            after = close;
        }
        self.raw(after)
    }

    /// `flag-list = "(" [flag *(SP flag)] ")"` (RFC 9051 section 9). `\Recent` and `\*`
    /// are not among them.
    pub fn flags(&mut self, flags: &[Flag<'_>]) -> &mut Self {
        self.push(b"(").list(b"", flags, b"", |out, flag| _ = out.flag(flag)).push(b")")
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
        if slash {
            self.push(b"\\");
        }
        self.atom(name)
    }

    /// `sequence-set` (RFC 9051 section 9). [`SequenceSet::SEARCH_RESULT`] needs SEARCHRES or
    /// IMAP4rev2.
    pub fn sequence_set(&mut self, set: &SequenceSet<'_>) -> &mut Self {
        if !set.is_valid() {
            return self.invalid("a set that is empty or holds zero");
        }
        if set.is_search_result() {
            return self.needs(Capability::SearchRes).push(b"$");
        }
        if self.hole == Some(None) {
            self.hole = Some(Some(self.out.written()));
            return self;
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

    /// A [set](Self::sequence_set) of sequence numbers in a command that need not have any: they
    /// are good only as long as no EXPUNGE can come in between (RFC 9051 section 5.5).
    pub fn message_numbers(&mut self, set: &SequenceSet<'_>) -> &mut Self {
        self.numbers = true;
        if let Some(error) = self.offer.and_then(|offer| offer.numbers)
            && !set.is_search_result()
        {
            self.out.fail(error.into());
        }
        self.sequence_set(set)
    }

    /// Whether there were such numbers.
    pub(crate) fn has_message_numbers(&self) -> bool {
        self.numbers
    }

    /// Once this command is done the server may say EXPUNGE at any time.
    pub fn unsettle(&mut self) -> &mut Self {
        self.unsettles = true;
        self
    }

    /// Whether that was said.
    pub(crate) fn unsettles(&self) -> bool {
        self.unsettles
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
        if value.iter().any(|byte| matches!(byte, 0)) {
            return self.invalid("a string with NUL");
        }
        let size = value.len() as u64;
        if self.literal_head(size, self.literals) {
            self.gate();
        }
        self.push(value)
    }

    /// A literal that may hold any bytes, for servers that take such ones.
    ///
    /// ```abnf
    /// literal8 = "~{" number64 ["+"] "}" CRLF *OCTET
    /// ```
    /// RFC 4466 section 3. It always waits for the server: see
    /// [`stream_literal`](Self::stream_literal).
    pub fn literal8(&mut self, value: &[u8]) -> &mut Self {
        self.push(b"~").literal_head(value.len() as u64, Literals::Synchronising);
        self.gate().push(value)
    }

    /// A literal whose bytes are given to Tx later, as room allows: the message of an
    /// APPEND, or with `literal8` one that may hold NUL. Only a closing parenthesis may
    /// follow it.
    ///
    /// ```abnf
    /// literal8 = "~{" number64 ["+"] "}" CRLF *OCTET
    /// ```
    /// RFC 4466 section 3: the `+` only if the server offers BINARY too
    /// (RFC 7888 section 6); in UTF8=ACCEPT alone (RFC 6855) and in IMAP4rev2 there is none.
    ///
    /// One of more than 4096 bytes waits for the server's `+`, even if that is not needed, unless
    /// the server said what it takes at most (RFC 7889 section 4): a NO in place of the `+` spares
    /// both sides the whole message.
    pub fn stream_literal(&mut self, size: u64, literal8: bool) -> &mut Self {
        if self.streamed.is_some() {
            return self.invalid("two streamed literals");
        }
        let mut literals = self.literals;
        if let Some(offer) = self.offer {
            if let Err(error) = offer.check_size(size) {
                self.out.fail(error.into());
            }
            if literals == Literals::Plus && offer.capabilities.append_limit().is_none() {
                literals = Literals::Minus;
            }
        }
        if literal8 {
            self.push(b"~");
            let binary = |offer: Offer<'_>| offer.includes(&Capability::Binary);
            if !self.offer.is_some_and(binary) {
                literals = Literals::Synchronising;
            }
        }
        let gated = self.literal_head(size, literals);
        self.work = Some(Upload::work);
        self.streamed = Some(StreamedLiteral { size, gated, tail: Tail::default() });
        self
    }

    /// Announces a literal; whether it has to wait.
    fn literal_head(&mut self, size: u64, literals: Literals) -> bool {
        let waits = literals.waits(size);
        self.push(b"{").number(size).push(if waits { b"}\r\n" } else { b"+}\r\n" });
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::{self, Parsed};
    use super::*;
    use crate::{ResourceError, UsageError};
    use proptest::prelude::*;
    use std::string::String;
    use std::vec::Vec;

    type Encoded = Result<Option<StreamedLiteral>, Error>;

    /// What was encoded, with `|` where a gate is.
    fn encode_with(
        literals: Literals,
        utf8: bool,
        room: usize,
        write: impl FnOnce(&mut Encoder<'_, '_>),
    ) -> (Vec<u8>, Encoded) {
        let mut memory = std::vec![0; room];
        let mut tx = Tx::new(&mut memory);
        let mut out = Encoder::new(&mut tx, literals, utf8);
        write(&mut out);
        let end = out.finish();
        let mut sent = Vec::new();
        loop {
            sent.extend_from_slice(tx.pending());
            let count = tx.pending().len();
            tx.consume(count);
            if !tx.is_at_gate() {
                break (sent, end);
            }
            sent.push(b'|');
            tx.open_gate();
        }
    }

    fn encode(write: impl FnOnce(&mut Encoder<'_, '_>)) -> String {
        let (sent, end) = encode_with(Literals::Synchronising, false, 8192, write);
        end.unwrap();
        String::from_utf8(sent).unwrap()
    }

    fn refused(write: impl FnOnce(&mut Encoder<'_, '_>)) {
        let (sent, end) = encode_with(Literals::Synchronising, false, 8192, write);
        assert!(matches!(end, Err(Error::Usage(UsageError::InvalidArgument(_)))), "{end:?}");
        assert!(sent.is_empty());
    }

    #[test]
    fn strings() {
        assert_eq!(encode(|out| _ = out.string(b"a\"b\\c")), r#""a\"b\\c""#);
        assert_eq!(encode(|out| _ = out.string(b"")), r#""""#);
        assert_eq!(encode(|out| _ = out.string(b"a\r\nb")), "{4}\r\n|a\r\nb");
        assert_eq!(encode(|out| _ = out.string("é".as_bytes())), "{2}\r\n|é");
        assert_eq!(encode(|out| _ = out.nstring(None).sp().nstring(Some(b"x"))), r#"NIL "x""#);
        refused(|out| _ = out.string(b"a\0b"));
        refused(|out| _ = out.string(b"a\0b\r\n"));
        let utf8 =
            |value: &[u8]| encode_with(Literals::Plus, true, 99, |out| _ = out.string(value)).0;
        assert_eq!(utf8("é".as_bytes()), "\"é\"".as_bytes());
        assert_eq!(utf8(b"\xff"), b"{1+}\r\n\xff");
    }

    #[test]
    fn no_injection() {
        assert_eq!(encode(|out| _ = out.mailbox("a\r\nA2 LOGOUT")), "\"a&AA0ACg-A2 LOGOUT\"",);
        refused(|out| _ = out.mailbox("a\0"));
        for bad in ["", "a b", "a\r\nb", "{5}", "(", "é", "\"", "a]", "*", "\\"] {
            refused(|out| _ = out.atom(bad));
            refused(|out| _ = out.flags(&[Flag::Keyword(bad)]));
            refused(|out| _ = out.flags(&[Flag::Extension(bad)]));
        }
        for bad in [&b"a\r"[..], b"\n", b"\0", b"X {5}", b"X {5+}"] {
            refused(|out| _ = out.raw(bad));
        }
        refused(|out| _ = out.flags(&[Flag::Recent]));
        refused(|out| _ = out.sequence_set(&0.into()));
        refused(|out| _ = out.raw(b"X").invalid("no").raw(b"Y"));
        refused(|out| _ = out.date(&Date { year: 2000, month: 13, day: 1 }));
    }

    #[test]
    fn grammar() {
        assert_eq!(encode(|out| _ = out.mailbox("Envoyés & \"x\"")), r#""Envoy&AOk-s &- \"x\"""#);
        assert_eq!(encode(|out| _ = out.list_mailbox("é/%*")), r#""&AOk-/%*""#);
        assert_eq!(
            encode(|out| _ = out.flags(&[Flag::Seen, Flag::JUNK, Flag::Extension("X")])),
            r"(\Seen $Junk \X)",
        );
        assert_eq!(encode(|out| _ = out.flags(&[])), "()");
        assert_eq!(encode(|out| _ = out.sequence_set(&[1, 2, 4].as_slice().into())), "1:2,4");
        assert_eq!(encode(|out| _ = out.sequence_set(&SequenceSet::SEARCH_RESULT)), "$");
        assert_eq!(encode(|out| _ = out.sequence_set(&(3..).into())), "3:*");
        assert_eq!(encode(|out| _ = out.date(&Date { year: 994, month: 2, day: 1 })), "1-Feb-0994");
        for moment in ["\" 1-Feb-1994 02:04:05 -0730\"", "\"11-Dec-2024 12:14:15 +0000\""] {
            let parsed = syntax::date_time(moment.as_bytes()).unwrap().1;
            assert_eq!(encode(|out| _ = out.date_time(&parsed)), moment);
        }
        let broken = Mailbox::new("a&b é".into(), false);
        assert_eq!(encode(|out| _ = out.mailbox_as_received(&broken)), "{6}\r\n|a&b é");
        let (_, escaped) = mailbox(br#""a\"b&""#, false).unwrap();
        assert_eq!(encode(|out| _ = out.mailbox_as_received(&escaped)), r#""a\"b&""#);
    }

    #[test]
    fn literals() {
        let long = [b'\n'; 4097];
        let with = |literals, value: &[u8]| {
            encode_with(literals, false, 8192, |out| _ = out.string(value)).0[..8].to_vec()
        };
        assert_eq!(with(Literals::Minus, &long), b"{4097}\r\n");
        assert_eq!(with(Literals::Minus, &long[..4096]), b"{4096+}\r");
        assert_eq!(with(Literals::Plus, &long), b"{4097+}\r");
        let many = |count| {
            let write = |out: &mut Encoder<'_, '_>| (0..count).for_each(|_| _ = out.literal(b"x"));
            encode_with(Literals::Synchronising, false, 999, write).1
        };
        assert!(many(16).is_ok());
        assert_eq!(many(17), Err(ResourceError::TooManyLiterals.into()));
    }

    #[test]
    fn streamed() {
        let (sent, end) = encode_with(Literals::Minus, false, 99, |out| {
            out.raw(b"UTF8 (").stream_literal(5000, true).raw(b")").crlf();
        });
        assert_eq!(sent, b"UTF8 (~{5000}\r\n");
        let streamed = end.unwrap().unwrap();
        assert_eq!(
            (streamed.size, streamed.gated, streamed.tail.as_bytes()),
            (5000, true, &b")\r\n"[..])
        );
        let (sent, end) = encode_with(Literals::Plus, false, 99, |out| {
            out.stream_literal(5, false).crlf();
        });
        assert_eq!(sent, b"{5+}\r\n");
        assert!(!end.unwrap().unwrap().gated);
        refused(|out| _ = out.stream_literal(1, false).raw(b"more than a parenthesis"));
        refused(|out| _ = out.stream_literal(1, false).stream_literal(2, false));
    }

    #[test]
    fn whole_or_not() {
        let write = |out: &mut Encoder<'_, '_>| {
            out.raw(b"A1 LOGIN ").string(b"al\nice").sp().secret_string(b"password").crlf();
        };
        let (whole, _) = encode_with(Literals::Plus, false, 99, write);
        for room in 0..whole.len() {
            let (sent, end) = encode_with(Literals::Plus, false, room, write);
            assert!(sent.is_empty());
            let full = ResourceError::TxFull { needed: whole.len(), capacity: room };
            assert_eq!(end, Err(full.into()));
        }
        let mut memory = [0; 40];
        let mut tx = Tx::new(&mut memory);
        assert!(tx.push(b"A0 NOOP\r\n"));
        let mut out = Encoder::new(&mut tx, Literals::Plus, false);
        write(&mut out);
        assert!(!std::format!("{out:?}").contains("password"));
        assert!(out.finish().is_err());
        assert_eq!(tx.pending(), b"A0 NOOP\r\n");
        assert!(!memory.windows(4).any(|bytes| bytes == b"pass"));
    }

    fn mailbox(i: &[u8], utf8: bool) -> Parsed<'_, Mailbox<'_>> {
        syntax::mailbox(i, utf8)
    }

    /// The gates taken out.
    fn on_the_wire(sent: Vec<u8>) -> Vec<u8> {
        match sent.iter().position(|&byte| byte == b'|') {
            Some(at) if sent[..at].ends_with(b"}\r\n") => [&sent[..at], &sent[at + 1..]].concat(),
            _ => sent,
        }
    }

    proptest! {
        #[test]
        fn string_round_trip(
            value in prop::collection::vec(1_u8.., 0..60),
            utf8: bool,
            plus: bool,
        ) {
            let literals = if plus { Literals::Plus } else { Literals::Synchronising };
            let (sent, end) = encode_with(literals, utf8, 999, |out| _ = out.string(&value));
            prop_assert!(end.is_ok());
            let wire = if plus { sent } else { on_the_wire(sent) };
            let (rest, read) = syntax::string(&wire).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(read, &value[..]);
            prop_assert_eq!(read.len(), value.len());
            prop_assert_eq!(syntax::value(&wire).unwrap().1, &wire[..]);
        }

        #[test]
        fn mailbox_round_trip(name in "[^\0]{0,30}|[&a\r\n\"\\\\é😀-]{0,12}", utf8: bool) {
            let (sent, end) = encode_with(Literals::Plus, utf8, 999, |out| _ = out.mailbox(&name));
            prop_assert!(end.is_ok());
            prop_assert!(utf8 || sent.iter().all(|byte| matches!(byte, b' '..=b'~')));
            let (rest, read) = mailbox(&sent, utf8).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(read, name.as_str());
            let mut room = [0; 999];
            prop_assert_eq!(read.copy_to(&mut room), Some(name.as_str()));
        }

        #[test]
        fn mailbox_shown_as_utf8(name in prop::collection::vec(any::<u8>(), 0..30)) {
            let shown: String = Mailbox::new(name.as_slice().into(), true).chars().collect();
            prop_assert_eq!(shown, String::from_utf8_lossy(&name));
        }

        #[test]
        fn sets_round_trip(numbers in prop::collection::vec(1_u32.., 1..20), low in 1_u32..9) {
            let close: Vec<u32> = numbers.iter().map(|n| n % 9 + low).collect();
            for numbers in [&numbers, &close] {
                let set = SequenceSet::from(numbers.as_slice());
                let text = encode(|out| _ = out.sequence_set(&set));
                let read = SequenceSet::try_from(text.as_str()).unwrap();
                prop_assert_eq!(read.numbers().unwrap().collect::<Vec<_>>(), &numbers[..]);
                prop_assert_eq!(read.count(), Some(numbers.len() as u64));
            }
        }

        #[test]
        fn nothing_panics(i in prop::collection::vec(any::<u8>(), 0..40)) {
            _ = syntax::value(&i);
            _ = syntax::nstring(&i);
            _ = syntax::sequence_set(&i);
            _ = syntax::date_time(&i);
            _ = syntax::flag_list(&i).map(|(_, flags)| flags.iter().count());
            _ = mailbox(&i, false).map(|(_, name)| name.chars().count());
        }
    }
}
