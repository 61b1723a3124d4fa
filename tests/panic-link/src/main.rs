//! Links only if nothing that it calls of mailwire can panic: the panic handler needs a
//! symbol that nobody defines, so the handler must be unreachable in what the linker keeps.
//!
//! Bytes come from and go to a device that the compiler knows nothing about; else it would
//! leave out most of what is to be proved.
#![no_std]
#![no_main]

use core::panic::PanicInfo;
use core::ptr::{read_volatile, write_volatile};
use mailwire::Buffers;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn mailwire_can_panic() -> !;
    }
    unsafe { mailwire_can_panic() }
}

/// A made-up network card with a byte-wide register.
const CARD: *mut u8 = 0x4000_0000 as *mut u8;

fn receive() -> u8 {
    unsafe { read_volatile(CARD) }
}

fn send(byte: u8) {
    unsafe { write_volatile(CARD, byte) }
}

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut rx = [0; 512];
    let mut tx = [0; 128];
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    loop {
        step(&mut buffers);
        #[cfg(feature = "panics")]
        send(buffers.rx.filled()[usize::from(receive())]);
    }
}

/// Moves bytes: what every adapter does, with sizes that only the card knows.
fn step(buffers: &mut Buffers<'_>) {
    let pending = buffers.tx.pending();
    pending.iter().copied().for_each(send);
    let count = pending.len().min(usize::from(receive()));
    buffers.tx.consume(count);
    let room = buffers.rx.unfilled();
    let count = room.len().min(usize::from(receive()));
    room.iter_mut().take(count).for_each(|byte| *byte = receive());
    buffers.rx.commit(count);
    buffers.rx.fill(&[receive(), receive()]);
    if receive() == 0 {
        buffers.rx.close();
    }
    if !buffers.rx.is_closed() && buffers.tx.is_empty() {
        buffers.rx.filled().iter().copied().for_each(send);
    }
}
