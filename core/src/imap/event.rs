//! What a connection tells.

pub use super::fetch::event::{Body, BodyData, Fetch};

use super::acl::{Acl, ListRights, MyRights};
use super::capability::Capabilities;
use super::id::Id;
use super::jmap_access::JmapAccess;
use super::language::{Comparator, Language};
use super::list::List;
use super::mailbox_status::MailboxStatus;
use super::metadata::Metadata;
use super::namespace::Namespace;
use super::quota::{Quota, QuotaRoot};
use super::raw::Raw;
use super::search::{Esearch, Numbers};
use super::status::{Code, RespText, Status};
use super::tag::Tag;
use super::thread::Threads;
use super::uid_batches::UidBatches;
use super::url_auth::{GenUrlAuth, UrlFetch};
use super::{Flags, SequenceSet};

/// One thing that the server said, or that the caller has to do.
///
/// It borrows from [`Rx`](crate::Rx) and is valid until the next
/// [`advance`](crate::Machine::advance). What the server said unasked and what it said in
/// answer to a command look alike (RFC 9051 section 7): match commands with
/// [`Completed`](Self::Completed).
///
/// A list that is longer than Rx comes as several events; all but the last have `more` set.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'r> {
    /// The first line from the server (but see [`Capability`](Self::Capability)) (section 7.1): [`Status::Ok`] to log in,
    /// [`Status::PreAuth`] when already logged in. A `BYE` ends with
    /// [`PeerError::Refused`](crate::PeerError::Refused) after this event.
    Greeting(StatusResponse<'r>),
    /// An untagged `OK`, `NO`, `BAD` or `BYE` (section 7.1): information, a warning or
    /// goodbye.
    Status(StatusResponse<'r>),
    /// A command has ended (section 7.1). A `NO` or `BAD` is an answer, not an error of the
    /// connection.
    Completed {
        /// The command that ended: what [`send`](super::Connection::send) returned.
        tag: Tag,
        /// How it ended, and the server's words for it.
        response: StatusResponse<'r>,
    },
    /// What the server can do (section 7.2.2), from a CAPABILITY response; or the first parts of
    /// such a response code that is longer than Rx, whose last part comes with the status
    /// response. If that is the greeting, these come before
    /// [`Greeting`](Self::Greeting).
    Capability {
        /// The names.
        capabilities: Capabilities<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// A part of an APPENDUID, COPYUID, MODIFIED or PERMANENTFLAGS response code that is
    /// longer than Rx. The code's last part comes with the status response (section 7.1).
    Code(Code<'r>),
    /// What ENABLE switched on (section 7.2.1).
    Enabled(Capabilities<'r>),
    /// The flags that exist in the mailbox (section 7.3.5).
    Flags {
        /// The flags.
        flags: Flags<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// A mailbox (section 7.3.1).
    List(List<'r>),
    /// A subscribed mailbox (RFC 3501 section 7.2.3).
    Lsub(List<'r>),
    /// The prefixes of mailbox names (section 7.3.3).
    Namespace(Raw<'r, Namespace<'r>>),
    /// Figures of a mailbox that need not be selected (section 7.3.4).
    MailboxStatus(MailboxStatus<'r>),
    /// Found messages (RFC 3501 section 7.2.5), by number or UID as was asked.
    Search {
        /// The numbers.
        numbers: Numbers<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// Found messages in the order asked for (RFC 5256 section 4), by number or UID.
    Sort {
        /// The numbers.
        numbers: Numbers<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// Found messages in the extended form (section 7.3.4): in answer to a search that says
    /// what to return, and unasked if that was to be kept up to date (RFC 5267 section 4.3).
    Esearch {
        /// What was asked for.
        found: Esearch<'r>,
        /// Whether the response goes on in the next event.
        more: bool,
    },
    /// Found messages as conversations (RFC 5256 section 4), by number or UID as was asked.
    Thread {
        /// The threads.
        threads: Threads<'r>,
        /// Whether they go on in the next event.
        more: bool,
    },
    /// The mailbox in batches of about as many messages (RFC 10022).
    UidBatches {
        /// The ranges of UIDs.
        batches: UidBatches<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// The mailbox holds this many messages (section 7.4.1).
    Exists(u32),
    /// This many are new to this session (RFC 3501 section 7.3.2).
    Recent(u32),
    /// The message with this number is gone, and those above it count one less (section
    /// 7.5.1).
    Expunge(u32),
    /// The messages with these UIDs are gone (RFC 7162 section 3.2.10).
    Vanished {
        /// Whether they went before this session: their numbers are not to be subtracted.
        earlier: bool,
        /// The UIDs.
        uids: SequenceSet<'r>,
        /// Whether the list goes on in the next event.
        more: bool,
    },
    /// A piece of a FETCH response (section 7.5.2).
    Fetch(Fetch<'r>),
    /// A mailbox, as XLIST tells it (Gmail, before SPECIAL-USE).
    XList(Raw<'r, List<'r>>),
    /// What the server says of itself (RFC 2971 section 3.2).
    Id(Raw<'r, Id<'r>>),
    /// Who may do what with a mailbox (RFC 4314 section 3.6).
    Acl(Raw<'r, Acl<'r>>),
    /// Which rights to a mailbox somebody can be given (RFC 4314 section 3.7).
    ListRights(Raw<'r, ListRights<'r>>),
    /// What the user may do with a mailbox (RFC 4314 section 3.8).
    MyRights(Raw<'r, MyRights<'r>>),
    /// Annotations of a mailbox or of the server (RFC 5464 section 4.4).
    Metadata(Raw<'r, Metadata<'r>>),
    /// In which language the server's texts are, or could be (RFC 5255 section 3.3).
    Language(Raw<'r, Language<'r>>),
    /// How the server compares strings (RFC 5255 section 4.8).
    Comparator(Raw<'r, Comparator<'r>>),
    /// Where the same mail is found by JMAP (RFC 9698 section 4).
    JmapAccess(Raw<'r, JmapAccess<'r>>),
    /// URLs that give others access to a part of a message (RFC 4467 section 8).
    GenUrlAuth(Raw<'r, GenUrlAuth<'r>>),
    /// What such URLs name (RFC 4467 section 8).
    UrlFetch(Raw<'r, UrlFetch<'r>>),
    /// Usage and limits of a quota root (RFC 9208 section 4.2.1).
    Quota(Raw<'r, Quota<'r>>),
    /// Which quota roots a mailbox counts for (RFC 9208 section 4.2.2).
    QuotaRoot(Raw<'r, QuotaRoot<'r>>),
    /// The server awaits the next SASL response (section 6.2.2). Answer by
    /// [`respond`](super::Connection::respond) or
    /// [`cancel`](super::Connection::cancel).
    Challenge {
        /// The AUTHENTICATE command.
        tag: Tag,
        /// The challenge in base64, as it came: some servers send what is none.
        challenge: &'r [u8],
        /// Whether the line was longer than Rx, and this is only the challenge's beginning:
        /// [`cancel`](super::Connection::cancel).
        truncated: bool,
    },
    /// IDLE is on (section 6.3.13): what happens in the mailbox comes as events until
    /// [`done`](super::Connection::done).
    Idling {
        /// The IDLE command.
        tag: Tag,
    },
    /// The server awaits the text of a message, or of a part of one. Give it by
    /// [`write_literal`](super::Connection::write_literal), and all of it: even if the
    /// server refuses the command meanwhile by [`Completed`](Self::Completed), it takes
    /// whatever comes for the rest. The only other ways out are
    /// [`append_cancel`](super::Connection::append_cancel) and
    /// [`abandon_literal`](super::Connection::abandon_literal).
    SendLiteral {
        /// The APPEND or REPLACE command.
        tag: Tag,
        /// Bytes that are still to be given.
        remaining: u64,
    },
    /// The command goes on as the program wants: with the next message of a
    /// [`MultiAppendCommand`](super::command::MultiAppendCommand)
    /// ([`append_message`](super::Connection::append_message)) or the next part of one that is
    /// put together ([`append_part`](super::Connection::append_part)), or it ends
    /// ([`append_end`](super::Connection::append_end),
    /// [`append_cancel`](super::Connection::append_cancel)).
    NextPart {
        /// The APPEND or REPLACE command.
        tag: Tag,
    },
    /// What was left of a message that was [cancelled](super::Connection::append_cancel) is being
    /// filled up. There is nothing to do but to send and to go on.
    CancellingLiteral {
        /// The APPEND or REPLACE command.
        tag: Tag,
        /// Bytes that are still to be filled up.
        remaining: u64,
    },
    /// The server agreed to STARTTLS (section 6.2.1), and Rx is empty: do the handshake
    /// now, then call [`tls_started`](super::Connection::tls_started).
    StartTls {
        /// The STARTTLS command.
        tag: Tag,
    },
    /// The server agreed to COMPRESS (RFC 4978 section 3). Whatever Rx holds is compressed
    /// already: [take](crate::Rx::take) it, turn compression on for both directions, then
    /// call [`compress_started`](super::Connection::compress_started).
    Compress {
        /// The COMPRESS command.
        tag: Tag,
    },
    /// Compression ends, as UNAUTHENTICATE was completed (RFC 8437 section 4.1), and Rx is
    /// empty: turn it off for both directions, then call
    /// [`compress_ended`](super::Connection::compress_ended).
    CompressEnd {
        /// The UNAUTHENTICATE command.
        tag: Tag,
    },
    /// A `+` that nothing waited for.
    Continuation(RespText<'r>),
    /// A response that mailwire has no type for.
    Other {
        /// The number before its name.
        number: Option<u32>,
        /// Its name.
        name: &'r [u8],
        /// What follows the name, without the line's end.
        data: &'r [u8],
    },
    /// A line that cannot be understood, without its end.
    Malformed(&'r [u8]),
    /// The beginning of a line that is longer than Rx. The rest was or will be skipped.
    Oversized(&'r [u8]),
}

/// `OK`, `NO`, `BAD`, `PREAUTH` or `BYE`, and what goes with it (RFC 9051 section 7.1).
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct StatusResponse<'r> {
    /// Which of the five.
    pub status: Status,
    /// Response code and human-readable text. Show the text of an ALERT to the user.
    pub text: RespText<'r>,
    /// Whether the line was longer than Rx, and the text is only its beginning.
    pub truncated: bool,
}
