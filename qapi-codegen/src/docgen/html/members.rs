//! Synopses, members, values, branches, and types as links.

use qapi_parser::ir::{Branch, Schema, TypeId, Union};

use super::addresses::part_id;
use super::definition::badge;
use super::running_text::TextPlace;
use super::site::Site;
use super::writer::Html;
use crate::documentation::{
    Definition, Kind, Member, Piece, builtin_range, builtin_word, is_empty, type_pieces, type_text,
};

/// Synopses that are longer have a line per argument.
const WIDTH: usize = 72;

impl<'s> Site<'_, 's> {
    fn schema(&self) -> &'s Schema {
        self.documentation.schema
    }

    /// Writes a type; the types that it is made of are links.
    pub(super) fn ty(&self, html: &mut Html, page: Option<usize>, id: TypeId) {
        html.element("code", &[("class", "type")], |html| {
            for piece in type_pieces(self.schema(), id) {
                match piece {
                    Piece::Plain(text) => {
                        html.text(text);
                    }
                    Piece::Builtin(builtin) => {
                        let title = [("title", builtin_range(builtin))];
                        html.leaf("span", &title, builtin_word(builtin));
                    }
                    Piece::Defined(name) => match self.documentation.target(name) {
                        Some(to) => {
                            let address = self.address(page, &to);
                            html.leaf("a", &[("href", &address)], name);
                        }
                        None => {
                            html.text(name);
                        }
                    },
                }
            }
        });
    }

    /// Writes the use of a command or event, in a line or a few.
    pub(super) fn synopsis(&self, html: &mut Html, page: usize, definition: &Definition<'s>) {
        if !definition.kind.is_message() {
            return;
        }
        let inherited = self
            .documentation
            .inherited(definition)
            .map(|(_, part)| part);
        let parts: Vec<&Member<'s>> = inherited.chain(&definition.content.members).collect();
        let lengths = parts.iter().map(|part| {
            let ty = part.ty.map_or(0, |ty| type_text(self.schema(), ty).len());
            part.name.len() + ty + 5
        });
        let is_long = definition.name.len() + lengths.sum::<usize>() + 30 > WIDTH;
        let is_event = definition.kind == Kind::Event;
        let bases = self.documentation.bases(definition);
        let union = bases.first().and_then(|base| base.content.union_);
        let (before, between, after) = match (is_long, is_event) {
            (true, _) => ("\n    ", ",\n    ", "\n"),
            (false, true) => (" ", ", ", " "),
            (false, false) => ("", ", ", ""),
        };
        html.element("pre", &[("class", "synopsis")], |html| {
            html.element("code", &[], |html| {
                html.leaf("b", &[], definition.name);
                if parts.is_empty() {
                    html.text(if is_event { "" } else { "()" });
                } else {
                    html.text(if is_event { " {" } else { "(" });
                    for (index, part) in parts.iter().enumerate() {
                        html.text(if index == 0 { before } else { between });
                        self.parameter(html, page, part);
                    }
                    if let Some(union) = union {
                        let more = format!("\u{2026} by {}", union.discriminator);
                        html.text(between).text(&more);
                    }
                    html.text(after).text(if is_event { "}" } else { ")" });
                }
                if let Some(ty) = definition.reply.as_ref().and_then(|reply| reply.ty) {
                    html.text(" \u{2192} ");
                    self.ty(html, Some(page), ty);
                }
            });
        });
        html.line();
    }

    fn parameter(&self, html: &mut Html, page: usize, part: &Member<'_>) {
        html.text(part.name);
        html.text(if part.optional { "?: " } else { ": " });
        if let Some(ty) = part.ty {
            self.ty(html, Some(page), ty);
        }
    }

    /// Writes the members, values, branches or alternatives of a definition.
    pub(super) fn content(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        let content = &definition.content;
        if content.is_empty() {
            if !matches!(definition.kind, Kind::Command | Kind::Event) {
                Self::subheading(html, depth, definition.kind.members());
                html.leaf("p", &[("class", "faint")], "None.");
            }
            return;
        }
        Self::subheading(html, depth, definition.kind.members());
        if let Some(base) = content.base {
            self.inherited(html, definition, base, place, depth);
        }
        if !content.members.is_empty() {
            html.element("dl", &[("class", "parts")], |html| {
                for part in &content.members {
                    self.part(html, definition.name, definition, part, place.page);
                }
            });
            html.line();
        }
        if let Some(union) = content.union_ {
            self.branches(html, definition, union, place, depth);
        }
    }

    /// Part of a definition, shown with the definition `shown`.
    fn part(
        &self,
        html: &mut Html,
        shown: &str,
        definition: &Definition<'s>,
        part: &Member<'s>,
        page: Option<usize>,
    ) {
        let mut place = TextPlace {
            page,
            scope: Some(definition),
            headings: None,
        };
        let id = part_id(shown, part.name);
        html.line().element("dt", &[("id", &id)], |html| {
            let address = format!("#{id}");
            html.element("a", &[("class", "name"), ("href", &address)], |html| {
                html.leaf("code", &[], part.name);
            });
            if let Some(ty) = part.ty {
                html.text(": ");
                self.ty(html, page, ty);
            }
            html.text(" ");
            if part.optional {
                badge(html, "optional", "optional");
            }
            for feature in part.features {
                let class = format!("badge feature {}", special(&feature.name));
                match self
                    .documentation
                    .feature_target(definition.name, &feature.name)
                {
                    Some(to) => {
                        let address = self.address(page, &to);
                        let attributes = [("class", class.trim()), ("href", &address)];
                        html.leaf("a", &attributes, &feature.name);
                    }
                    None => {
                        html.leaf("span", &[("class", class.trim())], &feature.name);
                    }
                }
                html.text(" ");
            }
            if let Some(condition) = part.condition {
                badge(html, "if", &format!("if {condition}"));
            }
            self.part_life(html, shown, definition.name, part.name);
        });
        html.element("dd", &[], |html| {
            if part.text.is_empty() {
                Self::undocumented(html);
            } else {
                self.item(html, &part.text, &mut place);
            }
        });
    }

    /// Members of another type that belong here, too: in full for a message, whose readers want to know what to send, in
    /// short for a type.
    fn inherited(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        base: TypeId,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        let page = place.page;
        let is_message = definition.kind.is_message();
        html.element("p", &[("class", "inherited")], |html| {
            html.text("The members of ");
            self.ty(html, page, base);
            if !is_message {
                for (index, (owner, part)) in self.documentation.inherited(definition).enumerate() {
                    html.text(if index == 0 { ": " } else { ", " });
                    self.part_link(html, page, owner.name, part.name);
                    if part.optional {
                        html.text(" (optional)");
                    }
                }
            }
            html.text(if is_message { ":" } else { "." });
        });
        html.line();
        if is_message {
            html.element("dl", &[("class", "parts")], |html| {
                for (owner, part) in self.documentation.inherited(definition) {
                    self.part(html, definition.name, owner, part, page);
                }
            });
            html.line();
            for base in self.documentation.bases(definition) {
                if let Some(union) = base.content.union_ {
                    self.branches(html, definition, union, place, depth);
                }
            }
        }
    }

    /// Writes the name of a part of a definition, as a link if it is described there.
    pub(super) fn part_link(
        &self,
        html: &mut Html,
        page: Option<usize>,
        definition: &str,
        part: &str,
    ) {
        match self.documentation.member_target(definition, part) {
            Some(to) => {
                let address = self.address(page, &to);
                html.element("a", &[("href", &address)], |html| {
                    html.leaf("code", &[], part);
                });
            }
            None => {
                html.leaf("code", &[], part);
            }
        }
    }

    fn branches(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        union: &Union,
        place: &mut TextPlace<'_, 's>,
        depth: usize,
    ) {
        Self::subheading(html, depth, "Branches");
        html.element("p", &[], |html| {
            html.text("More members, depending on the value of ");
            self.part_link(html, place.page, definition.name, &union.discriminator);
            html.text(":");
        });
        let (empty, full): (Vec<&Branch>, Vec<&Branch>) = union
            .branches
            .iter()
            .partition(|branch| is_empty(self.schema(), branch.ty));
        if !full.is_empty() {
            html.element("dl", &[("class", "parts branches")], |html| {
                for branch in full {
                    html.line().element("dt", &[], |html| {
                        html.leaf("code", &[("class", "name")], &branch.name);
                        if let Some(condition) = &branch.condition {
                            html.text(" ");
                            badge(html, "if", &format!("if {condition}"));
                        }
                        let tag = &self.schema().ty(union.tag).name;
                        self.life_badge(html, tag, &branch.name);
                    });
                    html.element("dd", &[], |html| self.ty(html, place.page, branch.ty));
                }
            });
        }
        if !empty.is_empty() {
            html.line().element("p", &[("class", "faint")], |html| {
                html.text("No more members for ");
                for (index, branch) in empty.iter().enumerate() {
                    html.text(if index == 0 { "" } else { ", " });
                    html.leaf("code", &[], &branch.name);
                }
                html.text(".");
            });
        }
        html.line();
    }
}

/// Features that mean something by themselves have a look of their own.
fn special(feature: &str) -> &str {
    match feature {
        "deprecated" | "unstable" => feature,
        _ => "",
    }
}
