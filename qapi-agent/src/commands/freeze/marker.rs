//! The file that says that file systems are frozen (docs/reference/agent-behaviour.md §1.7).

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, io_text};
use crate::platform::own_file;

const FILE_NAME: &str = "qga.state.isfrozen";

/// The marker file. Only its existence counts; it is never read, because reading may write a time of access.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    path: PathBuf,
}

impl Marker {
    /// Returns the marker in a state directory, which must stay where it is.
    pub(crate) fn new(state_directory: &Path) -> Self {
        // A daemon leaves its working directory.
        let directory = std::path::absolute(state_directory);
        Self {
            path: directory
                .unwrap_or_else(|_| state_directory.to_owned())
                .join(FILE_NAME),
        }
    }

    /// Returns true if an agent has left it. A file that no agent has made does not count, because an agent that
    /// believes file systems to be frozen does not end. On failure, returns a text for the administrator.
    pub(crate) fn is_present(&self) -> Result<bool, String> {
        let failed = |reason: String| {
            let path = self.path.display();
            format!("cannot tell by `{path}` if file systems are frozen: {reason}")
        };
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) => own_file::check(&metadata)
                .map(|()| true)
                .map_err(|reason| failed(format!("{reason}; remove it"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(io_text(&error))),
        }
    }

    /// Creates it, for the next agent if this process ends.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        own_file::open(&self.path, &options)
            .map(drop)
            .map_err(|error| {
                let path = self.path.display();
                Failure::new(format!("failed to create {path}: {}", io_text(&error)))
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
