//! Where names lead to, and who uses what.

use std::collections::{HashMap, HashSet};

use qapi_parser::ir::{Schema, TypeId, TypeKind};

use super::tree::{Definition, Kind, PagePart, Part, Tree, element, is_inline};
use crate::markup::{self, Block};

/// Finds what names stand for.
pub(crate) struct Links<'t, 's> {
    pub(crate) tree: &'t Tree<'s>,
    /// Definitions and the positions of their pages.
    definitions: HashMap<&'s str, (usize, &'t Definition<'s>)>,
    /// Definitions and the names of their parts.
    parts: HashMap<&'s str, HashSet<&'s str>>,
    /// Pages of the places that the text marks for references.
    labels: HashMap<&'t str, usize>,
    users: HashMap<&'s str, Vec<User<'s>>>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination<'a> {
    /// A definition.
    Definition { page: usize, name: &'a str },
    /// Part of a definition.
    Part {
        page: usize,
        definition: &'a str,
        part: &'a str,
    },
    /// A feature that a definition describes.
    Feature {
        page: usize,
        definition: &'a str,
        feature: &'a str,
    },
    /// A place that the text marks.
    Label { page: usize, label: &'a str },
    /// The index of everything.
    Index,
}

/// A definition that uses a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User<'s> {
    pub(crate) name: &'s str,
    pub(crate) role: Role<'s>,
}

/// What a definition uses a type for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role<'s> {
    /// As what a command takes or an event carries.
    Data(Kind),
    Reply,
    Base,
    /// For a member or argument.
    Member(&'s str),
    /// For the branch of a union.
    Branch(&'s str),
    Alternative,
}

impl<'s> Role<'s> {
    /// In words; empty where there is nothing to add.
    pub(crate) fn words(self) -> (&'static str, &'s str) {
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

impl<'t, 's> Links<'t, 's> {
    pub(crate) fn new(tree: &'t Tree<'s>) -> Self {
        let mut links = Self {
            tree,
            definitions: HashMap::new(),
            parts: HashMap::new(),
            labels: HashMap::new(),
            users: HashMap::new(),
        };
        for (index, page) in tree.pages.iter().enumerate() {
            for part in &page.parts {
                match part {
                    PagePart::Text(blocks) => links.labels(index, blocks),
                    PagePart::Definition(definition) => links.definition(index, definition),
                }
            }
        }
        for (_, definition) in tree.definitions().filter(|(_, it)| it.kind.is_message()) {
            // What a message carries is shown with it, wherever it is defined.
            let names: Vec<_> = links
                .inherited(definition)
                .map(|(_, part)| part.name)
                .collect();
            links
                .parts
                .entry(definition.name)
                .or_default()
                .extend(names);
        }
        links
    }

    /// The type that a definition gets members from, the one that this gets members from, and so on.
    pub(crate) fn bases(&self, definition: &Definition<'s>) -> Vec<&'t Definition<'s>> {
        let mut bases = Vec::new();
        let mut next = definition.content.base;
        while let Some(id) = next {
            let name = self.tree.schema.ty(id).name.as_str();
            let Some((_, base)) = self.definitions.get(name) else {
                break;
            };
            bases.push(*base);
            next = base.content.base;
        }
        bases
    }

    /// Members that a definition gets from others, each with the definition that it is from, outermost base first.
    pub(crate) fn inherited(
        &self,
        definition: &Definition<'s>,
    ) -> impl Iterator<Item = (&'t Definition<'s>, &'t Part<'s>)> {
        let bases = self.bases(definition).into_iter().rev();
        bases.flat_map(|base| base.content.parts.iter().map(move |part| (base, part)))
    }

    fn labels(&mut self, page: usize, blocks: &'t [Block]) {
        for block in blocks {
            if let Block::Target(label) = block {
                self.labels.entry(label).or_insert(page);
            }
        }
    }

    fn definition(&mut self, page: usize, definition: &'t Definition<'s>) {
        let name = definition.name;
        self.definitions.insert(name, (page, definition));
        let parts = definition.content.parts.iter().map(|part| part.name);
        self.parts.insert(name, parts.collect());
        for blocks in [&definition.body, &definition.remarks] {
            self.labels(page, blocks);
        }
        let mut uses = Vec::new();
        uses_of(self.tree.schema, definition, &mut uses);
        for (used, role) in uses {
            let users = self.users.entry(used).or_default();
            let user = User { name, role };
            if users.last() != Some(&user) {
                users.push(user);
            }
        }
    }

    /// Who uses a type, in the order of the schema.
    pub(crate) fn users(&self, name: &str) -> &[User<'s>] {
        self.users.get(name).map_or(&[], Vec::as_slice)
    }

    /// A definition.
    pub(crate) fn find(&self, name: &str) -> Option<Destination<'s>> {
        let (name, (page, _)) = self.definitions.get_key_value(name)?;
        Some(Destination::Definition { page: *page, name })
    }

    /// The definition with this name.
    pub(crate) fn definition_of(&self, name: &str) -> Option<&'t Definition<'s>> {
        self.definitions
            .get(name)
            .map(|(_, definition)| *definition)
    }

    /// Part of a definition, if it is described there.
    pub(crate) fn part(&self, definition: &str, part: &str) -> Option<Destination<'s>> {
        let (definition, parts) = self.parts.get_key_value(definition)?;
        let part = parts.get(part)?;
        Some(Destination::Part {
            page: self.definitions.get(definition)?.0,
            definition,
            part,
        })
    }

    /// What `@name` stands for in the documentation of a definition.
    pub(crate) fn name<'a>(
        &'a self,
        name: &str,
        scope: Option<&'a Definition<'s>>,
    ) -> Option<Destination<'a>> {
        let within = scope.and_then(|scope| self.within(name, scope));
        within.or_else(|| self.find(name))
    }

    fn within<'a>(&'a self, name: &str, scope: &'a Definition<'s>) -> Option<Destination<'a>> {
        if let Some(own) = self.part(scope.name, name) {
            return Some(own);
        }
        for owner in self.bases(scope) {
            if let Some(inherited) = self.part(owner.name, name) {
                return Some(inherited);
            }
        }
        self.feature(scope.name, name)
    }

    /// A feature, if the definition describes it.
    pub(crate) fn feature(&self, definition: &str, feature: &str) -> Option<Destination<'s>> {
        let (page, definition) = self.definitions.get(definition)?;
        let mut features = definition.feature_texts.iter().map(|(name, _)| *name);
        Some(Destination::Feature {
            page: *page,
            definition: definition.name,
            feature: features.find(|name| *name == feature)?,
        })
    }

    /// What a reference in the text is to.
    pub(crate) fn reference<'a>(
        &'a self,
        target: &str,
        scope: Option<&'a Definition<'s>>,
    ) -> Option<Destination<'a>> {
        if let Some((label, page)) = self.labels.get_key_value(target) {
            return Some(Destination::Label { page: *page, label });
        }
        // The domain's own index: `qapi-index`, or one by name space.
        if target == "genindex" || (target.starts_with("qapi-") && target.ends_with("-index")) {
            return Some(Destination::Index);
        }
        let name = target.trim_end_matches("()");
        // `QMP:name`: a name space of the documentation, of which there is one here.
        let short = name.rsplit(':').next().unwrap_or(name);
        let part = || {
            let (definition, part) = name.rsplit_once('.')?;
            self.part(definition, part)
        };
        self.name(name, scope)
            .or_else(|| self.name(short, scope))
            .or_else(part)
    }
}

/// The types with definitions that a definition names, and what for.
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
    for part in &content.parts {
        let role = match definition.kind {
            Kind::Alternate => Role::Alternative,
            _ => Role::Member(part.name),
        };
        if let Some(ty) = part.ty {
            uses_of_type(schema, ty, role, out);
        }
    }
    let branches = content.variants.iter().flat_map(|it| &it.branches);
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

/// The types with definitions that a definition names, each once, in order.
pub(crate) fn uses<'s>(schema: &'s Schema, definition: &Definition<'s>) -> Vec<&'s str> {
    let mut uses = Vec::new();
    uses_of(schema, definition, &mut uses);
    let mut seen = HashSet::new();
    let names = uses.into_iter().map(|(name, _)| name);
    names
        .filter(|name| *name != definition.name && seen.insert(*name))
        .collect()
}

/// The first sentence or so of what is said about a definition; empty if nothing is.
pub(crate) fn summary(blocks: &[Block]) -> String {
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

/// The text, cut off between words if it is longer than so many characters.
fn shorten(text: &str, limit: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let end = text[..cut].rfind(' ').unwrap_or(cut);
    format!("{} …", text[..end].trim_end())
}

/// Letters, digits and hyphens.
pub(crate) fn slug(text: &str) -> String {
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
