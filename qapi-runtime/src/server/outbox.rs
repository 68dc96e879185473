//! Output on its way to a client.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::wire::Share;

/// With more output than this waiting, no further requests are run.
const MARK: usize = 256 << 10;

/// Buffers up to this size are kept.
const KEPT: usize = 64 << 10;

/// Output that waits to be written, from whoever has some, in its order.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// There is output, or there will be no more.
    filled: Notify,
    /// All output has been written.
    drained: Notify,
}

#[derive(Debug)]
struct State {
    bytes: Vec<u8>,
    is_closed: bool,
    /// Memory of the output.
    share: Share,
}

impl Outbox {
    /// An empty outbox whose memory comes out of `share`.
    pub(super) fn new(share: Share) -> Self {
        Self {
            state: Mutex::new(State {
                bytes: Vec::new(),
                is_closed: false,
                share,
            }),
            filled: Notify::new(),
            drained: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends output, and waits while there is too much.
    pub(super) async fn push(&self, output: &[u8]) {
        if output.is_empty() {
            return;
        }
        if self.append(output) > MARK {
            self.wait_for_room().await;
        }
    }

    /// Appends output, and returns the bytes that now wait.
    fn append(&self, output: &[u8]) -> usize {
        let mut state = self.state();
        let was_empty = state.bytes.is_empty();
        state.bytes.extend_from_slice(output);
        let (length, held) = (state.bytes.len(), state.bytes.capacity());
        state.share.set(held);
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
        length
    }

    /// Takes what waits, for an empty buffer. True if there will be no more.
    fn swap(&self, buffer: &mut Vec<u8>) -> bool {
        let mut state = self.state();
        std::mem::swap(&mut state.bytes, buffer);
        state.is_closed
    }

    /// Counts the memory again when what was taken has been written.
    fn settle(&self) {
        let mut state = self.state();
        let held = state.bytes.capacity();
        state.share.set(held);
    }

    async fn wait_for_room(&self) {
        loop {
            let mut drained = pin!(self.drained.notified());
            drained.as_mut().enable();
            if self.state().bytes.len() <= MARK {
                return;
            }
            drained.await;
        }
    }

    /// There will be no more output.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_one();
    }

    /// Writes all output until the outbox is closed.
    ///
    /// # Errors
    /// The stream failed, or the client takes nothing for `patience`.
    pub(super) async fn write_to(
        &self,
        mut writer: impl AsyncWrite + Unpin,
        patience: Option<Duration>,
    ) -> io::Result<()> {
        let mut chunk = Vec::new();
        loop {
            let is_closed = self.swap(&mut chunk);
            if chunk.is_empty() {
                if is_closed {
                    return Ok(());
                }
                self.filled.notified().await;
                continue;
            }
            let mut rest = chunk.as_slice();
            while !rest.is_empty() {
                let written = within(patience, writer.write(rest)).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                rest = &rest[written..];
            }
            within(patience, writer.flush()).await?;
            chunk.clear();
            if chunk.capacity() > KEPT {
                chunk = Vec::new();
            }
            self.settle();
            self.drained.notify_waiters();
        }
    }
}

/// Waits for a write to get on.
async fn within<T>(
    patience: Option<Duration>,
    write: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    match patience {
        None => write.await,
        Some(patience) => match timeout(patience, write).await {
            Ok(result) => result,
            Err(_) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client does not read what is sent to it",
            )),
        },
    }
}
