//! The words that all of IMAP is made of: strings, numbers, sets, dates, names, flags
//! (RFC 9051 section 4 and section 9). No commands, no responses.
//!
//! Parsers read one whole framed unit; none of them waits for more input. They are lenient
//! wherever that cannot move the place at which a value ends.

pub(crate) mod date;
pub(crate) mod flag;
pub(crate) mod mailbox;
pub(crate) mod number;
pub(crate) mod partial_range;
pub(crate) mod sequence_set;
pub(crate) mod string;

/// What a parser returns: what is left, and what was read.
pub(crate) type Parsed<'a, T> = nom::IResult<&'a [u8], T, ()>;

/// The value does not start here, or is not of the grammar's form.
#[inline]
pub(crate) fn fail<T>() -> Result<T, nom::Err<()>> {
    Err(nom::Err::Error(()))
}

pub(crate) use date::date_time;
pub(crate) use flag::flag_list;
pub(crate) use mailbox::mailbox;
pub(crate) use number::{number, number64};
pub(crate) use sequence_set::sequence_set;
pub(crate) use string::{
    Token, astring, byte, is_atom_char, keyword, list, nstring, sp, sp0, string, value,
};
