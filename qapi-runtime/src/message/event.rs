//! Events of QMP servers.

#[cfg(feature = "tokio")]
use super::incoming::Incoming;
use crate::read::{DecodeError, DecodeMembers, Members};
use crate::value::Object;
use crate::wire::Document;

/// An event as received.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMessage {
    name: Box<str>,
    message: Document,
}

impl EventMessage {
    pub(crate) fn new(name: &str, message: &Document) -> Self {
        Self {
            name: name.into(),
            message: message.clone(),
        }
    }

    /// The event in a message that is one.
    #[cfg(feature = "tokio")]
    pub(crate) fn from_message(message: Document) -> Option<Self> {
        let name = match Incoming::new(&message) {
            Incoming::Event { name, .. } => name.into(),
            _ => return None,
        };
        Some(Self { name, message })
    }

    /// Bytes that the event takes.
    pub(crate) fn size(&self) -> usize {
        self.message.size()
    }

    /// The event's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A cursor over the event's data; without members if the event has none.
    pub fn members(&self) -> Members<'_> {
        self.object("data").unwrap_or_else(Members::empty)
    }

    /// The event's data as `T`.
    ///
    /// # Errors
    /// The data does not fit.
    pub fn decode<T: DecodeMembers>(&self) -> Result<T, DecodeError> {
        self.members().decode()
    }

    /// The event's data as owned values.
    pub fn data(&self) -> Object {
        self.members().rest()
    }

    /// When the event happened by the server's clock: seconds and microseconds since 1970, both -1 if unknown.
    pub fn timestamp(&self) -> (i64, i64) {
        let mut members = self.object("timestamp").unwrap_or_else(Members::empty);
        let mut part = |name| members.required(name).unwrap_or(-1);
        (part("seconds"), part("microseconds"))
    }

    fn object(&self, name: &str) -> Option<Members<'_>> {
        self.message
            .lenient()
            .object()
            .ok()?
            .peek(name)?
            .object()
            .ok()
    }
}
