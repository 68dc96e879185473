//! Messages over a transport, against a deadline.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::AsFd as _;

use super::attached::AttachedDescriptors;
use super::deadline::Deadline;
use super::message_reader::{MessageReader, Received, at_least_a_bit, is_delay};
use super::reader_thread::ReaderThread;
use super::subscription::Hub;
use super::transport::{SplitTransport, Transport};
use crate::wire::{Document, Limits};

/// A request could not be written.
#[derive(Debug)]
pub(super) struct SendError {
    /// The number of bytes that were sent.
    pub(super) bytes: usize,
    /// The error of the system.
    pub(super) error: io::Error,
}

/// The end of sending a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// All of it.
    All,
    /// The time ran out after this many bytes.
    Only(usize),
}

/// A transport and the messages received through it.
#[derive(Debug)]
pub(super) struct Connection<T> {
    pub(super) transport: T,
    source: Source,
}

/// The reader of the transport.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the larger one is the usual one")]
enum Source {
    /// The caller that waits.
    Here(MessageReader),
    /// A thread.
    Apart(ReaderThread),
}

impl<T: Transport> Connection<T> {
    pub(super) fn new(transport: T, limits: Limits) -> Self {
        Self {
            transport,
            source: Source::Here(MessageReader::new(limits)),
        }
    }

    /// Returns the last message received.
    pub(super) fn document(&self) -> &Document {
        match &self.source {
            Source::Here(messages) => messages.document(),
            Source::Apart(replies) => replies.document(),
        }
    }

    /// Gives up the last message received.
    pub(super) fn release(&mut self) {
        match &mut self.source {
            Source::Here(messages) => messages.release(),
            Source::Apart(replies) => replies.release(),
        }
    }

    /// Forgets what is half received.
    pub(super) fn reset(&mut self) {
        if let Source::Here(messages) = &mut self.source {
            messages.reset();
        }
    }

    /// Returns whether a message is half received.
    pub(super) fn is_cut(&self) -> bool {
        match &self.source {
            Source::Here(messages) => messages.is_cut(),
            Source::Apart(replies) => replies.is_cut(),
        }
    }

    /// Returns whether a thread that reads has found the end.
    pub(super) fn has_ended(&self) -> bool {
        matches!(&self.source, Source::Apart(replies) if replies.has_ended())
    }

    /// Sets whether replies are expected: from the beginning of a call to its end.
    pub(super) fn expect_replies(&mut self, wanted: bool) {
        if let Source::Apart(replies) = &mut self.source {
            replies.expect(wanted);
        }
    }

    /// Waits for the next thing the server sends.
    pub(super) fn receive(&mut self, deadline: Deadline) -> io::Result<Received> {
        match &mut self.source {
            Source::Here(messages) => messages.receive(&mut self.transport, deadline),
            Source::Apart(replies) => replies.receive(deadline),
        }
    }

    /// Returns the next thing that has been read already, or [`Received::TimedOut`].
    pub(super) fn receive_buffered(&mut self) -> io::Result<Received> {
        match &mut self.source {
            Source::Here(messages) => messages.receive_buffered(),
            // The thread knows what came before the call.
            Source::Apart(_) => Ok(Received::TimedOut),
        }
    }

    /// Returns the next thing the server has sent already, or [`Received::TimedOut`].
    pub(super) fn receive_waiting(&mut self) -> io::Result<Received> {
        match &mut self.source {
            Source::Here(messages) => messages.receive_waiting(&mut self.transport),
            Source::Apart(replies) => replies.receive(Deadline::after(Some(Duration::ZERO))),
        }
    }

    /// Has a thread read from now on, by `reader`, and publish the events.
    pub(super) fn read_apart(&mut self, reader: T, hub: &Arc<Hub>) -> io::Result<()>
    where
        T: SplitTransport,
    {
        if let Source::Here(messages) = &mut self.source {
            // Nothing is read here any more, even if the thread fails.
            let messages = std::mem::replace(messages, MessageReader::new(Limits::default()));
            self.source = Source::Apart(ReaderThread::start(messages, reader, Arc::clone(hub))?);
        }
        Ok(())
    }

    /// Returns whether descriptors can go with requests.
    pub(super) fn carries_descriptors(&self) -> bool {
        self.transport.carries_descriptors()
    }

    /// Writes a request, with the descriptors that go with it.
    pub(super) fn send(
        &mut self,
        request: &[u8],
        attached: &AttachedDescriptors,
        deadline: Deadline,
    ) -> Result<Sent, SendError> {
        let mut rest = request;
        self.send_rest(&mut rest, attached, deadline)
            .map_err(|error| SendError {
                bytes: request.len() - rest.len(),
                error,
            })
    }

    /// Writes what is left of a request.
    fn send_rest(
        &mut self,
        rest: &mut &[u8],
        attached: &AttachedDescriptors,
        deadline: Deadline,
    ) -> io::Result<Sent> {
        let length = rest.len();
        while !rest.is_empty() {
            let left = deadline.left();
            if left == Some(Duration::ZERO) {
                return Ok(Sent::Only(length - rest.len()));
            }
            self.transport.set_write_timeout(left.map(at_least_a_bit))?;
            let written = if rest.len() == length {
                self.write_first(rest, attached)
            } else {
                self.transport.write(rest)
            };
            match written {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => *rest = &rest[length..],
                Err(error) if is_delay(&error) => {}
                Err(error) => return Err(error),
            }
        }
        self.transport.flush()?;
        Ok(Sent::All)
    }

    /// Writes the first bytes of a request. Descriptors are sent with the first byte.
    fn write_first(&mut self, request: &[u8], attached: &AttachedDescriptors) -> io::Result<usize> {
        if attached.is_empty() {
            return self.transport.write(request);
        }
        #[cfg(all(unix, feature = "descriptors"))]
        {
            let descriptors: Vec<_> = attached.owned().iter().map(|it| it.as_fd()).collect();
            self.transport.write_with(request, &descriptors)
        }
        #[cfg(not(all(unix, feature = "descriptors")))]
        Err(ErrorKind::Unsupported.into())
    }
}
