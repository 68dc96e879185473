//! The wire: bytes to documents, and the messages of the protocol.
//!
//! Nothing here performs input or output. [`Lexer`] takes bytes in pieces of any size and hands out [`Event`]s;
//! [`Document`] is a parsed value; [`request`] knows the envelope of requests.

mod assembly;
mod discard;
mod document;
mod error;
mod lexer;
mod names;
mod number;
pub mod request;
mod run;
mod text;

pub use self::document::Document;
pub(crate) use self::document::Node;
pub use self::error::WireError;
pub(crate) use self::lexer::Signal;
pub use self::lexer::{Event, Lexer, Limits};
pub(crate) use self::names::{Marks, name_hash};
pub(crate) use self::text::{is_all_plain, plain_run};

/// The byte that marks a known point of the stream; it never occurs inside a message.
pub const SENTINEL: u8 = 0xFF;
