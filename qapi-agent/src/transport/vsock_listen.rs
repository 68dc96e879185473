//! A listening vsock socket (docs/reference/agent-behaviour.md §2.4).

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, VsockAddr, bind, getpeername, listen, socket,
};

use super::admission::Peers;
use super::clients::{Arrival, Listener};
use super::unix_listen::BACKLOG;
use crate::failure::errno_text;
use crate::platform::sys;

/// The address that hosts connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VsockAddress {
    /// The machine's number; 4294967295 stands for any.
    cid: u32,
    port: u32,
}

impl VsockAddress {
    /// Reads `<cid>:<port>`, both decimal. Returns a text for the administrator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (cid, port) = text.split_once(':').ok_or_else(|| {
            format!(
                "error parsing address '{text}': `CID:PORT` is expected, as in `4294967295:1234`"
            )
        })?;
        let number = |what: &str, digits: &str| {
            let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_decimal).ok_or_else(|| {
                format!("Failed to parse {what} '{digits}': a number up to 4294967295 is expected")
            })
        };
        Ok(Self {
            cid: number("cid", cid)?,
            port: number("port", port)?,
        })
    }
}

/// The socket.
#[derive(Debug)]
pub(crate) struct VsockListen {
    socket: OwnedFd,
    peers: Peers,
}

impl VsockListen {
    /// Makes the socket. Returns a text for the administrator.
    pub(crate) fn bind(address: VsockAddress, peers: Peers) -> Result<Self, String> {
        let failed = |action: &'static str| {
            move |errno| format!("Failed to {action} socket: {}", errno_text(errno))
        };
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Vsock, SockType::Stream, flags, None)
            .map_err(failed("create"))?;
        let address = VsockAddr::new(address.cid, address.port);
        bind(socket.as_raw_fd(), &address).map_err(failed("bind"))?;
        let backlog = Backlog::new(BACKLOG).map_err(failed("listen on"))?;
        listen(&socket, backlog).map_err(failed("listen on"))?;
        Ok(Self { socket, peers })
    }

    /// Takes over a socket that listens already and does not block.
    pub(crate) fn inherited(socket: OwnedFd, peers: Peers) -> Self {
        Self { socket, peers }
    }
}

impl AsFd for VsockListen {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Listener for VsockListen {
    type Stream = File;

    fn accept(&self) -> io::Result<Arrival<File>> {
        let peer = |client: &OwnedFd| {
            getpeername::<VsockAddr>(client.as_raw_fd()).map(|address| address.cid())
        };
        match sys::sockets::accept(self.as_fd()).and_then(|client| Ok((peer(&client)?, client))) {
            Ok((cid, _)) if !self.peers.admit(cid) => Ok(Arrival::Refused(format!(
                "CID {cid} is not among the machines that may connect (vsock-peers)"
            ))),
            Ok((_, client)) => Ok(Arrival::Client(File::from(client))),
            // Gone again, or never there.
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNABORTED | Errno::ENOTCONN) => {
                Ok(Arrival::Nobody)
            }
            Err(errno) => Err(errno.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_two_numbers() {
        let any = VsockAddress {
            cid: u32::MAX,
            port: 1024,
        };
        assert_eq!(VsockAddress::parse("4294967295:1024"), Ok(any));
        for (text, reason) in [
            ("1024", "error parsing address '1024'"),
            ("", "error parsing address ''"),
            (":1", "Failed to parse cid ''"),
            ("x:1", "Failed to parse cid 'x'"),
            ("+3:1", "Failed to parse cid '+3'"),
            ("4294967296:1", "Failed to parse cid '4294967296'"),
            ("3:", "Failed to parse port ''"),
            ("3:1:2", "Failed to parse port '1:2'"),
            ("3:-1", "Failed to parse port '-1'"),
        ] {
            let error = VsockAddress::parse(text).expect_err(text);
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }
}
