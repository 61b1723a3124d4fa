//! An account as a URL: `imaps://user@host:port/Mailbox` (RFC 5092's form) or
//! `pop3s://user@host:port` (that of RFC 2384).

use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use url::Url;

/// Where the mail is, as command line arguments.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// `imaps://user@host:port/Mailbox` (port and mailbox may be left out) or `pop3s://user@host:port`
    /// for TLS from the start; `imap://…` or `pop3://…` for a connection in clear that becomes TLS by
    /// STARTTLS or STLS. A '@' in the user name is written %40.
    pub url: Url,

    /// Environment variable that holds the password. Without it, the terminal is asked.
    #[arg(long, value_name = "NAME", default_value = "MAILWIRE_PASSWORD")]
    pub password_env: String,

    /// Trust the certificates in this PEM file instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Send the password in clear if the URL begins with imap:// or pop3://. For servers on this
    /// machine.
    #[arg(long)]
    pub insecure: bool,
}

/// What the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS before the first byte.
    Tls,
    /// TLS by STARTTLS or STLS, before the login.
    StartTls,
    /// None.
    Clear,
}

/// Where the mail is.
#[derive(Debug)]
pub struct Account {
    /// What the server speaks.
    pub protocol: Protocol,
    /// The server's name, also the one that its certificate must have.
    pub host: String,
    /// The server's TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whose mail it is.
    pub user: String,
    /// Which mailbox; `INBOX` if the URL names none, as it must with POP3.
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
        let in_clear = if self.insecure { Security::Clear } else { Security::StartTls };
        let (protocol, security, port) = match self.url.scheme() {
            "imaps" => (Protocol::Imap, Security::Tls, 993),
            "imap" => (Protocol::Imap, in_clear, 143),
            "pop3s" => (Protocol::Pop3, Security::Tls, 995),
            "pop3" => (Protocol::Pop3, in_clear, 110),
            scheme => bail!("{scheme}:// is not one of imaps://, imap://, pop3s:// and pop3://"),
        };
        if self.url.password().is_some() {
            bail!("no password in the URL, please: set {} or be asked", self.password_env);
        }
        let host = self.url.host().context("the URL names no host")?;
        let user = decode(self.url.username())?;
        if user.is_empty() {
            bail!("the URL names no user: {}://user@host", self.url.scheme());
        }
        let mailbox = decode(self.url.path().trim_start_matches('/'))?;
        if protocol == Protocol::Pop3 && !mailbox.is_empty() {
            bail!("with POP3 there is but one mailbox, and no name for it");
        }
        Ok(Account {
            protocol,
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

impl Account {
    /// For programs that speak one protocol only.
    ///
    /// # Errors
    ///
    /// If the account's server speaks another.
    pub fn only(self, protocol: Protocol) -> Result<Self> {
        match protocol {
            _ if protocol == self.protocol => Ok(self),
            Protocol::Imap => bail!("this is for imaps:// and imap:// only"),
            Protocol::Pop3 => bail!("this is for pop3s:// and pop3:// only"),
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
        assert_eq!((it.protocol, it.security), (Protocol::Imap, Security::Clear));

        let it = account(&["pop3s://a@mail.example"]).unwrap();
        assert_eq!((it.protocol, it.port, it.security), (Protocol::Pop3, 995, Security::Tls));
        let it = account(&["pop3://a@mail.example/"]).unwrap();
        assert_eq!((it.port, it.security), (110, Security::StartTls));
        assert!(it.only(Protocol::Imap).is_err());
        let it = account(&["--insecure", "pop3://a@localhost"]).unwrap();
        assert_eq!(it.only(Protocol::Pop3).unwrap().security, Security::Clear);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for url in [
            "https://a@b",
            "imaps://b",
            "imaps://a:secret@b",
            "imaps://a%ff@b",
            "pop3://a@b/c",
            "x",
        ] {
            assert!(account(&[url]).is_err(), "{url}");
        }
    }
}
