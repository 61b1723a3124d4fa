//! The commands (RFC 9051 section 6), and what they have in common.

use super::Encoder;

pub use super::acl::{
    DeleteAclCommand, GetAclCommand, ListRightsCommand, MyRightsCommand, SetAclCommand,
};
pub use super::append::{AppendCommand, MultiAppendCommand, ReplaceCommand};
pub use super::auth::{
    AuthenticateCommand, EnableCommand, LoginCommand, StartTlsCommand, UnauthenticateCommand,
};
pub use super::compress::CompressCommand;
pub use super::copy::{CopyCommand, MoveCommand};
pub use super::expunge::{ExpungeCommand, UidExpungeCommand};
pub use super::fetch::FetchCommand;
pub use super::gmail::StoreXGmLabelsCommand;
pub use super::id::IdCommand;
pub use super::idle::IdleCommand;
pub use super::jmap_access::GetJmapAccessCommand;
pub use super::language::{ComparatorCommand, LanguageCommand};
pub use super::list::{ListCommand, LsubCommand, RListCommand, RLsubCommand, XListCommand};
pub use super::mailbox_status::StatusCommand;
pub use super::mailboxes::{
    CreateCommand, DeleteCommand, RenameCommand, SubscribeCommand, UnsubscribeCommand,
};
pub use super::metadata::{GetMetadataCommand, SetMetadataCommand};
pub use super::namespace::NamespaceCommand;
pub use super::notify::NotifyCommand;
pub use super::quota::{GetQuotaCommand, GetQuotaRootCommand, SetQuotaCommand};
pub use super::search::{CancelUpdateCommand, EsearchCommand, SearchCommand};
pub use super::select::{
    CheckCommand, CloseCommand, ExamineCommand, SelectCommand, UnselectCommand,
};
pub use super::session::{CapabilityCommand, LogoutCommand, NoopCommand};
pub use super::sort::SortCommand;
pub use super::store::StoreCommand;
pub use super::thread::ThreadCommand;
pub use super::uid_batches::UidBatchesCommand;
pub use super::url_auth::{GenUrlAuthCommand, ResetKeyCommand, UrlFetchCommand};

/// A command that can be sent.
///
/// Each command of the RFCs is a struct that implements this, so that a program carries the
/// code of those that it sends and of no others. Implement it, with [`Kind::Custom`], for a
/// command that is not here.
///
/// ```
/// use mailwire::imap::{Command, Encoder, Kind};
///
/// /// `XCLEAN SP mailbox`
/// struct XClean<'a> { mailbox: &'a str }
///
/// impl Command for XClean<'_> {
///     fn kind(&self) -> Kind { Kind::Custom }
///     fn encode(&self, out: &mut Encoder<'_, '_>) {
///         out.atom("XCLEAN").sp().mailbox(self.mailbox);
///     }
/// }
/// ```
pub trait Command {
    /// Which one it is: what decides in which state it may be sent.
    fn kind(&self) -> Kind;

    /// Writes all that stands between the tag's space and the final CRLF. Errors are
    /// remembered by `out`.
    fn encode(&self, out: &mut Encoder<'_, '_>);
}

/// The commands by name (RFC 9051 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// CAPABILITY, RFC 9051 section 6.1.1.
    Capability,
    /// NOOP, RFC 9051 section 6.1.2.
    Noop,
    /// LOGOUT, RFC 9051 section 6.1.3.
    Logout,
    /// STARTTLS, RFC 9051 section 6.2.1.
    StartTls,
    /// AUTHENTICATE, RFC 9051 section 6.2.2.
    Authenticate,
    /// LOGIN, RFC 9051 section 6.2.3.
    Login,
    /// ENABLE, RFC 9051 section 6.3.1.
    Enable,
    /// UNAUTHENTICATE, RFC 8437 section 3.
    Unauthenticate,
    /// COMPRESS, RFC 4978 section 3.
    Compress,
    /// SELECT, RFC 9051 section 6.3.2.
    Select,
    /// EXAMINE, RFC 9051 section 6.3.3.
    Examine,
    /// CREATE, RFC 9051 section 6.3.4.
    Create,
    /// DELETE, RFC 9051 section 6.3.5.
    Delete,
    /// RENAME, RFC 9051 section 6.3.6.
    Rename,
    /// SUBSCRIBE, RFC 9051 section 6.3.7.
    Subscribe,
    /// UNSUBSCRIBE, RFC 9051 section 6.3.8.
    Unsubscribe,
    /// LIST, RFC 9051 section 6.3.9.
    List,
    /// LSUB, RFC 3501 section 6.3.9.
    Lsub,
    /// NAMESPACE, RFC 9051 section 6.3.10.
    Namespace,
    /// STATUS, RFC 9051 section 6.3.11.
    Status,
    /// APPEND, RFC 9051 section 6.3.12.
    Append,
    /// IDLE, RFC 9051 section 6.3.13.
    Idle,
    /// CHECK, RFC 3501 section 6.4.1.
    Check,
    /// CLOSE, RFC 9051 section 6.4.1.
    Close,
    /// UNSELECT, RFC 9051 section 6.4.2.
    Unselect,
    /// EXPUNGE, RFC 9051 section 6.4.3.
    Expunge,
    /// UID EXPUNGE, RFC 9051 section 6.4.9.
    UidExpunge,
    /// SEARCH, RFC 9051 section 6.4.4.
    Search,
    /// UID SEARCH, RFC 9051 section 6.4.9.
    UidSearch,
    /// FETCH, RFC 9051 section 6.4.5.
    Fetch,
    /// UID FETCH, RFC 9051 section 6.4.9.
    UidFetch,
    /// STORE, RFC 9051 section 6.4.6.
    Store,
    /// UID STORE, RFC 9051 section 6.4.9.
    UidStore,
    /// COPY, RFC 9051 section 6.4.7.
    Copy,
    /// UID COPY, RFC 9051 section 6.4.9.
    UidCopy,
    /// MOVE, RFC 9051 section 6.4.8.
    Move,
    /// UID MOVE, RFC 9051 section 6.4.9.
    UidMove,
    /// GETQUOTA, RFC 9208 section 4.1.1.
    GetQuota,
    /// GETQUOTAROOT, RFC 9208 section 4.1.2.
    GetQuotaRoot,
    /// SETQUOTA, RFC 9208 section 4.1.3.
    SetQuota,
    /// ID, RFC 2971 section 3.1.
    Id,
    /// SETACL, RFC 4314 section 3.1.
    SetAcl,
    /// DELETEACL, RFC 4314 section 3.2.
    DeleteAcl,
    /// GETACL, RFC 4314 section 3.3.
    GetAcl,
    /// LISTRIGHTS, RFC 4314 section 3.4.
    ListRights,
    /// MYRIGHTS, RFC 4314 section 3.5.
    MyRights,
    /// GETMETADATA, RFC 5464 section 4.2.
    GetMetadata,
    /// SETMETADATA, RFC 5464 section 4.3.
    SetMetadata,
    /// LANGUAGE, RFC 5255 section 3.2.
    Language,
    /// COMPARATOR, RFC 5255 section 4.7.
    Comparator,
    /// GETJMAPACCESS, RFC 9698 section 4.
    GetJmapAccess,
    /// GENURLAUTH, RFC 4467 section 7.
    GenUrlAuth,
    /// RESETKEY, RFC 4467 section 7.
    ResetKey,
    /// URLFETCH, RFC 4467 section 7.
    UrlFetch,
    /// NOTIFY, RFC 5465 section 3.1.
    Notify,
    /// XLIST, Gmail's.
    XList,
    /// RLIST, RFC 2193 section 5.1.
    RList,
    /// RLSUB, RFC 2193 section 5.2.
    RLsub,
    /// ESEARCH, RFC 7377.
    Esearch,
    /// SORT, RFC 5256 section 3.
    Sort,
    /// UID SORT, RFC 5256 section 3.
    UidSort,
    /// THREAD, RFC 5256 section 3.
    Thread,
    /// UID THREAD, RFC 5256 section 3.
    UidThread,
    /// CANCELUPDATE, RFC 5267 section 4.3.5.
    CancelUpdate,
    /// UIDBATCHES, RFC 10022.
    UidBatches,
    /// REPLACE, RFC 8508 section 3.2.
    Replace,
    /// UID REPLACE, RFC 8508 section 3.3.
    UidReplace,
    /// A command of the program's own. It is taken to be legal in every state and to
    /// change none.
    Custom,
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::encoder::Literals;
    use super::*;
    use crate::{Error, Tx};
    use std::string::String;

    /// What `command` writes, with `|` where the server's `+` is awaited.
    pub(in crate::imap) fn encode(command: &dyn Command, utf8: bool) -> Result<String, Error> {
        let mut memory = [0; 1024];
        let mut tx = Tx::new(&mut memory);
        let mut out = Encoder::new(&mut tx, Literals::Synchronising, utf8);
        command.encode(&mut out);
        let goes_on = out.goes_on();
        let streamed = out.finish()?;
        let mut sent = String::new();
        loop {
            sent.push_str(&String::from_utf8_lossy(tx.pending()));
            let count = tx.pending().len();
            tx.consume(count);
            if !tx.is_at_gate() {
                break;
            }
            sent.push('|');
            tx.open_gate();
        }
        if let Some(streamed) = streamed {
            sent.push_str("<message>");
            sent.push_str(&String::from_utf8_lossy(streamed.tail.as_bytes()));
        }
        if goes_on.at_all() {
            sent.push('…');
        }
        Ok(sent)
    }

    /// Encodes without UTF-8 and compares.
    pub(in crate::imap) fn says(command: &dyn Command, wanted: &str) {
        assert_eq!(encode(command, false).as_deref(), Ok(wanted));
    }

    #[test]
    fn words() {
        says(&CapabilityCommand, "CAPABILITY");
        says(&NoopCommand, "NOOP");
        says(&LogoutCommand, "LOGOUT");
        says(&IdleCommand, "IDLE");
        says(&ExpungeCommand, "EXPUNGE");
        says(&StartTlsCommand, "STARTTLS");
        says(&CompressCommand, "COMPRESS DEFLATE");
        says(&UnauthenticateCommand, "UNAUTHENTICATE");
        says(&NamespaceCommand, "NAMESPACE");
    }
}
