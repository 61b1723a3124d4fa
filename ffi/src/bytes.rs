//! Bytes and strings that are lent to C.

use crate::args::Args;
use crate::guard;
use core::ffi::c_char;
use mailwire::Str;
use mailwire::imap::Mailbox;
use mailwire::message::Text;

/// Bytes that are lent: not terminated by NUL, may hold NUL. A `ptr` of NULL: there is no such
/// value; any other, and length 0: it is empty.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl mw_bytes {
    pub(crate) const NONE: Self = Self { ptr: core::ptr::null(), len: 0 };

    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    pub(crate) fn maybe(bytes: Option<&[u8]>) -> Self {
        bytes.map_or(Self::NONE, Self::of)
    }
}

/// The bytes are the value.
pub const MW_STRING_PLAIN: u32 = 0;
/// The value has `"` for `\"` and `\` for `\\`.
pub const MW_STRING_ESCAPED: u32 = 1;
/// A mailbox name in modified UTF-7; the value is UTF-8.
pub const MW_STRING_UTF7: u32 = 2;
/// A mailbox name in modified UTF-7 and with escapes.
pub const MW_STRING_UTF7_ESCAPED: u32 = 3;
/// A mailbox name in UTF-8.
pub const MW_STRING_NAME: u32 = 4;
/// A mailbox name in UTF-8, with escapes.
pub const MW_STRING_NAME_ESCAPED: u32 = 5;

/// A string of the server's, as it came. Most are plain bytes; `mw_string_copy` makes the value of
/// any. `ptr` is NULL for NIL, and for what was not told.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_string {
    /// The first byte as it came.
    pub ptr: *const u8,
    /// How many bytes came.
    pub len: usize,
    /// How to read them: one of `MW_STRING_…`.
    pub form: u32,
}

impl mw_string {
    pub(crate) const NONE: Self = Self { ptr: core::ptr::null(), len: 0, form: MW_STRING_PLAIN };

    pub(crate) fn of(text: Str<'_>) -> Self {
        let (raw, escaped) = text.into_raw();
        Self { ptr: raw.as_ptr(), len: raw.len(), form: u32::from(escaped) }
    }

    pub(crate) fn maybe(text: Option<Str<'_>>) -> Self {
        text.map_or(Self::NONE, Self::of)
    }

    pub(crate) fn plain(text: &'static str) -> Self {
        Self::of(Str::from(text))
    }

    pub(crate) fn mailbox(name: &Mailbox<'_>) -> Self {
        let mut out = Self::of(name.as_received());
        out.form |= if name.is_utf8() { MW_STRING_NAME } else { MW_STRING_UTF7 };
        out
    }
}

/// Writes text to C's memory: as much as fits, and a NUL. Counts all.
pub(crate) struct Out<'a> {
    memory: &'a mut [u8],
    at: usize,
    needed: usize,
    full: bool,
}

impl<'a> Out<'a> {
    pub(crate) fn new(memory: &'a mut [u8]) -> Self {
        Self { memory, at: 0, needed: 0, full: false }
    }

    /// A piece that is written whole or not at all: a byte, or a character.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.needed = self.needed.saturating_add(piece.len());
        let end = self.at.saturating_add(piece.len());
        // The NUL must fit behind it.
        let fits = !self.full && end < self.memory.len();
        match self.memory.get_mut(self.at..end) {
            Some(room) if fits => {
                room.copy_from_slice(piece);
                self.at = end;
            }
            _ => self.full = true,
        }
    }

    pub(crate) fn char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub(crate) fn finish(self) -> usize {
        if let Some(end) = self.memory.get_mut(self.at) {
            *end = 0;
        }
        self.needed
    }
}

/// Like snprintf for a string's value: copies what fits of it to `buffer`, ends it with NUL if
/// `len` is not 0, and returns how many bytes all of it has, without the NUL; if that is not less
/// than `len`, it was cut (between characters, if it is a mailbox name). Mailbox names come as
/// UTF-8, other values as the server's bytes, which may hold NUL. `buffer` may be NULL if `len` is
/// 0. For NULL, or a string whose `ptr` is NULL, the copy is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_string_copy(
    string: *const mw_string,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        if let Some(string) = args.maybe(string) {
            let text = args.string(string);
            match string.form & !MW_STRING_ESCAPED {
                MW_STRING_UTF7 => Mailbox::new(text, false).chars().for_each(|c| out.char(c)),
                MW_STRING_NAME => Mailbox::new(text, true).chars().for_each(|c| out.char(c)),
                _ => text.bytes().for_each(|b| out.push(&[b])),
            }
        }
        out.finish()
    })
}

/// The same for text that a sender wrote, such as a subject or a name in an ENVELOPE: encoded
/// words (RFC 2047) are decoded, control characters come as spaces, and the copy is UTF-8, cut
/// between characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_string_decode(
    string: *const mw_string,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        if let Some(string) = args.maybe(string) {
            Text::new(args.string(string)).chars().for_each(|c| out.char(c));
        }
        out.finish()
    })
}

/// Whether the string's value is `text`, letters A to Z being equal to a to z. Mailbox names other
/// than INBOX must be compared with regard to case: copy them. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_string_is(string: *const mw_string, text: *const c_char) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || match (args.maybe(string), args.text(text)) {
        (Some(string), Ok(text)) => {
            !string.ptr.is_null() && args.string(string).eq_ignore_ascii_case(text)
        }
        _ => false,
    })
}
