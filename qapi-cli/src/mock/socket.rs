//! The socket of a mock, which only its owner can connect to.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use qapi_runtime::server::Stop;
use qapi_runtime::testing::MockServer;

#[cfg(unix)]
use crate::private_socket::PrivateSocket;

/// A socket that clients can connect to.
pub(crate) enum Bound {
    #[cfg(unix)]
    Unix(PrivateSocket),
    Tcp(TcpListener),
}

impl Bound {
    /// Binds a unix socket, or `tcp:HOST:PORT`.
    pub(crate) fn bind(name: &str) -> io::Result<Self> {
        if let Some(address) = name.strip_prefix("tcp:") {
            return TcpListener::bind(address).map(Self::Tcp);
        }
        bind_unix(Path::new(name.strip_prefix("unix:").unwrap_or(name)))
    }

    /// Returns the address that clients connect to, as `qapi call` takes it.
    pub(crate) fn address(&self) -> io::Result<String> {
        match self {
            #[cfg(unix)]
            Self::Unix(socket) => Ok(socket.path.display().to_string()),
            Self::Tcp(listener) => Ok(format!("tcp:{}", listener.local_addr()?)),
        }
    }

    /// Serves a number of clients, or clients without end.
    pub(crate) fn serve(&self, server: &MockServer, clients: Option<u64>) -> io::Result<()> {
        let Some(clients) = clients else {
            return match self {
                #[cfg(unix)]
                Self::Unix(socket) => server.listen(&socket.listener, &Stop::new()),
                Self::Tcp(listener) => server.listen(listener, &Stop::new()),
            };
        };
        thread::scope(|scope| {
            for _ in 0..clients {
                match self {
                    #[cfg(unix)]
                    Self::Unix(socket) => {
                        let (stream, _) = socket.listener.accept()?;
                        scope.spawn(move || server.serve(&stream));
                    }
                    Self::Tcp(listener) => {
                        let (stream, _) = listener.accept()?;
                        scope.spawn(move || server.serve(&stream));
                    }
                }
            }
            Ok(())
        })
    }
}

#[cfg(unix)]
fn bind_unix(path: &Path) -> io::Result<Bound> {
    PrivateSocket::bind(path).map(Bound::Unix)
}

#[cfg(not(unix))]
fn bind_unix(_: &Path) -> io::Result<Bound> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system has no Unix sockets; use tcp:HOST:PORT",
    ))
}
