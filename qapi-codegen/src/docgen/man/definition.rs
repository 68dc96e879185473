//! A definition in a manual page.

use std::fmt::Write as _;

use qapi_parser::ir::{Entity, Feature, TypeId};

use super::super::facts;
use super::Manual;
use super::roff::{Roff, bold, escaped};
use crate::documentation::{Block, Content, Definition, Member, is_empty, type_text};

impl<'s> Manual<'_, 's> {
    pub(super) fn print(&mut self, definition: &Definition<'s>) {
        let mut out = std::mem::replace(&mut self.out, Roff::new(""));
        self.definition_in(&mut out, definition);
        self.out = out;
    }

    fn definition_in(&self, out: &mut Roff, definition: &Definition<'s>) {
        let title = format!("{} ({})", definition.name, definition.kind.word());
        out.request("SS", &[&title]);
        let facts = self.facts(definition);
        if !facts.is_empty() {
            out.text(&format!("[{}]", facts.join("; ")));
        }
        out.blocks(&definition.body);
        self.content(out, definition.kind.members(), &definition.content);
        out.blocks(&definition.remarks);
        if let Some(reply) = &definition.reply {
            let ty = match reply.ty {
                Some(ty) => self.ty(ty),
                None => facts::no_value(self.documentation.schema, definition.entity).to_owned(),
            };
            out.paragraph();
            out.line(&format!("{} {}", bold("Reply:"), escaped(&ty)));
            out.blocks(&reply.text);
        }
        if !definition.errors.is_empty() {
            label(out, "Errors:");
            out.blocks(&definition.errors);
        }
        if !definition.feature_texts.is_empty() {
            label(out, "Features:");
            for (name, text) in &definition.feature_texts {
                item(out, &bold(name), text);
            }
        }
        out.blocks(&definition.examples);
        if definition.examples.is_empty()
            && let Some(made) = self.examples.conversation(definition.entity)
        {
            out.paragraph();
            out.text("Example made from the schema: what is mandatory");
            out.blocks(&[Block::Wire(made.trim_end().to_owned())]);
        }
    }

    fn ty(&self, id: TypeId) -> String {
        type_text(self.documentation.schema, id)
    }

    fn facts(&self, definition: &Definition<'_>) -> Vec<String> {
        let mut facts = Vec::new();
        if let Some(since) = &definition.since {
            facts.push(format!("since {since}"));
        }
        facts.extend(marks(definition.features));
        if let Some(condition) = definition.condition {
            facts.push(format!("if {condition}"));
        }
        if let Entity::Command(id) = definition.entity {
            let flags = facts::flags(self.documentation.schema.command(id));
            facts.extend(flags.iter().map(|flag| (*flag).to_owned()));
        }
        facts
    }

    fn content(&self, out: &mut Roff, title: &str, content: &Content<'s>) {
        if content.is_empty() {
            return;
        }
        label(out, &format!("{title}:"));
        if let Some(base) = content.base {
            let text = format!("the members of {}", self.ty(base));
            item(out, &escaped(&text), &[]);
        }
        for part in &content.members {
            item(out, &self.head(part), &part.text);
        }
        let Some(union) = content.union_ else {
            return;
        };
        label(
            out,
            &format!("Branches, by the value of {}:", union.discriminator),
        );
        for branch in &union.branches {
            let mut head = bold(&branch.name);
            let ty = if is_empty(self.documentation.schema, branch.ty) {
                "no more members".to_owned()
            } else {
                self.ty(branch.ty)
            };
            let _ = write!(head, ": {}", escaped(&ty));
            if let Some(condition) = &branch.condition {
                let condition = format!(" (if {condition})");
                head.push_str(&escaped(&condition));
            }
            item(out, &head, &[]);
        }
    }

    /// Name, type and facts of a part.
    fn head(&self, part: &Member<'_>) -> String {
        let mut head = bold(part.name);
        if let Some(ty) = part.ty {
            let _ = write!(head, ": {}", escaped(&self.ty(ty)));
        }
        let mut facts = Vec::new();
        if part.optional {
            facts.push("optional".to_owned());
        }
        facts.extend(part.features.iter().map(|feature| feature.name.clone()));
        if let Some(condition) = part.condition {
            facts.push(format!("if {condition}"));
        }
        if !facts.is_empty() {
            head.push_str(&escaped(&format!(" ({})", facts.join(", "))));
        }
        head
    }
}

fn marks(features: &[Feature]) -> impl Iterator<Item = String> {
    let names = features.iter().map(|feature| feature.name.clone());
    names.filter(|name| matches!(name.as_str(), "deprecated" | "unstable"))
}

fn label(out: &mut Roff, text: &str) {
    out.paragraph();
    out.line(&bold(text));
}

/// Writes an item: its head and its description.
fn item(out: &mut Roff, head: &str, text: &[Block]) {
    out.request("TP", &[]);
    out.line(head);
    if text.is_empty() {
        // Without a text, the next request would be taken for it.
        out.line("\\&");
    }
    out.item(text);
}
