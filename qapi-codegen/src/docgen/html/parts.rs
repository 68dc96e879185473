//! Synopses, members, values, branches, and types as links.

use qapi_parser::ir::{Branch, Schema, TypeId, TypeKind};

use super::super::tree::{Content, Definition, Kind, Part, Variants, is_inline};
use super::super::types::{self, Piece};
use super::definition::badge;
use super::text::Place;
use super::{Html, Site, feature_id, part_id};

/// Synopses that are longer have a line per argument.
const WIDTH: usize = 72;

impl<'s> Site<'_, '_, 's> {
    fn schema(&self) -> &'s Schema {
        self.links.tree.schema
    }

    /// A type; the types that it is made of are links.
    pub(super) fn ty(&self, html: &mut Html, page: Option<usize>, id: TypeId) {
        html.element("code", &[("class", "type")], |html| {
            for piece in types::pieces(self.schema(), id) {
                match piece {
                    Piece::Plain(text) => {
                        html.text(text);
                    }
                    Piece::Builtin(builtin) => {
                        let title = [("title", types::explanation(builtin))];
                        html.leaf("span", &title, types::word(builtin));
                    }
                    Piece::Defined(name) => match self.links.find(name) {
                        Some(to) => {
                            let address = self.address(page, to);
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

    /// How a command or event is used, in a line or a few.
    pub(super) fn synopsis(&self, html: &mut Html, page: usize, definition: &Definition<'s>) {
        if !definition.is_message() {
            return;
        }
        let (open, close) = match definition.kind {
            Kind::Event => (" {", "}"),
            _ => ("(", ")"),
        };
        let lengths = definition.content.parts.iter().map(|part| {
            let ty = part.ty.map_or(0, |ty| types::text(self.schema(), ty).len());
            part.name.len() + ty + 5
        });
        let is_long = definition.name.len() + lengths.sum::<usize>() + 30 > WIDTH;
        let (before, between, after) = match (is_long, definition.kind) {
            (true, _) => ("\n    ", ",\n    ", "\n"),
            (false, Kind::Event) => (" ", ", ", " "),
            (false, _) => ("", ", ", ""),
        };
        html.element("pre", &[("class", "synopsis")], |html| {
            html.element("code", &[], |html| {
                html.leaf("b", &[], definition.name);
                self.parameters(
                    html,
                    page,
                    definition,
                    [open, before, between, after, close],
                );
                if let Some(ty) = definition.reply.as_ref().and_then(|reply| reply.ty) {
                    html.text(" \u{2192} ");
                    self.ty(html, Some(page), ty);
                }
            });
        });
        html.line();
    }

    fn parameters(
        &self,
        html: &mut Html,
        page: usize,
        definition: &Definition<'s>,
        [open, before, between, after, close]: [&'static str; 5],
    ) {
        let content = &definition.content;
        if content.is_empty() {
            if definition.kind == Kind::Command {
                html.text("()");
            }
            return;
        }
        html.text(open);
        let mut separator = before;
        if let Some(base) = content.base {
            html.text(separator).text("\u{2026}");
            self.ty(html, Some(page), base);
            separator = between;
        }
        for part in &content.parts {
            html.text(separator).text(part.name);
            html.text(if part.optional { "?: " } else { ": " });
            if let Some(ty) = part.ty {
                self.ty(html, Some(page), ty);
            }
            separator = between;
        }
        html.text(after).text(close);
    }

    /// What a definition consists of.
    pub(super) fn content(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        place: &mut Place<'_, 's>,
        depth: usize,
    ) {
        let content = &definition.content;
        if content.is_empty() {
            if !matches!(definition.kind, Kind::Command | Kind::Event) {
                Self::subheading(html, depth, definition.kind.parts());
                html.leaf("p", &[("class", "faint")], "None.");
            }
            return;
        }
        Self::subheading(html, depth, definition.kind.parts());
        if let Some(base) = content.base {
            self.inherited(html, definition, content, base, place.page);
        }
        if !content.parts.is_empty() {
            html.element("dl", &[("class", "parts")], |html| {
                for part in &content.parts {
                    self.part(html, definition, part, place);
                }
            });
            html.line();
        }
        if let Some(variants) = &content.variants {
            self.variants(html, definition, variants, place, depth);
        }
    }

    fn part(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        part: &Part<'s>,
        place: &mut Place<'_, 's>,
    ) {
        let id = part_id(definition.name, part.name);
        html.line().element("dt", &[("id", &id)], |html| {
            let address = format!("#{id}");
            html.element("a", &[("class", "name"), ("href", &address)], |html| {
                html.leaf("code", &[], part.name);
            });
            if let Some(ty) = part.ty {
                html.text(": ");
                self.ty(html, place.page, ty);
            }
            html.text(" ");
            if part.optional {
                badge(html, "optional", "optional");
            }
            for feature in part.features {
                let address = format!("#{}", feature_id(definition.name, &feature.name));
                let class = format!("badge feature {}", special(&feature.name));
                let described = definition.feature_texts.iter();
                if described.into_iter().any(|(name, _)| *name == feature.name) {
                    let attributes = [("class", class.trim()), ("href", &address)];
                    html.leaf("a", &attributes, &feature.name);
                } else {
                    html.leaf("span", &[("class", class.trim())], &feature.name);
                }
                html.text(" ");
            }
            if let Some(condition) = part.condition {
                badge(html, "if", &format!("if {}", types::condition(condition)));
            }
        });
        html.element("dd", &[], |html| {
            if part.text.is_empty() {
                Self::undocumented(html);
            } else {
                self.item(html, &part.text, place);
            }
        });
    }

    /// Members of another type that belong here, too, in short.
    fn inherited(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        content: &Content<'s>,
        base: TypeId,
        page: Option<usize>,
    ) {
        html.element("p", &[("class", "inherited")], |html| {
            let is_all = content.parts.is_empty() && content.variants.is_none();
            html.text(match (definition.kind, is_all) {
                (Kind::Command | Kind::Event, _) | (_, true) => "The members of ",
                _ => "First the members of ",
            });
            self.ty(html, page, base);
            let members = self.schema().flattened(base);
            for (index, (owner, member)) in members.iter().enumerate() {
                html.text(if index == 0 { ": " } else { ", " });
                let owner = self.documented_owner(*owner);
                let name = |html: &mut Html| {
                    html.leaf("code", &[], &member.name);
                };
                match owner.and_then(|owner| self.links.part(owner, &member.name)) {
                    Some(to) => {
                        let address = self.address(page, to);
                        html.element("a", &[("href", &address)], name);
                    }
                    None => name(html),
                }
                if member.optional {
                    html.text(" (optional)");
                }
            }
            if let TypeKind::Object(object) = &self.schema().ty(base).kind
                && let Some(union) = &object.union_
            {
                html.text("; and those that depend on the value of ");
                html.leaf("code", &[], &union.discriminator);
            }
            html.text(".");
        });
        html.line();
    }

    /// The definition that documents the members of an object: for the base of a union that has no name, the union.
    fn documented_owner(&self, id: TypeId) -> Option<&'s str> {
        let schema = self.schema();
        let name = schema.ty(id).name.as_str();
        if !is_inline(schema, id) {
            return Some(name);
        }
        name.strip_prefix("q_obj_")?.strip_suffix("-base")
    }

    fn variants(
        &self,
        html: &mut Html,
        definition: &Definition<'s>,
        variants: &Variants<'s>,
        place: &mut Place<'_, 's>,
        depth: usize,
    ) {
        Self::subheading(html, depth, "Branches");
        let own = self.links.part(definition.name, variants.discriminator);
        html.element("p", &[], |html| {
            html.text("More members, depending on the value of ");
            let name = |html: &mut Html| {
                html.leaf("code", &[], variants.discriminator);
            };
            match own {
                Some(to) => {
                    let address = self.address(place.page, to);
                    html.element("a", &[("href", &address)], name);
                }
                None => name(html),
            }
            html.text(":");
        });
        let (empty, full): (Vec<&Branch>, Vec<&Branch>) = variants
            .branches
            .iter()
            .copied()
            .partition(|branch| self.is_empty(branch));
        if !full.is_empty() {
            html.element("dl", &[("class", "parts branches")], |html| {
                for branch in full {
                    html.line().element("dt", &[], |html| {
                        html.leaf("code", &[("class", "name")], &branch.name);
                        if let Some(condition) = &branch.condition {
                            html.text(" ");
                            badge(html, "if", &format!("if {}", types::condition(condition)));
                        }
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

    /// Whether a branch is there only because the value is.
    fn is_empty(&self, branch: &Branch) -> bool {
        is_inline(self.schema(), branch.ty)
            && matches!(&self.schema().ty(branch.ty).kind,
                TypeKind::Object(object) if object.members.is_empty() && object.base.is_none())
    }
}

/// Features that mean something by themselves have a look of their own.
fn special(feature: &str) -> &str {
    match feature {
        "deprecated" | "unstable" => feature,
        _ => "",
    }
}
