//! One run at a time in a directory.
//!
//! On Unix the directory itself is locked, so that no lock file is left in it. Where that is not possible, as on
//! Windows and on some network file systems, a file in the system's directory for temporary files is locked instead.
//! Locks belong to open files: the system releases those of a killed run.

use std::collections::hash_map::DefaultHasher;
use std::fs::{File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

// The standard library locks files as of Rust 1.89.
use fs4::{FileExt, TryLockError};

/// The time to wait for another run before saying so.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time between attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A locked directory, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing it releases the lock")] File);

impl Lock {
    /// Keeps everybody else away.
    pub(super) fn exclusive(directory: &Path, waiting: &mut dyn FnMut()) -> io::Result<Self> {
        Self::acquire(
            directory,
            waiting,
            <File as FileExt>::try_lock,
            <File as FileExt>::lock,
        )
    }

    /// Excludes other writers.
    pub(super) fn shared(directory: &Path, waiting: &mut dyn FnMut()) -> io::Result<Self> {
        Self::acquire(
            directory,
            waiting,
            <File as FileExt>::try_lock_shared,
            <File as FileExt>::lock_shared,
        )
    }

    fn acquire(
        directory: &Path,
        waiting: &mut dyn FnMut(),
        attempt: fn(&File) -> Result<(), TryLockError>,
        wait: fn(&File) -> io::Result<()>,
    ) -> io::Result<Self> {
        let lock = |file: File, waiting: &mut dyn FnMut()| {
            for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
                match attempt(&file) {
                    Ok(()) => return Ok(Self(file)),
                    Err(TryLockError::Error(error)) => return Err(error),
                    Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                }
            }
            waiting();
            loop {
                match wait(&file) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => return result.map(|()| Self(file)),
                }
            }
        };
        if cfg!(unix) {
            let itself = File::open(directory)?;
            if let Ok(lock) = lock(itself, waiting) {
                return Ok(lock);
            }
        }
        lock(substitute(directory)?, waiting)
    }
}

/// Returns the file that stands for a directory which cannot be locked.
fn substitute(directory: &Path) -> io::Result<File> {
    let mut hasher = DefaultHasher::new();
    directory.canonicalize()?.hash(&mut hasher);
    let name = format!("qapi-{:016x}.lock", hasher.finish());
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(std::env::temp_dir().join(name))
}
