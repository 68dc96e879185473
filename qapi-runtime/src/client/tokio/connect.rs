//! Connecting and reconnecting to a server.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::marker::PhantomData;
#[cfg(unix)]
use std::path::PathBuf;
#[cfg(unix)]
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(unix)]
use tokio::time::sleep;

/// A way to connect to a server: a path, an address, or any closure that connects.
pub trait Connect: Send + 'static {
    /// The connected stream.
    type Stream: AsyncRead + AsyncWrite + Send + 'static;

    /// Connects.
    fn connect(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Returns the address it connects to, for errors, if there is one to tell.
    fn address(&self) -> Option<String> {
        None
    }
}

impl<F, O, S> Connect for F
where
    F: FnMut() -> O + Send + 'static,
    O: Future<Output = io::Result<S>> + Send,
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    type Stream = S;

    fn connect(&mut self) -> impl Future<Output = io::Result<S>> + Send {
        self()
    }
}

/// The pause before trying again to enter a server's full queue of connections.
#[cfg(unix)]
const QUEUE: Duration = Duration::from_millis(20);

/// The path of a Unix socket.
#[cfg(unix)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnixPath(PathBuf);

#[cfg(unix)]
impl UnixPath {
    /// Returns the socket at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

#[cfg(unix)]
impl Connect for UnixPath {
    type Stream = UnixStream;

    async fn connect(&mut self) -> io::Result<UnixStream> {
        loop {
            match UnixStream::connect(&self.0).await {
                // The server's queue of connections is full, and nothing signals when it has room.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(QUEUE).await,
                result => return result,
            }
        }
    }

    fn address(&self) -> Option<String> {
        Some(self.0.display().to_string())
    }
}

/// Host and port, as `localhost:4444`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpAddress(String);

impl TcpAddress {
    /// Returns the port at `address`.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }
}

impl Connect for TcpAddress {
    type Stream = TcpStream;

    async fn connect(&mut self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.0).await?;
        // Requests are small and wait for replies.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn address(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// For streams that the caller has connected: the client cannot reconnect them.
pub(super) struct Connected<S>(Infallible, PhantomData<fn() -> S>);

impl<S: AsyncRead + AsyncWrite + Send + 'static> Connect for Connected<S> {
    type Stream = S;

    async fn connect(&mut self) -> io::Result<S> {
        match self.0 {}
    }
}
