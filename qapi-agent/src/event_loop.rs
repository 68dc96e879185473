//! The event loop: waits for signals, clients and the pipes of programs.
//!
//! One thread and one wait. Nothing here blocks but a handler at work.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use qapi_runtime::Error;
use qapi_runtime::server::{Dispatcher, Service, TaskId};

use crate::agent::Agent;
use crate::background::TaskResult;
use crate::connection::Delivery;
use crate::failure::errno_text;
use crate::handler::freeze;
use crate::log::{Log, log};
use crate::signals::Signals;
use crate::syslog::Syslog;
use crate::transport::Channel;

/// Serves until SIGTERM or SIGINT.
pub(crate) struct EventLoop<'a, S> {
    pub(crate) signals: Signals,
    pub(crate) channel: Box<dyn Channel<S> + 'a>,
    pub(crate) dispatcher: &'a Dispatcher<S>,
    pub(crate) agent: &'a Agent,
    pub(crate) log: &'a Log,
    pub(crate) syslog: Syslog,
}

/// The sources that a wait found ready.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a descriptor of its own"
)]
struct Ready {
    signals: bool,
    channel: bool,
    /// There may be results of freezing or thawing.
    freezing: bool,
    /// There may be results of other commands that take long.
    background: bool,
    /// Positions in the sequence of `Children::watched`.
    transfers: Vec<usize>,
}

/// The time that a command under way is waited for at the end: a freeze or a thaw however long it
/// takes, because the state of the file systems depends on it.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The time that a client has to take its last answers.
const FAREWELL: Duration = Duration::from_secs(1);

/// Error text for requests that are not going to be served.
const REFUSAL: &str = "the agent ends before the command has";

impl<S: Service> EventLoop<'_, S> {
    /// Runs until a signal asks to end. An error means that there is no way to the host any more.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let failed = |errno| format!("cannot wait for events: {}", errno_text(errno));
        let mut end = None;
        loop {
            let ready = self.wait(end).map_err(failed)?;
            if ready.signals
                && self
                    .signals
                    .end_is_wanted(self.agent, self.log)
                    .map_err(failed)?
            {
                end.get_or_insert_with(|| Instant::now() + LAST_WAIT);
            }
            if ready.freezing {
                self.agent.freezing().wake_pipe().drain();
            }
            if ready.background {
                self.agent.background().wake_pipe().drain();
            }
            // A result also lets requests go on that had to wait for it.
            let has_results = self.deliver_results();
            if end.is_some_and(|until| self.may_end(until)) {
                self.bid_farewell();
                return Ok(());
            }
            if !ready.transfers.is_empty() {
                self.agent.children().transfer(ready.transfers);
            }
            if ready.channel || has_results {
                self.channel.advance(self.dispatcher, self.log)?;
            }
            self.follow_news();
            for refusal in self.agent.policy().take_untold() {
                log!(self.log, Warning, "{refusal}");
                self.syslog.warning(format_args!("{refusal}"));
            }
            if let Some(reason) = self.agent.freezing().expire() {
                log!(self.log, Warning, "undoing the freeze: {reason}");
                self.syslog.warning(format_args!(
                    "the freeze of the file systems is undone without a host's wish: {reason}"
                ));
            }
            self.log.release();
        }
    }

    /// True when nothing is under way that is worth waiting for.
    fn may_end(&self, until: Instant) -> bool {
        !self.agent.freezing().is_busy()
            && (!self.agent.background().is_busy() || Instant::now() >= until)
    }

    /// No accepted request goes without a reply.
    fn bid_farewell(&mut self) {
        self.channel.finish(&Error::generic(REFUSAL), FAREWELL);
    }

    /// Hands the results of deferred commands to those who wait for them. Returns whether there were
    /// any.
    fn deliver_results(&mut self) -> bool {
        let mut has_results = false;
        let freezing = self.agent.freezing();
        for finished in freezing.results() {
            has_results = true;
            for note in &finished.outcome.notes {
                log!(self.log, Warning, "{note}");
            }
            let result = finished.outcome.result;
            let has_failed = result.is_err();
            let result = result.map(|count| Box::new(count) as Box<_>);
            let is_awaited = self.deliver(finished.task, result);
            match (finished.is_freeze, has_failed, is_awaited) {
                (true, false, false) => freezing.not_told(),
                (true, true, true) => freezing.failure_told(),
                _ => {}
            }
        }
        for task in freezing.settled() {
            let status = freeze::settled_status(self.agent);
            if self.deliver(task, Ok(Box::new(status))) {
                freezing.telling();
            }
        }
        for (task, result) in self.agent.background().results() {
            has_results = true;
            self.deliver(task, result);
        }
        has_results
    }

    /// Hands out one result. Returns whether somebody waits for it.
    fn deliver(&mut self, task: TaskId, result: TaskResult) -> bool {
        let is_awaited = match &result {
            Ok(value) => self.channel.complete(task, Ok(&**value)),
            Err(failure) => {
                let error = Error::generic(failure.to_string());
                self.channel.complete(task, Err(&error))
            }
        };
        // The log is all that is left to tell it.
        if let (false, Err(failure)) = (is_awaited, result) {
            log!(self.log, Error, "{failure}");
        }
        is_awaited
    }

    /// Finds out whether a host has taken the news that file systems are frozen.
    fn follow_news(&mut self) {
        let delivery = self.channel.delivery();
        let freezing = self.agent.freezing();
        if freezing.is_telling() {
            match delivery {
                Delivery::Sent => freezing.told(),
                Delivery::Unsent => {}
                Delivery::Lost => freezing.not_told(),
            }
        }
    }

    /// Waits for anything to do; if the end is wanted, until that time at most.
    fn wait(&mut self, end: Option<Instant>) -> Result<Ready, Errno> {
        let children = self.agent.children();
        let freezing = self.agent.freezing();
        let channel = self.channel.watch();
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        let times = [
            channel.timeout,
            freezing.deadline().map(left),
            end.map(left),
        ];
        let mut descriptors = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(freezing.wake_pipe().as_fd(), PollFlags::POLLIN),
            PollFd::new(
                self.agent.background().wake_pipe().as_fd(),
                PollFlags::POLLIN,
            ),
        ];
        let transfers = children.watched();
        descriptors.extend(
            channel
                .descriptor
                .into_iter()
                .chain(channel.other)
                .chain(transfers)
                .map(|(descriptor, events)| PollFd::new(descriptor, events)),
        );
        let timeout = poll_timeout(times.into_iter().flatten().min());
        match poll(&mut descriptors, timeout) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(errno) => return Err(errno),
        }
        // Unknown bits count too: whatever it is, the call on the descriptor will tell.
        let mut ready = descriptors
            .iter()
            .map(|descriptor| descriptor.any().unwrap_or(true));
        let mut next = || ready.next().unwrap_or(false);
        let (signals, freezing, background) = (next(), next(), next());
        let is_channel_ready = channel.descriptor.is_some() && next();
        let is_other_ready = channel.other.is_some() && next();
        let transfers = ready.enumerate();
        Ok(Ready {
            signals,
            freezing,
            background,
            channel: is_channel_ready || is_other_ready || channel.timeout.is_some(),
            transfers: transfers
                .filter_map(|(index, is_ready)| is_ready.then_some(index))
                .collect(),
        })
    }
}

/// Rounded up to milliseconds, so that the time is over when the wait is.
fn poll_timeout(timeout: Option<Duration>) -> PollTimeout {
    let Some(timeout) = timeout else {
        return PollTimeout::NONE;
    };
    let rounded = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(rounded)
        .ok()
        .and_then(|millis| PollTimeout::try_from(millis).ok())
        .unwrap_or(PollTimeout::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_rounded_up() {
        assert_eq!(poll_timeout(None), PollTimeout::NONE);
        assert_eq!(poll_timeout(Some(Duration::ZERO)), PollTimeout::ZERO);
        assert_eq!(
            poll_timeout(Some(Duration::from_nanos(1))),
            PollTimeout::from(1_u8)
        );
        assert_eq!(
            poll_timeout(Some(Duration::from_millis(7))),
            PollTimeout::from(7_u8)
        );
        assert_eq!(poll_timeout(Some(Duration::MAX)), PollTimeout::MAX);
    }
}
