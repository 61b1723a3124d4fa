//! Handles in the caller's memory, or in malloc's.

use crate::result::{Failure, MW_ERR_MEMORY};
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

#[cfg(feature = "malloc")]
unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(memory: *mut u8);
    #[cfg(not(feature = "std"))]
    pub(crate) fn abort() -> !;
}

/// Memory that is cut up from the front.
// By pointers: what is freed by a handle's pointer must be all of it, not only the handle.
pub(crate) struct Memory {
    next: *mut u8,
    left: usize,
}

const FULL: Failure = Failure::Here(MW_ERR_MEMORY);

impl Memory {
    /// # Safety
    ///
    /// `memory` is NULL, or `len` bytes that nobody else uses for as long as what is made in them.
    pub(crate) unsafe fn new(memory: *mut u8, len: usize) -> Result<Self, Failure> {
        if memory.is_null() {
            return Err(crate::result::NULL);
        }
        if len > isize::MAX as usize {
            return Err(FULL);
        }
        // SAFETY: by the caller. From now on they are initialised.
        unsafe { memory.write_bytes(0, len) };
        Ok(Self { next: memory, left: len })
    }

    /// Where the next so many bytes are.
    fn cut(&mut self, count: usize) -> Result<*mut u8, Failure> {
        self.left = self.left.checked_sub(count).ok_or(FULL)?;
        let cut = self.next;
        // SAFETY: there were at least so many.
        self.next = unsafe { cut.add(count) };
        Ok(cut)
    }

    /// Where so many values can be, aligned for them.
    fn places<T>(&mut self, count: usize) -> Result<*mut T, Failure> {
        self.cut(self.next.align_offset(align_of::<T>()))?;
        let size = size_of::<T>().checked_mul(count).ok_or(FULL)?;
        Ok(self.cut(size)?.cast())
    }

    /// The next so many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'static mut [u8], Failure> {
        let first = self.cut(count)?;
        // SAFETY: they are initialised, and nobody else gets them, by `new` as long as they are
        // referred to.
        Ok(unsafe { core::slice::from_raw_parts_mut(first, count) })
    }

    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Room for a row of values, all made by `make`.
    pub(crate) fn row<T>(
        &mut self,
        count: usize,
        mut make: impl FnMut(usize) -> Result<T, Failure>,
    ) -> Result<&'static mut [T], Failure> {
        let first = self.places::<T>(count)?;
        for index in 0..count {
            // SAFETY: the memory is aligned and large enough, and is nobody else's.
            unsafe { first.add(index).write(make(index)?) }
        }
        // SAFETY: all of them were written, and nobody else gets them.
        Ok(unsafe { core::slice::from_raw_parts_mut(first, count) })
    }

    /// Room for one value; it is to be written there.
    pub(crate) fn place<T>(&mut self) -> Result<*mut T, Failure> {
        self.places(1)
    }
}

/// What a value takes in memory of any alignment.
pub(crate) const fn room_for<T>() -> usize {
    size_of::<T>() + align_of::<T>() - 1
}

/// Makes something in malloc's memory. The memory is the handle's: to be freed by [`release`].
#[cfg(feature = "malloc")]
pub(crate) fn allocate<T>(
    size: usize,
    make: impl FnOnce(Memory) -> Result<*mut T, Failure>,
) -> Result<*mut T, Failure> {
    // SAFETY: malloc may be asked for any size.
    let memory = unsafe { malloc(size) };
    if memory.is_null() {
        return Err(FULL);
    }
    // SAFETY: malloc gave so much to us alone.
    let made = unsafe { Memory::new(memory, size) }.and_then(make);
    match made {
        // What malloc gives is aligned for whatever comes first in it.
        Ok(handle) if handle.cast::<u8>() == memory => Ok(handle),
        other => {
            // SAFETY: it was malloc'd here and nothing else knows it.
            unsafe { free(memory) };
            Err(other.err().unwrap_or(FULL))
        }
    }
}

/// Ends a handle that [`allocate`] made.
///
/// # Safety
///
/// It is one, and is not used any more.
#[cfg(feature = "malloc")]
pub(crate) unsafe fn release<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: by the caller: it is a value, it stands where malloc's memory begins.
        unsafe {
            core::ptr::drop_in_place(handle);
            free(handle.cast());
        }
    }
}

/// Memory for the lists of one command, while it is encoded. It is not zeroed, and nothing in it
/// is dropped.
pub(crate) struct Scratch<'s, 'c> {
    next: Cell<*mut u8>,
    left: Cell<usize>,
    is_full: Cell<bool>,
    /// What stands in it may refer to the call's arguments.
    memory: PhantomData<(&'s mut [u8], &'s &'c ())>,
}

/// How much of it is on the stack.
const SCRATCH: usize = 2048;

impl<'s> Scratch<'s, '_> {
    fn new(memory: &'s mut [MaybeUninit<u64>]) -> Self {
        Self {
            next: Cell::new(memory.as_mut_ptr().cast()),
            left: Cell::new(size_of_val(memory)),
            is_full: Cell::new(false),
            memory: PhantomData,
        }
    }

    /// All that comes, in a row.
    pub(crate) fn collect<T: 's>(
        &self,
        items: impl Iterator<Item = Result<T, Failure>>,
    ) -> Result<&'s mut [T], Failure> {
        const { assert!(!core::mem::needs_drop::<T>() && size_of::<T>() > 0) };
        // Nothing is left for whoever collects within `items`.
        let (next, mut left) = (self.next.get(), self.left.replace(0));
        let gap = next.align_offset(align_of::<T>());
        let first = next.wrapping_add(gap).cast::<T>();
        left = left.saturating_sub(gap);
        let mut count = 0;
        for item in items {
            let item = item?;
            let Some(rest) = left.checked_sub(size_of::<T>()) else {
                self.is_full.set(true);
                return Err(FULL);
            };
            // SAFETY: it is aligned, and there is room for one more in memory that is ours alone.
            unsafe { first.add(count).write(item) };
            left = rest;
            count += 1;
        }
        self.next.set(first.wrapping_add(count).cast());
        self.left.set(left);
        // SAFETY: so many were written, and nobody else gets this memory. If there are none, it
        // is aligned all the same.
        Ok(unsafe { core::slice::from_raw_parts_mut(first, count) })
    }
}

/// Runs `f` with scratch memory; again with more of it, where there is malloc, if that was full.
/// So `f` must not have done anything when its lists are not complete.
pub(crate) fn with_scratch<'c, R>(
    mut f: impl for<'s> FnMut(&Scratch<'s, 'c>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mut memory = [const { MaybeUninit::<u64>::uninit() }; SCRATCH / 8];
    let scratch = Scratch::new(&mut memory);
    let result = f(&scratch);
    #[cfg(feature = "malloc")]
    if scratch.is_full.get() {
        return with_more(f);
    }
    result
}

#[cfg(feature = "malloc")]
#[cold]
fn with_more<'c, R>(
    mut f: impl for<'s> FnMut(&Scratch<'s, 'c>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mut size = SCRATCH;
    loop {
        size = size.checked_mul(4).ok_or(FULL)?;
        // SAFETY: malloc may be asked for any size.
        let memory = unsafe { malloc(size) };
        if memory.is_null() {
            return Err(FULL);
        }
        // SAFETY: malloc gave so much to us alone, aligned for any of C's types; it need not be
        // initialised.
        let words = unsafe { core::slice::from_raw_parts_mut(memory.cast(), size / 8) };
        let scratch = Scratch::new(words);
        let result = f(&scratch);
        let is_full = scratch.is_full.get();
        // SAFETY: it was malloc'd here, and what stood in it cannot have got out of `f`.
        unsafe { free(memory) };
        if !is_full {
            return result;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_fits() {
        use mailwire::imap::{Fetch, Flag};
        assert_eq!(SCRATCH / size_of::<Fetch<'_>>(), 25);
        assert_eq!(SCRATCH / size_of::<Flag<'_>>(), 85);
        assert_eq!(SCRATCH / size_of::<&str>(), 128);
    }

    #[test]
    fn scratch() {
        let words = || "a bb ccc".split(' ').map(Ok);
        let all = with_scratch(|scratch| {
            let words = scratch.collect(words())?;
            let lens = scratch.collect(words.iter().map(|word| Ok(word.len() as u8)))?;
            let none = scratch.collect::<u64>(core::iter::empty())?;
            assert_eq!((words.len(), &*lens, none.len()), (3, &[1, 2, 3][..], 0));
            words[2] = "d";
            assert_eq!(scratch.collect(words.iter().copied().map(Ok))?, ["a", "bb", "d"]);
            Ok(lens.iter().sum::<u8>())
        });
        assert_eq!(all.unwrap(), 6);

        // More than the stack's.
        for (count, _wanted) in [(0, 1), (300, 2), (5000, 4)] {
            let mut runs = 0;
            let sum = with_scratch(|scratch| {
                runs += 1;
                let numbers = scratch.collect((0..count).map(Ok::<u64, Failure>))?;
                Ok(numbers.iter().sum::<u64>())
            });
            #[cfg(feature = "malloc")]
            assert_eq!((sum.unwrap(), runs), ((0..count).sum(), _wanted));
            #[cfg(not(feature = "malloc"))]
            assert_eq!((sum.is_ok(), runs), (count == 0, 1));
        }

        // An error ends it, and so does collecting within what is being collected.
        assert!(
            with_scratch(|scratch| scratch.collect([Ok(1), Err(FULL)].into_iter()).map(|_| ()))
                .is_err()
        );
    }
}
