//! Reply lines (agent-behaviour.md §3.7).

use crate::command::CommandInfo;
use crate::message::Error;
use crate::read::Value;
use crate::wire::SENTINEL;
use crate::write::{Encode, Writer};

/// Begins the reply to a command that succeeds; its value comes next.
pub(super) fn begin(out: &mut Writer, sentinel: bool) {
    if sentinel {
        out.raw(&[SENTINEL]);
    }
    out.raw(b"{\"return\": ");
}

/// Ends the reply behind its value.
pub(super) fn end(out: &mut Writer, id: Option<&dyn Encode>) {
    if let Some(id) = id {
        out.raw(b", \"id\": ");
        out.value(id);
    }
    out.raw(b"}\n");
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

/// Replaces a reply that begins at `start` by an error if it cannot be written.
pub(super) fn check(out: &mut Writer, start: usize) -> Result<(), Error> {
    let Some(fault) = out.fault() else {
        return Ok(());
    };
    out.truncate(start);
    Err(Error::generic(format!(
        "the reply cannot be written: {fault}"
    )))
}

/// A reply that a background task is going to have.
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

    /// Whether the client can tell from its `id` which request it answers.
    pub(super) fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Appends the line to send; nothing where success is not answered.
    pub(super) fn write(self, result: Result<&dyn Encode, &Error>, out: &mut Vec<u8>) {
        let mut writer = Writer::with_buffer(std::mem::take(out));
        let start = writer.len();
        let id = self.id.as_ref().map(|id| id as &dyn Encode);
        let result = match result {
            Ok(_) if !self.success_response => Ok(()),
            Ok(value) => {
                begin(&mut writer, self.sentinel);
                writer.value(value);
                check(&mut writer, start).map(|()| end(&mut writer, id))
            }
            Err(failure) => {
                error(&mut writer, failure, id);
                Ok(())
            }
        };
        if let Err(fault) = result {
            error(&mut writer, &fault, id);
        }
        *out = writer.into_bytes();
    }
}
