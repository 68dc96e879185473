//! Documentation blocks as data (docs/reference/language.md §7.4.3).

use crate::source::Span;

/// One documentation block.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doc {
    /// The whole block, from the opening `##` to the closing one.
    pub span: Span,
    /// The definition it documents; none for a free-form block.
    pub symbol: Option<String>,
    /// The introductory paragraphs, or all of a free-form block; may be empty.
    pub body: Section,
    /// Described members, values, alternatives or arguments, in order; last, with empty
    /// text, those left undescribed where that is allowed.
    pub members: Vec<NamedSection>,
    /// Described features, in order.
    pub features: Vec<NamedSection>,
    /// All other sections, in order.
    pub sections: Vec<Section>,
    /// Every section in source order, for rendering.
    pub order: Vec<SectionRef>,
}

/// Refers to one section of a [`Doc`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionRef {
    /// [`Doc::body`]
    Body,
    /// An index into [`Doc::members`].
    Member(usize),
    /// An index into [`Doc::features`].
    Feature(usize),
    /// An index into [`Doc::sections`].
    Section(usize),
}

/// The kind of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Paragraphs.
    Plain,
    /// `Returns:`
    Returns,
    /// `Errors:`
    Errors,
    /// `Since:`
    Since,
    /// `TODO:`
    Todo,
}

/// A section without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// Its kind.
    pub kind: SectionKind,
    /// Its text, line breaks and indentation kept, no line break at either end.
    pub text: String,
    /// The line it starts on: that of its tag, or of its first paragraph.
    pub span: Span,
}

/// The description of a member or feature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedSection {
    /// The name between `@` and `:`.
    pub name: String,
    /// Its text, as in [`Section::text`].
    pub text: String,
    /// The line it starts on; the block's for a stub.
    pub span: Span,
}
