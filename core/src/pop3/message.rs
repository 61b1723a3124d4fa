//! The messages themselves: RETR, TOP, DELE and RSET (RFC 1939 sections 5 and 7).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

/// `RETR`: asks for a whole message (RFC 1939 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RetrCommand {
    /// Its number.
    pub message: u32,
}

impl Command for RetrCommand {
    fn kind(&self) -> Kind {
        Kind::Retr
    }

    fn message(&self) -> Option<u32> {
        Some(self.message)
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"RETR ").message(self.message);
    }
}

/// `TOP`: asks for a message's header, and for its first lines (RFC 1939 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TopCommand {
    /// Its number.
    pub message: u32,
    /// How many lines of its body; may be 0.
    pub lines: u32,
}

impl Command for TopCommand {
    fn kind(&self) -> Kind {
        Kind::Top
    }

    fn message(&self) -> Option<u32> {
        Some(self.message)
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"TOP ").message(self.message).sp().number(self.lines);
    }
}

/// `DELE`: marks a message, to be deleted by [`QuitCommand`](super::command::QuitCommand)
/// (RFC 1939 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeleCommand {
    /// Its number.
    pub message: u32,
}

impl Command for DeleCommand {
    fn kind(&self) -> Kind {
        Kind::Dele
    }

    fn message(&self) -> Option<u32> {
        Some(self.message)
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"DELE ").message(self.message);
    }
}

word_command! {
    /// `RSET`: takes all marks of DELE back (RFC 1939 section 5).
    RsetCommand = Rset, b"RSET";
}

#[cfg(test)]
mod tests {
    use super::super::auth::tests::{refused, says};
    use super::super::command::*;

    #[test]
    fn words() {
        says(&RetrCommand { message: 7 }, "RETR 7");
        says(&TopCommand { message: u32::MAX, lines: 0 }, "TOP 4294967295 0");
        says(&DeleCommand { message: 1 }, "DELE 1");
        says(&RsetCommand, "RSET");
        says(&NoopCommand, "NOOP");
        says(&QuitCommand, "QUIT");
        says(&CapaCommand, "CAPA");
        says(&StatCommand, "STAT");
        says(&ListCommand { message: None }, "LIST");
        says(&ListCommand { message: Some(3) }, "LIST 3");
        says(&UidlCommand { message: None }, "UIDL");
        says(&UidlCommand { message: Some(3) }, "UIDL 3");
        says(&Utf8Command, "UTF8");
        says(&LangCommand { language: None }, "LANG");
        says(&LangCommand { language: Some("de") }, "LANG de");
        says(&LangCommand { language: Some("*") }, "LANG *");
        refused(&RetrCommand { message: 0 });
        refused(&ListCommand { message: Some(0) });
        refused(&LangCommand { language: Some("de\r\nQUIT") });
    }
}
