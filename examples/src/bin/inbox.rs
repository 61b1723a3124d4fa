//! Shows the newest messages of a mailbox: who, what, when, and which flags. Saves one of
//! them, of any size, to a file.
//!
//! ```sh
//! cargo run --bin inbox -- imaps://me@mail.example
//! ```

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use mailwire::imap::blocking::Client;
use mailwire::imap::event::Fetch as Piece;
use mailwire::imap::{Config, Envelope, Fetch, Item};
use mailwire::io::{Std, StdClock};
use mailwire::message::Text;
use mailwire::sasl::{Credentials, Link};
use mailwire_examples::account::{Account, AccountArgs, Protocol, Security};
use mailwire_examples::text::{ended, printable};
use mailwire_examples::transport::Stream;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

type Mail<'b> = Client<'b, Std<Stream>, StdClock>;

/// Show the newest messages of a mailbox. Nothing on the server is changed by it.
#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    account: AccountArgs,

    /// How many messages to show.
    #[arg(short, long, value_name = "COUNT", default_value_t = 10)]
    number: u32,

    /// Do not list the mailboxes.
    #[arg(short, long)]
    quiet: bool,

    /// Save the message with this UID to the file given by --to.
    #[arg(long, value_name = "UID", requires = "to")]
    save: Option<u32>,

    /// Where to save it.
    #[arg(long, value_name = "FILE", requires = "save")]
    to: Option<PathBuf>,
}

fn main() -> ExitCode {
    ended(run(&Cli::parse(), &mut io::stdout().lock()))
}

fn run(cli: &Cli, out: &mut impl Write) -> Result<()> {
    let account = cli.account.account()?.only(Protocol::Imap)?;
    // The largest response that is held at once; messages of any size pass through.
    let (mut rx, mut tx) = ([0; 16 * 1024], [0; 2 * 1024]);
    let mut mail = connect(&account, &mut rx, &mut tx)?;
    let password = cli.account.password()?;
    let mut nonce = [0; 18];
    getrandom::fill(&mut nonce)?;
    // The account says if the link may be one in clear.
    let credentials = Credentials::password(&account.user, password.as_str());
    mail.authenticate_best(credentials, Link::protected(), &nonce)
        .with_context(|| format!("{} cannot log in", account.user))?;

    if !cli.quiet {
        writeln!(out, "Mailboxes:")?;
        let mut mailboxes = mail.list("", "*")?;
        while let Some(it) = mailboxes.next()? {
            writeln!(out, "  {}", printable(&it.mailbox.to_string()))?;
        }
        writeln!(out)?;
    }
    let mailbox = mail
        .examine(&account.mailbox)
        .with_context(|| format!("cannot open {}", account.mailbox))?;
    writeln!(out, "{}: {} messages", account.mailbox, mailbox.exists)?;
    if mailbox.exists > 0 && cli.number > 0 {
        show(&mut mail, out, mailbox.exists.saturating_sub(cli.number - 1).max(1))?;
    }
    if let (Some(uid), Some(file)) = (cli.save, &cli.to) {
        let size = save(&mut mail, uid, file)?;
        writeln!(out, "Saved {size} bytes to {}", file.display())?;
    }
    mail.logout()?;
    Ok(())
}

/// Connects, secured as the account says.
fn connect<'b>(account: &Account, rx: &'b mut [u8], tx: &'b mut [u8]) -> Result<Mail<'b>> {
    let socket = Stream::connect(account)?;
    let socket = match account.security {
        Security::Tls => socket.into_tls(account)?,
        Security::StartTls | Security::Clear => socket,
    };
    let mail = Client::connect_with(Config::default(), StdClock::new(), Std(socket), rx, tx)?;
    if account.security != Security::StartTls {
        return Ok(mail);
    }
    let (Std(socket), mail) = mail.start_tls()?;
    Ok(mail.secured(Std(socket.into_tls(account)?))?)
}

/// Prints the messages from number `first` on.
fn show(mail: &mut Mail<'_>, out: &mut impl Write, first: u32) -> Result<()> {
    let items = [Fetch::Uid, Fetch::Flags, Fetch::Rfc822Size, Fetch::InternalDate, Fetch::Envelope];
    let mut messages = mail.fetch(first.., &items)?;
    while let Some(mut message) = messages.next()? {
        let (mut uid, mut size, mut date, mut flags) = (0, 0, String::new(), String::new());
        let (mut from, mut subject) = (String::new(), String::new());
        while let Some(piece) = message.next()? {
            match piece {
                Piece::Item(Item::Uid(number)) => uid = number,
                Piece::Item(Item::Rfc822Size(octets)) => size = octets,
                Piece::Item(Item::InternalDate(moment)) => date = moment.to_string(),
                Piece::Item(Item::Flags(set)) => {
                    flags = set.iter().map(|flag| flag.to_string()).collect::<Vec<_>>().join(" ");
                    flags = printable(&flags);
                }
                Piece::Item(Item::Envelope(envelope)) => {
                    from = sender(&envelope);
                    subject =
                        printable(&Text::new(envelope.subject().unwrap_or_default()).to_string());
                }
                _ => {}
            }
        }
        writeln!(out, "{uid:>8}  {date}  {size:>9} B  {from}")?;
        writeln!(out, "          {subject}  {}", if flags.is_empty() { "new" } else { &flags })?;
    }
    Ok(())
}

/// Writes a message to a file as it comes, and returns its size.
fn save(mail: &mut Mail<'_>, uid: u32, path: &PathBuf) -> Result<u64> {
    let items = [Fetch::peek("")];
    let mut messages = mail.uid_fetch(uid, &items)?;
    let mut saved = None;
    while let Some(mut message) = messages.next()? {
        while let Some(piece) = message.next()? {
            match (piece, &mut saved) {
                (Piece::Body(_), _) => saved = Some((File::create(path)?, 0)),
                (Piece::Chunk(bytes), Some((file, size))) => {
                    file.write_all(bytes)?;
                    *size += bytes.len() as u64;
                }
                _ => {}
            }
        }
    }
    let (file, size) = saved.ok_or_else(|| anyhow!("there is no message with UID {uid}"))?;
    file.sync_all()?;
    Ok(size)
}

/// The first sender's name, or else the address.
fn sender(envelope: &Envelope<'_>) -> String {
    let Some(address) = envelope.from().next() else { return "(nobody)".into() };
    match address.name.filter(|name| !name.is_empty()) {
        Some(name) => printable(&Text::new(name).to_string()),
        None => printable(&address.to_string()),
    }
}
