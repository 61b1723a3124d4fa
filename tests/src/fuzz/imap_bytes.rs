//! Any bytes, read as what an IMAP server said.

use super::{CAPACITIES, controls, pieces};
use crate::heard::{self, Heard, add_imap};
use mailwire::imap::{Connection, Event, Quirks, event::Fetch};
use mailwire::{Error, Machine as _};

/// What an observer hears, and how it ends. `quirks`: which of those that the frame heeds the
/// server has; one of them comes and goes with the events.
fn hear<'a>(
    capacity: usize,
    quirks: u8,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Heard>, Result<(), Error>) {
    let first = [Quirks::NONE, Quirks::ODD_QUOTES, Quirks::LITERAL_SPACES, Quirks::ODD_QUOTES];
    let second = [Quirks::NONE, Quirks::ODD_QUOTES, Quirks::LITERAL_SPACES, Quirks::NONE];
    let mut turns = [first, second].map(|of| of[usize::from(quirks) % 4]).into_iter().cycle();
    let mut connection = Connection::observer();
    connection.set_quirks(first[usize::from(quirks) % 4]);
    heard::hear(&mut connection, &mut vec![0; capacity], pieces, |connection, buffers, heard| {
        let event = connection.event(buffers);
        let _ = format!("{event:?}");
        add_imap(heard, &event);
        // How many chunks there are depends on the cuts.
        if !matches!(event, Event::Fetch(Fetch::Chunk(_))) {
            connection.set_quirks(turns.next().unwrap_or_default());
        }
    })
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
