//! Well-known paths, and paths in arguments.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The default virtio-serial port.
pub(crate) const VIRTIO_PORT: &str = "/dev/virtio-ports/org.qemu.guest_agent.0";

/// The default serial line.
pub(crate) const SERIAL_LINE: &str = "/dev/ttyS0";

/// The configuration file.
pub(crate) const CONFIGURATION: &str = "/etc/qemu/qemu-ga.conf";

/// The default program to call for freezes and thaws.
pub(crate) const FREEZE_HOOK: &str = "/etc/qemu/fsfreeze-hook";

/// Returns an argument without its first bytes.
pub(crate) fn behind(argument: &OsStr, count: usize) -> OsString {
    OsStr::from_bytes(&argument.as_bytes()[count..]).to_owned()
}
