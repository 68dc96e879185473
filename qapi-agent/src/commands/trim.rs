//! guest-fstrim (docs/reference/agent-behaviour.md §6.5).

use std::path::Path;

use nix::errno::Errno;

use super::mounts::{self, Mount};
use crate::failure::{Failure, errno_text};
use crate::platform::sys::filesystem;

/// The result for one file system.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trimmed {
    /// The place at which it is mounted.
    pub(crate) path: String,
    pub(crate) result: Result<Range, String>,
}

/// The range that was trimmed, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) trimmed: i64,
    /// The least free range that was taken into account.
    pub(crate) minimum: i64,
}

/// Tells the disks what the file systems do not need, the last mount first. A negative minimum is
/// a huge one to the kernel. `root` is where `/proc` is.
pub(crate) fn trim(root: &Path, minimum: i64) -> Result<Vec<Trimmed>, Failure> {
    let one = |mount: &Mount| Trimmed {
        path: mount.directory().to_string_lossy().into_owned(),
        result: trim_one(mount, minimum.cast_unsigned()),
    };
    Ok(mounts::read(root)?.iter().rev().map(one).collect())
}

fn trim_one(mount: &Mount, minimum: u64) -> Result<Range, String> {
    let directory = mount
        .open()
        .map_err(|error| format!("failed to open: {}", errno_text(error.errno())))?;
    match filesystem::trim(&directory, minimum) {
        Ok((trimmed, minimum)) => Ok(Range {
            trimmed: i64::try_from(trimmed).unwrap_or(i64::MAX),
            minimum: i64::try_from(minimum).unwrap_or(i64::MAX),
        }),
        Err(Errno::ENOTTY | Errno::EOPNOTSUPP) => Err("trim not supported".to_owned()),
        Err(errno) => Err(format!("failed to trim: {}", errno_text(errno))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::mounts::mount;

    #[test]
    fn a_file_system_that_cannot_be_trimmed_gets_an_error() {
        let gone = mount((1, 1), &["/nonexistent/x"]);
        assert_eq!(
            trim_one(&gone, 0),
            Err("failed to open: No such file or directory".to_owned())
        );
        let proc = mount((1, 1), &["/proc"]);
        assert_eq!(trim_one(&proc, 0), Err("trim not supported".to_owned()));
    }
}
