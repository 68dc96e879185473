//! The markup of documentation in schemas, as a tree: the source of rustdoc, HTML, Markdown and manual pages.
//!
//! It is the part of reStructuredText that QEMU's schemas use (docs/reference/language.md §7 and Appendix C), read tolerantly: text that
//! is not understood is kept as [`Block::Unknown`] or [`Inline::Unknown`], which is shown as written and counted.

mod blocks;
mod byte_set;
mod indentation;
mod inline;
mod json;
pub mod markdown;
mod table;
mod tree;

pub use tree::{
    Admonition, Block, DefinedTerm, Heading, Inline, Item, Reference, ReferenceKind, Table, Target,
    Unknown, Urgency, each_text, plain,
};
pub(crate) use tree::{HeadingStyle, each_reference, each_unknown};

/// Returns the blocks of a text that stands by itself: all of its lines have their indentation. References in it have no
/// targets.
pub fn parse(text: &str) -> Vec<Block> {
    let text = indentation::clean(text);
    let lines: Vec<_> = text.lines().collect();
    blocks::parse(&indentation::dedented(&lines))
}

/// Returns the blocks of a section that begins after a tag: the indentation of its first line says nothing about the others'.
pub(crate) fn parse_tagged(text: &str) -> Vec<Block> {
    let text = indentation::clean(text);
    if !text.contains('\n') {
        return blocks::parse(&[text.trim_start()]);
    }
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<_> = lines.collect();
    let mut all = vec![first.trim_start()];
    all.extend(indentation::dedented(&rest));
    blocks::parse(&all)
}

/// Returns a text without blocks: what follows `Since:`.
pub(crate) fn parse_inline(text: &str) -> Vec<Inline> {
    inline::parse(&indentation::clean(text))
}
