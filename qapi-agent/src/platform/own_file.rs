//! Files of the agent in folders where others may have replaced them.
//!
//! A replacement must not block the agent, lead it to another file, or be taken for the agent's own data.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::geteuid;

/// Opens a file by options, without waiting for the other end of a FIFO and without following a link.
pub(crate) fn open_here(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let opened = options.clone().custom_flags(flags).open(path);
    opened.map_err(|error| match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ELOOP) => io::Error::other("it is a symbolic link, which is not followed"),
        Some(Errno::ENXIO) => io::Error::other("it is a FIFO or socket that nobody reads"),
        _ => error,
    })
}

/// As a new file has it that is for the agent's user only.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Returns true for kinds of files that can be read without waiting for anybody.
pub(crate) fn is_read_at_once(kind: FileType) -> bool {
    kind.is_file() || kind.is_char_device()
}

/// Opens a file that must be [the agent's own](check).
pub(crate) fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let file = open_here(path, options)?;
    check(&file.metadata()?).map_err(io::Error::other)?;
    Ok(file)
}

/// Checks that what is there is a regular file of the agent's user or of root. On failure, returns a text with
/// the reason.
pub(crate) fn check(metadata: &Metadata) -> Result<(), String> {
    if !metadata.is_file() {
        let kind = kind(metadata.file_type());
        return Err(format!("it is a {kind}, not a regular file"));
    }
    let owner = metadata.uid();
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(format!("it belongs to the user with number {owner}"));
    }
    Ok(())
}

/// Returns the kind of a file, as in "it is a FIFO".
pub(crate) fn kind(file: FileType) -> &'static str {
    if file.is_dir() {
        "directory"
    } else if file.is_file() {
        "regular file"
    } else if file.is_symlink() {
        "symbolic link"
    } else if file.is_fifo() {
        "FIFO"
    } else if file.is_socket() {
        "socket"
    } else {
        "device"
    }
}
