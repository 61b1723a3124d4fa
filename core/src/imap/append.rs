//! APPEND: put a message into a mailbox (RFC 9051 section 6.3.12).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::{Capability, DateTime, Flag};

/// `APPEND`: puts a message at the end of a mailbox. The command names its size; the
/// message itself is streamed behind it, so it may be larger than Tx.
///
/// ```abnf
/// append      = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP append-data
/// append-data = literal / literal8
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
    /// The flags that the message gets. `\Recent` cannot be set.
    pub flags: &'a [Flag<'a>],
    /// When it was received; without, the time of the APPEND.
    pub date: Option<DateTime>,
    /// The size of the message in bytes (line ends as CR LF). Exactly so many must follow.
    pub size: u64,
    /// Whether the message holds NULs or other binary data, so that it must go as a
    /// literal8 (RFC 3516 section 4.4; needs BINARY, of which IMAP4rev2 has only the FETCH
    /// side: RFC 9051 appendix B).
    pub binary: bool,
}

impl<'a> AppendCommand<'a> {
    /// A message of `size` bytes for `mailbox`, without flags, dated by the server.
    #[must_use]
    pub const fn new(mailbox: &'a str, size: u64) -> Self {
        Self { mailbox, flags: &[], date: None, size, binary: false }
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

    /// The message holds NULs or other binary data.
    #[must_use]
    pub const fn binary(self) -> Self {
        Self { binary: true, ..self }
    }
}

impl Command for AppendCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Append
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"APPEND ").mailbox(self.mailbox).sp();
        if !self.flags.is_empty() {
            out.flags(self.flags).sp();
        }
        if let Some(date) = &self.date {
            out.date_time(date).sp();
        }
        if self.binary {
            out.needs(Capability::Binary);
        }
        out.stream_literal(self.size, self.binary);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Date;
    use super::super::basic::tests::{encode, says};
    use super::*;

    #[test]
    fn forms() {
        let mut append = AppendCommand::new("Sent", 310);
        says(&append, "APPEND \"Sent\" {310}\r\n<message>");
        append.flags = &[Flag::Seen, Flag::FORWARDED];
        append.date = Some(DateTime {
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
        append.flags = &[];
        append.date = None;
        append.binary = true;
        says(&append, "APPEND \"Sent\" ~{310}\r\n<message>");
    }

    #[test]
    fn recent_cannot_be_set() {
        let append = AppendCommand { flags: &[Flag::Recent], ..AppendCommand::new("Sent", 1) };
        assert!(encode(&append, false).is_err());
    }
}
