//! Code actions at a place: fixes of diagnostics, and changes of documentation and structure.

use std::fmt::Write;
use std::path::Path;

use crate::docs::{Block, SectionKind};
use crate::findings::Finding;
use crate::index::{Definition, FileIndex, Kind};
use crate::location::{Change, Edit};
use crate::rename::edit;
use crate::sources::folded;
use crate::text::Range;
use crate::tree::Node;
use crate::workspace::Workspace;

/// The kind of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// Fixes a finding.
    Fix,
    /// Applies all certain fixes in a file.
    FixAll,
    /// Adds or moves text.
    Rewrite,
}

/// A change and its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Action {
    /// Its kind.
    pub kind: ActionKind,
    /// The change.
    pub change: Change,
    /// The finding that it fixes.
    pub finding: Option<Finding>,
}

impl Workspace {
    /// Returns the changes that are on offer at a place.
    pub fn actions(&mut self, path: &Path, range: Range) -> Vec<Action> {
        let path = folded(path);
        self.check();
        let findings = self.findings().remove(&path).unwrap_or_default();
        let mut actions = Vec::new();
        for finding in findings.iter().filter(|it| it.location.range.meets(range)) {
            for change in &finding.changes {
                actions.push(Action {
                    kind: ActionKind::Fix,
                    change: change.clone(),
                    finding: Some(finding.clone()),
                });
            }
        }
        actions.extend(fix_all(&path, &findings));
        let Some(index) = self.index(&path) else {
            return actions;
        };
        let Some(number) = index.definition_at(range.start) else {
            return actions;
        };
        let definition = &index.definitions[number];
        let rewrites = [
            skeleton(&path, &index, definition),
            missing(&path, &index, definition),
            sorted(&path, &index, definition),
            extracted(&path, &index, definition),
        ];
        let rewrites = rewrites.into_iter().flatten();
        actions.extend(rewrites.map(|change| Action {
            kind: ActionKind::Rewrite,
            change,
            finding: None,
        }));
        actions
    }
}

/// Returns all certain changes of a file; of two that overlap the first.
fn fix_all(path: &Path, findings: &[Finding]) -> Option<Action> {
    let changes = findings.iter().flat_map(|it| &it.changes);
    let certain = changes.filter(|it| it.is_certain);
    let mut edits: Vec<Edit> = certain.flat_map(|it| it.edits.iter().cloned()).collect();
    edits.retain(|edit| edit.location.path == path);
    edits.sort();
    let mut end = None;
    edits.retain(|edit| {
        let Range { start, end: behind } = edit.location.range;
        let is_free = end.is_none_or(|end| start > end);
        if is_free {
            end = Some(behind);
        }
        is_free
    });
    (!edits.is_empty()).then(|| Action {
        kind: ActionKind::FixAll,
        change: Change {
            title: "make all certain changes in this file".to_owned(),
            is_certain: true,
            edits,
        },
        finding: None,
    })
}

fn change(title: String, edits: Vec<Edit>) -> Change {
    Change {
        title,
        is_certain: false,
        edits,
    }
}

/// Names that documentation has to describe, in order.
fn described_names<'f>(index: &'f FileIndex, definition: &'f Definition) -> Vec<&'f str> {
    let members = index.members(definition).into_iter();
    // Branches are described where their enumeration is.
    let cases = match definition.kind {
        Kind::Union => Vec::new(),
        _ => index.cases(definition),
    };
    members.chain(cases).map(|it| it.name).collect()
}

/// Documentation for a definition that has none.
fn skeleton(path: &Path, index: &FileIndex, definition: &Definition) -> Option<Change> {
    if definition.doc.is_some() {
        return None;
    }
    let name = definition.name.value(&index.text);
    let mut text = format!("##\n# @{name}:\n#\n# TODO: describe it\n#\n");
    for member in described_names(index, definition) {
        let _ = write!(text, "# @{member}: TODO\n#\n");
    }
    let features = index.features(&definition.object);
    if !features.is_empty() {
        text.push_str("# Features:\n#\n");
    }
    for feature in features {
        let _ = write!(text, "# @{feature}: TODO\n#\n");
    }
    if index.returns(definition).is_some() {
        text.push_str("# Returns: TODO\n#\n");
    }
    let _ = write!(text, "# Since: {}\n##\n", qapi_parser::era::Era::NEWEST);
    // A description that starts with a tag would become a section.
    let text = text.replace("# TODO: describe it", "# To be described.");
    let text = text.replace(": TODO\n", ": to be described\n");
    let at = definition.object.range.start;
    let edits = vec![edit(path, Range::new(at, at), text)];
    Some(change(format!("write documentation for `{name}`"), edits))
}

/// Returns the sections of members in a block: name, and place up to the next section.
fn member_sections(text: &str, doc: &Block) -> Vec<(String, Range)> {
    let mut found = Vec::new();
    for (number, section) in doc.sections.iter().enumerate() {
        if let (SectionKind::Member, Some(name)) = (section.kind, section.name) {
            let next = doc.sections.get(number + 1).map(|it| it.range.start);
            let end = next.unwrap_or_else(|| closing(text, doc));
            found.push((
                name.of(text).to_owned(),
                Range::new(section.range.start, end),
            ));
        }
    }
    found
}

/// Returns the place of the closing mark.
fn closing(text: &str, doc: &Block) -> u32 {
    let block = doc.range.of(text);
    let last = block.rfind('\n').map_or(0, |it| it + 1);
    doc.range.start + u32::try_from(last).unwrap_or(0)
}

/// Start of the line that a place lies in.
fn line_start(text: &str, at: u32) -> u32 {
    let before = &text[..at as usize];
    u32::try_from(before.rfind('\n').map_or(0, |it| it + 1)).unwrap_or(0)
}

/// Descriptions of the members that have none, each in its place.
fn missing(path: &Path, index: &FileIndex, definition: &Definition) -> Option<Change> {
    let doc = definition.doc.as_ref()?;
    let text = &*index.text;
    let sections = member_sections(text, doc);
    let names = described_names(index, definition);
    let is_described = |name: &str| sections.iter().any(|(it, _)| it == name);
    // Where there are no descriptions yet, they go after the introduction.
    let intro_end = doc
        .sections
        .get(1)
        .map(|it| line_start(text, it.range.start));
    let end = sections
        .last()
        .map(|(_, range)| line_start(text, range.end));
    let end = end.or(intro_end).unwrap_or_else(|| closing(text, doc));
    let mut edits: Vec<Edit> = Vec::new();
    for (number, name) in names.iter().enumerate() {
        if is_described(name) {
            continue;
        }
        let later = names[number + 1..].iter();
        let next = later.filter_map(|it| sections.iter().find(|(name, _)| name == it));
        let next = next.map(|(_, range)| line_start(text, range.start)).min();
        let at = next.unwrap_or(end);
        let line = if at == closing(text, doc) && at == end {
            format!("#\n# @{name}: to be described\n")
        } else {
            format!("# @{name}: to be described\n#\n")
        };
        match edits.iter_mut().find(|it| it.location.range.start == at) {
            Some(other) => other.text.push_str(&line),
            None => edits.push(edit(path, Range::new(at, at), line)),
        }
    }
    (!edits.is_empty()).then(|| change("describe the missing members".to_owned(), edits))
}

/// Returns the descriptions in the order of the members.
fn sorted(path: &Path, index: &FileIndex, definition: &Definition) -> Option<Change> {
    let doc = definition.doc.as_ref()?;
    let text = &*index.text;
    let sections = member_sections(text, doc);
    let names = described_names(index, definition);
    let rank = |name: &str| names.iter().position(|it| *it == name);
    if sections.iter().any(|(name, _)| rank(name).is_none()) {
        return None;
    }
    let mut order = sections.clone();
    order.sort_by_key(|(name, _)| rank(name));
    if order == sections
        || sections
            .windows(2)
            .any(|pair| pair[0].1.end != pair[1].1.start)
    {
        return None;
    }
    let (first, last) = (sections.first()?.1, sections.last()?.1);
    let (start, end) = (line_start(text, first.start), line_start(text, last.end));
    let mut new = String::new();
    for (_, range) in order {
        let part = Range::new(line_start(text, range.start), line_start(text, range.end));
        let part = part.of(text).trim_end_matches(['\n', '#', ' ']);
        let _ = write!(new, "{part}\n#\n");
    }
    if end == closing(text, doc) {
        new.truncate(new.len() - 2);
    }
    let edits = vec![edit(path, Range::new(start, end), new)];
    Some(change(
        "sort the descriptions as the members are".to_owned(),
        edits,
    ))
}

/// Members that a command, event or union lists itself, as a struct of their own.
fn extracted(path: &Path, index: &FileIndex, definition: &Definition) -> Option<Change> {
    let text = &*index.text;
    let key = match definition.kind {
        Kind::Command | Kind::Event => "data",
        Kind::Union => "base",
        Kind::Enum | Kind::Struct | Kind::Alternate => return None,
    };
    let Node::Object(members) = definition.object.value(key, text)? else {
        return None;
    };
    if members.members.is_empty() {
        return None;
    }
    let own = definition.name.value(text);
    let suffix = if key == "base" { "Base" } else { "Arguments" };
    let name = format!("{}{suffix}", camel(own));
    let mut new = String::new();
    let mut edits = Vec::new();
    if let Some(doc) = &definition.doc {
        let _ = write!(new, "##\n# @{name}:\n#\n# Members of @{own}.\n#\n");
        for (_, range) in member_sections(text, doc) {
            let range = Range::new(line_start(text, range.start), line_start(text, range.end));
            let part = range.of(text).trim_end_matches(['\n', '#', ' ']);
            let _ = write!(new, "{part}\n#\n");
            edits.push(edit(path, range, String::new()));
        }
        let since = index.doc_text(definition, "Since");
        let since = match since {
            "" => qapi_parser::era::Era::NEWEST.to_string(),
            since => since.to_owned(),
        };
        let _ = write!(new, "# Since: {since}\n##\n");
    }
    let list = members.range.of(text);
    let _ = write!(new, "{{ 'struct': '{name}',\n  'data': {list} }}\n\n");
    let at = definition.range().start;
    edits.push(edit(path, Range::new(at, at), new));
    edits.push(edit(path, members.range, format!("'{name}'")));
    edits.sort();
    Some(change(
        format!("extract the members as struct `{name}`"),
        edits,
    ))
}

/// Returns the name of a command or event as that of a type.
fn camel(name: &str) -> String {
    let words = name.split(['-', '_']);
    let words = words.map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        let is_loud = word.chars().all(|it| !it.is_ascii_lowercase());
        let rest = letters.as_str();
        let rest = if is_loud {
            rest.to_ascii_lowercase()
        } else {
            rest.to_owned()
        };
        first.into_iter().chain(rest.chars()).collect::<String>()
    });
    words.collect()
}
