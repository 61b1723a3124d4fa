//! Charsets.

use crate::Str;
use crate::names::Names;

/// A charset: how bytes become characters.
///
/// UTF-8, ISO-8859-15, and windows-1252 are built in; ISO-8859-1 is read as the latter, which
/// has characters where it has none, and which is what is meant. All others of the web come
/// with the feature `charsets`.
///
/// ```
/// # use mailwire::message::Charset;
/// assert_eq!(Charset::for_label("latin1"), Some(Charset::WINDOWS_1252));
/// assert_eq!(Charset::for_label("x-what"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unlabelled,
    Utf8,
    Windows1252,
    Latin9,
    #[cfg(feature = "charsets")]
    Other(&'static encoding_rs::Encoding),
}

/// By letters and digits alone: of UTF-8, of nobody's, of windows-1252, of ISO-8859-15.
const LABELS: Names = Names(
    "utf8\nunicode11utf8\n\
     ascii\nusascii\nansix341968\nunknown8bit\n\
     iso88591\nlatin1\nl1\nwindows1252\ncp1252\n\
     iso885915\nlatin9\nl9\n",
);

/// 0x80 to 0x9f of windows-1252; 0 where it has none.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/// Longer labels are none.
pub(super) const LABEL_MAX: usize = 32;

impl Charset {
    /// What nobody named: UTF-8 where it is that, else windows-1252. US-ASCII is read so, too:
    /// who sends other bytes under that name means one of these.
    pub const UNLABELLED: Self = Self(Kind::Unlabelled);
    /// UTF-8; `\u{fffd}` for what is not.
    pub const UTF_8: Self = Self(Kind::Utf8);
    /// windows-1252.
    pub const WINDOWS_1252: Self = Self(Kind::Windows1252);
    /// ISO-8859-15, which has the euro.
    pub const ISO_8859_15: Self = Self(Kind::Latin9);

    /// The charset of that name (RFC 2978), in any case and however it is hyphenated: the
    /// `charset` of a Content-Type or the second field of a `BODYSTRUCTURE`. `None` for one
    /// that is not known here.
    pub fn for_label<'a>(label: impl Into<Str<'a>>) -> Option<Self> {
        Self::for_str(label.into())
    }

    fn for_str(label: Str<'_>) -> Option<Self> {
        let mut copy = [0; LABEL_MAX];
        Self::for_bytes(label.copy_to(&mut copy)?)
    }

    /// Whether what its bytes mean depends on those before the last character. Then each text in
    /// it begins anew.
    pub(super) fn is_stateful(self) -> bool {
        #[cfg(feature = "charsets")]
        return self.0 == Kind::Other(encoding_rs::ISO_2022_JP);
        #[cfg(not(feature = "charsets"))]
        false
    }

    pub(super) fn for_bytes(label: &[u8]) -> Option<Self> {
        let (mut plain, mut len) = ([0; LABEL_MAX], 0_usize);
        let letters = label.iter().filter(|byte| byte.is_ascii_alphanumeric());
        for (place, byte) in plain.iter_mut().zip(letters) {
            *place = *byte;
            len = len.wrapping_add(1);
        }
        let plain = plain.get(..len)?;
        match LABELS.place(plain) {
            Some(0..2) => return Some(Self::UTF_8),
            Some(2..6) => return Some(Self::UNLABELLED),
            Some(6..11) => return Some(Self::WINDOWS_1252),
            Some(_) => return Some(Self::ISO_8859_15),
            None if plain.is_empty() => return Some(Self::UNLABELLED),
            None => {}
        }
        #[cfg(feature = "charsets")]
        return encoding_rs::Encoding::for_label_no_replacement(label)
            .map(|it| Self(Kind::Other(it)));
        #[cfg(not(feature = "charsets"))]
        None
    }
}

/// How many bytes wait at most: those of an unfinished character of UTF-8; with a decoder
/// behind it, what that one gives for a byte at most.
#[cfg(not(feature = "charsets"))]
const HELD: usize = 4;
#[cfg(feature = "charsets")]
const HELD: usize = 32;

/// Turns the bytes of a charset into UTF-8, as they come.
///
/// ```
/// # use mailwire::message::{Charset, CharsetDecoder};
/// let mut decoder = CharsetDecoder::new(Charset::ISO_8859_15);
/// let mut out = [0; 16];
/// let (read, written) = decoder.decode(b"20 \xa4", &mut out);
/// assert_eq!((read, &out[..written]), (4, "20 €".as_bytes()));
/// assert_eq!(decoder.finish(&mut out), 0);
/// ```
#[derive(Debug)]
pub struct CharsetDecoder {
    charset: Charset,
    held: [u8; HELD],
    len: u8,
    ended: bool,
    #[cfg(feature = "charsets")]
    other: Option<encoding_rs::Decoder>,
}

impl CharsetDecoder {
    /// A decoder for the bytes of `charset`.
    pub fn new(charset: Charset) -> Self {
        Self {
            charset,
            held: [0; HELD],
            len: 0,
            ended: false,
            #[cfg(feature = "charsets")]
            other: match charset.0 {
                Kind::Other(encoding) => Some(encoding.new_decoder_with_bom_removal()),
                _ => None,
            },
        }
    }

    /// Decodes what there is and has room: returns how many bytes of `input` were read and of
    /// `output` written, which are whole characters. `output` must be of four bytes at least.
    /// If not all was read, call it again with the rest and with new room.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let mut written = self.drain(output, 0);
        for (read, &byte) in input.iter().enumerate() {
            if self.front().is_some() {
                return (read, written);
            }
            self.push(byte);
            written = self.drain(output, written);
        }
        (input.len(), written)
    }

    /// The input has ended: writes what is left, and returns how many bytes that are. If all of
    /// `output` was needed, call it again.
    pub fn finish(&mut self, output: &mut [u8]) -> usize {
        self.end();
        self.drain(output, 0)
    }

    fn drain(&mut self, output: &mut [u8], mut written: usize) -> usize {
        while let Some((char, size)) = self.front()
            && let Some(end) = put(char, output, written)
        {
            self.drop_front(size);
            written = end;
        }
        written
    }

    pub(super) const fn charset(&self) -> Charset {
        self.charset
    }

    /// Takes the next byte. All characters must have been taken before.
    pub(super) fn push(&mut self, byte: u8) {
        #[cfg(feature = "charsets")]
        if self.other.is_some() {
            return self.feed(&[byte], false);
        }
        if let Some(place) = self.held.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len = self.len.wrapping_add(1);
        }
    }

    /// No byte comes any more. Whether that is news.
    pub(super) fn end(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.ended = true;
        #[cfg(feature = "charsets")]
        self.feed(&[], true);
        true
    }

    /// Whether there is nothing to take, and after the end never will be.
    pub(super) const fn is_drained(&self) -> bool {
        self.len == 0
    }

    /// Gives up a character of which the rest is missing.
    pub(super) fn forget(&mut self) {
        self.len = 0;
        #[cfg(feature = "charsets")]
        {
            self.other = None;
        }
    }

    #[cfg(feature = "charsets")]
    fn feed(&mut self, bytes: &[u8], last: bool) {
        if let Some(other) = &mut self.other
            && let Some(room) = self.held.get_mut(usize::from(self.len)..)
        {
            let (_, _, written, _) = other.decode_to_utf8(bytes, room, last);
            self.len = self.len.wrapping_add(u8::try_from(written).unwrap_or(0));
        }
    }

    /// The next character.
    pub(super) fn take(&mut self) -> Option<char> {
        let (char, size) = self.front()?;
        self.drop_front(size);
        Some(char)
    }

    /// The next character, and how many of the bytes held it takes.
    fn front(&self) -> Option<(char, usize)> {
        let held = self.held.get(..usize::from(self.len))?;
        let &first = held.first()?;
        if first < 0x80 {
            return Some((char::from(first), 1));
        }
        match self.charset.0 {
            Kind::Windows1252 => return Some((windows_1252(first), 1)),
            Kind::Latin9 => return Some((latin9(first), 1)),
            _ => {}
        }
        let bad = match core::str::from_utf8(held) {
            Ok(text) => return text.chars().next().map(|char| (char, char.len_utf8())),
            Err(error) if error.valid_up_to() > 0 => {
                let valid = held.get(..error.valid_up_to())?;
                let char = core::str::from_utf8(valid).ok()?.chars().next()?;
                return Some((char, char.len_utf8()));
            }
            Err(error) => match error.error_len() {
                Some(bad) => bad,
                None if self.ended => held.len(),
                None => return None,
            },
        };
        Some(match self.charset.0 {
            Kind::Unlabelled => (windows_1252(first), 1),
            _ => (char::REPLACEMENT_CHARACTER, bad),
        })
    }

    fn drop_front(&mut self, size: usize) {
        let mut kept = [0; HELD];
        for (to, from) in kept.iter_mut().zip(self.held.iter().skip(size)) {
            *to = *from;
        }
        self.held = kept;
        self.len = self.len.saturating_sub(u8::try_from(size).unwrap_or(u8::MAX));
    }
}

/// Writes a character at that place of `out`, if it has room there, and returns where it ends.
pub(super) fn put(char: char, out: &mut [u8], at: usize) -> Option<usize> {
    let mut bytes = [0; 4];
    let bytes = char.encode_utf8(&mut bytes).as_bytes();
    let end = at.checked_add(bytes.len())?;
    for (to, from) in out.get_mut(at..end)?.iter_mut().zip(bytes) {
        *to = *from;
    }
    Some(end)
}

fn windows_1252(byte: u8) -> char {
    let special = WINDOWS_1252.get(usize::from(byte).wrapping_sub(0x80));
    match special {
        Some(&special) if special != 0 => {
            char::from_u32(special.into()).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from(byte),
    }
}

fn latin9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        _ => char::from(byte),
    }
}
