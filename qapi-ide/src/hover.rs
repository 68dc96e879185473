//! Text about a name: its documentation, its members with those of its bases, its users.

use std::fmt::Write;
use std::path::Path;

use qapi_codegen::documentation::markdown::{Rustdoc, markdown};
use qapi_codegen::documentation::{builtin_range, parse};
use qapi_parser::ir::Builtin;

use crate::docs::SectionKind;
use crate::index::{Definition, FileIndex, Kind, Part};
use crate::keys;
use crate::navigate::symbol_at;
use crate::text::Range;
use crate::view::{Id, Symbol, View};
use crate::workspace::Workspace;

/// The largest number of listed members or users.
const LISTED: usize = 60;

/// Text about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hover {
    /// The name.
    pub range: Range,
    /// Text in Markdown.
    pub markdown: String,
}

impl Workspace {
    /// Returns the text about the name at a place; none where there is no name or nothing is known of it.
    pub fn hover(&mut self, path: &Path, offset: u32) -> Option<Hover> {
        for (view, file) in self.views(path) {
            let index = view.index(file);
            let occurrence = index.at(offset)?;
            let found = match symbol_at(&view, file, offset) {
                Some(symbol) => text(&view, &symbol),
                None => keys::text(index.name_of(occurrence)).map(str::to_owned),
            };
            if let Some(markdown) = found {
                return Some(Hover {
                    range: occurrence.range,
                    markdown,
                });
            }
        }
        None
    }
}

/// Returns the text about a symbol.
pub(crate) fn text(view: &View, symbol: &Symbol) -> Option<String> {
    match symbol {
        Symbol::Definition(name) => Some(definition(view, view.find(name)?)),
        Symbol::Part { owner, name } => {
            let (id, it) = view.part(view.find(owner)?, name)?;
            Some(part(view, id, &it))
        }
        Symbol::Feature { owner, name } => feature(view, owner, name),
        Symbol::Builtin(name) => builtin(name),
        Symbol::Condition(name) => Some(format!("symbol `{name}` of conditions")),
        Symbol::File(path) => Some(format!("file `{}`", path.display())),
    }
}

fn builtin(name: &str) -> Option<String> {
    let builtin = Builtin::ALL.into_iter().find(|it| it.as_str() == name)?;
    Some(format!(
        "built-in type `{name}`: {}",
        builtin_range(builtin)
    ))
}

fn rendered(text: &str) -> String {
    markdown(&parse(text), &Rustdoc)
}

fn feature(view: &View, owner: &str, name: &str) -> Option<String> {
    let (index, it) = view.definition(view.find(owner)?);
    let sections = it.doc.iter().flat_map(|doc| &doc.sections);
    let mut described = sections.filter(|section| {
        section.kind == SectionKind::Feature
            && section.name.is_some_and(|it| it.of(&index.text) == name)
    });
    let text = described.next().map(|it| rendered(&it.text));
    let mut page = format!("feature `{name}` of {} `{owner}`", it.kind.word());
    if let Some(text) = text.filter(|it| !it.is_empty()) {
        let _ = write!(page, "\n\n{text}");
    }
    Some(page)
}

fn part(view: &View, id: Id, it: &Part<'_>) -> String {
    let (index, owner) = view.definition(id);
    let word = match owner.kind {
        Kind::Enum => "value",
        Kind::Alternate => "alternative",
        Kind::Command => "argument",
        _ => "member",
    };
    let mut page = format!(
        "```qapi\n{}\n```\n\n{word} of {} `{}`",
        signature(it),
        owner.kind.word(),
        owner.name.value(&index.text)
    );
    condition(index, it, &mut page);
    let described = described(view, id, it.name);
    if !described.is_empty() {
        let _ = write!(page, "\n\n{}", rendered(described));
    }
    if let Some(ty) = view.type_id(it.ty) {
        let (index, definition) = view.definition(ty);
        let intro = introduction(definition);
        let name = definition.name.value(&index.text);
        let _ = write!(page, "\n\n---\n\n{} `{name}`", definition.kind.word());
        if let Some(first) = intro.split("\n\n").next().filter(|it| !it.is_empty()) {
            let _ = write!(page, ": {}", rendered(first));
        }
    }
    page
}

/// Returns the description of a part where its owner documents it.
fn described<'v>(view: &'v View, id: Id, name: &str) -> &'v str {
    let (index, definition) = view.definition(id);
    index.doc_text(definition, name)
}

fn introduction(definition: &Definition) -> &str {
    let first = definition.doc.as_ref().and_then(|doc| doc.sections.first());
    first.map_or("", |it| &it.text)
}

/// `'*name': 'type'`
fn signature(it: &Part<'_>) -> String {
    let star = if it.optional { "*" } else { "" };
    match it.ty {
        Some(ty) => format!("'{star}{}': {ty}", it.name),
        None => format!("'{star}{}'", it.name),
    }
}

fn condition(index: &FileIndex, it: &Part<'_>, page: &mut String) {
    if let Some(condition) = it.longhand.and_then(|it| it.value("if", &index.text)) {
        let condition = condition.range().of(&index.text);
        let _ = write!(page, ", if `{condition}`");
    }
}

fn definition(view: &View, id: Id) -> String {
    let (index, it) = view.definition(id);
    let name = it.name.value(&index.text);
    let mut head = format!("{{ '{}': '{name}'", it.kind.word());
    if let Some(base) = index.base(it) {
        let key = if it.kind.is_type() { "base" } else { "data" };
        let _ = write!(head, ", '{key}': {base}");
    }
    if let Some(tag) = index.discriminator(it) {
        let _ = write!(head, ", 'discriminator': '{tag}'");
    }
    if let Some(returns) = index.returns(it) {
        let _ = write!(head, ", 'returns': {returns}");
    }
    if let Some(condition) = it.object.value("if", &index.text) {
        let _ = write!(head, ", 'if': {}", condition.range().of(&index.text));
    }
    let mut page = format!("```qapi\n{head} }}\n```\n");
    let intro = introduction(it);
    if !intro.is_empty() {
        let _ = write!(page, "\n{}\n", rendered(intro));
    }
    members(view, id, &mut page);
    for section in it.doc.iter().flat_map(|doc| doc.sections.iter().skip(1)) {
        let text = rendered(&section.text);
        let name = section.name.map_or("", |it| it.of(&index.text));
        let _ = match section.kind {
            SectionKind::Plain if !text.is_empty() => write!(page, "\n{text}\n"),
            SectionKind::Tag(tag) => write!(page, "\n**{tag}:** {text}\n"),
            SectionKind::Feature => write!(page, "\n**Feature `{name}`:** {text}\n"),
            SectionKind::Plain | SectionKind::Member | SectionKind::Features => Ok(()),
        };
    }
    if it.kind.is_type() {
        users(view, name, &mut page);
    }
    let file = view.path(id.file).file_name().unwrap_or_default();
    let _ = write!(page, "\n*{}*", file.to_string_lossy());
    page
}

/// Writes the list of members, those of bases first, and of values, branches or alternatives.
fn members(view: &View, id: Id, page: &mut String) {
    let (index, it) = view.definition(id);
    let members = view.members(id);
    let title = match it.kind {
        Kind::Command => "Arguments",
        Kind::Event => "Data",
        _ => "Members",
    };
    if !members.is_empty() {
        let _ = write!(page, "\n**{title}**\n\n");
    }
    for (owner, member) in members.iter().take(LISTED) {
        let from = (*owner != id).then(|| view.name(*owner));
        let mut text = described(view, *owner, member.name);
        if text.is_empty() {
            text = described(view, id, member.name);
        }
        line(&signature(member), from, text, page);
    }
    more(members.len(), page);
    let cases = index.cases(it);
    if cases.is_empty() {
        return;
    }
    let title = match it.kind {
        Kind::Enum => "Values",
        Kind::Union => "Branches",
        _ => "Alternatives",
    };
    let _ = write!(page, "\n**{title}**\n\n");
    for case in cases.iter().take(LISTED) {
        line(&signature(case), None, described(view, id, case.name), page);
    }
    more(cases.len(), page);
}

/// One line of a list, with the first paragraph of a description.
fn line(signature: &str, from: Option<&str>, text: &str, page: &mut String) {
    let _ = write!(page, "- `{signature}`");
    if let Some(from) = from {
        let _ = write!(page, " (of `{from}`)");
    }
    let first = text.split("\n\n").next().unwrap_or_default();
    if !first.is_empty() {
        let text = rendered(first).replace('\n', " ");
        let _ = write!(page, " – {text}");
    }
    page.push('\n');
}

fn more(count: usize, page: &mut String) {
    if count > LISTED {
        let _ = writeln!(page, "- … and {} more", count - LISTED);
    }
}

fn users(view: &View, name: &str, page: &mut String) {
    let users = view.users(name);
    if users.is_empty() {
        return;
    }
    let names = users
        .iter()
        .take(LISTED)
        .map(|id| format!("`{}`", view.name(*id)));
    let names: Vec<_> = names.collect();
    let rest = match users.len() {
        count if count > LISTED => format!(" and {} more", count - LISTED),
        _ => String::new(),
    };
    let _ = write!(page, "\n**Used by** {}{rest}\n", names.join(", "));
}
