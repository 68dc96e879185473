//! Logs of what clients do: names at level `DEBUG`, texts without secrets at level `TRACE`, target `qapi`.

#[cfg(not(feature = "tracing"))]
pub(super) use self::off::{connected, event, failure, lost, reply, request, synchronising};
#[cfg(feature = "tracing")]
pub(super) use self::on::{connected, event, failure, lost, reply, request, synchronising};

#[cfg(feature = "tracing")]
mod on {
    use tracing::{Level, debug, enabled, trace};

    use crate::client::error::{ClientError, ClientErrorKind};
    use crate::message::{EventMessage, Incoming};
    use crate::read::Decode;
    use crate::secrets::{MASK, masked};
    use crate::value::{Any, Object};
    use crate::wire::Document;

    /// The conversation on a connection has begun.
    pub(in crate::client) fn connected(connection: &str) {
        debug!(target: "qapi", connection, "connected");
    }

    /// A connection is lost.
    pub(in crate::client) fn lost(connection: &str) {
        debug!(target: "qapi", connection, "connection lost");
    }

    /// A guest agent is asked for a number, to find the next reply.
    pub(in crate::client) fn synchronising(connection: &str) {
        debug!(target: "qapi", connection, "synchronising");
    }

    /// A request is sent; `text` is all of it, or all but its end.
    pub(in crate::client) fn request(connection: &str, command: &str, text: &[u8]) {
        debug!(target: "qapi", connection, command, "request");
        if enabled!(target: "qapi", Level::TRACE) {
            let arguments = arguments_in(text).map(|it| masked(command, &it).to_string());
            let arguments = arguments.as_deref().unwrap_or(MASK);
            trace!(target: "qapi", connection, command, arguments, "request");
        }
    }

    /// Returns the arguments of a request; `None` if it cannot be read.
    fn arguments_in(text: &[u8]) -> Option<Any> {
        let start = text.iter().position(|&byte| byte == b'{')?;
        let mut text = text[start..].to_vec();
        if !text.ends_with(b"\n") {
            text.push(b'}');
        }
        let request: Any = std::str::from_utf8(&text).ok()?.trim().parse().ok()?;
        let arguments = request.get("arguments").cloned();
        Some(arguments.unwrap_or_else(|| Any::from(Object::new())))
    }

    /// A reply has come, or the silence that means success.
    pub(in crate::client) fn reply(connection: &str, command: &str, message: Option<&Document>) {
        debug!(target: "qapi", connection, command, "reply");
        if enabled!(target: "qapi", Level::TRACE) {
            let value = message.and_then(|message| Incoming::new(message).into_return());
            let value = value.and_then(|value| Any::decode(value).ok());
            let value = value.map(|value| masked(command, &value).to_string());
            let value = value.as_deref().unwrap_or_default();
            trace!(target: "qapi", connection, command, value, "reply");
        }
    }

    /// A call has failed.
    pub(in crate::client) fn failure(error: &ClientError) {
        let connection = error.connection();
        let command = error.command().unwrap_or_default();
        match error.kind() {
            // Their texts may repeat what the server was sent.
            ClientErrorKind::Command(error) => {
                let class = error.class.as_str();
                debug!(target: "qapi", connection, command, class, "refused");
            }
            ClientErrorKind::Decode(_) => {
                debug!(target: "qapi", connection, command, "the reply does not fit the schema");
            }
            _ => debug!(target: "qapi", connection, command, %error, "call failed"),
        }
    }

    /// An event has come.
    pub(in crate::client) fn event(connection: &str, event: &EventMessage) {
        let name = event.name();
        debug!(target: "qapi", connection, event = name, "event");
        if enabled!(target: "qapi", Level::TRACE) {
            let data = masked(name, &Any::Object(event.data())).to_string();
            trace!(target: "qapi", connection, event = name, data, "event");
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use crate::client::error::ClientError;
    use crate::message::EventMessage;
    use crate::wire::Document;

    pub(in crate::client) fn connected(_: &str) {}
    pub(in crate::client) fn lost(_: &str) {}
    pub(in crate::client) fn synchronising(_: &str) {}
    pub(in crate::client) fn request(_: &str, _: &str, _: &[u8]) {}
    pub(in crate::client) fn reply(_: &str, _: &str, _: Option<&Document>) {}
    pub(in crate::client) fn failure(_: &ClientError) {}
    pub(in crate::client) fn event(_: &str, _: &EventMessage) {}
}
