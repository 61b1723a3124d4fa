//! HMAC (RFC 2104) over keys that come byte by byte.

use hmac::digest::common::Key;
use hmac::{EagerHash, Hmac, KeyInit};
use zeroize::Zeroize;

/// An HMAC with this key.
///
/// The key is put where it is needed as it comes, and is wiped from there, so that it may be
/// of any length and need never be whole in memory.
pub(super) fn keyed<D: EagerHash>(key: impl Iterator<Item = u8> + Clone) -> Hmac<D> {
    let mut block = Key::<Hmac<D>>::default();
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
    let hmac = Hmac::new(&block);
    block.as_mut_slice().zeroize();
    hmac
}
