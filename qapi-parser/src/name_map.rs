//! Maps and sets of names. A schema needs tens of thousands of lookups of mostly short names, for which the standard
//! library's hash is slow.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// A map with names, or keys as short.
pub(crate) type NameMap<K, V> = HashMap<K, V, RandomState>;

/// A set of names, or of keys as short.
pub(crate) type NameSet<K> = HashSet<K, RandomState>;

/// Returns an empty map with room for so many.
pub(crate) fn with_capacity<K, V>(capacity: usize) -> NameMap<K, V> {
    NameMap::with_capacity_and_hasher(capacity, RandomState::default())
}
