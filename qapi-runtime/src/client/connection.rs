//! Messages over a transport, against a deadline.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::AsFd as _;

use super::attached::Attached;
use super::replies::Replies;
use super::subscription::Hub;
use super::transport::{SplitTransport, Transport};
use crate::wire::{Document, Lexer, Limits, Signal, WireError};

/// A point in time, or never.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// The time `timeout` from now; never if there is none, or if it is beyond what the clock can say.
    pub(super) fn after(timeout: Option<Duration>) -> Self {
        Self(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    pub(super) fn is_over(self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    pub(super) fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(other)) => Self(Some(one.min(other))),
            (one, other) => Self(one.or(other)),
        }
    }

    /// The time that is left; none if it never ends.
    pub(super) fn left(self) -> Option<Duration> {
        self.0
            .map(|end| end.saturating_duration_since(Instant::now()))
    }
}

/// Something received from the server.
#[derive(Debug)]
pub(super) enum Received {
    /// A message: [`Connection::document`].
    Document,
    /// Bytes that are no message.
    Malformed(WireError),
    /// The byte 0xFF.
    Sentinel,
    /// Nothing until the deadline.
    TimedOut,
    /// The end.
    Closed,
}

/// A request could not be written.
#[derive(Debug)]
pub(super) struct SendError {
    /// So much of it went out.
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

const BUFFER_SIZE: usize = 64 << 10;

/// The direction from the server, with the bytes received but not looked at.
#[derive(Debug)]
pub(super) struct Intake {
    lexer: Lexer,
    buffer: Box<[u8]>,
    /// Bytes of the buffer from here to `end` have not been looked at.
    start: usize,
    end: usize,
}

impl Intake {
    fn new(limits: Limits) -> Self {
        Self {
            lexer: Lexer::of_lines(limits),
            buffer: vec![0; BUFFER_SIZE].into_boxed_slice(),
            start: 0,
            end: 0,
        }
    }

    /// The last message received.
    pub(super) fn document(&self) -> &Document {
        self.lexer.document()
    }

    /// The last message received, to be kept.
    pub(super) fn take_document(&mut self) -> Document {
        self.lexer.take_document()
    }

    /// Returns whether a message is half received.
    pub(super) fn is_cut(&self) -> bool {
        self.start == self.end && !self.lexer.is_idle()
    }

    /// Waits for the next thing the server sends.
    pub(super) fn receive(
        &mut self,
        transport: &mut impl Transport,
        deadline: Deadline,
    ) -> io::Result<Received> {
        loop {
            if let Some(received) = self.step() {
                return Ok(received);
            }
            match self.fill(transport, deadline)? {
                None => return Ok(Received::TimedOut),
                Some(0) => return Ok(Received::Closed),
                Some(_) => {}
            }
        }
    }

    /// The next thing in the buffer.
    fn step(&mut self) -> Option<Received> {
        let mut input = &self.buffer[self.start..self.end];
        let signal = self.lexer.step(&mut input);
        self.start = self.end - input.len();
        Some(match signal? {
            Signal::Document => Received::Document,
            Signal::Error(error) => Received::Malformed(error),
            Signal::Sentinel => Received::Sentinel,
        })
    }

    /// The next thing the server has sent already, or [`Received::TimedOut`].
    fn receive_waiting(&mut self, transport: &mut impl Transport) -> io::Result<Received> {
        loop {
            match self.step() {
                Some(received) => return Ok(received),
                None => match self.read(transport, Some(Duration::ZERO))? {
                    None => return Ok(Received::TimedOut),
                    Some(0) => return Ok(Received::Closed),
                    Some(_) => {}
                },
            }
        }
    }

    /// Reads into the buffer, which has been used up; `None` if the time runs out.
    fn fill(
        &mut self,
        transport: &mut impl Transport,
        deadline: Deadline,
    ) -> io::Result<Option<usize>> {
        loop {
            let left = deadline.left();
            if left == Some(Duration::ZERO) {
                return Ok(None);
            }
            if let Some(length) = self.read(transport, left)? {
                return Ok(Some(length));
            }
        }
    }

    /// Reads into the buffer once, for no longer than `left`; `None` if nothing came.
    fn read(
        &mut self,
        transport: &mut impl Transport,
        left: Option<Duration>,
    ) -> io::Result<Option<usize>> {
        transport.set_read_timeout(left.map(at_least_a_bit))?;
        match transport.read(&mut self.buffer) {
            Ok(length) => {
                (self.start, self.end) = (0, length);
                Ok(Some(length))
            }
            Err(error) if is_delay(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A transport, and what comes in by it.
#[derive(Debug)]
pub(super) struct Connection<T> {
    pub(super) transport: T,
    source: Source,
}

/// The one who reads from the transport.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the larger one is the usual one")]
enum Source {
    /// Whoever waits.
    Here(Intake),
    /// A thread.
    Apart(Replies),
}

impl<T: Transport> Connection<T> {
    pub(super) fn new(transport: T, limits: Limits) -> Self {
        Self {
            transport,
            source: Source::Here(Intake::new(limits)),
        }
    }

    /// The last message received.
    pub(super) fn document(&self) -> &Document {
        match &self.source {
            Source::Here(intake) => intake.document(),
            Source::Apart(replies) => replies.document(),
        }
    }

    /// Gives up the last message received.
    pub(super) fn release(&mut self) {
        match &mut self.source {
            Source::Here(intake) => intake.lexer.release(),
            Source::Apart(replies) => replies.release(),
        }
    }

    /// Forgets what is half received.
    pub(super) fn reset(&mut self) {
        if let Source::Here(intake) = &mut self.source {
            intake.lexer.reset();
        }
    }

    /// Returns whether a message is half received.
    pub(super) fn is_cut(&self) -> bool {
        match &self.source {
            Source::Here(intake) => intake.is_cut(),
            Source::Apart(replies) => replies.is_cut(),
        }
    }

    /// Returns whether a thread that reads has found the end.
    pub(super) fn has_ended(&self) -> bool {
        matches!(&self.source, Source::Apart(replies) if replies.has_ended())
    }

    /// A call begins, or is over: replies are wanted from now on, or not.
    pub(super) fn expect_replies(&mut self, wanted: bool) {
        if let Source::Apart(replies) = &mut self.source {
            replies.expect(wanted);
        }
    }

    /// Waits for the next thing the server sends.
    pub(super) fn receive(&mut self, deadline: Deadline) -> io::Result<Received> {
        match &mut self.source {
            Source::Here(intake) => intake.receive(&mut self.transport, deadline),
            Source::Apart(replies) => replies.receive(deadline),
        }
    }

    /// The next thing the server has sent already, or [`Received::TimedOut`].
    pub(super) fn receive_waiting(&mut self) -> io::Result<Received> {
        match &mut self.source {
            Source::Here(intake) => intake.receive_waiting(&mut self.transport),
            Source::Apart(replies) => replies.receive(Deadline::after(Some(Duration::ZERO))),
        }
    }

    /// Has a thread read from now on, by `reader`, and publish the events.
    pub(super) fn read_apart(&mut self, reader: T, hub: &Arc<Hub>) -> io::Result<()>
    where
        T: SplitTransport,
    {
        if let Source::Here(intake) = &mut self.source {
            // Nobody reads here any more, whatever becomes of the thread.
            let intake = std::mem::replace(intake, Intake::new(Limits::default()));
            self.source = Source::Apart(Replies::start(intake, reader, Arc::clone(hub))?);
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
        attached: &Attached,
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
        attached: &Attached,
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

    /// Writes the first bytes of a request. Descriptors go with the very first.
    fn write_first(&mut self, request: &[u8], attached: &Attached) -> io::Result<usize> {
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

/// Sockets take time-outs in microseconds and none of zero.
fn at_least_a_bit(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

fn is_delay(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
