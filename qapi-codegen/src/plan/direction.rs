//! The senders of each type: a fixpoint over commands and events.

use qapi_parser::ir::{Schema, TypeId, TypeKind};

use super::conditions::Policy;
use super::items::Direction;

/// Returns the direction of each type, by [`TypeId`].
pub(super) fn directions(schema: &Schema, policy: &Policy<'_>) -> Vec<Direction> {
    let mut inputs = Reach::new(schema, policy);
    let mut outputs = Reach::new(schema, policy);
    for command in &schema.commands {
        if policy.keeps(command.condition.as_ref()) {
            inputs.add(command.arguments);
            outputs.add(command.returns);
        }
    }
    for event in &schema.events {
        if policy.keeps(event.condition.as_ref()) {
            outputs.add(event.arguments);
        }
    }
    let (inputs, outputs) = (inputs.finish(), outputs.finish());
    inputs
        .into_iter()
        .zip(outputs)
        .map(|(input, output)| Direction { input, output })
        .collect()
}

/// The types that can be reached from some roots along members, bases, branches, alternatives and elements.
pub(super) struct Reach<'s> {
    schema: &'s Schema,
    policy: &'s Policy<'s>,
    seen: Vec<bool>,
    work: Vec<TypeId>,
}

impl<'s> Reach<'s> {
    pub(super) fn new(schema: &'s Schema, policy: &'s Policy<'s>) -> Self {
        Self {
            schema,
            policy,
            seen: vec![false; schema.types.len()],
            work: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, roots: impl IntoIterator<Item = TypeId>) {
        for id in roots {
            if !std::mem::replace(&mut self.seen[id.index()], true) {
                self.work.push(id);
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<bool> {
        while let Some(id) = self.work.pop() {
            let next = neighbours(self.schema, self.policy, id);
            self.add(next);
        }
        self.seen
    }
}

/// Returns the types that a type mentions.
fn neighbours(schema: &Schema, policy: &Policy<'_>, id: TypeId) -> Vec<TypeId> {
    match &schema.ty(id).kind {
        TypeKind::Builtin(_) | TypeKind::Enum(_) => Vec::new(),
        TypeKind::Array(array) => vec![array.element],
        TypeKind::Alternate(alternate) => alternate
            .alternatives
            .iter()
            .filter(|alternative| policy.keeps(alternative.condition.as_ref()))
            .map(|alternative| alternative.ty)
            .collect(),
        TypeKind::Object(object) => {
            let members = object
                .members
                .iter()
                .filter(|member| policy.keeps(member.condition.as_ref()))
                .map(|member| member.ty);
            let branches = object
                .union_
                .iter()
                .flat_map(|union_| &union_.branches)
                .filter(|branch| policy.keeps(branch.condition.as_ref()))
                .map(|branch| branch.ty);
            let tag = object.union_.iter().map(|union_| union_.tag);
            object
                .base
                .into_iter()
                .chain(members)
                .chain(branches)
                .chain(tag)
                .collect()
        }
    }
}
