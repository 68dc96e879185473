//! Kinds of transports, as the command line names them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::vsock_listen::VsockAddress;

/// A transport and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A port of a virtio-serial device, which the host opens and closes.
    VirtioSerial(PathBuf),
    /// A serial line.
    IsaSerial(PathBuf),
    /// A Unix socket that the agent makes.
    UnixListen(PathBuf),
    /// A vsock socket that the agent makes.
    VsockListen(VsockAddress),
    /// A Unix socket that the process was started with.
    InheritedUnix,
    /// A vsock socket that the process was started with.
    InheritedVsock,
}

/// As in "waiting for ...".
impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::VirtioSerial(_) => "virtio port",
            Self::IsaSerial(_) => "serial line",
            Self::UnixListen(_) => "socket",
            Self::VsockListen(_) => "vsock socket",
            Self::InheritedUnix | Self::InheritedVsock => "the socket handed over",
        };
        formatter.write_str(what)?;
        match self.path() {
            Some(path) => write!(formatter, " `{}`", path.display()),
            None => Ok(()),
        }
    }
}

impl Transport {
    /// Returns its name on the command line.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::VirtioSerial(_) => "virtio-serial",
            Self::IsaSerial(_) => "isa-serial",
            Self::UnixListen(_) | Self::InheritedUnix => "unix-listen",
            Self::VsockListen(_) | Self::InheritedVsock => "vsock-listen",
        }
    }

    /// Returns its place in the file system.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::VirtioSerial(path) | Self::IsaSerial(path) | Self::UnixListen(path) => Some(path),
            Self::VsockListen(_) | Self::InheritedUnix | Self::InheritedVsock => None,
        }
    }
}
