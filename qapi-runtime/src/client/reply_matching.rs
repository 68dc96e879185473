//! Matches replies with calls by the echoed `id`, so that a late reply is not taken for the awaited one.

use super::call_errors::no_reply;
use super::error::{ClientError, ClientErrorKind};
use super::guest_sync::GuestReplyMeaning;
use crate::message::{Error, Incoming};
use crate::read::{Decode, Value};
use crate::wire::Document;

/// The meaning of a message for the waiting call.
pub(super) enum MessageMeaning {
    Reply,
    Failure(Error),
    /// A failure that does not say what it is about.
    Complaint(Error),
    /// An event, or a late reply: the call that it answers has been given up.
    NotOurs,
    Nonsense(String),
}

impl MessageMeaning {
    /// Reads a message of a QMP server; `complaints` are the failures without an `id` that are still to come for
    /// requests that were sent in part.
    pub(super) fn of_qmp(message: &Document, id: Option<u64>, complaints: &mut usize) -> Self {
        let is_ours = |echo: Value<'_>| id.is_some_and(|id| is_echo_of(id, echo));
        match Incoming::new(message) {
            Incoming::Return { id: Some(id), .. } if is_ours(id) => Self::Reply,
            Incoming::Error {
                id: Some(id),
                error,
            } if is_ours(id) => Self::Failure(error),
            Incoming::Error { id: None, .. } if *complaints > 0 => {
                *complaints -= 1;
                Self::NotOurs
            }
            // The server could not read the request, not even its `id`.
            Incoming::Error { id: None, error } => Self::Complaint(error),
            Incoming::Return { .. }
            | Incoming::Error { .. }
            | Incoming::Event { .. }
            | Incoming::Greeting(_) => Self::NotOurs,
            Incoming::Other(kind) => Self::Nonsense(no_reply(kind)),
        }
    }

    /// Reads a message of a guest agent, as the link to it judges the message.
    pub(super) fn of_guest(judgement: GuestReplyMeaning, message: &Document) -> Self {
        let error = match Incoming::new(message) {
            Incoming::Error { error, .. } => Some(error),
            _ => None,
        };
        match (judgement, error) {
            (GuestReplyMeaning::Reply, Some(error)) => Self::Failure(error),
            (GuestReplyMeaning::Complaint, Some(error)) => Self::Complaint(error),
            (GuestReplyMeaning::Reply | GuestReplyMeaning::Complaint, None) => Self::Reply,
            (GuestReplyMeaning::NotOurs, _) => Self::NotOurs,
            (GuestReplyMeaning::Nonsense(reason), _) => Self::Nonsense(reason),
        }
    }
}

/// Returns whether the `id` that came back is `id`.
pub(super) fn is_echo_of(id: u64, echo: Value<'_>) -> bool {
    number_of(echo) == Some(id)
}

/// Returns the number of the request that an `id` echoes, if it is one of ours.
pub(super) fn number_of(echo: Value<'_>) -> Option<u64> {
    u64::try_from(echo.integer().ok()?).ok()
}

/// Decodes the reply in a message. No message, after a command without a reply, decodes as the empty object.
pub(super) fn decode_reply<R: Decode>(
    name: &str,
    message: Option<&Document>,
) -> Result<R, ClientError> {
    let silence = Document::empty_object();
    let value = message.and_then(|message| Incoming::new(message).into_return());
    R::decode(value.unwrap_or(silence.lenient()))
        .map_err(|error| ClientError::new(name, ClientErrorKind::Decode(error)))
}
