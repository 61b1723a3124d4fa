//! The real IMAP servers, all in one table, so that a test of an extension runs on each server
//! that has it.
//!
//! ```no_run
//! use mailwire_tests::servers::offering;
//!
//! # fn test() {
//! offering("UIDPLUS", |server, mail| {
//!     mail.select("INBOX").unwrap();
//!     let at = mail.append("INBOX", &[], None, b"From: a@b.c\r\n\r\n").unwrap();
//!     assert!(at.is_some(), "{}", server.name);
//! });
//! # }
//! ```
//!
//! `tests/run` installs the servers; those that are not there are left out, and said so, or are
//! a failure under `CI=true`. `tests/run-trixie` adds Dovecot 2.4 and Cyrus 3.10, by
//! `MAILWIRE_TRIXIE=1` in the environment.

use crate::courier::Courier;
use crate::cyrus::Cyrus;
use crate::dovecot::Dovecot;
use crate::mailutils::{self, Mailutils};
use mailwire::imap::blocking::Client;
use mailwire::imap::command::CapabilityCommand;
use mailwire::imap::{Config, Event};
use mailwire::io::{Std, StdClock};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A client of one of these servers.
pub type Mail<'b> = Client<'b, Std<TcpStream>, StdClock>;

/// Rx and Tx.
#[derive(Debug)]
pub struct Memory {
    rx: Vec<u8>,
    tx: Vec<u8>,
}

impl Default for Memory {
    /// 1024 bytes for Rx, 512 for Tx.
    fn default() -> Self {
        Self::new(1024, 512)
    }
}

impl Memory {
    /// As many bytes for Rx and Tx.
    pub fn new(rx: usize, tx: usize) -> Self {
        Self { rx: vec![0; rx], tx: vec![0; tx] }
    }

    /// Rx and Tx.
    pub fn split(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut self.rx, &mut self.tx)
    }
}

/// A running server with empty mailboxes. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    /// Software and version, as `Dovecot 2.3`.
    pub name: &'static str,
    /// IMAP in clear, with STARTTLS.
    pub imap: SocketAddr,
    /// The certificate, in PEM, of the authority that signed the server's own, which is for
    /// `localhost`.
    pub ca_pem: PathBuf,
    /// The character between a mailbox's name and that of one below it, if there can be any.
    pub delimiter: Option<char>,
    /// What the names of mailboxes that a user makes begin with.
    pub prefix: &'static str,
    users: &'static [(&'static str, &'static str)],
    _running: Running,
}

/// Kept for as long as the server is to run.
#[derive(Debug)]
#[allow(dead_code, reason = "kept to be dropped")]
enum Running {
    Dovecot(Dovecot),
    Cyrus(Cyrus),
    Courier(Courier),
    Mailutils(Mailutils),
}

impl Server {
    fn new(
        name: &'static str,
        imap: SocketAddr,
        ca_pem: PathBuf,
        users: &'static [(&'static str, &'static str)],
        running: Running,
    ) -> Self {
        Self { name, imap, ca_pem, delimiter: Some('/'), prefix: "", users, _running: running }
    }

    /// Connects, and does not log in.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn connect<'b>(&self, memory: &'b mut Memory) -> Mail<'b> {
        let socket = TcpStream::connect(self.imap).expect("the server listens");
        // So that the client looks at its clock now and then.
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout can be set");
        socket.set_nodelay(true).expect("it can be set");
        let (rx, tx) = (&mut memory.rx[..], &mut memory.tx[..]);
        Client::connect_with(Config::new(), StdClock::new(), Std(socket), rx, tx)
            .unwrap_or_else(|e| panic!("{}: {e:?}", self.name))
    }

    /// Connects and logs in: as alice, who every server knows.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn open<'b>(&self, memory: &'b mut Memory) -> Mail<'b> {
        self.open_as(self.users[0].0, memory)
    }

    /// Connects and logs in as this user: alice or bob, but of Mailutils, who knows alice only.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn open_as<'b>(&self, user: &str, memory: &'b mut Memory) -> Mail<'b> {
        let (_, password) = self.users.iter().find(|(name, _)| *name == user).expect("known");
        let mut mail = self.connect(memory);
        mail.login(user, *password).unwrap_or_else(|e| panic!("{}: {user}: {e:?}", self.name));
        mail
    }

    /// The name and the password of alice.
    pub fn alice(&self) -> (&'static str, &'static str) {
        self.users[0]
    }

    /// Whether it knows bob, too.
    pub fn has_bob(&self) -> bool {
        self.users.iter().any(|(name, _)| *name == "bob")
    }

    /// The name of a mailbox for alice to make, which would be `name` if all were alike.
    pub fn mailbox(&self, name: &str) -> String {
        [self.prefix, name].concat()
    }

    /// What it says that it can do once alice has logged in, in its own words.
    ///
    /// # Panics
    ///
    /// If it does not say.
    pub fn capabilities(&self) -> Vec<String> {
        let mut memory = Memory::new(16 * 1024, 512);
        let mut mail = self.open(&mut memory);
        let mut words = Vec::new();
        let mut responses = mail.run(&CapabilityCommand).expect("CAPABILITY is sent");
        while let Some(event) = responses.next().expect("CAPABILITY works") {
            if let Event::Capability { capabilities, .. } = event {
                let text = String::from_utf8_lossy(capabilities.as_bytes()).into_owned();
                words.extend(text.split_ascii_whitespace().map(str::to_owned));
            }
        }
        let _ = mail.logout();
        words
    }

    /// Whether this is among its [`capabilities`](Self::capabilities).
    pub fn offers(&self, capability: &str) -> bool {
        self.capabilities().iter().any(|word| word.eq_ignore_ascii_case(capability))
    }
}

/// Whether the newer versions are wanted.
fn newer() -> bool {
    std::env::var("MAILWIRE_TRIXIE").is_ok_and(|v| v == "1")
}

/// What only the newer versions offer.
const NEWER: &[&str] = &[
    "IMAP4rev2",
    "INPROGRESS",
    "MULTISEARCH",
    "QUOTASET",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
    "QUOTA=RES-ANNOTATION-STORAGE",
    "QUOTA=RES-MAILBOX",
    "REPLACE",
    "UIDONLY",
];

fn starters() -> Vec<fn() -> Option<Server>> {
    let mut all: Vec<fn() -> Option<Server>> = vec![
        || {
            let it = Dovecot::start()?;
            let users = crate::dovecot::USERS;
            let (imap, ca) = (it.imap, it.ca_pem());
            Some(Server::new("Dovecot 2.3", imap, ca, users, Running::Dovecot(it)))
        },
        || {
            let it = Cyrus::start()?;
            let users = crate::cyrus::USERS;
            let (imap, ca) = (it.imap, it.ca_pem());
            Some(Server::new("Cyrus 3.6", imap, ca, users, Running::Cyrus(it)))
        },
        || {
            let it = Courier::start()?;
            let users = crate::courier::USERS;
            let (imap, ca) = (it.imap, it.ca_pem());
            let this = Server::new("Courier 5.0", imap, ca, users, Running::Courier(it));
            Some(Server { delimiter: Some('.'), prefix: "INBOX.", ..this })
        },
        || {
            let it = Mailutils::start()?;
            // It makes no INBOX by itself.
            it.put::<&str>([]);
            let users = &[(mailutils::USER, mailutils::PASSWORD)];
            let (imap, ca) = (it.imap, it.ca_pem());
            let this = Server::new("GNU Mailutils", imap, ca, users, Running::Mailutils(it));
            Some(Server { delimiter: None, ..this })
        },
    ];
    if newer() {
        all.push(|| {
            let it = Dovecot::start_2_4()?;
            let users = crate::dovecot::USERS;
            let (imap, ca) = (it.imap, it.ca_pem());
            Some(Server::new("Dovecot 2.4", imap, ca, users, Running::Dovecot(it)))
        });
        all.push(|| {
            let it = Cyrus::start_3_10()?;
            let users = crate::cyrus::USERS;
            let (imap, ca) = (it.imap, it.ca_pem());
            Some(Server::new("Cyrus 3.10", imap, ca, users, Running::Cyrus(it)))
        });
    }
    all
}

/// Starts the servers one after the other, each when it is its turn.
pub fn servers() -> impl Iterator<Item = Server> {
    starters().into_iter().filter_map(|start| start())
}

/// What each server offers, by its place among the starters: known once it was started.
type Offers = BTreeMap<usize, Vec<String>>;

static OFFERS: Mutex<Offers> = Mutex::new(BTreeMap::new());

fn offers_all(offered: &[String], capabilities: &[&str]) -> bool {
    capabilities.iter().all(|name| {
        offered.iter().any(|word| match (name.strip_suffix('='), word.split_once('=')) {
            (Some(name), Some((key, _))) => name.eq_ignore_ascii_case(key),
            _ => word.eq_ignore_ascii_case(name),
        })
    })
}

/// Runs a test on each server that offers the capability, with a client that alice has logged
/// in, and says on standard error which these are. A name that ends with `=` stands for all
/// capabilities that begin so.
///
/// # Panics
///
/// If the test does, or if all servers are there and none offers it.
pub fn offering(capability: &str, test: impl Fn(&Server, &mut Mail<'_>)) {
    offering_all(&[capability], test);
}

/// [`offering`], for what needs more than one capability.
///
/// # Panics
///
/// As [`offering`].
pub fn offering_all(capabilities: &[&str], test: impl Fn(&Server, &mut Mail<'_>)) {
    let what = capabilities.join(" ");
    // Not eprintln!: that the test harness would swallow.
    let say = |text: String| {
        let _ = writeln!(io::stderr(), "{what}: {text}");
    };
    let wanted = starters().len();
    let (mut there, mut ran) = (0, 0);
    for (place, start) in starters().into_iter().enumerate() {
        let is_known = |offers: &Offers| offers.get(&place).map(|it| offers_all(it, capabilities));
        // The others need not even be started.
        let known = is_known(&OFFERS.lock().unwrap_or_else(PoisonError::into_inner));
        if known == Some(false) {
            there += 1;
            continue;
        }
        let Some(server) = start() else { continue };
        there += 1;
        let has = known.unwrap_or_else(|| {
            let offered = server.capabilities();
            let has = offers_all(&offered, capabilities);
            OFFERS.lock().unwrap_or_else(PoisonError::into_inner).insert(place, offered);
            has
        });
        if has {
            say(format!("on {}", server.name));
            test(&server, &mut server.open(&mut Memory::default()));
            ran += 1;
        }
    }
    let is_newer = |name: &&str| NEWER.iter().any(|newer| newer.eq_ignore_ascii_case(name));
    if ran == 0 && !newer() && capabilities.iter().any(is_newer) {
        say("SKIPPED: only on the servers of tests/run-trixie".into());
    } else if ran == 0 && there < wanted {
        say("SKIPPED: not all servers are here, and none of these offers it".into());
    } else {
        assert!(ran > 0, "{what}: no server offers it");
    }
}
