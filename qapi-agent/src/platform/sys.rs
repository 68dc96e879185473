//! System calls that need `unsafe`, because no safe interface offers them with all their results.
#![expect(
    unsafe_code,
    reason = "the only module that may; each use says why it is sound"
)]

pub(crate) mod descriptors;
pub(crate) mod filesystem;
pub(crate) mod nvme;
pub(crate) mod sockets;

use std::ffi::CStr;
use std::os::fd::{BorrowedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::libc;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::ForkResult;

/// The end of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It returned this code.
    Code(i32),
    /// A signal of this number killed it.
    Signal(i32),
}

/// Reaps one child of the process that has ended, any of them, or returns nothing.
///
/// Not nix's `waitpid`: its list of signals lacks the real-time ones, and a child killed by one
/// would be reaped and reported as an error without its number.
pub(crate) fn reap() -> Option<(i32, Exit)> {
    wait(-1).ok().flatten()
}

/// Reaps the child `pid` if it has ended. An error means that there is no such child.
pub(crate) fn reap_child(pid: i32) -> Result<Option<Exit>, Errno> {
    Ok(wait(pid)?.map(|(_, exit)| exit))
}

fn wait(wanted: i32) -> Result<Option<(i32, Exit)>, Errno> {
    loop {
        let mut status = 0;
        // SAFETY: `status` is a valid place for one int and outlives the call.
        let pid = unsafe { libc::waitpid(wanted, &raw mut status, libc::WNOHANG) };
        match pid {
            0 => return Ok(None),
            1.. if libc::WIFEXITED(status) => {
                return Ok(Some((pid, Exit::Code(libc::WEXITSTATUS(status)))));
            }
            1.. if libc::WIFSIGNALED(status) => {
                return Ok(Some((pid, Exit::Signal(libc::WTERMSIG(status)))));
            }
            // Stopped or continued: only seen by tracers.
            1.. => {}
            _ => {
                let errno = Errno::last();
                if errno != Errno::EINTR {
                    return Err(errno);
                }
            }
        }
    }
}

/// The process in which a fork has returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fork {
    Parent,
    Child,
}

/// Splits the process in two. There must be one thread only.
pub(crate) fn fork() -> Result<Fork, Errno> {
    // SAFETY: with one thread, no lock can be held by a thread that the child lacks, so the child
    // may go on as it likes. Only serving starts threads (a freeze has one), and the daemon is
    // split off before that.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { .. } => Ok(Fork::Parent),
        ForkResult::Child => Ok(Fork::Child),
    }
}

/// Gives a signal its default action, whatever the process was started with.
pub(crate) fn default_action(of: Signal) -> Result<(), Errno> {
    // SAFETY: the default action runs no handler, so no code can run at a bad moment.
    unsafe { signal(of, SigHandler::SigDfl) }.map(drop)
}

/// A clock reading in local time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LocalZone {
    /// Seconds east of UTC.
    pub(crate) offset: i64,
    /// Abbreviation of the zone's name as valid at that time.
    pub(crate) name: Option<String>,
}

/// Returns the local time zone as it is at `time`, in seconds since the epoch: from `TZ`, or else from the
/// system's setting as it is now.
pub(crate) fn local_zone(time: i64) -> Option<LocalZone> {
    unsafe extern "C" {
        fn tzset();
    }
    let time = libc::time_t::try_from(time).ok()?;
    let mut parts = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: nothing in the process changes the environment, which `tzset` reads, or the zone.
    // Both pointers are valid during the call; all-zero bytes are a valid `tm`.
    let parts = unsafe {
        tzset();
        if libc::localtime_r(&raw const time, parts.as_mut_ptr()).is_null() {
            return None;
        }
        parts.assume_init()
    };
    let name = (!parts.tm_zone.is_null()).then(|| {
        // SAFETY: the C library keeps the names of zones as C strings at least until the next
        // `tzset`.
        unsafe { CStr::from_ptr(parts.tm_zone) }
            .to_string_lossy()
            .into_owned()
    });
    Some(LocalZone {
        offset: parts.tm_gmtoff,
        name: name.filter(|name| !name.is_empty()),
    })
}

/// Keeps descriptors that the process was started with, beyond the three standard ones, from its
/// children.
pub(crate) fn close_inherited_on_exec() {
    const FIRST: libc::c_uint = 3;
    // SAFETY: the call only sets a flag on descriptors; it takes no pointers.
    let result = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            FIRST,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    if result == 0 {
        return;
    }
    // Kernels before 5.11.
    let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") else {
        return;
    };
    let number = |name: std::ffi::OsString| name.to_str()?.parse::<RawFd>().ok();
    for descriptor in descriptors
        .flatten()
        .filter_map(|entry| number(entry.file_name()))
    {
        if descriptor >= FIRST.cast_signed() {
            // SAFETY: the number was open a moment ago; if it is not any more (it was the listing's
            // own), the call fails, and nothing else of the process has started yet to reuse it.
            let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
            let _ = fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
        }
    }
}

/// Returns the error number in an I/O error, or `EIO` if it has none. Such errors come from the standard library's own
/// checks, and none of these is on a call of this crate.
pub(crate) fn errno_of(error: &std::io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}

/// Returns the lock for tests with children: they take turns, because a test that reaps would take the children of the
/// others in its process.
#[cfg(test)]
pub(crate) fn turn_with_children() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Runs a test's program in turn, and expects it to be quick: programs that are not to be waited for sleep longer.
#[cfg(test)]
pub(crate) fn quickly_in_turn<T>(run: impl FnOnce() -> T) -> T {
    let _turn = turn_with_children();
    // Only now: the turn may take long to come.
    let start = std::time::Instant::now();
    let result = run();
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    result
}
