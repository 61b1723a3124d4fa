//! Whatever puts messages into a mailbox, on a real Dovecot, through a Tx of 256 bytes: with
//! literals that wait for the server, and with such that do not.

use mailwire::imap::blocking::{Client, Upload};
use mailwire::imap::command::{AppendCommand, ReplaceCommand};
use mailwire::imap::{
    AppendMessage, Capability, CatenatePart, ClientError, Code, Config, Date, DateTime, Fetch,
    Flag, Item, Refused, Status, event,
};
use mailwire::io::{Std, StdClock};
use mailwire::{Error, UsageError};
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::messages::{MIXED, large};
use mailwire_tests::servers::offering;
use std::net::TcpStream;

type Socket = Std<TcpStream>;
type Mail<'b> = Client<'b, Socket, StdClock>;
type Failure = ClientError<std::io::Error>;

const WAITING: &str = "imap_capability = IMAP4rev1 UIDPLUS MULTIAPPEND CATENATE BINARY\n";
const WAITING_LONG: &str =
    "imap_capability = IMAP4rev1 UIDPLUS MULTIAPPEND CATENATE BINARY LITERAL-\n";

/// Runs a test on a server of each kind.
fn on_servers(test: fn(&mut Mail<'_>)) {
    for settings in ["", WAITING, WAITING_LONG] {
        on_server(settings, test);
    }
}

fn on_server(settings: &str, test: impl Fn(&mut Mail<'_>)) {
    let Some(server) = Dovecot::start_with(settings) else { return };
    for user in ["alice", "dave"] {
        let (mut rx, mut tx) = ([0; 512], [0; 256]);
        let mut mail = connect(&server, &mut rx, &mut tx);
        let password = if user == "alice" { "password" } else { user };
        mail.login(user, password).unwrap();
        mail.select("INBOX").unwrap();
        test(&mut mail);
        // Whatever it was, the connection lives.
        mail.noop().unwrap();
        mail.logout().unwrap();
    }
}

fn connect<'b>(server: &Dovecot, rx: &'b mut [u8], tx: &'b mut [u8]) -> Mail<'b> {
    let socket = TcpStream::connect(server.imap).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
    socket.set_nodelay(true).unwrap();
    Client::connect_with(Config::new(), StdClock::new(), Std(socket), rx, tx).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> Refused {
    match result {
        Err(ClientError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

fn usage<T: std::fmt::Debug>(result: Result<T, Failure>) -> UsageError {
    match result {
        Err(ClientError::Connection(Error::Usage(error))) => error,
        other => panic!("not the caller's fault: {other:?}"),
    }
}

/// How many messages INBOX holds.
fn exists(mail: &mut Mail<'_>) -> u32 {
    mail.noop().unwrap();
    mail.selected().unwrap().exists
}

/// The flags and the text.
fn fetch(mail: &mut Mail<'_>, uid: u32) -> (String, Vec<u8>) {
    let items = [Fetch::Flags, Fetch::peek("")];
    let mut messages = mail.uid_fetch(uid, &items).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let (mut flags, mut text) = (Vec::new(), Vec::new());
    while let Some(piece) = message.next().unwrap() {
        match piece {
            event::Fetch::Item(Item::Flags(set)) => {
                flags = set.iter().map(|flag| flag.to_string()).collect();
            }
            event::Fetch::Chunk(bytes) => text.extend(bytes),
            _ => {}
        }
    }
    flags.retain(|flag| flag != "\\Recent");
    flags.sort();
    (flags.join(" "), text)
}

fn uids(upload: Upload<'_, '_, Socket, StdClock>) -> Vec<u32> {
    let mut uids = Vec::new();
    let mut stored = upload.finish_all().unwrap();
    while let Some(part) = stored.next().unwrap() {
        uids.extend(part.uids.numbers().unwrap());
    }
    uids
}

fn size(text: &[u8]) -> u64 {
    text.len() as u64
}

const DATE: DateTime = {
    let date = Date { year: 1994, month: 2, day: 7 };
    DateTime { date, hour: 21, minute: 52, second: 25, offset_minutes: -480 }
};

#[test]
fn several_messages_at_once() {
    on_servers(|mail| {
        let texts =
            [MIXED.as_bytes(), b"Subject: 2\r\n\r\n", &large(10_000_000), b"Subject: 4\r\n\r\nx"];
        let flags: [&[Flag<'_>]; 4] = [&[], &[Flag::Seen, Flag::FORWARDED], &[Flag::Draft], &[]];
        let mut upload = mail.multi_append("INBOX").unwrap();
        for (text, flags) in texts.iter().zip(flags) {
            upload.message(&AppendMessage::new(size(text)).flags(flags).date(DATE)).unwrap();
            for piece in text.chunks(10_007) {
                upload.write(piece).unwrap();
            }
            assert_eq!(upload.remaining(), 0);
        }
        assert_eq!(uids(upload), [1, 2, 3, 4]);
        for ((uid, text), flags) in (1..).zip(texts).zip(["", "$Forwarded \\Seen", "\\Draft", ""]) {
            assert!(fetch(mail, uid) == (flags.into(), text.to_vec()), "message {uid}");
        }
        // In the old form too, and by the call that tells of one.
        let appended = mail.append("INBOX", &[Flag::Seen], Some(DATE), texts[1]).unwrap().unwrap();
        assert_eq!(appended.uid, 5);
        let mut upload = mail.multi_append("INBOX").unwrap();
        upload.message(&AppendMessage::new(2)).unwrap();
        upload.write(b"\r\n").unwrap();
        assert_eq!(upload.finish().unwrap().unwrap().uid, 6);
    });
}

/// So many that the APPENDUID is longer than Rx, were its UIDs not in a row.
#[test]
fn very_many_messages_at_once() {
    on_servers(|mail| {
        let mut upload = mail.multi_append("INBOX").unwrap();
        for number in 0..500 {
            let text = format!("Subject: {number}\r\n\r\n");
            upload.message(&AppendMessage::new(size(text.as_bytes()))).unwrap();
            upload.write(text.as_bytes()).unwrap();
        }
        assert_eq!(uids(upload), (1..=500).collect::<Vec<_>>());
        assert_eq!(fetch(mail, 500).1, b"Subject: 499\r\n\r\n");
    });
}

/// Dovecot takes no empty message; an empty literal is what cancels.
#[test]
fn nothing_at_all() {
    on_servers(|mail| {
        assert_eq!(refused(mail.append("INBOX", &[], None, b"")).status(), Status::No);
        let mut upload = mail.multi_append("INBOX").unwrap();
        upload.message(&AppendMessage::new(3)).unwrap();
        upload.write(b"\r\nx").unwrap();
        let empty = upload.message(&AppendMessage::new(0)).and_then(|()| upload.finish().map(drop));
        assert_eq!(refused(empty).status(), Status::No);
        // Without any message, there is nothing to end.
        let upload = mail.multi_append("INBOX").unwrap();
        assert_eq!(usage(upload.finish()), UsageError::WrongState);
        assert_eq!(exists(mail), 0);
    });
}

#[test]
fn given_up() {
    on_servers(|mail| {
        // Before the first message, and between two.
        mail.multi_append("INBOX").unwrap().cancel().unwrap();
        drop(mail.multi_append("INBOX").unwrap());
        mail.noop().unwrap();
        for cancels in [true, false] {
            for given in [0, 1, 4999, 5000] {
                let mut upload = mail.multi_append("INBOX").unwrap();
                upload.message(&AppendMessage::new(3)).unwrap();
                upload.write(b"\r\nx").unwrap();
                upload.message(&AppendMessage::new(5000)).unwrap();
                upload.write(&large(5000)[..given]).unwrap();
                if cancels {
                    upload.cancel().unwrap();
                }
                let command = AppendCommand::new("INBOX", 5000).flags(&[Flag::Seen]);
                let mut upload = mail.append_stream(&command).unwrap();
                upload.write(&large(5000)[..given.min(4999)]).unwrap();
                if cancels {
                    upload.cancel().unwrap();
                }
                let mut upload = mail.catenate("INBOX", &[], None).unwrap();
                if given > 0 {
                    upload.text(5000).unwrap();
                    upload.write(&large(5000)[..given]).unwrap();
                }
                if cancels {
                    upload.cancel().unwrap();
                }
            }
        }
        assert_eq!(exists(mail), 0);
        // Too much to be sent for nothing, unless that is what is wanted.
        let command = AppendCommand::new("INBOX", 10_000_000);
        mail.append_stream(&command).unwrap().cancel().unwrap();
        let text = b"Subject: after\r\n\r\n";
        assert_eq!(mail.append("INBOX", &[], None, text).unwrap().unwrap().uid, 1);
        assert_eq!(fetch(mail, 1).1, text);
    });
}

#[test]
fn given_up_for_good() {
    for settings in ["", "imap_capability = IMAP4rev1 UIDPLUS LITERAL+\n"] {
        let Some(server) = Dovecot::start_with(settings) else { return };
        let (mut rx, mut tx) = ([0; 512], [0; 256]);
        let mut mail = connect(&server, &mut rx, &mut tx);
        mail.login("alice", "password").unwrap();
        let size = if settings.is_empty() { 10_000_000 } else { 5 };
        drop(mail.append_stream(&AppendCommand::new("INBOX", size)).unwrap());
        assert_eq!(usage(mail.noop()), UsageError::LiteralAbandoned);
        if !settings.is_empty() {
            assert_eq!(usage(mail.multi_append("INBOX")), UsageError::LiteralAbandoned);
        }
    }
}

#[test]
fn put_together() {
    on_servers(|mail| {
        mail.append("INBOX", &[], None, MIXED.as_bytes()).unwrap();
        let validity = mail.selected().unwrap().uid_validity.unwrap();
        let text = format!("/INBOX;UIDVALIDITY={validity}/;UID=1/;SECTION=TEXT");

        let mut upload = mail.catenate("INBOX", &[Flag::Draft], Some(DATE)).unwrap();
        upload.text(14).unwrap();
        upload.write(b"Subject: x\r\n\r\n").unwrap();
        upload.url("/INBOX/;UID=1/;SECTION=1").unwrap();
        upload.text(0).unwrap();
        upload.url(&text).unwrap();
        let big = large(100_000);
        upload.text(size(&big)).unwrap();
        for piece in big.chunks(999) {
            upload.write(piece).unwrap();
        }
        assert_eq!(upload.finish().unwrap().unwrap().uid, 2);
        let (flags, read) = fetch(mail, 2);
        assert_eq!(flags, "\\Draft");
        let body = MIXED.split_once("\r\n\r\n").unwrap().1;
        let wanted = ["Subject: x\r\n\r\nGr=C3=BC=C3=9Fe", body].concat();
        assert!(read == [wanted.as_bytes(), &big].concat());

        // An URL first, and alone.
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        upload.url("/INBOX/;UID=1").unwrap();
        assert_eq!(upload.finish().unwrap().unwrap().uid, 3);
        assert_eq!(fetch(mail, 3).1, MIXED.as_bytes());

        // Several messages, of both kinds.
        let mut upload = mail.multi_append("INBOX").unwrap();
        upload.message(&AppendMessage::new(2)).unwrap();
        upload.write(b"\r\n").unwrap();
        upload.message(&AppendMessage::catenate().flags(&[Flag::Seen])).unwrap();
        assert_eq!(usage(upload.message(&AppendMessage::new(2))), UsageError::WrongState);
        upload.url("/INBOX/;UID=1").unwrap();
        upload.text(1).unwrap();
        upload.write(b"!").unwrap();
        upload.message(&AppendMessage::catenate()).unwrap();
        upload.url("/INBOX/;UID=1/;SECTION=1").unwrap();
        upload.message(&AppendMessage::new(3).flags(&[Flag::Answered])).unwrap();
        upload.write(b"\r\n?").unwrap();
        assert_eq!(uids(upload), [4, 5, 6, 7]);
        assert_eq!(fetch(mail, 5), ("\\Seen".into(), [MIXED, "!"].concat().into()));
        assert_eq!(fetch(mail, 7), ("\\Answered".into(), b"\r\n?".to_vec()));
    });
}

#[test]
fn refused_in_the_middle() {
    on_servers(|mail| {
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        for bad in ["", "a b", "a\r\nA9 LOGOUT", "ü", "\0"] {
            assert!(matches!(usage(upload.url(bad)), UsageError::InvalidArgument(_)), "{bad}");
        }
        assert!(matches!(usage(upload.part(&CatenatePart::Utf8(9))), UsageError::NotOffered(_)));
        upload.url("/INBOX/;UID=77").unwrap();
        // Whether or not that was refused already.
        let rest = upload.text(5000).and_then(|()| upload.write(&large(5000)));
        let no = refused(rest.and_then(|()| upload.finish().map(drop)));
        assert_eq!(no.status(), Status::No);
        mail.noop().unwrap();

        let no = refused(mail.catenate("nowhere", &[], None).and_then(|mut upload| {
            upload.text(2)?;
            upload.write(b"\r\n")?;
            upload.finish()
        }));
        assert_eq!(no.code(), Some(Code::TryCreate));
        let no = refused(mail.multi_append("nowhere").and_then(|mut upload| {
            for _ in 0..3 {
                upload.message(&AppendMessage::new(9000))?;
                upload.write(&large(9000))?;
            }
            upload.finish()
        }));
        assert_eq!(no.code(), Some(Code::TryCreate));
        assert_eq!(exists(mail), 0);
    });
}

/// None of the messages gets in when they are too many.
#[test]
fn all_or_none() {
    let Some(server) = Dovecot::start() else { return };
    let (mut rx, mut tx) = ([0; 512], [0; 256]);
    let mut mail = connect(&server, &mut rx, &mut tx);
    mail.login("quota", "quota").unwrap();
    mail.select("INBOX").unwrap();
    let no = refused(mail.multi_append("INBOX").and_then(|mut upload| {
        for _ in 0..9 {
            upload.message(&AppendMessage::new(6000))?;
            upload.write(&large(6000))?;
        }
        upload.finish()
    }));
    assert_eq!(no.code(), Some(Code::OverQuota));
    assert_eq!(exists(&mut mail), 0);
}

#[test]
fn binary() {
    on_servers(|mail| {
        let text = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\
            Content-Transfer-Encoding: binary\r\n\r\n\xff\xfe\r\n";
        let command = AppendCommand::new("INBOX", size(text)).binary();
        let mut upload = mail.append_stream(&command).unwrap();
        upload.write(text).unwrap();
        assert_eq!(upload.finish().unwrap().unwrap().uid, 1);
        // Of a literal8, Dovecot keeps the parts in base64 (RFC 3516 section 4.4).
        let kept = String::from_utf8(fetch(mail, 1).1).unwrap();
        assert!(kept.ends_with("Content-Transfer-Encoding: base64\r\n\r\n//4NCg=="), "{kept}");
        let mut upload = mail.multi_append("INBOX").unwrap();
        for _ in 0..2 {
            upload.message(&AppendMessage::new(size(text)).binary()).unwrap();
            upload.write(text).unwrap();
        }
        assert_eq!(uids(upload), [2, 3]);
    });
}

#[test]
fn from_a_reader() {
    on_servers(|mail| {
        let text = large(1_000_000);
        let mut upload = mail.append_stream(&AppendCommand::new("INBOX", size(&text))).unwrap();
        assert_eq!(std::io::copy(&mut &text[..], &mut upload).unwrap(), size(&text));
        assert_eq!(upload.finish().unwrap().unwrap().uid, 1);
        assert!(fetch(mail, 1).1 == text);
    });
}

#[test]
fn not_offered() {
    let settings = "imap_capability = IMAP4rev1 UIDPLUS APPENDLIMIT=5000 CATENATE LITERAL+\n";
    on_server(settings, |mail| {
        assert!(mail.capabilities().contains(&Capability::LiteralPlus));
        assert_eq!(usage(mail.multi_append("INBOX")), UsageError::NotOffered("MULTIAPPEND"));
        let big = UsageError::TooBig;
        assert_eq!(usage(mail.append("INBOX", &[], None, &large(5001))), big);
        assert_eq!(mail.append("INBOX", &[], None, &large(5000)).unwrap().unwrap().uid, 1);
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        upload.text(4000).unwrap();
        upload.write(&large(4000)).unwrap();
        assert_eq!(usage(upload.text(1001)), big);
        upload.text(1000).unwrap();
        upload.write(&large(1000)).unwrap();
        upload.finish().unwrap();
    });
}

// ---- The same on every server that offers it.

const MESSAGE: &[u8] = b"From: a@example.org\r\nSubject: x\r\n\r\nHello\r\n";

#[test]
fn several_messages_on_every_server() {
    offering("MULTIAPPEND", |server, mail| {
        let inbox = mail.select("INBOX").unwrap();
        let mut upload = mail.multi_append("INBOX").unwrap();
        for _ in 0..3 {
            upload.message(&AppendMessage::new(size(MESSAGE)).flags(&[Flag::Seen])).unwrap();
            upload.write(MESSAGE).unwrap();
        }
        assert_eq!(uids(upload).len(), 3, "{}", server.name);
        assert_eq!(exists(mail), inbox.exists + 3, "{}", server.name);
        for given in [0, 1, MESSAGE.len()] {
            let mut upload = mail.multi_append("INBOX").unwrap();
            upload.message(&AppendMessage::new(size(MESSAGE))).unwrap();
            upload.write(MESSAGE).unwrap();
            upload.message(&AppendMessage::new(size(MESSAGE))).unwrap();
            upload.write(&MESSAGE[..given]).unwrap();
            drop(upload);
            let command = AppendCommand::new("INBOX", size(MESSAGE) + 1);
            let mut upload = mail.append_stream(&command).unwrap();
            upload.write(&MESSAGE[..given]).unwrap();
            upload.cancel().unwrap();
        }
        mail.multi_append("INBOX").unwrap().cancel().unwrap();
        assert_eq!(exists(mail), inbox.exists + 3, "{}", server.name);
    });
}

#[test]
fn put_together_on_every_server() {
    offering("CATENATE", |server, mail| {
        mail.select("INBOX").unwrap();
        mail.append("INBOX", &[], None, MESSAGE).unwrap();
        let before = exists(mail);
        let mut upload = mail.catenate("INBOX", &[Flag::Draft], None).unwrap();
        upload.text(12).unwrap();
        upload.write(b"X-First: 1\r\n").unwrap();
        upload.url("/INBOX/;UID=1").unwrap();
        upload.text(3).unwrap();
        upload.write(b"!\r\n").unwrap();
        let at = upload.finish().unwrap().unwrap();
        let wanted = [b"X-First: 1\r\n", MESSAGE, b"!\r\n"].concat();
        assert_eq!(fetch(mail, at.uid), ("\\Draft".into(), wanted), "{}", server.name);

        mail.catenate("INBOX", &[], None).unwrap().cancel().unwrap();
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        upload.url("/INBOX/;UID=1").unwrap();
        upload.cancel().unwrap();
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        upload.text(size(MESSAGE)).unwrap();
        upload.write(&MESSAGE[..9]).unwrap();
        drop(upload);
        let mut upload = mail.catenate("INBOX", &[], None).unwrap();
        upload.url("/INBOX/;UID=77").unwrap();
        assert_eq!(refused(upload.finish()).status(), Status::No);
        assert_eq!(exists(mail), before + 1, "{}", server.name);
    });
}

#[test]
fn replaced() {
    offering("REPLACE", |server, mail| {
        mail.select("INBOX").unwrap();
        let first = mail.append("INBOX", &[Flag::Draft], None, MESSAGE).unwrap().unwrap();
        let before = exists(mail);
        let message = AppendMessage::new(size(MESSAGE)).flags(&[Flag::Seen]);
        let mut upload = mail.replace(&ReplaceCommand::uid(first.uid, "INBOX", message)).unwrap();
        upload.write(MESSAGE).unwrap();
        let second = upload.finish().unwrap().unwrap();
        assert!(second.uid > first.uid, "{}", server.name);
        assert_eq!(fetch(mail, second.uid), ("\\Seen".into(), MESSAGE.to_vec()));
        assert_eq!(exists(mail), before, "{}", server.name);
        let mut upload = mail.replace(&ReplaceCommand::new(before, "INBOX", message)).unwrap();
        upload.write(MESSAGE).unwrap();
        let third = upload.finish().unwrap().unwrap();
        assert!(third.uid > second.uid, "{}", server.name);
        assert_eq!(exists(mail), before, "{}", server.name);
        let no = mail.replace(&ReplaceCommand::uid(third.uid, "No/Where", message));
        refused(no.and_then(|mut upload| {
            upload.write(MESSAGE)?;
            upload.finish()
        }));
        assert_eq!(exists(mail), before, "{}", server.name);
    });
}

/// RFC 6855 section 4.
#[test]
fn utf8_headers() {
    offering("UTF8=ACCEPT", |server, mail| {
        mail.enable(&["UTF8=ACCEPT"]).unwrap();
        mail.select("INBOX").unwrap();
        let text = "From: a@example.org\r\nSubject: Grüße\r\n\r\nx\r\n".as_bytes();
        let message = AppendMessage::new(size(text)).utf8();
        let stored = mail.append_stream(&AppendCommand::with("INBOX", message));
        let stored = stored.and_then(|mut upload| {
            upload.write(text)?;
            upload.finish()
        });
        let at = match server.name {
            // 2.4.1 offers it, and says BAD to UTF8 (~{…}), however it comes. It takes them as
            // they are.
            "Dovecot 2.4" => {
                assert_eq!(refused(stored).status(), Status::Bad);
                mail.append("INBOX", &[], None, text).unwrap().unwrap()
            }
            _ => stored.unwrap().unwrap(),
        };
        // Courier tells of it by then only.
        mail.noop().unwrap();
        assert_eq!(fetch(mail, at.uid).1, text, "{}", server.name);
    });
}
