//! Writes a schema from a server's description of itself.
//!
//! Introspection describes messages, and its names of types are numbers. A type gets its name from a schema of another
//! revision if the path from a command or event to it is the same; otherwise the name is made from that path. These
//! names do not affect messages.

use std::collections::HashMap;

use qapi_parser::ir::{Command, Schema};

use qapi_runtime::introspect::Introspection;

mod description;
mod made_names;
mod schema_text;

use description::Description;
pub use description::ReconstructionError;

/// A schema made from introspection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reconstruction {
    /// The text of its only file.
    pub text: String,
    /// The number of types with a name from another schema.
    pub known_names: usize,
    /// The number of types whose name was made from the path to them.
    pub made_names: usize,
}

/// Writes the schema of a server. Names of types, and facts about commands that introspection does not contain, are
/// taken from the first of `others` that has them.
///
/// # Errors
/// The description has a part that no schema can express, such as an array of arrays.
pub fn reconstruct(
    introspection: &Introspection,
    others: &[&Schema],
) -> Result<Reconstruction, ReconstructionError> {
    let description = Description::new(introspection)?;
    let named = made_names::choose(&description, others);
    let commands = others.iter().rev().flat_map(|schema| &schema.commands);
    let known: HashMap<&str, &Command> = commands.map(|it| (it.name.as_str(), it)).collect();
    Ok(Reconstruction {
        text: schema_text::write(&description, &named.names, &known)?,
        known_names: named.known,
        made_names: named.made,
    })
}
