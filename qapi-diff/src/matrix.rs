//! Compares many revisions: which items exist in which of them.
//!
//! The rows form a tree: commands and events, what they carry, members, values. As in a
//! comparison of two, revisions are walked side by side: the types that stand in the same place in
//! all of them form a tuple, and each tuple is looked at once per command or event and direction,
//! where it is reached by a shortest way. So recursive types come to an end.

mod definitions;
mod expand;
mod row;
mod walk;

pub use definitions::{Definitions, REPLY, State};
pub use row::{Cell, Row, Run};
pub use walk::Matrix;
