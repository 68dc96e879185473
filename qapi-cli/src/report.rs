//! Comparisons of revisions for people and programs: one file per format.

pub(crate) mod diff;
pub(crate) mod drive;
mod markup;
pub(crate) mod matrix;
pub(crate) mod traffic;
