//! Values of enumerations by name, for [`impl_enum!`](crate::impl_enum).
//!
//! What all enumerations have in common is here, once: closures in the macro would cost the compiler for each of them.

use super::error::DecodeError;
use super::value::Value;

/// An enumeration of a schema.
#[doc(hidden)]
pub trait Enumeration: Clone + 'static {
    /// The values that the schema lists.
    const LISTED: &'static [Self];

    /// The name of the value.
    fn name(&self) -> &str;

    /// The value that keeps a name which is not listed, if the type can.
    #[inline]
    fn unlisted(_: &str) -> Option<Self> {
        None
    }
}

#[inline]
fn find<T: Enumeration>(name: &str) -> Option<T> {
    let value = T::LISTED.iter().find(|value| value.name() == name);
    value.cloned()
}

/// The value of a name.
///
/// # Errors
/// The name is not listed.
#[doc(hidden)]
#[inline]
pub fn listed<T: Enumeration>(name: &str) -> Result<T, DecodeError> {
    find(name).ok_or_else(|| DecodeError::unknown_value(name))
}

/// The value of a name; one that is not listed is kept by `unlisted`.
#[doc(hidden)]
#[inline]
pub fn named<T: Enumeration>(name: &str, unlisted: fn(Box<str>) -> T) -> T {
    find(name).unwrap_or_else(|| unlisted(name.into()))
}

/// The value of a text. One that is not listed is kept, if the type can, unless unknown members are errors, too: then a server
/// judges arguments.
///
/// # Errors
/// The value is no text, or a name that is neither listed nor kept.
#[doc(hidden)]
#[inline]
pub fn value_of<T: Enumeration>(value: Value<'_>) -> Result<T, DecodeError> {
    let name = value.str()?;
    if let Some(value) = find(name) {
        return Ok(value);
    }
    let kept = if value.is_strict() {
        None
    } else {
        T::unlisted(name)
    };
    kept.ok_or_else(|| DecodeError::unknown_value(name))
}
