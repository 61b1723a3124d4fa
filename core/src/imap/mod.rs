//! IMAP: RFC 9051 (IMAP4rev2) and RFC 3501 (IMAP4rev1).
//!
//! # What to read first
//!
//! - [`Connection`] is the state machine: [`send`](Connection::send) a command, and
//!   [`advance`](crate::Machine::advance) to the next [`Event`].
//! - [`command`] has every command, a struct each.
//! - [`event`] has what the server says.
//!
//! # RFC by RFC
//!
//! | RFC 9051 | here |
//! |---|---|
//! | 2.2, 4.3 and 9: lines, literals | inside; [`Event::Malformed`], [`Event::Oversized`] when they are not so |
//! | 2.2.1 tags | [`Tag`] |
//! | 2.3.2 flags | [`Flag`], [`Flags`], [`FlagSet`] |
//! | 3 states, 5.5 several commands at once | [`State`], [`Connection::send`] |
//! | 4 strings, numbers, sets | [`Str`], [`SequenceSet`] |
//! | 5.1 mailbox names | [`Mailbox`]; in commands, plain `&str` |
//! | 6 commands | [`command`] |
//! | 6.3.12 APPEND; RFC 3502, 3516, 4469, 6855, 7889, 8508 | [`AppendMessage`], [`CatenatePart`], [`event::Event::NextPart`] |
//! | 7.1 status responses and codes | [`event::StatusResponse`], [`RespText`], [`Code`] |
//! | 7.2 capabilities | [`Capabilities`], [`CapabilitySet`] |
//! | 7.3 mailboxes | [`List`], [`Namespace`], [`MailboxStatus`], [`Numbers`], [`Esearch`], [`Selected`] |
//! | extensions' responses | [`Raw`], which is read when asked: [`Id`], [`Quota`], [`QuotaRoot`], [`Acl`], [`ListRights`], [`MyRights`], [`Metadata`], [`Language`], [`Comparator`], [`JmapAccess`], [`GenUrlAuth`], [`UrlFetch`] |
//! | SORT, THREAD (RFC 5256), UIDBATCHES (RFC 10022) | [`Sort`], [`Threads`], [`UidBatches`] |
//! | 7.5.2 FETCH | [`event::Fetch`], [`Item`], [`Envelope`], [`BodyStructure`], [`Section`] |

mod acl;
mod append;
mod auth;
mod body_structure;
mod capability;
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
mod client;
mod compress;
mod connection;
#[cfg(test)]
mod connection_tests;
mod copy;
mod encoder;
mod envelope;
mod expunge;
mod fetch;
mod frame;
#[cfg(feature = "watch")]
mod glance;
mod gmail;
mod id;
mod idle;
mod jmap_access;
#[cfg(feature = "serde")]
mod json;
mod language;
mod lexer;
mod list;
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
mod long_set;
mod mailbox_status;
mod mailboxes;
mod metadata;
mod namespace;
mod notify;
mod quirks;
mod quota;
mod raw;
mod search;
mod select;
mod selected;
mod sequence;
mod session;
mod sort;
mod state;
mod status;
mod store;
mod syntax;
mod tag;
mod thread;
mod uid_batches;
mod upload;
mod url_auth;

pub mod command;
pub mod event;

pub use crate::date::{Date, DateTime};
pub use crate::text::Str;
pub use acl::{Acl, AclEntries, AclEntriesIter, AclEntry, ListRights, MyRights, Rights, SetRights};
pub use append::{AppendData, AppendMessage, CatenatePart};
pub use body_structure::*;
pub use capability::{Capabilities, Capability, CapabilityIter, CapabilitySet};
#[cfg(feature = "embedded-io-async")]
pub use client::asynch;
#[cfg(feature = "embedded-io")]
pub use client::blocking::{self, Client};
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
pub use client::{Appended, AppendedUids, Batch, ClientError, CopiedUids, Refused};
pub use command::{Command, Kind};
pub use connection::{Config, Connection};
pub use encoder::{Encoder, Literals};
pub use envelope::*;
pub use event::Event;
pub use fetch::{
    Fetch, HeaderList, HeaderListIter, Item, Partial, Section, SectionKind, SectionName,
    SectionPart, SectionText,
};
#[cfg(feature = "watch")]
pub(crate) use glance::{Glance, Path, Piece, TextPart};
pub use gmail::{XGmLabels, XGmLabelsIter};
pub use id::{Id, IdField, IdFields, IdFieldsIter};
pub use jmap_access::JmapAccess;
pub use language::{Comparator, Language};
pub use list::{
    Attribute, Attributes, AttributesIter, List, ListItem, ListItems, ListItemsIter, ListReturn,
    ListSelection,
};
pub use mailbox_status::{MailboxStatus, StatusItem, StatusValue, StatusValues, StatusValuesIter};
pub use metadata::{Metadata, MetadataDepth, MetadataValue, MetadataValues, MetadataValuesIter};
pub use namespace::{
    Namespace, NamespaceDescription, NamespaceExtension, NamespaceExtensions,
    NamespaceExtensionsIter, NamespaceList, NamespaceListIter,
};
#[cfg(feature = "watch")]
pub(crate) use notify::encode_new_messages;
pub use notify::{FilterMailboxes, NotifyEvent, NotifyGroup};
pub use quirks::Quirks;
pub use quota::{Quota, QuotaResource, QuotaResources, QuotaResourcesIter, QuotaRoot};
pub use raw::{Parse, Raw};
pub use search::{
    CustomKey, Esearch, EsearchData, EsearchItem, EsearchItems, ModSeqEntry, Numbers, NumbersIter,
    Relevancy, RelevancyIter, Search, SearchReturn, Update, Updates, UpdatesIter,
};
pub use select::{QResync, SelectParameter};
pub use selected::Selected;
pub use sequence::{Strings, StringsIter};
pub use sort::Sort;
pub use state::State;
pub use status::{Code, InProgress, RespText, Status};
pub use store::StoreAction;
pub use syntax::flag::{Flag, FlagSet, Flags, FlagsIter};
pub use syntax::mailbox::{Mailbox, MailboxChars};
pub use syntax::partial_range::PartialRange;
pub use syntax::sequence_set::{Number, Ranges, SequenceRange, SequenceSet};
pub use tag::Tag;
pub use thread::{ThreadAlgorithm, ThreadToken, ThreadTokens, Threads};
pub use uid_batches::UidBatches;
pub use url_auth::{GenUrlAuth, UrlFetch, UrlFetchParam, UrlPart, UrlParts, UrlPartsIter};
