//! COMPRESS on a real Dovecot, blocking and async; and on Cyrus, which has UNAUTHENTICATE.

use embedded_io_adapters::tokio_1::FromTokio;
use mailwire::compress::Inflater;
use mailwire::imap::command::UnauthenticateCommand;
use mailwire::imap::event::Fetch as Piece;
use mailwire::imap::{
    Capability, ClientError, Config, Event, Fetch, Search, State, asynch, blocking,
};
use mailwire::io::{Clock as _, Deflate, Std, StdClock};
use mailwire::sasl::Plain;
use mailwire::{Duration, Error, UsageError};
use mailwire_tests::cyrus::Cyrus;
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::messages::large;
use mailwire_tests::tls::handshake;
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::time;

const SIZE: usize = 10_000_000;

/// A socket that counts what it reads and writes.
struct Counted<S> {
    socket: S,
    traffic: Rc<Cell<(usize, usize)>>,
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.socket.read(room)?;
        let (read, written) = self.traffic.get();
        self.traffic.set((read + count, written));
        Ok(count)
    }
}

impl<S: Write> Write for Counted<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.socket.write(bytes)?;
        let (read, written) = self.traffic.get();
        self.traffic.set((read, written + count));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

fn message(number: usize) -> String {
    format!(
        "From: Monitor <monitor@example.org>\r\nTo: alice@example.org\r\n\
         Subject: [alert] host {number} is down\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\
         Message-ID: <{number}@example.org>\r\n\r\nHost {number} does not answer.\r\n"
    )
}

#[test]
fn whole_sessions() {
    for (rx, input, size) in [(512, 32, 100_000), (64 * 1024, 16 * 1024, SIZE)] {
        for tls in [false, true] {
            let Some(server) = Dovecot::start() else { return };
            let size = if tls { 100_000 } else { size };
            blocking_session(&server, rx, input, size, tls);
        }
    }
}

fn blocking_session(server: &Dovecot, rx: usize, input: usize, size: usize, tls: bool) {
    trait Socket: Read + Write {}
    impl<S: Read + Write> Socket for S {}

    server.drop_in("alice", (0..500).map(message));
    let socket = TcpStream::connect(server.imap).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(time::Duration::from_millis(50))).unwrap();
    let (mut rx, mut tx) = (vec![0; rx], vec![0; 512]);
    let (mut input, mut output) = (vec![0; input], vec![0; input]);
    let mut inflater = Box::new(Inflater::new());
    let traffic = Rc::new(Cell::new((0, 0)));

    let mut clock = StdClock::new();
    let mail = blocking::Client::connect_with(Config::new(), clock, Std(socket), &mut rx, &mut tx);
    let mail = mail.unwrap();
    // STARTTLS comes first, then the login, then COMPRESS.
    let mail = if tls {
        let (Std(socket), mail) = mail.start_tls().unwrap();
        let stream = Box::new(handshake(socket, &server.ca_pem(), None));
        mail.secured(Std(stream as Box<dyn Socket>)).unwrap()
    } else {
        mail.map_socket(|Std(socket)| Std(Box::new(socket) as Box<dyn Socket>))
    };
    let mut mail = mail.map_socket(|Std(socket)| {
        let socket = Std(Counted { socket, traffic: traffic.clone() });
        Deflate::new(socket, &mut inflater, &mut input, &mut output)
    });
    mail.login("alice", "password").unwrap();
    mail.select("INBOX").unwrap();

    let mut clear = 0;
    for compressed in [false, true] {
        if compressed {
            assert!(mail.capabilities().contains(&Capability::CompressDeflate));
            mail.compress(Deflate::start).unwrap();
        }
        let before = traffic.get().0;
        let mut messages = mail.fetch(1..=500, &[Fetch::Envelope, Fetch::peek("")]).unwrap();
        let mut count = 0;
        while let Some(mut message) = messages.next().unwrap() {
            let number = message.seq().unwrap() as usize - 1;
            let mut body = Vec::new();
            while let Some(piece) = message.next().unwrap() {
                if let Piece::Chunk(bytes) = piece {
                    body.extend_from_slice(bytes);
                }
            }
            assert_eq!(String::from_utf8(body).unwrap(), self::message(number));
            count += 1;
        }
        assert_eq!(count, 500);
        let read = traffic.get().0 - before;
        if compressed {
            println!("500 messages: {clear} bytes in clear, {read} compressed");
            assert!(read * 5 < clear, "{clear} {read}");
        }
        clear = read;
    }

    // A second time is refused.
    match mail.compress(Deflate::start) {
        Err(ClientError::Connection(Error::Usage(UsageError::WrongState))) => {}
        other => panic!("{other:?}"),
    }
    assert!(mail.connection().is_compressed());

    // Large in both directions.
    let large = large(size);
    mail.create("big").unwrap();
    let before = traffic.get();
    let appended = mail.append("big", &[], None, &large).unwrap().unwrap();
    assert_eq!(appended.uid, 1);
    let written = traffic.get().1 - before.1;
    assert!(written > size && written < size + size / 4, "{written}");
    mail.select("big").unwrap();
    let before = traffic.get();
    let mut messages = mail.uid_fetch(1, &[Fetch::peek("")]).unwrap();
    let mut message = messages.next().unwrap().unwrap();
    let mut read = 0;
    while let Some(piece) = message.next().unwrap() {
        if let Piece::Chunk(bytes) = piece {
            assert!(bytes == &large[read..][..bytes.len()]);
            read += bytes.len();
        }
    }
    messages.finish().unwrap();
    assert_eq!(read, size);
    println!("{size} bytes of noise: {} compressed", traffic.get().0 - before.0);

    // IDLE, with timeouts of the socket.
    mail.select("INBOX").unwrap();
    let mut idle = mail.idle().unwrap();
    let soon = clock.now().saturating_add(Duration::from_millis(200));
    assert!(idle.next_until(soon).unwrap().is_none());
    assert!(clock.now() >= soon);
    server.deliver("alice", b"Subject: news\r\n\r\n");
    let late = clock.now().saturating_add(Duration::from_secs(20));
    while !matches!(idle.next_until(late).unwrap().expect("news in time"), Event::Exists(501)) {}
    idle.done().unwrap();
    let mut found = mail.uid_search(&[Search::Subject("news")]).unwrap();
    assert_eq!(found.next().unwrap().unwrap().numbers().collect::<Vec<_>>(), [501]);

    // Dovecot 2.3 does not have it.
    match mail.unauthenticate_with(Deflate::stop) {
        Err(ClientError::Connection(Error::Usage(UsageError::NotOffered("UNAUTHENTICATE")))) => {}
        other => panic!("{other:?}"),
    }
    assert!(mail.run(&UnauthenticateCommand).is_err());
    mail.logout().unwrap();
}

#[test]
fn unauthenticate() {
    for start in [Cyrus::start, Cyrus::start_3_10] {
        let Some(server) = start() else { continue };
        for compressed in [false, true] {
            let socket = TcpStream::connect(server.imap).unwrap();
            socket.set_read_timeout(Some(time::Duration::from_secs(20))).unwrap();
            let (mut rx, mut tx) = ([0; 1024], [0; 256]);
            let (mut input, mut output) = ([0; 32], [0; 64]);
            let mut inflater = Box::new(Inflater::new());
            let socket = Deflate::new(Std(socket), &mut inflater, &mut input, &mut output);
            let mut mail = blocking::Client::connect(socket, &mut rx, &mut tx).unwrap();
            // It is for administrators only.
            for round in 0..2 {
                // Cyrus 3.10 says LOGINDISABLED the second time, and offers no COMPRESS.
                mail.authenticate(&mut Plain::new("cyrusadm", "admin")).unwrap();
                assert!(mail.capabilities().contains(&Capability::Unauthenticate));
                let offered = mail.capabilities().contains(&Capability::CompressDeflate);
                assert!(offered || round > 0);
                if compressed && offered {
                    mail.compress(Deflate::start).unwrap();
                }
                mail.noop().unwrap();
                mail.unauthenticate_with(Deflate::stop).unwrap();
                assert_eq!(mail.connection().state(), State::NotAuthenticated);
                assert!(!mail.connection().is_compressed());
                mail.noop().unwrap();
            }
            mail.authenticate(&mut Plain::new("alice", "password")).unwrap();
            assert!(!mail.capabilities().contains(&Capability::Unauthenticate));
            mail.select("INBOX").unwrap();
            mail.logout().unwrap();
        }
    }
}

#[test]
fn asynchronous() {
    let Some(server) = Dovecot::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let session = tokio::time::timeout(time::Duration::from_secs(50), async_session(&server));
        session.await.expect("in time");
    });
}

async fn async_session(server: &Dovecot) {
    server.drop_in("alice", [large(SIZE)]);
    let (mut rx, mut tx) = ([0; 1024], [0; 256]);
    let (mut input, mut output) = ([0; 512], [0; 256]);
    let mut inflater = Box::new(Inflater::new());
    let socket = tokio::net::TcpStream::connect(server.imap).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let socket = Deflate::new(FromTokio::new(socket), &mut inflater, &mut input, &mut output);
    let mut mail = asynch::Client::connect(socket, &mut rx, &mut tx).await.unwrap();
    mail.login("alice", "password").await.unwrap();
    mail.compress(Deflate::start).await.unwrap();
    mail.select("INBOX").await.unwrap();
    let items = [Fetch::peek("")];
    let mut messages = mail.fetch(1, &items).await.unwrap();
    let mut message = messages.next().await.unwrap().unwrap();
    let (large, mut read) = (large(SIZE), 0);
    while let Some(piece) = message.next().await.unwrap() {
        if let Piece::Chunk(bytes) = piece {
            assert!(bytes == &large[read..][..bytes.len()]);
            read += bytes.len();
        }
    }
    messages.finish().await.unwrap();
    assert_eq!(read, SIZE);

    // Waiting is given up again and again, and nothing is lost.
    let mut idle = mail.idle().await.unwrap();
    for _ in 0..3 {
        let soon = time::Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, idle.next()).await.is_err());
    }
    server.deliver("alice", b"Subject: news\r\n\r\n");
    while !matches!(idle.next().await.unwrap().unwrap(), Event::Exists(2)) {}
    idle.done().await.unwrap();
    mail.logout().await.unwrap();
}
