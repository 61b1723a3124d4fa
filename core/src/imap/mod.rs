//! IMAP.

mod body_structure;
mod command;
mod encoder;
mod envelope;
mod fetch;
mod store;
mod syntax;

pub use body_structure::{
    BodyStructure, Disposition, Params, Part, PartKind, PartNumber, TransferEncoding, Walk,
};
pub use command::{Command, Kind};
pub use encoder::{Encoder, Literals};
pub use envelope::{Address, AddressList, Envelope};
pub use fetch::{
    Fetch, FetchCommand, HeaderList, Item, Partial, Section, SectionKind, SectionName,
    SectionPart, SectionText,
};
pub use store::{StoreAction, StoreCommand};
pub use syntax::date::{Date, DateTime};
pub use syntax::flag::{Flag, FlagSet, Flags};
pub use syntax::mailbox::Mailbox;
pub use syntax::sequence_set::{Number, Ranges, SequenceRange, SequenceSet};
pub use syntax::string::Str;
