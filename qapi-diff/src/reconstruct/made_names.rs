//! Names for types that have none.
//!
//! The rule: a type is named after the part that refers to it with the fewest steps from a command or event, the first
//! of these in alphabetical order. `query-block` has the type `QueryBlockReply` as its reply, `blockdev-add` has
//! `BlockdevAddArguments`, the event `STOP` has `StopData`; the type of a member or branch has the name of the object
//! and its own. A type to which nothing refers is `Unbuilt` with the name of its first member. So new commands, members
//! and branches change no other name, unless they give a type a shorter path. If the schema made last time is given as
//! one of the others, all names are kept.

use std::collections::{HashSet, VecDeque};

use qapi_parser::ir::{Entity, Schema, TypeDef, TypeId, TypeKind};

use qapi_runtime::introspect::{MetaType, SchemaInfo};

use super::description::Description;

/// The names of all entries that need one.
pub(super) struct Named {
    pub(super) names: Vec<Option<String>>,
    /// Names of other schemas.
    pub(super) known: usize,
    /// Made names.
    pub(super) made: usize,
}

/// Chooses a name for each object, enumeration and alternate.
pub(super) fn choose(description: &Description<'_>, others: &[&Schema]) -> Named {
    let mut chosen = Chosen {
        description,
        names: vec![None; description.entries.len()],
        // Predefined.
        taken: HashSet::from(["QType".to_owned()]),
    };
    for schema in others {
        chosen.learn(schema);
    }
    let known = chosen.names.iter().flatten().count();
    chosen.make();
    let all = chosen.names.iter().flatten().count();
    Named {
        names: chosen.names,
        known,
        made: all - known,
    }
}

struct Chosen<'d, 'i> {
    description: &'d Description<'i>,
    names: Vec<Option<String>>,
    taken: HashSet<String>,
}

fn needs_name(entry: &SchemaInfo) -> bool {
    matches!(
        entry.meta_type,
        MetaType::Object(_) | MetaType::Enum(_) | MetaType::Alternate(_)
    )
}

impl Chosen<'_, '_> {
    /// Takes names from a schema, along the ways that both have.
    fn learn(&mut self, schema: &Schema) {
        let mut met = vec![false; self.names.len()];
        let mut queue = VecDeque::new();
        for entry in self.description.entries {
            let told = match &entry.meta_type {
                MetaType::Command {
                    arg_type, ret_type, ..
                } => [Some(arg_type), Some(ret_type)],
                MetaType::Event { arg_type } => [Some(arg_type), None],
                _ => continue,
            };
            let known = arguments(schema, &entry.name);
            let Some((argument, reply)) = known else {
                continue;
            };
            for (name, ty) in told.into_iter().zip([argument, reply]) {
                let index = name.and_then(|name| self.description.index(name));
                queue.extend(index.zip(ty));
            }
        }
        while let Some((index, ty)) = queue.pop_front() {
            let entry = &self.description.entries[index];
            let definition = schema.ty(ty);
            if met[index] || !agree(entry, definition) {
                continue;
            }
            met[index] = true;
            let is_written = !definition.implicit && definition.span.is_some();
            let is_free = is_written && needs_name(entry) && !self.is_nameless(index);
            if is_free && self.names[index].is_none() && self.taken.insert(definition.name.clone())
            {
                self.names[index] = Some(definition.name.clone());
            }
            self.pair(schema, entry, ty, &mut queue);
        }
    }

    /// Returns the empty object and inline arguments are written without a name.
    fn is_nameless(&self, index: usize) -> bool {
        self.description.empty == Some(index) || self.description.inline.contains(&index)
    }

    /// Adds the parts that both have.
    fn pair(
        &self,
        schema: &Schema,
        entry: &SchemaInfo,
        ty: TypeId,
        queue: &mut VecDeque<(usize, TypeId)>,
    ) {
        let mut add = |name: &str, ty: Option<TypeId>| {
            queue.extend(self.description.index(name).zip(ty));
        };
        match (&entry.meta_type, &schema.ty(ty).kind) {
            (MetaType::Array { element_type }, TypeKind::Array(array)) => {
                add(element_type, Some(array.element));
            }
            (MetaType::Object(told), TypeKind::Object(object)) => {
                let members = schema.flattened(ty);
                for member in &told.members {
                    let same = members.iter().find(|(_, it)| *it.name == *member.name);
                    add(&member.type_name, same.map(|(_, member)| member.ty));
                }
                for variant in &told.variants {
                    let mut branches = object.union_.iter().flat_map(|union| &union.branches);
                    let same = branches.find(|it| *it.name == *variant.case);
                    add(&variant.type_name, same.map(|branch| branch.ty));
                }
            }
            (MetaType::Alternate(told), TypeKind::Alternate(alternate)) => {
                for name in told {
                    let Some(index) = self.description.index(name) else {
                        continue;
                    };
                    let entry = &self.description.entries[index];
                    let mut alternatives = alternate.alternatives.iter();
                    let same = alternatives.find(|it| agree(entry, schema.ty(it.ty)));
                    add(name, same.map(|it| it.ty));
                }
            }
            _ => {}
        }
    }

    /// Makes the names that are missing.
    fn make(&mut self) {
        let mut level: Vec<(String, usize)> = Vec::new();
        let mut add = |name: &str, part: &str, ty: &str| {
            let index = self.description.index(ty);
            level.extend(index.map(|index| (camel(name) + part, index)));
        };
        for entry in self.description.entries {
            match &entry.meta_type {
                MetaType::Command {
                    arg_type, ret_type, ..
                } => {
                    add(&entry.name, "Arguments", arg_type);
                    add(&entry.name, "Reply", ret_type);
                }
                MetaType::Event { arg_type } => add(&entry.name, "Data", arg_type),
                _ => {}
            }
        }
        for &index in &self.description.unbuilt {
            // Nothing refers to it, so it is named after its first member.
            let first = match &self.description.entries[index].meta_type {
                MetaType::Object(object) => object.members.first().map(|it| camel(&it.name)),
                MetaType::Enum(values) => values.first().map(|it| camel(&it.name)),
                _ => None,
            };
            level.push((format!("Unbuilt{}", first.unwrap_or_default()), index));
        }
        let mut met = vec![false; self.names.len()];
        while !level.is_empty() {
            level.sort();
            let mut next = Vec::new();
            for (name, index) in level {
                if std::mem::replace(&mut met[index], true) {
                    continue;
                }
                let entry = &self.description.entries[index];
                let name = if needs_name(entry) && !self.is_nameless(index) {
                    self.name(index, name)
                } else {
                    name
                };
                self.below(entry, &name, &mut next);
            }
            level = next;
        }
    }

    /// Visits the parts of a type, with the names that they would have.
    fn below(&self, entry: &SchemaInfo, name: &str, next: &mut Vec<(String, usize)>) {
        let mut add = |name: String, ty: &str| {
            next.extend(self.description.index(ty).map(|index| (name, index)));
        };
        match &entry.meta_type {
            MetaType::Array { element_type } => add(name.to_owned(), element_type),
            MetaType::Object(object) => {
                for member in &object.members {
                    add(format!("{name}{}", camel(&member.name)), &member.type_name);
                }
                for variant in &object.variants {
                    add(
                        format!("{name}{}", camel(&variant.case)),
                        &variant.type_name,
                    );
                }
            }
            MetaType::Alternate(alternatives) => {
                for ty in alternatives {
                    add(name.to_owned(), ty);
                }
            }
            _ => {}
        }
    }

    /// Gives a type its name, or keeps the one it has.
    fn name(&mut self, index: usize, mut name: String) -> String {
        if let Some(known) = &self.names[index] {
            return known.clone();
        }
        if name.ends_with("List") {
            // These are the names of arrays.
            name.push_str("Type");
        }
        let numbers = (2..).map(|number| format!("{name}{number}"));
        let mut free = std::iter::once(name.clone()).chain(numbers);
        let name = free.find(|name| !self.taken.contains(name)).unwrap_or(name);
        self.taken.insert(name.clone());
        self.names[index] = Some(name.clone());
        name
    }
}

/// Returns whether a type can be the one that an entry describes.
fn agree(entry: &SchemaInfo, definition: &TypeDef) -> bool {
    match (&entry.meta_type, &definition.kind) {
        (MetaType::Object(told), TypeKind::Object(object)) => {
            object.union_.is_some() == told.tag.is_some()
        }
        (MetaType::Array { .. }, TypeKind::Array(_))
        | (MetaType::Enum(_), TypeKind::Enum(_))
        | (MetaType::Alternate(_), TypeKind::Alternate(_)) => true,
        (MetaType::Builtin(told), TypeKind::Builtin(builtin)) => {
            builtin.json_type() == told.as_str()
        }
        _ => false,
    }
}

/// Returns the types of a command's arguments and reply, or of an event's data.
fn arguments(schema: &Schema, name: &str) -> Option<(Option<TypeId>, Option<TypeId>)> {
    match schema.lookup(name)? {
        Entity::Command(id) => {
            let command = schema.command(id);
            Some((command.arguments, command.returns))
        }
        Entity::Event(id) => Some((schema.event(id).arguments, None)),
        Entity::Type(_) | Entity::Include(_) => None,
    }
}

/// Returns a name in `CamelCase`: `block-job.x_y` is `BlockJobXY`, `BLOCK_JOB` is `BlockJob`.
fn camel(name: &str) -> String {
    let shouts = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let mut camel = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.extend(letters.map(|c| if shouts { c.to_ascii_lowercase() } else { c }));
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::camel;

    #[test]
    fn names_of_the_wire_become_names_of_types() {
        for (name, expected) in [
            ("query-block", "QueryBlock"),
            ("x-colo_lost.y", "XColoLostY"),
            ("BLOCK_JOB_READY", "BlockJobReady"),
            ("__org.example_x-y", "OrgExampleXY"),
            ("1.0", "10"),
            ("dumpNow", "DumpNow"),
        ] {
            assert_eq!(camel(name), expected);
        }
    }
}
