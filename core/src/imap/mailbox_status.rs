//! STATUS: how a mailbox stands that need not be selected (RFC 9051 sections 6.3.11 and 7.3.4).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::list::unquoted;
use super::sequence::{Strings, sequence};
use super::status::whole;
use super::syntax::{Parsed, astring, number64, sp, value};
use super::{Capability, Mailbox, Str};

/// What STATUS can tell (RFC 9051 section 6.3.11).
///
/// ```abnf
/// status-att = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "DELETED" / "SIZE"
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StatusItem<'a> {
    /// How many messages there are.
    Messages,
    /// What UID the next message will have.
    UidNext,
    /// The mailbox's UIDVALIDITY.
    UidValidity,
    /// How many messages have no `\Seen`.
    Unseen,
    /// How many messages have `\Deleted` (RFC 9208 section 4.1.4; needs QUOTA=RES-MESSAGE
    /// or IMAP4rev2).
    Deleted,
    /// How many bytes the messages have in all (RFC 8438; needs STATUS=SIZE or IMAP4rev2).
    Size,
    /// How many messages have `\Recent` (RFC 3501 section 6.3.10).
    Recent,
    /// The highest MODSEQ (RFC 7162 section 3.1.7; needs CONDSTORE).
    HighestModSeq,
    /// The mailbox's object identifier (RFC 8474 section 4.3; needs OBJECTID).
    MailboxId,
    /// How many bytes a message may have that is appended (RFC 7889; needs APPENDLIMIT).
    AppendLimit,
    /// How many bytes an EXPUNGE would free (RFC 9208 section 4.1.4; needs
    /// QUOTA=RES-STORAGE).
    DeletedStorage,
    /// Any other.
    Other(&'a str),
}

const ITEMS: [(&str, StatusItem<'static>); 11] = [
    ("MESSAGES", StatusItem::Messages),
    ("UIDNEXT", StatusItem::UidNext),
    ("UIDVALIDITY", StatusItem::UidValidity),
    ("UNSEEN", StatusItem::Unseen),
    ("RECENT", StatusItem::Recent),
    ("HIGHESTMODSEQ", StatusItem::HighestModSeq),
    ("SIZE", StatusItem::Size),
    ("DELETED", StatusItem::Deleted),
    ("MAILBOXID", StatusItem::MailboxId),
    ("APPENDLIMIT", StatusItem::AppendLimit),
    ("DELETED-STORAGE", StatusItem::DeletedStorage),
];

impl<'a> StatusItem<'a> {
    /// Its name in commands and responses.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        match self {
            Self::Other(name) => name,
            known => ITEMS.iter().find(|(_, item)| item == known).map_or("", |(name, _)| name),
        }
    }
}

/// `STATUS`: asks about a mailbox without selecting it (RFC 9051 section 6.3.11). It may
/// be slow; do not ask about the selected mailbox.
///
/// ```abnf
/// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StatusCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// What to tell; at least one.
    pub items: &'a [StatusItem<'a>],
}

impl<'a> StatusCommand<'a> {
    /// These `items` of the mailbox.
    #[must_use]
    pub const fn new(mailbox: &'a str, items: &'a [StatusItem<'a>]) -> Self {
        Self { mailbox, items }
    }
}

impl Command for StatusCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Status
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"STATUS ").mailbox(self.mailbox).sp();
        encode_items(out, self.items);
    }
}

/// ```abnf
/// "(" status-att *(SP status-att) ")"
/// ```
pub(super) fn encode_items<'e, 't, 'b>(
    out: &'e mut Encoder<'t, 'b>,
    items: &[StatusItem<'_>],
) -> &'e mut Encoder<'t, 'b> {
    if items.is_empty() {
        return out.invalid("STATUS without an item");
    }
    out.list(b"(", items, b")", |out, item| {
        match item {
            StatusItem::Size => out.needs(Capability::StatusSize),
            StatusItem::Deleted => out.needs_unless_rev2(Capability::QuotaResMessage),
            StatusItem::DeletedStorage => out.needs(Capability::QuotaResStorage),
            StatusItem::HighestModSeq => out.needs(Capability::CondStore),
            StatusItem::MailboxId => out.needs(Capability::ObjectId),
            StatusItem::AppendLimit => out.needs(Capability::AppendLimit(None)),
            _ => out,
        };
        out.atom(item.as_str());
    })
}

/// An item of a STATUS response (RFC 9051 section 7.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StatusValue<'a> {
    /// How many messages there are.
    Messages(u32),
    /// What UID the next message will have.
    UidNext(u32),
    /// The mailbox's UIDVALIDITY. 32 bits by the RFC, but not by every server.
    UidValidity(u64),
    /// How many messages have no `\Seen`.
    Unseen(u32),
    /// How many messages have `\Deleted`.
    Deleted(u32),
    /// How many bytes the messages have in all.
    Size(u64),
    /// How many messages have `\Recent`.
    Recent(u32),
    /// The highest MODSEQ; 0 if the mailbox keeps none.
    HighestModSeq(u64),
    /// The mailbox's object identifier.
    MailboxId(Str<'a>),
    /// How many bytes a message may have that is appended; as many as it likes if `None`.
    AppendLimit(Option<u64>),
    /// How many bytes an EXPUNGE would free.
    DeletedStorage(u64),
    /// Any other, and those whose value is not of the RFC's form, such as `-1`.
    Other {
        /// The item's name.
        name: Str<'a>,
        /// Its value, as it came.
        value: Str<'a>,
    },
}

impl<'a> StatusValue<'a> {
    fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        Self::known(name, value)
            .unwrap_or(Self::Other { name: Str::new(name), value: Str::new(value) })
    }

    /// ```abnf
    /// status-att-val = ("MESSAGES" SP number) / ("UIDNEXT" SP nz-number) /
    ///                  ("UIDVALIDITY" SP nz-number) / ("UNSEEN" SP number) /
    ///                  ("DELETED" SP number) / ("SIZE" SP number64)
    /// status-att-val =/ "HIGHESTMODSEQ" SP mod-sequence-valzer
    /// status-att-val =/ "MAILBOXID" SP "(" objectid ")"
    /// status-att-val =/ "APPENDLIMIT" SP (number / nil)
    /// ```
    /// RFC 9051 section 9, RFC 7162 section 7, RFC 8474 section 7, RFC 7889 section 4.
    fn known(name: &'a [u8], value: &'a [u8]) -> Option<Self> {
        let &(_, item) = ITEMS.iter().find(|(it, _)| it.as_bytes().eq_ignore_ascii_case(name))?;
        match item {
            StatusItem::MailboxId => {
                let (_, ids) = Strings::parse(value).ok()?;
                return ids.iter().next().map(Self::MailboxId);
            }
            StatusItem::AppendLimit if value.eq_ignore_ascii_case(b"NIL") => {
                return Some(Self::AppendLimit(None));
            }
            _ => {}
        }
        let (b"", wide) = number64(value).ok()? else {
            return None;
        };
        let narrow = u32::try_from(wide).ok();
        match item {
            StatusItem::Messages => narrow.map(Self::Messages),
            StatusItem::UidNext => narrow.map(Self::UidNext),
            StatusItem::UidValidity => Some(Self::UidValidity(wide)),
            StatusItem::Unseen => narrow.map(Self::Unseen),
            StatusItem::Deleted => narrow.map(Self::Deleted),
            StatusItem::Recent => narrow.map(Self::Recent),
            StatusItem::Size => Some(Self::Size(wide)),
            StatusItem::HighestModSeq => Some(Self::HighestModSeq(wide)),
            StatusItem::AppendLimit => Some(Self::AppendLimit(Some(wide))),
            StatusItem::DeletedStorage => Some(Self::DeletedStorage(wide)),
            StatusItem::MailboxId | StatusItem::Other(_) => None,
        }
    }
}

/// The items of a STATUS response.
#[derive(Clone, Copy)]
pub struct StatusValues<'a>(&'a [u8]);

impl<'a> StatusValues<'a> {
    /// ```abnf
    /// status-att-list = status-att-val *(SP status-att-val)
    /// ```
    /// RFC 9051 section 9. What is no item is passed over.
    fn pop(&mut self) -> Option<StatusValue<'a>> {
        self.pop_raw().map(|(name, value)| StatusValue::new(name, value))
    }

    fn pop_raw(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        loop {
            let text = self.0.trim_ascii_start();
            let is_end = |&byte: &u8| matches!(byte, b' ' | b'(' | b')');
            let end = text.iter().position(is_end).unwrap_or(text.len());
            let (name, rest) = text.split_at_checked(end)?;
            if name.is_empty() {
                (_, self.0) = text.split_first()?;
                continue;
            }
            let rest = rest.trim_ascii_start();
            let (rest, value) = value(rest).unwrap_or((rest, &[]));
            self.0 = rest;
            return Some((name, value));
        }
    }
}

sequence!(StatusValues, StatusValuesIter, StatusValue<'a>);

/// The response STATUS (RFC 9051 section 7.3.4).
///
/// ```abnf
/// "STATUS" SP mailbox SP "(" [status-att-list] ")"
/// ```
///
/// ```
/// use mailwire::imap::MailboxStatus;
///
/// let status = MailboxStatus::parse(b"INBOX (MESSAGES 42 UIDNEXT 45)", false).unwrap();
/// assert_eq!(status.mailbox, "INBOX");
/// assert_eq!(status.uid_next(), Some(45));
/// assert_eq!(status.unseen(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MailboxStatus<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// How it stands.
    pub values: StatusValues<'a>,
}

impl<'a> MailboxStatus<'a> {
    /// Reads what stands behind `* STATUS` and its SP, up to and without the CRLF. `utf8`
    /// says whether names are in UTF-8 (IMAP4rev2 or UTF8=ACCEPT is enabled), not in
    /// modified UTF-7.
    ///
    /// The name may hold spaces though it is not quoted (strato: `Sent Items (UIDNEXT 1)`);
    /// there may be no items (Courier: `"INBOX" ()`), and a space behind them (Exchange).
    pub fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let text = text.trim_ascii();
        let (name, rest) = match mailbox_and_list(text) {
            Ok(([], found)) => found,
            _ => {
                let (name, rest) = text.split_at_checked(list_start(text)?)?;
                (unquoted(name)?, rest)
            }
        };
        let values = StatusValues(rest.strip_prefix(b"(")?.strip_suffix(b")")?);
        Some(Self { mailbox: Mailbox::new(name, utf8), values })
    }

    fn find<T>(&self, wanted: impl Fn(StatusValue<'a>) -> Option<T>) -> Option<T> {
        self.values.iter().find_map(wanted)
    }

    /// A number, without reading the others, for the sake of flash.
    fn find_number(&self, wanted: &[u8]) -> Option<u64> {
        let mut values = self.values;
        loop {
            let (name, value) = values.pop_raw()?;
            if name.eq_ignore_ascii_case(wanted)
                && let Some(number) = whole(number64(value))
            {
                return Some(number);
            }
        }
    }

    /// How many messages there are, if told.
    pub fn messages(&self) -> Option<u32> {
        self.find(|v| if let StatusValue::Messages(n) = v { Some(n) } else { None })
    }

    /// What UID the next message will have, if told.
    pub fn uid_next(&self) -> Option<u32> {
        u32::try_from(self.find_number(b"UIDNEXT")?).ok()
    }

    /// The mailbox's UIDVALIDITY, if told.
    pub fn uid_validity(&self) -> Option<u64> {
        self.find_number(b"UIDVALIDITY")
    }

    /// How many messages have no `\Seen`, if told.
    pub fn unseen(&self) -> Option<u32> {
        self.find(|v| if let StatusValue::Unseen(n) = v { Some(n) } else { None })
    }

    /// How many messages have `\Deleted`, if told.
    pub fn deleted(&self) -> Option<u32> {
        self.find(|v| if let StatusValue::Deleted(n) = v { Some(n) } else { None })
    }

    /// How many bytes the messages have in all, if told.
    pub fn size(&self) -> Option<u64> {
        self.find(|v| if let StatusValue::Size(n) = v { Some(n) } else { None })
    }

    /// How many messages have `\Recent`, if told.
    pub fn recent(&self) -> Option<u32> {
        self.find(|v| if let StatusValue::Recent(n) = v { Some(n) } else { None })
    }

    /// The highest MODSEQ, if told.
    pub fn highest_mod_seq(&self) -> Option<u64> {
        self.find(|v| if let StatusValue::HighestModSeq(n) = v { Some(n) } else { None })
    }

    /// The mailbox's object identifier, if told.
    pub fn mailbox_id(&self) -> Option<Str<'a>> {
        self.find(|v| if let StatusValue::MailboxId(id) = v { Some(id) } else { None })
    }
}

/// ```abnf
/// mailbox SP "(" [status-att-list] ")"
/// ```
/// RFC 9051 section 9.
#[inline]
fn mailbox_and_list(i: &[u8]) -> Parsed<'_, (Str<'_>, &[u8])> {
    let (i, name) = astring(i)?;
    let (i, ()) = sp(i)?;
    let (i, list) = value(i)?;
    Ok((i, (name, list)))
}

/// Where the parenthesis opens that closes at the very end. Sought from behind, since a
/// name that is not quoted may hold parentheses too.
fn list_start(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    text.iter().rposition(|byte| {
        match byte {
            b')' => depth = depth.wrapping_add(1),
            b'(' => depth = depth.wrapping_sub(1),
            _ => {}
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::vec::Vec;

    fn parse(text: &str) -> MailboxStatus<'_> {
        MailboxStatus::parse(text.as_bytes(), false).unwrap()
    }

    #[test]
    fn command() {
        let items = &[StatusItem::UidNext, StatusItem::Messages, StatusItem::Other("X-GUID")];
        says(
            &StatusCommand { mailbox: "blurdybloop", items },
            "STATUS \"blurdybloop\" (UIDNEXT MESSAGES X-GUID)",
        );
        assert!(encode(&StatusCommand { mailbox: "INBOX", items: &[] }, false).is_err());
        let items = &[StatusItem::Other("A B")];
        assert!(encode(&StatusCommand { mailbox: "INBOX", items }, false).is_err());
    }

    #[test]
    fn real_servers() {
        // Dovecot
        let it =
            parse("qre (MESSAGES 13 UIDNEXT 25 UIDVALIDITY 1795230840 UNSEEN 11 HIGHESTMODSEQ 39)");
        assert_eq!(it.mailbox, "qre");
        assert_eq!(it.messages(), Some(13));
        assert_eq!(it.uid_next(), Some(25));
        assert_eq!(it.uid_validity(), Some(1795230840));
        assert_eq!(it.unseen(), Some(11));
        assert_eq!(it.highest_mod_seq(), Some(39));
        assert_eq!(it.recent(), None);
        // Dovecot, a name with a quote
        assert_eq!(parse(r#""odd-quote\"d" (MESSAGES 0)"#).mailbox, "odd-quote\"d");
        // Cyrus
        assert_eq!(parse("{11}\r\nodd (pc) %d (RECENT 3)").recent(), Some(3));
        // Courier
        let it = parse("\"INBOX\" ()");
        assert!(it.mailbox.is_inbox() && it.values.is_empty());
        // UTF8=ACCEPT
        let it = MailboxStatus::parse("utf8-Grüße&-日本 (MESSAGES 0)".as_bytes(), true).unwrap();
        assert_eq!(it.mailbox, "utf8-Grüße&-日本");
    }

    #[test]
    fn every_value() {
        let it = parse(
            "x (messages 1 DELETED 2 SIZE 5000000000 RECENT 3 MAILBOXID (F2212ea87) \
             APPENDLIMIT NIL DELETED-STORAGE 8 X-GUID (a (b \"c)\")))",
        );
        let wanted = [
            StatusValue::Messages(1),
            StatusValue::Deleted(2),
            StatusValue::Size(5_000_000_000),
            StatusValue::Recent(3),
            StatusValue::MailboxId("F2212ea87".into()),
            StatusValue::AppendLimit(None),
            StatusValue::DeletedStorage(8),
            StatusValue::Other { name: "X-GUID".into(), value: "(a (b \"c)\"))".into() },
        ];
        assert!(it.values.iter().eq(wanted));
        for (name, item) in ITEMS {
            assert_eq!(item.as_str(), name);
        }
    }

    #[test]
    fn lenient() {
        // Exchange: trailing SP; strato: name not quoted.
        assert_eq!(parse("INBOX (MESSAGES 0) ").messages(), Some(0));
        let it = parse("Sent Items (UIDNEXT 1)");
        assert_eq!(
            (it.mailbox, it.uid_next()),
            (Mailbox::new("Sent Items".into(), false), Some(1))
        );
        let it = parse("Old (2019) [x] (MAILBOXID (F1) UNSEEN  4 )");
        assert_eq!(it.mailbox, "Old (2019) [x]");
        assert_eq!(it.unseen(), Some(4));
        assert_eq!(parse("Calendar\" (UNSEEN 4)").mailbox, "Calendar");
        assert_eq!(parse("\"a \"b\" c\" (UNSEEN 4)").mailbox, "a \"b\" c");
        // One bad value does not harm its neighbours.
        let it = parse("INBOX (MESSAGES -1 UIDNEXT 99999999999 UIDVALIDITY 99999999999 UNSEEN 7)");
        assert_eq!(it.messages(), None);
        assert_eq!(it.uid_next(), None);
        assert_eq!(it.uid_validity(), Some(99999999999));
        assert_eq!(it.unseen(), Some(7));
        assert_eq!(it.values.iter().count(), 4);
        let other = StatusValue::Other { name: "MESSAGES".into(), value: "-1".into() };
        assert_eq!(it.values.iter().next(), Some(other));
    }

    #[test]
    fn bad() {
        for text in ["", "INBOX", "INBOX (MESSAGES 3", "INBOX MESSAGES 3)", "{5}\r\nINB", ")", "("]
        {
            assert!(MailboxStatus::parse(text.as_bytes(), false).is_none(), "{text:?}");
        }
        let names: Vec<_> = parse("x (((( \" A 3 ))))").values.iter().collect();
        assert!(names.len() < 4);
        assert!(size_of::<MailboxStatus<'_>>() <= 96);
    }
}
