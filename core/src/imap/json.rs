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
    Acl, Comparator, GenUrlAuth, Id, JmapAccess, Language, List, ListRights, MailboxStatus,
    Metadata, MyRights, Namespace, Quota, QuotaRoot, Str, UrlFetch,
};
use crate::json::Exact;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// One flat object: `event`, then the fields. Written straight from what is borrowed: a type between
/// the event and its object costs a program several kilobytes.
macro_rules! object {
    ($serializer:expr, $event:expr $(, $name:literal: $value:expr)* $(,)?) => {{
        let mut object = $serializer.serialize_struct("Event", FIELDS)?;
        object.serialize_field("event", $event)?;
        $(object.serialize_field($name, $value)?;)*
        object.end()
    }};
}

/// How many fields an object has at most.
const FIELDS: usize = 6;

/// A type's own fields, behind `event`.
macro_rules! with_fields {
    ($serializer:expr, $event:literal, $value:expr, $type:ty) => {{
        #[derive(Serialize)]
        #[serde(tag = "event")]
        enum Tagged<'a, 'r> {
            #[serde(rename = $event)]
            It(&'a $type),
            #[allow(dead_code, reason = "some types borrow nothing")]
            #[serde(skip)]
            Never(core::marker::PhantomData<&'r ()>),
        }
        Tagged::It($value).serialize($serializer)
    }};
}

/// What an extension says, or that it cannot be understood.
macro_rules! extension {
    ($serializer:expr, $event:literal, $raw:expr, $type:ty) => {
        match $raw.parse() {
            Some(parsed) => with_fields!($serializer, $event, &parsed, $type),
            None => not_read($serializer, "malformed", "response", $raw.as_bytes()),
        }
    };
}

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Event::Greeting(it) => response(serializer, "greeting", it),
            Event::Status(it) => response(serializer, "status", it),
            Event::Completed { tag, response: it } => object!(
                serializer, "completed", "tag": tag, "status": &it.status, "code": &it.text.code,
                "text": &it.text.text, "truncated": &it.truncated,
            ),
            Event::Capability { capabilities, more } => {
                object!(serializer, "capability", "capabilities": capabilities, "more": more)
            }
            Event::Code(code) => object!(serializer, "code", "code": code),
            Event::Enabled(capabilities) => {
                object!(serializer, "enabled", "capabilities": capabilities)
            }
            Event::Flags { flags, more } => {
                object!(serializer, "flags", "flags": flags, "more": more)
            }
            Event::List(list) => with_fields!(serializer, "list", list, List<'r>),
            Event::Lsub(list) => with_fields!(serializer, "lsub", list, List<'r>),
            Event::Namespace(raw) => extension!(serializer, "namespace", raw, Namespace<'r>),
            Event::MailboxStatus(it) => {
                with_fields!(serializer, "mailbox_status", it, MailboxStatus<'r>)
            }
            Event::Acl(raw) => extension!(serializer, "acl", raw, Acl<'r>),
            Event::Comparator(raw) => extension!(serializer, "comparator", raw, Comparator<'r>),
            Event::GenUrlAuth(raw) => extension!(serializer, "gen_url_auth", raw, GenUrlAuth<'r>),
            Event::Id(raw) => extension!(serializer, "id", raw, Id<'r>),
            Event::JmapAccess(raw) => extension!(serializer, "jmap_access", raw, JmapAccess<'r>),
            Event::Language(raw) => extension!(serializer, "language", raw, Language<'r>),
            Event::ListRights(raw) => extension!(serializer, "list_rights", raw, ListRights<'r>),
            Event::Metadata(raw) => extension!(serializer, "metadata", raw, Metadata<'r>),
            Event::MyRights(raw) => extension!(serializer, "my_rights", raw, MyRights<'r>),
            Event::UrlFetch(raw) => extension!(serializer, "url_fetch", raw, UrlFetch<'r>),
            Event::XList(raw) => extension!(serializer, "x_list", raw, List<'r>),
            Event::Quota(raw) => extension!(serializer, "quota", raw, Quota<'r>),
            Event::QuotaRoot(raw) => extension!(serializer, "quota_root", raw, QuotaRoot<'r>),
            Event::Search { numbers, more } => found(serializer, "search", numbers, *more),
            Event::Sort { numbers, more } => found(serializer, "sort", numbers, *more),
            Event::Esearch { found, more } => {
                let fields = EsearchFields::new(found, Some(*more));
                with_fields!(serializer, "esearch", &fields, EsearchFields<'r>)
            }
            Event::Thread { threads, more } => object!(
                serializer, "thread", "threads": threads, "depth": &threads.depth(), "more": more,
            ),
            Event::UidBatches { batches, more } => object!(
                serializer, "uid_batches", "tag": &batches.tag(), "batches": &batches.batches(),
                "more": more,
            ),
            Event::Exists(number) => object!(serializer, "exists", "number": number),
            Event::Recent(number) => object!(serializer, "recent", "number": number),
            Event::Expunge(number) => object!(serializer, "expunge", "number": number),
            Event::Vanished { earlier, uids, more } => {
                object!(serializer, "vanished", "earlier": earlier, "uids": uids, "more": more)
            }
            Event::Fetch(fetch) => fetch.serialize(serializer),
            Event::Challenge { tag, challenge, truncated } => object!(
                serializer, "challenge", "tag": tag, "challenge": &Str::new(challenge),
                "truncated": truncated,
            ),
            Event::Idling { tag } => object!(serializer, "idling", "tag": tag),
            Event::SendLiteral { tag, remaining } => {
                object!(serializer, "send_literal", "tag": tag, "remaining": remaining)
            }
            Event::NextPart { tag } => object!(serializer, "next_part", "tag": tag),
            Event::CancellingLiteral { tag, remaining } => {
                object!(serializer, "cancelling_literal", "tag": tag, "remaining": remaining)
            }
            Event::StartTls { tag } => object!(serializer, "start_tls", "tag": tag),
            Event::Compress { tag } => object!(serializer, "compress", "tag": tag),
            Event::CompressEnd { tag } => object!(serializer, "compress_end", "tag": tag),
            Event::Continuation(it) => {
                object!(serializer, "continuation", "code": &it.code, "text": &it.text)
            }
            Event::Other { number, name, data } => {
                other(serializer, "response", *number, &Str::new(name), &Str::new(data), data)
            }
            Event::Malformed(raw) => not_read(serializer, "malformed", "response", raw),
            Event::Oversized(raw) => not_read(serializer, "oversized", "response", raw),
        }
    }
}

impl Serialize for Fetch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Fetch::Start { seq, uid } => {
                let mut object = serializer.serialize_struct("Event", FIELDS)?;
                object.serialize_field("event", "fetch_start")?;
                if let Some(seq) = seq {
                    object.serialize_field("seq", seq)?;
                }
                if let Some(uid) = uid {
                    object.serialize_field("uid", uid)?;
                }
                object.end()
            }
            Fetch::Item(it) => item(it, serializer),
            Fetch::Body(body) => with_fields!(serializer, "fetch_body", body, Body<'r>),
            Fetch::Chunk(raw) => {
                let mut object = serializer.serialize_struct("Event", FIELDS)?;
                object.serialize_field("event", "fetch_chunk")?;
                text(object, &Str::new(raw), raw)
            }
            Fetch::Malformed { raw } => not_read(serializer, "malformed", "fetch", raw),
            Fetch::Oversized { raw } => not_read(serializer, "oversized", "fetch", raw),
            Fetch::End => object!(serializer, "fetch_end"),
        }
    }
}

/// `{"event": "fetch_item", "item": "uid", "value": 7}`
fn item<S: Serializer>(item: &Item<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    if let Item::Other { name, value } = item {
        let raw = value.as_bytes().unwrap_or_default();
        return other(serializer, "fetch", None, name, value, raw);
    }
    let mut object = serializer.serialize_struct("Event", FIELDS)?;
    object.serialize_field("event", "fetch_item")?;
    macro_rules! value {
        ($name:literal, $value:expr) => {{
            object.serialize_field("item", $name)?;
            object.serialize_field("value", $value)?;
        }};
    }
    match item {
        Item::Flags(value) => value!("flags", value),
        Item::Uid(value) => value!("uid", value),
        Item::Envelope(value) => value!("envelope", value),
        Item::InternalDate(value) => value!("internal_date", value),
        Item::Rfc822Size(value) => value!("rfc822_size", value),
        Item::Body(value) => value!("body", value),
        Item::BodyStructure(value) => value!("body_structure", value),
        Item::BinarySize { part, size } => {
            object.serialize_field("item", "binary_size")?;
            object.serialize_field("part", part)?;
            object.serialize_field("value", size)?;
        }
        Item::ModSeq(value) => value!("mod_seq", value),
        Item::EmailId(value) => value!("email_id", value),
        Item::ThreadId(value) => value!("thread_id", value),
        Item::SaveDate(value) => value!("save_date", value),
        Item::Preview(value) => value!("preview", value),
        Item::XGmMsgId(value) => value!("x_gm_msg_id", value),
        Item::XGmThrId(value) => value!("x_gm_thr_id", value),
        Item::XGmLabels(value) => value!("x_gm_labels", value),
        Item::Other { .. } => {}
    }
    object.end()
}

/// What a server says by a status response.
fn response<S: Serializer>(
    serializer: S,
    event: &'static str,
    it: &StatusResponse<'_>,
) -> Result<S::Ok, S::Error> {
    object!(
        serializer, event, "status": &it.status, "code": &it.text.code, "text": &it.text.text,
        "truncated": &it.truncated,
    )
}

fn found<S: Serializer>(
    serializer: S,
    event: &'static str,
    numbers: &Numbers<'_>,
    more: bool,
) -> Result<S::Ok, S::Error> {
    let sequence = Sequence(numbers);
    object!(serializer, event, "numbers": &sequence, "mod_seq": &numbers.mod_seq(), "more": &more)
}

/// What is not known; `place` says what it was a part of.
fn other<S: Serializer>(
    serializer: S,
    place: &'static str,
    number: Option<u32>,
    name: &Str<'_>,
    shown: &Str<'_>,
    raw: &[u8],
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("Event", FIELDS)?;
    object.serialize_field("event", "other")?;
    object.serialize_field("in", place)?;
    if let Some(number) = number {
        object.serialize_field("number", &number)?;
    }
    object.serialize_field("name", name)?;
    text(object, shown, raw)
}

/// What was not understood, or too large; `place` says what it was a part of.
fn not_read<S: Serializer>(
    serializer: S,
    event: &'static str,
    place: &'static str,
    raw: &[u8],
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct("Event", FIELDS)?;
    object.serialize_field("event", event)?;
    object.serialize_field("in", place)?;
    text(object, &Str::new(raw), raw)
}

/// Ends an object with a text, and with the bytes if that does not show them.
fn text<O: SerializeStruct>(mut object: O, shown: &Str<'_>, raw: &[u8]) -> Result<O::Ok, O::Error> {
    object.serialize_field("text", shown)?;
    let exact = Exact(raw);
    if !exact.is_not_needed() {
        object.serialize_field("base64", &exact)?;
    }
    object.end()
}

struct Sequence<'a, 'r>(&'a Numbers<'r>);

impl Serialize for Sequence<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(*self.0)
    }
}
