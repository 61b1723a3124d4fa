//! NOOP and QUIT (RFC 1939 sections 4 to 6).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `NOOP`: keeps the connection alive (RFC 1939 section 5).
    NoopCommand = Noop, b"NOOP";

    /// `QUIT`: ends the session. Only now is deleted what was marked by
    /// [`DeleCommand`](super::command::DeleCommand) (RFC 1939 sections 4 and 6).
    QuitCommand = Quit, b"QUIT";
}
