//! A log in two pages of flash: what was saved last can be read again, whenever the power fails.
//!
//! Each entry is written behind the one before it, and a page is erased only when it is full, and
//! only while the newest entry is in the other one. So a page of 4 KiB takes some hundred cursors
//! for each of the 10 000 times and more that it can be erased.
//!
//! ```text
//!   length (2)  its complement (2)  number (4)  check of all else (4)  bytes, filled up to 8
//! ```

use embedded_storage::nor_flash::NorFlash;

/// Bytes before those of an entry.
const HEAD: usize = 12;
/// Entries begin at multiples of this, and of what the flash writes at once must this be one.
const ALIGN: usize = 8;
/// What is read at once.
const CHUNK: usize = 32;

/// The log.
#[derive(Debug)]
pub struct Log<F> {
    flash: F,
    /// The newest entry, once it was looked for.
    newest: Option<Entry>,
    looked: bool,
    /// Where the next one goes in that page, or in the first.
    free: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    page: u32,
    at: u32,
    len: usize,
    number: u32,
}

/// What a log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept<'r> {
    /// This was saved last, or before that which was being saved when the power failed.
    Bytes(&'r [u8]),
    /// Nothing was ever saved.
    Nothing,
    /// Something was, and none of it can be read.
    Damaged,
}

/// It could not be written, or is larger than a page. What was saved before is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSaved;

impl<F: NorFlash> Log<F> {
    const PAGE: u32 = F::ERASE_SIZE as u32;

    /// In the first two pages of `flash`.
    pub const fn new(flash: F) -> Self {
        const { assert!(ALIGN.is_multiple_of(F::WRITE_SIZE) && CHUNK.is_multiple_of(F::READ_SIZE)) };
        Self { flash, newest: None, looked: false, free: 0 }
    }

    /// What was saved last, if there is room for it.
    pub fn load<'r>(&mut self, room: &'r mut [u8]) -> Kept<'r> {
        let blank = self.look();
        let Some(Entry { page, at, len, .. }) = self.newest else {
            return if blank { Kept::Nothing } else { Kept::Damaged };
        };
        let start = page * Self::PAGE + at + HEAD as u32;
        let Some(room) = room.get_mut(..len) else { return Kept::Damaged };
        for (index, chunk) in room.chunks_mut(ALIGN).enumerate() {
            let mut bytes = [0; ALIGN];
            // Heads are no multiple of what some flash reads at once.
            if self.read(start + (index * ALIGN) as u32, &mut bytes).is_err() {
                return Kept::Damaged;
            }
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Kept::Bytes(room)
    }

    /// Saves this behind what was saved before.
    ///
    /// # Errors
    ///
    /// [`NotSaved`].
    pub fn save(&mut self, bytes: &[u8]) -> Result<(), NotSaved> {
        if !self.looked {
            self.look();
        }
        let size = size(bytes.len());
        if size > Self::PAGE {
            return Err(NotSaved);
        }
        let number = self.newest.map_or(0, |it| it.number.wrapping_add(1));
        let page = self.newest.map_or(0, |it| it.page);
        if self.free + size <= Self::PAGE {
            let entry = Entry { page, at: self.free, len: bytes.len(), number };
            self.free += size;
            if self.write(&entry, bytes).is_ok() {
                self.newest = Some(entry);
                return Ok(());
            }
        }
        // The page is full, or worn. The other one has nothing that is newer.
        let page = if self.newest.is_some() { page ^ 1 } else { 0 };
        let entry = Entry { page, at: 0, len: bytes.len(), number };
        self.flash.erase(page * Self::PAGE, (page + 1) * Self::PAGE).map_err(|_| NotSaved)?;
        self.write(&entry, bytes)?;
        (self.newest, self.free) = (Some(entry), size);
        Ok(())
    }

    /// Looks for the newest entry. Whether all is blank.
    fn look(&mut self) -> bool {
        self.newest = None;
        self.looked = true;
        self.free = 0;
        let mut blank = true;
        for page in 0..2 {
            let mut at = 0;
            let mut newest_here = false;
            while at + HEAD as u32 <= Self::PAGE {
                let mut head = [0; HEAD];
                if self.read(page * Self::PAGE + at, &mut head).is_err() {
                    blank = false;
                    at = Self::PAGE;
                    break;
                }
                if head == [0xff; HEAD] {
                    break;
                }
                blank = false;
                let [a, b, c, d, e, f, g, h, check @ ..] = head;
                let len = u16::from_le_bytes([a, b]);
                let size = size(len.into());
                if len != !u16::from_le_bytes([c, d]) || at + size > Self::PAGE {
                    // The power failed before it said how long it is: behind it all is unknown.
                    at = Self::PAGE;
                    break;
                }
                let number = u32::from_le_bytes([e, f, g, h]);
                let entry = Entry { page, at, len: len.into(), number };
                let newer = self.newest.is_none_or(|it| number.wrapping_sub(it.number) < 1 << 31);
                if newer && self.check(&entry) == Some(u32::from_le_bytes(check)) {
                    self.newest = Some(entry);
                    newest_here = true;
                }
                at += size;
            }
            // If there is none at all, the first page is begun anew.
            if newest_here {
                self.free = at;
            } else if self.newest.is_none() && at > 0 {
                self.free = Self::PAGE;
            }
        }
        blank
    }

    /// The check of what stands there.
    fn check(&mut self, entry: &Entry) -> Option<u32> {
        let start = entry.page * Self::PAGE + entry.at + HEAD as u32;
        let mut sum = checksum(entry);
        let mut left = entry.len;
        let mut at = start;
        while left > 0 {
            let mut bytes = [0; CHUNK];
            let some = bytes.get_mut(..left.min(CHUNK))?;
            self.read(at, some).ok()?;
            sum = fnv(sum, some);
            left -= some.len();
            at += some.len() as u32;
        }
        Some(sum)
    }

    /// Writes it, and looks whether it stands there.
    fn write(&mut self, entry: &Entry, bytes: &[u8]) -> Result<(), NotSaved> {
        let start = entry.page * Self::PAGE + entry.at;
        let check = fnv(checksum(entry), bytes);
        let [a, b] = (entry.len as u16).to_le_bytes();
        let head = [a, b, !a, !b].into_iter();
        let head = head.chain(entry.number.to_le_bytes()).chain(check.to_le_bytes());
        let mut all = head.chain(bytes.iter().copied());
        for at in (start..start + size(bytes.len())).step_by(ALIGN) {
            let word: [u8; ALIGN] = core::array::from_fn(|_| all.next().unwrap_or(0xff));
            self.flash.write(at, &word).map_err(|_| NotSaved)?;
        }
        if self.check(entry) == Some(check) { Ok(()) } else { Err(NotSaved) }
    }

    /// Reads from anywhere, whatever the flash reads at once.
    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        let mut done = 0;
        while done < bytes.len() {
            let at = at + done as u32;
            let aligned = at - at % ALIGN as u32;
            let mut word = [0; ALIGN];
            self.flash.read(aligned, &mut word)?;
            let word = &word[(at - aligned) as usize..];
            let count = word.len().min(bytes.len() - done);
            bytes[done..][..count].copy_from_slice(&word[..count]);
            done += count;
        }
        Ok(())
    }
}

/// How much of a page an entry takes.
const fn size(len: usize) -> u32 {
    (HEAD + len).next_multiple_of(ALIGN) as u32
}

fn checksum(entry: &Entry) -> u32 {
    let sum = fnv(0x811c_9dc5, &(entry.len as u16).to_le_bytes());
    fnv(sum, &entry.number.to_le_bytes())
}

/// FNV-1a.
fn fnv(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
