//! Links that break at every byte: an error or success, never a hang, and no message is lost or
//! told twice.

use mailwire::imap::{self, Fetch, Item, event::Fetch as Came};
use mailwire::io::{Std, StdClock};
use mailwire::pop3;
use mailwire::{Error, Machine as _, PeerError};
use mailwire_tests::fuzz::{Fault, imap_fails_at, pop3_fails_at};
use mailwire_tests::heard;
use mailwire_tests::proxy::Proxy;
use mailwire_tests::sim::{self, Break, Link, Server as _};
use mailwire_tests::transcript::{Step, Transcript};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What an observer of IMAP hears: events as text, a body's chunks byte by byte.
fn hear(rx: &mut [u8], bytes: &[u8]) -> (Vec<String>, Result<(), Error>) {
    let mut heard = Vec::new();
    let mut connection = imap::Connection::observer();
    let (_, end) = heard::hear(&mut connection, rx, [bytes], |connection, buffers, _| {
        match connection.event(buffers) {
            imap::Event::Fetch(Came::Chunk(bytes)) => heard.extend(each(bytes)),
            event => heard.push(format!("{event:?}")),
        }
    });
    (heard, end)
}

fn each(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes.iter().map(|byte| format!("byte {byte}"))
}

/// Responses that differ in nothing but numbers and lower case letters are broken once.
fn shape(bytes: &[u8]) -> Vec<u8> {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' => b'a',
        other => *other,
    };
    bytes.iter().map(kind).collect()
}

fn recorded(transcripts: &[(std::path::PathBuf, Transcript)]) -> Vec<&[u8]> {
    let mut seen = HashSet::new();
    let steps = transcripts.iter().flat_map(|(_, transcript)| transcript.all_steps());
    let said = steps.filter_map(|(_, step)| match step {
        Step::Server(bytes) if !bytes.is_empty() => Some(bytes),
        _ => None,
    });
    said.filter(|bytes| seen.insert(shape(bytes))).collect()
}

/// Where a response of this length is broken: everywhere, or at some places of a long one.
fn places(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(len.div_ceil((60_000 / len.max(1)).clamp(6, 120)))
}

#[test]
fn what_is_heard_of_a_cut_response_is_what_came() {
    let transcripts = Transcript::imap();
    let mut rx = vec![0; 4096];
    let mut broken = 0;
    for bytes in recorded(&transcripts) {
        let (whole, end) = hear(&mut rx, bytes);
        for at in places(bytes.len()) {
            let (part, end_of_part) = hear(&mut rx, &bytes[..at]);
            assert!(whole.starts_with(&part), "cut at {at}: {}", bytes.escape_ascii());
            let between = at == 0 || bytes[at - 1] == b'\n';
            let cut = Err(PeerError::UnexpectedEof.into());
            let expected =
                end_of_part == cut || between && end_of_part.is_ok() || end_of_part == end;
            assert!(expected, "cut at {at}: {end_of_part:?}: {}", bytes.escape_ascii());
            broken += 1;
        }
    }
    assert!(broken > 10_000, "{broken}");
}

/// Whatever a byte turns into, it is read to an end; and if that is known where it is, then so is
/// what comes behind it.
#[test]
fn a_changed_byte_spoils_its_line_alone() {
    const BEHIND: &[u8] = b"\r\n* 4242 EXISTS\r\n";
    let transcripts = Transcript::imap();
    let mut rx = vec![0; 4096];
    let masks = [0x01, 0x02, 0x08, 0x20, 0x40, 0x80, 0xff];
    for (turn, bytes) in recorded(&transcripts).into_iter().enumerate() {
        if bytes.len() > 600 {
            continue;
        }
        let mut changed = [bytes, BEHIND].concat();
        for at in places(bytes.len()) {
            let before = changed[at];
            changed[at] ^= masks[(turn + at) % masks.len()];
            let (heard, end) = hear(&mut rx, &changed);
            // Quotes and lengths decide where a response ends.
            let frames = |byte: u8| byte.is_ascii_digit() || b"\"{}+~\\\r\n()[]".contains(&byte);
            let harmless = !frames(before) && !frames(changed[at]) && !bytes.contains(&b'{');
            if harmless && at > 1 && end.is_ok() {
                let last = heard.last().map(String::as_str);
                assert_eq!(last, Some("Exists(4242)"), "{at}: {}", changed.escape_ascii());
            }
            changed[at] = before;
        }
    }
}

#[test]
fn a_cut_pop3_session_is_heard_as_far_as_it_came() {
    use pop3::{Event, Kind, Message, State};
    let kinds = [
        Kind::Capa,
        Kind::User,
        Kind::Pass,
        Kind::Stat,
        Kind::List,
        Kind::Uidl,
        Kind::Retr,
        Kind::Top,
        Kind::Dele,
        Kind::Quit,
    ];
    let hear =
        |bytes: &[u8]| {
            let mut heard = Vec::new();
            let (_, end) =
                heard::hear_pop3(&mut [0; 256], State::Greeting, &kinds, [bytes], |event| {
                    match event {
                        Event::Message(Message::Chunk(bytes)) => heard.extend(each(bytes)),
                        event => heard.push(format!("{event:?}")),
                    }
                });
            (heard, end)
        };
    let mut server = maildrop();
    let mut bytes = server.connect();
    for line in
        ["CAPA", "USER u", "PASS p", "STAT", "LIST", "UIDL", "RETR 2", "TOP 1 9", "DELE 1", "QUIT"]
    {
        bytes.extend_from_slice(&server.receive(format!("{line}\r\n").as_bytes()));
    }
    let (whole, end) = hear(&bytes);
    assert_eq!(end, Ok(()));
    for at in 0..bytes.len() {
        let (part, end) = hear(&bytes[..at]);
        assert!(whole.starts_with(&part), "cut at {at}");
        assert!(end.is_ok() || end == Err(PeerError::UnexpectedEof.into()), "cut at {at}");
        // Whatever it turns into, it comes to an end.
        let mut changed = bytes.clone();
        changed[at] ^= [1, 0x20, 0x80, 4][at % 4];
        let _ = hear(&changed);
    }
}

/// At how many places there was a fault. Sessions differ in what is acknowledged when.
fn everywhere(fails_at: fn(usize, Fault) -> bool) -> [usize; 4] {
    Fault::ALL.map(|fault| {
        let (mut count, mut missed) = (0, 0);
        for at in 0.. {
            let failed = fails_at(at, fault);
            count += usize::from(failed);
            missed = if failed { 0 } else { missed + 1 };
            if missed == 6 {
                break;
            }
        }
        count
    })
}

#[test]
fn the_imap_watcher_survives_a_fault_at_any_byte() {
    let count = everywhere(imap_fails_at);
    assert!(count.iter().all(|count| *count > 1000), "{count:?}");
}

#[test]
fn the_pop3_watcher_survives_a_fault_at_any_byte() {
    let count = everywhere(pop3_fails_at);
    assert!(count.iter().all(|count| *count > 300), "{count:?}");
}

/// A maildrop with dots in it.
fn maildrop() -> sim::Pop3 {
    let mut server = sim::Pop3::new(true);
    for number in 1..=4_usize {
        let lines = ".\r\n..\r\n.x\r\n".repeat(number);
        let text = format!("Subject: {number}\r\n\r\n{lines}the end of {number}\r\n");
        server.messages.push((format!("id{number}"), text.into_bytes()));
    }
    server
}

/// What a program keeps: unique-ids and texts.
type Kept = Vec<(Vec<u8>, Vec<u8>)>;

/// Fetches what is new, and deletes what is kept; as `pop3-drain` does.
fn drain(link: &mut Link<'_>, kept: &mut Kept) -> Result<(), pop3::ClientError<std::io::Error>> {
    let (mut rx, mut tx) = ([0; 512], [0; 256]);
    let config = pop3::Config::default();
    let mut mail =
        pop3::blocking::Client::connect_with(config, StdClock::new(), Std(link), &mut rx, &mut tx)?;
    mail.login("u", "p")?;
    let mut there = Vec::new();
    let mut uids = mail.uidl()?;
    while let Some(it) = uids.next()? {
        there.push((it.number, it.uid.bytes().collect::<Vec<_>>()));
    }
    let new = there.iter().filter(|(_, uid)| !kept.iter().any(|(it, _)| it == uid));
    let new: Vec<_> = new.cloned().collect();
    let mut messages = mail.retr_all(new.iter().map(|(number, _)| *number));
    for (_, uid) in &new {
        let mut message = messages.next()?.expect("as many as were asked for");
        let mut text = Vec::new();
        while let Some(bytes) = message.next()? {
            text.extend_from_slice(bytes);
        }
        kept.push((uid.clone(), text));
    }
    while messages.next()?.is_some() {}
    for (number, _) in &there {
        mail.dele(*number)?;
    }
    mail.quit().map(drop)
}

#[test]
fn draining_a_maildrop_survives_a_fault_at_any_byte() {
    let breaks = [
        Break::Close,
        Break::Fail(ErrorKind::ConnectionReset),
        Break::Fail(ErrorKind::TimedOut),
        Break::Change(0),
    ];
    for kind in breaks {
        for at in 0.. {
            let mut server = maildrop();
            let mut expected: Kept = server
                .messages
                .iter()
                .map(|(id, text)| (id.clone().into_bytes(), text.clone()))
                .collect();
            let mut kept = Vec::new();
            let mut link = Link::new(&mut server, at, kind);
            let result = drain(&mut link, &mut kept);
            let broke = kind != Break::Change(0) && link.left() == 0;
            drop(link);
            assert!(result.is_ok() || broke, "{kind:?} at {at}: {result:?}");
            let mut tries = 0;
            while !server.messages.is_empty() {
                tries += 1;
                assert!(tries < 3, "{kind:?} at {at}: it is never done");
                // None that is gone from the server is not kept.
                for (id, _) in &expected {
                    let there = server.messages.iter().any(|(it, _)| it.as_bytes() == id);
                    assert!(there || kept.iter().any(|(it, _)| it == id), "lost");
                }
                let mut link = Link::new(&mut server, usize::MAX, Break::Close);
                drain(&mut link, &mut kept).unwrap();
            }
            kept.sort();
            expected.sort();
            assert!(kept == expected, "{kind:?} at {at}");
            if !broke {
                assert!(kind == Break::Change(0) || at > 300, "{at}");
                break;
            }
        }
    }
}

/// Fetches all headers: their UIDs.
fn fetch(socket: TcpStream, told: &mut Vec<u32>) -> Result<(), imap::ClientError<std::io::Error>> {
    let (mut rx, mut tx) = ([0; 512], [0; 512]);
    let config = imap::Config::default();
    let socket = Std(socket);
    let mut mail = imap::Client::connect_with(config, StdClock::new(), socket, &mut rx, &mut tx)?;
    mail.login("u", "p")?;
    mail.examine("INBOX")?;
    let items = [Fetch::Uid, Fetch::peek("HEADER.FIELDS (FROM SUBJECT DATE)")];
    let all = imap::SequenceSet::ALL;
    let mut messages = mail.uid_fetch(all, &items)?;
    while let Some(mut message) = messages.next()? {
        let mut uid = None;
        let mut bytes = 0;
        while let Some(item) = message.next()? {
            match item {
                Came::Item(Item::Uid(it)) => uid = Some(it),
                Came::Chunk(chunk) => bytes += chunk.len(),
                _ => {}
            }
        }
        assert!(bytes > 30);
        told.extend(uid);
    }
    mail.logout().map(drop)
}

/// The same over real sockets, at some places.
#[test]
fn a_fetch_over_a_broken_link_ends() {
    let mut server = sim::Imap::new("IDLE");
    let expected: Vec<u32> = (0..9).map(|_| server.deliver().0).collect();
    let proxy = Proxy::start(sim::serve(Arc::new(Mutex::new(server))));
    let connect = || {
        let socket = TcpStream::connect(proxy.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket
    };
    for bytes in (0..1200).step_by(97) {
        proxy.cut_after(bytes);
        let mut told = Vec::new();
        let result = fetch(connect(), &mut told);
        assert!(result.is_err(), "cut after {bytes}");
        assert!(expected.starts_with(&told));
    }
    let mut told = Vec::new();
    fetch(connect(), &mut told).unwrap();
    assert_eq!(told, expected);
}
