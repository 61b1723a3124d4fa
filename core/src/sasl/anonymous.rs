//! ANONYMOUS (RFC 4505).

use super::{Challenge, Error, Mechanism, Response};

/// The largest trace, in characters (RFC 4505 section 2).
const TRACE: usize = 255;

/// ANONYMOUS: a guest, who may leave a trace of itself (RFC 4505).
///
/// ```abnf
/// message = [ email / token ]
/// token   = 1*255 TCHAR
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Anonymous<'a> {
    trace: &'a str,
}

impl<'a> Anonymous<'a> {
    /// A guest whose trace is a mail address, or some text without `@`, or empty.
    pub const fn new(trace: &'a str) -> Self {
        Self { trace }
    }
}

impl Mechanism for Anonymous<'_> {
    fn name(&self) -> &'static str {
        "ANONYMOUS"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        if self.trace.chars().count() > TRACE || self.trace.chars().any(char::is_control) {
            return Err(Error::InvalidCredentials("trace"));
        }
        Ok(Response::new(self.trace.as_bytes()))
    }

    fn respond(&mut self, _: Challenge<'_>) -> Result<Response<'_>, Error> {
        Err(Error::UnexpectedChallenge)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::bytes;
    use super::*;

    /// RFC 4505 section 4.
    #[test]
    fn examples() {
        assert_eq!(bytes(&Anonymous::new("sirhc").initial().unwrap()), b"sirhc");
        assert!(Anonymous::default().initial().unwrap().is_empty());
        assert!(Anonymous::new("a\r\n").initial().is_err());
        assert!(Anonymous::new(&"ä".repeat(255)).initial().is_ok());
        assert!(Anonymous::new(&"a".repeat(256)).initial().is_err());
    }
}
