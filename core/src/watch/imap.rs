//! The watcher over IMAP.

use super::backoff::{Backoff, Failures};
use super::draft::{Draft, FIELDS};
use super::found::Found;
use super::{Cause, Cursor, Event, Login, Start};
use crate::fmt::{debug, warn};
use crate::imap::command::{
    ExamineCommand, FetchCommand, IdleCommand, LoginCommand, LogoutCommand, NoopCommand,
    SearchCommand, SelectCommand, StartTlsCommand, StoreCommand,
};
use crate::imap::{
    Capability, Command, Config, Connection, Event as Imap, Fetch, Flag, Search, Section,
    SequenceSet, State, Status, Tag,
};
use crate::{Buffers, Duration, Error, Instant, Machine, Progress, Rx, Str, Tx, UsageError};
use heapless::Vec;

/// How many acknowledged messages may wait to be marked.
const MARKED: usize = 16;

/// How many UIDs the first search of a backlog spans; each that finds nothing doubles it. So the
/// answer to one search stays small, however large the mailbox is.
const SPAN: u32 = 256;

/// What an [`ImapWatch`] is told before it begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ImapConfig<'a> {
    /// Of each of its connections.
    pub connection: Config,
    /// How to log in.
    pub login: Login<'a>,
    /// Whether to ask for TLS by STARTTLS before logging in. A server that does not offer it is
    /// not logged in to. Default: no, the transport is TLS from the start.
    pub start_tls: bool,
    /// Only messages that match all of these are alerted; the server decides. Default: all.
    pub filter: &'a [Search<'a>],
    /// Where a mailbox begins that was never watched before.
    pub start: Start,
    /// How long one IDLE lasts. RFC 2177 asks for less than 30 minutes; a link that died is found
    /// when it ends. `None`: the mailbox is polled even where IDLE is offered. Default: 9 minutes.
    pub idle: Option<Duration>,
    /// How long to wait between looks where IDLE is not offered. Default: one minute.
    pub poll: Duration,
    /// Whether acknowledged messages become `\Seen`. Then the mailbox is opened by SELECT.
    /// Default: no.
    pub mark_seen: bool,
    /// Whether alerts have the beginning of the text. Default: yes.
    pub preview: bool,
    /// How long to wait after a failure.
    pub backoff: Backoff,
}

impl<'a> ImapConfig<'a> {
    /// The defaults.
    pub const fn new(login: Login<'a>) -> Self {
        Self {
            connection: Config::new(),
            login,
            start_tls: false,
            filter: &[],
            start: Start::Now,
            idle: Some(Duration::from_secs(9 * 60)),
            poll: Duration::from_secs(60),
            mark_seen: false,
            preview: true,
            backoff: Backoff::new(),
        }
    }
}

/// A mailbox that is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// Its name, in UTF-8.
    pub mailbox: &'a str,
    /// How far it was watched: [`Cursor::new`], or what was kept.
    pub cursor: Cursor,
    /// All below was told in this session, or does not match.
    done: u32,
    /// The highest UID that was told, and the highest that was acknowledged.
    told: u32,
    acknowledged: u32,
    /// Whether something may have come since it was looked at.
    dirty: bool,
}

impl<'a> Watched<'a> {
    /// A mailbox, and how far it was watched.
    pub const fn new(mailbox: &'a str, cursor: Cursor) -> Self {
        Self { mailbox, cursor, done: 0, told: 0, acknowledged: 0, dirty: true }
    }

    /// Moves the cursor as far as it may go.
    fn settle(&mut self) {
        let next = if self.acknowledged >= self.told {
            self.done
        } else {
            self.acknowledged.saturating_add(1).min(self.done)
        };
        self.cursor.next_uid = self.cursor.next_uid.max(next);
    }
}

/// Watches mailboxes over IMAP: a [`Machine`] whose events are [`Event`]s. See the
/// [module](super) for what it promises and in what order to call it.
///
/// With more than one mailbox each is looked at in turn: at once when NOTIFY (RFC 5465) tells
/// that something came, where the server offers that; else whenever
/// [`poll`](ImapConfig::poll) has passed. For less delay make a watcher of each.
#[derive(Debug)]
pub struct ImapWatch<'a> {
    config: ImapConfig<'a>,
    connection: Connection,
    mailboxes: &'a mut [Watched<'a>],
    /// The one that is open or to be opened.
    at: usize,
    step: Step,
    /// The command whose end is awaited.
    awaited: Option<Tag>,
    found: Found,
    /// How many UIDs a search spans, and the highest of the one in flight.
    span: u32,
    highest: u32,
    draft: Draft<'a>,
    /// Whether the message that FETCH told nothing of is there.
    is_there: bool,
    /// Acknowledged, and to be marked.
    seen: Vec<u32, MARKED>,
    /// When IDLE is renewed or the next look is taken.
    wake: Option<Instant>,
    /// The server refused IDLE.
    cannot_idle: bool,
    /// STARTTLS is done.
    secured: bool,
    /// The server was asked for TLS, or, behind that, the caller to log in.
    asked: bool,
    /// That all was told was told, and nothing came since.
    caught_up: bool,
    failures: Failures,
    stopping: bool,
    told: Told,
}

/// What is done, or is to be done when nothing is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// STARTTLS.
    Secure,
    /// LOGIN, or whatever the caller logs in by.
    LogIn,
    /// SELECT or EXAMINE.
    Open,
    /// UID SEARCH of the last message, to begin behind it.
    Baseline,
    /// UID SEARCH of what is not told yet.
    Find,
    /// UID FETCH of the next message that was found.
    Fetch,
    /// UID SEARCH of that one: FETCH told nothing of it.
    Verify,
    /// UID FETCH of the beginning of its text.
    Preview,
    /// All was told. Nothing is in flight.
    Rest,
    /// UID STORE.
    Mark,
    Idle,
    /// NOOP.
    Poll,
    Logout,
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
        exists: u32,
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
    /// Of a command of the caller's.
    SendLiteral {
        tag: Tag,
        remaining: u64,
    },
    Completed {
        tag: Tag,
        ok: bool,
    },
}

impl<'a> ImapWatch<'a> {
    /// A watcher for these mailboxes, over a transport that was just connected.
    ///
    /// `text` holds what an alert shows: of its bytes a quarter the From field, a quarter the
    /// subject, as they came, and most of the rest the preview. 512 bytes are enough for one
    /// line of each.
    pub fn new(
        config: ImapConfig<'a>,
        mailboxes: &'a mut [Watched<'a>],
        text: &'a mut [u8],
    ) -> Self {
        Self {
            connection: Connection::new(config.connection),
            mailboxes,
            at: 0,
            step: Step::Secure,
            awaited: None,
            found: Found::new(),
            span: SPAN,
            highest: 0,
            draft: Draft::new(text),
            is_there: false,
            seen: Vec::new(),
            wake: None,
            cannot_idle: false,
            secured: false,
            asked: false,
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

    /// The connection, to work with: to log in on [`Event::LogIn`], or to send a command of one's
    /// own at [`Event::Alert`] or [`Event::CaughtUp`], when nothing is in flight: an APPEND or a
    /// STORE, say. The watcher goes on once it was completed. No other mailbox may be selected.
    pub fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The mailboxes and how far each was watched. Keep the cursor after each
    /// [`acknowledge`](Self::acknowledge), [`Event::Open`] and [`Event::CaughtUp`].
    pub fn mailboxes(&self) -> &[Watched<'a>] {
        self.mailboxes
    }

    /// The alert of this UID, and those before it, need not come again.
    pub fn acknowledge(&mut self, mailbox: usize, uid: u32) {
        let Some(watched) = self.mailboxes.get_mut(mailbox) else { return };
        let uid = uid.min(watched.told);
        watched.acknowledged = watched.acknowledged.max(uid);
        // It may be of the connection before this one.
        watched.done = watched.done.max(uid.saturating_add(1));
        watched.settle();
        if self.config.mark_seen && mailbox == self.at && self.seen.push(uid).is_err() {
            warn!("too many messages to be marked at once: {} is left", uid);
        }
    }

    /// Says that the handshake that [`Event::StartTls`] asked for is done.
    ///
    /// # Errors
    ///
    /// As [`Connection::tls_started`].
    pub fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        self.connection.tls_started(rx)?;
        self.secured = true;
        self.asked = false;
        Ok(())
    }

    /// Begins on a new transport. What is left in the buffers is dropped.
    pub fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        buffers.clear();
        self.connection = Connection::new(self.config.connection);
        self.step = Step::Secure;
        self.awaited = None;
        self.wake = None;
        self.secured = false;
        self.asked = false;
        self.told = Told::Nothing;
        for watched in self.mailboxes.iter_mut() {
            watched.dirty = true;
        }
    }

    /// Says that no transport could be had, or that it failed: [`Event::Retry`] comes next. What
    /// is left to be sent is dropped.
    pub fn unreachable(&mut self, buffers: &mut Buffers<'_>) {
        buffers.clear();
        self.told = Told::Unreachable;
    }

    /// Ends it in order: LOGOUT, then [`Progress::Closed`].
    ///
    /// # Errors
    ///
    /// [`ResourceError::TxFull`](crate::ResourceError::TxFull): send what is pending, and try
    /// again.
    pub fn stop(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.stopping = true;
        if self.step == Step::Idle {
            self.end_idle(tx)?;
        }
        Ok(())
    }

    fn retry(&mut self, cause: Cause, now: Instant) -> Progress {
        let at = self.failures.add(&self.config.backoff, now);
        debug!("watch: {:?}, again at {:?}", cause, at);
        self.step = Step::Dead;
        self.told = Told::Retry { at, cause };
        Progress::Event
    }

    fn offers(&self, capability: Capability<'_>) -> bool {
        self.connection.capabilities().contains(&capability)
    }

    /// The lowest UID that is still to be looked at.
    fn done(&self) -> u32 {
        self.mailboxes.get(self.at).map_or(1, |watched| watched.done)
    }

    fn set_done(&mut self, done: u32) {
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.done = watched.done.max(done);
        }
    }

    fn is_dirty(&self) -> bool {
        self.mailboxes.get(self.at).is_some_and(|watched| watched.dirty)
    }

    fn set_dirty(&mut self, dirty: bool) {
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.dirty = dirty;
        }
    }

    /// Sends `command`, as this step.
    fn send(&mut self, step: Step, command: &dyn Command, tx: &mut Tx<'_>) -> Result<Act, Error> {
        self.awaited = Some(self.connection.send(command, tx)?);
        self.step = step;
        Ok(Act::Sent)
    }

    fn end_idle(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match self.connection.done(tx) {
            // It is ending already.
            Err(Error::Usage(UsageError::WrongState)) => Ok(()),
            result => result,
        }
    }

    /// Takes in what the connection's event says. Whether there is something to tell.
    fn hear(&mut self, buffers: &mut Buffers<'_>) -> Result<bool, Error> {
        match self.connection.look(buffers) {
            Imap::Completed { tag, response } if self.awaited == Some(tag) => {
                self.awaited = None;
                return Ok(self.completed(response.status == Status::Ok));
            }
            Imap::Completed { response, .. } if self.step == Step::LogIn && self.asked => {
                // It may be a command that only prepares the login.
                self.told = match response.status {
                    Status::Ok if self.connection.state() == State::Authenticated => Told::LoggedIn,
                    Status::Ok => return Ok(false),
                    _ => Told::Refused { login: true },
                };
                return Ok(true);
            }
            // The connection's own, or the caller's.
            Imap::Completed { tag, response } if !self.connection.was_own() => {
                self.told = Told::Completed { tag, ok: response.status == Status::Ok };
                return Ok(true);
            }
            Imap::SendLiteral { tag, remaining } => {
                self.told = Told::SendLiteral { tag, remaining };
                return Ok(true);
            }
            Imap::Challenge { .. } => {
                self.told = Told::Challenge;
                return Ok(true);
            }
            Imap::StartTls { .. } => {
                self.told = Told::StartTls;
                return Ok(true);
            }
            Imap::Exists(_) if self.step != Step::Open => {
                self.set_dirty(true);
                if self.step == Step::Idle {
                    self.end_idle(&mut buffers.tx)?;
                }
            }
            Imap::MailboxStatus(status) => {
                for watched in self.mailboxes.iter_mut() {
                    watched.dirty |= status.mailbox == *watched.mailbox;
                }
            }
            Imap::Search { numbers, .. } if self.step == Step::Verify => {
                self.is_there |= numbers.iter().any(|uid| uid == self.draft.uid());
            }
            Imap::Search { numbers, .. } => numbers.iter().for_each(|uid| self.found.add(uid)),
            Imap::Esearch { found, .. } => {
                for range in found.all().into_iter().flatten() {
                    let (first, last) = (range.start.resolve(0), range.end.resolve(0));
                    let uid = self.draft.uid();
                    self.is_there |= (first..=last).contains(&uid);
                    if self.step != Step::Verify {
                        self.found.add_range(first, last);
                    }
                }
            }
            Imap::Fetch(piece) => self.draft.hear(&piece),
            _ => {}
        }
        Ok(false)
    }

    /// The awaited command has ended. Whether there is something to tell.
    fn completed(&mut self, ok: bool) -> bool {
        match self.step {
            Step::LogIn | Step::Open | Step::Baseline | Step::Find | Step::Secure if !ok => {
                self.told = Told::Refused { login: self.step == Step::LogIn };
                return true;
            }
            Step::LogIn => self.step = Step::Open,
            Step::Open => return self.opened(),
            Step::Baseline => {
                let last = self.found.next().unwrap_or(0);
                self.begin_at(last.saturating_add(1));
                self.step = Step::Find;
            }
            Step::Find => self.step = Step::Fetch,
            // It is there, though FETCH told nothing of it; or nobody could say.
            Step::Verify if !ok || self.is_there => return self.alert(),
            // It is gone.
            Step::Verify => self.pass(),
            Step::Fetch if !self.draft.is_known() => self.step = Step::Verify,
            Step::Fetch if self.draft.part.is_some() => self.step = Step::Preview,
            Step::Fetch | Step::Preview => return self.alert(),
            Step::Idle => {
                // Some offer it and cannot do it.
                self.cannot_idle |= !ok;
                self.step = Step::Rest;
            }
            Step::Mark => {
                self.seen.clear();
                self.step = Step::Rest;
            }
            Step::Poll => self.step = Step::Rest,
            Step::Secure | Step::Rest | Step::Logout | Step::Dead => {}
        }
        false
    }

    /// The mailbox was opened.
    fn opened(&mut self) -> bool {
        let selected = self.connection.selected().copied();
        let (exists, uid_next, validity) = selected.map_or((0, None, None), |it| {
            (it.exists, it.uid_next.filter(|&uid| uid > 0), it.uid_validity)
        });
        // Some servers tell none.
        let validity = Some(validity.unwrap_or(0));
        self.span = SPAN;
        self.highest = u32::MAX;
        self.found.begin(0);
        self.step = Step::Find;
        let Some(watched) = self.mailboxes.get_mut(self.at) else { return false };
        // What came before UIDNEXT is searched for in any case.
        watched.dirty = uid_next.is_none();
        let reset = watched.cursor.uid_validity != validity;
        if reset {
            watched.cursor = Cursor { uid_validity: validity, ..Cursor::new() };
            (watched.told, watched.acknowledged, watched.done) = (0, 0, 0);
            match (self.config.start, uid_next) {
                (Start::Now, Some(next)) => self.begin_at(next),
                (Start::Now, None) if exists > 0 => self.step = Step::Baseline,
                _ => self.begin_at(1),
            }
        } else {
            watched.done = watched.cursor.next_uid.max(1);
        }
        self.caught_up = false;
        self.told = Told::Open { exists, reset };
        true
    }

    /// The mailbox is watched from here on.
    fn begin_at(&mut self, next_uid: u32) {
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.done = next_uid;
            watched.cursor.next_uid = next_uid;
        }
    }

    /// All that will be known of the message is.
    fn alert(&mut self) -> bool {
        self.draft.end();
        let uid = self.draft.uid();
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.told = watched.told.max(uid);
        }
        self.pass();
        self.caught_up = false;
        self.failures.forget();
        self.told = Told::Alert;
        true
    }

    /// The message is told, or gone.
    fn pass(&mut self) {
        let uid = self.draft.uid();
        self.set_done(uid.saturating_add(1));
        self.found.pass();
        self.step = Step::Fetch;
    }

    /// Does what is to be done next, when the server has said all for now.
    fn act(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        if self.awaited.is_some() || !self.connection.is_quiet() {
            let due = self.wake.is_some_and(|at| now >= at);
            if self.step == Step::Idle && (due || !self.seen.is_empty()) {
                self.wake = None;
                self.set_dirty(true);
                self.end_idle(tx)?;
            }
            return Ok(Act::Nothing);
        }
        match self.connection.state() {
            State::Greeting | State::Logout => Ok(Act::Nothing),
            _ if self.stopping => self.send(Step::Logout, &LogoutCommand, tx),
            _ if !self.connection.knows_capabilities() => Ok(Act::Nothing),
            State::NotAuthenticated => self.log_in(tx),
            State::Authenticated => self.open(tx),
            State::Selected => self.work(tx, now),
        }
    }

    fn log_in(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        if self.config.start_tls && !self.secured {
            if self.asked {
                return Ok(Act::Nothing);
            }
            self.asked = true;
            return self.send(Step::Secure, &StartTlsCommand, tx);
        }
        match self.config.login {
            Login::Password { user, password } => {
                self.send(Step::LogIn, &LoginCommand { user, password }, tx)
            }
            Login::Caller if self.asked => Ok(Act::Nothing),
            Login::Caller => {
                self.asked = true;
                self.step = Step::LogIn;
                self.told = Told::LogIn;
                Ok(Act::Tell)
            }
        }
    }

    fn open(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let Some(watched) = self.mailboxes.get(self.at) else {
            return Err(UsageError::InvalidArgument("no mailbox to watch").into());
        };
        let mailbox = watched.mailbox;
        match self.config.mark_seen {
            true => self.send(Step::Open, &SelectCommand::new(mailbox), tx),
            false => self.send(Step::Open, &ExamineCommand::new(mailbox), tx),
        }
    }

    /// The mailbox is open, and nothing is in flight.
    fn work(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        match self.step {
            Step::Open => self.open(tx),
            Step::Baseline => {
                self.found.begin(0);
                let last = SequenceSet::try_from("*")?;
                self.search(Step::Baseline, last, &[], tx)
            }
            Step::Find => self.find(tx),
            Step::Fetch => match self.found.next() {
                Some(uid) if uid < self.done() => {
                    self.found.pass();
                    Ok(Act::Again)
                }
                Some(uid) => self.fetch(uid, tx),
                None => {
                    if !self.found.more && self.highest < u32::MAX {
                        self.set_done(self.highest.saturating_add(1));
                    }
                    self.step = Step::Find;
                    Ok(Act::Again)
                }
            },
            Step::Verify => {
                self.is_there = false;
                self.search(Step::Verify, self.draft.uid().into(), &[], tx)
            }
            Step::Preview => self.fetch_text(tx),
            _ => self.rest(tx, now),
        }
    }

    fn search(
        &mut self,
        step: Step,
        uids: SequenceSet<'_>,
        filter: &[Search<'_>],
        tx: &mut Tx<'_>,
    ) -> Result<Act, Error> {
        let keys = [Search::Uid(uids), Search::And(filter)];
        let keys = if filter.is_empty() { keys.get(..1) } else { keys.get(..) };
        self.send(step, &SearchCommand::new(keys.unwrap_or_default()).uid(), tx)
    }

    /// Searches the next UIDs of the backlog; behind it, what came since.
    fn find(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let done = self.done();
        let selected = self.connection.selected();
        let last = selected.and_then(|it| it.uid_next?.checked_sub(1)).unwrap_or(0);
        let uids = if done <= last {
            // The one before found nothing.
            if self.found.next().is_none() && !self.found.more && self.highest < done {
                self.span = self.span.saturating_mul(2);
            }
            self.highest = done.saturating_add(self.span.saturating_sub(1)).min(last);
            SequenceSet::from(done..=self.highest)
        } else if self.is_dirty() {
            self.set_dirty(false);
            self.highest = u32::MAX;
            // Not "*": GNU Mailutils finds nothing by that, and says OK.
            SequenceSet::from(done..=u32::MAX)
        } else {
            self.step = Step::Rest;
            return Ok(Act::Again);
        };
        self.found.begin(done);
        let filter = self.config.filter;
        self.search(Step::Find, uids, filter, tx)
    }

    fn fetch(&mut self, uid: u32, tx: &mut Tx<'_>) -> Result<Act, Error> {
        self.draft.begin(uid);
        let text = match self.config.preview {
            false => None,
            true if self.offers(Capability::Preview) => Some(Fetch::Preview { lazy: false }),
            true => Some(Fetch::BodyStructure),
        };
        let header = Fetch::peek(Section::header_fields(&FIELDS));
        let items = [
            Fetch::Flags,
            Fetch::InternalDate,
            Fetch::Rfc822Size,
            header,
            text.unwrap_or(Fetch::Uid),
        ];
        self.send(Step::Fetch, &FetchCommand::uid(uid, &items), tx)
    }

    /// The beginning of the text: three octets for each that is shown, since HTML and base64
    /// say little with many.
    fn fetch_text(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let Some(part) = self.draft.part else {
            self.step = Step::Fetch;
            return Ok(Act::Again);
        };
        let octets = self.draft.preview_octets();
        let items = [Fetch::peek(&part).partial(0, octets)];
        self.send(Step::Preview, &FetchCommand::uid(self.draft.uid(), &items), tx)
    }

    /// There is nothing to tell.
    fn rest(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        self.step = Step::Rest;
        if !self.seen.is_empty() {
            let seen = self.seen.clone();
            let command = StoreCommand::add(seen.as_slice(), &[Flag::Seen]).uid().silent();
            return self.send(Step::Mark, &command, tx);
        }
        if self.is_dirty() {
            self.step = Step::Find;
            return Ok(Act::Again);
        }
        let mod_seq = self.connection.selected().and_then(|it| it.highest_mod_seq);
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.settle();
            watched.cursor.mod_seq = mod_seq.unwrap_or(0);
        }
        if let Some(other) = self.mailboxes.iter().position(|watched| watched.dirty) {
            self.at = other;
            self.step = Step::Open;
            return Ok(Act::Again);
        }
        if !self.caught_up {
            self.caught_up = true;
            self.failures.forget();
            self.told = Told::CaughtUp;
            return Ok(Act::Tell);
        }
        let alone = self.mailboxes.len() == 1;
        if let Some(span) = self.config.idle
            && alone
            && !self.cannot_idle
            && self.offers(Capability::Idle)
        {
            self.wake = Some(now.saturating_add(span));
            return self.send(Step::Idle, &IdleCommand, tx);
        }
        match self.wake {
            None => self.wake = Some(now.saturating_add(self.config.poll)),
            Some(at) if now < at => {}
            Some(_) => {
                self.wake = None;
                self.mailboxes.iter_mut().for_each(|watched| watched.dirty = true);
                return self.send(Step::Poll, &NoopCommand, tx);
            }
        }
        Ok(Act::Nothing)
    }
}

/// What [`ImapWatch::act`] came to.
enum Act {
    /// The server's turn.
    Nothing,
    /// A command was sent.
    Sent,
    /// Look again at what is to be done.
    Again,
    /// There is something to tell.
    Tell,
}

impl Machine for ImapWatch<'_> {
    type Event<'r>
        = Event<'r>
    where
        Self: 'r;

    /// It never fails: what goes wrong is told by [`Event::Retry`].
    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        match core::mem::replace(&mut self.told, Told::Nothing) {
            Told::Refused { .. } => return Ok(self.retry(Cause::Refused, now)),
            Told::Unreachable => return Ok(self.retry(Cause::Unreachable, now)),
            _ => {}
        }
        if self.step == Step::Dead {
            return Ok(if self.stopping { Progress::Closed } else { Progress::NeedInput });
        }
        loop {
            let result = match self.connection.advance(buffers, now) {
                Ok(Progress::Event) => self.hear(buffers).map(|tell| match tell {
                    true => Act::Tell,
                    false => Act::Again,
                }),
                Ok(Progress::NeedInput) => self.act(&mut buffers.tx, now),
                Ok(Progress::Closed) if self.stopping => return Ok(Progress::Closed),
                Ok(Progress::Closed) => return Ok(self.retry(Cause::Bye, now)),
                Err(error) => Err(error),
            };
            match result {
                Ok(Act::Tell) => return Ok(Progress::Event),
                Ok(Act::Nothing) => return Ok(Progress::NeedInput),
                Ok(Act::Sent | Act::Again) => {}
                Err(_) if self.stopping => return Ok(Progress::Closed),
                Err(error) => return Ok(self.retry(Cause::Connection(error), now)),
            }
        }
    }

    fn event<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        let heard = || self.connection.look(buffers);
        let text = || match heard() {
            Imap::Completed { response, .. } => response.text.text,
            _ => Str::default(),
        };
        match self.told {
            Told::StartTls => Event::StartTls,
            Told::LogIn => Event::LogIn,
            Told::LoggedIn => Event::LoggedIn { text: text() },
            Told::Challenge => match heard() {
                Imap::Challenge { challenge, truncated, .. } => {
                    Event::Challenge { challenge, truncated }
                }
                _ => Event::Challenge { challenge: &[], truncated: true },
            },
            Told::SendLiteral { tag, remaining } => Event::SendLiteral { tag, remaining },
            Told::Completed { tag, ok } => Event::Completed { tag, ok, text: text() },
            Told::Open { exists, reset } => Event::Open { mailbox: self.at, exists, reset },
            Told::Alert => Event::Alert(self.draft.alert(self.at)),
            Told::Nothing | Told::CaughtUp => Event::CaughtUp,
            Told::Refused { login } => Event::Refused { login, text: text() },
            Told::Retry { at, cause } => Event::Retry { at, cause },
            Told::Unreachable => Event::Retry { at: Instant::ZERO, cause: Cause::Unreachable },
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let wake = self.wake.filter(|_| matches!(self.step, Step::Idle | Step::Rest));
        match (self.connection.deadline(), wake) {
            _ if self.step == Step::Dead => None,
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}
