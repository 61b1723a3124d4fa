//! NOOP and QUIT (RFC 1939 sections 4 to 6).

use super::command::{Command, Kind};
use super::encoder::Encoder;

/// `NOOP`: keeps the connection alive (RFC 1939 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoopCommand;

impl Command for NoopCommand {
    fn kind(&self) -> Kind {
        Kind::Noop
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"NOOP");
    }
}

/// `QUIT`: ends the session. Only now is deleted what was marked by
/// [`DeleCommand`](super::command::DeleCommand) (RFC 1939 sections 4 and 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QuitCommand;

impl Command for QuitCommand {
    fn kind(&self) -> Kind {
        Kind::Quit
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"QUIT");
    }
}
