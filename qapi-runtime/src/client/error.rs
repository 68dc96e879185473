//! Why a call has no reply.

use std::{fmt, io};

use crate::message::Error;
use crate::read::DecodeError;

/// Why a call has no reply. Each variant but the server's own error names the command.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The connection failed.
    Io {
        /// The command.
        command: Box<str>,
        /// What the system said.
        error: io::Error,
    },
    /// The server did not answer in time. The connection remains usable.
    TimedOut {
        /// The command.
        command: Box<str>,
    },
    /// The server closed the connection before it had answered.
    Closed {
        /// The command.
        command: Box<str>,
    },
    /// The server answered that the command failed.
    Command(Error),
    /// The reply does not fit the schema.
    Decode {
        /// The command.
        command: Box<str>,
        /// Where and why.
        error: DecodeError,
    },
    /// The server sent something that is no reply, or the request cannot be expressed.
    Protocol {
        /// The command.
        command: Box<str>,
        /// What is wrong.
        reason: Box<str>,
    },
    /// The reply is larger than the client accepts. The connection remains usable.
    TooLarge {
        /// The command.
        command: Box<str>,
        /// The largest reply accepted, in bytes.
        limit: usize,
    },
}

impl fmt::Display for ClientError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { command, error } => {
                write!(formatter, "connection failed during `{command}`: {error}")
            }
            Self::TimedOut { command } => write!(formatter, "no reply to `{command}` in time"),
            Self::Closed { command } => {
                write!(
                    formatter,
                    "the connection was closed before the reply to `{command}` was complete"
                )
            }
            Self::Command(error) => error.fmt(formatter),
            Self::Decode { command, error } => {
                write!(
                    formatter,
                    "reply to `{command}` does not fit the schema: {}",
                    error.explain()
                )
            }
            Self::Protocol { command, reason } => {
                write!(formatter, "protocol error during `{command}`: {reason}")
            }
            Self::TooLarge { command, limit } => {
                write!(
                    formatter,
                    "reply to `{command}` is larger than the limit of {limit} bytes"
                )
            }
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Command(error) => Some(error),
            Self::Decode { error, .. } => Some(error),
            _ => None,
        }
    }
}
