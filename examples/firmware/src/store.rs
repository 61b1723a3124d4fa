//! What survives a reset: how far the mailbox was seen.

use core::ffi::CStr;
use semihosting::fs;
use semihosting::io::{Read as _, Write as _};

/// A cursor as it is stored.
pub type Cursor = [u8; 24];

/// Keeps one cursor.
pub trait CursorStore {
    /// What was saved last; none on a new device, or if it cannot be read.
    fn load(&mut self) -> Option<Cursor>;

    /// Saves it in place of the one before. If the power fails meanwhile, the next
    /// [`load`](Self::load) must find either of them.
    ///
    /// # Errors
    ///
    /// If it could not be written; the one before is still there.
    fn save(&mut self, cursor: &Cursor) -> Result<(), NotSaved>;
}

/// The cursor could not be written.
#[derive(Debug, Clone, Copy, defmt::Format)]
pub struct NotSaved;

/// Two pages of flash: files of the host, in the emulator's folder.
#[derive(Debug)]
pub struct Files;

const CURSOR: &CStr = c"cursor";
const NEXT: &CStr = c"cursor.next";

impl CursorStore for Files {
    fn load(&mut self) -> Option<Cursor> {
        let mut cursor = Cursor::default();
        fs::File::open(CURSOR).and_then(|mut file| file.read_exact(&mut cursor)).ok()?;
        Some(cursor)
    }

    fn save(&mut self, cursor: &Cursor) -> Result<(), NotSaved> {
        fs::File::create(NEXT)
            .and_then(|mut file| file.write_all(cursor))
            .and_then(|()| fs::rename(NEXT, CURSOR))
            .map_err(|_| NotSaved)
    }
}

/// Reads a file that was put there when the device was set up, into `room`. None if it is not
/// there or does not fit.
pub fn provisioned<'r>(name: &CStr, room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut file = fs::File::open(name).ok()?;
    let mut length = 0;
    loop {
        let free = room.get_mut(length..).filter(|free| !free.is_empty())?;
        match file.read(free) {
            Ok(0) => return room.get(..length),
            Ok(read) => length += read,
            Err(_) => return None,
        }
    }
}
