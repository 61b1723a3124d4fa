//! What is in a message (RFC 5322, MIME): header fields, texts, addresses, bodies.

use crate::args::Args;
use crate::bytes::{Out, mw_bytes, mw_string};
use crate::date::mw_date_time;
use crate::memory::with_scratch;
use crate::opaque::holds;
use crate::result::{Failure, MW_OK, NULL, invalid, mw_result};
use crate::{call, guard};
use core::ffi::c_char;
use core::mem::MaybeUninit;
use mailwire::message::{
    Addresses, Charset, CharsetDecoder, ContentType, Encoding, Field, Fields, HeaderScanner,
    Headers, Preview, Text, TransferDecoder, Wanted,
};

/// A text that a sender wrote, not decoded yet: `mw_text_copy`. Copy it as you like. Valid as long
/// as what it came with. All zeros are an empty one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_text {
    /// 0 for an empty one; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 8],
}

holds!(mw_text: Text<'_> => Text<'static>);

/// Makes a text of a header field's value, or of other bytes that a sender wrote.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_text_of(value: mw_bytes) -> mw_text {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_text::NONE, || mw_text::of(Text::new(args.bytes(&value))))
}

/// Decodes a text to UTF-8, as `mw_string_decode` does: copies what fits, ends it with NUL, and
/// returns how many bytes all of it has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_text_copy(
    text: *const mw_text,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        if let Some(text) = args.maybe(text).and_then(mw_text::get) {
            text.chars().for_each(|c| out.char(c));
        }
        out.finish()
    })
}

/// Whether there is nothing in a text. True for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_text_is_empty(text: *const mw_text) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(true, || args.maybe(text).and_then(mw_text::get).is_none_or(|text| text.is_empty()))
}

/// Addresses in a header field: a cursor. Copy it to walk more than once. Valid as long as what it
/// came with. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_mail_addresses {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 16],
}

holds!(mw_mail_addresses: Addresses<'_> => Addresses<'static>);

/// An address in a header field (RFC 5322 section 3.4).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_mail_address {
    /// The name.
    pub name: mw_text,
    /// local-part@domain
    pub spec: mw_text,
    /// The group that it is in, if there is one.
    pub group: mw_text,
    /// What is before the last @ of `spec`.
    pub local_part: mw_text,
    /// What is behind it.
    pub domain: mw_text,
}

/// The addresses in a header field's value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_mail_addresses_of(value: mw_bytes) -> mw_mail_addresses {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_mail_addresses::NONE, || mw_mail_addresses::of(Addresses::new(args.bytes(&value))))
}

/// Takes the next address. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_mail_addresses_next(
    addresses: *mut mw_mail_addresses,
    out_address: *mut mw_mail_address,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(addresses) = args.handle(addresses) else { return false };
        let Some(it) = addresses.step(Iterator::next) else { return false };
        args.give(
            out_address,
            mw_mail_address {
                name: mw_text::of(it.name),
                spec: mw_text::of(it.spec),
                group: mw_text::maybe(it.group),
                local_part: mw_text::of(it.local_part()),
                domain: mw_text::of(it.domain()),
            },
        );
        true
    })
}

/// A header field.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_field {
    /// Its name.
    pub name: mw_bytes,
    /// Its value as it came, folded: for `mw_text_of`, `mw_mail_addresses_of`, `mw_date_of`,
    /// `mw_content_type_is` and others.
    pub value: mw_bytes,
}

impl mw_field {
    fn of(it: &Field<'_>) -> Self {
        Self { name: mw_bytes::of(it.name.as_bytes()), value: mw_bytes::of(it.raw) }
    }
}

/// The fields of a header: a cursor. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_fields {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 4],
}

holds!(mw_fields: Fields<'_> => Fields<'static>);

/// The header fields at the front of a message, or of as much of it as there is. Valid as long as
/// the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_fields_of(message: mw_bytes) -> mw_fields {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_fields::NONE, || mw_fields::of(Headers::new(args.bytes(&message)).fields()))
}

/// Takes the next field. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_fields_next(fields: *mut mw_fields, out_field: *mut mw_field) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(fields) = args.handle(fields) else { return false };
        fields.step(Iterator::next).map(|it| args.give(out_field, mw_field::of(&it))).is_some()
    })
}

/// Looks for a header field by name, letters A to Z being equal to a to z: the first, or with
/// `last` the last one. `out_field` may be NULL. False, and nothing is written, if there is none,
/// or for a name of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_field_find(
    message: mw_bytes,
    name: *const c_char,
    last: bool,
    out_field: *mut mw_field,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(name) = args.text(name) else { return false };
        let headers = Headers::new(args.bytes(&message));
        let found = if last { headers.last(name) } else { headers.first(name) };
        found.map(|it| args.give(out_field, mw_field::of(&it))).is_some()
    })
}

/// What is behind the header of a message, as far as it is there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_message_body(message: mw_bytes) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || mw_bytes::of(Headers::split(args.bytes(&message)).1))
}

/// Copies a field's value without its folds, and nothing decoded: for identifiers and the like.
/// Like snprintf: as much as fits, ended by NUL if `len` is not 0; returned is how many bytes all
/// of it has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_unfold(value: mw_bytes, buffer: *mut c_char, len: usize) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        let field = Field { name: "", raw: args.bytes(&value) };
        field.unfolded().flatten().for_each(|byte| out.push(&[*byte]));
        out.finish()
    })
}

/// The date in a Date field's value. Without one, `valid` is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_date_of(value: mw_bytes) -> mw_date_time {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_date_time::NONE, || {
        mw_date_time::maybe(mailwire::message::date_time(args.bytes(&value)))
    })
}

/// Whether a Content-Type field's value is of this type, such as "text" and "plain"; a subtype of
/// "*" is any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_content_type_is(
    value: mw_bytes,
    media_type: *const c_char,
    subtype: *const c_char,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || match (args.text(media_type), args.text(subtype)) {
        (Ok(kind), Ok("*")) => {
            let mut parts = args.bytes(&value).split_inclusive(|byte| b"/;".contains(byte));
            // Without a slash it is text/plain (RFC 2045 section 5.2).
            let first = parts.next().and_then(|first| first.strip_suffix(b"/"));
            first.unwrap_or(b"text").trim_ascii().eq_ignore_ascii_case(kind.as_bytes())
        }
        (Ok(kind), Ok(subtype)) => ContentType::new(args.bytes(&value)).is(kind, subtype),
        _ => false,
    })
}

/// A parameter of a Content-Type or Content-Disposition field's value, such as "charset". A `ptr`
/// of NULL: there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_content_type_parameter(
    value: mw_bytes,
    name: *const c_char,
) -> mw_string {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_string::NONE, || match args.text(name) {
        Ok(name) => mw_string::maybe(ContentType::new(args.bytes(&value)).parameter(name)),
        Err(_) => mw_string::NONE,
    })
}

/// The file name in such a value; an empty text if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_content_type_file_name(value: mw_bytes) -> mw_text {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_text::NONE, || {
        ContentType::new(args.bytes(&value)).file_name().map_or(mw_text::NONE, mw_text::of)
    })
}

// ---- Header fields out of pieces.

/// A field that a header is scanned for. Made by `mw_wanted_of`; mailwire's own until the end of
/// the scan.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_wanted {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 8],
}

/// A header scanner: `mw_header_scanner_of`. Mailwire's own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_header_scanner {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 4],
}

holds!(mw_wanted: Wanted<'_, '_> => Wanted<'static, 'static>);
holds!(mw_header_scanner: HeaderScanner => HeaderScanner);

/// A field that is wanted, and memory for its value. Name and memory must stay as long as it. Of
/// kind 0 if one of them is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_wanted_of(
    name: *const c_char,
    buffer: *mut u8,
    len: usize,
) -> mw_wanted {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_wanted::NONE, || match args.forever(name) {
        Ok(name) if !buffer.is_null() => mw_wanted::of(Wanted::new(name, args.room(buffer, len))),
        _ => mw_wanted::NONE,
    })
}

/// A scanner at the beginning of a header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_header_scanner_of() -> mw_header_scanner {
    mw_header_scanner::of(HeaderScanner::new())
}

/// Reads on: the next piece of a message. `wanted`: the same fields each time. Returns how many
/// bytes belong to the header: all, until it has ended. 0 for NULL, for a field of kind 0, and for more
/// fields than there is memory for (see the first page).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_header_scan(
    scanner: *mut mw_header_scanner,
    chunk: *const u8,
    len: usize,
    wanted: *mut mw_wanted,
    wanted_count: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let (Ok(scanner), Ok(chunk)) = (args.handle(scanner), args.slice(chunk, len)) else {
            return 0;
        };
        let Ok(wanted) = args.slice_mut(wanted, wanted_count) else { return 0 };
        let used = with_scratch(|scratch| {
            let fields = wanted.iter().map(|it| it.get().ok_or(invalid("a field to look for")));
            let fields = scratch.collect(fields)?;
            let used = scanner.change(|it| it.feed(chunk, fields));
            for (to, field) in wanted.iter_mut().zip(fields) {
                // SAFETY: it is taken out of the scratch for good.
                *to = mw_wanted::of(unsafe { core::ptr::read(field) });
            }
            Ok(used)
        });
        used.ok().flatten().unwrap_or(0)
    })
}

/// Whether the header has ended. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_header_scanner_is_done(scanner: *const mw_header_scanner) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let scanner = args.maybe(scanner).and_then(mw_header_scanner::get);
        scanner.is_some_and(|scanner| scanner.is_done())
    })
}

/// The value that was found: a `ptr` of NULL if there was none. `*out_truncated` (or NULL) says
/// whether the memory was too small for all of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_wanted_value(
    wanted: *const mw_wanted,
    out_truncated: *mut bool,
) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        let Some(field) = args.maybe(wanted).and_then(mw_wanted::get) else {
            return mw_bytes::NONE;
        };
        args.give(out_truncated, field.is_truncated());
        mw_bytes::maybe(field.is_found().then(|| field.value()))
    })
}

// ---- Bodies.

/// Runs a decoder and tells how far it came; `f` says `None` if there is none.
fn decode(
    args: Args<'_>,
    (input, len): (*const u8, usize),
    [out_read, out_written]: [*mut usize; 2],
    f: impl FnOnce(&[u8]) -> Result<Option<(usize, usize)>, Failure>,
) -> mw_result {
    call(|| {
        if out_read.is_null() || out_written.is_null() {
            return Err(NULL);
        }
        let (read, written) = f(args.slice(input, len)?)?.ok_or(invalid("no decoder"))?;
        args.give(out_read, read);
        args.give(out_written, written);
        Ok(MW_OK)
    })
}

/// Undoes a transfer encoding, piece by piece. Made by `mw_transfer_of`. Mailwire's own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_transfer {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 8],
}

holds!(mw_transfer: TransferDecoder => TransferDecoder);

fn encoding(name: &str) -> Option<Encoding> {
    if name.is_empty() { Some(Encoding::Identity) } else { Encoding::for_name(name) }
}

/// A decoder by the name of an encoding, such as "base64"; NULL or "" is none at all. Of kind 0,
/// which decodes nothing, if it is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_transfer_of(encoding: *const c_char) -> mw_transfer {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_transfer::NONE, || {
        let encoding = args.text_or_empty(encoding).ok().and_then(self::encoding);
        mw_transfer::maybe(encoding.map(TransferDecoder::new))
    })
}

/// Decodes what there is and has room: `*out_read` bytes were read and `*out_written` written. If
/// not all was read, go on with the rest and new room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_transfer_decode(
    transfer: *mut mw_transfer,
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_len: usize,
    out_read: *mut usize,
    out_written: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    decode(args, (input, input_len), [out_read, out_written], |input| {
        let room = args.room(output, output_len);
        Ok(args.handle(transfer)?.change(|it| it.decode(input, room)))
    })
}

/// The body has ended: writes what is left, and returns how many bytes. If all of the room was
/// needed, call it again. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_transfer_finish(
    transfer: *mut mw_transfer,
    output: *mut u8,
    output_len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Ok(transfer) = args.handle(transfer) else { return 0 };
        transfer.change(|it| it.finish(args.room(output, output_len))).unwrap_or(0)
    })
}

/// Makes UTF-8 of a charset, piece by piece. Made by `mw_charset_of`. Mailwire's own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_charset {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 32],
}

holds!(mw_charset: CharsetDecoder => CharsetDecoder);

/// A decoder by the name of a charset; NULL or "" is a text that does not say. Of kind 0, which
/// decodes nothing, if it is not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_charset_of(label: *const c_char) -> mw_charset {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_charset::NONE, || {
        let charset = args.text_or_empty(label).ok().and_then(charset);
        mw_charset::maybe(charset.map(CharsetDecoder::new))
    })
}

fn charset(label: &str) -> Option<Charset> {
    if label.is_empty() { Some(Charset::UNLABELLED) } else { Charset::for_label(label) }
}

/// As `mw_transfer_decode`; what is written are whole characters, and the room must be of four
/// bytes at least.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_charset_decode(
    charset: *mut mw_charset,
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_len: usize,
    out_read: *mut usize,
    out_written: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    decode(args, (input, input_len), [out_read, out_written], |input| {
        let room = args.room(output, output_len);
        Ok(args.handle(charset)?.change(|it| it.decode(input, room)))
    })
}

/// As `mw_transfer_finish`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_charset_finish(
    charset: *mut mw_charset,
    output: *mut u8,
    output_len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Ok(charset) = args.handle(charset) else { return 0 };
        charset.change(|it| it.finish(args.room(output, output_len))).unwrap_or(0)
    })
}

/// The beginning of a body's text on one line, for people. Made by `mw_preview_of`. Mailwire's
/// own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_preview {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 64],
}

holds!(mw_preview: Preview<'_> => Preview<'static>);

/// A preview into `buffer`, which must stay as long as it, of a body with this transfer encoding
/// and charset (each may be NULL; unknown ones are taken for none), that is HTML or not. Of kind 0
/// if `buffer` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_preview_of(
    buffer: *mut u8,
    len: usize,
    encoding: *const c_char,
    charset: *const c_char,
    html: bool,
) -> mw_preview {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_preview::NONE, || {
        if buffer.is_null() {
            return mw_preview::NONE;
        }
        let mut preview = Preview::new(args.room(buffer, len));
        let name = args.text_or_empty(encoding).unwrap_or_default();
        preview.encoding(self::encoding(name).unwrap_or(Encoding::Identity));
        let label = args.text_or_empty(charset).unwrap_or_default();
        preview.charset(self::charset(label).unwrap_or(Charset::UNLABELLED));
        if html {
            preview.html();
        }
        mw_preview::of(preview)
    })
}

/// Reads on: the next piece of the body. False once the memory is full, so that the rest need not
/// be fetched; or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_preview_feed(
    preview: *mut mw_preview,
    chunk: *const u8,
    len: usize,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let (Ok(preview), Ok(chunk)) = (args.handle(preview), args.slice(chunk, len)) else {
            return false;
        };
        preview.change(|it| it.feed(chunk)).unwrap_or(false)
    })
}

/// The body has ended: its beginning, in UTF-8. In the memory that the preview was given. Empty
/// for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_preview_finish(preview: *mut mw_preview) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        let Ok(preview) = args.handle(preview) else { return mw_bytes::NONE };
        preview.change(|it| {
            it.finish();
        });
        // Only what is put back for good may be pointed to.
        let Some(it) = preview.get() else { return mw_bytes::NONE };
        mw_bytes::of(it.as_str().as_bytes())
    })
}
