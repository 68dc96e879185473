//! Events that wait to be taken.

use std::collections::VecDeque;

use crate::message::EventMessage;

/// The limit for all waiting events together, in bytes.
const BYTES: usize = 16 << 20;

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ClientEvent {
    /// An event.
    Event(EventMessage),
    /// This many events, older than those that follow, were dropped because the queue was full.
    Missed(u64),
    /// The connection was lost and made again. Events in between are lost, and the server may be a different one.
    Reconnected,
}

impl ClientEvent {
    /// Returns the event, if it is one.
    pub fn into_event(self) -> Option<EventMessage> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Event(event) => event.size(),
            _ => 0,
        }
    }
}

/// Events in the order they came. When there are too many, the oldest are dropped and counted.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    /// The largest number of waiting events.
    limit: usize,
    waiting: VecDeque<ClientEvent>,
    bytes: usize,
    /// The number of dropped events.
    missed: u64,
    /// A [`ClientEvent::Reconnected`] was dropped, too.
    reconnected: bool,
}

impl EventQueue {
    /// No more than `limit` will wait.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Adds an event, at the price of the oldest.
    pub(super) fn push(&mut self, event: ClientEvent) {
        self.bytes += event.size();
        self.waiting.push_back(event);
        self.shorten();
    }

    /// No more than `limit` wait from now on.
    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = limit;
        self.shorten();
    }

    /// Forgets the events that are not `wanted`.
    pub(super) fn retain(&mut self, wanted: &dyn Fn(&EventMessage) -> bool) {
        self.waiting.retain(|event| match event {
            ClientEvent::Event(event) => wanted(event),
            _ => true,
        });
        self.bytes = self.waiting.iter().map(ClientEvent::size).sum();
    }

    /// Drops the oldest while there are too many.
    fn shorten(&mut self) {
        while self.waiting.len() > self.limit || self.bytes > BYTES {
            let Some(oldest) = self.waiting.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            match oldest {
                ClientEvent::Event(_) => self.missed += 1,
                ClientEvent::Missed(count) => self.missed += count,
                ClientEvent::Reconnected => self.reconnected = true,
            }
        }
    }

    /// Returns the next event; dropped ones are reported first.
    pub(super) fn pop(&mut self) -> Option<ClientEvent> {
        if self.missed > 0 {
            return Some(ClientEvent::Missed(std::mem::take(&mut self.missed)));
        }
        if std::mem::take(&mut self.reconnected) {
            return Some(ClientEvent::Reconnected);
        }
        let event = self.waiting.pop_front()?;
        self.bytes -= event.size();
        Some(event)
    }
}
