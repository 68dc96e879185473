//! Owned JSON values, for data that no schema describes.

#[cfg(feature = "serde_json")]
mod conversion;

use std::collections::HashMap;
use std::fmt;

/// The kinds of JSON values. Numbers have two kinds, because QAPI distinguishes integers from other numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction and exponent that fits 64 bits, signed or unsigned.
    Integer,
    /// Any other number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// Returns the name as error texts of the protocol write it (docs/reference/agent-behaviour.md §3.6).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// QAPI's built-in type `null`, whose only value is JSON's `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Null;

/// A JSON value of any kind: QAPI's built-in type `any`.
///
/// Integers keep their exact value over the whole range of 64 bits, signed and unsigned; the order of members is kept;
/// strings may hold U+0000.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Any {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer in the range of `i64`.
    Integer(i64),
    /// An integer above `i64::MAX`. Build it with `Any::from`, which picks the right variant.
    Unsigned(u64),
    /// Any other number. Must be finite to be written; see [`Writer`](crate::Writer).
    Number(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Any>),
    /// An object.
    Object(Object),
}

impl Any {
    /// Returns the JSON kind of the value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Integer(_) | Self::Unsigned(_) => Kind::Integer,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// Returns the truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the integer, if it is one and in the range of `i64`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the integer, if it is one and not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Integer(value) => u64::try_from(*value).ok(),
            Self::Unsigned(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the number, if it is one; integers above 2⁵³ may lose precision.
    pub fn as_f64(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "stated in the documentation")]
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Unsigned(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Any]> {
        match self {
            Self::Array(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the members, if it is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the member `name`, if the value is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.as_object()?.get(name)
    }
}

macro_rules! from {
    ($($ty:ty => $make:expr;)*) => {$(
        impl From<$ty> for Any {
            fn from(value: $ty) -> Self {
                $make(value)
            }
        }
    )*};
}

from! {
    bool => Self::Bool;
    i64 => Self::Integer;
    i32 => |value| Self::Integer(i64::from(value));
    u32 => |value| Self::Integer(i64::from(value));
    u64 => |value| i64::try_from(value).map_or(Self::Unsigned(value), Self::Integer);
    f64 => Self::Number;
    String => Self::String;
    &str => |value: &str| Self::String(value.to_owned());
    Vec<Any> => Self::Array;
    Object => Self::Object;
    Null => |Null| Self::Null;
}

/// An object of any members, in the order received or inserted.
///
/// Two objects are equal if they have equal members in the same order. Lookups walk the members; objects on the wire
/// are small. Building a large one with `collect` or `extend` does not walk.
#[derive(Clone, PartialEq, Default)]
pub struct Object {
    members: Vec<(String, Any)>,
}

impl Object {
    /// Creates an object without members.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the value of member `name`.
    pub fn get(&self, name: &str) -> Option<&Any> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// Returns the value of member `name`, for changing it.
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

    /// Returns the object with member `name` set; for writing arguments down in one expression.
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

    /// Returns the members in order.
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

/// Of several members with one name, the last value is kept, at the place of the first.
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
