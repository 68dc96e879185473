//! Limits of servers.

use std::time::Duration;

use crate::connection_input::ConnectionInput;
use crate::stream::StallWatch;
use crate::wire::{Limits, MemoryBudget};

/// Limits of a server: of each request, of each client, and of all clients together.
///
/// All servers hold them, in threads and on tokio. The limit of noise cannot be changed: a client that sends a MiB
/// without a request, such as blanks and 0xFF, or 65,536 mistakes in a row, gets an error and is disconnected.
///
/// The defaults suit a server that untrusted clients can connect to:
///
/// ```
/// use std::time::Duration;
/// use qapi_runtime::server::ServerLimits;
///
/// let limits = ServerLimits::default();
/// assert_eq!(limits.clients, 64);
/// assert_eq!(limits.memory, 256 << 20);
/// let patient = limits.with_idle_timeout(None).with_request_timeout(Duration::from_secs(300));
/// # let _ = patient;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// The limits of each request: those of the reference by default.
    pub request: Limits,
    /// Clients at a time: 64 by default, at least one. Further clients wait to be accepted.
    pub clients: usize,
    /// Bytes of memory for requests, unfinished ones included, and replies of all clients: 256 MiB by default.
    ///
    /// A request that does not fit is answered with an error, and its client goes on. Small requests, of up to about
    /// 64 KiB, always fit. The memory of the service itself is not counted, nor are a buffer of 64 KiB and a thread's
    /// stack for each client.
    pub memory: usize,
    /// The time without a request after which a client is disconnected: one hour by default. Time in which its requests
    /// run does not count.
    pub idle_timeout: Option<Duration>,
    /// The time from the first byte of a request to the last: 30 seconds by default. A client that takes longer gets an
    /// error and is disconnected.
    pub request_timeout: Option<Duration>,
    /// The time after which a client that reads nothing of its output is disconnected: 30 seconds by default.
    pub reply_timeout: Option<Duration>,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            request: Limits::default(),
            clients: 64,
            memory: 256 << 20,
            idle_timeout: Some(Duration::from_secs(3600)),
            request_timeout: Some(Duration::from_secs(30)),
            reply_timeout: Some(Duration::from_secs(30)),
        }
    }
}

impl ServerLimits {
    /// Sets the limits of each request.
    #[must_use]
    pub fn with_request(mut self, request: Limits) -> Self {
        self.request = request;
        self
    }

    /// Sets the number of clients at a time.
    #[must_use]
    pub fn with_clients(mut self, clients: usize) -> Self {
        self.clients = clients.max(1);
        self
    }

    /// Sets the bytes that requests and replies take, over all clients.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets the time without a request after which a client is disconnected; `None` is never.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = timeout.into();
        self
    }

    /// Sets the time that a request may take to come; `None` waits forever.
    #[must_use]
    pub fn with_request_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.request_timeout = timeout.into();
        self
    }

    /// Sets the time in which a client may take nothing of what is sent to it; `None` waits forever.
    #[must_use]
    pub fn with_reply_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.reply_timeout = timeout.into();
        self
    }

    /// Returns the input from a new client, whose memory comes out of `budget`.
    pub(super) fn incoming(&self, budget: &MemoryBudget) -> ConnectionInput {
        ConnectionInput::of_client(self.request, budget.share(), self.watch())
    }

    /// Returns a watch of a new client.
    pub(super) fn watch(&self) -> StallWatch {
        StallWatch::new(self.idle_timeout, self.request_timeout)
    }
}
