//! The state machine: commands in, events out (RFC 9051 sections 2.2, 3 and 5.5).

use super::body_structure::BodyStructure;
use super::capability::{Capabilities, Capability, CapabilitySet, Offer};
use super::encoder::{Encoder, Literals};
use super::envelope::Envelope;
use super::event::{Body, Event, Fetch, StatusResponse};
use super::fetch::{Item, SectionName};
use super::frame::{self, Frame, Head, Keyword, Part, announces_literal};
#[cfg(feature = "watch")]
use super::glance::{Glance, Piece};
use super::list::List;
use super::mailbox_status::MailboxStatus;
use super::quirks::Quirks;
use super::raw;
use super::search::{Esearch, EsearchItem, Numbers};
use super::selected::Selected;
use super::state::{self, Beside, State};
use super::status::{Code, End, OpenCode, RawCode, RespText, Status, status_line};
use super::syntax::sequence_set;
use super::tag::Tag;
use super::thread::Threads;
use super::uid_batches::UidBatches;
use super::upload::{Turn, Upload};
use super::{Command, Kind};
use super::{Flags, SequenceSet, Str};
use crate::fmt::{debug, warn};
use crate::machine::Heard;
use crate::sasl::Response;
use crate::scan::SHORT_WAYS;
use crate::writer;
use crate::{
    Buffers, Duration, Error, Instant, Machine, PeerError, Progress, ResourceError, Rx, Tx,
    UsageError,
};
use heapless::Vec;

/// How many commands may be in flight at once.
const IN_FLIGHT: usize = 8;

/// How many challenges one AUTHENTICATE may bring. No mechanism needs more than a few, and
/// some servers ask forever.
const CHALLENGES: u8 = 16;

/// What a connection may be told before it begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Config {
    /// How long the server may be silent while it owes an answer: a greeting or a
    /// command's completion, except that of IDLE. `None`: for ever. Default: one minute.
    ///
    /// It counts from the first [`advance`](Machine::advance) that finds the answer owed and
    /// nothing in Rx, so advance soon after sending.
    pub timeout: Option<Duration>,
    /// Whether commands are sent though the server does not offer what they need. Default:
    /// no.
    pub send_unoffered: bool,
    /// Whether the clients send the first SASL response with AUTHENTICATE where the server
    /// offers that (RFC 4959). Not all that offer it can do it. Default: yes.
    pub sasl_ir: bool,
    /// What this server needs to be treated differently for. `None`, the default: it is
    /// guessed from what the server says of itself.
    pub quirks: Option<Quirks>,
}

impl Config {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            timeout: Some(Duration::from_secs(60)),
            send_unoffered: false,
            sasl_ir: true,
            quirks: None,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// An IMAP connection, seen from the client: a [`Machine`] whose events are
/// [`Event`]s.
///
/// It asks for the server's capabilities by itself, whenever they may have changed and the
/// server did not tell: after the greeting, STARTTLS, login and UNAUTHENTICATE. Those
/// CAPABILITY commands come to their [`Event::Completed`] like any other. Until then what
/// needs a capability cannot be sent ([`UsageError::CapabilitiesUnknown`]), and LOGIN not at
/// all, since it may be disabled; most other commands can be sent behind it. So does the ID
/// that it sends for the sake of [some servers](Quirks::ID_AFTER_LOGIN).
///
/// It ends, by [`Progress::Closed`], once LOGOUT was completed; and after a BYE that no
/// command in flight came before, once the server has closed its side or let the
/// [timeout](Config::timeout) pass.
///
/// ```
/// use mailwire::imap::{Config, Connection, Event, command::LoginCommand};
/// use mailwire::{Buffers, Instant, Machine, Progress};
///
/// let (mut rx, mut tx) = ([0; 1024], [0; 256]);
/// let mut buffers = Buffers::new(&mut rx, &mut tx);
/// let mut connection = Connection::new(Config::default());
///
/// buffers.rx.fill(b"* OK [CAPABILITY IMAP4rev2] hello\r\n");
/// assert_eq!(connection.advance(&mut buffers, Instant::ZERO)?, Progress::Event);
/// assert!(matches!(connection.event(&buffers), Event::Greeting(_)));
///
/// let login = LoginCommand { user: "alice", password: "secret".into() };
/// let tag = connection.send(&login, &mut buffers.tx)?;
/// assert_eq!(buffers.tx.pending(), b"A1 LOGIN \"alice\" \"secret\"\r\n");
/// # let sent = buffers.tx.pending().len();
/// # buffers.tx.consume(sent);
/// # assert!(tag.as_str() == "A1");
/// # Ok::<(), mailwire::Error>(())
/// ```
#[derive(Debug)]
#[cfg_attr(target_pointer_width = "32", repr(C))] // Flash: the first are in reach of short instructions.
pub struct Connection {
    state: State,
    /// The server said BYE.
    bye: bool,
    /// The connection has ended in order.
    ended: bool,
    observer: bool,
    capabilities_are: Known,
    /// An ID is to be sent as soon as it can be.
    introduces: bool,
    compressed: bool,
    /// NOTIFY let the server say EXPUNGE at any time.
    unsettled: bool,
    /// NOTIFY ended by itself.
    overflow: bool,
    /// Whether the command that ended last was the connection's own.
    ended_own: bool,
    upgrade: Upgrade,
    quirks: Quirks,
    /// Bytes of Rx that the current event borrows.
    current_len: usize,
    current: Current,
    pub(super) in_flight: Vec<InFlight, IN_FLIGHT>,
    /// The line that the current event is a part of, as it was before that part, and as the
    /// next part will find it.
    line: Line,
    next_line: Line,
    pub(super) upload: Option<Upload>,
    /// Set once the connection is of no more use.
    pub(super) failed: Option<Error>,
    pub(super) heard: Heard,
    config: Config,
    frame: Frame,
    commands: u32,
    capabilities: CapabilitySet,
    enabled: CapabilitySet,
    selected: Selected,
    /// What is being selected while SELECT or EXAMINE is in flight.
    selecting: Selected,
    /// Counts what changed the numbers of messages.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    renumbered: u32,
}

/// A command whose completion has not come.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) tag: Tag,
    pub(super) kind: Kind,
    /// Whether the server answered with a `+` already; for IDLE, that it is on.
    continued: bool,
    /// IDLE's DONE was sent, or is behind a gate.
    done: bool,
    /// The connection's own CAPABILITY or ID.
    own: bool,
    /// Once it is done the server may say EXPUNGE at any time.
    unsettles: bool,
    challenges: u8,
}

/// A change of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Tls,
    Compress,
    CompressEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upgrade {
    None,
    /// The server agreed; the caller is to be told, and then does it.
    Agreed(Change, Tag),
    Told(Change),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// To be asked for as soon as a command can be sent.
    ToBeAsked,
    /// What is known is from before a login that is in flight.
    Stale,
    Fresh,
}

/// What must be remembered of a line that is told in parts.
#[derive(Debug, Clone, Copy)]
struct Line {
    tag: Option<Tag>,
    status: Status,
    /// In which response code the last part ended.
    code: Option<OpenCode>,
    /// In which list of an ESEARCH response the last part ended.
    found: Option<EsearchItem>,
    /// Whether a VANISHED response is of the EARLIER kind.
    earlier: bool,
}

impl Line {
    const fn new(tag: Option<Tag>, status: Status) -> Self {
        Self { tag, status, code: None, found: None, earlier: false }
    }
}

/// What `event` shall show.
#[derive(Debug, Clone, Copy)]
enum Current {
    Nothing,
    /// What the frame found.
    Unit,
    /// The last or only part of a status line. The text begins at `at`.
    Text {
        at: usize,
        cut: bool,
        greeting: bool,
    },
    /// Another part of one. The code begins at `at`.
    Code {
        at: usize,
    },
    Malformed,
    Challenge {
        tag: Tag,
        cut: bool,
    },
    Idling(Tag),
    Upload(Tag, Turn),
    Change(Change, Tag),
}

impl Connection {
    /// A connection that awaits the server's greeting.
    pub const fn new(config: Config) -> Self {
        let quirks = match config.quirks {
            Some(quirks) => quirks,
            None => Quirks::NONE,
        };
        Self {
            config,
            frame: Frame::new(quirks),
            state: State::Greeting,
            failed: None,
            current: Current::Nothing,
            current_len: 0,
            line: Line::new(None, Status::Ok),
            next_line: Line::new(None, Status::Ok),
            commands: 0,
            in_flight: Vec::new(),
            upload: None,
            upgrade: Upgrade::None,
            compressed: false,
            capabilities: CapabilitySet::new(),
            capabilities_are: Known::ToBeAsked,
            enabled: CapabilitySet::new(),
            selected: Selected::new(),
            selecting: Selected::new(),
            observer: false,
            unsettled: false,
            overflow: false,
            quirks,
            introduces: false,
            #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
            renumbered: 0,
            ended_own: false,
            bye: false,
            ended: false,
            heard: Heard::new(),
        }
    }

    /// A connection that only reads what some server said to some client: from anywhere in a
    /// session, and without sending anything. For decoding recorded sessions.
    pub const fn observer() -> Self {
        let mut this = Self::new(Config { timeout: None, ..Config::new() });
        this.state = State::Selected;
        this.capabilities_are = Known::Fresh;
        this.observer = true;
        this
    }

    /// Where in RFC 9051 section 3 the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether a first SASL response may go with AUTHENTICATE.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn takes_initial_response(&self) -> bool {
        self.config.sasl_ir && self.capabilities.contains(&Capability::SaslIr)
    }

    /// What this server needs to be treated differently for: what was guessed up to now, or
    /// what the program said.
    pub fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Says what this server needs to be treated differently for, from the next command and
    /// the next line on; nothing is guessed from now on. Capabilities that one of them hid
    /// before are asked for again.
    #[allow(clippy::arithmetic_side_effects, reason = "a difference of sets")]
    pub fn set_quirks(&mut self, quirks: Quirks) {
        if self.quirks.without(quirks).hides() && self.capabilities_are == Known::Fresh {
            self.capabilities_are = Known::ToBeAsked;
        }
        self.config.quirks = Some(quirks);
        self.take_quirks(quirks);
    }

    fn take_quirks(&mut self, quirks: Quirks) {
        self.quirks = quirks;
        self.frame.take_quirks(quirks);
        self.capabilities.hide(quirks);
    }

    /// From what the server says of itself.
    fn guess_quirks(&mut self, said: &[u8]) {
        if self.config.quirks.is_none() {
            self.take_quirks(self.quirks | Quirks::guess(said));
        }
    }

    /// What the server can do, as far as it said, and without what
    /// [counts as not offered](Self::quirks).
    pub fn capabilities(&self) -> &CapabilitySet {
        &self.capabilities
    }

    /// Whether [`capabilities`](Self::capabilities) is what the server last said, and
    /// nothing happened since that may have changed it.
    pub fn knows_capabilities(&self) -> bool {
        self.capabilities_are == Known::Fresh
    }

    /// The selected mailbox, kept up to date.
    pub fn selected(&self) -> Option<&Selected> {
        (self.state == State::Selected && !self.observer).then_some(&self.selected)
    }

    /// What ENABLE switched on (RFC 9051 section 6.3.1).
    pub fn enabled(&self) -> &CapabilitySet {
        &self.enabled
    }

    /// Whether mailbox names are UTF-8 on the wire: IMAP4rev2 or UTF8=ACCEPT was enabled.
    /// Names in commands and events are UTF-8 in any case.
    pub fn is_utf8(&self) -> bool {
        self.enabled.has_utf8()
    }

    fn is_enabled(&self, capability: Capability<'_>) -> bool {
        self.enabled.names(&capability)
    }

    /// What the current event is, if it is the end of a status line: the tag, if there is one,
    /// and the status. Without building the event.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn told_status(&self) -> Option<(Option<Tag>, Status)> {
        match self.current {
            Current::Text { .. } => Some((self.line.tag, self.line.status)),
            _ => None,
        }
    }

    /// What the last [`advance`](Machine::advance) came upon. Unlike
    /// [`event`](Machine::event), it borrows nothing but the buffers.
    pub(crate) fn look<'r>(&self, buffers: &'r Buffers<'_>) -> Event<'r> {
        let raw = self.raw(buffers);
        match self.current {
            Current::Nothing => Event::Malformed(&[]),
            Current::Unit => self.unit_event(raw),
            Current::Malformed => Event::Malformed(trim_line_end(raw)),
            Current::Code { at } => {
                match self.text_at(raw, at, End::Code).0.map(|code| code.read()) {
                    Some(Code::Capability(capabilities)) => {
                        Event::Capability { capabilities, more: true }
                    }
                    Some(code) => Event::Code(code),
                    None => Event::Malformed(raw),
                }
            }
            Current::Text { at, cut, greeting } => {
                let end = if cut { End::Cut } else { End::Line };
                let (code, text) = self.text_at(raw, at, end);
                let text = RespText { code: code.map(|code| code.read()), text };
                let response = StatusResponse { status: self.line.status, text, truncated: cut };
                match self.line.tag {
                    Some(tag) => Event::Completed { tag, response },
                    None if greeting => Event::Greeting(response),
                    None => Event::Status(response),
                }
            }
            Current::Challenge { tag, cut } => {
                let challenge = raw.strip_prefix(b"+").unwrap_or(raw).trim_ascii();
                Event::Challenge { tag, challenge, truncated: cut }
            }
            Current::Idling(tag) => Event::Idling { tag },
            Current::Upload(tag, turn) => turn.event(tag, self.literal_remaining()),
            Current::Change(Change::Tls, tag) => Event::StartTls { tag },
            Current::Change(Change::Compress, tag) => Event::Compress { tag },
            Current::Change(Change::CompressEnd, tag) => Event::CompressEnd { tag },
        }
    }

    /// The same, but only what the watcher asks for is read.
    #[cfg(feature = "watch")]
    pub(crate) fn glance<'r>(&self, buffers: &'r Buffers<'_>) -> Glance<'r> {
        let raw = self.raw(buffers);
        match self.current {
            Current::Unit => self.glance_at_unit(raw),
            Current::Malformed => Glance::Unreadable,
            Current::Nothing | Current::Code { .. } => Glance::Other,
            Current::Text { .. } => match self.line {
                Line { tag: Some(tag), status, .. } => Glance::Completed { tag, status },
                _ => Glance::Other,
            },
            Current::Challenge { cut, .. } => {
                let challenge = raw.strip_prefix(b"+").unwrap_or(raw).trim_ascii();
                Glance::Challenge { challenge, truncated: cut }
            }
            Current::Idling(_) => Glance::Idling,
            Current::Upload(tag, Turn::NextPart) => Glance::NextPart { tag },
            Current::Upload(tag, _) => {
                Glance::SendLiteral { tag, remaining: self.literal_remaining() }
            }
            Current::Change(Change::Tls, _) => Glance::StartTls,
            Current::Change(..) => Glance::Other,
        }
    }

    #[cfg(feature = "watch")]
    fn glance_at_unit<'r>(&self, raw: &'r [u8]) -> Glance<'r> {
        use frame::Kind as Is;
        Glance::Fetch(match self.frame.unit().kind {
            Is::FetchStart { number, uid } => Piece::Start { uid: uid.then_some(number) },
            Is::Item => Piece::item(raw),
            Is::Body { name, .. } => Piece::section(raw.get(..name).unwrap_or_default()),
            Is::Chunk => Piece::Chunk(raw),
            Is::FetchEnd => Piece::End,
            Is::ItemMalformed | Is::ItemOversized => Piece::Other,
            Is::Malformed | Is::Oversized => return Glance::Unreadable,
            Is::Data => return self.glance_at_data(raw),
            Is::Blank | Is::Continuation { .. } | Is::Text { .. } | Is::Code { .. } => {
                return Glance::Other;
            }
        })
    }

    #[cfg(feature = "watch")]
    fn glance_at_data<'r>(&self, raw: &'r [u8]) -> Glance<'r> {
        let (head, part) = (self.frame.head(), self.frame.part());
        let data = arguments(raw, head, part);
        let read = match (head.keyword, head.number) {
            (Keyword::Exists, Some(_)) => Some(Glance::Exists),
            (Keyword::Search, None) => Some(Glance::Search(Numbers::parse(data))),
            (Keyword::Esearch, None) => {
                Esearch::parse(data, self.line.found, false).map(Glance::Esearch)
            }
            (Keyword::MailboxStatus, None) => {
                MailboxStatus::parse(data, self.is_utf8()).map(Glance::MailboxStatus)
            }
            _ => Some(Glance::Other),
        };
        read.unwrap_or(Glance::Unreadable)
    }

    /// The text of the status response that came last.
    #[cfg(feature = "watch")]
    pub(crate) fn told_text<'r>(&self, buffers: &'r Buffers<'_>) -> Str<'r> {
        self.told(buffers).1
    }

    /// Whether its code says that the failure [passes](RawCode::passes).
    #[cfg(feature = "watch")]
    pub(crate) fn told_passes(&self, buffers: &Buffers<'_>) -> bool {
        self.told(buffers).0.is_some_and(|code| code.passes())
    }

    #[cfg(feature = "watch")]
    fn told<'r>(&self, buffers: &'r Buffers<'_>) -> (Option<RawCode<'r>>, Str<'r>) {
        match self.current {
            Current::Text { at, cut, .. } => {
                let end = if cut { End::Cut } else { End::Line };
                self.text_at(self.raw(buffers), at, end)
            }
            _ => (None, Str::default()),
        }
    }

    /// Whether the server told that it will tell no more (RFC 5465 section 5.8), since this was
    /// asked last.
    #[cfg(feature = "watch")]
    pub(crate) fn take_overflow(&mut self) -> bool {
        core::mem::take(&mut self.overflow)
    }

    /// The bytes that the current event borrows.
    fn raw<'r>(&self, buffers: &'r Buffers<'_>) -> &'r [u8] {
        buffers.rx.filled().get(..self.current_len).unwrap_or_default()
    }

    /// Whether the command that ended last was the connection's own.
    #[cfg(feature = "watch")]
    pub(crate) fn was_own(&self) -> bool {
        self.ended_own
    }

    /// Whether no command is in flight.
    pub fn is_quiet(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Whether the command with this tag has not been completed.
    pub fn is_in_flight(&self, tag: Tag) -> bool {
        self.in_flight.iter().any(|command| command.tag == tag)
    }

    /// Writes `command` to `tx`, whole or not at all, and returns its tag.
    ///
    /// # Errors
    ///
    /// Each leaves the connection and `tx` as they were:
    /// [`UsageError::WrongState`] and [`UsageError::Busy`] by RFC 9051 sections 3 and 5.5,
    /// [`UsageError::NotOffered`] and [`UsageError::CapabilitiesUnknown`] by the server's
    /// capabilities (see [`Config::send_unoffered`]), [`UsageError::InvalidArgument`],
    /// [`ResourceError::TxFull`], [`ResourceError::TooManyLiterals`] and
    /// [`ResourceError::TooManyInFlight`].
    pub fn send<C: Command + ?Sized>(
        &mut self,
        command: &C,
        tx: &mut Tx<'_>,
    ) -> Result<Tag, Error> {
        self.write(command.kind(), &|out| command.encode(out), tx)
    }

    /// Once for all commands, for the sake of flash.
    pub(super) fn write(
        &mut self,
        kind: Kind,
        encode: &dyn Fn(&mut Encoder<'_, '_>),
        tx: &mut Tx<'_>,
    ) -> Result<Tag, Error> {
        self.admit(kind, tx)?;
        let tag = self.next_tag();
        // In quotes whatever it is.
        let quotes = kind == Kind::Login && self.quirks.contains(Quirks::NO_LOGIN_LITERALS);
        let mut encoder = self.encoder(tx).quoting(quotes);
        encoder.raw(tag.as_bytes()).raw(b" ");
        encode(&mut encoder);
        let (goes_on, work, unsettles) = (encoder.goes_on(), encoder.work(), encoder.unsettles());
        if !goes_on.at_all() {
            encoder.crlf();
        }
        let streamed = encoder.finish()?;
        self.begin(tag, kind);
        self.upload = work.map(|work| Upload::new(tag, streamed, goes_on, work));
        if let Some(command) = self.in_flight.last_mut() {
            command.unsettles = unsettles;
        }
        match kind {
            Kind::Select | Kind::Examine => {
                self.selecting = Selected::new();
                self.selecting.read_only = kind == Kind::Examine;
            }
            Kind::Login | Kind::Authenticate | Kind::Unauthenticate => {
                self.capabilities_are = Known::Stale;
            }
            _ => {}
        }
        Ok(tag)
    }

    pub(super) fn next_tag(&self) -> Tag {
        Tag::numbered(self.commands.wrapping_add(1))
    }

    /// A command is in Tx, and `admit` saw to it that there is room for it here.
    pub(super) fn begin(&mut self, tag: Tag, kind: Kind) {
        self.commands = self.commands.wrapping_add(1);
        debug!("{:?}: {:?}", tag, kind);
        let command = InFlight {
            tag,
            kind,
            continued: false,
            done: false,
            own: false,
            unsettles: false,
            challenges: 0,
        };
        let _ = self.in_flight.push(command);
    }

    /// Whether a command of this kind may be sent now.
    pub(super) fn admit(&self, kind: Kind, tx: &Tx<'_>) -> Result<(), Error> {
        if self.failed.is_some() || self.observer {
            return Err(UsageError::Closed.into());
        }
        let rule = state::rule(kind);
        let again = kind == Kind::Compress && self.compressed;
        if again || !rule.allowed_in(self.state) {
            return Err(if self.state == State::Logout {
                UsageError::Closed.into()
            } else {
                UsageError::WrongState.into()
            });
        }
        let numbers = self.numbers_error().filter(|_| rule.beside == Beside::StableNumbers);
        if let Some(error @ UsageError::WrongState) = numbers {
            return Err(error.into());
        }
        let alone = |kind| state::rule(kind).beside == Beside::Nothing;
        // What the connection asks by itself is in nobody's way, but where all changes with
        // the answer.
        let asks = matches!(
            kind,
            Kind::StartTls
                | Kind::Authenticate
                | Kind::Login
                | Kind::Unauthenticate
                | Kind::Compress
        );
        let clash = match rule.beside {
            Beside::Nothing => self.in_flight.iter().any(|other| !other.own || asks),
            Beside::StableNumbers | Beside::Anything => numbers.is_some(),
        } || self.in_flight.iter().any(|other| alone(other.kind));
        let waits_for_own = clash && self.in_flight.iter().all(|other| other.own);
        let held = tx.is_gated() || self.upload.is_some() || self.upgrade != Upgrade::None;
        if held || clash && !waits_for_own {
            return Err(UsageError::Busy.into());
        }
        if self.in_flight.is_full() {
            return Err(ResourceError::TooManyInFlight.into());
        }
        let offer = self.offer();
        if kind == Kind::Login {
            let may = offer.fresh && !offer.includes(&Capability::LoginDisabled);
            offer.check(may, "LOGIN")?;
        }
        if let Some(need) = rule.needs() {
            offer.check(offer.includes(&need), need.name())?;
        }
        if clash { Err(UsageError::Busy.into()) } else { Ok(()) }
    }

    /// Why messages cannot be named by their sequence numbers now, if they cannot.
    fn numbers_error(&self) -> Option<UsageError> {
        // RFC 9586 section 3: there are none then. RFC 5465 section 5.3: the server may change
        // them at any time.
        if self.unsettled || self.is_enabled(Capability::UidOnly) {
            return Some(UsageError::WrongState);
        }
        let changes = self.in_flight.iter().any(|other| state::rule(other.kind).may_expunge);
        changes.then_some(UsageError::Busy)
    }

    /// What writes a command, or more of one.
    pub(super) fn encoder<'t, 'b>(&'t self, tx: &'t mut Tx<'b>) -> Encoder<'t, 'b> {
        let offer = self.offer();
        Encoder::new(tx, Self::literals(&offer), self.is_utf8()).offered(offer)
    }

    /// Which literals need not wait.
    pub(super) fn literals(offer: &Offer<'_>) -> Literals {
        if offer.includes(&Capability::LiteralPlus) {
            Literals::Plus
        } else if offer.includes(&Capability::LiteralMinus) {
            Literals::Minus
        } else {
            Literals::Synchronising
        }
    }

    pub(super) fn offer(&self) -> Offer<'_> {
        Offer {
            capabilities: &self.capabilities,
            fresh: self.knows_capabilities(),
            enabled: &self.enabled,
            numbers: self.numbers_error(),
            selected: self.state == State::Selected,
            unchecked: self.config.send_unoffered,
            quirks: self.quirks,
        }
    }

    /// Answers an [`Event::Challenge`] with the next step of the SASL exchange
    /// (RFC 9051 section 6.2.2). The bytes are sent in base64 and wiped once sent.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if no challenge waits; [`ResourceError::TxFull`].
    pub fn respond(&mut self, response: &Response<'_>, tx: &mut Tx<'_>) -> Result<(), Error> {
        let command = self.challenged()?;
        writer::base64_line(response, tx)?;
        command.continued = false;
        self.heard.restart();
        Ok(())
    }

    /// Answers an [`Event::Challenge`] by giving up; the server completes the AUTHENTICATE
    /// with BAD.
    ///
    /// # Errors
    ///
    /// As [`respond`](Self::respond).
    pub fn cancel(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let command = self.challenged()?;
        writer::line(b"*\r\n", tx)?;
        command.continued = false;
        self.heard.restart();
        Ok(())
    }

    fn challenged(&mut self) -> Result<&mut InFlight, UsageError> {
        self.in_flight
            .iter_mut()
            .find(|command| command.kind == Kind::Authenticate && command.continued)
            .ok_or(UsageError::WrongState)
    }

    /// Ends IDLE (RFC 9051 section 6.3.13). If the server has not agreed to it yet, `DONE`
    /// waits for that. [`Event::Completed`] follows.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if no IDLE is in flight; [`ResourceError::TxFull`].
    pub fn done(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let idle = self.in_flight.iter_mut().find(|command| command.kind == Kind::Idle);
        let idle = idle.filter(|idle| !idle.done).ok_or(UsageError::WrongState)?;
        let mark = tx.mark();
        if !idle.continued {
            tx.push_gate()?;
        }
        writer::line(b"DONE\r\n", tx).inspect_err(|_| tx.truncate(mark))?;
        idle.done = true;
        Ok(())
    }

    /// Says that the handshake that [`Event::StartTls`] asked for is done.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if no handshake was asked for;
    /// [`PeerError::DataBeforeTls`], sticky, if Rx holds bytes that came in clear.
    pub fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        if self.upgrade != Upgrade::Told(Change::Tls) {
            return Err(UsageError::WrongState.into());
        }
        if !rx.filled().is_empty() {
            return Err(self.fail(PeerError::DataBeforeTls.into()));
        }
        self.upgrade = Upgrade::None;
        self.enabled.clear();
        self.capabilities.clear();
        self.capabilities_are = Known::ToBeAsked;
        Ok(())
    }

    /// Says that both directions are compressed from now on, as [`Event::Compress`] asked,
    /// and that what Rx held went the same way.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if that was not asked for;
    /// [`UsageError::CompressedInRx`] while Rx is not empty: take that out, and call again.
    pub fn compress_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        if self.upgrade != Upgrade::Told(Change::Compress) {
            return Err(UsageError::WrongState.into());
        }
        if !rx.filled().is_empty() {
            return Err(UsageError::CompressedInRx.into());
        }
        self.upgrade = Upgrade::None;
        self.compressed = true;
        self.heard.restart();
        Ok(())
    }

    /// Says that compression is off in both directions, as [`Event::CompressEnd`] asked.
    ///
    /// # Errors
    ///
    /// [`UsageError::WrongState`] if that was not asked for;
    /// [`PeerError::BadCompression`], sticky, if Rx is not empty.
    pub fn compress_ended(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        if self.upgrade != Upgrade::Told(Change::CompressEnd) {
            return Err(UsageError::WrongState.into());
        }
        if !rx.filled().is_empty() {
            return Err(self.fail(PeerError::BadCompression.into()));
        }
        self.upgrade = Upgrade::None;
        self.compressed = false;
        Ok(())
    }

    /// Whether both directions are compressed (RFC 4978), as far as the connection was told.
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }

    pub(super) fn fail(&mut self, error: Error) -> Error {
        warn!("the connection fails: {:?}", error);
        self.failed = Some(error);
        error
    }

    /// Asks for the capabilities, and says who asks, if that is due and possible; if not, the
    /// next time.
    #[inline]
    fn ask(&mut self, tx: &mut Tx<'_>) {
        if self.capabilities_are == Known::ToBeAsked || self.introduces {
            self.ask_now(tx);
        }
    }

    #[inline(never)] // Flash.
    fn ask_now(&mut self, tx: &mut Tx<'_>) {
        let open =
            matches!(self.state, State::NotAuthenticated | State::Authenticated | State::Selected);
        let sent = if !open {
            return;
        } else if self.capabilities_are == Known::ToBeAsked {
            self.send(&super::session::CapabilityCommand, tx)
                .inspect(|_| self.capabilities_are = Known::Stale)
        } else if self.introduces && self.knows_capabilities() {
            let fields: [_; 2] =
                [("name", Some("mailwire")), ("version", Some(env!("CARGO_PKG_VERSION")))];
            let sent = self.send(&super::id::IdCommand { fields: &fields }, tx);
            // One that has no ID cannot want it.
            let never = matches!(sent, Err(Error::Usage(UsageError::NotOffered(_))));
            self.introduces = sent.is_err() && !never;
            sent
        } else {
            return;
        };
        if sent.is_ok()
            && let Some(command) = self.in_flight.last_mut()
        {
            command.own = true;
        }
    }

    /// Between the server's agreement to a change of the transport and the change.
    #[inline(never)]
    fn upgrade(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        // What is left of an OK that is longer than Rx.
        let whole = self.frame.end_line(&mut buffers.rx)?;
        let empty = buffers.rx.filled().is_empty();
        match self.upgrade {
            Upgrade::Agreed(Change::Tls, _) | Upgrade::Told(Change::Tls) if !empty => {
                Err(PeerError::DataBeforeTls.into())
            }
            Upgrade::Agreed(Change::CompressEnd, _) | Upgrade::Told(Change::CompressEnd)
                if !empty =>
            {
                Err(PeerError::BadCompression.into())
            }
            Upgrade::Agreed(change, tag) if whole => {
                self.upgrade = Upgrade::Told(change);
                self.current = Current::Change(change, tag);
                Ok(Progress::Event)
            }
            _ => self.starve(buffers, now),
        }
    }

    #[inline(never)] // Flash and stack.
    fn step(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        if self.current_len > 0 {
            buffers.rx.discard(self.current_len);
            self.current_len = 0;
        }
        if self.state == State::Greeting && self.bye {
            return Err(PeerError::Refused.into());
        }
        if self.ended {
            return Ok(Progress::Closed);
        }
        loop {
            if self.upgrade != Upgrade::None {
                return self.upgrade(buffers, now);
            }
            self.ask(&mut buffers.tx);
            if self.upload.is_some()
                && let Some((tag, turn)) = self.upload_turn(&mut buffers.tx)
            {
                self.current = Current::Upload(tag, turn);
                return Ok(Progress::Event);
            }
            if !self.frame.next(&mut buffers.rx)? {
                return self.starve(buffers, now);
            }
            let frame::Unit { kind, len } = *self.frame.unit();
            // Nothing of it is for the state.
            if kind.is_of_fetch() && self.state != State::Greeting {
                self.current = Current::Unit;
                self.current_len = len;
                return Ok(Progress::Event);
            }
            let raw = buffers.rx.filled().get(..len).unwrap_or_default();
            match self.take(raw, &mut buffers.tx)? {
                Some(current) => {
                    self.current = current;
                    self.current_len = len;
                    return Ok(Progress::Event);
                }
                None => buffers.rx.discard(len),
            }
        }
    }

    /// There is no unit in Rx.
    #[inline(never)]
    fn starve(&mut self, buffers: &Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        let rx = &buffers.rx;
        if rx.is_closed() {
            let clean = self.frame.is_between_lines() && rx.filled().is_empty();
            return match clean {
                true if self.bye => self.end(),
                true if self.observer => {
                    self.state = State::Logout;
                    Ok(Progress::Closed)
                }
                _ => Err(PeerError::UnexpectedEof.into()),
            };
        }
        // After a BYE nothing else is awaited, and Yandex repeats it for ever.
        let received = if self.bye { 0 } else { rx.received() };
        self.heard.listen(self.is_owed(&buffers.tx), received, now);
        match self.deadline() {
            Some(deadline) if now >= deadline && self.bye => self.end(),
            Some(deadline) if now >= deadline => Err(PeerError::Timeout.into()),
            _ => Ok(Progress::NeedInput),
        }
    }

    /// Whether it is the server's turn.
    fn is_owed(&self, tx: &Tx<'_>) -> bool {
        if self.bye {
            return true;
        }
        if SHORT_WAYS
            && self.in_flight.is_empty()
            && self.upload.is_none()
            && self.upgrade == Upgrade::None
        {
            return self.state == State::Greeting && tx.pending().is_empty();
        }
        // It is ours: the server cannot answer what it has not got.
        let ours = |it: &InFlight| it.kind == Kind::Authenticate && it.continued;
        let uploads = self.upload.is_some_and(|upload| !upload.awaits());
        if uploads || !tx.pending().is_empty() || self.in_flight.iter().any(ours) {
            return false;
        }
        let idles = |it: &InFlight| it.kind == Kind::Idle && it.continued && !it.done;
        self.state == State::Greeting
            || matches!(self.upgrade, Upgrade::Agreed(..))
            || !self.in_flight.iter().all(idles)
    }

    /// The end of the input, or of the time, after a BYE.
    fn end(&mut self) -> Result<Progress, Error> {
        if self.in_flight.iter().any(|it| !it.own && it.kind != Kind::Logout) {
            return Err(PeerError::Bye.into());
        }
        self.state = State::Logout;
        self.ended = true;
        Ok(Progress::Closed)
    }

    /// Takes in what a unit says. `None`: nothing to tell.
    #[inline(never)]
    fn take(&mut self, raw: &[u8], tx: &mut Tx<'_>) -> Result<Option<Current>, PeerError> {
        use frame::Kind as Is;
        let kind = &self.frame.unit().kind;
        let greeting = self.state == State::Greeting;
        if greeting && !matches!(kind, Is::Blank | Is::Text { .. } | Is::Code { .. }) {
            return Err(PeerError::BadGreeting);
        }
        match *kind {
            Is::Blank => return Ok(None),
            Is::Continuation { cut } => return self.take_continuation(cut, tx),
            Is::Text { continued, cut } => return self.take_text(raw, continued, cut, tx),
            Is::Code { continued } => return Ok(Some(self.take_code_part(raw, continued))),
            Is::Data => return Ok(Some(self.take_data(raw))),
            _ => {}
        }
        Ok(Some(Current::Unit))
    }

    /// ```abnf
    /// continue-req = "+" SP (resp-text / base64) CRLF
    /// ```
    fn take_continuation(
        &mut self,
        cut: bool,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Current>, PeerError> {
        let unasked = Ok(Some(Current::Unit));
        if tx.is_at_gate() {
            tx.open_gate();
            return Ok(None);
        }
        if let Some(upload) = self.upload.as_mut().filter(|it| it.awaits() && tx.is_empty()) {
            upload.open();
            return Ok(None);
        }
        // Before all of the command is sent, nothing can answer it (Exchange: needless `+`).
        let Some(command) = self.in_flight.last_mut().filter(|_| tx.pending().is_empty()) else {
            return unasked;
        };
        let tag = command.tag;
        match command.kind {
            Kind::Authenticate if !command.continued => {
                command.continued = true;
                command.challenges = command.challenges.saturating_add(1);
                if command.challenges > CHALLENGES {
                    return Err(PeerError::TooManyChallenges);
                }
                Ok(Some(Current::Challenge { tag, cut }))
            }
            Kind::Idle if !command.continued => {
                command.continued = true;
                Ok(Some(Current::Idling(tag)))
            }
            _ => unasked,
        }
    }

    /// ```abnf
    /// response-tagged = tag SP resp-cond-state CRLF
    /// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text
    /// ```
    #[inline(never)] // Flash and stack.
    fn take_text(
        &mut self,
        raw: &[u8],
        continued: bool,
        cut: bool,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Current>, PeerError> {
        let greeting = self.state == State::Greeting;
        self.line = self.next_line;
        let at = match status_line(raw) {
            _ if continued => 0,
            Some((tag, status, at)) => {
                self.line = Line::new(tag, status);
                at
            }
            _ if greeting => return Err(PeerError::BadGreeting),
            // Perhaps the rest of a response that the server cut off from its line: what
            // it announces could be a mail, and would be taken for responses.
            _ if announces_literal(raw) => return Err(PeerError::FrameLost),
            _ => return Ok(Some(Current::Malformed)),
        };
        let Line { tag, status, .. } = self.line;
        if greeting {
            match (tag, status) {
                (None, Status::Ok) => self.state = State::NotAuthenticated,
                (None, Status::PreAuth) => self.state = State::Authenticated,
                (None, Status::Bye) => {}
                _ => return Err(PeerError::BadGreeting),
            }
        }
        if status == Status::Bye {
            self.bye = true;
            self.state = if greeting || self.observer { self.state } else { State::Logout };
        }
        if greeting {
            self.guess_quirks(raw);
        }
        let end = if cut { End::Cut } else { End::Line };
        self.take_code_of(raw, at, end, continued);
        if let Some(tag) = tag {
            self.complete(tag, status, tx)?;
        }
        // Before the caller's next command, which may be one that keeps it waiting.
        self.ask(tx);
        Ok(Some(Current::Text { at, cut, greeting }))
    }

    /// The response code and the text of a status line, or of a part of it.
    fn text_at<'r>(&self, raw: &'r [u8], at: usize, end: End) -> (Option<RawCode<'r>>, Str<'r>) {
        let text = trim_line_end(raw.get(at..).unwrap_or_default());
        RespText::split(text, self.line.code, end)
    }

    /// A part of a response code that is longer than Rx.
    #[inline(never)] // Flash and stack.
    fn take_code_part(&mut self, raw: &[u8], continued: bool) -> Current {
        self.line = self.next_line;
        let mut at = 0;
        if !continued && let Some((tag, status, begin)) = status_line(raw) {
            self.line = Line::new(tag, status);
            at = begin;
        }
        self.take_code_of(raw, at, End::Code, continued);
        let open = RespText::open_code(raw.get(at..).unwrap_or_default(), self.line.code);
        self.next_line = Line { code: Some(open), ..self.line };
        Current::Code { at }
    }

    /// The change of the transport that the server agreed to, and that is to be made now.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(super) fn change(&self) -> Option<Change> {
        match self.upgrade {
            Upgrade::None => None,
            Upgrade::Agreed(change, _) | Upgrade::Told(change) => Some(change),
        }
    }

    /// Counts what changed the numbers of messages.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(super) fn renumbered(&self) -> u32 {
        self.renumbered
    }

    /// Messages may have other numbers now.
    fn renumber(&mut self) {
        #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
        {
            self.renumbered = self.renumbered.wrapping_add(1);
        }
    }

    /// They are known once the last part of the list is.
    fn learn_capabilities(&mut self, capabilities: Capabilities<'_>, continued: bool, more: bool) {
        if !continued {
            self.capabilities.clear();
        }
        self.capabilities.extend(&capabilities);
        self.capabilities.hide(self.quirks);
        self.guess_quirks(capabilities.as_bytes());
        if !more {
            self.capabilities_are = Known::Fresh;
        }
    }

    /// The mailbox that untagged responses are about.
    fn mailbox(&mut self) -> &mut Selected {
        if self.selects() { &mut self.selecting } else { &mut self.selected }
    }

    /// Whether a SELECT or EXAMINE is in flight.
    fn selects(&self) -> bool {
        let selects = |command: &InFlight| matches!(command.kind, Kind::Select | Kind::Examine);
        self.in_flight.iter().any(selects)
    }

    /// The response code of a status line, or a part of it (RFC 9051 section 7.1).
    #[inline(never)] // Flash and stack.
    fn take_code_of(&mut self, raw: &[u8], at: usize, end: End, continued: bool) {
        let more = end == End::Code;
        let code = self.text_at(raw, at, end).0.and_then(|code| code.read_for_state());
        let Some(code) = code else { return };
        match code {
            Code::Capability(capabilities) => {
                self.learn_capabilities(capabilities, continued, more);
            }
            // What came before was about the mailbox that was selected until now.
            Code::Closed if self.selects() => {
                self.selecting =
                    Selected { read_only: self.selecting.read_only, ..Selected::new() };
            }
            // "unsolicited CLOSED response code" (section 3): nothing is selected any more.
            Code::Closed if self.state == State::Selected => self.state = State::Authenticated,
            Code::PermanentFlags(flags) => {
                let permanent = &mut self.mailbox().permanent_flags;
                let before = permanent.filter(|_| continued).unwrap_or_default();
                *permanent = Some(before | flags.to_set());
            }
            Code::UidNext(uid) => self.mailbox().uid_next = Some(uid),
            Code::UidValidity(value) => self.mailbox().uid_validity = Some(value),
            Code::Unseen(number) => self.mailbox().unseen = Some(number),
            Code::HighestModSeq(value) => self.mailbox().highest_mod_seq = Some(value),
            Code::NoModSeq => self.mailbox().highest_mod_seq = None,
            Code::UidNotSticky => self.mailbox().uid_not_sticky = true,
            // As after NOTIFY NONE (RFC 5465 section 5.8).
            Code::NotificationOverflow => (self.unsettled, self.overflow) = (false, true),
            Code::ReadOnly => self.mailbox().read_only = true,
            Code::ReadWrite => self.mailbox().read_only = false,
            _ => {}
        }
    }

    /// What a command's end does to the state (RFC 9051 section 3).
    fn complete(&mut self, tag: Tag, status: Status, tx: &mut Tx<'_>) -> Result<(), PeerError> {
        let Some(at) = self.in_flight.iter().position(|command| command.tag == tag) else {
            return Ok(());
        };
        let command = self.in_flight.remove(at);
        self.ended_own = command.own;
        debug!("{:?}: {:?} is completed: {:?}", tag, command.kind, status);
        let ok = status == Status::Ok;
        // What is not sent yet cannot be taken back, and the server would take what comes
        // behind it for the literal that it announces, or for the handshake.
        let early = !tx.pending().is_empty();
        self.drop_unsent(at, tag, early, tx)?;
        if self.bye {
            // There is nothing more to come, whatever this says.
            self.ended = command.kind == Kind::Logout;
            return Ok(());
        }
        match command.kind {
            Kind::Login | Kind::Authenticate => {
                if ok {
                    self.state = State::Authenticated;
                    self.introduces = self.quirks.contains(Quirks::ID_AFTER_LOGIN);
                }
                if ok && self.quirks.contains(Quirks::CAPABILITY_AFTER_LOGIN) {
                    self.capabilities_are = Known::ToBeAsked;
                }
                self.stale_capabilities(!ok && !self.capabilities.is_empty());
            }
            // The server has none to tell; asking again would not help.
            Kind::Capability => self.stale_capabilities(true),
            Kind::StartTls | Kind::Compress | Kind::Unauthenticate if ok && early => {
                return Err(PeerError::AnsweredEarly);
            }
            Kind::StartTls if ok => self.upgrade = Upgrade::Agreed(Change::Tls, tag),
            Kind::Compress if ok => self.upgrade = Upgrade::Agreed(Change::Compress, tag),
            // RFC 8437 section 3: all but TLS is as it was before the login.
            Kind::Unauthenticate if ok => {
                self.state = State::NotAuthenticated;
                self.selected = Selected::new();
                self.enabled.clear();
                self.unsettled = false;
                if self.capabilities_are == Known::Stale {
                    self.capabilities.clear();
                    self.capabilities_are = Known::ToBeAsked;
                }
                if self.compressed {
                    self.upgrade = Upgrade::Agreed(Change::CompressEnd, tag);
                }
            }
            Kind::Unauthenticate => self.stale_capabilities(!self.capabilities.is_empty()),
            Kind::Select | Kind::Examine if ok => {
                self.state = State::Selected;
                self.selected = self.selecting;
            }
            // BAD: the server did not try, and what was selected still is.
            Kind::Select | Kind::Examine if status == Status::No => {
                self.state = State::Authenticated;
            }
            Kind::Notify if ok => self.unsettled = command.unsettles,
            Kind::Close | Kind::Unselect if ok => self.state = State::Authenticated,
            // The server left the BYE out.
            Kind::Logout if ok => {
                self.bye = true;
                self.ended = true;
                self.state = State::Logout;
            }
            _ => {}
        }
        Ok(())
    }

    /// What was behind the gates of a command that has ended is not sent any more. `at`: where it
    /// was among those in flight; `early`: something of it, or behind it, is not sent yet.
    fn drop_unsent(
        &mut self,
        at: usize,
        tag: Tag,
        early: bool,
        tx: &mut Tx<'_>,
    ) -> Result<(), PeerError> {
        let gated = at == self.in_flight.len() && tx.is_gated();
        if gated {
            // It was the last one sent, so that the gates are its own: a NO in place of the `+`.
            if early {
                return Err(PeerError::AnsweredEarly);
            }
            tx.drop_gated();
        }
        if let Some(upload) = self.upload.as_mut().filter(|upload| upload.tag == tag) {
            if !gated && !upload.awaits() {
                upload.refuse();
            } else if early {
                return Err(PeerError::AnsweredEarly);
            } else {
                self.upload = None;
            }
        }
        Ok(())
    }

    /// What the server can do may have changed, and it did not say how: whether it is known all the
    /// same.
    fn stale_capabilities(&mut self, known: bool) {
        if self.capabilities_are == Known::Stale {
            self.capabilities_are = if known { Known::Fresh } else { Known::ToBeAsked };
        }
    }

    /// A response that is not a status response.
    #[inline(never)] // Flash and stack.
    fn take_data(&mut self, raw: &[u8]) -> Current {
        let (head, part) = (self.frame.head(), self.frame.part());
        self.line = if part.continued { self.next_line } else { Line::new(None, Status::Ok) };
        if part.more {
            self.next_line = self.line;
        }
        if matches!(head.keyword, Keyword::List | Keyword::MailboxStatus | Keyword::Search) {
            return Current::Unit;
        }
        let data = arguments(raw, head, part);
        match (head.keyword, head.number) {
            (Keyword::Capability, None) => {
                self.learn_capabilities(Capabilities::parse(data), part.continued, part.more);
            }
            // Unasked, it is nobody's answer, and would change how names are read.
            (Keyword::Enabled, None)
                if self.observer || self.in_flight.iter().any(|it| it.kind == Kind::Enable) =>
            {
                self.enabled.extend(&Capabilities::parse(data));
            }
            (Keyword::Flags, None) => {
                let flags = flags(data).to_set();
                let mailbox = self.mailbox();
                mailbox.flags = if part.continued { mailbox.flags | flags } else { flags };
            }
            (Keyword::Exists, Some(count)) => self.mailbox().exists = count,
            (Keyword::Recent, Some(count)) => self.mailbox().recent = count,
            (Keyword::Expunge, Some(number)) => {
                self.renumber();
                let mailbox = self.mailbox();
                // Exchange tells of messages that there are not.
                if number.wrapping_sub(1) < mailbox.exists {
                    mailbox.exists = mailbox.exists.wrapping_sub(1);
                }
            }
            (Keyword::Vanished, None) => {
                let (earlier, uids) = vanished(data, self.line.earlier);
                self.next_line.earlier = earlier;
                if let Some(gone) = uids.and_then(|uids| uids.count()).filter(|_| !earlier) {
                    self.renumber();
                    let mailbox = self.mailbox();
                    let gone = u32::try_from(gone).unwrap_or(u32::MAX);
                    mailbox.exists = mailbox.exists.saturating_sub(gone);
                }
            }
            (Keyword::Other, None) if head.split(raw).0.eq_ignore_ascii_case(b"ID") => {
                self.guess_quirks(data);
            }
            (Keyword::Esearch, None) if part.more => {
                self.next_line.found = Esearch::open_item(data, self.line.found);
            }
            _ => {}
        }
        Current::Unit
    }

    fn data_event<'r>(&self, raw: &'r [u8]) -> Event<'r> {
        let (head, part) = (self.frame.head(), self.frame.part());
        let data = arguments(raw, head, part);
        let utf8 = self.is_utf8();
        let more = part.more;
        let event = match (head.keyword, head.number) {
            (Keyword::MailboxStatus, None) => {
                MailboxStatus::parse(data, utf8).map(Event::MailboxStatus)
            }
            (Keyword::Search, None) => Some(Event::Search { numbers: Numbers::parse(data), more }),
            (Keyword::Esearch, None) => Esearch::parse(data, self.line.found, utf8)
                .map(|found| Event::Esearch { found, more }),
            (Keyword::Exists, Some(count)) => Some(Event::Exists(count)),
            (Keyword::Capability, None) => {
                Some(Event::Capability { capabilities: Capabilities::parse(data), more })
            }
            (Keyword::Enabled, None) => Some(Event::Enabled(Capabilities::parse(data))),
            (Keyword::Flags, None) => Some(Event::Flags { flags: flags(data), more }),
            (Keyword::List, None) => List::parse(data, utf8).map(Event::List),
            (Keyword::Lsub, None) => List::parse(data, utf8).map(Event::Lsub),
            (Keyword::Sort, None) => Some(Event::Sort { numbers: Numbers::parse(data), more }),
            (Keyword::Thread, None) => {
                Some(Event::Thread { threads: Threads::parse(data, part.depth), more })
            }
            (Keyword::UidBatches, None) => {
                Some(Event::UidBatches { batches: UidBatches::parse(data), more })
            }
            (Keyword::Recent, Some(count)) => Some(Event::Recent(count)),
            (Keyword::Expunge, Some(number)) => Some(Event::Expunge(number)),
            (Keyword::Vanished, None) => match vanished(data, self.line.earlier) {
                (earlier, Some(uids)) => Some(Event::Vanished { earlier, uids, more }),
                _ => None,
            },
            (Keyword::Other, number) => {
                let (name, _) = head.split(raw);
                let line = trim_line_end(raw);
                let text = line.len().saturating_sub(data.len());
                match number {
                    None => raw::extension(name, line, text, self.is_utf8()),
                    Some(_) => None,
                }
                .or((!name.is_empty()).then_some(Event::Other {
                    number,
                    name,
                    data,
                }))
            }
            _ => None,
        };
        event.unwrap_or(Event::Malformed(trim_line_end(raw)))
    }

    fn unit_event<'r>(&self, raw: &'r [u8]) -> Event<'r> {
        use frame::Kind as Is;
        match self.frame.unit().kind {
            Is::Data => self.data_event(raw),
            Is::Continuation { cut: true } => Event::Oversized(raw),
            Is::Continuation { cut: false } => {
                let text = raw.strip_prefix(b"+").unwrap_or(raw).trim_ascii();
                Event::Continuation(RespText::parse(text))
            }
            Is::FetchStart { number, uid } => {
                let (seq, uid) = if uid { (None, Some(number)) } else { (Some(number), None) };
                Event::Fetch(Fetch::Start { seq, uid })
            }
            Is::Item => {
                let is = |name: &[u8]| {
                    raw.get(..name.len()).is_some_and(|raw| raw.eq_ignore_ascii_case(name))
                };
                // The scanner has found what is where in it, so that it need not be walked again.
                let marked = if SHORT_WAYS && is(b"ENVELOPE ") {
                    self.frame.marks(raw).map(|marks| Item::Envelope(Envelope::marked(marks)))
                } else if SHORT_WAYS && is(b"BODYSTRUCTURE ") {
                    let ends = self.frame.ends(raw);
                    ends.map(|ends| Item::BodyStructure(BodyStructure::marked(ends)))
                } else {
                    None
                };
                let item = match marked {
                    Some(item) => Some(item),
                    None => Item::parse(raw, self.is_utf8()),
                };
                Event::Fetch(item.map_or(Fetch::Malformed { raw }, Fetch::Item))
            }
            Is::Body { name, data } => {
                let name = raw.get(..name).unwrap_or_default();
                let body = SectionName::parse(name).map(|name| Fetch::Body(Body::new(name, data)));
                Event::Fetch(body.unwrap_or(Fetch::Malformed { raw }))
            }
            Is::Chunk => Event::Fetch(Fetch::Chunk(raw)),
            Is::ItemMalformed => Event::Fetch(Fetch::Malformed { raw: trim_line_end(raw) }),
            Is::ItemOversized => Event::Fetch(Fetch::Oversized { raw }),
            Is::FetchEnd => Event::Fetch(Fetch::End),
            Is::Oversized => Event::Oversized(raw),
            Is::Blank | Is::Text { .. } | Is::Code { .. } | Is::Malformed => {
                Event::Malformed(trim_line_end(raw))
            }
        }
    }
}

impl Machine for Connection {
    type Event<'r> = Event<'r>;

    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        match self.failed {
            Some(error) => Err(error),
            None => match self.step(buffers, now) {
                Ok(progress) => Ok(progress),
                Err(error) => Err(self.fail(error)),
            },
        }
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        self.look(buffers)
    }

    fn deadline(&self) -> Option<Instant> {
        self.heard.deadline(self.config.timeout)
    }
}

/// What follows the keyword of a data line.
fn arguments(raw: &[u8], head: Head, part: Part) -> &[u8] {
    let rest = if part.continued { raw } else { head.split(raw).1 };
    trim_line_end(rest).trim_ascii_start()
}

/// A list of flags, or a part of one.
fn flags(data: &[u8]) -> Flags<'_> {
    let list = data.trim_ascii();
    let list = list.strip_prefix(b"(").unwrap_or(list);
    Flags::within(list.strip_suffix(b")").unwrap_or(list))
}

/// ```abnf
/// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
/// ```
fn vanished(data: &[u8], earlier: bool) -> (bool, Option<SequenceSet<'_>>) {
    const EARLIER: &[u8] = b"(EARLIER)";
    let (earlier, data) = match data.split_at_checked(EARLIER.len()) {
        Some((mark, rest)) if mark.eq_ignore_ascii_case(EARLIER) => (true, rest),
        _ => (earlier, data),
    };
    let data = data.trim_ascii();
    let uids = data.strip_suffix(b",").unwrap_or(data);
    (earlier, sequence_set(uids).ok().map(|(_, uids)| uids))
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod sizes {
    use super::*;

    #[test]
    fn small() {
        assert!(size_of::<Connection>() <= 1024);
        assert!(size_of::<Event<'_>>() <= 128);
    }
}
