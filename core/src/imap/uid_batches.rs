//! UIDBATCHES (RFC 10022): ranges of UIDs with about as many messages in each.
//!
//! For mailboxes too large to be fetched at once: each range can then be fetched, searched or
//! changed by itself, also where sequence numbers are not known (UIDONLY, RFC 9586) or one
//! command may touch only so many messages (MESSAGELIMIT, RFC 9738).
//!
//! The forms and codes are those of two programs that know it (swift-nio-imap, Stalwart). No
//! server was tried.

use super::search::{correlator, skip_correlator};
use super::syntax::sequence_set;
use super::{Command, Encoder, Kind, SequenceSet, Str};
use core::fmt;

/// UIDBATCHES (RFC 10022): splits the selected mailbox. Needs UIDBATCHES.
///
/// The answer to fewer than 500 messages in a batch may be
/// [`Code::TooFew`](super::Code::TooFew), to more batches at once than the server wants to
/// tell [`Code::TooMany`](super::Code::TooMany).
///
/// ```
/// # use mailwire::imap::command::UidBatchesCommand;
/// let newest = UidBatchesCommand::new(2000).batches(1, 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UidBatchesCommand {
    /// How many messages are to be in each.
    pub size: u32,
    /// From which batch to which, the first being 1 and holding the newest messages; `None`:
    /// all.
    pub batches: Option<(u32, u32)>,
}

impl UidBatchesCommand {
    /// All batches, of so many messages.
    #[must_use]
    pub const fn new(size: u32) -> Self {
        Self { size, batches: None }
    }

    /// Only these, the first being 1 and holding the newest messages.
    #[must_use]
    pub const fn batches(self, from: u32, to: u32) -> Self {
        Self { batches: Some((from, to)), ..self }
    }
}

impl Command for UidBatchesCommand {
    fn kind(&self) -> Kind {
        Kind::UidBatches
    }

    /// ```abnf
    /// "UIDBATCHES" SP nz-number [SP nz-number ":" nz-number]
    /// ```
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"UIDBATCHES ").number(self.size.into());
        let (from, to) = self.batches.unwrap_or((1, 1));
        if self.size == 0 || from == 0 || to < from {
            out.invalid("batches of nothing, or from the last to the first");
        }
        if self.batches.is_some() {
            out.sp().number(from.into()).raw(b":").number(to.into());
        }
    }
}

/// The UIDBATCHES response (RFC 10022), whole or a part of one that is longer than Rx.
///
/// ```
/// use mailwire::imap::UidBatches;
///
/// let raw = br#"(TAG "A143") 215295:99696,99695:20351,20350:1"#;
/// let batches = UidBatches::parse(raw).batches();
/// assert_eq!(batches.iter().next().unwrap().to_string(), "99696:215295");
/// assert_eq!(batches.iter().count(), 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UidBatches<'a>(&'a [u8]);

impl<'a> UidBatches<'a> {
    /// Takes what stands behind `UIDBATCHES SP`, or a part of it that was cut behind a comma.
    ///
    /// ```abnf
    /// "UIDBATCHES" search-correlator [SP uid-range *("," uid-range)]
    /// ```
    /// It never fails.
    pub const fn parse(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    /// The tag of the command that this answers; in the first part only.
    pub fn tag(&self) -> Option<Str<'a>> {
        correlator(skip_correlator(self.0).ok()?.1, b"TAG")
    }

    /// The batches, each a [range](SequenceSet::iter) of UIDs, the newest messages first.
    /// Together they hold every UID that there is. Those behind what cannot be understood
    /// are left out.
    pub fn batches(&self) -> SequenceSet<'a> {
        let batches = skip_correlator(self.0).map_or(self.0, |(rest, _)| rest);
        let batches = batches.trim_ascii();
        sequence_set(batches.strip_suffix(b",").unwrap_or(batches))
            .map_or(SequenceSet::from(&[0; 0]), |(_, set)| set)
    }
}

impl fmt::Debug for UidBatches<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Str::new(self.0).fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for UidBatches<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", Str::new(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::{encode, says};
    use std::string::ToString as _;
    use std::vec::Vec;

    #[test]
    fn commands() {
        let command = UidBatchesCommand::new(2000);
        assert_eq!(command.kind(), Kind::UidBatches);
        says(&command, "UIDBATCHES 2000");
        says(&command.batches(10, 20), "UIDBATCHES 2000 10:20");
        for bad in [command.batches(0, 1), command.batches(2, 1), UidBatchesCommand::new(0)] {
            assert!(encode(&bad, false).is_err());
        }
    }

    #[test]
    fn responses() {
        let ranges = |raw: &'static str| -> Vec<_> {
            let batches = UidBatches::parse(raw.as_bytes()).batches();
            batches.iter().map(|range| range.to_string()).collect()
        };
        let raw = "(TAG \"A143\") 215295:99696,99695:20351,20350:7830,7829:1";
        assert_eq!(UidBatches::parse(raw.as_bytes()).tag().unwrap(), "A143");
        assert_eq!(ranges(raw), ["99696:215295", "20351:99695", "7830:20350", "1:7829"]);
        assert_eq!(ranges("(TAG \"A302\")"), [""; 0]);
        assert_eq!(ranges("(TAG A302) 99695"), ["99695"]);
        assert_eq!(ranges("7:5,4:1"), ["5:7", "1:4"]);
        // Parts.
        assert_eq!(ranges("(TAG \"A1\") 9:5,"), ["5:9"]);
        assert_eq!(ranges("4:1"), ["1:4"]);
        for bad in ["(TAG", "", "x", "("] {
            assert_eq!(ranges(bad), [""; 0]);
            assert!(UidBatches::parse(bad.as_bytes()).tag().is_none());
        }
    }
}
