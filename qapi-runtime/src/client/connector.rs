//! Connecting and reconnecting, within a deadline.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::backoff::Backoff;
use super::blocking_exchange::BlockingExchange;
use super::call_errors::{closed, timed_out};
use super::deadline::Deadline;
use super::error::{ClientError, ClientErrorKind};
use super::options::Reconnect;
use super::transport::Transport;

/// Connects, and waits no longer than `timeout`; `None` waits forever.
///
/// `connect` may block: it runs on a thread of its own. Connecting to a Unix socket whose queue of connections is full
/// blocks until there is room, which may be never.
///
/// ```
/// use std::net::{TcpListener, TcpStream};
/// use std::time::Duration;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// let timeout = Duration::from_secs(2);
/// let stream = qapi_runtime::client::connect_within(timeout, move || TcpStream::connect(address))?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The error of `connect`, or one of kind `TimedOut`.
pub fn connect_within<T: Send + 'static>(
    timeout: impl Into<Option<Duration>>,
    connect: impl FnMut() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let attempt = Connector::new(connect).attempt(Deadline::after(timeout.into()));
    attempt.unwrap_or_else(|| {
        Err(io::Error::new(
            ErrorKind::TimedOut,
            "the server did not accept the connection in time; it may be busy with other clients",
        ))
    })
}

/// A function that connects. It runs on its own thread, because it may block without limit: a socket whose queue of
/// connections is full neither accepts nor refuses.
pub(super) struct Connector<T> {
    connect: Arc<Mutex<dyn FnMut() -> io::Result<T> + Send>>,
    /// An attempt that has not ended yet.
    running: Option<Receiver<io::Result<T>>>,
}

impl<T> fmt::Debug for Connector<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connector")
    }
}

impl<T: Send + 'static> Connector<T> {
    pub(super) fn new(connect: impl FnMut() -> io::Result<T> + Send + 'static) -> Self {
        Self {
            connect: Arc::new(Mutex::new(connect)),
            running: None,
        }
    }

    /// Connects once, or waits for an attempt that was begun earlier; none if the time runs out before.
    fn attempt(&mut self, deadline: Deadline) -> Option<io::Result<T>> {
        let running = match self.running.take() {
            Some(running) => running,
            None => match self.start() {
                Ok(running) => running,
                Err(error) => return Some(Err(error)),
            },
        };
        let result = match deadline.left() {
            Some(left) => running.recv_timeout(left),
            None => running.recv().map_err(RecvTimeoutError::from),
        };
        match result {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Timeout) => {
                self.running = Some(running);
                None
            }
            Err(RecvTimeoutError::Disconnected) => Some(Err(io::Error::other(
                "the function that connects has panicked",
            ))),
        }
    }

    /// Runs the function on a thread.
    fn start(&self) -> io::Result<Receiver<io::Result<T>>> {
        let connect = Arc::clone(&self.connect);
        let (sender, running) = sync_channel(1);
        thread::Builder::new()
            .name("qapi connect".to_owned())
            .spawn(move || {
                let mut connect = connect.lock().unwrap_or_else(PoisonError::into_inner);
                // The caller may have given up.
                let _ = sender.send(connect());
            })?;
        Ok(running)
    }
}

impl<T: Transport + Send + 'static> Connector<T> {
    /// Connects and begins the conversation, again and again until it works or the time is over.
    ///
    /// # Errors
    /// The error of the last attempt, or the first that another attempt would not change.
    pub(super) fn connect<R>(
        &mut self,
        backoff: &mut Backoff,
        deadline: Deadline,
        opening: &str,
        mut begin: impl FnMut(T) -> Result<R, ClientError>,
    ) -> Result<R, ClientError> {
        let mut last_error = None;
        loop {
            let Some(connected) = self.attempt(deadline) else {
                return Err(last_error.unwrap_or_else(|| timed_out(opening)));
            };
            let result = match connected {
                Ok(transport) => begin(transport),
                Err(error) => Err(ClientError::new(opening, ClientErrorKind::Io(error))),
            };
            match result {
                // No server is there yet, or a program in between found none.
                Err(error) if error.is_disconnect() => {
                    let pause = backoff.next();
                    let left = deadline.left().unwrap_or(pause);
                    thread::sleep(pause.min(left));
                    if deadline.is_over() {
                        return Err(error);
                    }
                    last_error = Some(error);
                }
                result => return result,
            }
        }
    }

    /// Gets a lost connection back for the call of command `name`, which may take until `deadline`.
    pub(super) fn restore(
        &mut self,
        exchange: &mut BlockingExchange<T>,
        policy: &Reconnect,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClientError> {
        let give_up = Deadline::after(policy.give_up);
        let attempt = exchange.options.connect_timeout;
        let restored = self.connect(
            &mut Backoff::new(policy),
            deadline.min(give_up),
            name,
            |transport| {
                exchange.renew(transport);
                let limit = deadline.min(give_up).min(Deadline::after(attempt));
                match exchange.open(limit) {
                    // A silent server may answer next time.
                    Err(error) if error.is_timeout() => Err(closed(name)),
                    result => result,
                }
            },
        );
        match restored {
            Ok(()) => {
                exchange.hub.reconnected();
                Ok(())
            }
            Err(error) if error.is_disconnect() || error.is_timeout() => {
                Err(if deadline.is_over() {
                    timed_out(name)
                } else {
                    closed(name)
                })
            }
            Err(error) => Err(error),
        }
    }
}
