//! An IMAP connection that sends commands, and any server: a [script](super::script).

use super::script::{PASSWORD, Protocol, Session};
use crate::heard::add_chunk;
use crate::model::{Model, by_number};
use mailwire::imap::command::*;
use mailwire::imap::event::Fetch as Came;
use mailwire::imap::*;
use mailwire::sasl::Response;
use mailwire::{Error, Machine as _, UsageError};

/// Where the connection stands is where the [model](crate::model) does.
pub(super) struct Imap {
    model: Model,
    /// What is in Rx is for another layer.
    compresses: bool,
}

impl Session<'_, Imap> {
    fn send(&mut self, command: &dyn Command) {
        let kind = command.kind();
        let before = self.connection.is_quiet();
        match self.connection.send(command, &mut self.buffers.tx) {
            Ok(tag) => self.protocol.model.sent(tag, kind),
            Err(error) => {
                assert_eq!(before, self.connection.is_quiet());
                if error == Error::Usage(UsageError::WrongState) {
                    let again = kind == Kind::Compress && self.connection.is_compressed();
                    let legal = self.protocol.model.is_legal(kind);
                    assert!(again || by_number(kind) || !legal, "{kind:?}");
                }
                self.tell(format!("{error:?}"));
            }
        }
    }
}

impl Protocol for Imap {
    type Connection = Connection;

    fn new(send_unoffered: bool) -> (Self, Connection) {
        let mut config = Config::default();
        config.send_unoffered = send_unoffered;
        (Self { model: Model::default(), compresses: false }, Connection::new(config))
    }

    fn hear(session: &mut Session<'_, Self>) {
        let event = session.connection.event(&session.buffers);
        session.protocol.model.heard(&event);
        session.protocol.compresses |= matches!(event, Event::Compress { .. });
        if let Event::Fetch(Came::Chunk(bytes)) = event {
            add_chunk(&mut session.heard, bytes);
        } else {
            let text = format!("{event:?} {}", serde_json::to_string(&event).unwrap());
            session.tell(text);
        }
    }

    fn check(session: &Session<'_, Self>) {
        let state = session.connection.state();
        assert_eq!(state, session.protocol.model.state(), "behind {:?}", session.heard.last());
    }

    fn may_be_full(&self) -> bool {
        self.compresses
    }

    /// Tags are written as `@`, the oldest, and `^`, the newest.
    fn spell(&self, text: &[u8]) -> Vec<u8> {
        let tag = |it: Option<&(Tag, Kind)>| it.map_or("A0".into(), |(tag, _)| tag.to_string());
        let in_flight = self.model.in_flight();
        let (oldest, newest) = (tag(in_flight.first()), tag(in_flight.last()));
        let mut said = Vec::new();
        for &byte in text {
            match byte {
                b'@' => said.extend_from_slice(oldest.as_bytes()),
                b'^' => said.extend_from_slice(newest.as_bytes()),
                _ => said.push(byte),
            }
        }
        said
    }

    fn command(session: &mut Session<'_, Self>, which: u8, text: &str) {
        let (first, second) = text.split_once(' ').unwrap_or((text, "x"));
        let set = SequenceSet::try_from(first).unwrap_or(SequenceSet::ALL);
        let items = [Fetch::Envelope, Fetch::peek("TEXT"), Fetch::BodyStructure];
        let append = AppendMessage::new(first.len() as u64 % 300);
        match which % 36 {
            0 => session.send(&LoginCommand { user: first, password: PASSWORD.into() }),
            1 => {
                let response = Response::new(b"\0u\0").and(PASSWORD.as_bytes());
                let command = AuthenticateCommand::new("PLAIN");
                session.send(&command.initial_response(&response));
            }
            2 => session.send(&AuthenticateCommand::new("PLAIN")),
            3 => session.send(&SelectCommand::new(first)),
            4 => session.send(&ExamineCommand::new(first)),
            5 => session.send(&FetchCommand::uid(set, &items)),
            6 => session.send(&FetchCommand::new(set, &items)),
            7 => session.send(&IdleCommand),
            8 => session.send(&StartTlsCommand),
            9 => session.send(&CompressCommand),
            10 => session.send(&LogoutCommand),
            11 => session.send(&CloseCommand),
            12 => session.send(&UnselectCommand),
            13 => session.send(&NoopCommand),
            14 => session.send(&CapabilityCommand),
            15 => session.send(&EnableCommand { capabilities: &[first, second] }),
            16 => session.send(&AppendCommand::with(second, append)),
            17 => session.send(&MultiAppendCommand { mailbox: first }),
            18 => session.send(&AppendCommand::with(first, AppendMessage::catenate())),
            19 => session.send(&SearchCommand::new(&[Search::Subject(first)])),
            20 => session.send(&SearchCommand::new(&[Search::Text(second)]).uid()),
            21 => session.send(&StoreCommand::add(set, &[Flag::Seen])),
            22 => session.send(&StoreCommand::add(set, &[Flag::Keyword(second)]).uid()),
            23 => session.send(&CopyCommand { messages: set, mailbox: second, uid: false }),
            24 => session.send(&MoveCommand { messages: set, mailbox: second, uid: true }),
            25 => session.send(&ExpungeCommand),
            26 => session.send(&UnauthenticateCommand),
            27 => session.send(&ListCommand::new(&[first, second])),
            28 => session.send(&StatusCommand::new(first, &[StatusItem::Messages])),
            29 => session.send(&RenameCommand { from: first, to: second }),
            30 => session.send(&IdCommand { fields: &[("name", Some(first))] }),
            31 => {
                let events = [NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];
                let place = NotifyGroup { mailboxes: FilterMailboxes::Selected, events: &events };
                session.send(&NotifyCommand::set(&[place]));
            }
            32 => session.send(&ReplaceCommand::uid(7, second, append)),
            33 => session.send(&SetMetadataCommand {
                mailbox: first,
                entries: &[("/x", Some(second.as_bytes()))],
            }),
            34 => session.send(&ThreadCommand::new(ThreadAlgorithm::References, &[Search::All])),
            _ => session.send(&UidBatchesCommand::new(500)),
        }
    }

    fn step(session: &mut Session<'_, Self>, letter: u8, text: &[u8]) -> Option<Result<(), Error>> {
        let number = text.first().copied().unwrap_or_default();
        let (connection, buffers) = (&mut session.connection, &mut session.buffers);
        Some(match letter {
            b'R' => {
                let response = Response::new(text).and(PASSWORD.as_bytes());
                connection.respond(&response, &mut buffers.tx)
            }
            b'X' => connection.cancel(&mut buffers.tx),
            b'D' => connection.done(&mut buffers.tx),
            b'L' => {
                let left = connection.literal_remaining();
                let taken = connection.write_literal(text, &mut buffers.tx);
                assert!(taken <= text.len() && taken as u64 <= left);
                assert_eq!(connection.literal_remaining(), left - taken as u64);
                Ok(())
            }
            b'N' => {
                let message = AppendMessage::new(u64::from(number));
                connection.append_message(&message, &mut buffers.tx)
            }
            b'P' => {
                let url = std::str::from_utf8(text).unwrap_or("/x");
                let part = if number < 100 {
                    CatenatePart::Text(number.into())
                } else {
                    CatenatePart::Url(url)
                };
                connection.append_part(&part, &mut buffers.tx)
            }
            b'E' => connection.append_end(&mut buffers.tx),
            b'K' => connection.append_cancel(),
            b'A' => {
                connection.abandon_literal();
                Ok(())
            }
            b'T' => connection.tls_started(&buffers.rx),
            b'Z' => {
                let mut room = [0; 9];
                // Before that they are the connection's.
                while session.protocol.compresses
                    && buffers.rx.take(&mut room[..usize::from(number % 9)]) > 0
                {}
                let started = connection.compress_started(&buffers.rx);
                session.protocol.compresses &= started.is_err();
                started
            }
            b'z' => connection.compress_ended(&buffers.rx),
            _ => return None,
        })
    }
}
