//! What the fuzz targets of `tests/fuzz` check. It stands here so that what they once found is
//! tested on stable Rust, too (`tests/tests/fuzz.rs`).

mod command;
mod imap_bytes;
mod imap_connection;
mod imap_response;
mod message;
mod pop3_bytes;
mod pop3_connection;
mod sasl;
mod script;
mod watch;

pub use watch::{Fault, imap_fails_at, pop3_fails_at};

/// A target: it panics if something is wrong.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("imap_bytes", imap_bytes::run),
    ("imap_command", command::run),
    ("imap_response", imap_response::run),
    ("imap_connection", script::run::<imap_connection::Imap>),
    ("pop3_bytes", pop3_bytes::run),
    ("pop3_connection", script::run::<pop3_connection::Pop3>),
    ("sasl", sasl::run),
    ("watch_imap", watch::imap),
    ("watch_pop3", watch::pop3),
    ("message", message::run),
    ("mailbox_name", message::mailbox_name),
];

/// Runs the target with this name.
///
/// # Panics
///
/// If there is none, or if it finds something.
pub fn run(name: &str, input: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target's name");
    target(input);
}

/// Sizes of Rx that targets try.
const CAPACITIES: [usize; 8] = [1, 2, 16, 64, 100, 256, 1024, 8192];

/// Splits an input in two: the first bytes say how it is taken, the rest is what it is about.
fn controls<const N: usize>(input: &[u8]) -> Option<([u8; N], &[u8])> {
    let (head, rest) = input.split_first_chunk()?;
    Some((*head, rest))
}

/// Cuts bytes into pieces, of sizes that depend on a seed.
fn pieces(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u32::from(seed).wrapping_mul(0x9e37_79b9) | 1;
    let mut rest = bytes;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // Mostly short ones.
        let size = 1 + (state >> 8) as usize % [1, 2, 7, 40][state as usize % 4];
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}
