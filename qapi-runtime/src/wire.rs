//! The wire: bytes to documents.
//!
//! Nothing here performs input or output. [`Lexer`] takes bytes in pieces of any size and hands out [`Event`]s;
//! a [`Document`] is a parsed value.

mod budget;
mod counted_lexer;
mod discard;
mod document;
mod error;
mod fast_path;
mod lexer;
mod limits;
mod member_names;
mod number;
mod parse;
mod string_text;
mod tape_builder;

pub(crate) use self::budget::{MemoryBudget, Share};
pub(crate) use self::counted_lexer::CountedLexer;
pub use self::document::Document;
pub(crate) use self::document::Node;
pub use self::error::WireError;
pub(crate) use self::lexer::Signal;
pub use self::lexer::{Event, Lexer, SENTINEL};
pub use self::limits::Limits;
pub(crate) use self::member_names::{Marks, name_hash};
pub(crate) use self::string_text::{is_all_plain, plain_run};
