//! The system's clock, or a test's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock: the system's, or one that stands still until it is [advanced](Clock::advance). Clones are the same clock.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Manual>>);

/// A clock under a test's control.
#[derive(Default)]
struct Manual {
    /// Since 1970.
    now: Mutex<Duration>,
    watchers: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.0.is_some() { "manual" } else { "system" };
        write!(formatter, "Clock({kind}, {:?})", self.now())
    }
}

impl Clock {
    /// Returns the system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// Creates a clock that stands at `now`, counted from the beginning of 1970, until it is advanced.
    pub fn manual(now: Duration) -> Self {
        let manual = Manual {
            now: Mutex::new(now),
            watchers: Mutex::default(),
        };
        Self(Some(Arc::new(manual)))
    }

    /// Returns the time since the beginning of 1970.
    pub fn now(&self) -> Duration {
        match &self.0 {
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            Some(manual) => *manual.now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Advances the time and wakes its waiters. The system's clock cannot be advanced: nothing happens.
    pub fn advance(&self, time: Duration) {
        let Some(manual) = &self.0 else {
            return;
        };
        *manual.now.lock().unwrap_or_else(PoisonError::into_inner) += time;
        let watchers = manual.watchers.lock();
        for watcher in &*watchers.unwrap_or_else(PoisonError::into_inner) {
            watcher();
        }
    }

    /// Lets `watcher` know whenever time has been advanced.
    pub(crate) fn watch(&self, watcher: impl Fn() + Send + 'static) {
        if let Some(manual) = &self.0 {
            let watchers = manual.watchers.lock();
            watchers
                .unwrap_or_else(PoisonError::into_inner)
                .push(Box::new(watcher));
        }
    }

    /// Returns the time that passes, for measuring: it never goes back.
    pub(crate) fn monotonic(&self) -> Duration {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        match &self.0 {
            None => START.get_or_init(Instant::now).elapsed(),
            Some(_) => self.now(),
        }
    }
}
