//! IMAP.

mod command;
mod encoder;
mod syntax;

pub use command::{Command, Kind};
pub use encoder::{Encoder, Literals};
pub use syntax::date::{Date, DateTime};
pub use syntax::flag::{Flag, FlagSet, Flags};
pub use syntax::mailbox::Mailbox;
pub use syntax::sequence_set::{Number, Ranges, SequenceRange, SequenceSet};
pub use syntax::string::Str;

mod capability;
mod search;
mod status;

pub use capability::{Capabilities, Capability, CapabilityIter, CapabilitySet};
pub use search::{
    Esearch, EsearchData, EsearchItem, EsearchItems, Numbers, NumbersIter, Search, SearchCommand,
    SearchReturn,
};
pub use status::{Charsets, CharsetsIter, Code, OpenCode, RespText, Status};
