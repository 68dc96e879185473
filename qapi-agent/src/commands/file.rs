//! The guest-file family (docs/reference/agent-behaviour.md §6.4).
//!
//! Files behave as with C's stdio, because clients can see the difference: written data stays in the agent until the
//! buffer is full or the file is flushed, read, sought in or closed, and a full disk causes errors then. Reads are not
//! buffered, because they could only return stale data. So a write after a read needs no synchronisation, where stdio
//! seeks, and fails on files without seeking.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::{Whence, lseek64};

use crate::failure::{Failure, errno_text};
use crate::handle_counter::HandleCounter;
use crate::platform::resolved_path::open_resolved;
use crate::platform::sys::descriptors::out_of_the_way;
use crate::platform::sys::errno_of;
use crate::policy::{FileAccess, Policy};
use qapi_runtime::base64;

/// Bytes that guest-file-read returns by default.
const DEFAULT_COUNT: i64 = 4096;

/// Most bytes of one read: their base64 form is the longest string a client's parser takes.
const COUNT_LIMIT: i64 = 48 * 1024 * 1024;

/// Size of the write buffer, that of stdio on Linux: a client can see when it is written out.
const BUFFER: usize = 4096;

/// Bytes read and encoded at a time; a multiple of three, so that pieces need no padding.
const PIECE: usize = 3 * 64 * 1024;

/// A new file belongs to the agent's user alone.
///
/// The reference uses mode 0666 whatever the umask, so every user of the guest could change the file that the host has
/// just written (defect D21). Clients cannot set the mode.
const NEW_FILE_MODE: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR);

/// The open files and the numbers clients know them by.
#[derive(Debug)]
pub(crate) struct Files {
    open: BTreeMap<i64, OpenFile>,
    counter: HandleCounter,
}

/// The data that guest-file-read has read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadData {
    pub(crate) count: i64,
    pub(crate) base64: String,
    /// True if this read met the end of the file.
    pub(crate) end_of_file: bool,
}

impl Files {
    /// No open files; handles come from `counter`.
    pub(crate) fn new(counter: HandleCounter) -> Self {
        Self {
            open: BTreeMap::new(),
            counter,
        }
    }

    /// guest-file-open: opens `path` and returns its handle.
    #[cfg(test)]
    pub(crate) fn open(&mut self, path: &str, mode: Option<&str>) -> Result<i64, Failure> {
        self.open_permitted(path, mode, &Policy::default())
    }

    /// guest-file-open: opens `path`, if the policy permits it, and returns its handle.
    pub(crate) fn open_permitted(
        &mut self,
        path: &str,
        mode: Option<&str>,
        policy: &Policy,
    ) -> Result<i64, Failure> {
        let mode = mode.unwrap_or("r");
        let access = Access::parse(mode)
            .ok_or_else(|| Failure::new(format!("invalid file open mode '{mode}'")))?;
        if path.contains('\0') {
            return Err(Failure::new(
                "the path of a file must not contain the character U+0000",
            ));
        }
        let judged = policy.file(Path::new(path), access.uses())?;
        let opened = match &judged {
            // A link made in between is not followed.
            Some(resolved) => access.open(|flags, mode| open_resolved(resolved, flags, mode)),
            None => access.open(|flags, mode| open(path, flags, mode)),
        };
        let kept = opened.and_then(out_of_the_way);
        let file = kept.map(File::from).map_err(|errno| {
            Failure::with_errno(
                format_args!("failed to open file '{path}' (mode: '{mode}')"),
                errno,
            )
        })?;
        let handle = self
            .counter
            .next()
            .map_err(|_| Failure::new("failed to commit persistent state to disk"))?;
        self.open.insert(handle, OpenFile::new(file, access));
        Ok(handle)
    }

    /// guest-file-close. The handle is gone in any case (D8).
    pub(crate) fn close(&mut self, handle: i64) -> Result<(), Failure> {
        let file = self.open.remove(&handle).ok_or_else(|| unknown(handle))?;
        file.close()
            .map_err(|errno| Failure::with_errno("failed to close handle", errno))
    }

    /// guest-file-read.
    pub(crate) fn read(&mut self, handle: i64, count: Option<i64>) -> Result<ReadData, Failure> {
        let file = self.get(handle)?;
        let count = count.unwrap_or(DEFAULT_COUNT);
        if !(0..=COUNT_LIMIT).contains(&count) {
            return Err(invalid_count(count));
        }
        let count = usize::try_from(count).map_err(|_| invalid_count(count))?;
        file.read(count)
    }

    /// guest-file-write: returns how many bytes were taken.
    pub(crate) fn write(
        &mut self,
        handle: i64,
        base64: &str,
        count: Option<i64>,
    ) -> Result<i64, Failure> {
        let file = self.get(handle)?;
        let bytes = base64::decode_leniently(base64)?;
        let length = i64::try_from(bytes.len()).map_err(|_| invalid_count(i64::MAX))?;
        let count = count.unwrap_or(length);
        let taken = usize::try_from(count)
            .ok()
            .and_then(|count| bytes.get(..count));
        file.write(taken.ok_or_else(|| invalid_count(count))?)?;
        Ok(count)
    }

    /// guest-file-seek: returns the new position. `whence` is 0 for the start of the file, 1 for the
    /// current position, 2 for the end.
    pub(crate) fn seek(&mut self, handle: i64, offset: i64, whence: i64) -> Result<i64, Failure> {
        let file = self.get(handle)?;
        let whence = match whence {
            0 => Whence::SeekSet,
            1 => Whence::SeekCur,
            2 => Whence::SeekEnd,
            _ => return Err(Failure::new(format!("invalid whence code {whence}"))),
        };
        file.seek(offset, whence)
            .map_err(|errno| Failure::with_errno("failed to seek file", errno))
    }

    /// guest-file-flush: passes buffered bytes to the kernel.
    pub(crate) fn flush(&mut self, handle: i64) -> Result<(), Failure> {
        self.get(handle)?.flush()
    }

    /// Flushes what clients left open, at the end of the agent. Returns the handles whose data were
    /// lost, each with the reason.
    pub(crate) fn close_all(&mut self) -> Vec<(i64, String)> {
        let open = std::mem::take(&mut self.open);
        let close = |(handle, file): (i64, OpenFile)| {
            file.close().err().map(|errno| (handle, errno_text(errno)))
        };
        open.into_iter().filter_map(close).collect()
    }

    fn get(&mut self, handle: i64) -> Result<&mut OpenFile, Failure> {
        self.open.get_mut(&handle).ok_or_else(|| unknown(handle))
    }
}

fn unknown(handle: i64) -> Failure {
    Failure::new(format!("handle '{handle}' has not been found"))
}

fn invalid_count(count: i64) -> Failure {
    Failure::new(format!("value '{count}' is invalid for argument count"))
}

/// The access that a file was opened for, as `fopen` would read the mode.
#[derive(Debug, Clone, Copy)]
struct Access {
    write: bool,
    flags: OFlag,
}

impl Access {
    /// Returns the use of the file, as a policy judges it.
    fn uses(self) -> FileAccess {
        let access = self.flags & OFlag::O_ACCMODE;
        FileAccess {
            reads: access != OFlag::O_WRONLY,
            writes: access != OFlag::O_RDONLY,
        }
    }

    fn parse(mode: &str) -> Option<Self> {
        let created = OFlag::O_CREAT;
        let (write, flags) = match mode {
            "r" | "rb" => (false, OFlag::O_RDONLY),
            "w" | "wb" => (true, OFlag::O_WRONLY | created | OFlag::O_TRUNC),
            "a" | "ab" => (true, OFlag::O_WRONLY | created | OFlag::O_APPEND),
            "r+" | "rb+" | "r+b" => (true, OFlag::O_RDWR),
            "w+" | "wb+" | "w+b" => (true, OFlag::O_RDWR | created | OFlag::O_TRUNC),
            "a+" | "ab+" | "a+b" => (true, OFlag::O_RDWR | created | OFlag::O_APPEND),
            _ => return None,
        };
        Some(Self { write, flags })
    }

    /// Opens, and creates where the mode says so. Never waits for the other end of a FIFO or for a
    /// terminal's carrier, and never follows a dangling link to create its target.
    fn open(self, open: impl Fn(OFlag, Mode) -> Result<OwnedFd, Errno>) -> Result<File, Errno> {
        let flags = self.flags | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        if flags.contains(OFlag::O_CREAT) {
            match open(flags | OFlag::O_EXCL, NEW_FILE_MODE) {
                Err(Errno::EEXIST) => {}
                result => return result.map(File::from),
            }
        }
        open(flags - OFlag::O_CREAT, Mode::empty()).map(File::from)
    }
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    writable: bool,
    /// Bytes that were taken but not yet passed to the kernel; at most [`BUFFER`] of them.
    buffer: Vec<u8>,
}

impl OpenFile {
    fn new(file: File, access: Access) -> Self {
        Self {
            file,
            writable: access.write,
            buffer: Vec::new(),
        }
    }

    fn read(&mut self, count: usize) -> Result<ReadData, Failure> {
        self.flush()?;
        let mut encoder = base64::Encoder::default();
        let mut piece = vec![0; count.min(PIECE)];
        let mut total = 0;
        let mut end_of_file = false;
        while total < count && !end_of_file {
            let wanted = piece.len().min(count - total);
            let (read, stop) = read_fully(&mut self.file, &mut piece[..wanted]);
            encoder.push(&piece[..read]);
            total += read;
            match stop {
                Stop::Full => {}
                Stop::EndOfFile => end_of_file = true,
                // What has arrived so far is not lost (D7).
                Stop::Failed(Errno::EAGAIN) if total > 0 => break,
                Stop::Failed(errno) => {
                    return Err(Failure::with_errno("failed to read file", errno));
                }
            }
        }
        let count = i64::try_from(total).expect("the count is limited to 48 MiB");
        Ok(ReadData {
            count,
            base64: encoder.finish(),
            end_of_file,
        })
    }

    /// Takes `bytes`: into the buffer as far as they fit, whole blocks past it, the rest into the
    /// buffer again.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let failed = |errno| Failure::with_errno("failed to write to file", errno);
        if !self.writable && !bytes.is_empty() {
            return Err(failed(Errno::EBADF));
        }
        // Like stdio, which has no buffer before the first byte: whole blocks are written directly.
        let room = if self.buffer.is_empty() {
            0
        } else {
            BUFFER - self.buffer.len()
        };
        let (fitting, rest) = bytes.split_at(room.min(bytes.len()));
        self.buffer.extend_from_slice(fitting);
        if !rest.is_empty() {
            self.write_buffer().map_err(failed)?;
            let (blocks, rest) = rest.split_at(rest.len() - rest.len() % BUFFER);
            self.file
                .write_all(blocks)
                .map_err(|error| failed(errno_of(&error)))?;
            self.buffer.extend_from_slice(rest);
        }
        Ok(())
    }

    /// Moves the position. Buffered bytes belong to the old position and are written there first, even if the new one
    /// is invalid.
    fn seek(&mut self, offset: i64, whence: Whence) -> Result<i64, Errno> {
        self.write_buffer()?;
        lseek64(&self.file, offset, whence)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.write_buffer()
            .map_err(|errno| Failure::with_errno("failed to flush file", errno))
    }

    fn close(mut self) -> Result<(), Errno> {
        let flushed = self.write_buffer();
        let closed = nix::unistd::close(self.file);
        flushed.and(closed)
    }

    /// Empties the buffer into the file. Bytes that cannot be written are dropped, as by stdio: the client got an
    /// error, and a second attempt could write some of them twice.
    fn write_buffer(&mut self) -> Result<(), Errno> {
        let written = self
            .file
            .write_all(&self.buffer)
            .map_err(|error| errno_of(&error));
        self.buffer.clear();
        written
    }
}

/// The reason why reading stopped.
enum Stop {
    Full,
    EndOfFile,
    Failed(Errno),
}

/// Reads until `buffer` is full or nothing more comes. Returns how much was read, also on failure.
fn read_fully(file: &mut File, buffer: &mut [u8]) -> (usize, Stop) {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => return (filled, Stop::EndOfFile),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Stop::Failed(errno_of(&error))),
        }
    }
    (filled, Stop::Full)
}

#[cfg(test)]
mod tests;
