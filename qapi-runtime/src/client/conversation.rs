//! The protocol as all clients speak it, however they wait.

use std::io;

use super::error::{ClientError, ClientErrorKind};
use crate::message::Incoming;
use crate::read::Decode;
use crate::stream::is_disconnect;
use crate::value::{Any, Kind, Object};
use crate::wire::{Document, WireError};
use crate::write::WriteFault;

/// The command that ends a QMP server's negotiation.
pub(super) const NEGOTIATION: &str = "qmp_capabilities";

/// The command that begins the conversation with a guest agent.
pub(super) const SYNCHRONISATION: &str = "guest-sync-delimited";

/// The kind of server at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerKind {
    Guest,
    Qmp,
}

impl ServerKind {
    /// The kind in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest agent",
            Self::Qmp => "QMP server",
        }
    }

    /// The command that opens a conversation, for errors.
    pub(super) fn opening(self) -> &'static str {
        match self {
            Self::Guest => SYNCHRONISATION,
            Self::Qmp => NEGOTIATION,
        }
    }
}

/// A QMP server's greeting, and the capabilities agreed on.
#[derive(Debug, Default)]
pub(super) struct Negotiation {
    pub(super) greeting: Object,
    /// Both sides want out-of-band execution.
    pub(super) out_of_band: bool,
}

impl Negotiation {
    /// Reads the first message of a connection.
    pub(super) fn new(message: &Document, out_of_band: bool) -> Result<Self, ClientError> {
        let Incoming::Greeting(greeting) = Incoming::new(message) else {
            return Err(no_greeting());
        };
        let greeting = Object::decode(greeting).map_err(|_| no_greeting())?;
        let offered = greeting.get("capabilities").and_then(Any::as_array);
        let offered = offered.unwrap_or_default();
        let out_of_band = out_of_band
            && offered
                .iter()
                .any(|capability| capability.as_str() == Some("oob"));
        Ok(Self {
            greeting,
            out_of_band,
        })
    }

    /// The arguments of the negotiation's command.
    pub(super) fn arguments(&self) -> Object {
        let mut arguments = Object::new();
        if self.out_of_band {
            arguments.insert("enable", vec![Any::from("oob")]);
        }
        arguments
    }
}

/// Decodes the reply in a message; silence reads as the empty object.
pub(super) fn decode_reply<R: Decode>(
    name: &str,
    message: Option<&Document>,
) -> Result<R, ClientError> {
    let silence = Document::empty_object();
    let value = message.and_then(|message| Incoming::new(message).into_return());
    R::decode(value.unwrap_or(silence.lenient()))
        .map_err(|error| ClientError::new(name, ClientErrorKind::Decode(error)))
}

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

/// The error for bytes that should have been a reply; `limit` is the largest reply accepted.
#[cold]
pub(super) fn malformed(name: &str, error: &WireError, limit: usize) -> ClientError {
    if error.is_limit() {
        return ClientError::new(name, ClientErrorKind::TooLarge { limit });
    }
    protocol(name, format!("the reply is malformed: {error}"))
}

/// The error for arguments that cannot be written.
#[cold]
pub(super) fn unwritable(name: &str, fault: WriteFault) -> ClientError {
    protocol(name, format!("the arguments cannot be written: {fault}"))
}

/// The reason for which a message of this kind is none of the protocol.
#[cold]
pub(super) fn no_reply(kind: Kind) -> String {
    format!("a message that is no reply, of kind `{kind}`")
}

#[cold]
pub(super) fn no_greeting() -> ClientError {
    protocol(NEGOTIATION, "the server did not begin with a QMP greeting")
}

#[cold]
pub(super) fn no_greeting_in_time() -> ClientError {
    ClientError::new(NEGOTIATION, ClientErrorKind::NoGreeting)
}
