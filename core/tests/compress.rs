//! The client over a compressing socket, blocking and async from the same text, the server's
//! bytes cut in every way.
#![cfg(all(feature = "compress", feature = "embedded-io", feature = "embedded-io-async"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::arithmetic_side_effects)]

mod script;

use mailwire::compress::{Inflater, store};
use mailwire::io::{Deflate, DeflateError};
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, compress};
use script::*;
use std::collections::VecDeque;

/// A server's side of a session.
struct Server {
    steps: VecDeque<(bool, Vec<u8>)>,
    deflater: Box<CompressorOxide>,
}

impl Server {
    fn new() -> Self {
        let mut deflater = Box::<CompressorOxide>::default();
        deflater.set_format_and_level(miniz_oxide::DataFormat::Raw, 6);
        Self { steps: VecDeque::new(), deflater }
    }

    fn clear(mut self, text: &str) -> Self {
        for line in text.lines().map(str::trim_start) {
            self.steps.push_back((&line[..1] == "S", format!("{}\r\n", &line[3..]).into()));
        }
        self
    }

    fn compressed(mut self, text: &str) -> Self {
        for line in text.lines().map(str::trim_start) {
            let server = &line[..1] == "S";
            let text = format!("{}\r\n", &line[3..]);
            let mut wire = vec![0; text.len() * 2 + 64];
            let count = if server {
                compress(&mut self.deflater, text.as_bytes(), &mut wire, TDEFLFlush::Sync).2
            } else {
                store(text.as_bytes(), &mut wire).1
            };
            wire.truncate(count);
            self.steps.push_back((server, wire));
        }
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.steps.push_back((true, bytes.into()));
        self
    }

    /// Reading times out once.
    fn silence(self) -> Self {
        self.raw(b"")
    }

    /// What the server says without a word of the client between it comes in one read.
    fn script(self, cut: usize) -> Script {
        let mut steps = VecDeque::<(bool, Vec<u8>)>::new();
        for (server, bytes) in self.steps {
            match steps.back_mut() {
                Some((true, last)) if server && !last.is_empty() && !bytes.is_empty() => {
                    last.extend(bytes);
                }
                _ => steps.push_back((server, bytes)),
            }
        }
        Script::of(steps, cut)
    }
}

const GREETING: &str = "S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE UNAUTHENTICATE] hi
    C: A1 SELECT \"INBOX\"
    S: * 6 EXISTS
    S: A1 OK done";

/// Reads what the client had no need of, such as the marks of a flush.
fn drain(script: &mut Script) {
    while embedded_io::Read::read(script, &mut [0; 64]).unwrap() > 0 {}
}

macro_rules! flows {
    ($flavour:ident, $run:ident, [$($head:tt)*], [$($await:tt)*]) => {
        mod $flavour {
            use super::*;
            use mailwire::imap::$flavour::Client;
            use mailwire::imap::{ClientError, Code, Config, State};
            use mailwire::{Error, Instant, PeerError, UsageError};

            /// Runs a flow with a mailbox selected, cut in pieces of every size.
            macro_rules! session {
                ($server:expr, $input:expr, |$mail:ident| $body:block) => {
                    for cut in (1..99).chain([4096]) {
                        $run($($head)* {
                            let (mut rx, mut tx) = ([0; 128], [0; 96]);
                            let (mut input, mut output) = ([0; $input], [0; 64]);
                            let mut inflater = Inflater::new();
                            let script = $server.script(cut);
                            let deflate =
                                Deflate::new(script, &mut inflater, &mut input, &mut output);
                            let mut now = 0;
                            let clock = || { now += 1; Instant::from_millis(now) };
                            let mut $mail = Client::connect_with(
                                Config::new(), clock, deflate, &mut rx, &mut tx,
                            )$($await)*.unwrap();
                            $mail.select("INBOX")$($await)*.unwrap();
                            $body
                        });
                    }
                };
            }

            #[test]
            fn compressed_and_no_longer() {
                let server = || Server::new()
                    .clear(GREETING)
                    .clear("C: A2 COMPRESS DEFLATE\nS: A2 OK go")
                    // At once, so that it is in Rx.
                    .compressed("S: * 7 EXISTS\nS: * 8 EXISTS\nS: * OK a few more words")
                    .compressed("C: A3 NOOP\nS: * 9 EXISTS")
                    .silence()
                    .compressed("S: A3 OK done")
                    .compressed("C: A4 UNAUTHENTICATE\nS: A4 OK bye")
                    .clear("C: A5 CAPABILITY\nS: * CAPABILITY COMPRESS=DEFLATE\nS: A5 OK done")
                    .clear("C: A6 LOGIN \"bob\" \"x\"\nS: A6 OK [CAPABILITY COMPRESS=DEFLATE] in")
                    .clear("C: A7 COMPRESS DEFLATE\nS: A7 OK go");
                session!(
                    {
                        let mut server = server();
                        // The second stream has a dictionary of its own.
                        server.deflater.reset();
                        server.compressed("C: A8 LOGOUT\nS: * BYE bye\nS: A8 OK out")
                    },
                    16,
                    |mail| {
                        mail.compress(Deflate::start)$($await)*.unwrap();
                        assert!(mail.connection().is_compressed());
                        mail.noop()$($await)*.unwrap();
                        assert_eq!(mail.selected().unwrap().exists, 9);
                        let error = mail.unauthenticate()$($await)*.unwrap_err();
                        let wrong = Error::Usage(UsageError::WrongState);
                        assert_eq!(error, ClientError::Connection(wrong));
                        mail.unauthenticate_with(Deflate::stop)$($await)*.unwrap();
                        assert_eq!(mail.connection().state(), State::NotAuthenticated);
                        mail.login("bob", "x")$($await)*.unwrap();
                        mail.compress(Deflate::start)$($await)*.unwrap();
                        let mut deflate = mail.logout()$($await)*.unwrap();
                        assert!(deflate.is_compressing());
                        drain(deflate.socket_mut());
                    }
                );
            }

            #[test]
            fn refused() {
                session!(
                    Server::new()
                        .clear(GREETING)
                        .clear("C: A2 COMPRESS DEFLATE\nS: A2 NO [COMPRESSIONACTIVE] by TLS")
                        .clear("C: A3 NOOP\nS: A3 OK done")
                        .clear("C: A4 UNAUTHENTICATE\nS: A4 OK [CAPABILITY IMAP4rev1] bye"),
                    16,
                    |mail| {
                        let error = mail.compress(Deflate::start)$($await)*.unwrap_err();
                        let ClientError::Refused(no) = error else { panic!("{error}") };
                        assert_eq!(no.code(), Some(Code::CompressionActive));
                        mail.noop()$($await)*.unwrap();
                        mail.unauthenticate()$($await)*.unwrap();
                        assert!(mail.selected().is_none());
                    }
                );
            }

            #[test]
            fn broken() {
                let broken = |error: ClientError<DeflateError<embedded_io::ErrorKind>>| {
                    let corrupt = DeflateError::Peer(PeerError::BadCompression);
                    assert_eq!(error, ClientError::Io(corrupt));
                };
                // It does not compress, though it said so.
                session!(
                    Server::new()
                        .clear(GREETING)
                        .clear("C: A2 COMPRESS DEFLATE\nS: A2 OK go")
                        .raw(b"\xff\xff\xff\xff\xff\xff\xff\xff"),
                    16,
                    |mail| {
                        mail.compress(Deflate::start)$($await)*.unwrap();
                        broken(mail.driver_mut().advance()$($await)*.unwrap_err().into());
                        drain(mail.driver_mut().socket_mut().socket_mut());
                    }
                );
                // It ends before its time.
                session!(
                    Server::new()
                        .clear(GREETING)
                        .clear("C: A2 COMPRESS DEFLATE\nS: A2 OK go")
                        .compressed("C: A3 NOOP")
                        .raw(b"\x4b"),
                    16,
                    |mail| {
                        mail.compress(Deflate::start)$($await)*.unwrap();
                        let eof = Error::Peer(PeerError::UnexpectedEof);
                        let error = mail.noop()$($await)*.unwrap_err();
                        assert_eq!(error, ClientError::Connection(eof));
                    }
                );
            }

            #[test]
            fn not_all_was_taken() {
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 128], [0; 96]);
                    let script = Server::new()
                        .clear(GREETING)
                        .clear("C: A2 COMPRESS DEFLATE\nS: A2 OK go")
                        .compressed("S: * 7 EXISTS")
                        .script(4096);
                    let mut mail = Client::connect(script, &mut rx, &mut tx)$($await)*.unwrap();
                    mail.select("INBOX")$($await)*.unwrap();
                    let error = mail.compress(|_, received| received.len() - 1)$($await)*;
                    let left = Error::Usage(UsageError::CompressedInRx);
                    assert_eq!(error, Err(ClientError::Connection(left)));
                });
            }
        }
    };
}

flows!(blocking, at_once, [|| ], []);
flows!(asynch, block_on, [async ], [.await]);

/// A future that is dropped between writing and flushing loses nothing.
#[test]
fn dropped_futures() {
    use core::future::Future as _;
    use core::task::{Context, Poll, Waker};
    use embedded_io_async::{Read, Write};
    let (mut input, mut output, mut room) = ([0; 16], [0; 16], [0; 16]);
    let mut inflater = Inflater::new();
    // Of 14 bytes 11 fit the output at once.
    let mut server = Server::new();
    let mut wire = [0; 16];
    assert_eq!(store(b"0123456789ab\r\n", &mut wire), (11, 16));
    server.steps.push_back((false, wire.into()));
    let script = server.compressed("S: abc").script(3);
    let mut deflate = Deflate::new(script, &mut inflater, &mut input, &mut output);
    deflate.start(b"");
    // Each poll does one step and is then dropped.
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(block_on(deflate.write(b"0123456789ab\r\n")), Ok(11));
    for _ in 0..3 {
        let mut flush = core::pin::pin!(deflate.flush());
        let _ = flush.as_mut().poll(&mut cx);
    }
    let got = loop {
        let mut read = core::pin::pin!(deflate.read(&mut room));
        if let Poll::Ready(got) = read.as_mut().poll(&mut cx) {
            break got.unwrap();
        }
    };
    assert!(got > 0);
    drain(deflate.socket_mut());
}

/// More than fits at once behind the server's OK: 100000 bytes that came as a few hundred.
#[test]
fn started_piece_by_piece() {
    use embedded_io::Read as _;
    let text = "x".repeat(100_000);
    let (_, wire) = Server::new().compressed(&format!("S: {text}")).steps.pop_front().unwrap();
    let (mut input, mut output, mut room) = ([0; 16], [0; 16], [0; 999]);
    let mut inflater = Inflater::new();
    let script = Server::new().script(1);
    let mut deflate = Deflate::new(script, &mut inflater, &mut input, &mut output);
    let mut rest = &wire[..];
    let mut got = Vec::new();
    loop {
        rest = &rest[deflate.start(rest)..];
        if rest.is_empty() {
            break;
        }
        let count = deflate.read(&mut room).unwrap();
        got.extend_from_slice(&room[..count]);
    }
    assert!(got.len() > 999);
    while got.len() < 100_002 {
        let count = deflate.read(&mut room).unwrap();
        got.extend_from_slice(&room[..count]);
    }
    assert_eq!(got, format!("{text}\r\n").as_bytes());
}
