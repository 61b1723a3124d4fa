//! IDLE: wait for news (RFC 9051 section 6.3.13, RFC 2177).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `IDLE`: from the server's `+` on, it tells what happens in the mailbox as it happens,
    /// until the connection is told to end the command with `DONE`.
    ///
    /// ```abnf
    /// idle = "IDLE" CRLF "DONE"
    /// ```
    ///
    /// A server may log out a client that is silent for 30 minutes, so end and renew it after
    /// 29 at most.
    // No SP behind it: some servers refuse `IDLE ␍␊`.
    IdleCommand = Idle, b"IDLE";
}
