//! Reads messages from a peer's bytes, by the rules for all connections: memory, noise, stalls, descriptors.

use std::io;
use std::time::{Duration, Instant};

use crate::incoming_descriptors::{Descriptor, IncomingDescriptors};
use crate::stream::{NoiseLimit, StallWatch};
use crate::wire::{CountedLexer, Document, Lexer, Limits, Share, Signal};

/// Bytes that a peer may send between two messages.
const NOISE: usize = 1 << 20;

/// Mistakes that a peer may make between two messages. A server answers each.
const MISTAKES: usize = 1 << 16;

/// The state of one direction of a connection, without input of its own.
#[derive(Debug)]
pub(crate) struct ConnectionInput {
    lexer: CountedLexer,
    noise: NoiseLimit,
    watch: StallWatch,
    /// Signals that the watch has counted.
    seen: u64,
    received: IncomingDescriptors,
    /// The descriptors of the last message.
    descriptors: Vec<Descriptor>,
}

impl Default for ConnectionInput {
    fn default() -> Self {
        Self::of_client(Limits::default(), Share::default(), StallWatch::default())
    }
}

impl ConnectionInput {
    /// Returns the input from a client, whose buffers come out of `share`.
    pub(crate) fn of_client(limits: Limits, share: Share, watch: StallWatch) -> Self {
        let lexer = CountedLexer::new(Lexer::new(limits), share);
        Self::new(lexer, NoiseLimit::new(NOISE, MISTAKES), watch)
    }

    /// Returns the input from a server, whose messages are lines.
    pub(crate) fn of_server(limits: Limits) -> Self {
        // At least the size of the largest message, because one that is rejected at its first byte is noise as a whole.
        let noise = NoiseLimit::new(NOISE.max(limits.token_bytes), MISTAKES);
        let lexer = CountedLexer::new(Lexer::of_lines(limits), Share::default());
        Self::new(lexer, noise, StallWatch::default())
    }

    fn new(lexer: CountedLexer, noise: NoiseLimit, watch: StallWatch) -> Self {
        Self {
            lexer,
            noise,
            watch,
            seen: 0,
            received: IncomingDescriptors::default(),
            descriptors: Vec::new(),
        }
    }

    /// Bytes have been read, and these descriptors came with them.
    pub(crate) fn receive(&mut self, descriptors: Vec<Descriptor>) {
        self.received.begin(descriptors, !self.lexer.is_idle());
    }

    /// Consumes bytes from the front of `input` up to and including the next signal; `None` when the input is used up.
    /// `input` is all that has been read and not consumed.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<Signal> {
        self.next_within(input, usize::MAX)
    }

    /// Same as [`next`](ConnectionInput::next), but consumes no more than `most` bytes.
    pub(crate) fn next_within(&mut self, input: &mut &[u8], most: usize) -> Option<Signal> {
        let (mut window, _) = input.split_at(input.len().min(most));
        let available = window.len();
        let was_between = self.lexer.is_idle();
        let signal = self.lexer.next(&mut window);
        let length = available - window.len();
        *input = &input[length..];
        if matches!(signal, Some(Signal::Document)) {
            self.noise.end();
            self.descriptors = self.received.end(input);
        } else if signal.is_some() || (was_between && self.lexer.is_idle()) {
            self.noise
                .add(length, matches!(signal, Some(Signal::Error(_))));
        }
        signal
    }

    /// Returns an error once the peer has sent nothing but noise for too long.
    ///
    /// # Errors
    /// One of kind `InvalidData`.
    pub(crate) fn check_noise(&self) -> io::Result<()> {
        self.noise.check()
    }

    /// Begins to wait for more input: all that was read is consumed. Requests that still run are the caller's to know
    /// (`is_busy` of [`patience`](ConnectionInput::patience)).
    pub(crate) fn wait(&mut self, now: Instant) {
        let signals = self.lexer.signals();
        self.watch
            .received(now, self.lexer.is_idle(), signals != self.seen);
        self.seen = signals;
    }

    /// Returns the time to wait for more; `None` waits forever, zero not at all. A client whose requests are at work is
    /// not idle.
    pub(crate) fn patience(&self, now: Instant, is_busy: bool) -> Option<Duration> {
        self.watch.patience(now, is_busy)
    }

    /// Returns the error of a client that is not waited for any longer, of kind `TimedOut`.
    pub(crate) fn stall_error(&self) -> io::Error {
        self.watch.error()
    }

    /// Returns true if half a request has come.
    pub(crate) fn is_in_request(&self) -> bool {
        self.watch.is_in_request()
    }

    /// Returns true if a client is to be told of this error, for which it is disconnected. One that is idle would take it for
    /// the reply to its next request.
    pub(crate) fn is_to_be_told(&self, error: &io::Error) -> bool {
        match error.kind() {
            io::ErrorKind::TimedOut => self.is_in_request(),
            io::ErrorKind::InvalidData => self.check_noise().is_err(),
            _ => false,
        }
    }

    /// Returns the descriptors that came with the last message.
    pub(crate) fn take_descriptors(&mut self) -> Vec<Descriptor> {
        std::mem::take(&mut self.descriptors)
    }

    /// Returns the last message.
    pub(crate) fn document(&self) -> &Document {
        self.lexer.document()
    }

    /// Returns the last message, to be kept, with the share it takes.
    pub(crate) fn take_document(&mut self) -> (Document, Share) {
        self.lexer.take_document()
    }

    /// Takes a message back that is not needed any more, to use its buffers again.
    #[cfg(feature = "tokio")]
    pub(crate) fn give_back(&mut self, document: Document) {
        self.lexer.give_back(document);
    }

    /// Gives up the last message.
    pub(crate) fn release(&mut self) {
        self.lexer.release();
    }

    /// Returns true between messages.
    pub(crate) fn is_idle(&self) -> bool {
        self.lexer.is_idle()
    }

    /// Forgets a message that has come in part, for a new peer.
    pub(crate) fn reset(&mut self) {
        self.lexer.reset();
        self.noise.end();
        self.received = IncomingDescriptors::default();
        self.descriptors = Vec::new();
    }
}
