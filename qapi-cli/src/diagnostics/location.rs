//! The place that a diagnostic is about.

use qapi_parser::diag::shown::INCLUDES;
use qapi_parser::diag::{Anchor, Diagnostic};
use qapi_parser::source::{FileId, Position, SourceMap, Span};

/// The place of a diagnostic.
pub(super) struct Location<'a> {
    pub(super) file: &'a str,
    /// The text in question.
    pub(super) exact: Option<Position>,
    /// The line that QEMU's compiler names: of a definition its first one.
    pub(super) qemu_line: Option<u32>,
    /// The column that QEMU's compiler names; only parse errors have one (docs/reference/language.md §1.7).
    pub(super) qemu_column: Option<u32>,
}

impl<'a> Location<'a> {
    pub(super) fn of(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Self {
        let (span, has_column) = match &diagnostic.anchor {
            Anchor::Point(span) => (*span, true),
            Anchor::Line(span) => (*span, false),
            Anchor::File(path) => {
                return Self {
                    file: path,
                    exact: None,
                    qemu_line: None,
                    qemu_column: None,
                };
            }
        };
        let anchor = sources.position(span);
        let exact = exact(diagnostic).filter(|exact| exact.file == span.file);
        Self {
            file: &sources.file(span.file).path,
            exact: Some(exact.map_or(anchor, |exact| sources.position(exact))),
            qemu_line: Some(anchor.line),
            qemu_column: has_column.then_some(anchor.column),
        }
    }
}

/// Returns the text in question: the token of a parse error, else the part of a definition that is marked.
pub(super) fn exact(diagnostic: &Diagnostic) -> Option<Span> {
    match (&diagnostic.anchor, &diagnostic.primary) {
        (Anchor::Point(span), _) | (Anchor::Line(span), None) => Some(*span),
        (Anchor::Line(_), Some(label)) => Some(label.span),
        (Anchor::File(_), _) => None,
    }
}

/// Returns the file a diagnostic is about; none for one that could not be opened.
pub(super) fn file_of(diagnostic: &Diagnostic) -> Option<FileId> {
    match diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => Some(span.file),
        Anchor::File(_) => None,
    }
}

/// Returns the include directives that lead to the file of a diagnostic, outermost first; of many only those nearest to it.
pub(super) fn include_chain(diagnostic: &Diagnostic, sources: &SourceMap) -> Vec<Span> {
    let mut chain = file_of(diagnostic).map_or_else(Vec::new, |file| sources.include_chain(file));
    chain.drain(..chain.len().saturating_sub(INCLUDES));
    chain
}
