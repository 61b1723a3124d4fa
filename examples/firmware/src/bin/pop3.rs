//! Watches a maildrop by POP3: looks into it now and then, and for each message that came blinks
//! and logs. What was told is kept in flash, each time.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use firmware::board::{self, Uptime};
use firmware::device::{Device, end};
use firmware::flash_log::{Kept, Log};
use firmware::settings::Settings;
use firmware::store::{self, FileFlash};
use firmware::tls::blocking::Tls;
use mailwire::io::Clock as _;
use mailwire::io::blocking::Driver;
use mailwire::watch::{Cause, Event, Login, Pop3Config, Pop3Watch, Record, Start};
use mailwire::{Buffers, Instant, Machine as _, Progress};
use static_cell::ConstStaticCell;

/// Bytes of mailwire's buffers: a line must fit the first, a command the second; an alert's texts
/// the third.
const RX: usize = 512;
const TX: usize = 128;
const TEXT: usize = 512;
/// And of the record: of 100 messages. If the maildrop holds more, see [`Record`].
const RECORD: usize = 8 + 10 * 100;

#[entry]
fn main() -> ! {
    static RX_MEMORY: ConstStaticCell<[u8; RX]> = ConstStaticCell::new([0; RX]);
    static TX_MEMORY: ConstStaticCell<[u8; TX]> = ConstStaticCell::new([0; TX]);
    static TEXT_MEMORY: ConstStaticCell<[u8; TEXT]> = ConstStaticCell::new([0; TEXT]);
    static RECORD_MEMORY: ConstStaticCell<[u8; RECORD]> = ConstStaticCell::new([0; RECORD]);
    let mut device = Device::start();
    let mut keeper = Keeper::new(device.settings);
    let record = keeper.restore(RECORD_MEMORY.take());
    let mut watch = Pop3Watch::new(keeper.config(), record, TEXT_MEMORY.take());
    let (rx, tx) = (RX_MEMORY.take(), TX_MEMORY.take());
    let mut tries = 0;
    loop {
        let mut buffers = Buffers::new(rx, tx);
        let (again, well) = match device.connect() {
            Ok(tls) => session(&mut watch, &mut keeper, buffers, tls),
            Err(error) => {
                defmt::error!("Connect({})", error);
                lost(&mut watch, &mut keeper, &mut buffers)
            }
        };
        tries += 1;
        if tries == device.settings.tries {
            end(i32::from(!well));
        }
        board::sleep_until(again);
        watch.reconnect(&mut Buffers::new(rx, tx));
    }
}

/// Until the connection is of no more use. Returns when to make another, and whether this one did
/// what it was for.
fn session(
    watch: &mut Pop3Watch<'_>,
    keeper: &mut Keeper,
    buffers: Buffers<'_>,
    tls: Tls<'_>,
) -> (Instant, bool) {
    let mut driver = Driver::new(watch, buffers, tls, Uptime);
    loop {
        let progress = driver.advance();
        let (watch, buffers) = driver.split();
        match progress {
            Ok(Progress::Event) => {
                if let Some(again) = keeper.hear(watch, buffers) {
                    return again;
                }
            }
            // It was asked to stop.
            Ok(_) => {
                keeper.keep(watch);
                end(0)
            }
            Err(error) => {
                defmt::error!("{}", error);
                return lost(watch, keeper, buffers);
            }
        }
    }
}

/// There is no connection, or no more: when to make one.
fn lost(
    watch: &mut Pop3Watch<'_>,
    keeper: &mut Keeper,
    buffers: &mut Buffers<'_>,
) -> (Instant, bool) {
    watch.unreachable(buffers);
    let now = Uptime.now();
    match watch.advance(buffers, now) {
        Ok(Progress::Event) => keeper.hear(watch, buffers).unwrap_or((now, false)),
        _ => (now, false),
    }
}

/// Does what is to be done about mail, and keeps the record.
struct Keeper {
    settings: Settings,
    log: Log<FileFlash>,
    damaged: bool,
    /// The check with which the record begins that was kept last.
    kept: Option<[u8; 4]>,
    alerts: u32,
}

impl Keeper {
    fn new(settings: Settings) -> Self {
        Self { settings, log: store::open(), damaged: false, kept: None, alerts: 0 }
    }

    /// What was kept.
    #[inline(never)]
    fn restore(&mut self, memory: &'static mut [u8; RECORD]) -> Record<'static> {
        let mut record = Record::new(memory);
        // On the stack, which a handshake needs more of.
        let mut room = [0; RECORD];
        self.damaged = match self.log.load(&mut room) {
            Kept::Bytes(kept) => {
                self.kept = kept.first_chunk().copied();
                !record.restore(kept)
            }
            Kept::Nothing => false,
            Kept::Damaged => true,
        };
        if self.damaged {
            defmt::error!("the record is damaged: all is told");
        }
        record
    }

    fn config(&self) -> Pop3Config<'static> {
        let settings = &self.settings;
        let mut config = Pop3Config::new(Login::password(settings.user, settings.password));
        let [a, b, c, d, ..] = board::entropy();
        config.backoff.seed = u32::from_le_bytes([a, b, c, d]);
        config.backoff.most = settings.patience.unwrap_or(config.backoff.most);
        config.connection.timeout = settings.patience.or(config.connection.timeout);
        config.poll = settings.poll.unwrap_or(config.poll);
        config.delete = settings.delete;
        // Rather twice than never.
        let everything = settings.everything || self.damaged;
        config.start = if everything { Start::Everything } else { Start::Now };
        config
    }

    /// When to make another connection, if one is needed, and whether all is well.
    fn hear(
        &mut self,
        watch: &mut Pop3Watch<'_>,
        buffers: &mut Buffers<'_>,
    ) -> Option<(Instant, bool)> {
        match watch.event(buffers) {
            Event::Open { exists, .. } => {
                defmt::info!("{=u32} messages", exists);
                self.keep(watch);
            }
            Event::Alert(alert) => {
                let from = alert.from.clone().next().unwrap_or_default();
                defmt::info!("alert: {} from {}: {}", alert.unique_id, from.spec, alert.subject);
                defmt::info!("text: {=str}", alert.preview.unwrap_or_default());
                let number = alert.uid;
                board::blink();
                watch.acknowledge(number);
                self.keep(watch);
                self.alerts += 1;
                if self.alerts == self.settings.alerts {
                    watch.stop();
                }
            }
            Event::CaughtUp => {
                self.keep(watch);
                defmt::info!("caught up");
            }
            Event::Refused { text, .. } => defmt::error!("refused: {}", text),
            Event::Retry { at, cause } => {
                let well = cause == Cause::Poll;
                if !well {
                    defmt::warn!("again: {}", cause);
                }
                // QUIT has deleted what was to be deleted.
                self.keep(watch);
                return Some((at, well));
            }
            // TLS from the start, and a password.
            _ => {}
        }
        None
    }

    /// Stores the record, if it has changed.
    fn keep(&mut self, watch: &mut Pop3Watch<'_>) {
        let bytes = watch.record().as_bytes();
        let check = bytes.first_chunk().copied();
        if check != self.kept {
            match self.log.save(bytes) {
                Ok(()) => self.kept = check,
                Err(error) => defmt::error!("{}", error),
            }
        }
    }
}
