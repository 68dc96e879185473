//! The first messages of a connection: a QMP server's greeting and negotiation, a guest agent's synchronisation.

use super::call_errors::protocol;
use super::error::{ClientError, ClientErrorKind};
use crate::message::Incoming;
use crate::read::Decode;
use crate::value::{Any, Object};
use crate::wire::Document;

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
    /// Returns the kind in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest agent",
            Self::Qmp => "QMP server",
        }
    }

    /// Returns the command that opens a conversation, for errors.
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

    /// Returns the arguments of the negotiation's command.
    pub(super) fn arguments(&self) -> Object {
        let mut arguments = Object::new();
        if self.out_of_band {
            arguments.insert("enable", vec![Any::from("oob")]);
        }
        arguments
    }
}

#[cold]
pub(super) fn no_greeting() -> ClientError {
    protocol(NEGOTIATION, "the server did not begin with a QMP greeting")
}

#[cold]
pub(super) fn no_greeting_in_time() -> ClientError {
    ClientError::new(NEGOTIATION, ClientErrorKind::NoGreeting)
}
