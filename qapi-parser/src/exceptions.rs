//! The names that pragmas except from a rule (language.md §3.3), ready to be looked up.

use std::collections::HashSet;

use crate::syntax::Pragmas;

/// One set per pragma.
#[derive(Debug)]
pub(crate) struct Exceptions<'t> {
    /// Commands whose names may contain `_`.
    pub command_names: HashSet<&'t str>,
    /// Commands that may return something else than an object.
    pub command_returns: HashSet<&'t str>,
    /// Definitions whose members need no documentation.
    pub documentation: HashSet<&'t str>,
    /// Types whose member or value names may have upper case and `_`.
    pub member_names: HashSet<&'t str>,
}

impl<'t> Exceptions<'t> {
    /// Of this pragma state.
    pub(crate) fn of(pragmas: &'t Pragmas) -> Self {
        let set = |list: &'t [String]| list.iter().map(String::as_str).collect();
        Self {
            command_names: set(&pragmas.command_name_exceptions),
            command_returns: set(&pragmas.command_returns_exceptions),
            documentation: set(&pragmas.documentation_exceptions),
            member_names: set(&pragmas.member_name_exceptions),
        }
    }
}
