//! The writer: one byte buffer in the wire form of docs/reference/agent-behaviour.md §3.7.
//!
//! ASCII only, `", "` and `": "` as separators, no other white space, escapes with upper-case digits, doubles with up
//! to 17 significant digits.

mod any;
mod document;
mod encode;
mod escape;
mod number;
mod writer;
mod written_names;

pub use self::writer::{ArrayWriter, Encode, EncodeMembers, ObjectWriter, WriteFault, Writer};
