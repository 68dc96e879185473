//! Messages over an asynchronous stream, for clients and servers.

mod ends;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::{Instant, timeout};

pub(crate) use self::ends::{ReadEnd, WriteEnd, carries_descriptors, split};
use crate::connection_input::ConnectionInput;
use crate::incoming_descriptors::Descriptor;
use crate::wire::{Document, Limits, Share, Signal, WireError};

/// The buffer of a quiet connection. There may be thousands of them.
const SMALL: usize = 4 << 10;

/// The buffer of a busy connection.
const LARGE: usize = 64 << 10;

/// Bytes to process before yielding to other tasks: a fraction of a millisecond's work.
const TURN: usize = 64 << 10;

/// Bytes to process in one step.
const STRIDE: usize = 16 << 10;

/// The work that a signal causes, counted in bytes.
const SIGNAL: usize = 256;

/// Both directions of a stream.
#[derive(Debug)]
pub(crate) struct Channel<S> {
    pub(crate) reader: Reader<S>,
    pub(crate) writer: WriteEnd<S>,
}

impl<S: AsyncRead + AsyncWrite + 'static> Channel<S> {
    pub(crate) fn new(stream: S, limits: Limits) -> Self {
        let (reader, writer) = split(stream);
        Self {
            reader: Reader::of_server(reader, limits),
            writer,
        }
    }
}

/// Something received from the peer.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A message: [`Reader::document`].
    Document,
    /// Bytes that are no message.
    Malformed(WireError),
    /// The end.
    Closed,
}

/// The direction from the peer, with the bytes received but not processed.
#[derive(Debug)]
pub(crate) struct Reader<S> {
    stream: ReadEnd<S>,
    incoming: ConnectionInput,
    buffer: Vec<u8>,
    /// Bytes of the buffer from here to `end` have not been processed.
    start: usize,
    end: usize,
    /// Work done since other tasks had their turn.
    work: usize,
}

/// Returns the time by the runtime's clock.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}

impl<S: AsyncRead> Reader<S> {
    /// Creates a reader of a client's messages.
    pub(crate) fn of_client(stream: ReadEnd<S>, incoming: ConnectionInput) -> Self {
        Self::new(stream, incoming)
    }

    /// Creates a reader of a server's messages, which are lines.
    pub(crate) fn of_server(stream: ReadEnd<S>, limits: Limits) -> Self {
        Self::new(stream, ConnectionInput::of_server(limits))
    }

    fn new(stream: ReadEnd<S>, incoming: ConnectionInput) -> Self {
        Self {
            stream,
            incoming,
            buffer: vec![0; SMALL],
            start: 0,
            end: 0,
            work: 0,
        }
    }

    /// Waits for the next thing the other side sends. Nothing is lost if the future is dropped.
    ///
    /// Yields to other tasks, however much there is to read.
    ///
    /// # Errors
    /// The stream failed, or the other side sends nothing but noise.
    pub(crate) async fn next(&mut self) -> io::Result<Arrival> {
        self.next_while(false).await
    }

    /// Same as [`next`](Reader::next), of a client whose requests are at work if `is_busy`.
    ///
    /// # Errors
    /// One of kind `TimedOut` if the client stalls, of kind `InvalidData` if it sends nothing but noise.
    pub(crate) async fn next_while(&mut self, is_busy: bool) -> io::Result<Arrival> {
        loop {
            if self.work >= TURN {
                tokio::task::yield_now().await;
                self.work = 0;
            }
            let mut input = &self.buffer[self.start..self.end];
            let signal = self.incoming.next_within(&mut input, STRIDE);
            let length = self.end - self.start - input.len();
            self.start += length;
            self.work += length + if signal.is_some() { SIGNAL } else { 0 };
            self.incoming.check_noise()?;
            match signal {
                Some(Signal::Document) => return Ok(Arrival::Document),
                Some(Signal::Error(error)) => return Ok(Arrival::Malformed(error)),
                Some(Signal::Sentinel) => continue,
                None => {}
            }
            if self.start < self.end {
                continue;
            }
            self.fit();
            self.incoming.wait(now());
            let length = self.read(is_busy).await?;
            if length == 0 {
                return Ok(Arrival::Closed);
            }
            (self.start, self.end) = (0, length);
            self.incoming.receive(self.stream.take_descriptors());
        }
    }

    /// Returns the descriptors that came with the last message received.
    pub(crate) fn take_descriptors(&mut self) -> Vec<Descriptor> {
        self.incoming.take_descriptors()
    }

    /// Fills the buffer as long as the watch has patience.
    async fn read(&mut self, is_busy: bool) -> io::Result<usize> {
        let patience = self.incoming.patience(now(), is_busy);
        let mut read = pin!(self.stream.read(&mut self.buffer));
        match patience {
            None => read.await,
            Some(Duration::ZERO) => Err(self.incoming.stall_error()),
            Some(patience) => match timeout(patience, read.as_mut()).await {
                Ok(result) => result,
                Err(_) => Err(self.incoming.stall_error()),
            },
        }
    }

    /// Returns true if a client is to be told of this error, for which it is disconnected.
    pub(crate) fn is_to_be_told(&self, error: &io::Error) -> bool {
        self.incoming.is_to_be_told(error)
    }

    /// Fits the buffer, which has been used up, to what the last read found.
    fn fit(&mut self) {
        if self.end == self.buffer.len() && self.end < LARGE {
            self.buffer = vec![0; (self.end * 2).min(LARGE)];
        } else if self.end <= SMALL && self.buffer.len() > SMALL && self.incoming.is_idle() {
            self.buffer = vec![0; SMALL];
        }
        (self.start, self.end) = (0, 0);
    }

    /// Returns the last message received.
    pub(crate) fn document(&self) -> &Document {
        self.incoming.document()
    }

    /// Returns the last message received, to be kept.
    pub(crate) fn take_document(&mut self) -> Document {
        self.incoming.take_document().0
    }

    /// Returns the last message received, to be kept, with the share it takes.
    pub(crate) fn take_counted(&mut self) -> (Document, Share) {
        self.incoming.take_document()
    }

    /// Takes a message back that is not needed any more, to use its buffers again.
    pub(crate) fn give_back(&mut self, document: Document) {
        self.incoming.give_back(document);
    }

    /// Forgets what is half received.
    pub(crate) fn reset(&mut self) {
        self.incoming.reset();
    }
}

/// Waits for two futures, or until one of them fails.
pub(crate) async fn both<E>(
    one: impl Future<Output = Result<(), E>>,
    other: impl Future<Output = Result<(), E>>,
) -> Result<(), E> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut one_ended, mut other_ended) = (false, false);
    poll_fn(|context| {
        if !one_ended {
            if let Poll::Ready(result) = one.as_mut().poll(context) {
                one_ended = true;
                if result.is_err() {
                    return Poll::Ready(result);
                }
            }
        }
        if !other_ended {
            if let Poll::Ready(result) = other.as_mut().poll(context) {
                other_ended = true;
                if result.is_err() {
                    return Poll::Ready(result);
                }
            }
        }
        if one_ended && other_ended {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    })
    .await
}

/// The output of the first of two futures to finish.
pub(crate) enum First<A, B> {
    One(A),
    Other(B),
}

/// Waits for one of two futures, and drops the other. If both are done, the first one counts.
pub(crate) async fn race<A: Future, B: Future>(one: A, other: B) -> First<A::Output, B::Output> {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| {
        if let Poll::Ready(output) = one.as_mut().poll(context) {
            return Poll::Ready(First::One(output));
        }
        other.as_mut().poll(context).map(First::Other)
    })
    .await
}
