//! Gmail's labels (X-GM-EXT-1): in FETCH, and STORE of them. The search keys and the other items are
//! beside those of the RFCs.

use super::sequence::{Strings, sequence};
use super::store::{act, begin};
use super::syntax::Parsed;
use super::{Capability, Command, Encoder, Kind, Mailbox, SequenceSet, StoreAction};

/// Labels of a message: mailbox names, so that what was read can be stored, and searched for, as it
/// is. Gmail's own begin with a backslash: `\\Inbox`, `\\Starred`.
#[derive(Clone, Copy)]
pub struct XGmLabels<'a> {
    names: Strings<'a>,
    utf8: bool,
}

impl<'a> XGmLabels<'a> {
    /// ```abnf
    /// "(" [astring *(SP astring)] ")"
    /// ```
    /// A word may hold more than the grammar admits: `\\Sent`.
    pub(super) fn parse(i: &'a [u8], utf8: bool) -> Parsed<'a, Self> {
        Strings::parse(i).map(|(rest, names)| (rest, Self { names, utf8 }))
    }

    fn pop(&mut self) -> Option<Mailbox<'a>> {
        self.names.pop().map(|label| Mailbox::new(label, self.utf8))
    }
}

sequence!(XGmLabels, XGmLabelsIter, Mailbox<'a>);

/// STORE and UID STORE of Gmail's labels (X-GM-EXT-1).
///
/// ```
/// # use mailwire::imap::{StoreAction, command::StoreXGmLabelsCommand};
/// let archive = StoreXGmLabelsCommand::new(7, StoreAction::Remove, &["\\Inbox"]).uid();
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StoreXGmLabelsCommand<'a> {
    /// Whether `set` holds UIDs.
    pub uid: bool,
    /// Of which messages.
    pub set: SequenceSet<'a>,
    /// What becomes of the labels.
    pub action: StoreAction,
    /// Whether the server should not tell the new labels.
    pub silent: bool,
    /// The labels, in UTF-8; Gmail's own begin with a backslash: `\\Inbox`, `\\Starred`.
    pub labels: &'a [&'a str],
}

impl<'a> StoreXGmLabelsCommand<'a> {
    /// STORE of this action: `set` holds sequence numbers, the server tells the new labels.
    pub fn new(
        set: impl Into<SequenceSet<'a>>,
        action: StoreAction,
        labels: &'a [&'a str],
    ) -> Self {
        Self { uid: false, set: set.into(), action, silent: false, labels }
    }

    /// UID STORE: `set` holds UIDs.
    #[must_use]
    pub fn uid(self) -> Self {
        Self { uid: true, ..self }
    }

    /// The server should not tell the new labels.
    #[must_use]
    pub fn silent(self) -> Self {
        Self { silent: true, ..self }
    }
}

impl Command for StoreXGmLabelsCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidStore } else { Kind::Store }
    }

    /// ```abnf
    /// store-att-flags =/ (["+" / "-"] "X-GM-LABELS" [".SILENT"]) SP "(" [astring *(SP astring)] ")"
    /// ```
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.needs(Capability::XGmExt1);
        begin(out, self.uid, &self.set);
        act(out, self.action, b"X-GM-LABELS", self.silent);
        out.raw(b"(").list(b"", self.labels, b"", |out, label| _ = out.mailbox(label)).raw(b")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::says;
    use crate::imap::{Item, Search, command::SearchCommand};
    use std::string::{String, ToString};
    use std::vec::Vec;

    #[test]
    fn commands() {
        let labels = StoreXGmLabelsCommand::new(1, StoreAction::Add, &["\\Inbox", "Büro"]);
        says(&labels, "STORE 1 +X-GM-LABELS (\"\\\\Inbox\" \"B&APw-ro\")");
        let labels = StoreXGmLabelsCommand::new(1, StoreAction::Replace, &[]).uid().silent();
        says(&labels, "UID STORE 1 X-GM-LABELS.SILENT ()");
    }

    #[test]
    fn what_is_read_can_be_stored() {
        let Some(Item::XGmLabels(labels)) =
            Item::parse(br#"X-GM-LABELS (\Inbox caf&AOk- "a b" "\\Important")"#, false)
        else {
            panic!()
        };
        let labels: Vec<String> = labels.iter().map(|label| label.to_string()).collect();
        assert_eq!(labels, ["\\Inbox", "café", "a b", "\\Important"]);
        let all: Vec<&str> = labels.iter().map(String::as_str).collect();
        let store = StoreXGmLabelsCommand::new(7, StoreAction::Add, &all);
        says(&store, r#"STORE 7 +X-GM-LABELS ("\\Inbox" "caf&AOk-" "a b" "\\Important")"#);
        let keys = [Search::XGmLabels(all[1])];
        says(&SearchCommand::new(&keys), "SEARCH X-GM-LABELS \"caf&AOk-\"");
        let Some(Item::XGmLabels(labels)) = Item::parse("X-GM-LABELS (café &)".as_bytes(), true)
        else {
            panic!()
        };
        assert!(
            labels.iter().eq([Mailbox::new("café".into(), true), Mailbox::new("&".into(), true)])
        );
    }
}
