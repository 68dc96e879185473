//! Scripted servers, for testing clients without QEMU.
//!
//! A [`Script`] has the expected requests and their replies. A [`MockServer`] plays it within the process:
//! [`connect`](MockServer::connect) returns a stream for a blocking client, `connect_async` one for tokio. At the end,
//! [`Script::verify`] reports differences from the script.
//!
//! ```
//! use qapi_runtime::testing::{Expect, MockServer, Script};
//! use qapi_runtime::{Any, Client, Object, Options};
//!
//! let status = Object::from([("status", Any::from("running"))]);
//! let script = Script::in_order([
//!     Expect::command("stop").emits_before("STOP", &()),
//!     Expect::command("query-status").replies(&status),
//! ]);
//! let server = MockServer::qmp(script);
//! let mut client = Client::qmp(server.connect(), Options::default())?;
//! client.call("stop", &Object::new())?;
//! assert_eq!(client.call("query-status", &Object::new())?.get("status"), Some(&Any::from("running")));
//! server.script().verify()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Unexpected requests get an error, and are shown by [`Script::verify`]:
//!
//! ```text
//! the client did not do what was expected (- expected, + done):
//!     stop
//!   - query-status
//!   + query-block {"flat": true}
//! ```

mod duplex;
mod expect;
mod mismatch;
mod mock_server;
mod script;

pub use self::duplex::Duplex;
pub use self::expect::Expect;
pub use self::mismatch::{Asked, Mismatch};
pub use self::mock_server::MockServer;
pub use self::script::Script;
