//! The system that commands act on. Tests put a made-up one in its place, so that nothing that they
//! try happens to the machine they run on.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use crate::helper::Helper;

/// Where the system's files are and what its programs are found by.
#[derive(Debug)]
pub(crate) struct System {
    root: PathBuf,
    /// Instead of the agent's own for programs of the system.
    environment: Option<Vec<CString>>,
}

impl System {
    /// The system that the agent runs on.
    pub(crate) fn running() -> Self {
        Self {
            root: PathBuf::from("/"),
            environment: None,
        }
    }

    /// A system in a folder, with programs in its `bin` besides those that are named by path.
    #[cfg(test)]
    pub(crate) fn below(root: &Path) -> Self {
        let path = format!("PATH={}/bin", root.display());
        Self {
            root: root.to_owned(),
            environment: Some(vec![CString::new(path).expect("paths hold no NUL")]),
        }
    }

    /// What stands for `/`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file with this absolute path is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// A program of the system, by a path that [`System::path`] made or by a bare name.
    pub(crate) fn helper<'a>(&'a self, program: &'a str, arguments: &'a [&'a str]) -> Helper<'a> {
        Helper {
            environment: self.environment.as_deref(),
            ..Helper::new(program, arguments)
        }
    }
}
