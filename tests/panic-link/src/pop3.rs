//! POP3: every command, every event.

use crate::card::{self, receive, send, show};
use crate::{step, text};
use mailwire::pop3::command::*;
use mailwire::pop3::{
    ApopDigest, Command, Config, Connection, Encoder, Event, Kind, State, StatusResponse,
};
use mailwire::sasl::Response;
use mailwire::{Buffers, Instant, Machine, Progress, Tx};

/// Runs a connection, or watches one.
pub fn run() -> ! {
    let mut rx = [0; 512];
    let mut tx = [0; 128];
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut connection = match receive() {
        0 => Connection::observer(State::Greeting),
        1 => Connection::observer(State::Transaction),
        _ => Connection::new(Config::default()),
    };
    let mut now = 0;
    loop {
        step(&mut buffers);
        now += u64::from(receive());
        match connection.advance(&mut buffers, Instant::from_millis(now)) {
            Ok(Progress::Event) => {
                let event = connection.event(&buffers);
                card::walk(&event);
                if let Event::Greeting(greeting) = event {
                    greet(&greeting);
                }
            }
            Ok(Progress::NeedInput) => ask(&mut connection, &mut buffers.tx),
            Ok(Progress::Closed) => send(0),
            Err(error) => show(&error),
        }
        if connection.deadline().is_some_and(|at| at > Instant::from_millis(now)) {
            send(connection.in_flight() as u8);
        }
        if receive() == 1 {
            let _ = connection.tls_started(&buffers.rx);
        }
        let kind = Kind::ALL.get(usize::from(receive())).copied();
        let _ = connection.expect(kind.unwrap_or(Kind::CustomLines));
        for mechanism in connection.capabilities().mechanisms() {
            mechanism.bytes().for_each(send);
        }
    }
}

fn greet(greeting: &StatusResponse<'_>) {
    greeting.timestamp().unwrap_or_default().iter().copied().for_each(send);
}

/// A command of the program's own.
struct Own<'a>(&'a str);

impl Command for Own<'_> {
    fn kind(&self) -> Kind {
        Kind::CustomLines
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.word(self.0);
    }
}

/// Every command, with arguments that only the card knows.
fn ask(connection: &mut Connection, tx: &mut Tx<'_>) {
    let (mut a, mut b) = ([0; 16], [0; 16]);
    let (a, b) = (text(&mut a), text(&mut b));
    let response = Response::new(a.as_bytes()).and(b.as_bytes());
    let message = u32::from(receive());
    let one = (receive() == 0).then_some(message);
    let digest = ApopDigest([receive(); 16]);
    let sent = match receive() {
        0 => connection.send(&UserCommand { user: a }, tx),
        1 => connection.send(&PassCommand { password: b.into() }, tx),
        2 => connection.send(&ApopCommand { user: a, digest }, tx),
        3 => {
            let auth = AuthCommand { mechanism: a, initial_response: Some(&response) };
            connection.send(&auth, tx)
        }
        4 => connection.send(&CapaCommand, tx),
        5 => connection.send(&StlsCommand, tx),
        6 => connection.send(&StatCommand, tx),
        7 => connection.send(&ListCommand { message: one }, tx),
        8 => connection.send(&UidlCommand { message: one }, tx),
        9 => connection.send(&RetrCommand { message }, tx),
        10 => connection.send(&TopCommand { message, lines: message }, tx),
        11 => connection.send(&DeleCommand { message }, tx),
        12 => connection.send(&RsetCommand, tx),
        13 => connection.send(&NoopCommand, tx),
        14 => connection.send(&QuitCommand, tx),
        15 => connection.send(&Utf8Command, tx),
        16 => connection.send(&LangCommand { language: one.map(|_| b) }, tx),
        17 => connection.send(&Own(a), tx),
        18 => connection.respond(&response, tx),
        _ => connection.cancel(tx),
    };
    if let Err(error) = sent {
        show(&error);
    }
}
