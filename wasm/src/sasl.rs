//! An exchange of SASL that goes on without JavaScript.

use crate::args::Args;
use crate::error::sasl_code;
use crate::memory::{Kept, failed};
use crate::prelude::Vec;
use crate::records::Records;
use mailwire::Secret;
use mailwire::sasl::{Best, Challenge, Credentials, Error, Link, Mechanism, Response, best};

/// A mechanism, what it borrows, and how far it got.
#[derive(Debug)]
pub(crate) struct Exchange {
    best: Best<'static>,
    begins: bool,
    /// Why it was cancelled.
    failed: Option<Error>,
    // The last: see `Kept`.
    _kept: Kept,
}

impl Exchange {
    /// The best of the offered mechanisms for the credentials in `args`: what they are, the user,
    /// the secret, whether the link is safe, and a nonce.
    pub(crate) fn new(
        offered: impl Iterator<Item = &'static str>,
        args: &Args<'_>,
    ) -> Result<Self, Error> {
        // Of one type for all protocols.
        Self::of(&offered.collect::<Vec<_>>(), args)
    }

    fn of(offered: &[&'static str], args: &Args<'_>) -> Result<Self, Error> {
        let mut kept = Kept::default();
        let mut text = |bytes: &[u8]| -> &'static [u8] { kept.bytes(bytes.to_vec()) };
        let kind = args.u8();
        let user = core::str::from_utf8(text(args.bytes())).unwrap_or_default();
        let secret = Secret::new(text(args.bytes()));
        let link = if args.bool() { Link::protected() } else { Link::in_clear() };
        let nonce = text(args.bytes());
        let credentials = match kind {
            0 => Credentials::password(user, secret),
            1 => Credentials::token(user, secret),
            2 => Credentials::Certificate,
            _ => Credentials::Guest { trace: user },
        };
        let best = best(offered.iter().copied(), credentials, link, nonce)?;
        Ok(Self { begins: best.is_client_first(), best, failed: None, _kept: kept })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.best.name()
    }

    /// The response that goes with the command, if there is one and the server takes it.
    pub(crate) fn initial(&mut self, taken: bool) -> Result<Option<Response<'_>>, Error> {
        if !(self.begins && taken) {
            return Ok(None);
        }
        self.begins = false;
        self.best.initial().map(Some)
    }

    /// The answer to a challenge. `None`: cancel.
    pub(crate) fn answer(&mut self, challenge: Option<&[u8]>) -> Option<Response<'_>> {
        let Self { best, begins, failed, .. } = self;
        let response = match challenge {
            None => Err(Error::InvalidChallenge),
            Some(_) if core::mem::take(begins) => best.initial(),
            Some(challenge) => best.respond(Challenge::new(challenge)),
        };
        response.map_err(|error| *failed = Some(error)).ok()
    }

    /// The command has ended, with OK or not. Tells what went wrong on this side; whether the
    /// connection can be trusted. The mechanism has the last word.
    pub(crate) fn end(mut self, ok: bool, records: &mut Records) -> bool {
        let (event, error) = match ok {
            true => ("error", self.best.finish().err()),
            false => ("sasl_error", self.failed),
        };
        let Some(error) = error else { return true };
        failed(records, event, sasl_code(&error), &error);
        !ok
    }
}
