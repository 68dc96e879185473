//! The errors of calls, one function for each cause.

use std::io;

use super::error::{ClientError, ClientErrorKind};
use crate::stream::is_disconnect;
use crate::value::Kind;
use crate::wire::WireError;
use crate::write::WriteFault;

#[cold]
pub(super) fn failed(name: &str, error: io::Error) -> ClientError {
    let kind = if is_disconnect(&error) {
        ClientErrorKind::Closed
    } else {
        ClientErrorKind::Io(error)
    };
    ClientError::new(name, kind)
}

#[cold]
pub(super) fn closed(name: &str) -> ClientError {
    ClientError::new(name, ClientErrorKind::Closed)
}

#[cold]
pub(super) fn timed_out(name: &str) -> ClientError {
    ClientError::new(name, ClientErrorKind::TimedOut)
}

#[cold]
pub(super) fn protocol(name: &str, reason: impl Into<Box<str>>) -> ClientError {
    ClientError::new(name, ClientErrorKind::Protocol(reason.into()))
}

/// Returns the error for bytes that should have been a reply; `limit` is the largest reply accepted.
#[cold]
pub(super) fn malformed(name: &str, error: &WireError, limit: usize) -> ClientError {
    if error.is_limit() {
        return ClientError::new(name, ClientErrorKind::TooLarge { limit });
    }
    protocol(name, format!("the reply is malformed: {error}"))
}

/// Returns the error for arguments that cannot be written.
#[cold]
pub(super) fn unwritable(name: &str, fault: &WriteFault) -> ClientError {
    protocol(name, format!("the arguments cannot be written: {fault}"))
}

/// Returns the reason for rejecting a message of a kind that the protocol does not have.
#[cold]
pub(super) fn no_reply(kind: Kind) -> String {
    format!("a message that is not a reply, of kind `{kind}`")
}
