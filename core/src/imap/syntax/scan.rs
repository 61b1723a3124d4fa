//! Finding bytes fast in what is mostly short text.

const WORD: usize = size_of::<usize>();
/// 0x01 and 0x80 in each byte of a word.
const LOW: usize = usize::MAX / 0xff;
const HIGH: usize = LOW << 7;

/// Where the first byte is that is one of `wanted`; the length if there is none.
///
/// It looks at a word at a time. (The memchr crate is made for longer searches: its calls
/// cost more than the strings of an envelope are long.)
#[inline]
pub(crate) fn find<const N: usize>(i: &[u8], wanted: [u8; N]) -> usize {
    find_below::<N, 0>(i, wanted)
}

/// The same for one of `wanted`, or any byte below `END` (up to 0x80).
#[inline]
pub(crate) fn find_below<const N: usize, const END: u8>(i: &[u8], wanted: [u8; N]) -> usize {
    let mut at = 0_usize;
    let mut rest = i;
    while let Some((chunk, after)) = rest.split_first_chunk::<WORD>() {
        let word = usize::from_le_bytes(*chunk);
        // In each case, the lowest of the high bits that is set stands in the first such byte.
        let mut found = word.wrapping_sub(LOW.wrapping_mul(usize::from(END))) & !word;
        for byte in wanted {
            let zero_where_equal = word ^ LOW.wrapping_mul(usize::from(byte));
            found |= zero_where_equal.wrapping_sub(LOW) & !zero_where_equal;
        }
        found &= HIGH;
        if found != 0 {
            return at.wrapping_add((found.trailing_zeros() / 8) as usize);
        }
        at = at.wrapping_add(WORD);
        rest = after;
    }
    let tail = rest.iter().position(|byte| *byte < END || wanted.contains(byte));
    at.wrapping_add(tail.unwrap_or(rest.len()))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn finds_the_first() {
        for length in 0..40 {
            for at in 0..=length {
                // Bytes that differ from the wanted ones by little, before and behind.
                let mut text = std::vec![b'!'; length];
                for (index, byte) in text.iter_mut().enumerate() {
                    *byte = [b'!', b'#', 0xa2, 0xdc, b'[', 0, 0xff][index % 7];
                }
                if at < length {
                    text[at] = b'"';
                    if at + 2 < length {
                        text[at + 2] = b'\\';
                    }
                }
                assert_eq!(find(&text, [b'\\', b'"']), at);
                assert_eq!(find_below::<1, 1>(&text, [b'"']), at.min(5).min(length));
                assert_eq!(find(&text, [b'$', b'%', b'&']), length);
            }
        }
    }
}
