//! Maps and sets of names. A schema looks up tens of thousands of names, most of them short, for which the hash of the standard
//! library takes long.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map with names, or something as short, for keys.
pub(crate) type NameMap<K, V> = HashMap<K, V, RandomState>;

/// A set of names, or of something as short.
pub(crate) type NameSet<K> = HashSet<K, RandomState>;

/// Returns an empty map with room for so many.
pub(crate) fn with_capacity<K, V>(capacity: usize) -> NameMap<K, V> {
    NameMap::with_capacity_and_hasher(capacity, RandomState::default())
}
