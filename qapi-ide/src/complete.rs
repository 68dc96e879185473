//! Completion: names and constructs that fit a place.

use std::collections::BTreeSet;
use std::path::Path;

use qapi_parser::ir::Builtin;
use qapi_parser::source::Files;

use crate::completion_context::{CompletionContext, CompletionTarget, completion_target};
use crate::index::{Kind, Role};
use crate::keys;
use crate::snippets;
use crate::text::Range;
use crate::view::{Id, View};
use crate::workspace::Workspace;

/// The kind of a completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompletionKind {
    /// A key or another word of the language.
    Keyword,
    /// A definition.
    Definition(Kind),
    /// A predefined type.
    Builtin,
    /// A member.
    Member,
    /// A value of an enumeration.
    Value,
    /// A feature.
    Feature,
    /// A symbol of conditions.
    Symbol,
    /// A file.
    File,
    /// A whole construct.
    Snippet,
}

/// Names and constructs that fit a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Completions {
    /// The text that any choice replaces.
    pub range: Range,
    /// The likeliest first.
    pub items: Vec<Completion>,
}

/// A name or construct.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The name that is shown, and compared with what is typed.
    pub label: String,
    /// Its kind.
    pub kind: CompletionKind,
    /// A short description.
    pub detail: String,
    /// It has the feature `deprecated`.
    pub deprecated: bool,
    /// The text to put there. In a snippet, places to fill in are written `${1:text}`.
    pub text: String,
    /// The text has places to fill in.
    pub is_snippet: bool,
    /// Markdown text, if available.
    pub documentation: Option<&'static str>,
}

impl Workspace {
    /// Names and constructs that fit a place.
    pub fn complete(&mut self, path: &Path, offset: u32) -> Completions {
        let Some((view, file)) = self.views(path).into_iter().next() else {
            return Completions::default();
        };
        let index = view.index(file);
        let target = completion_target(index, offset);
        let mut list = List {
            view: &view,
            file,
            target: &target,
            found: Vec::new(),
        };
        if target.context == CompletionContext::Include {
            let folder = path.parent().unwrap_or(Path::new(""));
            let names = self.sources().list(folder).unwrap_or_default();
            let is_schema = |name: &&String| {
                Path::new(name).extension().is_some_and(|it| it == "json")
                    && path.file_name().is_none_or(|own| own != name.as_str())
            };
            for name in names.iter().filter(is_schema) {
                list.add(name, CompletionKind::File, String::new());
            }
        } else {
            list.fill();
        }
        Completions {
            range: target.range,
            items: list.found,
        }
    }

    /// Returns the text about a completion that names a definition.
    pub fn describe(&mut self, path: &Path, name: &str) -> Option<String> {
        let symbol = crate::view::Symbol::Definition(name.to_owned());
        let views = self.views(path);
        views
            .iter()
            .find_map(|(view, _)| crate::hover::text(view, &symbol))
    }
}

struct List<'v> {
    view: &'v View,
    file: usize,
    target: &'v CompletionTarget,
    found: Vec<Completion>,
}

impl List<'_> {
    fn fill(&mut self) {
        match &self.target.context {
            CompletionContext::Nothing | CompletionContext::Include => {}
            CompletionContext::TopLevel => self.constructs(),
            CompletionContext::Keys { of, present } => self.keys(of, present),
            CompletionContext::Flag => {
                for word in ["true", "false"] {
                    self.add(word, CompletionKind::Keyword, String::new());
                }
            }
            CompletionContext::Type => self.types(|_| true, true),
            CompletionContext::Base => self.types(|kind| kind == Kind::Struct, false),
            CompletionContext::Object => {
                self.types(|kind| matches!(kind, Kind::Struct | Kind::Union), false);
            }
            CompletionContext::Discriminator => self.discriminators(),
            CompletionContext::Branches { present } => self.branches(present),
            CompletionContext::Feature => self.gathered(
                Role::Feature,
                CompletionKind::Feature,
                &["deprecated", "unstable"],
            ),
            CompletionContext::Symbol => self.gathered(Role::Symbol, CompletionKind::Symbol, &[]),
            CompletionContext::Definition | CompletionContext::DocQuoted => self.definitions(),
            CompletionContext::DocHeader => self.doc_header(),
            CompletionContext::DocMember => self.doc_members(),
            CompletionContext::DocMention => self.doc_mentions(),
            CompletionContext::DocTag => self.doc_tags(),
        }
    }

    fn add(&mut self, name: &str, kind: CompletionKind, detail: String) -> &mut Completion {
        let written = self.target.written(name);
        self.found.push(Completion {
            label: name.to_owned(),
            kind,
            detail,
            deprecated: false,
            text: written,
            is_snippet: false,
            documentation: None,
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    fn constructs(&mut self) {
        for snippet in snippets::ALL {
            let detail = format!("new {}", snippet.label);
            let added = self.add(snippet.label, CompletionKind::Snippet, detail);
            snippet.text().clone_into(&mut added.text);
            added.is_snippet = true;
        }
    }

    fn keys(&mut self, of: &str, present: &[String]) {
        let all: Vec<_> = match of {
            // Its kind is not clear yet.
            "" => {
                let keywords = keys::OF_DEFINITIONS.iter().filter(|key| key.of.is_empty());
                let directives = keys::OTHERS.iter().filter(|key| key.of.is_empty());
                keywords.chain(directives).collect()
            }
            of => {
                let all = keys::OF_DEFINITIONS.iter().chain(keys::OF_PARTS);
                let all = all.chain(keys::OTHERS).filter(|key| key.of.contains(&of));
                all.collect()
            }
        };
        for key in all {
            if present.iter().any(|it| it == key.name) || self.has(key.name) {
                continue;
            }
            let has_colon = self.target.has_colon;
            let added = self.add(key.name, CompletionKind::Keyword, String::new());
            added.documentation = Some(key.text);
            if !has_colon {
                added.text.push_str(": ");
            }
        }
    }

    fn has(&self, label: &str) -> bool {
        self.found.iter().any(|it| it.label == label)
    }

    fn types(&mut self, is_wanted: impl Fn(Kind) -> bool, with_builtin: bool) {
        let view = self.view;
        for (name, id) in sorted(view) {
            let kind = view.definition(id).1.kind;
            if kind.is_type() && is_wanted(kind) {
                self.definition(name, id);
            }
        }
        if with_builtin {
            for builtin in Builtin::ALL {
                self.add(
                    builtin.as_str(),
                    CompletionKind::Builtin,
                    "built-in".to_owned(),
                );
            }
        }
    }

    fn definition(&mut self, name: &str, id: Id) {
        let (index, definition) = self.view.definition(id);
        let file = self.view.path(id.file).file_name().unwrap_or_default();
        let detail = format!("{} · {}", definition.kind.word(), file.to_string_lossy());
        let kind = CompletionKind::Definition(definition.kind);
        let deprecated = index.features(&definition.object).contains(&"deprecated");
        self.add(name, kind, detail).deprecated = deprecated;
    }

    fn definitions(&mut self) {
        let view = self.view;
        for (name, id) in sorted(view) {
            self.definition(name, id);
        }
    }

    fn here(&self) -> Option<Id> {
        let definition = self.target.definition?;
        let file = self.file;
        Some(Id { file, definition })
    }

    fn discriminators(&mut self) {
        let view = self.view;
        let Some(here) = self.here() else { return };
        for (_, member) in view.members(here) {
            let tag = view.type_id(member.ty);
            let is_enum = tag.is_some_and(|tag| view.definition(tag).1.kind == Kind::Enum);
            if is_enum && !member.optional {
                let detail = member.ty.map(|ty| ty.to_string()).unwrap_or_default();
                self.add(member.name, CompletionKind::Member, detail);
            }
        }
    }

    fn branches(&mut self, present: &[String]) {
        let view = self.view;
        let Some(tag) = self.here().and_then(|here| view.tag(here)) else {
            return;
        };
        let (index, definition) = view.definition(tag);
        let has_colon = self.target.has_colon;
        for value in index.cases(definition) {
            if present.iter().any(|it| it == value.name) {
                continue;
            }
            let added = self.add(value.name, CompletionKind::Value, view.name(tag).to_owned());
            if !has_colon {
                added.text.push_str(": ");
            }
        }
    }

    /// Names that other places of the schema have in this role, and those that there always are.
    fn gathered(&mut self, role: Role, kind: CompletionKind, always: &[&str]) {
        let view = self.view;
        let mut names: BTreeSet<&str> = always.iter().copied().collect();
        for (_, index) in &view.files {
            let all = index.occurrences.iter().filter(|it| it.role == role);
            // The part that is being written does not count as an example.
            let others = all.filter(|it| it.range.start != self.target.range.start);
            names.extend(
                others
                    .map(|it| index.name_of(it))
                    .filter(|it| !it.is_empty()),
            );
        }
        for name in names {
            self.add(name, kind, String::new());
        }
    }

    fn doc_header(&mut self) {
        let view = self.view;
        if let Some(here) = self.here() {
            let kind = CompletionKind::Definition(view.definition(here).1.kind);
            self.add(view.name(here), kind, String::new())
                .text
                .push(':');
        }
    }

    /// Members that the documentation does not describe yet.
    fn doc_members(&mut self) {
        let view = self.view;
        let Some(here) = self.here() else { return };
        let (index, definition) = view.definition(here);
        let described: Vec<_> = definition
            .doc
            .iter()
            .flat_map(|doc| &doc.sections)
            .filter_map(|section| Some(section.name?.of(&index.text)))
            .collect();
        let members = index.members(definition).into_iter();
        let cases = (definition.kind != Kind::Union).then(|| index.cases(definition));
        for part in members.chain(cases.into_iter().flatten()) {
            if !described.contains(&part.name) {
                let detail = part.ty.map(|ty| ty.to_string()).unwrap_or_default();
                self.add(part.name, CompletionKind::Member, detail)
                    .text
                    .push_str(": ");
            }
        }
        for feature in index.features(&definition.object) {
            if !described.contains(&feature) {
                let added = self.add(feature, CompletionKind::Feature, "feature".to_owned());
                added.text.push_str(": ");
            }
        }
    }

    fn doc_mentions(&mut self) {
        let view = self.view;
        if let Some(here) = self.here() {
            for (_, member) in view.members(here) {
                self.add(
                    member.name,
                    CompletionKind::Member,
                    view.name(here).to_owned(),
                );
            }
            let (index, definition) = view.definition(here);
            for case in index.cases(definition) {
                self.add(case.name, CompletionKind::Value, view.name(here).to_owned());
            }
        }
        self.definitions();
    }

    fn doc_tags(&mut self) {
        for (label, text) in snippets::TAGS {
            let added = self.add(label, CompletionKind::Keyword, String::new());
            (*text).clone_into(&mut added.text);
            added.is_snippet = true;
        }
    }
}

fn sorted(view: &View) -> Vec<(&str, Id)> {
    let mut names: Vec<_> = view.names().collect();
    names.sort_unstable();
    names
}
