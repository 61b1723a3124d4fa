//! The watcher over IMAP against a server that is played by the test.

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
        Event::Refused { login, text, .. } => format!("refused {login}: {text}"),
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
    assert_eq!(told[1], "> A22 UID SEARCH UID 816:909");
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
    it.expect("* SEARCH\r\nA3 OK x\r\n", &[]);
    it.after(Duration::from_secs(60));
    it.expect("", &["> A4 NOOP"]);
    it.expect("A4 OK x\r\n", &["> A5 UID SEARCH UID 10:4294967295"]);
}

#[test]
fn several_mailboxes() {
    let config = ImapConfig { preview: false, ..config() };
    let open = |capabilities: &str| {
        let mut it = Session::new(config, seen_until(10));
        let mailboxes =
            vec![Watched::new("INBOX", seen_until(10)), Watched::new("Grüße", seen_until(10))];
        it.watch = ImapWatch::new(config, mailboxes.leak(), vec![0; 512].leak());
        it.hear(&format!("* OK [CAPABILITY IMAP4rev1 IDLE {capabilities}] hi\r\n"));
        it
    };
    let mut it = open("NOTIFY");
    it.expect(
        "A1 OK [CAPABILITY IMAP4rev1 IDLE NOTIFY] in\r\n",
        &["> A2 NOTIFY SET (selected-delayed (MessageNew MessageExpunge)) (mailboxes (\"INBOX\" \
           \"Gr&APwA3w-e\") (MessageNew MessageExpunge))"],
    );
    it.expect("A2 OK x\r\n", &["> A3 EXAMINE \"INBOX\""]);
    it.expect(&OPENED.replace("A2", "A3"), &["open 3 false", "> A4 EXAMINE \"Gr&APwA3w-e\""]);
    it.expect(&OPENED.replace("A2", "A4"), &["open 3 false", "CaughtUp"]);
    it.expect("* STATUS INBOX (UIDNEXT 10 MESSAGES 2)\r\n", &[]);
    it.expect("* STATUS INBOX (UIDNEXT 11 MESSAGES 3)\r\n", &["> A5 EXAMINE \"INBOX\""]);
    it.expect(
        &OPENED.replace("A2", "A5").replace("UIDNEXT 10", "UIDNEXT 11"),
        &["open 3 false", "> A6 UID SEARCH UID 10"],
    );
    it.expect("* SEARCH\r\nA6 OK x\r\n", &["CaughtUp"]);
    it.expect("* 4 EXISTS\r\n", &["> A7 UID SEARCH UID 11:4294967295"]);
    it.expect("* SEARCH\r\nA7 OK x\r\n", &[]);
    assert_eq!(it.watch.deadline(), Some(Instant::from_millis(9 * 60_000)));
    it.after(Duration::from_secs(9 * 60));
    it.expect("", &["> A8 NOOP"]);
    it.expect("A8 OK x\r\n", &[]);
    it.expect("* OK [NOTIFICATIONOVERFLOW] too much\r\n", &["> A9 UID SEARCH UID 11:4294967295"]);

    let mut it = open("");
    it.expect("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n", &["> A2 EXAMINE \"INBOX\""]);
    it.expect(OPENED, &["open 3 false", "> A3 EXAMINE \"Gr&APwA3w-e\""]);
    it.expect(&OPENED.replace("A2", "A3"), &["open 3 false", "CaughtUp"]);
    it.after(Duration::from_secs(60));
    it.expect("", &["> A4 NOOP"]);
    it.expect("A4 OK x\r\n", &["> A5 UID SEARCH UID 10:4294967295"]);
    it.expect("* SEARCH\r\nA5 OK x\r\n", &["> A6 EXAMINE \"INBOX\""]);
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

/// It was told over the connection before, and acknowledged while it is fetched once more.
#[test]
fn acknowledged_while_it_is_fetched_again() {
    let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(8));
    it.open("");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 8:9"]);
    it.hear("* SEARCH 8 9\r\nA3 OK x\r\n");
    let told = it.hear("* 2 FETCH (UID 8)\r\nA4 OK x\r\n");
    assert!(told[0].starts_with("alert 8"));
    it.buffers.rx.close();
    it.listen();
    it.watch.reconnect(&mut it.buffers);
    it.open("");
    it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 8:9"]);
    it.hear("* SEARCH 8 9\r\nA3 OK x\r\n");
    it.expect("* 2 FETCH (UID 8)\r\n", &[]);
    it.watch.acknowledge(0, 8);
    let told = it.hear("A4 OK x\r\n");
    assert!(told.len() == 1 && told[0].starts_with("> A5 UID FETCH 9 "), "{told:?}");
    let told = it.hear("* 3 FETCH (UID 9)\r\nA5 OK x\r\n");
    assert!(told[0].starts_with("alert 9"));
    assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 9);
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
        &["refused true: wrong", "retry in 58: Refused"],
    );
    it.watch.reconnect(&mut it.buffers);
    it.open("");
    it.expect(
        "A2 NO no such mailbox\r\n",
        &["refused false: no such mailbox", "retry in 119: Refused"],
    );

    let mut it = Session::new(ImapConfig { start_tls: true, ..config() }, Cursor::new());
    let told = it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
    assert_eq!(told, ["retry in 0: Connection(Usage(NotOffered(\"STARTTLS\")))"]);
}

/// That the server is busy is not the login's fault.
#[test]
fn a_refused_login_that_passes() {
    for (answer, told) in [
        ("NO [UNAVAILABLE] down", "refused false: down"),
        ("NO [inuse] locked", "refused false: locked"),
        ("BAD [SERVERBUG] oops", "refused false: oops"),
        // Dovecot, of one who is logged in too often.
        ("NO [LIMIT] too many", "refused false: too many"),
        ("NO [AUTHENTICATIONFAILED] wrong", "refused true: wrong"),
        ("NO [EXPIRED] old", "refused true: old"),
        ("NO [UNAVAILABLE", "refused true: [UNAVAILABLE"),
        ("NO wrong", "refused true: wrong"),
        ("NO", "refused true: "),
    ] {
        for login in [config().login, Login::Caller] {
            let mut it = Session::new(ImapConfig { login, ..config() }, Cursor::new());
            it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
            if let Login::Caller = login {
                let command =
                    crate::imap::command::LoginCommand { user: "alice", password: PASSWORD.into() };
                it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
            }
            it.listen();
            it.expect(&format!("A1 {answer}\r\n"), &[told, "retry in 58: Refused"]);
        }
    }
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
mod faults {
    use super::*;
    use crate::imap::{
        Search,
        command::{LoginCommand, SearchCommand},
    };

    fn ready(config: ImapConfig<'static>) -> Session {
        let mut it = Session::new(config, seen_until(10));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        it
    }

    /// 20 messages come while IDLE: all are to be told.
    #[test]
    fn more_than_16_at_once() {
        let mut it = ready(ImapConfig { preview: false, ..config() });
        let mut log = it.hear("+ idling\r\n* 23 EXISTS\r\n");
        log.extend(it.hear("A3 OK done\r\n"));
        // SEARCH
        let mut tag = 4;
        let all: String = (10..30).map(|n| format!(" {n}")).collect();
        log.extend(it.hear(&format!("* SEARCH{all}\r\nA{tag} OK x\r\n")));
        for _ in 0..60 {
            tag += 1;
            let last = log.last().cloned().unwrap_or_default();
            let input = if last.contains("UID FETCH ") {
                let uid = last.split("UID FETCH ").nth(1).unwrap().split(' ').next().unwrap();
                format!("* 1 FETCH (UID {uid} FLAGS ())\r\nA{tag} OK x\r\n")
            } else if last.contains("SEARCH UID") {
                let from: u32 = last
                    .split("SEARCH UID ")
                    .nth(1)
                    .unwrap()
                    .split(':')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap();
                let all: String = (from..30).map(|n| format!(" {n}")).collect();
                format!("* SEARCH{all}\r\nA{tag} OK x\r\n")
            } else {
                break;
            };
            log.extend(it.hear(&input));
        }
        let alerts = log.iter().filter(|l| l.starts_with("alert")).count();
        assert_eq!(alerts, 20, "{log:#?}");
    }

    /// A backlog that is told in order does not make the searches larger.
    #[test]
    fn span_grows_though_something_was_found() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(1));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let mut log = it.hear("* 3000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3001] x\r\nA2 OK [READ-ONLY] x\r\n");
        let mut tag = 2;
        let (mut numbers, mut searches, mut widest) = (0, vec![], 0);
        loop {
            tag += 1;
            let last = log.last().cloned().unwrap_or_default();
            let input = if last.contains("UID FETCH ") {
                let uid = last.split("UID FETCH ").nth(1).unwrap().split(' ').next().unwrap();
                format!("* 1 FETCH (UID {uid} FLAGS ())\r\nA{tag} OK x\r\n")
            } else if last.contains("SEARCH UID") {
                let set = last.split("SEARCH UID ").nth(1).unwrap();
                let (from, to) = set.split_once(':').unwrap();
                let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
                searches.push(set.to_string());
                numbers += to + 1 - from;
                widest = widest.max(to + 1 - from);
                let all: String = (from..=to).map(|n| format!(" {n}")).collect();
                format!("* SEARCH{all}\r\nA{tag} OK x\r\n")
            } else {
                break;
            };
            let mut rest = input.as_bytes();
            while !rest.is_empty() {
                let n = it.buffers.rx.fill(rest);
                rest = &rest[n..];
                log = it.listen();
            }
        }
        assert!(
            numbers > 2900 && widest <= 256,
            "{numbers} numbers for 3000 messages, widest {widest}"
        );
    }

    /// A gap makes the span large; what lies behind it is dense.
    #[test]
    fn gap_then_dense() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(1));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let mut log = it.hear("* 3000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 103001] x\r\nA2 OK [READ-ONLY] x\r\n");
        let mut tag = 2;
        let (mut numbers, mut widest) = (0, 0);
        loop {
            tag += 1;
            let last = log.last().cloned().unwrap_or_default();
            let input = if last.contains("UID FETCH ") {
                let uid = last.split("UID FETCH ").nth(1).unwrap().split(' ').next().unwrap();
                format!("* 1 FETCH (UID {uid} FLAGS ())\r\nA{tag} OK x\r\n")
            } else if last.contains("SEARCH UID") {
                let set = last.split("SEARCH UID ").nth(1).unwrap();
                let (from, to) = set.split_once(':').unwrap_or((set, set));
                let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
                let all: Vec<String> = (from.max(100_001)..=to).map(|n| format!(" {n}")).collect();
                numbers += all.len();
                widest = widest.max(all.len());
                format!("* SEARCH{}\r\nA{tag} OK x\r\n", all.concat())
            } else {
                break;
            };
            let mut rest = input.as_bytes();
            while !rest.is_empty() {
                let n = it.buffers.rx.fill(rest);
                rest = &rest[n..];
                log = it.listen();
            }
        }
        assert!(numbers < 12_000, "{numbers} numbers for 3000 messages, {widest} in one answer");
    }

    /// mark_seen marks all that are acknowledged, at once, however many.
    #[test]
    fn mark_seen_of_a_backlog() {
        let mut it =
            Session::new(ImapConfig { preview: false, mark_seen: true, ..config() }, seen_until(1));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let mut log =
            it.hear("* 20 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 21] x\r\nA2 OK x\r\n");
        let mut tag = 2;
        let mut stores = vec![];
        loop {
            tag += 1;
            let last = log.last().cloned().unwrap_or_default();
            let input = if last.contains("UID FETCH ") {
                let uid = last.split("UID FETCH ").nth(1).unwrap().split(' ').next().unwrap();
                format!("* 1 FETCH (UID {uid} FLAGS ())\r\nA{tag} OK x\r\n")
            } else if last.contains("SEARCH UID") {
                let from: u32 = last
                    .split("SEARCH UID ")
                    .nth(1)
                    .unwrap()
                    .split(':')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap();
                let all: String = (from..21).map(|n| format!(" {n}")).collect();
                format!("* SEARCH{all}\r\nA{tag} OK x\r\n")
            } else if last.contains("STORE") {
                stores.push(last);
                format!("A{tag} OK x\r\n")
            } else {
                break;
            };
            log.clear();
            for byte in input.as_bytes() {
                it.buffers.rx.fill(&[*byte]);
                while it.watch.advance(&mut it.buffers, it.now).unwrap() == Progress::Event {
                    let uid = match it.watch.event(&it.buffers) {
                        Event::Alert(alert) => alert.uid,
                        _ => continue,
                    };
                    it.watch.acknowledge(0, uid);
                }
                log.extend(it.listen());
            }
        }
        assert!(stores.iter().any(|s| s.contains("1:20")) || stores.len() > 1, "{stores:?}");
    }

    /// An acknowledgement of what was never told does no harm.
    #[test]
    fn early_acknowledge_with_mark_seen() {
        let mut it = Session::new(
            ImapConfig { preview: false, mark_seen: true, ..config() },
            seen_until(10),
        );
        it.watch.acknowledge(0, 9);
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let log = it.hear(OPENED);
        assert!(!log.iter().any(|l| l.starts_with("retry")), "{log:?}");
    }

    /// UIDs of before a new UIDVALIDITY are not marked.
    #[test]
    fn seen_outlives_uidvalidity() {
        let mut it =
            Session::new(ImapConfig { preview: false, mark_seen: true, ..config() }, seen_until(9));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        it.hear("* SEARCH 9\r\nA3 OK x\r\n");
        let log = it.hear("* 1 FETCH (UID 9 FLAGS ())\r\nA4 OK x\r\n");
        assert!(log.iter().any(|l| l.starts_with("alert 9")), "{log:?}");
        it.watch.acknowledge(0, 9);
        it.watch.reconnect(&mut it.buffers);
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let log =
            it.hear("* 30 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 31] x\r\nA2 OK x\r\n");
        assert!(!log.iter().any(|l| l.contains("STORE")), "{log:?}");
    }

    /// What is acknowledged while a STORE runs is marked too.
    #[test]
    fn acknowledge_during_store() {
        let mut it =
            Session::new(ImapConfig { preview: false, mark_seen: true, ..config() }, seen_until(8));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        it.hear("* SEARCH 8 9\r\nA3 OK x\r\n");
        it.hear("* 1 FETCH (UID 8 FLAGS ())\r\nA4 OK x\r\n");
        it.hear("* 1 FETCH (UID 9 FLAGS ())\r\nA5 OK x\r\n");
        it.watch.acknowledge(0, 8);
        let mut log = it.hear("+ idling\r\n");
        log.extend(it.hear("A6 OK x\r\n"));
        assert!(log.last().unwrap().contains("STORE 8"), "{log:?}");
        it.watch.acknowledge(0, 9);
        it.hear("A7 OK x\r\n");
        let log = it.hear("* SEARCH\r\nA8 OK x\r\n");
        assert!(log.last().unwrap().contains("STORE 9"), "{log:?}");
    }

    /// PREAUTH in clear is not TLS.
    #[test]
    fn preauth_strips_starttls() {
        let mut it = Session::new(ImapConfig { start_tls: true, ..config() }, seen_until(9));
        let log = it.hear("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n");
        assert!(!log.iter().any(|l| l.contains("EXAMINE")), "{log:?}");
    }

    /// LoggedIn once.
    #[test]
    fn logged_in_twice() {
        let mut it = Session::new(ImapConfig { ..ImapConfig::new(Login::Caller) }, seen_until(9));
        let mut log = it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        let login = LoginCommand { user: "a", password: "b".into() };
        it.watch.connection_mut().send(&login, &mut it.buffers.tx).unwrap();
        log.extend(it.hear("A1 OK in\r\n"));
        log.extend(it.hear("* CAPABILITY IMAP4rev1\r\nA2 OK caps\r\n"));
        assert_eq!(log.iter().filter(|l| l.starts_with("LoggedIn")).count(), 1, "{log:#?}");
    }
    /// BAD to the connection's own CAPABILITY is no refusal of the login.
    #[test]
    fn refused_capability() {
        let mut it = Session::new(ImapConfig { ..ImapConfig::new(Login::Caller) }, seen_until(9));
        let mut log = it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        let login = LoginCommand { user: "a", password: "b".into() };
        it.watch.connection_mut().send(&login, &mut it.buffers.tx).unwrap();
        log.extend(it.hear("A1 OK in\r\n"));
        log.extend(it.hear("A2 BAD no\r\n"));
        assert!(!log.iter().any(|l| l.starts_with("refused")), "{log:#?}");
    }

    /// The caller's own search is not the watcher's.
    #[test]
    fn callers_search() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(5));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        it.hear("* SEARCH 6\r\nA3 OK x\r\n");
        // up to the alert
        for byte in b"* 1 FETCH (UID 6 FLAGS ())\r\nA4 OK x\r\n" {
            it.buffers.rx.fill(&[*byte]);
            if it.watch.advance(&mut it.buffers, it.now).unwrap() == Progress::Event {
                assert!(matches!(it.watch.event(&it.buffers), Event::Alert(_)));
            }
        }
        it.watch
            .connection_mut()
            .send(&SearchCommand::new(&[Search::Flagged]).uid(), &mut it.buffers.tx)
            .unwrap();
        let log = it.hear("* SEARCH 7 8\r\nA5 OK x\r\n");
        assert!(!log.iter().any(|l| l.contains("FETCH 7")), "{log:?}");
    }

    /// The caller's own MULTIAPPEND is asked for its next message.
    #[test]
    fn next_part() {
        let mut it = ready(config());
        let _ = &mut it;
        let mut it = Session::new(config(), seen_until(10));
        it.hear("* OK [CAPABILITY IMAP4rev1 MULTIAPPEND LITERAL+] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 MULTIAPPEND LITERAL+] in\r\n");
        let log = it.hear(OPENED);
        assert!(log.iter().any(|l| l == "CaughtUp"), "{log:?}");
        it.watch
            .connection_mut()
            .send(&crate::imap::command::MultiAppendCommand { mailbox: "x" }, &mut it.buffers.tx)
            .unwrap();
        let log = it.listen();
        assert!(
            log.iter().any(|l| !l.starts_with('>')),
            "nothing told: {log:?} {:?}",
            it.watch.deadline()
        );
    }

    /// One mailbox that is not there does not keep the others from being watched.
    #[test]
    fn one_bad_mailbox() {
        let mailboxes =
            vec![Watched::new("gone", seen_until(5)), Watched::new("INBOX", seen_until(5))].leak();
        let watch = ImapWatch::new(config(), mailboxes, vec![0; 512].leak());
        let buffers = Buffers::new(vec![0; 512].leak(), vec![0; 256].leak());
        let mut it = Session { watch, buffers, now: Instant::ZERO };
        let mut log = Vec::new();
        for _ in 0..4 {
            log.extend(it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n"));
            log.extend(it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"));
            log.extend(it.hear("A2 NO [NONEXISTENT] gone\r\n"));
            it.watch.reconnect(&mut it.buffers);
        }
        assert!(log.iter().any(|l| l.contains("INBOX")), "{log:#?}");
    }

    /// IDLE refused: then it is polled as often as said.
    #[test]
    fn idle_refused_waits_nine_minutes() {
        let mut it = ready(config());
        it.hear("A3 BAD no idle\r\n");
        let wait = it.watch.deadline().unwrap();
        assert!(wait <= Instant::ZERO.saturating_add(Duration::from_secs(60)), "{wait:?}");
    }

    /// Stop when there is no connection.
    #[test]
    fn stop_while_dead() {
        let mut it = ready(config());
        it.buffers.rx.close();
        let log = it.hear("");
        assert!(log.iter().any(|l| l.starts_with("retry")), "{log:?}");
        it.watch.stop(&mut it.buffers.tx).unwrap();
        let log = it.listen();
        assert_eq!(log, ["closed"]);
    }

    /// A second EXISTS while EXAMINE runs is new mail.
    #[test]
    fn exists_behind_uidnext() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(10));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        let log = it.hear("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\n* 4 EXISTS\r\nA2 OK [READ-ONLY] x\r\n");
        assert!(log.iter().any(|l| l.contains("SEARCH UID 10")), "{log:?}");
    }

    /// It logs in, catches up and dies, again and again: the wait grows.
    #[test]
    fn backoff_of_a_server_that_dies_at_idle() {
        let mut it = ready(config());
        let mut waits = vec![];
        for _ in 0..6 {
            let log = it.hear("* BYE no\r\n");
            it.buffers.rx.close();
            let mut log2 = log;
            log2.extend(it.listen());
            waits.push(log2.iter().find(|l| l.starts_with("retry")).cloned());
            it.watch.reconnect(&mut it.buffers);
            it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
            it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
            it.hear(OPENED);
        }
        assert!(waits.first() != waits.last(), "{waits:?}");
    }

    /// The link goes silent before "+ idling", again and again: IDLE is not to blame.
    #[test]
    fn idle_goes_on_after_silence() {
        let mut it = ready(config());
        for _ in 0..4 {
            // The time runs from when all was sent.
            it.listen();
            it.after(Duration::from_secs(600));
            let log = it.listen();
            assert!(log[0].contains("Timeout"), "{log:?}");
            it.watch.reconnect(&mut it.buffers);
            it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
            it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
            let log = it.hear(OPENED);
            assert!(log.contains(&"> A3 IDLE".to_string()), "{log:?}");
        }
    }

    /// Reversed ranges in ESEARCH are ranges.
    #[test]
    fn reversed_esearch() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(5));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        let log = it.hear("* ESEARCH (TAG \"A3\") UID ALL 8:6\r\nA3 OK x\r\n");
        assert!(log.iter().any(|l| l.contains("FETCH 6")), "{log:?}");
    }

    /// The mailbox has no UIDNEXT and the server tells nothing of "*".
    #[test]
    fn baseline_without_an_answer() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, Cursor::new());
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA2 OK [READ-ONLY] x\r\n");
        let log = it.hear("* SEARCH\r\nA3 OK x\r\n");
        assert!(!log.iter().any(|l| l.contains("SEARCH UID 1:*")), "{log:?}");
    }

    /// Another message's header is not this one's.
    #[test]
    fn header_of_another() {
        let mut it = Session::new(ImapConfig { preview: false, ..config() }, seen_until(9));
        it.hear("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
        it.hear(OPENED);
        it.hear("* SEARCH 9\r\nA3 OK x\r\n");
        let one = |uid: u32, subject: &str| {
            let header = format!("Subject: {subject}\r\n\r\n");
            format!(
                "* 1 FETCH (UID {uid} BODY[HEADER.FIELDS (FROM SUBJECT DATE)] {{{}}}\r\n{header})\r\n",
                header.len()
            )
        };
        let log = it.hear(&format!("{}{}A4 OK x\r\n", one(8, "other"), one(9, "mine")));
        assert!(log.iter().any(|l| l.contains("mine")), "{log:?}");
    }
}

mod several {
    use super::*;

    fn both() -> Session {
        let mailboxes =
            vec![Watched::new("a", seen_until(10)), Watched::new("b", seen_until(10))].leak();
        let watch = ImapWatch::new(
            ImapConfig { preview: false, ..config() },
            mailboxes,
            vec![0; 512].leak(),
        );
        let buffers = Buffers::new(vec![0; 512].leak(), vec![0; 512].leak());
        let mut it = Session { watch, buffers, now: Instant::ZERO };
        it.hear("* OK [CAPABILITY IMAP4rev1 NOTIFY] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1 NOTIFY] in\r\n");
        it.hear("A2 OK notify\r\n");
        let log = it.hear(&OPENED.replace("A2", "A3"));
        assert!(log.last().unwrap().contains("EXAMINE \"b\""), "{log:?}");
        let log = it.hear(&OPENED.replace("A2", "A4"));
        assert!(log.last().unwrap().contains("CaughtUp"), "{log:?}");
        it
    }

    /// b is selected. Mail comes into a, and, before the server reads EXAMINE a, into b.
    #[test]
    fn exists_of_the_mailbox_that_is_left() {
        let mut it = both();
        let log = it.hear("* STATUS a (MESSAGES 4 UIDNEXT 11)\r\n");
        assert!(log.last().unwrap().contains("> A5 EXAMINE \"a\""), "{log:?}");
        let mut log = it.hear("* 4 EXISTS\r\n* OK [CLOSED] x\r\n");
        log.extend(it.hear("* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 11] x\r\nA5 OK [READ-ONLY] x\r\n"));
        log.extend(it.hear("* SEARCH 10\r\nA6 OK x\r\n"));
        log.extend(it.hear("* 4 FETCH (UID 10 FLAGS ())\r\nA7 OK x\r\n"));
        it.after(Duration::from_secs(9 * 60));
        log.extend(it.hear(""));
        log.extend(it.hear("A8 OK x\r\n"));
        assert!(log.iter().any(|l| l.contains("EXAMINE \"b\"")), "{log:#?}");
    }

    /// The other mailbox is made anew.
    #[test]
    fn uidvalidity_in_status() {
        let mut it = both();
        let log = it.hear("* STATUS a (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 99)\r\n");
        assert!(log.iter().any(|l| l.contains("EXAMINE \"a\"")), "{log:?}");
    }

    /// Unacknowledged mail is not told again at each turn.
    #[test]
    fn told_again_each_round() {
        let mut it = both();
        it.hear("* STATUS a (MESSAGES 4 UIDNEXT 11)\r\n");
        let mut log = it.hear("* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 11] x\r\nA5 OK [READ-ONLY] x\r\n");
        log.extend(it.hear("* SEARCH 10\r\nA6 OK x\r\n"));
        log.extend(it.hear("* 4 FETCH (UID 10 FLAGS ())\r\nA7 OK x\r\n"));
        log.extend(it.hear("* STATUS b (MESSAGES 4 UIDNEXT 11)\r\n"));
        log.extend(it.hear("* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 11] x\r\nA8 OK [READ-ONLY] x\r\n"));
        log.extend(it.hear("* SEARCH\r\nA9 OK x\r\n"));
        log.extend(it.hear("* STATUS a (MESSAGES 5 UIDNEXT 12)\r\n"));
        log.extend(it.hear("* 5 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\nA10 OK [READ-ONLY] x\r\n"));
        assert!(log.last().unwrap().contains("SEARCH UID 11"), "{log:#?}");
    }

    /// The last alert of a mailbox is acknowledged late, and marked all the same.
    #[test]
    fn late_acknowledge_in_another_mailbox() {
        let mailboxes =
            vec![Watched::new("a", seen_until(10)), Watched::new("b", seen_until(10))].leak();
        let watch = ImapWatch::new(
            ImapConfig { preview: false, mark_seen: true, ..config() },
            mailboxes,
            vec![0; 512].leak(),
        );
        let buffers = Buffers::new(vec![0; 512].leak(), vec![0; 512].leak());
        let mut it = Session { watch, buffers, now: Instant::ZERO };
        it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1] in\r\n");
        it.hear("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 11] x\r\nA2 OK x\r\n");
        it.hear("* SEARCH 10\r\nA3 OK x\r\n");
        let mut log = it.hear("* 3 FETCH (UID 10 FLAGS ())\r\nA4 OK x\r\n");
        assert!(log.last().unwrap().contains("SELECT \"b\""), "{log:?}");
        it.watch.acknowledge(0, 10);
        log.extend(it.hear(&OPENED.replace("A2", "A5")));
        it.after(Duration::from_secs(60));
        for tag in 6..20 {
            let more = it.hear("");
            log.extend(more);
            let opened = log.last().is_some_and(|l| l.contains("SELECT"));
            let answer = if opened {
                OPENED.replace("A2", &format!("A{tag}")).replace("10]", "11]")
            } else {
                format!("A{tag} OK x\r\n")
            };
            if log.last().is_some_and(|l| l.starts_with("> ")) {
                log.extend(it.hear(&answer));
            }
        }
        assert!(log.iter().any(|l| l.contains("STORE 10")), "{log:#?}");
    }
}

mod deadlines {
    use super::*;

    /// A deadline that has passed is not given again: an adapter would spin.
    #[test]
    fn deadline_in_the_past() {
        let mut it = Session::new(config(), seen_until(10));
        it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1] in\r\n");
        it.hear(OPENED);
        it.watch
            .connection_mut()
            .send(&crate::imap::command::AppendCommand::new("x", 5), &mut it.buffers.tx)
            .unwrap();
        let log = it.hear("+ go\r\n");
        assert!(log.iter().any(|l| l.starts_with("SendLiteral")), "{log:?}");
        // The caller takes his time.
        it.after(Duration::from_secs(61));
        it.listen();
        let deadline = it.watch.deadline();
        assert!(deadline.is_none_or(|at| at > it.now), "{deadline:?} at {:?}", it.now);
    }
}

mod backlog {
    use super::*;

    fn plain() -> ImapConfig<'static> {
        ImapConfig { preview: false, ..config() }
    }

    const LONG: &str =
        "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5001] x\r\nA2 OK [READ-ONLY] x\r\n";

    /// A server that finds the last message in any case, as `Found::from` knows.
    #[test]
    fn a_uid_behind_the_range_does_not_move_the_cursor() {
        let mut it = Session::new(plain(), seen_until(5));
        it.open("IDLE");
        it.expect(LONG, &["open 3 false", "> A3 UID SEARCH UID 5:260"]);
        it.hear("* SEARCH 5000\r\nA3 OK x\r\n");
        let told = it.hear("* 3 FETCH (UID 5000 FLAGS ())\r\nA4 OK x\r\n");
        it.watch.acknowledge(0, 5000);
        assert!(it.watch.mailboxes()[0].cursor.next_uid <= 261, "{told:?}");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_not_taken_for_none() {
        let mut it = Session::new(plain(), seen_until(5));
        it.open("IDLE");
        it.expect(OPENED, &["open 3 false", "> A3 UID SEARCH UID 5:9"]);
        let told = it.hear("* ESEARCH (TAG \"A3\") UID ALL 8;9\r\nA3 OK x\r\n");
        assert_eq!(told, ["refused false: x", "retry in 58: Refused"]);
        assert_eq!(it.watch.mailboxes()[0].cursor.next_uid, 5);
    }

    /// Restored from a backup, with the same UIDVALIDITY.
    #[test]
    fn uidnext_below_the_cursor() {
        let mut it = Session::new(plain(), seen_until(5000));
        it.open("IDLE");
        it.expect(OPENED, &["open 3 true", "CaughtUp", "> A3 IDLE"]);
        it.expect("+ x\r\n* 4 EXISTS\r\n", &["> DONE"]);
        let told = it.hear("A3 OK x\r\n");
        // 10 is new, and is not looked for.
        assert_eq!(told, ["> A4 UID SEARCH UID 10:4294967295"]);
    }

    #[test]
    fn the_last_uid_of_all_is_none() {
        let mut it = Session::new(
            ImapConfig { start: Start::Everything, ..plain() },
            seen_until(u32::MAX - 1),
        );
        it.open("IDLE");
        it.hear("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA2 OK x\r\n");
        let told = it.hear("* SEARCH 4294967295\r\nA3 OK x\r\n");
        assert_eq!(told, ["> A4 FETCH * UID"]);
        let told = it.hear("* 1 FETCH (UID 4294967295)\r\nA4 OK x\r\n");
        assert_eq!(told, ["refused false: x", "retry in 58: Refused"]);
    }

    #[test]
    fn uidvalidity_left_out_once() {
        let mut it = Session::new(plain(), seen_until(5));
        it.open("IDLE");
        let told = it.hear(&OPENED.replace("* OK [UIDVALIDITY 7] x\r\n", ""));
        assert_eq!(told[0], "open 3 false", "{told:?}");
    }

    #[test]
    fn strato() {
        use crate::imap::Quirks;
        let said = b"[CAPABILITY IMAP4rev1] Ask the administrator of example.org";
        assert_eq!(Quirks::guess(said), Quirks::NONE);
    }
}

mod stuck {
    use super::*;

    fn plain() -> ImapConfig<'static> {
        ImapConfig { preview: false, ..config() }
    }

    /// A server that ends each IDLE at once, by OK, with or without a "+", is not asked without end.
    #[test]
    fn idle_that_ends_at_once() {
        for said in ["A3 OK x\r\n", "+ idling\r\nA3 OK x\r\n"] {
            let mut it = Session::new(plain(), seen_until(10));
            it.open("IDLE");
            it.expect(OPENED, &["open 3 false", "CaughtUp", "> A3 IDLE"]);
            it.expect(said, &[]);
            assert_eq!(it.watch.deadline(), Some(Instant::from_millis(60_000)));
        }
    }

    /// What is marked before the first search of a connection does not put the last message, which
    /// is known already, in the place of the next.
    #[test]
    fn marks_before_the_first_search() {
        let mut it = Session::new(ImapConfig { mark_seen: true, ..plain() }, seen_until(1));
        let opened = "* 20 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA2 OK x\r\n";
        let uids = |range: core::ops::RangeInclusive<u32>| {
            range.map(|uid| format!(" {uid}")).collect::<String>()
        };
        it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1] in\r\n");
        it.expect(opened, &["open 20 false", "> A3 UID SEARCH UID *"]);
        it.expect("* SEARCH 20\r\nA3 OK x\r\n", &["> A4 UID SEARCH UID 1:20"]);
        it.hear(&format!("* SEARCH{}\r\nA4 OK x\r\n", uids(1..=20)));
        for uid in 1..=16 {
            it.hear(&format!("* 1 FETCH (UID {uid})\r\nA{} OK x\r\n", uid + 4));
        }
        it.buffers.rx.close();
        it.hear("");
        it.watch.acknowledge(0, 16);
        it.watch.reconnect(&mut it.buffers);
        it.hear("* OK [CAPABILITY IMAP4rev1] hi\r\n");
        it.hear("A1 OK [CAPABILITY IMAP4rev1] in\r\n");
        it.expect(opened, &["open 20 false", "> A3 UID SEARCH UID *"]);
        let told = it.hear("* SEARCH 20\r\nA3 OK x\r\n");
        let seen = uids(1..=16).trim_start().replace(' ', ",");
        assert_eq!(told, [format!("> A4 UID STORE {seen} +FLAGS.SILENT (\\Seen)")]);
        it.expect("A4 OK x\r\n", &["> A5 UID SEARCH UID 17:20"]);
    }

    /// A message that the connection dies of, each time it is fetched, does not hide the next.
    #[test]
    fn a_message_that_kills() {
        let mut it = Session::new(plain(), seen_until(5));
        let mut told = vec![];
        for _ in 0..6 {
            it.open("");
            it.hear(OPENED);
            let mut log = it.hear("* SEARCH 6 9\r\nA3 OK x\r\n");
            while let Some((tag, rest)) =
                log.last().and_then(|last| last.strip_prefix("> ")?.split_once(' '))
            {
                let (tag, rest) = (String::from(tag), String::from(rest));
                if rest.starts_with("UID FETCH 6") {
                    it.buffers.rx.close();
                    log = it.hear("");
                    break;
                }
                let uid = rest.split(' ').nth(2).unwrap().to_string();
                log = if rest.starts_with("UID FETCH") {
                    it.hear(&format!("* 4 FETCH (UID {uid})\r\n{tag} OK x\r\n"))
                } else if rest.starts_with("UID SEARCH UID") {
                    it.hear(&format!("* SEARCH 6 9\r\n{tag} OK x\r\n"))
                } else {
                    vec![]
                };
                for line in &log {
                    if line.starts_with("alert") {
                        told.push(line.split(':').next().unwrap().to_string());
                        let uid = line[6..].split(':').next().unwrap().parse().unwrap();
                        it.watch.acknowledge(0, uid);
                    }
                }
            }
            it.watch.reconnect(&mut it.buffers);
        }
        assert_eq!(told, ["alert 6", "alert 9"]);
    }
}

/// Several mailboxes at a server that does what it may, at any moment.
mod anything {
    use super::*;
    use std::collections::BTreeSet;

    struct Random(u64);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 20) as usize % end
        }
    }

    #[derive(Default)]
    struct Mailbox {
        uids: Vec<u32>,
        next: u32,
        validity: u32,
        gone: bool,
    }

    struct Server {
        mailboxes: Vec<Mailbox>,
        capabilities: String,
        tells_uid_next: bool,
        selected: Option<usize>,
        told: usize,
        notifies: bool,
        idle: Option<String>,
        lines: String,
        odd: Random,
    }

    impl Server {
        fn name(at: usize) -> String {
            format!("box{at}")
        }

        fn connect(&mut self) -> String {
            (self.selected, self.notifies, self.idle) = (None, false, None);
            self.lines.clear();
            format!("* OK [CAPABILITY {}] hi\r\n", self.capabilities)
        }

        /// What it says unasked of this mailbox.
        fn tell(&mut self, at: usize) -> String {
            let Mailbox { uids, next, validity, .. } = &self.mailboxes[at];
            if self.selected == Some(at) {
                if self.told != uids.len() {
                    self.told = uids.len();
                    return format!("* {} EXISTS\r\n", self.told);
                }
            } else if self.notifies {
                let (name, count) = (Self::name(at), uids.len());
                return format!(
                    "* STATUS {name} (MESSAGES {count} UIDNEXT {next} UIDVALIDITY {validity})\r\n"
                );
            }
            String::new()
        }

        fn changed(&mut self, at: usize) -> String {
            if self.idle.is_some() || self.notifies { self.tell(at) } else { String::new() }
        }

        fn receive(&mut self, text: &str) -> String {
            self.lines += text;
            let mut out = String::new();
            while let Some((line, rest)) = self.lines.split_once("\r\n") {
                let (line, rest) = (String::from(line), String::from(rest));
                self.lines = rest;
                out += &self.answer(&line);
            }
            out
        }

        fn answer(&mut self, line: &str) -> String {
            let selected = self.selected;
            let news = |it: &mut Self| selected.map_or(String::new(), |at| it.tell(at));
            if line == "DONE" {
                let news = news(self);
                return self
                    .idle
                    .take()
                    .map_or(news.clone(), |tag| format!("{news}{tag} OK x\r\n"));
            }
            let words: Vec<&str> = line.split(' ').collect();
            let tag = words[0];
            let uids = |set: &str, there: &[u32]| {
                let (first, last) = set.split_once(':').unwrap_or((set, set));
                let highest = there.last().copied().unwrap_or(0);
                let number = |text: &str| text.parse().unwrap_or(highest);
                let range = number(first)..=number(last);
                there.iter().copied().filter(|uid| range.contains(uid)).collect::<Vec<_>>()
            };
            match &words[1..] {
                ["LOGIN", ..] => {
                    format!("{tag} OK [CAPABILITY {}] in\r\n", self.capabilities)
                }
                ["NOTIFY", ..] => {
                    self.notifies = true;
                    format!("{tag} OK x\r\n")
                }
                ["EXAMINE" | "SELECT", name] => {
                    let at = name.trim_matches('"')[3..].parse().unwrap();
                    let Mailbox { uids, next, validity, gone } = &self.mailboxes[at];
                    self.selected = (!gone).then_some(at);
                    if *gone {
                        return format!("{tag} NO [NONEXISTENT] x\r\n");
                    }
                    self.told = uids.len();
                    let next = match self.tells_uid_next {
                        true => format!("* OK [UIDNEXT {next}] x\r\n"),
                        false => String::new(),
                    };
                    let exists = self.told;
                    format!(
                        "* {exists} EXISTS\r\n* OK [UIDVALIDITY {validity}] x\r\n{next}{tag} OK x\r\n"
                    )
                }
                ["UID", "SEARCH", "UID", "*"] if self.odd.below(3) == 0 => {
                    format!("* SEARCH\r\n{tag} OK x\r\n")
                }
                ["UID", "SEARCH", ..] if self.odd.below(40) == 0 => format!("{tag} NO x\r\n"),
                ["UID", "SEARCH", "UID", set] if self.odd.below(2) == 0 => {
                    let there = &self.mailboxes[selected.unwrap()].uids;
                    let found = uids(set, &there[..self.told.min(there.len())]);
                    let found: Vec<_> = found.iter().map(|uid| format!("{uid}")).collect();
                    let all = if found.is_empty() { "" } else { " ALL " };
                    let found = found.join(",");
                    format!("* ESEARCH (TAG \"{tag}\") UID{all}{found}\r\n{tag} OK x\r\n")
                }
                ["UID", "SEARCH", "UID", set] => {
                    let there = &self.mailboxes[selected.unwrap()].uids;
                    let found = uids(set, &there[..self.told.min(there.len())]);
                    let found: String = found.iter().map(|uid| format!(" {uid}")).collect();
                    format!("* SEARCH{found}\r\n{}{tag} OK x\r\n", self.tell(selected.unwrap()))
                }
                ["UID", "FETCH", ..] if self.odd.below(9) == 0 => format!("{tag} NO x\r\n"),
                ["UID", "FETCH", set, ..] => {
                    let found = uids(set, &self.mailboxes[selected.unwrap()].uids);
                    let found: String = found
                        .iter()
                        .map(|uid| format!("* 1 FETCH (UID {uid} FLAGS ())\r\n"))
                        .collect();
                    format!("{found}{}{tag} OK x\r\n", self.tell(selected.unwrap()))
                }
                ["UID", "STORE", ..] | ["NOOP"] => {
                    let news = news(self);
                    format!("{news}{tag} OK x\r\n")
                }
                ["FETCH", ..] => {
                    let there = &self.mailboxes[selected.unwrap()].uids;
                    match there.iter().take(self.told).next_back() {
                        Some(uid) => format!("* 1 FETCH (UID {uid})\r\n{tag} OK x\r\n"),
                        None => format!("{tag} BAD x\r\n"),
                    }
                }
                ["IDLE"] => {
                    let news = news(self);
                    self.idle = Some(tag.into());
                    format!("{news}+ x\r\n")
                }
                _ => panic!("{line}"),
            }
        }
    }

    #[test]
    fn nothing_is_missed() {
        for seed in 1..=30_u64 {
            run(seed);
        }
    }

    fn run(seed: u64) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let count = 1 + random.below(3);
        let words = ["", " IDLE", " NOTIFY", " IDLE NOTIFY"][random.below(4)];
        let mut server = Server {
            mailboxes: Vec::new(),
            capabilities: format!("IMAP4rev1{words}"),
            tells_uid_next: random.below(4) > 0,
            selected: None,
            told: 0,
            notifies: false,
            idle: None,
            lines: String::new(),
            odd: Random(seed << 8 | 1),
        };
        server.mailboxes.resize_with(count, || Mailbox {
            next: 1,
            validity: 1,
            ..Default::default()
        });
        let names = (0..count).map(|at| &*Server::name(at).leak()).collect::<Vec<&str>>();
        let mailboxes: Vec<_> =
            names.iter().map(|name| Watched::new(name, Cursor::new())).collect();
        let mut config = ImapConfig { preview: false, start: Start::Everything, ..config() };
        config.mark_seen = random.below(4) == 0;
        let watch = ImapWatch::new(config, mailboxes.leak(), vec![0; 64].leak());
        let buffers = Buffers::new(vec![0; 512].leak(), vec![0; 512].leak());
        let mut it = Session { watch, buffers, now: Instant::ZERO };
        let mut coming = server.connect();
        let mut connected = true;
        let mut retry = Instant::ZERO;
        let mut told: BTreeSet<(usize, u32, u32)> = BTreeSet::new();
        let mut acknowledged = told.clone();
        let mut ever = told.clone();
        let mut late: Vec<(usize, u32, u32)> = vec![];
        let mut last = vec![0_u32; count];
        let mut log = Vec::new();
        let steps = 400;
        for step in 0..steps + 400 {
            let calm = step >= steps;
            let at = random.below(count);
            let what = if calm { 10 + random.below(6) } else { random.below(16) };
            match what {
                0..=2 => {
                    let mailbox = &mut server.mailboxes[at];
                    for _ in 0..[1, 1, 1, 1, 1, 1, 7, 40][random.below(8)] {
                        mailbox.uids.push(mailbox.next);
                        mailbox.next += [1, 1, 1, 1, 1, 3, 40, 700][random.below(8)];
                    }
                    log.push(format!("{step}: deliver {at}"));
                    coming += &server.changed(at);
                }
                3 if server.selected != Some(at) => {
                    let mailbox = &mut server.mailboxes[at];
                    if !mailbox.uids.is_empty() {
                        let which = random.below(mailbox.uids.len());
                        mailbox.uids.remove(which);
                    }
                    coming += &server.changed(at);
                }
                4 if server.selected != Some(at) && random.below(4) == 0 => {
                    let mailbox = &mut server.mailboxes[at];
                    mailbox.validity += 1;
                    let len = mailbox.uids.len() as u32;
                    mailbox.uids = (1..=len).collect();
                    mailbox.next = len + 1;
                    log.push(format!("{step}: validity of {at}"));
                    coming += &server.changed(at);
                }
                5 if server.selected != Some(at) => {
                    server.mailboxes[at].gone = random.below(2) == 0;
                    log.push(format!("{step}: {at} gone {}", server.mailboxes[at].gone));
                }
                6 if connected && random.below(3) == 0 => {
                    log.push(format!("{step}: cut"));
                    it.buffers.rx.close();
                }
                _ => it.after(Duration::from_secs([0, 1, 61, 541][random.below(4)])),
            }
            if calm {
                server.mailboxes.iter_mut().for_each(|mailbox| mailbox.gone = false);
            }
            if step == steps {
                it.buffers.rx.close();
                told.clear();
            }
            if !late.is_empty() && !calm && random.below(6) == 0 {
                let (at, validity, uid) = late.remove(random.below(late.len()));
                if it.watch.mailboxes()[at].cursor.uid_validity == Some(validity.into()) {
                    log.push(format!("{step}: late acknowledge {at} {uid}"));
                    it.watch.acknowledge(at, uid);
                    acknowledged.extend(ever.range((at, validity, 0)..=(at, validity, uid)));
                }
            }
            if !connected && it.now >= retry {
                it.watch.reconnect(&mut it.buffers);
                coming = server.connect();
                connected = true;
                last = vec![0; count];
                log.push(format!("{step}: connect"));
            }
            for turn in 0.. {
                assert!(turn < 20_000, "{seed}: no end\n{}", log.join("\n"));
                let mut moved = false;
                let some = coming.len().min(1 + random.below(60));
                let some = it.buffers.rx.fill(&coming.as_bytes()[..some]);
                coming.drain(..some);
                loop {
                    match it.watch.advance(&mut it.buffers, it.now).unwrap() {
                        Progress::NeedInput => break,
                        Progress::Closed => panic!(),
                        Progress::Event => {}
                    }
                    moved = true;
                    let mut acknowledge = None;
                    match it.watch.event(&it.buffers) {
                        Event::Alert(alert) => {
                            let (at, uid) = (alert.mailbox, alert.uid);
                            let key = (at, server.mailboxes[at].validity, uid);
                            log.push(format!("{step}: alert {key:?}"));
                            assert!(uid > last[at], "{seed}: order\n{}", log.join("\n"));
                            assert!(
                                !acknowledged.contains(&key),
                                "{seed}: told again\n{}",
                                log.join("\n")
                            );
                            last[at] = uid;
                            told.insert(key);
                            ever.insert(key);
                            match random.below(4) {
                                0 | 1 if !calm => acknowledge = Some(key),
                                2 if !calm => late.push(key),
                                _ => {}
                            }
                        }
                        Event::Open { mailbox, reset, .. } => {
                            log.push(format!("{step}: open {mailbox} {reset}"));
                            if reset {
                                last[mailbox] = 0;
                            }
                        }
                        Event::Retry { at, cause } => {
                            log.push(format!("{step}: retry {cause:?}"));
                            (connected, retry) = (false, at);
                            coming.clear();
                        }
                        _ => {}
                    }
                    if let Some((at, validity, uid)) = acknowledge {
                        it.watch.acknowledge(at, uid);
                        acknowledged.extend(ever.range((at, validity, 0)..=(at, validity, uid)));
                    }
                }
                let sent = String::from_utf8(it.buffers.tx.pending().to_vec()).unwrap();
                if connected && !sent.is_empty() {
                    it.buffers.tx.consume(sent.len());
                    log.extend(sent.lines().map(|line| format!("{step}: > {line}")));
                    coming += &server.receive(&sent);
                    moved = true;
                }
                // Not always to the end.
                if !calm && random.below(8) == 0 || !moved && coming.is_empty() {
                    break;
                }
            }
        }
        for (at, mailbox) in server.mailboxes.iter().enumerate() {
            for &uid in &mailbox.uids {
                let key = (at, mailbox.validity, uid);
                assert!(
                    told.contains(&key) || acknowledged.contains(&key),
                    "{seed}: missed {uid} of {at} ({})\n{}",
                    mailbox.validity,
                    log.join("\n")
                );
            }
        }
    }
}
