//! Probe
use mailwire_tests::mailutils::Mailutils;
use std::io::{Read, Write};
#[test]
fn probe() {
    for s in [Mailutils::start()].into_iter().flatten() {
        let mut t = std::net::TcpStream::connect(s.imap).unwrap();
        t.set_read_timeout(Some(std::time::Duration::from_millis(1500))).unwrap();
        t.write_all(b"a login alice@localhost \"p\\\"a\\\\ss word\"\r\n").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500));
        t.write_all(b"a capability\r\nb select INBOX\r\ni idle\r\nDONE\r\nc list \"\" *\r\nc1 GETQUOTAROOT INBOX\r\nd logout\r\n").unwrap();
        let mut v = Vec::new();
        let _ = t.read_to_end(&mut v);
        eprintln!("{}\nLOG {}", String::from_utf8_lossy(&v), "");
    }
}
