//! Which bytes of a line count: strings, literals and parentheses (RFC 9051 sections 4.3 and 9).
//!
//! It remembers a few bytes, so it goes on wherever the input was cut. On the way through an item
//! it marks where values begin, so that they need not be looked for again.

use super::body_structure::EndsFinder;
use super::quirks::Quirks;
use super::syntax::string::ends_quoted;
use crate::scan::{SHORT_WAYS, find};

/// How many values of an item's list are marked: the fields of an envelope.
pub(super) const MARKS: usize = 10;

/// Where the values of an item's list begin, if all of them are of the usual form. For a short way.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    /// Where the list begins.
    list: usize,
    /// Where the values begin, counted from there.
    pub(super) at: [u32; if SHORT_WAYS { MARKS } else { 0 }],
    /// How many there are.
    pub(super) count: usize,
    /// None of it holds.
    pub(super) odd: bool,
    /// Where the parts of multiparts end, if that is looked for, and whether all was seen that
    /// tells that.
    pub(super) ends: [EndsFinder; SHORT_WAYS as usize],
    pub(super) complete: bool,
}

impl Marks {
    /// The item's value begins at `list`. `ends`: whether it may have parts.
    pub(super) const fn new(list: usize, ends: bool) -> Self {
        Self {
            list,
            at: [0; _],
            count: 0,
            odd: false,
            ends: [const { EndsFinder::new() }; SHORT_WAYS as usize],
            complete: SHORT_WAYS && ends,
        }
    }

    /// The value of `item`, if it is a list.
    pub(super) fn value_of<'r>(&self, item: &'r [u8]) -> Option<&'r [u8]> {
        let value = item.get(self.list..)?;
        (value.starts_with(b"(") && value.ends_with(b")")).then_some(value)
    }

    /// What is no list is at `at`, within `depth` parentheses. For the ends.
    #[inline(always)]
    fn text(&mut self, depth: u32, at: usize) {
        if let Some(ends) = self.ends.first_mut() {
            ends.text(depth, at.wrapping_sub(self.list) as u32);
        }
    }

    /// A list is there, with `inner` behind its parenthesis.
    #[inline(always)]
    fn open(&mut self, depth: u32, at: usize, inner: &[u8]) {
        if let Some(ends) = self.ends.first_mut() {
            ends.open(depth, at.wrapping_sub(self.list) as u32, inner.starts_with(b"("));
            self.complete &= !matches!(inner, [] | [b' ', ..]);
        }
    }

    /// A value begins there. For the places of values.
    #[inline(always)]
    fn value(&mut self, depth: u32, at: usize) {
        if depth == 1 {
            if let Some(mark) = self.at.get_mut(self.count) {
                *mark = at.wrapping_sub(self.list) as u32;
            }
            self.count = self.count.wrapping_add(1);
        }
    }

    /// A list begins there, outside of what is usual if it is in another.
    #[inline(always)]
    fn list(&mut self, depth: u32, at: usize) {
        if !SHORT_WAYS {
            return;
        }
        self.complete &= depth == 0 && at == self.list;
        self.odd |= depth == 1 || (depth == 0 && at != self.list);
    }

    /// A value of another form is there, or a string whose end is not plain: a reader that is
    /// lenient may find others than the scanner does.
    #[inline(always)]
    fn odd(&mut self) {
        self.odd = SHORT_WAYS;
    }

    /// Nothing can be said of the item.
    #[inline(always)]
    pub(super) fn unknown(&mut self) {
        self.odd();
        self.complete = false;
    }
}

/// The quoting rules: strings, literals and parentheses.
#[derive(Debug, Clone)]
pub(super) struct Lexer {
    pub(super) state: Lex,
    /// Of a brace: whether it is inside a quoted string, where it should not matter.
    quoted: bool,
    /// Open parentheses.
    pub(super) depth: u32,
    /// What the last brace says, or what is left of the literal; one that cannot be is `NO_SIZE`.
    size: u64,
    /// [`Quirks::ODD_QUOTES`] and [`Quirks::LITERAL_SPACES`].
    pub(super) odd_quotes: bool,
    literal_spaces: bool,
}

/// The size of a literal that says none: a negative one, or one beyond 64 bits.
const NO_SIZE: u64 = u64::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lex {
    Plain,
    Quoted,
    /// Behind a backslash in a quoted string.
    Escape,
    /// Behind a quote in a quoted string that need not be its end.
    OddQuote,
    /// Behind `{`.
    Brace,
    /// In the digits of `{123`.
    Digits,
    /// Behind `{123+`.
    BracePlus,
    /// Behind `{123}`.
    BraceEnd,
    /// Behind `{123} `, outside of quoted strings.
    BraceSpaces,
    /// In a literal.
    Literal,
    /// Behind a literal.
    LiteralEnd,
}

/// What, besides the line's end, ends a scan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Line,
    /// SP or `)` outside of parentheses.
    Item,
    /// `]`; or a brace outside of parentheses, where a section cannot hold a literal: it is
    /// the value's, behind a name that is cut.
    Brackets,
    /// A literal's beginning, or anything that shows that there is none.
    Literal,
}

pub(super) enum Stop {
    /// Not in these bytes.
    More,
    /// Behind the LF; `text` without the line's end; `quoted` inside a quoted string.
    Line { len: usize, text: usize, quoted: bool },
    /// At the byte that ends an item or a section.
    End { at: usize },
    /// Behind a literal's CRLF.
    Literal { len: usize, size: u64 },
    /// It can't be known where the line ends.
    Lost,
}

/// Where a quoted string ends, or something else in it has to be looked at.
#[inline]
pub(super) fn quoted_stop(i: &[u8]) -> usize {
    // LF, with the others below SP: that takes no more than the quote alone.
    find(i, |word| word.is_quote_or_control() | word.is(b'\\') | word.is(b'{'))
}

/// Where, outside of strings, something has to be looked at in a line.
#[inline]
fn line_stop(i: &[u8]) -> usize {
    find(i, |word| word.is(b'"') | word.is(b'{') | word.is(b'\n') | word.is_one_of_two(b'('))
}

/// The same in an item, where spaces and `]` count.
#[inline]
fn plain_stop(i: &[u8]) -> usize {
    let stop = |byte: &u8| matches!(byte, b'"' | b'{' | b'(' | b')' | b'\n' | b' ' | b']');
    i.iter().position(stop).unwrap_or(i.len())
}

impl Lexer {
    pub(super) const fn new(quirks: Quirks) -> Self {
        Self {
            state: Lex::Plain,
            quoted: false,
            depth: 0,
            size: 0,
            odd_quotes: quirks.contains(Quirks::ODD_QUOTES),
            literal_spaces: quirks.contains(Quirks::LITERAL_SPACES),
        }
    }

    pub(super) fn take_quirks(&mut self, quirks: Quirks) {
        self.odd_quotes = quirks.contains(Quirks::ODD_QUOTES);
        self.literal_spaces = quirks.contains(Quirks::LITERAL_SPACES);
    }

    fn brace(&mut self, quoted: bool) {
        self.state = Lex::Brace;
        self.quoted = quoted;
        self.size = 0;
    }

    /// At the beginning of something.
    pub(super) fn reset(&mut self) {
        self.state = Lex::Plain;
        self.depth = 0;
    }

    /// Goes through what is in parentheses, fast, as far as it is usual. What is left.
    #[inline(always)]
    fn nested<'a, const ENDS: bool>(
        &mut self,
        mut rest: &'a [u8],
        len: usize,
        marks: &mut Marks,
    ) -> &'a [u8] {
        loop {
            let at = len.wrapping_sub(rest.len());
            rest = match rest {
                [b'"', after @ ..] => match after.split_at_checked(quoted_stop(after)) {
                    // A quote before anything else may be one that is not escaped.
                    Some((_, [b'"', after @ ..])) if matches!(after, [b' ' | b')', ..]) => {
                        if ENDS {
                            marks.text(self.depth, at);
                        } else {
                            marks.value(self.depth, at);
                        }
                        after.strip_prefix(b" ").unwrap_or(after)
                    }
                    _ => return rest,
                },
                [b'N', b'I', b'L', b' ', after @ ..] => {
                    if ENDS {
                        marks.text(self.depth, at);
                    } else {
                        marks.value(self.depth, at);
                    }
                    after
                }
                [b'(', after @ ..] => {
                    if ENDS {
                        marks.open(self.depth, at, after);
                    } else {
                        marks.value(self.depth, at);
                    }
                    self.depth = self.depth.saturating_add(1);
                    after
                }
                [b')', after @ ..] if self.depth > 1 => {
                    self.depth = self.depth.saturating_sub(1);
                    after
                }
                [] | [b')' | b'{' | b'\n', ..] => return rest,
                // No reader takes it for a value.
                [b'\r', ..] => {
                    marks.unknown();
                    return rest;
                }
                [b' ', after @ ..] => after,
                [_, after @ ..] => {
                    if ENDS {
                        marks.text(self.depth, at);
                    } else {
                        marks.odd();
                    }
                    after
                }
            };
        }
    }

    /// Looks at `bytes` from `from` on.
    pub(super) fn scan(
        &mut self,
        bytes: &[u8],
        from: usize,
        mode: Mode,
        marks: &mut Marks,
    ) -> Stop {
        if !SHORT_WAYS {
            return self.scan_in_place(bytes, from, mode, marks);
        }
        // A copy can live in registers.
        let mut copy = self.clone();
        let stop = copy.scan_in_place(bytes, from, mode, marks);
        *self = copy;
        stop
    }

    #[inline(always)]
    fn scan_in_place(&mut self, bytes: &[u8], from: usize, mode: Mode, marks: &mut Marks) -> Stop {
        let mut rest = bytes.get(from..).unwrap_or_default();
        let position = |rest: &[u8]| bytes.len().wrapping_sub(rest.len());
        let line = |rest: &[u8], quoted| {
            let len = position(rest);
            let text = bytes.get(..len).unwrap_or_default();
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            Stop::Line { len, text: text.len(), quoted }
        };
        loop {
            match self.state {
                Lex::Plain => {
                    if SHORT_WAYS && self.depth > 0 && !self.odd_quotes && mode == Mode::Item {
                        rest = match marks.complete {
                            true => self.nested::<true>(rest, bytes.len(), marks),
                            false => self.nested::<false>(rest, bytes.len(), marks),
                        };
                    }
                    let at = match mode {
                        Mode::Item | Mode::Brackets => plain_stop(rest),
                        Mode::Line | Mode::Literal => line_stop(rest),
                    };
                    let Some((_, [byte, after @ ..])) = rest.split_at_checked(at) else {
                        return Stop::More;
                    };
                    let byte = *byte;
                    let at = position(rest).wrapping_add(at);
                    match byte {
                        // Cut by the end of what is here, or with escapes.
                        b'"' => {
                            marks.odd();
                            marks.text(self.depth, at);
                        }
                        // The readers take fewer line ends than the scanner for a literal's.
                        b'{' => marks.unknown(),
                        b'(' => {
                            marks.list(self.depth, at);
                            marks.open(self.depth, at, after);
                            marks.complete &= SHORT_WAYS && !self.odd_quotes;
                        }
                        _ => {}
                    }
                    match byte {
                        b'{' if mode == Mode::Brackets && self.depth == 0 => {
                            return Stop::End { at };
                        }
                        b'{' => self.brace(false),
                        b'\n' => return line(after, false),
                        _ if mode == Mode::Literal => return Stop::End { at },
                        b'"' => self.state = Lex::Quoted,
                        b'(' => self.depth = self.depth.saturating_add(1),
                        b')' if self.depth == 0 && mode == Mode::Item => return Stop::End { at },
                        b')' => self.depth = self.depth.saturating_sub(1),
                        b' ' if self.depth == 0 && mode == Mode::Item => return Stop::End { at },
                        b']' if mode == Mode::Brackets => return Stop::End { at },
                        _ => {}
                    }
                    rest = after;
                }
                Lex::Quoted => {
                    let at = quoted_stop(rest);
                    let Some((_, [byte, after @ ..])) = rest.split_at_checked(at) else {
                        return Stop::More;
                    };
                    match byte {
                        b'"' if self.odd_quotes => self.state = Lex::OddQuote,
                        b'"' => {
                            marks.complete &= SHORT_WAYS && matches!(after, [b' ' | b')', ..]);
                            self.state = Lex::Plain;
                        }
                        b'\\' => self.state = Lex::Escape,
                        b'{' => {
                            marks.complete = false;
                            self.brace(true);
                        }
                        b'\n' => {
                            self.state = Lex::Plain;
                            return line(after, true);
                        }
                        b'\r' => marks.complete = false,
                        _ => {}
                    }
                    rest = after;
                }
                Lex::Literal => {
                    let skip = rest.len().min(usize::try_from(self.size).unwrap_or(usize::MAX));
                    self.size = self.size.saturating_sub(skip as u64);
                    rest = rest.get(skip..).unwrap_or_default();
                    if self.size > 0 {
                        return Stop::More;
                    }
                    self.state = Lex::LiteralEnd;
                }
                state => {
                    let Some((&byte, after)) = rest.split_first() else { return Stop::More };
                    match (state, byte) {
                        // A CR or LF is looked at again: a quoted string cannot hold it.
                        (Lex::Escape, b'\r' | b'\n') => {
                            self.state = Lex::Quoted;
                            continue;
                        }
                        (Lex::Escape, _) => self.state = Lex::Quoted,
                        // Free.fr: `{-1}`.
                        (Lex::Brace, b'-') => self.size = NO_SIZE,
                        (Lex::Brace | Lex::Digits, b'0'..=b'9') => {
                            let digit = u64::from(byte.wrapping_sub(b'0'));
                            self.size = self.size.saturating_mul(10).saturating_add(digit);
                            self.state = Lex::Digits;
                        }
                        (Lex::Digits, b'+') => self.state = Lex::BracePlus,
                        (Lex::Digits | Lex::BracePlus, b'}') => self.state = Lex::BraceEnd,
                        (Lex::OddQuote, _) => {
                            let ends = ends_quoted(byte);
                            self.state = if ends { Lex::Plain } else { Lex::Quoted };
                            continue;
                        }
                        (Lex::BraceEnd | Lex::BraceSpaces, b'\r') => {}
                        // Domino. What follows could be a mail.
                        (Lex::BraceEnd, b' ') if !self.quoted => self.state = Lex::BraceSpaces,
                        (Lex::BraceSpaces, b' ') => {}
                        (Lex::BraceSpaces, b'\n') if !self.literal_spaces => return Stop::Lost,
                        (Lex::BraceEnd | Lex::BraceSpaces, b'\n') => {
                            if self.quoted || self.size == NO_SIZE {
                                return Stop::Lost;
                            }
                            if mode == Mode::Literal {
                                return Stop::Literal { len: position(after), size: self.size };
                            }
                            self.state = Lex::Literal;
                        }
                        (Lex::LiteralEnd, b' ' | b'(' | b')' | b']' | b'\r' | b'\n') => {
                            self.state = Lex::Plain;
                            continue;
                        }
                        (Lex::LiteralEnd, _) => return Stop::Lost,
                        // A brace that announces nothing.
                        _ => {
                            self.state = if self.quoted { Lex::Quoted } else { Lex::Plain };
                            continue;
                        }
                    }
                    rest = after;
                }
            }
        }
    }
}
