//! Delivery of events to their subscribers.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};
use std::time::Duration;

use super::deadline::Deadline;
use super::event_queue::{ClientEvent, EventQueue};
use super::trace;
use crate::message::EventMessage;

/// A filter for the events that a subscriber wants.
type Filter = dyn Fn(&EventMessage) -> bool + Send + Sync;

/// The subscribers of a connection and of its successors.
#[derive(Debug)]
pub(super) struct Hub {
    state: Mutex<HubState>,
    /// The largest number of events that wait for a subscriber.
    limit: usize,
    /// The connection's name.
    name: Box<str>,
}

#[derive(Debug, Default)]
struct HubState {
    mailboxes: Arc<[Arc<Mailbox>]>,
    /// Number of the connection that events come from.
    connection: u64,
    /// The connection is lost.
    ended: bool,
}

impl Hub {
    /// Returns the hub of the connection called `name`. No more than `limit` events will wait for each subscriber.
    pub(super) fn new(limit: usize, name: &str) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            limit,
            name: name.into(),
        })
    }

    /// Returns a subscription to all events from now on.
    pub(super) fn subscribe(self: &Arc<Self>) -> Subscription {
        let mut state = self.state();
        let mailbox = Arc::new(Mailbox {
            state: Mutex::new(MailboxState {
                filter: None,
                events: EventQueue::new(self.limit),
                ended: state.ended,
                waker: None,
            }),
            changed: Condvar::new(),
        });
        let known = state.mailboxes.iter().cloned();
        state.mailboxes = known.chain([Arc::clone(&mailbox)]).collect();
        Subscription {
            hub: Arc::clone(self),
            mailbox,
        }
    }

    /// Passes an event to the subscribers that want it; full queues drop their oldest.
    pub(super) fn publish(&self, event: &EventMessage) {
        trace::event(&self.name, event);
        // No lock is held while filters run, because they are users' code.
        for mailbox in &*self.mailboxes() {
            mailbox.deliver(event);
        }
    }

    /// Events will come from another connection; its number.
    pub(super) fn begin(&self) -> u64 {
        let mut state = self.state();
        state.connection += 1;
        state.connection
    }

    /// Records the loss of a connection. There will be no more events unless it [comes back](Hub::reconnected), or has
    /// already.
    pub(super) fn end(&self, connection: u64) {
        if self.state().connection == connection {
            trace::lost(&self.name);
            self.set_ended(true, |_| {});
        }
    }

    /// Records that the connection is there again.
    pub(super) fn reconnected(&self) {
        self.set_ended(false, |events| events.push(ClientEvent::Reconnected));
    }

    fn set_ended(&self, ended: bool, note: impl Fn(&mut EventQueue)) {
        // New subscribers must learn of it, too.
        let mut hub = self.state();
        hub.ended = ended;
        for mailbox in &*hub.mailboxes {
            mailbox.change(|state| {
                state.ended = ended;
                note(&mut state.events);
            });
        }
    }

    fn unsubscribe(&self, mailbox: &Arc<Mailbox>) {
        let mut state = self.state();
        let others = state.mailboxes.iter();
        let others = others.filter(|other| !Arc::ptr_eq(other, mailbox));
        state.mailboxes = others.cloned().collect();
    }

    fn mailboxes(&self) -> Arc<[Arc<Mailbox>]> {
        Arc::clone(&self.state().mailboxes)
    }

    fn state(&self) -> MutexGuard<'_, HubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events that wait for one subscriber.
struct Mailbox {
    state: Mutex<MailboxState>,
    /// There is an event, or there will be no more.
    changed: Condvar,
}

struct MailboxState {
    filter: Option<Arc<Filter>>,
    events: EventQueue,
    ended: bool,
    waker: Option<Waker>,
}

impl Mailbox {
    /// Adds an event if it is wanted.
    fn deliver(&self, event: &EventMessage) {
        let mut state = self.state();
        while let Some(filter) = state.filter.clone() {
            drop(state);
            if !filter(event) {
                return;
            }
            state = self.state();
            // Another one may have taken its place meanwhile, which is narrower.
            if state
                .filter
                .as_ref()
                .is_some_and(|it| Arc::ptr_eq(it, &filter))
            {
                break;
            }
        }
        state.events.push(ClientEvent::Event(event.clone()));
        self.wake(state);
    }

    fn change(&self, change: impl FnOnce(&mut MailboxState)) {
        let mut state = self.state();
        change(&mut state);
        self.wake(state);
    }

    /// Wakes the waiting subscriber after a change.
    fn wake(&self, mut state: MutexGuard<'_, MailboxState>) {
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, MailboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mailbox")
            .field("events", &self.state().events)
            .finish_non_exhaustive()
    }
}

/// The end of waiting for an event.
#[derive(Debug)]
pub(super) enum Waited {
    Event(ClientEvent),
    /// The connection has ended.
    Ended,
    TimedOut,
}

/// One subscriber's events, in the order they came.
#[derive(Debug)]
pub(super) struct Subscription {
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox>,
}

impl Subscription {
    /// Wants only those events from now on, of the ones it wanted so far; also of those that wait.
    pub(super) fn narrow(&self, wanted: impl Fn(&EventMessage) -> bool + Send + Sync + 'static) {
        let wanted: Arc<Filter> = Arc::new(wanted);
        let mut state = self.mailbox.state();
        let both: Arc<Filter> = match state.filter.take() {
            None => Arc::clone(&wanted),
            Some(before) => {
                let wanted = Arc::clone(&wanted);
                Arc::new(move |event: &EventMessage| before(event) && wanted(event))
            }
        };
        state.filter = Some(both);
        state.events.retain(&*wanted);
    }

    /// No more than `limit` events will wait.
    pub(super) fn limit(&self, limit: usize) {
        self.mailbox.state().events.limit(limit);
    }

    /// Returns the next event, if there is one already.
    pub(super) fn pop(&self) -> Option<ClientEvent> {
        self.mailbox.state().events.pop()
    }

    /// Waits for the next event. Events that came before the connection was lost come before its end.
    pub(super) fn wait(&self, deadline: Deadline) -> Waited {
        /// A very long wait, which is repeated when it ends.
        const LONG: Duration = Duration::from_secs(1 << 20);
        let mut state = self.mailbox.state();
        loop {
            if let Some(event) = state.events.pop() {
                return Waited::Event(event);
            }
            if state.ended {
                return Waited::Ended;
            }
            if deadline.is_over() {
                return Waited::TimedOut;
            }
            let left = deadline.left().unwrap_or(LONG);
            let waited = self.mailbox.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Polls for the next event; `None` when there will be none.
    #[cfg(feature = "tokio")]
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<ClientEvent>> {
        let mut state = self.mailbox.state();
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

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.unsubscribe(&self.mailbox);
    }
}
