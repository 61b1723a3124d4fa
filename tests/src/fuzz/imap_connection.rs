//! A connection that sends commands, and any server.
//!
//! The input is a script: steps that end with a byte 0xff, each of them a letter and a text. So
//! seeds can be read, and the fuzzer can shuffle them.

use super::{Heard, add_chunk};
use crate::model::Model;
use mailwire::imap::command::*;
use mailwire::imap::event::Fetch as Came;
use mailwire::imap::*;
use mailwire::sasl::Response;
use mailwire::{Buffers, Duration, Error, Instant, Machine as _, Progress, UsageError};

const PASSWORD: &str = "correct-horse";
/// A part of its base64 in PLAIN.
const ENCODED: &str = "Y29ycmVjdC1ob3JzZ";

/// How far the script is played, and how it ended.
struct Session<'b> {
    connection: Connection,
    buffers: Buffers<'b>,
    model: Model,
    now: Instant,
    heard: Vec<Heard>,
    wire: Vec<u8>,
    /// How many bytes of Tx go out before it stalls.
    lets: usize,
    given: usize,
    calls: usize,
    /// What is in Rx is for another layer.
    compresses: bool,
    end: Option<Result<(), Error>>,
}

impl Session<'_> {
    fn tell(&mut self, text: String) {
        assert!(!text.contains(PASSWORD) && !text.contains(ENCODED), "a secret is told: {text}");
        self.heard.push(Heard::Event(text));
    }

    fn flush(&mut self) {
        let pending = self.buffers.tx.pending();
        let count = pending.len().min(self.lets);
        self.lets -= count;
        self.wire.extend_from_slice(&pending[..count]);
        self.buffers.tx.consume(count);
    }

    /// Lets the connection work until it waits.
    fn pump(&mut self) {
        while self.end.is_none() {
            self.flush();
            self.calls += 1;
            assert!(self.calls < 16 * self.given + 4096, "more calls than bytes");
            match self.connection.advance(&mut self.buffers, self.now) {
                Ok(Progress::Event) => {
                    let event = self.connection.event(&self.buffers);
                    self.model.heard(&event);
                    self.compresses |= matches!(event, Event::Compress { .. });
                    let text = if let Event::Fetch(Came::Chunk(bytes)) = event {
                        add_chunk(&mut self.heard, bytes);
                        None
                    } else {
                        Some(format!("{event:?} {}", serde_json::to_string(&event).unwrap()))
                    };
                    if let Some(text) = text {
                        self.tell(text);
                    }
                }
                Ok(Progress::NeedInput) => {
                    let room = self.buffers.rx.unfilled().len();
                    assert!(room > 0 || self.compresses, "no room");
                    assert!(!self.buffers.rx.is_closed(), "waits behind the end");
                    let due = self.connection.deadline();
                    assert!(due.is_none_or(|at| at > self.now), "the deadline has passed");
                    // A command of its own.
                    if self.lets == 0 || self.buffers.tx.pending().is_empty() {
                        break;
                    }
                }
                Ok(Progress::Closed) => self.end = Some(Ok(())),
                Err(error) => {
                    let again = self.connection.advance(&mut self.buffers, self.now);
                    assert_eq!(again, Err(error), "sticky");
                    self.end = Some(Err(error));
                }
            }
            let failed = matches!(self.end, Some(Err(_)));
            let state = self.connection.state();
            // What is at its end need not be anywhere.
            if !failed && self.end.is_none() {
                assert_eq!(state, self.model.state(), "behind {:?}", self.heard.last());
            }
        }
    }

    fn say(&mut self, bytes: &[u8], lines: bool) {
        // Tags are written as `@`, the oldest, and `^`, the newest.
        let tag = |it: Option<&(Tag, Kind)>| it.map_or("A0".into(), |(tag, _)| tag.to_string());
        let (oldest, newest) =
            (tag(self.model.in_flight().first()), tag(self.model.in_flight().last()));
        let mut said = Vec::new();
        for &byte in bytes {
            match byte {
                b'@' => said.extend_from_slice(oldest.as_bytes()),
                b'^' => said.extend_from_slice(newest.as_bytes()),
                _ => said.push(byte),
            }
        }
        let pieces: Vec<&[u8]> = if lines {
            said.split_inclusive(|byte| *byte == b'\n').collect()
        } else {
            said.chunks(1).collect()
        };
        for piece in pieces {
            let mut rest = piece;
            while !rest.is_empty() && self.end.is_none() {
                let taken = self.buffers.rx.fill(rest);
                if taken == 0 {
                    return;
                }
                self.given += taken;
                rest = &rest[taken..];
                self.pump();
            }
        }
    }

    fn send(&mut self, command: &dyn Command) {
        let kind = command.kind();
        let before = self.connection.is_quiet();
        match self.connection.send(command, &mut self.buffers.tx) {
            Ok(tag) => self.model.sent(tag, kind),
            Err(error) => {
                assert_eq!(before, self.connection.is_quiet());
                if error == Error::Usage(UsageError::WrongState) {
                    let again = kind == Kind::Compress && self.connection.is_compressed();
                    let numbers = matches!(
                        kind,
                        Kind::Fetch
                            | Kind::Store
                            | Kind::Search
                            | Kind::Copy
                            | Kind::Move
                            | Kind::Sort
                            | Kind::Thread
                    );
                    assert!(again || numbers || !self.model.is_legal(kind), "{kind:?}");
                }
                self.tell(format!("{error:?}"));
            }
        }
    }

    fn command(&mut self, which: u8, text: &str) {
        let (first, second) = text.split_once(' ').unwrap_or((text, "x"));
        let set = SequenceSet::try_from(first).unwrap_or(SequenceSet::ALL);
        let items = [Fetch::Envelope, Fetch::peek("TEXT"), Fetch::BodyStructure];
        let append = AppendMessage::new(first.len() as u64 % 300);
        match which % 36 {
            0 => self.send(&LoginCommand { user: first, password: PASSWORD.into() }),
            1 => {
                let response = Response::new(b"\0u\0").and(PASSWORD.as_bytes());
                let command = AuthenticateCommand::new("PLAIN");
                self.send(&command.initial_response(&response));
            }
            2 => self.send(&AuthenticateCommand::new("PLAIN")),
            3 => self.send(&SelectCommand::new(first)),
            4 => self.send(&ExamineCommand::new(first)),
            5 => self.send(&FetchCommand::uid(set, &items)),
            6 => self.send(&FetchCommand::new(set, &items)),
            7 => self.send(&IdleCommand),
            8 => self.send(&StartTlsCommand),
            9 => self.send(&CompressCommand),
            10 => self.send(&LogoutCommand),
            11 => self.send(&CloseCommand),
            12 => self.send(&UnselectCommand),
            13 => self.send(&NoopCommand),
            14 => self.send(&CapabilityCommand),
            15 => self.send(&EnableCommand { capabilities: &[first, second] }),
            16 => self.send(&AppendCommand::with(second, append)),
            17 => self.send(&MultiAppendCommand { mailbox: first }),
            18 => self.send(&AppendCommand::with(first, AppendMessage::catenate())),
            19 => self.send(&SearchCommand::new(&[Search::Subject(first)])),
            20 => self.send(&SearchCommand::new(&[Search::Text(second)]).uid()),
            21 => self.send(&StoreCommand::add(set, &[Flag::Seen])),
            22 => self.send(&StoreCommand::add(set, &[Flag::Keyword(second)]).uid()),
            23 => self.send(&CopyCommand { messages: set, mailbox: second, uid: false }),
            24 => self.send(&MoveCommand { messages: set, mailbox: second, uid: true }),
            25 => self.send(&ExpungeCommand),
            26 => self.send(&UnauthenticateCommand),
            27 => self.send(&ListCommand::new(&[first, second])),
            28 => self.send(&StatusCommand::new(first, &[StatusItem::Messages])),
            29 => self.send(&RenameCommand { from: first, to: second }),
            30 => self.send(&IdCommand { fields: &[("name", Some(first))] }),
            31 => {
                let events = [NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];
                let place = NotifyGroup { mailboxes: FilterMailboxes::Selected, events: &events };
                self.send(&NotifyCommand::set(&[place]));
            }
            32 => self.send(&ReplaceCommand::uid(7, second, append)),
            33 => self.send(&SetMetadataCommand {
                mailbox: first,
                entries: &[("/x", Some(second.as_bytes()))],
            }),
            34 => self.send(&ThreadCommand::new(ThreadAlgorithm::References, &[Search::All])),
            _ => self.send(&UidBatchesCommand::new(500)),
        }
    }

    /// Neither the connection nor Tx shows a secret.
    fn look(&self) {
        let text = format!("{:?} {:?}", self.connection, self.buffers.tx);
        assert!(!text.contains(PASSWORD) && !text.contains(ENCODED), "a secret is shown: {text}");
    }

    fn step(&mut self, letter: u8, text: &[u8], lines: bool) {
        let number = text.first().copied().unwrap_or_default();
        let said = match letter {
            b'S' => return self.say(text, lines),
            b'C' => {
                let text =
                    std::str::from_utf8(text.get(1..).unwrap_or_default()).unwrap_or("é\r\n\"");
                self.command(number.wrapping_sub(b'0'), text);
                Ok(())
            }
            b'R' => {
                let response = Response::new(text).and(PASSWORD.as_bytes());
                self.connection.respond(&response, &mut self.buffers.tx)
            }
            b'X' => self.connection.cancel(&mut self.buffers.tx),
            b'D' => self.connection.done(&mut self.buffers.tx),
            b'L' => {
                let left = self.connection.literal_remaining();
                let taken = self.connection.write_literal(text, &mut self.buffers.tx);
                assert!(taken <= text.len() && taken as u64 <= left);
                assert_eq!(self.connection.literal_remaining(), left - taken as u64);
                Ok(())
            }
            b'N' => {
                let message = AppendMessage::new(u64::from(number));
                self.connection.append_message(&message, &mut self.buffers.tx)
            }
            b'P' => {
                let url = std::str::from_utf8(text).unwrap_or("/x");
                let part = if number < 100 {
                    CatenatePart::Text(number.into())
                } else {
                    CatenatePart::Url(url)
                };
                self.connection.append_part(&part, &mut self.buffers.tx)
            }
            b'E' => self.connection.append_end(&mut self.buffers.tx),
            b'K' => self.connection.append_cancel(),
            b'A' => {
                self.connection.abandon_literal();
                Ok(())
            }
            b'T' => self.connection.tls_started(&self.buffers.rx),
            b'Z' => {
                let mut room = [0; 9];
                while self.buffers.rx.take(&mut room[..usize::from(number % 9)]) > 0 {}
                let started = self.connection.compress_started(&self.buffers.rx);
                self.compresses &= started.is_err();
                started
            }
            b'z' => self.connection.compress_ended(&self.buffers.rx),
            b'F' => {
                self.buffers.rx.close();
                Ok(())
            }
            b'W' => {
                self.now = self.now.saturating_add(Duration::from_secs(number.into()));
                Ok(())
            }
            b'H' => {
                self.lets = number.into();
                Ok(())
            }
            b'h' => {
                self.lets = usize::MAX;
                Ok(())
            }
            _ => return,
        };
        if let Err(error) = said {
            self.tell(format!("{error:?}"));
        }
        self.pump();
    }
}

/// Plays the script; what is heard and sent, and how it ends.
fn play(input: &[u8], lines: bool) -> (Vec<Heard>, Vec<u8>, Option<Result<(), Error>>) {
    let [how, script @ ..] = input else { return (Vec::new(), Vec::new(), None) };
    let (rx_size, tx_size) = (
        super::CAPACITIES[usize::from(how & 7)].max(16),
        [64, 200, 1024][usize::from(how >> 3) % 3],
    );
    let (mut rx, mut tx) = (vec![0; rx_size], vec![0; tx_size]);
    let mut config = Config::default();
    config.send_unoffered = how & 0x80 != 0;
    let (all_sent, played) = {
        let mut session = Session {
            connection: Connection::new(config),
            buffers: Buffers::new(&mut rx, &mut tx),
            model: Model::default(),
            now: Instant::ZERO,
            heard: Vec::new(),
            wire: Vec::new(),
            lets: usize::MAX,
            given: 0,
            calls: 0,
            compresses: false,
            end: None,
        };
        session.pump();
        for step in script.split(|byte| *byte == 0xff) {
            if session.end.is_some() {
                break;
            }
            if let [letter, text @ ..] = step {
                session.step(*letter, text, lines);
                if lines {
                    session.look();
                }
            }
        }
        // Whatever happened, it comes to an end.
        session.lets = usize::MAX;
        session.pump();
        session.buffers.rx.close();
        session.pump();
        assert!(session.end.is_some());
        (session.buffers.tx.is_empty(), (session.heard, session.wire, session.end))
    };
    if all_sent {
        for secret in [PASSWORD, ENCODED] {
            let left = tx.windows(secret.len()).any(|it| it == secret.as_bytes());
            assert!(!left, "a secret is left in Tx");
        }
    }
    played
}

/// However the server's bytes are cut, the same is heard and sent, and as the
/// [model](crate::model) has it.
pub(super) fn run(input: &[u8]) {
    let said = |secret: &str| input.windows(secret.len()).any(|it| it == secret.as_bytes());
    if said(PASSWORD) || said(ENCODED) {
        return;
    }
    let lines = play(input, true);
    let bytes = play(input, false);
    assert_eq!(lines, bytes);
}
