//! Clients of a listening socket, one after the other (agent-behaviour.md §2.3).

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::PollFlags;
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use super::channel::{Channel, Watch};
use crate::connection::{Connection, Progress};
use crate::log::{Log, log};

/// The time that clients are left waiting when none can be accepted, for lack of descriptors mostly.
const PAUSE: Duration = Duration::from_secs(1);

/// A socket that clients connect to.
pub(crate) trait Listener: AsFd {
    /// A client's connection.
    type Stream: AsFd + Read + Write;

    /// Takes the next waiting client, if there is one. Its stream does not block.
    fn accept(&self) -> io::Result<Option<Self::Stream>>;
}

/// A listener and the client that is being served. While there is one the listener is left alone:
/// the next client waits in its queue.
pub(crate) struct Clients<L: Listener> {
    listener: L,
    client: Option<Connection<L::Stream>>,
    paused_until: Option<Instant>,
    /// Kept open for a client to take its place when there are no descriptors left: files that
    /// clients opened stay open, and only a client can close them.
    spare: Option<OwnedFd>,
}

impl<L: Listener> Clients<L> {
    pub(crate) fn new(listener: L) -> Self {
        let mut clients = Self {
            listener,
            client: None,
            paused_until: None,
            spare: None,
        };
        clients.keep_spare();
        clients
    }

    fn keep_spare(&mut self) {
        if self.spare.is_none() {
            self.spare = self.listener.as_fd().try_clone_to_owned().ok();
        }
    }

    fn accept(&mut self, log: &Log) {
        if self
            .paused_until
            .is_some_and(|until| Instant::now() < until)
        {
            return;
        }
        self.paused_until = None;
        match self.listener.accept() {
            Ok(Some(stream)) => {
                log!(log, Info, "client connected");
                self.client = Some(Connection::new(stream));
            }
            Ok(None) => {}
            // One attempt more, in the place of the spare one.
            Err(_) if self.spare.take().is_some() => {}
            Err(error) => {
                log!(log, Error, "cannot accept a client: {error}");
                self.paused_until = Some(Instant::now() + PAUSE);
            }
        }
    }
}

impl<S: Service, L: Listener> Channel<S> for Clients<L> {
    fn watch(&mut self) -> Watch<'_> {
        if let Some(client) = &mut self.client {
            return Watch {
                descriptor: client.watched(),
                timeout: None,
            };
        }
        match self.paused_until {
            None => Watch {
                descriptor: Some((self.listener.as_fd(), PollFlags::POLLIN)),
                timeout: None,
            },
            Some(until) => Watch {
                descriptor: None,
                timeout: Some(until.saturating_duration_since(Instant::now())),
            },
        }
    }

    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String> {
        let Some(client) = &mut self.client else {
            self.accept(log);
            return Ok(());
        };
        let progress = client.advance(dispatcher).unwrap_or_else(|error| {
            log!(log, Warning, "error reading channel: {error}");
            Progress::Gone
        });
        if progress == Progress::Gone {
            log!(log, Info, "client disconnected");
            self.client = None;
            self.keep_spare();
        }
        Ok(())
    }

    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let client = self.client.as_mut();
        client.is_some_and(|connection| connection.complete(task, result))
    }

    fn finish(&mut self, refusal: &Error, patience: Duration) {
        if let Some(connection) = &mut self.client {
            connection.finish(refusal, patience);
        }
    }
}
