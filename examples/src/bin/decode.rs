//! `decode`: what a server said, as JSON.
//!
//! ```sh
//! printf '* 3 EXISTS\r\n* 1 FETCH (UID 7)\r\n' | decode
//! ```

use clap::Parser;
use mailwire::imap::Connection;
use mailwire::{Buffers, Instant, Machine as _, Progress};
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

/// Reads the bytes that an IMAP server sent and prints its events, one JSON object a line.
///
/// The field `event` names the event; the other fields are those of the event. What cannot be
/// understood is {"event":"malformed"}, what does not fit the buffer {"event":"oversized"}, what is
/// not known {"event":"other"}; "in" says whether that is a whole response ("response") or an
/// item of a FETCH response ("fetch"), whose other items are not touched by it. A FETCH response is
/// fetch_start, then fetch_item for each item ("item" names it, "value" is its value) and
/// fetch_body with fetch_chunk for each section of the message, then fetch_end. Text that is
/// not UTF-8 is shown with U+FFFD in place of what is wrong; raw text then comes with its
/// exact bytes in "base64".
///
/// The input may begin anywhere in a session, with any line. Exit code 0: all was read, though
/// some of it may be malformed. 1: it could not be known any more where responses begin and end,
/// or the input ended within one; what came before that is printed.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Options {
    /// Size of the receive buffer: what is longer comes as oversized or in parts
    #[arg(long, value_name = "BYTES", default_value_t = 8192, value_parser = size)]
    rx: usize,
    /// Feed the input in pieces of so many bytes. The events are the same, except that a
    /// body's chunks may be cut elsewhere [default: as read]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    cut: Option<usize>,
}

fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(size) => Ok(size),
        Err(_) => Err("not a number of bytes".into()),
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let out = BufWriter::new(io::stdout().lock());
    match decode(&options, io::stdin().lock(), out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Input(error) | Failure::Output(error)) => {
            eprintln!("decode: {error}");
            ExitCode::FAILURE
        }
        Err(Failure::Protocol { error, at }) => {
            eprintln!("decode: {error}, near byte {at}");
            ExitCode::FAILURE
        }
    }
}

enum Failure {
    Input(io::Error),
    Output(io::Error),
    Protocol { error: mailwire::Error, at: u64 },
}

fn decode(options: &Options, mut input: impl Read, mut out: impl Write) -> Result<(), Failure> {
    let (mut rx, mut tx) = (vec![0; options.rx], []);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut connection = Connection::observer();
    let outcome = loop {
        match connection.advance(&mut buffers, Instant::ZERO) {
            Ok(Progress::Event) => {
                serde_json::to_writer(&mut out, &connection.event(&buffers))
                    .map_err(|error| Failure::Output(error.into()))?;
                out.write_all(b"\n").map_err(Failure::Output)?;
            }
            Ok(Progress::NeedInput) => {
                out.flush().map_err(Failure::Output)?;
                let room = buffers.rx.unfilled();
                let piece = options.cut.unwrap_or(room.len()).min(room.len());
                match input.read(&mut room[..piece]) {
                    Ok(0) => buffers.rx.close(),
                    Ok(count) => buffers.rx.commit(count),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(Failure::Input(error)),
                }
            }
            Ok(Progress::Closed) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    out.flush().map_err(Failure::Output)?;
    let at = buffers.rx.received() - buffers.rx.filled().len() as u64;
    outcome.map_err(|error| Failure::Protocol { error, at })
}
