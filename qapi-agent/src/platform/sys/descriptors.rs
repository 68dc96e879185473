//! Numbers of descriptors. They run out from below: the kernel gives the lowest one that is free, and none above a limit.
#![expect(
    unsafe_code,
    reason = "nix has the call, but leaves the owner of the new descriptor open; the use says why it is sound"
)]

use std::os::fd::{FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit};

/// As many of the lowest numbers are not for what a host keeps open.
const RESERVED: u64 = 64;

/// Makes room: what a host keeps open gets a number above those that are reserved, so that hosts cannot take all of them. Without one
/// the agent could neither accept a client nor look anything up, run the hook or freeze.
///
/// The error is `EMFILE` where no number is free, as if the limit was lower.
pub(crate) fn out_of_the_way(descriptor: impl Into<OwnedFd>) -> Result<OwnedFd, Errno> {
    let descriptor = descriptor.into();
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // A low limit is for the hosts, too.
    let lowest = i32::try_from(RESERVED.min(limit / 2)).map_err(|_| Errno::EMFILE)?;
    let number = fcntl(&descriptor, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: the kernel has just made it, so that nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
