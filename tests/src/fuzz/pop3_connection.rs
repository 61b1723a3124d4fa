//! A POP3 connection that sends commands, and any server: a [script](super::script).

use super::script::{PASSWORD, Protocol, Session};
use crate::heard::add_chunk;
use mailwire::pop3::command::*;
use mailwire::pop3::*;
use mailwire::sasl::Response;
use mailwire::{Error, Machine as _, UsageError};

pub(super) struct Pop3 {
    /// RFC 1939 section 3, once more.
    state: State,
    /// The commands that were sent and not answered. The connection's own come in by themselves.
    sent: Vec<(Kind, Option<u32>)>,
}

impl Session<'_, Pop3> {
    fn send(&mut self, command: &dyn Command) {
        let kind = command.kind();
        let before = self.connection.in_flight();
        let pending = self.buffers.tx.pending().len();
        let legal = match kind {
            Kind::User | Kind::Pass | Kind::Apop | Kind::Auth | Kind::Stls | Kind::Utf8 => {
                self.protocol.state == State::Authorization
            }
            Kind::Capa | Kind::Quit | Kind::Lang | Kind::LangList => {
                matches!(self.protocol.state, State::Authorization | State::Transaction)
            }
            _ => self.protocol.state == State::Transaction,
        };
        match self.connection.send(command, &mut self.buffers.tx) {
            Ok(()) => {
                assert!(legal, "{kind:?} in {:?}", self.protocol.state);
                let line = &self.buffers.tx.pending()[pending..];
                assert!(line.ends_with(b"\r\n") && line.len() > 2);
                assert!(!line[..line.len() - 2].iter().any(|byte| b"\r\n\0".contains(byte)));
                // The connection's own.
                if before > 0 && self.protocol.sent.is_empty() {
                    self.protocol.sent.push((Kind::Capa, None));
                }
                self.protocol.sent.push((kind, command.message()));
                if kind == Kind::Quit && self.protocol.state == State::Transaction {
                    self.protocol.state = State::Update;
                }
            }
            Err(error) => {
                assert_eq!(before, self.connection.in_flight());
                assert_eq!(pending, self.buffers.tx.pending().len());
                if error == Error::Usage(UsageError::WrongState) {
                    assert!(!legal || kind == Kind::Stls && self.connection.is_utf8(), "{kind:?}");
                }
                self.tell(format!("{error:?}"));
            }
        }
    }
}

impl Protocol for Pop3 {
    type Connection = Connection;

    fn new(send_unoffered: bool) -> (Self, Connection) {
        let mut config = Config::default();
        config.send_unoffered = send_unoffered;
        (Self { state: State::Greeting, sent: Vec::new() }, Connection::new(config))
    }

    fn hear(session: &mut Session<'_, Self>) {
        let event = session.connection.event(&session.buffers);
        match event {
            Event::Greeting(it) if it.is_ok() => session.protocol.state = State::Authorization,
            Event::Completed { kind, number, response } => {
                // The connection asks what the server can do only where nothing else is.
                if kind != Kind::Capa || !session.protocol.sent.is_empty() {
                    assert_eq!(
                        session.protocol.sent.remove(0),
                        (kind, number),
                        "in the order of the commands"
                    );
                }
                session.protocol.state = match (kind, response.is_ok()) {
                    (Kind::Pass | Kind::Apop | Kind::Auth, true) => State::Transaction,
                    (Kind::Quit, _) => State::Logout,
                    _ => session.protocol.state,
                };
            }
            _ => {}
        }
        if let Event::Message(Message::Chunk(bytes)) = event {
            add_chunk(&mut session.heard, bytes);
        } else {
            let text = format!("{event:?} {}", serde_json::to_string(&event).unwrap());
            session.tell(text);
        }
    }

    fn check(session: &Session<'_, Self>) {
        let state = session.connection.state();
        assert_eq!(state, session.protocol.state, "behind {:?}", session.heard.last());
    }

    fn command(session: &mut Session<'_, Self>, which: u8, text: &str) {
        let message = text.len() as u32;
        match which % 20 {
            0 => session.send(&UserCommand { user: text }),
            1 => session.send(&PassCommand { password: PASSWORD.into() }),
            2 => {
                let digest = ApopDigest::new(text.as_bytes(), PASSWORD.into());
                session.send(&ApopCommand { user: text, digest });
            }
            3 => session.send(&AuthCommand { mechanism: "PLAIN", initial_response: None }),
            4 => {
                let response = Response::new(b"\0u\0").and(PASSWORD.as_bytes());
                session.send(&AuthCommand { mechanism: text, initial_response: Some(&response) });
            }
            5 => session.send(&StlsCommand),
            6 => session.send(&CapaCommand),
            7 => session.send(&StatCommand),
            8 => session.send(&ListCommand { message: None }),
            9 => session.send(&ListCommand { message: Some(message) }),
            10 => session.send(&UidlCommand { message: None }),
            11 => session.send(&UidlCommand { message: Some(message) }),
            12 => session.send(&RetrCommand { message }),
            13 => session.send(&TopCommand { message, lines: 9 }),
            14 => session.send(&DeleCommand { message }),
            15 => session.send(&RsetCommand),
            16 => session.send(&QuitCommand),
            17 => session.send(&Utf8Command),
            18 => session.send(&LangCommand { language: Some(text).filter(|it| !it.is_empty()) }),
            _ => session.send(&NoopCommand),
        }
    }

    fn step(session: &mut Session<'_, Self>, letter: u8, text: &[u8]) -> Option<Result<(), Error>> {
        let (connection, buffers) = (&mut session.connection, &mut session.buffers);
        Some(match letter {
            b'R' => {
                let response = Response::new(text).and(PASSWORD.as_bytes());
                connection.respond(&response, &mut buffers.tx)
            }
            b'X' => connection.cancel(&mut buffers.tx),
            b'T' => connection.tls_started(&buffers.rx),
            _ => return None,
        })
    }
}
