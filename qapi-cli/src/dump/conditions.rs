//! Conditions, and features, which may have them.

use qapi_parser::ir::{Condition, Feature};
use serde::{Serialize, Serializer};

/// A condition as a tree: a string for a symbol, else an object with the one key `all`, `any` or `not`.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConditionView<'a>(pub &'a Condition);

impl Serialize for ConditionView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Condition::Defined(symbol) => serializer.serialize_str(symbol),
            Condition::All(all) => serializer.collect_map([("all", operands(all))]),
            Condition::Any(any) => serializer.collect_map([("any", operands(any))]),
            Condition::Not(operand) => serializer.collect_map([("not", ConditionView(operand))]),
        }
    }
}

/// A feature.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct FeatureView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
}

/// Returns the condition of something, where there is one.
pub(super) fn condition(condition: Option<&Condition>) -> Option<ConditionView<'_>> {
    condition.map(ConditionView)
}

/// Returns the operands of `all` or `any`.
fn operands(all: &[Condition]) -> Vec<ConditionView<'_>> {
    all.iter().map(ConditionView).collect()
}

/// Returns the features of something.
pub(super) fn features(features: &[Feature]) -> Vec<FeatureView<'_>> {
    features
        .iter()
        .map(|feature| FeatureView {
            name: &feature.name,
            condition: condition(feature.condition.as_ref()),
        })
        .collect()
}
