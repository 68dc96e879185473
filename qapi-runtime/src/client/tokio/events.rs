//! The events of a connection, on their way to whoever takes them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::client::EventMessage;

/// Bytes of events that wait, however few they are.
const BYTES: usize = 16 << 20;

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// An event.
    Event(EventMessage),
    /// So many events, older than those that follow, were dropped because nobody took them.
    Missed(u64),
    /// The connection was lost and is there again. Events in between are lost, and the server may be another one.
    Reconnected,
}

impl Notice {
    /// The event, if it is one.
    pub fn into_event(self) -> Option<EventMessage> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Event(event) => event.size(),
            _ => 0,
        }
    }
}

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
    pub async fn next(&mut self) -> Option<Notice> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<Notice> {
        self.queue.state().pop()
    }

    /// What [`next`](Events::next) waits for, for streams of your own.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Notice>> {
        let mut state = self.queue.state();
        if let Some(notice) = state.pop() {
            return Poll::Ready(Some(notice));
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
        state.notices = VecDeque::new();
    }
}

/// What waits to be taken.
#[derive(Debug)]
pub(super) struct Queue {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    notices: VecDeque<Notice>,
    bytes: usize,
    missed: u64,
    /// Nobody will take any.
    unwanted: bool,
    /// There will be no more.
    ended: bool,
    waker: Option<Waker>,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
        }
    }

    /// Adds a notice, at the price of the oldest.
    pub(super) fn push(&self, notice: Notice) {
        let mut state = self.state();
        if state.unwanted {
            return;
        }
        state.bytes += notice.size();
        state.notices.push_back(notice);
        while state.notices.len() > self.limit || state.bytes > BYTES {
            let Some(oldest) = state.notices.pop_front() else {
                break;
            };
            state.bytes -= oldest.size();
            state.missed += u64::from(matches!(oldest, Notice::Event(_)));
        }
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

impl State {
    fn pop(&mut self) -> Option<Notice> {
        if self.missed > 0 {
            return Some(Notice::Missed(std::mem::take(&mut self.missed)));
        }
        let notice = self.notices.pop_front()?;
        self.bytes -= notice.size();
        Some(notice)
    }
}
