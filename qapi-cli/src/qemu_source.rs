//! QEMU's sources: an unpacked tree or a release tarball, read alike.

mod tarball;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use qapi_parser::source::{Disk, Files};

use crate::status::Failure;

/// The largest file to read whole; that of the parser for schema files.
const FILE_BYTES: u64 = qapi_parser::limits::FILE_BYTES;

/// Files of QEMU's sources by their path from the top, with `/` between its parts.
pub(crate) enum QemuSource {
    /// A directory.
    Directory(PathBuf),
    /// The files of a tarball that can matter, see [`is_relevant`].
    Tarball(BTreeMap<String, Vec<u8>>),
}

impl QemuSource {
    /// Opens a tree or a tarball; a tarball is read to its end.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| {
            Failure::new(format_args!("cannot read {}: {error}", path.display()))
        };
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let file = File::open(path).map_err(unreadable)?;
        let files = tarball::read(file).map_err(unreadable)?;
        Ok(Self::Tarball(files))
    }

    /// The contents of a file; none if there is no such file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self.read(Path::new(path)) {
            Ok(bytes) if bytes.len() as u64 > FILE_BYTES => Err(Failure::new(format_args!(
                "{path} is larger than {FILE_BYTES} bytes"
            ))),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::new(format_args!("cannot read {path}: {error}"))),
        }
    }
}

/// Schemas include files by paths such as `storage-daemon/qapi/../../qapi/common.json`.
impl Files for QemuSource {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let inside = normalized(path)
            .ok_or_else(|| io::Error::other("the path leads out of QEMU's sources"))?;
        match self {
            Self::Directory(top) => Disk.read(&top.join(inside)),
            Self::Tarball(files) => files
                .get(&inside)
                .cloned()
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        normalized(path).map_or_else(|| path.to_owned(), |path| Path::new("/").join(path))
    }
}

/// A path without `.` and `..`, unless it leads out of where it starts.
pub(crate) fn normalized(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// Tells whether a file of a tarball can be a schema file, or is one of those that say what the rest is.
fn is_relevant(path: &str) -> bool {
    let is_json = Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "json");
    match path.split_once('/') {
        None => is_json || ["VERSION", "COPYING", "LICENSE"].contains(&path),
        Some((folder, _)) => is_json && ["qapi", "qga", "storage-daemon"].contains(&folder),
    }
}

/// Reads at most `limit` bytes, and fails if there are more.
fn read_up_to(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "it has a file of more than {limit} bytes"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_stays_inside() {
        let inside = |path: &str| normalized(Path::new(path));
        assert_eq!(inside("a/b/../../c/./d.json").as_deref(), Some("c/d.json"));
        for out in ["../a", "a/../../b", "/a"] {
            assert_eq!(inside(out), None, "{out}");
        }
    }
}
