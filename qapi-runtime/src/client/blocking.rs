//! The blocking client.

use std::collections::VecDeque;
use std::time::Duration;

use super::connection::{Connection, Deadline, Received, Sent};
use super::sync::{Synced, synchronise};
use super::{ClientError, EventMessage, Execute, Options, Transport};
use crate::command::Command;
use crate::error::Error;
use crate::read::{Decode, Value};
use crate::stream::is_disconnect;
use crate::value::{Any, Object};
use crate::wire::request::{self, Incoming};
use crate::wire::{Document, SENTINEL, WireError};
use crate::write::{EncodeMembers, Writer};

/// A client that blocks until a call is answered, fails, or its time is over.
///
/// After a time-out or an oversized reply the client remains usable: it finds the next reply that is its own by
/// synchronising with the agent anew, or by the `id` that QMP servers echo.
#[derive(Debug)]
pub struct Client<T: Transport> {
    connection: Connection<T>,
    options: Options,
    protocol: Protocol,
    request: Vec<u8>,
}

#[derive(Debug)]
enum Protocol {
    Guest {
        /// The next message received is the reply to the next request sent.
        synchronised: bool,
    },
    Qmp(Qmp),
}

#[derive(Debug)]
struct Qmp {
    next_id: u64,
    greeting: Object,
    out_of_band: bool,
    events: VecDeque<EventMessage>,
    /// A request went out in part: the next one must flush the server's parser.
    cut_request: bool,
    /// Complaints about cut requests that are still to come. They carry no `id`.
    complaints: usize,
}

/// What a call is, apart from its types.
struct Call<'a> {
    name: &'a str,
    out_of_band: bool,
    success_response: bool,
    arguments: &'a dyn EncodeMembers,
}

/// How a call ended that did not fail.
#[derive(PartialEq, Eq)]
enum Outcome {
    /// The connection's document is the reply.
    Reply,
    /// There is no reply, and there should be none.
    Silence,
}

impl<T: Transport> Client<T> {
    /// A client of a guest agent. Synchronises with it before it returns, so nothing stale is left in the channel.
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    pub fn guest(transport: T, options: Options) -> Result<Self, ClientError> {
        let mut client = Self::new(
            transport,
            options,
            Protocol::Guest {
                synchronised: false,
            },
        );
        let deadline = Deadline::after(client.options.connect_timeout);
        client.synchronise("guest-sync-delimited", deadline)?;
        Ok(client)
    }

    /// A client of a QMP server: reads the greeting and leaves capability negotiation.
    ///
    /// # Errors
    /// There was no greeting within `connect_timeout`, or the server refused the capabilities.
    pub fn qmp(transport: T, options: Options) -> Result<Self, ClientError> {
        const NAME: &str = "qmp_capabilities";
        let qmp = Qmp {
            next_id: 1,
            greeting: Object::new(),
            out_of_band: false,
            events: VecDeque::new(),
            cut_request: false,
            complaints: 0,
        };
        let mut client = Self::new(transport, options, Protocol::Qmp(qmp));
        let deadline = Deadline::after(client.options.connect_timeout);
        let greeting = client.greeting_message(NAME, deadline)?;
        let offered = greeting
            .get("capabilities")
            .and_then(Any::as_array)
            .unwrap_or_default();
        let out_of_band =
            client.options.out_of_band && offered.iter().any(|name| name.as_str() == Some("oob"));
        let mut arguments = Object::new();
        if out_of_band {
            arguments.insert("enable", vec![Any::from("oob")]);
        }
        let call = Call {
            name: NAME,
            out_of_band: false,
            success_response: true,
            arguments: &arguments,
        };
        client.exchange(&call, deadline)?;
        if let Protocol::Qmp(qmp) = &mut client.protocol {
            qmp.greeting = greeting;
            qmp.out_of_band = out_of_band;
        }
        Ok(client)
    }

    fn new(transport: T, options: Options, protocol: Protocol) -> Self {
        let connection = Connection::new(transport, options.limits());
        Self {
            connection,
            options,
            protocol,
            request: Vec::new(),
        }
    }

    /// The client with another time-out for the calls made through the result; `None` waits for ever.
    pub fn with_timeout(&mut self, timeout: impl Into<Option<Duration>>) -> WithTimeout<'_, T> {
        WithTimeout {
            timeout: timeout.into(),
            client: self,
        }
    }

    /// Calls a command by name, without a schema.
    ///
    /// For commands that answer success with silence use [`call_silent`](Client::call_silent).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        let timeout = self.options.timeout;
        self.with_timeout(timeout).call(name, arguments)
    }

    /// Calls a command that answers success with silence, by name. Waits [`Options::silence`] for an error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        let timeout = self.options.timeout;
        self.with_timeout(timeout).call_silent(name, arguments)
    }

    /// Executes a command ahead of those that are running, if the server agreed to do so and the command allows it;
    /// otherwise like [`Execute::execute`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn execute_out_of_band<C: Command>(
        &mut self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        let out_of_band =
            C::ALLOW_OOB && matches!(&self.protocol, Protocol::Qmp(qmp) if qmp.out_of_band);
        self.run(command, out_of_band, self.options.timeout)
    }

    /// What a QMP server said of itself: the value of its greeting's `QMP`, with `version` and `capabilities`.
    pub fn greeting(&self) -> Option<&Object> {
        match &self.protocol {
            Protocol::Qmp(qmp) => Some(&qmp.greeting),
            Protocol::Guest { .. } => None,
        }
    }

    /// The next event of a QMP server: one that came in earlier, or else the first within `timeout`.
    ///
    /// # Errors
    /// The connection failed or was closed.
    pub fn next_event(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<EventMessage>, ClientError> {
        const WAITING: &str = "(waiting for events)";
        let deadline = Deadline::after(timeout.into());
        loop {
            let event = match &mut self.protocol {
                Protocol::Qmp(qmp) => qmp.events.pop_front(),
                Protocol::Guest { .. } => return Ok(None),
            };
            if event.is_some() {
                return Ok(event);
            }
            match self.receive(WAITING, deadline)? {
                Received::TimedOut => return Ok(None),
                Received::Closed => {
                    return Err(ClientError::Closed {
                        command: WAITING.into(),
                    });
                }
                // Late replies, and what is no message.
                Received::Document | Received::Malformed(_) | Received::Sentinel => {}
            }
        }
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.connection.transport
    }

    /// The transport back. What was received but not asked for is lost.
    pub fn into_transport(self) -> T {
        self.connection.transport
    }

    fn run<C: Command>(
        &mut self,
        command: &C,
        out_of_band: bool,
        timeout: Option<Duration>,
    ) -> Result<C::Reply, ClientError> {
        let call = Call {
            name: C::NAME,
            out_of_band,
            success_response: C::SUCCESS_RESPONSE,
            arguments: command,
        };
        let outcome = self.exchange(&call, Deadline::after(timeout))?;
        self.reply(C::NAME, &outcome)
    }

    /// Decodes the reply; silence reads as the empty object.
    fn reply<R: Decode>(&self, name: &str, outcome: &Outcome) -> Result<R, ClientError> {
        let silence = Document::empty_object();
        let value = match outcome {
            Outcome::Reply => Incoming::new(self.connection.document()).into_return(),
            Outcome::Silence => None,
        };
        R::decode(value.unwrap_or(silence.lenient())).map_err(|error| ClientError::Decode {
            command: name.into(),
            error,
        })
    }

    /// Sends a request and receives its reply.
    fn exchange(&mut self, call: &Call<'_>, deadline: Deadline) -> Result<Outcome, ClientError> {
        if matches!(
            self.protocol,
            Protocol::Guest {
                synchronised: false
            }
        ) {
            self.synchronise(call.name, deadline)?;
        }
        let id = self.write_request(call)?;
        self.send(call, deadline)?;
        let wait = if call.success_response {
            None
        } else {
            Some(self.options.silence)
        };
        let result = self.receive_reply(call, id, deadline.min(Deadline::after(wait)));
        if call.success_response {
            return result;
        }
        match result {
            Err(ClientError::TimedOut { .. } | ClientError::Closed { .. }) => Ok(Outcome::Silence),
            result => result,
        }
    }

    /// Puts the request's text together; its `id`, if it has one.
    fn write_request(&mut self, call: &Call<'_>) -> Result<Option<u64>, ClientError> {
        self.request.clear();
        let id = match &mut self.protocol {
            Protocol::Guest { .. } => None,
            Protocol::Qmp(qmp) => {
                if std::mem::take(&mut qmp.cut_request) {
                    self.request.push(SENTINEL);
                    qmp.complaints += 1;
                }
                let id = qmp.next_id;
                qmp.next_id += 1;
                Some(id)
            }
        };
        let mut writer = Writer::with_buffer(std::mem::take(&mut self.request));
        request::write(&mut writer, call.name, call.out_of_band, call.arguments, id);
        let fault = writer.fault();
        self.request = writer.into_bytes();
        match fault {
            None => Ok(id),
            Some(fault) => {
                let reason = format!("the arguments cannot be written: {fault}");
                Err(ClientError::Protocol {
                    command: call.name.into(),
                    reason: reason.into(),
                })
            }
        }
    }

    fn send(&mut self, call: &Call<'_>, deadline: Deadline) -> Result<(), ClientError> {
        const KEPT: usize = 1 << 20;
        // Whatever goes wrong from here on, the next reply may be this request's.
        if let Protocol::Guest { synchronised } = &mut self.protocol {
            *synchronised = false;
        }
        let sent = self.connection.send(&self.request, deadline);
        if self.request.capacity() > KEPT {
            self.request = Vec::new();
        }
        match sent {
            Ok(Sent::All) => Ok(()),
            Ok(Sent::Only(bytes)) => {
                if let Protocol::Qmp(qmp) = &mut self.protocol {
                    qmp.cut_request = bytes > 0;
                }
                Err(ClientError::TimedOut {
                    command: call.name.into(),
                })
            }
            Err(error) => Err(failed(call.name, error)),
        }
    }

    fn receive_reply(
        &mut self,
        call: &Call<'_>,
        id: Option<u64>,
        deadline: Deadline,
    ) -> Result<Outcome, ClientError> {
        let command = || call.name.into();
        loop {
            match self.receive(call.name, deadline)? {
                Received::Document => {}
                Received::Sentinel => continue,
                Received::Malformed(error) => return Err(self.malformed(call.name, &error)),
                Received::TimedOut => return Err(ClientError::TimedOut { command: command() }),
                Received::Closed => return Err(ClientError::Closed { command: command() }),
            }
            match self.judge(id) {
                Verdict::Reply => {
                    self.settle();
                    return Ok(Outcome::Reply);
                }
                Verdict::Failure(error) => {
                    self.settle();
                    return Err(ClientError::Command(error));
                }
                Verdict::NotOurs => {}
                Verdict::Nonsense(reason) => {
                    return Err(ClientError::Protocol {
                        command: command(),
                        reason: reason.into(),
                    });
                }
            }
        }
    }

    /// The reply has come: the channel is empty.
    fn settle(&mut self) {
        if let Protocol::Guest { synchronised } = &mut self.protocol {
            *synchronised = true;
        }
    }

    /// Whether the message received is the reply to request `id`.
    fn judge(&mut self, id: Option<u64>) -> Verdict {
        let is_ours = |echo: Option<Value<'_>>| match (id, echo) {
            (None, _) => true,
            (Some(id), Some(echo)) => echo
                .integer()
                .is_ok_and(|echo| u64::try_from(echo) == Ok(id)),
            (Some(_), None) => false,
        };
        match Incoming::new(self.connection.document()) {
            Incoming::Return { id, .. } if is_ours(id) => Verdict::Reply,
            Incoming::Error { id, error } if is_ours(id) => Verdict::Failure(error),
            Incoming::Error { id: None, error } => match &mut self.protocol {
                Protocol::Qmp(qmp) if qmp.complaints > 0 => {
                    qmp.complaints -= 1;
                    Verdict::NotOurs
                }
                _ => Verdict::Failure(error),
            },
            Incoming::Return { .. } | Incoming::Error { .. } => Verdict::NotOurs,
            Incoming::Event { .. } | Incoming::Greeting(_) if id.is_some() => Verdict::NotOurs,
            Incoming::Event { name, .. } => {
                Verdict::Nonsense(format!("an event `{name}` instead of a reply"))
            }
            Incoming::Greeting(_) => Verdict::Nonsense("a greeting instead of a reply".to_owned()),
            Incoming::Other(kind) => {
                Verdict::Nonsense(format!("a message that is no reply, of kind `{kind}`"))
            }
        }
    }

    fn malformed(&self, name: &str, error: &WireError) -> ClientError {
        if error.is_limit() {
            return ClientError::TooLarge {
                command: name.into(),
                limit: self.options.reply_limit,
            };
        }
        ClientError::Protocol {
            command: name.into(),
            reason: format!("the reply is malformed: {error}").into(),
        }
    }

    /// Waits for the next thing the server sends, and keeps it if it is an event.
    fn receive(&mut self, name: &str, deadline: Deadline) -> Result<Received, ClientError> {
        let received = self
            .connection
            .receive(deadline)
            .map_err(|error| failed(name, error))?;
        if let (Received::Document, Protocol::Qmp(qmp)) = (&received, &mut self.protocol) {
            let document = self.connection.document();
            if let Incoming::Event { name, .. } = Incoming::new(document) {
                if qmp.events.len() >= self.options.event_limit {
                    qmp.events.pop_front();
                }
                if self.options.event_limit > 0 {
                    qmp.events.push_back(EventMessage::new(name, document));
                }
            }
        }
        Ok(received)
    }

    fn greeting_message(&mut self, name: &str, deadline: Deadline) -> Result<Object, ClientError> {
        match self.receive(name, deadline)? {
            Received::Document => {}
            Received::TimedOut => {
                return Err(ClientError::TimedOut {
                    command: name.into(),
                });
            }
            Received::Closed => {
                return Err(ClientError::Closed {
                    command: name.into(),
                });
            }
            Received::Malformed(error) => return Err(self.malformed(name, &error)),
            Received::Sentinel => return Err(no_greeting(name)),
        }
        match Incoming::new(self.connection.document()) {
            Incoming::Greeting(greeting) => Object::decode(greeting).map_err(|_| no_greeting(name)),
            _ => Err(no_greeting(name)),
        }
    }

    fn synchronise(&mut self, name: &str, deadline: Deadline) -> Result<(), ClientError> {
        match synchronise(&mut self.connection, self.options.sync_attempt, deadline) {
            Ok(Synced::Yes) => {
                self.settle();
                Ok(())
            }
            Ok(Synced::TimedOut) => Err(ClientError::TimedOut {
                command: name.into(),
            }),
            Ok(Synced::Closed) => Err(ClientError::Closed {
                command: name.into(),
            }),
            Err(error) => Err(failed(name, error)),
        }
    }
}

/// What a message is to the call that waits.
enum Verdict {
    Reply,
    Failure(Error),
    NotOurs,
    Nonsense(String),
}

#[cold]
fn failed(name: &str, error: std::io::Error) -> ClientError {
    if is_disconnect(&error) {
        return ClientError::Closed {
            command: name.into(),
        };
    }
    ClientError::Io {
        command: name.into(),
        error,
    }
}

#[cold]
fn no_greeting(name: &str) -> ClientError {
    ClientError::Protocol {
        command: name.into(),
        reason: "the server did not begin with a QMP greeting".into(),
    }
}

impl<T: Transport> Execute for Client<T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.run(command, false, self.options.timeout)
    }
}

/// A client with another time-out; see [`Client::with_timeout`].
#[derive(Debug)]
pub struct WithTimeout<'c, T: Transport> {
    client: &'c mut Client<T>,
    timeout: Option<Duration>,
}

impl<T: Transport> WithTimeout<'_, T> {
    /// As [`Client::call`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        let call = Call {
            name,
            out_of_band: false,
            success_response: true,
            arguments,
        };
        let outcome = self.client.exchange(&call, Deadline::after(self.timeout))?;
        self.client.reply(name, &outcome)
    }

    /// As [`Client::call_silent`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        let call = Call {
            name,
            out_of_band: false,
            success_response: false,
            arguments,
        };
        self.client
            .exchange(&call, Deadline::after(self.timeout))
            .map(drop)
    }
}

impl<T: Transport> Execute for WithTimeout<'_, T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.client.run(command, false, self.timeout)
    }
}
