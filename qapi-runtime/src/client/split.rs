//! A blocking client in two halves: one for commands, one for events, in threads of their own.

use std::io;
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attached::AttachedDescriptors;
use super::blocking::{Adjusted, Client};
use super::blocking_exchange::Protocol;
use super::call_errors::timed_out;
use super::connection::Connection;
use super::deadline::Deadline;
use super::error::{ClientError, ClientErrorKind};
use super::events::{Events, Revive};
use super::execute::Execute;
#[cfg(all(unix, feature = "descriptors"))]
use super::named_descriptor::NamedDescriptor;
use super::options::Options;
use super::subscription::{Hub, Subscription};
use super::transport::{SplitTransport, Transport};
use crate::command::Command;
use crate::introspect::ServerCommands;
use crate::value::{Any, Object};

/// The half of a blocking client that executes commands, made by [`Client::split`].
///
/// Clones share the connection and make their calls one after the other. The connection ends with the last clone and
/// the last subscriber.
#[derive(Debug)]
pub struct Commands<T: Transport> {
    turns: Arc<Turns<T>>,
    hub: Arc<Hub>,
    options: Arc<Options>,
    name: Arc<str>,
    timeout: Option<Duration>,
    attached: AttachedDescriptors,
}

impl<T: Transport> Clone for Commands<T> {
    fn clone(&self) -> Self {
        Self {
            turns: Arc::clone(&self.turns),
            hub: Arc::clone(&self.hub),
            options: Arc::clone(&self.options),
            name: Arc::clone(&self.name),
            timeout: self.timeout,
            attached: self.attached.clone(),
        }
    }
}

impl<T: SplitTransport> Client<T> {
    /// Splits a client of a QMP server into a half that executes commands and one that gets events, for threads of their own.
    ///
    /// A thread reads for both of them. The second half gets the events kept so far first.
    ///
    /// ```no_run
    /// use std::os::unix::net::UnixStream;
    /// use qapi_runtime::{Client, Object, Options};
    ///
    /// let qemu = Client::qmp(UnixStream::connect("/run/vm1/qmp.sock")?, Options::default())?;
    /// let (mut commands, events) = qemu.split()?;
    /// std::thread::spawn(move || {
    ///     for event in events {
    ///         println!("{event:?}");
    ///     }
    /// });
    /// commands.call("system_powerdown", &Object::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The server is a guest agent, which sends no events, or the system has no thread or handle left.
    pub fn split(mut self) -> Result<(Commands<T>, Events), ClientError> {
        /// Another handle reads, as the client's own writes.
        fn read_apart<T: SplitTransport>(
            connection: &mut Connection<T>,
            hub: &Arc<Hub>,
        ) -> io::Result<()> {
            let reader = connection.transport.try_clone()?;
            connection.read_apart(reader, hub)
        }
        let (Protocol::Qmp(_), Some(inbox)) = (&self.exchange.protocol, self.inbox.take()) else {
            let reason = "a guest agent sends no events".into();
            let error = ClientError::of_connection(ClientErrorKind::Protocol(reason));
            return Err(self.named(error));
        };
        self.exchange.read_apart = Some(read_apart);
        if !self.exchange.lost {
            let started = read_apart(&mut self.exchange.connection, &self.exchange.hub);
            started.map_err(|error| {
                self.named(ClientError::of_connection(ClientErrorKind::Io(error)))
            })?;
        }
        Ok(halves(self, inbox))
    }
}

/// Returns the halves of a client whose events a thread publishes.
fn halves<T: Transport + Send + 'static>(
    client: Client<T>,
    inbox: Subscription,
) -> (Commands<T>, Events) {
    let (hub, options) = (Arc::clone(client.hub()), Arc::new(client.options().clone()));
    let name = client.name().into();
    let turns = Arc::new(Turns {
        busy: Mutex::new(false),
        freed: Condvar::new(),
        client: Mutex::new(client),
    });
    let events = Events::new(inbox, Arc::clone(&turns) as _);
    let commands = Commands {
        turns,
        hub,
        timeout: options.timeout,
        options,
        name,
        attached: AttachedDescriptors::default(),
    };
    (commands, events)
}

impl<T: Transport + Send + 'static> Commands<T> {
    /// Returns a subscription to all events from now on, beside those that there are.
    pub fn subscribe(&self) -> Events {
        Events::new(self.hub.subscribe(), Arc::clone(&self.turns) as _)
    }
}

impl<T: Transport> Commands<T> {
    /// Returns the same half with another time-out for each call; `None` waits forever. It covers the wait for calls of
    /// others, too.
    #[must_use]
    pub fn with_timeout(&self, timeout: impl Into<Option<Duration>>) -> Self {
        Self {
            timeout: timeout.into(),
            ..self.clone()
        }
    }

    /// Returns the same half with file descriptors that each call takes along: see [`Client::with_descriptors`].
    #[cfg(all(unix, feature = "descriptors"))]
    #[must_use]
    pub fn with_descriptors<D: AsFd>(&self, descriptors: impl IntoIterator<Item = D>) -> Self {
        Self {
            attached: AttachedDescriptors::new(descriptors),
            ..self.clone()
        }
    }

    /// Same as [`Client::send_descriptor`].
    ///
    /// # Errors
    /// See [`ClientError`].
    #[cfg(all(unix, feature = "descriptors"))]
    pub fn send_descriptor(
        &mut self,
        descriptor: impl AsFd,
    ) -> Result<NamedDescriptor, ClientError> {
        self.run("getfd", |client| client.send_descriptor(descriptor))
    }

    /// Same as [`Client::call`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        self.run(name, |client| client.call(name, arguments))
    }

    /// Same as [`Client::call_silent`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        self.run(name, |client| client.call_silent(name, arguments))
    }

    /// Same as [`Client::execute_out_of_band`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn execute_out_of_band<C: Command>(
        &mut self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        self.run(C::NAME, |client| client.execute_out_of_band(command))
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Makes a call when it is its turn.
    fn run<R>(
        &self,
        name: &str,
        call: impl FnOnce(&mut Adjusted<'_, T>) -> Result<R, ClientError>,
    ) -> Result<R, ClientError> {
        let deadline = Deadline::after(self.timeout);
        let Some(mut turn) = self.turns.wait(deadline) else {
            return Err(timed_out(name).at(&*self.name));
        };
        let attached = self.attached.clone();
        let mut client = Adjusted::new(&mut turn.client, deadline.left(), attached);
        call(&mut client)
    }
}

impl<T: Transport> Execute for Commands<T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.run(C::NAME, |client| client.execute(command))
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        self.run("query-commands", |client| client.server_commands())
    }
}

/// A client that callers use in turn. Unlike with a lock alone, no caller waits longer than its time-out.
#[derive(Debug)]
struct Turns<T: Transport> {
    busy: Mutex<bool>,
    freed: Condvar,
    client: Mutex<Client<T>>,
}

/// A caller's turn; the next one begins when it is dropped.
struct Turn<'a, T: Transport> {
    client: MutexGuard<'a, Client<T>>,
    _end: End<'a>,
}

/// The end of a turn.
struct End<'a> {
    busy: &'a Mutex<bool>,
    freed: &'a Condvar,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.freed.notify_one();
    }
}

impl<T: Transport> Turns<T> {
    /// Waits for a turn; `None` if the time is over first.
    fn wait(&self, deadline: Deadline) -> Option<Turn<'_, T>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        while *busy {
            busy = match deadline.left() {
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    let waited = self.freed.wait_timeout(busy, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.freed.wait(busy);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        *busy = true;
        drop(busy);
        let end = End {
            busy: &self.busy,
            freed: &self.freed,
        };
        Some(Turn {
            client: self.client.lock().unwrap_or_else(PoisonError::into_inner),
            _end: end,
        })
    }
}

impl<T: Transport + Send> Revive for Turns<T> {
    fn revive(&self, deadline: Deadline) -> Option<Result<(), ClientError>> {
        let mut turn = self.wait(deadline)?;
        Some(turn.client.revive(deadline))
    }
}
