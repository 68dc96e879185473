//! The connection of one client, which never blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use qapi_runtime::server::{Dispatcher, Service, Session, TaskId};
use qapi_runtime::{Encode, Error};

/// Bytes read at a time: many small requests, so that their answers go out in one write.
const CHUNK: usize = 64 * 1024;

/// Output buffers up to this size are kept for the next replies.
const KEPT_OUTPUT: usize = 256 * 1024;

/// A client's stream, its parser state and its output. All of this ends with the client: an unfinished request or an
/// unread reply never reaches the next client (defects D4, D5).
#[derive(Debug)]
pub(crate) struct Connection<T> {
    stream: T,
    session: Session,
    /// Received bytes up to `filled`; those from `fed` on have not been processed.
    input: Box<[u8]>,
    filled: usize,
    fed: usize,
    /// The last portion of work left nothing in the stream.
    has_read_all: bool,
    /// Bytes of the session's output that have been sent.
    sent: usize,
    /// The time of the replies that wait in the output, if all belong to requests of that time.
    answered: Option<Instant>,
    /// Replies were dropped, which has not been reported.
    has_lost: bool,
}

/// The fate of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The system has accepted all of them.
    Sent,
    /// Some wait for the client.
    Unsent,
    /// Some were dropped, because their client has gone.
    Lost,
}

/// The result of an attempt to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Something was done, and more may be possible at once.
    Some,
    /// Nothing was done: the client must send or take something first, or a command must end.
    Blocked,
    /// The client has gone.
    Gone,
}

impl<T: AsFd + Read + Write> Connection<T> {
    /// Creates a fresh connection over `stream`, which must not block.
    pub(crate) fn new(stream: T) -> Self {
        Self {
            stream,
            session: Session::new(),
            input: vec![0; CHUNK].into(),
            filled: 0,
            fed: 0,
            has_read_all: false,
            sent: 0,
            answered: None,
            has_lost: false,
        }
    }

    /// Returns the descriptor to watch, and for what; none while there is no room for further requests and
    /// nothing to send. Requests are read only when all answers have been taken, so a client that does not read blocks
    /// only itself and uses no memory (D3).
    pub(crate) fn watched(&mut self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        let wanted = self.wanted();
        (!wanted.is_empty()).then(|| (self.stream.as_fd(), wanted))
    }

    /// Returns the events to wait for, as in [`Connection::watched`].
    pub(crate) fn wanted(&mut self) -> PollFlags {
        let has_output = !self.session.output().is_empty();
        if self.session.is_full() && !has_output {
            PollFlags::empty()
        } else if has_output || self.fed < self.filled {
            PollFlags::POLLOUT
        } else {
            PollFlags::POLLIN
        }
    }

    /// Returns true if the last thing that was done was to read all that had come.
    pub(crate) fn has_read_all(&self) -> bool {
        self.has_read_all
    }

    /// Returns true if the client has nothing to do but to wait: it has read all replies, and its requests are being
    /// processed.
    pub(crate) fn is_waiting(&mut self) -> bool {
        !self.has_output() && self.session.is_waiting()
    }

    /// Returns the stream itself.
    pub(crate) fn stream(&self) -> &T {
        &self.stream
    }

    /// Returns the stream itself.
    pub(crate) fn stream_mut(&mut self) -> &mut T {
        &mut self.stream
    }

    /// Forgets the client: an unfinished request, and unread answers.
    pub(crate) fn reset(&mut self) {
        self.has_lost |= !self.session.output().is_empty();
        self.session.reset();
        (self.filled, self.fed, self.sent) = (0, 0, 0);
    }

    /// Returns true if a reply is still here.
    pub(crate) fn has_output(&mut self) -> bool {
        !self.session.output().is_empty()
    }

    /// Returns the fate of the replies so far.
    pub(crate) fn delivery(&mut self) -> Delivery {
        if std::mem::take(&mut self.has_lost) {
            Delivery::Lost
        } else if self.has_output() {
            Delivery::Unsent
        } else {
            Delivery::Sent
        }
    }

    /// Another client has taken the place of this one, with whom goes half a request. Answers that have
    /// all been given since this time may be to the first requests of the new one, whose bytes may be
    /// here before the news of its coming: they stay, as long as nothing of them has been sent.
    pub(crate) fn hand_over(&mut self, since: Instant) {
        let is_new = self.sent == 0 && self.answered.is_some_and(|at| at >= since);
        if is_new {
            let answers = std::mem::take(self.session.output());
            self.reset();
            *self.session.output() = answers;
        } else {
            self.reset();
        }
    }

    /// Takes the result of a background task, to be sent as soon as the client lets it. False if this
    /// client does not wait for it.
    pub(crate) fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        let is_awaited = self.session.complete(task, result);
        if is_awaited {
            self.answered = None;
        }
        is_awaited
    }

    /// Goes on where it stopped, for one portion of work: it ends when other events may need attention.
    ///
    /// A broken connection is the end of this client like an orderly one (D1). Any other error is
    /// returned and means the same.
    pub(crate) fn advance<S: Service>(
        &mut self,
        dispatcher: &Dispatcher<S>,
    ) -> io::Result<Progress> {
        match self.try_advance(dispatcher) {
            Err(error) => match error.kind() {
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(Progress::Gone),
                ErrorKind::WouldBlock => Ok(Progress::Blocked),
                ErrorKind::Interrupted => Ok(Progress::Some),
                _ => Err(error),
            },
            result => result,
        }
    }

    fn try_advance<S: Service>(&mut self, dispatcher: &Dispatcher<S>) -> io::Result<Progress> {
        self.has_read_all = false;
        self.send()?;
        self.session.resume(dispatcher);
        let has_resumed = !self.session.output().is_empty();
        if !has_resumed && self.fed == self.filled {
            if self.session.is_full() {
                return Ok(Progress::Blocked);
            }
            (self.filled, self.fed) = (0, 0);
            self.filled = match self.stream.read(&mut self.input) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.has_read_all = true;
                    return Ok(Progress::Blocked);
                }
                filled => filled?,
            };
            if self.filled == 0 {
                return Ok(Progress::Gone);
            }
            self.has_read_all = self.filled < self.input.len();
        }
        let mut rest = &self.input[self.fed..self.filled];
        let unread = rest.len();
        self.session.feed_some(&mut rest, dispatcher);
        let has_fed = rest.len() < unread;
        self.fed = self.filled - rest.len();
        match self.send() {
            // Something was done nevertheless.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.answered = (!has_resumed).then(Instant::now);
            }
            result => result?,
        }
        if has_resumed || has_fed {
            Ok(Progress::Some)
        } else {
            Ok(Progress::Blocked)
        }
    }

    /// Ends the service of this client: requests without a reply get an error, and replies that the client reads soon
    /// are sent.
    pub(crate) fn finish(&mut self, refusal: &Error, patience: Duration) {
        self.session.refuse(refusal);
        let until = Instant::now() + patience;
        while let Err(error) = self.send() {
            let left = until.saturating_duration_since(Instant::now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            if error.kind() != ErrorKind::WouldBlock || timeout == PollTimeout::ZERO {
                return;
            }
            let mut stream = [PollFd::new(self.stream.as_fd(), PollFlags::POLLOUT)];
            let is_over = poll(&mut stream, timeout).is_err()
                || stream[0].revents() != Some(PollFlags::POLLOUT);
            if is_over {
                return;
            }
        }
    }

    /// Sends the answers as far as the client takes them; an error if it does not take all now.
    fn send(&mut self) -> io::Result<()> {
        let output = self.session.output();
        if output.is_empty() {
            return Ok(());
        }
        while self.sent < output.len() {
            match self.stream.write(&output[self.sent..])? {
                0 => return Err(ErrorKind::BrokenPipe.into()),
                count => self.sent += count,
            }
        }
        self.sent = 0;
        output.clear();
        output.shrink_to(KEPT_OUTPUT);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
