//! BODYSTRUCTURE: the parts of a message.

use crate::args::Args;
use crate::bytes::{Out, mw_bytes, mw_string};
use crate::guard;
use crate::list::{Cursor, mw_list};
use crate::numbers::{MW_UNKNOWN, Piece};
use crate::opaque::holds;
use core::ffi::c_char;
use core::mem::MaybeUninit;
use mailwire::imap::{BodyStructure, Part, PartKind, TransferEncoding, Walk};

/// The parts of a BODY or BODYSTRUCTURE, each before those that are in it: a cursor, made by
/// `mw_parts_of`. Copy it to walk more than once. Valid as long as the bytes it was made of.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_parts {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 64],
}

holds!(mw_parts: Walk<'_> => Walk<'static>);

/// A part without others in it.
pub const MW_PART_SINGLE: u32 = 1;
/// A multipart.
pub const MW_PART_MULTIPART: u32 = 2;
/// A message in a message: it has an envelope, and one part in it.
pub const MW_PART_MESSAGE: u32 = 3;
/// What cannot be understood: see `raw`.
pub const MW_PART_MALFORMED: u32 = 4;
/// Parts that lie in so many others that they are not walked: see `raw`.
pub const MW_PART_TOO_DEEP: u32 = 5;

/// `mw_part.encoding`: none was told.
pub const MW_ENCODING_NONE: u32 = 0;
/// 7BIT
pub const MW_ENCODING_7BIT: u32 = 1;
/// 8BIT
pub const MW_ENCODING_8BIT: u32 = 2;
/// BINARY
pub const MW_ENCODING_BINARY: u32 = 3;
/// BASE64
pub const MW_ENCODING_BASE64: u32 = 4;
/// QUOTED-PRINTABLE
pub const MW_ENCODING_QUOTED_PRINTABLE: u32 = 5;
/// Another: `mw_part.encoding_name` says which.
pub const MW_ENCODING_OTHER: u32 = 6;

/// How many bytes the number of a part takes as text, at most, with the NUL.
pub const MW_PART_NUMBER_SIZE: usize = 288;

/// A part of a message (RFC 9051 section 7.5.2). Strings that are NIL or missing have a `ptr` of
/// NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_part {
    /// One of `MW_PART_…`.
    pub kind: u32,
    /// How many parts it lies in.
    pub depth: u32,
    /// Of a multipart: how many parts are in it.
    pub children: u32,
    /// One of `MW_ENCODING_…`.
    pub encoding: u32,
    /// Its number for FETCH, such as "1.2"; empty for the message itself. Ends in NUL.
    pub number: [c_char; MW_PART_NUMBER_SIZE],
    /// "text", …
    pub media_type: mw_string,
    /// "plain", …
    pub subtype: mw_string,
    /// Content-ID
    pub id: mw_string,
    /// For `mw_string_decode`.
    pub description: mw_string,
    /// The transfer encoding's name, if it is MW_ENCODING_OTHER.
    pub encoding_name: mw_string,
    /// Its MD5 digest.
    pub md5: mw_string,
    /// "inline", "attachment", …
    pub disposition: mw_string,
    /// Content-Location
    pub location: mw_string,
    /// Its size in octets, as it is encoded; MW_UNKNOWN if not told.
    pub size: u64,
    /// Its lines; MW_UNKNOWN if not told.
    pub lines: u64,
    /// Parameters: charset, name, …
    pub params: mw_list,
    /// Parameters of the disposition: filename, …
    pub disposition_params: mw_list,
    /// Languages.
    pub language: mw_list,
    /// Of a message: its ENVELOPE, for `mw_envelope_of`.
    pub envelope: mw_bytes,
    /// What extensions there are that mailwire does not know.
    pub extension: mw_bytes,
    /// All of it, as it came.
    pub raw: mw_bytes,
}

fn part(part: &Part<'_>) -> mw_part {
    let disposition = part.disposition();
    let (encoding, encoding_name) = match part.encoding() {
        None => (MW_ENCODING_NONE, None),
        Some(TransferEncoding::SevenBit) => (MW_ENCODING_7BIT, None),
        Some(TransferEncoding::EightBit) => (MW_ENCODING_8BIT, None),
        Some(TransferEncoding::Binary) => (MW_ENCODING_BINARY, None),
        Some(TransferEncoding::Base64) => (MW_ENCODING_BASE64, None),
        Some(TransferEncoding::QuotedPrintable) => (MW_ENCODING_QUOTED_PRINTABLE, None),
        Some(TransferEncoding::Other(name)) => (MW_ENCODING_OTHER, Some(name)),
        #[allow(unreachable_patterns)]
        Some(_) => (MW_ENCODING_OTHER, None),
    };
    let string = mw_string::maybe;
    mw_part {
        kind: match part.kind() {
            PartKind::Single => MW_PART_SINGLE,
            PartKind::Multipart => MW_PART_MULTIPART,
            PartKind::Message => MW_PART_MESSAGE,
            PartKind::TooDeep => MW_PART_TOO_DEEP,
            _ => MW_PART_MALFORMED,
        },
        depth: u32::try_from(part.depth()).unwrap_or(u32::MAX),
        children: u32::try_from(part.children()).unwrap_or(u32::MAX),
        encoding,
        number: part_number(part.number().iter()),
        media_type: string(part.media_type()),
        subtype: string(part.subtype()),
        id: string(part.id()),
        description: string(part.description()),
        encoding_name: string(encoding_name),
        md5: string(part.md5()),
        disposition: string(disposition.map(|it| it.kind)),
        location: string(part.location()),
        size: part.size().unwrap_or(MW_UNKNOWN),
        lines: part.lines().unwrap_or(MW_UNKNOWN),
        params: mw_list::of(Cursor::Params(part.params())),
        disposition_params: disposition
            .map_or(mw_list::NONE, |it| mw_list::of(Cursor::Params(it.params))),
        language: mw_list::of(Cursor::Languages(part.language())),
        envelope: mw_bytes::maybe(part.envelope().map(|envelope| envelope.raw())),
        extension: mw_bytes::of(part.extension()),
        raw: mw_bytes::of(part.raw()),
    }
}

/// Begins to walk a structure: `event.data.structure`, or `mw_entry.structure`. False if it is
/// none, or for NULL; then `out_parts` has no parts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_parts_of(structure: mw_bytes, out_parts: *mut mw_parts) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let structure = BodyStructure::parse(args.bytes(&structure));
        let found = structure.is_some();
        args.give(out_parts, mw_parts::maybe(structure.map(|structure| structure.walk())));
        found
    })
}

/// Takes the next part. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_parts_next(parts: *mut mw_parts, out_part: *mut mw_part) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(parts) = args.handle(parts) else { return false };
        parts.step(Iterator::next).map(|next| args.give(out_part, part(&next))).is_some()
    })
}

/// The number of a part as text, that ends in NUL.
pub(crate) fn part_number<const N: usize>(numbers: impl Iterator<Item = u32>) -> [c_char; N] {
    let mut bytes = [0; N];
    let mut out = Out::new(&mut bytes);
    for (index, n) in numbers.enumerate() {
        let mut piece = Piece::new();
        if index > 0 {
            piece.push(b'.');
        }
        piece.number(n);
        out.push(piece.text());
    }
    out.finish();
    bytes.map(|byte| byte as c_char)
}
