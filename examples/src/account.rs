//! An account as a URL: `imaps://user@host:port/Mailbox` (RFC 5092's form).

use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use url::Url;

/// Where the mail is, as command line arguments.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// `imaps://user@host:port/Mailbox` (port and mailbox may be left out) for TLS from the start; `imap://…` for a connection
    /// in clear that becomes TLS by STARTTLS. A '@' in the user name is written %40.
    pub url: Url,

    /// Environment variable that holds the password. Without it, the terminal is asked.
    #[arg(long, value_name = "NAME", default_value = "MAILWIRE_PASSWORD")]
    pub password_env: String,

    /// Trust the certificates in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Send the password in clear if the URL begins with imap://. For servers on this machine.
    #[arg(long)]
    pub insecure: bool,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS before the first byte.
    Tls,
    /// TLS by STARTTLS, before the login.
    StartTls,
    /// None.
    Clear,
}

/// Where the mail is.
#[derive(Debug)]
pub struct Account {
    /// The server's name, also the one that its certificate must have.
    pub host: String,
    /// The server's TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whose mail it is.
    pub user: String,
    /// Which mailbox; `INBOX` if the URL names none.
    pub mailbox: String,
    /// Certificates to trust in place of the system's.
    pub ca: Option<PathBuf>,
}

impl AccountArgs {
    /// Reads the URL.
    ///
    /// # Errors
    ///
    /// If it is of another scheme, names no host or no user, or holds a password: those are
    /// seen by everybody on the machine.
    pub fn account(&self) -> Result<Account> {
        let (security, port) = match (self.url.scheme(), self.insecure) {
            ("imaps", _) => (Security::Tls, 993),
            ("imap", false) => (Security::StartTls, 143),
            ("imap", true) => (Security::Clear, 143),
            (scheme, _) => bail!("{scheme}:// is not one of imaps:// and imap://"),
        };
        if self.url.password().is_some() {
            bail!("no password in the URL, please: set {} or be asked", self.password_env);
        }
        let host = self.url.host().context("the URL names no host")?;
        let user = decode(self.url.username())?;
        if user.is_empty() {
            bail!("the URL names no user: imaps://user@host");
        }
        let mailbox = decode(self.url.path().trim_start_matches('/'))?;
        Ok(Account {
            // An IPv6 address stands in brackets in a URL, and nowhere else.
            host: host.to_string().trim_matches(['[', ']']).to_owned(),
            port: self.url.port().unwrap_or(port),
            security,
            user,
            mailbox: if mailbox.is_empty() { "INBOX".into() } else { mailbox },
            ca: self.ca.clone(),
        })
    }

    /// The password, from the environment or from whoever sits at the terminal.
    ///
    /// # Errors
    ///
    /// If there is neither.
    pub fn password(&self) -> Result<String> {
        match std::env::var(&self.password_env) {
            Ok(password) => Ok(password),
            Err(_) => rpassword::prompt_password("Password: ")
                .with_context(|| format!("no terminal to ask on; set {}", self.password_env)),
        }
    }
}

/// Undoes the %-escapes of a part of a URL.
fn decode(part: &str) -> Result<String> {
    let text = percent_encoding::percent_decode_str(part).decode_utf8();
    Ok(text.with_context(|| format!("{part} is not UTF-8"))?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        account: AccountArgs,
    }

    fn account(args: &[&str]) -> Result<Account> {
        Cli::try_parse_from([&["test"], args].concat())?.account.account()
    }

    #[test]
    fn urls_name_accounts() {
        let it = account(&["imaps://alice@mail.example/"]).unwrap();
        assert_eq!((it.host.as_str(), it.port, it.security), ("mail.example", 993, Security::Tls));
        assert_eq!((it.user.as_str(), it.mailbox.as_str()), ("alice", "INBOX"));

        let it = account(&["imap://me%40x.org@[::1]:1143/Entw%C3%BCrfe/2026"]).unwrap();
        assert_eq!((it.host.as_str(), it.port, it.security), ("::1", 1143, Security::StartTls));
        assert_eq!((it.user.as_str(), it.mailbox.as_str()), ("me@x.org", "Entwürfe/2026"));

        let it = account(&["--insecure", "imap://a@localhost"]).unwrap();
        assert_eq!(it.security, Security::Clear);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for url in ["https://a@b", "imaps://b", "imaps://a:secret@b", "imaps://a%ff@b", "x"] {
            assert!(account(&[url]).is_err(), "{url}");
        }
    }
}
