//! What a FETCH response arrives as.

use super::{Item, Section, SectionKind, SectionName};

/// A piece of a FETCH response (RFC 9051 section 7.5.2).
///
/// For each message one `Start`; then in the server's order its items, and for each section
/// of its text one `Body` and as many `Chunk`s as it takes; then one `End`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fetch<'r> {
    /// The items of this message come next. It is named by one of these.
    #[non_exhaustive]
    Start {
        /// Its sequence number, in a FETCH response.
        seq: Option<u32>,
        /// Its UID, in a UIDFETCH response (RFC 9586 section 3.3). In a FETCH response the UID
        /// is one of the items.
        uid: Option<u32>,
    },
    /// One item, whole.
    Item(Item<'r>),
    /// A section begins. If there are bytes in it, they come next.
    Body(Body<'r>),
    /// Bytes of the section that began last, as they arrived.
    Chunk(&'r [u8]),
    /// An item that cannot be understood. The others are not touched by it.
    Malformed {
        /// The item as it came.
        raw: &'r [u8],
    },
    /// An item that does not fit Rx, and was skipped.
    Oversized {
        /// The beginning of it.
        raw: &'r [u8],
    },
    /// That was all of this message, in this response.
    End,
}

/// The beginning of a section's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Body<'r> {
    /// By what name it was fetched.
    pub kind: SectionKind,
    /// Which bytes of the message.
    pub section: Section<'r>,
    /// The offset in octets of the first of them, if only some were asked for. (Exchange and
    /// hMailServer may answer with all, and without this.)
    pub origin: Option<u64>,
    /// How they are sent.
    pub data: BodyData,
}

impl<'r> Body<'r> {
    /// With the name read.
    pub(crate) fn new(name: SectionName<'r>, data: BodyData) -> Self {
        Self { kind: name.kind, section: name.section, origin: name.origin, data }
    }
}

/// How the bytes of a section are sent (RFC 9051 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BodyData {
    /// NIL: there is no such section. No chunks.
    Nil,
    /// A quoted string, of a length not known yet. The chunks are without its escapes.
    Quoted,
    /// A literal of so many octets.
    Literal(u64),
    /// A literal of so many octets that may hold NUL (RFC 3516).
    Literal8(u64),
}

impl BodyData {
    /// The number of octets to come, where it is known.
    pub fn size(&self) -> Option<u64> {
        match *self {
            Self::Nil => Some(0),
            Self::Quoted => None,
            Self::Literal(size) | Self::Literal8(size) => Some(size),
        }
    }
}
