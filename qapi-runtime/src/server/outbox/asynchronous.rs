//! Output for a client, on tokio.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{KEPT, MARK, Outbox};

impl Outbox {
    /// Appends output, and waits while there is too much.
    pub(in crate::server) async fn push(&self, output: &[u8]) {
        if output.is_empty() {
            return;
        }
        let (is_first, length) = {
            let mut state = self.state();
            (state.append(output), state.bytes.len())
        };
        if is_first {
            self.filled.notify_one();
        }
        if length > MARK {
            self.wait_for_room().await;
        }
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

    /// Takes what waits, for an empty buffer. True if there will be no more.
    fn swap(&self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let mut state = self.state();
        state.check()?;
        std::mem::swap(&mut state.bytes, buffer);
        Ok(state.is_closed)
    }

    /// Writes all output until the outbox is closed.
    ///
    /// # Errors
    /// The stream failed, or the client takes nothing for `patience`.
    pub(in crate::server) async fn write_to(
        &self,
        mut writer: impl AsyncWrite + Unpin,
        patience: Option<Duration>,
    ) -> io::Result<()> {
        let mut chunk = Vec::new();
        loop {
            let is_closed = self.swap(&mut chunk)?;
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
            self.state().settle();
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
