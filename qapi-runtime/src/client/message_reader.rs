//! Messages from a transport.

use std::io::{self, ErrorKind};
use std::time::Duration;

use super::deadline::Deadline;
use super::transport::Transport;
use crate::connection_input::ConnectionInput;
use crate::wire::{Document, Limits, Signal, WireError};

/// Something received from the server.
#[derive(Debug)]
pub(super) enum Received {
    /// A message: [`MessageReader::document`].
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

const BUFFER_SIZE: usize = 64 << 10;

/// The direction from the server, with the bytes received but not processed.
#[derive(Debug)]
pub(super) struct MessageReader {
    messages: ConnectionInput,
    buffer: Box<[u8]>,
    /// Bytes of the buffer from here to `end` have not been processed.
    start: usize,
    end: usize,
}

impl MessageReader {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            messages: ConnectionInput::of_server(limits),
            buffer: vec![0; BUFFER_SIZE].into_boxed_slice(),
            start: 0,
            end: 0,
        }
    }

    /// Returns the last message received.
    pub(super) fn document(&self) -> &Document {
        self.messages.document()
    }

    /// Returns the last message received, to be kept.
    pub(super) fn take_document(&mut self) -> Document {
        self.messages.take_document().0
    }

    /// Gives up the last message received.
    pub(super) fn release(&mut self) {
        self.messages.release();
    }

    /// Forgets what is half received.
    pub(super) fn reset(&mut self) {
        self.messages.reset();
    }

    /// Returns whether a message is half received.
    pub(super) fn is_cut(&self) -> bool {
        self.start == self.end && !self.messages.is_idle()
    }

    /// Waits for the next thing the server sends.
    pub(super) fn receive(
        &mut self,
        transport: &mut impl Transport,
        deadline: Deadline,
    ) -> io::Result<Received> {
        loop {
            if let Some(received) = self.step()? {
                return Ok(received);
            }
            match self.fill(transport, deadline)? {
                None => return Ok(Received::TimedOut),
                Some(0) => return Ok(Received::Closed),
                Some(_) => {}
            }
        }
    }

    /// Returns the next thing in the buffer.
    ///
    /// # Errors
    /// The server sends nothing but noise.
    fn step(&mut self) -> io::Result<Option<Received>> {
        let mut input = &self.buffer[self.start..self.end];
        let signal = self.messages.next(&mut input);
        self.start = self.end - input.len();
        self.messages.check_noise()?;
        Ok(signal.map(|signal| match signal {
            Signal::Document => Received::Document,
            Signal::Error(error) => Received::Malformed(error),
            Signal::Sentinel => Received::Sentinel,
        }))
    }

    /// Returns the next thing that has been read already, or [`Received::TimedOut`].
    pub(super) fn receive_buffered(&mut self) -> io::Result<Received> {
        Ok(self.step()?.unwrap_or(Received::TimedOut))
    }

    /// Returns the next thing the server has sent already, or [`Received::TimedOut`].
    pub(super) fn receive_waiting(
        &mut self,
        transport: &mut impl Transport,
    ) -> io::Result<Received> {
        loop {
            match self.step()? {
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

/// Sockets take time-outs in microseconds and none of zero.
pub(super) fn at_least_a_bit(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

pub(super) fn is_delay(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
