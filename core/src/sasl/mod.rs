//! SASL (RFC 4422): proving to a server who one is. No network and no protocol: a
//! [`Mechanism`] turns challenges into responses, and whoever runs it moves the bytes.
//!
//! [`best`] chooses among what the server offers; or take one:
//!
//! | mechanism | RFC | feature | shows the secret | server proves itself |
//! | --- | --- | --- | --- | --- |
//! | `ScramSha256`, -PLUS | 7677 | `scram-sha-256` | no | yes |
//! | `ScramSha1`, -PLUS | 5802 | `scram-sha-1` | no | yes |
//! | `CramMd5` | 2195 | `cram-md5` | no | no |
//! | [`Plain`] | 4616 | | yes | no |
//! | [`Login`] | – | | yes | no |
//! | [`OAuthBearer`] | 7628 | | yes | no |
//! | [`XOAuth2`] | – | | yes | no |
//! | [`External`] | 4422 | | has none | no |
//! | [`Anonymous`] | 4505 | | has none | no |
//!
//! What shows the secret is for a link by TLS. SHA-256 takes 7 KB of flash, or 1 KB if built
//! with `RUSTFLAGS='--cfg sha2_backend="soft" --cfg sha2_backend_soft="compact"'`.

mod anonymous;
mod best;
mod channel_binding;
#[cfg(feature = "cram-md5")]
mod cram_md5;
mod external;
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
mod hash;
mod login;
mod oauth;
mod plain;
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
mod prepare;
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
mod scram;

pub use anonymous::Anonymous;
pub use best::{Best, Credentials, Link, best};
pub use channel_binding::ChannelBinding;
#[cfg(feature = "cram-md5")]
pub use cram_md5::CramMd5;
pub use external::External;
pub use login::Login;
pub use oauth::{OAuthBearer, XOAuth2};
pub use plain::Plain;
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
pub use scram::Scram;
#[cfg(feature = "scram-sha-1")]
pub use scram::ScramSha1;
#[cfg(feature = "scram-sha-256")]
pub use scram::ScramSha256;

use base64ct::{Base64Unpadded, Encoding};
use core::fmt;
use heapless::Vec;

/// How many slices a [`Response`] may consist of.
const SLICES: usize = 8;

/// One side of an exchange: a mechanism together with the credentials that it needs.
///
/// If the client speaks first, the caller asks for [`initial`](Self::initial) once, with the
/// command or in answer to an empty challenge. Then it [`respond`](Self::respond)s to every
/// challenge, and calls [`finish`](Self::finish) when the server says that all is well.
pub trait Mechanism {
    /// The registered name, such as `PLAIN`.
    fn name(&self) -> &'static str;

    /// Whether the client speaks first (RFC 4422 section 5).
    fn is_client_first(&self) -> bool;

    /// What the client says first.
    ///
    /// # Errors
    ///
    /// The credentials cannot be used with this mechanism.
    fn initial(&mut self) -> Result<Response<'_>, Error>;

    /// Answers a challenge.
    ///
    /// # Errors
    ///
    /// The challenge makes no sense, or the server is not who it should be. The exchange is
    /// then to be cancelled.
    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error>;

    /// Whether the server may already say that all is well. For mechanisms by which the
    /// server proves itself too.
    ///
    /// # Errors
    ///
    /// [`Error::ServerNotVerified`]. The connection must not be used.
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// What is to be sent: some slices, one behind the other, so that nothing need be copied
/// to where it would have to be wiped. They are encoded in base64 by whoever sends them.
#[derive(Clone, Copy, Default)]
pub struct Response<'a> {
    slices: [&'a [u8]; SLICES],
    used: usize,
}

impl<'a> Response<'a> {
    /// A response without a byte.
    pub const EMPTY: Self = Self { slices: [&[]; SLICES], used: 0 };

    /// A response of one slice.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::EMPTY.and(bytes)
    }

    /// The response with `bytes` behind it. At most eight slices are kept.
    #[must_use]
    pub fn and(mut self, bytes: &'a [u8]) -> Self {
        if let Some(slice) = self.slices.get_mut(self.used) {
            *slice = bytes;
            self.used = self.used.saturating_add(1);
        }
        self
    }

    /// Whether there is not a byte in it.
    pub fn is_empty(&self) -> bool {
        self.slices.iter().all(|slice| slice.is_empty())
    }

    /// The bytes, for whoever must send them.
    pub fn expose(&self) -> impl Iterator<Item = u8> + '_ {
        self.slices.iter().flat_map(|slice| slice.iter().copied())
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Response(…)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Response<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Response(…)");
    }
}

/// What the server said, still in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge<'a>(&'a [u8]);

impl<'a> Challenge<'a> {
    /// A challenge in base64, without the `+` and the line end.
    pub const fn new(base64: &'a [u8]) -> Self {
        Self(base64)
    }

    /// The challenge as it came.
    pub const fn as_base64(&self) -> &'a [u8] {
        self.0
    }

    /// The challenge, decoded into `memory`, for which three quarters of its length are
    /// enough. `None` if it is not base64 (some servers say `+ go ahead`) or too long.
    ///
    /// Its padding may be missing.
    ///
    /// ```
    /// # use mailwire::sasl::Challenge;
    /// assert_eq!(Challenge::new(b"UGFzc3dvcmQ6").decode(&mut [0; 16]), Some(&b"Password:"[..]));
    /// assert_eq!(Challenge::new(b"go ahead").decode(&mut [0; 16]), None);
    /// ```
    pub fn decode<'m>(&self, memory: &'m mut [u8]) -> Option<&'m [u8]> {
        let text = self.0.trim_ascii();
        let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
        let text = text.get(..text.len().saturating_sub(padding))?;
        Base64Unpadded::decode(text, memory).ok()
    }
}

/// Why an exchange cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// The credentials hold what the mechanism cannot send, such as NUL.
    InvalidCredentials(&'static str),
    /// The server asks for more than the mechanism has to say.
    UnexpectedChallenge,
    /// The challenge is not of the mechanism's form.
    InvalidChallenge,
    /// The server did not prove who it is, or failed to.
    ServerNotVerified,
    /// The server asks to hash the password this often, which is out of bounds.
    Iterations(u32),
    /// The server says why it refuses: a `server-error-value` of RFC 5802 section 7.
    Refused(&'static str),
    /// The server offers no mechanism that suits the credentials.
    NoMechanism,
    /// What the server offers would send a password or a token over a link in clear.
    LinkInClear,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidCredentials(what) => write!(f, "invalid credentials: {what}"),
            Self::UnexpectedChallenge => f.write_str("the server asks for more than there is"),
            Self::InvalidChallenge => f.write_str("the server's challenge makes no sense"),
            Self::ServerNotVerified => f.write_str("the server did not prove who it is"),
            Self::Iterations(count) => write!(f, "the server asks for {count} iterations"),
            Self::NoMechanism => f.write_str("the server offers no mechanism that suits"),
            Self::LinkInClear => f.write_str("the secret would be sent in clear"),
            Self::Refused(why) => write!(f, "the server refuses: {why}"),
        }
    }
}

impl core::error::Error for Error {}

/// What is given has no room in a message.
const TOO_LONG: Error = Error::InvalidCredentials("too long");

/// Writes `bytes` whole, or nothing.
fn push<const N: usize>(to: &mut Vec<u8, N>, bytes: &[u8]) -> Result<(), Error> {
    to.extend_from_slice(bytes).map_err(|_| TOO_LONG)
}

/// Writes a name.
///
/// ```abnf
/// saslname = 1*(value-safe-char / "=2C" / "=3D")    ; RFC 5801 section 4
/// ```
fn push_name<const N: usize>(
    to: &mut Vec<u8, N>,
    name: impl Iterator<Item = u8>,
) -> Result<(), Error> {
    for byte in name {
        match byte {
            b',' => push(to, b"=2C")?,
            b'=' => push(to, b"=3D")?,
            byte => push(to, &[byte])?,
        }
    }
    Ok(())
}

/// The mechanisms that a set of capabilities remembers. A mechanism's bit is its place.
#[cfg(any(feature = "imap", feature = "pop3"))]
pub(crate) const MECHANISMS: crate::names::Names = crate::names::Names(
    "PLAIN\nLOGIN\nCRAM-MD5\nDIGEST-MD5\nSCRAM-SHA-1\nSCRAM-SHA-1-PLUS\nSCRAM-SHA-256\n\
     SCRAM-SHA-256-PLUS\nSCRAM-SHA-512\nSCRAM-SHA-512-PLUS\nXOAUTH2\nOAUTHBEARER\nEXTERNAL\n\
     ANONYMOUS\nGSSAPI\nNTLM\n",
);

/// The bit of a mechanism; 0 if it is none of [`MECHANISMS`].
#[cfg(any(feature = "imap", feature = "pop3"))]
pub(crate) fn mechanism_bit(name: &str) -> u32 {
    MECHANISMS.place(name.as_bytes()).map_or(0, |place| 1u32.wrapping_shl(place as u32))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use base64ct::Base64;

    pub(crate) fn base64(bytes: &[u8]) -> std::string::String {
        let mut memory = std::vec![0; bytes.len() * 2 + 4];
        Base64::encode(bytes, &mut memory).unwrap().into()
    }

    pub(crate) fn bytes(response: &Response<'_>) -> std::vec::Vec<u8> {
        response.expose().collect()
    }

    #[test]
    fn challenges_are_decoded_leniently() {
        let decode = |text: &[u8]| {
            let mut memory = [0; 24];
            Challenge::new(text).decode(&mut memory).map(<[u8]>::to_vec)
        };
        assert_eq!(decode(b""), Some(b"".to_vec()));
        // Exchange: a prompt that ends in NUL.
        assert_eq!(decode(b"VXNlciBOYW1lAA=="), Some(b"User Name\0".to_vec()));
        assert_eq!(decode(b"VXNlciBOYW1lAA"), Some(b"User Name\0".to_vec()));
        assert_eq!(decode(b" UGFzc3dvcmQA "), Some(b"Password\0".to_vec()));
        assert_eq!(decode(b"go ahead"), None);
        assert_eq!(Challenge::new(b"UGFzc3dvcmQA").decode(&mut [0; 8]), None);
    }

    #[test]
    fn responses_show_nothing() {
        let response = Response::new(b"hunter").and(b"2");
        assert_eq!(std::format!("{response:?}"), "Response(…)");
        assert_eq!(bytes(&response), b"hunter2");
        assert!(!response.is_empty());
        assert!(Response::new(b"").and(b"").is_empty());
    }
}
