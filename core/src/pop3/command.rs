//! The commands, and what they have in common.

use super::Encoder;

pub use super::auth::{ApopCommand, AuthCommand, PassCommand, StlsCommand, UserCommand};
pub use super::capability::CapaCommand;
pub use super::language::{LangCommand, Utf8Command};
pub use super::listing::{ListCommand, StatCommand, UidlCommand};
pub use super::message::{DeleCommand, RetrCommand, RsetCommand, TopCommand};
pub use super::session::{NoopCommand, QuitCommand};

/// A command that can be sent.
///
/// Each command of the RFCs is a struct that implements this, so that a program carries the
/// code of those that it sends and of no others. Implement it, with [`Kind::Custom`] or
/// [`Kind::CustomLines`], for a command that is not here.
///
/// ```
/// use mailwire::pop3::{Command, Encoder, Kind};
///
/// /// `XSENDER SP number`
/// struct XSender { message: u32 }
///
/// impl Command for XSender {
///     fn kind(&self) -> Kind { Kind::Custom }
///     fn encode(&self, out: &mut Encoder<'_, '_>) {
///         out.raw(b"XSENDER ").message(self.message);
///     }
/// }
/// ```
pub trait Command {
    /// Which one it is: what decides in which state it may be sent, and what its answer
    /// looks like.
    fn kind(&self) -> Kind;

    /// The number of the one message that it is about, to be told with its answer.
    fn message(&self) -> Option<u32> {
        None
    }

    /// Writes the line, without its CRLF. Errors are remembered by `out`.
    fn encode(&self, out: &mut Encoder<'_, '_>);
}

/// The commands by name, and by the form of their answer where they have two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// USER, RFC 1939 section 7.
    User,
    /// PASS, RFC 1939 section 7.
    Pass,
    /// APOP, RFC 1939 section 7.
    Apop,
    /// AUTH, RFC 5034 section 4.
    Auth,
    /// CAPA, RFC 2449 section 5.
    Capa,
    /// STLS, RFC 2595 section 4.
    Stls,
    /// STAT, RFC 1939 section 5.
    Stat,
    /// LIST of all messages, RFC 1939 section 5.
    List,
    /// LIST of one message, RFC 1939 section 5.
    ListOne,
    /// UIDL of all messages, RFC 1939 section 7.
    Uidl,
    /// UIDL of one message, RFC 1939 section 7.
    UidlOne,
    /// RETR, RFC 1939 section 5.
    Retr,
    /// TOP, RFC 1939 section 7.
    Top,
    /// DELE, RFC 1939 section 5.
    Dele,
    /// RSET, RFC 1939 section 5.
    Rset,
    /// NOOP, RFC 1939 section 5.
    Noop,
    /// QUIT, RFC 1939 sections 4 and 6.
    Quit,
    /// UTF8, RFC 6856 section 2.1.
    Utf8,
    /// LANG with a language, RFC 6856 section 3.
    Lang,
    /// LANG without one, RFC 6856 section 3.
    LangList,
    /// A command of the program's own with an answer of one line. It is taken to be legal
    /// in every state and to change none.
    Custom,
    /// A command of the program's own whose `+OK` is followed by lines, up to a dot.
    CustomLines,
}

impl Kind {
    /// All of them but the program's own.
    pub const ALL: [Self; 20] = [
        Self::User,
        Self::Pass,
        Self::Apop,
        Self::Auth,
        Self::Capa,
        Self::Stls,
        Self::Stat,
        Self::List,
        Self::ListOne,
        Self::Uidl,
        Self::UidlOne,
        Self::Retr,
        Self::Top,
        Self::Dele,
        Self::Rset,
        Self::Noop,
        Self::Quit,
        Self::Utf8,
        Self::Lang,
        Self::LangList,
    ];
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Error, Tx, UsageError};
    use std::string::String;

    /// The line that `command` writes.
    pub(in crate::pop3) fn encode(command: &dyn Command) -> Result<String, Error> {
        let mut memory = [0; 512];
        let mut tx = Tx::new(&mut memory);
        let mut out = Encoder::new(&mut tx);
        command.encode(&mut out);
        out.finish()?;
        let line = String::from_utf8_lossy(tx.pending()).into_owned();
        Ok(line.strip_suffix("\r\n").map(String::from).unwrap())
    }

    pub(in crate::pop3) fn says(command: &dyn Command, wanted: &str) {
        assert_eq!(encode(command).as_deref(), Ok(wanted));
    }

    pub(in crate::pop3) fn refused(command: &dyn Command) {
        let error = encode(command).unwrap_err();
        assert!(matches!(error, Error::Usage(UsageError::InvalidArgument(_))), "{error:?}");
    }

    #[test]
    fn words() {
        says(&RetrCommand { message: 7 }, "RETR 7");
        says(&TopCommand { message: u32::MAX, lines: 0 }, "TOP 4294967295 0");
        says(&DeleCommand { message: 1 }, "DELE 1");
        says(&RsetCommand, "RSET");
        says(&NoopCommand, "NOOP");
        says(&QuitCommand, "QUIT");
        says(&CapaCommand, "CAPA");
        says(&StatCommand, "STAT");
        says(&ListCommand { message: None }, "LIST");
        says(&ListCommand { message: Some(3) }, "LIST 3");
        says(&UidlCommand { message: None }, "UIDL");
        says(&UidlCommand { message: Some(3) }, "UIDL 3");
        says(&Utf8Command, "UTF8");
        says(&LangCommand { language: None }, "LANG");
        says(&LangCommand { language: Some("de") }, "LANG de");
        says(&LangCommand { language: Some("*") }, "LANG *");
        refused(&RetrCommand { message: 0 });
        refused(&ListCommand { message: Some(0) });
        refused(&LangCommand { language: Some("de\r\nQUIT") });
    }
}
