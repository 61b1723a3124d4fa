//! What comes from C, made into what Rust can be given.

use crate::bytes::{MW_STRING_ESCAPED, mw_bytes, mw_string};
use crate::result::{Failure, NULL, invalid};
use core::ffi::{CStr, c_char};
use core::marker::PhantomData;
use mailwire::Str;
use mailwire::imap::SequenceSet;
use mailwire::sasl::Response;

/// The caller's promise for one call: that each pointer which it gave is NULL or points to what
/// the header says, for as long as the header says, and that no other thread uses it meanwhile.
///
/// Only who holds this can make references of pointers. They live no longer than it, but for
/// those that the header says must live on (`'static` in [`forever`](Self::forever)).
#[derive(Clone, Copy)]
pub(crate) struct Args<'c>(PhantomData<&'c ()>);

/// A struct of options: C's plain data, with its own size as the first field.
///
/// # Safety
///
/// `repr(C)`, begins with a `usize`, and all zeros are a value of it.
pub(crate) unsafe trait Options: Copy {}

impl<'c> Args<'c> {
    /// # Safety
    ///
    /// The pointers that are passed to the methods are NULL, or what the header asks for.
    pub(crate) unsafe fn trust() -> Self {
        Self(PhantomData)
    }

    /// A handle, or any other thing to be changed.
    pub(crate) fn handle<T>(self, pointer: *mut T) -> Result<&'c mut T, Failure> {
        // SAFETY: by `trust`. The header forbids to use a handle from two threads, and two
        // pointers of one call to be the same.
        unsafe { pointer.as_mut() }.ok_or(NULL)
    }

    /// A thing to be looked at.
    pub(crate) fn maybe<T>(self, pointer: *const T) -> Option<&'c T> {
        // SAFETY: by `trust`.
        unsafe { pointer.as_ref() }
    }

    /// Writes a result, unless the caller does not want it. What is there may be uninitialised.
    pub(crate) fn give<T>(self, pointer: *mut T, value: T) {
        if !pointer.is_null() {
            // SAFETY: by `trust`; no value is dropped, C's have no drop.
            unsafe { pointer.write(value) }
        }
    }

    /// So many things in a row. NULL are none, if they shall be none.
    pub(crate) fn slice<T>(self, pointer: *const T, count: usize) -> Result<&'c [T], Failure> {
        if count == 0 {
            return Ok(&[]);
        }
        if pointer.is_null() {
            return Err(NULL);
        }
        // No object is larger, so this is a mistake.
        if count > isize::MAX as usize / size_of::<T>().max(1) {
            return Err(invalid("an absurd length"));
        }
        // SAFETY: by `trust`, and the size is one that an object can have.
        Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
    }

    /// The same, to be changed.
    pub(crate) fn slice_mut<T>(
        self,
        pointer: *mut T,
        count: usize,
    ) -> Result<&'c mut [T], Failure> {
        self.slice(pointer, count)?;
        if count == 0 {
            return Ok(&mut []);
        }
        // SAFETY: by `trust`, and `slice` looked at pointer and size.
        Ok(unsafe { core::slice::from_raw_parts_mut(pointer, count) })
    }

    /// Memory to be written to: none if it is NULL or its length absurd.
    pub(crate) fn room(self, pointer: *mut u8, len: usize) -> &'c mut [u8] {
        if pointer.is_null() || len > isize::MAX as usize {
            return &mut [];
        }
        // SAFETY: by `trust`. It may be uninitialised, but is only written to.
        unsafe { core::slice::from_raw_parts_mut(pointer, len) }
    }

    /// Bytes; none if the length is absurd.
    pub(crate) fn bytes(self, bytes: &mw_bytes) -> &'c [u8] {
        self.slice(bytes.ptr, bytes.len).unwrap_or_default()
    }

    pub(crate) fn string(self, string: &mw_string) -> Str<'c> {
        let raw = self.slice(string.ptr, string.len).unwrap_or_default();
        Str::from_raw(raw, string.form & MW_STRING_ESCAPED != 0)
    }

    /// A text that ends in NUL.
    pub(crate) fn text(self, text: *const c_char) -> Result<&'c str, Failure> {
        self.maybe_text(text)?.ok_or(NULL)
    }

    /// The same, or NULL.
    pub(crate) fn maybe_text(self, text: *const c_char) -> Result<Option<&'c str>, Failure> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: by `trust`: it ends in NUL.
        let text = unsafe { CStr::from_ptr(text) };
        text.to_str().map(Some).map_err(|_| invalid("text that is not UTF-8"))
    }

    /// The same; nothing for NULL.
    pub(crate) fn text_or_empty(self, text: *const c_char) -> Result<&'c str, Failure> {
        Ok(self.maybe_text(text)?.unwrap_or_default())
    }

    /// A text that the header says must live as long as the handle.
    pub(crate) fn forever(self, text: *const c_char) -> Result<&'static str, Failure> {
        let text: &'c str = self.text(text)?;
        // SAFETY: by `trust`: the header says that it must outlive the handle.
        Ok(unsafe { core::mem::transmute::<&'c str, &'static str>(text) })
    }

    /// A first SASL response; NULL is none, as opposed to an empty one.
    pub(crate) fn initial(
        self,
        bytes: *const u8,
        len: usize,
    ) -> Result<Option<Response<'c>>, Failure> {
        if bytes.is_null() {
            return Ok(None);
        }
        Ok(Some(Response::new(self.slice(bytes, len)?)))
    }

    /// A sequence set as text.
    pub(crate) fn set(self, text: *const c_char) -> Result<SequenceSet<'c>, Failure> {
        set(self.text(text)?)
    }

    /// Texts in a row.
    pub(crate) fn texts(
        self,
        texts: *const *const c_char,
        count: usize,
    ) -> Result<impl Iterator<Item = Result<&'c str, Failure>>, Failure> {
        Ok(self.slice(texts, count)?.iter().map(move |text| self.text(*text)))
    }

    /// Options: as much of them as the program was compiled with, and zeros for what came later. What
    /// only a later version knows must be zeros, too: who asks for TLS shall not go without.
    pub(crate) fn options<T: Options>(self, options: *const T) -> Result<Option<T>, Failure> {
        if options.is_null() {
            return Ok(None);
        }
        // SAFETY: by `trust` there is at least the size, which says how much more there is.
        let size = unsafe { options.cast::<usize>().read() };
        if size < size_of::<usize>() || size > 4096 {
            return Err(invalid("the size of the options: set it to sizeof"));
        }
        if let Some(unknown) = size.checked_sub(size_of::<T>()) {
            // SAFETY: so much is there; and who sets the size sets all of it, as the header says.
            let unknown = self.slice(unsafe { options.add(1) }.cast::<u8>(), unknown)?;
            if unknown.iter().any(|byte| *byte != 0) {
                return Err(invalid("options that this version does not know"));
            }
        }
        let mut out = core::mem::MaybeUninit::<T>::zeroed();
        // SAFETY: so much is there, and so much fits; bytes are copied as bytes.
        unsafe {
            core::ptr::copy_nonoverlapping(
                options.cast::<u8>(),
                out.as_mut_ptr().cast::<u8>(),
                size.min(size_of::<T>()),
            );
            // SAFETY: by the trait, zeros are a value; and C filled in what is not zero.
            Ok(Some(out.assume_init()))
        }
    }
}

/// Options of which none was set.
pub(crate) fn zeroed<T: Options>() -> T {
    // SAFETY: by the trait, zeros are a value.
    unsafe { core::mem::zeroed() }
}

pub(crate) fn set(text: &str) -> Result<SequenceSet<'_>, Failure> {
    if text == "$" {
        return Ok(SequenceSet::SEARCH_RESULT);
    }
    SequenceSet::try_from(text).map_err(|_| invalid("not a sequence set"))
}
