//! A server's description of its commands and, from QMP servers, of its whole schema.
//!
//! [`ServerCommands`] is available from every server: its commands, and which of them are enabled. A QMP server also
//! describes their arguments and replies. [`QuerySchema`] asks for that, and [`Introspection::missing`] compares the
//! answer with the schema that a client was generated from, which generated code contains in the same form if the
//! setting `Config::introspection` is on.
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
//! for missing in server.missing(&own) {
//!     eprintln!("{missing}");
//! }
//! # Ok(())
//! # }
//! ```

pub(crate) mod commands;
mod compare;
mod lookup;
mod missing;
mod model;
mod query;
mod reader;
mod writer;

pub use self::commands::ServerCommands;
pub use self::missing::{Missing, MissingKind};
pub use self::model::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, ObjectMember, ObjectVariant,
    SchemaInfo,
};
pub use self::query::QuerySchema;
