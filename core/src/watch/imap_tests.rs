//! The watcher over IMAP against a server that is played by the test.

extern crate std;
use super::*;
use crate::{Buffers, Duration, Instant, Machine, PeerError, Progress};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A watcher, and what a server says to it.
struct Session {
    watch: ImapWatch<'static>,
    buffers: Buffers<'static>,
    now: Instant,
}

const PASSWORD: &str = "secret";

fn config() -> ImapConfig<'static> {
    ImapConfig::new(Login::password("alice", PASSWORD))
}

impl Session {
    fn new(config: ImapConfig<'static>, cursor: Cursor) -> Self {
        let mailboxes = vec![Watched::new("INBOX", cursor)].leak();
        let watch = ImapWatch::new(config, mailboxes, vec![0; 512].leak());
        let buffers = Buffers::new(vec![0; 512].leak(), vec![0; 256].leak());
        Self { watch, buffers, now: Instant::ZERO }
    }

    /// What the watcher tells, until it waits for input; and then what it sent.
    fn listen(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            match self.watch.advance(&mut self.buffers, self.now).unwrap() {
                Progress::Event => told.push(short(&self.watch.event(&self.buffers))),
                Progress::NeedInput => break,
                Progress::Closed => {
                    told.push("closed".into());
                    break;
                }
            }
        }
        let sent = String::from_utf8(self.buffers.tx.pending().to_vec()).unwrap();
        self.buffers.tx.consume(sent.len());
        told.extend(sent.lines().map(|line| format!("> {line}")));
        told
    }

    /// What comes of the server's saying `input`, byte by byte.
    fn hear(&mut self, input: &str) -> Vec<String> {
        let mut told = self.listen();
        for byte in input.as_bytes() {
            assert_eq!(self.buffers.rx.fill(&[*byte]), 1);
            told.extend(self.listen());
        }
        told
    }

    fn expect(&mut self, input: &str, wanted: &[&str]) {
        assert_eq!(self.hear(input), wanted, "after {input:?}");
    }

    fn open(&mut self, capabilities: &str) {
        self.expect(
            &format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] hi\r\n"),
            &["> A1 LOGIN \"alice\" \"secret\""],
        );
        self.expect(
            &format!("A1 OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n"),
            &["> A2 EXAMINE \"INBOX\""],
        );
    }

    fn after(&mut self, span: Duration) {
        self.now = self.now.saturating_add(span);
    }
}

fn short(event: &Event<'_>) -> String {
    match event {
        Event::Alert(it) => {
            let from = it.from.clone().next().map(|from| from.spec.to_string());
            let (subject, date) = (&it.subject, it.date.map(|date| date.to_unix()));
            let flags = it.flags;
            let size = it.size;
            format!(
                "alert {}: {:?} {:?} {subject:?} {date:?} {size:?} {flags:?} {:?}",
                it.uid,
                from.unwrap_or_default(),
                it.mailbox,
                it.preview
            )
        }
        Event::Retry { at, cause } => format!("retry in {}: {cause:?}", at.as_millis() / 1000),
        Event::Refused { login, text } => format!("refused {login}: {text}"),
        Event::Open { exists, reset, .. } => format!("open {exists} {reset}"),
        other => format!("{other:?}"),
    }
}

fn seen_until(next_uid: u32) -> Cursor {
    Cursor { uid_validity: Some(7), next_uid, mod_seq: 0 }
}

const OPENED: &str =
    "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nA2 OK [READ-ONLY] x\r\n";

#[test]
fn what_came_since_the_cursor_is_told() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(5));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 5:9"]);
    let fetch = |tag, uid| {
        format!(
            "> A{tag} UID FETCH {uid} (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS \
             (From Subject Date)] UID)"
        )
    };
    it.expect("* SEARCH 9 6\r\nA3 OK x\r\n", &[&fetch(4, 6)]);
    let header = "From: Ann <ann@x>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\n";
    let response = format!(
        "* 2 FETCH (UID 6 FLAGS (\\Seen) INTERNALDATE \"01-Jan-1970 00:00:07 +0000\" RFC822.SIZE \
         99 BODY[HEADER.FIELDS (FROM SUBJECT DATE)] {{{}}}\r\n{header})\r\n* 1 FETCH (FLAGS \
         (\\Deleted) UID 3)\r\nA4 OK x\r\n",
        header.len()
    );
    it.expect(
        &response,
        &["alert 6: \"ann@x\" 0 \"café\" Some(7) Some(99) {Seen} None", &fetch(5, 9)],
    );
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 5);
    it.watch.acknowledge(0, 6);
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 7);
    // FETCH says nothing of 9: is it gone?
    it.expect("A5 OK x\r\n", &["> A6 UID SEARCH UID 9"]);
    it.expect("* SEARCH\r\nA6 OK x\r\n", &["CaughtUp", "> A7 IDLE"]);
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 10);
}

#[test]
fn a_message_that_cannot_be_fetched_is_told_all_the_same() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(9));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    assert!(it.hear("* SEARCH 9\r\nA3 OK x\r\n")[0].starts_with("> A4 UID FETCH 9"));
    it.expect("A4 NO [UNAVAILABLE] try later\r\n", &["> A5 UID SEARCH UID 9"]);
    it.expect(
        "* SEARCH 9\r\nA5 OK x\r\n",
        &["alert 9: \"\" 0 \"\" None None {} None", "CaughtUp", "> A6 IDLE"],
    );
    // It was not acknowledged.
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 9);
}

#[test]
fn a_mailbox_never_watched_begins_now_or_with_everything() {
    let mut it = Session::new(config(), Cursor::new());
    it.open("IDLE");
    it.expect(OPENED, &["open 3 true", "CaughtUp", "> A3 IDLE"]);
    assert_eq!(it.watch.mailboxes()[0].cursor, seen_until(10));

    let mut it = Session::new(config(), seen_until(1234));
    it.open("IDLE");
    it.expect(
        &OPENED.replace("VALIDITY 7", "VALIDITY 8"),
        &["open 3 true", "CaughtUp", "> A3 IDLE"],
    );

    let mut it = Session::new(ImapConfig { start: Start::Everything, ..config() }, Cursor::new());
    it.open("IDLE");
    it.expect(OPENED, &["open 3 true", "> A3 UID SEARCH UID 1:9"]);

    // The server does not tell UIDNEXT.
    let mut it = Session::new(config(), Cursor::new());
    it.open("IDLE");
    it.expect(
        "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA2 OK x\r\n",
        &["open 3 true", "> A3 UID SEARCH UID *"],
    );
    it.expect("* SEARCH 41\r\nA3 OK x\r\n", &["> A4 UID SEARCH UID 42:4294967295"]);
    it.expect("* SEARCH 41\r\nA4 OK x\r\n", &["CaughtUp", "> A5 IDLE"]);
    assert_eq!(it.watch.mailboxes()[0].cursor, seen_until(42));
}

#[test]
fn mail_that_comes_at_any_moment() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(10));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "CaughtUp", "> A3 IDLE"]);
    // Before IDLE is on.
    it.expect("* 4 EXISTS\r\n", &[]);
    it.expect("+ idling\r\n", &["> DONE"]);
    it.expect("A3 OK x\r\n", &["> A4 UID SEARCH UID 10:4294967295"]);
    // During the search: this one may not be among what it finds.
    let found = it.hear("* SEARCH 10\r\n* 5 EXISTS\r\nA4 OK x\r\n");
    assert!(found[0].starts_with("> A5 UID FETCH 10"), "{found:?}");
    it.expect(
        "* 4 FETCH (UID 10 FLAGS ())\r\nA5 OK x\r\n",
        &["alert 10: \"\" 0 \"\" None None {} None", "> A6 UID SEARCH UID 11:4294967295"],
    );
    it.expect("* SEARCH 10\r\nA6 OK x\r\n", &["CaughtUp", "> A7 IDLE"]);
    // The renewal looks once more.
    it.expect("+ idling\r\n", &[]);
    assert_eq!(it.watch.deadline(), Some(Instant::from_millis(9 * 60_000)));
    it.after(Duration::from_secs(9 * 60));
    it.expect("", &["> DONE"]);
    it.expect("A7 OK x\r\n", &["> A8 UID SEARCH UID 11:4294967295"]);
    it.expect("* SEARCH 10\r\nA8 OK x\r\n", &["> A9 IDLE"]);
}

#[test]
fn a_long_backlog_is_searched_piece_by_piece() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(1));
    it.open("IDLE");
    let opened = OPENED.replace("UIDNEXT 10", "UIDNEXT 5000");
    it.expect(&opened, &["open 3 false", "> A3 UID SEARCH UID 1:256"]);
    it.expect("* SEARCH\r\nA3 OK x\r\n", &["> A4 UID SEARCH UID 257:768"]);
    it.expect("* SEARCH\r\nA4 OK x\r\n", &["> A5 UID SEARCH UID 769:1792"]);
    let many = (800..900).map(|uid| format!(" {uid}")).collect::<String>();
    let mut told = it.hear(&format!("* SEARCH{many}\r\nA5 OK x\r\n"));
    for uid in 800..816 {
        let tag = uid - 800 + 6;
        assert!(told.last().unwrap().starts_with(&format!("> A{tag} UID FETCH {uid}")), "{told:?}");
        told = it.hear(&format!("* 4 FETCH (UID {uid} FLAGS ())\r\nA{tag} OK x\r\n"));
        assert!(told[0].starts_with(&format!("alert {uid}")));
    }
    assert_eq!(told[1], "> A22 UID SEARCH UID 816:1839");
    // All of it, in the time of a few batches, whatever the server says.
    let told = it.hear("* ESEARCH (TAG \"A22\") UID ALL 1:4294967295\r\nA22 OK x\r\n");
    assert!(told[0].starts_with("> A23 UID FETCH 816"), "{told:?}");
}

#[test]
fn without_idle_it_polls() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(10));
    it.open("");
    it.expect(OPENED, &["open 3 false", "CaughtUp"]);
    assert_eq!(it.watch.deadline(), Some(Instant::from_millis(60_000)));
    it.expect("* 4 EXISTS\r\n", &["> A3 UID SEARCH UID 10:4294967295"]);
    it.expect("* SEARCH\r\nA3 OK x\r\n", &["CaughtUp"].split_at(1).1);
    it.after(Duration::from_secs(60));
    it.expect("", &["> A4 NOOP"]);
    it.expect("A4 OK x\r\n", &["> A5 UID SEARCH UID 10:4294967295"]);
}

#[test]
fn the_text_is_shown() {
    let mut it = Session::new(config(), seen_until(9));
    it.open("");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    assert!(it.hear("* SEARCH 9\r\nA3 OK x\r\n")[0].contains("BODYSTRUCTURE"));
    let structure = "((\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 9 1)(\"TEXT\" \"PLAIN\" (\"CHARSET\" \
                     \"iso-8859-1\") NIL NIL \"QUOTED-PRINTABLE\" 9 1) \"ALTERNATIVE\")";
    let told = it.hear(&format!("* 3 FETCH (UID 9 BODYSTRUCTURE {structure})\r\nA4 OK x\r\n"));
    assert_eq!(told, ["> A5 UID FETCH 9 BODY.PEEK[2]<0.648>"]);
    let told = it.hear("* 3 FETCH (UID 9 BODY[2]<0> {13}\r\nCaf=E9=\r\n s =)\r\nA5 OK x\r\n");
    assert!(told[0].ends_with("Some(\"Café s\")"), "{told:?}");

    let mut it = Session::new(config(), seen_until(9));
    it.open("PREVIEW");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    assert!(it.hear("* SEARCH 9\r\nA3 OK x\r\n")[0].contains("PREVIEW)"));
    let told = it.hear("* 3 FETCH (UID 9 PREVIEW {6}\r\nCafé  s)\r\nA4 OK x\r\n");
    assert!(told[0].ends_with("Some(\"Café\")"), "{told:?}");
}

#[test]
fn after_a_failure_it_begins_anew() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(9));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    it.hear("* SEARCH 9\r\nA3 OK x\r\n");
    let told = it.hear("* 4 FETCH (UID 9)\r\nA4 OK x\r\n");
    assert!(told[0].starts_with("alert 9"));
    it.buffers.rx.close();
    it.expect("", &["retry in 0: Connection(Peer(UnexpectedEof))"]);
    it.expect("", &[]);
    assert_eq!(it.watch.deadline(), None);
    it.watch.unreachable(&mut it.buffers);
    it.expect("", &["retry in 1: Unreachable"]);
    // The alert was not acknowledged: it comes again.
    it.watch.reconnect(&mut it.buffers);
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    it.hear("* SEARCH 9\r\nA3 OK x\r\n");
    let told = it.hear("* 4 FETCH (UID 9)\r\nA4 OK x\r\n");
    assert!(told[0].starts_with("alert 9"));
    it.watch.acknowledge(0, 9);
    it.watch.acknowledge(0, 4000);
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 10);
    it.expect("* BYE shutting down\r\n", &[]);
    it.buffers.rx.close();
    let told = it.listen();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Bye"), "{told:?}");
}

#[test]
fn a_silent_link_is_found() {
    let mut it = Session::new(config(), seen_until(10));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "CaughtUp", "> A3 IDLE"]);
    it.expect("+ idling\r\n", &[]);
    it.after(Duration::from_secs(9 * 60));
    it.expect("", &["> DONE"]);
    it.expect("", &[]);
    it.after(Duration::from_secs(60));
    let told = it.listen();
    assert!(
        told[0].ends_with(&format!("{:?}", crate::Error::from(PeerError::Timeout)))
            || told[0].contains("Timeout"),
        "{told:?}"
    );
}

#[test]
fn a_refusal_is_told_in_the_servers_words() {
    let mut it = Session::new(config(), Cursor::new());
    it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
    it.expect(
        "A1 NO [AUTHENTICATIONFAILED] wrong\r\n",
        &["refused true: wrong", "retry in 0: Refused"],
    );
    it.watch.reconnect(&mut it.buffers);
    it.open("");
    it.expect(
        "A2 NO no such mailbox\r\n",
        &["refused false: no such mailbox", "retry in 1: Refused"],
    );

    let mut it = Session::new(ImapConfig { start_tls: true, ..config() }, Cursor::new());
    let told = it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
    assert_eq!(told, ["retry in 0: Connection(Usage(NotOffered(\"STARTTLS\")))"]);
}

#[test]
fn start_tls_and_a_login_by_the_caller() {
    let config = ImapConfig { start_tls: true, login: Login::Caller, ..config() };
    let mut it = Session::new(config, Cursor::new());
    it.expect("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", &["> A1 STARTTLS"]);
    it.expect("A1 OK now\r\n", &["StartTls"]);
    it.watch.tls_started(&it.buffers.rx).unwrap();
    it.expect("", &["> A2 CAPABILITY"]);
    it.expect("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA2 OK x\r\n", &["LogIn"]);
    let command = crate::imap::command::AuthenticateCommand::new("PLAIN");
    it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
    it.expect("", &["> A3 AUTHENTICATE PLAIN"]);
    let told = it.hear("+ \r\n");
    assert!(told[0].starts_with("Challenge"), "{told:?}");
    let response = crate::sasl::Response::new(b"x");
    it.watch.connection_mut().respond(&response, &mut it.buffers.tx).unwrap();
    let told = it.hear("A3 OK [CAPABILITY IMAP4rev1] in\r\n");
    assert_eq!(told, ["> eA==", "LoggedIn { text: \"in\" }", "> A4 EXAMINE \"INBOX\""]);
}

#[test]
fn commands_of_the_callers() {
    let mut it = Session::new(config(), seen_until(10));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "CaughtUp", "> A3 IDLE"]);
    it.expect("+ idling\r\n* 4 EXISTS\r\n", &["> DONE"]);
    it.expect("A3 OK x\r\n", &["> A4 UID SEARCH UID 10:4294967295"]);
    it.hear("* SEARCH 10\r\nA4 OK x\r\n");
    for byte in b"* 4 FETCH (UID 10)\r\nA5 OK x\r\n" {
        it.buffers.rx.fill(&[*byte]);
        if it.watch.advance(&mut it.buffers, it.now).unwrap() == Progress::Event {
            assert!(matches!(it.watch.event(&it.buffers), Event::Alert(_)));
            let append = crate::imap::command::AppendCommand::new("Log", 5);
            it.watch.connection_mut().send(&append, &mut it.buffers.tx).unwrap();
        }
    }
    it.expect("", &["> A6 APPEND \"Log\" {5}"]);
    let told = it.hear("+ go\r\n");
    assert!(told[0].starts_with("SendLiteral"), "{told:?}");
    assert_eq!(it.watch.connection_mut().write_literal(b"a\r\nb\n", &mut it.buffers.tx), 5);
    let told = it.hear("A6 OK done\r\n");
    assert!(told.iter().any(|line| line.starts_with("Completed") && line.contains("ok: true")));
    assert_eq!(told.last().unwrap(), "> A7 IDLE");
}

#[test]
fn what_is_acknowledged_can_be_marked() {
    let mut it =
        Session::new(ImapConfig { preview: false, mark_seen: true, ..config() }, seen_until(9));
    it.expect("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n", &["> A1 LOGIN \"alice\" \"secret\""]);
    it.expect("A1 OK [CAPABILITY IMAP4rev1 IDLE] x\r\n", &["> A2 SELECT \"INBOX\""]);
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 9"]);
    it.hear("* SEARCH 9\r\nA3 OK x\r\n");
    let told = it.hear("* 3 FETCH (UID 9)\r\nA4 OK x\r\n");
    assert_eq!(told.last().unwrap(), "> A5 IDLE");
    it.watch.acknowledge(0, 9);
    it.expect("+ idling\r\n", &["> DONE"]);
    it.expect("A5 OK x\r\n", &["> A6 UID STORE 9 +FLAGS.SILENT (\\Seen)"]);
    it.expect("A6 OK x\r\n", &["> A7 UID SEARCH UID 10:4294967295"]);
}

#[test]
fn it_stops_in_order() {
    let mut it = Session::new(config(), seen_until(10));
    it.open("IDLE");
    it.expect(OPENED, &["open 3 false", "CaughtUp", "> A3 IDLE"]);
    it.watch.stop(&mut it.buffers.tx).unwrap();
    it.expect("+ idling\r\n", &["> DONE"]);
    it.expect("A3 OK x\r\n", &["> A4 LOGOUT"]);
    it.expect("* BYE x\r\nA4 OK x\r\n", &["closed"]);
}
