//! Introspection data: what `query-qmp-schema` of a server built from the schema returns
//! (language.md §8).
//!
//! [`describe`] lists the entries with every condition still attached; [`Introspection::resolve`]
//! keeps what exists for a given set of symbols; [`Introspection::to_json`] prints.

use std::collections::HashMap;

use qapi_parser::ir::{Builtin, Condition, Entity, Feature, Schema, TypeDef, TypeId, TypeKind};

mod entries;
mod json;

pub use entries::{Conditional, Entry, EntryKind, Introspection, MemberInfo, TypeNames, ValueInfo};

/// Describes `schema` as a server built from it would, with conditions kept.
///
/// Types are numbered before any condition is looked at, so a number does not depend on what
/// is built in, and resolving may leave gaps (language.md §8.4).
pub fn describe(schema: &Schema, names: TypeNames) -> Introspection {
    let mut walk = Walk::new(schema, names);
    let mut entries = Vec::new();
    for module in &schema.modules {
        for entity in &module.entities {
            entries.extend(walk.entry(*entity));
        }
    }
    // Describing a type may refer to further ones, which join the queue.
    let mut next = 0;
    while let Some(id) = walk.queue.get(next).copied() {
        entries.push(walk.type_entry(id));
        next += 1;
    }
    Introspection { entries }
}

/// The state of one description: which types were referred to, in which order.
struct Walk<'s> {
    schema: &'s Schema,
    names: TypeNames,
    queue: Vec<TypeId>,
    seen: Vec<bool>,
    numbers: HashMap<TypeId, usize>,
    int: Option<TypeId>,
    int_array: Option<TypeId>,
    empty: Option<TypeId>,
}

impl<'s> Walk<'s> {
    fn new(schema: &'s Schema, names: TypeNames) -> Self {
        let predefined = |name| match schema.lookup(name) {
            Some(Entity::Type(id)) => Some(id),
            _ => None,
        };
        Self {
            schema,
            names,
            queue: Vec::new(),
            seen: vec![false; schema.types.len()],
            numbers: HashMap::new(),
            int: predefined("int"),
            int_array: predefined("intList"),
            empty: predefined("q_empty"),
        }
    }

    fn entry(&mut self, entity: Entity) -> Option<Entry> {
        match entity {
            Entity::Command(id) => {
                let command = self.schema.command(id);
                Some(Entry {
                    name: command.name.clone(),
                    kind: EntryKind::Command {
                        arguments: self.optional_type(command.arguments),
                        returns: self.optional_type(command.returns),
                        allow_oob: command.allow_oob,
                    },
                    features: features(&command.features),
                    condition: command.condition.clone(),
                })
            }
            Entity::Event(id) => {
                let event = self.schema.event(id);
                Some(Entry {
                    name: event.name.clone(),
                    kind: EntryKind::Event {
                        arguments: self.optional_type(event.arguments),
                    },
                    features: features(&event.features),
                    condition: event.condition.clone(),
                })
            }
            Entity::Type(_) | Entity::Include(_) => None,
        }
    }

    fn type_entry(&mut self, id: TypeId) -> Entry {
        let definition = self.schema.ty(id);
        Entry {
            name: self.refer(id),
            kind: self.type_kind(id, definition),
            features: features(&definition.features),
            condition: definition.condition.clone(),
        }
    }

    fn type_kind(&mut self, id: TypeId, definition: &'s TypeDef) -> EntryKind {
        match &definition.kind {
            TypeKind::Builtin(builtin) => EntryKind::Builtin {
                json_type: builtin.json_type(),
            },
            TypeKind::Array(array) => EntryKind::Array {
                element: self.refer(array.element),
            },
            TypeKind::Enum(enum_) => EntryKind::Enum {
                members: enum_
                    .values
                    .iter()
                    .map(|value| Conditional {
                        value: ValueInfo {
                            name: value.name.clone(),
                            features: features(&value.features),
                        },
                        condition: value.condition.clone(),
                    })
                    .collect(),
            },
            TypeKind::Alternate(alternate) => EntryKind::Alternate {
                members: alternate
                    .alternatives
                    .iter()
                    .map(|alternative| Conditional {
                        value: self.refer(alternative.ty),
                        condition: alternative.condition.clone(),
                    })
                    .collect(),
            },
            TypeKind::Object(object) => EntryKind::Object {
                members: self.members(id),
                tag: object
                    .union_
                    .as_ref()
                    .map(|union| union.discriminator.clone()),
                variants: object
                    .union_
                    .iter()
                    .flat_map(|union| &union.branches)
                    .map(|branch| Conditional {
                        value: (branch.name.clone(), self.refer(branch.ty)),
                        condition: branch.condition.clone(),
                    })
                    .collect(),
            },
        }
    }

    fn members(&mut self, id: TypeId) -> Vec<Conditional<MemberInfo>> {
        self.schema
            .flattened(id)
            .into_iter()
            .map(|(_, member)| Conditional {
                value: MemberInfo {
                    name: member.name.clone(),
                    type_name: self.refer(member.ty),
                    optional: member.optional,
                    features: features(&member.features),
                },
                condition: member.condition.clone(),
            })
            .collect()
    }

    /// The name of a type, or of the empty object type where there is none.
    fn optional_type(&mut self, id: Option<TypeId>) -> String {
        match id.or(self.empty) {
            Some(id) => self.refer(id),
            None => String::new(),
        }
    }

    /// The name under which a type is referred to; the first reference queues it.
    fn refer(&mut self, id: TypeId) -> String {
        let id = self.collapse(id);
        if !std::mem::replace(&mut self.seen[id.index()], true) {
            self.queue.push(id);
        }
        let definition = self.schema.ty(id);
        match &definition.kind {
            TypeKind::Builtin(builtin) => builtin.as_str().to_owned(),
            TypeKind::Array(array) => format!("[{}]", self.refer(array.element)),
            _ if self.names == TypeNames::Real => definition.name.clone(),
            _ => {
                let next = self.numbers.len();
                self.numbers.entry(id).or_insert(next).to_string()
            }
        }
    }

    /// All integer types look the same on the wire, and so do arrays of them.
    fn collapse(&self, id: TypeId) -> TypeId {
        let is_integer = |id: TypeId| match self.schema.ty(id).kind {
            TypeKind::Builtin(builtin) => builtin.json_type() == Builtin::Int.json_type(),
            _ => false,
        };
        match &self.schema.ty(id).kind {
            TypeKind::Builtin(_) if is_integer(id) => self.int.unwrap_or(id),
            TypeKind::Array(array) if is_integer(array.element) => self.int_array.unwrap_or(id),
            _ => id,
        }
    }
}

fn features(features: &[Feature]) -> Option<Vec<Conditional<String>>> {
    (!features.is_empty()).then(|| {
        features
            .iter()
            .map(|feature| Conditional {
                value: feature.name.clone(),
                condition: feature.condition.clone(),
            })
            .collect()
    })
}

impl Introspection {
    /// Keeps what exists where exactly those symbols are defined for which `defined` says so.
    #[must_use]
    pub fn resolve(mut self, defined: &dyn Fn(&str) -> bool) -> Self {
        let holds =
            |condition: &Option<Condition>| condition.as_ref().is_none_or(|c| c.holds(defined));
        let keep = |features: &mut Option<Vec<Conditional<String>>>| {
            if let Some(features) = features {
                features.retain(|feature| holds(&feature.condition));
            }
        };
        self.entries.retain(|entry| holds(&entry.condition));
        for entry in &mut self.entries {
            keep(&mut entry.features);
            match &mut entry.kind {
                EntryKind::Object {
                    members, variants, ..
                } => {
                    members.retain(|member| holds(&member.condition));
                    variants.retain(|variant| holds(&variant.condition));
                    for member in members {
                        keep(&mut member.value.features);
                    }
                }
                EntryKind::Enum { members } => {
                    members.retain(|member| holds(&member.condition));
                    for member in members {
                        keep(&mut member.value.features);
                    }
                }
                EntryKind::Alternate { members } => {
                    members.retain(|member| holds(&member.condition));
                }
                EntryKind::Command { .. }
                | EntryKind::Event { .. }
                | EntryKind::Array { .. }
                | EntryKind::Builtin { .. } => {}
            }
        }
        self
    }

    /// The JSON array, one entry per line, with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::array(&self.entries)
    }
}
