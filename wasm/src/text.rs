//! Texts of messages.
#![allow(unreachable_pub, reason = "exported to JavaScript")]

use crate::prelude::String;
use mailwire::imap::Str;
use mailwire::message::Text;
use wasm_bindgen::prelude::wasm_bindgen;

/// The version of mailwire, as in its package.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

/// A header's text as people read it: encoded words (RFC 2047) are decoded.
#[wasm_bindgen(js_name = decodeWords)]
#[must_use]
pub fn decode_text(value: &[u8]) -> String {
    format!("{}", Text::new(Str::new(value)))
}
