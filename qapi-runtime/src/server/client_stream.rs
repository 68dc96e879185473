//! Client streams of threaded servers, and reading from them within limits.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::OwnedFd;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use crate::connection_input::ConnectionInput;
use crate::incoming_descriptors::Descriptor;

/// Shuts a socket down, in one direction or both.
pub type ShutDown = Box<dyn Fn(Shutdown) + Send>;

/// The stream to a client: it supports time-outs, and another thread can end it.
///
/// Servers read from and write to a reference to it.
pub trait ClientStream: Send {
    /// Returns the function that closes one direction, or both.
    ///
    /// # Errors
    /// The stream cannot be duplicated.
    fn shut_down(&self) -> io::Result<ShutDown>;

    /// Limits the time that each read blocks. One that expires is an error of kind `WouldBlock` or `TimedOut`. `None` is no
    /// limit.
    ///
    /// # Errors
    /// The error of the system.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Limits the time that each write blocks.
    ///
    /// # Errors
    /// The error of the system.
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Reads. File descriptors that come along are appended to `descriptors`, if the stream carries any.
    ///
    /// # Errors
    /// The error of the system.
    #[cfg(all(unix, feature = "descriptors"))]
    fn receive(&self, buffer: &mut [u8], _descriptors: &mut Vec<OwnedFd>) -> io::Result<usize>
    where
        for<'s> &'s Self: Read,
    {
        let mut stream = self;
        stream.read(buffer)
    }
}

#[cfg(unix)]
impl ClientStream for UnixStream {
    fn shut_down(&self) -> io::Result<ShutDown> {
        let stream = self.try_clone()?;
        Ok(Box::new(move |how| drop(stream.shutdown(how))))
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_write_timeout(timeout)
    }

    #[cfg(feature = "descriptors")]
    fn receive(&self, buffer: &mut [u8], descriptors: &mut Vec<OwnedFd>) -> io::Result<usize> {
        crate::descriptors::receive(self, buffer, descriptors)
    }
}

impl ClientStream for TcpStream {
    fn shut_down(&self) -> io::Result<ShutDown> {
        let stream = self.try_clone()?;
        Ok(Box::new(move |how| drop(stream.shutdown(how))))
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.set_write_timeout(timeout)
    }
}

/// Reads from a stream, and appends descriptors that come along.
type Receive<T> = fn(&mut T, &mut [u8], &mut Vec<Descriptor>) -> io::Result<usize>;

/// Reads from a client's stream, for as long as the limits of its input allow.
pub(super) struct TimedReads<T> {
    receive: Receive<T>,
    set_timeout: fn(&T, Option<Duration>) -> io::Result<()>,
    /// The time-out that the stream has.
    timeout: Option<Duration>,
}

impl<T: Read> TimedReads<T> {
    /// Reads from a stream of any kind, which has no time-outs and carries no descriptors.
    pub(super) fn of_any() -> Self {
        Self {
            receive: |stream, buffer, _| stream.read(buffer),
            set_timeout: |_, _| Ok(()),
            timeout: None,
        }
    }
}

impl<T: ClientStream> TimedReads<&T>
where
    for<'s> &'s T: Read,
{
    /// Reads from a client's stream that has no time-out yet.
    pub(super) fn of_client() -> Self {
        Self {
            #[cfg(all(unix, feature = "descriptors"))]
            receive: |stream, buffer, descriptors| T::receive(stream, buffer, descriptors),
            #[cfg(not(all(unix, feature = "descriptors")))]
            receive: |stream, buffer, _| stream.read(buffer),
            set_timeout: |stream, timeout| T::set_read_timeout(stream, timeout),
            timeout: None,
        }
    }
}

impl<T> TimedReads<T> {
    /// Waits for bytes, and hands the descriptors that come along to `incoming`, all of whose bytes have been consumed. A
    /// client that `is_busy` is waited for on, unless it has sent half a request.
    ///
    /// # Errors
    /// One of kind `TimedOut` if the client stalls, or the error of the stream.
    pub(super) fn read(
        &mut self,
        stream: &mut T,
        buffer: &mut [u8],
        incoming: &mut ConnectionInput,
        is_busy: &dyn Fn() -> bool,
    ) -> io::Result<usize> {
        let mut descriptors = Vec::new();
        loop {
            let patience = incoming.patience(Instant::now(), false);
            if patience == Some(Duration::ZERO) {
                return Err(incoming.stall_error());
            }
            if patience != self.timeout {
                (self.set_timeout)(stream, patience)?;
                self.timeout = patience;
            }
            match (self.receive)(stream, buffer, &mut descriptors) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if patience.is_some() && is_timeout(&error) => {
                    if incoming.is_in_request() || !is_busy() {
                        return Err(incoming.stall_error());
                    }
                }
                result => {
                    incoming.receive(descriptors);
                    return result;
                }
            }
        }
    }
}

/// Returns true if the time-out of a stream has expired.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
