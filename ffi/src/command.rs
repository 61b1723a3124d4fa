//! The IMAP commands, one function each.

use crate::args::{Args, Options};
use crate::bytes::mw_bytes;
use crate::date::mw_date_time;
use crate::event::{mw_tag, number};
use crate::handle::with;
use crate::imap::{Session, mw_imap};
use crate::memory::{Scratch, with_scratch};
use crate::query;
use crate::result::{Failure, MW_OK, invalid, mw_result};
use core::ffi::c_char;
use mailwire::imap::Flag;
use mailwire::imap::command::*;
use mailwire::imap::{
    AppendData, AppendMessage, Attribute, CatenatePart, Command, CustomKey, Encoder,
    FilterMailboxes, Kind, MetadataDepth, NotifyGroup, QResync, Search, SearchReturn,
    SelectParameter, SetRights, StoreAction, Str, Tag, ThreadAlgorithm, UrlFetchParam,
};
use mailwire::{Date, DateTime, Secret};

/// `by`: by message sequence numbers.
pub const MW_BY_NUMBER: u32 = 0;
/// `by`: by UIDs.
pub const MW_BY_UID: u32 = 1;

/// `action` of STORE: set exactly these flags.
pub const MW_STORE_REPLACE: u32 = 0;
/// Add these flags.
pub const MW_STORE_ADD: u32 = 1;
/// Take these flags away.
pub const MW_STORE_REMOVE: u32 = 2;

/// `depth` of GETMETADATA: all below, too.
pub const MW_DEPTH_INFINITY: u32 = 0xFFFF_FFFF;

fn by_uid(by: u32) -> Result<bool, Failure> {
    match by {
        MW_BY_NUMBER => Ok(false),
        MW_BY_UID => Ok(true),
        _ => Err(invalid("by number or by UID")),
    }
}

fn store_action(action: u32) -> Result<StoreAction, Failure> {
    match action {
        MW_STORE_REPLACE => Ok(StoreAction::Replace),
        MW_STORE_ADD => Ok(StoreAction::Add),
        MW_STORE_REMOVE => Ok(StoreAction::Remove),
        _ => Err(invalid("an action of STORE")),
    }
}

/// A query as the one key that is searched for.
fn keys<'c>(args: Args<'c>, query: *const c_char) -> Result<Search<'c>, Failure> {
    let text = args.text_or_empty(query)?;
    Ok(Search::Custom(CustomKey { text, encode: query::search }))
}

/// Options of SELECT and EXAMINE. Set all to 0, then `size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_select_options {
    /// `sizeof(mw_select_options)`
    pub size: usize,
    /// CONDSTORE (RFC 7162): tell mod-sequences.
    pub condstore: bool,
    /// QRESYNC (RFC 7162; ENABLE it first): tell what changed since `mod_seq`.
    pub qresync: bool,
    /// Of QRESYNC: the UIDVALIDITY that is known.
    pub uid_validity: u64,
    /// Of QRESYNC: the mod-sequence that is known.
    pub mod_seq: u64,
    /// Of QRESYNC: the UIDs that are known; or NULL.
    pub known_uids: *const c_char,
    /// Of QRESYNC: some sequence numbers; or NULL.
    pub seq_numbers: *const c_char,
    /// Of QRESYNC: and the UIDs that they had; or NULL.
    pub seq_uids: *const c_char,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_select_options {}

/// The parameters that some options ask for.
fn select_parameters<'s>(
    args: Args<'s>,
    options: *const mw_select_options,
    memory: &'s mut [SelectParameter<'s>; 2],
) -> Result<&'s [SelectParameter<'s>], Failure> {
    let Some(options) = args.options(options)? else { return Ok(&[]) };
    if !options.qresync {
        return Ok(memory.get(..options.condstore.into()).unwrap_or_default());
    }
    let mut qresync = QResync::new(options.uid_validity, options.mod_seq);
    if !options.known_uids.is_null() {
        qresync = qresync.known_uids(args.set(options.known_uids)?);
    }
    if !options.seq_numbers.is_null() {
        let numbers = args.set(options.seq_numbers)?;
        qresync = qresync.seq_match(numbers, args.set(options.seq_uids)?);
    }
    let [_, last] = &mut *memory;
    *last = SelectParameter::QResync(qresync);
    Ok(memory.get(usize::from(!options.condstore)..).unwrap_or_default())
}

/// Nothing that is asked for yet.
const PARAMETERS: [SelectParameter<'_>; 2] = [SelectParameter::CondStore; 2];

/// Options of LIST. Set all to 0, then `size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_list_options {
    /// `sizeof(mw_list_options)`
    pub size: usize,
    /// What patterns are relative to; or NULL.
    pub reference: *const c_char,
    /// More patterns; or NULL.
    pub more_patterns: *const *const c_char,
    /// How many.
    pub more_patterns_count: usize,
    /// Which mailboxes: words such as "SUBSCRIBED RECURSIVEMATCH"; or NULL.
    pub selection: *const c_char,
    /// What else to tell: words such as "CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN)"; or NULL.
    pub returns: *const c_char,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_list_options {}

const NO_LIST_OPTIONS: mw_list_options = mw_list_options {
    size: 0,
    reference: core::ptr::null(),
    more_patterns: core::ptr::null(),
    more_patterns_count: 0,
    selection: core::ptr::null(),
    returns: core::ptr::null(),
};

/// `mw_append_options.form`: a message as usual.
pub const MW_APPEND_LITERAL: u32 = 0;
/// One that may hold NUL (BINARY, RFC 3516).
pub const MW_APPEND_LITERAL8: u32 = 1;
/// One with headers in UTF-8 (RFC 6855).
pub const MW_APPEND_UTF8: u32 = 2;
/// One that is put together (CATENATE, RFC 4469): `size` is not used, MW_EVENT_NEXT_PART asks for
/// each part by `mw_imap_append_part`.
pub const MW_APPEND_CATENATE: u32 = 3;

/// Options of a message to be appended. Set all to 0, then `size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_append_options {
    /// `sizeof(mw_append_options)`
    pub size: usize,
    /// Its flags, such as "\\Seen $Junk"; or NULL.
    pub flags: *const c_char,
    /// One of `MW_APPEND_…`.
    pub form: u32,
    /// When it is said to have come, if `date.valid`; `date.unix_seconds` is not used.
    pub date: mw_date_time,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_append_options {}

const NO_APPEND_OPTIONS: mw_append_options =
    mw_append_options { size: 0, flags: core::ptr::null(), form: 0, date: mw_date_time::NONE };

fn append_message<'a>(
    options: &mw_append_options,
    size: u64,
    flags: &'a [Flag<'a>],
) -> AppendMessage<'a> {
    let mut message = AppendMessage::new(size).flags(flags);
    let date = &options.date;
    message.date = date.valid.then_some(DateTime {
        date: Date { year: date.year, month: date.month, day: date.day },
        hour: date.hour,
        minute: date.minute,
        second: date.second,
        offset_minutes: date.offset_minutes,
    });
    message.data = match options.form {
        MW_APPEND_LITERAL8 => AppendData::Literal8(size),
        MW_APPEND_UTF8 => AppendData::Utf8(size),
        MW_APPEND_CATENATE => AppendData::Catenate,
        _ => AppendData::Literal(size),
    };
    message
}

/// Options of FETCH. Set all to 0, then `size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_fetch_options {
    /// `sizeof(mw_fetch_options)`
    pub size: usize,
    /// Only what changed since this mod-sequence (CONDSTORE, RFC 7162), if `has_changed_since`.
    pub changed_since: u64,
    /// Whether `changed_since` counts.
    pub has_changed_since: bool,
    /// With it, by UID: tell what vanished, too (QRESYNC).
    pub vanished: bool,
    /// Only these of the messages (PARTIAL, RFC 9394): "1:50", or "-1:-50" from the end; or NULL.
    pub partial: *const c_char,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_fetch_options {}

/// Options of STORE. Set all to 0, then `size`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_store_options {
    /// `sizeof(mw_store_options)`
    pub size: usize,
    /// Only of messages that did not change since this mod-sequence (CONDSTORE, RFC 7162), if
    /// `has_unchanged_since`.
    pub unchanged_since: u64,
    /// Whether `unchanged_since` counts.
    pub has_unchanged_since: bool,
    /// Do not tell the new flags.
    pub silent: bool,
}

// SAFETY: as the trait asks.
unsafe impl Options for mw_store_options {}

/// `mw_scope.kind`: the selected mailbox.
pub const MW_SCOPE_SELECTED: u32 = 1;
/// The selected mailbox, but numbers change only when no command is harmed (NOTIFY).
pub const MW_SCOPE_SELECTED_DELAYED: u32 = 2;
/// The user's own.
pub const MW_SCOPE_PERSONAL: u32 = 3;
/// Those that mail is delivered to.
pub const MW_SCOPE_INBOXES: u32 = 4;
/// The subscribed ones.
pub const MW_SCOPE_SUBSCRIBED: u32 = 5;
/// `mailboxes`, and all below them.
pub const MW_SCOPE_SUBTREE: u32 = 6;
/// `mailboxes`, and those directly below them (ESEARCH).
pub const MW_SCOPE_SUBTREE_ONE: u32 = 7;
/// `mailboxes`.
pub const MW_SCOPE_MAILBOXES: u32 = 8;

/// Some mailboxes, for ESEARCH and NOTIFY.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_scope {
    /// One of `MW_SCOPE_…`.
    pub kind: u32,
    /// Their names, where the kind wants some; else NULL.
    pub mailboxes: *const *const c_char,
    /// How many.
    pub mailboxes_count: usize,
}

/// The names of some scopes, one after the other.
fn scope_names<'c>(
    args: Args<'c>,
    scopes: impl Iterator<Item = &'c mw_scope>,
) -> impl Iterator<Item = Result<&'c str, Failure>> {
    scopes.flat_map(move |scope| {
        let texts = args.texts(scope.mailboxes, scope.mailboxes_count);
        let (texts, error) = match texts {
            Ok(texts) => (Some(texts), None),
            Err(error) => (None, Some(Err(error))),
        };
        texts.into_iter().flatten().chain(error)
    })
}

/// Takes so many things from the front.
fn take<'s, T>(rest: &mut &'s [T], count: usize) -> &'s [T] {
    let (front, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = behind;
    front
}

/// The mailboxes of a scope, whose names are the next ones.
fn mailboxes<'s>(
    scope: &mw_scope,
    names: &mut &'s [&'s str],
) -> Result<FilterMailboxes<'s>, Failure> {
    let names = take(names, scope.mailboxes_count);
    Ok(match scope.kind {
        MW_SCOPE_SELECTED => FilterMailboxes::Selected,
        MW_SCOPE_SELECTED_DELAYED => FilterMailboxes::SelectedDelayed,
        MW_SCOPE_PERSONAL => FilterMailboxes::Personal,
        MW_SCOPE_INBOXES => FilterMailboxes::Inboxes,
        MW_SCOPE_SUBSCRIBED => FilterMailboxes::Subscribed,
        MW_SCOPE_SUBTREE => FilterMailboxes::Subtree(names),
        MW_SCOPE_SUBTREE_ONE => FilterMailboxes::SubtreeOne(names),
        MW_SCOPE_MAILBOXES => FilterMailboxes::Mailboxes(names),
        _ => return Err(invalid("a scope")),
    })
}

/// Events in some mailboxes, for NOTIFY.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_notify_group {
    /// Where.
    pub scope: mw_scope,
    /// Which: words such as "MessageNew MessageExpunge FlagChange"; NULL or "": none.
    pub events: *const c_char,
}

/// A name and a value.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_pair {
    /// The name.
    pub name: *const c_char,
    /// The value.
    pub value: *const c_char,
}

/// A limit of a quota.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_quota_limit {
    /// "STORAGE" (in units of 1024 octets), "MESSAGE", …
    pub resource: *const c_char,
    /// The limit.
    pub limit: u64,
}

/// An annotation to be set.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_metadata_entry {
    /// Its name, such as "/private/comment".
    pub name: *const c_char,
    /// Its value. A `ptr` of NULL removes it.
    pub value: mw_bytes,
}

/// `mw_argument.kind`: an atom.
pub const MW_ARGUMENT_ATOM: u32 = 1;
/// A string, or an atom where it can be one.
pub const MW_ARGUMENT_ASTRING: u32 = 2;
/// A string.
pub const MW_ARGUMENT_STRING: u32 = 3;
/// The name of a mailbox.
pub const MW_ARGUMENT_MAILBOX: u32 = 4;
/// A sequence set.
pub const MW_ARGUMENT_SET: u32 = 5;
/// A number, in `number`.
pub const MW_ARGUMENT_NUMBER: u32 = 6;
/// NIL.
pub const MW_ARGUMENT_NIL: u32 = 7;

/// A string that is wiped from Tx once it was sent.
pub const MW_ARGUMENT_SECRET: u32 = 8;
/// A flag, such as "\\Seen" or "$Junk".
pub const MW_ARGUMENT_FLAG: u32 = 9;
/// A mailbox's name in which * and % match others.
pub const MW_ARGUMENT_PATTERN: u32 = 10;
/// A string of any bytes but NUL, in `bytes`.
pub const MW_ARGUMENT_BYTES: u32 = 11;
/// A literal that may hold NUL (BINARY, RFC 3516), in `bytes`.
pub const MW_ARGUMENT_LITERAL8: u32 = 12;
/// An opening parenthesis.
pub const MW_ARGUMENT_OPEN: u32 = 13;
/// A closing one.
pub const MW_ARGUMENT_CLOSE: u32 = 14;

/// An argument of `mw_imap_custom`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_argument {
    /// One of `MW_ARGUMENT_…`.
    pub kind: u32,
    /// Its text, in UTF-8.
    pub text: *const c_char,
    /// Its number.
    pub number: u64,
    /// Its bytes.
    pub bytes: mw_bytes,
}

struct Custom<'c> {
    name: &'c str,
    args: Args<'c>,
    arguments: &'c [mw_argument],
}

impl Command for Custom<'_> {
    fn kind(&self) -> Kind {
        Kind::Custom
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.atom(self.name);
        let mut opened = false;
        for argument in self.arguments {
            if !opened && argument.kind != MW_ARGUMENT_CLOSE {
                out.sp();
            }
            opened = argument.kind == MW_ARGUMENT_OPEN;
            let bytes = self.args.bytes(&argument.bytes);
            let text = self.args.text_or_empty(argument.text).unwrap_or_default();
            match argument.kind {
                MW_ARGUMENT_ATOM => out.atom(text),
                MW_ARGUMENT_ASTRING => out.astring(text.as_bytes()),
                MW_ARGUMENT_STRING => out.string(text.as_bytes()),
                MW_ARGUMENT_MAILBOX => out.mailbox(text),
                MW_ARGUMENT_SET => match crate::args::set(text) {
                    Ok(set) => out.sequence_set(&set),
                    Err(_) => out.invalid("not a sequence set"),
                },
                MW_ARGUMENT_NUMBER => out.number(argument.number),
                MW_ARGUMENT_SECRET => out.secret_string(text.as_bytes()),
                MW_ARGUMENT_FLAG => out.flag(&Flag::new(Str::from(text))),
                MW_ARGUMENT_PATTERN => out.list_mailbox(text),
                MW_ARGUMENT_BYTES => out.string(bytes),
                MW_ARGUMENT_LITERAL8 => out.literal8(bytes),
                MW_ARGUMENT_OPEN => out.raw(b"("),
                MW_ARGUMENT_CLOSE => out.raw(b")"),
                _ => out.nstring(None),
            };
        }
    }
}

/// What a search returns; `None` if it is a plain one.
fn search_returns<'s>(
    args: Args<'s>,
    text: *const c_char,
    scratch: &Scratch<'s, '_>,
) -> Result<Option<&'s [SearchReturn<'s>]>, Failure> {
    let Some(text) = args.maybe_text(text)? else { return Ok(None) };
    Ok(Some(scratch.collect(query::search_returns(text))?))
}

/// Sends a command and gives its tag.
fn send(
    args: Args<'_>,
    imap: *mut mw_imap,
    out_tag: *mut mw_tag,
    f: impl FnOnce(&mut Session<'_>) -> Result<Tag, Failure>,
) -> mw_result {
    with(args, imap, |session| {
        let tag = f(session)?;
        args.give(out_tag, number(tag));
        Ok(MW_OK)
    })
}

/// The same for one with lists.
fn send_lists<'c>(
    args: Args<'c>,
    imap: *mut mw_imap,
    out_tag: *mut mw_tag,
    mut f: impl for<'s> FnMut(&mut Session<'_>, &Scratch<'s, 'c>) -> Result<Tag, Failure>,
) -> mw_result {
    send(args, imap, out_tag, |session| with_scratch(|scratch| f(session, scratch)))
}

/// CAPABILITY (RFC 9051 section 6.1.1). The connection asks by itself where it must know.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_capability(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&CapabilityCommand))
}

/// NOOP (RFC 9051 section 6.1.2): hears what is new.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_noop(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&NoopCommand))
}

/// LOGOUT (RFC 9051 section 6.1.3): ends in order. MW_CLOSED follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_logout(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&LogoutCommand))
}

/// STARTTLS (RFC 9051 section 6.2.1). After its MW_EVENT_COMPLETED comes MW_EVENT_START_TLS, and the
/// program does the handshake; if the server said NO, it does not come.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_starttls(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&StartTlsCommand))
}

/// LOGIN (RFC 9051 section 6.2.3). Only inside TLS: the password is sent as it is. It is wiped
/// from Tx once sent. `MW_ERR_BUSY`, `MW_ERR_CAPABILITIES_UNKNOWN`: not until `mw_imap_is_quiet` and
/// `mw_imap_knows_capabilities`; advance, and try again. `MW_ERR_NOT_OFFERED`: the server lets
/// nobody in by it (LOGINDISABLED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_login(
    imap: *mut mw_imap,
    user: *const c_char,
    password: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let password = Secret::new(args.text(password)?.as_bytes());
        let user = args.text(user)?;
        session.send(&LoginCommand { user, password })
    })
}

/// ENABLE (RFC 9051 section 6.3.1): words such as "CONDSTORE UTF8=ACCEPT".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_enable(
    imap: *mut mw_imap,
    capabilities: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let capabilities = scratch.collect(query::words(args.text(capabilities)?).map(Ok))?;
        session.send(&EnableCommand { capabilities })
    })
}

/// UNAUTHENTICATE (RFC 8437): back to before the login.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_unauthenticate(
    imap: *mut mw_imap,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&UnauthenticateCommand))
}

/// COMPRESS (RFC 4978). After its MW_EVENT_COMPLETED comes MW_EVENT_COMPRESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_compress(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&CompressCommand))
}

/// SELECT (RFC 9051 section 6.3.2): opens a mailbox (its name in UTF-8). `options` may be NULL.
/// What is known of it then: `mw_imap_selected`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_select(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    options: *const mw_select_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let mut memory = PARAMETERS;
        let parameters = select_parameters(args, options, &mut memory)?;
        session.send(&SelectCommand::new(args.text(mailbox)?).parameters(parameters))
    })
}

/// EXAMINE (RFC 9051 section 6.3.3): the same, but nothing in it is changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_examine(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    options: *const mw_select_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let mut memory = PARAMETERS;
        let parameters = select_parameters(args, options, &mut memory)?;
        session.send(&ExamineCommand::new(args.text(mailbox)?).parameters(parameters))
    })
}

/// CREATE (RFC 9051 section 6.3.4). `special_use`: NULL, or attributes such as "\\Sent" (RFC
/// 6154).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_create(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    special_use: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let mailbox = args.text(mailbox)?;
        let words = query::words(args.text_or_empty(special_use)?);
        let attributes = scratch.collect(words.map(|it| Ok(Attribute::new(Str::from(it)))))?;
        session.send(&CreateCommand::new(mailbox).special_use(attributes))
    })
}

/// DELETE (RFC 9051 section 6.3.5).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_delete(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&DeleteCommand { mailbox: args.text(mailbox)? })
    })
}

/// RENAME (RFC 9051 section 6.3.6).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_rename(
    imap: *mut mw_imap,
    from: *const c_char,
    to: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&RenameCommand { from: args.text(from)?, to: args.text(to)? })
    })
}

/// SUBSCRIBE (RFC 9051 section 6.3.7).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_subscribe(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&SubscribeCommand { mailbox: args.text(mailbox)? })
    })
}

/// UNSUBSCRIBE (RFC 9051 section 6.3.8).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_unsubscribe(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&UnsubscribeCommand { mailbox: args.text(mailbox)? })
    })
}

/// LIST (RFC 9051 section 6.3.9): mailboxes whose names match `pattern`, in which * matches
/// anything and % anything within a level. Each is a MW_EVENT_LIST. `options` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_list(
    imap: *mut mw_imap,
    pattern: *const c_char,
    options: *const mw_list_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let options = args.options(options)?.unwrap_or(NO_LIST_OPTIONS);
        let more = args.texts(options.more_patterns, options.more_patterns_count)?;
        let patterns = scratch.collect(core::iter::once(args.text(pattern)).chain(more))?;
        let selection = query::selection(args.text_or_empty(options.selection)?);
        let command = ListCommand::new(patterns)
            .reference(args.text_or_empty(options.reference)?)
            .selection(scratch.collect(selection)?)
            .returns(query::returns(args.text_or_empty(options.returns)?, scratch)?);
        session.send(&command)
    })
}

/// LSUB (RFC 3501 section 6.3.9): subscribed mailboxes. `reference` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_lsub(
    imap: *mut mw_imap,
    reference: *const c_char,
    pattern: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let reference = args.text_or_empty(reference)?;
        session.send(&LsubCommand { reference, pattern: args.text(pattern)? })
    })
}

/// XLIST (Gmail, before SPECIAL-USE). `reference` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_xlist(
    imap: *mut mw_imap,
    reference: *const c_char,
    pattern: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let reference = args.text_or_empty(reference)?;
        session.send(&XListCommand { reference, pattern: args.text(pattern)? })
    })
}

/// RLIST (RFC 2193 section 5.1). `reference` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_rlist(
    imap: *mut mw_imap,
    reference: *const c_char,
    pattern: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let reference = args.text_or_empty(reference)?;
        session.send(&RListCommand { reference, pattern: args.text(pattern)? })
    })
}

/// RLSUB (RFC 2193 section 5.2). `reference` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_rlsub(
    imap: *mut mw_imap,
    reference: *const c_char,
    pattern: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let reference = args.text_or_empty(reference)?;
        session.send(&RLsubCommand { reference, pattern: args.text(pattern)? })
    })
}

/// NAMESPACE (RFC 9051 section 6.3.10): MW_EVENT_NAMESPACE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_namespace(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&NamespaceCommand))
}

/// STATUS (RFC 9051 section 6.3.11): figures of a mailbox that need not be selected. `items`:
/// words such as "MESSAGES UIDNEXT UNSEEN". MW_EVENT_MAILBOX_STATUS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_status(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    items: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let items = scratch.collect(query::status_items(args.text(items)?))?;
        session.send(&StatusCommand::new(args.text(mailbox)?, items))
    })
}

/// APPEND (RFC 9051 section 6.3.12): puts a message of `size` bytes into a mailbox.
/// MW_EVENT_SEND_LITERAL asks for the bytes. `options` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_append(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    size: u64,
    options: *const mw_append_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let options = args.options(options)?.unwrap_or(NO_APPEND_OPTIONS);
        let flags = scratch.collect(query::flags(args.text_or_empty(options.flags)?))?;
        let message = append_message(&options, size, flags);
        session.send(&AppendCommand::with(args.text(mailbox)?, message))
    })
}

/// APPEND of several messages at once (MULTIAPPEND, RFC 3502): MW_EVENT_NEXT_PART asks for each
/// by `mw_imap_append_message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_multi_append(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&MultiAppendCommand { mailbox: args.text(mailbox)? })
    })
}

/// Answers MW_EVENT_NEXT_PART of `mw_imap_multi_append`: another message of `size` bytes.
/// `options` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_append_message(
    imap: *mut mw_imap,
    size: u64,
    options: *const mw_append_options,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let options = args.options(options)?.unwrap_or(NO_APPEND_OPTIONS);
        with_scratch(|scratch| {
            let flags = scratch.collect(query::flags(args.text_or_empty(options.flags)?))?;
            let (connection, tx) = session.tx();
            connection.append_message(&append_message(&options, size, flags), tx)?;
            Ok(MW_OK)
        })
    })
}

/// Answers MW_EVENT_NEXT_PART of a message that is put together: with `url`, what that names (and
/// `size` is not used); else `size` bytes, for which MW_EVENT_SEND_LITERAL asks. `utf8`: as
/// MW_APPEND_UTF8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_append_part(
    imap: *mut mw_imap,
    url: *const c_char,
    size: u64,
    utf8: bool,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    with(args, imap, |session| {
        let part = match args.maybe_text(url)? {
            Some(url) => CatenatePart::Url(url),
            None if utf8 => CatenatePart::Utf8(size),
            None => CatenatePart::Text(size),
        };
        let (connection, tx) = session.tx();
        connection.append_part(&part, tx)?;
        Ok(MW_OK)
    })
}

/// REPLACE and UID REPLACE (RFC 8508): an APPEND in place of message `replaced`, whose number is
/// a UID with MW_BY_UID in `by`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_replace(
    imap: *mut mw_imap,
    replaced: u32,
    by: u32,
    mailbox: *const c_char,
    size: u64,
    options: *const mw_append_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let options = args.options(options)?.unwrap_or(NO_APPEND_OPTIONS);
        let flags = scratch.collect(query::flags(args.text_or_empty(options.flags)?))?;
        let message = append_message(&options, size, flags);
        let mailbox = args.text(mailbox)?;
        session.send(&if by_uid(by)? {
            ReplaceCommand::uid(replaced, mailbox, message)
        } else {
            ReplaceCommand::new(replaced, mailbox, message)
        })
    })
}

/// IDLE (RFC 9051 section 6.3.13): MW_EVENT_IDLING, then what happens as events. End it by
/// `mw_imap_done`, after 29 minutes at the latest.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_idle(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&IdleCommand))
}

/// CHECK (RFC 3501 section 6.4.1).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_check(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&CheckCommand))
}

/// CLOSE (RFC 9051 section 6.4.1): leaves the mailbox and removes what is \Deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_close(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&CloseCommand))
}

/// UNSELECT (RFC 9051 section 6.4.2): leaves the mailbox and removes nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_unselect(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&UnselectCommand))
}

/// EXPUNGE (RFC 9051 section 6.4.3): removes what is \Deleted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_expunge(imap: *mut mw_imap, out_tag: *mut mw_tag) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&ExpungeCommand))
}

/// UID EXPUNGE (RFC 9051 section 6.4.9): of those.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_uid_expunge(
    imap: *mut mw_imap,
    uids: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&UidExpungeCommand { messages: args.set(uids)? })
    })
}

/// SEARCH and UID SEARCH (RFC 9051 section 6.4.4). `query`: search keys as in the RFCs, such as
/// "UNSEEN FROM \"Ada L\" OR SINCE 1-Feb-2026 FLAGGED" (strings quoted or single words, in
/// UTF-8); "" and NULL are ALL. It is read, checked and written anew: 31 levels deep,
/// and quoted strings of 512 bytes if they have escapes, at most. `returns`: NULL for a
/// MW_EVENT_SEARCH, else what is wanted in a MW_EVENT_ESEARCH: words such as "MIN COUNT", "ALL",
/// "SAVE" (for the set "$"), "PARTIAL -1:-50", or "". `by`: MW_BY_UID or MW_BY_NUMBER, what the
/// answer shall hold.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_search(
    imap: *mut mw_imap,
    query: *const c_char,
    returns: *const c_char,
    by: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let keys = [keys(args, query)?];
        let returns = search_returns(args, returns, scratch)?;
        let mut command = SearchCommand::new(&keys);
        command.uid = by_uid(by)?;
        if let Some(returns) = returns {
            command = command.returns(returns);
        }
        session.send(&command)
    })
}

/// SORT and UID SORT (RFC 5256). `criteria`: words such as "REVERSE DATE SUBJECT". Others as for
/// SEARCH. MW_EVENT_SORT, or MW_EVENT_ESEARCH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_sort(
    imap: *mut mw_imap,
    criteria: *const c_char,
    query: *const c_char,
    returns: *const c_char,
    by: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let keys = [keys(args, query)?];
        let returns = search_returns(args, returns, scratch)?;
        let criteria = scratch.collect(query::sort(args.text(criteria)?))?;
        let mut command = SortCommand::new(criteria, &keys);
        command.uid = by_uid(by)?;
        command.returns = returns;
        session.send(&command)
    })
}

/// THREAD and UID THREAD (RFC 5256). `algorithm`: "ORDEREDSUBJECT", "REFERENCES" or "REFS".
/// `query` and `by` as for SEARCH. MW_EVENT_THREAD.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_thread(
    imap: *mut mw_imap,
    algorithm: *const c_char,
    query: *const c_char,
    by: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let keys = [keys(args, query)?];
        let algorithm = match args.text(algorithm)? {
            it if it.eq_ignore_ascii_case("ORDEREDSUBJECT") => ThreadAlgorithm::OrderedSubject,
            it if it.eq_ignore_ascii_case("REFERENCES") => ThreadAlgorithm::References,
            it if it.eq_ignore_ascii_case("REFS") => ThreadAlgorithm::Refs,
            _ => return Err(invalid("an algorithm of THREAD")),
        };
        let mut command = ThreadCommand::new(algorithm, &keys);
        command.uid = by_uid(by)?;
        session.send(&command)
    })
}

/// ESEARCH (MULTISEARCH, RFC 7377): searches several mailboxes. Each answers by a
/// MW_EVENT_ESEARCH with UIDs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_esearch(
    imap: *mut mw_imap,
    scopes: *const mw_scope,
    scopes_count: usize,
    query: *const c_char,
    returns: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let keys = [keys(args, query)?];
        let returns = search_returns(args, returns, scratch)?;
        let scopes = args.slice(scopes, scopes_count)?;
        let mut names = &*scratch.collect(scope_names(args, scopes.iter()))?;
        let places = scratch.collect(scopes.iter().map(|it| mailboxes(it, &mut names)))?;
        let mut command = EsearchCommand::new(places, &keys);
        command.returns = returns;
        session.send(&command)
    })
}

/// CANCELUPDATE (RFC 5267): no more is to be told of those searches.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_cancel_update(
    imap: *mut mw_imap,
    tags: *const mw_tag,
    tags_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let tags = args.slice(tags, tags_count)?.iter();
        let tags = scratch.collect(tags.map(|&tag| Ok(Tag::numbered(tag))))?;
        session.send(&CancelUpdateCommand { tags })
    })
}

/// UIDBATCHES (RFC 10022): the mailbox in batches of about `size` messages; only those from the
/// `first` to the `last`, or all if both are 0. MW_EVENT_UID_BATCHES.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_uid_batches(
    imap: *mut mw_imap,
    size: u32,
    first: u32,
    last: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let command = UidBatchesCommand::new(size);
        session.send(&if (first, last) == (0, 0) { command } else { command.batches(first, last) })
    })
}

/// FETCH and UID FETCH (RFC 9051 section 6.4.5). `set`: a sequence set such as "1:5,9", "7:*" or
/// "$". `items`: such as "UID FLAGS ENVELOPE BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.512>". `by`: what
/// the set holds, MW_BY_UID or MW_BY_NUMBER. `options` may be NULL. MW_EVENT_FETCH_START and others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_fetch(
    imap: *mut mw_imap,
    set: *const c_char,
    items: *const c_char,
    by: u32,
    options: *const mw_fetch_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let items = scratch.collect(query::fetch(args.text(items)?))?;
        let mut command = FetchCommand::new(args.set(set)?, &*items);
        command.uid = by_uid(by)?;
        if let Some(options) = args.options(options)? {
            if options.has_changed_since {
                command = command.changed_since(options.changed_since);
            }
            if options.vanished {
                command = command.vanished();
            }
            if let Some(partial) = args.maybe_text(options.partial)? {
                command = command.partial(query::range(partial)?);
            }
        }
        session.send(&command)
    })
}

/// STORE and UID STORE (RFC 9051 section 6.4.6): changes flags. `action`: one of `MW_STORE_…`;
/// `flags`: such as "\\Seen $Junk". `options` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_store(
    imap: *mut mw_imap,
    set: *const c_char,
    action: u32,
    flags: *const c_char,
    by: u32,
    options: *const mw_store_options,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let flags = scratch.collect(query::flags(args.text(flags)?))?;
        let mut command = StoreCommand::new(args.set(set)?, store_action(action)?, flags);
        command.uid = by_uid(by)?;
        if let Some(options) = args.options(options)? {
            command.silent = options.silent;
            command.unchanged_since =
                options.has_unchanged_since.then_some(options.unchanged_since);
        }
        session.send(&command)
    })
}

/// STORE of X-GM-LABELS (Gmail): as STORE; the labels are in UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_store_x_gm_labels(
    imap: *mut mw_imap,
    set: *const c_char,
    action: u32,
    labels: *const *const c_char,
    labels_count: usize,
    by: u32,
    silent: bool,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let labels = scratch.collect(args.texts(labels, labels_count)?)?;
        let mut command = StoreXGmLabelsCommand::new(args.set(set)?, store_action(action)?, labels);
        command.uid = by_uid(by)?;
        command.silent = silent;
        session.send(&command)
    })
}

/// COPY and UID COPY (RFC 9051 section 6.4.7).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_copy(
    imap: *mut mw_imap,
    set: *const c_char,
    mailbox: *const c_char,
    by: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let (messages, mailbox) = (args.set(set)?, args.text(mailbox)?);
        session.send(&CopyCommand { messages, mailbox, uid: by_uid(by)? })
    })
}

/// MOVE and UID MOVE (RFC 9051 section 6.4.8).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_move(
    imap: *mut mw_imap,
    set: *const c_char,
    mailbox: *const c_char,
    by: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let (messages, mailbox) = (args.set(set)?, args.text(mailbox)?);
        session.send(&MoveCommand { messages, mailbox, uid: by_uid(by)? })
    })
}

/// ID (RFC 2971): says who the program is, in at most 30 fields, and asks who the server is. A
/// value of NULL is NIL. MW_EVENT_ID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_id(
    imap: *mut mw_imap,
    fields: *const mw_pair,
    fields_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let fields = args.slice(fields, fields_count)?.iter();
        let fields = fields.map(|it| Ok((args.text(it.name)?, args.maybe_text(it.value)?)));
        session.send(&IdCommand { fields: scratch.collect(fields)? })
    })
}

/// GETQUOTA (RFC 9208 section 4.1.1): MW_EVENT_QUOTA.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_get_quota(
    imap: *mut mw_imap,
    root: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&GetQuotaCommand { root: args.text(root)? }))
}

/// GETQUOTAROOT (RFC 9208 section 4.1.2): MW_EVENT_QUOTA_ROOT and MW_EVENT_QUOTA.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_get_quota_root(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&GetQuotaRootCommand { mailbox: args.text(mailbox)? })
    })
}

/// SETQUOTA (RFC 9208 section 4.1.3): sets the limits of a quota root.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_set_quota(
    imap: *mut mw_imap,
    root: *const c_char,
    limits: *const mw_quota_limit,
    limits_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let limits = args.slice(limits, limits_count)?.iter();
        let limits = scratch.collect(limits.map(|it| Ok((args.text(it.resource)?, it.limit))))?;
        session.send(&SetQuotaCommand { root: args.text(root)?, limits })
    })
}

/// SETACL (RFC 4314 section 3.1). `rights`: "lrs"; "+lrs" adds, "-lrs" takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_set_acl(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    identifier: *const c_char,
    rights: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let rights = args.text(rights)?;
        let rights = match (rights.strip_prefix('+'), rights.strip_prefix('-')) {
            (Some(rights), _) => SetRights::Add(rights),
            (_, Some(rights)) => SetRights::Remove(rights),
            _ => SetRights::Replace(rights),
        };
        let (mailbox, identifier) = (args.text(mailbox)?, args.text(identifier)?);
        session.send(&SetAclCommand { mailbox, identifier, rights })
    })
}

/// DELETEACL (RFC 4314 section 3.2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_delete_acl(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    identifier: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let (mailbox, identifier) = (args.text(mailbox)?, args.text(identifier)?);
        session.send(&DeleteAclCommand { mailbox, identifier })
    })
}

/// GETACL (RFC 4314 section 3.3): MW_EVENT_ACL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_get_acl(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&GetAclCommand { mailbox: args.text(mailbox)? })
    })
}

/// LISTRIGHTS (RFC 4314 section 3.4): MW_EVENT_LIST_RIGHTS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_list_rights(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    identifier: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let (mailbox, identifier) = (args.text(mailbox)?, args.text(identifier)?);
        session.send(&ListRightsCommand { mailbox, identifier })
    })
}

/// MYRIGHTS (RFC 4314 section 3.5): MW_EVENT_MY_RIGHTS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_my_rights(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        session.send(&MyRightsCommand { mailbox: args.text(mailbox)? })
    })
}

/// GETMETADATA (RFC 5464 section 4.2): `entries`, such as "/private/comment". An empty
/// mailbox is the server. `max_size`: bytes of a value, 0 for any. `depth`: 0, 1 or
/// MW_DEPTH_INFINITY. MW_EVENT_METADATA.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_get_metadata(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    entries: *const *const c_char,
    entries_count: usize,
    max_size: u32,
    depth: u32,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let entries = scratch.collect(args.texts(entries, entries_count)?)?;
        let mut command = GetMetadataCommand::new(args.text(mailbox)?, entries);
        command.max_size = (max_size > 0).then_some(max_size);
        command.depth = match depth {
            0 => MetadataDepth::Zero,
            1 => MetadataDepth::One,
            MW_DEPTH_INFINITY => MetadataDepth::Infinity,
            _ => return Err(invalid("a depth of GETMETADATA")),
        };
        session.send(&command)
    })
}

/// SETMETADATA (RFC 5464 section 4.3). A value with a `ptr` of NULL removes the entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_set_metadata(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    entries: *const mw_metadata_entry,
    entries_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let entries = args.slice(entries, entries_count)?.iter().map(|entry| {
            let value = (!entry.value.ptr.is_null())
                .then(|| args.slice(entry.value.ptr, entry.value.len))
                .transpose()?;
            Ok((args.text(entry.name)?, value))
        });
        let entries = scratch.collect(entries)?;
        session.send(&SetMetadataCommand { mailbox: args.text(mailbox)?, entries })
    })
}

/// LANGUAGE (RFC 5255 section 3.2): language tags in the order of preference, such as "de en";
/// NULL asks which there are. MW_EVENT_LANGUAGE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_language(
    imap: *mut mw_imap,
    ranges: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let ranges = scratch.collect(query::words(args.text_or_empty(ranges)?).map(Ok))?;
        session.send(&LanguageCommand { ranges })
    })
}

/// COMPARATOR (RFC 5255 section 4.7): names in the order of preference; NULL asks for the active
/// one. MW_EVENT_COMPARATOR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_comparator(
    imap: *mut mw_imap,
    orders: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let orders = scratch.collect(query::words(args.text_or_empty(orders)?).map(Ok))?;
        session.send(&ComparatorCommand { orders })
    })
}

/// GETJMAPACCESS (RFC 9698): MW_EVENT_JMAP_ACCESS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_get_jmap_access(
    imap: *mut mw_imap,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| session.send(&GetJmapAccessCommand))
}

/// GENURLAUTH (RFC 4467): URLs, each with its mechanism as value, such as "INTERNAL".
/// MW_EVENT_GEN_URL_AUTH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_gen_url_auth(
    imap: *mut mw_imap,
    urls: *const mw_pair,
    urls_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let urls = args.slice(urls, urls_count)?.iter();
        let urls =
            scratch.collect(urls.map(|it| Ok((args.text(it.name)?, args.text(it.value)?))))?;
        session.send(&GenUrlAuthCommand { urls })
    })
}

/// RESETKEY (RFC 4467): makes URLs void. A mailbox of NULL means all; `mechanisms`: words, or
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_reset_key(
    imap: *mut mw_imap,
    mailbox: *const c_char,
    mechanisms: *const c_char,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let mechanisms = scratch.collect(query::words(args.text_or_empty(mechanisms)?).map(Ok))?;
        let mailbox = args.maybe_text(mailbox)?;
        session.send(&ResetKeyCommand { mailbox, mechanisms })
    })
}

fn url_fetch_param(word: &str) -> Result<UrlFetchParam, Failure> {
    match word {
        _ if word.eq_ignore_ascii_case("BODY") => Ok(UrlFetchParam::Body),
        _ if word.eq_ignore_ascii_case("BINARY") => Ok(UrlFetchParam::Binary),
        _ if word.eq_ignore_ascii_case("BODYPARTSTRUCTURE") => Ok(UrlFetchParam::BodyPartStructure),
        _ => Err(invalid("what URLFETCH can fetch")),
    }
}

/// URLFETCH (RFC 4467, RFC 5524): URLs, each with what is wanted as value: NULL, or words of
/// "BODY BINARY BODYPARTSTRUCTURE". MW_EVENT_URL_FETCH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_url_fetch(
    imap: *mut mw_imap,
    urls: *const mw_pair,
    urls_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let urls = args.slice(urls, urls_count)?;
        let wanted = scratch.collect(urls.iter().map(|url| args.text_or_empty(url.value)))?;
        // The words of all, one after the other; then each URL takes its own.
        let words = wanted.iter().flat_map(|text| query::words(text));
        let mut params = &*scratch.collect(words.map(url_fetch_param))?;
        let urls = urls.iter().zip(&*wanted).map(|(url, text)| {
            Ok((args.text(url.name)?, take(&mut params, query::words(text).count())))
        });
        session.send(&UrlFetchCommand { urls: scratch.collect(urls)? })
    })
}

/// NOTIFY (RFC 5465): says of which events, in which mailboxes, the server shall tell at any
/// time; no group is NOTIFY NONE. `items`: what to fetch of new messages in the selected mailbox,
/// as for FETCH; or NULL. `status`: whether to tell at once how the mailboxes stand.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_notify(
    imap: *mut mw_imap,
    groups: *const mw_notify_group,
    groups_count: usize,
    items: *const c_char,
    status: bool,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send_lists(args, imap, out_tag, |session, scratch| {
        let items = scratch.collect(query::fetch(args.text_or_empty(items)?))?;
        let groups = args.slice(groups, groups_count)?;
        let scopes = groups.iter().map(|group| &group.scope);
        let mut names = &*scratch.collect(scope_names(args, scopes))?;
        let texts = scratch.collect(groups.iter().map(|it| args.text_or_empty(it.events)))?;
        let words = texts.iter().flat_map(|text| query::words(text));
        let mut events = &*scratch.collect(words.map(|it| Ok(query::notify_event(it, items))))?;
        let groups = scratch.collect(groups.iter().zip(&*texts).map(|(group, text)| {
            let mailboxes = mailboxes(&group.scope, &mut names)?;
            Ok(NotifyGroup { mailboxes, events: take(&mut events, query::words(text).count()) })
        }))?;
        let command =
            if groups.is_empty() { NotifyCommand::none() } else { NotifyCommand::set(groups) };
        session.send(&if status { command.with_status() } else { command })
    })
}

/// A command that mailwire does not know: its name, and arguments that are written so that none
/// can be taken for anything else. Nothing else may be in flight.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_custom(
    imap: *mut mw_imap,
    name: *const c_char,
    arguments: *const mw_argument,
    arguments_count: usize,
    out_tag: *mut mw_tag,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    send(args, imap, out_tag, |session| {
        let arguments = args.slice(arguments, arguments_count)?;
        for argument in arguments {
            match argument.kind {
                MW_ARGUMENT_NUMBER | MW_ARGUMENT_NIL | MW_ARGUMENT_OPEN | MW_ARGUMENT_CLOSE => {}
                MW_ARGUMENT_BYTES | MW_ARGUMENT_LITERAL8 => {
                    args.slice(argument.bytes.ptr, argument.bytes.len)?;
                }
                MW_ARGUMENT_ATOM..=MW_ARGUMENT_PATTERN => {
                    args.text(argument.text)?;
                }
                _ => return Err(invalid("the kind of an argument")),
            }
        }
        session.send(&Custom { name: args.text(name)?, args, arguments })
    })
}
