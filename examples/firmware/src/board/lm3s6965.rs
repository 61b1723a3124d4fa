//! Stellaris LM3S6965EVB. Addresses are those of the chip's data sheet.

use super::Register;

/// What the board is called.
pub const NAME: &str = "LM3S6965";
/// The internal oscillator, which the chip starts with.
pub(super) const HZ: u32 = 12_500_000;

/// The first watchdog.
pub(super) const WATCHDOG: usize = 0x4000_0000;

/// Which peripherals have a clock: the watchdog, and others.
const RCGC0: Register = Register(0x400f_e100);
const RCGC2: Register = Register(0x400f_e108);

// Port F, whose pin 0 lights the LED. The address has the mask of the pins.
const GPIOF_PIN0: Register = Register(0x4002_5000 + (1 << 2));
const GPIOF_DIR: Register = Register(0x4002_5400);
const GPIOF_DEN: Register = Register(0x4002_551c);

const RCTL: Register = Register(0x4004_8008);
const RCTL_RXEN: u32 = 1;
const RCTL_BADCRC: u32 = 1 << 3;
const RCTL_RSTFIFO: u32 = 1 << 4;
const TCTL: Register = Register(0x4004_800c);
/// Transmit, pad short frames, add the checksum, full duplex.
const TCTL_ON: u32 = 1 | 1 << 1 | 1 << 2 | 1 << 4;
const DATA: Register = Register(0x4004_8010);
const IA0: Register = Register(0x4004_8014);
const IA1: Register = Register(0x4004_8018);
const NP: Register = Register(0x4004_8034);
const TR: Register = Register(0x4004_8038);

pub(super) fn init() {
    RCGC0.write(RCGC0.read() | 1 << 3);
    // Port F, the Ethernet controller and its PHY.
    RCGC2.write(RCGC2.read() | 1 << 5 | 1 << 28 | 1 << 30);
    GPIOF_DIR.write(GPIOF_DIR.read() | 1);
    GPIOF_DEN.write(GPIOF_DEN.read() | 1);
}

/// Switches the LED.
pub fn set_led(on: bool) {
    GPIOF_PIN0.write(u32::from(on));
}

/// Starts the Ethernet controller. Returns its address.
pub(super) fn start() -> [u8; 6] {
    // The emulator puts the address here; a real board has it in flash.
    let [a, b, c, d] = IA0.read().to_le_bytes();
    let [e, f, ..] = IA1.read().to_le_bytes();
    RCTL.write(RCTL_RSTFIFO | RCTL_BADCRC);
    TCTL.write(TCTL_ON);
    RCTL.write(RCTL_BADCRC | RCTL_RXEN);
    [a, b, c, d, e, f]
}

/// Takes the next frame that came. Frames that do not fit are passed over.
///
/// In the FIFO stands the length, in two bytes, of itself, the frame and its checksum; then
/// these.
pub(super) fn receive(frame: &mut [u8]) -> Option<usize> {
    while NP.read() & 0x3f != 0 {
        let [low, high, a, b] = DATA.read().to_le_bytes();
        let total = usize::from(u16::from_le_bytes([low, high]));
        let length = total.saturating_sub(6);
        let fits = length >= 14 && length <= frame.len();
        let (start, mut rest) = frame.split_at_mut(2);
        if fits {
            start.copy_from_slice(&[a, b]);
            rest = &mut rest[..length - 2];
        } else {
            rest = &mut [];
        }
        for _ in 1..total.div_ceil(4) {
            let word = DATA.read().to_le_bytes();
            let (now, later) = rest.split_at_mut(rest.len().min(4));
            now.copy_from_slice(&word[..now.len()]);
            rest = later;
        }
        if fits {
            return Some(length);
        }
    }
    None
}

/// Sends a frame. Its length in the FIFO does not count the header.
pub(super) fn send(frame: &[u8]) {
    while TR.read() & 1 != 0 {}
    let [low, high] = (frame.len().saturating_sub(14) as u16).to_le_bytes();
    let (start, rest) = frame.split_at(2);
    DATA.write(u32::from_le_bytes([low, high, start[0], start[1]]));
    for chunk in rest.chunks(4) {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        DATA.write(u32::from_le_bytes(word));
    }
    TR.write(1);
}
