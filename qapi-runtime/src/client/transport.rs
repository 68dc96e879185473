//! Streams a client can talk over.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A stream whose reads and writes can be given a time-out.
///
/// An expired time-out is reported as an error of kind `WouldBlock` or `TimedOut`. For streams without time-outs there
/// is [`Threaded`](super::Threaded).
pub trait Transport: Read + Write {
    /// Limits the time a read blocks; `None` removes the limit. Never called with a zero duration.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Limits the time a write blocks; `None` removes the limit. Never called with a zero duration.
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// The address of the other end, for errors, if there is one to tell.
    fn peer_name(&self) -> Option<String> {
        None
    }
}

#[cfg(unix)]
impl Transport for UnixStream {
    fn peer_name(&self) -> Option<String> {
        let address = self.peer_addr().ok()?;
        Some(address.as_pathname()?.display().to_string())
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, timeout)
    }
}

impl Transport for TcpStream {
    fn peer_name(&self) -> Option<String> {
        self.peer_addr().ok().map(|address| address.to_string())
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_read_timeout(self, timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        Self::set_write_timeout(self, timeout)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn peer_name(&self) -> Option<String> {
        (**self).peer_name()
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_write_timeout(timeout)
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn peer_name(&self) -> Option<String> {
        (**self).peer_name()
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        (**self).set_write_timeout(timeout)
    }
}
