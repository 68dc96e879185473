//! The entries of a server's description, linked.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;

use qapi_runtime::introspect::{Introspection, MetaType, SchemaInfo};

/// The reason why a description cannot be written as a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconstructionError(pub(super) String);

impl fmt::Display for ReconstructionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ReconstructionError {}

/// The entries of a description, by number.
pub(super) struct Description<'i> {
    pub(super) entries: &'i [SchemaInfo],
    types: HashMap<&'i str, usize>,
    /// The empty object that means no arguments, reply or data.
    pub(super) empty: Option<usize>,
    /// Objects that only one command or event has, as its arguments or data.
    pub(super) inline: HashSet<usize>,
    /// Types that no command or event refers to, except those that another of these types refers to. Servers describe
    /// the types of commands that they were built without.
    pub(super) unbuilt: Vec<usize>,
}

impl<'i> Description<'i> {
    pub(super) fn new(introspection: &'i Introspection) -> Result<Self, ReconstructionError> {
        let entries = introspection.entries();
        let types = entries.iter().enumerate();
        let types = types.filter(|(_, it)| it.meta_type.is_type());
        let mut description = Self {
            entries,
            types: types.map(|(index, it)| (&*it.name, index)).collect(),
            empty: None,
            inline: HashSet::new(),
            unbuilt: Vec::new(),
        };
        let uses = description.uses();
        let is_empty = |it: &SchemaInfo| match &it.meta_type {
            MetaType::Object(object) => object.members.is_empty() && object.tag.is_none(),
            _ => false,
        };
        let empties = (0..entries.len()).filter(|&index| is_empty(&entries[index]));
        // Of several empty objects, the one that means nothing is used most.
        description.empty = empties.rev().max_by_key(|index| uses[*index]);
        let inline = entries.iter().filter_map(|it| description.data(it));
        let inline = inline.filter(|&index| uses[index] == 1 && description.can_be_inline(index));
        description.inline = inline.collect();
        description.unbuilt = description.find_unbuilt(&uses);
        for entry in entries {
            if let MetaType::Array { element_type } = &entry.meta_type
                && let Some(element) = description.index(element_type)
                && matches!(entries[element].meta_type, MetaType::Array { .. })
            {
                return Err(ReconstructionError(format!(
                    "`{}` is an array of arrays, which no schema can have",
                    entry.name
                )));
            }
        }
        Ok(description)
    }

    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.types.get(name).copied()
    }

    /// Returns the type of a command's arguments or an event's data.
    pub(super) fn data(&self, entry: &SchemaInfo) -> Option<usize> {
        match &entry.meta_type {
            MetaType::Command { arg_type, .. } | MetaType::Event { arg_type } => {
                self.index(arg_type)
            }
            _ => None,
        }
    }

    /// Returns whether an object can be written in the place of its name, as arguments.
    fn can_be_inline(&self, index: usize) -> bool {
        let entry = &self.entries[index];
        let MetaType::Object(object) = &entry.meta_type else {
            return false;
        };
        // No pragma relaxes the names of arguments.
        let is_excused = object.members.iter().any(|it| needs_excuse(&it.name));
        let is_plain = object.tag.is_none() && entry.features.is_none();
        is_plain && !is_excused && self.empty != Some(index)
    }

    fn find_unbuilt(&self, uses: &[usize]) -> Vec<usize> {
        let mut met = vec![false; self.entries.len()];
        for (index, entry) in self.entries.iter().enumerate() {
            if !entry.meta_type.is_type() {
                self.meet(index, &mut met);
            }
        }
        let mut unbuilt = Vec::new();
        // Last, those in a cycle, which are all referred to.
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
                let names = self.entries[index].meta_type.references();
                next.extend(names.into_iter().filter_map(|name| self.index(name)));
            }
        }
    }

    /// Returns the number of references to each entry.
    fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.entries.len()];
        for entry in self.entries {
            for name in entry.meta_type.references() {
                if let Some(index) = self.index(name) {
                    uses[index] += 1;
                }
            }
        }
        uses
    }
}

/// Returns whether only a pragma allows a name.
pub(super) fn needs_excuse(name: &str) -> bool {
    name.bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
