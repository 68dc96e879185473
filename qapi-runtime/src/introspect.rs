//! What a server says of itself: its commands, and at QMP servers its whole schema.
//!
//! [`ServerCommands`] is what every server can tell: which commands it has, and which of them are enabled. A QMP server also
//! describes their arguments and replies. [`QuerySchema`] asks for that, and [`Introspection::lacks`] compares the
//! answer with the schema that a client was generated from, which generated code holds in the same form if the generator was
//! told so (`Config::introspection`).
//!
//! ```no_run
//! # fn example(mut client: qapi_runtime::Client<std::os::unix::net::UnixStream>, own: &str)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use qapi_runtime::Execute;
//! use qapi_runtime::introspect::{Introspection, QuerySchema};
//!
//! // `own` is the constant `SCHEMA` of the generated code.
//! let own: Introspection = own.parse()?;
//! let server = client.execute(&QuerySchema)?;
//! for lack in server.lacks(&own) {
//!     eprintln!("{lack}");
//! }
//! # Ok(())
//! # }
//! ```

pub(crate) mod commands;
mod compare;
mod lack;
mod model;

pub use self::commands::ServerCommands;
pub use self::lack::{Lack, Lacking};
pub use self::model::Introspection;
use crate::command::Command;
use crate::write::{Encode, ObjectWriter};

/// The command `query-qmp-schema`: what the server's schema is, as far as it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct QuerySchema;

impl Command for QuerySchema {
    const NAME: &'static str = "query-qmp-schema";
    type Reply = Introspection;
}

impl Encode for QuerySchema {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}
