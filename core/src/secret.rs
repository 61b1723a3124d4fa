//! Passwords and tokens on their way through.

use core::fmt;

/// Something that must not be seen: a password, an OAuth token, a SASL response.
///
/// It borrows the caller's bytes, is never copied anywhere but into
/// [`Tx`](crate::Tx) (which wipes it once sent), and shows itself to no `Debug`, `defmt`
/// or log. Wiping the original is the caller's part.
///
/// ```
/// # use mailwire::Secret;
/// assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret(…)");
/// ```
#[derive(Clone, Copy)]
pub struct Secret<'a>(&'a [u8]);

impl<'a> Secret<'a> {
    /// Marks `bytes` as secret.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes, for whoever must send or hash them.
    pub const fn expose(&self) -> &'a [u8] {
        self.0
    }
}

impl<'a> From<&'a str> for Secret<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Secret<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Secret<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Secret(…)");
    }
}
