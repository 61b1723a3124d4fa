//! Every command of RFC 9051 and RFC 3501 on a real Dovecot, through the blocking client and,
//! where that hides something, through the sans-IO connection. Each test runs with small
//! buffers and with large ones, and compares what comes with what was put in.

use mailwire::imap::blocking::{Client, Copied, Found, Mailboxes, Messages};
use mailwire::imap::command::*;
use mailwire::imap::event::{self, Fetch as Piece};
use mailwire::imap::*;
use mailwire::io::{Clock as _, Std, StdClock};
use mailwire::sasl::{self, Plain};
use mailwire::{
    Buffers, Duration, Error, Instant, Machine as _, Progress, ResourceError, UsageError,
};
use mailwire_tests::dovecot::{Dovecot, USERS};
use mailwire_tests::messages::{MIXED, large};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time;

/// How many bytes Rx and Tx have.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    rx: usize,
    tx: usize,
}

const SMALL: Sizes = Sizes { rx: 512, tx: 256 };
const LARGE: Sizes = Sizes { rx: 64 * 1024, tx: 64 * 1024 };

impl Sizes {
    fn memory(self) -> (Vec<u8>, Vec<u8>) {
        (vec![0; self.rx], vec![0; self.tx])
    }
}

/// Runs each test twice, each time on a server of its own.
macro_rules! tests {
    ($($(#[$note:meta])* $test:ident,)*) => {
        mod small_buffers {
            $($(#[$note])* #[test] fn $test() { super::on_server(super::$test, super::SMALL); })*
        }
        mod large_buffers {
            $($(#[$note])* #[test] fn $test() { super::on_server(super::$test, super::LARGE); })*
        }
    };
}

fn on_server(test: fn(&Dovecot, Sizes), sizes: Sizes) {
    if let Some(server) = Dovecot::start() {
        test(&server, sizes);
    }
}

tests! {
    capabilities_noop_logout,
    login,
    authenticate,
    start_tls,
    without_literal_plus,
    odd_mailbox_names,
    list_options,
    lsub,
    namespace,
    status,
    select_and_examine,
    append,
    append_refused,
    append_and_fetch_10_megabytes,
    fetch_items,
    fetch_sections,
    fetch_macros_and_rfc822,
    fetch_many,
    long_sets,
    store,
    copy_and_move,
    expunge,
    expunged_by_another_session,
    search_keys,
    search_return,
    search_many,
    idle,
    enable,
    pipeline,
    events_by_hand,
    what_does_not_fit_tx_is_not_sent,
}

// ---- The blocking client.

type Mail<'b, S = Std<TcpStream>> = Client<'b, S, StdClock>;
type Failure = ClientError<std::io::Error>;

fn tcp(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    // So that the client looks at its clock now and then.
    socket.set_read_timeout(Some(time::Duration::from_millis(50))).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

fn connect<'b>(server: &Dovecot, (rx, tx): &'b mut (Vec<u8>, Vec<u8>)) -> Mail<'b> {
    let socket = Std(tcp(server.imap));
    Client::connect_with(Config::new(), StdClock::new(), socket, rx, tx).unwrap()
}

fn log_in<'b>(server: &Dovecot, user: &str, memory: &'b mut (Vec<u8>, Vec<u8>)) -> Mail<'b> {
    let mut mail = connect(server, memory);
    mail.login(user, password(user)).unwrap();
    mail
}

fn password(user: &str) -> &'static str {
    USERS.iter().find(|(name, _)| *name == user).unwrap().1
}

/// Makes a mailbox with these messages in it.
fn fill(mail: &mut Mail<'_>, mailbox: &str, messages: &[&str]) {
    mail.create(mailbox).unwrap();
    for message in messages {
        mail.append(mailbox, &[], None, message.as_bytes()).unwrap();
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> Refused {
    match result {
        Err(ClientError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

fn numbers(mut found: Found<'_, '_, Std<TcpStream>, StdClock>) -> Vec<u32> {
    let mut numbers = Vec::new();
    while let Some(batch) = found.next().unwrap() {
        numbers.extend(batch.numbers());
    }
    numbers
}

/// Names, sorted: a server lists them in any order.
fn names(mut found: Mailboxes<'_, '_, Std<TcpStream>, StdClock>) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(list) = found.next().unwrap() {
        names.push(list.mailbox.to_string());
    }
    names.sort();
    names
}

/// What came of a message.
#[derive(Debug, Default, PartialEq)]
struct Got {
    seq: u32,
    items: BTreeMap<String, Value>,
    /// By the section as it was named, and the offset.
    bodies: Vec<(String, Option<u64>, BodyKind, Vec<u8>)>,
    oversized: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum BodyKind {
    Nil,
    Text,
    Binary,
}

impl Got {
    /// The bytes of the section of that name.
    fn body(&self, section: &str) -> &[u8] {
        let is = |body: &&(String, _, _, _)| body.0 == section;
        &self.bodies.iter().find(is).unwrap_or_else(|| panic!("no {section} in {self:?}")).3
    }

    fn text(&self, section: &str) -> &str {
        str::from_utf8(self.body(section)).unwrap()
    }

    fn uid(&self) -> u32 {
        self.items["uid"].as_u64().unwrap().try_into().unwrap()
    }

    /// Flags without \Recent, sorted.
    fn flags(&self) -> Vec<&str> {
        let flags = self.items["flags"].as_array().unwrap().iter();
        let mut flags: Vec<_> = flags.map(|flag| flag.as_str().unwrap()).collect();
        flags.retain(|flag| *flag != "\\Recent");
        flags.sort();
        flags
    }
}

fn messages(mut messages: Messages<'_, '_, Std<TcpStream>, StdClock>) -> Vec<Got> {
    let mut all = Vec::new();
    while let Some(mut message) = messages.next().unwrap() {
        let mut got = Got { seq: message.seq().unwrap(), ..Got::default() };
        while let Some(piece) = message.next().unwrap() {
            match piece {
                Piece::Item(item) => {
                    let shown = serde_json::to_value(Event::Fetch(piece)).unwrap();
                    let name = shown["item"].as_str().unwrap().to_owned();
                    let twice = got.items.insert(name, shown["value"].clone());
                    assert_eq!(twice, None, "{item:?}");
                }
                Piece::Body(body) => {
                    let kind = match body.data {
                        event::BodyData::Nil => BodyKind::Nil,
                        event::BodyData::Literal8(_) => BodyKind::Binary,
                        _ => BodyKind::Text,
                    };
                    let name = match body.kind {
                        SectionKind::Rfc822 => format!("RFC822 {}", body.section),
                        _ => body.section.to_string(),
                    };
                    got.bodies.push((name, body.origin, kind, Vec::new()));
                }
                Piece::Chunk(bytes) => got.bodies.last_mut().unwrap().3.extend(bytes),
                Piece::Oversized { .. } => got.oversized += 1,
                other => panic!("{other:?}"),
            }
        }
        all.push(got);
    }
    all
}

fn fetch_one(mail: &mut Mail<'_>, seq: u32, items: &[Fetch<'_>]) -> Got {
    let mut all = messages(mail.fetch(seq, items).unwrap());
    assert_eq!(all.len(), 1);
    let got = all.remove(0);
    assert_eq!(got.seq, seq);
    got
}

/// UIDVALIDITY, and the pairs of UIDs.
fn copied(mut copied: Copied<'_, '_, Std<TcpStream>, StdClock>) -> (u64, Vec<(u32, u32)>) {
    let (mut validity, mut from, mut to) = (0, Vec::new(), Vec::new());
    while let Some(part) = copied.next().unwrap() {
        validity = part.uid_validity;
        from.extend(part.source.numbers().unwrap());
        to.extend(part.destination.numbers().unwrap());
    }
    assert_eq!(from.len(), to.len());
    (validity, from.into_iter().zip(to).collect())
}

// ---- The sans-IO connection.

/// A connection whose bytes are moved by hand, and its events as JSON.
struct Session<'b> {
    connection: Connection,
    buffers: Buffers<'b>,
    socket: TcpStream,
    start: time::Instant,
}

impl<'b> Session<'b> {
    fn new(server: &Dovecot, (rx, tx): &'b mut (Vec<u8>, Vec<u8>)) -> Self {
        let mut this = Self {
            connection: Connection::new(Config::new()),
            buffers: Buffers::new(rx, tx),
            socket: tcp(server.imap),
            start: time::Instant::now(),
        };
        this.until(|event| event["event"] == "greeting");
        this
    }

    fn logged_in(server: &Dovecot, user: &str, memory: &'b mut (Vec<u8>, Vec<u8>)) -> Self {
        let mut this = Self::new(server, memory);
        this.ask_ok(&LoginCommand { user, password: password(user).into() });
        this
    }

    /// The next event, or none at the connection's end.
    fn next(&mut self) -> Option<Value> {
        loop {
            let pending = self.buffers.tx.pending();
            if !pending.is_empty() {
                let sent = self.socket.write(pending).unwrap();
                self.buffers.tx.consume(sent);
                continue;
            }
            let now = Instant::from_millis(self.start.elapsed().as_millis() as u64);
            match self.connection.advance(&mut self.buffers, now).unwrap() {
                Progress::Event => {
                    let event = self.connection.event(&self.buffers);
                    return Some(serde_json::to_value(event).unwrap());
                }
                Progress::Closed => return None,
                Progress::NeedInput if !self.buffers.tx.pending().is_empty() => {}
                Progress::NeedInput => match self.socket.read(self.buffers.rx.unfilled()) {
                    Ok(0) => self.buffers.rx.close(),
                    Ok(count) => self.buffers.rx.commit(count),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(error) => panic!("{error}"),
                },
            }
        }
    }

    /// Events up to the first that is wanted.
    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.next().unwrap_or_else(|| panic!("the end, after {events:?}"));
            assert!(event["event"] != "malformed", "{event}");
            let found = wanted(&event);
            events.push(event);
            if found {
                return events;
            }
        }
    }

    fn send(&mut self, command: &dyn Command) -> Tag {
        self.connection.send(command, &mut self.buffers.tx).unwrap()
    }

    /// Events up to the end of this command.
    fn finish(&mut self, tag: Tag) -> Vec<Value> {
        self.until(|event| event["event"] == "completed" && event["tag"] == tag.as_str())
    }

    fn ask(&mut self, command: &dyn Command) -> Vec<Value> {
        // A CAPABILITY that the connection asks by itself may be in flight.
        while !self.connection.is_quiet() {
            self.next();
        }
        let tag = self.send(command);
        self.finish(tag)
    }

    fn ask_ok(&mut self, command: &dyn Command) -> Vec<Value> {
        let events = self.ask(command);
        assert_eq!(events.last().unwrap()["status"], "ok", "{events:?}");
        events
    }
}

/// The events of this kind.
fn only<'e>(events: &'e [Value], kind: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

// ---- Any state.

fn capabilities_noop_logout(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = connect(server, &mut memory);
    for offered in [
        Capability::Imap4rev1,
        Capability::StartTls,
        Capability::SaslIr,
        Capability::LiteralPlus,
        Capability::Idle,
    ] {
        assert!(mail.capabilities().contains(&offered), "{offered}");
    }
    assert!(!mail.capabilities().contains(&Capability::Imap4rev2));
    assert!(!mail.capabilities().contains(&Capability::Move));
    let mut mechanisms: Vec<_> = mail.capabilities().mechanisms().collect();
    mechanisms.sort();
    assert!(mechanisms.contains(&"PLAIN") && mechanisms.contains(&"LOGIN"), "{mechanisms:?}");
    mail.noop().unwrap();
    mail.login("alice", "password").unwrap();
    let known = *mail.capabilities();
    for offered in [Capability::Move, Capability::UidPlus, Capability::Quota, Capability::Binary] {
        assert!(known.contains(&offered), "{offered}");
    }
    // What the server says when asked is what it said by itself.
    mail.run(&CapabilityCommand).unwrap().finish().unwrap();
    assert_eq!(format!("{known:?}"), format!("{:?}", mail.capabilities()));
    mail.noop().unwrap();
    let Std(mut socket) = mail.logout().unwrap();
    assert_eq!(socket.read(&mut [0; 16]).unwrap(), 0, "the server closed");

    // A list that is longer than Rx is learnt all the same.
    for rx in [64, 100, 128] {
        let mut memory = (vec![0; rx], vec![0; 64]);
        let mail = log_in(server, "alice", &mut memory);
        assert_eq!(format!("{known:?}"), format!("{:?}", mail.capabilities()), "Rx {rx}");
    }
}

// ---- Not authenticated.

fn login(server: &Dovecot, sizes: Sizes) {
    for &(user, password) in USERS {
        let mut memory = sizes.memory();
        let mut mail = connect(server, &mut memory);
        // One, for the server takes its time.
        if user == "bob" {
            let no = refused(mail.login(user, "wrong"));
            assert_eq!((no.status(), no.code()), (Status::No, Some(Code::AuthenticationFailed)));
            assert!(no.text().contains("Authentication failed"), "{no:?}");
        }
        mail.login(user, password).unwrap();
        // Each sees its own mail.
        mail.append("INBOX", &[], None, format!("Subject: {user}\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(mail.select("INBOX").unwrap().exists, 1, "{user}");
        let again = mail.login(user, password);
        assert!(matches!(
            again,
            Err(ClientError::Connection(Error::Usage(UsageError::WrongState)))
        ));
    }
    // No command can be smuggled in; a name with a line's end goes as a literal.
    let mut memory = sizes.memory();
    let mut mail = connect(server, &mut memory);
    let no = refused(mail.login("alice\r\nA9 LOGOUT", "password"));
    assert_eq!(no.code(), Some(Code::AuthenticationFailed), "{no:?}");
    assert!(matches!(
        mail.login("al\0ice", "password"),
        Err(ClientError::Connection(Error::Usage(UsageError::InvalidArgument(_))))
    ));
    mail.login("alice", "password").unwrap();
}

fn authenticate(server: &Dovecot, sizes: Sizes) {
    // Dovecot allows the initial response; a second server that does not makes it two steps.
    let without = "imap_capability = IMAP4rev1 ENABLE IDLE\n";
    let two_steps = Dovecot::start_with(without).unwrap();
    for server in [server, &two_steps] {
        for &(user, password) in USERS {
            let mut memory = sizes.memory();
            let mut mail = connect(server, &mut memory);
            let at_once = mail.capabilities().contains(&Capability::SaslIr);
            assert_eq!(at_once, !std::ptr::eq(server, &two_steps));
            mail.authenticate(&mut Plain::new(user, password)).unwrap();
            mail.select("INBOX").unwrap();

            let mut memory = sizes.memory();
            let mut mail = connect(server, &mut memory);
            mail.authenticate(&mut sasl::Login::new(user, password)).unwrap();
            assert!(mail.capabilities().contains(&Capability::Idle));
            mail.select("INBOX").unwrap();
        }
        // On connections of their own: the second failure waits for seconds.
        let mechanisms: [&mut dyn sasl::Mechanism; 2] =
            [&mut Plain::new("alice", "wrong"), &mut sasl::Login::new("alice", "wrong")];
        for mechanism in mechanisms {
            let mut memory = sizes.memory();
            let mut mail = connect(server, &mut memory);
            let no = refused(mail.authenticate(mechanism));
            assert_eq!(no.code(), Some(Code::AuthenticationFailed));
            mail.authenticate(&mut Plain::new("alice", "password")).unwrap();
        }
    }

    // By hand, and given up in the middle.
    let mut memory = sizes.memory();
    let mut session = Session::new(server, &mut memory);
    let plain = AuthenticateCommand::new("PLAIN");
    let challenge = |event: &Value| event["event"] == "challenge";
    let tag = session.send(&plain);
    let asked = session.until(challenge).pop().unwrap();
    assert_eq!(
        asked,
        json!({"event": "challenge", "tag": tag.as_str(), "challenge": "", "truncated": false})
    );
    session.connection.cancel(&mut session.buffers.tx).unwrap();
    let end = session.finish(tag).pop().unwrap();
    assert_ne!(end["status"], "ok", "{end}");
    let tag = session.send(&plain);
    session.until(challenge);
    let response = sasl::Response::new(b"\0alice\0").and(b"password");
    session.connection.respond(&response, &mut session.buffers.tx).unwrap();
    assert_eq!(session.finish(tag).last().unwrap()["status"], "ok");
    assert_eq!(session.connection.state(), State::Authenticated);
}

type Tls = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

fn handshake(server: &Dovecot, mut socket: TcpStream) -> Tls {
    use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
    socket.set_read_timeout(Some(time::Duration::from_secs(20))).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.ca_pem()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).unwrap();
    }
    rustls::StreamOwned::new(tls, socket)
}

fn start_tls(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mail = connect(server, &mut memory);
    assert!(mail.capabilities().contains(&Capability::StartTls));
    let (Std(socket), mail) = mail.start_tls().unwrap();
    let mut mail = mail.secured(Std(handshake(server, socket))).unwrap();
    // They were asked for anew.
    assert!(mail.connection().knows_capabilities());
    assert!(!mail.capabilities().contains(&Capability::StartTls));
    mail.login("alice", "password").unwrap();
    mail.append("INBOX", &[], None, MIXED.as_bytes()).unwrap();
    assert_eq!(mail.examine("INBOX").unwrap().exists, 1);
    mail.logout().unwrap();

    let mut memory = sizes.memory();
    let socket = Std(handshake(server, tcp(server.imaps)));
    let mut mail = Client::connect(socket, &mut memory.0, &mut memory.1).unwrap();
    mail.login("alice", "password").unwrap();
    assert_eq!(mail.examine("INBOX").unwrap().exists, 1);
    mail.logout().unwrap();

    // By hand.
    let mut memory = sizes.memory();
    let mut session = Session::new(server, &mut memory);
    let tag = session.send(&StartTlsCommand);
    let event = session.until(|event| event["event"] == "start_tls").pop().unwrap();
    assert_eq!(event, json!({"event": "start_tls", "tag": tag.as_str()}));
    assert!(session.buffers.rx.filled().is_empty());
    let noop = session.connection.send(&NoopCommand, &mut session.buffers.tx);
    assert_eq!(noop, Err(UsageError::Busy.into()));
    let Session { mut connection, buffers, socket, .. } = session;
    let _tls = handshake(server, socket);
    connection.tls_started(&buffers.rx).unwrap();
    assert!(connection.capabilities().is_empty());
}

/// Every literal waits for the server's `+`.
fn without_literal_plus(_: &Dovecot, sizes: Sizes) {
    let settings = "imap_capability = IMAP4rev1 UIDPLUS NAMESPACE\n";
    let server = Dovecot::start_with(settings).unwrap();
    let mut memory = sizes.memory();
    let mut mail = connect(&server, &mut memory);
    assert!(!mail.capabilities().contains(&Capability::LiteralPlus));
    assert_eq!(refused(mail.login("jürgen", "ü")).code(), Some(Code::AuthenticationFailed));
    mail.login("jürgen", "pässwörd").unwrap();
    mail.append("INBOX", &[Flag::Seen], None, MIXED.as_bytes()).unwrap();
    mail.append("INBOX", &[], None, "Subject: Grüße\r\n\r\n".as_bytes()).unwrap();
    mail.select("INBOX").unwrap();
    let text = [Search::Text("Grüße"), Search::Not(&Search::Body("é"))];
    assert_eq!(numbers(mail.search(&text).unwrap()), [1, 2]);
    // A NO in place of the `+`: what is behind the gate is not sent.
    let no = refused(mail.append("nowhere", &[], None, b"Subject: x\r\n\r\n"));
    assert_eq!(no.code(), Some(Code::TryCreate));
    assert_eq!(mail.select("INBOX").unwrap().exists, 2);
    mail.logout().unwrap();
}

// ---- Mailboxes.

const ODD: [&str; 12] = [
    "Work",
    "Entwürfe",
    "日本語/台北",
    "a & b",
    "&",
    "&AOk-",
    "q\"uo\"te",
    "100%",
    "two  spaces ",
    "(paren) {5}",
    "😀/née",
    "back\\slash",
];

fn odd_mailbox_names(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    for name in ODD {
        mail.create(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        // It is what another program takes it for.
        let mut listed = mail.list("", name).unwrap();
        let list = listed.next().unwrap().expect(name);
        assert_eq!(list.mailbox, name);
        assert_eq!(list.delimiter, Some('/'));
        assert!(list.is_selectable());
        mail.append(name, &[], None, b"Subject: x\r\n\r\nx\r\n").unwrap();
        let status = mail.status(name, &[StatusItem::Messages]).unwrap().unwrap();
        assert_eq!((status.mailbox.to_string().as_str(), status.messages()), (name, Some(1)));
        mail.subscribe(name).unwrap();
        assert!(names(mail.lsub("", "*").unwrap()).iter().any(|it| it == name), "{name}");
        mail.unsubscribe(name).unwrap();
        assert!(!names(mail.lsub("", "*").unwrap()).iter().any(|it| it == name), "{name}");
        assert_eq!(mail.select(name).unwrap().exists, 1);
        mail.close().unwrap();
    }
    let seen = server.doveadm(["mailbox", "list", "-u", "alice"]);
    for name in ODD {
        assert!(seen.lines().any(|line| line == name), "{name} in {seen}");
    }
    let already = refused(mail.create("Work"));
    assert_eq!((already.status(), already.code()), (Status::No, Some(Code::AlreadyExists)));
    for name in ODD {
        let other = format!("moved {name}");
        mail.rename(name, &other).unwrap();
        let no = refused(mail.select(name));
        assert!(no.status() == Status::No && no.text().contains("doesn't exist"), "{no:?}");
        assert_eq!(mail.examine(&other).unwrap().exists, 1, "{other}");
        mail.unselect().unwrap();
        mail.delete(&other).unwrap();
        assert_eq!(refused(mail.delete(&other)).code(), Some(Code::NonExistent), "{other}");
    }
    assert!(matches!(
        mail.create("nul\0"),
        Err(ClientError::Connection(Error::Usage(UsageError::InvalidArgument(_))))
    ));
    // A line's end cannot make a command of the rest.
    refused(mail.create("x\r\nA9 DELETE INBOX"));
    mail.noop().unwrap();
}

fn list_options(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    for name in ["a", "a/b", "a/b/c", "z"] {
        mail.create(name).unwrap();
    }
    mail.subscribe("a/b/c").unwrap();
    mail.subscribe("a").unwrap();
    mail.create("gone").unwrap();
    mail.subscribe("gone").unwrap();
    mail.delete("gone").unwrap();
    mail.append("a", &[], None, b"Subject: x\r\n\r\nx\r\n").unwrap();

    assert_eq!(
        names(mail.list("", "*").unwrap()),
        ["Drafts", "INBOX", "Sent", "a", "a/b", "a/b/c", "z"]
    );
    assert_eq!(names(mail.list("", "%").unwrap()), ["Drafts", "INBOX", "Sent", "a", "z"]);
    assert_eq!(names(mail.list("a/", "%").unwrap()), ["a/b"]);
    assert_eq!(names(mail.list("a/", "*").unwrap()), ["a/b", "a/b/c"]);
    assert_eq!(names(mail.list("", "inbox").unwrap()), ["INBOX"]);
    assert_eq!(names(mail.list("", "nothing").unwrap()), [""; 0]);
    // The delimiter, and the root's name.
    let mut root = mail.list("", "").unwrap();
    let list = root.next().unwrap().unwrap();
    assert_eq!((list.mailbox.to_string().as_str(), list.delimiter), ("", Some('/')));
    assert!(!list.is_selectable());

    let two = ListCommand::new(&["a/%", "z"]);
    assert_eq!(names(mail.list_extended(&two).unwrap()), ["a/b", "z"]);
    let below = ListCommand::new(&["b", "b/%"]).reference("a/");
    assert_eq!(names(mail.list_extended(&below).unwrap()), ["a/b", "a/b/c"]);

    let all = ListCommand::new(&["*"]);
    let subscribed = all.selection(&[ListSelection::Subscribed]);
    let mut found = mail.list_extended(&subscribed).unwrap();
    let mut seen = BTreeMap::new();
    while let Some(list) = found.next().unwrap() {
        assert!(list.attributes.contains(Attribute::Subscribed));
        seen.insert(list.mailbox.to_string(), list.is_selectable());
    }
    // Drafts is subscribed by the server itself.
    let expected = [("Drafts", true), ("a", true), ("a/b/c", true), ("gone", false)];
    assert_eq!(seen, expected.map(|(name, is)| (name.to_owned(), is)).into());

    let special = all.selection(&[ListSelection::SpecialUse]);
    let mut found = mail.list_extended(&special).unwrap();
    let mut seen = BTreeMap::new();
    while let Some(list) = found.next().unwrap() {
        let is = |use_of| list.attributes.contains(use_of);
        seen.insert(list.mailbox.to_string(), (is(Attribute::Drafts), is(Attribute::Sent)));
    }
    let expected = [("Drafts", (true, false)), ("Sent", (false, true))];
    assert_eq!(seen, expected.map(|(name, is)| (name.to_owned(), is)).into());

    let recursive = ListCommand::new(&["%"])
        .selection(&[ListSelection::Subscribed, ListSelection::RecursiveMatch]);
    let mut found = mail.list_extended(&recursive).unwrap();
    let mut child_info = Vec::new();
    while let Some(list) = found.next().unwrap() {
        for item in list.extended.iter() {
            let ListItem::ChildInfo(options) = item else { panic!("{item:?}") };
            let options: Vec<_> = options.iter().map(|option| option.to_string()).collect();
            child_info.push((list.mailbox.to_string(), options));
        }
    }
    assert_eq!(child_info, [("a".to_owned(), vec!["SUBSCRIBED".to_owned()])]);

    let returns = [ListReturn::Subscribed, ListReturn::Children, ListReturn::SpecialUse];
    let told = all.returns(&returns);
    let mut found = mail.list_extended(&told).unwrap();
    let mut seen = BTreeMap::new();
    while let Some(list) = found.next().unwrap() {
        let is = |attribute| list.attributes.contains(attribute);
        let what = (is(Attribute::Subscribed), is(Attribute::HasChildren), is(Attribute::Drafts));
        seen.insert(list.mailbox.to_string(), what);
    }
    assert_eq!(seen["a"], (true, true, false));
    assert_eq!(seen["a/b"], (false, true, false));
    assert_eq!(seen["a/b/c"], (true, false, false));
    assert_eq!(seen["Drafts"], (true, false, true));

    // STATUS along with LIST.
    let mut memory = sizes.memory();
    let mut session = Session::logged_in(server, "alice", &mut memory);
    let returns =
        [ListReturn::Children, ListReturn::Status(&[StatusItem::Messages, StatusItem::Unseen])];
    let command = ListCommand::new(&["%"]).returns(&returns);
    let events = session.ask_ok(&command);
    let listed: Vec<_> = only(&events, "list").iter().map(|it| it["mailbox"].clone()).collect();
    assert_eq!(listed.len(), 5, "{events:?}");
    let figures = only(&events, "mailbox_status");
    assert_eq!(figures.len(), 5);
    let a = figures.iter().find(|it| it["mailbox"] == "a").unwrap();
    assert_eq!(a["values"], json!([{"messages": 1}, {"unseen": 1}]), "{a}");
}

fn lsub(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "carol", &mut memory);
    mail.create("p/q").unwrap();
    mail.subscribe("p/q").unwrap();
    assert_eq!(names(mail.lsub("", "*").unwrap()), ["Drafts", "p/q"]);
    let mut found = mail.lsub("", "%").unwrap();
    let mut seen = BTreeMap::new();
    while let Some(list) = found.next().unwrap() {
        seen.insert(list.mailbox.to_string(), list.is_selectable());
    }
    assert_eq!(seen, [("Drafts".to_owned(), true), ("p".to_owned(), false)].into());
    assert_eq!(names(mail.lsub("p/", "*").unwrap()), ["p/q"]);
    mail.unsubscribe("p/q").unwrap();
    assert_eq!(names(mail.lsub("", "*").unwrap()), ["Drafts"]);
}

fn namespace(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    let namespace = mail.namespace().unwrap().unwrap();
    let show = |list: NamespaceList<'_>| -> Vec<_> {
        list.iter().map(|it| (it.prefix.to_string(), it.delimiter)).collect()
    };
    assert_eq!(show(namespace.personal), [(String::new(), Some('/'))]);
    assert_eq!(show(namespace.other_users), [("shared/".to_owned(), Some('/'))]);
    assert_eq!(show(namespace.shared), []);
    mail.noop().unwrap();
}

fn status(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill(&mut mail, "box", &[MIXED, "Subject: x\r\n\r\nx\r\n"]);
    mail.append("box", &[Flag::Seen], None, b"Subject: y\r\n\r\ny\r\n").unwrap();
    let items = [
        StatusItem::Messages,
        StatusItem::UidNext,
        StatusItem::UidValidity,
        StatusItem::Unseen,
        StatusItem::Recent,
        StatusItem::Size,
        StatusItem::HighestModSeq,
    ];
    let status = mail.status("box", &items).unwrap().unwrap();
    assert_eq!(status.mailbox, "box");
    assert_eq!(status.messages(), Some(3));
    assert_eq!(status.uid_next(), Some(4));
    assert_eq!(status.unseen(), Some(2));
    assert_eq!(status.recent(), Some(3));
    assert_eq!(status.size(), Some(MIXED.len() as u64 + 17 + 17));
    assert!(status.highest_mod_seq().is_some_and(|it| it > 0));
    let validity = status.uid_validity();
    assert_eq!(status.values.iter().count(), items.len());
    assert_eq!(mail.select("box").unwrap().uid_validity, validity);
    let no = refused(mail.status("none", &items[..1]));
    assert!(no.status() == Status::No && no.text().contains("doesn't exist"), "{no:?}");
    let bad = refused(mail.status("box", &[StatusItem::Other("XYZZY")]));
    assert_eq!(bad.status(), Status::Bad);
}

fn select_and_examine(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill(&mut mail, "box", &["Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n"]);
    mail.append("box", &[Flag::Seen], None, b"Subject: 3\r\n\r\n").unwrap();
    assert_eq!(mail.selected(), None);

    let examined = mail.examine("box").unwrap();
    assert!(examined.read_only);
    assert_eq!((examined.exists, examined.recent, examined.unseen), (3, 3, Some(1)));
    assert_eq!(examined.uid_next, Some(4));
    assert_eq!(examined.permanent_flags, Some(FlagSet::EMPTY));
    // "OK [READ-ONLY] Store ignored with read-only mailbox."
    mail.store(&StoreCommand::add(1, &[Flag::Seen])).unwrap().finish().unwrap();
    assert_eq!(numbers(mail.search(&[Search::Seen]).unwrap()), [3]);
    assert_eq!(mail.selected(), Some(&examined));

    let selected = mail.select("box").unwrap();
    assert!(!selected.read_only);
    assert_eq!((selected.exists, selected.recent, selected.uid_next), (3, 3, Some(4)));
    assert_eq!(selected.uid_validity, examined.uid_validity);
    let system =
        FlagSet::SEEN | FlagSet::ANSWERED | FlagSet::FLAGGED | FlagSet::DELETED | FlagSet::DRAFT;
    assert_eq!(selected.flags, system);
    assert_eq!(selected.permanent_flags, Some(system | FlagSet::WILDCARD));
    mail.check().unwrap();

    // From mailbox to mailbox: nothing of the old one is left.
    let empty = mail.select("Sent").unwrap();
    assert_eq!((empty.exists, empty.unseen, empty.uid_next), (0, None, Some(1)));
    assert_eq!(mail.select("box").unwrap().exists, 3);
    refused(mail.select("none"));
    assert_eq!(mail.selected(), None);
    assert!(matches!(
        mail.check(),
        Err(ClientError::Connection(Error::Usage(UsageError::WrongState)))
    ));

    // UNSELECT keeps what is marked \Deleted, so does CLOSE after EXAMINE; CLOSE does not.
    mail.select("box").unwrap();
    mail.store(&StoreCommand::add(1, &[Flag::Deleted]).silent()).unwrap().finish().unwrap();
    mail.unselect().unwrap();
    assert_eq!(mail.selected(), None);
    assert_eq!(mail.examine("box").unwrap().exists, 3);
    mail.close().unwrap();
    assert_eq!(mail.select("box").unwrap().exists, 3);
    mail.close().unwrap();
    assert_eq!(mail.connection().state(), State::Authenticated);
    assert_eq!(mail.select("box").unwrap().exists, 2);

    let parameters = [SelectParameter::CondStore];
    let command = SelectCommand::new("box").parameters(&parameters);
    mail.run(&command).unwrap().finish().unwrap();
    assert!(mail.selected().unwrap().highest_mod_seq.is_some());
}

// ---- Messages.

fn append(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    let validity = mail.select("INBOX").unwrap().uid_validity.unwrap();
    let date = DateTime {
        date: Date { year: 1994, month: 2, day: 7 },
        hour: 21,
        minute: 52,
        second: 25,
        offset_minutes: -480,
    };
    let flags = [Flag::Seen, Flag::Flagged, Flag::Keyword("$Work"), Flag::FORWARDED];
    let appended = mail.append("INBOX", &flags, Some(date), MIXED.as_bytes()).unwrap();
    assert_eq!(appended, Some(Appended { uid_validity: validity, uid: 1 }));
    // The server told of it in the same breath.
    assert_eq!(mail.selected().unwrap().exists, 1);

    let command = AppendCommand::new("INBOX", 16);
    let mut upload = mail.append_stream(&command).unwrap();
    for piece in [&b"Subj"[..], b"", b"ect: x", b"\r\n\r\n"] {
        upload.write(piece).unwrap();
    }
    assert_eq!(upload.remaining(), 2);
    assert!(upload.write(b"\r\n.").is_err());
    upload.write(b"\r\n").unwrap();
    assert_eq!(upload.finish().unwrap().unwrap().uid, 2);

    let items = [Fetch::Flags, Fetch::InternalDate, Fetch::peek("")];
    let got = fetch_one(&mut mail, 1, &items);
    assert_eq!(got.flags(), ["$Forwarded", "$Work", "\\Flagged", "\\Seen"]);
    let items = [Fetch::InternalDate];
    let mut messages = mail.fetch(1, &items).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let Some(Piece::Item(Item::InternalDate(arrived))) = message.next().unwrap() else { panic!() };
    assert_eq!(arrived.to_unix(), date.to_unix());
    assert_eq!(got.text(""), MIXED);
    let got = fetch_one(&mut mail, 2, &[Fetch::Flags, Fetch::peek("")]);
    assert_eq!(got.flags(), [""; 0]);
    assert_eq!(got.text(""), "Subject: x\r\n\r\n\r\n");

    // A literal8, with a NUL.
    let binary = AppendCommand::new("INBOX", 17).binary();
    let mut upload = mail.append_stream(&binary).unwrap();
    upload.write(b"Subject: x\r\n\r\n\xff\r\n").unwrap();
    assert_eq!(upload.finish().unwrap().unwrap().uid, 3);
    assert_eq!(fetch_one(&mut mail, 3, &[Fetch::peek("TEXT")]).body("TEXT"), b"\xff\r\n");
}

fn append_refused(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "quota", &mut memory);
    let message = b"Subject: x\r\n\r\nx\r\n";
    let no = refused(mail.append("nowhere", &[], None, message));
    assert_eq!((no.status(), no.code()), (Status::No, Some(Code::TryCreate)));
    for uid in 1..=3 {
        assert_eq!(mail.append("INBOX", &[], None, message).unwrap().unwrap().uid, uid);
    }
    let no = refused(mail.append("INBOX", &[], None, message));
    assert_eq!((no.status(), no.code()), (Status::No, Some(Code::OverQuota)));
    // A message larger than Tx, refused only at its end, or before it.
    let no = refused(mail.append("nowhere", &[], None, &large(100_000)));
    assert_eq!(no.code(), Some(Code::TryCreate));
    assert_eq!(mail.select("INBOX").unwrap().exists, 3);
    assert!(matches!(
        mail.append("INBOX", &[Flag::Recent], None, message),
        Err(ClientError::Connection(Error::Usage(UsageError::InvalidArgument(_))))
    ));
    mail.noop().unwrap();
}

/// Whatever the size of a message, nothing larger than Rx is ever held.
fn append_and_fetch_10_megabytes(server: &Dovecot, sizes: Sizes) {
    const SIZE: usize = 10_000_000;
    let message = large(SIZE);
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "dave", &mut memory);
    mail.select("INBOX").unwrap();
    let command = AppendCommand::new("INBOX", SIZE as u64);
    let mut upload = mail.append_stream(&command).unwrap();
    for piece in message.chunks(10_007) {
        upload.write(piece).unwrap();
    }
    assert_eq!(upload.remaining(), 0);
    assert_eq!(upload.finish().unwrap().unwrap().uid, 1);

    let items = [Fetch::Uid, Fetch::Rfc822Size, Fetch::peek(""), Fetch::Flags];
    let mut messages = mail.fetch(1, &items).unwrap();
    let mut message_ = messages.next().unwrap().unwrap();
    let (mut read, mut after) = (0, 0);
    while let Some(piece) = message_.next().unwrap() {
        match piece {
            Piece::Item(Item::Rfc822Size(size)) => assert_eq!(size, SIZE as u64),
            Piece::Body(body) => assert_eq!(body.data, event::BodyData::Literal(SIZE as u64)),
            Piece::Chunk(bytes) => {
                assert!(bytes.len() <= sizes.rx);
                assert!(message[read..].starts_with(bytes), "differs within {} at {read}", SIZE);
                read += bytes.len();
            }
            Piece::Item(Item::Uid(1)) => {}
            Piece::Item(Item::Flags(_)) => after += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((read, after), (SIZE, 1));
    assert!(messages.next().unwrap().is_none());

    // A cursor that is dropped in the middle of a body is drained by the next call.
    let mut messages = mail.fetch(1, &items).unwrap();
    let mut message_ = messages.next().unwrap().unwrap();
    while !matches!(message_.next().unwrap(), Some(Piece::Chunk(_))) {}
    mail.noop().unwrap();
    // Any part of it.
    let got = fetch_one(&mut mail, 1, &[Fetch::peek("").partial(9_000_000, 4321)]);
    assert_eq!(got.bodies[0].1, Some(9_000_000));
    assert!(got.body("") == &message[9_000_000..9_004_321]);
}

fn fetch_items(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    let now = time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap().as_secs() as i64;
    fill(&mut mail, "box", &[MIXED]);
    mail.select("box").unwrap();

    let items = [Fetch::Uid, Fetch::Flags, Fetch::Rfc822Size, Fetch::InternalDate, Fetch::Envelope];
    let mut messages = mail.fetch(1, &items).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let mut count = 0;
    while let Some(piece) = message.next().unwrap() {
        let Piece::Item(item) = piece else { panic!("{piece:?}") };
        count += 1;
        match item {
            Item::Uid(uid) => assert_eq!(uid, 1),
            Item::Flags(flags) => {
                assert!(flags.contains(Flag::Recent));
                assert_eq!(flags.iter().count(), 1);
            }
            Item::Rfc822Size(size) => assert_eq!(size, MIXED.len() as u64),
            Item::InternalDate(date) => {
                assert!((now..now + 100).contains(&date.to_unix()), "{date}");
            }
            Item::Envelope(envelope) => {
                let address = |list: AddressList<'_>| -> Vec<_> {
                    let text = |it: Option<Str<'_>>| it.map(|it| it.to_string());
                    let name = |it: Address<'_>| (text(it.name), text(it.mailbox), text(it.host));
                    list.map(name).collect()
                };
                let is = |name: Option<&str>, mailbox: Option<&str>, host: Option<&str>| {
                    (name.map(String::from), mailbox.map(String::from), host.map(String::from))
                };
                let host = Some("example.org");
                assert_eq!(envelope.date().unwrap(), "Mon, 1 Jan 2024 10:00:00 +0100");
                assert_eq!(envelope.subject().unwrap(), "Hello");
                assert_eq!(
                    address(envelope.from()),
                    [is(Some("Ann \"A\" Example"), Some("ann"), host)]
                );
                assert_eq!(address(envelope.sender()), [is(None, Some("sender"), host)]);
                assert_eq!(address(envelope.reply_to()), [is(None, Some("reply"), host)]);
                assert_eq!(
                    address(envelope.to()),
                    [
                        is(None, Some("team"), None),
                        is(None, Some("bob"), host),
                        is(None, Some("carl"), host),
                        is(None, None, None),
                    ]
                );
                assert_eq!(
                    address(envelope.cc()),
                    [is(Some("=?utf-8?q?J=C3=BCrgen?="), Some("j"), host)]
                );
                assert_eq!(address(envelope.bcc()), [is(None, Some("dora"), host)]);
                assert_eq!(envelope.in_reply_to().unwrap(), "<0@example.org>");
                assert_eq!(envelope.message_id().unwrap(), "<1@example.org>");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(count, items.len());

    // The structure is longer than a small Rx; what stands beside it comes all the same.
    let items = [Fetch::BodyStructure, Fetch::Uid];
    let mut messages = mail.uid_fetch(1, &items).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let mut seen = Vec::new();
    while let Some(piece) = message.next().unwrap() {
        match piece {
            Piece::Item(Item::Uid(1)) => seen.push("uid"),
            Piece::Oversized { raw } => {
                assert!(raw.starts_with(b"BODYSTRUCTURE ("));
                assert!(sizes.rx == SMALL.rx);
                seen.push("structure");
            }
            Piece::Item(Item::BodyStructure(structure)) => {
                assert!(sizes.rx > SMALL.rx);
                check_structure(&structure);
                seen.push("structure");
            }
            other => panic!("{other:?}"),
        }
    }
    seen.sort();
    assert_eq!(seen, ["structure", "uid"]);

    let items = [Fetch::Body, Fetch::Other("MODSEQ")];
    let mut messages = mail.fetch(1, &items).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let mut parts = None;
    let mut mod_seq = None;
    while let Some(piece) = message.next().unwrap() {
        match piece {
            Piece::Item(Item::Body(structure)) => parts = Some(structure.walk().count()),
            Piece::Item(Item::ModSeq(value)) => mod_seq = Some(value),
            Piece::Oversized { .. } if sizes.rx == SMALL.rx => parts = Some(4),
            other => panic!("{other:?}"),
        }
    }
    // The multipart, and three in it; the fifth is the message's own text.
    assert!(matches!(parts, Some(4..=5)), "{parts:?}");
    assert!(mod_seq.is_some_and(|it| it > 0));
}

fn check_structure(structure: &BodyStructure<'_>) {
    let parts: Vec<_> = structure.walk().collect();
    let shown: Vec<_> = parts
        .iter()
        .map(|part| {
            let [kind, subtype] = [part.media_type(), part.subtype()];
            let text = |it: Option<Str<'_>>| it.map(|it| it.to_string().to_lowercase());
            (part.number().to_string(), text(kind).unwrap_or_default(), text(subtype).unwrap())
        })
        .collect();
    let is = |number: &str, kind: &str, subtype: &str| {
        (number.to_owned(), kind.to_owned(), subtype.to_owned())
    };
    assert_eq!(shown[1], is("1", "text", "plain"));
    assert_eq!(shown[2], is("2", "application", "octet-stream"));
    assert_eq!(shown[3], is("3", "message", "rfc822"));
    assert!(parts[0].is("multipart", "mixed"));
    assert_eq!(parts[0].params().get("boundary").unwrap(), "b1");
    assert_eq!(parts[1].params().get("CHARSET").unwrap(), "utf-8");
    assert_eq!(parts[1].encoding(), Some(TransferEncoding::QuotedPrintable));
    assert_eq!(parts[1].size(), Some(15));
    let disposition = parts[2].disposition().unwrap();
    assert!(disposition.kind.eq_ignore_ascii_case("attachment"));
    assert_eq!(disposition.params.get("filename").unwrap(), "a.bin");
    assert_eq!(parts[2].encoding(), Some(TransferEncoding::Base64));
    assert_eq!(parts[3].envelope().unwrap().subject().unwrap(), "Inner");
}

fn fetch_sections(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill(&mut mail, "box", &[MIXED]);
    mail.select("box").unwrap();
    let (header, text) = MIXED.split_at(MIXED.find("\r\n\r\n").unwrap() + 4);

    let got = fetch_one(&mut mail, 1, &[Fetch::peek(""), Fetch::Flags]);
    assert_eq!((got.text(""), got.flags()), (MIXED, vec![]));
    let got = fetch_one(&mut mail, 1, &[Fetch::peek("HEADER"), Fetch::peek("TEXT")]);
    assert_eq!((got.text("HEADER"), got.text("TEXT")), (header, text));

    // Each part, its header, and what is in it.
    for (section, expected) in [
        ("1", "Gr=C3=BC=C3=9Fe"),
        ("2", "AAECA/8="),
        ("3", "From: inner@example.org\r\nSubject: Inner\r\n\r\ninner text"),
        (
            "2.MIME",
            "Content-Type: application/octet-stream; name=\"a.bin\"\r\n\
          Content-Disposition: attachment; filename=\"a.bin\"\r\n\
          Content-Transfer-Encoding: base64\r\n\r\n",
        ),
        ("3.HEADER", "From: inner@example.org\r\nSubject: Inner\r\n\r\n"),
        ("3.TEXT", "inner text"),
        ("3.1", "inner text"),
        ("3.HEADER.FIELDS (SUBJECT)", "Subject: Inner\r\n\r\n"),
    ] {
        let got = fetch_one(&mut mail, 1, &[Fetch::peek(section)]);
        assert_eq!(got.text(section), expected, "{section}");
    }
    // What is not there.
    let got = fetch_one(&mut mail, 1, &[Fetch::peek("9")]);
    assert_eq!(got.body("9"), b"");

    // Header fields, by name and all but.
    let some = Section::header_fields(&["SUBJECT", "Message-ID", "X-None"]);
    let others = Section::header_fields_not(&["From", "Sender", "Reply-To", "To", "Cc", "Bcc"]);
    let got = fetch_one(&mut mail, 1, &[Fetch::peek(some), Fetch::peek(others)]);
    let texts: Vec<_> = got.bodies.iter().map(|it| str::from_utf8(&it.3).unwrap()).collect();
    assert_eq!(texts[0], "Subject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\n");
    assert!(texts[1].starts_with("Subject: Hello\r\nDate: Mon"), "{texts:?}");
    assert!(!texts[1].contains("example.org\r\nSender"));
    let inner = Section::header_fields(&["From"]).of("3");
    let got = fetch_one(&mut mail, 1, &[Fetch::peek(inner)]);
    assert_eq!(got.bodies[0].3, b"From: inner@example.org\r\n\r\n");

    // Part of a part: in the middle, past the end, from behind the end.
    for (offset, length) in [(0, 5), (10, 300), (500, 9999), (99_999, 5)] {
        let item = [Fetch::peek("").partial(offset, length)];
        let got = fetch_one(&mut mail, 1, &item);
        let all = MIXED.len() as u64;
        let range = offset.min(all) as usize..(offset + length).min(all) as usize;
        assert_eq!((got.text(""), got.bodies[0].1), (&MIXED[range], Some(offset)));
    }

    // BINARY undoes the transfer encoding.
    let items = [Fetch::binary_peek("2"), Fetch::binary_size("2"), Fetch::binary_peek("1")];
    let got = fetch_one(&mut mail, 1, &items);
    assert_eq!((got.bodies[0].2, got.body("2")), (BodyKind::Binary, &b"\0\x01\x02\x03\xff"[..]));
    assert_eq!(got.text("1"), "Grüße");
    assert_eq!(got.items["binary_size"], 5);
    let got = fetch_one(&mut mail, 1, &[Fetch::binary_peek("2").partial(1, 3)]);
    assert_eq!((got.body("2"), got.bodies[0].1), (&b"\x01\x02\x03"[..], Some(1)));

    // Nothing so far was marked as read; without PEEK it is.
    assert_eq!(fetch_one(&mut mail, 1, &[Fetch::Flags]).flags(), [""; 0]);
    let got = fetch_one(&mut mail, 1, &[Fetch::body("1")]);
    assert_eq!(got.text("1"), "Gr=C3=BC=C3=9Fe");
    assert_eq!(got.flags(), ["\\Seen"]);
    mail.store(&StoreCommand::remove(1, &[Flag::Seen]).silent()).unwrap().finish().unwrap();
    assert_eq!(fetch_one(&mut mail, 1, &[Fetch::binary("1")]).flags(), ["\\Seen"]);
}

fn fetch_macros_and_rfc822(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "bob", &mut memory);
    let message = "From: a@b.c\r\nSubject: s\r\n\r\ntext\r\n";
    fill(&mut mail, "box", &[message]);
    mail.select("box").unwrap();
    let names = |got: &Got| got.items.keys().cloned().collect::<Vec<_>>();
    let fast = ["flags", "internal_date", "rfc822_size"];
    assert_eq!(names(&fetch_one(&mut mail, 1, &[Fetch::Fast])), fast);
    let all = ["envelope", "flags", "internal_date", "rfc822_size"];
    assert_eq!(names(&fetch_one(&mut mail, 1, &[Fetch::All])), all);
    let full = ["body", "envelope", "flags", "internal_date", "rfc822_size"];
    let got = fetch_one(&mut mail, 1, &[Fetch::Full]);
    assert_eq!(names(&got), full);
    assert_eq!(got.items["rfc822_size"], message.len());
    assert_eq!(got.items["envelope"]["subject"], "s");
    assert!(mail.fetch(1, &[Fetch::All, Fetch::Uid]).is_err());

    let got = fetch_one(&mut mail, 1, &[Fetch::Rfc822Header]);
    assert_eq!(got.text("RFC822 HEADER"), &message[..message.len() - 6]);
    assert_eq!(fetch_one(&mut mail, 1, &[Fetch::Flags]).flags(), [""; 0]);
    let got = fetch_one(&mut mail, 1, &[Fetch::Rfc822]);
    assert_eq!((got.text("RFC822 "), got.flags()), (message, vec!["\\Seen"]));
    assert_eq!(fetch_one(&mut mail, 1, &[Fetch::Rfc822Text]).text("RFC822 TEXT"), "text\r\n");
}

/// Sets of every form, and more messages than fit Rx.
fn fetch_many(server: &Dovecot, sizes: Sizes) {
    const COUNT: u32 = 300;
    server.drop_in("alice", (1..=COUNT).map(|n| format!("Subject: number {n}\n\nbody {n}\n")));
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    assert_eq!(mail.select("INBOX").unwrap().exists, COUNT);
    let items = [Fetch::Uid, Fetch::Envelope, Fetch::peek("TEXT")];
    let all = messages(mail.fetch(1.., &items).unwrap());
    assert_eq!(all.len(), COUNT as usize);
    for (n, got) in (1..).zip(&all) {
        assert_eq!((got.seq, got.uid()), (n, n));
        assert_eq!(got.items["envelope"]["subject"], format!("number {n}"));
        assert_eq!(got.text("TEXT"), format!("body {n}\r\n"));
    }
    let mut uids = |set: SequenceSet<'_>| -> Vec<u32> {
        messages(mail.uid_fetch(set, &[Fetch::Uid]).unwrap()).iter().map(Got::uid).collect()
    };
    assert_eq!(uids(7.into()), [7]);
    assert_eq!(uids((5..=8).into()), [5, 6, 7, 8]);
    assert_eq!(uids((299..).into()), [299, 300]);
    assert_eq!(uids((&[3, 4, 5, 9]).into()), [3, 4, 5, 9]);
    assert_eq!(uids((&[1..=2, 20..=21]).into()), [1, 2, 20, 21]);
    assert_eq!(uids("2,4:5,300:*".try_into().unwrap()), [2, 4, 5, 300]);
    assert_eq!(uids(SequenceSet::LAST), [300]);
    assert_eq!(uids(SequenceSet::ALL).len(), 300);
    assert_eq!(uids(5000.into()), [0; 0]);
    // A sequence number that is not there is an error, a UID is none.
    let bad = refused(mail.fetch(5000, &[Fetch::Uid]).unwrap().finish());
    assert_eq!(bad.status(), Status::Bad);

    // Reading on is not needed, neither of a message nor of all.
    let mut some = mail.fetch(1.., &items).unwrap();
    assert_eq!(some.next().unwrap().unwrap().seq(), Some(1));
    assert_eq!(some.next().unwrap().unwrap().seq(), Some(2));
    mail.noop().unwrap();
}

/// Dovecot takes lines of 64 KiB, and this set has twice as much.
fn long_sets(server: &Dovecot, sizes: Sizes) {
    const COUNT: u32 = 1000;
    server.drop_in("alice", (1..=COUNT).map(|n| format!("Subject: number {n}\n\nbody {n}\n")));
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    mail.create("copies").unwrap();
    mail.create("moved").unwrap();
    assert_eq!(mail.select("INBOX").unwrap().exists, COUNT);
    let uids: Vec<u32> = (0..22_000).map(|n| 2 * n + 1).collect();
    let odd: Vec<u32> = (0..COUNT / 2).map(|n| 2 * n + 1).collect();

    let all = messages(mail.uid_fetch(&uids[..], &[Fetch::Uid, Fetch::peek("TEXT")]).unwrap());
    assert!(all.iter().map(Got::uid).eq(odd.iter().copied()));
    assert!(all.iter().all(|got| got.text("TEXT") == format!("body {}\r\n", got.uid())));
    // By numbers, too: of them there must not be more than messages.
    let all = messages(mail.fetch(&odd[..], &[Fetch::Uid]).unwrap());
    assert!(all.iter().map(Got::uid).eq(odd.iter().copied()));

    let store = StoreCommand::add(&uids[..], &[Flag::Flagged]).uid();
    assert_eq!(messages(mail.store(&store).unwrap()).len(), odd.len());

    let copies = |copied: Copied<'_, '_, _, _>| -> Vec<u32> {
        let (mut copied, mut all) = (copied, Vec::new());
        while let Some(uids) = copied.next().unwrap() {
            all.extend(uids.source.numbers().unwrap());
        }
        all
    };
    assert_eq!(copies(mail.uid_copy(&uids[..], "copies").unwrap()), odd);
    assert_eq!(copies(mail.uid_move(&uids[..], "moved").unwrap()), odd);
    assert_eq!(mail.selected().unwrap().exists, COUNT / 2);
    let status = mail.status("moved", &[StatusItem::Messages]).unwrap().unwrap();
    assert_eq!(status.values.iter().next(), Some(StatusValue::Messages(COUNT / 2)));

    // What is left are the even ones.
    let rest: Vec<u32> = uids.iter().map(|uid| uid + 1).collect();
    mail.store(&StoreCommand::add(1.., &[Flag::Deleted]).silent()).unwrap().finish().unwrap();
    mail.uid_expunge(&rest[100..]).unwrap();
    assert_eq!(mail.selected().unwrap().exists, 100);

    // Given up in the middle, and refused in the middle.
    mail.select("copies").unwrap();
    let mut some = mail.fetch(&odd[..200], &[Fetch::Uid]).unwrap();
    assert!(some.next().unwrap().is_some());
    mail.noop().unwrap();
    let no = refused(mail.uid_copy(&uids[..], "nowhere").unwrap().finish());
    assert_eq!(no.code(), Some(Code::TryCreate));
    mail.noop().unwrap();
}

fn store(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill(&mut mail, "box", &["Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n", "Subject: 3\r\n\r\n"]);
    mail.select("box").unwrap();
    let flags = |all: &[Got]| -> Vec<(u32, Vec<String>)> {
        let owned = |got: &Got| got.flags().into_iter().map(String::from).collect();
        all.iter().map(|got| (got.seq, owned(got))).collect()
    };
    let is = |seq: u32, flags: &[&str]| (seq, flags.iter().map(|it| it.to_string()).collect());

    let add = StoreCommand::add(1..=2, &[Flag::Seen, Flag::Keyword("$Work")]);
    let told = messages(mail.store(&add).unwrap());
    assert_eq!(flags(&told), [is(1, &["$Work", "\\Seen"]), is(2, &["$Work", "\\Seen"])]);
    let add = StoreCommand::add(2, &[Flag::Flagged]).uid();
    let told = messages(mail.store(&add).unwrap());
    assert_eq!(flags(&told), [is(2, &["$Work", "\\Flagged", "\\Seen"])]);
    assert_eq!(told[0].uid(), 2);
    let remove = StoreCommand::remove(2, &[Flag::Seen, Flag::Draft]);
    assert_eq!(flags(&messages(mail.store(&remove).unwrap())), [is(2, &["$Work", "\\Flagged"])]);
    let replace = StoreCommand::replace(2..=3, &[Flag::Answered]);
    let told = messages(mail.store(&replace).unwrap());
    assert_eq!(flags(&told), [is(2, &["\\Answered"]), is(3, &["\\Answered"])]);
    let none = StoreCommand::replace(3, &[]).uid();
    assert_eq!(flags(&messages(mail.store(&none).unwrap())), [is(3, &[])]);

    // Silent: nothing is told, but it is done.
    for (command, expected) in [
        (StoreCommand::add(1, &[Flag::Deleted]), &["$Work", "\\Deleted", "\\Seen"][..]),
        (StoreCommand::remove(1, &[Flag::Deleted]).uid(), &["$Work", "\\Seen"]),
        (StoreCommand::replace(1, &[Flag::Draft]), &["\\Draft"]),
    ] {
        assert_eq!(messages(mail.store(&command.silent()).unwrap()), []);
        assert_eq!(fetch_one(&mut mail, 1, &[Fetch::Flags]).flags(), expected);
    }
}

fn copy_and_move(server: &Dovecot, sizes: Sizes) {
    const COUNT: u32 = 200;
    server.drop_in("alice", (1..=COUNT).map(|n| format!("Subject: s{n}\n\n")));
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    mail.create("Entwürfe").unwrap();
    let validity = mail.status("Entwürfe", &[StatusItem::UidValidity]).unwrap().unwrap();
    let validity = validity.uid_validity().unwrap();
    mail.select("INBOX").unwrap();
    assert_eq!(copied(mail.copy(2, "Entwürfe").unwrap()), (validity, vec![(2, 1)]));
    let done = copied(mail.uid_copy(&[5, 6, 9], "Entwürfe").unwrap());
    assert_eq!(done, (validity, vec![(5, 2), (6, 3), (9, 4)]));
    assert_eq!(mail.selected().unwrap().exists, COUNT);
    // Every second, so that COPYUID is longer than a small Rx, and the set than a small Tx: then
    // it is sent in parts.
    let set: String = (1..=COUNT / 2).map(|n| format!("{},", n * 2)).collect();
    let set = set.trim_end_matches(',');
    let wanted = || (validity, (1..=COUNT / 2).map(|n| (n * 2, n + 4)).collect::<Vec<_>>());
    let done = copied(mail.uid_copy(SequenceSet::try_from(set).unwrap(), "Entwürfe").unwrap());
    assert_eq!(done, wanted());
    let status = mail.status("Entwürfe", &[StatusItem::Messages]).unwrap().unwrap();
    assert_eq!(status.messages(), Some(COUNT / 2 + 4));

    // MOVE: the same, and they are gone here.
    mail.create("to").unwrap();
    let (_, done) = copied(mail.move_to(1..=3, "to").unwrap());
    assert_eq!(done, [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(mail.selected().unwrap().exists, COUNT - 3);
    let (_, done) = copied(mail.uid_move(10, "to").unwrap());
    assert_eq!(done, [(10, 4)]);
    assert_eq!(mail.selected().unwrap().exists, COUNT - 4);
    assert_eq!(copied(mail.uid_move(9999, "to").unwrap()), (0, vec![]));
    let no = refused(mail.copy(1, "none").unwrap().finish());
    assert_eq!((no.status(), no.code()), (Status::No, Some(Code::TryCreate)));
    let no = refused(mail.uid_move(20, "none").unwrap().finish());
    assert_eq!((no.status(), no.code()), (Status::No, Some(Code::TryCreate)));
    assert_eq!(mail.select("to").unwrap().exists, 4);
    let subjects: Vec<_> = messages(mail.fetch(1.., &[Fetch::peek("")]).unwrap())
        .iter()
        .map(|got| got.text("").trim().to_owned())
        .collect();
    assert_eq!(subjects, ["Subject: s1", "Subject: s2", "Subject: s3", "Subject: s10"]);
}

fn expunge(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    server.drop_in("alice", (1..=6).map(|n| format!("Subject: s{n}\n\n")));
    let mut mail = log_in(server, "alice", &mut memory);
    mail.select("INBOX").unwrap();
    mail.store(&StoreCommand::add(2..=5, &[Flag::Deleted]).silent()).unwrap().finish().unwrap();
    mail.uid_expunge(&[1, 2, 4]).unwrap();
    assert_eq!(mail.selected().unwrap().exists, 4);
    assert_eq!(numbers(mail.uid_search(&[]).unwrap()), [1, 3, 5, 6]);
    // Which: by number, as they count at that moment.
    let mut responses = mail.run(&ExpungeCommand).unwrap();
    let mut gone = Vec::new();
    while let Some(event) = responses.next().unwrap() {
        if let Event::Expunge(number) = event {
            gone.push(number);
        }
    }
    assert!(gone == [3, 2] || gone == [2, 2], "{gone:?}");
    assert_eq!(mail.selected().unwrap().exists, 2);
    mail.expunge().unwrap();
    assert_eq!(numbers(mail.uid_search(&[]).unwrap()), [1, 6]);
}

fn expunged_by_another_session(server: &Dovecot, sizes: Sizes) {
    server.drop_in("alice", (1..=4).map(|n| format!("Subject: s{n}\n\nbody {n}\n")));
    let (mut memory, mut other) = (sizes.memory(), sizes.memory());
    let mut mail = log_in(server, "alice", &mut memory);
    let mut other = log_in(server, "alice", &mut other);
    mail.select("INBOX").unwrap();
    other.select("INBOX").unwrap();
    other.store(&StoreCommand::add(2, &[Flag::Deleted]).silent()).unwrap().finish().unwrap();
    other.expunge().unwrap();
    // FETCH must not tell of it, but the text may be gone.
    let mut found = mail.fetch(1..=4, &[Fetch::Uid, Fetch::peek("TEXT")]).unwrap();
    let mut bodies = Vec::new();
    let end = loop {
        let mut message = match found.next() {
            Ok(Some(message)) => message,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        let mut body = Vec::new();
        while let Some(piece) = message.next().unwrap() {
            if let Piece::Chunk(bytes) = piece {
                body.extend(bytes);
            }
        }
        if !body.is_empty() {
            bodies.push(String::from_utf8(body).unwrap());
        }
    };
    assert_eq!(bodies, ["body 1\r\n", "body 3\r\n", "body 4\r\n"]);
    if let Some(error) = end {
        let no = refused::<()>(Err(error));
        assert_eq!((no.status(), no.code()), (Status::No, Some(Code::ExpungeIssued)), "{no:?}");
    }
    mail.noop().unwrap();
    assert_eq!(mail.selected().unwrap().exists, 3);
    assert_eq!(numbers(mail.uid_search(&[]).unwrap()), [1, 3, 4]);
    // New mail, and flags that another session changed, are told without being asked for.
    server.deliver("alice", b"Subject: new\r\n\r\n");
    other.store(&StoreCommand::add(4, &[Flag::Flagged]).uid().silent()).unwrap().finish().unwrap();
    let mut responses = mail.run(&NoopCommand).unwrap();
    let mut flagged = None;
    while let Some(event) = responses.next().unwrap() {
        match event {
            Event::Fetch(Piece::Start { seq, .. }) => flagged = seq,
            Event::Fetch(Piece::Item(Item::Flags(flags))) => assert!(flags.contains(Flag::Flagged)),
            _ => {}
        }
    }
    assert_eq!(flagged, Some(3));
    assert_eq!(mail.selected().unwrap().exists, 4);
}

/// Four messages, in which each key finds its own.
fn fill_for_search(mail: &mut Mail<'_>) {
    let message = |from: &str, head: &str, day: u8, text: &str| {
        format!(
            "From: {from}@example.org\r\n{head}Date: Mon, {day} Jan 2024 12:00:00 +0000\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        )
    };
    let messages: [(&[Flag<'_>], u8, String); 4] = [
        (
            &[Flag::Seen],
            1,
            message(
                "ann",
                "To: bob@example.org\r\nCc: carl@example.org\r\nBcc: dora@example.org\r\n\
                 Subject: Pager duty\r\n",
                1,
                "alpha needle",
            ),
        ),
        (
            &[Flag::Answered, Flag::Flagged, Flag::Keyword("$Work")],
            10,
            message("ben", "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nX-Mark: yes\r\n", 10, "beta"),
        ),
        (
            &[Flag::Deleted, Flag::Draft],
            20,
            message("cid", "Subject: long\r\n", 20, &"gamma \r\n".repeat(1000)),
        ),
        (&[], 25, message("dan", "Subject: last \"one\"\r\n", 30, "Straße")),
    ];
    mail.create("box").unwrap();
    for (flags, day, text) in messages {
        let date = DateTime {
            date: Date { year: 2024, month: 2, day },
            hour: 12,
            minute: 0,
            second: 0,
            offset_minutes: 0,
        };
        mail.append("box", flags, Some(date), text.as_bytes()).unwrap();
    }
}

fn search_keys(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill_for_search(&mut mail);
    mail.select("box").unwrap();
    let sent = |day| Date { year: 2024, month: 1, day };
    let arrived = |day| Date { year: 2024, month: 2, day };
    let set = |text: &'static str| SequenceSet::try_from(text).unwrap();
    let expected: &[(Search<'_>, &[u32])] = &[
        (Search::All, &[1, 2, 3, 4]),
        (Search::Answered, &[2]),
        (Search::Bcc("dora"), &[1]),
        (Search::Before(arrived(10)), &[1]),
        (Search::Body("NEEDLE"), &[1]),
        (Search::Body("straße"), &[4]),
        (Search::Cc("carl@"), &[1]),
        (Search::Deleted, &[3]),
        (Search::Draft, &[3]),
        (Search::Flagged, &[2]),
        (Search::From("dan@example"), &[4]),
        (Search::Header("X-Mark", "YES"), &[2]),
        (Search::Header("x-mark", ""), &[2]),
        (Search::Keyword("$Work"), &[2]),
        (Search::Larger(5000), &[3]),
        (Search::New, &[2, 3, 4]),
        (Search::Not(&Search::From("ann")), &[2, 3, 4]),
        (Search::Old, &[]),
        (Search::On(arrived(20)), &[3]),
        (Search::Or(&Search::From("ann"), &Search::Draft), &[1, 3]),
        (Search::Recent, &[1, 2, 3, 4]),
        (Search::Seen, &[1]),
        (Search::SentBefore(sent(10)), &[1]),
        (Search::SentOn(sent(10)), &[2]),
        (Search::SentSince(sent(20)), &[3, 4]),
        (Search::Since(arrived(20)), &[3, 4]),
        (Search::Smaller(5000), &[1, 2, 4]),
        (Search::Subject("grüße"), &[2]),
        (Search::Subject("\"one\""), &[4]),
        (Search::Text("bob@"), &[1]),
        (Search::Text("beta"), &[2]),
        (Search::To("bob"), &[1]),
        (Search::Uid(set("2:3,9")), &[2, 3]),
        (Search::Unanswered, &[1, 3, 4]),
        (Search::Undeleted, &[1, 2, 4]),
        (Search::Undraft, &[1, 2, 4]),
        (Search::Unflagged, &[1, 3, 4]),
        (Search::Unkeyword("$Work"), &[1, 3, 4]),
        (Search::Unseen, &[2, 3, 4]),
        (Search::Sequence(set("1,3:*")), &[1, 3, 4]),
        (Search::And(&[Search::Unseen, Search::Undeleted]), &[2, 4]),
        (Search::Not(&Search::And(&[Search::Unseen, Search::Undeleted])), &[1, 3]),
    ];
    for (key, expected) in expected {
        assert_eq!(numbers(mail.search(&[*key]).unwrap()), *expected, "{key:?}");
        assert_eq!(numbers(mail.uid_search(&[*key]).unwrap()), *expected, "{key:?}");
    }
    assert_eq!(numbers(mail.search(&[]).unwrap()), [1, 2, 3, 4]);
    let several = [Search::Unseen, Search::Since(arrived(10)), Search::Smaller(4000)];
    assert_eq!(numbers(mail.search(&several).unwrap()), [2, 4]);
    // By number and by UID are two things.
    mail.uid_expunge(3).unwrap();
    assert_eq!(numbers(mail.search(&[Search::From("dan")]).unwrap()), [3]);
    assert_eq!(numbers(mail.uid_search(&[Search::From("dan")]).unwrap()), [4]);
    // What is found is in `text` only as text.
    let smuggled = [Search::Text("x\r\nA9 LOGOUT\r\n")];
    assert_eq!(numbers(mail.search(&smuggled).unwrap()), [0; 0]);
    mail.noop().unwrap();
}

fn search_return(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    fill_for_search(&mut mail);
    mail.select("box").unwrap();
    use SearchReturn::{All, Count, Max, Min, Save};
    type Found = (Option<u32>, Option<u32>, Option<u32>, Option<Vec<u32>>);
    let mut ask = |uid: bool, keys: &[Search<'_>], returns: &[SearchReturn<'_>]| -> Found {
        let command = SearchCommand::new(keys).returns(returns);
        let command = if uid { command.uid() } else { command };
        let mut found = mail.search_extended(&command).unwrap();
        let mut result = (None, None, None, None);
        while let Some(batch) = found.next().unwrap() {
            let it = batch.esearch().expect("an ESEARCH response");
            assert_eq!(it.uid, uid);
            let all = it.all().map(|set| set.numbers().unwrap().collect());
            result = (it.min(), it.max(), it.count(), all);
        }
        result
    };
    let unseen = [Search::Unseen];
    for uid in [false, true] {
        assert_eq!(ask(uid, &unseen, &[]), (None, None, None, Some(vec![2, 3, 4])));
        assert_eq!(ask(uid, &unseen, &[All]), (None, None, None, Some(vec![2, 3, 4])));
        assert_eq!(ask(uid, &unseen, &[Min]), (Some(2), None, None, None));
        assert_eq!(ask(uid, &unseen, &[Max]), (None, Some(4), None, None));
        assert_eq!(ask(uid, &unseen, &[Count]), (None, None, Some(3), None));
        let all = ask(uid, &unseen, &[Min, Max, Count, All]);
        assert_eq!(all, (Some(2), Some(4), Some(3), Some(vec![2, 3, 4])));
        let none = ask(uid, &[Search::Old], &[Min, Max, Count, All]);
        assert_eq!(none, (None, None, Some(0), None));
        // SAVE alone returns nothing; with others, they are told and saved.
        assert_eq!(ask(uid, &[Search::Flagged], &[Save]), (None, None, None, None));
    }
    assert_eq!(ask(true, &unseen, &[Save, Count]), (None, None, Some(3), None));
    // `$` is what was saved.
    let uids: Vec<_> = messages(mail.fetch(SequenceSet::SEARCH_RESULT, &[Fetch::Uid]).unwrap())
        .iter()
        .map(Got::uid)
        .collect();
    assert_eq!(uids, [2, 3, 4]);
    let among = [Search::Uid(SequenceSet::SEARCH_RESULT), Search::Draft];
    assert_eq!(numbers(mail.uid_search(&among).unwrap()), [3]);
}

/// More numbers than fit Rx come in batches.
fn search_many(server: &Dovecot, sizes: Sizes) {
    const COUNT: u32 = 1500;
    server.drop_in("alice", (1..=COUNT).map(|n| format!("Subject: s{}\n\n", n % 2)));
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    mail.select("INBOX").unwrap();
    let odd = [Search::Subject("s1")];
    let expected: Vec<u32> = (1..=COUNT).step_by(2).collect();
    assert_eq!(numbers(mail.uid_search(&odd).unwrap()), expected);
    let command = SearchCommand::new(&odd).uid().returns(&[SearchReturn::All]);
    assert_eq!(numbers(mail.search_extended(&command).unwrap()), expected);
    let mut found = mail.search_extended(&command).unwrap();
    let mut batches = 0;
    while found.next().unwrap().is_some() {
        batches += 1;
    }
    assert_eq!(batches > 1, sizes.rx < 4000, "{batches} batches");
    // One that is not read to its end.
    mail.uid_search(&odd).unwrap().next().unwrap();
    mail.noop().unwrap();
}

fn idle(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let socket = Std(tcp(server.imap));
    let mut clock = StdClock::new();
    let (rx, tx) = (&mut memory.0, &mut memory.1);
    let mut mail = Client::connect_with(Config::new(), clock, socket, rx, tx).unwrap();
    mail.login("alice", "password").unwrap();
    mail.select("INBOX").unwrap();

    // Nothing happens.
    mail.idle().unwrap().done().unwrap();
    let mut idle = mail.idle().unwrap();
    let soon = clock.now().saturating_add(Duration::from_millis(200));
    assert!(idle.next_until(soon).unwrap().is_none());
    assert!(clock.now() >= soon);
    // Mail comes meanwhile.
    server.deliver("alice", b"Subject: one\r\n\r\n");
    let mut exists = |idle: &mut blocking::Idle<'_, '_, Std<TcpStream>, StdClock>| -> u32 {
        let late = clock.now().saturating_add(Duration::from_secs(20));
        loop {
            match idle.next_until(late).unwrap().expect("news in time") {
                Event::Exists(count) => break count,
                Event::Recent(_) | Event::Status(_) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(exists(&mut idle), 1);
    server.deliver("alice", b"Subject: two\r\n\r\n");
    assert_eq!(exists(&mut idle), 2);
    idle.done().unwrap();
    assert_eq!(mail.selected().unwrap().exists, 2);
    assert_eq!(numbers(mail.search(&[]).unwrap()), [1, 2]);
    // Mail comes between.
    server.deliver("alice", b"Subject: three\r\n\r\n");
    let mut idle = mail.idle().unwrap();
    assert_eq!(exists(&mut idle), 3);
    // One that is let go is ended by the next call.
    assert_eq!(fetch_one(&mut mail, 3, &[Fetch::Envelope]).items["envelope"]["subject"], "three");
    // Something goes.
    let idle = mail.idle().unwrap();
    server.doveadm(["expunge", "-u", "alice", "mailbox", "INBOX", "1"]);
    let mut idle = idle;
    let late = clock.now().saturating_add(Duration::from_secs(20));
    while !matches!(idle.next_until(late).unwrap().expect("news in time"), Event::Expunge(1)) {}
    idle.done().unwrap();
    assert_eq!(mail.selected().unwrap().exists, 2);
}

fn enable(server: &Dovecot, sizes: Sizes) {
    server.drop_in("alice", (1..=5).map(|n| format!("Subject: s{n}\n\n")));
    let (mut memory, mut other) = (sizes.memory(), sizes.memory());
    let mut mail = log_in(server, "alice", &mut memory);
    let enabled = mail.enable(&["QRESYNC", "X-UNKNOWN"]).unwrap();
    assert!(enabled.contains(&Capability::QResync));
    let before = mail.select("INBOX").unwrap();
    let mut other = log_in(server, "alice", &mut other);
    other.select("INBOX").unwrap();
    other.store(&StoreCommand::add(2..=4, &[Flag::Deleted]).silent()).unwrap().finish().unwrap();
    other.expunge().unwrap();
    // Now what is gone is told by UID.
    let mut responses = mail.run(&NoopCommand).unwrap();
    let mut gone = Vec::new();
    while let Some(event) = responses.next().unwrap() {
        if let Event::Vanished { earlier: false, uids, .. } = event {
            gone.extend(uids.numbers().unwrap());
        }
    }
    assert_eq!(gone, [2, 3, 4]);
    assert_eq!(mail.selected().unwrap().exists, 2);
    // And what went while the mailbox was closed.
    mail.unselect().unwrap();
    let known = QResync::new(before.uid_validity.unwrap(), before.highest_mod_seq.unwrap());
    let parameters = [SelectParameter::QResync(known.known_uids(1..=5))];
    let command = SelectCommand::new("INBOX").parameters(&parameters);
    let mut responses = mail.run(&command).unwrap();
    let mut gone = Vec::new();
    while let Some(event) = responses.next().unwrap() {
        if let Event::Vanished { earlier: true, uids, .. } = event {
            gone.extend(uids.numbers().unwrap());
        }
    }
    assert_eq!(gone, [2, 3, 4]);
    assert_eq!(mail.selected().unwrap().exists, 2);
}

// ---- By hand.

/// Several commands in flight: each comes to its own end, though Dovecot
/// sends the ends in another order.
fn pipeline(server: &Dovecot, sizes: Sizes) {
    server.drop_in("alice", (1..=3).map(|n| format!("Subject: s{n}\n\nbody {n}\n")));
    let mut memory = sizes.memory();
    let mut session = Session::logged_in(server, "alice", &mut memory);
    session.ask_ok(&SelectCommand::new("INBOX"));
    let items = [Fetch::Uid, Fetch::peek("TEXT")];
    let fetch = FetchCommand::uid(1.., &items);
    let search = SearchCommand::new(&[Search::Subject("s2")]).uid();
    let status = StatusCommand::new("Sent", &[StatusItem::Messages]);
    let none = StatusCommand::new("none", &[StatusItem::Messages]);
    let commands: [&dyn Command; 5] = [&fetch, &search, &NoopCommand, &status, &none];
    let tags = commands.map(|command| session.send(command));
    assert_eq!(
        session.connection.send(&CloseCommand, &mut session.buffers.tx),
        Err(UsageError::Busy.into())
    );
    // Dovecot may hold back an end until it has begun with what comes after.
    let mut events = Vec::new();
    while !session.connection.is_quiet() {
        events.push(session.next().unwrap());
    }
    let mut ends: Vec<_> = only(&events, "completed")
        .iter()
        .map(|it| (it["tag"].as_str().unwrap(), it["status"].as_str().unwrap()))
        .collect();
    ends.sort();
    let expected = ["ok", "ok", "ok", "ok", "no"];
    let expected: Vec<_> = tags.iter().map(Tag::as_str).zip(expected).collect();
    assert_eq!(ends, expected);
    assert_eq!(only(&events, "fetch_start").len(), 3);
    assert_eq!(only(&events, "search")[0]["numbers"], json!([2]));
    assert_eq!(only(&events, "mailbox_status")[0]["mailbox"], "Sent");
    assert!(session.connection.is_quiet());

    // As many as the connection remembers, and no more.
    let (mut count, error) = (0, loop_until_error(&mut session));
    while !session.connection.is_quiet() {
        if session.next().unwrap()["event"] == "completed" {
            count += 1;
        }
    }
    assert!((1..=8).contains(&count), "{count}");
    let full = matches!(
        error,
        Error::Resource(ResourceError::TooManyInFlight | ResourceError::TxFull { .. })
    );
    assert!(full, "{error:?}");
}

fn loop_until_error(session: &mut Session<'_>) -> Error {
    loop {
        let (connection, buffers) = (&mut session.connection, &mut session.buffers);
        if let Err(error) = connection.send(&NoopCommand, &mut buffers.tx) {
            return error;
        }
    }
}

/// The events of a whole session, in their order.
fn events_by_hand(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut session = Session::logged_in(server, "alice", &mut memory);
    let kinds = |events: &[Value]| -> Vec<String> {
        events.iter().map(|it| it["event"].as_str().unwrap().to_owned()).collect()
    };
    // A SELECT says all of this, in any order but for the last.
    let events = session.ask_ok(&SelectCommand::new("INBOX"));
    for kind in ["flags", "exists", "recent", "status"] {
        assert!(!only(&events, kind).is_empty(), "{kind} in {events:?}");
    }
    assert_eq!(events.last().unwrap()["code"], "read_write");

    // APPEND asks for the message.
    let tag = session.send(&AppendCommand::new("INBOX", MIXED.len() as u64));
    let asked = session.until(|event| event["event"] == "send_literal").pop().unwrap();
    assert_eq!(
        asked,
        json!({"event": "send_literal", "tag": tag.as_str(), "remaining": MIXED.len()})
    );
    let mut rest = MIXED.as_bytes();
    let mut rounds = 0;
    while !rest.is_empty() {
        let taken = session.connection.write_literal(rest, &mut session.buffers.tx);
        rest = &rest[taken..];
        assert_eq!(session.connection.literal_remaining(), rest.len() as u64);
        let sent = session.socket.write(session.buffers.tx.pending()).unwrap();
        session.buffers.tx.consume(sent);
        rounds += 1;
    }
    assert_eq!(rounds > 1, sizes.tx < MIXED.len());
    let events = session.finish(tag);
    let end = events.last().unwrap();
    assert_eq!((&end["status"], &end["code"]["append_uid"]["uids"]), (&json!("ok"), &json!("1")));

    // FETCH is a sequence.
    let items = [Fetch::Uid, Fetch::peek("HEADER.FIELDS (SUBJECT)")];
    let events = session.ask_ok(&FetchCommand::new(1, &items));
    let kinds_of_fetch =
        ["fetch_start", "fetch_item", "fetch_body", "fetch_chunk", "fetch_end", "completed"];
    let seen = kinds(&events);
    let first = seen.iter().position(|kind| kind == "fetch_start").unwrap();
    assert_eq!(&seen[first..], kinds_of_fetch);
    assert_eq!(only(&events, "fetch_chunk")[0]["text"], "Subject: Hello\r\n\r\n");

    // IDLE: on, news, DONE, end.
    let tag = session.send(&IdleCommand);
    session.until(|event| event["event"] == "idling");
    server.deliver("alice", b"Subject: x\r\n\r\n");
    let events = session.until(|event| event["event"] == "exists");
    assert_eq!(events.last().unwrap()["number"], 2);
    session.connection.done(&mut session.buffers.tx).unwrap();
    assert_eq!(session.finish(tag).last().unwrap()["status"], "ok");
    // DONE at once, before the server's `+`.
    let tag = session.send(&IdleCommand);
    session.connection.done(&mut session.buffers.tx).unwrap();
    assert_eq!(session.finish(tag).last().unwrap()["status"], "ok");

    // LOGOUT: BYE, OK, the end.
    let events = session.ask_ok(&LogoutCommand);
    assert_eq!(only(&events, "status").last().unwrap()["status"], "bye");
    assert_eq!(session.next(), None);
    assert_eq!(session.connection.state(), State::Logout);
    assert_eq!(
        session.connection.send(&NoopCommand, &mut session.buffers.tx),
        Err(UsageError::Closed.into())
    );
}

fn what_does_not_fit_tx_is_not_sent(server: &Dovecot, sizes: Sizes) {
    let mut memory = sizes.memory();
    let mut mail = log_in(server, "alice", &mut memory);
    let text = "x".repeat(sizes.tx);
    mail.select("INBOX").unwrap();
    let error = mail.search(&[Search::Text(&text)]).map(|_| ()).unwrap_err();
    let Error::Resource(ResourceError::TxFull { needed, capacity }) = (match error {
        ClientError::Connection(error) => error,
        other => panic!("{other:?}"),
    }) else {
        panic!()
    };
    assert!(needed > sizes.tx && capacity == sizes.tx, "{needed} {capacity}");
    mail.noop().unwrap();
    assert_eq!(numbers(mail.search(&[Search::Text("x")]).unwrap()), [0; 0]);
}
