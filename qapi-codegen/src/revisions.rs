//! Several revisions of a schema made into one, which fits servers of all of them.
//!
//! * Commands, events and types with the same name are the same. What some revision has, the united schema has.
//! * A member is mandatory if it is so in every revision that has the type, otherwise optional.
//! * A place whose type was renamed has the newer type, with the members of both.
//! * Strings and enumerations unite to the enumeration, which is open; numbers to the wider type; an alternate takes in what
//!   it has an alternative for; `any` takes in everything; a reply or branch that was empty makes the members of what it
//!   became optional.
//! * A union becomes a struct of all its branches' members where a revision does not tell branches apart.
//!
//! `classes` finds out which types of the revisions are one, `shape` what is in them, `meet` what comes of the types of one
//! place; `unite` writes the schema.

mod classes;
mod docs;
mod meet;
mod numbers;
mod shape;
mod unite;

use std::collections::{BTreeSet, HashMap};

use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::Schema;

/// A schema made of several.
pub(crate) struct United {
    pub(crate) schema: Schema,
    pub(crate) availability: Availability,
}

/// In which revisions things exist.
#[derive(Debug, Default)]
pub(crate) struct Availability {
    /// The revisions, oldest first.
    pub(crate) names: Vec<String>,
    /// Numbers of the revisions of commands, events and types.
    definitions: HashMap<String, BTreeSet<usize>>,
    /// Those of members, values and branches that some revision of their definition lacks.
    parts: HashMap<(String, String), BTreeSet<usize>>,
}

impl Availability {
    /// Names of the revisions that have a definition, oldest first.
    pub(crate) fn of(&self, definition: &str) -> Vec<String> {
        let found = self.definitions.get(definition);
        self.named(found.into_iter().flatten())
    }

    /// A sentence about a definition that some revision lacks.
    pub(crate) fn remark(&self, definition: &str) -> Option<String> {
        let found = self.definitions.get(definition)?;
        (found.len() < self.names.len()).then(|| self.sentence(found))
    }

    /// A sentence about a part that some revision of its definition lacks.
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

/// Unites revisions, given oldest first with their names.
///
/// # Errors
/// Types that meet in a place and have nothing in common; all of them.
pub(crate) fn unite(revisions: &[(&str, &Schema)]) -> Result<United, Vec<Diagnostic>> {
    let schemas: Vec<_> = revisions.iter().map(|(_, schema)| *schema).collect();
    let names: Vec<_> = revisions
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let (classes, conflicts) = classes::find(&schemas);
    if conflicts.is_empty() {
        return Ok(unite::write(&schemas, names, &classes));
    }
    let diagnostics = conflicts.into_iter();
    Err(diagnostics
        .map(|it| it.diagnostic(&schemas, &names))
        .collect())
}
