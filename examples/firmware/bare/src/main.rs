//! The watcher without TLS and without a network, to show how little mailwire itself needs: what
//! a server says comes from the file `server`, a line at a time, and what it is told goes to the
//! standard output. Behind each alert it prints how many instructions it took, and at the end of
//! the file how much RAM was used; QEMU must run with `-icount shift=6`.
#![no_std]
#![no_main]

use core::panic::PanicInfo;
use cortex_m_rt::entry;
use mailwire::watch::{Cursor, Event, ImapConfig, ImapWatch, Login, Start, Watched};
use mailwire::{Buffers, Instant, Machine as _, Progress};
use semihosting::{fs::File, io, io::Read as _, io::Write as _, process::exit};
use static_cell::{ConstStaticCell, StaticCell};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

#[entry]
fn main() -> ! {
    paint();
    start_clock();
    let Ok(mut server) = File::open(c"server") else { exit(2) };
    let watch = start();
    let mut buffers = Buffers::new(RX.take(), TX.take());
    let mut spent = 0;
    loop {
        let start = ticks();
        // Time stands still.
        let progress = watch.advance(&mut buffers, Instant::ZERO);
        spent += start.wrapping_sub(ticks()) & 0xff_ffff;
        match progress {
            Ok(Progress::Event) => hear(watch, &buffers, &mut spent),
            Ok(Progress::NeedInput) => {
                if let Ok(mut out) = io::stdout() {
                    let pending = buffers.tx.pending();
                    let _ = out.write_all(pending);
                    // FETCH follows: its answer is what is counted.
                    if !pending.is_empty() && !watch_fetches_text(pending) {
                        spent = 0;
                    }
                }
                let sent = buffers.tx.pending().len();
                buffers.tx.consume(sent);
                let count = line(&mut server, buffers.rx.unfilled());
                if count == 0 {
                    used();
                    exit(0);
                }
                buffers.rx.commit(count);
            }
            _ => exit(1),
        }
    }
}

static RX: ConstStaticCell<[u8; 400]> = ConstStaticCell::new([0; _]);
static TX: ConstStaticCell<[u8; 128]> = ConstStaticCell::new([0; _]);
static TEXT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; _]);
static MAILBOXES: StaticCell<[Watched<'static>; 1]> = StaticCell::new();
static WATCH: StaticCell<ImapWatch<'static>> = StaticCell::new();

/// On a stack frame of its own: what is made here is moved to its place.
#[inline(never)]
fn start() -> &'static mut ImapWatch<'static> {
    let mut config = ImapConfig::new(Login::password("alice", "password"));
    config.start = Start::Everything;
    let mailboxes = MAILBOXES.init([Watched::new("INBOX", Cursor::new())]);
    let text = TEXT.take();
    WATCH.init_with(|| ImapWatch::new(config, mailboxes, text))
}

/// Whether it is the second FETCH of an alert, for the beginning of the text.
fn watch_fetches_text(command: &[u8]) -> bool {
    command.windows(11).any(|part| part == b"BODY.PEEK[1")
}

#[inline(never)]
fn hear(watch: &mut ImapWatch<'_>, buffers: &Buffers<'_>, spent: &mut u32) {
    match watch.event(buffers) {
        Event::Alert(alert) => {
            // Each tick of 80 ns is 1.25 instructions of 64 ns.
            let from = alert.from.clone().next().unwrap_or_default();
            let preview = alert.preview.unwrap_or_default();
            let uid = alert.uid;
            print("alert ");
            print_number(uid);
            print(" from ");
            from.spec.chars().for_each(print_char);
            print(": ");
            alert.subject.chars().for_each(print_char);
            print(": ");
            print(preview);
            print("\ninstructions ");
            print_number(*spent * 5 / 4);
            print("\n");
            watch.acknowledge(0, uid);
        }
        Event::Retry { .. } => exit(3),
        _ => {}
    }
}

/// A line of the file, or as much of it as there is room for.
fn line(file: &mut File, room: &mut [u8]) -> usize {
    let mut count = 0;
    for byte in room {
        match file.read(core::slice::from_mut(byte)) {
            Ok(1) => count += 1,
            _ => break,
        }
        if *byte == b'\n' {
            break;
        }
    }
    count
}

/// To the standard output. `core::fmt` would be 3 kB.
fn print(text: &str) {
    if let Ok(mut out) = io::stdout() {
        let _ = out.write_all(text.as_bytes());
    }
}

fn print_char(char: char) {
    print(char.encode_utf8(&mut [0; 4]));
}

fn print_number(number: u32) {
    if number > 9 {
        print_number(number / 10);
    }
    print_char((b'0' + (number % 10) as u8) as char);
}

/// SysTick, which counts down 24 bits: control, reload, and value.
const CLOCK: [*mut u32; 3] =
    [0xe000_e010 as *mut u32, 0xe000_e014 as *mut u32, 0xe000_e018 as *mut u32];

fn start_clock() {
    let [control, reload, _] = CLOCK;
    // SAFETY: these are SysTick's registers, and nothing else uses it.
    unsafe {
        reload.write_volatile(0xff_ffff);
        control.write_volatile(0b101);
    }
}

fn ticks() -> u32 {
    // SAFETY: as above.
    unsafe { CLOCK[2].read_volatile() }
}

const PAINT: u32 = 0x7061_696e;

unsafe extern "C" {
    /// The end of the static variables, where the stack may grow to.
    static mut __sheap: u32;
    /// Where it begins.
    static _stack_start: u32;
}

#[inline(never)]
fn paint() {
    let mut word = &raw mut __sheap;
    let here = 0_u32;
    // This function's own frame is not worth more care than a margin.
    let end = (&raw const here).addr() - 128;
    while word.addr() < end {
        // SAFETY: between the static variables and the stack there is nothing.
        unsafe {
            word.write_volatile(PAINT);
            word = word.add(1);
        }
    }
}

#[inline(never)]
fn used() {
    let mut word = &raw const __sheap;
    // SAFETY: this is RAM, up to the stack's beginning.
    while unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    let free = word.addr() - (&raw const __sheap).addr();
    let statics = (&raw const __sheap).addr() - 0x2000_0000;
    let stack = (&raw const _stack_start).addr() - 0x2000_0000 - statics - free;
    print("RAM: ");
    for (bytes, what) in [(statics, " static, "), (stack, " stack, "), (free, " free\n")] {
        print_number(bytes as u32);
        print(what);
    }
}
