//! The pull reader: typed access to a parsed document.
//!
//! Generated code reads an object through one cursor, [`Members`], with one call per member. Bases, union branches and
//! command arguments share the cursor of the object they are flattened into; members left at the end are unexpected.

mod any;
mod debug;
mod decode;
mod enumeration;
mod error;
mod index;
mod members;
mod stack;
mod value;

#[doc(hidden)]
pub use self::debug::debug_object;
#[doc(hidden)]
pub use self::enumeration::Enumeration;
pub use self::error::{DecodeError, Explanation};
pub use self::members::{Decode, DecodeMembers, Members};
pub use self::value::{Elements, Policy, Value};
