//! SEARCH, UID SEARCH and CANCELUPDATE, and what a search is to return.

use super::{Search, encode_all};
use crate::imap::{Capability, Command, Encoder, Kind, PartialRange, Tag};

/// What a search is to return (RFC 9051 section 6.4.4, RFC 4731, and extensions).
///
/// Of [`All`](Self::All) and [`Partial`](Self::Partial) there may be one at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SearchReturn<'a> {
    /// The lowest number; of SORT, the first in the order asked for (RFC 5267 section 3.1), but
    /// from Cyrus the lowest all the same.
    Min,
    /// The highest number; of SORT, the last in the order asked for, as for [`Min`](Self::Min).
    Max,
    /// All numbers, as a set.
    All,
    /// How many there are.
    Count,
    /// Nothing: the server is to keep the result for
    /// [`SequenceSet::SEARCH_RESULT`](crate::imap::SequenceSet::SEARCH_RESULT) (RFC 5182; needs
    /// SEARCHRES).
    Save,
    /// Only these of the numbers, counted from either end (RFC 9394 section 3.1; needs
    /// PARTIAL, CONTEXT=SEARCH or CONTEXT=SORT). To count from the last one needs PARTIAL.
    Partial(PartialRange),
    /// A hint that the same will be searched for again (RFC 5267 section 4.2; needs
    /// CONTEXT=SEARCH or CONTEXT=SORT).
    Context,
    /// From now on the server is to tell by itself when the result changes, as
    /// [`EsearchData::AddTo`](super::EsearchData::AddTo) and
    /// [`EsearchData::RemoveFrom`](super::EsearchData::RemoveFrom), until
    /// [`CancelUpdateCommand`] or until the mailbox is left (RFC 5267 section 4.3; needs
    /// CONTEXT=SEARCH or CONTEXT=SORT). A server that will not says so by
    /// [`Code::NoUpdate`](crate::imap::Code::NoUpdate).
    Update,
    /// How well each matches, 1 to 100; only with [`Search::Fuzzy`] (RFC 6203 section 4; needs
    /// SEARCH=FUZZY).
    Relevancy,
    /// An option that is not here: its name, and what goes with it, without strings. Whether
    /// the server knows it is not checked.
    Other(&'a str),
}

impl SearchReturn<'_> {
    fn encode(&self, contexts: &'static [Capability<'static>], out: &mut Encoder<'_, '_>) {
        let raw: &[u8] = match *self {
            Self::Min => b"MIN",
            Self::Max => b"MAX",
            Self::All => b"ALL",
            Self::Count => b"COUNT",
            Self::Save => {
                out.needs(Capability::SearchRes);
                b"SAVE"
            }
            Self::Partial(range) => {
                match (range.backwards, contexts) {
                    (false, [context]) => out.needs_one_of(&[Capability::Partial, *context]),
                    _ => out.needs(Capability::Partial),
                };
                out.raw(b"PARTIAL ");
                return range.encode(out);
            }
            Self::Context => {
                out.needs_one_of(contexts);
                b"CONTEXT"
            }
            Self::Update => {
                out.needs_one_of(contexts);
                b"UPDATE"
            }
            Self::Relevancy => {
                out.needs(Capability::SearchFuzzy);
                b"RELEVANCY"
            }
            Self::Other(text) => return other(text, out),
        };
        out.raw(raw);
    }
}

/// ```abnf
/// search-return-opt = search-modifier-name [SP search-mod-params]
/// ```
/// RFC 9051 section 9. What could end the list before its time is refused, and so are spaces that
/// are not between two words.
fn other(text: &str, out: &mut Encoder<'_, '_>) {
    let mut depth = 0_usize;
    let valid = text.bytes().all(|byte| match byte {
        b'(' => {
            depth = depth.saturating_add(1);
            true
        }
        b')' => {
            let inside = depth > 0;
            depth = depth.saturating_sub(1);
            inside
        }
        _ => byte.is_ascii_alphanumeric() || b" .,:*$_-+/=".contains(&byte),
    });
    let mut pairs = text.as_bytes().windows(2);
    let spaced = text.ends_with(' ') || pairs.any(|two| matches!(two, b"  " | b"( " | b" )"));
    if !valid || spaced || depth > 0 || !text.starts_with(|first: char| first.is_ascii_alphabetic())
    {
        out.invalid("not an option of a search");
        return;
    }
    out.raw(text.as_bytes());
}

/// ```abnf
/// search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
/// ```
/// RFC 9051 section 9. `contexts`: CONTEXT=SEARCH or CONTEXT=SORT.
pub(in crate::imap) fn encode_returns(
    returns: &[SearchReturn<'_>],
    contexts: &'static [Capability<'static>],
    out: &mut Encoder<'_, '_>,
) {
    out.raw(b"RETURN (");
    let mut ranges = 0_u32;
    out.list(b"", returns, b"", |out, item| {
        if matches!(item, SearchReturn::All | SearchReturn::Partial(_)) {
            ranges = ranges.saturating_add(1);
        }
        item.encode(contexts, out);
    });
    if ranges > 1 {
        out.invalid("more than one of ALL and PARTIAL");
    }
    out.raw(b") ");
}

/// ```abnf
/// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
/// ```
/// RFC 9051 section 9.
pub(super) fn encode_program(keys: &[Search<'_>], out: &mut Encoder<'_, '_>) {
    if !out.is_utf8() && !keys.iter().all(Search::is_ascii) {
        out.raw(b"CHARSET UTF-8 ");
    }
    encode_all(keys, out);
}

type EncodeReturns = fn(&[SearchReturn<'_>], &'static [Capability<'static>], &mut Encoder<'_, '_>);

/// SEARCH and UID SEARCH (RFC 9051 sections 6.4.4 and 6.4.9).
///
/// `CHARSET UTF-8` is put in where it is needed: if a string is not ASCII, and neither
/// IMAP4rev2 nor UTF8=ACCEPT, which forbids it, is enabled.
///
/// ```
/// # use mailwire::imap::{PartialRange, Search, SearchReturn, command::SearchCommand};
/// let search = SearchCommand::new(&[Search::Unseen]).uid().returns(&[SearchReturn::Count]);
/// let newest = [SearchReturn::Partial(PartialRange::last(1, 50))];
/// let search = SearchCommand::new(&[Search::Younger(86400)]).uid().returns(&newest);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SearchCommand<'a> {
    /// Whether UIDs are to be returned in place of message sequence numbers.
    pub uid: bool,
    /// What to search for: messages that match all of these; with none of them, all messages.
    pub keys: &'a [Search<'a>],
    /// What to return, with what writes that: so it is linked only where it is said.
    returns: Option<(&'a [SearchReturn<'a>], EncodeReturns)>,
}

impl<'a> SearchCommand<'a> {
    /// SEARCH: the sequence numbers of the messages that match all of `keys`.
    #[must_use]
    pub const fn new(keys: &'a [Search<'a>]) -> Self {
        Self { uid: false, keys, returns: None }
    }

    /// UID SEARCH: UIDs are returned.
    #[must_use]
    pub const fn uid(self) -> Self {
        Self { uid: true, ..self }
    }

    /// This is returned, as ESEARCH (needs that or IMAP4rev2). `&[]` stands for all numbers, and
    /// without this, the server returns all of them in its own form.
    #[must_use]
    pub const fn returns(self, returns: &'a [SearchReturn<'a>]) -> Self {
        Self { returns: Some((returns, encode_returns)), ..self }
    }
}

/// ```abnf
/// search = "SEARCH" [search-return-opts] SP search-program
/// ```
/// RFC 9051 section 9.
impl Command for SearchCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidSearch } else { Kind::Search }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID SEARCH " } else { b"SEARCH " });
        if let Some((returns, encode)) = self.returns {
            out.needs(Capability::Esearch);
            encode(returns, &[Capability::ContextSearch], out);
        }
        encode_program(self.keys, out);
    }
}

/// CANCELUPDATE (RFC 5267 section 4.3.5): no more is to be told of searches that return
/// [`SearchReturn::Update`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelUpdateCommand<'a> {
    /// The tags of those searches; at least one.
    pub tags: &'a [Tag],
}

impl Command for CancelUpdateCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::CancelUpdate
    }

    /// ```abnf
    /// command-select =/ "CANCELUPDATE" 1*(SP quoted)
    /// ```
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.needs_one_of(&[Capability::ContextSearch, Capability::ContextSort]);
        out.raw(b"CANCELUPDATE");
        if self.tags.is_empty() {
            out.invalid("CANCELUPDATE without a tag");
        }
        for tag in self.tags {
            out.sp().string(tag.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::{encode, says};
    use crate::imap::syntax::date::date as parse_date;
    use crate::imap::{Flag, ModSeqEntry, SequenceSet};
    use std::string::String;

    fn keys(keys: &[Search<'_>]) -> String {
        encode(&SearchCommand::new(keys), false).unwrap()
    }

    #[test]
    fn commands() {
        let day = parse_date(b"1-Feb-1994").unwrap().1;
        assert_eq!(
            keys(&[Search::Flagged, Search::Since(day), Search::Not(&Search::From("Smith"))]),
            "SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\""
        );
        assert_eq!(keys(&[]), "SEARCH ALL");
        assert_eq!(
            keys(&[Search::Or(
                &Search::And(&[Search::Seen, Search::Larger(1 << 40)]),
                &Search::Not(&Search::And(&[]))
            )]),
            "SEARCH OR (SEEN LARGER 1099511627776) NOT (ALL)"
        );
        let both = [Search::Uid((7..).into()), Search::Sequence(SequenceSet::SEARCH_RESULT)];
        let returns = [SearchReturn::Min, SearchReturn::Count, SearchReturn::Save];
        let command = SearchCommand::new(&both).uid().returns(&returns);
        says(&command, "UID SEARCH RETURN (MIN COUNT SAVE) UID 7:* $");
        assert_eq!(command.kind(), Kind::UidSearch);
        let command = SearchCommand::new(&[Search::All]).returns(&[]);
        says(&command, "SEARCH RETURN () ALL");
        assert_eq!(
            keys(&[
                Search::All,
                Search::Answered,
                Search::Bcc("a"),
                Search::Before(day),
                Search::Body("b"),
                Search::Cc("c"),
                Search::Deleted,
                Search::Draft,
                Search::Flagged,
                Search::Header("X-Spam", ""),
                Search::Keyword("$Junk"),
                Search::New,
                Search::Old,
                Search::On(day),
                Search::Recent,
                Search::Seen,
                Search::SentBefore(day),
                Search::SentOn(day),
                Search::SentSince(day),
                Search::Smaller(0),
                Search::Subject("s\"q\\"),
                Search::Text("t"),
                Search::To("u"),
                Search::Unanswered,
                Search::Undeleted,
                Search::Undraft,
                Search::Unflagged,
                Search::Unkeyword("x"),
                Search::Unseen,
                Search::Sequence((&[1..=3]).into()),
            ]),
            "SEARCH ALL ANSWERED BCC \"a\" BEFORE 1-Feb-1994 BODY \"b\" CC \"c\" DELETED DRAFT \
             FLAGGED HEADER \"X-Spam\" \"\" KEYWORD $Junk NEW OLD ON 1-Feb-1994 RECENT SEEN \
             SENTBEFORE 1-Feb-1994 SENTON 1-Feb-1994 SENTSINCE 1-Feb-1994 SMALLER 0 \
             SUBJECT \"s\\\"q\\\\\" TEXT \"t\" TO \"u\" UNANSWERED UNDELETED UNDRAFT UNFLAGGED \
             UNKEYWORD x UNSEEN 1:3"
        );
    }

    #[test]
    fn charsets_and_injection() {
        let nested = [Search::Not(&Search::Or(&Search::All, &Search::Subject("zażółć")))];
        let command = SearchCommand::new(&nested).returns(&[]);
        says(&command, "SEARCH RETURN () CHARSET UTF-8 NOT OR ALL SUBJECT {10}\r\n|zażółć");
        assert_eq!(
            encode(&command, true).unwrap(),
            "SEARCH RETURN () NOT OR ALL SUBJECT \"zażółć\""
        );
        assert_eq!(keys(&[Search::From("a\r\nA2 LOGOUT")]), "SEARCH FROM {12}\r\n|a\r\nA2 LOGOUT");
        for bad in [
            Search::From("a\0"),
            Search::Keyword("a b"),
            Search::Keyword(""),
            Search::Unkeyword("\\Seen"),
            Search::Uid((&[0_u32; 0]).into()),
            Search::Sequence(0.into()),
        ] {
            let keys = [bad];
            let command = SearchCommand::new(&keys);
            assert!(matches!(encode(&command, false), Err(crate::Error::Usage(_))), "{bad:?}");
        }
    }

    #[test]
    fn keys_of_extensions() {
        let day = parse_date(b"1-Feb-1994").unwrap().1;
        let draft =
            Search::FlagModSeq { flag: Flag::Draft, entry: ModSeqEntry::All, mod_seq: 620_162_338 };
        let forwarded =
            Search::FlagModSeq { flag: Flag::FORWARDED, entry: ModSeqEntry::Private, mod_seq: 0 };
        for (key, text) in [
            (Search::Older(259_200), "OLDER 259200"),
            (Search::Younger(1), "YOUNGER 1"),
            (Search::Filter("on-the-road"), "FILTER on-the-road"),
            (Search::Fuzzy(&Search::Subject("work")), "FUZZY SUBJECT \"work\""),
            (Search::Fuzzy(&Search::And(&[Search::Seen])), "FUZZY (SEEN)"),
            (Search::ModSeq(u64::MAX), "MODSEQ 18446744073709551615"),
            (draft, "MODSEQ \"/flags/\\\\Draft\" all 620162338"),
            (forwarded, "MODSEQ \"/flags/$Forwarded\" priv 0"),
            (Search::SavedBefore(day), "SAVEDBEFORE 1-Feb-1994"),
            (Search::SavedOn(day), "SAVEDON 1-Feb-1994"),
            (Search::SavedSince(day), "SAVEDSINCE 1-Feb-1994"),
            (Search::SaveDateSupported, "SAVEDATESUPPORTED"),
            (Search::EmailId("M6d99ac3275bb4e"), "EMAILID M6d99ac3275bb4e"),
            (Search::ThreadId("T64b478a75b7ea9"), "THREADID T64b478a75b7ea9"),
            (Search::XGmRaw("has:attachment \"x\""), "X-GM-RAW \"has:attachment \\\"x\\\"\""),
            (Search::XGmRaw("ż"), "CHARSET UTF-8 X-GM-RAW {2}\r\n|ż"),
            (Search::XGmLabels("Entwürfe"), "X-GM-LABELS \"Entw&APw-rfe\""),
            (Search::XGmLabels("\\Inbox"), "X-GM-LABELS \"\\\\Inbox\""),
            (Search::XGmMsgId(1_278_455_344_230_334_865), "X-GM-MSGID 1278455344230334865"),
            (Search::XGmThrId(1_266_894_439_832_287_888), "X-GM-THRID 1266894439832287888"),
        ] {
            assert_eq!(keys(&[key]), std::format!("SEARCH {text}"));
        }
        for bad in [
            Search::Older(0),
            Search::Younger(0),
            Search::Filter("a/b"),
            Search::Filter("a b"),
            Search::Filter(""),
            Search::Fuzzy(&Search::From("\0")),
            Search::FlagModSeq { flag: Flag::Recent, entry: ModSeqEntry::All, mod_seq: 1 },
            Search::FlagModSeq { flag: Flag::Keyword("a\""), entry: ModSeqEntry::All, mod_seq: 1 },
            Search::EmailId(""),
            Search::EmailId("a b"),
            Search::ThreadId("a\r\nb"),
            Search::XGmLabels("\0"),
        ] {
            let command = SearchCommand::new(core::slice::from_ref(&bad));
            assert!(matches!(encode(&command, false), Err(crate::Error::Usage(_))), "{bad:?}");
        }
    }

    fn returns(returns: &[SearchReturn<'_>]) -> Option<String> {
        let text = encode(&SearchCommand::new(&[]).returns(returns), false).ok()?;
        Some(text.strip_prefix("SEARCH RETURN ")?.strip_suffix(" ALL")?.into())
    }

    #[test]
    fn return_options() {
        use SearchReturn::*;
        assert_eq!(
            returns(&[Min, Max, Count, Context, Update, Partial(PartialRange::first(1, 500))]),
            Some("(MIN MAX COUNT CONTEXT UPDATE PARTIAL 1:500)".into())
        );
        assert_eq!(
            returns(&[Save, Partial(PartialRange::last(1, 100))]),
            Some("(SAVE PARTIAL -1:-100)".into())
        );
        assert_eq!(returns(&[Relevancy, All]), Some("(RELEVANCY ALL)".into()));
        for good in ["X-NEW", "X-A (1:2 (b c))", "THREADS 5:*,7"] {
            assert_eq!(returns(&[All, Other(good)]), Some(std::format!("(ALL {good})")));
        }
        for bad in [
            "",
            "A) FLAGGED",
            "A (",
            "A\r\n",
            "A \"b\"",
            "(A)",
            "A {5}",
            "A)(",
            "ü",
            "A ",
            "A  B",
            "A ( B)",
            "A (B )",
        ] {
            assert_eq!(returns(&[Other(bad)]), None, "{bad}");
        }
        let page = Partial(PartialRange::first(1, 2));
        for bad in [&[All, page][..], &[page, page], &[Partial(PartialRange::first(0, 1))]] {
            assert_eq!(returns(bad), None);
        }
    }

    #[test]
    fn cancel_update() {
        let tags = [Tag::numbered(4), Tag::numbered(17)];
        let command = CancelUpdateCommand { tags: &tags };
        assert_eq!(command.kind(), Kind::CancelUpdate);
        says(&command, "CANCELUPDATE \"A4\" \"A17\"");
        assert!(encode(&CancelUpdateCommand { tags: &[] }, false).is_err());
    }
}
