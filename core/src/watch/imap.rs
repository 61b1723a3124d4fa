//! The watcher over IMAP.

use super::backoff::{Backoff, Failures};
use super::draft::Draft;
use super::{Alert, Cause, Cursor, Event, Login, Start};
use crate::fmt::{debug, warn};
use crate::imap::command::{
    ExamineCommand, FetchCommand, IdleCommand, LoginCommand, LogoutCommand, NoopCommand,
    SearchCommand, SelectCommand, StartTlsCommand, StoreCommand,
};
use crate::imap::event::{Body, Event as Imap, Fetch as Came};
use crate::imap::{
    Capability, Command, Config, Connection, Fetch, Flag, Item, Search, SequenceSet, State, Status,
    Tag,
};
use crate::{
    Buffers, Duration, Error, Instant, Machine, PeerError, Progress, Rx, Tx, UsageError,
};
use heapless::Vec;

/// How many found messages are remembered at once. The rest is searched for again.
const BATCH: usize = 16;

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
    /// UIDs that are to be told, highest first.
    found: Vec<u32, BATCH>,
    /// There were more than that.
    overflow: bool,
    /// How many UIDs a search spans, and the highest of the one in flight.
    span: u32,
    highest: u32,
    draft: Draft<'a>,
    /// Acknowledged, and to be marked.
    seen: Vec<u32, BATCH>,
    /// When IDLE is renewed or the next look is taken.
    wake: Option<Instant>,
    failures: Failures,
    stopping: bool,
    told: Told,
}

/// What is done, or is to be done when nothing is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Up to the selected mailbox.
    Open,
    Baseline,
    Find,
    Fetch,
    /// The message was there when it was searched for, but FETCH told nothing of it.
    Verify,
    Preview,
    Mark,
    /// All was told.
    Wait,
    Idle,
    Logout,
    /// The connection is of no more use.
    Dead,
}

/// What `event` shall show.
#[derive(Debug, Clone, Copy)]
enum Told {
    Nothing,
    /// The connection's event, which says what the server refused.
    Refused { login: bool },
    Challenge,
    LoggedIn,
    LogIn,
    StartTls,
    Open { exists: u32, reset: bool },
    Alert { uid: u32 },
    CaughtUp,
    Retry { at: Instant, cause: Cause },
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
            step: Step::Open,
            awaited: None,
            found: Vec::new(),
            overflow: false,
            span: SPAN,
            highest: 0,
            draft: Draft::new(text),
            seen: Vec::new(),
            wake: None,
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

    /// The connection, to work with: to log in on [`Event::LogIn`], or to send commands of one's
    /// own when nothing is in flight, as at [`Event::Alert`] and [`Event::CaughtUp`]. Then drive
    /// it by its own [`advance`](Machine::advance) until they are completed. Another mailbox must
    /// not be selected.
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
        watched.acknowledged = watched.acknowledged.max(uid.min(watched.told));
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
        self.connection.tls_started(rx)
    }

    /// Begins on a new transport. What is left in the buffers is dropped.
    pub fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        buffers.clear();
        self.connection = Connection::new(self.config.connection);
        self.begin_anew();
    }

    /// Says that no transport could be had, or that it failed: [`Event::Retry`] comes next.
    pub fn unreachable(&mut self, now: Instant) {
        self.retry(Cause::Unreachable, now);
        self.step = Step::Dead;
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

    fn begin_anew(&mut self) {
        self.step = Step::Open;
        self.awaited = None;
        self.found.clear();
        self.overflow = false;
        self.wake = None;
        self.seen.clear();
        self.told = Told::Nothing;
        for watched in self.mailboxes.iter_mut() {
            watched.dirty = true;
        }
    }

    fn retry(&mut self, cause: Cause, now: Instant) -> Progress {
        let at = match cause {
            Cause::Poll => now.saturating_add(self.config.poll),
            _ => self.failures.add(&self.config.backoff, now),
        };
        debug!("watch: {:?}, again at {:?}", cause, at);
        self.step = Step::Dead;
        self.told = Told::Retry { at, cause };
        Progress::Event
    }

    fn offers(&self, capability: Capability<'_>) -> bool {
        self.connection.capabilities().contains(&capability)
    }

    fn watched(&mut self) -> Option<&mut Watched<'a>> {
        self.mailboxes.get_mut(self.at)
    }

    /// Sends `command` and awaits its end.
    fn send(&mut self, command: &dyn Command, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.awaited = Some(self.connection.send(command, tx)?);
        Ok(())
    }

    fn end_idle(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        match self.connection.done(tx) {
            // It is ending already.
            Err(Error::Usage(UsageError::WrongState)) => Ok(()),
            result => result,
        }
    }

    /// Takes in what the connection's event says. Whether there is something to tell.
    fn hear(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<bool, Error> {
        let event = self.connection.event(buffers);
        match event {
            Imap::Completed { tag, response } if self.awaited == Some(tag) => {
                self.awaited = None;
                return Ok(self.completed(response.status, now));
            }
            Imap::Completed { response, .. } if self.logs_in() => {
                self.told = match response.status {
                    Status::Ok => Told::LoggedIn,
                    _ => Told::Refused { login: true },
                };
                return Ok(self.connection.is_quiet());
            }
            Imap::Challenge { .. } => {
                self.told = Told::Challenge;
                return Ok(true);
            }
            Imap::StartTls { .. } => {
                self.told = Told::StartTls;
                return Ok(true);
            }
            Imap::Exists(_) => {
                if let Some(watched) = self.mailboxes.get_mut(self.at) {
                    watched.dirty = true;
                }
                if self.step == Step::Idle {
                    self.end_idle(&mut buffers.tx)?;
                }
            }
            Imap::Idling { .. } if self.stopping => self.end_idle(&mut buffers.tx)?,
            Imap::MailboxStatus(status) => {
                for watched in self.mailboxes.iter_mut() {
                    watched.dirty |= status.mailbox == *watched.mailbox;
                }
            }
            Imap::Search { numbers, .. } => {
                numbers.iter().for_each(|uid| self.find(uid));
            }
            Imap::Esearch { found, .. } => {
                if let Some(uids) = found.all().and_then(|set| set.numbers()) {
                    uids.for_each(|uid| self.find(uid));
                }
            }
            Imap::Fetch(piece) => self.draft.hear(&piece),
            _ => {}
        }
        Ok(false)
    }

    /// A search found this.
    fn find(&mut self, uid: u32) {
        // What came last is in every set that ends in "*"; DavMail finds a UID 0.
        let done = self.mailboxes.get(self.at).map_or(0, |watched| watched.done);
        if self.step != Step::Baseline && (uid < done || uid == 0) {
            return;
        }
        let at = match self.found.binary_search_by(|other| uid.cmp(other)) {
            Ok(_) => return,
            Err(at) => at,
        };
        if self.found.is_full() {
            self.overflow = true;
            if at == 0 {
                return;
            }
            // The highest goes.
            self.found.remove(0);
            let _ = self.found.insert(at.saturating_sub(1), uid);
        } else {
            let _ = self.found.insert(at, uid);
        }
    }
}
