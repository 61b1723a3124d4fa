//! A small file that is there whole, in its old form or in its new one, whenever one is killed.

use anyhow::{Context, Result, bail};
use fs4::fs_std::FileExt;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Lines of `name hex`, after a head line that names the account. Several programs may keep theirs
/// in one file, each under names of its own.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    head: String,
    lines: Vec<(String, Vec<u8>)>,
    /// Locks on the names that are this program's.
    held: Vec<(String, File)>,
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
        let mut this = Self { path: path.into(), head, lines: Vec::new(), held: Vec::new() };
        this.lines = this.read()?;
        Ok(this)
    }

    /// Takes a name for this program alone, for as long as it runs, and reads what is kept.
    ///
    /// # Errors
    ///
    /// If another program has it, or if it cannot be locked or read.
    pub fn hold(&mut self, name: &str) -> Result<()> {
        if self.held.iter().any(|(held, _)| held == name) {
            return Ok(());
        }
        // A hash: names may be too long for a file's.
        let hash: String =
            Sha256::digest(name).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = self.beside(&format!(".{hash}.lock"));
        let is_free = self
            .lock_file(&path)
            .and_then(|file| Ok(FileExt::try_lock_exclusive(&file)?.then_some(file)))
            .with_context(|| format!("cannot lock {}", path.display()))?;
        let Some(file) = is_free else {
            bail!("another program watches {name} and keeps that in {}", self.path.display());
        };
        self.held.push((name.into(), file));
        self.lines = self.read()?;
        Ok(())
    }

    fn read(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let path = self.path.display();
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {path}")),
        };
        let mut lines = text.lines();
        if lines.next() != Some(&self.head) {
            bail!("{path} is not the state of this account");
        }
        let read = |line: &str| {
            let (name, hex) = line.split_once(' ')?;
            let name = percent_encoding::percent_decode_str(name).decode_utf8().ok()?;
            let digits = hex.as_bytes().chunks(2);
            let bytes = digits.map(|two| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok());
            Some((name.into_owned(), bytes.collect::<Option<_>>()?))
        };
        lines.map(|line| read(line).with_context(|| format!("{path} is damaged: {line}"))).collect()
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
        self.change(name, bytes).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Others may have written their lines since.
    fn change(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let lock = self.lock_file(&self.beside(".lock"))?;
        FileExt::lock_exclusive(&lock)?;
        let mut lines = self.read()?;
        match lines.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = bytes.into(),
            None => lines.push((name.into(), bytes.into())),
        }
        self.write(&lines)?;
        self.lines = lines;
        Ok(())
    }

    fn write(&self, lines: &[(String, Vec<u8>)]) -> io::Result<()> {
        let mut text = format!("{}\n", self.head);
        for (name, bytes) in lines {
            text += &escaped(name);
            text.push(' ');
            for byte in bytes {
                // To a String, that cannot fail.
                let _ = write!(text, "{byte:02x}");
            }
            text.push('\n');
        }
        let new = self.beside(".new");
        // Left behind by one that was killed, or put there by somebody else.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private().create_new(true).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        // So that the new name is on the disk, too.
        if cfg!(unix) {
            File::open(self.folder())?.sync_all()?;
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    /// The file's name and something behind it.
    fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(end);
        path.into()
    }

    /// A file to lock, made if it is not there. It stays: if it were removed, two could lock two.
    fn lock_file(&self, path: &Path) -> io::Result<File> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(self.folder())?;
        private().create(true).truncate(false).open(path)
    }
}

/// To write what only the user may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
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

    /// Two programs watch two mailboxes of one account.
    #[test]
    fn two_programs() {
        let folder = std::env::temp_dir().join(format!("mailwire-two-{}", std::process::id()));
        let path = folder.join("s");
        let mut inbox = State::open(&path, "me@x").unwrap();
        let mut work = State::open(&path, "me@x").unwrap();
        inbox.hold("INBOX").unwrap();
        inbox.hold("INBOX").unwrap();
        work.hold("Work").unwrap();
        inbox.set("INBOX", &[1]).unwrap();
        work.set("Work", &[2]).unwrap();
        let mut state = State::open(&path, "me@x").unwrap();
        assert_eq!((state.get("INBOX"), state.get("Work")), (Some(&[1][..]), Some(&[2][..])));
        let error = state.hold("INBOX").unwrap_err().to_string();
        assert!(error.starts_with("another program watches INBOX"), "{error}");
        inbox.set("INBOX", &[3]).unwrap();
        drop(inbox);
        state.hold("INBOX").unwrap();
        assert_eq!(state.get("INBOX"), Some(&[3][..]));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn set_again_after_a_failure() {
        let folder = std::env::temp_dir().join(format!("mailwire-again-{}", std::process::id()));
        let path = folder.join("a/s");
        let mut state = State::open(&path, "me@x").unwrap();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a"), "").unwrap();
        assert!(state.set("INBOX", &[1]).is_err());
        assert!(state.set("INBOX", &[1]).is_err(), "it says that it is on the disk");
        fs::remove_file(folder.join("a")).unwrap();
        state.set("INBOX", &[1]).unwrap();
        assert_eq!(State::open(&path, "me@x").unwrap().get("INBOX"), Some(&[1][..]));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_may_read_it() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = std::env::temp_dir().join(format!("mailwire-mode-{}", std::process::id()));
        let path = folder.join("s");
        let mut state = State::open(&path, "me@x").unwrap();
        state.set("INBOX", &[1]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        // What somebody put there is not written through.
        let other = folder.join("other");
        fs::write(&other, "other").unwrap();
        symlink(&other, folder.join("s.new")).unwrap();
        state.set("INBOX", &[2]).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "other");
        fs::remove_dir_all(&folder).unwrap();
    }
}
