//! A stream inside the process.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::Transport;
use crate::server::{ClientStream, ShutDown};

/// Bytes that are under way before writing blocks.
const ROOM: usize = 256 << 10;

/// One end of a stream whose other end is in the same process, with time-outs as a socket has them.
#[derive(Debug)]
pub struct Duplex {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
    read_timeout: Mutex<Option<Duration>>,
    write_timeout: Mutex<Option<Duration>>,
}

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    state: Mutex<PipeState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct PipeState {
    bytes: VecDeque<u8>,
    is_closed: bool,
}

impl Duplex {
    /// Creates both ends of a stream.
    pub fn pair() -> (Self, Self) {
        let (one, other) = (Arc::<Pipe>::default(), Arc::<Pipe>::default());
        let end = |incoming: &Arc<Pipe>, outgoing: &Arc<Pipe>| Self {
            incoming: Arc::clone(incoming),
            outgoing: Arc::clone(outgoing),
            read_timeout: Mutex::default(),
            write_timeout: Mutex::default(),
        };
        (end(&one, &other), end(&other, &one))
    }

    /// Returns the function that closes a direction, or both.
    pub(super) fn handle(&self) -> impl Fn(Shutdown) + Send + use<> {
        let (incoming, outgoing) = (Arc::clone(&self.incoming), Arc::clone(&self.outgoing));
        move |how| {
            if how != Shutdown::Write {
                incoming.close();
            }
            if how != Shutdown::Read {
                outgoing.close();
            }
        }
    }

    /// Limits the time a read blocks.
    pub(super) fn limit_reads(&self, timeout: Option<Duration>) {
        *lock(&self.read_timeout) = timeout;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pipe {
    fn close(&self) {
        lock(&self.state).is_closed = true;
        self.changed.notify_all();
    }

    /// Waits until `is_ready`, at most so long.
    fn wait(
        &self,
        timeout: Option<Duration>,
        is_ready: impl Fn(&PipeState) -> bool,
    ) -> io::Result<MutexGuard<'_, PipeState>> {
        let deadline = timeout.map(|timeout| Instant::now() + timeout);
        let mut state = lock(&self.state);
        while !is_ready(&state) {
            let Some(deadline) = deadline else {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(state)
    }
}

impl Read for &Duplex {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let timeout = *lock(&self.read_timeout);
        let is_ready = |state: &PipeState| !state.bytes.is_empty() || state.is_closed;
        let mut state = self.incoming.wait(timeout, is_ready)?;
        let length = state.bytes.read(buffer)?;
        drop(state);
        self.incoming.changed.notify_all();
        Ok(length)
    }
}

impl Write for &Duplex {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let timeout = *lock(&self.write_timeout);
        let is_ready = |state: &PipeState| state.bytes.len() < ROOM || state.is_closed;
        let mut state = self.outgoing.wait(timeout, is_ready)?;
        if state.is_closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let length = bytes.len().min(ROOM - state.bytes.len());
        state.bytes.extend(&bytes[..length]);
        drop(state);
        self.outgoing.changed.notify_all();
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Duplex {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Write for Duplex {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Duplex {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.limit_reads(timeout);
        Ok(())
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        *lock(&self.write_timeout) = timeout;
        Ok(())
    }
}

impl ClientStream for Duplex {
    fn shut_down(&self) -> io::Result<ShutDown> {
        Ok(Box::new(self.handle()))
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.limit_reads(timeout);
        Ok(())
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        *lock(&self.write_timeout) = timeout;
        Ok(())
    }
}

impl Drop for Duplex {
    fn drop(&mut self) {
        self.incoming.close();
        self.outgoing.close();
    }
}
