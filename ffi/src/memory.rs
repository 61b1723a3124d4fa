//! Handles in the caller's memory, or in malloc's.

use crate::result::{Failure, MW_ERR_MEMORY};

#[cfg(feature = "malloc")]
unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(memory: *mut u8);
    #[cfg(not(feature = "std"))]
    pub(crate) fn abort() -> !;
}

/// Memory that is cut up from the front.
pub(crate) struct Memory {
    rest: &'static mut [u8],
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
        // SAFETY: by the caller; zeros are bytes that can be referred to.
        unsafe {
            memory.write_bytes(0, len);
            Ok(Self { rest: core::slice::from_raw_parts_mut(memory, len) })
        }
    }

    /// The next so many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'static mut [u8], Failure> {
        if count > self.rest.len() {
            return Err(FULL);
        }
        let (front, rest) = core::mem::take(&mut self.rest).split_at_mut(count);
        self.rest = rest;
        Ok(front)
    }

    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Room for a row of values, all made by `make`.
    pub(crate) fn row<T>(
        &mut self,
        count: usize,
        mut make: impl FnMut(usize) -> Result<T, Failure>,
    ) -> Result<&'static mut [T], Failure> {
        let gap = self.rest.as_ptr().align_offset(align_of::<T>());
        self.bytes(gap)?;
        let size = size_of::<T>().checked_mul(count).ok_or(FULL)?;
        let room = self.bytes(size)?.as_mut_ptr().cast::<T>();
        for index in 0..count {
            // SAFETY: the memory is aligned and large enough, and is nobody else's.
            unsafe { room.add(index).write(make(index)?) }
        }
        // SAFETY: all of them were written.
        Ok(unsafe { core::slice::from_raw_parts_mut(room, count) })
    }

    /// Room for one value; it is to be written there.
    pub(crate) fn place<T>(&mut self) -> Result<*mut T, Failure> {
        let gap = self.rest.as_ptr().align_offset(align_of::<T>());
        self.bytes(gap)?;
        Ok(self.bytes(size_of::<T>())?.as_mut_ptr().cast())
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
