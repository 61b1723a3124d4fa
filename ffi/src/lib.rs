//! mailwire for C: `mw_` functions over the core.
//!
//! A beginning: the version. The connections, their header and their packages follow.

use core::ffi::{CStr, c_char};

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// The version of mailwire as `MAJOR.MINOR.PATCH`, in static memory that ends in NUL.
// SAFETY: no other library defines names that begin with `mw_`.
#[unsafe(no_mangle)]
pub extern "C" fn mw_version() -> *const c_char {
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_the_packages() {
        // SAFETY: the pointer is to a static string that ends in NUL.
        let version = unsafe { CStr::from_ptr(mw_version()) };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }
}
