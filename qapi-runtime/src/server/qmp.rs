//! Servers of QMP, QEMU's machine protocol.
//!
//! A client is greeted, and first [negotiates](https://www.qemu.org/docs/master/interop/qmp-spec.html): until then all it may
//! call is `qmp_capabilities`, which these servers answer themselves. Then the service answers, and events reach the client
//! whenever one is [emitted](EventSender::emit).
//!
//! ```no_run
//! use std::os::unix::net::UnixListener;
//! use qapi_runtime::server::{Dispatcher, EventSender, Greeting, QmpServer, Service, Stop};
//! # fn run(dispatcher: Dispatcher<impl Service + Sync>) -> std::io::Result<()> {
//! let events = EventSender::new();
//! let greeting = Greeting::new((9, 2, 0)).with_package("a mock");
//! let server = QmpServer::new(dispatcher, greeting).with_events(&events);
//! std::thread::spawn(move || events.emit("POWERDOWN", &()));
//! server.listen(&UnixListener::bind("qmp.sock")?, &Stop::new())
//! # }
//! ```

mod blocking;
mod clients;
mod current;
mod event_sender;
mod greeting;
mod negotiation;
mod rate;

pub use self::blocking::QmpServer;
pub use self::clients::ClientId;
pub use self::current::current_client;
#[cfg(feature = "tokio")]
pub(super) use self::current::within;
pub use self::event_sender::EventSender;
#[cfg(feature = "tokio")]
pub(super) use self::event_sender::Membership;
pub use self::greeting::Greeting;
#[cfg(feature = "tokio")]
pub(super) use self::negotiation::Negotiation;
pub use self::rate::EventRate;
