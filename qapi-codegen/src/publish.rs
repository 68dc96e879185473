//! Writes an [`Output`](crate::Output) to a directory: whole or not at all, one run at a time.
//!
//! A directory is locked while a run reads or writes it. New files are staged in it, in `.qapi-staging`, with links to
//! everything that they replace; only then the directory gets the name `.qapi-publishing`, and the files are moved to
//! where they belong, each in one step. If a step fails, what was replaced is put back. If the run is killed, the next
//! one puts it back before it does anything else. Both directories are gone when a run ends.
//!
//! Generated files are recognised by their beginning, see [`Marks`]. A mark in the file itself always agrees with the
//! file, whatever was killed, merged, checked out or moved; a separate list of files may not.

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
