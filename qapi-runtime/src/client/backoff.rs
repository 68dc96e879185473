//! The pauses between attempts to connect.

use std::time::Duration;

use super::Reconnect;

/// The first pause while a server is not up yet.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause while a server is not up yet.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A pause, then one twice as long, and so on up to the longest.
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// Returns the pauses before the first connection, to a server that may not be up yet.
    pub(super) fn until_up() -> Self {
        Self::new(&Reconnect::default().with_pauses(FIRST_PAUSE, LONGEST_PAUSE))
    }

    /// Returns the pauses before a lost connection is back.
    pub(super) fn new(policy: &Reconnect) -> Self {
        let longest = policy.longest.max(Duration::from_millis(1));
        Self {
            next: policy.first.clamp(Duration::from_millis(1), longest),
            longest,
        }
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }
}
