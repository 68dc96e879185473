//! The state of one connection, and a loop over a blocking stream.

use std::io::{self, ErrorKind, Read, Write};

use super::backlog::{Backlog, Content};
use super::dispatch::{self, Ran};
use super::reply::NOT_KEPT;
use super::{Dispatcher, Service, TaskId};
use crate::message::Error;
use crate::stream::is_disconnect;
use crate::wire::{Event, Lexer, Limits};
use crate::write::Encode;

/// Output above this size is written before further requests are run.
const OUTPUT_MARK: usize = 256 << 10;

/// Output buffers up to this size are kept.
const KEPT_OUTPUT: usize = 1 << 20;

/// The state of one connection, without input or output of its own.
///
/// Bytes go in, replies come out of [`output`](Session::output). They come in the order of the requests, except that
/// requests which are not [blocked](Service::is_blocked) overtake those that are, and those whose reply is
/// [deferred](super::Outcome::Deferred). Errors of requests that reach no command never overtake.
#[derive(Debug, Default)]
pub struct Session {
    lexer: Lexer,
    output: Vec<u8>,
    backlog: Backlog,
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
            ..Self::default()
        }
    }

    /// Runs all requests that `bytes` completes. Those for which there is [no room](Session::is_full) are dropped.
    ///
    /// The output may grow by any number of replies; [`Session::feed_some`] bounds it.
    pub fn feed<S: Service>(&mut self, bytes: &[u8], dispatcher: &Dispatcher<S>) {
        let mut bytes = bytes;
        while self.resume_one(dispatcher) {}
        while self.step(&mut bytes, dispatcher) {}
    }

    /// Runs requests until `bytes` is used up, a good deal of output is waiting or there is [no
    /// room](Session::is_full), and moves `bytes` forward.
    ///
    /// Write the output and call again while `bytes` is not empty. So the output is bounded by one reply and a
    /// constant, however many requests come at once.
    pub fn feed_some<S: Service>(&mut self, bytes: &mut &[u8], dispatcher: &Dispatcher<S>) {
        self.resume(dispatcher);
        while self.output.len() < OUTPUT_MARK && self.step(bytes, dispatcher) {}
    }

    /// Runs waiting requests that are not [blocked](Service::is_blocked) any more, until a good deal of output is waiting.
    /// To be called when something has ended that blocked them.
    pub fn resume<S: Service>(&mut self, dispatcher: &Dispatcher<S>) {
        while self.output.len() < OUTPUT_MARK && self.resume_one(dispatcher) {}
    }

    /// Replies not written yet. Remove what has been written.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Returns true if no request is half received, waiting or being worked on, and no reply is waiting either.
    pub fn is_idle(&self) -> bool {
        self.lexer.is_idle() && self.output.is_empty() && self.backlog.is_empty()
    }

    /// Returns true if so many requests wait that no more are taken.
    pub fn is_full(&self) -> bool {
        self.backlog.is_full()
    }

    /// Appends the reply that was [deferred](super::Outcome::Deferred) until this result. False if nobody waits for it: the
    /// client has been replaced, or has [given it up](Dispatcher::synchronized_by).
    pub fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let pending = self.backlog.take(task);
        let is_awaited = pending.is_some();
        if let Some(pending) = pending {
            pending.write(result, &mut self.output);
        }
        is_awaited
    }

    /// Replies with an error to all requests without a reply, because they are not going to be run or waited for.
    pub fn refuse(&mut self, error: &Error) {
        while let Some(pending) = self.backlog.take_oldest() {
            pending.write(Err(error), &mut self.output);
        }
        while let Some(waiting) = self.backlog.pop() {
            if waiting.is_given_up() {
                continue;
            }
            match &waiting.content {
                Content::Document(document) => dispatch::refuse(document, error, &mut self.output),
                Content::Malformed(mistake) => dispatch::malformed(mistake, &mut self.output),
            }
        }
    }

    /// The client has been replaced: half a request, requests that wait, and replies not written are dropped.
    pub fn reset(&mut self) {
        self.lexer.reset();
        self.output = Vec::new();
        self.backlog = Backlog::default();
    }

    /// Runs the request that has waited longest, unless it must wait on. Returns whether it did.
    fn resume_one<S: Service>(&mut self, dispatcher: &Dispatcher<S>) -> bool {
        let Some(first) = self.backlog.first() else {
            return false;
        };
        let in_turn = !self.backlog.has_pending();
        let start = self.output.len();
        let ran = match &first.content {
            Content::Document(document) => dispatcher.run(document, in_turn, &mut self.output),
            Content::Malformed(_) if !in_turn => Ran::Blocked,
            Content::Malformed(error) => {
                dispatch::malformed(error, &mut self.output);
                Ran::REPLIED
            }
        };
        if matches!(ran, Ran::Blocked) {
            return false;
        }
        if self.backlog.pop().is_some_and(|first| first.is_given_up()) {
            self.output.truncate(start);
            if let Ran::Deferred(..) = ran {
                return true;
            }
        }
        self.conclude(ran);
        true
    }

    /// Handles one event, if `bytes` has one. Returns whether it did.
    fn step<S: Service>(&mut self, bytes: &mut &[u8], dispatcher: &Dispatcher<S>) -> bool {
        if self.backlog.is_full() {
            return false;
        }
        let in_turn = self.backlog.is_empty();
        match self.lexer.feed(bytes) {
            Some(Event::Document(document)) => {
                match dispatcher.run(document, in_turn, &mut self.output) {
                    Ran::Blocked => {
                        let document = self.lexer.take_document();
                        self.backlog.push(Content::Document(document));
                    }
                    ran => self.conclude(ran),
                }
            }
            Some(Event::Error(error)) if in_turn => dispatch::malformed(&error, &mut self.output),
            Some(Event::Error(error)) => self.backlog.push(Content::Malformed(error)),
            Some(Event::Sentinel) => {}
            None => return false,
        }
        true
    }

    fn conclude(&mut self, ran: Ran) {
        match ran {
            Ran::Replied { synchronized } => {
                if synchronized {
                    self.backlog.give_up();
                }
            }
            Ran::Deferred(task, pending) => self.backlog.defer(task, pending),
            Ran::Blocked => {}
        }
    }

    /// Writes all replies.
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
/// A client that closes without reading its replies ends this call, not the server: a broken connection counts as end
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
            // Nobody is going to resume it here.
            session.refuse(&Error::generic(NOT_KEPT));
            session.flush(stream)?;
        }
    }
    Ok(())
}
