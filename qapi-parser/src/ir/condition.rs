//! Conditions (`if`) under which a part of the schema exists.

use std::collections::BTreeSet;
use std::fmt;

/// A condition on symbols that are defined or not (docs/reference/language.md §4).
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

    /// Returns the symbols that it is about, each once, sorted.
    pub fn symbols(&self) -> BTreeSet<&str> {
        let mut symbols = BTreeSet::new();
        self.collect_symbols(&mut symbols);
        symbols
    }

    fn collect_symbols<'c>(&'c self, symbols: &mut BTreeSet<&'c str>) {
        match self {
            Self::Defined(symbol) => {
                symbols.insert(symbol);
            }
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect_symbols(symbols);
                }
            }
            Self::Not(part) => part.collect_symbols(symbols),
        }
    }
}

/// Prints the condition with as few parentheses as possible: in words, `A and (B or not C)`, or with `{:#}` as
/// programmers write it, `A && (B || !C)`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (and, or, not) = if f.alternate() {
            (" && ", " || ", "!")
        } else {
            (" and ", " or ", "not ")
        };
        let (parts, between) = match self {
            Self::Defined(symbol) => return f.write_str(symbol),
            Self::Not(part) => {
                f.write_str(not)?;
                return part.fmt_operand(f);
            }
            Self::All(parts) => (parts, and),
            Self::Any(parts) => (parts, or),
        };
        for (index, part) in parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { between })?;
            part.fmt_operand(f)?;
        }
        Ok(())
    }
}

impl Condition {
    /// Prints it within another one.
    fn fmt_operand(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) | Self::Any(parts) if parts.len() > 1 => {
                f.write_str("(")?;
                fmt::Display::fmt(self, f)?;
                f.write_str(")")
            }
            _ => fmt::Display::fmt(self, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;

    #[test]
    fn parentheses_stand_only_where_they_matter() {
        let symbol = |name: &str| Condition::Defined(name.to_owned());
        let not = |part: Condition| Condition::Not(Box::new(part));
        let any = Condition::Any(vec![symbol("B"), not(symbol("C"))]);
        for (condition, words, operators) in [
            (
                Condition::All(vec![symbol("A"), any.clone()]),
                "A and (B or not C)",
                "A && (B || !C)",
            ),
            (not(any.clone()), "not (B or not C)", "!(B || !C)"),
            (not(not(symbol("A"))), "not not A", "!!A"),
            (Condition::All(vec![symbol("A")]), "A", "A"),
            (not(Condition::Any(vec![symbol("A")])), "not A", "!A"),
        ] {
            assert_eq!(condition.to_string(), words);
            assert_eq!(format!("{condition:#}"), operators);
        }
        assert_eq!(any.symbols(), ["B", "C"].into());
    }
}
