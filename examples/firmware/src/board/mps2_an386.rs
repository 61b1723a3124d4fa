//! MPS2+ with the image AN386, and its Ethernet controller LAN9118. Addresses are those of the
//! application note and of the controller's data sheet.

use super::Register;

/// What the board is called.
pub const NAME: &str = "MPS2-AN386";
/// The interrupt of the Ethernet controller.
#[cfg(feature = "embassy")]
pub(super) const IRQ: i16 = 13;
pub(super) const HZ: u32 = 25_000_000;

/// It interrupts by NMI.
pub(super) const WATCHDOG: usize = 0x4000_8000;

/// The user LEDs.
const FPGAIO_LED0: Register = Register(0x4002_8000);

const RX_DATA: Register = Register(0x4020_0000);
const TX_DATA: Register = Register(0x4020_0020);
const TX_FIRST_SEGMENT: u32 = 1 << 13;
const TX_LAST_SEGMENT: u32 = 1 << 12;
const RX_STATUS: Register = Register(0x4020_0040);
const RX_STATUS_ERROR: u32 = 1 << 15;
const BYTE_TEST: Register = Register(0x4020_0064);
const RX_CFG: Register = Register(0x4020_006c);
const TX_CFG: Register = Register(0x4020_0070);
const TX_CFG_ON: u32 = 1 << 1;
const HW_CFG: Register = Register(0x4020_0074);
const HW_CFG_RESET: u32 = 1;
/// Must be one; and 5 KiB of the memory are for sending.
const HW_CFG_ON: u32 = 1 << 20 | 5 << 16;
const RX_FIFO_INF: Register = Register(0x4020_007c);
const TX_FIFO_INF: Register = Register(0x4020_0080);
const MAC_CSR_CMD: Register = Register(0x4020_00a4);
const MAC_CSR_BUSY: u32 = 1 << 31;
const MAC_CSR_READ: u32 = 1 << 30;
const MAC_CSR_DATA: Register = Register(0x4020_00a8);
// Registers behind those two.
const MAC_CR: u32 = 1;
const MAC_CR_ON: u32 = 1 << 3 | 1 << 2;
const MAC_ADDRH: u32 = 2;
const MAC_ADDRL: u32 = 3;

pub(super) fn init() {
    set_led(false);
}

/// Switches the LED.
pub fn set_led(on: bool) {
    FPGAIO_LED0.write(u32::from(on));
}

fn mac_read(register: u32) -> u32 {
    MAC_CSR_CMD.write(MAC_CSR_BUSY | MAC_CSR_READ | register);
    while MAC_CSR_CMD.read() & MAC_CSR_BUSY != 0 {}
    MAC_CSR_DATA.read()
}

fn mac_write(register: u32, value: u32) {
    MAC_CSR_DATA.write(value);
    MAC_CSR_CMD.write(MAC_CSR_BUSY | register);
    while MAC_CSR_CMD.read() & MAC_CSR_BUSY != 0 {}
}

/// Starts the Ethernet controller. Returns its address.
pub(super) fn start() -> [u8; 6] {
    HW_CFG.write(HW_CFG_RESET);
    while HW_CFG.read() & HW_CFG_RESET != 0 {}
    assert_eq!(BYTE_TEST.read(), 0x8765_4321);
    HW_CFG.write(HW_CFG_ON);
    RX_CFG.write(0);
    TX_CFG.write(TX_CFG_ON);
    let [a, b, c, d] = mac_read(MAC_ADDRL).to_le_bytes();
    let [e, f, ..] = mac_read(MAC_ADDRH).to_le_bytes();
    mac_write(MAC_CR, mac_read(MAC_CR) | MAC_CR_ON);
    #[cfg(feature = "embassy")]
    interrupts::enable();
    [a, b, c, d, e, f]
}

/// Takes the next frame that came. Frames that do not fit are passed over. In the FIFO each is
/// followed by its checksum.
pub(super) fn receive(frame: &mut [u8]) -> Option<usize> {
    while RX_FIFO_INF.read() >> 16 & 0xff != 0 {
        let status = RX_STATUS.read();
        let total = (status >> 16 & 0x3fff) as usize;
        let length = total.saturating_sub(4);
        let fits = status & RX_STATUS_ERROR == 0 && length >= 14 && length <= frame.len();
        let mut rest: &mut [u8] = if fits { &mut frame[..length] } else { &mut [] };
        for _ in 0..total.div_ceil(4) {
            let word = RX_DATA.read().to_le_bytes();
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

/// Sends a frame.
pub(super) fn send(frame: &[u8]) {
    let length = frame.len() as u32;
    while TX_FIFO_INF.read() & 0xffff < length + 16 {}
    TX_DATA.write(TX_FIRST_SEGMENT | TX_LAST_SEGMENT | length);
    TX_DATA.write(length);
    for chunk in frame.chunks(4) {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        TX_DATA.write(u32::from_le_bytes(word));
    }
}

#[cfg(feature = "embassy")]
mod interrupts {
    use super::{IRQ, Register};

    const IRQ_CFG: Register = Register(0x4020_0054);
    /// On, active high, push-pull.
    const IRQ_CFG_ON: u32 = 1 << 8 | 1 << 4 | 1;
    const INT_STS: Register = Register(0x4020_0058);
    const INT_EN: Register = Register(0x4020_005c);
    /// More frames came than the level in `FIFO_INT`.
    const RSFL: u32 = 1 << 3;
    const FIFO_INT: Register = Register(0x4020_0068);
    const NVIC_ISER0: Register = Register(0xe000_e100);

    pub(super) fn enable() {
        IRQ_CFG.write(IRQ_CFG_ON);
        FIFO_INT.write(0);
        NVIC_ISER0.write(1 << IRQ);
    }

    /// Whether the next frame is to interrupt.
    pub fn interrupt_when_received(on: bool) {
        if on {
            INT_STS.write(RSFL);
        }
        INT_EN.write(if on { RSFL } else { 0 });
    }
}
#[cfg(feature = "embassy")]
pub(super) use interrupts::interrupt_when_received;
