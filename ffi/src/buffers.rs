//! The bytes in and out of any handle.

use crate::args::Args;
use crate::bytes::mw_bytes;
use crate::guard;
use crate::memory::Memory;
use crate::result::{Failure, MW_ERR_INTERNAL, MW_ERR_MEMORY, MW_ERR_NULL, MW_OK, mw_result};
use mailwire::Buffers;

/// The bytes of a connection on their way in and out: the same for IMAP, POP3 and the watcher, so
/// that a program's transport is written once. Got from a handle, and valid as long as it.
pub struct mw_buffers {
    pub(crate) inner: Buffers<'static>,
}

// What was not sent may be a password.
impl Drop for mw_buffers {
    fn drop(&mut self) {
        self.inner.tx.clear();
    }
}

/// Where to receive to: at most `*out_len` bytes at `*out_ptr`. Then call `mw_buffers_commit`.
/// Never empty after MW_NEED_INPUT. Valid until the next call on the handle or its buffers.
/// `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_rx(
    buffers: *mut mw_buffers,
    out_ptr: *mut *mut u8,
    out_len: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        let (Ok(buffers), false, false) =
            (args.handle(buffers), out_ptr.is_null(), out_len.is_null())
        else {
            return MW_ERR_NULL;
        };
        let room = buffers.inner.rx.unfilled();
        args.give(out_len, room.len());
        args.give(out_ptr, room.as_mut_ptr());
        MW_OK
    })
}

/// Says that `count` bytes were received there. More than there was room for counts as all of it.
/// 0 is nothing, and not the end: see `mw_buffers_close`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_commit(buffers: *mut mw_buffers, count: usize) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.handle(buffers).map_or(MW_ERR_NULL, |buffers| {
            buffers.inner.rx.commit(count);
            MW_OK
        })
    })
}

/// Copies received bytes in, as many as there is room for, and returns how many: for input that
/// is in memory of its own. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_fill(
    buffers: *mut mw_buffers,
    bytes: *const u8,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || match (args.handle(buffers), args.slice(bytes, len)) {
        (Ok(buffers), Ok(bytes)) => buffers.inner.rx.fill(bytes),
        _ => 0,
    })
}

/// Says that the other side closed the connection. Advance then, to hear what that means.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_close(buffers: *mut mw_buffers) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.handle(buffers).map_or(MW_ERR_NULL, |buffers| {
            buffers.inner.rx.close();
            MW_OK
        })
    })
}

/// The bytes that can be sent now: `*out_ptr`, `*out_len`; none are length 0. Then call
/// `mw_buffers_consume`. Valid until the next call on the handle or its buffers. `MW_OK`, or
/// `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_pending(
    buffers: *const mw_buffers,
    out_ptr: *mut *const u8,
    out_len: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        let (Some(buffers), false, false) =
            (args.maybe(buffers), out_ptr.is_null(), out_len.is_null())
        else {
            return MW_ERR_NULL;
        };
        let pending = buffers.inner.tx.pending();
        args.give(out_len, pending.len());
        args.give(out_ptr, pending.as_ptr());
        MW_OK
    })
}

/// Says that the first `count` of them were sent. Passwords among them are wiped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_consume(buffers: *mut mw_buffers, count: usize) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.handle(buffers).map_or(MW_ERR_NULL, |buffers| {
            buffers.inner.tx.consume(count);
            MW_OK
        })
    })
}

/// What was received and not read yet, as it came: to be looked at when something went wrong.
/// Valid until the next call on the handle or its buffers. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_unread(buffers: *const mw_buffers) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        args.maybe(buffers).map_or(mw_bytes::NONE, |it| mw_bytes::of(it.inner.rx.filled()))
    })
}

/// How many bytes were received since the handle was made. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_received(buffers: *const mw_buffers) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || args.maybe(buffers).map_or(0, |it| it.inner.rx.received()))
}

/// Whether `mw_buffers_close` was called. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_is_closed(buffers: *const mw_buffers) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || args.maybe(buffers).is_some_and(|it| it.inner.rx.is_closed()))
}

/// How large the buffers are. Each may be NULL. `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_capacity(
    buffers: *const mw_buffers,
    out_rx: *mut usize,
    out_tx: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.maybe(buffers).map_or(MW_ERR_NULL, |it| {
            args.give(out_rx, it.inner.rx.capacity());
            args.give(out_tx, it.inner.tx.capacity());
            MW_OK
        })
    })
}

/// Moves up to `len` received bytes that were not read yet to `buffer`, and returns how many. Only
/// on MW_EVENT_COMPRESS, for those that are compressed already. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_take(
    buffers: *mut mw_buffers,
    buffer: *mut u8,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        args.handle(buffers).map_or(0, |buffers| buffers.inner.rx.take(args.room(buffer, len)))
    })
}

/// Forgets what was received and what is to be sent, and wipes passwords among that. It is for the
/// end of a handle that was made by an `_init`, before its memory becomes something else's; the
/// `_free` functions do it by themselves. `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_buffers_clear(buffers: *mut mw_buffers) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        args.handle(buffers).map_or(MW_ERR_NULL, |buffers| {
            buffers.inner.clear();
            MW_OK
        })
    })
}

/// Cuts memory into Rx and Tx. A size of 0 is chosen: a quarter for Tx, the rest for Rx.
pub(crate) fn buffers(memory: &mut Memory, rx: usize, tx: usize) -> Result<mw_buffers, Failure> {
    let left = memory.left();
    let tx = match (rx, tx) {
        (0, 0) => left / 4,
        (rx, 0) => left.checked_sub(rx).ok_or(Failure::Here(MW_ERR_MEMORY))?,
        (_, tx) => tx,
    };
    let tx = memory.bytes(tx)?;
    let rx = memory.bytes(if rx == 0 { memory.left() } else { rx })?;
    if rx.len() < SMALLEST || tx.len() < SMALLEST {
        return Err(Failure::Here(MW_ERR_MEMORY));
    }
    Ok(mw_buffers { inner: Buffers::new(rx, tx) })
}

const SMALLEST: usize = 64;
