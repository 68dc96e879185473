//! The socket of a mock, which only its owner can connect to.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

use qapi_runtime::server::Stop;
use qapi_runtime::testing::MockServer;

/// A socket that clients can connect to.
pub(crate) enum Bound {
    #[cfg(unix)]
    Unix(UnixListener, Removed),
    Tcp(TcpListener),
}

/// A file that is removed in the end.
pub(crate) struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        // Somebody else may have removed it.
        drop(fs::remove_file(&self.0));
    }
}

impl Bound {
    /// Binds a unix socket, or `tcp:HOST:PORT`.
    pub(crate) fn bind(name: &str) -> io::Result<Self> {
        if let Some(address) = name.strip_prefix("tcp:") {
            return TcpListener::bind(address).map(Self::Tcp);
        }
        bind_unix(Path::new(name.strip_prefix("unix:").unwrap_or(name)))
    }

    /// The address that clients connect to, as `qapi call` takes it.
    pub(crate) fn address(&self) -> io::Result<String> {
        match self {
            #[cfg(unix)]
            Self::Unix(_, path) => Ok(path.0.display().to_string()),
            Self::Tcp(listener) => Ok(format!("tcp:{}", listener.local_addr()?)),
        }
    }

    /// Serves clients: so many, or for ever.
    pub(crate) fn serve(&self, server: &MockServer, clients: Option<u64>) -> io::Result<()> {
        let Some(clients) = clients else {
            return match self {
                #[cfg(unix)]
                Self::Unix(listener, _) => server.listen(listener, &Stop::new()),
                Self::Tcp(listener) => server.listen(listener, &Stop::new()),
            };
        };
        thread::scope(|scope| {
            for _ in 0..clients {
                match self {
                    #[cfg(unix)]
                    Self::Unix(listener, _) => {
                        let (stream, _): (UnixStream, _) = listener.accept()?;
                        scope.spawn(move || server.serve::<UnixListener>(&stream));
                    }
                    Self::Tcp(listener) => {
                        let (stream, _): (TcpStream, _) = listener.accept()?;
                        scope.spawn(move || server.serve::<TcpListener>(&stream));
                    }
                }
            }
            Ok(())
        })
    }
}

/// Binds in a folder that nobody else can enter, and moves the socket to its place when its mode is set: so there is no
/// moment in which others could connect.
#[cfg(unix)]
fn bind_unix(path: &Path) -> io::Result<Bound> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    remove_stale(path)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent
        .unwrap_or_else(|| Path::new("."))
        .join(format!(".qapi-{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let made = folder.join("s");
    let result = UnixListener::bind(&made).and_then(|listener| {
        fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
        fs::rename(&made, path)?;
        Ok(Bound::Unix(listener, Removed(path.to_owned())))
    });
    drop(fs::remove_file(&made));
    drop(fs::remove_dir(&folder));
    result
}

#[cfg(not(unix))]
fn bind_unix(_: &Path) -> io::Result<Bound> {
    Err(io::Error::new(
        ErrorKind::Unsupported,
        "there are no unix sockets here; use tcp:HOST:PORT",
    ))
}

/// Removes a socket that nobody listens to any more.
#[cfg(unix)]
fn remove_stale(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;

    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let taken = |text: &str| Err(io::Error::new(ErrorKind::AlreadyExists, text));
    if !kind.is_socket() {
        return taken("there is a file that is no socket");
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        _ => taken("another server listens there"),
    }
}
