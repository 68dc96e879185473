//! The limit on nesting.

/// The deepest nesting of arrays and objects that is read or written through serde.
pub const MAX_NESTING: usize = 256;

/// Words for a value that is too deep.
pub(super) fn too_deep<E>(custom: fn(String) -> E) -> E {
    custom(format!(
        "the value is nested deeper than {MAX_NESTING} levels"
    ))
}
