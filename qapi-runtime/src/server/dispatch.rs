//! From a document to its reply.

use std::sync::Arc;

use super::reply::{self, NOT_KEPT, PendingReply, Reply};
use super::{AsyncService, CommandTable, Outcome, Service, TaskId};
use crate::command::CommandInfo;
use crate::message::{Error, Rejection, Request, is_out_of_band};
use crate::read::{Members, Value};
use crate::wire::{Document, WireError};
use crate::write::{Encode, Writer};

/// Answers requests by calling a service.
///
/// The order of checks is that of docs/reference/agent-behaviour.md §3.5: envelope, command known, command enabled, arguments. Each
/// request yields one reply line, or none if the command succeeds and does not answer success.
///
/// A [`Service`] is called by [`respond`](Dispatcher::respond) or a [`Session`](super::Session), an [`AsyncService`] by
/// [`respond_async`](Dispatcher::respond_async).
#[derive(Debug)]
pub struct Dispatcher<S> {
    service: S,
    table: Arc<CommandTable>,
    /// Index of the command whose reply is preceded by the sentinel byte.
    sentinel: Option<usize>,
    /// Indices of the commands that give up earlier replies.
    synchronizing: Vec<usize>,
    allow_oob: bool,
}

impl<S: Service> Dispatcher<S> {
    /// Creates a dispatcher over `service`.
    ///
    /// # Panics
    /// If `table` was not made from the commands of `service`.
    pub fn new(service: S, table: Arc<CommandTable>) -> Self {
        let commands = service.commands();
        Self::checked(service, commands, table)
    }

    /// Runs a request and appends its reply to `out`: one line, or nothing.
    ///
    /// A reply that is [deferred](Outcome::Deferred) cannot be kept here, so it is an error; a
    /// [`Session`](super::Session) keeps it.
    pub fn respond(&self, document: &Document, out: &mut Vec<u8>) {
        self.respond_within(document, self.allow_oob, out);
    }

    /// Same as [`respond`](Dispatcher::respond), to a client that may ask for out-of-band execution if `allow_oob`.
    pub(super) fn respond_within(&self, document: &Document, allow_oob: bool, out: &mut Vec<u8>) {
        match self.run(document, allow_oob, true, out) {
            Ran::Replied { .. } => {}
            Ran::Blocked => refuse(document, &Error::generic(NOT_KEPT), out),
            Ran::Deferred(_, pending) => pending.write(Err(&Error::generic(NOT_KEPT)), out),
        }
    }

    /// Runs a request and appends its reply to `out`, unless it is blocked or deferred. While earlier requests have no
    /// reply yet (`in_turn` is false), only errors of out-of-band requests are reported before theirs.
    pub(super) fn run(
        &self,
        document: &Document,
        allow_oob: bool,
        in_turn: bool,
        out: &mut Vec<u8>,
    ) -> Ran {
        let call = match self.begin(document, allow_oob, out) {
            Ok(call) if self.service.is_blocked(call.index) => {
                call.reply.withdraw(out);
                return Ran::Blocked;
            }
            Ok(call) => call,
            Err(_) if !(in_turn || allow_oob && is_out_of_band(document)) => return Ran::Blocked,
            Err(rejection) => {
                reject(&rejection, out);
                return Ran::REPLIED;
            }
        };
        let DispatchedCall {
            index,
            arguments,
            id,
            mut reply,
        } = call;
        let result = self.service.call(index, arguments, &mut reply.writer);
        if let Ok(Outcome::Deferred(task)) = result {
            reply.withdraw(out);
            let sentinel = self.sentinel == Some(index);
            let pending = PendingReply::new(&self.table.commands()[index], id, sentinel);
            return Ran::Deferred(task, pending);
        }
        let synchronized = result.is_ok() && self.synchronizing.contains(&index);
        reply.finish(id.as_ref(), result, out);
        Ran::Replied { synchronized }
    }
}

impl<S: AsyncService> Dispatcher<S> {
    /// Creates a dispatcher over a service that does not block.
    ///
    /// # Panics
    /// If `table` was not made from the commands of `service`.
    pub fn of_async(service: S, table: Arc<CommandTable>) -> Self {
        let commands = service.commands();
        Self::checked(service, commands, table)
    }

    /// Runs a request and appends its reply to `out` when it is there: one line, or nothing. If the future is dropped,
    /// `out` is as it was or empty, and the command may have been executed in part.
    pub async fn respond_async(&self, document: &Document, out: &mut Vec<u8>) {
        self.respond_async_within(document, self.allow_oob, out)
            .await;
    }

    /// Same as [`respond_async`](Dispatcher::respond_async), to a client that may ask for out-of-band execution if `allow_oob`.
    pub(super) async fn respond_async_within(
        &self,
        document: &Document,
        allow_oob: bool,
        out: &mut Vec<u8>,
    ) {
        match self.begin(document, allow_oob, out) {
            Ok(DispatchedCall {
                index,
                arguments,
                id,
                mut reply,
            }) => {
                let result = self.service.call(index, arguments, &mut reply.writer).await;
                reply.finish(id.as_ref(), result, out);
            }
            Err(rejection) => reject(&rejection, out),
        }
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
            synchronizing: Vec::new(),
            allow_oob: false,
        }
    }

    /// Precedes successful replies of command `name` with the byte 0xFF: the guest agent's `guest-sync-delimited`.
    #[must_use]
    pub fn sentinel_before(mut self, name: &str) -> Self {
        self.sentinel = self.table.find(name);
        self
    }

    /// Makes command `name` one that a client synchronizes with: what comes after its reply the client takes for the reply
    /// to its next request. So replies without an `id` that are still due to earlier requests are not sent any more.
    #[must_use]
    pub fn synchronized_by(mut self, name: &str) -> Self {
        self.synchronizing.extend(self.table.find(name));
        self
    }

    /// Accepts `exec-oob` for commands that allow it, as a QMP server does once the client asked for the capability.
    #[must_use]
    pub fn with_oob(mut self) -> Self {
        self.allow_oob = true;
        self
    }

    /// Returns the table of commands, which says which of them are enabled.
    pub fn table(&self) -> &Arc<CommandTable> {
        &self.table
    }

    /// Returns the service.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// Appends the reply to bytes that are no request.
    pub fn respond_error(&self, error: &WireError, out: &mut Vec<u8>) {
        malformed(error, out);
    }

    /// Returns true if clients may ask for out-of-band execution.
    pub(super) fn offers_oob(&self) -> bool {
        self.allow_oob
    }

    /// Returns the command that a request names, if it may be called in that way.
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

    /// Does all that comes before the call. Until the reply is withdrawn or finished, it has what `out` held.
    fn begin<'d>(
        &self,
        document: &'d Document,
        allow_oob: bool,
        out: &mut Vec<u8>,
    ) -> Result<DispatchedCall<'d>, Rejection<'d>> {
        let request = Request::parse(document, allow_oob)?;
        let id = request.id;
        let index = self
            .look_up(&request)
            .map_err(|error| Rejection { error, id })?;
        Ok(DispatchedCall {
            index,
            arguments: request.arguments,
            id,
            reply: Reply::begin(out, self.sentinel == Some(index)),
        })
    }
}

/// The result of running a request.
pub(super) enum Ran {
    /// Its reply has been appended, if it has one.
    Replied {
        /// The client gives up earlier replies.
        synchronized: bool,
    },
    /// It must wait for earlier requests; nothing has been done yet.
    Blocked,
    /// A task will provide its reply.
    Deferred(TaskId, PendingReply),
}

impl Ran {
    /// The result for a request that does not affect others.
    pub(super) const REPLIED: Self = Self::Replied {
        synchronized: false,
    };
}

/// A request with the command that it calls.
struct DispatchedCall<'d> {
    index: usize,
    arguments: Members<'d>,
    id: Option<Value<'d>>,
    reply: Reply,
}

/// Appends an error as the reply to a request that is not going to be run.
pub(super) fn refuse(document: &Document, error: &Error, out: &mut Vec<u8>) {
    let (id, error) = (id(document), error.clone());
    reject(&Rejection { error, id }, out);
}

/// Returns the `id` of a request, sound or not.
pub(super) fn id(document: &Document) -> Option<Value<'_>> {
    match Request::parse(document, true) {
        Ok(request) => request.id,
        Err(rejection) => rejection.id,
    }
}

/// Appends the reply to bytes that are no request.
pub(super) fn malformed(error: &WireError, out: &mut Vec<u8>) {
    tell(&Error::generic(error.to_string()), out);
}

/// Appends an error that answers no request.
pub(super) fn tell(error: &Error, out: &mut Vec<u8>) {
    let error = error.clone();
    reject(&Rejection { error, id: None }, out);
}

/// Appends the reply to a request with a mistake.
fn reject(rejection: &Rejection<'_>, out: &mut Vec<u8>) {
    let mut writer = Writer::with_buffer(std::mem::take(out));
    let id = rejection.id.as_ref().map(|id| id as &dyn Encode);
    reply::error(&mut writer, &rejection.error, id);
    *out = writer.into_bytes();
}
