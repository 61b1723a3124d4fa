//! Reading of nested lists whose items may be odd: one value after the other, of whatever
//! form, so that an odd one costs no more than itself.

use crate::imap::syntax::Parsed;
use crate::imap::syntax::string::{Str, astring, nstring};
pub(crate) use crate::imap::syntax::value as skip;

/// The error of a parser that does not apply.
pub(crate) fn error() -> nom::Err<()> {
    nom::Err::Error(())
}

/// The opening parenthesis of a list.
#[inline]
pub(crate) fn open(i: &[u8]) -> Parsed<'_, ()> {
    match i {
        [b'(', rest @ ..] => Ok((rest, ())),
        _ => Err(error()),
    }
}

/// The closing parenthesis of a list.
#[inline]
pub(crate) fn close(i: &[u8]) -> Parsed<'_, ()> {
    match spaces(i) {
        [b')', rest @ ..] => Ok((rest, ())),
        _ => Err(error()),
    }
}

/// Where the list's next item begins, behind any number of spaces, even none; `None` at the
/// list's end.
#[inline]
pub(crate) fn more(i: &[u8]) -> Result<Option<&[u8]>, nom::Err<()>> {
    match spaces(i) {
        [] => Err(error()),
        [b')', ..] => Ok(None),
        start => Ok(Some(start)),
    }
}

/// What is behind any number of spaces.
#[inline]
pub(crate) fn spaces(mut i: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = i {
        i = rest;
    }
    i
}

/// What was read if nothing but spaces is left.
pub(crate) fn whole<T>(parsed: Parsed<'_, T>) -> Option<T> {
    parsed.ok().filter(|(rest, _)| spaces(rest).is_empty()).map(|(_, read)| read)
}

/// How far into `all` its tail `rest` begins.
#[inline]
pub(crate) fn offset(all: &[u8], rest: &[u8]) -> u32 {
    u32::try_from(all.len().saturating_sub(rest.len())).unwrap_or(u32::MAX)
}

/// What of `all` is before its tail `rest`.
#[inline]
pub(crate) fn consumed<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len().saturating_sub(rest.len())).unwrap_or_default()
}

/// The text at the front of `i`: a string, or an atom where a string should be. `None` for
/// NIL, a list, or what is neither.
#[inline]
pub(crate) fn text(i: &[u8]) -> Option<Str<'_>> {
    match nstring(i) {
        Ok((_, text)) => text,
        Err(_) => astring(i).ok().map(|(_, text)| text),
    }
}

/// The items of a list, each as its raw bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Values<'a> {
    /// The items of the list at the front of `i`; none if there is no list.
    pub(crate) fn of(i: &'a [u8]) -> Self {
        Self { rest: open(i).map_or_else(|_| Default::default(), |(rest, ())| rest) }
    }

    /// What comes behind the items that were taken.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let start = more(self.rest).ok()??;
        let (rest, value) = skip(start).ok()?;
        self.rest = rest;
        Some(value)
    }
}
