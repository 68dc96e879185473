//! Changes with the judgement of rules.

use crate::change::Change;
use crate::level::Level;
use crate::rules::Rule;
use crate::witness::Witness;

mod wording;

/// A change with the judgement of one rule.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The level of the rule, or the user's if the configuration sets one.
    pub level: Level,
    /// The change that it judges.
    pub change: Change,
    /// A message that shows it, if [`Judgement::prove`](crate::config::Judgement::prove) found one.
    pub witness: Option<Witness>,
    /// The level is the user's.
    pub(crate) is_configured: bool,
    /// No message shows it, so it is not called breaking.
    pub(crate) is_unproved: bool,
}
