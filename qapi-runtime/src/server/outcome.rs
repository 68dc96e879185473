//! Outcomes of commands that have not failed.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::write::{Encode, Writer};

/// The outcome of a command that has not failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The reply value has been written.
    Done,
    /// The command has succeeded, and nothing is sent. This is for commands with `'success-response': false`.
    Silent,
    /// A background task is at work for the command. Its result is handed to
    /// [`Session::complete`](super::Session::complete), which sends the reply; a value written before is dropped.
    Deferred(TaskId),
}

impl Outcome {
    /// Returns the same outcome of a command whose success is not answered.
    #[must_use]
    pub fn silent(self) -> Self {
        match self {
            Self::Done => Self::Silent,
            other => other,
        }
    }
}

/// Identifies a background task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    /// Creates an identifier that no task of this process has had.
    pub fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// A handler's reply, or the task that will provide it, for handlers generated with the setting `deferred_replies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaybeDeferred<T> {
    /// The reply.
    Ready(T),
    /// The task whose result is the reply.
    Deferred(TaskId),
}

impl<T> From<T> for MaybeDeferred<T> {
    fn from(reply: T) -> Self {
        Self::Ready(reply)
    }
}

impl<T: Encode> MaybeDeferred<T> {
    /// Writes the reply, if it is there.
    pub fn write(&self, out: &mut Writer) -> Outcome {
        match self {
            Self::Ready(reply) => {
                reply.encode(out);
                Outcome::Done
            }
            Self::Deferred(task) => Outcome::Deferred(*task),
        }
    }
}
