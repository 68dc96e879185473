//! The negotiation of capabilities at the beginning of a connection.

use crate::message::{Error, Rejection, Request};
use crate::read::{Decode, DecodeError, Members, Value};
use crate::server::reply;
use crate::wire::Document;
use crate::write::{Encode, Writer};

/// The command that ends the negotiation.
const COMMAND: &str = "qmp_capabilities";

/// The state of a client's negotiation, and its result.
#[derive(Debug, Clone)]
pub(in crate::server) struct ServerNegotiation {
    offers_oob: bool,
    state: NegotiationState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NegotiationState {
    /// The protocol has none.
    Absent,
    Begun,
    Done {
        oob: bool,
    },
}

impl ServerNegotiation {
    /// The state of a client that has been greeted.
    pub(in crate::server) fn new(offers_oob: bool) -> Self {
        Self {
            offers_oob,
            state: NegotiationState::Begun,
        }
    }

    /// The state of a client of a protocol without negotiation.
    pub(in crate::server) fn none() -> Self {
        Self {
            offers_oob: false,
            state: NegotiationState::Absent,
        }
    }

    /// The state of a client that has enabled out-of-band execution, where there are negotiations.
    #[cfg(feature = "tokio")]
    pub(in crate::server) fn with_oob() -> Self {
        Self {
            offers_oob: true,
            state: NegotiationState::Done { oob: true },
        }
    }

    /// Returns true if the protocol has a negotiation.
    #[cfg(feature = "tokio")]
    pub(in crate::server) fn is_negotiable(&self) -> bool {
        self.state != NegotiationState::Absent
    }

    /// Returns true if the client may call commands, and sees events.
    pub(in crate::server) fn is_done(&self) -> bool {
        self.state != NegotiationState::Begun
    }

    /// Returns true if the client may ask for out-of-band execution.
    pub(in crate::server) fn allows_oob(&self) -> bool {
        self.state == NegotiationState::Done { oob: true }
    }

    /// Appends the reply to a request that is not for the service: to all requests until the negotiation is done, and
    /// to `qmp_capabilities` forever. False if it is for the service.
    pub(in crate::server) fn answer(&mut self, document: &Document, out: &mut Vec<u8>) -> bool {
        if self.state == NegotiationState::Absent || (self.is_done() && !is_negotiation(document)) {
            return false;
        }
        let mut writer = Writer::with_buffer(std::mem::take(out));
        match self.result(document) {
            Ok(id) => reply::success(&mut writer, &(), id.as_ref().map(|id| id as &dyn Encode)),
            Err(Rejection { error, id }) => {
                reply::error(&mut writer, &error, id.as_ref().map(|id| id as &dyn Encode));
            }
        }
        *out = writer.into_bytes();
        true
    }

    /// Negotiates, and returns the `id` to echo.
    fn result<'d>(&mut self, document: &'d Document) -> Result<Option<Value<'d>>, Rejection<'d>> {
        let request = Request::parse(document, self.allows_oob())?;
        let id = request.id;
        let result = if request.name != COMMAND {
            let text = "Expecting capabilities negotiation with 'qmp_capabilities'";
            Err(Error::command_not_found(text))
        } else if request.out_of_band {
            let text = "The command qmp_capabilities does not support OOB";
            Err(Error::generic(text))
        } else if self.is_done() {
            let text = "Capabilities negotiation is already complete, command ignored";
            Err(Error::command_not_found(text))
        } else {
            self.negotiate(request.arguments)
        };
        match result {
            Ok(()) => Ok(id),
            Err(error) => Err(Rejection { error, id }),
        }
    }

    fn negotiate(&mut self, mut arguments: Members<'_>) -> Result<(), Error> {
        let enable: Option<Vec<Oob>> = arguments.optional("enable")?;
        arguments.finish()?;
        let oob = enable.is_some_and(|enable| !enable.is_empty());
        if oob && !self.offers_oob {
            return Err(Error::generic("Capability oob not available"));
        }
        self.state = NegotiationState::Done { oob };
        Ok(())
    }
}

/// Returns true if a request names the command that ends the negotiation.
fn is_negotiation(document: &Document) -> bool {
    let Ok(members) = document.strict().object() else {
        return false;
    };
    let name = members.peek("execute").or_else(|| members.peek("exec-oob"));
    name.is_some_and(|name| name.str().is_ok_and(|name| name == COMMAND))
}

/// The only capability there is.
#[derive(Debug)]
struct Oob;

impl Decode for Oob {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match &*value.string()? {
            "oob" => Ok(Self),
            other => Err(value.unknown_value(other)),
        }
    }
}
