//! Names of members: hashes and detection of duplicates.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::document::{Node, after};

/// Returns a cheap hash of a name, of its length and its ends.
///
/// Anyone can make names with equal hashes, so nothing may depend on hashes of many names being distinct.
#[inline]
pub(crate) fn name_hash(name: &[u8]) -> u32 {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                (u64::from(first), u64::from(last))
            }
            _ => (word(name), 0),
        },
    };
    let mixed = (first ^ last.rotate_left(23) ^ name.len() as u64).wrapping_mul(MULTIPLIER);
    (mixed >> 32) as u32
}

/// An odd number without pattern: the fraction of the golden ratio.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// From this number of members on, names are found by hash instead of by comparing them all.
pub(super) const MANY_MEMBERS: u32 = 64;

/// Marks of the names of one object, by their hashes. A name without a mark is not among them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks([u64; 4]);

impl Marks {
    /// The marks of all names.
    pub(crate) const ALL: Self = Self([u64::MAX; 4]);

    /// Marks a name; whether it, or one that looks the same, was marked before.
    #[inline]
    pub(crate) fn mark(&mut self, hash: u32) -> bool {
        let (word, bit) = Self::place(hash);
        let marked = self.0[word] & bit != 0;
        self.0[word] |= bit;
        marked
    }

    /// Returns whether a name, or one that looks the same, was marked.
    #[inline]
    pub(crate) fn has(&self, hash: u32) -> bool {
        let (word, bit) = Self::place(hash);
        self.0[word] & bit != 0
    }

    /// Returns the word and the bit of a hash.
    #[inline]
    fn place(hash: u32) -> (usize, u64) {
        ((hash >> 6) as usize % 4, 1 << (hash % u64::BITS))
    }
}

/// Names of objects with many members.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By object and keyed hash.
    seen: HashSet<(u32, u64)>,
    hasher: RandomState,
}

impl Names {
    /// Forgets all names; keeps the memory if it is less than `kept` bytes.
    pub(super) fn clear(&mut self, kept: usize) {
        self.seen.clear();
        if self.seen.capacity() * size_of::<(u32, u64)>() > kept {
            self.seen = HashSet::new();
        }
    }

    /// Bytes it takes when up to `more` names have been added, with those that are given back meanwhile.
    pub(super) fn held_after(&self, more: usize) -> usize {
        // A table has up to twice the room that it needs, and a byte beside each entry.
        let table = |names: usize| names * 2 * (size_of::<(u32, u64)>() + 1);
        let (names, room) = (self.seen.len() + more, self.seen.capacity());
        if names <= room {
            table(room)
        } else {
            table(room) + table(names.max(room * 2))
        }
    }

    /// Returns whether the name at node `key` occurs among the `earlier` members of the object at node `object`.
    #[cold]
    pub(super) fn is_repeated(
        &mut self,
        nodes: &[Node],
        text: &[u8],
        (object, earlier, key): (u32, u32, u32),
    ) -> bool {
        if earlier + 1 >= MANY_MEMBERS {
            let hash = |names: &Self, key| names.hasher.hash_one(name(nodes, text, key));
            if earlier + 1 == MANY_MEMBERS {
                for key in keys(nodes, object, key) {
                    let hash = hash(self, key);
                    self.seen.insert((object, hash));
                }
            }
            let hash = hash(self, key);
            if self.seen.insert((object, hash)) {
                return false;
            }
        }
        // Names with equal marks may still differ.
        let newest = name(nodes, text, key);
        keys(nodes, object, key).any(|key| name(nodes, text, key) == newest)
    }
}

/// Returns the nodes of the names in an object before `end`.
fn keys(nodes: &[Node], object: u32, end: u32) -> impl Iterator<Item = u32> + '_ {
    let mut next = object + 1;
    std::iter::from_fn(move || {
        let key = (next < end).then_some(next)?;
        next = after(nodes, key + 1);
        Some(key)
    })
}

/// Returns the member name at node `key`.
fn name<'t>(nodes: &[Node], text: &'t [u8], key: u32) -> &'t [u8] {
    match nodes[key as usize] {
        Node::String { start, length, .. } => &text[start as usize..][..length as usize],
        _ => &[],
    }
}
