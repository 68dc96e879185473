//! A socket that detects the protocol and can print the messages.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qapi_runtime::Transport;
use qapi_runtime::client::{SplitTransport, connect_within};

use crate::console::one_line;

/// Time for a QMP server to greet.
const GREETING: Duration = Duration::from_millis(333);

/// Protocols that a server may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Qmp,
    Guest,
}

/// A connected socket.
pub(crate) struct Socket {
    inner: Box<dyn SplitStream>,
    /// Bytes received while finding out about the protocol.
    early: Vec<u8>,
    trace: bool,
}

/// A stream of any kind that one thread can read while another writes.
trait SplitStream: Transport + Send {
    fn another_handle(&self) -> io::Result<Box<dyn SplitStream>>;

    fn shut_down(&self) -> io::Result<()>;
}

impl<T: SplitTransport> SplitStream for T {
    fn another_handle(&self) -> io::Result<Box<dyn SplitStream>> {
        Ok(Box::new(self.try_clone()?))
    }

    fn shut_down(&self) -> io::Result<()> {
        self.shutdown()
    }
}

impl Socket {
    /// Connects to a unix socket, or to `tcp:HOST:PORT`.
    pub(crate) fn connect(name: &str, timeout: Option<Duration>, trace: bool) -> io::Result<Self> {
        let name = name.to_owned();
        let socket = connect_within(timeout, move || match name.strip_prefix("tcp:") {
            Some(address) => Ok(Box::new(connect_tcp(address, timeout)?) as Box<_>),
            None => connect_unix(name.strip_prefix("unix:").unwrap_or(&name)),
        })?;
        Ok(Self {
            inner: socket,
            early: Vec::new(),
            trace,
        })
    }

    /// Waits a moment for a greeting: only QMP has one.
    pub(super) fn protocol(&mut self) -> io::Result<Protocol> {
        let mut buffer = [0; 4096];
        self.inner.set_read_timeout(Some(GREETING))?;
        let result = self.inner.read(&mut buffer);
        self.inner.set_read_timeout(None)?;
        match result {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the connection was closed at once",
            )),
            Ok(length) => {
                self.early = buffer[..length].to_vec();
                Ok(Protocol::Qmp)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                Ok(Protocol::Guest)
            }
            Err(error) => Err(error),
        }
    }

    fn show(&self, sign: char, bytes: &[u8]) {
        if self.trace {
            for line in String::from_utf8_lossy(bytes).lines() {
                // Nothing is lost for the call when standard error is gone.
                let _ = writeln!(io::stderr(), "{sign} {}", one_line(line));
            }
        }
    }
}

fn connect_tcp(address: &str, timeout: Option<Duration>) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in address.to_socket_addrs()? {
        let attempt = match timeout {
            Some(timeout) => TcpStream::connect_timeout(&address, timeout),
            None => TcpStream::connect(address),
        };
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(unix)]
fn connect_unix(path: &str) -> io::Result<Box<dyn SplitStream>> {
    Ok(Box::new(UnixStream::connect(path)?))
}

#[cfg(not(unix))]
fn connect_unix(_path: &str) -> io::Result<Box<dyn SplitStream>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system has no Unix sockets; use tcp:HOST:PORT",
    ))
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = if self.early.is_empty() {
            self.inner.read(buffer)?
        } else {
            let length = self.early.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.early[..length]);
            self.early.drain(..length);
            length
        };
        self.show('<', &buffer[..length]);
        Ok(length)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.inner.write(bytes)?;
        self.show('>', &bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Transport for Socket {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.inner.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.inner.set_write_timeout(timeout)
    }
}

impl SplitTransport for Socket {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            inner: self.inner.another_handle()?,
            early: self.early.clone(),
            trace: self.trace,
        })
    }

    fn shutdown(&self) -> io::Result<()> {
        self.inner.shut_down()
    }
}
