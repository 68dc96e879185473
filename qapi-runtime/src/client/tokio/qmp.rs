//! The conversation with a QMP server: replies may arrive in another order than their requests.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::request::{NoReply, QueuedRequest, Requests};
use crate::channel::{Arrival, Channel, First, Reader, WriteEnd, race};
use crate::client::attached::AttachedDescriptors;
use crate::client::call_errors::{closed, failed, malformed, no_reply};
use crate::client::handshake::{NEGOTIATION, Negotiation};
use crate::client::reply_matching::{is_echo_of, number_of};
use crate::client::request_id::start_of_count;
use crate::client::subscription::Hub;
use crate::client::{ClientError, ClientErrorKind, Options};
use crate::message::{self, Error, EventMessage, Incoming};
use crate::read::Value;
use crate::wire::Document;

/// Requests are put together in one write up to this size.
const BATCH: usize = 64 << 10;

/// The number of unanswered requests above which those without a waiting caller are forgotten, because callers that
/// gave up have made room for others.
const MANY: usize = 2048;

/// Reads the greeting and leaves negotiation.
pub(super) async fn negotiate<S: AsyncRead + AsyncWrite>(
    channel: &mut Channel<S>,
    options: &Options,
    events: &Hub,
) -> Result<Negotiation, ClientError> {
    let Channel { reader, writer } = channel;
    let request_id = start_of_count();
    let is_ours = |echo: Value<'_>| is_echo_of(request_id, echo);
    let greeting = next_but_events(reader, options, events).await?;
    let negotiation = Negotiation::new(greeting, options.out_of_band)?;
    let text = message::unsealed(NEGOTIATION, false, &negotiation.arguments());
    let mut text = text.expect("the arguments are strings");
    message::seal(&mut text, Some(request_id));
    let written = write(writer, &text).await;
    written.map_err(|error| failed(NEGOTIATION, error))?;
    loop {
        match Incoming::new(next_but_events(reader, options, events).await?) {
            // The request has no successor yet, so that a server which sends no `id` back answers this one.
            Incoming::Return { id, .. } if id.is_none_or(is_ours) => return Ok(negotiation),
            Incoming::Error { error, id } if id.is_none_or(is_ours) => {
                return Err(ClientError::new(
                    NEGOTIATION,
                    ClientErrorKind::Command(error),
                ));
            }
            _ => {}
        }
    }
}

/// Waits for the negotiation's next message. Events may come before the greeting, and are kept.
async fn next_but_events<'r, S: AsyncRead>(
    reader: &'r mut Reader<S>,
    options: &Options,
    events: &Hub,
) -> Result<&'r Document, ClientError> {
    loop {
        let arrival = reader.next().await;
        match arrival.map_err(|error| failed(NEGOTIATION, error))? {
            Arrival::Document => {}
            Arrival::Malformed(error) => {
                return Err(malformed(NEGOTIATION, &error, options.reply_limit));
            }
            Arrival::Closed => return Err(closed(NEGOTIATION)),
        }
        match Incoming::new(reader.document()) {
            Incoming::Event { .. } => note_event(reader.take_document(), events),
            _ => return Ok(reader.document()),
        }
    }
}

fn note_event(message: Document, events: &Hub) {
    if let Ok(event) = EventMessage::from_message(message) {
        events.publish(&event);
    }
}

/// Carries requests and replies until the connection fails, which it returns. Calls under way then fail.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Send>(
    channel: &mut Channel<S>,
    requests: &mut Requests,
    events: &Hub,
) -> io::Error {
    let pending = PendingCalls::default();
    let write = write_requests(&mut channel.writer, requests, &pending);
    let read = read_replies(&mut channel.reader, &pending, events);
    // Reading comes first, so that replies which came before the failure are handed out.
    let (First::One(error) | First::Other(error)) = race(read, write).await;
    pending.fail_all(&error);
    error
}

/// Writes requests as they come; returns why it could not.
async fn write_requests<S: AsyncRead + AsyncWrite>(
    writer: &mut WriteEnd<S>,
    requests: &mut Requests,
    pending: &PendingCalls,
) -> io::Error {
    let mut text = Vec::new();
    let mut sent = Vec::new();
    loop {
        let request = requests.next().await;
        // A request with descriptors is sent alone, because they belong to its first byte.
        let attached = request.attached.clone();
        sent.extend(pending.take_off(request, &mut text));
        while attached.is_empty() && text.len() < BATCH {
            match requests.try_next_if(|request| request.attached.is_empty()) {
                Some(request) => sent.extend(pending.take_off(request, &mut text)),
                None => break,
            }
        }
        let written = if attached.is_empty() {
            write(writer, &text).await
        } else {
            write_with(writer, &text, &attached).await
        };
        if let Err(error) = written {
            return error;
        }
        for sent in sent.drain(..) {
            // The caller may have gone.
            let _ = sent.send(());
        }
        text.clear();
        text.shrink_to(BATCH);
    }
}

async fn write<S: AsyncRead + AsyncWrite>(writer: &mut WriteEnd<S>, text: &[u8]) -> io::Result<()> {
    writer.write_all(text).await?;
    writer.flush().await
}

/// Writes a request with the descriptors that go with it.
async fn write_with<S: AsyncRead + AsyncWrite>(
    writer: &mut WriteEnd<S>,
    text: &[u8],
    attached: &AttachedDescriptors,
) -> io::Result<()> {
    #[cfg(all(unix, feature = "descriptors"))]
    writer.write_with(text, attached.owned()).await?;
    let _ = (text, attached);
    writer.flush().await
}

/// Hands replies and events out as they come; returns why there are no more.
async fn read_replies<S: AsyncRead>(
    reader: &mut Reader<S>,
    pending: &PendingCalls,
    events: &Hub,
) -> io::Error {
    loop {
        match reader.next().await {
            Ok(Arrival::Document) => hand_out(reader.take_document(), pending, events),
            Ok(Arrival::Malformed(error)) => {
                pending.answer_oldest(Err(NoReply::Malformed(error)));
            }
            Ok(Arrival::Closed) => return io::ErrorKind::UnexpectedEof.into(),
            Err(error) => return error,
        }
    }
}

fn hand_out(message: Document, pending: &PendingCalls, events: &Hub) {
    match Incoming::new(&message) {
        Incoming::Return { id: Some(id), .. } | Incoming::Error { id: Some(id), .. } => {
            if let Some(id) = number_of(id) {
                pending.answer(id, message);
            }
        }
        // The server could not read a request, not even its `id`.
        Incoming::Error { id: None, .. } => pending.answer_oldest(Ok(message)),
        Incoming::Event { .. } => note_event(message, events),
        Incoming::Other(kind) => {
            pending.answer_oldest(Err(NoReply::Protocol(no_reply(kind).into())));
        }
        Incoming::Return { id: None, .. } | Incoming::Greeting(_) => {}
    }
}

/// The requests that are sent and not answered, in the order in which they were sent.
#[derive(Debug, Default)]
struct PendingCalls(Mutex<PendingCallTable>);

#[derive(Debug)]
struct PendingCallTable {
    last_id: u64,
    waiting: BTreeMap<u64, AwaitedReply>,
    /// The number of requests at which to remove those without a waiting caller.
    look_at: usize,
}

impl Default for PendingCallTable {
    fn default() -> Self {
        Self {
            last_id: start_of_count(),
            waiting: BTreeMap::new(),
            look_at: MANY,
        }
    }
}

/// An unanswered request. It may remain here for a while after its caller has given up.
#[derive(Debug)]
struct AwaitedReply {
    reply: oneshot::Sender<Result<Document, NoReply>>,
    out_of_band: bool,
}

impl PendingCalls {
    fn table(&self) -> MutexGuard<'_, PendingCallTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a request to `text`, and awaits its reply from now on; and the receiver of the news that it was sent.
    fn take_off(&self, request: QueuedRequest, text: &mut Vec<u8>) -> Option<oneshot::Sender<()>> {
        let mut table = self.table();
        table.last_id += 1;
        let id = table.last_id;
        text.extend_from_slice(&request.text);
        message::seal(text, Some(id));
        let waiting = AwaitedReply {
            reply: request.reply,
            out_of_band: request.out_of_band,
        };
        table.waiting.insert(id, waiting);
        if table.waiting.len() >= table.look_at {
            table
                .waiting
                .retain(|_, waiting| !waiting.reply.is_closed());
            table.look_at = MANY.max(table.waiting.len() * 2);
        }
        request.sent
    }

    /// Hands a reply to its call, if that still waits.
    fn answer(&self, id: u64, message: Document) {
        let waiting = self.table().waiting.remove(&id);
        if let Some(waiting) = waiting {
            let _ = waiting.reply.send(Ok(message));
        }
    }

    /// Answers the oldest request with something that does not say what it answers. A server answers in order, except
    /// out-of-band requests.
    fn answer_oldest(&self, answer: Result<Document, NoReply>) {
        let mut table = self.table();
        let oldest = table
            .waiting
            .iter()
            .find(|(_, waiting)| !waiting.out_of_band);
        let Some(id) = oldest
            .or(table.waiting.first_key_value())
            .map(|(&id, _)| id)
        else {
            return;
        };
        if let Some(waiting) = table.waiting.remove(&id) {
            let _ = waiting.reply.send(answer);
        }
    }

    fn fail_all(&self, error: &io::Error) {
        let waiting = std::mem::take(&mut self.table().waiting);
        for waiting in waiting.into_values() {
            let _ = waiting.reply.send(Err(NoReply::again(error)));
        }
    }
}

/// Returns the reply in a message that [`converse`] handed out.
pub(super) fn failure_in(message: &Document) -> Option<Error> {
    match Incoming::new(message) {
        Incoming::Error { error, .. } => Some(error),
        _ => None,
    }
}
