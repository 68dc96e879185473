//! A port of a virtio-serial device (docs/reference/agent-behaviour.md §2.1).

mod port;

use std::path::Path;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use self::port::{KernelPort, Port};
use super::channel::{Channel, Watch};
use crate::failure::errno_text;
use crate::log::{Log, log};
use crate::transport::connection::{Connection, Delivery, Progress};

/// The port.
///
/// While no host program has it open, it reads as ended and polls as readable, without end. So it is not polled itself
/// but watched for changes, each of which is reported once (D25).
#[derive(Debug)]
pub(crate) struct VirtioSerial<P = KernelPort> {
    connection: Connection<P>,
    /// There may be more to do before the next change.
    unfinished: bool,
    host: Host,
    succession: Duration,
    name: String,
}

/// The state of the host program, as far as it is known.
///
/// Its bytes may arrive before the kernel notices that it has opened the port. Until then the port reads as ended and
/// takes no answers, just as after the port was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// Nothing has come since the last one closed the port.
    Absent,
    /// It has sent bytes, and must be seen to have the port open before this time.
    Announced(Instant),
    /// It has been seen to have the port open.
    Present,
    /// It has closed the port. Until this time nothing is read, to see whether another one opens it.
    Leaving(Instant),
}

/// The time by which the news of an opening may lag behind the bytes. Those of a program that has opened, written and
/// closed within a moment are indistinguishable from it; its answers are dropped then.
const ANNOUNCEMENT: Duration = Duration::from_secs(2);

/// The time to wait for another opening after the port was closed. The next host program's bytes may be here before the
/// news of its opening, and would be taken for the last ones of the program before it, which gets no answers any more.
const SUCCESSION: Duration = Duration::from_millis(200);

impl VirtioSerial {
    /// Opens the port. Only one process can.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let port = KernelPort::open(path)
            .map_err(|errno| format!("cannot open virtio port `{name}`: {}", errno_text(errno)))?;
        Ok(Self::new(port, name))
    }
}

impl<P: Port> VirtioSerial<P> {
    fn new(port: P, name: String) -> Self {
        Self {
            connection: Connection::new(port),
            unfinished: true,
            host: Host::Absent,
            succession: SUCCESSION,
            name,
        }
    }

    /// Goes on for one portion of work. The last call on the port matters, because everything after it is announced as
    /// a change.
    fn step<S: Service>(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String> {
        let port = self.connection.stream();
        let is_closed = port
            .take_changes()
            .and_then(|()| port.is_closed())
            .map_err(errno_text)?;
        let before = self.host;
        if self.is_in_succession(is_closed, log) {
            self.unfinished = false;
            return Ok(());
        }
        if matches!(before, Host::Leaving(_)) && self.host == Host::Present {
            // Losses of the earlier program are separate from the replies to this one.
            self.unfinished = true;
            return Ok(());
        }
        match self.connection.advance(dispatcher) {
            Ok(Progress::Some) => {
                self.unfinished = true;
                if self.host == Host::Absent {
                    self.welcome(Host::Announced(Instant::now() + ANNOUNCEMENT), log);
                }
            }
            // Nothing was read after the look at the port.
            Ok(Progress::Gone | Progress::Blocked) => {
                self.unfinished = false;
                self.observe(is_closed, log);
            }
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }

    /// Returns true while another host program's opening the port is to be waited for.
    fn is_in_succession(&mut self, is_closed: bool, log: &Log) -> bool {
        match self.host {
            Host::Present if is_closed => {
                self.host = Host::Leaving(Instant::now() + self.succession);
                true
            }
            Host::Leaving(until) if is_closed => Instant::now() < until,
            Host::Leaving(until) => {
                log!(log, Info, "host disconnected, and another one connected");
                let closed = until.checked_sub(self.succession * 2);
                self.connection.hand_over(closed.unwrap_or(until));
                self.host = Host::Present;
                false
            }
            Host::Present | Host::Absent | Host::Announced(_) => false,
        }
    }

    /// Takes note of whether the port is open, when there is nothing more to read or to write.
    ///
    /// When the host program has gone, nothing wants its answers or the rest of its request (D4, D5).
    fn observe(&mut self, is_closed: bool, log: &Log) {
        if !is_closed {
            self.welcome(Host::Present, log);
            return;
        }
        match self.host {
            Host::Announced(until) if Instant::now() < until => {}
            Host::Absent => {}
            Host::Announced(_) | Host::Present | Host::Leaving(_) => {
                self.dismiss(log);
                // Answers that could not be sent may have kept the next host's bytes from being read.
                self.unfinished = true;
            }
        }
    }

    fn dismiss(&mut self, log: &Log) {
        log!(log, Info, "host disconnected");
        self.connection.reset();
        self.host = Host::Absent;
    }

    fn welcome(&mut self, host: Host, log: &Log) {
        if self.host == Host::Absent {
            log!(log, Info, "host connected");
        }
        self.host = host;
    }
}

impl<S: Service, P: Port> Channel<S> for VirtioSerial<P> {
    fn watch(&mut self) -> Watch<'_> {
        Watch {
            descriptor: Some((self.connection.stream().changes(), PollFlags::POLLIN)),
            timeout: match self.host {
                _ if self.unfinished => Some(Duration::ZERO),
                Host::Announced(until) | Host::Leaving(until) => {
                    Some(until.saturating_duration_since(Instant::now()))
                }
                Host::Absent | Host::Present => None,
            },
        }
    }

    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String> {
        self.step(dispatcher, log).map_err(|reason| {
            let name = &self.name;
            format!("error reading channel: virtio port `{name}`: {reason}")
        })
    }

    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let is_awaited = self.connection.complete(task, result);
        // No change of the port announces that there is something to send.
        self.unfinished |= is_awaited;
        is_awaited
    }

    fn delivery(&mut self) -> Delivery {
        self.connection.delivery()
    }

    fn finish(&mut self, refusal: &Error, patience: Duration) {
        self.connection.finish(refusal, patience);
    }
}

#[cfg(test)]
mod tests;
