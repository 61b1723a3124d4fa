//! Any bytes, read as a message, as parts of one, or as a mailbox's name.

use super::{controls, pieces};
use mailwire::imap::Mailbox;
use mailwire::message::{
    Addresses, Charset, CharsetDecoder, ContentType, Encoding, HeaderScanner, Headers, Preview,
    Text, TransferDecoder, Wanted, date_time,
};

const ENCODINGS: [Encoding; 3] = [Encoding::Identity, Encoding::QuotedPrintable, Encoding::Base64];

/// Labels whose decoders differ.
const CHARSETS: [&str; 12] = [
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "euc-kr",
    "utf-16le",
];

/// All that reads a message survives it, is bounded, and does not depend on cuts.
pub(super) fn run(input: &[u8]) {
    let Some(([how, seed, room], bytes)) = controls(input) else { return };
    let room = usize::from(room) + 1;
    let encoding = ENCODINGS[usize::from(how) % 3];
    let charset = CHARSETS[usize::from(how / 3) % CHARSETS.len()];
    text(bytes, room);
    header(bytes, seed, room);
    transfer(bytes, seed, room, encoding);
    base64(bytes);
    quoted_printable(bytes);
    encoded_words(bytes, seed);
    if let Some(charset) = Charset::for_label(charset) {
        decode(bytes, seed, room, charset);
        let html = seed.is_multiple_of(2);
        let make = |memory: &mut [u8], pieces: &[&[u8]]| {
            let mut preview = Preview::new(memory);
            preview.encoding(encoding).charset(charset);
            if html {
                preview.html();
            }
            let mut wants = true;
            for piece in pieces {
                assert!(wants || !preview.feed(piece), "a full one wants more");
                wants = preview.feed(piece);
            }
            preview.finish().to_owned()
        };
        let mut memory = vec![0; room];
        let whole = make(&mut memory, &[bytes]);
        assert!(whole.len() <= room && !whole.contains(['\r', '\n', '\0']), "{whole:?}");
        assert!(!whole.contains("  ") && !whole.starts_with(' '), "{whole:?}");
        assert_eq!(make(&mut memory, &pieces(bytes, seed)), whole);
    }
}

fn text(bytes: &[u8], room: usize) {
    let text = Text::new(bytes);
    let shown = text.to_string();
    assert!(shown.chars().eq(text.chars()));
    assert!(shown.len() <= 4 * bytes.len(), "it grows");
    assert_eq!(text.is_empty(), shown.is_empty());
    let mut memory = vec![0; room];
    let copied = text.copy_to(&mut memory);
    assert!(shown.starts_with(copied) && shown.len().min(room) - copied.len() < 4);
    let mut addresses = 0;
    for address in Addresses::new(bytes) {
        addresses += 1;
        let _ = format!("{address:?} {} {}", address.local_part(), address.domain());
    }
    assert!(addresses <= bytes.len());
    let _ = date_time(bytes);
    let kind = ContentType::new(bytes);
    let _ = format!("{:?} {:?} {:?}", kind.charset(), kind.file_name(), kind.parameter("name"));
    assert_eq!(kind.is("text", "plain"), kind.is("TEXT", "PLAIN"));
}

/// What finds fields in pieces finds what the reader of the whole finds.
fn header(bytes: &[u8], seed: u8, room: usize) {
    let (headers, body) = Headers::split(bytes);
    let scan = |pieces: &[&[u8]]| {
        let (mut from, mut subject) = (vec![0; room], vec![0; 4096]);
        let mut fields = [Wanted::new("From", &mut from), Wanted::new("Subject", &mut subject)];
        let mut scanner = HeaderScanner::new();
        let used: usize = pieces.iter().map(|piece| scanner.feed(piece, &mut fields)).sum();
        let found = fields.map(|it| (it.is_found(), it.is_truncated(), it.value().to_vec()));
        (used, scanner.is_done(), found)
    };
    let whole = scan(&[bytes]);
    assert_eq!(scan(&pieces(bytes, seed)), whole);
    let (used, _, [from, subject]) = whole;
    assert_eq!(used, bytes.len() - body.len(), "where the header ends");
    for (name, (is_found, is_truncated, value)) in [("From", from), ("Subject", subject)] {
        let field = headers.first(name);
        assert_eq!(field.is_some(), is_found, "{name}");
        if let Some(field) = field
            && !is_truncated
        {
            let mut memory = vec![0; bytes.len()];
            let unfolded = field.unfolded().copy_to(&mut memory).unwrap();
            assert_eq!(unfolded.trim_ascii(), value, "{name}");
        }
    }
    assert!(headers.fields().count() <= bytes.len());
}

fn transfer(bytes: &[u8], seed: u8, room: usize, encoding: Encoding) {
    let decode = |room: usize, pieces: &[&[u8]]| {
        let mut decoder = TransferDecoder::new(encoding);
        let mut memory = vec![0; room];
        let mut out = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (read, written) = decoder.decode(rest, &mut memory);
                assert!(read > 0 || written > 0, "it stands still");
                out.extend_from_slice(&memory[..written]);
                rest = &rest[read..];
            }
        }
        loop {
            let written = decoder.finish(&mut memory);
            out.extend_from_slice(&memory[..written]);
            if written < room {
                return out;
            }
        }
    };
    let whole = decode(bytes.len() + 16, &[bytes]);
    assert!(whole.len() <= bytes.len(), "it grows");
    assert_eq!(decode(room, &pieces(bytes, seed)), whole);
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .enumerate()
            .fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            if at <= group.len() {
                out.push(char::from(ALPHABET[(bits >> (18 - 6 * at)) as usize % 64]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn transferred(encoding: Encoding, encoded: &[u8]) -> Vec<u8> {
    let mut decoder = TransferDecoder::new(encoding);
    let mut out = vec![0; encoded.len() + 1];
    let (read, written) = decoder.decode(encoded, &mut out);
    assert_eq!(read, encoded.len());
    let end = decoder.finish(&mut out[written..]);
    out.truncate(written + end);
    out
}

fn base64(bytes: &[u8]) {
    let encoded = to_base64(bytes);
    let lines: Vec<_> = encoded.as_bytes().chunks(76).collect();
    assert_eq!(transferred(Encoding::Base64, &lines.join(&b"\r\n"[..])), bytes);
}

fn quoted_printable(bytes: &[u8]) {
    let encoded: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
    let lines: Vec<_> = encoded.as_bytes().chunks(75).collect();
    assert_eq!(transferred(Encoding::QuotedPrintable, &lines.join(&b"=\r\n"[..])), bytes);
}

/// Words that were encoded are what they were.
fn encoded_words(bytes: &[u8], seed: u8) {
    let meant = String::from_utf8_lossy(bytes);
    // Control characters are not shown as they are.
    let meant: String = meant.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').collect();
    let mut encoded = String::new();
    let mut rest = meant.as_str();
    let mut turn = seed;
    while !rest.is_empty() {
        turn = turn.wrapping_mul(5).wrapping_add(3);
        let size = usize::from(turn % 12) + 1;
        let at = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(size).last().unwrap();
        let (word, behind) = rest.split_at(at);
        rest = behind;
        if !encoded.is_empty() {
            encoded += ["\r\n ", " ", "\r\n\t  "][usize::from(turn >> 4) % 3];
        }
        if turn & 8 == 0 {
            encoded += &format!("=?UTF-8?B?{}?=", to_base64(word.as_bytes()));
        } else {
            let text: String = word.bytes().map(|byte| format!("={byte:02x}")).collect();
            encoded += &format!("=?utf-8*en?q?{text}?=");
        }
    }
    assert_eq!(Text::new(encoded.as_bytes()).to_string(), meant, "{encoded}");
}

fn decode(bytes: &[u8], seed: u8, room: usize, charset: Charset) {
    let decode = |room: usize, pieces: &[&[u8]]| {
        let mut decoder = CharsetDecoder::new(charset);
        let mut memory = vec![0; room.max(8)];
        let mut out = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                let (read, written) = decoder.decode(rest, &mut memory);
                assert!(read > 0 || written > 0, "it stands still");
                out.extend_from_slice(&memory[..written]);
                rest = &rest[read..];
            }
        }
        let written = decoder.finish(&mut memory);
        out.extend_from_slice(&memory[..written]);
        String::from_utf8(out).expect("it is UTF-8")
    };
    let whole = decode(bytes.len() * 4 + 16, &[bytes]);
    assert_eq!(decode(room, &pieces(bytes, seed)), whole);
    if charset == Charset::UTF_8 && std::str::from_utf8(bytes).is_ok() {
        assert_eq!(whole.as_bytes(), bytes);
    }
}

/// Modified UTF-7 as RFC 3501 section 5.1.3 has it, written once more.
pub(super) fn to_utf7(name: &str) -> String {
    let mut out = String::new();
    let mut shifted: Vec<u16> = Vec::new();
    let flush = |out: &mut String, shifted: &mut Vec<u16>| {
        if !shifted.is_empty() {
            let bytes: Vec<u8> = shifted.drain(..).flat_map(u16::to_be_bytes).collect();
            let text = to_base64(&bytes).replace('/', ",");
            *out += &format!("&{}-", text.trim_end_matches('='));
        }
    };
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut out, &mut shifted);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            shifted.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut out, &mut shifted);
    out
}

/// A name is shown as it is meant, whatever it is.
pub(super) fn mailbox_name(input: &[u8]) {
    for utf8 in [false, true] {
        let name = Mailbox::new(input.into(), utf8);
        let shown = name.to_string();
        assert!(shown.len() <= 4 * input.len(), "it grows");
        let _ = format!("{name:?} {}", name.is_inbox());
        let mut memory = vec![0; input.len() * 3];
        assert_eq!(name.copy_to(&mut memory), Some(shown.as_str()));
        // What is said of its size.
        let mut memory = vec![0; (input.len() * 3).div_ceil(2)];
        let all_ascii = input.is_ascii() || utf8 && std::str::from_utf8(input).is_ok();
        assert!(!all_ascii || name.copy_to(&mut memory).is_some(), "three bytes for two");
    }
    let Ok(meant) = std::str::from_utf8(input) else { return };
    let wire = to_utf7(meant);
    let name = Mailbox::new(wire.as_bytes().into(), false);
    assert_eq!(name.to_string(), meant, "{wire}");
    assert_eq!(name, meant);
}
