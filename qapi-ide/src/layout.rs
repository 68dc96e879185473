//! The usual layout of a file.

use std::path::Path;

use qapi_parser::format::format;

use crate::workspace::Workspace;

impl Workspace {
    /// Returns the text of a file in the usual layout; none if it is not well-formed.
    pub fn formatted(&mut self, path: &Path) -> Option<String> {
        let text = self.text(path)?;
        let dialect = self.settings(path).dialect;
        format(text.plain(), dialect).ok()
    }
}
