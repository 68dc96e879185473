//! The signals that the agent handles: requests to end, hangups, and ended children.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::sys;

/// Signals as a descriptor to wait for, so that no code runs in signal context (defect D2).
#[derive(Debug)]
pub(crate) struct Signals(SignalFd);

/// The meaning of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A child has ended.
    Child,
    /// SIGHUP: a request to open the log file anew, or the end of the terminal.
    HangUp(EndSignal),
    /// A request to end.
    End(EndSignal),
}

/// A signal that asks to end; shown by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndSignal(Signal);

impl fmt::Display for EndSignal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

impl Signals {
    /// Blocks them in the calling thread from here on: signals that arrive before the loop starts wait.
    pub(crate) fn block() -> io::Result<Self> {
        sys::default_action(Signal::SIGCHLD)?;
        let watched = SigSet::from_iter([
            Signal::SIGTERM,
            Signal::SIGINT,
            Signal::SIGHUP,
            Signal::SIGCHLD,
        ]);
        watched.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(SignalFd::with_flags(&watched, flags).map(Self)?)
    }

    /// Returns the next signal that came, if there is one.
    pub(crate) fn next(&self) -> io::Result<Option<Notice>> {
        while let Some(signal) = self.0.read_signal()? {
            match i32::try_from(signal.ssi_signo).map(Signal::try_from) {
                Ok(Ok(Signal::SIGCHLD)) => return Ok(Some(Notice::Child)),
                Ok(Ok(Signal::SIGHUP)) => {
                    return Ok(Some(Notice::HangUp(EndSignal(Signal::SIGHUP))));
                }
                Ok(Ok(signal)) => return Ok(Some(Notice::End(EndSignal(signal)))),
                _ => {}
            }
        }
        Ok(None)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
