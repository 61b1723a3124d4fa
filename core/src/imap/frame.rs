//! Where does a unit end? (RFC 9051 sections 2.2.2, 4.3 and 9)
//!
//! A *unit* is what becomes one event: a response line with its literals, one part of a
//! list that is longer than Rx, one item of a FETCH response, one chunk of a message body.
//! This file looks at bytes only so far as to find where units end. It is an incremental
//! scanner: `scanned` and a few bytes of state let it go on where it stopped, so that no
//! byte is looked at twice however the input was cut, and bytes that do not fit Rx run
//! through the same scanner on their way out.

use super::body_structure::EndsFinder;
use super::event::BodyData;
use super::lexer::{Lex, Lexer, MARKS, Marks, Mode, Stop, quoted_stop};
use super::quirks::Quirks;
use super::search::skip_correlator;
use super::status::status_line;
use super::syntax::number;
use crate::scan::{SHORT_WAYS, find};
use crate::{PeerError, Rx};

/// One unit at the front of Rx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) kind: Kind,
    /// How many bytes of Rx it takes.
    pub(crate) len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An empty line.
    Blank,
    /// `+ …`. `cut`: it does not fit Rx, and its rest is skipped.
    Continuation { cut: bool },
    /// `* OK …` and the other status responses, and whatever starts without `*` or `+`:
    /// tagged responses, or nonsense. `cut`: it does not fit Rx, and its rest is skipped.
    Text { continued: bool, cut: bool },
    /// A part of such a line, whose response code is longer than Rx.
    Code { continued: bool },
    /// Any other `*` line, with [`Frame::head`] and [`Frame::part`].
    Data,
    /// `* n FETCH (`, or with a `uid` `* n UIDFETCH (`
    FetchStart { number: u32, uid: bool },
    /// An item's name and value.
    Item,
    /// A body section's name, and how its bytes come.
    Body { name: usize, data: BodyData },
    /// Bytes of the body section.
    Chunk,
    /// Bytes in a FETCH response that are no item.
    ItemMalformed,
    /// The beginning of an item that does not fit Rx; the rest is skipped.
    ItemOversized,
    /// The end of the FETCH response.
    FetchEnd,
    /// A line that ends inside a quoted string, where quotes are not known to be odd.
    Malformed,
    /// The beginning of a line that does not fit Rx; the rest is skipped.
    Oversized,
}

impl Kind {
    /// Whether it is a piece of a FETCH response.
    #[inline]
    pub(crate) const fn is_of_fetch(self) -> bool {
        matches!(
            self,
            Self::FetchStart { .. }
                | Self::Item
                | Self::Body { .. }
                | Self::Chunk
                | Self::ItemMalformed
                | Self::ItemOversized
                | Self::FetchEnd
        )
    }
}

/// Which piece of a line a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Part {
    /// A part of the line came before.
    pub(crate) continued: bool,
    /// A part of the line will follow.
    pub(crate) more: bool,
    /// How many parentheses are open where the part begins.
    pub(crate) depth: u32,
}

/// The beginning of a `*` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number before the keyword, 0 if it is none that a `u32` holds.
    pub(crate) number: Option<u32>,
    pub(crate) keyword: Keyword,
    /// Where the keyword begins, and where it ends or is too long for any that is known.
    pub(crate) word: (usize, usize),
}

impl Head {
    /// The keyword, whole, and what follows it.
    pub(crate) fn split<'r>(&self, line: &'r [u8]) -> (&'r [u8], &'r [u8]) {
        let (start, known) = self.word;
        let behind = line.get(known..).unwrap_or_default();
        let more = behind.iter().position(|&byte| ends_word(byte)).unwrap_or(behind.len());
        let (before, rest) = line.split_at_checked(known.wrapping_add(more)).unwrap_or_default();
        (before.get(start..).unwrap_or_default(), rest)
    }
}

/// What may stand behind the first word of a line.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\r' | b'\n' | b'(' | b'[' | b'"' | b'{')
}

/// The first word of a `*` line, as far as this file or the connection knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Status,
    Capability,
    Enabled,
    Esearch,
    Exists,
    Expunge,
    Fetch,
    Flags,
    List,
    Lsub,
    MailboxStatus,
    Recent,
    Search,
    Sort,
    Thread,
    UidBatches,
    UidFetch,
    Vanished,
    Other,
}

impl Keyword {
    const NAMES: [(&'static [u8], Self); 22] = [
        (b"FETCH", Self::Fetch),
        (b"LIST", Self::List),
        (b"OK", Self::Status),
        (b"NO", Self::Status),
        (b"BAD", Self::Status),
        (b"BYE", Self::Status),
        (b"PREAUTH", Self::Status),
        (b"EXISTS", Self::Exists),
        (b"RECENT", Self::Recent),
        (b"EXPUNGE", Self::Expunge),
        (b"SEARCH", Self::Search),
        (b"ESEARCH", Self::Esearch),
        (b"STATUS", Self::MailboxStatus),
        (b"FLAGS", Self::Flags),
        (b"CAPABILITY", Self::Capability),
        (b"LSUB", Self::Lsub),
        (b"ENABLED", Self::Enabled),
        (b"VANISHED", Self::Vanished),
        (b"SORT", Self::Sort),
        (b"THREAD", Self::Thread),
        (b"UIDFETCH", Self::UidFetch),
        (b"UIDBATCHES", Self::UidBatches),
    ];

    fn of(word: &[u8]) -> Self {
        Self::NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map_or(Self::Other, |&(_, keyword)| keyword)
    }

    /// Whether the names in such a line may hold quotes that are not escaped (Exchange:
    /// `* LIST () "/" Calendar"`). Its reader makes something of it.
    fn may_hold_odd_quotes(self) -> bool {
        matches!(self, Self::List | Self::Lsub | Self::MailboxStatus)
    }

    /// Where `line`, which ends inside of `depth` parentheses, may be cut when it is longer
    /// than Rx.
    fn last_separator(self, line: &[u8], depth: u32) -> Option<usize> {
        let separators: &[u8] = match self {
            Self::Search | Self::Sort | Self::Capability | Self::Flags => b" ",
            Self::UidBatches | Self::Vanished => b",",
            Self::Esearch => b" ,",
            Self::Thread => b" ()",
            _ => return None,
        };
        // `(MODSEQ 7)` behind the numbers stays whole.
        let list = match self {
            Self::Search | Self::Sort if depth > 0 => line.get(..last_of(line, b"(")?)?,
            _ => line,
        };
        last_of(list, separators)
    }

    /// Whether `arguments`, the first part of what follows it, can be read by themselves: names
    /// of mailboxes hold separators too.
    fn can_begin_with(self, arguments: &[u8]) -> bool {
        !matches!(self, Self::Esearch | Self::UidBatches) || skip_correlator(arguments).is_ok()
    }
}

/// Where the last of `line` is that is one of `bytes`.
fn last_of(line: &[u8], bytes: &[u8]) -> Option<usize> {
    line.iter().rposition(|byte| bytes.iter().any(|wanted| wanted == byte))
}

/// The longest word that can be a keyword.
const KEYWORD_MAX: usize = 24;

/// What is being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first byte of a line.
    LineStart,
    /// Behind a CR at the start of a line.
    LineStartCr,
    /// Behind `*`, before the next word.
    Gap,
    /// In a word that began at `start`.
    Word { start: usize },
    /// In a line of text.
    Text(Text),
    /// In a line of data.
    Data,
    /// Behind `* n FETCH` or `* n UIDFETCH`.
    FetchOpen,
    /// Between two items.
    Items,
    /// In an item's name, outside or inside of its brackets.
    Name { brackets: bool },
    /// Behind a body section's name, before its value.
    BodyValue { name: usize },
    /// In a body section's `{n}`.
    BodyLiteral { name: usize, literal8: bool },
    /// Behind the name of an item, or in its value once that has `begun`; `body` if it names a
    /// body section.
    Value { name: usize, body: bool, begun: bool },
    /// In a body section's literal.
    Literal { left: u64 },
    /// In a body section's quoted string, once `gap` bytes are dropped; behind a backslash if
    /// `escaped`.
    Quoted { escaped: bool, gap: usize },
    /// Behind a body section.
    BodyEnd,
    /// Behind the last item.
    Tail,
    /// The FETCH response's line was already consumed.
    End,
}

/// What kind of text is in a line of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    /// `+ …`
    Continuation,
    /// A status response, or nonsense.
    Line,
    /// The rest of a status response that was cut in its response code.
    Code(Cut),
    /// What is skipped of a line that is no status response.
    Junk(Tail),
}

/// What lists the response codes hold that may be longer than Rx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Words,
    Flags,
    Sets,
}

/// How much of a literal's `{n}` or `{n+}` the last bytes of a line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nothing,
    Brace,
    Size,
    Plus,
    /// All of it.
    Literal,
}

impl Tail {
    /// What it is with `bytes` behind it.
    fn then(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |tail, byte| match (tail, byte) {
            (_, b'{') => Self::Brace,
            (Self::Brace | Self::Size, b'0'..=b'9') => Self::Size,
            (Self::Size, b'+') => Self::Plus,
            (Self::Size | Self::Plus, b'}') | (Self::Literal, b'\r') => Self::Literal,
            _ => Self::Nothing,
        })
    }
}

/// Whether a line, which is no response, ends like one that a literal follows.
pub(crate) fn announces_literal(line: &[u8]) -> bool {
    Tail::Nothing.then(line.strip_suffix(b"\n").unwrap_or(line)) == Tail::Literal
}

/// Reads units off Rx.
#[derive(Debug, Clone)]
#[cfg_attr(target_pointer_width = "32", repr(C))] // Flash: the first are in reach of short instructions.
pub(crate) struct Frame {
    /// The unit does not fit Rx: it was reported, and its rest is thrown away.
    skipping: bool,
    phase: Phase,
    /// How many bytes at the front of Rx were looked at.
    scanned: usize,
    /// The unit that was found last. It stays here, as moving it about costs more than
    /// finding a short one.
    unit: Unit,
    part: Part,
    /// How many parentheses were open where the last part of the line was cut.
    next_depth: u32,
    /// How the line of data begins, and which piece of it comes or was found last.
    head: Head,
    lexer: Lexer,
    marks: Marks,
}

impl Frame {
    pub(crate) const fn new(quirks: Quirks) -> Self {
        let unit = Unit { kind: Kind::Blank, len: 0 };
        Self {
            phase: Phase::LineStart,
            lexer: Lexer::new(quirks),
            marks: Marks::new(0, false),
            scanned: 0,
            head: Head { number: None, keyword: Keyword::Other, word: (0, 0) },
            part: Part { continued: false, more: false, depth: 0 },
            next_depth: 0,
            skipping: false,
            unit,
        }
    }

    /// From the next line on.
    pub(crate) fn take_quirks(&mut self, quirks: Quirks) {
        self.lexer.take_quirks(quirks);
        // What was seen of an item's value was seen by other rules.
        self.marks.unknown();
    }

    /// Whether the input may end here.
    pub(crate) fn is_between_lines(&self) -> bool {
        self.phase == Phase::LineStart
    }

    /// The unit at the front of Rx, if [`next`](Self::next) found one.
    pub(crate) const fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Of `item`, a [`Kind::Item`]: its value and where in it the values of the list begin that it
    /// is, if each of them is a string, a list or NIL without anything odd at its level.
    pub(crate) fn marks<'r>(&self, item: &'r [u8]) -> Option<(&'r [u8], [u32; MARKS])> {
        let value = self.marks.value_of(item)?;
        let at = *self.marks.at.first_chunk()?;
        (self.marks.count > 0 && !self.marks.odd).then_some((value, at))
    }

    /// Of `item`, a [`Kind::Item`]: its value and where in it the parts of multiparts end, if it is
    /// one list and all of it was seen.
    pub(crate) fn ends<'r>(&self, item: &'r [u8]) -> Option<(&'r [u8], &EndsFinder)> {
        let finder = self.marks.ends.first().filter(|_| self.marks.complete)?;
        Some((self.marks.value_of(item)?, finder))
    }

    /// How the line of a [`Kind::Data`] begins.
    pub(crate) const fn head(&self) -> Head {
        self.head
    }

    /// Which piece of its line a [`Kind::Data`] is.
    pub(crate) const fn part(&self) -> Part {
        self.part
    }

    /// Skips what is left of a line of text whose beginning was told, and not a byte more:
    /// whether its end was there.
    pub(crate) fn end_line(&mut self, rx: &mut Rx<'_>) -> Result<bool, PeerError> {
        if let Phase::Text(text) = self.phase {
            self.text(rx, text)?;
        }
        Ok(self.is_between_lines())
    }

    /// Looks for a unit at the front of Rx: whether its end is there. The caller discards its
    /// bytes before the next call.
    #[inline(never)] // Flash and stack.
    pub(crate) fn next(&mut self, rx: &mut Rx<'_>) -> Result<bool, PeerError> {
        if SHORT_WAYS && !self.skipping {
            if self.scanned == 0 {
                if self.usual(rx).is_some() {
                    return Ok(true);
                }
            } else if self.is_few_more(rx) {
                return Ok(false);
            }
        }
        self.any(rx)
    }

    /// Passes over a few new bytes in the middle of an item. If they are not of the usual kinds,
    /// nothing has changed.
    #[inline]
    fn is_few_more(&mut self, rx: &Rx<'_>) -> bool {
        let bytes = rx.filled();
        let new = bytes.get(self.scanned..).unwrap_or_default();
        let Lexer { mut state, mut depth, odd_quotes, .. } = self.lexer;
        let within = matches!(self.phase, Phase::Value { begun: true, .. }) && depth > 0;
        if !within || odd_quotes || new.len() >= size_of::<usize>() || rx.is_full() {
            return false;
        }
        for byte in new {
            match (state, byte) {
                (Lex::Quoted, b'"') => state = Lex::Plain,
                (Lex::Quoted, b'\\' | b'{' | 0..b' ') => return false,
                (Lex::Quoted, _) => {}
                (Lex::Plain, b'"') => state = Lex::Quoted,
                (Lex::Plain, b'(') => depth = depth.saturating_add(1),
                (Lex::Plain, b')') if depth > 1 => depth = depth.saturating_sub(1),
                (Lex::Plain, b' ' | b'0'..=b'9' | b'A'..=b'Z') => {}
                _ => return false,
            }
        }
        (self.lexer.state, self.lexer.depth) = (state, depth);
        self.scanned = bytes.len();
        // What is where was not looked at.
        self.marks.unknown();
        true
    }

    /// What comes most often, if it is there whole: the beginning and the end of a FETCH response,
    /// and items whose value is an atom or a list of atoms. If it is not, nothing has changed.
    #[inline]
    fn usual(&mut self, rx: &mut Rx<'_>) -> Option<()> {
        let bytes = rx.filled();
        match self.phase {
            Phase::LineStart => {
                let (rest, number) = usual_number(bytes.strip_prefix(b"* ")?)?;
                let items = rest.strip_prefix(b" FETCH (")?;
                let len = bytes.len().wrapping_sub(items.len());
                self.phase = Phase::Items;
                self.unit = Unit { kind: Kind::FetchStart { number, uid: false }, len };
            }
            Phase::Items => {
                let item = bytes.strip_prefix(b" ").unwrap_or(bytes);
                let space = bytes.len().wrapping_sub(item.len());
                if item.starts_with(b")\r\n") {
                    rx.discard(space.wrapping_add(3));
                    self.phase = Phase::LineStart;
                    self.unit = Unit { kind: Kind::FetchEnd, len: 0 };
                    return Some(());
                }
                let atom = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
                let end = item.iter().position(|byte| !atom(byte))?;
                let (name, value) = item.split_at_checked(end)?;
                let value = value.strip_prefix(b" ")?;
                let behind = simple_value(value)?;
                if name.is_empty() || names_body(name) {
                    return None;
                }
                let len = item.len().wrapping_sub(behind.len());
                rx.discard(space);
                self.marks.count = 0;
                self.marks.complete = false;
                self.unit = Unit { kind: Kind::Item, len };
            }
            _ => return None,
        }
        Some(())
    }

    #[inline(never)]
    fn any(&mut self, rx: &mut Rx<'_>) -> Result<bool, PeerError> {
        loop {
            let step = match self.phase {
                Phase::LineStart
                | Phase::LineStartCr
                | Phase::Gap
                | Phase::Word { .. }
                | Phase::FetchOpen => self.line_start(rx),
                Phase::Text(text) => self.text(rx, text)?,
                Phase::Data => self.data(rx)?,
                Phase::Items => self.items(rx),
                Phase::Name { brackets } => self.name(rx, brackets)?,
                Phase::BodyValue { name } => self.body_value(rx, name),
                Phase::BodyLiteral { name, literal8 } => self.body_literal(rx, name, literal8)?,
                Phase::Value { name, body, begun } => self.value(rx, name, body, begun)?,
                Phase::Literal { left } => self.literal(rx, left),
                Phase::Quoted { escaped, gap } => self.quoted(rx, escaped, gap)?,
                Phase::BodyEnd => self.body_end(rx)?,
                Phase::Tail => self.tail(rx)?,
                Phase::End => self.emit(Kind::FetchEnd, 0, Phase::LineStart),
            };
            match step {
                Step::Unit => return Ok(true),
                Step::Again => {}
                Step::NeedInput => return Ok(false),
            }
        }
    }

    #[inline]
    fn found(&mut self, kind: Kind, len: usize) -> Step {
        self.unit = Unit { kind, len };
        Step::Unit
    }

    /// Ends a unit of `len` bytes.
    #[inline]
    fn emit(&mut self, kind: Kind, len: usize, then: Phase) -> Step {
        let skipped = self.skipping;
        self.phase = then;
        self.lexer.reset();
        self.scanned = 0;
        self.skipping = false;
        if skipped { Step::Again } else { self.found(kind, len) }
    }

    /// Ends a unit that was thrown away or is given to the caller.
    #[inline]
    fn finish(&mut self, rx: &mut Rx<'_>, kind: Kind, len: usize, then: Phase) -> Step {
        if self.skipping {
            rx.discard(len);
        }
        self.emit(kind, len, then)
    }

    /// The unit's end is not in Rx. `oversized` is what to call it if it never can be.
    fn wait(&mut self, rx: &mut Rx<'_>, oversized: Kind) -> Step {
        let len = rx.filled().len();
        self.scanned = len;
        if self.skipping {
            rx.discard(len);
            self.scanned = 0;
            Step::NeedInput
        } else if rx.is_full() {
            self.skipping = true;
            self.scanned = 0;
            self.found(oversized, len)
        } else {
            Step::NeedInput
        }
    }

    /// Drops bytes that belong to no unit.
    fn drop(&mut self, rx: &mut Rx<'_>, len: usize, then: Phase) -> Step {
        rx.discard(len);
        self.phase = then;
        self.scanned = 0;
        Step::Again
    }

    /// ```abnf
    /// response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data /
    ///                 message-data / capability-data) CRLF
    /// message-data  = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
    /// ```
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn line_start(&mut self, rx: &mut Rx<'_>) -> Step {
        let line = rx.filled();
        let text = Phase::Text(Text::Line);
        if SHORT_WAYS {
            self.usual_start(line);
        }
        let mut from = self.scanned;
        if let Phase::Word { start } = self.phase {
            let longest = line.len().min(start.wrapping_add(KEYWORD_MAX));
            let word = line.get(from..longest).unwrap_or_default();
            from = from.wrapping_add(word.iter().take_while(|&&byte| !ends_word(byte)).count());
        }
        for (at, &byte) in line.iter().enumerate().skip(from) {
            match self.phase {
                Phase::LineStart => match byte {
                    b'*' => {
                        self.head.number = None;
                        self.phase = Phase::Gap;
                    }
                    b'\n' => return self.emit(Kind::Blank, at.wrapping_add(1), Phase::LineStart),
                    b'\r' => self.phase = Phase::LineStartCr,
                    b'+' => {
                        self.phase = Phase::Text(Text::Continuation);
                        return Step::Again;
                    }
                    _ => {
                        self.phase = text;
                        return Step::Again;
                    }
                },
                Phase::LineStartCr if byte == b'\n' => {
                    return self.emit(Kind::Blank, at.wrapping_add(1), Phase::LineStart);
                }
                Phase::Gap if byte == b' ' => {}
                Phase::Gap => {
                    self.phase = Phase::Word { start: at };
                    self.scanned = at;
                    return Step::Again;
                }
                Phase::Word { start } => {
                    let word = line.get(start..at).unwrap_or_default();
                    let ends = ends_word(byte);
                    if !ends && word.len() <= KEYWORD_MAX {
                        continue;
                    }
                    if byte == b' '
                        && self.head.number.is_none()
                        && let Some(value) = leading_number(word)
                    {
                        self.head.number = Some(value);
                        self.phase = Phase::Gap;
                        continue;
                    }
                    let keyword = if ends { Keyword::of(word) } else { Keyword::Other };
                    self.head.keyword = keyword;
                    self.head.word = (start, at);
                    self.phase = match keyword {
                        Keyword::Status => text,
                        // home.pl: `* [COPYUID …] …` without OK.
                        Keyword::Other if byte == b'[' && word.is_empty() => text,
                        Keyword::Fetch | Keyword::UidFetch if self.head.number.is_some() => {
                            Phase::FetchOpen
                        }
                        _ => self.begin_data(),
                    };
                    self.scanned = at;
                    return Step::Again;
                }
                Phase::FetchOpen if byte == b' ' => {}
                Phase::FetchOpen if byte == b'(' && !self.skipping => {
                    let kind = Kind::FetchStart {
                        number: self.head.number.unwrap_or_default(),
                        uid: self.head.keyword == Keyword::UidFetch,
                    };
                    return self.emit(kind, at.wrapping_add(1), Phase::Items);
                }
                Phase::FetchOpen => {
                    self.phase = self.begin_data();
                    self.scanned = at;
                    return Step::Again;
                }
                _ => {
                    self.phase = text;
                    return Step::Again;
                }
            }
        }
        if let Phase::Word { start } = self.phase
            && (self.skipping || rx.is_full())
        {
            return self.keep_word(rx, start);
        }
        self.wait(rx, Kind::Oversized)
    }

    /// How nearly all lines begin.
    #[inline(always)] // Speed.
    fn usual_start(&mut self, line: &[u8]) {
        if self.phase == Phase::LineStart
            && let [b'*', b' ', first, ..] = line
            && *first != b' '
        {
            self.head.number = None;
            self.phase = Phase::Word { start: 2 };
            self.scanned = 2;
            if let Some((rest, number)) = usual_number(line.get(2..).unwrap_or_default())
                && let [b' ', first, behind @ ..] = rest
                && *first != b' '
            {
                self.head.number = Some(number);
                let start = line.len().saturating_sub(behind.len()).saturating_sub(1);
                self.phase = Phase::Word { start };
                self.scanned = start;
            }
        }
    }

    /// A word that is being read stays in Rx, even behind what is skipped: it says whether
    /// literals follow.
    fn keep_word(&mut self, rx: &mut Rx<'_>, start: usize) -> Step {
        self.scanned = rx.filled().len().wrapping_sub(start);
        if start == 0 && rx.is_full() {
            self.head.keyword = Keyword::Other;
            self.head.word = (0, self.scanned);
            self.phase = self.begin_data();
            return Step::Again;
        }
        self.phase = Phase::Word { start: 0 };
        if self.skipping {
            rx.discard(start);
            return Step::NeedInput;
        }
        self.skipping = true;
        self.found(Kind::Oversized, start)
    }

    /// A line of data begins, and this is its first part.
    fn begin_data(&mut self) -> Phase {
        self.part = Part::default();
        Phase::Data
    }

    /// A line of text: literals cannot occur in it.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn text(&mut self, rx: &mut Rx<'_>, text: Text) -> Result<Step, PeerError> {
        let line = rx.filled();
        let unscanned = line.get(self.scanned..).unwrap_or_default();
        let end = Some(find(unscanned, |word| word.is(b'\n'))).filter(|&at| at < unscanned.len());
        let kind = |cut| match text {
            Text::Continuation => Kind::Continuation { cut },
            Text::Code(_) => Kind::Text { continued: true, cut },
            Text::Line | Text::Junk(_) => Kind::Text { continued: false, cut },
        };
        if let Text::Junk(tail) = text {
            let tail =
                tail.then(unscanned.get(..end.unwrap_or(unscanned.len())).unwrap_or_default());
            if end.is_some() && tail == Tail::Literal {
                return Err(PeerError::FrameLost);
            }
            self.phase = Phase::Text(Text::Junk(tail));
        }
        if let Some(at) = end {
            let len = self.scanned.wrapping_add(at).wrapping_add(1);
            return Ok(self.finish(rx, kind(false), len, Phase::LineStart));
        }
        if rx.is_full() && !self.skipping {
            let list = match text {
                Text::Line => Cut::begins(line),
                Text::Code(cut) => Some((cut, 0)),
                Text::Continuation | Text::Junk(_) => None,
            };
            if let Some((cut, begin)) = list
                && let Some(len) = cut.last_separator(line).filter(|&len| len > begin)
            {
                self.phase = Phase::Text(Text::Code(cut));
                self.scanned = line.len().wrapping_sub(len);
                let kind = Kind::Code { continued: text != Text::Line };
                return Ok(self.found(kind, len));
            }
            if text == Text::Line && status_line(line).is_none() {
                self.phase = Phase::Text(Text::Junk(Tail::Nothing.then(line)));
            }
        }
        Ok(self.wait(rx, kind(true)))
    }

    /// A line of data.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn data(&mut self, rx: &mut Rx<'_>) -> Result<Step, PeerError> {
        let line = rx.filled();
        if self.part.more {
            self.part = Part { continued: true, more: false, depth: self.next_depth };
        } else if SHORT_WAYS
            && self.scanned == self.head.word.1
            && !self.part.continued
            && !self.skipping
            && !self.lexer.odd_quotes
            && let Some(behind) = simple_line(line.get(self.scanned..).unwrap_or_default())
        {
            let len = line.len().wrapping_sub(behind.len());
            return Ok(self.emit(Kind::Data, len, Phase::LineStart));
        }
        match self.lexer.scan(line, self.scanned, Mode::Line, &mut self.marks) {
            Stop::Lost => Err(PeerError::FrameLost),
            Stop::Line { len, quoted, .. } => {
                let odd = quoted && !self.head.keyword.may_hold_odd_quotes();
                let kind = if odd { Kind::Malformed } else { Kind::Data };
                Ok(self.finish(rx, kind, len, Phase::LineStart))
            }
            _ => {
                let Head { keyword, word, .. } = self.head;
                if !self.skipping
                    && rx.is_full()
                    && self.lexer.state == Lex::Plain
                    && let Some(at) = keyword.last_separator(line, self.lexer.depth)
                    && let len = at.wrapping_add(1)
                    && (self.part.continued
                        || line.get(word.1..len).is_some_and(|arguments| {
                            arguments.len() > 1 && keyword.can_begin_with(arguments)
                        }))
                {
                    // Behind the cut there are no parentheses, or none that count.
                    self.part.more = true;
                    self.next_depth = self.lexer.depth;
                    self.scanned = line.len().wrapping_sub(len);
                    return Ok(self.found(Kind::Data, len));
                }
                Ok(self.wait(rx, Kind::Oversized))
            }
        }
    }

    /// ```abnf
    /// msg-att = "(" (msg-att-dynamic / msg-att-static)
    ///           *(SP (msg-att-dynamic / msg-att-static)) ")"
    /// ```
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn items(&mut self, rx: &mut Rx<'_>) -> Step {
        let bytes = rx.filled();
        let spaces = bytes.iter().take_while(|&&byte| byte == b' ').count();
        match bytes.get(spaces) {
            None => {
                rx.discard(spaces);
                Step::NeedInput
            }
            Some(b')') => self.drop(rx, spaces.wrapping_add(1), Phase::Tail),
            Some(b'\r' | b'\n') => self.drop(rx, spaces, Phase::Tail),
            Some(_) => self.drop(rx, spaces, Phase::Name { brackets: false }),
        }
    }

    /// ```abnf
    /// "BODY" section ["<" number ">"] / "BINARY" section-binary / atom
    /// section = "[" [section-spec] "]"
    /// ```
    /// Cyrus 3.6 cuts what is longer than 98 bytes, bracket, space and all.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn name(&mut self, rx: &mut Rx<'_>, brackets: bool) -> Result<Step, PeerError> {
        let bytes = rx.filled();
        if brackets {
            return match self.lexer.scan(bytes, self.scanned, Mode::Brackets, &mut self.marks) {
                Stop::Lost => Err(PeerError::FrameLost),
                Stop::End { at } => {
                    self.phase = Phase::Name { brackets: false };
                    let is_closed = bytes.get(at) == Some(&b']');
                    self.scanned = at.wrapping_add(usize::from(is_closed));
                    Ok(Step::Again)
                }
                Stop::Line { text, .. } => {
                    Ok(self.finish(rx, Kind::ItemMalformed, text, Phase::Tail))
                }
                _ => Ok(self.wait(rx, Kind::ItemOversized)),
            };
        }
        let unscanned = bytes.get(self.scanned..).unwrap_or_default();
        let end = unscanned.iter().position(|byte| {
            matches!(byte, b' ' | b'(' | b')' | b'"' | b'{' | b'~' | b'[' | b'\r' | b'\n')
        });
        let Some(end) = end else { return Ok(self.wait(rx, Kind::ItemOversized)) };
        let at = self.scanned.wrapping_add(end);
        match bytes.get(at) {
            Some(b'[') => {
                self.phase = Phase::Name { brackets: true };
                self.lexer.reset();
                self.scanned = at.wrapping_add(1);
                Ok(Step::Again)
            }
            Some(b')') => Ok(self.finish(rx, Kind::ItemMalformed, at, Phase::Items)),
            Some(b'\r' | b'\n') => Ok(self.finish(rx, Kind::ItemMalformed, at, Phase::Tail)),
            _ => {
                let name = bytes.get(..at).unwrap_or_default();
                self.phase = if !self.skipping && names_body(name) {
                    Phase::BodyValue { name: at }
                } else {
                    Phase::Value { name: at, body: false, begun: false }
                };
                self.scanned = at;
                self.lexer.reset();
                Ok(Step::Again)
            }
        }
    }

    /// Which form a body section's `nstring` or `literal8` has.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn body_value(&mut self, rx: &mut Rx<'_>, name: usize) -> Step {
        let bytes = rx.filled();
        let unscanned = bytes.get(self.scanned..).unwrap_or_default();
        let Some(spaces) = unscanned.iter().position(|&byte| byte != b' ') else {
            let step = self.wait(rx, Kind::ItemOversized);
            if self.skipping {
                self.phase = Phase::Value { name, body: false, begun: false };
            }
            return step;
        };
        let at = self.scanned.wrapping_add(spaces);
        self.scanned = at;
        match bytes.get(at) {
            Some(b'"') => {
                let kind = Kind::Body { name, data: BodyData::Quoted };
                let then = Phase::Quoted { escaped: false, gap: 0 };
                return self.emit(kind, at.wrapping_add(1), then);
            }
            Some(b'~') => {
                self.scanned = at.wrapping_add(1);
                self.phase = Phase::BodyLiteral { name, literal8: true };
            }
            Some(b'{') => self.phase = Phase::BodyLiteral { name, literal8: false },
            _ => self.phase = Phase::Value { name, body: true, begun: true },
        }
        Step::Again
    }

    /// ```abnf
    /// literal  = "{" number64 ["+"] "}" CRLF *CHAR8
    /// literal8 = "~{" number64 "}" CRLF *OCTET
    /// ```
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn body_literal(
        &mut self,
        rx: &mut Rx<'_>,
        name: usize,
        literal8: bool,
    ) -> Result<Step, PeerError> {
        match self.lexer.scan(rx.filled(), self.scanned, Mode::Literal, &mut self.marks) {
            Stop::Lost => Err(PeerError::FrameLost),
            Stop::Literal { len, size } => {
                let data =
                    if literal8 { BodyData::Literal8(size) } else { BodyData::Literal(size) };
                Ok(self.emit(Kind::Body { name, data }, len, Phase::Literal { left: size }))
            }
            // No literal after all: whatever it is, from its beginning.
            Stop::End { .. } | Stop::Line { .. } => {
                self.scanned = name;
                self.lexer.reset();
                self.phase = Phase::Value { name, body: true, begun: false };
                Ok(Step::Again)
            }
            Stop::More => {
                let step = self.wait(rx, Kind::ItemOversized);
                if self.skipping {
                    self.phase = Phase::Value { name, body: false, begun: true };
                }
                Ok(step)
            }
        }
    }

    /// An item's value: up to the SP or `)` behind it.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn value(
        &mut self,
        rx: &mut Rx<'_>,
        name: usize,
        body: bool,
        begun: bool,
    ) -> Result<Step, PeerError> {
        let bytes = rx.filled();
        if !begun {
            // Spaces before the value, more than one from some servers.
            let unscanned = bytes.get(self.scanned..).unwrap_or_default();
            let Some(spaces) = unscanned.iter().position(|&byte| byte != b' ') else {
                return Ok(self.wait(rx, Kind::ItemOversized));
            };
            self.scanned = self.scanned.wrapping_add(spaces);
            self.phase = Phase::Value { name, body, begun: true };
            let may_have_parts = matches!(bytes, [b'B' | b'b', ..]);
            if SHORT_WAYS {
                self.marks = Marks::new(self.scanned, may_have_parts);
            }
        }
        let (len, then, whole) =
            match self.lexer.scan(bytes, self.scanned, Mode::Item, &mut self.marks) {
                Stop::Lost => return Err(PeerError::FrameLost),
                Stop::End { at } => (at, Phase::Items, true),
                Stop::Line { text, quoted, .. } => {
                    (text, Phase::Tail, !quoted && self.lexer.depth == 0)
                }
                _ => return Ok(self.wait(rx, Kind::ItemOversized)),
            };
        let value = bytes.get(name..len).unwrap_or_default().trim_ascii();
        let kind = if !whole || value.is_empty() {
            Kind::ItemMalformed
        } else if !body {
            Kind::Item
        } else if value.eq_ignore_ascii_case(b"NIL") {
            Kind::Body { name, data: BodyData::Nil }
        } else {
            Kind::ItemMalformed
        };
        Ok(self.finish(rx, kind, len, then))
    }

    fn literal(&mut self, rx: &mut Rx<'_>, left: u64) -> Step {
        if left == 0 {
            self.phase = Phase::BodyEnd;
            return Step::Again;
        }
        let len = rx.filled().len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if len == 0 {
            return Step::NeedInput;
        }
        self.phase = Phase::Literal { left: left.wrapping_sub(len as u64) };
        self.found(Kind::Chunk, len)
    }

    /// ```abnf
    /// quoted = DQUOTE *QUOTED-CHAR DQUOTE
    /// ```
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn quoted(&mut self, rx: &mut Rx<'_>, escaped: bool, gap: usize) -> Result<Step, PeerError> {
        rx.discard(gap);
        match rx.filled() {
            [] => {
                self.phase = Phase::Quoted { escaped, gap: 0 };
                Ok(Step::NeedInput)
            }
            // The lines that follow could be the body's or the server's.
            [b'\r' | b'\n', ..] => Err(PeerError::FrameLost),
            [b'"', ..] if !escaped => Ok(self.drop(rx, 1, Phase::BodyEnd)),
            [b'\\', ..] if !escaped => {
                Ok(self.drop(rx, 1, Phase::Quoted { escaped: true, gap: 0 }))
            }
            _ => {
                let (len, read) = undo_escapes(rx.filled_mut(), escaped);
                let gap = read.wrapping_sub(len);
                self.phase = Phase::Quoted { escaped: false, gap };
                Ok(self.found(Kind::Chunk, len))
            }
        }
    }

    fn body_end(&mut self, rx: &mut Rx<'_>) -> Result<Step, PeerError> {
        match rx.filled().first() {
            None => Ok(Step::NeedInput),
            Some(b' ' | b')' | b'\r' | b'\n') => {
                self.phase = Phase::Items;
                Ok(Step::Again)
            }
            Some(_) => Err(PeerError::FrameLost),
        }
    }

    /// What stands between the `)` and the end of the line.
    #[cfg_attr(target_pointer_width = "64", inline(never))] // Speed.
    fn tail(&mut self, rx: &mut Rx<'_>) -> Result<Step, PeerError> {
        match self.lexer.scan(rx.filled(), self.scanned, Mode::Line, &mut self.marks) {
            Stop::Lost => Err(PeerError::FrameLost),
            Stop::Line { len, .. } => {
                let rest = rx.filled().get(..len).unwrap_or_default();
                if self.skipping || rest.trim_ascii().is_empty() {
                    rx.discard(len);
                    self.skipping = false;
                    Ok(self.emit(Kind::FetchEnd, 0, Phase::LineStart))
                } else {
                    Ok(self.emit(Kind::ItemMalformed, len, Phase::End))
                }
            }
            _ => Ok(self.wait(rx, Kind::ItemOversized)),
        }
    }
}

enum Step {
    /// One was found.
    Unit,
    Again,
    NeedInput,
}

impl Cut {
    const NAMES: [(&'static [u8], Self); 5] = [
        (b"CAPABILITY ", Self::Words),
        (b"PERMANENTFLAGS ", Self::Flags),
        (b"APPENDUID ", Self::Sets),
        (b"COPYUID ", Self::Sets),
        (b"MODIFIED ", Self::Sets),
    ];

    /// The list in the code of `line`, if that is one of these, and where it begins:
    /// `* OK [CAPABILITY …` or `A1 OK [COPYUID …`.
    fn begins(line: &[u8]) -> Option<(Self, usize)> {
        let (_, _, at) = status_line(line)?;
        let code = line.get(at..)?.strip_prefix(b"[")?;
        let (name, cut) = Self::NAMES.iter().find(|(name, _)| {
            code.split_at_checked(name.len()).is_some_and(|(n, _)| n.eq_ignore_ascii_case(name))
        })?;
        Some((*cut, at.wrapping_add(1).wrapping_add(name.len())))
    }

    /// Where to cut `line`, if its code goes on behind it.
    fn last_separator(self, line: &[u8]) -> Option<usize> {
        // Flags of Gmail hold brackets.
        let mut list = line.iter();
        if self == Self::Flags {
            list.find(|&&byte| byte == b')');
        }
        if list.any(|&byte| byte == b']') {
            return None;
        }
        let separator = if self == Self::Sets { b"," } else { b" " };
        last_of(line, separator).map(|at| at.wrapping_add(1))
    }
}

/// Takes the backslashes out of the quoted text that `bytes` begin with, up to its end, or to
/// a backslash behind which nothing came yet. How many bytes it has now, and had before.
/// `escaped`: its first byte is behind a backslash.
fn undo_escapes(bytes: &mut [u8], escaped: bool) -> (usize, usize) {
    let first = usize::from(escaped);
    let plain = bytes.get(first..).unwrap_or_default();
    let end = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\r' | b'\n');
    let mut len = plain.iter().position(end).unwrap_or(plain.len()).wrapping_add(first);
    let mut read = len;
    loop {
        let (byte, next) = match bytes.get(read..) {
            Some([b'\\', b'\r' | b'\n', ..]) => break,
            Some([b'\\', byte, ..]) => (*byte, 2),
            Some([byte, ..]) if !end(byte) => (*byte, 1),
            _ => break,
        };
        let Some(place) = bytes.get_mut(len) else { break };
        *place = byte;
        len = len.wrapping_add(1);
        read = read.wrapping_add(next);
    }
    (len, read)
}

/// The number that a word is, or 0 if it is one that no `u32` holds (Zoho: `* -5 FETCH`).
fn leading_number(word: &[u8]) -> Option<u32> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(number(word).ok().filter(|(rest, _)| rest.is_empty()).map_or(0, |(_, number)| number))
}

/// The number that these bytes begin with, if it is not longer than any word that is known.
#[inline]
fn usual_number(i: &[u8]) -> Option<(&[u8], u32)> {
    number(i).ok().filter(|(rest, _)| i.len().wrapping_sub(rest.len()) <= KEYWORD_MAX)
}

/// What is behind the atom, or the list of atoms, that these bytes begin with, if its end is there.
#[inline]
fn simple_value(i: &[u8]) -> Option<&[u8]> {
    let stops = |byte: &u8| matches!(byte, b' ' | b'(' | b')' | b'"' | b'{' | b'\r' | b'\n');
    let behind = match i {
        [b'(', inner @ ..] => {
            let end = inner.iter().position(|byte| stops(byte) && *byte != b' ')?;
            inner.get(end..)?.strip_prefix(b")")?
        }
        // Nothing but tabs is nothing.
        [first, ..] if first.is_ascii_whitespace() => return None,
        _ => {
            let end = i.iter().position(stops)?;
            i.get(end..).filter(|_| end > 0)?
        }
    };
    matches!(behind, [b' ' | b')', ..]).then_some(behind)
}

/// What is behind the line of data that these bytes begin with, if its end is there, and nothing in
/// it but quoted strings without a backslash has to be looked into.
#[inline]
fn simple_line(mut i: &[u8]) -> Option<&[u8]> {
    loop {
        let stop = find(i, |word| word.is(b'"') | word.is(b'{') | word.is(b'\n'));
        i = match i.get(stop..)? {
            [b'\n', behind @ ..] => return Some(behind),
            [b'"', string @ ..] => string.get(quoted_stop(string)..)?.strip_prefix(b"\"")?,
            _ => return None,
        };
    }
}

/// Whether an item's value is the bytes of a message rather than data about it.
fn names_body(name: &[u8]) -> bool {
    if SHORT_WAYS && !matches!(name, [b'B' | b'b' | b'R' | b'r', ..]) {
        return false;
    }
    let begins = |prefix: &[u8]| {
        name.split_at_checked(prefix.len())
            .is_some_and(|(start, _)| start.eq_ignore_ascii_case(prefix))
    };
    begins(b"BODY[")
        || begins(b"BINARY[")
        || name.eq_ignore_ascii_case(b"RFC822")
        || name.eq_ignore_ascii_case(b"RFC822.HEADER")
        || name.eq_ignore_ascii_case(b"RFC822.TEXT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    /// Every byte of `input` is in one unit, or is punctuation of FETCH, or belongs to what was
    /// told to be cut.
    fn conserves(capacity: usize, input: &[u8]) {
        let mut memory = vec![0; capacity];
        let mut rx = Rx::new(&mut memory);
        let mut frame = Frame::new(Quirks::NONE);
        let mut rest = input;
        // Where the bytes are that no unit has yet, and how often each of them is in units.
        let mut from = 0;
        let mut told = [0_i32; 256];
        let mut cut = false;
        let account = |from: usize, to: usize, told: &mut [i32; 256], cut: bool| {
            for &byte in &input[from..to] {
                told[usize::from(byte)] -= 1;
            }
            for (byte, &count) in (0..=255_u8).zip(told.iter()) {
                let spare = byte.is_ascii_whitespace() || b"()\"\\\x0b".contains(&byte);
                let lost = count < 0 && !spare && !cut;
                assert!(!lost && count <= 0, "{byte}: {count}: {}", input[from..to].escape_ascii());
            }
            *told = [0; 256];
        };
        loop {
            let found = match frame.next(&mut rx) {
                Ok(found) => found,
                Err(_) => return,
            };
            let at = input.len() - rest.len() - rx.filled().len();
            account(from, at, &mut told, cut);
            from = at;
            if !found {
                if rest.is_empty() {
                    return;
                }
                rest = &rest[rx.fill(rest)..];
                continue;
            }
            let unit = *frame.unit();
            for &byte in &rx.filled()[..unit.len] {
                told[usize::from(byte)] += 1;
            }
            cut = match unit.kind {
                Kind::Continuation { cut } | Kind::Text { cut, .. } => cut,
                Kind::Oversized | Kind::ItemOversized => true,
                _ => false,
            };
            rx.discard(unit.len);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_byte_is_lost(
            tokens in prop::collection::vec(
                prop::sample::select(vec![
                    "* ", "* 1 FETCH (", "* 7 UIDFETCH (", "BODY[] ", "BODY[TEXT]<3> ", "BINARY[1] ",
                    "{3}\r\nabc", "~{2}\r\n\0\"", "{0}\r\n", "\"", "\\", "\"q\\\"r\"", "(", ")", " ", "\r\n",
                    "\n", "[", "]", "NIL", "FLAGS (x)", "ENVELOPE ", "LIST () \"/\" ", "SEARCH 1 2 33 444",
                    "A1 OK ", "OK [COPYUID 1 2:3,4 5", "+ go", "x", "yy", "\t", "\r", "THREAD (1 2)(3)",
                ]),
                0..40,
            ),
            capacity in prop::sample::select(vec![16_usize, 40, 100, 2000]),
        ) {
            conserves(capacity, tokens.concat().as_bytes());
        }
    }

    /// The units of `input` in short, each with its bytes; chunks are joined. `!` stands at
    /// the end if the frame was lost, `…` if more input is awaited within a unit.
    fn cut(capacity: usize, pieces: &[&[u8]]) -> Vec<String> {
        let mut memory = vec![0; capacity];
        let mut rx = Rx::new(&mut memory);
        let mut frame = Frame::new(Quirks::NONE);
        let mut told = Vec::<String>::new();
        for mut piece in pieces.iter().copied() {
            loop {
                let Ok(found) = frame.next(&mut rx) else {
                    told.push("!".into());
                    return told;
                };
                let Some(unit) = found.then(|| *frame.unit()) else {
                    if piece.is_empty() {
                        break;
                    }
                    let taken = rx.fill(piece);
                    assert!(taken > 0, "no room for what is needed");
                    piece = &piece[taken..];
                    continue;
                };
                let bytes = String::from_utf8_lossy(&rx.filled()[..unit.len]).into_owned();
                rx.discard(unit.len);
                let part = (frame.part.continued, frame.part.more);
                let name = match unit.kind {
                    Kind::Blank => "blank",
                    Kind::Continuation { cut: false } => "continuation",
                    Kind::Continuation { cut: true } => "continuation cut",
                    Kind::Text { continued: false, cut: false } => "text",
                    Kind::Text { continued: true, cut: false } => "text end",
                    Kind::Text { cut: true, .. } => "text cut",
                    Kind::Code { .. } => "code",
                    Kind::Data if part == (false, false) => "data",
                    Kind::Data if part == (false, true) => "data begin",
                    Kind::Data if part == (true, true) => "data part",
                    Kind::Data => "data end",
                    Kind::FetchStart { uid: false, .. } => "fetch",
                    Kind::FetchStart { uid: true, .. } => "uidfetch",
                    Kind::Item => "item",
                    Kind::Body { data: BodyData::Nil, .. } => "body nil",
                    Kind::Body { data: BodyData::Quoted, .. } => "body quoted",
                    Kind::Body { .. } => "body",
                    Kind::Chunk => {
                        match told.last_mut() {
                            Some(last) if last.starts_with("chunk") => last.push_str(&bytes),
                            _ => told.push(format!("chunk {bytes}")),
                        }
                        continue;
                    }
                    Kind::ItemMalformed => "item malformed",
                    Kind::ItemOversized => "item oversized",
                    Kind::FetchEnd => "end",
                    Kind::Malformed => "malformed",
                    Kind::Oversized => "oversized",
                };
                told.push(format!("{name} {bytes}").trim_end().into());
            }
        }
        if !frame.is_between_lines() {
            told.push("…".into());
        }
        told
    }

    /// Checks the units of `input`, however it is cut up.
    #[track_caller]
    fn check_in(capacity: usize, input: &str, units: &[&str]) {
        let input = input.as_bytes();
        assert_eq!(cut(capacity, &[input]), units);
        let bytes: Vec<_> = input.chunks(1).collect();
        assert_eq!(cut(capacity, &bytes), units, "a byte at a time");
        for at in 0..input.len() {
            let (before, after) = input.split_at(at);
            assert_eq!(cut(capacity, &[before, after]), units, "cut at {at}");
        }
    }

    #[track_caller]
    fn check(input: &str, units: &[&str]) {
        check_in(400, input, units);
    }

    #[test]
    fn lines() {
        check(
            "* OK hello\r\n\r\n\n+\r\n+ go\r\nA1 OK\r\n* 3 EXISTS\n* LIST () \"/\" a\r\njunk\r\n",
            &[
                "text * OK hello",
                "blank",
                "blank",
                "continuation +",
                "continuation + go",
                "text A1 OK",
                "data * 3 EXISTS",
                "data * LIST () \"/\" a",
                "text junk",
            ],
        );
        check("*\r\n* \r\n*OK a\r\n* OK", &["data *", "data *", "text *OK a", "…"]);
    }

    #[test]
    fn text_holds_no_literals() {
        for line in ["* OK see ticket {12}", "A1 NO {3}", "+ {3}", "* bye {3+}", "* [COPYUID] {3}"]
        {
            let told = cut(100, &[format!("{line}\r\n* 1 EXISTS\r\n").as_bytes()]);
            assert_eq!(told[1], "data * 1 EXISTS", "{line}");
        }
    }

    #[test]
    fn data_holds_literals() {
        check(
            "* LIST () \"/\" {3}\r\na\r\n x\r\n* STATUS {3+}\r\n\r\n) ({0}\r\n {012}\r\n123456789012 \"{3}\" {x} {3} y)\r\n",
            &[
                "data * LIST () \"/\" {3}\r\na\r\n x",
                "data * STATUS {3+}\r\n\r\n) ({0}\r\n {012}\r\n123456789012 \"{3}\" {x} {3} y)",
            ],
        );
        check(
            r#"* LIST () "\\" "a\"{3}"
* 1 RECENT
"#,
            &[r#"data * LIST () "\\" "a\"{3}""#, "data * 1 RECENT"],
        );
    }

    #[test]
    fn a_line_that_ends_in_quotes_is_malformed_and_no_more() {
        check(
            "* NAMESPACE \"a\r\n* X \"a\\\r\n* 1 EXISTS\r\n",
            &["malformed * NAMESPACE \"a", "malformed * X \"a\\", "data * 1 EXISTS"],
        );
        // Where names stand there may be something to save (Exchange).
        check(
            "* LIST () \"/\" Calendar\"\r\n* STATUS a\" (MESSAGES 1)\r\n",
            &["data * LIST () \"/\" Calendar\"", "data * STATUS a\" (MESSAGES 1)"],
        );
    }

    #[test]
    fn what_could_be_a_literal_or_not_loses_the_frame() {
        for line in [
            "* LIST () \"/\" \"a {3}\r\n",
            "* LIST () \"/\" \"a {3+}\r\n",
            "* LIST () \"/\" {-3}\r\n",
            "* LIST () \"/\" {99999999999999999999}\r\n",
            "* LIST () \"/\" {3}\r\nabcd\r\n",
            "* 1 FETCH (X {3}\r\nabcd)\r\n",
            "* 1 FETCH (ENVELOPE (\"a {3}\r\n",
            "* 1 FETCH (BODY[] {3}\r\nabcd)\r\n",
            "* 1 FETCH (BODY[] {-3}\r\nabcd)\r\n",
            "* 1 FETCH (BODY[] \"abc\r\n",
            "* 1 FETCH (BODY[] \"abc\\\r\n",
            "* 1 FETCH (BODY[HEADER.FIELDS ({3}\r\nabcd)] NIL)\r\n",
            "* 1 FETCH (UID 1) \"{3}\r\n",
        ] {
            for capacity in [100, 16] {
                let bytes: Vec<_> = line.as_bytes().chunks(1).collect();
                for pieces in [&[line.as_bytes()][..], &bytes] {
                    let told = cut(capacity, pieces);
                    assert_eq!(told.last().unwrap(), "!", "{line} {told:?}");
                }
            }
        }
        // Nothing of this announces a literal.
        check(
            "* LIST () \"/\" \"{99999999999999999999}\"\r\n* LIST () \"/\" {-3} \"{-3}\"\r\n",
            &[
                "data * LIST () \"/\" \"{99999999999999999999}\"",
                "data * LIST () \"/\" {-3} \"{-3}\"",
            ],
        );
    }

    #[test]
    fn fetch_comes_item_by_item() {
        check(
            "* 12 FETCH (FLAGS (\\Seen) UID 7 ENVELOPE (\"{3}\" {2}\r\n)( NIL))\r\n* fetch\r\n",
            &[
                "fetch * 12 FETCH (",
                "item FLAGS (\\Seen)",
                "item UID 7",
                "item ENVELOPE (\"{3}\" {2}\r\n)( NIL)",
                "end",
                "data * fetch",
            ],
        );
        check("* 1 FETCH ()\r\n", &["fetch * 1 FETCH (", "end"]);
        // QQ, Zoho; spaces in every place.
        check(
            "*  -5   FETCH  (  UID  19436  FLAGS()  )  \r\n",
            &["fetch *  -5   FETCH  (", "item UID  19436", "item FLAGS()", "end"],
        );
        check("* 1 FETCH NIL\r\n* 1 FETCH\r\n", &["data * 1 FETCH NIL", "data * 1 FETCH"]);
    }

    #[test]
    fn bodies_are_streamed() {
        check(
            "* 1 FETCH (BODY[] {5}\r\na)\r\n\" BINARY[1] ~{2}\r\n\0\r BODY[2] \"q\\\"\\\\{3}\" RFC822.TEXT NIL rfc822{1}\r\nx)\r\n",
            &[
                "fetch * 1 FETCH (",
                "body BODY[] {5}",
                "chunk a)\r\n\"",
                "body BINARY[1] ~{2}",
                "chunk \0\r",
                "body quoted BODY[2] \"",
                "chunk q\"\\{3}",
                "body nil RFC822.TEXT NIL",
                "body rfc822{1}",
                "chunk x",
                "end",
            ],
        );
        check(
            "* 1 FETCH (BODY[HEADER.FIELDS (\"]\" {2}\r\n]) TO)]<0> {0}\r\n)\r\n",
            &["fetch * 1 FETCH (", "body BODY[HEADER.FIELDS (\"]\" {2}\r\n]) TO)]<0> {0}", "end"],
        );
    }

    /// Cyrus 3.6 cuts names behind 98 bytes.
    #[test]
    fn names_without_a_bracket() {
        check(
            "* 1 FETCH (BODY[1.1.MIM{3}\r\na]b BINARY[1.1~{1}\r\n) BODY[1.1] {2}\r\ncd BODY[1 {x] UID 1)\r\n",
            &[
                "fetch * 1 FETCH (",
                "body BODY[1.1.MIM{3}",
                "chunk a]b",
                "body BINARY[1.1~{1}",
                "chunk )",
                "body BODY[1.1] {2}",
                "chunk cd",
                "item malformed BODY[1 {x]",
                "item UID 1",
                "end",
            ],
        );
    }

    #[test]
    fn one_bad_item_leaves_the_others() {
        check(
            "* 1 FETCH (X UID 1 (2) BODY[] abc BODY[ BODY[1] ({1}\r\n)) UID )\r\n* 2 FETCH (UID 1 FLAGS (\\Seen\r\n* 3 FETCH (BODY[",
            &[
                "fetch * 1 FETCH (",
                "item X UID",
                "item 1 (2)",
                "item malformed BODY[] abc",
                // The bracket goes on to the next.
                "item malformed BODY[ BODY[1] ({1}\r\n))",
                "item malformed UID",
                "end",
                "fetch * 2 FETCH (",
                "item UID 1",
                "item malformed FLAGS (\\Seen",
                "end",
                "fetch * 3 FETCH (",
                "…",
            ],
        );
        // Domino: spaces where CRLF should be. What follows could be a mail.
        check("* 1 FETCH (BODY[] {3} \r\nabc", &["fetch * 1 FETCH (", "!"]);
        // Xeams: `)` too early. Domino: a literal too short by its last CRLF.
        check(
            "* 1 FETCH (BODY[] {1}\r\nx) UID 7)\r\n* 1 FETCH (BODY[] {1}\r\nx\r\n)\r\n",
            &[
                "fetch * 1 FETCH (",
                "body BODY[] {1}",
                "chunk x",
                "item malformed  UID 7)",
                "end",
                "fetch * 1 FETCH (",
                "body BODY[] {1}",
                "chunk x",
                "end",
                "text )",
            ],
        );
        // No literal at all.
        check(
            "* 1 FETCH (BODY[] {abc\r\n* 1 FETCH (BODY[] ~x\r\n",
            &[
                "fetch * 1 FETCH (",
                "item malformed BODY[] {abc",
                "end",
                "fetch * 1 FETCH (",
                "item malformed BODY[] ~x",
                "end",
            ],
        );
    }

    #[test]
    fn what_is_too_long_is_skipped_to_its_true_end() {
        let long = "x".repeat(100);
        check_in(
            32,
            &format!(
                "* LIST () \"/\" {{100}}\r\n{long}\r\n* 1 EXISTS\r\n* X {long} {{2}}\r\n\r\n\r\n* 2 EXISTS\r\n"
            ),
            &[
                "oversized * LIST () \"/\" {100}\r\nxxxxxxxxxxx",
                "data * 1 EXISTS",
                "oversized * X xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "data * 2 EXISTS",
            ],
        );
        check_in(
            32,
            &format!(
                "* 1 FETCH (UID 1 X ({long} \"(\" {{2}}\r\n))) UID 2 BODY[X {long}] {{3}}\r\n)\r\n UID 3 BODY[] {{100}}\r\n{long}) {long}\r\n+ {long}\r\nA1 OK {long}{{3}}\r\n* 1 EXISTS\r\n"
            ),
            &[
                "fetch * 1 FETCH (",
                "item UID 1",
                "item oversized X (xxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "item UID 2",
                "item oversized BODY[X xxxxxxxxxxxxxxxxxxxxxxxxx",
                "item UID 3",
                "body BODY[] {100}",
                &format!("chunk {long}"),
                "item oversized  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "end",
                "continuation cut + xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "text cut A1 OK xxxxxxxxxxxxxxxxxxxxxxxxxx",
                "data * 1 EXISTS",
            ],
        );
    }

    /// Where a line's kind is not known when Rx is full, it is still found.
    #[test]
    fn too_many_spaces_hide_nothing() {
        let spaces = " ".repeat(60);
        check_in(
            32,
            &format!(
                "*{spaces}OK {{5}}\r\n*{spaces}LIST {{5}}\r\n* OK\n\r\n*{spaces}1 FETCH ({{5}}\r\n* OK\n)\r\n* 1 FETCH ({spaces}UID{spaces}1{spaces})\r\n* 1 EXISTS\r\n"
            ),
            &[
                "oversized *",
                "oversized *",
                "oversized *",
                "fetch * 1 FETCH (",
                "item oversized UID",
                "end",
                "data * 1 EXISTS",
            ],
        );
    }

    #[test]
    fn long_lists_come_in_parts() {
        check_in(
            32,
            "* SEARCH 1001 1002 1003 1004 1005 1006 1007 1008 1009\r\n* SEARCH 1001 1002 1003 (MODSEQ 91234)\r\n",
            &[
                "data begin * SEARCH 1001 1002 1003 1004",
                "data end 1005 1006 1007 1008 1009",
                "data begin * SEARCH 1001 1002 1003",
                "data end (MODSEQ 91234)",
            ],
        );
        check_in(
            32,
            "* VANISHED (EARLIER) 1:3,5:7,9:11,13:15\r\n* ESEARCH UID ALL 1:3,5:7,9,11 COUNT 8\r\n* FLAGS (\\Seen \\Deleted \\Draft $Junk $x)\r\n* CAPABILITY IMAP4rev1 IDLE MOVE SORT\r\n",
            &[
                "data begin * VANISHED (EARLIER) 1:3,5:7,",
                "data end 9:11,13:15",
                "data begin * ESEARCH UID ALL 1:3,5:7,9,11",
                "data end COUNT 8",
                "data begin * FLAGS (\\Seen \\Deleted \\Draft",
                "data end $Junk $x)",
                "data begin * CAPABILITY IMAP4rev1 IDLE",
                "data end MOVE SORT",
            ],
        );
        check_in(
            32,
            "* THREAD (1 2 (3)(4 (5 6)))(7 8 9 10)\r\n* THREAD ((((((((((((((((((((((((1))\r\n* UIDBATCHES (TAG \"A1\") 99:50,49:9,8:1\r\n",
            &[
                "data begin * THREAD (1 2 (3)(4 (5 6)))(7 8",
                "data end 9 10)",
                "data begin * THREAD (((((((((((((((((((((((",
                "data end (1))",
                "data begin * UIDBATCHES (TAG \"A1\") 99:50,",
                "data end 49:9,8:1",
            ],
        );
        // Not within what says whose answer it is.
        check_in(
            32,
            "* ESEARCH (TAG \"A\" MAILBOX \"a, b c\" UIDVALIDITY 1) UID ALL 1\r\n* ESEARCH (TAG \"A\" MAILBOX \")\") ALL 2\r\n",
            &[
                "oversized * ESEARCH (TAG \"A\" MAILBOX \"a, b",
                "data begin * ESEARCH (TAG \"A\" MAILBOX \")\")",
                "data end ALL 2",
            ],
        );
        check_in(
            32,
            "A1 OK [COPYUID 1 1:3,5,7,9 11:13,15,17,19] done\r\n* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] hi\r\n* OK [PERMANENTFLAGS (\\Seen [G] $Junk \\*)] hi\r\nA2 OK [APPENDUID 1 1:3,5:7,9,11,13] done\r\nA3 NO [modified 1001,1002,1003,1005] done\r\n* OK [X 11111111111111111111111111111]\r\n",
            &[
                "code A1 OK [COPYUID 1 1:3,5,7,",
                "text end 9 11:13,15,17,19] done",
                "code * OK [CAPABILITY IMAP4rev1 IDLE",
                "text end MOVE UIDPLUS] hi",
                "code * OK [PERMANENTFLAGS (\\Seen [G]",
                "text end $Junk \\*)] hi",
                "code A2 OK [APPENDUID 1 1:3,5:7,9,11,",
                "text end 13] done",
                "code A3 NO [modified 1001,1002,1003,",
                "text end 1005] done",
                "text cut * OK [X 111111111111111111111111",
            ],
        );
    }

    /// What a line that is no response announces is seen behind what does not fit, too.
    #[test]
    fn nonsense_that_announces_a_literal_loses_the_frame() {
        for (line, lost) in [
            ("BODY[] 1234567 {12}", true),
            ("junk [CAPABILITY A B C D {3+}", true),
            ("junk [CAPABILITY A B C D] {3}\r", true),
            ("junk 12345678 {012345678901234567890123456789}", true),
            ("junk 12345678 {3} ", false),
            ("junk 12345678 {-3}", false),
            ("junk 12345678 {+}", false),
            ("junk 12345678 {}", false),
            ("junk 12345678 {3+", false),
            ("junk 12345678 {3++}", false),
            ("A1 OK [CAPABILITY A B C] {3}", false),
            ("A1 OK 12345678 {3}", false),
            ("* OK 12345678 {3}", false),
            ("+ 12345678901 {3}", false),
        ] {
            if lost {
                assert!(announces_literal(format!("{line}\r\n").as_bytes()), "{line}");
            }
            let input = format!("{line}\r\n* 1 EXISTS\r\n");
            let bytes: Vec<_> = input.as_bytes().chunks(1).collect();
            for capacity in 12..=line.len() + 1 {
                for pieces in [&[input.as_bytes()][..], &bytes] {
                    let told = cut(capacity, pieces);
                    assert_eq!(told.last().unwrap() == "!", lost, "{capacity} {line} {told:?}");
                }
            }
        }
    }

    #[test]
    fn uidfetch_is_like_fetch() {
        check(
            "* 25900 UIDFETCH (FLAGS () BODY[] {2}\r\nab)\r\n* UIDFETCH (\r\n",
            &[
                "uidfetch * 25900 UIDFETCH (",
                "item FLAGS ()",
                "body BODY[] {2}",
                "chunk ab",
                "end",
                "data * UIDFETCH (",
            ],
        );
    }

    #[test]
    fn escapes_do_not_cut_chunks() {
        for (text, is) in [
            (r#"a\"b\\\"c"d"#, r#"a"b\"c"#),
            (r#"\"\"\"" "#, "\"\"\""),
            (r#"\a\b" "#, "ab"),
            (r#"abc\\" "#, "abc\\"),
        ] {
            let mut memory = [0; 64];
            let mut rx = Rx::new(&mut memory);
            let mut frame = Frame::new(Quirks::NONE);
            rx.fill(format!("* 1 FETCH (BODY[] \"{text})\r\n").as_bytes());
            let mut chunks = Vec::new();
            while let Ok(true) = frame.next(&mut rx) {
                let unit = *frame.unit();
                if unit.kind == Kind::Chunk {
                    chunks.push(String::from_utf8_lossy(&rx.filled()[..unit.len]).into_owned());
                }
                rx.discard(unit.len);
            }
            assert_eq!(chunks.concat(), is);
            assert!(chunks.len() <= 2, "{chunks:?}");
        }
        // The line's end is seen behind a backslash as well.
        for text in ["a\\\"b\\\r\n", "a\\\"b\r\n"] {
            let told = cut(64, &[format!("* 1 FETCH (BODY[] \"{text}").as_bytes()]);
            assert_eq!(told[1..], ["body quoted BODY[] \"", "chunk a\"b", "!"]);
        }
    }

    /// What was marked by other rules does not count.
    #[test]
    fn quirks_may_change_within_an_item() {
        let mut memory = [0; 64];
        for changes in [false, true] {
            let mut rx = Rx::new(&mut memory);
            let mut frame = Frame::new(Quirks::NONE);
            rx.fill(b"* 1 FETCH (");
            assert_eq!(frame.next(&mut rx), Ok(true));
            rx.discard(frame.unit().len);
            rx.fill(b"ENVELOPE (NIL NIL ");
            assert_eq!(frame.next(&mut rx), Ok(false));
            if changes {
                frame.take_quirks(Quirks::ODD_QUOTES);
                frame.take_quirks(Quirks::NONE);
            }
            rx.fill(b"NIL (\"a\") (\"b\")) ");
            assert_eq!(frame.next(&mut rx), Ok(true));
            let found = frame.marks(&rx.filled()[..frame.unit().len]).is_some();
            assert_eq!(found, SHORT_WAYS && !changes);
        }
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let deep = format!("* 1 FETCH (X {}{})\r\n", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(cut(1 << 20, &[deep.as_bytes()]).len(), 3);
        assert_eq!(cut(64, &[deep.as_bytes()])[2], "end");
    }
}
