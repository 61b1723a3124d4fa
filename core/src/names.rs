//! Tables of names.

/// Words of the protocol, each with a LF behind it. A slice of strings would take twice the
/// flash, and be faster where that is of no use.
#[derive(Clone, Copy)]
pub(crate) struct Names(pub(crate) &'static str);

impl Names {
    /// At which place `word` stands, in capitals or not.
    #[inline(never)] // Flash.
    pub(crate) fn place(&self, word: &[u8]) -> Option<usize> {
        self.iter().position(|name| name.eq_ignore_ascii_case(word))
    }

    /// The word at this place; empty if there is none.
    pub(crate) fn get(&self, place: usize) -> &'static str {
        self.iter().nth(place).and_then(|name| core::str::from_utf8(name).ok()).unwrap_or_default()
    }

    /// The words.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static [u8]> + Clone {
        self.0.as_bytes().split(|&byte| byte == b'\n').filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds() {
        let names = Names("A\nB C\n");
        assert_eq!(names.place(b"a"), Some(0));
        assert_eq!(names.place(b"b c"), Some(1));
        for none in [&b""[..], b"B", b"A\nB C", b"\n", b"AB"] {
            assert_eq!(names.place(none), None);
        }
        assert_eq!((names.get(0), names.get(1), names.get(2)), ("A", "B C", ""));
    }
}
