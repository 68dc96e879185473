//! Messages from the editor, read by a thread of its own.

use std::collections::{HashSet, VecDeque};
use std::io::{BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use lsp_server::{Message, RequestId};
use serde_json::Value;

use super::frame::{self, Frame};

/// The number of messages that may wait; then the editor must wait.
const WAITING: usize = 256;

/// Messages in the order in which they came.
pub(super) struct Inbox {
    source: Receiver<Frame>,
    waiting: VecDeque<Frame>,
    /// Requests that wait and are not wanted any more.
    cancelled: HashSet<RequestId>,
}

impl Inbox {
    /// Starts to read.
    pub(super) fn open(input: impl Read + Send + 'static) -> Self {
        let (sender, source) = sync_channel(WAITING);
        thread::spawn(move || read(input, &sender));
        Self {
            source,
            waiting: VecDeque::new(),
            cancelled: HashSet::new(),
        }
    }

    /// Returns the next message; waits for one. None at the end.
    pub(super) fn next(&mut self) -> Option<Frame> {
        self.look();
        if self.waiting.is_empty() {
            let frame = self.source.recv().ok()?;
            self.add(frame);
            self.look();
        }
        self.waiting.pop_front()
    }

    /// Returns whether no message waits.
    pub(super) fn is_empty(&mut self) -> bool {
        self.look();
        self.waiting.is_empty()
    }

    /// Returns whether a request was taken back before it was answered. It is forgotten then.
    pub(super) fn is_cancelled(&mut self, id: &RequestId) -> bool {
        self.cancelled.remove(id)
    }

    /// Reads all received messages, because a later message may cancel a waiting request.
    fn look(&mut self) {
        while self.waiting.len() < WAITING {
            match self.source.try_recv() {
                Ok(frame) => self.add(frame),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn add(&mut self, frame: Frame) {
        if let Frame::Message(Message::Notification(note)) = &frame
            && note.method == "$/cancelRequest"
        {
            let id = match note.params.get("id") {
                Some(Value::String(id)) => Some(RequestId::from(id.clone())),
                Some(Value::Number(id)) => id
                    .as_i64()
                    .and_then(|id| i32::try_from(id).ok())
                    .map(RequestId::from),
                _ => None,
            };
            let waits = |id: &RequestId| {
                self.waiting.iter().any(|it| match it {
                    Frame::Message(Message::Request(request)) => request.id == *id,
                    _ => false,
                })
            };
            self.cancelled.extend(id.filter(waits));
            return;
        }
        self.waiting.push_back(frame);
    }
}

fn read(input: impl Read, sender: &SyncSender<Frame>) {
    let mut input = BufReader::new(input);
    // At the end, and where nothing more can be read, the channel closes.
    while let Ok(Some(frame)) = frame::read(&mut input) {
        if sender.send(frame).is_err() {
            return;
        }
    }
}
