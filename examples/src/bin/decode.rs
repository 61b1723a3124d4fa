//! `decode`: what a server said, as JSON.
//!
//! ```sh
//! printf '* 3 EXISTS\r\n* 1 FETCH (UID 7)\r\n' | decode
//! printf '+OK\r\n1 120\r\n.\r\n' | decode --pop3 --expect list
//! ```

use clap::Parser;
use mailwire::pop3::{Kind, State};
use mailwire::{Buffers, Error, Instant, Machine, Progress, ResourceError, imap, pop3};
use serde::Serialize;
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

/// Reads the bytes that an IMAP or POP3 server sent and prints its events, one JSON object a line.
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
/// With --pop3, a message is message_start, message_chunk and message_end, and a list is started, then
/// an event for each line; each answer ends with completed.
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
    /// The input is from a POP3 server
    #[arg(long)]
    pop3: bool,
    /// With --pop3: which answers come, in order, since only the command tells what an answer is:
    /// greeting (if it is the first), user, pass, apop, auth, capa, stls, stat, list, list-one,
    /// uidl, uidl-one, retr, top, dele, rset, noop, quit, utf8, lang, lang-list; custom and
    /// custom-lines for others. What comes behind these is "status"
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', requires = "pop3", value_parser = expected)]
    expect: Vec<Expected>,
}

/// What comes next from a POP3 server.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Expected {
    Greeting,
    Answer(Kind),
}

/// The names are those of the events' field `kind`, with '-' or '_'.
fn expected(text: &str) -> Result<Expected, String> {
    let name = text.to_ascii_lowercase().replace('-', "_");
    let is_it = |kind: &Kind| serde_json::to_value(kind).is_ok_and(|it| it == *name);
    let mut kinds = Kind::ALL.into_iter().chain([Kind::Custom, Kind::CustomLines]);
    match kinds.find(is_it) {
        Some(kind) => Ok(Expected::Answer(kind)),
        None if name == "greeting" => Ok(Expected::Greeting),
        None => Err("no answer has this name".into()),
    }
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
    let input = io::stdin().lock();
    let out = BufWriter::new(io::stdout().lock());
    let result = if options.pop3 {
        pop3(&options, input, out)
    } else {
        decode(&options, imap::Connection::observer(), |_| Ok(()), input, out)
    };
    match result {
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
    Protocol { error: Error, at: u64 },
}

fn pop3(options: &Options, input: impl Read, out: impl Write) -> Result<(), Failure> {
    let (state, expected) = match options.expect.split_first() {
        Some((Expected::Greeting, rest)) => (State::Greeting, rest),
        _ => (State::Transaction, &options.expect[..]),
    };
    let mut expected = expected.iter().copied().peekable();
    let expect = |connection: &mut pop3::Connection| {
        while let Some(&next) = expected.peek() {
            // A second greeting is but a line.
            let kind = if let Expected::Answer(kind) = next { kind } else { Kind::Custom };
            match connection.expect(kind) {
                Ok(()) => expected.next(),
                // Later.
                Err(Error::Resource(ResourceError::TooManyInFlight)) => break,
                Err(error) => return Err(error),
            };
        }
        Ok(())
    };
    decode(options, pop3::Connection::observer(state), expect, input, out)
}

/// Reads all of the input. `before` is called before each step of the connection.
fn decode<C: Machine>(
    options: &Options,
    mut connection: C,
    mut before: impl FnMut(&mut C) -> Result<(), Error>,
    mut input: impl Read,
    mut out: impl Write,
) -> Result<(), Failure>
where
    for<'r> C::Event<'r>: Serialize,
{
    let (mut rx, mut tx) = (vec![0; options.rx], []);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let outcome = loop {
        before(&mut connection).map_err(|error| Failure::Protocol { error, at: 0 })?;
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
