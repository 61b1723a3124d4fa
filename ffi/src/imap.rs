//! The IMAP connection: how it is made, and what it knows.

use crate::args::{Args, Options};
use crate::buffers::mw_buffers;
use crate::event::{mw_event, mw_tag, told};
use crate::handle::{self, Base, Handle, Own, Protocol, Sizes, look, timeout, with};
use crate::list::{Cursor, mw_list};
use crate::memory::{Memory, room_for};
use crate::result::{Failure, MW_ERR_NULL, MW_ERR_WRONG_STATE, MW_OK, NULL, mw_error, mw_result};
use core::ffi::c_char;
use mailwire::imap::{Capability, Config, Connection, Quirks, State, Tag};
use mailwire::{Error, Rx};

/// An IMAP connection. Opaque. Not to be used by two threads at once.
pub struct mw_imap(Base<Connection>);

// SAFETY: that is what it is; an only field stands at the front.
unsafe impl Handle for mw_imap {
    type Connection = Connection;
}

const _: () = assert!(core::mem::offset_of!(mw_imap, 0) == 0);

impl Protocol for Connection {
    type Seen = mw_event;
    const NONE: mw_event = mw_event::new(0);

    fn seen(event: Self::Event<'_>) -> mw_event {
        crate::event::event(event)
    }

    fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        self.tls_started(rx)
    }
}

/// A handle that is in use.
pub(crate) type Session<'h> = handle::Session<'h, mw_imap>;

impl Session<'_> {
    pub(crate) fn send<C: mailwire::imap::Command + ?Sized>(
        &mut self,
        command: &C,
    ) -> Result<Tag, Failure> {
        let (connection, tx) = self.tx();
        Ok(connection.send(command, tx)?)
    }
}

/// Bytes of memory that a handle takes beside Rx and Tx, at most, wherever it begins.
pub const MW_IMAP_OVERHEAD: usize = 1536;

const _: () = assert!(room_for::<Own<Connection>>() <= MW_IMAP_OVERHEAD);

/// `mw_imap_config.options`: send commands though the server does not offer what they need.
pub const MW_SEND_UNOFFERED: u32 = 0x01;
/// `mw_imap_config.options`: never send the first SASL response with AUTHENTICATE.
pub const MW_NO_SASL_IR: u32 = 0x02;
/// `mw_imap_config.options`: only read what some server said to some client, from anywhere in a
/// session. Nothing is sent.
pub const MW_OBSERVER: u32 = 0x04;

/// `mw_imap_config.quirks`: none at all, though the server may look as if it had some.
pub const MW_QUIRK_NONE: u32 = 0x10000;
/// A quirk: send ID by itself once logged in (163.com, 126.com, yeah.net).
pub const MW_QUIRK_ID_AFTER_LOGIN: u32 = 0x001;
/// A quirk: ask for the capabilities once more after the login (iCloud).
pub const MW_QUIRK_CAPABILITY_AFTER_LOGIN: u32 = 0x002;
/// A quirk: send RFC822 as BODY[], and its like (iCloud). What comes is told as BODY[…].
pub const MW_QUIRK_NO_RFC822: u32 = 0x004;
/// A quirk: the server takes no commands above 1000 octets (Yahoo, UW imapd): keep sets short.
pub const MW_QUIRK_SHORT_COMMANDS: u32 = 0x008;
/// A quirk: NAMESPACE counts as not offered (Exchange 2003).
pub const MW_QUIRK_NO_NAMESPACE: u32 = 0x010;
/// A quirk: LIST-EXTENDED and what builds on it count as not offered (Proton Bridge, Strato, old
/// Zimbras).
pub const MW_QUIRK_NO_LIST_OPTIONS: u32 = 0x020;
/// A quirk: MOVE counts as not offered (Exchange 2013 can lose mail by it).
pub const MW_QUIRK_NO_MOVE: u32 = 0x040;
/// A quirk: UIDONLY counts as not offered (Microsoft 365).
pub const MW_QUIRK_NO_UIDONLY: u32 = 0x080;
/// A quirk: LOGIN never sends literals (QQ).
pub const MW_QUIRK_NO_LOGIN_LITERALS: u32 = 0x100;
/// A quirk: read quotes that are not escaped (Domino, some gateways). Never guessed: who writes a mail can
/// then make a line end later than the server meant.
pub const MW_QUIRK_ODD_QUOTES: u32 = 0x200;
/// A quirk: read literals with spaces behind {n} (Domino). Never guessed: if none was meant, what the
/// server says next is taken for a mail.
pub const MW_QUIRK_LITERAL_SPACES: u32 = 0x400;

/// What a connection may be told before it begins. Set all to 0, then `size` to
/// `sizeof(mw_imap_config)`, then what is wanted; 0 always is the default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_imap_config {
    /// `sizeof(mw_imap_config)`: so the struct can grow.
    pub size: usize,
    /// Bytes of Rx: what the largest line or FETCH item that is wanted whole may take. Bodies are
    /// streamed. 0: what the memory leaves; with `mw_imap_new` 16384.
    pub rx_size: usize,
    /// Bytes of Tx: what the largest command may take. 0: a quarter of the memory; with
    /// `mw_imap_new` 4096.
    pub tx_size: usize,
    /// How long the server may be silent while it owes an answer, in ms. 0: one minute. MW_NEVER:
    /// for ever.
    pub timeout_ms: u64,
    /// `MW_SEND_UNOFFERED` and others, or'ed.
    pub options: u32,
    /// What this server needs to be treated differently for: `MW_QUIRK_…`, or'ed; MW_QUIRK_NONE:
    /// nothing. 0: it is guessed from what the server says of itself.
    pub quirks: u32,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_imap_config {}

impl Sizes for mw_imap_config {
    const REQUIRED: bool = false;

    fn buffers(&mut self) -> (&mut usize, &mut usize) {
        (&mut self.rx_size, &mut self.tx_size)
    }

    fn overhead(&self) -> Result<usize, Failure> {
        Ok(MW_IMAP_OVERHEAD)
    }
}

/// What a connection is told by its config's numbers.
pub(crate) fn config(timeout_ms: u64, options: u32, quirks: u32) -> Config {
    let mut config = Config::new();
    config.timeout = timeout(timeout_ms, config.timeout);
    config.send_unoffered = options & MW_SEND_UNOFFERED != 0;
    config.sasl_ir = options & MW_NO_SASL_IR == 0;
    config.quirks = (quirks != 0).then(|| self::quirks(quirks));
    config
}

fn quirks(bits: u32) -> Quirks {
    Quirks::from_bits((bits & 0xFFFF) as u16)
}

fn make(_: Args<'_>, memory: Memory, wanted: &mw_imap_config) -> Result<*mut mw_imap, Failure> {
    let config = config(wanted.timeout_ms, wanted.options, wanted.quirks);
    let connection = match wanted.options & MW_OBSERVER {
        0 => Connection::new(config),
        _ => Connection::observer(),
    };
    handle::place(memory, (wanted.rx_size, wanted.tx_size), config.sasl_ir, connection)
}

/// Makes a connection in the caller's memory, of any alignment: `MW_IMAP_OVERHEAD` bytes, and
/// those of Rx and Tx. `config` may be NULL. The memory is mailwire's until the program forgets
/// the handle, by `mw_buffers_clear` if it may hold a password; nothing is to be freed. `MW_ERR_MEMORY`: it is too small (each buffer has 64 bytes
/// or more). On errors `*out_imap` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_init(
    memory: *mut u8,
    len: usize,
    config: *const mw_imap_config,
    out_imap: *mut *mut mw_imap,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::init(args, (memory, len), config, out_imap, make)
}

/// Makes a connection by malloc. `config` may be NULL. To be ended by `mw_imap_free`. On errors
/// `*out_imap` is NULL. Not in builds without malloc.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_new(
    config: *const mw_imap_config,
    out_imap: *mut *mut mw_imap,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::new(args, config, out_imap, make)
}

/// Ends what `mw_imap_new` made. NULL is allowed. Nothing is sent: see `mw_imap_logout`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_free(imap: *mut mw_imap) {
    crate::guard((), || {
        // SAFETY: the caller gives what `mw_imap_new` made, for the last time.
        unsafe { crate::memory::release(imap.cast::<Own<Connection>>()) }
    });
}

/// The connection's bytes. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_buffers(imap: *mut mw_imap) -> *mut mw_buffers {
    if imap.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller keeps the header's rules for pointers: it is a handle.
    unsafe { &raw mut (*imap).0.buffers }
}

/// Goes on to the next event. `now_ms` is a clock that never goes back, in milliseconds from any
/// moment. What the last event pointed to is gone after this.
///
/// MW_EVENT: `*out_event` is one; MW_NEED_INPUT: there is none before more is received, and
/// `*out_event` is of kind 0; MW_CLOSED: the connection has ended in order; or an error. In any
/// case there may be bytes to be sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_advance(
    imap: *mut mw_imap,
    now_ms: u64,
    out_event: *mut mw_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::advance(args, imap, now_ms, out_event)
}

/// When `mw_imap_advance` must be called at the latest, though nothing was received, on the clock
/// of its `now_ms`; MW_NEVER if there is no such time, or for NULL. To call it earlier is harmless.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_deadline(imap: *const mw_imap) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::deadline(args, imap)
}

/// More of the last error of the handle. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_last_error(
    imap: *const mw_imap,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::last_error(args, imap, out_error)
}

/// `mw_imap_state`: the greeting has not come.
pub const MW_STATE_GREETING: u32 = 1;
/// The server does not know who asks.
pub const MW_STATE_NOT_AUTHENTICATED: u32 = 2;
/// The server knows who asks; no mailbox is selected.
pub const MW_STATE_AUTHENTICATED: u32 = 3;
/// A mailbox is selected.
pub const MW_STATE_SELECTED: u32 = 4;
/// One side said goodbye.
pub const MW_STATE_LOGOUT: u32 = 5;

/// Where in RFC 9051 section 3 the connection stands: one of `MW_STATE_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_state(imap: *const mw_imap) -> u32 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, 0, |it| match it.connection.state() {
        State::Greeting => MW_STATE_GREETING,
        State::NotAuthenticated => MW_STATE_NOT_AUTHENTICATED,
        State::Authenticated => MW_STATE_AUTHENTICATED,
        State::Selected => MW_STATE_SELECTED,
        State::Logout => MW_STATE_LOGOUT,
    })
}

/// Whether the server offers a capability, such as "IDLE" or "AUTH=PLAIN", as far as it said.
/// Only registered ones are remembered; of others see MW_EVENT_CAPABILITY. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_has(imap: *const mw_imap, capability: *const c_char) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| {
        let word = args.text(capability).map(Capability::from);
        word.is_ok_and(|word| it.connection.capabilities().contains(&word))
    })
}

/// Whether ENABLE switched it on (RFC 9051 section 6.3.1). False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_enabled(imap: *const mw_imap, capability: *const c_char) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| {
        let word = args.text(capability).map(Capability::from);
        word.is_ok_and(|word| it.connection.enabled().contains(&word))
    })
}

/// Whether what the server offers is known, and nothing happened since that may have changed it:
/// only then LOGIN (when nothing else is in flight) and what needs a capability can be sent. The
/// connection asks by itself. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_knows_capabilities(imap: *const mw_imap) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| it.connection.knows_capabilities())
}

/// Whether no command is in flight. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_is_quiet(imap: *const mw_imap) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| it.connection.is_quiet())
}

/// Whether names and strings go as UTF-8: after UTF8=ACCEPT or IMAP4rev2 was enabled (RFC 6855).
/// False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_is_utf8(imap: *const mw_imap) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| it.connection.is_utf8())
}

/// What this server is treated differently for: `MW_QUIRK_…`, or'ed; 0 for nothing, or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_quirks(imap: *const mw_imap) -> u32 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, 0, |it| it.connection.quirks().bits().into())
}

/// Says what it shall be treated differently for, from now on: `MW_QUIRK_…`, or'ed; 0 or
/// MW_QUIRK_NONE: nothing. No more is guessed. For a watcher, say it in its config.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_set_quirks(imap: *mut mw_imap, quirks: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        session.connection.set_quirks(self::quirks(quirks));
        Ok(MW_OK)
    })
}

/// What the server offers, as far as it said: a list of capabilities, without those that
/// mailwire does not know. Valid until the next call on the handle that takes it without const.
/// Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_capabilities(imap: *const mw_imap) -> mw_list {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, mw_list::NONE, |it| {
        mw_list::of(Cursor::Known(it.connection.capabilities(), 0))
    })
}

/// What ENABLE switched on: as `mw_imap_capabilities`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_enabled_list(imap: *const mw_imap) -> mw_list {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, mw_list::NONE, |it| mw_list::of(Cursor::Known(it.connection.enabled(), 0)))
}

/// Whether the command with this tag has not been completed. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_is_in_flight(imap: *const mw_imap, tag: mw_tag) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| it.connection.is_in_flight(Tag::numbered(tag)))
}

/// Whether the bytes go through a compressor. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_is_compressed(imap: *const mw_imap) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, false, |it| it.connection.is_compressed())
}

/// Limits that the server told in its capabilities. MW_UNKNOWN: none was told.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_limits {
    /// Octets of the largest message that APPEND takes (RFC 7889).
    pub append_limit: u64,
    /// How many messages one command may touch (RFC 9738).
    pub message_limit: u64,
    /// How many messages SEARCH keeps (RFC 9738).
    pub save_limit: u64,
}

/// Fills in the limits. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_limits(
    imap: *const mw_imap,
    out_limits: *mut mw_limits,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, MW_ERR_NULL, |it| {
        if out_limits.is_null() {
            return MW_ERR_NULL;
        }
        let known = it.connection.capabilities();
        args.give(
            out_limits,
            mw_limits {
                append_limit: told(known.append_limit()),
                message_limit: told(known.message_limit()),
                save_limit: told(known.save_limit()),
            },
        );
        MW_OK
    })
}

/// The selected mailbox, kept up to date by the connection. Numbers not told are MW_UNKNOWN.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_selected {
    /// How many messages it holds.
    pub exists: u32,
    /// How many of them are new to this session.
    pub recent: u32,
    /// `MW_FLAG_…`, or'ed, that exist in it.
    pub flags: u32,
    /// Those that can be changed for good; 0xFFFFFFFF: not told, so all.
    pub permanent_flags: u32,
    /// Whether it cannot be changed.
    pub read_only: bool,
    /// Whether UIDs do not last.
    pub uid_not_sticky: bool,
    /// The first unseen message.
    pub unseen: u64,
    /// UIDs kept from before are good only if this is unchanged.
    pub uid_validity: u64,
    /// The next message's UID will not be lower.
    pub uid_next: u64,
    /// The highest mod-sequence.
    pub highest_mod_seq: u64,
}

/// Fills in what is known of the selected mailbox. `MW_ERR_WRONG_STATE` if none is, `MW_ERR_NULL`
/// for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_selected(
    imap: *const mw_imap,
    out_selected: *mut mw_selected,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, MW_ERR_NULL, |it| {
        if out_selected.is_null() {
            return MW_ERR_NULL;
        }
        let Some(it) = it.connection.selected() else { return MW_ERR_WRONG_STATE };
        args.give(
            out_selected,
            mw_selected {
                exists: it.exists,
                recent: it.recent,
                flags: it.flags.bits().into(),
                permanent_flags: it.permanent_flags.map_or(u32::MAX, |it| it.bits().into()),
                read_only: it.read_only,
                uid_not_sticky: it.uid_not_sticky,
                unseen: told(it.unseen),
                uid_validity: told(it.uid_validity),
                uid_next: told(it.uid_next),
                highest_mod_seq: told(it.highest_mod_seq),
            },
        );
        MW_OK
    })
}

/// Says that the handshake that MW_EVENT_START_TLS asked for is done.
/// `MW_ERR_DATA_BEFORE_TLS`: close the connection, somebody is in between.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_tls_started(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::tls_started(args, imap)
}

/// Says that both directions are compressed from now on, after MW_EVENT_COMPRESS.
/// `MW_ERR_COMPRESSED_IN_RX`: take what was received first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_compress_started(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        session.connection.compress_started(&session.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

/// Says that neither direction is compressed any more, after MW_EVENT_COMPRESS_END.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_compress_ended(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        session.connection.compress_ended(&session.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

/// Ends IDLE; its MW_EVENT_COMPLETED follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_done(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let (connection, tx) = session.tx();
        connection.done(tx)?;
        Ok(MW_OK)
    })
}

/// Gives up an AUTHENTICATE on MW_EVENT_CHALLENGE; its MW_EVENT_COMPLETED follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_cancel(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let (connection, tx) = session.tx();
        connection.cancel(tx)?;
        Ok(MW_OK)
    })
}

/// Answers MW_EVENT_CHALLENGE with bytes of the program's own (they are sent in base64, and
/// wiped): for mechanisms that `mw_sasl` does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_respond_bytes(
    imap: *mut mw_imap,
    bytes: *const u8,
    len: usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let bytes = args.slice(bytes, len)?;
        let (connection, tx) = session.tx();
        connection.respond(&mailwire::sasl::Response::new(bytes), tx)?;
        Ok(MW_OK)
    })
}

/// Gives bytes of the message that MW_EVENT_SEND_LITERAL asks for: as many as there is room for.
/// `*out_taken` says how many; send what is pending and give the rest. Ask
/// `mw_imap_literal_remaining` whether more are wanted. More than was announced is not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_write_literal(
    imap: *mut mw_imap,
    bytes: *const u8,
    len: usize,
    out_taken: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        if out_taken.is_null() {
            return Err(NULL);
        }
        let bytes = args.slice(bytes, len)?;
        let (connection, tx) = session.tx();
        args.give(out_taken, connection.write_literal(bytes, tx));
        Ok(MW_OK)
    })
}

/// How many bytes of the literal are still to be given; 0 if none are, or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_literal_remaining(imap: *const mw_imap) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, imap, 0, |it| it.connection.literal_remaining())
}

/// Gives up the literal that is being sent, and with it the connection: there is no other way to
/// leave it open what the rest would have been.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_abandon_literal(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        session.connection.abandon_literal();
        Ok(MW_OK)
    })
}

/// Ends an append on MW_EVENT_NEXT_PART: no more messages or parts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_append_end(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let (connection, tx) = session.tx();
        connection.append_end(tx)?;
        Ok(MW_OK)
    })
}

/// Gives up an append in the middle: what was announced is filled up, and the server made to
/// refuse all of it, if that can be done on this server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_append_cancel(imap: *mut mw_imap) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        session.connection.append_cancel()?;
        Ok(MW_OK)
    })
}
