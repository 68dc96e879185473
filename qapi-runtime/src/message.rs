//! The messages of the protocol: requests, replies, events and greetings.

mod error;
mod event;
mod incoming;
mod request;

pub use self::error::{Error, ErrorClass};
pub use self::event::{EventMessage, FromEvent};
pub use self::incoming::Incoming;
pub(crate) use self::request::is_out_of_band;
pub use self::request::{Rejection, Request, write_request};
#[cfg(feature = "tokio")]
pub(crate) use self::request::{seal, unsealed};
