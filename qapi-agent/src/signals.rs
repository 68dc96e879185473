//! The signals that the agent takes: to end, and for children that have ended.

use std::os::fd::{AsFd, BorrowedFd};

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::agent::Agent;
use crate::log::{Log, log};
use crate::sys;

/// Signals as something to wait for, so that no code runs in signal context (defect D2).
#[derive(Debug)]
pub(crate) struct Signals(SignalFd);

impl Signals {
    /// Blocks them in the calling thread from here on: what comes before the loop starts waits.
    pub(crate) fn block() -> Result<Self, Errno> {
        sys::default_action(Signal::SIGCHLD)?;
        let watched = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD]);
        watched.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        SignalFd::with_flags(&watched, flags).map(Self)
    }

    /// Handles the signals that came; whether one of them asks to end.
    pub(crate) fn end_is_wanted(&self, agent: &Agent, log: &Log) -> Result<bool, Errno> {
        let mut end = false;
        while let Some(signal) = self.0.read_signal()? {
            match i32::try_from(signal.ssi_signo).map(Signal::try_from) {
                Ok(Ok(Signal::SIGCHLD)) => agent.children().reap(),
                // An agent that has gone cannot thaw (docs/reference/agent-behaviour.md §1.8).
                Ok(Ok(signal)) if agent.freezing().is_holding() => {
                    log!(log, Warning, "{signal} received while frozen: ignored");
                }
                Ok(Ok(signal)) => {
                    log!(log, Info, "{signal} received: ending");
                    end = true;
                }
                _ => {}
            }
        }
        Ok(end)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
