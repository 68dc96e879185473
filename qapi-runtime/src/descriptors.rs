//! File descriptors that travel with the bytes of a Unix socket (`SCM_RIGHTS`).
//!
//! Descriptors are attached to a byte, not to a message. QEMU gives a command those that came last, so a request's
//! descriptors go out with its first byte.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Most descriptors with one message. QEMU drops the rest silently.
pub const MOST: usize = 16;

const SPACE: usize = rustix::cmsg_space!(ScmRights(MOST));

/// Writes to a socket, and sends descriptors along with the first byte. Returns the number of bytes sent.
///
/// # Errors
/// More descriptors than [`MOST`], or no byte for them; or the error of the system.
pub fn send(socket: impl AsFd, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); SPACE];
    let mut attached = SendAncillaryBuffer::new(&mut space);
    let fits = descriptors.len() <= MOST
        && !bytes.is_empty()
        && attached.push(SendAncillaryMessage::ScmRights(descriptors));
    if !fits {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "{} file descriptors cannot go with {} bytes: {MOST} can, with at least one byte",
                descriptors.len(),
                bytes.len()
            ),
        ));
    }
    Ok(sendmsg(
        socket,
        &[IoSlice::new(bytes)],
        &mut attached,
        send_flags(),
    )?)
}

/// Reads from a socket. Descriptors that come along are appended to `descriptors`; those beyond [`MOST`] are closed by the
/// system.
///
/// On Linux a read never goes beyond bytes that have descriptors attached to others that were written later. So the
/// descriptors are those of the last message that began in what has been read, if the sender writes message by message.
///
/// # Errors
/// The error of the system.
pub fn receive(
    socket: impl AsFd,
    buffer: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); SPACE];
    let mut attached = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        socket,
        &mut [IoSliceMut::new(buffer)],
        &mut attached,
        receive_flags(),
    )?;
    for message in attached.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    Ok(received.bytes)
}

/// Returns flags for sending: a closed peer causes an error, not a signal.
fn send_flags() -> SendFlags {
    #[cfg(not(target_vendor = "apple"))]
    return SendFlags::NOSIGNAL;
    #[cfg(target_vendor = "apple")]
    return SendFlags::empty();
}

/// Programs that are started later do not inherit what is received.
fn receive_flags() -> RecvFlags {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return RecvFlags::CMSG_CLOEXEC;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return RecvFlags::empty();
}
