//! The relation of two conditions: which holds whenever the other does.

use std::collections::BTreeSet;

use qapi_parser::ir::Condition;

/// Which symbols are known to be defined or not; about all others nothing is known.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    /// Known to be defined.
    pub defined: BTreeSet<String>,
    /// Known not to be defined.
    pub undefined: BTreeSet<String>,
}

/// A condition as far as the symbols decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decided {
    /// It holds or does not hold, whatever the other symbols are.
    Always(bool),
    /// It hangs on the symbols that are left.
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

/// Relation of a newer condition to an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Both hold in the same builds.
    Same,
    /// The newer one holds wherever the older did, and in more builds.
    Wider,
    /// Builds in which the older one held do not satisfy the newer one.
    Narrower,
}

/// Truth tables double with every symbol; beyond this many, spelling decides.
const MOST_SYMBOLS: usize = 12;

/// Compares two conditions, none meaning "always".
pub(crate) fn relate(old: Option<&Condition>, new: Option<&Condition>) -> Relation {
    if old == new {
        return Relation::Same;
    }
    let conditions = [old, new].into_iter().flatten();
    let symbols: BTreeSet<&str> = conditions.flat_map(Condition::symbols).collect();
    let symbols: Vec<_> = symbols.into_iter().collect();
    if symbols.len() > MOST_SYMBOLS {
        return if new.is_none() {
            Relation::Wider
        } else {
            Relation::Narrower
        };
    }
    let mut wider = false;
    for assignment in 0..1_u32 << symbols.len() {
        let defined = |name: &str| {
            symbols
                .binary_search(&name)
                .is_ok_and(|index| assignment >> index & 1 == 1)
        };
        let holds = |condition: Option<&Condition>| {
            condition.is_none_or(|condition| condition.holds(&defined))
        };
        match (holds(old), holds(new)) {
            (true, false) => return Relation::Narrower,
            (false, true) => wider = true,
            _ => {}
        }
    }
    if wider {
        Relation::Wider
    } else {
        Relation::Same
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
    fn conditions_are_compared_by_the_builds_in_which_they_hold() {
        let (a, b) = (symbol("A"), symbol("B"));
        let both = Condition::All(vec![a.clone(), b.clone()]);
        let either = Condition::Any(vec![a.clone(), b.clone()]);
        let de_morgan = not(Condition::All(vec![not(a.clone()), not(b.clone())]));
        for (old, new, expected) in [
            (None, None, Relation::Same),
            (None, Some(&a), Relation::Narrower),
            (Some(&a), None, Relation::Wider),
            (Some(&a), Some(&either), Relation::Wider),
            (Some(&a), Some(&both), Relation::Narrower),
            (Some(&a), Some(&b), Relation::Narrower),
            (Some(&either), Some(&de_morgan), Relation::Same),
        ] {
            assert_eq!(relate(old, new), expected, "{old:?} -> {new:?}");
        }
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
