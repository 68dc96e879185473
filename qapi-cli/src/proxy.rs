//! A proxy between clients and a server, which passes everything on unchanged and reports it.
//!
//! Two threads per client copy bytes and file descriptors, one for each direction. Copies go through a bounded queue to
//! the recording thread. Bytes are queued before they are sent on, so that the recording has a request before its
//! reply.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use qapi_runtime::descriptors;
use qapi_traffic::recording::Direction;

use crate::private_socket::{PrivateSocket, connect};

/// Time for the server to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;

/// Something that happened at a connection.
pub(crate) struct ProxyEvent {
    /// Microseconds since 1970.
    pub(crate) time: u64,
    /// Number of the client, from 1.
    pub(crate) client: u64,
    pub(crate) kind: EventKind,
}

pub(crate) enum EventKind {
    Opened,
    /// The server cannot be reached.
    Refused(io::Error),
    /// Bytes, with a number of descriptors.
    Bytes(Direction, Box<[u8]>, usize),
    /// The sender of this direction has closed it; true if both directions are closed.
    Closed(Direction, bool),
}

/// Accepts clients and connects each to the server, until the listener fails or, with `once`, the first client is gone.
pub(crate) fn run(
    socket: &PrivateSocket,
    server: &Path,
    once: bool,
    events: &SyncSender<ProxyEvent>,
) -> io::Result<()> {
    for client in 1.. {
        let (near, _) = socket.listener.accept()?;
        // Other clients wait meanwhile.
        match connect(server, PATIENCE) {
            Ok(far) => {
                tell(events, client, EventKind::Opened);
                let copiers = join(near, far, client, events)?;
                if once {
                    // The copiers report failures by events.
                    for copier in copiers {
                        let _ = copier.join();
                    }
                    break;
                }
            }
            Err(error) => {
                tell(events, client, EventKind::Refused(error));
                if once {
                    break;
                }
            }
        }
    }
    Ok(())
}

fn tell(events: &SyncSender<ProxyEvent>, client: u64, kind: EventKind) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
    // The recorder outlives all senders unless it fails, which it reports itself.
    let _ = events.send(ProxyEvent { time, client, kind });
}

/// Starts the threads that copy between a client and the server.
fn join(
    near: UnixStream,
    far: UnixStream,
    client: u64,
    events: &SyncSender<ProxyEvent>,
) -> io::Result<[thread::JoinHandle<()>; 2]> {
    let one_is_done = Arc::new(AtomicBool::new(false));
    let start = |from: UnixStream, to: UnixStream, direction: Direction| {
        let (events, one_is_done) = (events.clone(), Arc::clone(&one_is_done));
        thread::Builder::new().spawn(move || {
            copy(&from, &to, |bytes, count| {
                tell(
                    &events,
                    client,
                    EventKind::Bytes(direction, bytes.into(), count),
                );
            });
            let is_last = one_is_done.swap(true, Ordering::AcqRel);
            tell(&events, client, EventKind::Closed(direction, is_last));
            if direction == Direction::ToClient {
                // Without a server, the client is disconnected.
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
            } else {
                let _ = to.shutdown(Shutdown::Write);
            }
        })
    };
    let (near_again, far_again) = (near.try_clone()?, far.try_clone()?);
    Ok([
        start(near, far, Direction::ToServer)?,
        start(far_again, near_again, Direction::ToClient)?,
    ])
}

/// Copies bytes and descriptors until one side is gone.
fn copy(from: &UnixStream, to: &UnixStream, mut tell: impl FnMut(&[u8], usize)) {
    let mut buffer = vec![0; CHUNK];
    let mut attached: Vec<OwnedFd> = Vec::new();
    loop {
        let length = match descriptors::receive(from, &mut buffer, &mut attached) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let bytes = &buffer[..length];
        tell(bytes, attached.len());
        if send(to, bytes, &attached).is_err() {
            return;
        }
        attached.clear();
    }
}

/// Sends all bytes, the descriptors with the first.
fn send(to: &UnixStream, mut bytes: &[u8], attached: &[OwnedFd]) -> io::Result<()> {
    let borrowed: Vec<BorrowedFd<'_>> = attached.iter().map(AsFd::as_fd).collect();
    let mut borrowed = borrowed.as_slice();
    while !bytes.is_empty() {
        let sent = if borrowed.is_empty() {
            io::Write::write(&mut &*to, bytes)
        } else {
            descriptors::send(to, bytes, borrowed)
        };
        match sent {
            Ok(length) => {
                bytes = &bytes[length..];
                borrowed = &[];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
