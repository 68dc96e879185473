//! The state of one connection.

use super::dispatch::{self, Ran};
use super::pending_replies::{Backlog, Content};
use super::qmp::run_for;
use super::{Dispatcher, ServerLimits, Service, TaskId};
use crate::connection_input::ConnectionInput;
use crate::message::Error;
use crate::stream::StallWatch;
use crate::wire::{Limits, MemoryBudget, Share, Signal};
use crate::write::Encode;

/// Output above this size is written before further requests are run.
const OUTPUT_MARK: usize = 256 << 10;

/// Output buffers up to this size are kept.
const KEPT_OUTPUT: usize = 1 << 20;

/// The state of one connection, without input or output of its own.
///
/// Feed it bytes and send its [`output`](Session::output). Replies have the order of their requests, except that
/// requests which are not [blocked](Service::is_blocked) overtake those that are, and those whose reply is
/// [deferred](super::Outcome::Deferred). Errors of requests that reach no command never overtake, unless these are to
/// be executed out of band.
#[derive(Debug, Default)]
pub struct Session {
    incoming: ConnectionInput,
    output: Vec<u8>,
    backlog: Backlog,
    /// Memory of the output and the backlog.
    share: Share,
}

impl Session {
    /// Creates a fresh connection, with the limits of the reference.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a fresh connection with other limits.
    pub fn with_limits(limits: Limits) -> Self {
        Self {
            incoming: ConnectionInput::of_client(limits, Share::default(), StallWatch::default()),
            ..Self::default()
        }
    }

    /// Creates a fresh connection within limits, whose memory comes out of a budget.
    pub(super) fn within(limits: &ServerLimits, budget: &MemoryBudget) -> Self {
        Self {
            incoming: limits.incoming(budget),
            share: budget.share(),
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
        self.settle();
    }

    /// Runs waiting requests that are not [blocked](Service::is_blocked) any more, until a good deal of output is waiting.
    /// Call it when something that blocked them has ended.
    pub fn resume<S: Service>(&mut self, dispatcher: &Dispatcher<S>) {
        while self.output.len() < OUTPUT_MARK && self.resume_one(dispatcher) {}
    }

    /// Replies not written yet. Remove what has been written.
    pub fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Returns true if no request is half received, waiting or being worked on, and no reply is waiting either.
    pub fn is_idle(&self) -> bool {
        self.incoming.is_idle() && self.output.is_empty() && self.backlog.is_empty()
    }

    /// Returns true if a request that was received whole waits or is being worked on.
    pub fn is_waiting(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Returns true if too many requests wait to accept more.
    pub fn is_full(&self) -> bool {
        self.backlog.is_full()
    }

    /// Appends the reply that was [deferred](super::Outcome::Deferred) until this result. False if no client waits for
    /// it: the client has been replaced, or has [given it up](Dispatcher::synchronized_by).
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
                Content::Request(document, _) => {
                    dispatch::refuse(document, error, &mut self.output);
                }
                Content::Malformed(mistake) => dispatch::malformed(mistake, &mut self.output),
            }
        }
    }

    /// Prepares for a new client: an unfinished request, waiting requests and unwritten replies are dropped.
    pub fn reset(&mut self) {
        self.incoming.reset();
        self.output = Vec::new();
        self.backlog = Backlog::default();
        self.settle();
    }

    /// Runs the request that has waited longest, unless it must wait on. Returns whether it did.
    fn resume_one<S: Service>(&mut self, dispatcher: &Dispatcher<S>) -> bool {
        let in_turn = !self.backlog.has_pending();
        let Some(first) = self.backlog.first_mut() else {
            return false;
        };
        let start = self.output.len();
        let output = &mut self.output;
        let ran = match &mut first.content {
            Content::Request(document, descriptors) => run_for(None, descriptors, || {
                dispatcher.run(document, dispatcher.offers_oob(), in_turn, output)
            }),
            Content::Malformed(_) if !in_turn => Ran::Blocked,
            Content::Malformed(error) => {
                dispatch::malformed(error, output);
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
        match self.incoming.next(bytes) {
            Some(Signal::Document) => self.run(in_turn, dispatcher),
            Some(Signal::Error(error)) if in_turn => dispatch::malformed(&error, &mut self.output),
            Some(Signal::Error(error)) => self.backlog.push(Content::Malformed(error)),
            Some(Signal::Sentinel) => {}
            None => return false,
        }
        true
    }

    /// Runs the request that has come last, or lets it wait.
    fn run<S: Service>(&mut self, in_turn: bool, dispatcher: &Dispatcher<S>) {
        let mut descriptors = self.incoming.take_descriptors();
        let (document, output) = (self.incoming.document(), &mut self.output);
        let ran = run_for(None, &mut descriptors, || {
            dispatcher.run(document, dispatcher.offers_oob(), in_turn, output)
        });
        if let Ran::Blocked = ran {
            let (document, _) = self.incoming.take_document();
            self.backlog.push(Content::Request(document, descriptors));
        } else {
            self.conclude(ran);
        }
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

    /// Returns the requests that come in.
    pub(super) fn incoming(&mut self) -> &mut ConnectionInput {
        &mut self.incoming
    }

    /// Gives back what has been written, and its buffer if that is large.
    pub(super) fn clear_output(&mut self) {
        self.output.clear();
        if self.output.capacity() > KEPT_OUTPUT || self.share.is_short() {
            self.output = Vec::new();
        }
        self.settle();
    }

    /// Counts the memory of the output and the backlog.
    fn settle(&mut self) {
        self.share.set(self.output.capacity() + self.backlog.size());
    }
}
