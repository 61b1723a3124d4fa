//! Nasty messages on real servers, read through an Rx of 512 bytes, and every byte of it
//! compared with what Python's imaplib receives for the same FETCH; and what the messages are
//! made of, with what Python's `email` says.

use mailwire::imap::event::{self, BodyData};
use mailwire::imap::{
    BodyStructure, Capability, ClientError, Envelope, Fetch, Item, Part, PartKind, SectionKind,
    Str, TransferEncoding,
};
use mailwire::message::{Encoding, Headers, Text, TransferDecoder};
use mailwire_tests::nasty::{self, Nasty};
use mailwire_tests::servers::{Mail, Memory, Server, servers};
use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Instant;

const SMALL: usize = 512;

/// What of a message a server and `email` may see differently, and why that is right.
/// One that is not seen is an error, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// The message and what was stored.
    Stored,
    /// `BODY[HEADER]` and `BODY[TEXT]` together, and the message.
    Halves,
    Subject,
    Date,
    InReplyTo,
    MessageId,
    From,
    To,
    Cc,
    Bcc,
    /// The addresses of these, read by mailwire from the header.
    HeaderAddresses,
    /// Numbers and types of the parts. What is in them is then not compared.
    Parts,
    /// Content-ID, Content-Description and other fields of a part.
    Field,
    /// The subject of a message in the message.
    InnerSubject,
    FileName,
    /// The bytes of a part, without their transfer encoding.
    Data,
    /// The same, decoded by the server (RFC 3516).
    Binary,
}

/// What differs of a message, on which servers, and why.
type Note = (&'static str, &'static [&'static str], &'static [What], &'static str);

const ALL: &[&str] = &["Dovecot", "Cyrus", "Courier"];
const DOVECOT: &[&str] = &["Dovecot"];
const CYRUS: &[&str] = &["Cyrus"];
const COURIER: &[&str] = &["Courier"];
const NOT_CYRUS: &[&str] = &["Dovecot", "Courier"];
const NOT_COURIER: &[&str] = &["Dovecot", "Cyrus"];

const DIFFERENCES: &[Note] = &[
    (
        "blanks before colons",
        NOT_CYRUS,
        &[What::HeaderAddresses],
        "they were allowed of old: RFC 5322 section 4.5",
    ),
    ("a line that is no field", NOT_CYRUS, &[What::HeaderAddresses], "the header goes on for us"),
    ("odd addresses", ALL, &[What::HeaderAddresses], "email gives up earlier"),
    ("one byte", NOT_CYRUS, &[What::Data], "to email it is a body, to servers a header"),
    ("one byte", DOVECOT, &[What::Binary], "the same"),
    ("one byte", COURIER, &[What::Stored, What::Halves], "it adds line ends, and splits one"),
    (
        "a header without an end",
        COURIER,
        &[What::Data, What::Halves],
        "it splits the last line end",
    ),
    ("no line end at the end", COURIER, &[What::Stored], "it adds one"),
    ("bare LF", NOT_CYRUS, &[What::Stored], "they send CR LF"),
    ("bare CR", NOT_CYRUS, &[What::Stored], "they leave some or all out"),
    ("LF and CR LF mixed", NOT_CYRUS, &[What::Stored], "they send CR LF"),
    ("a NUL in the header", DOVECOT, &[What::Stored], "a literal cannot hold NUL: it sends 0x80"),
    ("a NUL in the header", NOT_CYRUS, &[What::Subject], "U+FFFD for it, or the end of the text"),
    ("NULs in the body", NOT_CYRUS, &[What::Stored], "0x80 for NUL; a line end at the end"),
    ("NULs in the body", DOVECOT, &[What::Binary], "a literal8 can hold NUL"),
    ("all bytes", NOT_CYRUS, &[What::Stored], "0x80 for NUL; CR LF for LF"),
    ("all bytes", DOVECOT, &[What::Binary], "a literal8 can hold NUL"),
    ("a subject of 100 KB", COURIER, &[What::Subject], "it reads 8 KB of a field"),
    ("500 recipients", COURIER, &[What::To], "it reads 8 KB of a field"),
    ("200 recipients in encoded words", COURIER, &[What::To], "it reads 8 KB of a field"),
    (
        "fields twice",
        ALL,
        &[What::Subject, What::Date, What::MessageId],
        "the last for some, both joined for Courier, to email the first",
    ),
    ("fields twice", CYRUS, &[What::From, What::To], "the last, to email all"),
    ("fields without values", DOVECOT, &[What::Parts], "an empty type is one to it"),
    (
        "blanks before colons",
        NOT_CYRUS,
        &[What::Subject, What::Date, What::Data],
        "to email such a line ends the header",
    ),
    ("blanks before colons", DOVECOT, &[What::From, What::To, What::Binary], "the same"),
    (
        "a line that is no field",
        NOT_CYRUS,
        &[What::From, What::Data],
        "to email it ends the header",
    ),
    ("a line that is no field", DOVECOT, &[What::Binary], "the same"),
    (
        "groups that are broken",
        NOT_COURIER,
        &[What::Cc, What::Bcc],
        "each mends what is no address",
    ),
    ("odd addresses", ALL, &[What::To, What::Cc, What::Bcc], "each mends what is no address"),
    (
        "addresses in UTF-8",
        &["Cyrus", "Courier"],
        &[What::Cc],
        "Cyrus knows no such host, Courier makes encoded words of it",
    ),
    ("a header in Latin-1", COURIER, &[What::Subject, What::Cc], "it drops what is no UTF-8"),
    ("encoded words that are broken", ALL, &[What::Subject], "to email they may hold blanks"),
    ("quoted-printable", DOVECOT, &[What::Binary], "it refuses to decode what is broken"),
    ("base64 that is broken", DOVECOT, &[What::Binary], "it refuses to decode what is broken"),
    ("types that are garbage", ALL, &[What::Parts], "text/plain, or what there is of them"),
    ("multiparts 300 deep", ALL, &[What::Parts], "100 levels, or 150, or too deep for us"),
    ("multiparts 300 deep", COURIER, &[What::Stored], "it sends nothing that is deeper than 150"),
    ("1000 parts", COURIER, &[What::Stored], "it sends the first 300"),
    ("messages 40 deep", COURIER, &[What::Data], "it loses a line end of the last message"),
    ("messages and multiparts in turn", COURIER, &[What::Data], "it splits a line end"),
    ("a digest", COURIER, &[What::Data], "it splits a line end"),
    ("a message in base64", ALL, &[What::Data], "such a one must not be: RFC 2046 section 5.2.1"),
    ("a message in base64", NOT_COURIER, &[What::Binary], "the same"),
    ("no closing boundary", NOT_COURIER, &[What::Data, What::Binary], "email drops a line end"),
    ("no boundary parameter", ALL, &[What::Parts], "to servers it has a part, or is a text"),
    ("no boundary parameter", CYRUS, &[What::Halves], "it sends no TEXT"),
    ("a multipart without parts", ALL, &[What::Parts], "to servers it has a part, or is a text"),
    ("a multipart without parts", CYRUS, &[What::Halves], "it sends no TEXT"),
    (
        "boundaries that begin alike",
        ALL,
        &[What::Parts],
        "a line that begins with the boundary is enough: RFC 2046 section 5.1.1",
    ),
    (
        "file names in encoded words and UTF-8",
        COURIER,
        &[What::FileName],
        "it makes encoded words of UTF-8, and two blanks of a fold",
    ),
    (
        "every field of a part",
        &["Cyrus", "Courier"],
        &[What::Field],
        "languages in capitals, or not at all, as the location",
    ),
];

fn notes(server: &str) -> impl Iterator<Item = (&'static str, What)> {
    let notes = DIFFERENCES.iter().filter(move |(_, servers, ..)| is_of(server, servers));
    notes.flat_map(|(name, _, what, _)| what.iter().map(|what| (*name, *what)))
}

/// The messages that a server does not take, and why.
const REFUSED: &[(&str, &[&str], &str)] = &[
    ("one byte", CYRUS, "no header"),
    ("a line that is no field", CYRUS, "no header"),
    ("blanks before colons", CYRUS, "no header"),
    ("bare LF", CYRUS, "bare LF"),
    ("LF and CR LF mixed", CYRUS, "bare LF"),
    ("a NUL in the header", CYRUS, "NUL"),
    ("NULs in the body", CYRUS, "NUL"),
    ("all bytes", CYRUS, "NUL"),
];

fn refusals(server: &str) -> BTreeSet<&'static str> {
    let those = REFUSED.iter().filter(|(_, servers, _)| is_of(server, servers));
    those.map(|(name, ..)| *name).collect()
}

/// Whether it is one of these, whatever its version.
fn is_of(server: &str, servers: &[&str]) -> bool {
    servers.iter().any(|name| server.starts_with(name))
}

/// Python, asked by `tests/nasty/python.py`.
struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// `None` where there is none.
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/nasty/python.py");
        let child = Command::new("python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => {
                let ci = std::env::var("CI").is_ok_and(|v| v == "true");
                assert!(!ci, "python3: {error}");
                let _ = writeln!(io::stderr(), "SKIPPED: no python3: {error}");
                return None;
            }
        };
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, input, output })
    }

    fn ask(&mut self, verb: &str, arguments: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut request = verb.to_owned();
        for argument in arguments {
            request += &format!(" {}", argument.len());
        }
        let mut request = (request + "\n").into_bytes();
        for argument in arguments {
            request.extend(*argument);
        }
        self.input.write_all(&request).unwrap();
        let mut lengths = String::new();
        self.output.read_line(&mut lengths).unwrap();
        assert!(!lengths.is_empty(), "python failed at {verb} {}", show(&request));
        let mut answer = |length: &str| {
            let mut bytes = vec![0; length.parse().unwrap()];
            self.output.read_exact(&mut bytes).unwrap();
            bytes
        };
        lengths.split_whitespace().map(&mut answer).collect()
    }

    fn ask_one(&mut self, verb: &str, arguments: &[&[u8]]) -> Option<Vec<u8>> {
        self.ask(verb, arguments).into_iter().next()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A piece of a FETCH response, written as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Whole(Vec<u8>),
    /// Its beginning.
    Oversized(Vec<u8>),
    Malformed(Vec<u8>),
}

impl Piece {
    /// `name SP value`, as the server wrote it.
    fn item(item: &Item<'_>) -> Self {
        let named = |name: &str, value: &[u8]| [name.as_bytes(), b" ", value].concat();
        Self::Whole(match item {
            Item::Envelope(envelope) => named("ENVELOPE", envelope.raw()),
            Item::BodyStructure(structure) => named("BODYSTRUCTURE", structure.raw()),
            Item::Body(structure) => named("BODY", structure.raw()),
            Item::Rfc822Size(size) => named("RFC822.SIZE", size.to_string().as_bytes()),
            Item::Uid(uid) => named("UID", uid.to_string().as_bytes()),
            Item::Flags(flags) => named("FLAGS", format!("{flags:?}").as_bytes()),
            other => panic!("{other:?} was not asked for"),
        })
    }

    /// The same of a section, up to where its bytes begin.
    fn section(body: &event::Body<'_>, longest: usize) -> Vec<u8> {
        assert_eq!(body.origin, None);
        let kind = match body.kind {
            SectionKind::Body => "BODY",
            SectionKind::Binary => "BINARY",
            _ => panic!("{body:?}"),
        };
        let start = match body.data {
            BodyData::Nil => "NIL".to_owned(),
            BodyData::Quoted => "\"".to_owned(),
            BodyData::Literal(size) => format!("{{{size}}}\r\n"),
            BodyData::Literal8(size) => format!("~{{{size}}}\r\n"),
        };
        (name(kind, &body.section.to_string(), longest) + &start).into_bytes()
    }
}

/// How much is sent of a name, if it is cut together with what comes before it.
fn room(longest: usize, number: u32, index: usize) -> usize {
    let before = if index == 0 { format!("* {number} FETCH (") } else { " ".into() };
    longest - before.len()
}

/// A section's name and the space behind it, of which the server sends only so much.
fn name(kind: &str, section: &str, longest: usize) -> String {
    let mut name = format!("{kind}[{section}] ");
    name.truncate(longest);
    name
}

/// All pieces of one message's FETCH response, each written as the server wrote it; none if the
/// server says NO.
fn fetch(mail: &mut Mail<'_>, longest: usize, number: u32, items: &[Fetch<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut messages = mail.fetch(number, items).unwrap();
    let mut message = match messages.next() {
        Ok(message) => message.expect("the message is there"),
        Err(ClientError::Refused(_)) => return pieces,
        Err(error) => panic!("{error:?}"),
    };
    assert_eq!(message.seq(), Some(number));
    let mut quoted = false;
    while let Some(piece) = message.next().unwrap() {
        if quoted && !matches!(piece, event::Fetch::Chunk(_)) {
            let Some(Piece::Whole(last)) = pieces.last_mut() else { panic!() };
            last.push(b'"');
            quoted = false;
        }
        pieces.push(match piece {
            event::Fetch::Item(item) => Piece::item(&item),
            event::Fetch::Body(body) => {
                quoted = body.data == BodyData::Quoted;
                Piece::Whole(Piece::section(&body, room(longest, number, pieces.len())))
            }
            event::Fetch::Chunk(bytes) => {
                let Some(Piece::Whole(last)) = pieces.last_mut() else { panic!() };
                for &byte in bytes {
                    if quoted && matches!(byte, b'"' | b'\\') {
                        last.push(b'\\');
                    }
                    last.push(byte);
                }
                continue;
            }
            event::Fetch::Oversized { raw, .. } => Piece::Oversized(raw.to_vec()),
            event::Fetch::Malformed { raw, .. } => Piece::Malformed(raw.to_vec()),
            other => panic!("{other:?}"),
        });
    }
    if quoted && let Some(Piece::Whole(last)) = pieces.last_mut() {
        last.push(b'"');
    }
    match messages.finish() {
        Ok(()) => pieces,
        Err(ClientError::Refused(_)) => Vec::new(),
        Err(error) => panic!("{error:?}"),
    }
}

/// A server with the messages on it, and who asks it.
struct Round<'a, 'b> {
    server: &'a str,
    /// How much it sends before a section's value: Cyrus 3.6 cuts it, and then some names are
    /// others'.
    longest: usize,
    python: Python,
    small: Mail<'b>,
    large: Mail<'b>,
    oversized: usize,
    items: usize,
}

impl Round<'_, '_> {
    /// Fetches the same by all three and compares them. Returns the pieces.
    fn fetch(&mut self, name: &str, number: u32, items: &[Fetch<'_>]) -> Vec<Vec<u8>> {
        let asked: Vec<_> = items.iter().map(written).collect();
        let asked = format!("({})", asked.join(" "));
        let place =
            format!("{}: {name}: {}", self.server, show(&asked.as_bytes()[..asked.len().min(200)]));
        let pieces: Vec<_> = fetch(&mut self.large, self.longest, number, items)
            .into_iter()
            .map(|piece| match piece {
                Piece::Whole(bytes) => bytes,
                Piece::Oversized(raw) | Piece::Malformed(raw) => {
                    panic!("{place}: cannot be read: {}", show(&raw))
                }
            })
            .collect();
        let answer = self.python.ask("fetch", &[number.to_string().as_bytes(), asked.as_bytes()]);
        let [answer] = &answer[..] else {
            assert!(answer.is_empty() && pieces.is_empty(), "{place}: {} responses", answer.len());
            return pieces;
        };
        let mut written = format!("{number} (").into_bytes();
        written.extend(pieces.join(&b' '));
        written.push(b')');
        assert_same(&place, &written, answer);

        let small = fetch(&mut self.small, self.longest, number, items);
        assert_eq!(small.len(), pieces.len(), "{place}");
        for (small, whole) in small.iter().zip(&pieces) {
            self.items += 1;
            match small {
                Piece::Whole(bytes) => assert_same(&place, bytes, whole),
                Piece::Oversized(raw) => {
                    self.oversized += 1;
                    assert!(whole.len() >= SMALL - 2, "{place}: {} would fit", show(whole));
                    assert!(!raw.is_empty() && whole.starts_with(raw), "{place}: {}", show(raw));
                }
                Piece::Malformed(raw) => panic!("{place}: in small, {}", show(raw)),
            }
        }
        pieces
    }

    /// Reads all that there is of a message.
    fn message(&mut self, nasty: &Nasty, number: u32, seen: &mut BTreeSet<(&'static str, What)>) {
        let items = [Fetch::Rfc822Size, Fetch::Envelope, Fetch::BodyStructure, Fetch::Body];
        let mut pieces = self.fetch(nasty.name, number, &items);
        let mut find = |name: &str| {
            let at = pieces.iter().position(|piece| {
                piece.starts_with(name.as_bytes()) && piece.get(name.len()) == Some(&b' ')
            });
            pieces.swap_remove(at.unwrap_or_else(|| panic!("{}: no {name}", nasty.name)))
        };
        let (size, envelope, structure) =
            (find("RFC822.SIZE"), find("ENVELOPE"), find("BODYSTRUCTURE"));
        let Some(Item::Rfc822Size(size)) = Item::parse(&size, false) else { panic!() };
        let Some(Item::Envelope(envelope)) = Item::parse(&envelope, false) else { panic!() };
        let Some(Item::BodyStructure(structure)) = Item::parse(&structure, false) else { panic!() };
        // Every field of every part, and nothing but whether it ends.
        assert!(!format!("{envelope:?}{structure:?}").is_empty());

        let mut sections = vec![String::new(), "HEADER".into(), "TEXT".into()];
        for part in structure.walk() {
            assert_ne!(part.kind(), PartKind::Malformed, "{}", nasty.name);
            if part.number().is_whole() || part.kind() == PartKind::TooDeep {
                continue;
            }
            let number = part.number().to_string();
            // The multipart in a message has the message's number.
            if sections.contains(&number) {
                continue;
            }
            sections.push(format!("{number}.MIME"));
            if part.kind() == PartKind::Message {
                sections.push(format!("{number}.HEADER"));
                sections.push(format!("{number}.TEXT"));
            }
            sections.push(number);
        }
        let mut bodies = Vec::new();
        for some in sections.chunks(16) {
            let items: Vec<_> = some.iter().map(|section| Fetch::peek(&section[..])).collect();
            bodies.extend(self.fetch(nasty.name, number, &items));
        }
        let cuts = self.longest < usize::MAX;
        let body = |section: &str| {
            let start = name("BODY", section, usize::MAX);
            let mut found = bodies.iter().filter_map(|piece| piece.strip_prefix(start.as_bytes()));
            let piece = found.next();
            assert!(piece.is_some() || cuts && section.len() > 60, "{}: {section}", nasty.name);
            piece.map(value)
        };
        let whole = body("").unwrap();
        assert_eq!(whole.len() as u64, size, "{}: {}: size", self.server, nasty.name);
        self.compare(nasty, &envelope, &structure, &body, seen, number);
    }

    /// Compares with what `email` says of the message's bytes.
    fn compare<'m>(
        &mut self,
        nasty: &Nasty,
        envelope: &Envelope<'_>,
        structure: &BodyStructure<'_>,
        body: &dyn Fn(&str) -> Option<&'m [u8]>,
        seen: &mut BTreeSet<(&'static str, What)>,
        seq: u32,
    ) {
        let (server, name) = (self.server, nasty.name);
        let mut same = |what: What, at: &str, ours: &[u8], theirs: &[u8]| {
            if ours == theirs {
                return true;
            }
            seen.insert((name, what));
            let excused = notes(server).any(|known| known == (name, what));
            if !excused {
                let _ = writeln!(
                    io::stderr(),
                    "{server}: {name}: {what:?} {at}\n{}",
                    differing(ours, theirs)
                );
            }
            false
        };
        let whole = body("").unwrap();
        same(What::Stored, "", whole, &nasty.bytes);
        let halves = ["HEADER", "TEXT"].map(|half| body(half).unwrap());
        same(What::Halves, "", &halves.concat(), whole);
        let described = self.python.ask("describe", &[whole]);
        let mut described = described.iter().map(Vec::as_slice);
        let mut next = || described.next();

        let bytes = |value: Option<Str<'_>>| value.map(|value| value.to_vec()).unwrap_or_default();
        let words =
            |value: Option<Str<'_>>| Text::new(value.unwrap_or_default()).to_string().into_bytes();
        // Where a fold was, there is one blank or many.
        let blanks = |text: &[u8]| {
            let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(&b' ')
        };
        let mut field = |what: What, at: &str, ours: &[u8], theirs: Option<&[u8]>| {
            same(what, at, &blanks(ours), &blanks(theirs.unwrap_or_default()))
        };
        field(What::Subject, "", &words(envelope.subject()), next());
        field(What::Date, "", &bytes(envelope.date()), next());
        field(What::InReplyTo, "", &bytes(envelope.in_reply_to()), next());
        field(What::MessageId, "", &bytes(envelope.message_id()), next());
        for (what, list) in [
            (What::From, envelope.from()),
            (What::To, envelope.to()),
            (What::Cc, envelope.cc()),
            (What::Bcc, envelope.bcc()),
        ] {
            let shown = |name: &[u8], address: &[u8]| [b"<", name, b"|", address, b">"].concat();
            let count: usize = std::str::from_utf8(next().unwrap()).unwrap().parse().unwrap();
            let theirs: Vec<_> =
                (0..count).map(|_| shown(next().unwrap(), next().unwrap())).collect();
            let ours: Vec<_> = list
                .filter(|address| !address.is_group_start() && !address.is_group_end())
                .map(|address| {
                    let spec = [address.mailbox, address.host].map(bytes).join(&b'@');
                    shown(&words(address.name), &spec)
                })
                .collect();
            field(what, "", &ours.concat(), Some(&theirs.concat()));
            let name = format!("{what:?}");
            let ours: Vec<_> = Headers::split(whole)
                .0
                .all(&name)
                .flat_map(|field| field.addresses())
                // A group without members is one with neither.
                .filter(|it| !it.spec.is_empty() || !it.name.is_empty())
                .map(|it| shown(it.name.to_string().as_bytes(), it.spec.to_string().as_bytes()))
                .collect();
            field(What::HeaderAddresses, &name, &ours.concat(), Some(&theirs.concat()));
        }

        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut theirs = Vec::new();
        while let Some(number) = next() {
            let rest: [&[u8]; 9] = std::array::from_fn(|_| next().unwrap());
            theirs.push((text(number), rest));
        }
        let kind = |part: &Part<'_>| {
            [part.media_type(), part.subtype()]
                .map(|text| bytes(text).to_ascii_lowercase())
                .join(&b'/')
        };
        let list = |parts: &mut dyn Iterator<Item = (String, Vec<u8>)>| {
            parts.map(|(number, kind)| format!("{number} {}, ", text(&kind))).collect::<String>()
        };
        let ours = list(&mut structure.walk().map(|part| (part.number().to_string(), kind(&part))));
        let wanted =
            list(&mut theirs.iter().map(|(number, rest)| (number.clone(), rest[0].to_vec())));
        if !same(What::Parts, "", ours.as_bytes(), wanted.as_bytes()) {
            return;
        }
        let few = theirs.len() < 100;
        for (part, (number, rest)) in structure.walk().zip(&theirs) {
            let [_, id, description, md5, language, location, subject, file, data] = *rest;
            let languages: Vec<_> = part.language().map(|language| language.to_vec()).collect();
            for (ours, theirs) in [
                (bytes(part.id()), id),
                (bytes(part.description()), description),
                (bytes(part.md5()), md5),
                (languages.join(&b", "[..]), language),
                (bytes(part.location()), location),
            ] {
                // A multipart has not all of them.
                if part.kind() == PartKind::Single {
                    same(What::Field, number, &ours, theirs);
                }
            }
            let inner = words(part.envelope().and_then(|envelope| envelope.subject()));
            same(What::InnerSubject, number, &inner, subject);
            let ours = self.file_name(&part);
            same(What::FileName, number, &ours, file);
            let Some(data) = data.strip_prefix(b"=") else { continue };
            let Some(body) = body(number) else { continue };
            assert_eq!(part.size(), Some(body.len() as u64), "{server}: {name}: {number}");
            same(What::Data, number, &decoded(&part, body), data);
            if self.large.capabilities().contains(&Capability::Binary) && few {
                let pieces = self.fetch(name, seq, &[Fetch::binary_peek(part.number())]);
                let start = format!("BINARY[{number}] ");
                let piece = pieces.iter().find_map(|piece| piece.strip_prefix(start.as_bytes()));
                if piece.is_none() && self.longest < usize::MAX && !pieces.is_empty() {
                    continue;
                }
                let ours = piece.map_or(&b"refused"[..], value);
                same(What::Binary, number, ours, data);
            }
        }
    }

    /// The file name, "=" before it, or "-".
    fn file_name(&mut self, part: &Part<'_>) -> Vec<u8> {
        let disposition = part.disposition().map(|disposition| disposition.params);
        for params in disposition.into_iter().chain([part.params()]) {
            let params: Vec<_> = params
                .flat_map(|(name, value)| [Some(name), value])
                .map(|text| text.map(|text| text.to_vec()).unwrap_or_default())
                .collect();
            let params: Vec<_> = params.iter().map(Vec::as_slice).collect();
            if let Some(name) = self.python.ask_one("name", &params) {
                return [b"=", &name[..]].concat();
            }
        }
        b"-".to_vec()
    }
}

/// An item as it stands in the command.
fn written(item: &Fetch<'_>) -> String {
    match item {
        Fetch::Rfc822Size => "RFC822.SIZE".into(),
        Fetch::Envelope => "ENVELOPE".into(),
        Fetch::BodyStructure => "BODYSTRUCTURE".into(),
        Fetch::Body => "BODY".into(),
        Fetch::BodySection { section, .. } => format!("BODY.PEEK[{section}]"),
        Fetch::Binary { part, .. } => format!("BINARY.PEEK[{part}]"),
        other => panic!("{other:?}"),
    }
}

/// A part's bytes without their transfer encoding, through 100 bytes at a time.
fn decoded(part: &Part<'_>, body: &[u8]) -> Vec<u8> {
    let name = match part.encoding() {
        Some(TransferEncoding::Base64) => "base64",
        Some(TransferEncoding::QuotedPrintable) => "quoted-printable",
        _ => "8bit",
    };
    let mut decoder = TransferDecoder::new(Encoding::for_name(name).unwrap());
    let (mut rest, mut all, mut out) = (body, Vec::new(), [0; 100]);
    while !rest.is_empty() {
        let (read, written) = decoder.decode(rest, &mut out);
        assert!(read + written > 0, "it stands still");
        all.extend(&out[..written]);
        rest = &rest[read..];
    }
    let last = decoder.finish(&mut out);
    all.extend(&out[..last]);
    all
}

/// The bytes of a section's value, which are a literal or without escapes.
fn value(piece: &[u8]) -> &[u8] {
    match piece {
        b"NIL" => &[],
        [b'"', inside @ .., b'"'] => inside,
        _ => piece.iter().position(|&byte| byte == b'\n').map_or(piece, |at| &piece[at + 1..]),
    }
}

fn assert_same(place: &str, ours: &[u8], theirs: &[u8]) {
    assert!(ours == theirs, "{place}\n{}", differing(ours, theirs));
}

/// Both from a little before where they differ.
fn differing(ours: &[u8], theirs: &[u8]) -> String {
    let at = ours.iter().zip(theirs).position(|(a, b)| a != b);
    let at = at.unwrap_or(ours.len().min(theirs.len()));
    let from = at.saturating_sub(40);
    let [ours_from, theirs_from] = [ours, theirs].map(|bytes| show(&bytes[from..]));
    let (ours, theirs) = (ours.len(), theirs.len());
    format!("  here, {at} of {ours}: {ours_from}\n there, {at} of {theirs}: {theirs_from}")
}

fn show(bytes: &[u8]) -> String {
    let more = if bytes.len() > 300 { "…" } else { "" };
    format!("{}{more}", bytes[..bytes.len().min(300)].escape_ascii())
}

/// Puts all messages on the server and reads them back.
fn run(server: &Server) {
    let Some(mut python) = Python::start() else { return };
    let begun = Instant::now();
    let mut memory = [SMALL, 1 << 20].map(|rx| Memory::new(rx, 8192));
    let [mut small, mut large] = memory.each_mut().map(|memory| server.open(memory));
    let mailbox = server.mailbox("nasty");
    large.create(&mailbox).unwrap();
    let name = server.name;
    let messages = nasty::messages();
    let (mut stored, mut refused) = (Vec::new(), BTreeSet::new());
    for message in &messages {
        match large.append(&mailbox, &[], None, &message.bytes) {
            Ok(_) => stored.push(message),
            Err(ClientError::Refused(refusal)) => {
                if !refusals(name).contains(message.name) {
                    let _ = writeln!(io::stderr(), "{name}: {}: {refusal}", message.name);
                }
                refused.insert(message.name);
            }
            Err(error) => panic!("{name}: {}: {error:?}", message.name),
        }
    }
    for mail in [&mut small, &mut large] {
        assert_eq!(mail.examine(&mailbox).unwrap().exists as usize, stored.len());
    }
    let address = [server.imap.ip().to_string(), server.imap.port().to_string()];
    let [host, port] = address.each_ref().map(|text| text.as_bytes());
    let (user, password) = server.alice();
    python.ask("open", &[host, port, user.as_bytes(), password.as_bytes(), mailbox.as_bytes()]);

    let longest = if name.starts_with("Cyrus") { 99 } else { usize::MAX };
    let mut round = Round { server: name, longest, python, small, large, oversized: 0, items: 0 };
    let mut seen = BTreeSet::new();
    for (message, number) in stored.iter().zip(1..) {
        round.message(message, number, &mut seen);
    }
    let _ = writeln!(
        io::stderr(),
        "{name}: {} messages, {} items, {} of them oversized, in {:?}",
        stored.len(),
        round.items,
        round.oversized,
        begun.elapsed()
    );
    assert_eq!(refused, refusals(name), "{name}: what is refused, and what is known to be");
    let known: BTreeSet<_> = notes(name).collect();
    let new: Vec<_> = seen.difference(&known).collect();
    assert!(new.is_empty(), "{name}: not the same as for email: {new:?}");
    let gone: Vec<_> = known.difference(&seen).collect();
    assert!(gone.is_empty(), "{name}: the same as for email by now: {gone:?}");
    assert!(round.oversized > 10, "{name}: too little did not fit");
}

/// Not on GNU Mailutils: of most messages it announces more or fewer bytes than it sends, and
/// what comes then can be told by nobody.
#[test]
fn on_all_servers() {
    let those = servers().filter(|server| server.name != "GNU Mailutils");
    let threads: Vec<_> = those.map(|server| thread::spawn(move || run(&server))).collect();
    let ended: Vec<_> = threads.into_iter().map(thread::JoinHandle::join).collect();
    assert!(ended.iter().all(Result::is_ok));
}
