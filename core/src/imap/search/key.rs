//! What to search for.

use crate::imap::{Capability, Date, Encoder, Flag, SequenceSet};

/// A search key: what a message must be like to be found (RFC 9051 section 6.4.4, and
/// extensions).
///
/// Strings match anywhere in the text and in any case. A message matches a list of keys if it
/// matches all of them. Sizes are in octets. Days are those of the server, without regard
/// to time and zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Search<'a> {
    /// Every message.
    All,
    /// Has `\Answered`.
    Answered,
    /// The Bcc field holds this.
    Bcc(&'a str),
    /// Arrived (INTERNALDATE) before this day.
    Before(Date),
    /// The body holds this.
    Body(&'a str),
    /// The Cc field holds this.
    Cc(&'a str),
    /// Has `\Deleted`.
    Deleted,
    /// Has `\Draft`.
    Draft,
    /// Has `\Flagged`.
    Flagged,
    /// The From field holds this.
    From(&'a str),
    /// The header field of the first name holds the second; if that is empty, is there.
    Header(&'a str, &'a str),
    /// Has this keyword: a flag without a backslash.
    Keyword(&'a str),
    /// Is larger than this.
    Larger(u64),
    /// Is recent and not seen (RFC 3501 only).
    New,
    /// Does not match.
    Not(&'a Search<'a>),
    /// Is not recent (RFC 3501 only).
    Old,
    /// Arrived on this day.
    On(Date),
    /// Matches one of the two, or both.
    Or(&'a Search<'a>, &'a Search<'a>),
    /// Has `\Recent` (RFC 3501 only).
    Recent,
    /// Has `\Seen`.
    Seen,
    /// The Date field is before this day.
    SentBefore(Date),
    /// The Date field is on this day.
    SentOn(Date),
    /// The Date field is on this day or later.
    SentSince(Date),
    /// Arrived on this day or later.
    Since(Date),
    /// Is smaller than this.
    Smaller(u64),
    /// The Subject field holds this.
    Subject(&'a str),
    /// The header or the body holds this.
    Text(&'a str),
    /// The To field holds this.
    To(&'a str),
    /// Has one of these UIDs.
    Uid(SequenceSet<'a>),
    /// Has not `\Answered`.
    Unanswered,
    /// Has not `\Deleted`.
    Undeleted,
    /// Has not `\Draft`.
    Undraft,
    /// Has not `\Flagged`.
    Unflagged,
    /// Has not this keyword.
    Unkeyword(&'a str),
    /// Has not `\Seen`.
    Unseen,
    /// Has one of these message sequence numbers. Not while a command is in flight that lets the
    /// server remove messages, as any by UIDs does: [`UsageError::Busy`](crate::UsageError::Busy).
    Sequence(SequenceSet<'a>),
    /// Matches all of these; with none of them, every message.
    And(&'a [Search<'a>]),
    /// Arrived longer ago than so many seconds (RFC 5032; needs WITHIN). Not 0.
    Older(u32),
    /// Arrived within so many seconds (RFC 5032; needs WITHIN). Not 0.
    Younger(u32),
    /// Matches the filter that is stored on the server under this name (RFC 5466; needs
    /// FILTERS). If there is none, the answer is
    /// [`Code::UndefinedFilter`](crate::imap::Code::UndefinedFilter).
    Filter(&'a str),
    /// Matches more or less, as the server understands it (RFC 6203; needs SEARCH=FUZZY).
    Fuzzy(&'a Search<'a>),
    /// Was changed at this mod-sequence or later (RFC 7162 section 3.1.5; needs CONDSTORE).
    /// With 0, every message, and the answer tells the highest mod-sequence.
    ModSeq(u64),
    /// As [`ModSeq`](Self::ModSeq), but counts only changes of one flag, on servers that keep
    /// count of each (RFC 7162 section 3.1.5).
    FlagModSeq {
        /// Which flag.
        flag: Flag<'a>,
        /// Whose view of it.
        entry: ModSeqEntry,
        /// At which mod-sequence or later.
        mod_seq: u64,
    },
    /// Was put into this mailbox before this day (RFC 8514; needs SAVEDATE).
    SavedBefore(Date),
    /// Was put into this mailbox on this day (RFC 8514; needs SAVEDATE).
    SavedOn(Date),
    /// Was put into this mailbox on this day or later (RFC 8514; needs SAVEDATE).
    SavedSince(Date),
    /// The mailbox knows when messages were put into it (RFC 8514; needs SAVEDATE): matches
    /// all messages or none.
    SaveDateSupported,
    /// Has this EMAILID (RFC 8474; needs OBJECTID).
    EmailId(&'a str),
    /// Has this THREADID (RFC 8474; needs OBJECTID).
    ThreadId(&'a str),
    /// `X-GM-RAW`: what one types into Gmail's search box (needs X-GM-EXT-1).
    XGmRaw(&'a str),
    /// `X-GM-LABELS`: has this label of Gmail (needs X-GM-EXT-1).
    XGmLabels(&'a str),
    /// `X-GM-MSGID`: has this number of Gmail (needs X-GM-EXT-1).
    XGmMsgId(u64),
    /// `X-GM-THRID`: is in the thread with this number of Gmail (needs X-GM-EXT-1).
    XGmThrId(u64),
    /// One that is written by the program: an extension's that is not here, or a whole query in a
    /// form of the program's own.
    Custom(CustomKey<'a>),
}

/// A search key that the program writes by itself.
///
/// ```
/// use mailwire::imap::{CustomKey, Search};
///
/// /// `XFOLDED SP astring`
/// let folded = Search::Custom(CustomKey {
///     text: "hello",
///     encode: |text, out| { out.atom("XFOLDED").sp().astring(text.as_bytes()); },
/// });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CustomKey<'a> {
    /// What it is written from. If it is not ASCII, the search says that it is in UTF-8.
    pub text: &'a str,
    /// Writes one `search-key`, or more with a space between each two (RFC 9051 section 9).
    pub encode: fn(&str, &mut Encoder<'_, '_>),
}

impl PartialEq for CustomKey<'_> {
    fn eq(&self, other: &CustomKey<'_>) -> bool {
        self.text == other.text && core::ptr::fn_addr_eq(self.encode, other.encode)
    }
}

impl Eq for CustomKey<'_> {}

/// Whose view of a flag is meant (RFC 7162 section 7, `entry-type-req`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ModSeqEntry {
    /// `priv`: the user's own.
    Private,
    /// `shared`: that of all users of the mailbox.
    Shared,
    /// `all`: either.
    All,
}

impl Search<'_> {
    /// Writes the key, for commands of the program's own and for [`CustomKey`].
    ///
    /// ```abnf
    /// search-key = "ALL" / "ANSWERED" / "BCC" SP astring / "BEFORE" SP date / … /
    ///              "HEADER" SP header-fld-name SP astring / … /
    ///              "NOT" SP search-key / "OR" SP search-key SP search-key / … /
    ///              sequence-set / "(" search-key *(SP search-key) ")"
    /// search-key =/ ( "OLDER" / "YOUNGER" ) SP nz-number      ; RFC 5032
    /// search-key =/ "FILTER" SP filter-name                   ; RFC 5466
    /// search-key =/ "FUZZY" SP search-key                     ; RFC 6203
    /// search-key =/ search-modsequence                        ; RFC 7162
    /// search-key =/ "EMAILID" SP objectid / "THREADID" SP objectid    ; RFC 8474
    /// search-key =/ "SAVEDBEFORE" SP date / "SAVEDON" SP date / "SAVEDSINCE" SP date /
    ///               "SAVEDATESUPPORTED"                       ; RFC 8514
    /// ```
    /// RFC 9051 section 9.
    pub fn encode(&self, out: &mut Encoder<'_, '_>) {
        let raw: &[u8] = match self {
            Self::All => b"ALL",
            Self::Answered => b"ANSWERED",
            Self::Bcc(text) => return string(out, b"BCC ", text),
            Self::Before(day) => return date(out, b"BEFORE ", day),
            Self::Body(text) => return string(out, b"BODY ", text),
            Self::Cc(text) => return string(out, b"CC ", text),
            Self::Deleted => b"DELETED",
            Self::Draft => b"DRAFT",
            Self::Flagged => b"FLAGGED",
            Self::From(text) => return string(out, b"FROM ", text),
            Self::Header(name, text) => {
                string(out, b"HEADER ", name);
                return string(out, b" ", text);
            }
            Self::Keyword(flag) => return flag_keyword(out, b"KEYWORD ", flag),
            Self::Larger(size) => return octets(out, b"LARGER ", *size),
            Self::New => recent(out, b"NEW"),
            Self::Not(key) => {
                out.raw(b"NOT ");
                return key.encode(out);
            }
            Self::Old => recent(out, b"OLD"),
            Self::On(day) => return date(out, b"ON ", day),
            Self::Or(one, other) => {
                out.raw(b"OR ");
                one.encode(out);
                out.sp();
                return other.encode(out);
            }
            Self::Recent => recent(out, b"RECENT"),
            Self::Seen => b"SEEN",
            Self::SentBefore(day) => return date(out, b"SENTBEFORE ", day),
            Self::SentOn(day) => return date(out, b"SENTON ", day),
            Self::SentSince(day) => return date(out, b"SENTSINCE ", day),
            Self::Since(day) => return date(out, b"SINCE ", day),
            Self::Smaller(size) => return octets(out, b"SMALLER ", *size),
            Self::Subject(text) => return string(out, b"SUBJECT ", text),
            Self::Text(text) => return string(out, b"TEXT ", text),
            Self::To(text) => return string(out, b"TO ", text),
            Self::Uid(set) => {
                out.raw(b"UID ").sequence_set(set);
                return;
            }
            Self::Unanswered => b"UNANSWERED",
            Self::Undeleted => b"UNDELETED",
            Self::Undraft => b"UNDRAFT",
            Self::Unflagged => b"UNFLAGGED",
            Self::Unkeyword(flag) => return flag_keyword(out, b"UNKEYWORD ", flag),
            Self::Unseen => b"UNSEEN",
            Self::Sequence(set) => {
                out.message_numbers(set);
                return;
            }
            Self::And(keys) => {
                out.raw(b"(");
                encode_all(keys, out);
                b")"
            }
            Self::Older(seconds) => return within(out, b"OLDER ", *seconds),
            Self::Younger(seconds) => return within(out, b"YOUNGER ", *seconds),
            Self::Filter(name) => {
                if name.contains('/') {
                    out.invalid("a filter's name with a slash");
                }
                out.needs(Capability::Filters).raw(b"FILTER ").atom(name);
                return;
            }
            Self::Fuzzy(key) => {
                out.needs(Capability::SearchFuzzy).raw(b"FUZZY ");
                return key.encode(out);
            }
            Self::ModSeq(mod_seq) => {
                out.needs(Capability::CondStore).raw(b"MODSEQ ").number(*mod_seq);
                return;
            }
            Self::FlagModSeq { flag, entry, mod_seq } => {
                return flag_mod_seq(out, flag, *entry, *mod_seq);
            }
            Self::SavedBefore(day) => return saved(out, b"SAVEDBEFORE ", day),
            Self::SavedOn(day) => return saved(out, b"SAVEDON ", day),
            Self::SavedSince(day) => return saved(out, b"SAVEDSINCE ", day),
            Self::SaveDateSupported => {
                out.needs(Capability::SaveDate);
                b"SAVEDATESUPPORTED"
            }
            Self::EmailId(id) => return object_id(out, b"EMAILID ", id),
            Self::ThreadId(id) => return object_id(out, b"THREADID ", id),
            Self::XGmRaw(text) => {
                out.needs(Capability::XGmExt1);
                return string(out, b"X-GM-RAW ", text);
            }
            // Labels are mailboxes, and spelled like them.
            Self::XGmLabels(label) => {
                out.needs(Capability::XGmExt1).raw(b"X-GM-LABELS ").mailbox(label);
                return;
            }
            Self::XGmMsgId(id) => {
                out.needs(Capability::XGmExt1).raw(b"X-GM-MSGID ").number(*id);
                return;
            }
            Self::XGmThrId(id) => {
                out.needs(Capability::XGmExt1).raw(b"X-GM-THRID ").number(*id);
                return;
            }
            Self::Custom(key) => return (key.encode)(key.text, out),
        };
        out.raw(raw);
    }

    /// Whether all that it says is ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        match self {
            Self::Bcc(text)
            | Self::Body(text)
            | Self::Cc(text)
            | Self::From(text)
            | Self::Subject(text)
            | Self::Text(text)
            | Self::To(text)
            | Self::XGmRaw(text)
            | Self::Custom(CustomKey { text, .. }) => text.is_ascii(),
            Self::Header(name, text) => name.is_ascii() && text.is_ascii(),
            Self::Not(key) | Self::Fuzzy(key) => key.is_ascii(),
            Self::Or(one, other) => one.is_ascii() && other.is_ascii(),
            Self::And(keys) => keys.iter().all(Self::is_ascii),
            _ => true,
        }
    }
}

fn string(out: &mut Encoder<'_, '_>, name: &[u8], text: &str) {
    out.raw(name).astring(text.as_bytes());
}

fn date(out: &mut Encoder<'_, '_>, name: &[u8], day: &Date) {
    out.raw(name).date(day);
}

/// IMAP4rev2 has it no more (RFC 9051 appendix E item 12).
fn recent(out: &mut Encoder<'_, '_>, name: &'static [u8]) -> &'static [u8] {
    out.needs_rev1();
    name
}

fn octets(out: &mut Encoder<'_, '_>, name: &[u8], size: u64) {
    out.raw(name).number(size);
}

fn flag_keyword(out: &mut Encoder<'_, '_>, name: &[u8], flag: &str) {
    out.raw(name).atom(flag);
}

fn within(out: &mut Encoder<'_, '_>, name: &[u8], seconds: u32) {
    if seconds == 0 {
        out.invalid("an interval of no seconds");
    }
    out.needs(Capability::Within).raw(name).number(seconds.into());
}

fn saved(out: &mut Encoder<'_, '_>, name: &[u8], day: &Date) {
    out.needs(Capability::SaveDate);
    date(out, name, day);
}

/// ```abnf
/// objectid = 1*255(ALPHA / DIGIT / "_" / "-")
/// ```
/// RFC 8474 section 7.
fn object_id(out: &mut Encoder<'_, '_>, name: &[u8], id: &str) {
    if id.len() > 255 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    {
        out.invalid("not an object's identifier");
    }
    out.needs(Capability::ObjectId).raw(name).atom(id);
}

/// ```abnf
/// search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
/// search-modseq-ext  = SP entry-name SP entry-type-req
/// entry-flag-name    = DQUOTE "/flags/" attr-flag DQUOTE
/// attr-flag          = "\\Answered" / "\\Flagged" / … / attr-flag-keyword / attr-flag-extension
/// ```
/// RFC 7162 section 7.
fn flag_mod_seq(out: &mut Encoder<'_, '_>, flag: &Flag<'_>, entry: ModSeqEntry, mod_seq: u64) {
    out.needs(Capability::CondStore).raw(b"MODSEQ \"/flags/");
    if !matches!(flag, Flag::Keyword(_)) {
        // The backslash before it comes with the flag.
        out.raw(b"\\");
    }
    out.flag(flag).raw(match entry {
        ModSeqEntry::Private => b"\" priv ",
        ModSeqEntry::Shared => b"\" shared ",
        ModSeqEntry::All => b"\" all ",
    });
    out.number(mod_seq);
}

/// `search-key *(SP search-key)`; to ask for nothing is to ask for all.
pub(in crate::imap) fn encode_all(keys: &[Search<'_>], out: &mut Encoder<'_, '_>) {
    if keys.is_empty() {
        out.raw(b"ALL");
    }
    out.list(b"", keys, b"", |out, key| key.encode(out));
}
