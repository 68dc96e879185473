//! The events of a connection, on their way to whoever takes them.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::client::ClientEvent;
use crate::client::event_queue::EventQueue;

/// The events of a QMP server, in the order they came.
///
/// Up to [`Options::event_limit`](crate::Options::event_limit) of them wait, and no more than 16 MB; then the oldest are
/// dropped. If this value is dropped, so are all events.
#[derive(Debug)]
pub struct Events {
    queue: Arc<Queue>,
}

impl Events {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// Waits for the next event; `None` when the connection is lost for good. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<ClientEvent> {
        self.queue.state().events.pop()
    }

    /// Polls for the next event, for streams of your own.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<ClientEvent>> {
        let mut state = self.queue.state();
        if let Some(event) = state.events.pop() {
            return Poll::Ready(Some(event));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.unwanted = true;
        state.events = EventQueue::default();
    }
}

/// Events that wait to be taken.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    events: EventQueue,
    /// Nobody will take any.
    unwanted: bool,
    /// There will be no more.
    ended: bool,
    waker: Option<Waker>,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        let state = State {
            events: EventQueue::new(limit),
            unwanted: false,
            ended: false,
            waker: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Adds an event, at the price of the oldest.
    pub(super) fn push(&self, event: ClientEvent) {
        let mut state = self.state();
        if state.unwanted {
            return;
        }
        state.events.push(event);
        Self::wake(state);
    }

    /// There will be no more.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        Self::wake(state);
    }

    fn wake(mut state: MutexGuard<'_, State>) {
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
