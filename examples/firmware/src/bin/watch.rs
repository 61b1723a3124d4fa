//! Watches a mailbox by IMAP: connects, catches up with what came since the last time, waits in
//! IDLE, and for each message that comes blinks and logs; then tells so in another mailbox.
#![no_std]
#![no_main]

use core::fmt::Write as _;
use cortex_m_rt::entry;
use firmware::board::{self, Uptime};
use firmware::device::{Device, Failure};
use firmware::settings::Settings;
use firmware::store::{Cursor, CursorStore, Files};
use firmware::tls::blocking::Tls;
use heapless::String;
use mailwire::imap::blocking::Client;
use mailwire::imap::{Config, Event, Fetch, Item, Refused, event};
use mailwire::io::Clock as _;
use mailwire::{Duration, Str};
use static_cell::ConstStaticCell;

/// IDLE is begun anew so often, since servers end what is silent for half an hour, and routers
/// forget it earlier.
const RENEW: Duration = Duration::from_secs(9 * 60);

/// Bytes of mailwire's buffers: an envelope must fit the first, a command the second.
const RX: usize = 2048;
const TX: usize = 256;

type Mail<'b> = Client<'b, Tls<'b>, Uptime>;
type Result<T> = core::result::Result<T, Failure<Refused>>;

/// What was seen of which mailbox.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    uid_validity: u64,
    next: u32,
}

impl Seen {
    fn load() -> Option<Self> {
        let bytes: Cursor = Files.load()?;
        let (uid_validity, rest) = bytes.split_first_chunk()?;
        let (next, _) = rest.split_first_chunk()?;
        let uid_validity = u64::from_le_bytes(*uid_validity);
        Some(Self { uid_validity, next: u32::from_le_bytes(*next) })
    }

    fn save(self) {
        let mut bytes = Cursor::default();
        bytes[..8].copy_from_slice(&self.uid_validity.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.next.to_le_bytes());
        if let Err(error) = Files.save(&bytes) {
            defmt::error!("{}", error);
        }
    }
}

#[entry]
fn main() -> ! {
    static RX_MEMORY: ConstStaticCell<[u8; RX]> = ConstStaticCell::new([0; RX]);
    static TX_MEMORY: ConstStaticCell<[u8; TX]> = ConstStaticCell::new([0; TX]);
    let (rx, tx) = (RX_MEMORY.take(), TX_MEMORY.take());
    let mut alerts = 0;
    Device::start().run(|device| session(device, rx, tx, &mut alerts))
}

/// Ends well after as many alerts as are wanted.
fn session(device: &mut Device, rx: &mut [u8], tx: &mut [u8], alerts: &mut u32) -> Result<()> {
    let settings = device.settings;
    let tls = device.connect()?;
    let mut mail: Mail<'_> = Client::connect_with(Config::new(), Uptime, tls, rx, tx)?;
    mail.login(settings.user, settings.password)?;
    let mailbox = mail.examine(settings.mailbox)?;
    defmt::info!("EXISTS {=u32}", mailbox.exists);
    let uid_validity = mailbox.uid_validity.unwrap_or_default();
    let mut seen = Seen::load()
        .filter(|seen| seen.uid_validity == uid_validity)
        .unwrap_or(Seen { uid_validity, next: mailbox.uid_next.unwrap_or(1) });
    seen.save();
    loop {
        let before = *alerts;
        catch_up(&mut mail, &mut seen, alerts)?;
        if *alerts > before && !settings.told.is_empty() {
            tell(&mut mail, &settings, seen)?;
        }
        if settings.alerts != 0 && *alerts >= settings.alerts {
            mail.logout()?;
            return Ok(());
        }
        idle(&mut mail)?;
    }
}

/// One alert for each message that was not seen yet.
fn catch_up(mail: &mut Mail<'_>, seen: &mut Seen, alerts: &mut u32) -> Result<()> {
    let first = seen.next;
    let mut messages = mail.uid_fetch(first.., &[Fetch::Uid, Fetch::Envelope])?;
    while let Some(mut message) = messages.next()? {
        let (mut uid, mut from, mut subject) = (0, String::new(), String::new());
        while let Some(piece) = message.next()? {
            match piece {
                event::Fetch::Item(Item::Uid(number)) => uid = number,
                event::Fetch::Item(Item::Envelope(envelope)) => {
                    from = text(envelope.from().into_iter().next().and_then(|from| from.mailbox));
                    subject = text(envelope.subject());
                }
                _ => {}
            }
        }
        // `first:*` has the last message even if it is older, and flags may come of any.
        if uid >= seen.next {
            defmt::info!("alert: UID {=u32} from {=str}: {=str}", uid, &*from, &*subject);
            board::blink();
            *alerts += 1;
            seen.next = uid.saturating_add(1);
            seen.save();
        }
    }
    Ok(())
}

/// As much as there is room for.
fn text(from: Option<Str<'_>>) -> String<48> {
    let mut text = String::new();
    for char in from.iter().flat_map(Str::chars) {
        if text.push(char).is_err() {
            break;
        }
    }
    text
}

/// Waits until there is something new.
fn idle(mail: &mut Mail<'_>) -> Result<()> {
    let end = Uptime.now().saturating_add(RENEW);
    let mut idle = mail.idle()?;
    defmt::info!("IDLE");
    loop {
        match idle.next_until(end)? {
            Some(Event::Exists(count)) => {
                defmt::info!("EXISTS {=u32}", count);
                break;
            }
            Some(_) => {}
            None => break,
        }
    }
    idle.done()?;
    Ok(())
}

/// Says in another mailbox what was seen.
fn tell(mail: &mut Mail<'_>, settings: &Settings, seen: Seen) -> Result<()> {
    let mut message: String<160> = String::new();
    // It fits.
    let _ = write!(
        message,
        "From: {}\r\nSubject: seen by device\r\n\r\n{}: all below UID {}\r\n",
        board::NAME,
        settings.mailbox,
        seen.next
    );
    mail.append(settings.told, &[], None, message.as_bytes())?;
    defmt::info!("told {=str}", settings.told);
    Ok(())
}
