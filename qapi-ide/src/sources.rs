//! The files of a workspace. Texts in editors take precedence over those on the disk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use qapi_parser::source::{Disk, Files};

use crate::text::Text;

/// Texts of open files, and a cache of those on the disk.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    open: BTreeMap<PathBuf, Arc<Text>>,
    disk: RefCell<BTreeMap<PathBuf, OnDisk>>,
}

/// The last state of a file that was read.
#[derive(Debug)]
struct OnDisk {
    stamp: Stamp,
    content: Content,
}

/// The size of a file and the time of its last change: together they identify its state.
type Stamp = (u64, Option<SystemTime>);

#[derive(Debug)]
enum Content {
    Text(Arc<Text>),
    /// No UTF-8.
    Bytes(Vec<u8>),
}

impl Sources {
    /// Sets the text that an editor has.
    pub(crate) fn open(&mut self, path: &Path, text: Text) {
        self.open.insert(folded(path), Arc::new(text));
    }

    /// Closes a file, which is then read from the disk again. Returns whether it was open.
    pub(crate) fn close(&mut self, path: &Path) -> bool {
        self.open.remove(&folded(path)).is_some()
    }

    /// Returns the paths of open files.
    pub(crate) fn open_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.open.keys()
    }

    /// Returns the text of a file; none if it cannot be read or is not text.
    pub(crate) fn text(&self, path: &Path) -> Option<Arc<Text>> {
        if let Some(text) = self.open.get(path) {
            return Some(text.clone());
        }
        self.refresh(path).ok()?;
        match &self.disk.borrow().get(path)?.content {
            Content::Text(text) => Some(text.clone()),
            Content::Bytes(_) => None,
        }
    }

    /// Forgets the files that are not wanted any more.
    pub(crate) fn retain(&self, is_wanted: impl Fn(&Path) -> bool) {
        self.disk.borrow_mut().retain(|path, _| is_wanted(path));
    }

    /// Reads a file unless it is as it was.
    fn refresh(&self, path: &Path) -> io::Result<()> {
        let metadata = fs::metadata(path);
        let metadata = metadata.inspect_err(|_| drop(self.disk.borrow_mut().remove(path)))?;
        let stamp = (metadata.len(), metadata.modified().ok());
        let is_known = |it: &OnDisk| it.stamp == stamp && stamp.1.is_some();
        if self.disk.borrow().get(path).is_some_and(is_known) {
            return Ok(());
        }
        let bytes = Disk.read(path);
        let bytes = bytes.inspect_err(|_| drop(self.disk.borrow_mut().remove(path)))?;
        let content = match String::from_utf8(bytes) {
            Ok(text) => Content::Text(Arc::new(Text::new(text))),
            Err(error) => Content::Bytes(error.into_bytes()),
        };
        let file = OnDisk { stamp, content };
        self.disk.borrow_mut().insert(path.to_path_buf(), file);
        Ok(())
    }
}

impl Files for Sources {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = folded(path);
        if let Some(text) = self.open.get(&path) {
            return Ok(text.plain().as_bytes().to_vec());
        }
        self.refresh(&path)?;
        match self.disk.borrow().get(&path).map(|it| &it.content) {
            Some(Content::Text(text)) => Ok(text.plain().as_bytes().to_vec()),
            Some(Content::Bytes(bytes)) => Ok(bytes.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn plain_text(&self, path: &Path) -> Option<Arc<str>> {
        let text = self.text(&folded(path))?;
        Some(text.plain().clone())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let listed = Disk.list(path);
        let here = folded(path);
        let open = self.open.keys().filter(|it| it.parent() == Some(&here));
        let open = open.filter_map(|it| Some(it.file_name()?.to_str()?.to_owned()));
        let open: Vec<String> = open.collect();
        if open.is_empty() {
            return listed;
        }
        let mut names = listed.unwrap_or_default();
        names.extend(open);
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        Disk.absolute(path)
    }
}

/// Returns a path without `.` and `..`, without a look at the disk: the parser identifies files in the same way.
pub(crate) fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for component in Disk.absolute(path).components() {
        match component {
            Component::ParentDir => drop(folded.pop()),
            Component::CurDir => {}
            other => folded.push(other),
        }
    }
    folded
}
