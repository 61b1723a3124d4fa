//! Who is there: AUTHENTICATE, LOGIN, STARTTLS (RFC 9051 section 6.2), ENABLE (section 6.3.1),
//! and who is no longer: UNAUTHENTICATE (RFC 8437).

use super::Capability;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::Secret;
use crate::sasl::Response;
use crate::writer::word_command;

word_command! {
    /// `STARTTLS`: from the server's OK on, TLS (RFC 9051 section 6.2.1).
    StartTlsCommand = StartTls, b"STARTTLS";
}

/// `LOGIN`: a user's name and password in clear, so only inside TLS (RFC 9051
/// section 6.2.3).
///
/// ```abnf
/// login = "LOGIN" SP userid SP password
/// ```
#[derive(Debug, Clone, Copy)]
pub struct LoginCommand<'a> {
    /// The user's name.
    pub user: &'a str,
    /// The password.
    pub password: Secret<'a>,
}

impl Command for LoginCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Login
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LOGIN ").astring(self.user.as_bytes()).sp();
        out.secret_string(self.password.expose());
    }
}

/// `AUTHENTICATE`: begins an exchange of a SASL mechanism (RFC 9051 section 6.2.2).
///
/// ```abnf
/// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)
/// initial-resp = (base64 / "=")
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AuthenticateCommand<'a> {
    /// The mechanism's name, such as `PLAIN`.
    pub mechanism: &'a str,
    /// The first thing that the client says, not yet in base64, to spare a round trip. Needs
    /// SASL-IR (RFC 4959) or IMAP4rev2.
    pub initial_response: Option<&'a Response<'a>>,
}

impl<'a> AuthenticateCommand<'a> {
    /// An exchange that the server begins.
    #[must_use]
    pub const fn new(mechanism: &'a str) -> Self {
        Self { mechanism, initial_response: None }
    }

    /// The client begins, by this.
    #[must_use]
    pub const fn initial_response(self, response: &'a Response<'a>) -> Self {
        Self { initial_response: Some(response), ..self }
    }
}

impl Command for AuthenticateCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Authenticate
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"AUTHENTICATE ").atom(self.mechanism);
        if self.initial_response.is_some() {
            out.needs(Capability::SaslIr);
        }
        match self.initial_response {
            None => {}
            Some(response) if response.is_empty() => {
                out.raw(b" =");
            }
            Some(response) => {
                out.sp();
                out.base64(response);
            }
        }
    }
}

/// `ENABLE`: turns on extensions that change what the server sends, before any mailbox is
/// selected (RFC 9051 section 6.3.1, RFC 5161).
///
/// ```abnf
/// enable = "ENABLE" 1*(SP capability)
/// ```
#[derive(Debug, Clone, Copy)]
pub struct EnableCommand<'a> {
    /// Such as `IMAP4rev2`, `UTF8=ACCEPT`, `QRESYNC`; at least one.
    pub capabilities: &'a [&'a str],
}

impl Command for EnableCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Enable
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"ENABLE");
        if self.capabilities.is_empty() {
            out.invalid("ENABLE without a capability");
        }
        for capability in self.capabilities {
            out.sp().atom(capability);
        }
    }
}

word_command! {
    /// `UNAUTHENTICATE`: back to before the login, on the same connection (RFC 8437 section 3).
    ///
    /// TLS stays. All else ends with the server's OK: the mailbox is unselected without an
    /// EXPUNGE, what ENABLE turned on is off, what SEARCH saved is gone, and compression ends.
    /// The connection asks anew what the server can do. (Cyrus offers it to administrators only.)
    ///
    /// ```abnf
    /// command-auth   =/ "UNAUTHENTICATE"
    /// command-select =/ "UNAUTHENTICATE"
    /// ```
    UnauthenticateCommand = Unauthenticate, b"UNAUTHENTICATE";
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use crate::{Error, UsageError};
    use base64ct::{Base64, Encoding as _};
    use std::format;

    #[test]
    fn login() {
        let login = LoginCommand { user: "al\"ice", password: "back\\slash".into() };
        says(&login, r#"LOGIN "al\"ice" "back\\slash""#);
        assert!(!format!("{login:?}").contains("back"));
        let umlaut = LoginCommand { user: "alice", password: "pässword".into() };
        says(&umlaut, "LOGIN \"alice\" {9}\r\n|pässword");
        assert_eq!(encode(&umlaut, true).unwrap(), "LOGIN \"alice\" \"pässword\"");
    }

    #[test]
    fn nothing_smuggled_in() {
        let two_lines = LoginCommand { user: "a\r\nA2 DELETE INBOX", password: "x".into() };
        says(&two_lines, "LOGIN {18}\r\n|a\r\nA2 DELETE INBOX \"x\"");
        let nul = LoginCommand { user: "a\0b", password: "x".into() };
        assert!(matches!(encode(&nul, false), Err(Error::Usage(UsageError::InvalidArgument(_)))));
        let mechanism = AuthenticateCommand { mechanism: "PLAIN x", initial_response: None };
        assert!(encode(&mechanism, false).is_err());
        assert!(encode(&EnableCommand { capabilities: &["A B"] }, false).is_err());
        assert!(encode(&EnableCommand { capabilities: &[] }, false).is_err());
    }

    #[test]
    fn authenticate() {
        let mut command = AuthenticateCommand { mechanism: "PLAIN", initial_response: None };
        says(&command, "AUTHENTICATE PLAIN");
        command.initial_response = Some(&Response::EMPTY);
        says(&command, "AUTHENTICATE PLAIN =");
        let response = Response::new(b"\0").and(b"alice").and(b"\0").and(b"secret");
        command.initial_response = Some(&response);
        says(&command, "AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==");
        // A response of many chunks.
        let bytes = [b'x'; 255];
        for size in [47, 48, 49, 96, 100, 255] {
            let token = bytes.get(..size).unwrap();
            let response = Response::new(token);
            let command = AuthenticateCommand { initial_response: Some(&response), ..command };
            let mut room = [0; 512];
            let text = Base64::encode(token, &mut room).unwrap();
            says(&command, &format!("AUTHENTICATE PLAIN {text}"));
        }
    }

    #[test]
    fn enable() {
        let enable = EnableCommand { capabilities: &["IMAP4rev2", "UTF8=ACCEPT"] };
        says(&enable, "ENABLE IMAP4rev2 UTF8=ACCEPT");
    }
}
