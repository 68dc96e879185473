//! A definition: its synopsis, its parts, its description, and the definitions that use it.

use qapi_parser::ir::Entity;

use super::super::Presence;
use super::super::facts;
use super::addresses::feature_id;
use super::running_text::{TextPlace, heading_tag};
use super::site::Site;
use super::wire;
use super::writer::Html;
use crate::documentation::{Block, Definition, User};

/// More users than this are folded away.
const FEW_USERS: usize = 12;

impl<'s> Site<'_, 's> {
    pub(super) fn definition(
        &self,
        html: &mut Html,
        page: usize,
        definition: &Definition<'s>,
        depth: usize,
    ) {
        let mut place = TextPlace {
            page: Some(page),
            scope: Some(definition),
            headings: None,
        };
        let attributes = [("class", "definition"), ("id", definition.name)];
        html.element("section", &attributes, |html| {
            html.line();
            title(html, definition, depth);
            self.badges(html, definition);
            self.synopsis(html, page, definition);
            self.blocks(html, &definition.body, &mut place);
            self.content(html, definition, &mut place, depth);
            self.blocks(html, &definition.remarks, &mut place);
            self.reply(html, definition, &mut place, depth);
            if !definition.errors.is_empty() {
                Self::subheading(html, depth, "Errors");
                self.blocks(html, &definition.errors, &mut place);
            }
            self.features(html, definition, &mut place, depth);
            self.examples(html, definition, &mut place, depth);
            self.users(html, page, definition);
        });
        html.line();
    }

    /// Facts in a few words each.
    fn badges(&self, html: &mut Html, definition: &Definition<'_>) {
        let mut badges = Vec::new();
        if let Some(since) = &definition.since {
            badges.push(("since", format!("since {since}")));
        }
        if let Some(life) = self.life(definition.name, Presence::WHOLE) {
            let is_said = definition
                .since
                .as_ref()
                .is_some_and(|since| life == format!("since {since}"));
            match &definition.since {
                _ if is_said => {}
                // The text can name releases that are not among these revisions.
                Some(_) => badges.push(("life", life.replace("since ", "new in "))),
                None => badges.push(("life", life)),
            }
        }
        for name in ["deprecated", "unstable"] {
            let mut features = definition.features.iter();
            if features.any(|feature| feature.name == name) {
                badges.push((name, name.to_owned()));
            }
        }
        if let Some(condition) = definition.condition {
            badges.push(("if", format!("if {condition}")));
        }
        if let Entity::Command(id) = definition.entity {
            let flags = facts::flags(self.documentation.schema.command(id));
            badges.extend(flags.into_iter().map(|words| ("flag", words.to_owned())));
        }
        if badges.is_empty() {
            return;
        }
        html.element("p", &[("class", "badges")], |html| {
            for (class, text) in badges {
                badge(html, class, &text);
            }
        });
        html.line();
    }

    fn reply(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        let Some(reply) = &definition.reply else {
            return;
        };
        Self::subheading(html, depth, "Reply");
        if let Some(ty) = reply.ty {
            html.element("dl", &[("class", "parts")], |html| {
                html.element("dt", &[], |html| {
                    self.ty(html, place.page, ty);
                    self.life_badge(html, definition.name, Presence::REPLY);
                });
                html.element("dd", &[], |html| {
                    if reply.text.is_empty() {
                        Self::undocumented(html);
                    }
                    self.item(html, &reply.text, place);
                });
            });
        } else {
            self.blocks(html, &reply.text, place);
            let words = facts::no_value(self.documentation.schema, definition.entity);
            html.leaf("p", &[("class", "faint")], words);
        }
        html.line();
    }

    /// Writes a remark in place of a missing description.
    pub(super) fn undocumented(html: &mut Html) {
        html.leaf("span", &[("class", "faint")], "Not documented.");
    }

    fn features(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        if definition.feature_texts.is_empty() {
            return;
        }
        Self::subheading(html, depth, "Features");
        html.element("dl", &[("class", "parts")], |html| {
            for (name, text) in &definition.feature_texts {
                let id = feature_id(definition.name, name);
                html.line().element("dt", &[("id", &id)], |html| {
                    html.leaf("code", &[("class", "name")], name);
                    let features = definition.features.iter();
                    let conditions = features
                        .filter(|feature| feature.name == *name)
                        .filter_map(|feature| feature.condition.as_ref());
                    for condition in conditions {
                        html.text(" ");
                        badge(html, "if", &format!("if {condition}"));
                    }
                });
                html.element("dd", &[], |html| self.item(html, text, place));
            }
        });
        html.line();
    }

    fn examples(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        let made = self.examples.conversation(definition.entity);
        let written = &definition.examples;
        match written.len() {
            0 if made.is_none() => return,
            0 | 1 => Self::subheading(html, depth, "Example"),
            _ => Self::subheading(html, depth, "Examples"),
        }
        for example in written {
            if let Block::Example(title, blocks) = example {
                self.example(html, title, blocks, place);
            }
        }
        let Some(made) = made else {
            return;
        };
        if written.is_empty() {
            html.element("figure", &[("class", "example")], |html| {
                html.leaf("figcaption", &[], "Made from the schema: what is mandatory");
                wire::conversation(html, &made);
            });
        } else {
            html.element("details", &[], |html| {
                html.leaf("summary", &[], "Made from the schema: what is mandatory");
                wire::conversation(html, &made);
            });
        }
        html.line();
    }

    fn users(&self, html: &mut Html, page: usize, definition: &Definition<'s>) {
        self.other_revisions(html, definition);
        let uses = self.documentation.uses(definition);
        if !uses.is_empty() {
            html.element("p", &[("class", "uses")], |html| {
                html.leaf("span", &[("class", "label")], "Uses ");
                for (index, name) in uses.iter().enumerate() {
                    html.text(if index == 0 { "" } else { ", " });
                    self.definition_link(html, page, name);
                }
            });
        }
        let users = self.documentation.users(definition.name);
        if users.is_empty() {
            return;
        }
        html.line();
        if users.len() > FEW_USERS {
            html.element("details", &[("class", "uses")], |html| {
                html.element("summary", &[("class", "label")], |html| {
                    html.text(&format!("Used in {} places", users.len()));
                });
                self.user_list(html, page, users);
            });
        } else {
            html.element("p", &[("class", "uses")], |html| {
                html.leaf("span", &[("class", "label")], "Used by ");
                self.user_list(html, page, users);
            });
        }
        html.line();
    }

    fn user_list(&self, html: &mut Html, page: usize, users: &[User<'_>]) {
        for (index, user) in users.iter().enumerate() {
            html.text(if index == 0 { "" } else { ", " });
            self.definition_link(html, page, user.name);
            let (word, name) = user.role.words();
            html.text(" (");
            html.text(word);
            if !name.is_empty() {
                html.text(if word.is_empty() { "" } else { " " });
                html.leaf("code", &[], name);
            }
            html.text(")");
        }
    }

    pub(super) fn definition_link(&self, html: &mut Html, page: usize, name: &str) {
        match self.documentation.target(name) {
            Some(to) => {
                let address = self.address(Some(page), &to);
                html.element("a", &[("href", &address)], |html| {
                    html.leaf("code", &[], name);
                });
            }
            None => {
                html.leaf("code", &[], name);
            }
        }
    }
}

fn title(html: &mut Html, definition: &Definition<'_>, depth: usize) {
    let word = definition.kind.word();
    html.element(heading_tag(depth), &[("class", "title")], |html| {
        let class = format!("kind {word}");
        html.leaf("span", &[("class", &class)], word);
        html.text(" ");
        html.leaf("code", &[], definition.name);
        let address = format!("#{}", definition.name);
        let label = format!("Link to {}", definition.name);
        let attributes = [
            ("class", "self"),
            ("href", address.as_str()),
            ("aria-label", label.as_str()),
        ];
        html.text(" ").leaf("a", &attributes, "#");
    });
    html.line();
}

pub(super) fn badge(html: &mut Html, class: &str, text: &str) {
    let class = format!("badge {class}");
    html.leaf("span", &[("class", &class)], text);
    html.text(" ");
}
