//! Any bytes, read as what a POP3 server said in answer to any commands.

use super::{CAPACITIES, Heard, add_chunk, controls, pieces};
use mailwire::pop3::{Connection, Event, Kind, Message, State};
use mailwire::{Buffers, Error, Instant, Machine as _, Progress};

fn hear<'a>(
    capacity: usize,
    commands: &[Kind],
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Heard>, Result<(), Error>) {
    let mut memory = vec![0; capacity];
    let mut buffers = Buffers::new(&mut memory, &mut []);
    let mut connection = Connection::observer(State::Greeting);
    let mut heard = Vec::new();
    let mut commands = commands.iter().peekable();
    let mut pieces = pieces.into_iter();
    let mut piece: &[u8] = &[];
    let mut given = 0_usize;
    let mut calls = 0_usize;
    let end = loop {
        while commands.peek().is_some_and(|kind| connection.expect(**kind).is_ok()) {
            commands.next();
        }
        calls += 1;
        assert!(calls < 8 * given + 64, "more calls than bytes");
        match connection.advance(&mut buffers, Instant::ZERO) {
            Ok(Progress::Event) => match connection.event(&buffers) {
                Event::Message(Message::Chunk(bytes)) => add_chunk(&mut heard, bytes),
                event => {
                    let _ = format!("{event:?}");
                    heard.push(Heard::Event(serde_json::to_string(&event).unwrap()));
                }
            },
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
            Ok(Progress::Closed) => break Ok(()),
            Err(error) => {
                assert_eq!(connection.advance(&mut buffers, Instant::ZERO), Err(error), "sticky");
                break Err(error);
            }
        }
    };
    if end.is_ok() {
        assert!(buffers.rx.filled().is_empty(), "bytes are left");
    }
    (heard, end)
}

/// However it is cut, the same is heard; and a message is what an unstuffing of the whole gives.
pub(super) fn run(input: &[u8]) {
    let Some(([capacity, seed, count], rest)) = controls(input) else { return };
    let capacity = CAPACITIES[usize::from(capacity) % CAPACITIES.len()];
    let (kinds, bytes) = rest.split_at(usize::from(count % 16).min(rest.len()));
    let kind = |byte: &u8| Kind::ALL[usize::from(*byte) % Kind::ALL.len()];
    let kinds: Vec<_> = kinds.iter().map(kind).collect();
    let whole = hear(capacity, &kinds, [bytes]);
    let cut = hear(capacity, &kinds, pieces(bytes, seed));
    assert_eq!(cut, whole);
    let single = hear(capacity, &kinds, bytes.chunks(1));
    assert_eq!(single, whole);
    message(capacity, seed, bytes);
}

/// Bytes that were put as a message are that message.
fn message(capacity: usize, seed: u8, text: &[u8]) {
    let mut wire = b"+OK\r\n+OK\r\n".to_vec();
    let mut begins = true;
    for &byte in text {
        if begins && byte == b'.' {
            wire.push(b'.');
        }
        begins = byte == b'\n';
        wire.push(byte);
    }
    let mut expected = text.to_vec();
    if !begins {
        wire.extend_from_slice(b"\r\n");
        expected.extend_from_slice(b"\r\n");
    }
    // A dot that ends a message takes two or three bytes at once.
    let capacity = capacity.max(16);
    wire.extend_from_slice(b".\r\n");
    let (heard, end) = hear(capacity, &[Kind::Retr], pieces(&wire, seed));
    assert_eq!(end, Ok(()));
    let chunks: Vec<u8> = heard
        .iter()
        .filter_map(|it| match it {
            Heard::Chunk(bytes) => Some(bytes.as_slice()),
            Heard::Event(_) => None,
        })
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(chunks, expected);
}
