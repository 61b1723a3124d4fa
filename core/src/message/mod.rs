//! Messages: of their format (RFC 5322, MIME), what it takes to tell somebody that mail is
//! there. No feature is needed, and what is not called costs nothing.
//!
//! | what | here |
//! |---|---|
//! | header fields, whole or in pieces (RFC 5322 section 2.2) | [`Headers`], [`HeaderScanner`] |
//! | text in them, with encoded words (RFC 2047, RFC 2231 section 5) | [`Text`] |
//! | addresses (RFC 5322 section 3.4) | [`Addresses`] |
//! | dates (RFC 5322 section 3.3) | [`date_time`] |
//! | what a body is (RFC 2045 section 5) | [`ContentType`] |
//! | base64 and quoted-printable (RFC 2045 section 6) | [`TransferDecoder`] |
//! | charsets | [`Charset`], [`CharsetDecoder`] |
//! | the beginning of a text, plain or HTML | [`Preview`] |
//!
//! All of it reads what is there, however broken, in time linear to its length, and writes into
//! memory of the caller's; what does not fit is cut between two characters. None of it returns
//! an error.
//!
//! From IMAP, with an [`Envelope`](https://docs.rs/mailwire/latest/mailwire/imap/struct.Envelope.html):
//!
//! ```
//! # #[cfg(feature = "imap")] {
//! # let mut raw = b"(\"Wed, 17 Jul 1996 02:23:25 -0700\" \"=?utf-8?Q?caf=C3=A9?=\" NIL NIL NIL NIL NIL NIL NIL NIL)";
//! use mailwire::message::{Text, date_time};
//! # let envelope = mailwire::imap::Envelope::parse(raw).unwrap();
//! assert_eq!(Text::new(envelope.subject().unwrap_or_default()), "café");
//! assert_eq!(date_time(envelope.date().unwrap()).unwrap().date.year, 1996);
//! # }
//! ```
//!
//! From POP3, with the lines of a TOP: see [`HeaderScanner`].

mod address;
mod charset;
mod content_type;
mod cursor;
mod date;
mod encoded_word;
mod header;
mod preview;
#[cfg(test)]
mod tests;
mod transfer;

pub use address::{Address, Addresses};
pub use charset::{Charset, CharsetDecoder};
pub use content_type::ContentType;
pub use date::date_time;
pub use encoded_word::{Chars, Text};
pub use header::{Field, Fields, HeaderScanner, Headers, Unfolded, Wanted};
pub use preview::Preview;
pub use transfer::{Encoding, TransferDecoder};
