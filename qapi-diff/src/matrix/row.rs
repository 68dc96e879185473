//! Rows: an item with a cell for each revision.

use crate::model::{Facts, TypeIx};
use crate::path::SchemaPath;

/// One item and the revisions that have it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Row {
    /// The path to it.
    pub path: SchemaPath,
    /// The row it belongs to; none for commands and events.
    pub parent: Option<usize>,
    /// Per revision: its state there; none if it does not exist.
    pub cells: Vec<Option<Cell>>,
    /// Per revision: the type that it is a part of; empty for commands, events, and their arguments, replies and data.
    pub(super) owners: Tuple,
}

/// The state of an item in one revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cell {
    /// Its type, in the words of the schema language; none for an item without values.
    pub ty: Option<String>,
    /// It may be absent; none for what is not a member.
    pub optional: Option<bool>,
    /// Its features.
    pub features: Vec<String>,
    /// The condition under which it exists.
    pub condition: Option<String>,
}

/// A run of revisions in which a row is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run<'r> {
    /// The first revision.
    pub first: usize,
    /// The last revision.
    pub last: usize,
    /// The item in these revisions.
    pub cell: &'r Cell,
}

impl Row {
    /// Returns true if the revision has it.
    pub fn is_in(&self, revision: usize) -> bool {
        self.cells.get(revision).is_some_and(Option::is_some)
    }

    /// Runs of revisions in which it exists and is the same.
    pub fn runs(&self) -> Vec<Run<'_>> {
        let mut runs: Vec<Run<'_>> = Vec::new();
        for (revision, cell) in self.cells.iter().enumerate() {
            let Some(cell) = cell else {
                continue;
            };
            match runs.last_mut() {
                Some(run) if run.last + 1 == revision && run.cell == cell => run.last = revision,
                _ => runs.push(Run {
                    first: revision,
                    last: revision,
                    cell,
                }),
            }
        }
        runs
    }

    /// Returns true if it is the same wherever it exists.
    pub fn is_steady(&self) -> bool {
        let mut cells = self.cells.iter().flatten();
        let first = cells.next();
        cells.all(|cell| Some(cell) == first)
    }
}

/// Types in the same place, by revision.
pub(super) type Tuple = Vec<Option<TypeIx>>;

impl Cell {
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        Self {
            ty: None,
            optional: None,
            features: facts
                .features
                .iter()
                .map(|feature| feature.name.to_owned())
                .collect(),
            condition: facts.condition.as_ref().map(|it| format!("{it:#}")),
        }
    }
}

/// Returns all names, sorted.
pub(super) fn names<'s>(lists: impl Iterator<Item = Vec<&'s str>>) -> Vec<&'s str> {
    let mut names: Vec<_> = lists.flatten().collect();
    names.sort_unstable();
    names.dedup();
    names
}
