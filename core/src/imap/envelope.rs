//! ENVELOPE: the header of a message in short, and the addresses in it.
//!
//! RFC 9051 section 7.5.2 and the rules `envelope` and `address` of section 9.

use core::fmt;

use super::fetch::value::{self, Values};
use super::syntax::{Parsed, byte, fail, string::Str, string::usual_nstring, value as skip};
use crate::scan::SHORT_WAYS;

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
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    raw: &'a [u8],
    /// Where each field begins in `raw`; 0 if it is missing.
    at: [u32; FIELDS],
    /// Whether there is no backslash in any field, and nothing odd between them: then one that is
    /// a quoted string ends just before the next.
    plain: bool,
}

impl PartialEq for Envelope<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw && self.at == other.at
    }
}

impl Eq for Envelope<'_> {}

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
    Ok((rest, Envelope { raw, at, plain: false }))
}

impl<'a> Envelope<'a> {
    /// Reads an envelope, from its opening to its closing parenthesis. `None` if it is not
    /// one list whose parentheses and strings are all closed.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        value::whole(envelope(raw))
    }

    /// With its fields found already, as `at` says.
    pub(crate) const fn marked((raw, at): (&'a [u8], [u32; FIELDS])) -> Self {
        Self { raw, at, plain: true }
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
        let field = self.field(index)?;
        if SHORT_WAYS
            && self.plain
            && let [b'"', _, ..] = field
            && let Some(behind) = self.at.get(index.wrapping_add(1)).filter(|&&behind| behind > 0)
            && let Some([b'"', text @ .., b'"', b' ']) = field
                .get(..(*behind as usize).wrapping_sub(self.raw.len().wrapping_sub(field.len())))
        {
            return Some(Str::new(text));
        }
        value::text(field)
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
#[inline]
fn address(i: &[u8]) -> Parsed<'_, Address<'_>> {
    match usual_address(i) {
        Some(found) if SHORT_WAYS => Ok(found),
        _ => odd_address(i),
    }
}

/// One of four fields with a space between, and a host.
#[inline]
fn usual_address(i: &[u8]) -> Option<(&[u8], Address<'_>)> {
    let mut address = Address::default();
    let Address { name, adl, mailbox, host } = &mut address;
    let mut rest = i.strip_prefix(b"(")?;
    for (field, end) in [(name, b' '), (adl, b' '), (mailbox, b' '), (host, b')')] {
        (rest, *field) = usual_nstring(rest)?;
        rest = rest.strip_prefix(&[end])?;
    }
    address.host.is_some().then_some((rest, address))
}

fn odd_address(i: &[u8]) -> Parsed<'_, Address<'_>> {
    let start = byte(i, b'(')?.0;
    let mut address = Address::default();
    let mut rest = start;
    let Address { name, adl, mailbox, host } = &mut address;
    for field in [name, adl, mailbox, host] {
        let Some(start) = value::more(rest)? else { break };
        (rest, *field) = value::item(start)?;
    }
    if rest.len() == start.len() {
        return fail();
    }
    while let Some(start) = value::more(rest)? {
        rest = skip(start)?.0;
    }
    let (rest, ()) = value::close(rest)?;
    if address.host.is_none()
        && let Some(unswapped) = unswapped(address)
    {
        return Ok((rest, unswapped));
    }
    Ok((rest, address))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    fn list(raw: &str) -> Vec<std::string::String> {
        let raw = std::format!("(NIL NIL {raw})");
        Envelope::parse(raw.as_bytes()).unwrap().from().map(|it| it.to_string()).collect()
    }

    #[test]
    fn rfc_example() {
        // RFC 9051 section 8.
        let raw = br#"("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US") ("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")"#;
        let envelope = Envelope::parse(raw).unwrap();
        assert_eq!(envelope.raw(), raw);
        assert_eq!(envelope.date().unwrap(), "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)");
        assert_eq!(envelope.subject().unwrap(), "IMAP4rev1 WG mtg summary and minutes");
        for from in [envelope.from(), envelope.sender(), envelope.reply_to()] {
            let it = from.clone().next().unwrap();
            assert_eq!(from.count(), 1);
            assert_eq!(it.name.unwrap(), "Terry Gray");
            assert_eq!(it.to_string(), "gray@cac.washington.edu");
        }
        assert_eq!(envelope.to().next().unwrap().name, None);
        let cc: Vec<_> = envelope.cc().map(|it| it.host.unwrap()).collect();
        assert_eq!(cc, ["CNRI.Reston.VA.US", "MIT.EDU"]);
        assert_eq!(envelope.bcc().count(), 0);
        assert_eq!(envelope.in_reply_to(), None);
        assert_eq!(envelope.message_id().unwrap(), "<B27397-0100000@cac.washington.edu>");
    }

    #[test]
    fn groups() {
        let raw = b"(NIL NIL ((NIL NIL \"team\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)(NIL NIL \"c\" \"d\")))";
        let from: Vec<_> = Envelope::parse(raw).unwrap().from().collect();
        assert!(from[0].is_group_start() && !from[0].is_group_end());
        assert!(!from[1].is_group_start() && !from[1].is_group_end());
        assert!(from[2].is_group_end() && !from[2].is_group_start());
        assert_eq!(
            list("((NIL NIL \"team\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))"),
            ["team:", "a@b", ";"]
        );
    }

    #[test]
    fn literals_and_escapes() {
        // mailutils.
        let raw = b"({3}\r\nm)\" \"a \\\"b\\\" \\\\\" (({14}\r\nMiller, \"Joe\"\" NIL \"joe\" {1}\r\n() \"x\") NIL NIL NIL NIL NIL NIL \"<1>\")";
        let raw = &raw[..];
        // The literal of 14 octets ends in a quote that belongs to it.
        let envelope = Envelope::parse(raw).unwrap();
        assert_eq!(envelope.date().unwrap(), "m)\"");
        assert_eq!(envelope.subject().unwrap(), "a \"b\" \\");
        assert_eq!(envelope.from().next().unwrap().host.unwrap(), "(");
        assert_eq!(envelope.message_id().unwrap(), "<1>");
    }

    #[test]
    fn odd_addresses() {
        // Yahoo, Outlook.com.
        assert!(list("()").is_empty());
        assert_eq!(list("((NIL NIL \"a\" \"b\") (NIL NIL \"c\" \"d\" ) )"), ["a@b", "c@d"]);
        // Exchange, Dovecot.
        assert_eq!(
            list(r#"(("Microsoft Exchange Server" NIL NIL ".MISSING-HOST-NAME."))"#),
            ["@.MISSING-HOST-NAME."]
        );
        // Gmail.
        let raw = br#"(NIL NIL (("<sender@domain.com>" NIL "=?UTF-8?Q?S?=" NIL)))"#;
        let address = Envelope::parse(raw).unwrap().from().next().unwrap();
        assert_eq!(address.to_string(), "sender@domain.com");
        assert_eq!(address.name.unwrap(), "=?UTF-8?Q?S?=");
        // Too many fields, too few, none, no address at all: the next one lives.
        assert_eq!(
            list(r#"((NIL NIL "a" "b" "c")(NIL NIL "group")()"x" NIL (NIL () "c" "d"))"#),
            ["a@b", "group:", "c@d"]
        );
        assert!(list("NIL").is_empty());
        assert!(list("\"Ann <ann@example.org>\"").is_empty());
    }

    #[test]
    fn odd_envelopes() {
        // QQ: no Message-Id.
        let envelope = Envelope::parse(b"(\"d\" \"s\" NIL NIL NIL NIL NIL NIL \"<1>\")").unwrap();
        assert_eq!(envelope.in_reply_to().unwrap(), "<1>");
        assert_eq!(envelope.message_id(), None);
        // Yahoo: a space before the end; two in between; lower case; raw 8-bit (Proton Bridge).
        let envelope =
            Envelope::parse(b"(  \"d\"  \"caf\xe9\" nil nil nil nil nil nil nil \"<2>\" ) ")
                .unwrap();
        assert_eq!(envelope.subject().unwrap().to_string(), "caf\u{fffd}");
        assert_eq!(envelope.message_id().unwrap(), "<2>");
        // iCloud.
        assert_eq!(
            Envelope::parse(br#"(NIL NIL () () () () () () NIL "<""392889836.11@Redacted>")"#)
                .unwrap()
                .message_id()
                .unwrap(),
            "<\"\"392889836.11@Redacted>"
        );
        // A field of the wrong form, and one too many.
        let envelope =
            Envelope::parse(b"((x) 5 \"f\" (\"g\") NIL NIL NIL NIL NIL \"<3>\" extra (\")\"))")
                .unwrap();
        assert_eq!(envelope.date(), None);
        assert_eq!(envelope.subject().unwrap(), "5");
        assert_eq!(envelope.message_id().unwrap(), "<3>");
        assert_eq!(envelope.sender().count(), 0);
        // An empty one.
        assert_eq!(Envelope::parse(b"()").unwrap().subject(), None);
        // What is no list, or none that ends.
        for bad in [&b""[..], b"NIL", b"(\"d\" ", b"(\"d)", b"(NIL))", b"(NIL) x", b"(((NIL)"] {
            assert!(Envelope::parse(bad).is_none(), "{bad:?}");
        }
        // QQ: the backslash eats the quote. Nothing can be guessed here.
        assert!(Envelope::parse(br#"(NIL NIL ((NIL NIL "a" "qq.com\")) NIL)"#).is_none());
    }
}
