//! QUOTA: how much a user may store (RFC 9208, and its forerunner RFC 2087).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::fetch::value::whole;
use super::mailboxes::mailbox_command;
use super::raw::Parse;
use super::sequence::{Strings, list_of, sequence, text};
use super::syntax::{Parsed, astring, mailbox, number64, sp0, value};
use super::{Mailbox, Str};

/// `GETQUOTA`: asks for the usage and the limits of a quota root (RFC 9208 section 4.1.1).
/// [`Event::Quota`](super::Event::Quota) answers.
///
/// ```abnf
/// getquota = "GETQUOTA" SP quota-root-name
/// ```
#[derive(Debug, Clone, Copy)]
pub struct GetQuotaCommand<'a> {
    /// The quota root, as GETQUOTAROOT names it.
    pub root: &'a str,
}

impl Command for GetQuotaCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::GetQuota
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"GETQUOTA ").astring(self.root.as_bytes());
    }
}

mailbox_command! {
    /// `GETQUOTAROOT`: asks which quota roots a mailbox counts for, and for their usage and limits
    /// (RFC 9208 section 4.1.2). [`Event::QuotaRoot`](super::Event::QuotaRoot) and an
    /// [`Event::Quota`](super::Event::Quota) for each root answer.
    ///
    /// ```abnf
    /// getquotaroot = "GETQUOTAROOT" SP mailbox
    /// ```
    GetQuotaRootCommand = GetQuotaRoot, b"GETQUOTAROOT ";
}

/// `SETQUOTA`: sets all limits of a quota root, and lifts those that it does not name
/// (RFC 9208 section 4.1.3). Mostly for administrators. Needs QUOTASET; servers of RFC 2087
/// do not name that: see [`Config::send_unoffered`](super::Config::send_unoffered).
///
/// ```abnf
/// setquota          = "SETQUOTA" SP quota-root-name SP setquota-list
/// setquota-list     = "(" [setquota-resource *(SP setquota-resource)] ")"
/// setquota-resource = resource-name SP resource-limit
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SetQuotaCommand<'a> {
    /// The quota root.
    pub root: &'a str,
    /// Each resource, such as `STORAGE`, with its limit in the resource's unit (see
    /// [`QuotaResource`]).
    pub limits: &'a [(&'a str, u64)],
}

impl Command for SetQuotaCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::SetQuota
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"SETQUOTA ").astring(self.root.as_bytes());
        out.raw(b" (").list(b"", self.limits, b"", |out, &(resource, limit)| {
            out.atom(resource).sp().number(limit);
        });
        out.raw(b")");
    }
}

/// The response QUOTA: usage and limits of a quota root (RFC 9208 section 4.2.1).
///
/// ```
/// use mailwire::imap::{Parse, Quota};
///
/// let quota = Quota::parse(b"\"\" (STORAGE 10 512)", false).unwrap();
/// let storage = quota.resources.iter().next().unwrap();
/// assert_eq!((storage.usage, storage.limit), (Some(10), Some(512))); // kibibytes
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Quota<'a> {
    /// The quota root's name; may be empty.
    pub root: Str<'a>,
    /// What is limited; what is not named is not.
    pub resources: QuotaResources<'a>,
}

impl<'a> Parse<'a> for Quota<'a> {
    /// ```abnf
    /// quota-response = "QUOTA" SP quota-root-name SP quota-list
    /// quota-list     = "(" quota-resource *(SP quota-resource) ")"
    /// ```
    /// RFC 9208 section 7. The list may be empty, or missing (Courier: `QUOTA "ROOT"`).
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        let (i, root) = astring(text).ok()?;
        let i = i.trim_ascii();
        if i.is_empty() {
            return Some(Self { root, resources: QuotaResources(i) });
        }
        let (rest, resources) = list_of(i, QuotaResource::parse).ok()?;
        rest.is_empty().then_some(Self { root, resources: QuotaResources(resources) })
    }
}

/// One limit of a quota root.
///
/// `STORAGE` is counted in units of 1024 bytes, `MESSAGE` in messages, `MAILBOX` in mailboxes,
/// `ANNOTATION-STORAGE` in bytes (RFC 9208 section 5). Names are equal in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct QuotaResource<'a> {
    /// What is limited.
    pub name: Str<'a>,
    /// How much of it is used; none if the server said what is no number.
    pub usage: Option<u64>,
    /// How much may be used; none if the server said what is no number, such as NIL.
    pub limit: Option<u64>,
}

impl<'a> QuotaResource<'a> {
    /// ```abnf
    /// quota-resource = resource-name SP resource-usage SP resource-limit
    /// ```
    /// RFC 9208 section 7. A negative figure counts as 0.
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        let (i, name) = text(i)?;
        let (i, usage) = figure(i)?;
        let (i, limit) = figure(i)?;
        Ok((i, Self { name, usage, limit }))
    }
}

/// What is none, or is missing, costs no more than itself.
fn figure(i: &[u8]) -> Parsed<'_, Option<u64>> {
    let (i, ()) = sp0(i)?;
    if let [] | [b')', ..] = i {
        return Ok((i, None));
    }
    value(i).map(|(rest, raw)| match raw {
        [b'-', figure @ ..] => (rest, whole(number64(figure)).map(|_| 0)),
        figure => (rest, whole(number64(figure))),
    })
}

/// The limits of a quota root.
#[derive(Clone, Copy)]
pub struct QuotaResources<'a>(&'a [u8]);

impl<'a> QuotaResources<'a> {
    fn pop(&mut self) -> Option<QuotaResource<'a>> {
        let (rest, resource) = QuotaResource::parse(self.0.trim_ascii_start()).ok()?;
        self.0 = rest;
        Some(resource)
    }
}

sequence!(QuotaResources, QuotaResourcesIter, QuotaResource<'a>);

/// The response QUOTAROOT: which quota roots a mailbox counts for (RFC 9208 section 4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct QuotaRoot<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// The names of its quota roots; none if there is no limit.
    pub roots: Strings<'a>,
}

impl<'a> Parse<'a> for QuotaRoot<'a> {
    /// ```abnf
    /// quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
    /// ```
    /// RFC 9208 section 7.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, mailbox) = mailbox(text, utf8).ok()?;
        Some(Self { mailbox, roots: Strings::to_end(i)? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn commands() {
        says(&GetQuotaCommand { root: "" }, r#"GETQUOTA """#);
        says(&GetQuotaRootCommand { mailbox: "Grüße" }, r#"GETQUOTAROOT "Gr&APwA3w-e""#);
        let limits = &[("STORAGE", 512), ("X-BIG", u64::MAX)];
        says(
            &SetQuotaCommand { root: "a\"b", limits },
            r#"SETQUOTA "a\"b" (STORAGE 512 X-BIG 18446744073709551615)"#,
        );
        says(&SetQuotaCommand { root: "", limits: &[] }, r#"SETQUOTA "" ()"#);
        let limits = &[("A) \r\nA2 LOGOUT", 1)];
        assert!(encode(&SetQuotaCommand { root: "", limits }, false).is_err());
    }

    #[test]
    fn responses() {
        // Dovecot, with a figure of more than 32 bits
        let text = b"\"User quota\" (STORAGE 11571 2097152000000 MESSAGE 154 200000)";
        let it = Quota::parse(text, false).unwrap();
        assert_eq!(it.root, "User quota");
        let all: Vec<_> = it.resources.iter().map(|it| (it.usage, it.limit)).collect();
        assert_eq!(all, [(Some(11571), Some(2_097_152_000_000)), (Some(154), Some(200_000))]);
        // Courier
        assert!(Quota::parse(b"\"ROOT\"", false).unwrap().resources.is_empty());
        assert!(Quota::parse(b"\"\" ()", false).unwrap().resources.is_empty());
        let it = Quota::parse(b"{1}\r\na (STORAGE -1 -1 )", false).unwrap();
        assert_eq!((it.root, it.resources.iter().count()), ("a".into(), 1));
        // One that is odd costs no more than itself.
        let text = b"\"\" (STORAGE 10 NIL MESSAGE 5 100 (odd) x (1 2) LAST 3)";
        let it = Quota::parse(text, false).unwrap();
        let all: Vec<_> = it.resources.iter().map(|it| (it.usage, it.limit)).collect();
        let some = (Some(5), Some(100));
        assert_eq!(all, [(Some(10), None), some, (None, None), (Some(3), None)]);
        for bad in [&b""[..], b"\"\" (A 1 2) x", b"(", b"\"\" x", b"\"\" (A 1 2"] {
            assert_eq!(Quota::parse(bad, false), None);
        }
    }

    #[test]
    fn roots() {
        let it = QuotaRoot::parse(b"INBOX \"User quota\" b ", false).unwrap();
        assert_eq!(it.mailbox, "INBOX");
        assert!(it.roots.iter().eq(["User quota", "b"]));
        assert!(QuotaRoot::parse(b"comp.mail.mime", false).unwrap().roots.is_empty());
        let it = QuotaRoot::parse(b"a {3}\r\nb  ", false).unwrap();
        assert!(it.roots.iter().eq(["b  "]));
        let it = QuotaRoot::parse(b"\"Gr&APwA3w-e\" \"\"", false).unwrap();
        assert_eq!((it.mailbox, it.roots.iter().count()), (Mailbox::new("Grüße".into(), true), 1));
        let it = QuotaRoot::parse(b"a (b) c", false).unwrap();
        assert!(it.roots.iter().eq(["(b)", "c"]));
        for bad in [&b""[..], b"a (b", b"a \"b"] {
            assert_eq!(QuotaRoot::parse(bad, false), None);
        }
    }
}
