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
            reader: Reader::new(reader, limits),
            writer,
        }
    }
}

/// What came from the server.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A message: [`Reader::document`].
    Document,
    /// Bytes that are no message.
    Malformed(WireError),
    /// The byte 0xFF.
    Sentinel,
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
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(stream: R, limits: Limits) -> Self {
        Self {
            stream,
            lexer: Lexer::new(limits),
            buffer: vec![0; SMALL],
            start: 0,
            end: 0,
        }
    }

    /// Waits for the next thing the server sends. Nothing is lost if the future is dropped.
    pub(crate) async fn next(&mut self) -> io::Result<Arrival> {
        loop {
            let mut input = &self.buffer[self.start..self.end];
            let signal = self.lexer.step(&mut input);
            self.start = self.end - input.len();
            match signal {
                Some(Signal::Document) => return Ok(Arrival::Document),
                Some(Signal::Error(error)) => return Ok(Arrival::Malformed(error)),
                Some(Signal::Sentinel) => return Ok(Arrival::Sentinel),
                None => {}
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
