//! What code generated from a QAPI schema links to: messages, framing, dispatcher, clients.

pub mod client;
mod command;
mod error;
mod macros;
pub mod read;
pub mod server;
mod stream;
pub mod value;
pub mod wire;
pub mod write;

pub use client::*;
pub use command::{Command, CommandInfo};
pub use error::{Error, ErrorClass};
pub use read::{Decode, DecodeError, DecodeMembers, Elements, Kind, Members, Null, Policy, Value};
pub use server::*;
pub use value::{Any, Object};
pub use write::{ArrayWriter, Encode, EncodeMembers, ObjectWriter, WriteFault, Writer};
