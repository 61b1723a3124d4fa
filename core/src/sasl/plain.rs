//! PLAIN (RFC 4616).

use super::{Challenge, Error, Mechanism, Response};
use crate::Secret;

/// PLAIN: name and password in clear, so only inside TLS (RFC 4616).
///
/// ```abnf
/// message = [authzid] UTF8NUL authcid UTF8NUL passwd
/// ```
///
/// They are sent as they are given; SASLprep is the server's part.
///
/// ```
/// use mailwire::sasl::{Mechanism, Plain};
///
/// let mut plain = Plain::new("tim", "tanstaaftanstaaf");
/// let initial = plain.initial()?;
/// assert!(initial.expose().eq(*b"\0tim\0tanstaaftanstaaf"));
/// # Ok::<(), mailwire::sasl::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    authorization: &'a str,
    user: &'a str,
    password: Secret<'a>,
}

impl<'a> Plain<'a> {
    /// To be who one logs in as.
    pub fn new(user: &'a str, password: impl Into<Secret<'a>>) -> Self {
        Self { authorization: "", user, password: password.into() }
    }

    /// To log in as oneself, and be somebody else: `authzid`.
    #[must_use]
    pub const fn acting_as(mut self, authorization: &'a str) -> Self {
        self.authorization = authorization;
        self
    }
}

impl Mechanism for Plain<'_> {
    fn name(&self) -> &'static str {
        "PLAIN"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        let parts = [self.authorization.as_bytes(), self.user.as_bytes(), self.password.expose()];
        if parts.iter().any(|part| part.contains(&0)) {
            return Err(Error::InvalidCredentials("NUL"));
        }
        let [authorization, user, password] = parts;
        Ok(Response::new(authorization).and(b"\0").and(user).and(b"\0").and(password))
    }

    fn respond(&mut self, _: Challenge<'_>) -> Result<Response<'_>, Error> {
        Err(Error::UnexpectedChallenge)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::bytes;
    use super::*;

    /// RFC 4616 section 4.
    #[test]
    fn examples() {
        let mut plain = Plain::new("Kurt", "xipj3plmq").acting_as("Ursel");
        assert_eq!(bytes(&plain.initial().unwrap()), b"Ursel\0Kurt\0xipj3plmq");
        assert_eq!(plain.respond(Challenge::new(b"")).unwrap_err(), Error::UnexpectedChallenge);
        assert!(plain.finish().is_ok());
    }

    #[test]
    fn nul_is_refused() {
        for mut plain in
            [Plain::new("a\0b", "c"), Plain::new("a", "b\0c"), Plain::new("a", "b").acting_as("\0")]
        {
            assert_eq!(plain.initial().unwrap_err(), Error::InvalidCredentials("NUL"));
        }
    }
}
