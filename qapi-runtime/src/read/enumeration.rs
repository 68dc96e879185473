//! Values of enumerations by name, for [`impl_enum!`](crate::impl_enum).
//!
//! The common code of all enumerations is here. Code in the macro, or a trait that each enumeration implements, would
//! cost compile time for each of them.

use super::error::DecodeError;
use super::value::Value;

/// The values of an enumeration and their names.
#[doc(hidden)]
pub struct Enumeration<T: 'static> {
    /// The values in the schema.
    listed: &'static [T],
    /// The name of a value.
    name: fn(&T) -> &str,
    /// Keeps a name that is not in the schema, if the type can.
    unlisted: Option<fn(Box<str>) -> T>,
}

impl<T> Enumeration<T> {
    /// Creates an enumeration by the values in the schema, the name of each, and the value that keeps another name,
    /// if any.
    pub const fn new(
        listed: &'static [T],
        name: fn(&T) -> &str,
        unlisted: Option<fn(Box<str>) -> T>,
    ) -> Self {
        Self {
            listed,
            name,
            unlisted,
        }
    }
}

impl<T: Clone> Enumeration<T> {
    #[inline]
    fn find(&self, name: &str) -> Option<T> {
        let value = self.listed.iter().find(|value| (self.name)(value) == name);
        value.cloned()
    }

    /// Returns the value of a name.
    ///
    /// # Errors
    /// The name is not in the schema.
    #[inline]
    pub fn listed(&self, name: &str) -> Result<T, DecodeError> {
        let value = self.find(name);
        value.ok_or_else(|| DecodeError::unknown_value(name))
    }

    /// Returns the value of a name; one that is not in the schema is kept by `unlisted`.
    #[inline]
    pub fn named(&self, name: &str, unlisted: fn(Box<str>) -> T) -> T {
        let value = self.find(name);
        value.unwrap_or_else(|| unlisted(name.into()))
    }

    /// Returns the value of a text. One that is not in the schema is kept, if the type can, unless unknown members are errors,
    /// too: then a server judges arguments.
    ///
    /// # Errors
    /// The value is not text, or a name that is neither listed nor kept.
    #[inline]
    pub fn decode(&self, value: Value<'_>) -> Result<T, DecodeError> {
        let name = value.str()?;
        match (self.find(name), self.unlisted) {
            (Some(value), _) => Ok(value),
            (None, Some(unlisted)) if !value.is_strict() => Ok(unlisted(name.into())),
            (None, _) => Err(DecodeError::unknown_value(name)),
        }
    }
}
