//! An index of the members of an object, for objects whose members are not in the order in which they are requested.

use crate::wire::{Document, Marks};

/// Returns the marks of the members between two nodes, which answer most questions for absent members at once.
pub(super) fn marks(document: &Document, (first, end): (u32, u32)) -> Marks {
    let mut marks = Marks::default();
    let mut at = first;
    while at < end {
        marks.mark(document.hash(at));
        at = document.after(at + 1);
    }
    marks
}

/// The places of members. It is made when more than a few are left, and one is requested that is not the next.
pub(super) enum Index {
    /// Few enough members for a table.
    Table(NameTable),
    /// So many members that they are searched one by one.
    Walk(Taken),
}

impl Index {
    /// Returns the index of the members between two nodes, none of which has been taken.
    #[cold]
    pub(super) fn new(document: &Document, members: (u32, u32)) -> Self {
        match NameTable::new(document, members) {
            Some(table) => Self::Table(table),
            None => Self::Walk(Taken {
                base: members.0,
                bits: Vec::new(),
            }),
        }
    }

    /// Node of the name of a member between two nodes that has not been taken.
    pub(super) fn find(
        &self,
        document: &Document,
        members: (u32, u32),
        name: &str,
        hash: u32,
    ) -> Option<u32> {
        match self {
            Self::Table(table) => Some(table.find(document, name, hash)?.1),
            Self::Walk(taken) => taken.find(document, members, name, hash),
        }
    }

    /// Same as [`find`](Index::find), and remembers that the member was taken.
    #[inline]
    pub(super) fn take(
        &mut self,
        document: &Document,
        members: (u32, u32),
        name: &str,
        hash: u32,
    ) -> Option<u32> {
        match self {
            Self::Table(table) => table.take(document, name, hash),
            Self::Walk(taken) => taken.take(document, members, name, hash),
        }
    }

    /// Remembers that the first member that was left was taken.
    pub(super) fn take_next(&mut self, document: &Document, name: u32) {
        match self {
            Self::Table(table) => {
                if let Some(slot) = table.slot_of(document, name) {
                    table.taken |= 1 << slot;
                }
            }
            Self::Walk(taken) => taken.insert(name),
        }
    }

    /// Returns whether the member was taken.
    pub(super) fn is_taken(&self, document: &Document, name: u32) -> bool {
        match self {
            Self::Table(table) => table.is_taken(document, name),
            Self::Walk(taken) => taken.contains(name),
        }
    }
}

/// Members by the hashes of their names.
pub(super) struct NameTable {
    base: u32,
    /// Bits of the slots whose members have been taken.
    taken: u64,
    /// Distance of a name's node from `base`, plus one; 0 is free.
    slots: [u16; SLOTS],
}

const SLOTS: usize = 64;

/// Above this number there is no table, so that a quarter of the slots stays free.
const MOST: u32 = 48;

impl NameTable {
    fn new(document: &Document, (base, end): (u32, u32)) -> Option<Self> {
        if end - base >= u32::from(u16::MAX) {
            return None;
        }
        let mut slots = [0; SLOTS];
        let mut length = 0;
        let mut at = base;
        while at < end {
            if length == MOST {
                return None;
            }
            let mut slot = first_slot(document.hash(at));
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = u16::try_from(at - base + 1).ok()?;
            length += 1;
            at = document.after(at + 1);
        }
        Some(Self {
            base,
            taken: 0,
            slots,
        })
    }

    /// Slot and node of a name, unless the member was taken.
    #[inline]
    fn find(&self, document: &Document, name: &str, hash: u32) -> Option<(usize, u32)> {
        let mut slot = first_slot(hash);
        loop {
            let at = self.at(slot)?;
            if document.is_name(at, name, hash) {
                return (self.taken & 1 << slot == 0).then_some((slot, at));
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Same as [`find`](NameTable::find), and remembers that the member was taken.
    #[inline]
    fn take(&mut self, document: &Document, name: &str, hash: u32) -> Option<u32> {
        let (slot, at) = self.find(document, name, hash)?;
        self.taken |= 1 << slot;
        Some(at)
    }

    fn is_taken(&self, document: &Document, name: u32) -> bool {
        self.slot_of(document, name)
            .is_some_and(|slot| self.taken & 1 << slot != 0)
    }

    /// Returns the slot of a member.
    fn slot_of(&self, document: &Document, name: u32) -> Option<usize> {
        let mut slot = first_slot(document.hash(name));
        while self.at(slot)? != name {
            slot = (slot + 1) % SLOTS;
        }
        Some(slot)
    }

    /// Returns the node of the name in a slot.
    #[inline]
    fn at(&self, slot: usize) -> Option<u32> {
        match self.slots[slot] {
            0 => None,
            distance => Some(self.base + u32::from(distance) - 1),
        }
    }
}

/// Returns the place of a name with this hash, unless others are in its way.
#[inline]
fn first_slot(hash: u32) -> usize {
    hash as usize % SLOTS
}

/// A set of members, by the distance of their nodes from `base`.
pub(super) struct Taken {
    base: u32,
    bits: Vec<u64>,
}

impl Taken {
    fn find(&self, document: &Document, members: (u32, u32), name: &str, hash: u32) -> Option<u32> {
        walk(document, members, name, hash, |name| self.contains(name))
    }

    /// Same as [`find`](Taken::find), and remembers that the member was taken.
    fn take(
        &mut self,
        document: &Document,
        members: (u32, u32),
        name: &str,
        hash: u32,
    ) -> Option<u32> {
        let at = self.find(document, members, name, hash)?;
        self.insert(at);
        Some(at)
    }

    fn contains(&self, name: u32) -> bool {
        let distance = name - self.base;
        let word = self.bits.get((distance / u64::BITS) as usize);
        word.is_some_and(|word| word & 1 << (distance % u64::BITS) != 0)
    }

    fn insert(&mut self, name: u32) {
        let distance = name - self.base;
        let word = (distance / u64::BITS) as usize;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (distance % u64::BITS);
    }
}

/// Node of a name between two nodes, unless it `is_taken`.
fn walk(
    document: &Document,
    (first, end): (u32, u32),
    name: &str,
    hash: u32,
    is_taken: impl Fn(u32) -> bool,
) -> Option<u32> {
    let mut at = first;
    while at < end {
        if document.is_name(at, name, hash) && !is_taken(at) {
            return Some(at);
        }
        at = document.after(at + 1);
    }
    None
}
