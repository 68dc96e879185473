//! The state of one connection, and a loop over a blocking stream.

use std::io::{self, ErrorKind, Read, Write};

use super::{Dispatcher, Service, dispatch};
use crate::message::Error;
use crate::stream::is_disconnect;
use crate::wire::{Event, Lexer, Limits};

/// Output above this size is written before further requests are run.
const OUTPUT_MARK: usize = 256 << 10;

/// Output buffers up to this size are kept.
const KEPT_OUTPUT: usize = 1 << 20;

/// The state of one connection, without input or output of its own.
///
/// Bytes go in, answers come out of [`output`](Session::output) in the order of the requests.
#[derive(Debug, Default)]
pub struct Session {
    lexer: Lexer,
    output: Vec<u8>,
    /// The last document of the lexer is a request that has to wait.
    waiting: bool,
}

impl Session {
    /// A fresh connection, with the limits of the reference.
    pub fn new() -> Self {
        Self::default()
    }

    /// A fresh connection with other limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            lexer: Lexer::new(limits),
            output: Vec::new(),
            waiting: false,
        }
    }

    /// Runs all requests that `bytes` completes.
    ///
    /// The output may grow by any number of replies; [`Session::feed_some`] bounds it.
    pub fn feed<S: Service>(&mut self, bytes: &[u8], dispatcher: &Dispatcher<S>) {
        let mut bytes = bytes;
        while self.step(&mut bytes, dispatcher) {}
    }

    /// Runs requests until `bytes` is used up, a good deal of output is waiting or a request has to wait, and moves
    /// `bytes` forward.
    ///
    /// Write the output and call again while `bytes` is not empty. So the output is bounded by one reply and a
    /// constant, however many requests come at once.
    pub fn feed_some<S: Service>(&mut self, bytes: &mut &[u8], dispatcher: &Dispatcher<S>) {
        while self.output.len() < OUTPUT_MARK && self.step(bytes, dispatcher) {}
    }

    /// Answers not written yet. Remove what has been written.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Whether no request is half received or waiting, and no answer either.
    pub fn is_idle(&self) -> bool {
        self.lexer.is_idle() && self.output.is_empty() && !self.waiting
    }

    /// Whether the service lets a request [wait](Service::must_wait): feeding goes on when it does not any more.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Answers the request that waits with an error, because it is not going to be run.
    pub fn refuse(&mut self, error: &Error) {
        if std::mem::take(&mut self.waiting) {
            dispatch::refuse(self.lexer.document(), error, &mut self.output);
        }
    }

    /// The client has been replaced: half a request and answers not written are dropped.
    pub fn reset(&mut self) {
        self.lexer.reset();
        self.output = Vec::new();
        self.waiting = false;
    }

    /// Handles one event, if `bytes` has one. Returns whether it did and may go on.
    fn step<S: Service>(&mut self, bytes: &mut &[u8], dispatcher: &Dispatcher<S>) -> bool {
        if self.waiting {
            self.waiting = !dispatcher.respond(self.lexer.document(), &mut self.output);
            return !self.waiting;
        }
        match self.lexer.feed(bytes) {
            Some(Event::Document(document)) => {
                self.waiting = !dispatcher.respond(document, &mut self.output);
            }
            Some(Event::Error(error)) => dispatcher.respond_error(&error, &mut self.output),
            Some(Event::Sentinel) => {}
            None => return false,
        }
        !self.waiting
    }

    /// Writes all answers.
    fn flush(&mut self, stream: &mut impl Write) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        stream.write_all(&self.output)?;
        stream.flush()?;
        self.output.clear();
        if self.output.capacity() > KEPT_OUTPUT {
            self.output = Vec::new();
        }
        Ok(())
    }
}

/// Serves one client over a blocking stream until it goes away.
///
/// A client that closes without reading its answers ends this call, not the server: a broken connection counts as end
/// of file (defect D1 of agent-behaviour.md part 10).
///
/// # Errors
/// Any other failure of the stream.
pub fn serve<S: Service, T: Read + Write>(dispatcher: &Dispatcher<S>, stream: T) -> io::Result<()> {
    serve_while(dispatcher, stream, &|| true)
}

/// As [`serve`], but reads no more when `go_on` says so.
pub(super) fn serve_while<S: Service, T: Read + Write>(
    dispatcher: &Dispatcher<S>,
    mut stream: T,
    go_on: &dyn Fn() -> bool,
) -> io::Result<()> {
    match serve_until_error(dispatcher, &mut stream, go_on) {
        Err(error) if is_disconnect(&error) => Ok(()),
        result => result,
    }
}

fn serve_until_error<S: Service>(
    dispatcher: &Dispatcher<S>,
    stream: &mut (impl Read + Write),
    go_on: &dyn Fn() -> bool,
) -> io::Result<()> {
    let mut session = Session::new();
    let mut buffer = vec![0; 64 << 10];
    while go_on() {
        let length = match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut input = &buffer[..length];
        while !input.is_empty() {
            session.feed_some(&mut input, dispatcher);
            session.flush(stream)?;
        }
    }
    Ok(())
}
