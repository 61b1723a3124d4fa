//! POP3 (RFC 1939).

use crate::args::{Args, Options};
use crate::buffers::mw_buffers;
use crate::bytes::{mw_bytes, mw_string};
use crate::event::{MW_MARK_TRUNCATED, told};
#[cfg(feature = "malloc")]
use crate::guard;
use crate::handle::{self, Base, Handle, Own, Protocol, Sizes, look, timeout, with};
use crate::imap::{MW_OBSERVER, MW_SEND_UNOFFERED};
use crate::list::{Cursor, mw_list};
use crate::memory::{Memory, room_for};
use crate::numbers::MW_UNKNOWN;
use crate::result::{Failure, MW_ERR_NULL, MW_OK, invalid, mw_error, mw_result};
use core::ffi::c_char;
use mailwire::pop3::command::*;
use mailwire::pop3::{
    ApopDigest, Capability, Code, Command, Config, Connection, Encoder, Event, Kind, Message,
    State, StatusResponse,
};
use mailwire::sasl::Response;
use mailwire::{Error, Rx, Secret};

/// A POP3 connection. Opaque. Not to be used by two threads at once.
pub struct mw_pop3(Base<Connection>);

// SAFETY: that is what it is; an only field stands at the front.
unsafe impl Handle for mw_pop3 {
    type Connection = Connection;
}

const _: () = assert!(core::mem::offset_of!(mw_pop3, 0) == 0);

impl Protocol for Connection {
    type Seen = mw_pop3_event;
    const NONE: mw_pop3_event = mw_pop3_event::new(0);

    fn seen(event: Self::Event<'_>) -> mw_pop3_event {
        self::event(event)
    }

    fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error> {
        self.tls_started(rx)
    }
}

fn send<C: Command>(
    args: Args<'_>,
    pop3: *mut mw_pop3,
    command: impl FnOnce() -> Result<C, Failure>,
) -> mw_result {
    with(args, pop3, |session| {
        let (connection, tx) = session.tx();
        connection.send(&command()?, tx)?;
        Ok(MW_OK)
    })
}

/// Bytes of memory that a handle takes beside Rx and Tx, at most, wherever it begins.
pub const MW_POP3_OVERHEAD: usize = 544;

const _: () = assert!(room_for::<Own<Connection>>() <= MW_POP3_OVERHEAD);

/// What a connection may be told before it begins. Set all to 0, then `size`; 0 always is the
/// default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_pop3_config {
    /// `sizeof(mw_pop3_config)`
    pub size: usize,
    /// Bytes of Rx: what the longest line that is wanted whole may take. Messages are streamed. 0:
    /// what the memory leaves; with `mw_pop3_new` 16384.
    pub rx_size: usize,
    /// Bytes of Tx. 0: a quarter of the memory; with `mw_pop3_new` 4096.
    pub tx_size: usize,
    /// How long the server may be silent while it owes an answer, in ms. 0: one minute. MW_NEVER:
    /// for ever.
    pub timeout_ms: u64,
    /// `MW_SEND_UNOFFERED` or `MW_OBSERVER`; an observer is to be told the commands that the client
    /// sent, by `mw_pop3_expect`.
    pub options: u32,
    /// Of an observer: where what it reads begins, one of `MW_POP3_STATE_…`. 0: at the greeting.
    pub observed_state: u32,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_pop3_config {}

impl Sizes for mw_pop3_config {
    const REQUIRED: bool = false;

    fn buffers(&mut self) -> (&mut usize, &mut usize) {
        (&mut self.rx_size, &mut self.tx_size)
    }

    fn overhead(&self) -> Result<usize, Failure> {
        Ok(MW_POP3_OVERHEAD)
    }
}

pub(crate) fn config(timeout_ms: u64, options: u32) -> Config {
    let mut config = Config::new();
    config.timeout = timeout(timeout_ms, config.timeout);
    config.send_unoffered = options & MW_SEND_UNOFFERED != 0;
    config
}

fn make(_: Args<'_>, memory: Memory, wanted: &mw_pop3_config) -> Result<*mut mw_pop3, Failure> {
    let connection = match wanted.options & MW_OBSERVER {
        0 => Connection::new(config(wanted.timeout_ms, wanted.options)),
        _ => Connection::observer(match wanted.observed_state {
            0 | MW_POP3_STATE_GREETING => State::Greeting,
            MW_POP3_STATE_AUTHORIZATION => State::Authorization,
            MW_POP3_STATE_TRANSACTION => State::Transaction,
            MW_POP3_STATE_UPDATE => State::Update,
            MW_POP3_STATE_LOGOUT => State::Logout,
            _ => return Err(invalid("no state of POP3")),
        }),
    };
    handle::place(memory, (wanted.rx_size, wanted.tx_size), true, connection)
}

/// Makes a connection in the caller's memory, of any alignment: `MW_POP3_OVERHEAD` bytes, and
/// those of Rx and Tx. As `mw_imap_init`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_init(
    memory: *mut u8,
    len: usize,
    config: *const mw_pop3_config,
    out_pop3: *mut *mut mw_pop3,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::init(args, (memory, len), config, out_pop3, make)
}

/// Makes a connection by malloc. As `mw_imap_new`; to be ended by `mw_pop3_free`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_new(
    config: *const mw_pop3_config,
    out_pop3: *mut *mut mw_pop3,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::new(args, config, out_pop3, make)
}

/// Ends what `mw_pop3_new` made. NULL is allowed. Nothing is sent: see `mw_pop3_quit`.
#[cfg(feature = "malloc")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_free(pop3: *mut mw_pop3) {
    guard((), || {
        // SAFETY: the caller gives what `mw_pop3_new` made, for the last time.
        unsafe { crate::memory::release(pop3.cast::<Own<Connection>>()) }
    });
}

/// The connection's bytes. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_buffers(pop3: *mut mw_pop3) -> *mut mw_buffers {
    if pop3.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller keeps the header's rules for pointers: it is a handle.
    unsafe { &raw mut (*pop3).0.buffers }
}

/// The first line: `ok`, `text`; in `bytes` the timestamp for APOP, if there is one.
pub const MW_POP3_GREETING: u32 = 1;
/// A line that nothing asked for: `ok`, `text`.
pub const MW_POP3_STATUS: u32 = 2;
/// A listing begins: `command`, `text`.
pub const MW_POP3_STARTED: u32 = 3;
/// A command has ended: `command`, `number`, `ok`, `code`, `text`.
pub const MW_POP3_COMPLETED: u32 = 4;
/// What the server can do: `name`; `number` is seconds of LOGIN-DELAY, days of EXPIRE (0xFFFFFFFF:
/// never); `list` of SASL; `text` of IMPLEMENTATION and, all of it, of one that is not known.
pub const MW_POP3_CAPABILITY: u32 = 5;
/// `number` messages of `size` octets in all.
pub const MW_POP3_STAT: u32 = 6;
/// Message `number` has `size` octets.
pub const MW_POP3_LIST_ITEM: u32 = 7;
/// Message `number` has the unique-id `name`.
pub const MW_POP3_UIDL_ITEM: u32 = 8;
/// A language: its tag `name`, and `text`.
pub const MW_POP3_LANGUAGE: u32 = 9;
/// A message begins: `number`.
pub const MW_POP3_MESSAGE_START: u32 = 10;
/// Some of it: `bytes`, without the dots of the protocol.
pub const MW_POP3_MESSAGE_CHUNK: u32 = 11;
/// That was all of it. MW_POP3_COMPLETED follows.
pub const MW_POP3_MESSAGE_END: u32 = 12;
/// A line of an answer that mailwire does not know: `text`.
pub const MW_POP3_LINE: u32 = 13;
/// The server awaits a SASL response: `mw_pop3_respond`.
pub const MW_POP3_CHALLENGE: u32 = 14;
/// The server agreed to STLS: do the handshake now, then call `mw_pop3_tls_started`.
pub const MW_POP3_START_TLS: u32 = 15;
/// A line that cannot be understood: `bytes`.
pub const MW_POP3_MALFORMED: u32 = 16;
/// The beginning of a line that is longer than Rx: `bytes`. If AUTH is in flight it was a challenge,
/// which the server awaits an answer to: `mw_pop3_cancel`.
pub const MW_POP3_OVERSIZED: u32 = 17;
/// What this version of the header has no name for.
pub const MW_POP3_OTHER: u32 = 18;

/// `mw_pop3_event.code`: The maildrop is in use.
pub const MW_POP3_CODE_IN_USE: u32 = 1;
/// `mw_pop3_event.code`: Too soon after the last login.
pub const MW_POP3_CODE_LOGIN_DELAY: u32 = 2;
/// `mw_pop3_event.code`: The server is in trouble, for now.
pub const MW_POP3_CODE_SYS_TEMP: u32 = 3;
/// `mw_pop3_event.code`: The server is in trouble that needs a hand.
pub const MW_POP3_CODE_SYS_PERM: u32 = 4;
/// `mw_pop3_event.code`: Wrong credentials.
pub const MW_POP3_CODE_AUTH: u32 = 5;
/// `mw_pop3_event.code`: Only with UTF8.
pub const MW_POP3_CODE_UTF8: u32 = 6;
/// `mw_pop3_event.code`: `name`.
pub const MW_POP3_CODE_OTHER: u32 = 7;

/// `mw_pop3_event.command`: USER
pub const MW_POP3_CMD_USER: u32 = 1;
/// `mw_pop3_event.command`: PASS
pub const MW_POP3_CMD_PASS: u32 = 2;
/// `mw_pop3_event.command`: APOP
pub const MW_POP3_CMD_APOP: u32 = 3;
/// `mw_pop3_event.command`: AUTH
pub const MW_POP3_CMD_AUTH: u32 = 4;
/// `mw_pop3_event.command`: CAPA
pub const MW_POP3_CMD_CAPA: u32 = 5;
/// `mw_pop3_event.command`: STLS
pub const MW_POP3_CMD_STLS: u32 = 6;
/// `mw_pop3_event.command`: STAT
pub const MW_POP3_CMD_STAT: u32 = 7;
/// `mw_pop3_event.command`: LIST
pub const MW_POP3_CMD_LIST: u32 = 8;
/// `mw_pop3_event.command`: LIST of one message
pub const MW_POP3_CMD_LIST_ONE: u32 = 9;
/// `mw_pop3_event.command`: UIDL
pub const MW_POP3_CMD_UIDL: u32 = 10;
/// `mw_pop3_event.command`: UIDL of one message
pub const MW_POP3_CMD_UIDL_ONE: u32 = 11;
/// `mw_pop3_event.command`: RETR
pub const MW_POP3_CMD_RETR: u32 = 12;
/// `mw_pop3_event.command`: TOP
pub const MW_POP3_CMD_TOP: u32 = 13;
/// `mw_pop3_event.command`: DELE
pub const MW_POP3_CMD_DELE: u32 = 14;
/// `mw_pop3_event.command`: RSET
pub const MW_POP3_CMD_RSET: u32 = 15;
/// `mw_pop3_event.command`: NOOP
pub const MW_POP3_CMD_NOOP: u32 = 16;
/// `mw_pop3_event.command`: QUIT
pub const MW_POP3_CMD_QUIT: u32 = 17;
/// `mw_pop3_event.command`: UTF8
pub const MW_POP3_CMD_UTF8: u32 = 18;
/// `mw_pop3_event.command`: LANG
pub const MW_POP3_CMD_LANG: u32 = 19;
/// `mw_pop3_event.command`: LANG without a language
pub const MW_POP3_CMD_LANG_LIST: u32 = 20;
/// `mw_pop3_event.command`: one of `mw_pop3_custom`
pub const MW_POP3_CMD_CUSTOM: u32 = 21;
/// `mw_pop3_event.command`: one of `mw_pop3_custom`, with lines
pub const MW_POP3_CMD_CUSTOM_LINES: u32 = 22;

/// One thing that the server said, or that the program has to do. Filled by `mw_pop3_advance`;
/// what it points to stays until the handle is advanced or Rx is touched.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_pop3_event {
    /// One of `MW_POP3_…`, whose comments say what is filled. What is not filled is 0.
    pub kind: u32,
    /// `MW_MARK_TRUNCATED`, or 0.
    pub marks: u32,
    /// The command that it belongs to: one of `MW_POP3_CMD_…`.
    pub command: u32,
    /// A message's number, a count of messages, or another number.
    pub number: u32,
    /// Whether the server said +OK.
    pub ok: bool,
    /// Of the capabilities LOGIN-DELAY and EXPIRE: it may be another one for this user; ask again
    /// after the login.
    pub per_user: bool,
    /// Why it said -ERR: one of `MW_POP3_CODE_…`.
    pub code: u32,
    /// Octets; MW_UNKNOWN if not told.
    pub size: u64,
    /// What the server says to people.
    pub text: mw_string,
    /// A unique-id, a language's tag, a capability, or the name of MW_POP3_CODE_OTHER.
    pub name: mw_string,
    /// Of the capability SASL: the mechanisms.
    pub list: mw_list,
    /// Bytes: a chunk of a message, a challenge, the greeting's timestamp for APOP, or all of what
    /// is malformed or oversized.
    pub bytes: mw_bytes,
    /// Room to grow.
    pub reserved: [usize; 4],
}

impl mw_pop3_event {
    const fn new(kind: u32) -> Self {
        Self {
            kind,
            marks: 0,
            command: 0,
            number: 0,
            ok: false,
            per_user: false,
            code: 0,
            size: MW_UNKNOWN,
            text: mw_string::NONE,
            name: mw_string::NONE,
            list: mw_list::NONE,
            bytes: mw_bytes::NONE,
            reserved: [0; 4],
        }
    }

    fn response(self, it: &StatusResponse<'_>) -> Self {
        let (code, name) = match it.text.code {
            None => (0, None),
            Some(Code::InUse) => (MW_POP3_CODE_IN_USE, None),
            Some(Code::LoginDelay) => (MW_POP3_CODE_LOGIN_DELAY, None),
            Some(Code::SysTemp) => (MW_POP3_CODE_SYS_TEMP, None),
            Some(Code::SysPerm) => (MW_POP3_CODE_SYS_PERM, None),
            Some(Code::Auth) => (MW_POP3_CODE_AUTH, None),
            Some(Code::Utf8) => (MW_POP3_CODE_UTF8, None),
            Some(Code::Other(name)) => (MW_POP3_CODE_OTHER, Some(name)),
            Some(_) => (MW_POP3_CODE_OTHER, None),
        };
        Self {
            ok: it.is_ok(),
            code,
            name: mw_string::maybe(name),
            text: mw_string::of(it.text.text),
            marks: if it.truncated { MW_MARK_TRUNCATED } else { 0 },
            ..self
        }
    }
}

fn command(kind: Kind) -> u32 {
    match kind {
        Kind::User => MW_POP3_CMD_USER,
        Kind::Pass => MW_POP3_CMD_PASS,
        Kind::Apop => MW_POP3_CMD_APOP,
        Kind::Auth => MW_POP3_CMD_AUTH,
        Kind::Capa => MW_POP3_CMD_CAPA,
        Kind::Stls => MW_POP3_CMD_STLS,
        Kind::Stat => MW_POP3_CMD_STAT,
        Kind::List => MW_POP3_CMD_LIST,
        Kind::ListOne => MW_POP3_CMD_LIST_ONE,
        Kind::Uidl => MW_POP3_CMD_UIDL,
        Kind::UidlOne => MW_POP3_CMD_UIDL_ONE,
        Kind::Retr => MW_POP3_CMD_RETR,
        Kind::Top => MW_POP3_CMD_TOP,
        Kind::Dele => MW_POP3_CMD_DELE,
        Kind::Rset => MW_POP3_CMD_RSET,
        Kind::Noop => MW_POP3_CMD_NOOP,
        Kind::Quit => MW_POP3_CMD_QUIT,
        Kind::Utf8 => MW_POP3_CMD_UTF8,
        Kind::Lang => MW_POP3_CMD_LANG,
        Kind::LangList => MW_POP3_CMD_LANG_LIST,
        Kind::Custom => MW_POP3_CMD_CUSTOM,
        Kind::CustomLines => MW_POP3_CMD_CUSTOM_LINES,
        _ => 0,
    }
}

fn event(event: Event<'_>) -> mw_pop3_event {
    let new = mw_pop3_event::new;
    match event {
        Event::Greeting(it) => mw_pop3_event {
            bytes: mw_bytes::maybe(it.timestamp()),
            ..new(MW_POP3_GREETING).response(&it)
        },
        Event::Status(it) => new(MW_POP3_STATUS).response(&it),
        Event::Started { kind, response } => {
            mw_pop3_event { command: command(kind), ..new(MW_POP3_STARTED).response(&response) }
        }
        Event::Completed { kind, number, response } => mw_pop3_event {
            command: command(kind),
            number: number.unwrap_or(0),
            ..new(MW_POP3_COMPLETED).response(&response)
        },
        Event::Capability(it) => capability(it),
        Event::Stat(it) => {
            mw_pop3_event { number: it.messages, size: it.size, ..new(MW_POP3_STAT) }
        }
        Event::ListItem(it) => {
            mw_pop3_event { number: it.number, size: it.size, ..new(MW_POP3_LIST_ITEM) }
        }
        Event::UidlItem(it) => mw_pop3_event {
            number: it.number,
            name: mw_string::of(it.uid),
            ..new(MW_POP3_UIDL_ITEM)
        },
        Event::Language(it) => mw_pop3_event {
            name: mw_string::of(it.tag),
            text: mw_string::of(it.description),
            ..new(MW_POP3_LANGUAGE)
        },
        Event::Message(Message::Start { number, response }) => mw_pop3_event {
            number: number.unwrap_or(0),
            ..new(MW_POP3_MESSAGE_START).response(&response)
        },
        Event::Message(Message::Chunk(bytes)) => {
            mw_pop3_event { bytes: mw_bytes::of(bytes), ..new(MW_POP3_MESSAGE_CHUNK) }
        }
        Event::Message(Message::End) => new(MW_POP3_MESSAGE_END),
        Event::Line(text) => mw_pop3_event { text: mw_string::of(text), ..new(MW_POP3_LINE) },
        Event::Challenge { challenge, .. } => {
            mw_pop3_event { bytes: mw_bytes::of(challenge), ..new(MW_POP3_CHALLENGE) }
        }
        Event::StartTls => new(MW_POP3_START_TLS),
        Event::Malformed(raw) => {
            mw_pop3_event { bytes: mw_bytes::of(raw), ..new(MW_POP3_MALFORMED) }
        }
        Event::Oversized(raw) => {
            mw_pop3_event { bytes: mw_bytes::of(raw), ..new(MW_POP3_OVERSIZED) }
        }
        _ => new(MW_POP3_OTHER),
    }
}

fn capability(it: Capability<'_>) -> mw_pop3_event {
    let named = |name: &'static str| mw_pop3_event {
        name: mw_string::plain(name),
        ..mw_pop3_event::new(MW_POP3_CAPABILITY)
    };
    match it {
        Capability::Top => named("TOP"),
        Capability::User => named("USER"),
        Capability::Sasl(it) => {
            mw_pop3_event { list: mw_list::of(Cursor::Mechanisms(it.iter())), ..named("SASL") }
        }
        Capability::RespCodes => named("RESP-CODES"),
        Capability::LoginDelay(it) => {
            mw_pop3_event { number: it.seconds, per_user: it.per_user, ..named("LOGIN-DELAY") }
        }
        Capability::Pipelining => named("PIPELINING"),
        Capability::Expire(it) => {
            let number = it.days.unwrap_or(u32::MAX);
            mw_pop3_event { number, per_user: it.per_user, ..named("EXPIRE") }
        }
        Capability::Uidl => named("UIDL"),
        Capability::Implementation(text) => {
            mw_pop3_event { text: mw_string::of(text), ..named("IMPLEMENTATION") }
        }
        Capability::Stls => named("STLS"),
        Capability::AuthRespCode => named("AUTH-RESP-CODE"),
        Capability::Utf8 { user } => mw_pop3_event { number: user.into(), ..named("UTF8") },
        Capability::Lang => named("LANG"),
        Capability::Other(text) => mw_pop3_event { text: mw_string::of(text), ..named("") },
        _ => named(""),
    }
}

/// Goes on to the next event: as `mw_imap_advance`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_advance(
    pop3: *mut mw_pop3,
    now_ms: u64,
    out_event: *mut mw_pop3_event,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::advance(args, pop3, now_ms, out_event)
}

/// As `mw_imap_deadline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_deadline(pop3: *const mw_pop3) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::deadline(args, pop3)
}

/// More of the last error of the handle. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_last_error(
    pop3: *const mw_pop3,
    out_error: *mut mw_error,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::last_error(args, pop3, out_error)
}

/// `mw_pop3_state`: the greeting has not come.
pub const MW_POP3_STATE_GREETING: u32 = 1;
/// The server does not know who asks.
pub const MW_POP3_STATE_AUTHORIZATION: u32 = 2;
/// The maildrop is open.
pub const MW_POP3_STATE_TRANSACTION: u32 = 3;
/// QUIT was sent: messages are being deleted.
pub const MW_POP3_STATE_UPDATE: u32 = 4;
/// It is over.
pub const MW_POP3_STATE_LOGOUT: u32 = 5;

/// Where in RFC 1939 the connection stands: one of `MW_POP3_STATE_…`; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_state(pop3: *const mw_pop3) -> u32 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, 0, |it| match it.connection.state() {
        State::Greeting => MW_POP3_STATE_GREETING,
        State::Authorization => MW_POP3_STATE_AUTHORIZATION,
        State::Transaction => MW_POP3_STATE_TRANSACTION,
        State::Update => MW_POP3_STATE_UPDATE,
        State::Logout => MW_POP3_STATE_LOGOUT,
    })
}

/// Whether the server offers a capability, such as "TOP" or "STLS". False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_has(pop3: *const mw_pop3, capability: *const c_char) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, false, |it| {
        let word = args.text(capability).map(|word| Capability::parse(word.as_bytes()));
        word.is_ok_and(|word| it.connection.capabilities().contains(&word))
    })
}

/// Whether the server offers a SASL mechanism, such as "PLAIN". False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_has_mechanism(
    pop3: *const mw_pop3,
    mechanism: *const c_char,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, false, |it| {
        args.text(mechanism).is_ok_and(|name| it.connection.capabilities().has_mechanism(name))
    })
}

/// The SASL mechanisms that the server offers, as far as mailwire knows them: a list of strings.
/// Valid until the next call on the handle that takes it without const. Empty for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_mechanisms(pop3: *const mw_pop3) -> mw_list {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, mw_list::NONE, |it| {
        mw_list::of(Cursor::KnownMechanisms(it.connection.capabilities(), 0))
    })
}

/// What the server told of itself by CAPA (RFC 2449 sections 6.5 and 6.7). MW_UNKNOWN: not told.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_pop3_limits {
    /// Seconds that must be between two logins.
    pub login_delay: u64,
    /// Days after which mail is deleted; 0xFFFFFFFF: never.
    pub expire: u64,
    /// Whether either may be another one for this user: CAPA after the login tells it.
    pub per_user: bool,
}

/// Fills in the limits. `MW_ERR_NULL` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_limits_of(
    pop3: *const mw_pop3,
    out_limits: *mut mw_pop3_limits,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, MW_ERR_NULL, |it| {
        if out_limits.is_null() {
            return MW_ERR_NULL;
        }
        let known = it.connection.capabilities();
        let (delay, expire) = (known.login_delay(), known.expire());
        args.give(
            out_limits,
            mw_pop3_limits {
                login_delay: told(delay.map(|it| it.seconds)),
                expire: told(expire.map(|it| it.days.unwrap_or(u32::MAX))),
                per_user: delay.is_some_and(|it| it.per_user)
                    || expire.is_some_and(|it| it.per_user),
            },
        );
        MW_OK
    })
}

/// Whether UTF-8 mode is on (RFC 6856 section 2.1). False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_is_utf8(pop3: *const mw_pop3) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, false, |it| it.connection.is_utf8())
}

/// Tells an observer of a command that the client sent: one of `MW_POP3_CMD_…`. Without that its
/// answer is one line, MW_POP3_STATUS. `MW_ERR_TOO_MANY_IN_FLIGHT`: read events first.
/// `MW_ERR_WRONG_STATE`: it is no observer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_expect(pop3: *mut mw_pop3, command: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        let own = [Kind::Custom, Kind::CustomLines];
        let kind = Kind::ALL.into_iter().chain(own).find(|kind| self::command(*kind) == command);
        session.connection.expect(kind.ok_or(invalid("no command of POP3"))?)?;
        Ok(MW_OK)
    })
}

/// Whether what the server offers is known. The connection asks by itself. False for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_knows_capabilities(pop3: *const mw_pop3) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, false, |it| it.connection.knows_capabilities())
}

/// How many commands are in flight. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_in_flight(pop3: *const mw_pop3) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    look(args, pop3, 0, |it| it.connection.in_flight())
}

/// Says that the handshake that MW_POP3_START_TLS asked for is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_tls_started(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    handle::tls_started(args, pop3)
}

/// Gives up an AUTH on MW_POP3_CHALLENGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_cancel(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        session.connection.cancel(&mut session.base.buffers.inner.tx)?;
        Ok(MW_OK)
    })
}

/// Answers MW_POP3_CHALLENGE with bytes of the program's own (they are sent in base64, and
/// wiped): for mechanisms that `mw_sasl` does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_respond_bytes(
    pop3: *mut mw_pop3,
    bytes: *const u8,
    len: usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        let bytes = args.slice(bytes, len)?;
        let (connection, tx) = session.tx();
        connection.respond(&Response::new(bytes), tx)?;
        Ok(MW_OK)
    })
}

/// AUTH (RFC 5034 section 4) by a mechanism that `mw_sasl` does not have. `initial`: the first
/// response, to be sent with it (in base64, and wiped); NULL if the server begins.
/// MW_POP3_CHALLENGE follows, which `mw_pop3_respond_bytes` answers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_auth(
    pop3: *mut mw_pop3,
    mechanism: *const c_char,
    initial: *const u8,
    initial_len: usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, pop3, |session| {
        let initial = args.initial(initial, initial_len)?;
        let mechanism = args.text(mechanism)?;
        let (connection, tx) = session.tx();
        connection.send(&AuthCommand { mechanism, initial_response: initial.as_ref() }, tx)?;
        Ok(MW_OK)
    })
}

/// Some words of the program's own.
struct Custom<'c> {
    name: &'c str,
    args: Args<'c>,
    words: &'c [*const c_char],
    has_lines: bool,
}

impl Command for Custom<'_> {
    fn kind(&self) -> Kind {
        if self.has_lines { Kind::CustomLines } else { Kind::Custom }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.word(self.name);
        for word in self.words {
            // What is no text is none, and so refused.
            out.sp().word(self.args.text(*word).unwrap_or_default());
        }
    }
}

/// A command that mailwire does not know: its name and the words behind it, which hold no spaces.
/// `has_lines`: whether lines follow its +OK, up to a dot, each a MW_POP3_LINE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_custom(
    pop3: *mut mw_pop3,
    name: *const c_char,
    words: *const *const c_char,
    words_count: usize,
    has_lines: bool,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || {
        let words = args.slice(words, words_count)?;
        Ok(Custom { name: args.text(name)?, args, words, has_lines })
    })
}

/// USER (RFC 1939 section 7). When it was completed, PASS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_user(pop3: *mut mw_pop3, user: *const c_char) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(UserCommand { user: args.text(user)? }))
}

/// PASS (RFC 1939 section 7). Only inside TLS. The password is wiped from Tx once sent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_pass(pop3: *mut mw_pop3, password: *const c_char) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(PassCommand { password: Secret::new(args.text(password)?.as_bytes()) }))
}

/// APOP (RFC 1939 section 7), with the timestamp that the greeting had in `bytes`, kept by the
/// program.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_apop(
    pop3: *mut mw_pop3,
    user: *const c_char,
    password: *const c_char,
    timestamp: *const u8,
    timestamp_len: usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || {
        let timestamp = args.slice(timestamp, timestamp_len)?;
        if timestamp.is_empty() {
            return Err(invalid("APOP without a timestamp"));
        }
        let password = Secret::new(args.text(password)?.as_bytes());
        Ok(ApopCommand { user: args.text(user)?, digest: ApopDigest::new(timestamp, password) })
    })
}

/// CAPA (RFC 2449 section 5). The connection asks by itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_capa(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(CapaCommand))
}

/// STLS (RFC 2595 section 4). After its MW_POP3_COMPLETED comes MW_POP3_START_TLS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_stls(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(StlsCommand))
}

/// STAT (RFC 1939 section 5). MW_POP3_STAT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_stat(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(StatCommand))
}

/// RSET (RFC 1939 section 5): no message is to be deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_rset(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(RsetCommand))
}

/// NOOP (RFC 1939 section 5).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_noop(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(NoopCommand))
}

/// QUIT (RFC 1939 section 5): deletes, and ends. MW_CLOSED follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_quit(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(QuitCommand))
}

/// UTF8 (RFC 6856 section 2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_utf8(pop3: *mut mw_pop3) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(Utf8Command))
}

/// LIST (RFC 1939 section 5): sizes. `message` 0: of all. MW_POP3_LIST_ITEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_list(pop3: *mut mw_pop3, message: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(ListCommand { message: (message > 0).then_some(message) }))
}

/// UIDL (RFC 1939 section 7): unique-ids. `message` 0: of all. MW_POP3_UIDL_ITEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_uidl(pop3: *mut mw_pop3, message: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(UidlCommand { message: (message > 0).then_some(message) }))
}

/// RETR (RFC 1939 section 5): a message. MW_POP3_MESSAGE_START and others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_retr(pop3: *mut mw_pop3, message: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(RetrCommand { message }))
}

/// TOP (RFC 1939 section 7): the header and the first `lines` of a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_top(pop3: *mut mw_pop3, message: u32, lines: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(TopCommand { message, lines }))
}

/// DELE (RFC 1939 section 5): a message is deleted once QUIT was completed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_dele(pop3: *mut mw_pop3, message: u32) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(DeleCommand { message }))
}

/// LANG (RFC 6856 section 3): a language's tag, or NULL to ask which there are. MW_POP3_LANGUAGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_lang(pop3: *mut mw_pop3, language: *const c_char) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, pop3, || Ok(LangCommand { language: args.maybe_text(language)? }))
}
