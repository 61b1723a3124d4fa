//! Responses of extensions, and others that few programs need, which are read only if the program asks for it.

use super::{Event, Str};
use crate::names::Names;
use core::fmt;
use core::marker::PhantomData;

/// What can be read from the text of a response.
pub trait Parse<'r>: Sized {
    /// Reads what stands behind the response's name and its SP, up to and without the CRLF.
    /// `utf8` says whether names are in UTF-8 (IMAP4rev2 or UTF8=ACCEPT is enabled), not in
    /// modified UTF-7. `None`: it cannot be understood.
    fn parse(text: &'r [u8], utf8: bool) -> Option<Self>;
}

/// A response as it came, which [`parse`](Self::parse) reads.
///
/// So the linker keeps the readers of those that a program uses, and no others.
///
/// ```
/// use mailwire::imap::{Event, QuotaResource};
///
/// fn storage(event: Event<'_>) -> Option<u64> {
///     let Event::Quota(quota) = event else { return None };
///     quota.parse()?.resources.iter().find(|it| it.name == "STORAGE")?.usage
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Raw<'r, T> {
    line: &'r [u8],
    /// Where the text behind the response's name begins.
    at: usize,
    utf8: bool,
    is: PhantomData<T>,
}

impl<'r, T: Parse<'r>> Raw<'r, T> {
    /// What the response says. `None` if it cannot be understood: [`as_bytes`](Self::as_bytes)
    /// has it all the same.
    pub fn parse(&self) -> Option<T> {
        T::parse(self.line.get(self.at..).unwrap_or_default(), self.utf8)
    }
}

impl<'r, T> Raw<'r, T> {
    /// A line without its end; `at` is behind its name.
    const fn new(line: &'r [u8], at: usize, utf8: bool) -> Self {
        Self { line, at, utf8, is: PhantomData }
    }

    /// The whole line, without its end.
    pub const fn as_bytes(&self) -> &'r [u8] {
        self.line
    }
}

/// The line.
impl<T> fmt::Debug for Raw<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Raw").field(&Str::new(self.line)).finish()
    }
}

/// The line.
#[cfg(feature = "defmt")]
impl<T> defmt::Format for Raw<'_, T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        Str::new(self.line).format(f);
    }
}

/// The table of the responses that come as [`Raw`]. To add one, add a line.
macro_rules! extensions {
    ($($variant:ident = $name:literal,)*) => {
        /// The names, each at the place that it has in `Name`.
        const NAMES: Names = Names(concat!($($name, "\n"),*));

        enum Name { $($variant,)* }

        /// The event of the extension whose response has this name.
        pub(super) fn extension<'r>(
            name: &[u8],
            line: &'r [u8],
            at: usize,
            utf8: bool,
        ) -> Option<Event<'r>> {
            Some(match NAMES.place(name)? {
                $(place if place == Name::$variant as usize => {
                    Event::$variant(Raw::new(line, at, utf8))
                })*
                _ => return None,
            })
        }
    };
}

extensions! {
    Acl = "ACL",
    Comparator = "COMPARATOR",
    GenUrlAuth = "GENURLAUTH",
    Id = "ID",
    JmapAccess = "JMAPACCESS",
    Language = "LANGUAGE",
    ListRights = "LISTRIGHTS",
    Metadata = "METADATA",
    MyRights = "MYRIGHTS",
    Namespace = "NAMESPACE",
    Quota = "QUOTA",
    QuotaRoot = "QUOTAROOT",
    UrlFetch = "URLFETCH",
    XList = "XLIST",
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::*;
    use super::*;
    use crate::{Buffers, Instant, Machine as _};
    use proptest::prelude::*;
    use std::format;

    /// The event that `line` makes of itself.
    pub(in super::super) fn hear<R>(line: &str, look: impl FnOnce(Event<'_>) -> R) -> R {
        let (mut rx, mut tx) = ([0; 4096], [0; 0]);
        let mut buffers = Buffers::new(&mut rx, &mut tx);
        buffers.rx.fill(line.as_bytes());
        buffers.rx.fill(b"\r\n");
        let mut connection = Connection::observer();
        assert!(connection.advance(&mut buffers, Instant::ZERO).is_ok());
        look(connection.event(&buffers))
    }

    #[test]
    fn as_it_came() {
        hear("* quota  \"\" (STORAGE 10", |event| {
            assert_eq!(std::format!("{event:?}"), r#"Quota(Raw("* quota  \"\" (STORAGE 10"))"#);
            assert!(matches!(event, Event::Quota(it) if it.parse().is_none()));
        });
        // A number makes it another response.
        hear("* 3 QUOTA \"\" ()", |event| assert!(!matches!(event, Event::Quota(_))));
    }

    /// Reads and walks it; whether it was understood.
    fn walk<'r, T: Parse<'r> + fmt::Debug>(text: &'r [u8], utf8: bool) -> bool {
        T::parse(text, utf8).is_some_and(|it| !format!("{it:?}").is_empty())
    }

    proptest! {
        #[test]
        fn nothing_panics(
            text in prop::collection::vec(
                prop::sample::select(std::vec![
                    "a", " ", "(", ")", "\"", "\\", "NIL", "{1}\r\n", "~{2}\r\n", "9", "-", "/", "[",
                    "BODY", "\r\n", "\u{fc}", "*",
                ]),
                0..24,
            ),
            utf8: bool,
        ) {
            let text = text.concat();
            let text = text.as_bytes();
            for walk in [
                walk::<Acl<'_>>,
                walk::<Comparator<'_>>,
                walk::<GenUrlAuth<'_>>,
                walk::<Id<'_>>,
                walk::<JmapAccess<'_>>,
                walk::<Language<'_>>,
                walk::<List<'_>>,
                walk::<ListRights<'_>>,
                walk::<Metadata<'_>>,
                walk::<MyRights<'_>>,
                walk::<Namespace<'_>>,
                walk::<Quota<'_>>,
                walk::<QuotaRoot<'_>>,
                walk::<UrlFetch<'_>>,
            ] {
                walk(text, utf8);
            }
        }
    }
}
