//! Answering whole requests, for servers without a schema at compile time.

use std::sync::Arc;
use std::time::Duration;

use super::{Dispatcher, Service};
use crate::wire::{Document, WireError};

/// The consequences of a request besides its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Flow {
    /// The time after which the reply is sent. Requests after it wait, too.
    pub delay: Duration,
    /// The connection is closed after the reply.
    pub close: bool,
}

/// Answers any requests. A [`Dispatcher`] does so by calling a service, a [`Script`](crate::testing::Script) by
/// expectations; implement it yourself for other mocks.
pub trait Respond: Send + Sync {
    /// Appends the reply to a request to `out`: one line, or nothing. `allow_oob` is true if the client has enabled
    /// out-of-band execution.
    fn respond(&self, request: &Document, allow_oob: bool, out: &mut Vec<u8>) -> Flow;

    /// Appends the reply to bytes that are no request.
    fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        super::dispatch::malformed(error, out);
    }

    /// Returns true if clients are offered out-of-band execution. For a client that has enabled it,
    /// [`respond`](Respond::respond) is called for such a request while it may be at work for one before it.
    fn offers_oob(&self) -> bool {
        false
    }
}

impl<S: Service + Send + Sync> Respond for Dispatcher<S> {
    fn respond(&self, request: &Document, allow_oob: bool, out: &mut Vec<u8>) -> Flow {
        self.respond_within(request, allow_oob, out);
        Flow::default()
    }

    fn offers_oob(&self) -> bool {
        Self::offers_oob(self)
    }
}

impl<R: Respond + ?Sized> Respond for Arc<R> {
    fn respond(&self, request: &Document, allow_oob: bool, out: &mut Vec<u8>) -> Flow {
        (**self).respond(request, allow_oob, out)
    }

    fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        (**self).respond_error(error, out);
    }

    fn offers_oob(&self) -> bool {
        (**self).offers_oob()
    }
}
