//! Serving clients on tokio: many at once on one thread, each with one request after the other, and urgent ones beside them.
//!
//! ```no_run
//! # async fn example(dispatcher: qapi_runtime::Dispatcher<impl qapi_runtime::AsyncService + 'static>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use qapi_runtime::server::tokio::{Server, Stop};
//! use tokio::net::UnixListener;
//!
//! let stop = Stop::new();
//! let server = Server::new(dispatcher).with_clients(16);
//! server.listen(UnixListener::bind("agent.sock")?, &stop).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! * **Answers come in the order of their requests**, except that a request to be executed out of band is run as soon as it
//!   is read, beside the one that runs, and answered as soon as it is done.
//! * **Memory is bounded**: for each client what a half request takes, eight requests that wait, and one answer; while eight
//!   wait, no more are read. Clients beyond [`Server::with_clients`] wait to be accepted.
//! * **Stopping** accepts nobody and reads nothing any more; what has been read is answered first.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{Mutex, Semaphore, mpsc, watch};
use tokio::time::sleep;

use super::{AsyncService, Dispatcher};
use crate::channel::{Arrival, First, Reader, WriteEnd, both, race, split};
use crate::stream::is_disconnect;
use crate::wire::{Document, Limits, WireError};

/// Requests of a client that wait: so many QEMU takes, too.
const WAITING: usize = 8;

/// Clients at a time, unless told otherwise.
const CLIENTS: usize = 64;

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

/// Ends servers in good order. Clones end the same.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Something to stop with.
    pub fn new() -> Self {
        Self::default()
    }

    /// No client is accepted any more, and no request read. Requests that have been read are answered.
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

/// Serves a service to any number of clients.
#[derive(Debug)]
pub struct Server<S> {
    dispatcher: Arc<Dispatcher<S>>,
    limits: Limits,
    clients: usize,
}

impl<S: AsyncService + 'static> Server<S> {
    /// A server with the limits of the reference, for up to 64 clients.
    pub fn new(dispatcher: Dispatcher<S>) -> Self {
        Self {
            dispatcher: Arc::new(dispatcher),
            limits: Limits::default(),
            clients: CLIENTS,
        }
    }

    /// Sets the limits of requests.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many clients are served at a time, at least one.
    #[must_use]
    pub fn with_clients(mut self, clients: usize) -> Self {
        self.clients = clients.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The dispatcher.
    pub fn dispatcher(&self) -> &Arc<Dispatcher<S>> {
        &self.dispatcher
    }

    /// Serves one client until it goes away, or until `stop`.
    ///
    /// # Errors
    /// The stream failed otherwise than by the client's going away.
    pub async fn serve<T>(&self, stream: T, stop: &Stop) -> io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + 'static,
    {
        serve(&self.dispatcher, stream, self.limits, stop).await
    }

    /// Serves all clients that connect until `stop`, and returns when the last one has been served. If the future is dropped,
    /// nobody is accepted any more, but those that are there are served on.
    pub async fn listen<L: Listen>(&self, mut listener: L, stop: &Stop) {
        let room = Arc::new(Semaphore::new(self.clients));
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
            let (dispatcher, limits, stop) =
                (Arc::clone(&self.dispatcher), self.limits, stop.clone());
            tokio::spawn(async move {
                // Whatever has failed, this client has gone.
                drop(serve(&dispatcher, stream, limits, &stop).await);
                drop(permit);
            });
        }
        let everybody = u32::try_from(self.clients).unwrap_or(u32::MAX);
        drop(room.acquire_many(everybody).await);
    }
}

/// Something that a client has sent.
enum Task {
    Request(Document),
    Malformed(WireError),
}

async fn serve<S, T>(
    dispatcher: &Dispatcher<S>,
    stream: T,
    limits: Limits,
    stop: &Stop,
) -> io::Result<()>
where
    S: AsyncService,
    T: AsyncRead + AsyncWrite + Send + 'static,
{
    let (reader, writer) = split(stream);
    let writer = Mutex::new(writer);
    let (queue, tasks) = mpsc::channel(WAITING);
    let urgent = mpsc::channel(1);
    let (urgent_queue, urgent_tasks) = urgent;
    let read = read(
        dispatcher,
        Reader::new(reader, limits),
        queue,
        urgent_queue,
        stop,
    );
    let work = both(
        work(dispatcher, tasks, &writer),
        work(dispatcher, urgent_tasks, &writer),
    );
    match both(read, work).await {
        Err(error) if is_disconnect(&error) => Ok(()),
        result => result,
    }
}

/// Reads requests until there are no more, or until `stop`.
async fn read<S: AsyncService, T: AsyncRead>(
    dispatcher: &Dispatcher<S>,
    mut reader: Reader<T>,
    queue: mpsc::Sender<Task>,
    urgent: mpsc::Sender<Task>,
    stop: &Stop,
) -> io::Result<()> {
    loop {
        let arrival = match race(stop.stopped(), reader.next()).await {
            First::One(()) | First::Other(Ok(Arrival::Closed)) => return Ok(()),
            First::Other(arrival) => arrival?,
        };
        let (queue, task) = match arrival {
            Arrival::Document if dispatcher.is_urgent(reader.document()) => {
                (&urgent, Task::Request(reader.take_document()))
            }
            Arrival::Document => (&queue, Task::Request(reader.take_document())),
            Arrival::Malformed(error) => (&queue, Task::Malformed(error)),
            Arrival::Closed => return Ok(()),
        };
        // Nobody receives when writing has failed, which ends this, too.
        if queue.send(task).await.is_err() {
            return Ok(());
        }
    }
}

/// Answers requests in their order.
async fn work<S: AsyncService, T: AsyncWrite>(
    dispatcher: &Dispatcher<S>,
    mut tasks: mpsc::Receiver<Task>,
    writer: &Mutex<WriteEnd<T>>,
) -> io::Result<()> {
    while let Some(task) = tasks.recv().await {
        let mut answer = Vec::new();
        match &task {
            Task::Request(document) => dispatcher.respond_async(document, &mut answer).await,
            Task::Malformed(error) => dispatcher.respond_error(error, &mut answer),
        }
        // The request may be large, and so may the answer.
        drop(task);
        if !answer.is_empty() {
            let mut writer = writer.lock().await;
            writer.write_all(&answer).await?;
            writer.flush().await?;
        }
    }
    Ok(())
}
