//! Sockets and variables from the process that started this one.

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use nix::sys::socket::{SockFlag, accept4};

/// Accepts a client of any kind of stream socket. Its descriptor does not block and is closed in
/// children.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let client = accept4(listener.as_raw_fd(), flags)?;
    // SAFETY: the call has just made this descriptor and has given it to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(client) })
}

/// Returns a copy of a descriptor that the process was started with, closed in children. The original stays
/// open, too.
pub(crate) fn inherited(number: RawFd) -> Result<OwnedFd, Errno> {
    if number < 0 {
        return Err(Errno::EBADF);
    }
    // SAFETY: the descriptor is only used for the call below, which fails if it is not open.
    let original = unsafe { BorrowedFd::borrow_raw(number) };
    let copy = fcntl(original, FcntlArg::F_DUPFD_CLOEXEC(libc::STDERR_FILENO + 1))?;
    // SAFETY: the call has just made this descriptor and has given it to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Takes a variable out of the environment, so that children do not see it. There must be one thread
/// only.
pub(crate) fn take_variable(name: &str) -> Option<std::ffi::OsString> {
    let value = std::env::var_os(name);
    if value.is_some() {
        // SAFETY: with one thread nobody reads the environment meanwhile. Only serving starts
        // threads, and this is called before that.
        unsafe { std::env::remove_var(name) };
    }
    value
}
