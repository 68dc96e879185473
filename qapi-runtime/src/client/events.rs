//! The events of a blocking client that was split.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::Deadline;
use super::error::ClientError;
use super::event_queue::ClientEvent;
use super::subscription::{Subscription, Waited};
use super::typed_event::{EventError, typed, wanted};
use crate::message::{EventMessage, FromEvent};

/// A way to restore a lost connection.
pub(super) trait Revive: Send + Sync {
    /// Gets it back unless it is back; `None` if the time runs out before.
    fn revive(&self, deadline: Deadline) -> Option<Result<(), ClientError>>;
}

/// The events of a QMP server for one subscriber, in the order they came.
///
/// As an iterator it waits for each, and ends when the connection is lost for good.
///
/// Up to [`Options::event_limit`](crate::Options::event_limit) of them wait, and no more than 16 MB; then the oldest are
/// dropped, and counted by [`ClientEvent::Missed`].
pub struct Events {
    subscription: Subscription,
    source: Arc<dyn Revive>,
}

impl Events {
    pub(super) fn new(subscription: Subscription, source: Arc<dyn Revive>) -> Self {
        Self {
            subscription,
            source,
        }
    }

    /// Returns the events of one type, or all events of a schema as its enum. Others are not kept.
    ///
    /// ```no_run
    /// # use qapi_runtime::{FromEvent, client::Events};
    /// # fn example<Event: FromEvent + std::fmt::Debug + 'static>(events: Events) {
    /// for event in events.of::<Event>() {
    ///     println!("{event:?}");
    /// }
    /// # }
    /// ```
    pub fn of<T: FromEvent + 'static>(self) -> EventsOf<T> {
        if let Some(name) = T::EVENT {
            self.subscription.narrow(move |event| event.name() == name);
        }
        EventsOf {
            events: self,
            of: PhantomData,
        }
    }

    /// Returns those events alone of which `wanted` returns true. Others are not kept.
    ///
    /// `wanted` runs where the connection is read, so it must not wait for anything.
    #[must_use]
    pub fn only(self, wanted: impl Fn(&EventMessage) -> bool + Send + Sync + 'static) -> Self {
        self.subscription.narrow(wanted);
        self
    }

    /// Returns the same with another number of events that may wait.
    #[must_use]
    pub fn with_limit(self, events: usize) -> Self {
        self.subscription.limit(events);
        self
    }

    /// Returns the next event, if there is one already.
    pub fn try_next(&mut self) -> Option<ClientEvent> {
        self.subscription.pop()
    }

    /// Waits for the next event, for no longer than `timeout`; then there is none.
    ///
    /// # Errors
    /// The connection is lost for good.
    pub fn next_within(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<ClientEvent>, ClientError> {
        let deadline = Deadline::after(timeout.into());
        loop {
            match self.subscription.wait(deadline) {
                Waited::Event(event) => return Ok(Some(event)),
                Waited::TimedOut => return Ok(None),
                Waited::Ended => {}
            }
            match self.source.revive(deadline) {
                Some(Ok(())) => {}
                Some(Err(error)) if !(error.is_timeout() && deadline.is_over()) => {
                    return Err(error);
                }
                None | Some(Err(_)) => return Ok(None),
            }
        }
    }
}

impl Iterator for Events {
    type Item = ClientEvent;

    fn next(&mut self) -> Option<ClientEvent> {
        self.next_within(None).ok().flatten()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Events")
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// The events of a QMP server that have type `T`: see [`Events::of`].
///
/// As an iterator it waits for each, and ends when the connection is lost for good.
#[derive(Debug)]
pub struct EventsOf<T> {
    events: Events,
    of: PhantomData<fn() -> T>,
}

impl<T: FromEvent + 'static> EventsOf<T> {
    /// Returns those events alone of which `is_wanted` returns true. Others are not kept.
    ///
    /// `is_wanted` runs where the connection is read, so it must not wait for anything.
    #[must_use]
    pub fn only(self, is_wanted: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.events.subscription.narrow(wanted(is_wanted));
        self
    }

    /// Same as [`Events::with_limit`].
    #[must_use]
    pub fn with_limit(self, events: usize) -> Self {
        self.events.subscription.limit(events);
        self
    }

    /// Same as [`Events::try_next`].
    pub fn try_next(&mut self) -> Option<Result<T, EventError>> {
        self.events.try_next().map(typed)
    }

    /// Same as [`Events::next_within`].
    ///
    /// # Errors
    /// The connection is lost for good.
    pub fn next_within(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<Result<T, EventError>>, ClientError> {
        let event = self.events.next_within(timeout)?;
        Ok(event.map(typed))
    }
}

impl<T: FromEvent + 'static> Iterator for EventsOf<T> {
    type Item = Result<T, EventError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.events.next().map(typed)
    }
}
