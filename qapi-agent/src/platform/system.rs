//! The system that commands act on. Tests replace it by a fake one, so that they do not affect the machine they run on.

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(test)]
use std::sync::Mutex;

use nix::errno::Errno;
use nix::sys::reboot::{RebootMode, reboot};
use nix::unistd::{AccessFlags, access, sync};

use crate::platform::child_exits::ChildExits;
use crate::platform::helper::Helper;

/// The root of the system's files, and the environment in which its programs are found.
#[derive(Debug, Clone)]
pub(crate) struct System {
    root: PathBuf,
    /// The place where the event loop leaves the ends of children.
    exits: Arc<ChildExits>,
    /// Instead of the agent's own for programs of the system.
    environment: Option<Vec<CString>>,
    power: Power,
}

/// The power switch.
#[derive(Debug, Clone)]
enum Power {
    Kernel,
    /// A fake one that only records requests.
    #[cfg(test)]
    Record(Arc<Mutex<Vec<RebootMode>>>),
}

impl System {
    /// Returns the system that the agent runs on.
    pub(crate) fn running() -> Self {
        Self {
            root: PathBuf::from("/"),
            exits: Arc::default(),
            environment: None,
            power: Power::Kernel,
        }
    }

    /// Creates a system in a folder, with programs in its `bin` besides those that are named by path.
    #[cfg(test)]
    pub(crate) fn below(root: &Path) -> Self {
        let path = format!("PATH={}/bin", root.display());
        Self {
            root: root.to_owned(),
            exits: Arc::default(),
            environment: Some(vec![CString::new(path).expect("paths hold no NUL")]),
            power: Power::Record(Arc::default()),
        }
    }

    /// Returns the orders that the power switch of a made-up system has had.
    #[cfg(test)]
    pub(crate) fn ends(&self) -> Vec<RebootMode> {
        match &self.power {
            Power::Record(record) => record.lock().unwrap().clone(),
            Power::Kernel => Vec::new(),
        }
    }

    /// Ends the system at once, with all files written.
    pub(crate) fn end(&self, mode: RebootMode) -> Result<(), Errno> {
        match &self.power {
            Power::Kernel => {
                sync();
                // It does not return unless it fails.
                reboot(mode).map(drop)
            }
            #[cfg(test)]
            Power::Record(record) => {
                record.lock().unwrap().push(mode);
                Ok(())
            }
        }
    }

    /// Returns true if there is a program at this path that may be executed.
    pub(crate) fn is_program(path: &Path) -> bool {
        path.is_file() && access(path, AccessFlags::X_OK).is_ok()
    }

    /// Looks for a program in the folders of `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        let path = match &self.environment {
            Some(entries) => entries.iter().find_map(|entry| {
                let value = entry.to_bytes().strip_prefix(b"PATH=")?;
                Some(OsStr::from_bytes(value).to_owned())
            }),
            None => std::env::var_os("PATH"),
        };
        std::env::split_paths(&path.unwrap_or_else(OsString::new))
            .map(|folder| folder.join(name))
            .find(|path| Self::is_program(path))
    }

    /// Returns the place for the ends of children that were started for commands.
    pub(crate) fn exits(&self) -> &Arc<ChildExits> {
        &self.exits
    }

    /// Returns the directory that stands for `/`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the place of the file with this absolute path.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Returns a program of the system, by a path that [`System::path`] made or by a bare name.
    pub(crate) fn helper<'a>(&'a self, program: &'a str, arguments: &'a [&'a str]) -> Helper<'a> {
        Helper {
            environment: self.environment.as_deref(),
            ..Helper::new(program, arguments, &self.exits)
        }
    }
}
