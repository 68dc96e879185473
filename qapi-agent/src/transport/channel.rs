//! Open transports, for the event loop.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::poll::PollFlags;
use qapi_runtime::server::{Dispatcher, TaskId};
use qapi_runtime::{Encode, Error};

use crate::log::Log;
use crate::transport::connection::Delivery;

/// An open transport.
pub(crate) trait Channel<S> {
    /// Returns the events to wait for before the next call of [`Channel::advance`].
    fn watch(&mut self) -> Watch<'_>;

    /// Serves the current client, for one portion of work, without waiting. Returns a text if this transport cannot go
    /// on.
    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String>;

    /// Takes the result of a background task, to be sent to the client whose reply was deferred until
    /// then. False if that client does not wait for it any more.
    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool;

    /// Returns the fate of the replies so far. A loss is reported once.
    fn delivery(&mut self) -> Delivery;

    /// Ends the service of the current client: requests without a reply get an error, and replies that are read within
    /// the time are sent.
    fn finish(&mut self, refusal: &Error, patience: Duration);
}

/// A reason to be called.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    /// The descriptor to poll, and the events. [Watched](crate::platform::poller::Watched) descriptors are waited for
    /// in addition.
    pub(crate) descriptor: Option<(BorrowedFd<'a>, PollFlags)>,
    /// After this time at the latest.
    pub(crate) timeout: Option<Duration>,
}
