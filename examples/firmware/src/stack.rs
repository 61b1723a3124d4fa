//! How much of the stack was used, by painting it first.

const PAINT: u32 = 0x7061_696e;

unsafe extern "C" {
    /// The end of the static variables (by cortex-m-rt's linker script), where the stack may
    /// grow to.
    static mut __sheap: u32;
    /// Where it begins.
    static _stack_start: u32;
}

/// Paints what is free of the stack.
#[inline(never)]
pub fn paint() {
    let mut word = &raw mut __sheap;
    // This function's own frame is not worth more care than a margin.
    let end = (cortex_m::register::msp::read() as usize).saturating_sub(64);
    while (word as usize) < end {
        // SAFETY: between the static variables and the stack pointer there is nothing.
        unsafe {
            word.write_volatile(PAINT);
            word = word.add(1);
        }
    }
}

/// How many bytes of RAM were used so far, by the static variables and by the stack at its
/// deepest.
#[inline(never)]
pub fn used() -> Used {
    let bottom = &raw const __sheap;
    let top = &raw const _stack_start;
    let mut word = bottom;
    // SAFETY: this is RAM, up to the stack's beginning.
    while word < top && unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    Used {
        statics: bottom as usize - 0x2000_0000,
        stack: top as usize - word as usize,
        free: word as usize - bottom as usize,
    }
}

/// Bytes of RAM.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Static variables.
    pub statics: usize,
    /// The stack at its deepest.
    pub stack: usize,
    /// Never written.
    pub free: usize,
}

impl defmt::Format for Used {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { statics, stack, free } = self;
        defmt::write!(
            f,
            "RAM: {=usize} static, {=usize} stack, {=usize} free",
            statics,
            stack,
            free
        );
    }
}
