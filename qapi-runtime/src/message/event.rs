//! Events of QMP servers.

use std::sync::Arc;

use super::incoming::Incoming;
use crate::read::{DecodeError, DecodeMembers, Members};
use crate::value::Object;
use crate::wire::Document;

/// An event as received. Clones share the message.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMessage(Arc<EventData>);

#[derive(Debug, PartialEq)]
struct EventData {
    name: Box<str>,
    message: Document,
}

/// A type that can be made from events: the data of one kind, or all events of a schema.
///
/// Generated code implements it for both, and [`EventMessage`] is one, too.
pub trait FromEvent: Sized {
    /// The name of the only event that has this type; `None` if any has.
    const EVENT: Option<&'static str>;

    /// Decodes an event, whose name has been checked already.
    ///
    /// # Errors
    /// The data does not fit.
    fn from_event(event: &EventMessage) -> Result<Self, DecodeError>;
}

impl FromEvent for EventMessage {
    const EVENT: Option<&'static str> = None;

    fn from_event(event: &EventMessage) -> Result<Self, DecodeError> {
        Ok(event.clone())
    }
}

impl EventMessage {
    pub(crate) fn new(name: &str, message: &Document) -> Self {
        Self(Arc::new(EventData {
            name: name.into(),
            message: message.clone(),
        }))
    }

    /// Returns the event in a message, if it is one.
    ///
    /// # Errors
    /// The message, if it is not an event.
    pub(crate) fn from_message(message: Document) -> Result<Self, Document> {
        let name = match Incoming::new(&message) {
            Incoming::Event { name, .. } => name.into(),
            _ => return Err(message),
        };
        Ok(Self(Arc::new(EventData { name, message })))
    }

    /// Bytes that the event takes.
    pub(crate) fn size(&self) -> usize {
        self.0.message.size()
    }

    /// Returns the event's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns a cursor over the event's data; without members if the event has none.
    pub fn members(&self) -> Members<'_> {
        self.object("data").unwrap_or_else(Members::empty)
    }

    /// Returns the event as `T`, if it has this type.
    ///
    /// # Errors
    /// The event has this type, but its data does not fit.
    pub fn typed<T: FromEvent>(&self) -> Result<Option<T>, DecodeError> {
        if T::EVENT.is_some_and(|name| name != self.name()) {
            return Ok(None);
        }
        T::from_event(self).map(Some)
    }

    /// Returns the event's data as `T`.
    ///
    /// # Errors
    /// The data does not fit.
    pub fn decode<T: DecodeMembers>(&self) -> Result<T, DecodeError> {
        self.members().decode()
    }

    /// Returns the event's data as owned values.
    pub fn data(&self) -> Object {
        self.members().rest()
    }

    /// Returns the time of the event by the server's clock: seconds and microseconds since 1970, both -1 if unknown.
    pub fn timestamp(&self) -> (i64, i64) {
        let mut members = self.object("timestamp").unwrap_or_else(Members::empty);
        let mut part = |name| members.required(name).unwrap_or(-1);
        (part("seconds"), part("microseconds"))
    }

    fn object(&self, name: &str) -> Option<Members<'_>> {
        self.0
            .message
            .lenient()
            .object()
            .ok()?
            .peek(name)?
            .object()
            .ok()
    }
}
