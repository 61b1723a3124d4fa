//! ESEARCH, the command: a search of several mailboxes at once (RFC 7377).

use super::command::encode_program;
use super::{Search, SearchReturn, encode_returns};
use crate::imap::{Capability, Command, Encoder, FilterMailboxes, Kind};

/// ESEARCH (RFC 7377): searches several mailboxes, selected or not. Needs MULTISEARCH.
///
/// Each mailbox in which something was found brings an
/// [`Event::Esearch`](crate::imap::Event::Esearch) with its name and UIDVALIDITY; the others
/// bring none. The numbers are UIDs.
///
/// ```
/// # use mailwire::imap::{Search, FilterMailboxes, SearchReturn, command::EsearchCommand};
/// let places = [FilterMailboxes::Mailboxes(&["INBOX"]), FilterMailboxes::Subtree(&["Archive"])];
/// let search = EsearchCommand::new(&places, &[Search::Subject("invoice")])
///     .returns(&[SearchReturn::Count]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EsearchCommand<'a> {
    /// Where, each named once. With none of them, in the selected mailbox.
    pub places: &'a [FilterMailboxes<'a>],
    /// What to search for: messages that match all of these; with none of them, all messages.
    /// [Sequence numbers](Search::Sequence) are for the selected mailbox alone.
    pub keys: &'a [Search<'a>],
    /// What to return of each mailbox; with `None`, all UIDs. `Save` and `Update` are of the
    /// selected mailbox only.
    pub returns: Option<&'a [SearchReturn<'a>]>,
}

impl<'a> EsearchCommand<'a> {
    /// The UIDs of the messages in these places that match all of `keys`.
    #[must_use]
    pub const fn new(places: &'a [FilterMailboxes<'a>], keys: &'a [Search<'a>]) -> Self {
        Self { places, keys, returns: None }
    }

    /// This is returned.
    #[must_use]
    pub const fn returns(self, returns: &'a [SearchReturn<'a>]) -> Self {
        Self { returns: Some(returns), ..self }
    }
}

impl Command for EsearchCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Esearch
    }

    /// ```abnf
    /// esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
    /// esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"
    /// source-mbox = filter-mailboxes *(SP filter-mailboxes)
    /// ```
    /// RFC 7377 section 4.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"ESEARCH ").list(b"IN (", self.places, b") ", |out, place| place.encode(out));
        let mut places = self.places;
        while let Some((place, rest)) = places.split_first() {
            if rest.contains(place) || *place == FilterMailboxes::SelectedDelayed {
                out.invalid("not a place to search, or one that is named twice");
            }
            places = rest;
        }
        let is_selected = |place: &FilterMailboxes<'_>| *place == FilterMailboxes::Selected;
        if self.places.is_empty() || self.places.iter().any(is_selected) {
            out.needs_selected();
        }
        let elsewhere = !self.places.iter().all(is_selected);
        if let Some(returns) = self.returns {
            let is_kept =
                |item: &SearchReturn<'_>| matches!(item, SearchReturn::Save | SearchReturn::Update);
            if elsewhere && returns.iter().any(is_kept) {
                out.invalid("SAVE or UPDATE of more than the selected mailbox");
            }
            encode_returns(returns, &[Capability::ContextSearch], out);
        }
        encode_program(self.keys, out);
        if elsewhere && out.has_message_numbers() {
            out.invalid("sequence numbers of more than the selected mailbox");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::{encode, says};

    #[test]
    fn commands() {
        let both =
            [FilterMailboxes::Mailboxes(&["folder1"]), FilterMailboxes::Subtree(&["a b", "Größe"])];
        let command = EsearchCommand::new(&both, &[Search::Unseen]);
        assert_eq!(command.kind(), Kind::Esearch);
        says(
            &command,
            "ESEARCH IN (mailboxes (\"folder1\") subtree (\"a b\" \"Gr&APYA3w-e\")) UNSEEN",
        );
        let all = [
            FilterMailboxes::Selected,
            FilterMailboxes::Personal,
            FilterMailboxes::Inboxes,
            FilterMailboxes::Subscribed,
            FilterMailboxes::SubtreeOne(&["x"]),
        ];
        let command = EsearchCommand::new(&all, &[]).returns(&[SearchReturn::Min]);
        says(
            &command,
            "ESEARCH IN (selected personal inboxes subscribed subtree-one (\"x\")) RETURN (MIN) ALL",
        );
        let command = EsearchCommand::new(&[], &[Search::Text("ż")]).returns(&[SearchReturn::Save]);
        says(&command, "ESEARCH RETURN (SAVE) CHARSET UTF-8 TEXT {2}\r\n|ż");
        let places = [FilterMailboxes::Personal];
        let command = EsearchCommand::new(&places, &[]).returns(&[SearchReturn::Save]);
        assert!(encode(&command, false).is_err());
        assert!(
            encode(&EsearchCommand::new(&[FilterMailboxes::Mailboxes(&[])], &[]), false).is_err()
        );
    }
}
