//! Sets of builds. A build is an assignment of the symbols that conditions name; a set of them is
//! a binary decision diagram, so that two sets are equal if and only if their numbers are.

use std::collections::HashMap;

use qapi_parser::ir::Condition;

use crate::condition::ExampleBuild;

/// A set of builds, as an index into the nodes of [`BuildSets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Builds(u32);

impl Builds {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(1);

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// A decision on one symbol: the remaining builds without it and with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct DecisionNode {
    symbol: u32,
    without: Builds,
    with: Builds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    Minus,
}

/// The largest size of diagrams. Beyond it, sets are overestimated: a change that no build has may be reported, but no
/// change is lost.
const MOST_NODES: usize = 1 << 17;

/// Operations recurse once per symbol.
const MOST_SYMBOLS: usize = 1 << 10;

/// The largest number of combinations of symbols that a description names.
const MOST_COMBINATIONS: usize = 8;

/// The sets of one comparison.
#[derive(Debug)]
pub(crate) struct BuildSets {
    symbols: Vec<String>,
    numbers: HashMap<String, u32>,
    nodes: Vec<DecisionNode>,
    unique: HashMap<DecisionNode, Builds>,
    results: HashMap<(Operation, Builds, Builds), Builds>,
}

impl Default for BuildSets {
    fn default() -> Self {
        let end = DecisionNode {
            symbol: u32::MAX,
            without: Builds::NONE,
            with: Builds::NONE,
        };
        Self {
            symbols: Vec::new(),
            numbers: HashMap::new(),
            // The two ends have no children.
            nodes: vec![end; 2],
            unique: HashMap::new(),
            results: HashMap::new(),
        }
    }
}

impl BuildSets {
    /// Returns the builds in which a condition holds; without one, all.
    pub(crate) fn of(&mut self, condition: Option<&Condition>) -> Builds {
        condition.map_or(Builds::ALL, |condition| self.of_condition(condition))
    }

    fn of_condition(&mut self, condition: &Condition) -> Builds {
        match condition {
            Condition::Defined(symbol) => self.symbol(symbol),
            Condition::Not(inner) => {
                let inner = self.of_condition(inner);
                self.minus(Builds::ALL, inner)
            }
            Condition::All(parts) => parts.iter().fold(Builds::ALL, |all, part| {
                let part = self.of_condition(part);
                self.and(all, part)
            }),
            Condition::Any(parts) => parts.iter().fold(Builds::NONE, |any, part| {
                let part = self.of_condition(part);
                self.or(any, part)
            }),
        }
    }

    fn symbol(&mut self, name: &str) -> Builds {
        let symbol = match self.numbers.get(name) {
            Some(symbol) => *symbol,
            None if self.symbols.len() < MOST_SYMBOLS => {
                let symbol = u32::try_from(self.symbols.len()).expect("there are few");
                self.symbols.push(name.to_owned());
                self.numbers.insert(name.to_owned(), symbol);
                symbol
            }
            None => return Builds::ALL,
        };
        self.node(symbol, Builds::NONE, Builds::ALL)
    }

    fn node(&mut self, symbol: u32, without: Builds, with: Builds) -> Builds {
        if without == with {
            return with;
        }
        let node = DecisionNode {
            symbol,
            without,
            with,
        };
        let nodes = &mut self.nodes;
        *self.unique.entry(node).or_insert_with(|| {
            nodes.push(node);
            Builds(u32::try_from(nodes.len() - 1).expect("there are at most `MOST_NODES`"))
        })
    }

    /// Returns the builds of both sets.
    pub(crate) fn and(&mut self, a: Builds, b: Builds) -> Builds {
        match (a, b) {
            (Builds::NONE, _) | (_, Builds::NONE) => Builds::NONE,
            (Builds::ALL, other) | (other, Builds::ALL) => other,
            _ if a == b => a,
            _ => self.apply(Operation::And, a.min(b), a.max(b)),
        }
    }

    /// Returns the builds of either set.
    pub(crate) fn or(&mut self, a: Builds, b: Builds) -> Builds {
        match (a, b) {
            (Builds::ALL, _) | (_, Builds::ALL) => Builds::ALL,
            (Builds::NONE, other) | (other, Builds::NONE) => other,
            _ if a == b => a,
            _ => self.apply(Operation::Or, a.min(b), a.max(b)),
        }
    }

    /// Returns the builds of the first set that are not in the second.
    pub(crate) fn minus(&mut self, a: Builds, b: Builds) -> Builds {
        match (a, b) {
            (Builds::NONE, _) | (_, Builds::ALL) => Builds::NONE,
            (_, Builds::NONE) => a,
            _ if a == b => Builds::NONE,
            _ => self.apply(Operation::Minus, a, b),
        }
    }

    fn apply(&mut self, operation: Operation, a: Builds, b: Builds) -> Builds {
        if let Some(result) = self.results.get(&(operation, a, b)) {
            return *result;
        }
        if self.nodes.len() >= MOST_NODES || self.results.len() >= 4 * MOST_NODES {
            return match operation {
                Operation::And | Operation::Minus => a,
                Operation::Or => Builds::ALL,
            };
        }
        let symbol = self.first_symbol(a).min(self.first_symbol(b));
        let (a_without, a_with) = self.split(a, symbol);
        let (b_without, b_with) = self.split(b, symbol);
        let mut part = |a, b| match operation {
            Operation::And => self.and(a, b),
            Operation::Or => self.or(a, b),
            Operation::Minus => self.minus(a, b),
        };
        let (without, with) = (part(a_without, b_without), part(a_with, b_with));
        let result = self.node(symbol, without, with);
        self.results.insert((operation, a, b), result);
        result
    }

    /// Returns true while the diagrams take less than half of their room.
    pub(crate) fn have_room(&self) -> bool {
        self.nodes.len() < MOST_NODES / 2 && self.results.len() < 2 * MOST_NODES
    }

    fn first_symbol(&self, builds: Builds) -> u32 {
        self.nodes[builds.0 as usize].symbol
    }

    /// Returns the builds without a symbol and those with it; no earlier symbol is decided in the set.
    fn split(&self, builds: Builds, symbol: u32) -> (Builds, Builds) {
        let node = self.nodes[builds.0 as usize];
        if node.symbol == symbol {
            (node.without, node.with)
        } else {
            (builds, builds)
        }
    }

    /// Two builds of a set that is not empty: one that defines few symbols, and one that defines many.
    pub(crate) fn examples(&self, builds: Builds) -> [ExampleBuild; 2] {
        [false, true].map(|prefers_defined| {
            let mut decided = Vec::new();
            let mut at = builds;
            while at > Builds::ALL {
                let node = self.nodes[at.0 as usize];
                let (preferred, other) = if prefers_defined {
                    (node.with, node.without)
                } else {
                    (node.without, node.with)
                };
                let is_open = !preferred.is_none();
                if !is_open {
                    let symbol = self.symbols[node.symbol as usize].clone();
                    decided.push((symbol, !prefers_defined));
                }
                at = if is_open { preferred } else { other };
            }
            ExampleBuild::new(decided, prefers_defined)
        })
    }

    /// Returns a short condition that holds in these builds and no others; none if it always holds, and
    /// the first few of its alternatives if there are many.
    pub(crate) fn condition(&mut self, builds: Builds) -> Option<Condition> {
        if builds == Builds::ALL || builds.is_none() {
            return None;
        }
        let mut left = 1 << 10;
        let (_, combinations) = self.cover(builds, builds, &mut left);
        let mut combinations: Vec<_> = combinations
            .into_iter()
            .take(MOST_COMBINATIONS)
            .map(|literals| {
                let literals = literals.into_iter().rev();
                let literals = literals.map(|(symbol, is_defined)| {
                    let symbol = Condition::Defined(self.symbols[symbol as usize].clone());
                    if is_defined {
                        symbol
                    } else {
                        Condition::Not(Box::new(symbol))
                    }
                });
                one_or(literals.collect(), Condition::All)
            })
            .collect();
        combinations.sort_by_cached_key(|condition| format!("{condition:?}"));
        Some(one_or(combinations, Condition::Any))
    }

    /// Covers at least `least` and at most `most` with combinations of symbols, none of which
    /// can be left out (Minato's method).
    fn cover(
        &mut self,
        least: Builds,
        most: Builds,
        left: &mut usize,
    ) -> (Builds, Vec<Vec<(u32, bool)>>) {
        if least.is_none() || *left == 0 {
            return (Builds::NONE, Vec::new());
        }
        if most == Builds::ALL {
            return (Builds::ALL, vec![Vec::new()]);
        }
        *left -= 1;
        let symbol = self.first_symbol(least).min(self.first_symbol(most));
        let (least_without, least_with) = self.split(least, symbol);
        let (most_without, most_with) = self.split(most, symbol);
        let only_without = self.minus(least_without, most_with);
        let (without, mut combinations) = self.cover(only_without, most_without, left);
        for literals in &mut combinations {
            literals.push((symbol, false));
        }
        let only_with = self.minus(least_with, most_without);
        let (with, mut further) = self.cover(only_with, most_with, left);
        for literals in &mut further {
            literals.push((symbol, true));
        }
        combinations.append(&mut further);
        let rest_without = self.minus(least_without, without);
        let rest_with = self.minus(least_with, with);
        let rest = self.or(rest_without, rest_with);
        let most_both = self.and(most_without, most_with);
        let (both, mut further) = self.cover(rest, most_both, left);
        combinations.append(&mut further);
        let (without, with) = (self.or(without, both), self.or(with, both));
        (self.node(symbol, without, with), combinations)
    }
}

fn one_or(mut list: Vec<Condition>, make: fn(Vec<Condition>) -> Condition) -> Condition {
    if list.len() == 1 {
        list.remove(0)
    } else {
        make(list)
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
    fn sets_are_equal_whatever_their_conditions_look_like() {
        let (a, b) = (symbol("A"), symbol("B"));
        let either = Condition::Any(vec![a.clone(), b.clone()]);
        let de_morgan = not(Condition::All(vec![not(a.clone()), not(b.clone())]));
        let mut sets = BuildSets::default();
        assert_eq!(sets.of(Some(&either)), sets.of(Some(&de_morgan)));
        let (a, b) = (sets.of(Some(&a)), sets.of(Some(&b)));
        let (both, only_a) = (sets.and(a, b), sets.minus(a, b));
        assert_eq!(sets.or(both, only_a), a);
        assert_eq!(sets.and(both, only_a), Builds::NONE);
        assert_eq!(sets.of(None), Builds::ALL);
    }

    #[test]
    fn descriptions_are_short_and_true() {
        let (a, b, c) = (symbol("A"), symbol("B"), symbol("C"));
        let mut sets = BuildSets::default();
        let either = Condition::Any(vec![a.clone(), b.clone()]);
        let (either, c) = (sets.of(Some(&either)), sets.of(Some(&c)));
        let builds = sets.minus(either, c);
        let condition = sets.condition(builds).unwrap();
        assert_eq!(format!("{condition:#}"), "(A && !C) || (B && !C)");
        assert_eq!(sets.of(Some(&condition)), builds);
        assert_eq!(sets.condition(Builds::ALL), None);
    }

    #[test]
    fn examples_are_in_the_set() {
        let (a, b) = (symbol("A"), symbol("B"));
        let mut sets = BuildSets::default();
        let (a, b) = (sets.of(Some(&a)), sets.of(Some(&b)));
        let examples = |sets: &BuildSets, builds| {
            sets.examples(builds).map(|build| {
                let symbols = ["A", "B", "C"].into_iter();
                symbols
                    .filter(|symbol| build.defines(symbol))
                    .collect::<String>()
            })
        };
        let only_b = sets.minus(b, a);
        assert_eq!(examples(&sets, only_b), ["B", "BC"]);
        assert_eq!(examples(&sets, b), ["B", "ABC"]);
        let not_b = sets.minus(Builds::ALL, b);
        assert_eq!(examples(&sets, not_b), ["", "AC"]);
    }

    #[test]
    fn sets_that_are_too_large_end() {
        let pairs = (0..200).map(|index| {
            let (a, b) = (format!("A{index}"), format!("B{}", 199 - index));
            Condition::Any(vec![symbol(&a), symbol(&b)])
        });
        let names = (0..200).map(|index| Condition::Any(vec![symbol(&format!("A{index}"))]));
        let all = Condition::All(names.chain(pairs).collect());
        let mut sets = BuildSets::default();
        assert!(!sets.of(Some(&all)).is_none());
        let odd = (0..400).map(|index| {
            let (a, b) = (format!("C{index}"), format!("C{}", (index * 181) % 400));
            Condition::Any(vec![symbol(&a), not(symbol(&b))])
        });
        assert!(!sets.of(Some(&Condition::All(odd.collect()))).is_none());
    }
}
