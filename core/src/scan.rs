//! Finding bytes fast in what is mostly short text.
//!
//! A word is looked at in one go. (The memchr crate is made for longer searches: its calls
//! cost more than the strings of an envelope are long.)

/// Whether what is usual gets a short way of its own beside the way for all. Where flash is scarce
/// it does not: these ways take nearly two KiB.
pub(crate) const SHORT_WAYS: bool = cfg!(target_pointer_width = "64");

/// 0x01 and 0x80 in each byte of a word.
const LOW: usize = usize::MAX / 0xff;
const HIGH: usize = LOW << 7;

/// Some bytes of text, as many as a register holds.
///
/// Each test sets the high bit of the first byte that it is true of, and perhaps of some
/// behind it. The bytes asked about are ASCII. Tests are combined by `|`.
#[derive(Clone, Copy)]
pub(crate) struct Word(usize);

impl Word {
    /// A byte equals `byte`.
    #[inline(always)]
    pub(crate) const fn is(self, byte: u8) -> usize {
        (self.0 ^ LOW.wrapping_mul(byte as usize)).wrapping_sub(LOW) & !self.0
    }

    /// A byte equals `byte`, which is even, or the one after it.
    #[inline(always)]
    pub(crate) const fn is_one_of_two(self, byte: u8) -> usize {
        Self(self.0 & !LOW).is(byte)
    }

    /// A byte is a quote or below SP: with the bit that tells a quote from a space turned over,
    /// these are the lowest.
    #[inline(always)]
    pub(crate) const fn is_quote_or_control(self) -> usize {
        Self(self.0 ^ LOW << 1).is_below(b' ' + 1)
    }

    /// A byte is below `end`.
    #[inline(always)]
    pub(crate) const fn is_below(self, end: u8) -> usize {
        self.0.wrapping_sub(LOW.wrapping_mul(end as usize)) & !self.0
    }
}

/// Where the first byte is that `stop` is true of; the length if there is none. It must not
/// be true of `x`.
#[inline]
pub(crate) fn find(i: &[u8], stop: impl Fn(Word) -> usize) -> usize {
    let mut rest = i;
    loop {
        let (word, after) = match rest.split_first_chunk() {
            Some((word, after)) => (usize::from_le_bytes(*word), after),
            None => (last_word(i, rest), [].as_slice()),
        };
        let found = stop(Word(word)) & HIGH;
        if found != 0 {
            let at = i.len().wrapping_sub(rest.len());
            return at.wrapping_add((found.trailing_zeros() / 8) as usize);
        }
        if after.is_empty() {
            return i.len();
        }
        rest = after;
    }
}

/// What is left of `i`, when it does not fill a word: `x` stands behind it.
#[inline(never)]
fn last_word(i: &[u8], rest: &[u8]) -> usize {
    let bits = (rest.len() as u32).wrapping_mul(8);
    let behind = (LOW.wrapping_mul(b'x' as usize)).checked_shl(bits).unwrap_or_default();
    let text = match i.last_chunk() {
        // The bytes before it are shifted out.
        Some(word) => {
            usize::from_le_bytes(*word).checked_shr(usize::BITS.wrapping_sub(bits)).unwrap_or(0)
        }
        None => {
            rest.iter().rev().fold(0, |word: usize, byte| word.wrapping_shl(8) | *byte as usize)
        }
    };
    text | behind
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with looking at each byte alone, for all of `bytes` at each place, and others
    /// beside it that differ by little.
    fn check(stop: impl Fn(Word) -> usize, is_stop: impl Fn(u8) -> bool) {
        for byte in 0..=255 {
            for length in 0..20 {
                for at in 0..length {
                    let mut text = std::vec![b'x'; length];
                    text[at] = byte;
                    for (beside, with) in [(at.wrapping_sub(1), 0x80), (at + 1, 1), (at + 2, 2)] {
                        if let Some(other) = text.get_mut(beside) {
                            *other = byte ^ with;
                        }
                    }
                    let wanted = text.iter().position(|&byte| is_stop(byte)).unwrap_or(length);
                    assert_eq!(find(&text, &stop), wanted, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn finds_the_first() {
        check(|word| word.is(b'"') | word.is(b'\\'), |byte| matches!(byte, b'"' | b'\\'));
        check(
            |word| word.is_one_of_two(b'(') | word.is(b'{'),
            |byte| matches!(byte, b'(' | b')' | b'{'),
        );
        check(
            |word| word.is_quote_or_control() | word.is(b'\\'),
            |byte| byte < b' ' || matches!(byte, b'"' | b'\\'),
        );
        check(|word| word.is(0) | word.is(0x7f), |byte| matches!(byte, 0 | 0x7f));
        check(|word| word.is_below(b' ') | word.is(b'{'), |byte| byte < b' ' || byte == b'{');
        assert_eq!(find(b"", |word| word.is(b'"')), 0);
    }
}
