//! Watches a mailbox by IMAP: connects, catches up with what came since the last time, waits in
//! IDLE, and for each message that comes blinks and logs; then tells so in another mailbox.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use firmware::board::{self, Uptime};
use firmware::device::{Device, end};
use firmware::pager::{Pager, RX, TEXT, TX};
use firmware::tls::blocking::Tls;
use mailwire::io::blocking::Driver;
use mailwire::watch::{ImapWatch, Watched};
use mailwire::{Buffers, Instant, Progress};
use static_cell::ConstStaticCell;

#[entry]
fn main() -> ! {
    static RX_MEMORY: ConstStaticCell<[u8; RX]> = ConstStaticCell::new([0; RX]);
    static TX_MEMORY: ConstStaticCell<[u8; TX]> = ConstStaticCell::new([0; TX]);
    static TEXT_MEMORY: ConstStaticCell<[u8; TEXT]> = ConstStaticCell::new([0; TEXT]);
    let mut device = Device::start();
    let mut pager = Pager::new(device.settings);
    let mut mailboxes = [Watched::new(device.settings.mailbox, pager.cursor())];
    let mut watch = ImapWatch::new(pager.config(), &mut mailboxes, TEXT_MEMORY.take());
    let (rx, tx) = (RX_MEMORY.take(), TX_MEMORY.take());
    loop {
        let mut buffers = Buffers::new(rx, tx);
        let again = match device.connect() {
            Ok(tls) => session(&mut watch, &mut pager, buffers, tls),
            Err(error) => {
                defmt::error!("Connect({})", error);
                pager.lost(&mut watch, &mut buffers)
            }
        };
        if pager.gives_up() {
            end(1);
        }
        board::sleep_until(again);
        watch.reconnect(&mut Buffers::new(rx, tx));
    }
}

/// Until the connection is of no more use. Returns when to make another.
fn session(
    watch: &mut ImapWatch<'_>,
    pager: &mut Pager,
    buffers: Buffers<'_>,
    tls: Tls<'_>,
) -> Instant {
    let mut driver = Driver::new(watch, buffers, tls, Uptime);
    loop {
        let progress = driver.advance();
        let (watch, buffers) = driver.split();
        match progress {
            Ok(Progress::Event) => {
                if let Some(again) = pager.hear(watch, buffers) {
                    return again;
                }
            }
            // It was asked to stop.
            Ok(_) => end(0),
            Err(error) => {
                defmt::error!("{}", error);
                return pager.lost(watch, buffers);
            }
        }
    }
}
