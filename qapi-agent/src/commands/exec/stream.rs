//! Moves bytes between the agent and the pipes of a program, without waiting.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};

use nix::poll::PollFlags;

use crate::platform::spawn::would_block;

/// Bytes moved at a time, the size of a pipe.
pub(super) const STEP: usize = 64 * 1024;

/// Steps that empty any pipe: an unprivileged process can make one 1 MiB large.
pub(super) const PIPE_STEPS: usize = 1024 * 1024 / STEP + 1;

/// An output stream of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

/// One pipe and the start it belongs to.
#[derive(Debug)]
pub(super) struct Transfer {
    serial: u64,
    kind: Kind,
    done: bool,
}

#[derive(Debug)]
enum Kind {
    Input(Input),
    Output { pipe: File, stream: Stream },
}

/// The result of a step.
#[derive(Debug, Default)]
pub(super) struct StreamProgress {
    /// Bytes of output that were kept.
    pub(super) kept: usize,
    /// Bytes of input whose memory is free once the transfer is dropped.
    pub(super) released: usize,
    /// True if the pipe was ready, so that another step may be worth it.
    pub(super) moved: bool,
}

impl Transfer {
    pub(super) fn input(serial: u64, input: Input) -> Self {
        Self {
            serial,
            kind: Kind::Input(input),
            done: false,
        }
    }

    pub(super) fn output(serial: u64, pipe: File, stream: Stream) -> Self {
        Self {
            serial,
            kind: Kind::Output { pipe, stream },
            done: false,
        }
    }

    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Returns true if nothing more will be transferred and the pipe can be closed.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    pub(super) fn is_output(&self) -> bool {
        matches!(self.kind, Kind::Output { .. })
    }

    /// Returns true if this is an open output stream of the program.
    pub(super) fn collects_for(&self, serial: u64) -> bool {
        self.serial == serial && self.is_output() && !self.done
    }

    pub(super) fn watched(&self) -> (BorrowedFd<'_>, PollFlags) {
        match &self.kind {
            Kind::Input(input) => (input.pipe.as_fd(), PollFlags::POLLOUT),
            Kind::Output { pipe, .. } => (pipe.as_fd(), PollFlags::POLLIN),
        }
    }

    /// Reads or writes once. Output goes through `buffer` to `keep`, which returns how much of it
    /// was kept.
    pub(super) fn step(
        &mut self,
        buffer: &mut [u8],
        keep: impl FnOnce(Stream, &[u8]) -> usize,
    ) -> StreamProgress {
        match &mut self.kind {
            Kind::Input(input) => {
                let progress = input.write();
                self.done = progress.done;
                StreamProgress {
                    released: progress.released,
                    ..StreamProgress::default()
                }
            }
            Kind::Output { pipe, stream } => {
                match pipe.read(buffer) {
                    Ok(0) => self.done = true,
                    Ok(read) => {
                        let kept = keep(*stream, &buffer[..read]);
                        return StreamProgress {
                            kept,
                            moved: true,
                            ..StreamProgress::default()
                        };
                    }
                    Err(error) if would_block(&error) => {}
                    Err(_) => self.done = true,
                }
                StreamProgress::default()
            }
        }
    }
}

/// Standard input for a program.
#[derive(Debug)]
pub(super) struct Input {
    pipe: File,
    data: Vec<u8>,
    written: usize,
}

/// The result of one attempt to write input.
pub(super) struct InputProgress {
    /// Bytes whose memory is free once the input is dropped: all, when it is done.
    pub(super) released: usize,
    /// All input was taken, or there is no reader for the rest.
    pub(super) done: bool,
}

impl Input {
    pub(super) fn new(pipe: File, data: Vec<u8>) -> Self {
        Self {
            pipe,
            data,
            written: 0,
        }
    }

    /// Writes as much as the pipe takes now. A program that ends without reading is not an error: the
    /// rest is dropped.
    pub(super) fn write(&mut self) -> InputProgress {
        while self.written < self.data.len() {
            match self.pipe.write(&self.data[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if would_block(&error) => {
                    return InputProgress {
                        released: 0,
                        done: false,
                    };
                }
                Err(_) => break,
            }
        }
        InputProgress {
            released: self.data.len(),
            done: true,
        }
    }
}
