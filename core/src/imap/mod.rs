//! IMAP.

mod command;
mod encoder;
mod syntax;

pub use command::{Command, Kind};
pub use encoder::{Encoder, Literals};
pub use syntax::date::{Date, DateTime};
pub use syntax::flag::{Flag, FlagSet, Flags, FlagsIter};
pub use syntax::mailbox::{Mailbox, MailboxChars};
pub use syntax::sequence_set::{Number, Ranges, SequenceRange, SequenceSet};
pub use syntax::string::Str;

mod capability;

pub use capability::{Capabilities, Capability, CapabilityIter, CapabilitySet};
