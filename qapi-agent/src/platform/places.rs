//! Paths at which hosts and administrators expect something, and paths in arguments.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The port of virtio-serial that hosts look for an agent at.
pub(crate) const VIRTIO_PORT: &str = "/dev/virtio-ports/org.qemu.guest_agent.0";

/// The serial line, where there is no such port.
pub(crate) const SERIAL_LINE: &str = "/dev/ttyS0";

/// The configuration file.
pub(crate) const CONFIGURATION: &str = "/etc/qemu/qemu-ga.conf";

/// The program that is told of freezes and thaws.
pub(crate) const FREEZE_HOOK: &str = "/etc/qemu/fsfreeze-hook";

/// Returns an argument without its first bytes.
pub(crate) fn behind(argument: &OsStr, count: usize) -> OsString {
    OsStr::from_bytes(&argument.as_bytes()[count..]).to_owned()
}
