//! A POP3 connection that sends commands, and any server. The input is a script, as that of
//! [`imap_connection`](super::imap_connection).

use super::{Heard, add_chunk};
use mailwire::pop3::command::*;
use mailwire::pop3::*;
use mailwire::sasl::Response;
use mailwire::{Buffers, Duration, Error, Instant, Machine as _, Progress, UsageError};

const PASSWORD: &str = "correct-horse";
/// A part of its base64 in PLAIN.
const ENCODED: &str = "Y29ycmVjdC1ob3JzZ";

struct Session<'b> {
    connection: Connection,
    buffers: Buffers<'b>,
    /// RFC 1939 section 3, once more.
    state: State,
    /// The commands that were sent and not answered. The connection's own come in by themselves.
    sent: Vec<(Kind, Option<u32>)>,
    now: Instant,
    heard: Vec<Heard>,
    wire: Vec<u8>,
    lets: usize,
    given: usize,
    calls: usize,
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

    fn hear(&mut self) {
        let event = self.connection.event(&self.buffers);
        match event {
            Event::Greeting(it) if it.is_ok() => self.state = State::Authorization,
            Event::Completed { kind, number, response } => {
                // The connection asks what the server can do only where nothing else is.
                if kind != Kind::Capa || !self.sent.is_empty() {
                    assert_eq!(self.sent.remove(0), (kind, number), "in the order of the commands");
                }
                self.state = match (kind, response.is_ok()) {
                    (Kind::Pass | Kind::Apop | Kind::Auth, true) => State::Transaction,
                    (Kind::Quit, _) => State::Logout,
                    _ => self.state,
                };
            }
            _ => {}
        }
        if let Event::Message(Message::Chunk(bytes)) = event {
            add_chunk(&mut self.heard, bytes);
        } else {
            let text = format!("{event:?} {}", serde_json::to_string(&event).unwrap());
            self.tell(text);
        }
    }

    fn pump(&mut self) {
        while self.end.is_none() {
            self.flush();
            self.calls += 1;
            assert!(self.calls < 16 * self.given + 4096, "more calls than bytes");
            match self.connection.advance(&mut self.buffers, self.now) {
                Ok(Progress::Event) => {
                    self.hear();
                    assert_eq!(self.connection.state(), self.state, "{:?}", self.heard.last());
                }
                Ok(Progress::NeedInput) => {
                    assert!(!self.buffers.rx.unfilled().is_empty(), "no room");
                    assert!(!self.buffers.rx.is_closed(), "waits behind the end");
                    let due = self.connection.deadline();
                    assert!(due.is_none_or(|at| at > self.now), "the deadline has passed");
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
        }
    }

    fn say(&mut self, bytes: &[u8], lines: bool) {
        let pieces: Vec<&[u8]> = if lines {
            bytes.split_inclusive(|byte| *byte == b'\n').collect()
        } else {
            bytes.chunks(1).collect()
        };
        for piece in pieces {
            let mut rest = piece;
            while !rest.is_empty() && self.end.is_none() {
                let taken = self.buffers.rx.fill(rest);
                self.given += taken;
                rest = &rest[taken..];
                self.pump();
            }
        }
    }

    fn send(&mut self, command: &dyn Command) {
        let kind = command.kind();
        let before = self.connection.in_flight();
        let pending = self.buffers.tx.pending().len();
        let legal = match kind {
            Kind::User | Kind::Pass | Kind::Apop | Kind::Auth | Kind::Stls | Kind::Utf8 => {
                self.state == State::Authorization
            }
            Kind::Capa | Kind::Quit | Kind::Lang | Kind::LangList => {
                matches!(self.state, State::Authorization | State::Transaction)
            }
            _ => self.state == State::Transaction,
        };
        match self.connection.send(command, &mut self.buffers.tx) {
            Ok(()) => {
                assert!(legal, "{kind:?} in {:?}", self.state);
                let line = &self.buffers.tx.pending()[pending..];
                assert!(line.ends_with(b"\r\n") && line.len() > 2);
                assert!(!line[..line.len() - 2].iter().any(|byte| b"\r\n\0".contains(byte)));
                // The connection's own.
                if before > 0 && self.sent.is_empty() {
                    self.sent.push((Kind::Capa, None));
                }
                self.sent.push((kind, command.message()));
                if kind == Kind::Quit && self.state == State::Transaction {
                    self.state = State::Update;
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

    fn command(&mut self, which: u8, text: &str) {
        let message = text.len() as u32;
        match which % 20 {
            0 => self.send(&UserCommand { user: text }),
            1 => self.send(&PassCommand { password: PASSWORD.into() }),
            2 => {
                let digest = ApopDigest::new(text.as_bytes(), PASSWORD.into());
                self.send(&ApopCommand { user: text, digest });
            }
            3 => self.send(&AuthCommand { mechanism: "PLAIN", initial_response: None }),
            4 => {
                let response = Response::new(b"\0u\0").and(PASSWORD.as_bytes());
                self.send(&AuthCommand { mechanism: text, initial_response: Some(&response) });
            }
            5 => self.send(&StlsCommand),
            6 => self.send(&CapaCommand),
            7 => self.send(&StatCommand),
            8 => self.send(&ListCommand { message: None }),
            9 => self.send(&ListCommand { message: Some(message) }),
            10 => self.send(&UidlCommand { message: None }),
            11 => self.send(&UidlCommand { message: Some(message) }),
            12 => self.send(&RetrCommand { message }),
            13 => self.send(&TopCommand { message, lines: 9 }),
            14 => self.send(&DeleCommand { message }),
            15 => self.send(&RsetCommand),
            16 => self.send(&QuitCommand),
            17 => self.send(&Utf8Command),
            18 => self.send(&LangCommand { language: Some(text).filter(|it| !it.is_empty()) }),
            _ => self.send(&NoopCommand),
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
                    std::str::from_utf8(text.get(1..).unwrap_or_default()).unwrap_or("é\r\n");
                self.command(number.wrapping_sub(b'0'), text);
                Ok(())
            }
            b'R' => {
                let response = Response::new(text).and(PASSWORD.as_bytes());
                self.connection.respond(&response, &mut self.buffers.tx)
            }
            b'X' => self.connection.cancel(&mut self.buffers.tx),
            b'T' => self.connection.tls_started(&self.buffers.rx),
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

fn play(input: &[u8], lines: bool) -> (Vec<Heard>, Vec<u8>, Option<Result<(), Error>>) {
    let [how, script @ ..] = input else { return (Vec::new(), Vec::new(), None) };
    let rx_size = super::CAPACITIES[usize::from(how & 7)].max(16);
    let tx_size = [64, 200, 1024][usize::from(how >> 3) % 3];
    let (mut rx, mut tx) = (vec![0; rx_size], vec![0; tx_size]);
    let mut config = Config::default();
    config.send_unoffered = how & 0x80 != 0;
    let (all_sent, played) = {
        let mut session = Session {
            connection: Connection::new(config),
            buffers: Buffers::new(&mut rx, &mut tx),
            state: State::Greeting,
            sent: Vec::new(),
            now: Instant::ZERO,
            heard: Vec::new(),
            wire: Vec::new(),
            lets: usize::MAX,
            given: 0,
            calls: 0,
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

/// However the server's bytes are cut, the same is heard and sent, and in the states of RFC 1939.
pub(super) fn run(input: &[u8]) {
    let said = |secret: &str| input.windows(secret.len()).any(|it| it == secret.as_bytes());
    if said(PASSWORD) || said(ENCODED) {
        return;
    }
    let lines = play(input, true);
    let bytes = play(input, false);
    assert_eq!(lines, bytes);
}
