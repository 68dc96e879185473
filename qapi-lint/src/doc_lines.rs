//! The lines of documentation.

use qapi_parser::ir::Doc;
use qapi_parser::source::{SourceMap, Span};

/// A line of a documentation block, without its `#` and the blank after it.
#[derive(Clone, Copy)]
pub(crate) struct Line<'s> {
    pub(crate) text: &'s str,
    /// The text, without white space at either end.
    pub(crate) span: Span,
}

/// Returns the lines of a documentation block, without the `##` around it.
pub(crate) fn lines<'s>(sources: &'s SourceMap, doc: &Doc) -> Vec<Line<'s>> {
    let mut lines = Vec::new();
    let mut start = doc.span.start;
    for line in sources.text(doc.span).split_inclusive('\n') {
        let comment = line.trim();
        let text = comment.strip_prefix('#').unwrap_or(comment);
        let text = text.strip_prefix(' ').unwrap_or(text);
        let behind = line.trim_start().strip_prefix('#').unwrap_or(line);
        let indent = line.len() - behind.trim_start().len();
        let length = text.trim().len();
        let at = start + offset(indent);
        if !comment.starts_with("##") {
            lines.push(Line {
                text,
                span: Span::new(doc.span.file, at, at + offset(length)),
            });
        }
        start += offset(line.len());
    }
    lines
}

/// Returns an offset in a file; files have less than 4 GB.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
