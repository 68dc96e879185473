//! The types that clients send and those that servers send, which decides the open ones.

use qapi_parser::ir::Schema;

/// The senders of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Use {
    /// It is reached from arguments.
    pub(super) input: bool,
    /// It is reached from replies or events.
    pub(super) output: bool,
}

impl Use {
    /// Returns true if an enumeration, union or alternate of this use can hold values that are not in its schema.
    pub(super) fn is_open(self) -> bool {
        !self.input
    }

    /// Returns true if a struct of this use can get new fields without breaking code that lists all fields.
    pub(super) fn is_non_exhaustive(self) -> bool {
        self.output || !self.input
    }
}

/// Returns the use of each type.
pub(super) fn uses(schema: &Schema) -> Vec<Use> {
    let arguments = schema
        .commands
        .iter()
        .filter_map(|command| command.arguments);
    let replies = schema.commands.iter().filter_map(|command| command.returns);
    let data = schema.events.iter().filter_map(|event| event.arguments);
    let inputs = schema.reached_from(arguments);
    let outputs = schema.reached_from(replies.chain(data));
    inputs
        .into_iter()
        .zip(outputs)
        .map(|(input, output)| Use { input, output })
        .collect()
}
