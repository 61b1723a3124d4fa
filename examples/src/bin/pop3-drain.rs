//! Fetches the mail of a POP3 account into a folder, a file each, and then deletes it on the
//! server.
//!
//! ```sh
//! cargo run --bin pop3-drain -- pop3s://me@mail.example Mail
//! ```

use anyhow::{Context, Result, bail};
use clap::Parser;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use mailwire::io::{Std, StdClock};
use mailwire::pop3::blocking::Client;
use mailwire::pop3::{ClientError, Config};
use mailwire::sasl::{Credentials, Link};
use mailwire_examples::account::{Account, AccountArgs, Protocol, Security};
use mailwire_examples::store::Store;
use mailwire_examples::text::{ended, printable};
use mailwire_examples::transport::Stream;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

type Mail<'b> = Client<'b, Std<Stream>, StdClock>;

/// Fetch what is new in a POP3 maildrop into a folder, and delete it on the server.
///
/// Each message becomes a file, byte by byte as the server gave it. It is deleted on the server
/// only once it is safely on disk, and only at the end of a session that went well. Whenever this
/// is killed, nothing is lost, and the next run goes on where it was: the folder knows what it
/// keeps (in the file .pop3-drain).
///
/// Messages are known again by their unique-ids. To those to which the server gives none, or the
/// same as to others, only by their content: with --keep, they are fetched each time, but not
/// kept twice.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    account: AccountArgs,

    /// The folder, for this account alone. It is made if need be.
    folder: PathBuf,

    /// Delete nothing on the server.
    #[arg(long)]
    keep: bool,
}

/// A message on the server.
struct Message {
    number: u32,
    size: u64,
    uid: Vec<u8>,
}

fn main() -> ExitCode {
    ended(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<()> {
    let account = cli.account.account()?.only(Protocol::Pop3)?;
    let password = cli.account.password()?;
    // The longest line of a list; messages of any size pass through.
    let (mut rx, mut tx) = ([0; 16 * 1024], [0; 2 * 1024]);
    let mut mail = connect(&account, &mut rx, &mut tx)?;
    let mut nonce = [0; 18];
    getrandom::fill(&mut nonce)?;
    // The account says if the link may be one in clear.
    let credentials = Credentials::password(&account.user, password.as_str());
    mail.authenticate_best(credentials, Link::protected(), &nonce)
        .with_context(|| format!("{} cannot log in", account.user))?;

    // The maildrop is ours from here on, and with it the folder.
    let name = format!("{}@{}:{}", account.user.escape_default(), account.host, account.port);
    let mut store = Store::open(&cli.folder, &name)?;
    let there = messages(&mut mail)?;
    let uses = there.iter().fold(HashMap::<&[u8], u32>::new(), |mut uses, it| {
        *uses.entry(&it.uid).or_default() += 1;
        uses
    });
    let (old, new): (Vec<&Message>, Vec<_>) =
        there.iter().partition(|it| uses[&it.uid[..]] == 1 && store.has(&it.uid, it.size));
    let Fetched { mut here, kept, bytes, refused } = fetch(&mut mail, &mut store, &new)?;
    let known = old.len() + here.len() - kept;
    here.extend(old.iter().map(|it| it.number));

    if !cli.keep {
        for &number in &here {
            mail.dele(number).with_context(|| format!("cannot delete message {number}"))?;
        }
        store.will_quit()?;
    }
    mail.quit().context("the server may not have deleted everything")?;
    store.forget(!cli.keep, refused == 0)?;
    let deleted = if cli.keep { 0 } else { here.len() };
    println!(
        "Fetched {kept} ({}), {known} were here already, deleted {deleted} on the server.",
        HumanBytes(bytes)
    );
    if refused > 0 {
        bail!("the server did not give {refused} of the messages; they are still there");
    }
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

/// All messages in the maildrop.
fn messages(mail: &mut Mail<'_>) -> Result<Vec<Message>> {
    let mut there = BTreeMap::new();
    let mut sizes = mail.list()?;
    while let Some(it) = sizes.next()? {
        there.insert(it.number, (it.size, Vec::new()));
    }
    // There are servers without it.
    match uids(mail, &mut there) {
        Err(ClientError::Refused(_)) => {}
        result => result?,
    }
    let message = |(number, (size, uid))| Message { number, size, uid };
    Ok(there.into_iter().map(message).collect())
}

/// Adds the unique-ids.
fn uids(
    mail: &mut Mail<'_>,
    there: &mut BTreeMap<u32, (u64, Vec<u8>)>,
) -> Result<(), ClientError<std::io::Error>> {
    let mut uids = mail.uidl()?;
    while let Some(it) = uids.next()? {
        if let Some((_, uid)) = there.get_mut(&it.number) {
            *uid = it.uid.bytes().collect();
        }
    }
    Ok(())
}

/// What came of fetching.
struct Fetched {
    /// The messages that are in the folder.
    here: Vec<u32>,
    /// How many of them are new there.
    kept: usize,
    /// Their size.
    bytes: u64,
    /// How many the server did not give.
    refused: usize,
}

/// Fetches messages into the folder.
fn fetch(mail: &mut Mail<'_>, store: &mut Store, new: &[&Message]) -> Result<Fetched> {
    let mut fetched = Fetched { here: Vec::new(), kept: 0, bytes: 0, refused: 0 };
    let bar = ProgressBar::new(new.iter().map(|it| it.size).sum());
    bar.set_style(ProgressStyle::with_template(
        "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
    )?);
    let mut messages = mail.retr_all(new.iter().map(|it| it.number));
    // They come in the order in which they were asked for.
    for (count, it) in new.iter().enumerate() {
        bar.set_message(format!("{}/{}", count + 1, new.len()));
        let mut message = match messages.next() {
            Err(ClientError::Refused(why)) => {
                bar.suspend(|| eprintln!("Message {}: {}", it.number, printable(&why.to_string())));
                fetched.refused += 1;
                continue;
            }
            message => message?.context("the server gave fewer messages than it listed")?,
        };
        let mut file = store.begin()?;
        let mut size = 0;
        while let Some(bytes) = message.next()? {
            file.write_all(bytes)?;
            size += bytes.len() as u64;
            bar.inc(bytes.len() as u64);
        }
        if store.keep(file, &it.uid, it.size)? {
            fetched.kept += 1;
            fetched.bytes += size;
        }
        fetched.here.push(it.number);
    }
    while messages.next()?.is_some() {}
    bar.finish_and_clear();
    Ok(fetched)
}
