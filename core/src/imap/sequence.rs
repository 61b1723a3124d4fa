//! Lists in responses: validated once, then walked item by item over the raw bytes.

use super::Str;
use super::syntax::{Parsed, fail, nstring, sp0, string::word, value};

/// Gives a view of a list, which knows how to `pop` its first item, its iterator and all
/// that follows from it.
macro_rules! sequence {
    ($view:ident, $iter:ident, $item:ty) => {
        impl<'a> $view<'a> {
            /// The items in their order.
            #[inline]
            pub fn iter(&self) -> $iter<'a> {
                $iter(*self)
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.iter().next().is_none()
            }
        }

        #[doc = concat!("The items of [`", stringify!($view), "`].")]
        #[derive(Debug, Clone)]
        pub struct $iter<'a>($view<'a>);

        impl<'a> Iterator for $iter<'a> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                self.0.pop()
            }
        }

        impl<'a> IntoIterator for $view<'a> {
            type Item = $item;
            type IntoIter = $iter<'a>;

            fn into_iter(self) -> $iter<'a> {
                $iter(self)
            }
        }

        impl core::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }

        /// Equal if the same items stand in the same order.
        impl PartialEq for $view<'_> {
            fn eq(&self, other: &$view<'_>) -> bool {
                self.iter().eq(other.iter())
            }
        }

        impl Eq for $view<'_> {}

        #[cfg(feature = "serde")]
        impl serde::Serialize for $view<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.iter())
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $view<'_> {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "[");
                for item in self.iter() {
                    defmt::write!(f, " {}", item);
                }
                defmt::write!(f, " ]");
            }
        }
    };
}
pub(super) use sequence;

/// A parenthesised list of what `item` reads; returns what is between the parentheses.
/// Spaces may stand anywhere or be missing.
#[inline]
pub(super) fn list_of<'a, T>(
    i: &'a [u8],
    item: impl Fn(&'a [u8]) -> Parsed<'a, T>,
) -> Parsed<'a, &'a [u8]> {
    let Some(inner) = i.strip_prefix(b"(") else {
        return fail();
    };
    let mut rest = inner;
    loop {
        (rest, _) = sp0(rest)?;
        if let [b')', after @ ..] = rest {
            let length = inner.len().wrapping_sub(rest.len());
            return Ok((after, inner.get(..length).unwrap_or_default()));
        }
        (rest, _) = item(rest)?;
    }
}

/// A string of a list of them. What is none stands there as it came, so that it costs no more
/// than itself.
pub(super) fn text(i: &[u8]) -> Parsed<'_, Str<'_>> {
    word(i).or_else(|_| value(i).map(|(rest, raw)| (rest, Str::new(raw))))
}

/// The same, or nothing: NIL, or where the list ends.
pub(super) fn ntext(i: &[u8]) -> Parsed<'_, Option<Str<'_>>> {
    match i {
        [] | [b')', ..] => Ok((i, None)),
        _ => nstring(i).or_else(|_| text(i).map(|(rest, text)| (rest, Some(text)))),
    }
}

/// A list of strings, such as the options in CHILDINFO, or the names of quota roots.
#[derive(Clone, Copy)]
pub struct Strings<'a>(&'a [u8]);

impl<'a> Strings<'a> {
    /// ```abnf
    /// "(" [astring *(SP astring)] ")"
    /// ```
    /// RFC 9051 section 9, in `childinfo-extended-item` and `namespace-response-extension`. A word
    /// may hold more than the grammar admits (Gmail's labels: `\\Sent`).
    pub(super) fn parse(i: &'a [u8]) -> Parsed<'a, Self> {
        list_of(i, word).map(|(rest, inner)| (rest, Self(inner)))
    }

    /// What stands between the parentheses. The walk ends at what is no string.
    pub(super) const fn within(i: &'a [u8]) -> Self {
        Self(i)
    }

    /// ```abnf
    /// [astring *(SP astring)]
    /// ```
    /// up to the end of a response, spaces and line end apart. What is no string stands there as it
    /// came.
    pub(super) fn to_end(i: &'a [u8]) -> Option<Self> {
        let mut rest = Self(i);
        while rest.pop().is_some() {}
        // Not before: a literal may end in spaces.
        rest.0.trim_ascii().is_empty().then_some(Self(i))
    }

    /// [`parse`](Self::parse), and no more behind the list.
    pub(super) fn whole(i: &'a [u8]) -> Option<Self> {
        match Self::parse(i.trim_ascii()) {
            Ok(([], list)) => Some(list),
            _ => None,
        }
    }

    pub(super) fn pop(&mut self) -> Option<Str<'a>> {
        let (rest, ()) = sp0(self.0).ok()?;
        let (rest, string) = text(rest).ok()?;
        self.0 = rest;
        Some(string)
    }
}

sequence!(Strings, StringsIter, Str<'a>);
