//! Messages from servers.

use super::error::Error;
use crate::read::{Decode, Value};
use crate::value::Kind;
use crate::wire::Document;

/// A message from a server, by kind.
#[derive(Debug)]
pub enum Incoming<'t> {
    /// A command's reply.
    Return {
        /// The reply.
        value: Value<'t>,
        /// The echo of the request's `id`.
        id: Option<Value<'t>>,
    },
    /// A command's failure, or the server's error about bytes that were not a request.
    Error {
        /// The failure.
        error: Error,
        /// The echo of the request's `id`.
        id: Option<Value<'t>>,
    },
    /// An event, by name; the whole message to read `data` and `timestamp` from.
    Event {
        /// The event's name.
        name: &'t str,
        /// The message.
        message: Value<'t>,
    },
    /// A QMP server's greeting: the value of its member `QMP`.
    Greeting(Value<'t>),
    /// A message that no server sends.
    Other(Kind),
}

impl<'t> Incoming<'t> {
    /// Sorts a message.
    pub fn new(document: &'t Document) -> Self {
        let message = document.lenient();
        let Ok(members) = message.object() else {
            return Self::Other(message.kind());
        };
        let id = members.peek("id");
        if let Some(value) = members.peek("return") {
            return Self::Return { value, id };
        }
        if let Some(Ok(error)) = members.peek("error").map(Decode::decode) {
            return Self::Error { error, id };
        }
        if let Some(Ok(name)) = members.peek("event").map(Value::str) {
            return Self::Event { name, message };
        }
        match members.peek("QMP") {
            Some(greeting) => Self::Greeting(greeting),
            None => Self::Other(Kind::Object),
        }
    }

    /// Returns the reply, if it is one.
    pub fn into_return(self) -> Option<Value<'t>> {
        match self {
            Self::Return { value, .. } => Some(value),
            _ => None,
        }
    }
}
