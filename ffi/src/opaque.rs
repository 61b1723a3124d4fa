//! Values of the core's in the caller's memory, as words that C may copy.

use core::mem::{MaybeUninit, needs_drop};

/// A view of the core's as words that C may copy.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Words<const N: usize>([MaybeUninit<usize>; N]);

/// Puts a value there. Its lifetime is the header's from now on: until the next call on the
/// handle whose event it is of.
pub(crate) const fn store<T, const N: usize>(value: T) -> [MaybeUninit<usize>; N] {
    const {
        assert!(size_of::<T>() <= size_of::<Words<N>>(), "more words are needed");
        assert!(!needs_drop::<T>());
    }
    let mut words = [MaybeUninit::uninit(); N];
    // SAFETY: it fits, as was asserted; it need not be aligned, and is read as it is written.
    unsafe { (&raw mut words).cast::<T>().write_unaligned(value) };
    words
}

/// Takes it out again.
///
/// # Safety
///
/// `words` were made by [`store`] of a `T` (of any lifetime), what it refers to is still there,
/// and `T` needs no drop.
pub(crate) const unsafe fn load<T, const N: usize>(words: &[MaybeUninit<usize>; N]) -> T {
    // SAFETY: by the caller.
    unsafe { (&raw const *words).cast::<T>().read_unaligned() }
}

/// What marks a struct of this name as filled. It is one that nothing else in its place is likely to
/// be: so a program that takes the wrong member of a union finds an empty list there.
pub(crate) const fn filled(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0x811C_9DC5_u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash | 0x8080_0000
}

/// A struct of C's, of `kind` and `opaque`, that holds a value of the core's or nothing.
macro_rules! holds {
    ($name:ident: $lent:ty => $lasting:ty) => {
        #[allow(dead_code)]
        impl $name {
            const FILLED: u32 = crate::opaque::filled(stringify!($name));
            pub(crate) const NONE: Self =
                Self { kind: 0, opaque: [core::mem::MaybeUninit::zeroed(); _] };

            pub(crate) fn of(value: $lent) -> Self {
                Self { kind: Self::FILLED, opaque: crate::opaque::store(value) }
            }

            pub(crate) fn maybe(value: Option<$lent>) -> Self {
                value.map_or(Self::NONE, Self::of)
            }

            /// What it holds.
            pub(crate) fn get(&self) -> Option<$lasting> {
                // SAFETY: only `of` marks it so; the header says how long it is valid.
                (self.kind == Self::FILLED).then(|| unsafe { crate::opaque::load(&self.opaque) })
            }

            /// Works on what it holds.
            pub(crate) fn change<R>(&mut self, f: impl FnOnce(&mut $lasting) -> R) -> Option<R> {
                let mut value = self.get()?;
                let out = f(&mut value);
                *self = Self::of(value);
                Some(out)
            }

            /// Takes the next one out of a cursor, which is empty at its end.
            pub(crate) fn step<R>(
                &mut self,
                f: impl FnOnce(&mut $lasting) -> Option<R>,
            ) -> Option<R> {
                let next = self.change(f).flatten();
                if next.is_none() {
                    *self = Self::NONE;
                }
                next
            }
        }
    };
}
pub(crate) use holds;
