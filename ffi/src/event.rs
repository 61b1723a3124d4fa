//! What an IMAP connection tells, as C sees it.

use crate::args::Args;
use crate::bytes::{mw_bytes, mw_string};
use crate::date::mw_date_time;
use crate::envelope::mw_envelope;
use crate::guard;
use crate::list::{Cursor, mw_list};
use crate::numbers::{MW_UNKNOWN, mw_numbers};
use crate::opaque::{load, store};
use crate::parts::part_number;
use crate::result::{MW_ERR_MALFORMED, MW_ERR_NULL, MW_ERR_WRONG_KIND, MW_OK, mw_result};
use crate::threads::mw_threads;
use core::ffi::c_char;
use core::mem::MaybeUninit;
use mailwire::imap::event::{Body, BodyData, Event, Fetch, StatusResponse};
use mailwire::imap::{
    Acl, Code, Comparator, Esearch, GenUrlAuth, Id, Item, JmapAccess, Language, List, ListRights,
    MailboxStatus, Metadata, MyRights, Namespace, Parse, Quota, QuotaRoot, Raw, RespText,
    SectionKind, SectionText, Status, Tag, UrlFetch,
};

/// What ties a command to its completion: not 0.
pub type mw_tag = u32;

/// The first line from the server: `data.response`. MW_STATUS_OK: log in; MW_STATUS_PREAUTH: you are
/// logged in.
pub const MW_EVENT_GREETING: u32 = 1;
/// Information, a warning or goodbye: `data.response`.
pub const MW_EVENT_STATUS: u32 = 2;
/// The command `tag` has ended: `data.response`. A NO or BAD is an answer, not an error.
pub const MW_EVENT_COMPLETED: u32 = 3;
/// What the server can do: `data.list`. Ask `mw_imap_has`, which remembers it.
pub const MW_EVENT_CAPABILITY: u32 = 4;
/// A part of a response code that is longer than Rx: `data.response.code`. Its last part comes with
/// the status response.
pub const MW_EVENT_CODE: u32 = 5;
/// What ENABLE switched on: `data.list`.
pub const MW_EVENT_ENABLED: u32 = 6;
/// The flags that exist in the mailbox: `data.list`; in `value` MW_FLAG_…, or'ed.
pub const MW_EVENT_FLAGS: u32 = 7;
/// A mailbox: `data.mailbox`.
pub const MW_EVENT_LIST: u32 = 8;
/// A subscribed mailbox: `data.mailbox`.
pub const MW_EVENT_LSUB: u32 = 9;
/// The prefixes of mailbox names: `mw_event_read`.
pub const MW_EVENT_NAMESPACE: u32 = 10;
/// Figures of a mailbox: `data.mailbox_status`.
pub const MW_EVENT_MAILBOX_STATUS: u32 = 11;
/// Found messages: `data.found_numbers`.
pub const MW_EVENT_SEARCH: u32 = 12;
/// Found messages in the order asked for: `data.found_numbers`.
pub const MW_EVENT_SORT: u32 = 13;
/// Found messages in the extended form: `data.found`; `tag` is the search's.
pub const MW_EVENT_ESEARCH: u32 = 14;
/// Found messages as conversations: `data.threads`.
pub const MW_EVENT_THREAD: u32 = 15;
/// The mailbox in batches: each range of `data.found_numbers.numbers` is one.
pub const MW_EVENT_UID_BATCHES: u32 = 16;
/// The mailbox holds `number` messages.
pub const MW_EVENT_EXISTS: u32 = 17;
/// `number` messages are new to this session.
pub const MW_EVENT_RECENT: u32 = 18;
/// Message `number` is gone, and those above it count one less.
pub const MW_EVENT_EXPUNGE: u32 = 19;
/// The messages with the UIDs `data.found_numbers.numbers` are gone; with MW_MARK_EARLIER they went
/// before this session.
pub const MW_EVENT_VANISHED: u32 = 20;
/// Data of message `number` follow (or, after UIDONLY, of `uid`), up to MW_EVENT_FETCH_END.
pub const MW_EVENT_FETCH_START: u32 = 21;
/// One item: `item` says which.
pub const MW_EVENT_FETCH_ITEM: u32 = 22;
/// The bytes of a section follow in chunks: `data.body`; `value` is their size, or MW_UNKNOWN.
pub const MW_EVENT_FETCH_BODY: u32 = 23;
/// Some of them: `bytes`.
pub const MW_EVENT_FETCH_CHUNK: u32 = 24;
/// That was all for now of this message.
pub const MW_EVENT_FETCH_END: u32 = 25;
/// A mailbox, as XLIST tells it (Gmail): `mw_event_read`.
pub const MW_EVENT_XLIST: u32 = 26;
/// What the server says of itself: `mw_event_read`.
pub const MW_EVENT_ID: u32 = 27;
/// Who may do what with a mailbox: `mw_event_read`.
pub const MW_EVENT_ACL: u32 = 28;
/// Which rights to a mailbox somebody can be given: `mw_event_read`.
pub const MW_EVENT_LIST_RIGHTS: u32 = 29;
/// What the user may do with a mailbox: `mw_event_read`.
pub const MW_EVENT_MY_RIGHTS: u32 = 30;
/// Annotations: `mw_event_read`.
pub const MW_EVENT_METADATA: u32 = 31;
/// Languages of the server: `mw_event_read`.
pub const MW_EVENT_LANGUAGE: u32 = 32;
/// How the server compares strings: `mw_event_read`.
pub const MW_EVENT_COMPARATOR: u32 = 33;
/// Where the same mail is found by JMAP: `mw_event_read`.
pub const MW_EVENT_JMAP_ACCESS: u32 = 34;
/// URLs that give others access: `mw_event_read`.
pub const MW_EVENT_GEN_URL_AUTH: u32 = 35;
/// What such URLs name: `mw_event_read`.
pub const MW_EVENT_URL_FETCH: u32 = 36;
/// Usage and limits of a quota root: `mw_event_read`.
pub const MW_EVENT_QUOTA: u32 = 37;
/// Which quota roots a mailbox counts for: `mw_event_read`.
pub const MW_EVENT_QUOTA_ROOT: u32 = 38;
/// The server awaits a SASL response: `mw_imap_respond`. The challenge, in base64, is in `bytes`.
pub const MW_EVENT_CHALLENGE: u32 = 39;
/// IDLE is on: what happens comes as events until `mw_imap_done`.
pub const MW_EVENT_IDLING: u32 = 40;
/// The server awaits `value` more bytes of a message: `mw_imap_write_literal`.
pub const MW_EVENT_SEND_LITERAL: u32 = 41;
/// An append goes on as you want: `mw_imap_append_message`, `mw_imap_append_part`,
/// `mw_imap_append_end`.
pub const MW_EVENT_NEXT_PART: u32 = 42;
/// What is left of a cancelled message, `value` bytes, is being filled up. Send, and go on.
pub const MW_EVENT_CANCELLING_LITERAL: u32 = 43;
/// The server agreed to STARTTLS (its MW_EVENT_COMPLETED came before this): do the handshake now, then
/// call `mw_imap_tls_started`.
pub const MW_EVENT_START_TLS: u32 = 44;
/// The server agreed to COMPRESS (its MW_EVENT_COMPLETED came before this): take what Rx holds by
/// `mw_buffers_take`, as it is compressed already, wrap the transport by a `mw_inflater` and
/// `mw_deflate_store`, then call `mw_imap_compress_started`.
pub const MW_EVENT_COMPRESS: u32 = 45;
/// Compression ends: read what is compressed until `mw_inflater_is_flushed`, unwrap the transport, then
/// call `mw_imap_compress_ended`.
pub const MW_EVENT_COMPRESS_END: u32 = 46;
/// A "+" that nothing waited for: `data.response`.
pub const MW_EVENT_CONTINUATION: u32 = 47;
/// A response that mailwire has no type for: `number`, `data.other`.
pub const MW_EVENT_OTHER: u32 = 48;
/// What cannot be understood: `bytes`. With MW_MARK_IN_FETCH it is an item of a FETCH response, else
/// a line.
pub const MW_EVENT_MALFORMED: u32 = 49;
/// The beginning of what is longer than Rx: `bytes`. The rest is skipped. Marked like the above.
pub const MW_EVENT_OVERSIZED: u32 = 50;

/// `mw_event.marks`: the list goes on in the next event.
pub const MW_MARK_MORE: u32 = 0x01;
/// `mw_event.marks`: it was longer than Rx, and this is its beginning.
pub const MW_MARK_TRUNCATED: u32 = 0x02;
/// `mw_event.marks`: of VANISHED: before this session.
pub const MW_MARK_EARLIER: u32 = 0x04;
/// `mw_event.marks`: the numbers are UIDs. Those of SEARCH, SORT and THREAD are what was asked for;
/// the server does not say.
pub const MW_MARK_UIDS: u32 = 0x08;
/// `mw_event.marks`: an item of a FETCH response.
pub const MW_MARK_IN_FETCH: u32 = 0x10;

/// `mw_event.item`: one that mailwire does not know: `data.other`.
pub const MW_ITEM_OTHER: u32 = 0;
/// `mw_event.item`: `data.list`; in `value` MW_FLAG_…, or'ed.
pub const MW_ITEM_FLAGS: u32 = 1;
/// `mw_event.item`: `uid`.
pub const MW_ITEM_UID: u32 = 2;
/// `mw_event.item`: `data.envelope`.
pub const MW_ITEM_ENVELOPE: u32 = 3;
/// `mw_event.item`: when the server got it: `data.date`.
pub const MW_ITEM_INTERNALDATE: u32 = 4;
/// `mw_event.item`: octets: `value`.
pub const MW_ITEM_RFC822_SIZE: u32 = 5;
/// `mw_event.item`: the structure without extensions: `data.structure`.
pub const MW_ITEM_BODY: u32 = 6;
/// `mw_event.item`: the structure: `data.structure`.
pub const MW_ITEM_BODYSTRUCTURE: u32 = 7;
/// `mw_event.item`: octets of a part, decoded: `value`, `data.body.part`.
pub const MW_ITEM_BINARY_SIZE: u32 = 8;
/// `mw_event.item`: `value`.
pub const MW_ITEM_MODSEQ: u32 = 9;
/// `mw_event.item`: `data.string`.
pub const MW_ITEM_EMAILID: u32 = 10;
/// `mw_event.item`: `data.string`.
pub const MW_ITEM_THREADID: u32 = 11;
/// `mw_event.item`: when it was put into the mailbox: `data.date`.
pub const MW_ITEM_SAVEDATE: u32 = 12;
/// `mw_event.item`: the beginning of the text: `data.string`, in UTF-8.
pub const MW_ITEM_PREVIEW: u32 = 13;
/// `mw_event.item`: Gmail's: `value`.
pub const MW_ITEM_X_GM_MSGID: u32 = 14;
/// `mw_event.item`: Gmail's: `value`.
pub const MW_ITEM_X_GM_THRID: u32 = 15;
/// `mw_event.item`: Gmail's: `data.list`.
pub const MW_ITEM_X_GM_LABELS: u32 = 16;

/// `mw_code.kind`: there is none.
pub const MW_CODE_NONE: u32 = 0;
/// `mw_code.kind`, ALERT: The text must be shown to the user.
pub const MW_CODE_ALERT: u32 = 1;
/// `mw_code.kind`, ALREADYEXISTS: (RFC 5530) a mailbox of that name exists.
pub const MW_CODE_ALREADYEXISTS: u32 = 2;
/// `mw_code.kind`, AUTHENTICATIONFAILED: (RFC 5530) wrong user name or password.
pub const MW_CODE_AUTHENTICATIONFAILED: u32 = 3;
/// `mw_code.kind`, AUTHORIZATIONFAILED: (RFC 5530) authenticated, but may not act as the user asked for.
pub const MW_CODE_AUTHORIZATIONFAILED: u32 = 4;
/// `mw_code.kind`, BADCOMPARATOR: (RFC 5255 section 4.9) the server knows none of the comparators.
pub const MW_CODE_BADCOMPARATOR: u32 = 5;
/// `mw_code.kind`, CANNOT: (RFC 5530) it can never be done.
pub const MW_CODE_CANNOT: u32 = 6;
/// `mw_code.kind`, CLIENTBUG: (RFC 5530) the server takes the client's behaviour for a bug.
pub const MW_CODE_CLIENTBUG: u32 = 7;
/// `mw_code.kind`, CLOSED: The mailbox that was selected before is closed; what follows is of the new one.
pub const MW_CODE_CLOSED: u32 = 8;
/// `mw_code.kind`, COMPRESSIONACTIVE: (RFC 4978) there is compression already.
pub const MW_CODE_COMPRESSIONACTIVE: u32 = 9;
/// `mw_code.kind`, CONTACTADMIN: (RFC 5530) the user should ask the administrator.
pub const MW_CODE_CONTACTADMIN: u32 = 10;
/// `mw_code.kind`, CORRUPTION: (RFC 5530) data on the server is damaged.
pub const MW_CODE_CORRUPTION: u32 = 11;
/// `mw_code.kind`, EXPIRED: (RFC 5530) the password has expired.
pub const MW_CODE_EXPIRED: u32 = 12;
/// `mw_code.kind`, EXPUNGEISSUED: (RFC 5530) some messages are gone, here or in another session.
pub const MW_CODE_EXPUNGEISSUED: u32 = 13;
/// `mw_code.kind`, HASCHILDREN: (RFC 9051) a mailbox with children cannot be deleted.
pub const MW_CODE_HASCHILDREN: u32 = 14;
/// `mw_code.kind`, INUSE: (RFC 5530) someone else is at work on it; try again.
pub const MW_CODE_INUSE: u32 = 15;
/// `mw_code.kind`, LIMIT: (RFC 5530) more than the server allows.
pub const MW_CODE_LIMIT: u32 = 16;
/// `mw_code.kind`, METADATA NOPRIVATE: (RFC 5464 section 4.3) no private annotations there.
pub const MW_CODE_METADATA_NOPRIVATE: u32 = 17;
/// `mw_code.kind`, METADATA TOOMANY: (RFC 5464 section 4.3) there are as many annotations as may be.
pub const MW_CODE_METADATA_TOOMANY: u32 = 18;
/// `mw_code.kind`, NOMODSEQ: (RFC 7162 section 3.1.2.2) the mailbox keeps no mod-sequences.
pub const MW_CODE_NOMODSEQ: u32 = 19;
/// `mw_code.kind`, NONEXISTENT: (RFC 5530) there is no such thing.
pub const MW_CODE_NONEXISTENT: u32 = 20;
/// `mw_code.kind`, NOPERM: (RFC 5530) access is denied.
pub const MW_CODE_NOPERM: u32 = 21;
/// `mw_code.kind`, NOTIFICATIONOVERFLOW: (RFC 5465 section 5.8) the server no longer keeps up with NOTIFY.
pub const MW_CODE_NOTIFICATIONOVERFLOW: u32 = 22;
/// `mw_code.kind`, NOTSAVED: (RFC 9051 section 6.4.4.1) the search result is not kept.
pub const MW_CODE_NOTSAVED: u32 = 23;
/// `mw_code.kind`, OVERQUOTA: (RFC 5530) the quota is exceeded.
pub const MW_CODE_OVERQUOTA: u32 = 24;
/// `mw_code.kind`, PARSE: A message could not be parsed.
pub const MW_CODE_PARSE: u32 = 25;
/// `mw_code.kind`, PRIVACYREQUIRED: (RFC 5530) not without encryption.
pub const MW_CODE_PRIVACYREQUIRED: u32 = 26;
/// `mw_code.kind`, READ-ONLY: The mailbox cannot be changed.
pub const MW_CODE_READ_ONLY: u32 = 27;
/// `mw_code.kind`, READ-WRITE: The mailbox can be changed.
pub const MW_CODE_READ_WRITE: u32 = 28;
/// `mw_code.kind`, SERVERBUG: (RFC 5530) the server found a bug in itself.
pub const MW_CODE_SERVERBUG: u32 = 29;
/// `mw_code.kind`, TOOBIG: (RFC 4469, RFC 7889) the message is, or would be, too large.
pub const MW_CODE_TOOBIG: u32 = 30;
/// `mw_code.kind`, TOOFEW: (RFC 10022) fewer messages in a batch than the server makes batches of.
pub const MW_CODE_TOOFEW: u32 = 31;
/// `mw_code.kind`, TOOMANY: (RFC 10022) more batches at once than the server tells.
pub const MW_CODE_TOOMANY: u32 = 32;
/// `mw_code.kind`, TRYCREATE: The mailbox does not exist; CREATE it and try again.
pub const MW_CODE_TRYCREATE: u32 = 33;
/// `mw_code.kind`, UIDNOTSTICKY: (RFC 4315) UIDs do not last.
pub const MW_CODE_UIDNOTSTICKY: u32 = 34;
/// `mw_code.kind`, UIDREQUIRED: (RFC 9586) by sequence numbers, after UIDONLY was enabled.
pub const MW_CODE_UIDREQUIRED: u32 = 35;
/// `mw_code.kind`, UNAVAILABLE: (RFC 5530) a part of the server is down for now.
pub const MW_CODE_UNAVAILABLE: u32 = 36;
/// `mw_code.kind`, UNKNOWN-CTE: (RFC 9051) the part's transfer encoding is not known.
pub const MW_CODE_UNKNOWN_CTE: u32 = 37;
/// `mw_code.kind`, USEATTR: (RFC 6154) not this special use.
pub const MW_CODE_USEATTR: u32 = 38;
/// `mw_code.kind`: the UIDs of the messages appended: `number` is the UIDVALIDITY, `numbers` the UIDs.
pub const MW_CODE_APPENDUID: u32 = 100;
/// `mw_code.kind`: the first URL of a CATENATE that is of no use: `value`.
pub const MW_CODE_BADURL: u32 = 101;
/// `mw_code.kind`: the charsets that the server understands: `list`.
pub const MW_CODE_BADCHARSET: u32 = 102;
/// `mw_code.kind`: what the server can do: `list`.
pub const MW_CODE_CAPABILITY: u32 = 103;
/// `mw_code.kind`: the messages copied or moved: `number` is the UIDVALIDITY, `numbers`, `destination`.
pub const MW_CODE_COPYUID: u32 = 104;
/// `mw_code.kind`: the events that the server knows: `list`.
pub const MW_CODE_BADEVENT: u32 = 105;
/// `mw_code.kind`: what a mailbox is known by, whatever its name: `value`.
pub const MW_CODE_MAILBOXID: u32 = 106;
/// `mw_code.kind`: the largest annotation left out has `number` bytes.
pub const MW_CODE_METADATA_LONGENTRIES: u32 = 107;
/// `mw_code.kind`: an annotation may have `number` bytes.
pub const MW_CODE_METADATA_MAXSIZE: u32 = 108;
/// `mw_code.kind`: it is elsewhere: URLs in `value`.
pub const MW_CODE_REFERRAL: u32 = 109;
/// `mw_code.kind`: mechanisms for GENURLAUTH: `list`.
pub const MW_CODE_URLMECH: u32 = 110;
/// `mw_code.kind`: `number`.
pub const MW_CODE_HIGHESTMODSEQ: u32 = 111;
/// `mw_code.kind`: more than `number` messages at once: `uid`.
pub const MW_CODE_MESSAGELIMIT: u32 = 112;
/// `mw_code.kind`: messages that a conditional STORE left alone: `numbers`.
pub const MW_CODE_MODIFIED: u32 = 113;
/// `mw_code.kind`: the search with the tag `value` is not kept up to date.
pub const MW_CODE_NOUPDATE: u32 = 114;
/// `mw_code.kind`: flags that a STORE changes for good: `list`.
pub const MW_CODE_PERMANENTFLAGS: u32 = 115;
/// `mw_code.kind`: there is no filter `value`.
pub const MW_CODE_UNDEFINED_FILTER: u32 = 116;
/// `mw_code.kind`: `number`.
pub const MW_CODE_UIDNEXT: u32 = 117;
/// `mw_code.kind`: `number`.
pub const MW_CODE_UIDVALIDITY: u32 = 118;
/// `mw_code.kind`: the first unseen message: `number`.
pub const MW_CODE_UNSEEN: u32 = 119;
/// `mw_code.kind`: one that mailwire does not know: `name`, `value`.
pub const MW_CODE_OTHER: u32 = 120;
/// `mw_code.kind`: its value cannot be understood: all of it in `value`.
pub const MW_CODE_MALFORMED: u32 = 121;

/// `mw_code.kind`: how far the command with the tag `value` is (RFC 9585): `number` of `goal`, either
/// MW_UNKNOWN if not told, and `value` with a `ptr` of NULL.
pub const MW_CODE_INPROGRESS: u32 = 122;

/// A response code (RFC 9051 section 7.1): what a status response says to the program. All zeros
/// if there is none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_code {
    /// One of `MW_CODE_…`, whose comments say which fields are filled.
    pub kind: u32,
    /// A number.
    pub number: u64,
    /// Of MESSAGELIMIT the lowest UID that was dealt with, or 0.
    pub uid: u32,
    /// Of MW_CODE_OTHER its first word.
    pub name: mw_string,
    /// A text.
    pub value: mw_string,
    /// UIDs; of COPYUID those where the messages were.
    pub numbers: mw_numbers,
    /// Of COPYUID the UIDs where they are now, in the same order.
    pub destination: mw_numbers,
    /// Words.
    pub list: mw_list,
    /// Of INPROGRESS how much there is to do.
    pub goal: u64,
}

/// `mw_response.status`: done, or mere information.
pub const MW_STATUS_OK: u32 = 1;
/// Failed, or a warning.
pub const MW_STATUS_NO: u32 = 2;
/// Not understood, or the server is in trouble.
pub const MW_STATUS_BAD: u32 = 3;
/// A greeting: already logged in.
pub const MW_STATUS_PREAUTH: u32 = 4;
/// The server is about to close the connection.
pub const MW_STATUS_BYE: u32 = 5;

/// OK, NO, BAD, PREAUTH or BYE, and what goes with it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_response {
    /// One of `MW_STATUS_…`; 0 if there is only a code, or only code and text.
    pub status: u32,
    /// What it says to the program.
    pub code: mw_code,
    /// What it says to people. Show that of MW_CODE_ALERT to the user.
    pub text: mw_string,
}

/// A mailbox, as LIST tells it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_mailbox {
    /// Its name: `mw_string_copy` makes it UTF-8.
    pub name: mw_string,
    /// What divides levels of names, as a code point; 0 if the name has no levels.
    pub delimiter: u32,
    /// Whether it can be selected.
    pub selectable: bool,
    /// Its attributes.
    pub attributes: mw_list,
    /// What else LIST was asked for.
    pub extended: mw_list,
}

/// Figures of a mailbox, as STATUS tells them. Numbers that were not told are MW_UNKNOWN.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_mailbox_status {
    /// The mailbox.
    pub name: mw_string,
    /// MESSAGES
    pub messages: u64,
    /// UIDNEXT
    pub uid_next: u64,
    /// UIDVALIDITY
    pub uid_validity: u64,
    /// UNSEEN
    pub unseen: u64,
    /// DELETED
    pub deleted: u64,
    /// RECENT
    pub recent: u64,
    /// SIZE, in octets
    pub size: u64,
    /// HIGHESTMODSEQ
    pub highest_mod_seq: u64,
    /// MAILBOXID; or a `ptr` of NULL
    pub mailbox_id: mw_string,
    /// All that was told.
    pub values: mw_list,
}

/// What SEARCH or SORT found, in the plain form.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_found_numbers {
    /// The numbers; of VANISHED and UIDBATCHES, too.
    pub numbers: mw_numbers,
    /// The highest mod-sequence of the messages found; MW_UNKNOWN if not told.
    pub mod_seq: u64,
}

/// What a search found, in the extended form. Numbers that were not told are MW_UNKNOWN.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_found {
    /// The lowest number.
    pub min: u64,
    /// The highest number.
    pub max: u64,
    /// How many there are.
    pub count: u64,
    /// The highest mod-sequence of the messages found.
    pub mod_seq: u64,
    /// Where the numbers are of, if several mailboxes were searched.
    pub uid_validity: u64,
    /// Likewise; or a `ptr` of NULL.
    pub mailbox: mw_string,
    /// ALL, or those of PARTIAL.
    pub numbers: mw_numbers,
    /// All that was told.
    pub items: mw_list,
}

/// `mw_body.kind`: BODY\[…\]
pub const MW_BODY: u32 = 1;
/// BINARY\[…\]
pub const MW_BODY_BINARY: u32 = 2;
/// RFC822, RFC822.HEADER or RFC822.TEXT
pub const MW_BODY_RFC822: u32 = 3;

/// `mw_body.text`: all of the part.
pub const MW_SECTION_ALL: u32 = 0;
/// HEADER
pub const MW_SECTION_HEADER: u32 = 1;
/// HEADER.FIELDS
pub const MW_SECTION_HEADER_FIELDS: u32 = 2;
/// HEADER.FIELDS.NOT
pub const MW_SECTION_HEADER_FIELDS_NOT: u32 = 3;
/// TEXT
pub const MW_SECTION_TEXT: u32 = 4;
/// MIME
pub const MW_SECTION_MIME: u32 = 5;
/// Something else: `mw_body.name`
pub const MW_SECTION_OTHER: u32 = 6;

/// `mw_body.form`: there is none, and no chunk follows.
pub const MW_BODY_NIL: u32 = 0;
/// A quoted string: its size is not told. Chunks come without the quotes' escapes.
pub const MW_BODY_QUOTED: u32 = 1;
/// A literal.
pub const MW_BODY_LITERAL: u32 = 2;
/// A literal that may hold NUL.
pub const MW_BODY_LITERAL8: u32 = 3;

/// The bytes of a section that follow as chunks.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_body {
    /// `MW_BODY…`: what was fetched.
    pub kind: u32,
    /// One of `MW_SECTION_…`: which bytes of the part.
    pub text: u32,
    /// How they come.
    pub form: u32,
    /// The part's number, such as "1.2"; empty for the message itself. Ends in NUL. One that takes
    /// more is cut.
    pub part: [c_char; 64],
    /// Of MW_SECTION_OTHER the name.
    pub name: mw_string,
    /// The names of MW_SECTION_HEADER_FIELDS and …_NOT.
    pub fields: mw_list,
    /// Where in the section they begin; MW_UNKNOWN if all was asked for.
    pub origin: u64,
    /// How many will come; MW_UNKNOWN of a quoted string.
    pub size: u64,
}

/// A response of an extension, to be read by `mw_event_read`. Mailwire's own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_extension {
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 5],
}

/// What an event has beside numbers. Its kind says which one of these is filled.
#[repr(C)]
#[derive(Clone, Copy)]
pub union mw_event_data {
    /// Status responses and codes.
    pub response: mw_response,
    /// CAPABILITY, ENABLED, FLAGS; of FETCH_ITEM: FLAGS, GM_LABELS.
    pub list: mw_list,
    /// LIST, LSUB.
    pub mailbox: mw_mailbox,
    /// MAILBOX_STATUS.
    pub mailbox_status: mw_mailbox_status,
    /// SEARCH, SORT, VANISHED, UID_BATCHES.
    pub found_numbers: mw_found_numbers,
    /// ESEARCH.
    pub found: mw_found,
    /// THREAD.
    pub threads: mw_threads,
    /// FETCH_BODY; of FETCH_ITEM: BINARY_SIZE (`part`).
    pub body: mw_body,
    /// Of FETCH_ITEM: ENVELOPE.
    pub envelope: mw_envelope,
    /// Of FETCH_ITEM: BODY, BODYSTRUCTURE: for `mw_parts_of`.
    pub structure: mw_bytes,
    /// Of FETCH_ITEM: INTERNALDATE, SAVEDATE.
    pub date: mw_date_time,
    /// Of FETCH_ITEM: EMAILID, THREADID, PREVIEW. NIL has a `ptr` of NULL.
    pub string: mw_string,
    /// OTHER, and FETCH_ITEM's OTHER: name and value.
    pub other: mw_other,
    /// Responses of extensions: for `mw_event_read`.
    pub extension: mw_extension,
    /// Room to grow.
    pub reserved: [usize; 56],
}

/// What mailwire has no type for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_other {
    /// Its name.
    pub name: mw_string,
    /// What is behind it, as it came.
    pub value: mw_string,
}

/// One thing that the server said, or that the program has to do. Filled by `mw_imap_advance`,
/// in the caller's memory. What it points to stays until the handle is advanced or Rx is touched.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_event {
    /// One of `MW_EVENT_…`, whose comments say what is filled. What is not filled is 0.
    pub kind: u32,
    /// `MW_MARK_…`, or'ed.
    pub marks: u32,
    /// The command that it belongs to; 0 for none.
    pub tag: mw_tag,
    /// Of FETCH_ITEM: one of `MW_ITEM_…`.
    pub item: u32,
    /// A message's sequence number, or a count of messages.
    pub number: u32,
    /// A UID.
    pub uid: u32,
    /// A size, a mod-sequence or another large number.
    pub value: u64,
    /// Bytes: a chunk of a body, a challenge, or all of what is malformed, oversized or an
    /// extension's.
    pub bytes: mw_bytes,
    /// The rest.
    pub data: mw_event_data,
}

impl mw_event {
    pub(crate) const fn new(kind: u32) -> Self {
        Self {
            kind,
            marks: 0,
            tag: 0,
            item: 0,
            number: 0,
            uid: 0,
            value: 0,
            bytes: mw_bytes::NONE,
            data: mw_event_data { reserved: [0; 56] },
        }
    }

    fn mark(mut self, mark: u32, on: bool) -> Self {
        self.marks |= if on { mark } else { 0 };
        self
    }

    fn tag(mut self, tag: Tag) -> Self {
        self.tag = number(tag);
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes = mw_bytes::of(bytes);
        self
    }

    fn count(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    fn value(mut self, value: u64) -> Self {
        self.value = value;
        self
    }

    fn with(mut self, data: mw_event_data) -> Self {
        self.data = data;
        self
    }

    fn list(self, list: mw_list) -> Self {
        self.with(mw_event_data { list })
    }

    fn numbers(self, numbers: mw_numbers, mod_seq: Option<u64>) -> Self {
        let found_numbers = mw_found_numbers { numbers, mod_seq: told(mod_seq) };
        self.with(mw_event_data { found_numbers })
    }

    fn extension<T>(self, raw: Raw<'_, T>) -> Self {
        let event = self.raw(raw.as_bytes());
        let extension = mw_extension { opaque: store(raw) };
        event.with(mw_event_data { extension })
    }
}

/// 0 is the tag of what was not sent here.
pub(crate) fn number(tag: Tag) -> mw_tag {
    tag.number().unwrap_or(0)
}

pub(crate) fn told<N: Into<u64>>(number: Option<N>) -> u64 {
    number.map_or(MW_UNKNOWN, Into::into)
}

fn response(it: &StatusResponse<'_>) -> mw_response {
    let status = match it.status {
        Status::Ok => MW_STATUS_OK,
        Status::No => MW_STATUS_NO,
        Status::Bad => MW_STATUS_BAD,
        Status::PreAuth => MW_STATUS_PREAUTH,
        Status::Bye => MW_STATUS_BYE,
    };
    mw_response { status, ..text(&it.text) }
}

fn text(it: &RespText<'_>) -> mw_response {
    let code = it.code.as_ref().map_or(NO_CODE, code);
    mw_response { status: 0, code, text: mw_string::of(it.text) }
}

const NO_CODE: mw_code = mw_code {
    kind: 0,
    number: 0,
    uid: 0,
    name: mw_string::NONE,
    value: mw_string::NONE,
    numbers: mw_numbers::NONE,
    destination: mw_numbers::NONE,
    list: mw_list::NONE,
    goal: 0,
};

fn code(it: &Code<'_>) -> mw_code {
    let with = |kind| mw_code { kind, ..NO_CODE };
    match *it {
        Code::Alert => with(MW_CODE_ALERT),
        Code::AlreadyExists => with(MW_CODE_ALREADYEXISTS),
        Code::AuthenticationFailed => with(MW_CODE_AUTHENTICATIONFAILED),
        Code::AuthorizationFailed => with(MW_CODE_AUTHORIZATIONFAILED),
        Code::BadComparator => with(MW_CODE_BADCOMPARATOR),
        Code::Cannot => with(MW_CODE_CANNOT),
        Code::ClientBug => with(MW_CODE_CLIENTBUG),
        Code::Closed => with(MW_CODE_CLOSED),
        Code::CompressionActive => with(MW_CODE_COMPRESSIONACTIVE),
        Code::ContactAdmin => with(MW_CODE_CONTACTADMIN),
        Code::Corruption => with(MW_CODE_CORRUPTION),
        Code::Expired => with(MW_CODE_EXPIRED),
        Code::ExpungeIssued => with(MW_CODE_EXPUNGEISSUED),
        Code::HasChildren => with(MW_CODE_HASCHILDREN),
        Code::InUse => with(MW_CODE_INUSE),
        Code::Limit => with(MW_CODE_LIMIT),
        Code::MetadataNoPrivate => with(MW_CODE_METADATA_NOPRIVATE),
        Code::MetadataTooMany => with(MW_CODE_METADATA_TOOMANY),
        Code::NoModSeq => with(MW_CODE_NOMODSEQ),
        Code::NonExistent => with(MW_CODE_NONEXISTENT),
        Code::NoPerm => with(MW_CODE_NOPERM),
        Code::NotificationOverflow => with(MW_CODE_NOTIFICATIONOVERFLOW),
        Code::NotSaved => with(MW_CODE_NOTSAVED),
        Code::OverQuota => with(MW_CODE_OVERQUOTA),
        Code::Parse => with(MW_CODE_PARSE),
        Code::PrivacyRequired => with(MW_CODE_PRIVACYREQUIRED),
        Code::ReadOnly => with(MW_CODE_READ_ONLY),
        Code::ReadWrite => with(MW_CODE_READ_WRITE),
        Code::ServerBug => with(MW_CODE_SERVERBUG),
        Code::TooBig => with(MW_CODE_TOOBIG),
        Code::TooFew => with(MW_CODE_TOOFEW),
        Code::TooMany => with(MW_CODE_TOOMANY),
        Code::TryCreate => with(MW_CODE_TRYCREATE),
        Code::UidNotSticky => with(MW_CODE_UIDNOTSTICKY),
        Code::UidRequired => with(MW_CODE_UIDREQUIRED),
        Code::Unavailable => with(MW_CODE_UNAVAILABLE),
        Code::UnknownCte => with(MW_CODE_UNKNOWN_CTE),
        Code::UseAttr => with(MW_CODE_USEATTR),
        Code::AppendUid { uid_validity, uids } => mw_code {
            number: uid_validity,
            numbers: mw_numbers::set(uids),
            ..with(MW_CODE_APPENDUID)
        },
        Code::BadUrl(it) => mw_code { value: mw_string::of(it), ..with(MW_CODE_BADURL) },
        Code::BadCharset(it) => mw_code { list: mw_list::strings(it), ..with(MW_CODE_BADCHARSET) },
        Code::Capability(it) => {
            mw_code { list: mw_list::of(Cursor::Words(it.as_bytes())), ..with(MW_CODE_CAPABILITY) }
        }
        Code::CopyUid { uid_validity, source, destination } => mw_code {
            number: uid_validity,
            numbers: mw_numbers::set(source),
            destination: mw_numbers::set(destination),
            ..with(MW_CODE_COPYUID)
        },
        Code::BadEvent(it) => mw_code { list: mw_list::strings(it), ..with(MW_CODE_BADEVENT) },
        Code::MailboxId(it) => mw_code { value: mw_string::of(it), ..with(MW_CODE_MAILBOXID) },
        Code::MetadataLongEntries(it) => {
            mw_code { number: it, ..with(MW_CODE_METADATA_LONGENTRIES) }
        }
        Code::MetadataMaxSize(it) => mw_code { number: it, ..with(MW_CODE_METADATA_MAXSIZE) },
        Code::Referral(it) => mw_code { value: mw_string::of(it), ..with(MW_CODE_REFERRAL) },
        Code::UrlMech(it) => mw_code { list: mw_list::strings(it), ..with(MW_CODE_URLMECH) },
        Code::HighestModSeq(it) => mw_code { number: it, ..with(MW_CODE_HIGHESTMODSEQ) },
        Code::MessageLimit { limit, uid } => {
            mw_code { number: limit.into(), uid: uid.unwrap_or(0), ..with(MW_CODE_MESSAGELIMIT) }
        }
        Code::Modified(it) => mw_code { numbers: mw_numbers::set(it), ..with(MW_CODE_MODIFIED) },
        Code::NoUpdate(it) => mw_code { value: mw_string::of(it), ..with(MW_CODE_NOUPDATE) },
        Code::PermanentFlags(it) => mw_code {
            number: it.to_set().bits().into(),
            list: mw_list::of(Cursor::Flags(it.iter())),
            ..with(MW_CODE_PERMANENTFLAGS)
        },
        Code::UndefinedFilter(it) => {
            mw_code { value: mw_string::of(it), ..with(MW_CODE_UNDEFINED_FILTER) }
        }
        Code::UidNext(it) => mw_code { number: it.into(), ..with(MW_CODE_UIDNEXT) },
        Code::UidValidity(it) => mw_code { number: it, ..with(MW_CODE_UIDVALIDITY) },
        Code::Unseen(it) => mw_code { number: it.into(), ..with(MW_CODE_UNSEEN) },
        Code::InProgress(it) => mw_code {
            number: told(it.progress()),
            goal: told(it.goal()),
            value: mw_string::maybe(it.tag()),
            ..with(MW_CODE_INPROGRESS)
        },
        Code::Other { name, value } => mw_code {
            name: mw_string::of(name),
            value: mw_string::of(value),
            ..with(MW_CODE_OTHER)
        },
        Code::Malformed { raw } => mw_code { value: mw_string::of(raw), ..with(MW_CODE_MALFORMED) },
        _ => with(MW_CODE_OTHER),
    }
}

fn mailbox(it: &List<'_>) -> mw_mailbox {
    mw_mailbox {
        name: mw_string::mailbox(&it.mailbox),
        delimiter: it.delimiter.map_or(0, u32::from),
        selectable: it.is_selectable(),
        attributes: mw_list::of(Cursor::Attributes(it.attributes.iter())),
        extended: mw_list::of(Cursor::ListItems(it.extended.iter())),
    }
}

fn mailbox_status(it: &MailboxStatus<'_>) -> mw_mailbox_status {
    mw_mailbox_status {
        name: mw_string::mailbox(&it.mailbox),
        messages: told(it.messages()),
        uid_next: told(it.uid_next()),
        uid_validity: told(it.uid_validity()),
        unseen: told(it.unseen()),
        deleted: told(it.deleted()),
        recent: told(it.recent()),
        size: told(it.size()),
        highest_mod_seq: told(it.highest_mod_seq()),
        mailbox_id: mw_string::maybe(it.mailbox_id()),
        values: mw_list::of(Cursor::StatusValues(it.values.iter())),
    }
}

fn found(it: &Esearch<'_>) -> mw_found {
    mw_found {
        min: told(it.min()),
        max: told(it.max()),
        count: told(it.count()),
        mod_seq: told(it.mod_seq()),
        uid_validity: told(it.uid_validity()),
        mailbox: it.mailbox().map_or(mw_string::NONE, |name| mw_string::mailbox(&name)),
        numbers: mw_numbers::maybe(it.all().or_else(|| it.partial())),
        items: mw_list::of(Cursor::Found(it.items())),
    }
}

/// The tag that an answer names in a string.
fn correlator(tag: Option<mailwire::Str<'_>>) -> mw_tag {
    tag.and_then(|tag| tag.as_str()?.strip_prefix('A')?.parse().ok()).unwrap_or(0)
}

fn body(it: &Body<'_>) -> mw_body {
    let (text, name, fields) = match it.section.text {
        SectionText::All => (MW_SECTION_ALL, None, None),
        SectionText::Header => (MW_SECTION_HEADER, None, None),
        SectionText::HeaderFields(names) => (MW_SECTION_HEADER_FIELDS, None, Some(names)),
        SectionText::HeaderFieldsNot(names) => (MW_SECTION_HEADER_FIELDS_NOT, None, Some(names)),
        SectionText::Text => (MW_SECTION_TEXT, None, None),
        SectionText::Mime => (MW_SECTION_MIME, None, None),
        SectionText::Other(name) => (MW_SECTION_OTHER, Some(name), None),
        #[allow(unreachable_patterns)]
        _ => (MW_SECTION_OTHER, None, None),
    };
    mw_body {
        kind: match it.kind {
            SectionKind::Body => MW_BODY,
            SectionKind::Binary => MW_BODY_BINARY,
            SectionKind::Rfc822 => MW_BODY_RFC822,
            #[allow(unreachable_patterns)]
            _ => 0,
        },
        text,
        form: match it.data {
            BodyData::Nil => MW_BODY_NIL,
            BodyData::Quoted => MW_BODY_QUOTED,
            BodyData::Literal(_) => MW_BODY_LITERAL,
            BodyData::Literal8(_) => MW_BODY_LITERAL8,
        },
        part: part_number(it.section.part.numbers()),
        name: mw_string::maybe(name),
        fields: fields.map_or(mw_list::NONE, |names| mw_list::of(Cursor::Fields(names.iter()))),
        origin: told(it.origin),
        size: told(it.data.size()),
    }
}

const EMPTY_BODY: mw_body = mw_body {
    kind: 0,
    text: 0,
    form: 0,
    part: [0; 64],
    name: mw_string::NONE,
    fields: mw_list::NONE,
    origin: MW_UNKNOWN,
    size: MW_UNKNOWN,
};

fn item(it: &Item<'_>) -> mw_event {
    let mut event = mw_event::new(MW_EVENT_FETCH_ITEM);
    let (item, event) = match *it {
        Item::Flags(flags) => (
            MW_ITEM_FLAGS,
            event
                .value(flags.to_set().bits().into())
                .list(mw_list::of(Cursor::Flags(flags.iter()))),
        ),
        Item::Uid(uid) => {
            event.uid = uid;
            (MW_ITEM_UID, event.value(uid.into()))
        }
        Item::Envelope(envelope) => {
            let envelope = mw_envelope::of(&envelope);
            (MW_ITEM_ENVELOPE, event.with(mw_event_data { envelope }))
        }
        Item::InternalDate(date) => (MW_ITEM_INTERNALDATE, dated(event, Some(date))),
        Item::Rfc822Size(size) => (MW_ITEM_RFC822_SIZE, event.value(size)),
        Item::Body(it) => {
            let structure = mw_bytes::of(it.raw());
            (MW_ITEM_BODY, event.with(mw_event_data { structure }))
        }
        Item::BodyStructure(it) => {
            let structure = mw_bytes::of(it.raw());
            (MW_ITEM_BODYSTRUCTURE, event.with(mw_event_data { structure }))
        }
        Item::BinarySize { part, size } => {
            let body = mw_body { part: part_number(part.numbers()), ..EMPTY_BODY };
            (MW_ITEM_BINARY_SIZE, event.value(size).with(mw_event_data { body }))
        }
        Item::ModSeq(mod_seq) => (MW_ITEM_MODSEQ, event.value(mod_seq)),
        Item::EmailId(id) => (MW_ITEM_EMAILID, string(event, Some(id))),
        Item::ThreadId(id) => (MW_ITEM_THREADID, string(event, id)),
        Item::SaveDate(date) => (MW_ITEM_SAVEDATE, dated(event, date)),
        Item::Preview(text) => (MW_ITEM_PREVIEW, string(event, text)),
        Item::XGmMsgId(id) => (MW_ITEM_X_GM_MSGID, event.value(id)),
        Item::XGmThrId(id) => (MW_ITEM_X_GM_THRID, event.value(id)),
        Item::XGmLabels(labels) => {
            (MW_ITEM_X_GM_LABELS, event.list(mw_list::of(Cursor::Labels(labels.iter()))))
        }
        Item::Other { name, value } => {
            let other = mw_other { name: mw_string::of(name), value: mw_string::of(value) };
            (MW_ITEM_OTHER, event.with(mw_event_data { other }))
        }
        _ => (MW_ITEM_OTHER, event),
    };
    mw_event { item, ..event }
}

fn dated(event: mw_event, date: Option<mailwire::DateTime>) -> mw_event {
    event.with(mw_event_data { date: mw_date_time::maybe(date) })
}

fn string(event: mw_event, text: Option<mailwire::Str<'_>>) -> mw_event {
    event.with(mw_event_data { string: mw_string::maybe(text) })
}

/// An event as C sees it.
pub(crate) fn event(event: Event<'_>) -> mw_event {
    let new = mw_event::new;
    let status = |kind, it: &StatusResponse<'_>| {
        new(kind)
            .mark(MW_MARK_TRUNCATED, it.truncated)
            .with(mw_event_data { response: response(it) })
    };
    match event {
        Event::Greeting(it) => status(MW_EVENT_GREETING, &it),
        Event::Status(it) => status(MW_EVENT_STATUS, &it),
        Event::Completed { tag, response } => status(MW_EVENT_COMPLETED, &response).tag(tag),
        Event::Capability { capabilities, more } => new(MW_EVENT_CAPABILITY)
            .mark(MW_MARK_MORE, more)
            .list(mw_list::of(Cursor::Words(capabilities.as_bytes()))),
        Event::Code(it) => new(MW_EVENT_CODE).mark(MW_MARK_MORE, true).with(mw_event_data {
            response: mw_response { status: 0, code: code(&it), text: mw_string::NONE },
        }),
        Event::Enabled(capabilities) => {
            new(MW_EVENT_ENABLED).list(mw_list::of(Cursor::Words(capabilities.as_bytes())))
        }
        Event::Flags { flags, more } => new(MW_EVENT_FLAGS)
            .mark(MW_MARK_MORE, more)
            .value(flags.to_set().bits().into())
            .list(mw_list::of(Cursor::Flags(flags.iter()))),
        Event::List(it) => new(MW_EVENT_LIST).with(mw_event_data { mailbox: mailbox(&it) }),
        Event::Lsub(it) => new(MW_EVENT_LSUB).with(mw_event_data { mailbox: mailbox(&it) }),
        Event::Namespace(it) => new(MW_EVENT_NAMESPACE).extension(it),
        Event::MailboxStatus(it) => {
            new(MW_EVENT_MAILBOX_STATUS).with(mw_event_data { mailbox_status: mailbox_status(&it) })
        }
        Event::Search { numbers, more } => new(MW_EVENT_SEARCH)
            .mark(MW_MARK_MORE, more)
            .numbers(mw_numbers::list(numbers.iter()), numbers.mod_seq()),
        Event::Sort { numbers, more } => new(MW_EVENT_SORT)
            .mark(MW_MARK_MORE, more)
            .numbers(mw_numbers::list(numbers.iter()), numbers.mod_seq()),
        Event::Esearch { found: it, more } => {
            let mut event = new(MW_EVENT_ESEARCH)
                .mark(MW_MARK_MORE, more)
                .mark(MW_MARK_UIDS, it.uid)
                .with(mw_event_data { found: found(&it) });
            event.tag = correlator(it.tag());
            event
        }
        Event::Thread { threads, more } => new(MW_EVENT_THREAD)
            .mark(MW_MARK_MORE, more)
            .with(mw_event_data { threads: mw_threads::of(threads) }),
        Event::UidBatches { batches, more } => {
            let mut event = new(MW_EVENT_UID_BATCHES)
                .mark(MW_MARK_MORE, more)
                .mark(MW_MARK_UIDS, true)
                .numbers(mw_numbers::set(batches.batches()), None);
            event.tag = correlator(batches.tag());
            event
        }
        Event::Exists(number) => new(MW_EVENT_EXISTS).count(number),
        Event::Recent(number) => new(MW_EVENT_RECENT).count(number),
        Event::Expunge(number) => new(MW_EVENT_EXPUNGE).count(number),
        Event::Vanished { earlier, uids, more } => new(MW_EVENT_VANISHED)
            .mark(MW_MARK_MORE, more)
            .mark(MW_MARK_EARLIER, earlier)
            .mark(MW_MARK_UIDS, true)
            .numbers(mw_numbers::set(uids), None),
        Event::Fetch(fetch) => self::fetch(&fetch),
        Event::XList(it) => new(MW_EVENT_XLIST).extension(it),
        Event::Id(it) => new(MW_EVENT_ID).extension(it),
        Event::Acl(it) => new(MW_EVENT_ACL).extension(it),
        Event::ListRights(it) => new(MW_EVENT_LIST_RIGHTS).extension(it),
        Event::MyRights(it) => new(MW_EVENT_MY_RIGHTS).extension(it),
        Event::Metadata(it) => new(MW_EVENT_METADATA).extension(it),
        Event::Language(it) => new(MW_EVENT_LANGUAGE).extension(it),
        Event::Comparator(it) => new(MW_EVENT_COMPARATOR).extension(it),
        Event::JmapAccess(it) => new(MW_EVENT_JMAP_ACCESS).extension(it),
        Event::GenUrlAuth(it) => new(MW_EVENT_GEN_URL_AUTH).extension(it),
        Event::UrlFetch(it) => new(MW_EVENT_URL_FETCH).extension(it),
        Event::Quota(it) => new(MW_EVENT_QUOTA).extension(it),
        Event::QuotaRoot(it) => new(MW_EVENT_QUOTA_ROOT).extension(it),
        Event::Challenge { tag, challenge, truncated } => {
            new(MW_EVENT_CHALLENGE).tag(tag).mark(MW_MARK_TRUNCATED, truncated).raw(challenge)
        }
        Event::Idling { tag } => new(MW_EVENT_IDLING).tag(tag),
        Event::SendLiteral { tag, remaining } => {
            new(MW_EVENT_SEND_LITERAL).tag(tag).value(remaining)
        }
        Event::NextPart { tag } => new(MW_EVENT_NEXT_PART).tag(tag),
        Event::CancellingLiteral { tag, remaining } => {
            new(MW_EVENT_CANCELLING_LITERAL).tag(tag).value(remaining)
        }
        Event::StartTls { tag } => new(MW_EVENT_START_TLS).tag(tag),
        Event::Compress { tag } => new(MW_EVENT_COMPRESS).tag(tag),
        Event::CompressEnd { tag } => new(MW_EVENT_COMPRESS_END).tag(tag),
        Event::Continuation(it) => {
            new(MW_EVENT_CONTINUATION).with(mw_event_data { response: text(&it) })
        }
        Event::Other { number, name, data } => {
            let other =
                mw_other { name: mw_string::of(name.into()), value: mw_string::of(data.into()) };
            new(MW_EVENT_OTHER).count(number.unwrap_or(0)).raw(data).with(mw_event_data { other })
        }
        Event::Malformed(raw) => new(MW_EVENT_MALFORMED).raw(raw),
        Event::Oversized(raw) => new(MW_EVENT_OVERSIZED).raw(raw),
        _ => new(MW_EVENT_OTHER),
    }
}

fn fetch(it: &Fetch<'_>) -> mw_event {
    let new = mw_event::new;
    match it {
        Fetch::Start { seq, uid, .. } => {
            mw_event { uid: uid.unwrap_or(0), ..new(MW_EVENT_FETCH_START) }.count(seq.unwrap_or(0))
        }
        Fetch::Item(it) => item(it),
        Fetch::Body(it) => new(MW_EVENT_FETCH_BODY)
            .value(it.data.size().unwrap_or(MW_UNKNOWN))
            .with(mw_event_data { body: body(it) }),
        Fetch::Chunk(bytes) => new(MW_EVENT_FETCH_CHUNK).raw(bytes),
        Fetch::Malformed { raw } => new(MW_EVENT_MALFORMED).mark(MW_MARK_IN_FETCH, true).raw(raw),
        Fetch::Oversized { raw } => new(MW_EVENT_OVERSIZED).mark(MW_MARK_IN_FETCH, true).raw(raw),
        Fetch::End => new(MW_EVENT_FETCH_END),
        #[allow(unreachable_patterns)]
        _ => new(MW_EVENT_OTHER),
    }
}

/// What a response of an extension says. What there is depends on the event:
///
/// | event | name | identifier | value | list | others |
/// | --- | --- | --- | --- | --- | --- |
/// | NAMESPACE | | | | the user's own | those of others; and `shared`: of all |
/// | XLIST | mailbox | | | attributes | delimiter; others: as of LIST |
/// | ID | | | | fields | |
/// | ACL | mailbox | | | entries | |
/// | LIST_RIGHTS | mailbox | identifier | required rights | optional rights | |
/// | MY_RIGHTS | mailbox | | rights | | |
/// | METADATA | mailbox; empty: the server | | | values | names of what changed |
/// | LANGUAGE | | | | languages | |
/// | COMPARATOR | | | the active one | those that match | |
/// | JMAP_ACCESS | | | URL | | |
/// | GEN_URL_AUTH | | | | URLs | |
/// | URL_FETCH | | | | what the URLs name | |
/// | QUOTA | root | | | resources | |
/// | QUOTA_ROOT | mailbox | | | roots | |
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_record {
    /// See the table.
    pub name: mw_string,
    /// See the table.
    pub identifier: mw_string,
    /// See the table.
    pub value: mw_string,
    /// See the table.
    pub delimiter: u32,
    /// See the table.
    pub list: mw_list,
    /// See the table.
    pub others: mw_list,
    /// See the table.
    pub shared: mw_list,
}

const NO_RECORD: mw_record = mw_record {
    name: mw_string::NONE,
    identifier: mw_string::NONE,
    value: mw_string::NONE,
    delimiter: 0,
    list: mw_list::NONE,
    others: mw_list::NONE,
    shared: mw_list::NONE,
};

/// Reads the response of an extension: `MW_OK`; `MW_ERR_WRONG_KIND` if the event is of no
/// extension; `MW_ERR_MALFORMED` if it cannot be understood (`event->bytes` has it all the same);
/// `MW_ERR_NULL`. The result is valid as long as the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_event_read(
    event: *const mw_event,
    out_record: *mut mw_record,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(crate::result::MW_ERR_INTERNAL, || {
        let Some(event) = args.maybe(event) else { return MW_ERR_NULL };
        if out_record.is_null() {
            return MW_ERR_NULL;
        }
        let record = match event.kind {
            MW_EVENT_XLIST => read(event, |it: List<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                delimiter: it.delimiter.map_or(0, u32::from),
                list: mw_list::of(Cursor::Attributes(it.attributes.iter())),
                others: mw_list::of(Cursor::ListItems(it.extended.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_NAMESPACE => read(event, |it: Namespace<'static>| mw_record {
                list: mw_list::of(Cursor::Namespaces(it.personal.iter())),
                others: mw_list::of(Cursor::Namespaces(it.other_users.iter())),
                shared: mw_list::of(Cursor::Namespaces(it.shared.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_ID => read(event, |it: Id<'static>| mw_record {
                list: mw_list::of(Cursor::Id(it.fields.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_ACL => read(event, |it: Acl<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                list: mw_list::of(Cursor::Acl(it.entries.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_LIST_RIGHTS => read(event, |it: ListRights<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                identifier: mw_string::of(it.identifier),
                value: mw_string::of(it.required.as_str()),
                list: mw_list::strings(it.optional),
                ..NO_RECORD
            }),
            MW_EVENT_MY_RIGHTS => read(event, |it: MyRights<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                value: mw_string::of(it.rights.as_str()),
                ..NO_RECORD
            }),
            MW_EVENT_METADATA => read(event, |it: Metadata<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                list: mw_list::of(Cursor::Metadata(it.values.iter())),
                others: mw_list::strings(it.changed),
                ..NO_RECORD
            }),
            MW_EVENT_LANGUAGE => read(event, |it: Language<'static>| mw_record {
                list: mw_list::strings(it.languages),
                ..NO_RECORD
            }),
            MW_EVENT_COMPARATOR => read(event, |it: Comparator<'static>| mw_record {
                value: mw_string::of(it.active),
                list: mw_list::strings(it.matching),
                ..NO_RECORD
            }),
            MW_EVENT_JMAP_ACCESS => read(event, |it: JmapAccess<'static>| mw_record {
                value: mw_string::of(it.url),
                ..NO_RECORD
            }),
            MW_EVENT_GEN_URL_AUTH => read(event, |it: GenUrlAuth<'static>| mw_record {
                list: mw_list::strings(it.urls),
                ..NO_RECORD
            }),
            MW_EVENT_URL_FETCH => read(event, |it: UrlFetch<'static>| mw_record {
                list: mw_list::of(Cursor::UrlParts(it.parts.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_QUOTA => read(event, |it: Quota<'static>| mw_record {
                name: mw_string::of(it.root),
                list: mw_list::of(Cursor::Quota(it.resources.iter())),
                ..NO_RECORD
            }),
            MW_EVENT_QUOTA_ROOT => read(event, |it: QuotaRoot<'static>| mw_record {
                name: mw_string::mailbox(&it.mailbox),
                list: mw_list::strings(it.roots),
                ..NO_RECORD
            }),
            _ => return MW_ERR_WRONG_KIND,
        };
        match record {
            Some(record) => {
                args.give(out_record, record);
                MW_OK
            }
            None => MW_ERR_MALFORMED,
        }
    })
}

fn read<T: Parse<'static>>(event: &mw_event, record: fn(T) -> mw_record) -> Option<mw_record> {
    // SAFETY: the event's kind says that it holds an extension, of this type; the header says how
    // long it is valid.
    let raw: Raw<'static, T> = unsafe { load(&event.data.extension.opaque) };
    raw.parse().map(record)
}

const _: () = assert!(size_of::<mw_event_data>() == size_of::<[usize; 56]>());
