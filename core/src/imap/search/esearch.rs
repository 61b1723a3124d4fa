//! The ESEARCH response (RFC 9051 section 7.3.4), with the items of all extensions.

use crate::imap::sequence::sequence;
use crate::imap::syntax::{
    Parsed, astring, keyword, number, number64, sequence_set, sp, sp0, value,
};
use crate::imap::{Mailbox, PartialRange, SequenceSet, Str};
use crate::names::Names;
use core::fmt;

/// The items by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Name {
    Min,
    Max,
    Count,
    All,
    ModSeq,
    Partial,
    AddTo,
    RemoveFrom,
    Relevancy,
    Other,
}

impl Name {
    const NAMES: Names =
        Names("MIN\nMAX\nCOUNT\nALL\nMODSEQ\nPARTIAL\nADDTO\nREMOVEFROM\nRELEVANCY\n");

    fn new(name: &[u8]) -> Self {
        match Self::NAMES.place(name) {
            Some(0) => Self::Min,
            Some(1) => Self::Max,
            Some(2) => Self::Count,
            Some(3) => Self::All,
            Some(4) => Self::ModSeq,
            Some(5) => Self::Partial,
            Some(6) => Self::AddTo,
            Some(7) => Self::RemoveFrom,
            Some(_) => Self::Relevancy,
            None => Self::Other,
        }
    }

    fn name(self) -> &'static [u8] {
        Self::NAMES.get(self as usize).as_bytes()
    }
}

/// In which item an ESEARCH response was cut that is longer than Rx. It is to be handed on to
/// the reader of the next part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EsearchItem {
    name: Name,
    /// How many parentheses of its value are open.
    depth: u8,
    /// Where in the result the set belongs that comes next or goes on; `None`: first comes
    /// that position.
    position: Option<u32>,
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
    /// All of them, for SORT in the order asked for; in a part of a long response, some of
    /// them.
    All(SequenceSet<'a>),
    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.10).
    ModSeq(u64),
    /// A page of them (RFC 9394 section 3.1, RFC 5267 section 4.4).
    Partial {
        /// Which page was asked for. None if that stood in an earlier part of a long
        /// response.
        range: Option<PartialRange>,
        /// The numbers; in a part of a long response, some of them. None if there are none.
        numbers: Option<SequenceSet<'a>>,
    },
    /// These are to be put into the result (RFC 5267 section 4.3.3).
    AddTo(Updates<'a>),
    /// These are to be taken out of the result (RFC 5267 section 4.3.4).
    RemoveFrom(Updates<'a>),
    /// How well each of the messages found matches (RFC 6203 section 4).
    Relevancy(Relevancy<'a>),
    /// Any other item, or one of these that cannot be understood.
    Other {
        /// Its name; empty if that stood in an earlier part.
        name: Str<'a>,
        /// Its value as it came. In parts of a long response, the pieces of it.
        value: Str<'a>,
    },
}

/// One change of a result (RFC 5267 section 4.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Update<'a> {
    /// Where in the result the first of the numbers is put, or is taken from, counted from 1.
    /// 0: each where it belongs by its value, or wherever it is.
    pub position: u32,
    /// The numbers, in their order.
    pub numbers: SequenceSet<'a>,
}

/// Changes of a result, each to be applied to what the ones before it have left (RFC 5267
/// section 4.3.2).
///
/// ```abnf
/// ret-data-addto      = "ADDTO" SP "(" context-position SP sequence-set
///                       *(SP context-position SP sequence-set) ")"
/// ret-data-removefrom = "REMOVEFROM" SP "(" context-position SP sequence-set
///                       *(SP context-position SP sequence-set) ")"
/// ```
/// RFC 5267 section 5. The walk ends at what is not so.
#[derive(Clone, Copy)]
pub struct Updates<'a> {
    /// Between the parentheses.
    raw: &'a [u8],
    position: Option<u32>,
    /// Whether what is left of a set that was cut belongs behind what came of it.
    add: bool,
}

impl<'a> Updates<'a> {
    fn pop(&mut self) -> Option<Update<'a>> {
        loop {
            let (word, rest) = split_word(sp0(self.raw).ok()?.0);
            if word.is_empty() {
                return None;
            }
            let Some(position) = self.position else {
                self.position = Some(exactly(number(word))?);
                self.raw = rest;
                continue;
            };
            let numbers = cut_set(word)?;
            self.raw = rest;
            let count = if self.add && position > 0 { numbers.count() } else { Some(0) };
            let behind = position.saturating_add(u32::try_from(count?).unwrap_or(u32::MAX));
            self.position = word.ends_with(b",").then_some(behind);
            return Some(Update { position, numbers });
        }
    }
}

sequence!(Updates, UpdatesIter, Update<'a>);

/// How well each of the messages found matches, 1 to 100, in the order of
/// [`EsearchData::All`] or [`EsearchData::Partial`].
///
/// ```abnf
/// score-list = "(" [score *(SP score)] ")"
/// score      = 1*3DIGIT
/// ```
/// RFC 6203 section 7. The walk ends at what is no score.
#[derive(Clone, Copy)]
pub struct Relevancy<'a>(&'a [u8]);

impl<'a> Relevancy<'a> {
    fn pop(&mut self) -> Option<u8> {
        let (word, rest) = split_word(sp0(self.0).ok()?.0);
        let score = exactly(number(word))?;
        self.0 = rest;
        u8::try_from(score).ok()
    }
}

sequence!(Relevancy, RelevancyIter, u8);

/// The ESEARCH response (RFC 9051 section 7.3.4), whole or a part of one that is longer
/// than Rx.
///
/// ```
/// use mailwire::imap::Esearch;
///
/// let raw = br#"(TAG "A285") UID MIN 7 MAX 3800 ALL 7,9:12"#;
/// let found = Esearch::parse(raw, None, false).unwrap();
/// assert!(found.uid && found.tag().unwrap() == "A285");
/// assert_eq!(found.max(), Some(3800));
/// assert_eq!(found.all().unwrap().count(), Some(5));
/// assert_eq!(found.count(), None);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Esearch<'a> {
    /// Whether the numbers are UIDs; in the first part only.
    pub uid: bool,
    utf8: bool,
    continued: Option<EsearchItem>,
    /// With its parentheses, or empty.
    correlator: &'a [u8],
    items: &'a [u8],
}

impl<'a> Esearch<'a> {
    /// Reads what stands behind `ESEARCH SP`, without the CRLF.
    ///
    /// ```abnf
    /// esearch-response   = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
    /// search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set /
    ///                      "COUNT" SP number / search-ret-data-ext
    /// search-return-data =/ ret-data-partial / ret-data-addto / ret-data-removefrom
    ///                                                       ; RFC 5267, RFC 9394
    /// search-return-data =/ "RELEVANCY" SP score-list       ; RFC 6203
    /// search-return-data =/ "MODSEQ" SP mod-sequence-value  ; RFC 7162
    /// search-correlator  = SP "(" one-correlator *(SP one-correlator) ")"     ; RFC 7377
    /// one-correlator     = ("TAG" SP tag-string) / ("MAILBOX" SP astring) /
    ///                      ("UIDVALIDITY" SP nz-number)
    /// ```
    /// RFC 9051 section 9. `raw` may be a part of it, cut behind a space or a comma; then
    /// `continued` is what [`open_item`](Self::open_item) said of the part before, and `None`
    /// for the first part. `utf8`: how mailbox names are written, see
    /// [`Mailbox::new`](crate::imap::Mailbox::new).
    ///
    /// `None` if the correlator's parentheses do not close. Items that are not understood are
    /// [`EsearchData::Other`].
    pub fn parse(raw: &'a [u8], continued: Option<EsearchItem>, utf8: bool) -> Option<Self> {
        let mut this = Self { uid: false, utf8, continued, correlator: b"", items: raw };
        if continued.is_none() {
            (this.items, this.correlator) = skip_correlator(raw).ok()?;
            if let Ok((rest, ())) = keyword(this.items, b"UID") {
                this.uid = true;
                this.items = rest;
            }
        }
        Some(this)
    }

    /// In which item the part `raw` was cut; `None` if between two. To be asked of each part
    /// but the last.
    pub fn open_item(raw: &[u8], continued: Option<EsearchItem>) -> Option<EsearchItem> {
        let mut items = Esearch::parse(raw, continued, false)?.items();
        let mut last = None;
        while let Some(item) = items.next_raw() {
            last = Some(item);
        }
        let last = last.filter(|last| last.is_last)?;
        let mut at = last.at;
        at.depth = match (at.name, last.value) {
            (Name::Min | Name::Max | Name::Count | Name::All | Name::ModSeq, _) => 0,
            (_, value) => list_end(value, at.depth).1,
        };
        if matches!(at.name, Name::AddTo | Name::RemoveFrom) {
            let mut updates = last.updates();
            while updates.pop().is_some() {}
            at.position = updates.position;
        }
        Some(at)
    }

    /// The tag of the command that this answers; in the first part only. Some servers leave
    /// it out.
    pub fn tag(&self) -> Option<Str<'a>> {
        correlator(self.correlator, b"TAG")
    }

    /// The mailbox in which this was found, if several were searched (RFC 7377 section 2.1);
    /// in the first part only.
    pub fn mailbox(&self) -> Option<Mailbox<'a>> {
        correlator(self.correlator, b"MAILBOX").map(|name| Mailbox::new(name, self.utf8))
    }

    /// That mailbox's UIDVALIDITY (RFC 7377 section 2.1); in the first part only. 32 bits by
    /// the RFC, but not by every server.
    pub fn uid_validity(&self) -> Option<u64> {
        exactly(number64(correlator(self.correlator, b"UIDVALIDITY")?.as_bytes()?))
    }

    /// The items, in the server's order.
    pub const fn items(&self) -> EsearchItems<'a> {
        EsearchItems { rest: self.items, continued: self.continued }
    }

    /// Whether there is anything.
    #[cfg(feature = "watch")]
    pub(crate) fn has_items(&self) -> bool {
        self.items().next_raw().is_some()
    }

    /// The first item of this name that `read` understands.
    fn find<T>(&self, name: Name, read: impl Fn(&RawItem<'a>) -> Option<T>) -> Option<T> {
        let mut items = self.items();
        loop {
            let item = items.next_raw()?;
            if item.at.name == name
                && let Some(found) = read(&item)
            {
                return Some(found);
            }
        }
    }

    /// The lowest number found, if it was asked for and there is one.
    pub fn min(&self) -> Option<u32> {
        self.find(Name::Min, |item| exactly(number(item.value)))
    }

    /// The highest number found, if it was asked for and there is one.
    pub fn max(&self) -> Option<u32> {
        self.find(Name::Max, |item| exactly(number(item.value)))
    }

    /// How many were found, if that was asked for.
    pub fn count(&self) -> Option<u32> {
        self.find(Name::Count, |item| exactly(number(item.value)))
    }

    /// What was found, if it was asked for and there is any.
    pub fn all(&self) -> Option<SequenceSet<'a>> {
        self.find(Name::All, |item| cut_set(item.value))
    }

    /// The highest mod-sequence of the messages found (RFC 7162 section 3.1.10).
    pub fn mod_seq(&self) -> Option<u64> {
        self.find(Name::ModSeq, |item| exactly(number64(item.value)))
    }

    /// The page of what was found, if one was asked for and it is not empty (RFC 9394
    /// section 3.1).
    pub fn partial(&self) -> Option<SequenceSet<'a>> {
        self.find(Name::Partial, |item| match item.read() {
            Some(EsearchData::Partial { numbers, .. }) => numbers,
            _ => None,
        })
    }

    /// How well each matches, if that was asked for (RFC 6203 section 4).
    pub fn relevancy(&self) -> Option<Relevancy<'a>> {
        self.find(Name::Relevancy, |item| match item.read() {
            Some(EsearchData::Relevancy(scores)) => Some(scores),
            _ => None,
        })
    }
}

/// The correlator at the front, if there is one, and what follows it.
pub(in crate::imap) fn skip_correlator(i: &[u8]) -> Parsed<'_, &[u8]> {
    let (start, ()) = sp0(i)?;
    if !start.starts_with(b"(") {
        return Ok((start, b""));
    }
    let (rest, correlator) = value(start)?;
    Ok((sp0(rest)?.0, correlator))
}

/// What stands behind `name` in `(TAG "A1" MAILBOX "x" UIDVALIDITY 5)`.
pub(in crate::imap) fn correlator<'a>(correlator: &'a [u8], name: &[u8]) -> Option<Str<'a>> {
    let mut i = correlator.strip_prefix(b"(")?;
    loop {
        let (start, ()) = sp0(i).ok()?;
        let (rest, found) = value(start).ok()?;
        let (rest, ()) = sp(rest).ok()?;
        if found.eq_ignore_ascii_case(name) {
            return Some(astring(rest).ok()?.1);
        }
        i = value(rest).ok()?.0;
    }
}

/// The items of an [`Esearch`].
#[derive(Debug, Clone)]
pub struct EsearchItems<'a> {
    rest: &'a [u8],
    continued: Option<EsearchItem>,
}

/// An item whose value is not read yet.
struct RawItem<'a> {
    at: EsearchItem,
    /// The name as it came, or as it is usual if it stood in an earlier part.
    name: &'a [u8],
    value: &'a [u8],
    /// Whether nothing stands behind the value.
    is_last: bool,
}

impl<'a> RawItem<'a> {
    /// What stands in its parentheses.
    fn list(&self) -> &'a [u8] {
        let list = self.value.strip_prefix(b"(").unwrap_or(self.value);
        list.strip_suffix(b")").unwrap_or(list)
    }

    fn updates(&self) -> Updates<'a> {
        let (raw, position) = (self.list(), self.at.position);
        Updates { raw, position, add: self.at.name == Name::AddTo }
    }

    fn read(&self) -> Option<EsearchData<'a>> {
        let is_list = self.at.depth > 0 || self.value.starts_with(b"(");
        match self.at.name {
            Name::Min => exactly(number(self.value)).map(EsearchData::Min),
            Name::Max => exactly(number(self.value)).map(EsearchData::Max),
            Name::Count => exactly(number(self.value)).map(EsearchData::Count),
            Name::ModSeq => exactly(number64(self.value)).map(EsearchData::ModSeq),
            Name::All => cut_set(self.value).map(EsearchData::All),
            Name::Other => None,
            _ if !is_list => None,
            Name::Partial => partial(self.list(), self.at.depth > 0),
            Name::Relevancy => Some(EsearchData::Relevancy(Relevancy(self.list()))),
            Name::AddTo => Some(EsearchData::AddTo(self.updates())),
            Name::RemoveFrom => Some(EsearchData::RemoveFrom(self.updates())),
        }
    }
}

/// ```abnf
/// ret-data-partial = "PARTIAL" SP "(" partial-range SP partial-results ")"
/// partial-results  = sequence-set / "NIL"
/// ```
/// RFC 9394 section 4. `continued`: the range may have stood in an earlier part.
fn partial(list: &[u8], continued: bool) -> Option<EsearchData<'_>> {
    let (first, rest) = split_word(sp0(list).ok()?.0);
    let (second, rest) = split_word(sp0(rest).ok()?.0);
    if !rest.trim_ascii().is_empty() {
        return None;
    }
    let (range, numbers) = match (first, second) {
        (numbers, []) if continued => (None, numbers),
        (range, numbers) => (Some(exactly(PartialRange::parse(range))?), numbers),
    };
    let numbers = match numbers {
        [] => None,
        nil if nil.eq_ignore_ascii_case(b"NIL") => None,
        numbers => Some(cut_set(numbers)?),
    };
    Some(EsearchData::Partial { range, numbers })
}

impl<'a> EsearchItems<'a> {
    fn next_raw(&mut self) -> Option<RawItem<'a>> {
        let (at, name, start) = match self.continued.take() {
            Some(at) => (at, at.name.name(), self.rest),
            None => {
                let (start, ()) = sp0(self.rest).ok()?;
                let (name, rest) = split_word(start);
                if name.is_empty() {
                    return None;
                }
                let at = EsearchItem { name: Name::new(name), depth: 0, position: None };
                (at, name, sp0(rest).ok()?.0)
            }
        };
        let (value, rest) = match start {
            [b'(', ..] => start.split_at_checked(list_end(start, at.depth).0)?,
            _ if at.depth > 0 => start.split_at_checked(list_end(start, at.depth).0)?,
            [b'"', ..] => value(start).map_or(split_word(start), |(rest, value)| (value, rest)),
            _ => split_word(start),
        };
        self.rest = rest;
        Some(RawItem { at, name, value, is_last: rest.is_empty() })
    }
}

/// The word at the front, and the rest.
fn split_word(i: &[u8]) -> (&[u8], &[u8]) {
    let end = i.iter().position(|&byte| byte == b' ').unwrap_or(i.len());
    i.split_at_checked(end).unwrap_or((i, b""))
}

/// A set, or the piece of one between two cuts.
fn cut_set(i: &[u8]) -> Option<SequenceSet<'_>> {
    let i = i.strip_prefix(b",").unwrap_or(i);
    exactly(sequence_set(i.strip_suffix(b",").unwrap_or(i)))
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
            let item = self.next_raw()?;
            // Where it was cut, nothing but the name or the end of it may be here.
            let known = item.at.name != Name::Other;
            let is_bare = item.value.is_empty() || (item.at.depth > 0 && item.value == b")");
            if is_bare && (known || item.name.is_empty() && item.value.is_empty()) {
                continue;
            }
            let (name, value) = (Str::new(item.name), Str::new(item.value));
            return Some(item.read().unwrap_or(EsearchData::Other { name, value }));
        }
    }
}

/// What was read, if nothing is left behind it.
fn exactly<T>(parsed: Parsed<'_, T>) -> Option<T> {
    match parsed {
        Ok(([], value)) => Some(value),
        _ => None,
    }
}

impl fmt::Debug for Esearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Esearch")
            .field("correlator", &Str::new(self.correlator))
            .field("uid", &self.uid)
            .field("items", &Str::new(self.items))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Esearch<'_> {
    /// Every item as a field, `null` if it is not there; what is unknown in `other`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EsearchFields::new(self, None).serialize(serializer)
    }
}

/// An [`Esearch`] as its object looks.
#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
pub(in crate::imap) struct EsearchFields<'a> {
    tag: Option<Str<'a>>,
    mailbox: Option<Mailbox<'a>>,
    uid_validity: Option<u64>,
    uid: bool,
    min: Option<u32>,
    max: Option<u32>,
    count: Option<u32>,
    all: Option<SequenceSet<'a>>,
    mod_seq: Option<u64>,
    partial: Option<Page<'a>>,
    #[serde(serialize_with = "updates")]
    updates: EsearchItems<'a>,
    relevancy: Option<Relevancy<'a>>,
    #[serde(serialize_with = "others")]
    other: EsearchItems<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
struct Page<'a> {
    range: Option<PartialRange>,
    numbers: Option<SequenceSet<'a>>,
}

#[cfg(feature = "serde")]
impl<'a> EsearchFields<'a> {
    pub(in crate::imap) fn new(found: &Esearch<'a>, more: Option<bool>) -> Self {
        Self {
            tag: found.tag(),
            mailbox: found.mailbox(),
            uid_validity: found.uid_validity(),
            uid: found.uid,
            min: found.min(),
            max: found.max(),
            count: found.count(),
            all: found.all(),
            mod_seq: found.mod_seq(),
            partial: found.items().find_map(|item| match item {
                EsearchData::Partial { range, numbers } => Some(Page { range, numbers }),
                _ => None,
            }),
            updates: found.items(),
            relevancy: found.relevancy(),
            other: found.items(),
            more,
        }
    }
}

/// `[{"add_to": [{"position": 0, "numbers": "3:5"}]}, …]`
#[cfg(feature = "serde")]
fn updates<S: serde::Serializer>(items: &EsearchItems<'_>, to: S) -> Result<S::Ok, S::Error> {
    let is_update =
        |item: &EsearchData<'_>| matches!(item, EsearchData::AddTo(_) | EsearchData::RemoveFrom(_));
    to.collect_seq(items.clone().filter(is_update))
}

/// `[{"name": "X", "value": "1"}, …]`
#[cfg(feature = "serde")]
fn others<S: serde::Serializer>(items: &EsearchItems<'_>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Other<'a> {
        name: Str<'a>,
        value: Str<'a>,
    }
    to.collect_seq(items.clone().filter_map(|item| match item {
        EsearchData::Other { name, value } => Some(Other { name, value }),
        _ => None,
    }))
}

#[cfg(feature = "defmt")]
impl defmt::Format for Esearch<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "Esearch {{ {}, uid: {}, {} }}",
            Str::new(self.correlator),
            self.uid,
            Str::new(self.items)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString as _};
    use std::vec::Vec;

    fn parse(raw: &str) -> Esearch<'_> {
        Esearch::parse(raw.as_bytes(), None, false).unwrap()
    }

    fn set(text: &str) -> SequenceSet<'_> {
        SequenceSet::try_from(text).unwrap()
    }

    #[test]
    fn responses() {
        let it = parse("(TAG \"t26\") UID MAX 24 ALL 1,4,6,24 MODSEQ 325");
        assert_eq!(it.tag().unwrap(), "t26");
        assert!(it.uid && it.mailbox().is_none() && it.uid_validity().is_none());
        assert_eq!(
            (it.min(), it.max(), it.count(), it.mod_seq()),
            (None, Some(24), None, Some(325))
        );
        assert_eq!(it.all().unwrap().to_string(), "1,4,6,24");
        // Nothing found; no correlator; Cyrus' order.
        for empty in ["", "(TAG \"A8\") UID", "(TAG \"t47\")", "UID", "(TAG t47) "] {
            let it = parse(empty);
            assert_eq!(it.items().count(), 0);
            assert_eq!(it.uid, empty.ends_with("UID"));
        }
        let it = parse("COUNT 0");
        assert_eq!((it.tag(), it.uid, it.count()), (None, false, Some(0)));
        // Unknown and odd ones.
        let it = parse("(tag \"t\") uid  X-A \"b c\" min x all 1:3 COUNT 4 Y");
        let other = |name: &'static str, value: &'static str| EsearchData::Other {
            name: name.into(),
            value: value.into(),
        };
        assert_eq!(
            it.items().collect::<Vec<_>>(),
            [
                other("X-A", "\"b c\""),
                other("min", "x"),
                EsearchData::All(set("1:3")),
                EsearchData::Count(4),
                other("Y", ""),
            ]
        );
        assert!(Esearch::parse(b"(TAG \"t\" ALL 1", None, false).is_none());
        for odd in ["ALL )", "ALL (1", "X ) ) COUNT 1", "\"", "ALL \"", "ALL {5}"] {
            assert!(parse(odd).items().count() < 4);
        }
    }

    /// RFC 7377 section 3.
    #[test]
    fn correlators() {
        let it =
            parse("(TAG \"tag1\" MAILBOX \"folder2/b a)n\" UIDVALIDITY 503) UID ALL 3002,4004");
        assert_eq!((it.tag().unwrap(), it.uid), ("tag1".into(), true));
        assert_eq!(it.mailbox().unwrap().to_string(), "folder2/b a)n");
        assert_eq!(it.uid_validity(), Some(503));
        assert_eq!(it.all(), Some(set("3002,4004")));
        // In any order; a name as a literal, in modified UTF-7, or one that is a keyword.
        let it = parse("(uidvalidity 94510764160 mailbox {6}\r\nG&APY- X (y) tag t) COUNT 1");
        assert_eq!(it.mailbox().unwrap().to_string(), "Gö");
        assert_eq!((it.uid_validity(), it.tag().unwrap()), (Some(94_510_764_160), "t".into()));
        let it = parse("(MAILBOX \"Gr&APYA3w-e\" TAG t)");
        assert_eq!(it.mailbox().unwrap().to_string(), "Größe");
        let raw = "(MAILBOX \"Größe\" TAG t)".as_bytes();
        let it = Esearch::parse(raw, None, true).unwrap();
        assert_eq!(it.mailbox().unwrap().to_string(), "Größe");
        let it = parse("(MAILBOX TAG TAG t) COUNT 1");
        assert_eq!(
            (it.mailbox().unwrap().to_string(), it.tag().unwrap()),
            ("TAG".into(), "t".into())
        );
        for bad in ["()", "(TAG)", "(UIDVALIDITY x)", "(TAG  )", "(X)", "(MAILBOX (a) TAG)"] {
            let it = parse(bad);
            assert!(it.tag().is_none() && it.uid_validity().is_none() && it.mailbox().is_none());
        }
    }

    /// RFC 5267, RFC 6203 and RFC 9394: their examples, and odd ones.
    #[test]
    fn items_of_extensions() {
        let page = |raw| parse(raw).items().next().unwrap();
        let partial = |range, numbers| EsearchData::Partial { range: Some(range), numbers };
        assert_eq!(
            page("(TAG \"C3\") PARTIAL (1:10 42,9,34)"),
            partial(PartialRange::first(1, 10), Some(set("42,9,34")))
        );
        assert_eq!(
            page("UID PARTIAL (24000:24500 NIL)"),
            partial(PartialRange::first(24000, 24500), None)
        );
        assert_eq!(page("partial ( 1:2  nil )"), partial(PartialRange::first(1, 2), None));
        let it = parse("PARTIAL (-1:-100 5:104)");
        assert_eq!(it.partial(), Some(set("5:104")));
        assert_eq!(it.items().next(), Some(partial(PartialRange::last(1, 100), it.partial())));
        for bad in ["(1:2", "x", "(1:-2 5)", "(NIL)", "(1:2 5 6)", "()", "(1:2 x)", "NIL"] {
            let raw = std::format!("PARTIAL {bad} COUNT 2");
            let it = parse(&raw);
            assert!(it.partial().is_none(), "{bad}");
            assert_eq!(it.count(), (bad != "(1:2").then_some(2), "{bad}");
        }

        let it = parse("(TAG \"B1\") ALL 1,5,10 RELEVANCY (4 99 42)");
        assert_eq!(it.relevancy().unwrap().iter().collect::<Vec<_>>(), [4, 99, 42]);
        let scores = |raw| parse(raw).relevancy().map(|it| it.iter().collect::<Vec<_>>());
        assert_eq!(scores("RELEVANCY ()"), Some(Vec::new()));
        assert_eq!(scores("RELEVANCY (1 256 3)"), Some([1].into()));
        assert_eq!(scores("RELEVANCY 5"), None);

        let changes = |raw| {
            let mut all = String::new();
            for item in parse(raw).items() {
                let (sign, updates) = match item {
                    EsearchData::AddTo(updates) => ('+', updates),
                    EsearchData::RemoveFrom(updates) => ('-', updates),
                    _ => panic!("{item:?}"),
                };
                for Update { position, numbers } in updates {
                    all += &std::format!("{sign}{position} {numbers};");
                }
            }
            all
        };
        assert_eq!(changes("(TAG \"B01\") UID ADDTO (0 32768:32769)"), "+0 32768:32769;");
        assert_eq!(
            changes("ADDTO (1 2733 1 2732 1 2731) REMOVEFROM (0 7,9) ADDTO (3 1)"),
            "+1 2733;+1 2732;+1 2731;-0 7,9;+3 1;"
        );
        assert_eq!(changes("ADDTO (1 2733 x 5 1 2)"), "+1 2733;");
        assert_eq!(changes("ADDTO (1 2733 1) REMOVEFROM ( 0  5 )"), "+1 2733;-0 5;");
        assert_eq!(changes("ADDTO ()"), "");
        assert!(matches!(page("ADDTO 5"), EsearchData::Other { .. }));
    }

    /// All that an [`Esearch`] says, number by number, so that parts can be compared.
    #[derive(Debug, Default, PartialEq)]
    struct Said {
        all: Vec<u32>,
        page: Vec<u32>,
        ranges: Vec<PartialRange>,
        updates: Vec<(bool, u32, u32)>,
        scores: Vec<u8>,
        others: String,
        rest: Vec<String>,
    }

    impl Said {
        fn hear(&mut self, found: &Esearch<'_>) {
            for item in found.items() {
                match item {
                    EsearchData::All(set) => self.all.extend(set.numbers().unwrap()),
                    EsearchData::Partial { range, numbers } => {
                        self.ranges.extend(range);
                        self.page
                            .extend(numbers.into_iter().flat_map(|set| set.numbers().unwrap()));
                    }
                    EsearchData::AddTo(updates) => self.change(updates, true),
                    EsearchData::RemoveFrom(updates) => self.change(updates, false),
                    EsearchData::Relevancy(scores) => self.scores.extend(scores),
                    EsearchData::Other { value, .. } => {
                        self.others += &value.to_string().replace(' ', "");
                    }
                    item => self.rest.push(std::format!("{item:?}")),
                }
            }
        }

        fn change(&mut self, updates: Updates<'_>, add: bool) {
            for Update { position, numbers } in updates {
                for (at, number) in (0..).zip(numbers.numbers().unwrap()) {
                    let at = if add && position > 0 { position + at } else { position };
                    self.updates.push((add, at, number));
                }
            }
        }
    }

    /// Cut behind any separators, the parts say the same as the whole.
    #[test]
    fn parts() {
        let raw = b"(TAG \"t\") UID PARTIAL (1:9 2,4,6) MIN 2 ALL 2,10:15,21,7 \
            X-L (1 (2 3) \"4) 5\") ADDTO (0 5,6 7 8,1:3,9 8 8) RELEVANCY (1 2 100) \
            REMOVEFROM (3 1,2) PARTIAL (7:8 NIL) COUNT 21 MODSEQ 9";
        let mut whole = Said::default();
        whole.hear(&Esearch::parse(raw, None, false).unwrap());
        assert_eq!(whole.all, [2, 10, 11, 12, 13, 14, 15, 21, 7]);
        assert_eq!(whole.page, [2, 4, 6]);
        assert_eq!(whole.ranges, [PartialRange::first(1, 9), PartialRange::first(7, 8)]);
        assert_eq!(whole.scores, [1, 2, 100]);
        let added = [(0, 5), (0, 6), (7, 8), (8, 1), (9, 2), (10, 3), (11, 9), (8, 8)];
        let removed = [(3, 1), (3, 2)];
        let added = added.map(|(at, number)| (true, at, number)).into_iter();
        let changes: Vec<_> =
            added.chain(removed.map(|(at, number)| (false, at, number))).collect();
        assert_eq!(whole.updates, changes);
        assert_eq!(whole.others, "(1(23)\"4)5\")");
        assert_eq!(whole.rest, ["Min(2)", "Count(21)", "ModSeq(9)"]);

        let quoted = raw.windows(2).position(|pair| pair == b"\"4").unwrap();
        let cuts: Vec<_> = (10..raw.len())
            .filter(|&at| matches!(raw[at - 1], b' ' | b',') && !(quoted..quoted + 6).contains(&at))
            .collect();
        for &a in &cuts {
            for &b in cuts.iter().filter(|&&b| b >= a) {
                let mut open = None;
                let mut said = Said::default();
                for part in [&raw[..a], &raw[a..b], &raw[b..]] {
                    said.hear(&Esearch::parse(part, open, false).unwrap());
                    open = Esearch::open_item(part, open);
                }
                assert_eq!(said, whole, "{a} {b}");
            }
        }
        assert!(Esearch::open_item(b"3 COUNT 5 ", Esearch::open_item(b"ALL 1,2,", None)).is_none());
    }

    #[test]
    fn sizes() {
        assert!(size_of::<Esearch<'_>>() <= 64);
        assert!(size_of::<EsearchData<'_>>() <= 64, "{}", size_of::<EsearchData<'_>>());
        assert!(size_of::<Option<EsearchItem>>() <= 12);
    }
}
