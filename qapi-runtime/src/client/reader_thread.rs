//! Replies and events received by a thread, for callers and subscribers in others.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::deadline::Deadline;
use super::message_reader::{MessageReader, Received};
use super::subscription::Hub;
use super::transport::{SplitTransport, Transport};
use crate::message::EventMessage;
use crate::wire::{Document, WireError};

/// Replies that wait for the caller. More than what can come in between when one call ends and the next begins.
const WAITING: usize = 4;

/// Something that the thread has for the caller.
#[derive(Debug)]
struct DatedArrival {
    /// The [phase](SharedReader::phase) in which its end was read.
    phase: u64,
    arrived: Arrived,
}

/// A message from the thread to the caller.
#[derive(Debug)]
enum Arrived {
    Document(Document),
    Malformed(WireError),
    Closed,
    Failed(io::Error),
}

/// State that caller and thread share.
#[derive(Debug, Default)]
struct SharedReader {
    /// Odd while a caller waits for a reply, and even otherwise. A message is handed over if its end was read in the phase
    /// that goes on, and if that is an odd one: what was read before is no reply to this call.
    phase: AtomicU64,
    /// A message is half received.
    cut: AtomicBool,
    /// The stream has ended.
    ended: AtomicBool,
}

/// The caller's end of a thread that reads.
pub(super) struct ReaderThread {
    shared: Arc<SharedReader>,
    arrived: Receiver<DatedArrival>,
    /// The last message received.
    document: Document,
    /// Ends the connection, and with it the thread.
    close: Box<dyn Fn() + Send>,
}

impl ReaderThread {
    /// Starts to read.
    ///
    /// # Errors
    /// The system could not create a thread or another handle on the transport.
    pub(super) fn start<T: SplitTransport>(
        mut messages: MessageReader,
        mut reader: T,
        hub: Arc<Hub>,
    ) -> io::Result<Self> {
        let closer = reader.try_clone()?;
        let shared = Arc::new(SharedReader::default());
        let (sender, arrived) = sync_channel(WAITING);
        let state = Arc::clone(&shared);
        let connection = hub.begin();
        thread::Builder::new()
            .name("qapi events".to_owned())
            .spawn(move || {
                let mut reader = DatedReads {
                    inner: &mut reader,
                    shared: &state,
                    phase: 0,
                };
                let arrived = read(&mut messages, &mut reader, &hub, &sender);
                state.ended.store(true, Ordering::Release);
                hub.end(connection);
                let phase = reader.phase;
                // The caller may have gone.
                let _ = sender.send(DatedArrival { phase, arrived });
            })?;
        Ok(Self {
            shared,
            arrived,
            document: Document::empty().clone(),
            close: Box::new(move || {
                // Then it has ended in another way.
                let _ = closer.shutdown();
            }),
        })
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    /// Gives up the last message received.
    pub(super) fn release(&mut self) {
        self.document = Document::empty().clone();
    }

    pub(super) fn is_cut(&self) -> bool {
        self.shared.cut.load(Ordering::Acquire)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Replies are wanted from now on, or not.
    pub(super) fn expect(&mut self, expected: bool) {
        let phase = self.phase();
        if is_wait(phase) != expected {
            self.shared.phase.store(phase + 1, Ordering::Release);
        }
        // This is about calls that were given up. The end of the stream is known without it.
        while self.arrived.try_recv().is_ok() {}
    }

    /// Waits for the next thing that is not an event.
    pub(super) fn receive(&mut self, deadline: Deadline) -> io::Result<Received> {
        loop {
            let arrival = match deadline.left() {
                Some(left) => self.arrived.recv_timeout(left),
                None => self.arrived.recv().map_err(RecvTimeoutError::from),
            };
            let arrival = match arrival {
                Ok(arrival) => arrival,
                Err(RecvTimeoutError::Timeout) => return Ok(Received::TimedOut),
                Err(RecvTimeoutError::Disconnected) => return Ok(Received::Closed),
            };
            let is_old = arrival.phase != self.phase();
            match arrival.arrived {
                Arrived::Closed => return Ok(Received::Closed),
                Arrived::Failed(error) => return Err(error),
                Arrived::Document(_) | Arrived::Malformed(_) if is_old => {}
                Arrived::Malformed(error) => return Ok(Received::Malformed(error)),
                Arrived::Document(document) => {
                    self.document = document;
                    return Ok(Received::Document);
                }
            }
        }
    }

    fn phase(&self) -> u64 {
        self.shared.phase.load(Ordering::Acquire)
    }
}

impl Drop for ReaderThread {
    fn drop(&mut self) {
        (self.close)();
    }
}

impl fmt::Debug for ReaderThread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReaderThread")
            .field("shared", &self.shared)
            .finish_non_exhaustive()
    }
}

/// Returns true if a caller waits in this phase.
fn is_wait(phase: u64) -> bool {
    phase % 2 == 1
}

/// A transport that is read from, with the phase in which the last bytes were there.
struct DatedReads<'t, T> {
    inner: &'t mut T,
    shared: &'t SharedReader,
    phase: u64,
}

impl<T: Transport> Read for DatedReads<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        self.phase = self.shared.phase.load(Ordering::Acquire);
        result
    }
}

impl<T: Transport> Write for DatedReads<'_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Transport> Transport for DatedReads<'_, T> {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.inner.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.inner.set_write_timeout(timeout)
    }
}

/// Reads to the end, which it returns.
fn read<T: Transport>(
    messages: &mut MessageReader,
    reader: &mut DatedReads<'_, T>,
    hub: &Hub,
    sender: &SyncSender<DatedArrival>,
) -> Arrived {
    loop {
        let shared = reader.shared;
        shared.cut.store(messages.is_cut(), Ordering::Release);
        let arrived = match messages.receive(reader, Deadline::after(None)) {
            Ok(Received::TimedOut | Received::Sentinel) => continue,
            Ok(Received::Closed) => return Arrived::Closed,
            Err(error) => return Arrived::Failed(error),
            Ok(Received::Malformed(error)) => Arrived::Malformed(error),
            Ok(Received::Document) => {
                let document = messages.take_document();
                match EventMessage::from_message(document) {
                    Ok(event) => {
                        hub.publish(&event);
                        continue;
                    }
                    Err(document) => Arrived::Document(document),
                }
            }
        };
        let phase = reader.phase;
        let is_awaited = is_wait(phase) && phase == shared.phase.load(Ordering::Acquire);
        // There is room, or the caller reads.
        if is_awaited && sender.send(DatedArrival { phase, arrived }).is_err() {
            return Arrived::Closed;
        }
    }
}
