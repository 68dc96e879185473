//! Folders that go away with the test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh folder, removed when dropped. Its path is short enough for a Unix socket in it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder.
    ///
    /// # Panics
    /// It cannot be made.
    #[expect(clippy::new_without_default, reason = "making a folder is no default")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("qapi-{}-{number}", std::process::id()));
        // One of an earlier process with this number, which was killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("the folder for temporary files is writable");
        Self(path)
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns a path in the folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and makes the folders that lead to it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("the folder can be made");
        }
        fs::write(path, text).expect("the file can be written");
    }

    /// Returns the text of a file.
    ///
    /// # Panics
    /// It cannot be read.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).expect("the file can be read")
    }

    /// Returns the files in a folder and the folders below it, by path from there, with their contents.
    ///
    /// # Panics
    /// One cannot be read.
    pub fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                    files.insert(name, fs::read(path).expect("the file can be read"));
                }
            }
        }
        files
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
