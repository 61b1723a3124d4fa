//! Mail servers without sockets, as small as can be: bytes in, bytes out. They never fail by
//! themselves; whoever carries their bytes may.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server, and one connection to it at a time.
pub trait Server {
    /// A client has connected: the greeting.
    fn connect(&mut self) -> Vec<u8>;

    /// What the server says to these bytes.
    fn receive(&mut self, bytes: &[u8]) -> Vec<u8>;

    /// The connection is no more.
    fn disconnect(&mut self);
}

/// A socket without a network. It breaks behind so many bytes of the server's.
pub struct Link<'s> {
    server: &'s mut dyn Server,
    input: Vec<u8>,
    left: usize,
    breaks: Break,
}

/// How a [`Link`] breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The input ends.
    Close,
    /// Reading and writing fails.
    Fail(ErrorKind),
    /// The next byte is changed by this mask. No harm otherwise.
    Change(u8),
}

impl<'s> Link<'s> {
    /// Connects.
    pub fn new(server: &'s mut dyn Server, left: usize, breaks: Break) -> Self {
        let input = server.connect();
        Self { server, input, left, breaks }
    }

    /// How many more bytes would have come before it broke.
    pub fn left(&self) -> usize {
        self.left
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        self.server.disconnect();
    }
}

impl Read for Link<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            // The server has nothing to say; a client that waits for it would wait for ever.
            return Err(ErrorKind::TimedOut.into());
        }
        if self.left == 0 {
            match self.breaks {
                Break::Close => return Ok(0),
                Break::Fail(kind) => return Err(kind.into()),
                Break::Change(mask) => {
                    self.input[0] ^= mask;
                    self.left = usize::MAX;
                }
            }
        }
        let count = room.len().min(self.input.len()).min(self.left);
        room[..count].copy_from_slice(&self.input[..count]);
        self.input.drain(..count);
        self.left -= count;
        Ok(count)
    }
}

impl Write for Link<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let (0, Break::Fail(kind)) = (self.left, self.breaks) {
            return Err(kind.into());
        }
        let said = self.server.receive(bytes);
        self.input.extend_from_slice(&said);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts a server on a port of loopback, for one client after the other.
///
/// # Panics
///
/// If there is no port.
pub fn serve(server: Arc<Mutex<impl Server + Send + 'static>>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(mut client) = client else { continue };
            let _ = client.set_nodelay(true);
            let locked = || server.lock().expect("no thread panics");
            let mut said = locked().connect();
            let mut bytes = [0; 1024];
            while client.write_all(&said).is_ok() {
                match client.read(&mut bytes) {
                    Ok(count @ 1..) => said = locked().receive(&bytes[..count]),
                    _ => break,
                }
            }
            locked().disconnect();
        }
    });
    address
}

/// What is left of a line whose end has not come.
#[derive(Debug, Clone, Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn next(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.0.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// IMAP with one mailbox: what the watcher asks for, and no more.
#[derive(Debug, Clone)]
pub struct Imap {
    /// The UIDs that are there, in order.
    pub uids: Vec<u32>,
    /// UIDNEXT.
    pub uid_next: u32,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// Behind IMAP4rev1.
    pub capabilities: &'static str,
    lines: Lines,
    connected: bool,
    selected: bool,
    /// The tag of the IDLE that is on.
    idle: Option<String>,
    /// How many messages the client knows of.
    told: usize,
}

impl Imap {
    /// An empty mailbox.
    pub fn new(capabilities: &'static str) -> Self {
        Self {
            uids: Vec::new(),
            uid_next: 1,
            uid_validity: 7,
            capabilities,
            lines: Lines::default(),
            connected: false,
            selected: false,
            idle: None,
            told: 0,
        }
    }

    /// A message comes: its UID, and what the client is told of it now.
    pub fn deliver(&mut self) -> (u32, Vec<u8>) {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.uids.push(uid);
        let mut out = String::new();
        if self.idle.is_some() {
            self.tell(&mut out);
        }
        (uid, out.into_bytes())
    }

    /// A message goes; what the client is told of it now.
    pub fn remove(&mut self, uid: u32) -> Vec<u8> {
        let mut out = String::new();
        // Only where the client can be told.
        if let Some(at) = self.uids.iter().position(|it| *it == uid)
            && (!self.selected || self.idle.is_some() && at < self.told)
        {
            self.uids.remove(at);
            if self.selected {
                self.told -= 1;
                let _ = write!(out, "* {} EXPUNGE\r\n", at + 1);
            }
        }
        out.into_bytes()
    }

    fn tell(&mut self, out: &mut String) {
        if self.selected && self.told != self.uids.len() {
            self.told = self.uids.len();
            let _ = write!(out, "* {} EXISTS\r\n", self.told);
        }
    }

    /// The UIDs of a set that are there.
    fn named(&self, set: &str) -> Vec<u32> {
        let last = self.uids.last().copied().unwrap_or_default();
        let number = |text: &str| text.parse().unwrap_or(last);
        let part = |part: &str| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let (from, to) = (number(from), number(to));
            from.min(to)..=from.max(to)
        };
        let ranges: Vec<_> = set.split(',').map(part).collect();
        let inside = |uid: &u32| ranges.iter().any(|range| range.contains(uid));
        self.uids.iter().copied().filter(inside).collect()
    }

    fn answer(&mut self, line: &str) -> String {
        let mut out = String::new();
        if line.eq_ignore_ascii_case("DONE") {
            if let Some(tag) = self.idle.take() {
                self.tell(&mut out);
                let _ = write!(out, "{tag} OK done\r\n");
            }
            return out;
        }
        let Some((tag, command)) = line.split_once(' ') else { return "* BAD what?\r\n".into() };
        let words: Vec<_> = command.split(' ').collect();
        let upper: Vec<_> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
        let upper: Vec<_> = upper.iter().map(String::as_str).collect();
        match &upper[..] {
            ["CAPABILITY"] => {
                let _ = write!(out, "* CAPABILITY IMAP4rev1 {}\r\n", self.capabilities);
            }
            ["SELECT" | "EXAMINE", ..] => {
                self.selected = true;
                self.told = self.uids.len();
                let (exists, validity, next) = (self.told, self.uid_validity, self.uid_next);
                let _ = write!(
                    out,
                    "* {exists} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY \
                     {validity}] x\r\n* OK [UIDNEXT {next}] x\r\n"
                );
            }
            ["UID", "SEARCH", .., "UID", _] => {
                out += "* SEARCH";
                for uid in self.named(words[words.len() - 1]) {
                    let _ = write!(out, " {uid}");
                }
                out += "\r\n";
            }
            ["UID", "FETCH", ..] => {
                for uid in self.named(words[2]) {
                    let number = self.uids.iter().position(|it| *it == uid).unwrap_or_default() + 1;
                    self.fetch(&mut out, number, uid, command);
                }
            }
            ["FETCH", set, ..] => {
                let number = set.parse().unwrap_or(self.uids.len());
                if let Some(uid) = self.uids.get(number.wrapping_sub(1)) {
                    let _ = write!(out, "* {number} FETCH (UID {uid})\r\n");
                }
            }
            ["IDLE"] => {
                self.tell(&mut out);
                self.idle = Some(tag.into());
                return out + "+ idling\r\n";
            }
            ["LOGOUT"] => out += "* BYE x\r\n",
            _ => {}
        }
        // Not where sequence numbers must stay.
        if upper.first() != Some(&"FETCH") {
            self.tell(&mut out);
        }
        let _ = write!(out, "{tag} OK x\r\n");
        out
    }

    fn fetch(&self, out: &mut String, number: usize, uid: u32, command: &str) {
        let header = format!("From: s{uid}@x\r\nSubject: =?utf-8?q?number_{uid}?=\r\n\r\n");
        let _ = write!(out, "* {number} FETCH (FLAGS (\\Seen) UID {uid}");
        if command.contains("RFC822.SIZE") {
            let _ = write!(out, " RFC822.SIZE 99 INTERNALDATE \"01-Jan-2020 00:00:07 +0000\"");
        }
        if command.contains("BODYSTRUCTURE") {
            let _ = write!(
                out,
                " BODYSTRUCTURE (\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 9 1)"
            );
        }
        if command.contains("HEADER.FIELDS") {
            let _ = write!(
                out,
                " BODY[HEADER.FIELDS (FROM SUBJECT DATE)] {{{}}}\r\n{header}",
                header.len()
            );
        }
        if command.contains("PEEK[1]") {
            let text = format!("* {uid} FETCH (UID 1)\r\nA9 OK\r\n");
            let _ = write!(out, " BODY[1]<0> {{{}}}\r\n{text}", text.len());
        }
        out.push_str(")\r\n");
    }
}

impl Server for Imap {
    fn connect(&mut self) -> Vec<u8> {
        self.disconnect();
        self.connected = true;
        format!("* OK [CAPABILITY IMAP4rev1 {}] hi\r\n", self.capabilities).into_bytes()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = String::new();
        if self.connected {
            self.lines.0.extend_from_slice(bytes);
            while let Some(line) = self.lines.next() {
                out += &self.answer(&line);
            }
        }
        out.into_bytes()
    }

    fn disconnect(&mut self) {
        self.lines = Lines::default();
        self.connected = false;
        self.selected = false;
        self.idle = None;
    }
}

/// POP3 with one maildrop.
#[derive(Debug, Clone, Default)]
pub struct Pop3 {
    /// What is there: unique-id and text, whose last line has an end.
    pub messages: Vec<(String, Vec<u8>)>,
    /// Whether CAPA says PIPELINING.
    pub pipelining: bool,
    lines: Lines,
    /// What the client sees, and what of it is to be deleted.
    session: Option<Vec<(String, Vec<u8>, bool)>>,
}

impl Pop3 {
    /// An empty maildrop.
    pub fn new(pipelining: bool) -> Self {
        Self { pipelining, ..Self::default() }
    }

    fn answer(&mut self, line: &str) -> Vec<u8> {
        let mut words = line.split(' ');
        let word = words.next().unwrap_or_default().to_ascii_uppercase();
        let at = words.next().and_then(|number| number.parse::<usize>().ok());
        let Some(session) = &mut self.session else { return Vec::new() };
        let there = |it: &Option<usize>| {
            let at = (*it)?.checked_sub(1)?;
            session.get(at).is_some_and(|(_, _, deleted)| !deleted).then_some(at)
        };
        let all = || session.iter().enumerate().filter(|(_, (_, _, deleted))| !deleted);
        let text = match (word.as_str(), at) {
            ("CAPA", _) => {
                let pipelining = if self.pipelining { "PIPELINING\r\n" } else { "" };
                format!("+OK\r\nUSER\r\nTOP\r\nUIDL\r\n{pipelining}.\r\n")
            }
            ("STAT", _) => {
                let size: usize = all().map(|(_, (_, text, _))| text.len()).sum();
                format!("+OK {} {size}\r\n", all().count())
            }
            ("LIST" | "UIDL", None) => {
                let mut out = String::from("+OK\r\n");
                for (at, (id, text, _)) in all() {
                    let _ = match word.as_str() {
                        "LIST" => write!(out, "{} {}\r\n", at + 1, text.len()),
                        _ => write!(out, "{} {id}\r\n", at + 1),
                    };
                }
                out + ".\r\n"
            }
            ("LIST" | "UIDL" | "RETR" | "TOP" | "DELE", _) => match there(&at) {
                None => "-ERR no such message\r\n".into(),
                Some(at) => match word.as_str() {
                    "LIST" => format!("+OK {} {}\r\n", at + 1, session[at].1.len()),
                    "UIDL" => format!("+OK {} {}\r\n", at + 1, session[at].0),
                    "DELE" => {
                        session[at].2 = true;
                        "+OK\r\n".into()
                    }
                    _ => {
                        let mut out = b"+OK\r\n".to_vec();
                        for line in session[at].1.split_inclusive(|byte| *byte == b'\n') {
                            if line.starts_with(b".") {
                                out.push(b'.');
                            }
                            out.extend_from_slice(line);
                        }
                        out.extend_from_slice(b".\r\n");
                        return out;
                    }
                },
            },
            ("QUIT", _) => {
                let gone: Vec<_> =
                    session.iter().filter(|it| it.2).map(|it| it.0.clone()).collect();
                self.messages.retain(|(id, _)| !gone.contains(id));
                self.session = None;
                "+OK bye\r\n".into()
            }
            ("USER" | "PASS" | "NOOP" | "RSET", _) => "+OK\r\n".into(),
            _ => "-ERR what?\r\n".into(),
        };
        text.into_bytes()
    }
}

impl Server for Pop3 {
    fn connect(&mut self) -> Vec<u8> {
        self.disconnect();
        let messages = self.messages.iter().map(|(id, text)| (id.clone(), text.clone(), false));
        self.session = Some(messages.collect());
        b"+OK hi\r\n".to_vec()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.lines.0.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(line) = self.lines.next() {
            out.extend_from_slice(&self.answer(&line));
        }
        out
    }

    fn disconnect(&mut self) {
        self.lines = Lines::default();
        self.session = None;
    }
}
