//! Any bytes, read as what a POP3 server said in answer to any commands.

use super::{CAPACITIES, controls, pieces};
use crate::heard::{Heard, hear_pop3};
use mailwire::Error;
use mailwire::pop3::{Kind, State};

fn hear<'a>(
    capacity: usize,
    commands: &[Kind],
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Heard>, Result<(), Error>) {
    hear_pop3(&mut vec![0; capacity], State::Greeting, commands, pieces, |event| {
        let _ = format!("{event:?}");
    })
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
