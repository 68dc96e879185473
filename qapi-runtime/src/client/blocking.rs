//! The blocking client.

use std::fmt;
use std::io;
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::AsFd;
use std::sync::Arc;
#[cfg(all(unix, feature = "descriptors"))]
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::attached::AttachedDescriptors;
use super::backoff::Backoff;
use super::blocking_exchange::{BlockingExchange, CallEnd, Protocol, QmpConversation, UntypedCall};
use super::call_errors::{closed, timed_out};
use super::connector::Connector;
use super::deadline::Deadline;
use super::guest_sync::{LONGEST_ATTEMPT, Link};
use super::handshake::SYNCHRONISATION;
use super::message_reader::Received;
#[cfg(all(unix, feature = "descriptors"))]
use super::named_descriptor::{CLOSEFD, GETFD, NamedDescriptor, arguments, fresh_name};
use super::subscription::{Hub, Subscription};
use super::trace;
use super::{ClientError, ClientEvent, Execute, Options, Reconnect, Transport};
use crate::command::Command;
use crate::introspect::ServerCommands;
use crate::introspect::commands::{GuestInfo, QueryCommands};
use crate::read::Decode;
use crate::value::{Any, Object};
use crate::write::EncodeMembers;

/// Returns a conversation with a guest agent that has not begun.
fn guest() -> Protocol {
    Protocol::Guest(Link::default())
}

/// A client that blocks until a call is answered, fails or times out.
///
/// After a time-out or an oversized reply the client remains usable: it finds its next reply by synchronising with the
/// agent again, or by the `id` that QMP servers echo.
#[derive(Debug)]
pub struct Client<T: Transport> {
    pub(super) exchange: BlockingExchange<T>,
    restore: Reconnection<T>,
    /// The events that were not taken yet; none after [`split`](Client::split).
    pub(super) inbox: Option<Subscription>,
    /// Names of descriptors to close before the next call, and before waiting for an event.
    #[cfg(all(unix, feature = "descriptors"))]
    unneeded: Unneeded,
}

/// The function that makes a new connection, if the client has one.
struct Reconnection<T>(Option<Box<RestoreFn<T>>>);

type RestoreFn<T> = dyn FnMut(&mut BlockingExchange<T>, &Reconnect, &str, Deadline) -> Result<(), ClientError>
    + Send;

impl<T> fmt::Debug for Reconnection<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.is_some();
        formatter.debug_tuple("Restore").field(&known).finish()
    }
}

impl<T: Transport> Client<T> {
    /// Returns a client of a guest agent. Synchronises with it before it returns, so nothing stale is left in the channel.
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    pub fn guest(transport: T, options: Options) -> Result<Self, ClientError> {
        Self::open(transport, options, guest())
    }

    /// Returns a client of a QMP server: reads the greeting and leaves capability negotiation.
    ///
    /// # Errors
    /// There was no greeting within `connect_timeout`, or the server refused the capabilities.
    pub fn qmp(transport: T, options: Options) -> Result<Self, ClientError> {
        Self::open(transport, options, Protocol::Qmp(QmpConversation::new()))
    }

    fn open(transport: T, options: Options, protocol: Protocol) -> Result<Self, ClientError> {
        let deadline = Deadline::after(options.connect_timeout);
        let mut exchange = BlockingExchange::new(transport, options, protocol);
        let inbox = exchange.hub.subscribe();
        let opened = exchange.open(deadline);
        opened.map_err(|error| error.at(exchange.name.clone()))?;
        Ok(Self {
            exchange,
            restore: Reconnection(None),
            inbox: Some(inbox),
            #[cfg(all(unix, feature = "descriptors"))]
            unneeded: Unneeded::default(),
        })
    }

    /// Returns the client with another time-out for the calls made through the result; `None` waits forever.
    pub fn with_timeout(&mut self, timeout: impl Into<Option<Duration>>) -> Adjusted<'_, T> {
        self.adjusted().with_timeout(timeout)
    }

    /// Returns the client with file descriptors that each call made through the result takes along, for commands such as
    /// `getfd` and `add-fd`. The server gets copies, so they may be closed as soon as this returns.
    ///
    /// ```no_run
    /// use std::fs::File;
    /// use std::os::unix::net::UnixStream;
    /// use qapi_runtime::{Client, Object, Options};
    ///
    /// let mut qemu = Client::qmp(UnixStream::connect("/run/vm1/qmp.sock")?, Options::default())?;
    /// let image = File::open("/var/lib/vm1.qcow2")?;
    /// let added = qemu.with_descriptors([&image]).call("add-fd", &Object::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(all(unix, feature = "descriptors"))]
    pub fn with_descriptors<D: AsFd>(
        &mut self,
        descriptors: impl IntoIterator<Item = D>,
    ) -> Adjusted<'_, T> {
        self.adjusted().with_descriptors(descriptors)
    }

    /// Sends a file descriptor to a QMP server, by `getfd`, under a name that nothing else has.
    ///
    /// # Errors
    /// See [`ClientError`].
    #[cfg(all(unix, feature = "descriptors"))]
    pub fn send_descriptor(
        &mut self,
        descriptor: impl AsFd,
    ) -> Result<NamedDescriptor, ClientError> {
        self.adjusted().send_descriptor(descriptor)
    }

    fn adjusted(&mut self) -> Adjusted<'_, T> {
        Adjusted {
            timeout: self.exchange.options.timeout,
            attached: AttachedDescriptors::default(),
            client: self,
        }
    }

    /// Calls a command by name, without a schema.
    ///
    /// For commands that do not answer on success use [`call_silent`](Client::call_silent).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        self.adjusted().call(name, arguments)
    }

    /// Calls a command that answers success with silence, by name. Waits [`Options::silence`] for an error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        self.adjusted().call_silent(name, arguments)
    }

    /// Executes a command ahead of those that are running, if the server agreed to do so and the command allows it;
    /// otherwise like [`Execute::execute`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn execute_out_of_band<C: Command>(
        &mut self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        self.adjusted().execute_out_of_band(command)
    }

    /// Returns the greeting of a QMP server: the value of its greeting's `QMP`, with `version` and `capabilities`.
    pub fn greeting(&self) -> Option<&Object> {
        match &self.exchange.protocol {
            Protocol::Qmp(qmp) => Some(&qmp.negotiation.greeting),
            Protocol::Guest(_) => None,
        }
    }

    /// Returns the next event that was not taken yet: one received earlier, or else the first event within `timeout`.
    ///
    /// # Errors
    /// The connection failed or was closed.
    pub fn next_event(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<ClientEvent>, ClientError> {
        let deadline = Deadline::after(timeout.into());
        let result = self.wait_for_event(deadline);
        // No command is under way.
        result.map_err(|error| self.named(ClientError::of_connection(error.into_kind())))
    }

    fn wait_for_event(&mut self, deadline: Deadline) -> Result<Option<ClientEvent>, ClientError> {
        const WAITING: &str = "";
        loop {
            let event = self.inbox.as_ref().and_then(Subscription::pop);
            if event.is_some() || matches!(self.exchange.protocol, Protocol::Guest(_)) {
                return Ok(event);
            }
            if self.restore(WAITING, deadline)? {
                continue;
            }
            #[cfg(all(unix, feature = "descriptors"))]
            if self.close_descriptors(deadline) {
                continue;
            }
            match self.exchange.receive(WAITING, deadline)? {
                Received::TimedOut => return Ok(None),
                Received::Closed => return Err(closed(WAITING)),
                // Late replies, and what is not a message.
                Received::Document | Received::Malformed(_) | Received::Sentinel => {}
            }
        }
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.exchange.options
    }

    /// Returns the transport.
    pub fn transport(&self) -> &T {
        &self.exchange.connection.transport
    }

    /// Returns the transport back. Messages received but not taken are lost.
    pub fn into_transport(self) -> T {
        self.exchange.connection.transport
    }

    /// Makes a call and decodes its reply.
    fn request<R: Decode>(
        &mut self,
        call: &UntypedCall<'_>,
        timeout: Option<Duration>,
    ) -> Result<R, ClientError> {
        let outcome = self.call_in_time(call, timeout);
        outcome
            .and_then(|outcome| self.exchange.reply(call.name, &outcome))
            .map_err(|error| self.named(error))
            .inspect_err(trace::failure)
    }

    /// Restores the connection for waiting subscribers.
    pub(super) fn revive(&mut self, deadline: Deadline) -> Result<(), ClientError> {
        const WAITING: &str = "";
        let restored = match self.restore(WAITING, deadline) {
            Ok(false) if self.exchange.lost => Err(closed(WAITING)),
            restored => restored.map(drop),
        };
        restored.map_err(|error| self.named(ClientError::of_connection(error.into_kind())))
    }

    /// Returns the connection's name.
    pub(super) fn name(&self) -> &str {
        &self.exchange.name
    }

    /// Returns the hub of events.
    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.exchange.hub
    }

    /// Returns the error with the connection's name.
    #[cold]
    pub(super) fn named(&self, error: ClientError) -> ClientError {
        error.at(self.exchange.name.clone())
    }

    fn call_in_time(
        &mut self,
        call: &UntypedCall<'_>,
        timeout: Option<Duration>,
    ) -> Result<CallEnd, ClientError> {
        let deadline = Deadline::after(timeout);
        self.restore(call.name, deadline)?;
        #[cfg(all(unix, feature = "descriptors"))]
        self.close_descriptors(deadline);
        let result = self.exchange.call(call, deadline);
        // The connection was closed after the last call, so the server has not seen this one.
        let may_try_again = result.is_err() && self.exchange.unsent;
        if may_try_again && self.restore(call.name, deadline)? {
            return self.exchange.call(call, deadline);
        }
        result
    }

    /// Makes the server close the descriptors that this client does not need any more. False if there are none.
    #[cfg(all(unix, feature = "descriptors"))]
    fn close_descriptors(&mut self, deadline: Deadline) -> bool {
        let names = self.unneeded.take();
        let are_any = !names.is_empty();
        for name in names {
            let call = UntypedCall {
                name: CLOSEFD,
                out_of_band: false,
                success_response: true,
                arguments: &arguments(&name),
                attached: &AttachedDescriptors::default(),
            };
            // A command may have taken it, or the server may be a different one.
            drop(self.exchange.call(&call, deadline));
        }
        are_any
    }

    /// Gets the connection back if it was lost and there is a way; whether it did.
    fn restore(&mut self, name: &str, deadline: Deadline) -> Result<bool, ClientError> {
        self.exchange.lost |= self.exchange.connection.has_ended();
        let policy = self.exchange.options.reconnect.clone();
        match (&mut self.restore.0, policy) {
            (Some(restore), Some(policy)) if self.exchange.lost => {
                let restored = restore(&mut self.exchange, &policy, name, deadline);
                self.exchange.lost = restored.is_err();
                restored.map(|()| true)
            }
            _ => Ok(false),
        }
    }
}

impl<T: Transport + Send + 'static> Client<T> {
    /// A client of the guest agent that `connect` connects to. Tries again until the agent
    /// answers, with a new connection each time the old one stays silent, and whenever a call finds the connection lost
    /// if [`Options::reconnect`] says so.
    ///
    /// `connect` may block: it runs on a thread of its own, and is waited for no longer than `connect_timeout`.
    ///
    /// ```no_run
    /// use std::os::unix::net::UnixStream;
    /// use qapi_runtime::{Client, Options, Reconnect};
    ///
    /// let options = Options::default().with_reconnect(Reconnect::default());
    /// let agent = Client::connect_guest(|| UnixStream::connect("/run/vm1/qga.sock"), options)?;
    /// # Ok::<(), qapi_runtime::ClientError>(())
    /// ```
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "as the other constructors take them"
    )]
    pub fn connect_guest(
        connect: impl FnMut() -> io::Result<T> + Send + 'static,
        options: Options,
    ) -> Result<Self, ClientError> {
        let mut patience = options.sync_attempt;
        Self::connect(connect, &options, guest, |exchange, deadline| {
            let attempt = Deadline::after(Some(patience));
            patience = (patience * 2).min(LONGEST_ATTEMPT);
            match exchange.open(deadline.min(attempt)) {
                // A connection made too early, or through a program that has ended, stays silent forever.
                Err(error) if error.is_timeout() && !deadline.is_over() => {
                    Err(closed(SYNCHRONISATION))
                }
                Err(error) if error.is_disconnect() && deadline.is_over() => {
                    Err(timed_out(SYNCHRONISATION))
                }
                result => result,
            }
        })
    }

    /// A client of the QMP server that `connect` connects to. Tries again until the server is up, and whenever a call
    /// finds the connection lost if [`Options::reconnect`] says so; [`next_event`](Client::next_event) reports that.
    ///
    /// # Errors
    /// There was no server within `connect_timeout`, or the server refused the capabilities.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "as the other constructors take them"
    )]
    pub fn connect_qmp(
        connect: impl FnMut() -> io::Result<T> + Send + 'static,
        options: Options,
    ) -> Result<Self, ClientError> {
        let protocol = || Protocol::Qmp(QmpConversation::new());
        Self::connect(connect, &options, protocol, |exchange, deadline| {
            exchange.open(deadline)
        })
    }

    fn connect(
        connect: impl FnMut() -> io::Result<T> + Send + 'static,
        options: &Options,
        protocol: impl Fn() -> Protocol,
        mut open: impl FnMut(&mut BlockingExchange<T>, Deadline) -> Result<(), ClientError>,
    ) -> Result<Self, ClientError> {
        let deadline = Deadline::after(options.connect_timeout);
        let server = protocol().server();
        let mut name = options.connection_name(server.name(), None);
        let mut connector = Connector::new(connect);
        let mut backoff = Backoff::until_up();
        let connected = connector.connect(&mut backoff, deadline, server.opening(), |transport| {
            let mut exchange = BlockingExchange::new(transport, options.clone(), protocol());
            name.clone_from(&exchange.name);
            let inbox = exchange.hub.subscribe();
            open(&mut exchange, deadline)?;
            Ok((exchange, inbox))
        });
        let (exchange, inbox) = connected.map_err(|error| error.at(name))?;
        let restore = Box::new(
            move |exchange: &mut BlockingExchange<T>, policy: &Reconnect, name: &str, deadline| {
                connector.restore(exchange, policy, name, deadline)
            },
        );
        Ok(Self {
            exchange,
            restore: Reconnection(Some(restore)),
            inbox: Some(inbox),
            #[cfg(all(unix, feature = "descriptors"))]
            unneeded: Unneeded::default(),
        })
    }
}

impl<T: Transport> Execute for Client<T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.adjusted().execute(command)
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        self.adjusted().server_commands()
    }
}

/// A client with other settings for the calls made through it: see [`Client::with_timeout`].
#[derive(Debug)]
pub struct Adjusted<'c, T: Transport> {
    client: &'c mut Client<T>,
    timeout: Option<Duration>,
    attached: AttachedDescriptors,
}

impl<'c, T: Transport> Adjusted<'c, T> {
    pub(super) fn new(
        client: &'c mut Client<T>,
        timeout: Option<Duration>,
        attached: AttachedDescriptors,
    ) -> Self {
        Self {
            client,
            timeout,
            attached,
        }
    }

    /// Same as [`Client::with_timeout`].
    #[must_use]
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Same as [`Client::with_descriptors`]. They replace earlier ones.
    #[cfg(all(unix, feature = "descriptors"))]
    #[must_use]
    pub fn with_descriptors<D: AsFd>(mut self, descriptors: impl IntoIterator<Item = D>) -> Self {
        self.attached = AttachedDescriptors::new(descriptors);
        self
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
        let name = fresh_name();
        self.attached = AttachedDescriptors::new([descriptor]);
        let sent = self.call(GETFD, &arguments(&name));
        self.attached = AttachedDescriptors::default();
        sent?;
        let unneeded = self.client.unneeded.clone();
        Ok(NamedDescriptor::new(name, move |name| unneeded.add(name)))
    }

    /// Same as [`Client::call`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        self.request(name, false, true, arguments)
    }

    /// Same as [`Client::call_silent`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        self.request(name, false, false, arguments)
    }

    /// Same as [`Client::execute_out_of_band`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn execute_out_of_band<C: Command>(
        &mut self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        let protocol = &self.client.exchange.protocol;
        let out_of_band =
            C::ALLOW_OOB && matches!(protocol, Protocol::Qmp(qmp) if qmp.negotiation.out_of_band);
        self.request(C::NAME, out_of_band, C::SUCCESS_RESPONSE, command)
    }

    fn request<R: Decode>(
        &mut self,
        name: &str,
        out_of_band: bool,
        success_response: bool,
        arguments: &dyn EncodeMembers,
    ) -> Result<R, ClientError> {
        let call = UntypedCall {
            name,
            out_of_band,
            success_response,
            arguments,
            attached: &self.attached,
        };
        self.client.request(&call, self.timeout)
    }
}

impl<T: Transport> Execute for Adjusted<'_, T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.request(C::NAME, false, C::SUCCESS_RESPONSE, command)
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        match self.client.exchange.protocol {
            Protocol::Qmp(_) => Ok(self.execute(&QueryCommands)?.0),
            Protocol::Guest(_) => Ok(self.execute(&GuestInfo)?.0),
        }
    }
}

/// Names of descriptors in the server that this client does not need any more.
#[cfg(all(unix, feature = "descriptors"))]
#[derive(Debug, Clone, Default)]
struct Unneeded(Arc<Mutex<Vec<Box<str>>>>);

#[cfg(all(unix, feature = "descriptors"))]
impl Unneeded {
    fn add(&self, name: Box<str>) {
        self.names().push(name);
    }

    fn take(&self) -> Vec<Box<str>> {
        std::mem::take(&mut *self.names())
    }

    fn names(&self) -> MutexGuard<'_, Vec<Box<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
