//! What must not be seen is seen nowhere: not in a log, not in `Debug`, not in an error, and
//! not in Tx once it was sent.
#![cfg(all(feature = "imap", feature = "pop3", feature = "log"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use mailwire::imap::command::{AuthenticateCommand, LoginCommand};
use mailwire::pop3::command::{PassCommand, UserCommand};
use mailwire::sasl::{Mechanism, Plain, Response};
use mailwire::{Buffers, Instant, Machine, Progress, imap, pop3};
use std::fmt::Write;
use std::sync::Mutex;

const PASSWORD: &str = "hunter2-hunter2";
/// The password in base64, wherever it stands in the text, without the ends that depend on
/// what is beside it.
const ENCODED: [&str; 3] = ["odW50ZXIyLWh1bnRlcj", "dW50ZXIyLWh1bnRlcj", "h1bnRlcjItaHVudGVy"];

static LINES: Mutex<String> = Mutex::new(String::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(LINES.lock().unwrap(), "{}", record.args()).unwrap();
    }

    fn flush(&self) {}
}

fn assert_hidden(text: &str) {
    assert!(!text.contains(PASSWORD), "{text}");
    assert!(!ENCODED.iter().any(|part| text.contains(part)), "{text}");
}

/// Lets the server say `text`, and returns what the connection told.
fn say<M: Machine>(machine: &mut M, buffers: &mut Buffers<'_>, text: &str) -> String
where
    for<'r> M::Event<'r>: std::fmt::Debug,
{
    let mut told = String::new();
    assert_eq!(buffers.rx.fill(text.as_bytes()), text.len());
    while machine.advance(buffers, Instant::ZERO).unwrap() == Progress::Event {
        writeln!(told, "{:?}", machine.event(buffers)).unwrap();
    }
    told
}

/// All that can be sent is sent.
fn sent(buffers: &mut Buffers<'_>) -> String {
    let bytes = buffers.tx.pending().to_vec();
    buffers.tx.consume(bytes.len());
    String::from_utf8(bytes).unwrap()
}

#[test]
fn imap() {
    let _ = log::set_logger(&Logger);
    log::set_max_level(log::LevelFilter::Trace);
    let (mut rx, mut tx) = ([0; 512], [0; 256]);
    let mut told = String::new();
    {
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut mail = imap::Connection::new(imap::Config::default());
        told += &say(&mut mail, &mut buffers, "* OK [CAPABILITY IMAP4rev1] hello\r\n");

        let login = LoginCommand { user: "alice", password: PASSWORD.into() };
        writeln!(told, "{login:?}").unwrap();
        mail.send(&login, &mut buffers.tx).unwrap();
        write!(told, "{mail:?} {buffers:?}").unwrap();
        assert!(sent(&mut buffers).contains(PASSWORD));
        told += &say(&mut mail, &mut buffers, "A1 NO no\r\n");

        // A password that needs a literal.
        let odd = format!("{PASSWORD}\u{e4}");
        let login = LoginCommand { user: "alice", password: odd.as_str().into() };
        mail.send(&login, &mut buffers.tx).unwrap();
        write!(told, "{buffers:?}").unwrap();
        let _ = sent(&mut buffers);
        told += &say(&mut mail, &mut buffers, "+ go on\r\n");
        assert!(sent(&mut buffers).contains(PASSWORD));
        told += &say(&mut mail, &mut buffers, "A2 NO no\r\n");

        let mut plain = Plain::new("alice", PASSWORD);
        writeln!(told, "{plain:?}").unwrap();
        let tag = mail.send(&AuthenticateCommand::new("PLAIN"), &mut buffers.tx).unwrap();
        let _ = sent(&mut buffers);
        told += &say(&mut mail, &mut buffers, "+ \r\n");
        let response: Response<'_> = plain.initial().unwrap();
        writeln!(told, "{response:?}").unwrap();
        mail.respond(&response, &mut buffers.tx).unwrap();
        write!(told, "{mail:?} {buffers:?}").unwrap();
        let line = sent(&mut buffers);
        assert!(ENCODED.iter().any(|part| line.contains(part)), "{line}");
        told += &say(&mut mail, &mut buffers, &format!("{tag} NO no\r\n"));

        // One that does not fit.
        let long = PASSWORD.repeat(40);
        let login = LoginCommand { user: "alice", password: long.as_str().into() };
        let error = mail.send(&login, &mut buffers.tx).unwrap_err();
        writeln!(told, "{error:?} {error}").unwrap();
    }
    assert_hidden(&told);
    assert_hidden(&String::from_utf8_lossy(&tx));
    let lines = LINES.lock().unwrap();
    assert!(lines.contains("Login"), "nothing was logged: {lines}");
    assert_hidden(&lines);
}

#[test]
fn pop3() {
    let _ = log::set_logger(&Logger);
    log::set_max_level(log::LevelFilter::Trace);
    let (mut rx, mut tx) = ([0; 256], [0; 128]);
    let mut told = String::new();
    {
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut mail = pop3::Connection::new(pop3::Config::default());
        told += &say(&mut mail, &mut buffers, "+OK hello\r\n");
        let _ = sent(&mut buffers);
        told += &say(&mut mail, &mut buffers, "-ERR no CAPA\r\n");
        mail.send(&UserCommand { user: "alice" }, &mut buffers.tx).unwrap();
        let _ = sent(&mut buffers);
        told += &say(&mut mail, &mut buffers, "+OK\r\n");
        let pass = PassCommand { password: PASSWORD.into() };
        writeln!(told, "{pass:?}").unwrap();
        mail.send(&pass, &mut buffers.tx).unwrap();
        write!(told, "{mail:?} {buffers:?}").unwrap();
        assert!(sent(&mut buffers).contains(PASSWORD));
        told += &say(&mut mail, &mut buffers, "-ERR no\r\n");
    }
    assert_hidden(&told);
    assert_hidden(&String::from_utf8_lossy(&tx));
    assert_hidden(&LINES.lock().unwrap());
}
