//! The blocking client against a real server.

use mailwire::imap::command::StoreCommand;
use mailwire::imap::{Client, ClientError, Code, Event, Fetch, Flag, Item, Search, event};
use mailwire::io::{Std, StdClock};
use mailwire::sasl::Plain;
use mailwire_tests::dovecot::Dovecot;
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn a_session() {
    let Some(server) = Dovecot::start() else { return };
    let body = "0123456789\r\n".repeat(5000);
    for n in 0..5 {
        let message = format!("Subject: number {n}\r\nFrom: pager@localhost\r\n\r\n{body}");
        server.deliver("alice", message.as_bytes());
    }
    let socket = TcpStream::connect(server.imap).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let (mut rx, mut tx) = ([0; 1024], [0; 256]);
    let mut mail = Client::connect_with(
        mailwire::imap::Config::default(),
        StdClock::new(),
        Std(socket),
        &mut rx,
        &mut tx,
    )
    .unwrap();
    let Err(ClientError::Refused(refused)) = mail.login("alice", "wrong") else { panic!() };
    assert_eq!(refused.code(), Some(Code::AuthenticationFailed));
    mail.authenticate(&mut Plain::new("alice", "password")).unwrap();

    let mut names = Vec::new();
    let mut mailboxes = mail.list("", "*").unwrap();
    while let Some(mailbox) = mailboxes.next().unwrap() {
        names.push(mailbox.mailbox.to_string());
    }
    assert!(names.iter().any(|name| name == "INBOX"), "{names:?}");

    assert_eq!(mail.select("INBOX").unwrap().exists, 5);
    let mut uids = Vec::new();
    let mut found = mail.uid_search(&[Search::Unseen, Search::From("pager")]).unwrap();
    while let Some(batch) = found.next().unwrap() {
        uids.extend(batch.numbers());
    }
    assert_eq!(uids.len(), 5);

    let mut subjects = Vec::new();
    let mut sizes = Vec::new();
    let items = [Fetch::Envelope, Fetch::peek("TEXT")];
    let mut messages = mail.uid_fetch(&uids[..], &items).unwrap();
    while let Some(mut message) = messages.next().unwrap() {
        let mut size = 0;
        while let Some(piece) = message.next().unwrap() {
            match piece {
                event::Fetch::Item(Item::Envelope(envelope)) => {
                    subjects.extend(envelope.subject().map(|subject| subject.to_string()));
                }
                event::Fetch::Chunk(bytes) => size += bytes.len(),
                _ => {}
            }
        }
        sizes.push(size);
    }
    assert_eq!(subjects.len(), 5);
    assert_eq!(sizes, [body.len(); 5]);

    // Dropped at once: the next call reads all of it.
    drop(mail.uid_fetch(&uids[..], &items).unwrap());
    let deleted = StoreCommand::add(&uids[..1], &[Flag::Deleted]).uid();
    mail.store(&deleted).unwrap().finish().unwrap();
    mail.expunge().unwrap();
    assert_eq!(mail.selected().unwrap().exists, 4);

    mail.create("Archive").unwrap();
    let mut moved = mail.uid_move(&uids[1..3], "Archive").unwrap();
    let copies = moved.next().unwrap().unwrap();
    assert_eq!(copies.source.numbers().unwrap().collect::<Vec<_>>(), uids[1..3]);
    moved.finish().unwrap();
    let appended = mail.append("Archive", &[Flag::Seen], None, body.as_bytes()).unwrap().unwrap();
    let Err(ClientError::Refused(refused)) = mail.append("No/Where", &[], None, b"x") else {
        panic!()
    };
    assert_eq!(refused.code(), Some(Code::TryCreate));
    assert_eq!(mail.examine("Archive").unwrap().uid_next, Some(appended.uid + 1));

    mail.select("INBOX").unwrap();
    let mut idle = mail.idle().unwrap();
    server.deliver("alice", b"Subject: news\r\n\r\nhello\r\n");
    while !matches!(idle.next().unwrap(), Some(Event::Exists(3))) {}
    idle.done().unwrap();
    assert_eq!(mail.selected().unwrap().exists, 3);
    mail.logout().unwrap();
}
