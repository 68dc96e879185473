//! Conditions under the chosen policy: parts that are left out, become optional, or get a `cfg` attribute.

use qapi_parser::ir::{Condition, Schema};

use crate::config::{Conditions, Config};

/// The policy, applied to one condition at a time.
pub(super) struct Policy<'c>(pub(super) &'c Config);

impl Policy<'_> {
    /// Returns true if a part with this condition is printed at all.
    pub(super) fn keeps(&self, condition: Option<&Condition>) -> bool {
        match (self.0.conditions, condition) {
            (Conditions::Resolve, Some(condition)) => {
                condition.holds(&|symbol| self.0.defined.contains(symbol))
            }
            _ => true,
        }
    }

    /// Returns true if a member with this condition may be absent for it.
    pub(super) fn makes_optional(&self, condition: Option<&Condition>) -> bool {
        self.0.conditions == Conditions::Optional && condition.is_some()
    }

    /// Returns the predicate of the `cfg` attribute.
    pub(super) fn cfg(&self, condition: Option<&Condition>) -> Option<String> {
        match (self.0.conditions, condition) {
            (Conditions::Cfg, Some(condition)) => Some(self.predicate(condition)),
            _ => None,
        }
    }

    /// Returns a sentence about the condition, where the code does not show it.
    pub(super) fn remark(&self, condition: Option<&Condition>) -> Option<String> {
        match self.0.conditions {
            Conditions::Optional => remark(condition),
            Conditions::Cfg | Conditions::Resolve => None,
        }
    }

    /// Same as [`Policy::remark`], for a type. Types are always generated, whatever their conditions: any part may
    /// refer to them, and a type alone is not on the wire.
    pub(super) fn remark_on_type(&self, condition: Option<&Condition>) -> Option<String> {
        match self.0.conditions {
            Conditions::Optional | Conditions::Cfg => remark(condition),
            Conditions::Resolve => None,
        }
    }

    /// Returns the predicate that stands for a symbol.
    fn symbol(&self, symbol: &str) -> String {
        match self.0.predicates.get(symbol) {
            Some(predicate) => predicate.as_str().to_owned(),
            None => format!("feature = \"{}\"", default_feature(symbol)),
        }
    }

    fn predicate(&self, condition: &Condition) -> String {
        let list = |word: &str, parts: &[Condition]| {
            let mut parts: Vec<_> = parts.iter().map(|part| self.predicate(part)).collect();
            // A list of one element is that element, as Clippy demands.
            match parts.len() {
                1 => parts.remove(0),
                _ => format!("{word}({})", parts.join(", ")),
            }
        };
        match condition {
            Condition::Defined(symbol) => self.symbol(symbol),
            Condition::All(parts) => list("all", parts),
            Condition::Any(parts) => list("any", parts),
            Condition::Not(part) => format!("not({})", self.predicate(part)),
        }
    }
}

fn default_feature(symbol: &str) -> String {
    symbol.to_ascii_lowercase().replace('_', "-")
}

/// Returns the features that stand for symbols without a predicate of their own.
pub(crate) fn default_features(schema: &Schema, config: &Config) -> Vec<String> {
    let symbols = schema.symbols().into_iter();
    let own = symbols.filter(|symbol| !config.predicates.contains_key(*symbol));
    own.map(default_feature).collect()
}

fn remark(condition: Option<&Condition>) -> Option<String> {
    Some(format!("Only where `{}`.", condition?))
}
