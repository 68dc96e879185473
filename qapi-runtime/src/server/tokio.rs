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
//! # What holds
//!
//! * **Answers come in the order of their requests**, except that a request to be executed out of band is run as soon as it
//!   is read, beside the one that runs, and answered as soon as it is done.
//! * **Memory is bounded** over all clients by [`ServerLimits::memory`]. While eight requests of a client wait, no more
//!   are read, nor while it does not read its answers. Clients that are too many wait to be accepted.
//! * **Clients that stall are disconnected**: after the times of [`ServerLimits`], for which the runtime's clock must be
//!   enabled.
//! * **Stopping** accepts nobody and reads nothing any more; what has been read is answered first.

mod connection;
mod stop;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

pub use self::stop::Stop;
use super::{AsyncService, Dispatcher, ServerLimits};
use crate::channel::{First, race};
use crate::wire::MemoryBudget;

/// The pause when the system has no resources for another client.
const BREATHER: Duration = Duration::from_millis(100);

/// Something that clients connect to.
pub trait Listen: Send {
    /// The stream to a client.
    type Stream: AsyncRead + AsyncWrite + Send + 'static;

    /// Waits for the next client. Nobody is lost if the future is dropped.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

#[cfg(unix)]
impl Listen for UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        Self::accept(self).await.map(|(stream, _)| stream)
    }
}

impl Listen for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        let (stream, _) = Self::accept(self).await?;
        // Replies are small and waited for.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Serves a service to any number of clients.
#[derive(Debug)]
pub struct Server<S> {
    dispatcher: Arc<Dispatcher<S>>,
    limits: ServerLimits,
}

impl<S: AsyncService + 'static> Server<S> {
    /// A server with the default limits.
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

    /// The dispatcher.
    pub fn dispatcher(&self) -> &Arc<Dispatcher<S>> {
        &self.dispatcher
    }

    /// Serves one client until it goes away, or until `stop`.
    ///
    /// # Errors
    /// The stream failed otherwise than by the client's going away, or the client stalled.
    pub async fn serve<T>(&self, stream: T, stop: &Stop) -> io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + 'static,
    {
        let budget = MemoryBudget::new(self.limits.memory);
        connection::serve(&self.dispatcher, stream, &self.limits, &budget, stop).await
    }

    /// Serves all clients that connect until `stop`, and returns when the last one has been served. If the future is dropped,
    /// nobody is accepted any more, but those that are there are served on.
    pub async fn listen<L: Listen>(&self, mut listener: L, stop: &Stop) {
        let clients = self.limits.clients.clamp(1, Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(clients));
        let budget = MemoryBudget::new(self.limits.memory);
        loop {
            let next = async {
                let permit = Arc::clone(&room).acquire_owned().await;
                (permit, listener.accept().await)
            };
            let (permit, stream) = match race(stop.stopped(), next).await {
                First::One(()) => break,
                First::Other(next) => next,
            };
            let Ok(stream) = stream else {
                race(stop.stopped(), sleep(BREATHER)).await;
                continue;
            };
            let (dispatcher, limits) = (Arc::clone(&self.dispatcher), self.limits.clone());
            let (budget, stop) = (budget.clone(), stop.clone());
            tokio::spawn(async move {
                // Whatever has failed, this client has gone.
                drop(connection::serve(&dispatcher, stream, &limits, &budget, &stop).await);
                drop(permit);
            });
        }
        let everybody = u32::try_from(clients).unwrap_or(u32::MAX);
        drop(room.acquire_many(everybody).await);
    }
}
