//! Events as data: `serde::Serialize` for [`Event`].
//!
//! Each is one flat object; its field `event` is the variant's name in snake_case. Text that
//! is not UTF-8 has U+FFFD in its place; where bytes as they came are shown (`text` of what
//! is not understood, and of a message's chunks), the exact ones stand beside it in
//! `base64`.

use super::event::{Event, Message};
use super::{
    Capability, Code, Kind, Language, ListItem, Stat, Status, StatusResponse, Str, UidlItem,
};
use crate::json::Exact;
use serde::{Serialize, Serializer};

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shape::from(*self).serialize(serializer)
    }
}

/// An event as its object looks.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Shape<'r> {
    Greeting(Response<'r>),
    Status(Response<'r>),
    Started {
        kind: Kind,
        status: Status,
        code: Option<Code<'r>>,
        text: Str<'r>,
        truncated: bool,
    },
    Completed {
        kind: Kind,
        number: Option<u32>,
        status: Status,
        code: Option<Code<'r>>,
        text: Str<'r>,
        truncated: bool,
    },
    Capability {
        capability: Capability<'r>,
    },
    Stat(Stat),
    ListItem(ListItem),
    UidlItem(UidlItem<'r>),
    Language(Language<'r>),
    MessageStart {
        number: Option<u32>,
        code: Option<Code<'r>>,
        text: Str<'r>,
        truncated: bool,
    },
    MessageChunk(Raw<'r>),
    MessageEnd,
    Line(Raw<'r>),
    Challenge {
        challenge: Str<'r>,
    },
    StartTls,
    Malformed(Raw<'r>),
    Oversized(Raw<'r>),
}

#[derive(Serialize)]
struct Response<'r> {
    status: Status,
    code: Option<Code<'r>>,
    text: Str<'r>,
    truncated: bool,
}

impl<'r> From<StatusResponse<'r>> for Response<'r> {
    fn from(it: StatusResponse<'r>) -> Self {
        let StatusResponse { status, text, truncated } = it;
        Self { status, code: text.code, text: text.text, truncated }
    }
}

/// Bytes as they came.
#[derive(Serialize)]
struct Raw<'r> {
    text: Str<'r>,
    #[serde(skip_serializing_if = "Exact::is_not_needed")]
    base64: Exact<'r>,
}

impl<'r> From<&'r [u8]> for Raw<'r> {
    fn from(bytes: &'r [u8]) -> Self {
        Self { text: Str::new(bytes), base64: Exact(bytes) }
    }
}

impl<'r> From<Event<'r>> for Shape<'r> {
    fn from(event: Event<'r>) -> Self {
        match event {
            Event::Greeting(response) => Self::Greeting(response.into()),
            Event::Status(response) => Self::Status(response.into()),
            Event::Started { kind, response } => {
                let Response { status, code, text, truncated } = response.into();
                Self::Started { kind, status, code, text, truncated }
            }
            Event::Completed { kind, number, response } => {
                let Response { status, code, text, truncated } = response.into();
                Self::Completed { kind, number, status, code, text, truncated }
            }
            Event::Capability(capability) => Self::Capability { capability },
            Event::Stat(stat) => Self::Stat(stat),
            Event::ListItem(item) => Self::ListItem(item),
            Event::UidlItem(item) => Self::UidlItem(item),
            Event::Language(language) => Self::Language(language),
            Event::Message(Message::Start { number, response }) => {
                let Response { code, text, truncated, .. } = response.into();
                Self::MessageStart { number, code, text, truncated }
            }
            Event::Message(Message::Chunk(bytes)) => Self::MessageChunk(bytes.into()),
            Event::Message(Message::End) => Self::MessageEnd,
            Event::Line(line) => Self::Line(line.as_bytes().unwrap_or_default().into()),
            Event::Challenge { challenge } => Self::Challenge { challenge: Str::new(challenge) },
            Event::StartTls => Self::StartTls,
            Event::Malformed(raw) => Self::Malformed(raw.into()),
            Event::Oversized(raw) => Self::Oversized(raw.into()),
        }
    }
}
