//! Lists: what an event holds of variable number, walked by cursors in the caller's memory.

use crate::args::Args;
use crate::bytes::{mw_bytes, mw_string};
use crate::guard;
use crate::numbers::{MW_UNKNOWN, mw_numbers};
use crate::opaque::holds;
use core::ffi::c_char;
use core::mem::MaybeUninit;
use mailwire::imap::{
    AclEntriesIter, Attribute, AttributesIter, Capability, CapabilitySet, EsearchData,
    EsearchItems, Flag, FlagsIter, HeaderListIter, IdFieldsIter, LanguagesIter, ListItem,
    ListItemsIter, MetadataValuesIter, NamespaceExtensionsIter, NamespaceListIter, Params,
    QuotaResourcesIter, RelevancyIter, StatusValue, StatusValuesIter, Str, Strings, StringsIter,
    UpdatesIter, UrlPartsIter, XGmLabelsIter,
};
use mailwire::pop3::MechanismsIter;

/// A list of an event: a cursor. Copy it to walk more than once. Valid as long as the event it
/// came with. All zeros are an empty one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_list {
    /// 0 for an empty one; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 8],
}

/// `mw_entry.kind` of a flag with a backslash: \Seen.
pub const MW_FLAG_SEEN: u32 = 0x01;
/// \Answered
pub const MW_FLAG_ANSWERED: u32 = 0x02;
/// \Flagged
pub const MW_FLAG_FLAGGED: u32 = 0x04;
/// \Deleted
pub const MW_FLAG_DELETED: u32 = 0x08;
/// \Draft
pub const MW_FLAG_DRAFT: u32 = 0x10;
/// \Recent
pub const MW_FLAG_RECENT: u32 = 0x20;
/// \*: new keywords can be made
pub const MW_FLAG_WILDCARD: u32 = 0x40;
/// Another one with a backslash, which is not in its name here.
pub const MW_FLAG_EXTENSION: u32 = 0x80;
/// A keyword: a flag without a backslash.
pub const MW_FLAG_KEYWORD: u32 = 0;

/// `mw_entry.kind` of a mailbox attribute: one that mailwire does not know.
pub const MW_ATTRIBUTE_OTHER: u32 = 0;
/// \NonExistent
pub const MW_ATTRIBUTE_NONEXISTENT: u32 = 1;
/// \NoInferiors
pub const MW_ATTRIBUTE_NOINFERIORS: u32 = 2;
/// \NoSelect
pub const MW_ATTRIBUTE_NOSELECT: u32 = 3;
/// \HasChildren
pub const MW_ATTRIBUTE_HASCHILDREN: u32 = 4;
/// \HasNoChildren
pub const MW_ATTRIBUTE_HASNOCHILDREN: u32 = 5;
/// \Marked
pub const MW_ATTRIBUTE_MARKED: u32 = 6;
/// \Unmarked
pub const MW_ATTRIBUTE_UNMARKED: u32 = 7;
/// \Subscribed
pub const MW_ATTRIBUTE_SUBSCRIBED: u32 = 8;
/// \Remote
pub const MW_ATTRIBUTE_REMOTE: u32 = 9;
/// \All
pub const MW_ATTRIBUTE_ALL: u32 = 10;
/// \Archive
pub const MW_ATTRIBUTE_ARCHIVE: u32 = 11;
/// \Drafts
pub const MW_ATTRIBUTE_DRAFTS: u32 = 12;
/// \Flagged
pub const MW_ATTRIBUTE_FLAGGED: u32 = 13;
/// \Junk
pub const MW_ATTRIBUTE_JUNK: u32 = 14;
/// \Sent
pub const MW_ATTRIBUTE_SENT: u32 = 15;
/// \Trash
pub const MW_ATTRIBUTE_TRASH: u32 = 16;
/// \Important
pub const MW_ATTRIBUTE_IMPORTANT: u32 = 17;
/// \Inbox
pub const MW_ATTRIBUTE_INBOX: u32 = 18;
/// \NoAccess
pub const MW_ATTRIBUTE_NOACCESS: u32 = 19;

/// `mw_entry.kind` of an ESEARCH item: one that mailwire does not know.
pub const MW_FOUND_OTHER: u32 = 0;
/// The lowest number.
pub const MW_FOUND_MIN: u32 = 1;
/// The highest number.
pub const MW_FOUND_MAX: u32 = 2;
/// How many there are.
pub const MW_FOUND_COUNT: u32 = 3;
/// All of them, in `numbers`; of a long response, some.
pub const MW_FOUND_ALL: u32 = 4;
/// The highest mod-sequence.
pub const MW_FOUND_MODSEQ: u32 = 5;
/// A page of them, in `numbers`.
pub const MW_FOUND_PARTIAL: u32 = 6;
/// To be put into the result: `list`.
pub const MW_FOUND_ADDTO: u32 = 7;
/// To be taken out of the result: `list`.
pub const MW_FOUND_REMOVEFROM: u32 = 8;
/// How well each matches: `list`.
pub const MW_FOUND_RELEVANCY: u32 = 9;

/// One entry of a list. What there is depends on the list:
///
/// | list of | kind | name | value | number, limit | more |
/// | --- | --- | --- | --- | --- | --- |
/// | flags | MW_FLAG_… | without backslash | | | |
/// | attributes of a mailbox | MW_ATTRIBUTE_… | with backslash | | | |
/// | capabilities of an event | | the word | | | |
/// | `mw_imap_capabilities` | | without = and what is behind it | of AUTH the mechanism | of …LIMIT the number, or MW_UNKNOWN | |
/// | Gmail's labels | | the label | | | |
/// | strings, languages, URLs, field names | | the string | | | |
/// | extended items of LIST | | CHILDINFO, OLDNAME, … | OLDNAME's name, others as they came | | list: CHILDINFO's |
/// | STATUS values | | MESSAGES, … | ids, and others as they came | number | |
/// | ID fields, parameters of a part | | name | value, or NULL | | |
/// | metadata | | entry | value, or NULL for NIL | | |
/// | quota resources | | STORAGE, … | | usage, limit, or MW_UNKNOWN | |
/// | ACL | | identifier | rights | | |
/// | namespaces | | prefix | prefix in the language chosen, or NULL | delimiter (a code point; 0: none) | list: extensions |
/// | namespace extensions | | name | | | list: values |
/// | ESEARCH items | MW_FOUND_… | others' name | others' value | number; PARTIAL's range | numbers, list |
/// | ADDTO and REMOVEFROM | | | | position | numbers |
/// | relevancy | | | | score, 1 to 100 | |
/// | URLFETCH | | URL | body | number: 1 if value is binary | structure |
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_entry {
    /// Which one, where the table says so; else 0.
    pub kind: u32,
    /// See the table.
    pub name: mw_string,
    /// See the table.
    pub value: mw_string,
    /// See the table.
    pub number: u64,
    /// See the table. Of ESEARCH's PARTIAL the last of the range; it counts from the end if
    /// `backwards`.
    pub limit: u64,
    /// Of ESEARCH's PARTIAL: whether the range counts from the last message.
    pub backwards: bool,
    /// See the table.
    pub numbers: mw_numbers,
    /// See the table.
    pub list: mw_list,
    /// Of URLFETCH: a BODYSTRUCTURE for `mw_parts_of`.
    pub structure: mw_bytes,
}

impl mw_entry {
    const EMPTY: Self = Self {
        kind: 0,
        name: mw_string::NONE,
        value: mw_string::NONE,
        number: 0,
        limit: 0,
        backwards: false,
        numbers: mw_numbers::NONE,
        list: mw_list::NONE,
        structure: mw_bytes::NONE,
    };

    fn named(name: Str<'_>) -> Self {
        Self { name: mw_string::of(name), ..Self::EMPTY }
    }

    fn with(name: Str<'_>, value: Option<Str<'_>>) -> Self {
        Self { value: mw_string::maybe(value), ..Self::named(name) }
    }
}

/// The core's cursors.
#[derive(Clone)]
pub(crate) enum Cursor<'r> {
    Flags(FlagsIter<'r>),
    /// Words with spaces between them.
    Words(&'r [u8]),
    Strings(StringsIter<'r>),
    Labels(XGmLabelsIter<'r>),
    Attributes(AttributesIter<'r>),
    ListItems(ListItemsIter<'r>),
    StatusValues(StatusValuesIter<'r>),
    Id(IdFieldsIter<'r>),
    Metadata(MetadataValuesIter<'r>),
    Quota(QuotaResourcesIter<'r>),
    Acl(AclEntriesIter<'r>),
    Namespaces(NamespaceListIter<'r>),
    NamespaceExtensions(NamespaceExtensionsIter<'r>),
    Found(EsearchItems<'r>),
    Updates(UpdatesIter<'r>),
    Relevancy(RelevancyIter<'r>),
    UrlParts(UrlPartsIter<'r>),
    Params(Params<'r>),
    Mechanisms(MechanismsIter<'r>),
    Languages(LanguagesIter<'r>),
    Fields(HeaderListIter<'r>),
    /// And how many were taken, of the few that mailwire knows.
    Known(&'r CapabilitySet, usize),
    KnownMechanisms(&'r mailwire::pop3::CapabilitySet, usize),
}

holds!(mw_list: Cursor<'_> => Cursor<'static>);

impl mw_list {
    pub(crate) fn strings(strings: Strings<'_>) -> Self {
        Self::of(Cursor::Strings(strings.iter()))
    }

    fn next(&mut self) -> Option<mw_entry> {
        self.step(Cursor::next)
    }
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<mw_entry> {
        Some(match self {
            Self::Flags(flags) => flag(flags.next()?),
            Self::Words(rest) => {
                let text = rest.trim_ascii_start();
                let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
                let (word, after) = text.split_at_checked(end)?;
                *rest = after;
                if word.is_empty() {
                    return None;
                }
                mw_entry::named(word.into())
            }
            Self::Strings(strings) => mw_entry::named(strings.next()?),
            Self::Labels(labels) => {
                mw_entry { name: mw_string::mailbox(&labels.next()?), ..mw_entry::EMPTY }
            }
            Self::Attributes(attributes) => {
                let it = attributes.next()?;
                mw_entry { kind: attribute(&it), ..mw_entry::named(it.name()) }
            }
            Self::ListItems(items) => match items.next()? {
                ListItem::ChildInfo(options) => mw_entry {
                    list: mw_list::strings(options),
                    ..mw_entry::named("CHILDINFO".into())
                },
                ListItem::OldName(name) => mw_entry {
                    value: mw_string::mailbox(&name),
                    ..mw_entry::named("OLDNAME".into())
                },
                ListItem::Other { tag, value } => mw_entry::with(tag, Some(value)),
                _ => mw_entry::EMPTY,
            },
            Self::StatusValues(values) => status_value(&values.next()?),
            Self::Id(fields) => {
                let field = fields.next()?;
                mw_entry::with(field.name, field.value)
            }
            Self::Metadata(values) => {
                let it = values.next()?;
                mw_entry::with(it.entry, it.value)
            }
            Self::Quota(resources) => {
                let it = resources.next()?;
                mw_entry {
                    number: it.usage.unwrap_or(MW_UNKNOWN),
                    limit: it.limit.unwrap_or(MW_UNKNOWN),
                    ..mw_entry::named(it.name)
                }
            }
            Self::Acl(entries) => {
                let it = entries.next()?;
                mw_entry::with(it.identifier, Some(it.rights.as_str()))
            }
            Self::Namespaces(namespaces) => {
                let it = namespaces.next()?;
                mw_entry {
                    name: mw_string::mailbox(&it.prefix),
                    value: it.translation().map_or(mw_string::NONE, |it| mw_string::mailbox(&it)),
                    number: it.delimiter.map_or(0, u64::from),
                    list: mw_list::of(Cursor::NamespaceExtensions(it.extensions.iter())),
                    ..mw_entry::EMPTY
                }
            }
            Self::NamespaceExtensions(extensions) => {
                let it = extensions.next()?;
                mw_entry { list: mw_list::strings(it.values), ..mw_entry::named(it.name) }
            }
            Self::Found(items) => found(&items.next()?),
            Self::Updates(updates) => {
                let it = updates.next()?;
                mw_entry {
                    number: it.position.into(),
                    numbers: mw_numbers::set(it.numbers),
                    ..mw_entry::EMPTY
                }
            }
            Self::Relevancy(scores) => {
                mw_entry { number: scores.next()?.into(), ..mw_entry::EMPTY }
            }
            Self::UrlParts(parts) => {
                let it = parts.next()?;
                mw_entry {
                    number: it.binary.is_some().into(),
                    structure: mw_bytes::maybe(it.structure.map(|structure| structure.raw())),
                    ..mw_entry::with(it.url, it.binary.or(it.body))
                }
            }
            Self::Params(params) => {
                let (name, value) = params.next()?;
                mw_entry::with(name, value)
            }
            Self::Mechanisms(names) => mw_entry::named(names.next()?),
            Self::Languages(languages) => mw_entry::named(languages.next()?),
            Self::Fields(names) => mw_entry::named(names.next()?),
            Self::Known(known, taken) => {
                let it = known.iter().nth(*taken)?;
                *taken = taken.saturating_add(1);
                capability(&it)
            }
            Self::KnownMechanisms(known, taken) => {
                let name = known.mechanisms().nth(*taken)?;
                *taken = taken.saturating_add(1);
                mw_entry::named(name.into())
            }
        })
    }
}

fn capability(it: &Capability<'static>) -> mw_entry {
    let named = mw_entry { number: MW_UNKNOWN, ..mw_entry::named(it.name().into()) };
    match *it {
        Capability::Auth(name) => mw_entry { value: mw_string::of(name.into()), ..named },
        Capability::AppendLimit(Some(number)) => mw_entry { number, ..named },
        Capability::MessageLimit(number) | Capability::SaveLimit(number) => {
            mw_entry { number: number.into(), ..named }
        }
        _ => named,
    }
}

fn flag(flag: Flag<'_>) -> mw_entry {
    let (kind, name) = match flag {
        Flag::Seen => (MW_FLAG_SEEN, "Seen".into()),
        Flag::Answered => (MW_FLAG_ANSWERED, "Answered".into()),
        Flag::Flagged => (MW_FLAG_FLAGGED, "Flagged".into()),
        Flag::Deleted => (MW_FLAG_DELETED, "Deleted".into()),
        Flag::Draft => (MW_FLAG_DRAFT, "Draft".into()),
        Flag::Recent => (MW_FLAG_RECENT, "Recent".into()),
        Flag::Wildcard => (MW_FLAG_WILDCARD, "*".into()),
        Flag::Extension(name) => (MW_FLAG_EXTENSION, Str::from(name)),
        Flag::Keyword(name) => (MW_FLAG_KEYWORD, Str::from(name)),
        Flag::Other(name) => (MW_FLAG_KEYWORD, name),
        _ => return mw_entry::EMPTY,
    };
    mw_entry { kind, ..mw_entry::named(name) }
}

fn attribute(it: &Attribute<'_>) -> u32 {
    match it {
        Attribute::NonExistent => MW_ATTRIBUTE_NONEXISTENT,
        Attribute::NoInferiors => MW_ATTRIBUTE_NOINFERIORS,
        Attribute::NoSelect => MW_ATTRIBUTE_NOSELECT,
        Attribute::HasChildren => MW_ATTRIBUTE_HASCHILDREN,
        Attribute::HasNoChildren => MW_ATTRIBUTE_HASNOCHILDREN,
        Attribute::Marked => MW_ATTRIBUTE_MARKED,
        Attribute::Unmarked => MW_ATTRIBUTE_UNMARKED,
        Attribute::Subscribed => MW_ATTRIBUTE_SUBSCRIBED,
        Attribute::Remote => MW_ATTRIBUTE_REMOTE,
        Attribute::All => MW_ATTRIBUTE_ALL,
        Attribute::Archive => MW_ATTRIBUTE_ARCHIVE,
        Attribute::Drafts => MW_ATTRIBUTE_DRAFTS,
        Attribute::Flagged => MW_ATTRIBUTE_FLAGGED,
        Attribute::Junk => MW_ATTRIBUTE_JUNK,
        Attribute::Sent => MW_ATTRIBUTE_SENT,
        Attribute::Trash => MW_ATTRIBUTE_TRASH,
        Attribute::Important => MW_ATTRIBUTE_IMPORTANT,
        Attribute::Inbox => MW_ATTRIBUTE_INBOX,
        Attribute::NoAccess => MW_ATTRIBUTE_NOACCESS,
        _ => MW_ATTRIBUTE_OTHER,
    }
}

fn status_value(value: &StatusValue<'_>) -> mw_entry {
    let number =
        |name: &'static str, number: u64| mw_entry { number, ..mw_entry::named(name.into()) };
    match *value {
        StatusValue::Messages(n) => number("MESSAGES", n.into()),
        StatusValue::UidNext(n) => number("UIDNEXT", n.into()),
        StatusValue::UidValidity(n) => number("UIDVALIDITY", n),
        StatusValue::Unseen(n) => number("UNSEEN", n.into()),
        StatusValue::Deleted(n) => number("DELETED", n.into()),
        StatusValue::Size(n) => number("SIZE", n),
        StatusValue::Recent(n) => number("RECENT", n.into()),
        StatusValue::HighestModSeq(n) => number("HIGHESTMODSEQ", n),
        StatusValue::MailboxId(id) => mw_entry::with("MAILBOXID".into(), Some(id)),
        // No limit of its own is NIL: no number, and no value.
        StatusValue::AppendLimit(limit) => number("APPENDLIMIT", limit.unwrap_or(u64::MAX)),
        StatusValue::DeletedStorage(n) => number("DELETED-STORAGE", n),
        StatusValue::Other { name, value } => mw_entry::with(name, Some(value)),
        _ => mw_entry::EMPTY,
    }
}

fn found(item: &EsearchData<'_>) -> mw_entry {
    let mut entry = mw_entry::EMPTY;
    entry.kind = match *item {
        EsearchData::Min(n) => {
            entry.number = n.into();
            MW_FOUND_MIN
        }
        EsearchData::Max(n) => {
            entry.number = n.into();
            MW_FOUND_MAX
        }
        EsearchData::Count(n) => {
            entry.number = n.into();
            MW_FOUND_COUNT
        }
        EsearchData::All(set) => {
            entry.numbers = mw_numbers::set(set);
            MW_FOUND_ALL
        }
        EsearchData::ModSeq(n) => {
            entry.number = n;
            MW_FOUND_MODSEQ
        }
        EsearchData::Partial { range, numbers } => {
            if let Some(range) = range {
                entry.number = range.from.into();
                entry.limit = range.to.into();
                entry.backwards = range.backwards;
            }
            entry.numbers = mw_numbers::maybe(numbers);
            MW_FOUND_PARTIAL
        }
        EsearchData::AddTo(updates) => {
            entry.list = mw_list::of(Cursor::Updates(updates.iter()));
            MW_FOUND_ADDTO
        }
        EsearchData::RemoveFrom(updates) => {
            entry.list = mw_list::of(Cursor::Updates(updates.iter()));
            MW_FOUND_REMOVEFROM
        }
        EsearchData::Relevancy(scores) => {
            entry.list = mw_list::of(Cursor::Relevancy(scores.iter()));
            MW_FOUND_RELEVANCY
        }
        EsearchData::Other { name, value } => {
            entry = mw_entry::with(name, Some(value));
            MW_FOUND_OTHER
        }
        _ => MW_FOUND_OTHER,
    };
    entry
}

/// Takes the next entry. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_list_next(list: *mut mw_list, out_entry: *mut mw_entry) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(list) = args.handle(list) else { return false };
        list.next().map(|entry| args.give(out_entry, entry)).is_some()
    })
}

/// Looks for an entry by name, letters A to Z being equal to a to z, without moving the cursor.
/// Flags are named with their backslash, if they have one: "\\Seen", "$Forwarded". `out_entry`
/// may be NULL. False if there is none, or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_list_find(
    list: *const mw_list,
    name: *const c_char,
    out_entry: *mut mw_entry,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let (Some(list), Ok(name)) = (args.maybe(list), args.text(name)) else { return false };
        let mut list = *list;
        let flags = matches!(list.get(), Some(Cursor::Flags(_)));
        let (slash, bare) = match name.strip_prefix('\\') {
            Some(bare) if flags => (true, bare),
            _ => (false, name),
        };
        while let Some(entry) = list.next() {
            if (!flags || (entry.kind != MW_FLAG_KEYWORD) == slash)
                && args.string(&entry.name).eq_ignore_ascii_case(bare)
            {
                args.give(out_entry, entry);
                return true;
            }
        }
        false
    })
}
