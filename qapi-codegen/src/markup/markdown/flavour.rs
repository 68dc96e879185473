//! Flavours of Markdown.

use super::super::tree::Target;

/// The differences between flavours of Markdown.
pub trait Flavour {
    /// Returns the address of a target; none if it should not be a link.
    fn address(&self, target: &Target) -> Option<String> {
        let _ = target;
        None
    }

    /// Returns the number of `#` that a heading of this level gets; 0 to make it an emphasised line.
    fn marks(&self, level: usize) -> usize {
        let _ = level;
        1
    }

    /// Returns the id of the place that references name so, if it is to be marked.
    fn label(&self, label: &str) -> Option<String> {
        let _ = label;
        None
    }
}

/// The Markdown of Rust's documentation comments: no links, headings that rustdoc demotes itself.
#[derive(Debug, Clone, Copy)]
pub struct Rustdoc;

impl Flavour for Rustdoc {}
