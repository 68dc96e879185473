//! The system that commands act on. Tests put a made-up one in its place, so that nothing that they
//! try happens to the machine they run on.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::exits::Exits;
use crate::helper::Helper;

/// The root of the system's files, and the environment in which its programs are found.
#[derive(Debug, Clone)]
pub(crate) struct System {
    root: PathBuf,
    /// The place where the event loop leaves the ends of children.
    exits: Arc<Exits>,
    /// Instead of the agent's own for programs of the system.
    environment: Option<Vec<CString>>,
}

impl System {
    /// The system that the agent runs on.
    pub(crate) fn running() -> Self {
        Self {
            root: PathBuf::from("/"),
            exits: Arc::default(),
            environment: None,
        }
    }

    /// A system in a folder, with programs in its `bin` besides those that are named by path.
    #[cfg(test)]
    pub(crate) fn below(root: &Path) -> Self {
        let path = format!("PATH={}/bin", root.display());
        Self {
            root: root.to_owned(),
            exits: Arc::default(),
            environment: Some(vec![CString::new(path).expect("paths hold no NUL")]),
        }
    }

    /// The place for the ends of children that were started for commands.
    pub(crate) fn exits(&self) -> &Arc<Exits> {
        &self.exits
    }

    /// The directory that stands for `/`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The place of the file with this absolute path.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// A program of the system, by a path that [`System::path`] made or by a bare name.
    pub(crate) fn helper<'a>(&'a self, program: &'a str, arguments: &'a [&'a str]) -> Helper<'a> {
        Helper {
            environment: self.environment.as_deref(),
            ..Helper::new(program, arguments, &self.exits)
        }
    }
}
