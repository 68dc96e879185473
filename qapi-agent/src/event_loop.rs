//! Where the agent spends its life: waiting for signals, clients and the pipes of programs.
//!
//! One thread and one wait. Nothing here blocks but a handler at work.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use qapi_runtime::server::{Dispatcher, Service};

use crate::agent::Agent;
use crate::failure::errno_text;
use crate::log::{Log, log};
use crate::sys;
use crate::transport::Channel;

/// Signals as something to wait for, so that no code runs in signal context (defect D2).
///
/// They stay blocked in the calling thread from here on: what comes before the loop starts waits.
pub(crate) fn signals() -> Result<SignalFd, Errno> {
    sys::default_child_signal()?;
    let watched = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD]);
    watched.thread_block()?;
    SignalFd::with_flags(&watched, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// Serves until SIGTERM or SIGINT.
pub(crate) struct EventLoop<'a, S> {
    pub(crate) signals: SignalFd,
    pub(crate) channel: Box<dyn Channel<S> + 'a>,
    pub(crate) dispatcher: &'a Dispatcher<S>,
    pub(crate) agent: &'a Agent,
    pub(crate) log: &'a Log,
}

/// What a wait found ready.
#[derive(Debug, Default)]
struct Ready {
    signals: bool,
    channel: bool,
    /// There may be results of freezing or thawing.
    results: bool,
    /// Positions in the sequence of `Children::watched`.
    transfers: Vec<usize>,
}

impl<S: Service> EventLoop<'_, S> {
    /// Runs until a signal asks to end. An error means that there is no way to the host any more.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let failed = |errno| format!("cannot wait for events: {}", errno_text(errno));
        let mut end = false;
        loop {
            let ready = self.wait().map_err(failed)?;
            if ready.signals {
                end |= self.end_is_wanted().map_err(failed)?;
            }
            if ready.results {
                self.agent.freezing().heard();
            }
            self.deliver_results();
            // An answer that is owed comes first: a thaw may be done while its hook is not.
            if end && !self.agent.freezing().is_busy() {
                return Ok(());
            }
            if !ready.transfers.is_empty() {
                self.agent.children().transfer(ready.transfers);
            }
            if ready.channel {
                self.agent.late().serve(self.channel.client());
                self.channel.advance(self.dispatcher, self.log)?;
            }
            if self.agent.freezing().expire() {
                log!(self.log, Warning, "the freeze has lasted too long: thawing");
            }
            self.log.release();
        }
    }

    /// Hands the results of freezes and thaws to those who wait for them.
    fn deliver_results(&mut self) {
        for (ticket, outcome) in self.agent.freezing().results() {
            for note in &outcome.notes {
                log!(self.log, Warning, "{note}");
            }
            let owed = self.agent.late().take(ticket);
            let Some((client, answer)) = owed else {
                if let Err(failure) = &outcome.result {
                    log!(self.log, Error, "{failure}");
                }
                continue;
            };
            let line = match outcome.result {
                Ok(count) => answer.into_line(Ok(&count)),
                Err(failure) => answer.into_line(Err(&failure.into())),
            };
            self.channel.deliver(client, &line);
        }
    }

    /// Waits for anything to do.
    fn wait(&mut self) -> Result<Ready, Errno> {
        let children = self.agent.children();
        let freezing = self.agent.freezing();
        let watchdog = freezing
            .deadline()
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let channel = self.channel.watch();
        let timeout = [channel.timeout, watchdog].into_iter().flatten().min();
        let mut descriptors = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(channel.descriptor, channel.events),
            PollFd::new(freezing.watched(), PollFlags::POLLIN),
        ];
        let first_transfer = descriptors.len();
        descriptors.extend(
            children
                .watched()
                .map(|(pipe, events)| PollFd::new(pipe, events)),
        );
        match poll(&mut descriptors, poll_timeout(timeout)) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Ready::default()),
            Err(errno) => return Err(errno),
        }
        let is_ready = |descriptor: &PollFd<'_>| {
            // Unknown bits count too: whatever it is, the call on the descriptor will tell.
            descriptor.any().unwrap_or(true)
        };
        let transfers = descriptors[first_transfer..].iter().enumerate();
        Ok(Ready {
            signals: is_ready(&descriptors[0]),
            channel: is_ready(&descriptors[1]) || channel.timeout.is_some(),
            results: is_ready(&descriptors[2]),
            transfers: transfers
                .filter_map(|(index, descriptor)| is_ready(descriptor).then_some(index))
                .collect(),
        })
    }

    /// Handles the signals that came; whether one of them asks to end.
    fn end_is_wanted(&self) -> Result<bool, Errno> {
        let mut end = false;
        while let Some(signal) = self.signals.read_signal()? {
            match i32::try_from(signal.ssi_signo).map(Signal::try_from) {
                Ok(Ok(Signal::SIGCHLD)) => self.agent.children().reap(),
                // An agent that has gone cannot thaw (agent-behaviour.md §1.8).
                Ok(Ok(signal)) if self.agent.freezing().is_holding() => {
                    log!(self.log, Warning, "{signal} received while frozen: ignored");
                }
                Ok(Ok(signal)) => {
                    log!(self.log, Info, "{signal} received: ending");
                    end = true;
                }
                _ => {}
            }
        }
        Ok(end)
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
