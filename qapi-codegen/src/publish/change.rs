//! Differences between a directory and an output.

use std::path::PathBuf;

/// A difference between a directory and an output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<'o> {
    /// The kind of difference.
    pub kind: ChangeKind,
    /// The file; for [`ChangeKind::Leftover`], a directory.
    pub path: PathBuf,
    /// The contents that the file has; empty unless it is outdated.
    pub old: Vec<u8>,
    /// The contents that it should have; empty if it should not be there.
    pub new: &'o [u8],
}

/// A difference between a directory and an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A file is not there.
    Missing,
    /// A file has other contents.
    Outdated,
    /// A file was generated before and is no longer needed.
    Extra,
    /// A killed run left this; files beside it may be a mixture of old and new.
    Leftover,
}

impl ChangeKind {
    /// Returns the kind in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Outdated => "outdated",
            Self::Extra => "extra",
            Self::Leftover => "leftover",
        }
    }
}
