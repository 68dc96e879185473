//! Stopping servers on tokio.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops servers gracefully. Clones stop the same servers.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Creates a handle for stopping servers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops accepting clients and reading requests. Requests that have been read are answered.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Returns true if it has been stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the end.
    pub async fn stopped(&self) {
        // The sender is in `self`.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}
