//! The smallest programs that are of use: by IMAP, one that logs in, selects, fetches what is
//! new and idles; by POP3, one that logs in, lists, fetches and deletes; and one that picks the
//! subject and the sender out of a header and decodes the beginning of a body. How much flash
//! mailwire takes of them is what `run` measures.
#![no_std]
#![no_main]

use core::panic::PanicInfo;
use core::ptr::{read_volatile, write_volatile};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// A made-up network card with a byte-wide register.
const REGISTER: *mut u8 = 0x4000_0000 as *mut u8;

fn receive() -> u8 {
    unsafe { read_volatile(REGISTER) }
}

fn send(byte: u8) {
    unsafe { write_volatile(REGISTER, byte) }
}

/// What is subtracted: it has the compiler's own routines for memory, as every program of some size
/// has, and nothing else.
#[cfg(not(any(
    feature = "imap",
    feature = "imap_watch",
    feature = "pop3",
    feature = "pop3_watch",
    feature = "message"
)))]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    use core::hint::black_box;
    let mut memory = [0; 128];
    loop {
        let (from, to) = (usize::from(receive()) % 64, usize::from(receive()) % 64);
        memory[from..].fill(receive());
        memory.copy_within(from..from + 64, to);
        let (front, back) = memory.split_at_mut(64);
        front[..to].copy_from_slice(&back[..to]);
        send(u8::from(front == back));
        // Those for words.
        let words = (black_box([0_u32; 32]), black_box([0_u64; 16]), black_box([!0_u32; 32]));
        black_box(black_box(&words).clone());
        memory.iter().copied().for_each(send);
    }
}

#[cfg(feature = "imap")]
mod imap {
    use super::{receive, send};
    use mailwire::imap::command::{FetchCommand, IdleCommand, LoginCommand, SelectCommand};
    use mailwire::imap::{Command, Config, Connection, Event, Fetch, Item, State, event};
    use mailwire::{Buffers, Error, Instant, Machine, Progress};

    /// Symbols whose sizes tell the sizes of types; in a section that is not counted.
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_CONNECTION: [u8; size_of::<Connection>()] = [0; _];
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_EVENT: [u8; size_of::<Event<'_>>()] = [0; _];

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        let (mut rx, mut tx) = ([0; 1024], [0; 256]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut connection = Connection::new(Config::default());
        let result = run(&mut connection, &mut buffers);
        send(u8::from(result.is_ok()));
        loop {
            send(SIZE_OF_CONNECTION.as_ptr().addr() as u8);
            send(SIZE_OF_EVENT.as_ptr().addr() as u8);
        }
    }

    fn run(connection: &mut Connection, buffers: &mut Buffers<'_>) -> Result<(), Error> {
        let mut now = 0;
        let mut next_uid = 1;
        loop {
            while let [byte, ..] = *buffers.tx.pending() {
                send(byte);
                buffers.tx.consume(1);
            }
            now += 1;
            match connection.advance(buffers, Instant::from_millis(now))? {
                Progress::Event => look(connection.event(buffers), &mut next_uid),
                Progress::NeedInput => {
                    if let Some(byte) = buffers.rx.unfilled().first_mut() {
                        *byte = receive();
                        buffers.rx.commit(1);
                    }
                }
                Progress::Closed => return Ok(()),
            }
            if connection.is_quiet() {
                let login = LoginCommand { user: "alice", password: "secret".into() };
                let items = [Fetch::Envelope, Fetch::Uid];
                let fetch = FetchCommand::uid(next_uid.., &items);
                let next: &dyn Command = match connection.state() {
                    State::NotAuthenticated => &login,
                    State::Authenticated => &SelectCommand::new("INBOX"),
                    State::Selected if receive() == 0 => &fetch,
                    _ => &IdleCommand,
                };
                connection.send(next, &mut buffers.tx)?;
            }
        }
    }

    /// Sends subject and senders of new mail to the card.
    fn look(event: Event<'_>, next_uid: &mut u32) {
        match event {
            Event::Fetch(event::Fetch::Item(Item::Uid(uid))) => *next_uid = uid.saturating_add(1),
            Event::Fetch(event::Fetch::Item(Item::Envelope(envelope))) => {
                envelope.subject().iter().flat_map(|text| text.bytes()).for_each(send);
                for from in envelope.from() {
                    from.mailbox.iter().flat_map(|text| text.bytes()).for_each(send);
                    from.host.iter().flat_map(|text| text.bytes()).for_each(send);
                }
            }
            _ => {}
        }
    }
}

#[cfg(feature = "imap_watch")]
mod imap_watch {
    use super::send;
    use super::watch::run;
    use mailwire::Buffers;
    use mailwire::watch::{Cursor, ImapConfig, ImapWatch, Login, Watched};

    /// A symbol whose size tells that of a type; in a section that is not counted.
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_WATCH: [u8; size_of::<ImapWatch<'_>>()] = [0; _];

    pub type Watch<'a> = ImapWatch<'a>;

    pub fn acknowledge(watch: &mut Watch<'_>, uid: u32) {
        watch.acknowledge(0, uid);
    }

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        let (mut rx, mut tx, mut text) = ([0; 1024], [0; 256], [0; 512]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut mailboxes = [Watched::new("INBOX", Cursor::new())];
        let config = ImapConfig::new(Login::password("alice", "secret"));
        let mut watch = ImapWatch::new(config, &mut mailboxes, &mut text);
        let result = run(&mut watch, &mut buffers);
        send(u8::from(result.is_ok()));
        loop {
            send(SIZE_OF_WATCH.as_ptr().addr() as u8);
        }
    }
}

#[cfg(feature = "pop3_watch")]
mod pop3_watch {
    use super::send;
    use super::watch::run;
    use mailwire::Buffers;
    use mailwire::watch::{Login, Pop3Config, Pop3Watch, Record};

    /// A symbol whose size tells that of a type; in a section that is not counted.
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_WATCH: [u8; size_of::<Pop3Watch<'_>>()] = [0; _];

    pub type Watch<'a> = Pop3Watch<'a>;

    pub fn acknowledge(watch: &mut Watch<'_>, number: u32) {
        watch.acknowledge(number);
        watch.record().as_bytes().iter().copied().for_each(send);
    }

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        let (mut rx, mut tx, mut text) = ([0; 512], [0; 128], [0; 768]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut kept = [0; 808];
        let config = Pop3Config::new(Login::password("alice", "secret"));
        let mut watch = Pop3Watch::new(config, Record::new(&mut kept), &mut text);
        let result = run(&mut watch, &mut buffers);
        send(u8::from(result.is_ok()));
        loop {
            send(SIZE_OF_WATCH.as_ptr().addr() as u8);
        }
    }
}

#[cfg(any(feature = "imap_watch", feature = "pop3_watch"))]
mod watch {
    #[cfg(feature = "imap_watch")]
    use super::imap_watch::{Watch, acknowledge};
    #[cfg(feature = "pop3_watch")]
    use super::pop3_watch::{Watch, acknowledge};
    use super::{receive, send};
    use mailwire::watch::{Alert, Event};
    use mailwire::{Buffers, Error, Instant, Machine, Progress};

    pub fn run(watch: &mut Watch<'_>, buffers: &mut Buffers<'_>) -> Result<(), Error> {
        let mut now = Instant::ZERO;
        loop {
            while let [byte, ..] = *buffers.tx.pending() {
                send(byte);
                buffers.tx.consume(1);
            }
            now = Instant::from_millis(now.as_millis() + 1);
            match watch.advance(buffers, now)? {
                Progress::Event => match watch.event(buffers) {
                    Event::Alert(alert) => {
                        show(&alert);
                        let uid = alert.uid;
                        acknowledge(watch, uid);
                    }
                    Event::Retry { at, .. } => {
                        now = at;
                        watch.reconnect(buffers);
                    }
                    _ => {}
                },
                Progress::NeedInput => match receive() {
                    0 => buffers.rx.close(),
                    byte => {
                        if let Some(place) = buffers.rx.unfilled().first_mut() {
                            *place = byte;
                            buffers.rx.commit(1);
                        }
                    }
                },
                Progress::Closed => return Ok(()),
            }
        }
    }

    /// Sends that something came to the card.
    #[cfg(feature = "textless")]
    fn show(alert: &Alert<'_>) {
        send(alert.size.map_or(0, |size| size as u8));
    }

    /// Sends what is to be shown to the card.
    #[cfg(not(feature = "textless"))]
    fn show(alert: &Alert<'_>) {
        let mut line = [0; 64];
        if let Some(from) = alert.from.clone().next() {
            from.name.copy_to(&mut line).bytes().for_each(send);
            from.spec.copy_to(&mut line).bytes().for_each(send);
        }
        alert.subject.copy_to(&mut line).bytes().for_each(send);
        alert.preview.iter().flat_map(|text| text.bytes()).for_each(send);
        send(alert.date.map_or(0, |date| date.second));
    }
}

#[cfg(feature = "pop3")]
mod pop3 {
    use super::{receive, send};
    use mailwire::pop3::command::{
        DeleCommand, PassCommand, QuitCommand, RetrCommand, UidlCommand, UserCommand,
    };
    use mailwire::pop3::{Command, Config, Connection, Event, Kind, Message, State};
    use mailwire::{Buffers, Error, Instant, Machine, Progress};

    /// Symbols whose sizes tell the sizes of types; in a section that is not counted.
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_CONNECTION: [u8; size_of::<Connection>()] = [0; _];
    #[unsafe(no_mangle)]
    #[unsafe(link_section = ".sizes")]
    static SIZE_OF_EVENT: [u8; size_of::<Event<'_>>()] = [0; _];

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        let (mut rx, mut tx) = ([0; 256], [0; 128]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        let mut connection = Connection::new(Config::default());
        let result = run(&mut connection, &mut buffers);
        send(u8::from(result.is_ok()));
        loop {
            send(SIZE_OF_CONNECTION.as_ptr().addr() as u8);
            send(SIZE_OF_EVENT.as_ptr().addr() as u8);
        }
    }

    /// What was completed last, and how many messages there are.
    struct Seen {
        user: bool,
        listed: bool,
        messages: u32,
        next: u32,
        fetched: bool,
    }

    fn run(connection: &mut Connection, buffers: &mut Buffers<'_>) -> Result<(), Error> {
        let mut seen = Seen { user: false, listed: false, messages: 0, next: 1, fetched: false };
        let mut now = 0;
        loop {
            while let [byte, ..] = *buffers.tx.pending() {
                send(byte);
                buffers.tx.consume(1);
            }
            now += 1;
            match connection.advance(buffers, Instant::from_millis(now))? {
                Progress::Event => look(connection.event(buffers), &mut seen),
                Progress::NeedInput => {
                    if let Some(byte) = buffers.rx.unfilled().first_mut() {
                        *byte = receive();
                        buffers.rx.commit(1);
                    }
                }
                Progress::Closed => return Ok(()),
            }
            if connection.is_quiet() {
                let message = seen.next;
                let next: &dyn Command = match connection.state() {
                    State::Authorization if seen.user => &PassCommand { password: "secret".into() },
                    State::Authorization => &UserCommand { user: "alice" },
                    State::Transaction if !seen.listed => &UidlCommand { message: None },
                    State::Transaction if seen.fetched => &DeleCommand { message },
                    State::Transaction if message <= seen.messages => &RetrCommand { message },
                    _ => &QuitCommand,
                };
                connection.send(next, &mut buffers.tx)?;
            }
        }
    }

    /// Sends the messages to the card.
    fn look(event: Event<'_>, seen: &mut Seen) {
        match event {
            Event::Completed { kind: Kind::User, .. } => seen.user = true,
            Event::Completed { kind: Kind::Uidl, .. } => seen.listed = true,
            Event::Completed { kind: Kind::Retr, .. } => seen.fetched = true,
            Event::Completed { kind: Kind::Dele, .. } => {
                seen.fetched = false;
                seen.next = seen.next.saturating_add(1);
            }
            Event::UidlItem(item) => seen.messages = item.number,
            Event::Message(Message::Chunk(bytes)) => bytes.iter().copied().for_each(send),
            _ => {}
        }
    }
}

#[cfg(feature = "message")]
mod message {
    use super::{receive, send};
    use mailwire::message::{Encoding, HeaderScanner, Text, TransferDecoder, Wanted};

    #[unsafe(no_mangle)]
    extern "C" fn _start() -> ! {
        loop {
            let (mut subject, mut from, mut encoding) = ([0; 128], [0; 64], [0; 32]);
            let mut fields = [
                Wanted::new("Subject", &mut subject),
                Wanted::new("From", &mut from),
                Wanted::new("Content-Transfer-Encoding", &mut encoding),
            ];
            let mut scanner = HeaderScanner::new();
            while !scanner.is_done() {
                scanner.feed(&[receive()], &mut fields);
            }
            let [subject, from, encoding] = &fields;
            show(subject.text());
            if let Some(from) = from.addresses().next() {
                show(from.name);
                show(from.spec);
            }
            let encoding = Encoding::for_name(encoding.value()).unwrap_or_default();
            let mut decoder = TransferDecoder::new(encoding);
            let mut out = [0; 32];
            for _ in 0..receive() {
                let (_, written) = decoder.decode(&[receive()], &mut out);
                out.iter().take(written).copied().for_each(send);
            }
        }
    }

    fn show(text: Text<'_>) {
        text.copy_to(&mut [0; 64]).bytes().for_each(send);
    }
}
