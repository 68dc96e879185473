//! Replies and events received by a thread, for callers and subscribers in others.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

use super::deadline::Deadline;
use super::message_reader::{MessageReader, Received};
use super::subscription::Hub;
use super::transport::SplitTransport;
use crate::message::EventMessage;
use crate::wire::{Document, WireError};

/// Replies that wait for the caller. More than what can come in between when one call ends and the next begins.
const WAITING: usize = 4;

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
    /// A caller waits for a reply. Messages are handed over while it does, and dropped otherwise.
    expected: AtomicBool,
    /// A message is half received.
    cut: AtomicBool,
    /// The stream has ended.
    ended: AtomicBool,
}

/// The caller's end of a thread that reads.
pub(super) struct ReaderThread {
    shared: Arc<SharedReader>,
    arrived: Receiver<Arrived>,
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
                let end = read(&mut messages, &mut reader, &hub, &state, &sender);
                state.ended.store(true, Ordering::Release);
                hub.end(connection);
                // The caller may have gone.
                let _ = sender.send(end);
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
        self.shared.expected.store(expected, Ordering::Release);
        // This is about calls that were given up. The end of the stream is known without it.
        while self.arrived.try_recv().is_ok() {}
    }

    /// Waits for the next thing that is not an event.
    pub(super) fn receive(&mut self, deadline: Deadline) -> io::Result<Received> {
        let arrived = match deadline.left() {
            Some(left) => self.arrived.recv_timeout(left),
            None => self.arrived.recv().map_err(RecvTimeoutError::from),
        };
        match arrived {
            Ok(Arrived::Document(document)) => {
                self.document = document;
                Ok(Received::Document)
            }
            Ok(Arrived::Malformed(error)) => Ok(Received::Malformed(error)),
            Ok(Arrived::Failed(error)) => Err(error),
            Err(RecvTimeoutError::Timeout) => Ok(Received::TimedOut),
            Ok(Arrived::Closed) | Err(RecvTimeoutError::Disconnected) => Ok(Received::Closed),
        }
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

/// Reads to the end, which it returns.
fn read<T: SplitTransport>(
    messages: &mut MessageReader,
    reader: &mut T,
    hub: &Hub,
    shared: &SharedReader,
    sender: &SyncSender<Arrived>,
) -> Arrived {
    loop {
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
        // There is room, or the caller reads.
        if shared.expected.load(Ordering::Acquire) && sender.send(arrived).is_err() {
            return Arrived::Closed;
        }
    }
}
