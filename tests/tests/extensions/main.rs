//! Each extension of IMAP on each server that offers it. What others test on all servers, too, is
//! not here: IDLE and MOVE (`servers.rs`), MULTIAPPEND, CATENATE, REPLACE and the messages of
//! UTF8=ACCEPT (`append.rs`), UNAUTHENTICATE (`imap_compress.rs`).

mod mailboxes;
mod messages;
mod search;
mod session;
mod sharing;
mod table;

use mailwire::imap::blocking::{Found, Messages, Responses};
use mailwire::imap::command::Command;
use mailwire::imap::{ClientError, Code, Event, Fetch, Flag, Item, Refused, SequenceSet, event};
use mailwire::io::{Std, StdClock};
use mailwire::{Error, UsageError};
use mailwire_tests::servers::{Mail, Server};
use std::fmt::Debug;
use std::net::TcpStream;

type Socket = Std<TcpStream>;
type Failure = ClientError<std::io::Error>;

/// A message that every server takes: GNU Mailutils wants a `From`.
fn message(subject: &str) -> String {
    format!(
        "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: {subject}\r\n\
         Date: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <{}@example.org>\r\n\r\n\
         Text of {subject}.\r\n",
        subject.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
    )
}

/// Makes a mailbox, puts messages with these subjects into it, and selects it.
fn filled(server: &Server, mail: &mut Mail<'_>, subjects: &[&str]) -> String {
    let name = server.mailbox("filled");
    mail.create(&name).unwrap();
    for subject in subjects {
        mail.append(&name, &[], None, message(subject).as_bytes()).unwrap();
    }
    assert_eq!(mail.select(&name).unwrap().exists as usize, subjects.len(), "{}", server.name);
    name
}

/// What `pick` takes of the responses to a command that ends well.
fn answers<K: Command, T>(
    mail: &mut Mail<'_>,
    command: &K,
    pick: impl FnMut(Event<'_>) -> Option<T>,
) -> Vec<T> {
    heard(mail.run(command).unwrap(), pick)
}

fn heard<T>(
    mut responses: Responses<'_, '_, Socket, StdClock>,
    mut pick: impl FnMut(Event<'_>) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    while let Some(event) = responses.next().unwrap() {
        all.extend(pick(event));
    }
    all
}

/// The code of the response that ended the last command.
fn end_code<'m>(mail: &'m Mail<'_>) -> Option<Code<'m>> {
    mail.completed().expect("a command has ended").text.code
}

fn numbers(mut found: Found<'_, '_, Socket, StdClock>) -> Vec<u32> {
    let mut all = Vec::new();
    while let Some(batch) = found.next().unwrap() {
        all.extend(batch.numbers());
    }
    all
}

/// What `pick` takes of the items of these messages.
fn items<'a, T>(
    mail: &'a mut Mail<'_>,
    uids: impl Into<SequenceSet<'a>>,
    wanted: &[Fetch<'_>],
    pick: impl FnMut(Item<'_>) -> Option<T>,
) -> Vec<T> {
    picked(mail.uid_fetch(uids, wanted).unwrap(), pick)
}

fn picked<T>(
    mut messages: Messages<'_, '_, Socket, StdClock>,
    mut pick: impl FnMut(Item<'_>) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    while let Some(mut message) = messages.next().unwrap() {
        while let Some(piece) = message.next().unwrap() {
            if let event::Fetch::Item(item) = piece {
                all.extend(pick(item));
            }
        }
    }
    all
}

/// The bytes of what was asked of one message.
fn bytes(mail: &mut Mail<'_>, uid: u32, wanted: Fetch<'_>) -> Vec<u8> {
    let mut all = Vec::new();
    let wanted = [wanted];
    let mut messages = mail.uid_fetch(uid, &wanted).unwrap();
    while let Some(mut message) = messages.next().unwrap() {
        while let Some(piece) = message.next().unwrap() {
            if let event::Fetch::Chunk(chunk) = piece {
                all.extend_from_slice(chunk);
            }
        }
    }
    all
}

fn has_flag(mail: &mut Mail<'_>, uid: u32, flag: Flag<'_>) -> bool {
    let found = items(mail, uid, &[Fetch::Flags], |item| match item {
        Item::Flags(flags) => Some(flags.contains(flag)),
        _ => None,
    });
    found.contains(&true)
}

fn usage<T: Debug>(result: Result<T, Failure>) -> UsageError {
    match result {
        Err(ClientError::Connection(Error::Usage(usage))) => usage,
        other => panic!("no error of usage: {other:?}"),
    }
}

fn refused<T: Debug>(result: Result<T, Failure>) -> Refused {
    match result {
        Err(ClientError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}
