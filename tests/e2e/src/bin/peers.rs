//! The whole of a program's work on one real server, beside that of other clients: a full listing,
//! a sync of what is new, and a download. `peers [MESSAGES [DOWNLOADED]]` prints a table.
//!
//! curl downloads only: of answers it takes no more than 300 KiB. mbsync only knows its own job.
//!
//! Each job is done by a process of its own, over TCP in clear, a few times in turn; the table has
//! the median.

use anyhow::{Context, Result, bail, ensure};
use mailwire::imap::blocking::Client;
use mailwire::io::Std;
use mailwire_tests::dovecot::Dovecot;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How often each job is done.
const RUNS: usize = 3;
/// How many messages come, go, and get a flag, between two visits.
const CHANGES: usize = 100;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).map(|it| it.parse());
    let messages: usize = arguments.next().transpose()?.unwrap_or(50_000);
    let downloaded: usize = arguments.next().transpose()?.unwrap_or(5_000);
    let Some(server) = Dovecot::start() else { bail!("no Dovecot") };
    server.drop_in("alice", (0..messages).map(message));
    // Dovecot makes its indices.
    visit(&server, messages)?;
    let folder = std::env::temp_dir().join(format!("mailwire-e2e-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let ended = all(&server, &folder, messages, downloaded);
    std::fs::remove_dir_all(&folder)?;
    ended
}

fn all(server: &Dovecot, folder: &Path, messages: usize, downloaded: usize) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = std::env::current_exe()?.parent().context("it is in a folder")?.to_owned();
    let address = server.imap.to_string();
    let program = |name: &str, job: &[&str]| {
        let mut words = vec![programs.join(name).display().to_string(), address.clone()];
        words.extend(job.iter().map(|&word| word.to_owned()));
        words
    };
    let python = |job: &[&str]| {
        let script = here.join("imaplib-client.py").display().to_string();
        let mut words = vec!["python3".to_owned(), script, address.clone()];
        words.extend(job.iter().map(|&word| word.to_owned()));
        words
    };
    let curl = || {
        let url = format!("imap://alice:password@{address}/INBOX;UID=[1-{downloaded}]");
        ["curl", "-sS", "-o", "/dev/null", &url].map(str::to_owned).into()
    };
    println!("Dovecot with {messages} messages, median of {RUNS} runs");
    println!();
    println!("| job | client | wall | client's CPU | server's CPU | client's memory |");
    println!("|---|---|---|---|---|---|");

    let job = ["list"];
    let name = format!("list {messages}");
    let expected = Some(messages);
    table(
        server,
        &name,
        &mut [
            ("mailwire", program("mailwire-client", &job), expected),
            ("async-imap", program("async-imap-client", &job), expected),
            ("imaplib", python(&job), expected),
        ],
    )?;

    let last = downloaded.to_string();
    let job = ["download", &last];
    let name = format!("download {downloaded}");
    let expected = Some(downloaded);
    table(
        server,
        &name,
        &mut [
            ("mailwire", program("mailwire-client", &job), expected),
            ("async-imap", program("async-imap-client", &job), expected),
            ("imaplib", python(&job), expected),
            ("curl", curl(), None),
        ],
    )?;
    let mbsync = Mbsync::new(server, folder, downloaded)?;
    for (run, name) in [("download", name), ("sync", "sync of nothing new".to_owned())] {
        let figures = measure(server, &mbsync.words())?;
        row(&name, &format!("mbsync, which {}", mbsync.does(run)), &figures);
    }

    // What is new since now. (curl has made `\\Seen` what it fetched.)
    let (uid_validity, mod_seq) = visit(server, messages)?;
    server.drop_in("alice", (0..CHANGES).map(|it| message(messages + it)));
    let (from, gone, flagged) = (1, CHANGES, CHANGES * 2);
    server.doveadm(["expunge", "-u", "alice", "mailbox", "INBOX", &format!("{from}:{gone}")]);
    let flags = ["flags", "add", "-u", "alice", "\\Flagged", "mailbox", "INBOX"];
    let set = format!("{}:{flagged}", gone + 1);
    server.doveadm(flags.into_iter().chain([set.as_str()]));
    visit(server, messages)?;
    let (validity, known) = (uid_validity.to_string(), mod_seq.to_string());
    let job = ["sync", validity.as_str(), known.as_str()];
    let name = format!("sync of {} changes", 3 * CHANGES);
    table(
        server,
        &name,
        &mut [
            ("mailwire (QRESYNC)", program("mailwire-client", &job), Some(3 * CHANGES)),
            // What has vanished they are not told.
            ("async-imap (CHANGEDSINCE)", program("async-imap-client", &job), Some(2 * CHANGES)),
            ("imaplib (CHANGEDSINCE)", python(&job), Some(2 * CHANGES)),
        ],
    )?;
    let figures = measure(server, &mbsync.words())?;
    row(&name, "mbsync, which writes files", &figures);
    Ok(())
}

/// A message as people get them: 0.5 to 12 kB, with the header fields that an envelope shows.
fn message(number: usize) -> String {
    let (day, hour) = (1 + number % 28, number % 24);
    let mut text = format!(
        "From: Sender {} <sender{}@example.org>\nTo: alice@example.org, bob@example.org\n\
         Cc: \"The list\" <list@lists.example.net>\n\
         Subject: [list] Message {number} about something that matters to its readers\n\
         Date: Thu, {day} Oct 2026 {hour:02}:00:00 +0200\nMessage-ID: <{number}@example.org>\n\
         In-Reply-To: <{}@example.org>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n",
        number % 50,
        number % 50,
        number / 2,
    );
    for line in 0..6 + number * 7919 % 180 {
        let _ = writeln!(text, "Line {line} of message {number}, as long as lines are in mails.");
    }
    text
}

/// Opens the mailbox, so that the server has looked at it: its UIDVALIDITY and HIGHESTMODSEQ.
fn visit(server: &Dovecot, messages: usize) -> Result<(u64, u64)> {
    let (mut rx, mut tx) = ([0; 4096], [0; 1024]);
    let socket = std::net::TcpStream::connect(server.imap)?;
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx)?;
    mail.login("alice", "password")?;
    mail.enable(&["QRESYNC"])?;
    let inbox = mail.select("INBOX")?;
    ensure!(inbox.exists as usize == messages, "{} messages", inbox.exists);
    let items = [mailwire::imap::Fetch::Envelope, mailwire::imap::Fetch::Rfc822Size];
    let mut all = mail.fetch(1.., &items)?;
    while all.next()?.is_some() {}
    let known = inbox.uid_validity.zip(inbox.highest_mod_seq).context("no HIGHESTMODSEQ")?;
    mail.logout()?;
    Ok(known)
}

#[derive(Debug, Clone, Copy)]
struct Figures {
    wall: u64,
    client: u64,
    server: u64,
    memory: u64,
    count: Option<usize>,
}

type Contender<'a> = (&'a str, Vec<String>, Option<usize>);

/// Lets each client do the job, in turn, and prints a row for each.
fn table(server: &Dovecot, job: &str, clients: &mut [Contender<'_>]) -> Result<()> {
    let mut figures = vec![Vec::new(); clients.len()];
    for _ in 0..RUNS {
        for ((name, words, expected), figures) in clients.iter().zip(&mut figures) {
            let measured = measure(server, words)?;
            if let Some(expected) = expected {
                let count = measured.count;
                ensure!(count == Some(*expected), "{name}: {job}: {count:?} of {expected}");
            }
            figures.push(measured);
        }
    }
    for ((name, ..), mut figures) in clients.iter().zip(figures) {
        let mut median = |of: fn(&Figures) -> u64| {
            figures.sort_by_key(of);
            of(&figures[figures.len() / 2])
        };
        let figures = Figures {
            wall: median(|it| it.wall),
            client: median(|it| it.client),
            server: median(|it| it.server),
            memory: median(|it| it.memory),
            count: None,
        };
        row(job, name, &figures);
    }
    Ok(())
}

fn row(job: &str, client: &str, figures: &Figures) {
    let Figures { wall, client: own, server, memory, .. } = figures;
    println!("| {job} | {client} | {wall} ms | {own} ms | {server} ms | {memory} KiB |");
}

fn measure(server: &Dovecot, words: &[String]) -> Result<Figures> {
    let before = server.cpu_time();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("measure.py");
    let output = Command::new("python3").arg(script).args(words).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {error}", words[0]);
    // The server's process ends after the client's.
    std::thread::sleep(std::time::Duration::from_millis(300));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let first = lines.next().context("no figures")?;
    let numbers: Vec<u64> = first.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [wall, client, memory] = numbers[..] else { bail!("{first}") };
    let count = lines.next().and_then(|line| line.parse().ok());
    let taken = server.cpu_time().saturating_sub(before);
    Ok(Figures { wall, client, server: taken.as_millis() as u64, memory, count })
}

/// mbsync, of Debian's package `isync`: it keeps a Maildir in step with the server's mailbox.
struct Mbsync {
    config: PathBuf,
}

impl Mbsync {
    fn new(server: &Dovecot, folder: &Path, messages: usize) -> Result<Self> {
        let (host, port) = (server.imap.ip(), server.imap.port());
        let folder = folder.display();
        let text = format!(
            "IMAPStore server\nHost {host}\nPort {port}\nUser alice\nPass password\n\
             SSLType None\nAuthMechs LOGIN\n\n\
             MaildirStore here\nPath {folder}/\nInbox {folder}/inbox\n\n\
             Channel inbox\nFar :server:INBOX\nNear :here:INBOX\nSync Pull New\n\
             Create Near\nMaxMessages {messages}\nExpireUnread yes\nSyncState {folder}/\n"
        );
        let config = PathBuf::from(format!("{folder}/mbsyncrc"));
        std::fs::write(&config, text)?;
        Ok(Self { config })
    }

    fn words(&self) -> Vec<String> {
        let config = self.config.display().to_string();
        ["mbsync", "-q", "-c", &config, "inbox"].map(str::to_owned).into()
    }

    fn does(&self, job: &str) -> &'static str {
        if job == "download" { "writes files" } else { "lists all flags" }
    }
}
