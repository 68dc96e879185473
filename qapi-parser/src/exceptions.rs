//! The names that pragmas except from a rule (docs/reference/language.md §3.3), ready to be looked up.

use crate::name_map::NameSet;
use crate::pragma::{COMMAND_NAMES, COMMAND_RETURNS, DOCUMENTATION, MEMBER_NAMES};
use crate::syntax::Tree;

/// One set per pragma.
#[derive(Debug)]
pub(crate) struct Exceptions<'t> {
    /// Commands whose names may contain `_`.
    pub command_names: Listed<'t>,
    /// Commands that may return something other than an object.
    pub command_returns: Listed<'t>,
    /// Definitions whose members need no documentation.
    pub documentation: Listed<'t>,
    /// Types whose member or value names may have upper case and `_`.
    pub member_names: Listed<'t>,
}

impl<'t> Exceptions<'t> {
    /// Of what was read.
    pub(crate) fn of(tree: &'t Tree) -> Self {
        let pragmas = &tree.pragmas;
        let set = |pragma, list: &'t [String]| Listed {
            names: list.iter().map(String::as_str).collect(),
            open: tree.incomplete || pragmas.unknown.contains(pragma),
        };
        Self {
            command_names: set(COMMAND_NAMES, &pragmas.command_name_exceptions),
            command_returns: set(COMMAND_RETURNS, &pragmas.command_returns_exceptions),
            documentation: set(DOCUMENTATION, &pragmas.documentation_exceptions),
            member_names: set(MEMBER_NAMES, &pragmas.member_name_exceptions),
        }
    }
}

/// The names of a list.
#[derive(Debug)]
pub(crate) struct Listed<'t> {
    names: NameSet<&'t str>,
    /// Any name may be listed: the pragma is invalid, or may be in text that could not be read.
    open: bool,
}

impl Listed<'_> {
    /// Returns whether the name is listed, as far as is known.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.open || self.names.contains(name)
    }
}
