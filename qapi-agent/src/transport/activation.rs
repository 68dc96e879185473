//! A socket passed by systemd, or by another program with its protocol (docs/reference/agent-behaviour.md §2.5).

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::sockopt::AcceptConn;
use nix::sys::socket::{AddressFamily, SockaddrLike, SockaddrStorage, getsockname, getsockopt};

use super::kind::Transport;
use crate::failure::errno_text;
use crate::platform::sys;

/// Sockets are passed from this descriptor on.
const FIRST: RawFd = 3;

/// Returns the socket that this process was started with, if there is one. Children will not see the
/// variables that announced it. There must be one thread only.
///
/// The error is a text for the administrator.
pub(crate) fn detect() -> Result<Option<Transport>, String> {
    let number = |name| {
        sys::sockets::take_variable(name)?
            .to_str()?
            .parse::<u32>()
            .ok()
    };
    let (pid, count) = (number("LISTEN_PID"), number("LISTEN_FDS"));
    sys::sockets::take_variable("LISTEN_FDNAMES");
    if pid != Some(std::process::id()) {
        return Ok(None);
    }
    match count {
        None | Some(0) => Ok(None),
        Some(1) => kind().map(Some),
        Some(count) => Err(format!(
            "qemu-ga only supports listening on one socket, but {count} were handed over"
        )),
    }
}

fn kind() -> Result<Transport, String> {
    let failed = |errno| {
        let reason = errno_text(errno);
        format!("cannot use descriptor {FIRST}, which `LISTEN_FDS` announces: {reason}")
    };
    let socket = sys::sockets::inherited(FIRST).map_err(failed)?;
    let name = getsockname::<SockaddrStorage>(socket.as_raw_fd()).map_err(failed)?;
    let transport = match name.family() {
        Some(AddressFamily::Unix) => Transport::InheritedUnix,
        Some(AddressFamily::Vsock) => Transport::InheritedVsock,
        _ => {
            return Err(
                "unsupported listen fd type: a Unix or a vsock socket is expected".to_owned(),
            );
        }
    };
    if getsockopt(&socket, AcceptConn).map_err(failed)? {
        Ok(transport)
    } else {
        Err(format!(
            "descriptor {FIRST} is a socket that does not listen: set `Accept=no` in its unit"
        ))
    }
}

/// Returns a copy of the socket, which does not block.
pub(super) fn socket() -> Result<OwnedFd, String> {
    let open = || {
        let socket = sys::sockets::inherited(FIRST)?;
        let flags = OFlag::from_bits_retain(fcntl(socket.as_fd(), FcntlArg::F_GETFL)?);
        fcntl(&socket, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        Ok(socket)
    };
    open().map_err(|errno: Errno| format!("cannot use descriptor {FIRST}: {}", errno_text(errno)))
}
