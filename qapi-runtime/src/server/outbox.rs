//! Output for a client.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "tokio")]
pub(super) mod asynchronous;

#[cfg(feature = "tokio")]
use tokio::sync::Notify;

use crate::wire::Share;

/// With more output than this waiting, no further requests are run.
const MARK: usize = 256 << 10;

/// With more output than this waiting, a client that is sent an event has stopped reading.
const EVENT_MARK: usize = 1 << 20;

/// Buffers up to this size are kept.
const KEPT: usize = 64 << 10;

/// Waiting output from several threads, in order.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<OutboxState>,
    /// There is output without a writer, all has been written, or there will be no more.
    changed: Condvar,
    /// There is output, or there will be no more.
    #[cfg(feature = "tokio")]
    filled: Notify,
    /// All output has been written.
    #[cfg(feature = "tokio")]
    drained: Notify,
}

#[derive(Debug)]
struct OutboxState {
    bytes: Vec<u8>,
    is_closed: bool,
    /// Nothing can be written any more.
    is_broken: bool,
    /// A thread is writing.
    is_writing: bool,
    /// Memory of the output.
    share: Share,
}

impl Outbox {
    /// Creates an empty outbox whose memory comes out of `share`.
    pub(super) fn new(share: Share) -> Self {
        Self {
            state: Mutex::new(OutboxState {
                bytes: Vec::new(),
                is_closed: false,
                is_broken: false,
                is_writing: false,
                share,
            }),
            changed: Condvar::new(),
            #[cfg(feature = "tokio")]
            filled: Notify::new(),
            #[cfg(feature = "tokio")]
            drained: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, OutboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, OutboxState>) -> MutexGuard<'s, OutboxState> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event. False if the client does not read: then nothing is written any more.
    pub(super) fn append_event(&self, line: &[u8]) -> bool {
        let mut state = self.state();
        if state.bytes.len() + line.len() > EVENT_MARK {
            state.is_broken = true;
        }
        if state.is_broken {
            drop(state);
            self.wake();
            return false;
        }
        let is_first = state.append(line) && !state.is_writing;
        drop(state);
        if is_first {
            self.wake();
        }
        true
    }

    /// Appends output for others to write.
    pub(super) fn append(&self, output: &[u8]) {
        self.state().append(output);
        self.wake();
    }

    fn wake(&self) {
        self.changed.notify_all();
        #[cfg(feature = "tokio")]
        self.filled.notify_one();
    }

    /// There will be no more output.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.wake();
    }

    /// Writes output, and all waiting output, unless another thread is writing already; then waits while there is too
    /// much.
    ///
    /// # Errors
    /// Nothing can be written any more.
    pub(super) fn write(&self, output: &[u8], stream: &mut impl Write) -> io::Result<()> {
        let mut state = self.state();
        state.append(output);
        while state.is_writing && !state.is_broken && state.bytes.len() > MARK {
            state = self.wait(state);
        }
        if state.is_writing {
            return state.check();
        }
        self.drain(state, stream)
    }

    /// Writes what others append, until the outbox is closed.
    ///
    /// # Errors
    /// Nothing can be written any more.
    pub(super) fn write_all(&self, stream: &mut impl Write) -> io::Result<()> {
        loop {
            let mut state = self.state();
            while state.is_writing || (state.bytes.is_empty() && !state.is_over()) {
                state = self.wait(state);
            }
            let is_over = state.is_over();
            self.drain(state, stream)?;
            if is_over {
                return Ok(());
            }
        }
    }

    fn drain<'s>(
        &'s self,
        mut state: MutexGuard<'s, OutboxState>,
        stream: &mut impl Write,
    ) -> io::Result<()> {
        state.is_writing = true;
        let mut chunk = Vec::new();
        let result = loop {
            if let Err(error) = state.check() {
                break Err(error);
            }
            if state.bytes.is_empty() {
                break Ok(());
            }
            std::mem::swap(&mut state.bytes, &mut chunk);
            drop(state);
            let written = stream.write_all(&chunk).and_then(|()| stream.flush());
            chunk.clear();
            if chunk.capacity() > KEPT {
                chunk = Vec::new();
            }
            state = self.state();
            if let Err(error) = written {
                state.is_broken = true;
                break Err(error);
            }
        };
        if state.bytes.capacity() < chunk.capacity() && state.bytes.is_empty() {
            state.bytes = chunk;
        }
        state.settle();
        state.is_writing = false;
        drop(state);
        self.changed.notify_all();
        result
    }
}

impl OutboxState {
    /// Appends output, and returns whether it is the first that waits.
    fn append(&mut self, output: &[u8]) -> bool {
        let is_first = self.bytes.is_empty();
        self.bytes.extend_from_slice(output);
        self.settle();
        is_first
    }

    /// Counts the memory.
    fn settle(&mut self) {
        let held = self.bytes.capacity();
        self.share.set(held);
    }

    fn is_over(&self) -> bool {
        self.is_closed || self.is_broken
    }

    fn check(&self) -> io::Result<()> {
        if self.is_broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}
