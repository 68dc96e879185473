//! Several revisions of a schema made into one, which fits servers of all of them.
//!
//! * Commands, events and types with the same name are the same. What some revision has, the merged schema has.
//! * A member is mandatory if it is so in every revision that has the type, otherwise optional.
//! * A place whose type was renamed has the newer type, with the members of both.
//! * Strings and enumerations unite to the enumeration, which is open; numbers to the wider type; an alternate takes in what
//!   it has an alternative for; `any` takes in everything; a reply or branch that was empty makes the members of what it
//!   became optional.
//! * A union becomes a struct of all its branches' members where a revision does not tell branches apart.
//!
//! `classes` finds out which types of the revisions are one, `shape` what is in them, `meet` what comes of the types of one
//! place; `unite` writes the schema.

mod availability;
mod classes;
mod merged_object;
mod merged_schema;
mod merged_type;
mod newest_docs;
mod numbers;
mod roots;

use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::Schema;

pub(crate) use self::availability::{Availability, MergedSchema};

/// Unites revisions, given oldest first with their names.
///
/// # Errors
/// Types that meet in a place and have nothing in common; all of them.
pub(crate) fn merge_schemas(
    revisions: &[(&str, &Schema)],
) -> Result<MergedSchema, Vec<Diagnostic>> {
    let schemas: Vec<_> = revisions.iter().map(|(_, schema)| *schema).collect();
    let names: Vec<_> = revisions
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let (classes, conflicts) = classes::find(&schemas);
    if conflicts.is_empty() {
        return Ok(merged_schema::write(&schemas, names, &classes));
    }
    let diagnostics = conflicts.into_iter();
    Err(diagnostics
        .map(|it| it.diagnostic(&schemas, &names))
        .collect())
}
