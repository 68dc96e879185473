//! The cursor over an object's members.

use std::fmt;

use super::{Decode, DecodeError, DecodeMembers, Policy, Value};
use crate::value::{Any, Object};
use crate::wire::Document;

/// A cursor over the members of an object.
///
/// Every lookup looks at the next unread member first, so a document whose members come in schema order is read
/// without any search; other orders cost a walk over the members not read yet. Each member can be taken once.
pub struct Members<'t> {
    document: &'t Document,
    /// Node of the first member's name that has not been taken.
    front: u32,
    end: u32,
    /// How many members lie before `front`.
    ordinal: u32,
    /// Members behind `front` that were taken out of order, by ordinal.
    taken: Taken,
    policy: Policy,
}

impl<'t> Members<'t> {
    pub(super) fn new(document: &'t Document, front: u32, end: u32, policy: Policy) -> Self {
        Self {
            document,
            front,
            end,
            ordinal: 0,
            taken: Taken::default(),
            policy,
        }
    }

    /// The members of an object without any, read strictly: the arguments of a request that has none.
    pub fn empty() -> Self {
        Self::new(Document::empty(), 0, 0, Policy::Strict)
    }

    /// Reads a mandatory member.
    ///
    /// # Errors
    /// `Parameter '<name>' is missing`, or the error of the value.
    pub fn required<T: Decode>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        match self.take(name) {
            Some(value) => T::decode(value).map_err(|error| error.in_member(name)),
            None => Err(DecodeError::missing(name)),
        }
    }

    /// Reads an optional member. A member that is present must have its type: `null` is not "absent".
    pub fn optional<T: Decode>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        match self.take(name) {
            Some(value) => T::decode(value)
                .map(Some)
                .map_err(|error| error.in_member(name)),
            None => Ok(None),
        }
    }

    /// The member's value, without taking it: for discriminators that stand behind the members they govern.
    pub fn peek(&self, name: &str) -> Option<Value<'t>> {
        let (at, _) = self.find(name)?;
        Some(self.value_at(at))
    }

    /// Takes a member's raw value.
    pub fn take(&mut self, name: &str) -> Option<Value<'t>> {
        let (at, ordinal) = self.find(name)?;
        if at == self.front {
            self.advance();
        } else {
            self.taken.insert(ordinal);
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
    /// `Parameter '<name>' is unexpected` for the first member left over, if the policy is strict.
    pub fn finish(self) -> Result<(), DecodeError> {
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
    pub fn decode<T: DecodeMembers>(mut self) -> Result<T, DecodeError> {
        let value = T::decode_members(&mut self)?;
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

    /// Node and ordinal of a member that has not been taken.
    fn find(&self, name: &str) -> Option<(u32, u32)> {
        let mut at = self.front;
        let mut ordinal = self.ordinal;
        while at < self.end {
            if self.document.is_name(at, name) && !self.taken.contains(ordinal) {
                return Some((at, ordinal));
            }
            at = self.document.after(at + 1);
            ordinal += 1;
        }
        None
    }

    /// Moves `front` to the next member that has not been taken.
    fn advance(&mut self) {
        loop {
            self.front = self.document.after(self.front + 1);
            self.ordinal += 1;
            if self.front >= self.end || !self.taken.contains(self.ordinal) {
                return;
            }
        }
    }
}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = formatter.debug_map();
        let (mut at, mut ordinal) = (self.front, self.ordinal);
        while at < self.end {
            if !self.taken.contains(ordinal) {
                map.entry(&self.document.string(at), &self.value_at(at));
            }
            at = self.document.after(at + 1);
            ordinal += 1;
        }
        map.finish()
    }
}

/// A set of ordinals; objects with up to 64 members need no allocation.
#[derive(Default)]
struct Taken {
    first: u64,
    more: Vec<u64>,
}

impl Taken {
    fn contains(&self, ordinal: u32) -> bool {
        let bits = match (ordinal / 64) as usize {
            0 => self.first,
            word => self.more.get(word - 1).copied().unwrap_or(0),
        };
        bits & (1 << (ordinal % 64)) != 0
    }

    fn insert(&mut self, ordinal: u32) {
        let bits = match (ordinal / 64) as usize {
            0 => &mut self.first,
            word => {
                if self.more.len() < word {
                    self.more.resize(word, 0);
                }
                &mut self.more[word - 1]
            }
        };
        *bits |= 1 << (ordinal % 64);
    }
}
