//! The event loop: waits for signals, clients and the pipes of programs.
//!
//! One thread with one wait. Only a running handler blocks it.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use qapi_runtime::Error;
use qapi_runtime::server::{Dispatcher, Service, TaskId};

use crate::agent::Agent;
use crate::background::TaskResult;
use crate::failure::io_text;
use crate::handler::freeze;
use crate::log::{Log, log};
use crate::platform::poller::{Poller, Ready, Source};
use crate::platform::signals::{Notice, Signals};
use crate::platform::syslog::Syslog;
use crate::transport::Channel;
use crate::transport::connection::Delivery;

/// Serves until SIGTERM or SIGINT.
pub(crate) struct EventLoop<'a, S> {
    pub(crate) poller: Rc<Poller>,
    pub(crate) signals: Signals,
    pub(crate) channel: Box<dyn Channel<S> + 'a>,
    pub(crate) dispatcher: &'a Dispatcher<S>,
    pub(crate) agent: &'a Agent,
    pub(crate) log: &'a Log,
    pub(crate) syslog: Syslog,
}

/// The time to wait for commands under way at the end. A freeze or thaw is waited for however long it takes, because
/// the state of the file systems depends on it.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The time that a client has to read its last answers.
const FAREWELL: Duration = Duration::from_secs(1);

/// The error text for requests that will not be served.
const REFUSAL: &str = "the agent ends before the command has";

impl<S: Service> EventLoop<'_, S> {
    /// Runs until a signal asks to end. An error means that the host cannot be reached any more.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let failed = |error| format!("cannot wait for events: {}", io_text(&error));
        self.watch_steadily().map_err(failed)?;
        let mut end = None;
        loop {
            let ready = self.wait(end).map_err(failed)?;
            if ready.has(Source::Signals) && self.end_is_wanted().map_err(failed)? {
                end.get_or_insert_with(|| Instant::now() + LAST_WAIT);
            }
            if ready.has(Source::Freezing) {
                self.agent.freezing().wake_pipe().drain();
            }
            if ready.has(Source::Background) {
                self.agent.background().wake_pipe().drain();
            }
            // A result also lets requests go on that had to wait for it.
            let has_results = self.deliver_results();
            if end.is_some_and(|until| self.may_end(until)) {
                self.bid_farewell();
                return Ok(());
            }
            let is_channel_ready = ready.has(Source::Channel);
            if !ready.programs.is_empty() {
                self.agent.children().transfer(ready.programs);
            }
            if is_channel_ready || has_results {
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

    /// Handles the signals that came; true if one of them requests the end.
    fn end_is_wanted(&self) -> io::Result<bool> {
        let mut end = false;
        while let Some(notice) = self.signals.next()? {
            match notice {
                Notice::Child => self.agent.children().reap(),
                Notice::HangUp(_) if self.log.reopen() => {}
                // An agent that has gone cannot thaw (docs/reference/agent-behaviour.md §1.8).
                Notice::HangUp(signal) | Notice::End(signal)
                    if self.agent.freezing().is_holding() =>
                {
                    log!(self.log, Warning, "{signal} received while frozen: ignored");
                }
                Notice::HangUp(signal) | Notice::End(signal) => {
                    log!(self.log, Info, "{signal} received: ending");
                    end = true;
                }
            }
        }
        Ok(end)
    }

    /// Returns true when nothing is under way that is worth waiting for.
    fn may_end(&self, until: Instant) -> bool {
        !self.agent.freezing().is_busy()
            && (!self.agent.background().is_busy() || Instant::now() >= until)
    }

    /// No accepted request goes without a reply.
    fn bid_farewell(&mut self) {
        self.channel.finish(&Error::generic(REFUSAL), FAREWELL);
    }

    /// Passes the results of deferred commands to the waiting clients. Returns true if there were any.
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

    /// Hands out one result. Returns true if a client waits for it.
    fn deliver(&mut self, task: TaskId, result: TaskResult) -> bool {
        let is_awaited = match &result {
            Ok(value) => self.channel.complete(task, Ok(&**value)),
            Err(failure) => {
                let error = Error::generic(failure.to_string());
                self.channel.complete(task, Err(&error))
            }
        };
        // Only the log can still report it.
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

    /// Lets all waits end for what is there from start to end.
    fn watch_steadily(&self) -> io::Result<()> {
        let agent = self.agent;
        self.poller.add(&self.signals, Source::Signals)?;
        self.poller
            .add(agent.freezing().wake_pipe(), Source::Freezing)?;
        self.poller
            .add(agent.background().wake_pipe(), Source::Background)
    }

    /// Waits for anything to do; at most until the time of the end, if one is set.
    fn wait(&mut self, end: Option<Instant>) -> io::Result<Ready> {
        let children = self.agent.children();
        let channel = self.channel.watch();
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        let deadlines = self.agent.freezing().deadline().into_iter().chain(end);
        let timeout = channel.timeout.into_iter().chain(deadlines.map(left)).min();
        let mut ready = self
            .poller
            .wait(channel.descriptor, children.watched(), timeout)?;
        if channel.timeout.is_some() {
            ready.set(Source::Channel);
        }
        Ok(ready)
    }
}
