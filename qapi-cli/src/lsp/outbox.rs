//! Messages to the editor, written by a separate thread, so that an editor that reads slowly, or not at all, stops
//! nothing else.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use lsp_server::{Message, Notification, RequestId};

use super::frame::{self, Answer};

/// Bytes that wait to be written; then the server waits for the editor.
const WAITING: usize = 64 << 20;

/// Time that an editor has for the last messages.
const PATIENCE: Duration = Duration::from_secs(2);

/// Messages in the order in which they are sent.
#[derive(Clone)]
pub(super) struct Outbox(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<Waiting>,
    bytes: usize,
    /// No more messages will come, or the editor has closed its end.
    closed: bool,
    /// Everything is written, or cannot be.
    finished: bool,
}

struct Waiting {
    text: Vec<u8>,
    /// The file whose diagnostics these are: newer ones replace them.
    subject: Option<String>,
}

impl Outbox {
    /// Starts to write.
    pub(super) fn open(output: impl Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
        });
        let writer = Self(shared.clone());
        thread::spawn(move || writer.write(output));
        Self(shared)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic while the queue is held leaves it as it should be.
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'g>(&self, queue: MutexGuard<'g, Queue>) -> MutexGuard<'g, Queue> {
        let waited = self.0.changed.wait(queue);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message. Waits while too much is unread.
    pub(super) fn send(&self, message: &Message) {
        self.add_message(message, None);
    }

    /// Sends the answer to a request. Waits while too much is unread.
    pub(super) fn respond(&self, id: &RequestId, answer: &Answer) {
        if let Ok(text) = frame::response(id, answer) {
            self.add(text, None);
        }
    }

    /// Sends diagnostics of a file, in place of those that wait.
    pub(super) fn publish(&self, uri: &str, note: Notification) {
        self.add_message(&Message::Notification(note), Some(uri.to_owned()));
    }

    fn add_message(&self, message: &Message, subject: Option<String>) {
        let mut text = Vec::new();
        if message.write(&mut text).is_ok() {
            self.add(text, subject);
        }
    }

    fn add(&self, text: Vec<u8>, subject: Option<String>) {
        let mut queue = self.lock();
        if subject.is_some() {
            let same = queue.messages.iter().position(|it| it.subject == subject);
            if let Some(old) = same.and_then(|at| queue.messages.remove(at)) {
                queue.bytes -= old.text.len();
            }
        }
        while queue.bytes > WAITING && !queue.closed {
            queue = self.wait(queue);
        }
        queue.bytes += text.len();
        queue.messages.push_back(Waiting { text, subject });
        self.0.changed.notify_all();
    }

    /// Returns true if the editor has closed its end.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Ends the output, when the last messages are written or the editor does not seem to read them.
    pub(super) fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        self.0.changed.notify_all();
        let _ = self
            .0
            .changed
            .wait_timeout_while(queue, PATIENCE, |queue| !queue.finished);
    }

    fn write(&self, mut output: impl Write) {
        while let Some(text) = self.next() {
            if output
                .write_all(&text)
                .and_then(|()| output.flush())
                .is_err()
            {
                break;
            }
        }
        let mut queue = self.lock();
        (queue.closed, queue.finished) = (true, true);
        queue.messages.clear();
        queue.bytes = 0;
        self.0.changed.notify_all();
    }

    /// Returns the next message; none at the end.
    fn next(&self) -> Option<Vec<u8>> {
        let mut queue = self.lock();
        loop {
            if let Some(Waiting { text, .. }) = queue.messages.pop_front() {
                queue.bytes -= text.len();
                self.0.changed.notify_all();
                return Some(text);
            }
            if queue.closed {
                return None;
            }
            queue = self.wait(queue);
        }
    }
}
