//! The memory limit that all clients of a server share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A limit on the memory of messages, over all clients of a server. Clones are the same budget.
#[derive(Debug, Clone)]
pub(crate) struct MemoryBudget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    limit: usize,
    used: AtomicUsize,
}

impl MemoryBudget {
    /// Creates a budget of `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        let used = AtomicUsize::new(0);
        Self(Arc::new(Counter { limit, used }))
    }

    /// Returns a share without any bytes yet.
    pub(crate) fn share(&self) -> Share {
        Share {
            budget: Some(self.clone()),
            held: 0,
        }
    }

    /// Bytes in use.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Returns true if so little is left that unused buffers had better be given back.
    fn is_short(&self) -> bool {
        self.0.used.load(Ordering::Relaxed) > self.0.limit / 2
    }

    /// Takes bytes out of the budget, unless they are more than is left.
    fn take(&self, bytes: usize) -> bool {
        let enough = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.0.limit);
        self.0
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough)
            .is_ok()
    }
}

/// Bytes of a budget that one client uses; returned when it is dropped. Without a budget, any number may be used.
#[derive(Debug, Default)]
pub(crate) struct Share {
    budget: Option<MemoryBudget>,
    held: usize,
}

impl Share {
    /// Returns true if there is no bound.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.budget.is_none()
    }

    /// Returns true if so little is left that unused buffers had better be given back.
    pub(crate) fn is_short(&self) -> bool {
        self.budget.as_ref().is_some_and(MemoryBudget::is_short)
    }

    /// Grows to at least `bytes`. False if the budget has too few left; then nothing has changed.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let Some(budget) = &self.budget else {
            return true;
        };
        if bytes > self.held {
            if !budget.take(bytes - self.held) {
                return false;
            }
            self.held = bytes;
        }
        true
    }

    /// Says that `bytes` are in use now, be they in the budget or not.
    pub(crate) fn set(&mut self, bytes: usize) {
        let Some(budget) = &self.budget else {
            return;
        };
        let used = &budget.0.used;
        if bytes > self.held {
            used.fetch_add(bytes - self.held, Ordering::Relaxed);
        } else if bytes < self.held {
            used.fetch_sub(self.held - bytes, Ordering::Relaxed);
        }
        self.held = bytes;
    }

    /// Another share of the same budget, which uses `bytes`.
    pub(crate) fn another(&self, bytes: usize) -> Self {
        let mut share = Self {
            budget: self.budget.clone(),
            held: 0,
        };
        share.set(bytes);
        share
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}
