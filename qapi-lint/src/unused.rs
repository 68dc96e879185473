//! Types that no message holds.

use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::Entity;

use crate::lint_input::LintInput;

/// Types that no command or event reaches. A schema without either is for others to include.
pub(crate) fn types(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    let schema = input.schema;
    if schema.commands.is_empty() && schema.events.is_empty() {
        return;
    }
    let commands = schema.commands.iter();
    let roots = commands
        .flat_map(|command| [command.arguments, command.returns])
        .chain(schema.events.iter().map(|event| event.arguments))
        .flatten();
    let reached = schema.reached_from(roots);
    for definition in &input.definitions {
        if let Some(Entity::Type(id)) = schema.lookup(definition.name)
            && !reached[id.index()]
        {
            let message = format!("{} is used by no command or event", definition.title());
            out.push(definition.warning(Code::LINT_UNUSED, definition.span, message));
        }
    }
}
