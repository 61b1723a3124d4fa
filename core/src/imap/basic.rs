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

#[cfg(test)]
pub(super) mod tests {
    use super::super::command::{
        CompressCommand, ExpungeCommand, IdleCommand, NamespaceCommand, StartTlsCommand,
        UnauthenticateCommand,
    };
    use super::super::encoder::Literals;
    use super::*;
    use crate::{Error, Tx};
    use std::string::String;

    /// What `command` writes, with `|` where the server's `+` is awaited.
    pub(in super::super) fn encode(command: &dyn Command, utf8: bool) -> Result<String, Error> {
        let mut memory = [0; 512];
        let mut tx = Tx::new(&mut memory);
        let mut out = Encoder::new(&mut tx, Literals::Synchronising, utf8);
        command.encode(&mut out);
        let goes_on = out.goes_on();
        let streamed = out.finish()?;
        let mut sent = String::new();
        loop {
            sent.push_str(&String::from_utf8_lossy(tx.pending()));
            let count = tx.pending().len();
            tx.consume(count);
            if !tx.is_at_gate() {
                break;
            }
            sent.push('|');
            tx.open_gate();
        }
        if let Some(streamed) = streamed {
            sent.push_str("<message>");
            sent.push_str(&String::from_utf8_lossy(streamed.tail.as_bytes()));
        }
        if goes_on.at_all() {
            sent.push('…');
        }
        Ok(sent)
    }

    /// Encodes without UTF-8 and compares.
    pub(in super::super) fn says(command: &dyn Command, wanted: &str) {
        assert_eq!(encode(command, false).as_deref(), Ok(wanted));
    }

    #[test]
    fn words() {
        says(&CapabilityCommand, "CAPABILITY");
        says(&NoopCommand, "NOOP");
        says(&LogoutCommand, "LOGOUT");
        says(&IdleCommand, "IDLE");
        says(&ExpungeCommand, "EXPUNGE");
        says(&StartTlsCommand, "STARTTLS");
        says(&CompressCommand, "COMPRESS DEFLATE");
        says(&UnauthenticateCommand, "UNAUTHENTICATE");
        says(&NamespaceCommand, "NAMESPACE");
    }
}
