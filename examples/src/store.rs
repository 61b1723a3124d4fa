//! A folder of messages that can be killed at any moment: each is there whole or not at all,
//! and known to be there.
//!
//! A message is written to `.pop3-drain.part` and synced; then its line in `.pop3-drain` is
//! written and synced, which is the moment from which it counts as kept; then it gets its name.
//! What a kill left undone, the next [`Store::open`] does.

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// What is kept: a head line that names the account, a line for each message, and [`QUIT`].
const RECORD: &str = ".pop3-drain";
/// The record that is about to replace it.
const NEW: &str = ".pop3-drain.new";
/// The message that is being written.
const PART: &str = ".pop3-drain.part";

/// The line that says that the server was about to delete messages.
const QUIT: &str = "quit";

/// A message that was kept, and may still be on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its unique-id; empty if the server gave it none.
    pub uid: Vec<u8>,
    /// Its size as the server told it.
    pub size: u64,
    /// The SHA-256 of its bytes, in hex.
    pub hash: String,
    /// Its file in the folder.
    pub name: String,
}

impl Kept {
    /// A line of the record.
    fn line(&self) -> String {
        let Self { uid, size, hash, name } = self;
        let mut line = format!("{size} {hash} {name} ");
        for &byte in uid {
            match byte {
                b'!'..=b'$' | b'&'..=b'~' => line.push(char::from(byte)),
                _ => {
                    let _ = write!(line, "%{byte:02x}");
                }
            }
        }
        line.push('\n');
        line
    }

    /// The same, read.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let mut next = || words.next();
        let (size, hash, name, uid) = (next()?, next()?, next()?, next()?);
        let is_name = !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_safe);
        if hash.len() != 64 || !is_name || next().is_some() {
            return None;
        }
        Some(Self {
            uid: percent_encoding::percent_decode_str(uid).collect(),
            size: size.parse().ok()?,
            hash: hash.into(),
            name: name.into(),
        })
    }
}

/// What may stand in the name of a file, on any system.
fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// The folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    account: String,
    /// Each with whether it was met on the server in this session.
    kept: Vec<(Kept, bool)>,
    /// Whether some of them may be deleted on the server: it was told to, and its answer was not
    /// heard.
    in_doubt: bool,
    record: File,
}

/// A message that is being written.
#[derive(Debug)]
pub struct Incoming {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Write for Incoming {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Store {
    /// Opens a folder, which is made if need be, for the messages of an account. To be called
    /// while the account's maildrop is locked by its server, so that there is but one at work.
    ///
    /// # Errors
    ///
    /// If the folder is of another account, its record cannot be understood, or something
    /// cannot be read or written.
    pub fn open(folder: &Path, account: &str) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(RECORD);
        let broken = || format!("{} is not as this program leaves it", path.display());
        let (mut kept, mut in_doubt) = (Vec::new(), false);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => bail!("cannot read {}: {error}", path.display()),
            Ok(bytes) => {
                // A line without its end is one that was being written.
                let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                let text = std::str::from_utf8(&bytes[..end]).with_context(broken)?;
                let mut lines = text.lines();
                let of = lines.next().and_then(|head| head.strip_prefix("account "));
                let of = of.with_context(broken)?;
                if of != account {
                    bail!("{} is the folder of {of}, not of {account}", folder.display());
                }
                for line in lines {
                    if line == QUIT {
                        in_doubt = true;
                        continue;
                    }
                    kept.push((Kept::parse(line).with_context(broken)?, false));
                }
            }
        }
        let record = write_record(folder, account, &kept, in_doubt)?;
        let (folder, account) = (folder.into(), account.into());
        let mut this = Self { folder, account, kept, in_doubt, record };
        this.recover()?;
        Ok(this)
    }

    /// Does what was left undone: the last message that was kept may not have its name yet.
    fn recover(&mut self) -> Result<()> {
        let part = self.folder.join(PART);
        let mut file = match File::open(&part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let Some((last, _)) = self.kept.last() else { return Ok(fs::remove_file(part)?) };
        let (hash, path) = (last.hash.clone(), self.folder.join(&last.name));
        let mut hasher = Sha256::new();
        let mut bytes = vec![0; 1 << 16];
        loop {
            match file.read(&mut bytes)? {
                0 => break,
                count => hasher.update(&bytes[..count]),
            }
        }
        if hex(hasher) != hash || path.exists() {
            return Ok(fs::remove_file(part)?);
        }
        fs::rename(part, path)?;
        sync_folder(&self.folder)
    }

    /// Whether this is a message that was kept. Only `true` if there can be no doubt: the caller
    /// knows that no other on the server has this `uid`. Its size matters only if the message may
    /// have been deleted, and the unique-id been given to another: there are servers where a
    /// message grows by being read.
    pub fn has(&mut self, uid: &[u8], size: u64) -> bool {
        let mut alike = self.kept.iter_mut().filter(|(kept, _)| kept.uid == uid);
        match (alike.next(), alike.next()) {
            (Some((kept, met)), None)
                if !uid.is_empty() && (kept.size == size || !self.in_doubt) =>
            {
                *met = true;
                true
            }
            _ => false,
        }
    }

    /// Begins to write a message.
    ///
    /// # Errors
    ///
    /// If the file cannot be made.
    pub fn begin(&self) -> Result<Incoming> {
        let file = File::create(self.folder.join(PART))?;
        Ok(Incoming { file: BufWriter::with_capacity(1 << 16, file), hash: Sha256::new() })
    }

    /// Ends it: when this returns, the message will be in the folder whatever happens. `false`
    /// if it was there already, by all that can be known of a message without a unique-id of
    /// its own: its bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be written. It then does not count as kept.
    pub fn keep(&mut self, message: Incoming, uid: &[u8], size: u64) -> Result<bool> {
        let hash = hex(message.hash);
        let part = self.folder.join(PART);
        let file = message.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let the_same = |kept: &Kept| {
            kept.hash == hash && (kept.uid == uid || kept.uid.is_empty() || uid.is_empty())
        };
        if let Some((_, met)) = self.kept.iter_mut().find(|(kept, met)| !met && the_same(kept)) {
            *met = true;
            drop(file);
            fs::remove_file(part)?;
            return Ok(false);
        }
        file.sync_all()?;
        drop(file);
        let name = self.free_name(uid, &hash);
        let kept = Kept { uid: uid.into(), size, hash, name };
        self.record.write_all(kept.line().as_bytes())?;
        self.record.sync_all()?;
        fs::rename(part, self.folder.join(&kept.name))?;
        sync_folder(&self.folder)?;
        self.kept.push((kept, true));
        Ok(true)
    }

    /// A name that no file has, nor one that was kept, after the unique-id as far as that is
    /// safe.
    fn free_name(&self, uid: &[u8], hash: &str) -> String {
        let uid: String = uid
            .iter()
            .take(80)
            .map(|&byte| if is_safe(byte) { byte.into() } else { '_' })
            .collect();
        let base =
            if uid.is_empty() { format!("mail-{}", &hash[..16]) } else { format!("mail-{uid}") };
        let taken = |name: &String| {
            let alike = |(kept, _): &(Kept, bool)| kept.name.eq_ignore_ascii_case(name);
            self.kept.iter().any(alike) || self.folder.join(name).symlink_metadata().is_ok()
        };
        let first = format!("{base}.eml");
        if !taken(&first) {
            return first;
        }
        let others = (2_u64..).map(|n| format!("{base}-{n}.eml"));
        others.into_iter().find(|name| !taken(name)).unwrap_or(first)
    }

    /// Notes that the server is about to be told to delete messages.
    ///
    /// # Errors
    ///
    /// If the record cannot be written.
    pub fn will_quit(&mut self) -> Result<()> {
        self.in_doubt = true;
        writeln!(self.record, "{QUIT}")?;
        Ok(self.record.sync_all()?)
    }

    /// Forgets, after the session has ended well, what is not on the server any more: all that
    /// was `deleted`, or else what was not met.
    ///
    /// # Errors
    ///
    /// If the record cannot be written; it then stays as it was.
    pub fn forget(&mut self, deleted: bool, all_met: bool) -> Result<()> {
        self.kept.retain(|(_, met)| if *met { !deleted } else { !all_met });
        self.in_doubt = false;
        self.record = write_record(&self.folder, &self.account, &self.kept, false)?;
        Ok(())
    }
}

/// Replaces the record, at once or not at all, and returns it ready for more lines.
fn write_record(
    folder: &Path,
    account: &str,
    kept: &[(Kept, bool)],
    in_doubt: bool,
) -> Result<File> {
    let mut text = format!("account {account}\n");
    for (kept, _) in kept {
        text.push_str(&kept.line());
    }
    if in_doubt {
        text.push_str(QUIT);
        text.push('\n');
    }
    let (new, path) = (folder.join(NEW), folder.join(RECORD));
    let mut file = File::create(&new).with_context(|| format!("cannot write {}", new.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, &path)?;
    sync_folder(folder)?;
    Ok(OpenOptions::new().append(true).open(path)?)
}

/// Makes the names in a folder last. Only Unix has, and needs, a way to.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("mw-store-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        fn open(&self) -> Store {
            Store::open(&self.0, "a@b").unwrap()
        }

        /// The messages in it.
        fn files(&self) -> BTreeMap<String, String> {
            fs::read_dir(&self.0)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name != RECORD)
                .map(|name| (name.clone(), fs::read_to_string(self.0.join(name)).unwrap()))
                .collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn keep(store: &mut Store, uid: &[u8], text: &str) -> bool {
        let mut message = store.begin().unwrap();
        message.write_all(text.as_bytes()).unwrap();
        store.keep(message, uid, text.len() as u64).unwrap()
    }

    #[test]
    fn knows_what_it_kept() {
        let folder = Folder::new("knows");
        let mut store = folder.open();
        assert!(keep(&mut store, b"one", "1"));
        assert!(keep(&mut store, b"../t w\xff%o", "2"));
        let mut store = folder.open();
        assert!(store.has(b"one", 1) && store.has(b"../t w\xff%o", 1));
        assert!(store.has(b"one", 2) && !store.has(b"three", 1) && !store.has(b"", 1));
        // Perhaps it is gone, and this another.
        store.will_quit().unwrap();
        for _ in 0..2 {
            let mut store = folder.open();
            assert!(store.has(b"one", 1) && !store.has(b"one", 2));
        }
        let files = folder.files();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["mail-.._t_w__o.eml", "mail-one.eml"]);
        // What is deleted may come again under the same unique-id.
        assert!(store.has(b"one", 1) && store.has(b"../t w\xff%o", 1));
        store.forget(true, true).unwrap();
        assert!(!folder.open().has(b"one", 1));
        assert!(keep(&mut store, b"one", "new"));
        assert_eq!(folder.files()["mail-one.eml"], "1");
        assert_eq!(folder.files()["mail-one-2.eml"], "new");
        assert!(Store::open(&folder.0, "c@d").is_err());
    }

    #[test]
    fn without_a_uid_of_its_own() {
        let folder = Folder::new("without");
        let mut store = folder.open();
        for text in ["1", "2", "2"] {
            assert!(keep(&mut store, b"", text));
        }
        assert!(keep(&mut store, b"twice", "x") && keep(&mut store, b"twice", "y"));
        assert_eq!(folder.files().len(), 5);
        let mut store = folder.open();
        assert!(!store.has(b"twice", 1));
        for text in ["2", "1", "2"] {
            assert!(!keep(&mut store, b"", text));
        }
        assert!(!keep(&mut store, b"twice", "y"));
        assert!(keep(&mut store, b"", "2"), "there is one more of it");
        // Of what was not met, only what is known to be gone is forgotten.
        store.forget(false, false).unwrap();
        assert_eq!(folder.open().kept.len(), 6);
        store.forget(false, true).unwrap();
        assert_eq!(folder.open().kept.len(), 5);
    }

    #[test]
    fn killed_between_any_two_steps() {
        let folder = Folder::new("killed");
        let mut store = folder.open();
        assert!(keep(&mut store, b"one", "1"));
        let (part, record) = (folder.0.join(PART), folder.0.join(RECORD));
        // While it was written.
        fs::write(&part, "ha").unwrap();
        let mut store = folder.open();
        assert!(!store.has(b"two", 1) && !part.exists());
        // While its line was.
        assert!(keep(&mut store, b"two", "2"));
        let whole = fs::read(&record).unwrap();
        let before = whole.len() - store.kept[1].0.line().len();
        let file = folder.0.join("mail-two.eml");
        for end in before..=whole.len() {
            fs::rename(&file, &part).unwrap();
            fs::write(&record, &whole[..end]).unwrap();
            let mut store = folder.open();
            assert_eq!(store.has(b"two", 1), end == whole.len(), "{end}");
            assert_eq!(file.exists(), end == whole.len());
            assert!(!part.exists() && store.has(b"one", 1));
            if !file.exists() {
                assert!(keep(&mut store, b"two", "2"));
            }
        }
        assert_eq!(folder.files().len(), 2);
        // Taken away by somebody: it stays known.
        fs::remove_file(file).unwrap();
        assert!(folder.open().has(b"two", 1));
        // Not ours.
        fs::write(&record, "account a@b\nwhat\n").unwrap();
        assert!(Store::open(&folder.0, "a@b").is_err());
    }
}
