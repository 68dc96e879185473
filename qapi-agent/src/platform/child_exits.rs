//! Exits of children for which other threads than the event loop wait.
//!
//! The event loop reaps every child of the process, so the child of another thread may be reaped before that thread
//! asks for its exit status. The event loop stores unknown exits here. While the event loop is busy, a thread may also
//! reap its own child, but only here.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::platform::sys::{self, Exit};

/// The exits, shared by the event loop and the threads.
#[derive(Debug, Default)]
pub(crate) struct ChildExits {
    /// The children for which a thread waits, with their exits as far as known.
    expected: Mutex<BTreeMap<i32, Option<Exit>>>,
}

impl ChildExits {
    /// Starts a child whose end [`ChildExits::try_wait`] is going to be asked for.
    /// `start` returns its process id and anything else.
    pub(crate) fn start<T, E>(
        &self,
        start: impl FnOnce() -> Result<(i32, T), E>,
    ) -> Result<(i32, T), E> {
        // Locked, so that the exit is not stored before the child is registered.
        let mut expected = self.lock();
        let (pid, rest) = start()?;
        expected.insert(pid, None);
        Ok((pid, rest))
    }

    /// Takes a child that was reaped by the event loop; no thread may be waiting for it.
    pub(crate) fn leave(&self, pid: i32, exit: Exit) {
        if let Some(place) = self.lock().get_mut(&pid) {
            *place = Some(exit);
        }
    }

    /// Returns the end of the child, if it has ended. It is returned once.
    pub(crate) fn try_wait(&self, pid: i32) -> Option<Exit> {
        let reaped = sys::reap_child(pid).ok().flatten();
        let mut expected = self.lock();
        let exit = reaped.or_else(|| expected.get(&pid).copied().flatten())?;
        expected.remove(&pid);
        Some(exit)
    }

    /// Nobody asks for the end of the child any more.
    pub(crate) fn forget(&self, pid: i32) {
        self.lock().remove(&pid);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Option<Exit>>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
