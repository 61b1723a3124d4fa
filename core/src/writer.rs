//! How a command gets into Tx: whole, or not at all.

use crate::sasl::Response;
use crate::{Error, ResourceError, Tx, UsageError};
use base64ct::{Base64, Encoding as _};
use core::fmt;
use zeroize::Zeroizing;

/// Writes a command. Errors are remembered: after the first one nothing more is written, and
/// [`finish`](Self::finish) takes back what was.
pub(crate) struct Writer<'t, 'b> {
    tx: &'t mut Tx<'b>,
    mark: usize,
    /// Bytes so far, whether they had room or not.
    needed: usize,
    full: bool,
    error: Option<Error>,
}

impl<'t, 'b> Writer<'t, 'b> {
    pub(crate) fn new(tx: &'t mut Tx<'b>) -> Self {
        let mark = tx.mark();
        Self { tx, mark, needed: 0, full: false, error: None }
    }

    /// All is in Tx, or nothing.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let error = match self.error {
            Some(error) => error,
            None if self.full => Error::Resource(ResourceError::TxFull {
                needed: self.needed,
                capacity: self.tx.capacity(),
            }),
            None => return Ok(()),
        };
        self.tx.truncate(self.mark);
        Err(error)
    }

    /// How many bytes so far, whether they had room or not.
    pub(crate) fn written(&self) -> usize {
        self.needed
    }

    /// Whether an error was met; not whether there was room.
    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    /// The first error counts.
    #[cold]
    #[inline(never)] // Flash.
    pub(crate) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// An argument that cannot be sent.
    #[cold]
    #[inline(never)] // Flash.
    pub(crate) fn invalid(&mut self, why: &'static str) {
        self.fail(UsageError::InvalidArgument(why).into());
    }

    /// Bytes, unchecked.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.needed = self.needed.saturating_add(bytes.len());
            self.full = self.full || !self.tx.push(bytes);
        }
    }

    /// What follows waits for the server's `+`.
    pub(crate) fn gate(&mut self) {
        if self.error.is_none()
            && !self.full
            && let Err(error) = self.tx.push_gate()
        {
            self.fail(error.into());
        }
    }

    /// All that was written so far is wiped once it is sent.
    pub(crate) fn secret(&mut self) {
        self.tx.mark_secret();
    }

    /// A SASL response, to be wiped once it is sent. Piece by piece, for there is nowhere to
    /// put the whole.
    pub(crate) fn base64(&mut self, response: &Response<'_>) {
        let mut bytes = response.expose();
        let mut clear = Zeroizing::new([0_u8; 48]);
        let mut text = Zeroizing::new([0_u8; 64]);
        loop {
            let mut used = 0_usize;
            for (to, from) in clear.iter_mut().zip(&mut bytes) {
                *to = from;
                used = used.saturating_add(1);
            }
            // 48 bytes are 64 characters, so it cannot fail.
            match clear.get(..used).map(|clear| Base64::encode(clear, text.as_mut())) {
                Some(Ok(text)) if !text.is_empty() => self.push(text.as_bytes()),
                _ => break,
            }
        }
        self.secret();
    }
}

/// Shows nothing of what was written, which may be a password.
impl fmt::Debug for Writer<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("needed", &self.needed)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Sends a SASL response as a line: an empty one is an empty line (RFC 9051 section 6.2.2,
/// RFC 5034 section 4).
///
/// ```abnf
/// *(CRLF base64)
/// ```
pub(crate) fn base64_line(response: &Response<'_>, tx: &mut Tx<'_>) -> Result<(), Error> {
    let mut out = Writer::new(tx);
    out.base64(response);
    out.push(b"\r\n");
    out.finish()
}

/// Sends a line that needs no care.
pub(crate) fn line(line: &[u8], tx: &mut Tx<'_>) -> Result<(), Error> {
    let mut out = Writer::new(tx);
    out.push(line);
    out.finish()
}

/// The digits of a number, without a heap.
pub(crate) struct Digits {
    text: [u8; 20],
    start: usize,
}

impl Digits {
    pub(crate) fn new(value: u64) -> Self {
        let mut text = [b'0'; 20];
        let mut start = 20_usize;
        // By hand, since a division of 64 bits takes a KiB where the processor has none.
        let mut quarters = [48, 32, 16, 0].map(|shift| (value >> shift) as u32 & 0xffff);
        for place in text.iter_mut().rev() {
            let mut left = 0;
            for quarter in &mut quarters {
                let dividend = left << 16 | *quarter;
                *quarter = dividend / 10;
                left = dividend % 10;
            }
            *place = b'0' | left as u8;
            start = start.wrapping_sub(1);
            if quarters == [0; 4] {
                break;
            }
        }
        Self { text, start }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }
}

/// Commands that are a verb and nothing else, of the protocol whose `Command`, `Kind` and `Encoder`
/// are in scope.
macro_rules! word_command {
    ($($(#[$doc:meta])* $name:ident = $kind:ident, $verb:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name;

        impl Command for $name {
            fn kind(&self) -> Kind {
                Kind::$kind
            }

            fn encode(&self, out: &mut Encoder<'_, '_>) {
                out.raw($verb);
            }
        }
    )*};
}
pub(crate) use word_command;

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    #[test]
    fn digits() {
        for value in [0, 7, 10, 4096, u64::MAX] {
            assert_eq!(Digits::new(value).as_bytes(), value.to_string().as_bytes());
        }
    }

    /// RFC 4648 section 10, and across the pieces.
    #[test]
    fn base64() {
        let long = [0; 97];
        for (bytes, wanted) in [
            (&b""[..], "".to_string()),
            (b"f", "Zg==".to_string()),
            (b"foobar", "Zm9vYmFy".to_string()),
            (&long, "A".repeat(130) + "=="),
        ] {
            let mut memory = [0; 140];
            let mut tx = Tx::new(&mut memory);
            let mut out = Writer::new(&mut tx);
            let middle = bytes.len() / 2;
            let (front, back) = bytes.split_at(middle);
            out.base64(&Response::new(front).and(back));
            out.finish().unwrap();
            assert_eq!(tx.pending(), wanted.as_bytes());
        }
    }

    #[test]
    fn nothing_stays_behind_an_error() {
        let mut memory = [0; 8];
        let mut tx = Tx::new(&mut memory);
        let mut out = Writer::new(&mut tx);
        out.push(b"12345");
        out.push(b"6789");
        let full = ResourceError::TxFull { needed: 9, capacity: 8 };
        assert_eq!(out.finish(), Err(full.into()));
        let mut out = Writer::new(&mut tx);
        out.push(b"12345");
        out.invalid("one");
        out.invalid("two");
        assert_eq!(out.finish(), Err(UsageError::InvalidArgument("one").into()));
        assert!(tx.is_empty());
    }

    #[test]
    fn answer() {
        let mut memory = [0; 32];
        let mut tx = Tx::new(&mut memory);
        base64_line(&Response::new(b"secret"), &mut tx).unwrap();
        base64_line(&Response::EMPTY, &mut tx).unwrap();
        assert_eq!(tx.pending(), b"c2VjcmV0\r\n\r\n");
        tx.consume(12);
        let full = base64_line(&Response::new(&[0; 30]), &mut tx);
        let error = ResourceError::TxFull { needed: 42, capacity: 32 };
        assert_eq!(full, Err(Error::Resource(error)));
        assert!(tx.is_empty());
        // Wiped: neither what was sent nor what did not fit is left.
        assert!(memory.iter().all(|byte| b"\0\r\n".contains(byte)), "{memory:?}");
    }
}
