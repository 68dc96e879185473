//! Handles: the part of a client that callers hold.

use std::future::Future;
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use super::connect::{Connect, Connected};
use super::driver::{Opened, SharedConnection, in_time};
use super::events::Events;
use super::qmp::failure_in;
use super::request::{NoReply, QueuedRequest, RequestQueue, Requests};
use crate::channel::carries_descriptors;
use crate::client::attached::AttachedDescriptors;
use crate::client::call_errors::{closed, timed_out, unwritable};
use crate::client::handshake::ServerKind;
#[cfg(all(unix, feature = "descriptors"))]
use crate::client::named_descriptor::{CLOSEFD, GETFD, NamedDescriptor, arguments, fresh_name};
use crate::client::reply_matching::decode_reply;
use crate::client::trace;
use crate::client::{AsyncExecute, ClientError, ClientErrorKind, Options};
use crate::command::Command;
use crate::introspect::ServerCommands;
use crate::introspect::commands::{GuestInfo, QueryCommands};
use crate::message;
use crate::read::Decode;
use crate::value::{Any, Object};
use crate::wire::Document;
use crate::write::EncodeMembers;

/// The limit for waiting and unanswered requests of one connection, together.
const SLOTS: usize = 1024;

/// A server with out-of-band execution stops reading when eight other requests wait.
const SLOTS_BESIDE_OUT_OF_BAND: usize = 8;

/// A client of a QMP server or of a guest agent. Clones share the connection, which ends with the last of them.
///
/// All methods need a running tokio runtime with time and, for [`UnixPath`](super::UnixPath) and
/// [`TcpAddress`](super::TcpAddress), input and output enabled.
#[derive(Debug, Clone)]
pub struct Client {
    handle: Arc<Handle>,
    timeout: Option<Duration>,
    attached: AttachedDescriptors,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<SharedConnection>,
    outbox: Arc<RequestQueue>,
    /// Room for requests that wait and are under way: ordinary ones, and those to be executed out of band.
    ordinary: Arc<Semaphore>,
    urgent: Arc<Semaphore>,
    /// Room for a request with descriptors. A server with out-of-band execution reads ahead and gives a command the
    /// descriptors that it has read last.
    carrying: Arc<Semaphore>,
    /// The connection carries descriptors.
    carries: bool,
    /// Dropped with the last clone, which ends the task.
    _alive: oneshot::Sender<()>,
}

impl Client {
    /// Returns a client of the QMP server on a stream, and its events: reads the greeting and leaves capability negotiation.
    ///
    /// # Errors
    /// There was no greeting within `connect_timeout`, or the server refused the capabilities.
    pub async fn qmp<S>(stream: S, options: Options) -> Result<(Self, Events), ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let shared = Arc::new(SharedConnection::new(options, ServerKind::Qmp, None));
        let events = Events::new(shared.events.subscribe());
        let client = Self::open(stream, shared).await?;
        Ok((client, events))
    }

    /// Returns a client of the guest agent on a stream. Synchronises with it before it returns, so nothing stale is left in the
    /// channel.
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    pub async fn guest<S>(stream: S, options: Options) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let shared = SharedConnection::new(options, ServerKind::Guest, None);
        Self::open(stream, Arc::new(shared)).await
    }

    /// Returns a client of the QMP server that `connector` connects to, and its events. Tries again until the server is up, and
    /// whenever the connection is lost if [`Options::reconnect`] says so.
    ///
    /// # Errors
    /// There was no server within `connect_timeout`, or the server refused the capabilities.
    pub async fn connect_qmp<C: Connect>(
        connector: C,
        options: Options,
    ) -> Result<(Self, Events), ClientError> {
        let address = connector.address();
        let shared = Arc::new(SharedConnection::new(
            options,
            ServerKind::Qmp,
            address.as_deref(),
        ));
        let events = Events::new(shared.events.subscribe());
        let client = Self::connect(connector, shared).await?;
        Ok((client, events))
    }

    /// Returns a client of the guest agent that `connector` connects to. Tries again until the agent answers, and whenever the
    /// connection is lost if [`Options::reconnect`] says so.
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    pub async fn connect_guest<C: Connect>(
        connector: C,
        options: Options,
    ) -> Result<Self, ClientError> {
        let address = connector.address();
        let shared = SharedConnection::new(options, ServerKind::Guest, address.as_deref());
        Self::connect(connector, Arc::new(shared)).await
    }

    /// Returns a client of the server on a stream.
    async fn open<S>(stream: S, shared: Arc<SharedConnection>) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let opened = shared.open_in_time(stream).await;
        let opened = opened.map_err(|error| error.at(shared.name.clone()))?;
        Ok(Self::start::<Connected<S>>(&shared, opened, None))
    }

    /// Returns a client of the server that `connector` connects to.
    async fn connect<C: Connect>(
        mut connector: C,
        shared: Arc<SharedConnection>,
    ) -> Result<Self, ClientError> {
        let opened = shared.connect(&mut connector).await;
        let opened = opened.map_err(|error| error.at(shared.name.clone()))?;
        Ok(Self::start(&shared, opened, Some(connector)))
    }

    /// Returns a subscription to all events from now on, beside those that there are. A guest agent sends none.
    pub fn subscribe(&self) -> Events {
        Events::new(self.handle.shared.events.subscribe())
    }

    fn start<C: Connect>(
        shared: &Arc<SharedConnection>,
        opened: Opened<C::Stream>,
        connector: Option<C>,
    ) -> Self {
        let slots = if shared.options.out_of_band {
            SLOTS_BESIDE_OUT_OF_BAND
        } else {
            SLOTS
        };
        let outbox = Arc::new(RequestQueue::default());
        let (alive, abandoned) = oneshot::channel();
        let requests = Requests(Arc::clone(&outbox));
        let task = Arc::clone(shared).run(opened, connector, requests, abandoned);
        tokio::spawn(task);
        let timeout = shared.options.timeout;
        let handle = Handle {
            shared: Arc::clone(shared),
            outbox,
            ordinary: Arc::new(Semaphore::new(slots)),
            urgent: Arc::new(Semaphore::new(SLOTS_BESIDE_OUT_OF_BAND)),
            carrying: Arc::new(Semaphore::new(1)),
            carries: carries_descriptors::<C::Stream>(),
            _alive: alive,
        };
        Self {
            handle: Arc::new(handle),
            timeout,
            attached: AttachedDescriptors::default(),
        }
    }

    /// Returns a handle on the same connection with another time-out for each call; `None` waits forever.
    #[must_use]
    pub fn with_timeout(&self, timeout: impl Into<Option<Duration>>) -> Self {
        Self {
            timeout: timeout.into(),
            ..self.clone()
        }
    }

    /// Returns a handle on the same connection with file descriptors that each call takes along, for commands such as
    /// `getfd` and `add-fd`. The server gets copies, so they may be closed as soon as this returns.
    #[cfg(all(unix, feature = "descriptors"))]
    #[must_use]
    pub fn with_descriptors<D: AsFd>(&self, descriptors: impl IntoIterator<Item = D>) -> Self {
        Self {
            attached: AttachedDescriptors::new(descriptors),
            ..self.clone()
        }
    }

    /// Sends a file descriptor to a QMP server, by `getfd`, under a name that nothing else has.
    ///
    /// # Errors
    /// See [`ClientError`].
    #[cfg(all(unix, feature = "descriptors"))]
    pub async fn send_descriptor(
        &self,
        descriptor: impl AsFd + Send,
    ) -> Result<NamedDescriptor, ClientError> {
        let name = fresh_name();
        let client = self.with_descriptors([descriptor]);
        client.call(GETFD, &arguments(&name)).await?;
        let outbox = Arc::downgrade(&self.handle.outbox);
        Ok(NamedDescriptor::new(name, move |name| {
            if let Some(outbox) = outbox.upgrade() {
                close_descriptor(&outbox, &name);
            }
        }))
    }

    /// Calls a command by name, without a schema.
    ///
    /// For commands that do not answer on success use [`call_silent`](Client::call_silent).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn call(&self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        let result = async {
            let text = unsealed(name, false, arguments)?;
            self.request(name, text, false).await
        };
        result.await.map_err(|error| self.named(error))
    }

    /// Calls a command that answers success with silence, by name. Waits [`Options::silence`] for an error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn call_silent(&self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        let result = async {
            let text = unsealed(name, false, arguments)?;
            self.request_in_silence(name, text).await
        };
        result.await.map_err(|error| self.named(error))
    }

    /// Executes a command ahead of those that are running, if the server agreed to do so and the command allows it;
    /// otherwise like [`AsyncExecute::execute`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn execute_out_of_band<C: Command + Sync>(
        &self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        if !(C::ALLOW_OOB && self.handle.shared.negotiation().out_of_band) {
            return self.execute(command).await;
        }
        let result = async {
            let text = unsealed(C::NAME, true, command)?;
            self.request(C::NAME, text, true).await
        };
        result.await.map_err(|error| self.named(error))
    }

    /// Returns the greeting of the last connection to a QMP server: the value of its greeting's `QMP`, with `version`
    /// and `capabilities`. Empty for a guest agent.
    pub fn greeting(&self) -> Object {
        self.handle.shared.negotiation().greeting.clone()
    }

    /// Returns whether the connection is lost for good.
    pub fn is_closed(&self) -> bool {
        self.handle.outbox.is_closed()
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.handle.shared.options
    }

    /// Returns the error with the connection's name.
    #[cold]
    fn named(&self, error: ClientError) -> ClientError {
        let error = error.at(self.handle.shared.name.clone());
        trace::failure(&error);
        error
    }

    /// Sends a request and decodes its reply.
    async fn request<R: Decode>(
        &self,
        name: &str,
        text: Vec<u8>,
        out_of_band: bool,
    ) -> Result<R, ClientError> {
        self.check(name)?;
        trace::request(&self.handle.shared.name, name, &text);
        let exchange = async {
            let mut ticket = self.submit(text, out_of_band, false).await?;
            ticket.reply().await
        };
        let reply = self.in_time(name, self.timeout, exchange).await?;
        let message = self.handle.judge(name, reply)?;
        decode_reply(name, Some(&message))
    }

    /// Sends a request that only failure answers.
    async fn request_in_silence(&self, name: &str, text: Vec<u8>) -> Result<(), ClientError> {
        self.check(name)?;
        trace::request(&self.handle.shared.name, name, &text);
        let send = async {
            let mut ticket = self.submit(text, false, true).await?;
            ticket.sent().await?;
            Some(ticket)
        };
        let started = Instant::now();
        let sent = self.in_time(name, self.timeout, send).await?;
        let mut ticket = sent.ok_or_else(|| closed(name))?;
        let left = self
            .timeout
            .map(|timeout| timeout.saturating_sub(started.elapsed()));
        let silence = self.options().silence;
        let wait = left.map_or(silence, |left| left.min(silence));
        match self.in_time(name, Some(wait), ticket.reply()).await {
            Err(_) | Ok(None | Some(Err(NoReply::Lost(_)))) => Ok(()),
            Ok(reply) => self.handle.judge(name, reply).map(drop),
        }
    }

    /// Returns whether a command can go out with what it takes along.
    fn check(&self, name: &str) -> Result<(), ClientError> {
        let handle = &self.handle;
        self.attached
            .check(name, handle.shared.server, handle.carries)
    }

    /// Waits for a slot and hands a request to the task; `None` if that has ended. If the future is dropped before it is
    /// done, the request is never sent.
    async fn submit(&self, text: Vec<u8>, out_of_band: bool, watch: bool) -> Option<Ticket> {
        let handle = &self.handle;
        let room = if out_of_band {
            &handle.urgent
        } else {
            &handle.ordinary
        };
        let alone = !self.attached.is_empty() && handle.shared.negotiation().out_of_band;
        let carrying = if alone {
            Some(Arc::clone(&handle.carrying).acquire_owned().await.ok()?)
        } else {
            None
        };
        let permit = Arc::clone(room).acquire_owned().await.ok()?;
        let (reply, reply_receiver) = oneshot::channel();
        let (sent, sent_receiver) = if watch {
            let (sent, receiver) = oneshot::channel();
            (Some(sent), Some(receiver))
        } else {
            (None, None)
        };
        let request = QueuedRequest {
            text,
            out_of_band,
            attached: self.attached.clone(),
            sent,
            unattended: false,
            reply,
        };
        if !handle.outbox.push(request) {
            return None;
        }
        Some(Ticket {
            _permits: (permit, carrying),
            sent: sent_receiver,
            reply: reply_receiver,
        })
    }

    async fn in_time<F: Future>(
        &self,
        name: &str,
        limit: Option<Duration>,
        future: F,
    ) -> Result<F::Output, ClientError> {
        let output = in_time(limit, future).await;
        output.ok_or_else(|| timed_out(name))
    }
}

impl AsyncExecute for Client {
    async fn execute<C: Command + Sync>(&self, command: &C) -> Result<C::Reply, ClientError> {
        let text = unsealed(C::NAME, false, command).map_err(|error| self.named(error))?;
        if C::SUCCESS_RESPONSE {
            let reply = self.request(C::NAME, text, false).await;
            return reply.map_err(|error| self.named(error));
        }
        let silence = self.request_in_silence(C::NAME, text).await;
        silence.map_err(|error| self.named(error))?;
        decode_reply(C::NAME, None).map_err(|error| self.named(error))
    }

    async fn server_commands(&self) -> Result<ServerCommands, ClientError> {
        match self.handle.shared.server {
            ServerKind::Qmp => Ok(self.execute(&QueryCommands).await?.0),
            ServerKind::Guest => Ok(self.execute(&GuestInfo).await?.0),
        }
    }
}

fn unsealed(
    name: &str,
    out_of_band: bool,
    arguments: &dyn EncodeMembers,
) -> Result<Vec<u8>, ClientError> {
    message::unsealed(name, out_of_band, arguments).map_err(|fault| unwritable(name, &fault))
}

/// Makes the server close a descriptor, without waiting for the answer: a command may have taken the descriptor
/// meanwhile.
#[cfg(all(unix, feature = "descriptors"))]
fn close_descriptor(outbox: &RequestQueue, name: &str) {
    let Ok(text) = message::unsealed(CLOSEFD, false, &arguments(name)) else {
        return;
    };
    let (reply, _) = oneshot::channel();
    outbox.push(QueuedRequest {
        text,
        out_of_band: false,
        attached: AttachedDescriptors::default(),
        sent: None,
        unattended: true,
        reply,
    });
}

impl Handle {
    /// Returns the message with the reply, or why there is none.
    fn judge(
        &self,
        name: &str,
        reply: Option<Result<Document, NoReply>>,
    ) -> Result<Document, ClientError> {
        let limit = self.shared.options.reply_limit;
        let message = match reply {
            Some(reply) => reply.map_err(|failure| failure.of_command(name, limit))?,
            None => return Err(closed(name)),
        };
        trace::reply(&self.shared.name, name, Some(&message));
        match failure_in(&message) {
            Some(error) => Err(ClientError::new(name, ClientErrorKind::Command(error))),
            None => Ok(message),
        }
    }
}

/// A call whose request is under way. Dropping it gives up the request and frees its slot, so that replies that a
/// server has lost do not block later calls.
struct Ticket {
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
    sent: Option<oneshot::Receiver<()>>,
    reply: oneshot::Receiver<Result<Document, NoReply>>,
}

impl Ticket {
    /// Waits until the request has gone out; `None` if it never will.
    async fn sent(&mut self) -> Option<()> {
        match self.sent.take() {
            Some(sent) => sent.await.ok(),
            None => Some(()),
        }
    }

    /// Waits for the reply; `None` if the task has ended.
    async fn reply(&mut self) -> Option<Result<Document, NoReply>> {
        (&mut self.reply).await.ok()
    }
}
