//! Becoming a daemon, and its pid file (docs/reference/agent-behaviour.md §1.6).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{chdir, dup2_stderr, dup2_stdin, dup2_stdout, pipe2, setsid};

use crate::failure::{errno_text, io_text};
use crate::platform::own_file;
use crate::platform::sys::errno_of;
use crate::platform::sys::{self, Fork};

/// The byte that the daemon sends to its starter when it serves.
const READY: u8 = b'!';

/// The side of the split that this process is on.
#[derive(Debug)]
pub(crate) enum Split {
    /// The starter. The daemon serves, or has failed to start with this reason.
    Starter(Result<(), String>),
    /// The future daemon.
    Daemon(Candidate),
}

/// A daemon that has not reported its start yet; its starter waits for that (D30).
#[derive(Debug)]
pub(crate) struct Candidate {
    starter: File,
}

/// Makes a child that is to become the daemon.
pub(crate) fn split() -> Result<Split, String> {
    let failed = |errno| format!("cannot become a daemon: {}", errno_text(errno));
    let (read, write) = pipe2(OFlag::O_CLOEXEC).map_err(failed)?;
    match sys::fork().map_err(failed)? {
        Fork::Child => Ok(Split::Daemon(Candidate {
            starter: File::from(write),
        })),
        Fork::Parent => {
            drop(write);
            let mut said = Vec::new();
            // A failed read means the same as no message.
            let _ = File::from(read).read_to_end(&mut said);
            let served = said == [READY];
            Ok(Split::Starter(
                served
                    .then_some(())
                    .ok_or("the daemon has not started".to_owned()),
            ))
        }
    }
}

impl Candidate {
    /// Leaves the starter's session, folder and streams, with the pid file in place, and lets the
    /// starter go. Call it when clients can be served.
    pub(crate) fn detach(mut self, pid_file: &Path) -> Result<PidFile, String> {
        let pid_file = PidFile::create(pid_file)?;
        let detach = || {
            umask(Mode::from_bits_truncate(0o077));
            setsid()?;
            chdir("/")?;
            let null = OpenOptions::new().read(true).write(true).open("/dev/null");
            let null = null.map_err(|error| errno_of(&error))?;
            dup2_stdin(&null)?;
            dup2_stdout(&null)?;
            dup2_stderr(&null)
        };
        detach().map_err(|errno| format!("cannot become a daemon: {}", errno_text(errno)))?;
        // A starter that was killed does not wait any more.
        let _ = self.starter.write_all(&[READY]);
        Ok(pid_file)
    }
}

/// The file that names the daemon, locked as long as it runs. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct PidFile {
    path: PathBuf,
    file: File,
}

impl PidFile {
    fn create(path: &Path) -> Result<Self, String> {
        // A daemon leaves its working directory.
        let path = std::path::absolute(path)
            .map_err(|error| format!("cannot use pid file `{}`: {error}", path.display()))?;
        let failed = |action: &'static str| {
            let path = path.display();
            move |error: io::Error| {
                let reason = io_text(&error);
                format!("cannot {action} pid file `{path}`: {reason}")
            }
        };
        loop {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            let mut file = own_file::open(&path, &options).map_err(failed("create"))?;
            lock(&file).map_err(|errno| failed("lock")(errno.into()))?;
            // It may have been removed by an agent that ended between the two calls.
            if is_at(&file, &path) {
                file.set_len(0).map_err(failed("write"))?;
                writeln!(file, "{}", std::process::id()).map_err(failed("write"))?;
                return Ok(Self { path, file });
            }
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if is_at(&self.file, &self.path) {
            // Nothing is left to do about a failure.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes the lock that the reference takes, so that the two exclude each other.
fn lock(file: &File) -> Result<(), Errno> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the constants are 1 and 0, of the type of another call"
    )]
    let whole_file = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(file, FcntlArg::F_SETLK(&whole_file)).map(drop)
}

fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: io::Result<fs::Metadata>| {
        metadata
            .ok()
            .map(|metadata| (metadata.dev(), metadata.ino()))
    };
    let ours = identity(file.metadata());
    ours.is_some() && ours == identity(fs::metadata(path))
}
