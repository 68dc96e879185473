//! The task that drives a connection and its successors.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::connect::Connect;
use super::request::Requests;
use super::{guest, qmp};
use crate::channel::{Channel, race};
use crate::client::backoff::Backoff;
use crate::client::call_errors::{closed, failed, timed_out};
use crate::client::guest_sync::{LONGEST_ATTEMPT, Link};
use crate::client::handshake::{Negotiation, ServerKind, no_greeting_in_time};
use crate::client::subscription::Hub;
use crate::client::trace;
use crate::client::{ClientError, ClientErrorKind, Options, Reconnect};

/// State shared by handles and task.
#[derive(Debug)]
pub(super) struct SharedConnection {
    pub(super) options: Options,
    pub(super) server: ServerKind,
    pub(super) events: Arc<Hub>,
    negotiation: Mutex<Arc<Negotiation>>,
    /// The connection's name for errors.
    pub(super) name: Box<str>,
}

/// A connection after its handshake.
pub(super) struct Opened<S> {
    channel: Channel<S>,
    /// Of a guest agent.
    link: Link,
}

impl SharedConnection {
    pub(super) fn new(options: Options, server: ServerKind, address: Option<&str>) -> Self {
        let name = options.connection_name(server.name(), address);
        let events = Hub::new(options.event_limit, &name);
        Self {
            options,
            server,
            events,
            negotiation: Mutex::default(),
            name,
        }
    }

    /// Returns the result of the last negotiation.
    pub(super) fn negotiation(&self) -> Arc<Negotiation> {
        let negotiation = self.negotiation.lock();
        Arc::clone(&negotiation.unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins the conversation on a fresh connection.
    async fn open<S: AsyncRead + AsyncWrite + 'static>(
        &self,
        stream: S,
    ) -> Result<Opened<S>, ClientError> {
        let mut channel = Channel::new(stream, self.options.limits());
        let link = match self.server {
            ServerKind::Guest => guest::synchronise(&mut channel, &self.options, &self.name)
                .await
                .map_err(|error| failed(self.server.opening(), error))?,
            ServerKind::Qmp => {
                let negotiation = qmp::negotiate(&mut channel, &self.options, &self.events).await?;
                let mut place = self
                    .negotiation
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *place = Arc::new(negotiation);
                Link::default()
            }
        };
        trace::connected(&self.name);
        Ok(Opened { channel, link })
    }

    /// Returns the error for a server that does not answer an opening.
    fn silent(&self) -> ClientError {
        match self.server {
            ServerKind::Guest => timed_out(self.server.opening()),
            ServerKind::Qmp => no_greeting_in_time(),
        }
    }

    /// [`open`](SharedConnection::open) within `connect_timeout`.
    pub(super) async fn open_in_time<S: AsyncRead + AsyncWrite + 'static>(
        &self,
        stream: S,
    ) -> Result<Opened<S>, ClientError> {
        in_time(self.options.connect_timeout, self.open(stream))
            .await
            .unwrap_or_else(|| Err(self.silent()))
    }

    /// Connects for the first time: a server that is not up yet is tried again until `connect_timeout` is over, and so
    /// is, on a new connection, a guest agent that stays silent.
    pub(super) async fn connect<C: Connect>(
        &self,
        connector: &mut C,
    ) -> Result<Opened<C::Stream>, ClientError> {
        let opening = self.server.opening();
        let mut last_error = None;
        let attempts = async {
            let mut backoff = Backoff::until_up();
            let mut patience = self.options.sync_attempt;
            loop {
                let attempt = match connector.connect().await {
                    Ok(stream) => {
                        last_error = None;
                        let limit = (self.server == ServerKind::Guest).then_some(patience);
                        patience = (patience * 2).min(LONGEST_ATTEMPT);
                        let opened = in_time(limit, self.open(stream)).await;
                        // A connection made too early stays silent forever.
                        opened.unwrap_or_else(|| Err(closed(opening)))
                    }
                    Err(error) => Err(ClientError::new(opening, ClientErrorKind::Io(error))),
                };
                match attempt {
                    // No server is there yet, or a program in between found none.
                    Err(error) if error.is_disconnect() => {
                        last_error = match (self.server, error.kind()) {
                            // An agent that stays silent is waited for.
                            (ServerKind::Guest, ClientErrorKind::Closed) => None,
                            _ => Some(error),
                        };
                    }
                    result => return result,
                }
                sleep(backoff.next()).await;
            }
        };
        let result = in_time(self.options.connect_timeout, attempts).await;
        result.unwrap_or_else(|| Err(last_error.unwrap_or_else(|| self.silent())))
    }

    /// Connects again; `None` if the time for that is over.
    async fn connect_again<C: Connect>(
        &self,
        connector: &mut C,
        policy: &Reconnect,
    ) -> Option<Opened<C::Stream>> {
        let attempts = async {
            let mut backoff = Backoff::new(policy);
            loop {
                sleep(backoff.next()).await;
                let attempt = async {
                    let stream = connector.connect().await?;
                    match self.server {
                        // The next call synchronises, and its time-out limits the wait.
                        ServerKind::Guest => Ok(Opened {
                            channel: Channel::new(stream, self.options.limits()),
                            link: Link::default(),
                        }),
                        ServerKind::Qmp => self.open(stream).await.map_err(io::Error::other),
                    }
                };
                if let Some(Ok(opened)) = in_time(self.options.connect_timeout, attempt).await {
                    return opened;
                }
            }
        };
        in_time(policy.give_up, attempts).await
    }

    /// Carries requests and replies until the connection is lost for good, or `abandoned` because all handles have gone.
    pub(super) async fn run<C: Connect>(
        self: Arc<Self>,
        opened: Opened<C::Stream>,
        connector: Option<C>,
        requests: Requests,
        abandoned: oneshot::Receiver<()>,
    ) {
        let _ended = Ended(&self.events, self.events.begin());
        race(abandoned, self.carry(opened, connector, requests)).await;
    }

    async fn carry<C: Connect>(
        &self,
        mut opened: Opened<C::Stream>,
        mut connector: Option<C>,
        mut requests: Requests,
    ) {
        loop {
            let Opened { channel, link } = &mut opened;
            match self.server {
                ServerKind::Guest => {
                    guest::converse(channel, &mut requests, &self.options, &self.name, *link).await
                }
                ServerKind::Qmp => qmp::converse(channel, &mut requests, &self.events).await,
            };
            let (Some(connector), Some(policy)) = (&mut connector, &self.options.reconnect) else {
                return;
            };
            // The old connection ends before the new one begins: a server may take one at a time.
            drop(opened);
            opened = match self.connect_again(connector, policy).await {
                Some(opened) => opened,
                None => return,
            };
            self.events.reconnected();
        }
    }
}

/// Ends the events however the task ends.
struct Ended<'a>(&'a Hub, u64);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.end(self.1);
    }
}

/// Returns the output of a future, unless `limit` is over before.
pub(super) async fn in_time<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    match limit.filter(|&limit| Instant::now().checked_add(limit).is_some()) {
        Some(limit) => timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}
