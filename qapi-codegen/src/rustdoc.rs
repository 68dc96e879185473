//! Documentation of the schema as Markdown, without rustdoc warnings.

use std::fmt::Write as _;

use qapi_parser::ir::{Doc, SectionKind, SectionRef};

use crate::markup;
use crate::markup::markdown::{self, Rustdoc};

/// Descriptions of members by name, sorted by it.
#[derive(Debug, Default)]
pub(crate) struct MemberDocs<'d>(Vec<(&'d str, &'d str)>);

impl<'d> MemberDocs<'d> {
    pub(crate) fn new(doc: Option<&'d Doc>) -> Self {
        let described = doc.into_iter().flat_map(|doc| &doc.members);
        let mut described: Vec<_> = described
            // Old schemas have blanks before the colon.
            .map(|member| (member.name.trim_end(), member.text.as_str()))
            .collect();
        described.sort_by_key(|it| it.0);
        Self(described)
    }

    /// Returns the description of a member, if there is one with a text.
    pub(crate) fn get(&self, name: &str) -> Option<&'d str> {
        // The last one of several with the same name.
        let behind = self.0.partition_point(|it| it.0 <= name);
        let (found, text) = *self.0[..behind].last()?;
        (found == name && !text.trim_start().is_empty()).then_some(text)
    }
}

/// The facts of an item beside its description.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts<'d> {
    /// The first sentence, where the schema has none.
    pub(crate) fallback: String,
    /// The name in the schema, where the one in Rust differs.
    pub(crate) wire: Option<&'d str>,
    /// The condition under which it exists.
    pub(crate) condition: Option<String>,
    /// The revisions in which it exists, unless it is in all.
    pub(crate) revisions: Option<String>,
}

/// Returns a text as Markdown.
pub(crate) fn markdown(text: &str) -> String {
    markdown::markdown(&markup::parse(text), &Rustdoc)
}

/// Returns a section's text as Markdown, which begins after a tag.
fn tagged(text: &str) -> String {
    markdown::markdown(&markup::parse_tagged(text), &Rustdoc)
}

/// Returns the documentation of a definition.
pub(crate) fn definition(doc: Option<&Doc>, facts: &Facts<'_>) -> String {
    let mut out = String::new();
    let mut since = None;
    let mut featured = false;
    let order = doc.map_or(&[][..], |doc| &doc.order);
    let body = doc.map_or(String::new(), |doc| markdown(&doc.body.text));
    paragraph(
        &mut out,
        if body.is_empty() {
            &facts.fallback
        } else {
            &body
        },
    );
    for section in order {
        let Some(doc) = doc else { break };
        match section {
            SectionRef::Body | SectionRef::Member(_) => {}
            SectionRef::Feature(_) => {
                if !std::mem::replace(&mut featured, true) {
                    features(&mut out, doc);
                }
            }
            SectionRef::Section(index) => {
                let section = &doc.sections[*index];
                let title = match section.kind {
                    SectionKind::Plain => "",
                    SectionKind::Returns => "# Returns",
                    SectionKind::Errors => "# Errors",
                    SectionKind::Todo => "# To do",
                    SectionKind::Since => {
                        since = Some(section.text.as_str());
                        continue;
                    }
                };
                paragraph(&mut out, title);
                let text = match section.kind {
                    SectionKind::Plain => markdown(&section.text),
                    _ => tagged(&section.text),
                };
                paragraph(&mut out, &text);
            }
        }
    }
    let named = if body.is_empty() {
        Facts {
            wire: None,
            ..facts.clone()
        }
    } else {
        facts.clone()
    };
    closing(&mut out, &named, since);
    out
}

/// Returns the documentation of a member, value, branch or alternative.
pub(crate) fn member(text: Option<&str>, facts: &Facts<'_>) -> String {
    let mut out = text.map_or(String::new(), tagged);
    if out.is_empty() {
        out.clone_from(&facts.fallback);
    }
    closing(&mut out, facts, None);
    out
}

/// Returns a description on one line, without markup: for `#[deprecated]`.
pub(crate) fn plain(text: &str) -> String {
    text.replace(['@', '`'], "")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn features(out: &mut String, doc: &Doc) {
    paragraph(out, "# Features");
    let mut list = String::new();
    for feature in &doc.features {
        let text = tagged(&feature.text);
        let mut lines = text.lines();
        let _ = write!(
            list,
            "- `{}`: {}",
            feature.name,
            lines.next().unwrap_or_default()
        );
        list.push('\n');
        for line in lines {
            if !line.is_empty() {
                list.push_str("  ");
            }
            list.push_str(line);
            list.push('\n');
        }
    }
    paragraph(out, list.trim_end());
}

fn closing(out: &mut String, facts: &Facts<'_>, since: Option<&str>) {
    if let Some(condition) = &facts.condition {
        paragraph(out, condition);
    }
    if let Some(revisions) = &facts.revisions {
        paragraph(out, revisions);
    }
    if let Some(wire) = facts.wire {
        paragraph(out, "Name in the schema: ");
        out.push_str(&markdown::code(wire));
    }
    if let Some(since) = since {
        paragraph(out, "Since: ");
        let since = markdown::inlines(&markup::parse_inline(since.trim()), &Rustdoc);
        out.push_str(&since.replace('\n', " "));
    }
}

/// Adds text after a blank line; nothing for no text.
fn paragraph(out: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    out.push_str(text);
}
