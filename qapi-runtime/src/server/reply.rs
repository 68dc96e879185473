//! Reply lines (docs/reference/agent-behaviour.md §3.7).

use super::outcome::Outcome;
use crate::command::CommandInfo;
use crate::message::Error;
use crate::read::Value;
use crate::wire::SENTINEL;
use crate::write::{Encode, Writer};

/// The error if a service blocks a request or defers a reply without a [`Session`](super::Session) that is advanced.
pub(super) const NOT_KEPT: &str = "the command takes longer than this server waits";

/// Begins the reply to a command that succeeds; its value comes next.
fn begin(out: &mut Writer, sentinel: bool) {
    if sentinel {
        out.raw(&[SENTINEL]);
    }
    out.raw(b"{\"return\": ");
}

/// Ends the reply after its value.
fn end(out: &mut Writer, id: Option<&dyn Encode>) {
    if let Some(id) = id {
        out.raw(b", \"id\": ");
        out.value(id);
    }
    out.raw(b"}\n");
}

/// Writes the reply to a command that succeeds.
pub(super) fn success(out: &mut Writer, value: &dyn Encode, id: Option<&dyn Encode>) {
    begin(out, false);
    out.value(value);
    end(out, id);
}

/// Writes an error as the reply. The member order is the reference's.
pub(super) fn error(out: &mut Writer, error: &Error, id: Option<&dyn Encode>) {
    out.object(|out| {
        if let Some(id) = id {
            out.member("id", id);
        }
        out.member("error", error);
    });
    out.raw(b"\n");
}

/// Appends an error as the reply.
pub(crate) fn append_error(out: &mut Vec<u8>, failure: &Error, id: Option<&dyn Encode>) {
    let mut writer = Writer::with_buffer(std::mem::take(out));
    error(&mut writer, failure, id);
    *out = writer.into_bytes();
}

/// Returns the error for a reply that cannot be written.
fn check(out: &Writer) -> Result<(), Error> {
    match out.fault() {
        None => Ok(()),
        Some(fault) => Err(Error::generic(format!(
            "the reply cannot be written: {fault}"
        ))),
    }
}

/// A reply that is being written after earlier output.
pub(crate) struct Reply {
    pub(crate) writer: Writer,
    /// The place at which it begins.
    start: usize,
    /// The place at which its value begins.
    value: usize,
}

impl Reply {
    pub(crate) fn begin(out: &mut Vec<u8>, sentinel: bool) -> Self {
        let mut writer = Writer::with_buffer(std::mem::take(out));
        let start = writer.len();
        begin(&mut writer, sentinel);
        let value = writer.len();
        Self {
            writer,
            start,
            value,
        }
    }

    /// Gives back the output without the reply.
    pub(super) fn withdraw(mut self, out: &mut Vec<u8>) {
        self.writer.truncate(self.start);
        *out = self.writer.into_bytes();
    }

    /// Ends the line and gives back the output.
    pub(crate) fn finish(
        mut self,
        id: Option<&impl Encode>,
        result: Result<Outcome, Error>,
        out: &mut Vec<u8>,
    ) {
        let writer = &mut self.writer;
        let id = id.map(|id| id as &dyn Encode);
        let result = result.and_then(|outcome| match outcome {
            Outcome::Done => {
                if writer.len() == self.value {
                    writer.value(&());
                }
                check(writer)?;
                end(writer, id);
                Ok(())
            }
            Outcome::Silent => {
                writer.truncate(self.start);
                Ok(())
            }
            Outcome::Deferred(_) => Err(Error::generic(NOT_KEPT)),
        });
        if let Err(failure) = result {
            writer.truncate(self.start);
            error(writer, &failure, id);
        }
        *out = self.writer.into_bytes();
    }
}

/// A reply that a background task will provide.
#[derive(Debug)]
pub(super) struct PendingReply {
    id: Option<EncodedId>,
    success_response: bool,
    sentinel: bool,
}

/// The text of a request's `id`: the request is gone when the reply is sent.
#[derive(Debug)]
struct EncodedId(Vec<u8>);

impl Encode for EncodedId {
    fn encode(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
}

impl PendingReply {
    pub(super) fn new(command: &CommandInfo, id: Option<Value<'_>>, sentinel: bool) -> Self {
        let encoded = |id: Value<'_>| {
            let mut writer = Writer::new();
            writer.value(&id);
            EncodedId(writer.into_bytes())
        };
        Self {
            id: id.map(encoded),
            success_response: command.success_response,
            sentinel,
        }
    }

    /// Returns true if the client can tell from its `id` which request it answers.
    pub(super) fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Appends the line to send; nothing where success is not answered.
    pub(super) fn write(self, result: Result<&dyn Encode, &Error>, out: &mut Vec<u8>) {
        let mut reply = Reply::begin(out, self.sentinel);
        let result = match result {
            Ok(value) if self.success_response => {
                reply.writer.value(value);
                Ok(Outcome::Done)
            }
            Ok(_) => Ok(Outcome::Silent),
            Err(error) => Err(error.clone()),
        };
        reply.finish(self.id.as_ref(), result, out);
    }
}
