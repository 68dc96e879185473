//! The syntax tree: a schema as written, before any check.
//!
//! Phase 1 of docs/reference/language.md §9 (reading) makes it; later phases only read it.

use std::sync::Arc;

use compact_str::CompactString;

use crate::ir::{Condition, Doc, DocId, ModuleId, Pragmas};
use crate::source::Span;

/// A string token: its value without quotes and escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// Its value, usually short enough to be stored inline.
    pub value: CompactString,
    /// The token, quotes included.
    pub span: Span,
}

/// A JSON-like value (docs/reference/language.md §2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// `{ … }`
    Object(ObjectValue),
    /// `[ … ]`
    Array(ArrayValue),
    /// `'…'`
    String(Text),
    /// `true` or `false`
    Bool(bool, Span),
    /// `null`, a form of QEMU 2.4 to 4.1 (docs/reference/language.md §10.2 row 23); only in the tolerant dialect
    Null(Span),
}

impl Value {
    /// Returns the text the value was read from.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Object(object) => object.span,
            Self::Array(array) => array.span,
            Self::String(text) => text.span,
            Self::Bool(_, span) | Self::Null(span) => *span,
        }
    }
}

/// `{ … }`, members in source order; keys are unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectValue {
    /// From `{` to `}`.
    pub span: Span,
    /// The members as written.
    pub members: Vec<KeyValue>,
}

impl ObjectValue {
    /// Returns the member with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&KeyValue> {
        self.members.iter().find(|member| member.key.value == key)
    }
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyValue {
    /// The key, including a leading `*`.
    pub key: Text,
    /// The value.
    pub value: Value,
}

/// `[ … ]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayValue {
    /// From `[` to `]`.
    pub span: Span,
    /// The elements.
    pub elements: Vec<Value>,
}

/// A schema after reading: all files, includes resolved, documentation attached.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Distinct files in the order of their first include; the root is first.
    /// (The IR puts the predefined module before these.)
    pub modules: Vec<SchemaFile>,
    /// Definitions and include directives of all files in reading order: the items of an
    /// included file stand where its first directive stands, after that directive.
    pub items: Vec<Item>,
    /// Documentation of all files in reading order, free-form blocks included.
    pub docs: Vec<Arc<Doc>>,
    /// The pragma state after the last file was read (docs/reference/language.md §3.3).
    pub pragmas: Pragmas,
    /// Pragmas that were set, by the name that is written.
    pub pragma_names: Vec<(String, Span)>,
    /// A line of documentation breaks the rules of style. Only known by the tolerant reading.
    pub breaks_style: bool,
    /// Lines of documentation that start with `=`. Only known by the tolerant reading.
    pub headings: Headings,
    /// Names of definitions that could not be read, as far as they could be recognised, sorted. They are missing from
    /// `items`; a reference to one of them is not a further mistake.
    pub damaged_names: Vec<String>,
    /// A part of the schema could not be read and its definitions are unknown, so an unknown name may be defined there.
    /// Only with errors.
    pub incomplete: bool,
}

/// Lines of documentation that start with `=`: text in the newest release, a mark of headings before.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Headings {
    /// The first one in the documentation of a definition that does not continue a paragraph, which older readers
    /// rejected.
    pub in_definition: Option<Span>,
    /// The first one after the first line of a free-form block, which 10.0 rejected, and older ones took for
    /// the start of another block.
    pub in_text: Option<Span>,
}

impl Headings {
    /// Adds those of a file.
    pub(crate) fn add(&mut self, more: Self) {
        self.in_definition = self.in_definition.or(more.in_definition);
        self.in_text = self.in_text.or(more.in_text);
    }
}

/// A file of the schema.
#[derive(Debug)]
pub(crate) struct SchemaFile {
    /// Path relative to the directory of the root file, normalised (docs/reference/language.md §3.2).
    pub name: String,
    /// The file.
    pub file: crate::source::FileId,
}

/// One top-level item.
#[derive(Debug)]
pub(crate) enum Item {
    /// An object that is not a directive, valid or not.
    Definition(WrittenDefinition),
    /// An include directive, also when the file had been read before.
    Include {
        /// The file that holds the directive, as an index into [`Tree::modules`].
        module: usize,
        /// The file it names, likewise.
        target: usize,
        /// The directive.
        span: Span,
    },
}

/// An object at top level that is not a directive.
#[derive(Debug)]
pub(crate) struct WrittenDefinition {
    /// The object.
    pub object: Arc<ObjectValue>,
    /// The file that holds it, as an index into [`Tree::modules`].
    pub module: usize,
    /// Its documentation, as an index into [`Tree::docs`].
    pub doc: Option<DocId>,
    /// The block before it is not its documentation, which has been reported. Its missing documentation is then not a
    /// further mistake.
    pub misdocumented: bool,
}

/// Index of a module in the IR for a module of the tree: the predefined one comes first.
pub(crate) fn module_id(index: usize) -> ModuleId {
    ModuleId(u32::try_from(index + 1).expect("fewer modules than bytes"))
}

/// A condition as lowered from an `if`, with the place it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SpannedCondition {
    /// The condition.
    pub condition: Condition,
    /// The value of the `if` key.
    pub span: Span,
}
