//! Servers: from received bytes to calls of a service, and back.

mod client_stream;
mod dispatch;
mod limits;
mod listen;
mod outbox;
mod outcome;
mod pending_replies;
pub(crate) mod qmp;
pub(crate) mod reply;
mod respond;
mod serve;
mod service;
mod session;
mod stop;
mod table;
#[cfg(feature = "tokio")]
pub mod tokio;
mod trace;

pub use self::client_stream::{ClientStream, ShutDown};
pub use self::dispatch::Dispatcher;
pub use self::limits::ServerLimits;
pub use self::listen::{Listener, listen};
pub use self::outcome::{MaybeDeferred, Outcome, TaskId};
#[cfg(all(unix, feature = "descriptors"))]
pub use self::qmp::take_descriptors;
pub use self::qmp::{ClientId, EventRate, EventSender, Greeting, QmpServer, current_client};
pub use self::respond::{Flow, Respond};
pub use self::serve::{serve, serve_within};
pub use self::service::{AsyncService, Immediate, ReplyFuture, Service};
pub use self::session::Session;
pub use self::stop::Stop;
pub use self::table::CommandTable;
