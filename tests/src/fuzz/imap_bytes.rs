//! Any bytes, read as what an IMAP server said.

use super::{CAPACITIES, Heard, add_chunk, controls, pieces};
use mailwire::imap::{Connection, Event, Quirks, event::Fetch};
use mailwire::{Buffers, Error, Instant, Machine as _, Progress};

/// What an observer hears, and how it ends. `quirks`: which of those that the frame heeds the
/// server has; one of them comes and goes with the events.
fn hear<'a>(
    capacity: usize,
    quirks: u8,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Heard>, Result<(), Error>) {
    let mut memory = vec![0; capacity];
    let mut buffers = Buffers::new(&mut memory, &mut []);
    let mut connection = Connection::observer();
    let first = [Quirks::NONE, Quirks::ODD_QUOTES, Quirks::LITERAL_SPACES, Quirks::ODD_QUOTES];
    let second = [Quirks::NONE, Quirks::ODD_QUOTES, Quirks::LITERAL_SPACES, Quirks::NONE];
    let mut turns = [first, second].map(|of| of[usize::from(quirks) % 4]).into_iter().cycle();
    connection.set_quirks(first[usize::from(quirks) % 4]);
    let mut heard = Vec::new();
    let mut pieces = pieces.into_iter();
    let mut piece: &[u8] = &[];
    let mut given = 0_usize;
    let mut calls = 0_usize;
    let end = loop {
        calls += 1;
        assert!(calls < 8 * given + 64, "more calls than bytes");
        match connection.advance(&mut buffers, Instant::ZERO) {
            Ok(Progress::Event) => match connection.event(&buffers) {
                Event::Fetch(Fetch::Chunk(bytes)) => add_chunk(&mut heard, bytes),
                event => {
                    let _ = format!("{event:?}");
                    heard.push(Heard::Event(serde_json::to_string(&event).unwrap()));
                    connection.set_quirks(turns.next().unwrap_or_default());
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

/// However it is cut, the same is heard; what an ample Rx holds whole is in nothing that is left
/// out; and there are no more calls than bytes.
///
/// The first byte is the capacity of Rx, or one of `CAPACITIES`. The second is how it is cut; its
/// highest bits are the quirks.
pub(super) fn run(input: &[u8]) {
    let Some(([capacity, seed], bytes)) = controls(input) else { return };
    let capacity =
        CAPACITIES.get(usize::from(capacity)).copied().unwrap_or_else(|| capacity.into());
    let quirks = seed >> 6;
    let whole = hear(capacity, quirks, [bytes]);
    let cut = hear(capacity, quirks, pieces(bytes, seed));
    assert_eq!(cut, whole);
    let single = hear(capacity, quirks, bytes.chunks(1));
    assert_eq!(single, whole);
}
