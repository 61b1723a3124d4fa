//! The smallest program that is of use: logs in, selects, fetches what is new and idles. How
//! much flash mailwire takes of it is what `run` measures.
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

#[cfg(feature = "without")]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    loop {
        send(receive());
    }
}

#[cfg(not(feature = "without"))]
mod with {
    use super::{receive, send};
    use mailwire::imap::command::{FetchCommand, IdleCommand, LoginCommand, SelectCommand};
    use mailwire::imap::{Command, Config, Connection, Event, Fetch, Item, State, event};
    use mailwire::{Buffers, Error, Instant, Machine, Progress};

    /// Symbols whose sizes tell the sizes of types.
    #[unsafe(no_mangle)]
    static SIZE_OF_CONNECTION: [u8; size_of::<Connection>()] = [0; _];
    #[unsafe(no_mangle)]
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
