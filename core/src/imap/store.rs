//! STORE: changing flags (RFC 9051 section 6.4.6). The answer is a
//! [FETCH response](super::fetch).

use super::{Command, Encoder, Flag, Kind, SequenceSet};

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
        Self { uid: false, set: set.into(), action, silent: false, flags }
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
}

impl Command for StoreCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidStore } else { Kind::Store }
    }

    /// ```abnf
    /// store           = "STORE" SP sequence-set SP store-att-flags
    /// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
    ///                   (flag-list / (flag *(SP flag)))
    /// ```
    /// RFC 9051 section 9.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID STORE " } else { b"STORE " });
        out.sequence_set(&self.set);
        out.raw(match self.action {
            StoreAction::Replace => b" FLAGS",
            StoreAction::Add => b" +FLAGS",
            StoreAction::Remove => b" -FLAGS",
        });
        out.raw(if self.silent { b".SILENT " } else { b" " });
        out.flags(self.flags);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;
    use super::*;
    use crate::imap::fetch::tests::encoded;

    #[test]
    fn commands() {
        let store = StoreCommand::add(1..=5, &[Flag::Seen, Flag::FORWARDED]);
        assert_eq!(store.kind(), Kind::Store);
        assert_eq!(encoded(&store).unwrap(), "STORE 1:5 +FLAGS (\\Seen $Forwarded)");
        let store = StoreCommand::replace(7, &[]).uid().silent();
        assert_eq!(store.kind(), Kind::UidStore);
        assert_eq!(encoded(&store).unwrap(), "UID STORE 7 FLAGS.SILENT ()");
        let store = StoreCommand::remove(7.., &[Flag::Deleted]).silent();
        assert_eq!(encoded(&store).unwrap(), "STORE 7:* -FLAGS.SILENT (\\Deleted)");
        for bad in [Flag::Recent, Flag::Keyword("a b"), Flag::Keyword("x)\r\nA1 LOGOUT")] {
            assert!(encoded(&StoreCommand::add(1, &[bad])).is_none(), "{bad:?}");
        }
    }
}
