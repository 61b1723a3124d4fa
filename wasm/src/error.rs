//! Errors on their way to JavaScript: a code for programs, a line break, a text for people.

use crate::prelude::String;
use mailwire::{Error, PeerError, ResourceError, UsageError, sasl};
use wasm_bindgen::JsValue;

/// What `JsValue` the glue throws.
pub(crate) type Thrown<T> = Result<T, JsValue>;

/// The code of an error.
pub(crate) fn code(error: &Error) -> &'static str {
    match error {
        Error::Peer(error) => match error {
            PeerError::UnexpectedEof => "UNEXPECTED_EOF",
            PeerError::FrameLost => "FRAME_LOST",
            PeerError::DataBeforeTls => "DATA_BEFORE_TLS",
            PeerError::BadGreeting => "BAD_GREETING",
            PeerError::Refused => "CONNECTION_REFUSED",
            PeerError::Bye => "BYE",
            PeerError::AnsweredEarly => "ANSWERED_EARLY",
            PeerError::BadCompression => "BAD_COMPRESSION",
            PeerError::TooManyChallenges => "TOO_MANY_CHALLENGES",
            PeerError::Timeout => "TIMEOUT",
            _ => "PEER",
        },
        Error::Resource(error) => match error {
            ResourceError::TxFull { .. } => "TX_FULL",
            ResourceError::RxFull { .. } => "RX_FULL",
            ResourceError::TooManyLiterals => "TOO_MANY_LITERALS",
            ResourceError::TooManyInFlight => "TOO_MANY_IN_FLIGHT",
            _ => "RESOURCE",
        },
        Error::Usage(error) => match error {
            UsageError::WrongState => "WRONG_STATE",
            UsageError::Busy => "BUSY",
            UsageError::NotOffered(_) => "NOT_OFFERED",
            UsageError::CapabilitiesUnknown => "CAPABILITIES_UNKNOWN",
            UsageError::InvalidArgument(_) => "INVALID_ARGUMENT",
            UsageError::TooBig => "TOO_BIG",
            UsageError::CompressedInRx => "COMPRESSED_IN_RX",
            UsageError::LiteralAbandoned => "LITERAL_ABANDONED",
            UsageError::Closed => "CLOSED",
            _ => "USAGE",
        },
        _ => "UNKNOWN",
    }
}

fn two_lines(code: &str, text: &dyn core::fmt::Display) -> String {
    format!("{code}\n{text}")
}

pub(crate) fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&two_lines(code(&error), &error))
}

pub(crate) fn invalid(why: &'static str) -> JsValue {
    thrown(UsageError::InvalidArgument(why).into())
}

pub(crate) fn sasl_code(error: &sasl::Error) -> &'static str {
    match error {
        sasl::Error::InvalidCredentials(_) => "INVALID_CREDENTIALS",
        sasl::Error::ServerNotVerified => "SERVER_NOT_VERIFIED",
        sasl::Error::NoMechanism => "NO_MECHANISM",
        sasl::Error::LinkInClear => "LINK_IN_CLEAR",
        _ => "AUTHENTICATION_FAILED",
    }
}

pub(crate) fn sasl(error: &sasl::Error) -> JsValue {
    JsValue::from_str(&two_lines(sasl_code(error), error))
}
