//! A listening Unix socket (docs/reference/agent-behaviour.md §2.3).

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket,
};
use nix::sys::stat::{Mode, fchmod};

use super::clients::{Arrival, Listener};
use crate::failure::errno_text;
use crate::platform::own_file::kind;

/// One connection waits while another is served.
pub(super) const BACKLOG: i32 = 1;

/// The socket and its file. Dropping it removes the file, if that is still this socket's.
#[derive(Debug)]
pub(crate) struct UnixListen {
    listener: UnixListener,
    path: PathBuf,
    identity: Option<Identity>,
}

impl UnixListen {
    /// Makes the socket, for the owner only: a program that can connect has the agent's rights (D21).
    ///
    /// An unused socket is replaced, because the reference does not remove its own. A socket in use belongs to another
    /// agent, and a file of any other kind is data (D31): both are errors. On failure, returns a text for the
    /// administrator.
    pub(crate) fn bind(path: &Path) -> Result<Self, String> {
        // Of two agents that start at once one must find the other's socket listening.
        let _turn = turn_in_folder_of(path);
        remove_socket(path)?;
        let failed = |action: &'static str| {
            move |errno| {
                format!(
                    "cannot {action} socket `{}`: {}",
                    path.display(),
                    errno_text(errno)
                )
            }
        };
        let address = UnixAddr::new(path).map_err(|errno| match errno {
            Errno::ENAMETOOLONG => format!("UNIX socket path '{}' is too long", path.display()),
            errno => failed("name")(errno),
        })?;
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket =
            socket(AddressFamily::Unix, SockType::Stream, flags, None).map_err(failed("create"))?;
        // On Linux the file gets the mode that its socket has when it is bound, so no client can connect before a chmod
        // of the file.
        fchmod(&socket, Mode::S_IRUSR | Mode::S_IWUSR).map_err(failed("set the mode of"))?;
        bind(socket.as_raw_fd(), &address).map_err(failed("bind"))?;
        let backlog = Backlog::new(BACKLOG).map_err(failed("listen on"))?;
        let identity = identity(path);
        listen(&socket, backlog).map_err(failed("listen on"))?;
        Ok(Self {
            listener: UnixListener::from(socket),
            // A daemon leaves its working directory.
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            identity,
        })
    }

    /// Takes over a socket that listens already and does not block. Its file is not this agent's.
    pub(crate) fn inherited(socket: OwnedFd) -> Self {
        Self {
            listener: UnixListener::from(socket),
            path: PathBuf::new(),
            identity: None,
        }
    }
}

impl Listener for UnixListen {
    type Stream = UnixStream;

    fn accept(&self) -> io::Result<Arrival<UnixStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(true)?;
                Ok(Arrival::Client(stream))
            }
            Err(error) => match error.kind() {
                // Gone again, or never there.
                io::ErrorKind::WouldBlock
                | io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionAborted => Ok(Arrival::Nobody),
                _ => Err(error),
            },
        }
    }
}

impl AsFd for UnixListen {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for UnixListen {
    fn drop(&mut self) {
        if self.identity.is_some() && identity(&self.path) == self.identity {
            // Nothing is left to do about a failure.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Device, inode and time of the last change of a file. Inode numbers are soon reused.
type Identity = (u64, u64, i64, i64);

fn identity(path: &Path) -> Option<Identity> {
    let file = fs::symlink_metadata(path).ok()?;
    Some((file.dev(), file.ino(), file.ctime(), file.ctime_nsec()))
}

/// The attempts to get the turn, 10 ms apart.
const TURN_ATTEMPTS: u32 = 100;

/// Keeps other agents from making a socket in the same folder until it is dropped. A process that holds the lock for
/// longer is not a starting agent, and is not waited for.
fn turn_in_folder_of(path: &Path) -> Option<Flock<File>> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    for _ in 0..TURN_ATTEMPTS {
        match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Some(lock),
            Err((file, _)) => folder = file,
        }
        sleep(Duration::from_millis(10));
    }
    None
}

/// Returns true if a process listens on the socket.
fn is_in_use(path: &Path) -> bool {
    let connect = || {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let probe = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
        connect(probe.as_raw_fd(), &UnixAddr::new(path)?)
    };
    // `EAGAIN` is a listener whose queue is full.
    matches!(connect(), Ok(()) | Err(Errno::EAGAIN))
}

fn remove_socket(path: &Path) -> Result<(), String> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() && is_in_use(path) => Err(format!(
            "another process listens on the socket `{shown}`: end it or choose another path"
        )),
        Ok(metadata) if metadata.file_type().is_socket() => fs::remove_file(path)
            .map_err(|error| format!("cannot replace the socket at `{shown}`: {error}")),
        Ok(metadata) => Err(format!(
            "`{shown}` exists and is a {}, not a socket: it is left alone; remove it or choose another \
             path",
            kind(metadata.file_type())
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("cannot look at socket path `{shown}`: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("qapi-agent-socket-{}-{name}", std::process::id()))
    }

    #[test]
    fn the_socket_is_private_and_removed_with_the_listener() {
        let path = scratch("private");
        let listener = UnixListen::bind(&path).unwrap();
        let metadata = fs::symlink_metadata(&path).unwrap();
        assert!(metadata.file_type().is_socket());
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert!(matches!(listener.accept().unwrap(), Arrival::Nobody));
        drop(listener);
        assert!(!path.exists());
    }

    #[test]
    fn a_socket_left_behind_is_replaced() {
        let path = scratch("stale");
        drop(UnixListener::bind(&path).unwrap());
        let listener = UnixListen::bind(&path).unwrap();
        let _client = UnixStream::connect(&path).unwrap();
        assert!(matches!(listener.accept().unwrap(), Arrival::Client(_)));
    }

    #[test]
    fn the_file_of_another_process_is_not_removed() {
        let path = scratch("successor");
        let first = UnixListen::bind(&path).unwrap();
        let error = UnixListen::bind(&path).unwrap_err();
        assert!(error.contains("another process listens"), "{error}");
        // Another process removes the file. The next file may have the same number.
        fs::remove_file(&path).unwrap();
        let second = UnixListen::bind(&path).unwrap();
        drop(first);
        assert!(path.exists());
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn files_that_are_not_sockets_are_refused_and_kept() {
        let path = scratch("file");
        fs::write(&path, "data").unwrap();
        let error = UnixListen::bind(&path).unwrap_err();
        assert!(error.contains("is a regular file, not a socket"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"data");
        fs::remove_file(&path).unwrap();
        let error = UnixListen::bind(Path::new("/tmp")).unwrap_err();
        assert!(error.contains("is a directory, not a socket"), "{error}");
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_refused() {
        let path = PathBuf::from(format!("/tmp/{}", "x".repeat(120)));
        let error = UnixListen::bind(&path).unwrap_err();
        assert_eq!(
            error,
            format!("UNIX socket path '{}' is too long", path.display())
        );
        UnixListen::bind(Path::new("/nonexistent/sock")).unwrap_err();
    }
}
