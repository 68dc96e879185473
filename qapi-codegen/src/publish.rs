//! Writes an [`Output`](crate::Output) to a directory: whole or not at all, one run at a time.
//!
//! A directory is locked while a run looks at it or writes to it. New files are staged in it, in `.qapi-staging`, with
//! links to everything that they replace; only then the directory gets the name `.qapi-publishing`, and the files are moved
//! to where they belong, each in one step. If a step fails, what was replaced is put back. If the run is killed, the next
//! one puts it back before it does anything else. Both directories are gone when a run ends.
//!
//! Generated files are told from others by their beginning, see [`Marks`]: a mark in the file itself cannot be out of step
//! with it, whatever was killed, merged, checked out or moved, as a list of files beside them could be.

mod change;
mod compare;
mod disk;
mod error;
mod lock;
mod marks;
mod run;
mod stage;
#[cfg(test)]
mod tests;

pub use change::{Change, ChangeKind};
pub use error::PublishError;
pub use marks::Marks;
pub use run::{compare, publish};
