//! The envelope of requests (docs/reference/agent-behaviour.md §3.5), from both sides.

use super::error::Error;
use crate::read::{Members, Value};
use crate::wire::Document;
use crate::write::{EncodeMembers, Writer};

/// A request with a valid envelope.
#[derive(Debug)]
#[non_exhaustive]
pub struct Request<'t> {
    /// The command's name, which has not been looked up yet.
    pub name: &'t str,
    /// The arguments, without members if the request has none.
    pub arguments: Members<'t>,
    /// The `id` to echo, if there is one.
    pub id: Option<Value<'t>>,
    /// True if the client asks for out-of-band execution.
    pub out_of_band: bool,
}

/// A request with an invalid envelope.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejection<'t> {
    /// The answer.
    pub error: Error,
    /// The `id` to echo, if there is one.
    pub id: Option<Value<'t>>,
}

impl<'t> Request<'t> {
    /// Reads the envelope of a request.
    ///
    /// `allow_oob` is whether `exec-oob` is known: a QMP server with that capability enabled; the guest agent takes it
    /// for any other unknown member. With several mistakes the first in the text is reported.
    ///
    /// # Errors
    /// The answer, of class `GenericError`, with the `id` to echo.
    pub fn parse(document: &'t Document, allow_oob: bool) -> Result<Self, Rejection<'t>> {
        let Ok(members) = document.strict().object() else {
            return Err(Rejection {
                error: Error::generic("QMP input must be a JSON object"),
                id: None,
            });
        };
        Self::envelope(members, allow_oob).map_err(|text| Rejection {
            error: Error::generic(text),
            // It may stand behind the mistake.
            id: (document.strict().object().ok()).and_then(|members| members.peek("id")),
        })
    }

    fn envelope(mut members: Members<'t>, allow_oob: bool) -> Result<Self, String> {
        let mut command = None;
        let mut id = None;
        let mut arguments = Members::empty();
        while let Some((name, value)) = members.next_member() {
            match name {
                "execute" | "exec-oob" if name == "execute" || allow_oob => {
                    let Ok(text) = value.str() else {
                        return Err(format!("QMP input member '{name}' must be a string"));
                    };
                    if command.replace((text, name == "exec-oob")).is_some() {
                        // QEMU checks in this order, whatever the order of members.
                        return Err("QMP input member 'execute' clashes with 'exec-oob'".to_owned());
                    }
                }
                "arguments" => {
                    arguments = value
                        .object()
                        .map_err(|_| "QMP input member 'arguments' must be an object".to_owned())?;
                }
                "id" => id = Some(value),
                _ => return Err(format!("QMP input member '{name}' is unexpected")),
            }
        }
        match command {
            Some((name, out_of_band)) => Ok(Self {
                name,
                arguments,
                id,
                out_of_band,
            }),
            None => Err("QMP input lacks member 'execute'".to_owned()),
        }
    }
}

/// Returns true if a request asks for out-of-band execution, and for no other.
pub(crate) fn is_out_of_band(document: &Document) -> bool {
    let members = document.strict().object();
    members.is_ok_and(|it| it.peek("exec-oob").is_some() && it.peek("execute").is_none())
}

/// Writes a request line. An `id` of `None` and empty arguments are left out.
pub fn write_request(
    out: &mut Writer,
    name: &str,
    out_of_band: bool,
    arguments: &dyn EncodeMembers,
    id: Option<u64>,
) {
    out.object(|out| {
        out.member(if out_of_band { "exec-oob" } else { "execute" }, &name);
        out.optional("id", &id);
        out.object_unless_empty("arguments", arguments);
    });
    out.raw(b"\n");
}

/// Returns a request but for its end: what [`seal`] appends.
#[cfg(feature = "tokio")]
pub(crate) fn unsealed(
    name: &str,
    out_of_band: bool,
    arguments: &dyn EncodeMembers,
) -> Result<Vec<u8>, crate::write::WriteFault> {
    let mut writer = Writer::new();
    write_request(&mut writer, name, out_of_band, arguments, None);
    if let Some(fault) = writer.fault() {
        return Err(fault.clone());
    }
    let mut text = writer.into_bytes();
    text.truncate(text.len() - END.len());
    Ok(text)
}

/// Ends a request, with an `id` that was not known before.
#[cfg(feature = "tokio")]
pub(crate) fn seal(text: &mut Vec<u8>, id: Option<u64>) {
    let mut writer = Writer::with_buffer(std::mem::take(text));
    if let Some(id) = id {
        writer.raw(b", \"id\": ");
        writer.unsigned(id);
    }
    writer.raw(END);
    *text = writer.into_bytes();
}

/// The end of every request line.
#[cfg(feature = "tokio")]
const END: &[u8] = b"}\n";
