//! What servers send, made up in any amount: the same bytes each time, and of the forms
//! that Dovecot, Cyrus and Gmail use.

use std::io::Write;

/// A small generator of numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

const NAMES: [&str; 8] = [
    "Alice Liddell",
    "Bob van der Berg",
    "=?UTF-8?Q?Ren=C3=A9_Dupont?=",
    "Carol",
    "Build Bot",
    "Dr. Erika Mustermann",
    "=?utf-8?B?5bGx55Sw5aSq6YOO?=",
    "The Monitoring System",
];
const MAILBOXES: [&str; 6] = ["alice", "bob.berg", "rene", "carol+lists", "no-reply", "erika.m"];
const HOSTS: [&str; 4] = ["example.org", "mail.example.com", "lists.example.net", "example.co.uk"];
const SUBJECTS: [&str; 6] = [
    "Re: [mailwire] Release candidate for the next version",
    "=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_M=C3=BCnchen_und_ein_paar_Bilder?=",
    "Disk usage of host db-17.example.com has reached 91 percent",
    "Your invoice of October",
    "Minutes of the meeting on Thursday, with the decisions that were taken",
    "Fwd: Fwd: look at this",
];

fn addresses(out: &mut Vec<u8>, random: &mut Random, count: u64) {
    if count == 0 {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for _ in 0..count {
        let (name, mailbox) = (random.pick(&NAMES), random.pick(&MAILBOXES));
        let host = random.pick(&HOSTS);
        if random.below(4) == 0 {
            write!(out, "(NIL NIL \"{mailbox}\" \"{host}\")").unwrap();
        } else {
            write!(out, "(\"{name}\" NIL \"{mailbox}\" \"{host}\")").unwrap();
        }
    }
    out.push(b')');
}

fn envelope(out: &mut Vec<u8>, random: &mut Random) {
    let (day, hour, minute) = (1 + random.below(28), random.below(24), random.below(60));
    write!(out, "(\"Thu, {day} Oct 2026 {hour:02}:{minute:02}:17 +0200\" ").unwrap();
    let subject = random.pick(&SUBJECTS);
    // Servers send a subject with quotes or 8-bit bytes as a literal.
    if random.below(20) == 0 {
        write!(out, "{{{}}}\r\n\"{subject}\" ", subject.len() + 2).unwrap();
    } else {
        write!(out, "\"{subject}\" ").unwrap();
    }
    let from = out.len();
    addresses(out, random, 1);
    let from = out[from..].to_vec();
    for _ in ["sender", "reply-to"] {
        out.push(b' ');
        out.extend_from_slice(&from);
    }
    let to = 1 + random.below(4);
    for count in [to, random.below(3), 0] {
        out.push(b' ');
        addresses(out, random, count);
    }
    if random.below(2) == 0 {
        let (a, b) = (random.next(), random.next() >> 32);
        write!(out, " \"<{a:x}.{b:x}@mail.example.com>\"").unwrap();
    } else {
        out.extend_from_slice(b" NIL");
    }
    let (a, b) = (random.next(), random.next() >> 32);
    write!(out, " \"<{a:016x}.{b:08x}@lists.example.net>\")").unwrap();
}

/// FETCH responses with UID, FLAGS and ENVELOPE, of 600 bytes each on average.
pub fn envelopes(count: usize) -> Vec<u8> {
    let mut random = Random(1);
    let mut out = Vec::new();
    for n in 1..=count {
        let flags = random.pick(&["", "\\Seen", "\\Seen \\Answered", "\\Seen $Forwarded"]);
        write!(out, "* {n} FETCH (UID {} FLAGS ({flags}) ENVELOPE ", 4000 + 3 * n).unwrap();
        envelope(&mut out, &mut random);
        out.extend_from_slice(b")\r\n");
    }
    out
}

fn leaf(out: &mut Vec<u8>, random: &mut Random, media_type: &str, subtype: &str, file: bool) {
    let size = 100 + random.below(900_000);
    let text = media_type == "TEXT";
    let n = random.below(10_000);
    write!(out, "(\"{media_type}\" \"{subtype}\" ").unwrap();
    match (text, file) {
        (true, false) => out.extend_from_slice(b"(\"CHARSET\" \"UTF-8\" \"FORMAT\" \"flowed\")"),
        _ => write!(out, "(\"NAME\" \"attachment-{n:04}.dat\")").unwrap(),
    }
    let id = random.next();
    if text {
        out.extend_from_slice(b" NIL NIL \"QUOTED-PRINTABLE\" ");
        write!(out, "{size} {} NIL ", size / 60).unwrap();
    } else {
        write!(out, " \"<{id:x}@example.org>\" NIL \"BASE64\" {size} NIL ").unwrap();
    }
    if file {
        write!(
            out,
            "(\"ATTACHMENT\" (\"FILENAME\" \"attachment-{n:04}.dat\" \"SIZE\" \"{size}\"))"
        )
        .unwrap();
    } else {
        out.extend_from_slice(b"NIL");
    }
    out.extend_from_slice(b" NIL NIL)");
}

fn multipart(out: &mut Vec<u8>, random: &mut Random, subtype: &str) {
    let (a, b) = (random.next(), random.next());
    write!(out, " \"{subtype}\" (\"BOUNDARY\" \"----=_Part_{a:016x}_{b:016x}\") NIL NIL NIL)")
        .unwrap();
}

fn alternative(out: &mut Vec<u8>, random: &mut Random) {
    out.push(b'(');
    leaf(out, random, "TEXT", "PLAIN", false);
    out.push(b'(');
    leaf(out, random, "TEXT", "HTML", false);
    leaf(out, random, "IMAGE", "PNG", true);
    leaf(out, random, "IMAGE", "JPEG", true);
    multipart(out, random, "RELATED");
    multipart(out, random, "ALTERNATIVE");
}

/// FETCH responses with BODYSTRUCTURE, of 2400 bytes each: texts, pictures, attachments, and
/// a forwarded message.
pub fn body_structures(count: usize) -> Vec<u8> {
    let mut random = Random(2);
    let mut out = Vec::new();
    for n in 1..=count {
        write!(out, "* {n} FETCH (UID {} BODYSTRUCTURE (", 4000 + 3 * n).unwrap();
        alternative(&mut out, &mut random);
        leaf(&mut out, &mut random, "APPLICATION", "PDF", true);
        out.extend_from_slice(b"(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 5234 ");
        envelope(&mut out, &mut random);
        out.push(b' ');
        alternative(&mut out, &mut random);
        out.extend_from_slice(b" 120 NIL (\"ATTACHMENT\" NIL) NIL NIL)");
        multipart(&mut out, &mut random, "MIXED");
        out.extend_from_slice(b")\r\n");
    }
    out
}

/// One SEARCH response with numbers that rise.
pub fn search(count: usize) -> Vec<u8> {
    let mut random = Random(3);
    let mut out = b"* SEARCH".to_vec();
    let mut number = 100_000;
    for _ in 0..count {
        number += 1 + random.below(40);
        write!(out, " {number}").unwrap();
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// LIST responses.
pub fn lists(count: usize) -> Vec<u8> {
    let mut random = Random(4);
    let mut out = Vec::new();
    for n in 1..=count {
        let attributes = random.pick(&[
            "\\HasNoChildren",
            "\\HasChildren",
            "\\HasNoChildren \\UnMarked",
            "\\NoSelect \\HasChildren",
            "\\HasNoChildren \\Sent",
        ]);
        let name = random.pick(&["Archive", "Lists/mailwire", "Drafts & notes", "Customers/North"]);
        write!(out, "* LIST ({attributes}) \"/\" \"{name}/{n}\"\r\n").unwrap();
    }
    out
}

/// What stands before and behind the literal of a FETCH response with a body of this size.
pub fn body(size: u64) -> (Vec<u8>, &'static [u8]) {
    (format!("* 1 FETCH (UID 4000 BODY[] {{{size}}}\r\n").into_bytes(), b")\r\n")
}

/// FETCH responses with UID and FLAGS, as they come at the beginning of a session.
pub fn flags(count: usize) -> Vec<u8> {
    let mut random = Random(5);
    let mut out = Vec::new();
    for n in 1..=count {
        let flags = random.pick(&["", "\\Seen", "\\Seen \\Answered", "\\Seen $Forwarded"]);
        write!(out, "* {n} FETCH (UID {} FLAGS ({flags}))\r\n", 4000 + 3 * n).unwrap();
    }
    out
}

/// A POP3 server's answer to RETR: a message of about this size, with a dot put before every
/// tenth line or so, and many within lines.
pub fn retr(size: usize) -> Vec<u8> {
    let mut random = Random(6);
    let mut out = b"+OK message follows\r\n".to_vec();
    while out.len() < size {
        let line = random.pick(&[
            "The quick brown fox jumps over the lazy dog. And once more, to have a line of some length.",
            "<p style=3D\"font-size: 1.2em; margin: 0.5em\">See https://www.example.com/a/b.html</p>=",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E",
            "",
        ]);
        if random.below(10) == 0 {
            out.extend_from_slice(b"..");
        }
        write!(out, "{line}\r\n").unwrap();
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// A POP3 server's answer to UIDL.
pub fn uidl(count: usize) -> Vec<u8> {
    let mut random = Random(7);
    let mut out = b"+OK\r\n".to_vec();
    for n in 1..=count {
        write!(out, "{n} {:016x}{:08x}\r\n", random.next(), random.next() >> 32).unwrap();
    }
    out.extend_from_slice(b".\r\n");
    out
}
