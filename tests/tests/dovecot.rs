//! The Dovecot harness itself: it starts, takes mail, tells of it, and goes away.

use mailwire_tests::dovecot::{Dovecot, USERS};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

/// One line out, lines in until one has this start.
struct Talk(BufReader<TcpStream>);

impl Talk {
    fn new(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(BufReader::new(socket))
    }

    fn until(&mut self, start: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line);
            assert!(read.is_ok_and(|n| n > 0), "no {start:?} in {all:?} {line:?}");
            all.push_str(&line);
            if line.starts_with(start) {
                return all;
            }
        }
    }

    fn ask(&mut self, line: &str, start: &str) -> String {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.until(start)
    }
}

#[test]
fn delivers_to_every_kind_of_mailbox() {
    let Some(server) = Dovecot::start() else { return };
    for (user, password) in USERS {
        let message = b"Subject: x\r\n\r\n.dot\r\n..\r\nno end of line";
        if user.is_ascii() {
            server.deliver(user, message)
        } else {
            server.drop_in(user, [message])
        }
        let mut talk = Talk::new(server.imap);
        talk.until("* OK");
        let literal = |text: &str| format!("{{{}+}}\r\n{text}", text.len());
        talk.ask(&format!("a LOGIN {} {}", literal(user), literal(password)), "a OK");
        assert!(talk.ask("b SELECT INBOX", "b ").contains("* 1 EXISTS"), "{user}");
        let body = talk.ask("c FETCH 1 BODY.PEEK[TEXT]", "c OK");
        assert!(body.contains("\r\n.dot\r\n..\r\nno end of line"), "{body}");
    }
}

#[test]
fn idle_is_told_of_a_delivery_and_of_a_file() {
    let Some(server) = Dovecot::start() else { return };
    let mut talk = Talk::new(server.imap);
    talk.until("* OK");
    talk.ask("a LOGIN alice password", "a OK");
    talk.ask("b SELECT INBOX", "b OK");
    talk.ask("c IDLE", "+ ");
    server.deliver("alice", b"Subject: one\r\n\r\n");
    talk.until("* 1 EXISTS");
    server.drop_in("alice", ["Subject: two\n\n"]);
    talk.until("* 2 EXISTS");
    talk.ask("DONE", "c OK");
    server.reset("alice");
    assert!(talk.ask("d NOOP", "d OK").contains("EXPUNGE"));
}

#[test]
fn drops_in_thousands_in_order() {
    let Some(server) = Dovecot::start() else { return };
    server.drop_in("bob", (1..=2000).map(|n| format!("Subject: s{n}\n\nbody\n")));
    let subjects = server.doveadm(["fetch", "-u", "bob", "hdr.subject", "uid", "1999"]);
    assert!(subjects.contains("s1999"), "{subjects}");
}

#[test]
fn speaks_pop3() {
    let Some(server) = Dovecot::start() else { return };
    server.deliver("carol", b"Subject: x\r\n\r\n");
    let mut talk = Talk::new(server.pop3);
    talk.until("+OK");
    talk.ask("USER carol", "+OK");
    talk.ask("PASS carol", "+OK");
    assert!(talk.ask("STAT", "+OK").starts_with("+OK 1 "));
}

/// The certificates hold for what a TLS library checks: name, chain, use.
#[test]
fn tls_is_trusted_by_its_own_authority() {
    let Some(server) = Dovecot::start() else { return };
    for (address, greeting) in [(server.imaps, "* OK"), (server.pop3s, "+OK")] {
        let (certificate, key) = server.client_pem();
        let mut client = Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", "localhost"])
            .args(["-connect", &address.to_string(), "-CAfile"])
            .arg(server.ca_pem())
            .arg("-cert")
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = String::new();
        BufReader::new(client.stdout.take().unwrap()).read_line(&mut output).unwrap();
        client.kill().unwrap();
        client.wait().unwrap();
        assert!(output.starts_with(greeting), "{output:?}");
    }
}

#[test]
fn goes_away() {
    let Some(server) = Dovecot::start() else { return };
    let folder = server.ca_pem().parent().and_then(|tls| tls.parent()).unwrap().to_owned();
    assert!(folder.exists());
    let address = server.imap;
    let mut idle = TcpStream::connect(address).unwrap();
    drop(server);
    assert!(!folder.exists());
    assert!(TcpStream::connect(address).is_err());
    idle.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let _ = idle.read_to_end(&mut Vec::new());
}
