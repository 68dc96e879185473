//! A request on its way from a handle to the task of the connection, and its reply on the way back.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;

use crate::client::ClientError;
use crate::client::attached::AttachedDescriptors;
use crate::client::call_errors::{failed, malformed, protocol};
use crate::wire::{Document, WireError};

/// A request.
#[derive(Debug)]
pub(super) struct QueuedRequest {
    /// The text without its end, which holds the `id`.
    pub(super) text: Vec<u8>,
    pub(super) out_of_band: bool,
    /// Descriptors that go with it.
    pub(super) attached: AttachedDescriptors,
    /// Told when the request has gone out.
    pub(super) sent: Option<oneshot::Sender<()>>,
    /// It is sent although no caller waits for the reply.
    pub(super) unattended: bool,
    /// Gets the message with the reply.
    pub(super) reply: oneshot::Sender<Result<Document, NoReply>>,
}

impl QueuedRequest {
    /// Returns true if its caller has given up.
    fn is_abandoned(&self) -> bool {
        !self.unattended && self.reply.is_closed()
    }
}

/// The number of waiting requests from which on those without a waiting caller are removed.
const MANY: usize = 2048;

/// The requests of all handles of a connection that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct RequestQueue(Mutex<Queues>);

#[derive(Debug, Default)]
struct Queues {
    ordinary: VecDeque<QueuedRequest>,
    /// Those to be executed out of band, which overtake the others.
    urgent: VecDeque<QueuedRequest>,
    /// The task that sends them.
    waker: Option<Waker>,
    /// No more requests will come.
    closed: bool,
}

impl RequestQueue {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a request to the task; whether there still is one.
    pub(super) fn push(&self, request: QueuedRequest) -> bool {
        let mut queues = self.queues();
        if queues.closed {
            return false;
        }
        let queue = if request.out_of_band {
            &mut queues.urgent
        } else {
            &mut queues.ordinary
        };
        // Callers that gave up have left their requests, and made room for others.
        if queue.len() >= MANY {
            queue.retain(|request| !request.is_abandoned());
        }
        queue.push_back(request);
        let waker = queues.waker.take();
        drop(queues);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    pub(super) fn is_closed(&self) -> bool {
        self.queues().closed
    }
}

/// The task's end of the outbox. Requests that remain when it is dropped are never sent.
#[derive(Debug)]
pub(super) struct Requests(pub(super) Arc<RequestQueue>);

impl Requests {
    /// Waits for the next request with a waiting caller. Never ends.
    pub(super) async fn next(&mut self) -> QueuedRequest {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<QueuedRequest> {
        if let Some(request) = self.try_next() {
            return Poll::Ready(request);
        }
        let mut queues = self.0.queues();
        // A request may have arrived in between.
        if queues.ordinary.is_empty() && queues.urgent.is_empty() {
            queues.waker = Some(context.waker().clone());
        } else {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Returns the next request, if there is one already.
    pub(super) fn try_next(&mut self) -> Option<QueuedRequest> {
        self.try_next_if(|_| true)
    }

    /// Returns the next request, if there is one already and it is such a one.
    pub(super) fn try_next_if(
        &mut self,
        wanted: impl Fn(&QueuedRequest) -> bool,
    ) -> Option<QueuedRequest> {
        let queues = &mut *self.0.queues();
        loop {
            let queue = if queues.urgent.is_empty() {
                &mut queues.ordinary
            } else {
                &mut queues.urgent
            };
            let request = queue.front()?;
            let abandoned = request.is_abandoned();
            if !abandoned && !wanted(request) {
                return None;
            }
            let request = queue.pop_front();
            if !abandoned {
                return request;
            }
        }
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        let mut queues = self.0.queues();
        queues.closed = true;
        let left = (
            std::mem::take(&mut queues.ordinary),
            std::mem::take(&mut queues.urgent),
        );
        drop(queues);
        drop(left);
    }
}

/// A reason for which there is no reply, before the command is known.
#[derive(Debug)]
pub(super) enum NoReply {
    /// The connection failed or was closed.
    Lost(io::Error),
    /// Bytes came that are no message.
    Malformed(WireError),
    /// A message came that is not a reply.
    Protocol(Box<str>),
}

impl NoReply {
    /// Returns the same for another call.
    pub(super) fn again(error: &io::Error) -> Self {
        Self::Lost(match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        })
    }

    /// Returns the error for the caller of command `name`. `limit` is the largest reply accepted.
    pub(super) fn of_command(self, name: &str, limit: usize) -> ClientError {
        match self {
            Self::Lost(error) => failed(name, error),
            Self::Malformed(error) => malformed(name, &error, limit),
            Self::Protocol(reason) => protocol(name, reason),
        }
    }
}
