//! The documentation of a schema as a tree: pages, text and definitions, with the names in the text already resolved.
//!
//! HTML, Markdown and manual pages are made from this tree alone, and other back ends can use it:
//! [`Documentation::new`] reads it from a schema, or [`Context::documentation`](crate::Context::documentation) hands it
//! out while a schema is walked. Text is a list of [`Block`]s: paragraphs, lists, tables, examples. A [`Reference`] in
//! running text knows its [`Target`].
//!
//! # Examples
//!
//! ```
//! use qapi_codegen::documentation::{Block, Documentation, Inline, Target};
//!
//! let text = "##\n# @stop:\n#\n# Stop it, unlike @go.\n##\n{ 'command': 'stop' }\n##\n\
//!             \x23 @go:\n#\n# Go on.\n##\n{ 'command': 'go' }\n";
//! let files = qapi_parser::source::Memory::new().with("demo.json", text);
//! let loaded = qapi_parser::load("demo.json".as_ref(), &files, &Default::default());
//! let schema = loaded.schema.unwrap();
//! let documentation = Documentation::new(&schema);
//! let stop = documentation.definition("stop").unwrap();
//! let [Block::Paragraph(words)] = &stop.body[..] else { panic!() };
//! let Inline::Reference(go) = &words[1] else { panic!() };
//! assert_eq!(go.target, Some(Target::Definition("go".to_owned())));
//! ```

mod cross_references;
mod from_schema;
mod headings;
mod links;
mod lookup;
mod members;
mod pages;
mod resolve;
mod spelling;
mod tree;
mod unknown;

pub use crate::markup::markdown;
pub use crate::markup::{
    Admonition, Block, DefinedTerm, Heading, Inline, Item, Reference, ReferenceKind, Table, Target,
    Unknown, Urgency, each_text, parse, plain,
};
pub use cross_references::{Role, User, slug, summary};
pub use from_schema::{Options, default_title};
pub use links::{LinkError, Links};
pub use lookup::Documentation;
pub use pages::stem;
pub use spelling::{Piece, builtin_range, builtin_word, type_pieces, type_text};
pub use tree::{
    Content, Definition, Kind, Member, Page, PageItem, Reply, Text, element, is_empty, is_inline,
};
pub use unknown::{UnknownKind, UnknownMarkup, UnknownPlace};
