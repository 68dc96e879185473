//! Self-pipe that wakes the event loop.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// The event loop's end: readable when a thread has woken it.
#[derive(Debug)]
pub(crate) struct WakePipe(PipeReader);

/// A thread's end.
#[derive(Debug)]
pub(crate) struct Waker(PipeWriter);

impl WakePipe {
    /// Returns a pipe and its waker.
    pub(crate) fn new() -> io::Result<(Self, Waker)> {
        let (reader, writer) = io::pipe()?;
        Ok((Self(reader), Waker(writer)))
    }

    /// Empties the pipe. Call it only when it is readable.
    pub(crate) fn drain(&self) {
        // Reads all pending bytes; the reasons are stored elsewhere.
        let _ = (&self.0).read(&mut [0; 64]);
    }
}

impl AsFd for WakePipe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Waker {
    /// Makes the pipe readable.
    pub(crate) fn wake(&self) {
        // The other end lives as long as the process.
        let _ = (&self.0).write_all(&[0]);
    }

    /// Another waker of the same pipe.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}
