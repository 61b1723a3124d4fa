//! SORT (RFC 5256 section 3): a search whose result comes in an order. The answer is SORT
//! ([`Numbers`](super::Numbers)), or ESEARCH if options say what is to be returned (RFC 5267
//! section 3).

use super::search::{encode_all, encode_returns};
use super::{Capability, Command, Encoder, Kind, Search, SearchReturn};

/// By what to sort (RFC 5256 section 3, `sort-criterion`). Among equals the next criterion
/// decides, and at last the order in the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// No defmt: what it derives for a type within itself does not compile into a program.
#[non_exhaustive]
pub enum Sort<'a> {
    /// Date and time of arrival (INTERNALDATE).
    Arrival,
    /// The first Cc address's part before the `@`.
    Cc,
    /// Date and time that the message itself names, in UTC.
    Date,
    /// The first From address's part before the `@`.
    From,
    /// Size in octets.
    Size,
    /// The subject without `Re:`, `Fwd:` and the like.
    Subject,
    /// The first To address's part before the `@`.
    To,
    /// The first From address as it is shown: the person's name if there is one (RFC 5957;
    /// needs SORT=DISPLAY).
    DisplayFrom,
    /// The first To address as it is shown (RFC 5957; needs SORT=DISPLAY).
    DisplayTo,
    /// How well it matches, best first; only with [`Search::Fuzzy`] (RFC 6203 section 6; needs
    /// SEARCH=FUZZY).
    Relevancy,
    /// The other way round; of any but another `Reverse`.
    Reverse(&'a Sort<'a>),
    /// By something that is not here, such as Cyrus' `MODSEQ`. Whether the server knows it is
    /// not checked.
    Other(&'a str),
}

impl Sort<'_> {
    /// ```abnf
    /// sort-criterion = ["REVERSE" SP] sort-key
    /// sort-key       = "ARRIVAL" / "CC" / "DATE" / "FROM" / "SIZE" / "SUBJECT" / "TO"
    /// sort-key       =/ "DISPLAYFROM" / "DISPLAYTO"     ; RFC 5957
    /// sort-key       =/ "RELEVANCY"                     ; RFC 6203
    /// ```
    /// RFC 5256 section 5.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let key = match self {
            Self::Reverse(key) => {
                out.raw(b"REVERSE ");
                key
            }
            key => key,
        };
        let name: &[u8] = match key {
            Self::Arrival => b"ARRIVAL",
            Self::Cc => b"CC",
            Self::Date => b"DATE",
            Self::From => b"FROM",
            Self::Size => b"SIZE",
            Self::Subject => b"SUBJECT",
            Self::To => b"TO",
            Self::DisplayFrom => {
                out.needs(Capability::SortDisplay);
                b"DISPLAYFROM"
            }
            Self::DisplayTo => {
                out.needs(Capability::SortDisplay);
                b"DISPLAYTO"
            }
            Self::Relevancy => {
                out.needs(Capability::SearchFuzzy);
                b"RELEVANCY"
            }
            Self::Reverse(_) => {
                out.invalid("the reverse of a reverse");
                return;
            }
            Self::Other(name) => {
                out.atom(name);
                return;
            }
        };
        out.raw(name);
    }
}

/// SORT and UID SORT (RFC 5256 section 3). Needs SORT.
///
/// ```
/// # use mailwire::imap::{Search, Sort, command::SortCommand};
/// let newest_first = [Sort::Reverse(&Sort::Date), Sort::Subject];
/// let sort = SortCommand::new(&newest_first, &[Search::Undeleted]).uid();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SortCommand<'a> {
    /// Whether UIDs are to be returned in place of message sequence numbers.
    pub uid: bool,
    /// By what to sort; at least one.
    pub criteria: &'a [Sort<'a>],
    /// What to search for: messages that match all of these; with none of them, all messages.
    pub keys: &'a [Search<'a>],
    /// What to return, as ESEARCH (RFC 5267 section 3; needs ESORT). `None`: all numbers, as
    /// SORT.
    pub returns: Option<&'a [SearchReturn<'a>]>,
}

impl<'a> SortCommand<'a> {
    /// SORT: the sequence numbers of the messages that match all of `keys`, in this order.
    #[must_use]
    pub const fn new(criteria: &'a [Sort<'a>], keys: &'a [Search<'a>]) -> Self {
        Self { uid: false, criteria, keys, returns: None }
    }

    /// UID SORT: UIDs are returned.
    #[must_use]
    pub const fn uid(self) -> Self {
        Self { uid: true, ..self }
    }

    /// This is returned, as ESEARCH.
    #[must_use]
    pub const fn returns(self, returns: &'a [SearchReturn<'a>]) -> Self {
        Self { returns: Some(returns), ..self }
    }
}

impl Command for SortCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidSort } else { Kind::Sort }
    }

    /// ```abnf
    /// sort            = ["UID" SP] "SORT" SP sort-criteria SP search-criteria
    /// extended-sort   = ["UID" SP] "SORT" search-return-opts SP sort-criteria SP
    ///                   search-criteria                          ; RFC 5267
    /// sort-criteria   = "(" sort-criterion *(SP sort-criterion) ")"
    /// search-criteria = charset 1*(SP search-key)
    /// ```
    /// RFC 5256 section 5.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID SORT " } else { b"SORT " });
        if let Some(returns) = self.returns {
            out.needs_one_of(&[Capability::Esort, Capability::ContextSort]);
            encode_returns(returns, &[Capability::ContextSort], out);
        }
        out.list(b"(", self.criteria, b")", |out, criterion| criterion.encode(out));
        if self.criteria.is_empty() {
            out.invalid("SORT by nothing");
        }
        out.raw(b" UTF-8 ");
        encode_all(self.keys, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::PartialRange;
    use crate::imap::command::tests::{encode, says};

    #[test]
    fn commands() {
        let all = [
            Sort::Arrival,
            Sort::Cc,
            Sort::Reverse(&Sort::Date),
            Sort::From,
            Sort::Size,
            Sort::Subject,
            Sort::To,
            Sort::DisplayFrom,
            Sort::Reverse(&Sort::DisplayTo),
            Sort::Relevancy,
            Sort::Other("MODSEQ"),
        ];
        let command = SortCommand::new(&all, &[Search::Seen, Search::From("ż")]);
        assert_eq!(command.kind(), Kind::Sort);
        says(
            &command,
            "SORT (ARRIVAL CC REVERSE DATE FROM SIZE SUBJECT TO DISPLAYFROM REVERSE DISPLAYTO \
             RELEVANCY MODSEQ) UTF-8 SEEN FROM {2}\r\n|ż",
        );
        let page = [SearchReturn::Partial(PartialRange::first(1, 10)), SearchReturn::Count];
        let command = SortCommand::new(&[Sort::Date], &[]).uid().returns(&page);
        assert_eq!(command.kind(), Kind::UidSort);
        says(&command, "UID SORT RETURN (PARTIAL 1:10 COUNT) (DATE) UTF-8 ALL");
        for bad in [&[][..], &[Sort::Reverse(&Sort::Reverse(&Sort::To))], &[Sort::Other("a) x")]] {
            assert!(encode(&SortCommand::new(bad, &[]), false).is_err());
        }
    }
}
