//! Sending events to clients.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

#[cfg(feature = "tokio")]
use tokio::sync::Notify;

use super::clients::{ClientId, Clients};
use super::rate::{EventRate, Rates};
use crate::clock::Clock;
use crate::server::ShutDown;
use crate::server::outbox::Outbox;
use crate::write::{Encode, Writer};

/// Sends events to the clients of [`QmpServer`](super::QmpServer)s, from any thread, at any time. Clones send to the same
/// clients.
///
/// An event reaches each client that has negotiated when it is emitted. An event that a handler emits is sent before
/// its reply. A client that does not read its events is disconnected when a mebibyte of them waits: leaving events out
/// would mislead it.
///
/// ```
/// use qapi_runtime::{Any, Object};
/// use qapi_runtime::server::EventSender;
///
/// let events = EventSender::new();
/// let data = Object::from([("reason", Any::from("guest-reset"))]);
/// assert_eq!(events.emit("RESET", &data), 0, "nobody is connected");
/// ```
#[derive(Clone)]
pub struct EventSender(Arc<SharedSender>);

struct SharedSender {
    clock: Clock,
    state: Mutex<SenderState>,
    /// An event is held back, or time has been advanced, or a server ends.
    changed: Condvar,
    #[cfg(feature = "tokio")]
    notify: Notify,
}

#[derive(Default)]
struct SenderState {
    clients: Clients,
    rates: Rates,
}

impl Default for EventSender {
    fn default() -> Self {
        Self::with_clock(Clock::system())
    }
}

impl fmt::Debug for EventSender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clients = self.clients();
        formatter
            .debug_struct("EventSender")
            .field("clients", &clients)
            .finish()
    }
}

impl EventSender {
    /// Creates a sender without clients yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a sender whose timestamps and rates use another clock.
    pub fn with_clock(clock: Clock) -> Self {
        let shared = Arc::new_cyclic(|weak: &Weak<SharedSender>| {
            let watched = weak.clone();
            clock.watch(move || {
                if let Some(shared) = watched.upgrade() {
                    shared.send_due();
                }
            });
            SharedSender {
                clock,
                state: Mutex::default(),
                changed: Condvar::new(),
                #[cfg(feature = "tokio")]
                notify: Notify::new(),
            }
        });
        Self(shared)
    }

    /// Limits how often an event is sent to all clients. Events for a single client do not count.
    #[must_use]
    pub fn with_rate(self, rate: EventRate) -> Self {
        self.0.state().rates.add(rate);
        self
    }

    /// Sends an event to all clients, and returns to how many; none if it is held back. `data` is the event's data, or
    /// the generated `Event`; `&()` if it has none.
    pub fn emit(&self, name: &str, data: &dyn Encode) -> usize {
        let (line, data) = self.line(name, data);
        let mut state = self.0.state();
        let now = self.0.clock.monotonic();
        state.send_due(now);
        if let Some(line) = state.rates.admit(name, &data, line, now) {
            return state.clients.send(&line, None);
        }
        drop(state);
        self.0.wake();
        0
    }

    /// Sends an event to one client. False if it has gone, or not negotiated yet.
    pub fn emit_to(&self, client: ClientId, name: &str, data: &dyn Encode) -> bool {
        let (line, _) = self.line(name, data);
        self.0.state().clients.send(&line, Some(client)) > 0
    }

    /// Returns the clients that have negotiated.
    pub fn clients(&self) -> Vec<ClientId> {
        self.0.state().clients.ready().collect()
    }

    /// Appends an event to the output of a client, as [`Respond`](super::super::Respond) has it: for events after a reply.
    pub fn append(&self, name: &str, data: &dyn Encode, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.line(name, data).0);
    }

    /// Returns the message, and the text of its data.
    fn line(&self, name: &str, data: &dyn Encode) -> (Vec<u8>, Vec<u8>) {
        let mut text = Writer::new();
        text.value(data);
        let data = text.into_bytes();
        let now = self.0.clock.now();
        let mut out = Writer::new();
        out.raw(b"{\"timestamp\": {\"seconds\": ");
        out.unsigned(now.as_secs());
        out.raw(b", \"microseconds\": ");
        out.unsigned(now.subsec_micros().into());
        out.raw(b"}, \"event\": ");
        out.string(name);
        if data != b"{}" {
            out.raw(b", \"data\": ");
            out.raw(&data);
        }
        out.raw(b"}\n");
        (out.into_bytes(), data)
    }

    /// Adds a client that negotiates, until the result is dropped.
    pub(in crate::server) fn attach(
        &self,
        outbox: Arc<Outbox>,
        shut_down: Option<ShutDown>,
    ) -> Membership {
        let client = self.0.state().clients.add(outbox, shut_down);
        Membership {
            sender: self.clone(),
            client,
        }
    }

    /// Sends what is held back when its time has come, until `is_over`, which [`wake`](EventSender::wake) lets it see.
    pub(super) fn run(&self, is_over: &dyn Fn() -> bool) {
        let mut state = self.0.state();
        while !is_over() {
            let now = self.0.clock.monotonic();
            state.send_due(now);
            state = match state.rates.next_due() {
                None => self.0.changed.wait(state),
                Some(due) => {
                    let waited = self.0.changed.wait_timeout(state, due.saturating_sub(now));
                    waited
                        .map(|(state, _)| state)
                        .map_err(|error| PoisonError::new(error.into_inner().0))
                }
            }
            .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes the threads that wait in [`run`](EventSender::run).
    pub(super) fn wake(&self) {
        self.0.wake();
    }

    /// Sends what is held back when its time has come, forever.
    #[cfg(feature = "tokio")]
    pub(in crate::server) async fn run_async(&self) -> std::convert::Infallible {
        loop {
            let (now, due) = {
                let mut state = self.0.state();
                let now = self.0.clock.monotonic();
                state.send_due(now);
                (now, state.rates.next_due())
            };
            let changed = self.0.notify.notified();
            match due {
                None => changed.await,
                Some(due) => {
                    let pause = tokio::time::sleep(due.saturating_sub(now));
                    crate::channel::race(changed, pause).await;
                }
            }
        }
    }
}

impl SharedSender {
    fn state(&self) -> MutexGuard<'_, SenderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // A thread that is about to wait must not miss it.
        drop(self.state());
        self.changed.notify_all();
        #[cfg(feature = "tokio")]
        self.notify.notify_one();
    }

    fn send_due(&self) {
        let mut state = self.state();
        let now = self.clock.monotonic();
        state.send_due(now);
        drop(state);
        self.wake();
    }
}

impl SenderState {
    /// Sends what is held back if its time has come.
    fn send_due(&mut self, now: Duration) {
        for line in self.rates.due(now) {
            self.clients.send(&line, None);
        }
    }
}

/// A client's registration for events.
#[derive(Debug)]
pub(in crate::server) struct Membership {
    sender: EventSender,
    client: ClientId,
}

impl Membership {
    pub(in crate::server) fn client(&self) -> ClientId {
        self.client
    }

    /// Ends the connection.
    pub(super) fn disconnect(&self) {
        self.sender.0.state().clients.disconnect(self.client);
    }

    /// The client has negotiated: `reply` says so, and events come after it.
    pub(in crate::server) fn set_ready(&self, reply: &[u8]) {
        self.sender.0.state().clients.set_ready(self.client, reply);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.sender.0.state().clients.remove(self.client);
    }
}
