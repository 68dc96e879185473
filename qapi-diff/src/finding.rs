//! Changes as rules judge them.

use crate::change::Change;
use crate::level::Level;
use crate::rules::Rule;
use crate::witness::Witness;

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
    /// A message that shows it, once [`Judgement::prove`](crate::config::Judgement::prove) looked
    /// for one.
    pub witness: Option<Witness>,
    /// The level is the user's.
    pub(crate) is_configured: bool,
    /// No message shows it, so that it is not called breaking.
    pub(crate) is_unproved: bool,
}
