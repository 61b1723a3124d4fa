//! Links only if nothing that it calls of mailwire can panic: the panic handler needs a
//! symbol that nobody defines, so the handler must be unreachable in what the linker keeps.
//!
//! Every command is sent and every event is walked, with bytes that come from a device that
//! the compiler knows nothing about; else it would leave out most of what is to be proved.
#![no_std]
#![no_main]

mod card;

use card::{receive, send, send_all, show};
use core::panic::PanicInfo;
use mailwire::imap::command::*;
use mailwire::imap::event::StatusResponse;
use mailwire::imap::*;
use mailwire::{Buffers, Error, Instant, Machine, Progress, Secret};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn mailwire_can_panic() -> !;
    }
    unsafe { mailwire_can_panic() }
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut rx = [0; 512];
    let mut tx = [0; 128];
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut connection = Connection::new(Config::new());
    let mut memory = [0; 64];
    loop {
        step(&mut connection, &mut buffers);
        let sent = command(&mut connection, &mut buffers, text(&mut memory));
        send(sent.is_ok().into());
        #[cfg(feature = "panics")]
        send(buffers.rx.filled()[usize::from(receive())]);
    }
}

/// What every adapter does, with sizes that only the card knows.
fn step(connection: &mut Connection, buffers: &mut Buffers<'_>) {
    let pending = buffers.tx.pending();
    send_all(pending);
    let count = pending.len().min(usize::from(receive()));
    buffers.tx.consume(count);
    match connection.advance(buffers, Instant::from_millis(receive().into())) {
        Ok(Progress::Event) => walk(connection.event(buffers)),
        Ok(Progress::NeedInput) => {
            let room = buffers.rx.unfilled();
            let count = room.len().min(usize::from(receive()));
            room.iter_mut().take(count).for_each(|byte| *byte = receive());
            buffers.rx.commit(count);
            buffers.rx.fill(&[receive(), receive()]);
            if receive() == 0 {
                buffers.rx.close();
            }
        }
        Ok(Progress::Closed) | Err(_) => send(0),
    }
    send(connection.deadline().is_some().into());
    send(connection.selected().is_some().into());
}

/// An argument that holds anything.
fn text(memory: &mut [u8; 64]) -> &str {
    memory.iter_mut().for_each(|byte| *byte = receive());
    core::str::from_utf8(memory).unwrap_or_default()
}

fn walk_status(response: StatusResponse<'_>) {
    show(&response.status);
    show(&response.text);
    send(response.truncated.into());
}

fn walk(event: Event<'_>) {
    match event {
        Event::Greeting(response) | Event::Status(response) => walk_status(response),
        Event::Completed { tag, response } => {
            show(&tag);
            walk_status(response);
        }
        Event::Capability { capabilities, .. } | Event::Enabled(capabilities) => {
            capabilities.iter().for_each(|capability| show(&capability));
        }
        Event::CopyUid { source, destination, .. } => {
            show(&source);
            show(&destination);
        }
        Event::Flags { flags, .. } => show(&flags),
        Event::List(list) | Event::Lsub(list) => show(&list),
        Event::Namespace(namespace) => show(&namespace),
        Event::MailboxStatus(status) => show(&status),
        Event::Search { numbers, .. } => show(&numbers),
        Event::Esearch { found, .. } => show(&found),
        Event::Exists(number) | Event::Recent(number) | Event::Expunge(number) => show(&number),
        Event::Vanished { uids, .. } => show(&uids),
        Event::Fetch(fetch) => show(&fetch),
        Event::Challenge { challenge, .. } => send_all(challenge),
        Event::Idling { tag } | Event::SendLiteral { tag, .. } | Event::StartTls { tag } => {
            show(&tag);
        }
        Event::Continuation(text) => show(&text),
        Event::Other { name, data, .. } => {
            send_all(name);
            send_all(data);
        }
        Event::Malformed(raw) | Event::Oversized(raw) => send_all(raw),
        _ => send(0),
    }
}

/// One of the commands, or one of the other calls that write.
fn command(
    connection: &mut Connection,
    buffers: &mut Buffers<'_>,
    text: &str,
) -> Result<(), Error> {
    let tx = &mut buffers.tx;
    let secret = Secret::from(text);
    let number = u32::from(receive());
    let set = SequenceSet::try_from(text).unwrap_or(number.into());
    let flags = [Flag::Seen, Flag::Keyword(text)];
    let patterns = [text];
    let tag = match receive() {
        0 => connection.send(&CapabilityCommand, tx),
        1 => connection.send(&NoopCommand, tx),
        2 => connection.send(&LogoutCommand, tx),
        3 => connection.send(&StartTlsCommand, tx),
        4 => connection.send(&LoginCommand { user: text, password: secret }, tx),
        5 => {
            let authenticate =
                AuthenticateCommand { mechanism: text, initial_response: Some(secret) };
            connection.send(&authenticate, tx)
        }
        6 => connection.send(&EnableCommand { capabilities: &patterns }, tx),
        7 => connection.send(&SelectCommand::new(text), tx),
        8 => connection.send(&ExamineCommand::new(text), tx),
        9 => connection.send(&CreateCommand::new(text), tx),
        10 => connection.send(&DeleteCommand { mailbox: text }, tx),
        11 => connection.send(&RenameCommand { from: text, to: text }, tx),
        12 => connection.send(&SubscribeCommand { mailbox: text }, tx),
        13 => connection.send(&UnsubscribeCommand { mailbox: text }, tx),
        14 => connection.send(&ListCommand::new(&patterns), tx),
        15 => connection.send(&LsubCommand { reference: text, pattern: text }, tx),
        16 => connection.send(&NamespaceCommand, tx),
        17 => {
            let items = [StatusItem::Messages, StatusItem::UidNext];
            connection.send(&StatusCommand { mailbox: text, items: &items }, tx)
        }
        18 => connection.send(&AppendCommand::new(text, number.into()), tx),
        19 => connection.send(&IdleCommand, tx),
        20 => connection.send(&CheckCommand, tx),
        21 => connection.send(&CloseCommand, tx),
        22 => connection.send(&UnselectCommand, tx),
        23 => connection.send(&ExpungeCommand, tx),
        24 => {
            let header = Search::Header(text, text);
            let keys = [Search::Uid(set), Search::Not(&header), Search::Keyword(text)];
            connection.send(&SearchCommand { uid: true, keys: &keys, returns: None }, tx)
        }
        25 => {
            let items = [Fetch::Envelope, Fetch::peek(text).partial(number.into(), number.into())];
            connection.send(&FetchCommand::uid(set, &items), tx)
        }
        26 => connection.send(&StoreCommand::add(set, &flags), tx),
        27 => connection.send(&CopyCommand { uid: false, messages: set, mailbox: text }, tx),
        28 => connection.send(&MoveCommand { uid: true, messages: set, mailbox: text }, tx),
        29 => return connection.respond(secret, tx),
        30 => return connection.cancel(tx),
        31 => return connection.done(tx),
        32 => return connection.tls_started(&buffers.rx),
        _ => {
            send(connection.write_literal(text.as_bytes(), tx).min(255) as u8);
            return Ok(());
        }
    }?;
    show(&tag);
    Ok(())
}
