//! Numbers of descriptors. The kernel uses the lowest free number, and none above a limit.
#![expect(
    unsafe_code,
    reason = "nix has the call, but leaves the owner of the new descriptor open; the use says why it is sound"
)]

use std::os::fd::{FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit};

/// The count of low numbers that are not used for files a host keeps open.
const RESERVED: u64 = 64;

/// Makes room: files that a host keeps open get a number above the reserved ones, so that hosts cannot use up all of
/// them. Without a free number, the agent could not accept a client, look up a user, run the hook or freeze.
///
/// The error is `EMFILE` where no number is free, as if the limit was lower.
pub(crate) fn out_of_the_way(descriptor: impl Into<OwnedFd>) -> Result<OwnedFd, Errno> {
    let descriptor = descriptor.into();
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // With a low limit, hosts get a part of the numbers, too.
    let lowest = i32::try_from(RESERVED.min(limit / 2)).map_err(|_| Errno::EMFILE)?;
    let number = fcntl(&descriptor, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: the kernel has just made it, so that nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
