//! Every operation that changes the disk, so that tests can let each of them fail.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    step(|| fs::create_dir(path))
}

/// Makes a directory and those above it, and gives the ones that were not there, the innermost first.
pub(super) fn create_dirs(path: &Path) -> io::Result<Vec<PathBuf>> {
    let is_absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let absent: Vec<_> = path
        .ancestors()
        .take_while(is_absent)
        .map(Path::to_owned)
        .collect();
    for directory in absent.iter().rev() {
        match create_dir(directory) {
            // Another run has removed it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {}
            Err(error) => {
                remove_empty(&absent);
                return Err(error);
            }
            Ok(()) => {}
        }
    }
    if absent.is_empty() && !path.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(absent)
}

/// Removes those directories that are empty.
pub(super) fn remove_empty(directories: &[PathBuf]) {
    for directory in directories {
        // It stays if it is not empty.
        let _ = step(|| fs::remove_dir(directory));
    }
}

pub(super) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    step(|| fs::write(path, text))
}

/// Gives a file a second name; a copy where the file system has no links.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    step(|| fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ())))
}

/// Moves a file or directory. A file at the new place is replaced.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step(|| fs::rename(from, to))
}

pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    step(|| fs::remove_file(path))
}

/// Removes a directory with all in it, if it is there.
pub(super) fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => step(|| fs::remove_dir_all(path)),
        Ok(_) => step(|| fs::remove_file(path)),
    }
}

#[cfg(not(test))]
fn step(operation: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    operation()
}

#[cfg(test)]
pub(super) use faults::{Fault, inject, step};

#[cfg(test)]
mod faults {
    //! Operations that fail when a test wants it.

    use std::cell::Cell;
    use std::io;

    /// The operations of this thread that fail, counted from 0.
    #[derive(Debug, Clone, Copy)]
    pub(in super::super) enum Fault {
        /// None.
        Never,
        /// This one only.
        Once(usize),
        /// This one and all after it: the run was killed as far as the disk can tell.
        Killed(usize),
    }

    thread_local! {
        static FAULT: Cell<(Fault, usize)> = const { Cell::new((Fault::Never, 0)) };
    }

    /// Runs something with a fault, and gives the number of operations that it attempted.
    pub(in super::super) fn inject<T>(fault: Fault, run: impl FnOnce() -> T) -> (T, usize) {
        FAULT.set((fault, 0));
        let result = run();
        let (_, count) = FAULT.replace((Fault::Never, 0));
        (result, count)
    }

    pub(in super::super) fn step(operation: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let (fault, number) = FAULT.get();
        FAULT.set((fault, number + 1));
        let fails = match fault {
            Fault::Never => false,
            Fault::Once(at) => number == at,
            Fault::Killed(at) => number >= at,
        };
        if fails {
            return Err(io::ErrorKind::StorageFull.into());
        }
        operation()
    }
}
