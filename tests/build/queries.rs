//! Code that asks a server everything that can be asked without arguments. The build script has it, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qapi_parser::ir::Schema;

use super::table::camel_case;

/// A function that executes every `query-*` command that needs no arguments and hands out what came of each.
///
/// # Errors
/// None: strings take any text.
pub fn queries(revisions: &[&Schema]) -> Result<String, std::fmt::Error> {
    let mut commands = BTreeMap::new();
    for schema in revisions {
        for command in &schema.commands {
            let members = command
                .arguments
                .map_or(Vec::new(), |ty| schema.flattened(ty));
            let is_query = command.name.starts_with("query-")
                && members.iter().all(|(_, member)| member.optional);
            // Needed by one revision, an argument keeps the command out.
            let known = commands
                .entry(command.name.as_str())
                .or_insert((true, false));
            known.0 &= is_query;
            known.1 |= !members.is_empty();
        }
    }
    let mut text = "pub(crate) fn each<E: Execute>(
    client: &mut E,
    mut outcome: impl FnMut(&'static str, Result<(), ClientError>),
) {
"
    .to_owned();
    for (name, (_, has_members)) in commands.iter().filter(|(_, (is_query, _))| *is_query) {
        let new = if *has_members { "::new()" } else { "" };
        let rust = camel_case(name);
        writeln!(
            text,
            "    outcome({name:?}, client.execute(&commands::{rust}{new}).map(drop));"
        )?;
    }
    text.push_str("}\n");
    Ok(text)
}
