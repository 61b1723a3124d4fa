//! What the device does about mail: blink, log, tell so in another mailbox, and keep how far it
//! has come. The same for `watch` and `watch-async`, which only move bytes.

use crate::board::{self, Uptime};
use crate::flash_log::{Kept, Log};
use crate::settings::Settings;
use crate::store::{self, FileFlash};
use core::fmt::Write as _;
use heapless::String;
use mailwire::imap::command::AppendCommand;
use mailwire::io::Clock as _;
use mailwire::watch::{Cursor, Event, ImapConfig, ImapWatch, Login, Start};
use mailwire::{Buffers, Duration, Instant, Machine as _, Progress};

/// Bytes of mailwire's buffers: the description of a message's parts must fit the first, a
/// command the second; an alert's texts the third.
pub const RX: usize = 1024;
/// See [`RX`].
pub const TX: usize = 256;
/// See [`RX`].
pub const TEXT: usize = 512;

/// How often to store a cursor that moved without an alert, as it does where a filter is set. After
/// a reset what is behind it is searched once more, and that is all.
const SELDOM: Duration = Duration::from_secs(10 * 60);

/// Does it.
pub struct Pager {
    settings: Settings,
    log: Log<FileFlash>,
    /// What was stored last, and when.
    kept: Cursor,
    kept_at: Instant,
    /// What was stored cannot be read.
    damaged: bool,
    /// The alert that is told in the other mailbox.
    uid: u32,
    message: String<384>,
    /// How many of its bytes were sent.
    sent: usize,
    alerts: u32,
    tries: u32,
}

impl Pager {
    /// Reads how far the mailbox was watched.
    pub fn new(settings: Settings) -> Self {
        let mut log = store::open();
        let mut bytes = [0; 24];
        let kept = match log.load(&mut bytes) {
            Kept::Bytes(_) => Cursor::from_bytes(&bytes),
            Kept::Nothing => Some(Cursor::new()),
            Kept::Damaged => None,
        };
        let damaged = kept.is_none();
        if damaged {
            defmt::error!("the cursor is damaged: all is told");
        }
        Self {
            settings,
            log,
            kept: kept.unwrap_or_default(),
            kept_at: Instant::ZERO,
            damaged,
            uid: 0,
            message: String::new(),
            sent: 0,
            alerts: 0,
            tries: 0,
        }
    }

    /// How to watch.
    pub fn config(&self) -> ImapConfig<'static> {
        let settings = &self.settings;
        let mut config = ImapConfig::new(Login::password(settings.user, settings.password));
        let [a, b, c, d, ..] = board::entropy();
        config.backoff.seed = u32::from_le_bytes([a, b, c, d]);
        config.backoff.most = settings.patience.unwrap_or(config.backoff.most);
        config.connection.timeout = settings.patience.or(config.connection.timeout);
        config.idle = settings.idle.or(config.idle);
        // Rather twice than never.
        config.start = if self.damaged { Start::Everything } else { Start::Now };
        config
    }

    /// How far it was watched.
    pub fn cursor(&self) -> Cursor {
        self.kept
    }

    /// Does what is to be done about what `watch` tells. If that needs a new connection: when.
    pub fn hear(
        &mut self,
        watch: &mut ImapWatch<'_>,
        buffers: &mut Buffers<'_>,
    ) -> Option<Instant> {
        match watch.event(buffers) {
            Event::Open { exists, reset, .. } => {
                defmt::info!("EXISTS {=u32}", exists);
                match reset {
                    true if self.damaged => defmt::warn!("watched from the first message on"),
                    true => defmt::warn!("watched from now on"),
                    false => {}
                }
                self.keep(watch, reset);
            }
            Event::Alert(alert) => {
                let from = alert.from.clone().next().unwrap_or_default();
                defmt::info!("alert: UID {=u32} from {}: {}", alert.uid, from.spec, alert.subject);
                defmt::info!("text: {=str}", alert.preview.unwrap_or_default());
                self.uid = alert.uid;
                self.message.clear();
                // What does not fit is left out.
                let _ = write!(
                    self.message,
                    "From: {}\r\nSubject: seen by device\r\nMIME-Version: 1.0\r\n\
                     Content-Type: text/plain; charset=utf-8\r\n\r\nUID {}: {}\r\n",
                    board::NAME,
                    alert.uid,
                    alert.subject,
                );
                board::blink();
                self.settings.drill();
                self.tell(watch, buffers);
            }
            Event::SendLiteral { .. } => {
                let rest = self.message.as_bytes().get(self.sent..).unwrap_or_default();
                self.sent += watch.connection_mut().write_literal(rest, &mut buffers.tx);
            }
            Event::Completed { ok, text, .. } => {
                if ok {
                    defmt::info!("told {=str}", self.settings.told);
                } else {
                    // It was seen, and will not be told better another time.
                    defmt::warn!("not told: {}", text);
                }
                self.seen(watch, buffers);
            }
            Event::CaughtUp => {
                self.keep(watch, false);
                defmt::info!("caught up");
            }
            Event::Refused { text, .. } => defmt::error!("refused: {}", text),
            Event::Retry { at, cause } => {
                defmt::warn!("again: {}", cause);
                return Some(at);
            }
            // TLS from the start, and a password.
            _ => {}
        }
        None
    }

    /// There is no connection, or no more: when to make one.
    pub fn lost(&mut self, watch: &mut ImapWatch<'_>, buffers: &mut Buffers<'_>) -> Instant {
        watch.unreachable(buffers);
        let now = Uptime.now();
        match watch.advance(buffers, now) {
            Ok(Progress::Event) => self.hear(watch, buffers).unwrap_or(now),
            _ => now,
        }
    }

    /// Whether there were as many connections as are allowed.
    pub fn gives_up(&mut self) -> bool {
        self.tries += 1;
        self.tries == self.settings.tries
    }

    /// In the other mailbox, if there is one.
    fn tell(&mut self, watch: &mut ImapWatch<'_>, buffers: &mut Buffers<'_>) {
        self.sent = 0;
        if self.settings.told.is_empty() {
            return self.seen(watch, buffers);
        }
        let append = AppendCommand::new(self.settings.told, self.message.len() as u64);
        if let Err(error) = watch.connection_mut().send(&append, &mut buffers.tx) {
            defmt::warn!("not told: {}", error);
            self.seen(watch, buffers);
        }
    }

    /// Only now that all was done: if the power had failed before, it would be done again.
    fn seen(&mut self, watch: &mut ImapWatch<'_>, buffers: &mut Buffers<'_>) {
        watch.acknowledge(0, self.uid);
        self.keep(watch, true);
        self.alerts += 1;
        if self.alerts == self.settings.alerts
            && let Err(error) = watch.stop(&mut buffers.tx)
        {
            defmt::error!("{}", error);
        }
    }

    /// Stores the cursor, if it has moved: at once, or if that was not done for long. Flags that
    /// change change its mod-sequence, for which flash is not worn.
    fn keep(&mut self, watch: &ImapWatch<'_>, at_once: bool) {
        let Some(watched) = watch.mailboxes().first() else { return };
        let Cursor { uid_validity, next_uid, .. } = watched.cursor;
        let now = Uptime.now();
        let soon = now < self.kept_at.saturating_add(SELDOM);
        if (uid_validity, next_uid) == (self.kept.uid_validity, self.kept.next_uid)
            || (soon && !at_once)
        {
            return;
        }
        match self.log.save(&watched.cursor.to_bytes()) {
            Ok(()) => (self.kept, self.kept_at) = (watched.cursor, now),
            Err(error) => defmt::error!("{}", error),
        }
    }
}
