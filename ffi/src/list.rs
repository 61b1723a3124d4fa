//! Lists: what an event holds of variable number, walked by cursors in the caller's memory.

use crate::args::Args;
use crate::bytes::{Out, mw_bytes, mw_string};
use crate::guard;
use core::ffi::c_char;
use core::mem::{MaybeUninit, needs_drop};
use mailwire::DateTime;
use mailwire::imap::{
    AclEntriesIter, AddressList, Attribute, AttributesIter, BodyStructure, Capability,
    CapabilitySet, Envelope, EsearchData, EsearchItems, Flag, FlagsIter, HeaderListIter,
    IdFieldsIter, LanguagesIter, ListItem, ListItemsIter, MetadataValuesIter,
    NamespaceExtensionsIter, NamespaceListIter, Number, NumbersIter, Params, Part, PartKind,
    QuotaResourcesIter, Ranges, RelevancyIter, SequenceSet, StatusValue, StatusValuesIter, Str,
    Strings, StringsIter, ThreadToken, ThreadTokens, Threads, TransferEncoding, UpdatesIter,
    UrlPartsIter, Walk, XGmLabelsIter,
};
use mailwire::pop3::MechanismsIter;

/// A view of the core's as words that C may copy.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Words<const N: usize>([MaybeUninit<usize>; N]);

/// Puts a value there. Its lifetime is the header's from now on: until the next call on the
/// handle whose event it is of.
pub(crate) const fn store<T, const N: usize>(value: T) -> [MaybeUninit<usize>; N] {
    const {
        assert!(size_of::<T>() <= size_of::<Words<N>>(), "more words are needed");
        assert!(!needs_drop::<T>());
    }
    let mut words = [MaybeUninit::uninit(); N];
    // SAFETY: it fits, as was asserted; it need not be aligned, and is read as it is written.
    unsafe { (&raw mut words).cast::<T>().write_unaligned(value) };
    words
}

/// Takes it out again.
///
/// # Safety
///
/// `words` were made by [`store`] of a `T` (of any lifetime), what it refers to is still there,
/// and `T` needs no drop.
pub(crate) const unsafe fn load<T, const N: usize>(words: &[MaybeUninit<usize>; N]) -> T {
    // SAFETY: by the caller.
    unsafe { (&raw const *words).cast::<T>().read_unaligned() }
}

/// What marks a struct of this name as filled. It is one that nothing else in its place is likely to
/// be: so a program that takes the wrong member of a union finds an empty list there.
pub(crate) const fn filled(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0x811C_9DC5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash | 0x8080_0000
}

/// A struct of C's, of `kind` and `opaque`, that holds a value of the core's or nothing.
macro_rules! holds {
    ($name:ident: $lent:ty => $lasting:ty) => {
        #[allow(dead_code)]
        impl $name {
            const FILLED: u32 = crate::list::filled(stringify!($name));
            pub(crate) const NONE: Self =
                Self { kind: 0, opaque: [core::mem::MaybeUninit::zeroed(); _] };

            pub(crate) fn of(value: $lent) -> Self {
                Self { kind: Self::FILLED, opaque: crate::list::store(value) }
            }

            pub(crate) fn maybe(value: Option<$lent>) -> Self {
                value.map_or(Self::NONE, Self::of)
            }

            /// What it holds.
            pub(crate) fn get(&self) -> Option<$lasting> {
                // SAFETY: only `of` marks it so; the header says how long it is valid.
                (self.kind == Self::FILLED).then(|| unsafe { crate::list::load(&self.opaque) })
            }

            /// Works on what it holds.
            pub(crate) fn change<R>(&mut self, f: impl FnOnce(&mut $lasting) -> R) -> Option<R> {
                let mut value = self.get()?;
                let out = f(&mut value);
                *self = Self::of(value);
                Some(out)
            }

            /// Takes the next one out of a cursor, which is empty at its end.
            pub(crate) fn step<R>(
                &mut self,
                f: impl FnOnce(&mut $lasting) -> Option<R>,
            ) -> Option<R> {
                let next = self.change(f).flatten();
                if next.is_none() {
                    *self = Self::NONE;
                }
                next
            }
        }
    };
}
pub(crate) use holds;

// ---- Numbers.

/// Stands for `*`, the largest number, in a range.
pub const MW_STAR: u32 = 0xFFFF_FFFF;

/// Sequence numbers or UIDs, as a row of ranges: a cursor. Copy it to walk more than once. Valid
/// as long as the event it came with. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_numbers {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 4],
}

const NONE: u32 = 0;
const RANGES: u32 = filled("ranges");
const NUMBERS: u32 = filled("numbers");
const SEARCH_RESULT: u32 = filled("search result");

/// The numbers from `first` to `last`, both included; one number if they are equal. `*` is
/// `MW_STAR`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_range {
    /// The first.
    pub first: u32,
    /// The last, never below the first.
    pub last: u32,
}

impl mw_numbers {
    pub(crate) const NONE: Self = Self { kind: NONE, opaque: [MaybeUninit::zeroed(); 4] };

    pub(crate) fn set(set: SequenceSet<'_>) -> Self {
        let kind = if set.is_search_result() { SEARCH_RESULT } else { RANGES };
        Self { kind, opaque: store(set.iter()) }
    }

    pub(crate) fn maybe(set: Option<SequenceSet<'_>>) -> Self {
        set.map_or(Self::NONE, Self::set)
    }

    pub(crate) fn list(numbers: NumbersIter<'_>) -> Self {
        Self { kind: NUMBERS, opaque: store(numbers) }
    }

    fn next(&mut self) -> Option<mw_range> {
        let plain = |number| match number {
            Number::Value(value) => value,
            Number::Star => MW_STAR,
        };
        match self.kind {
            RANGES => {
                // SAFETY: of this kind; the header says how long it is valid.
                let mut ranges: Ranges<'static> = unsafe { load(&self.opaque) };
                let range = ranges.next()?;
                self.opaque = store(ranges);
                Some(mw_range { first: plain(range.start), last: plain(range.end) })
            }
            NUMBERS => {
                // SAFETY: as above.
                let mut numbers: NumbersIter<'static> = unsafe { load(&self.opaque) };
                let number = numbers.next()?;
                self.opaque = store(numbers);
                Some(mw_range { first: number, last: number })
            }
            _ => None,
        }
    }
}

/// Takes the next range. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_next(
    numbers: *mut mw_numbers,
    out_range: *mut mw_range,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(numbers) = args.handle(numbers) else { return false };
        numbers.next().map(|range| args.give(out_range, range)).is_some()
    })
}

/// Writes what is left of a cursor as a sequence set for a command, such as "1:3,7:*". Like
/// snprintf: as many whole ranges as fit, ended by NUL if `len` is not 0, and returned is how many
/// bytes all of them have. Nothing is taken from the cursor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_copy(
    numbers: *const mw_numbers,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let mut out = Out::new(args.room(buffer.cast(), len));
        let Some(numbers) = args.maybe(numbers) else { return out.finish() };
        if numbers.kind == SEARCH_RESULT {
            out.push(b"$");
        }
        let mut rest = *numbers;
        let mut joined = rest.next();
        let mut first = true;
        while let Some(mut range) = joined {
            joined = rest.next();
            while let Some(next) = joined
                && range.last.checked_add(1) == Some(next.first)
                && next.first != MW_STAR
            {
                range.last = next.last;
                joined = rest.next();
            }
            let mut piece = Piece::new();
            if !first {
                piece.push(b',');
            }
            first = false;
            piece.range(range.first, range.last);
            out.push(piece.text());
        }
        out.finish()
    })
}

/// How many numbers are left in a cursor; MW_UNKNOWN if that depends on a `*` or on what the
/// server keeps ("$"). 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_numbers_count(numbers: *const mw_numbers) -> u64 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Some(numbers) = args.maybe(numbers) else { return 0 };
        if numbers.kind == SEARCH_RESULT {
            return MW_UNKNOWN;
        }
        let mut rest = *numbers;
        let mut sum = 0_u64;
        while let Some(range) = rest.next() {
            if range.last == MW_STAR {
                return MW_UNKNOWN;
            }
            sum = sum.saturating_add(u64::from(range.last.saturating_sub(range.first)) + 1);
        }
        sum
    })
}

/// Writes numbers as a sequence set for a command, such as "1:3,7", joining those that follow
/// each other: as many of the `count` as fit into `len` bytes with the NUL. Returns how many were
/// written, so that the others can be sent with another command; 0 if there is no room for one,
/// or at a number 0, which is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_set_write(
    numbers: *const u32,
    count: usize,
    buffer: *mut c_char,
    len: usize,
) -> usize {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let numbers = args.slice(numbers, count).unwrap_or_default();
        let room = args.room(buffer.cast(), len);
        let mut at = 0;
        let mut written = 0;
        while let Some(&first) = numbers.get(written) {
            let mut end = written + 1;
            while let (Some(&last), Some(&next)) = (numbers.get(end - 1), numbers.get(end)) {
                if last.checked_add(1) != Some(next) {
                    break;
                }
                end += 1;
            }
            let last = numbers.get(end - 1).copied().unwrap_or(first);
            let mut piece = Piece::new();
            if written > 0 {
                piece.push(b',');
            }
            piece.range(first, last);
            let text = piece.text();
            match room.get_mut(at..at + text.len()) {
                Some(to) if first > 0 && at + text.len() < len => to.copy_from_slice(text),
                _ => break,
            }
            at += text.len();
            written = end;
        }
        if let Some(end) = room.get_mut(at) {
            *end = 0;
        }
        written
    })
}

/// Up to two numbers and what is between them.
struct Piece {
    bytes: [u8; 24],
    len: usize,
}

impl Piece {
    fn new() -> Self {
        Self { bytes: [0; 24], len: 0 }
    }

    fn push(&mut self, byte: u8) {
        if let Some(to) = self.bytes.get_mut(self.len) {
            *to = byte;
            self.len += 1;
        }
    }

    fn number(&mut self, number: u32) {
        let mut scale = 1_000_000_000;
        while scale > 1 && number < scale {
            scale /= 10;
        }
        while scale > 0 {
            self.push(b'0' + (number / scale % 10) as u8);
            scale /= 10;
        }
    }

    fn range(&mut self, first: u32, last: u32) {
        for (index, number) in [first, last].into_iter().enumerate() {
            if index > 0 && first == last {
                break;
            }
            if index > 0 {
                self.push(b':');
            }
            if number == MW_STAR { self.push(b'*') } else { self.number(number) }
        }
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

// ---- Lists.

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

// ---- Threads.

/// The beginning of a thread, or of a branch of one.
pub const MW_THREAD_OPEN: u32 = 1;
/// A message: the child of the one before it.
pub const MW_THREAD_NUMBER: u32 = 2;
/// The end of what was opened last.
pub const MW_THREAD_CLOSE: u32 = 3;

/// Threads as a row of tokens: a cursor. "(3 6 (4)(5))" is OPEN 3 6 OPEN 4 CLOSE OPEN 5 CLOSE
/// CLOSE: 6 answers 3, and both 4 and 5 answer 6. Valid as long as the event it came with.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_threads {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// How many are open where this begins: not 0 in a later part of a long response.
    pub depth: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 3],
}

impl mw_threads {
    const FILLED: u32 = filled("mw_threads");

    pub(crate) fn of(threads: Threads<'_>) -> Self {
        Self { kind: Self::FILLED, depth: threads.depth(), opaque: store(threads.iter()) }
    }
}

/// Takes the next token: returns one of `MW_THREAD_…`, or 0 at the end or for NULL.
/// `out_number` gets the number of MW_THREAD_NUMBER; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_threads_next(threads: *mut mw_threads, out_number: *mut u32) -> u32 {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(0, || {
        let Ok(threads) = args.handle(threads) else { return 0 };
        if threads.kind != mw_threads::FILLED {
            return 0;
        }
        // SAFETY: of this kind; the header says how long it is valid.
        let mut tokens: ThreadTokens<'static> = unsafe { load(&threads.opaque) };
        let token = tokens.next();
        threads.depth = tokens.depth();
        threads.opaque = store(tokens);
        match token {
            Some(ThreadToken::Open) => MW_THREAD_OPEN,
            Some(ThreadToken::Number(number)) => {
                args.give(out_number, number);
                MW_THREAD_NUMBER
            }
            Some(ThreadToken::Close) => MW_THREAD_CLOSE,
            None => {
                threads.kind = 0;
                0
            }
        }
    })
}

// ---- ENVELOPE.

/// Addresses of an ENVELOPE: a cursor. Copy it to walk more than once. Valid as long as the event
/// it came with. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_addresses {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 2],
}

/// An address of an ENVELOPE (RFC 9051 section 7.5.2). A group begins with one that has only a
/// mailbox, the group's name, and ends with one that has nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_address {
    /// The name: for `mw_string_decode`.
    pub name: mw_string,
    /// The source route. Nobody has one.
    pub adl: mw_string,
    /// What is before the @.
    pub mailbox: mw_string,
    /// What is behind it. NULL for the beginning and end of a group.
    pub host: mw_string,
}

holds!(mw_addresses: AddressList<'_> => AddressList<'static>);

/// Takes the next address. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_addresses_next(
    addresses: *mut mw_addresses,
    out_address: *mut mw_address,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(addresses) = args.handle(addresses) else { return false };
        let Some(it) = addresses.step(Iterator::next) else { return false };
        let string = mw_string::maybe;
        args.give(
            out_address,
            mw_address {
                name: string(it.name),
                adl: string(it.adl),
                mailbox: string(it.mailbox),
                host: string(it.host),
            },
        );
        true
    })
}

/// An ENVELOPE (RFC 9051 section 7.5.2). Strings that are NIL have a `ptr` of NULL; texts of
/// people (subject, names) are for `mw_string_decode`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_envelope {
    /// The Date field: for `mw_date_parse`.
    pub date: mw_string,
    /// The subject.
    pub subject: mw_string,
    /// In-Reply-To
    pub in_reply_to: mw_string,
    /// Message-ID
    pub message_id: mw_string,
    /// From
    pub from: mw_addresses,
    /// Sender
    pub sender: mw_addresses,
    /// Reply-To
    pub reply_to: mw_addresses,
    /// To
    pub to: mw_addresses,
    /// Cc
    pub cc: mw_addresses,
    /// Bcc
    pub bcc: mw_addresses,
}

impl mw_envelope {
    pub(crate) fn of(envelope: &Envelope<'_>) -> Self {
        Self {
            date: mw_string::maybe(envelope.date()),
            subject: mw_string::maybe(envelope.subject()),
            in_reply_to: mw_string::maybe(envelope.in_reply_to()),
            message_id: mw_string::maybe(envelope.message_id()),
            from: mw_addresses::of(envelope.from()),
            sender: mw_addresses::of(envelope.sender()),
            reply_to: mw_addresses::of(envelope.reply_to()),
            to: mw_addresses::of(envelope.to()),
            cc: mw_addresses::of(envelope.cc()),
            bcc: mw_addresses::of(envelope.bcc()),
        }
    }
}

// ---- BODYSTRUCTURE.

/// The parts of a BODY or BODYSTRUCTURE, each before those that are in it: a cursor, made by
/// `mw_parts_of`. Copy it to walk more than once. Valid as long as the bytes it was made of.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_parts {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 64],
}

holds!(mw_parts: Walk<'_> => Walk<'static>);

/// A part without others in it.
pub const MW_PART_SINGLE: u32 = 1;
/// A multipart.
pub const MW_PART_MULTIPART: u32 = 2;
/// A message in a message: it has an envelope, and one part in it.
pub const MW_PART_MESSAGE: u32 = 3;
/// What cannot be understood: see `raw`.
pub const MW_PART_MALFORMED: u32 = 4;
/// Parts that lie in so many others that they are not walked: see `raw`.
pub const MW_PART_TOO_DEEP: u32 = 5;

/// `mw_part.encoding`: none was told.
pub const MW_ENCODING_NONE: u32 = 0;
/// 7BIT
pub const MW_ENCODING_7BIT: u32 = 1;
/// 8BIT
pub const MW_ENCODING_8BIT: u32 = 2;
/// BINARY
pub const MW_ENCODING_BINARY: u32 = 3;
/// BASE64
pub const MW_ENCODING_BASE64: u32 = 4;
/// QUOTED-PRINTABLE
pub const MW_ENCODING_QUOTED_PRINTABLE: u32 = 5;
/// Another: `mw_part.encoding_name` says which.
pub const MW_ENCODING_OTHER: u32 = 6;

/// Stands for a number that was not told.
pub const MW_UNKNOWN: u64 = 0xFFFF_FFFF_FFFF_FFFF;

/// How many bytes the number of a part takes as text, at most, with the NUL.
pub const MW_PART_NUMBER_SIZE: usize = 288;

/// A part of a message (RFC 9051 section 7.5.2). Strings that are NIL or missing have a `ptr` of
/// NULL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_part {
    /// One of `MW_PART_…`.
    pub kind: u32,
    /// How many parts it lies in.
    pub depth: u32,
    /// Of a multipart: how many parts are in it.
    pub children: u32,
    /// One of `MW_ENCODING_…`.
    pub encoding: u32,
    /// Its number for FETCH, such as "1.2"; empty for the message itself. Ends in NUL.
    pub number: [c_char; MW_PART_NUMBER_SIZE],
    /// "text", …
    pub media_type: mw_string,
    /// "plain", …
    pub subtype: mw_string,
    /// Content-ID
    pub id: mw_string,
    /// For `mw_string_decode`.
    pub description: mw_string,
    /// The transfer encoding's name, if it is MW_ENCODING_OTHER.
    pub encoding_name: mw_string,
    /// Its MD5 digest.
    pub md5: mw_string,
    /// "inline", "attachment", …
    pub disposition: mw_string,
    /// Content-Location
    pub location: mw_string,
    /// Its size in octets, as it is encoded; MW_UNKNOWN if not told.
    pub size: u64,
    /// Its lines; MW_UNKNOWN if not told.
    pub lines: u64,
    /// Parameters: charset, name, …
    pub params: mw_list,
    /// Parameters of the disposition: filename, …
    pub disposition_params: mw_list,
    /// Languages.
    pub language: mw_list,
    /// Of a message: its ENVELOPE, for `mw_envelope_of`.
    pub envelope: mw_bytes,
    /// What extensions there are that mailwire does not know.
    pub extension: mw_bytes,
    /// All of it, as it came.
    pub raw: mw_bytes,
}

fn part(part: &Part<'_>) -> mw_part {
    let disposition = part.disposition();
    let (encoding, encoding_name) = match part.encoding() {
        None => (MW_ENCODING_NONE, None),
        Some(TransferEncoding::SevenBit) => (MW_ENCODING_7BIT, None),
        Some(TransferEncoding::EightBit) => (MW_ENCODING_8BIT, None),
        Some(TransferEncoding::Binary) => (MW_ENCODING_BINARY, None),
        Some(TransferEncoding::Base64) => (MW_ENCODING_BASE64, None),
        Some(TransferEncoding::QuotedPrintable) => (MW_ENCODING_QUOTED_PRINTABLE, None),
        Some(TransferEncoding::Other(name)) => (MW_ENCODING_OTHER, Some(name)),
        #[allow(unreachable_patterns)]
        Some(_) => (MW_ENCODING_OTHER, None),
    };
    let string = mw_string::maybe;
    mw_part {
        kind: match part.kind() {
            PartKind::Single => MW_PART_SINGLE,
            PartKind::Multipart => MW_PART_MULTIPART,
            PartKind::Message => MW_PART_MESSAGE,
            PartKind::TooDeep => MW_PART_TOO_DEEP,
            _ => MW_PART_MALFORMED,
        },
        depth: u32::try_from(part.depth()).unwrap_or(u32::MAX),
        children: u32::try_from(part.children()).unwrap_or(u32::MAX),
        encoding,
        number: part_number(part.number().iter()),
        media_type: string(part.media_type()),
        subtype: string(part.subtype()),
        id: string(part.id()),
        description: string(part.description()),
        encoding_name: string(encoding_name),
        md5: string(part.md5()),
        disposition: string(disposition.map(|it| it.kind)),
        location: string(part.location()),
        size: part.size().unwrap_or(MW_UNKNOWN),
        lines: part.lines().unwrap_or(MW_UNKNOWN),
        params: mw_list::of(Cursor::Params(part.params())),
        disposition_params: disposition
            .map_or(mw_list::NONE, |it| mw_list::of(Cursor::Params(it.params))),
        language: mw_list::of(Cursor::Languages(part.language())),
        envelope: mw_bytes::maybe(part.envelope().map(|envelope| envelope.raw())),
        extension: mw_bytes::of(part.extension()),
        raw: mw_bytes::of(part.raw()),
    }
}

/// Begins to walk a structure: `event.data.structure`, or `mw_entry.structure`. False if it is
/// none, or for NULL; then `out_parts` has no parts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_parts_of(structure: mw_bytes, out_parts: *mut mw_parts) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let structure = BodyStructure::parse(args.bytes(&structure));
        let found = structure.is_some();
        args.give(out_parts, mw_parts::maybe(structure.map(|structure| structure.walk())));
        found
    })
}

/// Takes the next part. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_parts_next(parts: *mut mw_parts, out_part: *mut mw_part) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(parts) = args.handle(parts) else { return false };
        parts.step(Iterator::next).map(|next| args.give(out_part, part(&next))).is_some()
    })
}

/// Reads an ENVELOPE out of `mw_part.envelope`. False, and nothing is written, if it is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_envelope_of(
    envelope: mw_bytes,
    out_envelope: *mut mw_envelope,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let envelope = Envelope::parse(args.bytes(&envelope));
        envelope.map(|it| args.give(out_envelope, mw_envelope::of(&it))).is_some()
    })
}

// ---- Dates.

/// A moment.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_date_time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: i64,
    /// The year.
    pub year: u16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 60
    pub second: u8,
    /// Whether there is a date at all. False: NIL, and all is 0.
    pub valid: bool,
    /// Minutes that the local time above is ahead of UTC.
    pub offset_minutes: i16,
}

impl mw_date_time {
    pub(crate) const NONE: Self = Self {
        unix_seconds: 0,
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        valid: false,
        offset_minutes: 0,
    };

    pub(crate) fn maybe(moment: Option<DateTime>) -> Self {
        let Some(it) = moment else { return Self::NONE };
        Self {
            unix_seconds: it.to_unix(),
            year: it.date.year,
            month: it.date.month,
            day: it.date.day,
            hour: it.hour,
            minute: it.minute,
            second: it.second,
            valid: true,
            offset_minutes: it.offset_minutes,
        }
    }
}

/// Reads a date as in a message's Date field (RFC 5322 section 3.3), such as an ENVELOPE's.
/// Without one, `valid` is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_date_parse(date: *const mw_string) -> mw_date_time {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_date_time::maybe(None), || {
        let date = args.maybe(date).map(|date| args.string(date));
        mw_date_time::maybe(date.and_then(mailwire::message::date_time))
    })
}

/// The number of a part as text, that ends in NUL.
pub(crate) fn part_number<const N: usize>(numbers: impl Iterator<Item = u32>) -> [c_char; N] {
    let mut bytes = [0; N];
    let mut out = Out::new(&mut bytes);
    for (index, n) in numbers.enumerate() {
        let mut piece = Piece::new();
        if index > 0 {
            piece.push(b'.');
        }
        piece.number(n);
        out.push(piece.text());
    }
    out.finish();
    bytes.map(|byte| byte as c_char)
}
