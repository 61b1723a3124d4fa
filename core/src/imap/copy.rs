//! COPY and MOVE, by number or by UID (RFC 9051 sections 6.4.7 to 6.4.9).

use super::SequenceSet;
use super::command::{Command, Kind};
use super::encoder::Encoder;

/// `COPY`, `UID COPY`: appends copies of messages to another mailbox (RFC 9051
/// section 6.4.7). Where it is completed, its code COPYUID tells the copies' UIDs.
///
/// ```abnf
/// copy = "COPY" SP sequence-set SP mailbox
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CopyCommand<'a> {
    /// What to copy.
    pub messages: SequenceSet<'a>,
    /// Where to, in UTF-8.
    pub mailbox: &'a str,
    /// Whether `messages` are UIDs.
    pub uid: bool,
}

impl Command for CopyCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidCopy } else { Kind::Copy }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        transfer(out, b"COPY ", self.uid, &self.messages, self.mailbox);
    }
}

/// `MOVE`, `UID MOVE`: as COPY, and the originals are expunged, in one step (RFC 9051
/// section 6.4.8, RFC 6851). COPYUID comes in an untagged OK, then the EXPUNGE responses.
///
/// ```abnf
/// move = "MOVE" SP sequence-set SP mailbox
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MoveCommand<'a> {
    /// What to move.
    pub messages: SequenceSet<'a>,
    /// Where to, in UTF-8.
    pub mailbox: &'a str,
    /// Whether `messages` are UIDs.
    pub uid: bool,
}

impl Command for MoveCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidMove } else { Kind::Move }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        transfer(out, b"MOVE ", self.uid, &self.messages, self.mailbox);
    }
}

fn transfer(
    out: &mut Encoder<'_, '_>,
    verb: &[u8],
    uid: bool,
    messages: &SequenceSet<'_>,
    mailbox: &str,
) {
    if uid {
        out.raw(b"UID ");
    }
    out.raw(verb).sequence_set(messages).sp().mailbox(mailbox);
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;

    #[test]
    fn forms() {
        let messages = SequenceSet::try_from("2:4,7").unwrap();
        says(&CopyCommand { messages, mailbox: "MEETING", uid: false }, "COPY 2:4,7 \"MEETING\"");
        says(
            &CopyCommand { messages: 5.into(), mailbox: "日本", uid: true },
            "UID COPY 5 \"&ZeVnLA-\"",
        );
        says(&MoveCommand { messages, mailbox: "a b", uid: true }, "UID MOVE 2:4,7 \"a b\"");
        assert!(matches!(
            encode(&MoveCommand { messages, mailbox: "日本", uid: false }, true).as_deref(),
            Ok("MOVE 2:4,7 \"日本\"")
        ));
    }
}
