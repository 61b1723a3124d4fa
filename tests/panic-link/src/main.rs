//! Links only if nothing that it calls of mailwire can panic: the panic handler needs a
//! symbol that nobody defines, so the handler must be unreachable in what the linker keeps.
//!
//! Bytes come from and go to a device that the compiler knows nothing about; else it would
//! leave out most of what is to be proved.
#![no_std]
#![no_main]

mod card;
mod message;
mod pop3;
mod watch;

use card::{receive, send, show};
use core::panic::PanicInfo;
use mailwire::imap::command::*;
use mailwire::imap::{
    AppendMessage, CatenatePart, Config, Connection, Date, DateTime, Fetch, Flag, ListReturn, PartialRange, Search, FilterMailboxes, SearchReturn, Section, SequenceSet, Sort, StatusItem, ThreadAlgorithm,
};
use mailwire::sasl::Response;
use mailwire::{Buffers, Instant, Machine, Progress, Tx};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn mailwire_can_panic() -> !;
    }
    unsafe { mailwire_can_panic() }
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    match receive() {
        0 => pop3::run(),
        1 => message::run(),
        2 => watch::imap(),
        3 => watch::pop3(),
        _ => {}
    }
    let mut rx = [0; 512];
    let mut tx = [0; 128];
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut connection = Connection::new(Config::default());
    let mut now = 0;
    loop {
        step(&mut buffers);
        now += u64::from(receive());
        match connection.advance(&mut buffers, Instant::from_millis(now)) {
            Ok(Progress::Event) => card::walk(&connection.event(&buffers)),
            Ok(Progress::NeedInput) => ask(&mut connection, &mut buffers.tx),
            Ok(Progress::Closed) => send(0),
            Err(error) => show(&error),
        }
        if connection.deadline().is_some_and(|at| at > Instant::from_millis(now)) {
            send(connection.selected().map_or(0, |selected| selected.exists as u8));
        }
        if receive() == 1 {
            let _ = connection.tls_started(&buffers.rx);
            let mut room = [0; 16];
            let count = buffers.rx.take(&mut room);
            room.iter().take(count).copied().for_each(send);
            let _ = connection.compress_started(&buffers.rx);
            let _ = connection.compress_ended(&buffers.rx);
        }
        #[cfg(feature = "panics")]
        send(buffers.rx.filled()[usize::from(receive())]);
    }
}

/// Text that only the card knows.
fn text(memory: &mut [u8]) -> &str {
    memory.iter_mut().for_each(|byte| *byte = receive());
    core::str::from_utf8(memory).unwrap_or("")
}

/// Every command, with arguments that only the card knows.
fn ask(connection: &mut Connection, tx: &mut Tx<'_>) {
    let (mut a, mut b) = ([0; 16], [0; 16]);
    let (a, b) = (text(&mut a), text(&mut b));
    let numbers = [u32::from(receive()), u32::from(receive())];
    let response = Response::new(a.as_bytes()).and(b.as_bytes());
    let set = SequenceSet::from(&numbers);
    let flags = [Flag::Seen, Flag::Keyword(a)];
    let day = Date { year: u16::from(receive()), month: receive(), day: receive() };
    let date = DateTime {
        date: day,
        hour: receive(),
        minute: 0,
        second: 0,
        offset_minutes: i16::from(receive()),
    };
    let keys = [
        Search::Subject(a),
        Search::Not(&Search::Uid(set)),
        Search::Since(day),
        Search::Header(a, b),
    ];
    let header = [a, b];
    let items = [
        Fetch::Envelope,
        Fetch::BodyStructure,
        Fetch::peek(Section::header_fields(&header)).partial(0, u64::from(receive())),
    ];
    let parts = AppendMessage::catenate().flags(&flags);
    let _ = match receive() {
        0 => connection.send(&CapabilityCommand, tx),
        1 => connection.send(&NoopCommand, tx),
        2 => connection.send(&LogoutCommand, tx),
        3 => connection.send(&StartTlsCommand, tx),
        4 => connection.send(&CompressCommand, tx),
        5 => connection.send(&UnauthenticateCommand, tx),
        6 => connection.send(&LoginCommand { user: a, password: b.into() }, tx),
        7 => connection.send(&AuthenticateCommand::new(a).initial_response(&response), tx),
        8 => connection.send(&EnableCommand { capabilities: &header }, tx),
        9 => connection.send(&SelectCommand::new(a), tx),
        10 => connection.send(&ExamineCommand::new(a), tx),
        11 => connection.send(&CreateCommand::new(a), tx),
        12 => connection.send(&DeleteCommand { mailbox: a }, tx),
        13 => connection.send(&RenameCommand { from: a, to: b }, tx),
        14 => connection.send(&SubscribeCommand { mailbox: a }, tx),
        15 => connection.send(&UnsubscribeCommand { mailbox: a }, tx),
        16 => {
            let returns = [ListReturn::Status(&[StatusItem::Messages])];
            connection.send(&ListCommand::new(&header).returns(&returns), tx)
        }
        17 => connection.send(&LsubCommand { reference: a, pattern: b }, tx),
        18 => connection.send(&NamespaceCommand, tx),
        19 => connection.send(&StatusCommand::new(a, &[StatusItem::Unseen]), tx),
        20 => {
            let append = AppendCommand::new(a, u64::from(receive())).flags(&flags).date(date);
            connection.send(&append, tx)
        }
        21 => connection.send(&MultiAppendCommand { mailbox: a }, tx),
        22 => connection.send(&ReplaceCommand::uid(numbers[0], a, parts), tx),
        23 => {
            let size = u64::from(receive());
            let _ = connection.append_message(&AppendMessage::new(size).binary(), tx);
            let _ = connection.append_message(&AppendMessage::new(size).utf8(), tx);
            let _ = connection.append_message(&parts, tx);
            let _ = connection.append_part(&CatenatePart::Text(size), tx);
            let _ = connection.append_part(&CatenatePart::Utf8(size), tx);
            let _ = connection.append_part(&CatenatePart::Url(b), tx);
            let _ = connection.append_end(tx);
            let _ = connection.append_cancel();
            return;
        }
        24 => connection.send(&IdleCommand, tx),
        25 => connection.send(&CheckCommand, tx),
        26 => connection.send(&CloseCommand, tx),
        27 => connection.send(&UnselectCommand, tx),
        28 => connection.send(&ExpungeCommand, tx),
        29 => connection.send(&UidExpungeCommand { messages: set }, tx),
        30 => connection.send(&SearchCommand::new(&keys).uid().returns(&[SearchReturn::All]), tx),
        31 => connection.send(&FetchCommand::uid(set, &items), tx),
        32 => connection.send(&StoreCommand::add(set, &flags), tx),
        33 => connection.send(&CopyCommand { messages: set, mailbox: a, uid: true }, tx),
        34 => {
            let fuzzy = [Search::Fuzzy(&keys[0]), Search::EmailId(a), Search::XGmLabels(b)];
            let returns = [SearchReturn::Partial(PartialRange::last(1, 9)), SearchReturn::Other(a)];
            let places = [FilterMailboxes::Subtree(&header)];
            connection.send(&EsearchCommand::new(&places, &fuzzy).returns(&returns), tx)
        }
        35 => connection.send(&SortCommand::new(&[Sort::Date, Sort::Other(a)], &keys), tx),
        36 => connection.send(&ThreadCommand::new(ThreadAlgorithm::Refs, &keys), tx),
        37 => connection.send(&CancelUpdateCommand { tags: &[] }, tx),
        38 => connection.send(&UidBatchesCommand::new(receive().into()), tx),
        39 => connection.send(&MoveCommand { messages: set, mailbox: a, uid: true }, tx),
        _ => {
            connection.write_literal(a.as_bytes(), tx);
            let _ = connection.respond(&response, tx);
            let _ = connection.done(tx);
            let _ = connection.cancel(tx);
            connection.abandon_literal();
            return;
        }
    }
    .map(|tag| show(&tag))
    .map_err(|error| show(&error));
}

/// Moves bytes: what every adapter does, with sizes that only the card knows.
fn step(buffers: &mut Buffers<'_>) {
    let pending = buffers.tx.pending();
    pending.iter().copied().for_each(send);
    let count = pending.len().min(usize::from(receive()));
    buffers.tx.consume(count);
    let room = buffers.rx.unfilled();
    let count = room.len().min(usize::from(receive()));
    room.iter_mut().take(count).for_each(|byte| *byte = receive());
    buffers.rx.commit(count);
    buffers.rx.fill(&[receive(), receive()]);
    if receive() == 0 {
        buffers.rx.close();
    }
    if !buffers.rx.is_closed() && buffers.tx.is_empty() {
        buffers.rx.filled().iter().copied().for_each(send);
    }
}
