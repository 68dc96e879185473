//! Merges one slot's types across revisions.

use std::collections::BTreeSet;

use qapi_parser::diag::{Anchor, Code, Diagnostic};
use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::numbers::{is_number, wider};

/// A type of a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Node {
    /// The number of the revision, oldest first.
    pub(super) revision: usize,
    pub(super) ty: TypeId,
}

/// A slot for a type, in all revisions that have it: a member, a reply, a branch.
#[derive(Debug, Clone, Default)]
pub(super) struct MergeSlot {
    /// Its description for messages: "member `a` of `B`".
    pub(super) what: String,
    /// Its types, oldest first.
    pub(super) nodes: Vec<Node>,
    /// Its places in the schemas, by node.
    pub(super) spans: Vec<Option<Span>>,
}

impl MergeSlot {
    pub(super) fn new(what: String) -> Self {
        Self {
            what,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, revision: usize, ty: TypeId, span: Option<Span>) {
        self.nodes.push(Node { revision, ty });
        self.spans.push(span);
    }

    /// Puts the nodes in order, oldest first.
    pub(super) fn sort(&mut self) {
        let spans = std::mem::take(&mut self.spans);
        let mut pairs: Vec<_> = self.nodes.drain(..).zip(spans).collect();
        pairs.sort_by_key(|(node, _)| node.revision);
        (self.nodes, self.spans) = pairs.into_iter().unzip();
    }
}

/// The merged type of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MergedType {
    Builtin(Builtin),
    Array(Box<Self>),
    /// An object without members.
    Empty,
    /// The class of this name, to which the nodes belong.
    Class(String, BTreeSet<Node>),
}

/// Types that cannot be merged.
#[derive(Debug)]
pub(super) struct Conflict {
    place: MergeSlot,
    /// Positions in the place of two nodes that differ.
    pair: (usize, usize),
}

impl Conflict {
    pub(super) fn diagnostic(&self, schemas: &[&Schema], names: &[String]) -> Diagnostic {
        let (older, newer) = self.pair;
        let describe = |at: usize| {
            let Node { revision, ty } = self.place.nodes[at];
            let ty = match &schemas[revision].ty(ty).name {
                name if name == "q_empty" => "empty".to_owned(),
                name => format!("`{name}`"),
            };
            format!("{ty} in revision {}", names[revision])
        };
        let message = format!(
            "{} is {} and {}",
            self.place.what,
            describe(older),
            describe(newer)
        );
        let anchor = match self.place.spans[newer] {
            Some(span) => Anchor::Line(span),
            None => Anchor::File(names[self.place.nodes[newer].revision].clone()),
        };
        let mut error = Diagnostic::error(Code::GEN_REVISIONS, anchor, message);
        let label = |at: usize| format!("revision {}", names[self.place.nodes[at].revision]);
        if let Some(span) = self.place.spans[newer] {
            error = error.primary(span, label(newer));
        }
        if let Some(span) = self.place.spans[older] {
            error = error.label(span, label(older));
        }
        error.help("no type can hold both; generate separate clients for the revisions before and after the change")
    }
}

/// Returns true for the predefined object type without members.
pub(super) fn is_empty(schema: &Schema, id: TypeId) -> bool {
    schema.ty(id).name == "q_empty"
}

/// The kind of a type, which decides the types that it can be merged with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MergeKind {
    Any,
    Number,
    String,
    Bool,
    Null,
    Array,
    Object,
    Alternate,
}

pub(super) fn kind(schema: &Schema, id: TypeId) -> MergeKind {
    match &schema.ty(id).kind {
        TypeKind::Builtin(Builtin::Any) => MergeKind::Any,
        TypeKind::Builtin(Builtin::Str) | TypeKind::Enum(_) => MergeKind::String,
        TypeKind::Builtin(Builtin::Bool) => MergeKind::Bool,
        TypeKind::Builtin(Builtin::Null) => MergeKind::Null,
        TypeKind::Builtin(_) => MergeKind::Number,
        TypeKind::Array(_) => MergeKind::Array,
        TypeKind::Object(_) => MergeKind::Object,
        TypeKind::Alternate(_) => MergeKind::Alternate,
    }
}

/// Unites the types of a place, of which there is at least one.
pub(super) fn merge_slot(schemas: &[&Schema], place: &MergeSlot) -> Result<MergedType, Conflict> {
    let kinds: Vec<_> = place
        .nodes
        .iter()
        .map(|node| kind(schemas[node.revision], node.ty))
        .collect();
    if kinds.contains(&MergeKind::Any) {
        return Ok(MergedType::Builtin(Builtin::Any));
    }
    if let Some(newest) = kinds.iter().rposition(|kind| *kind == MergeKind::Alternate) {
        return with_alternate(schemas, place, &kinds, newest);
    }
    let newest = kinds.len() - 1;
    if let Some(other) = kinds.iter().rposition(|kind| *kind != kinds[newest]) {
        return Err(conflict(place, other, newest));
    }
    match kinds[newest] {
        MergeKind::Array => {
            let mut elements = MergeSlot::new(format!("an element of {}", place.what));
            for (node, span) in place.nodes.iter().zip(&place.spans) {
                if let TypeKind::Array(array) = &schemas[node.revision].ty(node.ty).kind {
                    elements.add(node.revision, array.element, *span);
                }
            }
            Ok(MergedType::Array(Box::new(merge_slot(schemas, &elements)?)))
        }
        MergeKind::Object => {
            Ok(class(schemas, place, |schema, id| !is_empty(schema, id))
                .unwrap_or(MergedType::Empty))
        }
        MergeKind::String => {
            let is_enum = |schema: &Schema, id| matches!(schema.ty(id).kind, TypeKind::Enum(_));
            let text = MergedType::Builtin(Builtin::Str);
            Ok(class(schemas, place, is_enum).unwrap_or(text))
        }
        _ => Ok(MergedType::Builtin(builtin(schemas, place))),
    }
}

/// Returns the class of the newest node of which `names` is true; all nodes belong to it.
fn class(
    schemas: &[&Schema],
    place: &MergeSlot,
    names: impl Fn(&Schema, TypeId) -> bool,
) -> Option<MergedType> {
    let mut nodes = place.nodes.iter().rev();
    let newest = nodes.find(|node| names(schemas[node.revision], node.ty))?;
    let name = schemas[newest.revision].ty(newest.ty).name.clone();
    Some(MergedType::Class(
        name,
        place.nodes.iter().copied().collect(),
    ))
}

fn builtin(schemas: &[&Schema], place: &MergeSlot) -> Builtin {
    let builtins =
        place
            .nodes
            .iter()
            .filter_map(|node| match schemas[node.revision].ty(node.ty).kind {
                TypeKind::Builtin(builtin) => Some(builtin),
                _ => None,
            });
    let merged = builtins.reduce(|older, newer| {
        if is_number(newer) {
            wider(older, newer)
        } else {
            newer
        }
    });
    merged.unwrap_or(Builtin::Any)
}

/// Merges an alternate with a type for which it has an alternative.
fn with_alternate(
    schemas: &[&Schema],
    place: &MergeSlot,
    kinds: &[MergeKind],
    newest: usize,
) -> Result<MergedType, Conflict> {
    let mut known = Vec::new();
    for node in &place.nodes {
        let schema = schemas[node.revision];
        if let TypeKind::Alternate(alternate) = &schema.ty(node.ty).kind {
            known.extend(alternate.alternatives.iter().map(|it| kind(schema, it.ty)));
        }
    }
    let other = kinds
        .iter()
        .rposition(|kind| *kind != MergeKind::Alternate && !known.contains(kind));
    if let Some(other) = other {
        return Err(conflict(place, other, newest));
    }
    let is_alternate = |schema: &Schema, id| kind(schema, id) == MergeKind::Alternate;
    let class = class(schemas, place, is_alternate);
    Ok(class.unwrap_or(MergedType::Builtin(Builtin::Any)))
}

fn conflict(place: &MergeSlot, one: usize, other: usize) -> Conflict {
    Conflict {
        place: place.clone(),
        pair: (one.min(other), one.max(other)),
    }
}
