//! Where reading stands in a stream of TLS records (RFC 8446 section 5.1).
//!
//! embedded-tls forgets what it has of a record when reading it fails. So a socket below it may
//! return with `TimedOut` only between two records.

/// The type, the version, and the length in two bytes.
const HEADER: usize = 5;

/// Counts the bytes of each record.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The bytes of the header so far; its last two are the length.
    header: usize,
    length: u16,
    /// How many bytes of the record are still to come, once the header is whole.
    body: u16,
}

impl Records {
    /// Whether the next byte begins a record.
    pub(super) const fn between(&self) -> bool {
        self.header == 0
    }

    /// These came. Whether a record begins in them.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> bool {
        let mut begins = false;
        while let Some((&first, rest)) = bytes.split_first() {
            begins |= self.header == 0;
            if self.header < HEADER {
                self.header += 1;
                self.length = self.length << 8 | u16::from(first);
                self.body = self.length;
                bytes = rest;
            } else {
                let some = bytes.len().min(usize::from(self.body));
                self.body -= some as u16;
                bytes = &bytes[some..];
            }
            if self.header == HEADER && self.body == 0 {
                *self = Self::default();
            }
        }
        begins
    }
}
