//! The same session on every server, through small buffers: what one of them does differently
//! must not show, or is written down here.

use mailwire::imap::command::StoreCommand;
use mailwire::imap::event::{self, Event};
use mailwire::imap::{Code, Fetch, Flag, Item, PartKind, Search};
use mailwire::io::Clock as _;
use mailwire_tests::messages::{MIXED, large};
use mailwire_tests::servers::{Mail, Memory, Server, offering, servers};
use std::io::{self, Write as _};
use std::net::TcpStream;

/// GNU Mailutils takes no message without `From`.
const SMALL: &[u8] = b"From: a@example.org\r\nSubject: small\r\n\r\ntext\r\n";

/// Runs a test on every server.
fn everywhere(name: &str, test: fn(&Server, &mut Mail<'_>)) {
    for server in servers() {
        let _ = writeln!(io::stderr(), "{name}: on {}", server.name);
        test(&server, &mut server.open(&mut Memory::default()));
    }
}

/// GNU Mailutils tells a session of the first new message at most, in IDLE of none, and may
/// throw away what was appended to the selected mailbox.
fn tells_of_mail(server: &Server) -> bool {
    server.name != "GNU Mailutils"
}

fn uids(mail: &mut Mail<'_>, keys: &[Search<'_>]) -> Vec<u32> {
    let mut all = Vec::new();
    let mut found = mail.uid_search(keys).unwrap();
    while let Some(batch) = found.next().unwrap() {
        all.extend(batch.numbers());
    }
    all
}

fn section(mail: &mut Mail<'_>, uid: u32, section: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let items = [Fetch::peek(section)];
    let mut messages = mail.uid_fetch(uid, &items).unwrap();
    while let Some(mut message) = messages.next().unwrap() {
        while let Some(piece) = message.next().unwrap() {
            if let event::Fetch::Chunk(chunk) = piece {
                bytes.extend_from_slice(chunk);
            }
        }
    }
    bytes
}

fn flags(mail: &mut Mail<'_>, uid: u32) -> Vec<String> {
    let mut all = Vec::new();
    let mut messages = mail.uid_fetch(uid, &[Fetch::Flags]).unwrap();
    while let Some(mut message) = messages.next().unwrap() {
        while let Some(piece) = message.next().unwrap() {
            if let event::Fetch::Item(Item::Flags(flags)) = piece {
                all = flags.iter().map(|flag| flag.to_string()).collect();
                // That comes and goes by itself.
                all.retain(|flag| flag != "\\Recent");
            }
        }
    }
    all.sort();
    all
}

#[test]
fn session() {
    everywhere("session", |server, mail| {
        let name = server.name;
        assert!(!mail.capabilities().is_empty(), "{name}");
        assert_eq!(mail.select("INBOX").unwrap().exists, 0, "{name}");
        if !tells_of_mail(server) {
            mail.close().unwrap();
        }
        let big = large(100_000);
        for message in [MIXED.as_bytes(), &big, SMALL] {
            mail.append("INBOX", &[Flag::Flagged], None, message).unwrap();
        }
        mail.noop().unwrap();
        if !tells_of_mail(server) {
            mail.select("INBOX").unwrap();
        }
        assert_eq!(mail.selected().unwrap().exists, 3, "{name}");
        let all = uids(mail, &[Search::All]);
        assert_eq!(all.len(), 3, "{name}: {all:?}");
        assert_eq!(uids(mail, &[Search::Subject("hello"), Search::Flagged]), all[..1], "{name}");
        assert_eq!(uids(mail, &[Search::Larger(50_000)]), all[1..2], "{name}");

        let mut names = Vec::new();
        let mut mailboxes = mail.list("", "*").unwrap();
        while let Some(mailbox) = mailboxes.next().unwrap() {
            assert_eq!(mailbox.delimiter, server.delimiter, "{name}");
            names.push(mailbox.mailbox.to_string());
        }
        assert!(names.iter().any(|name| name == "INBOX"), "{name}: {names:?}");

        let mut told = (false, false);
        let items = [Fetch::Uid, Fetch::Envelope, Fetch::BodyStructure, Fetch::Rfc822Size];
        let mut messages = mail.uid_fetch(all[0], &items).unwrap();
        while let Some(mut message) = messages.next().unwrap() {
            while let Some(piece) = message.next().unwrap() {
                match piece {
                    event::Fetch::Item(Item::Envelope(envelope)) => {
                        told.0 = true;
                        assert_eq!(envelope.subject().unwrap(), "Hello", "{name}");
                        let from = envelope.from().next().unwrap();
                        assert_eq!(from.mailbox.unwrap(), "ann", "{name}");
                        assert_eq!(envelope.message_id().unwrap(), "<1@example.org>", "{name}");
                    }
                    event::Fetch::Item(Item::BodyStructure(structure)) => {
                        told.1 = true;
                        let kinds: Vec<_> = structure.walk().map(|part| part.kind()).collect();
                        use PartKind::{Message, Multipart, Single};
                        assert_eq!(kinds, [Multipart, Single, Single, Message, Single], "{name}");
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(told, (true, true), "{name}");
        // Not all of it: GNU Mailutils adds header fields.
        let text = section(mail, all[1], "TEXT");
        assert!(text.len() > 99_000 && big.ends_with(&text), "{name}");
        assert_eq!(section(mail, all[0], "1"), b"Gr=C3=BC=C3=9Fe", "{name}");

        mail.store(&StoreCommand::add(all[2], &[Flag::Deleted]).uid()).unwrap().finish().unwrap();
        assert_eq!(flags(mail, all[2]), ["\\Deleted", "\\Flagged"], "{name}");
        let silent = StoreCommand::remove(all[0], &[Flag::Flagged]).uid().silent();
        mail.store(&silent).unwrap().finish().unwrap();
        assert_eq!(flags(mail, all[0]), [""; 0], "{name}");
        mail.expunge().unwrap();
        assert_eq!(mail.selected().unwrap().exists, 2, "{name}");
        assert_eq!(uids(mail, &[Search::All]), all[..2], "{name}");
    });
}

#[test]
fn copy() {
    everywhere("copy", |server, mail| {
        let name = server.name;
        let archive = server.mailbox("Archive");
        mail.create(&archive).unwrap();
        for _ in 0..3 {
            mail.append("INBOX", &[], None, SMALL).unwrap();
        }
        assert_eq!(mail.select("INBOX").unwrap().exists, 3, "{name}");
        mail.copy(1..=2, &archive).unwrap().finish().unwrap();
        let Err(refused) = mail.append(&server.mailbox("No"), &[], None, SMALL) else {
            panic!("{name}: appended to what is not there");
        };
        let mailwire::imap::ClientError::Refused(refused) = refused else {
            panic!("{name}: {refused:?}");
        };
        // "NO APPEND [TRYCREATE] failed"
        if name != "GNU Mailutils" {
            assert_eq!(refused.code(), Some(Code::TryCreate), "{name}");
        }
        assert_eq!(mail.select(&archive).unwrap().exists, 2, "{name}");
        mail.close().unwrap();
        mail.delete(&archive).unwrap();
    });
}

#[test]
fn r#move() {
    offering("MOVE", |server, mail| {
        let archive = server.mailbox("Archive");
        mail.create(&archive).unwrap();
        let at = mail.append("INBOX", &[], None, SMALL).unwrap();
        mail.select("INBOX").unwrap();
        let mut moved = mail.move_to(1, &archive).unwrap();
        let copies = moved.next().unwrap().unwrap();
        let source: Vec<_> = copies.source.numbers().unwrap().collect();
        assert_eq!(source, [at.unwrap().uid]);
        moved.finish().unwrap();
        assert_eq!(mail.selected().unwrap().exists, 0);
        assert_eq!(mail.select(&archive).unwrap().exists, 1);
    });
}

#[test]
fn idle() {
    offering("IDLE", |server, mail| {
        mail.select("INBOX").unwrap();
        let end =
            mail.driver_mut().clock_mut().now().saturating_add(mailwire::Duration::from_secs(20));
        let mut idle = mail.idle().unwrap();
        let mut memory = Memory::default();
        let mut other = server.open(&mut memory);
        other.append("INBOX", &[], None, SMALL).unwrap();
        while tells_of_mail(server) {
            match idle.next_until(end).unwrap() {
                Some(Event::Exists(1)) => break,
                Some(_) => {}
                None => panic!("{}: it does not tell", server.name),
            }
        }
        idle.done().unwrap();
        assert_eq!(mail.select("INBOX").unwrap().exists, 1);
        other.logout().unwrap();
    });
}

#[test]
fn two_users() {
    for server in servers().filter(Server::has_bob) {
        let (mut memory, mut memory_of_bob) = (Memory::default(), Memory::default());
        let mut alice = server.open(&mut memory);
        let mut bob = server.open_as("bob", &mut memory_of_bob);
        alice.append("INBOX", &[], None, SMALL).unwrap();
        assert_eq!(bob.select("INBOX").unwrap().exists, 0, "{}", server.name);
        assert_eq!(alice.select("INBOX").unwrap().exists, 1, "{}", server.name);
        alice.logout().unwrap();
        bob.logout().unwrap();
    }
}

#[test]
fn several_at_once_and_gone_when_dropped() {
    for (one, other) in servers().zip(servers()) {
        let (mut memory, mut memory_of_other) = (Memory::default(), Memory::default());
        let mut idle = one.open(&mut memory);
        let mut mail = other.open(&mut memory_of_other);
        let (name, address) = (one.name, one.imap);
        let folder = one.ca_pem.parent().and_then(|tls| tls.parent()).unwrap().to_owned();
        drop(one);
        assert!(TcpStream::connect(address).is_err(), "{name}");
        assert!(!folder.exists(), "{name}");
        mail.noop().unwrap();
        // One that is started for each connection ends with that.
        assert!(name == "GNU Mailutils" || idle.noop().is_err(), "{name}");
    }
}

/// Not a test of anything: what is there to be tested.
#[test]
fn capabilities() {
    for server in servers() {
        let words = server.capabilities().join(" ");
        let _ = writeln!(io::stderr(), "{}: {words}", server.name);
        assert!(server.offers("IMAP4rev1"), "{}", server.name);
    }
}
