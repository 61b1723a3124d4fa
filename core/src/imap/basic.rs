//! The commands of every state: CAPABILITY, NOOP, LOGOUT (RFC 9051 section 6.1).

use super::command::{Command, Kind};
use super::encoder::Encoder;

/// `CAPABILITY`: asks what the server can do (RFC 9051 section 6.1.1).
///
/// ```abnf
/// command-any = "CAPABILITY" / "LOGOUT" / "NOOP"
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CapabilityCommand;

impl Command for CapabilityCommand {
    fn kind(&self) -> Kind {
        Kind::Capability
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"CAPABILITY");
    }
}

/// `NOOP`: gives the server an occasion to tell what is new, and keeps the connection
/// alive (RFC 9051 section 6.1.2).
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

/// `LOGOUT`: ends the session; the server says BYE, then OK (RFC 9051 section 6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogoutCommand;

impl Command for LogoutCommand {
    fn kind(&self) -> Kind {
        Kind::Logout
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LOGOUT");
    }
}
