//! The schema that is dumped, with the places of its source.

use std::collections::HashMap;

use qapi_codegen::documentation::{Documentation, PageItem};
use qapi_parser::ir::{DocId, Entity, ModuleId, Schema};
use qapi_parser::source::{FileId, SourceMap, Span};
use serde::Serialize;

/// The schema with the facts that the views borrow.
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    pub(super) documentation: &'a Documentation<'a>,
    sources: &'a SourceMap,
    /// The module that is read from each file.
    modules: HashMap<FileId, ModuleId>,
    /// The tree of each documentation block that has one.
    trees: HashMap<DocId, &'a PageItem<'a>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(documentation: &'a Documentation<'a>, sources: &'a SourceMap) -> Self {
        let schema = documentation.schema;
        let modules = (0..).map(ModuleId).zip(&schema.modules);
        let items = documentation.pages.iter().flat_map(|page| &page.items);
        Self {
            schema,
            documentation,
            sources,
            modules: modules
                .filter_map(|(id, module)| Some((module.file?, id)))
                .collect(),
            trees: items
                .filter_map(|item| Some((doc_of(schema, item)?, item)))
                .collect(),
        }
    }

    /// Returns the tree of a documentation block; none for one of which nothing is left but the title of its module.
    pub(super) fn tree(&self, doc: DocId) -> Option<&'a PageItem<'a>> {
        self.trees.get(&doc).copied()
    }

    pub(super) fn line(&self, span: Span) -> u32 {
        self.sources.line(span)
    }

    pub(super) fn place(&self, span: Span) -> PlaceView<'a> {
        PlaceView {
            file: &self.schema.module(self.modules[&span.file]).name,
            line: self.line(span),
        }
    }
}

/// Returns the documentation block that an item is made from.
fn doc_of(schema: &Schema, item: &PageItem<'_>) -> Option<DocId> {
    match item {
        PageItem::Text(text) => Some(text.doc),
        PageItem::Definition(definition) => match definition.entity {
            Entity::Type(id) => schema.ty(id).doc,
            Entity::Command(id) => schema.command(id).doc,
            Entity::Event(id) => schema.event(id).doc,
            Entity::Include(_) => None,
        },
    }
}

/// A line of a source file.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PlaceView<'a> {
    /// The name of its module: the path relative to the directory of the root file.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
}
