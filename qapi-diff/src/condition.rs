//! Evaluates conditions by the known symbols of a build.

use std::collections::BTreeSet;

use qapi_parser::ir::Condition;

/// The symbols that are known to be defined or undefined; all others are unknown.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Symbols {
    /// Known to be defined.
    pub defined: BTreeSet<String>,
    /// Known not to be defined.
    pub undefined: BTreeSet<String>,
}

/// A condition, evaluated with the known symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decided {
    /// It holds or does not hold, whatever the other symbols are.
    Always(bool),
    /// It depends on the remaining symbols.
    Open(Condition),
}

impl Symbols {
    /// Puts in what is known.
    pub(crate) fn decide(&self, condition: &Condition) -> Decided {
        match condition {
            Condition::Defined(symbol) if self.defined.contains(symbol) => Decided::Always(true),
            Condition::Defined(symbol) if self.undefined.contains(symbol) => Decided::Always(false),
            Condition::Defined(_) => Decided::Open(condition.clone()),
            Condition::All(all) => self.decide_list(all, false, Condition::All),
            Condition::Any(any) => self.decide_list(any, true, Condition::Any),
            Condition::Not(inner) => match self.decide(inner) {
                Decided::Always(holds) => Decided::Always(!holds),
                Decided::Open(open) => Decided::Open(Condition::Not(Box::new(open))),
            },
        }
    }

    /// `decisive` is the outcome of a part that decides the whole: true for "any".
    fn decide_list(
        &self,
        parts: &[Condition],
        decisive: bool,
        make: fn(Vec<Condition>) -> Condition,
    ) -> Decided {
        let mut open = Vec::new();
        for part in parts {
            match self.decide(part) {
                Decided::Always(holds) if holds == decisive => return Decided::Always(decisive),
                Decided::Always(_) => {}
                Decided::Open(part) => open.push(part),
            }
        }
        match open.len() {
            0 => Decided::Always(!decisive),
            1 => Decided::Open(open.swap_remove(0)),
            _ => Decided::Open(make(open)),
        }
    }
}

/// A build in which every symbol is known. Only few are stored one by one, so that many builds can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExampleBuild {
    /// Sorted by the names of the symbols.
    decided: Vec<(String, bool)>,
    /// All other symbols are defined, or none is.
    others: bool,
}

impl ExampleBuild {
    /// Returns the build with these symbols defined or not, and the others.
    pub(crate) fn new(mut decided: Vec<(String, bool)>, others: bool) -> Self {
        decided.sort_unstable();
        Self { decided, others }
    }

    /// Returns true if the build defines a symbol.
    pub(crate) fn defines(&self, symbol: &str) -> bool {
        let found = self
            .decided
            .binary_search_by(|(known, _)| known.as_str().cmp(symbol));
        found.map_or(self.others, |index| self.decided[index].1)
    }
}

/// The build by which conditions of a model are decided when a message is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Build<'b> {
    /// Every condition is taken to hold.
    Full,
    /// One build.
    Example(&'b ExampleBuild),
}

impl Build<'_> {
    /// Returns true if the build has a part with this condition.
    pub(crate) fn has(self, condition: Option<&Condition>) -> bool {
        match (self, condition) {
            (Self::Full, _) | (_, None) => true,
            (Self::Example(build), Some(condition)) => {
                condition.holds(&|symbol: &str| build.defines(symbol))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str) -> Condition {
        Condition::Defined(name.to_owned())
    }

    fn not(condition: Condition) -> Condition {
        Condition::Not(Box::new(condition))
    }

    #[test]
    fn known_symbols_simplify_conditions() {
        let symbols = Symbols {
            defined: BTreeSet::from(["A".to_owned()]),
            undefined: BTreeSet::from(["B".to_owned()]),
        };
        let (a, b, c) = (symbol("A"), symbol("B"), symbol("C"));
        let all = Condition::All(vec![a.clone(), c.clone()]);
        let any = Condition::Any(vec![a.clone(), c.clone()]);
        assert_eq!(symbols.decide(&all), Decided::Open(c.clone()));
        assert_eq!(symbols.decide(&any), Decided::Always(true));
        assert_eq!(symbols.decide(&not(b)), Decided::Always(true));
        assert_eq!(symbols.decide(&c), Decided::Open(c.clone()));
    }
}
