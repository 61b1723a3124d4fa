//! mailwire for JavaScript.
//!
//! A beginning: what needs no connection. The connections follow.

use js_sys::Uint8Array;
use mailwire::imap::{Mailbox, Str};
use wasm_bindgen::prelude::wasm_bindgen;

/// The version of mailwire, as in its package.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

/// A mailbox name as people read it, from the bytes of an IMAP4rev1 server: modified UTF-7
/// (RFC 3501 section 5.1.3). What is not of that form stays as it is.
#[wasm_bindgen(js_name = decodeMailboxName)]
#[must_use]
pub fn decode_mailbox_name(bytes: &Uint8Array) -> String {
    Mailbox::new(Str::new(&bytes.to_vec()), false).to_string()
}
