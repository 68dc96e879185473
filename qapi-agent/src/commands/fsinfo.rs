//! guest-get-fsinfo (docs/reference/agent-behaviour.md §6.6).

use std::path::Path;

use nix::sys::statvfs::fstatvfs;

use super::disks::{self, DiskAddress};
use super::mounts::{self, Mount};
use crate::failure::Failure;

/// A mounted file system and its disks.
#[derive(Debug)]
pub(crate) struct FileSystem {
    /// The kernel's name of its device.
    pub(crate) name: String,
    pub(crate) mountpoint: String,
    pub(crate) kind: String,
    /// Absent if it does not report them.
    pub(crate) sizes: Option<Sizes>,
    pub(crate) disks: Vec<DiskAddress>,
}

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) used: u64,
    /// Used or free for ordinary users.
    pub(crate) total: u64,
    /// Including the space reserved for the superuser.
    pub(crate) total_privileged: u64,
}

/// Returns the file systems on block devices, the last mount first. `root` is where `/proc` and `/sys` are.
pub(crate) fn list(root: &Path) -> Result<Vec<FileSystem>, Failure> {
    let one = |mount: &Mount| {
        let (name, disks) = disks::beneath(root, mount.device)?;
        Ok(FileSystem {
            name,
            mountpoint: mount.directory().to_string_lossy().into_owned(),
            kind: mount.kind.clone(),
            sizes: sizes(mount),
            disks,
        })
    };
    mounts::read(root)?.iter().rev().map(one).collect()
}

fn sizes(mount: &Mount) -> Option<Sizes> {
    let figures = fstatvfs(mount.open().ok()?).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(figures.fragment_size());
    let used = figures.blocks().saturating_sub(figures.blocks_free());
    Some(Sizes {
        used: bytes(used),
        total: bytes(used.saturating_add(figures.blocks_available())),
        total_privileged: bytes(figures.blocks()),
    })
}
