//! HMAC (RFC 2104) over keys that come byte by byte, with a hash that is chosen while the program
//! runs: so what uses it is there once, however many hashes there are.

use zeroize::Zeroize;

/// The length of a block, in bytes, of each of the hashes.
const BLOCK: usize = 64;
/// The length of the longest hash.
const LONGEST: usize = 32;

/// A hash.
// SCRAM tells it in its public trait; CRAM-MD5 alone does not.
#[cfg_attr(
    not(any(feature = "scram-sha-1", feature = "scram-sha-256")),
    allow(unreachable_pub)
)]
#[derive(Debug, Clone, Copy)]
pub enum Algorithm {
    /// RFC 1321.
    #[cfg(feature = "cram-md5")]
    Md5,
    /// RFC 3174.
    #[cfg(feature = "scram-sha-1")]
    Sha1,
    /// RFC 6234.
    #[cfg(feature = "scram-sha-256")]
    Sha256,
}

/// Bytes that are hashed. They wipe themselves.
#[derive(Clone)]
enum State {
    #[cfg(feature = "cram-md5")]
    Md5(md5::Md5),
    #[cfg(feature = "scram-sha-1")]
    Sha1(sha1::Sha1),
    #[cfg(feature = "scram-sha-256")]
    Sha256(sha2::Sha256),
}

impl State {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            #[cfg(feature = "cram-md5")]
            Algorithm::Md5 => Self::Md5(md5::Digest::new()),
            #[cfg(feature = "scram-sha-1")]
            Algorithm::Sha1 => Self::Sha1(sha1::Digest::new()),
            #[cfg(feature = "scram-sha-256")]
            Algorithm::Sha256 => Self::Sha256(sha2::Digest::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "cram-md5")]
            Self::Md5(it) => md5::Digest::update(it, bytes),
            #[cfg(feature = "scram-sha-1")]
            Self::Sha1(it) => sha1::Digest::update(it, bytes),
            #[cfg(feature = "scram-sha-256")]
            Self::Sha256(it) => sha2::Digest::update(it, bytes),
        }
    }

    fn finalize(self) -> Output {
        match self {
            #[cfg(feature = "cram-md5")]
            Self::Md5(it) => Output::taken(&mut md5::Digest::finalize(it)),
            #[cfg(feature = "scram-sha-1")]
            Self::Sha1(it) => Output::taken(&mut sha1::Digest::finalize(it)),
            #[cfg(feature = "scram-sha-256")]
            Self::Sha256(it) => Output::taken(&mut sha2::Digest::finalize(it)),
        }
    }
}

/// A hash of something. It is wiped when it is dropped.
#[derive(Clone)]
pub(super) struct Output {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Output {
    fn taken(hash: &mut [u8]) -> Self {
        let mut bytes = [0; LONGEST];
        for (to, from) in bytes.iter_mut().zip(hash.iter()) {
            *to = *from;
        }
        let length = hash.len();
        hash.zeroize();
        Self { bytes, length }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Each bit that is set in the other is turned over.
    #[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
    pub(super) fn xor(&mut self, other: &Self) {
        for (to, with) in self.bytes.iter_mut().zip(&other.bytes) {
            *to ^= with;
        }
    }

    /// Whether these are the same bytes. How long that takes does not tell where they differ.
    #[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
    pub(super) fn is(&self, other: &[u8]) -> bool {
        let differences = self.as_bytes().iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
        self.length == other.len() && core::hint::black_box(differences) == 0
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The hash of these bytes.
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
pub(super) fn hash(algorithm: Algorithm, bytes: &[u8]) -> Output {
    let mut state = State::new(algorithm);
    state.update(bytes);
    state.finalize()
}

/// An HMAC of what comes.
#[derive(Clone)]
pub(super) struct Hmac {
    inner: State,
    outer: State,
}

impl Hmac {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    pub(super) fn finalize(self) -> Output {
        let Self { inner, mut outer } = self;
        outer.update(inner.finalize().as_bytes());
        outer.finalize()
    }
}

/// An HMAC with this key.
///
/// The key is put where it is needed as it comes, and is wiped from there, so that it may be
/// of any length and need never be whole in memory.
pub(super) fn keyed(algorithm: Algorithm, key: impl Iterator<Item = u8> + Clone) -> Hmac {
    let mut block = [0; BLOCK];
    if key.clone().count() <= BLOCK {
        for (to, from) in block.iter_mut().zip(key) {
            *to = from;
        }
    } else {
        let mut state = State::new(algorithm);
        for byte in key {
            state.update(&[byte]);
        }
        for (to, from) in block.iter_mut().zip(state.finalize().as_bytes()) {
            *to = *from;
        }
    }
    let mut pad = |with: u8| {
        let mut state = State::new(algorithm);
        block.iter_mut().for_each(|byte| *byte ^= with);
        state.update(&block);
        state
    };
    let inner = pad(0x36);
    // What was there before goes away by itself.
    let outer = pad(0x36 ^ 0x5c);
    block.zeroize();
    Hmac { inner, outer }
}
