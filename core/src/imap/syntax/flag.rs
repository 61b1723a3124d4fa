//! Flags (RFC 9051 section 2.3.2).

use super::string::{Str, byte, keyword, sp0, word};
use super::{Parsed, fail};
use crate::names::Names;
use crate::scan::SHORT_WAYS;
use core::fmt;

/// A flag of a message (RFC 9051 section 2.3.2). Names are equal in any case.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Flag<'a> {
    /// `\Seen`: the message was read.
    Seen,
    /// `\Answered`
    Answered,
    /// `\Flagged`: urgent, or starred.
    Flagged,
    /// `\Deleted`: to be removed by EXPUNGE.
    Deleted,
    /// `\Draft`
    Draft,
    /// `\Recent` (RFC 3501 section 2.3.2). It cannot be set.
    Recent,
    /// `\*`, in PERMANENTFLAGS only: new keywords can be made.
    Wildcard,
    /// Any other with a backslash, which is not in the name here.
    Extension(&'a str),
    /// One without a backslash: `$Forwarded`, `$Junk`, or the user's own. Servers send more
    /// than the grammar admits here, such as `]` (Gmail).
    Keyword(&'a str),
    /// A lone backslash, or what is not UTF-8, as it came.
    Other(Str<'a>),
}

impl<'a> Flag<'a> {
    /// `$Forwarded`, RFC 9051 section 2.3.2.
    pub const FORWARDED: Self = Flag::Keyword("$Forwarded");
    /// `$MDNSent`, RFC 9051 section 2.3.2.
    pub const MDN_SENT: Self = Flag::Keyword("$MDNSent");
    /// `$Junk`, RFC 9051 section 2.3.2.
    pub const JUNK: Self = Flag::Keyword("$Junk");
    /// `$NotJunk`, RFC 9051 section 2.3.2.
    pub const NOT_JUNK: Self = Flag::Keyword("$NotJunk");
    /// `$Phishing`, RFC 9051 section 2.3.2.
    pub const PHISHING: Self = Flag::Keyword("$Phishing");
    /// `$Important`: probably important to the user (RFC 8457).
    pub const IMPORTANT: Self = Flag::Keyword("$Important");
    /// `$SubmitPending`: to be sent, or being sent (RFC 5550 section 5.10).
    pub const SUBMIT_PENDING: Self = Flag::Keyword("$SubmitPending");
    /// `$Submitted`: it was sent (RFC 5550 section 5.10).
    pub const SUBMITTED: Self = Flag::Keyword("$Submitted");
    /// `$hasattachment`: the message has an attachment (IMAP keywords registry, RFC 5788).
    pub const HAS_ATTACHMENT: Self = Flag::Keyword("$hasattachment");
    /// `$hasnoattachment`: the message has none (IMAP keywords registry, RFC 5788).
    pub const HAS_NO_ATTACHMENT: Self = Flag::Keyword("$hasnoattachment");
    /// `$autosent`: a program sent it by itself, as an answer to another (IMAP keywords registry, RFC 5788).
    pub const AUTO_SENT: Self = Flag::Keyword("$autosent");
    /// `$unsubscribed`: the user has left the list that it came from (IMAP keywords registry, RFC 5788).
    pub const UNSUBSCRIBED: Self = Flag::Keyword("$unsubscribed");
    /// `$canunsubscribe`: the list that it came from can be left (IMAP keywords registry, RFC 5788).
    pub const CAN_UNSUBSCRIBE: Self = Flag::Keyword("$canunsubscribe");
    /// `$muted`: the user wants to hear no more of its thread (IMAP keywords registry, RFC 5788).
    pub const MUTED: Self = Flag::Keyword("$muted");
    /// `$followed`: the user wants to hear of its thread (IMAP keywords registry, RFC 5788).
    pub const FOLLOWED: Self = Flag::Keyword("$followed");
    /// `$memo`: a note of the user to another message (IMAP keywords registry, RFC 5788).
    pub const MEMO: Self = Flag::Keyword("$memo");
    /// `$hasmemo`: there is a note to it (IMAP keywords registry, RFC 5788).
    pub const HAS_MEMO: Self = Flag::Keyword("$hasmemo");
    /// `$notify`: the user is to be told of it (IMAP keywords registry, RFC 5788).
    pub const NOTIFY: Self = Flag::Keyword("$notify");
    /// `$new`: to be shown as new, though it may have been in the mailbox for long (IMAP keywords registry, RFC 5788).
    pub const NEW: Self = Flag::Keyword("$new");
    /// `$istrusted`: the server knows that it is from whom it says (IMAP keywords registry, RFC 5788).
    pub const IS_TRUSTED: Self = Flag::Keyword("$istrusted");
    /// `$MaskedEmail`: it came by an address that hides the user's (IMAP keywords registry, RFC 5788).
    pub const MASKED_EMAIL: Self = Flag::Keyword("$MaskedEmail");
    /// `$imported`: it was brought from another server (IMAP keywords registry, RFC 5788).
    pub const IMPORTED: Self = Flag::Keyword("$imported");
    /// `$MailFlagBit0`: the lowest bit of a flag's colour, of seven (IMAP keywords registry, RFC 5788).
    pub const MAIL_FLAG_BIT_0: Self = Flag::Keyword("$MailFlagBit0");
    /// `$MailFlagBit1`: the middle bit of a flag's colour (IMAP keywords registry, RFC 5788).
    pub const MAIL_FLAG_BIT_1: Self = Flag::Keyword("$MailFlagBit1");
    /// `$MailFlagBit2`: the highest bit of a flag's colour (IMAP keywords registry, RFC 5788).
    pub const MAIL_FLAG_BIT_2: Self = Flag::Keyword("$MailFlagBit2");

    /// From the text of a flag, its backslash included.
    pub fn new(name: Str<'a>) -> Self {
        if let Some([b'\\', system @ ..]) = name.as_bytes() {
            match system.len() {
                1 if system == b"*" => return Flag::Wildcard,
                4 if system.eq_ignore_ascii_case(b"Seen") => return Flag::Seen,
                5 if system.eq_ignore_ascii_case(b"Draft") => return Flag::Draft,
                6 if system.eq_ignore_ascii_case(b"Recent") => return Flag::Recent,
                7 if system.eq_ignore_ascii_case(b"Flagged") => return Flag::Flagged,
                7 if system.eq_ignore_ascii_case(b"Deleted") => return Flag::Deleted,
                8 if system.eq_ignore_ascii_case(b"Answered") => return Flag::Answered,
                _ => {}
            }
        }
        match name.as_str() {
            None | Some("" | "\\") => Flag::Other(name),
            Some(text) => text.strip_prefix('\\').map_or(Flag::Keyword(text), Flag::Extension),
        }
    }

    /// Backslash and name.
    fn parts(&self) -> (&'static str, Str<'a>) {
        match *self {
            Flag::Seen => ("\\", "Seen".into()),
            Flag::Answered => ("\\", "Answered".into()),
            Flag::Flagged => ("\\", "Flagged".into()),
            Flag::Deleted => ("\\", "Deleted".into()),
            Flag::Draft => ("\\", "Draft".into()),
            Flag::Recent => ("\\", "Recent".into()),
            Flag::Wildcard => ("\\", "*".into()),
            Flag::Extension(name) => ("\\", name.into()),
            Flag::Keyword(name) => ("", name.into()),
            Flag::Other(name) => ("", name),
        }
    }

    /// The bit of a system flag; none for a keyword.
    pub const fn bit(&self) -> FlagSet {
        match self {
            Flag::Seen => FlagSet::SEEN,
            Flag::Answered => FlagSet::ANSWERED,
            Flag::Flagged => FlagSet::FLAGGED,
            Flag::Deleted => FlagSet::DELETED,
            Flag::Draft => FlagSet::DRAFT,
            Flag::Recent => FlagSet::RECENT,
            Flag::Wildcard => FlagSet::WILDCARD,
            _ => FlagSet::EMPTY,
        }
    }
}

impl PartialEq for Flag<'_> {
    fn eq(&self, other: &Flag<'_>) -> bool {
        let ((slash, name), (other_slash, other_name)) = (self.parts(), other.parts());
        let lower = |byte: u8| byte.to_ascii_lowercase();
        slash == other_slash && name.bytes().map(lower).eq(other_name.bytes().map(lower))
    }
}

impl Eq for Flag<'_> {}

/// As on the wire, with the backslash.
impl fmt::Display for Flag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slash, name) = self.parts();
        f.write_str(slash)?;
        name.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Flag<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Flag<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let (slash, name) = self.parts();
        defmt::write!(f, "{=str}{}", slash, name);
    }
}

/// A list of flags as it came (RFC 9051 section 9, `flag-list`).
#[derive(Clone, Copy, Default)]
pub struct Flags<'a> {
    /// Between the parentheses; valid.
    raw: &'a [u8],
}

impl<'a> Flags<'a> {
    /// What stands between the parentheses, or a part of it. The walk ends at what is no flag.
    pub(crate) const fn within(raw: &'a [u8]) -> Self {
        Self { raw }
    }

    /// The flags in their order.
    pub fn iter(&self) -> FlagsIter<'a> {
        FlagsIter { rest: self.raw }
    }

    /// Whether `flag` is among them.
    pub fn contains(&self, flag: Flag<'_>) -> bool {
        self.iter().any(|it| it == flag)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The system flags among them, as bits.
    pub fn to_set(&self) -> FlagSet {
        let mut flags = self.iter();
        core::iter::from_fn(|| flags.next_name())
            .fold(FlagSet::EMPTY, |set, name| set | FlagSet::of(name))
    }
}

/// The flags of [`Flags`].
#[derive(Debug, Clone)]
pub struct FlagsIter<'a> {
    rest: &'a [u8],
}

impl<'a> FlagsIter<'a> {
    #[inline]
    fn next_name(&mut self) -> Option<Str<'a>> {
        let (rest, ()) = sp0(self.rest).ok()?;
        let (rest, name) = word(rest).ok()?;
        self.rest = rest;
        Some(name)
    }
}

impl<'a> Iterator for FlagsIter<'a> {
    type Item = Flag<'a>;

    #[inline]
    fn next(&mut self) -> Option<Flag<'a>> {
        self.next_name().map(Flag::new)
    }
}

impl<'a> IntoIterator for Flags<'a> {
    type Item = Flag<'a>;
    type IntoIter = FlagsIter<'a>;

    fn into_iter(self) -> FlagsIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Equal if the same flags stand in the same order.
impl PartialEq for Flags<'_> {
    fn eq(&self, other: &Flags<'_>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Flags<'_> {}

#[cfg(feature = "serde")]
impl serde::Serialize for Flags<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Flags<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", Str::new(self.raw));
    }
}

/// System flags as bits, to be kept without a borrow (RFC 9051 section 2.3.2).
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct FlagSet(u8);

impl FlagSet {
    /// No flag.
    pub const EMPTY: Self = Self(0);
    /// `\Seen`
    pub const SEEN: Self = Self(1);
    /// `\Answered`
    pub const ANSWERED: Self = Self(1 << 1);
    /// `\Flagged`
    pub const FLAGGED: Self = Self(1 << 2);
    /// `\Deleted`
    pub const DELETED: Self = Self(1 << 3);
    /// `\Draft`
    pub const DRAFT: Self = Self(1 << 4);
    /// `\Recent`
    pub const RECENT: Self = Self(1 << 5);
    /// `\*`: new keywords can be made.
    pub const WILDCARD: Self = Self(1 << 6);

    /// The one of that name, if there is one.
    fn of(name: Str<'_>) -> Self {
        const NAMES: Names =
            Names("\\Seen\n\\Answered\n\\Flagged\n\\Deleted\n\\Draft\n\\Recent\n\\*\n");
        let place = name.as_bytes().and_then(|name| NAMES.place(name));
        place.map_or(Self::EMPTY, |place| Self(1_u8.wrapping_shl(place as u32)))
    }

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits: from bit 0 up in the order of the constants here.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The flags, one by one.
    pub fn iter(self) -> impl Iterator<Item = Flag<'static>> + Clone {
        [
            Flag::Seen,
            Flag::Answered,
            Flag::Flagged,
            Flag::Deleted,
            Flag::Draft,
            Flag::Recent,
            Flag::Wildcard,
        ]
        .into_iter()
        .filter(move |flag| self.contains(flag.bit()))
    }
}

impl core::ops::BitOr for FlagSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl core::ops::BitOrAssign for FlagSet {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl From<Flags<'_>> for FlagSet {
    fn from(flags: Flags<'_>) -> Self {
        flags.to_set()
    }
}

impl fmt::Debug for FlagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FlagSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for FlagSet {
    fn format(&self, f: defmt::Formatter<'_>) {
        for flag in self.iter() {
            defmt::write!(f, "{} ", flag);
        }
    }
}

/// ```abnf
/// flag-list      = "(" [flag *(SP flag)] ")"
/// flag           = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" /
///                  flag-keyword / flag-extension
/// flag-extension = "\" atom
/// flag-keyword   = atom
/// flag-perm      = flag / "\*"
/// ```
/// RFC 9051 section 9. Spaces may stand anywhere; a name may be quoted, hold brackets
/// (Gmail) or be a lone backslash or star (Binc); NIL is an empty list.
#[inline]
pub(crate) fn flag_list(i: &[u8]) -> Parsed<'_, Flags<'_>> {
    let Ok((start, ())) = byte(i, b'(') else {
        let (rest, ()) = keyword(i, b"NIL")?;
        return Ok((rest, Flags::default()));
    };
    // Nothing but atoms, of whatever kind.
    let stops = |byte: &u8| matches!(byte, b'(' | b')' | b'"' | b'{' | b'\r' | b'\n');
    let atoms = start.iter().position(stops).and_then(|at| start.split_at_checked(at));
    if SHORT_WAYS && let Some((raw, [b')', after @ ..])) = atoms {
        return Ok((after, Flags { raw }));
    }
    let mut rest = start;
    loop {
        (rest, _) = sp0(rest)?;
        if let [b')', after @ ..] = rest {
            let length = start.len().wrapping_sub(rest.len());
            return match start.get(..length) {
                Some(raw) => Ok((after, Flags { raw })),
                None => fail(),
            };
        }
        (rest, _) = word(rest)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn all(i: &[u8]) -> Vec<std::string::String> {
        flag_list(i).unwrap().1.iter().map(|flag| flag.to_string()).collect()
    }

    #[test]
    fn read() {
        let (rest, flags) = flag_list(b"(\\Seen $Junk \\X-Y \\deleted) UID").unwrap();
        assert_eq!(rest, b" UID");
        assert!(flags.contains(Flag::Seen) && flags.contains(Flag::Deleted));
        assert!(flags.contains(Flag::Keyword("$JUNK")) && flags.contains(Flag::Extension("x-y")));
        assert!(!flags.contains(Flag::Keyword("Seen")));
        assert_eq!(flags.to_set(), FlagSet::SEEN | FlagSet::DELETED);
        assert_eq!(std::format!("{:?}", flags.to_set()), "{Seen, Deleted}");
        assert!(all(b"()").is_empty() && all(b"NIL").is_empty() && all(b"( )").is_empty());
        assert_eq!(all(b"( \\Seen  \\* )"), ["\\Seen", "\\*"]);
        assert_eq!(
            all(b"(\\ * \"a b\" OIB-Seen-[Google Mail]/Alle)"),
            ["\\", "*", "a b", "OIB-Seen-[Google", "Mail]/Alle"]
        );
        assert_eq!(all(b"(caf\xe9)"), ["caf\u{fffd}"]);
        for bad in [&b"(\\Seen"[..], b"\\Seen", b"((\\Seen))", b"(\"x)", b"(a\r\n)"] {
            assert!(flag_list(bad).is_err(), "{bad:?}");
        }
    }
}
