//! Probe.
use mailwire_tests::cyrus::Cyrus;
use std::io::{Read, Write};
#[test]
fn probe() {
    for s in [Cyrus::start(), Cyrus::start_3_10()].into_iter().flatten() {
        let mut t = std::net::TcpStream::connect(s.imap).unwrap();
        t.set_read_timeout(Some(std::time::Duration::from_millis(1500))).unwrap();
        t.write_all(b"a login alice password\r\nb select INBOX\r\nc list \"\" *\r\nc1 GETQUOTAROOT INBOX\r\nd logout\r\n").unwrap();
        let mut v = Vec::new();
        let _ = t.read_to_end(&mut v);
        eprintln!("{}\nLOG {}", String::from_utf8_lossy(&v), s.log());
    }
}
