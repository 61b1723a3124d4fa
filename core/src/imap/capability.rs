//! What a server can do: CAPABILITY (RFC 9051 sections 6.1.1 and 7.2.2).

use super::Str;
use super::quirks::Quirks;
use super::sequence::sequence;
use super::status::whole;
use super::syntax::{number, number64};
use crate::UsageError;
use crate::names::Names;
use crate::sasl::{MECHANISMS, mechanism_bit};
use core::fmt;

/// The table that drives everything here: a variant, its name on the wire, and `rev2` if
/// RFC 9051 made it a part of IMAP4rev2 (appendix E). To add an extension, add a line.
macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $($rev2:ident)?,)*) => {
        /// One word of a CAPABILITY list.
        ///
        /// Registered names without a value are variants of their own; any other word is
        /// [`Other`](Self::Other). Names compare without regard to case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Capability<'a> {
            $(
                $(#[$doc])*
                #[doc = concat!("`", $name, "`")]
                $variant,
            )*
            /// `AUTH=` and the name of a SASL mechanism, as in [`CapabilitySet::contains`].
            Auth(&'a str),
            /// `APPENDLIMIT=` and the octets of the largest message that APPEND takes
            /// (RFC 7889); `None` if the limit differs from mailbox to mailbox.
            AppendLimit(Option<u64>),
            /// `RIGHTS=` and the rights that RFC 4314 added to those of RFC 2086, as far as the
            /// server knows them: it has ACL as in RFC 4314 then.
            Rights(&'a str),
            /// `MESSAGELIMIT=` and how many messages one command may touch (RFC 9738): see
            /// [`CapabilitySet::message_limit`].
            MessageLimit(u32),
            /// `SAVELIMIT=` and how many messages SEARCH keeps for `$` (RFC 9738).
            SaveLimit(u32),
            /// Any other word.
            Other(Str<'a>),
        }

        /// Where a capability's bit stands in a [`CapabilitySet`].
        #[derive(Clone, Copy)]
        #[repr(u8)]
        pub(super) enum Bit { $($variant,)* AppendLimit, Count }

        /// The names, each at the place of its [`Bit`].
        const NAMES: Names = Names(concat!($($name, "\n"),*));

        /// What IMAP4rev2 includes without naming it.
        const REV2: Bits = Bits::EMPTY $($(.$rev2(Bit::$variant))?)*;

        impl Capability<'_> {
            /// The one whose name is at this place.
            fn named(place: usize) -> Option<Self> {
                match place {
                    $(place if place == Bit::$variant as usize => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The bit of what is known by name.
            fn bit(&self) -> Option<Bit> {
                match self {
                    $(Self::$variant => Some(Bit::$variant),)*
                    Self::AppendLimit(_) => Some(Bit::AppendLimit),
                    Self::Auth(_) | Self::Rights(_) | Self::MessageLimit(_) | Self::SaveLimit(_) => None,
                    Self::Other(_) => None,
                }
            }
        }
    };
}

capabilities! {
    /// RFC 3501.
    Imap4rev1 = "IMAP4rev1",
    /// RFC 9051.
    Imap4rev2 = "IMAP4rev2",
    /// STARTTLS is possible (RFC 9051 section 6.2.1).
    StartTls = "STARTTLS",
    /// LOGIN is refused (RFC 9051 section 6.2.3).
    LoginDisabled = "LOGINDISABLED",
    /// An initial response in AUTHENTICATE (RFC 4959).
    SaslIr = "SASL-IR" rev2,
    /// Literals without waiting (RFC 7888).
    LiteralPlus = "LITERAL+",
    /// Literals of up to 4096 octets without waiting (RFC 7888).
    LiteralMinus = "LITERAL-" rev2,
    /// RFC 2177.
    Idle = "IDLE" rev2,
    /// RFC 5161.
    Enable = "ENABLE" rev2,
    /// RFC 2971.
    Id = "ID",
    /// RFC 2342.
    Namespace = "NAMESPACE" rev2,
    /// RFC 3691.
    Unselect = "UNSELECT" rev2,
    /// RFC 4315.
    UidPlus = "UIDPLUS" rev2,
    /// RFC 6851.
    Move = "MOVE" rev2,
    /// RFC 3348.
    Children = "CHILDREN",
    /// RFC 5258.
    ListExtended = "LIST-EXTENDED" rev2,
    /// RFC 5819.
    ListStatus = "LIST-STATUS" rev2,
    /// RFC 8440.
    ListMyRights = "LIST-MYRIGHTS",
    /// RFC 9590.
    ListMetadata = "LIST-METADATA",
    /// The attributes are a part of IMAP4rev2, the LIST options are not (RFC 6154).
    SpecialUse = "SPECIAL-USE",
    /// RFC 6154.
    CreateSpecialUse = "CREATE-SPECIAL-USE",
    /// Gmail's and Cyrus' forerunner of SPECIAL-USE.
    XList = "XLIST",
    /// RFC 8438.
    StatusSize = "STATUS=SIZE" rev2,
    /// RFC 4731.
    Esearch = "ESEARCH" rev2,
    /// RFC 5182.
    SearchRes = "SEARCHRES" rev2,
    /// RFC 5032.
    Within = "WITHIN",
    /// RFC 6203.
    SearchFuzzy = "SEARCH=FUZZY",
    /// RFC 7377.
    MultiSearch = "MULTISEARCH",
    /// RFC 5466.
    Filters = "FILTERS",
    /// RFC 9394.
    Partial = "PARTIAL",
    /// RFC 5267.
    ContextSearch = "CONTEXT=SEARCH",
    /// RFC 5267.
    ContextSort = "CONTEXT=SORT",
    /// RFC 5267.
    Esort = "ESORT",
    /// RFC 5256.
    Sort = "SORT",
    /// RFC 5957.
    SortDisplay = "SORT=DISPLAY",
    /// RFC 5256.
    ThreadOrderedSubject = "THREAD=ORDEREDSUBJECT",
    /// RFC 5256.
    ThreadReferences = "THREAD=REFERENCES",
    /// As REFERENCES, but never by subject (draft-ietf-morg-inthread).
    ThreadRefs = "THREAD=REFS",
    /// RFC 10022.
    UidBatches = "UIDBATCHES",
    /// RFC 7162.
    CondStore = "CONDSTORE",
    /// RFC 7162.
    QResync = "QRESYNC",
    /// RFC 5465.
    Notify = "NOTIFY",
    /// RFC 9586.
    UidOnly = "UIDONLY",
    /// RFC 8474.
    ObjectId = "OBJECTID",
    /// RFC 8514.
    SaveDate = "SAVEDATE",
    /// RFC 8970.
    Preview = "PREVIEW",
    /// All of it, with `~{…}` in APPEND (RFC 3516); IMAP4rev2 includes only its FETCH side.
    Binary = "BINARY",
    /// RFC 5259.
    Convert = "CONVERT",
    /// RFC 3502.
    MultiAppend = "MULTIAPPEND",
    /// RFC 4469.
    Catenate = "CATENATE",
    /// RFC 8508.
    Replace = "REPLACE",
    /// RFC 9698.
    JmapAccess = "JMAPACCESS",
    /// RFC 4467.
    UrlAuth = "URLAUTH",
    /// RFC 5524.
    UrlAuthBinary = "URLAUTH=BINARY",
    /// RFC 5550.
    UrlPartial = "URL-PARTIAL",
    /// RFC 4978.
    CompressDeflate = "COMPRESS=DEFLATE",
    /// RFC 6855.
    Utf8Accept = "UTF8=ACCEPT",
    /// RFC 6855.
    Utf8Only = "UTF8=ONLY",
    /// RFC 4314.
    Acl = "ACL",
    /// RFC 9208, or RFC 2087 if no `QUOTA=RES-…` goes with it.
    Quota = "QUOTA",
    /// RFC 9208.
    QuotaSet = "QUOTASET",
    /// RFC 9208.
    QuotaResStorage = "QUOTA=RES-STORAGE",
    /// RFC 9208.
    QuotaResMessage = "QUOTA=RES-MESSAGE",
    /// RFC 9208.
    QuotaResMailbox = "QUOTA=RES-MAILBOX",
    /// RFC 9208.
    QuotaResAnnotationStorage = "QUOTA=RES-ANNOTATION-STORAGE",
    /// RFC 5464.
    Metadata = "METADATA",
    /// RFC 5464.
    MetadataServer = "METADATA-SERVER",
    /// RFC 5257.
    AnnotateExperiment1 = "ANNOTATE-EXPERIMENT-1",
    /// RFC 5255.
    Language = "LANGUAGE",
    /// RFC 5255.
    I18nLevel1 = "I18NLEVEL=1",
    /// RFC 5255.
    I18nLevel2 = "I18NLEVEL=2",
    /// RFC 8437.
    Unauthenticate = "UNAUTHENTICATE",
    /// RFC 9585.
    InProgress = "INPROGRESS",
    /// RFC 2221.
    LoginReferrals = "LOGIN-REFERRALS",
    /// RFC 2193.
    MailboxReferrals = "MAILBOX-REFERRALS",
    /// Gmail's own extensions.
    XGmExt1 = "X-GM-EXT-1",
    /// iCloud's push registration.
    XApplePushService = "XAPPLEPUSHSERVICE",
}

impl Capability<'static> {
    /// The one that this bit stands for.
    pub(super) fn of(bit: Bit) -> Option<Self> {
        Self::named(bit as usize)
    }

    /// The one that has this name, in any case, if it is one without a value.
    pub fn known(name: &[u8]) -> Option<Self> {
        NAMES.place(name).and_then(Self::named)
    }
}

impl<'a> Capability<'a> {
    /// Whether IMAP4rev2 includes it.
    fn is_in_rev2(&self) -> bool {
        self.bit().is_some_and(|bit| REV2.has(bit))
    }

    /// The name on the wire of a capability without a value, or what stands before it; empty
    /// for others.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AppendLimit(_) => "APPENDLIMIT",
            Self::Auth(_) => "AUTH",
            Self::Rights(_) => "RIGHTS",
            Self::MessageLimit(_) => "MESSAGELIMIT",
            Self::SaveLimit(_) => "SAVELIMIT",
            _ => self.bit().map_or("", |bit| NAMES.get(bit as usize)),
        }
    }

    /// Reads one word.
    ///
    /// ```abnf
    /// capability = ("AUTH=" auth-type) / atom     ; RFC 9051 section 9
    /// capability =/ "APPENDLIMIT" ["=" number]    ; RFC 7889 section 5
    /// capability =/ "RIGHTS=" new-rights          ; RFC 4314 section 7
    /// capability =/ "MESSAGELIMIT=" nz-number / "SAVELIMIT=" nz-number    ; RFC 9738
    /// ```
    pub fn parse(word: &'a [u8]) -> Self {
        NAMES.place(word).and_then(Self::named).unwrap_or_else(|| Self::unnamed(word))
    }

    /// The same for a word that is not in the table.
    fn unnamed(word: &'a [u8]) -> Self {
        let (name, value) = match word.iter().position(|&b| b == b'=') {
            Some(at) => (word.get(..at), word.get(at.saturating_add(1)..)),
            None => (Some(word), None),
        };
        let name = name.unwrap_or_default();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        // A number too large to count is no limit that matters, but must not pass for
        // "differs from mailbox to mailbox": it stays raw.
        let known = match value {
            None if is(b"APPENDLIMIT") => Some(Self::AppendLimit(None)),
            None => None,
            Some(value) if is(b"APPENDLIMIT") => {
                whole(number64(value)).map(|limit| Self::AppendLimit(Some(limit)))
            }
            Some(value) if is(b"MESSAGELIMIT") => whole(number(value)).map(Self::MessageLimit),
            Some(value) if is(b"SAVELIMIT") => whole(number(value)).map(Self::SaveLimit),
            Some(value) if is(b"AUTH") => core::str::from_utf8(value).ok().map(Self::Auth),
            Some(value) if is(b"RIGHTS") => core::str::from_utf8(value).ok().map(Self::Rights),
            Some(_) => None,
        };
        known.unwrap_or(Self::Other(word.into()))
    }
}

impl<'a> From<&'a str> for Capability<'a> {
    fn from(word: &'a str) -> Self {
        Self::parse(word.as_bytes())
    }
}

/// The word as on the wire, registered names in their usual case.
impl fmt::Display for Capability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(mechanism) => write!(f, "AUTH={mechanism}"),
            Self::Rights(rights) => write!(f, "RIGHTS={rights}"),
            Self::AppendLimit(None) => f.write_str("APPENDLIMIT"),
            Self::AppendLimit(Some(limit)) => write!(f, "APPENDLIMIT={limit}"),
            Self::MessageLimit(limit) => write!(f, "MESSAGELIMIT={limit}"),
            Self::SaveLimit(limit) => write!(f, "SAVELIMIT={limit}"),
            Self::Other(word) => word.fmt(f),
            known => f.write_str(known.name()),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Capability<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Capability<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// A list of capabilities, whole or a part of one that is longer than Rx.
#[derive(Clone, Copy)]
pub struct Capabilities<'a>(&'a [u8]);

impl<'a> Capabilities<'a> {
    /// Takes the words behind `CAPABILITY SP`.
    ///
    /// ```abnf
    /// capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability)
    /// ```
    /// (RFC 9051 section 9). Never fails: a word that is not understood is
    /// [`Capability::Other`]. What is no name is left out: doubled and trailing SP
    /// (exmail.qq.com), a second `* CAPABILITY` (Netscape 4.03), a stray `+`. `LITERAL +`
    /// with its SP is not taken for `LITERAL+`: waiting at each literal is right in any case.
    pub const fn parse(raw: &'a [u8]) -> Self {
        Self(raw)
    }

    fn pop(&mut self) -> Option<Capability<'a>> {
        self.pop_word().map(Capability::parse)
    }

    fn pop_word(&mut self) -> Option<&'a [u8]> {
        loop {
            let start = self.0.iter().position(|&b| !is_space(b))?;
            let (_, words) = self.0.split_at_checked(start)?;
            let end = words.iter().position(|&b| is_space(b)).unwrap_or(words.len());
            let (word, rest) = words.split_at_checked(end)?;
            self.0 = rest;
            match word {
                b"*" | b"+" => {}
                _ if word.eq_ignore_ascii_case(b"CAPABILITY") => {}
                _ => return Some(word),
            }
        }
    }

    /// Whether `capability` is named here.
    pub fn contains(&self, capability: &Capability<'_>) -> bool {
        self.iter().any(|named| match (named, capability) {
            (Capability::Auth(a), Capability::Auth(b)) => a.eq_ignore_ascii_case(b),
            (Capability::Other(a), Capability::Other(b)) => {
                let lower = |byte: u8| byte.to_ascii_lowercase();
                a.bytes().map(lower).eq(b.bytes().map(lower))
            }
            (named, capability) => named == *capability,
        })
    }

    /// The text as the server sent it.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

sequence!(Capabilities, CapabilityIter, Capability<'a>);

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

/// A set of [`Bit`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Bits([u32; 3]);

// Every bit has its place.
const _: () = assert!(Bit::Count as usize <= 96);

impl Bits {
    const EMPTY: Self = Self([0; 3]);

    /// Adds what IMAP4rev2 includes; named so for the table's sake.
    const fn rev2(self, bit: Bit) -> Self {
        let Self([a, b, c]) = self;
        let bit = bit as u32;
        let mask = 1u32.wrapping_shl(bit);
        match bit {
            0..32 => Self([a | mask, b, c]),
            32..64 => Self([a, b | mask, c]),
            _ => Self([a, b, c | mask]),
        }
    }

    /// Adds the one at this place.
    fn set(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place >> 5) {
            *word |= 1u32.wrapping_shl(place as u32);
        }
    }

    /// Takes the one at this place away.
    fn unset(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place >> 5) {
            *word &= !1u32.wrapping_shl(place as u32);
        }
    }

    fn has(self, bit: Bit) -> bool {
        let place = bit as usize;
        self.0.get(place >> 5).is_some_and(|word| word & 1u32.wrapping_shl(place as u32) != 0)
    }
}

/// The capabilities of a server, remembered: a small `Copy` value.
///
/// It holds the capabilities that are variants of [`Capability`], the common SASL
/// mechanisms and the APPENDLIMIT. [`Capability::Other`] and [`Capability::Rights`] are not kept.
///
/// ```
/// use mailwire::imap::{Capabilities, Capability, CapabilitySet};
///
/// let mut server = CapabilitySet::new();
/// server.extend(&Capabilities::parse(b"IMAP4rev1 IDLE AUTH=PLAIN QRESYNC"));
/// assert!(server.contains(&Capability::Idle));
/// assert!(server.contains(&Capability::Auth("plain")));
/// assert!(server.contains(&Capability::CondStore)); // a part of QRESYNC
/// assert!(!server.contains(&Capability::Move));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct CapabilitySet {
    bits: Bits,
    mechanisms: u32,
    append_limit: Option<u64>,
    /// 0: none.
    message_limit: u32,
    /// 0: none.
    save_limit: u32,
}

impl CapabilitySet {
    /// The empty set.
    pub const fn new() -> Self {
        Self {
            bits: Bits::EMPTY,
            mechanisms: 0,
            append_limit: None,
            message_limit: 0,
            save_limit: 0,
        }
    }

    /// Adds one. What the set cannot hold is ignored.
    pub fn insert(&mut self, capability: &Capability<'_>) {
        if let Some(bit) = capability.bit() {
            self.bits.set(bit as usize);
        }
        match capability {
            Capability::Auth(mechanism) => self.mechanisms |= mechanism_bit(mechanism),
            Capability::AppendLimit(limit) => self.append_limit = *limit,
            Capability::MessageLimit(limit) => self.message_limit = *limit,
            Capability::SaveLimit(limit) => self.save_limit = *limit,
            _ => {}
        }
    }

    /// Adds all of a list.
    pub fn extend(&mut self, capabilities: &Capabilities<'_>) {
        let mut words = *capabilities;
        while let Some(word) = words.pop_word() {
            match NAMES.place(word) {
                Some(place) => self.bits.set(place),
                None => self.insert(&Capability::unnamed(word)),
            }
        }
    }

    /// Takes out what counts as not offered.
    pub(crate) fn hide(&mut self, quirks: Quirks) {
        const CAN_BE: [Capability<'_>; 7] = [
            Capability::Namespace,
            Capability::Move,
            Capability::UidOnly,
            Capability::ListExtended,
            Capability::ListStatus,
            Capability::ListMyRights,
            Capability::ListMetadata,
        ];
        for hidden in CAN_BE.iter().filter(|it| quirks.hide(it)) {
            if let Some(bit) = hidden.bit() {
                self.bits.unset(bit as usize);
            }
        }
    }

    /// Forgets all: on a new CAPABILITY response, which replaces what was known, and after
    /// STARTTLS and login.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether nothing is known of the server.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    /// Whether the server offers `capability`: it named it, or named what includes it.
    /// QRESYNC includes CONDSTORE and ENABLE, LITERAL+ includes LITERAL-, UTF8=ONLY includes
    /// UTF8=ACCEPT, METADATA includes METADATA-SERVER. IMAP4rev2 includes what RFC 9051
    /// appendix E lists, unless IMAP4rev1 is named too: then it must first be enabled, and
    /// the server names the extensions that it has in IMAP4rev1 by itself.
    ///
    /// `AppendLimit(None)` asks if there is any APPENDLIMIT. A mechanism that the set does
    /// not know is never offered.
    pub fn contains(&self, capability: &Capability<'_>) -> bool {
        let includer = match capability {
            Capability::Auth(mechanism) => return self.mechanisms & mechanism_bit(mechanism) != 0,
            Capability::AppendLimit(Some(_)) if self.append_limit_capability() != *capability => {
                return false;
            }
            Capability::MessageLimit(limit) => return self.message_limit() == Some(*limit),
            Capability::SaveLimit(limit) => return self.save_limit() == Some(*limit),
            Capability::CondStore | Capability::Enable => Some(Bit::QResync),
            Capability::LiteralMinus => Some(Bit::LiteralPlus),
            Capability::Utf8Accept => Some(Bit::Utf8Only),
            Capability::MetadataServer => Some(Bit::Metadata),
            _ => None,
        };
        includer.is_some_and(|bit| self.bits.has(bit))
            || capability.bit().is_some_and(|bit| self.bits.has(bit))
            || self.is_rev2_alone() && capability.is_in_rev2()
    }

    /// Whether the server speaks IMAP4rev2 and nothing older.
    fn is_rev2_alone(&self) -> bool {
        self.bits.has(Bit::Imap4rev2) && !self.bits.has(Bit::Imap4rev1)
    }

    /// Whether names are UTF-8 where this is enabled.
    pub(crate) fn has_utf8(&self) -> bool {
        self.bits.has(Bit::Imap4rev2) || self.bits.has(Bit::Utf8Accept)
    }

    /// Whether the server named it by itself, and not only IMAP4rev2.
    pub(crate) fn names(&self, capability: &Capability<'_>) -> bool {
        capability.bit().is_some_and(|bit| self.bits.has(bit))
    }

    /// The octets of the largest message that APPEND takes, if there is one limit for all
    /// mailboxes (RFC 7889).
    pub const fn append_limit(&self) -> Option<u64> {
        self.append_limit
    }

    /// How many messages one command may touch, if the server names a limit (RFC 9738): FETCH,
    /// SEARCH, STORE, COPY, MOVE and their UID forms, APPEND and UID EXPUNGE.
    ///
    /// Ask for fewer at a time: what goes beyond may be refused, or done in part, which
    /// [`Code::MessageLimit`](super::Code::MessageLimit) tells. UIDBATCHES
    /// ([`UidBatchesCommand`](super::command::UidBatchesCommand)) gives ranges that fit, and so
    /// does [`PartialRange`](super::PartialRange).
    pub const fn message_limit(&self) -> Option<u32> {
        if self.message_limit == 0 { None } else { Some(self.message_limit) }
    }

    /// How many messages SEARCH with
    /// [`SearchReturn::Save`](super::SearchReturn::Save) keeps at most, if the server names a
    /// limit (RFC 9738).
    pub const fn save_limit(&self) -> Option<u32> {
        if self.save_limit == 0 { None } else { Some(self.save_limit) }
    }

    /// The SASL mechanisms, by name.
    pub fn mechanisms(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let mechanisms = self.mechanisms;
        (0..u32::BITS)
            .filter(move |&place| mechanisms & 1u32.wrapping_shl(place) != 0)
            .map(|place| MECHANISMS.get(place as usize))
    }

    /// All that was inserted.
    pub fn iter(&self) -> impl Iterator<Item = Capability<'static>> + Clone + use<> {
        let bits = self.bits;
        let limit = bits.has(Bit::AppendLimit).then_some(self.append_limit_capability());
        (0..Bit::AppendLimit as usize)
            .filter_map(Capability::named)
            .filter(move |known| known.bit().is_some_and(|bit| bits.has(bit)))
            .chain(self.mechanisms().map(Capability::Auth))
            .chain(limit)
            .chain(self.message_limit().map(Capability::MessageLimit))
            .chain(self.save_limit().map(Capability::SaveLimit))
    }

    const fn append_limit_capability(&self) -> Capability<'static> {
        Capability::AppendLimit(self.append_limit)
    }
}

/// What may be asked of the server at this moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'c> {
    pub(crate) capabilities: &'c CapabilitySet,
    /// Whether that is what the server said last, and nothing may have changed it since.
    pub(crate) fresh: bool,
    /// What was enabled.
    pub(crate) enabled: &'c CapabilitySet,
    /// Why messages cannot be named by their sequence numbers, if they cannot.
    pub(crate) numbers: Option<UsageError>,
    pub(crate) selected: bool,
    /// Whether it may be asked for anything.
    pub(crate) unchecked: bool,
    pub(crate) quirks: Quirks,
}

impl Offer<'_> {
    pub(crate) fn includes(&self, capability: &Capability<'_>) -> bool {
        !self.quirks.hide(capability)
            && (self.capabilities.contains(capability)
                || self.enables_rev2() && capability.is_in_rev2())
    }

    fn enables_rev2(&self) -> bool {
        self.enabled.bits.has(Bit::Imap4rev2)
    }

    /// Whether IMAP4rev2 is what is spoken: it is enabled, or is all that the server speaks.
    pub(crate) fn is_rev2(&self) -> bool {
        self.enables_rev2() || self.capabilities.is_rev2_alone()
    }

    /// An error if the server takes no message of this size (RFC 7889 section 2).
    pub(crate) fn check_size(&self, size: u64) -> Result<(), UsageError> {
        match self.capabilities.append_limit() {
            Some(limit) if size > limit && !self.unchecked => Err(UsageError::TooBig),
            _ => Ok(()),
        }
    }

    /// An error unless it `is_there`.
    pub(crate) fn check(&self, is_there: bool, name: &'static str) -> Result<(), UsageError> {
        match is_there || self.unchecked {
            true => Ok(()),
            false if self.fresh => Err(UsageError::NotOffered(name)),
            false => Err(UsageError::CapabilitiesUnknown),
        }
    }
}

impl From<&Capabilities<'_>> for CapabilitySet {
    fn from(capabilities: &Capabilities<'_>) -> Self {
        let mut set = Self::new();
        set.extend(capabilities);
        set
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for CapabilitySet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for CapabilitySet {
    fn format(&self, f: defmt::Formatter<'_>) {
        for capability in self.iter() {
            defmt::write!(f, "{} ", capability);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;
    use std::vec::Vec;

    fn set(raw: &[u8]) -> CapabilitySet {
        CapabilitySet::from(&Capabilities::parse(raw))
    }

    #[test]
    fn table_is_consistent() {
        for (place, name) in NAMES.0.lines().enumerate() {
            assert_eq!(NAMES.get(place), name);
            let variant = &Capability::named(place).unwrap();
            assert_eq!(Capability::from(name), *variant);
            assert_eq!(Capability::from(name.to_ascii_lowercase().as_str()), *variant);
            assert_eq!(variant.to_string(), name);
            let mut set = CapabilitySet::new();
            set.insert(variant);
            assert!(set.contains(variant), "{name}");
            assert_eq!(set.iter().collect::<Vec<_>>(), [*variant]);
        }
        assert!(MECHANISMS.iter().count() <= 32);
        assert!(size_of::<CapabilitySet>() <= 40);
        assert!(size_of::<Capability<'_>>() <= 24);
    }

    #[test]
    fn dovecot() {
        let raw = b"IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY \
            THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE \
            UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC \
            ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY \
            PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY URLAUTH URLAUTH=BINARY \
            METADATA SPECIAL-USE COMPRESS=DEFLATE QUOTA ACL RIGHTS=texk";
        let others: Vec<_> = Capabilities::parse(raw)
            .iter()
            .filter(|c| matches!(c, Capability::Other(_)))
            .map(|c| c.to_string())
            .collect();
        assert_eq!(others, ["SNIPPET=FUZZY", "PREVIEW=FUZZY"]);
        let set = set(raw);
        assert!(set.contains(&Capability::LiteralPlus) && set.contains(&Capability::LiteralMinus));
        assert!(!set.contains(&Capability::Imap4rev2));
        assert!(!set.contains(&Capability::Auth("PLAIN")));
    }

    #[test]
    fn values() {
        let set = set(b"imap4rev1 auth=plain AUTH=SCRAM-SHA-256-PLUS APPENDLIMIT=4294967296");
        assert_eq!(set.append_limit(), Some(4_294_967_296));
        assert!(set.contains(&Capability::AppendLimit(None)));
        assert!(set.contains(&Capability::AppendLimit(Some(4_294_967_296))));
        assert!(!set.contains(&Capability::AppendLimit(Some(1))));
        assert!(set.contains(&Capability::Auth("PLAIN")));
        assert!(!set.contains(&Capability::Auth("SCRAM-SHA-256")));
        assert!(!set.contains(&Capability::Auth("X-UNHEARD-OF")));
        assert_eq!(set.mechanisms().collect::<Vec<_>>(), ["PLAIN", "SCRAM-SHA-256-PLUS"]);
        assert_eq!(Capability::from("APPENDLIMIT"), Capability::AppendLimit(None));
        for odd in ["APPENDLIMIT=", "APPENDLIMIT=-1", "APPENDLIMIT=99999999999999999999", "=", ""] {
            assert_eq!(Capability::from(odd), Capability::Other(odd.into()));
        }
        assert_eq!(Capability::parse(b"AUTH=\xff"), Capability::Other(Str::new(b"AUTH=\xff")));
        assert_eq!(Capability::parse(b"AUTH=\xff").to_string(), "AUTH=\u{fffd}");
    }

    #[test]
    fn limits() {
        let set = set(b"IMAP4rev1 MESSAGELIMIT=1000 savelimit=5000");
        assert_eq!((set.message_limit(), set.save_limit()), (Some(1000), Some(5000)));
        assert!(set.contains(&Capability::MessageLimit(1000)));
        assert!(!set.contains(&Capability::SaveLimit(1000)));
        let words: Vec<_> = set.iter().map(|it| it.to_string()).collect();
        assert_eq!(words, ["IMAP4rev1", "MESSAGELIMIT=1000", "SAVELIMIT=5000"]);
        assert_eq!(CapabilitySet::new().message_limit(), None);
        assert!(!CapabilitySet::new().contains(&Capability::MessageLimit(0)));
        for odd in ["MESSAGELIMIT", "MESSAGELIMIT=", "SAVELIMIT=x", "SAVELIMIT=4294967296"] {
            assert_eq!(Capability::from(odd), Capability::Other(odd.into()));
        }
    }

    #[test]
    fn rev2_includes_its_extensions() {
        let only = set(b"IMAP4rev2 AUTH=PLAIN");
        assert!(only.contains(&Capability::Move) && only.contains(&Capability::Idle));
        assert!(!only.contains(&Capability::CondStore));
        assert_eq!(only.iter().count(), 2);
        let both = set(b"IMAP4rev1 IMAP4rev2 IDLE");
        assert!(both.contains(&Capability::Idle) && !both.contains(&Capability::Move));
    }

    #[test]
    fn quirks() {
        let words = |raw: &'static [u8]| Capabilities::parse(raw).iter().collect::<Vec<_>>();
        // Netscape 4.03
        assert_eq!(
            words(b"* CAPABILITY IMAP4 IMAP4rev1"),
            [Capability::Other(Str::new(b"IMAP4")), Capability::Imap4rev1]
        );
        assert_eq!(
            words(b"IMAP4rev1  LITERAL + IDLE "),
            [Capability::Imap4rev1, Capability::Other(Str::new(b"LITERAL")), Capability::Idle]
        );
        assert!(words(b"").is_empty());
        assert!(words(b"  ").is_empty());
        assert!(Capabilities::parse(b"X-A auth=Plain").contains(&Capability::Auth("PLAIN")));
        assert!(Capabilities::parse(b"X-A").contains(&Capability::Other(Str::new(b"x-a"))));
    }
}
