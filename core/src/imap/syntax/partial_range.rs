//! A page of an ordered set of messages (RFC 9394 section 4).

use super::{Parsed, byte, fail, number};
use crate::imap::Encoder;
use core::fmt;

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

    /// Reads what [`encode`](Self::encode) writes.
    pub(crate) fn parse(i: &[u8]) -> Parsed<'_, Self> {
        let end = |i| byte(i, b'-').map_or((i, false), |(rest, ())| (rest, true));
        let (i, backwards) = end(i);
        let (i, from) = number(i)?;
        let (i, ()) = byte(i, b':')?;
        let (i, same) = end(i);
        let (i, to) = number(i)?;
        if same == backwards { Ok((i, Self { backwards, from, to })) } else { fail() }
    }
}

/// As on the wire.
impl fmt::Display for PartialRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minus = if self.backwards { "-" } else { "" };
        write!(f, "{minus}{}:{minus}{}", self.from, self.to)
    }
}
