//! A request on its way from a handle to the task of the connection, and its reply on the way back.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::client::ClientError;
use crate::client::conversation::{failed, malformed, protocol};
use crate::wire::{Document, WireError};

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    /// The text but for its end, where the `id` goes.
    pub(super) text: Vec<u8>,
    pub(super) out_of_band: bool,
    /// Told when the request has gone out.
    pub(super) sent: Option<oneshot::Sender<()>>,
    /// Gets the message with the reply.
    pub(super) reply: oneshot::Sender<Result<Document, Failure>>,
    /// Its share of what may be under way.
    pub(super) permit: OwnedSemaphorePermit,
}

impl Request {
    /// Whether nobody waits for the reply any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// The requests of all handles of a connection. The queues have no limits of their own: each request has a permit.
#[derive(Debug)]
pub(super) struct Requests {
    pub(super) ordinary: UnboundedReceiver<Request>,
    /// Those to be executed out of band, which overtake the others.
    pub(super) urgent: UnboundedReceiver<Request>,
}

impl Requests {
    /// Waits for the next request that somebody waits for. Never ends.
    pub(super) async fn next(&mut self) -> Request {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Request> {
        for queue in [&mut self.urgent, &mut self.ordinary] {
            while let Poll::Ready(Some(request)) = queue.poll_recv(context) {
                if !request.is_abandoned() {
                    return Poll::Ready(request);
                }
            }
        }
        Poll::Pending
    }

    /// The next request, if there is one already.
    pub(super) fn try_next(&mut self) -> Option<Request> {
        for queue in [&mut self.urgent, &mut self.ordinary] {
            while let Ok(request) = queue.try_recv() {
                if !request.is_abandoned() {
                    return Some(request);
                }
            }
        }
        None
    }
}

/// Why there is no reply, before anyone says to what.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection failed or was closed.
    Lost(io::Error),
    /// Bytes came that are no message.
    Malformed(WireError),
    /// A message came that is no reply.
    Protocol(Box<str>),
}

impl Failure {
    /// The same for another call.
    pub(super) fn again(error: &io::Error) -> Self {
        Self::Lost(match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        })
    }

    /// What the caller of command `name` is told. `limit` is the largest reply accepted.
    pub(super) fn of_command(self, name: &str, limit: usize) -> ClientError {
        match self {
            Self::Lost(error) => failed(name, error),
            Self::Malformed(error) => malformed(name, &error, limit),
            Self::Protocol(reason) => protocol(name, reason),
        }
    }
}
