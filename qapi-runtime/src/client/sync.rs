//! Synchronisation with a guest agent (agent-behaviour.md §3.8).
//!
//! The channel to an agent outlives both ends: replies to a client that has gone, halves of requests and of replies
//! wait in it, and an agent that is not up yet may lose what it is sent. So a fresh random number is sent until it
//! comes back: whatever comes before that is not ours.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::{Duration, SystemTime};

use super::Transport;
use super::connection::{Connection, Deadline, Received, Sent};
use crate::message::{self, ErrorClass, Incoming};
use crate::read::Value;
use crate::value::{Any, Object};
use crate::wire::{Document, SENTINEL};
use crate::write::Writer;

/// Attempts take no longer than this.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(16);

/// How to get a number back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// `guest-sync-delimited`, whose reply is preceded by 0xFF: certain, whatever is in the channel.
    Delimited,
    /// `guest-sync`, for agents without the former.
    Plain,
    /// The `id` of any request, for agents on which both are disabled.
    Echo,
}

/// How synchronising ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Synced {
    Yes,
    TimedOut,
    Closed,
}

/// What a message means to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// The number has come back: the channel is empty.
    Synchronised,
    /// The agent does not know the command: begin the next attempt, with another one.
    Refused,
    /// Nothing: it answers an earlier request.
    None,
}

/// One synchronisation, apart from how it waits: what to send, how long to wait, and what the answers mean.
#[derive(Debug)]
pub(super) struct Synchroniser {
    method: Method,
    attempt: Duration,
    id: u64,
}

impl Synchroniser {
    pub(super) fn new(first_attempt: Duration) -> Self {
        Self {
            method: Method::Delimited,
            attempt: first_attempt.max(Duration::from_millis(1)),
            id: 0,
        }
    }

    /// Begins an attempt: the request, behind a byte that flushes what the agent has half received.
    ///
    /// What is half received from the agent belongs to an earlier exchange, and must be forgotten, too. The 0xFF of a
    /// reply does so, but an answer without 0xFF would become part of it.
    pub(super) fn request(&mut self) -> Vec<u8> {
        self.id = random_id();
        let name = match self.method {
            Method::Delimited => "guest-sync-delimited",
            Method::Plain | Method::Echo => "guest-sync",
        };
        let arguments = Object::from([("id", Any::from(self.id))]);
        let mut writer = Writer::with_buffer(vec![SENTINEL]);
        let echo = (self.method == Method::Echo).then_some(self.id);
        message::write_request(&mut writer, name, false, &arguments, echo);
        writer.into_bytes()
    }

    /// How long to wait for the attempt's answer.
    pub(super) fn patience(&self) -> Duration {
        self.attempt
    }

    /// There was no answer: the next attempt waits longer.
    pub(super) fn expired(&mut self) {
        self.attempt = (self.attempt * 2).min(LONGEST_ATTEMPT);
    }

    /// What a message received means.
    pub(super) fn judge(&mut self, document: &Document) -> Progress {
        let is_ours = |value: Value<'_>| {
            value
                .integer()
                .is_ok_and(|value| u64::try_from(value) == Ok(self.id))
        };
        match Incoming::new(document) {
            Incoming::Return { value, .. } if is_ours(value) => Progress::Synchronised,
            Incoming::Error { id: Some(echo), .. } if is_ours(echo) => Progress::Synchronised,
            // It may answer an earlier request of ours, too: then the next method is tried for nothing, no more.
            Incoming::Error { error, .. } if error.class == ErrorClass::CommandNotFound => {
                self.method = match self.method {
                    Method::Delimited => Method::Plain,
                    Method::Plain => Method::Echo,
                    Method::Echo => return Progress::None,
                };
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
        let sent = connection.send(&synchroniser.request(), deadline);
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
            Progress::Synchronised => return Ok(Some(Synced::Yes)),
            Progress::Refused => return Ok(None),
            Progress::None => {}
        }
    }
}

/// A fresh number of 63 bits that nobody else will use: agents take signed integers.
fn random_id() -> u64 {
    // The state is seeded from the system's random numbers and differs from call to call.
    RandomState::new().hash_one(SystemTime::now()) >> 1
}
