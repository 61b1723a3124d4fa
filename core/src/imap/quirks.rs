//! What some servers need to be treated differently for: data, not code.
//!
//! Lenience that cannot move the end of a response is always on and has no flag. A flag is
//! here for what a session must do differently, and for what is ambiguous on the wire.

use super::capability::Capability;
use crate::names::Names;
use core::fmt;
use core::ops::{BitOr, BitOrAssign};

/// What must be done differently for the sake of one server: a small set of flags.
///
/// A [`Connection`](super::Connection) guesses them from the greeting, from CAPABILITY and
/// from ID, unless [`Config::quirks`](super::Config::quirks) says what to take them for. The
/// two that move the end of a response ([`ODD_QUOTES`](Self::ODD_QUOTES) and
/// [`LITERAL_SPACES`](Self::LITERAL_SPACES)) are never guessed.
///
/// What was guessed in clear stays after STARTTLS, since the greeting is not said again. So
/// whoever is in between can make some capabilities count as not offered, commands shorter, and
/// LOGIN quote what else would be a literal; and no more. Say what the server is where that
/// matters.
///
/// ```
/// use mailwire::imap::{Config, Connection, Quirks};
///
/// let mut config = Config::new();
/// config.quirks = Some(Quirks::ID_AFTER_LOGIN | Quirks::SHORT_COMMANDS);
/// let connection = Connection::new(config);
/// assert!(connection.quirks().contains(Quirks::SHORT_COMMANDS));
/// assert_eq!(format!("{:?}", connection.quirks()), r#"{"ID_AFTER_LOGIN", "SHORT_COMMANDS"}"#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Quirks(u16);

/// The table of the flags. To add one, add a line.
macro_rules! quirks {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Quirks {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            const NAMES: &'static [(&'static str, Self)] =
                &[$((stringify!($name), Self::$name),)*];
        }
    };
}

quirks! {
    /// Once logged in, the connection sends an ID (RFC 2971) by itself, if the server offers
    /// it: 163.com, 126.com and yeah.net refuse every SELECT by `Unsafe Login` without. It
    /// tells the server mailwire's name and version.
    ID_AFTER_LOGIN = 0;
    /// Once logged in, the connection asks for the capabilities though the server told them:
    /// iCloud's proxy changes whatever looks like a list of them, even in mails and without
    /// correcting the length of the literal, until that was done.
    CAPABILITY_AFTER_LOGIN = 1;
    /// `RFC822` is sent as `BODY[]`, `RFC822.HEADER` as `BODY.PEEK[HEADER]` and `RFC822.TEXT`
    /// as `BODY[TEXT]`, which mean the same (RFC 3501 section 6.4.5): iCloud answers the old
    /// names by OK and nothing else. What comes is then told as `BODY[…]`.
    NO_RFC822 = 2;
    /// Commands are kept below 1000 octets rather than 8000, where the client can split them:
    /// Yahoo and UW imapd.
    SHORT_COMMANDS = 3;
    /// NAMESPACE counts as not offered: Exchange 2003 closes the connection.
    NO_NAMESPACE = 4;
    /// LIST-EXTENDED, LIST-STATUS, LIST-MYRIGHTS and LIST-METADATA count as not offered:
    /// Proton Bridge answers options of LIST by BAD, Strato by nothing at all, and old Zimbras
    /// crash.
    NO_LIST_OPTIONS = 5;
    /// MOVE counts as not offered: that of Exchange 2013 can lose mail. Copy, mark as
    /// deleted and expunge in its place.
    NO_MOVE = 6;
    /// UIDONLY counts as not offered: Microsoft 365 does not do as RFC 9586 says.
    NO_UIDONLY = 7;
    /// LOGIN never sends literals: QQ takes none. What is not ASCII in a user's name or
    /// password then goes in quotes, against RFC 9051 section 4.3; a CR or LF still as a
    /// literal.
    NO_LOGIN_LITERALS = 8;
    /// A quote ends a string only if a space, a bracket, a parenthesis or the line's end
    /// follows it; not if it stands in the middle of something. For servers that do not escape
    /// quotes in ENVELOPE, BODYSTRUCTURE and LIST (Domino, iCloud, some gateways), where that
    /// leaves an odd number of them or parentheses between them. Without this flag such a
    /// response is told as malformed, and reading goes on in the next line.
    ///
    /// **Risk:** who writes a mail decides what stands in its header, and so can make such a
    /// server's response end later than the server meant, up to the end of its line.
    /// Set it only for a server that is known to need it.
    ODD_QUOTES = 9;
    /// Spaces between `{n}` and the end of the line do not keep it from announcing a literal
    /// (Domino). Without this flag the connection fails by
    /// [`PeerError::FrameLost`](crate::PeerError::FrameLost), since what follows could be a
    /// mail and be taken for responses.
    ///
    /// **Risk:** if what looks like that is not meant as a literal, what the server says next
    /// is taken for a mail.
    LITERAL_SPACES = 10;
}

/// By which words servers are known. The words are in the greeting, in CAPABILITY or in ID.
const SERVERS: Names = Names(
    "Coremail\n163.com\n126.com\nNetEase\nXAPPLEPUSHSERVICE\nXYMHIGHESTMODSEQ\nIMAP4rev1 200\n\
     Exchange Server 2003\nMicrosoft Exchange\nMicrosoft.Exchange\nProton\nstrato\nZimbra\nQQMail\n",
);

/// What each of these needs.
const NEEDS: [Quirks; 14] = [
    Quirks::ID_AFTER_LOGIN,
    Quirks::ID_AFTER_LOGIN,
    Quirks::ID_AFTER_LOGIN,
    Quirks::ID_AFTER_LOGIN,
    Quirks(Quirks::CAPABILITY_AFTER_LOGIN.0 | Quirks::NO_RFC822.0),
    // Yahoo's and AOL's own capability.
    Quirks::SHORT_COMMANDS,
    // UW: "IMAP4rev1 2007e.404 at …".
    Quirks::SHORT_COMMANDS,
    Quirks::NO_NAMESPACE,
    Quirks::NO_UIDONLY,
    Quirks::NO_UIDONLY,
    Quirks::NO_LIST_OPTIONS,
    Quirks::NO_LIST_OPTIONS,
    Quirks::NO_LIST_OPTIONS,
    Quirks::NO_LOGIN_LITERALS,
];

/// Exchange, as it greets on the owner's premises. In the cloud, where MOVE is sound, more
/// follows in brackets.
const EXCHANGE: &[u8] = b"The Microsoft Exchange IMAP4 service is ready.";

impl Quirks {
    /// None: a server that does as the RFCs say.
    pub const NONE: Self = Self(0);

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The bits: from bit 0 up in the order of the constants here. For bindings.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The flags of these [`bits`](Self::bits); those that there are not are left out.
    pub fn from_bits(bits: u16) -> Self {
        Self::NAMES
            .iter()
            .filter(|(_, flag)| bits & flag.0 != 0)
            .fold(Self::NONE, |all, &(_, flag)| all | flag)
    }

    /// Their names, which are those of the constants here.
    pub fn names(self) -> impl Iterator<Item = &'static str> + Clone {
        Self::NAMES.iter().filter(move |(_, flag)| self.contains(*flag)).map(|&(name, _)| name)
    }

    /// What is known of a server that says this in a greeting, CAPABILITY or ID.
    ///
    /// ```
    /// use mailwire::imap::Quirks;
    /// let greeting = b"Coremail System IMap Server Ready(163com[10774b26])";
    /// assert_eq!(Quirks::guess(greeting), Quirks::ID_AFTER_LOGIN);
    /// ```
    pub fn guess(said: &[u8]) -> Self {
        let mut all = (SERVERS.iter().zip(NEEDS))
            .filter(|(words, _)| holds(said, words))
            .fold(Self::NONE, |all, (_, quirks)| all | quirks);
        if said.trim_ascii_end().ends_with(EXCHANGE) {
            all |= Self::NO_MOVE;
        }
        all
    }

    /// Whether anything counts as not offered.
    pub(crate) const fn hides(self) -> bool {
        const ALL: u16 = Quirks::NO_NAMESPACE.0
            | Quirks::NO_MOVE.0
            | Quirks::NO_UIDONLY.0
            | Quirks::NO_LIST_OPTIONS.0;
        self.0 & ALL != 0
    }

    /// Whether such a server counts as one that does not offer it.
    pub(crate) fn hide(self, capability: &Capability<'_>) -> bool {
        let flag = match capability {
            Capability::Namespace => Self::NO_NAMESPACE,
            Capability::Move => Self::NO_MOVE,
            Capability::UidOnly => Self::NO_UIDONLY,
            Capability::ListExtended
            | Capability::ListStatus
            | Capability::ListMyRights
            | Capability::ListMetadata => Self::NO_LIST_OPTIONS,
            _ => return false,
        };
        self.contains(flag)
    }

    /// The longest command in octets, with its CRLF, that is sent where it can be split. Most
    /// servers take 8000 (RFC 7162 section 4), Courier and Gmail 16 KiB, Dovecot 64 KiB.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) const fn longest_command(self) -> usize {
        if self.contains(Self::SHORT_COMMANDS) { 1000 } else { 8000 }
    }
}

/// Whether `words` stand somewhere in `text`, in capitals or not.
fn holds(text: &[u8], words: &[u8]) -> bool {
    // As words of their own: an "administrator" is not at Strato's.
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    text.windows(words.len()).enumerate().any(|(at, some)| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        let behind = text.get(at.saturating_add(words.len()));
        some.eq_ignore_ascii_case(words) && !is_letter(before) && !is_letter(behind)
    })
}

impl BitOr for Quirks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Quirks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Quirks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Quirks {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_known_by_their_words() {
        for (said, quirks) in [
            ("Dovecot (Debian) ready.", Quirks::NONE),
            ("Cyrus IMAP 3.6.1-4 server ready", Quirks::NONE),
            ("Gimap ready for requests from 1.2.3.4 x12mb7", Quirks::NONE),
            ("Coremail System IMap Server Ready(yeahnet[a])", Quirks::ID_AFTER_LOGIN),
            (
                "[CAPABILITY xapplepushservice IMAP4 IMAP4rev1 SASL-IR] (2423B21-d1) st1 iSCREAM",
                Quirks::CAPABILITY_AFTER_LOGIN | Quirks::NO_RFC822,
            ),
            ("IMAP4rev1 ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS", Quirks::SHORT_COMMANDS),
            (
                "[CAPABILITY IMAP4REV1 LITERAL+] mail IMAP4rev1 2007e.404 at Mon, 1 Jan 2024",
                Quirks::SHORT_COMMANDS,
            ),
            (
                "Microsoft Exchange Server 2003 IMAP4rev1 server version 6.5.7638.1 (host) ready.",
                Quirks::NO_NAMESPACE | Quirks::NO_UIDONLY,
            ),
            (
                "The Microsoft Exchange IMAP4 service is ready.\r\n",
                Quirks::NO_MOVE | Quirks::NO_UIDONLY,
            ),
            (
                "The Microsoft Exchange IMAP4 service is ready. [TQBXADAAUABSADAAMQAwAAA=]",
                Quirks::NO_UIDONLY,
            ),
            ("Proton Mail Bridge 03.09.01 - gluon session ID 12", Quirks::NO_LIST_OPTIONS),
            (r#"("NAME" "Zimbra" "VERSION" "8.0.2")"#, Quirks::NO_LIST_OPTIONS),
            ("[CAPABILITY IMAP4 ID] QQMail XMIMAP4Server ready", Quirks::NO_LOGIN_LITERALS),
            ("", Quirks::NONE),
        ] {
            assert_eq!(Quirks::guess(said.as_bytes()), quirks, "{said}");
            // What moves the end of a response is never guessed.
            let moving = Quirks::ODD_QUOTES | Quirks::LITERAL_SPACES;
            assert_eq!(quirks.without(moving), quirks);
        }
    }

    #[test]
    fn sets() {
        let some = Quirks::NO_MOVE | Quirks::ODD_QUOTES;
        assert!(some.contains(Quirks::NO_MOVE) && !some.contains(Quirks::NO_RFC822));
        assert_eq!(some.without(Quirks::NO_MOVE), Quirks::ODD_QUOTES);
        assert_eq!(Quirks::from_bits(some.bits()), some);
        assert!(Quirks::from_bits(1 << 15).is_empty());
        assert!(some.names().eq(["NO_MOVE", "ODD_QUOTES"]));
        assert!(some.hide(&Capability::Move) && !some.hide(&Capability::Idle));
    }
}
