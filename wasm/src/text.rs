//! Texts of messages, and what parts are wrapped in.
#![allow(unreachable_pub, reason = "exported to JavaScript")]

use crate::prelude::{String, Vec};
use mailwire::imap::Str;
use mailwire::message::{Encoding, Text, TransferDecoder};
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

/// Unwraps a part, as it comes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Transfer(TransferDecoder);

#[wasm_bindgen]
impl Transfer {
    /// For that Content-Transfer-Encoding. Nothing if there is nothing to be done, or nobody
    /// knows what.
    pub fn of(encoding: &[u8]) -> Option<Transfer> {
        match Encoding::for_name(Str::new(encoding))? {
            Encoding::Identity => None,
            encoding => Some(Self(TransferDecoder::new(encoding))),
        }
    }

    /// What came, decoded; if nothing came, it was the end.
    pub fn decode(&mut self, mut input: &[u8]) -> Vec<u8> {
        let is_end = input.is_empty();
        let (mut all, mut room) = (Vec::with_capacity(input.len()), [0; 1024]);
        loop {
            let (read, written) = match is_end {
                true => (0, self.0.finish(&mut room)),
                false => self.0.decode(input, &mut room),
            };
            all.extend_from_slice(room.get(..written).unwrap_or_default());
            input = input.get(read..).unwrap_or_default();
            if input.is_empty() && written < room.len() {
                return all;
            }
        }
    }
}
