//! Asynchronous clients, on tokio: many calls at once on one connection, many connections on one thread.
//!
//! A [`Client`] is a handle that is cheap to clone. Each connection has one task, which writes the requests of all handles
//! and hands out the replies; it ends when the last handle has gone. Its memory is bounded: there are limits for
//! waiting requests and events, and one reply is read at a time.
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
//! # Guarantees
//!
//! * **Dropping a call's future** at any point leaves the connection consistent: a request that has not been sent is
//!   never sent, and a late reply is dropped. The same holds for time-outs.
//! * **Events never delay replies**, nor replies events: if events are not taken, the oldest are dropped and
//!   [`ClientEvent::Missed`] says how many.
//! * **Requests to a QMP server** are sent at once, and replies are matched with calls by `id`. Out-of-band requests
//!   overtake others that wait; to leave the server room for them, no more than eight other requests are under way
//!   where out-of-band execution was asked for.
//! * **Requests to a guest agent** are sent one by one. After a call that was given up, the next one synchronises with
//!   the agent first. It tries again while the agent is silent, until its own time is over, so agents may start slowly
//!   or restart.

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
