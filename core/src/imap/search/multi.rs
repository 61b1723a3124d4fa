//! ESEARCH, the command: a search of several mailboxes at once (RFC 7377).

use super::command::encode_program;
use super::{Search, SearchReturn, encode_returns};
use crate::imap::{Capability, Command, Encoder, Kind};

/// In which mailboxes to search (RFC 7377 section 2.2, RFC 5465 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SearchIn<'a> {
    /// The selected one.
    Selected,
    /// All of the user's own.
    Personal,
    /// Those of the user's own into which mail is delivered.
    Inboxes,
    /// Those to which the user is subscribed.
    Subscribed,
    /// These, and all below them.
    Subtree(&'a [&'a str]),
    /// These, and those just below them.
    SubtreeOne(&'a [&'a str]),
    /// These. `*` and `%` have no meaning.
    Mailboxes(&'a [&'a str]),
}

impl SearchIn<'_> {
    /// ```abnf
    /// filter-mailboxes-selected = "selected"
    /// filter-mailboxes-other = "inboxes" / "personal" / "subscribed" /
    ///                          ( "subtree" SP one-or-more-mailbox ) /
    ///                          ( "mailboxes" SP one-or-more-mailbox )
    /// filter-mailboxes-other =/ ("subtree-one" SP one-or-more-mailbox)
    /// one-or-more-mailbox = mailbox / many-mailboxes
    /// many-mailboxes = "(" mailbox *(SP mailbox) ")"
    /// ```
    /// RFC 5465 section 8, RFC 7377 section 4.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let (name, mailboxes): (&[u8], _) = match *self {
            Self::Selected => (b"selected", None),
            Self::Personal => (b"personal", None),
            Self::Inboxes => (b"inboxes", None),
            Self::Subscribed => (b"subscribed", None),
            Self::Subtree(mailboxes) => (b"subtree ", Some(mailboxes)),
            Self::SubtreeOne(mailboxes) => (b"subtree-one ", Some(mailboxes)),
            Self::Mailboxes(mailboxes) => (b"mailboxes ", Some(mailboxes)),
        };
        out.raw(name);
        match mailboxes {
            None => {}
            Some([]) => {
                out.invalid("no mailbox to search in");
            }
            Some([mailbox]) => {
                out.mailbox(mailbox);
            }
            Some(mailboxes) => {
                let mut before: &[u8] = b"(";
                for mailbox in mailboxes {
                    out.raw(before).mailbox(mailbox);
                    before = b" ";
                }
                out.raw(b")");
            }
        }
    }
}

/// ESEARCH (RFC 7377): searches several mailboxes, selected or not. Needs MULTISEARCH.
///
/// Each mailbox in which something was found brings an
/// [`Event::Esearch`](crate::imap::Event::Esearch) with its name and UIDVALIDITY; the others
/// bring none. The numbers are UIDs.
///
/// ```
/// # use mailwire::imap::{Search, SearchIn, SearchReturn, command::EsearchCommand};
/// let places = [SearchIn::Mailboxes(&["INBOX"]), SearchIn::Subtree(&["Archive"])];
/// let search = EsearchCommand::new(&places, &[Search::Subject("invoice")])
///     .returns(&[SearchReturn::Count]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EsearchCommand<'a> {
    /// Where. With none of them, in the selected mailbox. If that is among them, or none is
    /// named, and no mailbox is selected, the server says BAD.
    pub places: &'a [SearchIn<'a>],
    /// What to search for: messages that match all of these; with none of them, all messages.
    pub keys: &'a [Search<'a>],
    /// What to return of each mailbox; with `None`, all UIDs. `Save` and `Update` are of the
    /// selected mailbox only.
    pub returns: Option<&'a [SearchReturn<'a>]>,
}

impl<'a> EsearchCommand<'a> {
    /// The UIDs of the messages in these places that match all of `keys`.
    #[must_use]
    pub const fn new(places: &'a [SearchIn<'a>], keys: &'a [Search<'a>]) -> Self {
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
        out.raw(b"ESEARCH ");
        if let Some((first, rest)) = self.places.split_first() {
            out.raw(b"IN (");
            first.encode(out);
            for place in rest {
                out.sp();
                place.encode(out);
            }
            out.raw(b") ");
        }
        if let Some(returns) = self.returns {
            let selected = self.places.iter().all(|place| *place == SearchIn::Selected);
            if !selected && returns.contains(&SearchReturn::Save) {
                out.invalid("SAVE of more than the selected mailbox");
            }
            encode_returns(returns, &[Capability::ContextSearch], out);
        }
        encode_program(self.keys, out);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::imap::fetch::tests::encoded;

    #[test]
    fn commands() {
        let both = [SearchIn::Mailboxes(&["folder1"]), SearchIn::Subtree(&["a b", "Größe"])];
        let command = EsearchCommand::new(&both, &[Search::Unseen]);
        assert_eq!(command.kind(), Kind::Esearch);
        assert_eq!(
            encoded(&command).unwrap(),
            "ESEARCH IN (mailboxes \"folder1\" subtree (\"a b\" \"Gr&APYA3w-e\")) UNSEEN"
        );
        let all = [
            SearchIn::Selected,
            SearchIn::Personal,
            SearchIn::Inboxes,
            SearchIn::Subscribed,
            SearchIn::SubtreeOne(&["x"]),
        ];
        let command = EsearchCommand::new(&all, &[]).returns(&[SearchReturn::Min]);
        assert_eq!(
            encoded(&command).unwrap(),
            "ESEARCH IN (selected personal inboxes subscribed subtree-one \"x\") RETURN (MIN) ALL"
        );
        let command = EsearchCommand::new(&[], &[Search::Text("ż")]).returns(&[SearchReturn::Save]);
        assert_eq!(
            encoded(&command).unwrap(),
            "ESEARCH RETURN (SAVE) CHARSET UTF-8 TEXT {2+}\r\nż"
        );
        let places = [SearchIn::Personal];
        let command = EsearchCommand::new(&places, &[]).returns(&[SearchReturn::Save]);
        assert_eq!(encoded(&command), None);
        assert_eq!(encoded(&EsearchCommand::new(&[SearchIn::Mailboxes(&[])], &[])), None);
    }
}
