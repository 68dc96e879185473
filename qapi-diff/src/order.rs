//! Compares the order of names in lists, for two of the lenses.

use std::collections::HashMap;

/// Returns true if the names that both lists have stand in another order.
pub(crate) fn reordered(old: &[&str], new: &[&str]) -> bool {
    let positions: HashMap<_, _> = (0..).zip(new).map(|(at, name)| (*name, at)).collect();
    let shared: Vec<i32> = old
        .iter()
        .filter_map(|name| positions.get(name).copied())
        .collect();
    !shared.is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_and_removals_are_not_reordering() {
        assert!(!reordered(&["a", "b", "c"], &["b", "x", "c", "d"]));
        assert!(reordered(&["a", "b", "c"], &["c", "a"]));
    }
}
