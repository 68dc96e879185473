//! Placeholder crate documentation, replaced with the first code.
