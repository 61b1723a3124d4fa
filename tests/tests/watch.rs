//! The watcher on real servers, over links that break: each message is told, in order, and once
//! for each acknowledgement, and nothing changes on the server.

use mailwire::imap::{Flag, Search};
use mailwire::io::blocking::Driver;
use mailwire::io::{Clock, Std, StdClock};
use mailwire::watch::{
    Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch, Record,
    Start, Watch, Watched,
};
use mailwire::{Buffers, Duration, Instant, Progress};
use mailwire_tests::courier::{self, Courier};
use mailwire_tests::cyrus::{self, Cyrus};
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::mailutils::{self, Mailutils};
use mailwire_tests::messages::large;
use mailwire_tests::proxy::Proxy;
use mailwire_tests::servers::{Memory, servers};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time;

/// A transport, while there is one.
struct Link(Option<TcpStream>);

impl Read for Link {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.as_ref().ok_or(io::ErrorKind::NotConnected)?.read(bytes)
    }
}

impl Write for Link {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_ref().ok_or(io::ErrorKind::NotConnected)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A program that watches.
struct Host {
    driver: Driver<'static, Watch<'static>, Std<Link>, StdClock>,
    address: SocketAddr,
    retry: Option<Instant>,
    /// The subjects that were told.
    told: Vec<String>,
    acknowledges: bool,
    /// How often it was caught up.
    caught_up: usize,
    /// Whether the mailbox began anew, each time that it was opened.
    opened: Vec<bool>,
    causes: Vec<Cause>,
    refused: Vec<String>,
}

fn leaked<T: Clone>(value: T, count: usize) -> &'static mut [T] {
    vec![value; count].leak()
}

impl Host {
    fn new(watch: Watch<'static>, address: SocketAddr) -> Self {
        let buffers = Buffers::new(leaked(0, 1024), leaked(0, 512));
        Self {
            driver: Driver::new(watch, buffers, Std(Link(None)), StdClock::new()),
            address,
            retry: Some(Instant::ZERO),
            told: Vec::new(),
            acknowledges: true,
            caught_up: 0,
            opened: Vec::new(),
            causes: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn imap(config: ImapConfig<'static>, mailbox: &'static str, address: SocketAddr) -> Self {
        Self::imap_since(config, mailbox, Cursor::new(), address)
    }

    fn imap_since(
        mut config: ImapConfig<'static>,
        mailbox: &'static str,
        cursor: Cursor,
        address: SocketAddr,
    ) -> Self {
        config.backoff.first = Duration::from_millis(10);
        config.backoff.most = Duration::from_millis(100);
        let watched = leaked(Watched::new(mailbox, cursor), 1);
        Self::new(Watch::Imap(ImapWatch::new(config, watched, leaked(0, 512))), address)
    }

    fn pop3(mut config: Pop3Config<'static>, kept: &[u8], address: SocketAddr) -> Self {
        config.backoff.first = Duration::from_millis(10);
        config.backoff.most = Duration::from_millis(100);
        config.poll = Duration::from_millis(100);
        let mut record = Record::new(leaked(0, 4096));
        assert_eq!(record.restore(kept), !kept.is_empty());
        Self::new(Watch::Pop3(Pop3Watch::new(config, record, leaked(0, 768))), address)
    }

    /// Works until this is so.
    #[track_caller]
    fn until(&mut self, done: impl Fn(&Self) -> bool) {
        let end = time::Instant::now() + time::Duration::from_secs(40);
        while !done(self) {
            assert!(
                time::Instant::now() < end,
                "told {:?}, {:?}, {:?}",
                self.told,
                self.causes,
                self.refused
            );
            self.step();
        }
    }

    #[track_caller]
    fn until_told(&mut self, count: usize) {
        self.until(|it| it.told.len() >= count);
    }

    /// Until all is told, and then once more: so that what is told twice is seen.
    #[track_caller]
    fn until_caught_up(&mut self) {
        let before = self.caught_up;
        self.until(|it| it.caught_up > before);
    }

    fn step(&mut self) {
        let now = self.driver.clock_mut().now();
        if let Some(at) = self.retry {
            if now < at {
                return sleep(time::Duration::from_millis(2));
            }
            self.retry = None;
            let (watch, buffers) = self.driver.split();
            watch.reconnect(buffers);
            match TcpStream::connect(self.address) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(time::Duration::from_millis(5))).unwrap();
                    socket.set_nodelay(true).unwrap();
                    self.driver.socket_mut().0.0 = Some(socket);
                }
                Err(_) => watch.unreachable(buffers),
            }
        }
        match self.driver.advance_until(now.saturating_add(Duration::from_millis(1))) {
            Ok(Progress::NeedInput) => return,
            Ok(Progress::Event) => {}
            Ok(Progress::Closed) => panic!("closed"),
            Err(_) => {
                self.driver.socket_mut().0.0 = None;
                let (watch, buffers) = self.driver.split();
                watch.unreachable(buffers);
                return;
            }
        }
        match self.driver.event() {
            Event::Alert(alert) => {
                self.told.push(alert.subject.to_string());
                let (mailbox, uid) = (alert.mailbox, alert.uid);
                if self.acknowledges {
                    self.driver.split().0.acknowledge(mailbox, uid);
                }
            }
            Event::Open { reset, .. } => self.opened.push(reset),
            Event::CaughtUp => self.caught_up += 1,
            Event::Refused { text, .. } => self.refused.push(text.to_string()),
            Event::Retry { at, cause } => {
                self.causes.push(cause);
                self.retry = Some(at);
                self.driver.socket_mut().0.0 = None;
            }
            other => panic!("{other:?}"),
        }
    }

    fn cursor(&mut self) -> Cursor {
        match self.driver.split().0 {
            Watch::Imap(watch) => watch.mailboxes()[0].cursor,
            Watch::Pop3(_) => panic!("it has none"),
        }
    }

    fn record(&mut self) -> Vec<u8> {
        match self.driver.split().0 {
            Watch::Imap(_) => panic!("it has none"),
            Watch::Pop3(watch) => watch.record().as_bytes().to_vec(),
        }
    }
}

fn imap() -> ImapConfig<'static> {
    let mut config = ImapConfig::new(Login::password("alice", "password"));
    config.connection.timeout = Some(Duration::from_secs(20));
    config
}

fn pop3() -> Pop3Config<'static> {
    let mut config = Pop3Config::new(Login::password("alice", "password"));
    config.connection.timeout = Some(Duration::from_secs(20));
    config
}

fn message(subject: &str) -> Vec<u8> {
    format!("From: Ann <ann@example.org>\r\nSubject: {subject}\r\n\r\nText of {subject}.\r\n")
        .into()
}

fn deliver(server: &Dovecot, subject: &str) {
    server.deliver("alice", &message(subject));
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

/// All that could change.
fn flags(server: &Dovecot) -> String {
    let all = ["fetch", "-u", "alice", "uid flags", "mailbox", "INBOX", "all"];
    // That one goes when any session sees the message.
    server.doveadm(all).replace("\\Recent", "")
}

#[test]
fn mail_that_comes_at_any_time() {
    let Some(server) = Dovecot::start() else { return };
    let proxy = Proxy::start(server.imap);
    deliver(&server, "old");
    let mut host = Host::imap(imap(), "INBOX", proxy.address);
    host.until_caught_up();
    // While it waits.
    deliver(&server, "0");
    host.until_told(1);
    deliver(&server, "1");
    deliver(&server, "2");
    host.until_told(3);
    // While there is no server, and while there is no link.
    proxy.refuse();
    proxy.cut();
    deliver(&server, "3");
    host.until(|it| it.causes.len() > 3);
    proxy.mend();
    host.until_told(4);
    // At each moment of a session the link is cut, and mail comes.
    let mut count = 4;
    for bytes in (0..2400).step_by(67) {
        proxy.cut();
        proxy.cut_after(bytes);
        deliver(&server, &count.to_string());
        count += 1;
        // Somewhere after the cut.
        for _ in 0..bytes % 7 {
            host.step();
        }
        deliver(&server, &count.to_string());
        count += 1;
        host.until_told(count);
        assert_eq!(host.told, numbers(0..count));
    }
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..count));
    assert!(!flags(&server).contains("Seen"));
}

#[test]
fn what_is_not_acknowledged_comes_again() {
    let Some(server) = Dovecot::start() else { return };
    for number in 0..40 {
        deliver(&server, &number.to_string());
    }
    let mut config = imap();
    config.start = Start::Everything;
    let mut host = Host::imap(config, "INBOX", server.imap);
    host.until_told(5);
    host.acknowledges = false;
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..40));
    let cursor = Cursor::from_bytes(&host.cursor().to_bytes()).unwrap();
    drop(host);
    let mut host = Host::imap_since(imap(), "INBOX", cursor, server.imap);
    host.until_caught_up();
    assert_eq!((&host.told[..], &host.opened[..]), (&numbers(5..40)[..], &[false][..]));

    let mut config = pop3();
    config.start = Start::Everything;
    let mut host = Host::pop3(config, &[], server.pop3);
    host.until_told(5);
    host.acknowledges = false;
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..40));
    let kept = host.record();
    drop(host);
    let mut host = Host::pop3(pop3(), &kept, server.pop3);
    host.until_caught_up();
    assert_eq!((&host.told[..], &host.opened[..]), (&numbers(5..40)[..], &[false][..]));
    assert!(!flags(&server).contains("Seen"));
}

#[test]
fn the_server_is_restarted() {
    let Some(mut server) = Dovecot::start() else { return };
    let mut over_imap = Host::imap(imap(), "INBOX", server.imap);
    let mut over_pop3 = Host::pop3(pop3(), &[], server.pop3);
    over_imap.until_caught_up();
    over_pop3.until_caught_up();
    for round in 0..3 {
        deliver(&server, &(2 * round).to_string());
        server.stop();
        server.drop_in("alice", [message(&(2 * round + 1).to_string())]);
        over_imap.until(|it| it.causes.contains(&Cause::Unreachable));
        over_imap.causes.clear();
        server.start_again();
        for host in [&mut over_imap, &mut over_pop3] {
            host.until_told(2 * round + 2);
            assert_eq!(host.told, numbers(0..2 * round + 2));
        }
    }
}

#[test]
fn the_link_stalls() {
    let Some(server) = Dovecot::start() else { return };
    let proxy = Proxy::start(server.imap);
    let mut config = imap();
    config.connection.timeout = Some(Duration::from_millis(300));
    config.idle = Some(Duration::from_millis(300));
    let mut host = Host::imap(config, "INBOX", proxy.address);
    host.until_caught_up();
    for round in 0..3 {
        proxy.stall();
        deliver(&server, &round.to_string());
        host.until(|it| it.causes.len() > round);
        assert!(format!("{:?}", host.causes[round]).contains("Timeout"), "{:?}", host.causes);
        proxy.cut();
        proxy.mend();
        host.until_told(round + 1);
        host.causes.truncate(round + 1);
    }
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..3));
}

#[test]
fn the_mailbox_is_another_of_the_same_name() {
    let Some(server) = Dovecot::start() else { return };
    let mut memory = Memory::default();
    let name = ["-u", "alice", "Work"];
    let append = |memory: &mut Memory, subject: &str| {
        let socket = TcpStream::connect(server.imap).unwrap();
        let mut mail = mail(socket, memory);
        mail.login("alice", "password").unwrap();
        mail.append("Work", &[], None, &message(subject)).unwrap();
        mail.logout().unwrap();
    };
    server.doveadm([&["mailbox", "create"][..], &name].concat());
    let mut config = imap();
    config.start = Start::Everything;
    config.idle = Some(Duration::from_millis(200));
    let mut host = Host::imap(config, "Work", server.imap);
    append(&mut memory, "0");
    host.until_told(1);
    append(&mut memory, "1");
    host.until_told(2);
    server.doveadm([&["mailbox", "delete"][..], &name].concat());
    // UIDVALIDITY is the time in seconds.
    sleep(time::Duration::from_millis(1100));
    server.doveadm([&["mailbox", "create"][..], &name].concat());
    append(&mut memory, "2");
    host.until_told(3);
    append(&mut memory, "3");
    host.until_told(4);
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..4));
    assert_eq!(host.opened.iter().filter(|reset| **reset).count(), 2, "{:?}", host.opened);
}

#[test]
fn a_large_message_and_a_long_backlog() {
    let Some(server) = Dovecot::start() else { return };
    let backlog = (0..300).map(|number| match number {
        150 => large(10_000_000),
        _ if number % 3 == 0 => message(&format!("{number}, third")),
        _ => message(&number.to_string()),
    });
    server.drop_in("alice", backlog);
    let before = flags(&server);
    let wanted: Vec<String> = (0..300)
        .map(|number| match number {
            150 => String::new(),
            _ if number % 3 == 0 => format!("{number}, third"),
            _ => number.to_string(),
        })
        .collect();
    let mut config = imap();
    config.start = Start::Everything;
    let same = |told: &[String], wanted: &[String]| {
        assert_eq!(told.len(), wanted.len());
        for (told, wanted) in told.iter().zip(wanted) {
            assert!(told == wanted || wanted.is_empty(), "{told} for {wanted}");
        }
    };
    let mut host = Host::imap(config, "INBOX", server.imap);
    host.until_caught_up();
    same(&host.told, &wanted);
    deliver(&server, "late");
    host.until_told(301);

    config.filter = Filter::new(&[Search::Subject("third"), Search::Unseen]);
    let mut host = Host::imap(config, "INBOX", server.imap);
    host.until_caught_up();
    let thirds: Vec<_> = wanted.iter().filter(|it| it.contains("third")).cloned().collect();
    same(&host.told, &thirds);
    deliver(&server, "no");
    deliver(&server, "one more third");
    host.until_told(thirds.len() + 1);
    assert_eq!(host.told.last().unwrap(), "one more third");

    let mut config = pop3();
    config.start = Start::Everything;
    let mut host = Host::pop3(config, &[], server.pop3);
    host.until_caught_up();
    same(&host.told[..300], &wanted);
    assert_eq!(host.told.len(), 303);
    host.until_caught_up();
    assert_eq!(host.told.len(), 303);
    assert!(flags(&server).starts_with(&before));
    assert!(!flags(&server).contains("Seen"));
}

#[test]
fn without_idle_and_with_marks() {
    let Some(server) = Dovecot::start() else { return };
    let mut config = imap();
    config.idle = None;
    config.poll = Duration::from_millis(100);
    config.mark_seen = true;
    let mut host = Host::imap(config, "INBOX", server.imap);
    host.until_caught_up();
    for number in 0..20 {
        deliver(&server, &number.to_string());
        host.until_told(number + 1);
    }
    assert_eq!(host.told, numbers(0..20));
    host.until(|_| flags(&server).matches("Seen").count() == 20);
}

#[test]
fn over_pop3_at_any_time() {
    let Some(server) = Dovecot::start() else { return };
    let proxy = Proxy::start(server.pop3);
    deliver(&server, "old");
    let mut host = Host::pop3(pop3(), &[], proxy.address);
    host.until_caught_up();
    let mut count = 0;
    for bytes in (0..2400).step_by(101) {
        proxy.cut_after(bytes);
        deliver(&server, &count.to_string());
        deliver(&server, &(count + 1).to_string());
        count += 2;
        host.until_told(count);
        assert_eq!(host.told, numbers(0..count));
    }
    host.until_caught_up();
    assert_eq!(host.told, numbers(0..count));
    assert!(!flags(&server).contains("Seen"));
    let kept = host.record();
    drop(host);

    // And all of that is deleted once it is acknowledged, but what was there before.
    let mut config = pop3();
    config.delete = true;
    let mut host = Host::pop3(config, &kept, proxy.address);
    for bytes in (0..2400).step_by(301) {
        proxy.cut_after(bytes);
        deliver(&server, &count.to_string());
        count += 1;
        host.until(|_| !proxy.is_about_to_cut());
    }
    let subjects = || {
        let all = ["fetch", "-u", "alice", "hdr.subject", "mailbox", "INBOX", "all"];
        server.doveadm(all).lines().filter(|line| line.starts_with("hdr.subject")).count()
    };
    let before = count - 8;
    host.until(|it| it.told.len() >= 8 && subjects() == before + 1);
    assert_eq!(host.told, numbers(before..count));
}

type Mail<'b> = mailwire::imap::blocking::Client<'b, Std<TcpStream>, StdClock>;

fn mail(socket: TcpStream, memory: &mut Memory) -> Mail<'_> {
    let (rx, tx) = memory.split();
    let config = mailwire::imap::Config::new();
    Mail::connect_with(config, StdClock::new(), Std(socket), rx, tx).unwrap()
}

#[test]
fn on_every_server() {
    for server in servers() {
        let mut memory = Memory::default();
        let mut mail = server.open(&mut memory);
        for number in 0..3 {
            mail.append("INBOX", &[], None, &message(&number.to_string())).unwrap();
        }
        let (user, password) = server.alice();
        let mut config = ImapConfig::new(Login::password(user, password));
        config.start = Start::Everything;
        config.idle = Some(Duration::from_millis(500));
        config.poll = Duration::from_millis(300);
        let mut host = Host::imap(config, "INBOX", server.imap);
        host.until_caught_up();
        assert_eq!(host.told, numbers(0..3), "{}", server.name);
        for number in 3..6 {
            mail.append("INBOX", &[Flag::Flagged], None, &message(&number.to_string())).unwrap();
            // An open session of Mailutils was seen to learn of the first only; a new one tells.
            if server.name != "GNU Mailutils" {
                host.until_told(number + 1);
            }
        }
        if server.name == "GNU Mailutils" {
            let cursor = host.cursor();
            host = Host::imap_since(config, "INBOX", cursor, server.imap);
            host.until_told(3);
            host.opened.pop();
        }
        let cursor = host.cursor();
        drop(host);
        let mut host = Host::imap_since(config, "INBOX", cursor, server.imap);
        host.until_caught_up();
        assert_eq!(host.told, Vec::<String>::new(), "{}", server.name);
        assert_eq!(host.opened, [false], "{}", server.name);
    }
}

#[test]
fn over_pop3_on_other_servers() {
    let watch = |name: &str, address, user, password| {
        let mut config = Pop3Config::new(Login::password(user, password));
        config.start = Start::Everything;
        let mut host = Host::pop3(config, &[], address);
        host.until_caught_up();
        assert_eq!(host.told, numbers(0..3), "{name}");
        let kept = host.record();
        drop(host);
        // Courier wants it to wait, but does not make it.
        let mut host = Host::pop3(config, &kept, address);
        host.until_caught_up();
        assert!(host.told.is_empty(), "{name}: {:?}", host.told);
    };
    let fill = |imap, user: &str, password: &str| {
        let mut memory = Memory::default();
        let mut mail = mail(TcpStream::connect(imap).unwrap(), &mut memory);
        mail.login(user, password).unwrap();
        for number in 0..3 {
            mail.append("INBOX", &[], None, &message(&number.to_string())).unwrap();
        }
        mail.logout().unwrap();
    };
    if let Some(it) = Cyrus::start() {
        let (user, password) = cyrus::USERS[0];
        fill(it.imap, user, password);
        watch("Cyrus", it.pop3, user, password);
    }
    if let Some(it) = Courier::start() {
        let (user, password) = courier::USERS[0];
        fill(it.imap, user, password);
        watch("Courier", it.pop3, user, password);
    }
    if let Some(it) = Mailutils::start() {
        it.put((0..3).map(|number| {
            String::from_utf8(message(&number.to_string())).unwrap().replace("\r\n", "\n")
        }));
        watch("Mailutils", it.pop3, mailutils::USER, mailutils::PASSWORD);
    }
}

#[test]
fn over_an_async_socket() {
    use embedded_io_adapters::tokio_1::FromTokio;
    use mailwire::Machine as _;
    use mailwire::io::asynch::Driver;
    let Some(server) = Dovecot::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let proxy = Proxy::start(server.imap);
        let connect =
            async || FromTokio::new(tokio::net::TcpStream::connect(proxy.address).await.unwrap());
        let mut config = imap();
        config.idle = Some(Duration::from_millis(300));
        config.backoff.first = Duration::from_millis(10);
        let watched = leaked(Watched::new("INBOX", Cursor::new()), 1);
        let watch = ImapWatch::new(config, watched, leaked(0, 512));
        let buffers = Buffers::new(leaked(0, 1024), leaked(0, 512));
        let mut driver = Driver::new(watch, buffers, connect().await, StdClock::new());
        let mut told = Vec::new();
        let end = time::Instant::now() + time::Duration::from_secs(40);
        while told.len() < 6 {
            assert!(time::Instant::now() < end, "{told:?}");
            let now = driver.clock_mut().now();
            let wait = driver.machine().deadline().map_or(1000, |at| at.since(now).as_millis());
            let wait = time::Duration::from_millis(wait.min(1000) + 1);
            match tokio::time::timeout(wait, driver.advance()).await {
                // The machine wants to be told what time it is.
                Err(_) => continue,
                Ok(Ok(progress)) => assert_eq!(progress, Progress::Event),
                Ok(Err(_)) => {
                    let (watch, buffers) = driver.split();
                    watch.unreachable(buffers);
                    continue;
                }
            }
            match driver.event() {
                Event::Alert(alert) => {
                    told.push(alert.subject.to_string());
                    let uid = alert.uid;
                    driver.split().0.acknowledge(0, uid);
                    if told.len() == 3 {
                        proxy.cut();
                    }
                    deliver(&server, &told.len().to_string());
                }
                Event::CaughtUp if told.is_empty() => deliver(&server, "0"),
                Event::Retry { at, .. } => {
                    let wait = at.since(driver.clock_mut().now()).as_millis();
                    tokio::time::sleep(time::Duration::from_millis(wait)).await;
                    *driver.socket_mut() = connect().await;
                    let (watch, buffers) = driver.split();
                    watch.reconnect(buffers);
                }
                _ => {}
            }
        }
        told.dedup();
        assert_eq!(told, numbers(0..6));
    });
}
