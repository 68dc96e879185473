//! Clients of a listening socket, one after the other (docs/reference/agent-behaviour.md §2.3).

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use super::channel::{Channel, Watch};
use crate::log::{Log, log};
use crate::platform::poller::{Poller, Watched};
use crate::transport::connection::{Connection, Delivery, Progress};

/// The pause after a failure to accept, usually for lack of descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// A socket that clients connect to.
pub(crate) trait Listener: AsFd {
    /// A client's connection.
    type Stream: AsFd + Read + Write;

    /// Takes the next waiting client, if there is one. Its stream does not block.
    fn accept(&self) -> io::Result<Arrival<Self::Stream>>;
}

/// The result of accepting.
#[derive(Debug)]
pub(crate) enum Arrival<T> {
    /// A client to be served.
    Client(T),
    /// No client, or one that has gone again.
    Nobody,
    /// A client that may not connect, whose connection is closed; the text says why.
    Refused(String),
}

/// A listener and the client that is being served. Meanwhile the next client waits in the listener's queue; a client
/// that is idle meanwhile is disconnected after a time.
pub(crate) struct Clients<L: Listener> {
    poller: Rc<Poller>,
    listener: Watched<L>,
    client: Option<Connection<Watched<L::Stream>>>,
    paused_until: Option<Instant>,
    /// The time for which a client may do nothing while another one waits.
    max_idle_time: Option<Duration>,
    /// The last time that the client did something.
    active: Instant,
    /// Another client is waiting.
    has_rival: bool,
    /// Replies were lost with a client, which has not been reported.
    has_lost: bool,
    /// Kept open for a client to take its place when there are no descriptors left: files that
    /// clients opened stay open, and only a client can close them.
    spare: Option<OwnedFd>,
}

impl<L: Listener> Clients<L> {
    pub(crate) fn new(
        listener: L,
        max_idle_time: Option<Duration>,
        poller: &Rc<Poller>,
    ) -> io::Result<Self> {
        let mut clients = Self {
            poller: Rc::clone(poller),
            listener: Watched::listener(listener, poller)?,
            client: None,
            paused_until: None,
            max_idle_time,
            active: Instant::now(),
            has_rival: false,
            has_lost: false,
            spare: None,
        };
        clients.keep_spare();
        Ok(clients)
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
        match self.try_accept() {
            Ok(Arrival::Client(client)) => {
                log!(log, Info, "client connected");
                self.client = Some(client);
                (self.active, self.has_rival) = (Instant::now(), false);
            }
            Ok(Arrival::Nobody) => {}
            Ok(Arrival::Refused(reason)) => log!(log, Warning, "client refused: {reason}"),
            // One attempt more, in the place of the spare one.
            Err(_) if self.spare.take().is_some() => {}
            Err(error) => {
                log!(log, Error, "cannot accept a client: {error}");
                self.paused_until = Some(Instant::now() + PAUSE);
            }
        }
    }

    fn try_accept(&self) -> io::Result<Arrival<Connection<Watched<L::Stream>>>> {
        Ok(match self.listener.get().accept()? {
            Arrival::Client(stream) => {
                let stream = Watched::stream(stream, &self.poller)?;
                Arrival::Client(Connection::new(stream))
            }
            Arrival::Nobody => Arrival::Nobody,
            Arrival::Refused(reason) => Arrival::Refused(reason),
        })
    }

    /// Lets the client go that is being served.
    fn dismiss(&mut self) {
        if let Some(mut client) = self.client.take() {
            self.has_lost |= client.has_output();
        }
        self.keep_spare();
    }

    /// Returns true if a client waits for the one that is being served.
    fn sees_rival(&self) -> bool {
        let mut listener = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        poll(&mut listener, PollTimeout::ZERO) == Ok(1)
    }

    /// Makes room for the next client if the one that is being served has done nothing for too long.
    fn judge_idleness(&mut self, log: &Log) {
        let (Some(limit), Some(client)) = (self.max_idle_time, &mut self.client) else {
            return;
        };
        // A client that waits for a slow command is not idle.
        if client.is_waiting() {
            self.active = Instant::now();
        }
        if self.active.elapsed() < limit {
            self.has_rival = self.has_rival || self.sees_rival();
            return;
        }
        // Checked again, because the waiting client may have given up.
        self.has_rival = self.sees_rival();
        if self.has_rival {
            log!(
                log,
                Warning,
                "client disconnected: it has done nothing for {} seconds, and another one waits",
                limit.as_secs_f64()
            );
            self.dismiss();
        }
    }
}

impl<S: Service, L: Listener> Channel<S> for Clients<L> {
    fn watch(&mut self) -> Watch<'_> {
        let (is_listening, until) = match &mut self.client {
            Some(client) => {
                let (wanted, anew) = (client.wanted(), !client.has_read_all());
                client.stream_mut().wait_for(wanted, anew);
                let limit = self.max_idle_time.filter(|_| self.has_rival);
                // While the other client waits, it need not be reported again before the limit.
                let is_listening = self.max_idle_time.is_some() && !self.has_rival;
                (is_listening, limit.map(|limit| self.active + limit))
            }
            None => (self.paused_until.is_none(), self.paused_until),
        };
        let wanted = if is_listening {
            PollFlags::POLLIN
        } else {
            PollFlags::empty()
        };
        self.listener.wait_for(wanted, false);
        Watch {
            descriptor: None,
            timeout: until.map(|until| until.saturating_duration_since(Instant::now())),
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
        match progress {
            Progress::Gone => {
                log!(log, Info, "client disconnected");
                self.dismiss();
            }
            Progress::Some => self.active = Instant::now(),
            Progress::Blocked => self.judge_idleness(log),
        }
        Ok(())
    }

    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let client = self.client.as_mut();
        client.is_some_and(|connection| connection.complete(task, result))
    }

    fn delivery(&mut self) -> Delivery {
        if std::mem::take(&mut self.has_lost) {
            return Delivery::Lost;
        }
        let client = self.client.as_mut();
        client.map_or(Delivery::Sent, Connection::delivery)
    }

    fn finish(&mut self, refusal: &Error, patience: Duration) {
        if let Some(connection) = &mut self.client {
            connection.finish(refusal, patience);
        }
    }
}
