//! A user's file of authorized keys, in a folder that is under the user's control.
//!
//! The agent is root and the folder is not its own, so it trusts no name below the home directory: everything is done
//! on descriptors, no symbolic link is followed, and a file with further hard links is rejected
//! (docs/reference/agent-behaviour.md §8.5).

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, renameat};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{UnlinkatFlags, fchown, unlinkat};

use super::Account;
use crate::failure::{Failure, errno_text};
use crate::platform::sys::errno_of;

const FOLDER: &str = ".ssh";
const FILE: &str = "authorized_keys";

/// The longest file that is read; the host could not receive a longer reply.
const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// The number of names that are tried for the new file; only an attack could make all of them fail.
const NAMES: u32 = 16;

/// The file of an account, which need not exist.
pub(super) struct KeyFile<'a> {
    account: &'a Account,
    folder: String,
    path: String,
}

impl<'a> KeyFile<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        let folder = account.home.join(FOLDER).display().to_string();
        let path = format!("{folder}/{FILE}");
        Self {
            account,
            folder,
            path,
        }
    }

    /// Returns the error of reading where there is nothing.
    pub(super) fn missing(&self) -> Failure {
        self.unreadable(&errno_text(Errno::ENOENT))
    }

    fn unreadable(&self, reason: &str) -> Failure {
        let path = &self.path;
        Failure::new(format!(
            "failed to read '{path}': Failed to open file \u{201c}{path}\u{201d}: {reason}"
        ))
    }

    /// Returns the file's text, or nothing if it does not exist.
    pub(super) fn read(&self) -> Result<Option<String>, Failure> {
        let unreadable = |errno| self.unreadable(&errno_text(errno));
        // Without O_NONBLOCK a FIFO in place of the file would hold up the agent.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let opened = self
            .open_folder()
            .and_then(|folder| openat(&folder, FILE, flags, Mode::empty()));
        let file = match opened {
            Ok(file) => File::from(file),
            Err(Errno::ENOENT) => return Ok(None),
            Err(errno) => return Err(unreadable(errno)),
        };
        let metadata = file
            .metadata()
            .map_err(|error| unreadable(errno_of(&error)))?;
        // A user may be able to make a second name for a file that only others may read.
        let own = metadata.uid() == self.account.uid.as_raw() || metadata.nlink() == 1;
        if !metadata.is_file() || !own {
            return Err(self.unreadable("it is not a regular file of that user"));
        }
        let mut bytes = Vec::new();
        file.take(SIZE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(errno_of(&error)))?;
        if bytes.len() as u64 > SIZE_LIMIT {
            return Err(self.unreadable(&format!("it has more than {SIZE_LIMIT} bytes")));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.unreadable("it is not UTF-8 text")),
        }
    }

    /// Replaces the file at once and as a whole; it belongs to the user alone.
    pub(super) fn write(&self, text: &str) -> Result<(), Failure> {
        let failed =
            |errno| Failure::with_errno(format_args!("failed to write to '{}'", self.path), errno);
        let folder = match self.open_folder() {
            Err(Errno::ENOENT) => self.make_folder()?,
            result => result.map_err(failed)?,
        };
        let (name, file) = new_file(&folder).map_err(failed)?;
        let result = self
            .fill(file, text)
            .and_then(|()| renameat(&folder, name.as_str(), &folder, FILE).map_err(failed));
        if result.is_err() {
            let _ = unlinkat(&folder, name.as_str(), UnlinkatFlags::NoRemoveDir);
        }
        result
    }

    /// Returns the folder, unless it is a symbolic link.
    fn open_folder(&self) -> Result<OwnedFd, Errno> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let home = open(&self.account.home, flags, Mode::empty())?;
        openat(&home, FOLDER, flags | OFlag::O_NOFOLLOW, Mode::empty())
    }

    fn make_folder(&self) -> Result<OwnedFd, Failure> {
        let failed = |action: &str, errno| {
            Failure::with_errno(
                format_args!("failed to {action} directory '{}'", self.folder),
                errno,
            )
        };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let home = open(&self.account.home, flags, Mode::empty())
            .map_err(|errno| failed("create", errno))?;
        mkdirat(&home, FOLDER, Mode::S_IRWXU).map_err(|errno| failed("create", errno))?;
        let folder = openat(&home, FOLDER, flags | OFlag::O_NOFOLLOW, Mode::empty())
            .map_err(|errno| failed("create", errno))?;
        self.give(&folder)
            .map_err(|errno| failed("set ownership of", errno))?;
        // The umask may have taken something away.
        fchmod(&folder, Mode::S_IRWXU).map_err(|errno| failed("set permissions of", errno))?;
        Ok(folder)
    }

    fn give(&self, descriptor: impl std::os::fd::AsFd) -> Result<(), Errno> {
        fchown(descriptor, Some(self.account.uid), Some(self.account.gid))
    }

    fn fill(&self, mut file: File, text: &str) -> Result<(), Failure> {
        let path = &self.path;
        let failed = |action: &str, error: &io::Error| {
            Failure::with_errno(format_args!("failed to {action} '{path}'"), errno_of(error))
        };
        file.write_all(text.as_bytes())
            .map_err(|error| failed("write to", &error))?;
        self.give(&file)
            .map_err(|errno| failed("set ownership of", &errno.into()))?;
        fchmod(&file, Mode::S_IRUSR | Mode::S_IWUSR)
            .map_err(|errno| failed("set permissions of", &errno.into()))?;
        file.sync_all().map_err(|error| failed("write to", &error))
    }
}

/// Returns a file that did not exist before, with its name.
fn new_file(folder: &OwnedFd) -> Result<(String, File), Errno> {
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let start = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    for number in 0..NAMES {
        let name = format!(
            "{FILE}.{:08x}",
            start.wrapping_add(number.wrapping_mul(0x9e37_79b9))
        );
        match openat(folder, name.as_str(), flags, Mode::S_IRUSR | Mode::S_IWUSR) {
            Ok(file) => return Ok((name, File::from(file))),
            Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::EEXIST)
}
