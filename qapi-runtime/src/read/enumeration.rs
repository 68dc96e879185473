//! Values of enumerations by name.

/// The value of a name, for [`impl_enum!`](crate::impl_enum); none if it is not listed.
#[doc(hidden)]
#[inline]
pub fn listed<T: Clone>(values: &[T], name_of: impl Fn(&T) -> &str, name: &str) -> Option<T> {
    values.iter().find(|value| name_of(value) == name).cloned()
}
