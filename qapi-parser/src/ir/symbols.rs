//! Lists the conditions and symbols of a schema.

use std::collections::BTreeSet;

use super::{Condition, Feature, Schema, TypeKind};

impl Schema {
    /// Returns all conditions: of definitions, of their members, values, branches and alternatives, and of the features of
    /// all of these. Conditions of implicit types are those of their definitions, so some are given more than once.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let mut found = Vec::new();
        for ty in &self.types {
            add(&mut found, ty.condition.as_ref(), &ty.features);
            match &ty.kind {
                TypeKind::Enum(enum_) => {
                    for value in &enum_.values {
                        add(&mut found, value.condition.as_ref(), &value.features);
                    }
                }
                TypeKind::Object(object) => {
                    for member in &object.members {
                        add(&mut found, member.condition.as_ref(), &member.features);
                    }
                    for branch in object.union_.iter().flat_map(|union| &union.branches) {
                        add(&mut found, branch.condition.as_ref(), &[]);
                    }
                }
                TypeKind::Alternate(alternate) => {
                    for alternative in &alternate.alternatives {
                        add(&mut found, alternative.condition.as_ref(), &[]);
                    }
                }
                TypeKind::Builtin(_) | TypeKind::Array(_) => {}
            }
        }
        for command in &self.commands {
            add(&mut found, command.condition.as_ref(), &command.features);
        }
        for event in &self.events {
            add(&mut found, event.condition.as_ref(), &event.features);
        }
        found.into_iter()
    }

    /// Returns every symbol that a condition is about, each once, sorted.
    pub fn symbols(&self) -> BTreeSet<&str> {
        self.conditions().flat_map(Condition::symbols).collect()
    }
}

fn add<'s>(
    found: &mut Vec<&'s Condition>,
    condition: Option<&'s Condition>,
    features: &'s [Feature],
) {
    found.extend(condition);
    let conditions = features.iter().map(|feature| feature.condition.as_ref());
    found.extend(conditions.flatten());
}
