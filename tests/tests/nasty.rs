//! Fifty nasty messages on real servers, read through an Rx of 512 bytes, and every byte of it
//! compared with what Python's imaplib receives for the same FETCH; and what the messages are
//! made of, with what Python's `email` says.

use mailwire::imap::blocking::Client;
use mailwire::imap::event::{self, BodyData};
use mailwire::imap::{
    BodyStructure, Capability, ClientError, Envelope, Fetch, Item, Part, PartKind, SectionKind, Str,
    TransferEncoding,
};
use mailwire::io::Std;
use mailwire_tests::cyrus::Cyrus;
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::nasty::{self, Nasty};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SMALL: usize = 512;

/// What of a message a server and `email` may see differently, and why that is right.
/// One that is not seen is an error, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// The message and what was stored.
    Stored,
    Subject,
    Date,
    InReplyTo,
    MessageId,
    From,
    To,
    Cc,
    Bcc,
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

const DIFFERENCES: &[(&str, &str, What, &str)] = &[];

/// The messages that a server does not take, and why.
const REFUSED: &[(&str, &str, &str)] = &[];

type Mail<'b> = Client<'b, Std<TcpStream>>;

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
                let _ = writeln!(std::io::stderr(), "SKIPPED: no python3: {error}");
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

/// A section's name and the space behind it, of which the server sends only so much.
fn name(kind: &str, section: &str, longest: usize) -> String {
    let mut name = format!("{kind}[{section}] ");
    name.truncate(longest);
    name
}

/// All pieces of one message's FETCH response, each written as the server wrote it; none if the
/// server says NO.
fn fetch(
    mail: &mut Mail<'_>,
    longest: usize,
    number: u32,
    items: &[Fetch<'_>],
) -> Vec<Piece> {
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
                Piece::Whole(Piece::section(&body, longest))
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
    /// How much of an item's name it sends: Cyrus 3.6 cuts it, and then some names are others'.
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
        let place = format!("{}: {name}: {}", self.server, show(&asked.as_bytes()[..asked.len().min(200)]));
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
        let Some(Item::Rfc822Size(size)) = Item::parse(&size) else { panic!() };
        let Some(Item::Envelope(envelope)) = Item::parse(&envelope) else { panic!() };
        let Some(Item::BodyStructure(structure)) = Item::parse(&structure) else { panic!() };
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
        let longest = self.longest;
        let body = |section: &str| {
            let start = name("BODY", section, usize::MAX);
            let mut found = bodies.iter().filter_map(|piece| piece.strip_prefix(start.as_bytes()));
            let piece = found.next();
            assert_eq!(piece.is_some(), start.len() <= longest, "{}: {section}", nasty.name);
            piece.map(value)
        };
        let whole = body("").unwrap();
        assert_eq!(whole.len() as u64, size, "{}: {}: size", self.server, nasty.name);
        let halves = ["HEADER", "TEXT"].map(|half| body(half).unwrap());
        assert_eq!(halves.concat(), whole, "{}: {}", self.server, nasty.name);
        self.compare(nasty, whole, &envelope, &structure, &body, seen, number);
    }

    /// Compares with what `email` says of the message's bytes.
    fn compare<'m>(
        &mut self,
        nasty: &Nasty,
        whole: &[u8],
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
            let excused = DIFFERENCES.iter().any(|(of, servers, known, _)| {
                *of == name && servers.split(' ').any(|of| of == server) && *known == what
            });
            if !excused {
                let _ = writeln!(
                    std::io::stderr(),
                    "{server}: {name}: {what:?} {at}\n  here: {}\n email: {}",
                    show(ours),
                    show(theirs)
                );
            }
            false
        };
        same(What::Stored, "", whole, &nasty.bytes);
        let described = self.python.ask("describe", &[whole]);
        let mut described = described.iter().map(Vec::as_slice);
        let mut next = || described.next();

        let python = &mut self.python;
        let bytes = |value: Option<Str<'_>>| value.map(|value| value.to_vec()).unwrap_or_default();
        let mut words = |value: Option<Str<'_>>| {
            python.ask_one("words", &[&bytes(value)]).unwrap_or_default()
        };
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
        }

        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut theirs = Vec::new();
        while let Some(number) = next() {
            let rest: [&[u8]; 9] = std::array::from_fn(|_| next().unwrap());
            theirs.push((text(number), rest));
        }
        let kind = |part: &Part<'_>| {
            [part.media_type(), part.subtype()].map(|text| bytes(text).to_ascii_lowercase()).join(&b'/')
        };
        let list = |parts: &mut dyn Iterator<Item = (String, Vec<u8>)>| {
            parts.map(|(number, kind)| format!("{number} {}, ", text(&kind))).collect::<String>()
        };
        let ours = list(&mut structure.walk().map(|part| (part.number().to_string(), kind(&part))));
        let wanted = list(&mut theirs.iter().map(|(number, rest)| (number.clone(), rest[0].to_vec())));
        if !same(What::Parts, "", ours.as_bytes(), wanted.as_bytes()) {
            return;
        }
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
            let inner = part.envelope().and_then(|envelope| envelope.subject());
            let inner = self.python.ask_one("words", &[&bytes(inner)]);
            same(What::InnerSubject, number, &inner.unwrap_or_default(), subject);
            let ours = self.file_name(&part);
            same(What::FileName, number, &ours, file);
            let Some(data) = data.strip_prefix(b"=") else { continue };
            let encoding = match part.encoding() {
                Some(TransferEncoding::Base64) => "base64",
                Some(TransferEncoding::QuotedPrintable) => "quoted-printable",
                _ => "8bit",
            };
            let Some(body) = body(number) else { continue };
            assert_eq!(part.size(), Some(body.len() as u64), "{server}: {name}: {number}");
            let ours = self.python.ask_one("decode", &[encoding.as_bytes(), body]);
            same(What::Data, number, &ours.unwrap_or_default(), data);
            if self.large.capabilities().contains(&Capability::Binary) && structure.walk().count() < 100 {
                let place = nasty.name;
                let pieces = self.fetch(place, seq, &[Fetch::binary_peek(part.number())]);
                let ours = pieces.first().map_or(&b"refused"[..], |piece| value(piece));
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

/// The bytes of a section's value, which are a literal or without escapes.
fn value(piece: &[u8]) -> &[u8] {
    match piece {
        b"NIL" => &[],
        [b'"', inside @ .., b'"'] => inside,
        // "{4}" and a line's end; the name of the item, if it is still there, has neither.
        _ => piece.iter().position(|&byte| byte == b'\n').map_or(piece, |at| &piece[at + 1..]),
    }
}

fn assert_same(place: &str, ours: &[u8], theirs: &[u8]) {
    if ours != theirs {
        let at = ours.iter().zip(theirs).position(|(a, b)| a != b);
        let at = at.unwrap_or(ours.len().min(theirs.len()));
        let from = at.saturating_sub(40);
        panic!(
            "{place}: not the same from byte {at} on ({} and {} in all)\n here: {}\nthere: {}",
            ours.len(),
            theirs.len(),
            show(&ours[from..]),
            show(&theirs[from..])
        );
    }
}

fn show(bytes: &[u8]) -> String {
    let more = if bytes.len() > 600 { "…" } else { "" };
    format!("{}{more}", bytes[..bytes.len().min(600)].escape_ascii())
}

/// Puts all messages on the server and reads them back.
fn run(server: &'static str, imap: SocketAddr, user: &str, password: &str) {
    let Some(mut python) = Python::start() else { return };
    let begun = std::time::Instant::now();
    let connect = |rx, tx| {
        let mut mail: Mail<'_> = Client::connect(Std(TcpStream::connect(imap).unwrap()), rx, tx).unwrap();
        mail.login(user, password).unwrap();
        mail
    };
    let (mut small_rx, mut large_rx) = ([0; SMALL], vec![0; 1 << 20]);
    let (mut small_tx, mut large_tx) = ([0; 8192], [0; 8192]);
    let mut small = connect(&mut small_rx, &mut small_tx);
    let mut large = connect(&mut large_rx, &mut large_tx);
    large.select("INBOX").unwrap();
    large.create("nasty").unwrap();
    let messages = nasty::messages();
    let (mut stored, mut refused) = (Vec::new(), BTreeSet::new());
    for message in &messages {
        match large.append("nasty", &[], None, &message.bytes) {
            Ok(_) => stored.push(message),
            Err(ClientError::Refused(refusal)) => {
                if !REFUSED.iter().any(|(name, of, _)| *name == message.name && *of == server) {
                    println!("{server}: {}: {refusal}", message.name);
                }
                refused.insert(message.name);
            }
            Err(error) => panic!("{server}: {}: {error:?}", message.name),
        }
    }
    for mail in [&mut small, &mut large] {
        assert_eq!(mail.examine("nasty").unwrap().exists as usize, stored.len());
    }
    let address = [imap.ip().to_string(), imap.port().to_string()];
    let [host, port] = address.each_ref().map(|text| text.as_bytes());
    python.ask("open", &[host, port, user.as_bytes(), password.as_bytes(), b"nasty"]);

    let longest = if server == "cyrus" { 98 } else { usize::MAX };
    let mut round = Round { server, longest, python, small, large, oversized: 0, items: 0 };
    let mut seen = BTreeSet::new();
    for (message, number) in stored.iter().zip(1..) {
        round.message(message, number, &mut seen);
    }
    let known: BTreeSet<_> =
        REFUSED.iter().filter(|(_, of, _)| *of == server).map(|(name, ..)| *name).collect();
    assert_eq!(refused, known, "{server}: what is refused, and what is known to be");
    let known: BTreeSet<_> = DIFFERENCES
        .iter()
        .filter(|(_, servers, ..)| servers.split(' ').any(|of| of == server))
        .map(|(name, _, what, _)| (*name, *what))
        .collect();
    assert_eq!(seen, known, "{server}: what differs from email, and what is known to");
    assert!(round.oversized > 20, "{server}: only {} did not fit", round.oversized);
    println!(
        "{server}: {} messages, {} items, {} of them oversized, in {:?}",
        stored.len(),
        round.items,
        round.oversized,
        begun.elapsed()
    );
}

#[test]
fn on_dovecot() {
    let Some(server) = Dovecot::start() else { return };
    run("dovecot", server.imap, "alice", "password");
}

#[test]
fn on_cyrus() {
    let Some(server) = Cyrus::start() else { return };
    run("cyrus", server.imap, "alice", "password");
}
