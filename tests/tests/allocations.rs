//! The protocol path never allocates: not for a byte of what servers send, nor for a command.

use mailwire::imap::command::{
    AppendCommand, FetchCommand, IdleCommand, ListCommand, LoginCommand, SearchCommand,
    SelectCommand, StoreCommand,
};
use mailwire::imap::{Command, Config, Connection, Event, Fetch, Flag, Search};
use mailwire::{Buffers, Instant, Machine, Progress};
use mailwire_tests::corpus;
use mailwire_tests::counting::{self, Counting};
use mailwire_tests::reader::{Sum, events};
use mailwire_tests::transcript::Transcript;
use std::fmt::Write;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` takes memory from the heap.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = counting::allocations();
    work();
    counting::allocations() - before
}

/// Takes a text and forgets it.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> std::fmt::Result {
        Ok(())
    }
}

#[test]
fn counts() {
    assert_eq!(allocations(|| drop(Box::new(7))), 1);
}

#[test]
fn reading() {
    let mut rx = [0; 4096];
    for input in [
        corpus::envelopes(100),
        corpus::body_structures(20),
        corpus::search(10_000),
        corpus::lists(100),
    ] {
        for read in [1, 1000, usize::MAX] {
            let mut sum = Sum::default();
            let count =
                allocations(|| events(&input, read, &mut rx, |event| sum.event(event)).unwrap());
            assert_eq!(count, 0);
            assert!(sum.0 > 0);
        }
    }
}

/// All that real servers said, some of it nonsense; each event is also printed.
#[test]
fn reading_recorded_sessions() {
    let mut rx = [0; 2048];
    let mut bytes = 0;
    for (path, transcript) in Transcript::imap() {
        for connection in 0..transcript.connections() {
            let input = transcript.server_bytes(connection);
            bytes += input.len();
            let count = allocations(|| {
                let print = |event: Event<'_>| write!(Nowhere, "{event:?}").unwrap();
                // A frame may be lost.
                let _ = events(&input, usize::MAX, &mut rx, print);
            });
            assert_eq!(count, 0, "{}", path.display());
        }
    }
    assert!(bytes > 1_000_000);
}

#[test]
fn a_session() {
    let (mut rx, mut tx) = ([0; 1024], [0; 1024]);
    let count = allocations(|| session(&mut Buffers::new(&mut rx, &mut tx)));
    assert_eq!(count, 0);
}

/// Sends commands of all shapes, and reads what a server answers.
fn session(buffers: &mut Buffers<'_>) {
    let mut connection = Connection::new(Config::default());
    hear(&mut connection, buffers, "* OK [CAPABILITY IMAP4rev1 LITERAL- IDLE UIDPLUS] hi\r\n");
    let login = LoginCommand { user: "alice", password: "pass\"word".into() };
    say(&mut connection, buffers, &login, "OK [CAPABILITY IMAP4rev1 LITERAL- IDLE MOVE] in");
    say(&mut connection, buffers, &SelectCommand::new("Entwürfe"), "OK [READ-WRITE] open");
    say(&mut connection, buffers, &ListCommand::new(&["%"]), "OK listed");
    let keys = [
        Search::Unseen,
        Search::From("päger"),
        Search::Or(&Search::Subject("a \\ \"b\""), &Search::Uid((7..).into())),
    ];
    say(&mut connection, buffers, &SearchCommand::new(&keys).uid(), "OK found");
    let items = [
        Fetch::Envelope,
        Fetch::BodyStructure,
        Fetch::peek("HEADER.FIELDS (LIST-ID)"),
        Fetch::peek("1.2").partial(0, 512),
    ];
    say(&mut connection, buffers, &FetchCommand::new(1..=7, &items), "OK fetched");
    let flags = [Flag::Seen, Flag::Deleted];
    let store = StoreCommand::add(1..=7, &flags).uid().silent();
    say(&mut connection, buffers, &store, "OK stored");
    let append = AppendCommand::new("Sent", 5).flags(&flags);
    connection.send(&append, &mut buffers.tx).unwrap();
    sent(buffers);
    hear(&mut connection, buffers, "");
    assert_eq!(connection.write_literal(b"hello", &mut buffers.tx), 5);
    sent(buffers);
    hear(&mut connection, buffers, "A7 OK [APPENDUID 1 2] appended\r\n");
    connection.send(&IdleCommand, &mut buffers.tx).unwrap();
    sent(buffers);
    hear(&mut connection, buffers, "+ idling\r\n* 8 EXISTS\r\n");
    connection.done(&mut buffers.tx).unwrap();
    sent(buffers);
    hear(&mut connection, buffers, "A8 OK done\r\n");
    assert!(connection.is_quiet());
}

/// Sends a command, literals and all, and has it answered.
fn say(
    connection: &mut Connection,
    buffers: &mut Buffers<'_>,
    command: &impl Command,
    answer: &str,
) {
    let tag = connection.send(command, &mut buffers.tx).unwrap();
    sent(buffers);
    while !buffers.tx.is_empty() {
        hear(connection, buffers, "+ go on\r\n");
        sent(buffers);
    }
    buffers.rx.fill(tag.as_str().as_bytes());
    buffers.rx.fill(b" ");
    buffers.rx.fill(answer.as_bytes());
    hear(connection, buffers, "\r\n");
    assert!(!connection.is_in_flight(tag));
}

fn sent(buffers: &mut Buffers<'_>) {
    let count = buffers.tx.pending().len();
    buffers.tx.consume(count);
}

fn hear(connection: &mut Connection, buffers: &mut Buffers<'_>, text: &str) {
    assert_eq!(buffers.rx.fill(text.as_bytes()), text.len());
    while connection.advance(buffers, Instant::ZERO).unwrap() == Progress::Event {
        write!(Nowhere, "{:?}", connection.event(buffers)).unwrap();
    }
}
