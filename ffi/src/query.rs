//! Arguments as text in the RFCs' syntax: read, checked, and encoded anew by the core. Nothing of
//! a program's text goes to the server as it is.

use crate::args::set;
use crate::memory::Scratch;
use crate::result::{Failure, invalid};
use mailwire::imap::{
    Date, Encoder, Fetch, Flag, ListReturn, ListSelection, ModSeqEntry, NotifyEvent, PartialRange,
    Search, SearchReturn, Sort, StatusItem, Str,
};

/// Takes the next word: up to a space that is in no brackets, parentheses or quotes.
fn word<'a>(text: &mut &'a str) -> Option<&'a str> {
    let rest = text.trim_start();
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    let mut end = rest.len();
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let (word, rest) = rest.split_at_checked(end)?;
    *text = rest;
    (!word.is_empty()).then_some(word)
}

/// Without the parentheses around it, if there are any.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text)
}

fn is(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name)
}

/// What stands between `word` and `]`, if it begins so, and what is behind.
fn bracket<'a>(word: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let head = word.get(..name.len())?;
    let rest = word.get(name.len()..)?.strip_prefix('[')?;
    is(head, name).then(|| rest.rsplit_once(']')).flatten()
}

/// `<offset.length>` or nothing.
fn partial<'a>(item: Fetch<'a>, text: &str) -> Result<Fetch<'a>, Failure> {
    if text.is_empty() {
        return Ok(item);
    }
    let range = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let range = range.and_then(|range| range.split_once('.'));
    match range.map(|(offset, length)| (offset.parse(), length.parse())) {
        Some((Ok(offset), Ok(length))) => Ok(item.partial(offset, length)),
        _ => Err(invalid("a partial range: <offset.length>")),
    }
}

/// Items of FETCH.
pub(crate) fn fetch(text: &str) -> impl Iterator<Item = Result<Fetch<'_>, Failure>> {
    let mut text = bare(text);
    core::iter::from_fn(move || word(&mut text).map(|word| fetch_item(word, &mut text)))
}

fn fetch_item<'a>(word: &'a str, text: &mut &'a str) -> Result<Fetch<'a>, Failure> {
    Ok(match word {
        _ if is(word, "ALL") => Fetch::All,
        _ if is(word, "FAST") => Fetch::Fast,
        _ if is(word, "FULL") => Fetch::Full,
        _ if is(word, "FLAGS") => Fetch::Flags,
        _ if is(word, "UID") => Fetch::Uid,
        _ if is(word, "ENVELOPE") => Fetch::Envelope,
        _ if is(word, "INTERNALDATE") => Fetch::InternalDate,
        _ if is(word, "RFC822.SIZE") => Fetch::Rfc822Size,
        _ if is(word, "BODY") => Fetch::Body,
        _ if is(word, "BODYSTRUCTURE") => Fetch::BodyStructure,
        _ if is(word, "RFC822") => Fetch::Rfc822,
        _ if is(word, "RFC822.HEADER") => Fetch::Rfc822Header,
        _ if is(word, "RFC822.TEXT") => Fetch::Rfc822Text,
        _ if is(word, "MODSEQ") => Fetch::ModSeq,
        _ if is(word, "EMAILID") => Fetch::EmailId,
        _ if is(word, "THREADID") => Fetch::ThreadId,
        _ if is(word, "SAVEDATE") => Fetch::SaveDate,
        _ if is(word, "PREVIEW") => {
            let mut behind = *text;
            let lazy = self::word(&mut behind).is_some_and(|word| is(word, "(LAZY)"));
            if lazy {
                *text = behind;
            }
            Fetch::Preview { lazy }
        }
        _ if is(word, "X-GM-MSGID") => Fetch::XGmMsgId,
        _ if is(word, "X-GM-THRID") => Fetch::XGmThrId,
        _ if is(word, "X-GM-LABELS") => Fetch::XGmLabels,
        _ => {
            if let Some((section, rest)) = bracket(word, "BODY.PEEK") {
                partial(Fetch::peek(section), rest)?
            } else if let Some((section, rest)) = bracket(word, "BODY") {
                partial(Fetch::body(section), rest)?
            } else if let Some((part, rest)) = bracket(word, "BINARY.PEEK") {
                partial(Fetch::binary_peek(part), rest)?
            } else if let Some((part, "")) = bracket(word, "BINARY.SIZE") {
                Fetch::binary_size(part)
            } else if let Some((part, rest)) = bracket(word, "BINARY") {
                partial(Fetch::binary(part), rest)?
            } else if word.contains('[') {
                return Err(invalid("an item of FETCH"));
            } else {
                Fetch::Other(word)
            }
        }
    })
}

/// Words with spaces between them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut text = bare(text);
    core::iter::from_fn(move || word(&mut text))
}

pub(crate) fn flags(text: &str) -> impl Iterator<Item = Result<Flag<'_>, Failure>> {
    words(text).map(|word| Ok(Flag::new(Str::from(word))))
}

pub(crate) fn status_items(text: &str) -> impl Iterator<Item = Result<StatusItem<'_>, Failure>> {
    const KNOWN: [StatusItem<'_>; 11] = [
        StatusItem::Messages,
        StatusItem::UidNext,
        StatusItem::UidValidity,
        StatusItem::Unseen,
        StatusItem::Deleted,
        StatusItem::Size,
        StatusItem::Recent,
        StatusItem::HighestModSeq,
        StatusItem::MailboxId,
        StatusItem::AppendLimit,
        StatusItem::DeletedStorage,
    ];
    words(text).map(|word| {
        let item = KNOWN.iter().find(|item| is(word, item.as_str()));
        Ok(item.copied().unwrap_or(StatusItem::Other(word)))
    })
}

pub(crate) fn selection(text: &str) -> impl Iterator<Item = Result<ListSelection<'_>, Failure>> {
    words(text).map(|word| {
        Ok(match word {
            _ if is(word, "SUBSCRIBED") => ListSelection::Subscribed,
            _ if is(word, "REMOTE") => ListSelection::Remote,
            _ if is(word, "RECURSIVEMATCH") => ListSelection::RecursiveMatch,
            _ if is(word, "SPECIAL-USE") => ListSelection::SpecialUse,
            _ => ListSelection::Other(word),
        })
    })
}

/// What stands in parentheses behind `name`, the first time; nothing, if it does not.
fn list_behind<'a>(text: &'a str, name: &str) -> &'a str {
    let mut words = words(text);
    words.find(|word| is(word, name)).and_then(|_| words.next()).unwrap_or_default()
}

/// LIST's return options.
pub(crate) fn returns<'a, 's>(
    text: &'a str,
    scratch: &Scratch<'s, '_>,
) -> Result<&'s [ListReturn<'s>], Failure>
where
    'a: 's,
{
    let status = scratch.collect(status_items(list_behind(text, "STATUS")))?;
    let entries = scratch.collect(words(list_behind(text, "METADATA")).map(Ok))?;
    let (status, entries) = (&*status, &*entries);
    let mut words = words(text);
    let all = scratch.collect(core::iter::from_fn(|| {
        let word = words.next()?;
        Some(Ok(match word {
            _ if is(word, "SUBSCRIBED") => ListReturn::Subscribed,
            _ if is(word, "CHILDREN") => ListReturn::Children,
            _ if is(word, "SPECIAL-USE") => ListReturn::SpecialUse,
            _ if is(word, "MYRIGHTS") => ListReturn::MyRights,
            _ if is(word, "STATUS") => {
                words.next();
                ListReturn::Status(status)
            }
            _ if is(word, "METADATA") => {
                words.next();
                ListReturn::Metadata(entries)
            }
            _ => ListReturn::Other(word),
        }))
    }))?;
    Ok(all)
}

/// `1:50`, or `-1:-50` from the end.
pub(crate) fn range(text: &str) -> Result<PartialRange, Failure> {
    let no = || invalid("a range: 1:50, or -1:-50 from the end");
    let (from, to) = text.split_once(':').ok_or(no())?;
    let numbers = |from: &str, to: &str| Some((from.parse().ok()?, to.parse().ok()?));
    if let (Some(from), Some(to)) = (from.strip_prefix('-'), to.strip_prefix('-')) {
        let (from, to) = numbers(from, to).ok_or(no())?;
        return Ok(PartialRange::last(from, to));
    }
    let (from, to) = numbers(from, to).ok_or(no())?;
    Ok(PartialRange::first(from, to))
}

pub(crate) fn search_returns(
    text: &str,
) -> impl Iterator<Item = Result<SearchReturn<'_>, Failure>> {
    let mut words = words(text);
    core::iter::from_fn(move || {
        let word = words.next()?;
        Some(Ok(match word {
            _ if is(word, "MIN") => SearchReturn::Min,
            _ if is(word, "MAX") => SearchReturn::Max,
            _ if is(word, "ALL") => SearchReturn::All,
            _ if is(word, "COUNT") => SearchReturn::Count,
            _ if is(word, "SAVE") => SearchReturn::Save,
            _ if is(word, "CONTEXT") => SearchReturn::Context,
            _ if is(word, "UPDATE") => SearchReturn::Update,
            _ if is(word, "RELEVANCY") => SearchReturn::Relevancy,
            _ if is(word, "PARTIAL") => {
                let range = range(words.next().unwrap_or_default());
                return Some(range.map(SearchReturn::Partial));
            }
            _ => SearchReturn::Other(word),
        }))
    })
}

pub(crate) fn sort(text: &str) -> impl Iterator<Item = Result<Sort<'_>, Failure>> {
    // Two of each, since what is reversed is referred to.
    const KNOWN: [(&str, Sort<'static>, Sort<'static>); 10] = [
        ("ARRIVAL", Sort::Arrival, Sort::Reverse(&Sort::Arrival)),
        ("CC", Sort::Cc, Sort::Reverse(&Sort::Cc)),
        ("DATE", Sort::Date, Sort::Reverse(&Sort::Date)),
        ("FROM", Sort::From, Sort::Reverse(&Sort::From)),
        ("SIZE", Sort::Size, Sort::Reverse(&Sort::Size)),
        ("SUBJECT", Sort::Subject, Sort::Reverse(&Sort::Subject)),
        ("TO", Sort::To, Sort::Reverse(&Sort::To)),
        ("DISPLAYFROM", Sort::DisplayFrom, Sort::Reverse(&Sort::DisplayFrom)),
        ("DISPLAYTO", Sort::DisplayTo, Sort::Reverse(&Sort::DisplayTo)),
        ("RELEVANCY", Sort::Relevancy, Sort::Reverse(&Sort::Relevancy)),
    ];
    let mut words = words(text);
    core::iter::from_fn(move || {
        let mut word = words.next()?;
        let reverse = is(word, "REVERSE");
        if reverse {
            let Some(next) = words.next() else { return Some(Err(invalid("REVERSE of nothing"))) };
            word = next;
        }
        let known = KNOWN.iter().find(|(name, ..)| is(word, name));
        Some(match known {
            Some((_, _, reversed)) if reverse => Ok(*reversed),
            Some((_, plain, _)) => Ok(*plain),
            None if reverse => Err(invalid("REVERSE of an unknown criterion")),
            None => Ok(Sort::Other(word)),
        })
    })
}

pub(crate) fn notify_event<'a>(word: &'a str, items: &'a [Fetch<'a>]) -> NotifyEvent<'a> {
    match word {
        _ if is(word, "MessageNew") => NotifyEvent::MessageNew(items),
        _ if is(word, "MessageExpunge") => NotifyEvent::MessageExpunge,
        _ if is(word, "FlagChange") => NotifyEvent::FlagChange,
        _ if is(word, "AnnotationChange") => NotifyEvent::AnnotationChange,
        _ if is(word, "MailboxName") => NotifyEvent::MailboxName,
        _ if is(word, "SubscriptionChange") => NotifyEvent::SubscriptionChange,
        _ if is(word, "MailboxMetadataChange") => NotifyEvent::MailboxMetadataChange,
        _ if is(word, "ServerMetadataChange") => NotifyEvent::ServerMetadataChange,
        _ => NotifyEvent::Other(word),
    }
}

// ---- Search queries.

/// How deep parentheses, NOT, OR and FUZZY may nest.
const DEPTH: usize = 32;

/// How long a quoted string with escapes may be.
const ESCAPED: usize = 512;

/// What is open around the next key.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    /// Parentheses, or the query itself; whether there is a key in them.
    Group(bool),
    /// NOT, OR, FUZZY: so many keys are still to come.
    Operands(u8),
}

/// Writes a query as search keys; refuses the command if it is none. To be a
/// [`CustomKey`](mailwire::imap::CustomKey).
///
/// ```abnf
/// query      = [search-key *(SP search-key)]   ; RFC 9051 section 6.4.4, and the extensions'
/// ```
/// Strings are atoms or quoted. Nothing at all is ALL.
pub(crate) fn search(query: &str, out: &mut Encoder<'_, '_>) {
    if let Err(why) = write_search(query, out) {
        out.invalid(why);
    }
}

fn write_search(mut text: &str, out: &mut Encoder<'_, '_>) -> Result<(), &'static str> {
    let mut stack = [Open::Group(false); DEPTH];
    let mut depth = 0;
    let mut spaced = true;
    loop {
        text = text.trim_start_matches(' ');
        if text.is_empty() {
            break;
        }
        if let Some(rest) = text.strip_prefix(')') {
            if depth == 0 || stack.get(depth) != Some(&Open::Group(true)) {
                return Err("a search query: a parenthesis that closes nothing");
            }
            text = rest;
            out.raw(b")");
            depth -= 1;
            complete(&mut stack, &mut depth);
            continue;
        }
        if !spaced {
            out.sp();
        }
        spaced = false;
        let opens = if let Some(rest) = text.strip_prefix('(') {
            text = rest;
            out.raw(b"(");
            spaced = true;
            Some(Open::Group(false))
        } else {
            key(&mut text, out)?
        };
        match opens {
            Some(open) => {
                depth += 1;
                *stack.get_mut(depth).ok_or("a search query: nested too deep")? = open;
            }
            None => complete(&mut stack, &mut depth),
        }
    }
    match (depth, stack.first()) {
        (0, Some(Open::Group(true))) => Ok(()),
        (0, _) => {
            Search::All.encode(out);
            Ok(())
        }
        _ => Err("a search query: something is missing at its end"),
    }
}

/// Notes that a key is complete, and what it completes.
fn complete(stack: &mut [Open; DEPTH], depth: &mut usize) {
    while let Some(open) = stack.get_mut(*depth) {
        match open {
            Open::Group(filled) => {
                *filled = true;
                return;
            }
            Open::Operands(left) => {
                *left = left.saturating_sub(1);
                if *left > 0 {
                    return;
                }
                *depth = depth.saturating_sub(1);
            }
        }
    }
}

/// A string: an atom, or quoted.
struct Text<'a> {
    raw: &'a str,
    buffer: [u8; ESCAPED],
    escaped: Option<usize>,
}

impl<'a> Text<'a> {
    fn take(text: &mut &'a str) -> Result<Self, &'static str> {
        let rest = text.trim_start_matches(' ');
        let mut out = Self { raw: "", buffer: [0; ESCAPED], escaped: None };
        let Some(inside) = rest.strip_prefix('"') else {
            let end = rest.find([' ', '(', ')', '"']).unwrap_or(rest.len());
            let (word, rest) = rest.split_at_checked(end).unwrap_or_default();
            if word.is_empty() {
                return Err("a search query: a string is missing");
            }
            out.raw = word;
            *text = rest;
            return Ok(out);
        };
        let mut escape = false;
        let mut escapes = false;
        for (at, byte) in inside.bytes().enumerate() {
            match byte {
                _ if escape => escape = false,
                b'\\' => (escape, escapes) = (true, true),
                b'"' => {
                    out.raw = inside.get(..at).unwrap_or_default();
                    *text = inside.get(at + 1..).unwrap_or_default();
                    if !text.is_empty() && !text.starts_with([' ', ')', '(']) {
                        return Err("a search query: no space behind a string");
                    }
                    return if escapes { out.unescape() } else { Ok(out) };
                }
                _ => {}
            }
        }
        Err("a search query: a quote is not closed")
    }

    fn unescape(mut self) -> Result<Self, &'static str> {
        let value = Str::from_raw(self.raw.as_bytes(), true);
        let len = value.copy_to(&mut self.buffer).map(<[u8]>::len);
        self.escaped = Some(len.ok_or("a search query: a string with escapes is too long")?);
        Ok(self)
    }

    fn get(&self) -> &str {
        match self.escaped {
            Some(len) => {
                core::str::from_utf8(self.buffer.get(..len).unwrap_or_default()).unwrap_or_default()
            }
            None => self.raw,
        }
    }
}

/// `1-Feb-2026`
fn date(text: &str) -> Result<Date, &'static str> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.splitn(3, '-');
    let mut next = || parts.next().unwrap_or_default();
    let (day, month, year) = (next(), next(), next());
    let month = (1..).zip(MONTHS).find(|(_, name)| is(month, name)).map(|(number, _)| number);
    match (day.parse(), month, year.parse()) {
        (Ok(day), Some(month), Ok(year)) => Ok(Date { year, month, day }),
        _ => Err("a search query: a date is written 1-Feb-2026"),
    }
}

/// Reads one key and writes it; returns what it opens.
fn key(text: &mut &str, out: &mut Encoder<'_, '_>) -> Result<Option<Open>, &'static str> {
    let end = text.find([' ', '(', ')']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or_default();
    *text = rest;
    let plain = [
        ("ALL", Search::All),
        ("ANSWERED", Search::Answered),
        ("DELETED", Search::Deleted),
        ("DRAFT", Search::Draft),
        ("FLAGGED", Search::Flagged),
        ("NEW", Search::New),
        ("OLD", Search::Old),
        ("RECENT", Search::Recent),
        ("SEEN", Search::Seen),
        ("UNANSWERED", Search::Unanswered),
        ("UNDELETED", Search::Undeleted),
        ("UNDRAFT", Search::Undraft),
        ("UNFLAGGED", Search::Unflagged),
        ("UNSEEN", Search::Unseen),
        ("SAVEDATESUPPORTED", Search::SaveDateSupported),
    ];
    if let Some((_, key)) = plain.iter().find(|(known, _)| is(name, known)) {
        key.encode(out);
        return Ok(None);
    }
    if is(name, "NOT") {
        out.raw(b"NOT");
        return Ok(Some(Open::Operands(1)));
    }
    if is(name, "OR") {
        out.raw(b"OR");
        return Ok(Some(Open::Operands(2)));
    }
    if is(name, "FUZZY") {
        out.needs(mailwire::imap::Capability::SearchFuzzy).raw(b"FUZZY");
        return Ok(Some(Open::Operands(1)));
    }
    if name == "$" || name.starts_with(|first: char| first.is_ascii_digit() || first == '*') {
        let set = set(name).map_err(|_| "a search query: not a sequence set")?;
        Search::Sequence(set).encode(out);
        return Ok(None);
    }
    let known = [
        "BCC",
        "BODY",
        "CC",
        "FROM",
        "SUBJECT",
        "TEXT",
        "TO",
        "HEADER",
        "KEYWORD",
        "UNKEYWORD",
        "BEFORE",
        "ON",
        "SINCE",
        "SENTBEFORE",
        "SENTON",
        "SENTSINCE",
        "SAVEDBEFORE",
        "SAVEDON",
        "SAVEDSINCE",
        "LARGER",
        "SMALLER",
        "OLDER",
        "YOUNGER",
        "UID",
        "FILTER",
        "MODSEQ",
        "EMAILID",
        "THREADID",
        "X-GM-RAW",
        "X-GM-LABELS",
        "X-GM-MSGID",
        "X-GM-THRID",
    ];
    let name = known.iter().find(|known| is(name, known)).ok_or("a search query: unknown key")?;
    let first = Text::take(text)?;
    let value = first.get();
    let number = || value.parse::<u64>().map_err(|_| "a search query: a number is missing");
    let seconds = || value.parse::<u32>().map_err(|_| "a search query: seconds are missing");
    let second;
    let key = match *name {
        "BCC" => Search::Bcc(value),
        "BODY" => Search::Body(value),
        "CC" => Search::Cc(value),
        "FROM" => Search::From(value),
        "SUBJECT" => Search::Subject(value),
        "TEXT" => Search::Text(value),
        "TO" => Search::To(value),
        "HEADER" => {
            second = Text::take(text)?;
            Search::Header(value, second.get())
        }
        "KEYWORD" => Search::Keyword(value),
        "UNKEYWORD" => Search::Unkeyword(value),
        "BEFORE" => Search::Before(date(value)?),
        "ON" => Search::On(date(value)?),
        "SINCE" => Search::Since(date(value)?),
        "SENTBEFORE" => Search::SentBefore(date(value)?),
        "SENTON" => Search::SentOn(date(value)?),
        "SENTSINCE" => Search::SentSince(date(value)?),
        "SAVEDBEFORE" => Search::SavedBefore(date(value)?),
        "SAVEDON" => Search::SavedOn(date(value)?),
        "SAVEDSINCE" => Search::SavedSince(date(value)?),
        "LARGER" => Search::Larger(number()?),
        "SMALLER" => Search::Smaller(number()?),
        "OLDER" => Search::Older(seconds()?),
        "YOUNGER" => Search::Younger(seconds()?),
        "UID" => Search::Uid(set(value).map_err(|_| "a search query: not a set of UIDs")?),
        "FILTER" => Search::Filter(value),
        "MODSEQ" => match value.strip_prefix("/flags/") {
            None => Search::ModSeq(number()?),
            Some(flag) => {
                let entry = Text::take(text)?;
                second = Text::take(text)?;
                let entry = match entry.get() {
                    it if is(it, "priv") => ModSeqEntry::Private,
                    it if is(it, "shared") => ModSeqEntry::Shared,
                    it if is(it, "all") => ModSeqEntry::All,
                    _ => return Err("a search query: MODSEQ of priv, shared or all"),
                };
                let mod_seq = second.get().parse().map_err(|_| "a search query: MODSEQ of what")?;
                Search::FlagModSeq { flag: Flag::new(Str::from(flag)), entry, mod_seq }
            }
        },
        "EMAILID" => Search::EmailId(value),
        "THREADID" => Search::ThreadId(value),
        "X-GM-RAW" => Search::XGmRaw(value),
        "X-GM-LABELS" => Search::XGmLabels(value),
        "X-GM-MSGID" => Search::XGmMsgId(number()?),
        "X-GM-THRID" => Search::XGmThrId(number()?),
        _ => return Err("a search query: unknown key"),
    };
    key.encode(out);
    Ok(None)
}

#[cfg(test)]
mod tests {
    use mailwire::imap::command::{FetchCommand, SearchCommand};
    use mailwire::imap::{Config, Connection, CustomKey};
    use mailwire::{Buffers, Instant, Machine};

    use super::*;
    use crate::memory::with_scratch;

    /// What a command is sent as; `None` if it is refused.
    fn sent(command: &dyn mailwire::imap::Command) -> Option<String> {
        let (mut rx, mut tx) = ([0; 512], [0; 2048]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut connection = Connection::new(Config::new());
        buffers.rx.fill(
            b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ SEARCHRES WITHIN SEARCH=FUZZY] hi\r\n",
        );
        connection.advance(&mut buffers, Instant::ZERO).unwrap();
        let select = mailwire::imap::command::SelectCommand::new("x");
        connection.send(&select, &mut buffers.tx).unwrap();
        buffers.tx.consume(99);
        buffers.rx.fill(b"A1 OK selected\r\n");
        connection.advance(&mut buffers, Instant::ZERO).unwrap();
        connection.send(command, &mut buffers.tx).ok()?;
        let sent = String::from_utf8(buffers.tx.pending().to_vec()).unwrap();
        Some(sent.strip_prefix("A2 ").unwrap().strip_suffix("\r\n").unwrap().to_string())
    }

    fn searched(text: &str) -> Option<String> {
        let keys = [Search::Custom(CustomKey { text, encode: search })];
        let sent = sent(&SearchCommand::new(&keys))?;
        Some(sent.strip_prefix("SEARCH ").unwrap().to_string())
    }

    #[test]
    #[cfg_attr(miri, ignore = "nothing unsafe in it")]
    fn queries() {
        for (query, wanted) in [
            ("", "ALL"),
            ("  unseen ", "UNSEEN"),
            ("UNSEEN FROM pager", "UNSEEN FROM \"pager\""),
            ("FROM \"a b\" 1:5,9 $ UID 7:*", "FROM \"a b\" 1:5,9 $ UID 7:*"),
            ("OR SEEN NOT (DRAFT FLAGGED) NEW", "OR SEEN NOT (DRAFT FLAGGED) NEW"),
            ("OR(SEEN)(NOT NOT OLD)", "OR (SEEN) (NOT NOT OLD)"),
            ("SINCE 1-feb-2026 LARGER 5000000000", "SINCE 1-Feb-2026 LARGER 5000000000"),
            ("HEADER List-Id \"\" OLDER 60", "HEADER \"List-Id\" \"\" OLDER 60"),
            (r#"SUBJECT "say \"hi\"" SEEN"#, r#"SUBJECT "say \"hi\"" SEEN"#),
            ("SUBJECT ż", "CHARSET UTF-8 SUBJECT {2+}\r\nż"),
            ("FUZZY SUBJECT x", "FUZZY SUBJECT \"x\""),
        ] {
            assert_eq!(searched(query).as_deref(), Some(wanted), "{query}");
        }
        let deep = format!("{}SEEN{}", "(".repeat(40), ")".repeat(40));
        for bad in [
            "NOT",
            "OR SEEN",
            "(SEEN",
            "SEEN)",
            "()",
            "FROM",
            "FROM \"x",
            "XYZ",
            "0",
            "1:",
            "SINCE yesterday",
            "LARGER x",
            "KEYWORD \"a b\"",
            "FROM \"x\"y",
            "SEEN\r\nA1 LOGOUT",
            "NOT )",
            "OR (SEEN",
            "KEYWORD a\r\nb",
            "OLDER 0",
            "FILTER x",
            deep.as_str(),
            "SUBJECT \"a\0b\"",
        ] {
            assert_eq!(searched(bad), None, "{bad}");
        }
        // CR and LF are sent as a literal, never as a line's end.
        assert_eq!(searched("SUBJECT \"a\r\nb\"").unwrap(), "SUBJECT {4+}\r\na\r\nb");
    }

    #[test]
    #[cfg_attr(miri, ignore = "nothing unsafe in it")]
    fn fetched() {
        let sent = |text: &str| {
            let items = fetch(text).collect::<Result<Vec<_>, _>>().ok()?;
            sent(&FetchCommand::new(1, items.as_slice()))
        };
        for (text, wanted) in [
            ("uid flags", "(UID FLAGS)"),
            ("(UID ENVELOPE)", "(UID ENVELOPE)"),
            (
                "BODY.PEEK[HEADER.FIELDS (From To)]<0.512>",
                "BODY.PEEK[HEADER.FIELDS (From To)]<0.512>",
            ),
            ("body[1.2.mime] BODY", "(BODY[1.2.MIME] BODY)"),
            ("BODY[]", "BODY[]"),
        ] {
            assert_eq!(sent(text).unwrap(), format!("FETCH 1 {wanted}"), "{text}");
        }
        for bad in
            ["", "BODY[", "BODY[]<1>", "BODY[]x", "UID\r\nA1 LOGOUT", "BODY[1]\r\n]", "a b(c"]
        {
            assert_eq!(sent(bad), None, "{bad}");
        }
    }

    #[test]
    fn other_lists() {
        fn all<T>(items: impl Iterator<Item = Result<T, Failure>>) -> Option<Vec<T>> {
            items.collect::<Result<_, _>>().ok()
        }
        let wanted = [Sort::Reverse(&Sort::Date), Sort::Subject];
        assert_eq!(all(sort("reverse date SUBJECT")).unwrap(), wanted);
        assert!(all(sort("REVERSE")).is_none() && all(sort("DATE REVERSE MODSEQ")).is_none());
        let wanted = [SearchReturn::Min, SearchReturn::Partial(PartialRange::last(1, 50))];
        assert_eq!(all(search_returns("(MIN PARTIAL -1:-50)")).unwrap(), wanted);
        assert!(all(search_returns("PARTIAL x")).is_none());
        let listed = with_scratch(|scratch| {
            let all = returns("STATUS (MESSAGES UNSEEN) CHILDREN METADATA (/a /b)", scratch)?;
            let status = [StatusItem::Messages, StatusItem::Unseen];
            let wanted = [
                ListReturn::Status(&status),
                ListReturn::Children,
                ListReturn::Metadata(&["/a", "/b"]),
            ];
            assert_eq!(all, wanted);
            assert_eq!(returns("METADATA", scratch)?, [ListReturn::Metadata(&[])]);
            Ok(())
        });
        assert!(listed.is_ok());
        let wanted = [Flag::Seen, Flag::JUNK, Flag::Keyword("x")];
        assert_eq!(all(flags("\\Seen $Junk x")).unwrap(), wanted);
    }
}
