//! SCRAM-SHA-1 (RFC 5802), SCRAM-SHA-256 (RFC 7677), and both with channel binding.

use super::hash::{Algorithm, Hmac, Output, hash};
use super::prepare::prepare;
use super::{Challenge, ChannelBinding, Error, Mechanism, Response, TOO_LONG, push, push_name};
use crate::Secret;
use base64ct::{Base64, Encoding};
use core::fmt;
use core::marker::PhantomData;
use core::ops::RangeInclusive;
use heapless::Vec;
use zeroize::Zeroize;

/// The longest message of either side, in bytes.
const MESSAGE: usize = 512;
/// The longest salt, in bytes; those of servers have 16 or so.
const SALT: usize = 128;
/// The fewest bytes of a nonce.
const NONCE: usize = 12;
/// How often the password may be hashed. Servers should ask for no less (RFC 5802 section
/// 5.1), and fewer would only help one who is not what it says it is.
const ITERATIONS: (u32, u32) = (4096, 1_000_000);

/// A hash that SCRAM is registered with.
pub trait Hash {
    /// The hash.
    const ALGORITHM: Algorithm;
}

/// SHA-1.
#[cfg(feature = "scram-sha-1")]
#[derive(Debug, Clone, Copy)]
pub struct Sha1;

#[cfg(feature = "scram-sha-1")]
impl Hash for Sha1 {
    const ALGORITHM: Algorithm = Algorithm::Sha1;
}

/// SHA-256.
#[cfg(feature = "scram-sha-256")]
#[derive(Debug, Clone, Copy)]
pub struct Sha256;

#[cfg(feature = "scram-sha-256")]
impl Hash for Sha256 {
    const ALGORITHM: Algorithm = Algorithm::Sha256;
}

/// SCRAM-SHA-1 and SCRAM-SHA-1-PLUS (RFC 5802): see [`Scram`].
#[cfg(feature = "scram-sha-1")]
pub type ScramSha1<'a> = Scram<'a, Sha1>;

/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677): see [`Scram`].
#[cfg(feature = "scram-sha-256")]
pub type ScramSha256<'a> = Scram<'a, Sha256>;

/// SCRAM: both sides prove that they know the password, and neither says it (RFC 5802).
/// [`ScramSha256`] is the one to take; [`ScramSha1`] is for servers that have no better.
///
/// [`bound_to`](Self::bound_to) a TLS connection it is SCRAM-…-PLUS, and fails if somebody
/// sits in between.
///
/// ```abnf
/// client-first-message = gs2-header username "," nonce
/// server-first-message = nonce "," salt "," iteration-count ["," extensions]
/// client-final-message = channel-binding "," nonce "," proof
/// server-final-message = (server-error / verifier) ["," extensions]
/// ```
///
/// # The password
///
/// It and the user's name are prepared by SASLprep (RFC 4013), except that they are not
/// normalized: give them in Unicode's form KC, in which a keyboard's letters usually are.
/// ASCII passes as it is.
///
/// # Time and memory
///
/// The answer to the first challenge hashes the password as often as the server says, usually
/// 4096 times: milliseconds on a computer, up to a second on a small microcontroller. See
/// [`iterations`](Self::iterations). It takes about 2 KiB of stack. All that is derived from
/// the password is wiped.
///
/// ```
/// # #[cfg(feature = "scram-sha-256")] {
/// use mailwire::sasl::{Challenge, Mechanism, ScramSha256};
///
/// // Fresh from the random number generator; never use it twice.
/// let nonce = [0x5a; 16];
/// let mut scram = ScramSha256::new("user", "pencil", &nonce);
/// assert_eq!(scram.name(), "SCRAM-SHA-256");
/// let first = scram.initial()?;
/// assert!(first.expose().eq(*b"n,,n=user,r=WlpaWlpaWlpaWlpaWlpaWg"));
/// // An OK of a server that did not prove itself is worth nothing.
/// assert!(scram.finish().is_err());
/// # }
/// # Ok::<(), mailwire::sasl::Error>(())
/// ```
pub struct Scram<'a, H: Hash> {
    exchange: Exchange<'a>,
    hash: PhantomData<H>,
}

/// What all of them are, so that it is in a program once.
struct Exchange<'a> {
    algorithm: Algorithm,
    authorization: &'a str,
    user: &'a str,
    password: Secret<'a>,
    nonce: &'a [u8],
    binding: Binding<'a>,
    iterations: (u32, u32),
    step: Step,
    /// What was sent last.
    message: Vec<u8, MESSAGE>,
}

/// The `gs2-cbind-flag`.
#[derive(Clone, Copy)]
enum Binding<'a> {
    /// `n`: the client has none.
    None,
    /// `y`: the client has one, and believes that the server has not.
    NotOffered,
    /// `p`.
    Bound(ChannelBinding<'a>),
}

enum Step {
    Begin,
    /// The first message was sent; up to `header` it is the `gs2-header`.
    First {
        header: usize,
    },
    /// The proof was sent; the server is to answer by this signature.
    Final(Hmac),
    Verified,
    Failed,
}

impl<'a, H: Hash> Scram<'a, H> {
    /// With these credentials. `nonce`: 16 or so random bytes that were never used before.
    pub fn new(user: &'a str, password: impl Into<Secret<'a>>, nonce: &'a [u8]) -> Self {
        let exchange = Exchange {
            algorithm: H::ALGORITHM,
            authorization: "",
            user,
            password: password.into(),
            nonce,
            binding: Binding::None,
            iterations: ITERATIONS,
            step: Step::Begin,
            message: Vec::new(),
        };
        Self { exchange, hash: PhantomData }
    }

    /// To log in as oneself, and be somebody else: `authzid`.
    #[must_use]
    pub fn acting_as(mut self, authorization: &'a str) -> Self {
        self.exchange.authorization = authorization;
        self
    }

    /// Binds the exchange to the TLS connection: SCRAM-…-PLUS, which the server must offer.
    #[must_use]
    pub fn bound_to(mut self, binding: ChannelBinding<'a>) -> Self {
        self.exchange.binding = Binding::Bound(binding);
        self
    }

    /// Says that the client could bind the exchange to the TLS connection, but that the server
    /// offers no SCRAM-…-PLUS. If in truth it does, somebody took it from the list, and the
    /// server ends the exchange (RFC 5802 section 6).
    #[must_use]
    pub fn binding_not_offered(mut self) -> Self {
        self.exchange.binding = Binding::NotOffered;
        self
    }

    /// How often the server may have the password hashed: 4096 to 1000000 times, unless told
    /// otherwise. The most bounds the time that the answer takes; what is below the least
    /// would make it easy to find out the password, for a server that is not the true one.
    #[must_use]
    pub fn iterations(mut self, bounds: RangeInclusive<u32>) -> Self {
        self.exchange.iterations = (*bounds.start(), *bounds.end());
        self
    }
}

impl Exchange<'_> {
    /// ```abnf
    /// gs2-header                = gs2-cbind-flag "," [ authzid ] ","
    /// client-first-message-bare = username "," nonce
    /// ```
    fn first(&mut self) -> Result<(), Error> {
        if self.nonce.len() < NONCE {
            return Err(Error::InvalidCredentials("a nonce that is too short"));
        }
        if self.user.is_empty() || self.authorization.contains('\0') {
            return Err(Error::InvalidCredentials("user"));
        }
        let message = &mut self.message;
        match self.binding {
            Binding::None => push(message, b"n")?,
            Binding::NotOffered => push(message, b"y")?,
            Binding::Bound(binding) => {
                push(message, b"p=")?;
                push(message, binding.name().as_bytes())?;
            }
        }
        push(message, b",")?;
        if !self.authorization.is_empty() {
            push(message, b"a=")?;
            push_name(message, self.authorization.bytes())?;
        }
        push(message, b",")?;
        let header = message.len();
        push(message, b"n=")?;
        push_name(message, prepare(self.user)?)?;
        push(message, b",r=")?;
        let mut text = [0; MESSAGE];
        let nonce = Base64::encode(self.nonce, &mut text).map_err(|_| TOO_LONG)?;
        push(message, nonce.trim_end_matches('=').as_bytes())?;
        self.step = Step::First { header };
        Ok(())
    }

    /// ```abnf
    /// client-final-message = channel-binding "," nonce "," proof
    /// AuthMessage          = client-first-message-bare "," server-first-message ","
    ///                        client-final-message-without-proof
    /// ```
    fn last(&mut self, header: usize, challenge: &[u8]) -> Result<(), Error> {
        let Some((_, bare)) = self.message.split_at_checked(header) else {
            return Err(Error::UnexpectedChallenge);
        };
        let ours = self.nonce.len().saturating_mul(4).div_ceil(3);
        let ours = bare.len().saturating_sub(ours);
        let ours = bare.get(ours..).unwrap_or_default();
        let server = ServerFirst::parse(challenge, ours).ok_or(Error::InvalidChallenge)?;
        let (least, most) = self.iterations;
        if !(least..=most).contains(&server.iterations) {
            return Err(Error::Iterations(server.iterations));
        }
        let mut salt = [0; SALT];
        let salt = base64(server.salt, &mut salt).ok_or(Error::InvalidChallenge)?;

        let salted = salted_password(self.algorithm, self.password, salt, server.iterations)?;
        let client_key = mac(self.algorithm, salted.as_bytes(), b"Client Key");
        let stored_key = hash(self.algorithm, client_key.as_bytes());
        let server_key = mac(self.algorithm, salted.as_bytes(), b"Server Key");
        let mut client = keyed_by(self.algorithm, stored_key.as_bytes());
        let mut server_side = keyed_by(self.algorithm, server_key.as_bytes());
        let mut sign = |bytes: &[u8]| {
            client.update(bytes);
            server_side.update(bytes);
        };
        sign(bare);
        sign(b",");
        sign(challenge);
        sign(b",");

        let mut bound = self.message.clone();
        bound.truncate(header);
        if let Binding::Bound(binding) = self.binding {
            push(&mut bound, binding.data())?;
        }
        self.message.clear();
        push(&mut self.message, b"c=")?;
        push_base64(&mut self.message, &bound)?;
        push(&mut self.message, b",r=")?;
        push(&mut self.message, server.nonce)?;
        sign(&self.message);

        let mut proof = client_key;
        proof.xor(&client.finalize());
        push(&mut self.message, b",p=")?;
        push_base64(&mut self.message, proof.as_bytes())?;
        self.step = Step::Final(server_side);
        Ok(())
    }

    fn name(&self) -> &'static str {
        let is_bound = matches!(self.binding, Binding::Bound(_));
        match self.algorithm {
            #[cfg(feature = "scram-sha-1")]
            Algorithm::Sha1 if is_bound => "SCRAM-SHA-1-PLUS",
            #[cfg(feature = "scram-sha-1")]
            Algorithm::Sha1 => "SCRAM-SHA-1",
            #[cfg(feature = "scram-sha-256")]
            Algorithm::Sha256 if is_bound => "SCRAM-SHA-256-PLUS",
            #[cfg(feature = "scram-sha-256")]
            Algorithm::Sha256 => "SCRAM-SHA-256",
        }
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        if !matches!(self.step, Step::Begin) {
            // What a server said to it before, anybody could say again.
            return Err(Error::InvalidCredentials("a nonce that was used"));
        }
        self.step = Step::Failed;
        self.first()?;
        Ok(Response::new(&self.message))
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        let step = core::mem::replace(&mut self.step, Step::Failed);
        let mut memory = [0; MESSAGE];
        let challenge = challenge.decode(&mut memory).ok_or(Error::InvalidChallenge)?;
        if let Some(error) = challenge.strip_prefix(b"e=") {
            return Err(Error::Refused(server_error(error)));
        }
        match step {
            Step::First { header } => {
                self.last(header, challenge)?;
                Ok(Response::new(&self.message))
            }
            Step::Final(hmac) => {
                verify(challenge, hmac)?;
                self.step = Step::Verified;
                Ok(Response::EMPTY)
            }
            Step::Begin | Step::Verified | Step::Failed => Err(Error::UnexpectedChallenge),
        }
    }
}

impl<H: Hash> Mechanism for Scram<'_, H> {
    fn name(&self) -> &'static str {
        self.exchange.name()
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        self.exchange.initial()
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        self.exchange.respond(challenge)
    }

    fn finish(&mut self) -> Result<(), Error> {
        match self.exchange.step {
            Step::Verified => Ok(()),
            _ => Err(Error::ServerNotVerified),
        }
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        // Out of the proof, passwords can be tried out.
        self.message.as_mut_slice().zeroize();
    }
}

impl<H: Hash> fmt::Debug for Scram<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name()).field("user", &self.exchange.user).finish_non_exhaustive()
    }
}

/// ```abnf
/// server-first-message = [reserved-mext ","] nonce "," salt ","
///                        iteration-count ["," extensions]
/// nonce                = "r=" c-nonce [s-nonce]
/// salt                 = "s=" base64
/// iteration-count      = "i=" posit-number
/// extensions           = attr-val *("," attr-val)
/// ```
struct ServerFirst<'m> {
    nonce: &'m [u8],
    salt: &'m [u8],
    iterations: u32,
}

impl<'m> ServerFirst<'m> {
    /// RFC 5802 section 7. `None` also if the nonce does not begin by ours and go on, or if
    /// there is a mandatory extension, for we know none.
    fn parse(message: &'m [u8], ours: &[u8]) -> Option<Self> {
        let mut attributes = message.split(|&byte| byte == b',');
        let nonce = attributes.next()?.strip_prefix(b"r=")?;
        let salt = attributes.next()?.strip_prefix(b"s=")?;
        let iterations = attributes.next()?.strip_prefix(b"i=")?;
        let theirs = nonce.strip_prefix(ours)?;
        let is_well_formed = !ours.is_empty()
            && !theirs.is_empty()
            && theirs.iter().all(u8::is_ascii_graphic)
            && !salt.is_empty()
            && attributes.all(|more| matches!(more, [b'a'..=b'z' | b'A'..=b'Z', b'=', _, ..]));
        let iterations = match iterations {
            [b'1'..=b'9', ..] => core::str::from_utf8(iterations).ok()?.parse().ok()?,
            _ => return None,
        };
        is_well_formed.then_some(Self { nonce, salt, iterations })
    }
}

/// That the message holds this signature. Takes as long whatever it holds.
///
/// ```abnf
/// server-final-message = (server-error / verifier) ["," extensions]
/// verifier             = "v=" base64
/// ```
fn verify(message: &[u8], signature: Hmac) -> Result<(), Error> {
    let verifier = message.split(|&byte| byte == b',').next().unwrap_or_default();
    let verifier = verifier.strip_prefix(b"v=").ok_or(Error::InvalidChallenge)?;
    let mut memory = [0; 64];
    let verifier = base64(verifier, &mut memory).ok_or(Error::InvalidChallenge)?;
    if signature.is(verifier) { Ok(()) } else { Err(Error::ServerNotVerified) }
}

/// `base64`, padding and all (RFC 5802 section 7).
fn base64<'m>(text: &[u8], memory: &'m mut [u8]) -> Option<&'m [u8]> {
    text.len().is_multiple_of(4).then(|| Challenge::new(text).decode(memory))?
}

/// ```abnf
/// server-error = "e=" server-error-value
/// ```
fn server_error(value: &[u8]) -> &'static str {
    const KNOWN: &[&str] = &[
        "invalid-encoding",
        "extensions-not-supported",
        "invalid-proof",
        "channel-bindings-dont-match",
        "server-does-support-channel-binding",
        "channel-binding-not-supported",
        "unsupported-channel-binding-type",
        "unknown-user",
        "invalid-username-encoding",
        "no-resources",
    ];
    let value = value.split(|&byte| byte == b',').next().unwrap_or_default();
    // RFC 5802 section 7: others should be treated as this one.
    KNOWN.iter().find(|known| known.as_bytes() == value).unwrap_or(&"other-error")
}

/// ```abnf
/// SaltedPassword = Hi(Normalize(password), salt, i)
/// ```
///
/// Hi is PBKDF2 (RFC 8018) with HMAC, of one block.
fn salted_password(
    algorithm: Algorithm,
    password: Secret<'_>,
    salt: &[u8],
    iterations: u32,
) -> Result<Output, Error> {
    let password = core::str::from_utf8(password.expose())
        .map_err(|_| Error::InvalidCredentials("a password that is not UTF-8"))?;
    let keyed = Hmac::new(algorithm, prepare(password)?);
    let mut hmac = keyed.clone();
    hmac.update(salt);
    hmac.update(&1_u32.to_be_bytes());
    let mut block = hmac.finalize();
    let mut sum = block.clone();
    for _ in 1..iterations {
        let mut hmac = keyed.clone();
        hmac.update(block.as_bytes());
        block = hmac.finalize();
        sum.xor(&block);
    }
    Ok(sum)
}

fn keyed_by(algorithm: Algorithm, key: &[u8]) -> Hmac {
    Hmac::new(algorithm, key.iter().copied())
}

fn mac(algorithm: Algorithm, key: &[u8], bytes: &[u8]) -> Output {
    let mut hmac = keyed_by(algorithm, key);
    hmac.update(bytes);
    hmac.finalize()
}

/// Chunk by chunk, for there is nowhere to put the whole.
fn push_base64(to: &mut Vec<u8, MESSAGE>, bytes: &[u8]) -> Result<(), Error> {
    let mut text = [0; 64];
    for chunk in bytes.chunks(48) {
        let text = Base64::encode(chunk, &mut text).map_err(|_| TOO_LONG)?;
        push(to, text.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{base64, bytes};
    use super::*;
    use std::string::String;

    /// What the mechanism answers to a message in clear.
    fn answer<H: Hash>(scram: &mut Scram<'_, H>, message: &str) -> Result<String, Error> {
        let challenge = base64(message.as_bytes());
        let response = scram.respond(Challenge::new(challenge.as_bytes()))?;
        Ok(String::from_utf8(bytes(&response)).unwrap())
    }

    fn begin<H: Hash>(scram: &mut Scram<'_, H>) -> Result<String, Error> {
        Ok(String::from_utf8(bytes(&scram.initial()?)).unwrap())
    }

    /// A nonce as it is printed in an RFC.
    fn nonce(printed: &str) -> std::vec::Vec<u8> {
        Base64::decode(printed, &mut [0; 32]).unwrap().to_vec()
    }

    /// Says the server's part, and checks the client's.
    fn exchange<H: Hash>(mut scram: Scram<'_, H>, lines: [&str; 4]) {
        let [client_first, server_first, client_final, server_final] = lines;
        assert_eq!(begin(&mut scram).unwrap(), client_first);
        assert_eq!(scram.finish(), Err(Error::ServerNotVerified));
        assert_eq!(answer(&mut scram, server_first).unwrap(), client_final);
        assert_eq!(scram.finish(), Err(Error::ServerNotVerified));
        assert_eq!(answer(&mut scram, server_final).unwrap(), "");
        assert_eq!(scram.finish(), Ok(()));
        // And nothing more.
        assert_eq!(answer(&mut scram, server_final), Err(Error::UnexpectedChallenge));
        assert_eq!(scram.finish(), Err(Error::ServerNotVerified));
    }

    /// RFC 5802 section 5.
    #[cfg(feature = "scram-sha-1")]
    #[test]
    fn rfc_5802() {
        let nonce = nonce("fyko+d2lbbFgONRv9qkxdawL");
        let scram = ScramSha1::new("user", "pencil", &nonce);
        assert_eq!(scram.name(), "SCRAM-SHA-1");
        exchange(
            scram,
            [
                "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                 p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
            ],
        );
    }

    /// Computed by Python's `hashlib`. A password longer than the hash's block.
    #[cfg(feature = "scram-sha-1")]
    #[test]
    fn sha_1_plus() {
        let password = "x".repeat(100);
        let scram = ScramSha1::new("user", &*password, &[0x5a; 16])
            .bound_to(ChannelBinding::TlsUnique(&[7; 12]));
        assert_eq!(scram.name(), "SCRAM-SHA-1-PLUS");
        exchange(
            scram,
            [
                "p=tls-unique,,n=user,r=WlpaWlpaWlpaWlpaWlpaWg",
                "r=WlpaWlpaWlpaWlpaWlpaWgsrv,s=c2FsdA==,i=4096",
                "c=cD10bHMtdW5pcXVlLCwHBwcHBwcHBwcHBwc=,r=WlpaWlpaWlpaWlpaWlpaWgsrv,\
                 p=FGwCRNflnFSTDlFcwz+jzQgxzPM=",
                "v=iPmnVWtNzM2vuXBf6JDV9tkbk14=",
            ],
        );
    }

    #[cfg(feature = "scram-sha-256")]
    mod sha_256 {
        use super::*;
        use proptest::prelude::*;
        use std::format;
        use std::string::ToString;

        const NONCE: [u8; 16] = [0x5a; 16];
        const LINES: [&str; 4] = [
            "y,,n=user,r=WlpaWlpaWlpaWlpaWlpaWg",
            "r=WlpaWlpaWlpaWlpaWlpaWgsrv,s=c2FsdA==,i=4096",
            "c=eSws,r=WlpaWlpaWlpaWlpaWlpaWgsrv,p=E9m0cxjFud+Sdi/WCRmx8p+nzoUTOTT/3KtA5OotMr4=",
            "v=IHPk51xenhGwpzrpBp0IvZ/ZoZEvWzQhIefjqfICkDM=",
        ];

        fn scram() -> ScramSha256<'static> {
            ScramSha256::new("user", "pencil", &NONCE).binding_not_offered()
        }

        /// One that said its first message.
        fn begun() -> ScramSha256<'static> {
            let mut scram = scram();
            begin(&mut scram).unwrap();
            scram
        }

        /// RFC 7677 section 3.
        #[test]
        fn rfc_7677() {
            let nonce = nonce("rOprNGfwEbeRWgbNEkqO");
            let scram = ScramSha256::new("user", "pencil", &nonce);
            assert_eq!(scram.name(), "SCRAM-SHA-256");
            exchange(
                scram,
                [
                    "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
                ],
            );
        }

        /// These were computed by Python's `hashlib`.
        #[test]
        fn bound_prepared_escaped() {
            exchange(scram(), LINES);
            let binding: std::vec::Vec<u8> = (0..32).collect();
            let scram = ScramSha256::new("us\u{ad},er", "päss\u{a0}wörd", &NONCE)
                .acting_as("admin=x")
                .bound_to(ChannelBinding::TlsExporter(&binding));
            assert_eq!(scram.name(), "SCRAM-SHA-256-PLUS");
            exchange(
                scram,
                [
                    "p=tls-exporter,a=admin=3Dx,n=us=2Cer,r=WlpaWlpaWlpaWlpaWlpaWg",
                    "r=WlpaWlpaWlpaWlpaWlpaWg%srv,s=c2FsdFNBTFRzYWx0U0FMVA==,i=5000",
                    "c=cD10bHMtZXhwb3J0ZXIsYT1hZG1pbj0zRHgsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw\
                     dHh8=,r=WlpaWlpaWlpaWlpaWlpaWg%srv,p=3H4XY1YH5slLgCwppJn7a42P24JTi6tgyPinpGof\
                     6gU=",
                    "v=2ypn8uBywet+TW7PbGKFVTznEiwS1BTysVvHbZhh1ko=",
                ],
            );
        }

        #[test]
        fn server_not_verified() {
            let [_, first, _, last] = LINES;
            let wrong = last.replace("IHPk", "IHPl");
            let short = "v=IHPk";
            for (message, error) in [
                (&*wrong, Error::ServerNotVerified),
                (short, Error::ServerNotVerified),
                ("v=", Error::ServerNotVerified),
                ("", Error::InvalidChallenge),
                ("v", Error::InvalidChallenge),
                (first, Error::InvalidChallenge),
                (last.strip_suffix('=').unwrap(), Error::InvalidChallenge),
                ("e=invalid-proof", Error::Refused("invalid-proof")),
                (
                    "e=channel-bindings-dont-match,x=y",
                    Error::Refused("channel-bindings-dont-match"),
                ),
                ("e=\u{1b}[31m", Error::Refused("other-error")),
            ] {
                let mut scram = begun();
                answer(&mut scram, first).unwrap();
                assert_eq!(answer(&mut scram, message), Err(error), "{message}");
                // It stays so, though the right one follows.
                assert!(answer(&mut scram, last).is_err());
                assert_eq!(scram.finish(), Err(Error::ServerNotVerified));
            }
            // A signature that comes too soon.
            let mut scram = begun();
            assert_eq!(answer(&mut scram, last), Err(Error::InvalidChallenge));
            assert_eq!(scram.finish(), Err(Error::ServerNotVerified));
            // Extensions are passed over.
            let mut scram = begun();
            answer(&mut scram, first).unwrap();
            assert_eq!(answer(&mut scram, &format!("{last},x=y")).unwrap(), "");
            assert_eq!(scram.finish(), Ok(()));
        }

        #[test]
        fn server_first() {
            let ours = "r=WlpaWlpaWlpaWlpaWlpaWg";
            assert!(answer(&mut begun(), &format!("{ours}x,s=c2FsdA==,i=4096,x=y,z=1")).is_ok());
            let long = "A".repeat(4 * SALT);
            for (message, error) in [
                // No nonce, not ours, nothing added to it, not printable.
                (String::new(), Error::InvalidChallenge),
                ("s=c2FsdA==,i=4096".to_string(), Error::InvalidChallenge),
                ("r=XlpaWlpaWlpaWlpaWlpaWgsrv,s=c2FsdA==,i=4096".into(), Error::InvalidChallenge),
                (format!("{ours},s=c2FsdA==,i=4096"), Error::InvalidChallenge),
                (format!("{ours} x,s=c2FsdA==,i=4096"), Error::InvalidChallenge),
                (format!("{ours}é,s=c2FsdA==,i=4096"), Error::InvalidChallenge),
                // Salts.
                (format!("{ours}x,s=,i=4096"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2Fs*A==,i=4096"), Error::InvalidChallenge),
                (format!("{ours}x,s={long},i=4096"), Error::InvalidChallenge),
                // Counts.
                (format!("{ours}x,s=c2FsdA=="), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i="), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=04096"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=+4096"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=4096 "), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=99999999999"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=4095"), Error::Iterations(4095)),
                (format!("{ours}x,s=c2FsdA==,i=1000001"), Error::Iterations(1_000_001)),
                // Extensions: mandatory, broken.
                (format!("m=x,{ours}x,s=c2FsdA==,i=4096"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=4096,"), Error::InvalidChallenge),
                (format!("{ours}x,s=c2FsdA==,i=4096,1=x"), Error::InvalidChallenge),
                ("e=unknown-user".into(), Error::Refused("unknown-user")),
            ] {
                let mut scram = begun();
                assert_eq!(answer(&mut scram, &message), Err(error), "{message}");
                assert_eq!(answer(&mut scram, LINES[1]), Err(Error::UnexpectedChallenge));
            }
            let few = format!("{ours}x,s=c2FsdA==,i=1");
            let mut scram = scram().iterations(1..=10);
            begin(&mut scram).unwrap();
            assert!(answer(&mut scram, &few).is_ok());
        }

        #[test]
        fn truncated() {
            let [_, first, _, last] = LINES;
            for end in 0..last.len() {
                let mut scram = begun().iterations(1..=4096);
                // A count cut to fewer digits is not to be told from a smaller one.
                let cut = first.get(..end.min(first.len() - 5)).unwrap();
                assert!(answer(&mut scram, cut).is_err(), "{cut}");
                let mut scram = begun().iterations(1..=2);
                answer(&mut scram, &first.replace("4096", "2")).unwrap();
                assert!(answer(&mut scram, last.get(..end).unwrap()).is_err());
                assert!(scram.finish().is_err());
            }
        }

        #[test]
        fn credentials() {
            let long = "u".repeat(600);
            for mut scram in [
                ScramSha256::new("", "pencil", &NONCE),
                ScramSha256::new("a\0", "pencil", &NONCE),
                ScramSha256::new(&long, "pencil", &NONCE),
                ScramSha256::new("user", "pencil", &NONCE[..8]),
                ScramSha256::new("user", "pencil", &[0; 500]),
                ScramSha256::new("user", "pencil", &NONCE).acting_as("\0"),
            ] {
                assert!(matches!(begin(&mut scram), Err(Error::InvalidCredentials(_))));
                assert!(answer(&mut scram, LINES[1]).is_err());
            }
            for password in [&b"\xff"[..], b"a\nb"] {
                let mut scram = ScramSha256::new("user", password, &NONCE);
                begin(&mut scram).unwrap();
                let answer = answer(&mut scram, LINES[1]);
                assert!(matches!(answer, Err(Error::InvalidCredentials(_))), "{answer:?}");
            }
            // A nonce is used once.
            assert!(matches!(begin(&mut begun()), Err(Error::InvalidCredentials(_))));
            assert_eq!(answer(&mut scram(), LINES[1]), Err(Error::UnexpectedChallenge));
        }

        #[test]
        fn shows_no_secret() {
            let mut scram = begun();
            assert_eq!(format!("{scram:?}"), r#"SCRAM-SHA-256 { user: "user", .. }"#);
            answer(&mut scram, LINES[1]).unwrap();
            assert_eq!(format!("{scram:?}"), r#"SCRAM-SHA-256 { user: "user", .. }"#);
            let binding = ChannelBinding::TlsExporter(b"\x01\x02");
            assert_eq!(format!("{binding:?}"), "ChannelBinding(tls-exporter)");
        }

        proptest! {
            #[test]
            fn garbage(first: std::vec::Vec<u8>, last: std::vec::Vec<u8>, tail in ".{0,40}") {
                let mut scram = begun().iterations(1..=2);
                let _ = scram.respond(Challenge::new(&first));
                prop_assert!(scram.finish().is_err());

                let mut scram = begun().iterations(1..=2);
                let _ = answer(&mut scram, &format!("{}{tail}", &LINES[1][..26]));
                prop_assert!(scram.finish().is_err());

                let mut scram = begun().iterations(1..=2);
                answer(&mut scram, &LINES[1].replace("4096", "2")).unwrap();
                let _ = scram.respond(Challenge::new(&last));
                prop_assert!(scram.finish().is_err());
            }
        }
    }
}
