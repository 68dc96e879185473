//! The schema that is dumped, with the places of its source.

use qapi_parser::ir::Schema;
use qapi_parser::source::{SourceMap, Span};
use serde::Serialize;

/// The schema and its sources, from which the views borrow.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    pub(super) sources: &'a SourceMap,
}

impl<'a> Context<'a> {
    pub(super) fn place(self, span: Span) -> PlaceView<'a> {
        PlaceView {
            file: &self.sources.file(span.file).path,
            line: self.sources.line(span),
        }
    }
}

/// A line of a source file.
#[derive(Debug, Serialize)]
pub struct PlaceView<'a> {
    /// Path as opened.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
}
