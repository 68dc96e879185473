//! The task of a connection, and of the connections that follow it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::connect::Connect;
use super::events::Queue;
use super::request::Requests;
use super::{guest, qmp};
use crate::channel::{Channel, race};
use crate::client::backoff::Backoff;
use crate::client::conversation::{Negotiation, failed, timed_out};
use crate::client::{ClientError, ClientEvent, Options, Reconnect};

/// What handles and task share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) protocol: Protocol,
    pub(super) events: Arc<Queue>,
    negotiation: Mutex<Arc<Negotiation>>,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Guest,
    Qmp,
}

impl Protocol {
    /// What is being done while no call is, for errors.
    fn opening(self) -> &'static str {
        match self {
            Self::Guest => "guest-sync-delimited",
            Self::Qmp => "qmp_capabilities",
        }
    }
}

impl Shared {
    pub(super) fn new(options: Options, protocol: Protocol) -> Self {
        let events = Arc::new(Queue::new(options.event_limit));
        Self {
            options,
            protocol,
            events,
            negotiation: Mutex::default(),
        }
    }

    /// What the server said of itself when it was last connected to.
    pub(super) fn negotiation(&self) -> Arc<Negotiation> {
        let negotiation = self.negotiation.lock();
        Arc::clone(&negotiation.unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins the conversation on a fresh connection.
    async fn open<S: tokio::io::AsyncRead + tokio::io::AsyncWrite>(
        &self,
        stream: S,
    ) -> Result<Channel<S>, ClientError> {
        let mut channel = Channel::new(stream, self.options.limits());
        match self.protocol {
            Protocol::Guest => guest::synchronise(&mut channel, &self.options)
                .await
                .map_err(|error| failed(self.protocol.opening(), error))?,
            Protocol::Qmp => {
                let negotiation = qmp::negotiate(&mut channel, &self.options, &self.events).await?;
                let mut place = self
                    .negotiation
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *place = Arc::new(negotiation);
            }
        }
        Ok(channel)
    }

    /// [`open`](Shared::open) within `connect_timeout`.
    pub(super) async fn open_in_time<S: tokio::io::AsyncRead + tokio::io::AsyncWrite>(
        &self,
        stream: S,
    ) -> Result<Channel<S>, ClientError> {
        in_time(self.options.connect_timeout, self.open(stream))
            .await
            .unwrap_or_else(|| Err(timed_out(self.protocol.opening())))
    }

    /// Connects for the first time: a server that is not up yet is tried again until `connect_timeout` is over.
    pub(super) async fn connect<C: Connect>(
        &self,
        connector: &mut C,
    ) -> Result<Channel<C::Stream>, ClientError> {
        let opening = self.protocol.opening();
        let mut last_error = None;
        let attempts = async {
            let mut backoff = Backoff::new(&Reconnect::default());
            loop {
                let attempt = match connector.connect().await {
                    Ok(stream) => {
                        last_error = None;
                        self.open(stream).await
                    }
                    Err(error) => Err(ClientError::Io {
                        command: opening.into(),
                        error,
                    }),
                };
                match attempt {
                    // There is nobody yet, or something in between that found nobody.
                    Err(error @ (ClientError::Io { .. } | ClientError::Closed { .. })) => {
                        last_error = Some(error);
                    }
                    result => return result,
                }
                sleep(backoff.next()).await;
            }
        };
        let result = in_time(self.options.connect_timeout, attempts).await;
        result.unwrap_or_else(|| Err(last_error.unwrap_or_else(|| timed_out(opening))))
    }

    /// Connects again; `None` if the time for that is over.
    async fn connect_again<C: Connect>(
        &self,
        connector: &mut C,
        policy: &Reconnect,
    ) -> Option<Channel<C::Stream>> {
        let attempts = async {
            let mut backoff = Backoff::new(policy);
            loop {
                sleep(backoff.next()).await;
                let attempt = async {
                    let stream = connector.connect().await?;
                    match self.protocol {
                        // Whoever calls next synchronises, and knows how long to wait for it.
                        Protocol::Guest => Ok(Channel::new(stream, self.options.limits())),
                        Protocol::Qmp => self.open(stream).await.map_err(io::Error::other),
                    }
                };
                if let Some(Ok(channel)) = in_time(self.options.connect_timeout, attempt).await {
                    return channel;
                }
            }
        };
        in_time(policy.give_up, attempts).await
    }

    /// Carries requests and replies until the connection is lost for good, or `abandoned` because all handles have gone.
    pub(super) async fn run<C: Connect>(
        self: Arc<Self>,
        channel: Channel<C::Stream>,
        connector: Option<C>,
        requests: Requests,
        abandoned: oneshot::Receiver<()>,
    ) {
        let _ended = Ended(&self.events);
        race(abandoned, self.carry(channel, connector, requests)).await;
    }

    async fn carry<C: Connect>(
        &self,
        mut channel: Channel<C::Stream>,
        mut connector: Option<C>,
        mut requests: Requests,
    ) {
        let mut synchronised = true;
        loop {
            match self.protocol {
                Protocol::Guest => {
                    guest::converse(&mut channel, &mut requests, &self.options, synchronised).await
                }
                Protocol::Qmp => qmp::converse(&mut channel, &mut requests, &self.events).await,
            };
            let (Some(connector), Some(policy)) = (&mut connector, &self.options.reconnect) else {
                return;
            };
            // The old connection ends before the new one begins: a server may take one at a time.
            drop(channel);
            channel = match self.connect_again(connector, policy).await {
                Some(channel) => channel,
                None => return,
            };
            synchronised = false;
            self.events.push(ClientEvent::Reconnected);
        }
    }
}

/// Ends the events however the task ends.
struct Ended<'a>(&'a Queue);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The output of a future, unless `limit` is over before.
async fn in_time<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    match limit.filter(|&limit| Instant::now().checked_add(limit).is_some()) {
        Some(limit) => timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}
