//! Finds the partner of a named part on the other side.

use std::cell::OnceCell;
use std::collections::HashMap;

/// Positions in a list by name. Revisions mostly have the same order, so the search begins where the last one ended,
/// and an index is made only if that fails.
pub(super) struct Positions<'l, T, F> {
    list: &'l [T],
    name: F,
    index: OnceCell<HashMap<&'l str, usize>>,
}

impl<'l, T, F: Fn(&'l T) -> &'l str> Positions<'l, T, F> {
    pub(super) fn new(list: &'l [T], name: F) -> Self {
        Self {
            list,
            name,
            index: OnceCell::new(),
        }
    }

    /// Returns the part with this name, looked for at `hint` first.
    pub(super) fn find(&self, name: &str, hint: usize) -> Option<&'l T> {
        if let Some(part) = self.list.get(hint)
            && (self.name)(part) == name
        {
            return Some(part);
        }
        let index = self.index.get_or_init(|| {
            self.list
                .iter()
                .enumerate()
                .map(|(position, part)| ((self.name)(part), position))
                .collect()
        });
        index.get(name).map(|position| &self.list[*position])
    }
}
