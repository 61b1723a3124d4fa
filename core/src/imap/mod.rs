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

mod append;
mod auth;
mod basic;
mod copy;
mod expunge;
mod idle;
mod list;
mod mailbox_status;
mod mailboxes;
mod namespace;
mod select;
mod sequence;

pub use append::AppendCommand;
pub use auth::{AuthenticateCommand, EnableCommand, LoginCommand, StartTlsCommand};
pub use basic::{CapabilityCommand, LogoutCommand, NoopCommand};
pub use copy::{CopyCommand, MoveCommand};
pub use expunge::{ExpungeCommand, UidExpungeCommand};
pub use idle::IdleCommand;
pub use list::{
    Attribute, Attributes, AttributesIter, List, ListCommand, ListItem, ListItems, ListItemsIter,
    ListReturn, ListSelection, LsubCommand,
};
pub use mailbox_status::{
    MailboxStatus, StatusCommand, StatusItem, StatusValue, StatusValues, StatusValuesIter,
};
pub use mailboxes::{
    CreateCommand, DeleteCommand, RenameCommand, SubscribeCommand, UnsubscribeCommand,
};
pub use namespace::{
    Namespace, NamespaceCommand, NamespaceDescription, NamespaceExtension, NamespaceExtensions,
    NamespaceExtensionsIter, NamespaceList, NamespaceListIter,
};
pub use select::{
    CheckCommand, CloseCommand, ExamineCommand, SelectCommand, SelectParameter, UnselectCommand,
};
pub use sequence::{Strings, StringsIter};
