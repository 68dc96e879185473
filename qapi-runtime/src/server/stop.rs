//! Stopping servers without losing answers.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Shutdown;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::client_stream::ShutDown;

/// Stops [`listen`](super::listen()) gracefully, from any thread. Clones stop the same server.
#[derive(Clone, Default)]
pub struct Stop(Arc<SharedStop>);

#[derive(Default)]
struct SharedStop {
    state: Mutex<StopState>,
    /// A client has gone, or the end has come.
    changed: Condvar,
}

#[derive(Default)]
struct StopState {
    stopped: bool,
    next: u64,
    listeners: BTreeMap<u64, ShutDown>,
    clients: BTreeMap<u64, ShutDown>,
}

impl fmt::Debug for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter
            .debug_struct("Stop")
            .field("stopped", &state.stopped)
            .field("clients", &state.clients.len())
            .finish()
    }
}

impl Stop {
    /// Creates a handle for stopping servers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops accepting clients and reading requests. Requests that have been read are answered.
    pub fn stop(&self) {
        self.end(Shutdown::Read);
    }

    /// Same as [`stop`](Stop::stop), but nothing is answered any more: for clients that do not read their answers. Commands
    /// that are running run to their end.
    pub fn abort(&self) {
        self.end(Shutdown::Both);
    }

    /// Returns true if it has been stopped.
    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Returns the number of clients that are being served.
    pub fn clients(&self) -> usize {
        self.state().clients.len()
    }

    fn end(&self, how: Shutdown) {
        let mut state = self.state();
        state.stopped = true;
        for shut_down in state.listeners.values().chain(state.clients.values()) {
            shut_down(how);
        }
        drop(state);
        self.0.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, StopState> {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there are fewer than `most` clients; false if there are to be no more.
    pub(super) fn wait_for_room(&self, most: usize) -> bool {
        let mut state = self.state();
        while !state.stopped && state.clients.len() >= most {
            let waited = self.0.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }

    /// Waits for a while, or until something happens.
    pub(super) fn wait_for(&self, time: Duration) {
        let state = self.state();
        if !state.stopped {
            drop(self.0.changed.wait_timeout(state, time));
        }
    }

    /// Counts a listener in.
    pub(super) fn listening(&self, handle: ShutDown) -> Counted<'_> {
        let mut state = self.state();
        let number = state.number();
        if state.stopped {
            handle(Shutdown::Read);
        }
        state.listeners.insert(number, handle);
        Counted { stop: self, number }
    }

    /// Counts a client in; none if there are to be no more.
    pub(super) fn admit(&self, handle: ShutDown) -> Option<Counted<'_>> {
        let mut state = self.state();
        if state.stopped {
            return None;
        }
        let number = state.number();
        state.clients.insert(number, handle);
        Some(Counted { stop: self, number })
    }
}

impl StopState {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// A listener or a client, until it is dropped.
pub(super) struct Counted<'s> {
    stop: &'s Stop,
    number: u64,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut state = self.stop.state();
        state.listeners.remove(&self.number);
        state.clients.remove(&self.number);
        drop(state);
        self.stop.0.changed.notify_all();
    }
}
