//! Finds the names in definitions and their documentation.

use crate::docs::{Block, SectionKind};
use crate::text::Range;
use crate::tree::{Node, Object, StringToken};

use super::model::{Definition, Kind, Occurrence, Role};

/// The names that were found.
pub(super) struct Collector<'t> {
    text: &'t str,
    definition: Option<usize>,
    pub(super) found: Vec<Occurrence>,
}

impl<'t> Collector<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            definition: None,
            found: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, range: Range, role: Role) {
        self.found.push(Occurrence {
            range,
            role,
            definition: self.definition,
        });
    }

    /// Adds those of a definition and its documentation.
    pub(super) fn definition(&mut self, number: usize, definition: &Definition) {
        self.definition = Some(number);
        if let Some(block) = &definition.doc {
            self.block(Some(number), block);
        }
        for member in &definition.object.members {
            let Some(key) = &member.key else { continue };
            self.add(key.inner, Role::Keyword);
            let Some(value) = &member.value else {
                continue;
            };
            match key.value(self.text) {
                "data" => self.data(definition.kind, value),
                "base" => match value {
                    Node::Object(members) => self.members(members, Role::Member),
                    other => self.ty(other),
                },
                "returns" => self.ty(value),
                "discriminator" => self.string(value, Role::Discriminator),
                "features" => self.list(value, Role::Feature),
                "if" => self.condition(value),
                "prefix" => {}
                _ if value.as_string() == Some(&definition.name) => {
                    self.add(definition.name.inner, Role::Definition);
                }
                _ => {}
            }
        }
        self.definition = None;
    }

    fn string(&mut self, value: &Node, role: Role) {
        if let Node::String(text) = value {
            self.add(text.inner, role);
        }
    }

    fn data(&mut self, kind: Kind, value: &Node) {
        match value {
            Node::Object(members) => {
                let role = match kind {
                    Kind::Union => Role::Branch,
                    Kind::Alternate => Role::Alternative,
                    _ => Role::Member,
                };
                self.members(members, role);
            }
            Node::Array(_) if kind == Kind::Enum => self.list(value, Role::Value),
            other => self.ty(other),
        }
    }

    fn members(&mut self, members: &Object, role: Role) {
        for member in &members.members {
            if let Some(StringToken { inner, .. }) = &member.key {
                let optional = inner.of(self.text).starts_with('*');
                let name = Range::new(inner.start + u32::from(optional), inner.end);
                self.add(name, role);
            }
            match &member.value {
                Some(Node::Object(longhand)) => self.longhand(longhand),
                Some(other) => self.ty(other),
                None => {}
            }
        }
    }

    fn longhand(&mut self, longhand: &Object) {
        for member in &longhand.members {
            let Some(key) = &member.key else { continue };
            self.add(key.inner, Role::Keyword);
            match (key.value(self.text), &member.value) {
                ("type", Some(value)) => self.ty(value),
                ("if", Some(value)) => self.condition(value),
                ("features", Some(value)) => self.list(value, Role::Feature),
                _ => {}
            }
        }
    }

    fn ty(&mut self, value: &Node) {
        match value {
            Node::Array(array) => {
                for element in &array.elements {
                    self.string(element, Role::Type);
                }
            }
            other => self.string(other, Role::Type),
        }
    }

    /// Values or features: names, or objects that have them.
    fn list(&mut self, list: &Node, role: Role) {
        let Node::Array(list) = list else { return };
        for element in &list.elements {
            let Node::Object(longhand) = element else {
                self.string(element, role);
                continue;
            };
            if let Some(name) = longhand.value("name", self.text) {
                self.string(name, role);
            }
            self.longhand(longhand);
        }
    }

    fn condition(&mut self, condition: &Node) {
        match condition {
            Node::String(text) => self.add(text.inner, Role::Symbol),
            Node::Array(parts) => {
                for part in &parts.elements {
                    self.condition(part);
                }
            }
            Node::Object(object) => {
                for member in &object.members {
                    if let Some(key) = &member.key {
                        self.add(key.inner, Role::Keyword);
                    }
                    if let Some(value) = &member.value {
                        self.condition(value);
                    }
                }
            }
            Node::Word(_) => {}
        }
    }

    /// Adds the names of a documentation block.
    pub(super) fn block(&mut self, definition: Option<usize>, block: &Block) {
        let outer = std::mem::replace(&mut self.definition, definition);
        if let Some(name) = block.name {
            self.add(name, Role::DocName);
        }
        for section in &block.sections {
            let role = match section.kind {
                SectionKind::Feature => Role::DocFeature,
                _ => Role::DocMember,
            };
            if let Some(name) = section.name {
                self.add(name, role);
            }
            if let Some(tag) = section.tag {
                self.add(tag, Role::DocTag);
            }
        }
        for mention in &block.mentions {
            let role = if mention.quoted {
                Role::DocQuoted
            } else {
                Role::DocMention
            };
            self.add(mention.range, role);
        }
        self.definition = outer;
    }
}
