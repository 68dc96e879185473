//! Calls on mounted file systems: freeze, thaw, trim. Numbers and meanings are those of
//! `linux/fs.h`.
#![expect(
    unsafe_code,
    reason = "these calls have no safe wrapper; each use says why it is sound"
)]

use std::fs::File;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::libc::c_int;

/// `struct fstrim_range`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct TrimRange {
    start: u64,
    length: u64,
    minimum: u64,
}

mod raw {
    use super::{TrimRange, c_int};

    nix::ioctl_readwrite!(fifreeze, b'X', 119, c_int);
    nix::ioctl_readwrite!(fithaw, b'X', 120, c_int);
    nix::ioctl_readwrite!(fitrim, b'X', 121, TrimRange);
}

/// Writes out what the file system has in memory, then lets every writer wait until the thaw.
///
/// `EBUSY` means that it is frozen already, `EOPNOTSUPP` that it cannot be.
pub(crate) fn freeze(directory: &File) -> Result<(), Errno> {
    let mut unused = 0;
    // SAFETY: the descriptor is open, and the kernel does not use the argument, which is valid
    // all the same.
    unsafe { raw::fifreeze(directory.as_raw_fd(), &raw mut unused) }.map(drop)
}

/// Lets writers go on. `EINVAL` means that the file system is not frozen.
pub(crate) fn thaw(directory: &File) -> Result<(), Errno> {
    let mut unused = 0;
    // SAFETY: as in `freeze`.
    unsafe { raw::fithaw(directory.as_raw_fd(), &raw mut unused) }.map(drop)
}

/// Discards the unused blocks of the file system in free ranges of at least `minimum` bytes.
/// Returns how many bytes were discarded and which minimum the file system made of it.
pub(crate) fn trim(directory: &File, minimum: u64) -> Result<(u64, u64), Errno> {
    let mut range = TrimRange {
        start: 0,
        length: u64::MAX,
        minimum,
    };
    // SAFETY: the descriptor is open, and `range` has the layout that the kernel reads and writes.
    unsafe { raw::fitrim(directory.as_raw_fd(), &raw mut range) }?;
    Ok((range.length, range.minimum))
}
