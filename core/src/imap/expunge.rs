//! EXPUNGE and UID EXPUNGE: remove what is marked `\Deleted` (RFC 9051 sections 6.4.3, 6.4.9).

use super::SequenceSet;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `EXPUNGE`: removes every message of the selected mailbox that has the flag `\Deleted`
    /// (RFC 9051 section 6.4.3).
    ExpungeCommand = Expunge, b"EXPUNGE";
}

/// `UID EXPUNGE`: as EXPUNGE, but only among the messages named, so that what another
/// client has marked stays (RFC 9051 section 6.4.9, RFC 4315 section 2.1).
///
/// ```abnf
/// uid-expunge = "UID" SP "EXPUNGE" SP sequence-set
/// ```
#[derive(Debug, Clone, Copy)]
pub struct UidExpungeCommand<'a> {
    /// UIDs.
    pub messages: SequenceSet<'a>,
}

impl Command for UidExpungeCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::UidExpunge
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"UID EXPUNGE ").sequence_set(&self.messages);
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::says;
    use super::*;

    #[test]
    fn uids() {
        let messages = SequenceSet::try_from("3000:3002").unwrap();
        says(&UidExpungeCommand { messages }, "UID EXPUNGE 3000:3002");
    }
}
