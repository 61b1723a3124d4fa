//! What a call came to, and errors sorted by who has to act.

use crate::bytes::mw_bytes;
use core::ffi::{CStr, c_char};
use mailwire::{Error, PeerError, ResourceError, UsageError, sasl};

/// What a call came to: negative for errors, else one of the four below. `mw_result_name` gives
/// its name.
///
/// An error of the call itself (-1 to -19) and of memory (-20 to -39) changes nothing: the handle
/// is as it was before. After an error of the peer (-40 to -59) the handle is of no more use but
/// to be looked at and freed; it will say the same again. That a server says NO or -ERR is no
/// error but an event.
pub type mw_result = i32;

/// Done.
pub const MW_OK: mw_result = 0;
/// Of the `_advance` functions: there is an event.
pub const MW_EVENT: mw_result = 1;
/// Of the `_advance` functions: send what is pending, receive, and advance again.
pub const MW_NEED_INPUT: mw_result = 2;
/// Of the `_advance` functions: the connection has ended in order.
pub const MW_CLOSED: mw_result = 3;

/// A pointer that must not be NULL is.
pub const MW_ERR_NULL: mw_result = -1;
/// An argument is not what it must be: `mw_error.why` says which.
pub const MW_ERR_INVALID_ARGUMENT: mw_result = -2;
/// A bug in mailwire, which the library caught. The handle must only be freed.
pub const MW_ERR_INTERNAL: mw_result = -3;
/// Not in this state of the connection.
pub const MW_ERR_WRONG_STATE: mw_result = -4;
/// Not while what is in flight is: wait for its completion.
pub const MW_ERR_BUSY: mw_result = -5;
/// The server does not offer what this needs: `mw_error.why` names the capability.
pub const MW_ERR_NOT_OFFERED: mw_result = -6;
/// What the server offers is not known yet: advance, and try again.
pub const MW_ERR_CAPABILITIES_UNKNOWN: mw_result = -7;
/// The message is larger than the server takes.
pub const MW_ERR_TOO_BIG: mw_result = -8;
/// Bytes are left in Rx that belong to the layer below.
pub const MW_ERR_COMPRESSED_IN_RX: mw_result = -9;
/// The literal of an upload was given up.
pub const MW_ERR_LITERAL_ABANDONED: mw_result = -10;
/// The connection has ended.
pub const MW_ERR_CLOSED: mw_result = -11;
/// This event, string or list holds nothing of the kind.
pub const MW_ERR_WRONG_KIND: mw_result = -12;
/// This cannot be understood; its bytes are there all the same.
pub const MW_ERR_MALFORMED: mw_result = -13;

/// This needs what has to be enabled first, by `mw_imap_enable`: `mw_error.why` names it.
pub const MW_ERR_NOT_ENABLED: mw_result = -14;
/// Messages were removed while a command was sent in parts, so that its numbers name others.
pub const MW_ERR_NUMBERS_CHANGED: mw_result = -15;

/// A command does not fit the transmit buffer: `mw_error.needed` says what would. If something
/// is pending, send it and try again.
pub const MW_ERR_TX_FULL: mw_result = -20;
/// The receive buffer is too small for what must be kept whole.
pub const MW_ERR_RX_FULL: mw_result = -21;
/// More literals in one command than can wait for the server.
pub const MW_ERR_TOO_MANY_LITERALS: mw_result = -22;
/// More commands in flight than can be remembered: wait for a completion.
pub const MW_ERR_TOO_MANY_IN_FLIGHT: mw_result = -23;
/// The memory is too small, or there is none.
pub const MW_ERR_MEMORY: mw_result = -24;

/// The server closed the connection in the middle.
pub const MW_ERR_UNEXPECTED_EOF: mw_result = -40;
/// Where a response ends can no longer be told.
pub const MW_ERR_FRAME_LOST: mw_result = -41;
/// Bytes came before the TLS handshake: somebody is in between.
pub const MW_ERR_DATA_BEFORE_TLS: mw_result = -42;
/// What greets is no server of this protocol.
pub const MW_ERR_BAD_GREETING: mw_result = -43;
/// The server greeted by turning away.
pub const MW_ERR_REFUSED: mw_result = -44;
/// The server said goodbye.
pub const MW_ERR_BYE: mw_result = -45;
/// The server answered a command before it had come to its end.
pub const MW_ERR_ANSWERED_EARLY: mw_result = -46;
/// The compressed stream is broken.
pub const MW_ERR_BAD_COMPRESSION: mw_result = -47;
/// The server asks for SASL responses without end.
pub const MW_ERR_TOO_MANY_CHALLENGES: mw_result = -48;
/// The server kept silent for too long.
pub const MW_ERR_TIMEOUT: mw_result = -49;

/// SASL: the user name or password holds what the mechanism cannot send.
pub const MW_ERR_SASL_CREDENTIALS: mw_result = -60;
/// SASL: a challenge came that the mechanism does not expect. The exchange was cancelled.
pub const MW_ERR_SASL_UNEXPECTED_CHALLENGE: mw_result = -61;
/// SASL: the challenge cannot be understood. The exchange was cancelled.
pub const MW_ERR_SASL_INVALID_CHALLENGE: mw_result = -62;
/// SASL: the server did not prove that it knows the password: do not trust it.
pub const MW_ERR_SASL_SERVER_NOT_VERIFIED: mw_result = -63;
/// SASL: the server wants an iteration count out of bounds.
pub const MW_ERR_SASL_ITERATIONS: mw_result = -64;
/// SASL: the server refused, within the exchange.
pub const MW_ERR_SASL_REFUSED: mw_result = -65;
/// SASL: the server offers no mechanism for these credentials.
pub const MW_ERR_SASL_NO_MECHANISM: mw_result = -66;
/// SASL: the mechanisms that would do need TLS.
pub const MW_ERR_SASL_LINK_IN_CLEAR: mw_result = -67;

/// An error that this version of the header has no name for.
pub const MW_ERR_OTHER: mw_result = -99;

/// More of an error. Filled by `mw_imap_last_error` and its like.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_error {
    /// The last error of the handle; `MW_OK` if there was none.
    pub result: mw_result,
    /// Which argument or capability; or empty. English, in static memory.
    pub why: mw_bytes,
    /// For `MW_ERR_TX_FULL`: the bytes that the command needs.
    pub needed: usize,
    /// For `MW_ERR_TX_FULL` and `MW_ERR_RX_FULL`: the bytes that there are.
    pub capacity: usize,
}

/// The result's name, such as `"MW_ERR_TIMEOUT"`: static, ends in NUL, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn mw_result_name(result: mw_result) -> *const c_char {
    let name: &CStr = match result {
        MW_OK => c"MW_OK",
        MW_EVENT => c"MW_EVENT",
        MW_NEED_INPUT => c"MW_NEED_INPUT",
        MW_CLOSED => c"MW_CLOSED",
        MW_ERR_NULL => c"MW_ERR_NULL",
        MW_ERR_INVALID_ARGUMENT => c"MW_ERR_INVALID_ARGUMENT",
        MW_ERR_INTERNAL => c"MW_ERR_INTERNAL",
        MW_ERR_WRONG_STATE => c"MW_ERR_WRONG_STATE",
        MW_ERR_BUSY => c"MW_ERR_BUSY",
        MW_ERR_NOT_OFFERED => c"MW_ERR_NOT_OFFERED",
        MW_ERR_CAPABILITIES_UNKNOWN => c"MW_ERR_CAPABILITIES_UNKNOWN",
        MW_ERR_TOO_BIG => c"MW_ERR_TOO_BIG",
        MW_ERR_COMPRESSED_IN_RX => c"MW_ERR_COMPRESSED_IN_RX",
        MW_ERR_LITERAL_ABANDONED => c"MW_ERR_LITERAL_ABANDONED",
        MW_ERR_CLOSED => c"MW_ERR_CLOSED",
        MW_ERR_WRONG_KIND => c"MW_ERR_WRONG_KIND",
        MW_ERR_MALFORMED => c"MW_ERR_MALFORMED",
        MW_ERR_NOT_ENABLED => c"MW_ERR_NOT_ENABLED",
        MW_ERR_NUMBERS_CHANGED => c"MW_ERR_NUMBERS_CHANGED",
        MW_ERR_TX_FULL => c"MW_ERR_TX_FULL",
        MW_ERR_RX_FULL => c"MW_ERR_RX_FULL",
        MW_ERR_TOO_MANY_LITERALS => c"MW_ERR_TOO_MANY_LITERALS",
        MW_ERR_TOO_MANY_IN_FLIGHT => c"MW_ERR_TOO_MANY_IN_FLIGHT",
        MW_ERR_MEMORY => c"MW_ERR_MEMORY",
        MW_ERR_UNEXPECTED_EOF => c"MW_ERR_UNEXPECTED_EOF",
        MW_ERR_FRAME_LOST => c"MW_ERR_FRAME_LOST",
        MW_ERR_DATA_BEFORE_TLS => c"MW_ERR_DATA_BEFORE_TLS",
        MW_ERR_BAD_GREETING => c"MW_ERR_BAD_GREETING",
        MW_ERR_REFUSED => c"MW_ERR_REFUSED",
        MW_ERR_BYE => c"MW_ERR_BYE",
        MW_ERR_ANSWERED_EARLY => c"MW_ERR_ANSWERED_EARLY",
        MW_ERR_BAD_COMPRESSION => c"MW_ERR_BAD_COMPRESSION",
        MW_ERR_TOO_MANY_CHALLENGES => c"MW_ERR_TOO_MANY_CHALLENGES",
        MW_ERR_TIMEOUT => c"MW_ERR_TIMEOUT",
        MW_ERR_SASL_CREDENTIALS => c"MW_ERR_SASL_CREDENTIALS",
        MW_ERR_SASL_UNEXPECTED_CHALLENGE => c"MW_ERR_SASL_UNEXPECTED_CHALLENGE",
        MW_ERR_SASL_INVALID_CHALLENGE => c"MW_ERR_SASL_INVALID_CHALLENGE",
        MW_ERR_SASL_SERVER_NOT_VERIFIED => c"MW_ERR_SASL_SERVER_NOT_VERIFIED",
        MW_ERR_SASL_ITERATIONS => c"MW_ERR_SASL_ITERATIONS",
        MW_ERR_SASL_REFUSED => c"MW_ERR_SASL_REFUSED",
        MW_ERR_SASL_NO_MECHANISM => c"MW_ERR_SASL_NO_MECHANISM",
        MW_ERR_SASL_LINK_IN_CLEAR => c"MW_ERR_SASL_LINK_IN_CLEAR",
        _ => c"MW_ERR_OTHER",
    };
    name.as_ptr()
}

pub(crate) fn peer(error: PeerError) -> mw_result {
    match error {
        PeerError::UnexpectedEof => MW_ERR_UNEXPECTED_EOF,
        PeerError::FrameLost => MW_ERR_FRAME_LOST,
        PeerError::DataBeforeTls => MW_ERR_DATA_BEFORE_TLS,
        PeerError::BadGreeting => MW_ERR_BAD_GREETING,
        PeerError::Refused => MW_ERR_REFUSED,
        PeerError::Bye => MW_ERR_BYE,
        PeerError::AnsweredEarly => MW_ERR_ANSWERED_EARLY,
        PeerError::BadCompression => MW_ERR_BAD_COMPRESSION,
        PeerError::TooManyChallenges => MW_ERR_TOO_MANY_CHALLENGES,
        PeerError::Timeout => MW_ERR_TIMEOUT,
        _ => MW_ERR_OTHER,
    }
}

/// The number, and what goes with it.
pub(crate) fn describe(error: Error) -> mw_error {
    let mut out = mw_error { result: MW_OK, why: mw_bytes::of(b""), needed: 0, capacity: 0 };
    out.result = match error {
        Error::Peer(error) => peer(error),
        Error::Resource(error) => match error {
            ResourceError::TxFull { needed, capacity } => {
                (out.needed, out.capacity) = (needed, capacity);
                MW_ERR_TX_FULL
            }
            ResourceError::RxFull { capacity } => {
                out.capacity = capacity;
                MW_ERR_RX_FULL
            }
            ResourceError::TooManyLiterals => MW_ERR_TOO_MANY_LITERALS,
            ResourceError::TooManyInFlight => MW_ERR_TOO_MANY_IN_FLIGHT,
            _ => MW_ERR_OTHER,
        },
        Error::Usage(error) => match error {
            UsageError::WrongState => MW_ERR_WRONG_STATE,
            UsageError::Busy => MW_ERR_BUSY,
            UsageError::NotOffered(what) => {
                out.why = mw_bytes::of(what.as_bytes());
                MW_ERR_NOT_OFFERED
            }
            UsageError::NotEnabled(what) => {
                out.why = mw_bytes::of(what.as_bytes());
                MW_ERR_NOT_ENABLED
            }
            UsageError::NumbersChanged => MW_ERR_NUMBERS_CHANGED,
            UsageError::CapabilitiesUnknown => MW_ERR_CAPABILITIES_UNKNOWN,
            UsageError::InvalidArgument(why) => {
                out.why = mw_bytes::of(why.as_bytes());
                MW_ERR_INVALID_ARGUMENT
            }
            UsageError::TooBig => MW_ERR_TOO_BIG,
            UsageError::CompressedInRx => MW_ERR_COMPRESSED_IN_RX,
            UsageError::LiteralAbandoned => MW_ERR_LITERAL_ABANDONED,
            UsageError::Closed => MW_ERR_CLOSED,
            _ => MW_ERR_OTHER,
        },
        _ => MW_ERR_OTHER,
    };
    out
}

pub(crate) fn sasl(error: sasl::Error) -> mw_result {
    match error {
        sasl::Error::InvalidCredentials(_) => MW_ERR_SASL_CREDENTIALS,
        sasl::Error::UnexpectedChallenge => MW_ERR_SASL_UNEXPECTED_CHALLENGE,
        sasl::Error::InvalidChallenge => MW_ERR_SASL_INVALID_CHALLENGE,
        sasl::Error::ServerNotVerified => MW_ERR_SASL_SERVER_NOT_VERIFIED,
        sasl::Error::Iterations(_) => MW_ERR_SASL_ITERATIONS,
        sasl::Error::Refused(_) => MW_ERR_SASL_REFUSED,
        sasl::Error::NoMechanism => MW_ERR_SASL_NO_MECHANISM,
        sasl::Error::LinkInClear => MW_ERR_SASL_LINK_IN_CLEAR,
        _ => MW_ERR_OTHER,
    }
}

/// What a call of ours fails with: an error of the core, or one of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    Core(Error),
    Here(mw_result),
}

impl Failure {
    pub(crate) fn describe(self) -> mw_error {
        match self {
            Self::Here(result) => {
                mw_error { result, why: mw_bytes::of(b""), needed: 0, capacity: 0 }
            }
            Self::Core(error) => describe(error),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Core(error.into())
    }
}

/// An argument that is not what it must be.
pub(crate) fn invalid(why: &'static str) -> Failure {
    UsageError::InvalidArgument(why).into()
}

pub(crate) const NULL: Failure = Failure::Here(MW_ERR_NULL);

/// The last error of a handle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Last(Option<Failure>);

impl Last {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn keep(&mut self, result: Result<mw_result, Failure>) -> mw_result {
        match result {
            Ok(result) => result,
            Err(failure) => {
                self.0 = Some(failure);
                failure.describe().result
            }
        }
    }

    pub(crate) fn describe(&self) -> mw_error {
        self.0.unwrap_or(Failure::Here(MW_OK)).describe()
    }
}
