//! What threads wake the event loop with.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

/// The event loop's side: readable when it has been rung.
#[derive(Debug)]
pub(crate) struct Bell(PipeReader);

/// A thread's side.
#[derive(Debug)]
pub(crate) struct Ringer(PipeWriter);

impl Bell {
    /// A bell, and what rings it.
    pub(crate) fn new() -> io::Result<(Self, Ringer)> {
        let (bell, ringer) = io::pipe()?;
        Ok((Self(bell), Ringer(ringer)))
    }

    /// Silences it. To be called only when it is readable.
    pub(crate) fn silence(&self) {
        // As many rings as may have come: what for, is told elsewhere.
        let _ = (&self.0).read(&mut [0; 64]);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Ringer {
    /// Makes the bell readable.
    pub(crate) fn ring(&self) {
        // The other side is there as long as the process is.
        let _ = (&self.0).write_all(&[0]);
    }

    /// Another one for the same bell.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}
