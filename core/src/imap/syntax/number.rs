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

#[cfg(test)]
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
}
