//! A connection that sends commands, any server, and a script that both keep to.
//!
//! The input is the script: a byte that says how large the buffers are, then steps that end with a
//! byte 0xff, each of them a letter and a text. So seeds can be read, and the fuzzer can shuffle
//! them.

use crate::heard::Heard;
use mailwire::{Buffers, Duration, Error, Instant, Machine, Progress};
use std::fmt::Debug;

pub(super) const PASSWORD: &str = "correct-horse";
/// A part of its base64 in PLAIN.
const ENCODED: &str = "Y29ycmVjdC1ob3JzZ";

/// What differs between the protocols, and what is known of where the connection should stand.
pub(super) trait Protocol: Sized {
    type Connection: Machine + Debug;

    /// A new one; `send_unoffered` as in its configuration.
    fn new(send_unoffered: bool) -> (Self, Self::Connection);

    /// There is an event. It is told to the session.
    fn hear(session: &mut Session<'_, Self>);

    /// The connection stands where it should.
    fn check(session: &Session<'_, Self>);

    /// Whether it may be that there is no room in Rx, though input is needed.
    fn may_be_full(&self) -> bool {
        false
    }

    /// What the server says, of what the script has for it.
    fn spell(&self, text: &[u8]) -> Vec<u8> {
        text.to_vec()
    }

    /// Sends the command of this number.
    fn command(session: &mut Session<'_, Self>, which: u8, text: &str);

    /// Any other step; `None` if there is none of this letter.
    fn step(session: &mut Session<'_, Self>, letter: u8, text: &[u8]) -> Option<Result<(), Error>>;
}

/// How far the script is played, and how it ended.
pub(super) struct Session<'b, P: Protocol> {
    pub(super) protocol: P,
    pub(super) connection: P::Connection,
    pub(super) buffers: Buffers<'b>,
    pub(super) heard: Vec<Heard>,
    now: Instant,
    wire: Vec<u8>,
    /// How many bytes of Tx go out before it stalls.
    lets: usize,
    given: usize,
    calls: usize,
    end: Option<Result<(), Error>>,
}

impl<P: Protocol> Session<'_, P> {
    pub(super) fn tell(&mut self, text: String) {
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
                    P::hear(self);
                    P::check(self);
                }
                Ok(Progress::NeedInput) => {
                    P::check(self);
                    let room = self.buffers.rx.unfilled().len();
                    assert!(room > 0 || self.protocol.may_be_full(), "no room");
                    assert!(!self.buffers.rx.is_closed(), "waits behind the end");
                    let due = self.connection.deadline();
                    assert!(due.is_none_or(|at| at > self.now), "the deadline has passed");
                    // A command of its own.
                    if self.lets == 0 || self.buffers.tx.pending().is_empty() {
                        break;
                    }
                }
                // What is at its end need not be anywhere.
                Ok(Progress::Closed) => self.end = Some(Ok(())),
                Err(error) => {
                    let again = self.connection.advance(&mut self.buffers, self.now);
                    assert_eq!(again, Err(error), "sticky");
                    self.end = Some(Err(error));
                }
            }
        }
    }

    fn say(&mut self, text: &[u8], lines: bool) {
        let said = self.protocol.spell(text);
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

    /// Neither the connection nor Tx shows a secret.
    fn look(&self) {
        let text = format!("{:?} {:?}", self.connection, self.buffers.tx);
        assert!(!text.contains(PASSWORD) && !text.contains(ENCODED), "a secret is shown: {text}");
    }

    fn step(&mut self, letter: u8, text: &[u8], lines: bool) {
        let number = text.first().copied().unwrap_or_default();
        match letter {
            b'S' => return self.say(text, lines),
            b'C' => {
                let text = text.get(1..).unwrap_or_default();
                let text = std::str::from_utf8(text).unwrap_or("é\r\n\"");
                P::command(self, number.wrapping_sub(b'0'), text);
            }
            b'F' => self.buffers.rx.close(),
            b'W' => self.now = self.now.saturating_add(Duration::from_secs(number.into())),
            b'H' => self.lets = number.into(),
            b'h' => self.lets = usize::MAX,
            _ => match P::step(self, letter, text) {
                Some(Ok(())) => {}
                Some(Err(error)) => self.tell(format!("{error:?}")),
                None => return,
            },
        }
        self.pump();
    }
}

/// Plays the script; what is heard and sent, and how it ends.
fn play<P: Protocol>(
    input: &[u8],
    lines: bool,
) -> (Vec<Heard>, Vec<u8>, Option<Result<(), Error>>) {
    let [how, script @ ..] = input else { return (Vec::new(), Vec::new(), None) };
    let rx_size = super::CAPACITIES[usize::from(how & 7)].max(16);
    let tx_size = [64, 200, 1024][usize::from(how >> 3) % 3];
    let (mut rx, mut tx) = (vec![0; rx_size], vec![0; tx_size]);
    let (protocol, connection) = P::new(how & 0x80 != 0);
    let (all_sent, played) = {
        let mut session = Session {
            protocol,
            connection,
            buffers: Buffers::new(&mut rx, &mut tx),
            heard: Vec::new(),
            now: Instant::ZERO,
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

/// However the server's bytes are cut, the same is heard and sent, and the connection stands where
/// it should.
pub(super) fn run<P: Protocol>(input: &[u8]) {
    let said = |secret: &str| input.windows(secret.len()).any(|it| it == secret.as_bytes());
    if said(PASSWORD) || said(ENCODED) {
        return;
    }
    let lines = play::<P>(input, true);
    let bytes = play::<P>(input, false);
    assert_eq!(lines, bytes);
}
