//! One job by mailwire: `mailwire-client ADDRESS JOB …`, see `peers`.

use anyhow::{Result, bail, ensure};
use mailwire::imap::blocking::Client;
use mailwire::imap::command::SelectCommand;
use mailwire::imap::event::Fetch as Piece;
use mailwire::imap::{Event, Fetch, Item, QResync, SelectParameter, SequenceSet};
use mailwire::io::Std;
use std::hint::black_box;
use std::net::TcpStream;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, job, arguments @ ..] = &arguments[..] else { bail!("ADDRESS JOB …") };
    let socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let (mut rx, mut tx) = ([0; 64 * 1024], [0; 4 * 1024]);
    let mut mail = Client::connect(Std(socket), &mut rx, &mut tx)?;
    mail.login("alice", "password")?;
    let count = match (job.as_str(), arguments) {
        ("list", []) => {
            mail.examine("INBOX")?;
            let items = [Fetch::Uid, Fetch::Flags, Fetch::Envelope, Fetch::Rfc822Size];
            let mut messages = mail.fetch(1.., &items)?;
            let mut count = 0;
            while let Some(mut message) = messages.next()? {
                count += 1;
                while let Some(piece) = message.next()? {
                    let Piece::Item(item) = piece else { bail!("{piece:?}") };
                    if let Item::Envelope(envelope) = item {
                        // What a list of messages shows.
                        let from = envelope.from().next();
                        black_box((envelope.subject(), from, envelope.message_id()));
                    }
                    black_box(item);
                }
            }
            count
        }
        ("download", [last]) => {
            mail.examine("INBOX")?;
            let set = SequenceSet::from(1..=last.parse()?);
            let mut messages = mail.uid_fetch(set, &[Fetch::peek("")])?;
            let (mut count, mut octets) = (0, 0);
            while let Some(mut message) = messages.next()? {
                count += 1;
                while let Some(piece) = message.next()? {
                    if let Piece::Chunk(chunk) = piece {
                        octets += black_box(chunk).len();
                    }
                }
            }
            ensure!(octets > 0, "nothing came");
            count
        }
        ("sync", [uid_validity, mod_seq]) => {
            mail.enable(&["QRESYNC"])?;
            let known = QResync::new(uid_validity.parse()?, mod_seq.parse()?);
            let parameters = [SelectParameter::QResync(known)];
            let command = SelectCommand::new("INBOX").parameters(&parameters);
            let mut count = 0;
            let mut responses = mail.run(&command)?;
            while let Some(event) = responses.next()? {
                match event {
                    Event::Fetch(Piece::Start { .. }) => count += 1,
                    Event::Vanished { uids, .. } => {
                        count += uids.numbers().into_iter().flatten().count()
                    }
                    _ => {}
                }
            }
            count
        }
        _ => bail!("{job}?"),
    };
    mail.logout()?;
    println!("{count}");
    Ok(())
}
