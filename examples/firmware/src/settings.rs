//! What a device is told when it is set up: here on the emulator's command line, in words of
//! the form `name=value`; on a real board in flash.

use crate::board::{HostClock, WallClock};
use core::fmt;
use mailwire::Duration;
use smoltcp::wire::Ipv4Address;
use static_cell::StaticCell;

/// Room for all words.
const SIZE: usize = 384;

/// Which server, who, and what to do.
#[derive(Clone, Copy)]
pub struct Settings {
    /// The server's address; that of QEMU's host if not told.
    pub address: Ipv4Address,
    /// The server's port.
    pub port: u16,
    /// The name that its certificate must have.
    pub host: &'static str,
    /// The account.
    pub user: &'static str,
    /// Its password.
    pub password: &'static str,
    /// The mailbox to watch.
    pub mailbox: &'static str,
    /// The mailbox in which the device tells what it has seen; none if empty.
    pub told: &'static str,
    /// After how many alerts to stop; never, if 0.
    pub alerts: u32,
    /// How often to connect before giving up; for ever, if 0.
    pub tries: u32,
    /// How long one IDLE lasts; mailwire's default if not told.
    pub idle: Option<Duration>,
    /// How long to wait between two looks by POP3; mailwire's default if not told.
    pub poll: Option<Duration>,
    /// Whether a maildrop that was never looked into is told whole.
    pub everything: bool,
    /// Whether messages are deleted once they were told. (POP3)
    pub delete: bool,
    /// How long to wait for an answer, and at most between two tries; mailwire's defaults if not
    /// told.
    pub patience: Option<Duration>,
    time: Option<u64>,
    drill: Option<Drill>,
}

/// What goes wrong at each alert, to see that the device comes to itself again.
#[derive(Debug, Clone, Copy)]
enum Drill {
    Panic,
    /// It does not go on, and says nothing.
    Hang,
}

/// All but the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("port", &self.port)
            .field("host", &self.host)
            .field("user", &self.user)
            .field("mailbox", &self.mailbox)
            .field("told", &self.told)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads them. To be called once.
    ///
    /// # Panics
    ///
    /// If there are none or they are too long; if the device would tell what it has seen in the
    /// mailbox that it watches, and then see that, without end; and if called twice.
    pub fn read() -> Self {
        static WORDS: StaticCell<semihosting::experimental::env::Args<SIZE>> = StaticCell::new();
        let Ok(words) = semihosting::experimental::env::args() else {
            panic!("there are no settings, or too many");
        };
        let words = &*WORDS.init(words);
        let mut this = Self {
            address: Ipv4Address::new(10, 0, 2, 2),
            port: 993,
            host: "localhost",
            user: "",
            password: "",
            mailbox: "INBOX",
            told: "",
            alerts: 0,
            tries: 0,
            idle: None,
            poll: None,
            everything: false,
            delete: false,
            patience: None,
            time: None,
            drill: None,
        };
        for word in words.flatten() {
            let Some((name, value)) = word.split_once('=') else { continue };
            match name {
                "address" => this.address = value.parse().unwrap_or(this.address),
                "port" => this.port = value.parse().unwrap_or(this.port),
                "host" => this.host = value,
                "user" => this.user = value,
                "password" => this.password = value,
                "mailbox" => this.mailbox = value,
                "told" => this.told = value,
                "alerts" => this.alerts = value.parse().unwrap_or_default(),
                "tries" => this.tries = value.parse().unwrap_or_default(),
                "idle" => this.idle = value.parse().ok().map(Duration::from_secs),
                "patience" => this.patience = value.parse().ok().map(Duration::from_secs),
                "poll" => this.poll = value.parse().ok().map(Duration::from_secs),
                "everything" => this.everything = value == "yes",
                "delete" => this.delete = value == "yes",
                "drill" if value == "panic" => this.drill = Some(Drill::Panic),
                "drill" if value == "hang" => this.drill = Some(Drill::Hang),
                "time" => this.time = value.parse().ok(),
                _ => defmt::warn!("there is no setting {=str}", name),
            }
        }
        let inbox = |name: &str| name.eq_ignore_ascii_case("INBOX");
        if this.told == this.mailbox || inbox(this.told) && inbox(this.mailbox) {
            panic!("the mailbox to tell in is the one that is watched");
        }
        this
    }

    /// Fails, if it is to.
    pub(crate) fn drill(&self) {
        match self.drill {
            None => {}
            Some(Drill::Panic) => panic!("a drill"),
            Some(Drill::Hang) => loop {
                core::hint::spin_loop();
            },
        }
    }
}

/// The date that was told, or else the host's.
impl WallClock for Settings {
    fn unix_seconds(&self) -> u64 {
        self.time.map_or_else(|| HostClock.unix_seconds(), |time| time.unix_seconds())
    }
}
