//! The pragma state of a schema.

use std::collections::BTreeSet;

/// The pragma state (docs/reference/language.md §3.3); the last assignment in reading order wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pragmas {
    /// Every definition must have documentation.
    pub doc_required: bool,
    /// Commands whose names may contain `_`.
    pub command_name_exceptions: Vec<String>,
    /// Commands that may return something other than an object.
    pub command_returns_exceptions: Vec<String>,
    /// Definitions whose members need no documentation.
    pub documentation_exceptions: Vec<String>,
    /// Types whose member or value names may have upper case and `_`.
    pub member_name_exceptions: Vec<String>,
    /// Pragmas whose last assignment is invalid, so that their value is unknown. Only with errors.
    pub unknown: BTreeSet<&'static str>,
}
