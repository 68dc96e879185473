//! Messages over an asynchronous stream, for clients and servers.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncReadExt as _, ReadHalf, WriteHalf};

use crate::wire::{Document, Lexer, Limits, Signal, WireError};

/// The buffer of a quiet connection. There may be thousands of them.
const SMALL: usize = 4 << 10;

/// The buffer of a busy connection.
const LARGE: usize = 64 << 10;

/// Bytes to look at before other tasks get their turn: a fraction of a millisecond's work.
const TURN: usize = 64 << 10;

/// Bytes to look at at once.
const STRIDE: usize = 16 << 10;

/// The work that a signal makes, in bytes.
const SIGNAL: usize = 256;

/// Bytes, or errors, that a peer may send between two messages.
const NOISE: usize = 1 << 20;

/// Both directions of a stream.
#[derive(Debug)]
pub(crate) struct Channel<S> {
    pub(crate) reader: Reader<ReadHalf<S>>,
    pub(crate) writer: WriteHalf<S>,
}

impl<S: AsyncRead + tokio::io::AsyncWrite> Channel<S> {
    pub(crate) fn new(stream: S, limits: Limits) -> Self {
        let (reader, writer) = tokio::io::split(stream);
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

/// The direction from the server, with the bytes received but not looked at.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    stream: R,
    lexer: Lexer,
    buffer: Vec<u8>,
    /// Bytes of the buffer from here to `end` have not been looked at.
    start: usize,
    end: usize,
    noise: Noise,
    /// Work done since other tasks had their turn.
    work: usize,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// A reader of a client's messages.
    pub(crate) fn new(stream: R, limits: Limits) -> Self {
        Self::with_lexer(stream, Lexer::new(limits), Noise::new(NOISE))
    }

    /// A reader of a server's messages, which are lines.
    pub(crate) fn of_server(stream: R, limits: Limits) -> Self {
        // As large as a message that turns out to be no message in its first byte.
        let noise = Noise::new(NOISE.max(limits.token_bytes));
        Self::with_lexer(stream, Lexer::of_lines(limits), noise)
    }

    fn with_lexer(stream: R, lexer: Lexer, noise: Noise) -> Self {
        Self {
            stream,
            lexer,
            buffer: vec![0; SMALL],
            start: 0,
            end: 0,
            noise,
            work: 0,
        }
    }

    /// Waits for the next thing the other side sends. Nothing is lost if the future is dropped.
    ///
    /// Other tasks get their turn however much there is to read.
    ///
    /// # Errors
    /// The stream failed, or the other side sends nothing but noise.
    pub(crate) async fn next(&mut self) -> io::Result<Arrival> {
        loop {
            if self.work >= TURN {
                tokio::task::yield_now().await;
                self.work = 0;
            }
            let end = self.end.min(self.start + STRIDE);
            let mut input = &self.buffer[self.start..end];
            let between = self.lexer.is_idle();
            let signal = self.lexer.step(&mut input);
            let length = end - input.len() - self.start;
            self.start += length;
            self.work += length + if signal.is_some() { SIGNAL } else { 0 };
            if matches!(signal, Some(Signal::Document)) {
                self.noise.end();
            } else if between && (signal.is_some() || self.lexer.is_idle()) {
                self.noise.add(length, signal.is_some())?;
            }
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
            let length = self.stream.read(&mut self.buffer).await?;
            if length == 0 {
                return Ok(Arrival::Closed);
            }
            (self.start, self.end) = (0, length);
        }
    }

    /// Fits the buffer, which has been used up, to what the last read found.
    fn fit(&mut self) {
        if self.end == self.buffer.len() && self.end < LARGE {
            self.buffer = vec![0; (self.end * 2).min(LARGE)];
        } else if self.end <= SMALL && self.buffer.len() > SMALL && self.lexer.is_idle() {
            self.buffer = vec![0; SMALL];
        }
        (self.start, self.end) = (0, 0);
    }

    /// The last message received.
    pub(crate) fn document(&self) -> &Document {
        self.lexer.document()
    }

    /// The last message received, to be kept.
    pub(crate) fn take_document(&mut self) -> Document {
        self.lexer.take_document()
    }

    /// Forgets what is half received.
    pub(crate) fn reset(&mut self) {
        self.lexer.reset();
    }
}

/// Counts bytes and errors since the last message.
#[derive(Debug)]
struct Noise {
    bytes: usize,
    errors: usize,
    limit: usize,
}

impl Noise {
    fn new(limit: usize) -> Self {
        Self {
            bytes: 0,
            errors: 0,
            limit,
        }
    }

    /// A message has come.
    fn end(&mut self) {
        (self.bytes, self.errors) = (0, 0);
    }

    /// # Errors
    /// That is too much.
    fn add(&mut self, bytes: usize, error: bool) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.errors += usize::from(error);
        if self.bytes <= self.limit && self.errors <= NOISE {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} bytes in a row are no message: not a peer to talk to",
                self.bytes
            ),
        ))
    }
}

/// Waits for both of two futures; if one fails, no longer than for that.
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

/// Which of two futures was first, and its output.
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
