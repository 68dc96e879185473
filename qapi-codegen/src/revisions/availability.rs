//! The result of merging revisions: a schema, and the revisions in which its parts exist.

use std::collections::{BTreeSet, HashMap};

use qapi_parser::ir::Schema;

/// A schema merged from several.
pub(crate) struct MergedSchema {
    pub(crate) schema: Schema,
    pub(crate) availability: Availability,
}

/// The revisions in which each part exists.
#[derive(Debug, Default)]
pub(crate) struct Availability {
    /// The revisions, oldest first.
    pub(crate) names: Vec<String>,
    /// Numbers of the revisions of commands, events and types.
    pub(super) definitions: HashMap<String, BTreeSet<usize>>,
    /// The same for members, values and branches that some revision of their definition lacks.
    pub(super) parts: HashMap<(String, String), BTreeSet<usize>>,
}

impl Availability {
    /// Names of the revisions that have a definition, oldest first.
    pub(crate) fn of(&self, definition: &str) -> Vec<String> {
        let found = self.definitions.get(definition);
        self.named(found.into_iter().flatten())
    }

    /// Returns a sentence about a definition that some revision lacks.
    pub(crate) fn remark(&self, definition: &str) -> Option<String> {
        let found = self.definitions.get(definition)?;
        (found.len() < self.names.len()).then(|| self.sentence(found))
    }

    /// Returns a sentence about a part that some revision of its definition lacks.
    pub(crate) fn remark_on_part(&self, owner: &str, part: &str) -> Option<String> {
        let key = (owner.to_owned(), part.to_owned());
        Some(self.sentence(self.parts.get(&key)?))
    }

    fn named<'a>(&self, numbers: impl Iterator<Item = &'a usize>) -> Vec<String> {
        numbers.map(|number| self.names[*number].clone()).collect()
    }

    fn sentence(&self, numbers: &BTreeSet<usize>) -> String {
        let names = self.named(numbers.iter());
        let word = if names.len() == 1 {
            "revision"
        } else {
            "revisions"
        };
        format!("Only in {word} {}.", names.join(", "))
    }
}
