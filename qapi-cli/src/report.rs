//! Comparisons of revisions for people and programs: one file per format.

pub(crate) mod diff;
mod markup;
pub(crate) mod matrix;
pub(crate) mod program_support;
pub(crate) mod traffic;
