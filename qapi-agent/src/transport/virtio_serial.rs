//! A port of a virtio-serial device (agent-behaviour.md §2.1).

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

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
    /// A host program has the port open, as far as is known.
    connected: bool,
    name: String,
}

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
            connected: false,
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

    /// The host program has gone, and with it whoever wants the answers and the rest of the request
    /// (D4, D5).
    fn forget_client(&mut self, log: &Log) {
        self.connection.reset();
        self.unfinished = false;
        if std::mem::take(&mut self.connected) {
            log!(log, Info, "host disconnected");
        }
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
            timeout: self.unfinished.then_some(Duration::ZERO),
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
                if !std::mem::replace(&mut self.connected, true) {
                    log!(log, Info, "host connected");
                }
            }
            Ok(Progress::Gone) => self.forget_client(log),
            Ok(Progress::Blocked) => {
                self.unfinished = false;
                // A port that nobody has open takes no answers either.
                match self.is_closed() {
                    Ok(true) => self.forget_client(log),
                    Ok(false) => {}
                    Err(errno) => return Err(broken(&self.name, errno_text(errno))),
                }
            }
            Err(error) => return Err(broken(&self.name, error.to_string())),
        }
        Ok(())
    }
}
