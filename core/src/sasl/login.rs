//! LOGIN (draft-murchison-sasl-login-00).

use super::{Challenge, Error, Mechanism, Response};
use crate::Secret;

/// LOGIN: name and password in clear, each asked for, so only inside TLS. Obsolete; for
/// servers that have nothing better.
///
/// The first challenge gets the name and the second the password, whatever they say: the
/// prompts of servers differ (`Username:`, `User Name\0`, nothing at all).
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    user: &'a str,
    password: Secret<'a>,
    step: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    User,
    Password,
    Done,
}

impl<'a> Login<'a> {
    /// With these credentials.
    pub fn new(user: &'a str, password: impl Into<Secret<'a>>) -> Self {
        Self { user, password: password.into(), step: Step::User }
    }
}

impl Mechanism for Login<'_> {
    fn name(&self) -> &'static str {
        "LOGIN"
    }

    fn is_client_first(&self) -> bool {
        false
    }

    /// The name. Not all servers take it before they asked.
    fn initial(&mut self) -> Result<Response<'_>, Error> {
        self.step = Step::Password;
        Ok(Response::new(self.user.as_bytes()))
    }

    fn respond(&mut self, _: Challenge<'_>) -> Result<Response<'_>, Error> {
        let (bytes, next) = match self.step {
            Step::User => (self.user.as_bytes(), Step::Password),
            Step::Password => (self.password.expose(), Step::Done),
            Step::Done => return Err(Error::UnexpectedChallenge),
        };
        self.step = next;
        Ok(Response::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::bytes;
    use super::*;

    #[test]
    fn name_then_password_then_nothing() {
        let mut login = Login::new("alice", "secret");
        assert!(!login.is_client_first());
        for (prompt, answer) in [("VXNlciBOYW1lAA==", "alice"), ("?", "secret")] {
            let challenge = Challenge::new(prompt.as_bytes());
            assert_eq!(bytes(&login.respond(challenge).unwrap()), answer.as_bytes());
        }
        assert!(login.respond(Challenge::new(b"")).is_err());
    }
}
