//! QEMU's sources: an unpacked tree or a release tarball, read alike.

mod paths;
mod tarball;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use qapi_parser::limits::FILE_BYTES;
use qapi_parser::source::{Disk, Files};

use crate::status::Failure;
pub(crate) use paths::normalized;

/// Files of QEMU's sources by their path from the top, with `/` between its parts.
pub(crate) enum QemuSource {
    /// A directory.
    Directory(PathBuf),
    /// The files of a tarball that can matter.
    Tarball(BTreeMap<String, Vec<u8>>),
}

impl QemuSource {
    /// Opens a tree or a tarball; a tarball is read to its end.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| Failure::cannot("read", path, &error);
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let file = File::open(path).map_err(unreadable)?;
        let files = tarball::read(file).map_err(unreadable)?;
        Ok(Self::Tarball(files))
    }

    /// Returns the contents of a file; none if there is no such file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self.read(Path::new(path)) {
            Ok(bytes) if bytes.len() as u64 > FILE_BYTES => Err(Failure::new(format_args!(
                "{path} is larger than {FILE_BYTES} bytes"
            ))),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::cannot("read", Path::new(path), &error)),
        }
    }
}

/// Schemas include files by paths such as `storage-daemon/qapi/../../qapi/common.json`.
impl Files for QemuSource {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let inside = normalized(path)
            .ok_or_else(|| io::Error::other("the path is outside of QEMU's sources"))?;
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
