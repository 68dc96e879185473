//! Requests that clients sent, without their secrets.

use qapi_runtime::message::Request;
use qapi_runtime::{Any, Object};
use qapi_traffic::RequestMask;

/// A request as it is kept.
pub(super) struct Asked {
    /// The whole message.
    pub(super) message: Any,
    /// Number of values that are not shown.
    pub(super) masked: usize,
}

impl Asked {
    pub(super) fn new(request: &Request<'_>, mask: &mut RequestMask) -> Self {
        let name = if request.out_of_band {
            "exec-oob"
        } else {
            "execute"
        };
        let mut message = Object::from([(name, Any::from(request.name))]);
        let arguments = request.arguments.afresh().rest();
        if !arguments.is_empty() {
            message.insert("arguments", Any::Object(arguments));
        }
        if let Some(id) = &request.id {
            message.insert("id", Any::from(*id));
        }
        let (message, masked) = mask.request(Any::Object(message));
        Self { message, masked }
    }
}
