//! The watchers: mail came, told reliably.

use crate::args::{Args, Options};
use crate::buffers::{buffers, mw_buffers};
use crate::bytes::{mw_bytes, mw_string};
use crate::command::mw_pair;
use crate::date::mw_date_time;
use crate::event::{MW_MARK_TRUNCATED, mw_tag, number, told};
use crate::guard;
use crate::handle::MW_NEVER;
use crate::handle::{
    self, Base, Protocol, Sizes, advance_machine, deadline_of, span, tell_error, timeout,
};
use crate::imap::{config, mw_imap};
use crate::memory::{Memory, room_for};
use crate::message::{mw_mail_addresses, mw_text};
use crate::numbers::MW_UNKNOWN;
use crate::pop3::mw_pop3;
use crate::query;
use crate::result::{
    Failure, Last, MW_ERR_INTERNAL, MW_ERR_INVALID_ARGUMENT, MW_ERR_NULL, MW_OK, NULL, describe,
    invalid, mw_error, mw_result,
};
use core::ffi::c_char;
use mailwire::imap::{CustomKey, Search};
use mailwire::watch::{
    Backoff, Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch,
    Record, Start, Watched,
};
use mailwire::{Buffers, Error, Rx, Tx, imap, pop3};

/// Bytes of a cursor, as it is kept.
pub const MW_CURSOR_SIZE: usize = 24;

/// What a cursor says: how far a mailbox was watched. `mw_cursor_read`, `mw_cursor_write`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_cursor {
    /// The mailbox's UIDVALIDITY; MW_UNKNOWN: it was never watched.
    pub uid_validity: u64,
    /// The mailbox's highest mod-sequence when all was looked at; 0 if it has none (RFC 7162).
    pub mod_seq: u64,
    /// The lowest UID that is still to be looked at.
    pub next_uid: u32,
}

/// Reads the `MW_CURSOR_SIZE` bytes of a cursor. False if they are damaged, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_cursor_read(cursor: *const u8, out_cursor: *mut mw_cursor) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let bytes = args.slice(cursor, MW_CURSOR_SIZE).unwrap_or_default();
        let Some(it) = bytes.try_into().ok().and_then(Cursor::from_bytes) else { return false };
        let (mod_seq, next_uid) = (it.mod_seq, it.next_uid);
        let uid_validity = told(it.uid_validity);
        args.give(out_cursor, mw_cursor { uid_validity, mod_seq, next_uid });
        true
    })
}

/// Writes the `MW_CURSOR_SIZE` bytes of a cursor, for `mw_watched`: to begin at a UID of the
/// program's choice. `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_cursor_write(
    cursor: *const mw_cursor,
    out_cursor: *mut u8,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || {
        let (Some(it), false) = (args.maybe(cursor), out_cursor.is_null()) else {
            return MW_ERR_NULL;
        };
        let mut cursor = Cursor::new();
        cursor.uid_validity = (it.uid_validity != MW_UNKNOWN).then_some(it.uid_validity);
        cursor.mod_seq = it.mod_seq;
        cursor.next_uid = it.next_uid;
        args.give(out_cursor.cast(), cursor.to_bytes());
        MW_OK
    })
}

/// A mailbox to be watched.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_watched {
    /// Its name, in UTF-8. It must stay as long as the watcher.
    pub mailbox: *const c_char,
    /// How far it was watched: `MW_CURSOR_SIZE` bytes that `mw_watch_cursor` gave, which are
    /// copied; NULL, or bytes that are damaged: it was never watched.
    pub cursor: *const u8,
}

/// What a watcher over IMAP is told. Set all to 0, then `size`; 0 always is the default. What it
/// points to must stay as long as the watcher, but for `mailboxes` itself and the cursors.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_watch_config {
    /// `sizeof(mw_watch_config)`
    pub size: usize,
    /// Bytes of Rx, as `mw_imap_config.rx_size`.
    pub rx_size: usize,
    /// Bytes of Tx.
    pub tx_size: usize,
    /// Bytes for what an alert shows. 0: 512.
    pub text_size: usize,
    /// The user's name. NULL: MW_WATCH_LOG_IN asks the program to log in.
    pub user: *const c_char,
    /// The password, with `user`.
    pub password: *const c_char,
    /// The mailboxes. NULL: INBOX, never watched.
    pub mailboxes: *const mw_watched,
    /// How many.
    pub mailboxes_count: usize,
    /// Only messages that match: a query as for `mw_imap_search`; NULL: all.
    pub filter: *const c_char,
    /// How long one IDLE lasts, in ms. 0: 9 minutes. MW_NEVER: poll, never IDLE.
    pub idle_ms: u64,
    /// How long to wait between looks where IDLE is not offered, in ms. 0: one minute.
    pub poll_ms: u64,
    /// As `mw_imap_config.timeout_ms`.
    pub timeout_ms: u64,
    /// Ask for TLS by STARTTLS before logging in.
    pub start_tls: bool,
    /// Of a mailbox that was never watched: tell all that is there, and not only what comes.
    pub everything: bool,
    /// Make acknowledged messages \Seen.
    pub mark_seen: bool,
    /// Do not fetch the beginning of the text.
    pub no_preview: bool,
    /// For the waits after failures: a random number, so that not all devices come at once.
    pub seed: u32,
    /// How long to wait after the first failure, in ms; twice as long after each that follows it.
    /// 0: one second. When the server refused something it is a minute at least.
    pub backoff_first_ms: u64,
    /// How long at most. 0: 15 minutes.
    pub backoff_most_ms: u64,
    /// Who the program is, for servers that want to know (ID, RFC 2971): at most 30 fields such as
    /// "name" and "version". They, too, must stay. NULL: mailwire's name, only where needed.
    pub id: *const mw_pair,
    /// How many.
    pub id_count: usize,
    /// `MW_SEND_UNOFFERED` and others, or'ed, but not MW_OBSERVER.
    pub options: u32,
    /// As `mw_imap_config.quirks`.
    pub quirks: u32,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_watch_config {}

/// What a watcher over POP3 is told. As `mw_watch_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_pop3_watch_config {
    /// `sizeof(mw_pop3_watch_config)`
    pub size: usize,
    /// Bytes of Rx.
    pub rx_size: usize,
    /// Bytes of Tx.
    pub tx_size: usize,
    /// Bytes for what an alert shows. 0: 512.
    pub text_size: usize,
    /// Bytes of memory for the record of what was acknowledged: 8, and 10 for each message that the
    /// maildrop may have, up to 65535 of them. 0: 1288, for 128 messages.
    pub record_size: usize,
    /// What `mw_pop3_watch_record` gave; copied. NULL: never watched.
    pub record: *const u8,
    /// How many bytes of it.
    pub record_len: usize,
    /// The user's name. NULL: MW_WATCH_LOG_IN asks the program to log in.
    pub user: *const c_char,
    /// The password, with `user`.
    pub password: *const c_char,
    /// How long to wait between looks, in ms. 0: the default.
    pub poll_ms: u64,
    /// As `mw_imap_config.timeout_ms`.
    pub timeout_ms: u64,
    /// Lines of text to look at for the preview; 0: the default.
    pub preview_lines: u32,
    /// Ask for TLS by STLS before logging in.
    pub start_tls: bool,
    /// At first: tell all that is there, and not only what comes.
    pub everything: bool,
    /// Delete acknowledged messages from the server.
    pub delete_acknowledged: bool,
    /// As `mw_watch_config.seed`.
    pub seed: u32,
    /// As `mw_watch_config.backoff_first_ms`.
    pub backoff_first_ms: u64,
    /// As `mw_watch_config.backoff_most_ms`.
    pub backoff_most_ms: u64,
    /// `MW_SEND_UNOFFERED`, or 0.
    pub options: u32,
    /// Do not look at the text.
    pub no_preview: bool,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_pop3_watch_config {}

/// A watcher over IMAP. Opaque. Not to be used by two threads at once.
pub struct mw_watch(Watcher<ImapWatch<'static>>);

/// A watcher over POP3. Opaque. Not to be used by two threads at once.
pub struct mw_pop3_watch(Watcher<Pop3Watch<'static>>);

/// A watcher, with the front of a handle over its connection.
#[repr(C)]
struct Watcher<W: Watching> {
    base: Base<W::Connection>,
    last: Last,
    watch: W,
}

/// What both of the core's watchers do.
trait Watching: Protocol<Seen = mw_watch_event> {
    type Connection;
    fn connection(&mut self) -> &mut Self::Connection;
    fn reconnect(&mut self, buffers: &mut Buffers<'static>);
    fn unreachable(&mut self, buffers: &mut Buffers<'static>);
    fn stop(&mut self, tx: &mut Tx<'static>) -> Result<(), Error>;
}

macro_rules! watching {
    ($watch:ident over $connection:path, $stop:expr) => {
        impl Protocol for $watch<'static> {
            type Seen = mw_watch_event;
            const NONE: mw_watch_event = NO_EVENT;

            fn seen(event: Self::Event<'_>) -> mw_watch_event {
                self::event(event)
            }

            fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
                self.tls_started(rx)
            }
        }

        impl Watching for $watch<'static> {
            type Connection = $connection;

            fn connection(&mut self) -> &mut $connection {
                self.connection_mut()
            }

            fn reconnect(&mut self, buffers: &mut Buffers<'static>) {
                self.reconnect(buffers);
            }

            fn unreachable(&mut self, buffers: &mut Buffers<'static>) {
                self.unreachable(buffers);
            }

            fn stop(&mut self, tx: &mut Tx<'static>) -> Result<(), Error> {
                $stop(self, tx)
            }
        }
    };
}

watching!(ImapWatch over imap::Connection, ImapWatch::stop);
watching!(Pop3Watch over pop3::Connection, |watch: &mut Pop3Watch<'static>, _| {
    watch.stop();
    Ok(())
});

/// A watcher as C holds it.
///
/// # Safety
///
/// It is a [`Watcher`] of this, and nothing else.
unsafe trait WatchHandle: Sized {
    type Watch: Watching;
}

// SAFETY: that is what it is; an only field stands at the front.
unsafe impl WatchHandle for mw_watch {
    type Watch = ImapWatch<'static>;
}

// SAFETY: likewise.
unsafe impl WatchHandle for mw_pop3_watch {
    type Watch = Pop3Watch<'static>;
}

const _: () = assert!(core::mem::offset_of!(mw_watch, 0) == 0);
const _: () = assert!(core::mem::offset_of!(mw_pop3_watch, 0) == 0);

/// Bytes of memory that a watcher over IMAP takes beside Rx, Tx, text, `MW_WATCHED_SIZE` for each
/// mailbox and two `mw_pair`s for each field of `id`, at most, wherever it begins.
pub const MW_WATCH_OVERHEAD: usize = 3072;
/// For each mailbox.
pub const MW_WATCHED_SIZE: usize = 80;
/// Bytes of memory that a watcher over POP3 takes beside Rx, Tx, text and record.
pub const MW_POP3_WATCH_OVERHEAD: usize = 4096;

const _: () = assert!(
    room_for::<mw_watch>()
        + room_for::<Search<'_>>()
        + align_of::<Watched<'_>>()
        + align_of::<(&str, Option<&str>)>()
        <= MW_WATCH_OVERHEAD
);
const _: () = assert!(size_of::<(&str, Option<&str>)>() <= 2 * size_of::<mw_pair>());
const _: () = assert!(size_of::<Watched<'_>>() <= MW_WATCHED_SIZE);
const _: () = assert!(room_for::<mw_pop3_watch>() <= MW_POP3_WATCH_OVERHEAD);

/// # Safety
///
/// It is the base of a `Watcher<W>`.
unsafe fn connection<W: Watching>(base: *mut Base<W::Connection>) -> *mut W::Connection {
    // SAFETY: by the caller; the base stands at its front, and is not touched here.
    unsafe { core::ptr::from_mut((*base.cast::<Watcher<W>>()).watch.connection()) }
}

/// Puts a watcher into its place, with the rest of the memory for its buffers.
fn place<H: WatchHandle>(
    mut memory: Memory,
    handle: *mut Watcher<H::Watch>,
    (rx, tx): (usize, usize),
    sasl_ir: bool,
    watch: H::Watch,
) -> Result<*mut H, Failure> {
    let buffers = buffers(&mut memory, rx, tx)?;
    let base = Base::watched(buffers, sasl_ir, connection::<H::Watch>);
    // SAFETY: the place was made for it.
    unsafe { handle.write(Watcher { base, last: Last::NONE, watch }) };
    Ok(handle.cast())
}

/// Runs a call on a watcher and keeps its error there.
fn with<H: WatchHandle>(
    args: Args<'_>,
    watch: *mut H,
    f: impl FnOnce(&mut Watcher<H::Watch>) -> Result<mw_result, Failure>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        let Ok(it) = args.handle(watch.cast::<Watcher<H::Watch>>()) else { return MW_ERR_NULL };
        let result = f(it);
        it.last.keep(result)
    })
}

/// The same for what only looks.
fn look<H: WatchHandle, T>(
    args: Args<'_>,
    watch: *const H,
    otherwise: T,
    f: impl FnOnce(&Watcher<H::Watch>) -> Option<T>,
) -> T {
    let it = args.maybe(watch.cast::<Watcher<H::Watch>>());
    guard(None, || it.and_then(f)).unwrap_or(otherwise)
}

fn advance<H: WatchHandle>(
    args: Args<'_>,
    watch: *mut H,
    now_ms: u64,
    out_event: *mut mw_watch_event,
) -> mw_result {
    with(args, watch, |it| {
        advance_machine(args, &mut it.watch, &mut it.base.buffers.inner, now_ms, out_event)
    })
}

fn tls_started<H: WatchHandle>(args: Args<'_>, watch: *mut H) -> mw_result {
    with(args, watch, |it| {
        Protocol::tls_started(&mut it.watch, &it.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

fn reconnect<H: WatchHandle>(args: Args<'_>, watch: *mut H) -> mw_result {
    with(args, watch, |it| {
        it.watch.reconnect(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
}

fn unreachable<H: WatchHandle>(args: Args<'_>, watch: *mut H) -> mw_result {
    with(args, watch, |it| {
        it.watch.unreachable(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
}

fn stop<H: WatchHandle>(args: Args<'_>, watch: *mut H) -> mw_result {
    with(args, watch, |it| {
        it.watch.stop(&mut it.base.buffers.inner.tx)?;
        Ok(MW_OK)
    })
}

fn backoff(seed: u32, first_ms: u64, most_ms: u64) -> Backoff {
    let mut backoff = Backoff::new();
    backoff.seed = seed;
    backoff.first = span(first_ms, backoff.first);
    backoff.most = span(most_ms, backoff.most);
    backoff
}

/// Bytes for what an alert shows, by default.
const TEXT: usize = 512;

/// Bytes of a record, by default.
const RECORD: usize = 1288;

fn or(size: usize, default: usize) -> usize {
    if size == 0 { default } else { size }
}

#[cfg_attr(not(feature = "malloc"), allow(dead_code))]
fn sum(sizes: &[usize]) -> Result<usize, Failure> {
    let sum = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
    sum.ok_or(invalid("a size"))
}

impl Sizes for mw_watch_config {
    const REQUIRED: bool = true;

    fn buffers(&mut self) -> (&mut usize, &mut usize) {
        (&mut self.rx_size, &mut self.tx_size)
    }

    fn overhead(&self) -> Result<usize, Failure> {
        let names = MW_WATCHED_SIZE.checked_mul(self.mailboxes_count.max(1));
        let names = names.ok_or(invalid("too many mailboxes"))?;
        let fields = (2 * size_of::<mw_pair>()).checked_mul(self.id_count);
        let fields = fields.ok_or(invalid("too many fields of ID"))?;
        sum(&[MW_WATCH_OVERHEAD, names, fields, or(self.text_size, TEXT)])
    }
}

impl Sizes for mw_pop3_watch_config {
    const REQUIRED: bool = true;

    fn buffers(&mut self) -> (&mut usize, &mut usize) {
        (&mut self.rx_size, &mut self.tx_size)
    }

    fn overhead(&self) -> Result<usize, Failure> {
        sum(&[MW_POP3_WATCH_OVERHEAD, or(self.record_size, RECORD), or(self.text_size, TEXT)])
    }
}

fn login(
    args: Args<'_>,
    user: *const c_char,
    password: *const c_char,
) -> Result<Login<'static>, Failure> {
    if user.is_null() {
        return Ok(Login::Caller);
    }
    Ok(Login::password(args.forever(user)?, args.forever(password)?))
}

fn make(
    args: Args<'_>,
    mut memory: Memory,
    wanted: &mw_watch_config,
) -> Result<*mut mw_watch, Failure> {
    let handle = memory.place()?;
    let mut imap = ImapConfig::new(login(args, wanted.user, wanted.password)?);
    imap.connection = config(wanted.timeout_ms, wanted.options, wanted.quirks);
    imap.start_tls = wanted.start_tls;
    imap.start = if wanted.everything { Start::Everything } else { Start::Now };
    imap.idle = timeout(wanted.idle_ms, imap.idle);
    imap.poll = span(wanted.poll_ms, imap.poll);
    imap.mark_seen = wanted.mark_seen;
    imap.preview = !wanted.no_preview;
    imap.backoff = backoff(wanted.seed, wanted.backoff_first_ms, wanted.backoff_most_ms);
    let fields = args.slice(wanted.id, wanted.id_count)?;
    if fields.len() > 30 {
        return Err(invalid("more than 30 fields of ID"));
    }
    if !fields.is_empty() {
        imap.id = memory.row(fields.len(), |index| {
            let it = fields.get(index).ok_or(NULL)?;
            let value = if it.value.is_null() { None } else { Some(args.forever(it.value)?) };
            Ok((args.forever(it.name)?, value))
        })?;
    }
    if !wanted.filter.is_null() {
        let key = CustomKey { text: args.forever(wanted.filter)?, encode: query::search };
        imap.filter = Filter::new(memory.row(1, |_| Ok(Search::Custom(key)))?);
    }
    let inbox = [mw_watched { mailbox: c"INBOX".as_ptr(), cursor: core::ptr::null() }];
    let names = match args.slice(wanted.mailboxes, wanted.mailboxes_count)? {
        [] => &inbox,
        names => names,
    };
    let watched = memory.row(names.len(), |index| {
        let it = names.get(index).ok_or(NULL)?;
        let kept = args.slice(it.cursor, if it.cursor.is_null() { 0 } else { MW_CURSOR_SIZE })?;
        let kept = kept.try_into().ok().and_then(Cursor::from_bytes);
        Ok(Watched::new(args.forever(it.mailbox)?, kept.unwrap_or_default()))
    })?;
    let text = memory.bytes(or(wanted.text_size, TEXT))?;
    let sasl_ir = imap.connection.sasl_ir;
    let sizes = (wanted.rx_size, wanted.tx_size);
    place(memory, handle, sizes, sasl_ir, ImapWatch::new(imap, watched, text))
}

fn make_pop3(
    args: Args<'_>,
    mut memory: Memory,
    wanted: &mw_pop3_watch_config,
) -> Result<*mut mw_pop3_watch, Failure> {
    let handle = memory.place()?;
    let mut config = Pop3Config::new(login(args, wanted.user, wanted.password)?);
    config.connection = crate::pop3::config(wanted.timeout_ms, wanted.options);
    config.start_tls = wanted.start_tls;
    config.start = if wanted.everything { Start::Everything } else { Start::Now };
    config.poll = span(wanted.poll_ms, config.poll);
    if wanted.no_preview {
        config.preview_lines = 0;
    } else if wanted.preview_lines > 0 {
        config.preview_lines = wanted.preview_lines;
    }
    config.delete = wanted.delete_acknowledged;
    config.backoff = backoff(wanted.seed, wanted.backoff_first_ms, wanted.backoff_most_ms);
    let mut record = Record::new(memory.bytes(or(wanted.record_size, RECORD))?);
    if !wanted.record.is_null() && !record.restore(args.slice(wanted.record, wanted.record_len)?) {
        return Err(invalid("the record is damaged"));
    }
    let text = memory.bytes(or(wanted.text_size, TEXT))?;
    let sizes = (wanted.rx_size, wanted.tx_size);
    place(memory, handle, sizes, true, Pop3Watch::new(config, record, text))
}

/// The server agreed to TLS: do the handshake now, then call `…_tls_started`.
pub const MW_WATCH_START_TLS: u32 = 1;
/// It is for the program to log in, by the watcher's connection.
pub const MW_WATCH_LOG_IN: u32 = 2;
/// The server awaits a SASL response: `bytes`. Answer by the watcher's connection.
pub const MW_WATCH_CHALLENGE: u32 = 3;
/// Logged in: `text`. The time for `mw_sasl_finish`.
pub const MW_WATCH_LOGGED_IN: u32 = 4;
/// The mailbox is open: `mailbox`, `exists`, `yes`.
pub const MW_WATCH_OPEN: u32 = 5;
/// A message came.
pub const MW_WATCH_ALERT: u32 = 6;
/// There is nothing more to tell for now. Keep the cursor or record.
pub const MW_WATCH_CAUGHT_UP: u32 = 7;
/// The server awaits `size` bytes of the program's own command `tag`.
pub const MW_WATCH_SEND_LITERAL: u32 = 8;
/// The program's own append goes on as it wants.
pub const MW_WATCH_NEXT_PART: u32 = 9;
/// The program's own command has ended: `tag`, `yes`, `text`.
pub const MW_WATCH_COMPLETED: u32 = 10;
/// The server refused something that the watcher needs: `yes`, `mailbox`, `text`. Trying a login
/// again and again may lock the account.
pub const MW_WATCH_REFUSED: u32 = 11;
/// The connection is of no more use: close it, wait until `at_ms`, connect anew, and call
/// `…_reconnect`; or, if no connection can be made, `…_unreachable`.
pub const MW_WATCH_RETRY: u32 = 12;
/// What this version of the header has no name for.
pub const MW_WATCH_OTHER: u32 = 13;

/// `mw_watch_event.cause`: something else.
pub const MW_CAUSE_OTHER: u32 = 0;
/// `mw_watch_event.cause`: the connection failed: `error`.
pub const MW_CAUSE_CONNECTION: u32 = 1;
/// `mw_watch_event.cause`: no connection could be made.
pub const MW_CAUSE_UNREACHABLE: u32 = 2;
/// `mw_watch_event.cause`: the server refused something.
pub const MW_CAUSE_REFUSED: u32 = 3;
/// `mw_watch_event.cause`: the server said goodbye.
pub const MW_CAUSE_BYE: u32 = 4;
/// `mw_watch_event.cause`: the server let in without the TLS that was asked for: somebody may be in between.
pub const MW_CAUSE_IN_CLEAR: u32 = 5;
/// `mw_watch_event.cause`: nothing: POP3 shows what came only to a new connection.
pub const MW_CAUSE_POLL: u32 = 6;

/// What a watcher tells, over IMAP and over POP3. What it points to stays until the
/// watcher is advanced or Rx is touched; to acknowledge it leaves it as it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_watch_event {
    /// One of `MW_WATCH_…`, whose comments say what is filled. What is not filled is 0.
    pub kind: u32,
    /// `MW_MARK_TRUNCATED`, or 0.
    pub marks: u32,
    /// The place of the mailbox among those that are watched.
    pub mailbox: usize,
    /// A UID; over POP3 the message's number on this connection.
    pub uid: u32,
    /// How many messages the mailbox holds.
    pub exists: u32,
    /// `MW_FLAG_…`, or'ed; over POP3 none.
    pub flags: u32,
    /// A command of the program's own.
    pub tag: mw_tag,
    /// Of OPEN: the cursor was of no use, and begins anew. Of COMPLETED: the server did it. Of
    /// REFUSED: it was the login.
    pub yes: bool,
    /// Of RETRY: one of `MW_CAUSE_…`.
    pub cause: u32,
    /// Of RETRY with MW_CAUSE_CONNECTION: what went wrong.
    pub error: mw_result,
    /// Of RETRY: when to connect anew, on the clock of `now_ms`.
    pub at_ms: u64,
    /// Of ALERT: octets, or MW_UNKNOWN. Of SEND_LITERAL: bytes that are still to be given.
    pub size: u64,
    /// Of ALERT: when it was sent.
    pub date: mw_date_time,
    /// Of ALERT: whom it is from.
    pub from: mw_mail_addresses,
    /// Of ALERT: its subject.
    pub subject: mw_text,
    /// Of ALERT over POP3: its unique-id.
    pub unique_id: mw_string,
    /// Of ALERT: the beginning of its text, on one line, in UTF-8; or a `ptr` of NULL.
    pub preview: mw_bytes,
    /// What the server says to people.
    pub text: mw_string,
    /// Of CHALLENGE: the challenge, in base64.
    pub bytes: mw_bytes,
    /// Room to grow.
    pub reserved: [usize; 4],
}

const NO_EVENT: mw_watch_event = mw_watch_event {
    kind: 0,
    marks: 0,
    mailbox: 0,
    uid: 0,
    exists: 0,
    flags: 0,
    tag: 0,
    yes: false,
    cause: 0,
    error: MW_OK,
    at_ms: 0,
    size: MW_UNKNOWN,
    date: mw_date_time::NONE,
    from: mw_mail_addresses::NONE,
    subject: mw_text::NONE,
    unique_id: mw_string::NONE,
    preview: mw_bytes::NONE,
    text: mw_string::NONE,
    bytes: mw_bytes::NONE,
    reserved: [0; 4],
};

fn event(event: Event<'_>) -> mw_watch_event {
    let new = |kind| mw_watch_event { kind, ..NO_EVENT };
    match event {
        Event::StartTls => new(MW_WATCH_START_TLS),
        Event::LogIn => new(MW_WATCH_LOG_IN),
        Event::Challenge { challenge, truncated } => mw_watch_event {
            bytes: mw_bytes::of(challenge),
            marks: if truncated { MW_MARK_TRUNCATED } else { 0 },
            ..new(MW_WATCH_CHALLENGE)
        },
        Event::LoggedIn { text } => {
            mw_watch_event { text: mw_string::of(text), ..new(MW_WATCH_LOGGED_IN) }
        }
        Event::Open { mailbox, exists, reset } => {
            mw_watch_event { mailbox, exists, yes: reset, ..new(MW_WATCH_OPEN) }
        }
        Event::Alert(it) => mw_watch_event {
            mailbox: it.mailbox,
            uid: it.uid,
            unique_id: mw_string::of(it.unique_id),
            from: mw_mail_addresses::of(it.from),
            subject: mw_text::of(it.subject),
            date: mw_date_time::maybe(it.date),
            size: told(it.size),
            flags: it.flags.bits().into(),
            preview: mw_bytes::maybe(it.preview.map(str::as_bytes)),
            ..new(MW_WATCH_ALERT)
        },
        Event::CaughtUp => new(MW_WATCH_CAUGHT_UP),
        Event::SendLiteral { tag, remaining } => {
            mw_watch_event { tag: number(tag), size: remaining, ..new(MW_WATCH_SEND_LITERAL) }
        }
        Event::NextPart { tag } => mw_watch_event { tag: number(tag), ..new(MW_WATCH_NEXT_PART) },
        Event::Completed { tag, ok, text } => mw_watch_event {
            tag: number(tag),
            yes: ok,
            text: mw_string::of(text),
            ..new(MW_WATCH_COMPLETED)
        },
        Event::Refused { login, mailbox, text } => mw_watch_event {
            yes: login,
            mailbox,
            text: mw_string::of(text),
            ..new(MW_WATCH_REFUSED)
        },
        Event::Retry { at, cause } => {
            let (cause, error) = match cause {
                Cause::Connection(error) => (MW_CAUSE_CONNECTION, describe(error).result),
                Cause::Unreachable => (MW_CAUSE_UNREACHABLE, MW_OK),
                Cause::Refused => (MW_CAUSE_REFUSED, MW_OK),
                Cause::Bye => (MW_CAUSE_BYE, MW_OK),
                Cause::InClear => (MW_CAUSE_IN_CLEAR, MW_OK),
                Cause::Poll => (MW_CAUSE_POLL, MW_OK),
                _ => (MW_CAUSE_OTHER, MW_OK),
            };
            mw_watch_event { at_ms: at.as_millis(), cause, error, ..new(MW_WATCH_RETRY) }
        }
        _ => new(MW_WATCH_OTHER),
    }
}

/// Makes a watcher in the caller's memory, of any alignment. `config` must not be NULL. Connect,
/// then advance it. As `mw_imap_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_init(
    memory: *mut u8,
    len: usize,
    config: *const mw_watch_config,
    out_watch: *mut *mut mw_watch,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::init(args, (memory, len), config, out_watch, make)
}

/// Makes a watcher by malloc. `config` must not be NULL. To be ended by `mw_watch_free`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_new(
    config: *const mw_watch_config,
    out_watch: *mut *mut mw_watch,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::new(args, config, out_watch, make)
}

/// Ends what `mw_watch_new` made. NULL is allowed. Nothing is sent: see `mw_watch_stop`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_free(watch: *mut mw_watch) {
    guard((), || {
        // SAFETY: the caller gives what `mw_watch_new` made, for the last time.
        unsafe { crate::memory::release(watch) }
    });
}

/// The watcher's bytes. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_buffers(watch: *mut mw_watch) -> *mut mw_buffers {
    if watch.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller keeps the header's rules for pointers: it is a handle.
    unsafe { &raw mut (*watch).0.base.buffers }
}

/// Goes on to the next event: as `mw_imap_advance`. What goes wrong with the connection is
/// MW_WATCH_RETRY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_advance(
    watch: *mut mw_watch,
    now_ms: u64,
    out_event: *mut mw_watch_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    advance(args, watch, now_ms, out_event)
}

/// As `mw_imap_deadline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_deadline(watch: *const mw_watch) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, watch, MW_NEVER, |it| Some(deadline_of(&it.watch)))
}

/// More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_last_error(
    watch: *const mw_watch,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, watch, MW_ERR_NULL, |it| Some(tell_error(args, it.last, out_error)))
}

/// Says that the handshake that MW_WATCH_START_TLS asked for is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_tls_started(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    tls_started(args, watch)
}

/// Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_reconnect(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    reconnect(args, watch)
}

/// Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_unreachable(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    unreachable(args, watch)
}

/// Makes a watcher in the caller's memory, of any alignment. `config` must not be NULL. Connect,
/// then advance it. As `mw_imap_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_init(
    memory: *mut u8,
    len: usize,
    config: *const mw_pop3_watch_config,
    out_watch: *mut *mut mw_pop3_watch,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::init(args, (memory, len), config, out_watch, make_pop3)
}

/// Makes a watcher by malloc. `config` must not be NULL. To be ended by `mw_pop3_watch_free`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_new(
    config: *const mw_pop3_watch_config,
    out_watch: *mut *mut mw_pop3_watch,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::new(args, config, out_watch, make_pop3)
}

/// Ends what `mw_pop3_watch_new` made. NULL is allowed. Nothing is sent: see `mw_pop3_watch_stop`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_free(watch: *mut mw_pop3_watch) {
    guard((), || {
        // SAFETY: the caller gives what `mw_pop3_watch_new` made, for the last time.
        unsafe { crate::memory::release(watch) }
    });
}

/// The watcher's bytes. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_buffers(watch: *mut mw_pop3_watch) -> *mut mw_buffers {
    if watch.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller keeps the header's rules for pointers: it is a handle.
    unsafe { &raw mut (*watch).0.base.buffers }
}

/// Goes on to the next event: as `mw_imap_advance`. What goes wrong with the connection is
/// MW_WATCH_RETRY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_advance(
    watch: *mut mw_pop3_watch,
    now_ms: u64,
    out_event: *mut mw_watch_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    advance(args, watch, now_ms, out_event)
}

/// As `mw_imap_deadline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_deadline(watch: *const mw_pop3_watch) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, watch, MW_NEVER, |it| Some(deadline_of(&it.watch)))
}

/// More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_last_error(
    watch: *const mw_pop3_watch,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, watch, MW_ERR_NULL, |it| Some(tell_error(args, it.last, out_error)))
}

/// Says that the handshake that MW_WATCH_START_TLS asked for is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_tls_started(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    tls_started(args, watch)
}

/// Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_reconnect(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    reconnect(args, watch)
}

/// Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_unreachable(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    unreachable(args, watch)
}

/// The watcher's connection: to log in on MW_WATCH_LOG_IN, or to send a command of one's own at
/// MW_WATCH_ALERT or MW_WATCH_CAUGHT_UP. Not to be advanced, and no other mailbox may be selected.
/// NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_imap(watch: *mut mw_watch) -> *mut mw_imap {
    watch.cast()
}

/// The watcher's connection: to log in on MW_WATCH_LOG_IN. Not to be advanced. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_pop3(watch: *mut mw_pop3_watch) -> *mut mw_pop3 {
    watch.cast()
}

/// The alert of this UID, and those before it in the mailbox, need not come again. Keep the cursor
/// then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_acknowledge(
    watch: *mut mw_watch,
    mailbox: usize,
    uid: u32,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, watch, |it| {
        it.watch.acknowledge(mailbox, uid);
        Ok(MW_OK)
    })
}

/// The alert of this message number, and those before it, need not come again. Keep the record
/// then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_acknowledge(
    watch: *mut mw_pop3_watch,
    message: u32,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, watch, |it| {
        it.watch.acknowledge(message);
        Ok(MW_OK)
    })
}

/// How far a mailbox was watched: `MW_CURSOR_SIZE` bytes to be kept in flash or in a file, after
/// each acknowledgement, MW_WATCH_OPEN and MW_WATCH_CAUGHT_UP. `MW_ERR_INVALID_ARGUMENT` if there
/// is no such mailbox.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_cursor(
    watch: *const mw_watch,
    mailbox: usize,
    out_cursor: *mut u8,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, watch, MW_ERR_NULL, |it| {
        if out_cursor.is_null() {
            return None;
        }
        let Some(watched) = it.watch.mailboxes().get(mailbox) else {
            return Some(MW_ERR_INVALID_ARGUMENT);
        };
        args.give(out_cursor.cast(), watched.cursor.to_bytes());
        Some(MW_OK)
    })
}

/// What was acknowledged: bytes to be kept, after each acknowledgement and MW_WATCH_CAUGHT_UP.
/// Valid until the next call on the watcher. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_record(watch: *mut mw_pop3_watch) -> mw_bytes {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_bytes::NONE, || {
        args.handle(watch)
            .map_or(mw_bytes::NONE, |watch| mw_bytes::of(watch.0.watch.record().as_bytes()))
    })
}

/// How many messages the record holds, and how many it has room for: if the maildrop has more,
/// some are told again, so give it more memory. Each may be NULL. `MW_OK`, or `MW_ERR_NULL`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_record_size(
    watch: *mut mw_pop3_watch,
    out_count: *mut usize,
    out_capacity: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, watch, |it| {
        args.give(out_count, it.watch.record().len());
        args.give(out_capacity, it.watch.record().capacity());
        Ok(MW_OK)
    })
}

/// Ends it in order: LOGOUT, then MW_CLOSED. `MW_ERR_TX_FULL`: send what is pending, try again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_stop(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    stop(args, watch)
}

/// Ends it in order: QUIT, then MW_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_stop(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    stop(args, watch)
}
