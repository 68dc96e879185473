//! Events as types of a schema.

use std::fmt;

use super::event_queue::ClientEvent;
use crate::message::{EventMessage, FromEvent};
use crate::read::DecodeError;

/// Something other than an event of the requested type.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventError {
    /// This many events, older than those that follow, were dropped because the queue was full.
    Missed(u64),
    /// The connection was lost and made again. Events in between are lost, and the server may be a different one.
    Reconnected,
    /// An event that does not fit the schema.
    Decode {
        /// The event.
        event: EventMessage,
        /// Says what does not fit.
        error: DecodeError,
    },
}

impl fmt::Display for EventError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missed(count) => {
                write!(
                    formatter,
                    "{count} events were dropped because nothing received them"
                )
            }
            Self::Reconnected => formatter
                .write_str("the connection was lost and is there again; events may be lost"),
            Self::Decode { event, error } => write!(
                formatter,
                "the event `{}` does not fit the schema: {}",
                event.name(),
                error.explain()
            ),
        }
    }
}

impl std::error::Error for EventError {}

/// Returns the event as its type.
pub(super) fn typed<T: FromEvent>(event: ClientEvent) -> Result<T, EventError> {
    match event {
        ClientEvent::Event(event) => {
            T::from_event(&event).map_err(|error| EventError::Decode { event, error })
        }
        ClientEvent::Missed(count) => Err(EventError::Missed(count)),
        ClientEvent::Reconnected => Err(EventError::Reconnected),
    }
}

/// Returns a filter of events by their typed form. One that does not fit its type passes, to be reported.
pub(super) fn wanted<T: FromEvent>(
    is_wanted: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> impl Fn(&EventMessage) -> bool + Send + Sync + 'static {
    move |event| T::from_event(event).map_or(true, |event| is_wanted(&event))
}
