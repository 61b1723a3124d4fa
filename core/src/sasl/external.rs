//! EXTERNAL (RFC 4422 appendix A).

use super::{Challenge, Error, Mechanism, Response};

/// EXTERNAL: the server knows already who one is, by the certificate that was shown to it in
/// the TLS handshake (RFC 4422 appendix A).
///
/// ```abnf
/// initial-response = *( UTF8-char-no-nul )
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct External<'a> {
    authorization: &'a str,
}

impl<'a> External<'a> {
    /// To be whom the certificate names.
    pub const fn new() -> Self {
        Self { authorization: "" }
    }

    /// To be somebody else: `authzid`.
    #[must_use]
    pub const fn acting_as(mut self, authorization: &'a str) -> Self {
        self.authorization = authorization;
        self
    }
}

impl Mechanism for External<'_> {
    fn name(&self) -> &'static str {
        "EXTERNAL"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        if self.authorization.contains('\0') {
            return Err(Error::InvalidCredentials("NUL"));
        }
        Ok(Response::new(self.authorization.as_bytes()))
    }

    fn respond(&mut self, _: Challenge<'_>) -> Result<Response<'_>, Error> {
        Err(Error::UnexpectedChallenge)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::bytes;
    use super::*;

    /// RFC 4422 appendix A.3.
    #[test]
    fn examples() {
        assert!(External::new().initial().unwrap().is_empty());
        let mut other = External::new().acting_as("fred@example.com");
        assert_eq!(bytes(&other.initial().unwrap()), b"fred@example.com");
        assert!(other.respond(Challenge::new(b"")).is_err());
        assert!(External::new().acting_as("a\0").initial().is_err());
    }
}
