//! Names for types that have none.
//!
//! The rule: a type is named after what first leads to it, by the fewest steps from a command or event, then in
//! alphabetical order. `query-block` has the type `QueryBlockReply` as its reply, `blockdev-add` has
//! `BlockdevAddArguments`, the event `STOP` has `StopData`; the type of a member or branch has the name of the object and
//! its own. A type to which nothing leads is `Unbuilt` with the name of its first member. So new commands, members and branches change no other name, unless they are a shorter way to its type; and
//! the schema made last time, given as one of the others, keeps all names.

use std::collections::{HashSet, VecDeque};

use qapi_parser::ir::{Schema, TypeDef, TypeId, TypeKind};

use super::{Description, arguments};
use crate::model::{JsonType, MetaType, SchemaInfo};

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
        MetaType::Object | MetaType::Enum | MetaType::Alternate
    )
}

impl Chosen<'_, '_> {
    /// Takes names from a schema, along the ways that both have.
    fn learn(&mut self, schema: &Schema) {
        let mut met = vec![false; self.names.len()];
        let mut queue = VecDeque::new();
        for entry in self.description.entries {
            if !matches!(entry.meta_type, MetaType::Command | MetaType::Event) {
                continue;
            }
            let Some((argument, reply)) = arguments(schema, &entry.name) else {
                continue;
            };
            for (name, ty) in [(&entry.arg_type, argument), (&entry.ret_type, reply)] {
                let index = self.description.index(name.as_deref());
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

    /// The empty object and inline arguments are written without a name.
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
        match &schema.ty(ty).kind {
            TypeKind::Array(array) => {
                let element = self.description.index(entry.element_type.as_deref());
                queue.extend(element.map(|element| (element, array.element)));
            }
            TypeKind::Object(object) => {
                let members = schema.flattened(ty);
                for part in entry.members.iter().flatten() {
                    let same = members
                        .iter()
                        .find(|(_, it)| Some(&it.name) == part.name.as_ref());
                    let index = self.description.index(part.r#type.as_deref());
                    queue.extend(index.zip(same.map(|(_, member)| member.ty)));
                }
                for branch in object.union_.iter().flat_map(|union| &union.branches) {
                    let mut variants = entry.variants.iter();
                    let same = variants.find(|it| it.case == branch.name);
                    let index = same.and_then(|it| self.description.index(Some(&it.r#type)));
                    queue.extend(index.map(|index| (index, branch.ty)));
                }
            }
            TypeKind::Alternate(alternate) => {
                for part in entry.members.iter().flatten() {
                    let Some(index) = self.description.index(part.r#type.as_deref()) else {
                        continue;
                    };
                    let mut alternatives = alternate.alternatives.iter();
                    let same = alternatives
                        .find(|it| agree(&self.description.entries[index], schema.ty(it.ty)));
                    queue.extend(same.map(|it| (index, it.ty)));
                }
            }
            TypeKind::Enum(_) | TypeKind::Builtin(_) => {}
        }
    }

    /// Makes the names that are missing.
    fn make(&mut self) {
        let mut level: Vec<(String, usize)> = Vec::new();
        for entry in self.description.entries {
            let parts = match entry.meta_type {
                MetaType::Command => [(&entry.arg_type, "Arguments"), (&entry.ret_type, "Reply")],
                MetaType::Event => [(&entry.arg_type, "Data"), (&None, "")],
                _ => continue,
            };
            for (name, part) in parts {
                let index = self.description.index(name.as_deref());
                level.extend(index.map(|index| (camel(&entry.name) + part, index)));
            }
        }
        for &index in &self.description.unbuilt {
            // Nothing leads to it, so it is named after the first thing in it.
            let parts = self.description.entries[index].members.iter().flatten();
            let first = parts.filter_map(|it| it.name.as_deref()).next();
            level.push((
                format!("Unbuilt{}", camel(first.unwrap_or_default())),
                index,
            ));
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

    /// The parts of a type, with the names that they would have.
    fn below(&self, entry: &SchemaInfo, name: &str, next: &mut Vec<(String, usize)>) {
        let mut add = |name: String, ty: Option<&str>| {
            next.extend(self.description.index(ty).map(|index| (name, index)));
        };
        add(name.to_owned(), entry.element_type.as_deref());
        for part in entry.members.iter().flatten() {
            let step = part.name.as_deref().map_or_else(String::new, camel);
            add(format!("{name}{step}"), part.r#type.as_deref());
        }
        for branch in &entry.variants {
            add(
                format!("{name}{}", camel(&branch.case)),
                Some(&branch.r#type),
            );
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
    match (entry.meta_type, &definition.kind) {
        (MetaType::Object, TypeKind::Object(object)) => {
            object.union_.is_some() == entry.tag.is_some()
        }
        (MetaType::Array, TypeKind::Array(_))
        | (MetaType::Enum, TypeKind::Enum(_))
        | (MetaType::Alternate, TypeKind::Alternate(_)) => true,
        (MetaType::Builtin, TypeKind::Builtin(builtin)) => {
            let told = match entry.json_type {
                Some(JsonType::String) => "string",
                Some(JsonType::Int) => "int",
                Some(JsonType::Number) => "number",
                Some(JsonType::Boolean) => "boolean",
                Some(JsonType::Null) => "null",
                _ => "value",
            };
            builtin.json_type() == told
        }
        _ => false,
    }
}

/// A name in `CamelCase`: `block-job.x_y` is `BlockJobXY`, `BLOCK_JOB` is `BlockJob`.
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
