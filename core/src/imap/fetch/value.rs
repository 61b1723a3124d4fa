//! Reading of nested lists whose items may be odd: one value after the other, of whatever
//! form, so that an odd one costs no more than itself.

use crate::imap::syntax::{
    Parsed, byte, fail, nstring, sp0, string::Str, string::usual_nstring, value,
};

/// Where the list's next item begins, behind any number of spaces, even none; `None` at the
/// list's end.
#[inline]
pub(crate) fn more(i: &[u8]) -> Result<Option<&[u8]>, nom::Err<()>> {
    match sp0(i)?.0 {
        [] => fail(),
        [b')', ..] => Ok(None),
        start => Ok(Some(start)),
    }
}

/// The closing parenthesis of a list.
#[inline]
pub(crate) fn close(i: &[u8]) -> Parsed<'_, ()> {
    byte(sp0(i)?.0, b')')
}

/// What was read if nothing but spaces is left.
pub(crate) fn whole<T>(parsed: Parsed<'_, T>) -> Option<T> {
    let (rest, read) = parsed.ok()?;
    sp0(rest).is_ok_and(|(rest, ())| rest.is_empty()).then_some(read)
}

/// How far into `all` its tail `rest` begins.
#[inline]
pub(crate) fn offset(all: &[u8], rest: &[u8]) -> u32 {
    u32::try_from(all.len().wrapping_sub(rest.len())).unwrap_or(u32::MAX)
}

/// What of `all` is before its tail `rest`.
#[inline]
pub(crate) fn consumed<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    all.get(..all.len().wrapping_sub(rest.len())).unwrap_or_default()
}

/// The text at the front of `i`; `None` for NIL and for what is no text.
#[inline]
pub(crate) fn text(i: &[u8]) -> Option<Str<'_>> {
    nstring(i).ok()?.1
}

/// One item of a list, read as text: `None` for NIL and for what is no text.
#[inline]
pub(crate) fn item(i: &[u8]) -> Parsed<'_, Option<Str<'_>>> {
    if let Some(usual) = usual_nstring(i) {
        return Ok(usual);
    }
    nstring(i).or_else(|_| value(i).map(|(rest, _)| (rest, None)))
}

/// The items of a list, each as its raw bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Values<'a> {
    /// The items of the list at the front of `i`; none if there is no list.
    pub(crate) fn of(i: &'a [u8]) -> Self {
        Self { rest: byte(i, b'(').map_or_else(|_| Default::default(), |(rest, ())| rest) }
    }

    /// The items from here to the end of their list.
    pub(crate) fn from(rest: &'a [u8]) -> Self {
        Self { rest }
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
        let (rest, item) = value(start).ok()?;
        self.rest = rest;
        Some(item)
    }
}
