//! What a back end makes: files by path.

use std::collections::BTreeMap;

/// Generated files: the text of each by its path, which is relative and has `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    files: BTreeMap<String, String>,
}

impl Output {
    pub(crate) fn new(files: BTreeMap<String, String>) -> Self {
        Self { files }
    }

    /// Path and text of each file, sorted by path.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of the file with this path.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}
