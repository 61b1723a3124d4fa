//! The beginning of a text, for an alert.

use super::charset::{Charset, CharsetDecoder, put};
use super::transfer::{Encoding, TransferDecoder, hex};
use crate::names::Names;

/// The beginning of a body of type text, made readable as it comes: unwrapped, in UTF-8, each
/// run of blanks and line ends one space, without control characters and without those that
/// nobody sees; of HTML the text alone.
///
/// ```
/// # use mailwire::message::{Charset, Encoding, Preview};
/// let mut memory = [0; 32];
/// let mut preview = Preview::new(&mut memory);
/// preview.encoding(Encoding::QuotedPrintable).charset(Charset::WINDOWS_1252).html();
/// for chunk in ["<style>p {}</style><p>Caf=E9 &am", "p; bar</p>\r\n\r\n", "<p>at noon"] {
///     if !preview.feed(chunk.as_bytes()) {
///         break; // it is full
///     }
/// }
/// assert_eq!(preview.finish(), "Café & bar at noon");
/// ```
#[derive(Debug)]
pub struct Preview<'b> {
    transfer: TransferDecoder,
    charset: CharsetDecoder,
    html: Option<Html>,
    sink: Sink<'b>,
}

/// Where the readable text goes.
#[derive(Debug)]
struct Sink<'b> {
    out: &'b mut [u8],
    len: usize,
    /// Whether a space is due.
    is_blank: bool,
    is_full: bool,
}

impl<'b> Preview<'b> {
    /// A preview of plain text in `memory`: as many bytes as that has room for.
    pub fn new(memory: &'b mut [u8]) -> Self {
        Self {
            transfer: TransferDecoder::new(Encoding::Identity),
            charset: CharsetDecoder::new(Charset::UNLABELLED),
            html: None,
            sink: Sink { out: memory, len: 0, is_blank: false, is_full: false },
        }
    }

    /// How many bytes it may have.
    pub const fn capacity(&self) -> usize {
        self.sink.out.len()
    }

    /// The body's Content-Transfer-Encoding.
    pub fn encoding(&mut self, encoding: Encoding) -> &mut Self {
        self.transfer = TransferDecoder::new(encoding);
        self
    }

    /// The body's charset.
    pub fn charset(&mut self, charset: Charset) -> &mut Self {
        self.charset = CharsetDecoder::new(charset);
        self
    }

    /// It is of type text/html: tags are dropped, and the basic entities are read.
    pub const fn html(&mut self) -> &mut Self {
        self.html = Some(Html::new());
        self
    }

    /// Takes the next bytes of the body, and returns whether more are wanted: not if the memory
    /// is full.
    pub fn feed(&mut self, chunk: &[u8]) -> bool {
        let mut rest = chunk;
        let mut plain = [0; 32];
        while !self.sink.is_full && !rest.is_empty() {
            let (read, written) = self.transfer.decode(rest, &mut plain);
            rest = rest.get(read..).unwrap_or_default();
            self.bytes(plain.get(..written).unwrap_or_default());
        }
        !self.sink.is_full
    }

    /// The body, or the part of it that was fetched, has ended: the preview.
    pub fn finish(&mut self) -> &str {
        let mut plain = [0; 32];
        loop {
            let written = self.transfer.finish(&mut plain);
            self.bytes(plain.get(..written).unwrap_or_default());
            if written < plain.len() {
                break;
            }
        }
        // A character whose rest is missing was most likely cut off by a partial fetch, as was
        // an entity.
        self.as_str()
    }

    /// The preview so far.
    pub fn as_str(&self) -> &str {
        let text = self.sink.out.get(..self.sink.len).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// Begins anew, with plain text, in the same memory.
    pub fn clear(&mut self) {
        self.transfer = TransferDecoder::new(Encoding::Identity);
        self.charset = CharsetDecoder::new(Charset::UNLABELLED);
        self.html = None;
        self.sink.len = 0;
        self.sink.is_blank = false;
        self.sink.is_full = false;
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.charset.push(byte);
            while let Some(char) = self.charset.take() {
                match &mut self.html {
                    None => self.sink.push(char),
                    Some(html) => html.push(char, &mut self.sink),
                }
            }
        }
    }
}

impl Sink<'_> {
    fn push(&mut self, char: char) {
        match char {
            _ if self.is_full => {}
            // Soft hyphens, joiners, marks of direction, and what pads the previews of
            // newsletters.
            '\u{ad}'
            | '\u{34f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            _ if is_blank(char) || char.is_control() => self.is_blank = self.len > 0,
            _ => {
                let start =
                    if self.is_blank { put(' ', self.out, self.len) } else { Some(self.len) };
                let Some(end) = start.and_then(|start| put(char, self.out, start)) else {
                    self.is_full = true;
                    return;
                };
                self.is_blank = false;
                self.len = end;
            }
        }
    }
}

/// Drops the tags from HTML, and what is not text between them.
#[derive(Debug)]
struct Html {
    place: Place,
    /// The element whose contents are no text, while in it.
    hidden: Option<usize>,
    /// The name of a tag, or an entity with its `&`, so far.
    word: [u8; WORD],
    len: usize,
    /// How many `-` were just read in a comment.
    hyphens: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    /// In the name behind `<`.
    Name,
    /// In a tag, behind its name.
    Tag,
    Comment,
    Entity,
}

/// Longer names are of no interest.
const WORD: usize = 10;
const HIDDEN: Names = Names("style\nscript\nhead\ntitle\n");
/// Tags that stand within words.
const INLINE: Names = Names("a\nb\ni\nu\nem\nstrong\nspan\nfont\nsmall\n");
/// The names of these, each.
const ENTITIES: Names = Names("&amp\n&lt\n&gt\n&quot\n&apos\n&nbsp\n");
const ENTITY: &[u8] = b"&<>\"' ";

impl Html {
    const fn new() -> Self {
        Self { place: Place::Text, hidden: None, word: [0; WORD], len: 0, hyphens: 0 }
    }

    fn word(&self) -> &[u8] {
        self.word.get(..self.len).unwrap_or_default()
    }

    /// Adds to the word. Whether there was room.
    fn add(&mut self, char: char) -> bool {
        let place = self.word.get_mut(self.len).filter(|_| char.is_ascii());
        let Some(place) = place else { return false };
        *place = char as u8;
        self.len = self.len.wrapping_add(1);
        true
    }

    fn push(&mut self, char: char, sink: &mut Sink<'_>) {
        match self.place {
            Place::Text => self.push_text(char, sink),
            Place::Name => match char {
                '>' if self.len > 0 => self.end_tag(sink),
                'a'..='z' | 'A'..='Z' | '/' | '!' | '?' if self.len == 0 => {
                    self.add(char.to_ascii_lowercase());
                }
                _ if self.len == 0 => {
                    // A mere less-than sign.
                    self.place = Place::Text;
                    if self.hidden.is_none() {
                        sink.push('<');
                    }
                    self.push_text(char, sink);
                }
                _ => {
                    if is_blank(char) || !self.add(char.to_ascii_lowercase()) {
                        self.place = Place::Tag;
                    } else if self.word() == b"!--" {
                        (self.place, self.hyphens) = (Place::Comment, 2);
                    }
                }
            },
            Place::Tag => {
                if char == '>' {
                    self.end_tag(sink);
                }
            }
            Place::Comment => match char {
                '-' => self.hyphens = self.hyphens.saturating_add(1),
                '>' if self.hyphens >= 2 => self.place = Place::Text,
                _ => self.hyphens = 0,
            },
            Place::Entity => {
                if (char.is_ascii_alphanumeric() || char == '#') && self.add(char) {
                    return;
                }
                let is_known = self.end_entity(sink);
                if !(is_known && char == ';') {
                    self.push_text(char, sink);
                }
            }
        }
    }

    /// A character that may begin something, in text.
    fn push_text(&mut self, char: char, sink: &mut Sink<'_>) {
        match char {
            '<' => (self.place, self.len) = (Place::Name, 0),
            _ if self.hidden.is_some() => {}
            '&' => {
                (self.place, self.len) = (Place::Entity, 0);
                self.add(char);
            }
            _ => sink.push(char),
        }
    }

    fn end_tag(&mut self, sink: &mut Sink<'_>) {
        self.place = Place::Text;
        let (is_end, name) = match self.word() {
            [b'/', name @ ..] => (true, name),
            name => (false, name),
        };
        if self.hidden.is_none() && INLINE.place(name).is_none() {
            sink.push(' ');
        }
        match self.hidden {
            hidden @ Some(_) if is_end && hidden == HIDDEN.place(name) => self.hidden = None,
            None if !is_end => self.hidden = HIDDEN.place(name),
            _ => {}
        }
    }

    /// Writes the entity, or what might have become one. Whether it is known.
    fn end_entity(&mut self, sink: &mut Sink<'_>) -> bool {
        self.place = Place::Text;
        match entity(self.word()) {
            Some(char) => {
                sink.push(char);
                true
            }
            None => {
                self.word().iter().for_each(|&byte| sink.push(char::from(byte)));
                false
            }
        }
    }
}

/// Unicode's `White_Space`. The standard library's has a table, which takes more flash.
const fn is_blank(char: char) -> bool {
    matches!(
        char,
        '\t'..='\r'
            | ' '
            | '\u{85}'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
    )
}

/// A named or numeric character reference, without its semicolon.
fn entity(word: &[u8]) -> Option<char> {
    let number = match word {
        [b'&', b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'&', b'#', digits @ ..] => number(digits, 10)?,
        _ => return ENTITY.get(ENTITIES.place(word)?).map(|&byte| char::from(byte)),
    };
    char::from_u32(number)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits.first()?;
    digits.iter().try_fold(0_u32, |number, &digit| {
        let digit = hex(digit).map(u32::from).filter(|&digit| digit < radix)?;
        number.checked_mul(radix)?.checked_add(digit)
    })
}
