//! Looks once into a maildrop by POP3, and logs the header of the newest message.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use firmware::board::{self, Uptime};
use firmware::device::{Device, Failure};
use mailwire::pop3::{Client, Config, Refused};
use static_cell::ConstStaticCell;

/// Bytes of mailwire's buffers: a line must fit the first, a command the second.
const RX: usize = 512;
const TX: usize = 256;

#[entry]
fn main() -> ! {
    static RX_MEMORY: ConstStaticCell<[u8; RX]> = ConstStaticCell::new([0; RX]);
    static TX_MEMORY: ConstStaticCell<[u8; TX]> = ConstStaticCell::new([0; TX]);
    let (rx, tx) = (RX_MEMORY.take(), TX_MEMORY.take());
    Device::start().run(|device| session(device, rx, tx))
}

fn session(device: &mut Device, rx: &mut [u8], tx: &mut [u8]) -> Result<(), Failure<Refused>> {
    let settings = device.settings;
    let tls = device.connect()?;
    let mut mail = Client::connect_with(Config::new(), Uptime, tls, rx, tx)?;
    mail.login(settings.user, settings.password)?;
    let mut last = 0;
    let mut uids = mail.uidl()?;
    while let Some(item) = uids.next()? {
        last = item.number;
        defmt::info!("message {=u32}: {=str}", last, item.uid.as_str().unwrap_or_default());
    }
    if last > 0 {
        board::blink();
        let mut header = mail.top(last, 0)?;
        while let Some(bytes) = header.next()? {
            defmt::info!("{=[u8]:a}", bytes);
        }
    }
    mail.quit()?;
    Ok(())
}
