//! Conditions (`if`): when a part of the schema exists.

/// A condition over symbols that are defined or not (language.md §4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The symbol is defined.
    Defined(String),
    /// All hold; never empty.
    All(Vec<Self>),
    /// At least one holds; never empty.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

impl Condition {
    /// Returns whether it holds where exactly those symbols are defined for which `defined` says so.
    pub fn holds(&self, defined: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Defined(symbol) => defined(symbol),
            Self::All(all) => all.iter().all(|condition| condition.holds(defined)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(defined)),
            Self::Not(condition) => !condition.holds(defined),
        }
    }
}
