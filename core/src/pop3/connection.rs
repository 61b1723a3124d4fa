//! The state machine: commands in, events out (RFC 1939 sections 3 to 6).

use super::capability::{Capability, CapabilitySet};
use super::command::CapaCommand;
use super::encoder::Encoder;
use super::event::{Event, Message};
use super::frame::{self, Frame, Reading, Unit};
use super::language::Language;
use super::listing::{ListItem, Stat, UidlItem};
use super::state::{self, Beside, State};
use super::status::{RespText, Status, StatusResponse, status};
use super::{Command, Kind, Str};
use crate::fmt::{debug, warn};
use crate::machine::Heard;
use crate::sasl::Response;
use crate::writer;
use crate::{
    Buffers, Duration, Error, Instant, Machine, PeerError, Progress, ResourceError, Rx, Tx,
    UsageError,
};
use heapless::Vec;

/// How many commands may be in flight at once.
const IN_FLIGHT: usize = 16;

/// How many challenges one AUTH may bring. No mechanism needs more than a few, and some
/// servers ask forever.
const CHALLENGES: u8 = 16;

/// What a connection may be told before it begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Config {
    /// How long the server may be silent while it owes an answer: a greeting or a
    /// command's completion. `None`: for ever. Default: one minute.
    pub timeout: Option<Duration>,
    /// Whether commands are sent though the server does not offer what they need. Default:
    /// no.
    pub send_unoffered: bool,
}

impl Config {
    /// The defaults.
    pub const fn new() -> Self {
        Self { timeout: Some(Duration::from_secs(60)), send_unoffered: false }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// A POP3 connection, seen from the client: a [`Machine`] whose events are [`Event`]s.
///
/// It asks for the server's capabilities by itself, whenever they may have changed and
/// nothing else is in flight: after the greeting, after STLS and after login. Those CAPA
/// commands come to their [`Event::Completed`] like any other; a `-ERR` only means that the
/// server has no CAPA.
///
/// ```
/// use mailwire::pop3::{Config, Connection, Event, Kind, command::UserCommand};
/// use mailwire::{Buffers, Instant, Machine, Progress};
///
/// let (mut rx, mut tx) = ([0; 512], [0; 256]);
/// let mut buffers = Buffers::new(&mut rx, &mut tx);
/// let mut connection = Connection::new(Config::default());
///
/// buffers.rx.fill(b"+OK POP3 ready\r\n");
/// assert_eq!(connection.advance(&mut buffers, Instant::ZERO)?, Progress::Event);
/// assert!(matches!(connection.event(&buffers), Event::Greeting(_)));
///
/// connection.send(&UserCommand { user: "alice" }, &mut buffers.tx)?;
/// assert_eq!(buffers.tx.pending(), b"USER alice\r\n");
/// # let sent = buffers.tx.pending().len();
/// # buffers.tx.consume(sent);
/// buffers.rx.fill(b"+OK send PASS\r\n");
/// assert_eq!(connection.advance(&mut buffers, Instant::ZERO)?, Progress::Event);
/// assert!(matches!(
///     connection.event(&buffers),
///     Event::Completed { kind: Kind::User, response, .. } if response.is_ok()
/// ));
/// # Ok::<(), mailwire::Error>(())
/// ```
#[derive(Debug)]
#[cfg_attr(target_pointer_width = "32", repr(C))] // Flash: the first are in reach of short instructions.
pub struct Connection {
    state: State,
    /// The current event's line also completes the command.
    completes: bool,
    capabilities_are: Known,
    upgrade: Upgrade,
    utf8: bool,
    /// USER was accepted: PASS must come next.
    named: bool,
    /// A challenge waits to be answered.
    challenged: bool,
    challenges: u8,
    refused: bool,
    observer: bool,
    /// What the next bytes are.
    reading: Reading,
    current: Current,
    /// Bytes of Rx that the current event borrows.
    current_len: usize,
    /// Set once the connection is of no more use.
    failed: Option<PeerError>,
    /// What the current event is an answer to, or a part of one.
    answer: Answer,
    in_flight: InFlight,
    heard: Heard,
    config: Config,
    frame: Frame,
    capabilities: CapabilitySet,
}

/// Commands whose completion has not come, in the order in which they were sent.
#[derive(Debug)]
struct InFlight {
    kinds: Vec<Kind, IN_FLIGHT>,
    /// The messages that they are about; 0: none. As many as kinds.
    messages: Vec<u32, IN_FLIGHT>,
}

impl InFlight {
    fn push(&mut self, kind: Kind, message: Option<u32>) -> Result<(), ResourceError> {
        self.kinds.push(kind).map_err(|_| ResourceError::TooManyInFlight)?;
        let message = message.unwrap_or_default();
        self.messages.push(message).map_err(|_| ResourceError::TooManyInFlight)
    }

    fn first(&self) -> Option<(Kind, u32)> {
        Some((*self.kinds.first()?, *self.messages.first()?))
    }

    fn pop(&mut self) {
        fn shift<T: Copy, const N: usize>(queue: &mut Vec<T, N>) {
            let mut behind = None;
            for place in queue.iter_mut().rev() {
                behind = Some(core::mem::replace(place, behind.unwrap_or(*place)));
            }
            queue.pop();
        }
        shift(&mut self.kinds);
        shift(&mut self.messages);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upgrade {
    None,
    /// The server agreed; the caller is to be told, and then does it.
    Agreed,
    Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// To be asked for as soon as a command can be sent.
    ToBeAsked,
    Asked,
    Fresh,
}

/// The line that begins with `+` or `-`.
#[derive(Debug, Clone, Copy)]
struct Answer {
    kind: Kind,
    /// 0: none.
    message: u32,
    status: Status,
    /// Where its text begins.
    at: u8,
    /// The line does not fit Rx.
    cut: bool,
    /// The line was told already, and is gone.
    told: bool,
}

/// What `event` shall show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Current {
    Nothing,
    Greeting,
    Status,
    Started,
    /// A line behind that, or what a reply of one line is about.
    Item,
    MessageStart,
    Chunk,
    MessageEnd,
    Completed,
    Challenge,
    StartTls,
    Malformed,
    Oversized,
}

impl Connection {
    /// A connection that awaits the server's greeting.
    pub const fn new(config: Config) -> Self {
        Self {
            config,
            frame: Frame::new(),
            state: State::Greeting,
            failed: None,
            reading: Reading::Reply,
            current: Current::Nothing,
            current_len: 0,
            answer: Answer {
                kind: Kind::Custom,
                message: 0,
                status: Status::Ok,
                at: 0,
                cut: false,
                told: false,
            },
            completes: false,
            in_flight: InFlight { kinds: Vec::new(), messages: Vec::new() },
            upgrade: Upgrade::None,
            capabilities: CapabilitySet::new(),
            capabilities_are: Known::ToBeAsked,
            utf8: false,
            named: false,
            challenged: false,
            challenges: 0,
            refused: false,
            observer: false,
            heard: Heard::new(),
        }
    }

    /// A connection that only reads what some server said to some client, and sends nothing.
    /// For decoding recorded sessions, from the greeting on if `state` is
    /// [`State::Greeting`], else from anywhere.
    ///
    /// What an answer means depends on the command, so the commands must be told, by
    /// [`expect`](Self::expect). An answer that is not expected is one line:
    /// [`Event::Status`].
    pub const fn observer(state: State) -> Self {
        let mut this = Self::new(Config { timeout: None, send_unoffered: false });
        this.state = state;
        this.capabilities_are = Known::Fresh;
        this.observer = true;
        this
    }

    /// Tells an [`observer`](Self::observer) of a command that the client sent.
    ///
    /// # Errors
    ///
    /// [`ResourceError::TooManyInFlight`] if sixteen answers are expected already: read
    /// events until one of them is [`Completed`](Event::Completed).
    /// [`UsageError::WrongState`] if this is no observer.
    pub fn expect(&mut self, kind: Kind) -> Result<(), Error> {
        if !self.observer {
            return Err(UsageError::WrongState.into());
        }
        self.in_flight.push(kind, None).map_err(Error::from)
    }

    /// Where in RFC 1939 section 3 the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What the server can do, as far as it said.
    pub fn capabilities(&self) -> &CapabilitySet {
        &self.capabilities
    }

    /// Whether [`capabilities`](Self::capabilities) is what the server last said, and
    /// nothing happened since that may have changed it.
    pub fn knows_capabilities(&self) -> bool {
        self.capabilities_are == Known::Fresh
    }

    /// Whether UTF-8 mode is on (RFC 6856 section 2.1).
    pub fn is_utf8(&self) -> bool {
        self.utf8
    }

    /// Whether no command is in flight.
    pub fn is_quiet(&self) -> bool {
        self.in_flight.kinds.is_empty()
    }

    /// How many commands are in flight.
    pub fn in_flight(&self) -> usize {
        self.in_flight.kinds.len()
    }

    /// Writes `command` to `tx`, whole or not at all.
    ///
    /// If the server offers PIPELINING (RFC 2449 section 6.6), up to sixteen commands may be
    /// in flight; but none beside those that decide what may come next (USER, PASS, APOP,
    /// AUTH, STLS, UTF8), and none behind QUIT. Else there is one at a time. Answers come in
    /// the order of the commands.
    ///
    /// # Errors
    ///
    /// Each leaves the connection and `tx` as they were: [`UsageError::WrongState`] by
    /// RFC 1939 sections 4 to 6, [`UsageError::Busy`] by the above,
    /// [`UsageError::NotOffered`] and [`UsageError::CapabilitiesUnknown`] for STLS, UTF8 and
    /// LANG (see [`Config::send_unoffered`]), [`UsageError::InvalidArgument`],
    /// [`ResourceError::TxFull`] and [`ResourceError::TooManyInFlight`].
    pub fn send<C: Command + ?Sized>(&mut self, command: &C, tx: &mut Tx<'_>) -> Result<(), Error> {
        let kind = command.kind();
        self.admit(kind)?;
        let mut encoder = Encoder::new(tx);
        command.encode(&mut encoder);
        encoder.finish()?;
        debug!("{:?}", kind);
        // There is room: `admit` saw to it.
        let _ = self.in_flight.push(kind, command.message());
        if kind == Kind::Quit && self.state == State::Transaction {
            self.state = State::Update;
        }
        Ok(())
    }

    /// Whether a command of this kind may be sent now.
    fn admit(&self, kind: Kind) -> Result<(), Error> {
        if self.failed.is_some() || self.observer || self.state == State::Logout {
            return Err(UsageError::Closed.into());
        }
        let rule = state::rule(kind);
        if !rule.allowed_in(self.state) || (kind == Kind::Stls && self.utf8) {
            return Err(UsageError::WrongState.into());
        }
        let mut others = self.in_flight.kinds.iter();
        let clash = !self.is_quiet()
            && (!self.capabilities.contains(&Capability::Pipelining)
                || rule.beside == Beside::Nothing
                || others.any(|&other| state::rule(other).beside != Beside::Anything));
        if clash || self.upgrade != Upgrade::None {
            return Err(UsageError::Busy.into());
        }
        if self.in_flight.kinds.is_full() {
            return Err(ResourceError::TooManyInFlight.into());
        }
        match rule.needs {
            Some((need, name))
                if !self.config.send_unoffered && !self.capabilities.contains(&need) =>
            {
                Err(match self.capabilities_are {
                    Known::Fresh => UsageError::NotOffered(name).into(),
                    _ => UsageError::CapabilitiesUnknown.into(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Answers an [`Event::Challenge`] with the next step of the SASL exchange (RFC 5034
    /// section 4). The bytes are sent in base64 and wiped once sent.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if no challenge waits; [`ResourceError::TxFull`].
    pub fn respond(&mut self, response: &Response<'_>, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.check_challenged()?;
        writer::base64_line(response, tx)?;
        self.challenged = false;
        Ok(())
    }

    /// Answers an [`Event::Challenge`] by giving up; the server completes the AUTH with
    /// `-ERR`.
    ///
    /// # Errors
    ///
    /// As [`respond`](Self::respond).
    pub fn cancel(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.check_challenged()?;
        writer::line(b"*\r\n", tx)?;
        self.challenged = false;
        Ok(())
    }

    /// Whether a challenge waits to be answered.
    #[cfg(feature = "watch")]
    pub(crate) const fn is_challenged(&self) -> bool {
        self.challenged
    }

    /// Whether the line that answers did not fit Rx.
    #[cfg(feature = "watch")]
    pub(crate) const fn is_cut(&self) -> bool {
        self.answer.cut
    }

    fn check_challenged(&self) -> Result<(), UsageError> {
        if self.challenged && !self.observer { Ok(()) } else { Err(UsageError::WrongState) }
    }

    /// Says that the handshake that [`Event::StartTls`] asked for is done. What the server
    /// said in clear that it can do is forgotten, and it is asked again.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if no handshake was asked for;
    /// [`PeerError::DataBeforeTls`], sticky, if Rx holds bytes that came in clear.
    pub fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        if self.upgrade != Upgrade::Told {
            return Err(UsageError::WrongState.into());
        }
        if !rx.filled().is_empty() {
            self.failed = Some(PeerError::DataBeforeTls);
            return Err(PeerError::DataBeforeTls.into());
        }
        self.upgrade = Upgrade::None;
        self.capabilities.clear();
        self.capabilities_are = Known::ToBeAsked;
        Ok(())
    }

    /// Asks for the capabilities if that is due and possible; if not, the next time.
    fn ask_capabilities(&mut self, tx: &mut Tx<'_>) {
        if self.capabilities_are == Known::ToBeAsked
            && self.is_quiet()
            && !self.named
            && self.send(&CapaCommand, tx).is_ok()
        {
            self.capabilities_are = Known::Asked;
        }
    }

    fn step(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, PeerError> {
        if self.completes {
            self.completes = false;
            self.complete();
            return Ok(Progress::Event);
        }
        buffers.rx.discard(self.current_len);
        self.current_len = 0;
        if self.refused {
            return Err(PeerError::Refused);
        }
        loop {
            if self.state == State::Logout && !self.observer {
                return Ok(Progress::Closed);
            }
            match self.upgrade {
                Upgrade::None => self.ask_capabilities(&mut buffers.tx),
                Upgrade::Agreed if buffers.rx.filled().is_empty() => {
                    self.upgrade = Upgrade::Told;
                    self.current = Current::StartTls;
                    return Ok(Progress::Event);
                }
                Upgrade::Told if buffers.rx.filled().is_empty() => {
                    return self.starve(buffers, now);
                }
                Upgrade::Agreed | Upgrade::Told => return Err(PeerError::DataBeforeTls),
            }
            let Some(unit) = self.frame.next(&mut buffers.rx, self.reading) else {
                return self.starve(buffers, now);
            };
            let raw = buffers.rx.filled().get(..unit.len).unwrap_or_default();
            match self.take(unit, raw)? {
                Some(current) => {
                    self.current = current;
                    self.current_len = unit.len;
                    return Ok(Progress::Event);
                }
                None => buffers.rx.discard(unit.len),
            }
        }
    }

    /// There is no unit in Rx.
    fn starve(&mut self, buffers: &Buffers<'_>, now: Instant) -> Result<Progress, PeerError> {
        let rx = &buffers.rx;
        if rx.is_closed() {
            let clean = self.reading == Reading::Reply
                && self.frame.is_between_lines()
                && rx.filled().is_empty();
            // Before login there is nothing that QUIT could have left undone.
            let quits = self.in_flight.first().is_some_and(|(kind, _)| kind == Kind::Quit)
                && self.state == State::Authorization;
            return if clean && (self.observer || quits) {
                self.state = State::Logout;
                self.observer = false;
                Ok(Progress::Closed)
            } else {
                Err(PeerError::UnexpectedEof)
            };
        }
        // A challenge is ours to answer.
        let owed = self.state == State::Greeting || !(self.is_quiet() || self.challenged);
        self.heard.listen(owed, rx.received(), now);
        match self.deadline() {
            Some(deadline) if now >= deadline => Err(PeerError::Timeout),
            _ => Ok(Progress::NeedInput),
        }
    }

    /// Takes in what a unit says. `None`: nothing to tell.
    fn take(&mut self, unit: Unit, raw: &[u8]) -> Result<Option<Current>, PeerError> {
        use frame::Kind as Is;
        let lines = self.reading == Reading::Lines;
        Ok(match unit.kind {
            Is::Chunk => Some(Current::Chunk),
            Is::End => {
                self.reading = Reading::Reply;
                self.answer.told = true;
                if lines {
                    self.complete();
                    Some(Current::Completed)
                } else {
                    self.completes = true;
                    Some(Current::MessageEnd)
                }
            }
            Is::Cut if lines => Some(Current::Oversized),
            Is::Line if lines => {
                let line = list_line(raw);
                if self.answer.kind == Kind::Capa {
                    self.capabilities.insert(&Capability::parse(line));
                }
                let blank = line.is_empty() && self.answer.kind != Kind::CustomLines;
                (!blank).then_some(Current::Item)
            }
            Is::Cut | Is::Line => return self.take_reply(raw, unit.kind == Is::Cut),
        })
    }

    /// ```abnf
    /// single-line = status [SP text] CRLF
    /// status      = "+OK" / "-ERR"
    /// continue-req = "+" SP [base64] CRLF    ; RFC 5034 section 4
    /// ```
    fn take_reply(&mut self, raw: &[u8], cut: bool) -> Result<Option<Current>, PeerError> {
        let line = trim_line_end(raw);
        if line.is_empty() {
            return Ok(None);
        }
        let first = self.in_flight.first();
        let greeting = self.state == State::Greeting;
        let Some((status, at)) = status(line) else {
            if greeting {
                return Err(PeerError::BadGreeting);
            }
            let odd = if cut { Current::Oversized } else { Current::Malformed };
            if !line.starts_with(b"+") || self.challenged {
                return Ok(Some(odd));
            }
            return match first {
                Some((Kind::Auth, _)) => {
                    self.challenged = !self.observer;
                    self.challenges = self.challenges.saturating_add(1);
                    if self.challenges > CHALLENGES {
                        return Err(PeerError::TooManyChallenges);
                    }
                    Ok(Some(if cut { odd } else { Current::Challenge }))
                }
                _ => Ok(Some(odd)),
            };
        };
        let (kind, message) = first.unwrap_or((Kind::Custom, 0));
        self.answer = Answer { kind, message, status, at: at as u8, cut, told: false };
        if greeting {
            match status {
                Status::Ok => self.state = State::Authorization,
                Status::Err => self.refused = !self.observer,
            }
            return Ok(Some(Current::Greeting));
        }
        if first.is_none() {
            return Ok(Some(Current::Status));
        }
        if status == Status::Err {
            self.complete();
            return Ok(Some(Current::Completed));
        }
        self.reading = state::rule(kind).then;
        Ok(Some(match self.reading {
            Reading::Reply if matches!(kind, Kind::Stat | Kind::ListOne | Kind::UidlOne) => {
                self.completes = true;
                Current::Item
            }
            Reading::Reply => {
                self.complete();
                Current::Completed
            }
            Reading::Lines => {
                if kind == Kind::Capa {
                    self.capabilities.clear();
                }
                Current::Started
            }
            Reading::Message => {
                self.frame.begin_message();
                Current::MessageStart
            }
        }))
    }

    /// What a command's end does to the state (RFC 1939 sections 4 to 6).
    fn complete(&mut self) {
        self.current = Current::Completed;
        self.in_flight.pop();
        let Answer { kind, status, .. } = self.answer;
        debug!("{:?} is completed: {:?}", kind, status);
        let ok = status == Status::Ok;
        self.named = kind == Kind::User && ok;
        self.challenged = false;
        self.challenges = 0;
        if self.observer {
            return;
        }
        match kind {
            Kind::Pass | Kind::Apop | Kind::Auth if ok => {
                self.state = State::Transaction;
                self.capabilities_are = Known::ToBeAsked;
            }
            Kind::Capa if self.capabilities_are == Known::Asked || ok => {
                // If the server has no CAPA, asking again would not help.
                self.capabilities_are = Known::Fresh;
            }
            Kind::Stls if ok => self.upgrade = Upgrade::Agreed,
            Kind::Utf8 if ok => self.utf8 = true,
            // A -ERR says that some messages were not deleted; it is over all the same.
            Kind::Quit => self.state = State::Logout,
            _ => {}
        }
    }

    /// `+OK` or `-ERR`, and its words.
    fn response<'r>(&self, raw: &'r [u8]) -> StatusResponse<'r> {
        let Answer { status, cut, told, .. } = self.answer;
        let text = if told { RespText::EMPTY } else { RespText::parse(self.text(raw)) };
        StatusResponse { status, text, truncated: cut && !told }
    }

    /// What is behind `+OK`.
    fn text<'r>(&self, raw: &'r [u8]) -> &'r [u8] {
        trim_line_end(raw.get(usize::from(self.answer.at)..).unwrap_or_default())
    }

    fn number(&self) -> Option<u32> {
        (self.answer.message != 0).then_some(self.answer.message)
    }

    /// A line of a list, or a reply of one line that has something to tell.
    fn item<'r>(&self, raw: &'r [u8]) -> Event<'r> {
        let number = self.number();
        let line = list_line(raw);
        let item = match self.answer.kind {
            Kind::Capa => Some(Event::Capability(Capability::parse(line))),
            Kind::List => ListItem::parse(line, None).map(Event::ListItem),
            Kind::Uidl => UidlItem::parse(line, None).map(Event::UidlItem),
            Kind::LangList => Language::parse(line).map(Event::Language),
            Kind::Stat => Stat::parse(self.text(raw)).map(Event::Stat),
            Kind::ListOne => ListItem::parse(self.text(raw), number).map(Event::ListItem),
            Kind::UidlOne => UidlItem::parse(self.text(raw), number).map(Event::UidlItem),
            _ => Some(Event::Line(Str::new(line))),
        };
        item.unwrap_or(Event::Malformed(trim_line_end(raw)))
    }

    /// What the last [`advance`](Machine::advance) came upon. Unlike
    /// [`event`](Machine::event), it borrows nothing but the buffers.
    pub(crate) fn look<'r>(&self, buffers: &'r Buffers<'_>) -> Event<'r> {
        let raw = buffers.rx.filled().get(..self.current_len).unwrap_or_default();
        match self.current {
            Current::Nothing => Event::Malformed(&[]),
            Current::Greeting => Event::Greeting(self.response(raw)),
            Current::Status => Event::Status(self.response(raw)),
            Current::Started => {
                Event::Started { kind: self.answer.kind, response: self.response(raw) }
            }
            Current::Item => self.item(raw),
            Current::MessageStart => Event::Message(Message::Start {
                number: self.number(),
                response: self.response(raw),
            }),
            Current::Chunk => Event::Message(Message::Chunk(raw)),
            Current::MessageEnd => Event::Message(Message::End),
            Current::Completed => Event::Completed {
                kind: self.answer.kind,
                number: self.number(),
                response: self.response(raw),
            },
            Current::Challenge => {
                let challenge = raw.strip_prefix(b"+").unwrap_or(raw).trim_ascii();
                Event::Challenge { challenge }
            }
            Current::StartTls => Event::StartTls,
            Current::Malformed => Event::Malformed(trim_line_end(raw)),
            Current::Oversized => Event::Oversized(raw),
        }
    }
}

impl Machine for Connection {
    type Event<'r> = Event<'r>;

    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        if self.failed.is_none() {
            match self.step(buffers, now) {
                Ok(progress) => return Ok(progress),
                Err(error) => {
                    warn!("the connection fails: {:?}", error);
                    self.failed = Some(error);
                }
            }
        }
        self.failed.map_or(Ok(Progress::Closed), |error| Err(error.into()))
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        self.look(buffers)
    }

    fn deadline(&self) -> Option<Instant> {
        self.heard.deadline(self.config.timeout)
    }
}

/// A line of a list, without its end and the dot that was put before another.
fn list_line(raw: &[u8]) -> &[u8] {
    let line = trim_line_end(raw);
    line.strip_prefix(b".").unwrap_or(line)
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
