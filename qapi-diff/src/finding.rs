//! Changes as rules judge them.

use crate::change::Change;
use crate::level::Level;
use crate::rules::Rule;

mod wording;

/// A change as one rule judges it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Its judgement, or the user's where the configuration says so.
    pub level: Level,
    /// The change that it judges.
    pub change: Change,
}
