//! Several clients at once over blocking streams, a thread each.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

use super::serve::ServedClient;
use super::trace::ClientLog;
use super::{ClientStream, Dispatcher, ServerLimits, Service, ShutDown, Stop};
use crate::wire::MemoryBudget;

/// The pause when the system has no resources for another client.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The time to wait for a connection that ends waiting for others.
const WAKE_TIMEOUT: Duration = Duration::from_secs(1);

/// A socket that clients connect to.
pub trait Listener {
    /// The stream to a client.
    type Stream: ClientStream;

    /// Waits for the next client.
    fn accept(&self) -> io::Result<Self::Stream>;

    /// Returns the function that ends [`accept`](Listener::accept).
    fn handle(&self) -> io::Result<ShutDown>;
}

#[cfg(unix)]
impl Listener for UnixListener {
    type Stream = UnixStream;

    fn accept(&self) -> io::Result<UnixStream> {
        Self::accept(self).map(|(stream, _)| stream)
    }

    fn handle(&self) -> io::Result<ShutDown> {
        let address = self.local_addr()?;
        let socket = UnixStream::from(OwnedFd::from(self.try_clone()?));
        Ok(Box::new(move |how| {
            // The first is done here, the other elsewhere.
            drop(socket.shutdown(how));
            drop(UnixStream::connect_addr(&address));
        }))
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = Self::accept(self)?;
        // Replies are small and waited for.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn handle(&self) -> io::Result<ShutDown> {
        let address = self.local_addr()?;
        // If the queue of connections is full, accepting ends without another one.
        Ok(Box::new(move |_| {
            drop(TcpStream::connect_timeout(&address, WAKE_TIMEOUT));
        }))
    }
}

/// Serves the clients that connect, within `limits`, until [`Stop::stop`]. Returns when the last client has been served.
///
/// Each client has a thread and waits for no other. Handlers [take](super::take_descriptors) the file descriptors that come
/// with their commands over a Unix socket.
///
/// ```no_run
/// use std::os::unix::net::UnixListener;
/// use qapi_runtime::server::{Dispatcher, ServerLimits, Service, Stop, listen};
///
/// fn run(dispatcher: &Dispatcher<impl Service + Sync>, stop: &Stop) -> std::io::Result<()> {
///     let limits = ServerLimits::default().with_clients(16);
///     listen(dispatcher, &UnixListener::bind("agent.sock")?, &limits, stop)
/// }
/// ```
///
/// # Errors
/// The listener cannot be duplicated. A failure for one client ends only that client; the feature `tracing` logs it.
pub fn listen<S, L>(
    dispatcher: &Dispatcher<S>,
    listener: &L,
    limits: &ServerLimits,
    stop: &Stop,
) -> io::Result<()>
where
    S: Service + Sync,
    L: Listener,
    for<'s> &'s L::Stream: Read + Write,
{
    let budget = MemoryBudget::new(limits.memory);
    accept_all(listener, limits, stop, &|stream| {
        let connection = ServedClient::new(&stream, limits, &budget);
        connection.serve(dispatcher, &|| !stop.is_stopped())
    })
}

/// Accepts clients within `limits` until [`Stop::stop`], and serves each in a thread. Returns when the last one has been
/// served.
pub(super) fn accept_all<L: Listener>(
    listener: &L,
    limits: &ServerLimits,
    stop: &Stop,
    serve: &(impl Fn(L::Stream) -> io::Result<()> + Sync),
) -> io::Result<()> {
    let _listening = stop.listening(listener.handle()?);
    let mut log = ClientLog::default();
    thread::scope(|scope| {
        while stop.wait_for_room(limits.clients.max(1)) {
            let stream = match listener.accept() {
                Ok(stream) => stream,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    log.cannot_accept(&error);
                    stop.wait_for(ACCEPT_PAUSE);
                    continue;
                }
            };
            let prepared = stream
                .set_write_timeout(limits.reply_timeout)
                .and_then(|()| stream.shut_down());
            let handle = match prepared {
                Ok(handle) => handle,
                Err(error) => {
                    log.connected().ended(&Err(error));
                    continue;
                }
            };
            let Some(client) = stop.admit(handle) else {
                break;
            };
            let logged = log.connected();
            let serve = move || {
                let _client = client;
                logged.ended(&serve(stream));
            };
            let name = "qapi client".to_owned();
            let thread = thread::Builder::new().name(name).spawn_scoped(scope, serve);
            // Without a thread for it, the client is gone.
            if let Err(error) = thread {
                logged.ended(&Err(error));
            }
        }
    });
    Ok(())
}
