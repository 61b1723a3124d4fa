//! ENVELOPE: the header of a message in short, and the addresses in it.
//!
//! RFC 9051 section 7.5.2 and the rules `envelope` and `address` of section 9.

use core::fmt;

use super::fetch::value::{self, Values};
use super::syntax::{Parsed, byte, fail, nstring, string::Str, value as skip};

/// How many fields an envelope has.
const FIELDS: usize = 10;

/// The fields' names, in their order.
const NAMES: [&str; FIELDS] = [
    "date",
    "subject",
    "from",
    "sender",
    "reply_to",
    "to",
    "cc",
    "bcc",
    "in_reply_to",
    "message_id",
];

/// The header of a message as the server has read it (RFC 9051 section 7.5.2).
///
/// A view of the raw bytes: where the fields begin is found once, a field is read when it
/// is asked for. Texts are as they stand in the header: RFC 2047 words are not decoded.
///
/// ```
/// # use mailwire::imap::Envelope;
/// let envelope = Envelope::parse(
///     br#"("Mon, 1 Mar 2021 10:00:00 +0100" "Lunch?" (("Ann" NIL "ann" "example.org")) NIL NIL NIL NIL NIL NIL "<1@example.org>")"#,
/// ).unwrap();
/// assert_eq!(envelope.subject().unwrap().as_str(), Some("Lunch?"));
/// let from = envelope.from().next().unwrap();
/// assert_eq!(from.mailbox.unwrap().as_str(), Some("ann"));
/// assert!(envelope.to().next().is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    raw: &'a [u8],
    /// Where each field begins in `raw`; 0 if it is missing.
    at: [u32; FIELDS],
}

/// ```abnf
/// envelope = "(" env-date SP env-subject SP env-from SP
///            env-sender SP env-reply-to SP env-to SP env-cc SP
///            env-bcc SP env-in-reply-to SP env-message-id ")"
/// ```
/// RFC 9051 section 9. Fields may be missing at the end (QQ leaves the Message-Id out), and
/// be of any form as long as parentheses and strings are closed: a field that is not of its
/// own form counts as missing, the others stand.
pub(crate) fn envelope(i: &[u8]) -> Parsed<'_, Envelope<'_>> {
    let mut at = [0; FIELDS];
    let mut slots = at.iter_mut();
    let mut rest = byte(i, b'(')?.0;
    while let Some(start) = value::more(rest)? {
        if let Some(slot) = slots.next() {
            *slot = value::offset(i, start);
        }
        rest = skip(start)?.0;
    }
    let rest = value::close(rest)?.0;
    let raw = value::consumed(i, rest);
    Ok((rest, Envelope { raw, at }))
}

impl<'a> Envelope<'a> {
    /// Reads an envelope, from its opening to its closing parenthesis. `None` if it is not
    /// one list whose parentheses and strings are all closed.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        value::whole(envelope(raw))
    }

    /// The bytes that this was read from.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The Date field.
    pub fn date(&self) -> Option<Str<'a>> {
        self.text(0)
    }

    /// The Subject field.
    pub fn subject(&self) -> Option<Str<'a>> {
        self.text(1)
    }

    /// Who wrote the message.
    pub fn from(&self) -> AddressList<'a> {
        self.addresses(2)
    }

    /// Who sent it. The server copies From if the message has no such field.
    pub fn sender(&self) -> AddressList<'a> {
        self.addresses(3)
    }

    /// Where an answer goes. The server copies From if the message has no such field.
    pub fn reply_to(&self) -> AddressList<'a> {
        self.addresses(4)
    }

    /// To whom it goes.
    pub fn to(&self) -> AddressList<'a> {
        self.addresses(5)
    }

    /// Who gets a copy.
    pub fn cc(&self) -> AddressList<'a> {
        self.addresses(6)
    }

    /// Who gets a copy unseen by the others.
    pub fn bcc(&self) -> AddressList<'a> {
        self.addresses(7)
    }

    /// The Message-Id of the message that this one answers.
    pub fn in_reply_to(&self) -> Option<Str<'a>> {
        self.text(8)
    }

    /// The Message-Id.
    pub fn message_id(&self) -> Option<Str<'a>> {
        self.text(9)
    }

    fn field(&self, index: usize) -> Option<&'a [u8]> {
        let at = *self.at.get(index)?;
        if at == 0 { None } else { self.raw.get(at as usize..) }
    }

    fn text(&self, index: usize) -> Option<Str<'a>> {
        value::text(self.field(index)?)
    }

    fn addresses(&self, index: usize) -> AddressList<'a> {
        AddressList { rest: Values::of(self.field(index).unwrap_or_default()).rest() }
    }
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Envelope");
        for (index, name) in NAMES.iter().enumerate() {
            if (2..8).contains(&index) {
                out.field(name, &self.addresses(index));
            } else {
                out.field(name, &self.text(index));
            }
        }
        out.finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Envelope<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Envelope", FIELDS)?;
        for (index, name) in NAMES.iter().enumerate() {
            if (2..8).contains(&index) {
                out.serialize_field(name, &self.addresses(index))?;
            } else {
                out.serialize_field(name, &self.text(index))?;
            }
        }
        out.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Envelope<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Envelope {{ ");
        for (index, name) in NAMES.iter().enumerate() {
            if (2..8).contains(&index) {
                defmt::write!(f, "{=str}: {}, ", name, self.addresses(index));
            } else {
                defmt::write!(f, "{=str}: {}, ", name, self.text(index));
            }
        }
        defmt::write!(f, "}}");
    }
}

/// One of an envelope's lists of addresses: an iterator, and cheap to copy before it is
/// walked.
///
/// A group of RFC 5322 is a run of addresses between one for which
/// [`is_group_start`](Address::is_group_start) holds and one for which
/// [`is_group_end`](Address::is_group_end) does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AddressList<'a> {
    /// What is behind the opening parenthesis and the addresses that were walked.
    rest: &'a [u8],
}

impl<'a> Iterator for AddressList<'a> {
    type Item = Address<'a>;

    fn next(&mut self) -> Option<Address<'a>> {
        // Outlook.com puts spaces between addresses, Yahoo behind the last one.
        while let Ok(Some(start)) = value::more(self.rest) {
            if let Ok((rest, address)) = address(start) {
                self.rest = rest;
                return Some(address);
            }
            // No address: whatever it is, the next one may be.
            self.rest = skip(start).map_or_else(|_| Default::default(), |(rest, _)| rest);
        }
        self.rest = &[];
        None
    }
}

impl core::iter::FusedIterator for AddressList<'_> {}

impl fmt::Debug for AddressList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for AddressList<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(*self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for AddressList<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        for address in *self {
            defmt::write!(f, "{}, ", address);
        }
        defmt::write!(f, "]");
    }
}

/// An address, or the start or end of a group (RFC 9051 section 7.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Address<'a> {
    /// The person's name. RFC 2047 words are not decoded.
    pub name: Option<Str<'a>>,
    /// The source route, of old (RFC 5322 `obs-route`).
    pub adl: Option<Str<'a>>,
    /// What is left of the `@`; at the start of a group, the group's name.
    pub mailbox: Option<Str<'a>>,
    /// What is right of the `@`; `None` at the start and the end of a group.
    pub host: Option<Str<'a>>,
}

impl Address<'_> {
    /// Whether a group starts here, whose name is in [`mailbox`](Self::mailbox).
    pub fn is_group_start(&self) -> bool {
        self.host.is_none() && self.mailbox.is_some()
    }

    /// Whether a group ends here.
    pub fn is_group_end(&self) -> bool {
        self.host.is_none() && self.mailbox.is_none()
    }
}

/// The address proper, as `mailbox@host`; a group's start as `name:`, its end as `;`.
impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.mailbox, &self.host) {
            (Some(mailbox), Some(host)) => write!(f, "{mailbox}@{host}"),
            (Some(group), None) => write!(f, "{group}:"),
            (None, Some(host)) => write!(f, "@{host}"),
            (None, None) => f.write_str(";"),
        }
    }
}

/// ```abnf
/// address = "(" addr-name SP addr-adl SP addr-mailbox SP
///           addr-host ")"
/// ```
/// RFC 9051 section 9. A field that is no string counts as NIL, as do missing ones; but
/// `()` is no address.
fn address(i: &[u8]) -> Parsed<'_, Address<'_>> {
    let mut fields = [None; 4];
    let mut slots = fields.iter_mut();
    let mut rest = byte(i, b'(')?.0;
    let mut empty = true;
    while let Some(start) = value::more(rest)? {
        empty = false;
        let field = match nstring(start) {
            Ok((after, text)) => {
                rest = after;
                text
            }
            Err(_) => {
                rest = skip(start)?.0;
                None
            }
        };
        if let Some(slot) = slots.next() {
            *slot = field;
        }
    }
    let rest = value::close(rest)?.0;
    if empty {
        return fail();
    }
    let [name, adl, mailbox, host] = fields;
    let address = Address { name, adl, mailbox, host };
    Ok((rest, unswapped(address).unwrap_or(address)))
}

/// Gmail: `("<ann@example.org>" NIL "Ann" NIL)`, the address in the name's place and the
/// other way about.
fn unswapped(swapped: Address<'_>) -> Option<Address<'_>> {
    if swapped.host.is_some() {
        return None;
    }
    let address = swapped.name?.as_bytes()?.strip_prefix(b"<")?.strip_suffix(b">")?;
    let at = address.iter().rposition(|&b| b == b'@')?;
    let (mailbox, host) = address.split_at_checked(at)?;
    Some(Address {
        name: swapped.mailbox,
        adl: swapped.adl,
        mailbox: Some(Str::new(mailbox)),
        host: Some(Str::new(host.get(1..)?)),
    })
}
