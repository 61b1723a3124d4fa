//! What an observer hears, in a form that outlives Rx and can be compared.

use mailwire::{Buffers, Error, Instant, Machine, Progress, imap, pop3};

/// An event, or bytes of a body. Chunks that follow each other are one: they depend on the cuts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The event as JSON.
    Event(String),
    /// Bytes of a body.
    Chunk(Vec<u8>),
}

impl Heard {
    /// Whether it is the event of this name.
    pub fn is(&self, event: &str) -> bool {
        matches!(self, Self::Event(json) if json.starts_with(&format!(r#"{{"event":"{event}""#)))
    }
}

/// Adds an event of IMAP.
pub fn add_imap(heard: &mut Vec<Heard>, event: &imap::Event<'_>) {
    match event {
        imap::Event::Fetch(imap::event::Fetch::Chunk(bytes)) => add_chunk(heard, bytes),
        event => heard.push(Heard::Event(serde_json::to_string(event).expect("JSON"))),
    }
}

/// Adds an event of POP3.
pub fn add_pop3(heard: &mut Vec<Heard>, event: &pop3::Event<'_>) {
    match event {
        pop3::Event::Message(pop3::Message::Chunk(bytes)) => add_chunk(heard, bytes),
        event => heard.push(Heard::Event(serde_json::to_string(event).expect("JSON"))),
    }
}

/// Adds bytes to the chunk that came last.
pub fn add_chunk(heard: &mut Vec<Heard>, bytes: &[u8]) {
    if let Some(Heard::Chunk(all)) = heard.last_mut() {
        all.extend_from_slice(bytes);
    } else {
        heard.push(Heard::Chunk(bytes.to_vec()));
    }
}

/// What `connection` hears when a server's bytes come in `pieces`, and how it ends. `tell` is called
/// at each event, to add it.
///
/// # Panics
///
/// If it does more work than there are bytes, wants bytes for which there is no room, waits behind
/// their end, or leaves some; and if an error does not last.
pub fn hear<'a, M: Machine>(
    connection: &mut M,
    rx: &mut [u8],
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut tell: impl FnMut(&mut M, &Buffers<'_>, &mut Vec<Heard>),
) -> (Vec<Heard>, Result<(), Error>) {
    let mut buffers = Buffers::new(rx, &mut []);
    let mut heard = Vec::new();
    let mut pieces = pieces.into_iter();
    let mut piece: &[u8] = &[];
    let (mut given, mut calls) = (0_usize, 0_usize);
    loop {
        calls += 1;
        assert!(calls < 8 * given + 64, "more calls than bytes");
        match connection.advance(&mut buffers, Instant::ZERO) {
            Ok(Progress::Event) => tell(connection, &buffers, &mut heard),
            Ok(Progress::NeedInput) => {
                assert!(!buffers.rx.unfilled().is_empty(), "input is needed and there is no room");
                while piece.is_empty() {
                    match pieces.next() {
                        Some(next) => piece = next,
                        None => {
                            assert!(!buffers.rx.is_closed(), "waits behind the end");
                            buffers.rx.close();
                            break;
                        }
                    }
                }
                let taken = buffers.rx.fill(piece);
                given += taken;
                piece = &piece[taken..];
            }
            Ok(Progress::Closed) => {
                assert!(buffers.rx.filled().is_empty(), "bytes are left");
                return (heard, Ok(()));
            }
            Err(error) => {
                assert_eq!(connection.advance(&mut buffers, Instant::ZERO), Err(error), "sticky");
                return (heard, Err(error));
            }
        }
    }
}

/// The same of an observer of POP3 that stands in `state`, to whom the client's `commands` are told
/// as there is room for them. `on_event` sees the events, too.
///
/// # Panics
///
/// As [`hear`].
pub fn hear_pop3<'a>(
    rx: &mut [u8],
    state: pop3::State,
    commands: &[pop3::Kind],
    pieces: impl IntoIterator<Item = &'a [u8]>,
    mut on_event: impl FnMut(pop3::Event<'_>),
) -> (Vec<Heard>, Result<(), Error>) {
    let mut connection = pop3::Connection::observer(state);
    let mut commands = commands.iter().peekable();
    let mut expect = move |connection: &mut pop3::Connection| {
        while commands.peek().is_some_and(|kind| connection.expect(**kind).is_ok()) {
            commands.next();
        }
    };
    expect(&mut connection);
    hear(&mut connection, rx, pieces, |connection, buffers, heard| {
        expect(connection);
        let event = connection.event(buffers);
        on_event(event);
        add_pop3(heard, &event);
    })
}
