//! The content of a class: members, branches and alternatives, each with its types in the revisions.

use std::collections::BTreeSet;

use qapi_parser::ir::{Object, Schema, TypeId, TypeKind, Union};

use super::merged_type::{MergeKind, MergeSlot, MergedType, Node, kind, merge_slot};
use super::roots::{distinct, empty};

/// An object class: a union, or a struct.
pub(super) struct MergedObject {
    /// The common members, the newest type's first.
    pub(super) members: Vec<(String, MergeSlot)>,
    /// The discriminator and branches of a union.
    pub(super) branches: Option<Branches>,
    /// Members of branches without a discriminator; they are among the members, and always optional.
    pub(super) loose: BTreeSet<String>,
}

/// The branches of a union.
pub(super) struct Branches {
    pub(super) discriminator: String,
    /// The addition of each branch, with the value that selects it.
    pub(super) places: Vec<(String, MergeSlot)>,
}

impl MergedObject {
    /// Returns the shape of a class of objects. It is a union if there are branches, and all revisions select them by
    /// the same member.
    pub(super) fn new(schemas: &[&Schema], owner: &str, nodes: &[Node]) -> Self {
        let members = members(schemas, owner, nodes);
        let places = branches(schemas, owner, nodes);
        if places.is_empty() {
            return Self {
                members,
                branches: None,
                loose: BTreeSet::new(),
            };
        }
        match discriminator(schemas, nodes, &members) {
            Some(discriminator) if !overlap(schemas, &members, &places) => Self {
                members,
                branches: Some(Branches {
                    discriminator,
                    places,
                }),
                loose: BTreeSet::new(),
            },
            _ => Self::without_branches(schemas, owner, members, &places),
        }
    }

    /// Creates a struct that has the members of all branches.
    fn without_branches(
        schemas: &[&Schema],
        owner: &str,
        mut members: Vec<(String, MergeSlot)>,
        branches: &[(String, MergeSlot)],
    ) -> Self {
        let mut loose = BTreeSet::new();
        for node in branches.iter().flat_map(|(_, place)| &place.nodes) {
            for (name, ty, span) in deep_members(schemas[node.revision], node.ty) {
                let known = members.iter().position(|(known, _)| *known == name);
                let at = known.unwrap_or_else(|| {
                    let place = MergeSlot::new(format!("member `{name}` of `{owner}`"));
                    members.push((name.clone(), place));
                    members.len() - 1
                });
                members[at].1.add(node.revision, ty, Some(span));
                loose.insert(name);
            }
        }
        for (_, place) in &mut members {
            place.sort();
        }
        Self {
            members,
            branches: None,
            loose,
        }
    }
}

/// Returns the member that tells branches apart: in every type of the class, mandatory, and text.
fn discriminator(
    schemas: &[&Schema],
    nodes: &[Node],
    members: &[(String, MergeSlot)],
) -> Option<String> {
    let unions = nodes.iter().filter_map(|node| union_of(schemas, node));
    let names: BTreeSet<_> = unions.map(|union_| &*union_.discriminator).collect();
    let [name] = Vec::from_iter(names)[..] else {
        return None;
    };
    let is_certain = |node: &Node| {
        let members = schemas[node.revision].flattened(node.ty);
        let mut members = members.into_iter();
        members.any(|(_, member)| member.name == name && !member.optional)
    };
    let (_, place) = members.iter().find(|(member, _)| member == name)?;
    let is_enum = matches!(merge_slot(schemas, place), Ok(MergedType::Class(..)));
    (is_enum && nodes.iter().all(is_certain)).then(|| name.to_owned())
}

/// Returns true if a member is common in one revision and one of a branch in another.
fn overlap(
    schemas: &[&Schema],
    members: &[(String, MergeSlot)],
    branches: &[(String, MergeSlot)],
) -> bool {
    let common: BTreeSet<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    let mut nodes = branches.iter().flat_map(|(_, place)| &place.nodes);
    nodes.any(|node| {
        let members = deep_members(schemas[node.revision], node.ty);
        members
            .iter()
            .any(|(name, ..)| common.contains(name.as_str()))
    })
}

/// Members of an object with those of its bases and of its branches.
fn deep_members(schema: &Schema, id: TypeId) -> Vec<(String, TypeId, qapi_parser::source::Span)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([id]);
    let mut work = vec![id];
    while let Some(id) = work.pop() {
        for (_, member) in schema.flattened(id) {
            found.push((member.name.clone(), member.ty, member.span));
        }
        if let TypeKind::Object(Object {
            union_: Some(union_),
            ..
        }) = &schema.ty(id).kind
        {
            let branches = union_.branches.iter().map(|branch| branch.ty);
            work.extend(branches.filter(|id| seen.insert(*id)));
        }
    }
    found
}

fn union_of<'s>(schemas: &[&'s Schema], node: &Node) -> Option<&'s Union> {
    match &schemas[node.revision].ty(node.ty).kind {
        TypeKind::Object(object) => object.union_.as_ref(),
        _ => None,
    }
}

/// Returns the common members of an object class, each with its name: those of the newest type first.
fn members(schemas: &[&Schema], owner: &str, nodes: &[Node]) -> Vec<(String, MergeSlot)> {
    let names = nodes.iter().rev().flat_map(|node| {
        let members = schemas[node.revision].flattened(node.ty);
        members.into_iter().map(|(_, member)| member.name.clone())
    });
    let mut places: Vec<_> = distinct(names)
        .into_iter()
        .map(|name| {
            let place = MergeSlot::new(format!("member `{name}` of `{owner}`"));
            (name, place)
        })
        .collect();
    for node in nodes {
        for (_, member) in schemas[node.revision].flattened(node.ty) {
            let place = places.iter_mut().find(|(name, _)| *name == member.name);
            if let Some((_, place)) = place {
                place.add(node.revision, member.ty, Some(member.span));
            }
        }
    }
    places
}

/// Returns the additions of an object class's branches, each with the value that selects it.
fn branches(schemas: &[&Schema], owner: &str, nodes: &[Node]) -> Vec<(String, MergeSlot)> {
    let unions = nodes
        .iter()
        .rev()
        .filter_map(|node| union_of(schemas, node));
    let names = unions.flat_map(|union_| {
        let branches = union_.branches.iter();
        branches.map(|branch| branch.name.clone())
    });
    let mut places = Vec::new();
    for name in distinct(names) {
        let mut place = MergeSlot::new(format!("branch `{name}` of `{owner}`"));
        for node in nodes {
            let schema = schemas[node.revision];
            match union_of(schemas, node) {
                Some(union_) => {
                    let mut branches = union_.branches.iter();
                    if let Some(branch) = branches.find(|branch| branch.name == name) {
                        place.add(node.revision, branch.ty, branch.span);
                    }
                }
                // Without a discriminator, no branch adds members.
                None => {
                    if let Some(empty) = empty(schema) {
                        place.add(node.revision, empty, schema.ty(node.ty).span);
                    }
                }
            }
        }
        places.push((name, place));
    }
    places
}

/// Returns the alternatives of an alternate class, each with the name that the newest type gives it. An absorbed type
/// belongs to the alternative of its kind.
pub(super) fn alternatives(
    schemas: &[&Schema],
    owner: &str,
    nodes: &[Node],
) -> Vec<(String, MergeSlot)> {
    let mut found: Vec<(MergeKind, String, MergeSlot)> = Vec::new();
    for node in nodes.iter().rev() {
        let schema = schemas[node.revision];
        if let TypeKind::Alternate(alternate) = &schema.ty(node.ty).kind {
            for alternative in &alternate.alternatives {
                let kind = kind(schema, alternative.ty);
                if !found.iter().any(|(known, ..)| *known == kind) {
                    let name = alternative.name.clone();
                    let place = MergeSlot::new(format!("alternative `{name}` of `{owner}`"));
                    found.push((kind, name, place));
                }
            }
        }
    }
    for node in nodes {
        let schema = schemas[node.revision];
        let types = match &schema.ty(node.ty).kind {
            TypeKind::Alternate(alternate) => {
                let alternatives = alternate.alternatives.iter();
                alternatives.map(|it| (it.ty, Some(it.span))).collect()
            }
            _ => vec![(node.ty, schema.ty(node.ty).span)],
        };
        for (ty, span) in types {
            let kind = kind(schema, ty);
            let place = found.iter_mut().find(|(known, ..)| *known == kind);
            if let Some((_, _, place)) = place {
                place.add(node.revision, ty, span);
            }
        }
    }
    found
        .into_iter()
        .map(|(_, name, place)| (name, place))
        .collect()
}
