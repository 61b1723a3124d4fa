//! The same jobs by async-imap.

use anyhow::{Result, bail, ensure};
use futures::TryStreamExt as _;
use std::hint::black_box;
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, job, arguments @ ..] = &arguments[..] else { bail!("ADDRESS JOB …") };
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let mut client = async_imap::Client::new(socket);
    ensure!(client.read_response().await?.is_some(), "no greeting");
    let mut mail = client.login("alice", "password").await.map_err(|(error, _)| error)?;
    mail.examine("INBOX").await?;
    let count = match (job.as_str(), arguments) {
        ("list", []) => {
            let mut messages = mail.fetch("1:*", "(UID FLAGS ENVELOPE RFC822.SIZE)").await?;
            let mut count = 0;
            while let Some(message) = messages.try_next().await? {
                ensure!(message.envelope().is_some(), "no envelope");
                count += 1;
                black_box(message);
            }
            count
        }
        ("download", [last]) => {
            let mut messages = mail.uid_fetch(format!("1:{last}"), "BODY.PEEK[]").await?;
            let mut count = 0;
            while let Some(message) = messages.try_next().await? {
                ensure!(message.body().is_some_and(|body| !body.is_empty()), "no body");
                count += 1;
                black_box(message);
            }
            count
        }
        // It knows no QRESYNC: what changed, by CONDSTORE.
        ("sync", [_, mod_seq]) => {
            let items = format!("(FLAGS) (CHANGEDSINCE {mod_seq})");
            let mut messages = mail.uid_fetch("1:*", items).await?;
            let mut count = 0;
            while let Some(message) = messages.try_next().await? {
                count += 1;
                black_box(message);
            }
            count
        }
        _ => bail!("{job}?"),
    };
    mail.logout().await?;
    println!("{count}");
    Ok(())
}
