//! OK, NO, BAD, PREAUTH, BYE and their response codes (RFC 9051 section 7.1).

use super::fetch::value::{self, Values};
use super::syntax::{Parsed, astring, flag_list, number, number64, sequence_set, sp, sp0};
use super::{Capabilities, Flags, SequenceSet, Str, Strings, Tag};
use crate::names::Names;
use core::fmt;

/// How a command ended, or what the server says unasked (RFC 9051 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Status {
    /// Done; or mere information.
    Ok,
    /// Failed; or a warning.
    No,
    /// Not understood; or the server is in trouble.
    Bad,
    /// A greeting: already logged in by other means.
    PreAuth,
    /// The server is about to close the connection.
    Bye,
}

impl Status {
    /// Reads the word, in any case.
    pub fn parse(word: &[u8]) -> Option<Self> {
        if word.eq_ignore_ascii_case(b"OK") {
            Some(Self::Ok)
        } else if word.eq_ignore_ascii_case(b"NO") {
            Some(Self::No)
        } else if word.eq_ignore_ascii_case(b"BAD") {
            Some(Self::Bad)
        } else if word.eq_ignore_ascii_case(b"PREAUTH") {
            Some(Self::PreAuth)
        } else if word.eq_ignore_ascii_case(b"BYE") {
            Some(Self::Bye)
        } else {
            None
        }
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who and how: the tag, if there is one, the status, and where the text begins. `None` if
/// `line` does not begin like a status response.
pub(super) fn status_line(line: &[u8]) -> Option<(Option<Tag>, Status, usize)> {
    let first_word = |i| {
        let (first, rest) = word(i);
        (first, rest.trim_ascii_start())
    };
    let line = line.trim_ascii_end();
    let at = |rest: &[u8]| line.len().wrapping_sub(rest.len());
    let (first, rest) = first_word(line);
    // Office 365 and home.pl leave "* OK" or "OK" out before a code.
    if first.starts_with(b"[") {
        return Some((None, Status::Ok, 0));
    }
    let tag = if first == b"*" { None } else { Some(Tag::parse(first)?) };
    if tag.is_none() && rest.starts_with(b"[") {
        return Some((None, Status::Ok, at(rest)));
    }
    let (status, rest) = first_word(rest);
    let status = Status::parse(status)?;
    // Only an untagged response can greet or be preauthenticated.
    if tag.is_some() && status == Status::PreAuth {
        return None;
    }
    Some((tag, status, at(rest)))
}

/// The table of the codes that are a mere word. To add one, add a line.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a status response says to the program (RFC 9051 section 7.1): the
        /// `resp-text-code` in its brackets.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Code<'a> {
            $(
                $(#[$doc])*
                #[doc = concat!("`", $name, "`")]
                $variant,
            )*
            /// The messages appended now have these UIDs (RFC 9051 section 7.1).
            AppendUid {
                /// The UIDVALIDITY of the mailbox appended to. 32 bits by the RFC, but not
                /// by every server.
                uid_validity: u64,
                /// One UID a message, in the order of the APPEND.
                uids: SequenceSet<'a>,
            },
            /// The first URL of a CATENATE that the server could not use (RFC 4469 section 4.1).
            BadUrl(Str<'a>),
            /// The charsets that the server would understand; may be empty.
            BadCharset(Strings<'a>),
            /// The server's capabilities: in a greeting, after login.
            Capability(Capabilities<'a>),
            /// The messages copied or moved: the UIDs in both sets correspond, in order
            /// (RFC 9051 section 7.1).
            ///
            /// In a part of a response that is longer than Rx, a set may hold only some of
            /// its numbers or none: the destination's come when all of the source's have.
            CopyUid {
                /// The UIDVALIDITY of the mailbox copied to. 32 bits by the RFC, but not by
                /// every server.
                uid_validity: u64,
                /// UIDs where they were.
                source: SequenceSet<'a>,
                /// UIDs where they are now.
                destination: SequenceSet<'a>,
            },
            /// With the NO of a NOTIFY: the events that the server knows (RFC 5465
            /// section 8).
            BadEvent(Strings<'a>),
            /// What a mailbox is known by, whatever its name (RFC 8474 section 4).
            MailboxId(Str<'a>),
            /// Annotations were left out: the largest has so many bytes (RFC 5464
            /// section 4.2.1).
            MetadataLongEntries(u64),
            /// An annotation was too large: it may have so many bytes at most (RFC 5464
            /// section 4.3).
            MetadataMaxSize(u64),
            /// What was asked for is elsewhere: one or more URLs, each behind a space, the best
            /// first, or pairs of them for RENAME (RFC 2193 section 3, RFC 2221 section 3). A
            /// server that was not authenticated may send the program anywhere: ask the user.
            Referral(Str<'a>),
            /// The mechanisms that GENURLAUTH can use in this mailbox, with what they need to
            /// know behind an `=` (RFC 4467 section 8).
            UrlMech(Strings<'a>),
            /// The highest mod-sequence in the mailbox (RFC 7162 section 3.1.2.1).
            HighestModSeq(u64),
            /// A command takes long, and the server is at it: no time is out (RFC 9585).
            InProgress(InProgress<'a>),
            /// The command touches more messages than the server lets it (RFC 9738; see
            /// [`CapabilitySet::message_limit`](super::CapabilitySet::message_limit)). A NO
            /// refuses it: try fewer messages. With an OK or a SEARCH response, count on it that
            /// only a part was done or told, and ask for the rest: `uid` then is how far the
            /// server came, from the highest UID downwards. No server was tried.
            MessageLimit {
                /// How many messages a command may touch.
                limit: u32,
                /// The lowest UID that was dealt with, if the server tells.
                uid: Option<u32>,
            },
            /// Messages that a conditional STORE left alone (RFC 7162 section 3.1.3).
            Modified(SequenceSet<'a>),
            /// The search with this tag is not kept up to date as
            /// [`SearchReturn::Update`](super::SearchReturn::Update) asked (RFC 5267 section
            /// 4.3.1).
            NoUpdate(Str<'a>),
            /// Flags that a STORE changes for good.
            PermanentFlags(Flags<'a>),
            /// The filter of that name is not defined, or not validly
            /// ([`Search::Filter`](super::Search::Filter), RFC 5466 section 3.1).
            UndefinedFilter(Str<'a>),
            /// The next message's UID will not be lower. Some servers say 0.
            UidNext(u32),
            /// UIDs kept from before are good only if this is unchanged. 32 bits by the RFC,
            /// but not by every server.
            UidValidity(u64),
            /// The number of the first message without `\Seen` (RFC 3501 section 7.1). Some
            /// servers say 0.
            Unseen(u32),
            /// A code that is none of these.
            Other {
                /// Its first word.
                name: Str<'a>,
                /// What stands behind it, as it came.
                value: Str<'a>,
            },
            /// One of these, but its value cannot be understood.
            Malformed {
                /// All that stands in the brackets.
                raw: Str<'a>,
            },
        }

        /// The words, each at the place that it has in `Word`.
        const WORDS: Names = Names(concat!($($name, "\n"),*));

        enum Word { $($variant,)* }

        impl Code<'_> {
            /// The one whose word is at this place.
            pub(super) fn word(place: usize) -> Option<Self> {
                match place {
                    $(place if place == Word::$variant as usize => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its word's place, if it is a mere word.
            #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
            pub(super) fn place(&self) -> Option<u8> {
                match self {
                    $(Self::$variant => Some(Word::$variant as u8),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// The text must be shown to the user.
    Alert = "ALERT",
    /// RFC 5530: a mailbox of that name exists.
    AlreadyExists = "ALREADYEXISTS",
    /// RFC 5530: wrong user name or password.
    AuthenticationFailed = "AUTHENTICATIONFAILED",
    /// RFC 5530: authenticated, but may not act as the user asked for.
    AuthorizationFailed = "AUTHORIZATIONFAILED",
    /// RFC 5255 section 4.9: the server knows none of the comparators.
    BadComparator = "BADCOMPARATOR",
    /// RFC 5530: it can never be done.
    Cannot = "CANNOT",
    /// RFC 5530: the server takes the client's behaviour for a bug.
    ClientBug = "CLIENTBUG",
    /// The mailbox that was selected before is closed; what follows is of the new one.
    Closed = "CLOSED",
    /// RFC 4978: there is compression already.
    CompressionActive = "COMPRESSIONACTIVE",
    /// RFC 5530: the user should ask the administrator.
    ContactAdmin = "CONTACTADMIN",
    /// RFC 5530: data on the server is damaged.
    Corruption = "CORRUPTION",
    /// RFC 5530: the password has expired.
    Expired = "EXPIRED",
    /// RFC 5530: some messages are gone, here or in another session.
    ExpungeIssued = "EXPUNGEISSUED",
    /// RFC 9051: a mailbox with children cannot be deleted.
    HasChildren = "HASCHILDREN",
    /// RFC 5530: someone else is at work on it; try again.
    InUse = "INUSE",
    /// RFC 5530: more than the server allows.
    Limit = "LIMIT",
    /// RFC 5464 section 4.3: no private annotations there.
    MetadataNoPrivate = "METADATA NOPRIVATE",
    /// RFC 5464 section 4.3: there are as many annotations as may be.
    MetadataTooMany = "METADATA TOOMANY",
    /// RFC 7162 section 3.1.2.2: the mailbox keeps no mod-sequences.
    NoModSeq = "NOMODSEQ",
    /// RFC 5530: there is no such thing.
    NonExistent = "NONEXISTENT",
    /// RFC 5530: access is denied.
    NoPerm = "NOPERM",
    /// RFC 5465 section 5.8: the server no longer keeps up with NOTIFY.
    NotificationOverflow = "NOTIFICATIONOVERFLOW",
    /// RFC 9051 section 6.4.4.1: the search result is not kept.
    NotSaved = "NOTSAVED",
    /// RFC 5530: the quota is exceeded.
    OverQuota = "OVERQUOTA",
    /// A message could not be parsed.
    Parse = "PARSE",
    /// RFC 5530: not without encryption.
    PrivacyRequired = "PRIVACYREQUIRED",
    /// The mailbox cannot be changed.
    ReadOnly = "READ-ONLY",
    /// The mailbox can be changed.
    ReadWrite = "READ-WRITE",
    /// RFC 5530: the server found a bug in itself.
    ServerBug = "SERVERBUG",
    /// RFC 4469, RFC 7889: the message is, or would be, too large.
    TooBig = "TOOBIG",
    /// RFC 10022: fewer messages in a batch than the server makes batches of.
    TooFew = "TOOFEW",
    /// RFC 10022: more batches at once than the server tells.
    TooMany = "TOOMANY",
    /// The mailbox does not exist; CREATE it and try again.
    TryCreate = "TRYCREATE",
    /// RFC 4315: UIDs do not last.
    UidNotSticky = "UIDNOTSTICKY",
    /// RFC 9586: by sequence numbers, after UIDONLY was enabled.
    UidRequired = "UIDREQUIRED",
    /// RFC 5530: a part of the server is down for now.
    Unavailable = "UNAVAILABLE",
    /// RFC 9051: the part's transfer encoding is not known.
    UnknownCte = "UNKNOWN-CTE",
    /// RFC 6154: not this special use.
    UseAttr = "USEATTR",
}

impl<'a> Code<'a> {
    /// ```abnf
    /// resp-text-code  = "ALERT" / "BADCHARSET" [SP "(" charset *(SP charset) ")" ] /
    ///                   capability-data / "PARSE" /
    ///                   "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" /
    ///                   "READ-ONLY" / "READ-WRITE" / "TRYCREATE" /
    ///                   "UIDNEXT" SP nz-number / "UIDVALIDITY" SP nz-number /
    ///                   resp-code-apnd / resp-code-copy / "UIDNOTSTICKY" / … /
    ///                   atom [SP 1*<any TEXT-CHAR except "]">]
    /// resp-code-apnd  = "APPENDUID" SP nz-number SP append-uid
    /// resp-code-copy  = "COPYUID" SP nz-number SP uid-set SP uid-set
    /// ```
    /// RFC 9051 section 9; and `UNSEEN` (RFC 3501), `HIGHESTMODSEQ`, `MODIFIED` (RFC 7162),
    /// `"NOUPDATE" SP quoted` (RFC 5267), `"UNDEFINED-FILTER" SP filter-name` (RFC 5466),
    /// `"MESSAGELIMIT" SP nz-number [SP nz-number]` (RFC 9738), `INPROGRESS` (RFC 9585),
    /// `"BADURL" SP url-resp-text` (RFC 4469).
    /// `raw` is what stands in the brackets; `open` if they do not close in this part.
    fn parse(raw: &'a [u8], open: bool) -> Self {
        let raw = raw.trim_ascii();
        if let Some(code) = Self::parse_for_state(raw, open) {
            return code;
        }
        if let Some(place) = WORDS.place(raw)
            && let Some(code) = Code::word(place)
        {
            return code;
        }
        let (name, value) = word(raw);
        let value = value.trim_ascii();
        const NAMES: Names = Names(
            "MODIFIED\nBADCHARSET\nMESSAGELIMIT\nINPROGRESS\nNOUPDATE\nUNDEFINED-FILTER\nAPPENDUID\n\
             COPYUID\nBADEVENT\nMAILBOXID\nMETADATA\nREFERRAL\nURLMECH\nBADURL\n",
        );
        let code = match NAMES.place(name) {
            Some(0) => cut_set(value, open).map(Code::Modified),
            Some(1) => {
                let list = if value.is_empty() { b"()" } else { value };
                whole(Strings::parse(list)).map(Code::BadCharset)
            }
            Some(2) => message_limit(value),
            Some(3) => Some(Code::InProgress(InProgress(value))),
            Some(4) => whole(astring(value)).map(Code::NoUpdate),
            Some(5) => whole(astring(value)).map(Code::UndefinedFilter),
            Some(6) => append_uid(value, open),
            Some(7) => copy_uid(value, open),
            Some(8) => Some(Code::BadEvent(Strings::within(inner(value)))),
            Some(9) => Some(Code::MailboxId(Str::new(inner(value)))),
            Some(10) => metadata(value),
            Some(11) => Some(Code::Referral(Str::new(value))),
            Some(12) => Some(Code::UrlMech(Strings::within(value))),
            Some(13) if !open => Some(Code::BadUrl(Str::new(value))),
            _ => Some(Code::Other { name: Str::new(name), value: Str::new(value) }),
        };
        code.unwrap_or(Code::Malformed { raw: Str::new(raw) })
    }

    /// The same for those that a connection or a watcher remembers something of.
    fn parse_for_state(raw: &'a [u8], open: bool) -> Option<Self> {
        let (name, value) = word(raw);
        let value = value.trim_ascii();
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        let code = if is(b"UIDNEXT") {
            whole(number(value)).map(Code::UidNext)
        } else if is(b"UIDVALIDITY") {
            whole(number64(value)).map(Code::UidValidity)
        } else if is(b"UNSEEN") {
            whole(number(value)).map(Code::Unseen)
        } else if is(b"HIGHESTMODSEQ") {
            whole(number64(value)).map(Code::HighestModSeq)
        } else if is(b"PERMANENTFLAGS") && open {
            Some(Code::PermanentFlags(Flags::within(value.strip_prefix(b"(").unwrap_or(value))))
        } else if is(b"PERMANENTFLAGS") {
            whole(flag_list(value)).map(Code::PermanentFlags)
        } else if is(b"CAPABILITY") {
            Some(Code::Capability(Capabilities::parse(value)))
        } else {
            const WORDS: Names = Names(
                "CLOSED\nNOMODSEQ\nNOTIFICATIONOVERFLOW\nREAD-ONLY\nREAD-WRITE\nUIDNOTSTICKY\n",
            );
            return Some(match WORDS.place(raw)? {
                0 => Code::Closed,
                1 => Code::NoModSeq,
                2 => Code::NotificationOverflow,
                3 => Code::ReadOnly,
                4 => Code::ReadWrite,
                _ => Code::UidNotSticky,
            });
        };
        Some(code.unwrap_or(Code::Malformed { raw: Str::new(raw) }))
    }
}

/// What stands before the first space, and the rest.
fn word(i: &[u8]) -> (&[u8], &[u8]) {
    let end = i.iter().position(|&b| b == b' ').unwrap_or(i.len());
    i.split_at_checked(end).unwrap_or((i, b""))
}

/// What was read, if nothing is left behind it.
pub(super) fn whole<T>(parsed: Parsed<'_, T>) -> Option<T> {
    match parsed {
        Ok(([], value)) => Some(value),
        _ => None,
    }
}

/// What is between the parentheses. They may be missing (Dovecot in BADEVENT).
fn inner(i: &[u8]) -> &[u8] {
    let i = i.strip_prefix(b"(").unwrap_or(i);
    i.strip_suffix(b")").unwrap_or(i)
}

/// ```abnf
/// resp-text-code =/ "METADATA" SP "LONGENTRIES" SP number
/// resp-text-code =/ "METADATA" SP ("MAXSIZE" SP number / "TOOMANY" / "NOPRIVATE")
/// ```
/// RFC 5464 section 5.
fn metadata(i: &[u8]) -> Option<Code<'_>> {
    let (name, size) = word(i);
    let size = whole(number64(size.trim_ascii()))?;
    if name.eq_ignore_ascii_case(b"LONGENTRIES") {
        Some(Code::MetadataLongEntries(size))
    } else if name.eq_ignore_ascii_case(b"MAXSIZE") {
        Some(Code::MetadataMaxSize(size))
    } else {
        None
    }
}

/// How far a command is (RFC 9585).
///
/// ```abnf
/// resp-text-code =/ "INPROGRESS" [SP "(" (quoted / nil) SP (number64 / nil) SP
///                   (nz-number64 / nil) ")"]
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InProgress<'a>(&'a [u8]);

impl<'a> InProgress<'a> {
    /// The command's tag; none if the server does not say which it is.
    pub fn tag(&self) -> Option<Str<'a>> {
        Values::of(self.0).next().and_then(value::text)
    }

    /// How much is done, in whatever unit; none if that is not known.
    pub fn progress(&self) -> Option<u64> {
        self.figure(1)
    }

    /// How much there is to do, in the same unit; none if that is not known.
    pub fn goal(&self) -> Option<u64> {
        self.figure(2)
    }

    fn figure(&self, place: usize) -> Option<u64> {
        whole(number64(Values::of(self.0).nth(place)?))
    }
}

impl fmt::Debug for InProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Str::new(self.0).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for InProgress<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut this = serializer.serialize_struct("InProgress", 3)?;
        this.serialize_field("tag", &self.tag())?;
        this.serialize_field("progress", &self.progress())?;
        this.serialize_field("goal", &self.goal())?;
        this.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for InProgress<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        Str::new(self.0).format(f);
    }
}

fn message_limit(i: &[u8]) -> Option<Code<'_>> {
    let (i, limit) = number(i).ok()?;
    let (i, ()) = sp0(i).ok()?;
    let uid = if i.is_empty() { None } else { Some(whole(number(i))?) };
    Some(Code::MessageLimit { limit, uid })
}

fn append_uid(i: &[u8], open: bool) -> Option<Code<'_>> {
    let (i, uid_validity) = number64(i).ok()?;
    let (i, ()) = sp(i).ok()?;
    Some(Code::AppendUid { uid_validity, uids: cut_set(i, open)? })
}

fn copy_uid(i: &[u8], open: bool) -> Option<Code<'_>> {
    let (i, uid_validity) = number64(i).ok()?;
    let (i, ()) = sp0(i).ok()?;
    copied(i, uid_validity, false, open)
}

/// The sets of a COPYUID, from the source's on, or from within the destination's. Where the
/// response was cut, at the front or if it is `open`, a set may be missing.
fn copied(i: &[u8], uid_validity: u64, in_destination: bool, lenient: bool) -> Option<Code<'_>> {
    let (source, destination) = if in_destination { (i.get(..0)?, i) } else { word(i) };
    Some(Code::CopyUid {
        uid_validity,
        source: cut_set(source, lenient)?,
        destination: cut_set(destination, lenient)?,
    })
}

/// A set, or the piece of one between two cuts.
fn cut_set(i: &[u8], lenient: bool) -> Option<SequenceSet<'_>> {
    let mut i = i.trim_ascii();
    if lenient {
        i = i.strip_prefix(b",").unwrap_or(i);
        i = i.strip_suffix(b",").unwrap_or(i);
        if i.is_empty() {
            return Some(SequenceSet::from(&[0_u32; 0]));
        }
    }
    whole(sequence_set(i))
}

/// The code in whose brackets a response was cut that is longer than Rx. It is to be handed
/// on to the reader of the next part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenCode {
    /// In the words of CAPABILITY.
    Capability,
    /// In the flags of PERMANENTFLAGS.
    PermanentFlags,
    /// In the set of MODIFIED.
    Modified,
    /// In the set of APPENDUID.
    AppendUid {
        /// Its first argument, which the later parts lack.
        uid_validity: u64,
    },
    /// In the sets of COPYUID.
    CopyUid {
        /// Its first argument, which the later parts lack.
        uid_validity: u64,
        /// Whether in the second of the sets.
        in_destination: bool,
    },
    /// In one of these, but its beginning could not be understood.
    Malformed,
}

impl OpenCode {
    /// The one that begins at the front of `raw`, at its bracket.
    fn begins(raw: &[u8]) -> Self {
        let code = raw.trim_ascii_start().strip_prefix(b"[").unwrap_or_default();
        let (name, value) = word(code.trim_ascii_start());
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        if is(b"CAPABILITY") {
            return Self::Capability;
        } else if is(b"PERMANENTFLAGS") {
            return Self::PermanentFlags;
        } else if is(b"MODIFIED") {
            return Self::Modified;
        }
        match number64(value.trim_ascii_start()) {
            Ok((_, uid_validity)) if is(b"APPENDUID") => Self::AppendUid { uid_validity },
            Ok((sets, uid_validity)) if is(b"COPYUID") => {
                let (_, destination) = word(sets.trim_ascii_start());
                let in_destination = !destination.trim_ascii().is_empty();
                Self::CopyUid { uid_validity, in_destination }
            }
            _ => Self::Malformed,
        }
    }

    /// What the part `raw` holds, up to the bracket that closes.
    fn read(self, raw: &[u8]) -> Option<Code<'_>> {
        let list = raw.trim_ascii_end();
        match self {
            Self::Capability | Self::PermanentFlags => self.read_for_state(raw),
            Self::Modified => cut_set(list, true).map(Code::Modified),
            Self::AppendUid { uid_validity } => {
                cut_set(list, true).map(|uids| Code::AppendUid { uid_validity, uids })
            }
            Self::CopyUid { uid_validity, in_destination } => {
                copied(list, uid_validity, in_destination, true)
            }
            Self::Malformed => None,
        }
    }

    /// The same for those that a connection or a watcher remembers something of.
    fn read_for_state(self, raw: &[u8]) -> Option<Code<'_>> {
        let list = raw.trim_ascii_end();
        match self {
            Self::Capability => Some(Code::Capability(Capabilities::parse(list))),
            Self::PermanentFlags => {
                let flags = Flags::within(list.strip_suffix(b")").unwrap_or(list));
                Some(Code::PermanentFlags(flags))
            }
            _ => None,
        }
    }
}

/// What stands in the brackets of a status response, or a part of it.
pub(super) struct RawCode<'a> {
    raw: &'a [u8],
    continued: Option<OpenCode>,
    /// Whether the brackets do not close in this part.
    open: bool,
    /// Whether it was not cut just anywhere.
    is_whole: bool,
}

impl<'a> RawCode<'a> {
    pub(super) fn read(&self) -> Code<'a> {
        let read = match self.continued {
            _ if !self.is_whole => None,
            None => Some(Code::parse(self.raw, self.open)),
            Some(continued) => continued.read(self.raw),
        };
        read.unwrap_or(Code::Malformed { raw: Str::new(self.raw) })
    }

    /// The same, if it is one that a connection or a watcher remembers something of.
    pub(super) fn read_for_state(&self) -> Option<Code<'a>> {
        match self.continued {
            _ if !self.is_whole => None,
            None => Code::parse_for_state(self.raw.trim_ascii(), self.open),
            Some(continued) => continued.read_for_state(self.raw),
        }
    }

    /// Whether it says that the server has a trouble of its own, which passes (RFC 5530
    /// section 3).
    #[cfg(feature = "watch")]
    pub(super) fn passes(&self) -> bool {
        const WORDS: Names = Names("INUSE\nLIMIT\nSERVERBUG\nUNAVAILABLE\n");
        WORDS.place(self.raw).is_some()
    }
}

/// How a status response, or a part of one that is longer than Rx, ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At the line's end.
    Line,
    /// At a separator within a code's list.
    Code,
    /// Where Rx was full.
    Cut,
}

/// What stands behind OK, NO, BAD, PREAUTH and BYE: a code for the program, and a text for
/// people (RFC 9051 section 7.1).
///
/// ```
/// use mailwire::imap::{Code, RespText};
///
/// let it = RespText::parse(b"[UIDNEXT 4392] Predicted next UID");
/// assert_eq!(it.code, Some(Code::UidNext(4392)));
/// assert_eq!(it.text, "Predicted next UID");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RespText<'a> {
    /// What is in the brackets.
    pub code: Option<Code<'a>>,
    /// The rest; may be empty.
    pub text: Str<'a>,
}

impl<'a> RespText<'a> {
    /// Reads what stands behind `OK SP`, without the CRLF.
    ///
    /// ```abnf
    /// resp-text = ["[" resp-text-code "]" SP] [text]
    /// ```
    /// RFC 9051 section 9. It never fails: the text may be missing (Gmail, iCloud), all of it
    /// (ppops.net), or the space before it; a code that is not understood is
    /// [`Code::Other`] or [`Code::Malformed`], and the text stands by itself. Brackets that
    /// never close are text.
    pub fn parse(raw: &'a [u8]) -> Self {
        Self::parse_part(raw, None, End::Line)
    }

    /// Reads a part of a response that is longer than Rx. `continued` says in which code the
    /// part before was cut; for the first that is `None`. A code whose end did not fit is
    /// [`Code::Malformed`], unless it was cut at a separator.
    pub(super) fn parse_part(raw: &'a [u8], continued: Option<OpenCode>, end: End) -> Self {
        let (code, text) = Self::split(raw, continued, end);
        Self { code: code.map(|code| code.read()), text }
    }

    /// The same, with the code not read yet.
    pub(super) fn split(
        raw: &'a [u8],
        continued: Option<OpenCode>,
        end: End,
    ) -> (Option<RawCode<'a>>, Str<'a>) {
        let no_code = (None, Str::new(raw.trim_ascii_start()));
        let code = match continued {
            None => raw.trim_ascii_start().strip_prefix(b"[").map(<[u8]>::trim_ascii_start),
            Some(_) => Some(raw),
        };
        let Some(code) = code else { return no_code };
        let first = || code.iter().position(|&b| b == b']');
        let close = match (end, continued) {
            (End::Code, _) => None,
            (End::Cut, None) => bracket(code, 0),
            (End::Line, None) => bracket(code, 0).or_else(first),
            (_, Some(OpenCode::PermanentFlags)) => bracket(code, 1).or_else(first),
            (_, Some(_)) => first(),
        };
        let (raw, text, open) = match close.and_then(|at| code.split_at_checked(at)) {
            Some((code, [_, text @ ..])) => (code, text, false),
            _ => (code, &[][..], true),
        };
        if open && end == End::Line && continued.is_none() {
            return no_code;
        }
        let is_whole = !(open && end == End::Cut);
        (Some(RawCode { raw, continued, open, is_whole }), Str::new(text.trim_ascii_start()))
    }

    /// In which code the part `raw` was cut, if it was in one.
    pub(super) fn open_code(raw: &[u8], continued: Option<OpenCode>) -> OpenCode {
        if let Some(OpenCode::CopyUid { uid_validity, in_destination }) = continued {
            let in_destination = in_destination || raw.iter().any(|byte| matches!(byte, b' '));
            return OpenCode::CopyUid { uid_validity, in_destination };
        }
        continued.unwrap_or_else(|| OpenCode::begins(raw))
    }
}

/// Where the bracket closes: not within parentheses (flags of Gmail hold brackets), and not
/// within quotes (`[Error="…" …]` of Exchange), which begin only where a value does.
/// `depth` is how many parentheses were opened before.
fn bracket(code: &[u8], mut depth: usize) -> Option<usize> {
    let mut quoted = false;
    let mut before = b' ';
    for (at, &b) in code.iter().enumerate() {
        match b {
            b'"' if quoted => quoted = before == b'\\',
            _ if quoted => {}
            b'"' => quoted = matches!(before, b' ' | b'(' | b'='),
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            b']' if depth == 0 => return Some(at),
            _ => {}
        }
        // Of two backslashes the second escapes nothing.
        before = if quoted && b == b'\\' && before == b'\\' { 0 } else { b };
    }
    None
}

/// The text for people, without the code.
impl fmt::Display for RespText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::{Capability, Flag};
    use std::string::ToString;
    use std::vec::Vec;

    fn code(raw: &[u8]) -> Code<'_> {
        RespText::parse(raw).code.unwrap()
    }

    fn set(text: &str) -> SequenceSet<'_> {
        sequence_set(text.as_bytes()).unwrap().1
    }

    #[test]
    fn sizes() {
        assert!(size_of::<RespText<'_>>() <= 96, "{}", size_of::<RespText<'_>>());
        assert!(size_of::<OpenCode>() <= 16);
    }

    #[test]
    fn statuses() {
        for status in [Status::Ok, Status::No, Status::Bad, Status::PreAuth, Status::Bye] {
            assert_eq!(Status::parse(status.as_str().as_bytes()), Some(status));
            let lower = status.to_string().to_ascii_lowercase();
            assert_eq!(Status::parse(lower.as_bytes()), Some(status));
        }
        assert_eq!(Status::parse(b"OKAY"), None);
        assert_eq!(Status::parse(b""), None);
    }

    #[test]
    fn words() {
        for (place, name) in WORDS.0.lines().enumerate() {
            let raw = std::format!("[{}] text", name.to_ascii_lowercase());
            let it = RespText::parse(raw.as_bytes());
            assert!(it.code.is_some() && it.code == Code::word(place), "{it:?}");
            assert_eq!(it.text, "text");
        }
    }

    #[test]
    fn values() {
        assert_eq!(code(b"[UIDNEXT 4392] Predicted"), Code::UidNext(4392));
        assert_eq!(code(b"[UIDVALIDITY 3857529045] UIDs valid"), Code::UidValidity(3_857_529_045));
        assert_eq!(code(b"[UIDVALIDITY 94510764160]"), Code::UidValidity(94_510_764_160));
        assert_eq!(code(b"[UIDVALIDITY 0] x"), Code::UidValidity(0));
        assert_eq!(code(b"[UNSEEN 12] Message 12"), Code::Unseen(12));
        assert_eq!(code(b"[HIGHESTMODSEQ 715194045007]"), Code::HighestModSeq(715_194_045_007));
        assert_eq!(code(b"[MODIFIED 7,9] Conditional"), Code::Modified(set("7,9")));
        assert_eq!(
            code(b"[APPENDUID 38505 3955:3957] APPEND completed"),
            Code::AppendUid { uid_validity: 38505, uids: set("3955:3957") }
        );
        assert_eq!(
            code(b"[COPYUID 38505 304,319:320 3956:3958] Done"),
            Code::CopyUid {
                uid_validity: 38505,
                source: set("304,319:320"),
                destination: set("3956:3958")
            }
        );
        let Code::PermanentFlags(flags) = code(b"[PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited")
        else {
            panic!()
        };
        assert!(flags.contains(Flag::Wildcard) && flags.contains(Flag::Seen));
        let Code::Capability(words) = code(b"[CAPABILITY IMAP4rev1 AUTH=PLAIN] hi") else {
            panic!()
        };
        assert!(words.contains(&Capability::Imap4rev1));
        assert_eq!(words.iter().count(), 2);
        let Code::BadCharset(names) = code(b"[BADCHARSET (US-ASCII \"UTF-8\")] no") else {
            panic!()
        };
        assert_eq!(names.iter().collect::<Vec<_>>(), ["US-ASCII", "UTF-8"]);
        let Code::BadCharset(names) = code(b"[BADCHARSET] no") else { panic!() };
        assert_eq!(names.iter().count(), 0);
        assert_eq!(code(b"[NOUPDATE \"B02\"] Too many contexts"), Code::NoUpdate("B02".into()));
        assert_eq!(
            code(b"[UNDEFINED-FILTER on-the-road] x"),
            Code::UndefinedFilter("on-the-road".into())
        );
        assert_eq!(
            code(b"[MESSAGELIMIT 1000 23221] x"),
            Code::MessageLimit { limit: 1000, uid: Some(23221) }
        );
        assert_eq!(code(b"[messagelimit 1000] x"), Code::MessageLimit { limit: 1000, uid: None });
        for (text, tag, progress, goal) in [
            (&br#"[INPROGRESS ("A001" 454 1000)] still"#[..], Some("A001"), Some(454), Some(1000)),
            (br#"[INPROGRESS ("A1" 5 NIL)] still"#, Some("A1"), Some(5), None),
            (b"[INPROGRESS (NIL NIL NIL)] still", None, None, None),
            (b"[INPROGRESS (NIL x 9 (1))] still", None, None, Some(9)),
            (b"[INPROGRESS] still", None, None, None),
            (br#"[inprogress ("A1" 175 NIL)] x"#, Some("A1"), Some(175), None),
            (b"[INPROGRESS (NIL 0 5)]", None, Some(0), Some(5)),
            (br#"[INPROGRESS ("A1" 1] x"#, Some("A1"), Some(1), None),
        ] {
            let Code::InProgress(it) = code(text) else { panic!() };
            assert_eq!((it.tag(), it.progress(), it.goal()), (tag.map(Str::from), progress, goal));
        }
        // Dovecot, Cyrus
        let strings = |text: &'static str| Strings::to_end(text.as_bytes()).unwrap();
        assert_eq!(
            code(b"[URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==] Ok"),
            Code::UrlMech(strings("INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg=="))
        );
        assert_eq!(
            code(b"[MAILBOXID (7uolfwtlrjocyjpmcm8ewfs3)] Ok"),
            Code::MailboxId("7uolfwtlrjocyjpmcm8ewfs3".into())
        );
        let events = strings("MailboxMetadataChange ServerMetadataChange");
        for text in [
            // Dovecot
            &b"[BADEVENT MailboxMetadataChange ServerMetadataChange] No"[..],
            b"[BADEVENT (MailboxMetadataChange ServerMetadataChange)] No",
        ] {
            assert_eq!(code(text), Code::BadEvent(events));
        }
        assert_eq!(code(b"[METADATA LONGENTRIES 2199] x"), Code::MetadataLongEntries(2199));
        assert_eq!(code(b"[METADATA MAXSIZE 4294967296]"), Code::MetadataMaxSize(1 << 32));
        assert_eq!(code(b"[metadata toomany] x"), Code::MetadataTooMany);
        assert_eq!(code(b"[NOTIFICATIONOVERFLOW] x"), Code::NotificationOverflow);
        assert_eq!(
            code(b"[REFERRAL IMAP://user;AUTH=*@SERVER2/REMOTE IMAP://S3/R] Try"),
            Code::Referral("IMAP://user;AUTH=*@SERVER2/REMOTE IMAP://S3/R".into())
        );
        let url = "/INBOX/;UID=9/;section=1.MIME";
        let no = std::format!("[BADURL {url}] CATENATE append has failed");
        assert_eq!(code(no.as_bytes()), Code::BadUrl(url.into()));
        assert_eq!(code(b"[badurl] x"), Code::BadUrl("".into()));
        assert_eq!(code(b"[TOOBIG] x"), Code::TooBig);
        assert_eq!(
            code(b"[TRYCREATE now] x"),
            Code::Other { name: "TRYCREATE".into(), value: "now".into() }
        );
    }

    #[test]
    fn quirks() {
        // ppops.net
        assert_eq!(RespText::parse(b""), RespText { code: None, text: "".into() });
        // Gmail, iCloud
        let it = RespText::parse(b"[UNSEEN 2]");
        assert_eq!((it.code, it.text), (Some(Code::Unseen(2)), Str::from("")));
        assert_eq!(RespText::parse(b"[UNSEEN 0]first").text, "first");
        assert_eq!(RespText::parse(b" [UIDNEXT 0]  two").text, "two");
        assert_eq!(code(b"[UIDNEXT 0]"), Code::UidNext(0));
        assert_eq!(code(b"[ UNSEEN  2 ] x"), Code::Unseen(2));
        // Outlook.com
        let it = RespText::parse(b"[COPYUID 701  ] done");
        assert_eq!(it.code, Some(Code::Malformed { raw: "COPYUID 701".into() }));
        assert_eq!(it.text, "done");
        // Office365
        let it = RespText::parse(b"[COPYUID 55 31 6]");
        let six = Code::CopyUid { uid_validity: 55, source: set("31"), destination: set("6") };
        assert_eq!(it.code, Some(six));
        // Exchange
        let it = RespText::parse(
            b"[Error=\"Microsoft.Exchange.Data.Storage.WrongServerException: [x] at y\" \
              AuthResultFromPopImapEnd=0 Proxy=a.b:1993:SSL Service=Imap4] AUTHENTICATE completed.",
        );
        assert!(matches!(it.code, Some(Code::Other { .. })));
        assert_eq!(it.text, "AUTHENTICATE completed.");
        // Gmail
        let it = RespText::parse(
            b"[PERMANENTFLAGS (\\Seen OIB-Seen-[Google Mail]/Alle Nachrichten \\*)] Flags permitted.",
        );
        assert_eq!(it.text, "Flags permitted.");
        assert!(
            matches!(it.code, Some(Code::PermanentFlags(flags)) if flags.contains(Flag::Wildcard))
        );
        assert!(matches!(
            code(b"[PERMANENTFLAGS ( \\*)]"),
            Code::PermanentFlags(flags) if flags.contains(Flag::Wildcard)
        ));
        // Parentheses and quotes that do not close.
        assert_eq!(RespText::parse(b"[X-A (] text").text, "text");
        assert_eq!(RespText::parse(b"[X-A \"] text").text, "text");
        assert_eq!(RespText::parse(b"[X-A it\"s] a \"text\" [1]").text, "a \"text\" [1]");
        assert_eq!(RespText::parse(br#"[X "a\\"] b "] c"#).text, r#"b "] c"#);
        assert_eq!(RespText::parse(br#"[X "a\"] b"] c"#).text, "c");
        // No code at all.
        for text in ["[", "[ALERT", "LOGIN ok [ALERT] x", "see {12}"] {
            assert_eq!(
                RespText::parse(text.as_bytes()),
                RespText { code: None, text: text.into() }
            );
        }
        assert_eq!(RespText::parse(b"caf\xe9").text.to_string(), "caf\u{fffd}");
        assert_eq!(code(b"[] x"), Code::Other { name: "".into(), value: "".into() });
        for bad in [
            "UIDNEXT",
            "UIDNEXT x",
            "UIDNEXT -1",
            "UIDNEXT 4294967296",
            "UNSEEN 1 2",
            "MODIFIED",
            "MODIFIED 1,",
            "HIGHESTMODSEQ 99999999999999999999",
            "APPENDUID 1",
            "APPENDUID x 1",
            "COPYUID 1 2",
            "COPYUID 1 2 3 4",
            "COPYUID",
            "NOUPDATE",
            "UNDEFINED-FILTER",
            "MESSAGELIMIT",
            "MESSAGELIMIT 5 x",
            "MESSAGELIMIT 5 6 7",
            "PERMANENTFLAGS \\Seen",
            "BADCHARSET (x",
            "METADATA",
            "METADATA MAXSIZE",
            "METADATA MAXSIZE x",
            "METADATA X 1",
        ] {
            let raw = std::format!("[{bad}] text");
            let it = RespText::parse(raw.as_bytes());
            assert_eq!(it.code, Some(Code::Malformed { raw: bad.into() }));
            assert_eq!(it.text, "text");
        }
    }

    /// Cut at every comma, the parts say the same as the whole.
    #[test]
    fn parts() {
        let raw = b"[COPYUID 38505 304,319:320,7 3956:3958,2,1] Done";
        let cuts = (15..raw.len() - 4).filter(|&at| raw[at - 1] == b',');
        let mut count = 0;
        for first in cuts.clone() {
            for second in cuts.clone().filter(|&second| second >= first) {
                let mut open = None;
                let (mut from, mut to) = (Vec::new(), Vec::new());
                let parts = [&raw[..first], &raw[first..second], &raw[second..]];
                for (part, end) in parts.into_iter().zip([End::Code, End::Code, End::Line]) {
                    let it = RespText::parse_part(part, open, end);
                    let Some(Code::CopyUid { uid_validity: 38505, source, destination }) = it.code
                    else {
                        panic!("{it:?} {first} {second}")
                    };
                    from.extend(source.numbers().unwrap());
                    to.extend(destination.numbers().unwrap());
                    open = Some(RespText::open_code(part, open));
                    assert_eq!(it.text, if end == End::Line { "Done" } else { "" });
                }
                assert_eq!(from, [304, 319, 320, 7]);
                assert_eq!(to, [3956, 3957, 3958, 2, 1]);
                count += 1;
            }
        }
        assert_eq!(count, 10);

        let last = |first: &'static [u8], last: &'static [u8]| {
            let open = RespText::open_code(first, None);
            assert_eq!(RespText::open_code(b"", Some(open)), open);
            let first = RespText::parse_part(first, None, End::Code);
            assert_eq!(first.text, "");
            (first.code.unwrap(), RespText::parse_part(last, Some(open), End::Line))
        };
        let (_, it) = last(b"[CAPABILITY IMAP4rev1 ", b"IDLE MOVE] Hi");
        assert!(matches!(it.code, Some(Code::Capability(c)) if c.contains(&Capability::Move)));
        assert_eq!(it.text, "Hi");
        let (first, it) = last(b"[APPENDUID 7 1:3,", b"5,9] Hi");
        assert_eq!(first, Code::AppendUid { uid_validity: 7, uids: set("1:3") });
        assert_eq!(it.code, Some(Code::AppendUid { uid_validity: 7, uids: set("5,9") }));
        assert_eq!(it.text, "Hi");
        let (first, it) = last(b"[modified 1:3,", b"5,9]Hi");
        assert_eq!(first, Code::Modified(set("1:3")));
        assert_eq!((it.code, it.text), (Some(Code::Modified(set("5,9"))), "Hi".into()));
        let (first, it) = last(b"[PERMANENTFLAGS (\\Seen OIB-[Google ", b"Mail]/Alle \\*)] Hi");
        assert!(matches!(first, Code::PermanentFlags(flags) if flags.iter().count() == 2));
        let Some(Code::PermanentFlags(flags)) = it.code else { panic!("{it:?}") };
        assert!(flags.iter().count() == 2 && flags.contains(Flag::Wildcard));
        assert_eq!(it.text, "Hi");
        // What began badly does not become text.
        let (first, it) = last(b"[COPYUID x 1,2,", b"3 4] Hi");
        assert_eq!(first, Code::Malformed { raw: "COPYUID x 1,2,".into() });
        assert_eq!(it.code, Some(Code::Malformed { raw: "3 4".into() }));
        assert_eq!(it.text, "Hi");
    }

    #[test]
    fn a_code_that_does_not_fit_is_no_text() {
        for code in ["BADCHARSET (UTF-8", "X ab", "X \"a]", "ALERT", "CAPABILITY IMAP4", ""] {
            let raw = std::format!("[{code}");
            let it = RespText::parse_part(raw.as_bytes(), None, End::Cut);
            assert_eq!((it.code, it.text), (Some(Code::Malformed { raw: code.into() }), "".into()));
        }
        let it = RespText::parse_part(b"[ALERT] te", None, End::Cut);
        assert_eq!((it.code, it.text), (Some(Code::Alert), "te".into()));
        let it = RespText::parse_part(b"text [", None, End::Cut);
        assert_eq!((it.code, it.text), (None, "text [".into()));
        let it = RespText::parse_part(b"1:5", Some(OpenCode::Modified), End::Cut);
        assert_eq!(it.code, Some(Code::Malformed { raw: "1:5".into() }));
    }
}
