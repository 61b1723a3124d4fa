//! The watchers, a server, and a link that breaks.
//!
//! The input is what happens, a byte each, with another for how much. In the end all is well
//! again: then every message must have been told, and none again after it was acknowledged.

// Configurations may grow: they are made by default, then changed.
#![allow(clippy::field_reassign_with_default)]

use crate::sim::{Imap, Pop3, Server};
use mailwire::watch::{
    Backoff, Cursor, Event, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch, Record, Start,
    Watched,
};
use mailwire::{Buffers, Duration, Error, Instant, Machine, Progress};
use std::collections::{BTreeMap, BTreeSet};
use std::slice::Chunks;

const PASSWORD: &str = "correct-horse";

/// A watcher of either kind.
trait Watcher: Machine {
    /// Whether it does not remember all of what was told and not acknowledged.
    const FORGETS: bool;
    fn look<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r>;
    fn reconnect(&mut self, buffers: &mut Buffers<'_>);
    fn unreachable(&mut self, buffers: &mut Buffers<'_>);
    fn acknowledge(&mut self, number: u32);
    /// What must be found again after a restart.
    fn kept(&mut self) -> Vec<u8>;
}

impl Watcher for ImapWatch<'_> {
    const FORGETS: bool = false;

    fn look<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        self.event(buffers)
    }
    fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        self.reconnect(buffers);
    }
    fn unreachable(&mut self, buffers: &mut Buffers<'_>) {
        self.unreachable(buffers);
    }
    fn acknowledge(&mut self, number: u32) {
        self.acknowledge(0, number);
    }
    fn kept(&mut self) -> Vec<u8> {
        self.mailboxes()[0].cursor.to_bytes().to_vec()
    }
}

impl Watcher for Pop3Watch<'_> {
    const FORGETS: bool = true;

    fn look<'r>(&'r self, buffers: &'r Buffers<'_>) -> Event<'r> {
        self.event(buffers)
    }
    fn reconnect(&mut self, buffers: &mut Buffers<'_>) {
        self.reconnect(buffers);
    }
    fn unreachable(&mut self, buffers: &mut Buffers<'_>) {
        self.unreachable(buffers);
    }
    fn acknowledge(&mut self, number: u32) {
        self.acknowledge(number);
    }
    fn kept(&mut self) -> Vec<u8> {
        self.record().as_bytes().to_vec()
    }
}

/// The program around a watcher, and what it knows.
#[derive(Default)]
struct Program {
    now: Instant,
    /// On the way to the client.
    input: Vec<u8>,
    /// Told on this connection and not acknowledged: their numbers and messages.
    pending: Vec<(u32, u32)>,
    /// How often each message was told.
    told: BTreeMap<u32, u32>,
    acknowledged: BTreeSet<u32>,
    kept: Vec<u8>,
    /// The link lies: what is told need not be true.
    lied: bool,
    /// It does not break any more.
    healed: bool,
    caught_up: bool,
    /// When to connect.
    retry: Option<Instant>,
    calls: usize,
}

impl Program {
    /// Takes in all that the watcher tells and sends, and lets the server answer.
    fn pump<W: Watcher>(
        &mut self,
        watch: &mut W,
        buffers: &mut Buffers<'_>,
        server: &mut dyn Server,
    ) {
        loop {
            let sent = buffers.tx.pending().to_vec();
            buffers.tx.consume(sent.len());
            if !sent.is_empty() {
                self.input.extend_from_slice(&server.receive(&sent));
            }
            self.calls += 1;
            assert!(self.calls < 200_000, "it goes round and round");
            match watch.advance(buffers, self.now) {
                Ok(Progress::Event) => self.hear(watch, buffers),
                Ok(Progress::NeedInput) => {
                    if buffers.tx.pending().is_empty() {
                        let due = watch.deadline();
                        assert!(due.is_none_or(|at| at > self.now), "the deadline has passed");
                        return;
                    }
                }
                Ok(Progress::Closed) => panic!("it was not asked to stop"),
                Err(error) => {
                    // What else is wrong is a Retry.
                    assert!(self.lied && matches!(error, Error::Resource(_)), "{error:?}");
                    self.retry = Some(self.now);
                    return;
                }
            }
        }
    }

    fn hear<W: Watcher>(&mut self, watch: &mut W, buffers: &Buffers<'_>) {
        let event = watch.look(buffers);
        let text = format!("{event:?}");
        assert!(!text.contains(PASSWORD), "a secret is told");
        match event {
            Event::Alert(alert) => {
                let id = alert.unique_id.to_string();
                let message = id.strip_prefix("id").map_or(Ok(alert.uid), str::parse);
                if self.lied {
                    return self.pending.push((alert.uid, message.unwrap_or_default()));
                }
                let message = message.expect("a known message");
                assert!(!self.acknowledged.contains(&message), "{message} is told again");
                let again = self.pending.iter().any(|(_, it)| *it == message);
                assert!(!again, "{message} is told twice over one connection");
                let header = alert.subject.to_string();
                assert!(header.is_empty() || header == format!("number {message}"), "{header}");
                self.pending.push((alert.uid, message));
                *self.told.entry(message).or_default() += 1;
            }
            Event::Retry { at, .. } => self.retry = Some(at),
            Event::CaughtUp => {
                self.caught_up = true;
                self.kept = watch.kept();
            }
            Event::Open { .. } => self.kept = watch.kept(),
            // Some servers end the connection in place of a NO, so a cut there may be one.
            Event::Refused { login: true, text, .. } if text.is_empty() && !self.healed => {}
            Event::Refused { .. } => assert!(self.lied, "{text}"),
            _ => {}
        }
    }

    /// Acknowledges the first `count` of what waits for that.
    fn acknowledge<W: Watcher>(&mut self, watch: &mut W, count: usize) {
        // "So is what is acknowledged more than 32 alerts late": told again.
        let late = if W::FORGETS { self.pending.len().saturating_sub(32) } else { 0 };
        let count = count.min(self.pending.len());
        for (at, (number, message)) in self.pending.drain(..count).enumerate() {
            watch.acknowledge(number);
            if at >= late {
                self.acknowledged.insert(message);
            }
        }
        self.kept = watch.kept();
    }

    fn give(&mut self, buffers: &mut Buffers<'_>, count: usize) {
        let count = count.min(self.input.len());
        let taken = buffers.rx.fill(&self.input[..count]);
        self.input.drain(..taken);
    }

    /// A new transport, and with it nothing that was on the way.
    fn connect<W: Watcher>(
        &mut self,
        watch: &mut W,
        buffers: &mut Buffers<'_>,
        server: &mut dyn Server,
    ) {
        watch.reconnect(buffers);
        self.pending.clear();
        self.input = server.connect();
        self.retry = None;
        self.caught_up = false;
    }
}

/// What can happen. The rest of the byte says how much.
fn happen<W: Watcher>(
    what: u8,
    much: u8,
    program: &mut Program,
    watch: &mut W,
    buffers: &mut Buffers<'_>,
    server: &mut dyn Server,
) {
    let count = usize::from(much);
    match what % 10 {
        // Bytes come.
        0..=2 => program.give(buffers, count * 3 + 1),
        // All of them.
        3 => {
            program.give(buffers, usize::MAX);
        }
        // The link ends, by FIN or by RST.
        4 => {
            server.disconnect();
            buffers.rx.close();
        }
        5 => {
            server.disconnect();
            watch.unreachable(buffers);
        }
        // Time passes.
        6 => {
            program.now = program.now.saturating_add(Duration::from_secs(u64::from(much) * 7));
        }
        7 => program.acknowledge(watch, count),
        // What is on the way is lost, and nobody is told.
        8 if much.is_multiple_of(4) => {
            program.input.clear();
            server.disconnect();
        }
        // A byte is another: a broken middlebox.
        9 if much.is_multiple_of(16) => {
            if let Some(byte) = program.input.get_mut(count / 2) {
                *byte ^= 1 << (much % 7);
                program.lied = true;
            }
        }
        _ => {}
    }
    program.pump(watch, buffers, server);
    if program.retry.is_some_and(|at| at <= program.now) {
        program.connect(watch, buffers, server);
        program.pump(watch, buffers, server);
    }
}

/// Plays the script on: up to its end, or up to 0xff, at which the program is begun again; whether
/// that is so. What is from 0xe8 on happens at the server.
fn play<W: Watcher, S: Server>(
    steps: &mut Chunks<'_, u8>,
    program: &mut Program,
    watch: &mut W,
    buffers: &mut Buffers<'_>,
    server: &mut S,
    mut at_server: impl FnMut(u8, u8, &mut Program, &mut S),
) -> bool {
    program.pump(watch, buffers, server);
    for step in steps {
        let (what, much) = (step[0], step.get(1).copied().unwrap_or_default());
        match what {
            0xff => {
                buffers.clear();
                program.input = server.connect();
                program.pending.clear();
                program.retry = None;
                return true;
            }
            0xe8.. => at_server(what, much, program, server),
            _ => happen(what, much, program, watch, buffers, server),
        }
    }
    if !program.lied {
        heal(program, watch, buffers, server);
    }
    false
}

/// All is well from here on: until all was told.
fn heal<W: Watcher>(
    program: &mut Program,
    watch: &mut W,
    buffers: &mut Buffers<'_>,
    server: &mut dyn Server,
) {
    program.caught_up = false;
    if program.retry.is_none() {
        server.disconnect();
        watch.unreachable(buffers);
        program.pump(watch, buffers, server);
    }
    program.healed = true;
    let mut rounds = 0;
    // Twice: the first may have begun before the last message came.
    for _ in 0..2 {
        program.caught_up = false;
        while !program.caught_up {
            rounds += 1;
            assert!(rounds < 20_000, "it never catches up");
            if let Some(at) = program.retry {
                program.now = program.now.max(at);
                program.connect(watch, buffers, server);
            }
            program.give(buffers, usize::MAX);
            program.pump(watch, buffers, server);
            program.acknowledge(watch, usize::MAX);
            program.pump(watch, buffers, server);
            if program.input.is_empty() && program.retry.is_none() && !program.caught_up {
                program.now = program.now.saturating_add(Duration::from_secs(30));
                program.pump(watch, buffers, server);
            }
        }
        // What was acknowledged is deleted, then, or marked.
        while !program.input.is_empty() && program.retry.is_none() {
            program.give(buffers, usize::MAX);
            program.pump(watch, buffers, server);
        }
        server.disconnect();
        watch.unreachable(buffers);
        program.pump(watch, buffers, server);
    }
}

fn backoff() -> Backoff {
    let mut backoff = Backoff::new();
    backoff.most = Duration::from_secs(20);
    backoff
}

/// What a link does to the server's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends in order, by FIN.
    Close,
    /// It ends, by RST.
    Reset,
    /// Nothing comes any more, and nobody is told.
    Stall,
    /// A byte is another.
    Corrupt,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Close, Self::Reset, Self::Stall, Self::Corrupt];
}

/// Behind so many bytes of the server's there is a fault, and all is well again. Whether there
/// were so many before all was told.
fn fails_at<W: Watcher>(
    (at, fault): (usize, Fault),
    program: &mut Program,
    watch: &mut W,
    buffers: &mut Buffers<'_>,
    server: &mut dyn Server,
) -> bool {
    let mut given = 0;
    while given < at {
        program.pump(watch, buffers, server);
        if program.input.is_empty() {
            // It waits for the next look.
            return false;
        }
        let before = program.input.len();
        program.give(buffers, at - given);
        given += before - program.input.len();
        // Now and then, so that some are acknowledged and some are not.
        if at.is_multiple_of(3) {
            program.pump(watch, buffers, server);
            program.acknowledge(watch, 1);
        }
    }
    program.pump(watch, buffers, server);
    match fault {
        Fault::Close => {
            server.disconnect();
            program.input.clear();
            buffers.rx.close();
            program.pump(watch, buffers, server);
            assert!(program.retry.is_some(), "nobody is told of the end");
        }
        Fault::Reset => {
            server.disconnect();
            program.input.clear();
            watch.unreachable(buffers);
            program.pump(watch, buffers, server);
            assert!(program.retry.is_some(), "nobody is told of the end");
        }
        Fault::Stall => {
            server.disconnect();
            program.input.clear();
            let begin = program.now;
            while program.retry.is_none() {
                program.now = watch.deadline().expect("it does not wait for ever");
                assert!(program.now.since(begin) < Duration::from_secs(20 * 60), "it waits long");
                program.pump(watch, buffers, server);
            }
        }
        Fault::Corrupt => {
            program.lied = true;
            if let Some(byte) = program.input.first_mut() {
                *byte ^= [1, 0x20, 0x80, 0x0f][at % 4];
            }
            program.pump(watch, buffers, server);
        }
    }
    heal(program, watch, buffers, server);
    true
}

/// Over IMAP, with three messages. See `fails_at`.
///
/// # Panics
///
/// If one of them is not told, or told again after it was acknowledged, or if it hangs.
pub fn imap_fails_at(at: usize, fault: Fault) -> bool {
    let mut server = Imap::new("IDLE");
    let mut config = ImapConfig::new(Login::password("u", PASSWORD));
    config.start = Start::Everything;
    config.backoff = backoff();
    let expected = (0..3).map(|_| server.deliver().0).collect();
    let (mut rx, mut tx) = ([0; 512], [0; 512]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut program = Program::default();
    program.input = server.connect();
    let mut mailboxes = [Watched::new("INBOX", Cursor::new())];
    let mut text = [0; 512];
    let mut watch = ImapWatch::new(config, &mut mailboxes, &mut text);
    let failed = fails_at((at, fault), &mut program, &mut watch, &mut buffers, &mut server);
    if failed && !program.lied {
        check(&program, &expected);
    }
    failed
}

/// The same over POP3, with deletion.
///
/// # Panics
///
/// Also if one is deleted that was not told.
pub fn pop3_fails_at(at: usize, fault: Fault) -> bool {
    let mut server = Pop3::new(at.is_multiple_of(2));
    let mut config = Pop3Config::new(Login::password("u", PASSWORD));
    config.start = Start::Everything;
    config.delete = true;
    config.poll = Duration::from_secs(20);
    config.backoff = backoff();
    let mut expected = BTreeSet::new();
    for number in 1..=3 {
        let text = format!("Subject: number {number}\r\n\r\n.\r\n..text {number}\r\n");
        server.messages.push((format!("id{number}"), text.into_bytes()));
        expected.insert(number);
    }
    let (mut rx, mut tx) = ([0; 256], [0; 256]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut program = Program::default();
    program.input = server.connect();
    let mut memory = [0; 8 + 8 * 9];
    let mut text = [0; 512];
    let mut watch = Pop3Watch::new(config, Record::new(&mut memory), &mut text);
    let failed = fails_at((at, fault), &mut program, &mut watch, &mut buffers, &mut server);
    if failed && !program.lied {
        check(&program, &expected);
        assert!(server.messages.is_empty(), "not all were deleted: {fault:?} at {at}");
    }
    failed
}

/// Over IMAP.
pub(super) fn imap(input: &[u8]) {
    let [how, script @ ..] = input else { return };
    let mut server = Imap::new(["IDLE", "", "UIDPLUS IDLE", "ESEARCH"][usize::from(how & 3)]);
    let mut config = ImapConfig::new(Login::password("u", PASSWORD));
    config.start = Start::Everything;
    config.preview = how & 4 == 0;
    config.backoff = backoff();
    let rx_size = [256, 400, 1024, 4096][usize::from(how >> 4) % 4];
    let (mut rx, mut tx) = (vec![0; rx_size], vec![0; 512]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut program = Program::default();
    program.input = server.connect();
    program.kept = Cursor::new().to_bytes().to_vec();
    let mut expected = BTreeSet::new();
    for _ in 0..(how >> 3) % 2 * 20 {
        expected.insert(server.deliver().0);
    }
    let mut steps = script.chunks(2);
    loop {
        let cursor = program.kept.as_slice().try_into().ok().and_then(Cursor::from_bytes).unwrap();
        let mut mailboxes = [Watched::new("INBOX", cursor)];
        let mut text = [0; 512];
        let mut watch = ImapWatch::new(config, &mut mailboxes, &mut text);
        let at_server = |what: u8, much: u8, program: &mut Program, server: &mut Imap| {
            let said = if what >= 0xf0 {
                let (uid, said) = server.deliver();
                expected.insert(uid);
                said
            } else {
                let uid = u32::from(much) % server.uid_next;
                let said = server.remove(uid);
                if !server.uids.contains(&uid) {
                    expected.remove(&uid);
                }
                said
            };
            program.input.extend_from_slice(&said);
        };
        if !play(&mut steps, &mut program, &mut watch, &mut buffers, &mut server, at_server) {
            break;
        }
    }
    if program.lied {
        return;
    }
    check(&program, &expected);
}

/// Over POP3.
pub(super) fn pop3(input: &[u8]) {
    let [how, script @ ..] = input else { return };
    let mut server = Pop3::new(how & 1 != 0);
    let mut config = Pop3Config::new(Login::password("u", PASSWORD));
    config.start = Start::Everything;
    config.delete = how & 2 != 0;
    config.preview_lines = u32::from(how >> 2) % 3;
    config.poll = Duration::from_secs(20);
    config.backoff = backoff();
    let rx_size = [128, 256, 1024, 4096][usize::from(how >> 4) % 4];
    let (mut rx, mut tx) = (vec![0; rx_size], vec![0; 256]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut program = Program::default();
    let mut expected = BTreeSet::new();
    let mut next = 0;
    let mut deliver = |server: &mut Pop3| {
        next += 1;
        let text = format!("Subject: number {next}\r\n\r\n.\r\n..text {next}\r\n");
        server.messages.push((format!("id{next}"), text.into_bytes()));
        next
    };
    for _ in 0..(how >> 3) % 2 * 20 {
        expected.insert(deliver(&mut server));
    }
    program.input = server.connect();
    let mut steps = script.chunks(2);
    let mut memory = vec![0; 8 + 8 * 300];
    loop {
        let mut record = Record::new(&mut memory);
        record.restore(&program.kept);
        let mut text = [0; 512];
        let mut watch = Pop3Watch::new(config, record, &mut text);
        let at_server = |what: u8, much: u8, _: &mut Program, server: &mut Pop3| {
            if what >= 0xf0 {
                expected.insert(deliver(server));
            } else if !server.messages.is_empty() {
                // Another client deletes one.
                let at = usize::from(much) % server.messages.len();
                let (id, _) = server.messages.remove(at);
                expected.remove(&id[2..].parse().unwrap());
            }
        };
        if !play(&mut steps, &mut program, &mut watch, &mut buffers, &mut server, at_server) {
            break;
        }
    }
    if program.lied {
        return;
    }
    check(&program, &expected);
    if config.delete {
        // Nothing was deleted that was not told and acknowledged.
        let left: BTreeSet<u32> =
            server.messages.iter().map(|(id, _)| id[2..].parse().unwrap()).collect();
        for message in expected.difference(&left) {
            assert!(program.acknowledged.contains(message), "{message} was deleted");
        }
    }
}

fn check(program: &Program, expected: &BTreeSet<u32>) {
    for message in expected {
        assert!(program.told.contains_key(message), "{message} was never told");
    }
}
