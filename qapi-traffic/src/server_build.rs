//! The build of a server, by symbols.

use std::collections::BTreeSet;

use qapi_parser::ir::Condition;

/// The symbols that are known to be defined or not. Parts of a schema whose condition they do not decide are taken to
/// exist.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Build {
    /// Symbols that are defined.
    pub defined: BTreeSet<String>,
    /// Symbols that are not defined.
    pub undefined: BTreeSet<String>,
}

impl Build {
    /// Returns the build with these symbols, and without those.
    pub fn new(defined: BTreeSet<String>, undefined: BTreeSet<String>) -> Self {
        Self { defined, undefined }
    }

    /// Returns whether a server of the build is taken to have a part with this condition.
    pub fn has(&self, condition: &Condition) -> bool {
        self.holds(condition) != Some(false)
    }

    /// Returns whether a part with this condition can exist.
    pub(crate) fn may_have(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| self.has(condition))
    }

    /// Returns whether a part with this condition certainly exists.
    pub(crate) fn must_have(&self, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| self.holds(condition) == Some(true))
    }

    /// Returns the truth of a condition; none if it depends on symbols that are not known.
    fn holds(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Defined(symbol) if self.defined.contains(symbol) => Some(true),
            Condition::Defined(symbol) if self.undefined.contains(symbol) => Some(false),
            Condition::Defined(_) => None,
            Condition::Not(part) => self.holds(part).map(|holds| !holds),
            Condition::All(parts) => self.decided(parts, false),
            Condition::Any(parts) => self.decided(parts, true),
        }
    }

    /// Returns the truth of several conditions of which one that is `decisive` decides.
    fn decided(&self, parts: &[Condition], decisive: bool) -> Option<bool> {
        let mut all_known = true;
        for part in parts {
            match self.holds(part) {
                Some(holds) if holds == decisive => return Some(decisive),
                Some(_) => {}
                None => all_known = false,
            }
        }
        all_known.then_some(!decisive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_fails_is_left_out() {
        let symbol = |name: &str| Condition::Defined(name.to_owned());
        let build = Build::new(["A".to_owned()].into(), ["B".to_owned()].into());
        for (condition, expected) in [
            (symbol("A"), true),
            (symbol("B"), false),
            (symbol("C"), true),
            (Condition::Not(Box::new(symbol("A"))), false),
            (Condition::Not(Box::new(symbol("C"))), true),
            (Condition::All(vec![symbol("C"), symbol("B")]), false),
            (Condition::Any(vec![symbol("B"), symbol("C")]), true),
            (
                Condition::Any(vec![symbol("B"), Condition::Not(Box::new(symbol("A")))]),
                false,
            ),
        ] {
            assert_eq!(build.may_have(Some(&condition)), expected, "{condition}");
        }
    }
}
