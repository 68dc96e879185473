//! The ends of children that somebody other than the event loop waits for.
//!
//! The event loop reaps every child of the process, so a thread that has started one may find that
//! it is gone before it could ask how it ended. What the event loop cannot place it leaves here. While
//! it does something else a thread may also reap its own child, here and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::platform::sys::{self, Exit};

/// The meeting point.
#[derive(Debug, Default)]
pub(crate) struct ChildExits {
    /// The children that are waited for, with their ends as far as known.
    expected: Mutex<BTreeMap<i32, Option<Exit>>>,
}

impl ChildExits {
    /// Starts a child whose end [`ChildExits::try_wait`] is going to be asked for.
    /// `start` returns its process id and anything else.
    pub(crate) fn start<T, E>(
        &self,
        start: impl FnOnce() -> Result<(i32, T), E>,
    ) -> Result<(i32, T), E> {
        // Nothing can be left for the child before it is known that somebody waits for it.
        let mut expected = self.lock();
        let (pid, rest) = start()?;
        expected.insert(pid, None);
        Ok((pid, rest))
    }

    /// Takes a child that was reaped by the event loop; nobody may be waiting for it.
    pub(crate) fn leave(&self, pid: i32, exit: Exit) {
        if let Some(place) = self.lock().get_mut(&pid) {
            *place = Some(exit);
        }
    }

    /// Returns the end of the child, if it has ended. It is told once.
    pub(crate) fn try_wait(&self, pid: i32) -> Option<Exit> {
        let reaped = sys::reap_child(pid).ok().flatten();
        let mut expected = self.lock();
        let exit = reaped.or_else(|| expected.get(&pid).copied().flatten())?;
        expected.remove(&pid);
        Some(exit)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Option<Exit>>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
