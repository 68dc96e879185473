//! A port of a virtio-serial device (agent-behaviour.md §2.1).

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::stat::Mode;
use qapi_runtime::server::{Dispatcher, Service};

use super::{Channel, Watch};
use crate::connection::{Connection, Progress};
use crate::failure::errno_text;
use crate::log::{Log, log};

/// The port.
///
/// While no host program has it open, it reads as ended and polls as readable, without end. So it is
/// not polled itself but watched for changes, by an edge-triggered epoll instance, which reports
/// opening, closing and data once each (D25).
#[derive(Debug)]
pub(crate) struct VirtioSerial {
    connection: Connection<File>,
    changes: Epoll,
    /// There may be more to do before the next change.
    unfinished: bool,
    host: Host,
    name: String,
}

/// What is known of the host program.
///
/// Its bytes may be here before the kernel has taken note of its opening the port. Until then the
/// port reads as ended and takes no answers, just as it does after the closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// Nothing has come since the last one closed the port.
    Absent,
    /// It has sent bytes, and must be seen to have the port open before this time.
    Announced(Instant),
    /// It has been seen to have the port open.
    Present,
}

/// How long the news of an opening may lag behind the bytes. Those of a program that has opened,
/// written and closed within a moment are indistinguishable from it; its answers are dropped then.
const ANNOUNCEMENT: Duration = Duration::from_secs(2);

impl VirtioSerial {
    /// Opens the port. Only one process can.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let failed = |errno| format!("cannot open virtio port `{name}`: {}", errno_text(errno));
        let flags = OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let port = File::from(open(path, flags, Mode::empty()).map_err(failed)?);
        let changes = watch_changes(&port).map_err(failed)?;
        Ok(Self {
            connection: Connection::new(port),
            changes,
            unfinished: true,
            host: Host::Absent,
            name,
        })
    }

    /// Whether no host program has the port open.
    fn is_closed(&self) -> Result<bool, Errno> {
        let mut port = [PollFd::new(
            self.connection.stream().as_fd(),
            PollFlags::empty(),
        )];
        poll(&mut port, PollTimeout::ZERO)?;
        Ok(port[0]
            .revents()
            .is_none_or(|events| events.contains(PollFlags::POLLHUP)))
    }

    /// Takes note of whether the port is open, when there is nothing more to read or to write.
    ///
    /// With a host program that has gone goes whoever wants the answers and the rest of the request
    /// (D4, D5).
    fn observe(&mut self, log: &Log) -> Result<(), Errno> {
        self.unfinished = false;
        if !self.is_closed()? {
            self.welcome(Host::Present, log);
            return Ok(());
        }
        match self.host {
            Host::Announced(until) if Instant::now() < until => {}
            Host::Absent => {}
            Host::Announced(_) | Host::Present => {
                log!(log, Info, "host disconnected");
                self.connection.reset();
                self.host = Host::Absent;
            }
        }
        Ok(())
    }

    fn welcome(&mut self, host: Host, log: &Log) {
        if self.host == Host::Absent {
            log!(log, Info, "host connected");
        }
        self.host = host;
    }
}

fn watch_changes(port: &File) -> Result<Epoll, Errno> {
    let changes = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let events = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLET;
    changes.add(port, EpollEvent::new(events, 0))?;
    Ok(changes)
}

impl<S: Service> Channel<S> for VirtioSerial {
    fn watch(&mut self) -> Watch<'_> {
        Watch {
            descriptor: self.changes.0.as_fd(),
            events: PollFlags::POLLIN,
            timeout: match self.host {
                _ if self.unfinished => Some(Duration::ZERO),
                Host::Announced(until) => Some(until.saturating_duration_since(Instant::now())),
                Host::Absent | Host::Present => None,
            },
        }
    }

    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String> {
        // Takes note of the change, so that the next one is reported; what it was, the port says.
        let mut change = [EpollEvent::empty()];
        let broken = |name: &str, reason: String| {
            format!("error reading channel: virtio port `{name}`: {reason}")
        };
        match self.changes.wait(&mut change, EpollTimeout::ZERO) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(broken(&self.name, errno_text(errno))),
        }
        match self.connection.advance(dispatcher) {
            Ok(Progress::Some) => {
                self.unfinished = true;
                if self.host == Host::Absent {
                    self.welcome(Host::Announced(Instant::now() + ANNOUNCEMENT), log);
                }
            }
            Ok(Progress::Gone | Progress::Blocked) => {
                self.observe(log)
                    .map_err(|errno| broken(&self.name, errno_text(errno)))?;
            }
            Err(error) => return Err(broken(&self.name, error.to_string())),
        }
        Ok(())
    }

    fn client(&self) -> u64 {
        self.connection.client()
    }

    fn deliver(&mut self, client: u64, answer: &[u8]) {
        // No change of the port announces that there is something to send.
        self.unfinished |= self.connection.deliver(client, answer);
    }
}
