//! The place that a diagnostic is about.

use qapi_parser::diag::{Anchor, Diagnostic};
use qapi_parser::source::{FileId, SourceMap, Span};

/// The place that identifies a diagnostic: short and JSON output show it.
pub(super) struct Location<'a> {
    pub(super) file: &'a str,
    pub(super) line: Option<u32>,
    pub(super) column: Option<u32>,
}

impl<'a> Location<'a> {
    /// Only parse errors have a column (language.md §1.7).
    pub(super) fn of(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Self {
        match &diagnostic.anchor {
            Anchor::Point(span) => {
                let position = sources.position(*span);
                Self {
                    file: &sources.file(span.file).path,
                    line: Some(position.line),
                    column: Some(position.column),
                }
            }
            Anchor::Line(span) => Self {
                file: &sources.file(span.file).path,
                line: Some(sources.line(*span)),
                column: None,
            },
            Anchor::File(path) => Self {
                file: path,
                line: None,
                column: None,
            },
        }
    }
}

/// The file a diagnostic is about; none for one that could not be opened.
pub(super) fn file_of(diagnostic: &Diagnostic) -> Option<FileId> {
    match diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => Some(span.file),
        Anchor::File(_) => None,
    }
}

/// The include directives that lead to the file of a diagnostic, outermost first.
pub(super) fn include_chain(diagnostic: &Diagnostic, sources: &SourceMap) -> Vec<Span> {
    file_of(diagnostic).map_or_else(Vec::new, |file| sources.include_chain(file))
}
