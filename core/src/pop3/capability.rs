//! What a server can do: CAPA (RFC 2449 section 5).

use super::Str;
use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::sasl::{MECHANISMS, mechanism_bit};
use crate::writer::word_command;
use core::fmt;

word_command! {
    /// `CAPA`: asks what the server can do (RFC 2449 section 5).
    CapaCommand = Capa, b"CAPA";
}

/// How long mail is kept, or how long one has to wait (RFC 2449 sections 6.5 and 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LoginDelay {
    /// At least so many seconds between two logins.
    pub seconds: u32,
    /// Whether it may differ from user to user: what counts is what CAPA says after login.
    pub per_user: bool,
}

/// How long the server keeps mail (RFC 2449 section 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Expire {
    /// At least so many days; `None`: for ever. 0: it must not be left on the server.
    pub days: Option<u32>,
    /// Whether it may differ from user to user: what counts is what CAPA says after login.
    pub per_user: bool,
}

/// One line of the answer to CAPA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability<'a> {
    /// `TOP` (RFC 2449 section 6.1).
    Top,
    /// `USER`: USER and PASS (RFC 2449 section 6.2).
    User,
    /// `SASL` and mechanisms (RFC 2449 section 6.3).
    Sasl(Mechanisms<'a>),
    /// `RESP-CODES` (RFC 2449 section 6.4).
    RespCodes,
    /// `LOGIN-DELAY` (RFC 2449 section 6.5).
    LoginDelay(LoginDelay),
    /// `PIPELINING` (RFC 2449 section 6.6).
    Pipelining,
    /// `EXPIRE` (RFC 2449 section 6.7).
    Expire(Expire),
    /// `UIDL` (RFC 2449 section 6.8).
    Uidl,
    /// `IMPLEMENTATION` and the server's name (RFC 2449 section 6.9).
    Implementation(Str<'a>),
    /// `STLS` (RFC 2595 section 4).
    Stls,
    /// `AUTH-RESP-CODE`: a failed login without the code AUTH failed for another reason than
    /// the credentials (RFC 3206 section 6).
    AuthRespCode,
    /// `UTF8` (RFC 6856 section 2).
    Utf8 {
        /// Whether names and passwords may be UTF-8.
        user: bool,
    },
    /// `LANG` (RFC 6856 section 3).
    Lang,
    /// Any other line.
    Other(Str<'a>),
}

/// Where a capability's bit stands in a [`CapabilitySet`].
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bit {
    Top,
    User,
    Sasl,
    RespCodes,
    LoginDelay,
    Pipelining,
    Expire,
    Uidl,
    Implementation,
    Stls,
    AuthRespCode,
    Utf8,
    Utf8User,
    Lang,
    LoginDelayPerUser,
    ExpirePerUser,
}

impl Bit {
    const NAMES: [(&'static str, Self); 13] = [
        ("TOP", Self::Top),
        ("USER", Self::User),
        ("SASL", Self::Sasl),
        ("RESP-CODES", Self::RespCodes),
        ("LOGIN-DELAY", Self::LoginDelay),
        ("PIPELINING", Self::Pipelining),
        ("EXPIRE", Self::Expire),
        ("UIDL", Self::Uidl),
        ("IMPLEMENTATION", Self::Implementation),
        ("STLS", Self::Stls),
        ("AUTH-RESP-CODE", Self::AuthRespCode),
        ("UTF8", Self::Utf8),
        ("LANG", Self::Lang),
    ];
}

impl<'a> Capability<'a> {
    /// Reads one line.
    ///
    /// ```abnf
    /// capability = capa-tag *(SP param) [CRLF]    ; RFC 2449 section 3
    /// ```
    ///
    /// Never fails: what is not understood is [`Other`](Self::Other).
    pub fn parse(line: &'a [u8]) -> Self {
        Self::parse_known(line).unwrap_or(Self::Other(Str::new(line.trim_ascii())))
    }

    fn parse_known(line: &'a [u8]) -> Option<Self> {
        let (name, rest) = word(line);
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        // GNU Mailutils forgets the space.
        if is("EXPIRENEVER") {
            return Some(Self::Expire(Expire { days: None, per_user: false }));
        }
        let (_, bit) = Bit::NAMES.iter().find(|(known, _)| is(known))?;
        let (value, behind) = word(rest);
        Some(match bit {
            Bit::Top => Self::Top,
            Bit::User => Self::User,
            Bit::Sasl => Self::Sasl(Mechanisms(rest)),
            Bit::RespCodes => Self::RespCodes,
            Bit::LoginDelay => {
                Self::LoginDelay(LoginDelay { seconds: number(value)?, per_user: is_user(behind) })
            }
            Bit::Pipelining => Self::Pipelining,
            Bit::Expire => {
                let never = value.eq_ignore_ascii_case(b"NEVER");
                let days = if never { None } else { Some(number(value)?) };
                Self::Expire(Expire { days, per_user: is_user(behind) })
            }
            Bit::Uidl => Self::Uidl,
            Bit::Implementation => Self::Implementation(Str::new(rest)),
            Bit::Stls => Self::Stls,
            Bit::AuthRespCode => Self::AuthRespCode,
            Bit::Utf8 => Self::Utf8 { user: is_user(rest) },
            Bit::Lang => Self::Lang,
            Bit::Utf8User | Bit::LoginDelayPerUser | Bit::ExpirePerUser => return None,
        })
    }

    const fn bit(&self) -> Option<Bit> {
        Some(match self {
            Self::Top => Bit::Top,
            Self::User => Bit::User,
            Self::Sasl(_) => Bit::Sasl,
            Self::RespCodes => Bit::RespCodes,
            Self::LoginDelay(_) => Bit::LoginDelay,
            Self::Pipelining => Bit::Pipelining,
            Self::Expire(_) => Bit::Expire,
            Self::Uidl => Bit::Uidl,
            Self::Implementation(_) => Bit::Implementation,
            Self::Stls => Bit::Stls,
            Self::AuthRespCode => Bit::AuthRespCode,
            Self::Utf8 { .. } => Bit::Utf8,
            Self::Lang => Bit::Lang,
            Self::Other(_) => return None,
        })
    }
}

/// The line as on the wire, known names in capitals.
impl fmt::Display for Capability<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Other(line) = self {
            return line.fmt(f);
        }
        let name = self.bit().and_then(|bit| Bit::NAMES.iter().find(|(_, it)| *it == bit));
        f.write_str(name.map_or("", |(name, _)| name))?;
        let per_user = match self {
            Self::Sasl(mechanisms) => return write!(f, " {}", Str::new(mechanisms.0)),
            Self::Implementation(name) => return write!(f, " {name}"),
            Self::LoginDelay(LoginDelay { seconds, per_user }) => {
                write!(f, " {seconds}")?;
                *per_user
            }
            Self::Expire(Expire { days, per_user }) => {
                match days {
                    Some(days) => write!(f, " {days}")?,
                    None => f.write_str(" NEVER")?,
                }
                *per_user
            }
            Self::Utf8 { user } => *user,
            _ => false,
        };
        f.write_str(if per_user { " USER" } else { "" })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Capability<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Capability<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// Names of SASL mechanisms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mechanisms<'a>(&'a [u8]);

impl<'a> Mechanisms<'a> {
    /// The names, as they came.
    pub fn iter(&self) -> MechanismsIter<'a> {
        MechanismsIter(self.0)
    }

    /// Whether this one is among them.
    pub fn contains(&self, mechanism: &str) -> bool {
        self.iter().any(|name| name.eq_ignore_ascii_case(mechanism))
    }
}

/// The names of [`Mechanisms`], one by one.
#[derive(Debug, Clone)]
pub struct MechanismsIter<'a>(&'a [u8]);

impl<'a> Iterator for MechanismsIter<'a> {
    type Item = Str<'a>;

    fn next(&mut self) -> Option<Str<'a>> {
        let text = self.0.trim_ascii_start();
        let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        (!name.is_empty()).then(|| Str::new(name))
    }
}

impl fmt::Debug for Mechanisms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// What a server can do, as far as mailwire knows a name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CapabilitySet {
    bits: u16,
    mechanisms: u32,
    login_delay: u32,
    /// `u32::MAX`: never.
    expire: u32,
}

impl CapabilitySet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { bits: 0, mechanisms: 0, login_delay: 0, expire: 0 }
    }

    /// Adds one. What the set cannot hold is ignored: the server's name, mechanisms that
    /// are not known, lines that are not known.
    pub fn insert(&mut self, capability: &Capability<'_>) {
        if let Some(bit) = capability.bit() {
            self.set(bit);
        }
        match *capability {
            Capability::Sasl(mechanisms) => {
                for name in mechanisms.iter() {
                    self.mechanisms |= mechanism_bit(name.as_str().unwrap_or_default());
                }
            }
            Capability::LoginDelay(LoginDelay { seconds, per_user }) => {
                self.login_delay = seconds;
                if per_user {
                    self.set(Bit::LoginDelayPerUser);
                }
            }
            Capability::Expire(Expire { days, per_user }) => {
                self.expire = days.unwrap_or(u32::MAX);
                if per_user {
                    self.set(Bit::ExpirePerUser);
                }
            }
            Capability::Utf8 { user: true } => self.set(Bit::Utf8User),
            _ => {}
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Whether nothing is known of the server.
    pub fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    const fn has(&self, bit: Bit) -> bool {
        self.bits & 1_u16.wrapping_shl(bit as u32) != 0
    }

    fn set(&mut self, bit: Bit) {
        self.bits |= 1_u16.wrapping_shl(bit as u32);
    }

    /// Whether the server offers `capability`: one of that name, with whatever value; for
    /// `SASL` all of those mechanisms; for `UTF8` with `user`, that too.
    pub fn contains(&self, capability: &Capability<'_>) -> bool {
        capability.bit().is_some_and(|bit| self.has(bit))
            && match *capability {
                Capability::Sasl(mechanisms) => mechanisms
                    .iter()
                    .all(|name| name.as_str().is_some_and(|name| self.has_mechanism(name))),
                Capability::Utf8 { user: true } => self.has(Bit::Utf8User),
                _ => true,
            }
    }

    /// Whether the server offers this SASL mechanism. One that the set does not know is
    /// never offered.
    pub fn has_mechanism(&self, name: &str) -> bool {
        self.mechanisms & mechanism_bit(name) != 0
    }

    /// The SASL mechanisms, by name.
    pub fn mechanisms(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let this = *self;
        (0..u32::BITS as usize)
            .map(|place| MECHANISMS.get(place))
            .filter(move |name| this.has_mechanism(name))
    }

    /// How long one has to wait between logins.
    pub fn login_delay(&self) -> Option<LoginDelay> {
        let per_user = self.has(Bit::LoginDelayPerUser);
        self.has(Bit::LoginDelay).then_some(LoginDelay { seconds: self.login_delay, per_user })
    }

    /// How long the server keeps mail.
    pub fn expire(&self) -> Option<Expire> {
        let days = (self.expire != u32::MAX).then_some(self.expire);
        let per_user = self.has(Bit::ExpirePerUser);
        self.has(Bit::Expire).then_some(Expire { days, per_user })
    }
}

/// The first word of a line, and what is behind it. Spaces may be many, and tabs.
pub(crate) fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.trim_ascii_start();
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or_default();
    (word, rest.trim_ascii())
}

/// Digits, and nothing but digits.
pub(crate) fn decimal(word: &[u8]) -> Option<u64> {
    let mut value = (!word.is_empty()).then_some(0_u64)?;
    for digit in word {
        let digit = digit.is_ascii_digit().then_some(digit & 0x0f)?;
        value = value.checked_mul(10)?.checked_add(digit.into())?;
    }
    Some(value)
}

/// [`decimal`], below 2^32.
pub(crate) fn number(word: &[u8]) -> Option<u32> {
    decimal(word)?.try_into().ok()
}

fn is_user(rest: &[u8]) -> bool {
    word(rest).0.eq_ignore_ascii_case(b"USER")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;
    use std::vec::Vec;

    #[test]
    fn lines() {
        for (line, wanted) in [
            ("TOP", Capability::Top),
            ("user", Capability::User),
            ("RESP-CODES ", Capability::RespCodes),
            ("AUTH-RESP-CODE", Capability::AuthRespCode),
            ("PIPELINING", Capability::Pipelining),
            ("UIDL", Capability::Uidl),
            ("STLS", Capability::Stls),
            ("LANG", Capability::Lang),
            ("UTF8", Capability::Utf8 { user: false }),
            ("UTF8 USER", Capability::Utf8 { user: true }),
            (
                "LOGIN-DELAY 900",
                Capability::LoginDelay(LoginDelay { seconds: 900, per_user: false }),
            ),
            (
                "LOGIN-DELAY  300 USER",
                Capability::LoginDelay(LoginDelay { seconds: 300, per_user: true }),
            ),
            ("EXPIRE 60", Capability::Expire(Expire { days: Some(60), per_user: false })),
            ("EXPIRE never user", Capability::Expire(Expire { days: None, per_user: true })),
            // GNU Mailutils.
            ("EXPIRENEVER", Capability::Expire(Expire { days: None, per_user: false })),
            (
                "IMPLEMENTATION Cyrus POP3 3.6",
                Capability::Implementation(Str::from("Cyrus POP3 3.6")),
            ),
            ("EXPIRE soon", Capability::Other(Str::from("EXPIRE soon"))),
            ("LOGIN-DELAY", Capability::Other(Str::from("LOGIN-DELAY"))),
            ("XOIP 7", Capability::Other(Str::from("XOIP 7"))),
        ] {
            assert_eq!(Capability::parse(line.as_bytes()), wanted);
            assert_eq!(Capability::parse(wanted.to_string().as_bytes()), wanted);
        }
    }

    #[test]
    fn set() {
        let mut set = CapabilitySet::new();
        assert!(set.is_empty());
        for line in [
            "TOP",
            "SASL PLAIN xoauth2  MAILWIRE",
            "EXPIRE NEVER",
            "LOGIN-DELAY 10 USER",
            "UTF8 USER",
            "XOIP",
        ] {
            set.insert(&Capability::parse(line.as_bytes()));
        }
        assert!(set.contains(&Capability::Top));
        assert!(!set.contains(&Capability::Uidl));
        assert!(set.contains(&Capability::parse(b"SASL PLAIN")));
        assert!(!set.contains(&Capability::parse(b"SASL PLAIN LOGIN")));
        assert!(set.has_mechanism("XOAUTH2") && !set.has_mechanism("MAILWIRE"));
        assert_eq!(set.mechanisms().collect::<Vec<_>>(), ["PLAIN", "XOAUTH2"]);
        assert_eq!(set.expire(), Some(Expire { days: None, per_user: false }));
        assert_eq!(set.login_delay(), Some(LoginDelay { seconds: 10, per_user: true }));
        assert!(set.contains(&Capability::Utf8 { user: true }));
        set.clear();
        assert_eq!((set.expire(), set.login_delay()), (None, None));
    }
}
