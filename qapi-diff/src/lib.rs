//! What changed between two revisions of a QAPI schema, and what the change means.
//!
//! This crate holds the vocabulary so far: a [`Change`] says what differs on the wire and
//! where, without judging it; a [`Finding`] is a change as one rule judges it. Comparing two
//! schemas and the rules build on these.

pub mod change;
pub mod finding;

pub use change::{Change, ChangeKind, Direction, Place, Step};
pub use finding::{Finding, Lens, Level};
