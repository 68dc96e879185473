//! Serving clients on tokio: many at once on one thread, each with one request after the other, and urgent ones beside them.
//!
//! ```no_run
//! # async fn example(dispatcher: qapi_runtime::Dispatcher<impl qapi_runtime::AsyncService + 'static>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use qapi_runtime::server::ServerLimits;
//! use qapi_runtime::server::tokio::{Server, Stop};
//! use tokio::net::UnixListener;
//!
//! let stop = Stop::new();
//! let server = Server::new(dispatcher).with_limits(ServerLimits::default().with_clients(16));
//! server.listen(UnixListener::bind("agent.sock")?, &stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//!
//! * **Answers come in the order of their requests**, except that a request to be executed out of band is run, or refused, as
//!   soon as it is read, beside the one that runs, and answered as soon as it is done.
//! * **Memory is bounded** over all clients by [`ServerLimits::memory`]. While eight requests of a client wait, no more
//!   are read, nor while it does not read its answers. Further clients wait to be accepted.
//! * **Clients that stall are disconnected**: after the times of [`ServerLimits`], for which the runtime's clock must be
//!   enabled.
//! * **Stopping** ends accepting and reading; requests that have been read are answered first.

mod connection;
mod listen;
mod qmp;
mod respond;
mod stop;

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

pub use self::listen::Listen;
use self::listen::accept_all;
pub use self::qmp::QmpServer;
pub(crate) use self::qmp::respond_to;
pub use self::stop::Stop;
use super::outbox::Outbox;
use super::{AsyncService, Dispatcher, ServerLimits};
use crate::wire::MemoryBudget;

/// Serves a service to any number of clients.
#[derive(Debug)]
pub struct Server<S> {
    dispatcher: Arc<Dispatcher<S>>,
    limits: ServerLimits,
}

impl<S: AsyncService + 'static> Server<S> {
    /// Creates a server with the default limits.
    pub fn new(dispatcher: Dispatcher<S>) -> Self {
        Self {
            dispatcher: Arc::new(dispatcher),
            limits: ServerLimits::default(),
        }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns the dispatcher.
    pub fn dispatcher(&self) -> &Arc<Dispatcher<S>> {
        &self.dispatcher
    }

    /// Serves one client until it goes away, or until `stop`.
    ///
    /// # Errors
    /// The stream failed, other than by the client closing it, or the client stalled.
    pub async fn serve<T>(&self, stream: T, stop: &Stop) -> io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + 'static,
    {
        let budget = MemoryBudget::new(self.limits.memory);
        let outbox = Outbox::new(budget.share());
        let (dispatcher, limits) = (&*self.dispatcher, &self.limits);
        connection::serve(dispatcher, stream, limits, &budget, &outbox, None, stop).await
    }

    /// Serves all clients that connect until `stop`, and returns when the last one has been served. If the future is
    /// dropped, no more clients are accepted, but connected ones are still served. A failure for one client ends only
    /// that client; the feature `tracing` logs it.
    pub async fn listen<L: Listen>(&self, listener: L, stop: &Stop) {
        let budget = MemoryBudget::new(self.limits.memory);
        accept_all(listener, self.limits.clients, stop, |stream| {
            let (dispatcher, limits) = (Arc::clone(&self.dispatcher), self.limits.clone());
            let (budget, stop) = (budget.clone(), stop.clone());
            async move {
                let outbox = Outbox::new(budget.share());
                let dispatcher = &*dispatcher;
                connection::serve(dispatcher, stream, &limits, &budget, &outbox, None, &stop).await
            }
        })
        .await;
    }
}
