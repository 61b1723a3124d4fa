//! How far a mailbox was watched.

/// How far a mailbox was watched: what a watcher must find again after a restart. The caller
/// keeps it, as [24 bytes](Self::to_bytes) in flash or in a file.
///
/// UIDs below [`next_uid`](Self::next_uid) were alerted and acknowledged, or did not match the
/// filter. They mean something only together with the UIDVALIDITY (RFC 9051 section 2.3.1.1).
///
/// Where it is kept in flash, which wears: it must be kept after an acknowledgement and when the
/// mailbox was opened anew. When all is told it may have moved over messages that do not match the
/// filter; if that is not kept, they are searched once more. A [`mod_seq`](Self::mod_seq) that has
/// changed is no reason to keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Cursor {
    /// The mailbox's UIDVALIDITY. `None`: it was never watched. Wider than the RFC's 32 bits,
    /// since some servers are.
    pub uid_validity: Option<u64>,
    /// The lowest UID that is still to be looked at.
    pub next_uid: u32,
    /// The mailbox's highest mod-sequence when all was looked at; 0 if it has none (RFC 7162).
    pub mod_seq: u64,
}

impl Cursor {
    /// Of a mailbox that was never watched.
    pub const fn new() -> Self {
        Self { uid_validity: None, next_uid: 0, mod_seq: 0 }
    }

    /// The cursor to be kept: little-endian UIDVALIDITY (8 bytes), mod-sequence (8), next UID
    /// (4), and a check of these (4).
    pub fn to_bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let validity = self.uid_validity.unwrap_or(u64::MAX).to_le_bytes();
        let (mod_seq, next_uid) = (self.mod_seq.to_le_bytes(), self.next_uid.to_le_bytes());
        let fields = validity.iter().chain(&mod_seq).chain(&next_uid);
        for (to, from) in bytes.iter_mut().zip(fields) {
            *to = *from;
        }
        if let Some((fields, kept)) = bytes.split_last_chunk_mut::<4>() {
            *kept = check(fields).to_le_bytes();
        }
        bytes
    }

    /// The cursor that was kept. `None` if the bytes are none: erased flash, or a write that was
    /// cut short. Then begin with [`new`](Self::new), or with the one that was kept before.
    pub fn from_bytes(bytes: &[u8; 24]) -> Option<Self> {
        let (fields, kept) = bytes.split_last_chunk::<4>()?;
        if check(fields) != u32::from_le_bytes(*kept) {
            return None;
        }
        let (validity, rest) = fields.split_first_chunk::<8>()?;
        let (mod_seq, rest) = rest.split_first_chunk::<8>()?;
        let (next_uid, _) = rest.split_first_chunk::<4>()?;
        let validity = u64::from_le_bytes(*validity);
        Some(Self {
            uid_validity: (validity != u64::MAX).then_some(validity),
            mod_seq: u64::from_le_bytes(*mod_seq),
            next_uid: u32::from_le_bytes(*next_uid),
        })
    }
}

/// FNV-1a, by which neither erased flash nor zeros pass for a cursor or a record.
pub(super) fn check(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept() {
        for cursor in [
            Cursor::new(),
            Cursor { uid_validity: Some(3_857_529_045), next_uid: 4392, mod_seq: 0 },
            Cursor { uid_validity: Some(1 << 40), next_uid: u32::MAX, mod_seq: u64::MAX },
        ] {
            let mut bytes = cursor.to_bytes();
            assert_eq!(Cursor::from_bytes(&bytes), Some(cursor));
            for at in 0..24 {
                bytes[at] ^= 0x10;
                assert_eq!(Cursor::from_bytes(&bytes), None);
                bytes[at] ^= 0x10;
            }
        }
        assert_eq!(Cursor::from_bytes(&[0xff; 24]), None);
        assert_eq!(Cursor::from_bytes(&[0; 24]), None);
    }
}
