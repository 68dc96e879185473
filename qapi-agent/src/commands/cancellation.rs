//! Cancellation of a freeze, with a reason.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use crate::failure::Failure;

/// The reason why a freeze is given up or undone before it has served its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The host, or another one, requests a thaw.
    Thaw,
    /// It has taken or lasted longer than the administrator allows.
    TooLong(Duration),
    /// No host has learned for this time that the freeze succeeded.
    Untold(Duration),
    /// The agent ends.
    End,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thaw => formatter.write_str("a thaw was asked for"),
            Self::TooLong(limit) => write!(
                formatter,
                "it lasted longer than {} seconds (max-freeze-time)",
                limit.as_secs_f64()
            ),
            Self::Untold(time) => write!(
                formatter,
                "no host took its answer, or asked for the status, for {} seconds",
                time.as_secs_f64()
            ),
            Self::End => formatter.write_str("the agent ends"),
        }
    }
}

impl Reason {
    /// Returns the error of a freeze that was given up.
    pub(crate) fn of_freeze(self) -> Failure {
        Failure::new(format!("the freeze was cancelled: {self}"))
    }

    /// Returns the error of a thaw that comes too late.
    pub(crate) fn of_thaw(self) -> Failure {
        Failure::new(format!(
            "the agent has ended the freeze by itself: {self}; what was copied since then may be inconsistent"
        ))
    }
}

/// A request to give up a freeze that is under way. The first reason counts.
#[derive(Debug, Default)]
pub(crate) struct Cancellation(OnceLock<Reason>);

impl Cancellation {
    /// Asks for the end of the freeze.
    pub(crate) fn cancel(&self, reason: Reason) {
        // An earlier reason stays.
        let _ = self.0.set(reason);
    }

    /// Returns the reason, if the freeze is to be given up.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.0.get().copied()
    }

    /// Returns true if the freeze is to be given up.
    pub(crate) fn is_wanted(&self) -> bool {
        self.reason().is_some()
    }
}
