//! Reports the agent's state to the service manager (the datagrams of `sd_notify(3)`).

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::platform::sys;

/// The manager's socket, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Manager(Option<SocketAddr>);

impl Manager {
    /// Returns the service manager's socket, which the environment variable `NOTIFY_SOCKET` names. Children will not
    /// see the variable: they are not the service. There must be one thread only.
    pub(crate) fn from_environment() -> Self {
        let address = sys::sockets::take_variable("NOTIFY_SOCKET");
        Self(address.and_then(|address| {
            match address.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
                _ => SocketAddr::from_pathname(&address),
            }
            .ok()
        }))
    }

    /// Says that clients are served, or waited for. The process id is sent, because it may differ from that of the
    /// started process.
    pub(crate) fn ready(&self, status: &str) {
        let process = std::process::id();
        self.tell(&format!("READY=1\nMAINPID={process}\nSTATUS={status}"));
    }

    /// Says that the agent is about to end.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Sends a message to the service manager. Ignores failures: a manager that does not listen does not matter.
    fn tell(&self, message: &str) {
        if let Some(address) = &self.0 {
            let _ = send(address, message);
        }
    }
}

fn send(address: &SocketAddr, message: &str) -> io::Result<usize> {
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.send_to_addr(message.as_bytes(), address)
}
