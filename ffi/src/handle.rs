//! What all handles have in common: how they are made, opened, advanced and looked at. One text
//! for IMAP, POP3 and both watchers.

use crate::args::{Args, Options};
use crate::buffers::{buffers, mw_buffers};
use crate::guard;
use crate::memory::Memory;
use crate::result::{
    Failure, Last, MW_CLOSED, MW_ERR_INTERNAL, MW_ERR_NULL, MW_ERR_WRONG_STATE, MW_EVENT,
    MW_NEED_INPUT, MW_OK, NULL, mw_error, mw_result,
};
use mailwire::{Buffers, Duration, Error, Instant, Machine, Progress, Rx, Tx};

/// Never: for times in milliseconds.
pub const MW_NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF;

/// A machine of the core's, and its event as C sees it.
pub(crate) trait Protocol: Machine + Sized + 'static {
    /// C's event.
    type Seen;
    /// That of no kind.
    const NONE: Self::Seen;
    fn seen(event: Self::Event<'_>) -> Self::Seen;
    fn tls_started(&mut self, rx: &Rx<'_>) -> Result<(), Error>;
}

/// A handle over a connection.
///
/// # Safety
///
/// It is a [`Base`] of this connection, and nothing else.
pub(crate) unsafe trait Handle: Sized {
    type Connection: Protocol;
}

/// What stands at the front of what holds a connection: [`Own`], or a watcher.
// In this order, so that a handle's address is that of its buffers, too.
#[repr(C)]
pub(crate) struct Base<C> {
    pub(crate) buffers: mw_buffers,
    pub(crate) last: Last,
    /// Whether the first SASL response may be sent with AUTHENTICATE.
    pub(crate) sasl_ir: bool,
    /// Whether it is a watcher's connection, which nobody else advances.
    pub(crate) is_watched: bool,
    /// Whether the event that stands in Rx was not told yet, as it did not fit (`json`).
    pub(crate) is_held: bool,
    /// The connection of what this stands at the front of.
    connection: unsafe fn(*mut Self) -> *mut C,
}

impl<C> Base<C> {
    /// Of a watcher.
    pub(crate) fn watched(
        buffers: mw_buffers,
        sasl_ir: bool,
        connection: unsafe fn(*mut Self) -> *mut C,
    ) -> Self {
        Self { buffers, last: Last::NONE, sasl_ir, is_watched: true, is_held: false, connection }
    }
}

/// A connection of its own.
#[repr(C)]
pub(crate) struct Own<C> {
    base: Base<C>,
    connection: C,
}

/// # Safety
///
/// It is the base of an `Own`.
unsafe fn own<C>(base: *mut Base<C>) -> *mut C {
    // SAFETY: by the caller; the base stands at its front.
    unsafe { &raw mut (*base.cast::<Own<C>>()).connection }
}

/// Puts a connection of its own into the memory, and buffers of these sizes behind it.
pub(crate) fn place<H: Handle>(
    mut memory: Memory,
    (rx, tx): (usize, usize),
    sasl_ir: bool,
    connection: H::Connection,
) -> Result<*mut H, Failure> {
    let handle = memory.place::<Own<H::Connection>>()?;
    let buffers = buffers(&mut memory, rx, tx)?;
    let base = Base { is_watched: false, ..Base::watched(buffers, sasl_ir, own::<_>) };
    // SAFETY: the place was made for it.
    unsafe { handle.write(Own { base, connection }) };
    Ok(handle.cast())
}

/// A handle that is in use.
pub(crate) struct Session<'h, H: Handle> {
    pub(crate) base: &'h mut Base<H::Connection>,
    pub(crate) connection: &'h mut H::Connection,
}

impl<'h, H: Handle> Session<'h, H> {
    fn open(args: Args<'h>, handle: *mut H) -> Result<Self, Failure> {
        let pointer = handle.cast::<Base<H::Connection>>();
        let base = args.handle(pointer)?;
        // SAFETY: the function was put there with what it stands in; the connection does not
        // overlap the base, and `Args` has nobody else use the handle meanwhile.
        let connection = unsafe { &mut *(base.connection)(pointer) };
        Ok(Self { base, connection })
    }

    pub(crate) fn tx(&mut self) -> (&mut H::Connection, &mut Tx<'static>) {
        (self.connection, &mut self.base.buffers.inner.tx)
    }
}

/// Runs a call on a handle and keeps its error there.
pub(crate) fn with<H: Handle>(
    args: Args<'_>,
    handle: *mut H,
    f: impl FnOnce(&mut Session<'_, H>) -> Result<mw_result, Failure>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        let Ok(mut session) = Session::open(args, handle) else { return MW_ERR_NULL };
        let result = f(&mut session);
        session.base.last.keep(result)
    })
}

/// The same for what only looks. Nothing is changed, but there is only one way to a connection.
pub(crate) fn look<H: Handle, T: Copy>(
    args: Args<'_>,
    handle: *const H,
    otherwise: T,
    f: impl FnOnce(&Session<'_, H>) -> T,
) -> T {
    guard(otherwise, || Session::open(args, handle.cast_mut()).map_or(otherwise, |it| f(&it)))
}

/// Goes on to the next event of a machine.
pub(crate) fn advance_machine<M: Protocol>(
    args: Args<'_>,
    machine: &mut M,
    buffers: &mut Buffers<'static>,
    now_ms: u64,
    out_event: *mut M::Seen,
) -> Result<mw_result, Failure> {
    if out_event.is_null() {
        return Err(NULL);
    }
    args.give(out_event, M::NONE);
    Ok(match machine.advance(buffers, Instant::from_millis(now_ms))? {
        Progress::Event => {
            args.give(out_event, M::seen(machine.event(buffers)));
            MW_EVENT
        }
        Progress::NeedInput => MW_NEED_INPUT,
        Progress::Closed => MW_CLOSED,
    })
}

/// Goes on to the next event of a handle.
pub(crate) fn advance<H: Handle>(
    args: Args<'_>,
    handle: *mut H,
    now_ms: u64,
    out_event: *mut <H::Connection as Protocol>::Seen,
) -> mw_result {
    with(args, handle, |session| {
        if session.base.is_watched && !out_event.is_null() {
            return Err(Failure::Here(MW_ERR_WRONG_STATE));
        }
        let buffers = &mut session.base.buffers.inner;
        if !out_event.is_null() && core::mem::take(&mut session.base.is_held) {
            args.give(out_event, H::Connection::seen(session.connection.event(buffers)));
            return Ok(MW_EVENT);
        }
        advance_machine(args, session.connection, buffers, now_ms, out_event)
    })
}

pub(crate) fn deadline_of<M: Machine>(machine: &M) -> u64 {
    machine.deadline().map_or(MW_NEVER, Instant::as_millis)
}

pub(crate) fn deadline<H: Handle>(args: Args<'_>, handle: *const H) -> u64 {
    look(args, handle, MW_NEVER, |it| deadline_of(it.connection))
}

pub(crate) fn last_error<H: Handle>(
    args: Args<'_>,
    handle: *const H,
    out_error: *mut mw_error,
) -> mw_result {
    look(args, handle, MW_ERR_NULL, |it| tell_error(args, it.base.last, out_error))
}

pub(crate) fn tell_error(args: Args<'_>, last: Last, out_error: *mut mw_error) -> mw_result {
    if out_error.is_null() {
        return MW_ERR_NULL;
    }
    args.give(out_error, last.describe());
    MW_OK
}

pub(crate) fn tls_started<H: Handle>(args: Args<'_>, handle: *mut H) -> mw_result {
    with(args, handle, |session| {
        session.connection.tls_started(&session.base.buffers.inner.rx)?;
        Ok(MW_OK)
    })
}

/// The options of a handle, which say how large it is.
#[cfg_attr(not(feature = "malloc"), allow(dead_code))]
pub(crate) trait Sizes: Options {
    /// Whether there is no handle without them.
    const REQUIRED: bool;
    /// Rx and Tx; 0 is to be chosen.
    fn buffers(&mut self) -> (&mut usize, &mut usize);
    /// What the handle takes beside them.
    fn overhead(&self) -> Result<usize, Failure>;
}

fn given<O: Sizes>(options: Option<O>) -> Result<O, Failure> {
    match options {
        Some(options) => Ok(options),
        None if O::REQUIRED => Err(NULL),
        None => Ok(crate::args::zeroed()),
    }
}

/// What makes a handle.
pub(crate) type Make<H, O> = fn(Args<'_>, Memory, &O) -> Result<*mut H, Failure>;

/// Makes a handle in the caller's memory.
pub(crate) fn init<H, O: Sizes>(
    args: Args<'_>,
    (memory, len): (*mut u8, usize),
    options: *const O,
    out: *mut *mut H,
    make: Make<H, O>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        let made = args.options(options).and_then(given).and_then(|options| {
            // SAFETY: as the header says, the memory is ours.
            make(args, unsafe { Memory::new(memory, len) }?, &options)
        });
        crate::give_handle(args, made, out)
    })
}

/// Makes a handle in malloc's memory.
#[cfg(feature = "malloc")]
pub(crate) fn new<H, O: Sizes>(
    args: Args<'_>,
    options: *const O,
    out: *mut *mut H,
    make: Make<H, O>,
) -> mw_result {
    guard(MW_ERR_INTERNAL, || {
        if out.is_null() {
            return MW_ERR_NULL;
        }
        let made = args.options(options).and_then(given).and_then(|mut options| {
            let (rx, tx) = options.buffers();
            let default = |size: &mut usize, default| {
                *size = if *size == 0 { default } else { *size };
                *size
            };
            let sizes = [default(rx, 16384), default(tx, 4096), options.overhead()?];
            let size = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
            let size = size.filter(|size| *size <= isize::MAX as usize);
            let size = size.ok_or(Failure::Here(crate::result::MW_ERR_MEMORY))?;
            crate::memory::allocate(size, |memory| make(args, memory, &options))
        });
        crate::give_handle(args, made, out)
    })
}

/// A span of time of some options.
pub(crate) fn span(ms: u64, default: Duration) -> Duration {
    if ms == 0 { default } else { Duration::from_millis(ms) }
}

/// The same, that may be for ever.
pub(crate) fn timeout(ms: u64, default: Option<Duration>) -> Option<Duration> {
    match ms {
        0 => default,
        MW_NEVER => None,
        ms => Some(Duration::from_millis(ms)),
    }
}
