//! From a document to its answer.

use std::sync::Arc;

use super::{AsyncService, CommandTable, Service};
use crate::command::CommandInfo;
use crate::message::{Error, Rejection, Request};
use crate::read::Value;
use crate::wire::{Document, SENTINEL, WireError};
use crate::write::{Encode, Writer};

/// Answers requests by calling a service.
///
/// The order of checks is that of agent-behaviour.md §3.5: envelope, command known, command enabled, arguments. Each
/// request yields one reply line, or none if the command succeeds and answers success with silence.
///
/// A [`Service`] answers at once ([`respond`](Dispatcher::respond)), an [`AsyncService`] when it is done
/// ([`respond_later`](Dispatcher::respond_later)).
#[derive(Debug)]
pub struct Dispatcher<S> {
    service: S,
    table: Arc<CommandTable>,
    /// Index of the command whose reply is preceded by the sentinel byte.
    sentinel: Option<usize>,
    allow_oob: bool,
}

impl<S: Service> Dispatcher<S> {
    /// A dispatcher over `service`.
    ///
    /// # Panics
    /// If `table` was not made from the commands of `service`.
    pub fn new(service: S, table: Arc<CommandTable>) -> Self {
        let commands = service.commands();
        Self::checked(service, commands, table)
    }

    /// Runs a request and appends its answer to `out`: one line, or nothing.
    ///
    /// Returns whether it has been run: false if the service lets it [wait](Service::must_wait). Nothing has happened
    /// then, and it is to be tried again later.
    pub fn respond(&self, document: &Document, out: &mut Vec<u8>) -> bool {
        let mut answer = Answer::new(out);
        let (id, result) = match Request::parse(document, self.allow_oob) {
            Ok(request) => (request.id, self.run(request, &mut answer.writer)),
            Err(Rejection { error, id }) => (id, Err(error)),
        };
        let waits = matches!(result, Ok(Ran::NotYet));
        *out = answer.finish(id, result);
        !waits
    }

    /// Runs a request and writes the reply up to its value.
    fn run(&self, request: Request<'_>, out: &mut Writer) -> Result<Ran, Error> {
        let index = self.look_up(&request)?;
        if self.service.must_wait(index) {
            return Ok(Ran::NotYet);
        }
        let command = &self.table.commands()[index];
        let before = self.begin_reply(index, out);
        let result = self.service.call(index, request.arguments, out);
        if self.service.postpone(command, request.id.as_ref()) {
            return Ok(Ran::Silently);
        }
        result?;
        Ok(end_of_reply(command, before, out))
    }
}

impl<S: AsyncService> Dispatcher<S> {
    /// A dispatcher over a service that does not block.
    ///
    /// # Panics
    /// If `table` was not made from the commands of `service`.
    pub fn of_async(service: S, table: Arc<CommandTable>) -> Self {
        let commands = service.commands();
        Self::checked(service, commands, table)
    }

    /// Runs a request and appends its answer to `out`: one line, or nothing. If the future is dropped, `out` is as it was
    /// or empty, and the command may have been executed in part.
    pub async fn respond_later(&self, document: &Document, out: &mut Vec<u8>) {
        let mut answer = Answer::new(out);
        let (id, result) = match Request::parse(document, self.allow_oob) {
            Ok(request) => (
                request.id,
                self.run_later(request, &mut answer.writer).await,
            ),
            Err(Rejection { error, id }) => (id, Err(error)),
        };
        *out = answer.finish(id, result);
    }

    async fn run_later(&self, request: Request<'_>, out: &mut Writer) -> Result<Ran, Error> {
        let index = self.look_up(&request)?;
        let before = self.begin_reply(index, out);
        self.service.call(index, request.arguments, out).await?;
        Ok(end_of_reply(&self.table.commands()[index], before, out))
    }
}

impl<S> Dispatcher<S> {
    fn checked(service: S, commands: &[CommandInfo], table: Arc<CommandTable>) -> Self {
        assert!(
            commands == table.commands(),
            "the table must be made from the commands of the service"
        );
        Self {
            service,
            table,
            sentinel: None,
            allow_oob: false,
        }
    }

    /// Precedes successful replies of command `name` with the byte 0xFF: the guest agent's `guest-sync-delimited`.
    #[must_use]
    pub fn sentinel_before(mut self, name: &str) -> Self {
        self.sentinel = self.table.find(name);
        self
    }

    /// Accepts `exec-oob` for commands that allow it, as a QMP server does once the client asked for the capability.
    #[must_use]
    pub fn with_oob(mut self) -> Self {
        self.allow_oob = true;
        self
    }

    /// Which commands are enabled.
    pub fn table(&self) -> &Arc<CommandTable> {
        &self.table
    }

    /// The service.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// Appends the answer to bytes that are no request.
    pub fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        let mut writer = Writer::with_buffer(std::mem::take(out));
        write_error(&mut writer, &Error::generic(error.to_string()), None);
        *out = writer.into_bytes();
    }

    /// Whether a request asks for out-of-band execution and may have it.
    #[cfg(feature = "tokio")]
    pub(super) fn is_urgent(&self, document: &Document) -> bool {
        let request = Request::parse(document, self.allow_oob);
        request.is_ok_and(|request| request.out_of_band && self.look_up(&request).is_ok())
    }

    /// The command that a request names, if it may be called in that way.
    fn look_up(&self, request: &Request<'_>) -> Result<usize, Error> {
        let index = self.table.look_up(request.name)?;
        if request.out_of_band && !self.table.commands()[index].allow_oob {
            return Err(Error::generic(format!(
                "The command {} does not support OOB",
                request.name
            )));
        }
        Ok(index)
    }

    /// Writes what precedes the value of a reply; the length of the output up to there.
    fn begin_reply(&self, index: usize, out: &mut Writer) -> usize {
        if self.sentinel == Some(index) {
            out.raw(&[SENTINEL]);
        }
        out.raw(b"{\"return\": ");
        out.len()
    }
}

/// Writes the value of a reply that has none; the length of the output was `before` in front of it.
fn end_of_reply(command: &CommandInfo, before: usize, out: &mut Writer) -> Ran {
    if out.len() == before {
        out.value(&());
    }
    if command.success_response {
        Ran::Answered
    } else {
        Ran::Silently
    }
}

/// An answer that is being written behind earlier output.
struct Answer {
    writer: Writer,
    start: usize,
}

impl Answer {
    fn new(out: &mut Vec<u8>) -> Self {
        let writer = Writer::with_buffer(std::mem::take(out));
        let start = writer.len();
        Self { writer, start }
    }

    /// Ends the line.
    fn finish(mut self, id: Option<Value<'_>>, result: Result<Ran, Error>) -> Vec<u8> {
        let out = &mut self.writer;
        let result = result.and_then(|answered| match out.fault() {
            Some(fault) => Err(Error::generic(format!(
                "the reply cannot be written: {fault}"
            ))),
            None => Ok(answered),
        });
        match result {
            Ok(Ran::Answered) => {
                if let Some(id) = id {
                    out.raw(b", \"id\": ");
                    out.value(&id);
                }
                out.raw(b"}\n");
            }
            Ok(Ran::Silently | Ran::NotYet) => out.truncate(self.start),
            Err(error) => {
                out.truncate(self.start);
                write_error(out, &error, id);
            }
        }
        self.writer.into_bytes()
    }
}

/// What became of a request without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    /// The reply has been written up to its value.
    Answered,
    /// There is no reply, or it comes later.
    Silently,
    /// It has to wait.
    NotYet,
}

/// An answer that comes later than its turn, see [`Service::postpone`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateAnswer {
    /// As it will be written.
    id: Option<Vec<u8>>,
    success_response: bool,
}

impl LateAnswer {
    /// An answer to the request for `command` with this `id`.
    pub fn new(command: &CommandInfo, id: Option<&Value<'_>>) -> Self {
        let encoded = |id: &Value<'_>| {
            let mut writer = Writer::new();
            writer.value(id);
            writer.into_bytes()
        };
        Self {
            id: id.map(encoded),
            success_response: command.success_response,
        }
    }

    /// Whether the client can tell from its `id` which request it answers.
    pub fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// The line to send; empty where success is not answered.
    pub fn into_line(self, result: Result<&dyn Encode, &Error>) -> Vec<u8> {
        let mut out = Writer::new();
        match result {
            Ok(_) if !self.success_response => return Vec::new(),
            Ok(value) => {
                out.raw(b"{\"return\": ");
                out.value(value);
                if let Some(id) = self.id {
                    out.raw(b", \"id\": ");
                    out.raw(&id);
                }
            }
            Err(error) => {
                out.raw(b"{");
                if let Some(id) = self.id {
                    out.raw(b"\"id\": ");
                    out.raw(&id);
                    out.raw(b", ");
                }
                out.raw(b"\"error\": ");
                out.value(error);
            }
        }
        out.raw(b"}\n");
        out.into_bytes()
    }
}

/// Appends an error as the answer to a request that is not going to be run.
pub(super) fn refuse(document: &Document, error: &Error, out: &mut Vec<u8>) {
    let mut writer = Writer::with_buffer(std::mem::take(out));
    let id = match Request::parse(document, true) {
        Ok(request) => request.id,
        Err(rejection) => rejection.id,
    };
    write_error(&mut writer, error, id);
    *out = writer.into_bytes();
}

/// The member order is the reference's.
fn write_error(out: &mut Writer, error: &Error, id: Option<Value<'_>>) {
    out.object(|out| {
        out.optional("id", &id);
        out.member("error", error);
    });
    out.raw(b"\n");
}
