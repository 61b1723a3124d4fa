//! A page of an ordered set of messages (RFC 9394 section 4).

use crate::imap::Encoder;

/// A page of an ordered set of messages: both ends count from 1, from the same side.
///
/// ```
/// # use mailwire::imap::PartialRange;
/// let oldest = PartialRange::first(1, 100);
/// let newest = PartialRange::last(1, 100);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PartialRange {
    /// Whether it counts from the last message backwards.
    pub backwards: bool,
    /// One end; not 0.
    pub from: u32,
    /// The other, itself included; not 0.
    pub to: u32,
}

impl PartialRange {
    /// Counted from the lowest UID: 1 is the first message.
    pub const fn first(from: u32, to: u32) -> Self {
        Self { backwards: false, from, to }
    }

    /// Counted from the highest UID: 1 is the last message. `-1:-100` on the wire.
    pub const fn last(from: u32, to: u32) -> Self {
        Self { backwards: true, from, to }
    }

    /// ```abnf
    /// partial-range-first = nz-number ":" nz-number
    /// partial-range-last  = MINUS nz-number ":" MINUS nz-number
    /// partial-range       = partial-range-first / partial-range-last
    /// ```
    pub(crate) fn encode(self, out: &mut Encoder<'_, '_>) {
        if self.from == 0 || self.to == 0 {
            out.invalid("a range that begins or ends at 0");
        }
        let minus: &[u8] = if self.backwards { b"-" } else { b"" };
        out.raw(minus).number(self.from.into()).raw(b":").raw(minus).number(self.to.into());
    }
}
