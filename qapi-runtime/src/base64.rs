//! Base64 as the protocol carries bytes: standard alphabet, padded, without line breaks on the way out; line feeds
//! allowed anywhere on the way in (docs/reference/agent-behaviour.md §5.2).
//!
//! Generated code uses it for members that the builder's option `bytes` selects. Their types implement [`Bytes`]:
//! `Vec<u8>` and lists of it.
//!
//! This is our own code for two reasons. No crate has these rules: line feeds are allowed, other white space is not.
//! And file transfer spends most of its time here: complete groups use tables, everything else takes a slow path for
//! one group.

mod codec;
mod member;

pub use self::codec::{Encoder, Malformed, decode, decode_leniently, encode};
pub use self::member::{Base64, Bytes};
