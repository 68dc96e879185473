//! Slow commands: each runs on its own thread and is answered when it is done.
//!
//! So the safe commands are answered meanwhile (D26). A command that ends within [`PATIENCE`] is answered in order.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use qapi_runtime::Encode;
use qapi_runtime::server::{MaybeDeferred, TaskId};

use crate::failure::Failure;
use crate::platform::wake_pipe::{WakePipe, Waker};

/// The time that the event loop waits for a command's result, so that replies keep the order of requests for quick
/// commands. Other requests are served after that.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// The result of a command.
pub(crate) type TaskResult = Result<Box<dyn Encode + Send>, Failure>;

/// The slow commands under way, for the event loop.
pub(crate) struct Background {
    wake_pipe: WakePipe,
    waker: Waker,
    finished: Sender<(TaskId, TaskResult)>,
    results: Receiver<(TaskId, TaskResult)>,
    /// Number of deferred commands without a result.
    open: Cell<usize>,
}

/// Slot for the result of a thread that the event loop waits for.
struct ResultSlot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Awaited,
    Done(Result<T, Failure>),
    /// The event loop has gone on; the result goes through the channel.
    Deferred(TaskId),
}

impl Background {
    /// Creates the state without any command at work. On failure, returns a text that says why.
    pub(crate) fn new() -> Result<Self, String> {
        let (wake_pipe, waker) = WakePipe::new()
            .map_err(|error| format!("cannot create the pipe for slow commands: {error}"))?;
        let (finished, results) = channel();
        Ok(Self {
            wake_pipe,
            waker,
            finished,
            results,
            open: Cell::new(0),
        })
    }

    /// Does `work` on a thread. The result of work that is not done after [`PATIENCE`] comes out of
    /// [`Background::results`].
    pub(crate) fn run<T: Encode + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<MaybeDeferred<T>, Failure> {
        let failed = |error| Failure::new(format!("failed to start a thread: {error}"));
        let slot = Arc::new(ResultSlot {
            state: Mutex::new(State::Awaited),
            changed: Condvar::new(),
        });
        let started = self.waker.try_clone().and_then(|waker| {
            let (slot, finished) = (Arc::clone(&slot), self.finished.clone());
            thread::Builder::new()
                .name("command".to_owned())
                .spawn(move || {
                    // The request gets an answer in any case.
                    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                        Err(Failure::new("the agent has failed at this command"))
                    });
                    if let Some((task, result)) = slot.put(result) {
                        let result = result.map(|value| Box::new(value) as Box<dyn Encode + Send>);
                        // The other side lives as long as the process.
                        let _ = finished.send((task, result));
                        waker.wake();
                    }
                })
        });
        if let Err(error) = started {
            return Err(failed(error));
        }
        let reply = slot.take();
        if matches!(reply, Ok(MaybeDeferred::Deferred(_))) {
            self.open.set(self.open.get() + 1);
        }
        reply
    }

    /// Returns true while a deferred command is at work.
    pub(crate) fn is_busy(&self) -> bool {
        self.open.get() > 0
    }

    /// Becomes readable when [`Background::results`] has something new.
    pub(crate) fn wake_pipe(&self) -> &WakePipe {
        &self.wake_pipe
    }

    /// Returns the results of commands that took long, each of them once.
    pub(crate) fn results(&self) -> Vec<(TaskId, TaskResult)> {
        if !self.is_busy() {
            return Vec::new();
        }
        let results: Vec<_> = self.results.try_iter().collect();
        self.open.set(self.open.get() - results.len());
        results
    }
}

impl<T> ResultSlot<T> {
    /// Stores the result, or returns it with its task if no caller waits any more.
    fn put(&self, result: Result<T, Failure>) -> Option<(TaskId, Result<T, Failure>)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Deferred(task) = *state {
            return Some((task, result));
        }
        *state = State::Done(result);
        self.changed.notify_one();
        None
    }

    /// Returns the result, if it comes within a moment.
    fn take(&self) -> Result<MaybeDeferred<T>, Failure> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| matches!(state, State::Awaited))
            .unwrap_or_else(PoisonError::into_inner);
        let task = TaskId::next();
        match std::mem::replace(&mut *state, State::Deferred(task)) {
            State::Done(result) => result.map(MaybeDeferred::Ready),
            State::Awaited | State::Deferred(_) => Ok(MaybeDeferred::Deferred(task)),
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Background")
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::sync::mpsc;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use qapi_runtime::Writer;

    use super::*;

    fn text(value: &(dyn Encode + Send)) -> String {
        let mut out = Writer::new();
        value.encode(&mut out);
        String::from_utf8(out.into_bytes()).unwrap()
    }

    fn wait_for_result(background: &Background) {
        let mut pipe = [PollFd::new(
            background.wake_pipe().as_fd(),
            PollFlags::POLLIN,
        )];
        assert_eq!(poll(&mut pipe, PollTimeout::from(10_000_u16)), Ok(1));
        background.wake_pipe().drain();
    }

    #[test]
    fn quick_commands_are_answered_at_once() {
        let background = Background::new().unwrap();
        assert_eq!(background.run(|| Ok(7)), Ok(MaybeDeferred::Ready(7)));
        let failure = Failure::new("no");
        let result: Result<MaybeDeferred<i64>, Failure> =
            background.run(|| Err(Failure::new("no")));
        assert_eq!(result, Err(failure));
        assert!(!background.is_busy());
        assert!(background.results().is_empty());
    }

    #[test]
    fn slow_commands_are_answered_once_and_later() {
        let background = Background::new().unwrap();
        let mut tasks = Vec::new();
        let mut triggers = Vec::new();
        for number in 0..3 {
            let (trigger, wait) = mpsc::channel::<()>();
            let answer = background.run(move || {
                let _ = wait.recv();
                Ok(number)
            });
            let Ok(MaybeDeferred::Deferred(task)) = answer else {
                panic!("{answer:?}");
            };
            tasks.push(task);
            triggers.push(trigger);
        }
        // Others are answered meanwhile.
        assert_eq!(background.run(|| Ok(7)), Ok(MaybeDeferred::Ready(7)));
        for number in [2, 0, 1] {
            assert!(background.is_busy());
            triggers[number].send(()).unwrap();
            wait_for_result(&background);
            let results = background.results();
            assert_eq!(results.len(), 1);
            let (task, result) = &results[0];
            assert_eq!(*task, tasks[number]);
            assert_eq!(text(&**result.as_ref().unwrap()), number.to_string());
        }
        assert!(!background.is_busy());
    }

    #[test]
    fn no_result_is_lost_between_waiting_and_going_on() {
        // The end of the work around the end of the patience.
        let background = Background::new().unwrap();
        let mut late = 0;
        for number in 0..12_u32 {
            let delay = PATIENCE.mul_f64(0.98 + 0.004 * f64::from(number));
            let answer = background.run(move || {
                thread::sleep(delay);
                Ok(i64::from(number))
            });
            match answer.unwrap() {
                MaybeDeferred::Ready(result) => assert_eq!(result, i64::from(number)),
                MaybeDeferred::Deferred(task) => {
                    wait_for_result(&background);
                    let results = background.results();
                    assert_eq!(results.len(), 1);
                    assert_eq!(results[0].0, task);
                    late += 1;
                }
            }
            assert!(!background.is_busy());
        }
        assert!(late > 0, "none was late");
    }

    #[test]
    fn work_that_breaks_is_answered_nevertheless() {
        let background = Background::new().unwrap();
        let result: Result<MaybeDeferred<i64>, Failure> = background.run(|| {
            // A panic without a message in the output of the tests.
            std::panic::resume_unwind(Box::new(()))
        });
        let failure = Failure::new("the agent has failed at this command");
        assert_eq!(result, Err(failure));
    }
}
