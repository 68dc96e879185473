//! Where the agent spends its life: waiting for signals, clients and the pipes of programs.
//!
//! One thread and one wait. Nothing here blocks but a handler at work.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use qapi_runtime::server::{Dispatcher, Service};

use crate::agent::Agent;
use crate::connection::{Client, Connection};
use crate::log::{Log, log};
use crate::sys;
use crate::transport::unix_listen::UnixListen;

/// How long to leave clients waiting when none can be accepted, for lack of descriptors mostly.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Signals as something to wait for, so that no code runs in signal context (defect D2).
///
/// They stay blocked in the calling thread from here on: what comes before the loop starts waits.
pub(crate) fn signals() -> Result<SignalFd, Errno> {
    sys::default_child_signal()?;
    let watched = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD]);
    watched.thread_block()?;
    SignalFd::with_flags(&watched, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// Serves clients one after the other until SIGTERM or SIGINT.
pub(crate) struct EventLoop<'a, S> {
    pub(crate) signals: SignalFd,
    pub(crate) listener: UnixListen,
    pub(crate) dispatcher: &'a Dispatcher<S>,
    pub(crate) agent: &'a Agent,
    pub(crate) log: &'a Log,
}

/// What a wait found ready.
#[derive(Debug, Default)]
struct Ready {
    signals: bool,
    /// The client, or the listener if there is no client.
    channel: bool,
    /// Positions in the sequence of `Children::watched`.
    transfers: Vec<usize>,
}

impl<S: Service> EventLoop<'_, S> {
    /// Runs until a signal asks to end. An error means that waiting itself failed.
    pub(crate) fn run(&self) -> Result<(), Errno> {
        let mut client = None;
        let mut pause_until = None;
        loop {
            let ready = self.wait(client.as_mut(), pause_until)?;
            if ready.signals && self.end_is_wanted()? {
                return Ok(());
            }
            if !ready.transfers.is_empty() {
                self.agent.children().transfer(ready.transfers);
            }
            if pause_until.is_some_and(|until| until <= Instant::now()) {
                pause_until = None;
            }
            if !ready.channel {
                continue;
            }
            match &mut client {
                Some(connection) => {
                    if self.serve(connection) == Client::Gone {
                        client = None;
                    }
                }
                None => match self.listener.accept() {
                    Ok(stream) => client = stream.map(|stream| self.welcome(stream)),
                    Err(error) => {
                        log!(self.log, Error, "cannot accept a client: {error}");
                        pause_until = Some(Instant::now() + ACCEPT_PAUSE);
                    }
                },
            }
        }
    }

    fn welcome(&self, stream: UnixStream) -> Connection<UnixStream> {
        log!(self.log, Info, "client connected");
        Connection::new(stream)
    }

    fn serve(&self, connection: &mut Connection<UnixStream>) -> Client {
        let outcome = connection.advance(self.dispatcher).unwrap_or_else(|error| {
            log!(self.log, Warning, "error reading channel: {error}");
            Client::Gone
        });
        if outcome == Client::Gone {
            log!(self.log, Info, "client disconnected");
        }
        outcome
    }

    /// Waits for anything to do. While a client is served the listener is left alone: the next one
    /// waits in its queue.
    fn wait(
        &self,
        client: Option<&mut Connection<UnixStream>>,
        pause_until: Option<Instant>,
    ) -> Result<Ready, Errno> {
        let children = self.agent.children();
        let mut descriptors = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let (channel, events) = match client {
            Some(connection) => connection.watched(),
            // An empty set of events: the descriptor keeps its place.
            None if pause_until.is_some() => (self.listener.as_fd(), PollFlags::empty()),
            None => (self.listener.as_fd(), PollFlags::POLLIN),
        };
        descriptors.push(PollFd::new(channel, events));
        let first_transfer = descriptors.len();
        descriptors.extend(
            children
                .watched()
                .map(|(pipe, events)| PollFd::new(pipe, events)),
        );
        let timeout = pause_until.map_or(PollTimeout::NONE, |until| {
            let left = until.saturating_duration_since(Instant::now());
            // Rounded up, so that the pause is over when the wait is.
            PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::ZERO)
        });
        match poll(&mut descriptors, timeout) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(errno) => return Err(errno),
        }
        let is_ready = |descriptor: &PollFd<'_>| {
            // Unknown bits count too: whatever it is, the call on the descriptor will tell.
            descriptor.any().unwrap_or(true)
        };
        let transfers = descriptors[first_transfer..].iter().enumerate();
        Ok(Ready {
            signals: is_ready(&descriptors[0]),
            channel: is_ready(&descriptors[1]),
            transfers: transfers
                .filter_map(|(index, descriptor)| is_ready(descriptor).then_some(index))
                .collect(),
        })
    }

    /// Handles the signals that came; whether one of them asks to end.
    fn end_is_wanted(&self) -> Result<bool, Errno> {
        let mut end = false;
        while let Some(signal) = self.signals.read_signal()? {
            match i32::try_from(signal.ssi_signo).map(Signal::try_from) {
                Ok(Ok(Signal::SIGCHLD)) => self.agent.children().reap(),
                Ok(Ok(signal)) => {
                    log!(self.log, Info, "{signal} received: ending");
                    end = true;
                }
                _ => {}
            }
        }
        Ok(end)
    }
}
