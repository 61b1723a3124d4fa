//! The watchers: mail came, told reliably.

use crate::args::{Args, Options};
use crate::bytes::{mw_bytes, mw_string};
use crate::event::{MW_MARK_TRUNCATED, mw_tag, number, told};
use crate::guard;
use crate::imap::{MW_NEVER, buffers, config, mw_buffers, mw_imap};
use crate::list::{MW_UNKNOWN, mw_date_time};
use crate::memory::{Memory, room_for};
use crate::message::{mw_mail_addresses, mw_text};
use crate::pop3::mw_pop3;
use crate::query;
use crate::result::{
    Failure, Last, MW_CLOSED, MW_ERR_INTERNAL, MW_ERR_NULL, MW_EVENT, MW_NEED_INPUT, MW_OK, NULL,
    describe, invalid, mw_error, mw_result,
};
use core::ffi::c_char;
use mailwire::imap::{CustomKey, Search};
use mailwire::watch::{
    Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch, Record,
    Start, Watched,
};
use mailwire::{Duration, Instant, Machine, Progress, imap, pop3};

/// Bytes of a cursor, as it is kept.
pub const MW_CURSOR_SIZE: usize = 24;

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
    /// Bytes for the record of what was acknowledged: 8, and 10 for each message that the maildrop
    /// may have. 0: 1288.
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
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_pop3_watch_config {}

/// A watcher over IMAP. Opaque. Not to be used by two threads at once.
pub struct mw_watch(ImapHandle);

#[repr(C)]
struct ImapHandle {
    base: mw_imap,
    last: Last,
    keys: [Search<'static>; 1],
    watch: ImapWatch<'static>,
}

/// A watcher over POP3. Opaque. Not to be used by two threads at once.
pub struct mw_pop3_watch(Pop3Handle);

#[repr(C)]
struct Pop3Handle {
    base: mw_pop3,
    last: Last,
    watch: Pop3Watch<'static>,
}

// So the one can be cast to the other.
const _: () = assert!(core::mem::offset_of!(mw_watch, 0) == 0);
const _: () = assert!(size_of::<mw_watch>() == size_of::<ImapHandle>());
const _: () = assert!(core::mem::offset_of!(mw_pop3_watch, 0) == 0);
const _: () = assert!(size_of::<mw_pop3_watch>() == size_of::<Pop3Handle>());

/// Bytes of memory that a watcher over IMAP takes beside Rx, Tx, text and
/// `MW_WATCHED_SIZE` for each mailbox, at most, wherever it begins.
pub const MW_WATCH_OVERHEAD: usize = 2560;
/// For each mailbox.
pub const MW_WATCHED_SIZE: usize = 80;
/// Bytes of memory that a watcher over POP3 takes beside Rx, Tx, text and record.
pub const MW_POP3_WATCH_OVERHEAD: usize = 4096;

const _: () = assert!(room_for::<ImapHandle>() + align_of::<Watched<'_>>() <= MW_WATCH_OVERHEAD);
const _: () = assert!(size_of::<Watched<'_>>() <= MW_WATCHED_SIZE);
const _: () = assert!(room_for::<Pop3Handle>() <= MW_POP3_WATCH_OVERHEAD);

/// # Safety
///
/// It is the base of an `ImapHandle`.
unsafe fn imap_connection(base: *mut mw_imap) -> *mut imap::Connection {
    // SAFETY: by the caller; the base stands at its front.
    unsafe { core::ptr::from_mut((*base.cast::<ImapHandle>()).watch.connection_mut()) }
}

/// # Safety
///
/// It is the base of a `Pop3Handle`.
unsafe fn pop3_connection(base: *mut mw_pop3) -> *mut pop3::Connection {
    // SAFETY: by the caller; the base stands at its front.
    unsafe { core::ptr::from_mut((*base.cast::<Pop3Handle>()).watch.connection_mut()) }
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

fn span(ms: u64, default: Duration) -> Duration {
    if ms == 0 { default } else { Duration::from_millis(ms) }
}

fn make(
    args: Args<'_>,
    mut memory: Memory,
    wanted: &mw_watch_config,
) -> Result<*mut mw_watch, Failure> {
    let handle = memory.place::<ImapHandle>()?;
    let mut imap = ImapConfig::new(login(args, wanted.user, wanted.password)?);
    imap.connection = config(wanted.timeout_ms, 0);
    imap.start_tls = wanted.start_tls;
    imap.start = if wanted.everything { Start::Everything } else { Start::Now };
    imap.idle = crate::imap::timeout(wanted.idle_ms, imap.idle);
    imap.poll = span(wanted.poll_ms, imap.poll);
    imap.mark_seen = wanted.mark_seen;
    imap.preview = !wanted.no_preview;
    imap.backoff.seed = wanted.seed;
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
    let text = memory.bytes(if wanted.text_size == 0 { 512 } else { wanted.text_size })?;
    let buffers = buffers(&mut memory, wanted.rx_size, wanted.tx_size)?;
    let filter = match wanted.filter.is_null() {
        true => None,
        false => Some(args.forever(wanted.filter)?),
    };
    let key = CustomKey { text: filter.unwrap_or_default(), encode: query::search };
    // SAFETY: the place was made for it. The keys do not move, as nobody but the memory's owner
    // holds the handle, so they may be referred to as long as it is there.
    unsafe {
        (&raw mut (*handle).keys).write([Search::Custom(key)]);
        if filter.is_some() {
            let keys: &'static [Search<'static>; 1] = &(*handle).keys;
            imap.filter = Filter::new(keys);
        }
        (&raw mut (*handle).base).write(mw_imap::new(
            buffers,
            imap.connection.sasl_ir,
            imap_connection,
        ));
        (&raw mut (*handle).last).write(Last::NONE);
        (&raw mut (*handle).watch).write(ImapWatch::new(imap, watched, text));
    }
    Ok(handle.cast())
}

fn make_pop3(
    args: Args<'_>,
    mut memory: Memory,
    wanted: &mw_pop3_watch_config,
) -> Result<*mut mw_pop3_watch, Failure> {
    let handle = memory.place::<Pop3Handle>()?;
    let mut config = Pop3Config::new(login(args, wanted.user, wanted.password)?);
    config.connection = crate::pop3::config(wanted.timeout_ms, 0);
    config.start_tls = wanted.start_tls;
    config.start = if wanted.everything { Start::Everything } else { Start::Now };
    config.poll = span(wanted.poll_ms, config.poll);
    if wanted.preview_lines > 0 {
        config.preview_lines = wanted.preview_lines;
    }
    config.delete = wanted.delete_acknowledged;
    config.backoff.seed = wanted.seed;
    let size = if wanted.record_size == 0 { 1288 } else { wanted.record_size };
    let mut record = Record::new(memory.bytes(size)?);
    if !wanted.record.is_null() && !record.restore(args.slice(wanted.record, wanted.record_len)?) {
        return Err(invalid("the record is damaged, or longer than its memory"));
    }
    let text = memory.bytes(if wanted.text_size == 0 { 512 } else { wanted.text_size })?;
    let buffers = buffers(&mut memory, wanted.rx_size, wanted.tx_size)?;
    // SAFETY: the place was made for it.
    unsafe {
        handle.write(Pop3Handle {
            base: mw_pop3::new(buffers, pop3_connection),
            last: Last::NONE,
            watch: Pop3Watch::new(config, record, text),
        });
    }
    Ok(handle.cast())
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

/// What a watcher tells, over IMAP and over POP3. What it points to is valid until the next call
/// on the watcher that takes it without `const`.
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

fn with_imap(
    args: Args<'_>,
    watch: *mut mw_watch,
    f: impl FnOnce(&mut ImapHandle) -> Result<mw_result, Failure>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        let Ok(watch) = args.handle(watch) else { return MW_ERR_NULL };
        let result = f(&mut watch.0);
        watch.0.last.keep(result)
    })
}

fn with_pop3(
    args: Args<'_>,
    watch: *mut mw_pop3_watch,
    f: impl FnOnce(&mut Pop3Handle) -> Result<mw_result, Failure>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        let Ok(watch) = args.handle(watch) else { return MW_ERR_NULL };
        let result = f(&mut watch.0);
        watch.0.last.keep(result)
    })
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
    guard(MW_ERR_INTERNAL, || {
        let made = args.options(config).and_then(|config| {
            // SAFETY: as the header says, the memory is ours.
            make(args, unsafe { Memory::new(memory, len) }?, &config.ok_or(NULL)?)
        });
        crate::give_handle(args, made, out_watch)
    })
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
    guard(MW_ERR_INTERNAL, || {
        if out_watch.is_null() {
            return MW_ERR_NULL;
        }
        let made = args.options(config).and_then(|config| {
            let mut config = config.ok_or(NULL)?;
            (config.rx_size, config.tx_size) = crate::default_sizes(config.rx_size, config.tx_size);
            if config.text_size == 0 {
                config.text_size = 512;
            }
            let count = config.mailboxes_count.max(1);
            let names = MW_WATCHED_SIZE.checked_mul(count).ok_or(invalid("too many mailboxes"))?;
            let size = crate::sum(&[
                MW_WATCH_OVERHEAD,
                config.rx_size,
                config.tx_size,
                config.text_size,
                names,
            ])?;
            crate::memory::allocate(size, |memory| make(args, memory, &config))
        });
        crate::give_handle(args, made, out_watch)
    })
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
    with_imap(args, watch, |it| {
        if out_event.is_null() {
            return Err(NULL);
        }
        args.give(out_event, NO_EVENT);
        let buffers = &mut it.base.buffers.inner;
        Ok(match it.watch.advance(buffers, Instant::from_millis(now_ms))? {
            Progress::Event => {
                args.give(out_event, event(it.watch.event(buffers)));
                MW_EVENT
            }
            Progress::NeedInput => MW_NEED_INPUT,
            Progress::Closed => MW_CLOSED,
        })
    })
}

/// As `mw_imap_deadline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_deadline(watch: *const mw_watch) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_NEVER, || {
        args.maybe(watch).and_then(|it| it.0.watch.deadline()).map_or(MW_NEVER, Instant::as_millis)
    })
}

/// More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_last_error(
    watch: *const mw_watch,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || match (args.maybe(watch), out_error.is_null()) {
        (Some(watch), false) => {
            args.give(out_error, watch.0.last.describe());
            MW_OK
        }
        _ => MW_ERR_NULL,
    })
}

/// Says that the handshake that MW_WATCH_START_TLS asked for is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_tls_started(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_imap(args, watch, |it| {
        it.watch.tls_started(&it.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

/// Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_reconnect(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_imap(args, watch, |it| {
        it.watch.reconnect(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
}

/// Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_unreachable(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_imap(args, watch, |it| {
        it.watch.unreachable(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
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
    guard(MW_ERR_INTERNAL, || {
        let made = args.options(config).and_then(|config| {
            // SAFETY: as the header says, the memory is ours.
            make_pop3(args, unsafe { Memory::new(memory, len) }?, &config.ok_or(NULL)?)
        });
        crate::give_handle(args, made, out_watch)
    })
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
    guard(MW_ERR_INTERNAL, || {
        if out_watch.is_null() {
            return MW_ERR_NULL;
        }
        let made = args.options(config).and_then(|config| {
            let mut config = config.ok_or(NULL)?;
            (config.rx_size, config.tx_size) = crate::default_sizes(config.rx_size, config.tx_size);
            if config.text_size == 0 {
                config.text_size = 512;
            }
            let names = if config.record_size == 0 { 1288 } else { config.record_size };
            let size = crate::sum(&[
                MW_POP3_WATCH_OVERHEAD,
                config.rx_size,
                config.tx_size,
                config.text_size,
                names,
            ])?;
            crate::memory::allocate(size, |memory| make_pop3(args, memory, &config))
        });
        crate::give_handle(args, made, out_watch)
    })
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
    with_pop3(args, watch, |it| {
        if out_event.is_null() {
            return Err(NULL);
        }
        args.give(out_event, NO_EVENT);
        let buffers = &mut it.base.buffers.inner;
        Ok(match it.watch.advance(buffers, Instant::from_millis(now_ms))? {
            Progress::Event => {
                args.give(out_event, event(it.watch.event(buffers)));
                MW_EVENT
            }
            Progress::NeedInput => MW_NEED_INPUT,
            Progress::Closed => MW_CLOSED,
        })
    })
}

/// As `mw_imap_deadline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_deadline(watch: *const mw_pop3_watch) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_NEVER, || {
        args.maybe(watch).and_then(|it| it.0.watch.deadline()).map_or(MW_NEVER, Instant::as_millis)
    })
}

/// More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_last_error(
    watch: *const mw_pop3_watch,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(MW_ERR_INTERNAL, || match (args.maybe(watch), out_error.is_null()) {
        (Some(watch), false) => {
            args.give(out_error, watch.0.last.describe());
            MW_OK
        }
        _ => MW_ERR_NULL,
    })
}

/// Says that the handshake that MW_WATCH_START_TLS asked for is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_tls_started(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_pop3(args, watch, |it| {
        it.watch.tls_started(&it.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

/// Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_reconnect(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_pop3(args, watch, |it| {
        it.watch.reconnect(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
}

/// Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_unreachable(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_pop3(args, watch, |it| {
        it.watch.unreachable(&mut it.base.buffers.inner);
        Ok(MW_OK)
    })
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
    with_imap(args, watch, |it| {
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
    with_pop3(args, watch, |it| {
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
    guard(MW_ERR_INTERNAL, || {
        let (Some(watch), false) = (args.maybe(watch), out_cursor.is_null()) else {
            return MW_ERR_NULL;
        };
        match watch.0.watch.mailboxes().get(mailbox) {
            Some(watched) => {
                args.give(out_cursor.cast(), watched.cursor.to_bytes());
                MW_OK
            }
            None => crate::result::MW_ERR_INVALID_ARGUMENT,
        }
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

/// Ends it in order: LOGOUT, then MW_CLOSED. `MW_ERR_TX_FULL`: send what is pending, try again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_watch_stop(watch: *mut mw_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_imap(args, watch, |it| {
        it.watch.stop(&mut it.base.buffers.inner.tx)?;
        Ok(MW_OK)
    })
}

/// Ends it in order: QUIT, then MW_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_watch_stop(watch: *mut mw_pop3_watch) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with_pop3(args, watch, |it| {
        it.watch.stop();
        Ok(MW_OK)
    })
}
