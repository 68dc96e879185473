//! The cursor over an object's members.

use std::fmt;

use super::{Decode, DecodeError, Policy, Value};
use crate::value::{Any, Object};
use crate::wire::{Document, name_hash};

/// A cursor over the members of an object.
///
/// Every lookup looks at the next unread member first, so a document whose members come in schema order is read
/// without any search. Other orders cost a walk over the members not read yet, or a look into a table where there are
/// more than a few. Each member can be taken once.
///
/// Errors come in two ways. [`required`](Members::required) and [`optional`](Members::optional) return them.
/// [`value`](Members::value) and [`option`](Members::option) leave them in the cursor and go on, which makes for
/// shorter code where there are many members: whoever ends the reading gets the first one. A cursor that holds an
/// error reads nothing more.
pub struct Members<'t> {
    document: &'t Document,
    /// Node of the first member's name that has not been taken.
    front: u32,
    end: u32,
    /// Node of the first member's name; nodes are counted from here.
    base: u32,
    taken: Taken,
    table: Option<Table>,
    policy: Policy,
    failure: Option<DecodeError>,
}

impl<'t> Members<'t> {
    /// The `length` members between two nodes.
    pub(super) fn new(
        document: &'t Document,
        (front, end): (u32, u32),
        length: u32,
        policy: Policy,
    ) -> Self {
        Self {
            document,
            front,
            end,
            base: front,
            taken: Taken::default(),
            table: Table::new(document, (front, end), length),
            policy,
            failure: None,
        }
    }

    /// The members of an object without any, read strictly: the arguments of a request that has none.
    pub fn empty() -> Self {
        Self::new(Document::empty(), (0, 0), 0, Policy::Strict)
    }

    /// Reads a mandatory member.
    ///
    /// # Errors
    /// `Parameter '<name>' is missing`, or the error of the value.
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        match self.next_value(name)? {
            Some(value) => T::decode(value).map_err(|error| error.in_member(name)),
            None => Err(DecodeError::missing(name)),
        }
    }

    /// Reads an optional member. A member that is present must have its type: `null` is not "absent".
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        match self.next_value(name)? {
            Some(value) => T::decode(value)
                .map(Some)
                .map_err(|error| error.in_member(name)),
            None => Ok(None),
        }
    }

    /// As [`required`](Members::required), with an error left in the cursor; the value is then of no use.
    pub fn value<T: Decode + Default>(&mut self, name: &'static str) -> T {
        match self.required(name) {
            Ok(value) => value,
            Err(error) => {
                self.failure = Some(error);
                T::default()
            }
        }
    }

    /// As [`optional`](Members::optional), with an error left in the cursor; the value is then of no use.
    pub fn option<T: Decode>(&mut self, name: &'static str) -> Option<T> {
        match self.optional(name) {
            Ok(value) => value,
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }

    /// Takes a member's value, unless there is an error to report first.
    fn next_value(&mut self, name: &str) -> Result<Option<Value<'t>>, DecodeError> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(self.take(name)),
        }
    }

    /// The member's value, without taking it: for discriminators that stand behind the members they govern.
    pub fn peek(&self, name: &str) -> Option<Value<'t>> {
        Some(self.value_at(self.find(name)?))
    }

    /// Takes a member's raw value.
    pub fn take(&mut self, name: &str) -> Option<Value<'t>> {
        let at = self.find(name)?;
        if at == self.front {
            self.advance();
        } else {
            self.taken.insert(at - self.base);
        }
        Some(self.value_at(at))
    }

    /// Takes the next member in document order, whatever its name.
    pub fn next_member(&mut self) -> Option<(&'t str, Value<'t>)> {
        if self.front >= self.end {
            return None;
        }
        let member = (self.document.string(self.front), self.value_at(self.front));
        self.advance();
        Some(member)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The error left in the cursor; `Parameter '<name>' is unexpected` for the first member left over, if the policy
    /// is strict.
    pub fn finish(mut self) -> Result<(), DecodeError> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        if self.policy == Policy::Strict && self.front < self.end {
            return Err(DecodeError::unexpected(
                self.document.string(self.front).to_owned(),
            ));
        }
        Ok(())
    }

    /// Takes what is left, as owned values in document order: for unlisted union branches and for commands whose
    /// arguments the schema does not describe.
    pub fn rest(&mut self) -> Object {
        let mut rest = Object::new();
        while let Some((name, value)) = self.next_member() {
            rest.push_unique(name.to_owned(), Any::from(value));
        }
        rest
    }

    /// Reads the whole object as `T` and ends the reading.
    ///
    /// # Errors
    /// Those of the members, then that of [`Members::finish`].
    pub fn decode<T: Decode>(mut self) -> Result<T, DecodeError> {
        let value = T::decode_members(&mut self);
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let value = value?;
        self.finish()?;
        Ok(value)
    }

    /// Whether unknown members are errors.
    pub fn is_strict(&self) -> bool {
        self.policy == Policy::Strict
    }

    fn value_at(&self, name: u32) -> Value<'t> {
        Value::new(self.document, name + 1, self.policy)
    }

    /// Node of the name of a member that has not been taken.
    fn find(&self, name: &str) -> Option<u32> {
        if self.front >= self.end {
            return None;
        }
        if self.document.is_name(self.front, name) {
            return Some(self.front);
        }
        if let Some(table) = &self.table {
            let at = table.find(self.document, name)?;
            return (at >= self.front && !self.taken.contains(at - self.base)).then_some(at);
        }
        let mut at = self.document.after(self.front + 1);
        while at < self.end {
            if self.document.is_name(at, name) && !self.taken.contains(at - self.base) {
                return Some(at);
            }
            at = self.document.after(at + 1);
        }
        None
    }

    /// Moves `front` to the next member that has not been taken.
    fn advance(&mut self) {
        loop {
            self.front = self.document.after(self.front + 1);
            if self.front >= self.end || !self.taken.contains(self.front - self.base) {
                return;
            }
        }
    }
}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = formatter.debug_map();
        let mut at = self.front;
        while at < self.end {
            if !self.taken.contains(at - self.base) {
                map.entry(&self.document.string(at), &self.value_at(at));
            }
            at = self.document.after(at + 1);
        }
        map.finish()
    }
}

/// A set of members, by the distance of their nodes from the first; the first 64 nodes need no allocation.
#[derive(Default)]
struct Taken {
    first: u64,
    more: Vec<u64>,
}

impl Taken {
    fn contains(&self, distance: u32) -> bool {
        let bits = match (distance / 64) as usize {
            0 => self.first,
            word => self.more.get(word - 1).copied().unwrap_or(0),
        };
        bits & (1 << (distance % 64)) != 0
    }

    fn insert(&mut self, distance: u32) {
        let bits = match (distance / 64) as usize {
            0 => &mut self.first,
            word => {
                if self.more.len() < word {
                    self.more.resize(word, 0);
                }
                &mut self.more[word - 1]
            }
        };
        *bits |= 1 << (distance % 64);
    }
}

/// Where the names of an object are, by hash: so a member that is absent is not looked for in all of them.
struct Table {
    base: u32,
    /// Distance of a name's node from `base`, plus one; 0 is free. At most three of four are used.
    slots: [u16; SLOTS],
}

const SLOTS: usize = 64;

/// Objects of so many members have a table. Fewer are walked over as fast, more are rare.
const LENGTHS: std::ops::RangeInclusive<u32> = 9..=48;

impl Table {
    fn new(document: &Document, (first, end): (u32, u32), length: u32) -> Option<Self> {
        if !LENGTHS.contains(&length) || end - first >= u32::from(u16::MAX) {
            return None;
        }
        let mut slots = [0; SLOTS];
        let mut at = first;
        while at < end {
            let mut slot = document.hash(at) as usize % SLOTS;
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = u16::try_from(at - first + 1).ok()?;
            at = document.after(at + 1);
        }
        Some(Self { base: first, slots })
    }

    /// Node of the name that is `name`.
    fn find(&self, document: &Document, name: &str) -> Option<u32> {
        let mut slot = name_hash(name.as_bytes()) as usize % SLOTS;
        while self.slots[slot] != 0 {
            let at = self.base + u32::from(self.slots[slot]) - 1;
            if document.is_name(at, name) {
                return Some(at);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}
