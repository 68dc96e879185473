//! Compares many revisions: the items that exist in each of them.
//!
//! The rows form a tree: commands and events, their arguments, replies and data, members, values. As in a comparison of
//! two, revisions are walked side by side: the types in the same place form a tuple, and each tuple is visited once per
//! command or event and direction, on a shortest path. So the walk ends for recursive types.

mod definitions;
mod expand;
mod row;
mod walk;

pub use definitions::{Definitions, REPLY, State};
pub use row::{Cell, Row, Run};
pub use walk::Matrix;
