//! Synchronisation with a guest agent (docs/reference/agent-behaviour.md §3.8).
//!
//! The channel to an agent outlives both ends: it may contain replies to an earlier client and parts of requests and
//! replies, and an agent that is not up yet may lose what it is sent. So a new random number is sent until the agent
//! returns it; everything received before that belongs to others.

use std::io;
use std::time::Duration;

use super::Transport;
use super::attached::AttachedDescriptors;
use super::call_errors::no_reply;
use super::connection::{Connection, Sent};
use super::deadline::Deadline;
use super::handshake::SYNCHRONISATION;
use super::message_reader::Received;
use super::request_id::random_id;
use crate::message::{self, ErrorClass, Incoming};
use crate::read::Value;
use crate::value::{Any, Object};
use crate::wire::{Document, SENTINEL};
use crate::write::Writer;

/// Attempts take no longer than this.
pub(super) const LONGEST_ATTEMPT: Duration = Duration::from_secs(16);

/// The command that returns a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// `guest-sync-delimited`, whose reply is preceded by 0xFF: certain, whatever is in the channel.
    Delimited,
    /// `guest-sync`, for agents without the former.
    Plain,
}

/// The state of the channel to a guest agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Link {
    /// The next message received is the reply to the next request sent, as far as can be known.
    pub(super) synchronised: bool,
    /// The agent echoes the `id` of requests, so that nothing else can pass for their replies. Agents before QEMU 3.0
    /// do not.
    echoes: bool,
    /// The number that was returned last. The same number again is not a reply to any request.
    number: u64,
}

impl Link {
    /// Returns the `id` for the next request: a number that no other client of the agent uses.
    pub(super) fn next_id(self) -> Option<u64> {
        self.echoes.then(random_id)
    }

    /// Records that a request has been answered: the channel is empty, unless the agent answers twice. If it echoes no
    /// `id`, only another synchronisation can tell.
    pub(super) fn settle(&mut self) {
        self.synchronised = self.echoes;
    }

    /// Judges a message while the reply to request `id` is due.
    pub(super) fn judge(self, message: &Document, id: Option<u64>) -> GuestReplyMeaning {
        let is_ours = |echo: Option<Value<'_>>| match (id, echo) {
            (Some(id), Some(echo)) => is_number(echo, id),
            (Some(_), None) => false,
            (None, _) => true,
        };
        match Incoming::new(message) {
            Incoming::Return { value, .. } if is_number(value, self.number) => {
                GuestReplyMeaning::NotOurs
            }
            Incoming::Return { id, .. }
            | Incoming::Error {
                id: id @ Some(_), ..
            } => {
                if is_ours(id) {
                    GuestReplyMeaning::Reply
                } else {
                    GuestReplyMeaning::NotOurs
                }
            }
            // The agent could not read the request, not even its `id`.
            Incoming::Error { id: None, .. } => GuestReplyMeaning::Complaint,
            Incoming::Event { name, .. } => {
                GuestReplyMeaning::Nonsense(format!("an event `{name}` instead of a reply"))
            }
            Incoming::Greeting(_) => GuestReplyMeaning::Nonsense(
                "the greeting of a QMP server instead of a guest agent's reply".to_owned(),
            ),
            Incoming::Other(kind) => GuestReplyMeaning::Nonsense(no_reply(kind)),
        }
    }
}

/// The meaning of a message for the waiting request to a guest agent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum GuestReplyMeaning {
    /// The reply, or the error that takes its place.
    Reply,
    /// An error that does not say what it is about.
    Complaint,
    /// The reply to another request.
    NotOurs,
    /// Not a reply.
    Nonsense(String),
}

fn is_number(value: Value<'_>, number: u64) -> bool {
    value
        .integer()
        .is_ok_and(|value| u64::try_from(value) == Ok(number))
}

/// The end of a synchronisation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Synced {
    Yes(Link),
    TimedOut,
    Closed,
}

/// The meaning of a message for an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// The number has come back: the channel is empty.
    Synchronised,
    /// The agent does not know the command: begin the next attempt, with another one.
    Refused,
    /// Nothing: it answers an earlier request.
    None,
}

/// One synchronisation: what to send, how long to wait, and the meaning of answers. The caller does the waiting.
#[derive(Debug)]
pub(super) struct Synchroniser {
    method: Method,
    /// Requests have an `id`, which agents before QEMU 3.0 refuse.
    with_id: bool,
    attempt: Duration,
    number: u64,
    echoes: bool,
}

impl Synchroniser {
    pub(super) fn new(first_attempt: Duration) -> Self {
        Self {
            method: Method::Delimited,
            with_id: true,
            attempt: first_attempt.max(Duration::from_millis(1)),
            number: 0,
            echoes: false,
        }
    }

    /// Begins an attempt: sends the request, after a byte that flushes an unfinished request in the agent.
    ///
    /// A half received message of the agent belongs to an earlier exchange, and must be forgotten, too. The 0xFF of a
    /// reply does so, but an answer without 0xFF would become part of it.
    pub(super) fn request(&mut self) -> Vec<u8> {
        self.number = random_id();
        let name = match self.method {
            Method::Delimited => SYNCHRONISATION,
            Method::Plain => "guest-sync",
        };
        let arguments = Object::from([("id", Any::from(self.number))]);
        let mut writer = Writer::with_buffer(vec![SENTINEL]);
        let id = self.with_id.then_some(self.number);
        message::write_request(&mut writer, name, false, &arguments, id);
        writer.into_bytes()
    }

    /// Returns the time to wait for the attempt's answer.
    pub(super) fn patience(&self) -> Duration {
        self.attempt
    }

    /// There was no answer: the next attempt waits longer.
    pub(super) fn expired(&mut self) {
        self.attempt = (self.attempt * 2).min(LONGEST_ATTEMPT);
    }

    /// Returns the channel, once it is synchronised.
    pub(super) fn link(&self) -> Link {
        Link {
            synchronised: true,
            echoes: self.echoes,
            number: self.number,
        }
    }

    /// Judges a message.
    pub(super) fn judge(&mut self, document: &Document) -> Progress {
        let is_ours = |value: Value<'_>| is_number(value, self.number);
        match Incoming::new(document) {
            Incoming::Return { value, id } if is_ours(value) => {
                self.echoes = id.is_some_and(is_ours);
                Progress::Synchronised
            }
            // Even an agent on which both commands are disabled tells by it that nothing is left in the channel.
            Incoming::Error { id: Some(echo), .. } if is_ours(echo) => {
                self.echoes = true;
                Progress::Synchronised
            }
            // The next two may answer earlier requests of ours, too: then another form is tried for nothing, no more.
            Incoming::Error { error, id: None } if self.with_id && error.desc.contains("'id'") => {
                self.with_id = false;
                Progress::Refused
            }
            Incoming::Error { error, .. }
                if error.class == ErrorClass::CommandNotFound
                    && self.method == Method::Delimited =>
            {
                self.method = Method::Plain;
                Progress::Refused
            }
            _ => Progress::None,
        }
    }
}

/// Sends numbers until one comes back.
pub(super) fn synchronise<T: Transport>(
    connection: &mut Connection<T>,
    first_attempt: Duration,
    deadline: Deadline,
) -> io::Result<Synced> {
    let mut synchroniser = Synchroniser::new(first_attempt);
    loop {
        let sent = connection.send(
            &synchroniser.request(),
            &AttachedDescriptors::default(),
            deadline,
        );
        if sent.map_err(|failure| failure.error)? != Sent::All {
            return Ok(Synced::TimedOut);
        }
        let limit = deadline.min(Deadline::after(Some(synchroniser.patience())));
        if let Some(end) = wait_for(connection, &mut synchroniser, limit)? {
            return Ok(end);
        }
        if deadline.is_over() {
            return Ok(Synced::TimedOut);
        }
        connection.reset();
    }
}

/// Waits for the answer to an attempt; `None` if another attempt is due.
fn wait_for<T: Transport>(
    connection: &mut Connection<T>,
    synchroniser: &mut Synchroniser,
    limit: Deadline,
) -> io::Result<Option<Synced>> {
    loop {
        match connection.receive(limit)? {
            Received::Document => {}
            Received::Malformed(_) | Received::Sentinel => continue,
            Received::TimedOut => {
                synchroniser.expired();
                return Ok(None);
            }
            Received::Closed => return Ok(Some(Synced::Closed)),
        }
        match synchroniser.judge(connection.document()) {
            Progress::Synchronised => return Ok(Some(Synced::Yes(synchroniser.link()))),
            Progress::Refused => return Ok(None),
            Progress::None => {}
        }
    }
}
