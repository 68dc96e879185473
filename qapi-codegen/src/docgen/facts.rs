//! Facts about definitions in a few words, the same in every format.

use qapi_parser::ir::{Command, Entity, Schema};

/// Remarks on the unusual properties of a command.
pub(crate) fn flags(command: &Command) -> Vec<&'static str> {
    let all = [
        (command.allow_oob, "may run out of band"),
        (
            command.allow_preconfig,
            "allowed before the machine is configured",
        ),
        (!command.success_response, "no reply on success"),
    ];
    let set = all.into_iter().filter(|(is_set, _)| *is_set);
    set.map(|(_, words)| words).collect()
}

/// Returns the reply of a command that returns no value, in words.
pub(crate) fn no_value(schema: &Schema, entity: Entity) -> &'static str {
    match entity {
        Entity::Command(id) if !schema.command(id).success_response => {
            "none if the command succeeds; only an error is reported"
        }
        _ => "an empty object",
    }
}
