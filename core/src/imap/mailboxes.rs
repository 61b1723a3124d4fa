//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 sections 6.3.4 to 6.3.8).

use super::Capability;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::list::Attribute;

/// Commands that are a verb and the name of a mailbox.
macro_rules! mailbox_command {
    ($($(#[$doc:meta])* $name:ident = $kind:ident, $verb:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a> {
            /// The mailbox, in UTF-8.
            pub mailbox: &'a str,
        }

        impl Command for $name<'_> {
            fn kind(&self) -> Kind {
                Kind::$kind
            }

            fn encode(&self, out: &mut Encoder<'_, '_>) {
                out.raw($verb).mailbox(self.mailbox);
            }
        }
    )*};
}
pub(super) use mailbox_command;

/// `CREATE`: makes a mailbox (RFC 9051 section 6.3.4), for a special use if named
/// (RFC 6154 section 3, capability CREATE-SPECIAL-USE).
///
/// ```abnf
/// create       = "CREATE" SP mailbox [create-param]
/// create-param = SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CreateCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    /// What it is for, such as [`Attribute::Drafts`] (needs CREATE-SPECIAL-USE); mostly none.
    pub special_use: &'a [Attribute<'a>],
}

impl<'a> CreateCommand<'a> {
    /// A mailbox for no special use.
    #[must_use]
    pub const fn new(mailbox: &'a str) -> Self {
        Self { mailbox, special_use: &[] }
    }

    /// It is for these uses.
    #[must_use]
    pub const fn special_use(self, special_use: &'a [Attribute<'a>]) -> Self {
        Self { special_use, ..self }
    }
}

impl Command for CreateCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Create
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"CREATE ").mailbox(self.mailbox);
        out.list(b" (USE (", self.special_use, b"))", |out, attribute| {
            attribute.encode(out.needs(Capability::CreateSpecialUse));
        });
    }
}

mailbox_command! {
    /// `DELETE`: removes a mailbox and all its messages (RFC 9051 section 6.3.5).
    ///
    /// ```abnf
    /// delete = "DELETE" SP mailbox
    /// ```
    DeleteCommand = Delete, b"DELETE ";
}

/// `RENAME`: gives a mailbox another name (RFC 9051 section 6.3.6). Renaming INBOX moves
/// its messages to a new mailbox and leaves INBOX empty.
///
/// ```abnf
/// rename = "RENAME" SP mailbox SP mailbox
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RenameCommand<'a> {
    /// The name it has, in UTF-8.
    pub from: &'a str,
    /// The name it gets, in UTF-8.
    pub to: &'a str,
}

impl Command for RenameCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Rename
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"RENAME ").mailbox(self.from).sp().mailbox(self.to);
    }
}

mailbox_command! {
    /// `SUBSCRIBE`: adds a name to those that the user wants to see (RFC 9051 section 6.3.7).
    ///
    /// ```abnf
    /// subscribe = "SUBSCRIBE" SP mailbox
    /// ```
    SubscribeCommand = Subscribe, b"SUBSCRIBE ";

    /// `UNSUBSCRIBE`: takes it back (RFC 9051 section 6.3.8).
    ///
    /// ```abnf
    /// unsubscribe = "UNSUBSCRIBE" SP mailbox
    /// ```
    UnsubscribeCommand = Unsubscribe, b"UNSUBSCRIBE ";
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;

    #[test]
    fn forms() {
        says(&CreateCommand::new("owatagusiam/"), "CREATE \"owatagusiam/\"");
        let special_use = &[Attribute::Drafts, Attribute::Other("\\X-Odd".into())];
        says(
            &CreateCommand { mailbox: "Later", special_use },
            r#"CREATE "Later" (USE (\Drafts \X-Odd))"#,
        );
        says(&DeleteCommand { mailbox: "a\"b" }, r#"DELETE "a\"b""#);
        says(&RenameCommand { from: "&", to: "Entwürfe" }, r#"RENAME "&-" "Entw&APw-rfe""#);
        says(&SubscribeCommand { mailbox: "#news" }, r##"SUBSCRIBE "#news""##);
        says(&UnsubscribeCommand { mailbox: "#news" }, r##"UNSUBSCRIBE "#news""##);
    }

    #[test]
    fn attributes_are_checked() {
        for bad in ["Drafts", "\\", "\\a b", "\\a) \r\n"] {
            let special_use = &[Attribute::Other(bad.into())];
            assert!(encode(&CreateCommand { mailbox: "x", special_use }, false).is_err());
        }
    }
}
