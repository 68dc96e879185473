//! Numbers for requests that no other client of a server uses.

use std::hash::{BuildHasher as _, RandomState};
use std::time::SystemTime;

/// Returns a new random number that no other client will use. It has 63 bits, because agents take signed integers.
pub(super) fn random_id() -> u64 {
    // The state is seeded from the system's random numbers and differs from call to call.
    RandomState::new().hash_one(SystemTime::now()) >> 1
}

/// Returns a random number to count the requests of a connection from: a server may send a reply that an earlier client
/// has not waited for to the next one. It has 48 bits, so that programs which read every number as a double can read it.
pub(super) fn start_of_count() -> u64 {
    random_id() >> 15
}
