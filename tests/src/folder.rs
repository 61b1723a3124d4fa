//! A folder that goes away.

use std::fs;
use std::path::PathBuf;

/// A temporary folder, that is removed with this.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
}

impl Folder {
    /// One of this name and of this process, which whoever needs it makes.
    pub fn new(name: &str) -> Self {
        let name = format!("mailwire-{}-{name}", std::process::id());
        Self::at(std::env::temp_dir().join(name))
    }

    /// One that is made at once.
    ///
    /// # Panics
    ///
    /// If it cannot be.
    pub fn create(name: &str) -> Self {
        let folder = Self::new(name);
        fs::create_dir(&folder.path).expect("the temporary folder is writable");
        folder
    }

    /// One that is here. What is there already is removed.
    pub fn at(path: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&path);
        Self { path }
    }

    /// A file in it, by name.
    ///
    /// # Panics
    ///
    /// If the folder's name is not UTF-8.
    pub fn file(&self, name: &str) -> String {
        self.path.join(name).into_os_string().into_string().expect("a folder of ours")
    }

    /// What is in its files, in some order: in all but those that begin with a dot.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    pub fn files(&self) -> Vec<Vec<u8>> {
        let Ok(files) = fs::read_dir(&self.path) else { return Vec::new() };
        let mut files: Vec<_> = files
            .map(|entry| entry.expect("an entry"))
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| fs::read(entry.path()).expect("a file"))
            .collect();
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
