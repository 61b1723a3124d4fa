//! What survives a reset: how far the mailbox was seen, and what was put there when the device
//! was set up. The host's files stand in for flash.

use crate::flash_log::{Log, NotSaved};
use core::ffi::CStr;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use semihosting::fs;
use semihosting::io::{Read as _, Seek as _, SeekFrom, Write as _};

/// A page: on the LM3S6965 four of its own.
const PAGE: usize = 4096;

/// Two pages of flash in a file of the host's, in the emulator's folder. As in flash, writing only
/// turns ones into zeros.
#[derive(Debug)]
pub struct FileFlash;

const FILE: &CStr = c"flash";

/// Where the cursor is kept, or the record.
pub const fn open() -> Log<FileFlash> {
    Log::new(FileFlash)
}

impl defmt::Format for NotSaved {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "the flash could not be written");
    }
}

/// The file failed.
#[derive(Debug, Clone, Copy)]
pub struct FileFailed;

impl NorFlashError for FileFailed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl FileFlash {
    /// The file, at this place. It is made if it is not there.
    fn at(place: u32) -> Result<fs::File, FileFailed> {
        let mut options = fs::File::options();
        options.read(true).write(true);
        let mut file = match options.open(FILE) {
            Ok(file) => file,
            Err(_) => {
                let mut file = fs::File::create(FILE).map_err(|_| FileFailed)?;
                for _ in 0..2 * PAGE / 64 {
                    file.write_all(&[0xff; 64]).map_err(|_| FileFailed)?;
                }
                options.open(FILE).map_err(|_| FileFailed)?
            }
        };
        file.seek(SeekFrom::Start(place.into())).map_err(|_| FileFailed)?;
        Ok(file)
    }
}

impl ErrorType for FileFlash {
    type Error = FileFailed;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FileFailed> {
        Self::at(offset)?.read_exact(bytes).map_err(|_| FileFailed)
    }

    fn capacity(&self) -> usize {
        2 * PAGE
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FileFailed> {
        defmt::debug!("a page is erased");
        let mut file = Self::at(from)?;
        for _ in (from..to).step_by(64) {
            file.write_all(&[0xff; 64]).map_err(|_| FileFailed)?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FileFailed> {
        for (at, word) in (offset..).step_by(4).zip(bytes.chunks(4)) {
            let mut there = [0; 4];
            self.read(at, &mut there)?;
            for (bits, new) in there.iter_mut().zip(word) {
                *bits &= new;
            }
            Self::at(at)?.write_all(&there).map_err(|_| FileFailed)?;
        }
        Ok(())
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
