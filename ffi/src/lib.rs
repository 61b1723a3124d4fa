//! mailwire for C: IMAP and POP3 without I/O of its own.
//!
//! What a C program sees is `include/mailwire.h`, which is generated from this crate and reads
//! like a manual; its first page is in `cbindgen.toml`. The rules for the code:
//!
//! - Each exported function takes its pointers through `Args`, whose one unsafe
//!   constructor says what a caller promises.
//! - What C holds and hands back (lists, strings) is plain data: pointer and length, or a view of
//!   the core's as opaque words. All zeros are an empty one.
//! - No panic crosses: `guard` catches it where there is unwinding, and the release library
//!   has none.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::undocumented_unsafe_blocks)]
// C's names; its functions' comments say what must be kept, in the header's words.
#![allow(non_camel_case_types, clippy::missing_safety_doc)]

mod args;
mod memory;
mod opaque;
mod query;

// In the header these follow each other as here.

pub mod result;

pub mod buffers;

pub mod handle;

pub mod imap;

pub mod sasl;

pub mod command;

pub mod event;

pub mod bytes;

pub mod numbers;

pub mod list;

pub mod threads;

pub mod envelope;

pub mod parts;

pub mod date;

#[cfg(feature = "json")]
pub mod json;

pub mod pop3;

pub mod watch;

pub mod message;

pub mod deflate;

use core::ffi::{CStr, c_char};

/// Major version of the header.
pub const MW_VERSION_MAJOR: i32 = 0;
/// Minor version of the header.
pub const MW_VERSION_MINOR: i32 = 1;
/// Patch version of the header.
pub const MW_VERSION_PATCH: i32 = 0;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// The version of the library as "MAJOR.MINOR.PATCH": static, ends in NUL, never NULL.
// SAFETY (of all `no_mangle`s): no other library defines names that begin with `mw_`.
#[unsafe(no_mangle)]
pub extern "C" fn mw_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Runs `f`; if it panics, returns `otherwise`. Without std a panic ends the program.
pub(crate) fn guard<T>(otherwise: T, f: impl FnOnce() -> T) -> T {
    #[cfg(feature = "std")]
    {
        // What a panic leaves half done is safe to look at and to free, and that is all that the
        // header allows then.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_or(otherwise)
    }
    #[cfg(not(feature = "std"))]
    {
        let _ = otherwise;
        f()
    }
}

/// A call that keeps its error nowhere.
pub(crate) fn call(
    f: impl FnOnce() -> Result<result::mw_result, result::Failure>,
) -> result::mw_result {
    guard(result::MW_ERR_INTERNAL, || f().unwrap_or_else(|failure| failure.describe().result))
}

/// Hands a handle out, or NULL and the error.
pub(crate) fn give_handle<T>(
    args: args::Args<'_>,
    made: Result<*mut T, result::Failure>,
    out: *mut *mut T,
) -> result::mw_result {
    if out.is_null() {
        // What was made in the caller's memory is forgotten; by malloc nothing is made then.
        return result::MW_ERR_NULL;
    }
    args.give(out, made.unwrap_or(core::ptr::null_mut()));
    made.map_or_else(|failure| failure.describe().result, |_| result::MW_OK)
}

/// The core has no panic; the compiler wants to know what would happen.
#[cfg(all(not(feature = "std"), not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    #[cfg(feature = "malloc")]
    // SAFETY: C's abort may be called at any time.
    unsafe {
        memory::abort()
    }
    #[cfg(not(feature = "malloc"))]
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(test)]
#[allow(clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]
mod tests;

#[cfg(test)]
mod version {
    use super::*;

    #[test]
    fn version_is_the_packages() {
        // SAFETY: the pointer is to a static string that ends in NUL.
        let version = unsafe { CStr::from_ptr(mw_version()) };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
        let header = format!("{MW_VERSION_MAJOR}.{MW_VERSION_MINOR}.{MW_VERSION_PATCH}");
        assert_eq!(version.to_str(), Ok(header.as_str()));
    }
}
