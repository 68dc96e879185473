//! Finds definitions by name, the targets of names in the text, and the users of definitions.

use std::collections::{HashMap, HashSet};

use qapi_parser::ir::{Schema, TypeId, TypeKind};

use super::tree::{Definition, Kind, Page, PageItem, element, is_inline};
use crate::markup::{self, Block, Target};

/// Positions and relations of definitions.
#[derive(Debug, Default)]
pub(super) struct Index<'s> {
    /// Page and item of each definition.
    pub(super) positions: HashMap<&'s str, (usize, usize)>,
    /// The names that lead to a part of a definition.
    pub(super) members: HashMap<&'s str, HashSet<&'s str>>,
    /// The features that a definition describes.
    pub(super) features: HashMap<&'s str, Vec<&'s str>>,
    /// The definitions that a definition gets members from, the nearest first.
    pub(super) bases: HashMap<&'s str, Vec<&'s str>>,
    /// Pages of the places that the text marks for references.
    pub(super) labels: HashMap<String, usize>,
    pub(super) users: HashMap<&'s str, Vec<User<'s>>>,
}

/// A definition that uses a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct User<'s> {
    /// Its name.
    pub name: &'s str,
    /// The use.
    pub role: Role<'s>,
}

/// The use that a definition makes of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role<'s> {
    /// The arguments of a command or the data of an event.
    Data(Kind),
    /// The reply of a command.
    Reply,
    /// The base of a type.
    Base,
    /// The type of a member or argument of this name.
    Member(&'s str),
    /// The members that a branch of this name adds.
    Branch(&'s str),
    /// An alternative.
    Alternative,
}

impl<'s> Role<'s> {
    /// Returns a word and a name for it, either of which may be empty.
    pub fn words(self) -> (&'static str, &'s str) {
        match self {
            Self::Data(Kind::Event) => ("data", ""),
            Self::Data(_) => ("arguments", ""),
            Self::Reply => ("reply", ""),
            Self::Base => ("base", ""),
            Self::Member(name) => ("", name),
            Self::Branch(name) => ("branch", name),
            Self::Alternative => ("alternative", ""),
        }
    }
}

impl<'s> Index<'s> {
    pub(super) fn new(schema: &'s Schema, pages: &[Page<'s>]) -> Self {
        let mut index = Self::default();
        for (number, page) in pages.iter().enumerate() {
            for (position, item) in page.items.iter().enumerate() {
                match item {
                    PageItem::Text(text) => index.labels(number, &text.blocks),
                    PageItem::Definition(definition) => {
                        index.definition(schema, (number, position), definition);
                    }
                }
            }
        }
        let definitions = || pages.iter().flat_map(Page::definitions);
        for definition in definitions() {
            let bases = index.chain(schema, pages, definition);
            if definition.kind.is_message() {
                // The members of a message are shown with it, wherever they are defined.
                let names: Vec<_> = bases
                    .iter()
                    .filter_map(|name| index.find(pages, name))
                    .flat_map(|base| base.content.members.iter().map(|member| member.name))
                    .collect();
                index
                    .members
                    .entry(definition.name)
                    .or_default()
                    .extend(names);
            }
            index.bases.insert(definition.name, bases);
        }
        index
    }

    fn definition(
        &mut self,
        schema: &'s Schema,
        position: (usize, usize),
        definition: &Definition<'s>,
    ) {
        let name = definition.name;
        self.positions.insert(name, position);
        let members = definition.content.members.iter().map(|member| member.name);
        self.members.insert(name, members.collect());
        let features = definition.feature_texts.iter().map(|(name, _)| *name);
        self.features.insert(name, features.collect());
        for blocks in [&definition.body, &definition.remarks] {
            self.labels(position.0, blocks);
        }
        let mut uses = Vec::new();
        uses_of(schema, definition, &mut uses);
        for (used, role) in uses {
            let users = self.users.entry(used).or_default();
            let user = User { name, role };
            if users.last() != Some(&user) {
                users.push(user);
            }
        }
    }

    fn labels(&mut self, page: usize, blocks: &[Block]) {
        for block in blocks {
            if let Block::Target(label) = block {
                self.labels.entry(label.clone()).or_insert(page);
            }
        }
    }

    pub(super) fn find<'p>(&self, pages: &'p [Page<'s>], name: &str) -> Option<&'p Definition<'s>> {
        let (page, item) = self.positions.get(name)?;
        match &pages[*page].items[*item] {
            PageItem::Definition(definition) => Some(definition),
            PageItem::Text(_) => None,
        }
    }

    /// Returns the type that a definition gets members from, the one that this gets members from, and so on.
    fn chain(
        &self,
        schema: &'s Schema,
        pages: &[Page<'s>],
        definition: &Definition<'s>,
    ) -> Vec<&'s str> {
        let mut bases = Vec::new();
        let mut next = definition.content.base;
        while let Some(id) = next {
            let name = schema.ty(id).name.as_str();
            let Some(base) = self.find(pages, name) else {
                break;
            };
            bases.push(name);
            next = base.content.base;
        }
        bases
    }

    /// Returns the target of `@name` in the documentation of a definition.
    pub(super) fn resolve_name(&self, name: &str, scope: Option<&str>) -> Option<Target> {
        let within = scope.and_then(|scope| self.within(name, scope));
        within.or_else(|| self.definition_target(name))
    }

    pub(super) fn definition_target(&self, name: &str) -> Option<Target> {
        let is_known = self.positions.contains_key(name);
        is_known.then(|| Target::Definition(name.to_owned()))
    }

    fn within(&self, name: &str, scope: &str) -> Option<Target> {
        let bases = self.bases.get(scope).map_or(&[][..], Vec::as_slice);
        std::iter::once(scope)
            .chain(bases.iter().copied())
            .find_map(|owner| self.member_target(owner, name))
            .or_else(|| self.feature_target(scope, name))
    }

    pub(super) fn member_target(&self, definition: &str, member: &str) -> Option<Target> {
        let is_known = self.members.get(definition)?.contains(member);
        is_known.then(|| Target::Member {
            definition: definition.to_owned(),
            member: member.to_owned(),
        })
    }

    pub(super) fn feature_target(&self, definition: &str, feature: &str) -> Option<Target> {
        let is_known = self.features.get(definition)?.contains(&feature);
        is_known.then(|| Target::Feature {
            definition: definition.to_owned(),
            feature: feature.to_owned(),
        })
    }

    /// Returns the target of a role or of a reference in backquotes.
    pub(super) fn resolve_role(&self, name: &str, scope: Option<&str>) -> Option<Target> {
        if self.labels.contains_key(name) {
            return Some(Target::Label(name.to_owned()));
        }
        // The index of the domain: `qapi-index`, or one for each name space.
        if name == "genindex" || (name.starts_with("qapi-") && name.ends_with("-index")) {
            return Some(Target::Index);
        }
        let name = name.trim_end_matches("()");
        // `QMP:name`: a name space of the documentation, of which there is one here.
        let short = name.rsplit(':').next().unwrap_or(name);
        let member = || {
            let (definition, member) = name.rsplit_once('.')?;
            self.member_target(definition, member)
        };
        self.resolve_name(name, scope)
            .or_else(|| self.resolve_name(short, scope))
            .or_else(member)
    }
}

/// Collects the defined types that a definition names, and their uses there.
fn uses_of<'s>(
    schema: &'s Schema,
    definition: &Definition<'s>,
    out: &mut Vec<(&'s str, Role<'s>)>,
) {
    let content = &definition.content;
    if let Some(base) = content.base {
        let role = match definition.kind {
            Kind::Command | Kind::Event => Role::Data(definition.kind),
            _ => Role::Base,
        };
        uses_of_type(schema, base, role, out);
    }
    for member in &content.members {
        let role = match definition.kind {
            Kind::Alternate => Role::Alternative,
            _ => Role::Member(member.name),
        };
        if let Some(ty) = member.ty {
            uses_of_type(schema, ty, role, out);
        }
    }
    let branches = content.union_.iter().flat_map(|it| &it.branches);
    for branch in branches {
        uses_of_type(schema, branch.ty, Role::Branch(&branch.name), out);
    }
    if let Some(ty) = definition.reply.as_ref().and_then(|reply| reply.ty) {
        uses_of_type(schema, ty, Role::Reply, out);
    }
}

fn uses_of_type<'s>(
    schema: &'s Schema,
    id: TypeId,
    role: Role<'s>,
    out: &mut Vec<(&'s str, Role<'s>)>,
) {
    let id = element(schema, id);
    let ty = schema.ty(id);
    match &ty.kind {
        TypeKind::Object(object) if is_inline(schema, id) => {
            for member in &object.members {
                uses_of_type(schema, member.ty, role, out);
            }
        }
        _ if ty.span.is_some() => out.push((&ty.name, role)),
        _ => {}
    }
}

/// Returns the types with definitions that a definition names, each once, in order.
pub(super) fn uses<'s>(schema: &'s Schema, definition: &Definition<'s>) -> Vec<&'s str> {
    let mut uses = Vec::new();
    uses_of(schema, definition, &mut uses);
    let mut seen = HashSet::new();
    let names = uses.into_iter().map(|(name, _)| name);
    names
        .filter(|name| *name != definition.name && seen.insert(*name))
        .collect()
}

/// Returns the first sentence of a text, shortened if it is very long; empty for no text.
pub fn summary(blocks: &[Block]) -> String {
    let first = blocks.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(markup::plain(text)),
        _ => None,
    });
    let text = first.unwrap_or_default();
    let end = text.match_indices(['.', '!', '?']).find(|(at, _)| {
        let before = text[..*at].rsplit([' ', '(']).next().unwrap_or_default();
        let after = &text[at + 1..];
        let is_short = matches!(before, "e.g" | "i.e" | "vs" | "etc" | "cf") || before.len() < 2;
        (after.is_empty() || after.starts_with(' ')) && !is_short
    });
    let sentence = end.map_or(text.as_str(), |(at, _)| &text[..=at]);
    shorten(sentence, 200)
}

/// Returns the text, cut off between words if it exceeds a number of characters.
fn shorten(text: &str, limit: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let end = text[..cut].rfind(' ').unwrap_or(cut);
    format!("{} …", text[..end].trim_end())
}

/// Returns the words of a text in lower case with hyphens between them, for an anchor.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push('-');
            }
            out.push_str(&word.to_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::markup;

    #[test]
    fn summary_is_the_first_sentence() {
        for (text, expected) in [
            ("One.  Two.", "One."),
            ("Such as e.g. this one. Two.", "Such as e.g. this one."),
            ("Version 1.5 of it\nis here", "Version 1.5 of it is here"),
            (".. note:: x\n\nText of @name!", "Text of name!"),
            ("", ""),
        ] {
            assert_eq!(summary(&markup::parse(text)), expected);
        }
        let long = "word ".repeat(60);
        assert!(summary(&markup::parse(&long)).ends_with("word …"));
    }
}
