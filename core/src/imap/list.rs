//! LIST and LSUB: which mailboxes there are (RFC 9051 sections 6.3.9 and 7.3.1, RFC 3501
//! sections 6.3.9 and 7.2.3, RFC 5258, RFC 5819, RFC 6154).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::mailbox_status::{StatusItem, encode_items};
use super::metadata::encode_entries;
use super::raw::Parse;
use super::sequence::{Strings, list_of, sequence};
use super::syntax::string::run;
use super::syntax::{Parsed, astring, keyword, nstring, sp, string, value};
use super::{Capability, Mailbox, Str};
use crate::scan::{SHORT_WAYS, find};
use core::fmt;
use core::mem::discriminant;

/// Which mailboxes an extended LIST names (RFC 9051 section 6.3.9.1).
///
/// ```abnf
/// list-select-opt = list-select-base-opt / list-select-independent-opt
///                   / list-select-mod-opt
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ListSelection<'a> {
    /// Those that are subscribed, whether they exist or not.
    Subscribed,
    /// Those on other servers too.
    Remote,
    /// Parents too, if a child is selected; needs another option beside it that is not
    /// `Remote`.
    RecursiveMatch,
    /// Those that have a special use (RFC 6154 section 5.2).
    SpecialUse,
    /// Any other option without a value.
    Other(&'a str),
}

/// What an extended LIST tells of each mailbox (RFC 9051 section 6.3.9.2).
///
/// ```abnf
/// list-return-opt = return-option
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ListReturn<'a> {
    /// `\Subscribed` where so.
    Subscribed,
    /// `\HasChildren` or `\HasNoChildren`.
    Children,
    /// `\Drafts`, `\Sent` and so on (RFC 6154 section 5.3).
    SpecialUse,
    /// A STATUS response after each LIST response (RFC 9051 section 6.3.9.2, RFC 5819).
    Status(&'a [StatusItem<'a>]),
    /// A MYRIGHTS response after each LIST response (RFC 8440):
    /// [`Event::MyRights`](super::Event::MyRights).
    MyRights,
    /// A METADATA response with these entries after each LIST response (RFC 9590):
    /// [`Event::Metadata`](super::Event::Metadata). At least one entry.
    Metadata(&'a [&'a str]),
    /// Any other option without a value.
    Other(&'a str),
}

/// `LIST`: names the mailboxes that match (RFC 9051 section 6.3.9).
///
/// ```abnf
/// list         = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat
///                [SP list-return-opts]
/// mbox-or-pat  = list-mailbox / patterns
/// patterns     = "(" list-mailbox *(SP list-mailbox) ")"
/// ```
///
/// With one pattern and no options it is what every server knows. Options need
/// LIST-EXTENDED (RFC 5258) or IMAP4rev2, some of them a capability of their own beside it,
/// and more than one pattern needs LIST-EXTENDED (RFC 9051 appendix C).
///
/// ```
/// # use mailwire::imap::{ListReturn, command::ListCommand};
/// let list = ListCommand::new(&["*"]).returns(&[ListReturn::SpecialUse]);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ListCommand<'a> {
    /// Where the patterns start, in UTF-8; mostly `""`.
    pub reference: &'a str,
    /// Names in UTF-8, with the wildcards `*` (anything) and `%` (anything in one level of
    /// the hierarchy). At least one.
    pub patterns: &'a [&'a str],
    /// Which mailboxes; mostly none.
    pub selection: &'a [ListSelection<'a>],
    /// What to tell beside the names; mostly none.
    pub returns: &'a [ListReturn<'a>],
}

impl<'a> ListCommand<'a> {
    /// A LIST of the `patterns`, without options.
    #[must_use]
    pub const fn new(patterns: &'a [&'a str]) -> Self {
        Self { reference: "", patterns, selection: &[], returns: &[] }
    }

    /// The patterns start there.
    #[must_use]
    pub const fn reference(self, reference: &'a str) -> Self {
        Self { reference, ..self }
    }

    /// Only such mailboxes.
    #[must_use]
    pub const fn selection(self, selection: &'a [ListSelection<'a>]) -> Self {
        Self { selection, ..self }
    }

    /// Tell this too.
    #[must_use]
    pub const fn returns(self, returns: &'a [ListReturn<'a>]) -> Self {
        Self { returns, ..self }
    }
}

impl Command for ListCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::List
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LIST ");
        if !self.selection.is_empty() || !self.returns.is_empty() {
            out.needs(Capability::ListExtended);
        }
        let recursive = self.selection.contains(&ListSelection::RecursiveMatch);
        let base = |option: &ListSelection<'_>| {
            !matches!(option, ListSelection::RecursiveMatch | ListSelection::Remote)
        };
        if recursive && !self.selection.iter().any(base) {
            out.invalid("RECURSIVEMATCH alone");
        }
        out.list(b"(", self.selection, b") ", |out, option| {
            match option {
                ListSelection::Subscribed => out.raw(b"SUBSCRIBED"),
                ListSelection::Remote => out.raw(b"REMOTE"),
                ListSelection::RecursiveMatch => out.raw(b"RECURSIVEMATCH"),
                ListSelection::SpecialUse => out.needs(Capability::SpecialUse).raw(b"SPECIAL-USE"),
                ListSelection::Other(name) => out.atom(name),
            };
        });
        out.mailbox(self.reference).sp();
        match self.patterns {
            [] => {
                out.invalid("LIST without a pattern");
            }
            [pattern] => {
                out.list_mailbox(pattern);
            }
            patterns => {
                out.needs_by_name(Capability::ListExtended);
                out.list(b"(", patterns, b")", |out, pattern| _ = out.list_mailbox(pattern));
            }
        }
        out.list(b" RETURN (", self.returns, b")", |out, option| {
            match option {
                ListReturn::Subscribed => out.raw(b"SUBSCRIBED"),
                ListReturn::Children => out.raw(b"CHILDREN"),
                ListReturn::SpecialUse => out.needs(Capability::SpecialUse).raw(b"SPECIAL-USE"),
                ListReturn::Status(items) => {
                    out.needs(Capability::ListStatus).raw(b"STATUS ");
                    encode_items(out, items)
                }
                ListReturn::MyRights => out.needs(Capability::ListMyRights).raw(b"MYRIGHTS"),
                ListReturn::Metadata(entries) => {
                    out.needs(Capability::ListMetadata).raw(b"METADATA ");
                    encode_entries(out, entries)
                }
                ListReturn::Other(name) => out.atom(name),
            };
        });
    }
}

/// The forms of LIST that know one pattern and no options.
macro_rules! pattern_command {
    ($($(#[$doc:meta])* $name:ident = $kind:ident, $verb:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a> {
            /// Where the pattern starts, in UTF-8; mostly `""`.
            pub reference: &'a str,
            /// A name in UTF-8, with the wildcards `*` and `%`.
            pub pattern: &'a str,
        }

        impl Command for $name<'_> {
            fn kind(&self) -> Kind {
                Kind::$kind
            }

            fn encode(&self, out: &mut Encoder<'_, '_>) {
                out.raw($verb).mailbox(self.reference).sp().list_mailbox(self.pattern);
            }
        }
    )*};
}

pattern_command! {
    /// `LSUB`: names the subscribed mailboxes (RFC 3501 section 6.3.9). IMAP4rev2 has it no
    /// more; there it is a LIST with [`ListSelection::Subscribed`].
    ///
    /// ```abnf
    /// lsub = "LSUB" SP mailbox SP list-mailbox
    /// ```
    LsubCommand = Lsub, b"LSUB ";

    /// `XLIST`: a LIST that tells what mailboxes are for (Gmail and others before SPECIAL-USE,
    /// RFC 6154). [`Event::XList`](super::Event::XList) answers.
    ///
    /// ```abnf
    /// xlist = "XLIST" SP mailbox SP list-mailbox
    /// ```
    XListCommand = XList, b"XLIST ";

    /// `RLIST`: a LIST that names mailboxes on other servers too (RFC 2193 section 5.1).
    /// [`Event::List`](super::Event::List) answers; commands that name such a mailbox are refused
    /// with [`Code::Referral`](super::Code::Referral).
    ///
    /// ```abnf
    /// rlist = "RLIST" SPACE mailbox SPACE list_mailbox
    /// ```
    RListCommand = RList, b"RLIST ";

    /// `RLSUB`: an LSUB that names mailboxes on other servers too (RFC 2193 section 5.2).
    /// [`Event::Lsub`](super::Event::Lsub) answers.
    ///
    /// ```abnf
    /// rlsub = "RLSUB" SPACE mailbox SPACE list_mailbox
    /// ```
    RLsubCommand = RLsub, b"RLSUB ";
}

/// What a mailbox is like (RFC 9051 section 7.3.1, RFC 6154 section 2).
///
/// ```abnf
/// mbx-list-oflag = "\Noinferiors" / child-mbox-flag / "\Subscribed" / "\Remote"
///                  / flag-extension
/// mbx-list-sflag = "\NonExistent" / "\Noselect" / "\Marked" / "\Unmarked"
/// use-attr       = "\All" / "\Archive" / "\Drafts" / "\Flagged" / "\Junk" / "\Sent"
///                  / "\Trash" / use-attr-ext
/// ```
///
/// Names are equal in any case. XLIST's `\AllMail`, `\Spam` and `\Starred` are those that
/// RFC 6154 made of them: `\All`, `\Junk` and `\Flagged`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Attribute<'a> {
    /// There is no such mailbox, only such a name. Implies [`NoSelect`](Self::NoSelect).
    NonExistent,
    /// It has no children and can get none.
    NoInferiors,
    /// It cannot be selected. In answer to LSUB: it is not subscribed, but a child is.
    NoSelect,
    /// It has children.
    HasChildren,
    /// It has no children that this user may see.
    HasNoChildren,
    /// It probably got mail since it was selected last.
    Marked,
    /// It got no mail since it was selected last.
    Unmarked,
    /// It is subscribed.
    Subscribed,
    /// It is on another server.
    Remote,
    /// All messages of the user.
    All,
    /// Messages put by.
    Archive,
    /// Messages not yet sent.
    Drafts,
    /// Messages that are flagged.
    Flagged,
    /// Spam.
    Junk,
    /// Messages that were sent.
    Sent,
    /// Messages that are deleted, or going to be.
    Trash,
    /// Messages that are important to the user (RFC 8457 section 3).
    Important,
    /// INBOX, in whatever language its name is (XLIST).
    Inbox,
    /// It was named in NOTIFY and may not be watched (RFC 5465 section 5.9).
    NoAccess,
    /// Any other, with its backslash.
    Other(Str<'a>),
}

/// Each name with its attribute, the frequent ones first. Of several names the first is the one
/// that is shown.
const ATTRIBUTES: [(&str, Attribute<'static>); 22] = [
    ("\\HasNoChildren", Attribute::HasNoChildren),
    ("\\HasChildren", Attribute::HasChildren),
    ("\\Noinferiors", Attribute::NoInferiors),
    ("\\Noselect", Attribute::NoSelect),
    ("\\Unmarked", Attribute::Unmarked),
    ("\\Marked", Attribute::Marked),
    ("\\Subscribed", Attribute::Subscribed),
    ("\\NonExistent", Attribute::NonExistent),
    ("\\Remote", Attribute::Remote),
    ("\\All", Attribute::All),
    ("\\Archive", Attribute::Archive),
    ("\\Drafts", Attribute::Drafts),
    ("\\Flagged", Attribute::Flagged),
    ("\\Junk", Attribute::Junk),
    ("\\Sent", Attribute::Sent),
    ("\\Trash", Attribute::Trash),
    ("\\Important", Attribute::Important),
    ("\\Inbox", Attribute::Inbox),
    ("\\AllMail", Attribute::All),
    ("\\Spam", Attribute::Junk),
    ("\\Starred", Attribute::Flagged),
    ("\\NoAccess", Attribute::NoAccess),
];

impl<'a> Attribute<'a> {
    /// From its name, the backslash included.
    #[must_use]
    pub fn new(name: Str<'a>) -> Self {
        let bytes = name.as_bytes().unwrap_or_default();
        ATTRIBUTES
            .iter()
            .find(|(known, _)| bytes.eq_ignore_ascii_case(known.as_bytes()))
            .map_or(Self::Other(name), |&(_, attribute)| attribute)
    }

    /// Its name, the backslash included.
    #[must_use]
    pub fn name(&self) -> Str<'a> {
        match self {
            Self::Other(name) => *name,
            known => ATTRIBUTES
                .iter()
                .find(|(_, it)| discriminant(it) == discriminant(known))
                .map_or(Str::default(), |&(name, _)| name.into()),
        }
    }

    pub(super) fn encode(&self, out: &mut Encoder<'_, '_>) {
        match self.name().as_str().and_then(|name| name.strip_prefix('\\')) {
            Some(name) => out.raw(b"\\").atom(name),
            None => out.invalid("a mailbox attribute begins with a backslash"),
        };
    }
}

impl PartialEq for Attribute<'_> {
    fn eq(&self, other: &Attribute<'_>) -> bool {
        match (self, other) {
            (Self::Other(name), Attribute::Other(other)) => {
                let lower = |byte: u8| byte.to_ascii_lowercase();
                name.bytes().map(lower).eq(other.bytes().map(lower))
            }
            _ => discriminant(self) == discriminant(other),
        }
    }
}

impl Eq for Attribute<'_> {}

/// As on the wire, with the backslash.
impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Attribute<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Attribute<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.name().format(f);
    }
}

/// The attributes of a mailbox.
#[derive(Clone, Copy, Default)]
pub struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// ```abnf
    /// "(" [mbx-list-flags] ")"
    /// ```
    /// RFC 9051 section 9. Names may be quoted, or be a lone backslash; NIL is an empty
    /// list.
    #[inline]
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        if let Ok((rest, ())) = keyword(i, b"NIL") {
            return Ok((rest, Self::default()));
        }
        // One that has no list around it.
        if matches!(i, [b'\\', ..] | [b'"', b'\\', ..]) {
            let (rest, _) = attribute_name(i)?;
            let length = i.len().wrapping_sub(rest.len());
            return Ok((rest, Self(i.get(..length).unwrap_or_default())));
        }
        if SHORT_WAYS
            && let [b'(', inner @ ..] = i
            && let Some((names, [b')', rest @ ..])) =
                inner.split_at_checked(find(inner, |word| word.is_one_of_two(b'(') | word.is(b'"')))
        {
            return Ok((rest, Self(names)));
        }
        list_of(i, attribute_name).map(|(rest, inner)| (rest, Self(inner)))
    }

    fn pop(&mut self) -> Option<Attribute<'a>> {
        let (rest, name) = attribute_name(self.0.trim_ascii_start()).ok()?;
        self.0 = rest;
        Some(Attribute::new(name))
    }

    /// Whether `attribute` is among them.
    pub fn contains(&self, attribute: Attribute<'_>) -> bool {
        self.iter().any(|it| it == attribute)
    }
}

sequence!(Attributes, AttributesIter, Attribute<'a>);

#[inline]
fn attribute_name(i: &[u8]) -> Parsed<'_, Str<'_>> {
    match i {
        [b'"', ..] => string(i),
        _ => run(i, |byte| !matches!(byte, b' ' | b'(' | b')' | b'"'))
            .map(|(rest, name)| (rest, Str::new(name))),
    }
}

/// ```abnf
/// DQUOTE QUOTED-CHAR DQUOTE / nil
/// ```
/// RFC 9051 section 9. Also without quotes, and empty, which is none.
#[inline]
pub(super) fn delimiter(i: &[u8]) -> Parsed<'_, Option<char>> {
    match i {
        [b'"', b'\\', c, b'"', rest @ ..] | [b'"', c, b'"', rest @ ..] => {
            Ok((rest, Some(char::from(*c))))
        }
        [c, b' ', ..] if *c != b'(' => Ok((i.get(1..).unwrap_or_default(), Some(char::from(*c)))),
        _ => {
            let (rest, text) = nstring(i)?;
            Ok((rest, text.and_then(|text| text.as_str()?.chars().next())))
        }
    }
}

/// An extended data item of a LIST response (RFC 9051 section 7.3.1).
///
/// ```abnf
/// mbox-list-extended-item = mbox-list-extended-item-tag SP tagged-ext-val
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ListItem<'a> {
    /// `CHILDINFO`: which selection options a mailbox below this one meets, such as
    /// `SUBSCRIBED` (RFC 9051 section 6.3.9.6).
    ChildInfo(Strings<'a>),
    /// `OLDNAME`: the name that it had, or that the client used for it (RFC 9051
    /// section 6.3.9.7).
    OldName(Mailbox<'a>),
    /// Any other.
    Other {
        /// The item's tag.
        tag: Str<'a>,
        /// Its value, as it came.
        value: Str<'a>,
    },
}

#[inline]
fn list_item(i: &[u8]) -> Parsed<'_, (Str<'_>, &[u8])> {
    let (i, tag) = astring(i)?;
    let (i, _) = sp(i)?;
    let (i, value) = value(i)?;
    Ok((i, (tag, value)))
}

/// The extended data of a LIST response (RFC 9051 section 7.3.1).
#[derive(Clone, Copy)]
pub struct ListItems<'a> {
    text: &'a [u8],
    utf8: bool,
}

impl<'a> ListItems<'a> {
    /// ```abnf
    /// mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"
    /// ```
    /// or nothing, up to the end.
    #[inline]
    fn parse(i: &'a [u8], utf8: bool) -> Option<Self> {
        let i = i.trim_ascii_start();
        if i.is_empty() {
            return Some(Self { text: i, utf8 });
        }
        let (rest, text) = list_of(i, list_item).ok()?;
        rest.trim_ascii_start().is_empty().then_some(Self { text, utf8 })
    }

    fn pop(&mut self) -> Option<ListItem<'a>> {
        let (rest, (tag, value)) = list_item(self.text.trim_ascii_start()).ok()?;
        self.text = rest;
        if let Ok((_, strings)) = Strings::parse(value) {
            if tag.eq_ignore_ascii_case("CHILDINFO") {
                return Some(ListItem::ChildInfo(strings));
            }
            if tag.eq_ignore_ascii_case("OLDNAME")
                && let Some(name) = strings.iter().next()
            {
                return Some(ListItem::OldName(Mailbox::new(name, self.utf8)));
            }
        }
        Some(ListItem::Other { tag, value: Str::new(value) })
    }
}

sequence!(ListItems, ListItemsIter, ListItem<'a>);

/// The responses LIST and LSUB: a mailbox (RFC 9051 section 7.3.1, RFC 3501
/// section 7.2.3).
///
/// ```abnf
/// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
///                [SP mbox-list-extended]
/// ```
///
/// ```
/// use mailwire::imap::{Attribute, List};
///
/// let list = List::parse(br#"(\HasNoChildren \Sent) "/" "Sent &- done""#, false).unwrap();
/// assert_eq!(list.mailbox, "Sent & done");
/// assert!(list.attributes.contains(Attribute::Sent));
/// assert_eq!(list.delimiter, Some('/'));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct List<'a> {
    /// What it is like.
    pub attributes: Attributes<'a>,
    /// What stands between the levels of a name; none where there are no levels.
    pub delimiter: Option<char>,
    /// Its name.
    pub mailbox: Mailbox<'a>,
    /// Extended data; mostly none.
    pub extended: ListItems<'a>,
}

impl<'a> List<'a> {
    /// Reads what stands behind `* LIST` or `* LSUB` and its SP, up to and without the CRLF.
    /// `utf8` says whether names are in UTF-8 (IMAP4rev2 or UTF8=ACCEPT is enabled), not in
    /// modified UTF-7.
    pub fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, attributes) = Attributes::parse(text.trim_ascii_start()).ok()?;
        let (i, delimiter) = delimiter(i.trim_ascii_start()).ok()?;
        let (name, extended) = name(i.trim_ascii_start(), utf8)?;
        let mailbox = Mailbox::new(name, utf8);
        Some(Self { attributes, delimiter, mailbox, extended })
    }

    /// Whether SELECT can open it, as far as LIST tells.
    pub fn is_selectable(&self) -> bool {
        !self.attributes.iter().any(|it| matches!(it, Attribute::NoSelect | Attribute::NonExistent))
    }
}

/// For XLIST.
impl<'a> Parse<'a> for List<'a> {
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        Self::parse(text, utf8)
    }
}

/// ```abnf
/// mailbox [SP mbox-list-extended]
/// ```
/// up to the end, which makes room for more than the grammar allows:
///
/// - without quotes though it holds spaces, tabs, brackets (Exchange: `INBOX/Da␉Oggetto`;
///   `[FolderName]`; strato: `Sent Items`);
/// - with one quote only (Exchange: `Calendar"`), or with some within the name;
/// - none at all, which is the empty name.
#[inline]
fn name(i: &[u8], utf8: bool) -> Option<(Str<'_>, ListItems<'_>)> {
    if let Ok((rest, name)) = string(i)
        && let Some(extended) = ListItems::parse(rest, utf8)
    {
        return Some((name, extended));
    }
    // Only the first ` (` is tried, so that the time stays linear.
    let (name, extended) = i
        .windows(2)
        .position(|pair| pair == b" (")
        .and_then(|at| i.split_at_checked(at))
        .and_then(|(name, rest)| Some((name, ListItems::parse(rest, utf8)?)))
        .unwrap_or((i, ListItems { text: &[], utf8 }));
    Some((unquoted(name)?, extended))
}

/// A name that is no string by the grammar, as raw bytes. Not if it holds a line end: it
/// is a broken literal then.
pub(super) fn unquoted(name: &[u8]) -> Option<Str<'_>> {
    let name = name.trim_ascii();
    if name.contains(&b'\n') {
        return None;
    }
    let name = name.strip_prefix(b"\"").unwrap_or(name);
    Some(Str::new(name.strip_suffix(b"\"").unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::string::{String, ToString};
    use std::{format, vec::Vec};

    fn parse(text: &str) -> List<'_> {
        List::parse(text.as_bytes(), false).unwrap()
    }

    fn names(list: &List<'_>) -> Vec<String> {
        list.attributes.iter().map(|it| it.to_string()).collect()
    }

    #[test]
    fn commands() {
        says(&ListCommand::new(&["*"]), r#"LIST "" "*""#);
        says(
            &ListCommand { reference: "~/Mail/", ..ListCommand::new(&["%"]) },
            r#"LIST "~/Mail/" "%""#,
        );
        says(&ListCommand::new(&["INBOX", "Entwürfe/%"]), r#"LIST "" ("INBOX" "Entw&APw-rfe/%")"#);
        says(
            &ListCommand {
                selection: &[ListSelection::Subscribed, ListSelection::RecursiveMatch],
                returns: &[
                    ListReturn::Children,
                    ListReturn::Status(&[StatusItem::Messages, StatusItem::Unseen]),
                    ListReturn::SpecialUse,
                ],
                ..ListCommand::new(&["*"])
            },
            r#"LIST (SUBSCRIBED RECURSIVEMATCH) "" "*" RETURN (CHILDREN STATUS (MESSAGES UNSEEN) SPECIAL-USE)"#,
        );
        says(
            &ListCommand::new(&["%"]).returns(&[
                ListReturn::MyRights,
                ListReturn::Metadata(&["/shared/color", "/private/x"]),
            ]),
            r#"LIST "" "%" RETURN (MYRIGHTS METADATA ("/shared/color" "/private/x"))"#,
        );
        for selection in [
            &[ListSelection::RecursiveMatch][..],
            &[ListSelection::Remote, ListSelection::RecursiveMatch],
        ] {
            assert!(encode(&ListCommand::new(&["*"]).selection(selection), false).is_err());
        }
        let (reference, pattern) = ("é", "%");
        says(&XListCommand { reference, pattern }, r#"XLIST "&AOk-" "%""#);
        says(&RListCommand { reference, pattern }, r#"RLIST "&AOk-" "%""#);
        says(&RLsubCommand { reference, pattern }, r#"RLSUB "&AOk-" "%""#);
        says(&LsubCommand { reference: "", pattern: "a\"b*" }, r#"LSUB "" "a\"b*""#);
        assert!(encode(&ListCommand::new(&[]), false).is_err());
        let returns = &[ListReturn::Other("X) \r\nA2 LOGOUT")];
        assert!(encode(&ListCommand { returns, ..ListCommand::new(&["*"]) }, false).is_err());
        let returns = &[ListReturn::Status(&[])];
        assert!(encode(&ListCommand { returns, ..ListCommand::new(&["*"]) }, false).is_err());
    }

    #[test]
    fn real_servers() {
        // Dovecot
        let it = parse(r#"(\HasNoChildren \UnMarked) "/" "odd-back\\slash""#);
        assert_eq!(names(&it), ["\\HasNoChildren", "\\Unmarked"]);
        assert_eq!(it.delimiter, Some('/'));
        assert_eq!(it.mailbox, "odd-back\\slash");
        assert!(it.is_selectable() && it.extended.is_empty());
        // Courier
        assert_eq!(
            parse(r#"(\HasNoChildren) "." INBOX.odd-br[ack]et"#).mailbox,
            "INBOX.odd-br[ack]et"
        );
        // Mailutils: the atom NIL is a name here, as the grammar has it.
        let it = parse(r#"(\NoInferiors) NIL NIL"#);
        assert_eq!((it.delimiter, it.mailbox.to_string().as_str()), (None, "NIL"));
        let it = parse("(\\NoInferiors) \"/\" {12}\r\nodd-quote\"d ");
        assert_eq!(it.mailbox, "odd-quote\"d ");
        // Cyrus
        let it = parse(r#"(\Noselect \HasChildren) "/" odd-Gr&APwA3w-e"#);
        assert_eq!(it.mailbox, "odd-Grüße");
        assert!(!it.is_selectable());
        assert!(it.attributes.contains(Attribute::NoSelect));
        // Exchange
        assert_eq!(parse(r#"() "\\" "a\\b""#).delimiter, Some('\\'));
        // UTF8=ACCEPT
        let it = List::parse("() \"/\" Grüße&-".as_bytes(), true).unwrap();
        assert_eq!(it.mailbox, "Grüße&-");
    }

    #[test]
    fn extended() {
        // RFC 9051 section 6.3.9.8
        let it = parse(r#"() "/" "Foo" ("CHILDINFO" ("SUBSCRIBED" "REMOTE"))"#);
        let [ListItem::ChildInfo(options)] = it.extended.iter().collect::<Vec<_>>()[..] else {
            panic!("{it:?}")
        };
        assert!(options.iter().eq(["SUBSCRIBED", "REMOTE"]));
        let it = parse(r#"(\Subscribed) "/" NewMailbox ("OLDNAME" ("&AOk- b"))"#);
        let old = ListItem::OldName(Mailbox::new("é b".into(), true));
        assert!(it.extended.iter().eq([old]));
        // RFC 9051 section 7.3.1
        let it = parse(
            r#"(\Marked) ":" Tables (tablecloth (("edge" "lacy") ("color" "red")) Sample "text")"#,
        );
        assert_eq!(it.mailbox, "Tables");
        let items: Vec<_> = it.extended.iter().collect();
        let tablecloth = r#"(("edge" "lacy") ("color" "red"))"#;
        assert_eq!(
            items,
            [
                ListItem::Other { tag: "tablecloth".into(), value: tablecloth.into() },
                ListItem::Other { tag: "Sample".into(), value: r#""text""#.into() },
            ]
        );
        // CHILDINFO of another form is kept as it came.
        let it = parse(r#"() "/" a (CHILDINFO 1) "#);
        let other = ListItem::Other { tag: "CHILDINFO".into(), value: "1".into() };
        assert!(it.extended.iter().eq([other]));
        assert!(parse(r#"() "/" a () "#).extended.is_empty());
    }

    #[test]
    fn attributes() {
        for (text, wanted) in [
            (r#"NIL "/" a"#, &[][..]),
            (r#"nil "/" a"#, &[]),
            (r#"("\HasChildren" "\\Sent") "/" a"#, &["\\HasChildren", "\\Sent"]),
            (r#"(\HASCHILDREN  \ \X-Odd ) "/" a"#, &["\\HasChildren", "\\", "\\X-Odd"]),
            (
                r#"(\HasNoChildren \Important NoSlash) "/" a"#,
                &["\\HasNoChildren", "\\Important", "NoSlash"],
            ),
        ] {
            assert_eq!(names(&parse(text)), wanted);
        }
        // Gmail's XLIST
        let it = parse(r#"(\HasNoChildren \Starred) "/" "[Gmail]/Avec un suivi""#);
        assert!(it.attributes.contains(Attribute::Flagged));
        assert!(parse(r#"(\Inbox) "/" "Bo&AO4-te""#).attributes.contains(Attribute::Inbox));
        assert_eq!(Attribute::Other("\\x-Odd".into()), Attribute::Other("\\X-ODD".into()));
        assert_ne!(Attribute::Sent, Attribute::Trash);
        for (name, attribute) in ATTRIBUTES {
            assert_eq!(Attribute::new(name.into()), attribute);
            if !matches!(name, "\\AllMail" | "\\Spam" | "\\Starred") {
                assert_eq!(attribute.name(), name);
            }
        }
    }

    #[test]
    fn names_without_quotes() {
        for (text, mailbox) in [
            // Exchange
            ("(\\HasNoChildren) \"/\" INBOX/Da\tOggetto\tRicevuto", "INBOX/Da\tOggetto\tRicevuto"),
            (r#"() "/" Calendar""#, "Calendar"),
            (r#"() "." [FolderName]"#, "[FolderName]"),
            // strato
            (r#"() "." Sent Items "#, "Sent Items"),
            (r#"() "." Sent (old) Items"#, "Sent (old) Items"),
            (r#"() "." Sent (old)"#, "Sent (old)"),
            (r#"() "." "an "inner" quote""#, "an \"inner\" quote"),
            (r#"() "/" """#, ""),
            (r#"() "/" "#, ""),
            (r#"()  "/"  a"#, "a"),
            (r#"() / a"#, "a"),
            (r#"() "" a"#, "a"),
            (r#"() "/" a b (CHILDINFO ("SUBSCRIBED"))"#, "a b"),
        ] {
            assert_eq!(parse(text).mailbox, mailbox, "{text}");
        }
    }

    #[test]
    fn bad() {
        for text in [
            "",
            "(",
            "(\\Sent",
            "(\\Sent) ",
            "Sent \"/\" a",
            "(\"\\Sent) \"/\" a",
            "(()) \"/\" a",
            "() \"/\" {5}\r\nab",
            "() \"/\" {2}\r\nabc",
        ] {
            assert!(List::parse(text.as_bytes(), false).is_none(), "{text:?}");
        }
        let deep = format!("() \"/\" a {}", "(".repeat(100_000));
        assert!(parse(&deep).extended.is_empty());
        assert!(size_of::<List<'_>>() <= 96);
    }
}
