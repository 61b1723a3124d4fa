//! CRAM-MD5 (RFC 2195).

use super::{Challenge, Error, Mechanism, Response};
use crate::Secret;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

/// The longest challenge that is taken, in bytes; those of servers have 30 to 100.
const CHALLENGE: usize = 512;

/// CRAM-MD5: the password is not sent, but who listens can try out passwords against what is
/// sent (RFC 2195). Obsolete: inside TLS PLAIN is no worse, and SCRAM is better anywhere.
///
/// The server does not prove who it is.
#[derive(Debug, Clone)]
pub struct CramMd5<'a> {
    user: &'a str,
    password: Secret<'a>,
    digest: Option<[u8; 32]>,
}

impl<'a> CramMd5<'a> {
    /// With these credentials.
    pub fn new(user: &'a str, password: impl Into<Secret<'a>>) -> Self {
        Self { user, password: password.into(), digest: None }
    }
}

impl Mechanism for CramMd5<'_> {
    fn name(&self) -> &'static str {
        "CRAM-MD5"
    }

    fn is_client_first(&self) -> bool {
        false
    }

    /// Nothing, since the server speaks first.
    fn initial(&mut self) -> Result<Response<'_>, Error> {
        Ok(Response::EMPTY)
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        if self.digest.is_some() {
            return Err(Error::UnexpectedChallenge);
        }
        let mut memory = [0; CHALLENGE];
        let challenge = challenge.decode(&mut memory).ok_or(Error::InvalidChallenge)?;
        // HMAC (RFC 2104) takes keys of any length.
        let mut hmac = Hmac::<Md5>::new_from_slice(self.password.expose())
            .map_err(|_| Error::InvalidCredentials("password"))?;
        hmac.update(challenge);
        let hash = hmac.finalize().into_bytes();
        let digest = self.digest.insert([0; 32]);
        for (to, byte) in digest.chunks_exact_mut(2).zip(&hash) {
            for (to, nibble) in to.iter_mut().zip([byte >> 4, byte & 15]) {
                *to = if nibble < 10 { b'0' | nibble } else { nibble.wrapping_add(b'a' - 10) };
            }
        }
        Ok(Response::new(self.user.as_bytes()).and(b" ").and(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{base64, bytes};
    use super::*;

    /// RFC 2195 section 2.
    #[test]
    fn example() {
        let mut cram = CramMd5::new("tim", "tanstaaftanstaaf");
        assert!(!cram.is_client_first());
        let challenge = b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
        let response = bytes(&cram.respond(Challenge::new(challenge)).unwrap());
        assert_eq!(response, b"tim b913a602c7eda7a495b4e6e7334d3890");
        assert_eq!(base64(&response), "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
        let again = cram.respond(Challenge::new(challenge));
        assert_eq!(again.unwrap_err(), Error::UnexpectedChallenge);
        assert!(!std::format!("{cram:?}").contains("tans"));
    }

    /// RFC 2202 section 2: keys as long as a block and longer.
    #[test]
    fn keys_of_any_length() {
        let digest = |key: &[u8], data: &[u8]| {
            let mut cram = CramMd5::new("", key);
            bytes(&cram.respond(Challenge::new(base64(data).as_bytes())).unwrap())
        };
        assert_eq!(
            digest(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            b" 6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"
        );
        assert_eq!(
            digest(b"Jefe", b"what do ya want for nothing?"),
            b" 750c783e6ab0b503eaa86e310a5db738"
        );
        assert_eq!(digest(b"", b""), b" 74e6f7298a9c2d168935f58c001bad88");
    }

    #[test]
    fn bad_challenges() {
        for challenge in [std::string::String::from("go ahead"), base64(&[b'x'; 513])] {
            let mut cram = CramMd5::new("tim", "tanstaaftanstaaf");
            let response = cram.respond(Challenge::new(challenge.as_bytes()));
            assert_eq!(response.unwrap_err(), Error::InvalidChallenge);
        }
    }
}
