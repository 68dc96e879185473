//! From a server's description of itself back to a schema.
//!
//! Introspection tells messages, not names: those of types are numbers. A name is taken from schemas of other revisions
//! where the way from a command or event to the type is the same ([`names`]), else it is made from that way. Two
//! servers with the same messages have the same data but for these names, so they decide nothing.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;

use qapi_parser::ir::{Command, Entity, Schema, TypeId};

use crate::model::{Introspection, MetaType, SchemaInfo};

mod names;
mod text;

/// Why a description cannot be written as a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconstructionError(String);

impl fmt::Display for ReconstructionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ReconstructionError {}

/// A schema made from introspection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reconstruction {
    /// The text of its only file.
    pub text: String,
    /// Types that have the name of another schema's type.
    pub known_names: usize,
    /// Types whose name was made from the way to them.
    pub made_names: usize,
}

/// Writes the schema of a server. Names of types, and what introspection does not tell of commands, are taken from
/// `others`, the first that has them.
///
/// # Errors
/// The description has something that no schema can say, as arrays of arrays.
pub fn reconstruct(
    introspection: &Introspection,
    others: &[&Schema],
) -> Result<Reconstruction, ReconstructionError> {
    let description = Description::new(introspection)?;
    let named = names::choose(&description, others);
    let commands = others.iter().rev().flat_map(|schema| &schema.commands);
    let known: HashMap<&str, &Command> = commands.map(|it| (it.name.as_str(), it)).collect();
    Ok(Reconstruction {
        text: text::write(&description, &named.names, &known)?,
        known_names: named.known,
        made_names: named.made,
    })
}

/// The entries of a description, by number.
struct Description<'i> {
    entries: &'i [SchemaInfo],
    types: HashMap<&'i str, usize>,
    /// The empty object that stands for nothing.
    empty: Option<usize>,
    /// Objects that only one command or event has, as its arguments or data.
    inline: HashSet<usize>,
    /// Types to which no command or event leads, but for those to which another of these leads: servers describe the types
    /// of commands that they were built without.
    unbuilt: Vec<usize>,
}

impl<'i> Description<'i> {
    fn new(introspection: &'i Introspection) -> Result<Self, ReconstructionError> {
        let entries = introspection.entries();
        let is_type =
            |it: &SchemaInfo| !matches!(it.meta_type, MetaType::Command | MetaType::Event);
        let types = entries.iter().enumerate().filter(|(_, it)| is_type(it));
        let mut description = Self {
            entries,
            types: types.map(|(index, it)| (it.name.as_str(), index)).collect(),
            empty: None,
            inline: HashSet::new(),
            unbuilt: Vec::new(),
        };
        let uses = description.uses();
        let is_empty = |it: &SchemaInfo| {
            let members = it.members.as_ref().is_none_or(Vec::is_empty);
            it.meta_type == MetaType::Object && members && it.tag.is_none()
        };
        let empties = (0..entries.len()).filter(|&index| is_empty(&entries[index]));
        // Of several empty objects, the one that stands for nothing is used by most.
        description.empty = empties.rev().max_by_key(|index| uses[*index]);
        for entry in entries.iter().filter(|it| !is_type(it)) {
            let Some(index) = description.index(entry.arg_type.as_deref()) else {
                continue;
            };
            let object = &entries[index];
            let names = object.members.iter().flatten();
            let mut names = names.filter_map(|it| it.name.as_deref());
            // No pragma excuses the names of parameters.
            let is_plain =
                object.tag.is_none() && object.features.is_empty() && !names.any(needs_excuse);
            if is_plain && uses[index] == 1 && description.empty != Some(index) {
                description.inline.insert(index);
            }
        }
        description.unbuilt = description.find_unbuilt(&uses);
        for entry in entries.iter().filter(|it| it.meta_type == MetaType::Array) {
            let element = description.index(entry.element_type.as_deref());
            if element.is_some_and(|it| entries[it].meta_type == MetaType::Array) {
                return Err(ReconstructionError(format!(
                    "`{}` is an array of arrays, which no schema can have",
                    entry.name
                )));
            }
        }
        Ok(description)
    }

    fn index(&self, name: Option<&str>) -> Option<usize> {
        self.types.get(name?).copied()
    }

    fn find_unbuilt(&self, uses: &[usize]) -> Vec<usize> {
        let mut met = vec![false; self.entries.len()];
        for (index, entry) in self.entries.iter().enumerate() {
            if matches!(entry.meta_type, MetaType::Command | MetaType::Event) {
                self.meet(index, &mut met);
            }
        }
        let mut unbuilt = Vec::new();
        // Last those of a circle, which all are referred to.
        let first = (0..uses.len()).filter(|&index| uses[index] == 0);
        for index in first.chain(0..uses.len()) {
            if !met[index] {
                unbuilt.push(index);
                self.meet(index, &mut met);
            }
        }
        unbuilt
    }

    /// Marks all entries to which one leads.
    fn meet(&self, start: usize, met: &mut [bool]) {
        let mut next = vec![start];
        while let Some(index) = next.pop() {
            if !std::mem::replace(&mut met[index], true) {
                let names = references(&self.entries[index]);
                next.extend(names.filter_map(|name| self.index(Some(name))));
            }
        }
    }

    /// Returns the number of references to each entry.
    fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.entries.len()];
        for entry in self.entries {
            for name in references(entry) {
                if let Some(index) = self.index(Some(name)) {
                    uses[index] += 1;
                }
            }
        }
        uses
    }
}

/// Returns whether only a pragma allows a name.
fn needs_excuse(name: &str) -> bool {
    name.bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The names of types that an entry refers to.
fn references(entry: &SchemaInfo) -> impl Iterator<Item = &str> {
    let whole = [&entry.arg_type, &entry.ret_type, &entry.element_type];
    let members = entry
        .members
        .iter()
        .flatten()
        .filter_map(|it| it.r#type.as_deref());
    let branches = entry.variants.iter().map(|it| it.r#type.as_str());
    whole
        .into_iter()
        .flatten()
        .map(String::as_str)
        .chain(members)
        .chain(branches)
}

/// The types of a command's arguments and reply, or of an event's data.
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
