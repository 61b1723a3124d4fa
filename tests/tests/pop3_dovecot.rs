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

const USERS: [(&str, &str); 4] = [
    ("alice", "password"),
    ("bob", "p\"a\\ss word€"),
    ("jürgen", "pässwörd"),
    ("dave", "dave"),
];

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
    drop(mail.retr(3).unwrap());
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
    "Subject: dots\r\n\r\n.\r\n..\r\n...x\r\n\r\n.",
    "Subject: none\r\n\r\n",
    "Subject: 8-bit\r\n\r\nGrüße, .\r\n +OK 1\r\n-ERR\r\n",
];

#[test]
fn in_clear_in_tls_and_by_stls() {
    let Some(server) = Dovecot::start() else { return };
    // Lines that do not end get their end.
    let whole = MESSAGES.map(|text| text.trim_end_matches('.').to_owned() + "end\r\n");
    let _ = whole;
    for (user, password) in USERS {
        let (mut rx, mut tx) = ([0; 256], [0; 256]);
        server.drop_in(user, MESSAGES);
        let socket = Std(TcpStream::connect(server.pop3).unwrap());
        session(Client::connect(socket, &mut rx, &mut tx).unwrap(), user, password);
    }
}
