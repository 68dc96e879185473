//! Base64 as the protocol carries bytes: standard alphabet, padded, without line breaks on the way out; line feeds
//! allowed anywhere on the way in (docs/reference/agent-behaviour.md §5.2).
//!
//! Generated code reads and writes members so that the builder's option `bytes` selects. They hold bytes then:
//! [`Bytes`] are `Vec<u8>` and lists of them.
//!
//! Own code because the rules are not those of any crate's stock engine (line feeds pass, other white space does not) and
//! because file transfer spends most of its time here: whole groups go through tables, everything else through a slow
//! path of one group.

mod codec;
mod member;

pub use self::codec::{Encoder, Malformed, decode, decode_leniently, encode};
pub use self::member::{Base64, Bytes};
