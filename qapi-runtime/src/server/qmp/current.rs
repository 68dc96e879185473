//! The command that a thread runs: its client, and the descriptors that came with it.

use std::cell::{Cell, RefCell};
#[cfg(feature = "tokio")]
use std::future::{Future, poll_fn};
#[cfg(feature = "tokio")]
use std::pin::pin;

use super::clients::ClientId;
use crate::incoming_descriptors::Descriptor;

thread_local! {
    static CURRENT: Cell<Option<ClientId>> = const { Cell::new(None) };
    static DESCRIPTORS: RefCell<Vec<Descriptor>> = const { RefCell::new(Vec::new()) };
}

/// Returns the client of a [`QmpServer`](super::QmpServer) whose command this thread runs, if it runs one. For handlers
/// that emit an event to that client only, or treat clients differently.
pub fn current_client() -> Option<ClientId> {
    CURRENT.get()
}

/// Takes the file descriptors that came, over a Unix socket, with the command that this thread runs, in their order. For
/// handlers of commands such as `getfd` and `add-fd`. Descriptors that are not taken are closed when the command ends.
///
/// All servers receive them, but for [`serve`](crate::serve) over a stream of any kind: at most
/// [`MOST`](crate::descriptors::MOST) with a command, which are those of the last write. As long as commands wait, so do their
/// descriptors: up to ten times as many for each client.
///
/// ```
/// use std::os::fd::OwnedFd;
/// use qapi_runtime::{Error, server};
///
/// fn getfd(name: &str) -> Result<OwnedFd, Error> {
///     let mut descriptors = server::take_descriptors();
///     descriptors.pop().ok_or_else(|| Error::generic(format!("no file descriptor came for {name}")))
/// }
/// # assert!(getfd("disk0").is_err());
/// ```
#[cfg(all(unix, feature = "descriptors"))]
pub fn take_descriptors() -> Vec<Descriptor> {
    DESCRIPTORS.take()
}

/// Runs a command of a client with the descriptors that came with it. The earlier command and the remaining descriptors
/// are restored afterwards.
pub(in crate::server) fn run_for<T>(
    client: Option<ClientId>,
    descriptors: &mut Vec<Descriptor>,
    run: impl FnOnce() -> T,
) -> T {
    let restore = RestoreCommand {
        client: CURRENT.replace(client),
        descriptors: DESCRIPTORS.replace(std::mem::take(descriptors)),
    };
    let result = run();
    *descriptors = DESCRIPTORS.take();
    drop(restore);
    result
}

/// Waits for a command of a client; `None` means no particular client.
#[cfg(feature = "tokio")]
pub(in crate::server) async fn within<F: Future>(
    client: Option<ClientId>,
    mut descriptors: Vec<Descriptor>,
    future: F,
) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| run_for(client, &mut descriptors, || future.as_mut().poll(context))).await
}

/// Restores the earlier command, also after a panic.
struct RestoreCommand {
    client: Option<ClientId>,
    descriptors: Vec<Descriptor>,
}

impl Drop for RestoreCommand {
    fn drop(&mut self) {
        CURRENT.set(self.client);
        DESCRIPTORS.set(std::mem::take(&mut self.descriptors));
    }
}
