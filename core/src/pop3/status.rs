//! `+OK` and `-ERR`, and what goes with them (RFC 1939 section 3, RFC 2449 section 8).

use super::Str;
use core::fmt;

/// How a command ended (RFC 1939 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Status {
    /// `+OK`
    Ok,
    /// `-ERR`
    Err,
}

impl Status {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "+OK",
            Self::Err => "-ERR",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An extended response code (RFC 2449 section 8): why a command failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Code<'a> {
    /// `IN-USE`: another session has the maildrop open. Try again later (RFC 2449
    /// section 8.1.2).
    InUse,
    /// `LOGIN-DELAY`: too soon after the last login (RFC 2449 section 8.1.1).
    LoginDelay,
    /// `SYS/TEMP`: the server's trouble, likely to pass (RFC 3206 section 4).
    SysTemp,
    /// `SYS/PERM`: the server's trouble, for somebody to repair (RFC 3206 section 4).
    SysPerm,
    /// `AUTH`: the credentials were the problem (RFC 3206 section 5).
    Auth,
    /// `UTF8`: the command needs UTF-8 mode, or the maildrop cannot do without (RFC 6856
    /// section 5).
    Utf8,
    /// Any other.
    Other(Str<'a>),
}

impl<'a> Code<'a> {
    const NAMES: [(&'static str, Code<'static>); 6] = [
        ("IN-USE", Code::InUse),
        ("LOGIN-DELAY", Code::LoginDelay),
        ("SYS/TEMP", Code::SysTemp),
        ("SYS/PERM", Code::SysPerm),
        ("AUTH", Code::Auth),
        ("UTF8", Code::Utf8),
    ];

    /// Reads what stands in the brackets.
    ///
    /// ```abnf
    /// resp-level *("/" resp-level)    ; RFC 2449 section 8
    /// ```
    pub fn parse(raw: &'a [u8]) -> Self {
        let raw = raw.trim_ascii();
        Self::NAMES
            .iter()
            .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(raw))
            .map_or(Self::Other(Str::new(raw)), |&(_, code)| code)
    }

    /// The code, if it is one of those with a name here, for longer than it was received.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn to_static(self) -> Option<Code<'static>> {
        match self {
            Self::InUse => Some(Code::InUse),
            Self::LoginDelay => Some(Code::LoginDelay),
            Self::SysTemp => Some(Code::SysTemp),
            Self::SysPerm => Some(Code::SysPerm),
            Self::Auth => Some(Code::Auth),
            Self::Utf8 => Some(Code::Utf8),
            Self::Other(_) => None,
        }
    }
}

/// The code as on the wire, known ones in capitals.
impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(raw) => raw.fmt(f),
            known => match Self::NAMES.iter().find(|(_, code)| code == known) {
                Some((name, _)) => f.pad(name),
                None => Ok(()),
            },
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Code<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What stands behind `+OK` and `-ERR`: a code for the program, and a text for people.
///
/// ```
/// use mailwire::pop3::{Code, RespText};
///
/// let it = RespText::parse(b"[IN-USE] Do you have another POP session running?");
/// assert_eq!(it.code, Some(Code::InUse));
/// assert_eq!(it.text, "Do you have another POP session running?");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RespText<'a> {
    /// What is in the brackets.
    pub code: Option<Code<'a>>,
    /// The rest; may be empty.
    pub text: Str<'a>,
}

impl<'a> RespText<'a> {
    /// Without a code or a word.
    pub(crate) const EMPTY: Self = Self { code: None, text: Str::new(b"") };

    /// Reads what stands behind `+OK SP`, without the line's end.
    ///
    /// ```abnf
    /// resp-text = ["[" resp-code "]"] [SP text]    ; RFC 2449 section 8
    /// ```
    ///
    /// It never fails. Brackets that never close are text. A server that offers no
    /// `RESP-CODES` should not send codes, but many do.
    pub fn parse(raw: &'a [u8]) -> Self {
        let raw = raw.trim_ascii();
        let split = || {
            let inside = raw.strip_prefix(b"[")?;
            let end = inside.iter().position(|&byte| byte == b']')?;
            match inside.split_at_checked(end)? {
                (code, [_, text @ ..]) => Some((Code::parse(code), text.trim_ascii_start())),
                _ => None,
            }
        };
        match split() {
            Some((code, text)) => Self { code: Some(code), text: Str::new(text) },
            None => Self { code: None, text: Str::new(raw) },
        }
    }
}

/// The text for people, without the code.
impl fmt::Display for RespText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// `+OK` or `-ERR`, and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StatusResponse<'r> {
    /// Which of the two.
    pub status: Status,
    /// Response code and human-readable text.
    pub text: RespText<'r>,
    /// Whether the line was longer than Rx, and the text is only its beginning.
    pub truncated: bool,
}

impl<'r> StatusResponse<'r> {
    /// Whether it is `+OK`.
    pub const fn is_ok(&self) -> bool {
        matches!(self.status, Status::Ok)
    }

    /// The timestamp in a greeting, brackets and all, that APOP hashes with the password
    /// (RFC 1939 section 7): the server can do APOP. One without an `@` is none: it is only
    /// there to please clients that insist on one.
    ///
    /// ```abnf
    /// timestamp = "<" *VCHAR "@" *VCHAR ">"
    /// ```
    pub fn timestamp(&self) -> Option<&'r [u8]> {
        let text = self.text.text.as_bytes()?;
        let start = memchr::memchr(b'<', text)?;
        let from = text.get(start..)?;
        let end = memchr::memchr(b'>', from)?;
        let timestamp = from.get(..=end)?;
        let plausible = timestamp.contains(&b'@') && timestamp.iter().all(u8::is_ascii_graphic);
        plausible.then_some(timestamp)
    }
}

/// The status of a line, and where its text begins. Capitals or not.
pub(crate) fn status(line: &[u8]) -> Option<(Status, usize)> {
    for status in [Status::Ok, Status::Err] {
        let word = status.as_str().as_bytes();
        if let Some((found, rest)) = line.split_at_checked(word.len())
            && found.eq_ignore_ascii_case(word)
            && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
        {
            return Some((status, word.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;

    #[test]
    fn codes() {
        for (raw, code, text) in [
            (&b"[IN-USE] busy"[..], Some(Code::InUse), "busy"),
            (b"[login-delay] wait", Some(Code::LoginDelay), "wait"),
            (b"[SYS/TEMP]", Some(Code::SysTemp), ""),
            (b"[SYS/PERM]  x ", Some(Code::SysPerm), "x"),
            (b" [AUTH] no", Some(Code::Auth), "no"),
            (b"[UTF8] no", Some(Code::Utf8), "no"),
            (b"[XYZ/A]no", Some(Code::Other("XYZ/A".into())), "no"),
            (b"[open", None, "[open"),
            (b"plain [AUTH]", None, "plain [AUTH]"),
            (b"", None, ""),
        ] {
            let it = RespText::parse(raw);
            assert_eq!((it.code, it.text), (code, Str::from(text)));
        }
        assert_eq!(Code::SysTemp.to_string(), "SYS/TEMP");
        assert_eq!(Code::parse(b"x/y").to_string(), "x/y");
    }

    #[test]
    fn words() {
        assert_eq!(status(b"+OK"), Some((Status::Ok, 3)));
        assert_eq!(status(b"+ok 2 320"), Some((Status::Ok, 3)));
        assert_eq!(status(b"-ERR no"), Some((Status::Err, 4)));
        assert_eq!(status(b"-ERR[AUTH] no"), Some((Status::Err, 4)));
        for nonsense in [&b"+"[..], b"+ OK", b"OK", b"-ER", b"+OKAY", b"* OK", b""] {
            assert_eq!(status(nonsense), None);
        }
    }

    #[test]
    fn timestamps() {
        let timestamp = |text: &'static str| {
            let text = RespText::parse(text.as_bytes());
            StatusResponse { status: Status::Ok, text, truncated: false }.timestamp()
        };
        // RFC 1939 section 7.
        assert_eq!(
            timestamp("POP3 server ready <1896.697170952@dbc.mtview.ca.us>"),
            Some(&b"<1896.697170952@dbc.mtview.ca.us>"[..])
        );
        assert_eq!(timestamp("<a@b>"), Some(&b"<a@b>"[..]));
        for none in ["ready", "<fake>", "a@b", "<a@b", "a@b>", "<a @b>", "> <"] {
            assert_eq!(timestamp(none), None);
        }
    }
}
