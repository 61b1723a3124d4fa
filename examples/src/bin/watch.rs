//! Tells of each mail that comes, by IMAP or POP3, and loses none.
//!
//! ```sh
//! cargo run --bin watch -- imaps://me@mail.example
//! ```

use anyhow::{Context, Result, anyhow, bail};
use clap::Parser;
use mailwire::imap::command::{AuthenticateCommand, LoginCommand};
use mailwire::imap::{Capability, Search};
use mailwire::io::blocking::Driver;
use mailwire::io::{Clock, Std, StdClock};
use mailwire::pop3::command::{AuthCommand, PassCommand, UserCommand};
use mailwire::sasl::{self, Best, Challenge, Credentials, Link, Mechanism, Response};
use mailwire::watch::{
    Alert, Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch,
    Record, Start, Watch, Watched,
};
use mailwire::{Buffers, Duration, Error, Instant, Progress, ResourceError, UsageError};
use mailwire_examples::account::{Account, AccountArgs, Protocol, Security};
use mailwire_examples::filter;
use mailwire_examples::state::State;
use mailwire_examples::text::{ended, printable, printable_json};
use mailwire_examples::transport::Stream;
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time;
use zeroize::Zeroizing;

/// How often to look whether somebody wants it to end.
const TICK: time::Duration = time::Duration::from_millis(200);

/// How often the record of a POP3 maildrop is kept while there is mail to tell. It is large, and
/// written whole.
const KEEP: time::Duration = time::Duration::from_secs(1);

/// How often a command is run for one message with --once.
const TRIES: u32 = 5;

/// Tell of each mail that comes.
///
/// How far a mailbox was watched is kept in a file, so what comes while this does not run is told
/// the next time. Nothing on the server is changed unless that is asked for. It connects anew
/// whenever the connection breaks.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    account: AccountArgs,

    /// More mailboxes to watch beside the one in the URL, on the same connection, each in its
    /// turn. (IMAP)
    mailboxes: Vec<String>,

    /// Run this program for each mail: --exec PROGRAM ARGUMENT … ';' without a shell.
    ///
    /// What is known of the mail is in the environment: MAILWIRE_MAILBOX, _UID, _UNIQUE_ID, _FROM,
    /// _SUBJECT, _DATE, _SIZE, _FLAGS, _PREVIEW. The mail counts as told once the program has ended
    /// with 0. Else it is run again after 1, 2, 4 … 60 seconds, and later mail waits; with --once,
    /// five times at most.
    #[arg(long, num_args = 1.., value_terminator = ";", value_name = "PROGRAM",
        allow_hyphen_values = true)]
    exec: Vec<String>,

    /// Print each mail as a line of JSON.
    #[arg(long)]
    json: bool,

    /// Tell only of mail that matches these search keys of IMAP, such as 'FROM "ann" UNSEEN'.
    #[arg(long, value_name = "KEYS")]
    filter: Option<String>,

    /// If it was never watched before, tell of all the mail that is there.
    #[arg(long)]
    everything: bool,

    /// Seconds between looks: with POP3 (default 300), and where the server or more than one
    /// mailbox allow no waiting (default 60).
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    poll: Option<u64>,

    /// Do not wait by IDLE, but look now and then. (IMAP)
    #[arg(long)]
    no_idle: bool,

    /// Mark what was told as read. (IMAP)
    #[arg(long)]
    mark_seen: bool,

    /// Delete on the server what was told. (POP3)
    #[arg(long)]
    delete: bool,

    /// Tell what came since the last time, and end.
    #[arg(long)]
    once: bool,

    /// Where to keep how far it was watched, instead of a file for each account in
    /// ~/.local/state/mailwire.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Log in by the OAuth token that this program prints, instead of a password. It is run for
    /// each login.
    #[arg(long, value_name = "PROGRAM")]
    token_exec: Option<PathBuf>,
}

fn main() -> ExitCode {
    ended(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<()> {
    let account = cli.account.account()?;
    let (imap, name) = (account.protocol == Protocol::Imap, account_name(&account));
    if !imap && (cli.filter.is_some() || cli.mark_seen || !cli.mailboxes.is_empty()) {
        bail!("POP3 knows no filters, no flags and no mailboxes");
    }
    if imap && cli.delete {
        bail!("--delete is for POP3");
    }
    let filter = cli.filter.as_deref().map(filter::parse).transpose().context("--filter")?;
    let secret = match cli.token_exec {
        Some(_) => Zeroizing::default(),
        None => Zeroizing::new(cli.account.password()?),
    };
    let path = cli.state.clone().map_or_else(|| State::place(&name), Ok)?;
    let mut state = State::open(&path, &name)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The second time, at once.
        flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    let mut seed = [0; 4];
    getrandom::fill(&mut seed)?;
    let seed = u32::from_le_bytes(seed);
    let mut text = [0; 4096];
    let mut memory = vec![0; 8 + 10 * 65_535];
    let names: Vec<&str> =
        [&account.mailbox].into_iter().chain(&cli.mailboxes).map(String::as_str).collect();
    for name in &names {
        state.hold(name)?;
    }
    let mut watched: Vec<Watched<'_>> =
        names.iter().map(|name| restored(&state, name, imap, anew(cli))).collect();
    let known = watched.iter().map(|it| it.cursor != Cursor::new()).collect();
    let watch = if imap {
        Watch::Imap(ImapWatch::new(
            imap_config(cli, &account, filter.unwrap_or_default(), seed),
            &mut watched,
            &mut text,
        ))
    } else {
        let mut record = Record::new(&mut memory);
        if let Some(kept) = state.get(&account.mailbox)
            && !record.restore(kept)
        {
            bail!("{} is damaged", path.display());
        }
        Watch::Pop3(Pop3Watch::new(pop3_config(cli, &account, seed), record, &mut text))
    };
    let (mut rx, mut tx) = ([0; 16 * 1024], [0; 4 * 1024]);
    let buffers = Buffers::new(&mut rx, &mut tx);
    let driver = Driver::new(watch, buffers, Std(Socket(None)), StdClock::new());
    Program {
        cli,
        account: &account,
        names,
        known,
        secret,
        state,
        stop,
        driver,
        was_in: false,
        is_kept: true,
        kept_at: time::Instant::now(),
    }
    .run()
}

/// Names the account in the state file.
fn account_name(account: &Account) -> String {
    let protocol = if account.protocol == Protocol::Imap { "imap" } else { "pop3" };
    format!("{protocol}://{}@{}:{}", account.user, account.host, account.port)
}

/// A mailbox, and how far it was watched. A damaged cursor is none, which is said. By POP3 there
/// is a record instead.
fn restored<'a>(state: &State, mailbox: &'a str, is_imap: bool, anew: &str) -> Watched<'a> {
    let kept = state.get(mailbox).map(|bytes| Cursor::from_bytes(bytes.try_into().ok()?));
    if is_imap && kept == Some(None) {
        eprintln!("How far {mailbox} was watched is damaged; {anew}");
    }
    Watched::new(mailbox, kept.flatten().unwrap_or_default())
}

/// What becomes of a mailbox whose cursor is of no use.
fn anew(cli: &Cli) -> &'static str {
    match start(cli) {
        Start::Everything => "it begins anew, with all the mail that is there",
        _ => "it begins anew, and what came since the last time may be missed",
    }
}

fn imap_config<'a>(
    cli: &Cli,
    account: &Account,
    filter: &'a [Search<'a>],
    seed: u32,
) -> ImapConfig<'a> {
    let mut config = ImapConfig::new(Login::Caller);
    config.start_tls = account.security == Security::StartTls;
    config.filter = Filter::new(filter);
    config.start = start(cli);
    config.poll = cli.poll.map_or(config.poll, Duration::from_secs);
    config.mark_seen = cli.mark_seen;
    config.backoff.seed = seed;
    if cli.no_idle {
        config.idle = None;
    }
    config
}

fn pop3_config(cli: &Cli, account: &Account, seed: u32) -> Pop3Config<'static> {
    let mut config = Pop3Config::new(Login::Caller);
    config.start_tls = account.security == Security::StartTls;
    config.start = start(cli);
    config.poll = cli.poll.map_or(config.poll, Duration::from_secs);
    config.delete = cli.delete;
    config.backoff.seed = seed;
    config
}

fn start(cli: &Cli) -> Start {
    if cli.everything { Start::Everything } else { Start::Now }
}

/// A transport, while there is one.
struct Socket(Option<Stream>);

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.as_mut().ok_or(io::ErrorKind::NotConnected)?.read(bytes)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_mut().ok_or(io::ErrorKind::NotConnected)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().ok_or(io::ErrorKind::NotConnected)?.flush()
    }
}

/// A mail, as it is told.
#[derive(Debug, Serialize)]
struct Mail {
    mailbox: String,
    uid: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    unique_id: String,
    from: String,
    subject: String,
    date: Option<String>,
    size: Option<u64>,
    flags: String,
    preview: Option<String>,
    #[serde(skip)]
    place: usize,
}

impl Mail {
    fn new(alert: &Alert<'_>, names: &[&str]) -> Self {
        let from = alert.from.clone().next().map(|from| {
            let name = from.name.to_string();
            match name.is_empty() {
                true => from.spec.to_string(),
                false => format!("{name} <{}>", from.spec),
            }
        });
        Self {
            mailbox: names.get(alert.mailbox).copied().unwrap_or_default().to_owned(),
            uid: alert.uid,
            unique_id: alert.unique_id.to_string(),
            from: from.unwrap_or_default(),
            subject: alert.subject.to_string(),
            date: alert.date.map(|date| date.to_string()),
            size: alert.size,
            flags: alert.flags.iter().map(|flag| flag.to_string()).collect::<Vec<_>>().join(" "),
            preview: alert.preview.map(str::to_owned),
            place: alert.mailbox,
        }
    }

    fn print(&self, cli: &Cli, out: &mut impl Write) -> Result<()> {
        if cli.json {
            let json = serde_json::to_string(self).map_err(io::Error::from)?;
            writeln!(out, "{}", printable_json(&json))?;
        } else {
            let from = if self.from.is_empty() { "(nobody)" } else { &self.from };
            if !cli.mailboxes.is_empty() {
                write!(out, "{}: ", printable(&self.mailbox))?;
            }
            writeln!(out, "{}: {}", printable(from), printable(&self.subject))?;
            let date = self.date.as_deref().unwrap_or_default();
            let preview = self.preview.as_deref().unwrap_or_default();
            writeln!(out, "    {}", format!("{date}  {}", printable(preview)).trim())?;
        }
        Ok(out.flush()?)
    }

    /// Runs a program for it. Whether that went well.
    fn execute(&self, program: &[String], secret: &str) -> bool {
        let [program, arguments @ ..] = program else { return true };
        // What an environment cannot hold.
        let clean = |text: &str| text.replace('\0', "");
        let status = Command::new(program)
            .args(arguments)
            .env_remove(secret)
            .env("MAILWIRE_MAILBOX", clean(&self.mailbox))
            .env("MAILWIRE_UID", self.uid.to_string())
            .env("MAILWIRE_UNIQUE_ID", clean(&self.unique_id))
            .env("MAILWIRE_FROM", clean(&self.from))
            .env("MAILWIRE_SUBJECT", clean(&self.subject))
            .env("MAILWIRE_DATE", self.date.as_deref().unwrap_or_default())
            .env("MAILWIRE_SIZE", self.size.map(|size| size.to_string()).unwrap_or_default())
            .env("MAILWIRE_FLAGS", clean(&self.flags))
            .env("MAILWIRE_PREVIEW", clean(self.preview.as_deref().unwrap_or_default()))
            .stdin(Stdio::null())
            .status();
        match status {
            Ok(status) if status.success() => return true,
            Ok(status) => eprintln!("{program}: {status}"),
            Err(error) => eprintln!("{program}: {error}"),
        }
        false
    }
}

/// What is to be done about an event.
enum Todo {
    Nothing,
    StartTls,
    LogIn,
    /// The challenge; `None` if it is too long.
    Respond(Option<Vec<u8>>),
    Finish,
    Open {
        mailbox: usize,
        reset: bool,
    },
    Tell(Mail),
    CaughtUp,
    Refused {
        login: bool,
        text: String,
    },
    Retry(Instant, Cause),
}

/// What came of a connection.
enum End {
    Retry(Instant, Cause),
    Closed,
}

struct Program<'a> {
    cli: &'a Cli,
    account: &'a Account,
    names: Vec<&'a str>,
    /// Which of them have been watched before.
    known: Vec<bool>,
    secret: Zeroizing<String>,
    state: State,
    stop: Arc<AtomicBool>,
    driver: Driver<'a, Watch<'a>, Std<Socket>, StdClock>,
    /// Whether the login ever worked.
    was_in: bool,
    /// Whether all that was told is kept, and when something last was.
    is_kept: bool,
    kept_at: time::Instant,
}

impl Program<'_> {
    fn run(&mut self) -> Result<()> {
        loop {
            self.connect();
            let end = self.connection();
            // Whatever ended it.
            if !self.is_kept {
                self.keep()?;
            }
            match end? {
                End::Closed => return Ok(()),
                End::Retry(_, Cause::Poll) if self.cli.once => return Ok(()),
                End::Retry(_, cause) if self.cli.once => bail!("{cause}"),
                End::Retry(_, Cause::Connection(error)) if !self.helps(&error) => {
                    bail!("{error}; trying again does not help");
                }
                End::Retry(at, cause) => {
                    self.driver.socket_mut().0.0 = None;
                    let wait = at.since(self.driver.clock_mut().now());
                    if cause != Cause::Poll {
                        let seconds = wait.as_millis().div_ceil(1000);
                        eprintln!("{cause}; trying again in {seconds} seconds");
                    }
                    if !self.wait(wait) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Whether trying again may help.
    fn helps(&self, error: &Error) -> bool {
        match error {
            // Once it was offered, and may be again; or somebody in between took it out.
            Error::Usage(UsageError::NotOffered(_)) => self.was_in,
            Error::Usage(UsageError::InvalidArgument(_)) => false,
            Error::Resource(ResourceError::TxFull { needed, capacity }) => needed <= capacity,
            Error::Resource(ResourceError::TooManyLiterals) => false,
            _ => true,
        }
    }

    /// Waits; not to the end if the program is to end, and then says no.
    fn wait(&self, span: Duration) -> bool {
        let end = time::Instant::now() + time::Duration::from_millis(span.as_millis());
        while !self.stop.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(time::Instant::now());
            if left.is_zero() {
                return true;
            }
            sleep(left.min(TICK));
        }
        false
    }

    /// Makes a new connection, or tells the watcher that there is none.
    fn connect(&mut self) {
        let made = Stream::connect(self.account).and_then(|stream| {
            let stream = match self.account.security {
                Security::Tls => stream.into_tls(self.account)?,
                Security::StartTls | Security::Clear => stream,
            };
            stream.set_read_timeout(TICK)?;
            Ok(stream)
        });
        let (watch, buffers) = self.driver.split();
        watch.reconnect(buffers);
        match made {
            Ok(stream) => self.driver.socket_mut().0.0 = Some(stream),
            Err(error) => self.unreachable(&error),
        }
    }

    fn unreachable(&mut self, error: &anyhow::Error) {
        eprintln!("{}", printable(&format!("{error:#}")));
        self.driver.socket_mut().0.0 = None;
        let (watch, buffers) = self.driver.split();
        watch.unreachable(buffers);
    }

    /// A login that failed ends the program; but not once one has worked, as the server, or what
    /// gives the tokens, may be itself again later.
    fn may_pass<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.was_in => {
                self.unreachable(&error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends in order.
    fn log_out(&mut self) -> Result<()> {
        let (watch, buffers) = self.driver.split();
        Ok(watch.stop(&mut buffers.tx)?)
    }

    /// From the greeting to whatever ends a connection.
    fn connection(&mut self) -> Result<End> {
        let mut nonce = [0; 18];
        getrandom::fill(&mut nonce)?;
        let secret = match (&self.cli.token_exec, self.driver.socket_mut().0.0.is_some()) {
            (Some(program), true) => {
                let token = token(program);
                self.may_pass(token)?.unwrap_or_default()
            }
            _ => self.secret.clone(),
        };
        let user = &self.account.user;
        let credentials = match self.cli.token_exec {
            Some(_) => Credentials::token(user, secret.as_str()),
            None => Credentials::password(user, secret.as_str()),
        };
        let mut login = Exchange { credentials, nonce: &nonce, best: None, begins: false, step: 0 };
        let mut stopping = false;
        loop {
            if self.stop.load(Ordering::Relaxed) && !stopping {
                stopping = true;
                self.log_out()?;
            }
            let soon = self.driver.clock_mut().now().saturating_add(Duration::from_millis(1));
            let todo = match self.driver.advance_until(soon) {
                Ok(Progress::NeedInput) => Todo::Nothing,
                Ok(Progress::Closed) => {
                    self.keep()?;
                    return Ok(End::Closed);
                }
                Ok(Progress::Event) => self.todo(),
                Err(error) => {
                    self.unreachable(&anyhow!("{error}"));
                    Todo::Nothing
                }
            };
            self.keep_soon()?;
            match todo {
                Todo::Nothing => {}
                Todo::StartTls => match self.start_tls() {
                    Ok(()) => {}
                    Err(error) => self.unreachable(&error),
                },
                Todo::LogIn => {
                    let begun = login.begin(&mut self.driver);
                    self.may_pass(begun)?;
                }
                Todo::Respond(challenge) => {
                    let responded = login.respond(challenge.as_deref(), &mut self.driver);
                    self.may_pass(responded)?;
                }
                Todo::Finish => {
                    if self.may_pass(login.finish())?.is_some() {
                        self.was_in = true;
                    }
                }
                Todo::Open { mailbox, reset } => self.opened(mailbox, reset)?,
                Todo::Tell(mail) if stopping => drop(mail),
                Todo::Tell(mail) => self.tell(&mail)?,
                Todo::CaughtUp => {
                    self.keep()?;
                    if self.cli.once && !stopping {
                        stopping = true;
                        self.log_out()?;
                    }
                }
                Todo::Refused { login: true, text } if !self.was_in => {
                    bail!("{user} cannot log in: {}", printable(&text));
                }
                Todo::Refused { text, .. } => eprintln!("The server: {}", printable(&text)),
                Todo::Retry(at, cause) => {
                    // At its end POP3 forgets what was deleted.
                    self.keep()?;
                    return Ok(if stopping { End::Closed } else { End::Retry(at, cause) });
                }
            }
        }
    }

    /// What is to be done about the event that has come.
    fn todo(&self) -> Todo {
        match self.driver.event() {
            Event::StartTls => Todo::StartTls,
            Event::LogIn => Todo::LogIn,
            Event::Challenge { challenge, truncated } => {
                Todo::Respond((!truncated).then(|| challenge.to_vec()))
            }
            Event::LoggedIn { .. } => Todo::Finish,
            Event::Open { mailbox, reset, .. } => Todo::Open { mailbox, reset },
            Event::Alert(alert) => Todo::Tell(Mail::new(&alert, &self.names)),
            Event::CaughtUp => Todo::CaughtUp,
            Event::Refused { login, text, .. } => Todo::Refused { login, text: text.to_string() },
            Event::Retry { at, cause } => Todo::Retry(at, cause),
            _ => Todo::Nothing,
        }
    }

    /// A mailbox is open. Whether its cursor was of no use.
    fn opened(&mut self, mailbox: usize, reset: bool) -> Result<()> {
        if let (Some(known), Some(name)) = (self.known.get_mut(mailbox), self.names.get(mailbox)) {
            let was_known = std::mem::replace(known, true);
            if was_known && reset && self.account.protocol == Protocol::Imap {
                eprintln!(
                    "{name} is not the mailbox that it was (UIDVALIDITY); {}",
                    anew(self.cli)
                );
            }
        }
        self.keep()
    }

    fn start_tls(&mut self) -> Result<()> {
        let (watch, buffers, socket) = self.driver.split_all();
        let stream = socket.0.0.take().context("no connection")?;
        // The handshake may take its time.
        stream.set_read_timeout(time::Duration::from_secs(60))?;
        let stream = stream.into_tls(self.account)?;
        stream.set_read_timeout(TICK)?;
        socket.0.0 = Some(stream);
        Ok(watch.tls_started(&buffers.rx)?)
    }

    fn tell(&mut self, mail: &Mail) -> Result<()> {
        mail.print(self.cli, &mut io::stdout().lock())?;
        let mut tries = 1;
        while !mail.execute(&self.cli.exec, &self.cli.account.password_env) {
            if !self.is_kept {
                self.keep()?;
            }
            if self.cli.once && tries >= TRIES {
                bail!("{} never ended with 0; the mail is not taken as told", self.cli.exec[0]);
            }
            let seconds = 1_u64.checked_shl(tries - 1).unwrap_or(60).min(60);
            if !self.wait(Duration::from_secs(seconds)) {
                return Ok(());
            }
            tries += 1;
        }
        self.driver.split().0.acknowledge(mail.place, mail.uid);
        self.is_kept = false;
        self.keep_soon()
    }

    /// Keeps how far it was watched, if that is due. What was told since the last time is told
    /// again if the program is killed before the next.
    fn keep_soon(&mut self) -> Result<()> {
        let is_due = self.account.protocol == Protocol::Imap || self.kept_at.elapsed() >= KEEP;
        if self.is_kept || !is_due { Ok(()) } else { self.keep() }
    }

    /// Keeps how far it was watched.
    fn keep(&mut self) -> Result<()> {
        match self.driver.split().0 {
            Watch::Imap(watch) => {
                for watched in watch.mailboxes().iter().filter(|it| it.cursor != Cursor::new()) {
                    self.state.set(watched.mailbox, &watched.cursor.to_bytes())?;
                }
            }
            Watch::Pop3(watch) => self.state.set("INBOX", watch.record().as_bytes())?,
        }
        (self.is_kept, self.kept_at) = (true, time::Instant::now());
        Ok(())
    }
}

/// The token that a program prints.
fn token(program: &PathBuf) -> Result<Zeroizing<String>> {
    let output = Command::new(program).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        bail!("{}: {}", program.display(), output.status);
    }
    let output = Zeroizing::new(output.stdout);
    Ok(Zeroizing::new(str::from_utf8(&output)?.trim().to_owned()))
}

/// A login, by the best mechanism that the server has.
struct Exchange<'a> {
    credentials: Credentials<'a>,
    nonce: &'a [u8],
    best: Option<Best<'a>>,
    /// Whether the client speaks next, whatever the server says.
    begins: bool,
    /// How often [`Event::LogIn`] came.
    step: u8,
}

type Connected<'a> = Driver<'a, Watch<'a>, Std<Socket>, StdClock>;

impl<'a> Exchange<'a> {
    fn begin(&mut self, driver: &mut Connected<'_>) -> Result<()> {
        self.step += 1;
        let (watch, buffers) = driver.split();
        // The account says if the link may be one in clear.
        let link = Link::protected();
        let best = match watch {
            Watch::Imap(watch) => {
                let offered = watch.connection().capabilities().mechanisms();
                sasl::best(offered, self.credentials, link, self.nonce)
            }
            Watch::Pop3(watch) => {
                let offered = watch.connection().capabilities().mechanisms();
                sasl::best(offered, self.credentials, link, self.nonce)
            }
        };
        let tx = &mut buffers.tx;
        match (best, self.credentials, watch) {
            (Ok(best), _, watch) => {
                let name = best.name();
                self.begins = best.is_client_first();
                self.best = Some(best);
                match watch {
                    Watch::Imap(watch) => {
                        watch.connection_mut().send(&AuthenticateCommand::new(name), tx)?;
                    }
                    Watch::Pop3(watch) => {
                        let command = AuthCommand { mechanism: name, initial_response: None };
                        watch.connection_mut().send(&command, tx)?;
                    }
                }
            }
            // A server without mechanisms.
            (
                Err(sasl::Error::NoMechanism),
                Credentials::Password { user, password },
                Watch::Imap(watch),
            ) => {
                if watch.connection().capabilities().contains(&Capability::LoginDisabled) {
                    bail!("the server offers no way to log in");
                }
                watch.connection_mut().send(&LoginCommand { user, password }, tx)?;
            }
            (
                Err(sasl::Error::NoMechanism),
                Credentials::Password { user, password },
                Watch::Pop3(watch),
            ) => {
                let connection = watch.connection_mut();
                match self.step {
                    1 => connection.send(&UserCommand { user }, tx)?,
                    _ => connection.send(&PassCommand { password }, tx)?,
                }
            }
            (Err(error), ..) => return Err(error.into()),
        }
        Ok(())
    }

    fn respond(&mut self, challenge: Option<&[u8]>, driver: &mut Connected<'_>) -> Result<()> {
        let best = self.best.as_mut().context("a challenge without a mechanism")?;
        let response = match challenge {
            None => Err(sasl::Error::InvalidChallenge),
            Some(_) if std::mem::take(&mut self.begins) => best.initial(),
            Some(challenge) => best.respond(Challenge::new(challenge)),
        };
        let (watch, buffers) = driver.split();
        let tx = &mut buffers.tx;
        // The server then refuses.
        let give_up = |error: &sasl::Error| eprintln!("{}", printable(&error.to_string()));
        match (watch, response.inspect_err(give_up)) {
            (Watch::Imap(watch), Ok(response)) => send_imap(watch, &response, tx),
            (Watch::Imap(watch), Err(_)) => Ok(watch.connection_mut().cancel(tx)?),
            (Watch::Pop3(watch), Ok(response)) => {
                Ok(watch.connection_mut().respond(&response, tx)?)
            }
            (Watch::Pop3(watch), Err(_)) => Ok(watch.connection_mut().cancel(tx)?),
        }
    }

    /// The server says that all is well. A mechanism by which the server has to prove itself may
    /// say that it did not.
    fn finish(&mut self) -> Result<()> {
        self.best.as_mut().map_or(Ok(()), |best| best.finish()).context("cannot log in")
    }
}

fn send_imap(
    watch: &mut ImapWatch<'_>,
    response: &Response<'_>,
    tx: &mut mailwire::Tx<'_>,
) -> Result<()> {
    Ok(watch.connection_mut().respond(response, tx)?)
}
