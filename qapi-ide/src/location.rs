//! Places in files, and changes of them.

use std::path::PathBuf;

use crate::text::Range;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The absolute path of the file.
    pub path: PathBuf,
    /// The place.
    pub range: Range,
}

/// A piece of text and its replacement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// The text to replace; empty for an insertion.
    pub location: Location,
    /// The text to put there, with plain line feeds.
    pub text: String,
}

/// A change that an author may apply.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The change as an imperative: "add the missing comma".
    pub title: String,
    /// It is certainly correct; a program may apply it.
    pub is_certain: bool,
    /// Its parts, which do not overlap.
    pub edits: Vec<Edit>,
}
