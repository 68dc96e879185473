//! Ports, and the kernel's implementation.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::stat::Mode;

/// The operations of a port besides reading and writing its bytes.
pub(crate) trait Port: AsFd + Read + Write {
    /// Becomes readable when the port has changed: opened or closed by the host, or with bytes to
    /// read, or ready to take some again. It reports each change once.
    fn changes(&self) -> BorrowedFd<'_>;

    /// Takes note of the changes so far.
    fn take_changes(&self) -> Result<(), Errno>;

    /// Returns true if no host program has the port open.
    ///
    /// The call may take bytes out of the device's queue for the next read, and then the kernel does
    /// not announce them as a change any more. So a read has to follow, and not the other way round.
    fn is_closed(&self) -> Result<bool, Errno>;
}

/// An open port, watched by an edge-triggered epoll instance.
#[derive(Debug)]
pub(crate) struct KernelPort {
    file: File,
    changes: Epoll,
}

impl KernelPort {
    pub(super) fn open(path: &Path) -> Result<Self, Errno> {
        let flags = OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = File::from(open(path, flags, Mode::empty())?);
        let changes = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let events = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLET;
        changes.add(&file, EpollEvent::new(events, 0))?;
        Ok(Self { file, changes })
    }
}

impl Port for KernelPort {
    fn changes(&self) -> BorrowedFd<'_> {
        self.changes.0.as_fd()
    }

    fn take_changes(&self) -> Result<(), Errno> {
        // The port tells which changes these were.
        match self
            .changes
            .wait(&mut [EpollEvent::empty()], EpollTimeout::ZERO)
        {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn is_closed(&self) -> Result<bool, Errno> {
        let mut port = [PollFd::new(self.file.as_fd(), PollFlags::empty())];
        poll(&mut port, PollTimeout::ZERO)?;
        Ok(port[0]
            .revents()
            .is_none_or(|events| events.contains(PollFlags::POLLHUP)))
    }
}

impl AsFd for KernelPort {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Read for KernelPort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Write for KernelPort {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
