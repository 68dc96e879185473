//! The structure of a file: folding ranges, selection ranges, links, hints, and the roles of names.

use std::path::{Path, PathBuf};

use crate::index::{Kind, Role};
use crate::sources::folded;
use crate::text::Range;
use crate::tree::{Node, Object};
use crate::view::{Id, Symbol, View};
use crate::workspace::Workspace;

/// Lines that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fold {
    /// From the first line to the last.
    pub range: Range,
    /// They are comments or documentation.
    pub is_comment: bool,
}

/// A text that an editor shows after a place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// The place.
    pub offset: u32,
    /// The text.
    pub text: String,
}

/// The role of a name, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// A key or tag.
    Keyword,
    /// A definition.
    Definition(Kind),
    /// A predefined type, or one that is not known.
    Type,
    /// A member, argument or alternative.
    Member,
    /// A value of an enumeration, or a branch.
    Value,
    /// A feature.
    Feature,
    /// A symbol of conditions.
    Symbol,
}

/// A name with its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// The name.
    pub range: Range,
    /// Its role.
    pub kind: TokenKind,
    /// It is defined here.
    pub is_definition: bool,
    /// It stands in documentation.
    pub in_documentation: bool,
    /// It stands for something with the feature `deprecated`.
    pub deprecated: bool,
}

/// The largest number of members in a hint.
const LISTED: usize = 6;

impl Workspace {
    /// Returns the lines of a file that can be folded, in order.
    pub fn folds(&mut self, path: &Path) -> Vec<Fold> {
        let Some(index) = self.index(&folded(path)) else {
            return Vec::new();
        };
        let mut folds = Vec::new();
        let mut add = |range: Range, is_comment| {
            if range.of(&index.text).contains('\n') {
                folds.push(Fold { range, is_comment });
            }
        };
        for definition in &index.definitions {
            if let Some(doc) = &definition.doc {
                add(doc.range, true);
            }
            add(definition.object.range, false);
            for member in &definition.object.members {
                if let Some(value @ (Node::Object(_) | Node::Array(_))) = &member.value {
                    add(value.range(), false);
                }
            }
        }
        for directive in &index.directives {
            add(directive.range, false);
        }
        for doc in &index.free_docs {
            add(doc.range, true);
        }
        for comment in &index.comments {
            add(*comment, true);
        }
        folds.sort_by_key(|it| it.range);
        folds
    }

    /// Returns the ranges around a place, each inside of the next.
    pub fn selection(&mut self, path: &Path, offset: u32) -> Vec<Range> {
        let Some(index) = self.index(&folded(path)) else {
            return Vec::new();
        };
        let length = u32::try_from(index.text.len()).unwrap_or(u32::MAX);
        let mut ranges = vec![Range::new(0, length)];
        let blocks = index.definitions.iter().filter_map(|it| it.doc.as_ref());
        for block in blocks.chain(&index.free_docs) {
            if block.range.touches(offset) {
                ranges.push(block.range);
                let sections = block.sections.iter().map(|it| it.range);
                ranges.extend(sections.filter(|it| it.touches(offset)));
            }
        }
        if let Some(number) = index.definition_at(offset) {
            ranges.push(index.definitions[number].range());
        }
        let definitions = index.definitions.iter().map(|it| &it.object);
        for object in definitions.chain(&index.directives) {
            around(object, offset, &mut ranges);
        }
        ranges.extend(index.at(offset).map(|it| it.range));
        ranges.sort_by_key(|it| (it.end - it.start, it.start));
        ranges.dedup();
        let mut nested: Vec<Range> = Vec::new();
        for range in ranges {
            let is_around = |inner: &Range| range.start <= inner.start && inner.end <= range.end;
            if nested.last().is_none_or(is_around) {
                nested.push(range);
            }
        }
        nested
    }

    /// Returns the paths of include directives with the files that they name.
    pub fn links(&mut self, path: &Path) -> Vec<(Range, PathBuf)> {
        let path = folded(path);
        let Some(index) = self.index(&path) else {
            return Vec::new();
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let includes = index.includes.iter();
        let links = includes.map(|it| (it.inner, folded(&folder.join(it.value(&index.text)))));
        links.collect()
    }

    /// Texts between the lines: the members of a base, the type of a discriminator, the members of a branch.
    pub fn hints(&mut self, path: &Path, range: Range) -> Vec<Hint> {
        let Some((view, file)) = self.views(path).into_iter().next() else {
            return Vec::new();
        };
        let index = view.index(file);
        let mut hints = Vec::new();
        for (definition, it) in index.definitions.iter().enumerate() {
            if !it.object.range.meets(range) {
                continue;
            }
            let id = Id { file, definition };
            if let Some(base) = index.base(it).filter(|_| it.kind.is_type())
                && let Some(names) = members(&view, view.find(base.name))
            {
                let offset = base.range.end + 1;
                let text = format!(" + {names}");
                hints.push(Hint { offset, text });
            }
            if it.kind != Kind::Union {
                continue;
            }
            if let (Some(value), Some(tag)) =
                (it.object.value("discriminator", &index.text), view.tag(id))
            {
                let offset = value.range().end;
                let text = format!(": {}", view.name(tag));
                hints.push(Hint { offset, text });
            }
            for branch in index.cases(it) {
                if let Some(names) = members(&view, view.type_id(branch.ty)) {
                    let offset = branch.range.end;
                    let text = format!(" {{ {names} }}");
                    hints.push(Hint { offset, text });
                }
            }
        }
        hints.retain(|hint| range.touches(hint.offset));
        hints.sort_by_key(|hint| hint.offset);
        hints
    }

    /// Returns the names in a part of a file with their roles, in order; none overlap.
    pub fn tokens(&mut self, path: &Path, range: Range) -> Vec<Token> {
        let Some((view, file)) = self.views(path).into_iter().next() else {
            return Vec::new();
        };
        let index = view.index(file);
        let mut end = 0;
        let mut tokens = Vec::new();
        for it in &index.occurrences {
            let is_wanted = it.range.meets(range) && it.range.start >= end;
            if !is_wanted || it.range.start == it.range.end || it.role == Role::Include {
                continue;
            }
            let symbol = view.symbol(file, it);
            let Some(kind) = kind(&view, it.role, symbol.as_ref()) else {
                continue;
            };
            end = it.range.end;
            tokens.push(Token {
                range: it.range,
                kind,
                is_definition: matches!(
                    it.role,
                    Role::Definition | Role::Member | Role::Value | Role::Alternative
                ),
                in_documentation: matches!(
                    it.role,
                    Role::DocName
                        | Role::DocMember
                        | Role::DocFeature
                        | Role::DocTag
                        | Role::DocMention
                        | Role::DocQuoted
                ),
                deprecated: symbol.is_some_and(|it| is_deprecated(&view, &it)),
            });
        }
        tokens
    }
}

fn kind(view: &View, role: Role, symbol: Option<&Symbol>) -> Option<TokenKind> {
    Some(match (role, symbol) {
        (Role::Keyword | Role::DocTag, _) => TokenKind::Keyword,
        (Role::Branch | Role::Value, _) => TokenKind::Value,
        (Role::Member | Role::Alternative | Role::Discriminator, _) => TokenKind::Member,
        (_, Some(Symbol::Definition(name))) => match view.find(name) {
            Some(id) => TokenKind::Definition(view.definition(id).1.kind),
            None => TokenKind::Type,
        },
        (_, Some(Symbol::Part { owner, .. })) => {
            let owner = view.find(owner).map(|id| view.definition(id).1.kind);
            match owner {
                Some(Kind::Enum) => TokenKind::Value,
                _ => TokenKind::Member,
            }
        }
        (_, Some(Symbol::Feature { .. })) => TokenKind::Feature,
        (_, Some(Symbol::Condition(_))) => TokenKind::Symbol,
        (Role::Type, _) | (_, Some(Symbol::Builtin(_))) => TokenKind::Type,
        // Text that only looks like a reference.
        _ => return None,
    })
}

fn is_deprecated(view: &View, symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Definition(name) => view.find(name).is_some_and(|id| {
            let (index, it) = view.definition(id);
            index.features(&it.object).contains(&"deprecated")
        }),
        Symbol::Part { owner, name } => {
            let part = view.find(owner).and_then(|id| view.part(id, name));
            part.is_some_and(|(id, part)| {
                let (index, _) = view.definition(id);
                let longhand = part.longhand;
                longhand.is_some_and(|it| index.features(it).contains(&"deprecated"))
            })
        }
        _ => false,
    }
}

/// Returns the names of all members of a type, as far as there is room.
fn members(view: &View, id: Option<Id>) -> Option<String> {
    let members = view.members(id?);
    let names = members.iter().take(LISTED).map(|(_, it)| {
        let star = if it.optional { "*" } else { "" };
        format!("{star}{}", it.name)
    });
    let mut names: Vec<_> = names.collect();
    if members.len() > LISTED {
        names.push("…".to_owned());
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Collects the values around a place.
fn around(object: &Object, offset: u32, ranges: &mut Vec<Range>) {
    if !object.range.touches(offset) {
        return;
    }
    ranges.push(object.range);
    for member in &object.members {
        if member.range.touches(offset) {
            ranges.push(member.range);
        }
        if let Some(key) = member.key.as_ref().filter(|it| it.range.touches(offset)) {
            ranges.push(key.range);
        }
        if let Some(value) = &member.value {
            around_value(value, offset, ranges);
        }
    }
}

fn around_value(value: &Node, offset: u32, ranges: &mut Vec<Range>) {
    if !value.range().touches(offset) {
        return;
    }
    match value {
        Node::Object(object) => around(object, offset, ranges),
        Node::Array(array) => {
            ranges.push(array.range);
            for element in &array.elements {
                around_value(element, offset, ranges);
            }
        }
        Node::String(_) | Node::Word(_) => ranges.push(value.range()),
    }
}
