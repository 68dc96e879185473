//! Merges several revisions of a schema into one that fits the servers of all of them.
//!
//! * Commands, events and types with the same name are the same. The merged schema has the parts of all revisions.
//! * A member is mandatory if it is so in every revision that has the type, otherwise optional.
//! * A part whose type was renamed has the newer type, with the members of both.
//! * A string and an enumeration become the enumeration, which is open; two numbers become the wider type; an alternate
//!   absorbs a type that it has an alternative for; `any` absorbs every type; if a reply or branch is empty in some
//!   revision, its members are optional.
//! * A union becomes a struct with the members of all branches if some revision has no discriminator.
//!
//! `classes` finds the types that are merged into one, `merged_object` merges their members, `merged_type` merges the
//! types of one slot, and `merged_schema` builds the schema.

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
/// All types that cannot be merged.
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
