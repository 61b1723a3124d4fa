//! Text in headers (RFC 2047).

use super::charset::{Charset, CharsetDecoder, LABEL_MAX, put};
use super::cursor::{Cursor, Dialect};
use super::transfer::{Base64, hex};
use crate::Str;
use core::fmt::{self, Write};

/// The text of a header field, or of a part of one, to be shown to people: a subject, a name.
/// It borrows the bytes as they came; what they say is decoded as it is read.
///
/// Encoded words (RFC 2047) come as the characters that they stand for. Where bytes stand for
/// themselves, they are UTF-8 if they can be, else windows-1252. Folds are undone (RFC 5322
/// section 2.2.3). Control characters, encoded or not, come as spaces: no sender means well by
/// them.
///
/// ```
/// # use mailwire::message::Text;
/// let subject = Text::new("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?= at noon");
/// assert_eq!(subject.to_string(), "café at noon");
/// assert_eq!(subject.copy_to(&mut [0; 4]), "caf"); // é would take two bytes
/// ```
#[derive(Clone, Copy, Default)]
pub struct Text<'a> {
    source: Cursor<'a>,
}

impl<'a> Text<'a> {
    /// The text of such a value: that of a header field, or a [`Str`] of an IMAP `ENVELOPE`.
    pub fn new(value: impl Into<Str<'a>>) -> Self {
        Self { source: value.into().into() }
    }

    /// The text of a phrase or a comment.
    pub(super) const fn of(source: Cursor<'a>) -> Self {
        Self { source }
    }

    pub(super) const fn source(&self) -> Cursor<'a> {
        self.source
    }

    /// The characters.
    pub fn chars(&self) -> Chars<'a> {
        Chars {
            source: self.source,
            word: None,
            behind_word: false,
            decoder: CharsetDecoder::new(Charset::UNLABELLED),
        }
    }

    /// Whether there are no characters.
    pub fn is_empty(&self) -> bool {
        self.chars().next().is_none()
    }

    /// Copies as many characters to the front of `out` as have room, and returns them there.
    pub fn copy_to<'o>(&self, out: &'o mut [u8]) -> &'o str {
        let mut end = 0_usize;
        for char in self.chars() {
            let Some(next) = put(char, out, end) else { break };
            end = next;
        }
        out.get(..end).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl<'a> From<Str<'a>> for Text<'a> {
    fn from(value: Str<'a>) -> Self {
        Self::new(value)
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::new(value)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(value: &'a str) -> Self {
        Self::new(value)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|char| f.write_char(char))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|char| f.write_char(char))?;
        f.write_char('"')
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        for char in self.chars() {
            defmt::write!(f, "{=char}", char);
        }
    }
}

/// The characters of a [`Text`].
#[derive(Debug)]
pub struct Chars<'a> {
    source: Cursor<'a>,
    /// What `source` is inside of.
    word: Option<Word>,
    /// Whether blanks here stand between a word and perhaps another.
    behind_word: bool,
    decoder: CharsetDecoder,
}

/// The encodings of RFC 2047 section 4.
#[derive(Debug, Clone, Copy)]
enum Code {
    B(Base64),
    Q,
}

/// An encoded word that is being read.
#[derive(Debug, Clone, Copy)]
struct Word {
    code: Code,
    /// What is behind it is to be read so.
    outer: Dialect,
}

impl<'a> Chars<'a> {
    /// The word that begins here, perhaps behind blanks that stand between it and another.
    fn head(&self) -> Option<Head<'a>> {
        let mut at = self.source;
        loop {
            match at.next()? {
                b' ' | b'\t' if self.behind_word => {}
                b'=' => return scan(at),
                _ => return None,
            }
        }
    }

    /// Whether the next byte can be one of that charset: what is left of another comes first.
    fn change_to(&mut self, charset: Charset) -> bool {
        if self.decoder.charset() != charset || charset.is_stateful() {
            self.decoder.end();
            if !self.decoder.is_drained() {
                return false;
            }
            self.decoder = CharsetDecoder::new(charset);
        }
        true
    }

    /// Reads a byte of a word, or its end.
    fn read_word(&mut self, mut word: Word) {
        let byte = match (&mut word.code, self.source.next()) {
            (_, Some(b'?')) if matches!(self.source.peek(), Some(b'=') | None) => {
                let is_whole = self.source.next().is_some();
                return self.end_word(word, is_whole);
            }
            (_, None) => return self.end_word(word, false),
            (Code::B(base64), Some(byte)) => base64.push(byte),
            (Code::Q, Some(b'_')) => Some(b' '),
            (Code::Q, Some(b'=')) => {
                let mut at = self.source;
                match (at.next(), at.next()) {
                    // The word was cut off here.
                    (None, _) => None,
                    (Some(high), None) if hex(high).is_some() => {
                        self.source = at;
                        None
                    }
                    (Some(high), Some(low)) => match (hex(high), hex(low)) {
                        (Some(high), Some(low)) => {
                            self.source = at;
                            Some(high << 4 | low)
                        }
                        _ => Some(b'='),
                    },
                    _ => Some(b'='),
                }
            }
            (Code::Q, byte) => byte,
        };
        self.word = Some(word);
        if let Some(byte) = byte {
            self.decoder.push(byte);
        }
    }

    fn end_word(&mut self, word: Word, is_whole: bool) {
        self.word = None;
        self.behind_word = true;
        if word.outer == Dialect::Phrase {
            self.source.dialect = Dialect::Phrase;
        }
        if !is_whole {
            self.decoder.forget();
        }
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(char) = self.decoder.take() {
                return Some(if char.is_control() { ' ' } else { char });
            }
            if let Some(word) = self.word {
                self.read_word(word);
                continue;
            }
            if let Some(Head { charset: Some(charset), word, text, .. }) = self.head() {
                if self.change_to(charset) {
                    self.source = text;
                    self.word = Some(word);
                    self.behind_word = false;
                }
                continue;
            }
            self.behind_word = false;
            let mut source = self.source;
            match source.next() {
                None if self.decoder.end() => {}
                None => return None,
                Some(byte) => {
                    if self.change_to(Charset::UNLABELLED) {
                        self.source = source;
                        self.decoder.push(byte);
                    }
                }
            }
        }
    }
}

impl core::iter::FusedIterator for Chars<'_> {}

/// What the first look at an encoded word tells.
struct Head<'a> {
    /// `None` if it is not known here.
    charset: Option<Charset>,
    word: Word,
    /// Where the encoded text begins.
    text: Cursor<'a>,
    /// What is behind the word; `None` if it was cut off.
    end: Option<Cursor<'a>>,
}

/// ```abnf
/// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
/// encoding     = "B" / "Q"
/// encoded-text = 1*<Any printable ASCII character other than "?" or SPACE>
/// ```
/// RFC 2047 section 2, RFC 2231 section 5. `at` is behind the first `=`.
///
/// Lenient for the sake of what is sent: words of any length, beside other text without a blank,
/// with blanks or folds in the encoded text, with a `?` in that of Q. A word that the end of the
/// value cut off is one as far as it goes, if there are no blanks in it.
///
/// Each stops at the beginning of another, so looking at all of a value takes no more than a few
/// times its length.
fn scan(mut at: Cursor<'_>) -> Option<Head<'_>> {
    let outer = at.dialect;
    match outer {
        // A decoded address would be another one.
        Dialect::Spec | Dialect::SpecQuoted | Dialect::SpecEscaped => return None,
        // In there some write what must not stand in a phrase.
        Dialect::Phrase => at.dialect = Dialect::Plain,
        _ => {}
    }
    if at.next()? != b'?' {
        return None;
    }
    let (mut label, mut len, mut is_language) = ([0; LABEL_MAX], 0_usize, false);
    loop {
        match at.next()? {
            b'?' => break,
            b'*' => is_language = true,
            b'!'..=b'~' if is_language => {}
            byte @ b'!'..=b'~' => {
                *label.get_mut(len)? = byte;
                len = len.wrapping_add(1);
            }
            _ => return None,
        }
    }
    let code = match at.next()? {
        b'B' | b'b' => Code::B(Base64::new()),
        b'Q' | b'q' => Code::Q,
        _ => return None,
    };
    if at.next()? != b'?' {
        return None;
    }
    let text = at;
    let (mut before, mut has_blank) = (0, false);
    let end = loop {
        let byte = at.next();
        match byte {
            Some(b'?') => match at.peek() {
                Some(b'=') => {
                    at.next();
                    break Some(at);
                }
                None if !has_blank => break None,
                None => return None,
                Some(_) if before == b'=' || matches!(code, Code::B(_)) => return None,
                Some(_) => {}
            },
            Some(b' ' | b'\t') => has_blank = true,
            None if !has_blank => break None,
            None => return None,
            Some(_) => {}
        }
        before = byte.unwrap_or_default();
    };
    let charset = Charset::for_bytes(label.get(..len)?);
    Some(Head { charset, word: Word { code, outer }, text, end })
}

/// What is behind the encoded word that begins behind this `=`, be its charset known or not.
pub(super) fn skip(i: &[u8]) -> Option<&[u8]> {
    Some(scan(Cursor::new(i, Dialect::Plain))?.end?.rest())
}
