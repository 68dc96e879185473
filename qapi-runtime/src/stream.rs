//! Streams of connections: the meaning of their errors, and peers that stall or send noise.

mod noise_limit;
mod stall_watch;

use std::io::{self, ErrorKind};

pub(crate) use self::noise_limit::NoiseLimit;
pub(crate) use self::stall_watch::StallWatch;

/// Returns whether an error says no more than that the peer has gone.
pub(crate) fn is_disconnect(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
    )
}
