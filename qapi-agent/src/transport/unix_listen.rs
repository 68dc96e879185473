//! A listening Unix socket (agent-behaviour.md §2.3).

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use nix::sys::stat::{Mode, fchmod};

use super::clients::Listener;
use crate::failure::errno_text;

/// One connection waits while another is served.
pub(super) const BACKLOG: i32 = 1;

/// The socket and its file. Dropping it removes the file, if that is still this socket's.
#[derive(Debug)]
pub(crate) struct UnixListen {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file.
    identity: Option<(u64, u64)>,
}

impl UnixListen {
    /// Makes the socket, for the owner only: whoever may connect has the agent's rights (D21).
    ///
    /// A socket that is already there is replaced, because the reference leaves its own behind; a
    /// file of any other kind is somebody's data and is refused (D31). Returns a text for the
    /// administrator.
    pub(crate) fn bind(path: &Path) -> Result<Self, String> {
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
        // On Linux the file gets the mode that its socket has when it is bound, so nobody can slip
        // in before a chmod of the file.
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

    fn accept(&self) -> io::Result<Option<UnixStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(true)?;
                Ok(Some(stream))
            }
            Err(error) => match error.kind() {
                // Gone again, or never there.
                io::ErrorKind::WouldBlock
                | io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionAborted => Ok(None),
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

fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

fn remove_socket(path: &Path) -> Result<(), String> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
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

fn kind(file: fs::FileType) -> &'static str {
    if file.is_dir() {
        "directory"
    } else if file.is_file() {
        "regular file"
    } else if file.is_symlink() {
        "symbolic link"
    } else if file.is_fifo() {
        "FIFO"
    } else {
        "device"
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
        assert!(listener.accept().unwrap().is_none());
        drop(listener);
        assert!(!path.exists());
    }

    #[test]
    fn a_socket_left_behind_is_replaced() {
        let path = scratch("stale");
        drop(UnixListener::bind(&path).unwrap());
        let listener = UnixListen::bind(&path).unwrap();
        let _client = UnixStream::connect(&path).unwrap();
        assert!(listener.accept().unwrap().is_some());
    }

    #[test]
    fn the_file_of_another_process_is_not_removed() {
        let path = scratch("successor");
        let first = UnixListen::bind(&path).unwrap();
        let second = UnixListen::bind(&path).unwrap();
        drop(first);
        assert!(path.exists());
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn files_that_are_no_sockets_are_refused_and_kept() {
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
