//! Which messages are alerted.

use crate::imap::command::SearchCommand;
use crate::imap::{Command, CustomKey, Encoder, Kind, Search, SequenceSet};

/// Which messages are alerted by IMAP: those that match all of some keys of SEARCH.
///
/// ```
/// use mailwire::imap::Search;
/// use mailwire::watch::{Filter, ImapConfig, Login};
///
/// let mut config = ImapConfig::new(Login::password("alice", "secret"));
/// config.filter = Filter::new(&[Search::Unseen, Search::From("pager")]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    keys: &'a [Search<'a>],
    /// What writes these: so it is linked only where there are any.
    encode: Option<fn(SequenceSet<'_>, &Filter<'_>, &mut Encoder<'_, '_>)>,
    custom: Option<CustomKey<'a>>,
}

impl<'a> Filter<'a> {
    /// All messages.
    pub const ALL: Filter<'static> = Filter { keys: &[], encode: None, custom: None };

    /// Those that match all of these.
    pub const fn new(keys: &'a [Search<'a>]) -> Self {
        Self { keys, encode: Some(encode), custom: None }
    }

    /// Those that match what the program writes by itself: one key, or more with a space between
    /// each two.
    pub const fn custom(key: CustomKey<'a>) -> Self {
        Self { keys: &[], encode: Some(encode_custom), custom: Some(key) }
    }
}

fn encode(uids: SequenceSet<'_>, filter: &Filter<'_>, out: &mut Encoder<'_, '_>) {
    SearchCommand::new(&[Search::Uid(uids), Search::And(filter.keys)]).uid().encode(out);
}

fn encode_custom(uids: SequenceSet<'_>, filter: &Filter<'_>, out: &mut Encoder<'_, '_>) {
    let Some(key) = &filter.custom else { return };
    out.raw(b"UID SEARCH ");
    if !out.is_utf8() && !key.text.is_ascii() {
        out.raw(b"CHARSET UTF-8 ");
    }
    out.raw(b"UID ").sequence_set(&uids).raw(b" (");
    (key.encode)(key.text, out);
    out.raw(b")");
}

/// UID SEARCH of those of some messages that match.
pub(super) struct FindCommand<'a> {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) filter: Filter<'a>,
}

impl Command for FindCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::UidSearch
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        match self.filter.encode {
            Some(encode) => encode((self.first..=self.last).into(), &self.filter, out),
            None => {
                out.raw(b"UID SEARCH UID ").number(self.first.into());
                if self.first != self.last {
                    out.raw(b":").number(self.last.into());
                }
            }
        }
    }
}
