//! The compression that IMAP's COMPRESS needs (RFC 4978).

use crate::args::Args;
use crate::memory::{Memory, room_for};
use crate::result::{MW_ERR_INTERNAL, MW_ERR_NULL, MW_OK, NULL, mw_result};
use crate::{call, guard};
use mailwire::Error;
use mailwire::compress::{Inflater, store};

/// Decompresses what a server sends. Opaque.
pub struct mw_inflater(Inflater);

/// Bytes of memory that one takes, at most, wherever it begins.
pub const MW_INFLATER_SIZE: usize = 45056;

const _: () = assert!(room_for::<mw_inflater>() <= MW_INFLATER_SIZE);

/// Makes one in `MW_INFLATER_SIZE` bytes of the caller's memory, of any alignment; it needs as
/// much stack for a moment. Nothing is to be freed. On errors `*out_inflater` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_init(
    memory: *mut u8,
    len: usize,
    out_inflater: *mut *mut mw_inflater,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        // SAFETY: as the header says, the memory is ours.
        let place = unsafe { Memory::new(memory, len) }.and_then(|mut it| it.place());
        let made = place.inspect(|place: &*mut mw_inflater| {
            // SAFETY: the place was made for it.
            unsafe { place.write(mw_inflater(Inflater::new())) }
        });
        crate::give_handle(args, made, out_inflater)
    })
}

/// Decompresses as much as there is room for inside; `*out_taken` bytes were taken. None, while
/// there is something to be read. `MW_ERR_BAD_COMPRESSION`: what comes is no DEFLATE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_feed(
    inflater: *mut mw_inflater,
    input: *const u8,
    len: usize,
    out_taken: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    call(|| {
        let (inflater, input) = (args.handle(inflater)?, args.slice(input, len)?);
        if out_taken.is_null() {
            return Err(NULL);
        }
        args.give(out_taken, 0);
        args.give(out_taken, inflater.0.feed(input).map_err(Error::from)?);
        Ok(MW_OK)
    })
}

/// Moves what was decompressed to `buffer`, such as the room of `mw_buffers_rx`, and returns how
/// much. 0: feed more. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_read(
    inflater: *mut mw_inflater,
    buffer: *mut u8,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || args.handle(inflater).map_or(0, |inflater| inflater.0.read(args.room(buffer, len))))
}

/// Begins a new stream. `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_reset(inflater: *mut mw_inflater) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.handle(inflater).map_or(MW_ERR_NULL, |inflater| {
            inflater.0.reset();
            MW_OK
        })
    })
}

/// Whether all that was fed was read, and the other side flushed there, so that nothing of what it
/// wrote is missing. Where compression ends (MW_EVENT_COMPRESS_END), what comes behind this is in
/// clear. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_is_flushed(inflater: *const mw_inflater) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || args.maybe(inflater).is_some_and(|inflater| inflater.0.is_flushed()))
}

/// Whether the stream said that it ends, and all was read. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_inflater_has_ended(inflater: *const mw_inflater) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || args.maybe(inflater).is_some_and(|inflater| inflater.0.has_ended()))
}

/// Writes as much of `input` as fits to `output` as DEFLATE without compression, and returns how
/// many bytes were written, five more than `*out_read`. What a client sends needs no more. 0 if
/// `input` is empty, or `output` smaller than 6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_deflate_store(
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_len: usize,
    out_read: *mut usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Ok(input) = args.slice(input, input_len) else { return 0 };
        let (read, written) = store(input, args.room(output, output_len));
        args.give(out_read, read);
        written
    })
}
