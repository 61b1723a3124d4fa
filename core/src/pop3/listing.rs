//! How many messages, how large, by which names: STAT, LIST and UIDL (RFC 1939 sections 5
//! and 7).

use super::Str;
use super::capability::{decimal, number, word};
use super::command::{Command, Kind};
use super::encoder::Encoder;
use crate::writer::word_command;

word_command! {
    /// `STAT`: asks how many messages there are and how many octets they take (RFC 1939
    /// section 5).
    StatCommand = Stat, b"STAT";
}

/// `LIST`: asks for the size of all messages, or of one (RFC 1939 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListCommand {
    /// Only of this one.
    pub message: Option<u32>,
}

impl Command for ListCommand {
    fn kind(&self) -> Kind {
        if self.message.is_some() { Kind::ListOne } else { Kind::List }
    }

    fn message(&self) -> Option<u32> {
        self.message
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"LIST");
        if let Some(message) = self.message {
            out.sp().message(message);
        }
    }
}

/// `UIDL`: asks for the unique-id of all messages, or of one (RFC 1939 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UidlCommand {
    /// Only of this one.
    pub message: Option<u32>,
}

impl Command for UidlCommand {
    fn kind(&self) -> Kind {
        if self.message.is_some() { Kind::UidlOne } else { Kind::Uidl }
    }

    fn message(&self) -> Option<u32> {
        self.message
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(b"UIDL");
        if let Some(message) = self.message {
            out.sp().message(message);
        }
    }
}

/// What STAT tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stat {
    /// How many messages are in the maildrop and not marked as deleted. Their numbers need
    /// not be without gaps.
    pub messages: u32,
    /// The octets that they take.
    pub size: u64,
}

impl Stat {
    /// ```abnf
    /// drop-listing = number SP size *(SP other)
    /// ```
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (messages, size) = pair(line)?;
        Some(Self { messages, size: decimal(size)? })
    }
}

/// A message's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListItem {
    /// The message's number in this session.
    pub number: u32,
    /// Its size in octets, as far as the server knows.
    pub size: u64,
}

impl ListItem {
    /// ```abnf
    /// scan-listing = number SP size *(SP other)
    /// ```
    /// If `asked` for one message, its number may be missing.
    pub(crate) fn parse(line: &[u8], asked: Option<u32>) -> Option<Self> {
        match (word(line), asked) {
            ((size, b""), Some(number)) => Some(Self { number, size: decimal(size)? }),
            _ => {
                let (number, size) = pair(line)?;
                Some(Self { number, size: decimal(size)? })
            }
        }
    }
}

/// A message's unique-id, by which it can be known again in another session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UidlItem<'r> {
    /// The message's number in this session.
    pub number: u32,
    /// The unique-id. Some servers have none for a message, and leave this empty; some give
    /// the same to several.
    pub uid: Str<'r>,
}

impl<'r> UidlItem<'r> {
    /// ```abnf
    /// unique-id-listing = number SP unique-id
    /// ```
    /// There may be more spaces, and no unique-id. If `asked` for one message, the server may
    /// leave out its number.
    pub(crate) fn parse(line: &'r [u8], asked: Option<u32>) -> Option<Self> {
        let line = line.trim_ascii();
        let (first, uid) = word(line);
        match (number(first), asked) {
            (Some(number), Some(asked)) if uid.is_empty() && number != asked => {
                Some(Self { number: asked, uid: Str::new(line) })
            }
            (Some(number), _) => Some(Self { number, uid: Str::new(uid) }),
            (None, Some(number)) if !line.is_empty() => Some(Self { number, uid: Str::new(line) }),
            _ => None,
        }
    }
}

/// A number and the word behind it.
fn pair(line: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = word(line);
    Some((number(first)?, word(rest).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat() {
        assert_eq!(Stat::parse(b" 2 320"), Some(Stat { messages: 2, size: 320 }));
        let large = Stat { messages: 1, size: 5_000_000_000 };
        assert_eq!(Stat::parse(b"1  5000000000 octets"), Some(large));
        for bad in [&b""[..], b"2", b"2 x", b"-1 2", b"99999999999 1", b"1 -2", b"+1 2"] {
            assert_eq!(Stat::parse(bad), None);
        }
    }

    #[test]
    fn list() {
        let item = |number, size| Some(ListItem { number, size });
        assert_eq!(ListItem::parse(b"1 335\r\n", None), item(1, 335));
        assert_eq!(ListItem::parse(b"7  335 extra", None), item(7, 335));
        assert_eq!(ListItem::parse(b"7 335", Some(7)), item(7, 335));
        assert_eq!(ListItem::parse(b"335", Some(7)), item(7, 335));
        assert_eq!(ListItem::parse(b"335", None), None);
        assert_eq!(ListItem::parse(b"", Some(7)), None);
    }

    #[test]
    fn uidl() {
        let item = |number, uid| Some(UidlItem { number, uid: Str::from(uid) });
        assert_eq!(
            UidlItem::parse(b"1 whqtswO00WBw418f9t5JxYwZ\r\n", None),
            item(1, "whqtswO00WBw418f9t5JxYwZ")
        );
        assert_eq!(
            UidlItem::parse(b"1   2011071307115510400ae3e9e00bmu9", None),
            item(1, "2011071307115510400ae3e9e00bmu9")
        );
        // Blank.
        assert_eq!(UidlItem::parse(b"3 \r\n", None), item(3, ""));
        assert_eq!(UidlItem::parse(b"3", Some(3)), item(3, ""));
        // Without the number.
        assert_eq!(UidlItem::parse(b"aec3 ", Some(3)), item(3, "aec3"));
        assert_eq!(UidlItem::parse(b"2011", Some(3)), item(3, "2011"));
        assert_eq!(UidlItem::parse(b"2011071307115510", Some(3)), item(3, "2011071307115510"));
        assert_eq!(UidlItem::parse(b"aec3", None), None);
        assert_eq!(UidlItem::parse(b"", None), None);
    }
}
