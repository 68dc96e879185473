//! Objects that keep the order of their members.

use std::collections::HashMap;
use std::fmt;

use super::Any;
use crate::read::{Decode, DecodeError, Members};
use crate::write::{Encode, ObjectWriter, Writer};

/// An object of any members, in the order received or inserted.
///
/// Two objects are equal if they have equal members in the same order. Lookups walk the members; objects on the wire
/// are small. Building a large one with `collect` or `extend` does not walk.
#[derive(Clone, PartialEq, Default)]
pub struct Object {
    members: Vec<(String, Any)>,
}

impl Object {
    /// An object without members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of member `name`.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// The value of member `name`, for changing it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Any> {
        self.members
            .iter_mut()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// Sets member `name`, in its old place or else at the end; returns the old value.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Any>) -> Option<Any> {
        let (name, value) = (name.into(), value.into());
        if let Some(old) = self.get_mut(&name) {
            return Some(std::mem::replace(old, value));
        }
        self.members.push((name, value));
        None
    }

    /// The object with member `name` set; for writing arguments down in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Any>) -> Self {
        self.insert(name, value);
        self
    }

    /// Takes member `name` out; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Any> {
        let place = self.members.iter().position(|(member, _)| member == name)?;
        Some(self.members.remove(place).1)
    }

    /// The members in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.members.iter())
    }

    pub(crate) fn with_capacity(members: usize) -> Self {
        Self {
            members: Vec::with_capacity(members),
        }
    }

    /// Adds a member whose name is known to be new.
    pub(crate) fn push_unique(&mut self, name: String, value: Any) {
        self.members.push((name, value));
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

/// The wire form.
impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::new();
        self.encode(&mut writer);
        formatter.write_str(&writer.into_string())
    }
}

/// The last of several members of one name wins, in the place of the first.
impl Extend<(String, Any)> for Object {
    fn extend<I: IntoIterator<Item = (String, Any)>>(&mut self, members: I) {
        let mut places: HashMap<String, usize> = self
            .members
            .iter()
            .enumerate()
            .map(|(place, (name, _))| (name.clone(), place))
            .collect();
        for (name, value) in members {
            if let Some(&place) = places.get(&name) {
                self.members[place].1 = value;
            } else {
                places.insert(name.clone(), self.members.len());
                self.members.push((name, value));
            }
        }
    }
}

impl FromIterator<(String, Any)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Any)>>(members: I) -> Self {
        let mut object = Self::new();
        object.extend(members);
        object
    }
}

impl<const N: usize> From<[(&str, Any); N]> for Object {
    fn from(members: [(&str, Any); N]) -> Self {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Iterator over the members of an object, in order.
#[derive(Debug, Clone)]
pub struct Iter<'a>(std::slice::Iter<'a, (String, Any)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a Any);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a str, &'a Any);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Object {
    type Item = (String, Any);
    type IntoIter = std::vec::IntoIter<(String, Any)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

/// Takes every member that is left.
impl Decode for Object {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(members.rest())
    }
}

impl Encode for Object {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        for (name, value) in self {
            out.member(name, value);
        }
    }
}
