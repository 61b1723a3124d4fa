//! A small file that is there whole, in its old form or in its new one, whenever one is killed.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Lines of `name hex`, after a head line that names the account.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    head: String,
    lines: Vec<(String, Vec<u8>)>,
}

impl State {
    /// Where the state of an account is kept if nobody says it: `$XDG_STATE_HOME/mailwire`, else
    /// `~/.local/state/mailwire`.
    ///
    /// # Errors
    ///
    /// If there is no home.
    pub fn place(account: &str) -> Result<PathBuf> {
        let folder = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))
            .context("there is no home to keep the state in; use --state FILE")?;
        Ok(folder.join("mailwire").join(format!("watch-{}", escaped(account))))
    }

    /// Reads the file, if it is there.
    ///
    /// # Errors
    ///
    /// If it is of another account, or none of these, or cannot be read.
    pub fn open(path: &Path, account: &str) -> Result<Self> {
        let head = format!("mailwire-watch {}", escaped(account));
        let mut this = Self { path: path.into(), head, lines: Vec::new() };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(this),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let mut lines = text.lines();
        if lines.next() != Some(&this.head) {
            bail!("{} is not the state of {account}", path.display());
        }
        for line in lines {
            let read = || {
                let (name, hex) = line.split_once(' ')?;
                let name = percent_encoding::percent_decode_str(name).decode_utf8().ok()?;
                let digits = hex.as_bytes().chunks(2);
                let bytes =
                    digits.map(|two| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok());
                Some((name.into_owned(), bytes.collect::<Option<_>>()?))
            };
            this.lines
                .push(read().with_context(|| format!("{} is damaged: {line}", path.display()))?);
        }
        Ok(this)
    }

    /// What was kept under this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.lines.iter().find(|(known, _)| known == name).map(|(_, bytes)| &bytes[..])
    }

    /// Keeps this under a name. Once it returns, that is on the disk.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then the file is as it was.
    pub fn set(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        if self.get(name) == Some(bytes) {
            return Ok(());
        }
        match self.lines.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = bytes.into(),
            None => self.lines.push((name.into(), bytes.into())),
        }
        self.write().with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn write(&self) -> std::io::Result<()> {
        let mut text = format!("{}\n", self.head);
        for (name, bytes) in &self.lines {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            text += &format!("{} {hex}\n", escaped(name));
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        // So that the new name is on the disk, too.
        if cfg!(unix) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// A word for a line, and a name for a file.
fn escaped(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept() {
        let folder = std::env::temp_dir().join(format!("mailwire-state-{}", std::process::id()));
        let path = folder.join("a/b");
        let mut state = State::open(&path, "me@x").unwrap();
        assert_eq!(state.get("INBOX"), None);
        state.set("INBOX", &[1, 0xfe]).unwrap();
        state.set("a b\n", b"").unwrap();
        state.set("INBOX", &[2, 0xff]).unwrap();
        let state = State::open(&path, "me@x").unwrap();
        assert_eq!(
            (state.get("INBOX"), state.get("a b\n")),
            (Some(&[2, 0xff][..]), Some(&b""[..]))
        );
        assert!(State::open(&path, "you@x").is_err());
        fs::write(&path, "mailwire-watch me%40x\nINBOX 0\u{e9}\n").unwrap();
        assert!(State::open(&path, "me@x").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
