//! Streams a client can talk over.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::BorrowedFd;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A stream whose reads and writes can be given a time-out.
///
/// An expired time-out is reported as an error of kind `WouldBlock` or `TimedOut`. For streams without time-outs there
/// is [`ThreadedTransport`](super::ThreadedTransport).
pub trait Transport: Read + Write {
    /// Limits the time a read blocks; `None` removes the limit. Never called with a zero duration.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Limits the time a write blocks; `None` removes the limit. Never called with a zero duration.
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Returns whether file descriptors can be sent.
    fn carries_descriptors(&self) -> bool {
        false
    }

    /// Writes as [`Write::write`] does, and sends descriptors along with the first byte.
    ///
    /// # Errors
    /// An error of kind `Unsupported` unless [`carries_descriptors`](Transport::carries_descriptors) is true.
    #[cfg(all(unix, feature = "descriptors"))]
    fn write_with(&mut self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
        let _ = (bytes, descriptors);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Returns the address of the other end, for errors, if there is one to tell.
    fn peer_name(&self) -> Option<String> {
        None
    }
}

/// A transport that one thread reads from while another writes to it.
pub trait SplitTransport: Transport + Send + Sized + 'static {
    /// Another handle on the same stream.
    fn try_clone(&self) -> io::Result<Self>;

    /// Ends the stream in both directions, for all handles; its reader notices at once.
    fn shutdown(&self) -> io::Result<()>;
}

#[cfg(unix)]
impl SplitTransport for UnixStream {
    fn try_clone(&self) -> io::Result<Self> {
        Self::try_clone(self)
    }

    fn shutdown(&self) -> io::Result<()> {
        Self::shutdown(self, Shutdown::Both)
    }
}

impl SplitTransport for TcpStream {
    fn try_clone(&self) -> io::Result<Self> {
        Self::try_clone(self)
    }

    fn shutdown(&self) -> io::Result<()> {
        Self::shutdown(self, Shutdown::Both)
    }
}

#[cfg(unix)]
impl Transport for UnixStream {
    fn peer_name(&self) -> Option<String> {
        let address = self.peer_addr().ok()?;
        Some(address.as_pathname()?.display().to_string())
    }

    fn carries_descriptors(&self) -> bool {
        cfg!(feature = "descriptors")
    }

    #[cfg(feature = "descriptors")]
    fn write_with(&mut self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
        crate::descriptors::send(&*self, bytes, descriptors)
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
    fn carries_descriptors(&self) -> bool {
        (**self).carries_descriptors()
    }

    #[cfg(all(unix, feature = "descriptors"))]
    fn write_with(&mut self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
        (**self).write_with(bytes, descriptors)
    }

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
    fn carries_descriptors(&self) -> bool {
        (**self).carries_descriptors()
    }

    #[cfg(all(unix, feature = "descriptors"))]
    fn write_with(&mut self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
        (**self).write_with(bytes, descriptors)
    }

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
