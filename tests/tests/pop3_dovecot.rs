//! POP3 against Dovecot.

use mailwire::io::{Std, StdClock};
use mailwire::pop3::blocking::{Client, Mail};
use mailwire::pop3::{Capability, ClientError, Code, Config, State};
use mailwire::{Error, UsageError};
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::messages::large;
use mailwire_tests::tls;
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;

const USERS: [(&str, &str); 3] =
    [("alice", "password"), ("bob", "p\"a\\ss word€"), ("jürgen", "pässwörd")];

fn read<S: Read + Write, C: mailwire::io::Clock>(mut mail: Mail<'_, '_, Std<S>, C>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(chunk) = mail.next().unwrap() {
        bytes.extend_from_slice(chunk);
    }
    bytes
}

/// All that one does in a session, over any transport.
fn session<S: Read + Write>(mut mail: Client<'_, Std<S>>, user: &str, password: &str) {
    let Err(ClientError::Refused(refused)) = mail.login(user, "wrong") else { panic!() };
    assert_eq!(refused.code(), Some(Code::Auth));
    assert_eq!(mail.connection().state(), State::Authorization);
    mail.login(user, password).unwrap();
    assert_eq!(mail.connection().state(), State::Transaction);
    for capability in [Capability::Uidl, Capability::Top, Capability::Pipelining] {
        assert!(mail.capabilities().contains(&capability));
    }
    let stat = mail.stat().unwrap().unwrap();
    assert_eq!(stat.messages, 3);
    let mut sizes = mail.list().unwrap();
    let (mut count, mut sum) = (0, 0);
    while let Some(item) = sizes.next().unwrap() {
        count += 1;
        sum += item.size;
        assert_eq!(item.number, count);
    }
    assert_eq!((count, sum), (3, stat.size));
    for (number, text) in (1..).zip(MESSAGES) {
        assert_eq!(mail.list_one(number).unwrap().unwrap().size, text.len() as u64);
        assert_eq!(read(mail.retr(number).unwrap()), text.as_bytes());
    }
    assert_eq!(read(mail.top(1, 2).unwrap()), b"Subject: dots\r\n\r\n.\r\n..\r\n");
    let Err(ClientError::Refused(_)) = mail.retr(4) else { panic!() };
    // One that is not read to its end is passed over.
    let _ = mail.retr(3).unwrap();
    let uid = mail.uidl_one(2).unwrap().unwrap().uid.to_string();
    mail.dele(1).unwrap();
    mail.rset().unwrap();
    mail.noop().unwrap();
    mail.dele(1).unwrap();
    mail.dele(3).unwrap();
    let mut uids = mail.uidl().unwrap();
    let item = uids.next().unwrap().unwrap();
    assert_eq!((item.number, item.uid.to_string()), (2, uid));
    assert!(uids.next().unwrap().is_none());
    mail.quit().unwrap();
}

const MESSAGES: [&str; 3] = [
    "Subject: dots\r\n\r\n.\r\n..\r\n...x\r\n\r\n.\r\n",
    "Subject: none\r\n\r\n",
    "Subject: 8-bit\r\n\r\nGrüße, .\r\n +OK 1\r\n-ERR\r\n",
];

/// A client in clear, of alice.
fn alice<'b>(
    server: &Dovecot,
    rx: &'b mut [u8],
    tx: &'b mut [u8],
) -> Client<'b, Std<TcpStream>, StdClock> {
    let socket = Std(TcpStream::connect(server.pop3).unwrap());
    let mut mail = Client::connect_with(Config::new(), StdClock::new(), socket, rx, tx).unwrap();
    mail.login("alice", "password").unwrap();
    mail
}

#[test]
fn in_clear_in_tls_and_by_stls() {
    let Some(server) = Dovecot::start() else { return };
    for (way, (user, password)) in USERS.into_iter().enumerate() {
        let (mut rx, mut tx) = ([0; 256], [0; 256]);
        server.drop_in(user, MESSAGES);
        let connect = |address| TcpStream::connect(address).unwrap();
        let handshake = |socket| Std(tls::handshake(socket, &server.ca_pem(), None));
        match way {
            0 => {
                let mail = Client::connect(Std(connect(server.pop3)), &mut rx, &mut tx).unwrap();
                assert!(mail.capabilities().contains(&Capability::Stls));
                session(mail, user, password);
            }
            1 => {
                let socket = handshake(connect(server.pop3s));
                let mail = Client::connect(socket, &mut rx, &mut tx).unwrap();
                assert!(!mail.capabilities().contains(&Capability::Stls));
                session(mail, user, password);
            }
            _ => {
                let mail = Client::connect(Std(connect(server.pop3)), &mut rx, &mut tx).unwrap();
                let (Std(socket), mail) = mail.start_tls().unwrap();
                let mail = mail.secured(handshake(socket)).unwrap();
                assert!(!mail.capabilities().contains(&Capability::Stls));
                session(mail, user, password);
            }
        }
    }
}

#[test]
fn apop() {
    let Some(server) = Dovecot::start() else { return };
    let (mut rx, mut tx) = ([0; 256], [0; 256]);
    for (user, password) in USERS {
        let socket = TcpStream::connect(server.pop3).unwrap();
        let mut mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
        mail.apop(user, password).unwrap();
        assert_eq!(mail.stat().unwrap().unwrap().messages, 0);
        mail.quit().unwrap();
    }
    let socket = TcpStream::connect(server.pop3).unwrap();
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    let Err(ClientError::Refused(refused)) = mail.apop("alice", "wrong") else { panic!() };
    assert_eq!(refused.code(), Some(Code::Auth));
}

#[test]
fn ten_megabytes_through_256_bytes() {
    let Some(server) = Dovecot::start() else { return };
    let large = large(10_000_000);
    server.drop_in("alice", [&large]);
    let (mut rx, mut tx) = ([0; 256], [0; 64]);
    let mut mail = alice(&server, &mut rx, &mut tx);
    assert_eq!(mail.list_one(1).unwrap().unwrap().size, large.len() as u64);
    let mut message = mail.retr(1).unwrap();
    let mut at = 0;
    while let Some(chunk) = message.next().unwrap() {
        assert!(large.get(at..at + chunk.len()) == Some(chunk), "at {at}");
        at += chunk.len();
    }
    assert_eq!(at, large.len());
    mail.quit().unwrap();
}

#[test]
fn thousands_of_messages_through_256_bytes() {
    let Some(server) = Dovecot::start() else { return };
    let text = |n: u32| format!("Subject: {n}\r\n\r\n.{n}\r\n");
    server.drop_in("alice", (1..=2000).map(text));
    let (mut rx, mut tx) = ([0; 256], [0; 64]);
    let mut mail = alice(&server, &mut rx, &mut tx);
    let mut sizes = mail.list().unwrap();
    for n in 1..=2000 {
        let item = sizes.next().unwrap().unwrap();
        assert_eq!((item.number, item.size), (n, text(n).len() as u64));
    }
    assert!(sizes.next().unwrap().is_none());
    let mut unique = HashSet::new();
    let mut uids = mail.uidl().unwrap();
    while let Some(item) = uids.next().unwrap() {
        assert!(unique.insert(item.uid.to_string()));
        assert_eq!(item.number as usize, unique.len());
    }
    assert_eq!(unique.len(), 2000);
    // Sixteen at once, and one in between that is not there.
    mail.dele(500).unwrap();
    let mut messages = mail.retr_all(1..=2000);
    for n in 1..=2000 {
        match messages.next() {
            Ok(message) => {
                let message = message.unwrap();
                assert_eq!(message.number(), n);
                assert_eq!(read(message), text(n).as_bytes());
            }
            Err(ClientError::Refused(_)) => assert_eq!(n, 500),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(messages.next().unwrap().is_none());
    mail.quit().unwrap();
}

#[test]
fn only_quit_deletes() {
    let Some(server) = Dovecot::start() else { return };
    server.drop_in("alice", MESSAGES);
    let (mut rx, mut tx) = ([0; 256], [0; 64]);
    let mut mail = alice(&server, &mut rx, &mut tx);
    mail.dele(1).unwrap();
    drop(mail);
    let mut mail = alice(&server, &mut rx, &mut tx);
    assert_eq!(mail.stat().unwrap().unwrap().messages, 3);
    mail.dele(1).unwrap();
    mail.quit().unwrap();
    let mut mail = alice(&server, &mut rx, &mut tx);
    assert_eq!(mail.stat().unwrap().unwrap().messages, 2);
}

#[test]
fn what_is_not_offered_is_not_sent() {
    let Some(server) = Dovecot::start() else { return };
    let (mut rx, mut tx) = ([0; 256], [0; 64]);
    let socket = TcpStream::connect(server.pop3s).unwrap();
    let socket = tls::handshake(socket, &server.ca_pem(), None);
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    let not_offered = |result| match result {
        Err(ClientError::Connection(Error::Usage(UsageError::NotOffered(name)))) => name,
        _ => panic!("{result:?}"),
    };
    assert_eq!(not_offered(mail.utf8()), "UTF8");
    assert_eq!(not_offered(mail.start_tls().map(|_| ())), "STLS");
    // No second command can be in an argument, and none is sent in the wrong state.
    let mut mail = alice(&server, &mut rx, &mut tx);
    let usage = |result| matches!(result, Err(ClientError::Connection(Error::Usage(_))));
    assert!(usage(mail.login("alice", "password")));
    mail.quit().unwrap();
    let socket = TcpStream::connect(server.pop3).unwrap();
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    assert!(usage(mail.dele(1)));
    assert!(usage(mail.login("alice\r\nQUIT", "password")));
    mail.login("alice", "password").unwrap();
    mail.quit().unwrap();
}
