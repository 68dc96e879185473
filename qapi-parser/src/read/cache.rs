//! A cache of parsed files.

use std::collections::HashMap;
use std::sync::Arc;

use super::file::{self, ParsedFile};
use crate::dialect::Reading;
use crate::lex::Token;
use crate::source::FileId;

/// Keeps parsed files, so that reading a schema again costs only the changed files.
///
/// For one schema: files of another would replace its files.
#[derive(Debug, Default)]
pub struct ParseCache {
    files: HashMap<(FileId, Reading), Arc<ParsedFile>>,
}

impl ParseCache {
    /// Returns the file as it was parsed before, if its text is still the same.
    pub(super) fn parse(
        &mut self,
        file: FileId,
        text: Arc<str>,
        reading: Reading,
        buffer: &mut Vec<Token>,
    ) -> Arc<ParsedFile> {
        let key = (file, reading);
        if let Some(parsed) = self.files.get(&key)
            && (Arc::ptr_eq(&parsed.text, &text) || parsed.text == text)
        {
            return parsed.clone();
        }
        let parsed = Arc::new(file::parse(file, text, reading, buffer));
        self.files.insert(key, parsed.clone());
        parsed
    }

    /// Forgets all files but the first ones.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.files
            .retain(|(file, _), _| usize::try_from(file.0).is_ok_and(|index| index < len));
    }
}
