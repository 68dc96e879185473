//! A definition in Markdown.

use std::fmt::Write as _;

use qapi_parser::ir::{Entity, Feature};

use super::super::facts;
use super::{Book, MarkdownPlace, code};
use crate::documentation::markdown::inlines;
use crate::documentation::{Block, Content, Definition, Member, Reply, User, is_empty};

impl<'s> Book<'_, 's> {
    pub(super) fn definition(
        &self,
        out: &mut String,
        page: usize,
        definition: &Definition<'s>,
        level: usize,
    ) {
        let place = MarkdownPlace {
            book: self,
            page,
            scope: Some(definition),
            level,
        };
        let _ = writeln!(out, "{} {}", "#".repeat(level), code(definition.name));
        let _ = writeln!(out, "\n{}", self.facts(definition));
        paragraph(out, &place.blocks(&definition.body));
        self.content(out, definition, &place);
        paragraph(out, &place.blocks(&definition.remarks));
        if let Some(reply) = &definition.reply {
            self.reply(out, definition, reply, &place);
        }
        if !definition.errors.is_empty() {
            paragraph(out, "**Errors**");
            paragraph(out, &place.blocks(&definition.errors));
        }
        if !definition.feature_texts.is_empty() {
            paragraph(out, "**Features**\n");
            for (name, text) in &definition.feature_texts {
                item(out, &code(name), &place.blocks(text));
            }
        }
        self.examples(out, definition, &place);
        self.users(out, page, definition);
    }

    /// Returns the meta-type and flags of a definition, in a line.
    fn facts(&self, definition: &Definition<'_>) -> String {
        let mut facts = vec![format!("_{}_", definition.kind.word())];
        if let Some(since) = &definition.since {
            facts.push(super::escaped(&format!("since {since}")));
        }
        facts.extend(marks(definition.features));
        if let Some(condition) = definition.condition {
            facts.push(format!("if {}", code(&condition.to_string())));
        }
        if let Entity::Command(id) = definition.entity {
            let flags = facts::flags(self.documentation.schema.command(id));
            facts.extend(flags.iter().map(|flag| (*flag).to_owned()));
        }
        facts.join(" · ")
    }

    fn content(
        &self,
        out: &mut String,
        definition: &Definition<'s>,
        place: &MarkdownPlace<'_, '_, 's>,
    ) {
        let content = &definition.content;
        if content.is_empty() {
            return;
        }
        paragraph(out, &format!("**{}**\n", definition.kind.members()));
        if let Some(base) = content.base {
            let ty = self.ty(Some(place.page), base);
            item(out, &format!("the members of {ty}"), "");
        }
        for part in &content.members {
            self.part(out, part, place);
        }
        self.branches(out, content, place);
    }

    fn part(&self, out: &mut String, part: &Member<'s>, place: &MarkdownPlace<'_, '_, 's>) {
        let mut head = code(part.name);
        if let Some(ty) = part.ty {
            let _ = write!(head, ": {}", self.ty(Some(place.page), ty));
        }
        let mut facts = Vec::new();
        if part.optional {
            facts.push("optional".to_owned());
        }
        facts.extend(
            part.features
                .iter()
                .map(|it| format!("**{}**", super::escaped(&it.name))),
        );
        if let Some(condition) = part.condition {
            facts.push(format!("if {}", code(&condition.to_string())));
        }
        if !facts.is_empty() {
            let _ = write!(head, " ({})", facts.join(", "));
        }
        item(out, &head, &place.blocks(&part.text));
    }

    fn branches(&self, out: &mut String, content: &Content<'s>, place: &MarkdownPlace<'_, '_, 's>) {
        let Some(union) = content.union_ else {
            return;
        };
        let tag = code(&union.discriminator);
        paragraph(out, &format!("**Branches**, by the value of {tag}\n"));
        for branch in &union.branches {
            let mut head = code(&branch.name);
            if let Some(condition) = &branch.condition {
                let _ = write!(head, " (if {})", code(&condition.to_string()));
            }
            let is_empty = is_empty(self.documentation.schema, branch.ty);
            let text = if is_empty {
                "no more members".to_owned()
            } else {
                self.ty(Some(place.page), branch.ty)
            };
            item(out, &head, &text);
        }
    }

    fn reply(
        &self,
        out: &mut String,
        definition: &Definition<'s>,
        reply: &Reply,
        place: &MarkdownPlace<'_, '_, 's>,
    ) {
        let ty = match reply.ty {
            Some(ty) => self.ty(Some(place.page), ty),
            None => facts::no_value(self.documentation.schema, definition.entity).to_owned(),
        };
        paragraph(out, &format!("**Reply**: {ty}"));
        paragraph(out, &place.blocks(&reply.text));
    }

    fn examples(
        &self,
        out: &mut String,
        definition: &Definition<'s>,
        place: &MarkdownPlace<'_, '_, 's>,
    ) {
        for example in &definition.examples {
            if let Block::Example(title, blocks) = example {
                let title = inlines(title, place);
                let colon = if title.is_empty() { "" } else { ": " };
                paragraph(out, &format!("**Example**{colon}{title}"));
                paragraph(out, &place.blocks(blocks));
            }
        }
        if definition.examples.is_empty()
            && let Some(made) = self.examples.conversation(definition.entity)
        {
            paragraph(out, "**Example** made from the schema: what is mandatory");
            paragraph(out, &format!("```text\n{}\n```", made.trim_end()));
        }
    }

    fn users(&self, out: &mut String, page: usize, definition: &Definition<'s>) {
        let users = self.documentation.users(definition.name);
        if users.is_empty() {
            return;
        }
        let words = users.iter().map(|user| self.user(page, user));
        let words: Vec<_> = words.collect();
        paragraph(out, &format!("Used by {}", words.join(", ")));
    }

    fn user(&self, page: usize, user: &User<'_>) -> String {
        let (word, name) = user.role.words();
        let blank = if word.is_empty() || name.is_empty() {
            ""
        } else {
            " "
        };
        let link = self.definition_link(Some(page), user.name);
        format!("{link} ({word}{blank}{})", code(name))
    }
}

fn marks(features: &[Feature]) -> impl Iterator<Item = String> {
    let names = features.iter().map(|feature| feature.name.as_str());
    let special = names.filter(|name| matches!(*name, "deprecated" | "unstable"));
    special.map(|name| format!("**{name}**"))
}

/// Adds text after a blank line; nothing for no text.
fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "\n{text}");
    }
}

/// Adds an item of a list; the text hangs below its mark.
fn item(out: &mut String, head: &str, text: &str) {
    let mut lines = text.lines();
    let _ = write!(out, "- {head}");
    // A block that is not a paragraph cannot stand after the name.
    let is_plain = !text.starts_with(['`', '>', '|', '-', '*', '#']) || text.starts_with("**");
    match lines.next() {
        Some(first) if is_plain || !text.contains('\n') => {
            let _ = write!(out, " \u{2013} {first}");
        }
        Some(first) => {
            let _ = write!(out, "\n\n  {first}");
        }
        None => {}
    }
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            let _ = write!(out, "  {line}");
        }
    }
    out.push('\n');
}
