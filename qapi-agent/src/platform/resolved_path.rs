//! Resolves the links in paths, and opens the results without following any.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;

/// Returns the absolute path of a file, without links, `.` and `..`. The file itself need not be there, but its folder.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match resolve_folder(path) {
            Ok(resolved) => Ok(resolved),
            Err(_) => Err(error),
        },
        result => result,
    }
}

/// Returns the same, but with the last component as it is: programs that are links choose their function by their name.
pub(crate) fn resolve_folder(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    match absolute.components().next_back() {
        // A separator at the end requires a folder.
        Some(Component::Normal(name)) if !path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            let folder = absolute.parent().unwrap_or(Path::new("/"));
            Ok(fs::canonicalize(folder)?.join(name))
        }
        _ => Err(io::Error::from(ErrorKind::NotFound)),
    }
}

/// Opens a path that [`resolve`] gave. If a component has become a link since, that is an error: only the file that was
/// checked is opened.
pub(crate) fn open_resolved(path: &Path, flags: OFlag, mode: Mode) -> Result<OwnedFd, Errno> {
    let names: Vec<_> = path
        .components()
        .filter(|component| matches!(component, Component::Normal(_)))
        .collect();
    let Some((last, folders)) = names.split_last() else {
        return open("/", flags, mode);
    };
    let walking = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut folder = open("/", walking, Mode::empty())?;
    for name in folders {
        folder = openat(&folder, name.as_os_str(), walking, Mode::empty())?;
    }
    openat(&folder, last.as_os_str(), flags | OFlag::O_NOFOLLOW, mode)
}
