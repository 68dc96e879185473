//! Clients: typed and untyped calls over any stream.
//!
//! [`Client`] blocks; the one in the module `tokio`, with the feature of that name, is asynchronous. Both share the
//! code for the protocol.

mod attached;
mod backoff;
mod blocking;
mod blocking_exchange;
mod call_errors;
mod connection;
mod connector;
mod deadline;
mod error;
mod event_queue;
mod events;
mod execute;
mod guest_sync;
mod handshake;
mod message_reader;
#[cfg(all(unix, feature = "descriptors"))]
mod named_descriptor;
mod options;
mod reader_thread;
mod reply_matching;
mod request_id;
mod split;
mod subscription;
mod threaded_transport;
#[cfg(feature = "tokio")]
pub mod tokio;
mod trace;
mod transport;
mod typed_event;

pub use self::blocking::{Adjusted, Client};
pub use self::connector::connect_within;
pub use self::error::{ClientError, ClientErrorKind};
pub use self::event_queue::ClientEvent;
pub use self::events::{Events, EventsOf};
pub use self::execute::{AsyncExecute, Execute, Pending};
#[cfg(all(unix, feature = "descriptors"))]
pub use self::named_descriptor::NamedDescriptor;
pub use self::options::{Options, Reconnect};
pub use self::split::Commands;
pub use self::threaded_transport::ThreadedTransport;
pub use self::transport::{SplitTransport, Transport};
pub use self::typed_event::EventError;
