//! Documentation blocks.

use qapi_parser::ir::{Doc, SectionKind, SectionRef};
use serde::Serialize;

use super::context::{Context, PlaceView};

/// A documentation block.
#[derive(Debug, Serialize)]
pub struct DocView<'a> {
    /// The definition it documents; null for a free-form block.
    pub symbol: Option<&'a str>,
    /// Start of the block.
    pub source: PlaceView<'a>,
    /// All sections in source order; then, without text, members that are not described.
    pub sections: Vec<SectionView<'a>>,
}

/// A section of a documentation block.
#[derive(Debug, Serialize)]
pub struct SectionView<'a> {
    /// `body`, `member`, `feature`, `plain`, `returns`, `errors`, `since` or `todo`.
    pub kind: &'static str,
    /// The member or feature that is described; null for other sections.
    pub name: Option<&'a str>,
    /// The text: line breaks and indentation kept, no line break at either end.
    pub text: &'a str,
    /// The line it starts on.
    pub line: u32,
}

impl<'a> Context<'a> {
    pub(super) fn doc(self, doc: &'a Doc) -> DocView<'a> {
        let mut described = vec![false; doc.members.len()];
        for section in &doc.order {
            if let SectionRef::Member(index) = section {
                described[*index] = true;
            }
        }
        let undescribed = described
            .into_iter()
            .enumerate()
            .filter(|(_, described)| !described)
            .map(|(index, _)| SectionRef::Member(index));
        let sections = doc.order.iter().copied().chain(undescribed);
        DocView {
            symbol: doc.symbol.as_deref(),
            source: self.place(doc.span),
            sections: sections.map(|section| self.section(doc, section)).collect(),
        }
    }

    fn section(self, doc: &'a Doc, section: SectionRef) -> SectionView<'a> {
        let (kind, name, text, span) = match section {
            SectionRef::Body => ("body", None, &doc.body.text, doc.body.span),
            SectionRef::Member(index) => {
                let member = &doc.members[index];
                (
                    "member",
                    Some(member.name.as_str()),
                    &member.text,
                    member.span,
                )
            }
            SectionRef::Feature(index) => {
                let feature = &doc.features[index];
                (
                    "feature",
                    Some(feature.name.as_str()),
                    &feature.text,
                    feature.span,
                )
            }
            SectionRef::Section(index) => {
                let section = &doc.sections[index];
                (kind(section.kind), None, &section.text, section.span)
            }
        };
        SectionView {
            kind,
            name,
            text,
            line: self.sources.line(span),
        }
    }
}

fn kind(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Plain => "plain",
        SectionKind::Returns => "returns",
        SectionKind::Errors => "errors",
        SectionKind::Since => "since",
        SectionKind::Todo => "todo",
    }
}
