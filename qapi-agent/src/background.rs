//! Commands that may take long: each runs on a thread of its own, and is answered when it is done.
//!
//! So the safe commands are answered meanwhile (D26). What is done within a moment is answered in its
//! turn; for the rest see [`crate::late`].

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use qapi_runtime::Encode;

use crate::bell::{Bell, Ringer};
use crate::failure::Failure;
use crate::late::{Answer, PATIENCE, Ticket};

/// What comes out of a command in the end.
pub(crate) type Finished = Result<Box<dyn Encode + Send>, Failure>;

/// The commands under way, as the event loop sees them.
pub(crate) struct Background {
    bell: Bell,
    ringer: Ringer,
    finished: Sender<(Ticket, Finished)>,
    results: Receiver<(Ticket, Finished)>,
    /// Commands that will be answered late and have not been yet.
    open: Cell<usize>,
}

/// Where a thread leaves its result while the event loop waits for it.
struct Place<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Awaited,
    Done(Result<T, Failure>),
    /// The event loop has gone on; the result goes through the channel.
    Late(Ticket),
}

impl Background {
    /// Nothing under way. Returns a text that says why that is not possible.
    pub(crate) fn new() -> Result<Self, String> {
        let (bell, ringer) = Bell::new()
            .map_err(|error| format!("cannot prepare for commands that take long: {error}"))?;
        let (finished, results) = channel();
        Ok(Self {
            bell,
            ringer,
            finished,
            results,
            open: Cell::new(0),
        })
    }

    /// Does `work` on a thread. What is not done after a moment comes out of
    /// [`Background::results`].
    pub(crate) fn run<T: Encode + Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Answer<T> {
        let failed = |error| Failure::new(format!("failed to start a thread: {error}"));
        let place = Arc::new(Place {
            state: Mutex::new(State::Awaited),
            changed: Condvar::new(),
        });
        let started = self.ringer.try_clone().and_then(|ringer| {
            let (place, finished) = (Arc::clone(&place), self.finished.clone());
            thread::Builder::new()
                .name("command".to_owned())
                .spawn(move || {
                    // Whatever happens, the request gets its answer.
                    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                        Err(Failure::new("the agent has failed at this command"))
                    });
                    if let Some((ticket, result)) = place.put(result) {
                        let result = result.map(|value| Box::new(value) as Box<dyn Encode + Send>);
                        // The other side is there as long as the process is.
                        let _ = finished.send((ticket, result));
                        ringer.ring();
                    }
                })
        });
        if let Err(error) = started {
            return Answer::Now(Err(failed(error)));
        }
        let answer = place.take();
        if matches!(answer, Answer::Later(_)) {
            self.open.set(self.open.get() + 1);
        }
        answer
    }

    /// Whether a command is under way that will be answered late.
    pub(crate) fn is_busy(&self) -> bool {
        self.open.get() > 0
    }

    /// Becomes readable when [`Background::results`] has something new.
    pub(crate) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// The results of commands that took long, each of them once.
    pub(crate) fn results(&self) -> Vec<(Ticket, Finished)> {
        let results: Vec<_> = self.results.try_iter().collect();
        self.open.set(self.open.get() - results.len());
        results
    }
}

impl<T> Place<T> {
    /// Leaves the result, or gives it back with its ticket if nobody waits any more.
    fn put(&self, result: Result<T, Failure>) -> Option<(Ticket, Result<T, Failure>)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Late(ticket) = *state {
            return Some((ticket, result));
        }
        *state = State::Done(result);
        self.changed.notify_one();
        None
    }

    /// The result, if it comes within a moment.
    fn take(&self) -> Answer<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| matches!(state, State::Awaited))
            .unwrap_or_else(PoisonError::into_inner);
        let ticket = Ticket::next();
        match std::mem::replace(&mut *state, State::Late(ticket)) {
            State::Done(result) => Answer::Now(result),
            State::Awaited | State::Late(_) => Answer::Later(ticket),
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

    fn wait_for_bell(background: &Background) {
        let mut bell = [PollFd::new(background.bell().as_fd(), PollFlags::POLLIN)];
        assert_eq!(poll(&mut bell, PollTimeout::from(10_000_u16)), Ok(1));
        background.bell().silence();
    }

    #[test]
    fn what_is_done_at_once_is_answered_at_once() {
        let background = Background::new().unwrap();
        assert_eq!(background.run(|| Ok(7)), Answer::Now(Ok(7)));
        let failure = Failure::new("no");
        let result: Answer<i64> = background.run(|| Err(Failure::new("no")));
        assert_eq!(result, Answer::Now(Err(failure)));
        assert!(!background.is_busy());
        assert!(background.results().is_empty());
    }

    #[test]
    fn what_takes_long_is_answered_once_and_later() {
        let background = Background::new().unwrap();
        let mut tickets = Vec::new();
        let mut triggers = Vec::new();
        for number in 0..3 {
            let (trigger, wait) = mpsc::channel::<()>();
            let answer = background.run(move || {
                let _ = wait.recv();
                Ok(number)
            });
            let Answer::Later(ticket) = answer else {
                panic!("{answer:?}");
            };
            tickets.push(ticket);
            triggers.push(trigger);
        }
        // Others are answered meanwhile.
        assert_eq!(background.run(|| Ok(7)), Answer::Now(Ok(7)));
        for number in [2, 0, 1] {
            assert!(background.is_busy());
            triggers[number].send(()).unwrap();
            wait_for_bell(&background);
            let results = background.results();
            assert_eq!(results.len(), 1);
            let (ticket, result) = &results[0];
            assert_eq!(*ticket, tickets[number]);
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
            match answer {
                Answer::Now(result) => assert_eq!(result, Ok(i64::from(number))),
                Answer::Later(ticket) => {
                    wait_for_bell(&background);
                    let results = background.results();
                    assert_eq!(results.len(), 1);
                    assert_eq!(results[0].0, ticket);
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
        let result: Answer<i64> = background.run(|| {
            // Without the message of a test that fails.
            std::panic::resume_unwind(Box::new(()))
        });
        let failure = Failure::new("the agent has failed at this command");
        assert_eq!(result, Answer::Now(Err(failure)));
    }
}
