//! Documentation blocks.

use qapi_codegen::documentation::{Block, PageItem};
use qapi_parser::ir::{Doc, DocId, SectionKind, SectionRef};
use serde::Serialize;

use super::context::{Context, PlaceView};

/// A documentation block.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct DocView<'a> {
    /// The definition it documents; null for a free-form block.
    pub symbol: Option<&'a str>,
    /// Start of the block.
    pub source: PlaceView<'a>,
    /// All sections in source order; then, without text, members that are not described.
    pub sections: Vec<SectionView<'a>>,
    /// The same as a tree.
    pub tree: TreeView<'a>,
}

/// A section of a documentation block.
#[derive(Debug, Serialize)]
#[non_exhaustive]
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

/// Documentation whose markup is read: lists of blocks.
#[derive(Debug, Serialize, Default)]
#[non_exhaustive]
pub struct TreeView<'a> {
    /// The release since which the definition exists; null where nothing is said.
    pub since: Option<&'a str>,
    /// The introduction, or all of a free-form block.
    pub body: &'a [Block],
    /// Descriptions of members, arguments, values or alternatives, in the order of the schema.
    pub members: Vec<NamedTreeView<'a>>,
    /// Paragraphs after the members.
    pub remarks: &'a [Block],
    /// The description of what a command returns.
    pub returns: &'a [Block],
    /// The conditions under which a command fails.
    pub errors: &'a [Block],
    /// Descriptions of features.
    pub features: Vec<NamedTreeView<'a>>,
    /// Examples.
    pub examples: &'a [Block],
}

/// The description of a member or feature.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct NamedTreeView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The description.
    pub blocks: &'a [Block],
}

impl<'a> TreeView<'a> {
    fn new(item: &'a PageItem<'a>) -> Self {
        let definition = match item {
            PageItem::Text(text) => {
                return Self {
                    body: &text.blocks,
                    ..Self::default()
                };
            }
            PageItem::Definition(definition) => definition,
        };
        let members = definition.content.members.iter();
        let members = members.filter(|member| !member.text.is_empty());
        let features = definition.feature_texts.iter();
        let reply = definition.reply.as_ref();
        Self {
            since: definition.since.as_deref(),
            body: &definition.body,
            members: members
                .map(|member| NamedTreeView {
                    name: member.name,
                    blocks: &member.text,
                })
                .collect(),
            remarks: &definition.remarks,
            returns: reply.map_or(&[], |reply| reply.text.as_slice()),
            errors: &definition.errors,
            features: features
                .map(|(name, blocks)| NamedTreeView { name, blocks })
                .collect(),
            examples: &definition.examples,
        }
    }
}

impl<'a> Context<'a> {
    pub(super) fn doc(&self, id: DocId, doc: &'a Doc) -> DocView<'a> {
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
            tree: self.tree(id).map(TreeView::new).unwrap_or_default(),
        }
    }

    fn section(&self, doc: &'a Doc, section: SectionRef) -> SectionView<'a> {
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
            line: self.line(span),
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
