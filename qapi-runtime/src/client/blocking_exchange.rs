//! The exchange of requests and replies by a blocking client.

use std::io;
use std::sync::Arc;

use super::attached::AttachedDescriptors;
use super::call_errors::{closed, failed, malformed, protocol, timed_out, unwritable};
use super::connection::{Connection, SendError, Sent};
use super::deadline::Deadline;
use super::error::{ClientError, ClientErrorKind};
use super::guest_sync::{Link, Synced, synchronise};
use super::handshake::{
    NEGOTIATION, Negotiation, SYNCHRONISATION, ServerKind, no_greeting, no_greeting_in_time,
};
use super::message_reader::Received;
use super::options::Options;
use super::reply_matching::MessageMeaning;
use super::reply_matching::decode_reply;
use super::request_id::start_of_count;
use super::subscription::Hub;
use super::trace;
use super::transport::Transport;
use crate::message::{self, EventMessage, Incoming};
use crate::read::Decode;
use crate::wire::SENTINEL;
use crate::write::{EncodeMembers, Writer};

/// A connection and the state of its peer.
#[derive(Debug)]
pub(super) struct BlockingExchange<T> {
    pub(super) connection: Connection<T>,
    pub(super) options: Options,
    pub(super) protocol: Protocol,
    /// The subscribers to events.
    pub(super) hub: Arc<Hub>,
    /// Makes a thread read, if that is wanted.
    pub(super) read_apart: Option<ReadApart<T>>,
    /// The connection's name for errors.
    pub(super) name: Box<str>,
    /// The connection was closed or has failed.
    pub(super) lost: bool,
    /// The loss was noticed before any byte of the last request was sent.
    pub(super) unsent: bool,
    request: Vec<u8>,
}

/// Makes a thread read from a connection.
pub(super) type ReadApart<T> = fn(&mut Connection<T>, &Arc<Hub>) -> io::Result<()>;

/// The protocol, with the state of the conversation.
#[derive(Debug)]
pub(super) enum Protocol {
    Guest(Link),
    Qmp(QmpConversation),
}

impl Protocol {
    /// Returns the kind of server that speaks it.
    pub(super) fn server(&self) -> ServerKind {
        match self {
            Self::Guest(_) => ServerKind::Guest,
            Self::Qmp(_) => ServerKind::Qmp,
        }
    }
}

/// A conversation with a QMP server.
#[derive(Debug)]
pub(super) struct QmpConversation {
    /// The `id` of the last request.
    last_id: u64,
    pub(super) negotiation: Negotiation,
    /// A request was sent in part: the next one must flush the server's parser.
    cut_request: bool,
    /// A call was given up: the received part of its reply must not be taken for another message.
    given_up: bool,
    /// Complaints about cut requests that are still to come. They carry no `id`.
    complaints: usize,
}

impl QmpConversation {
    /// Returns a conversation that has not begun.
    pub(super) fn new() -> Self {
        Self {
            last_id: start_of_count(),
            negotiation: Negotiation::default(),
            cut_request: false,
            given_up: false,
            complaints: 0,
        }
    }
}

/// A call without its types.
pub(super) struct UntypedCall<'a> {
    pub(super) name: &'a str,
    pub(super) out_of_band: bool,
    pub(super) success_response: bool,
    pub(super) arguments: &'a dyn EncodeMembers,
    pub(super) attached: &'a AttachedDescriptors,
}

/// The end of a call that did not fail.
#[derive(PartialEq, Eq)]
pub(super) enum CallEnd {
    /// The connection's document is the reply.
    Reply,
    /// There is no reply, and none was expected.
    Silence,
}

impl<T: Transport> BlockingExchange<T> {
    pub(super) fn new(transport: T, options: Options, protocol: Protocol) -> Self {
        let server = protocol.server().name();
        let name = options.connection_name(server, transport.peer_name().as_deref());
        let connection = Connection::new(transport, options.limits());
        let hub = Hub::new(options.event_limit, &name);
        Self {
            connection,
            options,
            protocol,
            hub,
            read_apart: None,
            name,
            lost: false,
            unsent: false,
            request: Vec::new(),
        }
    }

    /// Goes on with another transport, as if it were the first.
    pub(super) fn renew(&mut self, transport: T) {
        self.connection = Connection::new(transport, self.options.limits());
        (self.lost, self.unsent) = (false, false);
        match &mut self.protocol {
            Protocol::Guest(link) => *link = Link::default(),
            Protocol::Qmp(qmp) => {
                (qmp.cut_request, qmp.complaints) = (false, 0);
            }
        }
    }

    /// Begins the conversation on a fresh connection.
    pub(super) fn open(&mut self, deadline: Deadline) -> Result<(), ClientError> {
        self.begin(deadline)?;
        trace::connected(&self.name);
        Ok(())
    }

    fn begin(&mut self, deadline: Deadline) -> Result<(), ClientError> {
        if let Protocol::Guest(_) = self.protocol {
            return self.synchronise(SYNCHRONISATION, deadline);
        }
        let negotiation = self.greet(deadline)?;
        let call = UntypedCall {
            name: NEGOTIATION,
            out_of_band: false,
            success_response: true,
            arguments: &negotiation.arguments(),
            attached: &AttachedDescriptors::default(),
        };
        self.call(&call, deadline)?;
        if let Protocol::Qmp(qmp) = &mut self.protocol {
            qmp.negotiation = negotiation;
        }
        match self.read_apart {
            Some(read_apart) => {
                let started = read_apart(&mut self.connection, &self.hub);
                started.map_err(|error| failed(NEGOTIATION, error))
            }
            None => Ok(()),
        }
    }

    /// Decodes the reply and gives it up; silence reads as the empty object.
    pub(super) fn reply<R: Decode>(
        &mut self,
        name: &str,
        outcome: &CallEnd,
    ) -> Result<R, ClientError> {
        let message = match outcome {
            CallEnd::Reply => Some(self.connection.document()),
            CallEnd::Silence => None,
        };
        trace::reply(&self.name, name, message);
        let reply = decode_reply(name, message);
        self.connection.release();
        reply
    }

    /// Sends a request and receives its reply.
    pub(super) fn call(
        &mut self,
        call: &UntypedCall<'_>,
        deadline: Deadline,
    ) -> Result<CallEnd, ClientError> {
        self.connection.expect_replies(true);
        let outcome = self.call_expecting(call, deadline);
        self.connection.expect_replies(false);
        outcome
    }

    fn call_expecting(
        &mut self,
        call: &UntypedCall<'_>,
        deadline: Deadline,
    ) -> Result<CallEnd, ClientError> {
        let carries = self.connection.carries_descriptors();
        let server = self.protocol.server();
        call.attached.check(call.name, server, carries)?;
        if matches!(self.protocol, Protocol::Guest(link) if !link.synchronised) {
            self.synchronise(call.name, deadline)?;
        }
        self.drain(call.name)?;
        let id = self.write_request(call)?;
        self.send(call, deadline)?;
        let wait = if call.success_response {
            None
        } else {
            Some(self.options.silence)
        };
        let result = self.receive_reply(call, id, deadline.min(Deadline::after(wait)));
        if let (Protocol::Qmp(qmp), Err(error)) = (&mut self.protocol, &result) {
            qmp.given_up = error.server_error().is_none();
        }
        if call.success_response {
            return result;
        }
        match result {
            Err(error) if error.is_timeout() || error.is_disconnect() => Ok(CallEnd::Silence),
            result => result,
        }
    }

    /// Takes what has come before the request goes out, which is no reply to it: what is in the buffer, and after a call
    /// that was given up, also what a QMP server has sent since. Its errors are theirs to handle.
    fn drain(&mut self, name: &str) -> Result<(), ClientError> {
        /// Enough for any server that does not send without a pause.
        const MESSAGES: usize = 1 << 10;
        loop {
            let received = self.connection.receive_buffered();
            if !self.discard(name, received)? {
                break;
            }
        }
        match &mut self.protocol {
            Protocol::Qmp(qmp) if qmp.given_up => qmp.given_up = false,
            _ => return Ok(()),
        }
        for _ in 0..MESSAGES {
            let received = self.connection.receive_waiting();
            if !self.discard(name, received)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes note of something that is not for any call; false if there was nothing.
    fn discard(&mut self, name: &str, received: io::Result<Received>) -> Result<bool, ClientError> {
        match self.keep(name, received)? {
            Received::TimedOut | Received::Closed => return Ok(false),
            Received::Malformed(_) | Received::Sentinel => {}
            // It may be a complaint, which is not expected any more then.
            Received::Document => drop(self.judge(None)),
        }
        Ok(true)
    }

    /// Puts the request's text together; its `id`, if it has one.
    fn write_request(&mut self, call: &UntypedCall<'_>) -> Result<Option<u64>, ClientError> {
        self.request.clear();
        let id = match &mut self.protocol {
            Protocol::Guest(link) => link.next_id(),
            Protocol::Qmp(qmp) => {
                if std::mem::take(&mut qmp.cut_request) {
                    self.request.push(SENTINEL);
                    qmp.complaints += 1;
                }
                qmp.last_id += 1;
                Some(qmp.last_id)
            }
        };
        let mut writer = Writer::with_buffer(std::mem::take(&mut self.request));
        message::write_request(&mut writer, call.name, call.out_of_band, call.arguments, id);
        let fault = writer.fault().cloned();
        self.request = writer.into_bytes();
        match fault {
            None => Ok(id),
            Some(fault) => Err(unwritable(call.name, &fault)),
        }
    }

    fn send(&mut self, call: &UntypedCall<'_>, deadline: Deadline) -> Result<(), ClientError> {
        const KEPT: usize = 1 << 20;
        self.unsent = false;
        // After any failure from here on, the next reply may belong to this request.
        if let Protocol::Guest(link) = &mut self.protocol {
            link.synchronised = false;
        }
        trace::request(&self.name, call.name, &self.request);
        let sent = self.connection.send(&self.request, call.attached, deadline);
        let flushes = self.request.first() == Some(&SENTINEL);
        if self.request.capacity() > KEPT {
            self.request = Vec::new();
        }
        match sent {
            Ok(Sent::All) => Ok(()),
            Ok(Sent::Only(bytes)) => {
                self.note_cut(bytes, flushes);
                Err(timed_out(call.name))
            }
            Err(SendError { bytes, error }) => {
                self.lost = true;
                self.unsent = bytes == 0;
                Err(failed(call.name, error))
            }
        }
    }

    /// Records that a request was sent in part: `bytes` of it. `flushes` is whether its first was to flush the server's
    /// parser.
    fn note_cut(&mut self, bytes: usize, flushes: bool) {
        if let Protocol::Qmp(qmp) = &mut self.protocol {
            qmp.cut_request = bytes > 0 || flushes;
            if bytes == 0 && flushes {
                qmp.complaints -= 1;
            }
        }
    }

    fn receive_reply(
        &mut self,
        call: &UntypedCall<'_>,
        id: Option<u64>,
        deadline: Deadline,
    ) -> Result<CallEnd, ClientError> {
        // A message that began before the request went out is not a reply to it, even if it never ends.
        let mut before = self.connection.is_cut();
        loop {
            match self.receive(call.name, deadline)? {
                Received::Document => {}
                Received::Sentinel => continue,
                Received::Malformed(_) if std::mem::take(&mut before) => continue,
                Received::Malformed(error) => {
                    return Err(malformed(call.name, &error, self.options.reply_limit));
                }
                Received::TimedOut => return Err(timed_out(call.name)),
                Received::Closed => return Err(closed(call.name)),
            }
            before = false;
            match self.judge(id) {
                MessageMeaning::Reply => {
                    self.settle();
                    return Ok(CallEnd::Reply);
                }
                MessageMeaning::Failure(error) => {
                    self.settle();
                    return Err(ClientError::new(call.name, ClientErrorKind::Command(error)));
                }
                MessageMeaning::Complaint(error) => {
                    return Err(ClientError::new(call.name, ClientErrorKind::Command(error)));
                }
                MessageMeaning::NotOurs => {}
                MessageMeaning::Nonsense(reason) => return Err(protocol(call.name, reason)),
            }
        }
    }

    /// Records that the reply has come and the channel is empty.
    fn settle(&mut self) {
        if let Protocol::Guest(link) = &mut self.protocol {
            link.settle();
        }
    }

    /// Returns the meaning of the message received for a call with this `id`.
    fn judge(&mut self, id: Option<u64>) -> MessageMeaning {
        let message = self.connection.document();
        match &mut self.protocol {
            Protocol::Guest(link) => MessageMeaning::of_guest(link.judge(message, id), message),
            Protocol::Qmp(qmp) => MessageMeaning::of_qmp(message, id, &mut qmp.complaints),
        }
    }

    /// Waits for the next thing the server sends, and keeps it if it is an event.
    pub(super) fn receive(
        &mut self,
        name: &str,
        deadline: Deadline,
    ) -> Result<Received, ClientError> {
        let received = self.connection.receive(deadline);
        self.keep(name, received)
    }

    /// Takes note of what has been received.
    fn keep(
        &mut self,
        name: &str,
        received: io::Result<Received>,
    ) -> Result<Received, ClientError> {
        if !self.lost && matches!(received, Ok(Received::Closed) | Err(_)) {
            self.lost = true;
            trace::lost(&self.name);
        }
        let received = received.map_err(|error| failed(name, error))?;
        if let (Received::Document, Protocol::Qmp(_)) = (&received, &self.protocol) {
            let document = self.connection.document();
            if let Incoming::Event { name, .. } = Incoming::new(document) {
                let event = EventMessage::new(name, document);
                self.hub.publish(&event);
            }
        }
        Ok(received)
    }

    /// Reads a QMP server's greeting. Events may come before it, and are kept.
    pub(super) fn greet(&mut self, deadline: Deadline) -> Result<Negotiation, ClientError> {
        loop {
            match self.receive(NEGOTIATION, deadline)? {
                Received::Document => {}
                Received::TimedOut => return Err(no_greeting_in_time()),
                Received::Closed => return Err(closed(NEGOTIATION)),
                Received::Malformed(error) => {
                    return Err(malformed(NEGOTIATION, &error, self.options.reply_limit));
                }
                Received::Sentinel => return Err(no_greeting()),
            }
            let message = self.connection.document();
            if !matches!(Incoming::new(message), Incoming::Event { .. }) {
                return Negotiation::new(message, self.options.out_of_band);
            }
        }
    }

    pub(super) fn synchronise(
        &mut self,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClientError> {
        trace::synchronising(&self.name);
        let synced = synchronise(&mut self.connection, self.options.sync_attempt, deadline);
        self.lost |= matches!(synced, Ok(Synced::Closed) | Err(_));
        match synced {
            Ok(Synced::Yes(link)) => {
                self.protocol = Protocol::Guest(link);
                Ok(())
            }
            Ok(Synced::TimedOut) => Err(timed_out(name)),
            Ok(Synced::Closed) => Err(closed(name)),
            Err(error) => Err(failed(name, error)),
        }
    }
}
