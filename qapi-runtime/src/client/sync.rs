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
use crate::error::ErrorClass;
use crate::read::Value;
use crate::value::{Any, Object};
use crate::wire::SENTINEL;
use crate::wire::request::{self, Incoming};
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

/// Sends numbers until one comes back.
pub(super) fn synchronise<T: Transport>(
    connection: &mut Connection<T>,
    first_attempt: Duration,
    deadline: Deadline,
) -> io::Result<Synced> {
    let mut method = Method::Delimited;
    let mut attempt = first_attempt.max(Duration::from_millis(1));
    loop {
        let id = random_id();
        if connection.send(&sync_request(method, id), deadline)? != Sent::All {
            return Ok(Synced::TimedOut);
        }
        let limit = deadline.min(Deadline::after(Some(attempt)));
        match wait_for(connection, method, id, limit)? {
            Answer::Ours => return Ok(Synced::Yes),
            Answer::Closed => return Ok(Synced::Closed),
            Answer::Unknown if method == Method::Delimited => method = Method::Plain,
            Answer::Unknown => method = Method::Echo,
            Answer::None if deadline.is_over() => return Ok(Synced::TimedOut),
            Answer::None => attempt = (attempt * 2).min(LONGEST_ATTEMPT),
        }
        // What is half received belongs to an earlier exchange. The 0xFF of a reply ends it, but an answer without
        // 0xFF would become part of it.
        connection.reset();
    }
}

/// The request, behind a byte that flushes what the agent has half received.
fn sync_request(method: Method, id: u64) -> Vec<u8> {
    let name = match method {
        Method::Delimited => "guest-sync-delimited",
        Method::Plain | Method::Echo => "guest-sync",
    };
    let arguments = Object::from([("id", Any::from(id))]);
    let mut writer = Writer::with_buffer(vec![SENTINEL]);
    request::write(
        &mut writer,
        name,
        false,
        &arguments,
        (method == Method::Echo).then_some(id),
    );
    writer.into_bytes()
}

/// What became of an attempt.
enum Answer {
    Ours,
    /// The agent does not have the command, or has it disabled.
    Unknown,
    None,
    Closed,
}

fn wait_for<T: Transport>(
    connection: &mut Connection<T>,
    method: Method,
    id: u64,
    deadline: Deadline,
) -> io::Result<Answer> {
    let is_ours = |value: Value<'_>| {
        value
            .integer()
            .ok()
            .is_some_and(|value| u64::try_from(value) == Ok(id))
    };
    loop {
        match connection.receive(deadline)? {
            Received::Document => {}
            Received::Malformed(_) | Received::Sentinel => continue,
            Received::TimedOut => return Ok(Answer::None),
            Received::Closed => return Ok(Answer::Closed),
        }
        match Incoming::new(connection.document()) {
            Incoming::Return { value, .. } if is_ours(value) => return Ok(Answer::Ours),
            Incoming::Error { id: Some(echo), .. } if is_ours(echo) => return Ok(Answer::Ours),
            // It may answer an earlier request of ours, too: then the next method is tried for nothing, no more.
            Incoming::Error { error, .. }
                if error.class == ErrorClass::CommandNotFound && method != Method::Echo =>
            {
                return Ok(Answer::Unknown);
            }
            _ => {}
        }
    }
}

/// A fresh number of 63 bits that nobody else will use: agents take signed integers.
fn random_id() -> u64 {
    // The state is seeded from the system's random numbers and differs from call to call.
    RandomState::new().hash_one(SystemTime::now()) >> 1
}
