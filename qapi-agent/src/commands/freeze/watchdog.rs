//! The watchdog of a freeze: limits its time, and undoes it if no host knows of it.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::commands::cancellation::Reason;

/// The state of the news that file systems are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    /// A host knows, or there is no news.
    Told,
    /// A reply with the news is on its way.
    Sending,
    /// No host knows: at this time the freeze is undone.
    Untold(Instant),
}

/// The usual time that a host has to ask for the status of a freeze whose answer was lost.
pub(crate) const UNTOLD: Duration = Duration::from_secs(10);

/// Watches a freeze for a reason to undo it.
#[derive(Debug)]
pub(super) struct Watchdog {
    longest: Option<Duration>,
    /// The time that a host has to ask for the status of a freeze whose answer was lost.
    untold: Duration,
    deadline: Cell<Option<Instant>>,
    news: Cell<News>,
    /// The reason why the agent has ended the last freeze by itself, until a host knows it.
    undone: Cell<Option<Reason>>,
}

impl Watchdog {
    /// Creates a watchdog that ends a freeze after `longest`, if that is given, and one that no host knows of after
    /// `untold`.
    pub(super) fn new(longest: Option<Duration>, untold: Duration) -> Self {
        Self {
            longest,
            untold,
            deadline: Cell::new(None),
            news: Cell::new(News::Told),
            undone: Cell::new(None),
        }
    }

    /// Starts watching a freeze. Forgets the end of an earlier one.
    pub(super) fn start(&self) {
        if let Some(longest) = self.longest {
            self.deadline.set(Instant::now().checked_add(longest));
        }
        self.undone.set(None);
    }

    /// Stops watching: nothing is frozen any more.
    pub(super) fn stop(&self) {
        self.deadline.set(None);
        self.news.set(News::Told);
    }

    /// Records that the first reply that reports the freeze is about to be sent.
    pub(super) fn telling(&self) {
        self.news.set(News::Sending);
    }

    /// Records that a further reply that reports the freeze is about to be sent; it matters if no host knows yet.
    pub(super) fn retelling(&self) {
        if self.news.get() != News::Told {
            self.telling();
        }
    }

    /// Returns true from [`Watchdog::telling`] until [`Watchdog::told`] or [`Watchdog::not_told`].
    pub(super) fn is_telling(&self) -> bool {
        self.news.get() == News::Sending
    }

    /// Records that a host knows of the freeze.
    pub(super) fn told(&self) {
        self.news.set(News::Told);
    }

    /// Records that the reply that reports the freeze was not delivered.
    pub(super) fn not_told(&self) {
        self.news.set(News::Untold(Instant::now() + self.untold));
    }

    /// Returns the reason for which the last freeze was undone, for the host that is to learn it.
    pub(super) fn take_undone(&self) -> Option<Reason> {
        self.undone.take()
    }

    /// When [`Watchdog::expire`] is to be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let untold = match self.news.get() {
            News::Untold(until) => Some(until),
            News::Told | News::Sending => None,
        };
        self.deadline.get().into_iter().chain(untold).min()
    }

    /// Returns the reason to undo the freeze now: it has lasted too long, or no host knows of it. It is returned once.
    pub(super) fn expire(&self) -> Option<Reason> {
        if self
            .deadline()
            .is_none_or(|deadline| Instant::now() < deadline)
        {
            return None;
        }
        let now = Instant::now();
        let reason = match (self.deadline.get(), self.longest, self.news.get()) {
            (Some(at), Some(longest), _) if at <= now => Reason::TooLong(longest),
            (_, _, News::Untold(until)) if until <= now => Reason::Untold(self.untold),
            _ => return None,
        };
        self.stop();
        self.undone.set(Some(reason));
        Some(reason)
    }
}
