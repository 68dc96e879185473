//! Maps and sets of names. A schema needs tens of thousands of lookups of mostly short names, for which the standard
//! library's hash is slow.

use std::collections::{HashMap, HashSet};

use compact_str::CompactString;
use foldhash::fast::RandomState;

/// A map with names, or keys as short.
pub(crate) type NameMap<K, V> = HashMap<K, V, RandomState>;

/// A set of names, or of keys as short.
pub(crate) type NameSet<K> = HashSet<K, RandomState>;

/// Returns an empty map with this capacity.
pub(crate) fn with_capacity<K, V>(capacity: usize) -> NameMap<K, V> {
    NameMap::with_capacity_and_hasher(capacity, RandomState::default())
}

/// Finds names in a list that grows.
#[derive(Default)]
pub(crate) struct Places {
    /// Places by name, once a search from end to end would take too long.
    known: Option<NameMap<CompactString, usize>>,
}

impl Places {
    const SEARCHED: usize = 24;

    /// Returns the place of a name in the list.
    pub(crate) fn find<T>(
        &self,
        list: &[T],
        name: &str,
        name_of: impl Fn(&T) -> &str,
    ) -> Option<usize> {
        match &self.known {
            Some(known) => known.get(name).copied(),
            None => list.iter().position(|one| name_of(one) == name),
        }
    }

    /// Notes that the list has become one longer.
    pub(crate) fn added<T>(&mut self, list: &[T], name_of: impl Fn(&T) -> &str) {
        if list.len() <= Self::SEARCHED {
            return;
        }
        let first = match self.known {
            Some(_) => list.len() - 1,
            None => 0,
        };
        let known = self.known.get_or_insert_with(NameMap::default);
        let new = list.iter().enumerate().skip(first);
        known.extend(new.map(|(place, one)| (name_of(one).into(), place)));
    }
}
