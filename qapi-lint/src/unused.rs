//! Types that no message holds.

use qapi_parser::diag::{Code, Diagnostic};
use qapi_parser::ir::{Entity, Schema, TypeId, TypeKind};

use crate::lint_input::LintInput;

/// Types that no command or event reaches. A schema without either is for others to include.
pub(crate) fn types(input: &LintInput<'_>, out: &mut Vec<Diagnostic>) {
    let schema = input.schema;
    if schema.commands.is_empty() && schema.events.is_empty() {
        return;
    }
    let reached = reached(schema);
    for definition in &input.definitions {
        if let Some(Entity::Type(id)) = schema.lookup(definition.name)
            && !reached[id.index()]
        {
            let message = format!("{} is used by no command or event", definition.title());
            out.push(definition.warning(Code::LINT_UNUSED, definition.span, message));
        }
    }
}

/// Of each type, whether messages can hold it.
fn reached(schema: &Schema) -> Vec<bool> {
    let mut reached = vec![false; schema.types.len()];
    let commands = schema.commands.iter();
    let mut next: Vec<TypeId> = commands
        .flat_map(|command| [command.arguments, command.returns])
        .chain(schema.events.iter().map(|event| event.arguments))
        .flatten()
        .collect();
    while let Some(id) = next.pop() {
        if std::mem::replace(&mut reached[id.index()], true) {
            continue;
        }
        match &schema.ty(id).kind {
            TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            TypeKind::Array(array) => next.push(array.element),
            TypeKind::Alternate(alternate) => {
                next.extend(alternate.alternatives.iter().map(|it| it.ty));
            }
            TypeKind::Object(object) => {
                next.extend(object.base);
                next.extend(object.members.iter().map(|it| it.ty));
                if let Some(union) = &object.union_ {
                    next.push(union.tag);
                    next.extend(union.branches.iter().map(|it| it.ty));
                }
            }
        }
    }
    reached
}
