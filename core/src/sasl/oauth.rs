//! OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2.

use super::{Challenge, Error, Mechanism, Response, push_name};
use crate::Secret;
use core::fmt;
use heapless::Vec;

/// Bytes for what a server says of a refused token, and before that for what is sent in
/// front of the token.
const MEMORY: usize = 256;

/// Where an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Sent,
    Refused,
}

/// OAUTHBEARER: a token instead of a password (RFC 7628). The token is sent in clear, so only
/// inside TLS.
///
/// ```abnf
/// kvsep       = %x01
/// client-resp = gs2-header kvsep *kvpair kvsep
/// ```
///
/// A server that refuses the token first says why, in JSON: see [`error`](Self::error). It is
/// answered as it must be, and then the server ends the exchange.
#[derive(Clone)]
pub struct OAuthBearer<'a> {
    user: &'a str,
    token: Secret<'a>,
    server: Option<(&'a str, u16)>,
    step: Step,
    memory: Vec<u8, MEMORY>,
}

impl<'a> OAuthBearer<'a> {
    /// With an access token for this user. Some servers take the user from the token, if
    /// `user` is empty.
    pub fn new(user: &'a str, token: impl Into<Secret<'a>>) -> Self {
        Self { user, token: token.into(), server: None, step: Step::Begin, memory: Vec::new() }
    }

    /// Tells the server which host and port the client believes it talks to
    /// (RFC 7628 section 3.1).
    #[must_use]
    pub const fn server(mut self, host: &'a str, port: u16) -> Self {
        self.server = Some((host, port));
        self
    }

    /// What the server says of the refused token: JSON, of which the first 255 bytes are
    /// kept (RFC 7628 section 3.2.2).
    pub fn error(&self) -> Option<&[u8]> {
        (self.step == Step::Refused).then_some(&*self.memory)
    }

    /// Writes all that stands before the token.
    fn head(&mut self) -> fmt::Result {
        use fmt::Write;
        self.memory.clear();
        self.memory.write_str("n,")?;
        if !self.user.is_empty() {
            self.memory.write_str("a=")?;
            push_name(&mut self.memory, self.user.bytes()).map_err(|_| fmt::Error)?;
        }
        self.memory.write_str(",\x01")?;
        if let Some((host, port)) = self.server {
            write!(self.memory, "host={host}\x01port={port}\x01")?;
        }
        Ok(())
    }
}

impl Mechanism for OAuthBearer<'_> {
    fn name(&self) -> &'static str {
        "OAUTHBEARER"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        let host = self.server.map_or("", |(host, _)| host);
        check(&[self.user.as_bytes(), host.as_bytes(), self.token.expose()])?;
        self.head().map_err(|_| Error::InvalidCredentials("too long"))?;
        self.step = Step::Sent;
        Ok(Response::new(&self.memory)
            .and(b"auth=Bearer ")
            .and(self.token.expose())
            .and(b"\x01\x01"))
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        refused(&mut self.step, challenge, &mut self.memory)?;
        Ok(Response::new(b"\x01"))
    }
}

impl fmt::Debug for OAuthBearer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthBearer").field("user", &self.user).finish_non_exhaustive()
    }
}

/// XOAUTH2: Google's and Microsoft's forerunner of OAUTHBEARER. The token is sent in clear, so
/// only inside TLS.
///
/// ```abnf
/// message = "user=" user %x01 "auth=Bearer " token %x01 %x01
/// ```
///
/// A server that refuses the token first says why, in JSON: see [`error`](Self::error).
#[derive(Clone)]
pub struct XOAuth2<'a> {
    user: &'a str,
    token: Secret<'a>,
    step: Step,
    memory: Vec<u8, MEMORY>,
}

impl<'a> XOAuth2<'a> {
    /// With an access token for this user.
    pub fn new(user: &'a str, token: impl Into<Secret<'a>>) -> Self {
        Self { user, token: token.into(), step: Step::Begin, memory: Vec::new() }
    }

    /// What the server says of the refused token: JSON, of which the first 255 bytes are
    /// kept.
    pub fn error(&self) -> Option<&[u8]> {
        (self.step == Step::Refused).then_some(&*self.memory)
    }
}

impl Mechanism for XOAuth2<'_> {
    fn name(&self) -> &'static str {
        "XOAUTH2"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        check(&[self.user.as_bytes(), self.token.expose()])?;
        self.step = Step::Sent;
        Ok(Response::new(b"user=")
            .and(self.user.as_bytes())
            .and(b"\x01auth=Bearer ")
            .and(self.token.expose())
            .and(b"\x01\x01"))
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        refused(&mut self.step, challenge, &mut self.memory)?;
        Ok(Response::EMPTY)
    }
}

impl fmt::Debug for XOAuth2<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XOAuth2").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Refuses what could pass for the end of a value. In a token spaces and line ends would come
/// from a file that was read whole.
fn check(values: &[&[u8]]) -> Result<(), Error> {
    let is_bad = |byte: &u8| byte.is_ascii_control();
    match values.iter().any(|value| value.iter().any(is_bad)) {
        true => Err(Error::InvalidCredentials("a control character")),
        false => Ok(()),
    }
}

/// Keeps what the server says of the token.
fn refused(
    step: &mut Step,
    challenge: Challenge<'_>,
    memory: &mut Vec<u8, MEMORY>,
) -> Result<(), Error> {
    if *step != Step::Sent {
        return Err(Error::UnexpectedChallenge);
    }
    *step = Step::Refused;
    memory.clear();
    // Whatever else a server says, it is told on as nothing.
    let mut decoded = [0; MEMORY];
    let text = challenge.as_base64().trim_ascii();
    let text = text.get(..MEMORY / 3 * 4).unwrap_or(text);
    let _ = memory.extend_from_slice(Challenge::new(text).decode(&mut decoded).unwrap_or_default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{base64, bytes};
    use super::*;
    use std::format;

    const TOKEN: &str = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

    /// RFC 7628 sections 4.1 and 4.3.
    #[test]
    fn oauthbearer() {
        let mut bearer =
            OAuthBearer::new("user@example.com", TOKEN).server("server.example.com", 143);
        assert_eq!(
            base64(&bytes(&bearer.initial().unwrap())),
            "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVh\
             cmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        );
        assert_eq!(bearer.error(), None);
        let json = "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3Blbmlk\
                    LWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1j\
                    b25maWd1cmF0aW9uIn0=";
        let dummy = bytes(&bearer.respond(Challenge::new(json.as_bytes())).unwrap());
        assert_eq!(base64(&dummy), "AQ==");
        let error = bearer.error().unwrap();
        assert!(error.starts_with(br#"{"status":"invalid_token","scope":"example_scope","#));
        assert!(error.ends_with(b"openid-configuration\"}"));
        assert!(bearer.respond(Challenge::new(b"")).is_err());
    }

    /// developers.google.com/workspace/gmail/imap/xoauth2-protocol.
    #[test]
    fn xoauth2() {
        let token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg";
        let mut oauth = XOAuth2::new("someuser@example.com", token);
        assert_eq!(
            base64(&bytes(&oauth.initial().unwrap())),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNr\
             QmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
        let json = "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9t\
                    YWlsLmdvb2dsZS5jb20vIn0K";
        assert!(oauth.respond(Challenge::new(json.as_bytes())).unwrap().is_empty());
        let says: &[u8] =
            b"{\"status\":\"401\",\"schemes\":\"bearer mac\",\"scope\":\"https://mail.google.com/\"}\n";
        assert_eq!(oauth.error(), Some(says));
        assert!(oauth.respond(Challenge::new(b"")).is_err());
    }

    #[test]
    fn errors_are_cut() {
        for (said, kept) in [(254, 254), (255, 255), (256, 255), (1000, 255)] {
            let mut oauth = XOAuth2::new("a", "b");
            let _ = oauth.initial().unwrap();
            let challenge = base64(&[b'x'; 1000][..said]);
            let _ = oauth.respond(Challenge::new(challenge.as_bytes())).unwrap();
            assert_eq!(oauth.error().unwrap().len(), kept);
        }
        let mut bearer = OAuthBearer::new("a", "b");
        let _ = bearer.initial().unwrap();
        let _ = bearer.respond(Challenge::new(b"not base64!")).unwrap();
        assert_eq!(bearer.error(), Some(&b""[..]));
    }

    #[test]
    fn nothing_smuggled_in_or_shown() {
        let mut odd = OAuthBearer::new("a=b,c", "token");
        assert_eq!(bytes(&odd.initial().unwrap()), b"n,a=a=3Db=2Cc,\x01auth=Bearer token\x01\x01");
        let mut nobody = OAuthBearer::new("", "token");
        assert_eq!(bytes(&nobody.initial().unwrap()), b"n,,\x01auth=Bearer token\x01\x01");
        assert!(!format!("{odd:?}").contains("token"));
        assert!(OAuthBearer::new("a", "token\n").initial().is_err());
        assert!(OAuthBearer::new("a", "b").server("h\x01auth=x", 1).initial().is_err());
        let long = "u".repeat(300);
        assert!(OAuthBearer::new(&long, "b").initial().is_err());
        assert!(XOAuth2::new("a\x01auth=Bearer x", "b").initial().is_err());
        assert!(!format!("{:?}", XOAuth2::new("a", "token")).contains("token"));
    }
}
