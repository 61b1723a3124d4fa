//! ID: who is who (RFC 2971).

use super::Str;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::raw::Parse;
use super::sequence::{list_of, ntext, sequence, text};
use super::syntax::{Parsed, keyword, sp0};

/// `ID`: tells the server who asks, and asks who it is (RFC 2971 section 3.1). Some servers
/// (163.com, 126.com) let nobody SELECT who has not said so after login.
/// [`Event::Id`](super::Event::Id) answers.
///
/// ```abnf
/// id             ::= "ID" SPACE id_params_list
/// id_params_list ::= "(" #(string SPACE nstring) ")" / nil
/// ```
///
/// ```
/// # use mailwire::imap::command::IdCommand;
/// let id = IdCommand { fields: &[("name", Some("thermometer")), ("version", Some("1.2"))] };
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct IdCommand<'a> {
    /// Names such as `name`, `version`, `os`, `vendor`, `support-url` (RFC 2971 section 3.3)
    /// of at most 30 bytes with values of at most 1024, and at most 30 of them. None at all is
    /// sent as NIL: GMX and Exchange refuse `()`.
    pub fields: &'a [(&'a str, Option<&'a str>)],
}

impl Command for IdCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Id
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if self.fields.len() > 30 {
            out.invalid("more than 30 fields in ID");
        }
        out.raw(b"ID ");
        if self.fields.is_empty() {
            out.raw(b"NIL");
        }
        out.list(b"(", self.fields, b")", |out, &(name, value)| {
            if name.len() > 30 || value.is_some_and(|value| value.len() > 1024) {
                out.invalid("a field of ID that is too long");
            }
            out.string(name.as_bytes()).sp().nstring(value.map(str::as_bytes));
        });
    }
}

/// The response ID (RFC 2971 section 3.2). It is what the server says of itself: do not act
/// upon it but to get round known faults.
///
/// ```
/// use mailwire::imap::{Id, Parse};
///
/// let id = Id::parse(br#"("name" "Dovecot" "version" NIL)"#, false).unwrap();
/// assert_eq!(id.get("NAME").unwrap(), "Dovecot");
/// assert_eq!(id.get("version"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Id<'a> {
    /// Names and values.
    pub fields: IdFields<'a>,
}

impl<'a> Id<'a> {
    /// The value with this name, in capitals or not; `None` if there is none, or it is NIL.
    pub fn get(&self, name: &str) -> Option<Str<'a>> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?.value
    }
}

impl<'a> Parse<'a> for Id<'a> {
    /// ```abnf
    /// id_response ::= "ID" SPACE id_params_list
    /// ```
    /// RFC 2971 section 4. Atoms are taken for strings, what is none stands as it came, and a
    /// last name without a value has none.
    fn parse(text: &'a [u8], _: bool) -> Option<Self> {
        let text = text.trim_ascii();
        let (rest, fields) = match keyword(text, b"NIL") {
            Ok((rest, ())) => (rest, &[][..]),
            _ => list_of(text, IdField::parse).ok()?,
        };
        rest.is_empty().then_some(Self { fields: IdFields(fields) })
    }
}

/// One thing that a server says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct IdField<'a> {
    /// Its name, such as `name` or `version`.
    pub name: Str<'a>,
    /// Its value.
    pub value: Option<Str<'a>>,
}

impl<'a> IdField<'a> {
    fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        let (i, name) = text(i)?;
        let (i, value) = ntext(sp0(i)?.0)?;
        Ok((i, Self { name, value }))
    }
}

/// What a server says of itself.
#[derive(Clone, Copy)]
pub struct IdFields<'a>(&'a [u8]);

impl<'a> IdFields<'a> {
    fn pop(&mut self) -> Option<IdField<'a>> {
        let (rest, field) = IdField::parse(self.0.trim_ascii_start()).ok()?;
        self.0 = rest;
        Some(field)
    }
}

sequence!(IdFields, IdFieldsIter, IdField<'a>);

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;
    use std::string::String;
    use std::{format, vec::Vec};

    fn show(text: &str) -> Vec<String> {
        let id = Id::parse(text.as_bytes(), false).unwrap();
        id.fields.iter().map(|it| format!("{:?}={:?}", it.name, it.value)).collect()
    }

    #[test]
    fn commands() {
        says(&IdCommand::default(), "ID NIL");
        says(
            &IdCommand { fields: &[("name", Some("a\"b")), ("os", None)] },
            r#"ID ("name" "a\"b" "os" NIL)"#,
        );
        says(&IdCommand { fields: &[("a", Some("b\r\nc"))] }, "ID (\"a\" {4}\r\n|b\r\nc)");
        assert!(encode(&IdCommand { fields: &[("a", None); 31] }, false).is_err());
        assert!(encode(&IdCommand { fields: &[("a", None); 30] }, false).is_ok());
        let long = "x".repeat(31);
        assert!(encode(&IdCommand { fields: &[(&long, None)] }, false).is_err());
    }

    #[test]
    fn responses() {
        assert_eq!(
            show(r#"("name" "Courier-IMAP" "vendor" "Double Precision, Inc.")"#),
            [r#""name"=Some("Courier-IMAP")"#, r#""vendor"=Some("Double Precision, Inc.")"#],
        );
        assert!(show("NIL").is_empty() && show("nil ").is_empty() && show("()").is_empty());
        assert_eq!(show("(name x version NIL)"), [r#""name"=Some("x")"#, r#""version"=None"#]);
        assert_eq!(
            show("( name  {1}\r\n) version )"),
            [r#""name"=Some(")")"#, r#""version"=None"#]
        );
        // One that is odd costs no more than itself.
        assert_eq!(
            show(r#"("name" "x" "versions" (1 2) (y) z "os" "y")"#),
            [
                r#""name"=Some("x")"#,
                r#""versions"=Some("(1 2)")"#,
                r#""(y)"=Some("z")"#,
                r#""os"=Some("y")"#
            ],
        );
        for bad in [&b""[..], b"(", b"x", b"(a b) c", b"((a b)"] {
            assert_eq!(Id::parse(bad, false), None);
        }
    }
}
