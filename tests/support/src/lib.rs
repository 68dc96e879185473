//! Support for the tests of all crates: temporary folders, random numbers, and notes of skipped tests.

mod random;
mod scratch;
mod skipped;

pub use random::Random;
pub use scratch::Scratch;
pub use skipped::{in_ci, skip, summary};
