//! Logs of what happens to the clients of servers, for whoever runs the server: target `qapi`.

use std::io;

/// The clients of a listener, which are numbered in the logs as they connect.
#[derive(Debug, Default)]
pub(super) struct ClientLog {
    connected: u64,
    cannot_accept: bool,
}

/// A client in the logs.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoggedClient(u64);

impl ClientLog {
    /// Logs that a client has connected.
    pub(super) fn connected(&mut self) -> LoggedClient {
        self.connected += 1;
        self.cannot_accept = false;
        log::connected(self.connected);
        LoggedClient(self.connected)
    }

    /// The system has no resources for another client. Logged once until the next client connects, as it is tried again
    /// and again.
    pub(super) fn cannot_accept(&mut self, error: &io::Error) {
        if !self.cannot_accept {
            log::cannot_accept(error);
        }
        self.cannot_accept = true;
    }
}

impl LoggedClient {
    /// The client is gone, or disconnected for an error.
    pub(super) fn ended(self, result: &io::Result<()>) {
        match result {
            Ok(()) => log::gone(self.0),
            Err(error) => log::disconnected(self.0, error),
        }
    }
}

#[cfg(feature = "tracing")]
mod log {
    use std::io;

    use tracing::{debug, warn};

    pub(super) fn connected(client: u64) {
        debug!(target: "qapi", client, "client connected");
    }

    pub(super) fn gone(client: u64) {
        debug!(target: "qapi", client, "client gone");
    }

    pub(super) fn disconnected(client: u64, error: &io::Error) {
        warn!(target: "qapi", client, %error, "client disconnected");
    }

    pub(super) fn cannot_accept(error: &io::Error) {
        warn!(target: "qapi", %error, "no client can be accepted");
    }
}

#[cfg(not(feature = "tracing"))]
mod log {
    use std::io;

    pub(super) fn connected(_: u64) {}
    pub(super) fn gone(_: u64) {}
    pub(super) fn disconnected(_: u64, _: &io::Error) {}
    pub(super) fn cannot_accept(_: &io::Error) {}
}
