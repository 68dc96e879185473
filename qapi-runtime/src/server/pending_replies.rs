//! The unanswered requests of a connection.

use std::collections::VecDeque;

use super::dispatch;
use super::outcome::TaskId;
use super::reply::PendingReply;
use crate::incoming_descriptors::Descriptor;
use crate::wire::{Document, WireError};

/// The largest number of unanswered requests. Nothing more is read from a client that reaches it.
const COUNT_LIMIT: usize = 256;

/// The size of all waiting requests from which on nothing more is read from the client.
const SIZE_LIMIT: usize = 1 << 20;

/// Requests that wait to be run, and replies that background tasks will provide.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    waiting: VecDeque<WaitingRequest>,
    /// Bytes of the waiting requests.
    size: usize,
    pending: Vec<(TaskId, PendingReply)>,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct WaitingRequest {
    pub(super) content: Content,
    given_up: bool,
}

impl WaitingRequest {
    /// Returns true if the client does not want the reply any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up
    }
}

/// The content of a request.
#[derive(Debug)]
pub(super) enum Content {
    Request(Document, Vec<Descriptor>),
    Malformed(WireError),
}

impl Content {
    fn has_id(&self) -> bool {
        match self {
            Self::Request(document, _) => dispatch::id(document).is_some(),
            Self::Malformed(_) => false,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Request(document, _) => document.size(),
            Self::Malformed(_) => size_of::<WireError>(),
        }
    }
}

impl Backlog {
    /// Returns true if all requests before the next one have their replies.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.pending.is_empty()
    }

    /// Returns true if no further request is to be read.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() + self.pending.len() >= COUNT_LIMIT || self.size >= SIZE_LIMIT
    }

    /// Returns true if a background task is at work for a request.
    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Bytes that the waiting requests take.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Lets a request wait after all others.
    pub(super) fn push(&mut self, content: Content) {
        self.size += content.size();
        self.waiting.push_back(WaitingRequest {
            content,
            given_up: false,
        });
    }

    /// Returns the request that has waited longest.
    pub(super) fn first_mut(&mut self) -> Option<&mut WaitingRequest> {
        self.waiting.front_mut()
    }

    /// Takes the request that has waited longest.
    pub(super) fn pop(&mut self) -> Option<WaitingRequest> {
        let waiting = self.waiting.pop_front()?;
        self.size -= waiting.content.size();
        Some(waiting)
    }

    /// Adds a reply that `task` is going to have.
    pub(super) fn defer(&mut self, task: TaskId, reply: PendingReply) {
        self.pending.push((task, reply));
    }

    /// Takes the reply that the task has now.
    pub(super) fn take(&mut self, task: TaskId) -> Option<PendingReply> {
        let index = self.pending.iter().position(|(id, _)| *id == task)?;
        Some(self.pending.remove(index).1)
    }

    /// Takes the oldest reply that is pending.
    pub(super) fn take_oldest(&mut self) -> Option<PendingReply> {
        (!self.pending.is_empty()).then(|| self.pending.remove(0).1)
    }

    /// Gives up the replies without an `id`.
    pub(super) fn give_up(&mut self) {
        self.pending.retain(|(_, reply)| reply.has_id());
        for waiting in &mut self.waiting {
            waiting.given_up |= !waiting.content.has_id();
        }
    }
}
