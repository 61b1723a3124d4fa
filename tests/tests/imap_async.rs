//! The async client on a real Dovecot, over tokio. It is the same text as the blocking one, so
//! this goes once through all its kinds of calls, and through what only async code can do:
//! timers, and futures that are dropped.

use embedded_io_adapters::tokio_1::FromTokio;
use mailwire::imap::asynch::{Client, Found, Mailboxes};
use mailwire::imap::command::{AppendCommand, SearchCommand, StoreCommand};
use mailwire::imap::event::{self, Fetch as Piece};
use mailwire::imap::{
    Capability, ClientError, Code, Config, Event, Fetch, Flag, Item, Search, SearchReturn, Status,
    StatusItem,
};
use mailwire::io::StdClock;
use mailwire::sasl::Plain;
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::messages::{MIXED, large};
use std::future::Future;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

const SMALL: (usize, usize) = (512, 256);
const LARGE: (usize, usize) = (64 * 1024, 64 * 1024);

/// Runs each test twice, each time on a server of its own.
macro_rules! tests {
    ($($test:ident,)*) => {
        mod small_buffers {
            $(#[test] fn $test() { super::on_server(super::SMALL, super::$test); })*
        }
        mod large_buffers {
            $(#[test] fn $test() { super::on_server(super::LARGE, super::$test); })*
        }
    };
}

tests! {
    mailboxes,
    messages,
    ten_megabytes,
    idle,
    dropped_futures,
}

type Socket = FromTokio<TcpStream>;
type Mail<'b> = Client<'b, Socket, StdClock>;
type Memory = (Vec<u8>, Vec<u8>);

/// More than anything here takes.
const LONG: Duration = Duration::from_secs(50);

fn on_server((rx, tx): (usize, usize), test: impl AsyncFnOnce(&Dovecot, &mut Memory)) {
    let Some(server) = Dovecot::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut memory = (vec![0; rx], vec![0; tx]);
    runtime.block_on(in_time(test(&server, &mut memory)));
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(LONG, future).await.expect("in time")
}

async fn log_in<'b>(server: &Dovecot, (rx, tx): &'b mut Memory) -> Mail<'b> {
    let socket = TcpStream::connect(server.imap).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let socket = FromTokio::new(socket);
    let mut mail =
        Client::connect_with(Config::new(), StdClock::new(), socket, rx, tx).await.unwrap();
    mail.login("alice", "password").await.unwrap();
    mail
}

async fn numbers(mut found: Found<'_, '_, Socket, StdClock>) -> Vec<u32> {
    let mut numbers = Vec::new();
    while let Some(batch) = found.next().await.unwrap() {
        numbers.extend(batch.numbers());
    }
    numbers
}

async fn names(mut found: Mailboxes<'_, '_, Socket, StdClock>) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(list) = found.next().await.unwrap() {
        names.push(list.mailbox.to_string());
    }
    names.sort();
    names
}

async fn mailboxes(server: &Dovecot, memory: &mut Memory) {
    let socket = FromTokio::new(TcpStream::connect(server.imap).await.unwrap());
    let mut mail = Client::connect(socket, &mut memory.0, &mut memory.1).await.unwrap();
    match mail.login("alice", "wrong").await {
        Err(ClientError::Refused(no)) => {
            assert_eq!((no.status(), no.code()), (Status::No, Some(Code::AuthenticationFailed)));
        }
        other => panic!("{other:?}"),
    }
    let mut bob = Plain::new("bob", "p\"a\\ss word€");
    mail.authenticate(&mut bob).await.unwrap();
    assert!(mail.capabilities().contains(&Capability::Move));
    mail.logout().await.unwrap();

    let mut mail = log_in(server, memory).await;
    mail.create("Entwürfe/2026").await.unwrap();
    mail.subscribe("Entwürfe/2026").await.unwrap();
    assert_eq!(names(mail.lsub("", "*").await.unwrap()).await, ["Drafts", "Entwürfe/2026"]);
    mail.unsubscribe("Entwürfe/2026").await.unwrap();
    mail.rename("Entwürfe/2026", "a & b").await.unwrap();
    let all = names(mail.list("", "*").await.unwrap()).await;
    assert_eq!(all, ["Drafts", "INBOX", "Sent", "a & b"]);
    mail.append("a & b", &[Flag::Seen], None, MIXED.as_bytes()).await.unwrap();
    let items = [StatusItem::Messages, StatusItem::Unseen, StatusItem::Size];
    let status = mail.status("a & b", &items).await.unwrap().unwrap();
    assert_eq!((status.messages(), status.unseen()), (Some(1), Some(0)));
    assert_eq!(status.size(), Some(MIXED.len() as u64));
    mail.delete("a & b").await.unwrap();
    assert!(mail.select("a & b").await.is_err());
    let namespace = mail.namespace().await.unwrap().unwrap();
    assert_eq!(namespace.other_users.iter().next().unwrap().prefix, "shared/");
    let enabled = mail.enable(&["CONDSTORE"]).await.unwrap();
    assert!(enabled.contains(&Capability::CondStore));
    mail.noop().await.unwrap();
    mail.logout().await.unwrap();
}

async fn messages(server: &Dovecot, memory: &mut Memory) {
    server.drop_in("alice", (1..=500).map(|n| format!("Subject: s{n}\n\nbody {n}\n")));
    let mut mail = log_in(server, memory).await;
    mail.create("Work").await.unwrap();
    assert_eq!(mail.select("INBOX").await.unwrap().exists, 500);
    let expected: Vec<u32> = (1..=500).collect();
    assert_eq!(numbers(mail.uid_search(&[]).await.unwrap()).await, expected);
    let command = SearchCommand::new(&[Search::Subject("s49"), Search::Not(&Search::Seen)])
        .uid()
        .returns(&[SearchReturn::All]);
    let found = numbers(mail.search_extended(&command).await.unwrap()).await;
    assert_eq!(found, [49, 490, 491, 492, 493, 494, 495, 496, 497, 498, 499]);

    let items = [Fetch::Envelope, Fetch::peek("TEXT")];
    let mut fetched = mail.fetch(1.., &items).await.unwrap();
    let mut count = 0;
    while let Some(mut message) = fetched.next().await.unwrap() {
        count += 1;
        assert_eq!(message.seq(), Some(count));
        let (mut subject, mut text) = (String::new(), Vec::new());
        while let Some(piece) = message.next().await.unwrap() {
            match piece {
                Piece::Item(Item::Envelope(envelope)) => {
                    subject = envelope.subject().unwrap().to_string();
                }
                Piece::Chunk(bytes) => text.extend(bytes),
                Piece::Body(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((subject, text), (format!("s{count}"), format!("body {count}\r\n").into()));
    }
    assert_eq!(count, 500);

    let flags = [Flag::Deleted, Flag::Keyword("$Work")];
    let mut stored = mail.store(&StoreCommand::add(1..=2, &flags)).await.unwrap();
    let mut told = Vec::new();
    while let Some(mut message) = stored.next().await.unwrap() {
        let seq = message.seq();
        while let Some(piece) = message.next().await.unwrap() {
            if let Piece::Item(Item::Flags(now)) = piece {
                assert!(flags.iter().all(|flag| now.contains(*flag)));
                told.push(seq);
            }
        }
    }
    assert_eq!(told, [Some(1), Some(2)]);
    mail.uid_expunge(2).await.unwrap();
    mail.expunge().await.unwrap();
    assert_eq!(mail.selected().unwrap().exists, 498);
    let mut copied = mail.uid_copy(3..=5, "Work").await.unwrap();
    let part = copied.next().await.unwrap().unwrap();
    assert!(part.source.numbers().unwrap().eq(3..=5));
    assert!(part.destination.numbers().unwrap().eq(1..=3));
    assert!(copied.next().await.unwrap().is_none());
    mail.uid_move(6, "Work").await.unwrap().finish().await.unwrap();
    assert_eq!(mail.selected().unwrap().exists, 497);
    mail.close().await.unwrap();
    assert_eq!(mail.examine("Work").await.unwrap().exists, 4);
}

async fn ten_megabytes(server: &Dovecot, memory: &mut Memory) {
    const SIZE: usize = 10_000_000;
    let rx = memory.0.len();
    let message = large(SIZE);
    let mut mail = log_in(server, memory).await;
    mail.select("INBOX").await.unwrap();
    let command = AppendCommand::new("INBOX", SIZE as u64);
    let mut upload = mail.append_stream(&command).await.unwrap();
    for piece in message.chunks(30_011) {
        upload.write(piece).await.unwrap();
    }
    assert_eq!(upload.finish().await.unwrap().unwrap().uid, 1);
    let items = [Fetch::peek("")];
    let mut fetched = mail.uid_fetch(1, &items).await.unwrap();
    let mut one = fetched.next().await.unwrap().unwrap();
    let mut read = 0;
    while let Some(piece) = one.next().await.unwrap() {
        match piece {
            Piece::Body(body) => assert_eq!(body.data, event::BodyData::Literal(SIZE as u64)),
            Piece::Chunk(bytes) => {
                assert!(bytes.len() <= rx);
                assert!(message[read..].starts_with(bytes), "differs at {read}");
                read += bytes.len();
            }
            Piece::Item(Item::Uid(1)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(read, SIZE);
    assert!(fetched.next().await.unwrap().is_none());
}

async fn idle(server: &Dovecot, memory: &mut Memory) {
    let mut mail = log_in(server, memory).await;
    mail.select("INBOX").await.unwrap();
    mail.idle().await.unwrap().done().await.unwrap();
    let mut idle = mail.idle().await.unwrap();
    // The caller's timer is the deadline; nothing is lost when it fires.
    for count in 1..=3 {
        assert!(timeout(Duration::from_millis(30), idle.next()).await.is_err());
        server.deliver("alice", format!("Subject: {count}\r\n\r\n").as_bytes());
        loop {
            match in_time(idle.next()).await.unwrap().unwrap() {
                Event::Exists(number) => break assert_eq!(number, count),
                Event::Recent(_) | Event::Status(_) => {}
                other => panic!("{other:?}"),
            }
        }
        // What else there may be to it.
        while timeout(Duration::from_millis(30), idle.next()).await.is_ok() {}
    }
    idle.done().await.unwrap();
    assert_eq!(mail.selected().unwrap().exists, 3);
    // One that is let go is ended by the next call.
    let _ = mail.idle().await.unwrap();
    assert_eq!(numbers(mail.search(&[]).await.unwrap()).await, [1, 2, 3]);
}

/// A future that is dropped at any of its awaits leaves a client that goes on.
async fn dropped_futures(server: &Dovecot, memory: &mut Memory) {
    let body = large(300_000);
    let mut mail = log_in(server, memory).await;
    mail.append("INBOX", &[], None, &body).await.unwrap();
    mail.append("INBOX", &[], None, MIXED.as_bytes()).await.unwrap();
    mail.select("INBOX").await.unwrap();
    let items = [Fetch::Uid, Fetch::peek("")];
    let (mut polls, mut whole) = (0, 0);
    // Let each attempt live for one poll more than the one before, up to the one that is done.
    while whole == 0 {
        let attempt = async {
            let mut read: Vec<u8> = Vec::new();
            let mut fetched = mail.fetch(1..=2, &items).await.unwrap();
            while let Some(mut message) = fetched.next().await.unwrap() {
                while let Some(piece) = message.next().await.unwrap() {
                    if let Piece::Chunk(bytes) = piece {
                        read.extend(bytes);
                    }
                }
            }
            read
        };
        if let Some(read) = Polls(Box::pin(attempt), polls).await {
            assert!(read == [&body[..], MIXED.as_bytes()].concat());
            whole += 1;
        }
        polls = polls * 3 / 2 + 1;
        // Every second time, another command follows.
        if polls % 2 == 0 {
            assert_eq!(numbers(mail.search(&[Search::Subject("Hello")]).await.unwrap()).await, [2]);
        }
    }
    assert!(polls > 1, "it was done at once");
    mail.logout().await.unwrap();
}

/// Gives up on a future after so many polls.
struct Polls<F>(std::pin::Pin<Box<F>>, u32);

impl<F: Future> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        if self.1 == 0 {
            return std::task::Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}
