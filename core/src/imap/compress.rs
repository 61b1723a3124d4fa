//! COMPRESS: from the server's OK on, both sides compress (RFC 4978).
//!
//! The core says when, by [`Event::Compress`](super::Event::Compress); the compression itself is
//! a layer of the transport: `mailwire::compress` and `mailwire::io::Deflate` (feature
//! `compress`), or the program's own.

use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `COMPRESS DEFLATE`: from the server's OK on, both sides speak DEFLATE (RFC 1951), without
    /// a header around it. It comes after STARTTLS and the login: what is sent is first
    /// compressed, then encrypted (RFC 4978 section 3).
    ///
    /// ```abnf
    /// compress  = "COMPRESS" SP algorithm
    /// algorithm = "DEFLATE"
    /// ```
    ///
    /// A server that compresses already, in whatever layer, says NO with
    /// [`Code::CompressionActive`](super::Code::CompressionActive).
    ///
    /// Inside TLS, who can make the server send text of his own choice, and sees how long the
    /// answers are, may guess at what stands beside it in a mail: do without where that matters.
    CompressCommand = Compress, b"COMPRESS DEFLATE";
}
