//! The watcher over POP3.

use super::backoff::{Backoff, Failures};
use super::letter::Letter;
use super::record::{Known, Record, doom, hash};
use super::{Cause, Event, Login, Start};
use crate::fmt::{debug, warn};
use crate::pop3::command::{
    DeleCommand, ListCommand, PassCommand, QuitCommand, RetrCommand, StlsCommand, TopCommand,
    UidlCommand, UserCommand,
};
use crate::pop3::{
    Code, Command, Config, Connection, Event as Pop3, Kind, Message, State, UidlItem,
};
use crate::{
    Buffers, Duration, Error, Instant, Machine, PeerError, Progress, ResourceError, Rx, Str, Tx,
    UsageError,
};
use heapless::Vec;

/// How many gaps there may be between the new messages that are remembered at once. For the rest,
/// the maildrop is listed again.
const BATCH: usize = 16;

/// How many alerts may wait to be acknowledged, and messages to be deleted.
const PENDING: usize = 32;

/// The longest wait for LOGIN-DELAY, if nothing else is as long.
const LOGIN_DELAY: Duration = Duration::from_secs(60 * 60);

/// FNV-1a of nothing.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;

/// The longest unique-id (RFC 1939 section 7).
const UNIQUE_ID: usize = 70;

/// What a [`Pop3Watch`] is told before it begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Pop3Config<'a> {
    /// Of each of its connections.
    pub connection: Config,
    /// How to log in.
    pub login: Login<'a>,
    /// Whether to ask for TLS by STLS before logging in. A server that does not offer it is not
    /// logged in to. Default: no, the transport is TLS from the start.
    pub start_tls: bool,
    /// Where a maildrop begins that was never watched before.
    pub start: Start,
    /// How long to wait between looks, if the server does not ask for more (LOGIN-DELAY, RFC 2449
    /// section 6.5). Default: 5 minutes.
    pub poll: Duration,
    /// How many lines of the text to ask for, for the preview. 0: there is none. Default: 20.
    pub preview_lines: u32,
    /// Whether messages are deleted on the server once they were acknowledged. Not those that
    /// were there before, by [`Start::Now`], nor what comes while of these all have gone at once:
    /// they may be the same under other unique-ids. Default: no.
    pub delete: bool,
    /// How long to wait after a failure.
    pub backoff: Backoff,
}

impl<'a> Pop3Config<'a> {
    /// The defaults.
    pub const fn new(login: Login<'a>) -> Self {
        Self {
            connection: Config::new(),
            login,
            start_tls: false,
            start: Start::Now,
            poll: Duration::from_secs(5 * 60),
            preview_lines: 20,
            delete: false,
            backoff: Backoff::new(),
        }
    }
}

/// Watches a maildrop over POP3: a [`Machine`] whose events are [`Event`]s. See the
/// [module](super) for what it promises and in what order to call it.
///
/// POP3 shows what came only to a new connection (RFC 1939 section 3), and locks the maildrop. So
/// each connection is for one look: it lists the unique-ids, tells what is not in the [`Record`],
/// and ends by QUIT; then comes [`Event::Retry`] with [`Cause::Poll`]. In between the caller keeps
/// the record and may do without a transport.
///
/// - Of a message `TOP` brings the header and some lines. A server that refuses that is asked for
///   all of it by `RETR`, of which only the beginning is kept, and which many servers take for
///   reading.
/// - A server without UIDL is of no use here: [`Event::Refused`].
/// - Deleting is marked in the record before it is asked for, so it is done by the next connection
///   if this one dies. That one looks first whether the message is the one that was told: its
///   beginning must be the same, to the byte. If it is not, the message is told.
#[derive(Debug)]
#[cfg_attr(target_pointer_width = "32", repr(C))] // Flash: the first are in reach of short instructions.
pub struct Pop3Watch<'a> {
    step: Step,
    /// How many of the commands of this step were sent.
    asked: u8,
    /// How often the same message was begun and not told.
    begun: u8,
    /// Of the messages that were to stay none was there: what is now may be those.
    keeps: bool,
    /// One was deleted, which is no longer listed, but is there until QUIT.
    deleted: bool,
    /// The server refused TOP, and not RETR.
    cannot_top: bool,
    /// The server does not tell the unique-id of one message as it lists it.
    cannot_uidl: bool,
    /// STLS is done.
    secured: bool,
    /// The last login that was answered was right.
    was_in: bool,
    opened: bool,
    caught_up: bool,
    stopping: bool,
    /// The hash of the unique-id of the message that is being told.
    hash: Option<[u8; 8]>,
    /// How many of `doomed` were asked to be deleted; the answers are yet to come.
    deleting: usize,
    /// The highest message that was told.
    told_up_to: u32,
    /// The message that is being told.
    number: u32,
    told: Told,
    size: Option<u64>,
    /// FNV-1a of what came of it.
    fingerprint: u64,
    record: Record<'a>,
    listing: Listing,
    config: Pop3Config<'a>,
    connection: Connection,
    letter: Letter<'a>,
    found: Found,
    unique_id: Vec<u8, UNIQUE_ID>,
    /// Told, and not acknowledged.
    pending: Vec<Place, PENDING>,
    /// To be deleted.
    doomed: Vec<Place, { PENDING + 8 }>,
    failures: Failures,
}

/// What is done, or is to be done when nothing is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// STLS.
    Secure,
    /// USER and PASS, or whatever the caller logs in by.
    LogIn,
    /// UIDL.
    List,
    /// LIST, UIDL and TOP of the next message that was found.
    Look,
    /// RETR of it.
    Retrieve,
    /// All was told.
    Rest,
    /// DELE.
    Delete,
    Quit,
    /// The connection is of no more use.
    Dead,
}

/// What `event` shall show.
#[derive(Debug, Clone, Copy)]
enum Told {
    Nothing,
    /// What the connection's event, which is the end of a command, says.
    Refused {
        login: bool,
    },
    LoggedIn,
    /// What the connection's event says.
    Challenge,
    LogIn,
    StartTls,
    Open {
        reset: bool,
    },
    Alert,
    CaughtUp,
    Retry {
        at: Instant,
        cause: Cause,
    },
    /// The caller has no transport.
    Unreachable,
}

/// A message in this session, that was told.
#[derive(Debug, Clone, Copy)]
struct Place {
    number: u32,
    /// What the record gets, or has, for it.
    entry: [u8; 8],
    /// Whether it is to be deleted.
    doomed: bool,
}

/// New messages without a gap between their numbers.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: u32,
    last: u32,
    /// The hash of the first one's unique-id. Those of the others are asked for once more.
    hash: [u8; 8],
    /// The record says that they are to be deleted.
    doomed: bool,
}

/// The new messages with the lowest numbers, in order.
#[derive(Debug)]
struct Found {
    runs: Vec<Run, BATCH>,
    /// The highest of those that were left out.
    left_out: u32,
}

impl Found {
    const fn new() -> Self {
        Self { runs: Vec::new(), left_out: 0 }
    }

    fn clear(&mut self) {
        self.runs.clear();
        self.left_out = 0;
    }

    fn add(&mut self, number: u32, hash: [u8; 8], doomed: bool, alone: bool) {
        let before = self.runs.iter_mut().find(|it| it.last.checked_add(1) == Some(number));
        if let Some(run) = before
            && run.doomed == doomed
            && !alone
        {
            run.last = number;
            return;
        }
        let mut highest = Run { first: number, last: number, hash, doomed };
        for run in &mut self.runs {
            if highest.first < run.first {
                core::mem::swap(&mut highest, run);
            }
        }
        if let Err(Run { last, .. }) = self.runs.push(highest) {
            self.left_out = self.left_out.max(last);
        }
    }

    /// Those before this number were told once. The highest that was dropped.
    fn drop_before(&mut self, number: u32) -> u32 {
        let mut dropped = 0;
        self.runs.retain(|it| {
            let stays = it.first >= number;
            dropped = if stays { dropped } else { it.last.max(dropped) };
            stays
        });
        dropped
    }

    /// The first one behind this number: the hash of its unique-id, if it is known, and whether it
    /// is to be deleted.
    fn behind(&self, number: u32) -> Option<(u32, Option<[u8; 8]>, bool)> {
        let run = self.runs.iter().find(|it| it.last > number)?;
        let next = number.saturating_add(1).max(run.first);
        Some((next, (next == run.first).then_some(run.hash), run.doomed))
    }
}

/// A pass through the maildrop.
#[derive(Debug, Clone, Copy)]
struct Listing {
    /// How many messages were listed.
    count: u32,
    /// The first that is in the record, if messages before it are known though they are not.
    anchor: Option<u32>,
    /// The lowest that is not in it.
    unknown: u32,
    /// The highest that was taken for an old one.
    older: u32,
}

impl Listing {
    const fn new(anchor: Option<u32>) -> Self {
        Self { count: 0, anchor, unknown: u32::MAX, older: 0 }
    }
}

impl<'a> Pop3Watch<'a> {
    /// A watcher for a maildrop, over a transport that was just connected.
    ///
    /// `text` holds what an alert shows: of its bytes three sixteenths each the From field, the
    /// subject and the content type, as they came, and about a third the preview. 768 bytes are
    /// enough for one line of each.
    pub fn new(config: Pop3Config<'a>, record: Record<'a>, text: &'a mut [u8]) -> Self {
        Self {
            connection: Connection::new(config.connection),
            record,
            letter: Letter::new(text),
            step: Step::Secure,
            asked: 0,
            begun: 0,
            listing: Listing::new(None),
            found: Found::new(),
            number: 0,
            hash: None,
            size: None,
            fingerprint: FNV,
            unique_id: Vec::new(),
            pending: Vec::new(),
            doomed: Vec::new(),
            deleting: 0,
            keeps: false,
            deleted: false,
            told_up_to: 0,
            cannot_top: false,
            cannot_uidl: false,
            secured: false,
            was_in: false,
            opened: false,
            caught_up: false,
            failures: Failures::new(&config.backoff),
            stopping: false,
            told: Told::Nothing,
            config,
        }
    }

    /// The connection, to look at.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, to log in by on [`Event::LogIn`].
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// What was acknowledged, to be [kept](Record::as_bytes): after each
    /// [`acknowledge`](Self::acknowledge), [`Event::Open`], [`Event::CaughtUp`] and
    /// [`Event::Retry`].
    pub fn record(&mut self) -> &mut Record<'a> {
        &mut self.record
    }

    /// The alert with this number ([`Alert::uid`](super::Alert::uid)), and those before it, need
    /// not come again.
    ///
    /// Numbers are those of the connection that the alert came from. What was not acknowledged
    /// before [`reconnect`](Self::reconnect) is told again. So is what is acknowledged more than
    /// 32 alerts late.
    pub fn acknowledge(&mut self, number: u32) {
        for place in self.pending.iter().filter(|it| it.number <= number) {
            self.record.add(place.entry);
            if place.doomed {
                // There is room: `is_crowded`.
                let _ = self.doomed.push(*place);
            }
        }
        self.pending.retain(|it| it.number > number);
    }

    /// Says that the handshake that [`Event::StartTls`] asked for is done.
    ///
    /// # Errors
    ///
    /// As [`Connection::tls_started`].
    pub fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        self.connection.tls_started(rx)?;
        self.secured = true;
        self.asked = 0;
        Ok(())
    }

    /// Begins on a new transport. What is left in the buffers is dropped.
    pub fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        buffers.clear();
        self.connection = Connection::new(self.config.connection);
        self.step = Step::Secure;
        self.asked = 0;
        self.listing = Listing::new(None);
        self.found.clear();
        self.pending.clear();
        self.doomed.clear();
        self.deleting = 0;
        self.keeps = false;
        self.deleted = false;
        self.told_up_to = 0;
        self.secured = false;
        self.opened = false;
        self.caught_up = false;
        self.cannot_top = false;
        self.told = Told::Nothing;
    }

    /// Says that no transport could be had, or that it failed: [`Event::Retry`] comes next. What
    /// is left to be sent is dropped.
    pub fn unreachable(&mut self, buffers: &mut Buffers<'_>) {
        buffers.clear();
        self.told = Told::Unreachable;
    }

    /// Ends it in order: deletes what is to be deleted, QUIT, then [`Progress::Closed`].
    pub fn stop(&mut self) {
        self.stopping = true;
    }

    fn retry(&mut self, cause: Cause, now: Instant) -> Progress {
        let at = match cause {
            Cause::Poll => now.saturating_add(self.config.poll),
            _ => self.failures.add(&self.config.backoff, now),
        };
        // In clear anybody may have said so.
        let is_said = !self.config.start_tls || self.secured;
        let delay = self.connection.capabilities().login_delay().filter(|_| is_said);
        let delay = Duration::from_secs(delay.map_or(0, |it| it.seconds.into()));
        let most = LOGIN_DELAY.max(self.config.poll).max(self.config.backoff.most);
        let delay = delay.min(most);
        let at = at.max(now.saturating_add(delay));
        debug!("watch: {:?}, again at {:?}", cause, at);
        self.step = Step::Dead;
        self.told = Told::Retry { at, cause };
        Progress::Event
    }

    /// The connection has ended.
    fn ended(&mut self, cause: Cause, now: Instant) -> Progress {
        let is_cut = matches!(cause, Cause::Connection(Error::Peer(PeerError::UnexpectedEof)));
        let asked = matches!(self.config.login, Login::Caller) || self.asked > 1;
        match self.step {
            _ if self.stopping => Progress::Closed,
            // Whatever came of it.
            Step::Quit => self.retry(Cause::Poll, now),
            // Some servers say nothing to a wrong password. It may be the network, if the password
            // was right before: then this is told the second time.
            Step::LogIn if is_cut && asked && !self.connection.is_quiet() && !self.was_in => {
                self.step = Step::Dead;
                self.told = Told::Refused { login: true };
                Progress::Event
            }
            Step::LogIn if is_cut => {
                self.was_in = false;
                self.retry(cause, now)
            }
            _ => self.retry(cause, now),
        }
    }

    /// Takes in what the connection's event says. Whether there is something to tell.
    fn hear(&mut self, buffers: &Buffers<'_>) -> bool {
        let told = match self.connection.look(buffers) {
            Pop3::Completed { kind: Kind::Dele, response, .. } => {
                self.dele_answered(response.is_ok());
                return false;
            }
            Pop3::Completed { kind, response, .. } => {
                let code = response.text.code;
                // It has to do with another login, or with the server, not with this one.
                let passes = matches!(
                    code,
                    Some(Code::InUse | Code::LoginDelay | Code::SysTemp | Code::SysPerm)
                );
                return self.completed(kind, response.is_ok(), passes);
            }
            Pop3::StartTls => Told::StartTls,
            Pop3::Challenge { .. } => Told::Challenge,
            Pop3::Oversized(_) if self.connection.is_challenged() => Told::Challenge,
            Pop3::UidlItem(item) if self.step == Step::List => {
                self.listed(item.number, hash(item.uid.bytes()));
                return false;
            }
            Pop3::Oversized(line) if self.step == Step::List => {
                // What there is room for must do.
                if let Some(item) = UidlItem::parse(line, None) {
                    self.listed(item.number, hash(item.uid.bytes()));
                }
                return false;
            }
            Pop3::UidlItem(item) => {
                if item.number == self.number && !self.connection.is_cut() {
                    let hash = hash(item.uid.bytes());
                    self.cannot_uidl |= self.hash.is_some_and(|it| it != hash);
                    self.hash.get_or_insert(hash);
                }
                self.unique_id.clear();
                for byte in item.uid.bytes().take(UNIQUE_ID) {
                    // There is room for so many.
                    let _ = self.unique_id.push(byte);
                }
                return false;
            }
            Pop3::ListItem(item) => {
                self.size = Some(item.size);
                return false;
            }
            Pop3::Message(Message::Chunk(bytes)) => {
                self.letter.feed(bytes);
                self.fingerprint = bytes.iter().fold(self.fingerprint, |sum, &byte| {
                    (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
                return false;
            }
            _ => return false,
        };
        self.told = told;
        true
    }

    /// The next message of a pass through the maildrop.
    fn listed(&mut self, number: u32, hash: [u8; 8]) {
        if number == 0 {
            // It could not be asked for.
            return;
        }
        let listing = &mut self.listing;
        listing.count = listing.count.saturating_add(1);
        let known = self.record.meet(hash);
        if known != Known::No {
            if self.record.is_forgetful() && listing.anchor.is_none_or(|anchor| number < anchor) {
                listing.anchor = Some(number);
                listing.older = listing.older.max(self.found.drop_before(number));
                if self.found.left_out < number {
                    // All of these are old.
                    listing.older = listing.older.max(self.found.left_out);
                    self.found.left_out = 0;
                }
            }
            if known == Known::Doomed && self.config.delete && number > self.told_up_to {
                self.found.add(number, hash, true, self.cannot_uidl);
            }
            return;
        }
        if !self.record.is_begun() && self.config.start == Start::Now {
            self.record.add(hash);
            return;
        }
        listing.unknown = listing.unknown.min(number);
        if listing.anchor.is_some_and(|anchor| number < anchor) {
            listing.older = listing.older.max(number);
        } else if number > self.told_up_to {
            self.found.add(number, hash, false, self.cannot_uidl);
        }
    }

    /// The pass is complete. Whether there is something to tell.
    fn looked(&mut self) -> bool {
        let Listing { anchor, unknown, older, .. } = self.listing;
        let reset = !self.record.is_begun();
        let forgetful = self.record.is_forgetful();
        let empty = self.listing.count == 0;
        if !self.opened {
            self.keeps = self.config.start == Start::Now && self.record.is_lost();
        }
        if self.deleted {
            self.record.end_and_keep();
        } else if reset {
            // What a baseline had no room for is before what it had.
            self.record.end(forgetful, empty);
        } else {
            let older = forgetful && anchor.is_some_and(|anchor| unknown < anchor);
            self.record.end(older, empty);
        }
        if anchor.is_some_and(|anchor| older > anchor) {
            // It was listed out of order: what is old is known only now.
            self.found.left_out = self.found.left_out.max(older);
        }
        self.step = Step::Look;
        self.asked = 0;
        if self.opened {
            return false;
        }
        self.opened = true;
        self.told = Told::Open { reset };
        true
    }

    /// A command has ended. Whether there is something to tell.
    fn completed(&mut self, kind: Kind, ok: bool, passes: bool) -> bool {
        match (self.step, kind) {
            // The connection's own.
            (_, Kind::Capa) => {}
            (Step::Secure | Step::LogIn | Step::List, _) if !ok => {
                self.told = Told::Refused { login: self.step == Step::LogIn && !passes };
                return true;
            }
            (Step::LogIn, Kind::User) => {
                let by_caller = matches!(self.config.login, Login::Caller);
                self.told = if by_caller { Told::LogIn } else { Told::Nothing };
                return by_caller;
            }
            (Step::LogIn, _) if self.connection.state() == State::Transaction => {
                self.step = Step::List;
                self.asked = 0;
                self.was_in = true;
                if matches!(self.config.login, Login::Caller) {
                    self.told = Told::LoggedIn;
                    return true;
                }
            }
            (Step::List, Kind::Uidl) => return self.looked(),
            (Step::Look, Kind::Top) if ok => return self.alert(),
            (Step::Look, Kind::Top) => {
                self.step = Step::Retrieve;
                self.asked = 0;
            }
            (Step::Retrieve, Kind::Retr) => {
                self.cannot_top |= ok;
                return self.alert();
            }
            // What was to be deleted now is.
            (Step::Quit, Kind::Quit) if ok => self.record.drop_gone(),
            _ => {}
        }
        false
    }

    /// What the server says to the first DELE that it was yet to answer.
    fn dele_answered(&mut self, ok: bool) {
        if self.deleting == 0 {
            return;
        }
        self.deleting = self.deleting.saturating_sub(1);
        let mut answered = None;
        self.doomed.retain(|place| {
            let is_first = answered.is_none();
            if is_first {
                answered = Some(place.entry);
            }
            !is_first
        });
        if ok && let Some(entry) = answered {
            self.record.set_gone(entry);
        }
    }

    /// Whether messages must be deleted before another is told: all that may be acknowledged has
    /// room in `doomed`.
    fn is_crowded(&self) -> bool {
        let waiting = self.doomed.len().saturating_add(self.pending.len());
        !self.doomed.is_empty() && waiting >= PENDING
    }

    /// Whether the connection died twice of asking for the message.
    fn is_deadly(&self) -> bool {
        self.begun > 2
    }

    /// All that will be known of the message is.
    fn alert(&mut self) -> bool {
        self.letter.end();
        self.step = Step::Look;
        self.asked = 0;
        let next = self.found.behind(self.told_up_to);
        if let Some((number, _, was_doomed)) = next {
            let Some(hash) = self.hash else {
                // What was not in the record could not be told from what is.
                self.cannot_uidl = true;
                self.step = Step::List;
                return false;
            };
            self.told_up_to = number;
            let entry = doom(hash, (self.fingerprint >> 32) as u32);
            let is_deadly = core::mem::take(&mut self.begun) > 2;
            if was_doomed && is_deadly {
                // It was told. Another connection may see to it.
                return false;
            }
            if was_doomed {
                let already = self.doomed.iter().filter(|it| it.entry == entry).count();
                // Of one of which nothing came nobody knows whether it was told.
                if self.fingerprint != FNV && self.record.count(entry) > already {
                    let _ = self.doomed.push(Place { number, entry, doomed: true });
                    return false;
                }
                self.record.drop_doomed(hash);
            }
            let doomed = self.config.delete && !self.keeps && !is_deadly;
            let place = Place { number, entry: if doomed { entry } else { hash }, doomed };
            if self.pending.is_full() {
                warn!("too many alerts are not acknowledged: {} is left", number);
                self.pending.remove(0);
            }
            let _ = self.pending.push(place);
        }
        self.caught_up = false;
        self.failures.forget();
        self.told = Told::Alert;
        true
    }

    /// Does what is to be done next, when the server has said all for now.
    fn act(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let is_quiet = self.connection.is_quiet();
        match self.connection.state() {
            State::Greeting | State::Update | State::Logout => Ok(Act::Nothing),
            _ if self.step == Step::Look && self.asked > 0 => self.look_at(tx),
            _ if self.step == Step::Delete => self.delete(tx),
            _ if !is_quiet || !self.connection.knows_capabilities() => Ok(Act::Nothing),
            State::Authorization if self.stopping => self.send(Step::Quit, &QuitCommand, tx),
            State::Authorization => self.log_in(tx),
            State::Transaction if self.stopping => {
                self.step = Step::Delete;
                self.delete(tx)
            }
            State::Transaction => self.work(tx),
        }
    }

    /// Sends `command`, as this step.
    fn send(&mut self, step: Step, command: &dyn Command, tx: &mut Tx<'_>) -> Result<Act, Error> {
        match self.connection.send(command, tx) {
            Ok(()) => {
                self.step = step;
                self.asked = self.asked.saturating_add(1);
                Ok(Act::Again)
            }
            // The server takes one at a time, or Tx does.
            Err(Error::Usage(UsageError::Busy)) => Ok(Act::Nothing),
            Err(Error::Resource(ResourceError::TooManyInFlight)) => Ok(Act::Nothing),
            Err(Error::Resource(ResourceError::TxFull { .. })) if !tx.is_empty() => {
                Ok(Act::Nothing)
            }
            Err(error) => Err(error),
        }
    }

    fn log_in(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        if self.config.start_tls && !self.secured {
            return match self.asked {
                0 => self.send(Step::Secure, &StlsCommand, tx),
                _ => Ok(Act::Nothing),
            };
        }
        match (self.config.login, self.asked) {
            (Login::Password { user, .. }, 0) => self.send(Step::LogIn, &UserCommand { user }, tx),
            (Login::Password { password, .. }, 1) => {
                self.send(Step::LogIn, &PassCommand { password }, tx)
            }
            (Login::Password { .. }, _) => Ok(Act::Nothing),
            (Login::Caller, 0) => {
                self.asked = 1;
                self.step = Step::LogIn;
                self.told = Told::LogIn;
                Ok(Act::Tell)
            }
            (Login::Caller, _) => Ok(Act::Nothing),
        }
    }

    /// The maildrop is open, and nothing is in flight.
    fn work(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        match self.step {
            Step::List if self.asked == 0 => {
                if !self.record.is_begun() {
                    self.record.clear();
                }
                self.record.begin();
                self.listing = Listing::new(self.listing.anchor);
                self.found.clear();
                self.send(Step::List, &UidlCommand { message: None }, tx)
            }
            Step::Look if self.is_crowded() => {
                self.step = Step::Delete;
                Ok(Act::Again)
            }
            Step::Look if self.found.behind(self.told_up_to).is_some() => self.look_at(tx),
            Step::Look if self.found.left_out > self.told_up_to => {
                self.step = Step::List;
                Ok(Act::Again)
            }
            Step::Look => {
                self.step = Step::Rest;
                Ok(Act::Again)
            }
            // What comes behind it must be told, too.
            Step::Retrieve if self.is_deadly() => {
                Ok(if self.alert() { Act::Tell } else { Act::Again })
            }
            Step::Retrieve => {
                self.letter.begin();
                self.fingerprint = FNV;
                self.send(Step::Retrieve, &RetrCommand { message: self.number }, tx)
            }
            Step::Rest if !self.caught_up => {
                self.caught_up = true;
                self.failures.forget();
                self.told = Told::CaughtUp;
                Ok(Act::Tell)
            }
            Step::Rest => {
                self.step = Step::Delete;
                Ok(Act::Again)
            }
            _ => Ok(Act::Nothing),
        }
    }

    /// Asks of the next message what an alert tells.
    fn look_at(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let Some((message, hash, _)) = self.found.behind(self.told_up_to) else {
            return Ok(Act::Nothing);
        };
        match self.asked {
            0 => {
                self.begun = if self.number == message { self.begun.wrapping_add(1) } else { 1 };
                self.number = message;
                self.hash = hash;
                self.size = None;
                self.unique_id.clear();
                self.letter.begin();
                self.fingerprint = FNV;
                self.send(Step::Look, &ListCommand { message: Some(message) }, tx)
            }
            1 => self.send(Step::Look, &UidlCommand { message: Some(message) }, tx),
            2 if self.cannot_top || self.is_deadly() => match self.connection.is_quiet() {
                true => {
                    self.step = Step::Retrieve;
                    Ok(Act::Again)
                }
                false => Ok(Act::Nothing),
            },
            2 => {
                let lines = self.config.preview_lines;
                self.send(Step::Look, &TopCommand { message, lines }, tx)
            }
            _ => Ok(Act::Nothing),
        }
    }

    /// Deletes what is to be deleted; then QUIT.
    fn delete(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        if let Some(&Place { number: message, .. }) = self.doomed.get(self.deleting) {
            let act = self.send(Step::Delete, &DeleCommand { message }, tx)?;
            if matches!(act, Act::Again) {
                self.deleted = true;
                self.deleting = self.deleting.saturating_add(1);
            }
            return Ok(act);
        }
        if !self.connection.is_quiet() {
            return Ok(Act::Nothing);
        }
        if !self.caught_up && !self.stopping {
            self.step = Step::Look;
            self.asked = 0;
            return Ok(Act::Again);
        }
        self.send(Step::Quit, &QuitCommand, tx)
    }
}

/// What [`Pop3Watch::act`] came to.
enum Act {
    /// The server's turn.
    Nothing,
    /// Look again at what is to be done.
    Again,
    /// There is something to tell.
    Tell,
}

impl Machine for Pop3Watch<'_> {
    type Event<'r>
        = Event<'r>
    where
        Self: 'r;

    /// It never fails: what goes wrong is told by [`Event::Retry`].
    #[inline(never)] // Flash: what is reached from the stack pointer takes longer instructions.
    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        match core::mem::replace(&mut self.told, Told::Nothing) {
            Told::Refused { .. } => {
                self.failures.refuse();
                return Ok(self.retry(Cause::Refused, now));
            }
            Told::Unreachable => return Ok(self.retry(Cause::Unreachable, now)),
            _ => {}
        }
        if self.step == Step::Dead {
            return Ok(if self.stopping { Progress::Closed } else { Progress::NeedInput });
        }
        loop {
            let result = match self.connection.advance(buffers, now) {
                Ok(Progress::Event) => Ok(match self.hear(buffers) {
                    true => Act::Tell,
                    false => Act::Again,
                }),
                Ok(Progress::NeedInput) => self.act(&mut buffers.tx),
                Ok(Progress::Closed) => return Ok(self.ended(Cause::Bye, now)),
                Err(error) => Err(error),
            };
            match result {
                Ok(Act::Tell) => return Ok(Progress::Event),
                Ok(Act::Nothing) => return Ok(Progress::NeedInput),
                Ok(Act::Again) => {}
                Err(error) => return Ok(self.ended(Cause::Connection(error), now)),
            }
        }
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        let text = || match self.connection.look(buffers) {
            Pop3::Completed { response, .. } => response.text.text,
            _ => Str::default(),
        };
        match self.told {
            Told::StartTls => Event::StartTls,
            Told::LogIn => Event::LogIn,
            Told::LoggedIn => Event::LoggedIn { text: text() },
            Told::Challenge => match self.connection.look(buffers) {
                Pop3::Challenge { challenge } => Event::Challenge { challenge, truncated: false },
                _ => Event::Challenge { challenge: &[], truncated: true },
            },
            Told::Open { reset } => Event::Open { mailbox: 0, exists: self.listing.count, reset },
            Told::Alert => Event::Alert(self.letter.alert(self.number, &self.unique_id, self.size)),
            Told::Nothing | Told::CaughtUp => Event::CaughtUp,
            Told::Refused { login } => Event::Refused { login, mailbox: 0, text: text() },
            Told::Retry { at, cause } => Event::Retry { at, cause },
            Told::Unreachable => Event::Retry { at: Instant::ZERO, cause: Cause::Unreachable },
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.connection.deadline().filter(|_| self.step != Step::Dead)
    }
}
