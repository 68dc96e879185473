//! The definitions of a file, and of all files by name.

use std::path::Path;

use crate::index::{Definition, FileIndex, Kind, Part};
use crate::location::Location;
use crate::text::Range;
use crate::workspace::Workspace;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutlineKind {
    /// A definition.
    Definition(Kind),
    /// A member, argument or alternative.
    Member,
    /// A value of an enumeration.
    Value,
    /// A branch of a union.
    Branch,
}

/// A definition or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: OutlineKind,
    /// Its type as written; empty if it has none.
    pub detail: String,
    /// It has the feature `deprecated`.
    pub deprecated: bool,
    /// All of it, documentation included.
    pub range: Range,
    /// Its name.
    pub name_range: Range,
    /// Its parts.
    pub children: Vec<Outline>,
}

impl Workspace {
    /// Returns the definitions of a file with their members, in order.
    pub fn outline(&mut self, path: &Path) -> Vec<Outline> {
        let index = self.index(&crate::sources::folded(path));
        let Some(index) = index else {
            return Vec::new();
        };
        let definitions = index.definitions.iter();
        definitions.map(|it| definition(&index, it)).collect()
    }

    /// Returns the definitions in all schemas whose name holds these letters in this order, the best first.
    pub fn symbols(&mut self, query: &str, limit: usize) -> Vec<(Outline, Location)> {
        let mut found = Vec::new();
        for view in self.all_views() {
            for (name, id) in view.names() {
                let Some(rank) = rank(name, query) else {
                    continue;
                };
                let (index, it) = view.definition(id);
                let location = Location {
                    path: view.path(id.file).to_path_buf(),
                    range: it.name.inner,
                };
                let mut entry = definition(index, it);
                entry.children.clear();
                found.push((rank, name.to_owned(), location, entry));
            }
        }
        found.sort_by(|one, other| (&one.0, &one.1, &one.2).cmp(&(&other.0, &other.1, &other.2)));
        found.dedup_by(|one, other| one.2 == other.2);
        let best = found.into_iter().take(limit);
        best.map(|(_, _, location, entry)| (entry, location))
            .collect()
    }
}

/// Returns the distance of a name from what was typed: whole names first, then starts, then parts, then letters in this order.
fn rank(name: &str, query: &str) -> Option<u8> {
    let (name, query) = (name.to_ascii_lowercase(), query.to_ascii_lowercase());
    if name == query {
        return Some(0);
    }
    if name.starts_with(&query) {
        return Some(1);
    }
    if name.contains(&query) {
        return Some(2);
    }
    let mut letters = name.chars();
    let in_order = query.chars().all(|wanted| letters.any(|it| it == wanted));
    in_order.then_some(3)
}

fn definition(index: &FileIndex, definition: &Definition) -> Outline {
    let base = index.base(definition).map(|it| it.to_string());
    let returns = index.returns(definition).map(|it| format!("→ {it}"));
    let detail: Vec<_> = base.into_iter().chain(returns).collect();
    let members = index.members(definition).into_iter();
    let members = members.map(|it| part(index, it, OutlineKind::Member));
    let kind = match definition.kind {
        Kind::Enum => OutlineKind::Value,
        Kind::Union => OutlineKind::Branch,
        _ => OutlineKind::Member,
    };
    let cases = index.cases(definition).into_iter();
    Outline {
        name: definition.name.value(&index.text).to_owned(),
        kind: OutlineKind::Definition(definition.kind),
        detail: detail.join(" "),
        deprecated: index.features(&definition.object).contains(&"deprecated"),
        range: definition.range(),
        name_range: definition.name.inner,
        children: members
            .chain(cases.map(|it| part(index, it, kind)))
            .collect(),
    }
}

fn part(index: &FileIndex, part: Part<'_>, kind: OutlineKind) -> Outline {
    let features = part.longhand.map(|it| index.features(it));
    Outline {
        name: part.name.to_owned(),
        kind,
        detail: part.ty.map(|it| it.to_string()).unwrap_or_default(),
        deprecated: features.is_some_and(|it| it.contains(&"deprecated")),
        range: part.range,
        name_range: part.name_range,
        children: Vec::new(),
    }
}
