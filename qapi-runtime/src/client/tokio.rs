//! Asynchronous clients, on tokio: many calls at once on one connection, many connections on one thread.
//!
//! A [`Client`] is a handle that is cheap to clone. Each connection has one task, which writes the requests of all handles
//! and hands out the replies; it ends when the last handle has gone. Its memory is bounded: so many requests wait, so
//! many events, one reply is read at a time.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use qapi_runtime::client::tokio::{Client, UnixPath};
//! use qapi_runtime::{Object, Options, Reconnect};
//!
//! let options = Options::default().with_reconnect(Reconnect::default());
//! let (client, mut events) = Client::connect_qmp(UnixPath::new("/run/vm/qmp"), options).await?;
//! let status = client.call("query-status", &Object::new()).await?;
//! while let Some(event) = events.next().await {
//!     println!("{event:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! * **Dropping a call's future** at any point leaves the connection consistent: a request not yet sent never is, a reply that
//!   comes too late is dropped. A time-out is the same.
//! * **Events never hold replies up**, nor the other way round: if nobody takes them, the oldest are dropped and
//!   [`ClientEvent::Missed`] says how many.
//! * **Requests to a QMP server** go out as they are made, replies find their calls by `id`. Out-of-band requests overtake others
//!   that wait; to leave the server room for them, no more than eight other requests are under way where out-of-band
//!   execution was asked for.
//! * **Requests to a guest agent** go out one by one. After a call that was given up, the next one synchronises with the agent
//!   first, again and again while the agent is silent, until its own time is over: so agents may be slow to start, and
//!   may be started anew.

mod connect;
mod driver;
mod events;
mod guest;
mod handle;
mod qmp;
mod request;

#[cfg(unix)]
pub use self::connect::UnixPath;
pub use self::connect::{Connect, TcpAddress};
pub use self::events::{Events, EventsOf};
pub use self::handle::Client;
pub use crate::client::{ClientEvent, EventError};
