//! Who is there: USER, PASS, APOP (RFC 1939 section 7), AUTH (RFC 5034), STLS (RFC 2595).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::Secret;
use crate::sasl::Response;
use crate::writer::word_command;
use core::fmt;

/// `USER`: the user's name, to be followed by [`PassCommand`] (RFC 1939 section 7).
///
/// A name that is not ASCII goes as UTF-8; a server that says `UTF8 USER` takes it, and many
/// others do (RFC 6856 section 2.2).
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UserCommand<'a> {
    /// The user's name.
    pub user: &'a str,
}

impl Command for UserCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::User
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if self.user.is_empty() {
            out.invalid("an empty user name");
        }
        out.raw(b"USER ").raw(self.user.as_bytes());
    }
}

/// `PASS`: the password in clear, so only inside TLS (RFC 1939 section 7).
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PassCommand<'a> {
    /// The password, which may hold spaces.
    pub password: Secret<'a>,
}

impl Command for PassCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Pass
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"PASS ").secret(self.password);
    }
}

/// The MD5 digest of the greeting's timestamp and the password (RFC 1939 section 7).
///
/// It is what the server compares, so it is as secret as the session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ApopDigest(pub [u8; 16]);

impl ApopDigest {
    /// Of a [`timestamp`](super::StatusResponse::timestamp), brackets and all, and a
    /// password.
    #[cfg(feature = "apop")]
    pub fn new(timestamp: &[u8], password: Secret<'_>) -> Self {
        ApopChallenge::new(timestamp).answer(password)
    }

    /// As it is sent: digits and lower case letters.
    fn hex(&self) -> impl Iterator<Item = u8> + '_ {
        let digit = |nibble: u8| match nibble {
            0..=9 => b'0' | nibble,
            _ => nibble.wrapping_add(b'a' - 10),
        };
        self.0.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 0x0f)])
    }
}

impl fmt::Debug for ApopDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApopDigest(…)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ApopDigest {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ApopDigest(…)");
    }
}

/// A greeting's timestamp, hashed: what has to be kept of it until the password is at hand.
/// 96 bytes, however long the timestamp is.
#[cfg(feature = "apop")]
#[derive(Clone)]
pub struct ApopChallenge(md5::Md5);

#[cfg(feature = "apop")]
impl ApopChallenge {
    /// Of a [`timestamp`](super::StatusResponse::timestamp), brackets and all.
    pub fn new(timestamp: &[u8]) -> Self {
        use md5::Digest as _;
        Self(md5::Md5::new_with_prefix(timestamp))
    }

    /// What proves that one knows the password.
    pub fn answer(&self, password: Secret<'_>) -> ApopDigest {
        use md5::Digest as _;
        ApopDigest(self.0.clone().chain_update(password.expose()).finalize().into())
    }
}

#[cfg(feature = "apop")]
impl fmt::Debug for ApopChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApopChallenge(…)")
    }
}

/// `APOP`: the user's name, and a digest instead of the password (RFC 1939 section 7).
///
/// It needs a timestamp in the greeting. MD5 is weak: use it inside TLS all the same.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ApopCommand<'a> {
    /// The user's name: one word.
    pub user: &'a str,
    /// Of the greeting's timestamp and the password.
    pub digest: ApopDigest,
}

impl Command for ApopCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Apop
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"APOP ").word(self.user).sp();
        for digit in self.digest.hex() {
            out.secret(Secret::new(&[digit]));
        }
    }
}

/// `AUTH`: begins an exchange of a SASL mechanism (RFC 5034 section 4).
///
/// ```abnf
/// auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF cancel-response] CRLF
/// initial-response = base64 / "="
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AuthCommand<'a> {
    /// The mechanism's name, such as `PLAIN`.
    pub mechanism: &'a str,
    /// The first thing that the client says, to spare a round trip. Servers from before
    /// RFC 5034, and some for XOAUTH2, take none; and the line must not be longer than 255
    /// octets (RFC 5034 section 4). Without it, the server asks.
    pub initial_response: Option<&'a Response<'a>>,
}

impl Command for AuthCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Auth
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"AUTH ").word(self.mechanism);
        match self.initial_response {
            None => {}
            Some(response) if response.is_empty() => {
                out.raw(b" =");
            }
            Some(response) => {
                out.sp().base64(response);
            }
        }
    }
}

word_command! {
    /// `STLS`: from the server's `+OK` on, TLS (RFC 2595 section 4). Not once UTF-8 mode is on
    /// (RFC 6856 section 2.1).
    StlsCommand = Stls, b"STLS";
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{refused, says};
    use super::*;
    use std::format;

    #[test]
    fn user_and_pass() {
        says(&UserCommand { user: "alice" }, "USER alice");
        says(&UserCommand { user: "jürgen m" }, "USER jürgen m");
        says(&PassCommand { password: "p\"a\\ss word€".into() }, "PASS p\"a\\ss word€");
        let pass = PassCommand { password: "hunter2".into() };
        assert!(!format!("{pass:?}").contains("hunter2"));
    }

    #[test]
    fn nothing_smuggled_in() {
        for user in ["a\r\nDELE 1", "a\nDELE 1", "a\0b", "a\r", ""] {
            refused(&UserCommand { user });
            refused(&ApopCommand { user, digest: ApopDigest([0; 16]) });
            refused(&AuthCommand { mechanism: user, initial_response: None });
        }
        refused(&PassCommand { password: "x\r\nDELE 1".into() });
        refused(&ApopCommand { user: "a b", digest: ApopDigest([0; 16]) });
        refused(&AuthCommand { mechanism: "PLAIN x", initial_response: None });
    }

    #[test]
    fn apop() {
        let digest = ApopDigest([
            0xc4, 0xc9, 0x33, 0x4b, 0xac, 0x56, 0x0e, 0xcc, 0x97, 0x9e, 0x58, 0x00, 0x1b, 0x3e,
            0x22, 0xfb,
        ]);
        let command = ApopCommand { user: "mrose", digest };
        says(&command, "APOP mrose c4c9334bac560ecc979e58001b3e22fb");
        // RFC 1939 section 7.
        #[cfg(feature = "apop")]
        assert_eq!(
            ApopDigest::new(b"<1896.697170952@dbc.mtview.ca.us>", "tanstaaf".into()),
            digest
        );
        assert_eq!(format!("{digest:?}"), "ApopDigest(…)");
    }

    #[test]
    fn auth() {
        let mut command = AuthCommand { mechanism: "PLAIN", initial_response: None };
        says(&command, "AUTH PLAIN");
        command.initial_response = Some(&Response::EMPTY);
        says(&command, "AUTH PLAIN =");
        let response = Response::new(b"\0alice\0").and(b"password");
        command.initial_response = Some(&response);
        says(&command, "AUTH PLAIN AGFsaWNlAHBhc3N3b3Jk");
        says(&StlsCommand, "STLS");
    }
}
