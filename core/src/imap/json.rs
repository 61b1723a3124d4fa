//! Events as data: `serde::Serialize` for [`Event`] and [`Fetch`].
//!
//! Each is one flat object; its field `event` is the variant's name in snake_case. What is
//! malformed, oversized or unknown has the same `event` wherever it was, and says in `in`
//! where: `response` for a line, `fetch` for an item of a FETCH response. A response of an
//! extension that cannot be read ([`Raw`]) is malformed too. Text that is not
//! UTF-8 has U+FFFD in its place; where bytes as they came are shown (`text` of what is not
//! understood, and of a body's chunks), the exact ones stand beside it in `base64`.

use super::event::{Body, Event, Fetch, StatusResponse};
use super::fetch::Item;
use super::search::{EsearchFields, Numbers};
use super::{
    Acl, BodyStructure, Capabilities, Code, Comparator, DateTime, Envelope, Flags, GenUrlAuth, Id,
    JmapAccess, Language, List, ListRights, MailboxStatus, Metadata, MyRights, Namespace, Parse,
    Quota, QuotaRoot, Raw, SectionPart, SequenceSet, Status, Str, Tag, Threads, UrlFetch,
    XGmLabels,
};
use crate::json::Exact;
use serde::{Serialize, Serializer};

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shape::from(*self).serialize(serializer)
    }
}

impl Serialize for Fetch<'_> {
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
    Completed {
        tag: Tag,
        status: Status,
        code: Option<Code<'r>>,
        text: Str<'r>,
        truncated: bool,
    },
    Capability {
        capabilities: Capabilities<'r>,
        more: bool,
    },
    Code {
        code: Code<'r>,
    },
    Enabled {
        capabilities: Capabilities<'r>,
    },
    Flags {
        flags: Flags<'r>,
        more: bool,
    },
    List(List<'r>),
    Lsub(List<'r>),
    Namespace(Namespace<'r>),
    MailboxStatus(MailboxStatus<'r>),
    Acl(Acl<'r>),
    Comparator(Comparator<'r>),
    GenUrlAuth(GenUrlAuth<'r>),
    Id(Id<'r>),
    JmapAccess(JmapAccess<'r>),
    Language(Language<'r>),
    ListRights(ListRights<'r>),
    Metadata(Metadata<'r>),
    MyRights(MyRights<'r>),
    UrlFetch(UrlFetch<'r>),
    XList(List<'r>),
    Quota(Quota<'r>),
    QuotaRoot(QuotaRoot<'r>),
    Search {
        #[serde(serialize_with = "sequence")]
        numbers: Numbers<'r>,
        mod_seq: Option<u64>,
        more: bool,
    },
    Sort {
        #[serde(serialize_with = "sequence")]
        numbers: Numbers<'r>,
        mod_seq: Option<u64>,
        more: bool,
    },
    Esearch(EsearchFields<'r>),
    Thread {
        threads: Threads<'r>,
        depth: u32,
        more: bool,
    },
    UidBatches {
        tag: Option<Str<'r>>,
        batches: SequenceSet<'r>,
        more: bool,
    },
    Exists {
        number: u32,
    },
    Recent {
        number: u32,
    },
    Expunge {
        number: u32,
    },
    Vanished {
        earlier: bool,
        uids: SequenceSet<'r>,
        more: bool,
    },
    FetchStart {
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        uid: Option<u32>,
    },
    FetchItem(ItemShape<'r>),
    FetchBody(Body<'r>),
    FetchChunk {
        text: Str<'r>,
        #[serde(skip_serializing_if = "Exact::is_not_needed")]
        base64: Exact<'r>,
    },
    FetchEnd,
    Challenge {
        tag: Tag,
        challenge: Str<'r>,
        truncated: bool,
    },
    Idling {
        tag: Tag,
    },
    SendLiteral {
        tag: Tag,
        remaining: u64,
    },
    NextPart {
        tag: Tag,
    },
    CancellingLiteral {
        tag: Tag,
        remaining: u64,
    },
    StartTls {
        tag: Tag,
    },
    Compress {
        tag: Tag,
    },
    CompressEnd {
        tag: Tag,
    },
    Continuation {
        code: Option<Code<'r>>,
        text: Str<'r>,
    },
    Other {
        r#in: Place,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
        name: Str<'r>,
        text: Str<'r>,
        #[serde(skip_serializing_if = "Exact::is_not_needed")]
        base64: Exact<'r>,
    },
    Malformed {
        r#in: Place,
        text: Str<'r>,
        #[serde(skip_serializing_if = "Exact::is_not_needed")]
        base64: Exact<'r>,
    },
    Oversized {
        r#in: Place,
        text: Str<'r>,
        #[serde(skip_serializing_if = "Exact::is_not_needed")]
        base64: Exact<'r>,
    },
}

/// What a thing that was not understood was a part of.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Response,
    Fetch,
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

/// `{"item": "uid", "value": 7}`
#[derive(Serialize)]
#[serde(tag = "item", rename_all = "snake_case")]
enum ItemShape<'r> {
    Flags { value: Flags<'r> },
    Uid { value: u32 },
    Envelope { value: Envelope<'r> },
    InternalDate { value: DateTime },
    Rfc822Size { value: u64 },
    Body { value: BodyStructure<'r> },
    BodyStructure { value: BodyStructure<'r> },
    BinarySize { part: SectionPart<'r>, value: u64 },
    ModSeq { value: u64 },
    EmailId { value: Str<'r> },
    ThreadId { value: Option<Str<'r>> },
    SaveDate { value: Option<DateTime> },
    Preview { value: Option<Str<'r>> },
    XGmMsgId { value: u64 },
    XGmThrId { value: u64 },
    XGmLabels { value: XGmLabels<'r> },
}

impl<'r> Shape<'r> {
    /// What an extension says, or that it cannot be understood.
    fn extension<T: Parse<'r>>(raw: Raw<'r, T>, shape: fn(T) -> Self) -> Self {
        raw.parse().map_or_else(|| Self::malformed(raw.as_bytes()), shape)
    }

    /// A line that cannot be understood.
    fn malformed(raw: &'r [u8]) -> Self {
        Self::Malformed { r#in: Place::Response, text: Str::new(raw), base64: Exact(raw) }
    }
}

impl<'r> From<Event<'r>> for Shape<'r> {
    fn from(event: Event<'r>) -> Self {
        match event {
            Event::Greeting(response) => Self::Greeting(response.into()),
            Event::Status(response) => Self::Status(response.into()),
            Event::Completed { tag, response } => {
                let Response { status, code, text, truncated } = response.into();
                Self::Completed { tag, status, code, text, truncated }
            }
            Event::Capability { capabilities, more } => Self::Capability { capabilities, more },
            Event::Code(code) => Self::Code { code },
            Event::Enabled(capabilities) => Self::Enabled { capabilities },
            Event::Flags { flags, more } => Self::Flags { flags, more },
            Event::List(list) => Self::List(list),
            Event::Lsub(list) => Self::Lsub(list),
            Event::Namespace(raw) => Self::extension(raw, Self::Namespace),
            Event::MailboxStatus(status) => Self::MailboxStatus(status),
            Event::Acl(raw) => Self::extension(raw, Self::Acl),
            Event::Comparator(raw) => Self::extension(raw, Self::Comparator),
            Event::GenUrlAuth(raw) => Self::extension(raw, Self::GenUrlAuth),
            Event::Id(raw) => Self::extension(raw, Self::Id),
            Event::JmapAccess(raw) => Self::extension(raw, Self::JmapAccess),
            Event::Language(raw) => Self::extension(raw, Self::Language),
            Event::ListRights(raw) => Self::extension(raw, Self::ListRights),
            Event::Metadata(raw) => Self::extension(raw, Self::Metadata),
            Event::MyRights(raw) => Self::extension(raw, Self::MyRights),
            Event::UrlFetch(raw) => Self::extension(raw, Self::UrlFetch),
            Event::XList(raw) => Self::extension(raw, Self::XList),
            Event::Quota(raw) => Self::extension(raw, Self::Quota),
            Event::QuotaRoot(raw) => Self::extension(raw, Self::QuotaRoot),
            Event::Search { numbers, more } => {
                Self::Search { numbers, mod_seq: numbers.mod_seq(), more }
            }
            Event::Sort { numbers, more } => {
                Self::Sort { numbers, mod_seq: numbers.mod_seq(), more }
            }
            Event::Esearch { found, more } => Self::Esearch(EsearchFields::new(&found, Some(more))),
            Event::Thread { threads, more } => {
                Self::Thread { threads, depth: threads.depth(), more }
            }
            Event::UidBatches { batches, more } => {
                Self::UidBatches { tag: batches.tag(), batches: batches.batches(), more }
            }
            Event::Exists(number) => Self::Exists { number },
            Event::Recent(number) => Self::Recent { number },
            Event::Expunge(number) => Self::Expunge { number },
            Event::Vanished { earlier, uids, more } => Self::Vanished { earlier, uids, more },
            Event::Fetch(fetch) => fetch.into(),
            Event::Challenge { tag, challenge, truncated } => {
                Self::Challenge { tag, challenge: Str::new(challenge), truncated }
            }
            Event::Idling { tag } => Self::Idling { tag },
            Event::SendLiteral { tag, remaining } => Self::SendLiteral { tag, remaining },
            Event::NextPart { tag } => Self::NextPart { tag },
            Event::CancellingLiteral { tag, remaining } => {
                Self::CancellingLiteral { tag, remaining }
            }
            Event::StartTls { tag } => Self::StartTls { tag },
            Event::Compress { tag } => Self::Compress { tag },
            Event::CompressEnd { tag } => Self::CompressEnd { tag },
            Event::Continuation(text) => Self::Continuation { code: text.code, text: text.text },
            Event::Other { number, name, data } => Self::Other {
                r#in: Place::Response,
                number,
                name: Str::new(name),
                text: Str::new(data),
                base64: Exact(data),
            },
            Event::Malformed(raw) => Self::malformed(raw),
            Event::Oversized(raw) => {
                Self::Oversized { r#in: Place::Response, text: Str::new(raw), base64: Exact(raw) }
            }
        }
    }
}

impl<'r> From<Fetch<'r>> for Shape<'r> {
    fn from(fetch: Fetch<'r>) -> Self {
        match fetch {
            Fetch::Start { seq, uid } => Self::FetchStart { seq, uid },
            Fetch::Item(item) => Self::FetchItem(match item {
                Item::Flags(value) => ItemShape::Flags { value },
                Item::Uid(value) => ItemShape::Uid { value },
                Item::Envelope(value) => ItemShape::Envelope { value },
                Item::InternalDate(value) => ItemShape::InternalDate { value },
                Item::Rfc822Size(value) => ItemShape::Rfc822Size { value },
                Item::Body(value) => ItemShape::Body { value },
                Item::BodyStructure(value) => ItemShape::BodyStructure { value },
                Item::BinarySize { part, size } => ItemShape::BinarySize { part, value: size },
                Item::ModSeq(value) => ItemShape::ModSeq { value },
                Item::EmailId(value) => ItemShape::EmailId { value },
                Item::ThreadId(value) => ItemShape::ThreadId { value },
                Item::SaveDate(value) => ItemShape::SaveDate { value },
                Item::Preview(value) => ItemShape::Preview { value },
                Item::XGmMsgId(value) => ItemShape::XGmMsgId { value },
                Item::XGmThrId(value) => ItemShape::XGmThrId { value },
                Item::XGmLabels(value) => ItemShape::XGmLabels { value },
                Item::Other { name, value } => {
                    let raw = value.as_bytes().unwrap_or_default();
                    return Self::Other {
                        r#in: Place::Fetch,
                        number: None,
                        name,
                        text: value,
                        base64: Exact(raw),
                    };
                }
            }),
            Fetch::Body(body) => Self::FetchBody(body),
            Fetch::Chunk(raw) => Self::FetchChunk { text: Str::new(raw), base64: Exact(raw) },
            Fetch::Malformed { raw } => {
                Self::Malformed { r#in: Place::Fetch, text: Str::new(raw), base64: Exact(raw) }
            }
            Fetch::Oversized { raw } => {
                Self::Oversized { r#in: Place::Fetch, text: Str::new(raw), base64: Exact(raw) }
            }
            Fetch::End => Self::FetchEnd,
        }
    }
}

fn sequence<S: Serializer>(numbers: &Numbers<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(*numbers)
}
