//! What real POP3 servers said is understood, however it was cut up and whatever Rx holds.

use mailwire::Error;
use mailwire::pop3::{ApopDigest, Event, Kind, ListItem, Message, State, Status, StatusResponse};
use mailwire_tests::heard::{Heard, hear_pop3};
use mailwire_tests::transcript::{Step, Transcript};
use proptest::prelude::*;
use std::collections::HashMap;

/// What happened on one connection.
struct Session {
    name: String,
    /// What the client asked for, in order.
    commands: Vec<(String, Kind)>,
    bytes: Vec<u8>,
}

/// What an answer to this line looks like.
fn kind(line: &str) -> Kind {
    let mut words = line.split(' ');
    let word = words.next().unwrap_or_default().to_ascii_uppercase();
    let alone = words.next().is_none_or(str::is_empty);
    let of_two = |one, all| if alone { all } else { one };
    match word.as_str() {
        "USER" => Kind::User,
        "PASS" => Kind::Pass,
        "APOP" => Kind::Apop,
        "AUTH" => of_two(Kind::Auth, Kind::CustomLines),
        "CAPA" => Kind::Capa,
        "STLS" => Kind::Stls,
        "STAT" => Kind::Stat,
        "LIST" => of_two(Kind::ListOne, Kind::List),
        "UIDL" => of_two(Kind::UidlOne, Kind::Uidl),
        "RETR" => Kind::Retr,
        "TOP" => Kind::Top,
        "DELE" => Kind::Dele,
        "RSET" => Kind::Rset,
        "NOOP" => Kind::Noop,
        "QUIT" => Kind::Quit,
        "UTF8" => Kind::Utf8,
        "LANG" => of_two(Kind::Lang, Kind::LangList),
        _ => Kind::Custom,
    }
}

fn sessions() -> Vec<Session> {
    let mut all = Vec::new();
    for (path, transcript) in Transcript::pop3() {
        let server = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        for connection in 0..transcript.connections() {
            let name = format!("{server}/{}/{connection}", transcript.session);
            let mut commands = Vec::new();
            let mut challenged = false;
            for step in transcript.steps(connection) {
                match step {
                    Step::Client(_) if challenged => challenged = false,
                    Step::Client(bytes) => {
                        let text = String::from_utf8_lossy(bytes);
                        commands.extend(text.lines().map(|it| (it.to_string(), kind(it))));
                    }
                    Step::Server(bytes) => {
                        challenged = bytes.starts_with(b"+ ") || bytes.starts_with(b"+\r");
                    }
                    _ => {}
                }
            }
            all.push(Session { name, commands, bytes: transcript.server_bytes(connection) });
        }
    }
    all
}

impl Session {
    fn kinds(&self) -> Vec<Kind> {
        self.commands.iter().map(|(_, kind)| *kind).collect()
    }

    /// Lets `see` have all events.
    fn see(&self, see: impl FnMut(Event<'_>)) {
        let _ = hear_pop3(&mut [0; 256], State::Greeting, &self.kinds(), [&self.bytes[..]], see);
    }

    fn hear<'a>(
        &self,
        rx: usize,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<Heard>, Result<(), Error>) {
        hear_pop3(&mut vec![0; rx], State::Greeting, &self.kinds(), pieces, |_| {})
    }
}

/// What is malformed or unasked for in the transcripts, and rightly so.
const ODD: &[(&str, usize)] = &[
    // To a command of 600 octets the server sends that command back, and no answer: those of
    // the commands behind it are taken for one another's.
    ("mailutils/pop-04-transaction/0", 4),
];

#[test]
fn every_session_is_understood() {
    let mut found = Vec::new();
    for session in sessions() {
        let (heard, end) = session.hear(4096, [&session.bytes[..]]);
        assert_eq!(end, Ok(()), "{}, behind {:?}", session.name, heard.last());
        let odd = |it: &&Heard| it.is("malformed") || it.is("oversized") || it.is("status");
        let count = heard.iter().filter(odd).count();
        if count > 0 {
            found.push((session.name, count));
        }
    }
    let found: Vec<_> = found.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(found, ODD);
}

/// A message is as long as LIST said.
#[test]
fn messages_are_whole() {
    let mut checked = 0;
    for session in sessions() {
        let commands: Vec<_> =
            session.commands.iter().map(|(line, _)| line.to_ascii_uppercase()).collect();
        let mut answered = commands.iter();
        let mut sizes = HashMap::new();
        let mut size = 0;
        let name = &session.name;
        // Courier has something else in place of messages that are not ASCII, and Mailutils
        // counts a line's end as one.
        if !name.starts_with("dovecot23") && !name.starts_with("cyrus36") {
            continue;
        }
        session.see(|event| match event {
            Event::ListItem(ListItem { number, size }) => {
                sizes.insert(format!("RETR {number}"), size);
            }
            Event::Message(Message::Start { .. }) => size = 0,
            Event::Message(Message::Chunk(bytes)) => size += bytes.len() as u64,
            Event::Completed { kind, response, .. } => {
                let line = answered.next().unwrap();
                if kind == Kind::Retr
                    && response.is_ok()
                    && let Some(&announced) = sizes.get(line)
                {
                    // The end of a last line that has none comes on top.
                    let sizes = [announced, announced + 2];
                    assert!(sizes.contains(&size), "{name}: {line}: {size} of {announced}");
                    checked += 1;
                }
            }
            _ => {}
        });
    }
    assert!(checked > 50, "{checked}");
}

/// The digests that were sent are those of the timestamps that were received.
#[test]
fn apop_digests() {
    let mut checked = 0;
    for session in sessions() {
        let digest = |user: &str, password: &str, timestamp: &[u8]| {
            let ApopDigest(bytes) = ApopDigest::new(timestamp, password.into());
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("APOP {user} {hex}")
        };
        let mut timestamp = None;
        let mut accepted = 0;
        session.see(|event| match event {
            Event::Greeting(greeting) => timestamp = greeting.timestamp().map(<[u8]>::to_vec),
            Event::Completed {
                kind: Kind::Apop,
                response: StatusResponse { status: Status::Ok, .. },
                ..
            } => accepted += 1,
            _ => {}
        });
        let Some(timestamp) = timestamp else { continue };
        let known = session.commands.iter().filter(|(line, _)| {
            *line == digest("alice", "password", &timestamp)
                || *line == digest("bob", "p\"a\\ss word€", &timestamp)
        });
        let known = known.count();
        assert!(known >= accepted, "{}", session.name);
        checked += known;
    }
    assert!(checked > 0);
}

/// The words that events have as data.
#[test]
fn events_as_data() {
    let bytes: &[u8] = b"+OK <1@x> hi\r\n+OK can\r\nEXPIRE 7 USER\r\nX Y\r\n.\r\n+ dA==\r\n\
        -ERR [SYS/TEMP] later\r\n+OK 2 320\r\n+OK\r\n1 120\r\n.\r\n+OK 1 ab\r\n+OK 9 octets\r\n\
        ..\xfc\r\n.\r\n+OK\r\nde Deutsch\r\n.\r\nodd\r\n-ERR idle\r\n";
    let kinds =
        [Kind::Capa, Kind::Auth, Kind::Stat, Kind::List, Kind::UidlOne, Kind::Retr, Kind::LangList];
    let mut found = Vec::new();
    let (_, end) = hear_pop3(&mut [0; 64], State::Greeting, &kinds, [bytes], |event| {
        found.push(serde_json::to_string(&event).unwrap());
    });
    assert_eq!(end, Ok(()));
    let none = r#""code":null,"text":"","truncated":false"#;
    let completed = |kind: &str| {
        format!(r#"{{"event":"completed","kind":"{kind}","number":null,"status":"ok",{none}}}"#)
    };
    assert_eq!(
        found,
        [
            r#"{"event":"greeting","status":"ok","code":null,"text":"<1@x> hi","truncated":false}"#
                .into(),
            r#"{"event":"started","kind":"capa","status":"ok","code":null,"text":"can","truncated":false}"#
                .into(),
            r#"{"event":"capability","capability":"EXPIRE 7 USER"}"#.into(),
            r#"{"event":"capability","capability":"X Y"}"#.into(),
            completed("capa"),
            r#"{"event":"challenge","challenge":"dA=="}"#.into(),
            r#"{"event":"completed","kind":"auth","number":null,"status":"err","code":"SYS/TEMP","text":"later","truncated":false}"#
                .into(),
            r#"{"event":"stat","messages":2,"size":320}"#.into(),
            completed("stat").replace(r#""text":"""#, r#""text":"2 320""#),
            format!(r#"{{"event":"started","kind":"list","status":"ok",{none}}}"#),
            r#"{"event":"list_item","number":1,"size":120}"#.into(),
            completed("list"),
            r#"{"event":"uidl_item","number":1,"uid":"ab"}"#.into(),
            completed("uidl_one").replace(r#""text":"""#, r#""text":"1 ab""#),
            r#"{"event":"message_start","number":null,"code":null,"text":"9 octets","truncated":false}"#
                .into(),
            "{\"event\":\"message_chunk\",\"text\":\".\u{fffd}\\r\\n\",\"base64\":\"LvwNCg==\"}"
                .into(),
            r#"{"event":"message_end"}"#.into(),
            completed("retr"),
            format!(r#"{{"event":"started","kind":"lang_list","status":"ok",{none}}}"#),
            r#"{"event":"language","tag":"de","description":"Deutsch"}"#.into(),
            completed("lang_list"),
            r#"{"event":"malformed","text":"odd"}"#.into(),
            r#"{"event":"status","status":"err","code":null,"text":"idle","truncated":false}"#
                .into(),
        ]
    );
}

#[test]
fn pieces_change_nothing() {
    for session in sessions() {
        let bytes = &session.bytes;
        for capacity in [256, 4096] {
            let whole = session.hear(capacity, [&bytes[..]]);
            for size in [1, 2, 7, 997] {
                let pieces = session.hear(capacity, bytes.chunks(size));
                assert!(pieces == whole, "{}, {capacity}, pieces of {size}", session.name);
            }
        }
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for session in sessions() {
        let bytes = &session.bytes;
        if bytes.len() > 4000 {
            continue;
        }
        let whole = session.hear(256, [&bytes[..]]);
        for at in 1..bytes.len() {
            let (before, after) = bytes.split_at(at);
            assert!(session.hear(256, [before, after]) == whole, "{} cut at {at}", session.name);
        }
    }
}

/// Pieces of what servers say, some of them wrong.
fn nonsense() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "+OK\r\n",
        "+OK 1 2\r\n",
        "-ERR [IN-USE] x\r\n",
        "+ \r\n",
        ".\r\n",
        ".\n",
        "..\r\n",
        ".",
        "\r",
        "\n",
        "\r\n",
        "1 335\r\n",
        "2  abc\r\n",
        "SASL PLAIN\r\n",
        "text",
        "\0\u{fc}",
        "                          ",
        "[",
        "+",
        "-",
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nonsense_is_survived_however_it_is_cut(
        bytes in nonsense(),
        kinds in prop::collection::vec(prop::sample::select(Kind::ALL.to_vec()), 0..30),
        capacity in prop::sample::select(vec![1usize, 2, 3, 4, 5, 16, 64, 1024]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        greeted in any::<bool>(),
    ) {
        let mut rx = vec![0; capacity];
        let state = if greeted { State::Transaction } else { State::Greeting };
        let whole = hear_pop3(&mut rx, state, &kinds, [&bytes[..]], |_| {});
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort();
        let pieces = at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        let pieces = hear_pop3(&mut rx, state, &kinds, pieces, |_| {});
        prop_assert_eq!(&pieces, &whole);
        let single = hear_pop3(&mut rx, state, &kinds, bytes.chunks(1), |_| {});
        prop_assert_eq!(&single, &whole);
    }
}
