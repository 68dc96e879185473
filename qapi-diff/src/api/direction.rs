//! The types that clients send and those that servers send, which decides the open ones.

use qapi_parser::ir::{Schema, TypeId, TypeKind};

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
    let inputs = reached(schema, arguments);
    let outputs = reached(schema, replies.chain(data));
    inputs
        .into_iter()
        .zip(outputs)
        .map(|(input, output)| Use { input, output })
        .collect()
}

fn reached(schema: &Schema, roots: impl Iterator<Item = TypeId>) -> Vec<bool> {
    let mut seen = vec![false; schema.types.len()];
    let mut work: Vec<TypeId> = roots.collect();
    while let Some(id) = work.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        match &schema.ty(id).kind {
            TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            TypeKind::Array(array) => work.push(array.element),
            TypeKind::Alternate(alternate) => {
                work.extend(
                    alternate
                        .alternatives
                        .iter()
                        .map(|alternative| alternative.ty),
                );
            }
            TypeKind::Object(object) => {
                work.extend(object.base);
                work.extend(object.members.iter().map(|member| member.ty));
                if let Some(union) = &object.union_ {
                    work.push(union.tag);
                    work.extend(union.branches.iter().map(|branch| branch.ty));
                }
            }
        }
    }
    seen
}
