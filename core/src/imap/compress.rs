//! COMPRESS: from the server's OK on, both sides compress (RFC 4978).
//!
//! The core says when, by [`Event::Compress`](super::Event::Compress); the compression itself is
//! a layer of the transport: `mailwire::compress` and `mailwire::io::Deflate` (feature
//! `compress`), or the program's own.

use super::command::{Command, Kind};
use super::encoder::Encoder;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CompressCommand;

impl Command for CompressCommand {
    fn kind(&self) -> Kind {
        Kind::Compress
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"COMPRESS DEFLATE");
    }
}
