//! The checked schema as JSON, for programs in any language.
//!
//! The format is described in `docs/dump-format.md`; a test compares the two. Views borrow from the schema, and keys
//! stand in the order of their fields, so the output is the same for the same input.

use std::io::{self, Write};

use qapi_codegen::documentation::Documentation;
use qapi_parser::ir::{DocId, Entity, Module, ModuleId, Pragmas, Schema};
use qapi_parser::source::SourceMap;
use serde::Serialize;

mod conditions;
mod context;
mod docs;
mod entities;
mod objects;

pub use conditions::{ConditionView, FeatureView};
use context::Context;
pub use context::PlaceView;
pub use docs::{DocView, NamedTreeView, SectionView, TreeView};
pub use entities::{
    AlternateView, ArrayView, BuiltinView, CommandView, EntityView, EnumView, EventView,
    IncludeView, ObjectView, OriginView, TypeView, ValueView,
};
pub use objects::{AlternativeView, BranchView, FlattenedView, MemberView, UnionView};

/// The version of the format: raised when a key changes its meaning or goes away, not when one is added.
pub const FORMAT: u32 = 2;

/// A whole schema.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct SchemaView<'a> {
    /// [`FORMAT`].
    pub format: u32,
    /// The pragma state that the schema was checked under.
    pub pragmas: PragmasView<'a>,
    /// All modules, the predefined one first, then the root, then each file at its first include.
    pub modules: Vec<ModuleView<'a>>,
    /// All documentation blocks in reading order.
    pub docs: Vec<DocView<'a>>,
}

/// The pragma state.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PragmasView<'a> {
    /// Every definition must have documentation.
    pub doc_required: bool,
    /// Commands whose names may contain `_`.
    pub command_name_exceptions: &'a [String],
    /// Commands that may return something other than an object.
    pub command_returns_exceptions: &'a [String],
    /// Definitions whose members need no documentation.
    pub documentation_exceptions: &'a [String],
    /// Types whose member or value names may have upper case and `_`.
    pub member_name_exceptions: &'a [String],
}

/// A schema file, or the predefined module.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ModuleView<'a> {
    /// Path relative to the directory of the root file; `./builtin` for the predefined module.
    pub name: &'a str,
    /// The heading before everything in it, or else a name; null if it has neither definitions nor text.
    pub title: Option<&'a str>,
    /// Its entities, in entity order.
    pub entities: Vec<EntityView<'a>>,
}

/// Writes the dump and a line feed: indented, or on one line.
pub fn write(
    out: &mut dyn Write,
    schema: &Schema,
    sources: &SourceMap,
    compact: bool,
) -> io::Result<()> {
    let documentation = Documentation::new(schema);
    let view = view(&documentation, sources);
    if compact {
        serde_json::to_writer(&mut *out, &view)?;
    } else {
        serde_json::to_writer_pretty(&mut *out, &view)?;
    }
    out.write_all(b"\n")
}

/// Returns the schema as views that serde can write in any format.
pub fn view<'a>(documentation: &'a Documentation<'a>, sources: &'a SourceMap) -> SchemaView<'a> {
    let cx = Context::new(documentation, sources);
    let schema = documentation.schema;
    let modules = (0..).map(ModuleId).zip(&schema.modules);
    let docs = (0..).map(DocId).zip(&schema.docs);
    SchemaView {
        format: FORMAT,
        pragmas: pragmas(&schema.pragmas),
        modules: modules.map(|(id, module)| cx.module(id, module)).collect(),
        docs: docs.map(|(id, doc)| cx.doc(id, doc)).collect(),
    }
}

impl<'a> Context<'a> {
    fn module(&self, id: ModuleId, module: &'a Module) -> ModuleView<'a> {
        let page = self.documentation.page_of_module(id);
        ModuleView {
            name: &module.name,
            title: page.map(|page| self.documentation.pages[page].title.as_str()),
            entities: module
                .entities
                .iter()
                .map(|entity| self.entity(*entity))
                .collect(),
        }
    }

    fn entity(&self, entity: Entity) -> EntityView<'a> {
        match entity {
            Entity::Type(id) => self.ty(id),
            Entity::Command(id) => EntityView::Command(self.command(self.schema.command(id))),
            Entity::Event(id) => EntityView::Event(self.event(self.schema.event(id))),
            Entity::Include(id) => {
                EntityView::Include(self.include(&self.schema.includes[id.index()]))
            }
        }
    }
}

fn pragmas(pragmas: &Pragmas) -> PragmasView<'_> {
    PragmasView {
        doc_required: pragmas.doc_required,
        command_name_exceptions: &pragmas.command_name_exceptions,
        command_returns_exceptions: &pragmas.command_returns_exceptions,
        documentation_exceptions: &pragmas.documentation_exceptions,
        member_name_exceptions: &pragmas.member_name_exceptions,
    }
}
