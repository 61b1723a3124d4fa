//! Numbers (RFC 9051 section 4.2).

use super::{Parsed, fail};

/// `number64 = 1*DIGIT` (RFC 9051 section 9), below 2^64.
#[inline]
pub(crate) fn number64(i: &[u8]) -> Parsed<'_, u64> {
    let mut value = 0_u64;
    let mut rest = i;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        let digit = u64::from(digit & 0x0f);
        let Some(next) = value.checked_mul(10).and_then(|tens| tens.checked_add(digit)) else {
            return fail();
        };
        value = next;
        rest = after;
    }
    if rest.len() == i.len() { fail() } else { Ok((rest, value)) }
}

/// `number = 1*DIGIT` (RFC 9051 section 9), below 2^32. Zero is no error: servers say
/// `[UIDNEXT 0]`.
#[inline]
pub(crate) fn number(i: &[u8]) -> Parsed<'_, u32> {
    let mut value = 0_u32;
    let mut rest = i;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        let digit = u32::from(digit & 0x0f);
        let Some(next) = value.checked_mul(10).and_then(|tens| tens.checked_add(digit)) else {
            return fail();
        };
        value = next;
        rest = after;
    }
    if rest.len() == i.len() { fail() } else { Ok((rest, value)) }
}

/// The digits of a number, without a heap.
pub(crate) struct Digits {
    text: [u8; 20],
    start: usize,
}

impl Digits {
    pub(crate) fn new(mut value: u64) -> Self {
        let mut text = [b'0'; 20];
        let mut start = 20_usize;
        for place in text.iter_mut().rev() {
            *place = b'0' | (value % 10) as u8;
            value /= 10;
            start = start.wrapping_sub(1);
            if value == 0 {
                break;
            }
        }
        Self { text, start }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        assert_eq!(number(b"4294967295]").unwrap(), (&b"]"[..], u32::MAX));
        assert!(number(b"4294967296").is_err());
        assert!(number(b"-1").is_err());
        assert!(number(b"").is_err());
        assert_eq!(number(b"007").unwrap().1, 7);
        assert_eq!(number64(b"18446744073709551615").unwrap().1, u64::MAX);
        assert!(number64(b"18446744073709551616").is_err());
    }

    #[test]
    fn digits() {
        for value in [0, 7, 10, 4096, u64::MAX] {
            let digits = Digits::new(value);
            assert_eq!(number64(digits.as_bytes()).unwrap(), (&b""[..], value));
        }
        assert_eq!(Digits::new(0).as_bytes(), b"0");
    }
}
