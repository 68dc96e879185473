//! Support for the tests of all crates: temporary folders, random numbers, recorded bytes, and notes of skipped tests.

mod random;
mod recorded;
mod scratch;
mod skipped;

pub use random::Random;
pub use recorded::unescape;
pub use scratch::Scratch;
pub use skipped::{in_ci, skip, summary};
