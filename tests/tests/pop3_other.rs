//! POP3 against a server by other authors: GNU Mailutils.

use mailwire::io::{Std, StdClock};
use mailwire::pop3::{Capability, ClientError, Config, blocking::Client};
use mailwire_tests::mailutils::{Mailutils, PASSWORD, USER};
use mailwire_tests::tls;
use std::collections::HashSet;
use std::net::TcpStream;

#[test]
fn a_session_by_stls() {
    let Some(server) = Mailutils::start() else { return };
    let texts = ["Subject: a\n\n.\n..\n.x\nend\n", "Subject: b\n\nb\n", "Subject: c\n\n"];
    server.put(texts);
    let socket = TcpStream::connect(server.pop3).unwrap();
    let (mut rx, mut tx) = ([0; 256], [0; 256]);
    let mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    let (Std(socket), mail) = mail.start_tls().unwrap();
    let mut mail = mail.secured(Std(tls::handshake(socket, &server.ca_pem(), None))).unwrap();
    assert!(matches!(mail.login(USER, "wrong"), Err(ClientError::Refused(_))));
    mail.login(USER, PASSWORD).unwrap();
    assert!(mail.capabilities().contains(&Capability::Uidl));
    assert_eq!(mail.stat().unwrap().unwrap().messages, 3);
    let mut sizes = mail.list().unwrap();
    let mut numbers = Vec::new();
    while let Some(item) = sizes.next().unwrap() {
        numbers.push(item.number);
    }
    assert_eq!(numbers, [1, 2, 3]);
    for (number, text) in (1..).zip(texts) {
        let mut bytes = Vec::new();
        let mut message = mail.retr(number).unwrap();
        while let Some(chunk) = message.next().unwrap() {
            bytes.extend_from_slice(chunk);
        }
        // The server puts header fields of its own before the end of the header.
        let text = text.replace('\n', "\r\n");
        let (header, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(bytes.starts_with(header.as_bytes()));
        assert!(bytes.ends_with(format!("\r\n\r\n{body}").as_bytes()), "{bytes:?}");
    }
    let first = mail.uidl_one(1).unwrap().unwrap().uid.to_string();
    mail.dele(1).unwrap();
    assert!(matches!(mail.retr(1), Err(ClientError::Refused(_))));
    mail.rset().unwrap();
    mail.noop().unwrap();
    mail.dele(2).unwrap();
    let mut top = mail.top(1, 1).unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = top.next().unwrap() {
        bytes.extend_from_slice(chunk);
    }
    assert!(bytes.ends_with(b"\r\n\r\n.\r\n"), "{bytes:?}");
    mail.quit().unwrap();

    let socket = TcpStream::connect(server.pop3).unwrap();
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    mail.login(USER, PASSWORD).unwrap();
    assert_eq!(mail.stat().unwrap().unwrap().messages, 2);
    assert_eq!(mail.uidl_one(1).unwrap().unwrap().uid.to_string(), first);
    mail.quit().unwrap();
}

#[test]
fn hundreds_with_pipelining() {
    let Some(server) = Mailutils::start() else { return };
    server.put((1..=500).map(|n| format!("Subject: {n}\n\n.{n}\n")));
    let socket = TcpStream::connect(server.pop3).unwrap();
    let (mut rx, mut tx) = ([0; 256], [0; 64]);
    let (config, clock) = (Config::new(), StdClock::new());
    let mut mail = Client::connect_with(config, clock, Std(socket), &mut rx, &mut tx).unwrap();
    assert!(mail.capabilities().contains(&Capability::Pipelining));
    mail.login(USER, PASSWORD).unwrap();
    let mut unique = HashSet::new();
    let mut uids = mail.uidl().unwrap();
    while let Some(item) = uids.next().unwrap() {
        unique.insert(item.uid.to_string());
    }
    assert_eq!(unique.len(), 500);
    let mut messages = mail.retr_all(1..=500);
    let mut count = 0;
    while let Some(mut message) = messages.next().unwrap() {
        count += 1;
        assert_eq!(message.number(), count);
        let mut bytes = Vec::new();
        while let Some(chunk) = message.next().unwrap() {
            bytes.extend_from_slice(chunk);
        }
        assert!(bytes.ends_with(format!("\r\n\r\n.{count}\r\n").as_bytes()), "{bytes:?}");
    }
    assert_eq!(count, 500);
    mail.quit().unwrap();
}
