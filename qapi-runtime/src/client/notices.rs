//! What happened on a connection and waits to be taken.

use std::collections::VecDeque;

use super::EventMessage;

/// Bytes of events that wait, however few they are.
const BYTES: usize = 16 << 20;

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// An event.
    Event(EventMessage),
    /// So many events, older than those that follow, were dropped because nobody took them.
    Missed(u64),
    /// The connection was lost and is there again. Events in between are lost, and the server may be another one.
    Reconnected,
}

impl Notice {
    /// The event, if it is one.
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

/// Notices in the order they came. The oldest go when there are too many, but not without a trace.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// Most that wait.
    limit: usize,
    waiting: VecDeque<Notice>,
    bytes: usize,
    /// Events that have gone.
    missed: u64,
    /// A [`Notice::Reconnected`] has gone, too.
    reconnected: bool,
}

impl Notices {
    /// No more than `limit` will wait.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Adds a notice, at the price of the oldest.
    pub(super) fn push(&mut self, notice: Notice) {
        self.bytes += notice.size();
        self.waiting.push_back(notice);
        while self.waiting.len() > self.limit || self.bytes > BYTES {
            let Some(oldest) = self.waiting.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            match oldest {
                Notice::Event(_) => self.missed += 1,
                Notice::Missed(count) => self.missed += count,
                Notice::Reconnected => self.reconnected = true,
            }
        }
    }

    /// The next notice; what has gone comes first.
    pub(super) fn pop(&mut self) -> Option<Notice> {
        if self.missed > 0 {
            return Some(Notice::Missed(std::mem::take(&mut self.missed)));
        }
        if std::mem::take(&mut self.reconnected) {
            return Some(Notice::Reconnected);
        }
        let notice = self.waiting.pop_front()?;
        self.bytes -= notice.size();
        Some(notice)
    }
}
