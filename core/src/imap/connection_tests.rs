//! The connection, driven by what servers say.

use super::command::*;
use super::event::{Fetch as FetchEvent, StatusResponse};
use super::*;
use crate::sasl::Response;
use crate::{
    Buffers, Duration, Error, Instant, Machine as _, PeerError, Progress, ResourceError, UsageError,
};
use std::format;
use std::string::{String, ToString as _};
use std::vec;
use std::vec::Vec;

/// A connection with both of its ends.
struct Session {
    connection: Connection,
    buffers: Buffers<'static>,
    now: Instant,
    /// Whether input comes a byte at a time.
    slow: bool,
}

impl Session {
    fn new(connection: Connection, rx: usize, tx: usize) -> Self {
        let (rx, tx) = (vec![0; rx].leak(), vec![0; tx].leak());
        let buffers = Buffers::new(rx, tx);
        Self { connection, buffers, now: Instant::ZERO, slow: false }
    }

    /// A connection that was greeted with these capabilities, and so asks for none.
    fn greeted(capabilities: &str) -> Self {
        let mut this = Self::new(Connection::new(Config::new()), 256, 256);
        this.hears(&format!("* OK [CAPABILITY {capabilities}] hi\r\n"), &["greeting OK hi"]);
        this
    }

    fn logged_in(capabilities: &str) -> Self {
        let mut this = Self::new(Connection::new(Config::new()), 256, 256);
        let greeting = format!("* PREAUTH [CAPABILITY {capabilities}] hi\r\n");
        this.hears(&greeting, &["greeting PREAUTH hi"]);
        assert_eq!(this.connection.state(), State::Authenticated);
        this
    }

    fn selected(capabilities: &str) -> Self {
        let mut this = Self::logged_in(capabilities);
        this.send(&SelectCommand::new("INBOX"), "A1 SELECT \"INBOX\"\r\n");
        this.hears("* 9 EXISTS\r\nA1 OK [READ-WRITE] x\r\n", &["9 EXISTS", "A1 OK x"]);
        assert_eq!(this.connection.state(), State::Selected);
        this
    }

    /// Logged in, with A1 spent on ENABLE.
    fn enabled(capabilities: &str, enabled: &str) -> Self {
        let mut this = Self::logged_in(&format!("{capabilities} ENABLE {enabled}"));
        let enable = EnableCommand { capabilities: &[enabled] };
        this.send(&enable, &format!("A1 ENABLE {enabled}\r\n"));
        let told = format!("* ENABLED {enabled}\r\nA1 OK\r\n");
        this.hears(&told, &["ENABLED", "A1 OK"]);
        this
    }

    /// The same, and with A2 spent on SELECT.
    fn enabled_selected(capabilities: &str, enabled: &str) -> Self {
        let mut this = Self::enabled(capabilities, enabled);
        this.send(&SelectCommand::new("INBOX"), "A2 SELECT \"INBOX\"\r\n");
        this.hears("A2 OK x\r\n", &["A2 OK x"]);
        this
    }

    /// What happens until more input is awaited. The last line is an error, or `closed`.
    fn listen(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            match self.connection.advance(&mut self.buffers, self.now) {
                Ok(Progress::Event) => heard.push(short(self.connection.event(&self.buffers))),
                Ok(Progress::NeedInput) => return heard,
                Ok(Progress::Closed) => {
                    heard.push("closed".into());
                    return heard;
                }
                Err(error) => {
                    assert_eq!(self.connection.advance(&mut self.buffers, self.now), Err(error));
                    heard.push(format!("{error:?}"));
                    return heard;
                }
            }
        }
    }

    fn hear(&mut self, mut input: &[u8]) -> Vec<String> {
        let mut heard = self.listen();
        while !input.is_empty() {
            let most = if self.slow { 1 } else { input.len() };
            let taken = self.buffers.rx.fill(&input[..most]);
            assert!(taken > 0, "no room, having heard {heard:?}");
            input = &input[taken..];
            heard.extend(self.listen());
            if heard.last().is_some_and(|last| last.starts_with("Peer(")) {
                break;
            }
        }
        heard
    }

    #[track_caller]
    fn hears(&mut self, input: &str, events: &[&str]) {
        assert_eq!(self.hear(input.as_bytes()), events);
    }

    /// What the server gets to see.
    fn sent(&mut self) -> String {
        let sent = String::from_utf8_lossy(self.buffers.tx.pending()).into_owned();
        self.buffers.tx.consume(sent.len());
        sent
    }

    #[track_caller]
    fn sends(&mut self, bytes: &str) {
        assert_eq!(self.sent(), bytes);
    }

    fn try_send(&mut self, command: &dyn Command) -> Result<Tag, Error> {
        self.connection.send(command, &mut self.buffers.tx)
    }

    #[track_caller]
    fn send(&mut self, command: &dyn Command, bytes: &str) {
        self.try_send(command).unwrap();
        self.sends(bytes);
    }

    #[track_caller]
    fn refuses(&mut self, command: &dyn Command, error: impl Into<Error>) {
        let before = self.buffers.tx.pending().to_vec();
        assert_eq!(self.try_send(command), Err(error.into()));
        assert_eq!(self.buffers.tx.pending(), before);
    }

    fn close(&mut self) -> Vec<String> {
        self.buffers.rx.close();
        self.listen()
    }
}

fn short(event: Event<'_>) -> String {
    let words = |it: StatusResponse<'_>| {
        let cut = if it.truncated { "…" } else { "" };
        format!("{} {}{cut}", it.status, it.text.text).trim_end().to_string()
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match event {
        Event::Greeting(it) => format!("greeting {}", words(it)),
        Event::Status(it) => words(it),
        Event::Completed { tag, response } => format!("{tag} {}", words(response)),
        Event::Exists(n) => format!("{n} EXISTS"),
        Event::Recent(n) => format!("{n} RECENT"),
        Event::Expunge(n) => format!("{n} EXPUNGE"),
        Event::Search { numbers, more } | Event::Sort { numbers, more } => {
            format!(
                "{} {:?}{}",
                if matches!(event, Event::Sort { .. }) { "SORT" } else { "SEARCH" },
                numbers.into_iter().collect::<Vec<_>>(),
                if more { " more" } else { "" }
            )
        }
        Event::Esearch { found, more } => {
            format!("ESEARCH {:?} {more}", found.all().map(|it| it.to_string()))
        }
        Event::Thread { threads, more } => {
            format!("THREAD {} {:?} {more}", threads.depth(), threads.iter().collect::<Vec<_>>())
        }
        Event::UidBatches { batches, more } => {
            format!("UIDBATCHES {:?} {} {more}", batches.tag(), batches.batches())
        }
        Event::Vanished { earlier, uids, more } => format!("VANISHED {earlier} {uids} {more}"),
        Event::Capability { capabilities, more } => {
            format!("CAPABILITY {}{}", capabilities.iter().count(), if more { " more" } else { "" })
        }
        Event::Code(code) => format!("code {code:?}"),
        Event::Flags { flags, more } => {
            format!("FLAGS {}{}", flags.iter().count(), if more { " more" } else { "" })
        }
        Event::List(list) => format!("LIST {}", list.mailbox),
        Event::MailboxStatus(it) => format!("STATUS {}", it.mailbox),
        Event::Enabled(_) => "ENABLED".into(),
        Event::Fetch(FetchEvent::Start { seq: Some(seq), .. }) => format!("fetch {seq}"),
        Event::Fetch(FetchEvent::Start { uid, .. }) => format!("uidfetch {}", uid.unwrap()),
        Event::Fetch(FetchEvent::Item(Item::Uid(uid))) => format!("UID {uid}"),
        Event::Fetch(FetchEvent::Item(_)) => "item".into(),
        Event::Fetch(FetchEvent::Body(_)) => "body".into(),
        Event::Fetch(FetchEvent::Chunk(_)) => "chunk".into(),
        Event::Fetch(FetchEvent::Malformed { raw }) => format!("malformed item {}", text(raw)),
        Event::Fetch(FetchEvent::Oversized { .. }) => "oversized item".into(),
        Event::Fetch(FetchEvent::End) => "end".into(),
        Event::Challenge { tag, challenge, truncated } => {
            format!("{tag} challenge {}{}", text(challenge), if truncated { "…" } else { "" })
        }
        Event::Idling { tag } => format!("{tag} idling"),
        Event::SendLiteral { tag, remaining } => format!("{tag} send {remaining}"),
        Event::NextPart { tag } => format!("{tag} next"),
        Event::CancellingLiteral { tag, remaining } => format!("{tag} cancelling {remaining}"),
        Event::StartTls { tag } => format!("{tag} start TLS"),
        Event::Compress { tag } => format!("{tag} compress"),
        Event::CompressEnd { tag } => format!("{tag} end compression"),
        Event::Continuation(it) => format!("+ {}", it.text).trim_end().into(),
        Event::Other { number, name, data } => {
            let number = number.map(|n| format!("{n} ")).unwrap_or_default();
            format!("other {number}{} {}", text(name), text(data)).trim_end().into()
        }
        Event::Malformed(raw) => format!("malformed {}", text(raw)),
        Event::Oversized(_) => "oversized".into(),
        _ => format!("{event:?}"),
    }
}

const INBOX: SelectCommand<'_> = SelectCommand::new("INBOX");

fn login<'a>(user: &'a str, password: &'a str) -> LoginCommand<'a> {
    LoginCommand { user, password: password.into() }
}

fn peer(error: PeerError) -> String {
    format!("{:?}", Error::from(error))
}

#[test]
fn greetings() {
    for (greeting, events, state) in [
        ("* OK hi\r\n", vec!["greeting OK hi"], State::NotAuthenticated),
        ("\r\n* ok\r\n", vec!["greeting OK"], State::NotAuthenticated),
        ("* PREAUTH \u{e4}\r\n", vec!["greeting PREAUTH \u{e4}"], State::Authenticated),
        ("* BYE no\r\n", vec!["greeting BYE no", "Peer(Refused)"], State::Greeting),
        ("* NO x\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
        ("A1 OK x\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
        ("* CAPABILITY IMAP4rev1\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
        ("* 1 FETCH (UID 1)\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
        ("+OK POP3\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
        ("220 smtp ESMTP\r\n", vec!["Peer(BadGreeting)"], State::Greeting),
    ] {
        for slow in [false, true] {
            let mut it = Session::new(Connection::new(Config::new()), 256, 256);
            it.slow = slow;
            assert_eq!(it.try_send(&NoopCommand), Err(UsageError::WrongState.into()));
            it.hears(greeting, &events);
            assert_eq!(it.connection.state(), state, "{greeting}");
        }
    }
}

#[test]
fn capabilities_are_asked_for_when_they_are_not_told() {
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.hears("* OK hi\r\n", &["greeting OK hi"]);
    it.sends("A1 CAPABILITY\r\n");
    assert!(!it.connection.knows_capabilities());
    it.refuses(&login("u", "p"), UsageError::CapabilitiesUnknown);
    it.hears("* CAPABILITY IMAP4rev1\r\n", &["CAPABILITY 1"]);
    it.refuses(&login("u", "p"), UsageError::Busy);
    it.hears("A1 OK x\r\n", &["A1 OK x"]);
    assert!(it.connection.knows_capabilities());
    it.sends("");
    // A login that fails changes nothing; one that does may.
    it.send(&login("u", "p"), "A2 LOGIN \"u\" \"p\"\r\n");
    it.hears("A2 NO x\r\n", &["A2 NO x"]);
    it.sends("");
    it.send(&login("u", "p"), "A3 LOGIN \"u\" \"p\"\r\n");
    it.hears("A3 OK x\r\n", &["A3 OK x"]);
    it.sends("A4 CAPABILITY\r\n");
    // None told: not asked again.
    it.hears("A4 BAD x\r\n", &["A4 BAD x"]);
    it.sends("");

    let mut it = Session::greeted("IMAP4rev1");
    it.sends("");
    it.send(&login("u", "p"), "A1 LOGIN \"u\" \"p\"\r\n");
    it.hears("A1 OK [CAPABILITY IMAP4rev1 IDLE] x\r\n", &["A1 OK x"]);
    it.sends("");
    assert!(it.connection.capabilities().contains(&Capability::Idle));

    // A caller that sends at once, and before all else a login.
    let mut unoffered = Config::new();
    unoffered.send_unoffered = true;
    for (config, refused) in [(Config::new(), true), (unoffered, false)] {
        let mut it = Session::new(Connection::new(config), 256, 256);
        it.buffers.rx.fill(b"* OK hi\r\n");
        it.connection.advance(&mut it.buffers, Instant::ZERO).unwrap();
        let unknown = UsageError::CapabilitiesUnknown;
        it.refuses(&login("u", "p"), if refused { unknown } else { UsageError::Busy });
        it.sends("A1 CAPABILITY\r\n");
        it.hears("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n", &["CAPABILITY 2"]);
        it.hears("A1 OK x\r\n", &["A1 OK x"]);
        if refused {
            it.refuses(&login("u", "p"), UsageError::NotOffered("LOGIN"));
        } else {
            it.send(&login("u", "p"), "A2 LOGIN \"u\" \"p\"\r\n");
        }
    }
}

#[test]
fn the_connections_own_capability_is_in_nobodys_way() {
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.buffers.rx.fill(b"* PREAUTH hi\r\n");
    assert_eq!(it.connection.advance(&mut it.buffers, Instant::ZERO), Ok(Progress::Event));
    // It went before what the caller sends at once.
    it.send(&INBOX, "A1 CAPABILITY\r\nA2 SELECT \"INBOX\"\r\n");
    it.hears("A2 OK x\r\n", &["A2 OK x"]);
    // The server may tell of an EXPUNGE while it runs (RFC 9051 section 7.5.1).
    let items = &[Fetch::Uid];
    it.refuses(&FetchCommand::new(1, items), UsageError::Busy);
    it.refuses(&IdleCommand, UsageError::CapabilitiesUnknown);
    it.refuses(&UidExpungeCommand { messages: 1.into() }, UsageError::CapabilitiesUnknown);
    let saved = FetchCommand::uid(SequenceSet::SEARCH_RESULT, items);
    it.refuses(&saved, UsageError::CapabilitiesUnknown);
    it.send(&FetchCommand::uid(1, items), "A3 UID FETCH 1 UID\r\n");
    it.hears("* CAPABILITY IMAP4rev1\r\n", &["CAPABILITY 1"]);
    it.refuses(&IdleCommand, UsageError::Busy);
    it.hears("A3 OK\r\n", &["A3 OK"]);
    it.refuses(&IdleCommand, UsageError::NotOffered("IDLE"));
    it.refuses(&saved, UsageError::NotOffered("SEARCHRES"));
    it.send(&LogoutCommand, "A4 LOGOUT\r\n");
    it.hears("A1 OK\r\n* BYE\r\nA4 OK\r\n", &["A1 OK", "BYE", "A4 OK", "closed"]);

    // The caller's own is.
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&CapabilityCommand, "A1 CAPABILITY\r\n");
    it.refuses(&INBOX, UsageError::Busy);

    // Before the handshake, or the login, nothing is pipelined.
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.hears("* OK hi\r\n", &["greeting OK hi"]);
    it.refuses(&StartTlsCommand, UsageError::CapabilitiesUnknown);
    it.refuses(&AuthenticateCommand::new("PLAIN"), UsageError::Busy);
    it.hears("* CAPABILITY STARTTLS\r\n", &["CAPABILITY 1"]);
    it.refuses(&StartTlsCommand, UsageError::Busy);
}

#[test]
fn arguments_need_capabilities_too() {
    let response = Response::new(b"x");
    let authenticate = AuthenticateCommand::new("PLAIN").initial_response(&response);
    let mut it = Session::greeted("IMAP4rev1");
    it.refuses(&authenticate, UsageError::NotOffered("SASL-IR"));
    let mut it = Session::greeted("IMAP4rev1 SASL-IR");
    it.send(&authenticate, "A1 AUTHENTICATE PLAIN eA==\r\n");

    let condstore = INBOX.parameters(&[SelectParameter::CondStore]);
    let counted = SearchCommand::new(&[]).uid().returns(&[SearchReturn::Count]);
    let saved = SearchCommand::new(&[]).uid().returns(&[SearchReturn::Save]);
    let many = ListCommand::new(&["a", "b"]);
    let special = ListCommand::new(&["*"]).returns(&[ListReturn::SpecialUse]);
    let status = ListCommand::new(&["*"]).returns(&[ListReturn::Status(&[StatusItem::Messages])]);
    let create = CreateCommand::new("a").special_use(&[Attribute::Sent]);
    let binary = FetchCommand::uid(1, &[Fetch::BinarySize { part: SectionPart::WHOLE }]);
    let append = AppendCommand::new("a", 1).binary();
    let size = StatusCommand::new("a", &[StatusItem::Size]);
    let deleted = StatusCommand::new("a", &[StatusItem::Deleted]);
    let limit = StatusCommand::new("a", &[StatusItem::AppendLimit]);
    let needs: [(&dyn Command, &str, bool); 12] = [
        (&condstore, "CONDSTORE", false),
        (&counted, "ESEARCH", true),
        (&saved, "SEARCHRES", true),
        // RFC 9051 appendix C: this alone of LIST-EXTENDED is no part of IMAP4rev2.
        (&many, "LIST-EXTENDED", false),
        (&special, "SPECIAL-USE", false),
        (&status, "LIST-STATUS", true),
        (&create, "CREATE-SPECIAL-USE", false),
        (&binary, "BINARY", true),
        // RFC 9051 appendix B: nor is this of BINARY.
        (&append, "BINARY", false),
        (&size, "STATUS=SIZE", true),
        (&deleted, "QUOTA=RES-MESSAGE", true),
        (&limit, "APPENDLIMIT", false),
    ];
    for (command, need, in_rev2) in needs {
        let base = match need {
            "SEARCHRES" => "IMAP4rev1 ESEARCH",
            "LIST-STATUS" | "SPECIAL-USE" => "IMAP4rev1 LIST-EXTENDED",
            _ => "IMAP4rev1",
        };
        let not_offered = UsageError::NotOffered(need);
        Session::selected(base).refuses(command, not_offered);
        assert!(Session::selected(&format!("{base} {need}")).try_send(command).is_ok(), "{need}");
        // IMAP4rev2 beside IMAP4rev1 is none until it is enabled.
        Session::selected(&format!("{base} IMAP4rev2")).refuses(command, not_offered);
        let mut it = Session::logged_in("IMAP4rev1 IMAP4rev2 ENABLE LIST-EXTENDED");
        let enable = EnableCommand { capabilities: &["IMAP4rev2"] };
        it.send(&enable, "A1 ENABLE IMAP4rev2\r\n");
        it.hears("* ENABLED IMAP4rev2\r\nA1 OK\r\n", &["ENABLED", "A1 OK"]);
        it.try_send(&INBOX).unwrap();
        it.sent();
        it.hears("A2 OK\r\n", &["A2 OK"]);
        if need != "LIST-EXTENDED" {
            assert_eq!(it.try_send(command).is_ok(), in_rev2, "{need}");
        }
        let mut it = Session::selected("IMAP4rev2");
        assert_eq!(it.try_send(command).is_ok(), in_rev2, "{need}");
    }

    let mut config = Config::new();
    config.send_unoffered = true;
    let mut it = Session::new(Connection::new(config), 256, 256);
    it.hears("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n", &["greeting PREAUTH hi"]);
    it.try_send(&special).unwrap();
}

#[test]
fn login_with_literals_waits_behind_gates() {
    let mut it = Session::greeted("IMAP4rev1");
    it.try_send(&login("j\u{fc}rgen", "p\u{e4}ss")).unwrap();
    it.sends("A1 LOGIN {7}\r\n");
    it.refuses(&NoopCommand, UsageError::Busy);
    it.hears("* OK still here\r\n", &["OK still here"]);
    it.sends("");
    it.hears("+ go\r\n", &[]);
    it.sends("j\u{fc}rgen {5}\r\n");
    it.hears("+\r\n", &[]);
    it.sends("p\u{e4}ss\r\n");
    assert!(it.buffers.tx.is_empty());
    it.hears("A1 OK [CAPABILITY IMAP4rev1] x\r\n", &["A1 OK x"]);

    // Refused in place of the `+`.
    let mut it = Session::greeted("IMAP4rev1");
    it.try_send(&login("alice", "p\u{e4}ss")).unwrap();
    it.sends("A1 LOGIN \"alice\" {5}\r\n");
    it.hears("A1 NO no literals here\r\n", &["A1 NO no literals here"]);
    it.sends("");
    assert!(it.buffers.tx.is_empty());
    it.send(&NoopCommand, "A2 NOOP\r\n");

    // A needless `+` opens nothing before the gate is reached.
    let mut it = Session::greeted("IMAP4rev1");
    it.try_send(&login("alice", "p\u{e4}ss")).unwrap();
    it.hears("+ x\r\n", &["+ x"]);
    it.sends("A1 LOGIN \"alice\" {5}\r\n");
    it.sends("");

    for plus in ["IMAP4rev1 LITERAL+", "IMAP4rev1 LITERAL-", "IMAP4rev2"] {
        let mut it = Session::greeted(plus);
        it.send(&login("alice", "p\u{e4}ss"), "A1 LOGIN \"alice\" {5+}\r\np\u{e4}ss\r\n");
    }
    // IMAP4rev2 is only what the server speaks once it is enabled.
    let mut it = Session::greeted("IMAP4rev1 IMAP4rev2");
    it.send(&login("alice", "p\u{e4}ss"), "A1 LOGIN \"alice\" {5}\r\n");
    let mut it = Session::logged_in("IMAP4rev1 IMAP4rev2 ENABLE");
    it.send(&AppendCommand::new("a", 9), "A1 APPEND \"a\" {9}\r\n");
    let mut it = Session::logged_in("IMAP4rev1 IMAP4rev2 ENABLE");
    it.send(&EnableCommand { capabilities: &["IMAP4rev2"] }, "A1 ENABLE IMAP4rev2\r\n");
    it.hears("* ENABLED IMAP4rev2\r\nA1 OK\r\n", &["ENABLED", "A1 OK"]);
    it.send(&AppendCommand::new("a", 9), "A2 APPEND \"a\" {9+}\r\n");
}

#[test]
fn a_literal8_waits_unless_all_of_binary_is_offered() {
    for (capabilities, bytes) in [
        ("IMAP4rev1 BINARY", "~{9}"),
        ("IMAP4rev1 BINARY LITERAL-", "~{9+}"),
        ("IMAP4rev1 BINARY LITERAL+", "~{9+}"),
        ("IMAP4rev2 BINARY", "~{9+}"),
    ] {
        let mut it = Session::logged_in(capabilities);
        let append = AppendCommand::new("a", 9).binary();
        it.send(&append, &format!("A1 APPEND \"a\" {bytes}\r\n"));
    }
    // RFC 6855 needs no BINARY for it, and allows no `+`.
    let mut it = Session::enabled("IMAP4rev1 LITERAL+", "UTF8=ACCEPT");
    let append = AppendCommand::with("a", AppendMessage::new(9).utf8());
    it.send(&append, "A2 APPEND \"a\" () UTF8 (~{9}\r\n");
}

#[test]
fn a_literal_moves_no_bytes_while_there_is_room() {
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&AppendCommand::new("Sent", 1000), "A1 APPEND \"Sent\" {1000}\r\n");
    it.hears("+ go\r\n", &["A1 send 1000"]);
    assert_eq!(it.connection.write_literal(&[b'a'; 200], &mut it.buffers.tx), 200);
    it.buffers.tx.consume(100);
    let at = it.buffers.tx.pending().as_ptr();
    assert_eq!(it.connection.write_literal(&[b'b'; 50], &mut it.buffers.tx), 50);
    assert_eq!(it.buffers.tx.pending().as_ptr(), at);
    assert_eq!(it.connection.write_literal(&[b'c'; 50], &mut it.buffers.tx), 50);
    assert_ne!(it.buffers.tx.pending().as_ptr(), at);
    assert_eq!(it.sent(), ["a".repeat(100), "b".repeat(50), "c".repeat(50)].concat());
}

/// What is still in Tx when it is answered would go out and announce a literal that is never
/// sent: the server would take the next command for it.
#[test]
fn a_command_that_is_not_sent_cannot_be_answered() {
    let early = peer(PeerError::AnsweredEarly);
    let mut it = Session::greeted("IMAP4rev1");
    it.try_send(&login("alice", "p\u{e4}ss")).unwrap();
    it.hears("A1 NO x\r\n", &[&early]);
    it.refuses(&NoopCommand, UsageError::Closed);

    let mut it = Session::logged_in("IMAP4rev1");
    it.try_send(&AppendCommand::new("a", 5)).unwrap();
    it.buffers.tx.consume(3);
    it.hears("A1 NO x\r\n", &[&early]);

    let mut it = Session::selected("IMAP4rev1 IDLE");
    it.try_send(&IdleCommand).unwrap();
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.hears("A2 NO x\r\n", &[&early]);

    // Whoever guesses the tag makes no handshake out of it.
    let mut it = Session::greeted("IMAP4rev1 STARTTLS");
    it.try_send(&StartTlsCommand).unwrap();
    it.hears("A1 OK x\r\n", &[&early]);
}

#[test]
fn nothing_is_injected() {
    let mut it = Session::logged_in("IMAP4rev1");
    let evil = "a\r\nA9 DELETE INBOX\r\n";
    it.try_send(&SelectCommand::new(evil)).unwrap();
    it.sends("A1 SELECT \"a&AA0ACg-A9 DELETE INBOX&AA0ACg-\"\r\n");
    it.hears("A1 NO x\r\n", &["A1 NO x"]);
    let error = it.try_send(&SelectCommand::new("a\0b")).unwrap_err();
    assert!(matches!(error, Error::Usage(UsageError::InvalidArgument(_))));
    assert!(it.buffers.tx.is_empty());
    let mut it = Session::greeted("IMAP4rev1");
    it.try_send(&login("u", "p\r\nA9 NOOP")).unwrap();
    it.sends("A1 LOGIN \"u\" {10}\r\n");
    it.hears("A1 NO x\r\n", &["A1 NO x"]);
    assert!(it.buffers.tx.is_empty());
    for mechanism in ["PLAIN\r\nA2 NOOP", "PLAIN x", "", "PL\"AIN", "PLAIN{3}"] {
        let error = it.try_send(&AuthenticateCommand::new(mechanism)).unwrap_err();
        assert!(matches!(error, Error::Usage(UsageError::InvalidArgument(_))), "{mechanism}");
    }
    assert!(it.buffers.tx.is_empty());
}

#[test]
fn a_command_that_does_not_fit_is_not_begun() {
    let mut it = Session::new(Connection::new(Config::new()), 256, 16);
    it.hears("* PREAUTH [CAPABILITY IMAP4rev1] x\r\n", &["greeting PREAUTH x"]);
    it.refuses(&INBOX, ResourceError::TxFull { needed: 19, capacity: 16 });
    it.send(&NoopCommand, "A1 NOOP\r\n");
}

#[test]
fn tags() {
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&NoopCommand, "A1 NOOP\r\n");
    it.send(&ListCommand::new(&["*"]), "A2 LIST \"\" \"*\"\r\n");
    // Out of order; a stranger's; again; in lower case.
    it.hears(
        "* LIST () \"/\" a\r\nA2 OK x\r\nA7 OK x\r\nA2 BAD x\r\na1 OK x\r\nA1 PREAUTH\r\nA1 OK\r\n",
        &["LIST a", "A2 OK x", "A7 OK x", "A2 BAD x", "a1 OK x", "malformed A1 PREAUTH", "A1 OK"],
    );
    assert!(it.connection.is_quiet());
    for _ in 0..8 {
        it.try_send(&NoopCommand).unwrap();
        it.sent();
    }
    it.refuses(&NoopCommand, ResourceError::TooManyInFlight);
}

#[test]
fn which_command_when() {
    let set = SequenceSet::from(1);
    let items = &[Fetch::Uid];
    let uid_fetch = FetchCommand::uid(set, items);
    let fetch = FetchCommand::new(set, items);

    let mut it = Session::greeted("IMAP4rev1 LOGINDISABLED");
    it.refuses(&INBOX, UsageError::WrongState);
    it.refuses(&fetch, UsageError::WrongState);
    it.refuses(&IdleCommand, UsageError::WrongState);
    it.refuses(&StartTlsCommand, UsageError::NotOffered("STARTTLS"));
    it.refuses(&login("u", "p"), UsageError::NotOffered("LOGIN"));

    let mut it = Session::logged_in("IMAP4rev1");
    it.refuses(&login("u", "p"), UsageError::WrongState);
    it.refuses(&StartTlsCommand, UsageError::WrongState);
    it.refuses(&fetch, UsageError::WrongState);
    it.refuses(&CloseCommand, UsageError::WrongState);
    it.refuses(&IdleCommand, UsageError::NotOffered("IDLE"));

    let mut it = Session::selected("IMAP4rev1 IDLE");
    it.refuses(&UnselectCommand, UsageError::NotOffered("UNSELECT"));
    // Sequence numbers must not move under a command that names them.
    it.send(&fetch, "A2 FETCH 1 UID\r\n");
    it.send(&fetch, "A3 FETCH 1 UID\r\n");
    it.send(&NoopCommand, "A4 NOOP\r\n");
    it.refuses(&fetch, UsageError::Busy);
    it.send(&uid_fetch, "A5 UID FETCH 1 UID\r\n");
    for alone in [&INBOX as &dyn Command, &IdleCommand, &CloseCommand, &LogoutCommand] {
        it.refuses(alone, UsageError::Busy);
    }
    it.hear(b"A2 OK\r\nA3 OK\r\nA4 OK\r\n");
    it.refuses(&fetch, UsageError::Busy);
    it.hears("A5 OK\r\n", &["A5 OK"]);
    it.send(&INBOX, "A6 SELECT \"INBOX\"\r\n");
    it.refuses(&NoopCommand, UsageError::Busy);
    it.hears("A6 NO x\r\n", &["A6 NO x"]);
    it.refuses(&fetch, UsageError::WrongState);
    it.send(&LogoutCommand, "A7 LOGOUT\r\n");
    it.hears("* BYE x\r\nA7 OK x\r\n", &["BYE x", "A7 OK x", "closed"]);
    it.refuses(&NoopCommand, UsageError::Closed);
    assert_eq!(it.close(), ["closed"]);

    // RFC 9051 section 6.3.1.
    let enable = EnableCommand { capabilities: &["UTF8=ACCEPT"] };
    let mut it = Session::selected("IMAP4rev1 ENABLE");
    it.refuses(&enable, UsageError::WrongState);
    let mut it = Session::logged_in("IMAP4rev1 ENABLE");
    it.send(&enable, "A1 ENABLE UTF8=ACCEPT\r\n");

    // What a login means for what follows is not known before its answer.
    let mut it = Session::greeted("IMAP4rev1");
    it.send(&login("u", "p"), "A1 LOGIN \"u\" \"p\"\r\n");
    for command in [&CapabilityCommand as &dyn Command, &NoopCommand, &LogoutCommand] {
        it.refuses(command, UsageError::Busy);
    }
}

#[test]
fn authenticate() {
    let mut it = Session::greeted("IMAP4rev1 AUTH=PLAIN");
    let plain = AuthenticateCommand::new("PLAIN");
    it.hears("+ x\r\n", &["+ x"]);
    it.send(&plain, "A1 AUTHENTICATE PLAIN\r\n");
    assert!(it.connection.respond(&Response::new(b"x"), &mut it.buffers.tx).is_err());
    it.hears("+ \r\n", &["A1 challenge"].map(|it| format!("{it} ")).each_ref().map(|it| &**it));
    it.refuses(&NoopCommand, UsageError::Busy);
    it.connection.respond(&Response::new(b"\0u\0p"), &mut it.buffers.tx).unwrap();
    it.sends("AHUAcA==\r\n");
    assert!(it.connection.respond(&Response::new(b"x"), &mut it.buffers.tx).is_err());
    it.hears("+ YWJj\r\n", &["A1 challenge YWJj"]);
    it.connection.cancel(&mut it.buffers.tx).unwrap();
    it.sends("*\r\n");
    it.hears("A1 BAD x\r\n", &["A1 BAD x"]);

    // A server that never stops asking.
    it.send(&plain, "A2 AUTHENTICATE PLAIN\r\n");
    for _ in 0..16 {
        it.hears("+\r\n", &["A2 challenge "]);
        it.connection.respond(&Response::EMPTY, &mut it.buffers.tx).unwrap();
        it.sends("\r\n");
    }
    it.hears("+\r\n", &[&peer(PeerError::TooManyChallenges)]);
}

/// A `+` counts, however long its text is.
#[test]
fn long_continuations() {
    let long = "x".repeat(300);
    for slow in [false, true] {
        let mut it = Session::greeted("IMAP4rev1");
        it.slow = slow;
        it.try_send(&login("j\u{fc}rgen", "p")).unwrap();
        it.sends("A1 LOGIN {7}\r\n");
        it.hears(&format!("+ {long}\r\n"), &[]);
        it.sends("j\u{fc}rgen \"p\"\r\n");
        it.hears(
            &format!("+ {long}\r\nA1 OK [CAPABILITY IMAP4rev1] x\r\n"),
            &["oversized", "A1 OK x"],
        );

        let mut it = Session::greeted("IMAP4rev1 AUTH=X");
        it.slow = slow;
        let plain = AuthenticateCommand { mechanism: "X", initial_response: None };
        it.send(&plain, "A1 AUTHENTICATE X\r\n");
        let shown = "x".repeat(254);
        it.hears(&format!("+ {long}\r\n"), &[&format!("A1 challenge {shown}…")]);
        it.connection.cancel(&mut it.buffers.tx).unwrap();
        it.sends("*\r\n");
        it.hears("A1 BAD x\r\n", &["A1 BAD x"]);
    }
}

#[test]
fn start_tls() {
    let mut it = Session::greeted("IMAP4rev1 STARTTLS LOGINDISABLED");
    it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
    it.refuses(&NoopCommand, UsageError::Busy);
    assert!(it.connection.tls_started(&it.buffers.rx).is_err());
    it.hears("A1 OK go\r\n", &["A1 OK go", "A1 start TLS"]);
    it.refuses(&NoopCommand, UsageError::Busy);
    assert_eq!(it.connection.deadline(), None);
    it.hears("", &[]);
    it.connection.tls_started(&it.buffers.rx).unwrap();
    // What was said in clear is forgotten.
    assert!(!it.connection.capabilities().contains(&Capability::LoginDisabled));
    it.hears("", &[]);
    it.sends("A2 CAPABILITY\r\n");

    let mut it = Session::greeted("IMAP4rev1 STARTTLS");
    it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
    it.hears("A1 NO x\r\n", &["A1 NO x"]);
    it.send(&NoopCommand, "A2 NOOP\r\n");

    // The link breaks during the handshake.
    let mut it = Session::greeted("IMAP4rev1 STARTTLS");
    it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
    it.hears("A1 OK go\r\n", &["A1 OK go", "A1 start TLS"]);
    assert_eq!(it.close(), [peer(PeerError::UnexpectedEof)]);
}

#[test]
fn start_tls_with_more_words_than_rx() {
    let lost = peer(PeerError::DataBeforeTls);
    let ok = format!("A1 OK {}\r\n", "x".repeat(600));
    let shown = format!("A1 OK {}…", "x".repeat(250));
    for slow in [false, true] {
        let greeted = || {
            let mut it = Session::greeted("IMAP4rev1 STARTTLS");
            it.slow = slow;
            it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
            it
        };
        let chunks = |it: &mut Session, input: &str| -> Vec<String> {
            input.as_bytes().chunks(100).flat_map(|chunk| it.hear(chunk)).collect()
        };
        let mut it = greeted();
        assert_eq!(chunks(&mut it, &ok), [&*shown, "A1 start TLS"]);
        it.connection.tls_started(&it.buffers.rx).unwrap();
        for injected in ["*", "\r", "\r\n", "* OK\r\n"] {
            let mut it = greeted();
            let heard = chunks(&mut it, &format!("{ok}{injected}"));
            assert_eq!(heard.first(), Some(&shown));
            assert_eq!(heard.last(), Some(&lost), "{injected:?}");
        }
        // The rest of the line is awaited, but not for ever.
        let mut it = greeted();
        assert_eq!(chunks(&mut it, ok.trim_end()), [&*shown]);
        it.now = it.connection.deadline().unwrap();
        it.hears("", &[&peer(PeerError::Timeout)]);
    }
}

#[test]
fn enabled_is_believed_in_answer_to_enable_only() {
    let mut it = Session::greeted("IMAP4rev1 STARTTLS");
    it.hears("* ENABLED IMAP4rev2 UTF8=ACCEPT\r\n", &["ENABLED"]);
    assert!(!it.connection.is_utf8());
    let mut it = Session::logged_in("IMAP4rev1 ENABLE");
    it.hears("* ENABLED UTF8=ACCEPT\r\n", &["ENABLED"]);
    assert!(!it.connection.is_utf8());
    it.send(&EnableCommand { capabilities: &["UTF8=ACCEPT"] }, "A1 ENABLE UTF8=ACCEPT\r\n");
    it.hears("* ENABLED UTF8=ACCEPT\r\nA1 OK\r\n", &["ENABLED", "A1 OK"]);
    assert!(it.connection.is_utf8());
}

#[test]
fn with_uidonly_there_are_no_sequence_numbers() {
    let mut it = Session::logged_in("IMAP4rev1 ENABLE UIDONLY");
    it.send(&EnableCommand { capabilities: &["UIDONLY"] }, "A1 ENABLE UIDONLY\r\n");
    it.hear(b"* ENABLED UIDONLY\r\nA1 OK done\r\n");
    assert!(it.connection.enabled().contains(&Capability::UidOnly));
    it.send(&INBOX, "A2 SELECT \"INBOX\"\r\n");
    it.hear(b"* 3 EXISTS\r\nA2 OK x\r\n");
    it.refuses(&FetchCommand::new(1, &[Fetch::Flags]), UsageError::WrongState);
    it.refuses(&SearchCommand::new(&[]), UsageError::WrongState);
    it.send(&FetchCommand::uid(7, &[Fetch::Flags]), "A3 UID FETCH 7 FLAGS\r\n");
    it.hear(b"* 7 UIDFETCH (FLAGS ())\r\n* VANISHED 5,6\r\nA3 OK x\r\n");
    assert_eq!(it.connection.selected().unwrap().exists, 1);
}

#[test]
fn what_is_said_before_the_handshake_is_not_believed() {
    let lost = peer(PeerError::DataBeforeTls);
    for injected in ["* CAPABILITY IMAP4rev1\r\n", "*", "\r\n"] {
        let mut it = Session::greeted("IMAP4rev1 STARTTLS");
        it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
        it.hears(&format!("A1 OK go\r\n{injected}"), &["A1 OK go", &lost]);
        assert!(it.try_send(&NoopCommand).is_err());

        let mut it = Session::greeted("IMAP4rev1 STARTTLS");
        it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
        it.hears("A1 OK go\r\n", &["A1 OK go", "A1 start TLS"]);
        it.buffers.rx.fill(injected.as_bytes());
        assert_eq!(it.connection.tls_started(&it.buffers.rx), Err(PeerError::DataBeforeTls.into()));
        assert_eq!(it.listen(), [&*lost]);

        // ... though the caller goes on as if nothing were to be done.
        let mut it = Session::greeted("IMAP4rev1 STARTTLS");
        it.send(&StartTlsCommand, "A1 STARTTLS\r\n");
        it.hears("A1 OK go\r\n", &["A1 OK go", "A1 start TLS"]);
        it.hears(injected, &[&lost]);
    }
}

#[test]
fn idle() {
    let mut it = Session::selected("IMAP4rev1 IDLE");
    assert!(it.connection.done(&mut it.buffers.tx).is_err());
    it.send(&IdleCommand, "A2 IDLE\r\n");
    it.hears(
        "* 10 EXISTS\r\n+ idling\r\n* 11 EXISTS\r\n",
        &["10 EXISTS", "A2 idling", "11 EXISTS"],
    );
    it.refuses(&NoopCommand, UsageError::Busy);
    assert_eq!(it.connection.deadline(), None);
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.sends("DONE\r\n");
    assert!(it.connection.done(&mut it.buffers.tx).is_err());
    it.hears("* 3 EXPUNGE\r\nA2 OK x\r\n", &["3 EXPUNGE", "A2 OK x"]);
    assert_eq!(it.connection.selected().unwrap().exists, 10);

    // DONE waits for the `+`.
    it.try_send(&IdleCommand).unwrap();
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.sends("A3 IDLE\r\n");
    it.sends("");
    it.hears("+\r\n", &[]);
    it.sends("DONE\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);
    // ... and is not sent if none comes.
    it.send(&IdleCommand, "A4 IDLE\r\n");
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.hears("A4 NO not now\r\n", &["A4 NO not now"]);
    it.sends("");
    it.send(&NoopCommand, "A5 NOOP\r\n");
    it.hears("A5 OK\r\n", &["A5 OK"]);
    // A `+` from before the command was sent is not its answer.
    it.try_send(&IdleCommand).unwrap();
    it.hears("+ x\r\n", &["+ x"]);
    it.sends("A6 IDLE\r\n");
    it.hears("* BYE timeout\r\n", &["BYE timeout"]);
    assert_eq!(it.close(), [peer(PeerError::Bye)]);
}

#[test]
fn append() {
    let mut it = Session::logged_in("IMAP4rev1");
    it.try_send(&AppendCommand::new("Sent", 5)).unwrap();
    it.sends("A1 APPEND \"Sent\" {5}\r\n");
    assert_eq!(it.connection.write_literal(b"hello", &mut it.buffers.tx), 0);
    it.refuses(&NoopCommand, UsageError::Busy);
    it.hears("+ go\r\n", &["A1 send 5"]);
    assert_eq!(it.connection.write_literal(b"he", &mut it.buffers.tx), 2);
    it.refuses(&NoopCommand, UsageError::Busy);
    assert_eq!(it.connection.write_literal(b"llo A2 LOGOUT\r\n", &mut it.buffers.tx), 3);
    assert_eq!(it.connection.literal_remaining(), 0);
    it.sends("hello\r\n");
    it.hears("A1 OK x\r\n", &["A1 OK x"]);

    // Refused before it began: nothing of it is sent.
    it.try_send(&AppendCommand::new("Sent", 5)).unwrap();
    it.sends("A2 APPEND \"Sent\" {5}\r\n");
    it.hears("A2 NO [TRYCREATE] x\r\n", &["A2 NO x"]);
    assert_eq!(it.connection.write_literal(b"hello", &mut it.buffers.tx), 0);
    it.send(&NoopCommand, "A3 NOOP\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);

    // Refused half-way: the server still takes the rest for the literal.
    it.try_send(&AppendCommand::new("Sent", 5)).unwrap();
    it.sends("A4 APPEND \"Sent\" {5}\r\n");
    it.hears("+ go\r\n", &["A4 send 5"]);
    assert_eq!(it.connection.write_literal(b"he", &mut it.buffers.tx), 2);
    it.hears("A4 NO [OVERQUOTA] x\r\n", &["A4 NO x"]);
    it.refuses(&NoopCommand, UsageError::Busy);
    assert_eq!(it.connection.write_literal(b"llo", &mut it.buffers.tx), 3);
    it.sends("hello\r\n");
    it.send(&NoopCommand, "A5 NOOP\r\n");

    // ... unless the caller has nothing more to give.
    it.hears("A5 OK\r\n", &["A5 OK"]);
    it.connection.abandon_literal();
    it.try_send(&AppendCommand::new("Sent", 5)).unwrap();
    it.sends("A6 APPEND \"Sent\" {5}\r\n");
    it.hears("+ go\r\nA6 NO x\r\n", &["A6 send 5", "A6 NO x"]);
    it.refuses(&NoopCommand, UsageError::Busy);
    it.connection.abandon_literal();
    it.hears("", &["Usage(LiteralAbandoned)"]);
    it.refuses(&NoopCommand, UsageError::Closed);

    let mut it = Session::logged_in("IMAP4rev1 LITERAL+");
    it.try_send(&AppendCommand::new("Sent", 1000)).unwrap();
    it.sends("A1 APPEND \"Sent\" {1000+}\r\n");
    it.hears("", &["A1 send 1000"]);
    let mut left = 1000;
    while left > 0 {
        let taken = it.connection.write_literal(&vec![b'x'; left], &mut it.buffers.tx);
        assert!(taken > 0);
        left -= taken;
        it.sent();
    }
    it.hears("A1 OK\r\n", &["A1 OK"]);
}

impl Session {
    #[track_caller]
    fn writes(&mut self, bytes: &str) {
        let taken = self.connection.write_literal(bytes.as_bytes(), &mut self.buffers.tx);
        assert_eq!(taken, bytes.len());
    }

    fn message(&mut self, message: AppendMessage<'_>) -> Result<(), Error> {
        self.connection.append_message(&message, &mut self.buffers.tx)
    }

    fn part(&mut self, part: CatenatePart<'_>) -> Result<(), Error> {
        self.connection.append_part(&part, &mut self.buffers.tx)
    }

    fn end(&mut self) -> Result<(), Error> {
        self.connection.append_end(&mut self.buffers.tx)
    }
}

const MULTI: MultiAppendCommand<'_> = MultiAppendCommand { mailbox: "box" };

/// The example of RFC 3502, with shorter messages.
#[test]
fn multi_append() {
    let mut it = Session::logged_in("IMAP4rev1 MULTIAPPEND");
    it.send(&MULTI, "A1 APPEND \"box\"");
    it.refuses(&NoopCommand, UsageError::Busy);
    it.hears("", &["A1 next"]);
    it.hears("", &[]);
    assert_eq!(it.connection.literal_remaining(), 0);
    it.message(AppendMessage::new(5).flags(&[Flag::Seen])).unwrap();
    it.sends(" (\\Seen) {5}\r\n");
    assert_eq!(it.message(AppendMessage::new(5)), Err(UsageError::WrongState.into()));
    assert_eq!(it.end(), Err(UsageError::WrongState.into()));
    it.hears("* 1 EXISTS\r\n+ Ready\r\n", &["1 EXISTS", "A1 send 5"]);
    it.writes("Hello");
    it.sends("Hello");
    it.hears("", &["A1 next"]);
    let date = DateTime {
        date: Date { year: 1994, month: 2, day: 7 },
        hour: 22,
        minute: 43,
        second: 4,
        offset_minutes: -480,
    };
    it.message(AppendMessage::new(3).flags(&[Flag::Seen]).date(date)).unwrap();
    it.sends(" (\\Seen) \" 7-Feb-1994 22:43:04 -0800\" {3}\r\n");
    it.hears("+ Ready\r\n", &["A1 send 3"]);
    it.writes("you");
    // Without having been asked.
    it.end().unwrap();
    it.sends("you\r\n");
    assert_eq!(it.end(), Err(UsageError::WrongState.into()));
    it.hears("A1 OK [APPENDUID 7 3:4] APPEND completed\r\n", &["A1 OK APPEND completed"]);

    // "A004 NO" comes in place of the first `+`, "A005 NO" in place of the second.
    it.send(&MULTI, "A2 APPEND \"box\"");
    it.message(AppendMessage::new(1023)).unwrap();
    it.sends(" {1023}\r\n");
    it.hears("A2 NO [TRYCREATE] No\r\n", &["A2 NO No"]);
    assert_eq!(it.message(AppendMessage::new(5)), Err(UsageError::WrongState.into()));
    it.send(&MULTI, "A3 APPEND \"box\"");
    it.message(AppendMessage::new(1)).unwrap();
    it.sends(" {1}\r\n");
    it.hears("+\r\n", &["A3 send 1"]);
    it.writes("x");
    it.message(AppendMessage::new(35403)).unwrap();
    it.sends("x {35403}\r\n");
    it.hears("A3 NO Disk quota exceeded\r\n", &["A3 NO Disk quota exceeded"]);
    it.send(&NoopCommand, "A4 NOOP\r\n");
    it.hears("A4 OK\r\n", &["A4 OK"]);

    // The server need not wait for the next message: the line is ended all the same.
    it.send(&MULTI, "A5 APPEND \"box\"");
    it.message(AppendMessage::new(1)).unwrap();
    it.sends(" {1}\r\n");
    it.hears("+\r\n", &["A5 send 1"]);
    it.writes("x");
    it.hears("A5 NO full\r\n", &["A5 next", "A5 NO full"]);
    assert_eq!(it.message(AppendMessage::new(1)), Err(UsageError::WrongState.into()));
    it.sends("x\r\n");
    it.send(&NoopCommand, "A6 NOOP\r\n");
    it.hears("A6 OK\r\n", &["A6 OK"]);

    // A message of no bytes has no `send`.
    it.send(&MULTI, "A7 APPEND \"box\"");
    it.message(AppendMessage::new(0)).unwrap();
    it.sends(" {0}\r\n");
    it.hears("+\r\n", &["A7 next"]);
    it.end().unwrap();
    it.sends("\r\n");
    it.hears("A7 NO cancelled\r\n", &["A7 NO cancelled"]);
}

/// RFC 7888 section 4: a server may refuse what it still has to take.
#[test]
fn multi_append_without_waiting() {
    let mut it = Session::logged_in("IMAP4rev1 MULTIAPPEND LITERAL+");
    it.send(&MULTI, "A1 APPEND \"box\"");
    it.message(AppendMessage::new(2)).unwrap();
    it.writes("ab");
    it.message(AppendMessage::new(3)).unwrap();
    it.sends(" {2+}\r\nab {3+}\r\n");
    it.hears("A1 NO full\r\n", &["A1 send 3", "A1 NO full"]);
    it.refuses(&NoopCommand, UsageError::Busy);
    it.writes("c");
    assert_eq!(it.end(), Err(UsageError::WrongState.into()));
    it.writes("de");
    // No further message is asked for, and the line is ended.
    it.hears("", &[]);
    it.sends("cde\r\n");
    it.send(&NoopCommand, "A2 NOOP\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);

    // The rest may also be filled up.
    it.send(&MULTI, "A3 APPEND \"box\"");
    it.message(AppendMessage::new(9)).unwrap();
    it.sends(" {9+}\r\n");
    it.hears("A3 NO full\r\n", &["A3 send 9", "A3 NO full"]);
    it.connection.append_cancel().unwrap();
    it.hears("", &[]);
    it.sends("         \r\n");
    it.send(&NoopCommand, "A4 NOOP\r\n");
    it.hears("A4 OK\r\n", &["A4 OK"]);
    let mut it = Session::logged_in("IMAP4rev1 LITERAL+");
    it.send(&AppendCommand::new("box", 4), "A1 APPEND \"box\" {4+}\r\n");
    it.hears("A1 NO full\r\n", &["A1 send 4", "A1 NO full"]);
    it.connection.append_cancel().unwrap();
    it.hears("", &[]);
    it.sends("    \r\n");
    it.send(&NoopCommand, "A2 NOOP\r\n");
}

/// The first example of RFC 4469.
#[test]
fn catenate() {
    let mut it = Session::enabled("IMAP4rev1 CATENATE", "UTF8=ACCEPT");
    let message = AppendMessage::catenate().flags(&[Flag::Seen, Flag::Draft]);
    let append = AppendCommand::with("Drafts", message);
    it.send(&append, "A2 APPEND \"Drafts\" (\\Seen \\Draft) CATENATE (");
    it.hears("", &["A2 next"]);
    assert_eq!(it.end(), Err(UsageError::WrongState.into()));
    assert_eq!(it.message(AppendMessage::new(5)), Err(UsageError::WrongState.into()));
    for bad in ["", " ", "a b", "a\r\nb", "ü", "a\0"] {
        assert!(matches!(it.part(CatenatePart::Url(bad)), Err(Error::Usage(_))), "{bad}");
    }
    it.part(CatenatePart::Url("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER")).unwrap();
    it.hears("", &["A2 next"]);
    it.part(CatenatePart::Text(4)).unwrap();
    it.sends("URL \"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER\" TEXT {4}\r\n");
    it.hears("+ Ready\r\n", &["A2 send 4"]);
    it.writes("\r\n--");
    it.part(CatenatePart::Url("/Drafts/;UID=\"2\\0\"")).unwrap();
    it.part(CatenatePart::Utf8(2)).unwrap();
    it.sends("\r\n-- URL \"/Drafts/;UID=\\\"2\\\\0\\\"\" UTF8 (~{2}\r\n");
    it.hears("+ Ready\r\n", &["A2 send 2"]);
    it.writes("ü");
    it.sends("ü)");
    it.end().unwrap();
    it.sends(")\r\n");
    it.hears(
        "A2 NO [BADURL /Drafts/;UID=20/;section=HEADER] CATENATE append has failed\r\n",
        &["A2 NO CATENATE append has failed"],
    );
}

/// The examples of RFC 8508.
#[test]
fn replace() {
    let mut it = Session::selected("IMAP4rev1 REPLACE CATENATE MULTIAPPEND LITERAL-");
    let message = AppendMessage::new(3).flags(&[Flag::Seen, Flag::Draft]);
    let replace = ReplaceCommand::new(4, "Drafts", message);
    it.send(&replace, "A2 REPLACE 4 \"Drafts\" (\\Seen \\Draft) {3+}\r\n");
    it.hears("", &["A2 send 3"]);
    assert_eq!(it.connection.append_cancel(), Err(UsageError::WrongState.into()));
    it.writes("abc");
    it.sends("abc\r\n");
    it.hears(
        "* OK [APPENDUID 1 2000] Replacement Message ready\r\n* 5 EXISTS\r\n* 4 EXPUNGE\r\n\
         A2 OK Replace completed\r\n",
        &["OK Replacement Message ready", "5 EXISTS", "4 EXPUNGE", "A2 OK Replace completed"],
    );
    assert_eq!(it.connection.selected().unwrap().exists, 4);
    let replace = ReplaceCommand::uid(3002, "Drafts", AppendMessage::catenate());
    it.send(&replace, "A3 UID REPLACE 3002 \"Drafts\" CATENATE (");
    it.part(CatenatePart::Text(2)).unwrap();
    it.writes("a\n");
    assert_eq!(it.message(AppendMessage::new(5)), Err(UsageError::WrongState.into()));
    it.part(CatenatePart::Url("/Drafts/;UID=3002")).unwrap();
    it.end().unwrap();
    it.sends("TEXT {2+}\r\na\n URL \"/Drafts/;UID=3002\")\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);
    let mut it = Session::selected("IMAP4rev1");
    it.refuses(&replace, UsageError::NotOffered("REPLACE"));
}

#[test]
fn what_append_needs() {
    let mut it = Session::logged_in("IMAP4rev2");
    it.refuses(&MULTI, UsageError::NotOffered("MULTIAPPEND"));
    for (message, need) in [
        (AppendMessage::catenate(), "CATENATE"),
        (AppendMessage::new(1).utf8(), "UTF8=ACCEPT"),
        (AppendMessage::new(1).binary(), "BINARY"),
    ] {
        it.refuses(&AppendCommand::with("a", message), UsageError::NotOffered(need));
    }
    for error in [it.message(AppendMessage::new(1)), it.part(CatenatePart::Text(1)), it.end()] {
        assert_eq!(error, Err(UsageError::WrongState.into()));
    }
    assert_eq!(it.connection.append_cancel(), Err(UsageError::WrongState.into()));
    it.connection.abandon_literal();

    let mut it = Session::logged_in("IMAP4rev1 APPENDLIMIT=9000 MULTIAPPEND CATENATE LITERAL+");
    let big = Error::Usage(UsageError::TooBig);
    it.refuses(&AppendCommand::new("a", 9001), big);
    it.send(&MULTI, "A1 APPEND \"box\"");
    assert_eq!(it.message(AppendMessage::new(u64::MAX)), Err(big));
    let need = Err(UsageError::NotOffered("UTF8=ACCEPT").into());
    assert_eq!(it.message(AppendMessage::new(1).utf8()), need);
    it.sends("");
    it.message(AppendMessage::catenate()).unwrap();
    for _ in 0..2 {
        it.part(CatenatePart::Text(4500)).unwrap();
        it.connection.write_literal(&[b'x'; 4500], &mut it.buffers.tx);
        while it.connection.literal_remaining() > 0 {
            it.sent();
            it.connection.write_literal(&[b'x'; 4500], &mut it.buffers.tx);
        }
    }
    it.sent();
    assert_eq!(it.part(CatenatePart::Text(1)), Err(big));
    assert_eq!(it.part(CatenatePart::Text(u64::MAX)), Err(big));
    it.part(CatenatePart::Url("x")).unwrap();
    // The next message is counted anew. As the limit is known, none has to wait.
    it.message(AppendMessage::new(9000)).unwrap();
    it.sends(" URL \"x\") {9000+}\r\n");

    // Unless it is unlimited, what is large waits (RFC 7889 section 4).
    for (limit, bytes) in
        [("", "{4097}"), ("APPENDLIMIT", "{4097}"), ("APPENDLIMIT=4097", "{4097+}")]
    {
        let mut it = Session::logged_in(&format!("IMAP4rev1 LITERAL+ {limit}"));
        it.send(&AppendCommand::new("a", 4097), &format!("A1 APPEND \"a\" {bytes}\r\n"));
    }
    let mut it = Session::logged_in("IMAP4rev1 LITERAL+");
    it.send(&AppendCommand::new("a", 4096), "A1 APPEND \"a\" {4096+}\r\n");
}

/// A part that does not fit Tx can be given again.
#[test]
fn parts_are_written_whole_or_not() {
    let mut it = Session::logged_in("IMAP4rev1 CATENATE LITERAL+");
    it.send(&AppendCommand::with("a", AppendMessage::catenate()), "A1 APPEND \"a\" CATENATE (");
    let long = "x".repeat(240);
    it.part(CatenatePart::Url(&long)).unwrap();
    let full = ResourceError::TxFull { needed: 247, capacity: 256 };
    assert_eq!(it.part(CatenatePart::Url(&long)), Err(full.into()));
    it.sends(&format!("URL \"{long}\""));
    it.part(CatenatePart::Url(&long)).unwrap();
    it.sends(&format!(" URL \"{long}\""));
    let longer = "x".repeat(260);
    assert!(it.part(CatenatePart::Url(&longer)).is_err());
    it.hears("", &["A1 next"]);
    it.end().unwrap();
    it.sends(")\r\n");

    // Behind a gate there may be no room for more.
    let mut it = Session::logged_in("IMAP4rev1 MULTIAPPEND ENABLE UTF8=ACCEPT");
    it.send(&EnableCommand { capabilities: &["UTF8=ACCEPT"] }, "A1 ENABLE UTF8=ACCEPT\r\n");
    it.hears("* ENABLED UTF8=ACCEPT\r\nA1 OK\r\n", &["ENABLED", "A1 OK"]);
    it.send(&MultiAppendCommand { mailbox: "a\nb" }, "A2 APPEND {3}\r\n");
    it.hears("", &[]);
    assert_eq!(it.message(AppendMessage::new(1)), Err(UsageError::Busy.into()));
    it.hears("+\r\n", &["A2 next"]);
    it.sends("a\nb");
    it.connection.append_cancel().unwrap();
    it.hears("", &[]);
    it.sends(" {0}\r\n");
    it.hears("A2 NO\r\n", &["A2 NO"]);
    it.send(&MultiAppendCommand { mailbox: "a\nb" }, "A3 APPEND {3}\r\n");
    it.hears("A3 NO\r\n", &["A3 NO"]);
    it.send(&NoopCommand, "A4 NOOP\r\n");
}

/// Whatever was given so far, the command can be ended so that the server refuses it.
#[test]
fn appends_are_cancelled() {
    for (capabilities, plus, empty) in [
        ("IMAP4rev1 MULTIAPPEND CATENATE", "", vec![" {0}\r\n", "\r\n"]),
        ("IMAP4rev1 MULTIAPPEND CATENATE LITERAL-", "+", vec![" {0+}\r\n\r\n"]),
    ] {
        type Begin = fn(&mut Session);
        let cases: [(Begin, String, &str, bool); 7] = [
            (|it| _ = it.try_send(&MULTI).unwrap(), "A1 APPEND \"box\"".into(), "", false),
            (
                |it| {
                    it.try_send(&MULTI).unwrap();
                    it.message(AppendMessage::new(2)).unwrap();
                },
                format!("A1 APPEND \"box\" {{2{plus}}}\r\n"),
                "  ",
                false,
            ),
            (
                |it| _ = it.try_send(&AppendCommand::new("box", 3)).unwrap(),
                format!("A1 APPEND \"box\" {{3{plus}}}\r\n"),
                "   ",
                false,
            ),
            (
                |it| {
                    let parts = AppendMessage::catenate();
                    it.try_send(&AppendCommand::with("box", parts)).unwrap();
                },
                "A1 APPEND \"box\" CATENATE (".into(),
                "",
                true,
            ),
            (
                |it| {
                    it.try_send(&MULTI).unwrap();
                    it.message(AppendMessage::catenate()).unwrap();
                },
                "A1 APPEND \"box\" CATENATE (".into(),
                "",
                true,
            ),
            (
                |it| {
                    let parts = AppendMessage::catenate();
                    it.try_send(&AppendCommand::with("box", parts)).unwrap();
                    it.part(CatenatePart::Text(2)).unwrap();
                },
                format!("A1 APPEND \"box\" CATENATE (TEXT {{2{plus}}}\r\n"),
                "   ",
                true,
            ),
            (
                |it| {
                    let parts = AppendMessage::catenate();
                    it.try_send(&AppendCommand::with("box", parts)).unwrap();
                    it.part(CatenatePart::Url("x")).unwrap();
                },
                "A1 APPEND \"box\" CATENATE (URL \"x\"".into(),
                " ",
                true,
            ),
        ];
        for (begin, head, filler, url) in cases {
            let mut it = Session::logged_in(capabilities);
            begin(&mut it);
            it.connection.append_cancel().unwrap();
            assert_eq!(it.connection.write_literal(b"x", &mut it.buffers.tx), 0);
            assert_eq!(it.end(), Err(UsageError::WrongState.into()));
            // Nothing is asked for any more.
            it.hears("", &[]);
            let mut sent = it.sent();
            let mut expected = head.clone();
            if head.ends_with("}\r\n") && plus.is_empty() {
                assert_eq!(sent, head);
                it.hears("+\r\n", &[]);
                sent += &it.sent();
            }
            expected += filler;
            if url {
                assert_eq!(sent, expected + "URL \"\")\r\n");
            } else {
                assert_eq!(sent, expected + empty[0]);
                if let Some(rest) = empty.get(1) {
                    it.hears("+\r\n", &[]);
                    it.sends(rest);
                }
            }
            it.hears("A1 NO cancelled\r\n", &["A1 NO cancelled"]);
            it.send(&NoopCommand, "A2 NOOP\r\n");
        }
    }
    // The NO may come in place of the last `+`, or of the one before the message.
    for head in [&["+\r\n"][..], &[]] {
        let mut it = Session::logged_in("IMAP4rev1 MULTIAPPEND");
        it.send(&AppendCommand::new("box", 1), "A1 APPEND \"box\" {1}\r\n");
        it.connection.append_cancel().unwrap();
        for plus in head {
            it.hears(plus, &[]);
            it.sends("  {0}\r\n");
        }
        it.hears("A1 NO cancelled\r\n", &["A1 NO cancelled"]);
        it.send(&NoopCommand, "A2 NOOP\r\n");
    }
    // A command that has no way out.
    let mut it = Session::logged_in("IMAP4rev1 LITERAL+");
    it.send(&AppendCommand::new("box", 1), "A1 APPEND \"box\" {1+}\r\n");
    let no = Err(UsageError::NotOffered("MULTIAPPEND").into());
    assert_eq!(it.connection.append_cancel(), no);
    it.hears("", &["A1 send 1"]);
    it.writes("x");
    it.sends("x\r\n");
}

/// What is filled up goes through Tx piece by piece, however large it is.
#[test]
fn much_is_filled_up() {
    let mut it = Session::logged_in("IMAP4rev1 MULTIAPPEND LITERAL-");
    it.send(&AppendCommand::new("box", 10_000), "A1 APPEND \"box\" {10000}\r\n");
    it.hears("+\r\n", &["A1 send 10000"]);
    it.writes("Subject:");
    it.sends("Subject:");
    it.connection.append_cancel().unwrap();
    let (mut filled, mut events) = (0, 0);
    loop {
        let progress = it.connection.advance(&mut it.buffers, it.now).unwrap();
        assert_eq!(it.connection.deadline(), None);
        let sent = it.sent();
        filled += sent.trim_end_matches(" {0+}\r\n\r\n").len();
        if progress == Progress::NeedInput {
            break;
        }
        let Event::CancellingLiteral { remaining, .. } = it.connection.event(&it.buffers) else {
            panic!()
        };
        assert_eq!(remaining, 9992 - filled as u64);
        events += 1;
    }
    assert_eq!((filled, events), (9992, 9992 / 256));
    it.hears("A1 NO\r\n", &["A1 NO"]);
}

/// A server that reads an upload byte by byte.
#[derive(Default)]
struct Taker {
    seen: String,
    line: String,
    literal: usize,
    /// Bytes after which it says NO.
    refuses_at: Option<usize>,
    refused: bool,
    /// An empty message or an empty URL came.
    cancelled: bool,
    over: bool,
}

impl Taker {
    fn take(&mut self, char: char) -> &'static str {
        self.seen.push(char);
        let refuses = self.refuses_at == Some(self.seen.len()) && !self.over;
        self.refused |= refuses;
        let no = if refuses { "A1 NO full\r\n" } else { "" };
        if self.literal > 0 {
            self.literal -= 1;
            return no;
        }
        self.line.push(char);
        if char != '\n' {
            return no;
        }
        let line = core::mem::take(&mut self.line);
        assert!(line.ends_with("\r\n"));
        if self.over {
            assert_eq!(line, "A2 NOOP\r\n");
            return "A2 OK\r\n";
        }
        self.cancelled |= line.contains("URL \"\"");
        let literal = line.trim_end().rsplit_once('{').and_then(|(text, size)| {
            let size = size.strip_suffix('}')?;
            self.cancelled |= size.trim_end_matches('+') == "0" && !text.ends_with("TEXT ");
            Some(size)
        });
        match literal {
            Some(size) if size.ends_with('+') => {
                self.literal = size.trim_end_matches('+').parse().unwrap();
                no
            }
            // In place of the `+`; or it crossed the NO, and nobody waits for it.
            Some(_) if self.refused => {
                self.over = true;
                no
            }
            Some(size) => {
                self.literal = size.parse().unwrap();
                "+ go\r\n"
            }
            None => {
                self.over = true;
                match (refuses, self.refused, self.cancelled) {
                    (true, ..) => no,
                    (_, true, _) => "",
                    (.., true) => "A1 NO cancelled\r\n",
                    _ => "A1 OK done\r\n",
                }
            }
        }
    }
}

/// What uploads messages, and then the same as parts of one.
struct Giver<'a> {
    messages: &'a [&'a [u8]],
    /// The socket takes so many bytes at a time.
    most: usize,
    /// Texts are given in pieces of this size.
    chunk: usize,
    /// The upload is cancelled when the server has so many bytes.
    cancels_at: Option<usize>,
}

impl Giver<'_> {
    /// Does what `event` asks for, or as much as there is room for.
    fn give(&self, it: &mut Session, event: &str, at: &mut usize, given: &mut usize) -> bool {
        let texts = self.messages.len();
        if event.contains("send") {
            let text = self.messages[(*at - 1) % (texts + 1)];
            let piece = &text[*given..text.len().min(*given + self.chunk)];
            *given += it.connection.write_literal(piece, &mut it.buffers.tx);
            return *given == text.len();
        }
        *given = 0;
        let size = |index: usize| self.messages.get(index).map(|text| text.len() as u64);
        let done = match *at {
            at if at < texts => it.message(AppendMessage::new(size(at).unwrap())),
            at if at == texts => it.message(AppendMessage::catenate()),
            at => match size(at - texts - 1) {
                Some(size) => it.part(CatenatePart::Text(size)),
                None if at == 2 * texts + 1 => it.part(CatenatePart::Url("x")),
                None => it.end(),
            },
        };
        *at += usize::from(done.is_ok());
        done.is_ok()
    }

    /// To the end of the command and of one behind it. Returns how the command ended, or the
    /// error.
    fn upload(&self, it: &mut Session, server: &mut Taker) -> String {
        let (mut at, mut given) = (0, 0);
        let (mut todo, mut end): (Option<String>, Option<String>) = (None, None);
        let mut cancelled = false;
        it.try_send(&MULTI).unwrap();
        for _ in 0..100_000 {
            let count = it.buffers.tx.pending().len().min(self.most);
            let sent = String::from_utf8(it.buffers.tx.pending()[..count].to_vec()).unwrap();
            it.buffers.tx.consume(count);
            let answer: String = sent.chars().map(|char| server.take(char)).collect();
            let cancels = self.cancels_at.is_some_and(|at| server.seen.len() >= at);
            if cancels && !cancelled {
                cancelled = true;
                let has_begun = it.connection.append_cancel().is_ok();
                assert!(has_begun || server.refused || at == 2 * self.messages.len() + 3);
            }
            let heard = it.hear(answer.as_bytes());
            for event in heard {
                match event.as_str() {
                    "A2 OK" => {
                        assert!(it.connection.is_quiet() && it.buffers.tx.is_empty());
                        return end.unwrap();
                    }
                    _ if event.starts_with("Peer") => return event,
                    _ if event.starts_with("A1 OK") || event.starts_with("A1 NO") => {
                        end = Some(event);
                        // The text of what was announced still has to be given.
                        todo = todo.filter(|event| event.contains("send"));
                    }
                    _ if event.contains("cancelling") => assert!(cancelled),
                    _ => todo = Some(event),
                }
            }
            if let Some(event) = todo.as_deref().filter(|_| !cancelled)
                && self.give(it, event, &mut at, &mut given)
            {
                todo = None;
            }
            if end.is_some() && !it.connection.is_in_flight(Tag::numbered(2)) {
                match it.try_send(&NoopCommand) {
                    // Until the line is ended.
                    Ok(_) | Err(Error::Usage(UsageError::Busy)) => {}
                    Err(Error::Resource(ResourceError::TxFull { .. })) => {}
                    error => panic!("{error:?}"),
                }
            }
        }
        panic!("stuck after {:?}, {todo:?}, {end:?}", server.seen)
    }
}

/// Connections with this Tx: one that waits at each literal, and one that does not.
fn both(tx: usize) -> [Session; 2] {
    ["", " LITERAL-"].map(|literals| {
        let mut it = Session::new(Connection::new(Config::new()), 64, tx);
        let words = format!("IMAP4rev1 MULTIAPPEND CATENATE{literals}");
        it.hear(format!("* PREAUTH [CAPABILITY {words}]\r\n").as_bytes());
        assert!(it.connection.knows_capabilities());
        it
    })
}

/// Whatever the size of Tx and of the pieces, the same bytes arrive.
#[test]
fn uploads_are_the_same_however_they_are_cut() {
    let messages: [&[u8]; 3] = [&[b'a'; 1000], b"x {9}\r\n{9+}\r\n", b"\r\n"];
    let text = "a".repeat(1000);
    let wanted = format!(
        "A1 APPEND \"box\" {{1000}}\r\n{text} {{13}}\r\nx {{9}}\r\n{{9+}}\r\n {{2}}\r\n\r\n \
         CATENATE (TEXT {{1000}}\r\n{text} TEXT {{13}}\r\nx {{9}}\r\n{{9+}}\r\n TEXT {{2}}\r\n\r\n \
         URL \"x\")\r\nA2 NOOP\r\n"
    );
    let without_waiting = ["1000", "13", "2"].iter().fold(wanted.clone(), |text, size| {
        text.replace(&format!("{{{size}}}"), &format!("{{{size}+}}"))
    });
    for tx in (32..=64).chain([100, 256, 2000]) {
        for (most, chunk) in [(1, 7), (3, 1), (usize::MAX, 100_000)] {
            for (mut it, wanted) in both(tx).into_iter().zip([&wanted, &without_waiting]) {
                it.slow = most == 1;
                let mut server = Taker::default();
                let giver = Giver { messages: &messages, most, chunk, cancels_at: None };
                assert_eq!(giver.upload(&mut it, &mut server), "A1 OK done");
                assert_eq!(&server.seen, wanted, "{tx} {most} {chunk}");
            }
        }
    }
}

/// After a NO at any byte, and after giving up at any byte, the next command is read as what
/// it is; or the connection has failed and said so.
#[test]
fn uploads_end_well_wherever_they_end() {
    let messages: [&[u8]; 2] = [b"Subject: x\r\n\r\n{9}\r\n", b"\r\n"];
    let length = 150;
    for tx in [32, 40, 300] {
        for (most, chunk) in [(1, 1), (7, 3), (usize::MAX, 1000)] {
            let giver = |cancels_at| Giver { messages: &messages, most, chunk, cancels_at };
            let mut failures = 0;
            for at in 0..length {
                for mut it in both(tx) {
                    let mut server = Taker::default();
                    let end = giver(Some(at)).upload(&mut it, &mut server);
                    let whole = server.seen.contains("URL \"x\")\r\n");
                    assert_eq!(end, if whole { "A1 OK done" } else { "A1 NO cancelled" });
                }
                for (cancels_at, mut it) in
                    [None, Some(at + 1)].into_iter().flat_map(|at| both(tx).map(|it| (at, it)))
                {
                    let mut server = Taker { refuses_at: Some(at + 1), ..Taker::default() };
                    let end = giver(cancels_at).upload(&mut it, &mut server);
                    if end == peer(PeerError::AnsweredEarly) {
                        failures += 1;
                    } else {
                        let is_late = !server.refused && end == "A1 OK done";
                        assert!(end == "A1 NO full" || is_late, "{end} at {at}: {}", server.seen);
                    }
                }
            }
            // Only in the middle of announcing a literal that waits.
            assert!(failures <= length, "{failures}");
        }
    }
}

#[test]
fn the_selected_mailbox() {
    let mut it = Session::logged_in("IMAP4rev1");
    it.hears("* 5 EXISTS\r\n", &["5 EXISTS"]);
    assert!(it.connection.selected().is_none());
    it.send(&INBOX, "A1 SELECT \"INBOX\"\r\n");
    for line in [
        "* FLAGS (\\Seen \\Deleted $x)",
        "* OK [PERMANENTFLAGS (\\Seen \\*)] x",
        "* 172 EXISTS",
        "* 1 RECENT",
        "* OK [UNSEEN 12]",
        "* OK [UIDVALIDITY 3857529045] x",
        "* OK [UIDNEXT 4392] x",
        "* OK [HIGHESTMODSEQ 7]",
        "* NO [UIDNOTSTICKY] x",
    ] {
        assert_eq!(it.hear(format!("{line}\r\n").as_bytes()).len(), 1);
        assert!(it.connection.selected().is_none());
    }
    it.hears("A1 OK [READ-ONLY] x\r\n", &["A1 OK x"]);
    let selected = *it.connection.selected().unwrap();
    assert_eq!((selected.exists, selected.recent, selected.unseen), (172, 1, Some(12)));
    assert_eq!((selected.uid_validity, selected.uid_next), (Some(3857529045), Some(4392)));
    assert_eq!(selected.highest_mod_seq, Some(7));
    assert!(selected.read_only && selected.uid_not_sticky);
    assert!(selected.flags.contains(FlagSet::SEEN | FlagSet::DELETED));
    assert!(selected.permanent_flags.unwrap().contains(FlagSet::WILDCARD));
    it.hear(b"* 3 EXPUNGE\r\n* VANISHED 1:3,9\r\n* VANISHED (EARLIER) 1:30\r\n* 170 EXISTS\r\n* 1 EXPUNGE\r\n");
    assert_eq!(it.connection.selected().unwrap().exists, 169);
    // Exchange and GoDaddy: there is no such message.
    it.hear(b"* 0 EXPUNGE\r\n* 170 EXPUNGE\r\n* 99999999999 EXPUNGE\r\n");
    assert_eq!(it.connection.selected().unwrap().exists, 169);

    // Another one: until it is open, what is said is about it, and the old one is gone if
    // that fails.
    it.send(&INBOX, "A2 SELECT \"INBOX\"\r\n");
    it.hear(b"* 9 EXISTS\r\n* OK [CLOSED] x\r\n* 2 EXISTS\r\n");
    it.hears("A2 BAD x\r\n", &["A2 BAD x"]);
    assert_eq!(it.connection.selected().unwrap().exists, 169);
    it.send(&INBOX, "A3 SELECT \"INBOX\"\r\n");
    it.hears("A3 NO x\r\n", &["A3 NO x"]);
    assert!(it.connection.selected().is_none());
    let examine = ExamineCommand::new("a");
    it.send(&examine, "A4 EXAMINE \"a\"\r\n");
    it.hears("* 2 EXISTS\r\nA4 OK x\r\n", &["2 EXISTS", "A4 OK x"]);
    let selected = it.connection.selected().unwrap();
    assert!(selected.read_only && selected.exists == 2 && selected.uid_validity.is_none());
    it.send(&CloseCommand, "A5 CLOSE\r\n");
    it.hears("A5 OK x\r\n", &["A5 OK x"]);
    assert_eq!(it.connection.state(), State::Authenticated);
}

/// RFC 9051 section 3, diagram, (6).
#[test]
fn a_mailbox_that_the_server_closes_by_itself() {
    let mut it = Session::selected("IMAP4rev2");
    it.hears("* OK [CLOSED] deleted\r\n", &["OK deleted"]);
    assert_eq!(it.connection.state(), State::Authenticated);
    assert!(it.connection.selected().is_none());
    it.refuses(&CloseCommand, UsageError::WrongState);
}

#[test]
fn the_end_of_input() {
    let closed = peer(PeerError::UnexpectedEof);
    let mut it = Session::logged_in("IMAP4rev1");
    assert_eq!(it.close(), [&*closed]);
    let mut it = Session::logged_in("IMAP4rev1");
    it.hears("* BYE a\r\n* BYE a\r\n", &["BYE a", "BYE a"]);
    assert_eq!(it.connection.state(), State::Logout);
    assert_eq!(it.close(), ["closed"]);
    // It was not asked to go.
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&NoopCommand, "A1 NOOP\r\n");
    it.hears("* BYE a\r\n", &["BYE a"]);
    assert_eq!(it.close(), [peer(PeerError::Bye)]);
    // It was, and says so or not.
    for answer in ["* BYE\r\nA1 OK\r\n", "A1 OK\r\n", "* BYE\r\nA1 BAD\r\n"] {
        let mut it = Session::logged_in("IMAP4rev1");
        it.send(&LogoutCommand, "A1 LOGOUT\r\n");
        assert_eq!(it.hear(answer.as_bytes()).last().unwrap(), "closed");
        assert_eq!(it.connection.state(), State::Logout);
        assert_eq!(it.listen(), ["closed"]);
    }
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&LogoutCommand, "A1 LOGOUT\r\n");
    it.hears("* BYE\r\n", &["BYE"]);
    assert_eq!(it.close(), ["closed"]);
    // Nothing revives it.
    let mut it = Session::logged_in("IMAP4rev1");
    it.send(&INBOX, "A1 SELECT \"INBOX\"\r\n");
    it.hears("* BYE\r\nA1 OK x\r\n", &["BYE", "A1 OK x"]);
    assert_eq!(it.connection.state(), State::Logout);
    it.refuses(&NoopCommand, UsageError::Closed);
    assert_eq!(it.close(), ["closed"]);

    // An observer is told whether it came within a response, at every byte.
    let lines = [
        "* 1 FETCH (UID 1 BODY[] {2}\r\nab BODY[1] \"a\\\"\" FLAGS ())\r\n",
        "\r\n",
        "A1 OK x\r\n",
        "+ x\r\n",
    ];
    let ends: Vec<_> = (0..=lines.len()).map(|n| lines[..n].concat().len()).collect();
    let input = lines.concat();
    for at in 0..=input.len() {
        let mut it = Session::new(Connection::observer(), 64, 0);
        it.slow = at % 2 == 0;
        it.hear(&input.as_bytes()[..at]);
        let end = it.close().pop().unwrap();
        assert_eq!(end == "closed", ends.contains(&at), "{at}: {end}");
        assert!(end == "closed" || end == closed, "{end}");
    }
}

#[test]
fn deadlines() {
    let second = |n: u64| Instant::from_millis(n * 1000);
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.listen();
    assert_eq!(it.connection.deadline(), Some(second(60)));
    it.now = second(59);
    it.hears("* PREAUTH [CAPABILITY IMAP4rev1 IDLE", &[]);
    assert_eq!(it.connection.deadline(), Some(second(119)));
    it.hears("] x\r\n", &["greeting PREAUTH x"]);
    // Nothing is owed.
    assert_eq!(it.connection.deadline(), None);
    it.now = second(1000);
    it.hears("", &[]);
    it.send(&NoopCommand, "A1 NOOP\r\n");
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), Some(second(1060)));
    it.hears("", &[]);
    it.now = second(1059);
    it.hears("A1 OK x\r\n", &["A1 OK x"]);
    // IDLE itself may last, its beginning and its end may not.
    it.send(&IdleCommand, "A2 IDLE\r\n");
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), Some(second(1119)));
    it.hears("+ x\r\n", &["A2 idling"]);
    assert_eq!(it.connection.deadline(), None);
    it.now = second(5000);
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.sends("DONE\r\n");
    it.hears("", &[]);
    it.now = second(5060);
    it.hears("", &[&peer(PeerError::Timeout)]);

    // While it is our turn, nothing is owed.
    let mut it = Session::logged_in("IMAP4rev1 LITERAL+");
    it.now = second(1);
    it.try_send(&NoopCommand).unwrap();
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), None);
    it.now = second(100);
    it.sent();
    it.hears("A1 OK\r\n", &["A1 OK"]);
    it.send(&AppendCommand::new("a", 2), "A2 APPEND \"a\" {2+}\r\n");
    it.hears("", &["A2 send 2"]);
    assert_eq!(it.connection.deadline(), None);
    it.now = second(200);
    it.hears("", &[]);
    it.connection.write_literal(b"ab", &mut it.buffers.tx);
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), None);
    it.sent();
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), Some(second(260)));
    let mut it = Session::greeted("IMAP4rev1 AUTH=PLAIN");
    it.send(&AuthenticateCommand::new("PLAIN"), "A1 AUTHENTICATE PLAIN\r\n");
    it.hears("+\r\n", &["A1 challenge "]);
    assert_eq!(it.connection.deadline(), None);
    it.now = second(500);
    it.connection.respond(&Response::EMPTY, &mut it.buffers.tx).unwrap();
    it.sent();
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), Some(second(560)));

    // After a BYE the server has to close, however often it says so.
    for (command, end) in [(None, "closed"), (Some(&NoopCommand), &*peer(PeerError::Bye))] {
        let mut it = Session::logged_in("IMAP4rev1");
        if let Some(command) = command {
            it.send(command, "A1 NOOP\r\n");
        }
        it.now = second(30);
        it.hears("* BYE\r\n", &["BYE"]);
        assert_eq!(it.connection.deadline(), Some(second(90)));
        it.now = second(80);
        it.hears("* BYE\r\n", &["BYE"]);
        it.now = second(90);
        it.hears("", &[end]);
    }

    let mut patient = Config::new();
    patient.timeout = None;
    let mut it = Session::new(Connection::new(patient), 256, 256);
    it.now = second(1_000_000);
    it.hears("", &[]);
    assert_eq!(it.connection.deadline(), None);
    assert_eq!(Config::new().timeout, Some(Duration::from_secs(60)));
}

#[test]
fn odd_lines() {
    for slow in [false, true] {
        let mut it = Session::selected("IMAP4rev1");
        it.slow = slow;
        it.hears(
            "\r\n\
             Server Unavailable. 15\r\n\
             * OK see ticket {12}\r\n\
             * [COPYUID 1 2 3] x\r\n\
             [COPYUID 55 31 6]\r\n\
             +\r\n\
             *  22 EXISTS\r\n\
             * 99 NOOP\r\n\
             * NOOP\r\n\
             * -3 FETCH (UID 1)\r\n\
             * 99 EXPUNGE\r\n\
             * SEARCH 5 2 \r\n\
             * SORT 5 2 (MODSEQ 917 )\r\n\
             * SEARCH 5 2 (MODSEQ 917 )\r\n\
             * 7 UIDFETCH (UID 7)\r\n\
             * LIST (\\HasNoChildren) \"/\" Calendar\"\r\n\
             * STATUS \"a (MESSAGES 1)\r\n\
             * 3 XANEXTRAORDINARILYLONGNAME a\"b\" c\r\n\
             * XANEXTRAORDINARILYLONGNAME\r\n\
             * EXISTS\r\n\
             * LIST (\r\n\
             * OK\r\n\
             * CAPABILITY IMAP4rev1  IDLE \r\n\
             ab\u{e4} \0\r\n",
            &[
                "malformed Server Unavailable. 15",
                "OK see ticket {12}",
                "OK x",
                "OK",
                "+",
                "22 EXISTS",
                "other 99 NOOP",
                "other NOOP",
                "fetch 0",
                "UID 1",
                "end",
                "99 EXPUNGE",
                "SEARCH [5, 2]",
                "SORT [5, 2]",
                "SEARCH [5, 2]",
                "uidfetch 7",
                "UID 7",
                "end",
                "LIST Calendar",
                "STATUS a",
                "other 3 XANEXTRAORDINARILYLONGNAME a\"b\" c",
                "other XANEXTRAORDINARILYLONGNAME",
                "malformed * EXISTS",
                "malformed * LIST (",
                "OK",
                "CAPABILITY 2",
                "malformed ab\u{e4} \0",
            ],
        );
    }
    // The rest of something, which says that a mail follows.
    let lost = peer(PeerError::FrameLost);
    for line in ["FLAGS () BODY[] {12}\r\n", ") {3+}\r\n", "* LIST () \"/\" \"{3}\r\n"] {
        let mut it = Session::selected("IMAP4rev1");
        it.hears(&format!("{line}* 1 EXISTS\r\n"), &[&lost]);
    }
}

#[test]
fn searches_need_capabilities() {
    let date = Date { year: 2026, month: 1, day: 2 };
    let flag = Search::FlagModSeq { flag: Flag::Seen, entry: ModSeqEntry::All, mod_seq: 1 };
    for (keys, need) in [
        ([Search::Older(1)], "WITHIN"),
        ([Search::Younger(1)], "WITHIN"),
        ([Search::Filter("x")], "FILTERS"),
        ([Search::Fuzzy(&Search::All)], "SEARCH=FUZZY"),
        ([Search::ModSeq(1)], "CONDSTORE"),
        ([flag], "CONDSTORE"),
        ([Search::Not(&Search::SavedBefore(date))], "SAVEDATE"),
        ([Search::Or(&Search::All, &Search::SavedOn(date))], "SAVEDATE"),
        ([Search::And(&[Search::SavedSince(date)])], "SAVEDATE"),
        ([Search::SaveDateSupported], "SAVEDATE"),
        ([Search::EmailId("x")], "OBJECTID"),
        ([Search::ThreadId("x")], "OBJECTID"),
        ([Search::XGmRaw("x")], "X-GM-EXT-1"),
        ([Search::XGmLabels("x")], "X-GM-EXT-1"),
        ([Search::XGmMsgId(1)], "X-GM-EXT-1"),
        ([Search::XGmThrId(1)], "X-GM-EXT-1"),
    ] {
        let command = SearchCommand::new(&keys);
        Session::selected("IMAP4rev1").refuses(&command, UsageError::NotOffered(need));
        assert!(Session::selected(&format!("IMAP4rev1 {need}")).try_send(&command).is_ok());
    }

    let first = SearchReturn::Partial(PartialRange::first(1, 2));
    let last = SearchReturn::Partial(PartialRange::last(1, 2));
    let returns: [(_, &str, &[&str]); 7] = [
        (SearchReturn::Save, "SEARCHRES", &["SEARCHRES"]),
        (first, "PARTIAL", &["PARTIAL", "CONTEXT=*"]),
        (last, "PARTIAL", &["PARTIAL"]),
        (SearchReturn::Context, "CONTEXT=*", &["CONTEXT=*"]),
        (SearchReturn::Update, "CONTEXT=*", &["CONTEXT=*"]),
        (SearchReturn::Relevancy, "SEARCH=FUZZY", &["SEARCH=FUZZY"]),
        (SearchReturn::Count, "", &[""]),
    ];
    for (item, need, needs) in returns {
        let item = [item];
        let search = SearchCommand::new(&[]).uid().returns(&item);
        let sort = SortCommand::new(&[Sort::Date], &[]).returns(&item);
        let several = EsearchCommand::new(&[], &[]).returns(&item);
        let commands: [(&dyn Command, _, _); 3] = [
            (&search, "ESEARCH", "CONTEXT=SEARCH"),
            (&sort, "SORT ESORT", "CONTEXT=SORT"),
            (&several, "MULTISEARCH", "CONTEXT=SEARCH"),
        ];
        for (command, base, context) in commands {
            let base = format!("IMAP4rev1 {base}");
            let mut it = Session::selected(&base);
            match need {
                "" => {}
                "CONTEXT=*" => it.refuses(command, UsageError::NotOffered(context)),
                _ => it.refuses(command, UsageError::NotOffered(need)),
            }
            for need in needs {
                let offered = format!("{base} {}", need.replace("CONTEXT=*", context));
                assert!(Session::selected(&offered).try_send(command).is_ok(), "{offered}");
            }
        }
    }

    let tag = [Session::selected("IMAP4rev1").try_send(&NoopCommand).unwrap()];
    let cancel = CancelUpdateCommand { tags: &tag };
    let esort = SortCommand::new(&[Sort::Date], &[]).uid().returns(&[]);
    let display = SortCommand::new(&[Sort::Reverse(&Sort::DisplayTo)], &[]);
    let relevancy = SortCommand::new(&[Sort::Relevancy], &[]);
    let commands: [(&dyn Command, _, _); 10] = [
        (&cancel, "", "CONTEXT=SEARCH"),
        (&SortCommand::new(&[Sort::Date], &[]), "", "SORT"),
        (&SortCommand::new(&[Sort::Date], &[]).uid(), "", "SORT"),
        (&esort, "SORT", "ESORT"),
        (&display, "SORT", "SORT=DISPLAY"),
        (&relevancy, "SORT", "SEARCH=FUZZY"),
        (&ThreadCommand::new(ThreadAlgorithm::References, &[]), "", "THREAD=REFERENCES"),
        (&ThreadCommand::new(ThreadAlgorithm::Refs, &[]).uid(), "", "THREAD=REFS"),
        (&EsearchCommand::new(&[FilterMailboxes::Personal], &[]), "", "MULTISEARCH"),
        (&UidBatchesCommand::new(500), "", "UIDBATCHES"),
    ];
    for (command, base, need) in commands {
        let mut it = Session::selected(&format!("IMAP4rev1 {base}"));
        it.refuses(command, UsageError::NotOffered(need));
        assert!(Session::selected(&format!("IMAP4rev1 {base} {need}")).try_send(command).is_ok());
    }
    // Several mailboxes can be searched though none is selected.
    let all = "IMAP4rev1 SORT MULTISEARCH UIDBATCHES";
    let mut it = Session::logged_in(all);
    it.refuses(&SortCommand::new(&[Sort::Date], &[]), UsageError::WrongState);
    it.refuses(&UidBatchesCommand::new(500), UsageError::WrongState);
    it.send(
        &EsearchCommand::new(&[FilterMailboxes::Personal], &[]),
        "A1 ESEARCH IN (personal) ALL\r\n",
    );
    // Sequence numbers must stay what they are meanwhile.
    let mut it = Session::selected(all);
    it.try_send(&NoopCommand).unwrap();
    it.refuses(&SortCommand::new(&[Sort::Date], &[]), UsageError::Busy);
    it.try_send(&SortCommand::new(&[Sort::Date], &[]).uid()).unwrap();
}

#[test]
fn long_threads_and_batches_come_in_parts() {
    for slow in [false, true] {
        let mut it = Session::new(Connection::observer(), 32, 0);
        it.slow = slow;
        it.hears(
            "* THREAD (1 2 (3)(4 (5 6)))(7 8 9 10)\r\n\
             * THREAD\r\n\
             * UIDBATCHES (TAG \"A1\") 99:50,49:9,8:1\r\n\
             * THREAD )(1)\r\n\
             * ESEARCH (TAG \"A\") UID RELEVANCY (1 2 3)\r\n",
            &[
                "THREAD 0 [Open, Number(1), Number(2), Open, Number(3), Close, Open, Number(4), Open, \
                 Number(5), Number(6), Close, Close, Close, Open, Number(7), Number(8)] true",
                "THREAD 1 [Number(9), Number(10), Close] false",
                "THREAD 0 [] false",
                "UIDBATCHES Some(\"A1\") 50:99 true",
                "UIDBATCHES None 9:49,1:8 false",
                "THREAD 0 [Open, Number(1), Close] false",
                "ESEARCH None true",
                "ESEARCH None false",
            ],
        );
    }
}

#[test]
fn long_lists_come_in_parts() {
    for slow in [false, true] {
        let mut it = Session::new(Connection::observer(), 48, 0);
        it.slow = slow;
        it.hears(
            "* SEARCH 1001 1002 1003 1004 1005 1006 1007 1008 1009 1010\r\n\
             * ESEARCH (TAG \"A1\") UID ALL 1:3,5:7,9:11,13:15,17:19 COUNT 15\r\n\
             * VANISHED (EARLIER) 1:3,5:7,9:11,13:15,17:19,21\r\n\
             A1 OK [COPYUID 7 1:3,5,7,9,11,13 21:23,25,27,29,31,33] done\r\n\
             * OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SORT THREAD] hi\r\n\
             * CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SORT THREAD\r\n\
             A3 NO [MODIFIED 101,102,103,104,105,106,107,108,109] x\r\n\
             A4 OK [APPENDUID 7 101,102,103,104,105,106,107,108] x\r\n\
             * OK [PERMANENTFLAGS (\\Seen \\Deleted \\Draft \\Flagged \\*)] x\r\n\
             * OK [X-UNKNOWN \"01234567890123456789012345678901234567890\"] x\r\n\
             junk [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SORT THREAD]\r\n\
             * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk $x)\r\n\
             * 1 FETCH (UID 1 X (01234567890123456789012345678901234567890123456789) UID 2)\r\n\
             * X 01234567890123456789012345678901234567890123456789\r\n\
             A2 OK 01234567890123456789012345678901234567890123456789\r\n\
             * 1 EXISTS\r\n",
            &[
                "SEARCH [1001, 1002, 1003, 1004, 1005, 1006, 1007] more",
                "SEARCH [1008, 1009, 1010]",
                "ESEARCH Some(\"1:3,5:7,9:11,13:15\") true",
                "ESEARCH Some(\"17:19\") false",
                "VANISHED true 1:3,5:7,9:11,13:15,17:19 true",
                "VANISHED true 21 false",
                "code CopyUid { uid_validity: 7, source: 1:3,5,7,9,11,13, destination: 21:23,25,27,29 }",
                "A1 OK done",
                "CAPABILITY 4 more",
                "OK hi",
                "CAPABILITY 5 more",
                "CAPABILITY 1",
                "code Modified(101,102,103,104,105,106,107,108)",
                "A3 NO x",
                "code AppendUid { uid_validity: 7, uids: 101,102,103,104,105,106,107 }",
                "A4 OK x",
                "code PermanentFlags([Seen, Deleted, Draft])",
                "OK x",
                "OK …",
                "malformed junk [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SOR",
                "FLAGS 4 more",
                "FLAGS 3",
                "fetch 1",
                "UID 1",
                "oversized item",
                "UID 2",
                "end",
                "oversized",
                "A2 OK 012345678901234567890123456789012345678901…",
                "1 EXISTS",
            ],
        );
    }
    // The parts make one set of flags.
    let mut it = Session::new(Connection::new(Config::new()), 40, 64);
    it.hear(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n");
    it.send(&INBOX, "A1 SELECT \"INBOX\"\r\n");
    it.hear(b"* OK [PERMANENTFLAGS (\\Seen \\Deleted \\Draft \\Flagged \\*)] x\r\nA1 OK x\r\n");
    let flags = it.connection.selected().unwrap().permanent_flags.unwrap();
    assert!(flags.contains(FlagSet::SEEN | FlagSet::FLAGGED | FlagSet::WILDCARD));
    // What cannot be cut into parts is known to be cut.
    let mut it = Session::new(Connection::observer(), 40, 64);
    it.buffers.rx.fill(b"* OK [X-UNKNOWN (01234567890123456789012345678901234567890)] x\r\n");
    it.connection.advance(&mut it.buffers, Instant::ZERO).unwrap();
    let Event::Status(status) = it.connection.event(&it.buffers) else { panic!() };
    assert!(matches!(status.text.code, Some(Code::Malformed { .. })) && status.truncated);
    assert!(status.text.text.is_empty());
    // The parts make one set of capabilities.
    let mut it = Session::new(Connection::new(Config::new()), 40, 64);
    it.hear(b"* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS SORT LITERAL+] hi\r\n");
    let known = it.connection.capabilities();
    assert!(known.contains(&Capability::Idle) && known.contains(&Capability::LiteralPlus));
    assert!(it.connection.knows_capabilities());
}

#[test]
fn compress_hands_over_what_is_in_rx() {
    for slow in [false, true] {
        // An OK that fits, and one that does not.
        for words in ["go", &"go ".repeat(99)] {
            let mut it = Session::logged_in("IMAP4rev1 COMPRESS=DEFLATE IDLE");
            it.slow = slow;
            it.send(&CompressCommand, "A1 COMPRESS DEFLATE\r\n");
            it.refuses(&NoopCommand, UsageError::Busy);
            assert_eq!(
                it.connection.compress_started(&it.buffers.rx),
                Err(UsageError::WrongState.into())
            );
            let heard = it.hear(format!("* 3 EXISTS\r\nA1 OK {words}\r\n").as_bytes());
            assert_eq!(heard.len(), 3, "{heard:?}");
            assert_eq!(heard[2], "A1 compress");
            // What looks like a line is none.
            it.hears("* 4 EXISTS\r\n\x01\n", &[]);
            it.refuses(&NoopCommand, UsageError::Busy);
            assert!(!it.connection.is_compressed());
            let left = Err(UsageError::CompressedInRx.into());
            assert_eq!(it.connection.compress_started(&it.buffers.rx), left);
            let mut room = [0; 32];
            let taken = it.buffers.rx.take(&mut room);
            assert_eq!(&room[..taken], b"* 4 EXISTS\r\n\x01\n");
            assert_eq!(it.connection.compress_started(&it.buffers.rx), Ok(()));
            assert!(it.connection.is_compressed());
            it.hears("* 5 EXISTS\r\n", &["5 EXISTS"]);
            it.refuses(&CompressCommand, UsageError::WrongState);
            it.send(&NoopCommand, "A2 NOOP\r\n");
            it.hears("A2 OK\r\n", &["A2 OK"]);
        }
        // All at once, with what is compressed already.
        let mut it = Session::selected("IMAP4rev1 COMPRESS=DEFLATE");
        it.slow = slow;
        it.send(&CompressCommand, "A2 COMPRESS DEFLATE\r\n");
        it.hears("A2 OK go\r\n\x02\n\r\n{9}\r\n", &["A2 OK go", "A2 compress"]);
        assert_eq!(it.buffers.rx.take(&mut [0; 32]), 9);
        assert_eq!(it.connection.compress_started(&it.buffers.rx), Ok(()));
        assert_eq!(it.connection.selected().map(|it| it.exists), Some(9));
    }
}

#[test]
fn compress_refused() {
    let mut it = Session::greeted("IMAP4rev1 COMPRESS=DEFLATE");
    it.refuses(&CompressCommand, UsageError::WrongState);
    let mut it = Session::logged_in("IMAP4rev1");
    it.refuses(&CompressCommand, UsageError::NotOffered("COMPRESS=DEFLATE"));
    let mut it = Session::logged_in("IMAP4rev1 COMPRESS=DEFLATE");
    it.send(&NoopCommand, "A1 NOOP\r\n");
    it.refuses(&CompressCommand, UsageError::Busy);
    it.hears("A1 OK\r\n", &["A1 OK"]);
    it.send(&CompressCommand, "A2 COMPRESS DEFLATE\r\n");
    it.hears("A2 NO [COMPRESSIONACTIVE] by TLS\r\n", &["A2 NO by TLS"]);
    assert!(!it.connection.is_compressed());
    it.send(&NoopCommand, "A3 NOOP\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);
    // Before it was sent.
    it.try_send(&CompressCommand).unwrap();
    it.hears("A4 OK\r\n", &[&peer(PeerError::AnsweredEarly)]);
    // Not before it is known whether the server can do it.
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.hears("* PREAUTH hi\r\n", &["greeting PREAUTH hi"]);
    it.refuses(&CompressCommand, UsageError::CapabilitiesUnknown);
    it.sends("A1 CAPABILITY\r\n");
    it.hears("* CAPABILITY COMPRESS=DEFLATE\r\n", &["CAPABILITY 1"]);
    it.refuses(&CompressCommand, UsageError::Busy);
}

#[test]
fn unauthenticate_goes_back_to_before_the_login() {
    let mut it = Session::logged_in("IMAP4rev1 IMAP4rev2 ENABLE UNAUTHENTICATE");
    it.send(&EnableCommand { capabilities: &["IMAP4rev2"] }, "A1 ENABLE IMAP4rev2\r\n");
    it.hears("* ENABLED IMAP4rev2\r\nA1 OK\r\n", &["ENABLED", "A1 OK"]);
    it.send(&INBOX, "A2 SELECT \"INBOX\"\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);
    assert!(it.connection.is_utf8() && it.connection.selected().is_some());
    // It is not to be refused (RFC 8437 section 3), and if it is, nothing has changed.
    it.send(&UnauthenticateCommand, "A3 UNAUTHENTICATE\r\n");
    it.refuses(&NoopCommand, UsageError::Busy);
    it.hears("A3 BAD what?\r\n", &["A3 BAD what?"]);
    assert_eq!(it.connection.state(), State::Selected);
    assert!(it.connection.is_utf8() && it.connection.knows_capabilities());

    it.send(&UnauthenticateCommand, "A4 UNAUTHENTICATE\r\n");
    it.hears("A4 OK bye, alice\r\n", &["A4 OK bye, alice"]);
    assert_eq!(it.connection.state(), State::NotAuthenticated);
    assert!(!it.connection.is_utf8() && it.connection.selected().is_none());
    assert!(it.connection.capabilities().is_empty());
    it.sends("A5 CAPABILITY\r\n");
    it.hears("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nA5 OK\r\n", &["CAPABILITY 2", "A5 OK"]);
    it.refuses(&login("bob", "x"), UsageError::NotOffered("LOGIN"));
    it.refuses(&UnauthenticateCommand, UsageError::WrongState);

    // The server tells by itself.
    let mut it = Session::logged_in("IMAP4rev1 UNAUTHENTICATE");
    it.send(&UnauthenticateCommand, "A1 UNAUTHENTICATE\r\n");
    it.hears("A1 OK [CAPABILITY IMAP4rev1 IDLE] x\r\n", &["A1 OK x"]);
    it.send(&login("bob", "x"), "A2 LOGIN \"bob\" \"x\"\r\n");
    let mut it = Session::logged_in("IMAP4rev1");
    it.refuses(&UnauthenticateCommand, UsageError::NotOffered("UNAUTHENTICATE"));
}

#[test]
fn unauthenticate_ends_compression() {
    let compressed = || {
        let mut it = Session::logged_in("IMAP4rev1 COMPRESS=DEFLATE UNAUTHENTICATE");
        it.send(&CompressCommand, "A1 COMPRESS DEFLATE\r\n");
        it.hears("A1 OK\r\n", &["A1 OK", "A1 compress"]);
        it.connection.compress_started(&it.buffers.rx).unwrap();
        it.send(&UnauthenticateCommand, "A2 UNAUTHENTICATE\r\n");
        it
    };
    for slow in [false, true] {
        let mut it = compressed();
        it.slow = slow;
        it.hears("A2 OK\r\n", &["A2 OK", "A2 end compression"]);
        // Nothing is sent before compression is off.
        it.sends("");
        it.refuses(&NoopCommand, UsageError::Busy);
        assert_eq!(it.connection.compress_ended(&it.buffers.rx), Ok(()));
        assert!(!it.connection.is_compressed());
        it.hears("", &[]);
        it.sends("A3 CAPABILITY\r\n");
        // A second user may compress again.
        it.hears("* CAPABILITY IMAP4rev1\r\nA3 OK\r\n", &["CAPABILITY 1", "A3 OK"]);
        it.send(&login("bob", "x"), "A4 LOGIN \"bob\" \"x\"\r\n");
        it.hears("A4 OK [CAPABILITY COMPRESS=DEFLATE] x\r\n", &["A4 OK x"]);
        it.send(&CompressCommand, "A5 COMPRESS DEFLATE\r\n");

        let mut it = compressed();
        it.slow = slow;
        let lost = peer(PeerError::BadCompression);
        let heard = it.hear(b"A2 OK\r\n* 3 EXISTS\r\n");
        assert_eq!(heard.last(), Some(&lost), "{heard:?}");
    }
    let mut it = compressed();
    it.hears("A2 OK\r\n", &["A2 OK", "A2 end compression"]);
    it.buffers.rx.fill(b"x");
    let lost = Err(PeerError::BadCompression.into());
    assert_eq!(it.connection.compress_ended(&it.buffers.rx), lost);
}

#[test]
fn extensions_are_sent_only_if_offered() {
    let mail = &[NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];
    let groups = &[NotifyGroup { mailboxes: FilterMailboxes::Personal, events: mail }];
    let entries: &[(_, Option<&[u8]>)] = &[("/private/a", None)];
    let (mailbox, identifier) = ("a", "bob");
    let rights = SetRights::Replace("lr");
    let list = ListCommand::new(&["*"]);
    let xlist = XListCommand { reference: "", pattern: "*" };
    let commands: [(&dyn Command, &str); 26] = [
        (&IdCommand::default(), "ID"),
        (&GetQuotaCommand { root: "" }, "QUOTA"),
        (&GetQuotaRootCommand { mailbox }, "QUOTA"),
        (&SetQuotaCommand { root: "", limits: &[] }, "QUOTASET"),
        (&SetAclCommand { mailbox, identifier, rights }, "ACL"),
        (&DeleteAclCommand { mailbox, identifier }, "ACL"),
        (&GetAclCommand { mailbox }, "ACL"),
        (&ListRightsCommand { mailbox, identifier }, "ACL"),
        (&MyRightsCommand { mailbox }, "ACL"),
        (&GetMetadataCommand::new(mailbox, &["/private/a"]), "METADATA"),
        (&GetMetadataCommand::new("", &["/private/a"]), "METADATA-SERVER"),
        (&SetMetadataCommand { mailbox, entries }, "METADATA"),
        (&SetMetadataCommand { mailbox: "", entries }, "METADATA-SERVER"),
        (&LanguageCommand::default(), "LANGUAGE"),
        (&ComparatorCommand::default(), "I18NLEVEL=2"),
        (&GetJmapAccessCommand, "JMAPACCESS"),
        (&GenUrlAuthCommand { urls: &[("a", "INTERNAL")] }, "URLAUTH"),
        (&ResetKeyCommand::default(), "URLAUTH"),
        (&UrlFetchCommand { urls: &[("a", &[])] }, "URLAUTH"),
        (&NotifyCommand::set(groups), "NOTIFY"),
        (&NotifyCommand::none(), "NOTIFY"),
        (&xlist, "XLIST"),
        (&RListCommand { reference: "", pattern: "*" }, "MAILBOX-REFERRALS"),
        (&RLsubCommand { reference: "", pattern: "*" }, "MAILBOX-REFERRALS"),
        (&list.returns(&[ListReturn::MyRights]), "LIST-MYRIGHTS"),
        (&list.returns(&[ListReturn::Metadata(&["/private/a"])]), "LIST-METADATA"),
    ];
    for (command, need) in commands {
        let base = "IMAP4rev1 LIST-EXTENDED";
        Session::logged_in(base).refuses(command, UsageError::NotOffered(need));
        let with = format!("{base} {need}");
        assert!(Session::logged_in(&with).try_send(command).is_ok(), "{need}");
        assert!(Session::selected(&with).try_send(command).is_ok(), "{need}");
        let before_login = Session::greeted(&with).try_send(command);
        if !matches!(need, "ID" | "LANGUAGE") {
            assert_eq!(before_login, Err(UsageError::WrongState.into()), "{need}");
        }
        let config = Config { send_unoffered: true, ..Config::new() };
        let mut it = Session::new(Connection::new(config), 256, 256);
        it.hear(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n");
        assert!(it.try_send(command).is_ok(), "{need}");
    }
    let binary = UrlFetchCommand { urls: &[("a", &[UrlFetchParam::Binary])] };
    let mut it = Session::logged_in("IMAP4rev1 URLAUTH");
    it.refuses(&binary, UsageError::NotOffered("URLAUTH=BINARY"));
}

/// Asked for or not, before login or after it.
#[test]
fn responses_of_extensions_come_typed() {
    let heard = |line: &str, utf8: bool| {
        let mut it = Session::logged_in("IMAP4rev1 ENABLE UTF8=ACCEPT");
        if utf8 {
            it.send(&EnableCommand { capabilities: &["UTF8=ACCEPT"] }, "A1 ENABLE UTF8=ACCEPT\r\n");
            it.hear(b"* ENABLED UTF8=ACCEPT\r\nA1 OK x\r\n");
        }
        it.buffers.rx.fill(line.as_bytes());
        it.buffers.rx.fill(b"\r\n");
        assert!(matches!(it.connection.advance(&mut it.buffers, it.now), Ok(Progress::Event)));
        match it.connection.event(&it.buffers) {
            Event::Acl(raw) => format!("{:?}", raw.parse()),
            Event::MyRights(raw) => format!("{:?}", raw.parse().map(|it| it.mailbox.to_string())),
            Event::Metadata(raw) => format!("{:?}", raw.parse().map(|it| it.values)),
            Event::XList(raw) => format!("{:?}", raw.parse().map(|it| it.mailbox.to_string())),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(heard(r#"* MYRIGHTS "&AOk-" lr"#, false), r#"Some("é")"#);
    assert_eq!(heard(r#"* MYRIGHTS "&AOk-é" lr"#, true), r#"Some("&AOk-é")"#);
    assert_eq!(heard(r#"* xlist (\Inbox) "/" "Bo&AO4-te""#, false), r#"Some("Boîte")"#);
    assert_eq!(heard("* ACL", false), "None");
    assert!(heard("* METADATA \"\" (/a {2}\r\n\r\n /b NIL)", false).contains(r#""\r\n""#));
    assert!(heard("* IDX (1)", false).starts_with("Other"));
    // More than fits Rx.
    let mut it = Session::new(Connection::observer(), 64, 0);
    let long = "x".repeat(100);
    let heard =
        it.hear(format!("* METADATA \"\" (/a {{100}}\r\n{long})\r\n* 1 EXISTS\r\n").as_bytes());
    assert!(heard[0].contains("versized"), "{heard:?}");
    assert_eq!(heard[1..], ["1 EXISTS"]);
}

#[test]
fn quirks_are_guessed() {
    // 163.com: an ID behind the login, once it is known that there is such a thing.
    let mut it = Session::new(Connection::new(Config::new()), 256, 256);
    it.hears(
        "* OK Coremail System IMap Server Ready(163com[x])\r\n",
        &["greeting OK Coremail System IMap Server Ready(163com[x])"],
    );
    assert_eq!(it.connection.quirks(), Quirks::ID_AFTER_LOGIN);
    it.sends("A1 CAPABILITY\r\n");
    it.hears("* CAPABILITY IMAP4rev1 ID\r\nA1 OK\r\n", &["CAPABILITY 2", "A1 OK"]);
    it.send(&login("a", "b"), "A2 LOGIN \"a\" \"b\"\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);
    it.sends("A3 CAPABILITY\r\n");
    it.hears("* CAPABILITY IMAP4rev1 ID\r\nA3 OK\r\n", &["CAPABILITY 2", "A3 OK"]);
    // What is sent now comes behind it.
    let id = format!("A4 ID (\"name\" \"mailwire\" \"version\" \"{}\")", env!("CARGO_PKG_VERSION"));
    it.send(&INBOX, &format!("{id}\r\nA5 SELECT \"INBOX\"\r\n"));
    it.hears("A4 BAD what?\r\nA5 OK\r\n", &["A4 BAD what?", "A5 OK"]);
    it.sends("");

    // One that has no ID is not sent one.
    let mut it = Session::greeted("IMAP4rev1");
    it.connection.set_quirks(Quirks::ID_AFTER_LOGIN);
    it.send(&login("a", "b"), "A1 LOGIN \"a\" \"b\"\r\n");
    it.hears("A1 OK [CAPABILITY IMAP4rev1] x\r\n", &["A1 OK x"]);
    it.sends("");
    it.send(&INBOX, "A2 SELECT \"INBOX\"\r\n");

    // iCloud: what the OK says is not enough.
    let mut it = Session::greeted("IMAP4rev1 XAPPLEPUSHSERVICE");
    it.send(&login("a", "b"), "A1 LOGIN \"a\" \"b\"\r\n");
    it.hears("A1 OK [CAPABILITY IMAP4rev1] x\r\n", &["A1 OK x"]);
    it.sends("A2 CAPABILITY\r\n");
    it.hears("* CAPABILITY IMAP4rev1\r\nA2 OK\r\n", &["CAPABILITY 1", "A2 OK"]);
    it.send(&INBOX, "A3 SELECT \"INBOX\"\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);
    it.send(&FetchCommand::new(1, &[Fetch::Rfc822Header]), "A4 FETCH 1 BODY.PEEK[HEADER]\r\n");
    it.send(
        &FetchCommand::new(1, &[Fetch::Rfc822Text, Fetch::Rfc822]),
        "A5 FETCH 1 (BODY[TEXT] BODY[])\r\n",
    );

    // QQ: no literals in LOGIN.
    let mut it = Session::greeted("IMAP4rev1");
    it.connection.set_quirks(Quirks::NO_LOGIN_LITERALS);
    it.send(&login("a", "p\u{e4}ss"), "A1 LOGIN \"a\" \"p\u{e4}ss\"\r\n");

    // From the ID, whoever asked for it, and what it says then goes for what was known before.
    let mut it = Session::logged_in("IMAP4rev1 ID LIST-EXTENDED LIST-STATUS");
    assert!(it.connection.capabilities().contains(&Capability::ListExtended));
    it.send(&IdCommand::default(), "A1 ID NIL\r\n");
    it.hear(b"* ID (\"NAME\" \"Zimbra\" \"VERSION\" \"7.0\")\r\nA1 OK\r\n");
    assert_eq!(it.connection.quirks(), Quirks::NO_LIST_OPTIONS);
    assert!(!it.connection.capabilities().contains(&Capability::ListExtended));
    let options = ListCommand::new(&["*"]).selection(&[ListSelection::Subscribed]);
    it.refuses(&options, UsageError::NotOffered("LIST-EXTENDED"));
    it.send(&ListCommand::new(&["*"]), "A2 LIST \"\" \"*\"\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);
    // The program knows better.
    it.connection.set_quirks(Quirks::NONE);
    it.hears("", &[]);
    it.sends("A3 CAPABILITY\r\n");
    it.hears("* CAPABILITY IMAP4rev1 LIST-EXTENDED\r\nA3 OK\r\n", &["CAPABILITY 2", "A3 OK"]);
    it.send(&options, "A4 LIST (SUBSCRIBED) \"\" \"*\"\r\n");
    it.hear(b"* ID (\"NAME\" \"Zimbra\")\r\n");
    assert_eq!(it.connection.quirks(), Quirks::NONE);

    // So it does from the beginning.
    let mut config = Config::new();
    config.quirks = Some(Quirks::NO_MOVE);
    let mut it = Session::new(Connection::new(config), 256, 256);
    it.hear(b"* PREAUTH [CAPABILITY IMAP4rev2 XYMHIGHESTMODSEQ] Proton\r\n");
    assert_eq!(it.connection.quirks(), Quirks::NO_MOVE);
    it.send(&INBOX, "A1 SELECT \"INBOX\"\r\n");
    it.hears("A1 OK\r\n", &["A1 OK"]);
    let messages = MoveCommand { messages: 1.into(), mailbox: "x", uid: true };
    it.refuses(&messages, UsageError::NotOffered("MOVE"));
    // A word in a mail is none.
    let mut it = Session::selected("IMAP4rev1");
    it.hear(b"* OK Coremail\r\n* 1 FETCH (BODY[] \"Zimbra XAPPLEPUSHSERVICE\")\r\n");
    assert_eq!(it.connection.quirks(), Quirks::NONE);
}

/// What a server says, of no command's answer, that is not as it should be: the session goes on.
#[test]
fn odd_sessions() {
    // Exchange: a + that nothing waits for, before the one that does.
    let mut it = Session::selected("IMAP4rev1 IDLE");
    it.hears("+ what?\r\n", &["+ what?"]);
    it.send(&IdleCommand, "A2 IDLE\r\n");
    // AOL.
    it.hears("+\r\n* 5 EXISTS\r\n", &["A2 idling", "5 EXISTS"]);
    it.connection.done(&mut it.buffers.tx).unwrap();
    it.sends("DONE\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);

    // GMX: goodbye in place of +.
    let mut it = Session::selected("IMAP4rev1 IDLE");
    it.send(&IdleCommand, "A2 IDLE\r\n");
    it.hears("* BYE timeout\r\n", &["BYE timeout"]);
    assert_eq!(it.close(), [peer(PeerError::Bye)]);

    // Office 365: logged in, but not for long.
    let mut it = Session::greeted("IMAP4rev1");
    it.send(&login("a", "b"), "A1 LOGIN \"a\" \"b\"\r\n");
    it.hears("A1 OK [CAPABILITY IMAP4rev1] x\r\n", &["A1 OK x"]);
    it.send(&INBOX, "A2 SELECT \"INBOX\"\r\n");
    let bad = "BAD User is authenticated but not connected.";
    it.hears(&format!("A2 {bad}\r\n"), &[&format!("A2 {bad}")]);
    assert_eq!(it.connection.state(), State::Authenticated);

    // A tagged BYE, and answers in another order than the questions.
    let mut it = Session::selected("IMAP4rev1");
    it.send(&NoopCommand, "A2 NOOP\r\n");
    it.send(&CheckCommand, "A3 CHECK\r\n");
    it.hears("A3 OK\r\n* 5 EXISTS\r\nA2 NO no\r\n", &["A3 OK", "5 EXISTS", "A2 NO no"]);
    assert!(it.connection.is_quiet());
    it.hears("A9 BYE\r\n", &["A9 BYE"]);
    assert_eq!(it.connection.state(), State::Logout);

    // A body's line that begins with the tag is no answer.
    let mut it = Session::selected("IMAP4rev1");
    it.send(&FetchCommand::new(1, &[Fetch::body("")]), "A2 FETCH 1 BODY[]\r\n");
    it.hear(b"* 1 FETCH (BODY[] {9}\r\nA2 OK x\r\n)\r\n");
    assert!(!it.connection.is_quiet());
    it.hears("A2 OK x\r\n", &["A2 OK x"]);
}

/// The fields that the scanner marks are those that a walk finds, whatever is in them and however
/// the input is cut.
#[test]
fn marked_envelopes() {
    let check = |value: &str| {
        let line = format!("* 1 FETCH (ENVELOPE {value} UID 7)\r\n");
        for cut in 0..line.len() {
            let mut it = Session::new(Connection::observer(), 4096, 0);
            let mut found = None;
            for piece in [&line.as_bytes()[..cut], &line.as_bytes()[cut..]] {
                it.buffers.rx.fill(piece);
                while let Ok(Progress::Event) = it.connection.advance(&mut it.buffers, it.now) {
                    match it.connection.event(&it.buffers) {
                        Event::Fetch(FetchEvent::Item(Item::Envelope(envelope))) => {
                            found = Some(format!("{envelope:?}"));
                            let walked = Envelope::parse(value.trim().as_bytes());
                            assert_eq!(Some(envelope), walked, "{value}");
                        }
                        Event::Fetch(FetchEvent::Item(Item::Uid(uid))) => assert_eq!(uid, 7),
                        _ => {}
                    }
                }
            }
            let walked = Envelope::parse(value.trim().as_bytes());
            assert_eq!(found, walked.map(|it| format!("{it:?}")), "{value} cut at {cut}");
        }
    };
    let list = r#"(("A ) B" NIL "a" "x.org")(NIL NIL "b" NIL))"#;
    for value in [
        format!(r#"("d" "s" {list} {list} {list} {list} NIL NIL NIL "<1@x>")"#),
        format!(r#"( "d"  "s"{list}{list} {list} NIL  NIL NIL NIL NIL)"#),
        format!(r#" ("d" "s" {list} {list} {list} {list} NIL NIL NIL "<1@x>" "more" NIL (1))"#),
        format!(r#"(nil "s\"" {list} atom {list} NIL NIL NIL NIL NIL)"#),
        format!("({{1}}\r\nd \"{{3}}\" {list} NIL ({{2}}\r\nab) NIL)"),
        r#"("d" "s")"#.into(),
        r#"("d" NILE "s" ((("x"))) "y"z "w")"#.into(),
        r"()".into(),
        r#"()("b")"#.into(),
        r#"("a")("b")"#.into(),
        r#"("a")b"#.into(),
        r#"a("b")"#.into(),
        r#""("b")"#.into(),
        r#"("a"]"b")"#.into(),
        format!(r#"("" "" {list} NIL NIL NIL NIL NIL """" "")"#),
        r#"("d" "s" (("A" NIL "a" "x)) (("B" NIL "b" "y)) (("C" NIL "c" "z")) NIL)"#.into(),
        format!(r#"("a""b" "c"{list} ("x""y" NIL "z"NIL) NIL)"#),
    ] {
        check(&value);
    }
}

#[test]
fn uid_commands_with_sequence_numbers_follow_their_rules() {
    let numbers = [Search::Not(&Search::Sequence(SequenceSet::from(7)))];
    let search = SearchCommand::new(&numbers).uid();
    let sort = SortCommand::new(&[Sort::Date], &numbers).uid();
    let mut it = Session::selected("IMAP4rev1 SORT SEARCHRES");
    it.send(&FetchCommand::uid(1, &[Fetch::Uid]), "A2 UID FETCH 1 UID\r\n");
    it.refuses(&search, UsageError::Busy);
    it.refuses(&sort, UsageError::Busy);
    // What a search saved is no number.
    let saved = [Search::Sequence(SequenceSet::SEARCH_RESULT)];
    it.send(&SearchCommand::new(&saved).uid(), "A3 UID SEARCH $\r\n");
    it.hears("A2 OK\r\nA3 OK\r\n", &["A2 OK", "A3 OK"]);
    it.send(&search, "A4 UID SEARCH NOT 7\r\n");

    let mut it = Session::enabled_selected("IMAP4rev1", "UIDONLY");
    it.refuses(&search, UsageError::WrongState);
    it.send(&SearchCommand::new(&[]).uid(), "A3 UID SEARCH ALL\r\n");
}

#[test]
fn notify_of_the_selected_mailbox_ends_sequence_numbers() {
    let mail = &[NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];
    let of = |mailboxes| [NotifyGroup { mailboxes, events: mail }];
    let fetch = FetchCommand::new(1, &[Fetch::Uid]);
    let numbers = [Search::Sequence(SequenceSet::from(7))];
    let mut it = Session::selected("IMAP4rev1 NOTIFY UNAUTHENTICATE");
    let none = "A2 NOTIFY SET (inboxes (MessageNew MessageExpunge))\r\n";
    it.send(&NotifyCommand::set(&of(FilterMailboxes::Inboxes)), none);
    it.hears("A2 OK\r\n", &["A2 OK"]);
    it.send(&fetch, "A3 FETCH 1 UID\r\n");
    it.hears("A3 OK\r\n", &["A3 OK"]);

    let selected = of(FilterMailboxes::Selected);
    let delayed = of(FilterMailboxes::SelectedDelayed);
    let (selected, delayed) = (NotifyCommand::set(&selected), NotifyCommand::set(&delayed));
    let notify = |it: &mut Session, command: &NotifyCommand<'_>, answer: &str| {
        let tag = it.try_send(command).unwrap();
        it.sent();
        it.hear(format!("{} {answer}\r\n", tag.as_str()).as_bytes());
    };
    let stable = |it: &mut Session| {
        let result = it.try_send(&fetch);
        let Ok(tag) = result else {
            assert_eq!(result, Err(UsageError::WrongState.into()));
            it.refuses(&SearchCommand::new(&numbers).uid(), UsageError::WrongState);
            return false;
        };
        it.sent();
        it.hear(format!("{} OK\r\n", tag.as_str()).as_bytes());
        true
    };
    notify(&mut it, &selected, "NO no");
    assert!(stable(&mut it));
    notify(&mut it, &selected, "OK on");
    assert!(!stable(&mut it));
    // As it was.
    notify(&mut it, &delayed, "NO no");
    assert!(!stable(&mut it));
    notify(&mut it, &delayed, "OK on");
    assert!(stable(&mut it));
    notify(&mut it, &selected, "OK on");
    notify(&mut it, &NotifyCommand::none(), "OK off");
    assert!(stable(&mut it));
    notify(&mut it, &selected, "OK on");
    it.hear(b"* OK [NOTIFICATIONOVERFLOW] too much\r\n");
    assert!(stable(&mut it));
}

#[test]
fn what_must_be_enabled_is() {
    let qresync = [SelectParameter::QResync(QResync::new(7, 9))];
    let select = INBOX.parameters(&qresync);
    let fetch = FetchCommand::uid(1, &[Fetch::Uid]).changed_since(5).vanished();
    let append = AppendCommand::with("x", AppendMessage::new(5).utf8());
    for (command, what) in
        [(&select as &dyn Command, "QRESYNC"), (&fetch, "QRESYNC"), (&append, "UTF8=ACCEPT")]
    {
        Session::selected("IMAP4rev1 CONDSTORE").refuses(command, UsageError::NotOffered(what));
        let mut it = Session::selected(&format!("IMAP4rev1 ENABLE {what}"));
        it.refuses(command, UsageError::NotEnabled(what));
        assert!(Session::enabled_selected("IMAP4rev1", what).try_send(command).is_ok());
        let config = Config { send_unoffered: true, ..Config::new() };
        let mut it = Session::new(Connection::new(config), 256, 256);
        it.hears("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n", &["greeting PREAUTH hi"]);
        it.send(&INBOX, "A1 SELECT \"INBOX\"\r\n");
        it.hears("A1 OK x\r\n", &["A1 OK x"]);
        assert!(it.try_send(command).is_ok());
    }
    // Remembered sequence numbers, too, are none any more.
    let known = QResync::new(7, 9).seq_match(1, 41);
    let parameters = [SelectParameter::QResync(known)];
    let select = INBOX.parameters(&parameters);
    let mut it = Session::enabled("IMAP4rev1 UIDONLY", "QRESYNC");
    let uid_only = EnableCommand { capabilities: &["UIDONLY"] };
    it.send(&uid_only, "A2 ENABLE UIDONLY\r\n");
    it.hears("* ENABLED UIDONLY\r\nA2 OK\r\n", &["ENABLED", "A2 OK"]);
    it.refuses(&select, UsageError::WrongState);
    for (uid_validity, mod_seq) in [(0, 1), (1, 0)] {
        let parameters = [SelectParameter::QResync(QResync::new(uid_validity, mod_seq))];
        let mut it = Session::enabled("IMAP4rev1", "QRESYNC");
        let refused = it.try_send(&INBOX.parameters(&parameters));
        assert!(matches!(refused, Err(Error::Usage(UsageError::InvalidArgument(_)))));
    }
}

#[test]
fn imap4rev2_knows_no_recent() {
    for key in [Search::New, Search::Old, Search::Recent] {
        let keys = [key];
        let search = SearchCommand::new(&keys);
        let no = UsageError::NotOffered("IMAP4rev1");
        Session::selected("IMAP4rev2").refuses(&search, no);
        Session::enabled_selected("IMAP4rev1", "IMAP4rev2").refuses(&search, no);
        assert!(Session::selected("IMAP4rev1 IMAP4rev2").try_send(&search).is_ok());
    }
}

#[test]
fn esearch_of_the_selected_mailbox() {
    let capabilities = "IMAP4rev1 MULTISEARCH ESEARCH CONTEXT=SEARCH";
    let both = [FilterMailboxes::Personal, FilterMailboxes::Selected];
    let update = [SearchReturn::Update];
    let numbers = [Search::Sequence(SequenceSet::from(7))];
    let mut it = Session::logged_in(capabilities);
    it.refuses(&EsearchCommand::new(&[], &[]), UsageError::WrongState);
    it.refuses(&EsearchCommand::new(&both, &[]), UsageError::WrongState);
    it.send(&EsearchCommand::new(&both[..1], &[]), "A1 ESEARCH IN (personal) ALL\r\n");

    let mut it = Session::selected(capabilities);
    for bad in [
        EsearchCommand::new(&both, &numbers),
        EsearchCommand::new(&both[..1], &numbers),
        EsearchCommand::new(&both, &[]).returns(&update),
        EsearchCommand::new(&[FilterMailboxes::Personal; 2], &[]),
        EsearchCommand::new(&[FilterMailboxes::SelectedDelayed], &[]),
    ] {
        let refused = it.try_send(&bad);
        assert!(
            matches!(refused, Err(Error::Usage(UsageError::InvalidArgument(_)))),
            "{bad:?} {refused:?}"
        );
    }
    it.send(&EsearchCommand::new(&both, &[]), "A2 ESEARCH IN (personal selected) ALL\r\n");
    it.hears("A2 OK\r\n", &["A2 OK"]);
    let selected = EsearchCommand::new(&both[1..], &numbers).returns(&update);
    it.send(&selected, "A3 ESEARCH IN (selected) RETURN (UPDATE) 7\r\n");
}

/// What the frame finds on its way is what the parser of the item would find.
#[test]
fn marks_are_what_the_parsers_find() {
    let text = r#"("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 1 1)"#;
    let nested = (0..20).fold(String::from(text), |inner, n| {
        format!(r#"({inner}{text} "M{n}" ("BOUNDARY" "=_{n}") NIL NIL)"#)
    });
    let envelope = r#"("Mon" "Lunch?" (("Ann" NIL "ann" "a.example")("B" NIL "b" NIL)) NIL () NIL NIL NIL "<1>" "<2>")"#;
    for value in [
        text.into(),
        format!(r#"({text}{text} "MIXED")"#),
        format!(r#"({text} {text} "MIXED")"#),
        format!(r#"( {text}{text} "MIXED" ("A" ("B")))"#),
        format!("(({text}{text} {{3}}\r\nABC NIL){text} \"MIXED\")"),
        format!(r#"((({text} "a\"") "b)"){text} 5 (("C")) (("D") "E"))"#),
        format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 {envelope} ({text}{text} "X") 9)"#),
        format!(r#"((()(() nil)){text} "MIXED" NIL)"#),
        format!(r#"((({text} "a"b"c") (() "x)" "")){text} "MIXED" """" ("A" """"))"#),
        format!(r#"((({text} "x"y) "z" (() "x)" "")){text} "MIXED")"#),
        nested,
        envelope.into(),
        r#"("a"  "b" NIL (("c" NIL "d" "e"))"f" "g" )"#.into(),
        r#"("a" "b\"" NIL NIL NIL NIL NIL NIL "c" "d")"#.into(),
        r#"("a" "" NIL NIL NIL NIL NIL NIL "" "")"#.into(),
        r#"("a" b NIL NIL NIL NIL NIL NIL "c")"#.into(),
        "(NIL NIL NIL)".into(),
        "()".into(),
    ] {
        for name in ["BODYSTRUCTURE", "ENVELOPE", "X"] {
            let line = format!("* 1 FETCH (UID 1 {name} {value} FLAGS (a))\r\n");
            let wanted = Item::parse(format!("{name} {value}").as_bytes(), false)
                .map(|item| format!("{item:?}"));
            for at in 1..line.len() {
                let mut session = Session::new(Connection::observer(), 16 * 1024, 64);
                let mut found = Vec::new();
                for piece in [&line.as_bytes()[..at], &line.as_bytes()[at..]] {
                    assert_eq!(session.buffers.rx.fill(piece), piece.len());
                    while let Ok(Progress::Event) =
                        session.connection.advance(&mut session.buffers, Instant::ZERO)
                    {
                        let event = session.connection.event(&session.buffers);
                        if let Event::Fetch(FetchEvent::Item(item)) = event {
                            found.push(format!("{item:?}"));
                            if let Item::BodyStructure(it) = item {
                                assert_eq!(BodyStructure::parse(it.raw()).unwrap(), it);
                            }
                        }
                    }
                }
                assert_eq!(found.len(), 2 + usize::from(wanted.is_some()), "{line} {at}");
                assert_eq!(
                    found.get(1).filter(|_| found.len() > 2),
                    wanted.as_ref(),
                    "{line} {at}"
                );
            }
        }
    }
}
