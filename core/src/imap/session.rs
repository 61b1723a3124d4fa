//! The commands of every state: CAPABILITY, NOOP, LOGOUT (RFC 9051 section 6.1).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `CAPABILITY`: asks what the server can do (RFC 9051 section 6.1.1).
    ///
    /// ```abnf
    /// command-any = "CAPABILITY" / "LOGOUT" / "NOOP"
    /// ```
    CapabilityCommand = Capability, b"CAPABILITY";

    /// `NOOP`: gives the server an occasion to tell what is new, and keeps the connection
    /// alive (RFC 9051 section 6.1.2).
    NoopCommand = Noop, b"NOOP";

    /// `LOGOUT`: ends the session; the server says BYE, then OK (RFC 9051 section 6.1.3).
    LogoutCommand = Logout, b"LOGOUT";
}
