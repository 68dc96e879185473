//! The client whose command runs.

use std::cell::Cell;
#[cfg(feature = "tokio")]
use std::future::{Future, poll_fn};
#[cfg(feature = "tokio")]
use std::pin::pin;

use super::clients::ClientId;

thread_local! {
    static CURRENT: Cell<Option<ClientId>> = const { Cell::new(None) };
}

/// The client of a [`QmpServer`](super::QmpServer) whose command this thread runs, if it runs one. For handlers that emit an
/// event to that client only, or treat clients differently.
pub fn current_client() -> Option<ClientId> {
    CURRENT.get()
}

/// Runs something for a client.
pub(super) fn run_for<T>(client: ClientId, run: impl FnOnce() -> T) -> T {
    let _restore = RestoreClient(CURRENT.replace(Some(client)));
    run()
}

/// Waits for something that happens for a client; `None` is nobody in particular.
#[cfg(feature = "tokio")]
pub(in crate::server) async fn within<F: Future>(client: Option<ClientId>, future: F) -> F::Output {
    let Some(client) = client else {
        return future.await;
    };
    let mut future = pin!(future);
    poll_fn(|context| run_for(client, || future.as_mut().poll(context))).await
}

/// Puts the client back that was there before, also after a panic.
struct RestoreClient(Option<ClientId>);

impl Drop for RestoreClient {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}
