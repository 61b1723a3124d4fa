//! Recorded sessions of real servers, in `data/transcripts/SERVER/SESSION.txt`.
//!
//! A file is lines `#key: value` (`server`, `session`, `about`), then records:
//!
//! ```text
//! C 9
//! t2 NOOP<CR><LF>
//! S 23 B
//! t2 OK NOOP completed.<CR><LF>
//! ```
//!
//! that is, a kind, a number of bytes, in sessions of more than one connection the
//! connection's label, and on the next line so many raw bytes and a LF. `C` is one write of
//! the client, `S` one response of the server with its literals, `N` a note. What went
//! through TLS or DEFLATE is recorded in clear.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A recorded session: what went over its connections, in the order in which it did.
#[derive(Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The software, as `Dovecot 2.3.19.1 (Debian 12)`.
    pub server: String,
    /// The file's name without its ending, as `imap-22-fetch`.
    pub session: String,
    /// What the session is to show.
    pub about: String,
    data: Vec<u8>,
    records: Vec<Record>,
}

#[derive(Clone, PartialEq, Eq)]
struct Record {
    kind: Kind,
    /// Index of the connection in order of opening; none for notes outside of any.
    connection: Option<usize>,
    bytes: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Client,
    Server,
    Note,
}

/// One thing that happened on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'t> {
    /// The client wrote this.
    Client(&'t [u8]),
    /// The server sent this: one response, whole.
    Server(&'t [u8]),
    /// A TLS handshake was done, at once or after STARTTLS or STLS.
    Tls,
    /// COMPRESS DEFLATE took effect.
    Compressed,
    /// The server closed the connection.
    Eof,
    /// Anything else of interest to a human reader.
    Note(&'t str),
}

impl Transcript {
    /// All recorded sessions of IMAP, sorted by server and name.
    pub fn imap() -> Vec<(PathBuf, Self)> {
        Self::load("imap-")
    }

    /// All recorded sessions of POP3, sorted by server and name.
    pub fn pop3() -> Vec<(PathBuf, Self)> {
        Self::load("pop-")
    }

    fn load(prefix: &str) -> Vec<(PathBuf, Self)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/transcripts");
        let mut paths: Vec<_> = entries(&root)
            .flat_map(|server| entries(&server))
            .filter(|path| {
                path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(prefix))
            })
            .collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| {
                let data = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let transcript =
                    Self::parse(data).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                (path, transcript)
            })
            .collect()
    }

    /// Reads a file's content.
    ///
    /// # Errors
    ///
    /// A text with the byte offset at which it is not of the form above.
    pub fn parse(data: Vec<u8>) -> Result<Self, String> {
        let mut this = Self {
            server: String::new(),
            session: String::new(),
            about: String::new(),
            data: Vec::new(),
            records: Vec::new(),
        };
        let mut at = 0;
        while data.get(at) == Some(&b'#') {
            let line = line(&data, &mut at)?;
            let (key, value) = line[1..].split_once(": ").ok_or("a head line without a colon")?;
            match key {
                "mailwire-transcript" if value == "1" => {}
                "server" => this.server = value.into(),
                "session" => this.session = value.into(),
                "about" => this.about = value.into(),
                _ => return Err(format!("unknown head line {key}: {value}")),
            }
        }
        // The label of each connection in order of opening.
        let mut labels: Vec<String> = Vec::new();
        while at < data.len() {
            let start = at;
            let head = line(&data, &mut at)?;
            let mut words = head.split(' ');
            let kind = match words.next() {
                Some("C") => Kind::Client,
                Some("S") => Kind::Server,
                Some("N") => Kind::Note,
                _ => return Err(format!("byte {start}: no record begins with {head:?}")),
            };
            let length: usize = words
                .next()
                .and_then(|n| n.parse().ok())
                .ok_or_else(|| format!("byte {start}: no length"))?;
            let label = words.next().unwrap_or_default();
            let bytes = at..at + length;
            let content = data
                .get(bytes.clone())
                .filter(|_| data.get(bytes.end) == Some(&b'\n'))
                .ok_or_else(|| {
                format!("byte {start}: the record does not end where it says")
            })?;
            if kind == Kind::Note && content.starts_with(b"connect ") {
                labels.push(label.into());
            }
            let connection = labels.iter().rposition(|open| open == label);
            if kind != Kind::Note && connection.is_none() {
                return Err(format!("byte {start}: connection {label:?} was never opened"));
            }
            if kind == Kind::Note && std::str::from_utf8(content).is_err() {
                return Err(format!("byte {start}: a note is not UTF-8"));
            }
            at = bytes.end + 1;
            this.records.push(Record { kind, connection, bytes });
        }
        this.data = data;
        Ok(this)
    }

    /// How many connections the session opened.
    pub fn connections(&self) -> usize {
        self.records.iter().filter_map(|r| r.connection).max().map_or(0, |last| last + 1)
    }

    /// What happened on one connection (counted from 0 in order of opening), in order.
    pub fn steps(&self, connection: usize) -> impl Iterator<Item = Step<'_>> {
        self.records.iter().filter(move |r| r.connection == Some(connection)).map(|r| self.step(r))
    }

    /// What happened on all connections as it happened, each step with the number of its
    /// connection. Notes outside of any connection are left out.
    pub fn all_steps(&self) -> impl Iterator<Item = (usize, Step<'_>)> {
        self.records.iter().filter_map(|r| Some((r.connection?, self.step(r))))
    }

    /// All bytes that the server sent on one connection.
    pub fn server_bytes(&self, connection: usize) -> Vec<u8> {
        self.steps(connection)
            .filter_map(|step| if let Step::Server(bytes) = step { Some(bytes) } else { None })
            .collect::<Vec<_>>()
            .concat()
    }

    fn step(&self, record: &Record) -> Step<'_> {
        let bytes = &self.data[record.bytes.clone()];
        match record.kind {
            Kind::Client => Step::Client(bytes),
            Kind::Server => Step::Server(bytes),
            Kind::Note => match std::str::from_utf8(bytes).unwrap_or_default() {
                note if note.starts_with("TLS ") => Step::Tls,
                "COMPRESS DEFLATE active" => Step::Compressed,
                note if note.starts_with("EOF") => Step::Eof,
                note => Step::Note(note),
            },
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a folder can be listed to its end").path())
}

fn line<'d>(data: &'d [u8], at: &mut usize) -> Result<&'d str, String> {
    let start = *at;
    let length = data[start..]
        .iter()
        .position(|&b| b == b'\n')
        .ok_or_else(|| format!("byte {start}: a line without an end"))?;
    *at = start + length + 1;
    std::str::from_utf8(&data[start..start + length])
        .map_err(|_| format!("byte {start}: a line is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "#mailwire-transcript: 1\n#server: S 1\n#session: x\n#about: y: z\n";

    fn parse(records: &str) -> Result<Transcript, String> {
        Transcript::parse([HEAD, records].concat().into_bytes())
    }

    #[test]
    fn one_connection() {
        let t = parse(
            "N 22\nconnect 127.0.0.1:1143\nS 6\n* OK\r\n\nC 7\na X\r\n\n\n\nS 0\n\n\
             N 26\nTLS TLSv1.3 X1 established\nN 23\nCOMPRESS DEFLATE active\nN 3\nEOF\n",
        )
        .unwrap();
        assert_eq!((t.server.as_str(), t.session.as_str(), t.about.as_str()), ("S 1", "x", "y: z"));
        assert_eq!(t.connections(), 1);
        assert_eq!(
            t.steps(0).collect::<Vec<_>>(),
            [
                Step::Note("connect 127.0.0.1:1143"),
                Step::Server(b"* OK\r\n"),
                Step::Client(b"a X\r\n\n\n"),
                Step::Server(b""),
                Step::Tls,
                Step::Compressed,
                Step::Eof,
            ]
        );
        assert_eq!(t.server_bytes(0), b"* OK\r\n");
    }

    #[test]
    fn connections_are_told_apart_by_label_and_by_reconnecting() {
        let t = parse(
            "N 9 A\nconnect 1\nN 9 B\nconnect 2\nS 1 A\na\nS 1 B\nb\nS 1 A\nA\n\
             N 9 A\nconnect 3\nS 1 A\nc\nN 3\nodd\n",
        )
        .unwrap();
        assert_eq!(t.connections(), 3);
        assert_eq!((0..3).map(|c| t.server_bytes(c)).collect::<Vec<_>>(), [&b"aA"[..], b"b", b"c"]);
        let order: Vec<_> = t.all_steps().map(|(connection, _)| connection).collect();
        assert_eq!(order, [0, 1, 0, 1, 0, 2, 2]);
    }

    #[test]
    fn broken_files_are_refused() {
        for (records, why) in [
            ("S 1\na\n", "never opened"),
            ("X 1\na\n", "no record"),
            ("N x\na\n", "no length"),
            ("N 1\nab\n", "does not end"),
            ("N 9\na\n", "does not end"),
            ("N 1", "without an end"),
        ] {
            let e = parse(records).err().unwrap();
            assert!(e.contains(why), "{records:?}: {e}");
        }
    }

    #[test]
    fn every_recorded_session_is_read() {
        let imap = Transcript::imap();
        let pop3 = Transcript::pop3();
        assert_eq!((imap.len(), pop3.len()), (116, 24));
        for (path, t) in imap.iter().chain(&pop3) {
            assert_eq!(path.file_stem().unwrap().to_string_lossy(), t.session);
            for connection in 0..t.connections() {
                let first = t.steps(connection).find_map(|step| match step {
                    Step::Server(bytes) => Some(bytes),
                    _ => None,
                });
                let greeted =
                    first.is_none_or(|bytes| bytes.starts_with(b"* ") || bytes.starts_with(b"+OK"));
                assert!(greeted, "{}: connection {connection} has no greeting", path.display());
            }
        }
    }
}
