//! Servers of QMP, QEMU's machine protocol.
//!
//! A client is greeted, and first [negotiates](https://www.qemu.org/docs/master/interop/qmp-spec.html): until then it
//! may only call `qmp_capabilities`, which these servers answer themselves. After that the service answers, and
//! [emitted](EventSender::emit) events are sent to the client.

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
pub(super) use self::current::run_for;
#[cfg(all(unix, feature = "descriptors"))]
pub use self::current::take_descriptors;
#[cfg(feature = "tokio")]
pub(super) use self::current::within;
pub use self::event_sender::EventSender;
#[cfg(feature = "tokio")]
pub(super) use self::event_sender::Membership;
pub use self::greeting::Greeting;
#[cfg(feature = "tokio")]
pub(super) use self::negotiation::ServerNegotiation;
pub use self::rate::EventRate;
