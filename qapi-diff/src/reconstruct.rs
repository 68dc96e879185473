//! From a server's description of itself back to a schema.
//!
//! Introspection tells messages, not names: those of types are numbers. A name is taken from schemas of other revisions
//! where the way from a command or event to the type is the same, else it is made from that way. Two
//! servers with the same messages have the same data but for these names, so they decide nothing.

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
    /// Types that have the name of another schema's type.
    pub known_names: usize,
    /// Types whose name was made from the way to them.
    pub made_names: usize,
}

/// Writes the schema of a server. Names of types, and what introspection does not tell of commands, are taken from
/// `others`, the first that has them.
///
/// # Errors
/// The description has something that no schema can say, as arrays of arrays.
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
