//! The two boards: Stellaris LM3S6965EVB (Cortex-M3, 256 KiB of flash, 64 KiB of RAM) and
//! MPS2+ AN386 (Cortex-M4F). The target that is built for decides between them.

use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::{ExceptionFrame, exception};

#[cfg_attr(board = "lm3s6965", path = "lm3s6965.rs")]
#[cfg_attr(board = "mps2-an386", path = "mps2_an386.rs")]
mod chip;
mod nic;

pub use chip::{NAME, set_led};
pub use nic::{MTU, Nic};

/// A register of 32 bits at an address.
#[derive(Clone, Copy)]
struct Register(usize);

impl Register {
    fn read(self) -> u32 {
        // SAFETY: the chips' modules make these of addresses from the chip's manual.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    fn write(self, value: u32) {
        // SAFETY: as above, and no register that is written makes the chip write to memory.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }
}

static MILLIS: AtomicU32 = AtomicU32::new(0);

/// The watchdog: ARM's, on both boards.
struct Watchdog;

impl Watchdog {
    const LOAD: Register = Register(chip::WATCHDOG);
    const CONTROL: Register = Register(chip::WATCHDOG + 8);
    /// Interrupt, and if that was not cleared when it has counted down once more, reset.
    const CONTROL_ON: u32 = 3;
    const CLEAR: Register = Register(chip::WATCHDOG + 12);
    /// How long it waits before each of the two.
    const SECONDS: u32 = 10;

    fn start() {
        Self::LOAD.write(chip::HZ * Self::SECONDS);
        Self::CONTROL.write(Self::CONTROL_ON);
    }

    fn feed() {
        Self::CLEAR.write(1);
    }
}

/// Starts the clock, and wakes up the processor once in a millisecond. From now on the device
/// must come to [`wait`] every 10 seconds, or it is reset.
pub fn init(mut clock: SYST) {
    chip::init();
    Watchdog::start();
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(chip::HZ / 1000 - 1);
    clock.clear_current();
    clock.enable_counter();
    clock.enable_interrupt();
}

/// Milliseconds since the start. Wraps around after 49 days: take differences by
/// `wrapping_sub`, or ask [`Uptime`].
pub fn millis() -> u32 {
    MILLIS.load(Ordering::Relaxed)
}

/// The time since the start. To be asked at least once in 49 days.
#[derive(Debug, Clone, Copy)]
pub struct Uptime;

impl mailwire::io::Clock for Uptime {
    fn now(&mut self) -> mailwire::Instant {
        static BEFORE: AtomicU32 = AtomicU32::new(0);
        static WRAPPED: AtomicU32 = AtomicU32::new(0);
        let now = millis();
        if now < BEFORE.swap(now, Ordering::Relaxed) {
            WRAPPED.store(WRAPPED.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        }
        let wrapped = u64::from(WRAPPED.load(Ordering::Relaxed));
        mailwire::Instant::from_millis(wrapped << 32 | u64::from(now))
    }
}

/// Sleeps until an interrupt, which is a millisecond at most. All that waits does so here, and not
/// without end: so this feeds the watchdog.
pub fn wait() {
    Watchdog::feed();
    cortex_m::asm::wfi();
}

/// Says that all goes well, where nothing waits for it: with an executor.
#[cfg(feature = "embassy")]
pub fn feed_watchdog() {
    Watchdog::feed();
}

/// Sleeps.
pub fn sleep(millis: u32) {
    let start = self::millis();
    while self::millis().wrapping_sub(start) < millis {
        wait();
    }
}

/// Sleeps until that time.
pub fn sleep_until(at: mailwire::Instant) {
    use mailwire::io::Clock as _;
    while Uptime.now() < at {
        wait();
    }
}

/// The LED goes on and off three times.
pub fn blink() {
    for on in [true, false, true, false, true, false] {
        set_led(on);
        sleep(20);
    }
}

/// Bytes that nobody can guess. On a real board they come from its generator of random numbers
/// or its noise; here from the host.
///
/// # Panics
///
/// If the host has none.
pub fn entropy() -> [u8; 32] {
    let mut seed = [0; 32];
    match semihosting::experimental::random::fill_bytes(&mut seed) {
        Ok(()) => seed,
        Err(_) => panic!("the host has no entropy"),
    }
}

/// Tells the date. On a real board it comes from a clock with a battery, or from the network
/// (SNTP, which is to be trusted only within bounds that the firmware knows by itself).
pub trait WallClock {
    /// Seconds since 1970.
    fn unix_seconds(&self) -> u64;
}

/// The host's clock.
#[derive(Debug, Clone, Copy)]
pub struct HostClock;

impl WallClock for HostClock {
    fn unix_seconds(&self) -> u64 {
        use semihosting::experimental::time::SystemTime;
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// A clock that stands still, as the date at which a firmware was built.
impl WallClock for u64 {
    fn unix_seconds(&self) -> u64 {
        *self
    }
}

/// Ends the program, and with it the emulator.
pub fn exit(code: i32) -> ! {
    semihosting::process::exit(code)
}

#[exception]
fn SysTick() {
    MILLIS.store(millis().wrapping_add(1), Ordering::Relaxed);
    #[cfg(feature = "embassy")]
    crate::net::asynch::tick();
}

#[exception]
unsafe fn DefaultHandler(irq: i16) {
    #[cfg(feature = "embassy")]
    if irq == chip::IRQ {
        return nic::interrupt();
    }
    defmt::error!("unexpected interrupt {}", irq);
    restart()
}

/// The watchdog, on the MPS2.
#[exception]
unsafe fn NonMaskableInt() -> ! {
    defmt::error!("nobody feeds the watchdog");
    restart()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    defmt::error!("fault at {=u32:x}", frame.pc());
    restart()
}

/// As after switching it on.
fn restart() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    match info.location() {
        Some(place) => defmt::error!("panic at {=str}:{=u32}", place.file(), place.line()),
        None => defmt::error!("panic"),
    }
    restart()
}
