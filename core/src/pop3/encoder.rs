//! How a command's bytes get into Tx.

use crate::sasl::Response;
use crate::writer::{Digits, Writer};
use crate::{Error, Secret, Tx};

/// Writes the arguments of a [`Command`](super::Command) so that none of them can be taken
/// for anything else.
///
/// Errors are remembered, so that calls can be chained; the command is then not sent, and
/// nothing of it stays in Tx.
#[derive(Debug)]
pub struct Encoder<'t, 'b>(Writer<'t, 'b>);

impl<'t, 'b> Encoder<'t, 'b> {
    /// An encoder for one command.
    pub(crate) fn new(tx: &'t mut Tx<'b>) -> Self {
        Self(Writer::new(tx))
    }

    /// Ends the command: all of it is in Tx, or nothing.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.0.push(b"\r\n");
        self.0.finish()
    }

    /// Refuses the command: an argument is invalid, and this says which or why. The first
    /// one counts.
    pub fn invalid(&mut self, why: &'static str) -> &mut Self {
        self.0.invalid(why);
        self
    }

    /// Text that may hold anything but what ends a line: CR, LF and NUL. Spaces too, so it
    /// must be the last argument.
    pub fn raw(&mut self, text: &[u8]) -> &mut Self {
        if text.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return self.invalid("CR, LF or NUL in an argument");
        }
        self.0.push(text);
        self
    }

    /// A space.
    pub fn sp(&mut self) -> &mut Self {
        self.raw(b" ")
    }

    /// A word: not empty, and without a space or a control character.
    pub fn word(&mut self, word: &str) -> &mut Self {
        if word.is_empty() || word.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return self.invalid("an argument that is not one word");
        }
        self.raw(word.as_bytes())
    }

    /// A number.
    pub fn number(&mut self, value: u32) -> &mut Self {
        self.0.push(Digits::new(value.into()).as_bytes());
        self
    }

    /// The number of a message, which is not 0.
    pub fn message(&mut self, number: u32) -> &mut Self {
        if number == 0 {
            return self.invalid("message number 0");
        }
        self.number(number)
    }

    /// [`raw`](Self::raw) text that is wiped once it is sent.
    pub fn secret(&mut self, text: Secret<'_>) -> &mut Self {
        self.raw(text.expose());
        self.0.secret();
        self
    }

    /// A SASL response in base64, wiped once it is sent.
    pub fn base64(&mut self, response: &Response<'_>) -> &mut Self {
        self.0.base64(response);
        self
    }
}
