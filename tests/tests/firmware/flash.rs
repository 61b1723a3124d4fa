//! The log in flash of `examples/firmware`, on flash that is played: pages of ones, in which
//! writing makes zeros, and whose power can fail at any word.

#[path = "../../../examples/firmware/src/flash_log.rs"]
#[allow(dead_code, unreachable_pub)]
mod flash_log;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use flash_log::{Kept, Log};

const PAGE: usize = 512;

#[derive(Debug, Clone)]
struct Flash {
    bytes: Vec<u8>,
    /// How often each page was erased.
    erased: [u32; 2],
    /// After how many more words the power fails; then nothing works.
    power: usize,
    /// What cannot be read.
    unreadable: std::ops::Range<u32>,
}

impl Flash {
    fn new() -> Self {
        Self { bytes: vec![0xff; 2 * PAGE], erased: [0; 2], power: usize::MAX, unreadable: 0..0 }
    }
}

#[derive(Debug)]
struct Failed;

impl NorFlashError for Failed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for &mut Flash {
    type Error = Failed;
}

impl ReadNorFlash for &mut Flash {
    const READ_SIZE: usize = 8;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failed> {
        assert!(offset.is_multiple_of(8) && bytes.len().is_multiple_of(8));
        if self.unreadable.contains(&offset) {
            return Err(Failed);
        }
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for &mut Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failed> {
        let (from, to) = (from as usize, to as usize);
        assert!(from % PAGE == 0 && to - from == PAGE);
        // It may fail in the middle.
        for word in self.bytes[from..to].chunks_mut(8) {
            self.power = self.power.checked_sub(1).ok_or(Failed)?;
            word.fill(0xff);
        }
        self.erased[from / PAGE] += 1;
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failed> {
        assert!(offset.is_multiple_of(8) && bytes.len().is_multiple_of(8));
        for (there, new) in self.bytes[offset as usize..].chunks_mut(8).zip(bytes.chunks(8)) {
            // The word that is being written may be written half.
            let half = self.power == 0;
            for (there, new) in there.iter_mut().zip(new).take(if half { 4 } else { 8 }) {
                *there &= new;
            }
            self.power = self.power.checked_sub(1).ok_or(Failed)?;
        }
        Ok(())
    }
}

/// Of any length, each another.
fn entry(number: u32) -> Vec<u8> {
    (0..7 + number % 90).map(|at| (number.wrapping_mul(7) + at) as u8).collect()
}

fn load(flash: &mut Flash) -> Option<Vec<u8>> {
    let mut room = [0; 200];
    match Log::new(flash).load(&mut room) {
        Kept::Bytes(bytes) => Some(bytes.to_vec()),
        Kept::Nothing => None,
        Kept::Damaged => panic!("it is damaged"),
    }
}

#[test]
fn what_was_saved_last_is_there() {
    let mut flash = Flash::new();
    assert_eq!(load(&mut flash), None);
    for number in 0..300 {
        Log::new(&mut flash).save(&entry(number)).expect("there is power");
        assert_eq!(load(&mut flash), Some(entry(number)));
    }
    // By one that does not look again each time.
    let mut log = Log::new(&mut flash);
    for number in 300..600 {
        log.save(&entry(number)).expect("there is power");
    }
    assert_eq!(load(&mut flash), Some(entry(599)));
    assert!(Log::new(&mut flash).save(&[0; PAGE - 11]).is_err());
    assert_eq!(load(&mut flash), Some(entry(599)));
}

/// 10 000 cursors cost a page of 4 KiB some fifty erasures; here a page of an eighth.
#[test]
fn pages_are_erased_seldom_and_as_often() {
    let mut flash = Flash::new();
    let mut log = Log::new(&mut flash);
    for number in 0..10_000_u32 {
        let mut cursor = [7; 24];
        cursor[..4].copy_from_slice(&number.to_le_bytes());
        log.save(&cursor).expect("there is power");
    }
    let [one, other] = flash.erased;
    assert!(one.abs_diff(other) <= 1 && one + other <= 10_000 / 12 + 1, "{one} {other}");
}

/// At each word that is written or erased, and then again while that is mended: either of the two
/// is found, and the log goes on.
#[test]
fn the_power_fails_at_any_word() {
    for before in 0..40 {
        let mut flash = Flash::new();
        let mut log = Log::new(&mut flash);
        for number in 0..before {
            log.save(&entry(number)).expect("there is power");
        }
        for power in 0..90 {
            let mut flash = flash.clone();
            flash.power = power;
            let saved = Log::new(&mut flash).save(&entry(before)).is_ok();
            flash.power = usize::MAX;
            let mut room = [0; 200];
            let kept = Log::new(&mut flash).load(&mut room);
            let found = match kept {
                Kept::Bytes(bytes) => Some(bytes.to_vec()),
                // Of the first one only.
                Kept::Nothing | Kept::Damaged if before == 0 => None,
                other => panic!("{before} {power}: {other:?}"),
            };
            let new = Some(entry(before));
            let old = before.checked_sub(1).map(entry);
            assert!(found == new || !saved && found == old, "{before} {power}");
            flash.power = power / 2;
            let again = Log::new(&mut flash).save(&entry(before + 1)).is_ok();
            flash.power = usize::MAX;
            if before > 0 {
                let found = load(&mut flash);
                let newest = Some(entry(before + 1));
                assert!(found == newest || !again && (found == new || found == old));
            }
            Log::new(&mut flash).save(&entry(before + 2)).expect("there is power");
            assert_eq!(load(&mut flash), Some(entry(before + 2)), "{before} {power}");
        }
    }
}

/// A device that was in use is not taken for a new one.
#[test]
fn damaged_is_not_nothing() {
    let mut flash = Flash::new();
    let mut room = [0; 200];
    let mut log = Log::new(&mut flash);
    for number in 0..4 {
        log.save(&entry(number)).expect("there is power");
    }
    // Any bit: the one before is found, or, if its length is not known, another.
    let size = |number| (12 + entry(number).len()).next_multiple_of(8);
    let last: usize = (0..3).map(size).sum();
    for at in last..last + 12 + entry(3).len() {
        let mut flash = flash.clone();
        flash.bytes[at] ^= 4;
        assert_eq!(load(&mut flash), Some(entry(2)), "{at}");
        Log::new(&mut flash).save(&entry(9)).expect("there is power");
        assert_eq!(load(&mut flash), Some(entry(9)));
    }
    flash.unreadable = 0..2 * PAGE as u32;
    assert_eq!(Log::new(&mut flash).load(&mut room), Kept::Damaged);
    flash.unreadable = 0..0;
    flash.bytes.fill(0);
    assert_eq!(Log::new(&mut flash).load(&mut room), Kept::Damaged);
    Log::new(&mut flash).save(b"new").expect("there is power");
    assert_eq!(load(&mut flash).as_deref(), Some(&b"new"[..]));
    // Longer than there is room for.
    assert_eq!(Log::new(&mut flash).load(&mut [0; 2]), Kept::Damaged);
}
