//! Compares documentation, order, and the files of definitions.

use std::collections::HashMap;

use qapi_parser::ir::{Doc, DocId, Entity, ModuleId, NamedSection, Schema, SectionKind, TypeKind};
use qapi_parser::source::Span;

use crate::change::{Change, ChangeKind, DocPart, DocsChange};
use crate::order::reordered;
use crate::path::{PathStep, RootKind, SchemaPath};

/// Compares what readers of two schemas see of the definitions that both have.
pub fn compare(old: &Schema, new: &Schema) -> Vec<Change> {
    let mut found = DocsComparison {
        old,
        new,
        changes: Vec::new(),
    };
    for (_, old_definition) in definitions(old) {
        if let Some(new_definition) = definition(new, old_definition.name) {
            found.definition(&old_definition, &new_definition);
        }
    }
    found.modules();
    found
        .changes
        .sort_by(|a, b| (a.path.kind, &a.path.root).cmp(&(b.path.kind, &b.path.root)));
    for (cause, change) in (0..).zip(&mut found.changes) {
        change.cause = cause;
    }
    found.changes
}

/// A definition as readers see it.
struct Definition<'s> {
    kind: RootKind,
    name: &'s str,
    doc: Option<DocId>,
    module: ModuleId,
    span: Span,
    /// Names of members, values or alternatives, in order.
    parts: Vec<&'s str>,
}

/// Returns all definitions, in entity order.
fn definitions(schema: &Schema) -> impl Iterator<Item = (ModuleId, Definition<'_>)> {
    schema
        .entities
        .iter()
        .filter_map(|entity| describe(schema, *entity))
        .map(|definition| (definition.module, definition))
}

fn definition<'s>(schema: &'s Schema, name: &str) -> Option<Definition<'s>> {
    describe(schema, schema.lookup(name)?)
}

fn describe(schema: &Schema, entity: Entity) -> Option<Definition<'_>> {
    let members = |ty| parts(schema, ty);
    Some(match entity {
        Entity::Type(id) => {
            let ty = schema.ty(id);
            if ty.implicit || matches!(ty.kind, TypeKind::Array(_)) {
                return None;
            }
            Definition {
                kind: RootKind::Type,
                name: &ty.name,
                doc: ty.doc,
                module: ty.module,
                span: ty.span?,
                parts: members(id),
            }
        }
        Entity::Command(id) => {
            let command = schema.command(id);
            Definition {
                kind: RootKind::Command,
                name: &command.name,
                doc: command.doc,
                module: command.module,
                span: command.span,
                parts: command.arguments.map_or_else(Vec::new, members),
            }
        }
        Entity::Event(id) => {
            let event = schema.event(id);
            Definition {
                kind: RootKind::Event,
                name: &event.name,
                doc: event.doc,
                module: event.module,
                span: event.span,
                parts: event.arguments.map_or_else(Vec::new, members),
            }
        }
        Entity::Include(_) => return None,
    })
}

fn parts(schema: &Schema, id: qapi_parser::ir::TypeId) -> Vec<&str> {
    match &schema.ty(id).kind {
        TypeKind::Enum(enum_) => enum_
            .values
            .iter()
            .map(|value| value.name.as_str())
            .collect(),
        TypeKind::Alternate(alternate) => alternate
            .alternatives
            .iter()
            .map(|alternative| alternative.name.as_str())
            .collect(),
        TypeKind::Object(object) => {
            let members = object.members.iter().map(|member| member.name.as_str());
            let branches = object.union_.iter().flat_map(|union| &union.branches);
            members
                .chain(branches.map(|branch| branch.name.as_str()))
                .collect()
        }
        TypeKind::Builtin(_) | TypeKind::Array(_) => Vec::new(),
    }
}

struct DocsComparison<'s> {
    old: &'s Schema,
    new: &'s Schema,
    changes: Vec<Change>,
}

impl<'s> DocsComparison<'s> {
    fn report(
        &mut self,
        path: SchemaPath,
        change: DocsChange,
        old: Option<Span>,
        new: Option<Span>,
    ) {
        let kind = ChangeKind::Docs(change);
        self.changes.push(Change::new(path, kind, old, new));
    }

    fn definition(&mut self, old: &Definition<'_>, new: &Definition<'_>) {
        let path = SchemaPath::whole(old.kind, old.name);
        let spans = (Some(old.span), Some(new.span));
        let (before, after) = (file(self.old, old.module), file(self.new, new.module));
        if before != after {
            let moved = DocsChange::Moved {
                old: self.old.module(old.module).name.clone(),
                new: self.new.module(new.module).name.clone(),
            };
            self.report(path.clone(), moved, spans.0, spans.1);
        }
        if reordered(&old.parts, &new.parts) {
            self.report(path.clone(), DocsChange::Reordered, spans.0, spans.1);
        }
        let (old_schema, new_schema) = (self.old, self.new);
        let old_doc = old.doc.map(|id| old_schema.doc(id));
        let new_doc = new.doc.map(|id| new_schema.doc(id));
        self.docs(&path, old_doc, new_doc, spans);
    }

    fn docs(
        &mut self,
        path: &SchemaPath,
        old: Option<&'s Doc>,
        new: Option<&'s Doc>,
        spans: (Option<Span>, Option<Span>),
    ) {
        let old_span = old.map(|doc| doc.span).or(spans.0);
        let new_span = new.map(|doc| doc.span).or(spans.1);
        let texts = (
            old.map_or_else(Vec::new, body),
            new.map_or_else(Vec::new, body),
        );
        if let Some(change) = judge(&texts.0, &texts.1, DocPart::Definition) {
            self.report(path.clone(), change, old_span, new_span);
        }
        let members = |doc: Option<&'s Doc>| doc.map_or(&[][..], |doc| &doc.members);
        for (old, new) in pairs(members(old), members(new)) {
            let mut path = path.clone();
            path.steps.push(PathStep::Member(old.name.clone()));
            self.named(path, DocPart::Member, old, new);
        }
        let features = |doc: Option<&'s Doc>| doc.map_or(&[][..], |doc| &doc.features);
        for (old, new) in pairs(features(old), features(new)) {
            let part = DocPart::Feature(old.name.clone());
            self.named(path.clone(), part, old, new);
        }
    }

    fn named(&mut self, path: SchemaPath, part: DocPart, old: &NamedSection, new: &NamedSection) {
        if old.text == new.text {
            return;
        }
        if let Some(change) = judge(&words_of(&old.text), &words_of(&new.text), part) {
            self.report(path, change, Some(old.span), Some(new.span));
        }
    }

    /// Compares the order of the definitions that both revisions have in a file.
    fn modules(&mut self) {
        let names = |schema: &Schema| {
            let mut names: HashMap<Option<String>, Vec<String>> = HashMap::new();
            for (module, definition) in definitions(schema) {
                let module = file(schema, module).map(str::to_owned);
                names
                    .entry(module)
                    .or_default()
                    .push(definition.name.to_owned());
            }
            names
        };
        let (old, new) = (names(self.old), names(self.new));
        for (id, module) in (0..).map(ModuleId).zip(&self.old.modules) {
            let file = file(self.old, id).map(str::to_owned);
            let (Some(old), Some(new)) = (old.get(&file), new.get(&file)) else {
                continue;
            };
            let old: Vec<_> = old.iter().map(String::as_str).collect();
            let new: Vec<_> = new.iter().map(String::as_str).collect();
            if reordered(&old, &new) {
                let path = SchemaPath::whole(RootKind::Module, module.name.clone());
                self.report(path, DocsChange::DefinitionsReordered, None, None);
            }
        }
    }
}

/// Returns the name of a schema file; none for the root, which has a name of the user's choice.
fn file(schema: &Schema, module: ModuleId) -> Option<&str> {
    let root = schema
        .modules
        .iter()
        .position(|module| module.file.is_some());
    (root != Some(module.index())).then(|| schema.module(module).name.as_str())
}

/// Returns the words of a definition's own paragraphs and sections.
fn body(doc: &Doc) -> Vec<&str> {
    let sections = std::iter::once(&doc.body).chain(&doc.sections);
    sections
        .filter(|section| !section.text.is_empty())
        .flat_map(|section| {
            let tag = match section.kind {
                SectionKind::Plain => "",
                SectionKind::Returns => "Returns:",
                SectionKind::Errors => "Errors:",
                SectionKind::Since => "Since:",
                SectionKind::Todo => "TODO:",
            };
            std::iter::once(tag).chain(section.text.split_whitespace())
        })
        .collect()
}

fn words_of(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn judge(old: &[&str], new: &[&str], part: DocPart) -> Option<DocsChange> {
    if old == new {
        None
    } else if old.is_empty() {
        Some(DocsChange::Added(part))
    } else if new.is_empty() {
        Some(DocsChange::Removed(part))
    } else {
        Some(DocsChange::Changed(part))
    }
}

/// Sections that have the same name. If only one side has a name, the part itself was added or removed, which is not a
/// change of the documentation.
fn pairs<'s>(
    old: &'s [NamedSection],
    new: &'s [NamedSection],
) -> impl Iterator<Item = (&'s NamedSection, &'s NamedSection)> {
    let by_name: HashMap<_, _> = new
        .iter()
        .map(|section| (section.name.as_str(), section))
        .collect();
    old.iter()
        .filter_map(move |section| Some((section, *by_name.get(section.name.as_str())?)))
}
