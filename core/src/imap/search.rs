//! SEARCH (RFC 9051 section 6.4.4): the keys, the command, and the answers SEARCH
//! (RFC 3501 section 7.2.5) and ESEARCH (RFC 9051 section 7.3.4).

use super::syntax::{astring, keyword, number, number64, sequence_set, sp, sp0, value};
use super::{Capability, Command, Date, Encoder, Kind, SequenceSet, Str};
use core::fmt;

/// What to search for: a `search-key` (RFC 9051 section 6.4.4, RFC 3501 section 6.4.4).
///
/// Strings match anywhere in the text and in any case. A message matches a list of keys if it
/// matches all of them. Sizes are in octets. Days are those of the server, without regard
/// to time and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Search<'a> {
    /// Every message.
    All,
    /// Has `\Answered`.
    Answered,
    /// The Bcc field holds this.
    Bcc(&'a str),
    /// Arrived (INTERNALDATE) before this day.
    Before(Date),
    /// The body holds this.
    Body(&'a str),
    /// The Cc field holds this.
    Cc(&'a str),
    /// Has `\Deleted`.
    Deleted,
    /// Has `\Draft`.
    Draft,
    /// Has `\Flagged`.
    Flagged,
    /// The From field holds this.
    From(&'a str),
    /// The header field of the first name holds the second; if that is empty, is there.
    Header(&'a str, &'a str),
    /// Has this keyword: a flag without a backslash.
    Keyword(&'a str),
    /// Is larger than this.
    Larger(u64),
    /// Is recent and not seen (RFC 3501 only).
    New,
    /// Does not match.
    Not(&'a Search<'a>),
    /// Is not recent (RFC 3501 only).
    Old,
    /// Arrived on this day.
    On(Date),
    /// Matches one of the two, or both.
    Or(&'a Search<'a>, &'a Search<'a>),
    /// Has `\Recent` (RFC 3501 only).
    Recent,
    /// Has `\Seen`.
    Seen,
    /// The Date field is before this day.
    SentBefore(Date),
    /// The Date field is on this day.
    SentOn(Date),
    /// The Date field is on this day or later.
    SentSince(Date),
    /// Arrived on this day or later.
    Since(Date),
    /// Is smaller than this.
    Smaller(u64),
    /// The Subject field holds this.
    Subject(&'a str),
    /// The header or the body holds this.
    Text(&'a str),
    /// The To field holds this.
    To(&'a str),
    /// Has one of these UIDs.
    Uid(SequenceSet<'a>),
    /// Has not `\Answered`.
    Unanswered,
    /// Has not `\Deleted`.
    Undeleted,
    /// Has not `\Draft`.
    Undraft,
    /// Has not `\Flagged`.
    Unflagged,
    /// Has not this keyword.
    Unkeyword(&'a str),
    /// Has not `\Seen`.
    Unseen,
    /// Has one of these message sequence numbers.
    Sequence(SequenceSet<'a>),
    /// Matches all of these; with none of them, every message.
    And(&'a [Search<'a>]),
}

impl Search<'_> {
    /// ```abnf
    /// search-key = "ALL" / "ANSWERED" / "BCC" SP astring / "BEFORE" SP date / … /
    ///              "HEADER" SP header-fld-name SP astring / … /
    ///              "NOT" SP search-key / "OR" SP search-key SP search-key / … /
    ///              sequence-set / "(" search-key *(SP search-key) ")"
    /// ```
    /// RFC 9051 section 9.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let raw: &[u8] = match self {
            Self::All => b"ALL",
            Self::Answered => b"ANSWERED",
            Self::Bcc(text) => return string(out, b"BCC ", text),
            Self::Before(day) => return date(out, b"BEFORE ", day),
            Self::Body(text) => return string(out, b"BODY ", text),
            Self::Cc(text) => return string(out, b"CC ", text),
            Self::Deleted => b"DELETED",
            Self::Draft => b"DRAFT",
            Self::Flagged => b"FLAGGED",
            Self::From(text) => return string(out, b"FROM ", text),
            Self::Header(name, text) => {
                string(out, b"HEADER ", name);
                return string(out, b" ", text);
            }
            Self::Keyword(flag) => return flag_keyword(out, b"KEYWORD ", flag),
            Self::Larger(size) => return octets(out, b"LARGER ", *size),
            Self::New => b"NEW",
            Self::Not(key) => {
                out.raw(b"NOT ");
                return key.encode(out);
            }
            Self::Old => b"OLD",
            Self::On(day) => return date(out, b"ON ", day),
            Self::Or(one, other) => {
                out.raw(b"OR ");
                one.encode(out);
                out.sp();
                return other.encode(out);
            }
            Self::Recent => b"RECENT",
            Self::Seen => b"SEEN",
            Self::SentBefore(day) => return date(out, b"SENTBEFORE ", day),
            Self::SentOn(day) => return date(out, b"SENTON ", day),
            Self::SentSince(day) => return date(out, b"SENTSINCE ", day),
            Self::Since(day) => return date(out, b"SINCE ", day),
            Self::Smaller(size) => return octets(out, b"SMALLER ", *size),
            Self::Subject(text) => return string(out, b"SUBJECT ", text),
            Self::Text(text) => return string(out, b"TEXT ", text),
            Self::To(text) => return string(out, b"TO ", text),
            Self::Uid(set) => {
                out.raw(b"UID ").sequence_set(set);
                return;
            }
            Self::Unanswered => b"UNANSWERED",
            Self::Undeleted => b"UNDELETED",
            Self::Undraft => b"UNDRAFT",
            Self::Unflagged => b"UNFLAGGED",
            Self::Unkeyword(flag) => return flag_keyword(out, b"UNKEYWORD ", flag),
            Self::Unseen => b"UNSEEN",
            Self::Sequence(set) => {
                out.sequence_set(set);
                return;
            }
            Self::And(keys) => {
                out.raw(b"(");
                encode_all(keys, out);
                b")"
            }
        };
        out.raw(raw);
    }

    /// Whether all that it says is ASCII.
    fn is_ascii(&self) -> bool {
        match self {
            Self::Bcc(text)
            | Self::Body(text)
            | Self::Cc(text)
            | Self::From(text)
            | Self::Subject(text)
            | Self::Text(text)
            | Self::To(text) => text.is_ascii(),
            Self::Header(name, text) => name.is_ascii() && text.is_ascii(),
            Self::Not(key) => key.is_ascii(),
            Self::Or(one, other) => one.is_ascii() && other.is_ascii(),
            Self::And(keys) => keys.iter().all(Self::is_ascii),
            _ => true,
        }
    }
}

fn string(out: &mut Encoder<'_, '_>, name: &[u8], text: &str) {
    out.raw(name).astring(text.as_bytes());
}

fn date(out: &mut Encoder<'_, '_>, name: &[u8], day: &Date) {
    out.raw(name).date(day);
}

fn octets(out: &mut Encoder<'_, '_>, name: &[u8], size: u64) {
    out.raw(name).number(size);
}

fn flag_keyword(out: &mut Encoder<'_, '_>, name: &[u8], flag: &str) {
    out.raw(name).atom(flag);
}

/// `search-key *(SP search-key)`; to ask for nothing is to ask for all.
fn encode_all(keys: &[Search<'_>], out: &mut Encoder<'_, '_>) {
    let Some((first, rest)) = keys.split_first() else {
        out.raw(b"ALL");
        return;
    };
    first.encode(out);
    for key in rest {
        out.sp();
        key.encode(out);
    }
}

/// What a SEARCH is to return (RFC 9051 section 6.4.4, RFC 4731, RFC 5182).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SearchReturn {
    /// The lowest number.
    Min,
    /// The highest number.
    Max,
    /// All numbers, as a set.
    All,
    /// How many there are.
    Count,
    /// Nothing: the server is to keep the result for [`SequenceSet::SEARCH_RESULT`].
    Save,
}

impl SearchReturn {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Min => b"MIN",
            Self::Max => b"MAX",
            Self::All => b"ALL",
            Self::Count => b"COUNT",
            Self::Save => b"SAVE",
        }
    }
}

/// SEARCH and UID SEARCH (RFC 9051 sections 6.4.4 and 6.4.9).
///
/// `CHARSET UTF-8` is put in where it is needed: if a string is not ASCII, and neither
/// IMAP4rev2 nor UTF8=ACCEPT, which forbids it, is enabled.
///
/// ```
/// # use mailwire::imap::{Search, SearchReturn, command::SearchCommand};
/// let search = SearchCommand::new(&[Search::Unseen]).uid().returns(&[SearchReturn::Count]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchCommand<'a> {
    /// Whether UIDs are to be returned in place of message sequence numbers.
    pub uid: bool,
    /// What to search for: messages that match all of these; with none of them, all messages.
    pub keys: &'a [Search<'a>],
    /// What to return (needs ESEARCH or IMAP4rev2; `Save` needs SEARCHRES or IMAP4rev2). `None`
    /// leaves it to the server: all numbers. `Some(&[])` says the same, but has them
    /// returned as ESEARCH.
    pub returns: Option<&'a [SearchReturn]>,
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

    /// This is returned, as ESEARCH.
    #[must_use]
    pub const fn returns(self, returns: &'a [SearchReturn]) -> Self {
        Self { returns: Some(returns), ..self }
    }
}

/// ```abnf
/// search             = "SEARCH" [search-return-opts] SP search-program
/// search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
/// search-program     = ["CHARSET" SP charset SP] search-key *(SP search-key)
/// ```
/// RFC 9051 section 9.
impl Command for SearchCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidSearch } else { Kind::Search }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID SEARCH " } else { b"SEARCH " });
        if let Some(returns) = self.returns {
            out.needs(Capability::Esearch).raw(b"RETURN (");
            for (index, item) in returns.iter().enumerate() {
                if *item == SearchReturn::Save {
                    out.needs(Capability::SearchRes);
                }
                out.raw(if index > 0 { b" " } else { b"" }).raw(item.name());
            }
            out.raw(b") ");
        }
        if !out.is_utf8() && !self.keys.iter().all(Search::is_ascii) {
            out.raw(b"CHARSET UTF-8 ");
        }
        encode_all(self.keys, out);
    }
}

/// The numbers of a SEARCH (or SORT) response, whole or a part of one that is longer
/// than Rx.
///
/// They are in any order for SEARCH, and in the order asked for in SORT.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    /// Takes what stands behind `SEARCH SP`, or any part of it that was cut at a space.
    ///
    /// ```abnf
    /// "SEARCH" *(SP nz-number) [SP search-sort-mod-seq]
    /// search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"
    /// ```
    /// RFC 3501 section 9, RFC 7162 section 7. It never fails.
    pub const fn parse(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    /// The numbers, in the server's order. Words that are no numbers are left out, and
    /// zeros, which are none of a message (DavMail); so is a space at the end (Outlook.com).
    #[inline]
    pub const fn iter(&self) -> NumbersIter<'a> {
        NumbersIter(self.0)
    }

    /// Whether there are no numbers.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.5). It comes
    /// last: in the last part if there are several.
    pub fn mod_seq(&self) -> Option<u64> {
        let raw = self.0.trim_ascii().strip_suffix(b")")?.trim_ascii_end();
        let digits = raw.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (before, digits) = raw.split_at_checked(raw.len().checked_sub(digits)?)?;
        let before = before.trim_ascii_end();
        // All that is missing may stand at the end of the part before.
        let known = match before.len().checked_sub(b"(MODSEQ".len()) {
            Some(start) => before.get(start..)?.eq_ignore_ascii_case(b"(MODSEQ"),
            None => before.is_empty(),
        };
        let (_, mod_seq) = number64(digits).ok()?;
        known.then_some(mod_seq)
    }
}

/// The numbers of a [`Numbers`].
#[derive(Debug, Clone)]
pub struct NumbersIter<'a>(&'a [u8]);

impl Iterator for NumbersIter<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let mut rest = self.0;
        loop {
            let mut value = 0_u64;
            let mut digits = 0_u32;
            while let [digit @ b'0'..=b'9', after @ ..] = rest {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit & 0x0f));
                digits = digits.wrapping_add(1);
                rest = after;
            }
            match rest {
                [] | [b' ', ..] => {
                    rest = rest.get(1..).unwrap_or_default();
                    if let (1..=10, Ok(value @ 1..)) = (digits, u32::try_from(value)) {
                        self.0 = rest;
                        return Some(value);
                    }
                    if rest.is_empty() {
                        self.0 = rest;
                        return None;
                    }
                }
                // What a mod-sequence stands in, `(MODSEQ 917 )`, comes last.
                [b'(', ..] => {
                    self.0 = &[];
                    return u32::try_from(value).ok().filter(|&value| digits <= 10 && value > 0);
                }
                _ => {
                    let junk = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
                    rest = rest.get(junk..).unwrap_or_default();
                }
            }
        }
    }
}

impl<'a> IntoIterator for Numbers<'a> {
    type Item = u32;
    type IntoIter = NumbersIter<'a>;

    fn into_iter(self) -> NumbersIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Str::new(self.0).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Numbers<'_> {
    /// `{"numbers": [2, 5], "mod_seq": null}`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Seq<'a>(Numbers<'a>);
        impl serde::Serialize for Seq<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0)
            }
        }
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Numbers", 2)?;
        out.serialize_field("numbers", &Seq(*self))?;
        out.serialize_field("mod_seq", &self.mod_seq())?;
        out.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Numbers<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", Str::new(self.0));
    }
}

/// The items of an ESEARCH response by name: what a response was cut in that is longer than
/// Rx. It is to be handed on to the reader of the next part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EsearchItem {
    /// MIN.
    Min,
    /// MAX.
    Max,
    /// COUNT.
    Count,
    /// ALL.
    All,
    /// MODSEQ, RFC 7162 section 3.1.10.
    ModSeq,
    /// PARTIAL, RFC 9394 section 3.1.
    Partial,
    /// ADDTO, RFC 5267 section 4.3.
    AddTo,
    /// REMOVEFROM, RFC 5267 section 4.3.
    RemoveFrom,
    /// RELEVANCY, RFC 6203 section 4.
    Relevancy,
    /// Any other, and how many parentheses of its value are open.
    Other(u8),
}

impl EsearchItem {
    const NAMES: [(Self, &'static [u8]); 9] = [
        (Self::Min, b"MIN"),
        (Self::Max, b"MAX"),
        (Self::Count, b"COUNT"),
        (Self::All, b"ALL"),
        (Self::ModSeq, b"MODSEQ"),
        (Self::Partial, b"PARTIAL"),
        (Self::AddTo, b"ADDTO"),
        (Self::RemoveFrom, b"REMOVEFROM"),
        (Self::Relevancy, b"RELEVANCY"),
    ];

    fn new(name: &[u8]) -> Self {
        let known = Self::NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        known.map_or(Self::Other(0), |(item, _)| *item)
    }

    fn name(self) -> &'static [u8] {
        Self::NAMES.iter().find(|(item, _)| *item == self).map_or(b"", |(_, name)| *name)
    }

    /// How many parentheses are open where its value goes on with `rest`.
    fn depth(self, rest: &[u8]) -> u8 {
        match self {
            Self::Other(depth) => depth,
            Self::Partial | Self::AddTo | Self::RemoveFrom | Self::Relevancy => {
                u8::from(!rest.starts_with(b"("))
            }
            _ => 0,
        }
    }
}

/// A piece of an ESEARCH response (RFC 9051 section 7.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EsearchData<'a> {
    /// The lowest number.
    Min(u32),
    /// The highest number.
    Max(u32),
    /// How many there are.
    Count(u32),
    /// All of them; in a part of a long response, some of them.
    All(SequenceSet<'a>),
    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.10).
    ModSeq(u64),
    /// Any other item, or one of these that cannot be understood.
    Other {
        /// Its name; empty if that stood in an earlier part.
        name: Str<'a>,
        /// Its value as it came. In parts of a long response, the pieces of it.
        value: Str<'a>,
    },
}

/// The ESEARCH response (RFC 9051 section 7.3.4), whole or a part of one that is longer
/// than Rx.
///
/// ```
/// use mailwire::imap::Esearch;
///
/// let found = Esearch::parse(br#"(TAG "A285") UID MIN 7 MAX 3800 ALL 7,9:12"#, None).unwrap();
/// assert!(found.uid);
/// assert_eq!(found.max(), Some(3800));
/// assert_eq!(found.all().unwrap().count(), Some(5));
/// assert_eq!(found.count(), None);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Esearch<'a> {
    /// The tag of the command that this answers; in the first part only.
    pub tag: Option<Str<'a>>,
    /// Whether the numbers are UIDs; in the first part only.
    pub uid: bool,
    continued: Option<EsearchItem>,
    items: &'a [u8],
}

impl<'a> Esearch<'a> {
    /// Reads what stands behind `ESEARCH SP`, without the CRLF.
    ///
    /// ```abnf
    /// esearch-response   = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    /// search-correlator  = SP "(" "TAG" SP tag-string ")"
    /// search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set /
    ///                      "COUNT" SP number / search-ret-data-ext
    /// ```
    /// RFC 9051 section 9. `raw` may be a part of it, cut behind a space or a comma; then
    /// `continued` is what [`open_item`](Self::open_item) said of the part before, and `None`
    /// for the first part.
    ///
    /// `None` if the correlator's parentheses do not close. Items that are not understood are
    /// [`EsearchData::Other`].
    pub fn parse(raw: &'a [u8], continued: Option<EsearchItem>) -> Option<Self> {
        let mut this = Self { tag: None, uid: false, continued, items: raw };
        if continued.is_none() {
            let (mut items, ()) = sp0(raw).ok()?;
            if items.starts_with(b"(") {
                let (rest, correlator) = value(items).ok()?;
                this.tag = tag(correlator);
                items = sp0(rest).ok()?.0;
            }
            if let Ok((rest, ())) = keyword(items, b"UID") {
                this.uid = true;
                items = rest;
            }
            this.items = items;
        }
        Some(this)
    }

    /// In which item the part `raw` was cut; `None` if between two. To be asked of each part
    /// but the last.
    pub fn open_item(raw: &[u8], continued: Option<EsearchItem>) -> Option<EsearchItem> {
        let mut items = Esearch::parse(raw, continued)?.items();
        let mut last = None;
        while let Some(item) = items.next_raw() {
            last = Some(item);
        }
        let last = last.filter(|last| last.open)?;
        Some(match last.item {
            EsearchItem::Other(depth) => EsearchItem::Other(list_end(last.value, depth).1),
            item => item,
        })
    }

    /// The items, in the server's order.
    pub const fn items(&self) -> EsearchItems<'a> {
        EsearchItems { rest: self.items, continued: self.continued }
    }

    /// The lowest number found, if it was asked for and there is one.
    pub fn min(&self) -> Option<u32> {
        self.items().find_map(|item| if let EsearchData::Min(n) = item { Some(n) } else { None })
    }

    /// The highest number found, if it was asked for and there is one.
    pub fn max(&self) -> Option<u32> {
        self.items().find_map(|item| if let EsearchData::Max(n) = item { Some(n) } else { None })
    }

    /// How many were found, if that was asked for.
    pub fn count(&self) -> Option<u32> {
        self.items().find_map(|item| if let EsearchData::Count(n) = item { Some(n) } else { None })
    }

    /// What was found, if it was asked for and there is any.
    pub fn all(&self) -> Option<SequenceSet<'a>> {
        self.items()
            .find_map(|item| if let EsearchData::All(set) = item { Some(set) } else { None })
    }

    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.10).
    pub fn mod_seq(&self) -> Option<u64> {
        self.items().find_map(|item| if let EsearchData::ModSeq(n) = item { Some(n) } else { None })
    }
}

/// The tag in `(TAG "A1")`, whatever stands behind it (RFC 7377).
fn tag(correlator: &[u8]) -> Option<Str<'_>> {
    let (i, ()) = sp0(correlator.strip_prefix(b"(")?).ok()?;
    let (i, ()) = keyword(i, b"TAG").ok()?;
    let (i, ()) = sp(i).ok()?;
    let (_, tag) = astring(i).ok()?;
    Some(tag)
}

/// The items of an [`Esearch`].
#[derive(Debug, Clone)]
pub struct EsearchItems<'a> {
    rest: &'a [u8],
    continued: Option<EsearchItem>,
}

/// An item whose value is not read yet.
struct RawItem<'a> {
    item: EsearchItem,
    name: &'a [u8],
    value: &'a [u8],
    /// Whether nothing stands behind the value.
    open: bool,
}

impl<'a> EsearchItems<'a> {
    fn next_raw(&mut self) -> Option<RawItem<'a>> {
        let (item, name, depth, start) = match self.continued.take() {
            Some(item) => (item, item.name(), item.depth(self.rest), self.rest),
            None => {
                let (start, ()) = sp0(self.rest).ok()?;
                let (name, rest) = split_word(start);
                if name.is_empty() {
                    return None;
                }
                (EsearchItem::new(name), name, 0, sp0(rest).ok()?.0)
            }
        };
        let (value, rest) = match start {
            [b'(', ..] => start.split_at_checked(list_end(start, depth).0)?,
            _ if depth > 0 => start.split_at_checked(list_end(start, depth).0)?,
            [b'"', ..] => value(start).map_or(split_word(start), |(rest, value)| (value, rest)),
            _ => split_word(start),
        };
        self.rest = rest;
        Some(RawItem { item, name, value, open: rest.is_empty() })
    }
}

/// The word at the front, and the rest.
fn split_word(i: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b' ', i).unwrap_or(i.len());
    i.split_at_checked(end).unwrap_or((i, b""))
}

/// Where the list ends at whose front `depth` parentheses are open, and how many still are
/// if it does not.
fn list_end(i: &[u8], mut depth: u8) -> (usize, u8) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, b) in i.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth = depth.saturating_add(1),
            b')' if depth <= 1 => return (at.saturating_add(1), 0),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (i.len(), depth)
}

impl<'a> Iterator for EsearchItems<'a> {
    type Item = EsearchData<'a>;

    fn next(&mut self) -> Option<EsearchData<'a>> {
        loop {
            let RawItem { item, name, value, .. } = self.next_raw()?;
            let known = !matches!(item, EsearchItem::Other(_));
            if value.is_empty() && (known || name.is_empty()) {
                continue;
            }
            let read = match item {
                EsearchItem::Min => exactly(number(value)).map(EsearchData::Min),
                EsearchItem::Max => exactly(number(value)).map(EsearchData::Max),
                EsearchItem::Count => exactly(number(value)).map(EsearchData::Count),
                EsearchItem::ModSeq => exactly(number64(value)).map(EsearchData::ModSeq),
                EsearchItem::All => {
                    // Where it was cut.
                    let set = value.strip_prefix(b",").unwrap_or(value);
                    let set = set.strip_suffix(b",").unwrap_or(set);
                    exactly(sequence_set(set)).map(EsearchData::All)
                }
                _ => None,
            };
            let other = EsearchData::Other { name: Str::new(name), value: Str::new(value) };
            return Some(read.unwrap_or(other));
        }
    }
}

/// What was read, if nothing is left behind it.
fn exactly<T>(parsed: super::syntax::Parsed<'_, T>) -> Option<T> {
    match parsed {
        Ok(([], value)) => Some(value),
        _ => None,
    }
}

impl fmt::Debug for Esearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Esearch")
            .field("tag", &self.tag)
            .field("uid", &self.uid)
            .field("items", &Str::new(self.items))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Esearch<'_> {
    /// Every item as a field, `null` if it is not there; what is unknown in `other`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Other<'a> {
            name: Str<'a>,
            value: Str<'a>,
        }
        struct Others<'a>(EsearchItems<'a>);
        impl serde::Serialize for Others<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.clone().filter_map(|item| match item {
                    EsearchData::Other { name, value } => Some(Other { name, value }),
                    _ => None,
                }))
            }
        }
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Esearch", 8)?;
        out.serialize_field("tag", &self.tag)?;
        out.serialize_field("uid", &self.uid)?;
        out.serialize_field("min", &self.min())?;
        out.serialize_field("max", &self.max())?;
        out.serialize_field("count", &self.count())?;
        out.serialize_field("all", &self.all())?;
        out.serialize_field("mod_seq", &self.mod_seq())?;
        out.serialize_field("other", &Others(self.items()))?;
        out.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Esearch<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "Esearch {{ tag: {}, uid: {}, {} }}",
            self.tag,
            self.uid,
            Str::new(self.items)
        );
    }
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]
mod tests {
    extern crate std;
    use super::*;
    use crate::Tx;
    use crate::imap::Literals;
    use crate::imap::syntax::date::date as parse_date;
    use std::string::{String, ToString as _};
    use std::vec::Vec;

    fn sent(utf8: bool, command: &SearchCommand<'_>) -> Result<String, crate::Error> {
        let mut memory = [0; 512];
        let mut tx = Tx::new(&mut memory);
        let mut out = Encoder::new(&mut tx, Literals::Plus, utf8);
        command.encode(&mut out);
        out.finish()?;
        Ok(String::from_utf8(tx.pending().to_vec()).unwrap())
    }

    fn keys(keys: &[Search<'_>]) -> String {
        sent(false, &SearchCommand { uid: false, keys, returns: None }).unwrap()
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
        let command = SearchCommand {
            uid: true,
            keys: &[Search::Uid((7..).into()), Search::Sequence(SequenceSet::SEARCH_RESULT)],
            returns: Some(&[SearchReturn::Min, SearchReturn::Count, SearchReturn::Save]),
        };
        assert_eq!(sent(false, &command).unwrap(), "UID SEARCH RETURN (MIN COUNT SAVE) UID 7:* $");
        assert_eq!(command.kind(), Kind::UidSearch);
        let command = SearchCommand { uid: false, keys: &[Search::All], returns: Some(&[]) };
        assert_eq!(sent(false, &command).unwrap(), "SEARCH RETURN () ALL");
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
        let command = SearchCommand { uid: false, keys: &nested, returns: Some(&[]) };
        assert_eq!(
            sent(false, &command).unwrap(),
            "SEARCH RETURN () CHARSET UTF-8 NOT OR ALL SUBJECT {10+}\r\nzażółć"
        );
        assert_eq!(sent(true, &command).unwrap(), "SEARCH RETURN () NOT OR ALL SUBJECT \"zażółć\"");
        assert_eq!(keys(&[Search::From("a\r\nA2 LOGOUT")]), "SEARCH FROM {12+}\r\na\r\nA2 LOGOUT");
        for bad in [
            Search::From("a\0"),
            Search::Keyword("a b"),
            Search::Keyword(""),
            Search::Unkeyword("\\Seen"),
            Search::Uid((&[0_u32; 0]).into()),
            Search::Sequence(0.into()),
        ] {
            let command = SearchCommand { uid: false, keys: &[bad], returns: None };
            assert!(matches!(sent(false, &command), Err(crate::Error::Usage(_))), "{bad:?}");
        }
    }

    fn numbers(raw: &[u8]) -> Vec<u32> {
        Numbers::parse(raw).iter().collect()
    }

    #[test]
    fn search_responses() {
        assert_eq!(numbers(b"2 84 882"), [2, 84, 882]);
        assert_eq!(numbers(b""), []);
        assert_eq!(numbers(b" "), []);
        assert!(Numbers::parse(b" ").is_empty());
        assert_eq!(numbers(b"4294967295 1"), [u32::MAX, 1]);
        // Outlook.com, DavMail
        assert_eq!(numbers(b"7456 "), [7456]);
        assert_eq!(numbers(b"0  5"), [5]);
        // Junk, and what is too large.
        assert_eq!(
            numbers(b"1 x 2y 3 -4 4294967296 99999999999999999999999999 18446744073709551617 5"),
            [1, 3, 5]
        );
        let it = Numbers::parse(b"2 5 6 (MODSEQ 917162500)");
        assert_eq!(it.iter().collect::<Vec<_>>(), [2, 5, 6]);
        assert_eq!(it.mod_seq(), Some(917_162_500));
        assert_eq!(Numbers::parse(b"(modseq  18446744073709551615 )").mod_seq(), Some(u64::MAX));
        assert_eq!(Numbers::parse(b"(modseq  18446744073709551615) ").mod_seq(), Some(u64::MAX));
        for raw in [&b"2 5 (MODSEQ 917 )"[..], b"2 5(MODSEQ 917)", b"2 5 ( MODSEQ 917 )"] {
            assert_eq!(numbers(raw), [2, 5]);
        }
        assert_eq!(numbers(b"(MODSEQ 917 )"), []);
        for none in [&b"2 5"[..], b"", b")", b"(MODSEQ )", b"5)x", b"7 5)", b"MODSEQ 5)"] {
            assert_eq!(Numbers::parse(none).mod_seq(), None);
        }
    }

    #[test]
    fn search_parts() {
        let raw = b"2 84 882 4294967295 (MODSEQ 917162500)";
        for at in (1..raw.len()).filter(|&at| raw[at - 1] == b' ') {
            let (a, b) = raw.split_at(at);
            let parts = [Numbers::parse(a), Numbers::parse(b)];
            let all: Vec<_> = parts.into_iter().flatten().collect();
            assert_eq!(all, [2, 84, 882, u32::MAX]);
            assert_eq!(parts[1].mod_seq(), Some(917_162_500));
        }
    }

    #[test]
    fn esearch_responses() {
        let it = Esearch::parse(b"(TAG \"t26\") UID MAX 24 ALL 1,4,6,24 MODSEQ 325", None).unwrap();
        assert_eq!(it.tag.unwrap(), "t26");
        assert!(it.uid);
        assert_eq!(
            (it.min(), it.max(), it.count(), it.mod_seq()),
            (None, Some(24), None, Some(325))
        );
        assert_eq!(it.all().unwrap().to_string(), "1,4,6,24");
        // Nothing found; no correlator; Cyrus' order.
        for empty in ["", "(TAG \"A8\") UID", "(TAG \"t47\")", "UID", "(TAG t47) "] {
            let it = Esearch::parse(empty.as_bytes(), None).unwrap();
            assert_eq!(it.items().count(), 0);
            assert_eq!(it.uid, empty.ends_with("UID"));
        }
        let it = Esearch::parse(b"COUNT 0", None).unwrap();
        assert_eq!((it.tag, it.uid, it.count()), (None, false, Some(0)));
        let it =
            Esearch::parse(b"(TAG \"t\" MAILBOX \"a b\" UIDVALIDITY 1) UID ALL 5", None).unwrap();
        assert_eq!((it.tag.unwrap(), it.uid), ("t".into(), true));
        // Unknown and odd ones.
        let it = Esearch::parse(
            b"(tag \"t\") uid partial (1:2 1:2)  X-A \"b c\" min x all 1:3 COUNT 4 Y",
            None,
        )
        .unwrap();
        let other = |name: &'static str, value: &'static str| EsearchData::Other {
            name: name.into(),
            value: value.into(),
        };
        assert_eq!(
            it.items().collect::<Vec<_>>(),
            [
                other("partial", "(1:2 1:2)"),
                other("X-A", "\"b c\""),
                other("min", "x"),
                EsearchData::All(SequenceSet::try_from("1:3").unwrap()),
                EsearchData::Count(4),
                other("Y", ""),
            ]
        );
        assert!(Esearch::parse(b"(TAG \"t\" ALL 1", None).is_none());
        for odd in ["ALL )", "ALL (1", "X ) ) COUNT 1", "\"", "ALL \"", "ALL {5}"] {
            assert!(Esearch::parse(odd.as_bytes(), None).unwrap().items().count() < 4);
        }
    }

    /// Cut behind any separators, the parts say the same as the whole.
    #[test]
    fn esearch_parts() {
        let raw = b"(TAG \"t\") UID PARTIAL (1:9 2,4,6) MIN 2 ALL 2,10:15,21,7 \
            X-L (1 (2 3) \"4) 5\") ADDTO (0 5,6 7 8) COUNT 21 MODSEQ 9";
        let whole = Esearch::parse(raw, None).unwrap();
        let quoted = raw.windows(2).position(|pair| pair == b"\"4").unwrap();
        let cuts: Vec<_> = (15..raw.len())
            .filter(|&at| matches!(raw[at - 1], b' ' | b',') && !(quoted..quoted + 6).contains(&at))
            .collect();
        for &a in &cuts {
            for &b in cuts.iter().filter(|&&b| b >= a) {
                let mut open = None;
                let mut numbers = Vec::new();
                let mut rest = Vec::new();
                let mut others = String::new();
                for part in [&raw[..a], &raw[a..b], &raw[b..]] {
                    for item in Esearch::parse(part, open).unwrap().items() {
                        match item {
                            EsearchData::All(set) => numbers.extend(set.numbers().unwrap()),
                            EsearchData::Other { value, .. } => others += &value.to_string(),
                            item => rest.push(item),
                        }
                    }
                    open = Esearch::open_item(part, open);
                }
                assert_eq!(numbers, [2, 10, 11, 12, 13, 14, 15, 21, 7], "{a} {b}");
                assert_eq!(
                    rest,
                    [EsearchData::Min(2), EsearchData::Count(21), EsearchData::ModSeq(9)],
                    "{a} {b}"
                );
                let glued = |text: &str| text.replace(' ', "");
                assert_eq!(glued(&others), "(1:92,4,6)(1(23)\"4)5\")(05,678)", "{a} {b}");
            }
        }
        assert_eq!(whole.count(), Some(21));
        assert_eq!(Esearch::open_item(b"(TAG \"t\") UID ALL 1,2,", None), Some(EsearchItem::All));
        assert_eq!(Esearch::open_item(b"3,", Some(EsearchItem::All)), Some(EsearchItem::All));
        assert_eq!(
            Esearch::open_item(b"3 COUNT ", Some(EsearchItem::All)),
            Some(EsearchItem::Count)
        );
        assert_eq!(Esearch::open_item(b"3 COUNT 5 ", Some(EsearchItem::All)), None);
    }

    #[test]
    fn sizes() {
        assert!(size_of::<Esearch<'_>>() <= 64);
        assert!(size_of::<EsearchData<'_>>() <= 56);
    }
}
