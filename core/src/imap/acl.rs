//! ACL: who may do what with a mailbox (RFC 4314, and its forerunner RFC 2086).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::mailboxes::mailbox_command;
use super::raw::Parse;
use super::sequence::{Strings, ntext, sequence, text};
use super::syntax::{Parsed, astring, mailbox, sp, sp0};
use super::{Mailbox, Str};
use core::fmt;

/// What SETACL does with the rights that an identifier had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SetRights<'a> {
    /// It has these from now on, or none. One small letter or digit a right, as in [`Rights`].
    Replace(&'a str),
    /// It has these too; at least one.
    Add(&'a str),
    /// It has these no more; at least one.
    Remove(&'a str),
}

/// `SETACL`: changes what somebody may do with a mailbox (RFC 4314 section 3.1).
///
/// ```abnf
/// setacl     = "SETACL" SP mailbox SP identifier SP mod-rights
/// mod-rights = astring
///              ;; +rights to add, -rights to remove
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SetAclCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// Who: a user, `anyone`, or what else the server knows. With a `-` before it, the rights
    /// are those to be denied.
    pub identifier: &'a str,
    /// What.
    pub rights: SetRights<'a>,
}

impl Command for SetAclCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::SetAcl
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        let (sign, rights): (&[u8], _) = match self.rights {
            SetRights::Replace(rights) => (b"\"", rights),
            SetRights::Add(rights) => (b"\"+", rights),
            SetRights::Remove(rights) => (b"\"-", rights),
        };
        let is_right = |right: u8| right.is_ascii_lowercase() || right.is_ascii_digit();
        if !rights.bytes().all(is_right) || rights.is_empty() && sign.len() > 1 {
            out.invalid("a right is a small letter or a digit, and none changes nothing");
        }
        begin(out, b"SETACL ", self.mailbox, self.identifier);
        out.sp().raw(sign).raw(rights.as_bytes()).raw(b"\"");
    }
}

fn begin(out: &mut Encoder<'_, '_>, verb: &[u8], mailbox: &str, identifier: &str) {
    if identifier.is_empty() {
        out.invalid("an empty identifier");
    }
    out.raw(verb).mailbox(mailbox).sp().astring(identifier.as_bytes());
}

/// `DELETEACL`: takes somebody off the list of those who may do something with a mailbox
/// (RFC 4314 section 3.2).
///
/// ```abnf
/// deleteacl = "DELETEACL" SP mailbox SP identifier
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DeleteAclCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// Who.
    pub identifier: &'a str,
}

impl Command for DeleteAclCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::DeleteAcl
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        begin(out, b"DELETEACL ", self.mailbox, self.identifier);
    }
}

mailbox_command! {
    /// `GETACL`: asks who may do what with a mailbox (RFC 4314 section 3.3).
    /// [`Event::Acl`](super::Event::Acl) answers.
    ///
    /// ```abnf
    /// getacl = "GETACL" SP mailbox
    /// ```
    GetAclCommand = GetAcl, b"GETACL ";
}

/// `LISTRIGHTS`: asks which rights somebody can be given to a mailbox (RFC 4314 section 3.4).
/// [`Event::ListRights`](super::Event::ListRights) answers.
///
/// ```abnf
/// listrights = "LISTRIGHTS" SP mailbox SP identifier
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ListRightsCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// Who.
    pub identifier: &'a str,
}

impl Command for ListRightsCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::ListRights
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        begin(out, b"LISTRIGHTS ", self.mailbox, self.identifier);
    }
}

mailbox_command! {
    /// `MYRIGHTS`: asks what the user may do with a mailbox (RFC 4314 section 3.5).
    /// [`Event::MyRights`](super::Event::MyRights) answers.
    ///
    /// ```abnf
    /// myrights = "MYRIGHTS" SP mailbox
    /// ```
    MyRightsCommand = MyRights, b"MYRIGHTS ";
}

/// A set of rights: a letter each (RFC 4314 section 2.1).
///
/// | right | to |
/// |---|---|
/// | `l` | see the mailbox in LIST and LSUB, and SUBSCRIBE to it |
/// | `r` | SELECT it and ask for its STATUS |
/// | `s` | keep `\Seen` |
/// | `w` | set flags other than `\Seen` and `\Deleted` |
/// | `i` | APPEND and COPY messages to it |
/// | `p` | send mail to its address |
/// | `k` | CREATE mailboxes below it |
/// | `x` | DELETE or RENAME it |
/// | `t` | set `\Deleted` |
/// | `e` | EXPUNGE |
/// | `a` | change and see who has which rights |
///
/// Servers that do not name [`Capability::Rights`](super::Capability::Rights) have, by
/// RFC 2086, `c` (create) in place of `k` and `d` (delete) in place of `e` and `t`; the others
/// may send both.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights<'a>(Str<'a>);

impl<'a> Rights<'a> {
    /// ```abnf
    /// rights = astring
    ///          ;; only lowercase ASCII letters and digits
    /// ```
    /// RFC 4314 section 7. Other letters stay (Courier: `Q`).
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        astring(i).map(|(rest, letters)| (rest, Self(letters)))
    }

    /// Whether the right with this letter is among them.
    pub fn contains(&self, right: char) -> bool {
        self.0.bytes().any(|letter| char::from(letter) == right)
    }

    /// All of them, as they came.
    pub const fn as_str(&self) -> Str<'a> {
        self.0
    }
}

impl fmt::Debug for Rights<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The letters.
impl fmt::Display for Rights<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rights<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Rights<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.0.format(f);
    }
}

/// The response ACL: who may do what with a mailbox (RFC 4314 section 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Acl<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Who may do what.
    pub entries: AclEntries<'a>,
}

impl<'a> Parse<'a> for Acl<'a> {
    /// ```abnf
    /// acl-data = "ACL" SP mailbox *(SP identifier SP rights)
    /// ```
    /// RFC 4314 section 7. What is no string stands as it came, and a last identifier without
    /// rights has none.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, mailbox) = mailbox(text, utf8).ok()?;
        let entries = AclEntries(i);
        let mut rest = entries;
        while rest.pop().is_some() {}
        rest.0.trim_ascii().is_empty().then_some(Self { mailbox, entries })
    }
}

/// One line of an access control list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AclEntry<'a> {
    /// Who. If it begins with a `-`, these rights are denied (RFC 4314 section 2).
    pub identifier: Str<'a>,
    /// What.
    pub rights: Rights<'a>,
}

/// An access control list.
#[derive(Clone, Copy)]
pub struct AclEntries<'a>(&'a [u8]);

impl<'a> AclEntries<'a> {
    fn pop(&mut self) -> Option<AclEntry<'a>> {
        let (i, identifier) = text(self.0.trim_ascii_start()).ok()?;
        let (i, rights) = ntext(sp0(i).ok()?.0).ok()?;
        self.0 = i;
        Some(AclEntry { identifier, rights: Rights(rights.unwrap_or_default()) })
    }
}

sequence!(AclEntries, AclEntriesIter, AclEntry<'a>);

/// The response LISTRIGHTS: which rights somebody can be given (RFC 4314 section 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ListRights<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Who.
    pub identifier: Str<'a>,
    /// The rights that it has in any case.
    pub required: Rights<'a>,
    /// Those that it can be given. Rights that stand together go together.
    pub optional: Strings<'a>,
}

impl<'a> Parse<'a> for ListRights<'a> {
    /// ```abnf
    /// listrights-data = "LISTRIGHTS" SP mailbox SP identifier SP rights *(SP rights)
    /// ```
    /// RFC 4314 section 7.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, mailbox) = mailbox(text, utf8).ok()?;
        let (i, ()) = sp(i).ok()?;
        let (i, identifier) = astring(i).ok()?;
        let (i, ()) = sp(i).ok()?;
        let (i, required) = Rights::parse(i).ok()?;
        Some(Self { mailbox, identifier, required, optional: Strings::to_end(i)? })
    }
}

/// The response MYRIGHTS: what the user may do with a mailbox (RFC 4314 section 3.8). LIST
/// brings it too (RFC 8440).
///
/// ```
/// use mailwire::imap::{MyRights, Parse};
///
/// let mine = MyRights::parse(b"INBOX lrswipkxtecda", false).unwrap();
/// assert!(mine.rights.contains('e'));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct MyRights<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// What the user may do.
    pub rights: Rights<'a>,
}

impl<'a> Parse<'a> for MyRights<'a> {
    /// ```abnf
    /// myrights-data = "MYRIGHTS" SP mailbox SP rights
    /// ```
    /// RFC 4314 section 7.
    fn parse(text: &'a [u8], utf8: bool) -> Option<Self> {
        let (i, mailbox) = mailbox(text, utf8).ok()?;
        let (i, ()) = sp(i).ok()?;
        let (i, rights) = Rights::parse(i).ok()?;
        i.trim_ascii().is_empty().then_some(Self { mailbox, rights })
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::string::String;
    use std::{format, vec::Vec};

    #[test]
    fn commands() {
        let mailbox = "Grüße";
        let identifier = "bob";
        for (rights, wanted) in [
            (SetRights::Replace("lrs"), r#"SETACL "Gr&APwA3w-e" "bob" "lrs""#),
            (SetRights::Add("x"), r#"SETACL "Gr&APwA3w-e" "bob" "+x""#),
            (SetRights::Remove("x"), r#"SETACL "Gr&APwA3w-e" "bob" "-x""#),
            (SetRights::Replace(""), r#"SETACL "Gr&APwA3w-e" "bob" """#),
        ] {
            says(&SetAclCommand { mailbox, identifier, rights }, wanted);
        }
        says(&DeleteAclCommand { mailbox: "a", identifier: "-b" }, r#"DELETEACL "a" "-b""#);
        says(&GetAclCommand { mailbox: "a" }, r#"GETACL "a""#);
        says(&ListRightsCommand { mailbox: "a", identifier: "b" }, r#"LISTRIGHTS "a" "b""#);
        says(&MyRightsCommand { mailbox: "a" }, r#"MYRIGHTS "a""#);
        for bad in ["l r", "\"", "+x", "é", "\r\n", "LR"] {
            let rights = SetRights::Replace(bad);
            assert!(encode(&SetAclCommand { mailbox, identifier, rights }, false).is_err());
        }
        for (identifier, rights) in [
            ("", SetRights::Replace("lr")),
            (identifier, SetRights::Add("")),
            (identifier, SetRights::Remove("")),
        ] {
            assert!(encode(&SetAclCommand { mailbox, identifier, rights }, false).is_err());
        }
        assert!(encode(&ListRightsCommand { mailbox, identifier: "" }, false).is_err());
    }

    #[test]
    fn responses() {
        let show = |text: &str| -> Vec<String> {
            let acl = Acl::parse(text.as_bytes(), false).unwrap();
            acl.entries.iter().map(|it| format!("{} {}", it.identifier, it.rights)).collect()
        };
        // Dovecot
        assert_eq!(show("sto bob akx -bob lr alice lrs"), ["bob akx", "-bob lr", "alice lrs"]);
        // Courier
        assert_eq!(
            show(r#""INBOX.sto" "owner" "acdilrsw" "anyone" "Q" "#),
            ["owner acdilrsw", "anyone Q"],
        );
        assert!(show("a").is_empty());
        // One that is odd costs no more than itself.
        assert_eq!(show("INBOX joe lrs \"\" lr ann"), ["joe lrs", " lr", "ann "]);
        assert_eq!(show("a (b) c d (e) f"), ["(b) c", "d (e)", "f "]);
        assert_eq!(show("a b \"\""), ["b "]);
        let it = ListRights::parse(b"\"&AOk-\" bob \"\" l r te", false).unwrap();
        assert_eq!((it.mailbox, it.identifier), (Mailbox::new("é".into(), true), "bob".into()));
        assert_eq!(it.required, Rights::default());
        assert!(it.optional.iter().eq(["l", "r", "te"]));
        let it = MyRights::parse(b"\"INBOX.sto\" \"Qacdilrsw\" ", false).unwrap();
        assert!(it.rights.contains('Q') && !it.rights.contains('q'));
        assert_eq!(it.rights.as_str(), "Qacdilrsw");
    }

    #[test]
    fn bad() {
        for bad in [&b""[..], b"a \"b", b"a b (c"] {
            assert_eq!(Acl::parse(bad, false), None);
        }
        for bad in [&b""[..], b"a", b"a b", b"a b c (d"] {
            assert_eq!(ListRights::parse(bad, false), None);
        }
        for bad in [&b""[..], b"a", b"a ", b"a b c", b"a (b)"] {
            assert_eq!(MyRights::parse(bad, false), None);
        }
    }
}
