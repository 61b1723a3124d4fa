use super::*;
use crate::pop3::Code;
use crate::pop3::command::*;
use std::format;
use std::string::{String, ToString as _};
use std::vec;
use std::vec::Vec;

/// A connection with its buffers, driven by hand.
struct Session {
    connection: Connection,
    rx: Vec<u8>,
    /// What is received and not consumed.
    left: Vec<u8>,
    closed: bool,
    tx: [u8; 1024],
    sent: String,
    now: Instant,
}

/// An event in short.
fn show(event: Event<'_>) -> String {
    let words = |it: StatusResponse<'_>| {
        let code = it.text.code.map(|code| format!("[{code}]")).unwrap_or_default();
        let cut = if it.truncated { "…" } else { "" };
        format!("{}{code} {}{cut}", it.status, it.text.text).trim_end().to_string()
    };
    let number = |it: Option<u32>| it.map(|it| format!(" {it}")).unwrap_or_default();
    let text = String::from_utf8_lossy;
    match event {
        Event::Greeting(it) => format!("greeting {}", words(it)),
        Event::Status(it) => format!("status {}", words(it)),
        Event::Started { kind, response } => format!("{kind:?}: {}", words(response)),
        Event::Completed { kind, number: of, response } => {
            format!("{kind:?}{} is {}", number(of), words(response))
        }
        Event::Capability(it) => format!("can {it}"),
        Event::Stat(it) => format!("stat {} {}", it.messages, it.size),
        Event::ListItem(it) => format!("size {} {}", it.number, it.size),
        Event::UidlItem(it) => format!("uid {} {}", it.number, it.uid),
        Event::Language(it) => format!("language {} {}", it.tag, it.description),
        Event::Message(Message::Start { number: of, response }) => {
            format!("message{} {}", number(of), words(response))
        }
        Event::Message(Message::Chunk(bytes)) => format!("<{}>", text(bytes)),
        Event::Message(Message::End) => "end".into(),
        Event::Line(it) => format!("line {it}"),
        Event::Challenge { challenge } => format!("challenge {}", text(challenge)),
        Event::StartTls => "tls".into(),
        Event::Malformed(raw) => format!("malformed {}", text(raw)),
        Event::Oversized(raw) => format!("oversized {}", text(raw)),
    }
}

impl Session {
    fn new(connection: Connection) -> Self {
        Self::with_rx(connection, 256)
    }

    fn with_rx(connection: Connection, capacity: usize) -> Self {
        Self {
            connection,
            rx: vec![0; capacity],
            left: Vec::new(),
            closed: false,
            tx: [0; 1024],
            sent: String::new(),
            now: Instant::ZERO,
        }
    }

    /// A session past the greeting, whose server can do this.
    fn greeted(capabilities: &str) -> Self {
        let mut this = Self::new(Connection::new(Config::new()));
        this.hear("+OK ready\r\n");
        assert_eq!(this.sent(), "CAPA\r\n");
        if capabilities.is_empty() {
            this.hear("-ERR what?\r\n");
        } else {
            this.hear(&format!("+OK\r\n{capabilities}\r\n.\r\n"));
        }
        assert!(this.connection.knows_capabilities() && this.connection.is_quiet());
        this
    }

    /// A session past login.
    fn logged_in(capabilities: &str) -> Self {
        let mut this = Self::greeted("");
        this.send(&UserCommand { user: "alice" }).unwrap();
        this.hear("+OK\r\n");
        this.send(&PassCommand { password: "secret".into() }).unwrap();
        this.hear("+OK\r\n");
        assert_eq!(this.sent(), "USER alice\r\nPASS secret\r\nCAPA\r\n");
        this.hear(&format!("+OK\r\n{capabilities}\r\n.\r\n"));
        assert_eq!(this.connection.state(), State::Transaction);
        this
    }

    /// Runs with buffers that hold what is left.
    fn with<T>(&mut self, run: impl FnOnce(&mut Connection, &mut Buffers<'_>) -> T) -> T {
        let mut buffers = Buffers::new(&mut self.rx, &mut self.tx);
        assert_eq!(buffers.rx.fill(&self.left), self.left.len());
        if self.closed {
            buffers.rx.close();
        }
        let result = run(&mut self.connection, &mut buffers);
        self.sent.push_str(&String::from_utf8_lossy(buffers.tx.pending()));
        self.left = buffers.rx.filled().to_vec();
        result
    }

    fn send(&mut self, command: &dyn Command) -> Result<(), Error> {
        self.with(|connection, buffers| connection.send(command, &mut buffers.tx))
    }

    fn sent(&mut self) -> String {
        std::mem::take(&mut self.sent)
    }

    /// What is told when the server says this.
    fn hear(&mut self, bytes: &str) -> Vec<String> {
        let (events, end) = self.try_hear(bytes.as_bytes());
        assert_eq!(end, Ok(Progress::NeedInput), "after {events:?}");
        events
    }

    fn try_hear(&mut self, bytes: &[u8]) -> (Vec<String>, Result<Progress, Error>) {
        let now = self.now;
        self.with(|connection, buffers| {
            let mut events = Vec::new();
            let mut rest = bytes;
            loop {
                let taken = buffers.rx.fill(rest);
                rest = &rest[taken..];
                match connection.advance(buffers, now) {
                    Ok(Progress::Event) => events.push(show(connection.event(buffers))),
                    Ok(Progress::NeedInput) if !rest.is_empty() => {
                        assert!(!buffers.rx.unfilled().is_empty());
                    }
                    end => return (events, end),
                }
            }
        })
    }
}

#[test]
fn small() {
    std::println!(
        "connection {} event {} frame {}",
        size_of::<Connection>(),
        size_of::<Event<'_>>(),
        size_of::<Frame>()
    );
    assert!(size_of::<Connection>() <= 256);
    assert!(size_of::<Event<'_>>() <= 128);
}

#[test]
fn a_session() {
    let mut it = Session::new(Connection::new(Config::new()));
    assert_eq!(
        it.hear("+OK Dovecot ready. <1.2@vm>\r\n"),
        ["greeting +OK Dovecot ready. <1.2@vm>"]
    );
    assert_eq!(it.sent(), "CAPA\r\n");
    assert_eq!(it.send(&StatCommand), Err(UsageError::WrongState.into()));
    assert_eq!(it.send(&UserCommand { user: "a" }), Err(UsageError::Busy.into()));
    assert_eq!(
        it.hear("+OK\r\nTOP\r\nSASL PLAIN LOGIN\r\nUSER\r\n.\r\n"),
        ["Capa: +OK", "can TOP", "can SASL PLAIN LOGIN", "can USER", "Capa is +OK"]
    );
    assert!(it.connection.capabilities().has_mechanism("PLAIN"));
    it.send(&UserCommand { user: "alice" }).unwrap();
    assert_eq!(it.hear("+OK\r\n"), ["User is +OK"]);
    // Nothing comes between USER and PASS.
    it.send(&PassCommand { password: "secret".into() }).unwrap();
    assert_eq!(it.sent(), "USER alice\r\nPASS secret\r\n");
    assert_eq!(it.hear("+OK Logged in.\r\n"), ["Pass is +OK Logged in."]);
    assert_eq!(it.connection.state(), State::Transaction);
    assert_eq!(it.sent(), "CAPA\r\n");
    // UIDL is only named after login.
    assert_eq!(it.hear("+OK\r\nUIDL\r\n.\r\n").len(), 3);
    assert!(it.connection.capabilities().contains(&Capability::Uidl));
    assert!(!it.connection.capabilities().contains(&Capability::Top));

    it.send(&StatCommand).unwrap();
    assert_eq!(it.send(&NoopCommand), Err(UsageError::Busy.into()));
    assert_eq!(it.hear("+OK 2 320\r\n"), ["stat 2 320", "Stat is +OK 2 320"]);
    it.send(&ListCommand { message: None }).unwrap();
    assert_eq!(
        it.hear("+OK 2 messages\r\n1 120\r\n3 200\r\n.\r\n"),
        ["List: +OK 2 messages", "size 1 120", "size 3 200", "List is +OK"]
    );
    it.send(&ListCommand { message: Some(3) }).unwrap();
    assert_eq!(it.hear("+OK 3 200\r\n"), ["size 3 200", "ListOne 3 is +OK 3 200"]);
    it.send(&UidlCommand { message: Some(3) }).unwrap();
    assert_eq!(it.hear("+OK aec3\r\n"), ["uid 3 aec3", "UidlOne 3 is +OK aec3"]);
    it.send(&RetrCommand { message: 3 }).unwrap();
    assert_eq!(
        it.hear("+OK 7 octets\r\na\r\n..b\r\n.\r\n"),
        ["message 3 +OK 7 octets", "<a\r\n>", "<.b\r\n>", "end", "Retr 3 is +OK"]
    );
    it.send(&TopCommand { message: 9, lines: 0 }).unwrap();
    assert_eq!(it.hear("-ERR No such message\r\n"), ["Top 9 is -ERR No such message"]);
    it.send(&DeleCommand { message: 3 }).unwrap();
    assert_eq!(it.hear("+OK\r\n"), ["Dele 3 is +OK"]);
    it.send(&QuitCommand).unwrap();
    assert_eq!(it.connection.state(), State::Update);
    let (events, end) = it.try_hear(b"+OK Bye\r\n");
    assert_eq!(events, ["Quit is +OK Bye"]);
    assert_eq!(end, Ok(Progress::Closed));
    assert_eq!(it.send(&NoopCommand), Err(UsageError::Closed.into()));
    assert_eq!(
        it.sent(),
        "STAT\r\nLIST\r\nLIST 3\r\nUIDL 3\r\nRETR 3\r\nTOP 9 0\r\nDELE 3\r\nQUIT\r\n"
    );
}

/// A session with everything in it.
const SESSION: &[u8] = b"+OK <1@x>\r\n+OK\r\nTOP\r\nSASL PLAIN\r\n.\r\n+OK\r\n-ERR [AUTH] no\r\n\
    +OK 3 4000\r\n+OK\r\n1 10\r\nx\r\n3  20 \r\n.\r\n+OK\r\n1   abc\r\n2\r\n..3 x\r\n.\r\n\
    +OK 9 octets\r\n.\r\n+OK\n..dot\nbare\n\n.\n+OK\r\nFrom: x\r\n\r\n..\r\n...\r\n\r\r\n.x.\r\n.\r\n\
    -ERR\r\n+ VXNl\r\n+\r\n+OK\r\n+OK\r\nen English\r\nde\r\n.\r\n+OK bye\r\n";

fn observe(capacity: usize, pieces: &mut dyn Iterator<Item = &[u8]>) -> Vec<String> {
    let mut it = Session::with_rx(Connection::observer(State::Greeting), capacity);
    for kind in [
        Kind::Capa,
        Kind::User,
        Kind::Pass,
        Kind::Stat,
        Kind::List,
        Kind::Uidl,
        Kind::Retr,
        Kind::Top,
        Kind::Retr,
        Kind::Dele,
        Kind::Auth,
        Kind::LangList,
        Kind::Quit,
    ] {
        it.connection.expect(kind).unwrap();
    }
    let mut all: Vec<String> = Vec::new();
    let mut end = Ok(Progress::NeedInput);
    for piece in pieces {
        let (events, now) = it.try_hear(piece);
        end = now;
        for event in events {
            match all.last_mut() {
                Some(last) if last.starts_with('<') && event.starts_with('<') => {
                    last.pop();
                    last.push_str(&event[1..]);
                }
                _ => all.push(event),
            }
        }
    }
    assert_eq!(end, Ok(Progress::NeedInput));
    it.closed = true;
    assert_eq!(it.try_hear(b"").1, Ok(Progress::Closed));
    all
}

#[test]
fn an_observer_hears_all_however_it_is_cut() {
    let whole = observe(256, &mut [SESSION].into_iter());
    let wanted = [
        "greeting +OK <1@x>",
        "Capa: +OK",
        "can TOP",
        "can SASL PLAIN",
        "Capa is +OK",
        "User is +OK",
        "Pass is -ERR[AUTH] no",
        "stat 3 4000",
        "Stat is +OK 3 4000",
        "List: +OK",
        "size 1 10",
        "malformed x",
        "size 3 20",
        "List is +OK",
        "Uidl: +OK",
        "uid 1 abc",
        "uid 2 ",
        "malformed ..3 x",
        "Uidl is +OK",
        "message +OK 9 octets",
        "end",
        "Retr is +OK",
        "message +OK",
        "<.dot\nbare\n\n>",
        "end",
        "Top is +OK",
        "message +OK",
        "<From: x\r\n\r\n.\r\n..\r\n\r\r\nx.\r\n>",
        "end",
        "Retr is +OK",
        "Dele is -ERR",
        "challenge VXNl",
        "challenge ",
        "Auth is +OK",
        "LangList: +OK",
        "language en English",
        "language de ",
        "LangList is +OK",
        "Quit is +OK bye",
    ];
    assert_eq!(whole, wanted);
    for at in 0..=SESSION.len() {
        let (before, after) = SESSION.split_at(at);
        assert_eq!(observe(256, &mut [before, after].into_iter()), wanted);
    }
    for capacity in [17, 32, 256] {
        for size in [1, 2, 3, 5, 7, 11] {
            assert_eq!(observe(capacity, &mut SESSION.chunks(size)), wanted);
        }
    }
}

#[test]
fn an_observer_needs_no_greeting() {
    let mut it = Session::new(Connection::observer(State::Transaction));
    it.connection.expect(Kind::ListOne).unwrap();
    it.connection.expect(Kind::UidlOne).unwrap();
    assert_eq!(
        it.hear("+OK 3 7\r\n+OK 3 x\r\n+OK what\r\n"),
        ["size 3 7", "ListOne is +OK 3 7", "uid 3 x", "UidlOne is +OK 3 x", "status +OK what"]
    );
    for _ in 0..IN_FLIGHT {
        it.connection.expect(Kind::Noop).unwrap();
    }
    let full = Error::from(ResourceError::TooManyInFlight);
    assert_eq!(it.connection.expect(Kind::Noop), Err(full));
    assert_eq!(it.send(&NoopCommand), Err(UsageError::Closed.into()));
    let mut client = Connection::new(Config::new());
    assert_eq!(client.expect(Kind::Noop), Err(UsageError::WrongState.into()));
}

#[test]
fn commands_in_a_row() {
    let mut it = Session::logged_in("PIPELINING");
    for message in 1..=4 {
        it.send(&RetrCommand { message }).unwrap();
        it.send(&DeleCommand { message }).unwrap();
    }
    it.send(&StatCommand).unwrap();
    it.send(&QuitCommand).unwrap();
    // Nothing behind QUIT.
    assert_eq!(it.send(&NoopCommand), Err(UsageError::WrongState.into()));
    assert_eq!(it.connection.in_flight(), 10);
    let mut events = it.hear("+OK\r\none\r\n.\r\n+OK\r\n-ERR gone\r\n-ERR gone\r\n");
    events.extend(it.hear("+OK\r\nthree\r\n.\r\n+OK\r\n+OK\r\n.\r\n+OK\r\n+OK 4 0\r\n"));
    assert_eq!(
        events,
        [
            "message 1 +OK",
            "<one\r\n>",
            "end",
            "Retr 1 is +OK",
            "Dele 1 is +OK",
            "Retr 2 is -ERR gone",
            "Dele 2 is -ERR gone",
            "message 3 +OK",
            "<three\r\n>",
            "end",
            "Retr 3 is +OK",
            "Dele 3 is +OK",
            "message 4 +OK",
            "end",
            "Retr 4 is +OK",
            "Dele 4 is +OK",
            "stat 4 0",
            "Stat is +OK 4 0",
        ]
    );
    assert_eq!(
        it.try_hear(b"-ERR some messages not removed\r\n"),
        (vec!["Quit is -ERR some messages not removed".to_string()], Ok(Progress::Closed))
    );
}

#[test]
fn a_batch_is_bounded() {
    let mut it = Session::logged_in("PIPELINING");
    for _ in 0..IN_FLIGHT {
        it.send(&NoopCommand).unwrap();
    }
    assert_eq!(it.send(&NoopCommand), Err(ResourceError::TooManyInFlight.into()));
    assert_eq!(it.hear("+OK\r\n"), ["Noop is +OK"]);
    it.send(&NoopCommand).unwrap();
}

#[test]
fn nothing_goes_past_a_login() {
    let mut it = Session::greeted("PIPELINING\r\nSTLS\r\nUTF8");
    let digest = super::super::ApopDigest([0; 16]);
    let alone: [&dyn Command; 6] = [
        &UserCommand { user: "a" },
        &PassCommand { password: "b".into() },
        &ApopCommand { user: "a", digest },
        &AuthCommand { mechanism: "PLAIN", initial_response: None },
        &StlsCommand,
        &Utf8Command,
    ];
    for command in alone {
        it.send(command).unwrap();
        for other in alone {
            assert_eq!(it.send(other), Err(UsageError::Busy.into()));
        }
        assert_eq!(it.send(&QuitCommand), Err(UsageError::Busy.into()));
        assert_eq!(it.send(&CapaCommand), Err(UsageError::Busy.into()));
        it.hear("-ERR no\r\n");
        assert_eq!(it.connection.state(), State::Authorization);
    }
    // A login waits for what is in flight.
    it.send(&CapaCommand).unwrap();
    assert_eq!(it.send(&PassCommand { password: "b".into() }), Err(UsageError::Busy.into()));
    it.send(&QuitCommand).unwrap();
}

#[test]
fn sasl() {
    let mut it = Session::greeted("SASL PLAIN XOAUTH2");
    let none = Response::EMPTY;
    assert_eq!(
        it.with(|connection, buffers| connection.respond(&none, &mut buffers.tx)),
        Err(UsageError::WrongState.into())
    );
    // Two steps, and a server whose challenge is not base64.
    it.send(&AuthCommand { mechanism: "XOAUTH2", initial_response: None }).unwrap();
    assert_eq!(it.hear("+ go ahead\r\n"), ["challenge go ahead"]);
    let token = Response::new(b"user=a").and(b"\x01\x01");
    it.with(|connection, buffers| connection.respond(&token, &mut buffers.tx)).unwrap();
    assert_eq!(it.hear("+ eyJ9\r\n"), ["challenge eyJ9"]);
    it.with(|connection, buffers| connection.cancel(&mut buffers.tx)).unwrap();
    assert_eq!(it.hear("-ERR [AUTH] cancelled\r\n"), ["Auth is -ERR[AUTH] cancelled"]);
    assert_eq!(it.sent(), "AUTH XOAUTH2\r\ndXNlcj1hAQE=\r\n*\r\n");
    // At once.
    let plain = Response::new(b"\0a\0b");
    it.send(&AuthCommand { mechanism: "PLAIN", initial_response: Some(&plain) }).unwrap();
    assert_eq!(it.hear("+OK\r\n"), ["Auth is +OK"]);
    assert_eq!(it.connection.state(), State::Transaction);
    assert_eq!(it.sent(), "AUTH PLAIN AGEAYg==\r\nCAPA\r\n");
}

#[test]
fn challenges_come_to_an_end() {
    let mut it = Session::greeted("");
    it.send(&AuthCommand { mechanism: "X", initial_response: None }).unwrap();
    for _ in 0..CHALLENGES {
        assert_eq!(it.hear("+\r\n"), ["challenge "]);
        // One that comes before the last was answered.
        assert_eq!(it.hear("+ x\r\n"), ["malformed + x"]);
        it.with(|connection, buffers| connection.respond(&Response::EMPTY, &mut buffers.tx))
            .unwrap();
        it.sent();
    }
    assert_eq!(it.try_hear(b"+\r\n").1, Err(PeerError::TooManyChallenges.into()));
    assert_eq!(it.try_hear(b"").1, Err(PeerError::TooManyChallenges.into()));
}

#[test]
fn stls() {
    let mut it = Session::greeted("STLS\r\nUTF8");
    it.send(&StlsCommand).unwrap();
    assert_eq!(it.hear("+OK Begin TLS\r\n"), ["Stls is +OK Begin TLS", "tls"]);
    assert_eq!(it.send(&NoopCommand), Err(UsageError::WrongState.into()));
    assert_eq!(it.send(&QuitCommand), Err(UsageError::Busy.into()));
    it.with(|connection, buffers| connection.tls_started(&buffers.rx)).unwrap();
    assert!(it.connection.capabilities().is_empty());
    it.sent();
    assert_eq!(it.hear(""), [""; 0]);
    assert_eq!(it.sent(), "CAPA\r\n");
    it.hear("+OK\r\nUTF8\r\n.\r\n");
    assert_eq!(it.send(&StlsCommand), Err(UsageError::NotOffered("STLS").into()));
    // RFC 6856 section 2.1.
    it.send(&Utf8Command).unwrap();
    it.hear("+OK\r\n");
    assert!(it.connection.is_utf8());
    assert_eq!(it.send(&StlsCommand), Err(UsageError::WrongState.into()));
}

/// No more of it is read than that it is there: Rx would be full at last.
#[test]
fn stls_with_a_voice_before_the_handshake() {
    let mut it = Session::greeted("STLS");
    it.send(&StlsCommand).unwrap();
    it.hear("+OK\r\n");
    assert_eq!(it.try_hear(b"+").1, Err(PeerError::DataBeforeTls.into()));
}

#[test]
fn stls_with_a_voice_in_clear() {
    for late in [false, true] {
        let mut it = Session::greeted("STLS");
        it.send(&StlsCommand).unwrap();
        let error = if late {
            it.hear("+OK\r\n");
            it.left.extend_from_slice(b"+OK you are root\r\n");
            it.with(|connection, buffers| connection.tls_started(&buffers.rx)).unwrap_err()
        } else {
            it.try_hear(b"+OK\r\n+OK you are root\r\n").1.unwrap_err()
        };
        assert_eq!(error, PeerError::DataBeforeTls.into());
        assert_eq!(it.try_hear(b"").1, Err(error));
    }
    let mut it = Session::greeted("STLS");
    it.send(&StlsCommand).unwrap();
    assert_eq!(it.hear("-ERR no TLS here\r\n"), ["Stls is -ERR no TLS here"]);
    it.send(&UserCommand { user: "a" }).unwrap();
}

#[test]
fn unoffered() {
    let mut config = Config::new();
    for allowed in [false, true] {
        config.send_unoffered = allowed;
        let mut it = Session::new(Connection::new(config));
        it.hear("+OK\r\n");
        it.hear("-ERR\r\n");
        let commands: [&dyn Command; 3] =
            [&StlsCommand, &Utf8Command, &LangCommand { language: None }];
        for command in commands {
            assert_eq!(it.send(command).is_ok(), allowed);
            if allowed {
                it.hear("-ERR\r\n");
            }
        }
    }
}

#[test]
fn greetings() {
    for (greeting, end) in [
        (&b"-ERR too many\r\n"[..], PeerError::Refused),
        (b"* OK IMAP4rev1\r\n", PeerError::BadGreeting),
        (b"220 smtp\r\n", PeerError::BadGreeting),
        (b"+ \r\n", PeerError::BadGreeting),
    ] {
        let mut it = Session::new(Connection::new(Config::new()));
        assert_eq!(it.try_hear(greeting).1, Err(end.into()));
    }
    let mut it = Session::new(Connection::new(Config::new()));
    let long = format!("+OK {}\r\n", "x".repeat(300));
    let events = it.hear(&long);
    assert!(events[0].starts_with("greeting +OK xxx") && events[0].ends_with("x…"), "{events:?}");
}

#[test]
fn ends() {
    // Nothing was asked.
    for (bytes, error) in [
        (&b""[..], PeerError::UnexpectedEof),
        (b"+OK hal", PeerError::UnexpectedEof),
        (b"+OK\r\n", PeerError::UnexpectedEof),
    ] {
        let mut it = Session::new(Connection::new(Config::new()));
        it.closed = true;
        assert_eq!(it.try_hear(bytes).1, Err(error.into()));
    }
    // The socket is closed on a bad password.
    let mut it = Session::greeted("");
    it.send(&PassCommand { password: "x".into() }).unwrap();
    it.closed = true;
    assert_eq!(it.try_hear(b"").1, Err(PeerError::UnexpectedEof.into()));
    // In a list, in a message.
    for kind in [Kind::List, Kind::Retr] {
        let mut it = Session::new(Connection::observer(State::Transaction));
        it.connection.expect(kind).unwrap();
        it.closed = true;
        assert_eq!(it.try_hear(b"+OK\r\n1 2\r\n").1, Err(PeerError::UnexpectedEof.into()));
    }
    // QUIT without an answer: before login that does no harm.
    let mut it = Session::greeted("");
    it.send(&QuitCommand).unwrap();
    it.closed = true;
    assert_eq!(it.try_hear(b"").1, Ok(Progress::Closed));
    let mut it = Session::logged_in("TOP");
    it.send(&QuitCommand).unwrap();
    it.closed = true;
    assert_eq!(it.try_hear(b"").1, Err(PeerError::UnexpectedEof.into()));
}

#[test]
fn silence() {
    let mut it = Session::new(Connection::new(Config::new()));
    it.now = Instant::from_millis(5);
    it.hear("");
    assert_eq!(it.connection.deadline(), Some(Instant::from_millis(60_005)));
    it.hear("+OK\r\n");
    it.hear("-ERR\r\n");
    // Nothing is owed.
    assert_eq!(it.connection.deadline(), None);
    it.send(&UserCommand { user: "a" }).unwrap();
    it.now = Instant::from_millis(100_000);
    it.hear("");
    it.now = Instant::from_millis(160_000);
    assert_eq!(it.try_hear(b"").1, Err(PeerError::Timeout.into()));

    // While a challenge waits, it is not the server that is awaited.
    let mut it = Session::greeted("SASL X");
    it.send(&AuthCommand { mechanism: "X", initial_response: None }).unwrap();
    it.hear("");
    assert_eq!(it.connection.deadline(), Some(Instant::from_millis(60_000)));
    assert_eq!(it.hear("+ \r\n"), ["challenge "]);
    it.now = Instant::from_millis(500_000);
    it.hear("");
    assert_eq!(it.connection.deadline(), None);
    it.with(|connection, buffers| connection.respond(&Response::EMPTY, &mut buffers.tx)).unwrap();
    it.hear("");
    assert_eq!(it.connection.deadline(), Some(Instant::from_millis(560_000)));
}

#[test]
fn odd_answers() {
    let mut it = Session::logged_in("TOP");
    // Blank lines, lower case, trailing blanks.
    it.send(&StatCommand).unwrap();
    assert_eq!(it.hear("\r\n\n+ok  2  320  \r\n"), ["stat 2 320", "Stat is +OK 2  320"]);
    it.send(&StatCommand).unwrap();
    assert_eq!(it.hear("+OK\r\n"), ["malformed +OK", "Stat is +OK"]);
    it.send(&StatCommand).unwrap();
    assert_eq!(it.hear("nonsense\r\n+ x\r\n+OK 1 1\r\n").len(), 4);
    // What nobody asked for.
    assert_eq!(it.hear("-ERR idle for too long\r\n"), ["status -ERR idle for too long"]);
    // Codes.
    it.send(&NoopCommand).unwrap();
    let (_, end) = it.try_hear(b"-ERR [SYS/TEMP] later\r\n");
    assert_eq!(end, Ok(Progress::NeedInput));
    let mut it = Session::logged_in("TOP");
    it.send(&NoopCommand).unwrap();
    it.left = b"-ERR [IN-USE] busy\r\n".to_vec();
    it.with(|connection, buffers| {
        assert_eq!(connection.advance(buffers, Instant::ZERO), Ok(Progress::Event));
        let Event::Completed { response, .. } = connection.event(buffers) else { panic!() };
        assert_eq!(response.text.code, Some(Code::InUse));
        assert!(!response.is_ok());
    });
}

#[test]
fn lines_that_do_not_fit() {
    let mut it = Session::with_rx(Connection::observer(State::Transaction), 16);
    let long = "y".repeat(100);
    for kind in [Kind::Uidl, Kind::Retr, Kind::Auth, Kind::Noop] {
        it.connection.expect(kind).unwrap();
    }
    let wire = format!(
        "+OK {long}\r\n1 {long}\r\n2 b\r\n.\r\n+OK {long}\r\n.\r\n+ {long}\r\n-ERR {long}\r\n"
    );
    let y = |count| "y".repeat(count);
    assert_eq!(
        it.hear(&wire),
        [
            format!("Uidl: +OK {}…", y(12)),
            format!("oversized 1 {}", y(14)),
            "uid 2 b".into(),
            "Uidl is +OK".into(),
            format!("message +OK {}…", y(12)),
            "end".into(),
            "Retr is +OK".into(),
            format!("oversized + {}", y(14)),
            format!("Auth is -ERR {}…", y(11)),
        ]
    );
}

/// 100,000 lines, a line of a megabyte, through 256 bytes.
#[test]
fn much() {
    let mut it = Session::new(Connection::observer(State::Transaction));
    for kind in [Kind::List, Kind::Uidl, Kind::Retr] {
        it.connection.expect(kind).unwrap();
    }
    let mut wire = String::from("+OK\r\n");
    for number in 1..=100_000 {
        wire.push_str(&format!("{number} {}\r\n", number * 7));
    }
    wire.push_str(".\r\n");
    let events = it.hear(&wire);
    assert_eq!(events.len(), 100_002);
    assert_eq!(events[100_000], "size 100000 700000");
    assert_eq!(it.hear(&wire.replace("+OK", "+OK uids")).len(), 100_002);
    let line = ".long".repeat(200_000);
    let (mut events, end) = it.try_hear(format!("+OK\r\n.{line}\r\n.\r\n").as_bytes());
    assert_eq!(end, Ok(Progress::NeedInput));
    assert_eq!(events.split_off(events.len() - 2), ["end", "Retr is +OK"]);
    let text: String = events[1..].iter().map(|it| &it[1..it.len() - 1]).collect();
    assert_eq!(text, line + "\r\n");
}

#[test]
fn the_programs_own_commands() {
    struct Own(Kind);
    impl Command for Own {
        fn kind(&self) -> Kind {
            self.0
        }
        fn encode(&self, out: &mut Encoder<'_, '_>) {
            out.raw(b"XTND");
        }
    }
    let mut it = Session::logged_in("PIPELINING");
    it.send(&Own(Kind::Custom)).unwrap();
    assert_eq!(it.hear("+OK 1\r\n"), ["Custom is +OK 1"]);
    it.send(&Own(Kind::CustomLines)).unwrap();
    assert_eq!(
        it.hear("+OK\r\n..a\r\n\r\nb\r\n.\r\n"),
        ["CustomLines: +OK", "line .a", "line ", "line b", "CustomLines is +OK"]
    );
}

#[test]
fn what_does_not_fit_tx_is_not_sent() {
    let mut connection = Connection::new(Config::new());
    let (mut rx, mut tx) = ([0; 64], [0; 8]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    buffers.rx.fill(b"+OK\r\n");
    assert_eq!(connection.advance(&mut buffers, Instant::ZERO), Ok(Progress::Event));
    let unknown = UsageError::CapabilitiesUnknown;
    assert_eq!(connection.send(&StlsCommand, &mut buffers.tx), Err(unknown.into()));
    let full = ResourceError::TxFull { needed: 12, capacity: 8 };
    let command = UserCommand { user: "alice" };
    assert_eq!(connection.send(&command, &mut buffers.tx), Err(full.into()));
    assert!(connection.is_quiet() && buffers.tx.is_empty());
}
