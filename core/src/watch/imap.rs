//! The watcher over IMAP.

use super::backoff::{Backoff, Failures};
use super::draft::Draft;
use super::filter::{Filter, FindCommand};
use super::found::Found;
use super::marks::Marks;
use super::{Cause, Cursor, Event, Login, Start};
use crate::fmt::{debug, warn};
use crate::imap::command::{
    ExamineCommand, IdCommand, IdleCommand, LoginCommand, LogoutCommand, NoopCommand,
    SelectCommand, StartTlsCommand,
};
use crate::imap::{
    Capability, Command, Config, Connection, Encoder, Glance, Kind, Path, Piece, State, Status,
    Tag, encode_new_messages,
};
use crate::{Buffers, Duration, Error, Instant, Machine, PeerError, Progress, Rx, Tx, UsageError};

/// How many UIDs the first search of a backlog spans. Each that finds no more than can be kept
/// doubles it; one that finds more makes it so small that the next finds about twice that. So the
/// answers stay small, however large the mailbox is.
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
    /// Which messages are alerted; the server decides. Default: all.
    pub filter: Filter<'a>,
    /// Where a mailbox begins that was never watched before.
    pub start: Start,
    /// How long one IDLE lasts. RFC 2177 asks for less than 30 minutes; a link that died is found
    /// when it ends. `None`: the mailbox is polled even where IDLE is offered. Default: 9 minutes.
    pub idle: Option<Duration>,
    /// How long to wait between looks where IDLE is not offered. Default: one minute.
    pub poll: Duration,
    /// Whether acknowledged messages become `\Seen`. Then the mailbox is opened by SELECT.
    /// While 16 alerts wait to be acknowledged, those behind them are not marked. Default: no.
    pub mark_seen: bool,
    /// What to say by ID (RFC 2971) where the server offers that: some, such as 163.com and
    /// 126.com, let nobody in who does not say who they are. Default: nothing.
    pub id: &'a [(&'a str, Option<&'a str>)],
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
            filter: Filter::ALL,
            start: Start::Now,
            idle: Some(Duration::from_secs(9 * 60)),
            poll: Duration::from_secs(60),
            mark_seen: false,
            id: &[],
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
    /// The highest UID that was told over this connection, and the highest that was acknowledged.
    told: u32,
    acknowledged: u32,
    /// The highest UID that was ever told.
    known: u32,
    /// Whether it was not opened over this connection.
    fresh: bool,
    /// Whether something may have come since it was looked at.
    dirty: bool,
    /// The server does not open it.
    refused: bool,
}

impl<'a> Watched<'a> {
    /// A mailbox, and how far it was watched.
    pub const fn new(mailbox: &'a str, cursor: Cursor) -> Self {
        Self {
            mailbox,
            cursor,
            done: 0,
            told: 0,
            acknowledged: 0,
            known: 0,
            fresh: true,
            dirty: true,
            refused: false,
        }
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
#[cfg_attr(target_pointer_width = "32", repr(C))] // Flash: the first are in reach of short instructions.
pub struct ImapWatch<'a> {
    step: Step,
    /// Whether the answer to a search could not be read.
    garbled: bool,
    /// Whether the message that FETCH told nothing of is there.
    is_there: bool,
    idles: Idles,
    /// IDLE is on; we asked for its end; the last connection died of asking for it.
    idling: bool,
    ending: bool,
    died: bool,
    /// Whether the server tells of all mailboxes by itself; not known before it was asked.
    notifies: Option<bool>,
    heard: u8,
    /// ID was sent.
    identified: bool,
    /// STARTTLS is done.
    secured: bool,
    /// The server was asked for TLS, or, behind that, the caller to log in.
    asked: bool,
    /// That all was told was told, and nothing came since.
    caught_up: bool,
    stopping: bool,
    /// The one that is open or to be opened.
    at: usize,
    /// The command whose end is awaited.
    awaited: Option<Tag>,
    told: Told,
    mailboxes: &'a mut [Watched<'a>],
    /// When IDLE is renewed or the next look is taken.
    wake: Option<Instant>,
    /// How many UIDs a search spans, and the highest of the one in flight.
    span: u32,
    highest: u32,
    /// The highest UID that is known to be there, or to have been: up to it a search has an end.
    last: u32,
    /// Which mailbox is selected, and how often EXISTS was heard while another is opened.
    open: Option<usize>,
    config: ImapConfig<'a>,
    connection: Connection,
    found: Found,
    draft: Draft<'a>,
    marks: Marks,
    failures: Failures,
}

/// Whether IDLE is used where it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Idles {
    Yes,
    /// The server refused it over this connection.
    NotNow,
    /// The server does not know it, or dies of it.
    Never,
}

/// What is done, or is to be done when nothing is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// STARTTLS.
    Secure,
    /// LOGIN, or whatever the caller logs in by.
    LogIn,
    /// ID.
    Identify,
    /// NOTIFY.
    Notify,
    /// SELECT or EXAMINE.
    Open,
    /// UID SEARCH of the last message, to begin behind it.
    Baseline,
    /// FETCH of its UID: the search did not find it.
    Last,
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
    NextPart {
        tag: Tag,
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
            last: 0,
            draft: Draft::new(text),
            garbled: false,
            is_there: false,
            marks: Marks::new(),
            wake: None,
            idles: Idles::Yes,
            idling: false,
            ending: false,
            died: false,
            notifies: None,
            open: None,
            heard: 0,
            identified: false,
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
        let uid = uid.min(watched.known);
        if uid == 0 {
            return;
        }
        watched.acknowledged = watched.acknowledged.max(uid);
        // It may be of the connection before this one.
        watched.done = watched.done.max(uid.saturating_add(1));
        watched.settle();
        self.failures.forget();
        self.marks.acknowledge(mailbox, uid);
        if self.marks.due(mailbox) > 0 && mailbox != self.at {
            // It has to be opened for that.
            watched.dirty = true;
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
        self.garbled = false;
        self.wake = None;
        self.secured = false;
        self.asked = false;
        self.notifies = None;
        self.identified = false;
        self.open = None;
        self.told = Told::Nothing;
        self.marks.take_back();
        if self.idles == Idles::NotNow {
            self.idles = Idles::Yes;
        }
        for watched in self.mailboxes.iter_mut() {
            watched.dirty = true;
            watched.fresh = true;
            watched.refused = false;
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
        let silent = cause == Cause::Connection(Error::Peer(PeerError::Timeout));
        if self.step == Step::Idle && !self.idling && !self.ending && !silent {
            // GMX may say BYE in place of "+ idling". Once may be chance. Silence is the link's.
            self.idles = if self.died { Idles::Never } else { self.idles };
            self.died = true;
        }
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
        self.ending = true;
        match self.connection.done(tx) {
            // It is ending already.
            Err(Error::Usage(UsageError::WrongState)) => Ok(()),
            result => result,
        }
    }

    /// Takes in what the connection's event says. Whether there is something to tell.
    #[inline(never)] // Flash and stack.
    fn hear(&mut self, buffers: &mut Buffers<'_>) -> Result<bool, Error> {
        match self.connection.glance(buffers) {
            Glance::Completed { tag, status } if self.awaited == Some(tag) => {
                self.awaited = None;
                return Ok(self.completed(status));
            }
            // The connection's own.
            Glance::Completed { .. } if self.connection.was_own() => {}
            Glance::Completed { status, .. } if self.step == Step::LogIn && self.asked => {
                // It may be a command that only prepares the login.
                self.told = match status {
                    Status::Ok if self.connection.state() == State::Authenticated => Told::LoggedIn,
                    Status::Ok => return Ok(false),
                    _ => Told::Refused { login: true },
                };
                return Ok(true);
            }
            // The caller's.
            Glance::Completed { tag, status } => {
                self.told = Told::Completed { tag, ok: status == Status::Ok };
                return Ok(true);
            }
            Glance::SendLiteral { tag, remaining } => {
                self.told = Told::SendLiteral { tag, remaining };
                return Ok(true);
            }
            Glance::NextPart { tag } => {
                self.told = Told::NextPart { tag };
                return Ok(true);
            }
            Glance::Challenge { .. } => {
                self.told = Told::Challenge;
                return Ok(true);
            }
            Glance::StartTls => {
                self.told = Told::StartTls;
                return Ok(true);
            }
            // Of the mailbox that is opened, or still of the one before it: twice, and it is of
            // both, for all we know.
            Glance::Exists if self.step == Step::Open => {
                self.heard = self.heard.saturating_add(1);
                if let Some(before) = self.open.and_then(|open| self.mailboxes.get_mut(open)) {
                    before.dirty |= self.heard > 1;
                }
            }
            Glance::Exists => {
                self.set_dirty(true);
                if self.step == Step::Idle {
                    self.end_idle(&mut buffers.tx)?;
                }
            }
            // RFC 5465 section 5.2. It also tells that messages are gone.
            Glance::MailboxStatus(status) => {
                let next = status.uid_next().unwrap_or(u32::MAX);
                let validity = status.uid_validity();
                for watched in self.mailboxes.iter_mut() {
                    let anew = validity.is_some() && validity != watched.cursor.uid_validity;
                    watched.dirty |= (anew || next > watched.done)
                        && status.mailbox.is_sent_for(watched.mailbox);
                }
            }
            Glance::Idling => (self.idling, self.died) = (true, false),
            Glance::Search(numbers) if self.searches() => {
                numbers.iter().for_each(|uid| self.find_range(uid, uid));
            }
            // What it says would be missed.
            Glance::Unreadable if self.searches() => self.garbled = true,
            Glance::Esearch(found) if self.searches() => match found.all() {
                Some(all) => all
                    .iter()
                    .for_each(|it| self.find_range(it.start.resolve(0), it.end.resolve(0))),
                None => self.garbled |= found.has_items(),
            },
            Glance::Fetch(Piece::Uid(uid)) if self.step == Step::Last => self.found.add(uid),
            Glance::Fetch(piece) => self.draft.hear(piece),
            _ => {}
        }
        if self.connection.take_overflow() && self.notifies == Some(true) {
            self.notifies = Some(false);
            self.mailboxes.iter_mut().for_each(|watched| watched.dirty = true);
        }
        Ok(false)
    }

    /// Whether what a search finds is the watcher's.
    fn searches(&self) -> bool {
        let searches = matches!(self.step, Step::Baseline | Step::Find | Step::Verify);
        self.awaited.is_some() && searches
    }

    /// The search found these.
    fn find_range(&mut self, first: u32, last: u32) {
        self.is_there |= (first..=last).contains(&self.draft.uid());
        match self.step {
            Step::Verify => {}
            // Some servers find the last message in any case.
            Step::Find => self.found.add_range(first, last.min(self.highest)),
            _ => self.found.add_range(first, last),
        }
    }

    /// The awaited command has ended. Whether there is something to tell.
    #[inline(never)] // Flash and stack.
    fn completed(&mut self, status: Status) -> bool {
        let ok = status == Status::Ok;
        match self.step {
            Step::Secure | Step::LogIn | Step::Open | Step::Baseline | Step::Last | Step::Find
                if !ok || self.garbled =>
            {
                self.garbled = false;
                self.told = Told::Refused { login: self.step == Step::LogIn };
                return true;
            }
            Step::LogIn | Step::Identify => self.step = Step::Open,
            Step::Notify => {
                self.notifies = Some(ok);
                self.step = Step::Open;
            }
            Step::Open => return self.opened(),
            Step::Baseline | Step::Last => match self.found.highest() {
                Some(last) => {
                    self.last = last;
                    // It is not the next one: what is before it is still to be searched for.
                    self.found.begin(0);
                    if self.done() == 0 {
                        self.begin_at(last.saturating_add(1));
                    }
                    self.step = Step::Find;
                }
                None if self.step == Step::Baseline => self.step = Step::Last,
                // There are messages, and the server tells the UID of none.
                None => {
                    self.told = Told::Refused { login: false };
                    return true;
                }
            },
            Step::Find => self.step = Step::Fetch,
            // It is there, though FETCH told nothing of it; or nobody could say.
            Step::Verify if !ok || self.is_there => return self.alert(),
            // It is gone.
            Step::Verify => self.pass(),
            Step::Fetch if !self.draft.is_known() => self.step = Step::Verify,
            Step::Fetch if self.draft.part.is_some() => self.step = Step::Preview,
            Step::Fetch | Step::Preview => return self.alert(),
            Step::Idle => {
                match status {
                    Status::Ok if self.ending => self.failures.forget(),
                    // Some offer it and cannot do it, or end it by themselves, perhaps at once.
                    Status::Ok | Status::No => self.idles = Idles::NotNow,
                    _ => self.idles = Idles::Never,
                }
                self.wake = None;
                self.step = Step::Rest;
            }
            Step::Mark => {
                self.marks.sent();
                self.step = Step::Fetch;
            }
            Step::Poll => {
                self.failures.forget();
                self.step = Step::Rest;
            }
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
        // Some servers tell none, and some none at times.
        let known = self.mailboxes.get(self.at).and_then(|it| it.cursor.uid_validity);
        let validity = validity.or(known).or(Some(0));
        self.span = SPAN;
        self.highest = u32::MAX;
        self.last = uid_next.map_or(0, |next| next.saturating_sub(1));
        self.found.begin(0);
        self.open = Some(self.at);
        self.step = if uid_next.is_none() && exists > 0 { Step::Baseline } else { Step::Find };
        let heard = self.heard;
        let Some(watched) = self.mailboxes.get_mut(self.at) else { return false };
        // What came before UIDNEXT is searched for in any case.
        watched.dirty = uid_next.is_none() || heard > 1;
        watched.refused = false;
        let anew = watched.cursor.uid_validity != validity;
        // As after a restore from a backup: these UIDs will be given out again.
        let behind = uid_next.filter(|&next| !anew && next < watched.cursor.next_uid);
        if let Some(next) = behind {
            watched.cursor.next_uid = next;
            watched.known = watched.known.min(next.saturating_sub(1));
            watched.fresh = true;
            self.marks.forget(self.at);
        }
        let reset = anew || behind.is_some();
        if anew {
            watched.cursor = Cursor { uid_validity: validity, ..Cursor::new() };
            (watched.told, watched.acknowledged, watched.known) = (0, 0, 0);
            // Where it begins is known once the last message is.
            watched.done = 0;
            self.marks.forget(self.at);
            match (self.config.start, uid_next) {
                (Start::Now, Some(next)) => self.begin_at(next),
                (Start::Now, None) if exists > 0 => {}
                _ => self.begin_at(1),
            }
        } else if watched.fresh {
            (watched.told, watched.acknowledged) = (0, 0);
            watched.done = watched.cursor.next_uid.max(1);
        }
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.fresh = false;
        }
        self.caught_up = false;
        self.told = Told::Open { exists, reset };
        true
    }

    /// The server does not open the mailbox. Where there are others, they are watched all the
    /// same. Whether that can be.
    fn go_without(&mut self) -> bool {
        if self.step != Step::Open {
            return false;
        }
        self.open = None;
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            (watched.dirty, watched.refused) = (false, true);
        }
        let dirty = self.mailboxes.iter().position(|watched| watched.dirty && !watched.refused);
        let other = dirty.or_else(|| self.mailboxes.iter().position(|watched| !watched.refused));
        self.at = other.unwrap_or(self.at);
        other.is_some()
    }

    /// The mailbox is watched from here on.
    fn begin_at(&mut self, next_uid: u32) {
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.done = next_uid;
            watched.cursor.next_uid = next_uid;
        }
    }

    /// All that will be known of the message is. Whether it is to be told.
    fn alert(&mut self) -> bool {
        self.draft.end();
        let uid = self.draft.uid();
        if uid < self.done() {
            // It was acknowledged meanwhile, of the connection before.
            self.pass();
            return false;
        }
        if let Some(watched) = self.mailboxes.get_mut(self.at) {
            watched.told = watched.told.max(uid);
            watched.known = watched.known.max(uid);
        }
        if self.config.mark_seen && !self.marks.tell(self.at, uid) {
            warn!("too many alerts wait to be acknowledged: {} will not be marked", uid);
        }
        self.pass();
        self.caught_up = false;
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
    #[inline(never)] // Flash and stack.
    fn act(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        if self.awaited.is_some() || !self.connection.is_quiet() {
            let due = self.wake.is_some_and(|at| now >= at);
            if self.step == Step::Idle && (due || self.marks.due(self.at) > 0) {
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
            // A server, or whoever is in between, that lets in by PREAUTH what must not go in
            // clear (RFC 9051 section 7.1.4).
            _ if self.config.start_tls && !self.secured => {
                self.retry(Cause::InClear, now);
                Ok(Act::Tell)
            }
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
        if !self.config.id.is_empty() && !self.identified && self.offers(Capability::Id) {
            self.identified = true;
            return self.send(Step::Identify, &IdCommand { fields: self.config.id }, tx);
        }
        // Before any mailbox is looked at, so that nothing is missed in between.
        if self.notifies.is_none() && self.mailboxes.len() > 1 && self.offers(Capability::Notify) {
            self.awaited = Some(self.connection.send(&NotifyOf(self.mailboxes), tx)?);
            self.step = Step::Notify;
            return Ok(Act::Sent);
        }
        let Some(watched) = self.mailboxes.get(self.at) else {
            return Err(UsageError::InvalidArgument("no mailbox to watch").into());
        };
        let mailbox = watched.mailbox;
        self.heard = 0;
        match self.config.mark_seen {
            true => self.send(Step::Open, &SelectCommand::new(mailbox), tx),
            false => self.send(Step::Open, &ExamineCommand::new(mailbox), tx),
        }
    }

    /// The mailbox is open, and nothing is in flight.
    fn work(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        let between = matches!(self.step, Step::Find | Step::Fetch);
        if between && self.marks.is_full() && self.marks.due(self.at) > 0 {
            return self.mark(tx);
        }
        match self.step {
            Step::Open => self.open(tx),
            Step::Baseline => {
                self.found.begin(0);
                self.send(Step::Baseline, &Plain(Kind::UidSearch, b"UID SEARCH UID *"), tx)
            }
            Step::Last => self.send(Step::Last, &Plain(Kind::Fetch, b"FETCH * UID"), tx),
            Step::Find => self.find(tx),
            Step::Fetch => match self.found.next() {
                Some(uid) if uid < self.done() => {
                    self.found.pass();
                    Ok(Act::Again)
                }
                Some(uid) => self.fetch(uid, tx),
                None => {
                    if self.found.more {
                        self.span = self.found.width().saturating_mul(2);
                        self.last = self.last.max(self.found.highest().unwrap_or(0));
                    } else if self.highest < u32::MAX {
                        self.set_done(self.highest.saturating_add(1));
                    }
                    self.step = Step::Find;
                    Ok(Act::Again)
                }
            },
            Step::Verify => {
                self.is_there = false;
                let uid = self.draft.uid();
                let find = FindCommand { first: uid, last: uid, filter: Filter::ALL };
                self.send(Step::Verify, &find, tx)
            }
            Step::Preview => self.fetch_text(tx),
            _ => self.rest(tx, now),
        }
    }

    /// Searches the next UIDs of the backlog; behind it, what came since.
    fn find(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let done = self.done();
        if done <= self.last {
            if !self.found.more && self.highest < done {
                self.span = self.span.saturating_mul(2);
            }
            self.highest = done.saturating_add(self.span.saturating_sub(1)).min(self.last);
        } else if self.is_dirty() {
            self.set_dirty(false);
            // Not "*": GNU Mailutils finds nothing by that, and says OK.
            self.highest = u32::MAX;
        } else {
            self.step = Step::Rest;
            return Ok(Act::Again);
        }
        self.found.begin(done);
        let find = FindCommand { first: done, last: self.highest, filter: self.config.filter };
        self.send(Step::Find, &find, tx)
    }

    fn fetch(&mut self, uid: u32, tx: &mut Tx<'_>) -> Result<Act, Error> {
        self.draft.begin(uid);
        if self.draft.is_deadly() {
            // What comes behind it must be told, too.
            self.step = Step::Verify;
            return Ok(Act::Again);
        }
        let text = match self.config.preview {
            false => b"UID",
            true if self.offers(Capability::Preview) => &b"PREVIEW"[..],
            true => b"BODYSTRUCTURE",
        };
        self.send(Step::Fetch, &FetchOf { uid, text }, tx)
    }

    /// The beginning of the text.
    fn fetch_text(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        let Some(part) = self.draft.part else {
            self.step = Step::Fetch;
            return Ok(Act::Again);
        };
        let (uid, octets) = (self.draft.uid(), self.draft.preview_octets());
        self.send(Step::Preview, &FetchText { uid, part, octets }, tx)
    }

    /// Marks what was acknowledged.
    fn mark(&mut self, tx: &mut Tx<'_>) -> Result<Act, Error> {
        self.marks.send(self.at);
        self.awaited = Some(self.connection.send(&MarkSeen(&self.marks), tx)?);
        self.step = Step::Mark;
        Ok(Act::Sent)
    }

    /// There is nothing to tell.
    fn rest(&mut self, tx: &mut Tx<'_>, now: Instant) -> Result<Act, Error> {
        self.step = Step::Rest;
        if self.marks.due(self.at) > 0 {
            return self.mark(tx);
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
            self.told = Told::CaughtUp;
            return Ok(Act::Tell);
        }
        let alone = self.mailboxes.len() == 1;
        if let Some(span) = self.config.idle
            && alone
            && self.idles == Idles::Yes
            && self.offers(Capability::Idle)
        {
            self.wake = Some(now.saturating_add(span));
            (self.idling, self.ending) = (false, false);
            return self.send(Step::Idle, &IdleCommand, tx);
        }
        let notified = self.notifies == Some(true);
        let span = self.config.idle.filter(|_| notified).unwrap_or(self.config.poll);
        match self.wake {
            None => self.wake = Some(now.saturating_add(span)),
            Some(at) if now < at => {}
            Some(_) => {
                self.wake = None;
                // What was refused may be opened now, and have what came before.
                for watched in self.mailboxes.iter_mut() {
                    watched.dirty |= !notified || watched.refused;
                }
                return self.send(Step::Poll, &NoopCommand, tx);
            }
        }
        Ok(Act::Nothing)
    }
}

/// A command without arguments of anybody's.
struct Plain(Kind, &'static [u8]);

impl Command for Plain {
    fn kind(&self) -> Kind {
        self.0
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(self.1);
    }
}

/// UID FETCH of what an alert shows, `text` being the item that tells of its text.
struct FetchOf {
    uid: u32,
    text: &'static [u8],
}

impl Command for FetchOf {
    fn kind(&self) -> Kind {
        Kind::UidFetch
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"UID FETCH ").number(self.uid.into());
        out.raw(b" (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (From Subject Date)] ");
        out.raw(self.text).raw(b")");
    }
}

/// UID FETCH of the beginning of a part.
struct FetchText {
    uid: u32,
    part: Path,
    octets: u64,
}

impl Command for FetchText {
    fn kind(&self) -> Kind {
        Kind::UidFetch
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"UID FETCH ").number(self.uid.into());
        let mut before = b" BODY.PEEK[".as_slice();
        for number in self.part.numbers() {
            out.raw(before).number((*number).into());
            before = b".";
        }
        out.raw(b"]<0.").number(self.octets).raw(b">");
    }
}

/// UID STORE of `\Seen`.
struct MarkSeen<'a>(&'a Marks);

impl Command for MarkSeen<'_> {
    fn kind(&self) -> Kind {
        Kind::UidStore
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let mut before = b"UID STORE ".as_slice();
        for uid in self.0.uids() {
            out.raw(before).number(uid.into());
            before = b",";
        }
        out.raw(b" +FLAGS.SILENT (\\Seen)");
    }
}

/// NOTIFY of new messages in these mailboxes, of which one is selected (RFC 5465 section 3.1).
struct NotifyOf<'w>(&'w [Watched<'w>]);

impl Command for NotifyOf<'_> {
    fn kind(&self) -> Kind {
        Kind::Notify
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        encode_new_messages(out, self.0.iter().map(|watched| watched.mailbox));
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
    #[inline(never)] // Flash: what is reached from the stack pointer takes longer instructions.
    fn advance(&mut self, buffers: &mut Buffers<'_>, now: Instant) -> Result<Progress, Error> {
        match core::mem::replace(&mut self.told, Told::Nothing) {
            Told::Refused { .. } if self.go_without() => {}
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
        let text = || self.connection.told_text(buffers);
        match self.told {
            Told::StartTls => Event::StartTls,
            Told::LogIn => Event::LogIn,
            Told::LoggedIn => Event::LoggedIn { text: text() },
            Told::Challenge => match self.connection.glance(buffers) {
                Glance::Challenge { challenge, truncated } => {
                    Event::Challenge { challenge, truncated }
                }
                _ => Event::Challenge { challenge: &[], truncated: true },
            },
            Told::SendLiteral { tag, remaining } => Event::SendLiteral { tag, remaining },
            Told::NextPart { tag } => Event::NextPart { tag },
            Told::Completed { tag, ok } => Event::Completed { tag, ok, text: text() },
            Told::Open { exists, reset } => Event::Open { mailbox: self.at, exists, reset },
            Told::Alert => Event::Alert(self.draft.alert(self.at)),
            Told::Nothing | Told::CaughtUp => Event::CaughtUp,
            Told::Refused { login } => {
                let login = login && !self.connection.told_passes(buffers);
                Event::Refused { login, mailbox: self.at, text: text() }
            }
            Told::Retry { at, cause } => Event::Retry { at, cause },
            Told::Unreachable => Event::Retry { at: Instant::ZERO, cause: Cause::Unreachable },
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let rests = self.step == Step::Rest && self.connection.is_quiet();
        let wake = self.wake.filter(|_| rests || self.step == Step::Idle);
        match (self.connection.deadline(), wake) {
            _ if self.step == Step::Dead => None,
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}
