//! THREAD (RFC 5256 section 3): found messages as conversations.

use super::search::encode_all;
use super::{Capability, Command, Encoder, Kind, Search, Str};
use core::fmt;

/// How the server finds out what belongs together (RFC 5256 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ThreadAlgorithm {
    /// `ORDEREDSUBJECT`: messages of one subject, the oldest being the parent of all others.
    OrderedSubject,
    /// `REFERENCES`: by the References and In-Reply-To fields, then by the subject.
    References,
    /// `REFS`: by the References and In-Reply-To fields alone (draft-ietf-morg-inthread;
    /// Dovecot, Cyrus).
    Refs,
}

/// THREAD and UID THREAD (RFC 5256 section 3). Needs the algorithm's capability, such as
/// THREAD=REFERENCES.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadCommand<'a> {
    /// Whether UIDs are to be returned in place of message sequence numbers.
    pub uid: bool,
    /// How.
    pub algorithm: ThreadAlgorithm,
    /// What to search for: messages that match all of these; with none of them, all messages.
    pub keys: &'a [Search<'a>],
}

impl<'a> ThreadCommand<'a> {
    /// THREAD: the sequence numbers of the messages that match all of `keys`.
    #[must_use]
    pub const fn new(algorithm: ThreadAlgorithm, keys: &'a [Search<'a>]) -> Self {
        Self { uid: false, algorithm, keys }
    }

    /// UID THREAD: UIDs are returned.
    #[must_use]
    pub const fn uid(self) -> Self {
        Self { uid: true, ..self }
    }
}

impl Command for ThreadCommand<'_> {
    fn kind(&self) -> Kind {
        if self.uid { Kind::UidThread } else { Kind::Thread }
    }

    /// ```abnf
    /// thread          = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
    /// thread-alg      = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext
    /// search-criteria = charset 1*(SP search-key)
    /// ```
    /// RFC 5256 section 5.
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(if self.uid { b"UID THREAD " } else { b"THREAD " });
        let (capability, name): (_, &[u8]) = match self.algorithm {
            ThreadAlgorithm::OrderedSubject => {
                (Capability::ThreadOrderedSubject, b"ORDEREDSUBJECT")
            }
            ThreadAlgorithm::References => (Capability::ThreadReferences, b"REFERENCES"),
            ThreadAlgorithm::Refs => (Capability::ThreadRefs, b"REFS"),
        };
        out.needs(capability).raw(name).raw(b" UTF-8 ");
        encode_all(self.keys, out);
    }
}

/// A piece of a [`Threads`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ThreadToken {
    /// `(`: a thread begins, or a branch of one. What comes first in it is an answer to the
    /// number before it. If there is none, a message in between is missing, and the branches
    /// are siblings.
    Open,
    /// A message: an answer to the number before it, unless that belongs to a branch that is
    /// closed. The first in a thread begins it.
    Number(u32),
    /// `)`: the thread or the branch ends.
    Close,
}

/// The THREAD response (RFC 5256 section 4), whole or a part of one that is longer than Rx:
/// threads to any depth, as a row of tokens.
///
/// ```abnf
/// thread-data    = "THREAD" [SP 1*thread-list]
/// thread-list    = "(" (thread-members / thread-nested) ")"
/// thread-members = nz-number *(SP nz-number) [SP thread-nested]
/// thread-nested  = 2*thread-list
/// ```
/// RFC 5256 section 5. What is neither a number nor a parenthesis is left out, and so are zeros
/// and parentheses that close nothing. What is still open at the end of the last part ends
/// there.
///
/// To make a tree of it, remember at each [`Open`](ThreadToken::Open) which number came before
/// it:
///
/// ```
/// use mailwire::imap::{ThreadToken, Threads};
///
/// let (mut parent, mut open, mut answers) = (None, Vec::new(), Vec::new());
/// for token in Threads::parse(b"(2)(3 6 (4 23)(44 7 96))", 0) {
///     match token {
///         ThreadToken::Open => open.push(parent),
///         ThreadToken::Number(number) => answers.push((number, parent.replace(number))),
///         ThreadToken::Close => parent = open.pop().flatten(),
///     }
/// }
/// assert!(answers.contains(&(44, Some(6))) && answers.contains(&(3, None)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Threads<'a> {
    raw: &'a [u8],
    depth: u32,
}

impl<'a> Threads<'a> {
    /// Takes what stands behind `THREAD SP`, or any part of it that was cut behind a space or a
    /// parenthesis; `depth` parentheses are open where it begins. It never fails.
    pub const fn parse(raw: &'a [u8], depth: u32) -> Self {
        Self { raw, depth }
    }

    /// How many parentheses are open where this begins: 0, unless it is a later part.
    pub const fn depth(&self) -> u32 {
        self.depth
    }

    /// The tokens, in the server's order.
    pub const fn iter(&self) -> ThreadTokens<'a> {
        ThreadTokens { rest: self.raw, depth: self.depth }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// The tokens of a [`Threads`].
#[derive(Debug, Clone)]
pub struct ThreadTokens<'a> {
    rest: &'a [u8],
    depth: u32,
}

impl ThreadTokens<'_> {
    /// How many parentheses are open behind the token that came last.
    pub const fn depth(&self) -> u32 {
        self.depth
    }
}

impl Iterator for ThreadTokens<'_> {
    type Item = ThreadToken;

    fn next(&mut self) -> Option<ThreadToken> {
        loop {
            let (&first, after) = self.rest.split_first()?;
            match first {
                b'(' => {
                    self.rest = after;
                    self.depth = self.depth.saturating_add(1);
                    return Some(ThreadToken::Open);
                }
                b')' => {
                    self.rest = after;
                    if let Some(depth) = self.depth.checked_sub(1) {
                        self.depth = depth;
                        return Some(ThreadToken::Close);
                    }
                }
                b' ' => self.rest = after,
                _ => {
                    let end = self.rest.iter().position(|b| matches!(b, b' ' | b'(' | b')'));
                    let end = end.unwrap_or(self.rest.len());
                    let (word, rest) = self.rest.split_at_checked(end)?;
                    self.rest = rest;
                    if let Ok(([], number @ 1..)) = super::syntax::number(word) {
                        return Some(ThreadToken::Number(number));
                    }
                }
            }
        }
    }
}

impl<'a> IntoIterator for Threads<'a> {
    type Item = ThreadToken;
    type IntoIter = ThreadTokens<'a>;

    fn into_iter(self) -> ThreadTokens<'a> {
        self.iter()
    }
}

impl fmt::Debug for Threads<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Str::new(self.raw).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ThreadToken {
    /// `"("`, `7` or `")"`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Open => serializer.serialize_str("("),
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Close => serializer.serialize_str(")"),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Threads<'_> {
    /// `["(", 3, "(", 6, ")", "(", 7, ")", ")"]`
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(*self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Threads<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", Str::new(self.raw));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::command::tests::says;
    use std::string::{String, ToString as _};
    use std::vec::Vec;

    #[test]
    fn commands() {
        let command = ThreadCommand::new(ThreadAlgorithm::References, &[Search::Subject("ż")]);
        assert_eq!(command.kind(), Kind::Thread);
        says(&command, "THREAD REFERENCES UTF-8 SUBJECT {2}\r\n|ż");
        let command = ThreadCommand::new(ThreadAlgorithm::OrderedSubject, &[]).uid();
        assert_eq!(command.kind(), Kind::UidThread);
        says(&command, "UID THREAD ORDEREDSUBJECT UTF-8 ALL");
        let command = ThreadCommand::new(ThreadAlgorithm::Refs, &[]);
        says(&command, "THREAD REFS UTF-8 ALL");
    }

    fn tokens(threads: Threads<'_>) -> String {
        let mut text = String::new();
        for token in threads {
            match token {
                ThreadToken::Open => text += "(",
                ThreadToken::Close => text += ")",
                ThreadToken::Number(number) => {
                    if text.ends_with(|last: char| last.is_ascii_digit()) {
                        text += " ";
                    }
                    text += &number.to_string();
                }
            }
        }
        text
    }

    fn read(raw: &str) -> String {
        tokens(Threads::parse(raw.as_bytes(), 0))
    }

    #[test]
    fn responses() {
        // RFC 5256 section 4, Dovecot, Cyrus; nothing found.
        for raw in [
            "(2)(3 6(4 23)(44 7 96))",
            "((3)(5))",
            "((1(2(3)(10))(9))(8))((4(7)(14))(11))((5)(12)(6)(13))",
            "(4294967295)",
            "",
        ] {
            assert_eq!(read(raw), raw);
        }
        assert_eq!(read("(3 6 (4 23)(44 7 96))"), "(3 6(4 23)(44 7 96))");
        assert!(Threads::parse(b" ", 0).is_empty());
        // Odd ones.
        assert_eq!(read(" ( 1  (2 ) (3) ) "), "(1(2)(3))");
        assert_eq!(read(")1)(2"), "1(2");
        assert_eq!(read("(0 x 1x -5 4294967296 99999999999999999999 7 \"8\" {9})"), "(7)");
    }

    #[test]
    fn deep() {
        let deep: String = (1..=300).map(|n| std::format!("({n} ")).collect();
        let raw = deep.clone() + &")".repeat(300);
        let mut tokens = Threads::parse(raw.as_bytes(), 0).iter();
        let deepest = core::iter::from_fn(|| tokens.next().map(|_| tokens.depth())).max();
        assert_eq!(deepest, Some(300));
        let mut tokens = Threads::parse(raw.as_bytes(), 0).iter();
        assert_eq!(tokens.by_ref().count(), 900);
        assert_eq!(tokens.depth(), 0);
        let ends: String = "(".repeat(5000);
        assert_eq!(Threads::parse(ends.as_bytes(), 0).iter().count(), 5000);
    }

    #[test]
    fn parts() {
        let raw = b"((1 (2 (3)(10))(9))(8))((4 (7)(14))(11)) (5 12 6)";
        let whole: Vec<_> = Threads::parse(raw, 0).iter().collect();
        for at in (1..raw.len()).filter(|&at| b" ()".contains(&raw[at - 1])) {
            let mut first = Threads::parse(&raw[..at], 0).iter();
            let mut all: Vec<_> = first.by_ref().collect();
            let second = Threads::parse(&raw[at..], first.depth());
            all.extend(second);
            assert_eq!(all, whole, "{at}");
        }
    }
}
