//! The hashes of SCRAM and HMAC (RFC 2104) with them. Which one is chosen while the program runs: so
//! what uses it is there once, however many hashes there are.

use hmac::digest::common::Key;
use hmac::{EagerHash, KeyInit, Mac};
use zeroize::Zeroize;

/// The length of the longest hash.
const LONGEST: usize = 32;

/// A hash that SCRAM is registered with.
#[derive(Debug, Clone, Copy)]
pub enum Algorithm {
    /// RFC 3174.
    #[cfg(feature = "scram-sha-1")]
    Sha1,
    /// RFC 6234.
    #[cfg(feature = "scram-sha-256")]
    Sha256,
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
    pub(super) fn xor(&mut self, other: &Self) {
        for (to, with) in self.bytes.iter_mut().zip(&other.bytes) {
            *to ^= with;
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The hash of these bytes.
pub(super) fn hash(algorithm: Algorithm, bytes: &[u8]) -> Output {
    match algorithm {
        #[cfg(feature = "scram-sha-1")]
        Algorithm::Sha1 => Output::taken(&mut <sha1::Sha1 as sha1::Digest>::digest(bytes)),
        #[cfg(feature = "scram-sha-256")]
        Algorithm::Sha256 => Output::taken(&mut <sha2::Sha256 as sha2::Digest>::digest(bytes)),
    }
}

/// An HMAC of what comes.
#[derive(Clone)]
pub(super) enum Hmac {
    #[cfg(feature = "scram-sha-1")]
    Sha1(hmac::Hmac<sha1::Sha1>),
    #[cfg(feature = "scram-sha-256")]
    Sha256(hmac::Hmac<sha2::Sha256>),
}

impl Hmac {
    /// With this key, which need never be whole in memory.
    pub(super) fn new(algorithm: Algorithm, key: impl Iterator<Item = u8> + Clone) -> Self {
        match algorithm {
            #[cfg(feature = "scram-sha-1")]
            Algorithm::Sha1 => Self::Sha1(keyed(key)),
            #[cfg(feature = "scram-sha-256")]
            Algorithm::Sha256 => Self::Sha256(keyed(key)),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            #[cfg(feature = "scram-sha-1")]
            Self::Sha1(it) => it.update(bytes),
            #[cfg(feature = "scram-sha-256")]
            Self::Sha256(it) => it.update(bytes),
        }
    }

    pub(super) fn finalize(self) -> Output {
        match self {
            #[cfg(feature = "scram-sha-1")]
            Self::Sha1(it) => Output::taken(&mut it.finalize().into_bytes()),
            #[cfg(feature = "scram-sha-256")]
            Self::Sha256(it) => Output::taken(&mut it.finalize().into_bytes()),
        }
    }

    /// Whether it is this. How long that takes does not tell where they differ.
    pub(super) fn is(self, tag: &[u8]) -> bool {
        match self {
            #[cfg(feature = "scram-sha-1")]
            Self::Sha1(it) => it.verify_slice(tag).is_ok(),
            #[cfg(feature = "scram-sha-256")]
            Self::Sha256(it) => it.verify_slice(tag).is_ok(),
        }
    }
}

/// The key is put where it is needed as it comes, and is wiped from there.
fn keyed<D: EagerHash>(key: impl Iterator<Item = u8> + Clone) -> hmac::Hmac<D> {
    let mut block = Key::<hmac::Hmac<D>>::default();
    if key.clone().count() <= block.len() {
        for (to, from) in block.iter_mut().zip(key) {
            *to = from;
        }
    } else {
        let mut digest = D::new();
        for byte in key {
            digest.update([byte]);
        }
        let mut hash = digest.finalize();
        for (to, from) in block.iter_mut().zip(&hash) {
            *to = *from;
        }
        hash.as_mut_slice().zeroize();
    }
    let hmac = hmac::Hmac::new(&block);
    block.as_mut_slice().zeroize();
    hmac
}
