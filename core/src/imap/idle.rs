//! IDLE: wait for news (RFC 9051 section 6.3.13, RFC 2177).

use super::command::{Command, Kind};
use super::encoder::Encoder;

/// `IDLE`: from the server's `+` on, it tells what happens in the mailbox as it happens,
/// until the connection is told to end the command with `DONE`.
///
/// ```abnf
/// idle = "IDLE" CRLF "DONE"
/// ```
///
/// A server may log out a client that is silent for 30 minutes, so end and renew it after
/// 29 at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IdleCommand;

impl Command for IdleCommand {
    fn kind(&self) -> Kind {
        Kind::Idle
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        // No SP behind it: some servers refuse `IDLE ␍␊`.
        out.raw(b"IDLE");
    }
}
