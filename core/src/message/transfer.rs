//! What a body was wrapped in for its journey (RFC 2045 section 6).

use crate::Str;
use crate::scan::{SHORT_WAYS, find};
use core::mem::take;
use core::slice::IterMut;

/// A Content-Transfer-Encoding (RFC 2045 section 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Encoding {
    /// `7bit`, `8bit` and `binary`: the bytes as they are.
    #[default]
    Identity,
    /// `quoted-printable` (section 6.7).
    QuotedPrintable,
    /// `base64` (section 6.8).
    Base64,
}

impl Encoding {
    /// The encoding of that name, in any case: the value of a Content-Transfer-Encoding field,
    /// or the sixth field of a `BODYSTRUCTURE`. `None` for one that is not known here; its bytes
    /// cannot be read (section 6.4). Exchange says `"base64 "`.
    ///
    /// ```
    /// # use mailwire::message::Encoding;
    /// assert_eq!(Encoding::for_name("BASE64"), Some(Encoding::Base64));
    /// assert_eq!(Encoding::for_name("x-uuencode"), None);
    /// ```
    pub fn for_name<'a>(name: impl Into<Str<'a>>) -> Option<Self> {
        Self::for_str(name.into())
    }

    fn for_str(name: Str<'_>) -> Option<Self> {
        let mut copy = [0; 32];
        let name = name.copy_to(&mut copy)?.trim_ascii();
        // A comment, and what some put behind a semicolon.
        let end = name.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'(' | b';'));
        let name = name.get(..end.unwrap_or(name.len()))?;
        [
            ("7bit", Self::Identity),
            ("8bit", Self::Identity),
            ("binary", Self::Identity),
            ("quoted-printable", Self::QuotedPrintable),
            ("base64", Self::Base64),
        ]
        .into_iter()
        .find_map(|(known, it)| name.eq_ignore_ascii_case(known.as_bytes()).then_some(it))
    }
}

/// Unwraps a body, as it comes, into the caller's memory. It takes some 32 bytes itself.
///
/// ```
/// # use mailwire::message::{Encoding, TransferDecoder};
/// let mut decoder = TransferDecoder::new(Encoding::QuotedPrintable);
/// let mut out = [0; 16];
/// let (read, written) = decoder.decode(b"caf=C3=\r\n=A9", &mut out);
/// assert_eq!((read, &out[..written]), (12, "café".as_bytes()));
/// assert_eq!(decoder.finish(&mut out), 0);
/// ```
#[derive(Debug, Clone)]
pub struct TransferDecoder(State);

#[derive(Debug, Clone)]
enum State {
    Identity,
    QuotedPrintable(QuotedPrintable),
    Base64(Base64),
}

impl TransferDecoder {
    /// A decoder for a body in that encoding.
    pub const fn new(encoding: Encoding) -> Self {
        Self(match encoding {
            Encoding::Identity => State::Identity,
            Encoding::QuotedPrintable => State::QuotedPrintable(QuotedPrintable::new()),
            Encoding::Base64 => State::Base64(Base64::new()),
        })
    }

    /// Decodes what there is and has room: returns how many bytes of `input` were read and of
    /// `output` written. If not all was read, call it again with the rest and with new room.
    ///
    /// How the input was cut makes no difference. No input is an error: what is not of the
    /// encoding's alphabet is left out of base64 and stays as it is in quoted-printable.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        match &mut self.0 {
            State::Identity => {
                let count = input.len().min(output.len());
                if let (Some(from), Some(to)) = (input.get(..count), output.get_mut(..count)) {
                    to.copy_from_slice(from);
                }
                (count, count)
            }
            State::Base64(decoder) => decoder.decode(input, output),
            State::QuotedPrintable(decoder) => decoder.decode(input, output),
        }
    }

    /// The body has ended: writes what is left, and returns how many bytes that are. If all of
    /// `output` was needed, call it again.
    pub fn finish(&mut self, output: &mut [u8]) -> usize {
        match &mut self.0 {
            State::QuotedPrintable(decoder) => decoder.finish(output),
            _ => 0,
        }
    }
}

/// RFC 2045 section 6.8. What is not of the alphabet is passed over, as the section asks for.
/// Missing padding is no matter, and what comes behind padding is read on: some join the
/// encodings of several pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base64 {
    bits: u16,
    count: u8,
}

impl Base64 {
    pub(super) const fn new() -> Self {
        Self { bits: 0, count: 0 }
    }

    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let size = output.len();
        let mut room = output.iter_mut();
        let mut rest = input;
        while room.len() > 0 {
            if SHORT_WAYS && self.count == 0 {
                rest = whole_groups(rest, &mut room);
            }
            let [byte, after @ ..] = rest else { break };
            if let Some(byte) = self.push(*byte) {
                let Some(place) = room.next() else { break };
                *place = byte;
            }
            rest = after;
        }
        (input.len().wrapping_sub(rest.len()), size.wrapping_sub(room.len()))
    }

    /// Takes a character, and gives the byte that it completes.
    #[inline]
    pub(super) fn push(&mut self, char: u8) -> Option<u8> {
        if char == b'=' {
            *self = Self::new();
        }
        let sextet = sextet(char)?;
        self.bits = self.bits << 6 | u16::from(sextet);
        self.count = self.count.wrapping_add(6);
        if self.count < 8 {
            return None;
        }
        self.count = self.count.wrapping_sub(8);
        Some((self.bits >> (self.count & 7)) as u8)
    }
}

/// The value of a character of base64.
const fn sextet(char: u8) -> Option<u8> {
    Some(match char {
        b'A'..=b'Z' => char.wrapping_sub(b'A'),
        b'a'..=b'z' => char.wrapping_sub(b'a' - 26),
        b'0'..=b'9' => char.wrapping_add(52 - b'0'),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// What [`SEXTETS`] says of what is not of the alphabet.
const OTHER: u8 = 0xff;

/// The values of all characters.
#[expect(clippy::indexing_slicing, reason = "when it is compiled")]
const SEXTETS: [u8; 256] = {
    let mut sextets = [OTHER; 256];
    let mut char = 0;
    while char < 256 {
        if let Some(value) = sextet(char as u8) {
            sextets[char] = value;
        }
        char += 1;
    }
    sextets
};

/// Decodes four characters at a time, up to the first that is none or has no room; gives the rest.
fn whole_groups<'i>(mut rest: &'i [u8], room: &mut IterMut<'_, u8>) -> &'i [u8] {
    let mut places = take(room).into_slice();
    while let Some((group, after)) = rest.split_first_chunk::<4>() {
        let [a, b, c, d] =
            group.map(|char| SEXTETS.get(usize::from(char)).copied().unwrap_or(OTHER));
        if (a | b | c | d) > 63 || places.len() < 3 {
            break;
        }
        let Some((to, behind)) = take(&mut places).split_first_chunk_mut::<3>() else { break };
        *to = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
        places = behind;
        rest = after;
    }
    *room = places.iter_mut();
    rest
}

/// RFC 2045 section 6.7.
///
/// Blanks at a line's end are left out, as rule 3 asks for, if there are no more than 64. `=`
/// before what is no hex digit is itself, NULs are left out, lower-case digits count, and bare
/// LFs and CRs end lines.
#[derive(Debug, Clone)]
struct QuotedPrintable {
    /// What is known of what comes next.
    state: Expect,
    /// Blanks that may be the end of a line: a bit each, the oldest one highest, 1 for a tab.
    blanks: u64,
    blank_count: u8,
    /// To be written before the blanks: `=` and a digit that turned out to be none.
    before: [Option<u8>; 2],
    /// To be written behind them.
    behind: Option<u8>,
    /// Whether what is above is to be written.
    flush: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Text,
    /// Behind a `=`, and perhaps blanks.
    Escape,
    /// Behind a `=` and this hex digit.
    Digit(u8),
    /// Behind a soft line break's CR.
    SoftLf,
}

impl QuotedPrintable {
    const fn new() -> Self {
        Self {
            state: Expect::Text,
            blanks: 0,
            blank_count: 0,
            before: [None; 2],
            behind: None,
            flush: false,
        }
    }

    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> (usize, usize) {
        let size = output.len();
        let mut room = output.iter_mut();
        let mut rest = input;
        loop {
            while self.flush && room.len() > 0 {
                match self.pop() {
                    Some(byte) => {
                        if let Some(place) = room.next() {
                            *place = byte;
                        }
                    }
                    None => self.flush = false,
                }
            }
            // A byte that does not keep anything back goes by all that.
            let is_text = !self.flush && self.state == Expect::Text && self.blank_count == 0;
            if SHORT_WAYS && is_text {
                rest = plain_text(rest, &mut room);
            }
            match rest {
                [byte, after @ ..] if !self.flush => {
                    if is_text && !matches!(byte, b'=' | b' ' | b'\t' | 0) {
                        let Some(place) = room.next() else { break };
                        *place = *byte;
                    } else {
                        self.push(*byte);
                    }
                    rest = after;
                }
                _ => break,
            }
        }
        (input.len().wrapping_sub(rest.len()), size.wrapping_sub(room.len()))
    }

    fn finish(&mut self, output: &mut [u8]) -> usize {
        if !self.flush {
            // Blanks at the end are at a line's end, and a `=` breaks it.
            self.blank_count = 0;
            if let Expect::Digit(digit) = self.state {
                self.before = [Some(b'='), Some(digit)];
                self.flush = true;
            }
            self.state = Expect::Text;
        }
        self.decode(&[], output).1
    }

    fn pop(&mut self) -> Option<u8> {
        let [first, second] = &mut self.before;
        first
            .take()
            .or_else(|| second.take())
            .or_else(|| self.pop_blank())
            .or_else(|| self.behind.take())
    }

    fn pop_blank(&mut self) -> Option<u8> {
        self.blank_count = self.blank_count.checked_sub(1)?;
        Some(if self.blanks >> (self.blank_count & 63) & 1 == 1 { b'\t' } else { b' ' })
    }

    /// Takes a byte when all that is to be written was.
    fn push(&mut self, byte: u8) {
        let is_end = matches!(byte, b'\r' | b'\n');
        match (self.state, byte) {
            (_, 0) => return,
            (Expect::SoftLf, b'\n') => {
                self.state = Expect::Text;
                return;
            }
            (Expect::Escape, _) if is_end => {
                self.blank_count = 0;
                self.state = if byte == b'\r' { Expect::SoftLf } else { Expect::Text };
                return;
            }
            (Expect::Escape | Expect::Text | Expect::SoftLf, b' ' | b'\t') => {
                if self.state == Expect::SoftLf {
                    self.state = Expect::Text;
                }
                if self.blank_count == 64 {
                    // Too many to be kept back.
                    self.release();
                    self.behind = Some(byte);
                    return;
                }
                self.blanks = self.blanks << 1 | u64::from(byte == b'\t');
                self.blank_count = self.blank_count.wrapping_add(1);
                return;
            }
            (Expect::Escape, _) if self.blank_count == 0 && byte.is_ascii_hexdigit() => {
                self.state = Expect::Digit(byte);
                return;
            }
            (Expect::Digit(digit), _) => {
                if let (Some(high), Some(low)) = (hex(digit), hex(byte)) {
                    self.state = Expect::Text;
                    self.behind = Some(high << 4 | low);
                    self.flush = true;
                    return;
                }
            }
            _ => {}
        }
        if self.state == Expect::Text && is_end {
            self.blank_count = 0;
        }
        self.release();
        match byte {
            b'=' => self.state = Expect::Escape,
            _ => self.behind = Some(byte),
        }
    }

    /// What was kept back is text.
    fn release(&mut self) {
        self.before = match self.state {
            Expect::Escape => [Some(b'='), None],
            Expect::Digit(digit) => [Some(b'='), Some(digit)],
            Expect::Text | Expect::SoftLf => [None; 2],
        };
        self.state = Expect::Text;
        self.flush = true;
    }
}

/// Copies text up to what is not as it is, to blanks that may end a line, or to the end of the room;
/// gives the rest.
fn plain_text<'i>(input: &'i [u8], room: &mut IterMut<'_, u8>) -> &'i [u8] {
    // A line has 76 characters at most; of one that is all blanks no more is looked at in vain.
    let line = input.get(..128).unwrap_or(input);
    let text = line.get(..find(line, |word| word.is(b'=') | word.is_below(b' ')));
    let count = text.unwrap_or_default().trim_ascii_end().len().min(room.len());
    let (text, rest) = input.split_at_checked(count).unwrap_or((&[], input));
    if let Some((to, left)) = take(room).into_slice().split_at_mut_checked(count) {
        to.copy_from_slice(text);
        *room = left.iter_mut();
    }
    rest
}

/// The value of a hex digit.
pub(super) const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a' - 10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A' - 10)),
        _ => None,
    }
}
