//! APPEND and REPLACE: put messages into a mailbox (RFC 9051 section 6.3.12; RFC 3502, 3516, 4469,
//! 6855, 7889 and 8508).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::{Capability, DateTime, Flag};

/// How the text of a message goes to the server. Its bytes are streamed behind the command, so it
/// may be larger than Tx; line ends are CR LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AppendData {
    /// So many bytes, none of them NUL.
    Literal(u64),
    /// So many bytes of any kind (RFC 3516 section 4.4). Needs BINARY, of which IMAP4rev2 has only
    /// the FETCH side (RFC 9051 appendix B).
    Literal8(u64),
    /// So many bytes, with UTF-8 in the header (RFC 6855 section 4). Needs UTF8=ACCEPT, and that it
    /// is enabled.
    Utf8(u64),
    /// The server puts the message together from [`CatenatePart`]s, which are given one by one
    /// (RFC 4469). Needs CATENATE.
    Catenate,
}

/// One message of an APPEND or REPLACE.
///
/// ```abnf
/// append-message = [SP flag-list] [SP date-time] SP append-data           ; RFC 3502, RFC 4466
/// append-data    = literal / literal8                                     ; RFC 9051 section 9
/// append-data    =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"         ; RFC 4469
/// append-data    =/ "UTF8" SP "(" literal8 ")"                            ; RFC 6855
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AppendMessage<'a> {
    /// The flags that the message gets. `\Recent` cannot be set.
    pub flags: &'a [Flag<'a>],
    /// When it was received; without, the time of the APPEND.
    pub date: Option<DateTime>,
    /// Its text.
    pub data: AppendData,
}

impl<'a> AppendMessage<'a> {
    /// A message of `size` bytes, without flags, dated by the server. Exactly so many bytes must
    /// follow.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self { flags: &[], date: None, data: AppendData::Literal(size) }
    }

    /// A message put together from [`CatenatePart`]s.
    #[must_use]
    pub const fn catenate() -> Self {
        Self { flags: &[], date: None, data: AppendData::Catenate }
    }

    /// The message gets these flags.
    #[must_use]
    pub const fn flags(self, flags: &'a [Flag<'a>]) -> Self {
        Self { flags, ..self }
    }

    /// The message was received then.
    #[must_use]
    pub const fn date(self, date: DateTime) -> Self {
        Self { date: Some(date), ..self }
    }

    /// The message holds NULs or other binary data: [`AppendData::Literal8`]. Not for what is
    /// [put together](Self::catenate).
    #[must_use]
    pub const fn binary(self) -> Self {
        let data = match self.data {
            AppendData::Literal(size) | AppendData::Utf8(size) => AppendData::Literal8(size),
            other => other,
        };
        Self { data, ..self }
    }

    /// The header of the message holds UTF-8: [`AppendData::Utf8`]. Not for what is
    /// [put together](Self::catenate), whose parts say so themselves.
    #[must_use]
    pub const fn utf8(self) -> Self {
        let data = match self.data {
            AppendData::Literal(size) | AppendData::Literal8(size) => AppendData::Utf8(size),
            other => other,
        };
        Self { data, ..self }
    }

    /// Writes what stands behind the mailbox of APPEND and REPLACE, the space before it included,
    /// for commands of the program's own.
    pub fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.sp();
        // Courier 5.0 takes UTF8 only behind a flag list, which may be empty.
        if !self.flags.is_empty() || matches!(self.data, AppendData::Utf8(_)) {
            out.flags(self.flags).sp();
        }
        if let Some(date) = &self.date {
            out.date_time(date).sp();
        }
        match self.data {
            AppendData::Literal(size) => out.stream_literal(size, false),
            AppendData::Literal8(size) => out.needs(Capability::Binary).stream_literal(size, true),
            AppendData::Utf8(size) => utf8(size, out),
            AppendData::Catenate => {
                out.needs(Capability::Catenate).raw(b"CATENATE (").goes_on_with_parts()
            }
        };
    }
}

/// ```abnf
/// utf8-literal = "UTF8" SP "(" literal8 ")"
/// ```
/// RFC 6855 section 4.
fn utf8<'o, 't, 'b>(size: u64, out: &'o mut Encoder<'t, 'b>) -> &'o mut Encoder<'t, 'b> {
    out.needs_enabled(Capability::Utf8Accept).raw(b"UTF8 (").stream_literal(size, true).raw(b")")
}

/// A piece of a message that the server puts together (RFC 4469 section 3).
///
/// ```abnf
/// cat-part     = text-literal / url
/// text-literal = "TEXT" SP literal
/// url          = "URL" SP astring
/// cat-part     =/ "UTF8" SP "(" literal8 ")"      ; RFC 6855 section 4
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CatenatePart<'a> {
    /// So many bytes, which must follow, none of them NUL.
    Text(u64),
    /// So many bytes, which must follow, with UTF-8 in a header. Needs UTF8=ACCEPT, and that it
    /// is enabled.
    Utf8(u64),
    /// A message or a part of one that the server has, as a relative URL of IMAP (RFC 5092):
    /// `/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME`. In it a mailbox name is UTF-8,
    /// with `%` and two hexadecimal digits for each byte that is not a letter, a digit or one of
    /// `-_.~!$'()*+,:@/&=`.
    Url(&'a str),
}

impl CatenatePart<'_> {
    /// How many bytes must follow.
    pub(crate) const fn size(&self) -> u64 {
        match self {
            Self::Text(size) | Self::Utf8(size) => *size,
            Self::Url(_) => 0,
        }
    }

    pub(crate) fn encode(&self, out: &mut Encoder<'_, '_>) {
        match *self {
            Self::Text(size) => out.raw(b"TEXT ").stream_literal(size, false),
            Self::Utf8(size) => utf8(size, out),
            // Then it needs no literal, and no gate.
            Self::Url(url)
                if !url.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                out.raw(b"URL ").astring(url.as_bytes())
            }
            Self::Url(_) => out.invalid("a URL that is not of printable ASCII"),
        };
    }
}

/// `APPEND`: puts a message at the end of a mailbox. The command names its size; the
/// message itself is streamed behind it, so it may be larger than Tx.
///
/// One that is larger than the server's APPENDLIMIT (RFC 7889) is refused before anything is
/// sent: [`UsageError::TooBig`](crate::UsageError::TooBig).
///
/// ```abnf
/// append = "APPEND" SP mailbox append-message
/// ```
///
/// ```
/// # use mailwire::imap::{Flag, command::AppendCommand};
/// let append = AppendCommand::new("Sent", 310).flags(&[Flag::Seen]);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AppendCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// What goes into it.
    pub message: AppendMessage<'a>,
}

impl<'a> AppendCommand<'a> {
    /// A message of `size` bytes for `mailbox`, without flags, dated by the server.
    #[must_use]
    pub const fn new(mailbox: &'a str, size: u64) -> Self {
        Self::with(mailbox, AppendMessage::new(size))
    }

    /// This message for `mailbox`.
    #[must_use]
    pub const fn with(mailbox: &'a str, message: AppendMessage<'a>) -> Self {
        Self { mailbox, message }
    }

    /// The message gets these flags.
    #[must_use]
    pub const fn flags(self, flags: &'a [Flag<'a>]) -> Self {
        Self { message: self.message.flags(flags), ..self }
    }

    /// The message was received then.
    #[must_use]
    pub const fn date(self, date: DateTime) -> Self {
        Self { message: self.message.date(date), ..self }
    }

    /// The message holds NULs or other binary data.
    #[must_use]
    pub const fn binary(self) -> Self {
        Self { message: self.message.binary(), ..self }
    }
}

impl Command for AppendCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Append
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"APPEND ").mailbox(self.mailbox);
        self.message.encode(out);
    }
}

/// `APPEND` of any number of messages, all of which get into the mailbox or none (RFC 3502). Needs
/// MULTIAPPEND.
///
/// [`Event::NextPart`](super::Event::NextPart) asks for the first message and for each further one:
/// give it by [`append_message`](super::Connection::append_message), or end the command by
/// [`append_end`](super::Connection::append_end). The server does not take empty messages.
///
/// ```abnf
/// append = "APPEND" SP mailbox 1*append-message
/// ```
///
/// ```
/// # use mailwire::imap::{AppendMessage, Config, Connection, command::MultiAppendCommand};
/// # use mailwire::{Buffers, Instant, Machine};
/// # let (mut rx, mut tx) = ([0; 128], [0; 128]);
/// # let mut buffers = Buffers::new(&mut rx, &mut tx);
/// # let mut connection = Connection::new(Config::new());
/// # buffers.rx.fill(b"* PREAUTH [CAPABILITY IMAP4rev1 MULTIAPPEND LITERAL-] hi\r\n");
/// # connection.advance(&mut buffers, Instant::ZERO)?;
/// let tx = &mut buffers.tx;
/// connection.send(&MultiAppendCommand { mailbox: "Sent" }, tx)?;
/// for text in [&b"Subject: 1\r\n\r\n"[..], b"Subject: 2\r\n\r\n"] {
///     connection.append_message(&AppendMessage::new(text.len() as u64), tx)?;
///     // Once there was a `SendLiteral`, and as Tx has room:
///     assert_eq!(connection.write_literal(text, tx), text.len());
/// }
/// connection.append_end(tx)?;
/// # assert!(tx.pending().ends_with(b" {14+}\r\nSubject: 2\r\n\r\n\r\n"));
/// # Ok::<(), mailwire::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MultiAppendCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
}

impl Command for MultiAppendCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Append
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.needs(Capability::MultiAppend).raw(b"APPEND ").mailbox(self.mailbox);
        out.goes_on_with_messages();
    }
}

/// `REPLACE` and `UID REPLACE`: puts a message into a mailbox and removes another from the
/// selected one, as one action (RFC 8508). Needs REPLACE.
///
/// ```abnf
/// replace = "REPLACE" SP seq-number SP mailbox append-message
/// uid     =/ "UID" SP replace
/// ```
///
/// The new message's UID comes in an untagged [`OK`](super::Event::Status), before the old one's
/// EXPUNGE (section 4.3).
///
/// ```
/// # use mailwire::imap::{AppendMessage, Flag, command::ReplaceCommand};
/// let draft = AppendMessage::new(350).flags(&[Flag::Draft]);
/// let replace = ReplaceCommand::uid(2000, "Drafts", draft);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ReplaceCommand<'a> {
    /// Whether `replaced` is a UID.
    pub uid: bool,
    /// The message that goes: its sequence number or its UID. Not 0.
    pub replaced: u32,
    /// The mailbox that the new message goes to, in UTF-8. It need not be the selected one.
    pub mailbox: &'a str,
    /// The new message. It inherits nothing.
    pub message: AppendMessage<'a>,
}

impl<'a> ReplaceCommand<'a> {
    /// REPLACE: `replaced` is a sequence number.
    #[must_use]
    pub const fn new(replaced: u32, mailbox: &'a str, message: AppendMessage<'a>) -> Self {
        Self { uid: false, replaced, mailbox, message }
    }

    /// UID REPLACE: `replaced` is a UID.
    #[must_use]
    pub const fn uid(replaced: u32, mailbox: &'a str, message: AppendMessage<'a>) -> Self {
        Self { uid: true, ..Self::new(replaced, mailbox, message) }
    }
}

impl Command for ReplaceCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidReplace } else { Kind::Replace }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if self.replaced == 0 {
            out.invalid("no message has the number 0");
        }
        out.raw(if self.uid { b"UID REPLACE " } else { b"REPLACE " });
        out.number(self.replaced.into()).sp().mailbox(self.mailbox);
        self.message.encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Date;
    use super::super::command::tests::{encode, says};
    use super::*;

    #[test]
    fn forms() {
        let mut append = AppendCommand::new("Sent", 310);
        says(&append, "APPEND \"Sent\" {310}\r\n<message>");
        append = append.flags(&[Flag::Seen, Flag::FORWARDED]).date(DateTime {
            date: Date { year: 1994, month: 2, day: 7 },
            hour: 21,
            minute: 52,
            second: 25,
            offset_minutes: -480,
        });
        says(
            &append,
            "APPEND \"Sent\" (\\Seen $Forwarded) \" 7-Feb-1994 21:52:25 -0800\" {310}\r\n<message>",
        );
        says(&AppendCommand::new("Sent", 310).binary(), "APPEND \"Sent\" ~{310}\r\n<message>");
        let utf8 = AppendMessage::new(0).binary().utf8();
        says(&AppendCommand::with("Sent", utf8), "APPEND \"Sent\" () UTF8 (~{0}\r\n<message>)");
        let parts = AppendMessage::catenate().flags(&[Flag::Draft]).binary().utf8();
        says(&AppendCommand::with("a", parts), "APPEND \"a\" (\\Draft) CATENATE (…");
        says(&MultiAppendCommand { mailbox: "a" }, "APPEND \"a\"…");
    }

    #[test]
    fn replace() {
        let message = AppendMessage::new(312).flags(&[Flag::Seen, Flag::Draft]);
        let replace = ReplaceCommand::new(4, "Drafts", message);
        assert_eq!(replace.kind(), Kind::Replace);
        says(&replace, "REPLACE 4 \"Drafts\" (\\Seen \\Draft) {312}\r\n<message>");
        let replace = ReplaceCommand::uid(2000, "Drafts", AppendMessage::catenate());
        assert_eq!(replace.kind(), Kind::UidReplace);
        says(&replace, "UID REPLACE 2000 \"Drafts\" CATENATE (…");
        assert!(encode(&ReplaceCommand::new(0, "Drafts", message), false).is_err());
    }

    #[test]
    fn recent_cannot_be_set() {
        let append = AppendCommand::new("Sent", 1).flags(&[Flag::Recent]);
        assert!(encode(&append, false).is_err());
    }
}
