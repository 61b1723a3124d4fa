//! The watcher over POP3 against a server that is played by the test.

use super::*;
use crate::{Buffers, Duration, Instant, Machine, Progress};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A watcher, and what a server says to it.
struct Session {
    watch: Pop3Watch<'static>,
    buffers: Buffers<'static>,
    now: Instant,
    /// The server dies at QUIT.
    dies: bool,
    /// Of all messages.
    subject: &'static str,
    /// What it says to UIDL of one message, if that is odd.
    one: Option<&'static str>,
    /// How often all were listed, in the last visit.
    listings: u32,
}

const CAPA: &str = "+OK\r\nTOP\r\nUIDL\r\n.\r\n";
const PIPELINING: &str = "+OK\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n";
const POLL: &str = "retry in 300: Poll";

fn config() -> Pop3Config<'static> {
    Pop3Config { preview_lines: 0, ..Pop3Config::new(Login::password("alice", "secret")) }
}

fn everything() -> Pop3Config<'static> {
    Pop3Config { start: Start::Everything, ..config() }
}

impl Session {
    fn new(config: Pop3Config<'static>, entries: usize, kept: &[u8]) -> Self {
        let mut record = Record::new(vec![0; 8 + 10 * entries].leak());
        assert_eq!(record.restore(kept), !kept.is_empty());
        let watch = Pop3Watch::new(config, record, vec![0; 768].leak());
        let buffers = Buffers::new(vec![0; 256].leak(), vec![0; 128].leak());
        Self {
            watch,
            buffers,
            now: Instant::ZERO,
            dies: false,
            subject: "x",
            one: None,
            listings: 0,
        }
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

    #[track_caller]
    fn expect(&mut self, input: &str, wanted: &[&str]) {
        assert_eq!(self.hear(input), wanted, "after {input:?}");
    }

    /// Up to UIDL.
    #[track_caller]
    fn open(&mut self, capabilities: &str) {
        self.expect("+OK hi\r\n", &["> CAPA"]);
        self.expect(capabilities, &["> USER alice"]);
        self.expect("+OK\r\n", &["> PASS secret"]);
        self.expect("+OK\r\n", &["> CAPA"]);
        self.expect(capabilities, &["> UIDL"]);
    }

    /// Plays a server with this maildrop for a whole session, and acknowledges what `acknowledge`
    /// says. What was told, and which messages were deleted.
    fn visit(&mut self, maildrop: &[&str], acknowledge: impl Fn(&str) -> bool) -> Vec<String> {
        self.watch.reconnect(&mut self.buffers);
        self.listings = 0;
        let mut told = Vec::new();
        let mut deleted = Vec::new();
        let mut answer = String::from("+OK hi\r\n");
        for _ in 0..10_000 {
            for byte in core::mem::take(&mut answer).bytes() {
                self.buffers.rx.fill(&[byte]);
                loop {
                    match self.watch.advance(&mut self.buffers, self.now).unwrap() {
                        Progress::NeedInput => break,
                        Progress::Closed => panic!("closed"),
                        Progress::Event => {}
                    }
                    match self.watch.event(&self.buffers) {
                        Event::Alert(alert) => {
                            let id = alert.unique_id.to_string();
                            let number = alert.uid;
                            if acknowledge(&id) {
                                self.watch.acknowledge(number);
                            }
                            told.push(id);
                        }
                        Event::Retry { .. } => {
                            told.extend(deleted.iter().map(|it| format!("deleted {it}")));
                            return told;
                        }
                        _ => {}
                    }
                }
            }
            let sent = String::from_utf8(self.buffers.tx.pending().to_vec()).unwrap();
            self.buffers.tx.consume(sent.len());
            for line in sent.lines() {
                let (word, number) = line.split_once(' ').unwrap_or((line, ""));
                let number = number.split(' ').next().unwrap_or_default();
                let id = number.parse::<usize>().map_or("", |number| maildrop[number - 1]);
                answer += &match word {
                    "CAPA" => CAPA.to_string(),
                    "UIDL" if number.is_empty() => {
                        self.listings += 1;
                        let there = maildrop
                            .iter()
                            .enumerate()
                            .filter(|(at, _)| !deleted.contains(&(at + 1).to_string()));
                        let lines = there.map(|(at, id)| format!("{}   {id}\r\n", at + 1));
                        format!("+OK\r\n{}.\n", lines.collect::<String>())
                    }
                    "UIDL" if self.one.is_some() => self.one.unwrap().to_string(),
                    "UIDL" => format!("+OK {number} {id}\r\n"),
                    "LIST" => format!("+OK {number} 7\r\n"),
                    "TOP" => format!("+OK\r\nSubject: {}\r\n\r\n.\r\n", self.subject),
                    "DELE" => {
                        deleted.push(number.to_string());
                        "+OK\r\n".into()
                    }
                    "QUIT" if self.dies => "-ERR\r\n".into(),
                    _ => "+OK\r\n".into(),
                };
            }
        }
        panic!("no end: {told:?}");
    }
}

fn short(event: &Event<'_>) -> String {
    match event {
        Event::Alert(it) => {
            let from = it.from.clone().next().map(|from| from.spec.to_string());
            let date = it.date.map(|date| date.to_unix());
            format!(
                "alert {} {}: {:?} {:?} {date:?} {:?} {:?}",
                it.uid,
                it.unique_id,
                from.unwrap_or_default(),
                it.subject,
                it.size,
                it.preview
            )
        }
        Event::Retry { at, cause } => format!("retry in {}: {cause:?}", at.as_millis() / 1000),
        Event::Refused { login, text, .. } => format!("refused {login}: {text}"),
        Event::Open { exists, reset, .. } => format!("open {exists} {reset}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn one_look() {
    let mut it = Session::new(everything(), 9, b"");
    it.open(CAPA);
    it.expect("+OK\r\n1 aaa\r\n3   bbb\r\n.\r\n", &["open 2 true", "> LIST 1"]);
    it.expect("+OK 1 120\r\n", &["> UIDL 1"]);
    // Without the number.
    it.expect("+OK aaa\r\n", &["> TOP 1 0"]);
    let header = "From: Ann <ann@x>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nDate: Thu, 1 Jan 1970 \
                  00:00:07 +0000\r\n\r\n";
    it.expect(
        &format!("+OK\r\n{header}.\r\n"),
        &["alert 1 aaa: \"ann@x\" \"café\" Some(7) Some(120) None", "> LIST 3"],
    );
    it.watch.acknowledge(1);
    it.expect("-ERR what?\r\n", &["> UIDL 3"]);
    it.expect("-ERR what?\r\n", &["> TOP 3 0"]);
    it.expect(
        "+OK\r\nSubject: x\r\n.\r\n",
        &["alert 3 : \"\" \"x\" None None None", "CaughtUp", "> QUIT"],
    );
    it.expect("+OK bye\r\n", &[POLL]);
    assert_eq!(it.watch.deadline(), None);
    it.watch.acknowledge(3);
    let kept = it.watch.record().as_bytes().to_vec();

    let mut it = Session::new(config(), 9, &kept);
    it.open(CAPA);
    it.expect("+OK\r\n3 bbb\r\n4 ccc\r\n.\r\n", &["open 2 false", "> LIST 4"]);
    assert_eq!(it.watch.record().len(), 1);
}

#[test]
fn many_at_once_where_the_server_takes_them() {
    let mut it = Session::new(everything(), 9, b"");
    it.open(PIPELINING);
    it.expect("+OK\r\n1 aaa\r\n.\r\n", &["open 1 true", "> LIST 1", "> UIDL 1", "> TOP 1 0"]);
    it.expect("+OK 1 120\r\n+OK 1 aaa\r\n", &[]);
    it.expect(
        "+OK\r\nSubject: x\r\n\r\n.\r\n",
        &["alert 1 aaa: \"\" \"x\" None Some(120) None", "CaughtUp", "> QUIT"],
    );
}

#[test]
fn without_top_the_whole_is_read() {
    let mut it = Session::new(Pop3Config { preview_lines: 9, ..everything() }, 9, b"");
    it.open(CAPA);
    it.expect("+OK\r\n1 aaa\r\n2 bbb\r\n.\r\n", &["open 2 true", "> LIST 1"]);
    it.hear("+OK 1 120\r\n");
    it.expect("+OK 1 aaa\r\n", &["> TOP 1 9"]);
    it.expect("-ERR no such command\r\n", &["> RETR 1"]);
    let long = "0123456789".repeat(50);
    let told = it.hear(&format!("+OK\r\nSubject: x\r\n\r\nOne\r\n..two {long}\r\n.\r\n"));
    assert!(told[0].starts_with("alert 1 aaa: \"\" \"x\" None Some(120) Some(\"One .two 0"));
    it.hear("+OK 2 120\r\n");
    it.expect("+OK 2 bbb\r\n", &["> RETR 2"]);
    // What cannot be had is told all the same.
    it.expect(
        "-ERR gone\r\n",
        &["alert 2 bbb: \"\" \"\" None Some(120) None", "CaughtUp", "> QUIT"],
    );
}

#[test]
fn now_or_everything() {
    let mut it = Session::new(config(), 9, b"");
    it.open(CAPA);
    // It dies in the middle: nothing was looked at yet.
    it.expect("+OK\r\n1 aaa\r\n", &[]);
    it.buffers.rx.close();
    it.expect("", &["retry in 0: Connection(Peer(UnexpectedEof))"]);
    let kept = it.watch.record().as_bytes().to_vec();
    assert!(!it.watch.record().is_begun());
    let mut it = Session::new(config(), 9, &kept);
    assert!(it.visit(&["a", "b"], |_| true).is_empty());
    assert_eq!(it.visit(&["a", "b", "c"], |_| true), ["c"]);
    assert_eq!(it.visit(&["b", "c", "d", "e"], |_| true), ["d", "e"]);
    assert!(it.visit(&["b", "e"], |_| true).is_empty());
    assert_eq!(it.watch.record().len(), 2);
    // One that was there before, and is again.
    assert_eq!(it.visit(&["d", "b", "e"], |_| true), ["d"]);
}

#[test]
fn what_is_not_acknowledged_comes_again() {
    let mut it = Session::new(everything(), 100, b"");
    let ids: Vec<String> = (0..60).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(it.visit(&ids, |id| id == "id10"), ids);
    assert_eq!(it.visit(&ids, |_| false), ids[11..]);
    assert_eq!(it.visit(&ids, |id| id == "id40"), ids[11..]);
    // More were waiting than are remembered.
    let told = it.visit(&ids, |_| true);
    assert!(told.ends_with(&ids[41..].iter().map(|id| id.to_string()).collect::<Vec<_>>()));
    assert!(it.visit(&ids, |_| true).is_empty());
    assert_eq!(it.watch.record().len(), 60);
}

#[test]
fn a_record_smaller_than_the_maildrop() {
    let ids: Vec<String> = (0..80).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for start in [Start::Now, Start::Everything] {
        let mut it = Session::new(Pop3Config { start, ..config() }, 5, b"");
        let told = it.visit(&ids[..70], |_| true);
        assert_eq!(told, if start == Start::Now { &[] } else { &ids[..70] });
        assert!(it.visit(&ids[..70], |_| true).is_empty());
        assert_eq!(it.visit(&ids[..77], |_| true), ids[70..77]);
        // It forgets, and nothing old comes, though one that was known goes.
        let less = [&ids[..60], &ids[65..76], &ids[77..80]].concat();
        assert_eq!(it.visit(&less, |id| id != "id79"), ids[77..80]);
        assert_eq!(it.visit(&less, |_| true), ["id79"]);
        let kept = it.watch.record().as_bytes().to_vec();
        let mut it = Session::new(config(), 5, &kept);
        assert!(it.visit(&less, |_| true).is_empty());
        // All that was known has gone: rather twice than never.
        assert_eq!(it.visit(&["x", "y"], |_| true), ["x", "y"]);
        assert_eq!(it.visit(&["z", "x", "y"], |_| true), ["z"]);
        assert!(it.visit(&[], |_| true).is_empty());
        assert_eq!(it.visit(&ids[..2], |_| true), ids[..2]);
    }
}

#[test]
fn one_listing_is_enough_if_the_old_ones_are_many() {
    let mut it = Session::new(config(), 2, b"");
    let ids: Vec<String> = (0..50).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert!(it.visit(&ids, |_| true).is_empty());
    it.watch.reconnect(&mut it.buffers);
    it.open(CAPA);
    let lines: String =
        ids.iter().enumerate().map(|(at, id)| format!("{} {id}\r\n", at + 1)).collect();
    it.expect(&format!("+OK\r\n{lines}.\r\n"), &["open 50 false", "CaughtUp", "> QUIT"]);
}

/// Behind a run of new messages each is asked for its unique-id alone.
#[test]
fn one_listing_is_enough_for_many_new_messages() {
    let mut it = Session::new(everything(), 400, b"");
    let ids: Vec<String> = (0..320).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(it.visit(&ids, |_| true), ids);
    assert_eq!(it.listings, 1);
    assert!(it.visit(&ids, |_| true).is_empty());
    // With gaps, of which no more than so many are remembered.
    let more: Vec<String> =
        (0..320).flat_map(|at| [format!("id{at}"), format!("new{at}")]).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let told = it.visit(&more, |_| true);
    assert!(told.len() == 320 && told.iter().all(|id| id.starts_with("new")));
    assert_eq!(it.listings, 20);
}

/// The unique-id of one is another than in the list, or none is told: all come, from the list.
#[test]
fn the_unique_id_of_one_is_not_what_was_listed() {
    for one in ["+OK 1 other\r\n", "-ERR what?\r\n"] {
        let mut it = Session::new(everything(), 400, b"");
        it.one = Some(one);
        let ids: Vec<String> = (0..40).map(|at| format!("id{at}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(it.visit(&ids, |_| true).len(), 40);
        assert!(it.listings < 5, "{}", it.listings);
        it.one = None;
        assert!(it.visit(&ids, |_| true).is_empty());
    }
}

/// What was told and is to be deleted, when that did not come to an end.
#[test]
fn one_listing_is_enough_for_many_to_be_deleted() {
    let ids: Vec<String> = (0..100).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut it = Session::new(Pop3Config { delete: true, ..everything() }, 400, b"");
    it.dies = true;
    assert_eq!(it.visit(&ids, |_| true).len(), 200);
    assert_eq!(it.visit(&ids, |_| true).len(), 100);
    assert_eq!(it.listings, 1);
}

/// A line longer than Rx that is no challenge.
#[test]
fn a_long_line_is_no_challenge() {
    let mut it = Session::new(Pop3Config { login: Login::Caller, ..config() }, 9, b"");
    it.hear("+OK hi\r\n");
    it.expect(CAPA, &["LogIn"]);
    let command = crate::pop3::command::UserCommand { user: "ann" };
    it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
    let long = "x".repeat(300);
    it.expect(&format!("{long}\r\n+ {long}\r\n"), &["> USER ann"]);
    it.expect("+OK\r\n", &["LogIn"]);
}

#[test]
fn listed_in_any_order() {
    let mut it = Session::new(everything(), 2, b"");
    assert_eq!(it.visit(&["a", "b", "c"], |_| true), ["a", "b", "c"]);
    it.watch.reconnect(&mut it.buffers);
    it.open(CAPA);
    it.expect("+OK\r\n4 d\r\n3 c\r\n2 b\r\n1 a\r\n.\r\n", &["open 4 false", "> LIST 4"]);
    // Gaps, blanks, and what is none.
    it.watch.reconnect(&mut it.buffers);
    it.open(CAPA);
    it.expect("+OK\r\nwhat\r\n7 \r\n\r\n3 c\r\n2 b\r\n0 x\r\n.\r\n", &["open 3 false", "> LIST 7"]);
}

#[test]
fn equal_and_blank_unique_ids() {
    let mut it = Session::new(everything(), 20, b"");
    assert_eq!(it.visit(&["a", "", "a"], |_| true).len(), 3);
    assert_eq!(it.visit(&["a", "", "a", "", "a", ""], |_| true), ["", "a", ""]);
    assert!(it.visit(&["a", "", "a", "", "a", ""], |_| true).is_empty());
    assert_eq!(it.visit(&["a", "a", "b"], |_| true), ["b"]);
}

#[test]
fn a_unique_id_longer_than_rx() {
    let id = "x".repeat(600);
    let mut it = Session::new(everything(), 20, b"");
    assert_eq!(it.visit(&["a", &id], |_| true).len(), 2);
    assert_eq!(it.visit(&["a", &id, "b"], |_| true), ["b"]);
}

#[test]
fn deleted_once_it_is_acknowledged() {
    let delete = Pop3Config { delete: true, ..config() };
    let mut it = Session::new(delete, 99, b"");
    assert!(it.visit(&["a", "b"], |_| true).is_empty());
    assert_eq!(it.visit(&["a", "b", "c"], |_| false), ["c"]);
    it.dies = true;
    assert_eq!(it.visit(&["a", "b", "c", "d"], |_| true), ["c", "d", "deleted 3", "deleted 4"]);
    // The server did not: that connection died before its QUIT, say.
    let kept = it.watch.record().as_bytes().to_vec();
    let mut it = Session::new(delete, 99, &kept);
    assert_eq!(it.visit(&["a", "b", "c", "d", "e"], |_| false), ["e", "deleted 3", "deleted 4"]);
    let mut it = Session::new(config(), 99, &kept);
    assert!(it.visit(&["a", "b", "c", "d"], |_| true).is_empty());

    let ids: Vec<String> = (1..=80).map(|at| format!("id{at}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut it = Session::new(Pop3Config { delete: true, ..everything() }, 99, b"");
    it.dies = true;
    let told = it.visit(&ids, |_| true);
    assert_eq!(told.len(), 160);
    assert_eq!(told[..80], ids);
    assert_eq!((&*told[80], &*told[159]), ("deleted 1", "deleted 80"));
    // None is told again if that did not come to an end.
    let told = it.visit(&ids, |_| true);
    assert_eq!((told.len(), &*told[0]), (80, "deleted 1"));
}

#[test]
fn refusals() {
    let mut it = Session::new(config(), 9, b"");
    it.hear("+OK hi\r\n");
    it.expect("-ERR\r\n", &["> USER alice"]);
    it.hear("+OK\r\n");
    it.expect("-ERR [AUTH] wrong\r\n", &["refused true: wrong", "retry in 58: Refused"]);
    it.watch.reconnect(&mut it.buffers);
    it.hear("+OK hi\r\n");
    it.hear(CAPA);
    it.hear("+OK\r\n");
    it.expect("-ERR [IN-USE] busy\r\n", &["refused false: busy", "retry in 119: Refused"]);
    it.watch.reconnect(&mut it.buffers);
    it.open(CAPA);
    it.expect("-ERR no UIDL\r\n", &["refused false: no UIDL", "retry in 193: Refused"]);
    it.watch.unreachable(&mut it.buffers);
    it.now = Instant::ZERO.saturating_add(Duration::from_secs(1000));
    assert!(it.listen()[0].ends_with("Unreachable"));
    it.watch.reconnect(&mut it.buffers);
    it.expect("-ERR too busy\r\n", &["retry in 1716: Connection(Peer(Refused))"]);
}

#[test]
fn no_sooner_than_the_server_wants() {
    let mut it = Session::new(Pop3Config { poll: Duration::from_secs(5), ..config() }, 9, b"");
    it.open("+OK\r\nLOGIN-DELAY 60\r\n.\r\n");
    it.expect("+OK\r\n.\r\n", &["open 0 true", "CaughtUp", "> QUIT"]);
    // It closes without a word.
    it.buffers.rx.close();
    it.expect("", &["retry in 60: Poll"]);
}

#[test]
fn stls_and_a_login_by_the_caller() {
    let config = Pop3Config { start_tls: true, login: Login::Caller, ..config() };
    let mut it = Session::new(config, 9, b"");
    it.hear("+OK hi\r\n");
    it.expect("+OK\r\nSTLS\r\n.\r\n", &["> STLS"]);
    it.expect("+OK\r\n", &["StartTls"]);
    it.watch.tls_started(&it.buffers.rx).unwrap();
    it.expect("", &["> CAPA"]);
    it.expect("+OK\r\nSASL PLAIN\r\n.\r\n", &["LogIn"]);
    let command = crate::pop3::command::AuthCommand { mechanism: "PLAIN", initial_response: None };
    it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
    it.expect("", &["> AUTH PLAIN"]);
    let told = it.hear("+ go ahead\r\n");
    assert!(told[0].starts_with("Challenge"), "{told:?}");
    let response = crate::sasl::Response::new(b"x");
    it.watch.connection_mut().respond(&response, &mut it.buffers.tx).unwrap();
    it.expect("+OK in\r\n", &["> eA==", "LoggedIn { text: \"in\" }", "> CAPA"]);
    it.expect(CAPA, &["> UIDL"]);

    let config = Pop3Config { start_tls: true, ..config };
    let mut it = Session::new(config, 9, b"");
    it.hear("+OK hi\r\n");
    it.expect(CAPA, &["retry in 0: Connection(Usage(NotOffered(\"STLS\")))"]);

    let mut it = Session::new(Pop3Config { start_tls: false, ..config }, 9, b"");
    it.hear("+OK hi\r\n");
    it.expect(CAPA, &["LogIn"]);
    let command = crate::pop3::command::UserCommand { user: "ann" };
    it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
    it.expect("+OK\r\n", &["> USER ann", "LogIn"]);
    let command = crate::pop3::command::PassCommand { password: "x".into() };
    it.watch.connection_mut().send(&command, &mut it.buffers.tx).unwrap();
    it.expect("+OK in\r\n", &["> PASS x", "LoggedIn { text: \"in\" }", "> CAPA"]);
}

#[test]
fn it_stops_in_order() {
    let mut it = Session::new(everything(), 9, b"");
    it.open(CAPA);
    it.watch.stop();
    it.expect("+OK\r\n1 aaa\r\n.\r\n", &["open 1 true", "> QUIT"]);
    it.expect("+OK\r\n", &["closed"]);
    let mut it = Session::new(everything(), 9, b"");
    it.watch.stop();
    it.hear("+OK hi\r\n");
    it.expect(CAPA, &["> QUIT"]);
    it.buffers.rx.close();
    it.expect("", &["closed"]);
}

#[test]
fn the_text_is_shown() {
    let preview = |message: &str| {
        let mut letter = letter::Letter::new(vec![0; 768].leak());
        for chunk in 1..9 {
            letter.begin();
            message.as_bytes().chunks(chunk).for_each(|chunk| letter.feed(chunk));
            letter.end();
        }
        letter.alert(1, b"", None).preview.map(String::from)
    };
    let some = |text: &str| Some(text.to_string());
    assert_eq!(preview("Subject: x\r\n\r\nHi\r\n there\r\n"), some("Hi there"));
    assert_eq!(preview("Subject: x\r\n\r\n"), None);
    assert_eq!(preview("Content-Type: image/png\r\n\r\nabc"), None);
    assert_eq!(preview("Content-Transfer-Encoding: x-uu\r\n\r\nabc"), None);
    let html = "Content-Type: text/html; charset=latin1\nContent-Transfer-Encoding: \
                quoted-printable\n\n<p>Caf=E9=\n</p>";
    assert_eq!(preview(html), some("Café"));
    let mixed = "Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\nignored\r\n--a c\r\n--a b  \
                 \r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--a \
                 b\r\nContent-Type: text/plain\r\nContent-Disposition: Attachment; \
                 x=y\r\n\r\nno\r\n--a b\r\nContent-Type: multipart/alternative;\r\n \
                 boundary=c\r\n\r\n--c\r\nContent-Type: text/plain; charset=utf-8\r\nContent-\
                 Transfer-Encoding: BASE64\r\n\r\nSGVs\r\nbG8=\r\n--c\r\n\r\nno\r\n";
    assert_eq!(preview(mixed), some("Hello"));
    let bare = "Content-Type: multipart/mixed; boundary=ab\n\n--ab\n\n--a\n-\n--ab--\nno";
    assert_eq!(preview(bare), some("--a -"));
    assert_eq!(preview("Content-Type: multipart/mixed; boundary=ab\n\n--ab--\nno"), None);
    assert_eq!(preview("Content-Type: multipart/mixed\n\nno"), None);
}

/// What the watcher must not do, whatever the server does.
mod never {
    use super::*;

    fn deleting(start: Start) -> Pop3Config<'static> {
        Pop3Config { delete: true, start, ..config() }
    }

    /// RFC 1939 section 7: unique-ids may be a hash of the message, and be used again.
    #[test]
    fn p1_a_new_message_with_a_used_unique_id_is_deleted_untold() {
        let mut it = Session::new(deleting(Start::Everything), 9, b"");
        assert_eq!(it.visit(&["same"], |_| true), ["same", "deleted 1"]);
        // QUIT was answered: that one is gone. Another comes.
        assert_eq!(it.visit(&["same"], |_| true), ["same", "deleted 1"]);
    }

    /// QUIT failed, but the message is gone, or another client took it.
    #[test]
    fn another_with_the_unique_id_of_one_to_be_deleted() {
        for id in ["same", ""] {
            let mut it = Session::new(deleting(Start::Everything), 9, b"");
            it.dies = true;
            assert_eq!(it.visit(&[id], |_| true), [id, "deleted 1"]);
            it.subject = "another";
            assert_eq!(it.visit(&[id], |_| false), [id]);
            assert_eq!(it.visit(&[id], |_| true), [id, "deleted 1"]);
            it.dies = false;
            // It is the one that was told.
            assert_eq!(it.visit(&[id], |_| true), ["deleted 1"]);
            assert!(it.watch.record().is_empty());
        }
    }

    #[test]
    fn p1b_blank_unique_ids() {
        let mut it = Session::new(deleting(Start::Everything), 9, b"");
        assert_eq!(it.visit(&[""], |_| true), ["", "deleted 1"]);
        assert_eq!(it.visit(&[""], |_| true), ["", "deleted 1"]);
    }

    /// The record is smaller than the maildrop, all is to be deleted.
    #[test]
    fn p2_told_twice_and_left_when_the_record_is_small() {
        let ids: Vec<String> = (0..60).map(|it| format!("id{it:02}")).collect();
        let mut there: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut it = Session::new(deleting(Start::Everything), 8, b"");
        let mut told = Vec::new();
        for _ in 0..4 {
            let visit = it.visit(&there, |_| true);
            let gone: Vec<usize> =
                visit.iter().filter_map(|it| it.strip_prefix("deleted ")?.parse().ok()).collect();
            told.extend(visit.into_iter().filter(|it| it.starts_with("id")));
            there = there
                .into_iter()
                .enumerate()
                .filter(|(at, _)| !gone.contains(&(at + 1)))
                .map(|(_, it)| it)
                .collect();
        }
        told.sort();
        let twice = told.windows(2).filter(|two| two[0] == two[1]).count();
        assert_eq!((twice, there.len()), (0, 0), "told twice, left");
    }

    #[test]
    fn p3_login_delay_of_136_years_in_clear() {
        let mut it = Session::new(Pop3Config { start_tls: true, ..config() }, 9, b"");
        it.expect("+OK hi\r\n", &["> CAPA"]);
        let told = it.hear("+OK\r\nLOGIN-DELAY 4294967295\r\n.\r\n");
        let at = told[0].strip_prefix("retry in ").and_then(|it| it.split(':').next());
        assert!(at.unwrap().parse::<u64>().unwrap() <= 86_400, "{told:?}");
    }

    /// Quirk P13.
    #[test]
    fn p5_the_socket_is_closed_on_a_bad_password() {
        let mut it = Session::new(config(), 9, b"");
        it.expect("+OK hi\r\n", &["> CAPA"]);
        it.expect(CAPA, &["> USER alice"]);
        it.expect("+OK\r\n", &["> PASS secret"]);
        it.buffers.rx.close();
        let told = it.listen();
        assert!(told[0].starts_with("refused true"), "{told:?}");
    }

    /// "Not those that were there before, by Start::Now."
    #[test]
    fn p6_one_empty_listing_and_the_old_mail_is_deleted() {
        let mut it = Session::new(deleting(Start::Now), 9, b"");
        assert!(it.visit(&["old1", "old2"], |_| true).is_empty());
        assert!(it.visit(&[], |_| true).is_empty());
        let told = it.visit(&["old1", "old2"], |_| true);
        assert!(!told.iter().any(|it| it.starts_with("deleted")), "{told:?}");
    }

    /// The same where the record is smaller than the maildrop, and its newest messages go.
    #[test]
    fn p7_the_newest_go_and_the_old_mail_is_deleted() {
        let mut it = Session::new(deleting(Start::Now), 2, b"");
        assert!(it.visit(&["old1", "old2", "old3", "old4"], |_| true).is_empty());
        let told = it.visit(&["old1", "old2"], |_| true);
        assert!(!told.iter().any(|it| it.starts_with("deleted")), "{told:?}");
    }
}

/// A message that the connection dies of, each time it is asked for, does not hide the next.
#[test]
fn a_message_that_kills() {
    let mut it = Session::new(Pop3Config { delete: true, ..everything() }, 9, b"");
    for time in 0..3 {
        it.watch.reconnect(&mut it.buffers);
        it.open(CAPA);
        let told = it.hear("+OK\r\n1 aaa\r\n2 bbb\r\n.\r\n");
        assert_eq!(told.last().unwrap(), "> LIST 1");
        it.expect("+OK 1 120\r\n", &["> UIDL 1"]);
        if time < 2 {
            it.expect("+OK 1 aaa\r\n", &["> TOP 1 0"]);
            it.buffers.rx.close();
            let told = it.listen();
            assert!(told[0].contains("UnexpectedEof"), "{told:?}");
        }
    }
    it.expect("+OK 1 aaa\r\n", &["alert 1 aaa: \"\" \"\" None Some(120) None", "> LIST 2"]);
    it.watch.acknowledge(1);
    it.expect("+OK 2 120\r\n", &["> UIDL 2"]);
    it.expect("+OK 2 bbb\r\n", &["> TOP 2 0"]);
    let told = it.hear("+OK\r\n\r\n.\r\n");
    assert!(told[0].starts_with("alert 2"), "{told:?}");
    it.watch.acknowledge(2);
    // The first may not have been told for what it is.
    assert!(it.hear("").is_empty());
    assert_eq!(told[1..], ["CaughtUp", "> QUIT"]);
}

/// Nor is one told again that was told and is to be deleted; that is left to a better connection.
#[test]
fn a_message_that_kills_before_it_is_deleted() {
    let mut it = Session::new(Pop3Config { delete: true, ..everything() }, 9, b"");
    for time in 0..5 {
        it.watch.reconnect(&mut it.buffers);
        it.open(CAPA);
        let told = it.hear("+OK\r\n1 aaa\r\n.\r\n");
        assert_eq!(told.last().unwrap(), "> LIST 1");
        it.expect("+OK 1 120\r\n", &["> UIDL 1"]);
        if time == 3 {
            it.expect("+OK 1 aaa\r\n", &["CaughtUp", "> QUIT"]);
            it.expect("+OK\r\n", &[POLL]);
            continue;
        }
        it.expect("+OK 1 aaa\r\n", &["> TOP 1 0"]);
        match time {
            0 => {
                let told = it.hear("+OK\r\nSubject: x\r\n\r\n.\r\n");
                assert!(told[0].starts_with("alert 1"), "{told:?}");
                it.watch.acknowledge(1);
            }
            4 => it.expect("+OK\r\nSubject: x\r\n\r\n.\r\n", &["CaughtUp", "> DELE 1"]),
            _ => {}
        }
        it.buffers.rx.close();
        it.listen();
    }
}
