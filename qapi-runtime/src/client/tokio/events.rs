//! The events of a connection, as streams.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::client::ClientEvent;
use crate::client::subscription::Subscription;
use crate::client::typed_event::{EventError, typed, wanted};
use crate::message::{EventMessage, FromEvent};

/// The events of a QMP server for one subscriber, in the order they came: a stream that ends when the connection is lost
/// for good.
///
/// Up to [`Options::event_limit`](crate::Options::event_limit) of them wait, and no more than 16 MB; then the oldest are
/// dropped, and counted by [`ClientEvent::Missed`]. If this value is dropped, so are its events.
#[derive(Debug)]
pub struct Events {
    subscription: Subscription,
}

impl Events {
    pub(super) fn new(subscription: Subscription) -> Self {
        Self { subscription }
    }

    /// Returns the events of one type, or all events of a schema as its enum. Others are not kept.
    ///
    /// ```no_run
    /// # use qapi_runtime::{FromEvent, client::tokio::Events};
    /// # async fn example<Event: FromEvent + std::fmt::Debug + 'static>(events: Events) {
    /// let mut events = events.of::<Event>();
    /// while let Some(event) = events.next().await {
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

    /// Waits for the next event; `None` when the connection is lost for good. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        poll_fn(|context| self.subscription.poll(context)).await
    }

    /// Returns the next event if there is one already.
    pub fn try_next(&mut self) -> Option<ClientEvent> {
        self.subscription.pop()
    }
}

impl Stream for Events {
    type Item = ClientEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ClientEvent>> {
        self.subscription.poll(context)
    }
}

/// The events of a QMP server that have type `T`, as a stream: see [`Events::of`].
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

    /// Same as [`Events::next`].
    pub async fn next(&mut self) -> Option<Result<T, EventError>> {
        self.events.next().await.map(typed)
    }

    /// Same as [`Events::try_next`].
    pub fn try_next(&mut self) -> Option<Result<T, EventError>> {
        self.events.try_next().map(typed)
    }
}

impl<T: FromEvent + 'static> Stream for EventsOf<T> {
    type Item = Result<T, EventError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = self.events.subscription.poll(context);
        event.map(|event| event.map(typed))
    }
}
