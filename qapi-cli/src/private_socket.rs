//! Unix sockets that only their owner can connect to.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use qapi_runtime::client::connect_within;

/// A socket that only its owner can use, removed in the end.
pub(crate) struct PrivateSocket {
    pub(crate) listener: UnixListener,
    pub(crate) path: PathBuf,
}

impl PrivateSocket {
    /// Listens at `path`. A socket that a program left behind is replaced.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        check_free(path)?;
        // Created in a private folder, so that no other user connects before the permissions are set.
        let mut private = path.as_os_str().to_owned();
        private.push(format!(".{}", std::process::id()));
        let private = PathBuf::from(private);
        let inside = private.join("s");
        check_length(path, &inside)?;
        DirBuilder::new().mode(0o700).create(&private)?;
        let bound = UnixListener::bind(&inside).and_then(|listener| {
            fs::set_permissions(&inside, Permissions::from_mode(0o600))?;
            fs::rename(&inside, path)?;
            Ok(listener)
        });
        // The folder is removed after any failure.
        let _ = fs::remove_dir_all(&private);
        Ok(Self {
            listener: bound?,
            path: path.to_owned(),
        })
    }
}

impl Drop for PrivateSocket {
    fn drop(&mut self) {
        // Another process may have removed it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Refuses a path that is too long: `inside`, where its socket is made, must be a path of a socket.
fn check_length(path: &Path, inside: &Path) -> io::Result<()> {
    match SocketAddr::from_pathname(inside) {
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            let length = path.as_os_str().len();
            let text = format!(
                "the path has {length} bytes, too many for a socket: use a shorter or relative one"
            );
            Err(io::Error::new(ErrorKind::InvalidInput, text))
        }
        _ => Ok(()),
    }
}

/// Connects to a socket whose program may not accept connections, waiting no longer than `patience` for it.
pub(crate) fn connect(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let path = path.to_owned();
    connect_within(patience, move || UnixStream::connect(&path))
}

/// Time to find out if a program listens.
const PATIENCE: Duration = Duration::from_secs(1);

/// Rejects a path with another file, or with a socket in use.
fn check_free(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        let text = "the file there is not a socket";
        return Err(io::Error::new(ErrorKind::AlreadyExists, text));
    }
    // A program that listens and accepts nobody is there, too.
    match connect(path, PATIENCE) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        _ => Err(io::Error::new(
            ErrorKind::AddrInUse,
            "a program is listening on it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_too_long_are_reported_as_such() {
        let folder = std::env::temp_dir();
        // The longest path of a socket; the temporary path of the new socket would be longer.
        let longest = 107 - folder.as_os_str().len() - 1;
        for length in [longest, longest + 1, longest + 100] {
            let name = "s".repeat(length);
            let failed = PrivateSocket::bind(&folder.join(name)).err();
            let text = failed.map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains("too many for a socket"), "{length}: {text}");
        }
        let short = format!("qapi-{}", std::process::id());
        assert!(PrivateSocket::bind(&folder.join(short)).is_ok());
    }
}
