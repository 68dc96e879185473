//! Classes of types: those of the revisions that become one type of the merged schema.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use qapi_parser::ir::{Entity, Schema, TypeKind};

use super::merged_object::{MergedObject, alternatives};
use super::merged_type::{Conflict, MergeKind, MergeSlot, MergedType, Node, kind, merge_slot};
use super::roots::roots;

/// Classes of types by the name of the newest: types with that name, and types that are used in its place.
#[derive(Debug, Default)]
pub(super) struct Classes {
    by_name: BTreeMap<String, BTreeSet<Node>>,
}

impl Classes {
    /// Returns the types of a class, oldest first.
    pub(super) fn nodes(&self, name: &str) -> impl DoubleEndedIterator<Item = Node> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Names of all classes, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// Finds the classes that commands, events and definitions reach, and the places where types cannot be one.
pub(super) fn find(schemas: &[&Schema]) -> (Classes, Vec<Conflict>) {
    let mut search = ClassSearch {
        schemas,
        classes: Classes::default(),
        work: VecDeque::new(),
    };
    let mut conflicts = Vec::new();
    for place in roots(schemas) {
        search.visit(&place, &mut conflicts);
    }
    if let Some(newest) = schemas.last() {
        for ty in &newest.types {
            if ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_)) {
                search.add(&ty.name, BTreeSet::new());
            }
        }
    }
    while let Some(name) = search.work.pop_front() {
        for place in search.places(&name) {
            // Conflicts are found again when all nodes are known.
            search.visit(&place, &mut Vec::new());
        }
    }
    let names: Vec<_> = search.classes.names().map(str::to_owned).collect();
    for name in names {
        for place in search.places(&name) {
            search.visit(&place, &mut conflicts);
        }
    }
    (search.classes, conflicts)
}

struct ClassSearch<'s> {
    schemas: &'s [&'s Schema],
    classes: Classes,
    /// Names of classes whose places are to be looked at again.
    work: VecDeque<String>,
}

impl ClassSearch<'_> {
    fn visit(&mut self, place: &MergeSlot, conflicts: &mut Vec<Conflict>) {
        match merge_slot(self.schemas, place) {
            Ok(merged) => self.take(&merged),
            Err(conflict) => conflicts.push(conflict),
        }
    }

    fn take(&mut self, merged: &MergedType) {
        match merged {
            MergedType::Builtin(_) | MergedType::Empty => {}
            MergedType::Array(element) => self.take(element),
            MergedType::Class(name, nodes) => self.add(name, nodes.clone()),
        }
    }

    /// Adds nodes to a class, which begins with all types of its name.
    fn add(&mut self, name: &str, mut nodes: BTreeSet<Node>) {
        if !self.classes.by_name.contains_key(name) {
            let newest = nodes.last().copied();
            nodes.extend(of_name(self.schemas, name, newest));
            self.work.push_back(name.to_owned());
            self.classes.by_name.insert(name.to_owned(), nodes);
            return;
        }
        if let Some(known) = self.classes.by_name.get_mut(name)
            && !nodes.is_subset(known)
        {
            known.append(&mut nodes);
            self.work.push_back(name.to_owned());
        }
    }

    fn places(&self, name: &str) -> Vec<MergeSlot> {
        let nodes: Vec<_> = self.classes.nodes(name).collect();
        places(self.schemas, name, &nodes)
    }
}

/// Types of that name which can be one with the newest of them.
fn of_name(schemas: &[&Schema], name: &str, newest: Option<Node>) -> Vec<Node> {
    let found =
        schemas
            .iter()
            .enumerate()
            .filter_map(|(revision, schema)| match schema.lookup(name) {
                Some(Entity::Type(ty)) => Some(Node { revision, ty }),
                _ => None,
            });
    let found: Vec<_> = found.collect();
    let kind_of = |node: &Node| kind(schemas[node.revision], node.ty);
    let of_newest = found.last().copied().or(newest).map(|node| kind_of(&node));
    let same = |node: &Node| Some(kind_of(node)) == of_newest;
    found.into_iter().filter(same).collect()
}

/// Returns the places inside of a class: members, branches, alternatives.
fn places(schemas: &[&Schema], name: &str, nodes: &[Node]) -> Vec<MergeSlot> {
    let is_alternate = |node: &Node| kind(schemas[node.revision], node.ty) == MergeKind::Alternate;
    let named = if nodes.iter().any(is_alternate) {
        alternatives(schemas, name, nodes)
    } else {
        let shape = MergedObject::new(schemas, name, nodes);
        let branches = shape.branches.into_iter().flat_map(|it| it.places);
        shape.members.into_iter().chain(branches).collect()
    };
    named.into_iter().map(|(_, place)| place).collect()
}
