//! STORE: changing flags (RFC 9051 section 6.4.6). The answer is a
//! [FETCH response](super::fetch).

use super::{Capability, Command, Encoder, Flag, Kind, SequenceSet};

/// What becomes of the flags (RFC 9051 section 6.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StoreAction {
    /// `FLAGS`: the message has these and no others.
    Replace,
    /// `+FLAGS`: it has these too.
    Add,
    /// `-FLAGS`: it no longer has these.
    Remove,
}

/// STORE and UID STORE (RFC 9051 sections 6.4.6 and 6.4.9).
///
/// ```
/// # use mailwire::imap::{Flag, command::StoreCommand};
/// let read = StoreCommand::add(1..=5, &[Flag::Seen]).uid().silent();
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StoreCommand<'a> {
    /// Whether `set` holds UIDs.
    pub uid: bool,
    /// Of which messages.
    pub set: SequenceSet<'a>,
    /// What becomes of the flags.
    pub action: StoreAction,
    /// Whether the server should not tell the new flags.
    pub silent: bool,
    /// Only of messages that did not change since this mod-sequence: `UNCHANGEDSINCE`. Those
    /// left alone come as [`Code::Modified`](super::Code::Modified) with the command's end
    /// (RFC 7162 section 3.1.3).
    pub unchanged_since: Option<u64>,
    /// The flags.
    pub flags: &'a [Flag<'a>],
}

impl<'a> StoreCommand<'a> {
    /// STORE of this action: `set` holds sequence numbers, the server tells the new flags.
    pub fn new(
        set: impl Into<SequenceSet<'a>>,
        action: StoreAction,
        flags: &'a [Flag<'a>],
    ) -> Self {
        Self { uid: false, set: set.into(), action, silent: false, unchanged_since: None, flags }
    }

    /// Adds flags.
    pub fn add(set: impl Into<SequenceSet<'a>>, flags: &'a [Flag<'a>]) -> Self {
        Self::new(set, StoreAction::Add, flags)
    }

    /// Removes flags.
    pub fn remove(set: impl Into<SequenceSet<'a>>, flags: &'a [Flag<'a>]) -> Self {
        Self::new(set, StoreAction::Remove, flags)
    }

    /// Sets flags and removes all others.
    pub fn replace(set: impl Into<SequenceSet<'a>>, flags: &'a [Flag<'a>]) -> Self {
        Self::new(set, StoreAction::Replace, flags)
    }

    /// UID STORE: `set` holds UIDs.
    #[must_use]
    pub fn uid(self) -> Self {
        Self { uid: true, ..self }
    }

    /// The server should not tell the new flags.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Only of messages that did not change since `mod_seq` (RFC 7162 section 3.1.3).
    #[must_use]
    pub fn unchanged_since(self, mod_seq: u64) -> Self {
        Self { unchanged_since: Some(mod_seq), ..self }
    }
}

impl Command for StoreCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidStore } else { Kind::Store }
    }

    /// ```abnf
    /// store           = "STORE" SP sequence-set [store-modifiers] SP store-att-flags
    /// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
    ///                   (flag-list / (flag *(SP flag)))
    /// ```
    /// RFC 9051 section 9, RFC 4466 section 6.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        begin(out, self.uid, &self.set);
        if let Some(mod_seq) = self.unchanged_since {
            out.needs(Capability::CondStore).raw(b" (UNCHANGEDSINCE ").number(mod_seq).raw(b")");
        }
        act(out, self.action, b"FLAGS", self.silent);
        out.flags(self.flags);
    }
}

pub(super) fn begin(out: &mut Encoder<'_, '_>, uid: bool, set: &SequenceSet<'_>) {
    out.raw(if uid { b"UID STORE " } else { b"STORE " });
    out.sequence_set(set);
}

pub(super) fn act(out: &mut Encoder<'_, '_>, action: StoreAction, item: &[u8], silent: bool) {
    out.raw(match action {
        StoreAction::Replace => b" ",
        StoreAction::Add => b" +",
        StoreAction::Remove => b" -",
    });
    out.raw(item).raw(if silent { b".SILENT " } else { b" " });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::{encode, says};

    #[test]
    fn commands() {
        let store = StoreCommand::add(1..=5, &[Flag::Seen, Flag::FORWARDED]);
        assert_eq!(store.kind(), Kind::Store);
        says(&store, "STORE 1:5 +FLAGS (\\Seen $Forwarded)");
        let store = StoreCommand::replace(7, &[]).uid().silent();
        assert_eq!(store.kind(), Kind::UidStore);
        says(&store, "UID STORE 7 FLAGS.SILENT ()");
        let store = StoreCommand::remove(7.., &[Flag::Deleted]).silent();
        says(&store, "STORE 7:* -FLAGS.SILENT (\\Deleted)");
        let store =
            StoreCommand::add(1, &[Flag::Deleted]).uid().silent().unchanged_since(320162338);
        says(&store, "UID STORE 1 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)");
        for bad in [Flag::Recent, Flag::Keyword("a b"), Flag::Keyword("x)\r\nA1 LOGOUT")] {
            assert!(encode(&StoreCommand::add(1, &[bad]), false).is_err(), "{bad:?}");
        }
    }
}
