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
