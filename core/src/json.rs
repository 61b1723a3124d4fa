//! What the protocols' events have in common as data.

use base64ct::{Base64, Encoding as _};
use core::fmt;
use serde::{Serialize, Serializer};

/// Bytes in base64.
pub(crate) struct Exact<'r>(pub(crate) &'r [u8]);

impl Exact<'_> {
    /// Whether text shows the bytes as well.
    pub(crate) fn is_not_needed(&self) -> bool {
        core::str::from_utf8(self.0).is_ok()
    }
}

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Exact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chunks(48).try_for_each(|bytes| {
            f.write_str(Base64::encode(bytes, &mut [0; 64]).map_err(|_| fmt::Error)?)
        })
    }
}
