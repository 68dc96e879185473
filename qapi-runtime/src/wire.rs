//! The wire: bytes to documents.
//!
//! Nothing here performs input or output. [`Lexer`] takes bytes in pieces of any size and hands out [`Event`]s;
//! a [`Document`] is a parsed value.

mod budget;
mod discard;
mod document;
mod error;
mod fast_path;
mod intake;
mod lexer;
mod limits;
mod names;
mod number;
mod parse;
mod tape_builder;
mod text;

pub(crate) use self::budget::{MemoryBudget, Share};
pub use self::document::Document;
pub(crate) use self::document::Node;
pub use self::error::WireError;
pub(crate) use self::intake::CountedLexer;
pub(crate) use self::lexer::Signal;
pub use self::lexer::{Event, Lexer, SENTINEL};
pub use self::limits::Limits;
pub(crate) use self::names::{Marks, name_hash};
pub(crate) use self::text::{is_all_plain, plain_run};
