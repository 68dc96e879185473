//! The file that says that file systems are frozen (agent-behaviour.md §1.7).

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, errno_of};

const FILE_NAME: &str = "qga.state.isfrozen";

/// The file. Only that it is there counts; it is never read, because reading may have to write a
/// time of access.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    path: PathBuf,
}

impl Marker {
    /// The marker in a state directory, which must stay where it is.
    pub(crate) fn new(state_directory: &Path) -> Self {
        // A daemon leaves its working directory.
        let directory = std::path::absolute(state_directory);
        Self {
            path: directory
                .unwrap_or_else(|_| state_directory.to_owned())
                .join(FILE_NAME),
        }
    }

    /// Returns true if an agent has left it. Where that cannot be found out it is taken to be there: a
    /// thaw too many does no harm.
    pub(crate) fn is_present(&self) -> bool {
        match fs::symlink_metadata(&self.path) {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Leaves it, for whoever comes after an end of this process.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)
            .map(drop)
            .map_err(|error| {
                let context = format!("failed to create {}", self.path.display());
                Failure::with_errno(context, errno_of(&error))
            })
    }

    /// Takes it away, if it is there.
    pub(crate) fn remove(&self) -> Result<(), String> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!(
                "cannot remove `{}`, so the next start will come up frozen: {error}",
                self.path.display()
            )),
            _ => Ok(()),
        }
    }
}
